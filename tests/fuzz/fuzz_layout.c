/* Any text is an arrangement of panels, or an error with a column inside the text. What is one
 * prints as itself, lies inside any window without overlaps, and stays one under any edit.
 * SPDX-License-Identifier: MIT */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "emu/ui_shape.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define COLUMNS_MAX 200u
#define ROWS_MAX    80u

static void check_places(const struct ui_shape *shape, struct rect area)
{
    static uint8_t seen[ROWS_MAX][COLUMNS_MAX];
    struct rect panels[PANEL_COUNT];

    memset(seen, 0, sizeof seen);
    shape_place(shape, area, panels);
    for (uint32_t panel = 0; panel < PANEL_COUNT; panel++) {
        for (uint32_t y = 0; panels[panel].columns && y < panels[panel].rows; y++) {
            for (uint32_t x = 0; x < panels[panel].columns; x++) {
                assert(panels[panel].row + y < area.rows &&
                       panels[panel].column + x < area.columns);
                assert(seen[panels[panel].row + y][panels[panel].column + x]++ == 0);
            }
        }
    }
}

static void check_text(const struct ui_shape *shape)
{
    char text[SHAPE_TEXT_BYTES];
    char again[SHAPE_TEXT_BYTES];
    struct ui_shape back;

    shape_print(shape, text);
    assert(shape_parse(&back, text, NULL));
    shape_print(&back, again);
    assert(strcmp(text, again) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char text[256];
    struct ui_shape shape;
    struct err err = {0};

    if (size < 4) {
        return 0;
    }
    struct rect area = {0, 0, 1 + data[0] % COLUMNS_MAX, 1 + data[1] % ROWS_MAX};
    enum ui_panel panel = (enum ui_panel)(data[2] % PANEL_COUNT);
    enum ui_panel beside = (enum ui_panel)(data[3] % PANEL_COUNT);
    size_t length = size - 4 < sizeof text - 1 ? size - 4 : sizeof text - 1;
    memcpy(text, data + 4, length);
    text[length] = '\0';
    if (!shape_parse(&shape, text, &err)) {
        assert(strncmp(err.message, "column ", 7) == 0);
        return 0;
    }
    check_text(&shape);
    for (uint32_t step = 0; step < 6; step++) {
        struct ui_shape fitting = shape;
        shape_fit(&fitting, area, panel);
        assert(fitting.count > 0);
        check_places(&fitting, area);
        shape_move(&fitting, area, shape_border_of(&fitting, panel, step & 1),
                   (int32_t)data[2] - (int32_t)data[3]);
        check_places(&fitting, area);
        check_text(&fitting);
        if (step % 2) {
            shape_open(&shape, panel, beside);
        } else {
            shape_close(&shape, beside);
        }
        check_text(&shape);
        beside = shape_next(&shape, beside, step & 2);
    }
    return 0;
}
