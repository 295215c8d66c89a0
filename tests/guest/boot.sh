#!/bin/sh
# boot.sh EMULATOR FOLDER MODE: boots the guest of build folder FOLDER and checks what it writes and
# how it ends. EMULATOR is qemu-system-i386 or the path of ringside. Status 0 as expected, 1 not,
# 77 no such emulator here. MODE:
#   plain, strict        every program once; the mode read from CS only
#   apic                 (Ringside) with APICs in virtual wire mode, which the kernel never asks for
#   486, icount          (QEMU) on a 486; with one instruction per nanosecond
#   fast, small          1000 slices a second; 16 MiB
#   churn                1000 processes in 8 MiB, or $CHURN_COUNT
#   hog, fuzz            all memory, all PCBs; calls, code and programs without sense, a fork bomb
#   files                the self-checking programs about files, pipes and memory
#   bounds               the same programs with mmu=base-bound
#   line, keys           a line typed on the serial port; on the keyboard (QEMU)
#   none, panic          no such init; what a panic prints
# SPDX-License-Identifier: MIT
set -u

emulator=$1
folder=$2
mode=$3
if ! command -v "$emulator" >/dev/null; then
    echo "skipped: no $emulator here (for QEMU: apt-get install qemu-system-x86)"
    exit 77
fi
case $emulator in
*qemu*) panic_status=135 ;; # 32-bit write of "PANC" to the exit port: ((V << 1) | 1) & 255
*) panic_status=74 ;;
esac
output=$(mktemp)
trap 'rm -f "$output"' EXIT
failures=0

# boot MEBIBYTES COMMAND-LINE [QEMU OPTIONS]: standard input is the console's; sets $status.
boot() {
    memory=$1
    command_line=$2
    shift 2
    case $emulator in
    *qemu*)
        timeout 120 "$emulator" -m "$memory" -kernel "$folder/kernel.elf" \
            -initrd "$folder/ramdisk.img" -append "$command_line" -serial stdio -monitor none \
            -display none -no-reboot -device isa-debug-exit,iobase=0xf4,iosize=0x04 "$@" \
            >"$output" ;;
    *)
        timeout 120 "$emulator" --headless --mem "${memory}M" "$@" --debugcon /dev/null \
            --initrd "$folder/ramdisk.img" "$folder/kernel.elf" $command_line >"$output" ;;
    esac
    status=$?
}

expect_status() {
    if [ "$status" -ne "$1" ]; then
        echo "exit status is $status, expected $1"
        failures=$((failures + 1))
    fi
}

expect() {
    if ! grep -q -- "$1" "$output"; then
        echo "not in the output: $1"
        failures=$((failures + 1))
    fi
}

expect_demo() {
    expect_status 0
    expect '^A: [0-9]* primes below'
    expect '^B: [0-9]* primes below'
    expect 'catcher: the alarm rang'
    expect 'catcher: signal 10 from process'
    expect 'catcher: interrupted 2 times, and the sum is still right'
    expect '/bin/divzero (process [0-9]*) was ended by signal 8'
    expect '/bin/cli (process [0-9]*) was ended by signal 11'
    expect 'test_process: 12 groups of checks, 0 failures'
    expect 'test_signal: 12 groups of checks, 0 failures'
    expect 'all results are as expected'
    # In turns: of A's and B's lines neither come all first.
    if [ "$(grep -o '^[AB]:' "$output" | uniq | wc -l)" -lt 3 ]; then
        echo "the counters did not run in turns"
        failures=$((failures + 1))
    fi
}

# self_checks WORD [PROGRAM]: the self-checking programs about files, pipes and memory.
self_checks() {
    word=$1
    shift
    for program in "files: 17" "names: 9" "attributes: 7" "mount: 4" "pipe: 8" "memory: 4" "$@"; do
        boot 64 "init=/bin/test_${program%%:*} $word" </dev/null
        expect_status 0
        expect "test_$program groups of checks, 0 failures"
    done
}

case $mode in
plain) boot 64 "demo=once" </dev/null; expect_demo ;;
strict)
    boot 64 "demo=once mode=strict" </dev/null
    expect_demo
    expect 'mode is read from CS' ;;
apic) boot 64 "demo=once" --apic on </dev/null; expect_demo ;;
486) boot 64 "demo=once" -cpu 486 </dev/null; expect_demo ;;
icount) boot 64 "demo=once" -icount shift=0 </dev/null; expect_demo ;;
fast)
    boot 64 "demo=once hz=1000 slice=1" </dev/null
    expect_demo
    expect '1000 ticks a second' ;;
small) boot 16 "demo=once" </dev/null; expect_demo ;;
churn)
    boot 8 "init=/bin/churn count=${CHURN_COUNT:=1000}" </dev/null
    expect_status 0
    expect "churn: $CHURN_COUNT processes came and went" ;;
hog)
    boot 6 "init=/bin/hog" </dev/null # not enough memory for all PCBs' stacks
    expect_status 0
    expect 'hog: 5 times all memory and [0-9]* processes, all given back'
    boot 64 "init=/bin/hog" </dev/null # enough: the table is full first
    expect_status 0
    expect 'hog: 5 times all memory and 10[0-9][0-9] processes' ;;
fuzz)
    boot 64 "init=/bin/sysfuzz" </dev/null
    expect_status 0
    expect "sysfuzz: 500 children"
    boot 64 "init=/bin/crashme" </dev/null
    expect_status 0
    expect "crashme: 500 rounds"
    boot 64 "init=/bin/elffuzz" </dev/null
    expect_status 0
    expect "elffuzz: 500 programs, [1-9][0-9]* refused"
    boot 64 "init=/bin/bomb" </dev/null
    expect_status 0
    expect "bomb: fork failed: EAGAIN"
    expect "all gone, and root could work" ;;
files) self_checks mmu=paged "calls: 19" "mapping: 2" "shared: 3" ;;
bounds)
    boot 16 "init=/bin/churn count=100 mmu=base-bound" </dev/null
    expect_status 0
    expect "churn: 100 processes came and went"
    case $emulator in
    *qemu*) self_checks mmu=base-bound; exit $((failures > 0)) ;; # it does not look at limits
    esac
    self_checks mmu=base-bound "calls: 19" "mapping: 2"
    boot 24 "init=/bin/pieces mmu=base-bound" </dev/null # needs the areas to be moved together
    expect_status 0
    expect 'pieces: 6 MiB in one piece: out of memory'
    expect 'half of them ended; 6 MiB in one piece: yes'
    boot 64 "demo=once mmu=base-bound" </dev/null
    expect_demo
    boot 64 "init=/bin/sysfuzz mmu=base-bound" </dev/null
    expect_status 0
    expect "sysfuzz: 500 children"
    boot 64 "init=/bin/crashme mmu=base-bound" </dev/null
    expect_status 0
    expect "crashme: 500 rounds"
    boot 64 "init=/bin/elffuzz mmu=base-bound" </dev/null
    expect_status 0
    expect "elffuzz: 500 programs, [1-9][0-9]* refused" ;;
line)
    # Enter a few times (a byte that comes before the port is set up is lost), a line with two
    # mistakes taken back, a line with Ctrl-U, and end of file, which ends init and so the run.
    printf '\n\n\n\n\n\nhelpx\177\177lo kernel\nwrong\025right\n\004' >"$output.typed"
    boot 64 "init=/bin/line" <"$output.typed"
    rm -f "$output.typed"
    expect_status 0
    expect 'line: you typed "hello kernel"'
    expect 'line: you typed "right"' ;;
keys)
    # The same through the keyboard: keys are pressed in QEMU's monitor once init runs.
    pipe=$output.pipe
    mkfifo "$pipe"
    timeout 120 "$emulator" -kernel "$folder/kernel.elf" -initrd "$folder/ramdisk.img" \
        -append "init=/bin/line console=ttyS0 console=tty1" -serial "file:$output" \
        -monitor stdio -display none -no-reboot \
        <"$pipe" >/dev/null &
    exec 3>"$pipe"
    turns=0
    while ! grep -q 'starting /bin/line' "$output" && [ $turns -lt 100 ]; do
        sleep 0.1 # asks again, does not hope for a duration
        turns=$((turns + 1))
    done
    for key in shift-h e l p backspace l o spc shift-1 ret ctrl-d; do
        echo "sendkey $key 1" >&3
    done
    wait $!
    status=$?
    exec 3>&-
    rm -f "$pipe"
    expect_status 0
    expect 'line: you typed "Hello !"' ;;
none)
    boot 64 "init=/no/such/program" </dev/null
    expect_status 1
    expect 'can not start /no/such/program: error 2' ;;
panic)
    boot 64 "panic=now" </dev/null
    expect_status "$panic_status"
    expect 'KERNEL PANIC: asked for on the command line'
    expect ' c01[0-9a-f]* kernel_main+'
    boot 64 "panic=stack" </dev/null
    expect_status "$panic_status"
    expect 'KERNEL PANIC: double fault: the kernel stack is full'
    expect ' c01[0-9a-f]* fill_stack+' ;;
*) echo "unknown mode: $mode"; exit 2 ;;
esac

if [ $failures -gt 0 ]; then
    echo "--- output of the guest ---"
    cat "$output"
    exit 1
fi
