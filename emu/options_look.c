/* Options that say how the window looks.
 * SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "emu/options.h"
#include "emu/paint_cells.h"
#include "emu/ui_presets.h"

#define PIXELS_LEAST (FONT_SCALE_MIN * FONT_PIXELS / 100 + 1)
#define PIXELS_MOST  (FONT_SCALE_MAX * FONT_PIXELS / 100)

static bool take_pixels(struct options *options, const char *value, struct err *err)
{
    char *end;
    uint64_t number = strtoull(value, &end, 10);

    if (value[0] < '0' || value[0] > '9' || *end || number < PIXELS_LEAST || number > PIXELS_MOST) {
        return err_set(err, "--font-size %s: must be a number from %u to %u", value, PIXELS_LEAST,
                       PIXELS_MOST);
    }
    options->font_pixels = (uint32_t)number;
    return true;
}

bool options_take_look(struct options *options, const char *name, const char *value,
                       struct err *err)
{
    if (strcmp(name, "--preset") == 0) {
        options->preset = value;
        return preset_named(value) != PRESET_COUNT ||
               err_set(err,
                       "--preset %s: must be interrupt, syscall, signal, memory, processes, "
                       "console or lecture",
                       value);
    }
    if (strcmp(name, "--theme") == 0) {
        options->theme = value;
        return paint_theme_named(value) != THEME_COUNT ||
               err_set(err, "--theme %s: must be dark, light, contrast, safe-dark or safe-light",
                       value);
    }
    if (strcmp(name, "--font") == 0) {
        options->font = value;
        return value[0] || err_set(err, "--font: needs a file or builtin, not an empty word");
    }
    return take_pixels(options, value, err);
}

bool options_look_agrees(const struct options *options, struct err *err)
{
    bool look = options->preset || options->theme || options->font || options->font_pixels;

    if (options->headless && options->tui) {
        return err_set(err, "--tui: does not go with %s", options->exec ? "exec" : "--headless");
    }
    return !options->headless || !look ||
           err_set(err, "--preset, --theme, --font, --font-size: need the window or --tui");
}
