#!/bin/sh
# memtest.sh RINGSIDE IMAGE: lets memtest86+ test 8 MiB, until it comes to the test that only
# waits (#10, bit fade). It draws its screen on ttyS0 too; both are read. Status 0: it came there
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

# When the last test begins, the debugger reads what the screen shows then: 80 by 25 words of
# character and attribute.
cat >"$work/script" <<'END'
until console "#10 "
x /2000xh 0xb8000
END
timeout 250 "$ringside" --headless --mem 8M --max-instructions 10700000000 --script "$work/script" \
    --serial "file:$work/output" --append console=ttyS0,115200 "$image" \
    </dev/null >"$work/answers" 2>"$work/errors"
status=$?
# A cursor movement begins each piece of text.
sed 's/\x1b\[[0-9;?]*[A-Za-z]/\n/g' "$work/output" >"$work/said"
python3 - "$work/answers" >"$work/screen" <<'END'
import re, sys
words = re.findall(r" 0x..([0-9A-F]{2})\b", open(sys.argv[1], encoding="ascii").read())
text = bytes(int(word, 16) for word in words).decode("cp437")
print("\n".join(text[at:at + 80] for at in range(0, len(text), 80)))
END

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
for text in '^ *Memtest86+ v[0-9]' '│ Test #10 ' 'Memory  : *8MB' '│ Pass: *0 *Errors: 0 ' \
    '^ <ESC> Exit '; do
    if ! grep -q -e "$text" "$work/screen"; then
        echo "not on the screen: $text"
        failed=1
    fi
done
if [ $failed -ne 0 ]; then
    tail -n 200 "$work/said"
    cat "$work/screen" "$work/errors"
    exit 1
fi
