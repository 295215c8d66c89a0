/* The clocks that rows cannot express, against the published figures.
 * See: 80386 PRM chapter 17; i486 PRM tables 10.1 and 10.2; docs/timing.md.
 * SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "cpu/timing.h"

/* One CPU per timing model; only what timing.h looks at is set. */
static struct cpu cpus[3];
#define I486 (&cpus[TIMING_I486])
#define I386 (&cpus[TIMING_I386])
#define UNIT (&cpus[TIMING_UNIT])

/* Ranges 13-18, 13-26, 13-42 (i486) and 9-14, 9-22, 9-38 (i386). */
static void test_timing_mul_takes_from_the_least_to_the_most(void **state)
{
    (void)state;
    assert_int_equal(timing_mul_extra(I486, 0), 0);
    assert_int_equal(timing_mul_extra(I486, 8), 0);
    assert_int_equal(timing_mul_extra(I486, 9), 1);
    assert_int_equal(timing_mul_extra(I486, 0xFF), 18 - 13);
    assert_int_equal(timing_mul_extra(I486, 0xFFFF), 26 - 13);
    assert_int_equal(timing_mul_extra(I486, 0xFFFFFFFF), 42 - 13);
    assert_int_equal(timing_mul_extra(I386, 0xFF), 14 - 9);
    assert_int_equal(timing_mul_extra(I386, 0xFFFF), 22 - 9);
    assert_int_equal(timing_mul_extra(I386, 0xFFFFFFFF), 38 - 9);
    assert_int_equal(timing_mul_extra(UNIT, 0xFFFFFFFF), 0);
}

/* i486: max(log2 |v|, 3), for negative v max(log2 |v|, 5). */
static void test_timing_imul_counts_a_negative_operand_differently_on_the_i486(void **state)
{
    (void)state;
    assert_int_equal(timing_imul_extra(I486, 1), 0);
    assert_int_equal(timing_imul_extra(I486, (uint32_t)-1), 2);
    assert_int_equal(timing_imul_extra(I486, (uint32_t)-64), 3);
    assert_int_equal(timing_imul_extra(I386, (uint32_t)-1), 0);
    assert_int_equal(timing_imul_extra(I386, (uint32_t)-64), 3);
    assert_int_equal(timing_imul_extra(I386, 0x80000000), 28);
    assert_int_equal(timing_imul_extra(UNIT, (uint32_t)-64), 0);
}

/* i486 6-42 and 6-103; i386 10 + 3n. */
static void test_timing_bit_scans_reach_the_published_bounds(void **state)
{
    (void)state;
    assert_int_equal(timing_bsf_extra(I486, 0), 0);
    assert_int_equal(timing_bsf_extra(I486, 0x80000000), 42 - 6);
    assert_int_equal(timing_bsr_extra(I486, 32, 0), 0);
    assert_int_equal(timing_bsr_extra(I486, 32, 1), 103 - 6);
    assert_int_equal(timing_bsr_extra(I486, 32, 0x80000000), 10 - 6);
    assert_int_equal(timing_bsf_extra(I386, 0x10), 12);
    assert_int_equal(timing_bsr_extra(I386, 16, 0x100), 21);
    assert_int_equal(timing_bsf_extra(UNIT, 0x10), 0);
    assert_int_equal(timing_bsr_extra(UNIT, 32, 1), 0);
}

/* i486 8-30 by count; by 1 the row's own figure. */
static void test_timing_rotate_through_carry_by_count(void **state)
{
    (void)state;
    assert_int_equal(timing_rotate_carry_extra(I486, 0), 0);
    assert_int_equal(timing_rotate_carry_extra(I486, 1), 0);
    assert_int_equal(timing_rotate_carry_extra(I486, 2), 1);
    assert_int_equal(timing_rotate_carry_extra(I486, 31), 30 - 8);
    assert_int_equal(timing_rotate_carry_extra(I386, 31), 0);
    assert_int_equal(timing_rotate_carry_extra(UNIT, 31), 0);
}

/* i486 SETcc: register 4 true, 3 false; memory 3 true, 4 false. */
static void test_timing_setcc_by_outcome(void **state)
{
    (void)state;
    assert_int_equal(timing_setcc_extra(I486, 0, 1), 1);
    assert_int_equal(timing_setcc_extra(I486, 0, 0), 0);
    assert_int_equal(timing_setcc_extra(I486, 1, 1), 0);
    assert_int_equal(timing_setcc_extra(I486, 1, 0), 1);
    assert_int_equal(timing_setcc_extra(I386, 1, 0), 0);
    assert_int_equal(timing_setcc_extra(UNIT, 1, 0), 0);
}

/* i486 REP MOVS: 5, 13, 12 + 3n; REP CMPS 5, 7 + 7n; in pieces as at once. */
static void test_timing_rep_sums_are_the_same_in_pieces(void **state)
{
    (void)state;
    assert_int_equal(timing_rep_extra(I486, TIMING_REP_MOVS, 0, 0), 0);
    assert_int_equal(timing_rep_extra(I486, TIMING_REP_MOVS, 0, 1), 13 - 5);
    assert_int_equal(timing_rep_extra(I486, TIMING_REP_MOVS, 0, 100), 12 + 300 - 5);
    assert_int_equal(timing_rep_extra(I486, TIMING_REP_CMPS, 0, 100), 7 + 700 - 5);
    assert_int_equal(timing_rep_extra(UNIT, TIMING_REP_CMPS, 0, 0), 0);
    assert_int_equal(timing_rep_extra(UNIT, TIMING_REP_CMPS, 0, 1), 0);
    assert_int_equal(timing_rep_extra(UNIT, TIMING_REP_CMPS, 0, 100), 99);
    assert_int_equal(timing_rep_extra(UNIT, TIMING_REP_MOVS, 2, 100), 100);

    for (uint32_t kind = 0; kind < TIMING_REP_COUNT; kind++) {
        for (uint32_t cut = 0; cut <= 9; cut++) {
            assert_int_equal(timing_rep_extra(I486, (enum timing_rep)kind, 0, cut) +
                                 timing_rep_extra(I486, (enum timing_rep)kind, cut, 9 - cut),
                             timing_rep_extra(I486, (enum timing_rep)kind, 0, 9));
        }
    }
}

/* A fault is charged what an interrupt of that kind is: base figures of INT. */
struct delivery_row {
    struct delivery delivery;
    uint32_t clocks[2][TIMING_PATH_COUNT]; /* i486, i386: real, same, inner, V86, task gate */
};

static void check_delivery(const struct delivery_row *row)
{
    for (uint32_t model = 0; model < 2; model++) {
        for (uint32_t path = 0; path < TIMING_PATH_COUNT; path++) {
            assert_int_equal(timing_delivery(&cpus[model], &row->delivery, (enum timing_path)path),
                             row->clocks[model][path]);
        }
    }
    assert_int_equal(timing_delivery(UNIT, &row->delivery, TIMING_PATH_INNER), 0);
}

static void test_timing_delivery_of_every_kind(void **state)
{
    (void)state;
    static const struct delivery_row rows[] = {
        /* #UD: the base figure */
        {{.kind = DELIVERY_EXCEPTION, .vector = 6}, {{26, 44, 71, 82, 37}, {37, 59, 99, 119, 0}}},
        /* #GP: one push more, but not in real mode */
        {{.kind = DELIVERY_EXCEPTION, .vector = 13, .has_error = 1},
         {{26, 45, 72, 83, 38}, {37, 61, 101, 121, 2}}},
        /* #PF: 24 more on the i486, and the push */
        {{.kind = DELIVERY_EXCEPTION, .vector = 14, .has_error = 1},
         {{50, 69, 96, 107, 62}, {37, 61, 101, 121, 2}}},
        /* #BR: 24 more on the i486; 44 in real mode on the i386 */
        {{.kind = DELIVERY_EXCEPTION, .vector = 5}, {{50, 68, 95, 106, 61}, {44, 59, 99, 119, 0}}},
        {{.kind = DELIVERY_INTR, .vector = 0x20}, {{37, 55, 82, 93, 48}, {37, 59, 99, 119, 0}}},
        {{.kind = DELIVERY_NMI, .vector = 2}, {{29, 47, 74, 85, 40}, {37, 59, 99, 119, 0}}},
        /* less the clocks that the rows of INT n (1), INT3 (1) and INTO (3) hold already */
        {{.kind = DELIVERY_SOFTWARE, .vector = 0x80},
         {{30 - 1, 44 - 1, 71 - 1, 86 - 1, 37 - 1}, {37 - 1, 59 - 1, 99 - 1, 119 - 1, 0}}},
        {{.kind = DELIVERY_SOFTWARE, .vector = 3},
         {{26 - 1, 44 - 1, 71 - 1, 82 - 1, 37 - 1}, {33 - 1, 59 - 1, 99 - 1, 119 - 1, 0}}},
        {{.kind = DELIVERY_SOFTWARE, .vector = 4},
         {{28 - 3, 46 - 3, 73 - 3, 84 - 3, 39 - 3}, {35 - 3, 59 - 3, 99 - 3, 119 - 3, 0}}},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        check_delivery(&rows[i]);
    }
}

/* CLI, STI, POPF, IRET trapped by a V86 monitor: 8 more on the i486. */
static void test_timing_delivery_of_a_v86_monitor_trap(void **state)
{
    (void)state;
    const struct delivery delivery = {
        .kind = DELIVERY_EXCEPTION, .vector = 13, .path = PATH_gp_iopl, .has_error = 1};
    I486->key = BLOCK_KEY_PE | BLOCK_KEY_VM | BLOCK_KEY_CPL;
    assert_int_equal(timing_delivery(I486, &delivery, TIMING_PATH_V86), 90 + 1);

    I486->key = BLOCK_KEY_PE | BLOCK_KEY_CPL;
    assert_int_equal(timing_delivery(I486, &delivery, TIMING_PATH_INNER), 71 + 1);
}

static void test_timing_delivery_steps_add_up_to_the_published_totals(void **state)
{
    (void)state;
    static const uint32_t totals[2][4] = {{26, 44, 71, 82}, {37, 59, 99, 119}};
    for (uint32_t model = 0; model < 2; model++) {
        for (uint32_t path = TIMING_PATH_REAL; path < TIMING_PATH_TASK; path++) {
            const uint8_t *steps = timing_delivery_steps(&cpus[model], (enum timing_path)path);
            uint32_t sum = 0;
            for (uint32_t step = 0; step < DELIVERY_STEPS; step++) {
                sum += steps[step];
            }
            assert_int_equal(sum, totals[model][path]);
            assert_int_equal(steps[10], 0); /* U10, push-error-code: charged when there is one */
        }
    }
    assert_int_equal(timing_delivery_steps(UNIT, TIMING_PATH_INNER)[3], 0);
}

/* Clock at which each step begins: data of the project's list of micro-steps. */
static void test_timing_delivery_steps_begin_where_the_model_says(void **state)
{
    (void)state;
    static const struct {
        enum cpu_timing model;
        enum timing_path path;
        uint8_t starts[DELIVERY_STEPS]; /* by step; 0: first, or no such step */
    } rows[] = {
        {TIMING_I386, TIMING_PATH_REAL, {[2] = 6, [3] = 11, [9] = 15, [12] = 21, [13] = 23}},
        {TIMING_I386,
         TIMING_PATH_SAME,
         {[2] = 6, [3] = 11, [4] = 23, [5] = 39, [8] = 42, [9] = 43, [12] = 49, [13] = 51}},
        {TIMING_I386,
         TIMING_PATH_INNER,
         {[2] = 6,
          [3] = 11,
          [4] = 23,
          [5] = 39,
          [6] = 42,
          [7] = 50,
          [8] = 67,
          [9] = 77,
          [12] = 89,
          [13] = 91}},
        {TIMING_I386,
         TIMING_PATH_V86,
         {[2] = 6,
          [3] = 11,
          [4] = 23,
          [5] = 39,
          [6] = 42,
          [7] = 50,
          [8] = 67,
          [9] = 77,
          [11] = 97,
          [12] = 109,
          [13] = 111}},
        {TIMING_I486, TIMING_PATH_REAL, {[2] = 4, [3] = 7, [9] = 10, [12] = 15, [13] = 17}},
        {TIMING_I486,
         TIMING_PATH_SAME,
         {[2] = 4, [3] = 7, [4] = 15, [5] = 26, [8] = 28, [9] = 29, [12] = 35, [13] = 37}},
        {TIMING_I486,
         TIMING_PATH_INNER,
         {[2] = 4,
          [3] = 7,
          [4] = 15,
          [5] = 26,
          [6] = 28,
          [7] = 33,
          [8] = 45,
          [9] = 53,
          [12] = 62,
          [13] = 64}},
        {TIMING_I486,
         TIMING_PATH_V86,
         {[2] = 4,
          [3] = 7,
          [4] = 15,
          [5] = 26,
          [6] = 28,
          [7] = 33,
          [8] = 45,
          [9] = 53,
          [11] = 66,
          [12] = 73,
          [13] = 75}},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const uint8_t *steps = timing_delivery_steps(&cpus[rows[i].model], rows[i].path);
        uint32_t clock = 0;
        for (uint32_t step = 1; step < DELIVERY_STEPS; step++) {
            if (steps[step]) {
                assert_int_equal(rows[i].starts[step], clock);
            }
            clock += steps[step];
        }
    }
}

/* The term ts (80386 PRM CALL, JMP, IRET, INT; i486 PRM table 10.2). */
static void test_timing_task_switches(void **state)
{
    (void)state;
    enum { TSS_286, TSS_386, TSS_V86 };
    static const struct {
        enum timing_task_cause cause;
        uint32_t old_kind, new_kind, via_gate, i486, i386;
    } rows[] = {
        {TIMING_TASK_CALL, TSS_386, TSS_386, 0, 162, 300},
        {TIMING_TASK_CALL, TSS_386, TSS_386, 1, 162, 309},
        {TIMING_TASK_CALL, TSS_386, TSS_V86, 0, 140, 217},
        {TIMING_TASK_CALL, TSS_286, TSS_386, 1, 162, 307},
        {TIMING_TASK_CALL, TSS_286, TSS_286, 1, 143, 282},
        {TIMING_TASK_JMP, TSS_386, TSS_286, 0, 143, 276},
        {TIMING_TASK_JMP, TSS_386, TSS_V86, 1, 140, 229},
        {TIMING_TASK_JMP, TSS_286, TSS_V86, 0, 140, 218},
        {TIMING_TASK_IRET, TSS_386, TSS_386, 0, 162, 275},
        {TIMING_TASK_IRET, TSS_386, TSS_286, 0, 143, 271},
        {TIMING_TASK_IRET, TSS_286, TSS_V86, 0, 140, 214},
        {TIMING_TASK_INT, TSS_386, TSS_386, 1, 162, 309},
        {TIMING_TASK_INT, TSS_V86, TSS_386, 1, 162, 314},
        {TIMING_TASK_INT, TSS_V86, TSS_286, 1, 143, 287},
        {TIMING_TASK_INT, TSS_286, TSS_286, 1, 143, 280},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_int_equal(timing_task_switch(I486, rows[i].cause, rows[i].old_kind, rows[i].new_kind,
                                            rows[i].via_gate),
                         rows[i].i486);
        assert_int_equal(timing_task_switch(I386, rows[i].cause, rows[i].old_kind, rows[i].new_kind,
                                            rows[i].via_gate),
                         rows[i].i386);
    }
    assert_int_equal(timing_task_switch(UNIT, TIMING_TASK_CALL, TSS_386, TSS_386, 0), 0);
}

static void test_timing_unit_model_has_no_figure_at_all(void **state)
{
    (void)state;
    const struct timing_model *unit = &timing_models[TIMING_UNIT];
    assert_int_equal(unit->model, TIMING_UNIT);
    assert_int_equal(unit->tlb_miss + unit->walk_write + unit->misaligned + unit->accessed_write +
                         unit->intr_acknowledge + unit->error_push,
                     0);
    assert_int_equal(timing_enter_extra(UNIT, 9), 0);
    assert_int_equal(timing_cmpxchg_extra(UNIT, 1, 0), 0);
    assert_int_equal(timing_io_extra(UNIT, TIMING_IN_DX, 1), 0);
    assert_int_equal(timing_mov_to_cr_extra(UNIT, 0), 0);
    assert_int_equal(timing_far_extra(UNIT, TIMING_IRET, TIMING_FAR_OUTER, 0), 0);
    assert_int_equal(timing_invlpg_extra(UNIT, 1), 0);
    assert_int_equal(timing_cpuid_extra(UNIT, 1), 0);
    assert_int_equal(timing_lsl_extra(UNIT, 1), 0);
}

int main(void)
{
    for (uint32_t i = 0; i < 3; i++) {
        cpus[i].timing = &timing_models[i];
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_timing_mul_takes_from_the_least_to_the_most),
        cmocka_unit_test(test_timing_imul_counts_a_negative_operand_differently_on_the_i486),
        cmocka_unit_test(test_timing_bit_scans_reach_the_published_bounds),
        cmocka_unit_test(test_timing_rotate_through_carry_by_count),
        cmocka_unit_test(test_timing_setcc_by_outcome),
        cmocka_unit_test(test_timing_rep_sums_are_the_same_in_pieces),
        cmocka_unit_test(test_timing_delivery_of_every_kind),
        cmocka_unit_test(test_timing_delivery_of_a_v86_monitor_trap),
        cmocka_unit_test(test_timing_delivery_steps_add_up_to_the_published_totals),
        cmocka_unit_test(test_timing_delivery_steps_begin_where_the_model_says),
        cmocka_unit_test(test_timing_task_switches),
        cmocka_unit_test(test_timing_unit_model_has_no_figure_at_all),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
