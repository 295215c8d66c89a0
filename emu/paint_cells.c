/* Palettes, and the painter of cells into a frame buffer.
 * SPDX-License-Identifier: MIT */
#include "emu/paint_cells.h"

#include <string.h>

struct colours {
    uint32_t ink;
    uint32_t paper;
};

/* Every ink has a contrast of at least 4.5 to its paper. */
static const struct colours dark[ROLE_VGA_FIRST] = {
    [ROLE_TEXT] = {0xD8DEE9, 0x16181D},    [ROLE_DIM] = {0x8B93A1, 0x16181D},
    [ROLE_TITLE] = {0x7AA2D6, 0x16181D},   [ROLE_LABEL] = {0x9FB3C8, 0x16181D},
    [ROLE_CHANGED] = {0xFFB454, 0x16181D}, [ROLE_CURRENT] = {0xFFFFFF, 0x2B4A70},
    [ROLE_USER] = {0x7FD17F, 0x16181D},    [ROLE_KERNEL] = {0xFF8A80, 0x16181D},
    [ROLE_WARNING] = {0xFFD866, 0x16181D}, [ROLE_KEY] = {0x6FD3E0, 0x16181D},
};

static const struct colours light[ROLE_VGA_FIRST] = {
    [ROLE_TEXT] = {0x1F2328, 0xFFFFFF},    [ROLE_DIM] = {0x6A737D, 0xFFFFFF},
    [ROLE_TITLE] = {0x0550AE, 0xFFFFFF},   [ROLE_LABEL] = {0x57606A, 0xFFFFFF},
    [ROLE_CHANGED] = {0x953800, 0xFFFFFF}, [ROLE_CURRENT] = {0x0A0C10, 0xCFE8FF},
    [ROLE_USER] = {0x116329, 0xFFFFFF},    [ROLE_KERNEL] = {0xA40E26, 0xFFFFFF},
    [ROLE_WARNING] = {0x7D4E00, 0xFFFFFF}, [ROLE_KEY] = {0x0550AE, 0xFFFFFF},
};

/* The sixteen colours of a text screen. */
static const uint32_t vga_colours[16] = {
    0x000000, 0x0000AA, 0x00AA00, 0x00AAAA, 0xAA0000, 0xAA00AA, 0xAA5500, 0xAAAAAA,
    0x555555, 0x5555FF, 0x55FF55, 0x55FFFF, 0xFF5555, 0xFF55FF, 0xFFFF55, 0xFFFFFF,
};

void paint_palette(struct paint_palette *palette, bool light_theme)
{
    const struct colours *theme = light_theme ? light : dark;

    for (uint32_t role = 0; role < ROLE_VGA_FIRST; role++) {
        palette->ink[role] = theme[role].ink;
        palette->paper[role] = theme[role].paper;
    }
    for (uint32_t attribute = 0; attribute < 256; attribute++) {
        palette->ink[ROLE_VGA_FIRST + attribute] = vga_colours[attribute & 15u];
        palette->paper[ROLE_VGA_FIRST + attribute] = vga_colours[attribute >> 4 & 7u];
    }
}

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
