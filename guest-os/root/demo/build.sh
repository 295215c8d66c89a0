#!/bin/sh
# From source to process (C20): as makes a program of a text, the shell starts it and takes its
# status. SPDX-License-Identifier: MIT
echo "build.sh (C20): a text becomes a file that can be executed, and that a process"
as -o /tmp/hello /demo/hello.s || exit 1
ls -l /tmp/hello
/tmp/hello
status=$?
echo "its exit status: $status"
rm /tmp/hello
[ $status -eq 7 ] && echo "build.sh: all as expected"
