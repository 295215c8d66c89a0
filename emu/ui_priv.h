/* What the parts of the window share: ui_window.c (SDL, painting), ui_input.c (events to
 * actions), ui_command.c (command line), ui_picture.c (the session as a grid).
 * SPDX-License-Identifier: MIT */
#pragma once

#include <SDL.h>

#include "emu/paint_cells.h"
#include "emu/ui_actions.h"
#include "emu/ui_layout.h"
#include "emu/ui_machine.h"
#include "emu/ui_scancodes.h"
#include "emu/ui_window.h"

#define UI_HISTORY_LINES 64u
#define UI_CONSOLE_BYTES 16384u

/* A copy of a session and the grid that shows it. */
struct ui_picture {
    struct session_view *view;
    char *console; /* UI_CONSOLE_BYTES */
    struct ui_model model;
    struct grid grid;
    struct session *session; /* while it is being drawn */
};

struct ui_edit {
    char text[UI_COMMAND_BYTES];
    uint32_t length; /* bytes */
    uint32_t cursor; /* bytes from the start */
    char history[UI_HISTORY_LINES][UI_COMMAND_BYTES];
    uint32_t history_count;
    uint32_t history_at; /* line shown; history_count = the new one */
};

struct ui {
    struct ui_options options;
    struct ui_machine *machine;
    struct ui_picture picture;
    struct ui_edit edit;
    SDL_Window *window;
    SDL_Renderer *renderer;
    SDL_Texture *texture;
    struct font_face *face;
    struct paint_palette palette;
    struct paint_target target;
    struct grid shown;   /* what the frame buffer holds */
    uint32_t font_scale; /* per cent */
    bool light;
    bool dirty; /* something may look different */
    bool quit;
    bool start_over;                  /* size or font changed: new frame buffer */
    bool expose;                      /* the whole window is to be shown again */
    bool shift;                       /* held at the last key */
    uint32_t frames;                  /* painted */
    uint32_t event_type;              /* of the machine's notices */
    char font_path[UI_COMMAND_BYTES]; /* chosen in the window */
    char note[512];                   /* the window's own answer, shown in place of the session's */
};

/* ui_picture.c */
bool ui_picture_init(struct ui_picture *picture, const struct elf_symbols *symbols,
                     struct err *err);
void ui_picture_free(struct ui_picture *picture);
bool ui_picture_resize(struct ui_picture *picture, uint32_t columns, uint32_t rows);
/* Copy what is to be seen and draw it; the caller holds the session. `inside`: journal too. */
void ui_picture_draw(struct ui_picture *picture, struct session *session, bool inside);
/* Write the grid to .txt or .png. */
bool ui_picture_write(const struct ui_picture *picture, const char *path,
                      const struct paint_palette *palette, struct font_face *face, struct err *err);

/* ui_input.c */
void ui_handle_event(struct ui *ui, const SDL_Event *event);
/* Show the question whether to cut off the recorded future, if it is open. Session held. */
void ui_ask_if_needed(struct ui *ui);
void ui_do_action(struct ui *ui, enum ui_action action, bool backwards);

/* ui_command.c */
void ui_command_open(struct ui *ui, const char *text);
void ui_command_key(struct ui *ui, const SDL_Keysym *key);
void ui_command_text(struct ui *ui, const char *text);
/* Do one line: the window's own commands, else the session's. */
void ui_command_do(struct ui *ui, const char *line);
