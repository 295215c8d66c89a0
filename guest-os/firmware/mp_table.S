/* The MultiProcessor tables as apic.c copies them: all but the sums, the place of the table and what
 * CPUID says. See: MultiProcessor Specification 1.4, chapter 4. SPDX-License-Identifier: MIT */
#include "devices/platform_map.h"

        .section .rom_constants, "a"

        .globl  mp_pointer
mp_pointer:
        .ascii  "_MP_"
        .long   0                       /* place of the table */
        .byte   1, 4, 0                 /* paragraphs, specification 1.4, sum */
        .byte   0, 0x80, 0, 0, 0        /* feature 2: there is an IMCR */

/* type, kind, flags as the bus has them, bus 0 and line, APIC and pin */
.macro  INTERRUPT type, kind, line, apic, pin
        .byte   \type, \kind, 0, 0, 0, \line, \apic, \pin
.endm

        .globl  mp_table
mp_table:
        .ascii  "PCMP"
        .word   mp_table_end - mp_table
        .byte   4, 0                    /* specification 1.4, sum */
        .ascii  "RINGSIDEPC          "
        .long   0
        .word   0, 21                   /* entries */
        .long   LOCAL_APIC_BASE, 0
        .byte   0, 0, 0x11, 3           /* processor: ID 0, version, enabled and first */
        .long   0, 0, 0, 0              /* signature, features */
        .byte   1, 0
        .ascii  "ISA   "                /* bus 0 */
        .byte   2, IO_APIC_ID, 0x11, 1
        .long   IO_APIC_BASE
        INTERRUPT 3, 0, IRQ_TIMER, IO_APIC_ID, 2
        .irp    line, 1, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
        INTERRUPT 3, 0, \line, IO_APIC_ID, \line
        .endr
        INTERRUPT 3, 3, 0, IO_APIC_ID, 0 /* the 8259A at pin 0 */
        INTERRUPT 4, 3, 0, 0xFF, 0      /* and at LINT0 */
        INTERRUPT 4, 1, 0, 0xFF, 1      /* NMI at LINT1 */
mp_table_end:
        .section .note.GNU-stack, "", @progbits
