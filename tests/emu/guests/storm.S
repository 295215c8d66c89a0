/* A storm of interrupts over everything that can be cut or delayed: REP instructions, HLT, IRET,
 * STI and MOV SS shadows, divisions by zero, software interrupts, echo of COM1. It never ends.
 * The timer runs at about 11 kHz; the handler counts and answers the controllers.
 * SPDX-License-Identifier: MIT */
        .set    PIT_COUNT, 108
        .set    PLACE, 0x140000

        .section .multiboot, "ax"
        .align  4
        .long   0x1BADB002, 0, -0x1BADB002

        .text
        .globl  _start
_start:
        cli
        cld
        lgdt    gdt_pointer
        ljmp    $0x08, $1f
1:      movl    $0x10, %eax
        movl    %eax, %ds
        movl    %eax, %es
        movl    %eax, %ss
        movl    $stack_top, %esp

        /* all gates to ignore, then the ones in use */
        movl    $idt, %edi
        movl    $256, %ecx
        movl    $ignore, %eax
2:      call    set_gate
        addl    $8, %edi
        loop    2b
        movl    $idt, %edi
        movl    $divide, %eax
        call    set_gate
        movl    $idt + 0x20 * 8, %edi
        movl    $timer, %eax
        call    set_gate
        movl    $idt + 0x24 * 8, %edi
        movl    $serial, %eax
        call    set_gate
        movl    $idt + 0x80 * 8, %edi
        movl    $service, %eax
        call    set_gate
        lidt    idt_pointer

        /* interrupt controllers: 20h and 28h, timer and COM1 open */
        movb    $0x11, %al
        outb    %al, $0x20
        outb    %al, $0xA0
        movb    $0x20, %al
        outb    %al, $0x21
        movb    $0x28, %al
        outb    %al, $0xA1
        movb    $4, %al
        outb    %al, $0x21
        movb    $2, %al
        outb    %al, $0xA1
        movb    $1, %al
        outb    %al, $0x21
        outb    %al, $0xA1
        movb    $0xEE, %al
        outb    %al, $0x21
        movb    $0xFF, %al
        outb    %al, $0xA1

        /* timer, mode 2 */
        movb    $0x34, %al
        outb    %al, $0x43
        movb    $PIT_COUNT, %al
        outb    %al, $0x40
        movb    $0, %al
        outb    %al, $0x40

        /* COM1: interrupt on receipt, OUT2 on */
        movw    $0x3F9, %dx
        movb    $1, %al
        outb    %al, %dx
        movw    $0x3FC, %dx
        movb    $0x0B, %al
        outb    %al, %dx
        sti

round:  incl    rounds
        movl    $PLACE, %esi
        movl    $PLACE + 0x3001, %edi
        movl    $0x700, %ecx
        rep movsl
        movl    $PLACE + 0x8000, %edi
        movl    rounds, %eax
        movl    $0x500, %ecx
        rep stosb
        movl    $PLACE, %edi
        movl    $0x900, %ecx
        movb    $0x5A, %al
        repne scasb
        int     $0x80
        cli
        movl    counter, %eax
        sti
        nop
        movl    $0x10, %eax
        movl    %eax, %ss
        movl    $stack_top, %esp
        pushfl
        popfl
        xorl    %edx, %edx
        movl    $7, %eax
        xorl    %ebx, %ebx
        divl    %ebx
        movl    $40, %ecx
3:      imull   $0x01010101, %ecx, %eax
        addl    %eax, sum
        rcll    $3, sum
        movl    sum, %eax
        andl    $0xFFF, %eax
        movb    %cl, PLACE(%eax)
        loop    3b
        testl   $3, rounds
        jnz     round
        sti
        hlt
        jmp     round

set_gate:
        movw    %ax, (%edi)
        movw    $0x08, 2(%edi)
        movw    $0x8E00, 4(%edi)
        pushl   %eax
        shrl    $16, %eax
        movw    %ax, 6(%edi)
        popl    %eax
        ret

ignore: iret

divide: addl    $2, (%esp)              /* over the two bytes of DIV EBX */
        incl    divisions
        iret

service:
        incl    services
        sti                             /* nested interrupts here */
        nop
        iret

timer:  pushl   %eax
        incl    counter
        movb    $0x20, %al
        outb    %al, $0x20
        popl    %eax
        iret

serial: pushl   %eax
        pushl   %edx
        movw    $0x3F8, %dx
        inb     %dx, %al
        outb    %al, %dx
        movb    $0x20, %al
        outb    %al, $0x20
        popl    %edx
        popl    %eax
        iret

        .data
        .align  8
gdt:    .quad   0, 0x00CF9A000000FFFF, 0x00CF92000000FFFF
gdt_pointer:
        .word   23
        .long   gdt
idt_pointer:
        .word   256 * 8 - 1
        .long   idt
rounds: .long   0
counter: .long  0
divisions: .long 0
services: .long 0
sum:    .long   1

        .bss
        .align  8
idt:    .skip   256 * 8
        .skip   4096
stack_top:
