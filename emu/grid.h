/* A grid of character cells: what every view is drawn into and every front end paints.
 * Glyphs are Unicode code points; colours are roles, so that themes differ only in a palette.
 * SPDX-License-Identifier: MIT */
#pragma once

#include <stdint.h>

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
