#!/bin/sh
# trace.sh RINGSIDE FOLDER: --trace writes a line for each event, as docs/trace.md has it, and
# changes nothing. FOLDER: the build folder of the guest. SPDX-License-Identifier: MIT
set -u

ringside=$1
folder=$2
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
failures=0

fail() {
    echo "$*"
    failures=$((failures + 1))
}

# count PATTERN NUMBER FILE: so many lines match; NUMBER "some": at least one.
count() {
    found=$(grep -cE "$1" "$3")
    if [ "$2" = some ] && [ "$found" -gt 0 ]; then
        return
    fi
    [ "$found" = "$2" ] || fail "$found lines match $1, expected $2"
}

# run NAME OPTIONS...: the first 200,000 instructions of the kernel, its result in NAME.json.
run() {
    name=$1
    shift
    "$ringside" --headless --max-instructions 200000 --debugcon /dev/null \
        --json "$place/$name.json" "$@" "$folder/kernel.elf" </dev/null >/dev/null 2>&1
}

run without
run insn --trace "insn:$place/insn"
run all --trace "all:$place/all"
cmp "$place/without.json" "$place/insn.json" || fail "tracing instructions changes the result"
cmp "$place/without.json" "$place/all.json" || fail "tracing everything changes the result"
count '^ *[0-9]+ KERNEL [0-9A-F]{8} insn' 200000 "$place/insn"
count ' insn' 200000 "$place/all"
count ' port  *out ' some "$place/all"

# A program that divides by zero: USER to KERNEL by that exception, once; back and forth by calls.
"$ringside" exec --trace "exception,switch:$place/exec" "$folder/user/divzero" </dev/null >/dev/null
status=$?
[ $status = 136 ] || fail "divzero: status $status, expected 136 (128 + SIGFPE)"
count '^ *[0-9]+ USER   [0-9A-F]{8} exception vector=00' 1 "$place/exec"
count ' USER .* switch cpl=3->0' some "$place/exec"
count ' KERNEL .* switch cpl=0->3 ' some "$place/exec"
count ' insn| port ' 0 "$place/exec"

exit $((failures > 0))
