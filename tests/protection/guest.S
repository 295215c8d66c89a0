/* Entry, the two ways into a test, and the one way back: every trap lands in `common`, which
 * leaves its frame where it is, notes where, and returns to the caller of run_ring0/3.
 * SPDX-License-Identifier: MIT */
#include "layout.h"

    .section .multiboot, "a"
    .align 4
    .long 0x1BADB002, 0, -0x1BADB002

    .text
    .globl _start
_start:
    cli
    mov $boot_stack_top, %esp
    call guest_main
1:  hlt
    jmp 1b

    .globl run_ring0, run_ring3
run_ring0:
    pusha
    mov %esp, saved_esp
    mov $RING0_TEST_STACK, %esp
    mov $MARK, %ebx
    pushl start_flags
    popf
    mov $TEST_CODE, %ecx
    jmp *%ecx

run_ring3:
    pusha
    mov %esp, saved_esp
    mov $MARK, %ebx
    mov $USER_DATA, %eax
    mov %eax, %ds
    mov %eax, %es
    mov %eax, %fs
    mov %eax, %gs
    pushl $USER_DATA
    pushl $RING3_TEST_STACK
    pushl %cs:start_flags
    pushl $USER_CODE
    pushl $TEST_CODE
    iret

/* gs fs es ds ss | edi esi ebp esp ebx edx ecx eax | vector error eip cs eflags [esp ss] */
common:
    pusha
    mov %ss, %eax
    push %eax
    push %ds
    push %es
    push %fs
    push %gs
    mov $KERNEL_DATA, %eax
    mov %eax, %ds
    mov %eax, %es
    mov %eax, %fs
    mov %eax, %gs
    mov %esp, %ecx
    and $0xFFFF, %ecx               /* SS may be a 16-bit one */
    mov %eax, %ss
    mov saved_esp, %esp
    mov %ecx, frame_at
    popa
    ret

    .altmacro
    .macro stub vector
stub\vector:
    .if (\vector != 8) && ((\vector < 10) || (\vector > 14)) && (\vector != 17)
    pushl $0
    .endif
    pushl $\vector
    jmp common
    .endm
    .macro reference vector
    .long stub\vector
    .endm
    .set i, 0
    .rept 32
    stub %i
    .set i, i + 1
    .endr
    stub 129

    .data
    .globl stubs, saved_esp, frame_at, start_flags
stubs:
    .set i, 0
    .rept 32
    reference %i
    .set i, i + 1
    .endr
    reference 129
saved_esp:
    .long 0
frame_at:
    .long 0
start_flags:
    .long 2

    .bss
    .space 16384
boot_stack_top:

    .section .note.GNU-stack, "", @progbits
