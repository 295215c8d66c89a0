#!/bin/sh
# fetch_busybox.sh FOLDER: puts busybox for the i386, from its package, into FOLDER/bin. The
# package is downloaded and unpacked, not installed, and with package lists of its own, so the
# system's are left alone. Status 0, or 77: it can not be had here. SPDX-License-Identifier: MIT
set -u

folder=$1
package=busybox-static:i386
if [ -x "$folder/bin/busybox" ]; then
    exit 0
fi
if ! command -v apt-get >/dev/null || ! command -v dpkg-deb >/dev/null; then
    echo "skipped: $package comes as a Debian package, and there is no apt-get or dpkg-deb here"
    exit 77
fi
mkdir -p "$folder/lists/partial" "$folder/cache/archives/partial"
cd "$folder" || exit 2

apt() {
    apt-get -qq -o APT::Architecture=i386 -o APT::Architectures=i386 -o Acquire::Languages=none \
        -o Dir::State::lists="$PWD/lists" -o Dir::Cache="$PWD/cache" "$@"
}

apt update >log 2>&1 || true # one list that is out of step is no reason to do without the others
if ! apt download "$package" >>log 2>&1 || ! dpkg-deb -x busybox-static_*_i386.deb . 2>>log; then
    cat log
    echo "skipped: $package could not be downloaded"
    exit 77
fi
rm -rf lists cache
