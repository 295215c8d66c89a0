/* Reads, writes, and reads again the first disk under interrupts: sector by sector, in blocks,
 * by 16 and by 32 bits, flushing now and then; the timer interrupts it. With ROUNDS rounds done
 * it prints the sums it has read on COM1 and leaves by port F4h.
 * One round r: READ SECTORS of 3 at 8*r, WRITE SECTORS of 2 at 8*r+3 (what was read, plus r),
 * WRITE MULTIPLE of 4 at 8*r+512, READ MULTIPLE of 4 there, FLUSH CACHE every fourth time.
 * SPDX-License-Identifier: MIT */
        .set    ROUNDS, 24
        .set    BUFFER, 0x140000

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

        movl    $idt + 0x20 * 8, %edi
        movl    $timer, %eax
        call    set_gate
        movl    $idt + 0x2E * 8, %edi
        movl    $disk, %eax
        call    set_gate
        lidt    idt_pointer

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
        movb    $0xFA, %al              /* timer and cascade */
        outb    %al, $0x21
        movb    $0xBF, %al              /* IRQ 14 */
        outb    %al, $0xA1

        movb    $0x34, %al
        outb    %al, $0x43
        movb    $0, %al
        outb    %al, $0x40
        movb    $4, %al                 /* 1024: about 1165 Hz */
        outb    %al, $0x40

        movw    $0x3F6, %dx             /* interrupts on */
        movb    $0, %al
        outb    %al, %dx
        movb    $4, count               /* SET MULTIPLE MODE: 4 */
        movl    $0, sector
        movb    $0xC6, %al
        call    command
        call    wait

round:  movl    number, %eax
        shll    $3, %eax
        movl    %eax, sector
        movb    $3, count
        movb    $0x20, %al
        call    command
        movl    $BUFFER, %edi
        movl    $3, %ebx
2:      call    wait
        movw    $0x1F0, %dx
        movl    $256, %ecx
        rep insw
        decl    %ebx
        jnz     2b
        movl    $3 * 128, %ecx
        call    summarize

        movl    $BUFFER, %edi           /* what was read, plus the round */
        movl    $4 * 128, %ecx
        movl    number, %eax
3:      addl    %eax, (%edi)
        addl    $4, %edi
        loop    3b

        addl    $3, sector
        movb    $2, count
        movb    $0x30, %al
        call    command
        call    wait_drq
        movl    $BUFFER, %esi
        movl    $2, %ebx
4:      movw    $0x1F0, %dx
        movl    $256, %ecx
        rep outsw
        call    wait
        decl    %ebx
        jnz     4b

        addl    $509, sector
        movb    $4, count
        movb    $0xC5, %al
        call    command
        call    wait_drq
        movl    $BUFFER, %esi
        movw    $0x1F0, %dx
        movl    $512, %ecx
        rep outsl
        call    wait

        movb    $4, count
        movb    $0xC4, %al
        call    command
        call    wait
        movl    $BUFFER, %edi
        movw    $0x1F0, %dx
        movl    $512, %ecx
        rep insl
        movl    $4 * 128, %ecx
        call    summarize

        testl   $3, number
        jnz     5f
        movb    $0xE7, %al
        call    command
        call    wait
5:      incl    number
        cmpl    $ROUNDS, number
        jb      round

        movl    sum, %ebx               /* eight digits and a newline */
        movl    $8, %ecx
6:      roll    $4, %ebx
        movl    %ebx, %eax
        andl    $15, %eax
        movb    digits(%eax), %al
        movw    $0x3F8, %dx
        outb    %al, %dx
        loop    6b
        movb    $10, %al
        outb    %al, %dx
        movl    errors, %eax
        movw    $0xF4, %dx
        outb    %al, %dx
7:      hlt
        jmp     7b

/* in: AL command, sector, count */
command:
        pushl   %eax
        movw    $0x1F2, %dx
        movb    count, %al
        outb    %al, %dx
        incl    %edx
        movl    sector, %eax
        outb    %al, %dx
        incl    %edx
        shrl    $8, %eax
        outb    %al, %dx
        incl    %edx
        shrl    $8, %eax
        outb    %al, %dx
        incl    %edx
        movb    $0xE0, %al
        outb    %al, %dx
        incl    %edx
        popl    %eax
        outb    %al, %dx
        ret

/* Sleep until the disk has interrupted. */
wait:   cli
        cmpl    $0, interrupts
        jne     8f
        sti
        hlt
        jmp     wait
8:      decl    interrupts
        sti
        testb   $0x21, status
        jz      9f
        incl    errors
9:      ret

/* The first block of a write is asked for without an interrupt. */
wait_drq:
        movw    $0x3F6, %dx
10:     inb     %dx, %al
        testb   $0x80, %al
        jnz     10b
        testb   $0x08, %al
        jz      10b
        ret

/* Mix ECX doublewords of the buffer into the sum. */
summarize:
        movl    $BUFFER, %esi
11:     lodsl
        roll    $5, sum
        addl    %eax, sum
        loop    11b
        ret

set_gate:
        movw    %ax, (%edi)
        movw    $0x08, 2(%edi)
        movw    $0x8E00, 4(%edi)
        shrl    $16, %eax
        movw    %ax, 6(%edi)
        ret

timer:  pushl   %eax
        incl    ticks
        movb    $0x20, %al
        outb    %al, $0x20
        popl    %eax
        iret

disk:   pushl   %eax
        pushl   %edx
        movw    $0x1F7, %dx
        inb     %dx, %al
        movb    %al, status
        incl    interrupts
        movb    $0x20, %al
        outb    %al, $0xA0
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
digits: .ascii  "0123456789abcdef"
number: .long   0
sector: .long   0
sum:    .long   1
errors: .long   0
ticks:  .long   0
interrupts: .long 0
count:  .byte   0
status: .byte   0

        .bss
        .align  8
idt:    .skip   256 * 8
        .skip   4096
stack_top:
