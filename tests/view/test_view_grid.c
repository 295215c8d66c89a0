/* The grid: clipping under random input, UTF-8, the text dump; painting only what differs.
 * SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "emu/paint_cells.h"

static uint64_t random_state = 88172645463325252u;

static uint32_t random32(void)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return (uint32_t)(random_state >> 16);
}

/* Coordinates near the edges, inside, and absurd. */
static uint32_t random_coordinate(void)
{
    switch (random32() % 4) {
    case 0:
        return random32() % 40;
    case 1:
        return UINT32_MAX - random32() % 4;
    case 2:
        return random32();
    default:
        return random32() % 12;
    }
}

static void test_grid_drawing_stays_inside_its_area(void **state)
{
    (void)state;
    struct cell cells[32 * 16];
    struct grid grid = {32, 16, cells};

    for (uint32_t round = 0; round < 20000; round++) {
        struct rect area = rect_part(grid_whole(&grid), random32() % 40, random32() % 20,
                                     random_coordinate(), random_coordinate());
        char text[24];
        for (size_t index = 0; index < sizeof text; index++) {
            text[index] = (char)random32();
        }
        text[sizeof text - 1] = '\0';
        memset(cells, 0, sizeof cells);

        grid_text(&grid, area, random_coordinate(), random_coordinate(),
                  (struct pen){ROLE_TEXT, 0, 1}, text);
        grid_mark_row(&grid, area, random_coordinate(), (struct pen){ROLE_TEXT, 0, 1});

        for (uint32_t at = 0; at < 32 * 16; at++) {
            bool inside = at % 32 - area.column < area.columns && at / 32 - area.row < area.rows;
            if (!inside && cells[at].link != 0) {
                fail_msg("cell %u,%u drawn outside %u,%u %ux%u", at % 32, at / 32, area.column,
                         area.row, area.columns, area.rows);
            }
        }
    }
}

static void test_rect_part_never_exceeds_the_outer_one(void **state)
{
    (void)state;
    struct rect outer = {3, 4, 10, 5};

    struct rect inside = rect_part(outer, 8, 4, 100, 100);
    struct rect nothing = rect_part(outer, 10, 0, 1, 1);

    assert_int_equal(inside.column, 11);
    assert_int_equal(inside.row, 8);
    assert_int_equal(inside.columns, 2);
    assert_int_equal(inside.rows, 1);
    assert_int_equal(nothing.columns, 0);
}

static void test_utf8_decode_rejects_overlong_and_broken_sequences(void **state)
{
    (void)state;
    uint32_t glyph;

    assert_int_equal(utf8_decode("\xE2\x96\xBA", &glyph), 3);
    assert_int_equal(glyph, 0x25BA);
    assert_int_equal(utf8_decode("\xC0\x80", &glyph), 1);
    assert_int_equal(glyph, '?');
    assert_int_equal(utf8_decode("\xE2\x96", &glyph), 1);
    assert_int_equal(glyph, '?');
    assert_int_equal(utf8_decode("\xED\xA0\x80", &glyph), 1); /* a surrogate */
    assert_int_equal(glyph, '?');
    assert_int_equal(utf8_decode("", &glyph), 0);
}

static void test_utf8_encode_and_decode_agree(void **state)
{
    (void)state;
    static const uint32_t points[] = {'A', 0x7F + 1, 0x7FF, 0x800, 0xFFFD, 0x10000, 0x10FFFF};

    for (size_t index = 0; index < sizeof points / sizeof points[0]; index++) {
        char bytes[5] = {0};
        uint32_t glyph;
        uint32_t length = utf8_encode(points[index], bytes);

        assert_int_equal(utf8_decode(bytes, &glyph), length);
        assert_int_equal(glyph, points[index]);
    }
}

static void test_text_dump_cuts_trailing_blanks(void **state)
{
    (void)state;
    struct cell cells[8 * 2] = {0};
    struct grid grid = {8, 2, cells};
    char *text = NULL;
    size_t bytes = 0;
    FILE *file = open_memstream(&text, &bytes);

    grid_text(&grid, grid_whole(&grid), 1, 0, (struct pen){ROLE_TEXT, 0, 0}, "\xC3\xA4 b  ");
    assert_true(grid_dump_text(&grid, file));
    fclose(file);

    assert_string_equal(text, " \xC3\xA4 b\n\n");
    free(text);
}

static void test_painting_touches_only_cells_that_differ(void **state)
{
    (void)state;
    struct font_face *face = font_face_open("builtin", 100, NULL);
    struct paint_palette *palette = malloc(sizeof *palette);
    struct cell cells[4 * 3] = {0};
    struct cell old[4 * 3] = {0};
    struct grid grid = {4, 3, cells};
    struct grid shown = {4, 3, old};
    uint32_t pixels[32 * 48] = {0};
    struct paint_target target = {pixels, 32, 48};
    uint32_t first;
    uint32_t end;
    paint_palette(palette, THEME_DARK);

    grid_put(&grid, grid_whole(&grid), 2, 1, (struct pen){ROLE_TEXT, 0, 0}, 0x2588);
    uint32_t painted = paint_grid(&target, &grid, &shown, palette, face, &first, &end);
    uint32_t again = paint_grid(&target, &grid, &shown, palette, face, &first, &end);

    assert_int_equal(painted, 1);
    assert_int_equal(again, 0);
    assert_int_equal(pixels[16 * 32 + 16], palette->ink[ROLE_TEXT]);
    assert_int_equal(pixels[16 * 32 + 15], 0);
    assert_int_equal(pixels[15 * 32 + 16], 0);
    free(palette);
    font_face_close(face);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_grid_drawing_stays_inside_its_area),
        cmocka_unit_test(test_rect_part_never_exceeds_the_outer_one),
        cmocka_unit_test(test_utf8_decode_rejects_overlong_and_broken_sequences),
        cmocka_unit_test(test_utf8_encode_and_decode_agree),
        cmocka_unit_test(test_text_dump_cuts_trailing_blanks),
        cmocka_unit_test(test_painting_touches_only_cells_that_differ),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
