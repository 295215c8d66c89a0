/* Descriptors and segment registers: fetch, decode, the load checks in the order of the manual.
 * The same checks serve MOV, POP, far transfers, IRET and delivery; what differs is which path
 * each failure raises, and that is a table.
 * See: 80386 PRM 5.1, 6.3, pages MOV, RET, INT; real mode chapter 14.
 * SPDX-License-Identifier: MIT */
#pragma once

#include "cpu/cpu_priv.h"

#define SELECTOR_RPL   3u
#define SELECTOR_LOCAL 4u
#define SELECTOR_INDEX 0xFFFCu /* index and table: what an error code holds */

/* System descriptor types (bits 8-12 of the high half, S = 0). */
#define TYPE_TSS16_AVAILABLE 0x01u
#define TYPE_LDT             0x02u
#define TYPE_TSS16_BUSY      0x03u
#define TYPE_CALL_GATE16     0x04u
#define TYPE_TASK_GATE       0x05u
#define TYPE_INTERRUPT16     0x06u
#define TYPE_TRAP16          0x07u
#define TYPE_TSS32_AVAILABLE 0x09u
#define TYPE_TSS32_BUSY      0x0Bu
#define TYPE_CALL_GATE32     0x0Cu
#define TYPE_INTERRUPT32     0x0Eu
#define TYPE_TRAP32          0x0Fu
#define GATE_PRESENT         0x8000u /* in the high half */

struct descriptor {
    uint32_t low;    /* bits 0-31 */
    uint32_t high;   /* bits 32-63 */
    uint32_t linear; /* of its first byte */
    uint32_t found;  /* 0: the selector is outside its table */
    uint32_t path;   /* enum trap_path met while reading, or PATH_NONE */
};

/* A descriptor and the register contents it gives: checked, not yet in force. */
struct segment_load {
    struct descriptor descriptor;
    struct segment_state state;
};

INLINE uint32_t descriptor_type(uint32_t high)
{
    return (high >> 8) & 0x1F; /* S and type */
}
INLINE uint32_t descriptor_dpl(uint32_t high)
{
    return (high >> 13) & 3;
}
INLINE uint32_t attributes_dpl(uint32_t attributes)
{
    return (attributes & ATTR_DPL) >> ATTR_DPL_SHIFT;
}
INLINE bool is_null_selector(uint32_t selector)
{
    return (selector & SELECTOR_INDEX) == 0;
}
INLINE bool is_code(uint32_t attributes)
{
    return (attributes & (ATTR_SEGMENT | ATTR_CODE)) == (ATTR_SEGMENT | ATTR_CODE);
}
INLINE bool is_conforming_code(uint32_t attributes)
{
    return is_code(attributes) && (attributes & ATTR_CONFORMING);
}
INLINE bool is_writable_data(uint32_t attributes)
{
    return (attributes & (ATTR_SEGMENT | ATTR_CODE | ATTR_WRITABLE)) ==
           (ATTR_SEGMENT | ATTR_WRITABLE);
}
INLINE bool in_protected_mode(const struct cpu *cpu)
{
    return (cpu->state.cr0 & CR0_PE) && !(cpu->state.eflags & EFLAGS_VM);
}

/* Read from the GDT or LDT; raises nothing but page faults (in .path). */
void descriptor_read(struct cpu *cpu, uint32_t selector, struct descriptor *found);
/* What its two halves say. */
INLINE uint32_t descriptor_base(uint32_t low, uint32_t high)
{
    return (low >> 16) | ((high & 0xFF) << 16) | (high & 0xFF000000);
}
INLINE uint32_t descriptor_limit(uint32_t low, uint32_t high)
{
    uint32_t limit = (low & 0xFFFF) | (high & 0x000F0000);
    return high & 0x00800000 ? (limit << 12) | 0xFFF : limit;
}
INLINE uint16_t descriptor_attributes(uint32_t high)
{
    return (uint16_t)((high >> 8) & 0xF0FF);
}
/* The register contents it describes. */
INLINE void descriptor_decode(const struct descriptor *descriptor, uint32_t selector,
                              struct segment_state *state)
{
    state->base = descriptor_base(descriptor->low, descriptor->high);
    state->limit = descriptor_limit(descriptor->low, descriptor->high);
    state->selector = (uint16_t)selector;
    state->attributes = descriptor_attributes(descriptor->high);
    state->usable = 1;
}
/* descriptor_read, and the path `outside` with `error_code` if there is no such descriptor. */
uint32_t segment_fetch(struct cpu *cpu, uint32_t selector, uint32_t outside, uint32_t error_code,
                       struct segment_load *load);

/* What the failures of loading a stack segment raise. */
struct stack_paths {
    uint16_t null;          /* no selector */
    uint16_t limit;         /* outside its table */
    uint16_t rpl;           /* RPL is not the level */
    uint16_t dpl;           /* DPL is not the level */
    uint16_t read_only;     /* data, not writable */
    uint16_t code;          /* code segment */
    uint16_t system;        /* system descriptor */
    uint16_t not_present;   /* P = 0 */
    uint16_t dpl_last;      /* 1: DPL is tested after the type (MOV, IRET), 0: before (INT) */
    uint16_t null_has_code; /* 1: null raises with EXT as its code, 0: with 0 */
};
/* All checks of `selector` for SS at `level`. ext: 0 or 1, into error codes. */
uint32_t stack_segment_check(struct cpu *cpu, uint32_t selector, uint32_t level, uint32_t ext,
                             const struct stack_paths *paths, struct segment_load *load);

/* The same for a data segment register other than SS. */
struct data_paths {
    uint16_t no_table;     /* in the LDT, and there is none */
    uint16_t limit;        /* outside its table */
    uint16_t system;       /* system descriptor */
    uint16_t execute_only; /* code that can not be read */
    uint16_t privilege;    /* DPL below CPL or RPL */
    uint16_t not_present;  /* P = 0 */
};
/* All checks of `selector`, not null, at the present CPL (80386 PRM MOV page). */
uint32_t data_segment_check(struct cpu *cpu, uint32_t selector, uint32_t ext,
                            const struct data_paths *paths, struct segment_load *load);

/* Set the accessed bit in memory if it is clear (a locked write); charges for it. */
uint32_t segment_mark_accessed(struct cpu *cpu, struct segment_load *load);
/* The same in two halves, where nothing may be written before all has been tested. */
uint32_t segment_probe_accessed(struct cpu *cpu, const struct segment_load *load);

/* Put it in force: journal, register, caches derived from it. */
void segment_commit(struct cpu *cpu, enum segment segment, const struct segment_state *value);
void cpl_commit(struct cpu *cpu, uint32_t cpl);

/* Load a segment register other than CS in the present mode: checks, accessed bit, commit.
 * traps: gp_load_*, np_load_ds, ss_load_np, page faults of the table; then nothing changed */
uint32_t segment_load_register(struct cpu *cpu, enum segment segment, uint32_t selector);
/* CS or a data register as the 8086 has it: base is selector * 16, the limit is kept. */
void segment_load_real(struct cpu *cpu, enum segment segment, uint32_t selector);
/* The same in virtual-8086 mode, where the limit is FFFFh and DPL 3. */
void segment_load_virtual(struct cpu *cpu, enum segment segment, uint32_t selector);
/* After a return to an outer level: null what that level may not use (80386 PRM RET page). */
void segments_drop_privileged(struct cpu *cpu);
