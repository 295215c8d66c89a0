/* The whole window as cells: where panels lie at any size, help, time slider, command line, lists.
 * A pure function of struct ui_model, so that window, terminal and dumps are the same picture.
 * SPDX-License-Identifier: MIT */
#pragma once

#include "emu/ui_shape.h"

#define UI_COMMAND_BYTES 256u

struct ui_model {
    struct view_context context;
    struct ui_shape wide;        /* both empty: those of the first preset */
    struct ui_shape narrow;      /* for windows with less room */
    enum ui_panel focus;         /* the panel that scrolls and zooms */
    bool zoomed;                 /* that panel alone */
    uint32_t picked;             /* link chosen in the panel in focus, 0: none */
    bool show_explain;           /* what a field means, over the panels */
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
    const char *speed;           /* how fast it runs, in words; NULL: nothing to say */
    bool sliding;                /* the mouse holds the slider ... */
    uint64_t slide_to;           /* ... at this clock */
    /* session_command_help(), or NULL */
    bool (*command_help)(size_t index, const char **name, const char **key, const char **text);
    /* the commands of the window itself, or NULL */
    bool (*window_help)(size_t index, const char **name, const char **text);
};

/* Where things are at one size of window. */
struct ui_placing {
    struct rect body;                /* all panels */
    struct rect slider;              /* the bar of time, rows 0: no room */
    struct rect panels[PANEL_COUNT]; /* columns 0 for those that have no room */
    struct ui_shape shape; /* what of the arrangement is shown, count 0: one panel alone */
    bool wide;             /* it is from model.wide, else from model.narrow */
};

void ui_layout(uint32_t columns, uint32_t rows, const struct ui_model *model,
               struct ui_placing *placing);
/* Which panel a cell belongs to; PANEL_COUNT if none. */
enum ui_panel ui_panel_at(const struct ui_placing *placing, uint32_t column, uint32_t row);
/* The arrangement that is in force, to change it. */
struct ui_shape *ui_layout_shape(struct ui_model *model, const struct ui_placing *placing);
/* Move a line of placing->shape and keep that in the model. False if nothing changed. */
bool ui_layout_move(struct ui_model *model, const struct ui_placing *placing,
                    struct ui_border border, int32_t by);
/* The panels of one of the presets. */
void ui_layout_use(struct ui_model *model, const char *wide, const char *narrow);

/* Marks at the right end of a title, which a click does. */
enum ui_title_mark { TITLE_NONE, TITLE_ZOOM, TITLE_CLOSE };
enum ui_title_mark ui_title_mark_at(struct rect panel, uint32_t column, uint32_t row);

/* The link after or before `link` in reading order, in a part of a drawn grid; the first or last
 * if that is not among them; 0: there is none. */
uint32_t ui_next_link(const struct grid *grid, struct rect area, uint32_t link, bool backwards);

/* Draw everything. */
void ui_compose(struct grid *grid, const struct ui_model *model);
/* The lists over everything: keys and commands. */
void ui_compose_keys(struct grid *grid, struct rect area, const struct ui_model *model);

/* The time slider: all of recorded history on one row, its marks and the present place. */
void ui_slider_draw(struct grid *grid, struct rect area, const struct ui_model *model);
/* The clock that a cell of it stands for; false outside the bar, or without history. */
bool ui_slider_clock(struct rect area, const struct ui_model *model, uint32_t column,
                     uint64_t *clock);
/* Where a key goes from the present: a mark or a twentieth further, whichever is nearer. */
uint64_t ui_slider_next(const struct session_view *view, bool backwards);
