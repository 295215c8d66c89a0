/* Rows one after the other, clipped by the area.
 * SPDX-License-Identifier: MIT */
#include "emu/view_page.h"

#include <stdarg.h>

#define TEXT_BYTES 1024u
#define GLYPH_RULE 0x2500u

struct view_page view_page_open(struct grid *grid, struct rect area, int32_t scroll)
{
    return (struct view_page){grid, area, 0 - (uint32_t)scroll, 0};
}

uint32_t view_page_at(const struct view_page *page, uint32_t column, struct pen pen,
                      const char *format, ...)
{
    char text[TEXT_BYTES];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    return grid_text(page->grid, page->area, column, page->row, pen, text);
}

void view_page_line(struct view_page *page, struct pen pen, const char *format, ...)
{
    char text[TEXT_BYTES];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    grid_text(page->grid, page->area, 0, page->row++, pen, text);
}

void view_page_field(struct view_page *page, uint32_t column, const char *name, const char *format,
                     ...)
{
    char text[TEXT_BYTES];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    grid_text(page->grid, page->area, 0, page->row, (struct pen){ROLE_LABEL, 0, page->link}, name);
    grid_text(page->grid, page->area, column, page->row++, (struct pen){ROLE_TEXT, 0, 0}, text);
}

void view_page_heading(struct view_page *page, const char *words)
{
    struct pen pen = {ROLE_TITLE, 0, page->link};
    uint32_t column = grid_text(page->grid, page->area, 0, page->row, pen, words) + 1;

    for (; column < page->area.columns; column++) {
        grid_put(page->grid, page->area, column, page->row, pen, GLYPH_RULE);
    }
    page->row++;
}
