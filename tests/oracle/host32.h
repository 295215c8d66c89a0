/* The host's own processor as a 32-bit user-mode oracle: pieces of code run natively in
 * compatibility mode, in this very process, and come back with all registers.
 * Needs an x86-64 Linux with 32-bit support; everything else is told by host32_open().
 * SPDX-License-Identifier: MIT */
#ifndef TESTS_ORACLE_HOST32_H
#define TESTS_ORACLE_HOST32_H

/* Fixed places below 4 GiB, the same in the emulated RAM. */
#define ORACLE_BASE    0x00200000 /* what is shared with the emulated RAM starts here */
#define ORACLE_EXIT32  0x00200100 /* code under test jumps here at its end (HLT when emulated) */
#define ORACLE_BLOCK   0x00200800 /* struct host32_block */
#define ORACLE_CODE    0x00202000 /* code under test, 4 KiB */
#define ORACLE_DATA    0x00210000 /* 64 KiB that a segment with a base can also reach */
#define ORACLE_END     0x00220000
#define ORACLE_SEGMENT 0x00210000 /* base of the small data segment */

/* Offsets into struct host32_block, for the assembler. */
#define BLOCK_SAVED_RSP  0x00
#define BLOCK_ENTRY      0x08
#define BLOCK_EXIT       0x10
#define BLOCK_DATA_SEG   0x18
#define BLOCK_FLAT_SEG   0x1C
#define BLOCK_EFLAGS     0x20
#define BLOCK_GPR        0x24
#define BLOCK_OUT_EFLAGS 0x44
#define BLOCK_OUT_GPR    0x48

#ifndef __ASSEMBLER__
#include <stdbool.h>
#include <stdint.h>

struct host32_registers {
    uint32_t eflags; /* in: arithmetic flags and DF are taken */
    uint32_t gpr[8]; /* enum gpr order */
};

struct host32_result {
    struct host32_registers registers; /* after the code, or before the fault */
    uint32_t trap;                     /* vector of the fault, or HOST32_NO_TRAP */
    uint32_t eip;                      /* of the faulting instruction */
};
#define HOST32_NO_TRAP 0xFFFFFFFFu

/* Map the places, install the stub and the signal handlers.
 * returns NULL, or why this host cannot do it. */
const char *host32_open(void);
/* True if data segments with a base are to be had (modify_ldt). */
bool host32_has_small_segment(void);
/* Run the code at ORACLE_CODE, which ends with a jump to ORACLE_EXIT32.
 * small: DS and ES get base ORACLE_SEGMENT and limit FFFFh instead of the flat ones. */
void host32_run(const struct host32_registers *in, bool small, struct host32_result *out);
#endif
#endif
