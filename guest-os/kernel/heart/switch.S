/* void switch_stacks(uint32_t *old_esp, uint32_t new_esp): leave one kernel stack, go on on another.
 * The registers that a C function may expect to keep go to the old stack; the rest are the compiler's.
 * It returns to whoever called it with the new stack, some time ago. Interrupts are off.
 * SPDX-License-Identifier: MIT */
        .text
        .globl  switch_stacks
        .type   switch_stacks, @function
switch_stacks:
        movl    4(%esp), %eax
        movl    8(%esp), %edx
        pushl   %ebp
        pushl   %ebx
        pushl   %esi
        pushl   %edi
        movl    %esp, (%eax)
        movl    %edx, %esp
        popl    %edi
        popl    %esi
        popl    %ebx
        popl    %ebp
        ret
        .size   switch_stacks, . - switch_stacks
        .section .note.GNU-stack, "", @progbits
