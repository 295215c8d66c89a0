/* Rows one below the other in a panel that scrolls: what does not fit is counted all the same.
 * SPDX-License-Identifier: MIT */
#pragma once

#include "emu/explain.h"
#include "emu/grid.h"

struct view_list {
    struct grid *grid;
    struct rect area;
    uint32_t first; /* rows that have been scrolled away above */
    uint32_t count; /* rows asked for so far */
};

/* A list that begins `scroll` rows down, of `total` rows (those of a list drawn before; 0: not
 * known) no further than to its end. */
struct view_list view_list_begin(struct grid *grid, struct rect area, int32_t scroll,
                                 uint32_t total);
/* The row for the next line, to be drawn within list->area; outside of it if it does not show. */
uint32_t view_list_row(struct view_list *list);
/* A line of its own. Returns its row. */
uint32_t view_list_print(struct view_list *list, uint32_t column, struct pen pen,
                         const char *format, ...) __attribute__((format(printf, 4, 5)));
/* A pen whose cells lead to an explanation. */
static inline struct pen topic_pen(enum grid_role role, uint32_t attributes, enum topic topic)
{
    return (struct pen){role, attributes, LINK_TOPIC + (uint32_t)topic};
}
