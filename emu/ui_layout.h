/* The whole window as cells: where panels lie at any size, help, command line, key list.
 * A pure function of struct ui_model, so that the window and the dumps are the same picture.
 * SPDX-License-Identifier: MIT */
#pragma once

#include "emu/view_panels.h"

#define UI_COMMAND_BYTES 256u

struct ui_model {
    struct view_context context;
    enum ui_panel focus;         /* the panel that scrolls and zooms */
    bool zoomed;                 /* that panel alone */
    int32_t scroll[PANEL_COUNT]; /* rows, 0 = where the panel shows what matters */
    bool keys_to_guest;          /* else to the DEBUGGER */
    bool show_help;              /* the three lines */
    bool show_keys;              /* the list of keys over everything */
    int32_t keys_scroll;         /* rows */
    bool command_open;           /* the command line has the keys */
    const char *command;         /* UTF-8, what has been typed */
    uint32_t command_cursor;     /* bytes from its start */
    const char *question;        /* asked in place of the message; NULL: none */
    const char *note;            /* the window's own answer in place of it; NULL or "": none */
    /* session_command_help(), or NULL */
    bool (*command_help)(size_t index, const char **name, const char **key, const char **text);
};

/* Areas of the panels, columns 0 for those that have no room. */
void ui_layout(uint32_t columns, uint32_t rows, const struct ui_model *model,
               struct rect panels[PANEL_COUNT]);
/* Which panel a cell belongs to; PANEL_COUNT if none. */
enum ui_panel ui_panel_at(const struct rect panels[PANEL_COUNT], uint32_t column, uint32_t row);
/* Draw everything. */
void ui_compose(struct grid *grid, const struct ui_model *model);
