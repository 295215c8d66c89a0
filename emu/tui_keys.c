/* Keys and mouse of a terminal, as the seat takes them.
 * SPDX-License-Identifier: MIT */
#include "emu/tui_priv.h"

#include <signal.h>
#include <string.h>
#include <unistd.h>
#include <wctype.h>

#define WHEEL_ROWS    3
#define MOUSE_EVENTS  8 /* that ncurses keeps */
#define CONTROL_KEYS  0x20u
#define KEY_OF_ESCAPE 27u

static const struct {
    int code;
    enum ui_special_key key;
    bool shift;
} keys[] = {
    {KEY_UP, UI_KEY_UP, false},         {KEY_DOWN, UI_KEY_DOWN, false},
    {KEY_LEFT, UI_KEY_LEFT, false},     {KEY_RIGHT, UI_KEY_RIGHT, false},
    {KEY_HOME, UI_KEY_HOME, false},     {KEY_END, UI_KEY_END, false},
    {KEY_PPAGE, UI_KEY_PAGE_UP, false}, {KEY_NPAGE, UI_KEY_PAGE_DOWN, false},
    {KEY_IC, UI_KEY_INSERT, false},     {KEY_DC, UI_KEY_DELETE, false},
    {KEY_ENTER, UI_KEY_ENTER, false},   {KEY_BACKSPACE, UI_KEY_BACKSPACE, false},
    {KEY_BTAB, UI_KEY_TAB, true},       {KEY_SLEFT, UI_KEY_LEFT, true},
    {KEY_SRIGHT, UI_KEY_RIGHT, true},   {KEY_SR, UI_KEY_UP, true},
    {KEY_SF, UI_KEY_DOWN, true},
};

/* What terminfo calls arrows with Control; only its extended names know them. */
void tui_find_keys(struct tui *tui)
{
    static const struct {
        const char *name;
        enum ui_special_key key;
    } names[] = {
        {"kLFT5", UI_KEY_LEFT},
        {"kRIT5", UI_KEY_RIGHT},
        {"kUP5", UI_KEY_UP},
        {"kDN5", UI_KEY_DOWN},
    };

    for (size_t index = 0; index < sizeof names / sizeof names[0]; index++) {
        const char *text = tigetstr(names[index].name);
        int code = text && text != (const char *)-1 ? key_defined(text) : 0;
        if (code > 0) {
            tui->extra[tui->extra_count].code = code;
            tui->extra[tui->extra_count++].key =
                (struct ui_key){.key = names[index].key, .control = true};
        }
    }
}

static void take_event(struct tui *tui, const MEVENT *event)
{
    uint32_t column = (uint32_t)(event->x < 0 ? 0 : event->x);
    uint32_t row = (uint32_t)(event->y < 0 ? 0 : event->y);

    if (event->bstate & BUTTON4_PRESSED) {
        ui_turn_wheel(&tui->ui, column, row, WHEEL_ROWS);
    } else if (event->bstate & BUTTON5_PRESSED) {
        ui_turn_wheel(&tui->ui, column, row, -WHEEL_ROWS);
    } else if (event->bstate & BUTTON1_CLICKED) { /* both at once */
        ui_press_button(&tui->ui, column, row, UI_BUTTON_LEFT);
        ui_release_button(&tui->ui, column, row);
    } else if (event->bstate & BUTTON1_PRESSED) {
        ui_press_button(&tui->ui, column, row, UI_BUTTON_LEFT);
    } else if (event->bstate & (BUTTON3_PRESSED | BUTTON3_CLICKED)) {
        ui_press_button(&tui->ui, column, row, UI_BUTTON_RIGHT);
    } else if (event->bstate & BUTTON1_RELEASED) {
        ui_release_button(&tui->ui, column, row);
    } else {
        ui_move_mouse(&tui->ui, column, row);
    }
}

/* Several events may have come as one key; ncurses gives the latest first. */
static void take_mouse(struct tui *tui)
{
    MEVENT events[MOUSE_EVENTS];
    uint32_t count = 0;

    while (count < MOUSE_EVENTS && getmouse(&events[count]) == OK) {
        count++;
    }
    while (count > 0) {
        take_event(tui, &events[--count]);
    }
}

static void take_function_key(struct tui *tui, int code)
{
    struct ui_key key = {.key = UI_KEY_SPECIAL_COUNT};

    if (code == KEY_RESIZE) {
        tui->ui.start_over = true;
        return;
    }
    if (code == KEY_MOUSE) {
        take_mouse(tui);
        return;
    }
    if (code >= KEY_F(1) && code <= KEY_F(24)) { /* 13 and on: with Shift, as xterm has it */
        int number = code - KEY_F(1);
        key.key = (enum ui_special_key)(UI_KEY_F1 + number % 12);
        key.shift = number >= 12;
        ui_key(&tui->ui, &key);
        return;
    }
    for (size_t index = 0; index < sizeof keys / sizeof keys[0]; index++) {
        if (keys[index].code == code) {
            key.key = keys[index].key;
            key.shift = keys[index].shift;
            ui_key(&tui->ui, &key);
            return;
        }
    }
    for (uint32_t index = 0; index < tui->extra_count; index++) {
        if (tui->extra[index].code == code) {
            ui_key(&tui->ui, &tui->extra[index].key);
            return;
        }
    }
}

/* Stop like any program at Ctrl-Z, with the terminal in order. */
static void suspend(struct tui *tui)
{
    endwin();
    raise(SIGTSTP);
    refresh();
    tui->ui.start_over = true;
}

/* With Control, while the keys go to the debugger: those that a terminal's user expects. */
static bool debugger_control(struct tui *tui, uint32_t letter)
{
    const struct ui_model *model = &tui->ui.picture.model;

    if (model->keys_to_guest || model->command_open || model->question) {
        return false;
    }
    if (letter == 'c') {
        ui_do_action(&tui->ui, ACTION_PAUSE, false);
    } else if (letter == 'l') {
        clearok(curscr, TRUE);
        tui->ui.start_over = true;
    } else if (letter == 'z') {
        suspend(tui);
    } else {
        return false;
    }
    tui->ui.dirty = true;
    return true;
}

static void take_control(struct tui *tui, uint32_t code)
{
    struct ui_key key = {.key = UI_KEY_SPECIAL_COUNT, .control = true};

    switch (code) {
    case '\r':
    case '\n':
        key = (struct ui_key){.key = UI_KEY_ENTER};
        break;
    case '\t':
        key = (struct ui_key){.key = UI_KEY_TAB};
        break;
    case KEY_OF_ESCAPE:
        key = (struct ui_key){.key = UI_KEY_ESCAPE};
        break;
    case '\b':
    case 0x7F:
        key = (struct ui_key){.key = UI_KEY_BACKSPACE};
        break;
    case 0x1D: /* Ctrl-]: back from the guest where there is no F12 */
        tui->ui.picture.model.keys_to_guest = false;
        tui->ui.dirty = true;
        return;
    case 0:
        key.character = ' ';
        break;
    default:
        key.character = code <= 26 ? code - 1 + 'a' : code + 0x40;
        break;
    }
    if (key.control && debugger_control(tui, key.character)) {
        return;
    }
    ui_key(&tui->ui, &key);
}

static void take_character(struct tui *tui, uint32_t code)
{
    char text[8] = "";

    if (code < CONTROL_KEYS || code == 0x7F) {
        take_control(tui, code);
        return;
    }
    text[utf8_encode(code, text)] = '\0';
    ui_text(&tui->ui, text, iswupper((wint_t)code) != 0);
}

bool tui_take_keys(struct tui *tui)
{
    wint_t code;
    int kind;

    while (!tui->ui.quit && (kind = get_wch(&code)) != ERR) {
        if (kind == KEY_CODE_YES) {
            take_function_key(tui, (int)code);
        } else {
            take_character(tui, (uint32_t)code);
        }
    }
    return !tui->ui.quit;
}
