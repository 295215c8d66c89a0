#!/bin/sh
# shell_cases.sh SHELL: runs each script of shell_cases.txt (they are separated by lines of "--") by
# SHELL and by dash, in an empty folder with the arguments "one" and "two words": output and status
# must be equal. Status 0 as expected, 1 not, 77 no dash here. SPDX-License-Identifier: MIT
set -u

shell=$1
cases=$(dirname "$0")/shell_cases.txt
if ! command -v dash >/dev/null; then
    echo "skipped: no dash here (apt-get install dash)"
    exit 77
fi
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
mkdir "$folder/cases"
awk -v folder="$folder/cases" '
    BEGIN { n = 1; file = sprintf("%s/%03d", folder, n) }
    $0 == "--" { close(file); n++; file = sprintf("%s/%03d", folder, n); next }
    { print >file }' "$cases"

# run SHELL CASE OUTPUT: output, and the status in its last line
run() {
    rm -rf "$folder/here"
    mkdir "$folder/here"
    cp "$2" "$folder/here/script"
    (
        cd "$folder/here" || exit 1
        env -i PATH=/usr/bin:/bin HOME=/root LC_ALL=C timeout 20 \
            "$1" "$folder/here/script" one "two words" </dev/null >"$3" 2>/dev/null
        echo "status $?" >>"$3"
    ) 2>/dev/null
}

count=0
failures=0
for case in "$folder"/cases/*; do
    count=$((count + 1))
    run "$shell" "$case" "$folder/ours"
    run dash "$case" "$folder/wanted"
    if ! cmp -s "$folder/ours" "$folder/wanted"; then
        failures=$((failures + 1))
        echo "--- differs from dash:"
        cat "$case"
        diff "$folder/wanted" "$folder/ours"
    fi
done
echo "$count scripts, $failures differ from dash"
[ $failures -eq 0 ] && [ $count -gt 300 ]
