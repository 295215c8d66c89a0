/* PUSH, POP and the frame instructions: order of address and stack pointer, 16-bit stacks, and
 * that a frame is written whole or not at all. 16-bit branches, which the comparison with the
 * host's processor cannot run.
 * See: 80386 PRM 3.1.2, 3.10, 16.3, 16.4 and chapter 17.
 * SPDX-License-Identifier: MIT */
#include "cpu_fixture.h"

#define FAR_AHEAD 10000000u

static void about_to(struct fixture *f, enum fixture_mode mode, const uint8_t *bytes, size_t count)
{
    fixture_start(f, mode, CPU_I486);
    put_code(f, CODE_AT, bytes, count);
    f->state.eip = CODE_AT;
}
#define ABOUT_TO(f, mode, ...)                                                                     \
    do {                                                                                           \
        const uint8_t code_bytes[] = {__VA_ARGS__};                                                \
        about_to(f, mode, code_bytes, sizeof code_bytes);                                          \
    } while (0)

/* One instruction. */
static const struct cpu_state *step(struct fixture *f)
{
    struct cpu_step_info info;
    fixture_load(f);
    cpu_step(f->cpu, f->state.clock + FAR_AHEAD, &info);
    return cpu_save(f->cpu);
}

/* To the HLT of whatever handler or code comes. */
static const struct cpu_state *run(struct fixture *f)
{
    fixture_load(f);
    cpu_run(f->cpu, f->state.clock + FAR_AHEAD);
    return cpu_save(f->cpu);
}

static void test_push_esp_stores_the_value_before(void **context)
{
    (void)context;
    struct fixture f;
    ABOUT_TO(&f, KERNEL, 0x54);

    const struct cpu_state *state = step(&f);

    assert_int_equal(state->gpr[REG_ESP], STACK_TOP - 4);
    assert_int_equal(get32(&f, STACK_TOP - 4), STACK_TOP);
    fixture_end(&f);
}

static void test_pop_esp_takes_the_value_popped(void **context)
{
    (void)context;
    struct fixture f;
    ABOUT_TO(&f, KERNEL, 0x5C);
    put32(&f, STACK_TOP, 0x12345678);

    const struct cpu_state *state = step(&f);

    assert_int_equal(state->gpr[REG_ESP], 0x12345678);
    fixture_end(&f);
}

static void test_pop_to_memory_addresses_with_esp_after_the_pop(void **context)
{
    (void)context;
    struct fixture f;
    ABOUT_TO(&f, KERNEL, 0x8F, 0x44, 0x24, 0x08); /* POP [ESP+8] */
    put32(&f, STACK_TOP, 0xCAFEF00D);

    const struct cpu_state *state = step(&f);

    assert_int_equal(get32(&f, STACK_TOP + 4 + 8), 0xCAFEF00D);
    assert_int_equal(state->gpr[REG_ESP], STACK_TOP + 4);
    fixture_end(&f);
}

static void on_16_bit_stack(struct fixture *f, uint32_t esp)
{
    put_segment(f, SEG_SS, SEL_STACK16, DATA_AT, 0xFFFF, ACC_DATA);
    f->state.gpr[REG_ESP] = esp;
}

static void test_16_bit_stack_wraps_and_keeps_the_upper_half_of_esp(void **context)
{
    (void)context;
    struct fixture f;
    ABOUT_TO(&f, KERNEL, 0x50); /* PUSH EAX */
    on_16_bit_stack(&f, 0x77770000);
    f.state.gpr[REG_EAX] = 0x01020304;

    const struct cpu_state *state = step(&f);

    assert_int_equal(state->gpr[REG_ESP], 0x7777FFFC);
    assert_int_equal(get32(&f, DATA_AT + 0xFFFC), 0x01020304);
    fixture_end(&f);
}

static void test_pusha_on_a_16_bit_stack_wraps_between_cells(void **context)
{
    (void)context;
    struct fixture f;
    ABOUT_TO(&f, KERNEL, 0x60);
    on_16_bit_stack(&f, 0x0008);
    const struct cpu_state before = f.state;

    const struct cpu_state *state = step(&f);

    assert_int_equal(state->gpr[REG_ESP], 0xFFE8);
    assert_int_equal(get32(&f, DATA_AT + 4), before.gpr[REG_EAX]);
    assert_int_equal(get32(&f, DATA_AT + 0), before.gpr[REG_ECX]);
    assert_int_equal(get32(&f, DATA_AT + 0xFFFC), before.gpr[REG_EDX]);
    assert_int_equal(get32(&f, DATA_AT + 0xFFE8), before.gpr[REG_EDI]);
    fixture_end(&f);
}

static void test_popa_skips_esp(void **context)
{
    (void)context;
    struct fixture f;
    ABOUT_TO(&f, KERNEL, 0x61);
    for (uint32_t n = 0; n < 8; n++) {
        put32(&f, STACK_TOP + n * 4, 0x100 + n);
    }

    const struct cpu_state *state = step(&f);

    assert_int_equal(state->gpr[REG_EDI], 0x100);
    assert_int_equal(state->gpr[REG_EBP], 0x102);
    assert_int_equal(state->gpr[REG_ESP], STACK_TOP + 32);
    assert_int_equal(state->gpr[REG_EAX], 0x107);
    fixture_end(&f);
}

/* The lower cells are in a page that is not there. */
static void test_pusha_that_faults_writes_nothing(void **context)
{
    (void)context;
    struct fixture f;
    ABOUT_TO(&f, USER_PAGED, 0x60);
    f.state.gpr[REG_ESP] = DATA_AT + 0x1010;
    put_page(&f, DATA_AT, 0);
    uint8_t before[32];
    memcpy(before, f.ram + DATA_AT + 0x1000, sizeof before);

    const struct cpu_state *state = run(&f);

    assert_int_equal(state->eip, HANDLER(14) + 1);
    assert_int_equal(state->cr2, DATA_AT + 0xFFC);
    assert_int_equal(get32(&f, state->gpr[REG_ESP] + 4), CODE_AT);
    assert_int_equal(get32(&f, state->gpr[REG_ESP] + 16), DATA_AT + 0x1010);
    assert_memory_equal(f.ram + DATA_AT + 0x1000, before, sizeof before);
    fixture_end(&f);
}

static void test_enter_copies_the_outer_frame_pointers(void **context)
{
    (void)context;
    struct fixture f;
    ABOUT_TO(&f, KERNEL, 0xC8, 0x20, 0x00, 0x03); /* ENTER 32, 3 */
    f.state.gpr[REG_EBP] = STACK_TOP + 0x40;
    put32(&f, STACK_TOP + 0x3C, 0x1111);
    put32(&f, STACK_TOP + 0x38, 0x2222);

    const struct cpu_state *state = step(&f);

    assert_int_equal(get32(&f, STACK_TOP - 4), STACK_TOP + 0x40);
    assert_int_equal(get32(&f, STACK_TOP - 8), 0x1111);
    assert_int_equal(get32(&f, STACK_TOP - 12), 0x2222);
    assert_int_equal(get32(&f, STACK_TOP - 16), STACK_TOP - 4);
    assert_int_equal(state->gpr[REG_EBP], STACK_TOP - 4);
    assert_int_equal(state->gpr[REG_ESP], STACK_TOP - 16 - 32);
    fixture_end(&f);
}

/* As processors do it: the frame pointer is ESP as the push left it, its high half included. */
static void test_enter_with_32_bit_operands_on_a_16_bit_stack_takes_all_of_esp(void **context)
{
    (void)context;
    struct fixture f;
    ABOUT_TO(&f, REAL, 0x66, 0xC8, 0x10, 0x00, 0x01); /* ENTER 16, 1 */
    f.state.eip = CODE_AT & 0xFFFF;
    f.state.gpr[REG_ESP] = 0x12340400;
    f.state.gpr[REG_EBP] = 0xABCD4000;

    const struct cpu_state *state = step(&f);

    assert_int_equal(get32(&f, 0x8000 + 0x3FC), 0xABCD4000);
    assert_int_equal(get32(&f, 0x8000 + 0x3F8), 0x123403FC);
    assert_int_equal(state->gpr[REG_EBP], 0x123403FC);
    assert_int_equal(state->gpr[REG_ESP], 0x123403E8);
    fixture_end(&f);
}
static void test_enter_faults_if_its_end_is_not_writable_and_changes_nothing(void **context)
{
    (void)context;
    struct fixture f;
    ABOUT_TO(&f, USER_PAGED, 0xC8, 0x00, 0x10, 0x00); /* ENTER 4096, 0 */
    f.state.gpr[REG_ESP] = DATA_AT + 0x1010;
    put_page(&f, DATA_AT, 0);
    uint32_t before = get32(&f, DATA_AT + 0x100C);

    const struct cpu_state *state = run(&f);

    assert_int_equal(state->eip, HANDLER(14) + 1);
    assert_int_equal(state->cr2, DATA_AT + 0xC);
    assert_int_equal(state->gpr[REG_EBP], f.state.gpr[REG_EBP]);
    assert_int_equal(get32(&f, state->gpr[REG_ESP] + 16), DATA_AT + 0x1010);
    assert_int_equal(get32(&f, DATA_AT + 0x100C), before);
    fixture_end(&f);
}

static void test_leave_undoes_enter(void **context)
{
    (void)context;
    struct fixture f;
    ABOUT_TO(&f, KERNEL, 0xC9);
    f.state.gpr[REG_EBP] = STACK_TOP + 0x40;
    put32(&f, STACK_TOP + 0x40, 0xB0B0B0B0);

    const struct cpu_state *state = step(&f);

    assert_int_equal(state->gpr[REG_EBP], 0xB0B0B0B0);
    assert_int_equal(state->gpr[REG_ESP], STACK_TOP + 0x44);
    fixture_end(&f);
}

/* 80386 PRM 16.4: with a 16-bit operand size EIP is cut to 16 bits. */
static void test_16_bit_branches_cut_the_target(void **context)
{
    (void)context;
    static const struct {
        uint8_t code[4];
        uint32_t ecx, eflags, eip;
    } rows[] = {
        {{0x66, 0xEB, 0x10}, 5, 0, (CODE_AT + 0x13) & 0xFFFF},             /* JMP */
        {{0x66, 0x74, 0x10}, 5, EFLAGS_ZF, (CODE_AT + 0x13) & 0xFFFF},     /* JZ taken */
        {{0x66, 0x74, 0x10}, 5, 0, CODE_AT + 3},                           /* JZ not taken */
        {{0x66, 0xE2, 0x10}, 5, 0, (CODE_AT + 0x13) & 0xFFFF},             /* LOOP */
        {{0x66, 0xE2, 0x10}, 1, 0, CODE_AT + 3},                           /* LOOP ends */
        {{0x66, 0xE1, 0x10}, 5, EFLAGS_ZF, (CODE_AT + 0x13) & 0xFFFF},     /* LOOPE */
        {{0x66, 0xE0, 0x10}, 5, EFLAGS_ZF, CODE_AT + 3},                   /* LOOPNE */
        {{0x66, 0xE0, 0x10}, 5, 0, (CODE_AT + 0x13) & 0xFFFF},             /* LOOPNE */
        {{0x66, 0xE3, 0x10}, 0, 0, (CODE_AT + 0x13) & 0xFFFF},             /* JCXZ, of ECX */
        {{0x66, 0x67, 0xE3, 0x10}, 0x10000, 0, (CODE_AT + 0x14) & 0xFFFF}, /* JCXZ, of CX */
        {{0x67, 0xE2, 0x10}, 0x10001, 0, CODE_AT + 3},                     /* LOOP with CX */
        {{0x67, 0xE2, 0x10}, 0x10000, 0, CODE_AT + 0x13},                  /* CX becomes FFFFh */
    };
    for (size_t n = 0; n < sizeof rows / sizeof *rows; n++) {
        struct fixture f;
        about_to(&f, KERNEL, rows[n].code, 4);
        f.state.gpr[REG_ECX] = rows[n].ecx;
        f.state.eflags = rows[n].eflags | EFLAGS_ONE;

        const struct cpu_state *state = step(&f);

        assert_int_equal(state->eip, rows[n].eip);
        fixture_end(&f);
    }
}

static void test_16_bit_call_and_return_move_two_bytes(void **context)
{
    (void)context;
    struct fixture f;
    ABOUT_TO(&f, KERNEL, 0x66, 0xE8, 0x10, 0x00); /* CALL */

    const struct cpu_state *state = step(&f);

    assert_int_equal(state->eip, (CODE_AT + 0x14) & 0xFFFF);
    assert_int_equal(state->gpr[REG_ESP], STACK_TOP - 2);
    assert_int_equal(get16(&f, STACK_TOP - 2), (CODE_AT + 4) & 0xFFFF);
    fixture_end(&f);

    ABOUT_TO(&f, KERNEL, 0x66, 0xC2, 0x08, 0x00); /* RET 8 */
    put16(&f, STACK_TOP, 0x4321);

    state = step(&f);

    assert_int_equal(state->eip, 0x4321);
    assert_int_equal(state->gpr[REG_ESP], STACK_TOP + 2 + 8);
    fixture_end(&f);
}

static void test_loop_to_beyond_the_limit_keeps_the_counter(void **context)
{
    (void)context;
    struct fixture f;
    ABOUT_TO(&f, KERNEL, 0xE2, 0x10);
    f.state.segments[SEG_CS].limit = CODE_AT + 4;
    f.state.gpr[REG_ECX] = 5;
    fixture_load(&f);
    struct cpu_step_info info;

    cpu_step(f.cpu, f.state.clock + FAR_AHEAD, &info);

    assert_int_equal(info.path, PATH_gp_branch_limit);
    assert_int_equal(cpu_save(f.cpu)->gpr[REG_ECX], 5);
    fixture_end(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_push_esp_stores_the_value_before),
        cmocka_unit_test(test_pop_esp_takes_the_value_popped),
        cmocka_unit_test(test_pop_to_memory_addresses_with_esp_after_the_pop),
        cmocka_unit_test(test_16_bit_stack_wraps_and_keeps_the_upper_half_of_esp),
        cmocka_unit_test(test_pusha_on_a_16_bit_stack_wraps_between_cells),
        cmocka_unit_test(test_popa_skips_esp),
        cmocka_unit_test(test_pusha_that_faults_writes_nothing),
        cmocka_unit_test(test_enter_copies_the_outer_frame_pointers),
        cmocka_unit_test(test_enter_with_32_bit_operands_on_a_16_bit_stack_takes_all_of_esp),
        cmocka_unit_test(test_enter_faults_if_its_end_is_not_writable_and_changes_nothing),
        cmocka_unit_test(test_leave_undoes_enter),
        cmocka_unit_test(test_16_bit_branches_cut_the_target),
        cmocka_unit_test(test_16_bit_call_and_return_move_two_bytes),
        cmocka_unit_test(test_loop_to_beyond_the_limit_keeps_the_counter),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
