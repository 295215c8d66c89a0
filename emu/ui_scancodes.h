/* What a person types, as the guest's keyboard sends it: set 1 scancodes of a US keyboard.
 * SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SCANCODES_MAX 8u /* bytes of one stroke with its modifiers */

enum ui_special_key {
    UI_KEY_ENTER,
    UI_KEY_BACKSPACE,
    UI_KEY_TAB,
    UI_KEY_ESCAPE,
    UI_KEY_UP,
    UI_KEY_DOWN,
    UI_KEY_LEFT,
    UI_KEY_RIGHT,
    UI_KEY_HOME,
    UI_KEY_END,
    UI_KEY_PAGE_UP,
    UI_KEY_PAGE_DOWN,
    UI_KEY_INSERT,
    UI_KEY_DELETE,
    UI_KEY_F1, /* and the eleven that follow */
    UI_KEY_F12 = UI_KEY_F1 + 11,
    UI_KEY_SPECIAL_COUNT
};

/* Press and release of the key (with Shift if needed) that gives an ASCII character, with
 * Control held if `control`. Returns the number of bytes, 0 if a US keyboard has no such key. */
size_t ui_scancodes_of_character(uint32_t character, bool control, uint8_t bytes[SCANCODES_MAX]);
/* Press and release of a special key. */
size_t ui_scancodes_of_key(enum ui_special_key key, bool shift, bool control,
                           uint8_t bytes[SCANCODES_MAX]);
/* What a terminal sends for it on a serial line. Returns the number of bytes. */
size_t ui_serial_of_key(enum ui_special_key key, uint8_t bytes[SCANCODES_MAX]);
