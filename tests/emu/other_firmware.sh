#!/bin/sh
# other_firmware.sh RINGSIDE DISK: firmware of others (SeaBIOS, Bochs' BIOS) starts in the machine,
# finds the bundled disk and boots it to the shell, also with a VGA BIOS, with APICs, with little
# and with much RAM. Status 77: their packages are not installed.
# SPDX-License-Identifier: MIT
set -u
ringside=$1
disk=$2
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
failures=0

# boots NAME IMAGE [OPTIONS]
boots() {
    name=$1
    image=$2
    shift 2
    if ! [ -r "$image" ]; then
        echo "skipped: no $image here (apt-get install seabios bochsbios)"
        exit 77
    fi
    printf '@wait ~ #\necho shell under %s $((6*7)); poweroff\n' "$name" >"$folder/input"
    timeout 100 "$ringside" --headless --bios "$image" --disk "$disk,snapshot" \
        --input "$folder/input" --max-clocks 20G "$@" >"$folder/output" 2>&1
    status=$?
    if [ $status -ne 0 ] || ! grep -q "shell under $name 42" "$folder/output"; then
        echo "$name: status $status"
        cat "$folder/output"
        failures=1
    fi
}

boots SeaBIOS /usr/share/seabios/bios.bin
boots SeaBIOS-256K /usr/share/seabios/bios-256k.bin
boots Bochs /usr/share/bochs/BIOS-bochs-legacy
boots Bochs-latest /usr/share/bochs/BIOS-bochs-latest
vga=/usr/share/vgabios/vgabios.bin
if [ -r "$vga" ]; then
    boots SeaBIOS /usr/share/seabios/bios.bin --vgabios "$vga" --apic on --mem 512M
    boots Bochs /usr/share/bochs/BIOS-bochs-legacy --vgabios "$vga" --apic on --mem 16M
    boots Bochs /usr/share/bochs/BIOS-bochs-legacy --vgabios "$vga" --mem 512M
fi
exit $failures
