#!/bin/sh
# fetch_kernel.sh FOLDER: puts Debian's kernel for the i686 without PAE, from its package, into
# FOLDER as vmlinuz, and unpacked as vmlinux. Nothing is installed; the package lists are its own.
# Status 0, or 77: it can not be had here. SPDX-License-Identifier: MIT
set -u

folder=$1
tests=$(cd "$(dirname "$0")" && pwd)
if [ -s "$folder/vmlinux" ]; then
    exit 0
fi
for tool in apt-get apt-cache dpkg-deb; do
    if ! command -v $tool >/dev/null; then
        echo "skipped: linux-image-686:i386 comes as a Debian package, and there is no $tool here"
        exit 77
    fi
done
mkdir -p "$folder/lists/partial" "$folder/cache/archives/partial"
cd "$folder" || exit 2

with_lists() {
    command=$1
    shift
    "$command" -o APT::Architecture=i386 -o APT::Architectures=i386 \
        -o Acquire::Languages=none -o Dir::State::lists="$PWD/lists" -o Dir::Cache="$PWD/cache" "$@"
}

with_lists apt-get -qq update >log 2>&1 || true # one list out of step is no reason to give up
package=$(with_lists apt-cache depends linux-image-686 2>>log |
    sed -n 's/.*Depends: \(linux-image-[0-9].*\)/\1/p' | head -n 1)
if [ -z "$package" ] || ! with_lists apt-get -qq download "$package" >>log 2>&1; then
    cat log
    echo "skipped: linux-image-686:i386 could not be downloaded"
    exit 77
fi
dpkg-deb --fsys-tarfile linux-image-*.deb | tar -x ./boot &&
    mv boot/vmlinuz-* vmlinuz && python3 "$tests/unpack_vmlinux.py" vmlinuz vmlinux || exit 1
rm -rf lists cache boot linux-image-*.deb
