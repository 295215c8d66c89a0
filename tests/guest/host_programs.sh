#!/bin/sh
# host_programs.sh FOLDER: runs the guest's programs of build folder FOLDER on this host's own
# Linux. They use Linux's system calls, so they must behave as in the guest. Status 0 as expected,
# 1 not, 77 if this host does not run 32-bit programs. SPDX-License-Identifier: MIT
set -u

user=$1/user
failures=0

# run EXPECTED-STATUS EXPECTED-TEXT PROGRAM ARGS...
run() {
    wanted=$1
    text=$2
    shift 2
    said=$(timeout 60 "$user/$@" 2>&1)
    status=$?
    if [ $status -ne "$wanted" ]; then
        echo "$1: exit status $status, expected $wanted"
        failures=$((failures + 1))
    fi
    case $said in
    *"$text"*) ;;
    *) echo "$1 said: $said"; echo "expected: $text"; failures=$((failures + 1)) ;;
    esac
}

"$user/count" probe 1 1 >/dev/null 2>&1
if [ $? -ge 126 ]; then
    echo "skipped: this host does not run 32-bit i386 programs"
    exit 77
fi
run 0 "0 failures" test_process
run 0 "0 failures" test_signal
run 0 "0 failures" test_files
run 0 "0 failures" test_names
run 0 "0 failures" test_attributes
run 0 "0 failures" test_pipe
run 0 "0 failures" test_pty
run 0 "0 failures" test_memory
run 0 "0 failures" test_shared
run 0 "0 failures" test_time
run 0 "0 failures" test_users
run 0 "demo: 0 demonstrations were not as expected" demo run
run 0 "0 failures" test_calls
run 0 "0 failures" test_mapping
run 0 "real " time true
run 1 "sys " time false
run 0 "00000000  7f 45 4c 46" hexdump "$user/true"
run 0 "5 processes:" sh -c "printf '%s processes:' 5"
run 0 "COMMAND" top -b -n 1
run 0 "PID" ps -o pid,stat,cmd
run 0 "(0)" pstree
run 0 "memory" free
run 0 "up " uptime
run 0 "text" size "$user/sh"
run 1 "usage: cut" cut
run 2 "usage: ls" ls -Z
run 0 "A: " count A 2 20
run 0 "churn: 50 processes came and went" churn 50
run 136 "dividing by zero" divzero # 128 + SIGFPE
run 139 "turning interrupts off" cli # 128 + SIGSEGV
said=$(printf 'some words\n' | "$user/line")
if [ "$said" != 'line: you typed "some words"' ]; then
    echo "line said: $said"
    failures=$((failures + 1))
fi
[ $failures -eq 0 ]
