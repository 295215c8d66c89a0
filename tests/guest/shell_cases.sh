# Run by the shell of the guest and by the one of the host; both must say the same.
# SPDX-License-Identifier: MIT
echo hello "a  b" 'c $x' d\ e
x=5; echo $x "$x" '$x' ${x}y ${#x} ${nope:-default} ${x:+set} $((x * 3 + (2 - 1) % 4))
for i in 1 2 3; do echo -n "$i "; done; echo
i=0; while [ $i -lt 3 ]; do i=$((i+1)); [ $i = 2 ] && continue; echo w$i; done
case foo.c in *.h) echo header;; *.c|*.cc) echo source;; esac
if false; then echo no; elif true; then echo elif; else echo else; fi
f() { echo "f got $# args: $1 $2"; return 3; }
f a "b c"; echo status $?
echo one two three | wc -w
echo a b | { read p q; echo "$q $p"; }
cat <<EOT
x is $x
EOT
cat <<'EOT'
x is $x
EOT
set -- a "b c" d; for w in "$@"; do echo "<$w>"; done; for w in $*; do echo "[$w]"; done
f=/usr/lib/foo.tar.gz; echo ${f##*/} ${f%.*} ${f%%.*} ${f#*/}
echo `echo back`; ! true; echo $?
true && echo and || echo or; false && echo and || echo or
sleep 0 & wait $!; echo waited $?
echo /b[i]n /et* "/b*"; echo $((1<2 && 3==3)) $((-7/2)) $((0x10))
until true; do :; done; x="a   b"; echo $x; echo "$x"
A=1 env | grep ^A=; unset A; echo "[$A]"
for i in 1 2 3 4; do for j in 1 2; do [ $i = 3 ] && break 2; echo $i$j; done; done
fact() { if [ $1 -le 1 ]; then echo 1; else echo $(( $1 * $(fact $(($1-1))) )); fi; }; fact 6
nosuchcmd 2>/dev/null; echo $?
echo err >&2 2>/dev/null; echo both >/dev/null 2>&1
echo $((1<2 && 3==3)) $((-7/2)) $((0x10)) "$(echo a; echo b)"
