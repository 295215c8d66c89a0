/* The geometry of an arrangement: what fits, where panels lie, lines that are moved.
 * SPDX-License-Identifier: MIT */
#include <string.h>

#include "emu/ui_shape.h"

#define GAP 1u /* columns between panels beside each other */

/* Widest that a slot, row or column insists on: a fixed size, or the least of a share. */
static uint32_t least_width(struct ui_size size)
{
    return size.cells ? size.cells : SHAPE_LEAST_WIDTH;
}

static uint32_t least_height(struct ui_size size)
{
    return size.cells ? size.cells : SHAPE_LEAST_ROWS;
}

static uint32_t row_width(const struct ui_row *row)
{
    uint32_t width = 0;

    for (uint32_t s = 0; s < row->count; s++) {
        width += (s ? GAP : 0) + least_width(row->slots[s].width);
    }
    return width;
}

static uint32_t column_width(const struct ui_column *column)
{
    uint32_t width = column->width.cells;

    for (uint32_t r = 0; r < column->count && column->width.cells == 0; r++) {
        uint32_t row = row_width(&column->rows[r]);
        width = row > width ? row : width;
    }
    return width;
}

static uint32_t column_height(const struct ui_column *column)
{
    uint32_t height = 0;

    for (uint32_t r = 0; r < column->count; r++) {
        height += least_height(column->rows[r].height);
    }
    return height;
}

static uint32_t shape_width(const struct ui_shape *shape)
{
    uint32_t width = 0;

    for (uint32_t c = 0; c < shape->count; c++) {
        width += (c ? GAP : 0) + column_width(&shape->columns[c]);
    }
    return width;
}

/* The panel of a column (of all columns: UINT32_MAX) to give up next: one that is marked, else the
 * last; never `keep`. PANEL_COUNT: none. */
static enum ui_panel victim(const struct ui_shape *shape, uint32_t only, uint32_t min_slots,
                            enum ui_panel keep)
{
    enum ui_panel last = PANEL_COUNT;
    bool marked = false;

    for (uint32_t c = 0; c < shape->count; c++) {
        for (uint32_t r = 0; r < shape->columns[c].count; r++) {
            const struct ui_row *row = &shape->columns[c].rows[r];
            for (uint32_t s = 0; s < row->count; s++) {
                const struct ui_slot *slot = &row->slots[s];
                bool may = (only == UINT32_MAX || only == c) && row->count >= min_slots &&
                           slot->panel != keep;
                if (may && (slot->first || !marked)) {
                    last = slot->panel;
                    marked |= slot->first;
                }
            }
        }
    }
    return last;
}

/* Give up one panel so that the column gets narrower or lower. */
static bool give_up(struct ui_shape *shape, uint32_t column, uint32_t min_slots, enum ui_panel keep)
{
    enum ui_panel panel = victim(shape, column, min_slots, keep);

    return panel != PANEL_COUNT && shape_close(shape, panel);
}

void shape_fit(struct ui_shape *shape, struct rect area, enum ui_panel keep)
{
    for (bool again = true; again && shape_width(shape) > area.columns;) {
        /* whole columns go from the right; the last one left loses what stands side by side */
        again = shape->count > 1 ? give_up(shape, shape->count - 1, 1, keep) ||
                                       give_up(shape, shape->count - 2, 1, keep)
                                 : give_up(shape, 0, 2, keep);
    }
    for (uint32_t c = 0; c < shape->count; c++) {
        uint32_t before = shape->count;
        bool again = true;
        while (again && c < shape->count && column_height(&shape->columns[c]) > area.rows) {
            again = give_up(shape, c, 1, keep);
        }
        c -= shape->count < before; /* the column went: look at the next in its place */
    }
}

/* Divide `room` among sizes: fixed ones first, the rest by shares with at least `least` each. */
static void divide(uint32_t room, const struct ui_size *sizes, uint32_t count, uint32_t least,
                   uint32_t *cells)
{
    uint32_t shares = 0;
    uint32_t left = room;
    uint32_t last = count - 1;

    for (uint32_t index = 0; index < count; index++) {
        cells[index] = sizes[index].cells < left ? sizes[index].cells : left;
        left -= cells[index];
        shares += sizes[index].cells ? 0 : sizes[index].share;
    }
    /* those whose share is too small get the least first, smallest share first */
    for (bool again = true; again;) {
        again = false;
        for (uint32_t index = 0; index < count && !again; index++) {
            bool open = sizes[index].cells == 0 && cells[index] == 0;
            if (open && left * sizes[index].share < least * shares && left >= least &&
                shares > sizes[index].share) {
                cells[index] = least;
                left -= least;
                shares -= sizes[index].share;
                again = true;
            }
        }
    }
    uint32_t rest = left;
    for (uint32_t index = 0; index < count; index++) {
        if (sizes[index].cells == 0 && cells[index] == 0 && shares > 0) {
            cells[index] = left * sizes[index].share / shares;
            rest -= cells[index];
            last = index;
        }
    }
    cells[last] += rest;
}

static void column_widths(const struct ui_shape *shape, struct rect area,
                          uint32_t cells[SHAPE_COLUMNS_MAX])
{
    struct ui_size sizes[SHAPE_COLUMNS_MAX];
    uint32_t gaps = (shape->count - 1) * GAP;

    for (uint32_t c = 0; c < shape->count; c++) {
        sizes[c] = shape->columns[c].width;
    }
    divide(area.columns > gaps ? area.columns - gaps : 0, sizes, shape->count, SHAPE_LEAST_WIDTH,
           cells);
}

static void row_heights(const struct ui_column *column, uint32_t rows,
                        uint32_t cells[SHAPE_ROWS_MAX])
{
    struct ui_size sizes[SHAPE_ROWS_MAX];

    for (uint32_t r = 0; r < column->count; r++) {
        sizes[r] = column->rows[r].height;
    }
    divide(rows, sizes, column->count, SHAPE_LEAST_ROWS, cells);
}

static void slot_widths(const struct ui_row *row, uint32_t columns, uint32_t cells[SHAPE_SIDE_MAX])
{
    struct ui_size sizes[SHAPE_SIDE_MAX];
    uint32_t gaps = (row->count - 1) * GAP;

    for (uint32_t s = 0; s < row->count; s++) {
        sizes[s] = row->slots[s].width;
    }
    divide(columns > gaps ? columns - gaps : 0, sizes, row->count, SHAPE_LEAST_WIDTH, cells);
}

static void place_column(const struct ui_column *column, struct rect area,
                         struct rect panels[PANEL_COUNT])
{
    uint32_t heights[SHAPE_ROWS_MAX];
    uint32_t widths[SHAPE_SIDE_MAX];
    uint32_t top = 0;

    row_heights(column, area.rows, heights);
    for (uint32_t r = 0; r < column->count; r++) {
        uint32_t left = 0;
        slot_widths(&column->rows[r], area.columns, widths);
        for (uint32_t s = 0; s < column->rows[r].count; s++) {
            panels[column->rows[r].slots[s].panel] =
                rect_part(area, left, top, widths[s], heights[r]);
            left += widths[s] + GAP;
        }
        top += heights[r];
    }
}

void shape_place(const struct ui_shape *shape, struct rect area, struct rect panels[PANEL_COUNT])
{
    uint32_t widths[SHAPE_COLUMNS_MAX];
    uint32_t left = 0;

    memset(panels, 0, sizeof panels[0] * PANEL_COUNT);
    if (shape->count == 0) {
        return;
    }
    column_widths(shape, area, widths);
    for (uint32_t c = 0; c < shape->count; c++) {
        place_column(&shape->columns[c], rect_part(area, left, 0, widths[c], area.rows), panels);
        left += widths[c] + GAP;
    }
}

/* ---- lines between panels ---- */

/* In a column that begins at `left`: the title of a row but the first, or a bar inside a row. */
static struct ui_border border_inside(const struct ui_shape *shape, uint32_t c, uint32_t width,
                                      uint32_t rows, uint32_t x, uint32_t y)
{
    const struct ui_column *column = &shape->columns[c];
    uint32_t heights[SHAPE_ROWS_MAX];
    uint32_t widths[SHAPE_SIDE_MAX];
    uint32_t top = 0;

    row_heights(column, rows, heights);
    for (uint32_t r = 0; r < column->count; top += heights[r], r++) {
        if (y - top >= heights[r]) {
            continue;
        }
        if (r > 0 && y == top) {
            return (struct ui_border){BORDER_ROW, c, r - 1, 0};
        }
        uint32_t left = 0;
        slot_widths(&column->rows[r], width, widths);
        for (uint32_t s = 0; s + 1 < column->rows[r].count; s++) {
            left += widths[s];
            if (x == left) {
                return (struct ui_border){BORDER_SLOT, c, r, s};
            }
            left += GAP;
        }
    }
    return (struct ui_border){BORDER_NONE, 0, 0, 0};
}

struct ui_border shape_border_at(const struct ui_shape *shape, struct rect area, uint32_t column,
                                 uint32_t row)
{
    struct ui_border none = {BORDER_NONE, 0, 0, 0};
    uint32_t widths[SHAPE_COLUMNS_MAX];
    uint32_t x = column - area.column;
    uint32_t y = row - area.row;
    uint32_t left = 0;

    if (shape->count == 0 || x >= area.columns || y >= area.rows) {
        return none;
    }
    column_widths(shape, area, widths);
    for (uint32_t c = 0; c < shape->count; c++) {
        if (x - left < widths[c]) {
            return border_inside(shape, c, widths[c], area.rows, x - left, y);
        }
        left += widths[c];
        if (x == left) {
            return (struct ui_border){BORDER_COLUMN, c, 0, 0};
        }
        left += GAP;
    }
    return none;
}

static struct ui_border border_of_place(const struct ui_shape *shape, uint32_t c, uint32_t r,
                                        uint32_t s, bool vertical)
{
    const struct ui_column *column = &shape->columns[c];

    if (vertical) {
        uint32_t above = r + 1 < column->count ? r : r - 1;
        return (struct ui_border){column->count > 1 ? BORDER_ROW : BORDER_NONE, c, above, 0};
    }
    if (s + 1 < column->rows[r].count) {
        return (struct ui_border){BORDER_SLOT, c, r, s};
    }
    if (c + 1 < shape->count) {
        return (struct ui_border){BORDER_COLUMN, c, 0, 0};
    }
    if (s > 0) {
        return (struct ui_border){BORDER_SLOT, c, r, s - 1};
    }
    return (struct ui_border){c > 0 ? BORDER_COLUMN : BORDER_NONE, c - 1, 0, 0};
}

struct ui_border shape_border_of(const struct ui_shape *shape, enum ui_panel panel, bool vertical)
{
    for (uint32_t c = 0; c < shape->count; c++) {
        for (uint32_t r = 0; r < shape->columns[c].count; r++) {
            const struct ui_row *row = &shape->columns[c].rows[r];
            for (uint32_t s = 0; s < row->count; s++) {
                if (row->slots[s].panel == panel) {
                    return border_of_place(shape, c, r, s, vertical);
                }
            }
        }
    }
    return (struct ui_border){BORDER_NONE, 0, 0, 0};
}

/* Move the line behind `at`: sizes become what they are now, a fixed one stays fixed. */
static bool move_line(struct ui_size *sizes[], const uint32_t *cells, uint32_t count, uint32_t at,
                      uint32_t least, int32_t by)
{
    uint32_t most = cells[at + 1] > least ? cells[at + 1] - least : 0;
    uint32_t fewest = cells[at] > least ? cells[at] - least : 0;
    uint32_t amount = (uint32_t)(by < 0 ? -by : by);
    uint32_t limit = by < 0 ? fewest : most;

    amount = amount < limit ? amount : limit;
    if (amount == 0) {
        return false;
    }
    for (uint32_t index = 0; index < count; index++) {
        uint32_t now = cells[index];
        if (index == at) {
            now = by < 0 ? now - amount : now + amount;
        } else if (index == at + 1) {
            now = by < 0 ? now + amount : now - amount;
        }
        now = now < 1 ? 1 : now > 999 ? 999 : now;
        if (sizes[index]->cells) {
            sizes[index]->cells = (uint16_t)now;
        } else {
            sizes[index]->share = (uint16_t)now;
        }
    }
    return true;
}

bool shape_move(struct ui_shape *shape, struct rect area, struct ui_border border, int32_t by)
{
    uint32_t widths[SHAPE_COLUMNS_MAX];
    uint32_t cells[SHAPE_ROWS_MAX];
    struct ui_size *sizes[SHAPE_ROWS_MAX];
    uint32_t count;

    if (border.kind == BORDER_NONE || border.column >= shape->count) {
        return false;
    }
    struct ui_column *column = &shape->columns[border.column];
    column_widths(shape, area, widths);
    if (border.kind == BORDER_COLUMN) {
        for (count = 0; count < shape->count; count++) {
            sizes[count] = &shape->columns[count].width;
        }
        return move_line(sizes, widths, count, border.column, SHAPE_LEAST_WIDTH, by);
    }
    if (border.kind == BORDER_ROW) {
        row_heights(column, area.rows, cells);
        for (count = 0; count < column->count; count++) {
            sizes[count] = &column->rows[count].height;
        }
        return move_line(sizes, cells, count, border.row, 3, by);
    }
    struct ui_row *row = &column->rows[border.row];
    slot_widths(row, widths[border.column], cells);
    for (count = 0; count < row->count; count++) {
        sizes[count] = &row->slots[count].width;
    }
    return move_line(sizes, cells, count, border.slot, SHAPE_LEAST_WIDTH, by);
}
