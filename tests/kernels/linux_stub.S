/* Multiboot entry in front of an unpacked Linux kernel: what the 32-bit boot protocol wants, then
 * on to its entry. bench_debian.py puts zero page, kernel and initial disk beside it.
 * See: Linux kernel documentation, "The Linux/x86 Boot Protocol", 32-bit boot protocol.
 * SPDX-License-Identifier: MIT */
    .text
    .long 0x1BADB002, 0, -0x1BADB002
    .globl _start
_start:
    cli
    lgdt table
    ljmp $0x10, $1f
1:  mov $0x18, %eax
    mov %eax, %ds
    mov %eax, %es
    mov %eax, %ss
    xor %ebp, %ebp
    xor %edi, %edi
    xor %ebx, %ebx
    mov $ZERO_PAGE, %esi
    mov $KERNEL_ENTRY, %eax
    jmp *%eax
    .align 8
gdt:
    .quad 0, 0, 0x00CF9B000000FFFF, 0x00CF93000000FFFF
table:
    .word 31
    .long gdt
    .section .note.GNU-stack, "", @progbits
