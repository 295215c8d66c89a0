/* What typed text and keys become: set 1 scancodes of a US keyboard, terminal sequences, and the
 * debugger's actions.
 * SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "emu/ui_actions.h"
#include "emu/ui_scancodes.h"

/* IBM PC/AT Technical Reference, scan code set 1: text of hexadecimal bytes for each character. */
static const struct {
    char character;
    bool control;
    const char *expected;
} strokes[] = {
    {'a', false, "1E9E"},     {'z', false, "2CAC"},     {'A', false, "2A1E9EAA"},
    {'1', false, "0282"},     {'0', false, "0B8B"},     {'!', false, "2A0282AA"},
    {'-', false, "0C8C"},     {'_', false, "2A0C8CAA"}, {'\\', false, "2BAB"},
    {'|', false, "2A2BABAA"}, {'/', false, "35B5"},     {'?', false, "2A35B5AA"},
    {'~', false, "2A29A9AA"}, {'`', false, "29A9"},     {' ', false, "39B9"},
    {'"', false, "2A28A8AA"}, {'c', true, "1D2EAE9D"},  {'z', true, "1D2CAC9D"},
    {'\\', true, "1D2BAB9D"},
};

static void expect_bytes(const char *what, const uint8_t *bytes, size_t count, const char *expected)
{
    char text[2 * SCANCODES_MAX + 1] = "";

    for (size_t index = 0; index < count; index++) {
        snprintf(text + index * 2, 3, "%02X", bytes[index]);
    }
    if (strcmp(text, expected) != 0) {
        fail_msg("%s: %s in place of %s", what, text, expected);
    }
}

static void test_characters_become_us_keyboard_strokes(void **state)
{
    (void)state;
    for (size_t index = 0; index < sizeof strokes / sizeof strokes[0]; index++) {
        uint8_t bytes[SCANCODES_MAX];
        char what[4] = {strokes[index].character, 0};

        size_t count = ui_scancodes_of_character((unsigned char)strokes[index].character,
                                                 strokes[index].control, bytes);

        expect_bytes(what, bytes, count, strokes[index].expected);
    }
}

static void test_every_printable_ascii_character_can_be_typed(void **state)
{
    (void)state;
    for (uint32_t character = 0x20; character < 0x7F; character++) {
        uint8_t bytes[SCANCODES_MAX];
        if (ui_scancodes_of_character(character, false, bytes) == 0) {
            fail_msg("%c can not be typed", (char)character);
        }
    }
}

static void test_characters_beyond_the_keyboard_are_refused(void **state)
{
    (void)state;
    uint8_t bytes[SCANCODES_MAX];

    assert_int_equal(ui_scancodes_of_character(0xE4, false, bytes), 0);
    assert_int_equal(ui_scancodes_of_character(0, false, bytes), 0);
}

static void test_arrows_are_extended_keys(void **state)
{
    (void)state;
    uint8_t bytes[SCANCODES_MAX];

    size_t count = ui_scancodes_of_key(UI_KEY_UP, false, false, bytes);
    expect_bytes("up", bytes, count, "E048E0C8");
    count = ui_scancodes_of_key(UI_KEY_F12, false, false, bytes);
    expect_bytes("F12", bytes, count, "58D8");
    count = ui_scancodes_of_key(UI_KEY_DELETE, true, true, bytes);
    expect_bytes("Control Delete", bytes, count, "1DE053E0D39D");
}

static void test_keys_of_the_serial_line_are_terminal_sequences(void **state)
{
    (void)state;
    uint8_t bytes[SCANCODES_MAX];

    expect_bytes("enter", bytes, ui_serial_of_key(UI_KEY_ENTER, bytes), "0D");
    expect_bytes("left", bytes, ui_serial_of_key(UI_KEY_LEFT, bytes), "1B5B44");
}

static void test_every_f_key_action_has_a_letter(void **state)
{
    (void)state;
    const struct ui_action_info *row;
    bool shifted;

    for (size_t index = 0; (row = ui_action_row(index)) != NULL; index++) {
        if (row->f_key != 0) {
            assert_int_not_equal(row->letter, 0);
            assert_int_equal(ui_action_of_f_key(row->f_key), row->action);
        }
        if (row->letter != 0) {
            assert_int_equal(ui_action_of_text(row->letter, &shifted), row->action);
        }
    }
}

static void test_letters_and_f_keys_are_used_once(void **state)
{
    (void)state;
    const struct ui_action_info *row;
    const struct ui_action_info *other;

    for (size_t index = 0; (row = ui_action_row(index)) != NULL; index++) {
        for (size_t before = 0; before < index; before++) {
            other = ui_action_row(before);
            assert_true(row->letter == 0 || row->letter != other->letter);
            assert_true(row->f_key == 0 || row->f_key != other->f_key);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_characters_become_us_keyboard_strokes),
        cmocka_unit_test(test_every_printable_ascii_character_can_be_typed),
        cmocka_unit_test(test_characters_beyond_the_keyboard_are_refused),
        cmocka_unit_test(test_arrows_are_extended_keys),
        cmocka_unit_test(test_keys_of_the_serial_line_are_terminal_sequences),
        cmocka_unit_test(test_every_f_key_action_has_a_letter),
        cmocka_unit_test(test_letters_and_f_keys_are_used_once),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
