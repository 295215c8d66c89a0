/* The SDL window around the seat: ui_window.c (painting), ui_window_events.c (events).
 * SPDX-License-Identifier: MIT */
#pragma once

#include <SDL.h>

#include "emu/ui_priv.h"

struct window {
    struct ui ui;
    SDL_Window *window;
    SDL_Renderer *renderer;
    SDL_Texture *texture;
    struct font_face *face;
    struct paint_palette palette;
    struct paint_target target;
    struct grid shown; /* what the frame buffer holds */
    bool expose;       /* the whole window is to be shown again */
};

void window_take_event(struct window *window, const SDL_Event *event);
