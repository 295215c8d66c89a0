#!/bin/sh
# as.sh RINGSIDE FOLDER: the guest's assembler, judged by the host's: the bytes and addresses of
# as_cases.s, and what wrong lines lead to; then /demo/build.sh in the guest. Status 0 as expected,
# 1 not, 77 not possible here. SPDX-License-Identifier: MIT
set -u

ringside=$1
ours=$2/user/as
cases=$(cd "$(dirname "$0")" && pwd)/as_cases.s
if ! "$2/user/true" || ! echo nop | as --32 -o /dev/null 2>/dev/null ||
    ! ld --help | grep -q elf_i386; then
    echo "skipped: binutils for the i386 and a host that runs 32-bit programs are needed"
    exit 77
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 2
failed=0

"$ours" -o ours "$cases" || exit 1
cat >script <<'END'
SECTIONS {
 . = 0x10054;
 .text : SUBALIGN(1) { *(.text) }
 .data . : SUBALIGN(1) { *(.data) }
 .bss . : SUBALIGN(1) { *(.bss) }
}
END
as --32 -o host.o "$cases" && ld -m elf_i386 -T script -o host.elf host.o 2>/dev/null || exit 1
objcopy -O binary -j .text -j .data host.elf host.bin
tail -c +85 ours >ours.bin
if ! cmp host.bin ours.bin; then
    objdump -D -b binary -m i386 --adjust-vma=0x10054 host.bin >host.txt
    objdump -D -b binary -m i386 --adjust-vma=0x10054 ours.bin >ours.txt
    diff host.txt ours.txt | head -20
    failed=1
fi
if ! readelf -lh ours >headers 2>&1 || ! grep -q 'Entry point.*0x10054$' headers ||
    ! grep -Eq 'LOAD +0x000000 0x00010000 0x00010000 .* RWE' headers ||
    grep -qi warning headers; then
    cat headers
    failed=1
fi
# one clear line for what is wrong
while IFS='|' read -r line words; do
    printf '%b\n' "$line" >wrong.s
    if "$ours" -o none wrong.s 2>said || ! grep -q "^as: wrong.s:1: $words" said ||
        [ "$(wc -l <said)" != 1 ]; then
        echo "$line: $(cat said)"
        failed=1
    fi
done <<'END'
movl $nowhere, %eax|unknown name: nowhere
frob %eax|no such instruction, or not with these operands: frob
movl (%eax), (%ebx)|no such instruction, or not with these operands: movl
movl $1, %foo|no such register: foo
movl $, %eax|a value is missing at
movl 4(%eax, %ebx|this is no address
.frob 1|no such directive: .frob
.asciz word|a text is missing at
END
"$ours" /nofile 2>/dev/null && failed=1
printf '@wait ~ # \nsh /demo/build.sh\n@wait ~ # \npoweroff\n' >keys
"$ringside" --headless --input keys --debugcon /dev/null >guest 2>&1
for words in 'hello, built here' 'its exit status: 7' 'build.sh: all as expected'; do
    if ! grep -q "$words" guest; then
        echo "the guest did not say: $words"
        cat guest
        failed=1
        break
    fi
done
exit $failed
