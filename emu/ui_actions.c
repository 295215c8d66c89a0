/* The table of keys. Letters work while keys go to the DEBUGGER, F-keys always.
 * SPDX-License-Identifier: MIT */
#include "emu/ui_actions.h"

static const struct ui_action_info actions[] = {
#define ACTION(NAME, f_key, letter, keys, command, text, shifted, back)                            \
    {ACTION_##NAME, f_key, letter, keys, command, text, shifted, back},
#include "emu/ui_actions.def"
#undef ACTION
};

#define ACTION_ROWS (sizeof actions / sizeof actions[0])

const struct ui_action_info *ui_action_row(size_t index)
{
    return index < ACTION_ROWS ? &actions[index] : NULL;
}

enum ui_action ui_action_of_f_key(uint32_t number)
{
    for (size_t index = 0; index < ACTION_ROWS; index++) {
        if (actions[index].f_key != 0 && actions[index].f_key == number) {
            return actions[index].action;
        }
    }
    return ACTION_NONE;
}

/* Signs of the same key with or without Shift on many keyboards. */
static char usual_sign(char character, bool *shifted)
{
    static const char signs[][2] = {{'=', '+'}, {',', '<'}, {'.', '>'}};

    *shifted = character == '{' || character == '}';
    if (*shifted) {
        return character == '{' ? '[' : ']';
    }
    for (size_t index = 0; index < sizeof signs / sizeof signs[0]; index++) {
        if (signs[index][0] == character) {
            return signs[index][1];
        }
    }
    return character;
}

enum ui_action ui_action_of_text(char character, bool *shifted)
{
    bool lower = character >= 'a' && character <= 'z';
    char letter = usual_sign(lower ? (char)(character - 'a' + 'A') : character, shifted);

    if (character == ' ') {
        return ACTION_PAUSE;
    }
    for (size_t index = 0; index < ACTION_ROWS && letter; index++) {
        if (actions[index].letter == letter) {
            return actions[index].action;
        }
    }
    return ACTION_NONE;
}
