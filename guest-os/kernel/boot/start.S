/* The kernel's first instructions: entered by a multiboot loader in 32-bit protected mode, paging
 * off, interrupts off, EAX = loader's magic, EBX = physical address of its information block.
 * They make the memory the kernel is linked for: everything up to 16 MiB appears at 3 GiB too.
 * The segments are still the loader's; descriptors.c replaces them.
 * SPDX-License-Identifier: MIT */
#define KERNEL_BASE  0xC0000000
#define FIRST_TABLES 4                  /* page tables, 4 MiB each: the memory mapped at first */
#define CR0_PG_WP    0x80010000         /* paging; read-only pages hold for the kernel too */
#define HEADER_MAGIC 0x1BADB002
#define HEADER_FLAGS 0x00000003         /* modules on page boundaries; tell the memory's size */

        .section .multiboot, "a"
        .balign 4
        .long   HEADER_MAGIC, HEADER_FLAGS, -(HEADER_MAGIC + HEADER_FLAGS)

        .section .boot, "ax"
        .globl  _start
        .type   _start, @function
_start:
        cld
        movl    %eax, %esi              /* kept through the loops below */

        /* Entry n of the tables maps physical page n: present, writable, kernel only. */
        movl    $(first_tables - KERNEL_BASE), %edi
        movl    $0x003, %eax
1:      movl    %eax, (%edi)
        addl    $4, %edi
        addl    $0x1000, %eax
        cmpl    $(FIRST_TABLES * 0x400000), %eax
        jb      1b

        /* The tables stand in the directory twice: at 0, where EIP still is, and at 3 GiB. */
        movl    $(kernel_directory - KERNEL_BASE), %edi
        movl    $(first_tables - KERNEL_BASE + 0x003), %eax
        movl    $FIRST_TABLES, %ecx
2:      movl    %eax, (%edi)
        movl    %eax, KERNEL_BASE >> 20 (%edi)
        addl    $4, %edi
        addl    $0x1000, %eax
        decl    %ecx
        jnz     2b

        movl    $(kernel_directory - KERNEL_BASE), %eax
        movl    %eax, %cr3
        movl    %cr0, %eax
        orl     $CR0_PG_WP, %eax
        movl    %eax, %cr0
        movl    $high, %eax
        jmp     *%eax                   /* from the low alias to the linked address */
        .size   _start, . - _start

        .text
        .type   high, @function
high:
        movl    $boot_stack_top, %esp
        xorl    %ebp, %ebp              /* end of the chain for stack traces */
        pushl   %ebx
        pushl   %esi
        call    kernel_main             /* (magic, information); does not return */
3:      hlt
        jmp     3b
        .size   high, . - high

        .section .bss
        .balign 4096
        .globl  kernel_directory
kernel_directory:
        .skip   4096
first_tables:
        .skip   4096 * FIRST_TABLES
        .globl  boot_stack, boot_stack_top
boot_stack:
        .skip   8192
boot_stack_top:
        .section .note.GNU-stack, "", @progbits
