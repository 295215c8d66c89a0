/* What a user has chosen in the window, kept in $XDG_CONFIG_HOME/ringside/settings.json (else
 * ~/.config): theme, font, size of letters, preset, help.
 * SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "emu/err.h"

struct ui_settings {
    char theme[16];      /* "": not chosen */
    char preset[16];     /* "": not chosen */
    char font[256];      /* file or "builtin", "": not chosen */
    uint32_t font_scale; /* per cent, 0: not chosen */
    bool hide_help;      /* the three lines */
};

/* Where the file is; false if neither variable names a folder. */
bool settings_path(char *path, uint32_t bytes);
/* A missing file leaves everything as not chosen. False with *err, one line, for a file that is
 * not right: nothing of it is used then. */
bool settings_load(struct ui_settings *settings, const char *path, struct err *err);
/* Makes the folder if need be; the file appears whole or not at all. */
bool settings_save(const struct ui_settings *settings, const char *path, struct err *err);
