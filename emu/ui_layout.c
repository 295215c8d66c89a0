/* Where the panels go. Three kinds of window: with room for the guest's 80 columns beside the
 * machine's inside; smaller ones, with an arrangement of their own; and one panel at a time.
 * SPDX-License-Identifier: MIT */
#include "emu/ui_layout.h"

#include <string.h>

#include "emu/ui_presets.h"

#define STATUS_ROWS    1u
#define HELP_ROWS      3u
#define SLIDER_ROWS    1u
#define BOTTOM_ROWS    2u   /* message, command line */
#define HELP_LEAST     16u  /* rows of a window that has room for the help */
#define SLIDER_LEAST   20u  /* rows of a window that has room for the slider */
#define WIDE_COLUMNS   140u /* of the body */
#define WIDE_ROWS      34u
#define NARROW_COLUMNS 80u
#define NARROW_ROWS    16u

void ui_layout_use(struct ui_model *model, const char *wide, const char *narrow)
{
    shape_parse(&model->wide, wide, NULL);
    shape_parse(&model->narrow, narrow, NULL);
}

static const struct ui_shape *shape_of(const struct ui_model *model, bool wide,
                                       struct ui_shape *usual)
{
    const struct ui_preset_info *preset = preset_info(PRESET_INTERRUPT);

    if (model->wide.count && model->narrow.count) {
        return wide ? &model->wide : &model->narrow;
    }
    shape_parse(usual, wide ? preset->wide : preset->narrow, NULL);
    return usual;
}

struct ui_shape *ui_layout_shape(struct ui_model *model, const struct ui_placing *placing)
{
    return placing->wide ? &model->wide : &model->narrow;
}

void ui_layout(uint32_t columns, uint32_t rows, const struct ui_model *model,
               struct ui_placing *placing)
{
    uint32_t help = model->show_help && rows >= HELP_LEAST ? HELP_ROWS : 0;
    uint32_t slider = rows >= SLIDER_LEAST ? SLIDER_ROWS : 0;
    uint32_t around = STATUS_ROWS + help + slider + BOTTOM_ROWS;
    struct ui_shape usual;

    memset(placing, 0, sizeof *placing);
    placing->body = (struct rect){0, STATUS_ROWS, columns, rows > around ? rows - around : 0};
    placing->slider = (struct rect){0, rows - BOTTOM_ROWS - slider, columns, slider};
    placing->wide = columns >= WIDE_COLUMNS && placing->body.rows >= WIDE_ROWS;
    if (model->zoomed || columns < NARROW_COLUMNS || placing->body.rows < NARROW_ROWS) {
        placing->panels[model->focus] = placing->body;
        return;
    }
    placing->shape = *shape_of(model, placing->wide, &usual);
    if (!shape_has(&placing->shape, model->focus)) {
        shape_replace(&placing->shape, shape_lender(&placing->shape), model->focus);
    }
    shape_fit(&placing->shape, placing->body, model->focus);
    shape_place(&placing->shape, placing->body, placing->panels);
}

enum ui_panel ui_panel_at(const struct ui_placing *placing, uint32_t column, uint32_t row)
{
    for (uint32_t index = 0; index < PANEL_COUNT; index++) {
        struct rect area = placing->panels[index];
        if (column - area.column < area.columns && row - area.row < area.rows) {
            return (enum ui_panel)index;
        }
    }
    return PANEL_COUNT;
}

/* Sizes of what is shown into the arrangement, which may have more panels. */
static void take_column(struct ui_shape *into, const struct ui_column *shown)
{
    for (uint32_t c = 0; c < into->count; c++) {
        struct ui_column *column = &into->columns[c];
        for (uint32_t r = 0; r < column->count; r++) {
            for (uint32_t k = 0; k < shown->count; k++) {
                const struct ui_row *row = &shown->rows[k];
                if (row->slots[0].panel != column->rows[r].slots[0].panel) {
                    continue;
                }
                column->width = shown->width;
                column->rows[r].height = row->height;
                for (uint32_t s = 0; s < row->count && s < column->rows[r].count; s++) {
                    column->rows[r].slots[s].width = row->slots[s].width;
                }
            }
        }
    }
}

bool ui_layout_move(struct ui_model *model, const struct ui_placing *placing,
                    struct ui_border border, int32_t by)
{
    struct ui_shape usual;
    struct ui_shape changed = placing->shape;
    const struct ui_shape *base = shape_of(model, placing->wide, &usual);

    if (!shape_move(&changed, placing->body, border, by)) {
        return false;
    }
    if (!model->wide.count || !model->narrow.count) {
        const struct ui_preset_info *preset = preset_info(PRESET_INTERRUPT);
        ui_layout_use(model, preset->wide, preset->narrow);
        base = ui_layout_shape(model, placing);
    }
    if (!shape_has(base, model->focus)) { /* it only borrows its place */
        shape_replace(&changed, model->focus, shape_lender(base));
    }
    for (uint32_t c = 0; c < changed.count; c++) {
        take_column(ui_layout_shape(model, placing), &changed.columns[c]);
    }
    return true;
}

enum ui_title_mark ui_title_mark_at(struct rect panel, uint32_t column, uint32_t row)
{
    uint32_t from_right = panel.column + panel.columns - 1 - column;

    if (row != panel.row || panel.columns < SHAPE_LEAST_WIDTH) {
        return TITLE_NONE;
    }
    return from_right == 1 ? TITLE_CLOSE : from_right == 3 ? TITLE_ZOOM : TITLE_NONE;
}

uint32_t ui_next_link(const struct grid *grid, struct rect area, uint32_t link, bool backwards)
{
    uint32_t first = 0;
    uint32_t last = 0;   /* in reading order so far */
    uint32_t before = 0; /* the one before `link` */
    bool found = false;

    for (uint32_t index = 0; index < area.rows * area.columns; index++) {
        const struct cell *cell =
            grid_at(grid, area.column + index % area.columns, area.row + index / area.columns);
        uint32_t here = cell ? cell->link : 0;
        if (here == 0 || here == last) {
            continue;
        }
        if (found && !backwards && here != link) {
            return here;
        }
        if (here == link && !found) {
            found = true;
            before = last;
        }
        first = first ? first : here;
        last = here;
    }
    if (!backwards) {
        return first; /* round again */
    }
    return found && before ? before : last;
}
