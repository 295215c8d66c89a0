#!/bin/sh
# program_cases.sh FOLDER: runs each script of program_cases.txt (lines of "--" separate them) by
# the host's shell twice: with the guest's programs of FOLDER first in PATH, and with the host's
# own. Output and status must be equal. Status 0 as expected, 1 not, 77 if this host does not run
# 32-bit programs. SPDX-License-Identifier: MIT
set -u

ours=$1
cases=$(dirname "$0")/program_cases.txt
"$ours/true" 2>/dev/null
if [ $? -ge 126 ]; then
    echo "skipped: this host does not run 32-bit i386 programs"
    exit 77
fi
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
mkdir "$folder/cases"
awk -v folder="$folder/cases" '
    BEGIN { n = 1; file = sprintf("%s/%03d", folder, n) }
    $0 == "--" { close(file); n++; file = sprintf("%s/%03d", folder, n); next }
    { print >file }' "$cases"

# run PATH CASE OUTPUT: output, and the status in its last line
run() {
    rm -rf "$folder/here"
    mkdir "$folder/here"
    (
        cd "$folder/here" || exit 1
        umask 022
        env -i PATH="$1" HOME=/root LC_ALL=C TZ=UTC timeout 20 sh "$2" </dev/null >"$3" 2>/dev/null
        echo "status $?" >>"$3"
    ) 2>/dev/null
}

count=0
failures=0
for case in "$folder"/cases/*; do
    count=$((count + 1))
    run "$ours:/usr/bin:/bin" "$case" "$folder/ours"
    run "/usr/bin:/bin" "$case" "$folder/wanted"
    if ! cmp -s "$folder/ours" "$folder/wanted"; then
        failures=$((failures + 1))
        echo "--- differs from the host's programs:"
        cat "$case"
        diff "$folder/wanted" "$folder/ours"
    fi
done
echo "$count scripts, $failures differ from the host's programs"
[ $failures -eq 0 ] && [ $count -gt 50 ]
