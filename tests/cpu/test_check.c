/* cpu_check(): impossible states are refused, and what it lets through harms nobody: random
 * states run, and stay possible, whatever the code and tables they find.
 * SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "cpu_fixture.h"

static void refuse(const struct cpu_state *state, const char *edit)
{
    if (!cpu_check(state)) {
        fail_msg("an impossible state passes: %s", edit);
    }
}

#define REFUSED(field, value)                                                                      \
    do {                                                                                           \
        struct cpu_state wrong = f.state;                                                          \
        wrong.field = (value);                                                                     \
        refuse(&wrong, #field " = " #value);                                                       \
    } while (0)

static void test_impossible_fields_are_refused(void **unused)
{
    struct fixture f;
    (void)unused;
    fixture_start(&f, KERNEL, CPU_I486);
    assert_null(cpu_check(&f.state));

    REFUSED(gpr[REG_NONE], 1);
    REFUSED(eflags, 0);
    REFUSED(eflags, EFLAGS_ONE | EFLAGS_MODE);
    REFUSED(eflags, EFLAGS_ONE | 8);
    REFUSED(eflags, EFLAGS_ONE | EFLAGS_VM);
    REFUSED(cpl, 4);
    REFUSED(cr0, CR0_PG);
    REFUSED(cr0, CR0_PE | 0x40);
    REFUSED(cr4, 1);
    REFUSED(segments[SEG_GS].usable, 2);
    REFUSED(segments[SEG_DS].attributes, 0x0100);
    REFUSED(segments[SEG_CS].usable, 0);
    REFUSED(ldtr.usable, 2);
    REFUSED(tr.attributes, 0x0F00);
    REFUSED(gdtr.limit, 0x10000);
    REFUSED(idtr.limit, 0x10000);
    REFUSED(activity, ACTIVITY_SHUTDOWN + 1);
    REFUSED(shadow, SHADOW_MOVSS + 1);
    REFUSED(interrupt_line, 2);
    REFUSED(nmi_pending, 2);
    REFUSED(nmi_blocked, 2);
    REFUSED(rep_resumed, 2);
    REFUSED(refill_pending, 2);
    REFUSED(mode_in_eflags, 2);
    REFUSED(fpu.control, 0x2000);
    REFUSED(fpu.occupied, 0x100);
    REFUSED(fpu.opcode, 0x800);
    REFUSED(fpu.error_line, 2);
    REFUSED(fpu.ignore_errors, 2);
    REFUSED(fpu.busy_until, UINT64_MAX);
    REFUSED(a20_mask, 0);
    REFUSED(fault_count, 4);
    REFUSED(faults[2].path, PATH_COUNT);
    REFUSED(faults[0].vector, 256);
    REFUSED(delivered[DELIVERY_NONE], 1);
    REFUSED(delivered[DELIVERY_SOFTWARE], f.state.deliveries + 1);
    REFUSED(vectors[0x80], f.state.deliveries + 1);
    REFUSED(tlb_data[1].linear, TLB_VALID);            /* page 0 belongs to entry 0 */
    REFUSED(tlb_instruction[2].linear, 0x2000 | 0x21); /* a bit that means nothing */
    REFUSED(tlb_data[3].linear, 0x1004001);            /* 4100 is 4 modulo 256 */
    fixture_end(&f);
}

static void test_real_mode_has_no_levels(void **unused)
{
    struct fixture f;
    (void)unused;
    fixture_start(&f, REAL, CPU_I486);
    assert_null(cpu_check(&f.state));
    REFUSED(cpl, 3);
    fixture_end(&f);
}

/* ---- random states ---- */

static uint64_t next_random(uint64_t *seed)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    return *seed;
}

static uint32_t one_of(uint64_t *seed, const uint32_t *values, uint32_t count)
{
    return values[next_random(seed) % count];
}

/* Mostly small or near an end, as addresses and limits that matter are. */
static uint32_t interesting(uint64_t *seed)
{
    static const uint32_t near[] = {0,          0x7FF,      0xFFF,      0x1000,     0xFFFF,
                                    0x10000,    RAM_BYTES,  0x7FFFFFFF, 0x80000000, 0xFFFFF000,
                                    0xFFFFFFFC, 0xFFFFFFFF, CODE_AT,    DATA_AT,    STACK_TOP};
    const uint32_t value = (uint32_t)next_random(seed);
    switch (next_random(seed) % 4) {
    case 0:
        return value;
    case 1:
        return value % RAM_BYTES;
    default:
        return one_of(seed, near, sizeof near / sizeof near[0]) + value % 9 - 4;
    }
}

static void scramble_segment(struct segment_state *segment, uint64_t *seed)
{
    segment->base = interesting(seed);
    segment->limit = interesting(seed);
    segment->selector = (uint16_t)next_random(seed);
    segment->attributes = (uint16_t)(next_random(seed) & 0xF0FF);
    segment->usable = next_random(seed) % 8 != 0;
}

static void scramble_fpu(struct fpu_state *fpu, uint64_t *seed)
{
    for (uint32_t i = 0; i < 8; i++) {
        fpu->significand[i] = next_random(seed);
        fpu->sign_exponent[i] = (uint16_t)next_random(seed);
    }
    fpu->control = (uint16_t)(next_random(seed) & 0x1F7F);
    fpu->status = (uint16_t)next_random(seed);
    fpu->occupied = (uint16_t)(next_random(seed) & 0xFF);
    fpu->opcode = (uint16_t)(next_random(seed) & 0x7FF);
    fpu->error_line = next_random(seed) % 2;
    fpu->ignore_errors = next_random(seed) % 2;
}

/* A state that passes, but otherwise as wild as it gets. */
static void scramble(struct fixture *f, uint64_t *seed)
{
    struct cpu_state *state = &f->state;
    for (uint32_t i = 0; i < 8; i++) {
        state->gpr[i] = interesting(seed);
    }
    for (uint32_t i = 0; i < SEG_COUNT; i++) {
        if (next_random(seed) % 2) {
            scramble_segment(&state->segments[i], seed);
        }
    }
    state->segments[SEG_CS].usable = 1;
    if (next_random(seed) % 4 == 0) {
        scramble_segment(&state->tr, seed);
        scramble_segment(&state->ldtr, seed);
    }
    if (next_random(seed) % 4 == 0) {
        state->gdtr.base = interesting(seed);
        state->gdtr.limit = interesting(seed) & 0xFFFF;
        state->idtr.base = interesting(seed);
        state->idtr.limit = interesting(seed) & 0xFFFF;
    }
    if (next_random(seed) % 2) {
        state->eip = interesting(seed);
    }
    state->eflags = ((uint32_t)next_random(seed) & 0x00257FD5) | EFLAGS_ONE;
    state->cr0 |=
        (uint32_t)next_random(seed) & (CR0_WP | CR0_AM | CR0_TS | CR0_EM | CR0_MP | CR0_NE);
    if (next_random(seed) % 2) {
        scramble_fpu(&state->fpu, seed);
    }
    state->cr3 = next_random(seed) % 2 ? DIRECTORY_AT : interesting(seed);
    state->shadow = (uint32_t)(next_random(seed) % 3);
    state->interrupt_line = next_random(seed) % 2;
    state->nmi_pending = next_random(seed) % 4 == 0;
    state->rep_resumed = next_random(seed) % 8 == 0;
    state->mode_in_eflags = next_random(seed) % 2;
    state->a20_mask = next_random(seed) % 4 ? 0xFFFFFFFFu : 0xFFEFFFFFu;
    state->clock = next_random(seed) >> 8;
    for (uint32_t i = 0; i < 16; i++) { /* stale translations to anywhere */
        const uint32_t linear = interesting(seed) & 0xFFFFF000;
        const uint32_t rights = (uint32_t)next_random(seed) & 0x147;
        const struct tlb_entry_state entry = {linear | TLB_VALID,
                                              (interesting(seed) & 0xFFFFF000) | (rights & ~1u)};
        state->tlb_data[tlb_data_index(linear)] = entry;
        state->tlb_instruction[tlb_instruction_index(linear)] = entry;
    }
}

/* Random bytes as code, with system opcodes more often than chance has them. */
static void scramble_code(struct fixture *f, uint64_t *seed)
{
    static const uint32_t opcodes[] = {0x0F, 0x8E, 0x8C, 0xCF, 0xCB, 0xCD, 0xC5, 0xEA, 0x9A, 0xFF,
                                       0x17, 0x07, 0x9D, 0xFB, 0xF3, 0x6C, 0x6E, 0xE4, 0x66, 0x67,
                                       0xC8, 0x60, 0x61, 0x62, 0xA4, 0xF4, 0xCC, 0xD8, 0xD9, 0xDA,
                                       0xDB, 0xDC, 0xDD, 0xDE, 0xDF, 0x9B, 0xDD};
    for (uint32_t at = 0; at < 512; at++) {
        const uint32_t chosen = one_of(seed, opcodes, sizeof opcodes / sizeof opcodes[0]);
        put8(f, CODE_AT + at, next_random(seed) % 2 ? chosen : (uint32_t)next_random(seed) & 0xFF);
    }
}

#define RANDOM_STATES 3000u
#define RANDOM_STEPS  40u

static void test_random_states_run_and_stay_possible(void **unused)
{
    static const enum fixture_mode modes[] = {KERNEL, USER, REAL, KERNEL_PAGED, USER_PAGED};
    uint64_t seed = 0x123456789ABCDEF1;
    (void)unused;
    for (uint32_t round = 0; round < RANDOM_STATES; round++) {
        struct cpu_step_info info;
        struct fixture f;
        const uint64_t started = seed;
        fixture_start(&f, modes[round % 5], (enum cpu_level)(next_random(&seed) % 4));
        f.vector = (uint32_t)next_random(&seed) & 0xFF;
        scramble(&f, &seed);
        scramble_code(&f, &seed);
        fixture_load(&f);
        for (uint32_t step = 0; step < RANDOM_STEPS; step++) {
            cpu_step(f.cpu, UINT64_MAX, &info);
            const char *wrong = cpu_check(cpu_save(f.cpu));
            if (wrong) {
                fail_msg("seed %llx, step %u: %s", (unsigned long long)started, step, wrong);
            }
        }
        cpu_run(f.cpu, cpu_clock(f.cpu) + 2000);
        assert_null(cpu_check(cpu_save(f.cpu)));
        fixture_end(&f);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_impossible_fields_are_refused),
        cmocka_unit_test(test_real_mode_has_no_levels),
        cmocka_unit_test(test_random_states_run_and_stay_possible),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
