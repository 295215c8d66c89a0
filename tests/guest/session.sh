#!/bin/sh
# session.sh EMULATOR FOLDER SCRIPT [BUSYBOX | WORD=VALUE]: boots the guest of build folder FOLDER
# to its login and types the lines of SCRIPT. With BUSYBOX, a folder of fetch_busybox.sh, its shell
# is all that runs there; WORD is one for the kernel's command line. Each line is "keys => text
# that must appear after them"; keys may have printf's escapes (\r Enter, \003 Ctrl-C). Status 0
# as expected, 1 not, 77 no such emulator here. SPDX-License-Identifier: MIT
set -u

emulator=$1
folder=$2
script=$3
if ! command -v "$emulator" >/dev/null; then
    echo "skipped: no $emulator here (for QEMU: apt-get install qemu-system-x86)"
    exit 77
fi
output=$(mktemp)
pipe=$output.pipe
mkfifo "$pipe"
trap 'rm -f "$output" "$pipe" "$output.ramdisk"' EXIT

ramdisk=$folder/ramdisk.img
words=autologin=0
first='login: '
last='poweroff\r'
case ${4:-} in
*=*)
    words=$4
    ;;
?*)
    if [ ! -x "$4/bin/busybox" ]; then
        echo "skipped: busybox could not be fetched"
        exit 77
    fi
    ramdisk=$output.ramdisk
    "$folder/mkcpio" "$ramdisk" "bin/busybox=$4/bin/busybox" \
        "bin/busybox_shell=$(dirname "$0")/busybox_shell" || exit 1
    words=init=/bin/busybox_shell
    first='# '
    last='exit\r'
    ;;
esac

case $emulator in
*qemu*)
    timeout 120 "$emulator" -m 64 -kernel "$folder/kernel.elf" -initrd "$ramdisk" \
        -append "$words" -serial stdio -monitor none -display none -no-reboot \
        -rtc base=2001-02-03T04:05:06 -device isa-debug-exit,iobase=0xf4,iosize=0x04 \
        <"$pipe" >"$output" & ;;
*)
    timeout 120 "$emulator" --headless --mem 64M --debugcon /dev/null --rtc 981173106 \
        --initrd "$ramdisk" "$folder/kernel.elf" "$words" <"$pipe" >"$output" & ;;
esac
pid=$!
exec 3>"$pipe"

# Wait until the output behind the first $seen bytes has $1, and put $seen behind the output then.
wait_for() {
    turns=0
    while ! tail -c "+$((seen + 1))" "$output" | grep -aqF -- "$1"; do
        turns=$((turns + 1))
        if [ $turns -gt 600 ] || ! kill -0 $pid 2>/dev/null; then
            echo "line $number: waited for: $1"
            return 1
        fi
        sleep 0.05 # asks again, does not hope for a duration
    done
    seen=$(wc -c <"$output")
}

number=0
seen=0
failed=0
wait_for "$first" || failed=1
while IFS= read -r line && [ $failed -eq 0 ]; do
    number=$((number + 1))
    case $line in
    '# full-screen'*) # take the keyboard over at moments that host time decides there
        case $emulator in *qemu*) break ;; esac
        ;;
    esac
    case $line in
    '#'* | '') continue ;;
    esac
    printf '%b' "${line%% => *}" >&3
    wait_for "${line#* => }" || failed=1
done <"$script"
if [ $failed -eq 0 ]; then
    printf '%b' "$last" >&3
    wait $pid
    status=$?
    [ $status -eq 0 ] || { echo "exit status $status"; failed=1; }
else
    kill $pid
fi
exec 3>&-
if [ $failed -ne 0 ]; then
    echo "--- output of the guest ---"
    cat "$output"
    exit 1
fi
echo "$number lines typed"
