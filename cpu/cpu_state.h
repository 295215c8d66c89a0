/* The processor as software can see or derive it, without pointers or padding.
 * Canonical only at an instruction boundary, after cpu_save(): the lazy flags are
 * then in eflags, eip and clock are exact.
 * See: 80386 PRM chapters 2, 4, 5, 7, 12; i486 PRM chapter 4.
 * SPDX-License-Identifier: MIT */
#pragma once

#include <stdint.h>

enum gpr { REG_EAX, REG_ECX, REG_EDX, REG_EBX, REG_ESP, REG_EBP, REG_ESI, REG_EDI, REG_NONE };

/* Segment registers in the order of their encoding. */
enum segment { SEG_ES, SEG_CS, SEG_SS, SEG_DS, SEG_FS, SEG_GS, SEG_COUNT };

#define EFLAGS_CF   0x00000001u
#define EFLAGS_ONE  0x00000002u
#define EFLAGS_PF   0x00000004u
#define EFLAGS_AF   0x00000010u
#define EFLAGS_ZF   0x00000040u
#define EFLAGS_SF   0x00000080u
#define EFLAGS_TF   0x00000100u
#define EFLAGS_IF   0x00000200u
#define EFLAGS_DF   0x00000400u
#define EFLAGS_OF   0x00000800u
#define EFLAGS_IOPL 0x00003000u
#define EFLAGS_NT   0x00004000u
#define EFLAGS_RF   0x00010000u
#define EFLAGS_VM   0x00020000u
#define EFLAGS_AC   0x00040000u
#define EFLAGS_ID   0x00200000u
#define EFLAGS_MODE 0x80000000u /* extension: set = user mode; never stored, always CPL == 3 */

#define EFLAGS_ARITHMETIC (EFLAGS_CF | EFLAGS_PF | EFLAGS_AF | EFLAGS_ZF | EFLAGS_SF | EFLAGS_OF)

#define CR0_PE 0x00000001u
#define CR0_MP 0x00000002u
#define CR0_EM 0x00000004u
#define CR0_TS 0x00000008u
#define CR0_ET 0x00000010u
#define CR0_NE 0x00000020u
#define CR0_WP 0x00010000u
#define CR0_AM 0x00040000u
#define CR0_NW 0x20000000u
#define CR0_CD 0x40000000u
#define CR0_PG 0x80000000u

#define CR4_TSD 0x00000004u /* RDTSC at CPL 0 only */
#define CR4_PSE 0x00000010u /* 4 MiB pages */
#define CR4_PGE 0x00000080u /* global pages */

/* segment_state.attributes: bits 0-7 are descriptor bits 8-15 (access byte),
 * bits 12-15 are descriptor bits 20-23 (AVL, 0, D/B, G). */
#define ATTR_ACCESSED    0x0001u
#define ATTR_WRITABLE    0x0002u /* data: writable; code: readable */
#define ATTR_READABLE    0x0002u
#define ATTR_EXPAND_DOWN 0x0004u /* data: expand down; code: conforming */
#define ATTR_CONFORMING  0x0004u
#define ATTR_CODE        0x0008u
#define ATTR_SEGMENT     0x0010u /* S: code or data, not system */
#define ATTR_DPL         0x0060u
#define ATTR_DPL_SHIFT   5
#define ATTR_PRESENT     0x0080u
#define ATTR_BIG         0x4000u /* D/B */
#define ATTR_GRANULAR    0x8000u /* G */

struct segment_state {
    uint32_t base;       /* linear address of offset 0 */
    uint32_t limit;      /* last offset, bytes, granularity applied */
    uint16_t selector;   /* visible part */
    uint16_t attributes; /* ATTR_* */
    uint32_t usable;     /* 0: null selector, every access faults */
};

struct table_state {
    uint32_t base;  /* linear address */
    uint32_t limit; /* last offset, bytes, 0..FFFFh */
};

/* The modelled TLB: direct-mapped, instruction and data apart, so that a hit changes nothing. */
#define TLB_DATA_ENTRIES        256u
#define TLB_INSTRUCTION_ENTRIES 64u
#define TLB_VALID               0x001u /* in tlb_entry_state.linear */
#define TLB_WRITABLE            0x002u /* in .physical: R/W of both levels */
#define TLB_USER                0x004u /* U/S of both levels */
#define TLB_DIRTY               0x040u /* D already set in memory */
#define TLB_LARGE               0x080u /* part of a 4 MiB page */
#define TLB_GLOBAL              0x100u /* stays when CR3 is loaded */

/* Which entry may hold the page of `linear`. The fold keeps buffers that lie a power of two apart
 * (1 MiB, kernel and user halves) from evicting each other at every access; neighbouring pages
 * never share an entry. */
static inline uint32_t tlb_data_index(uint32_t linear)
{
    return ((linear >> 12) + (linear >> 20)) % TLB_DATA_ENTRIES;
}
static inline uint32_t tlb_instruction_index(uint32_t linear)
{
    return (linear >> 12) % TLB_INSTRUCTION_ENTRIES;
}

struct tlb_entry_state {
    uint32_t linear;   /* linear page address | TLB_VALID */
    uint32_t physical; /* physical page address | TLB_WRITABLE etc. */
};

enum interrupt_shadow {
    SHADOW_NONE,
    SHADOW_STI,   /* INTR not recognised before the next instruction has completed */
    SHADOW_MOVSS, /* neither INTR, NMI nor debug traps */
};

enum cpu_activity {
    ACTIVITY_RUNNING,
    ACTIVITY_HALTED,   /* HLT: waits for INTR, NMI or reset */
    ACTIVITY_SHUTDOWN, /* triple fault: waits for NMI or reset */
};

enum delivery_kind {
    DELIVERY_NONE,
    DELIVERY_INTR, /* external, from the interrupt controllers */
    DELIVERY_NMI,
    DELIVERY_EXCEPTION, /* fault, trap or abort of the processor */
    DELIVERY_SOFTWARE,  /* INT n, INT3, INTO */
};
#define DELIVERY_KINDS (DELIVERY_SOFTWARE + 1)

/* One fault of a chain that led to a double or triple fault. */
struct fault_state {
    uint32_t path;       /* enum trap_path; 0 = none */
    uint32_t vector;     /* 0..255 */
    uint32_t error_code; /* as pushed */
    uint32_t address;    /* #PF: linear address; else 0 */
    uint32_t cs;         /* selector of the instruction */
    uint32_t eip;        /* of the instruction */
};

/* The x87 (80387 PRM 2.1). Registers by physical number; TOP is in the status word. */
struct fpu_state {
    uint64_t significand[8];
    uint16_t sign_exponent[8]; /* sign in bit 15 */
    uint16_t control;          /* FPU_CONTROL_* (fpu.h) */
    uint16_t status;           /* FPU_* (fpu.h) */
    uint16_t occupied;         /* bit n: register n is not empty */
    uint16_t opcode;           /* last instruction's, 11 bits: 0..7FFh */
    uint32_t code_offset;      /* where it is, prefixes included */
    uint32_t data_offset;      /* its operand in memory */
    uint16_t code_selector;
    uint16_t data_selector;
    uint16_t error_line;    /* FERR# pin, 0 or 1 */
    uint16_t ignore_errors; /* IGNNE# pin, 0 or 1 */
    uint64_t busy_until;    /* CPU clock at which the last instruction is done (i486) */
};

struct cpu_state {
    uint32_t gpr[9]; /* enum gpr; [REG_NONE] is always 0: "no base", "no index" */
    uint32_t eip;    /* offset in CS of the next instruction */
    uint32_t eflags; /* EFLAGS_*, bit 1 always set, MODE never */
    uint32_t cpl;    /* 0..3 */
    struct segment_state segments[SEG_COUNT];
    struct segment_state ldtr;
    struct segment_state tr;
    struct table_state gdtr;
    struct table_state idtr;
    uint32_t cr0;            /* CR0_* */
    uint32_t cr2;            /* linear address of the last page fault */
    uint32_t cr3;            /* physical address of the page directory */
    uint32_t cr4;            /* CR4_* */
    uint32_t dr[8];          /* debug registers */
    uint32_t activity;       /* enum cpu_activity */
    uint32_t shadow;         /* enum interrupt_shadow */
    uint32_t interrupt_line; /* INTR pin, 0 or 1 */
    uint32_t nmi_pending;    /* 0 or 1: one edge latched */
    uint32_t nmi_blocked;    /* 0 or 1: until the next IRET */
    uint32_t debug_pending;  /* DR6 bits of a trap to be taken at this boundary */
    uint32_t rep_resumed;    /* 1: a REP instruction left between iterations; no start-up clocks */
    uint32_t refill_pending; /* 1: the next instruction pays the i386 refill term m */
    uint32_t a20_mask;       /* FFFFFFFFh or FFEFFFFFh */
    uint32_t mode_in_eflags; /* 0 or 1: the EFLAGS.MODE extension is on */
    uint32_t fault_count;    /* 0..3 valid entries of faults[] */
    uint32_t fault_mark;     /* instructions, low half, at the last exception: a fault loop */
    struct fault_state faults[3];       /* the last chain, first fault first */
    uint64_t clock;                     /* CPU clocks since power-on */
    uint64_t time_stamp;                /* the time stamp counter less the clock */
    uint64_t instructions;              /* completed; REP counts once */
    uint64_t deliveries;                /* interrupts and exceptions delivered */
    uint64_t delivered[DELIVERY_KINDS]; /* of them, by enum delivery_kind */
    struct fpu_state fpu;
    struct tlb_entry_state tlb_data[TLB_DATA_ENTRIES];
    struct tlb_entry_state tlb_instruction[TLB_INSTRUCTION_ENTRIES];
    uint64_t vectors[256]; /* deliveries by vector */
};
