/* setjmp and longjmp: keep the registers that a function must preserve, and bring them back.
 * Layout of the buffer: EBX, ESI, EDI, EBP, ESP, EIP. See: C11 7.13, System V ABI i386 2.2.
 * SPDX-License-Identifier: MIT */
        .text
        .globl  setjmp
        .type   setjmp, @function
setjmp:                                 /* int setjmp(jmp_buf buffer) */
        movl    4(%esp), %eax
        movl    %ebx, (%eax)
        movl    %esi, 4(%eax)
        movl    %edi, 8(%eax)
        movl    %ebp, 12(%eax)
        leal    4(%esp), %ecx           /* ESP after the return */
        movl    %ecx, 16(%eax)
        movl    (%esp), %ecx            /* where this call returns to */
        movl    %ecx, 20(%eax)
        xorl    %eax, %eax
        ret
        .size   setjmp, . - setjmp

        .globl  longjmp
        .type   longjmp, @function
longjmp:                                /* void longjmp(jmp_buf buffer, int value) */
        movl    4(%esp), %edx
        movl    8(%esp), %eax
        testl   %eax, %eax
        jnz     1f
        incl    %eax                    /* setjmp does not return 0 twice */
1:      movl    (%edx), %ebx
        movl    4(%edx), %esi
        movl    8(%edx), %edi
        movl    12(%edx), %ebp
        movl    16(%edx), %esp
        jmp     *20(%edx)
        .size   longjmp, . - longjmp
        .section .note.GNU-stack, "", @progbits
