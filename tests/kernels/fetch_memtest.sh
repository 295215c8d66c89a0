#!/bin/sh
# fetch_memtest.sh FOLDER: puts memtest86+ for 32-bit PCs, from its package, into FOLDER as
# memtest.bin. Nothing is installed; the package lists are its own. Status 0, or 77: it can
# not be had here. SPDX-License-Identifier: MIT
set -u

folder=$1
if [ -s "$folder/memtest.bin" ]; then
    exit 0
fi
mkdir -p "$folder/lists/partial" "$folder/cache/archives/partial"
cd "$folder" || exit 2
if ! command -v apt-get >/dev/null || ! command -v dpkg-deb >/dev/null; then
    echo "skipped: memtest86+ comes as a Debian package, and there is no apt-get or dpkg-deb here"
    exit 77
fi

apt() {
    apt-get -qq -o APT::Architecture=i386 -o APT::Architectures=i386 -o Acquire::Languages=none \
        -o Dir::State::lists="$PWD/lists" -o Dir::Cache="$PWD/cache" "$@"
}

apt update >log 2>&1 || true # one list out of step is no reason to give up
if ! apt download memtest86+ >>log 2>&1; then
    cat log
    echo "skipped: memtest86+ could not be downloaded"
    exit 77
fi
dpkg-deb --fsys-tarfile memtest86+_*.deb | tar -xO ./boot/memtest86+ia32.bin >memtest.bin || exit 1
rm -rf lists cache memtest86+_*.deb
