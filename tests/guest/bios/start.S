/* Boot sector of the BIOS tests: reads the sectors behind it by cylinder, head and sector and calls
 * main(drive); also interrupts as C functions. SPDX-License-Identifier: MIT */
        .code16
        .section .sector, "ax"
        .globl  start
start:
        ljmp    $0, $1f
1:      xorw    %ax, %ax
        movw    %ax, %ss
        movl    $0x7C00, %esp
        movw    %ax, %ds
        movw    %ax, %es
        cld
        sti
        movw    $0x0200, %ax
        orw     $program_sectors, %ax
        movw    $0x0002, %cx            /* cylinder 0, sector 2 */
        movb    $0, %dh
        movw    $0x7E00, %bx
        int     $0x13
        jc      2f
        movzbl  %dl, %eax
        calll   main
2:      movw    $failed, %si            /* main does not return */
3:      lodsb
        movb    $0x0E, %ah
        int     $0x10
        movw    $0x3F8, %dx
        outb    %al, %dx
        testb   %al, %al
        jnz     3b
4:      hlt
        jmp     4b
failed:
        .asciz  "bios: the boot sector can not read the program\r\n"
        .org    start + 510
        .word   0xAA55

/* interrupt(vector, struct registers *): registers in, INT, registers out; DS = 0. */
        .text
        .globl  interrupt
        .type   interrupt, @function
interrupt:
        pushal
        movb    %al, vector
        pushl   %edx
        movl    %edx, %ebx
        movl    (%ebx), %eax
        movl    8(%ebx), %ecx
        movl    12(%ebx), %edx
        movl    16(%ebx), %esi
        movl    20(%ebx), %edi
        movl    24(%ebx), %ebp
        movw    28(%ebx), %es
        movl    4(%ebx), %ebx
        jmp     1f                      /* the byte below was just written */
1:      .byte   0xCD                    /* INT vector */
vector: .byte   0
        pushfl
        pushl   %ebx
        movl    8(%esp), %ebx
        movl    %eax, (%ebx)
        movl    %ecx, 8(%ebx)
        movl    %edx, 12(%ebx)
        movl    %esi, 16(%ebx)
        movl    %edi, 20(%ebx)
        movl    %ebp, 24(%ebx)
        movw    %es, 28(%ebx)
        popl    4(%ebx)
        popl    32(%ebx)
        addl    $4, %esp
        xorw    %ax, %ax
        movw    %ax, %ds
        movw    %ax, %es
        cld
        popal
        retl
        .size   interrupt, . - interrupt

/* The test's own INT 1Ch. */
        .globl  user_tick
        .type   user_tick, @function
user_tick:
        incw    %cs:user_ticks
        iret
        .size   user_tick, . - user_tick

        .data
        .globl  user_ticks
user_ticks:
        .word   0
        .section .note.GNU-stack, "", @progbits
