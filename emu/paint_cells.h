/* Cells to pixels: palettes and a painter that paints only what differs.
 * SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "emu/err.h"
#include "emu/grid.h"
#include "emu/ui_font_face.h"

/* Colours 00RRGGBB by role. */
struct paint_palette {
    uint32_t ink[ROLE_COUNT];
    uint32_t paper[ROLE_COUNT];
};

struct paint_target {
    uint32_t *pixels; /* 00RRGGBB */
    uint32_t width;   /* pixels */
    uint32_t height;  /* pixels */
};

/* In the order of the key that changes them. */
enum paint_theme {
    THEME_DARK,
    THEME_LIGHT,
    THEME_CONTRAST,
    THEME_SAFE_DARK,
    THEME_SAFE_LIGHT,
    THEME_COUNT
};

/* The word of a theme; NULL from THEME_COUNT on. */
const char *paint_theme_word(enum paint_theme theme);
/* One line about it. */
const char *paint_theme_text(enum paint_theme theme);
/* By its word or the only one that begins so; THEME_COUNT: none. */
enum paint_theme paint_theme_named(const char *word);
void paint_palette(struct paint_palette *palette, enum paint_theme theme);

/* Paint the cells of `grid` that differ from `shown` (same size; all cells if NULL) and copy
 * them there. out: pixel rows [*first, *end) that changed. Returns the number of cells. */
uint32_t paint_grid(const struct paint_target *target, const struct grid *grid, struct grid *shown,
                    const struct paint_palette *palette, struct font_face *face, uint32_t *first,
                    uint32_t *end);
/* Paint the grid into a PNG file. */
bool paint_png(const char *path, const struct grid *grid, const struct paint_palette *palette,
               struct font_face *face, struct err *err);
