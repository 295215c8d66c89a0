/* Hooks and promises of cpu.h: breakpoints, write tracking, cpu_peek_linear, A20, the stack that
 * dispatch needs.
 * See: docs/architecture.md, "Hooks cost nothing when unused".
 * SPDX-License-Identifier: MIT */
#include "cpu_fixture.h"

#include <pthread.h>

#include "cpu/cpu_priv.h"

static void begin(struct fixture *f, enum fixture_mode mode)
{
    fixture_start(f, mode, CPU_I686);
    fixture_load(f);
}

static void fill(struct fixture *f, uint32_t at, uint8_t byte, uint32_t count)
{
    memset(f->ram + at, byte, count);
}

static uint32_t eip(struct fixture *f)
{
    return cpu_save(f->cpu)->eip;
}

/* ---- breakpoints ---- */

/* INC EAX sixteen times; breakpoints at the 5th, the 6th and the 12th. */
static void
test_each_breakpoint_stops_before_its_instruction_and_is_left_on_the_next_run(void **state)
{
    static const uint32_t places[] = {CODE_AT + 4, CODE_AT + 5, CODE_AT + 11};
    struct fixture f;
    (void)state;
    begin(&f, KERNEL);
    fill(&f, CODE_AT, 0x40, 16);
    cpu_set_breakpoints(f.cpu, places, 3);

    for (uint32_t i = 0; i < 3; i++) {
        assert_int_equal(cpu_run(f.cpu, UINT64_MAX), CPU_STOP_BREAKPOINT);
        assert_int_equal(eip(&f), places[i]);
        assert_int_equal(cpu_save(f.cpu)->gpr[REG_EAX], f.state.gpr[REG_EAX] + places[i] - CODE_AT);
    }
    assert_int_equal(cpu_run(f.cpu, UINT64_MAX), CPU_STOP_DEADLINE);
    assert_int_equal(cpu_save(f.cpu)->gpr[REG_EAX], f.state.gpr[REG_EAX] + 16);
    fixture_end(&f);
}

static void test_a_breakpoint_at_the_first_instruction_does_not_stop_there(void **state)
{
    static const uint32_t places[] = {CODE_AT};
    struct fixture f;
    (void)state;
    begin(&f, KERNEL);
    fill(&f, CODE_AT, 0x40, 3);
    cpu_set_breakpoints(f.cpu, places, 1);

    assert_int_equal(cpu_run(f.cpu, UINT64_MAX), CPU_STOP_DEADLINE);

    assert_int_equal(cpu_save(f.cpu)->instructions, 4);
    fixture_end(&f);
}

/* A loop of two instructions, three rounds: DEC ECX; JNZ -3. The breakpoint is at its head. */
static void test_a_breakpoint_in_a_loop_stops_in_every_round(void **state)
{
    static const uint8_t code[] = {0x90, 0x49, 0x75, 0xFD, 0xF4};
    static const uint32_t places[] = {CODE_AT + 1};
    struct fixture f;
    (void)state;
    begin(&f, KERNEL);
    put_code(&f, CODE_AT, code, sizeof code);
    f.state.gpr[REG_ECX] = 3;
    cpu_load(f.cpu, &f.state);
    cpu_run(f.cpu, f.state.clock + 1);
    cpu_load(f.cpu, &f.state);
    cpu_set_breakpoints(f.cpu, places, 1);

    for (uint32_t left = 3; left > 0; left--) {
        assert_int_equal(cpu_run(f.cpu, UINT64_MAX), CPU_STOP_BREAKPOINT);
        assert_int_equal(cpu_save(f.cpu)->gpr[REG_ECX], left);
        assert_int_equal(eip(&f), CODE_AT + 1);
    }
    assert_int_equal(cpu_run(f.cpu, UINT64_MAX), CPU_STOP_DEADLINE);
    fixture_end(&f);
}

/* Linear 9103h and 10103h are one byte of RAM; the breakpoint is at the second. */
static void test_a_breakpoint_holds_at_its_linear_address_and_not_at_an_alias(void **state)
{
    static const uint32_t places[] = {CODE_AT + 3};
    struct fixture f;
    (void)state;
    begin(&f, KERNEL_PAGED);
    put32(&f, TABLE_AT + 9 * 4, 0x10067);
    fill(&f, CODE_AT, 0x40, 8);
    cpu_set_breakpoints(f.cpu, places, 1);

    f.state.eip = 0x9100;
    cpu_load(f.cpu, &f.state);
    assert_int_equal(cpu_run(f.cpu, UINT64_MAX), CPU_STOP_DEADLINE);
    f.state.eip = CODE_AT;
    cpu_load(f.cpu, &f.state);
    assert_int_equal(cpu_run(f.cpu, UINT64_MAX), CPU_STOP_BREAKPOINT);
    assert_int_equal(eip(&f), CODE_AT + 3);
    fixture_end(&f);
}

/* REP STOSB over the chunk of code that it lies in: left between iterations, not stopped. */
static void test_a_breakpoint_at_a_rep_instruction_is_hit_once(void **state)
{
    static const uint8_t code[] = {0x90, 0xF3, 0xAA, 0xF4};
    static const uint32_t places[] = {CODE_AT + 1};
    struct fixture f;
    (void)state;
    begin(&f, KERNEL);
    put_code(&f, CODE_AT, code, sizeof code);
    f.state.gpr[REG_ECX] = 20;
    f.state.gpr[REG_EDI] = CODE_AT + 16;
    cpu_load(f.cpu, &f.state);
    cpu_set_breakpoints(f.cpu, places, 1);

    assert_int_equal(cpu_run(f.cpu, UINT64_MAX), CPU_STOP_BREAKPOINT);
    assert_int_equal(cpu_save(f.cpu)->gpr[REG_ECX], 20);
    assert_int_equal(cpu_run(f.cpu, UINT64_MAX), CPU_STOP_DEADLINE);
    assert_int_equal(cpu_save(f.cpu)->gpr[REG_ECX], 0);
    fixture_end(&f);
}

/* ---- write tracking ---- */

static void test_a_page_written_again_after_watching_is_marked_again(void **state)
{
    static const uint8_t code[] = {0xFF, 0x05, 0x10, 0x00, 0x03, 0x00, 0xEB, 0xF8}; /* inc; jmp */
    uint8_t written[RAM_BYTES / 4096];
    struct fixture f;
    (void)state;
    begin(&f, KERNEL);
    put_code(&f, CODE_AT, code, sizeof code);
    f.cpu->bus.page_written = written;

    for (uint32_t round = 0; round < 3; round++) {
        memset(written, 0, sizeof written);
        cpu_watch_writes(f.cpu);
        cpu_run(f.cpu, cpu_clock(f.cpu) + 1000);
        for (uint32_t page = 0; page < RAM_BYTES / 4096; page++) {
            assert_int_equal(written[page], page == DATA_AT / 4096);
        }
    }
    fixture_end(&f);
}

/* The walk sets A in the directory, A and D in the table: both pages are marked. */
static void test_accessed_and_dirty_bits_mark_the_pages_of_their_tables(void **state)
{
    static const uint8_t code[] = {0xA2, 0x10, 0x00, 0x03, 0x00}; /* mov [30010], al */
    uint8_t written[RAM_BYTES / 4096];
    struct fixture f;
    (void)state;
    begin(&f, KERNEL_PAGED);
    put_code(&f, CODE_AT, code, sizeof code);
    put32(&f, DIRECTORY_AT, TABLE_AT | 7);
    put_page(&f, DATA_AT, 7);
    memset(written, 0, sizeof written);
    f.cpu->bus.page_written = written;

    cpu_run(f.cpu, UINT64_MAX);

    assert_int_equal(written[DIRECTORY_AT / 4096], 1);
    assert_int_equal(written[TABLE_AT / 4096], 1);
    assert_int_equal(written[DATA_AT / 4096], 1);
    assert_int_equal(get32(&f, TABLE_AT + 4 * (DATA_AT >> 12)), DATA_AT | 0x67);
    fixture_end(&f);
}

/* ---- looking ---- */

/* The table says 31000h; the TLB still says 30000h until INVLPG (80386 PRM 5.2.5). */
static void test_peek_answers_as_the_modelled_tlb_does_and_changes_nothing(void **state)
{
    static const uint8_t code[] = {0xA0, 0x10, 0x00, 0x03, 0x00,              /* mov al, [30010] */
                                   0x0F, 0x01, 0x3D, 0x00, 0x00, 0x03, 0x00}; /* invlpg */
    struct cpu_step_info info;
    uint32_t physical = 0;
    struct fixture f;
    (void)state;
    begin(&f, KERNEL_PAGED);
    put_code(&f, CODE_AT, code, sizeof code);
    cpu_step(f.cpu, UINT64_MAX, &info);
    put32(&f, TABLE_AT + 4 * (DATA_AT >> 12), 0x31007);
    const struct cpu_state before = *cpu_save(f.cpu);

    assert_true(cpu_peek_linear(f.cpu, 0x30010, &physical));
    assert_int_equal(physical, 0x30010);
    assert_memory_equal(cpu_save(f.cpu), &before, sizeof before);
    cpu_step(f.cpu, UINT64_MAX, &info);
    assert_true(cpu_peek_linear(f.cpu, 0x30010, &physical));
    assert_int_equal(physical, 0x31010);
    assert_int_equal(get32(&f, TABLE_AT + 4 * (DATA_AT >> 12)), 0x31007);
    put32(&f, TABLE_AT + 4 * (DATA_AT >> 12), 0x31006);
    assert_false(cpu_peek_linear(f.cpu, 0x30010, &physical));
    fixture_end(&f);
}

/* ---- A20 ---- */

/* 0FFFF:0010 + ... is 100000h with A20, 0 without; here flat: INC BYTE [130010]. */
static void test_with_a20_off_the_second_mebibyte_is_the_first(void **state)
{
    static const uint8_t code[] = {0xFE, 0x05, 0x10, 0x00, 0x13, 0x00, 0xEB, 0xF8};
    struct fixture f;
    (void)state;
    begin(&f, KERNEL);
    put_code(&f, CODE_AT, code, sizeof code);
    put8(&f, 0x30010, 5);

    cpu_set_a20(f.cpu, 0);
    struct cpu_step_info info;
    cpu_step(f.cpu, UINT64_MAX, &info);
    assert_int_equal(f.ram[0x30010], 6);
    cpu_set_a20(f.cpu, 1);
    cpu_run(f.cpu, cpu_clock(f.cpu) + 100);
    assert_int_equal(f.ram[0x30010], 6);
    cpu_set_a20(f.cpu, 0);
    cpu_run(f.cpu, cpu_clock(f.cpu) + 1);
    assert_true(f.ram[0x30010] > 6 || eip(&f) == CODE_AT);
    fixture_end(&f);
}

/* ---- shutdown ---- */

/* #UD with an empty IDT: triple fault. INTR, pending all the time, does not end it, NMI does. */
static void test_a_shutdown_lasts_whatever_intr_says_until_nmi(void **state)
{
    static const uint8_t code[] = {0x0F, 0x0B}; /* ud2 */
    struct fixture f;
    (void)state;
    fixture_start(&f, KERNEL, CPU_I686);
    f.state.idtr.limit = 2 * 8 + 7; /* up to NMI */
    f.state.interrupt_line = 1;
    f.state.eflags |= EFLAGS_IF;
    f.state.shadow = SHADOW_STI;
    fixture_load(&f);
    put_code(&f, CODE_AT, code, sizeof code);

    assert_int_equal(cpu_run(f.cpu, UINT64_MAX), CPU_STOP_SHUTDOWN);
    const struct cpu_state down = *cpu_save(f.cpu);
    assert_int_equal(cpu_run(f.cpu, UINT64_MAX), CPU_STOP_SHUTDOWN);
    assert_memory_equal(cpu_save(f.cpu), &down, sizeof down);
    cpu_raise_nmi(f.cpu);
    cpu_run(f.cpu, cpu_clock(f.cpu) + 1);
    assert_int_equal(eip(&f), HANDLER(2));
    fixture_end(&f);
}

/* ---- the unit model ---- */

/* REP STOSB, HLT. The first of 1000 iterations is paid by the instruction, the rest 1 each. */
static void test_a_repetition_takes_a_clock_an_iteration_and_is_cut_by_the_deadline(void **state)
{
    static const uint8_t code[] = {0xF3, 0xAA, 0xF4};
    struct fixture f;
    (void)state;
    fixture_start(&f, KERNEL, CPU_I686);
    f.config.timing = TIMING_UNIT;
    fixture_load(&f);
    put_code(&f, CODE_AT, code, sizeof code);
    f.state.eip = CODE_AT;
    f.state.gpr[REG_ECX] = 1000;
    f.state.gpr[REG_EDI] = DATA_AT;
    f.state.clock = 0;
    cpu_load(f.cpu, &f.state);

    cpu_run(f.cpu, 10);

    assert_int_equal(cpu_save(f.cpu)->gpr[REG_ECX], 990);
    assert_int_equal(cpu_save(f.cpu)->clock, 10);
    assert_int_equal(cpu_save(f.cpu)->rep_resumed, 1);
    cpu_run(f.cpu, UINT64_MAX);
    assert_int_equal(cpu_save(f.cpu)->gpr[REG_ECX], 0);
    assert_int_equal(cpu_save(f.cpu)->clock, 1001); /* HLT */
    fixture_end(&f);
}

/* ---- the stack of dispatch ---- */

/* Blocks chained without coming back to the loop: 64 instructions, then a jump, ten million
 * times as many as fit would be seen on a stack of 64 KiB. */
static void *run_ten_million(void *context)
{
    struct fixture *f = context;
    cpu_run(f->cpu, cpu_clock(f->cpu) + 10500000);
    return NULL;
}

static void test_ten_million_micro_ops_in_a_chain_need_no_stack(void **state)
{
    static const uint8_t jump[] = {0xE9, 0x7B, 0xFE, 0xFF, 0xFF}; /* 389 back */
    struct fixture f;
    pthread_attr_t attributes;
    pthread_t thread;
    (void)state;
    fixture_start(&f, KERNEL, CPU_I686);
    f.config.timing = TIMING_UNIT;
    fixture_load(&f);
    fill(&f, CODE_AT, 0x40, 384);
    put_code(&f, CODE_AT + 384, jump, sizeof jump);

    assert_int_equal(pthread_attr_init(&attributes), 0);
    assert_int_equal(pthread_attr_setstacksize(&attributes, 65536), 0);
    assert_int_equal(pthread_create(&thread, &attributes, run_ten_million, &f), 0);
    assert_int_equal(pthread_join(thread, NULL), 0);

    assert_true(cpu_save(f.cpu)->instructions >= 10000000);
    assert_int_equal(cpu_save(f.cpu)->deliveries, 0);
    pthread_attr_destroy(&attributes);
    fixture_end(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(
            test_each_breakpoint_stops_before_its_instruction_and_is_left_on_the_next_run),
        cmocka_unit_test(test_a_breakpoint_at_the_first_instruction_does_not_stop_there),
        cmocka_unit_test(test_a_breakpoint_in_a_loop_stops_in_every_round),
        cmocka_unit_test(test_a_breakpoint_holds_at_its_linear_address_and_not_at_an_alias),
        cmocka_unit_test(test_a_breakpoint_at_a_rep_instruction_is_hit_once),
        cmocka_unit_test(test_a_page_written_again_after_watching_is_marked_again),
        cmocka_unit_test(test_accessed_and_dirty_bits_mark_the_pages_of_their_tables),
        cmocka_unit_test(test_peek_answers_as_the_modelled_tlb_does_and_changes_nothing),
        cmocka_unit_test(test_with_a20_off_the_second_mebibyte_is_the_first),
        cmocka_unit_test(test_a_shutdown_lasts_whatever_intr_says_until_nmi),
        cmocka_unit_test(test_a_repetition_takes_a_clock_an_iteration_and_is_cut_by_the_deadline),
        cmocka_unit_test(test_ten_million_micro_ops_in_a_chain_need_no_stack),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
