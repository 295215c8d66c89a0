/* String instructions: direction, overlap, wrap-around, segments, and REP: its clocks, faults,
 * interrupts and traps between iterations, and that it does not matter where it is cut.
 * See: 80386 PRM 3.6, 9.3 and chapter 17; i486 PRM table 10.1.
 * SPDX-License-Identifier: MIT */
#include "cpu_fixture.h"

#define FAR_AHEAD 10000000u
#define REP       0xF3
#define REPNE     0xF2
#define MOVSB     0xA4
#define MOVSD     0xA5
#define STOSB     0xAA
#define STOSD     0xAB
#define SCASB     0xAE

/* A kernel-mode machine about to execute `bytes`, with the three string registers set. */
static void about_to(struct fixture *f, enum fixture_mode mode, const uint8_t *bytes, size_t count,
                     uint32_t from, uint32_t to, uint32_t times)
{
    fixture_start(f, mode, CPU_I486);
    put_code(f, CODE_AT, bytes, count);
    f->state.eip = CODE_AT;
    f->state.gpr[REG_ESI] = from;
    f->state.gpr[REG_EDI] = to;
    f->state.gpr[REG_ECX] = times;
}
#define ABOUT_TO(f, mode, from, to, times, ...)                                                    \
    do {                                                                                           \
        const uint8_t code_bytes[] = {__VA_ARGS__};                                                \
        about_to(f, mode, code_bytes, sizeof code_bytes, from, to, times);                         \
    } while (0)

/* Load and run to the HLT behind the code. */
static const struct cpu_state *run(struct fixture *f)
{
    fixture_load(f);
    cpu_run(f->cpu, f->state.clock + FAR_AHEAD);
    const struct cpu_state *state = cpu_save(f->cpu);
    assert_int_equal(state->activity, ACTIVITY_HALTED);
    return state;
}

static void test_rep_movsb_onto_itself_repeats_the_first_bytes(void **context)
{
    (void)context;
    struct fixture f;
    ABOUT_TO(&f, KERNEL, DATA_AT, DATA_AT + 3, 5000, REP, MOVSB);
    memcpy(f.ram + DATA_AT, "abc", 3);

    const struct cpu_state *state = run(&f);

    for (uint32_t n = 0; n < 5003; n++) {
        assert_int_equal(f.ram[DATA_AT + n], "abc"[n % 3]);
    }
    assert_int_equal(state->gpr[REG_ECX], 0);
    assert_int_equal(state->gpr[REG_ESI], DATA_AT + 5000);
    assert_int_equal(state->gpr[REG_EDI], DATA_AT + 5003);
    fixture_end(&f);
}

static void test_rep_movsd_copies_over_pages_upwards_and_downwards(void **context)
{
    (void)context;
    for (uint32_t down = 0; down < 2; down++) {
        struct fixture f;
        uint32_t last = down ? 2999 * 4 : 0;
        ABOUT_TO(&f, KERNEL, DATA_AT + 0x104 + last, DATA_AT + 0x8008 + last, 3000,
                 down ? 0xFD : 0xFC, REP, MOVSD); /* STD or CLD */
        uint8_t source[12000];
        memcpy(source, f.ram + DATA_AT + 0x104, sizeof source);

        const struct cpu_state *state = run(&f);

        assert_memory_equal(f.ram + DATA_AT + 0x8008, source, sizeof source);
        assert_int_equal(f.ram[DATA_AT + 0x8007], (uint8_t)((DATA_AT + 0x8007) * 7 + 1));
        assert_int_equal(state->gpr[REG_ESI],
                         DATA_AT + 0x104 + (down ? 0u - 4 : (uint32_t)sizeof source));
        fixture_end(&f);
    }
}

static void test_rep_stos_fills_exactly_its_cells_at_any_alignment(void **context)
{
    (void)context;
    for (uint32_t shift = 0; shift < 4; shift++) {
        struct fixture f;
        ABOUT_TO(&f, KERNEL, 0, DATA_AT + 0xF00 + shift, 2000, REP, STOSD);
        f.state.gpr[REG_EAX] = 0x44332211;

        run(&f);

        for (uint32_t n = 0; n < 8000; n++) {
            assert_int_equal(f.ram[DATA_AT + 0xF00 + shift + n], 0x11 * (n % 4 + 1));
        }
        uint32_t before = DATA_AT + 0xF00 + shift - 1, after = before + 8001;
        assert_int_equal(f.ram[before], (uint8_t)(before * 7 + 1));
        assert_int_equal(f.ram[after], (uint8_t)(after * 7 + 1));
        fixture_end(&f);
    }
}

/* i486 PRM table 10.1: MOVS 5, 13, 12 + 3n; STOS 5, 7 + 4n; SCAS 5, 7 + 5n. */
static void test_clocks_of_rep_follow_the_published_formulas(void **context)
{
    (void)context;
    static const struct {
        uint8_t prefix, opcode;
        uint32_t times, clocks;
    } rows[] = {{REP, MOVSB, 0, 5},       {REP, MOVSB, 1, 13},  {REP, MOVSB, 2, 18},
                {REP, MOVSD, 100, 312},   {REP, STOSD, 0, 5},   {REP, STOSD, 1, 11},
                {REP, STOSB, 50, 207},    {REPNE, SCASB, 0, 5}, {REPNE, SCASB, 10, 57},
                {REP, MOVSD, 4000, 12012}};
    for (size_t n = 0; n < sizeof rows / sizeof *rows; n++) {
        struct fixture f;
        struct cpu_step_info info;
        ABOUT_TO(&f, KERNEL, DATA_AT, DATA_AT + 0x8000, rows[n].times, rows[n].prefix,
                 rows[n].opcode);
        memset(f.ram + DATA_AT + 0x8000, 0x55, 64);
        f.state.gpr[REG_EAX] = 0xAA;
        fixture_load(&f);

        cpu_step(f.cpu, f.state.clock + FAR_AHEAD, &info);

        assert_int_equal(cpu_clock(f.cpu) - f.state.clock, rows[n].clocks);
        assert_int_equal(cpu_save(f.cpu)->instructions - f.state.instructions, 1);
        fixture_end(&f);
    }
}

static void test_rep_cut_by_any_deadline_ends_the_same(void **context)
{
    (void)context;
    struct fixture whole;
    ABOUT_TO(&whole, KERNEL, DATA_AT + 0xFF0, DATA_AT + 0x2FF4, 40, 0x40, REP, MOVSD, 0x41, REP,
             STOSB);
    struct cpu_state expected = *run(&whole);
    for (uint32_t cut = 1; cut < 160; cut++) {
        struct fixture f;
        ABOUT_TO(&f, KERNEL, DATA_AT + 0xFF0, DATA_AT + 0x2FF4, 40, 0x40, REP, MOVSD, 0x41, REP,
                 STOSB);
        fixture_load(&f);
        const uint64_t end = f.state.clock + FAR_AHEAD;

        cpu_run(f.cpu, f.state.clock + cut);
        assert_true(cpu_clock(f.cpu) >= f.state.clock + cut);
        cpu_run(f.cpu, end);

        assert_memory_equal(cpu_save(f.cpu), &expected, sizeof expected);
        assert_memory_equal(f.ram, whole.ram, RAM_BYTES);
        fixture_end(&f);
    }
    fixture_end(&whole);
}

static void test_rep_stops_at_the_first_iteration_that_would_start_at_the_deadline(void **context)
{
    (void)context;
    struct fixture f;
    ABOUT_TO(&f, KERNEL, DATA_AT, DATA_AT + 0x8000, 1000, REP, MOVSD);
    fixture_load(&f);

    cpu_run(f.cpu, f.state.clock + 72); /* 12 + 3 * 20 */

    const struct cpu_state *state = cpu_save(f.cpu);
    assert_int_equal(state->gpr[REG_ECX], 980);
    assert_int_equal(state->clock, f.state.clock + 72);
    assert_int_equal(state->eip, CODE_AT);
    assert_int_equal(state->instructions, f.state.instructions);
    fixture_end(&f);
}

static void test_page_fault_in_the_middle_keeps_what_was_done(void **context)
{
    (void)context;
    struct fixture f;
    ABOUT_TO(&f, KERNEL_PAGED, DATA_AT, DATA_AT + 0x4000, 3000, REP, MOVSD);
    put_page(&f, DATA_AT + 0x5000, 0); /* the second page of the destination */

    const struct cpu_state *state = run(&f);

    assert_int_equal(state->eip, HANDLER(14) + 1);
    assert_int_equal(state->cr2, DATA_AT + 0x5000);
    assert_int_equal(state->gpr[REG_ECX], 3000 - 1024);
    assert_int_equal(state->gpr[REG_ESI], DATA_AT + 0x1000);
    assert_int_equal(state->gpr[REG_EDI], DATA_AT + 0x5000);
    assert_int_equal(get32(&f, state->gpr[REG_ESP] + 4), CODE_AT);
    assert_memory_equal(f.ram + DATA_AT + 0x4000, f.ram + DATA_AT, 0x1000);
    fixture_end(&f);
}

static void test_code_that_rep_writes_ahead_of_itself_is_executed_as_written(void **context)
{
    (void)context;
    struct fixture f;
    ABOUT_TO(&f, KERNEL, 0, CODE_AT + 2, 16, REP, STOSB, 0x90, 0x90);
    f.state.gpr[REG_EAX] = 0x41; /* INC ECX */

    const struct cpu_state *state = run(&f);

    assert_int_equal(state->gpr[REG_ECX], 16);
    fixture_end(&f);
}

static void test_trap_flag_traps_after_each_iteration(void **context)
{
    (void)context;
    struct fixture f;
    ABOUT_TO(&f, KERNEL, DATA_AT, DATA_AT + 0x100, 5, REP, MOVSB);
    f.state.eflags |= EFLAGS_TF;

    const struct cpu_state *state = run(&f);

    assert_int_equal(state->eip, HANDLER(1) + 1);
    assert_int_equal(state->gpr[REG_ECX], 4);
    assert_int_equal(get32(&f, state->gpr[REG_ESP]), CODE_AT);
    fixture_end(&f);
}

static void
test_interrupt_is_taken_between_iterations_and_returns_to_the_instruction(void **context)
{
    (void)context;
    struct fixture f;
    ABOUT_TO(&f, KERNEL, DATA_AT, DATA_AT + 0x8000, 1000, REP, MOVSD);
    f.state.eflags |= EFLAGS_IF;
    f.vector = 0x20;
    fixture_load(&f);
    cpu_run(f.cpu, f.state.clock + 72);

    cpu_set_interrupt_line(f.cpu, 1);
    cpu_run(f.cpu, f.state.clock + FAR_AHEAD);

    const struct cpu_state *state = cpu_save(f.cpu);
    assert_int_equal(state->eip, HANDLER(0x20) + 1);
    assert_int_equal(state->gpr[REG_ECX], 980);
    assert_int_equal(get32(&f, state->gpr[REG_ESP]), CODE_AT);
    fixture_end(&f);
}

static void test_16_bit_addresses_wrap_and_keep_the_upper_halves(void **context)
{
    (void)context;
    struct fixture f;
    ABOUT_TO(&f, KERNEL, 0, 0xABCDFFFE, 0x12340004, 0x67, REP, STOSB);
    put_segment(&f, SEG_ES, SEL_DATA0, DATA_AT, 0xFFFF, 0x4000 | ACC_DATA);
    f.state.gpr[REG_EAX] = 0x99;

    const struct cpu_state *state = run(&f);

    assert_int_equal(f.ram[DATA_AT + 0xFFFE], 0x99);
    assert_int_equal(f.ram[DATA_AT + 0xFFFF], 0x99);
    assert_int_equal(f.ram[DATA_AT], 0x99);
    assert_int_equal(f.ram[DATA_AT + 1], 0x99);
    assert_int_equal(state->gpr[REG_EDI], 0xABCD0002);
    assert_int_equal(state->gpr[REG_ECX], 0x12340000);
    fixture_end(&f);
}

static void test_override_moves_the_source_and_leaves_the_destination_in_es(void **context)
{
    (void)context;
    struct fixture f;
    ABOUT_TO(&f, KERNEL, 0x10, DATA_AT + 0x100, 4, 0x64, REP, MOVSB);
    put_segment(&f, SEG_FS, SEL_DATA0, DATA_AT, 0xFFFF, 0x4000 | ACC_DATA);

    run(&f);

    assert_memory_equal(f.ram + DATA_AT + 0x100, f.ram + DATA_AT + 0x10, 4);
    fixture_end(&f);
}

static void test_repne_scasb_stops_behind_the_byte_it_looks_for(void **context)
{
    (void)context;
    struct fixture f;
    ABOUT_TO(&f, KERNEL, 0, DATA_AT, 100, REPNE, SCASB);
    memcpy(f.ram + DATA_AT, "abcdef", 6);
    f.state.gpr[REG_EAX] = 'd';

    const struct cpu_state *state = run(&f);

    assert_int_equal(state->gpr[REG_EDI], DATA_AT + 4);
    assert_int_equal(state->gpr[REG_ECX], 96);
    assert_true(state->eflags & EFLAGS_ZF);
    fixture_end(&f);
}

static void test_ins_with_a_count_of_0_asks_for_the_port_all_the_same(void **context)
{
    (void)context;
    for (uint32_t allowed = 0; allowed < 2; allowed++) {
        struct fixture f;
        struct cpu_step_info info;
        ABOUT_TO(&f, USER, DATA_AT, DATA_AT, 0, REP, 0x6C);
        f.state.eflags |= allowed ? EFLAGS_IOPL : 0;
        fixture_load(&f);

        cpu_step(f.cpu, f.state.clock + FAR_AHEAD, &info);

        assert_int_equal((info.what & STEP_DELIVERY) != 0, !allowed);
        assert_int_equal(f.in.count, 0);
        if (allowed) {
            assert_int_equal(cpu_save(f.cpu)->eip, CODE_AT + 2);
        } else {
            assert_int_equal(info.vector, 13);
        }
        fixture_end(&f);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rep_movsb_onto_itself_repeats_the_first_bytes),
        cmocka_unit_test(test_rep_movsd_copies_over_pages_upwards_and_downwards),
        cmocka_unit_test(test_rep_stos_fills_exactly_its_cells_at_any_alignment),
        cmocka_unit_test(test_clocks_of_rep_follow_the_published_formulas),
        cmocka_unit_test(test_rep_cut_by_any_deadline_ends_the_same),
        cmocka_unit_test(test_rep_stops_at_the_first_iteration_that_would_start_at_the_deadline),
        cmocka_unit_test(test_page_fault_in_the_middle_keeps_what_was_done),
        cmocka_unit_test(test_code_that_rep_writes_ahead_of_itself_is_executed_as_written),
        cmocka_unit_test(test_trap_flag_traps_after_each_iteration),
        cmocka_unit_test(test_interrupt_is_taken_between_iterations_and_returns_to_the_instruction),
        cmocka_unit_test(test_16_bit_addresses_wrap_and_keep_the_upper_halves),
        cmocka_unit_test(test_override_moves_the_source_and_leaves_the_destination_in_es),
        cmocka_unit_test(test_ins_with_a_count_of_0_asks_for_the_port_all_the_same),
        cmocka_unit_test(test_repne_scasb_stops_behind_the_byte_it_looks_for),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
