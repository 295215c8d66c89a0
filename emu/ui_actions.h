/* What keys do: one table for the key handlers, the help and docs/keys.md.
 * SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum ui_action {
    ACTION_NONE,
#define ACTION(NAME, ...) ACTION_##NAME,
#include "emu/ui_actions.def"
#undef ACTION
    ACTION_COUNT
};

struct ui_action_info {
    enum ui_action action;
    uint8_t f_key;       /* 1..12, 0: none */
    char letter;         /* with the keys going to the DEBUGGER; upper case, 0: none */
    const char *keys;    /* both, as shown to people */
    const char *command; /* the same on the command line, "" if none */
    const char *text;    /* what it does */
    const char *shifted; /* what it does with Shift, NULL: nothing */
    const char *back;    /* the command for that, "": none */
};

/* Rows in the order of the help; NULL after the last. */
const struct ui_action_info *ui_action_row(size_t index);
/* F-key number 1..12; ACTION_NONE if it has no meaning. */
enum ui_action ui_action_of_f_key(uint32_t number);
/* A character typed with the keys going to the DEBUGGER; letters in either case. *shifted: it can
 * only be typed with Shift and stands for what the action does with it. */
enum ui_action ui_action_of_text(char character, bool *shifted);
