/* Blocks, links between them and self-modifying code: what is kept decoded must never show.
 * See: docs/architecture.md, "Blocks".
 * SPDX-License-Identifier: MIT */
#include "cpu_fixture.h"

#include "cpu/cpu_priv.h"

static void begin(struct fixture *f, enum fixture_mode mode)
{
    fixture_start(f, mode, CPU_I686);
    fixture_load(f);
}

/* Load f->state with this EIP and run until the processor halts. */
static void run_to_halt(struct fixture *f, uint32_t eip)
{
    f->state.eip = eip;
    f->state.activity = ACTIVITY_RUNNING;
    cpu_load(f->cpu, &f->state);
    cpu_run(f->cpu, UINT64_MAX);
    f->state = *cpu_save(f->cpu);
    assert_int_equal(f->state.activity, ACTIVITY_HALTED);
}

/* 66 EB keeps 16 bits of EIP (80386 PRM 17, JMP): from 9100h it stays in its page, from 10100h
 * it leaves it, though both are the same bytes in the same page of RAM. */
static void test_a_16_bit_jump_is_not_linked_where_its_target_depends_on_eip(void **state)
{
    static const uint8_t jump[] = {0x66, 0xEB, 0x02, 0, 0, 0xB0, 0x01, 0xF4};
    static const uint8_t other[] = {0xB0, 0x02, 0xF4};
    struct fixture f;
    (void)state;
    begin(&f, KERNEL_PAGED);
    put32(&f, TABLE_AT + 9 * 4, 0x10067);
    put_code(&f, 0x10100, jump, sizeof jump);
    put_code(&f, 0x0105, other, sizeof other);

    run_to_halt(&f, 0x9100);
    assert_int_equal(f.state.gpr[REG_EAX] & 0xFF, 1);
    run_to_halt(&f, 0x9100);
    run_to_halt(&f, 0x10100);

    assert_int_equal(f.state.gpr[REG_EAX] & 0xFF, 2);
    assert_int_equal(f.state.eip, 0x0108);
    fixture_end(&f);
}

/* C6 05: the immediate of the MOV AL that follows in the same block is replaced. */
static void test_a_store_into_its_own_block_takes_effect_at_the_next_instruction(void **state)
{
    static const uint8_t code[] = {0xC6, 0x05, 0x08, 0x01, 0x01, 0x00, 0x77, 0xB0, 0x11, 0xF4};
    struct fixture f;
    (void)state;
    begin(&f, KERNEL);
    put_code(&f, CODE_AT, code, sizeof code);

    run_to_halt(&f, CODE_AT);

    assert_int_equal(f.state.gpr[REG_EAX] & 0xFF, 0x77);
    fixture_end(&f);
}

static void test_a_store_through_an_alias_takes_effect_at_the_next_instruction(void **state)
{
    static const uint8_t code[] = {0xC6, 0x05, 0x08, 0x91, 0x00, 0x00, 0x77, 0xB0, 0x11, 0xF4};
    struct fixture f;
    (void)state;
    begin(&f, KERNEL_PAGED);
    put32(&f, TABLE_AT + 9 * 4, 0x10067);
    put_code(&f, CODE_AT, code, sizeof code);

    run_to_halt(&f, CODE_AT);

    assert_int_equal(f.state.gpr[REG_EAX] & 0xFF, 0x77);
    fixture_end(&f);
}

/* REP STOSB over itself: F3 AA becomes 90 AA after one iteration, so that a NOP and one STOSB are
 * what is left of it, kept decoded or not. */
static void test_a_repeated_store_over_itself_ends_at_the_iteration_that_did_it(void **state)
{
    static const uint8_t code[] = {0xF3, 0xAA, 0xF4, 0xF4};
    for (uint32_t undecoded = 0; undecoded < 2; undecoded++) {
        struct fixture f;
        (void)state;
        fixture_start(&f, KERNEL, CPU_I686);
        f.config.undecoded = undecoded;
        fixture_load(&f);
        put_code(&f, CODE_AT, code, sizeof code);
        f.state.gpr[REG_EAX] = 0x90;
        f.state.gpr[REG_ECX] = 3;
        f.state.gpr[REG_EDI] = CODE_AT;

        run_to_halt(&f, CODE_AT);

        assert_int_equal(f.state.gpr[REG_ECX], 2);
        assert_int_equal(f.state.gpr[REG_EDI], CODE_AT + 2);
        assert_int_equal(f.state.rep_resumed, 0);
        fixture_end(&f);
    }
}

/* Each round the immediate of a MOV EAX is replaced by EBX, then executed and summed up:
 * 1 + 2 + ... + 1000, though the page is not kept decoded for long. */
static void test_a_page_rewritten_a_thousand_times_executes_what_was_written_last(void **state)
{
    static const uint8_t code[] = {0x31, 0xDB, 0x31, 0xF6, /* xor ebx, ebx; xor esi, esi */
                                   0x43,                   /* 10104: inc ebx */
                                   0x89, 0x1D, 0x0C, 0x01, 0x01, 0x00, /* mov [1010C], ebx */
                                   0xB8, 0,    0,    0,    0,          /* 1010B: mov eax, ... */
                                   0x01, 0xC6,                         /* add esi, eax */
                                   0x81, 0xFB, 0xE8, 0x03, 0,    0,    /* cmp ebx, 1000 */
                                   0x75, 0xEA,                         /* jne 10104 */
                                   0xF4};
    struct fixture f;
    (void)state;
    begin(&f, KERNEL);
    put_code(&f, CODE_AT, code, sizeof code);

    run_to_halt(&f, CODE_AT);

    assert_int_equal(f.state.gpr[REG_ESI], 500500);
    fixture_end(&f);
}

/* NOPs up to the end of a page, MOV AL at the begin of the next, which is then rewritten and, in
 * the second round, mapped elsewhere: a link between the two pages would see neither. */
static void test_a_block_that_ends_with_its_page_is_not_linked_to_the_next_page(void **state)
{
    static const uint8_t code[] = {0xB0, 0x11, 0x49, 0x75, 0xF3, 0xF4}; /* ...; loop over both */
    static const uint8_t other[] = {0xB0, 0x33, 0xF4};
    const uint32_t next = 0x11000;
    struct fixture f;
    (void)state;
    begin(&f, KERNEL_PAGED);
    memset(f.ram + next - 8, 0x90, 8);
    put_code(&f, next, code, sizeof code);
    put_code(&f, next + 0x1000, other, sizeof other);
    f.state.gpr[REG_ECX] = 3;
    run_to_halt(&f, next - 8);

    f.state.gpr[REG_ECX] = 1;
    put8(&f, next + 1, 0x22);
    cpu_ram_written(f.cpu, next + 1, 1);
    run_to_halt(&f, next - 8);
    assert_int_equal(f.state.gpr[REG_EAX] & 0xFF, 0x22);

    memset(f.state.tlb_instruction, 0, sizeof f.state.tlb_instruction);
    put32(&f, TABLE_AT + (next >> 12) * 4, (next + 0x1000) | 0x67);
    run_to_halt(&f, next - 8);
    assert_int_equal(f.state.gpr[REG_EAX] & 0xFF, 0x33);
    fixture_end(&f);
}

/* More code than the arena of decoded blocks holds, twice: single INC EAX; JMP +0 pairs. */
static void test_code_that_overflows_the_arena_runs_to_its_end(void **state)
{
    const uint32_t first = 0x30000, last = 0x60000;
    struct fixture f;
    (void)state;
    fixture_start(&f, KERNEL, CPU_I686);
    fixture_load(&f);
    for (uint32_t at = first; at < last; at += 3) {
        put8(&f, at, 0x40);
        put8(&f, at + 1, 0xEB);
        put8(&f, at + 2, 0x00);
    }
    put8(&f, last, 0xF4);
    f.state.gpr[REG_EAX] = 0;

    for (uint32_t round = 1; round <= 3; round++) {
        run_to_halt(&f, first);
        assert_int_equal(f.state.gpr[REG_EAX], round * (last - first) / 3);
    }
    assert_true(f.cpu->generation > 1); /* it did overflow */
    fixture_end(&f);
}

/* A device writes over code that has been run: the next run executes the new bytes. */
static void test_code_written_from_outside_is_decoded_anew(void **state)
{
    static const uint8_t code[] = {0xB0, 0x11, 0xF4};
    struct fixture f;
    (void)state;
    begin(&f, KERNEL);
    put_code(&f, CODE_AT, code, sizeof code);
    run_to_halt(&f, CODE_AT);
    put8(&f, CODE_AT + 1, 0x22);
    cpu_ram_written(f.cpu, CODE_AT + 1, 1);

    run_to_halt(&f, CODE_AT);

    assert_int_equal(f.state.gpr[REG_EAX] & 0xFF, 0x22);
    fixture_end(&f);
}

/* MOV EAX, imm32 with two bytes before the end of its page, HLT; run twice at each state. */
static uint32_t run_straddler(struct fixture *f, uint32_t next)
{
    for (uint32_t round = 0; round < 2; round++) {
        f->state.gpr[REG_EAX] = 0;
        run_to_halt(f, next - 2);
    }
    return f->state.gpr[REG_EAX];
}

static void test_an_instruction_in_two_pages_follows_what_is_written_to_either(void **state)
{
    static const uint8_t code[] = {0xB8, 0x11, 0x22, 0x33, 0x44, 0xF4};
    const uint32_t next = 0x11000;
    struct fixture f;
    (void)state;
    begin(&f, KERNEL_PAGED);
    put_code(&f, next - 2, code, sizeof code);
    put_code(&f, next + 0x1000, code + 2, 4);
    put8(&f, next + 0x1000, 0x77);
    assert_int_equal(run_straddler(&f, next), 0x44332211);

    put8(&f, next + 2, 0x55); /* by a device, say: nobody is told */
    assert_int_equal(run_straddler(&f, next), 0x55332211);
    put8(&f, next - 1, 0x66);
    assert_int_equal(run_straddler(&f, next), 0x55332266);
    put8(&f, next - 2, 0x05); /* ADD EAX, imm32 */
    put8(&f, next - 1, 0x01);
    assert_int_equal(run_straddler(&f, next), 0x55332201);

    memset(f.state.tlb_instruction, 0, sizeof f.state.tlb_instruction);
    put32(&f, TABLE_AT + (next >> 12) * 4, (next + 0x1000) | 0x67);
    assert_int_equal(run_straddler(&f, next), 0x44337701);
    fixture_end(&f);
}

/* A fetch beyond the page's end faults there, though the instruction has run before (80386 PRM
 * 6.4, 17.1). */
static void test_an_instruction_in_two_pages_faults_when_the_second_is_gone(void **state)
{
    static const uint8_t code[] = {0xB8, 0x11, 0x22, 0x33, 0x44, 0xF4};
    const uint32_t next = 0x11000;
    struct fixture f;
    (void)state;
    begin(&f, KERNEL_PAGED);
    put_code(&f, next - 2, code, sizeof code);
    run_straddler(&f, next);
    memset(f.state.tlb_instruction, 0, sizeof f.state.tlb_instruction);
    put32(&f, TABLE_AT + (next >> 12) * 4, 0);

    run_to_halt(&f, next - 2); /* in the handler */

    assert_int_equal(f.state.cr2, next);
    assert_int_equal(get32(&f, f.state.gpr[REG_ESP] + 4), next - 2);
    fixture_end(&f);
}

static void test_an_instruction_in_two_pages_faults_when_the_segment_ends_in_it(void **state)
{
    static const uint8_t code[] = {0xB8, 0x11, 0x22, 0x33, 0x44, 0xF4};
    const uint32_t next = 0x11000;
    struct fixture f;
    (void)state;
    begin(&f, KERNEL_PAGED);
    put_code(&f, next - 2, code, sizeof code);
    run_straddler(&f, next);
    f.state.segments[SEG_CS].limit = next + 1;
    f.state.gpr[REG_EAX] = 0;
    f.state.eip = next - 2;
    f.state.activity = ACTIVITY_RUNNING;
    cpu_load(f.cpu, &f.state);

    cpu_run(f.cpu, UINT64_MAX);

    assert_int_equal(cpu_save(f.cpu)->gpr[REG_EAX], 0);
    assert_int_equal(cpu_save(f.cpu)->faults[0].path, PATH_gp_fetch_limit);
    fixture_end(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_16_bit_jump_is_not_linked_where_its_target_depends_on_eip),
        cmocka_unit_test(test_a_store_into_its_own_block_takes_effect_at_the_next_instruction),
        cmocka_unit_test(test_a_store_through_an_alias_takes_effect_at_the_next_instruction),
        cmocka_unit_test(test_a_repeated_store_over_itself_ends_at_the_iteration_that_did_it),
        cmocka_unit_test(test_a_page_rewritten_a_thousand_times_executes_what_was_written_last),
        cmocka_unit_test(test_a_block_that_ends_with_its_page_is_not_linked_to_the_next_page),
        cmocka_unit_test(test_code_that_overflows_the_arena_runs_to_its_end),
        cmocka_unit_test(test_code_written_from_outside_is_decoded_anew),
        cmocka_unit_test(test_an_instruction_in_two_pages_follows_what_is_written_to_either),
        cmocka_unit_test(test_an_instruction_in_two_pages_faults_when_the_second_is_gone),
        cmocka_unit_test(test_an_instruction_in_two_pages_faults_when_the_segment_ends_in_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
