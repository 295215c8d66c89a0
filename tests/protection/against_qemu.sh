#!/bin/sh
# Compare with the QEMU of this host, line by line: against_qemu.sh BUILD GUEST SEED...
# GUEST is guest or tasks; $COUNT tests (4000).
# Prints the lines that differ and, for each seed, the digest of QEMU's listing.
# SPDX-License-Identifier: MIT
set -eu
here=$(cd "$(dirname "$0")" && pwd)
[ $# -ge 3 ] || { echo "usage: $0 BUILD GUEST SEED..." >&2; exit 2; }
build=$1
guest=$2
shift 2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
status=0
for seed in "$@"; do
    ${CC:-gcc} -m32 -ffreestanding -O1 -march=i486 -mgeneral-regs-only -nostdlib -static \
        -fno-pic -fno-pie -no-pie -fno-stack-protector -fcf-protection=none \
        -fno-asynchronous-unwind-tables -Wl,--build-id=none -Wl,-z,noexecstack \
        -Wl,-z,max-page-size=4096 -DSEED="$seed" -DCOUNT="${COUNT:-4000}" -T "$here/guest.ld" \
        -o "$work/guest.elf" "$here/$guest.S" "$here/$guest.c"
    "$build/tests/protection/test_protection" --list "$work/guest.elf" > "$work/ours"
    qemu-system-i386 -display none -no-reboot -kernel "$work/guest.elf" \
        -debugcon "file:$work/qemu" -device isa-debug-exit,iobase=0xf4,iosize=4 || true
    diff "$work/ours" "$work/qemu" || status=1
    python3 - "$work/qemu" "$seed" <<'DIGEST'
import sys
digest = 0xCBF29CE484222325
for byte in open(sys.argv[1], "rb").read():
    digest = (digest ^ byte) * 0x100000001B3 % 2**64
print("seed", sys.argv[2], "digest", "%016X" % digest)
DIGEST
done
exit $status
