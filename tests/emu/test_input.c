/* Input logs and input scripts: what is in the files, and what is said about wrong ones.
 * SPDX-License-Identifier: MIT */
#include "tests/support/support.h"

#include <stdio.h>
#include <string.h>

#include "emu/file.h"
#include "emu/input_log.h"
#include "emu/input_script.h"

#define LOG_FILE    TEST_FOLDER "/input.log"
#define SCRIPT_FILE TEST_FOLDER "/input.script"

static void put(const char *path, const char *text)
{
    assert_true(file_write(path, text, strlen(text), NULL));
}

static void test_log_comes_back_from_its_file(void **unused)
{
    struct input_log log;
    struct input_log loaded;

    (void)unused;
    input_log_init(&log);
    input_log_init(&loaded);
    for (uint32_t i = 0; i < 300; i++) {
        struct input_entry entry = {i * 1000u, i * 10u, i % 2, 0, i % 256, 0};

        assert_true(input_log_append(&log, &entry));
    }
    assert_true(input_log_save(&log, LOG_FILE, NULL));
    assert_true(input_log_load(&loaded, LOG_FILE, NULL));
    assert_int_equal(loaded.count, 300);
    assert_memory_equal(loaded.entries, log.entries, 300 * sizeof(*log.entries));
    input_log_free(&log);
    input_log_free(&loaded);
}

static void test_wrong_logs_are_refused_and_leave_the_old_one(void **unused)
{
    static const struct {
        const char *text;
        const char *message;
    } files[] = {
        {"", "cut short"},
        {"something else\n", "not an input log"},
        {"ringside-input 2\n", "cut short"},
        {"ringside-input 2\n0 5 5 serial 0 65\n", "cut short"},
        {"ringside-input 2\n0 5 5 serial 0 257\nend 1\n", "line 2: not an entry"},
        {"ringside-input 2\n0 5 5 key 0 256\nend 1\n", "line 2: not an entry"},
        {"ringside-input 2\n0 5 5 serial 2 65\nend 1\n", "line 2: not an entry"},
        {"ringside-input 1\nend 0\n", "not an input log"},
        {"ringside-input 2\n0 5 5 line 2 16\nend 1\n", "line 2: not an entry"},
        {"ringside-input 2\n0 5 5 mouse 0 65\nend 1\n", "line 2: not an entry"},
        {"ringside-input 2\n0 5 -5 key 0 65\nend 1\n", "line 2: not an entry"},
        {"ringside-input 2\n0 5 5 key 0 65 66\nend 1\n", "line 2: not an entry"},
        {"ringside-input 2\n0 5 5 key 0 65\n2 6 6 key 0 65\nend 3\n", "line 3: not an entry"},
        {"ringside-input 2\n0 5 5 key 0 65\n1 4 6 key 0 65\nend 2\n", "line 3: not an entry"},
        {"ringside-input 2\n0 5 5 key 0 65\nend 7\n", "entries are missing"},
    };
    struct input_entry entry = {1, 1, INPUT_KEY, 0, 1, 0};
    struct input_log log;

    (void)unused;
    input_log_init(&log);
    assert_true(input_log_append(&log, &entry));
    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
        struct err err = {0};

        put(LOG_FILE, files[i].text);
        assert_false(input_log_load(&log, LOG_FILE, &err));
        assert_text_contains(err.message, files[i].message);
        assert_int_equal(log.count, 1);
    }
    input_log_free(&log);
}

static void test_recorded_input_makes_the_same_machine_again(void **unused)
{
    struct machine_config config = support_config();
    struct support_guest guest;
    struct machine *first;
    struct machine *second;
    struct input_log log;

    (void)unused;
    support_guest_open(&guest, TEST_GUESTS "/storm.elf", NULL, "", config.ram_bytes);
    first = support_guest_machine(&guest, &config);
    second = support_guest_machine(&guest, &config);
    for (uint32_t i = 1; i <= 10; i++) {
        machine_run(first, i * 77777);
        machine_input_serial(first, 0, (uint8_t)(i * 3));
        machine_input_break(first, 0);
        machine_input_key(first, (uint8_t)i);
    }
    machine_run(first, 1000000);
    assert_true(input_log_save(machine_log(first), LOG_FILE, NULL));
    input_log_init(&log);
    assert_true(input_log_load(&log, LOG_FILE, NULL));
    assert_true(log.count > 10);

    machine_set_log(second, &log);
    machine_run(second, 1000000);

    assert_true(machine_hash(second) == machine_hash(first));
    machine_destroy(first);
    machine_destroy(second);
    support_guest_close(&guest);
}

static void test_wrong_scripts_are_refused(void **unused)
{
    static const char *const texts[] = {"@wait\n", "@clock x\n", "@clock 99999999999999999999\n",
                                        "ok\n@later 5\n", "@clock \n"};

    (void)unused;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        struct err err = {0};

        put(SCRIPT_FILE, texts[i]);
        assert_null(input_script_open(SCRIPT_FILE, &err));
        assert_text_contains(err.message,
                             "must be @wait TEXT, @clock NUMBER, @type TEXT, @break, @@text");
    }
}

static void test_empty_script_has_nothing_to_do(void **unused)
{
    struct input_script *script;

    (void)unused;
    put(SCRIPT_FILE, "");
    script = input_script_open(SCRIPT_FILE, NULL);
    assert_non_null(script);
    assert_true(input_script_done(script));
    assert_false(input_script_output(script, 'x'));
    input_script_close(script);
}

static void test_script_waits_for_text_that_overlaps_itself(void **unused)
{
    struct input_script *script;
    const char *output = "aab aaab";
    uint32_t hits = 0;

    (void)unused;
    put(SCRIPT_FILE, "@wait aaab\n");
    script = input_script_open(SCRIPT_FILE, NULL);
    assert_non_null(script);
    for (size_t i = 0; output[i]; i++) {
        hits += input_script_output(script, (uint8_t)output[i]);
    }
    assert_int_equal(hits, 1);
    assert_true(input_script_done(script));
    input_script_close(script);
}

static void test_typed_text_has_no_line_feed(void **unused)
{
    struct machine_config config = support_config();
    struct support_guest guest;
    struct input_script *script;
    const struct input_log *log;
    struct machine *machine;

    (void)unused;
    put(SCRIPT_FILE, "@type \003\nx\n");
    script = input_script_open(SCRIPT_FILE, NULL);
    assert_non_null(script);
    support_guest_open(&guest, TEST_GUESTS "/storm.elf", NULL, "", config.ram_bytes);
    machine = support_guest_machine(&guest, &config);
    input_script_feed(script, machine);
    log = machine_log(machine);
    assert_int_equal(log->count, 3);
    assert_int_equal(log->entries[0].value, 3);
    assert_int_equal(log->entries[1].value, 'x');
    assert_int_equal(log->entries[2].value, '\n');
    machine_destroy(machine);
    support_guest_close(&guest);
    input_script_close(script);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_log_comes_back_from_its_file),
        cmocka_unit_test(test_wrong_logs_are_refused_and_leave_the_old_one),
        cmocka_unit_test(test_recorded_input_makes_the_same_machine_again),
        cmocka_unit_test(test_wrong_scripts_are_refused),
        cmocka_unit_test(test_empty_script_has_nothing_to_do),
        cmocka_unit_test(test_script_waits_for_text_that_overlaps_itself),
        cmocka_unit_test(test_typed_text_has_no_line_feed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
