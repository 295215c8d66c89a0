# shellcheck shell=sh
# What tools/run, tools/test and tools/bench share: messages, packages, the build.
# Sourced by them with the current folder at the root of the repository.
# SPDX-License-Identifier: MIT

# One package a word; "a|b" means: any of them, the first that exists is installed.
RUN_PACKAGES="gcc libc6-dev binutils cmake ninja-build pkg-config|pkgconf python3
 libsdl2-dev libsdl2-ttf-dev libelf-dev libdw-dev libzydis-dev libxxhash-dev libzstd-dev
 libpng-dev libjansson-dev libedit-dev libncurses-dev fonts-dejavu-core e2fsprogs"
# shellcheck disable=SC2034
TEST_PACKAGES="$RUN_PACKAGES libcmocka-dev clang lld clang-format ccache
 libclang-rt-dev|libclang-rt-14-dev|libclang-common-14-dev libunicorn-dev qemu-system-x86
 libmpfr-dev python3-jsonschema libxml2-utils
 xvfb xauth xdotool imagemagick strace gdb tmux seabios bochsbios vgabios"

program=${0##*/}

say() {
    printf '%s: %s\n' "$program" "$*" >&2
}

fail() {
    say "$*"
    exit 2
}

# installed_among NAME...: those of the packages that are installed, one a line
installed_among() {
    dpkg-query -W -f '${db:Status-Status} ${Package}\n' "$@" 2>/dev/null |
        sed -n 's/^installed //p'
}

# missing_packages "LIST": the words of the list of which nothing is installed
missing_packages() {
    # shellcheck disable=SC2046,SC2086
    have=" $(installed_among $(printf '%s' "$1" | tr '|' ' ') | tr '\n' ' ')"
    for word in $1; do
        found=
        for name in $(printf '%s' "$word" | tr '|' ' '); do
            case $have in *" $name "*) found=1 ;; esac
        done
        [ -n "$found" ] || printf '%s ' "$word"
    done
}

# known_to_apt NAME: apt could install it
known_to_apt() {
    LC_ALL=C apt-cache policy "$1" 2>/dev/null | grep -q 'Candidate: [^(]'
}

# choose_packages WORD...: for each "a|b" the first name that apt knows
choose_packages() {
    for word in "$@"; do
        chosen=
        case $word in
        *"|"*)
            for name in $(printf '%s' "$word" | tr '|' ' '); do
                if [ -z "$chosen" ] && known_to_apt "$name"; then
                    chosen=$name
                fi
            done
            ;;
        esac
        printf '%s ' "${chosen:-${word%%|*}}"
    done
}

# need_packages "LIST": install what is missing of it; sets installed_something
need_packages() {
    installed_something=
    if ! command -v dpkg-query >/dev/null 2>&1; then
        say "this is not a Debian or Ubuntu system; going on with what is installed"
        return 0
    fi
    missing=$(missing_packages "$1")
    [ -n "$missing" ] || return 0

    root=
    if [ "$(id -u)" != 0 ]; then
        # shellcheck disable=SC2086
        if ! command -v sudo >/dev/null 2>&1; then
            fail "not root and no sudo; as root run: apt-get install $(choose_packages $missing)"
        fi
        root=sudo
    fi
    command -v apt-get >/dev/null 2>&1 ||
        fail "no apt-get here; install these packages by hand: ${missing% }"
    say "looking up packages: ${root:+$root }apt-get update"
    $root apt-get -q -o DPkg::Lock::Timeout=120 update >&2 ||
        say "apt-get update failed; trying with the package lists that are here"
    # shellcheck disable=SC2086
    chosen=$(choose_packages $missing)
    say "installing: ${chosen% }"
    # shellcheck disable=SC2086
    if ! $root env DEBIAN_FRONTEND=noninteractive apt-get -q -y -o DPkg::Lock::Timeout=120 \
        install --no-install-recommends $chosen >&2; then
        fail "apt-get could not install: ${chosen% } (no network, or no rights? see above)"
    fi
    installed_something=1
}

# sources_changed FOLDER: something is newer than the last build in FOLDER
sources_changed() {
    [ -f "$1/.built" ] || return 0
    # A file that was added or removed makes its folder newer.
    [ -n "$(find CMakeLists.txt cpu devices emu guest-os tools tests -newer "$1/.built" \
        -print -quit 2>/dev/null)" ]
}

# configure FOLDER CMAKE-ARGUMENTS...: a build folder of this source tree, set up with Ninja
configure() {
    folder=$1
    shift
    cache=$folder/CMakeCache.txt
    if [ -f "$cache" ] && ! grep -qxF "CMAKE_HOME_DIRECTORY:INTERNAL=$PWD" "$cache"; then
        say "$folder was made for another source folder; setting it up again"
        rm -rf "$cache" "$folder/CMakeFiles"
    fi
    generator=
    [ -f "$cache" ] || generator="-G Ninja"
    # shellcheck disable=SC2086
    cmake -S . -B "$folder" $generator "$@" >"$folder.log" 2>&1 || {
        cat "$folder.log" >&2
        rm -f "$folder.log"
        fail "cmake could not set up $folder (see above)"
    }
    mv "$folder.log" "$folder/configure.log"
}

# build FOLDER CMAKE-ARGUMENTS...: configure where needed and build, if anything has changed
build() {
    folder=$1
    shift
    type=
    if [ -f "$folder/CMakeCache.txt" ]; then
        type=$(sed -n 's/^CMAKE_BUILD_TYPE:[A-Z]*=//p' "$folder/CMakeCache.txt")
    fi
    if [ -n "$installed_something" ] || [ ! -f "$folder/.built" ] || [ -z "$type" ] ||
        { [ "$folder" = build ] && [ "$type" != Release ]; }; then
        rm -f "$folder/.built"
        configure "$folder" "$@"
    elif ! sources_changed "$folder"; then
        return 0
    fi
    say "building in $folder"
    : >"$folder/.building"
    cmake --build "$folder" >&2 || fail "the build in $folder failed (see above)"
    mv "$folder/.building" "$folder/.built"
}
