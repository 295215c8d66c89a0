/* A 64 KiB firmware image with one bench guest (flat, linked at 1 MiB) and its command line
 * inside, for emulators without a multiboot loader: it switches to flat protected mode, copies
 * the guest to 1 MiB and enters it as a multiboot loader would. tools/bench assembles it.
 * SPDX-License-Identifier: MIT */
        .code16
        .section .rom, "ax"
        .org    0
payload:
        .incbin PAYLOAD
payload_end:
cmdline:
        .asciz  CMDLINE
        .align  16
gdt:    .quad   0
        .quad   0x00cf9a000000ffff
        .quad   0x00cf92000000ffff
gdtr:   .word   23
        .long   0xf0000 + gdt
        .align  4
mbi:    .long   0x5, 640, 31 * 1024, 0, 0xf0000 + cmdline
        .skip   64
start16:
        cli
        cld
        inb     $0x92, %al
        orb     $2, %al
        andb    $0xfe, %al
        outb    %al, $0x92
        movw    %cs, %ax
        movw    %ax, %ds
        data32 lgdt gdtr
        movl    %cr0, %eax
        orb     $1, %al
        movl    %eax, %cr0
        data32 ljmp $0x08, $(0xf0000 + start32)
        .code32
start32:
        movl    $0x10, %eax
        movl    %eax, %ds
        movl    %eax, %es
        movl    %eax, %ss
        movl    %eax, %fs
        movl    %eax, %gs
        movl    $0x9000, %esp
        movl    $(0xf0000 + payload), %esi
        movl    $0x100000, %edi
        movl    $(payload_end - payload + 3), %ecx
        shrl    $2, %ecx
        rep movsl
        movl    $0x2badb002, %eax
        movl    $(0xf0000 + mbi), %ebx
        movl    $ENTRY, %edx
        jmp     *%edx
        .org    0xfff0
        .code16
        ljmp    $0xf000, $start16
        .org    0x10000
