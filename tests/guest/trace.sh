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

# What a program and the kernel do: calls with results as strace(1) has them, one result for each.
"$ringside" exec --trace "syscall,process,signal,user:$place/calls" --json "$place/calls.json" \
    "$folder/user/forkdemo" </dev/null >/dev/null || fail "forkdemo: status $?"
"$ringside" exec --json "$place/plain.json" "$folder/user/forkdemo" </dev/null >/dev/null
cmp "$place/calls.json" "$place/plain.json" || fail "tracing calls changes the result"
count ' USER .* syscall pid=[0-9]+ program  write\(1, ".*", [0-9]+\)$' some "$place/calls"
count ' syscall pid=[0-9]+ program  write = [0-9]+$' some "$place/calls"
count ' USER .* syscall pid=[0-9]+ program  fork\(\)$' 1 "$place/calls"
count ' syscall pid=[0-9]+ program  fork = 0$' 0 "$place/calls" # the child began in the kernel
count ' process pid=[0-9]+ program  process [0-9]+ created$' 1 "$place/calls"
count ' process pid=[0-9]+ program  process ends: exit status 0$' some "$place/calls"
count ' user pid=[0-9]+ program  to user mode: new process$' some "$place/calls"
count ' user pid=1 [a-z]+  to user mode: after boot$' 1 "$place/calls"
count ' signal pid=[0-9]+ program  SIGCHLD raised for process [0-9]+$' some "$place/calls"

# A handler: raised, delivered, an upcall, and back.
"$ringside" exec --trace "signal,user:$place/signals" "$folder/user/sigdemo" </dev/null >/dev/null
count ' signal pid=[0-9]+ program  SIG[A-Z0-9]+ delivered to its handler$' some "$place/signals"
count ' user pid=[0-9]+ program  to user mode: upcall$' some "$place/signals"
count ' signal pid=[0-9]+ program  handler of a signal returns$' some "$place/signals"

# The other formats hold the same events; the ring keeps the last ones and counts the rest.
"$ringside" exec --trace "all:$place/json" --trace-format json "$folder/user/forkdemo" </dev/null \
    >/dev/null
"$ringside" exec --trace "syscall,process,user:$place/perfetto" --trace-format perfetto \
    "$folder/user/forkdemo" </dev/null >/dev/null
"$ringside" exec --trace "syscall:$place/last" --trace-last 5 "$folder/user/forkdemo" </dev/null \
    >/dev/null
grep ' syscall ' "$place/calls" | tail -n 5 >"$place/expected"
tail -n +2 "$place/last" | cmp - "$place/expected" || fail "--trace-last 5 has other lines"
count '^--trace-last: 5 events, [1-9][0-9]* before them dropped$' 1 "$place/last"
python3 - "$place/json" "$place/perfetto" "$place/calls" <<'END' || fail "JSON"
import collections
import json
import sys

records = [json.loads(line) for line in open(sys.argv[1])]
clocks = [record["clock"] for record in records]
assert clocks == sorted(clocks), "clocks go back"
calls = [r for r in records if r["kind"] == "syscall"]
lines = [line for line in open(sys.argv[3]) if " syscall " in line]
assert len(calls) == len(lines) > 20, (len(calls), len(lines))
assert {r["kind"] for r in records} >= {"insn", "port", "post", "user", "process", "irq", "switch"}
written = [r for r in calls if r["event"] == "returned" and r.get("name") == "write"]
assert all(r["value"] > 0 and r["clocks"] > 0 for r in written) and written
events = json.load(open(sys.argv[2]))["traceEvents"]
depth = collections.Counter()
for event in events:
    depth[event["pid"]] += {"B": 1, "E": -1}.get(event["ph"], 0)
    assert depth[event["pid"]] >= 0, event
names = {e["args"]["name"] for e in events if e.get("name") == "process_name"}
assert {"program", "processor"} <= names, names
END

exit $((failures > 0))
