/* Characters and keys to set 1 scancodes, and to terminal sequences.
 * See: IBM PC/AT Technical Reference, "Keyboard", scan code set 1.
 * SPDX-License-Identifier: MIT */
#include "emu/ui_scancodes.h"

#include <string.h>

#define SCAN_SHIFT   0x2Au
#define SCAN_CONTROL 0x1Du
#define SCAN_RELEASE 0x80u
#define SCAN_PREFIX  0xE0u

/* Rows of a US keyboard: the first key's scancode, characters plain and with Shift. */
static const struct {
    uint8_t first;
    const char *plain;
    const char *shifted;
} rows[] = {
    {0x02, "1234567890-=", "!@#$%^&*()_+"},
    {0x10, "qwertyuiop[]", "QWERTYUIOP{}"},
    {0x1E, "asdfghjkl;'`", "ASDFGHJKL:\"~"},
    {0x2B, "\\zxcvbnm,./", "|ZXCVBNM<>?"},
    {0x39, " ", " "},
};

/* extended: with prefix E0h. */
static const struct {
    uint8_t scancode;
    uint8_t extended;
    const char *terminal;
} special[UI_KEY_SPECIAL_COUNT] = {
    [UI_KEY_ENTER] = {0x1C, 0, "\r"},         [UI_KEY_BACKSPACE] = {0x0E, 0, "\x7F"},
    [UI_KEY_TAB] = {0x0F, 0, "\t"},           [UI_KEY_ESCAPE] = {0x01, 0, "\x1B"},
    [UI_KEY_UP] = {0x48, 1, "\x1B[A"},        [UI_KEY_DOWN] = {0x50, 1, "\x1B[B"},
    [UI_KEY_LEFT] = {0x4B, 1, "\x1B[D"},      [UI_KEY_RIGHT] = {0x4D, 1, "\x1B[C"},
    [UI_KEY_HOME] = {0x47, 1, "\x1B[H"},      [UI_KEY_END] = {0x4F, 1, "\x1B[F"},
    [UI_KEY_PAGE_UP] = {0x49, 1, "\x1B[5~"},  [UI_KEY_PAGE_DOWN] = {0x51, 1, "\x1B[6~"},
    [UI_KEY_INSERT] = {0x52, 1, "\x1B[2~"},   [UI_KEY_DELETE] = {0x53, 1, "\x1B[3~"},
    [UI_KEY_F1] = {0x3B, 0, "\x1BOP"},        [UI_KEY_F1 + 1] = {0x3C, 0, "\x1BOQ"},
    [UI_KEY_F1 + 2] = {0x3D, 0, "\x1BOR"},    [UI_KEY_F1 + 3] = {0x3E, 0, "\x1BOS"},
    [UI_KEY_F1 + 4] = {0x3F, 0, "\x1B[15~"},  [UI_KEY_F1 + 5] = {0x40, 0, "\x1B[17~"},
    [UI_KEY_F1 + 6] = {0x41, 0, "\x1B[18~"},  [UI_KEY_F1 + 7] = {0x42, 0, "\x1B[19~"},
    [UI_KEY_F1 + 8] = {0x43, 0, "\x1B[20~"},  [UI_KEY_F1 + 9] = {0x44, 0, "\x1B[21~"},
    [UI_KEY_F1 + 10] = {0x57, 0, "\x1B[23~"}, [UI_KEY_F12] = {0x58, 0, "\x1B[24~"},
};

static size_t stroke(uint32_t scancode, bool extended, bool shift, bool control,
                     uint8_t bytes[SCANCODES_MAX])
{
    size_t count = 0;

    if (control) {
        bytes[count++] = SCAN_CONTROL;
    }
    if (shift) {
        bytes[count++] = SCAN_SHIFT;
    }
    if (extended) {
        bytes[count++] = SCAN_PREFIX;
    }
    bytes[count++] = (uint8_t)scancode;
    if (extended) {
        bytes[count++] = SCAN_PREFIX;
    }
    bytes[count++] = (uint8_t)(scancode | SCAN_RELEASE);
    if (shift) {
        bytes[count++] = SCAN_SHIFT | SCAN_RELEASE;
    }
    if (control) {
        bytes[count++] = SCAN_CONTROL | SCAN_RELEASE;
    }
    return count;
}

size_t ui_scancodes_of_character(uint32_t character, bool control, uint8_t bytes[SCANCODES_MAX])
{
    if (character == 0 || character > 0x7E) {
        return 0;
    }
    for (size_t row = 0; row < sizeof rows / sizeof rows[0]; row++) {
        const char *plain = strchr(rows[row].plain, (int)character);
        const char *shifted = strchr(rows[row].shifted, (int)character);
        if (plain) {
            return stroke(rows[row].first + (uint32_t)(plain - rows[row].plain), false, false,
                          control, bytes);
        }
        if (shifted) {
            return stroke(rows[row].first + (uint32_t)(shifted - rows[row].shifted), false, true,
                          control, bytes);
        }
    }
    return 0;
}

size_t ui_scancodes_of_key(enum ui_special_key key, bool shift, bool control,
                           uint8_t bytes[SCANCODES_MAX])
{
    bool extended = special[key].extended;

    /* a stroke holds at most eight bytes: Shift gives way beside Control and a prefix */
    return stroke(special[key].scancode, extended, shift && !(extended && control), control, bytes);
}

size_t ui_serial_of_key(enum ui_special_key key, uint8_t bytes[SCANCODES_MAX])
{
    size_t count = strlen(special[key].terminal);

    memcpy(bytes, special[key].terminal, count);
    return count;
}
