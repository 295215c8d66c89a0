/* Arrangements of panels: their text, what fits at any size, panels that come and go, lines that
 * are moved; the presets.
 * SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "emu/ui_layout.h"
#include "emu/ui_presets.h"

#define EXAMPLE "@80: screen@26 inside*2~ console- | registers@10 [program*11 vector*9] stacks"

static struct ui_shape parse(const char *text)
{
    struct ui_shape shape;
    struct err err = {0};

    if (!shape_parse(&shape, text, &err)) {
        fail_msg("%s: %s", text, err.message);
    }
    return shape;
}

static struct rect area_of(const struct ui_shape *shape, uint32_t columns, uint32_t rows,
                           enum ui_panel panel)
{
    struct rect panels[PANEL_COUNT];

    shape_place(shape, (struct rect){0, 0, columns, rows}, panels);
    return panels[panel];
}

static void expect_area(struct rect area, uint32_t column, uint32_t row, uint32_t columns,
                        uint32_t rows)
{
    assert_int_equal(area.column, column);
    assert_int_equal(area.row, row);
    assert_int_equal(area.columns, columns);
    assert_int_equal(area.rows, rows);
}

static void test_text_survives_parsing_and_printing(void **state)
{
    (void)state;
    struct ui_shape shape = parse(EXAMPLE);
    char text[SHAPE_TEXT_BYTES];

    shape_print(&shape, text);

    assert_string_equal(text, EXAMPLE);
}

static void test_wrong_texts_are_refused_with_their_column(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        const char *start;
    } rows[] = {
        {"", "column 1: a column holds"},
        {"screen | ", "column 10: a column holds"},
        {"screen nonsense", "column 8: a panel's word"},
        {"screen stacks screen", "column 15: this panel is there already"},
        {"[screen screen]", "column 9: this panel is there already"},
        {"[screen", "column 8: a panel's word"},
        {"[]", "column 2: brackets"},
        {"screen@", "column 8: a number"},
        {"screen*0", "column 9: a size is"},
        {"screen@1000", "column 12: a size is"},
        {"[screen stacks console boot]", "column 24: at most three"},
    };

    for (size_t index = 0; index < sizeof rows / sizeof rows[0]; index++) {
        struct ui_shape shape = {0};
        struct err err = {0};
        assert_false(shape_parse(&shape, rows[index].text, &err));
        if (strncmp(err.message, rows[index].start, strlen(rows[index].start)) != 0) {
            fail_msg("%s: %s", rows[index].text, err.message);
        }
        assert_int_equal(shape.count, 0);
    }
}

static void test_fixed_sizes_come_first_and_shares_divide_the_rest(void **state)
{
    (void)state;
    struct ui_shape shape = parse(EXAMPLE);

    expect_area(area_of(&shape, 161, 50, PANEL_SCREEN), 0, 0, 80, 26);
    expect_area(area_of(&shape, 161, 50, PANEL_MICROSTEPS), 0, 26, 80, 16);
    expect_area(area_of(&shape, 161, 50, PANEL_CONSOLE), 0, 42, 80, 8);
    expect_area(area_of(&shape, 161, 50, PANEL_REGISTERS), 81, 0, 80, 10);
    expect_area(area_of(&shape, 161, 50, PANEL_DISASSEMBLY), 81, 10, 43, 20);
    expect_area(area_of(&shape, 161, 50, PANEL_VECTORS), 125, 10, 36, 20);
    expect_area(area_of(&shape, 161, 50, PANEL_STACKS), 81, 30, 80, 20);
}

static void test_without_room_the_marked_panel_goes_first_then_the_last(void **state)
{
    (void)state;
    struct ui_shape shape = parse(EXAMPLE);

    shape_fit(&shape, (struct rect){0, 0, 160, 36}, PANEL_STACKS);
    assert_false(shape_has(&shape, PANEL_CONSOLE));
    assert_true(shape_has(&shape, PANEL_MICROSTEPS));
    shape_fit(&shape, (struct rect){0, 0, 160, 30}, PANEL_STACKS);
    assert_false(shape_has(&shape, PANEL_MICROSTEPS));
    assert_true(shape_has(&shape, PANEL_VECTORS));
    shape_fit(&shape, (struct rect){0, 0, 110, 30}, PANEL_STACKS);
    assert_false(shape_has(&shape, PANEL_VECTORS));
    assert_true(shape_has(&shape, PANEL_REGISTERS));
    shape_fit(&shape, (struct rect){0, 0, 100, 30}, PANEL_STACKS);
    assert_false(shape_has(&shape, PANEL_REGISTERS));
    assert_true(shape_has(&shape, PANEL_STACKS));
}

static void test_the_panel_in_focus_is_kept_to_the_last(void **state)
{
    (void)state;

    for (uint32_t rows = 1; rows < 60; rows++) {
        for (uint32_t columns = 10; columns < 200; columns += 7) {
            struct ui_shape shape = parse(EXAMPLE);
            shape_fit(&shape, (struct rect){0, 0, columns, rows}, PANEL_CONSOLE);
            assert_true(shape_has(&shape, PANEL_CONSOLE));
        }
    }
}

/* At every size the panels cover the area, but for the bars, and none covers another. */
static void test_panels_never_overlap_and_leave_only_bars_free(void **state)
{
    (void)state;
    static unsigned char seen[60][200];

    for (uint32_t preset = 0; preset < PRESET_COUNT; preset++) {
        for (uint32_t rows = 16; rows < 60; rows += 3) {
            struct ui_shape shape = parse(preset_info((enum ui_preset)preset)->narrow);
            struct rect panels[PANEL_COUNT];
            uint32_t covered = 0;
            memset(seen, 0, sizeof seen);
            shape_fit(&shape, (struct rect){0, 0, 100, rows}, PANEL_COUNT);
            shape_place(&shape, (struct rect){0, 0, 100, rows}, panels);
            for (uint32_t panel = 0; panel < PANEL_COUNT; panel++) {
                for (uint32_t y = 0; y < panels[panel].rows && panels[panel].columns; y++) {
                    for (uint32_t x = 0; x < panels[panel].columns; x++) {
                        assert_int_equal(seen[panels[panel].row + y][panels[panel].column + x]++,
                                         0);
                        covered++;
                    }
                }
            }
            assert_true(covered + 3 * rows >= 100 * rows);
        }
    }
}

static void test_an_opened_panel_stands_below_the_focus_and_closes_again(void **state)
{
    (void)state;
    struct ui_shape shape = parse("screen | registers@10 stacks");
    char text[SHAPE_TEXT_BYTES];

    assert_true(shape_open(&shape, PANEL_BOOT, PANEL_REGISTERS));
    assert_false(shape_open(&shape, PANEL_BOOT, PANEL_REGISTERS));
    shape_print(&shape, text);
    assert_string_equal(text, "screen | registers@10 boot stacks");
    assert_true(shape_close(&shape, PANEL_SCREEN));
    assert_true(shape_close(&shape, PANEL_BOOT));
    assert_true(shape_close(&shape, PANEL_STACKS));
    assert_false(shape_close(&shape, PANEL_REGISTERS));
    shape_print(&shape, text);
    assert_string_equal(text, "registers@10");
}

static void test_focus_goes_round_in_reading_order(void **state)
{
    (void)state;
    struct ui_shape shape = parse("screen | [program vector] stacks");

    assert_int_equal(shape_next(&shape, PANEL_SCREEN, false), PANEL_DISASSEMBLY);
    assert_int_equal(shape_next(&shape, PANEL_DISASSEMBLY, false), PANEL_VECTORS);
    assert_int_equal(shape_next(&shape, PANEL_STACKS, false), PANEL_SCREEN);
    assert_int_equal(shape_next(&shape, PANEL_SCREEN, true), PANEL_STACKS);
    assert_int_equal(shape_next(&shape, PANEL_BOOT, false), PANEL_SCREEN);
}

static void test_lines_move_within_the_least_sizes(void **state)
{
    (void)state;
    struct rect area = {0, 0, 101, 40};
    struct ui_shape shape = parse("screen inside | registers");
    struct ui_border bar = shape_border_at(&shape, area, 50, 5);
    struct ui_border title = shape_border_at(&shape, area, 10, 20);

    assert_int_equal(bar.kind, BORDER_COLUMN);
    assert_int_equal(title.kind, BORDER_ROW);
    assert_int_equal(shape_border_at(&shape, area, 10, 21).kind, BORDER_NONE);
    assert_true(shape_move(&shape, area, bar, 7));
    assert_true(shape_move(&shape, area, title, -4));
    expect_area(area_of(&shape, 101, 40, PANEL_SCREEN), 0, 0, 57, 16);
    expect_area(area_of(&shape, 101, 40, PANEL_REGISTERS), 58, 0, 43, 40);
    assert_true(shape_move(&shape, area, bar, 100));
    assert_int_equal(area_of(&shape, 101, 40, PANEL_REGISTERS).columns, SHAPE_LEAST_WIDTH);
    assert_false(shape_move(&shape, area, bar, 1));
}

static void test_every_preset_can_be_read_and_has_its_focus(void **state)
{
    (void)state;

    for (uint32_t index = 0; index < PRESET_COUNT; index++) {
        const struct ui_preset_info *preset = preset_info((enum ui_preset)index);
        struct ui_shape wide = parse(preset->wide);
        struct ui_shape narrow = parse(preset->narrow);
        assert_true(shape_has(&wide, preset->focus));
        assert_true(shape_has(&narrow, preset->focus));
        assert_int_equal(preset_of_key(preset->key), index);
        assert_int_equal(preset_named(preset->word), index);
    }
}

/* A terminal of 80 by 25 with the help shown. */
static void test_every_preset_shows_its_focus_on_a_small_terminal(void **state)
{
    (void)state;

    for (uint32_t index = 0; index < PRESET_COUNT; index++) {
        const struct ui_preset_info *preset = preset_info((enum ui_preset)index);
        struct ui_model model = {.focus = preset->focus, .show_help = true};
        struct ui_placing placing;
        ui_layout_use(&model, preset->wide, preset->narrow);
        ui_layout(80, 25, &model, &placing);
        assert_true(placing.panels[preset->focus].columns >= SHAPE_LEAST_WIDTH);
        assert_true(placing.panels[preset->focus].rows >= SHAPE_LEAST_ROWS);
    }
}

static void test_a_panel_without_a_place_borrows_one(void **state)
{
    (void)state;
    struct ui_model model = {.focus = PANEL_BOOT};
    struct ui_placing placing;

    ui_layout(160, 50, &model, &placing);

    assert_int_equal(placing.panels[PANEL_MICROSTEPS].columns, 0);
    assert_int_equal(placing.panels[PANEL_BOOT].columns, 80);
}

static void test_a_moved_line_keeps_the_panels_that_had_no_room(void **state)
{
    (void)state;
    struct ui_model model = {.focus = PANEL_STACKS};
    struct ui_placing placing;

    ui_layout(100, 24, &model, &placing);
    assert_int_equal(placing.panels[PANEL_REGISTERS].columns, 0);
    struct ui_border border = shape_border_of(&placing.shape, PANEL_STACKS, true);
    assert_true(ui_layout_move(&model, &placing, border, 2));
    assert_true(shape_has(&model.narrow, PANEL_REGISTERS));
    uint32_t rows = placing.panels[PANEL_STACKS].rows;
    ui_layout(100, 24, &model, &placing);
    assert_int_equal(placing.panels[PANEL_STACKS].rows, rows - 2);
}

static void test_slider_finds_marks_before_the_twentieth(void **state)
{
    (void)state;
    static struct session_view view;

    view.history_first = 1000;
    view.history_last = 21000;
    view.position.clock = 11000;
    assert_int_equal(ui_slider_next(&view, true), 11000 - 1001);
    assert_int_equal(ui_slider_next(&view, false), 11000 + 1001);
    view.mark_count = 1;
    view.marks[0].clock = 10500;
    assert_int_equal(ui_slider_next(&view, true), 10500);
    view.position.clock = 1100;
    assert_int_equal(ui_slider_next(&view, true), 1000);
}

static void test_slider_cells_and_clocks_agree(void **state)
{
    (void)state;
    static struct session_view view;
    struct ui_model model = {.context.view = &view};
    struct rect area = {0, 46, 160, 1};
    uint64_t last = 0;
    uint64_t clock = 0;
    uint32_t cells = 0;

    view.history_first = 500;
    view.history_last = 1000000500;
    for (uint32_t column = 0; column < 160; column++) {
        if (ui_slider_clock(area, &model, column, &clock)) {
            assert_true(cells == 0 ? clock == 500 : clock > last);
            last = clock;
            cells++;
        }
    }
    assert_int_equal(last, 1000000500);
    assert_true(cells > 50);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_text_survives_parsing_and_printing),
        cmocka_unit_test(test_wrong_texts_are_refused_with_their_column),
        cmocka_unit_test(test_fixed_sizes_come_first_and_shares_divide_the_rest),
        cmocka_unit_test(test_without_room_the_marked_panel_goes_first_then_the_last),
        cmocka_unit_test(test_the_panel_in_focus_is_kept_to_the_last),
        cmocka_unit_test(test_panels_never_overlap_and_leave_only_bars_free),
        cmocka_unit_test(test_an_opened_panel_stands_below_the_focus_and_closes_again),
        cmocka_unit_test(test_focus_goes_round_in_reading_order),
        cmocka_unit_test(test_lines_move_within_the_least_sizes),
        cmocka_unit_test(test_every_preset_can_be_read_and_has_its_focus),
        cmocka_unit_test(test_every_preset_shows_its_focus_on_a_small_terminal),
        cmocka_unit_test(test_a_panel_without_a_place_borrows_one),
        cmocka_unit_test(test_a_moved_line_keeps_the_panels_that_had_no_room),
        cmocka_unit_test(test_slider_finds_marks_before_the_twentieth),
        cmocka_unit_test(test_slider_cells_and_clocks_agree),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
