/* Bench guests: multiboot entry, interrupt stubs, ring changes.
 * See: Multiboot Specification 0.6.96, 3.1; 80386 PRM 9.6.
 * SPDX-License-Identifier: MIT */
        .section .multiboot, "ax"
        .align  4
        .long   0x1BADB002
        .long   0x00000003
        .long   -(0x1BADB002 + 0x00000003)

        .text
        .globl  _start
_start:
        cli
        cld
        movl    $boot_stack_top, %esp
        pushl   $0
        popfl
        pushl   %ebx                    /* multiboot info */
        pushl   %eax                    /* multiboot magic */
        call    kmain
1:      cli
        hlt
        jmp     1b

        /* void load_gdt(const void *gdtr): load it and reload every segment */
        .globl  load_gdt
load_gdt:
        movl    4(%esp), %eax
        lgdt    (%eax)
        ljmp    $0x08, $1f
1:      movl    $0x10, %eax
        movl    %eax, %ds
        movl    %eax, %es
        movl    %eax, %fs
        movl    %eax, %gs
        movl    %eax, %ss
        ret

        /* int 0x80: eax = number, ebx = argument, result in eax */
        .globl  isr_syscall
isr_syscall:
        pushl   $0
        pushl   $0x80
        jmp     isr_common

        .globl  isr_irq0
isr_irq0:
        pushl   $0
        pushl   $0x20
        jmp     isr_common

        .globl  isr_pagefault
isr_pagefault:
        pushl   $14                     /* the CPU pushed an error code */
        jmp     isr_common

        .globl  isr_other
isr_other:
        pushl   $0
        pushl   $0xff
        jmp     isr_common

        .globl  isr_spurious
isr_spurious:
        iret

isr_common:
        pushal
        pushl   %ds
        pushl   %es
        movl    $0x10, %eax
        movl    %eax, %ds
        movl    %eax, %es
        cld
        pushl   %esp
        call    isr_dispatch
        addl    $4, %esp
        popl    %es
        popl    %ds
        popal
        addl    $8, %esp
        iret

        /* void enter_user(void (*eip)(void), void *esp): to ring 3; comes back
           through leave_user() */
        .globl  enter_user
enter_user:
        movl    4(%esp), %eax
        movl    8(%esp), %edx
        pushal
        movl    %esp, kernel_resume_esp
        movl    $0x23, %ecx
        movl    %ecx, %ds
        movl    %ecx, %es
        pushl   $0x23
        pushl   %edx
        pushl   $0x202                  /* IF set */
        pushl   $0x1b
        pushl   %eax
        iret

        /* void leave_user(void): from a handler, back to enter_user's caller */
        .globl  leave_user
leave_user:
        cli
        movl    $0x10, %eax
        movl    %eax, %ds
        movl    %eax, %es
        movl    kernel_resume_esp, %esp
        popal
        ret

        .bss
        .align  16
        .globl  kernel_resume_esp
kernel_resume_esp:
        .skip   16
        .skip   32768
boot_stack_top:
        .globl  trap_stack_top
        .skip   16384
trap_stack_top:
        .section .note.GNU-stack,"",@progbits
