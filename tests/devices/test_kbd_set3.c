/* Scan code set 3 of the keyboard: codes, key types, commands F7h to FDh, translation.
 * See: IBM Personal System/2 Hardware Interface Technical Reference, "Keyboard".
 * SPDX-License-Identifier: MIT */
#include "devices/keyboard_set3.h"
#include "pc_fixture.h"

#define BYTE_TIME 88000u

static uint32_t next_byte(struct fixture *f, uint64_t *now)
{
    *now += BYTE_TIME;
    assert_int_equal(in8(f, 0x64, *now) & 1, 1);
    return in8(f, 0x60, *now);
}

/* Nothing comes, however long one waits. */
static void assert_silent(struct fixture *f, uint64_t *now)
{
    *now += 4 * BYTE_TIME;
    assert_int_equal(in8(f, 0x64, *now) & 1, 0);
}

static void command(struct fixture *f, uint8_t byte, uint64_t *now)
{
    out8(f, 0x60, byte, *now);
    assert_int_equal(next_byte(f, now), 0xFA);
}

/* command_byte: 25h: no translation; 65h: translation. */
static void choose_set3(struct fixture *f, uint8_t command_byte, uint64_t *now)
{
    out8(f, 0x64, 0x60, *now);
    out8(f, 0x60, command_byte, *now);
    command(f, 0xF0, now);
    command(f, 0x03, now);
}

static void keys(struct fixture *f, uint64_t now, const uint8_t *bytes, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        assert_true(pc_key(f->pc, bytes[i], now));
    }
}
#define KEYS(f, now, ...)                                                                          \
    keys(f, now, (const uint8_t[]){__VA_ARGS__}, sizeof((uint8_t[]){__VA_ARGS__}))

static void test_kbd_set3_is_chosen_and_shown(void **context)
{
    struct fixture *f = *context;
    uint64_t now = 0;
    choose_set3(f, 0x25, &now);
    command(f, 0xF0, &now);
    command(f, 0x00, &now);
    assert_int_equal(next_byte(f, &now), 0x03);

    out8(f, 0x64, 0x60, now);
    out8(f, 0x60, 0x65, now);
    command(f, 0xF0, &now);
    command(f, 0x00, &now);

    assert_int_equal(next_byte(f, &now), 0x3F); /* 3, translated */
}

/* Letters repeat and do not tell their release; shift, control, Alt and Caps Lock do the opposite;
 * function keys and the right-hand Alt tell their make only, once. */
static void test_kbd_set3_default_types(void **context)
{
    struct fixture *f = *context;
    uint64_t now = 0;
    choose_set3(f, 0x25, &now);

    KEYS(f, now, 0x1E, 0x1E, 0x9E); /* A */
    assert_int_equal(next_byte(f, &now), 0x1C);
    assert_int_equal(next_byte(f, &now), 0x1C);
    assert_silent(f, &now);
    KEYS(f, now, 0x2A, 0x2A, 0xAA); /* left shift */
    assert_int_equal(next_byte(f, &now), 0x12);
    assert_int_equal(next_byte(f, &now), 0xF0);
    assert_int_equal(next_byte(f, &now), 0x12);
    assert_silent(f, &now);
    KEYS(f, now, 0x3B, 0x3B, 0xBB); /* F1 */
    assert_int_equal(next_byte(f, &now), 0x07);
    assert_silent(f, &now);
    KEYS(f, now, 0xE0, 0x38, 0xE0, 0x38, 0xE0, 0xB8); /* right Alt */
    assert_int_equal(next_byte(f, &now), 0x39);
    assert_silent(f, &now);
}

/* Keys with prefixes in the other sets have one byte here: right control, cursor up, Insert, keypad
 * divide and Enter, Print Screen with its shifts, Pause. */
static void test_kbd_set3_has_no_prefixes(void **context)
{
    struct fixture *f = *context;
    uint64_t now = 0;
    choose_set3(f, 0x25, &now);
    KEYS(f, now, 0xE0, 0x1D, 0xE0, 0x9D, 0xE0, 0x48, 0xE0, 0xC8, 0xE0, 0x52, 0xE0, 0xD2);
    KEYS(f, now, 0xE0, 0x35, 0xE0, 0xB5, 0xE0, 0x1C, 0xE0, 0x9C);
    KEYS(f, now, 0xE0, 0x2A, 0xE0, 0x37, 0xE0, 0xB7, 0xE0, 0xAA);
    KEYS(f, now, 0xE1, 0x1D, 0x45, 0xE1, 0x9D, 0xC5, 0x45);
    static const uint8_t expected[] = {0x58, 0x63, 0x67, 0x77, 0x79, 0x57, 0x62, 0x76};

    for (size_t i = 0; i < sizeof(expected); i++) {
        assert_int_equal(next_byte(f, &now), expected[i]);
    }
    assert_silent(f, &now);
}

static void test_kbd_set3_types_of_all_keys_f7h_to_fah(void **context)
{
    static const struct {
        uint8_t command;
        uint8_t expected[4]; /* of a make, a repeated one and a break; 0 ends */
    } kinds[] = {{0xF7, {0x1C, 0x1C, 0}},
                 {0xF8, {0x1C, 0xF0, 0x1C, 0}},
                 {0xF9, {0x1C, 0}},
                 {0xFA, {0x1C, 0x1C, 0xF0, 0x1C}}};
    struct fixture *f = *context;
    uint64_t now = 0;
    choose_set3(f, 0x25, &now);

    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        command(f, kinds[i].command, &now);
        KEYS(f, now, 0x1E, 0x1E, 0x9E);
        for (size_t n = 0; n < 4 && kinds[i].expected[n]; n++) {
            assert_int_equal(next_byte(f, &now), kinds[i].expected[n]);
        }
        assert_silent(f, &now);
    }
}

/* The keys' codes follow until the next command. */
static void test_kbd_set3_types_of_single_keys_fbh_to_fdh(void **context)
{
    struct fixture *f = *context;
    uint64_t now = 0;
    choose_set3(f, 0x25, &now);
    command(f, 0xFC, &now); /* make and break: A, B */
    command(f, 0x1C, &now);
    command(f, 0x32, &now);
    command(f, 0xFD, &now); /* make only: left shift */
    command(f, 0x12, &now);
    command(f, 0xFB, &now); /* typematic: F1 */
    command(f, 0x07, &now);
    command(f, 0xF4, &now);

    KEYS(f, now, 0x1E, 0x1E, 0x9E, 0x30, 0xB0, 0x2A, 0xAA, 0x3B, 0x3B, 0xBB, 0x2E, 0xAE);
    static const uint8_t expected[] = {0x1C, 0xF0, 0x1C, 0x32, 0xF0, 0x32, 0x12, 0x07, 0x07, 0x21};

    for (size_t i = 0; i < sizeof(expected); i++) {
        assert_int_equal(next_byte(f, &now), expected[i]);
    }
    assert_silent(f, &now);
}

/* F6h and FFh bring set 2 and the types back. */
static void test_kbd_set3_defaults_bring_the_types_back(void **context)
{
    struct fixture *f = *context;
    uint64_t now = 0;
    choose_set3(f, 0x25, &now);
    command(f, 0xF8, &now);
    command(f, 0xF6, &now);
    assert_int_equal(f->state.keyboard.scan_set, 2);

    choose_set3(f, 0x25, &now);
    KEYS(f, now, 0x1E, 0x9E);

    assert_int_equal(next_byte(f, &now), 0x1C);
    assert_silent(f, &now);
}

/* With translation a letter is what set 1 has, F1 is what the table makes of 07h. */
static void test_kbd_set3_translated(void **context)
{
    struct fixture *f = *context;
    uint64_t now = 0;
    choose_set3(f, 0x65, &now);
    KEYS(f, now, 0x1E, 0x9E, 0x2A, 0xAA, 0x3B, 0xBB);
    static const uint8_t expected[] = {0x1E, 0x2A, 0xAA, 0x58};

    for (size_t i = 0; i < sizeof(expected); i++) {
        assert_int_equal(next_byte(f, &now), expected[i]);
    }
    assert_silent(f, &now);
}

/* Sixteen bytes; a break that has no room for both of its bytes is refused whole, and may be tried
 * again. */
static void test_kbd_set3_queue_takes_a_break_whole_or_not(void **context)
{
    struct fixture *f = *context;
    uint64_t now = 0;
    choose_set3(f, 0x25, &now);
    KEYS(f, now, 0x2A);
    for (uint32_t i = 0; i < 14; i++) {
        KEYS(f, now, 0x1E);
    }
    assert_false(pc_key(f->pc, 0xAA, now));
    assert_int_equal(next_byte(f, &now), 0x12);

    KEYS(f, now, 0xAA);

    for (uint32_t i = 0; i < 14; i++) {
        assert_int_equal(next_byte(f, &now), 0x1C);
    }
    assert_int_equal(next_byte(f, &now), 0xF0);
    assert_int_equal(next_byte(f, &now), 0x12);
    assert_silent(f, &now);
}

static void test_kbd_set3_check_rejects_an_unknown_prefix(void **context)
{
    struct fixture *f = *context;

    f->state.keyboard.prefix = 0x45;

    assert_string_equal(pc_check(&f->state), "keyboard: unknown prefix");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FIXTURE_CASE(test_kbd_set3_is_chosen_and_shown),
        FIXTURE_CASE(test_kbd_set3_default_types),
        FIXTURE_CASE(test_kbd_set3_has_no_prefixes),
        FIXTURE_CASE(test_kbd_set3_types_of_all_keys_f7h_to_fah),
        FIXTURE_CASE(test_kbd_set3_types_of_single_keys_fbh_to_fdh),
        FIXTURE_CASE(test_kbd_set3_defaults_bring_the_types_back),
        FIXTURE_CASE(test_kbd_set3_translated),
        FIXTURE_CASE(test_kbd_set3_queue_takes_a_break_whole_or_not),
        FIXTURE_CASE(test_kbd_set3_check_rejects_an_unknown_prefix),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
