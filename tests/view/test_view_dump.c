/* The window's picture without a window: text and PNG of a machine at power-on, and what is said
 * when a file can not be written.
 * SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "emu/file.h"
#include "emu/ui_window.h"

struct setting {
    struct machine *machine;
    struct session *session;
};

static int open_setting(void **state)
{
    struct machine_config config;
    struct setting *setting = calloc(1, sizeof *setting);

    machine_config_defaults(&config);
    config.ram_bytes = 1 << 20;
    setting->machine = machine_create(&config, NULL);
    setting->session = setting->machine ? session_create(setting->machine, NULL, 0, NULL) : NULL;
    *state = setting;
    return setting->session ? 0 : -1;
}

static int close_setting(void **state)
{
    struct setting *setting = *state;

    session_destroy(setting->session);
    machine_destroy(setting->machine);
    free(setting);
    return 0;
}

static void test_dump_as_text_names_mode_and_reset_vector(void **state)
{
    struct setting *setting = *state;
    struct ui_options options = {.font = "builtin"};
    struct err err = {0};
    uint8_t *text;
    size_t size;

    assert_true(ui_dump(setting->session, &options, DUMP_FOLDER "/dump.txt", 0, 0, &err));

    assert_true(file_read(DUMP_FOLDER "/dump.txt", 1 << 20, &text, &size, NULL));
    assert_non_null(strstr((char *)text, "KERNEL mode"));
    assert_non_null(strstr((char *)text, "FFFFFFF0"));
    free(text);
}

/* Portable Network Graphics 1.2, 3.1 and 11.2.2: signature, then width and height in IHDR. */
static void test_dump_as_png_has_the_size_of_its_cells(void **state)
{
    struct setting *setting = *state;
    static const uint8_t expected[24] = {0x89, 'P', 'N', 'G',  0x0D, 0x0A, 0x1A, 0x0A,
                                         0,    0,   0,   13,   'I',  'H',  'D',  'R',
                                         0,    0,   2,   0x80, 0,    0,    1,    0x40};
    struct ui_options options = {.font = "builtin"};
    uint8_t *bytes;
    size_t size;

    assert_true(ui_dump(setting->session, &options, DUMP_FOLDER "/dump.png", 80, 20, NULL));

    assert_true(file_read(DUMP_FOLDER "/dump.png", 1 << 24, &bytes, &size, NULL));
    assert_true(size > sizeof expected);
    assert_memory_equal(bytes, expected, sizeof expected);
    free(bytes);
}

static void test_dump_refuses_other_kinds_of_file(void **state)
{
    struct setting *setting = *state;
    struct ui_options options = {.font = "builtin"};
    struct err err = {0};

    assert_false(ui_dump(setting->session, &options, DUMP_FOLDER "/dump.gif", 0, 0, &err));

    assert_non_null(strstr(err.message, ".txt or .png"));
}

static void test_dump_names_a_file_that_can_not_be_written(void **state)
{
    struct setting *setting = *state;
    struct ui_options options = {.font = "builtin"};
    struct err err = {0};

    assert_false(ui_dump(setting->session, &options, "/nonexistent/dump.txt", 0, 0, &err));
    assert_non_null(strstr(err.message, "/nonexistent/dump.txt"));
    assert_false(ui_dump(setting->session, &options, "/nonexistent/dump.png", 0, 0, &err));
    assert_non_null(strstr(err.message, "/nonexistent/dump.png"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_dump_as_text_names_mode_and_reset_vector),
        cmocka_unit_test(test_dump_as_png_has_the_size_of_its_cells),
        cmocka_unit_test(test_dump_refuses_other_kinds_of_file),
        cmocka_unit_test(test_dump_names_a_file_that_can_not_be_written),
    };

    return cmocka_run_group_tests(tests, open_setting, close_setting);
}
