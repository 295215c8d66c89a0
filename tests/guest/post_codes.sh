#!/bin/sh
# post_codes.sh: docs/boot.md has a row for each code of firmware/post_codes.h and no other.
# SPDX-License-Identifier: MIT
set -eu
cd "$(dirname "$0")/../.."
in_code=$(sed -n 's/^#define POST_[A-Z0-9_]* *0x\([0-9A-F]*\).*/\1h/p' \
    guest-os/firmware/post_codes.h)
in_page=$(sed -n 's/^| \([0-9A-F]\{2\}h\) | .*/\1/p' docs/boot.md)
[ "$in_code" = "$in_page" ] || {
    echo "codes in post_codes.h: $in_code"
    echo "codes in docs/boot.md: $in_page"
    exit 1
}
