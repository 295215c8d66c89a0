/* Random instructions with paging on, in ring 3 and ring 0. Each runs with the journal on: its
 * reads must be what memory held, its writes and register changes all that differs afterwards. Then
 * it runs once for each page it touched with that page away: #PF must leave everything as it was
 * (but iterations of a REP), and going on when the page is back must end as the first run did.
 *   test_injection [SEED [INSTRUCTIONS]]
 * SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "cpu/decode.h"
#include "cpu/isa.h"
#include "cpu_fixture.h"

#define DEFAULT_COUNT 30000u
#define CODE_BYTES    16u
#define LOCAL_AT      0x40000u /* LDT on a page of its own */
#define LOCAL_LIMIT   0x3Fu
#define FAR_AHEAD     100000000u
#define MOST_SHOWN    10u
#define MOST_PAGES    24u

struct injection {
    struct fixture f;
    uint64_t seed;
    uint8_t fresh[RAM_BYTES], before[RAM_BYTES], after[RAM_BYTES];
    struct cpu_state base, start, end;
    uint32_t row, length, repeats;
    uint8_t code[CODE_BYTES];
    uint64_t instructions, faults, injected, wrong;
};

/* ---- random things: xorshift64 ---- */

static uint32_t random32(struct injection *t)
{
    t->seed ^= t->seed << 13;
    t->seed ^= t->seed >> 7;
    t->seed ^= t->seed << 17;
    return (uint32_t)(t->seed >> 16);
}

static uint32_t below(struct injection *t, uint32_t limit)
{
    return (uint32_t)(((uint64_t)random32(t) * limit) >> 32);
}

static const uint16_t selectors[] = {SEL_CODE0, SEL_DATA0, SEL_CODE3, SEL_DATA3, SEL_CONFORM,
                                     0x07,      0x0F,      0x17,      0x1F,      0,
                                     0x04,      0x0C,      0x27,      SEL_CODE1};
#define SELECTORS (sizeof selectors / sizeof selectors[0])

/* Data that is good for many things: offsets near code and data, selectors, small numbers. */
static void fill(struct injection *t)
{
    for (uint32_t at = DATA_AT; at < DATA_AT + 0x8000; at += 4) {
        const uint32_t kind = below(t, 4);
        const uint32_t value = kind == 0   ? selectors[below(t, SELECTORS)]
                               : kind == 1 ? DATA_AT + below(t, 0x6000)
                               : kind == 2 ? CODE_AT + below(t, 64)
                                           : random32(t);
        put32(&t->f, at, value);
    }
}

static bool is_left_out(uint32_t row)
{
    const char *id = insn_table[row].id;
    static const char *const names[] = {
        "MOV_Cd", "LMSW",   "CLTS", "LTR", "WRMSR", "RDTSC", "HLT",  "MOV_Dd", "LLDT",   "LGDT",
        "LIDT",   "INVLPG", "INT",  "F",   "JMPF",  "CALLF", "WAIT", "ICEBP",  "WBINVD", "INVD"};
    for (uint32_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (strncmp(id, names[i], strlen(names[i])) == 0) {
            return true;
        }
    }
    return row == INSN_none;
}

static void make_code(struct injection *t)
{
    static const uint8_t prefixes[] = {0x66, 0x66, 0xF2, 0xF3, 0xF0, 0x64};
    const struct cpu_config config = {.level = CPU_I686, .block_limit = 64};
    const uint32_t key = BLOCK_KEY_CODE32 | BLOCK_KEY_STACK32 | BLOCK_KEY_PE;
    struct decoded decoded;
    do {
        uint32_t at = 0;
        for (uint32_t i = 0; i < CODE_BYTES; i++) {
            t->code[i] = (uint8_t)(below(t, 3) ? random32(t) : 0);
        }
        while (below(t, 3) == 0 && at < 3) {
            t->code[at++] = prefixes[below(t, sizeof prefixes)];
        }
        if (below(t, 3) == 0) {
            t->code[at] = 0x0F;
        }
    } while (decode_instruction(t->code, CODE_BYTES, key, &config, &decoded) != DECODE_OK ||
             decoded.raises || is_left_out(decoded.row) ||
             (decoded.uop.flags & UOP_MEMORY && decoded.uop.disp + 0x2000 > 0x4000));
    t->row = decoded.row;
    t->length = decoded.uop.length;
    t->repeats = (decoded.uop.flags & UOP_REPEATS) != 0;
}

static void make_state(struct injection *t, bool user)
{
    struct cpu_state *state = &t->f.state;
    for (uint32_t i = 0; i < 8; i++) {
        const uint32_t page_edge = (random32(t) & 0x7000) | (0xFF8 + below(t, 16));
        state->gpr[i] = DATA_AT + (below(t, 2) ? page_edge & 0x7FFF : below(t, 0x6000));
    }
    if (below(t, 2)) {
        state->gpr[below(t, 4)] = random32(t) >> below(t, 32);
    }
    if (t->repeats) {
        state->gpr[REG_ECX] = below(t, 12);
    }
    state->gpr[REG_ESP] = DATA_AT + 0x9000 - 4 * below(t, 12);
    state->eip = CODE_AT + 0xEF0 - 0x100 - below(t, 2) * 5;
    state->eflags = EFLAGS_ONE | (random32(t) & (EFLAGS_ARITHMETIC | EFLAGS_DF)) |
                    (user && below(t, 2) ? EFLAGS_IOPL : 0);
    state->ldtr = (struct segment_state){LOCAL_AT, LOCAL_LIMIT, SEL_LDT, 0x82, 1};
    put_code(&t->f, state->eip, t->code, CODE_BYTES);
}

static void put_local(struct fixture *f)
{
    static const uint8_t access[] = {0xF2, 0xFA, 0xF0, 0xFE, 0x72, 0x92, 0xF6, 0xF8};
    for (uint32_t i = 0; i < sizeof access; i++) {
        put_descriptor(f, LOCAL_AT + 8 * i, 0, 0xFFFFF, access[i], FLAGS_32);
    }
}

/* ---- running ---- */

static void restore(struct injection *t, const uint8_t *ram, const struct cpu_state *state)
{
    memcpy(t->f.ram, ram, RAM_BYTES);
    cpu_drop_caches(t->f.cpu);
    cpu_load(t->f.cpu, state);
}

static enum cpu_stop go(struct injection *t, struct cpu_step_info *info)
{
    t->f.journal->count = t->f.journal->dropped = 0;
    cpu_set_journal(t->f.cpu, t->f.journal);
    const enum cpu_stop stop = cpu_step(t->f.cpu, cpu_save(t->f.cpu)->clock + FAR_AHEAD, info);
    cpu_set_journal(t->f.cpu, NULL);
    return stop;
}

static void complain(struct injection *t, const char *what, uint32_t detail)
{
    if (t->wrong++ < MOST_SHOWN) {
        printf("%s: %s (%" PRIx32 "), CPL %" PRIu32 ", bytes", insn_table[t->row].id, what, detail,
               t->start.cpl);
        for (uint32_t i = 0; i < t->length; i++) {
            printf(" %02x", t->code[i]);
        }
        printf("\n  ");
        for (uint32_t i = 0; i < 8; i++) {
            printf(" %08" PRIx32, t->start.gpr[i]);
        }
        printf(" eip %" PRIx32 "\n", t->start.eip);
    }
}

/* ---- the journal of the first run: replayed on memory as it was ---- */

static uint32_t read_cells(const uint8_t *ram, const struct journal_entry *entry)
{
    uint32_t value = 0;
    memcpy(&value, ram + entry->physical, entry->size);
    return value;
}

static void check_journal(struct injection *t)
{
    static uint8_t ram[RAM_BYTES];
    const struct journal *journal = t->f.journal;
    memcpy(ram, t->before, RAM_BYTES);
    for (uint32_t i = 0; i < journal->count; i++) {
        const struct journal_entry *entry = &journal->entries[i];
        const bool memory = entry->kind == JOURNAL_MEMORY_READ ||
                            entry->kind == JOURNAL_MEMORY_WRITE ||
                            entry->kind == JOURNAL_WALK_READ || entry->kind == JOURNAL_WALK_WRITE;
        if (!memory || entry->physical + entry->size > RAM_BYTES) {
            continue;
        }
        if (entry->kind == JOURNAL_MEMORY_READ || entry->kind == JOURNAL_WALK_READ) {
            if (read_cells(ram, entry) != entry->value) {
                complain(t, "journal: a read that memory does not bear out", entry->address);
            }
        } else {
            if (read_cells(ram, entry) != entry->previous) {
                complain(t, "journal: previous value of a write", entry->address);
            }
            memcpy(ram + entry->physical, &entry->value, entry->size);
        }
    }
    if (!journal->dropped && memcmp(ram, t->f.ram, RAM_BYTES) != 0) {
        complain(t, "journal: its writes are not what changed", 0);
    }
}

/* ---- a fault must change nothing ---- */

/* Tables (A bits), the stack of ring 0 and what is above ESP in ring 0 may change. */
static bool same_ram(const struct injection *t, const uint8_t *expected, uint32_t *where)
{
    for (uint32_t at = 0; at < DIRECTORY_AT; at++) {
        const bool frame =
            t->start.cpl == 0 && at >= t->start.gpr[REG_ESP] - 64 && at < t->start.gpr[REG_ESP];
        const bool table =
            (at >= GDT_AT && at < RING0_TOP) || (at >= LOCAL_AT && at < LOCAL_AT + LOCAL_LIMIT);
        if (t->f.ram[at] != expected[at] && !frame && !table) {
            *where = at;
            return false;
        }
    }
    return true;
}

/* The interrupted program as the frame has it: error code, EIP, CS, EFLAGS [, ESP, SS]. */
static struct cpu_state interrupted(const struct injection *t, const struct cpu_state *in_handler)
{
    struct cpu_state state = *in_handler;
    const uint32_t esp = in_handler->gpr[REG_ESP];
    state.eip = get32(&t->f, esp + 4);
    state.eflags = get32(&t->f, esp + 12) & ~EFLAGS_RF;
    state.cpl = t->start.cpl;
    state.gpr[REG_ESP] = state.cpl ? get32(&t->f, esp + 16) : esp + 16;
    state.segments[SEG_CS] = t->start.segments[SEG_CS];
    state.segments[SEG_SS] = t->start.segments[SEG_SS];
    return state;
}

/* After a fault with an error code: as before the instruction? */
static void check_unchanged(struct injection *t, const struct cpu_state *now)
{
    uint32_t where = 0;
    for (uint32_t i = 0; i < 8; i++) {
        if (now->gpr[i] != t->start.gpr[i]) {
            complain(t, "a fault changes general register", i);
        }
    }
    for (uint32_t i = 0; i < SEG_COUNT; i++) {
        if (now->segments[i].selector != t->start.segments[i].selector) {
            complain(t, "a fault changes segment register", i);
        }
    }
    if (now->eip != t->start.eip) {
        complain(t, "the frame of a fault has EIP", now->eip);
    }
    if (now->eflags != t->start.eflags) {
        complain(t, "the frame of a fault has EFLAGS", now->eflags);
    }
    if (!same_ram(t, t->before, &where)) {
        complain(t, "a fault changes memory at", where);
    }
}

static bool has_error_code(uint32_t vector)
{
    return vector == 8 || (vector >= 10 && vector <= 14) || vector == 17;
}

static void without_page(struct injection *t, uint32_t page)
{
    struct cpu_step_info info;
    uint32_t entry, where = 0;
    restore(t, t->before, &t->start);
    entry = get32(&t->f, TABLE_AT + page * 4);
    put32(&t->f, TABLE_AT + page * 4, entry & ~1u);
    if (go(t, &info) == CPU_STOP_SHUTDOWN) {
        return; /* the frame or a table of the delivery itself */
    }
    t->injected++;
    const struct cpu_state *in_handler = cpu_save(t->f.cpu);
    if (!(info.what & STEP_DELIVERY) || info.vector != 14) {
        if (info.vector != 8) {
            complain(t, "no page fault without page", page);
        }
        return;
    }
    if (in_handler->cr2 >> 12 != page) {
        complain(t, "CR2", in_handler->cr2);
    }
    struct cpu_state again = interrupted(t, in_handler);
    if (!t->repeats) {
        check_unchanged(t, &again);
    }
    put32(&t->f, TABLE_AT + page * 4, entry);
    cpu_drop_caches(t->f.cpu);
    cpu_load(t->f.cpu, &again);
    go(t, &info);
    const struct cpu_state *end = cpu_save(t->f.cpu);
    if (memcmp(end->gpr, t->end.gpr, sizeof end->gpr) || end->eip != t->end.eip ||
        (end->eflags ^ t->end.eflags) & ~EFLAGS_RF || !same_ram(t, t->after, &where)) {
        complain(t, "going on after the fault ends differently", page);
    }
}

static uint32_t pages_touched(const struct injection *t, uint32_t *pages)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < t->f.journal->count; i++) {
        const struct journal_entry *entry = &t->f.journal->entries[i];
        const uint32_t page = entry->address >> 12;
        bool known = (entry->kind != JOURNAL_MEMORY_READ && entry->kind != JOURNAL_MEMORY_WRITE) ||
                     (page < DATA_AT >> 12 || page >= DIRECTORY_AT >> 12);
        for (uint32_t n = 0; n < count; n++) {
            known |= pages[n] == page;
        }
        if (!known && count < MOST_PAGES) {
            pages[count++] = page;
        }
    }
    return count;
}

static void one_instruction(struct injection *t)
{
    struct cpu_step_info info;
    uint32_t pages[MOST_PAGES];
    make_code(t);
    memcpy(t->f.ram, t->fresh, RAM_BYTES);
    fill(t);
    t->f.state = t->base;
    make_state(t, t->base.cpl == 3);
    t->start = t->f.state;
    memcpy(t->before, t->f.ram, RAM_BYTES);
    restore(t, t->before, &t->start);
    if (go(t, &info) == CPU_STOP_SHUTDOWN) {
        return;
    }
    t->instructions++;
    check_journal(t);
    if (info.what & STEP_DELIVERY) {
        const struct cpu_state *in_handler = cpu_save(t->f.cpu);
        t->faults++;
        if (has_error_code(info.vector) && info.vector != 8 && !t->repeats) {
            const struct cpu_state state = interrupted(t, in_handler);
            check_unchanged(t, &state);
        }
        return;
    }
    if (t->f.journal->dropped) {
        return;
    }
    t->end = *cpu_save(t->f.cpu);
    memcpy(t->after, t->f.ram, RAM_BYTES);
    const uint32_t count = pages_touched(t, pages);
    for (uint32_t n = 0; n < count; n++) {
        without_page(t, pages[n]);
    }
}

static void open_one(struct injection *t, enum fixture_mode mode, uint64_t seed)
{
    fixture_start(&t->f, mode, CPU_I686);
    t->f.journal = calloc(1, sizeof *t->f.journal);
    put_local(&t->f);
    fixture_load(&t->f);
    t->seed = (seed + (uint64_t)mode * 100) * UINT64_C(0x9E3779B97F4A7C15) | 1;
    t->base = t->f.state;
    memcpy(t->fresh, t->f.ram, RAM_BYTES);
}

int main(int argc, char **argv)
{
    static struct injection rings[2];
    const uint64_t seed = argc > 1 ? strtoull(argv[1], NULL, 0) : 1;
    const uint64_t count = argc > 2 ? strtoull(argv[2], NULL, 0) : DEFAULT_COUNT;
    open_one(&rings[0], USER_PAGED, seed);
    open_one(&rings[1], KERNEL_PAGED, seed);
    for (uint64_t n = 0; n < count; n++) {
        one_instruction(&rings[n % 3 == 0]);
    }
    printf("seed %" PRIu64 ": %" PRIu64 " instructions, %" PRIu64 " faulted, %" PRIu64
           " faults injected, %" PRIu64 " differences\n",
           seed, rings[0].instructions + rings[1].instructions, rings[0].faults + rings[1].faults,
           rings[0].injected + rings[1].injected, rings[0].wrong + rings[1].wrong);
    fixture_end(&rings[0].f);
    fixture_end(&rings[1].f);
    return rings[0].wrong + rings[1].wrong ? 1 : 0;
}
