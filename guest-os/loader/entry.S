/* The loader's first instructions, and its way back to the BIOS: from real mode to 32-bit protected
 * mode with flat segments, and for each BIOS call down to real mode and up again.
 * The vectors stay those of real mode: interrupts are off wherever they would not do.
 * Entered at 1000:0000 with DL = drive. See: Intel386 Programmer's Reference Manual, 14.4, 14.5.
 * SPDX-License-Identifier: MIT */
#include "devices/platform_map.h"
#include "firmware/post_codes.h"

#define LOADER_BASE    0x10000
#define LOADER_SEGMENT 0x1000
#define MARK           0x444E4524
#define CODE32         0x08             /* selectors in loader_gdt */
#define DATA32         0x10
#define CODE16         0x18
#define DATA16         0x20
#define HERE(symbol)   ((symbol) - loader_entry) /* offset in segment 1000h */

        .section .entry, "ax"
        .code16
        .globl  loader_entry
        .type   loader_entry, @function
loader_entry:
        cli
        cld
        movb    $POST_LOADER, %al
        outb    %al, $PORT_POST
        movw    $LOADER_SEGMENT, %ax
        movw    %ax, %ds
        cmpl    $MARK, loader_mark_offset
        jne     loader_cut_off
        movb    %dl, HERE(boot_drive)
        lgdtl   HERE(loader_gdt_pointer)
        movl    %cr0, %eax
        orb     $1, %al
        movl    %eax, %cr0
        ljmpl   $CODE32, $loader_32
        .size   loader_entry, . - loader_entry

        .type   loader_cut_off, @function
loader_cut_off:
        movw    $HERE(cut_off_text), %si
1:      lodsb
        testb   %al, %al
        jz      2f
        pushw   %ax
        movb    $0x0E, %ah
        movw    $0x0007, %bx
        int     $0x10
        popw    %ax
        movb    $0x01, %ah
        xorw    %dx, %dx
        int     $0x14
        jmp     1b
2:      movb    $POST_LOADER_FAIL, %al
        outb    %al, $PORT_POST
        int     $0x18
        .size   loader_cut_off, . - loader_cut_off
cut_off_text:
        .asciz  "loader: /boot/loader is longer than 12 blocks or damaged\r\n"

        .code32
        .type   loader_32, @function
loader_32:
        movw    $DATA32, %ax
        movw    %ax, %ds
        movw    %ax, %es
        movw    %ax, %fs
        movw    %ax, %gs
        movw    %ax, %ss
        movl    $protected_stack_top, %esp
        xorl    %ebp, %ebp
        xorl    %eax, %eax
        movl    $bss_first, %edi
        movl    $bss_end, %ecx
        subl    %edi, %ecx
        rep stosb
        call    loader_main             /* does not return */
        .size   loader_32, . - loader_32

/* enter_kernel(entry, information): as a multiboot loader leaves the machine. */
        .globl  enter_kernel
        .type   enter_kernel, @function
enter_kernel:
        movl    4(%esp), %ecx
        movl    8(%esp), %ebx
        movl    $0x2BADB002, %eax
        jmp     *%ecx
        .size   enter_kernel, . - enter_kernel

/* bios_call(vector, struct bios_registers *): registers in, INT, registers out. */
        .globl  bios_call
        .type   bios_call, @function
bios_call:
        pushl   %ebp
        pushl   %ebx
        pushl   %esi
        pushl   %edi
        movl    20(%esp), %eax
        movb    %al, bios_vector
        movl    24(%esp), %esi
        movl    $bios_registers, %edi
        movl    $9, %ecx
        rep movsl
        movl    %esp, protected_esp
        ljmpl   $CODE16, $HERE(1f)

        .code16
1:      movw    $DATA16, %ax            /* limits and rights as real mode needs them */
        movw    %ax, %ds
        movw    %ax, %es
        movw    %ax, %fs
        movw    %ax, %gs
        movw    %ax, %ss
        movl    %cr0, %eax
        andb    $0xFE, %al
        movl    %eax, %cr0
        ljmp    $LOADER_SEGMENT, $HERE(2f)
2:      movw    $LOADER_SEGMENT, %ax
        movw    %ax, %ss
        movl    $HERE(bios_registers), %esp
        popal                           /* EDI ESI EBP - EBX EDX ECX EAX */
        popw    %ds
        popw    %es
        movl    $(real_stack_top - LOADER_BASE), %esp
        sti
        .byte   0xCD                    /* INT bios_vector */
bios_vector:
        .byte   0
        cli
        movl    $HERE(bios_registers) + 36, %esp
        pushw   %es
        pushw   %ds
        pushal
        movl    $(real_stack_top - LOADER_BASE), %esp
        pushfw
        popw    %ax
        movw    %ss, %bx
        movw    %bx, %ds
        movw    %ax, HERE(bios_flags)
        lgdtl   HERE(loader_gdt_pointer)
        movl    %cr0, %eax
        orb     $1, %al
        movl    %eax, %cr0
        ljmpl   $CODE32, $3f

        .code32
3:      movw    $DATA32, %ax
        movw    %ax, %ds
        movw    %ax, %es
        movw    %ax, %fs
        movw    %ax, %gs
        movw    %ax, %ss
        movl    protected_esp, %esp
        cld
        movl    24(%esp), %edi
        movl    $bios_registers, %esi
        movl    $10, %ecx
        rep movsl
        popl    %edi
        popl    %esi
        popl    %ebx
        popl    %ebp
        ret
        .size   bios_call, . - bios_call

        .balign 8
loader_gdt:
        .quad   0
        .quad   0x00CF9B000000FFFF      /* code, 32 bits, all 4 GiB */
        .quad   0x00CF93000000FFFF      /* data, the same */
        .quad   0x00009B010000FFFF      /* code, 16 bits, base 10000h, 64 KiB */
        .quad   0x000093000000FFFF      /* data, 16 bits, base 0, 64 KiB */
loader_gdt_pointer:
        .word   . - loader_gdt - 1
        .long   loader_gdt

        .balign 4
bios_registers:
        .skip   36                      /* struct bios_registers */
bios_flags:
        .long   0
protected_esp:
        .long   0
        .globl  boot_drive
boot_drive:
        .byte   0

        .section .bss
        .balign 16
        .skip   4096
real_stack_top:
        .skip   4096
protected_stack_top:
        .section .note.GNU-stack, "", @progbits
