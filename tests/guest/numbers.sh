#!/bin/sh
# tests/guest/numbers.sh RINGSIDE BUSYBOX_FOLDER: floating point by a C library nobody here wrote.
# The same busybox computes and prints on this host's processor and on the emulated x87; the digits
# must be the same. Status 77: this host does not run 32-bit programs.
# SPDX-License-Identifier: MIT
set -eu
ringside=$1
busybox=$2/bin/busybox
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
program=$(cat "$(dirname "$0")/numbers.awk")

if [ ! -x "$busybox" ]; then
    echo "skipped: busybox could not be fetched"
    exit 77
fi
if ! "$busybox" true 2>/dev/null; then
    echo "skipped: this host does not run 32-bit programs"
    exit 77
fi
"$busybox" awk "$program" >"$folder/host"
"$ringside" exec -- "$busybox" awk "$program" >"$folder/guest" </dev/null
diff "$folder/host" "$folder/guest"
"$busybox" seq 0 0.1 20 >"$folder/host"
"$ringside" exec -- "$busybox" seq 0 0.1 20 >"$folder/guest" </dev/null
diff "$folder/host" "$folder/guest"
echo "$(wc -l <"$folder/guest") and more lines are the same"
