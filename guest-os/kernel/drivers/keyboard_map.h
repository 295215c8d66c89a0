/* The US keyboard as a table: which characters a key gives. SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#define KEYMAP_TEXT 8 /* bytes, with the null; the longest is ESC [ 2 4 ~ */

struct key_modifiers {
    bool shift, ctrl, alt, caps, num;
    bool application; /* cursor keys send ESC O */
};

/* The characters of key `key`: a scancode of set 1 without its release bit, `extended` after E0h.
 * Empty: none. out: text, ends with a null; a null character itself is length 1 of "". Returns the
 * number of characters. */
uint32_t keymap_text(uint8_t key, bool extended, const struct key_modifiers *modifiers,
                     char text[KEYMAP_TEXT]);
