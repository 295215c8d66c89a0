#!/bin/sh
# memtest.sh RINGSIDE IMAGE: lets memtest86+ test 8 MiB, until it comes to the test that only
# waits (#10, bit fade). It draws its screen on ttyS0 too, where it is read. Status 0: it came there
# and counted no error; 1: not so; 77: this can not be tried here. SPDX-License-Identifier: MIT
set -u

ringside=$1
image=$2
if [ ! -s "$image" ]; then
    echo "skipped: memtest86+ could not be fetched"
    exit 77
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

timeout 250 "$ringside" --headless --mem 8M --max-instructions 10700000000 \
    --append console=ttyS0,115200 "$image" </dev/null >"$work/output" 2>"$work/errors"
status=$?
# A cursor movement begins each piece of text.
sed 's/\x1b\[[0-9;?]*[A-Za-z]/\n/g' "$work/output" >"$work/said"

failed=0
if [ $status -ne 124 ]; then
    echo "exit status $status instead of 124, the limit"
    failed=1
fi
# The tests run in this order. The screen is sent every two seconds: short ones are not seen.
for number in 0 4 5 6 8 9 10; do
    if ! grep -q "#$number  *\[" "$work/said"; then
        echo "test #$number was not seen"
        failed=1
    fi
done
if ! grep -q 'Errors: 0 ' "$work/said" || grep -q 'Errors: *[1-9]' "$work/said"; then
    echo "errors were counted"
    failed=1
fi
if [ $failed -ne 0 ]; then
    tail -n 200 "$work/said"
    cat "$work/errors"
    exit 1
fi
