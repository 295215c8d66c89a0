/* The user's settings: where the file is, what comes back, what is refused; speeds and commands.
 * SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "emu/file.h"
#include "emu/ui_priv.h"

#define FILE_NAME SETTINGS_FOLDER "/ringside/settings.json"

static void write_file(const char *text)
{
    assert_true(file_write(FILE_NAME, text, strlen(text), NULL));
}

/* XDG Base Directory Specification 0.8: relative paths are ignored. */
static void test_file_lies_where_xdg_says(void **state)
{
    (void)state;
    char path[512];

    setenv("HOME", "/home/someone", 1);
    setenv("XDG_CONFIG_HOME", "/there", 1);
    assert_true(settings_path(path, sizeof path));
    assert_string_equal(path, "/there/ringside/settings.json");
    setenv("XDG_CONFIG_HOME", "relative", 1);
    assert_true(settings_path(path, sizeof path));
    assert_string_equal(path, "/home/someone/.config/ringside/settings.json");
    unsetenv("XDG_CONFIG_HOME");
    unsetenv("HOME");
    assert_false(settings_path(path, sizeof path));
}

static void test_what_is_saved_comes_back(void **state)
{
    (void)state;
    struct ui_settings settings = {"contrast", "lecture", "builtin", 150, true};
    struct ui_settings back;
    struct err err = {0};

    unlink(FILE_NAME);
    assert_true(settings_save(&settings, FILE_NAME, &err));
    assert_true(settings_load(&back, FILE_NAME, &err));
    assert_string_equal(back.theme, "contrast");
    assert_string_equal(back.preset, "lecture");
    assert_string_equal(back.font, "builtin");
    assert_int_equal(back.font_scale, 150);
    assert_true(back.hide_help);
}

static void test_missing_file_chooses_nothing(void **state)
{
    (void)state;
    struct ui_settings settings;
    struct err err = {0};

    assert_true(settings_load(&settings, SETTINGS_FOLDER "/none.json", &err));
    assert_string_equal(settings.theme, "");
    assert_int_equal(settings.font_scale, 0);
}

static void test_wrong_files_are_refused_in_one_line_and_not_used(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        const char *says;
    } rows[] = {
        {"", "end of file"},
        {"{\"theme\": \"dark\"", "settings.json:1:"},
        {"[1]", "must be an object"},
        {"{\"theme\": \"pink\"}", "no theme \"pink\""},
        {"{\"theme\": 3}", "\"theme\" must be a text"},
        {"{\"preset\": \"nothing\"}", "no preset"},
        {"{\"font_scale\": 9}", "font_scale"},
        {"{\"font_scale\": \"big\"}", "font_scale"},
        {"{\"help\": 1}", "\"help\" must be true or false"},
        {"{\"theme\": \"light\", \"help\": 1}", "\"help\""},
    };

    for (size_t index = 0; index < sizeof rows / sizeof rows[0]; index++) {
        struct ui_settings settings;
        struct err err = {0};
        write_file(rows[index].text);
        assert_false(settings_load(&settings, FILE_NAME, &err));
        if (!strstr(err.message, rows[index].says) || strchr(err.message, '\n')) {
            fail_msg("%s: %s", rows[index].text, err.message);
        }
        assert_string_equal(settings.theme, "");
    }
}

static void test_settings_that_can_not_be_written_are_named(void **state)
{
    (void)state;
    struct ui_settings settings = {.theme = "dark"};
    struct err err = {0};

    assert_false(settings_save(&settings, "/proc/nowhere/settings.json", &err));
    assert_non_null(strstr(err.message, "/proc/nowhere/settings.json"));
}

static void test_options_go_before_settings_and_settings_before_defaults(void **state)
{
    (void)state;
    struct ui_options options = {.settings = true, .theme = "contrast"};
    struct ui *ui = calloc(1, sizeof *ui);

    setenv("XDG_CONFIG_HOME", SETTINGS_FOLDER, 1);
    write_file("{\"theme\": \"light\", \"font_scale\": 130, \"preset\": \"memory\"}");
    assert_true(ui_open(ui, &options, NULL));
    assert_int_equal(ui->look.theme, THEME_CONTRAST);
    assert_int_equal(ui->look.font_scale, 130);
    assert_int_equal(ui->preset, PRESET_MEMORY);
    ui_close(ui);
    free(ui);
}

static void test_a_preset_s_look_is_given_back(void **state)
{
    (void)state;
    struct ui_options options = {.font_scale = 120};
    struct ui *ui = calloc(1, sizeof *ui);

    assert_true(ui_open(ui, &options, NULL));
    ui_use_preset(ui, PRESET_LECTURE);
    assert_int_equal(ui->look.theme, THEME_LIGHT);
    assert_int_equal(13 * ui->look.font_scale / 100, 20); /* pixels */
    ui_use_preset(ui, PRESET_INTERRUPT);
    assert_int_equal(ui->look.theme, THEME_DARK);
    assert_int_equal(ui->look.font_scale, 120);
    ui_close(ui);
    free(ui);
}

static void test_speeds_are_read(void **state)
{
    (void)state;
    struct ui_speed speed;

    assert_true(ui_speed_parse("10", &speed));
    assert_int_equal(speed.unit, SPEED_INSTRUCTIONS);
    assert_int_equal(speed.rate, 10);
    assert_true(ui_speed_parse("2M clocks", &speed));
    assert_int_equal(speed.unit, SPEED_CLOCKS);
    assert_int_equal(speed.rate, 2000000);
    assert_true(ui_speed_parse("real", &speed));
    assert_int_equal(speed.unit, SPEED_REAL);
    assert_false(ui_speed_parse("0", &speed));
    assert_false(ui_speed_parse("-3", &speed));
    assert_false(ui_speed_parse("10 bananas", &speed));
    assert_false(ui_speed_parse("2000000000", &speed));
    assert_false(ui_speed_parse("99999999999999999999M", &speed));
}

/* The first word of a command is one of the window's or of the session's. */
static bool command_exists(const char *command)
{
    size_t length = strcspn(command, " ");
    const char *name;
    const char *key;
    const char *text;

    for (size_t index = 0; ui_command_help(index, &name, &text); index++) {
        if (strcspn(name, " ") == length && strncmp(name, command, length) == 0) {
            return true;
        }
    }
    for (size_t index = 0; session_command_help(index, &name, &key, &text); index++) {
        if (strcspn(name, " ") == length && strncmp(name, command, length) == 0) {
            return true;
        }
    }
    return false;
}

static void test_every_action_of_a_key_has_a_command(void **state)
{
    (void)state;
    const struct ui_action_info *row;

    for (size_t index = 0; (row = ui_action_row(index)) != NULL; index++) {
        if (row->action != ACTION_COMMAND && !command_exists(row->command)) {
            fail_msg("%s: there is no command %s", row->text, row->command);
        }
        if (row->shifted && !command_exists(row->back)) {
            fail_msg("%s: there is no command %s", row->shifted, row->back);
        }
    }
}

static int prepare(void **state)
{
    struct ui_settings none = {0};

    (void)state;
    return settings_save(&none, FILE_NAME, NULL) ? 0 : -1;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_file_lies_where_xdg_says),
        cmocka_unit_test(test_what_is_saved_comes_back),
        cmocka_unit_test(test_missing_file_chooses_nothing),
        cmocka_unit_test(test_wrong_files_are_refused_in_one_line_and_not_used),
        cmocka_unit_test(test_settings_that_can_not_be_written_are_named),
        cmocka_unit_test(test_options_go_before_settings_and_settings_before_defaults),
        cmocka_unit_test(test_a_preset_s_look_is_given_back),
        cmocka_unit_test(test_speeds_are_read),
        cmocka_unit_test(test_every_action_of_a_key_has_a_command),
    };

    return cmocka_run_group_tests(tests, prepare, NULL);
}
