/* The time slider: a row from the earliest clock that can be gone back to, to the latest reached.
 * Double: behind us; single: recorded and ahead. A block is the present place.
 * SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "emu/ui_layout.h"

#define GLYPH_LEFT    0x255Eu /* double line that begins */
#define GLYPH_RIGHT   0x2524u
#define GLYPH_BEHIND  0x2550u
#define GLYPH_AHEAD   0x2500u
#define GLYPH_MARK    0x2666u
#define GLYPH_PRESENT 0x2588u
#define GLYPH_HELD    0x2592u
#define LABEL_COLUMNS 20u /* left of the bar */
#define RIGHT_COLUMNS 20u /* right of it */
#define SPEED_COLUMNS 26u /* further right, if there is something to say */
#define STEPS         20u /* of a key over all of history */

/* Columns of the bar without its two ends: [*first, *first + count). */
static uint32_t bar(struct rect area, const struct ui_model *model, uint32_t *first)
{
    uint32_t beside = LABEL_COLUMNS + RIGHT_COLUMNS + (model->speed ? SPEED_COLUMNS : 0);

    *first = LABEL_COLUMNS;
    return area.columns > beside + 10 ? area.columns - beside : 0;
}

static uint64_t span_of(const struct session_view *view)
{
    return view->history_last > view->history_first ? view->history_last - view->history_first : 0;
}

static uint32_t column_of(const struct session_view *view, uint32_t count, uint64_t clock)
{
    uint64_t span = span_of(view);

    if (span == 0 || clock >= view->history_last) {
        return count - 1;
    }
    uint64_t past = clock > view->history_first ? clock - view->history_first : 0;
    return (uint32_t)((unsigned __int128)past * (count - 1) / span);
}

static void draw_marks(struct grid *grid, struct rect area, const struct session_view *view,
                       uint32_t first, uint32_t count)
{
    struct pen pen = {ROLE_KEY, CELL_BOLD, 0};

    for (uint32_t index = 0; index < view->mark_count; index++) {
        uint64_t clock = view->marks[index].clock;
        if (clock >= view->history_first && clock <= view->history_last) {
            grid_put(grid, area, first + column_of(view, count, clock), 0, pen, GLYPH_MARK);
        }
    }
}

static void draw_bar(struct grid *grid, struct rect area, const struct ui_model *model,
                     uint32_t first, uint32_t count)
{
    const struct session_view *view = model->context.view;
    struct pen line = {ROLE_TITLE, 0, 0};
    struct pen here = {ROLE_CURRENT, CELL_BOLD, 0};
    uint32_t present = column_of(view, count, view->position.clock);

    grid_put(grid, area, first - 1, 0, line, GLYPH_LEFT);
    for (uint32_t column = 0; column < count; column++) {
        grid_put(grid, area, first + column, 0, line,
                 column <= present ? GLYPH_BEHIND : GLYPH_AHEAD);
    }
    grid_put(grid, area, first + count, 0, line, GLYPH_RIGHT);
    draw_marks(grid, area, view, first, count);
    grid_put(grid, area, first + present, 0, here, GLYPH_PRESENT);
    if (model->sliding) {
        grid_put(grid, area, first + column_of(view, count, model->slide_to), 0, here, GLYPH_HELD);
    }
}

/* A number of clocks short enough for the foot: "999", "12.3k", "45.6M", "7.8G". */
static const char *short_clocks(uint64_t clocks, char text[32])
{
    static const char units[] = {'k', 'M', 'G', 'T', 'P', 'E'};
    uint64_t tenths = clocks * 10;
    uint32_t unit = 0;

    if (clocks < 1000) {
        snprintf(text, 32, "%u", (uint32_t)clocks);
        return text;
    }
    for (tenths = clocks / 100; tenths >= 10000; unit++) {
        tenths /= 1000;
    }
    snprintf(text, 32, "%u.%u%c", (uint32_t)(tenths / 10), (uint32_t)(tenths % 10), units[unit]);
    return text;
}

void ui_slider_draw(struct grid *grid, struct rect area, const struct ui_model *model)
{
    const struct session_view *view = model->context.view;
    struct pen label = {ROLE_LABEL, 0, 0};
    struct pen plain = {ROLE_TEXT, 0, 0};
    char from[32];
    char to[32];
    char at[32];
    uint32_t first;
    uint32_t count = bar(area, model, &first);
    uint32_t column = grid_text(grid, area, 1, 0, label, "time");

    if (span_of(view) == 0) {
        grid_text(grid, area, column + 1, 0, plain, "no history yet");
    } else if (count == 0) {
        grid_print(grid, area, column + 1, 0, plain, "clock %s of %s..%s",
                   short_clocks(view->position.clock, at), short_clocks(view->history_first, from),
                   short_clocks(view->history_last, to));
    } else {
        grid_print(grid, area, column + 1, 0, plain, "from %s",
                   short_clocks(view->history_first, from));
        draw_bar(grid, area, model, first, count);
        column =
            grid_print(grid, area, first + count + 2, 0, plain, "%s of %s",
                       short_clocks(model->sliding ? model->slide_to : view->position.clock, at),
                       short_clocks(view->history_last, to));
    }
    if (model->speed) {
        uint32_t length = (uint32_t)strlen(model->speed) + 7;
        struct pen strong = {ROLE_WARNING, CELL_BOLD, 0};
        grid_print(grid, area, area.columns > length ? area.columns - length : 0, 0, strong,
                   "speed %s", model->speed);
    }
}

bool ui_slider_clock(struct rect area, const struct ui_model *model, uint32_t column,
                     uint64_t *clock)
{
    const struct session_view *view = model->context.view;
    uint32_t first;
    uint32_t count = bar(area, model, &first);
    uint32_t at = column - area.column - first;

    if (count < 2 || at >= count || span_of(view) == 0) {
        return false;
    }
    *clock = view->history_first + (uint64_t)((unsigned __int128)span_of(view) * at / (count - 1));
    return true;
}

uint64_t ui_slider_next(const struct session_view *view, bool backwards)
{
    uint64_t now = view->position.clock;
    uint64_t step = span_of(view) / STEPS + 1;
    uint64_t goal = backwards
                        ? (now > view->history_first + step ? now - step : view->history_first)
                        : (now + step < view->history_last ? now + step : view->history_last);

    for (uint32_t index = 0; index < view->mark_count; index++) {
        uint64_t clock = view->marks[index].clock;
        if (backwards ? clock < now && clock > goal : clock > now && clock < goal) {
            goal = clock;
        }
    }
    return goal;
}
