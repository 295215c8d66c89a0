/* The firmware's assembly: reset vector, the way into C, the way of every interrupt into C, the
 * block move of INT 15h AH=87h. 16-bit code for an i386 or later.
 * In C code of the firmware holds: DS = ES = SS (the caller's stack), FS = F000h (constants),
 * GS = 0 (vectors and BIOS data area), and the upper half of ESP is 0.
 * See: IBM PC/AT Technical Reference, "System BIOS". SPDX-License-Identifier: MIT */
#include "devices/platform_map.h"
#include "firmware/post_codes.h"

#define FIRMWARE_SEGMENT 0xF000
#define POST_STACK       0x7C00
#define CMOS_SHUTDOWN    0x8F           /* index 0Fh, NMI off */
#define RESUME_VECTOR    0x467          /* 40:67: offset, segment */

        .code16

/* ---- power-on ---- */

        .section .at_fff0, "ax"
        .globl  reset_vector
        .type   reset_vector, @function
reset_vector:
        ljmp    $FIRMWARE_SEGMENT, $post_entry
        .size   reset_vector, . - reset_vector
        .ascii  "11/22/26"              /* FFFF:0005: date of the firmware */
        .byte   0
        .byte   0xFC                    /* FFFF:000E: model, AT */
        .byte   0

        .section .at_e05b, "ax"
        .globl  post_entry
        .type   post_entry, @function
post_entry:
        ljmp    $FIRMWARE_SEGMENT, $post_begin
        .size   post_entry, . - post_entry

        .section .at_ff53, "ax"
        .globl  iret_only
        .type   iret_only, @function
iret_only:
        iret
        .size   iret_only, . - iret_only

        .text
        .globl  post_begin
        .type   post_begin, @function
post_begin:
        cli
        cld
        movb    $POST_RESET, %al
        outb    %al, $PORT_POST
        xorl    %esp, %esp
        movw    %sp, %ss
        movw    $POST_STACK, %sp
        call    load_segments

        /* A program on an 80286 left protected mode by a reset and wrote here how to go on. */
        movb    $CMOS_SHUTDOWN, %al
        outb    %al, $PORT_CMOS_INDEX
        inb     $PORT_CMOS_DATA, %al
        movb    %al, %bl
        movb    $CMOS_SHUTDOWN, %al
        outb    %al, $PORT_CMOS_INDEX
        xorb    %al, %al
        outb    %al, $PORT_CMOS_DATA    /* only once */
        cmpb    $0x05, %bl
        je      1f
        cmpb    $0x0A, %bl
        je      2f
        calll   post                    /* does not return */
1:      movb    $0x20, %al              /* 05h: end of interrupt first */
        outb    %al, $PORT_PIC_SLAVE_COMMAND
        outb    %al, $PORT_PIC_MASTER_COMMAND
2:      movb    $POST_RESUME, %al
        outb    %al, $PORT_POST
        ljmp    *%gs:RESUME_VECTOR
        .size   post_begin, . - post_begin

/* What C expects in the segment registers. Keeps all others. */
        .type   load_segments, @function
load_segments:
        pushw   %ax
        movw    %ss, %ax
        movw    %ax, %ds
        movw    %ax, %es
        movw    %cs, %ax
        movw    %ax, %fs
        xorw    %ax, %ax
        movw    %ax, %gs
        popw    %ax
        ret
        .size   load_segments, . - load_segments

/* ---- interrupts ---- */

/* One entry for each: remember the C function, then the common way. */
.macro  INTERRUPT name, function
        .globl  \name
        .type   \name, @function
\name:
        pushl   $\function
        jmp     interrupt_common
        .size   \name, . - \name
.endm

        INTERRUPT vector_divide, exception_divide
        INTERRUPT vector_opcode, exception_opcode
        INTERRUPT vector_timer, clock_tick
        INTERRUPT vector_keyboard, keyboard_interrupt
        INTERRUPT vector_video, video_service
        INTERRUPT vector_equipment, memory_equipment
        INTERRUPT vector_memory, memory_base
        INTERRUPT vector_disk, disk_service
        INTERRUPT vector_serial, serial_service
        INTERRUPT vector_system, system_service
        INTERRUPT vector_keys, keyboard_service
        INTERRUPT vector_printer, printer_service
        INTERRUPT vector_no_boot, boot_nothing
        INTERRUPT vector_boot, boot_service
        INTERRUPT vector_clock, clock_service
        INTERRUPT vector_disk_done, disk_interrupt

/* Save all registers, call function(struct frame *), restore: struct frame of firmware.h. */
        .type   interrupt_common, @function
interrupt_common:
        pushal
        pushw   %ds
        pushw   %es
        pushw   %fs
        pushw   %gs
        cld
        movzwl  %sp, %esp
        call    load_segments
        movl    %esp, %eax
        calll   *40(%esp)
        popw    %gs
        popw    %fs
        popw    %es
        popw    %ds
        popal
        addw    $4, %sp
        iret
        .size   interrupt_common, . - interrupt_common

/* An interrupt request that nobody expects: acknowledge it. */
        .globl  vector_irq_master
        .type   vector_irq_master, @function
vector_irq_master:
        pushw   %ax
        movb    $0x20, %al
        outb    %al, $PORT_PIC_MASTER_COMMAND
        popw    %ax
        iret
        .size   vector_irq_master, . - vector_irq_master

        .globl  vector_irq_slave
        .type   vector_irq_slave, @function
vector_irq_slave:
        pushw   %ax
        movb    $0x20, %al
        outb    %al, $PORT_PIC_SLAVE_COMMAND
        outb    %al, $PORT_PIC_MASTER_COMMAND
        popw    %ax
        iret
        .size   vector_irq_slave, . - vector_irq_slave

/* ---- jumps out of C ---- */

/* boot_enter(drive): to the boot sector at 0000:7C00 with the stack below it, DL = drive. */
        .globl  boot_enter
        .type   boot_enter, @function
boot_enter:
        movl    %eax, %edx
        xorw    %ax, %ax
        movw    %ax, %ss
        movl    $POST_STACK, %esp
        movw    %ax, %ds
        movw    %ax, %es
        movw    %ax, %fs
        movw    %ax, %gs
        sti
        ljmp    $0, $0x7C00
        .size   boot_enter, . - boot_enter

/* call_option_rom(): its initialisation is at offset 3 and returns far. */
        .globl  call_option_rom
        .type   call_option_rom, @function
call_option_rom:
        pushal
        lcall   $0xC000, $3
        movzwl  %sp, %esp
        popal
        cld
        call    load_segments
        retl
        .size   call_option_rom, . - call_option_rom

/* call_user_tick(): INT 1Ch, which belongs to programs and may change any register. */
        .globl  call_user_tick
        .type   call_user_tick, @function
call_user_tick:
        pushal
        int     $0x1C
        movzwl  %sp, %esp
        popal
        cld
        call    load_segments
        retl
        .size   call_user_tick, . - call_user_tick

/* ---- INT 15h AH=87h ---- */

/* block_move(segment, offset, words): the caller's table at segment:offset holds source and
 * target descriptors at 10h and 18h; entries 08h (the table), 20h (code) and 28h (stack) are
 * ours to fill. Interrupts are off, gate A20 is on. */
        .globl  block_move
        .type   block_move, @function
block_move:
        pushal
        movw    %ax, %es
        movw    %dx, %si                /* ES:SI = table */
        movw    %cx, %di                /* words */
        movl    $0x0000FFFF, %es:0x20(%si)      /* code: base F0000h, 64 KiB */
        movl    $0x00009B0F, %es:0x24(%si)
        movl    $0x0000FFFF, %es:0x28(%si)      /* data as in real mode, to go back with */
        movl    $0x00009300, %es:0x2C(%si)
        movzwl  %ax, %eax               /* the table itself, linear */
        shll    $4, %eax
        movzwl  %si, %ebx
        addl    %ebx, %eax
        subw    $8, %sp
        movw    %sp, %bp
        movw    $0x2F, (%bp)
        movl    %eax, 2(%bp)
        lgdtl   (%bp)
        addw    $8, %sp
        movzwl  %di, %ecx
        movl    %cr0, %eax
        orb     $1, %al
        movl    %eax, %cr0
        ljmp    $0x20, $1f
1:      movw    $0x10, %ax
        movw    %ax, %ds
        movw    $0x18, %ax
        movw    %ax, %es
        xorl    %esi, %esi
        xorl    %edi, %edi
        shrl    $1, %ecx
        addr32 rep movsl
        jnc     2f
        addr32 movsw
2:      movw    $0x28, %ax
        movw    %ax, %ds
        movw    %ax, %es
        movl    %cr0, %eax
        andb    $0xFE, %al
        movl    %eax, %cr0
        ljmp    $FIRMWARE_SEGMENT, $3f
3:      call    load_segments
        popal
        retl
        .size   block_move, . - block_move

/* ---- above 1 MiB ---- */

/* write_physical(physical, value): one doubleword, through a segment of 4 GiB that is in force
 * only here. Interrupts are off. */
        .globl  write_physical
        .type   write_physical, @function
write_physical:
        pushl   %ebx
        lgdtl   %cs:flat_table
        movl    %cr0, %ebx
        orb     $1, %bl
        movl    %ebx, %cr0
        jmp     1f
1:      movw    $0x08, %bx
        movw    %bx, %es
        addr32 movl %edx, %es:(%eax)
        movw    $0x10, %bx              /* as in real mode again */
        movw    %bx, %es
        movl    %cr0, %ebx
        andb    $0xFE, %bl
        movl    %ebx, %cr0
        jmp     2f
2:      movw    %ss, %bx
        movw    %bx, %es
        popl    %ebx
        retl
        .size   write_physical, . - write_physical

        .align  8
flat_descriptors:
        .quad   0, 0x00CF93000000FFFF, 0x000093000000FFFF
flat_table:
        .word   23
        .long   (FIRMWARE_SEGMENT << 4) + flat_descriptors

/* ---- fixed places ---- */

        .section .command_block, "a"
        .globl  command_block
command_block:
        .ascii  "$RSBOOT$"
        .word   1024                    /* capacity of the text; the emulator fills it in */
        .skip   1024, 0

        .section .at_e6f5, "a"
        .globl  configuration_table
configuration_table:
        .word   8                       /* bytes that follow */
        .byte   0xFC, 0, 0              /* model, submodel, revision */
        .byte   0x74                    /* second 8259, RTC, INT 15h AH=4Fh no, EBDA */
        .byte   0, 0, 0, 0
        .section .note.GNU-stack, "", @progbits
