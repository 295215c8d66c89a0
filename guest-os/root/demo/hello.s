# Says hello and ends with status 7: two system calls. Built by /demo/build.sh.
# SPDX-License-Identifier: MIT
        .text
        .globl _start
_start: movl    $4, %eax                # write
        movl    $1, %ebx                # to the standard output
        movl    $text, %ecx
        movl    $length, %edx
        int     $0x80
        movl    $1, %eax                # exit
        movl    $7, %ebx
        int     $0x80
        .data
text:   .ascii  "hello, built here\n"
length = . - text
