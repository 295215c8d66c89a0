/* The themes. Colours of a theme are told apart by brightness too, and every ink has a contrast of
 * at least 4.5 to its paper (7 in the high-contrast theme), as WCAG 2.1, 1.4.3 and 1.4.6, count it.
 * The two safe themes use the hues of Okabe and Ito, "Color Universal Design" (2008), which people
 * with any kind of colour blindness can tell apart, darkened for a white paper.
 * SPDX-License-Identifier: MIT */
#include <string.h>

#include "emu/paint_cells.h"

struct colours {
    uint32_t ink;
    uint32_t paper;
};

static const struct {
    const char *word;
    const char *text;
    struct colours roles[ROLE_VGA_FIRST];
} themes[THEME_COUNT] = {
    [THEME_DARK] = {"dark",
                    "light letters on dark paper",
                    {
                        [ROLE_TEXT] = {0xD8DEE9, 0x16181D},
                        [ROLE_DIM] = {0x8B93A1, 0x16181D},
                        [ROLE_TITLE] = {0x7AA2D6, 0x16181D},
                        [ROLE_LABEL] = {0x9FB3C8, 0x16181D},
                        [ROLE_CHANGED] = {0xFFB454, 0x16181D},
                        [ROLE_CURRENT] = {0xFFFFFF, 0x2B4A70},
                        [ROLE_USER] = {0x7FD17F, 0x16181D},
                        [ROLE_KERNEL] = {0xFF8A80, 0x16181D},
                        [ROLE_WARNING] = {0xFFD866, 0x16181D},
                        [ROLE_KEY] = {0x6FD3E0, 0x16181D},
                    }},
    [THEME_LIGHT] = {"light",
                     "dark letters on white paper",
                     {
                         [ROLE_TEXT] = {0x1F2328, 0xFFFFFF},
                         [ROLE_DIM] = {0x6A737D, 0xFFFFFF},
                         [ROLE_TITLE] = {0x0550AE, 0xFFFFFF},
                         [ROLE_LABEL] = {0x57606A, 0xFFFFFF},
                         [ROLE_CHANGED] = {0x953800, 0xFFFFFF},
                         [ROLE_CURRENT] = {0x0A0C10, 0xCFE8FF},
                         [ROLE_USER] = {0x116329, 0xFFFFFF},
                         [ROLE_KERNEL] = {0xA40E26, 0xFFFFFF},
                         [ROLE_WARNING] = {0x7D4E00, 0xFFFFFF},
                         [ROLE_KEY] = {0x0550AE, 0xFFFFFF},
                     }},
    [THEME_CONTRAST] = {"contrast",
                        "the highest contrast: white, yellow and cyan on black",
                        {
                            [ROLE_TEXT] = {0xFFFFFF, 0x000000},
                            [ROLE_DIM] = {0xBFBFBF, 0x000000},
                            [ROLE_TITLE] = {0x80D8FF, 0x000000},
                            [ROLE_LABEL] = {0xE0E0E0, 0x000000},
                            [ROLE_CHANGED] = {0xFFD000, 0x000000},
                            [ROLE_CURRENT] = {0x000000, 0xFFFF00},
                            [ROLE_USER] = {0x00FF66, 0x000000},
                            [ROLE_KERNEL] = {0xFF9E9E, 0x000000},
                            [ROLE_WARNING] = {0xFFFF00, 0x000000},
                            [ROLE_KEY] = {0x00FFFF, 0x000000},
                        }},
    [THEME_SAFE_DARK] = {"safe-dark",
                         "colours for colour-blind eyes on dark paper",
                         {
                             [ROLE_TEXT] = {0xECEFF4, 0x14161A},
                             [ROLE_DIM] = {0x8E949E, 0x14161A},
                             [ROLE_TITLE] = {0x56B4E9, 0x14161A},
                             [ROLE_LABEL] = {0xB4BBC6, 0x14161A},
                             [ROLE_CHANGED] = {0xE69F00, 0x14161A},
                             [ROLE_CURRENT] = {0xFFFFFF, 0x005A94},
                             [ROLE_USER] = {0x56B4E9, 0x14161A},
                             [ROLE_KERNEL] = {0xF08A3C, 0x14161A},
                             [ROLE_WARNING] = {0xF0E442, 0x14161A},
                             [ROLE_KEY] = {0x2FC79C, 0x14161A},
                         }},
    [THEME_SAFE_LIGHT] = {"safe-light",
                          "colours for colour-blind eyes on white paper",
                          {
                              [ROLE_TEXT] = {0x1A1D21, 0xFFFFFF},
                              [ROLE_DIM] = {0x6A7079, 0xFFFFFF},
                              [ROLE_TITLE] = {0x00659E, 0xFFFFFF},
                              [ROLE_LABEL] = {0x50565E, 0xFFFFFF},
                              [ROLE_CHANGED] = {0x8A5A00, 0xFFFFFF},
                              [ROLE_CURRENT] = {0x000000, 0xBFE3F7},
                              [ROLE_USER] = {0x00659E, 0xFFFFFF},
                              [ROLE_KERNEL] = {0xA84300, 0xFFFFFF},
                              [ROLE_WARNING] = {0x6B5E00, 0xFFFFFF},
                              [ROLE_KEY] = {0x00735A, 0xFFFFFF},
                          }},
};

/* The sixteen colours of a text screen. */
static const uint32_t vga_colours[16] = {
    0x000000, 0x0000AA, 0x00AA00, 0x00AAAA, 0xAA0000, 0xAA00AA, 0xAA5500, 0xAAAAAA,
    0x555555, 0x5555FF, 0x55FF55, 0x55FFFF, 0xFF5555, 0xFF55FF, 0xFFFF55, 0xFFFFFF,
};

const char *paint_theme_word(enum paint_theme theme)
{
    return theme < THEME_COUNT ? themes[theme].word : NULL;
}

const char *paint_theme_text(enum paint_theme theme)
{
    return theme < THEME_COUNT ? themes[theme].text : NULL;
}

enum paint_theme paint_theme_named(const char *word)
{
    enum paint_theme found = THEME_COUNT;
    size_t length = strlen(word);

    for (uint32_t index = 0; index < THEME_COUNT && length > 0; index++) {
        if (strcmp(themes[index].word, word) == 0) {
            return (enum paint_theme)index;
        }
        if (strncmp(themes[index].word, word, length) == 0) {
            if (found != THEME_COUNT) {
                return THEME_COUNT;
            }
            found = (enum paint_theme)index;
        }
    }
    return found;
}

void paint_palette(struct paint_palette *palette, enum paint_theme theme)
{
    for (uint32_t role = 0; role < ROLE_VGA_FIRST; role++) {
        palette->ink[role] = themes[theme].roles[role].ink;
        palette->paper[role] = themes[theme].roles[role].paper;
    }
    for (uint32_t attribute = 0; attribute < 256; attribute++) {
        palette->ink[ROLE_VGA_FIRST + attribute] = vga_colours[attribute & 15u];
        palette->paper[ROLE_VGA_FIRST + attribute] = vga_colours[attribute >> 4 & 7u];
    }
}
