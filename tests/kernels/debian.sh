#!/bin/sh
# debian.sh RINGSIDE GUEST_FOLDER KERNEL BUSYBOX [apic]: boots Debian's kernel, an unpacked
# vmlinux, with busybox as its only program, types commands on ttyS0 and lets it power off.
# GUEST_FOLDER has mkcpio. With `apic` the machine has APICs, and the kernel must use them. The
# options leave out self-tests of the kernel's that take most of its start.
# Status 0, 1, or 77: this can not be tried here. SPDX-License-Identifier: MIT
set -u

ringside=$1
folder=$2
kernel=$3/vmlinux
busybox=$4/bin/busybox
apic=off
flags='fpu pse tsc msr cx8 pge cmov cpuid'
if [ "${5:-}" = apic ]; then
    apic=on
    flags='fpu pse tsc msr cx8 apic pge cmov cpuid'
fi
for file in "$kernel" "$busybox"; do
    if [ ! -s "$file" ]; then
        echo "skipped: $file could not be fetched"
        exit 77
    fi
done
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

cat >"$work/init" <<'END'
#!/busybox sh
/busybox mkdir /proc
/busybox mount -t proc proc /proc
exec /busybox setsid /busybox cttyhack /busybox sh -i
END
chmod +x "$work/init"
cat >"$work/input" <<'END'
@wait / #
echo six times seven is $((6*7))
@wait / #
/busybox yes | /busybox head -n 1000 | /busybox wc -l | /busybox sed 's/^/lines: /'
@wait / #
/busybox grep '^flags' /proc/cpuinfo
@wait / #
/busybox grep -E 'timer|LOC' /proc/interrupts
@wait / #
/busybox dmesg | /busybox grep -ciE 'unchecked|call trace|nobody cared|spurious' >/n
@wait / #
echo complaints: $(/busybox cat /n)
@wait / #
/busybox dmesg | /busybox grep 'crng init'
@wait / #
@break
@type h
@wait HELP

@wait / #
/busybox sleep 1; kill -SEGV $$; /busybox uname -sm
@wait / #
/busybox poweroff -f
END
"$folder/mkcpio" "$work/ramdisk" "init=$work/init" "busybox=$busybox" || exit 1
words=cryptomgr.notests,noisapnp,nokaslr
timeout 100 "$ringside" --headless --apic $apic --seed 3 --mem 64M --debugcon /dev/null \
    --max-instructions 2000000000 \
    --input "$work/input" --initrd "$work/ramdisk" --json "$work/json" --append \
    "console=ttyS0 quiet $(echo $words | tr , ' ') \
initcall_blacklist=load_system_certificate_list,init_blk_tracer" \
    "$kernel" </dev/null >"$work/output" 2>"$work/errors"
status=$?
tr -d '\r' <"$work/output" >"$work/said"

failed=0
# Without APM or ACPI a PC can not be switched off by software: Linux halts it for good (72).
if [ $status -ne 72 ]; then
    echo "exit status $status instead of 72"
    failed=1
fi
for line in 'six times seven is 42' 'lines: 1000' 'complaints: 0' "flags		: $flags" \
    'Linux i686'; do
    if ! grep -qx "$line" "$work/said"; then
        echo "missing: $line"
        failed=1
    fi
done
if [ $apic = on ]; then # IRQ 0 at pin 2 for a while, then the local timer
    grep -q '^ *0: *[1-9][0-9]* *IO-APIC *2-edge *timer' "$work/said" || failed=1
    grep -q '^LOC: *[1-9][0-9][0-9]' "$work/said" || failed=1
fi
if ! grep -q '^\[    0.000000\] random: crng init done' "$work/said"; then
    echo "the random pool did not take the seed"
    failed=1
fi
if ! grep -q 'reboot: System halted' "$work/said"; then
    echo "missing: reboot: System halted"
    failed=1
fi
if [ $failed -ne 0 ]; then
    cat "$work/said" "$work/errors"
    exit 1
fi
grep -E '"(clocks|instructions)"' "$work/json"
