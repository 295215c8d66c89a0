/* int32_t user_copy(void *to, const void *from, size_t bytes): the only instructions of the kernel
 * that may fault on a program's address. trap.c mends the fault (demand zero, copy on write) or goes
 * on at user_copy_failed. CR0.WP makes read-only user pages hold for the kernel too.
 * Interrupts may be on. SPDX-License-Identifier: MIT */
#define EFAULT 14

        .text
        .globl  user_copy, user_copy_first, user_copy_end, user_copy_failed
        .type   user_copy, @function
user_copy:
        pushl   %ebp
        movl    %esp, %ebp
        pushl   %esi
        pushl   %edi
        movl    8(%ebp), %edi
        movl    12(%ebp), %esi
        movl    16(%ebp), %ecx
        shrl    $2, %ecx
user_copy_first:
        rep movsl
        movl    16(%ebp), %ecx
        andl    $3, %ecx
        rep movsb
user_copy_end:
        xorl    %eax, %eax
        jmp     1f
user_copy_failed:
        movl    $-EFAULT, %eax
1:      popl    %edi
        popl    %esi
        popl    %ebp
        ret
        .size   user_copy, . - user_copy
        .section .note.GNU-stack, "", @progbits
