/* The table of keys. Letters work while keys go to the DEBUGGER, F-keys always.
 * SPDX-License-Identifier: MIT */
#include "emu/ui_actions.h"

static const struct ui_action_info actions[] = {
    {ACTION_INTERRUPT, 2, 'T', "F2  T", "until interrupt", "stop at the next interrupt",
     "back to the last interrupt"},
    {ACTION_MICRO, 8, 'I', "F8  I", "micro", "one small step inside (micro-step)",
     "one small step back"},
    {ACTION_STEP, 11, 'S', "F11 S", "step", "one instruction", "one instruction back"},
    {ACTION_OVER, 10, 'N', "F10 N", "over", "one instruction, calls as a whole",
     "the same, backwards"},
    {ACTION_EXCEPTION, 3, 'E', "F3  E", "until exception", "stop at the next exception",
     "back to the last exception"},
    {ACTION_SYSCALL, 4, 'C', "F4  C", "until syscall", "stop at the next system call",
     "back to the last system call"},
    {ACTION_MODE_SWITCH, 7, 'M', "F7  M", "until mode", "stop where USER and KERNEL mode change",
     "back to the last change of mode"},
    {ACTION_RUN, 5, 'R', "F5  R", "run", "run (the space bar too)", "back to the last breakpoint"},
    {ACTION_PAUSE, 6, 'P', "F6  P", "pause", "pause (the space bar too)", NULL},
    {ACTION_BREAKPOINT, 9, 'B', "F9  B", "break", "breakpoint here, or off (a click too)", NULL},
    {ACTION_FOCUS, 12, 'G', "F12 G", "", "keys go to the GUEST; F12 brings them back", NULL},
    {ACTION_COMMAND, 0, ':', "    :", "", "type a command (Escape leaves)", NULL},
    {ACTION_KEYS, 1, '?', "F1  ?", "help", "this list", NULL},
    {ACTION_HELP, 0, 'H', "    H", "", "the three lines of the first screen on or off", NULL},
    {ACTION_NEXT_PANEL, 0, '\t', "  Tab", "", "next panel (a click too)", NULL},
    {ACTION_ZOOM, 0, 'Z', "    Z", "", "the panel alone, or all again", NULL},
    {ACTION_THEME, 0, 'L', "    L", "theme", "light or dark", NULL},
    {ACTION_BIGGER, 0, '+', "Ctrl+", "font", "bigger letters", NULL},
    {ACTION_SMALLER, 0, '-', "Ctrl-", "font", "smaller letters", NULL},
    {ACTION_DUMP, 0, 'D', "    D", "dump FILE", "the window into a file (.txt or .png)", NULL},
    {ACTION_QUIT, 0, 'Q', "    Q", "quit", "leave", NULL},
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

enum ui_action ui_action_of_text(char character)
{
    bool lower = character >= 'a' && character <= 'z';
    char letter = lower ? (char)(character - 'a' + 'A') : character;

    if (character == '=') {
        letter = '+'; /* the same key without Shift on many keyboards */
    }
    if (character == ' ') {
        return ACTION_PAUSE;
    }
    for (size_t index = 0; index < ACTION_ROWS; index++) {
        if (actions[index].letter == letter) {
            return actions[index].action;
        }
    }
    return ACTION_NONE;
}
