/* The PC as software sees it: ports, interrupt lines, addresses.
 * Only #define, so that the guest's C and assembly include it too.
 * See: IBM PC/AT Technical Reference; contract of the command line in docs/.
 * SPDX-License-Identifier: MIT */
#pragma once

/* Interrupt controllers (8259A pair) */
#define PORT_PIC_MASTER_COMMAND 0x20
#define PORT_PIC_MASTER_DATA    0x21
#define PORT_PIC_SLAVE_COMMAND  0xA0
#define PORT_PIC_SLAVE_DATA     0xA1

#define PORT_ELCR_MASTER 0x4D0 /* 1: that input is level triggered */
#define PORT_ELCR_SLAVE  0x4D1

/* Which way the 8259A's request takes when there are APICs */
#define PORT_IMCR_SELECT 0x22
#define PORT_IMCR_DATA   0x23
#define IMCR_NUMBER      0x70

/* Timer (8254) */
#define PORT_PIT_CHANNEL0 0x40
#define PORT_PIT_CHANNEL1 0x41
#define PORT_PIT_CHANNEL2 0x42
#define PORT_PIT_CONTROL  0x43
#define PIT_HZ            1193182 /* input clock of all three channels, Hz */

/* Keyboard controller (8042) and system control */
#define PORT_KBD_DATA         0x60
#define PORT_SYSTEM_CONTROL_B 0x61
#define PORT_KBD_STATUS       0x64
#define PORT_KBD_COMMAND      0x64
#define PORT_SYSTEM_CONTROL_A 0x92 /* bit 0 reset, bit 1 A20 */

/* Coprocessor errors */
#define PORT_FPU_CLEAR 0xF0 /* write: IRQ 13 off, IGNNE# on while the error lasts */
#define PORT_FPU_RESET 0xF1

/* CMOS memory and clock (MC146818) */
#define PORT_CMOS_INDEX 0x70 /* bit 7 masks NMI */
#define PORT_CMOS_DATA  0x71

/* Serial ports (16550A) */
#define PORT_COM1 0x3F8
#define PORT_COM2 0x2F8

/* VGA text: CRT controller, attribute and input status ports */
#define PORT_VGA_ATTRIBUTE    0x3C0
#define PORT_VGA_MISC_WRITE   0x3C2
#define PORT_VGA_MISC_READ    0x3CC
#define PORT_VGA_DAC_MASK     0x3C6
#define PORT_VGA_DAC_READ     0x3C7
#define PORT_VGA_DAC_WRITE    0x3C8
#define PORT_VGA_DAC_DATA     0x3C9
#define PORT_VGA_SEQUENCER    0x3C4
#define PORT_VGA_GRAPHICS     0x3CE
#define PORT_VGA_CRTC_INDEX   0x3D4
#define PORT_VGA_CRTC_DATA    0x3D5
#define PORT_VGA_INPUT_STATUS 0x3DA

/* Debugging and control */
#define PORT_POST        0x80
#define PORT_POST_ALT    0x190
#define PORT_POST_ALT2   0xE0
#define POST_PROGRAM     0x6F       /* from the bundled kernel: the first program begins */
#define PORT_DEBUGCON    0xE9       /* write: one byte to the debug console; read: E9h */
#define PORT_EXIT        0xF4       /* write V: leave with status ((V << 1) | 1) & 255 */
#define EXIT_PANIC_MAGIC 0x50414E43 /* 32-bit write to PORT_EXIT: guest kernel panic, status 74 */
#define PORT_POWER_OFF   0x604      /* 16-bit write of POWER_OFF_VALUE */
#define PORT_POWER_OFF_B 0xB004
#define POWER_OFF_VALUE  0x2000

/* Disk controllers (ATA, PIO) */
#define PORT_ATA0         0x1F0
#define PORT_ATA0_CONTROL 0x3F6
#define PORT_ATA1         0x170
#define PORT_ATA1_CONTROL 0x376

/* Interrupt request lines */
#define IRQ_TIMER    0
#define IRQ_KEYBOARD 1
#define IRQ_CASCADE  2
#define IRQ_COM2     3
#define IRQ_COM1     4
#define IRQ_FLOPPY   6
#define IRQ_LPT1     7
#define IRQ_RTC      8
#define IRQ_MOUSE    12
#define IRQ_FPU      13
#define IRQ_ATA0     14
#define IRQ_ATA1     15

/* Physical addresses */
#define VGA_TEXT_BASE    0xB8000
#define VGA_TEXT_BYTES   0x8000
#define VIDEO_HOLE_FIRST 0xA0000 /* not RAM up to VIDEO_HOLE_END */
#define VIDEO_HOLE_END   0xC0000
#define BIOS_DATA_AREA   0x400
#define OPTION_ROM_FIRST 0xC0000 /* RAM, holds the VGA's option ROM */
#define FIRMWARE_FIRST   0xE0000 /* RAM up to FIRMWARE_END, holds a copy of the firmware's ROM */
#define FIRMWARE_END     0x100000
#define IO_APIC_BASE     0xFEC00000
#define LOCAL_APIC_BASE  0xFEE00000
#define IO_APIC_ID       1 /* the processor's is 0 */
#define RESET_VECTOR     0xFFFFFFF0
