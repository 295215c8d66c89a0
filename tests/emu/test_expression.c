/* The debugger's expressions, judged by the compiler that compiles this test, and by hand where C
 * says nothing.
 * SPDX-License-Identifier: MIT */
#include "tests/support/support.h"

#include <stdio.h>
#include <string.h>

#include "emu/expression.h"

/* 64 bytes at 1000h: 00 01 02 ... 3F; the same at physical 2000h. */
static bool read_memory(void *context, bool physical, uint32_t address, void *bytes, uint32_t size)
{
    uint32_t base = physical ? 0x2000 : 0x1000;

    (void)context;
    for (uint32_t i = 0; i < size; i++) {
        if (address + i < base || address + i >= base + 64) {
            return false;
        }
        ((uint8_t *)bytes)[i] = (uint8_t)(address + i - base);
    }
    return true;
}

static bool find_name(void *context, const char *name, bool machine, struct expression_value *value)
{
    (void)context;
    if (strcmp(name, "eax") == 0) {
        *value = expression_integer(0xFFFFFFFE, 4, false);
        value->place = PLACE_REGISTER;
        return true;
    }
    if (strcmp(name, "al") == 0) {
        *value = expression_integer(0xFE, 1, false);
        return true;
    }
    if (strcmp(name, "cs") == 0) {
        *value = expression_integer(0x10, 2, false);
        value->is_segment = 1;
        value->base = 0x40000;
        return true;
    }
    if (strcmp(name, "counter.interrupts") == 0) {
        *value = expression_integer(77, 8, false);
        return true;
    }
    if (!machine && strcmp(name, "main") == 0) {
        *value = expression_integer(0x1010, 4, false);
        return true;
    }
    return false;
}

static bool find_segment(void *context, uint32_t selector, uint32_t *base)
{
    (void)context;
    *base = selector * 16;
    return selector != 0xBAD;
}

static bool find_type(void *context, const char *name, const struct dwarf_info **info, uint64_t *id)
{
    *info = context;
    return context && dwarf_type_named(context, name, id);
}

static const char *find_symbol(void *context, uint32_t address, uint32_t *offset)
{
    (void)context;
    *offset = address - 0x1010;
    return address >= 0x1010 && address < 0x1020 ? "main" : NULL;
}

static const struct expression_provider provider = {.read = read_memory,
                                                    .name = find_name,
                                                    .segment = find_segment,
                                                    .type = find_type,
                                                    .symbol = find_symbol};

static uint64_t number(const char *text)
{
    struct expression expression;
    struct expression_error error;
    struct expression_value value = {0};

    if (!expression_parse(text, &expression, &error) ||
        !expression_evaluate(&expression, &provider, &value, &error)) {
        print_message("%s: column %u: %s\n", text, error.column, error.message);
        fail();
    }
    return value.number;
}

#pragma GCC diagnostic ignored "-Wparentheses"
#pragma GCC diagnostic ignored "-Wsign-compare"
#pragma GCC diagnostic ignored "-Wsign-conversion"

/* The compiler's answer beside ours. `long` has 64 bits here, so the rows avoid it. */
#define SAME(expression)                                                                           \
    {                                                                                              \
#expression, (uint64_t)(int64_t)(expression)                                               \
    }

static void test_operators_and_precedence_are_those_of_c(void **unused)
{
    static const struct {
        const char *text;
        uint64_t value;
    } rows[] = {
        SAME(1 + 2 * 3),
        SAME((1 + 2) * 3),
        SAME(10 - 4 - 3),
        SAME(100 / 7 % 5),
        SAME(-7 / 2),
        SAME(-7 % 3),
        SAME(1 << 4 | 3 & 2 ^ 1),
        SAME(~0),
        SAME(!5 + !0),
        SAME(- -3),
        SAME(1 ? 2 : 3),
        SAME(0   ? 2
             : 1 ? 4
                 : 5),
        SAME(1 < 2 == 1),
        SAME(3 > 2 && 2 > 3 || 1),
        SAME(0x80000000 >> 4),
        SAME((int)0x80000000 >> 4),
        SAME(-1 < 1u),
        SAME(-1 < 1),
        SAME((unsigned char)300),
        SAME((signed char)200),
        SAME((short)0x18000),
        SAME((unsigned)-1),
        SAME((long long)-1),
        SAME(0xFFFFFFFF + 1),
        SAME(2147483647 + 0u + 1),
        SAME(4294967296),
        SAME('a' + 1),
        SAME('\n'),
        SAME('\x41'),
        SAME('\''),
        SAME(017),
        SAME(sizeof(int)),
        SAME(sizeof(short) * 2),
        SAME((unsigned char)-1 + 1),
        SAME((1 + 2) - 3),
        SAME(5 & -4),
        SAME(1 != 2),
        SAME(1ull << 40),
    };

    (void)unused;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (number(rows[i].text) != rows[i].value) {
            print_message("%s: %llx, in C %llx\n", rows[i].text,
                          (unsigned long long)number(rows[i].text),
                          (unsigned long long)rows[i].value);
            fail();
        }
    }
}

static void test_registers_symbols_and_memory(void **unused)
{
    (void)unused;
    assert_int_equal(number("eax"), 0xFFFFFFFE);
    assert_int_equal(number("$eax + 1"), 0xFFFFFFFF);
    assert_int_equal(number("al + 1"), 0xFF);
    assert_int_equal(number("1Fh"), 0x1F);
    assert_int_equal(number("main"), 0x1010);
    assert_int_equal(number("[main]"), 0x13121110);
    assert_int_equal(number("[0x1000 + 4] & 0xFF"), 4);
    assert_int_equal(number("*(u16 *)0x1002"), 0x0302);
    assert_int_equal(number("*(uint8_t *)(main + 1)"), 0x11);
    assert_int_equal(number("((u32 *)0x1000)[2]"), 0x0B0A0908);
    assert_int_equal(number("*((u16 *)0x1000 + 3)"), 0x0706);
    assert_int_equal(number("(u32 *)0x1010 - (u32 *)0x1000"), 4);
    assert_int_equal(number("*&*(u32 *)0x1004"), 0x07060504);
    assert_int_equal(number("&*(u32 *)0x9000"), 0x9000);
    assert_int_equal(number("*phys:0x2004"), 0x07060504);
    assert_int_equal(number("[phys:0x2000 + 8]"), 0x0B0A0908);
    assert_int_equal(number("*(u8 *)phys:0x2005"), 5);
    assert_int_equal(number("cs:0x123"), 0x40123);
    assert_int_equal(number("0x7c0:0"), 0x7C00);
    assert_int_equal(number("1 ? cs : 5"), 0x10);
    assert_int_equal(number("1 ? (cs:1) : 5"), 0x40001);
    assert_int_equal(number("counter.interrupts"), 77);
    assert_int_equal(number("sizeof main"), 4);
}

/* [0x1000] is 03020100h, which is no address. */
static void test_errors_say_what_and_at_which_column(void **unused)
{
    static const struct {
        const char *text;
        uint32_t column;
        const char *message;
    } rows[] = {
        {"1 +", 4, "something is missing at the end"},
        {"1 + )", 5, "')' is not where a value could begin"},
        {"(1 + 2", 7, "')' is missing after the expression in parentheses"},
        {"[eax", 5, "']' is missing after the address"},
        {"1 ? 2", 6, "':' is missing between the two results of '?'"},
        {"1 2", 3, "'2' is not understood here"},
        {"12ab", 3, "'a' is no digit here; hexadecimal is 0x1F or 1Fh"},
        {"'ab'", 1, "a character is one letter between two quotes"},
        {"eax + nothing", 7, "nothing: no such variable, symbol, register or counter here"},
        {"$main", 1, "$main: no such register or counter"},
        {"1 / (eax - eax)", 3, "division by zero"},
        {"[0x3000]", 1, "no memory at linear 0x00003000"},
        {"*phys:0x9000", 1, "no memory at physical 0x00009000"},
        {"&eax", 1, "this has no address: it is in a register"},
        {"eax.x", 4, "what stands before .x is no struct"},
        {"(struct none *)1", 1, "struct none: no such type"},
        {"0xBAD:0", 6, "0BAD: no such segment"},
        {"eax->", 6, "the name of a member is missing"},
        {"", 1, "something is missing at the end"},
    };
    struct expression expression;
    struct expression_error error;
    struct expression_value value;

    (void)unused;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        bool good = expression_parse(rows[i].text, &expression, &error) &&
                    expression_evaluate(&expression, &provider, &value, &error);

        assert_false(good);
        assert_string_equal(error.message, rows[i].message);
        if (error.column != rows[i].column) {
            print_message("%s\n", rows[i].text);
        }
        assert_int_equal(error.column, rows[i].column);
    }
}

static void test_what_is_too_long_or_too_deep_is_refused(void **unused)
{
    struct expression expression;
    struct expression_error error;
    char text[EXPRESSION_TEXT_BYTES + 8];

    (void)unused;
    memset(text, '(', 200);
    strcpy(text + 200, "1");
    assert_false(expression_parse(text, &expression, &error));
    assert_string_equal(error.message, "too many parentheses inside each other");
    memset(text, '-', 200);
    assert_false(expression_parse(text, &expression, &error));
    assert_string_equal(error.message, "too many operators inside each other");
    memset(text, ' ', sizeof(text) - 1);
    text[sizeof(text) - 1] = '\0';
    assert_false(expression_parse(text, &expression, &error));
    assert_string_equal(error.message, "longer than 255 characters");
    for (uint32_t i = 0; i < 110; i++) {
        memcpy(text + 2 * i, "1+", 3);
    }
    strcat(text, "1");
    assert_false(expression_parse(text, &expression, &error));
    assert_string_equal(error.message, "the expression has more than 95 parts");
}

static void test_the_beginning_of_a_text_is_enough_when_more_may_follow(void **unused)
{
    struct expression expression;
    struct expression_error error;
    size_t used;

    (void)unused;
    assert_true(expression_parse_start("main + 4 if eax == 3", &expression, &used, &error));
    assert_int_equal(used, 8);
    assert_true(expression_parse_start("(main) if 1", &expression, &used, &error));
    assert_int_equal(used, 6);
}

static const char *printed(const struct expression_provider *with, const char *text, char format)
{
    static char answer[400];
    struct expression expression;
    struct expression_error error;
    struct expression_value value;

    if (!expression_parse(text, &expression, &error) ||
        !expression_evaluate(&expression, with, &value, &error)) {
        snprintf(answer, sizeof(answer), "column %u: %s", error.column, error.message);
        return answer;
    }
    expression_print(&value, with, format, answer, sizeof(answer));
    return answer;
}

static void test_values_are_printed_by_type_and_by_format(void **unused)
{
    (void)unused;
    assert_string_equal(printed(&provider, "eax", 0), "4294967294 (0xFFFFFFFE)");
    assert_string_equal(printed(&provider, "(int)eax", 0), "-2 (0xFFFFFFFE)");
    assert_string_equal(printed(&provider, "eax", 'd'), "-2");
    assert_string_equal(printed(&provider, "eax", 'x'), "0xFFFFFFFE");
    assert_string_equal(printed(&provider, "al", 't'), "11111110b");
    assert_string_equal(printed(&provider, "8", 'o'), "010");
    assert_string_equal(printed(&provider, "'a'", 'c'), "'a'");
    assert_string_equal(printed(&provider, "0x1014", 'a'), "0x00001014 <main+0x4>");
    assert_string_equal(printed(&provider, "(u32 *)0x1010", 0), "0x00001010 <main>");
    assert_string_equal(printed(&provider, "0x1038", 's'), "\"89:;<=>?\"");
    assert_string_equal(printed(&provider, "phys:0x2000", 0), "phys:0x00002000");
    assert_string_equal(printed(&provider, "5", 0), "5");
}

static void test_structures_of_the_kernel_are_followed(void **unused)
{
    struct dwarf_info *info = dwarf_info_open(GUEST_OS "/kernel.elf", NULL);
    struct expression_provider with = provider;

    (void)unused;
    assert_non_null(info);
    with.context = info;
    /* a trap frame at 1000h: its cells hold 03020100h, 07060504h, ... */
    assert_string_equal(printed(&with, "((struct trap_frame *)0x1000)->ebp", 'x'), "0x0B0A0908");
    assert_string_equal(printed(&with, "&((struct trap_frame *)0)->eip", 0), "0x00000038");
    assert_string_equal(printed(&with, "((struct trap_frame *)0x1000)->none", 0),
                        "column 30: struct trap_frame has no member none");
    assert_string_equal(printed(&with, "sizeof(struct trap_frame)", 0), "76 (0x4C)");
    assert_string_equal(printed(&with, "(enum process_state)2", 0), "PROCESS_RUNNING (2)");
    assert_string_equal(printed(&with, "(struct trap_frame)1", 0),
                        "column 1: a number can not become a struct trap_frame; cast to a pointer, "
                        "then follow it");
    dwarf_info_close(info);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_operators_and_precedence_are_those_of_c),
        cmocka_unit_test(test_registers_symbols_and_memory),
        cmocka_unit_test(test_errors_say_what_and_at_which_column),
        cmocka_unit_test(test_what_is_too_long_or_too_deep_is_refused),
        cmocka_unit_test(test_the_beginning_of_a_text_is_enough_when_more_may_follow),
        cmocka_unit_test(test_values_are_printed_by_type_and_by_format),
        cmocka_unit_test(test_structures_of_the_kernel_are_followed),
    };

    return cmocka_run_group_tests_name("emu_expression", tests, NULL, NULL);
}
