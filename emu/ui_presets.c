/* The table of presets.
 * SPDX-License-Identifier: MIT */
#include "emu/ui_presets.h"

#include <string.h>

static const struct ui_preset_info presets[PRESET_COUNT] = {
#define PRESET(NAME, word, key, FOCUS, theme, pixels, text, wide, narrow)                          \
    {word, key, PANEL_##FOCUS, theme, pixels, text, wide, narrow},
#include "emu/ui_presets.def"
#undef PRESET
};

const struct ui_preset_info *preset_info(enum ui_preset preset)
{
    return preset < PRESET_COUNT ? &presets[preset] : NULL;
}

enum ui_preset preset_named(const char *word)
{
    enum ui_preset found = PRESET_COUNT;
    size_t length = strlen(word);

    for (uint32_t index = 0; index < PRESET_COUNT && length > 0; index++) {
        if (strncmp(presets[index].word, word, length) == 0) {
            if (found != PRESET_COUNT) {
                return PRESET_COUNT;
            }
            found = (enum ui_preset)index;
        }
    }
    return found;
}

enum ui_preset preset_of_key(char key)
{
    for (uint32_t index = 0; index < PRESET_COUNT; index++) {
        if (presets[index].key == key) {
            return (enum ui_preset)index;
        }
    }
    return PRESET_COUNT;
}
