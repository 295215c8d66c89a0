/* Flags that nobody reads are not computed: whoever does look finds those of the last instruction.
 * Each program runs as one block to its HLT, or to what it is stopped by.
 * See: 80386 PRM 3.2, 3.4, appendix C; docs/architecture.md, "Flags".
 * SPDX-License-Identifier: MIT */
#include "cpu_fixture.h"

#include "cpu/cpu_priv.h"

#define CF_PF_AF_ZF (EFLAGS_CF | EFLAGS_PF | EFLAGS_AF | EFLAGS_ZF)

/* EAX = FFFFFFFFh, EBX = 1, ECX = 0 at the start; ADD EAX, EBX leaves 0 and CF, PF, AF, ZF. */
struct program {
    const char *words;
    uint8_t code[24];
    uint32_t eax;   /* afterwards */
    uint32_t flags; /* EFLAGS_ARITHMETIC afterwards */
};

static const struct program programs[] = {
    {"add then sub: those of sub",
     {0x01, 0xD8, 0x29, 0xD8, 0xF4},
     0xFFFFFFFF,
     EFLAGS_CF | EFLAGS_PF | EFLAGS_AF | EFLAGS_SF},
    {"add then inc: CF is the sum's", {0x01, 0xD8, 0x40, 0xF4}, 1, EFLAGS_CF},
    {"add then dec, then cmp: those of cmp",
     {0x01, 0xD8, 0x48, 0x39, 0xC0, 0xF4},
     0xFFFFFFFF,
     EFLAGS_PF | EFLAGS_ZF},
    {"add then shift by CL = 0: those of add", {0x01, 0xD8, 0xD3, 0xE3, 0xF4}, 0, CF_PF_AF_ZF},
    {"add then shift by 32: those of add", {0x01, 0xD8, 0xC1, 0xE3, 0x20, 0xF4}, 0, CF_PF_AF_ZF},
    {"add then rotate by 1: CF and OF are new, the rest the sum's",
     {0x01, 0xD8, 0xD1, 0xC3, 0xF4},
     0,
     EFLAGS_PF | EFLAGS_AF | EFLAGS_ZF},
    {"add, move, adc: the carry comes through",
     {0x01, 0xD8, 0x89, 0xC2, 0x83, 0xD0, 0x04, 0xF4},
     5,
     EFLAGS_PF},
    {"add, lea, not, then xor: those of xor",
     {0x01, 0xD8, 0x8D, 0x50, 0x07, 0xF7, 0xD0, 0x31, 0xD8, 0xF4},
     0xFFFFFFFE,
     EFLAGS_SF},
    {"add of 8 bits, neg of 16: those of neg",
     {0x00, 0xD8, 0x66, 0xF7, 0xDB, 0xF4},
     0xFFFFFF00,
     EFLAGS_CF | EFLAGS_PF | EFLAGS_AF | EFLAGS_SF},
    {"shr, sar, ror with lost flags, then and",
     {0xC1, 0xE8, 0x04, 0xC1, 0xF8, 0x08, 0xC1, 0xC8, 0x10, 0x25, 0xFF, 0x00, 0x00, 0x00, 0xF4},
     0x0F,
     EFLAGS_PF},
    {"sub, then jump on the carry of the add before it: taken on sub's",
     {0x01, 0xD8, 0x29, 0xD8, 0x72, 0x02, 0x31, 0xC0, 0xF4},
     0xFFFFFFFF,
     EFLAGS_CF | EFLAGS_PF | EFLAGS_AF | EFLAGS_SF},
};

static void prepare(struct fixture *f, const uint8_t *code, uint32_t bytes)
{
    put_code(f, CODE_AT, code, bytes);
    f->state.eip = CODE_AT;
    f->state.gpr[REG_EAX] = 0xFFFFFFFF;
    f->state.gpr[REG_EBX] = 1;
    f->state.gpr[REG_ECX] = 0;
    f->state.activity = ACTIVITY_RUNNING;
    cpu_load(f->cpu, &f->state);
}

static void test_the_flags_at_the_end_of_a_block_are_those_of_its_instructions(void **state)
{
    (void)state;
    for (uint32_t i = 0; i < sizeof programs / sizeof programs[0]; i++) {
        const struct program *program = &programs[i];
        struct fixture f;
        fixture_start(&f, KERNEL_PAGED, CPU_I686);
        fixture_load(&f);
        prepare(&f, program->code, sizeof program->code);

        cpu_run(f.cpu, UINT64_MAX);

        const struct cpu_state *after = cpu_save(f.cpu);
        if (after->gpr[REG_EAX] != program->eax ||
            (after->eflags & EFLAGS_ARITHMETIC) != program->flags) {
            print_error("%s: EAX %08X, flags %03X\n", program->words, after->gpr[REG_EAX],
                        after->eflags & EFLAGS_ARITHMETIC);
        }
        assert_int_equal(after->gpr[REG_EAX], program->eax);
        assert_int_equal(after->eflags & EFLAGS_ARITHMETIC, program->flags);
        fixture_end(&f);
    }
}

/* ADD EAX, EBX; MOV or STORE at DATA_AT, not present; SUB EAX, EBX: the frame holds ADD's. */
static void test_a_fault_before_the_flags_are_overwritten_saves_them(void **state)
{
    static const uint8_t codes[][16] = {
        {0x01, 0xD8, 0x8B, 0x15, 0x00, 0x00, 0x03, 0x00, 0x29, 0xD8, 0xF4},
        {0x01, 0xD8, 0x89, 0x15, 0x00, 0x00, 0x03, 0x00, 0x29, 0xD8, 0xF4},
        {0x01, 0xD8, 0xF7, 0x35, 0x00, 0x00, 0x03, 0x00, 0x29, 0xD8, 0xF4},
    };
    (void)state;
    for (uint32_t i = 0; i < 3; i++) {
        struct fixture f;
        fixture_start(&f, KERNEL_PAGED, CPU_I686);
        fixture_load(&f);
        put32(&f, TABLE_AT + (DATA_AT >> 12) * 4, 0);
        prepare(&f, codes[i], sizeof codes[i]);

        cpu_run(f.cpu, UINT64_MAX);

        const struct cpu_state *after = cpu_save(f.cpu);
        assert_int_equal(after->cr2, DATA_AT);
        assert_int_equal(after->gpr[REG_EAX], 0);
        assert_int_equal(get32(&f, after->gpr[REG_ESP] + 12) & EFLAGS_ARITHMETIC, CF_PF_AF_ZF);
        fixture_end(&f);
    }
}

/* A breakpoint between the two shows what the first has left. */
static void test_a_breakpoint_before_the_flags_are_overwritten_shows_them(void **state)
{
    static const uint8_t code[] = {0x01, 0xD8, 0x29, 0xD8, 0xF4};
    static const uint32_t between = CODE_AT + 2;
    struct fixture f;
    (void)state;
    fixture_start(&f, KERNEL_PAGED, CPU_I686);
    fixture_load(&f);
    prepare(&f, code, sizeof code);
    cpu_set_breakpoints(f.cpu, &between, 1);

    const enum cpu_stop stop = cpu_run(f.cpu, UINT64_MAX);

    assert_int_equal(stop, CPU_STOP_BREAKPOINT);
    assert_int_equal(cpu_save(f.cpu)->eflags & EFLAGS_ARITHMETIC, CF_PF_AF_ZF);
    fixture_end(&f);
}

/* Two clocks pay for ADD and MOV, not for SUB. */
static void test_a_deadline_before_the_flags_are_overwritten_shows_them(void **state)
{
    static const uint8_t code[] = {0x01, 0xD8, 0x89, 0xC2, 0x29, 0xD8, 0xF4};
    struct fixture f;
    (void)state;
    fixture_start(&f, KERNEL, CPU_I686);
    fixture_load(&f);
    prepare(&f, code, sizeof code);

    cpu_run(f.cpu, f.state.clock + 2);

    assert_int_equal(cpu_save(f.cpu)->eip, CODE_AT + 4);
    assert_int_equal(cpu_save(f.cpu)->eflags & EFLAGS_ARITHMETIC, CF_PF_AF_ZF);
    fixture_end(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_flags_at_the_end_of_a_block_are_those_of_its_instructions),
        cmocka_unit_test(test_a_fault_before_the_flags_are_overwritten_saves_them),
        cmocka_unit_test(test_a_breakpoint_before_the_flags_are_overwritten_shows_them),
        cmocka_unit_test(test_a_deadline_before_the_flags_are_overwritten_shows_them),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
