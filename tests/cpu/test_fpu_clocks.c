/* The x87 rows of the instruction table against the published clocks (data/clocks_fpu.tsv): every
 * form is decoded from its machine code; least and most are compared in both models and modes.
 * What a body charges of a range is looked at where the model says what decides, and what the
 * i486's x87 does beside integer instructions for every form (docs/timing.md).
 * SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>

#include "cpu/cpu_priv.h"
#include "cpu/decode.h"
#include "cpu/isa.h"
#include "cpu_fixture.h"

#define COLUMNS 6u
enum column { COL_FORM, COL_OPERANDS, COL_BYTES, COL_I486, COL_I387, COL_CONCURRENT };

struct form {
    char text[200];
    const char *cell[COLUMNS];
};

static FILE *open_table(void)
{
    char path[1000];
    const char *slash = strrchr(__FILE__, '/');
    snprintf(path, sizeof path, "%.*s/data/clocks_fpu.tsv", (int)(slash - __FILE__), __FILE__);
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    return file;
}

static bool next_form(FILE *file, struct form *form)
{
    do {
        if (!fgets(form->text, sizeof form->text, file)) {
            return false;
        }
    } while (form->text[0] == '#');
    form->text[strcspn(form->text, "\n")] = 0;
    char *rest = form->text;
    for (uint32_t i = 0; i < COLUMNS; i++) {
        form->cell[i] = rest;
        rest = strchr(rest, '\t');
        assert_true((rest != NULL) == (i + 1 < COLUMNS));
        if (rest) {
            *rest++ = 0;
        }
    }
    return true;
}

/* "8-20", "73", "44|34" (real, protected mode). */
static void parse_clocks(const char *cell, bool protected_mode, uint32_t *least, uint32_t *most)
{
    char *end;
    *least = (uint32_t)strtoul(cell, &end, 10);
    *most = *end == '-' ? (uint32_t)strtoul(end + 1, NULL, 10) : *least;
    if (*end == '|' && protected_mode) {
        *least = *most = (uint32_t)strtoul(end + 1, NULL, 10);
    }
}

/* Clocks at the end of a form in which the integer unit goes on. */
static uint32_t concurrent_clocks(const struct form *form, enum cpu_timing timing)
{
    const uint32_t published = (uint32_t)strtoul(form->cell[COL_CONCURRENT], NULL, 10);
    return timing == TIMING_I486 ? published : 0;
}

static struct decoded decode_form(const char *text, uint32_t key, enum cpu_timing timing)
{
    const struct cpu_config config = {.level = CPU_I486, .timing = timing, .block_limit = 1};
    uint8_t bytes[16];
    uint32_t count = 0;
    struct decoded decoded;
    for (const char *at = text; *at;) {
        char *end;
        bytes[count++] = (uint8_t)strtoul(at, &end, 16);
        at = *end ? end + 1 : end;
    }
    assert_int_equal(decode_instruction(bytes, count, key, &config, &decoded), DECODE_OK);
    assert_int_equal(decoded.uop.length, count);
    assert_int_equal(decoded.raises, 0);
    return decoded;
}

static void check_form(const struct form *form, bool protected_mode, enum cpu_timing timing)
{
    const uint32_t key = BLOCK_KEY_CODE32 | (protected_mode ? BLOCK_KEY_PE : 0);
    const struct decoded decoded = decode_form(form->cell[COL_BYTES], key, timing);
    uint32_t least, most;
    parse_clocks(form->cell[timing == TIMING_I486 ? COL_I486 : COL_I387], protected_mode, &least,
                 &most);
    if (strcmp(form->cell[COL_FORM], "FWAIT") == 0) {
        most = least; /* 1-3: what it waits comes on top */
    }
    const uint32_t concurrent = concurrent_clocks(form, timing);
    const uint32_t clocks = decoded.clocks + concurrent;
    if (clocks != least || clocks + FPU_RANGE(&decoded.uop) != most) {
        fail_msg("%s %s: %u to %u clocks, not %u to %u", form->cell[COL_FORM],
                 form->cell[COL_OPERANDS], clocks, clocks + FPU_RANGE(&decoded.uop), least, most);
    }
    assert_int_equal(FPU_CONCURRENT(&decoded.uop), concurrent);
    assert_true(concurrent <= FPU_CONCURRENT_MOST);
}

static void test_fpu_clocks_of_every_form_are_the_published_ones(void **state)
{
    (void)state;
    FILE *file = open_table();
    struct form form;
    uint32_t forms = 0;
    while (next_form(file, &form)) {
        for (uint32_t protected_mode = 0; protected_mode < 2; protected_mode++) {
            check_form(&form, protected_mode, TIMING_I486);
            check_form(&form, protected_mode, TIMING_I386);
        }
        forms++;
    }
    fclose(file);
    assert_int_equal(forms, 119);
}

/* ---- executed ---- */

/* Clocks of the instructions of one run, each executed by itself. */
struct executed {
    uint32_t first;
    uint32_t all;
};

static uint32_t put_hexadecimal(struct fixture *f, uint32_t at, const char *text)
{
    const uint32_t begin = at;
    while (*text) {
        char *end;
        put8(f, at++, (uint32_t)strtoul(text, &end, 16));
        text = *end ? end + 1 : end;
    }
    return at - begin;
}

static uint32_t step_clocks(struct fixture *f)
{
    struct cpu_step_info info;
    const uint64_t before = cpu_clock(f->cpu);
    cpu_step(f->cpu, UINT64_MAX, &info);
    assert_int_equal(info.what, STEP_INSTRUCTION);
    return (uint32_t)(cpu_clock(f->cpu) - before);
}

/* The instruction of `text`, `nops` times NOP and WAIT. Four registers hold 1.0, four are empty;
 * memory holds zeros. Real mode has 32-bit addresses by prefix and a limit of 4 GiB. */
static struct executed execute_form(const char *text, uint32_t nops, bool protected_mode,
                                    enum cpu_timing timing)
{
    struct fixture f;
    uint32_t at = CODE_AT;
    const uint32_t prefix = !protected_mode && timing == TIMING_I486;

    fixture_start(&f, protected_mode ? KERNEL : REAL, timing == TIMING_I386 ? CPU_I386 : CPU_I486);
    if (!protected_mode) {
        f.state.segments[SEG_DS].base = 0;
        f.state.segments[SEG_DS].limit = 0xFFFFFFFF;
        put8(&f, at++, 0x67);
    }
    at += put_hexadecimal(&f, at, text);
    for (uint32_t i = 0; i < nops; i++) {
        put8(&f, at++, 0x90);
    }
    put8(&f, at, 0x9B);
    memset(f.ram + DATA_AT, 0, 0x100);
    f.state.fpu.occupied = 0x0F;
    for (uint32_t i = 0; i < 4; i++) {
        f.state.fpu.significand[i] = UINT64_C(0x8000000000000000);
        f.state.fpu.sign_exponent[i] = 0x3FFF;
    }
    fixture_load(&f);
    struct executed executed = {.first = step_clocks(&f) - prefix};
    executed.all = executed.first;
    for (uint32_t i = 0; i < nops + 1; i++) {
        executed.all += step_clocks(&f);
    }
    fixture_end(&f);
    return executed;
}

static void check_executed(const struct form *form, uint32_t nops, bool protected_mode,
                           enum cpu_timing timing)
{
    const uint32_t concurrent = concurrent_clocks(form, timing);
    const uint32_t nop = timing == TIMING_I486 ? 1 : 3, wait = timing == TIMING_I486 ? 1 : 6;
    uint32_t least, most;
    parse_clocks(form->cell[timing == TIMING_I486 ? COL_I486 : COL_I387], protected_mode, &least,
                 &most);
    const struct executed got = execute_form(form->cell[COL_BYTES], nops, protected_mode, timing);
    const uint32_t beside = nops * nop > concurrent ? nops * nop : concurrent;
    if (got.first + concurrent < least || got.first + concurrent > most ||
        got.all != got.first + beside + wait) {
        fail_msg("%s %s, %s, %s mode, %u NOPs: %u and %u clocks, not %u to %u, %u beside",
                 form->cell[COL_FORM], form->cell[COL_OPERANDS],
                 timing == TIMING_I486 ? "i486" : "i387", protected_mode ? "protected" : "real",
                 nops, got.first, got.all - got.first, least, most, concurrent);
    }
}

/* First without, then with fewer, as many and more integer clocks than the form leaves room for. */
static void test_fpu_clocks_of_every_form_executed_are_in_the_published_range(void **state)
{
    (void)state;
    FILE *file = open_table();
    struct form form;
    uint32_t forms = 0;
    while (next_form(file, &form)) {
        for (uint32_t i = 0; i < 4; i++) {
            const enum cpu_timing timing = i & 2 ? TIMING_I386 : TIMING_I486;
            const uint32_t room = concurrent_clocks(&form, TIMING_I486);
            check_executed(&form, 0, i & 1, timing);
            check_executed(&form, room / 2, i & 1, timing);
            check_executed(&form, room, i & 1, timing);
            check_executed(&form, room + 5, i & 1, timing);
        }
        forms++;
    }
    fclose(file);
    assert_int_equal(forms, 119);
}

/* ---- the x87 and the integer unit side by side ---- */

/* ST and ST(1) are 1.0; all instructions of `text` one after another, in protected mode. */
static void start_sequence(struct fixture *f, const char *text, enum fixture_mode mode,
                           enum cpu_level level)
{
    fixture_start(f, mode, level);
    put_hexadecimal(f, CODE_AT, text);
    f->state.fpu.occupied = 0x03;
    for (uint32_t i = 0; i < 2; i++) {
        f->state.fpu.significand[i] = UINT64_C(0x8000000000000000);
        f->state.fpu.sign_exponent[i] = 0x3FFF;
    }
    fixture_load(f);
}

static uint32_t sequence_clocks(const char *text, uint32_t count, enum cpu_level level)
{
    struct fixture f;
    uint32_t clocks = 0;
    start_sequence(&f, text, KERNEL, level);
    for (uint32_t i = 0; i < count; i++) {
        clocks += step_clocks(&f);
    }
    fixture_end(&f);
    return clocks;
}

/* FDIV: 73, of which 70 beside what follows. */
static void test_fpu_division_and_integer_instructions_overlap(void **state)
{
    (void)state;
    assert_int_equal(sequence_clocks("D8 F1", 1, CPU_I486), 3);
    assert_int_equal(sequence_clocks("D8 F1 9B", 2, CPU_I486), 73 + 1);
    /* MOV EAX, 0; MUL EAX (13): 14 clocks of the 70 */
    assert_int_equal(sequence_clocks("D8 F1 B8 00 00 00 00 F7 E0", 3, CPU_I486), 3 + 1 + 13);
    assert_int_equal(sequence_clocks("D8 F1 B8 00 00 00 00 F7 E0 9B", 4, CPU_I486), 73 + 1);
    assert_int_equal(sequence_clocks("D8 F1 B8 00 00 00 00 F7 E0 9B", 4, CPU_I386), 88 + 2 + 9 + 6);
}

/* Whatever follows, two divisions take twice as long as one. */
static void test_fpu_instructions_do_not_overlap_each_other(void **state)
{
    (void)state;
    assert_int_equal(sequence_clocks("D8 F1 D8 F1", 2, CPU_I486), 73 + 3);
    assert_int_equal(sequence_clocks("D8 F1 D8 F1 9B", 3, CPU_I486), 73 + 73 + 1);
    assert_int_equal(sequence_clocks("D8 F1 D9 C9", 2, CPU_I486), 73 + 4);
    assert_int_equal(sequence_clocks("D8 F1 D8 F1", 2, CPU_I386), 88 + 88);
}

/* FNSTSW, FNCLEX, FNINIT do not look at errors but wait for what the x87 does; FNSTCW and the old
 * FENI go on beside it. */
static void test_fpu_control_instructions_wait_if_the_x87_may_change_what_they_look_at(void **state)
{
    (void)state;
    assert_int_equal(sequence_clocks("D8 F1 DF E0", 2, CPU_I486), 73 + 3);
    assert_int_equal(sequence_clocks("D8 F1 DD 3D 00 00 03 00", 2, CPU_I486), 73 + 3);
    assert_int_equal(sequence_clocks("D8 F1 DB E2", 2, CPU_I486), 73 + 7);
    assert_int_equal(sequence_clocks("D8 F1 DB E3", 2, CPU_I486), 73 + 17);
    assert_int_equal(sequence_clocks("D8 F1 D9 35 00 00 03 00", 2, CPU_I486), 73 + 56);
    assert_int_equal(sequence_clocks("D8 F1 DD 35 00 00 03 00", 2, CPU_I486), 73 + 143);
    assert_int_equal(sequence_clocks("D8 F1 D9 3D 00 00 03 00", 2, CPU_I486), 3 + 3);
    assert_int_equal(sequence_clocks("D8 F1 DB E0", 2, CPU_I486), 3 + 3);
    assert_int_equal(sequence_clocks("D8 F1 DB E0 9B", 3, CPU_I486), 73 + 1);
}

/* FDIV by 0 with ZE not masked: #MF comes when the x87 is done, 70 clocks after; the WAIT that
 * meets it is not charged. #NM does not wait. */
static void test_fpu_error_is_reported_when_the_x87_is_done(void **state)
{
    (void)state;
    for (uint32_t task_switched = 0; task_switched < 2; task_switched++) {
        struct fixture f;
        struct cpu_step_info info;
        start_sequence(&f, "D8 F1 9B", KERNEL, CPU_I486);
        f.state.fpu.significand[1] = 0;
        f.state.fpu.sign_exponent[1] = 0;
        f.state.fpu.control = 0x037B;
        f.state.cr0 |= CR0_NE;
        fixture_load(&f);
        step_clocks(&f);
        struct cpu_state between = *cpu_save(f.cpu);
        assert_int_equal(between.fpu.busy_until, between.clock + 70);
        between.cr0 |= task_switched ? CR0_TS | CR0_MP : 0;
        cpu_load(f.cpu, &between);
        cpu_step(f.cpu, UINT64_MAX, &info);
        assert_int_equal(info.vector, task_switched ? 7 : 16);
        assert_int_equal(cpu_clock(f.cpu) - between.clock, (task_switched ? 0 : 70) + 44);
        fixture_end(&f);
    }
}

/* An operand that is not there: the wait is over when #PF comes and not paid again. */
static void test_fpu_wait_before_a_page_fault_is_paid_once(void **state)
{
    (void)state;
    struct fixture f;
    struct cpu_step_info info;
    start_sequence(&f, "D8 F1 D9 05 00 00 03 00", KERNEL_PAGED, CPU_I486);
    put_page(&f, DATA_AT, 0);
    step_clocks(&f);
    const uint64_t done = cpu_save(f.cpu)->fpu.busy_until;
    const uint64_t before = cpu_clock(f.cpu);
    cpu_step(f.cpu, UINT64_MAX, &info);
    assert_int_equal(info.vector, 14);
    assert_true(cpu_clock(f.cpu) >= done + 44 && cpu_clock(f.cpu) < before + 70 + 44 + 100);
    struct cpu_state again = *cpu_save(f.cpu);
    assert_int_equal(again.fpu.busy_until, done);
    fixture_end(&f);
}

/* The journal has the clocks of both: what goes on beside, and what was waited for. */
static void test_fpu_waiting_is_in_the_journal(void **state)
{
    (void)state;
    static struct journal journal;
    struct fixture f;
    uint32_t works = 0, waits = 0;
    memset(&journal, 0, sizeof journal);
    start_sequence(&f, "D8 F1 90 90 9B", KERNEL, CPU_I486);
    cpu_set_journal(f.cpu, &journal);
    const uint64_t begin = cpu_clock(f.cpu);
    for (uint32_t i = 0; i < 4; i++) {
        step_clocks(&f);
    }
    for (uint32_t i = 0; i < journal.count; i++) {
        const struct journal_entry *entry = &journal.entries[i];
        if (entry->kind == JOURNAL_FPU_WORKS) {
            assert_int_equal(entry->value, 70);
            works++;
        } else if (entry->kind == JOURNAL_FPU_WAIT) {
            assert_int_equal(entry->value, 68);
            assert_true(entry->clock >= begin + 73);
            waits++;
        }
    }
    assert_int_equal(works, 1);
    assert_int_equal(waits, 1);
    fixture_end(&f);
}

/* All at once, in slices of every length, and step by step: the same clocks and state. A slice ends
 * with the first instruction that ends at or behind its end. */
static void test_fpu_waiting_is_the_same_however_one_runs(void **state)
{
    (void)state;
    static const char code[] = "D8 F1 90 D9 C9 D8 F1 DF E0 90 90 D8 F9 DB E0 D8 C1 D9 C9 9B F4";
    struct fixture f;
    uint64_t ends[20], end = 0;
    uint32_t count = 0;
    start_sequence(&f, code, KERNEL, CPU_I486);
    while (cpu_save(f.cpu)->activity == ACTIVITY_RUNNING) {
        step_clocks(&f);
        ends[count++] = end = cpu_clock(f.cpu);
    }
    const struct cpu_state whole = *cpu_save(f.cpu);
    fixture_end(&f);
    assert_int_equal(count, 13);
    for (uint32_t slice = 1; slice < 400; slice++) {
        start_sequence(&f, code, KERNEL, CPU_I486);
        for (uint32_t at = 0; cpu_clock(f.cpu) < end;) {
            const uint64_t next = cpu_clock(f.cpu) + slice;
            cpu_run(f.cpu, next < end ? next : end);
            while (ends[at] < next && ends[at] < end) {
                at++;
            }
            assert_int_equal(cpu_clock(f.cpu), ends[at]);
            struct cpu_state between = *cpu_save(f.cpu);
            assert_null(cpu_check(&between));
            cpu_load(f.cpu, &between);
        }
        assert_memory_equal(cpu_save(f.cpu), &whole, sizeof whole);
        fixture_end(&f);
    }
}

/* ---- parts of ranges ---- */

/* Clocks of one instruction, ST(i) set from `values`. */
static uint32_t clocks_of(const uint8_t *code, size_t bytes, enum cpu_level level)
{
    struct fixture f;
    struct cpu_step_info info;

    fixture_start(&f, KERNEL, level);
    put_code(&f, CODE_AT, code, bytes);
    f.state.fpu.occupied = 0x03;
    f.state.fpu.significand[0] = UINT64_C(0x8000000000000000);
    f.state.fpu.sign_exponent[0] = 0x3FFF;
    f.state.fpu.significand[1] = UINT64_C(0x8000000000000000);
    f.state.fpu.sign_exponent[1] = 0x3FFF - 32;
    fixture_load(&f);
    cpu_step(f.cpu, UINT64_MAX, &info);
    const uint32_t clocks = (uint32_t)(cpu_save(f.cpu)->clock - f.state.clock);
    fixture_end(&f);
    return clocks;
}

/* i486 8-20 (7 of them beside what follows), 387 23-34: exponents 32 apart are half of 64. */
static void test_fpu_clocks_of_a_sum_follow_the_distance_of_the_exponents(void **state)
{
    (void)state;
    static const uint8_t near[] = {0xD8, 0xC0}, far[] = {0xD8, 0xC1};
    assert_int_equal(clocks_of(near, sizeof near, CPU_I486), 8 - 7);
    assert_int_equal(clocks_of(far, sizeof far, CPU_I486), 8 + 6 - 7);
    assert_int_equal(clocks_of(near, sizeof near, CPU_I386), 23);
    assert_int_equal(clocks_of(far, sizeof far, CPU_I386), 23 + 5);
}

/* i486 70-138 (2 beside what follows): a difference of 32. */
static void test_fpu_clocks_of_a_remainder_follow_the_bits_of_the_quotient(void **state)
{
    (void)state;
    static const uint8_t code[] = {0xD9, 0xF8};
    assert_int_equal(clocks_of(code, sizeof code, CPU_I486), 70 + 34 - 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_fpu_clocks_of_every_form_are_the_published_ones),
        cmocka_unit_test(test_fpu_clocks_of_every_form_executed_are_in_the_published_range),
        cmocka_unit_test(test_fpu_division_and_integer_instructions_overlap),
        cmocka_unit_test(test_fpu_instructions_do_not_overlap_each_other),
        cmocka_unit_test(
            test_fpu_control_instructions_wait_if_the_x87_may_change_what_they_look_at),
        cmocka_unit_test(test_fpu_error_is_reported_when_the_x87_is_done),
        cmocka_unit_test(test_fpu_wait_before_a_page_fault_is_paid_once),
        cmocka_unit_test(test_fpu_waiting_is_in_the_journal),
        cmocka_unit_test(test_fpu_waiting_is_the_same_however_one_runs),
        cmocka_unit_test(test_fpu_clocks_of_a_sum_follow_the_distance_of_the_exponents),
        cmocka_unit_test(test_fpu_clocks_of_a_remainder_follow_the_bits_of_the_quotient),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
