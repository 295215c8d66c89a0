/* The seat itself, without window or terminal: what ui_window.c (SDL) and tui_terminal.c (ncurses)
 * share. ui_core.c (start, look), ui_input.c and ui_mouse.c (what is pressed, to actions),
 * ui_action.c (actions), ui_command.c (command line), ui_picture.c (the session as a grid).
 * SPDX-License-Identifier: MIT */
#pragma once

#include "emu/paint_cells.h"
#include "emu/ui_actions.h"
#include "emu/ui_edit.h"
#include "emu/ui_layout.h"
#include "emu/ui_machine.h"
#include "emu/ui_presets.h"
#include "emu/ui_scancodes.h"
#include "emu/ui_settings.h"
#include "emu/ui_window.h"

#define UI_CONSOLE_BYTES 16384u

/* A copy of a session and the grid that shows it. */
struct ui_picture {
    struct session_view *view;
    char *console; /* UI_CONSOLE_BYTES */
    struct ui_model model;
    struct grid grid;
    struct session *session; /* while it is being drawn */
};

/* Theme and size of the letters. */
struct ui_look {
    enum paint_theme theme;
    uint32_t font_scale; /* per cent */
};

/* What the mouse holds. */
struct ui_drag {
    enum { DRAG_NOTHING, DRAG_BORDER, DRAG_SLIDER } what;
    struct ui_border border;
    uint32_t column; /* of the grid, where it is now */
    uint32_t row;
};

/* One key as both front ends give it: a special key, or a character with Control. */
struct ui_key {
    enum ui_special_key key; /* UI_KEY_SPECIAL_COUNT: a character */
    uint32_t character;      /* that Control is held with; lower case */
    bool shift;
    bool control;
    bool alt;
};

struct ui {
    struct ui_options options;
    struct ui_machine *machine;
    struct ui_picture picture;
    struct ui_edit edit;
    struct ui_look look;         /* shown */
    struct ui_look own;          /* the user's, while a preset brings another */
    bool borrowed;               /* `look` is a preset's */
    enum ui_preset preset;       /* the last one chosen */
    struct ui_settings settings; /* as in the file */
    char settings_path[512];     /* "": none is kept */
    bool settings_changed;       /* by the user */
    struct ui_drag drag;
    bool mouse_seen;       /* it has been moved */
    uint32_t mouse_column; /* of the grid, where it was last */
    uint32_t mouse_row;
    bool dirty; /* something may look different */
    bool quit;
    bool start_over;                   /* size, font or theme changed */
    bool shift;                        /* held at the last key */
    bool pixels;                       /* a window: letters have a size */
    uint32_t frames;                   /* painted */
    char font_path[UI_COMMAND_BYTES];  /* chosen by the user; "": look for one */
    char speed[48];                    /* in words, "": the usual */
    char layout[2 * SHAPE_TEXT_BYTES]; /* as the session knows it */
    char queued[UI_COMMAND_BYTES];     /* a script's line for the window, "": none */
    char note[512];                    /* the window's answer, in place of the session's */
};

/* ui_core.c */
/* Read the settings, choose look and preset. The machine's thread starts in ui_start(). */
bool ui_open(struct ui *ui, const struct ui_options *options, struct err *err);
bool ui_start(struct ui *ui, struct session *session, void (*changed)(void *context), void *context,
              struct err *err);
/* Ends the thread, keeps the settings if something in them changed. */
void ui_close(struct ui *ui);
void ui_say(struct ui *ui, const char *format, ...) __attribute__((format(printf, 2, 3)));
void ui_use_preset(struct ui *ui, enum ui_preset preset);
/* The same as the user's wish: said, and kept in the settings. */
void ui_choose_preset(struct ui *ui, enum ui_preset preset);
void ui_set_theme(struct ui *ui, enum paint_theme theme);
void ui_set_font_scale(struct ui *ui, uint32_t scale);
void ui_set_font_file(struct ui *ui, const char *path);
/* Where everything is in the grid that was drawn last. */
void ui_place(const struct ui *ui, struct ui_placing *placing);
/* Draw the grid anew from the session. */
void ui_draw(struct ui *ui);
/* After a notice of the machine: a script may have asked to leave. */
void ui_look_after(struct ui *ui);

/* ui_picture.c */
bool ui_picture_init(struct ui_picture *picture, const struct elf_symbols *symbols,
                     struct err *err);
void ui_picture_free(struct ui_picture *picture);
bool ui_picture_resize(struct ui_picture *picture, uint32_t columns, uint32_t rows);
/* Copy what is to be seen and draw it; the caller holds the session. `inside`: journal too. */
void ui_picture_draw(struct ui_picture *picture, struct session *session, bool inside);
/* panel_command() with the memory of the session, which the caller holds. */
bool ui_picture_command(struct ui_picture *picture, struct session *session, enum ui_panel panel,
                        uint32_t link, char *text, size_t bytes);
/* Write the grid to .txt or .png. */
bool ui_picture_write(const struct ui_picture *picture, const char *path, enum paint_theme theme,
                      const char *font, uint32_t font_scale, struct err *err);

/* ui_input.c: what front ends tell. Text is UTF-8, one or more characters. */
void ui_key(struct ui *ui, const struct ui_key *key);
void ui_text(struct ui *ui, const char *text, bool shift);

/* ui_mouse.c: cells of the grid */
enum ui_button { UI_BUTTON_LEFT, UI_BUTTON_RIGHT };
void ui_press_button(struct ui *ui, uint32_t column, uint32_t row, enum ui_button button);
void ui_move_mouse(struct ui *ui, uint32_t column, uint32_t row);
void ui_release_button(struct ui *ui, uint32_t column, uint32_t row);
void ui_turn_wheel(struct ui *ui, uint32_t column, uint32_t row, int32_t rows);

/* What a click on a link does; the panel in focus and its picked link for Enter. */
void ui_follow_link(struct ui *ui, enum ui_panel panel, uint32_t link);
void ui_pick_link(struct ui *ui, bool backwards);
/* What the chosen thing, or else the field under the mouse, means; false: nothing known there. */
bool ui_explain_here(struct ui *ui);

/* ui_action.c */
/* Show the question whether to cut off the recorded future, if it is open. Session held. */
void ui_ask_if_needed(struct ui *ui);
void ui_do_action(struct ui *ui, enum ui_action action, bool backwards);
void ui_toggle_breakpoint(struct ui *ui, uint32_t linear);
void ui_go_to_clock(struct ui *ui, uint64_t clock);
void ui_scroll(struct ui *ui, enum ui_panel panel, int32_t rows);
void ui_reset_scroll(struct ui *ui);
void ui_close_panel(struct ui *ui, enum ui_panel panel);
void ui_resize_panel(struct ui *ui, bool vertical, int32_t by);

/* ui_command.c */
void ui_command_open(struct ui *ui, const char *text);
void ui_command_key(struct ui *ui, const struct ui_key *key);
/* Do one line: the window's own commands, else the session's. */
void ui_command_do(struct ui *ui, const char *line);
/* Keep a script's line if it is one of the window's; called with the session held. */
bool ui_command_queue(void *context, const char *line);
/* Do what is kept. */
void ui_command_take_queued(struct ui *ui);
/* The window's own commands: index from 0; false after the last. */
bool ui_command_help(size_t index, const char **name, const char **text);
