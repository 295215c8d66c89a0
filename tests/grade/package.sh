#!/bin/sh
# package.sh BUILD CPACK: the tarball is unpacked in an empty folder and used from there: a program,
# a shell, a whole boot, a grading; man page and completions are as shells want them.
# SPDX-License-Identifier: MIT
set -eu

build=$1
cpack=$2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failed=0

check() {
    if [ "$1" != "$2" ]; then
        echo "FAILED: $3: '$1', expected '$2'"
        failed=1
    fi
}

cd "$work"
"$cpack" --config "$build/CPackConfig.cmake" -G TGZ -B "$work/out" >log 2>&1 || {
    cat log
    exit 1
}
mkdir empty
tar -xzf out/*.tar.gz -C empty
cd empty/*
top=$PWD

# nothing of the host but its C library, nothing of the build
libraries=$(ldd bin/ringside bin/ringside-window | sed -n 's/.*=> \(.*\) (.*/\1/p' |
    grep -v "^$top/" | grep -Ev '/(lib(c|m|dl|rt|pthread|resolv)\.so[.0-9]*)$' || true)
check "$libraries" "" "libraries from elsewhere"

answer=$(env -i "$top/bin/ringside" exec share/ringside/user/sh -c 'echo $((6 * 7)); ls /bin/ls' \
    </dev/null)
check "$answer" "42
/bin/ls" "a shell command under exec"

printf '%s\n' '@wait # ' 'echo answer $((6 * 7)); poweroff' >typed
answer=$(env -i "$top/bin/ringside" --headless --append autologin=1 --input typed |
    tr -d '\r' | grep -c '^answer 42$')
check "$answer" 1 "a boot from the disk, a command on its console"

cat >hello.c <<'C'
#include <stdio.h>
int main(void)
{
    puts("hello");
    return 0;
}
C
"$top/bin/ringside-cc" -o hello hello.c
printf '%s\n' 'ringside-grade 1' 'program hello' 'check 2 output is "hello\n"' \
    'check no event: syscall write if $ecx == 0' >hello.grade
status=0
env -i "$top/bin/ringside" grade hello.grade >text || status=$?
check "$status" 0 "a program compiled and graded there: $(cat text)"

# the same as a package of the distribution: places from the root on, and it runs
if command -v dpkg-shlibdeps >/dev/null 2>&1; then
    "$cpack" --config "$build/CPackConfig.cmake" -G DEB -B "$work/deb" >"$work/log" 2>&1 ||
        check "$(cat "$work/log")" "" "cpack -G DEB"
    dpkg -x "$work"/deb/*.deb "$work/root"
    check "$(ls "$work/root")" usr "folders of the .deb"
    check "$(env -i "$work/root/usr/bin/ringside" exec share/ringside/user/sh -c 'echo $((6 * 7))' \
        </dev/null)" 42 "a shell command by the .deb's program"
    dpkg -I "$work"/deb/*.deb | grep -q '^ Depends: .*libsdl2-2.0-0' ||
        check "$(dpkg -I "$work"/deb/*.deb)" "" "SDL2 is no dependency of the .deb"
fi

# the manual page: every option, and nothing that troff complains about
options=$("$top/bin/ringside" --help | grep -v 'not in this version' |
    sed -n 's/^  \(--*[a-z][a-z-]*\) .*/\1/p' | sort -u)
for option in $options; do
    name=$(printf '%s' "$option" | sed 's/-/\\\\-/g')
    grep -q "$name" share/man/man1/ringside.1 || check "$option" "" "not in the manual page"
done
if command -v groff >/dev/null 2>&1; then
    check "$(groff -man -Tascii -ww share/man/man1/ringside.1 2>&1 >/dev/null)" "" "groff"
fi

# completion in bash
complete() {
    bash -c '. share/bash-completion/completions/ringside
        COMP_WORDS=(ringside "$@"); COMP_CWORD=$#; _ringside; printf "%s " "${COMPREPLY[@]}"' \
        bash "$@"
}
check "$(complete --timing i)" "i486 i386 " "values of --timing"
check "$(complete --hea)" "--headless " "an option"
check "$(complete gra)" "grade " "a command"
check "$(complete --disk hello.g)" "hello.grade " "a file"
if command -v zsh >/dev/null 2>&1; then
    zsh -n share/zsh/vendor-completions/_ringside || check zsh "" "syntax of the completion"
fi
[ "$failed" = 0 ] && echo "all as expected"
exit "$failed"
