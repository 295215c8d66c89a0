/* The x87 rows of the instruction table against the published clocks (data/clocks_fpu.tsv): every
 * form is decoded from its machine code; least and most are compared in both models and modes.
 * What a body charges of a range is looked at where the model says what decides (docs/timing.md).
 * SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>

#include "cpu/cpu_priv.h"
#include "cpu/decode.h"
#include "cpu/isa.h"
#include "cpu_fixture.h"

#define COLUMNS 5u
enum column { COL_FORM, COL_OPERANDS, COL_BYTES, COL_I486, COL_I387 };

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
        most = least; /* 1-3: waiting for what the model does not overlap */
    }
    if (decoded.clocks != least || decoded.clocks + (decoded.uop.imm >> 16) != most) {
        fail_msg("%s %s: %u to %u clocks, not %u to %u", form->cell[COL_FORM],
                 form->cell[COL_OPERANDS], decoded.clocks, decoded.clocks + (decoded.uop.imm >> 16),
                 least, most);
    }
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

/* Four registers hold 1.0, four are empty; memory holds zeros. Real mode has 32-bit addresses by
 * prefix and a limit of 4 GiB. */
static uint32_t executed_clocks(const char *text, bool protected_mode, enum cpu_timing timing)
{
    struct fixture f;
    struct cpu_step_info info;
    uint32_t count = 0;

    fixture_start(&f, protected_mode ? KERNEL : REAL, timing == TIMING_I386 ? CPU_I386 : CPU_I486);
    if (!protected_mode) {
        f.state.segments[SEG_DS].base = 0;
        f.state.segments[SEG_DS].limit = 0xFFFFFFFF;
        put8(&f, CODE_AT + count++, 0x67);
    }
    for (const char *at = text; *at;) {
        char *end;
        put8(&f, CODE_AT + count++, (uint32_t)strtoul(at, &end, 16));
        at = *end ? end + 1 : end;
    }
    memset(f.ram + DATA_AT, 0, 0x100);
    f.state.fpu.occupied = 0x0F;
    for (uint32_t i = 0; i < 4; i++) {
        f.state.fpu.significand[i] = UINT64_C(0x8000000000000000);
        f.state.fpu.sign_exponent[i] = 0x3FFF;
    }
    fixture_load(&f);
    cpu_step(f.cpu, UINT64_MAX, &info);
    assert_int_equal(info.what, STEP_INSTRUCTION);
    const uint32_t prefix = !protected_mode && timing == TIMING_I486;
    const uint32_t clocks = (uint32_t)(cpu_clock(f.cpu) - f.state.clock) - prefix;
    fixture_end(&f);
    return clocks;
}

static void test_fpu_clocks_of_every_form_executed_are_in_the_published_range(void **state)
{
    (void)state;
    FILE *file = open_table();
    struct form form;
    uint32_t forms = 0;
    while (next_form(file, &form)) {
        for (uint32_t i = 0; i < 4; i++) {
            const bool protected_mode = i & 1;
            const enum cpu_timing timing = i & 2 ? TIMING_I386 : TIMING_I486;
            uint32_t least, most;
            parse_clocks(form.cell[i & 2 ? COL_I387 : COL_I486], protected_mode, &least, &most);
            const uint32_t got = executed_clocks(form.cell[COL_BYTES], protected_mode, timing);
            if (got < least || got > most) {
                fail_msg("%s %s, %s, %s mode: %u clocks, not %u to %u", form.cell[COL_FORM],
                         form.cell[COL_OPERANDS], i & 2 ? "i387" : "i486",
                         protected_mode ? "protected" : "real", got, least, most);
            }
        }
        forms++;
    }
    fclose(file);
    assert_int_equal(forms, 119);
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

/* i486 8-20, 387 23-34: exponents 32 apart are half of 64. */
static void test_fpu_clocks_of_a_sum_follow_the_distance_of_the_exponents(void **state)
{
    (void)state;
    static const uint8_t near[] = {0xD8, 0xC0}, far[] = {0xD8, 0xC1};
    assert_int_equal(clocks_of(near, sizeof near, CPU_I486), 8);
    assert_int_equal(clocks_of(far, sizeof far, CPU_I486), 8 + 6);
    assert_int_equal(clocks_of(near, sizeof near, CPU_I386), 23);
    assert_int_equal(clocks_of(far, sizeof far, CPU_I386), 23 + 5);
}

/* i486 70-138: a difference of 32. */
static void test_fpu_clocks_of_a_remainder_follow_the_bits_of_the_quotient(void **state)
{
    (void)state;
    static const uint8_t code[] = {0xD9, 0xF8};
    assert_int_equal(clocks_of(code, sizeof code, CPU_I486), 70 + 34);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_fpu_clocks_of_every_form_are_the_published_ones),
        cmocka_unit_test(test_fpu_clocks_of_every_form_executed_are_in_the_published_range),
        cmocka_unit_test(test_fpu_clocks_of_a_sum_follow_the_distance_of_the_exponents),
        cmocka_unit_test(test_fpu_clocks_of_a_remainder_follow_the_bits_of_the_quotient),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
