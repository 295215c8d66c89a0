/* Entry and interrupt stubs of the APIC guest: each calls interrupt(vector).
 * SPDX-License-Identifier: MIT */
    .section .multiboot, "a"
    .align 4
    .long 0x1BADB002, 0, -0x1BADB002

    .text
    .globl _start
_start:
    cli
    lgdt table
    ljmp $8, $2f
2:  mov $16, %eax
    mov %eax, %ds
    mov %eax, %es
    mov %eax, %ss
    mov $stack_top, %esp
    call guest_main
1:  hlt
    jmp 1b

    .align 8
gdt:
    .quad 0, 0x00CF9B000000FFFF, 0x00CF93000000FFFF
table:
    .word 23
    .long gdt

    .globl stubs
    .align 8
stubs:
    .set vector, 0
    .rept 256
    .align 8
    push $vector
    jmp common
    .set vector, vector + 1
    .endr

common:
    pusha
    pushl 32(%esp)
    call interrupt
    add $4, %esp
    popa
    add $4, %esp
    iret

    .bss
    .align 16
    .skip 8192
stack_top:
    .section .note.GNU-stack, "", @progbits
