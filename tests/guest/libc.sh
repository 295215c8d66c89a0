#!/bin/sh
# libc.sh FOLDER SOURCE: compiles SOURCE (test_libc.c) with this host's C library, runs it and the
# guest's program of FOLDER, and compares what both print. Status 0: the same, 1: not, 77: no
# compiler here, or no 32-bit programs. SPDX-License-Identifier: MIT
set -u

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
if ! cc -w -O1 -o "$folder/host" "$2" 2>"$folder/errors"; then
    cat "$folder/errors"
    echo "skipped: no compiler for this host"
    exit 77
fi
"$1/test_libc" >"$folder/ours"
if [ $? -ge 126 ]; then
    echo "skipped: this host does not run 32-bit i386 programs"
    exit 77
fi
TZ=UTC LC_ALL=C "$folder/host" >"$folder/wanted"
diff "$folder/wanted" "$folder/ours" >"$folder/differences"
status=$?
head -40 "$folder/differences"
wc -l <"$folder/wanted"
exit $status
