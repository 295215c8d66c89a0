/* Into a test, and the way out of every one: an exception or INT 81h through a task gate, whose
 * task goes on as the main program. SPDX-License-Identifier: MIT */
#include "layout.h"

    .section .multiboot, "a"
    .align 4
    .long 0x1BADB002, 0, -0x1BADB002

    .text
    .globl _start
_start:
    cli
    cld
    mov $main_stack_top, %esp
    call guest_main
1:  hlt
    jmp 1b

/* start_frame: EDI ESI EBP - EBX EDX ECX EAX, EIP CS EFLAGS ESP SS; the data segments are set */
    .globl enter_test
enter_test:
    mov $start_frame, %esp
    popa
    iret

landed:
    pushl $2
    popf                            /* NT */
    mov %esp, %ecx
    mov $main_stack_top, %esp
    push %ecx
    push %eax
    call test_ended
1:  hlt
    jmp 1b

    .altmacro
    .macro stub vector
stub\vector:
    mov $\vector, %eax
    jmp landed
    .endm
    .macro reference vector
    .long stub\vector
    .endm
    .set i, 0
    .rept 18
    stub %i
    .set i, i + 1
    .endr
    stub 129

    .data
    .globl stubs
stubs:
    .set i, 0
    .rept 18
    reference %i
    .set i, i + 1
    .endr
    reference 129

    .bss
    .space 16384
main_stack_top:

    .section .note.GNU-stack, "", @progbits
