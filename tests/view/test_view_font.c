/* The built-in font: every character that the program or a PC's screen shows has a drawing, and
 * no two look the same.
 * SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "emu/font_builtin.h"
#include "emu/grid.h"
#include "emu/ui_font_face.h"
#include "emu/view_cp437.h"

static void test_font_draws_every_cp437_character(void **state)
{
    (void)state;
    uint8_t rows[FONT_BUILTIN_HEIGHT];

    for (uint32_t code = 0; code < 256; code++) {
        uint32_t glyph = cp437_to_unicode((uint8_t)code);
        if (!font_builtin_glyph(glyph, rows)) {
            fail_msg("code %02X (U+%04X) has no drawing", code, glyph);
        }
    }
}

static void test_font_draws_latin1(void **state)
{
    (void)state;
    uint8_t rows[FONT_BUILTIN_HEIGHT];

    for (uint32_t glyph = 0xA0; glyph < 0x100; glyph++) {
        if (!font_builtin_glyph(glyph, rows)) {
            fail_msg("U+%04X has no drawing", glyph);
        }
    }
}

static void test_font_draws_the_marks_of_the_views(void **state)
{
    (void)state;
    uint8_t rows[FONT_BUILTIN_HEIGHT];
    const char *marks = "►●✓·│┊─═…";
    uint32_t glyph;
    uint32_t length;

    while ((length = utf8_decode(marks, &glyph)) != 0) {
        assert_true(font_builtin_glyph(glyph, rows));
        marks += length;
    }
}

static void test_font_ascii_glyphs_differ_from_each_other(void **state)
{
    (void)state;
    uint8_t all[0x7F - 0x20][FONT_BUILTIN_HEIGHT];

    for (uint32_t index = 0; index < 0x7F - 0x20; index++) {
        font_builtin_glyph(0x20 + index, all[index]);
        for (uint32_t other = 0; other < index; other++) {
            if (memcmp(all[index], all[other], sizeof all[0]) == 0) {
                fail_msg("%c and %c look the same", (char)(0x20 + index), (char)(0x20 + other));
            }
        }
    }
}

static void test_font_box_lines_reach_the_edges(void **state)
{
    (void)state;
    uint8_t level[FONT_BUILTIN_HEIGHT];
    uint8_t upright[FONT_BUILTIN_HEIGHT];
    uint8_t corner[FONT_BUILTIN_HEIGHT];

    font_builtin_glyph(0x2500, level);
    font_builtin_glyph(0x2502, upright);
    font_builtin_glyph(0x2554, corner); /* double, down and right */

    assert_int_equal(level[7], 0xFF);
    for (uint32_t row = 0; row < FONT_BUILTIN_HEIGHT; row++) {
        assert_int_equal(upright[row], 0x18);
    }
    assert_int_equal(corner[5], 0x00);
    assert_int_equal(corner[6], 0x3F);
    assert_int_equal(corner[7], 0x20);
    assert_int_equal(corner[8], 0x27);
    assert_int_equal(corner[15], 0x24);
}

static void test_font_unknown_glyph_is_a_box_and_says_so(void **state)
{
    (void)state;
    uint8_t rows[FONT_BUILTIN_HEIGHT];

    assert_false(font_builtin_glyph(0x4E00, rows));
    assert_int_equal(rows[2], 0x7E);
}

static void test_font_file_that_is_none_is_refused_with_its_name(void **state)
{
    (void)state;
    struct err err = {0};

    assert_null(font_face_open("/nonexistent/letters.ttf", 100, &err));
    assert_non_null(strstr(err.message, "/nonexistent/letters.ttf"));
    assert_int_equal(err.status, 2);
}

static void test_font_builtin_scales_by_whole_pixels(void **state)
{
    (void)state;
    struct font_face *face = font_face_open("builtin", 200, NULL);

    const uint8_t *glyph = font_face_glyph(face, 'I', false);

    assert_int_equal(font_face_width(face), 16);
    assert_int_equal(font_face_height(face), 32);
    assert_int_equal(glyph[4 * 16 + 2], 255); /* left end of the serif, doubled */
    assert_int_equal(glyph[4 * 16 + 1], 0);
    font_face_close(face);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_font_draws_every_cp437_character),
        cmocka_unit_test(test_font_draws_latin1),
        cmocka_unit_test(test_font_draws_the_marks_of_the_views),
        cmocka_unit_test(test_font_ascii_glyphs_differ_from_each_other),
        cmocka_unit_test(test_font_box_lines_reach_the_edges),
        cmocka_unit_test(test_font_unknown_glyph_is_a_box_and_says_so),
        cmocka_unit_test(test_font_file_that_is_none_is_refused_with_its_name),
        cmocka_unit_test(test_font_builtin_scales_by_whole_pixels),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
