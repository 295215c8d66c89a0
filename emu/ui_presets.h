/* The table of presets, from ui_presets.def.
 * SPDX-License-Identifier: MIT */
#pragma once

#include "emu/ui_shape.h"

enum ui_preset {
#define PRESET(NAME, ...) PRESET_##NAME,
#include "emu/ui_presets.def"
#undef PRESET
    PRESET_COUNT
};

struct ui_preset_info {
    const char *word;
    char key; /* with the keys going to the DEBUGGER */
    enum ui_panel focus;
    const char *theme; /* "": as it is */
    uint32_t pixels;   /* height of the letters, 0: as it is */
    const char *text;  /* what it shows */
    const char *wide;  /* shape_parse() */
    const char *narrow;
};

/* NULL from PRESET_COUNT on. */
const struct ui_preset_info *preset_info(enum ui_preset preset);
/* By its word or the only one that begins so; PRESET_COUNT: none. */
enum ui_preset preset_named(const char *word);
/* By its key; PRESET_COUNT: none. */
enum ui_preset preset_of_key(char key);
