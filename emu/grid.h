/* A grid of character cells: what every view is drawn into and every front end paints.
 * Glyphs are Unicode code points; colours are roles, so that themes differ only in a palette.
 * SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum grid_role {
    ROLE_TEXT,
    ROLE_DIM,     /* popped cells, unreadable memory, inactive */
    ROLE_TITLE,   /* panel titles and frames */
    ROLE_LABEL,   /* names of fields */
    ROLE_CHANGED, /* what the last step changed (always with a glyph or word too) */
    ROLE_CURRENT, /* the current instruction, step or line */
    ROLE_USER,    /* USER mode */
    ROLE_KERNEL,  /* KERNEL mode */
    ROLE_WARNING,
    ROLE_KEY,       /* a key to press */
    ROLE_VGA_FIRST, /* ROLE_VGA_FIRST + attribute byte: guest screen cells, 256 roles */
    ROLE_COUNT = ROLE_VGA_FIRST + 256
};

#define CELL_BOLD      1u
#define CELL_UNDERLINE 2u
#define CELL_REVERSE   4u

struct cell {
    uint32_t glyph;      /* Unicode code point; 0 = blank */
    uint16_t role;       /* enum grid_role */
    uint16_t attributes; /* CELL_* */
    uint32_t link;       /* what a click here refers to; 0 = nothing */
};

struct grid {
    uint32_t columns;   /* 1..512 */
    uint32_t rows;      /* 1..256 */
    struct cell *cells; /* columns * rows, row by row; the owner's memory */
};

#define GRID_COLUMNS_MAX 512u
#define GRID_ROWS_MAX    256u

/* A part of a grid; views draw in coordinates relative to it and never outside. */
struct rect {
    uint32_t column;  /* 0..grid.columns */
    uint32_t row;     /* 0..grid.rows */
    uint32_t columns; /* 0 = nothing is drawn */
    uint32_t rows;    /* 0 = nothing is drawn */
};

struct rect grid_whole(const struct grid *grid);
/* The part of `outer` that begins at (column, row), relative to it, at most columns x rows. */
struct rect rect_part(struct rect outer, uint32_t column, uint32_t row, uint32_t columns,
                      uint32_t rows);

/* Blank every cell. */
void grid_clear(struct grid *grid);
/* Blank the cells of `area`. */
void grid_clear_rect(struct grid *grid, struct rect area);
/* The cell at (column, row) of the grid, NULL outside. */
struct cell *grid_at(const struct grid *grid, uint32_t column, uint32_t row);

/* How text is drawn; link is copied into each cell. */
struct pen {
    enum grid_role role;
    uint32_t attributes; /* CELL_* */
    uint32_t link;       /* of every cell drawn; 0 = nothing */
};

/* Put one glyph, or nothing if (column, row) is outside `area`. */
void grid_put(struct grid *grid, struct rect area, uint32_t column, uint32_t row, struct pen pen,
              uint32_t glyph);
/* Put UTF-8 text on one row; control characters and broken sequences show as a question mark.
 * Returns the column after the text (also when part of it was clipped). */
uint32_t grid_text(struct grid *grid, struct rect area, uint32_t column, uint32_t row,
                   struct pen pen, const char *text);
/* The same from a printf format; at most 1023 bytes. */
uint32_t grid_print(struct grid *grid, struct rect area, uint32_t column, uint32_t row,
                    struct pen pen, const char *format, ...) __attribute__((format(printf, 6, 7)));
/* The title line of a panel with a rule behind it; returns the area below it. */
struct rect grid_title(struct grid *grid, struct rect area, bool focused, const char *title);
/* Give a whole row of `area` a role, attributes and link without changing glyphs. */
void grid_mark_row(struct grid *grid, struct rect area, uint32_t row, struct pen pen);

/* One UTF-8 sequence. out: *glyph; returns its length in bytes, 0 at the end of the text. */
uint32_t utf8_decode(const char *text, uint32_t *glyph);
/* Encode a code point; returns the number of bytes, 1..4. */
uint32_t utf8_encode(uint32_t glyph, char bytes[4]);
/* Write the grid as UTF-8 text, trailing blanks of each row cut. Returns false on a write error. */
bool grid_dump_text(const struct grid *grid, FILE *file);
