/* What a person types, as the guest's keyboard sends it: set 1 scancodes of a US keyboard.
 * SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SCANCODES_MAX 8u /* bytes of one stroke with its modifiers */

enum ui_special_key {
    KEY_ENTER,
    KEY_BACKSPACE,
    KEY_TAB,
    KEY_ESCAPE,
    KEY_UP,
    KEY_DOWN,
    KEY_LEFT,
    KEY_RIGHT,
    KEY_HOME,
    KEY_END,
    KEY_PAGE_UP,
    KEY_PAGE_DOWN,
    KEY_INSERT,
    KEY_DELETE,
    KEY_F1, /* and the eleven that follow */
    KEY_F12 = KEY_F1 + 11,
    KEY_SPECIAL_COUNT
};

/* Press and release of the key (with Shift if needed) that gives an ASCII character, with
 * Control held if `control`. Returns the number of bytes, 0 if a US keyboard has no such key. */
size_t ui_scancodes_of_character(uint32_t character, bool control, uint8_t bytes[SCANCODES_MAX]);
/* Press and release of a special key. */
size_t ui_scancodes_of_key(enum ui_special_key key, bool shift, bool control,
                           uint8_t bytes[SCANCODES_MAX]);
/* What a terminal sends for it on a serial line. Returns the number of bytes. */
size_t ui_serial_of_key(enum ui_special_key key, uint8_t bytes[SCANCODES_MAX]);
