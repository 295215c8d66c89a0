/* int clone(int (*function)(void *), void *stack, unsigned flags, void *argument). The child begins
 * with an empty stack, so what it needs is put there before the trap; it never returns from here.
 * SPDX-License-Identifier: MIT */
        .text
        .globl  clone
        .type   clone, @function
clone:
        pushl   %ebx
        pushl   %esi
        pushl   %edi
        movl    20(%esp), %ecx          /* stack */
        andl    $-16, %ecx
        subl    $16, %ecx
        movl    16(%esp), %eax
        movl    %eax, 4(%ecx)           /* function, popped by the child */
        movl    28(%esp), %eax
        movl    %eax, 8(%ecx)           /* its argument */
        addl    $4, %ecx
        movl    24(%esp), %ebx          /* flags */
        xorl    %edx, %edx
        xorl    %esi, %esi
        xorl    %edi, %edi
        movl    $120, %eax              /* clone */
        int     $0x80
        testl   %eax, %eax
        jz      1f
        popl    %edi
        popl    %esi
        popl    %ebx
        cmpl    $-4095, %eax            /* an error? */
        jb      2f
        negl    %eax
        movl    %eax, errno
        movl    $-1, %eax
2:      ret
1:      xorl    %ebp, %ebp              /* the child: the end of the chain of calls */
        popl    %eax                    /* function; the argument is on top now */
        call    *%eax
        movl    %eax, %ebx
        movl    $1, %eax                /* exit, of this thread alone */
        int     $0x80
        hlt
        .size   clone, . - clone
        .section .note.GNU-stack, "", @progbits
