/* A panel that is longer than its area: rows are put one after the other, and those that scrolling
 * has moved out of the area are not drawn.
 * SPDX-License-Identifier: MIT */
#pragma once

#include "emu/grid.h"

struct view_page {
    struct grid *grid;
    struct rect area;
    uint32_t row;  /* the next one; beyond area.rows, also "negative": not drawn */
    uint32_t link; /* of the names of fields and of headings, 0: none */
};

struct view_page view_page_open(struct grid *grid, struct rect area, int32_t scroll);
/* Text from `column` on in the present row; the column after it. */
uint32_t view_page_at(const struct view_page *page, uint32_t column, struct pen pen,
                      const char *format, ...) __attribute__((format(printf, 4, 5)));
/* A whole row. */
void view_page_line(struct view_page *page, struct pen pen, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* A row with a name in the first `column` cells, and what it is. */
void view_page_field(struct view_page *page, uint32_t column, const char *name, const char *format,
                     ...) __attribute__((format(printf, 4, 5)));
/* A row that divides the page: words with a rule behind them. */
void view_page_heading(struct view_page *page, const char *words);
