/* Characters and sequences of the US keyboard, as Linux's console sends them. See: IBM PC/AT
 * Technical Reference, "Keyboard", for the scancodes; console_codes(4).
 * SPDX-License-Identifier: MIT */
#include "drivers/keyboard_map.h"

#include "common/text.h"

#define ESCAPE      "\033"
#define LETTER_KEYS 0x3A
#define KEY_TAB     0x0F
#define KEY_F1      0x3B
#define KEY_F10     0x44
#define KEY_PAD     0x47 /* the keypad's 7; up to the dot at 53h */
#define KEY_PAD_END 0x53
#define KEY_F11     0x57
#define KEY_F12     0x58
#define KEY_ENTER   0x1C
#define KEY_SLASH   0x35

/* By scancode: first without, then with Shift. 0: no character. */
static const char plain[LETTER_KEYS + 1] =
    "\0\033"
    "1234567890-=\177\tqwertyuiop[]\r\0asdfghjkl;'`\0\\zxcvbnm,./"
    "\0*\0 ";
static const char shifted[LETTER_KEYS + 1] =
    "\0\033"
    "!@#$%^&*()_+\177\tQWERTYUIOP{}\r\0ASDFGHJKL:\"~\0|ZXCVBNM<>?"
    "\0*\0 ";

/* The keypad from 47h: with Num Lock; and what the keys are without it, which the grey keys (E0h)
 * always are: a letter for ESC [ letter, or a digit for ESC [ digit ~. */
static const char pad_numbers[] = "789-456+1230.";
static const char pad_keys[] = "1A5-DGC+4B623";

static const char *const function_keys[] = {
    ESCAPE "[[A",  ESCAPE "[[B",  ESCAPE "[[C",  ESCAPE "[[D",  ESCAPE "[[E",  ESCAPE "[17~",
    ESCAPE "[18~", ESCAPE "[19~", ESCAPE "[20~", ESCAPE "[21~", ESCAPE "[23~", ESCAPE "[24~",
};

static bool is_letter(char c)
{
    return (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
}

/* Ctrl with a character; -1: nothing. */
static int32_t with_ctrl(char c)
{
    static const char digits[] = "\0\033\034\035\036\037\177"; /* of 2..8 */

    if (c >= '2' && c <= '8') {
        return digits[c - '2'];
    }
    if (c >= '@' && c != 0x7F) {
        return c & 0x1F;
    }
    switch (c) {
    case ' ':
        return 0;
    case '/':
    case '?':
        return c == '/' ? 0x1F : 0x7F;
    case 0x7F:
        return '\b';
    default:
        return c < ' ' ? c : -1;
    }
}

static uint32_t character(char c, const struct key_modifiers *modifiers, char *text)
{
    int32_t result = modifiers->ctrl ? with_ctrl(c) : c;
    uint32_t length = 0;

    if (result < 0) {
        return 0;
    }
    if (modifiers->alt) {
        text[length++] = '\033';
    }
    text[length++] = (char)result;
    text[length] = '\0';
    return length;
}

/* A key of the keypad, or a grey one. */
static uint32_t pad_key(uint8_t key, bool extended, const struct key_modifiers *modifiers,
                        char *text)
{
    char number = pad_numbers[key - KEY_PAD], meaning = pad_keys[key - KEY_PAD];
    bool is_number = !extended && modifiers->num != modifiers->shift;

    if (is_number || number == '-' || number == '+') {
        return character(number, modifiers, text);
    }
    if (is_letter(meaning)) {
        bool application = modifiers->application && meaning != 'G';

        return (uint32_t)snprintf(text, KEYMAP_TEXT, ESCAPE "%c%c", application ? 'O' : '[',
                                  meaning);
    }
    return (uint32_t)snprintf(text, KEYMAP_TEXT, ESCAPE "[%c~", meaning);
}

static uint32_t function_key(uint32_t number, char *text)
{
    copy_text(text, function_keys[number], KEYMAP_TEXT);
    return strlen(text);
}

static uint32_t letter_key(uint8_t key, const struct key_modifiers *modifiers, char *text)
{
    bool upper = modifiers->shift != (modifiers->caps && is_letter(plain[key]));
    char c = upper ? shifted[key] : plain[key];

    if (key == KEY_TAB && modifiers->shift) {
        copy_text(text, ESCAPE "\t", KEYMAP_TEXT);
        return 2;
    }
    return c == '\0' ? 0 : character(c, modifiers, text);
}

uint32_t keymap_text(uint8_t key, bool extended, const struct key_modifiers *modifiers,
                     char text[KEYMAP_TEXT])
{
    if (key >= KEY_PAD && key <= KEY_PAD_END) {
        return pad_key(key, extended, modifiers, text);
    }
    if (extended) {
        return key == KEY_ENTER   ? character('\r', modifiers, text)
               : key == KEY_SLASH ? character('/', modifiers, text)
                                  : 0;
    }
    if (key >= KEY_F1 && key <= KEY_F10) {
        return function_key((uint32_t)key - KEY_F1, text);
    }
    if (key == KEY_F11 || key == KEY_F12) {
        return function_key((uint32_t)key - KEY_F11 + 10, text);
    }
    return key < LETTER_KEYS ? letter_key(key, modifiers, text) : 0;
}
