/* The window, the same on a terminal, and the same picture without either.
 * SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "emu/elf_image.h"
#include "emu/err.h"
#include "emu/session.h"

struct ui_options {
    bool pace_real;                    /* the guest's clock follows the host's */
    bool start_paused;                 /* stopped at the first instruction */
    bool settings;                     /* read the user's settings file, and keep changes there */
    const char *theme;                 /* paint_theme_named(), NULL = the settings' or dark */
    const char *preset;                /* preset_named(), NULL = the settings' or interrupt */
    uint32_t font_scale;               /* per cent, 0 = the settings' or 100 */
    const char *font;                  /* font file, "builtin", NULL = look for one */
    uint32_t width;                    /* pixels, 0 = 1280 */
    uint32_t height;                   /* pixels, 0 = 800 */
    uint32_t dump_after_frames;        /* write dump_path after so many frames and leave; 0 = no */
    const char *dump_path;             /* .txt or .png */
    const struct elf_symbols *symbols; /* may be NULL */
};

#define UI_STATUS_LEFT      0 /* the user left the window */
#define UI_STATUS_NO_WINDOW 2 /* no display: *err says why and what to do */

/* Show the window until the user leaves it. Returns UI_STATUS_*. */
int ui_window_run(struct session *session, const struct ui_options *options, struct err *err);
/* Draw what the window would show, `columns` by `rows` cells (0: 160 by 50), into a .txt or .png
 * file, with no window. */
bool ui_dump(struct session *session, const struct ui_options *options, const char *path,
             uint32_t columns, uint32_t rows, struct err *err);
