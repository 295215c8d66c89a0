#!/bin/sh
# foreign.sh RINGSIDE FOLDER LIBRARY: each program of FOLDER/LIBRARY (fetch_foreign.sh) says in the
# guest, as a job of `ringside exec`, what it says on this host's own Linux, and ends with the same
# status. Status 0 the same, 1 not, 77 this can not be tried here. SPDX-License-Identifier: MIT
set -u

ringside=$1
programs=$2/$3
if [ ! -d "$programs" ]; then
    echo "skipped: the C libraries could not be fetched"
    exit 77
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failed=0
count=0
for source in "$(dirname "$0")"/foreign/*.c; do
    name=$(basename "$source" .c)
    timeout 20 "$programs/$name" </dev/null >"$work/host" 2>&1
    host=$?
    if [ $host -eq 126 ]; then
        echo "skipped: this host does not run 32-bit i386 programs"
        exit 77
    fi
    timeout 60 "$ringside" exec "$programs/$name" </dev/null >"$work/guest" 2>&1
    guest=$?
    if [ $host -eq 124 ] || [ $host -ne $guest ] ||
        ! diff "$work/host" "$work/guest" >"$work/diff"; then
        echo "$3/$name: status $host here, $guest in the guest; what it says here and there:"
        cat "$work/diff"
        failed=$((failed + 1))
    fi
    count=$((count + 1))
done
echo "$count programs with $3, $failed differ"
[ $failed -eq 0 ] && [ $count -ge 10 ]
