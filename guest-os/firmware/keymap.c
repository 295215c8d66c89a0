/* What each key of a US keyboard gives: IBM PC/AT Technical Reference, "Keyboard encoding".
 * SPDX-License-Identifier: MIT */
#include "firmware/firmware.h"

/* A row for each scan code: character alone, with Shift, with Ctrl (NONE: the key gives nothing
 * then; 0: a code without a character), and the scan code that Alt gives (0: nothing). */
#define NONE 0xFF

struct key {
    uint8_t plain;   /* character */
    uint8_t shifted; /* character */
    uint8_t control; /* character, or NONE */
    uint8_t alt;     /* scan code, or 0 */
};

#define LETTER(character, alternative)                                                             \
    {                                                                                              \
        (character), (character)-0x20, (character)-0x60, (alternative)                             \
    }
#define NOTHING                                                                                    \
    {                                                                                              \
        NONE, NONE, NONE, 0                                                                        \
    }

static ROM_DATA struct key keys[] = {
    NOTHING,
    {0x1B, 0x1B, 0x1B, 0x01}, /* 01h Esc */
    {'1', '!', NONE, 0x78},
    {'2', '@', 0x00, 0x79},
    {'3', '#', NONE, 0x7A},
    {'4', '$', NONE, 0x7B},
    {'5', '%', NONE, 0x7C},
    {'6', '^', 0x1E, 0x7D},
    {'7', '&', NONE, 0x7E},
    {'8', '*', NONE, 0x7F},
    {'9', '(', NONE, 0x80},
    {'0', ')', NONE, 0x81},
    {'-', '_', 0x1F, 0x82},
    {'=', '+', NONE, 0x83},
    {'\b', '\b', 0x7F, 0x0E},
    {'\t', 0x00, NONE, 0xA5},
    LETTER('q', 0x10), /* 10h */
    LETTER('w', 0x11),
    LETTER('e', 0x12),
    LETTER('r', 0x13),
    LETTER('t', 0x14),
    LETTER('y', 0x15),
    LETTER('u', 0x16),
    LETTER('i', 0x17),
    LETTER('o', 0x18),
    LETTER('p', 0x19),
    {'[', '{', 0x1B, 0x1A},
    {']', '}', 0x1D, 0x1B},
    {'\r', '\r', '\n', 0x1C},
    NOTHING, /* 1Dh Ctrl */
    LETTER('a', 0x1E),
    LETTER('s', 0x1F),
    LETTER('d', 0x20),
    LETTER('f', 0x21),
    LETTER('g', 0x22),
    LETTER('h', 0x23),
    LETTER('j', 0x24),
    LETTER('k', 0x25),
    LETTER('l', 0x26),
    {';', ':', NONE, 0x27},
    {'\'', '"', NONE, 0x28},
    {'`', '~', NONE, 0x29},
    NOTHING, /* 2Ah left Shift */
    {'\\', '|', 0x1C, 0x2B},
    LETTER('z', 0x2C),
    LETTER('x', 0x2D),
    LETTER('c', 0x2E),
    LETTER('v', 0x2F),
    LETTER('b', 0x30),
    LETTER('n', 0x31),
    LETTER('m', 0x32),
    {',', '<', NONE, 0x33},
    {'.', '>', NONE, 0x34},
    {'/', '?', NONE, 0x35},
    NOTHING, /* 36h right Shift */
    {'*', '*', NONE, 0x37},
    NOTHING, /* 38h Alt */
    {' ', ' ', ' ', 0x39},
};

#define SCAN_LAST_TABLE (sizeof(keys) / sizeof(keys[0]) - 1)

/* The number pad, 47h to 53h: digits with Num Lock or Shift, else cursor keys. */
static ROM_DATA char pad_digits[] = "789-456+1230.";
static ROM_DATA uint8_t pad_control[] = {0x77, 0x8D, 0x84, 0x8E, 0x73, 0x8F, 0x74,
                                         0x90, 0x75, 0x91, 0x76, 0x92, 0x93};
#define PAD_FIRST 0x47
#define PAD_LAST  0x53
#define PAD_MINUS 0x4A
#define PAD_PLUS  0x4E

#define F1  0x3B
#define F10 0x44
#define F11 0x57
#define F12 0x58

static uint16_t code(uint32_t scan, uint32_t character)
{
    return (uint16_t)(scan << 8 | character);
}

static uint16_t function_key(uint8_t scan, uint8_t shift_flags)
{
    uint32_t step = scan >= F11 ? 2 : 10;
    uint32_t first = scan >= F11 ? 0x85u + (scan - F11) : scan;
    uint32_t shifted = scan >= F11 ? first : first + 0x0F;

    if (shift_flags & SHIFT_ALT) {
        return code(scan >= F11 ? first + 3 * step : shifted + 2 * step, 0);
    }
    if (shift_flags & SHIFT_CTRL) {
        return code(scan >= F11 ? first + 2 * step : shifted + step, 0);
    }
    if (shift_flags & (SHIFT_LEFT | SHIFT_RIGHT)) {
        return code(scan >= F11 ? first + step : shifted + 0x0A, 0);
    }
    return code(first, 0);
}

static uint16_t pad_key(uint8_t scan, uint8_t shift_flags)
{
    bool shift = (shift_flags & (SHIFT_LEFT | SHIFT_RIGHT)) != 0;
    bool number = (shift_flags & SHIFT_NUM) != 0;
    uint32_t at = scan - PAD_FIRST;

    if (shift_flags & SHIFT_ALT) {
        return 0;
    }
    if (shift_flags & SHIFT_CTRL) {
        return code(pad_control[at], 0);
    }
    if (scan == PAD_MINUS || scan == PAD_PLUS || shift != number) {
        return code(scan, (uint8_t)pad_digits[at]);
    }
    return code(scan, 0);
}

static uint16_t table_key(uint8_t scan, uint8_t shift_flags)
{
    ROM struct key *key = &keys[scan];
    bool letter = key->plain >= 'a' && key->plain <= 'z';
    bool shift = (shift_flags & (SHIFT_LEFT | SHIFT_RIGHT)) != 0;

    if (key->plain == NONE) {
        return 0;
    }
    if (shift_flags & SHIFT_ALT) {
        return code(key->alt, 0);
    }
    if (shift_flags & SHIFT_CTRL) {
        return key->control == NONE ? 0 : code(scan, key->control);
    }
    if (letter && (shift_flags & SHIFT_CAPS)) {
        shift = !shift;
    }
    return code(scan, shift ? key->shifted : key->plain);
}

uint16_t keymap_look(uint8_t scan, uint8_t shift_flags)
{
    if (scan <= SCAN_LAST_TABLE) {
        return table_key(scan, shift_flags);
    }
    if ((scan >= F1 && scan <= F10) || scan == F11 || scan == F12) {
        return function_key(scan, shift_flags);
    }
    if (scan >= PAD_FIRST && scan <= PAD_LAST) {
        return pad_key(scan, shift_flags);
    }
    return 0;
}
