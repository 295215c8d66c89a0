/* What the parts of the terminal share: tui_terminal.c (start, loop, end), tui_keys.c (what
 * arrives), tui_paint.c (cells to the screen).
 * SPDX-License-Identifier: MIT */
#pragma once

#define NCURSES_NOMACROS 1
#define NCURSES_WIDECHAR 1
#include <ncurses.h>

#include "emu/ui_priv.h"

enum tui_colours { TUI_MONOCHROME, TUI_BASIC, TUI_MANY };

#define TUI_EXTRA_KEYS 8u

struct tui {
    struct ui ui;
    SCREEN *screen;
    struct grid shown; /* what the terminal holds */
    enum tui_colours colours;
    bool unicode;            /* the terminal shows UTF-8 */
    bool mouse;              /* it has one */
    int wake[2];             /* a pipe: the machine has something to show */
    short pairs[ROLE_COUNT]; /* ncurses colour pairs */
    struct {
        int code; /* that ncurses gives */
        struct ui_key key;
    } extra[TUI_EXTRA_KEYS]; /* arrows with Control */
    uint32_t extra_count;
};

/* tui_keys.c: the arrows with Control that this terminal has. */
void tui_find_keys(struct tui *tui);
/* Everything that has arrived. False at the end of the input. */
bool tui_take_keys(struct tui *tui);

/* tui_paint.c: colours for the present theme. */
void tui_use_theme(struct tui *tui);
void tui_paint(struct tui *tui);
/* A glyph for a terminal that has only ASCII. */
uint32_t tui_ascii(uint32_t glyph);
