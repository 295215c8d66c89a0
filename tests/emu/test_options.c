/* The command line: what it means, and what is said about a wrong one.
 * SPDX-License-Identifier: MIT */
#include "tests/support/support.h"

#include <stdlib.h>
#include <string.h>

#include "emu/options.h"
#include "emu/trace.h"

#define WORDS_MAX 8

struct line {
    const char *words[WORDS_MAX];
    const char *message; /* part of it */
};

static bool parse(struct options *options, const char *const *words, struct err *err)
{
    char *arguments[WORDS_MAX] = {0};
    int count = 0;

    while (count < WORDS_MAX && words[count]) {
        arguments[count] = (char *)(uintptr_t)words[count];
        count++;
    }
    return options_parse(options, count, arguments, err);
}

static void test_wrong_lines_are_refused_in_words(void **unused)
{
    static const struct line lines[] = {
        {{"--heedless"}, "--heedless: unknown option; did you mean --headless?"},
        {{"--qqqqqqqqqq"}, "--qqqqqqqqqq: unknown option; --help lists them"},
        {{"-z"}, "-z: unknown option"},
        {{"--headless", "--trace", "irq,"}, "--trace irq,: must be KINDS[:FILE]"},
        {{"--headless", "--trace", "irq:"}, "--trace irq:: needs FILE after the colon"},
        {{"--tui", "--trace", "irq"}, "--trace: with --tui it needs a file"},
        {{"--trace-format", "json"}, "--trace-format: goes with --trace KINDS[:FILE]"},
        {{"--trace-last", "5"}, "--trace-last: goes with --trace KINDS[:FILE]"},
        {{"--trace", "irq", "--trace-last", "0"}, "--trace-last 0: must be"},
        {{"--trace", "irq", "--trace-format", "xml"}, "must be text, json or perfetto"},
        {{"--mem"}, "--mem: needs a value: SIZE"},
        {{"--mem", "5"}, "must be a size from 1M to 3G"},
        {{"--mem", "4G"}, "must be a size from 1M to 3G"},
        {{"--mem", "1M1"}, "must be a size from 1M to 3G"},
        {{"--mem", "-1M"}, "must be a size from 1M to 3G"},
        {{"--mem", "99999999999G"}, "must be a size from 1M to 3G"},
        {{"--mem", "1025K"}, "4K pages"},
        {{"--cpu", "z80"}, "--cpu z80: must be i386|i486|i586|i686"},
        {{"--timing", "fast"}, "--timing fast: must be i486|i386|unit"},
        {{"--clock", "5"}, "--clock 5: must be a number from 1000000"},
        {{"--pace", "slow"}, "--pace slow: must be max|real"},
        {{"--on-halt", "x"}, "--on-halt x: must be stop|wait"},
        {{"--on-reset", "x"}, "--on-reset x: must be reboot|stop"},
        {{"--rtc", "today"}, "--rtc today: must be a number"},
        {{"--serial", "tcp:1"}, "must be stdio, null, file:PATH or pty"},
        {{"--serial", "file:"}, "must be stdio, null, file:PATH or pty"},
        {{"--serial", "unix:/x"}, "not available in this version"},
        {{"--serial=null", "--serial=null", "--serial=null"}, "only two serial ports"},
        {{"--serial=stdio", "--serial=stdio"}, "COM1 already has it"},
        {{"--input", "f", "--serial=stdio"}, "COM1 cannot take bytes from a file and from stdio"},
        {{"--max-clocks", "0"}, "--max-clocks 0: must be a number from 1"},
        {{"--max-seconds", "x"}, "--max-seconds x: must be a number from 1"},
        {{"--history", "lots"}, "--history lots: must be a size"},
        {{"--headless=1"}, "--headless: takes no value"},
        {{"--json", ""}, "--json: needs FILE"},
        {{"--disk", ""}, "--disk: needs FILE"},
        {{"--bios", "b", "kernel"}, "--bios b: firmware boots from a disk; leave out kernel"},
        {{"--boot", "a"}, "--boot a: not available in this version"},
        {{"--gdb=70000"}, "--gdb 70000: must be a port from 0 to 65535, or unix:PATH"},
        {{"--headless", "--tui"}, "--tui: does not go with --headless"},
        {{"--headless", "--counters"}, "--counters: goes with --json FILE and --headless"},
        {{"--tui", "--headless"}, "--tui: does not go with --headless"},
        {{"--apic", "maybe"}, "--apic maybe: must be on|off"},
        {{"exec"}, "exec: needs a PROGRAM"},
        {{"exec", "--disk", "d", "prog"}, "exec: --disk does not go with it"},
        {{"--disk=a", "--disk=b", "--disk=c", "--disk=d", "--share", "f"}, "use one --disk less"},
        {{"replay", NULL}, "replay: needs one MOMENT"},
        {{"grade", NULL}, "grade: needs a SPEC"},
        {{"--in", "x", NULL}, "--in: goes with grade only"},
    };

    (void)unused;
    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
        static struct options options;
        struct err err = {0};

        if (parse(&options, lines[i].words, &err)) {
            fail_msg("%s is accepted", lines[i].words[0]);
        }
        assert_text_contains(err.message, lines[i].message);
        assert_null(strchr(err.message, '\n'));
        assert_int_equal(err.status, 2);
    }
}

static void test_defaults_are_those_of_the_manual(void **unused)
{
    static struct options options;
    const char *const words[] = {NULL};

    (void)unused;
    assert_true(parse(&options, words, NULL));

    assert_int_equal(options.machine.ram_bytes, 64 << 20);
    assert_int_equal(options.machine.level, CPU_I686);
    assert_int_equal(options.machine.timing, TIMING_I486);
    assert_int_equal(options.machine.clock_hz, 100000000);
    assert_int_equal(options.machine.reboot_on_reset, 1);
    assert_int_equal(options.machine.rtc_epoch, 946684800);
    assert_null(options.kernel);
    assert_int_equal(options.headless, 0);
}

static void test_values_are_taken(void **unused)
{
    static struct options options;
    static const char *const first[WORDS_MAX + 1] = {
        "--mem=16M", "--cpu", "i386", "--timing=unit", "--clock", "33M", "--pace", "max"};
    static const char *const second[WORDS_MAX + 1] = {
        "--max-clocks", "5k", "--on-reset=stop", "--rtc=1000", "--apic=off", "--history=1G"};

    (void)unused;
    assert_true(parse(&options, first, NULL));
    assert_int_equal(options.machine.ram_bytes, 16 << 20);
    assert_int_equal(options.machine.level, CPU_I386);
    assert_int_equal(options.machine.timing, TIMING_UNIT);
    assert_int_equal(options.machine.clock_hz, 33000000);
    assert_int_equal(options.pace, PACE_MAX);
    assert_true(parse(&options, second, NULL));
    assert_int_equal(options.max_clocks, 5000);
    assert_int_equal(options.machine.reboot_on_reset, 0);
    assert_int_equal(options.machine.rtc_epoch, 1000);
    assert_int_equal(options.history_bytes, 1u << 30);
}

static void test_words_after_the_kernel_are_the_kernels(void **unused)
{
    static struct options options;
    static const char *const words[WORDS_MAX + 1] = {"--headless", "--append", "last",
                                                     "kernel.elf", "n=5",      "--mem"};

    (void)unused;
    assert_true(parse(&options, words, NULL));

    assert_string_equal(options.kernel, "kernel.elf");
    assert_string_equal(options.command_line, "kernel.elf n=5 --mem last");
}

static void test_command_line_longer_than_its_place_is_refused(void **unused)
{
    static struct options options;
    static char word[BOOT_COMMAND_LINE_MAX + 2];
    struct err err = {0};
    const char *words[] = {"kernel", word, NULL};

    (void)unused;
    memset(word, 'x', sizeof(word) - 1);

    assert_false(parse(&options, words, &err));
    assert_text_contains(err.message, "longer than 2047 bytes");
}

static void test_help_names_every_option(void **unused)
{
    char *text = options_help();

    (void)unused;
    assert_non_null(text);
    assert_text_contains(text, "--headless");
    assert_text_contains(text, "--mem SIZE");
    assert_text_contains(text, "--debugcon FILE");
    assert_text_contains(text, "(not in this version)");
    assert_text_contains(text, "Exit status");
    free(text);
}

static void test_kinds_of_a_trace_are_words_between_commas(void **unused)
{
    (void)unused;
    assert_int_equal(trace_kinds("irq,cr3", 7), 1u << TRACE_IRQ | 1u << TRACE_CR3);
    assert_int_equal(trace_kinds("all:f", 3), (1u << TRACE_KINDS) - 1);
    assert_int_equal(trace_kinds("", 0), 0);
    assert_int_equal(trace_kinds("irq,,cr3", 8), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_wrong_lines_are_refused_in_words),
        cmocka_unit_test(test_defaults_are_those_of_the_manual),
        cmocka_unit_test(test_values_are_taken),
        cmocka_unit_test(test_words_after_the_kernel_are_the_kernels),
        cmocka_unit_test(test_command_line_longer_than_its_place_is_refused),
        cmocka_unit_test(test_kinds_of_a_trace_are_words_between_commas),
        cmocka_unit_test(test_help_names_every_option),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
