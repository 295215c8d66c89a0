/* The first instructions of every program. The kernel has put argc, argv and envp on the stack; EBP
 * is set to 0 so that a debugger sees the end of the chain of calls. SPDX-License-Identifier: MIT */
        .text
        .globl  _start
        .type   _start, @function
_start:
        xorl    %ebp, %ebp
        movl    %esp, %eax
        andl    $-16, %esp
        subl    $12, %esp
        pushl   %eax                    /* start_program(address of argc) */
        call    start_program
        hlt                             /* not reached; privileged, so it would be seen */
        .size   _start, . - _start
        .section .note.GNU-stack, "", @progbits
