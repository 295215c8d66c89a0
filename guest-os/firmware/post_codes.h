/* The codes that firmware, boot sector and loader write to port 80h, in the order in which they
 * appear on a good day. Each is written when its stage begins, so the last one names the culprit.
 * Only #define: assembly includes it too. docs/boot.md shows the same table to people.
 * SPDX-License-Identifier: MIT */
#pragma once

/* Firmware: the power-on self test */
#define POST_RESET      0x01 /* first instructions after the reset vector */
#define POST_RESUME     0x02 /* CMOS 0Fh asked for a way back instead of a cold start */
#define POST_VECTORS    0x10 /* real-mode interrupt vectors, BIOS data area */
#define POST_PIC        0x11 /* both 8259: vectors 08h-0Fh and 70h-77h */
#define POST_PIT        0x12 /* 8254 channel 0: 18.2 ticks a second */
#define POST_KEYBOARD   0x13 /* 8042 and keyboard */
#define POST_SERIAL     0x14 /* COM1, COM2 */
#define POST_VIDEO      0x15 /* text mode 3, blank */
#define POST_OPTION_ROM 0x16 /* a video ROM at C0000h is called, if there is one */
#define POST_MEMORY     0x17 /* memory sizes out of CMOS */
#define POST_CLOCK      0x18 /* ticks since midnight out of the RTC */
#define POST_DISKS      0x19 /* IDENTIFY DEVICE to four places */
#define POST_WELCOME    0x1A /* the welcome line */
#define POST_BOOT       0x1B /* INT 19h: looking for a boot sector */
#define POST_HANDOVER   0x1C /* jumping to 0000:7C00 */
#define POST_NO_BOOT    0x1F /* nothing to boot from: waiting for a key */

/* Boot sector */
#define POST_SECTOR       0x40 /* its first instruction */
#define POST_SECTOR_EXT2  0x41 /* superblock read */
#define POST_SECTOR_FOUND 0x42 /* the directory /boot read */
#define POST_SECTOR_FAIL  0x4F /* one line said why */

/* Loader */
#define POST_LOADER         0x50 /* first instruction, still in real mode */
#define POST_LOADER_A20     0x51 /* gate A20 */
#define POST_LOADER_MEMORY  0x52 /* memory map */
#define POST_LOADER_EXT2    0x53 /* file system opened */
#define POST_LOADER_COMMAND 0x54 /* /boot/cmdline */
#define POST_LOADER_KERNEL  0x55 /* headers of /boot/kernel.elf */
#define POST_LOADER_SEGMENT 0x56 /* a segment is being loaded (once for each) */
#define POST_LOADER_ENTER   0x57 /* jumping to the kernel's entry */
#define POST_LOADER_FAIL    0x5F /* one line said why */

/* Kernel; at last POST_PROGRAM of platform_map.h: the first program begins */
#define POST_KERNEL      0x60 /* the kernel's first function in C */
#define POST_KERNEL_HEAP 0x61 /* page frames and page tables */
#define POST_KERNEL_IRQ  0x62 /* interrupt controllers, timer, terminals */
#define POST_KERNEL_DISK 0x63 /* process 1 looks for disks */
#define POST_KERNEL_ROOT 0x64 /* the root file system is mounted */
#define POST_KERNEL_INIT 0x65 /* the first program is loaded */
