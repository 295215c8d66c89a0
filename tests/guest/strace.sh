#!/bin/sh
# strace.sh RINGSIDE FOLDER: the guest's strace against the host's, both on the host's own Linux and
# of the same programs of build folder FOLDER; then in the guest, of several processes and with
# either kind of memory. Addresses, process numbers and times are taken out. Status 0 the same, 1
# not, 77 not possible here. SPDX-License-Identifier: MIT
set -u

ringside=$1
programs=$2/user
if ! strace -o /dev/null "$programs/true" 2>/dev/null || ! "$programs/true"; then
    echo "skipped: strace and a host that runs 32-bit programs are needed"
    exit 77
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failed=0
count=0

plain() {
    sed -E -e '/runs in 32 bit mode/d' -e '/^--- SIGCHLD/d' \
        -e 's/0x[0-9a-f]{4,}/PTR/g' -e 's/si_pid=[0-9]+/si_pid=N/' \
        -e 's/^[0-9]+ +/PID /' -e 's/(fork|getpid|getppid)\(\)( +)= [0-9]+/\1() = N/' \
        -e 's/, si_utime=.*\}/}/' -e 's/(kill|waitpid)\([0-9]+,/\1(N,/' \
        -e 's/^(.*(waitpid|wait4).*[^ ]) += [0-9]+$/\1 = N/' "$1"
}

same() {
    "$programs/strace" -o "$work/ours" "$@" >"$work/out" 2>&1 </dev/null
    echo "status $?" >>"$work/ours"
    strace -o "$work/theirs" "$@" >"$work/out" 2>&1 </dev/null
    echo "status $?" >>"$work/theirs"
    plain "$work/ours" >"$work/ours.plain"
    plain "$work/theirs" >"$work/theirs.plain"
    count=$((count + 1))
    if ! diff "$work/theirs.plain" "$work/ours.plain" >"$work/diff"; then
        echo "strace $*: the host's and ours differ"
        cat "$work/diff"
        failed=$((failed + 1))
    fi
}

calls=execve,getpid,close,open,dup,dup2,kill,pipe,waitpid,write,exit_group,exit,fork,unlink
calls=$calls,mkdir,rmdir,lseek,umask,chdir,getppid,chmod,read
same -e trace=$calls "$programs/echo" hello 'a "quoted"	word'
same -e trace=$calls "$programs/cat" "$0" /nofile /
same -e trace=$calls "$programs/mkdir" "$work/nofolder/x"
same -e trace=$calls "$programs/chmod" 640 "$work/nofile"
same -e trace=$calls "$programs/divzero"
same -e trace=$calls "$programs/sh" -c "kill -USR1 \$\$"
same -e trace=$calls "$programs/sh" -c \
    "cd /; umask 27; trap 'echo caught' TERM; kill -TERM \$\$; exit 3"
same -e trace=fork,waitpid,execve,exit_group "$programs/sh" -c "$programs/false; exit 4"
# two processes: each one's lines in their order
for which in strace "$programs/strace"; do
    "$which" -f -o "$work/lines" -e trace=execve,exit_group "$programs/time" \
        "$programs/true" 2>/dev/null
    plain "$work/lines" | sed -e 's/<unfinished.*//' -e '/resumed/d' -e '/SIGCHLD/d' \
        -e 's/ *= 0$//' -e 's/ *$//' -e 's/)$//' |
        sort >"$work/$(basename "$which").$([ "$which" = strace ] && echo host || echo ours)"
done
if ! diff "$work/strace.host" "$work/strace.ours"; then
    echo "strace -f differs"
    failed=$((failed + 1))
fi
# in the guest
for mode in paged base-bound; do
    {
        printf '@wait ~ # \nstrace -f -e trace=fork,execve,exit_group,waitpid '
        printf "sh -c '/bin/true; exit 5'; echo status \$?\n@wait ~ # \n"
        printf 'strace -c echo 2>&1 | grep -c write\n@wait ~ # \npoweroff\n'
    } >"$work/keys"
    "$ringside" --headless --append "mmu=$mode" --input "$work/keys" --debugcon /dev/null \
        >"$work/guest" 2>&1
    for words in 'strace: Process [0-9]+ attached' 'execve\("/bin/true", \["/bin/true"\], ' \
        'WIFEXITED\(s\) && WEXITSTATUS\(s\) == 0' '\+\+\+ exited with 0 \+\+\+' \
        'exit_group\(5\) += \?' \
        '\+\+\+ exited with 5 \+\+\+' 'status 5' '^1'; do
        if ! grep -Eq "$words" "$work/guest"; then
            echo "mmu=$mode: the guest's strace did not say: $words"
            cat "$work/guest"
            failed=$((failed + 1))
            break
        fi
    done
done
echo "$count traces, $failed differences"
[ $failed -eq 0 ] && [ $count -eq 8 ]
