#!/bin/sh
# power_on.sh EMULATOR FOLDER MODE: from the reset vector with the firmware, boot sector and loader
# of build folder FOLDER. EMULATOR is the path of ringside, qemu-rom (QEMU with our ROM) or
# qemu-system-i386 (QEMU with SeaBIOS). Status 0 as expected, 1 not, 77 not possible here. MODE:
#   services          every BIOS service, by the program in bios_test.img; SeaBIOS judges the checks
#   no_disk, unsigned what the firmware says when there is nothing to boot from
#   again             (qemu-rom) and after a key it looks again
#   disk              the bundled disk, up to the kernel
#   shell             the bundled disk, a few commands typed on COM1, power-off; then e2fsck
#   small_blocks      the same files in blocks of 1 and 2 KiB
#   errors            disks with something wrong: one clear line for each
#   flips             wrong bits in the metadata: the machine never ends in the middle of nowhere
#   i386, append      an i386 gets through POST and services; words from the firmware's block
#   image, reproducible  e2fsck, owners and rights; the same image a second time
# SPDX-License-Identifier: MIT
set -u

emulator=$1
folder=$2
mode=$3
PATH=$PATH:/sbin:/usr/sbin
repository=$(cd "$(dirname "$0")/../.." && pwd)
case $emulator in qemu*) needed=qemu-system-i386 ;; *) needed=$emulator ;; esac
if ! command -v "$needed" >/dev/null; then
    echo "skipped: no $needed here (for QEMU: apt-get install qemu-system-x86)"
    exit 77
fi
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
output=$scratch/output
disk=$scratch/disk.img
firmware=$folder/firmware.bin
cpu=
memory=64M
snapshot=on
typed=/dev/null
monitor=none
serial=stdio
failures=0

# start [DISK]: the emulator in the background; sets $child
start() {
    case $emulator in
    qemu*)
        set -- ${1:+-drive "file=$1,format=raw,snapshot=$snapshot"}
        [ "$emulator" = qemu-rom ] && set -- -M isapc -cpu 486 -bios "$firmware" "$@"
        qemu-system-i386 -m "$memory" -display none -monitor $monitor -serial $serial \
            -no-reboot -device isa-debug-exit,iobase=0xf4,iosize=0x04 "$@" <"$typed" >"$output" \
            2>"$scratch/errors" & ;;
    *)
        set -- ${1:+--disk "$1$([ $snapshot = on ] && echo ,snapshot)"}
        [ -n "$cpu" ] && set -- --cpu "$cpu" "$@"
        "$emulator" --headless --bios "$firmware" --mem "$memory" --max-clocks 1000000000 \
            --debugcon /dev/null "$@" >"$output" 2>"$scratch/errors" <"$typed" & ;;
    esac
    child=$!
}

# wait_for TEXT: until the output has TEXT, the machine ends or a minute has passed
wait_for() {
    turns=0
    while ! grep -aqF -- "$1" "$output" && kill -0 $child 2>/dev/null && [ $turns -lt 600 ]; do
        sleep 0.1 # asks again, does not hope for a duration
        turns=$((turns + 1))
    done
}

# expect TEXT: count a failure if the output does not have it
expect() {
    if ! grep -aqF -- "$1" "$output"; then
        echo "$title: not in the output: $1"
        sed 's/^/    /' "$output" "$scratch/errors"
        failures=$((failures + 1))
    fi
}

# run TEXT [DISK]: until the output has TEXT; counts a failure if it has not
run() {
    wanted=$1
    shift
    : >"$output"
    start "$@"
    wait_for "$wanted"
    kill $child 2>/dev/null
    wait $child 2>/dev/null
    expect "$wanted"
}

# session: the disk, written to. Ringside keeps what is typed until somebody reads it; in QEMU the
# commands are typed when the shell asks for them.
session() {
    title=shell
    snapshot=off
    commands='echo $((6 * 7)) >/root/answer\ncat /boot/cmdline /root/answer\npoweroff\n'
    typed=$scratch/typed
    cp --sparse=always "$folder/disk.img" "$disk"
    : >"$output"
    case $emulator in
    qemu*)
        mkfifo "$typed"
        exec 3<>"$typed"
        start "$disk"
        wait_for '# '
        # shellcheck disable=SC2059
        printf "$commands" >&3 ;;
    *)
        # shellcheck disable=SC2059
        printf "$commands" >"$typed"
        start "$disk" ;;
    esac
    if [ "$emulator" = qemu-rom ]; then # an ISA machine has no port to switch it off
        wait_for 'is read-only now'
        kill $child
        wait $child
        status=0
    else
        wait $child
        status=$?
    fi
    expect 'root=/dev/hda autologin=1'
    expect '42'
    expect 'the system goes down'
    if [ $status -ne 0 ]; then
        echo "$title: exit status is $status"
        failures=$((failures + 1))
    fi
    e2fsck -fn "$disk" >"$scratch/check" 2>&1 || { cat "$scratch/check"; failures=1; }
    debugfs -R 'cat /root/answer' "$disk" 2>/dev/null | grep -qx 42 || {
        echo "$title: what was written is not on the disk"
        failures=1
    }
}

fs() {
    debugfs -w -R "$1" "$disk" >/dev/null 2>"$scratch/debugfs" || cat "$scratch/debugfs"
}

# damaged TITLE TEXT COMMAND...: run the command on a fresh copy of the disk, then boot it
damaged() {
    title=$1
    text=$2
    shift 2
    cp --sparse=always "$folder/disk.img" "$disk"
    "$@"
    run "$text" "$disk"
}

no_magic() { printf '\0\0' | dd of="$disk" bs=1 seek=1080 conv=notrunc status=none; }
cut_disk() { truncate -s "$1" "$disk"; }
put_file() {
    # the name must be free of slashes where debugfs writes it
    printf 'rm /boot/%s\ncd /boot\nwrite %s %s\n' "$2" "$1" "$2" >"$scratch/script"
    debugfs -w -f "$scratch/script" "$disk" >/dev/null 2>&1
}
put_text() {
    printf '%s' "$1" >"$scratch/file"
    put_file "$scratch/file" "$2"
}
cut_file() {
    head -c "$1" "$folder/root/boot/$2" >"$scratch/file"
    put_file "$scratch/file" "$2"
}
wide_elf() {
    { printf '\177ELF\002\001\001'; head -c 500 /dev/zero; } >"$scratch/file"
    put_file "$scratch/file" kernel.elf
}
long_command() {
    head -c 5000 /dev/zero | tr '\0' x >"$scratch/file"
    put_file "$scratch/file" cmdline
}
a_folder() { fs "rm /boot/kernel.elf"; fs "mkdir /boot/kernel.elf"; }

cut_behind() { # a block of the kernel lies where the disk has no sectors any more
    fs 'set_inode_field /boot/kernel.elf block[5] 8000'
    cut_disk 16M
}

errors() {
    kernel=/boot/kernel.elf
    damaged 'no superblock' 'boot: no ext2' no_magic
    damaged 'no loader' 'boot: no /boot/loader' fs 'rm /boot/loader'
    damaged 'directory of zeros' 'boot: no /boot/loader' fs 'zap_block -f /boot 0'
    damaged 'disk cut off before the files' 'boot: read error' cut_disk 128K
    damaged 'loader cut off' 'loader: /boot/loader is longer than 12 blocks or damaged' \
        cut_file 4096 loader
    damaged 'an unknown feature' 'loader: error: ext2 with features this loader can not read: 40' \
        fs 'set_super_value feature_incompat 0x42'
    damaged 'no kernel' "loader: error: $kernel: no such file" fs "rm $kernel"
    damaged 'a folder' "loader: error: $kernel: not an ordinary file" a_folder
    damaged 'a text' "loader: error: $kernel: not an ELF file" \
        put_text "$(seq 100)" kernel.elf
    damaged 'empty' "loader: error: $kernel: not an ELF file" put_text '' kernel.elf
    damaged '64 bits' "loader: error: $kernel: not a 32-bit executable for the i386" wide_elf
    damaged 'no multiboot' "loader: error: $kernel: no multiboot header in the first 8 KiB" \
        put_file "$folder/user/true" kernel.elf
    damaged 'kernel cut off' "loader: error: $kernel: cut off, or its program headers are damaged" \
        cut_file 60000 kernel.elf
    damaged 'a wrong block' "loader: error: $kernel: block 999999 is outside of the file system" \
        fs "set_inode_field $kernel block[0] 999999"
    damaged 'a wrong indirect block' \
        "loader: error: $kernel: block 123456 is outside of the file system" \
        fs "set_inode_field $kernel block[IND] 123456"
    damaged 'disk cut off in the kernel' 'loader: error: read error on drive 80h, sector' cut_behind
    damaged 'a long command line' 'loader: error: /boot/cmdline: longer than 4096 bytes' \
        long_command
    case $emulator in
    qemu*) ;;
    *)
        memory=1M
        damaged 'one megabyte' 'loader: error: the BIOS reports no memory above 1 MiB' true
        memory=1280K
        damaged 'little memory' "loader: error: $kernel: not enough memory for" true
        ;;
    esac
}
# again: keys are pressed in QEMU's monitor
again() {
    title=again
    monitor=stdio
    serial=file:$scratch/serial
    typed=$scratch/typed
    mkfifo "$typed"
    exec 3<>"$typed"
    start
    output=$scratch/serial
    : >"$output"
    wait_for 'press a key'
    echo 'sendkey a' >&3
    turns=0
    while [ "$(grep -c 'press a key' "$output")" -lt 2 ] && [ $turns -lt 300 ]; do
        sleep 0.1 # asks again, does not hope for a duration
        turns=$((turns + 1))
    done
    echo quit >&3
    wait $child
    if [ "$(grep -c 'press a key' "$output")" -ne 2 ]; then
        cat "$output"
        failures=1
    fi
}

# flips: twenty-five disks; each run boots, or says what is wrong, or the kernel does
flips() {
    for seed in $(seq 25); do
        cp --sparse=always "$folder/disk.img" "$disk"
        python3 "$repository/tests/guest/flip_bits.py" "$disk" "$seed"
        : >"$output"
        start "$disk"
        wait $child
        status=$?
        if [ $status -eq 70 ] || grep -aq 'invalid opcode' "$output" ||
            ! grep -aqE '^(boot: |loader: error|loader: /boot/loader is|firmware: |Ringside: )' \
                "$output"; then
            echo "seed $seed: status $status"
            sed 's/^/    /' "$output" "$scratch/errors"
            failures=$((failures + 1))
        fi
    done
}

case $mode in
services)
    title=services
    run 'failed 00000000' "$folder/bios_test.img" ;;
i386)
    title=i386
    cpu=i386
    run 'failed 00000000' "$folder/bios_test.img"
    run 'kernel: this CPU is an i386; the kernel needs an i486 or later' "$folder/disk.img" ;;
no_disk)
    [ "$emulator" = qemu-system-i386 ] && exit 0 # SeaBIOS has words of its own
    title='no disk'
    run 'firmware: nothing to boot from; press a key to look again' ;;
unsigned)
    [ "$emulator" = qemu-system-i386 ] && exit 0
    title='an empty disk'
    truncate -s 10M "$disk"
    run 'disks: 80h of 10 MiB' "$disk"
    run 'firmware: disk 80h: no boot sector (55AAh missing)' "$disk" ;;
disk)
    title=disk
    run "kernel: hda: $(($(stat -c %s "$folder/disk.img") / 1024)) KiB" "$folder/disk.img" ;;
shell) session ;;
again) again ;;
flips) flips ;;
small_blocks)
    for bytes in 1024 2048; do
        title="blocks of $bytes"
        rm -f "$disk"
        mke2fs -q -F -t ext2 -b $bytes -O none,filetype,sparse_super,large_file -I 256 \
            -d "$folder/root" "$disk" 40M >/dev/null 2>&1
        dd if="$folder/boot_sector.bin" of="$disk" conv=notrunc status=none
        run "blocks of $bytes bytes" "$disk"
        run 'kernel: hda: 40960 KiB' "$disk"
    done ;;
errors) errors ;;
append)
    title=append
    cp "$firmware" "$scratch/firmware.bin"
    firmware=$scratch/firmware.bin
    at=$(grep -abo '[$]RSBOOT[$]' "$firmware" | head -n 1 | cut -d : -f 1)
    printf 'hello=1  root=/dev/hdb' |
        dd of="$firmware" bs=1 seek=$((at + 10)) conv=notrunc status=none
    run '/boot/cmdline: root=/dev/hda autologin=1 hello=1 root=/dev/hdb' "$folder/disk.img"
    run 'KERNEL PANIC: root=/dev/hdb' "$folder/disk.img" ;; # the later word counts
image)
    e2fsck -fn "$folder/disk.img" >"$output" 2>&1 || { cat "$output"; failures=1; }
    debugfs -R 'ls -l /' "$folder/disk.img" >"$output" 2>/dev/null
    for line in '41777 (2)  *0  *0 .* tmp$' '40700 (2)  *0  *0 .* root$' '40555 (2) .* proc$'; do
        grep -q "$line" "$output" || { echo "no folder like: $line"; failures=1; }
    done ;;
reproducible)
    entries=$(cd "$folder/root" && find . -type f | sed "s|^\./||; s|.*|&=$folder/root/&|")
    # shellcheck disable=SC2086
    python3 "$repository/guest-os/tools/make_disk.py" --mke2fs "$(command -v mke2fs)" \
        --debugfs "$(command -v debugfs)" --sector "$folder/boot_sector.bin" \
        --mebibytes $(($(stat -c %s "$folder/disk.img") / 1048576)) \
        --modes "$repository/guest-os/disk/modes" --root "$scratch/root" "$disk" $entries &&
        cmp "$disk" "$folder/disk.img" || failures=1 ;;
*) echo "unknown mode: $mode"; exit 2 ;;
esac
[ $failures -eq 0 ]
