/* One line that is being edited, with the lines before it.
 * SPDX-License-Identifier: MIT */
#pragma once

#include "emu/ui_layout.h"
#include "emu/ui_scancodes.h"

#define UI_HISTORY_LINES 64u

struct ui_edit {
    char text[UI_COMMAND_BYTES];
    uint32_t length; /* bytes */
    uint32_t cursor; /* bytes from the start */
    char history[UI_HISTORY_LINES][UI_COMMAND_BYTES];
    uint32_t history_count;
    uint32_t history_at; /* line shown; history_count = the new one */
};

/* Begin a new line with this text in it. */
void edit_begin(struct ui_edit *edit, const char *text);
/* Put UTF-8 text at the cursor, as far as there is room. */
void edit_insert(struct ui_edit *edit, const char *text);
/* Arrows, Home, End, Backspace, Delete; others are ignored. */
void edit_key(struct ui_edit *edit, enum ui_special_key key);
/* Keep the line among those that the up arrow brings back. */
void edit_remember(struct ui_edit *edit);
