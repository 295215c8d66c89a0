/* The micro-steps of one instruction or delivery, in the order they happen.
 * Written by the slow paths, delivery and the page walker while cpu_step() runs with a
 * journal set; what they do not write (register results) cpu_step() adds as differences.
 * SPDX-License-Identifier: MIT */
#pragma once

#include <stdint.h>

enum journal_kind {
    JOURNAL_FETCH,         /* address: linear, value: bytes fetched (up to 4), size: their number */
    JOURNAL_SEGMENT_CHECK, /* address: offset, size, detail: enum segment, value: limit */
    JOURNAL_TLB_HIT,       /* address: linear, value: physical */
    JOURNAL_TLB_MISS,      /* address: linear */
    JOURNAL_WALK_READ,     /* address: physical of the entry, value: entry, detail: 1 PDE, 2 PTE */
    JOURNAL_WALK_WRITE,    /* the same, previous: old entry */
    JOURNAL_MEMORY_READ,   /* address: linear, physical, value, size */
    JOURNAL_MEMORY_WRITE,  /* address: linear, physical, value, previous, size */
    JOURNAL_PORT_READ,     /* address: port, value, size */
    JOURNAL_PORT_WRITE,    /* address: port, value, size */
    JOURNAL_REGISTER,      /* detail: enum journal_register, value: new, previous: old */
    JOURNAL_DELIVERY_STEP, /* detail: 1..13 = U01..U13 of the delivery; value: see deliver.c */
    JOURNAL_IRET_STEP,     /* detail: step of IRET, see op_int.c */
    JOURNAL_FAULT,         /* detail: enum trap_path, value: error code, address: CR2 if #PF */
    JOURNAL_FPU_WAIT,      /* value: CPU clocks until the x87 was done with the one before */
    JOURNAL_FPU_WORKS,     /* value: CPU clocks that the x87 goes on beside what follows */
    JOURNAL_EXECUTE,       /* what belongs to none of these: the operation itself */
    JOURNAL_HALT,          /* the processor stops fetching */
    JOURNAL_KIND_COUNT
};

/* Registers by name: general registers, then the rest. */
enum journal_register {
    JREG_EAX,
    JREG_ECX,
    JREG_EDX,
    JREG_EBX,
    JREG_ESP,
    JREG_EBP,
    JREG_ESI,
    JREG_EDI,
    JREG_EIP,
    JREG_EFLAGS,
    JREG_CPL,
    JREG_ES,
    JREG_CS,
    JREG_SS,
    JREG_DS,
    JREG_FS,
    JREG_GS, /* selectors; hidden part follows */
    JREG_LDTR,
    JREG_TR,
    JREG_GDTR_BASE,
    JREG_GDTR_LIMIT,
    JREG_IDTR_BASE,
    JREG_IDTR_LIMIT,
    JREG_CR0,
    JREG_CR2,
    JREG_CR3,
    JREG_CR4,
    JREG_FPU_CONTROL,
    JREG_FPU_STATUS,
    JREG_FPU_OCCUPIED, /* a bit for each physical register */
    JREG_FPU_OPCODE,
    JREG_FPU_CODE, /* pointers to the last instruction and its operand: offset, selector */
    JREG_FPU_CODE_SELECTOR,
    JREG_FPU_DATA,
    JREG_FPU_DATA_SELECTOR,
    JREG_FPU_PINS,      /* FERR# in bit 0, IGNNE# in bit 1 */
    JREG_FPU_REGISTERS, /* three for each physical register: bits 31-0, 63-32, 79-64 */
    JREG_COUNT = JREG_FPU_REGISTERS + 24
};
struct fpu_state;
/* One of JREG_FPU_CONTROL to the last. */
uint32_t journal_fpu_register(const struct fpu_state *fpu, uint32_t reg);
void journal_put_fpu_register(struct fpu_state *fpu, uint32_t reg, uint32_t value);

struct journal_entry {
    uint32_t kind;     /* enum journal_kind */
    uint32_t detail;   /* by kind */
    uint32_t address;  /* by kind */
    uint32_t physical; /* physical address of a memory access */
    uint32_t value;    /* new value */
    uint32_t previous; /* old value of what was overwritten */
    uint32_t size;     /* bytes, 0..4 */
    uint32_t system;   /* 1: implicit supervisor access (descriptor table, TSS, walk) */
    uint64_t clock;    /* CPU clocks: when it ends */
};

#define JOURNAL_CAPACITY 512u

struct journal {
    uint32_t count;   /* 0..JOURNAL_CAPACITY */
    uint32_t dropped; /* entries that did not fit (long REP instructions) */
    struct journal_entry entries[JOURNAL_CAPACITY];
};
