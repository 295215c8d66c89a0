/* Rows one below the other, see view_list.h.
 * SPDX-License-Identifier: MIT */
#include "emu/view_list.h"

#include <stdarg.h>
#include <stdio.h>

struct view_list view_list_begin(struct grid *grid, struct rect area, int32_t scroll,
                                 uint32_t total)
{
    uint32_t first = scroll > 0 ? (uint32_t)scroll : 0;
    uint32_t most = total > area.rows ? total - area.rows : 0;

    return (struct view_list){grid, area, total && first > most ? most : first, 0};
}

uint32_t view_list_row(struct view_list *list)
{
    return list->count++ - list->first;
}

uint32_t view_list_print(struct view_list *list, uint32_t column, struct pen pen,
                         const char *format, ...)
{
    char text[512];
    va_list arguments;
    uint32_t row = view_list_row(list);

    if (row < list->area.rows) {
        va_start(arguments, format);
        vsnprintf(text, sizeof text, format, arguments);
        va_end(arguments);
        grid_text(list->grid, list->area, column, row, pen, text);
    }
    return row;
}
