#!/bin/sh
# disk.sh EMULATOR FOLDER MODE: boots the guest of build folder FOLDER with disks that mke2fs made,
# lets programs work on them, and asks e2fsck what is left. EMULATOR is qemu-system-i386 or the path
# of ringside. Status 0 as expected, 1 not, 77 no such emulator or no e2fsprogs here. MODE:
#   work        files come and go at random, with blocks of 1 and 4 KiB and old inodes
#   names       two thousand files in one directory
#   programs    the self-checking programs, on the bundled disk
#   together    five processes at once, in 8 MiB
#   full        the disk is too small; there are too few inodes
#   cut         (ringside) the power goes at some clocks; e2fsck -p mends what is left
#   flip        bits of the metadata are wrong: no panic, no endless loop
#   errors      a sector that can not be read (qemu), a disk that can not be written (ringside)
#   none        no root; a root that is no disk; a root that is not ext2
# SPDX-License-Identifier: MIT
set -u

emulator=$1
folder=$2
mode=$3
here=$(dirname "$0")
PATH=$PATH:/usr/sbin:/sbin
for tool in "$emulator" mke2fs e2fsck debugfs; do
    if ! command -v "$tool" >/dev/null; then
        echo "skipped: no $tool here (apt-get install qemu-system-x86 e2fsprogs)"
        exit 77
    fi
done
case $emulator in
*qemu*) panic_status=135 ;; # 32-bit write of "PANC" to the exit port: ((V << 1) | 1) & 255
*) panic_status=74 ;;
esac
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
output=$work/output
failures=0

complain() {
    echo "$*"
    echo "--- output of the guest ---"
    tail -40 "$output"
    failures=$((failures + 1))
}

# boot COMMAND-LINE RAMDISK|- DISK...: sets $status. In $memory MiB; for ringside also $limits
limits=
memory=32
boot() {
    command_line=$1
    ramdisk=$2
    shift 2
    index=0
    set -- "$@" --
    while [ "$1" != -- ]; do
        disk=$1
        shift
        case $emulator in
        *qemu*) set -- "$@" -drive "if=ide,index=$index,format=raw,file=$disk" ;;
        *) set -- "$@" --disk "$disk" ;;
        esac
        index=$((index + 1))
    done
    shift
    if [ "$ramdisk" != - ]; then
        case $emulator in
        *qemu*) set -- "$@" -initrd "$ramdisk" ;;
        *) set -- "$@" --initrd "$ramdisk" ;;
        esac
    fi
    case $emulator in
    *qemu*)
        timeout 100 "$emulator" -m $memory -kernel "$folder/kernel.elf" -append "$command_line" \
            -serial stdio -monitor none -display none -no-reboot \
            -device isa-debug-exit,iobase=0xf4,iosize=0x04 "$@" </dev/null >"$output" 2>&1 ;;
    *)
        # shellcheck disable=SC2086
        timeout 100 "$emulator" --headless --mem ${memory}M --debugcon /dev/null $limits "$@" \
            "$folder/kernel.elf" $command_line </dev/null >"$output" 2>&1 ;;
    esac
    status=$?
}

# make_disk FILE KIB MKE2FS-OPTIONS...: a root with the programs that are needed
make_disk() {
    file=$1
    kib=$2
    shift 2
    if [ ! -d "$work/root" ]; then
        mkdir -p "$work/root/bin" "$work/root/tmp" "$work/root/dev" "$work/root/proc" \
            "$work/root/host" "$work/root/etc"
        for program in diskwork diskwalk sh cat cp mkdir rm env; do
            cp "$folder/objects/small/$program" "$work/root/bin/$program"
        done
        cat >"$work/root/bin/together" <<'END'
#!/bin/sh
for number in 1 2 3 4 5; do
    mkdir /tmp/$number
    env in=/tmp/$number seed=$number diskwork &
done
wait
cat /proc/buffers
END
        cat >"$work/root/bin/try" <<'END'
#!/bin/sh
cat /files/9/big >/dev/null
cat /files/9/below/small
cp /files/9/below/small /files/9/below/copy
cat /files/9/below/small >/dev/hda
cat /proc/buffers
END
        cat >"$work/root/bin/drop" <<'END'
#!/bin/sh
rm /files/1/big /files/2/big
END
        chmod +x "$work/root/bin/together" "$work/root/bin/try" "$work/root/bin/drop"
        for number in 1 2 3 4 5 6 7 8 9; do
            mkdir -p "$work/root/files/$number/below"
            head -c $((number * 9000)) "$folder/kernel.elf" >"$work/root/files/$number/big"
            echo "number $number" >"$work/root/files/$number/below/small"
            ln -s "../$number/below" "$work/root/files/$number/link"
        done
    fi
    rm -f "$file"
    mke2fs -q -t ext2 -d "$work/root" "$@" "$file" "${kib}k" >"$work/mke2fs" 2>&1 || exit 1
}

# expect_clean DISK: e2fsck finds nothing to mend, and it was unmounted
expect_clean() {
    if ! e2fsck -fn "$1" >"$work/fsck" 2>&1; then
        head -20 "$work/fsck"
        complain "e2fsck -fn found something in $1"
    fi
    if ! debugfs -R stats "$1" 2>/dev/null | grep -q '^Filesystem state: *clean$'; then
        complain "$1 was not unmounted"
    fi
}

# work_on DISK OPTION...: diskwork must succeed, and the disk be whole after it
work_on() {
    disk=$1
    shift
    boot "init=/bin/diskwork $*" - "$disk"
    if [ "$status" -ne 0 ] || ! grep -q 'diskwork: [0-9]* rounds, 0 failures' "$output"; then
        complain "diskwork $*: status $status"
    fi
    expect_clean "$disk"
}

expect() {
    grep -q "$1" "$output" || complain "not in the output: $1"
}

expect_panic() {
    if [ "$status" -ne "$panic_status" ] || ! grep -q "KERNEL PANIC: $1" "$output"; then
        complain "no panic, but status $status; expected: $1"
    fi
}

case $mode in
work)
    make_disk "$work/1k" 8192 -b 1024 -I 128 -O none,filetype
    work_on "$work/1k" rounds=400 seed=1
    make_disk "$work/4k" 16384 -b 4096
    work_on "$work/4k" rounds=400 seed=2
    make_disk "$work/2k" 12288 -b 2048 -O none
    work_on "$work/2k" rounds=200 seed=3 ;;
names)
    make_disk "$work/4k" 16384 -b 4096 -N 4096
    work_on "$work/4k" rounds=0 names=2000
    make_disk "$work/1k" 8192 -b 1024 -N 2048
    work_on "$work/1k" rounds=0 names=1000
    # extended attributes in a block of their own go with their file
    make_disk "$work/attributes" 4096 -b 1024 -I 128
    for number in 1 2 3; do
        debugfs -w -R "ea_set /files/$number/big user.colour red" "$work/attributes" 2>/dev/null
    done
    boot "init=/bin/drop" - "$work/attributes"
    [ "$status" -eq 0 ] || complain "files with attributes: status $status"
    expect_clean "$work/attributes"
    debugfs -R "ea_get /files/3/big user.colour" "$work/attributes" 2>&1 | grep -q red ||
        complain "the attributes of the third file are gone" ;;
programs)
    for program in files names attributes pipe process signal memory; do
        cp "$folder/disk.img" "$work/disk"
        boot "root=/dev/hda init=/bin/test_$program" - "$work/disk"
        expect "test_$program: .* 0 failures"
        expect_clean "$work/disk"
    done ;;
together)
    make_disk "$work/disk" 12288 -b 1024
    memory=8
    boot "init=/bin/together rounds=150" - "$work/disk"
    if [ "$status" -ne 0 ] ||
        [ "$(grep -c 'diskwork: 150 rounds, 0 failures' "$output")" -ne 5 ] ||
        ! grep -q 'pinned 1, lost 0' "$output"; then # the superblock's buffer is pinned
        complain "five at a time: status $status"
    fi
    expect_clean "$work/disk" ;;
full)
    make_disk "$work/full" 1200 -b 1024
    work_on "$work/full" rounds=600 seed=4
    make_disk "$work/few" 4096 -b 1024 -N 80
    work_on "$work/few" rounds=300 seed=5 names=1 ;;
cut)
    for clocks in 40 55 70 85 100 115 130 145 160 180 200 220 240 260 280 300 320 350 380 400 420 \
        450 500; do
        make_disk "$work/cut" 8192 -b 1024
        limits="--max-clocks ${clocks}000000"
        boot "init=/bin/diskwork rounds=4000 seed=$clocks" - "$work/cut"
        [ "$status" -eq 124 ] || complain "the power went after $clocks M clocks: status $status"
        e2fsck -p "$work/cut" >"$work/fsck" 2>&1
        if [ $? -gt 1 ]; then
            head -20 "$work/fsck"
            complain "e2fsck -p does not mend the cut after $clocks M clocks"
        fi
        expect_clean "$work/cut"
    done ;;
flip)
    make_disk "$work/whole" 2048 -b 1024
    make_disk "$work/whole4" 4096 -b 4096
    for seed in 1 2 3 4 5 6 7 8 9 10; do
        for number in 1 2 3; do
            cp "$work/whole" "$work/disk$number"
            python3 "$here/flip_bits.py" "$work/disk$number" $((seed * 10 + number)) || exit 1
        done
        cp "$work/whole4" "$work/disk4"
        python3 "$here/flip_bits.py" "$work/disk4" $((seed * 10 + 4)) || exit 1
        boot "init=/bin/diskwalk root=ramdisk" "$folder/ramdisk.img" \
            "$work/disk1" "$work/disk2" "$work/disk3" "$work/disk4"
        if [ "$status" -ne 0 ] || ! grep -q 'diskwalk: done' "$output"; then
            complain "seed $seed: status $status"
        fi
    done ;;
errors)
    make_disk "$work/disk" 4096 -b 4096
    case $emulator in
    *qemu*)
        block=$(debugfs -R "blocks /files/9/big" "$work/disk" 2>/dev/null | awk '{ print $3 }')
        printf '[inject-error]\nevent = "read_aio"\nerrno = "5"\nsector = "%d"\n' \
            $((block * 8)) >"$work/errors"
        boot "init=/bin/try" - "blkdebug:$work/errors:$work/disk,rerror=report"
        expect "hda: command c4, sector $((block * 8)): status 41"
        expect 'cat: /files/9/big: input/output error'
        expect 'cat: .*busy'
        expect 'pinned 1, lost 0'
        expect_clean "$work/disk" ;;
    *)
        boot "init=/bin/try" - "$work/disk,ro"
        expect 'the root is /dev/hda, read-only'
        expect 'cp: .*read-only file system' ;;
    esac
    expect '^number 9'
    [ "$status" -eq 0 ] || complain "errors: status $status" ;;
none)
    head -c 65536 /dev/zero >"$work/zeros"
    boot "" -
    expect_panic 'no root: neither'
    boot "root=/dev/hdc" -
    expect_panic 'root=/dev/hdc: there is no such disk'
    boot "root=/dev/hda" - "$work/zeros"
    expect_panic 'root=/dev/hda: can not be mounted: error 22' ;;
*) echo "unknown mode: $mode"; exit 2 ;;
esac
[ $failures -eq 0 ]
