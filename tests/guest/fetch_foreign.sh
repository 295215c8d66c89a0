#!/bin/sh
# fetch_foreign.sh FOLDER: builds the programs of tests/guest/foreign in FOLDER/glibc and
# FOLDER/musl, static and for the i386, with two C libraries nobody here wrote. Their packages are
# downloaded and unpacked below FOLDER, not installed, and with package lists of their own, so the
# system's are left alone. Status 0, 1: a program can not be built, 77: not here.
# SPDX-License-Identifier: MIT
set -u

folder=$1
sources=$(cd "$(dirname "$0")/foreign" && pwd)
if ! command -v apt-get >/dev/null || ! command -v dpkg-deb >/dev/null ||
    ! command -v gcc >/dev/null; then
    echo "skipped: the C libraries come as Debian packages; apt-get, dpkg-deb and gcc are needed"
    exit 77
fi
version=$(gcc -dumpversion | cut -d. -f1)
mkdir -p "$folder/lists/partial" "$folder/cache/archives/partial"
cd "$folder" || exit 2

apt() {
    apt-get -qq -o APT::Architecture=i386 -o APT::Architectures=i386 -o Acquire::Languages=none \
        -o Dir::State::lists="$PWD/lists" -o Dir::Cache="$PWD/cache" "$@"
}

if [ ! -e root/complete ]; then
    apt update >log 2>&1 || true # one list may be out of step
    if ! apt download musl-dev:i386 libc6-dev:i386 linux-libc-dev:i386 \
        "libgcc-$version-dev:i386" >>log 2>&1; then
        cat log
        echo "skipped: the C libraries could not be downloaded"
        exit 77
    fi
    for package in ./*.deb; do
        dpkg-deb -x "$package" root || exit 77
    done
    rm -rf lists cache ./*.deb
    touch root/complete
fi

own=$(gcc -print-file-name=include)
code="$PWD/root/usr/lib/gcc/i686-linux-gnu/$version"
include=$PWD/root/usr/include
glibc=$PWD/root/usr/lib/i386-linux-gnu
musl=$PWD/root/usr/lib/i386-linux-musl
# libm.a may be a script that names the other
math=$(find "$glibc" -name "libm-*.a" -o -name libm.a | sort | head -n 1)
mkdir -p glibc musl
for source in "$sources"/*.c; do
    name=$(basename "$source" .c)
    flags="-m32 -march=i486 -O1 -std=gnu11 -fno-pie -fcf-protection=none -nostdinc"
    # shellcheck disable=SC2086 # words
    gcc $flags -isystem "$own" -isystem "$include/i386-linux-gnu" -isystem "$include" \
        -w -c "$source" -o glibc/$name.o &&
        gcc -m32 -static -no-pie -nostdlib -o "glibc/$name" "$glibc/crt1.o" "$glibc/crti.o" \
            glibc/$name.o "$math" -Wl,--start-group "$glibc/libc.a" "$code/libgcc.a" \
            "$code/libgcc_eh.a" -Wl,--end-group "$glibc/crtn.o" || exit 1
    # shellcheck disable=SC2086
    gcc $flags -isystem "$include/i386-linux-musl" -isystem "$own" -w -c "$source" \
        -o musl/$name.o &&
        gcc -m32 -static -no-pie -nostdlib -o "musl/$name" "$musl/crt1.o" "$musl/crti.o" \
            musl/$name.o -Wl,--start-group "$musl/libc.a" "$code/libgcc.a" -Wl,--end-group \
            "$musl/crtn.o" || exit 1
    rm -f glibc/$name.o musl/$name.o
done
