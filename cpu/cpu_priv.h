/* Inside the processor: struct cpu = state + caches + wires, and who offers what to whom.
 * Nothing outside cpu/ includes this file (but tests of single parts do).
 * SPDX-License-Identifier: MIT */
#pragma once

#include <string.h>

#include "cpu/cpu.h"
#include "cpu/cpu_observe.h"
#include "cpu/flags.h"
#include "cpu/trap.h"
#include "cpu/uop.h"

#define PAGE_BYTES 4096u
#define PAGE_MASK  0xFFFFF000u

#define LIKELY(x)   __builtin_expect(!!(x), 1)
#define UNLIKELY(x) __builtin_expect(!!(x), 0)
#define COLD        __attribute__((noinline, cold))
#define INLINE      static inline __attribute__((always_inline))

/* What a data access has to pass, derived from segment_state: an access of n bytes at `offset`
 * is inside if offset + n <= span (64-bit). Null, expand-down and unreadable segments have
 * span 0 here and take the slow path, which decides. */
struct segment_cache {
    uint64_t read_span;  /* bytes readable from offset 0, 0..2^32 */
    uint64_t write_span; /* bytes writable from offset 0, 0..2^32 */
    uint32_t base;       /* linear */
    uint32_t unused;
};

/* Mirror of one modelled TLB entry for one privilege: where the page is in the host. */
#define MIRROR_INVALID 0x800u
struct data_mirror {
    uint32_t read_tag;  /* linear page, or MIRROR_INVALID */
    uint32_t write_tag; /* linear page if fast writes are allowed, or MIRROR_INVALID */
    uintptr_t addend;   /* host address of the page minus its linear address */
};

struct fetch_mirror {
    uint32_t tag;      /* linear page, or MIRROR_INVALID */
    uint32_t physical; /* physical page */
};

/* The beginning of GDT or IDT: whole descriptors inside the limit and in the page of its base. */
struct table_cache {
    uintptr_t base;                   /* linear, of the table */
    const struct data_mirror *mirror; /* that may hold its page, of supervisor accesses */
    uint32_t tag;                     /* of the page there */
    uint32_t reach;                   /* bytes; 0: not aligned to 4 */
};

#define BLOCK_HASH_ENTRIES 16384u
struct block_entry {
    uint32_t physical; /* of the first byte */
    uint32_t key;      /* BLOCK_KEY_*; 0xFFFFFFFF: empty */
    const union uop_slot *head;
};

/* What probe_write() found: one or two physical pieces of a write that can no longer fault. */
struct write_cell {
    uint32_t linear;      /* first byte */
    uint32_t physical[2]; /* of each piece */
    uint32_t bytes[2];    /* of each piece; bytes[1] = 0: one piece */
};

/* Clock figures that a table row cannot express; one set per timing model. timing.c */
struct timing_model {
    uint32_t model;            /* enum cpu_timing */
    uint32_t tlb_miss;         /* clocks of a page walk that writes nothing */
    uint32_t walk_write;       /* clocks more for each entry written (A or D) */
    uint32_t misaligned;       /* clocks more for each misaligned access */
    uint32_t accessed_write;   /* clocks more when a descriptor's accessed bit is set */
    uint32_t intr_acknowledge; /* clocks more for an external interrupt */
    uint32_t error_push;       /* clocks more when delivery pushes an error code */
};

/* Who watches, and what the present instruction or delivery began with. observe.c */
struct observation {
    struct machine_observer observer;
    uint32_t wanted;      /* bits 1 << EVENT_* */
    uint32_t muted;       /* how often muted: above 0 nothing is reported */
    uint32_t stopped;     /* 1: an event has asked to stop */
    uint32_t watch_count; /* 0..WATCHES_MAX */
    uint32_t place_count; /* 0..PLACES_MAX */
    uint32_t code_base;   /* CS base, linear */
    uint32_t eip;
    uint32_t cpl;                   /* 0..3 */
    uint32_t mode;                  /* EVENT_MODE_* */
    uint32_t cr3;                   /* physical */
    uint32_t activity;              /* enum cpu_activity */
    uint64_t deliveries;            /* so far */
    struct machine_event announced; /* the last INSTRUCTION */
    struct machine_watch watches[WATCHES_MAX];
    uint32_t places[PLACES_MAX]; /* linear */
};

/* An instruction that is in no block (it straddles two pages, say) as it was decoded last, found by
 * where it begins. Its bytes are compared before it is used, so nothing has to drop it. */
#define LOOSE_ENTRIES 128u
#define LOOSE_BYTES   15u
#define LOOSE_SLOTS   4u /* head, micro-op, end, links */
struct loose_instruction {
    union uop_slot slots[LOOSE_SLOTS];
    uint32_t physical; /* of its first byte */
    uint32_t key;      /* BLOCK_KEY_* it was decoded for */
    uint32_t length;   /* bytes, 0: none */
    uint8_t bytes[LOOSE_BYTES + 1];
};

/* The first access of a flat variant, to a page that is not in the mirror. */
struct missed_access {
    uint32_t linear;
    uint32_t bytes;  /* 1, 2 or 4 */
    uint32_t access; /* 0 or ACCESS_WRITE */
    uint32_t unused;
};

enum leave_reason {
    LEAVE_NONE = 0,
    LEAVE_STEP = 1,  /* one instruction was asked for */
    LEAVE_STOP = 2,  /* cpu_request_stop() */
    LEAVE_EVENT = 4, /* deadline, interrupt line or decoded code have changed */
    LEAVE_MODE = 8,  /* mode_settle() is due */
};

struct cpu {
    struct cpu_state state; /* gpr[] first: handlers address it all the time */

    /* ---- caches of the running state, first the hot ones ---- */
    struct lazy_flags flags; /* replaces the arithmetic bits of state.eflags between saves */
    int64_t budget;          /* deadline - clock, after all clocks charged so far */
    uint64_t deadline;       /* absolute clock */
    uint64_t run_deadline;   /* what cpu_run() was asked for, lowered by the bus */
    uint32_t entry_eip;      /* EIP of the first byte of the running block */
    uint32_t cs_limit;       /* state.segments[SEG_CS].limit */
    uint32_t odd_page; /* linear page in which CS ends, unless at its end; else MIRROR_INVALID */
    uint32_t leave;    /* LEAVE_* bits: go back to the loop after this instruction */
    uint32_t key;      /* BLOCK_KEY_* of the present mode */
    struct data_mirror *mirror; /* data_mirrors[user] */
    struct fetch_mirror *fetch; /* fetch_mirrors[user] */
    struct segment_cache segment_cache[SEG_COUNT];
    struct fault fault;     /* raised last */
    struct write_cell cell; /* of the last probe_write() */
    struct missed_access missed;
    uint8_t fpu_image[112];  /* an x87 operand in memory on its way (not a local: tail calls) */
    struct journal *journal; /* NULL: nobody listens */
    const struct timing_model *timing;
    struct table_cache gdt;
    struct table_cache idt;
    uint32_t deliveries_kind;   /* enum delivery_kind of the last delivery */
    uint32_t deliveries_vector; /* its vector */
    uint32_t deliveries_path;   /* its path */
    uint32_t in_slice;          /* 1 while budget and deadline are in force */
    uint32_t data_filled;       /* 1: some data mirror may be in use */
    uint32_t fetch_filled;      /* 1: some fetch mirror may be in use */
    uint32_t large_filled;      /* 1: some TLB entry may be part of a 4 MiB page */
    uint32_t mode_stale;        /* 1: mode_settle() is due before the next instruction */
    uint32_t rights_mode;       /* PE and VM the segment caches were made for */
    uint32_t mapping;           /* CR0 bits the mirrors were filled under */
    uint32_t executing;         /* 1 while an instruction or delivery runs */
    uint32_t faulted;           /* 1: the instruction ended by uop_fault(), fault is valid */
    uint32_t task_switched;     /* 1: the fault raised last is a new task's, state.eip is its own */
    uint32_t watch;             /* WATCH_* bits: what DR7 asks for */
    uint32_t watch_hits;        /* DR6 bits of data breakpoints met by this instruction */
    uint32_t at_breakpoint;     /* 1: left before an instruction at a breakpoint */
    uint32_t observe;           /* bits 1 << EVENT_* that are reported now */
    uint32_t generation;        /* counts blocks_drop_all(): arena pointers of before are dead */
    const struct uop *uop;      /* of the careful variant that runs; NULL: delivery or nothing */

    /* ---- wires ---- */
    struct cpu_config config;
    struct cpu_bus bus;
    const uint32_t *breakpoints; /* sorted linear addresses */
    uint32_t breakpoint_count;
    uint32_t ram_pages;
    struct observation observation;

    /* ---- the big caches ---- */
    struct data_mirror data_mirrors[2][TLB_DATA_ENTRIES];          /* [user] */
    struct fetch_mirror fetch_mirrors[2][TLB_INSTRUCTION_ENTRIES]; /* [user] */
    struct block_entry block_hash[BLOCK_HASH_ENTRIES];
    union uop_slot scratch[8];                     /* a single instruction that is in no block */
    struct loose_instruction loose[LOOSE_ENTRIES]; /* what was in it */
    uint32_t arena_used;                           /* slots */
    uint32_t arena_slots;                          /* slots there are */
    uint32_t *page_blocks; /* per RAM page: arena index of its first block, 0 none */
    uint32_t *page_chunks; /* per RAM page: bit n: 128-byte chunk n holds decoded code */
    uint8_t *page_drops;   /* per RAM page: how often code in it was overwritten, saturating */
    union uop_slot *arena;
};

/* Host memory of 1, 2 or 4 bytes, little-endian as the guest. */
INLINE uint32_t host_load(const uint8_t *host, uint32_t bytes)
{
    uint32_t value = 0;
    if (bytes == 4) {
        memcpy(&value, host, 4);
    } else if (bytes == 2) {
        memcpy(&value, host, 2);
    } else {
        value = *host;
    }
    return value;
}
INLINE void host_store(uint8_t *host, uint32_t bytes, uint32_t value)
{
    if (bytes == 4) {
        memcpy(host, &value, 4);
    } else if (bytes == 2) {
        memcpy(host, &value, 2);
    } else {
        *host = (uint8_t)value;
    }
}

/* ---- raising (trap.c) ---- */
/* Note the fault and return its path: `return trap_raise(cpu, PATH_x, code);` */
uint32_t trap_raise(struct cpu *cpu, uint32_t path, uint32_t error_code);
uint32_t trap_raise_page(struct cpu *cpu, uint32_t path, uint32_t error_code, uint32_t linear);

/* ---- clocks ---- */
INLINE void charge(struct cpu *cpu, uint32_t clocks)
{
    cpu->budget -= clocks;
}
/* Clock at the start of this instruction plus what it has been charged so far. */
uint64_t clock_in(const struct cpu *cpu, const struct uop *uop);

/* ---- mode (cpu.c) ---- */
/* Call after anything of CR0, CPL, EFLAGS.VM, CS, SS changed: the block is left and what depends
 * on the mode is settled before the next instruction. */
INLINE void mode_changed(struct cpu *cpu)
{
    cpu->mode_stale = 1;
    cpu->leave |= LEAVE_MODE;
}
void mode_settle(struct cpu *cpu);
void segment_changed(struct cpu *cpu, enum segment segment);
/* The same from values at hand. Rights by type bits 3-1 of the descriptor (code, expand down or
 * conforming, writable or readable): bit 2t of the word = fast reads, bit 2t + 1 = fast writes.
 * Expand-down segments always take the slow path. */
INLINE void segment_cache_fill(struct cpu *cpu, enum segment segment, uint32_t base, uint32_t limit,
                               uint32_t attributes, uint32_t usable)
{
    const uint32_t fast_rights = 0x1u | (0x3u << 2) | (0x1u << 10) | (0x1u << 14);
    struct segment_cache *cache = &cpu->segment_cache[segment];
    uint32_t type = (attributes >> 1) & 7;
    bool protected_mode = (cpu->state.cr0 & CR0_PE) && !(cpu->state.eflags & EFLAGS_VM);
    uint32_t rights = protected_mode ? (usable ? fast_rights >> (2 * type) : 0) : 3;
    uint64_t span = (type & 6) == 2 ? 0 : (uint64_t)limit + 1;
    cache->base = base;
    cache->read_span = rights & 1 ? span : 0;
    cache->write_span = rights & 2 ? span : 0;
}

/* All of the 4 GiB from linear 0 can be read and written through it. */
INLINE bool is_flat(const struct segment_cache *cache)
{
    return !cache->base && cache->read_span >> 32 && cache->write_span >> 32;
}
/* BLOCK_KEY_FLAT or 0. Whoever changes what this says calls mode_changed() or sets the key. */
INLINE uint32_t key_of_segments(const struct cpu *cpu)
{
    const struct segment_state *code = &cpu->state.segments[SEG_CS];
    const bool flat = is_flat(&cpu->segment_cache[SEG_ES]) &&
                      is_flat(&cpu->segment_cache[SEG_SS]) &&
                      is_flat(&cpu->segment_cache[SEG_DS]) && !code->base && !~code->limit;
    return flat ? BLOCK_KEY_FLAT : 0;
}

/* After GDTR or IDTR has been loaded. cpu.c */
void tables_changed(struct cpu *cpu);
/* Host address of the 8 bytes at offset `at`, a multiple of 8, of the table, if they are inside and
 * the mirror has the page; else NULL. */
INLINE const uint8_t *table_at_hand(const struct table_cache *table, uint32_t at)
{
    const bool hit = at < table->reach && table->mirror->read_tag == table->tag;
    return LIKELY(hit) ? (const uint8_t *)(table->mirror->addend + table->base + at) : NULL;
}

/* ---- translation (paging.c) ---- */
/* Bits of entries of both levels. */
#define PAGE_PRESENT  0x01u
#define PAGE_WRITABLE 0x02u
#define PAGE_USER     0x04u
#define PAGE_ACCESSED 0x20u
#define PAGE_DIRTY    0x40u

#define ACCESS_WRITE 1u
#define ACCESS_USER  2u /* CPL 3, not an implicit system access */
/* Error code of a page fault. present: 1 for a page that is there, 0. */
INLINE uint32_t page_fault_code(uint32_t present, uint32_t access)
{
    return present | (access & ACCESS_WRITE ? 2 : 0) | (access & ACCESS_USER ? 4 : 0);
}
struct translation {
    uint32_t physical; /* valid only if path is PATH_NONE */
    uint32_t path;     /* enum trap_path */
};
/* Linear to physical through the modelled data TLB; walks, sets A and D, charges a miss. */
struct translation translate_data(struct cpu *cpu, uint32_t linear, uint32_t access);
/* The same for an instruction fetch. */
struct translation translate_fetch(struct cpu *cpu, uint32_t linear);
void tlb_flush(struct cpu *cpu);                     /* all of it */
void tlb_flush_local(struct cpu *cpu);               /* CR3 load: but global pages */
void tlb_drop_data(struct cpu *cpu, uint32_t index); /* one entry and its mirrors */
/* INVLPG. returns true if something is gone that instructions are fetched by. */
bool tlb_flush_page(struct cpu *cpu, uint32_t linear);

/* A directory entry of a 4 MiB page (CR4.PSE) has no table below it. */
INLINE bool is_large_page(const struct cpu *cpu, uint32_t pde)
{
    return UNLIKELY(pde & TLB_LARGE) && (cpu->state.cr4 & CR4_PSE);
}
/* Its bits 12-21, which no processor without PSE-36 and PAT uses. */
#define LARGE_PAGE_RESERVED 0x003FF000u
/* The table entry that its 4 KiB around `linear` would have. */
INLINE uint32_t large_page_part(uint32_t pde, uint32_t linear)
{
    return (pde & ~LARGE_PAGE_RESERVED) | (linear & LARGE_PAGE_RESERVED);
}
/* The bits of a table entry that the TLB takes over. */
INLINE uint32_t tlb_kept_bits(const struct cpu *cpu)
{
    const uint32_t global = cpu->state.cr4 & CR4_PGE ? TLB_GLOBAL : 0;
    return PAGE_MASK | TLB_WRITABLE | TLB_USER | TLB_DIRTY | global;
}
void mirrors_drop(struct cpu *cpu);

/* ---- what the mirrors know needs no checks, and nothing is to be noted ---- */
/* Host address of [linear, linear + bytes) if the mirror of this privilege has the page, the
 * access is aligned and nobody keeps a journal; else NULL. */
INLINE uint8_t *mirrored(const struct cpu *cpu, const struct data_mirror *mirrors, uint32_t linear,
                         uint32_t bytes, uint32_t access)
{
    const struct data_mirror *mirror = &mirrors[tlb_data_index(linear)];
    uint32_t tag = access & ACCESS_WRITE ? mirror->write_tag : mirror->read_tag;
    bool hit = (linear & (PAGE_MASK | (bytes - 1))) == tag && !cpu->journal;
    return LIKELY(hit) ? (uint8_t *)(mirror->addend + linear) : NULL;
}

/* ---- breakpoints of the debug registers (debug.c) ---- */
#define DR7_GD          0x2000u
#define DR6_BD          0x2000u
#define DR6_BS          0x4000u
#define WATCH_EXECUTION 1u /* some instruction breakpoint is enabled: no blocks are run */
#define WATCH_DATA      2u /* some data breakpoint is enabled: its pages are never mirrored */
#define WATCH_OBSERVED  4u /* an observer's watches are in force: nor are these */
/* DR0-DR3 or DR7 have changed. */
void watch_changed(struct cpu *cpu);
/* Is a data breakpoint in this linear page? */
bool watch_in_page(const struct cpu *cpu, uint32_t linear);
/* A program's access: note what it meets in watch_hits. */
void watch_access(struct cpu *cpu, uint32_t linear, uint32_t bytes, uint32_t access);
/* DR6 bits of the instruction breakpoints at `linear`. */
uint32_t watch_execution(const struct cpu *cpu, uint32_t linear);

/* ---- observers (observe.c); callers have looked whether there is one ---- */
#define OBSERVE_READS  1u
#define OBSERVE_WRITES 2u
/* One access that is done now. */
struct memory_access {
    struct write_cell cell;
    uint32_t value;     /* read or written */
    uint32_t old_value; /* write: what was there */
    uint32_t write;     /* 0 or 1 */
    uint32_t implicit;  /* 1: not the program's */
    uint32_t walk;      /* 1: a page walk's, has no linear address */
};
/* An instruction or delivery begins at state.eip. */
void observe_begin(struct cpu *cpu);
/* It has ended: report what it was. last: the instruction's micro-op, NULL: a delivery. */
void observe_boundary(struct cpu *cpu, const struct uop *last);
/* The micro-op before each instruction while these are observed. */
const struct uop *uop_observe(struct cpu *cpu, const struct uop *uop);
/* `uop` runs next, its block is entered. row: enum insn_id. True: to stop after it. */
bool observe_instruction(struct cpu *cpu, const struct uop *uop, uint32_t row);
void observe_port(struct cpu *cpu, uint32_t port, uint32_t bytes, uint32_t value, uint32_t write);
void observe_memory(struct cpu *cpu, const struct memory_access *access);
void observe_walk(struct cpu *cpu, uint32_t physical, uint32_t old_value, uint32_t value,
                  uint32_t write);
/* What is watched somewhere in this page: OBSERVE_*. */
uint32_t observe_page(const struct cpu *cpu, uint32_t linear, uint32_t physical);

/* ---- memory, slow and complete (mem.c) ---- */
struct access {
    uint32_t value; /* zero-extended; valid only if path is PATH_NONE */
    uint32_t path;  /* enum trap_path */
};
/* bytes 1, 2 or 4. Segment limit and rights, alignment check, translation, page crossing. */
struct access read_logical(struct cpu *cpu, uint32_t segment, uint32_t offset, uint32_t bytes);
uint32_t write_logical(struct cpu *cpu, uint32_t segment, uint32_t offset, uint32_t bytes,
                       uint32_t value);
/* All checks of a write (and of the read before it), nothing written: fills cpu->cell. */
uint32_t probe_write(struct cpu *cpu, uint32_t segment, uint32_t offset, uint32_t bytes);
uint32_t cell_read(struct cpu *cpu);
void cell_write(struct cpu *cpu, uint32_t value);
/* Checks only, any number of bytes up to 4096 (frames, PUSHA, ENTER): PATH_NONE if all of
 * [offset, offset + bytes) can be read, or written. Wraps at 64 KiB are the caller's. */
uint32_t check_logical(struct cpu *cpu, uint32_t segment, uint32_t offset, uint32_t bytes,
                       uint32_t access);
/* Implicit supervisor accesses to descriptor tables and the TSS, by linear address. */
struct access read_system_slow(struct cpu *cpu, uint32_t linear, uint32_t bytes);
uint32_t write_system_slow(struct cpu *cpu, uint32_t linear, uint32_t bytes, uint32_t value);
INLINE struct access read_system(struct cpu *cpu, uint32_t linear, uint32_t bytes)
{
    const uint8_t *host = mirrored(cpu, cpu->data_mirrors[0], linear, bytes, 0);
    if (LIKELY(host)) {
        struct access quick = {host_load(host, bytes), PATH_NONE};
        return quick;
    }
    return read_system_slow(cpu, linear, bytes);
}
INLINE uint32_t write_system(struct cpu *cpu, uint32_t linear, uint32_t bytes, uint32_t value)
{
    uint8_t *host = mirrored(cpu, cpu->data_mirrors[0], linear, bytes, ACCESS_WRITE);
    if (LIKELY(host)) {
        host_store(host, bytes, value);
        return PATH_NONE;
    }
    return write_system_slow(cpu, linear, bytes, value);
}
/* The same as probe then write, for a write that must not fault later. */
uint32_t probe_system(struct cpu *cpu, uint32_t linear, uint32_t bytes);
/* Host address of [offset, offset + bytes) if all of it lies in one page that the mirrors know for
 * this access, is aligned to 4 and nobody keeps a journal: then it may be used at once, with no
 * more checks. Else NULL. bytes: 1..4096. For frames and descriptors. */
INLINE uint8_t *host_range(const struct cpu *cpu, uint32_t segment, uint32_t offset, uint32_t bytes,
                           uint32_t access)
{
    const struct segment_cache *seg = &cpu->segment_cache[segment];
    const uint64_t span = access & ACCESS_WRITE ? seg->write_span : seg->read_span;
    const uint32_t linear = seg->base + offset;
    if (UNLIKELY((uint64_t)offset + bytes > span || (linear & ~PAGE_MASK) + bytes > PAGE_BYTES)) {
        return NULL;
    }
    return mirrored(cpu, cpu->mirror, linear, 4, access);
}
INLINE uint8_t *host_range_system(const struct cpu *cpu, uint32_t linear, uint32_t bytes,
                                  uint32_t access)
{
    return (linear & ~PAGE_MASK) + bytes > PAGE_BYTES
               ? NULL
               : mirrored(cpu, cpu->data_mirrors[0], linear, 4, access);
}
/* Physical, no checks: RAM or bus. */
uint32_t read_physical(struct cpu *cpu, uint32_t physical, uint32_t bytes);
void write_physical(struct cpu *cpu, uint32_t physical, uint32_t bytes, uint32_t value);
/* True if the page of `physical` is RAM. */
INLINE bool is_ram(const struct cpu *cpu, uint32_t physical)
{
    return physical < cpu->bus.ram_bytes &&
           (physical < cpu->bus.hole_first || physical >= cpu->bus.hole_end);
}

/* ---- blocks (block.c) ---- */
/* Find or decode the block at state.eip; NULL: the fetch or decode faulted, cpu->fault says how.
 * single: at most one instruction. */
const union uop_slot *block_find(struct cpu *cpu, uint32_t single);
void blocks_drop_all(struct cpu *cpu);
/* RAM [physical, +bytes) has changed: drop the code decoded from it. */
void blocks_written(struct cpu *cpu, uint32_t physical, uint32_t bytes);

/* ---- leaving a block (exec_loop.c) ---- */
const struct uop *uop_fault(struct cpu *cpu, const struct uop *uop, uint32_t path);
const struct uop *leave_after(struct cpu *cpu, const struct uop *uop);
const struct uop *careful_next(struct cpu *cpu, const struct uop *uop);
const struct uop *to_careful(struct cpu *cpu, const struct uop *uop);
/* A flat variant gives up, nothing changed, because the mirror lacks the page of cpu->missed. mem.c
 */
const struct uop *missed_flat(struct cpu *cpu, const struct uop *uop);
/* After a transfer that has set state.eip (and possibly the mode): the last of its block. */
const struct uop *leave_jump(struct cpu *cpu, const struct uop *uop);
/* The ends of branches: careful ones return to the loop, fast ones go on to the next block;
 * enter_* have entry_eip set and, but for the indirect one, the clocks subtracted. */
const struct uop *careful_branch(struct cpu *cpu, const struct uop *uop, uint32_t target);
const struct uop *careful_no_branch(struct cpu *cpu, const struct uop *uop);
const struct uop *enter_taken_slow(struct cpu *cpu, const struct uop *uop);
const struct uop *enter_next_slow(struct cpu *cpu, const struct uop *uop);
/* After INT or IRET, state.eip set: on into the handler or program if its block is known and
 * nothing is due at this boundary, else to the loop. */
const struct uop *enter_transferred(struct cpu *cpu, const struct uop *uop);
const struct uop *enter_indirect_slow(struct cpu *cpu, const struct uop *uop);
/* A REP instruction stops between iterations: EIP stays at it, it is not counted as completed,
 * what it has charged stays charged. */
const struct uop *leave_within(struct cpu *cpu, const struct uop *uop);
/* First thing in a REP body that will do at least one iteration: returns 1 if it goes on after
 * leave_within(): start-up clocks are then not due again, the static ones are given back. */
INLINE uint32_t rep_begin(struct cpu *cpu, const struct uop *uop)
{
    uint32_t resumed = cpu->state.rep_resumed;
    if (resumed) {
        cpu->state.rep_resumed = 0;
        cpu->budget += uop->clocks_left - uop[1].clocks_left;
    }
    return resumed;
}
/* After an iteration has been charged and more remain: must the instruction be left here? */
INLINE bool rep_must_leave(const struct cpu *cpu, const struct uop *uop)
{
    return cpu->budget + uop[1].clocks_left <= 0 || (cpu->leave & ~(uint32_t)LEAVE_STEP);
}

/* ---- journal (journal.c) ---- */
void journal_add(struct cpu *cpu, const struct journal_entry *entry);
void journal_note_register(struct cpu *cpu, uint32_t reg, uint32_t previous, uint32_t value);
void journal_note_step(struct cpu *cpu, uint32_t kind, uint32_t detail, uint32_t value);
/* A register's change; a write of the same value is not one. */
INLINE void journal_register(struct cpu *cpu, uint32_t reg, uint32_t previous, uint32_t value)
{
    if (UNLIKELY(cpu->journal)) {
        journal_note_register(cpu, reg, previous, value);
    }
}
INLINE void journal_step(struct cpu *cpu, uint32_t kind, uint32_t detail, uint32_t value)
{
    if (UNLIKELY(cpu->journal)) {
        journal_note_step(cpu, kind, detail, value);
    }
}
/* The registers as the journal names them. */
void journal_registers(const struct cpu *cpu, uint32_t values[JREG_COUNT]);
/* Add what differs from `values`, taken when the journal had `first` entries, and is not in it. */
void journal_differences(struct cpu *cpu, uint32_t first, uint32_t values[JREG_COUNT]);
