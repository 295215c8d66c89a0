/* An arrangement of panels as people write it, and its geometry at any size of window. It knows
 * nothing of what the panels show.
 *
 *   @80: screen@26 inside*2~ console- | registers@10 [program*11 vector*9] stacks
 *
 * Columns are separated by a bar, each with its panels from top to bottom; brackets put panels
 * beside each other. A size is @N, so many cells, or *N, a share of what is left (*1 if nothing is
 * said); that of a column stands before a colon. Where there is no room, what is marked with a
 * minus goes first, then the last of a column. The panel marked with a tilde lends its place to a
 * panel that has the focus and none of its own.
 * SPDX-License-Identifier: MIT */
#pragma once

#include "emu/err.h"
#include "emu/view_panels.h"

#define SHAPE_COLUMNS_MAX 4u
#define SHAPE_ROWS_MAX    8u /* of a column */
#define SHAPE_SIDE_MAX    3u /* panels beside each other in a row */
#define SHAPE_TEXT_BYTES  512u
#define SHAPE_LEAST_ROWS  6u /* of a panel, title included */
#define SHAPE_LEAST_WIDTH 24u

struct ui_size {
    uint16_t cells; /* exactly so many; 0: a share */
    uint16_t share; /* of what is left, 1..999 */
};

struct ui_slot {
    enum ui_panel panel;
    struct ui_size width;
    bool lends; /* its place, to a panel with the focus that has none */
    bool first; /* to go where there is no room */
};

struct ui_row {
    uint32_t count; /* 1..SHAPE_SIDE_MAX */
    struct ui_slot slots[SHAPE_SIDE_MAX];
    struct ui_size height;
};

struct ui_column {
    uint32_t count; /* 1..SHAPE_ROWS_MAX */
    struct ui_row rows[SHAPE_ROWS_MAX];
    struct ui_size width;
};

struct ui_shape {
    uint32_t count; /* 0: nothing is shown */
    struct ui_column columns[SHAPE_COLUMNS_MAX];
};

/* Which line between panels: right of a column, below a row, right of a slot. */
struct ui_border {
    enum { BORDER_NONE, BORDER_COLUMN, BORDER_ROW, BORDER_SLOT } kind;
    uint32_t column; /* index */
    uint32_t row;    /* index, ROW and SLOT */
    uint32_t slot;   /* index, SLOT */
};

/* The text as a shape; false with *err saying what is wrong at which column. */
bool shape_parse(struct ui_shape *shape, const char *text, struct err *err);
/* The shape as text that shape_parse() understands. */
void shape_print(const struct ui_shape *shape, char text[SHAPE_TEXT_BYTES]);

bool shape_has(const struct ui_shape *shape, enum ui_panel panel);
/* The panel after or before another one in reading order; the first if that is not among them;
 * PANEL_COUNT for an empty shape. */
enum ui_panel shape_next(const struct ui_shape *shape, enum ui_panel panel, bool backwards);
/* Give the panel a row of its own below `beside` (at the end of the last column if that is not
 * there). False if it is there already, or there is no room for one more. */
bool shape_open(struct ui_shape *shape, enum ui_panel panel, enum ui_panel beside);
/* Take the panel away; false if it is not there, or the only one. */
bool shape_close(struct ui_shape *shape, enum ui_panel panel);
/* Put one panel into the place of another. */
void shape_replace(struct ui_shape *shape, enum ui_panel old, enum ui_panel panel);
/* The panel that lends its place: the marked one, else the last one. */
enum ui_panel shape_lender(const struct ui_shape *shape);

/* Take out what has no room in `area`, `keep` last. */
void shape_fit(struct ui_shape *shape, struct rect area, enum ui_panel keep);
/* Areas of the panels of a shape that fits; columns 0 for the others. Between two panels beside
 * each other one column stays free. */
void shape_place(const struct ui_shape *shape, struct rect area, struct rect panels[PANEL_COUNT]);
/* The line at a cell: a bar beside a panel, or its title. BORDER_NONE if there is none. */
struct ui_border shape_border_at(const struct ui_shape *shape, struct rect area, uint32_t column,
                                 uint32_t row);
/* The line that an arrow key moves for a panel: right or below, or else left or above. */
struct ui_border shape_border_of(const struct ui_shape *shape, enum ui_panel panel, bool vertical);
/* Move a line by so many cells, as far as there is room. The shape takes the sizes that it has in
 * `area` as shares, so that it keeps its look at other sizes. False if nothing changed. */
bool shape_move(struct ui_shape *shape, struct rect area, struct ui_border border, int32_t by);
