/* The grid of cells: clipping, text, titles, and the plain text dump.
 * Knows nothing of fonts, colours or windows.
 * SPDX-License-Identifier: MIT */
#include "emu/grid.h"

#include <stdarg.h>
#include <string.h>

#define GLYPH_RULE 0x2500u /* box drawing, light horizontal */

struct rect grid_whole(const struct grid *grid)
{
    return (struct rect){0, 0, grid->columns, grid->rows};
}

struct rect rect_part(struct rect outer, uint32_t column, uint32_t row, uint32_t columns,
                      uint32_t rows)
{
    struct rect part = {outer.column, outer.row, 0, 0};

    if (column >= outer.columns || row >= outer.rows) {
        return part;
    }
    part.column = outer.column + column;
    part.row = outer.row + row;
    part.columns = columns < outer.columns - column ? columns : outer.columns - column;
    part.rows = rows < outer.rows - row ? rows : outer.rows - row;
    return part;
}

void grid_clear(struct grid *grid)
{
    memset(grid->cells, 0, sizeof grid->cells[0] * grid->columns * grid->rows);
}

void grid_clear_rect(struct grid *grid, struct rect area)
{
    for (uint32_t row = 0; row < area.rows; row++) {
        for (uint32_t column = 0; column < area.columns; column++) {
            grid_put(grid, area, column, row, (struct pen){ROLE_TEXT, 0, 0}, 0);
        }
    }
}

struct cell *grid_at(const struct grid *grid, uint32_t column, uint32_t row)
{
    if (column >= grid->columns || row >= grid->rows) {
        return NULL;
    }
    return &grid->cells[row * grid->columns + column];
}

void grid_put(struct grid *grid, struct rect area, uint32_t column, uint32_t row, struct pen pen,
              uint32_t glyph)
{
    if (column >= area.columns || row >= area.rows) {
        return;
    }
    struct cell *cell = grid_at(grid, area.column + column, area.row + row);
    if (!cell) {
        return;
    }
    cell->glyph = glyph;
    cell->role = (uint16_t)pen.role;
    cell->attributes = (uint16_t)pen.attributes;
    cell->link = pen.link;
}

uint32_t utf8_decode(const char *text, uint32_t *glyph)
{
    static const uint32_t least[5] = {0, 0, 0x80, 0x800, 0x10000};
    uint32_t first = (unsigned char)text[0];
    uint32_t length = first < 0x80 ? 1 : first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;

    *glyph = first;
    if (first == 0) {
        return 0;
    }
    if (length == 1) {
        if (first < 0x20 || first == 0x7F) {
            *glyph = '?';
        }
        return 1;
    }
    uint32_t value = first & (0x7Fu >> length);
    for (uint32_t index = 1; index < length; index++) {
        uint32_t next = (unsigned char)text[index];
        if ((next & 0xC0u) != 0x80u) {
            *glyph = '?';
            return 1;
        }
        value = value << 6 | (next & 0x3Fu);
    }
    if (first < 0xC0 || first >= 0xF8 || value < least[length] || value > 0x10FFFF ||
        (value >= 0xD800 && value < 0xE000)) {
        *glyph = '?';
        return 1;
    }
    *glyph = value;
    return length;
}

uint32_t utf8_encode(uint32_t glyph, char bytes[4])
{
    if (glyph < 0x80) {
        bytes[0] = (char)glyph;
        return 1;
    }
    if (glyph < 0x800) {
        bytes[0] = (char)(0xC0u | glyph >> 6);
        bytes[1] = (char)(0x80u | (glyph & 0x3Fu));
        return 2;
    }
    if (glyph < 0x10000) {
        bytes[0] = (char)(0xE0u | glyph >> 12);
        bytes[1] = (char)(0x80u | (glyph >> 6 & 0x3Fu));
        bytes[2] = (char)(0x80u | (glyph & 0x3Fu));
        return 3;
    }
    bytes[0] = (char)(0xF0u | (glyph >> 18 & 7u));
    bytes[1] = (char)(0x80u | (glyph >> 12 & 0x3Fu));
    bytes[2] = (char)(0x80u | (glyph >> 6 & 0x3Fu));
    bytes[3] = (char)(0x80u | (glyph & 0x3Fu));
    return 4;
}

uint32_t grid_text(struct grid *grid, struct rect area, uint32_t column, uint32_t row,
                   struct pen pen, const char *text)
{
    uint32_t glyph;
    uint32_t length;

    while ((length = utf8_decode(text, &glyph)) != 0) {
        grid_put(grid, area, column, row, pen, glyph);
        text += length;
        column++;
    }
    return column;
}

uint32_t grid_print(struct grid *grid, struct rect area, uint32_t column, uint32_t row,
                    struct pen pen, const char *format, ...)
{
    char text[1024];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    return grid_text(grid, area, column, row, pen, text);
}

struct rect grid_title(struct grid *grid, struct rect area, bool focused, const char *title)
{
    struct pen rule = {ROLE_TITLE, 0, 0};
    struct pen name = {ROLE_TITLE, CELL_BOLD, 0};

    grid_put(grid, area, 0, 0, rule, focused ? 0x2550u : GLYPH_RULE);
    uint32_t column = grid_text(grid, area, 2, 0, name, title) + 1;
    for (; column < area.columns; column++) {
        /* the panel with the focus has a double rule */
        grid_put(grid, area, column, 0, rule, focused ? 0x2550u : GLYPH_RULE);
    }
    return rect_part(area, 0, 1, area.columns, area.rows ? area.rows - 1 : 0);
}

void grid_mark_row(struct grid *grid, struct rect area, uint32_t row, struct pen pen)
{
    if (row >= area.rows) {
        return;
    }
    for (uint32_t column = 0; column < area.columns; column++) {
        struct cell *cell = grid_at(grid, area.column + column, area.row + row);
        if (cell) {
            cell->role = (uint16_t)pen.role;
            cell->attributes = (uint16_t)pen.attributes;
            cell->link = pen.link;
        }
    }
}

static uint32_t used_columns(const struct grid *grid, uint32_t row)
{
    uint32_t used = grid->columns;

    while (used > 0) {
        uint32_t glyph = grid_at(grid, used - 1, row)->glyph;
        if (glyph != 0 && glyph != ' ' && glyph != 0xA0) {
            break;
        }
        used--;
    }
    return used;
}

bool grid_dump_text(const struct grid *grid, FILE *file)
{
    for (uint32_t row = 0; row < grid->rows; row++) {
        uint32_t used = used_columns(grid, row);
        for (uint32_t column = 0; column < used; column++) {
            char bytes[4];
            uint32_t glyph = grid_at(grid, column, row)->glyph;
            uint32_t length = utf8_encode(glyph ? glyph : ' ', bytes);
            if (fwrite(bytes, 1, length, file) != length) {
                return false;
            }
        }
        if (fputc('\n', file) == EOF) {
            return false;
        }
    }
    return true;
}
