#!/bin/sh
# apic.sh RINGSIDE GUEST EXPECTED: the APIC guest prints the expected lines; and the QEMU of this
# host, if there is one, prints them too. Status 0 or 1. SPDX-License-Identifier: MIT
set -u

ringside=$1
guest=$2
expected=$3
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failed=0

timeout 60 "$ringside" --headless --apic on --debugcon "$work/ours" --max-clocks 3000000000 \
    "$guest" </dev/null >"$work/output" 2>&1
status=$?
if [ $status -ne 33 ]; then
    echo "exit status $status instead of 33"
    cat "$work/output"
    failed=1
fi
diff "$expected" "$work/ours" || failed=1
if command -v qemu-system-i386 >/dev/null; then
    timeout 60 qemu-system-i386 -machine pc,acpi=off -cpu pentium3 -display none -no-reboot \
        -kernel "$guest" -debugcon "file:$work/theirs" \
        -device isa-debug-exit,iobase=0xf4,iosize=4 </dev/null >"$work/output" 2>&1
    if ! diff "$expected" "$work/theirs"; then
        echo "QEMU prints other lines than expected"
        failed=1
    fi
fi
exit $failed
