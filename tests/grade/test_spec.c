/* The parser of specs: what it takes, and where it says that something is wrong.
 * SPDX-License-Identifier: MIT */
#include "tests/support/support.h"

#include <string.h>

#include "emu/grade_spec.h"

#define FIRST "ringside-grade 1\n"

static struct grade_spec *good(const char *text)
{
    struct err err = {0};
    struct grade_spec *spec = grade_spec_parse(text, strlen(text), "spec", &err);

    if (!spec) {
        fail_msg("%s", err.message);
    }
    return spec;
}

static void test_program_with_arguments_is_words_and_quoted_texts(void **unused)
{
    struct grade_spec *spec = good(FIRST "program a.elf one \"two \\\"words\\\"\" # rest\n"
                                         "check status 0\n");

    (void)unused;
    assert_int_equal(spec->subject, GRADE_PROGRAM);
    assert_int_equal(spec->word_count, 3);
    assert_string_equal(spec->words[0], "a.elf");
    assert_string_equal(spec->words[1], "one");
    assert_string_equal(spec->words[2], "two \"words\"");
    grade_spec_close(spec);
}

static void test_typed_line_that_begins_with_at_is_escaped_for_the_script(void **unused)
{
    struct grade_spec *spec = good(FIRST "shell \"cat\"\ntype \"@wait x\\n\"\ntype \"a@b\\n\"\n"
                                         "check status 0\n");

    (void)unused;
    assert_string_equal(spec->typed, "@@wait x\na@b\n");
    grade_spec_close(spec);
}

static void test_check_has_points_hint_and_its_source(void **unused)
{
    struct grade_spec *spec = good(FIRST "shell \"x\"\n"
                                         "check 7 clocks <= 500\n  hint \"too slow\"\n"
                                         "must status 0\n");

    (void)unused;
    assert_int_equal(spec->check_count, 2);
    assert_int_equal(spec->checks[0].points, 7);
    assert_int_equal(spec->checks[0].least, 0);
    assert_int_equal(spec->checks[0].most, 500);
    assert_string_equal(spec->checks[0].hint, "too slow");
    assert_string_equal(spec->checks[0].source, "clocks <= 500");
    assert_int_equal(spec->checks[1].must, 1);
    assert_int_equal(spec->checks[1].points, 0);
    grade_spec_close(spec);
}

static void test_event_counts_and_keeps_the_event_as_written(void **unused)
{
    struct grade_spec *spec =
        good(FIRST "shell \"x\"\ncheck event 2..5: write phys:0x10, 4 == 7\n"
                   "check event 3..: irq 0\ncheck no event: exception 14 user\n");

    (void)unused;
    assert_int_equal(spec->checks[0].least, 2);
    assert_int_equal(spec->checks[0].most, 5);
    assert_string_equal(spec->checks[0].texts[0], "write phys:0x10, 4 == 7");
    assert_int_equal(spec->checks[1].least, 3);
    assert_int_equal(spec->checks[2].most, 0);
    assert_int_equal(spec->checks[2].at.line, 5);
    assert_int_equal(spec->checks[2].at.column, 17);
    grade_spec_close(spec);
}

/* What is wrong, and at which line and column. */
static const struct {
    const char *text;
    const char *message;
} mistakes[] = {
    {"", "spec:1:1: the first line must be: ringside-grade 1"},
    {"ringside-grade 2\n", "spec:1:16: the first line must be"},
    {FIRST, "spec:1:1: nothing is run"},
    {FIRST "shell \"x\"\n", "spec:2:1: nothing is checked"},
    {FIRST "shell \"x\"\nchek status 0\n", "spec:3:1: must be name, program"},
    {FIRST "shell \"x\ncheck status 0\n", "spec:2:9: the text has no \" at its end"},
    {FIRST "shell \"\\q\"\n", "spec:2:9: after \\ goes one of"},
    {FIRST "shell \"\\x00\"\n", "spec:2:10: \\x takes two hexadecimal digits"},
    {FIRST "shell \"\\x4\"\n", "spec:2:10: \\x takes two hexadecimal digits"},
    {FIRST "shell a b\n", "spec:2:10: shell takes one text"},
    {FIRST "program a\nkernel b\n", "spec:3:8: one spec runs one thing"},
    {FIRST "program a\ncheck status 256\n", "spec:3:14: the number is too large"},
    {FIRST "program a\ncheck status\n", "spec:3:13: a number is missing"},
    {FIRST "program a\ncheck status 0 x\n", "spec:3:16: here the line should end"},
    {FIRST "program a\ncheck 99999 status 0\n", "spec:3:7: the number is too large"},
    {FIRST "program a\ncheck output has \"x\"\n", "spec:3:14: here goes is"},
    {FIRST "program a\ncheck output matches \"[a\"\n", "spec:3:22: Unmatched ["},
    {FIRST "program a\ncheck output matches \"((a{9}){9}){9}\"\n", "spec:3:22: {N,M} is not"},
    {FIRST "program a\ncheck output matches \"(a)\\\\1\"\n", "spec:3:22: back references"},
    {FIRST "program a\ncheck output matches \"a++++++++\"\n", "spec:3:22: a repeat of a repeat"},
    {FIRST "program a\ncheck output matches \"(((((((a+)+)+)+)+)+)+)\"\n", "spec:3:22: too many ("},
    {FIRST "program a\ncheck event 5..2: irq\n", "spec:3:17: the range is backwards"},
    {FIRST "program a\ncheck event irq\n", "spec:3:13: here goes a colon"},
    {FIRST "program a\ncheck state: 1 +\n", "spec:3:17: "},
    {FIRST "program a\ncheck clocks 5\n", "spec:3:14: here goes <=, >= or =="},
    {FIRST "program a\nhint \"x\"\n", "spec:3:6: a hint belongs to the check before it"},
    {FIRST "program a\nfile a as b/c\n", "spec:3:14: the name in /host must be one name"},
    {FIRST "program a\nfile .hidden\n", "spec:3:13: the name in /host must be one name"},
    {FIRST "kernel a\nfile b\ncheck status 0\n", "spec:4:1: file and guest-kernel go with"},
    {FIRST "shell \"x\"\ntype \"a\"\ninput b\ncheck status 0\n", "spec:5:1: either input or type"},
};

static void test_mistakes_are_told_with_line_and_column(void **unused)
{
    (void)unused;
    for (size_t i = 0; i < sizeof(mistakes) / sizeof(mistakes[0]); i++) {
        struct err err = {0};
        struct grade_spec *spec =
            grade_spec_parse(mistakes[i].text, strlen(mistakes[i].text), "spec", &err);

        if (spec || strncmp(err.message, mistakes[i].message, strlen(mistakes[i].message)) != 0) {
            fail_msg("row %zu: expected %s, got %s", i, mistakes[i].message, err.message);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_program_with_arguments_is_words_and_quoted_texts),
        cmocka_unit_test(test_typed_line_that_begins_with_at_is_escaped_for_the_script),
        cmocka_unit_test(test_check_has_points_hint_and_its_source),
        cmocka_unit_test(test_event_counts_and_keeps_the_event_as_written),
        cmocka_unit_test(test_mistakes_are_told_with_line_and_column),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
