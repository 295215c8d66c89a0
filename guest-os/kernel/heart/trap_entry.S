/* The entry points of the interrupt vector, and the way back. Each stub makes the stack look the
 * same (struct trap_frame in trap.h), whatever came: interrupt, exception or system call.
 *
 * On entry the CPU has taken SS:ESP from the TSS if it was in user mode, pushed SS, ESP, EFLAGS, CS,
 * EIP (the last three only, if it was in the kernel already), for some vectors an error code, and
 * cleared IF, because all gates are interrupt gates. SPDX-License-Identifier: MIT */
#define KERNEL_DATA 0x10

        .text

/* A vector for which the CPU pushes no error code: push 0 in its place. */
        .macro  VECTOR number, name
        .globl  vector_\name
        .type   vector_\name, @function
vector_\name:
        pushl   $0
        pushl   $\number
        jmp     trap_entry
        .size   vector_\name, . - vector_\name
        .endm

/* A vector for which the CPU has pushed an error code. */
        .macro  VECTOR_WITH_CODE number, name
        .globl  vector_\name
        .type   vector_\name, @function
vector_\name:
        pushl   $\number
        jmp     trap_entry
        .size   vector_\name, . - vector_\name
        .endm

        VECTOR            0, divide_error
        VECTOR            1, debug
        VECTOR            2, nmi
        VECTOR            3, breakpoint
        VECTOR            4, overflow
        VECTOR            5, bound
        VECTOR            6, invalid_opcode
        VECTOR            7, no_x87
        VECTOR_WITH_CODE  8, double_fault
        VECTOR            9, x87_overrun
        VECTOR_WITH_CODE 10, invalid_tss
        VECTOR_WITH_CODE 11, not_present
        VECTOR_WITH_CODE 12, stack_fault
        VECTOR_WITH_CODE 13, general_protection
        VECTOR_WITH_CODE 14, page_fault
        VECTOR           15, reserved
        VECTOR           16, x87_error
        VECTOR_WITH_CODE 17, alignment_check
        VECTOR           18, machine_check
        VECTOR           32, irq0_timer
        VECTOR           33, irq1_keyboard
        VECTOR           34, irq2
        VECTOR           35, irq3
        VECTOR           36, irq4_com1
        VECTOR           37, irq5
        VECTOR           38, irq6
        VECTOR           39, irq7
        VECTOR           40, irq8
        VECTOR           41, irq9
        VECTOR           42, irq10
        VECTOR           43, irq11
        VECTOR           44, irq12
        VECTOR           45, irq13
        VECTOR           46, irq14
        VECTOR           47, irq15
        VECTOR         0x80, system_call
        VECTOR          255, unused

/* The rest of the frame, the kernel's data segments, and on to C: trap(frame). */
        .globl  trap_entry
        .type   trap_entry, @function
trap_entry:
        pushl   %ds
        pushl   %es
        pushl   %fs
        pushl   %gs
        pushal
        movl    $KERNEL_DATA, %eax
        movl    %eax, %ds
        movl    %eax, %es
        cld
        pushl   %esp
        call    trap
        addl    $4, %esp
        .size   trap_entry, . - trap_entry

        jmp     trap_return

        .globl  trap_begin
        .type   trap_begin, @function
trap_begin:
        pushl   %esp
        call    trap_leave
        addl    $4, %esp
        .size   trap_begin, . - trap_begin

/* Interrupts are off. A new process starts here too, with a frame made by hand. */
        .globl  trap_return
        .type   trap_return, @function
trap_return:
        popal
        popl    %gs
        popl    %fs
        popl    %es
        popl    %ds
        addl    $8, %esp                /* vector and error code */
        iret
        .size   trap_return, . - trap_return

/* The table for the IDT, in the order of the vectors: 0..18, 32..47. */
        .section .rodata
        .balign 4
        .globl  vector_table
vector_table:
        .long   vector_divide_error, vector_debug, vector_nmi, vector_breakpoint
        .long   vector_overflow, vector_bound, vector_invalid_opcode, vector_no_x87
        .long   vector_double_fault, vector_x87_overrun, vector_invalid_tss, vector_not_present
        .long   vector_stack_fault, vector_general_protection, vector_page_fault, vector_reserved
        .long   vector_x87_error, vector_alignment_check, vector_machine_check
        .rept   13
        .long   vector_unused
        .endr
        .long   vector_irq0_timer, vector_irq1_keyboard, vector_irq2, vector_irq3
        .long   vector_irq4_com1, vector_irq5, vector_irq6, vector_irq7
        .long   vector_irq8, vector_irq9, vector_irq10, vector_irq11
        .long   vector_irq12, vector_irq13, vector_irq14, vector_irq15
        .section .note.GNU-stack, "", @progbits
