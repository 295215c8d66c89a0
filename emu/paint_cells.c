/* The painter of cells into a frame buffer.
 * SPDX-License-Identifier: MIT */
#include "emu/paint_cells.h"

/* Between paper and ink by coverage 0..255, each of the three channels. */
static uint32_t mix(uint32_t paper, uint32_t ink, uint32_t coverage)
{
    uint32_t weight = coverage + (coverage >> 7); /* 0..256 */
    uint32_t red_blue = (paper & 0xFF00FFu) * (256 - weight) + (ink & 0xFF00FFu) * weight;
    uint32_t green = (paper & 0x00FF00u) * (256 - weight) + (ink & 0x00FF00u) * weight;

    return (red_blue >> 8 & 0xFF00FFu) | (green >> 8 & 0x00FF00u);
}

static void paint_cell(const struct paint_target *target, uint32_t x, uint32_t y,
                       const struct cell *cell, const struct paint_palette *palette,
                       struct font_face *face)
{
    uint32_t width = font_face_width(face);
    uint32_t height = font_face_height(face);
    uint32_t role = cell->role < ROLE_COUNT ? cell->role : (uint32_t)ROLE_TEXT;
    bool reverse = cell->attributes & CELL_REVERSE;
    uint32_t ink = reverse ? palette->paper[role] : palette->ink[role];
    uint32_t paper = reverse ? palette->ink[role] : palette->paper[role];
    bool blank = cell->glyph == 0 || cell->glyph == ' ';
    const uint8_t *coverage =
        blank ? NULL : font_face_glyph(face, cell->glyph, cell->attributes & CELL_BOLD);

    for (uint32_t row = 0; row < height && y + row < target->height; row++) {
        uint32_t *line = target->pixels + (size_t)(y + row) * target->width + x;
        bool underline = (cell->attributes & CELL_UNDERLINE) && row + 2 >= height;
        for (uint32_t column = 0; column < width && x + column < target->width; column++) {
            uint32_t here = coverage ? coverage[row * width + column] : 0;
            line[column] = underline ? ink : here ? mix(paper, ink, here) : paper;
        }
    }
}

uint32_t paint_grid(const struct paint_target *target, const struct grid *grid, struct grid *shown,
                    const struct paint_palette *palette, struct font_face *face, uint32_t *first,
                    uint32_t *end)
{
    uint32_t width = font_face_width(face);
    uint32_t height = font_face_height(face);
    uint32_t painted = 0;

    *first = target->height;
    *end = 0;
    for (uint32_t index = 0; index < grid->columns * grid->rows; index++) {
        const struct cell *cell = &grid->cells[index];
        struct cell *old = shown ? &shown->cells[index] : NULL;
        if (old && old->glyph == cell->glyph && old->role == cell->role &&
            old->attributes == cell->attributes) {
            continue;
        }
        uint32_t y = index / grid->columns * height;
        paint_cell(target, index % grid->columns * width, y, cell, palette, face);
        if (old) {
            *old = *cell;
        }
        *first = y < *first ? y : *first;
        *end = y + height > *end ? y + height : *end;
        painted++;
    }
    *end = *end < target->height ? *end : target->height;
    return painted;
}
