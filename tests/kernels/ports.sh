#!/bin/sh
# ports.sh RINGSIDE GUEST CKSUM: what the port exerciser prints has this checksum; and the QEMU of
# this host, if there is one, prints the same. Status 0 or 1. SPDX-License-Identifier: MIT
set -u

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failed=0

timeout 60 "$1" --headless --serial null --debugcon "$work/ours" --max-clocks 3000000000 "$2" \
    </dev/null >"$work/output" 2>&1
sum=$(cksum <"$work/ours")
if [ "${sum%% *}" != "$3" ]; then
    echo "checksum $sum instead of $3"
    cat "$work/output"
    failed=1
fi
if command -v qemu-system-i386 >/dev/null; then
    timeout 60 qemu-system-i386 -machine pc,acpi=off -display none -no-reboot -serial null \
        -serial null -icount shift=2 -rtc clock=vm -kernel "$2" -debugcon "file:$work/theirs" \
        -device isa-debug-exit,iobase=0xf4,iosize=4 </dev/null >"$work/output" 2>&1
    if ! diff "$work/ours" "$work/theirs" >"$work/differ"; then
        echo "QEMU prints other lines:"
        head -n 20 "$work/differ"
        failed=1
    fi
fi
exit $failed
