/* Running one trap test, see trap_check.h.
 * SPDX-License-Identifier: MIT */
#include "trap_check.h"

#include <stdlib.h>

/* Published clocks of a delivery: i486 PRM interrupt clock counts, 80386 PRM INT page. */
enum { ROUTE_REAL, ROUTE_SAME, ROUTE_INNER, ROUTE_V86 };
static const uint32_t delivery_clocks[2][4] = {{26, 44, 71, 82}, {37, 59, 99, 119}};
#define I486_PAGE_FAULT 24u
#define I486_BOUND      24u
#define I386_BOUND_REAL 7u

/* TLB figures of the timing models (docs/timing.md). */
static const uint32_t miss_clocks[2] = {13, 20};
static const uint32_t walk_write_clocks[2] = {7, 2};

#define LEAD 3u /* NOPs before the instruction in the second and later runs */

static bool has_error_code(uint32_t vector)
{
    return vector == 8 || (vector >= 10 && vector <= 14) || vector == 17;
}

static bool is_386(const struct expected *expected)
{
    return expected->cpu == AS_I386;
}

static uint32_t expected_clocks(const struct fixture *f, const struct expected *expected)
{
    const bool real = expected->mode == REAL;
    const uint32_t model = is_386(expected);
    const uint32_t protected_route = f->state.cpl ? ROUTE_INNER : ROUTE_SAME;
    const uint32_t route = real                            ? ROUTE_REAL
                           : (f->state.eflags & EFLAGS_VM) ? ROUTE_V86
                                                           : protected_route;
    uint32_t clocks = delivery_clocks[model][route] + expected->clocks;
    if (has_error_code(expected->vector) && !real) {
        clocks += model ? 2 : 1;
    }
    if (!model && (expected->vector == 14 || expected->vector == 5)) {
        clocks += expected->vector == 14 ? I486_PAGE_FAULT : I486_BOUND;
    }
    if (model && expected->vector == 5 && real) {
        clocks += I386_BOUND_REAL;
    }
    return clocks;
}

/* What the page walks of the recorded step cost. */
static uint32_t walk_clocks(const struct journal *journal, uint32_t model)
{
    uint32_t clocks = 0;
    for (uint32_t i = 0; i < journal->count; i++) {
        clocks += journal->entries[i].kind == JOURNAL_TLB_MISS ? miss_clocks[model] : 0;
        clocks += journal->entries[i].kind == JOURNAL_WALK_WRITE ? walk_write_clocks[model] : 0;
    }
    return clocks;
}

static struct segment_state flat(uint32_t selector, uint32_t access)
{
    const struct segment_state segment = {0, 0xFFFFFFFF, (uint16_t)selector,
                                          (uint16_t)(0xC000 | access), 1};
    return segment;
}

static bool is_virtual(const struct expected *expected)
{
    return expected->mode == VIRTUAL || expected->mode == VIRTUAL_PAGED;
}

static uint32_t saved_eip(const struct expected *expected)
{
    const uint32_t eip = expected->eip ? expected->eip : CODE_AT;
    return expected->mode == REAL || is_virtual(expected) ? eip & 0xFFFF : eip;
}

/* The state in the handler, from the one before. */
static void want_handler(struct cpu_state *want, const struct expected *expected)
{
    const bool user = want->cpl != 0;
    if (expected->mode == REAL) {
        want->segments[SEG_CS].selector = HANDLERS_AT >> 4;
        want->segments[SEG_CS].base = HANDLERS_AT;
        want->eip = expected->vector * 16;
        want->gpr[REG_ESP] =
            (want->gpr[REG_ESP] & 0xFFFF0000) | ((want->gpr[REG_ESP] - 6) & 0xFFFF);
        want->eflags &= ~(EFLAGS_TF | EFLAGS_IF | EFLAGS_AC | EFLAGS_RF);
        return;
    }
    want->segments[SEG_CS] = flat(SEL_CODE0, ACC_CODE);
    want->eip = HANDLER(expected->vector);
    want->gpr[REG_ESP] = user ? RING0_TOP - 20 : want->gpr[REG_ESP] - 12;
    if (has_error_code(expected->vector)) {
        want->gpr[REG_ESP] -= 4;
    }
    if (user) {
        want->segments[SEG_SS] = flat(SEL_DATA0, ACC_DATA);
    }
    if (is_virtual(expected)) {
        static const enum segment dropped[] = {SEG_DS, SEG_ES, SEG_FS, SEG_GS};
        for (uint32_t i = 0; i < 4; i++) {
            memset(&want->segments[dropped[i]], 0, sizeof want->segments[0]);
        }
        want->gpr[REG_ESP] -= 16;
    }
    want->cpl = 0;
    want->eflags &= ~(EFLAGS_TF | EFLAGS_IF | EFLAGS_NT | EFLAGS_RF | EFLAGS_VM);
}

static void want_fault(struct cpu_state *want, const struct cpu_state *before,
                       const struct expected *expected)
{
    memset(want->faults, 0, sizeof want->faults);
    want->fault_count = 1;
    want->faults[0].path = expected->path;
    want->faults[0].vector = expected->vector;
    want->faults[0].error_code = expected->error;
    want->faults[0].address = expected->vector == 14 ? expected->cr2 : 0;
    want->faults[0].cs = before->segments[SEG_CS].selector;
    want->faults[0].eip = saved_eip(expected);
    want->cr2 = expected->vector == 14 ? expected->cr2 : before->cr2;
    want->deliveries = before->deliveries + 1;
    want->delivered[DELIVERY_EXCEPTION] = before->delivered[DELIVERY_EXCEPTION] + 1;
    want->vectors[expected->vector] = before->vectors[expected->vector] + 1;
    want->shadow = SHADOW_NONE;
}

/* The frame as words of its width, topmost (lowest address) first; returns their number. */
static uint32_t want_frame(uint32_t frame[10], const struct cpu_state *before,
                           const struct expected *expected)
{
    uint32_t count = 0;
    if (has_error_code(expected->vector) && expected->mode != REAL) {
        frame[count++] = expected->error;
    }
    frame[count++] = saved_eip(expected);
    frame[count++] = before->segments[SEG_CS].selector;
    frame[count++] = before->eflags | (expected->mode == REAL ? 0 : EFLAGS_RF);
    if (before->cpl) {
        frame[count++] = before->gpr[REG_ESP];
        frame[count++] = before->segments[SEG_SS].selector;
    }
    if (is_virtual(expected)) {
        frame[count++] = before->segments[SEG_ES].selector;
        frame[count++] = before->segments[SEG_DS].selector;
        frame[count++] = before->segments[SEG_FS].selector;
        frame[count++] = before->segments[SEG_GS].selector;
    }
    return count;
}

static void check_frame(struct fixture *f, uint8_t *ram_before, const struct cpu_state *before,
                        const struct expected *expected)
{
    uint32_t frame[10] = {0};
    const uint32_t width = expected->mode == REAL ? 2 : 4;
    const uint32_t count = want_frame(frame, before, expected);
    const uint32_t at = f->state.segments[SEG_SS].base +
                        (f->state.gpr[REG_ESP] & (width == 2 ? 0xFFFFu : 0xFFFFFFFFu));
    for (uint32_t slot = 0; slot < count; slot++) {
        const uint32_t got = width == 2 ? get16(f, at + slot * 2) : get32(f, at + slot * 4);
        const uint32_t mask = width == 2 ? 0xFFFF : 0xFFFFFFFF;
        if (got != (frame[slot] & mask)) {
            fail_msg("frame slot %u is %08x, not %08x", slot, got, frame[slot] & mask);
        }
    }
    memcpy(ram_before + at, f->ram + at, count * width); /* nothing else may differ */
    for (uint32_t i = 0; i < RAM_BYTES; i++) {
        if (ram_before[i] != f->ram[i]) {
            fail_msg("memory at %05x changed from %02x to %02x", i, ram_before[i], f->ram[i]);
        }
    }
}

/* Name the first field that differs; the big arrays are compared as a whole. */
static void compare_states(const char *run, const struct cpu_state *got,
                           const struct cpu_state *want)
{
    const uint32_t *a = (const uint32_t *)(const void *)got;
    const uint32_t *b = (const uint32_t *)(const void *)want;
    for (size_t i = 0; i < sizeof *got / 4; i++) {
        if (a[i] != b[i]) {
            fail_msg("%s: state word %zu (byte %zu) is %08x, not %08x", run, i, i * 4, a[i], b[i]);
        }
    }
}

static void begin(struct fixture *f, const struct expected *expected, arrange_function *arrange)
{
    static const enum cpu_level levels[] = {CPU_I486, CPU_I386, CPU_I586, CPU_I686};
    fixture_start(f, expected->mode, levels[expected->cpu]);
    put_code(f, CODE_AT, expected->code, expected->code_bytes);
    if (arrange) {
        arrange(f);
    }
}

/* By one step, with a journal: everything is compared. state: out, when the handler has halted */
static void check_step(const struct expected *expected, arrange_function *arrange,
                       struct cpu_state *state)
{
    struct fixture f;
    begin(&f, expected, arrange);
    struct cpu_state want = f.state;
    const struct cpu_state before = f.state;
    uint8_t *ram_before = malloc(RAM_BYTES);
    memcpy(ram_before, f.ram, RAM_BYTES);
    f.journal = calloc(1, sizeof *f.journal);
    const uint32_t clocks = expected_clocks(&f, expected);
    fixture_load(&f);
    cpu_set_journal(f.cpu, f.journal);

    struct cpu_step_info info;
    cpu_step(f.cpu, UINT64_MAX, &info);

    f.state = *cpu_save(f.cpu);
    if (info.path != expected->path) {
        fail_msg("path is %s, not %s", trap_info(info.path)->id, trap_info(expected->path)->id);
    }
    assert_int_equal(info.what & STEP_DELIVERY, STEP_DELIVERY);
    assert_int_equal(info.vector, expected->vector);
    want_handler(&want, expected);
    want_fault(&want, &before, expected);
    want.clock = before.clock + clocks + walk_clocks(f.journal, is_386(expected));
    memcpy(want.tlb_data, f.state.tlb_data, sizeof want.tlb_data);
    memcpy(want.tlb_instruction, f.state.tlb_instruction, sizeof want.tlb_instruction);
    if (expected->adjust) {
        expected->adjust(&want);
    }
    compare_states("step", &f.state, &want);
    check_frame(&f, ram_before, &before, expected);

    cpu_set_journal(f.cpu, NULL);
    cpu_run(f.cpu, UINT64_MAX);
    *state = *cpu_save(f.cpu);
    free(ram_before);
    fixture_end(&f);
}

struct variant {
    const char *name;
    uint32_t block_limit; /* instructions */
    uint32_t undecoded;   /* 0 or 1 */
    uint32_t lead;        /* NOPs before */
};

static void check_variant(const struct expected *expected, arrange_function *arrange,
                          const struct variant *variant, const struct cpu_state *stepped)
{
    struct fixture f;
    begin(&f, expected, arrange);
    f.config.block_limit = variant->block_limit;
    f.config.undecoded = variant->undecoded;
    memset(f.ram + CODE_AT - LEAD, 0x90, LEAD);
    f.state.eip -= variant->lead;
    fixture_load(&f);

    cpu_run(f.cpu, UINT64_MAX);

    struct cpu_state got = *cpu_save(f.cpu);
    got.clock -= variant->lead * (is_386(expected) ? 3u : 1u);
    got.instructions -= variant->lead;
    got.fault_mark -= variant->lead;
    compare_states(variant->name, &got, stepped);
    fixture_end(&f);
}

void check_trap(const struct expected *expected, arrange_function *arrange)
{
    static const struct variant variants[] = {{"whole blocks", 64, 0, 0},
                                              {"blocks, NOPs before", 64, 0, LEAD},
                                              {"blocks of one, NOPs before", 1, 0, LEAD},
                                              {"no blocks, NOPs before", 64, 1, LEAD}};
    struct cpu_state stepped;
    check_step(expected, arrange, &stepped);
    for (uint32_t i = 0; i < sizeof variants / sizeof variants[0]; i++) {
        if (!expected->alone || !variants[i].lead) {
            check_variant(expected, arrange, &variants[i], &stepped);
        }
    }
}
