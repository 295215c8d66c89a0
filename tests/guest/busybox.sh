#!/bin/sh
# busybox.sh EMULATOR FOLDER BUSYBOX [x87=no [CHECK]]: lets busybox of folder BUSYBOX
# (fetch_busybox.sh) run the script CHECK (busybox_check) as the only program of the guest of
# build folder FOLDER, and compares what it writes with CHECK.expected. EMULATOR is
# qemu-system-i386, the path of ringside, or `host`: on this machine's own kernel, which is where
# the expected text comes from. x87=no leaves out what needs one. Status 0 the same, 1 not, 77
# this can not be tried here. SPDX-License-Identifier: MIT
set -u

emulator=$1
folder=$2
busybox=$3/bin/busybox
option=${4:-x87=yes}
check=${5:-busybox_check}
tests=$(dirname "$0")
if [ ! -x "$busybox" ]; then
    echo "skipped: busybox could not be fetched"
    exit 77
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

case $emulator in
host)
    if ! "$busybox" true 2>/dev/null; then
        echo "skipped: this host does not run 32-bit i386 programs"
        exit 77
    fi
    BUSYBOX_FOLDER=$(dirname "$busybox") BUSYBOX_WORK=$work "$busybox" sh "$tests/$check" \
        </dev/null >"$work/output" 2>&1 ;;
*)
    if ! command -v "$emulator" >/dev/null; then
        echo "skipped: no $emulator here (for QEMU: apt-get install qemu-system-x86)"
        exit 77
    fi
    "$folder/mkcpio" "$work/ramdisk" "bin/busybox=$busybox" \
        "bin/$check=$tests/$check" \
        "etc/passwd=$tests/../../guest-os/root/etc/passwd" || exit 1
    case $emulator in
    *qemu*)
        timeout 120 "$emulator" -m 64 -kernel "$folder/kernel.elf" -initrd "$work/ramdisk" \
            -append "init=/bin/$check $option" -serial stdio -monitor none -display none \
            -no-reboot -device isa-debug-exit,iobase=0xf4,iosize=0x04 </dev/null >"$work/output" ;;
    *)
        timeout 120 "$emulator" --headless --mem 64M --debugcon /dev/null \
            --initrd "$work/ramdisk" "$folder/kernel.elf" "init=/bin/$check" "$option" \
            </dev/null >"$work/output" ;;
    esac ;;
esac
status=$?
tr -d '\r' <"$work/output" | sed -n '/^== /,$p' >"$work/said"
expected=$tests/$check.expected
if [ "$option" = x87=no ]; then
    sed '/^== numbers/,/^== done/{/^== done/!d}' "$expected" >"$work/expected"
    expected=$work/expected
fi
if ! diff "$expected" "$work/said"; then
    status=1
fi
if [ $status -ne 0 ]; then
    echo "exit status $status; all of the output:"
    cat "$work/output"
    exit 1
fi
