/* Keys and text to what they mean: an action of the debugger, an edit of the command line, or a
 * key for the guest.
 * SPDX-License-Identifier: MIT */
#include <ctype.h>
#include <string.h>

#include "emu/ui_priv.h"

#define PAGE_ROWS 10

static void type_bytes(struct ui *ui, enum ui_line line, const uint8_t *bytes, size_t count)
{
    ui_machine_lock(ui->machine);
    ui_machine_type(ui->machine, line, bytes, count);
    ui_ask_if_needed(ui);
    ui_machine_unlock(ui->machine);
}

/* With the serial console in focus the guest's keys are the terminal's. */
static bool types_serial(const struct ui *ui)
{
    return ui->picture.model.focus == PANEL_CONSOLE;
}

static void type_text(struct ui *ui, const char *text)
{
    uint32_t glyph;
    uint32_t length;
    uint8_t bytes[SCANCODES_MAX];

    if (types_serial(ui)) {
        type_bytes(ui, UI_LINE_SERIAL, (const uint8_t *)text, strlen(text));
        return;
    }
    while ((length = utf8_decode(text, &glyph)) != 0) {
        size_t count = ui_scancodes_of_character(glyph, false, bytes);
        if (count == 0) {
            ui_say(ui, "the guest's US keyboard has no key for U+%04X", glyph);
        }
        type_bytes(ui, UI_LINE_KEYBOARD, bytes, count);
        text += length;
    }
}

static void type_control(struct ui *ui, char character)
{
    uint8_t bytes[SCANCODES_MAX];

    if (types_serial(ui)) {
        bytes[0] = (uint8_t)(toupper((unsigned char)character) & 0x1F);
        type_bytes(ui, UI_LINE_SERIAL, bytes, 1);
    } else {
        size_t count = ui_scancodes_of_character((unsigned char)character, true, bytes);
        type_bytes(ui, UI_LINE_KEYBOARD, bytes, count);
    }
}

static void type_special(struct ui *ui, enum ui_special_key key, bool shift, bool control)
{
    uint8_t bytes[SCANCODES_MAX];

    if (types_serial(ui)) {
        type_bytes(ui, UI_LINE_SERIAL, bytes, ui_serial_of_key(key, bytes));
    } else {
        type_bytes(ui, UI_LINE_KEYBOARD, bytes, ui_scancodes_of_key(key, shift, control, bytes));
    }
}

/* Keys of the GUEST that make no text. */
static void guest_key(struct ui *ui, const struct ui_key *key)
{
    if (key->key != UI_KEY_SPECIAL_COUNT) {
        type_special(ui, key->key, key->shift, key->control);
    } else if (key->control && key->character < 0x7F &&
               (isalpha((int)key->character) ||
                (key->character && strchr("[]\\ ", (int)key->character)))) {
        type_control(ui, (char)key->character);
    }
}

/* Control with an arrow moves a border of the panel in focus. */
static bool resize_key(struct ui *ui, enum ui_special_key key)
{
    switch (key) {
    case UI_KEY_LEFT:
    case UI_KEY_RIGHT:
        ui_resize_panel(ui, false, key == UI_KEY_LEFT ? -1 : 1);
        return true;
    case UI_KEY_UP:
    case UI_KEY_DOWN:
        ui_resize_panel(ui, true, key == UI_KEY_UP ? -1 : 1);
        return true;
    default:
        return false;
    }
}

static void escape(struct ui *ui)
{
    struct ui_model *model = &ui->picture.model;

    if (model->show_explain) { /* that alone */
        model->show_explain = false;
        return;
    }
    model->show_keys = false;
    model->zoomed = false;
    model->picked = 0;
    ui_reset_scroll(ui);
    ui->note[0] = '\0';
}

/* Keys of the DEBUGGER that make no text. */
static void debugger_key(struct ui *ui, const struct ui_key *key)
{
    enum ui_panel focus = ui->picture.model.focus;

    if (key->control && resize_key(ui, key->key)) {
        return;
    }
    switch (key->key) {
    case UI_KEY_TAB:
        ui_do_action(ui, ACTION_NEXT_PANEL, key->shift);
        break;
    case UI_KEY_ESCAPE:
        escape(ui);
        break;
    case UI_KEY_LEFT:
    case UI_KEY_RIGHT:
        ui_do_action(ui, ACTION_PICK, key->key == UI_KEY_LEFT);
        break;
    case UI_KEY_ENTER:
        ui_do_action(ui, ACTION_FOLLOW, false);
        break;
    case UI_KEY_UP:
        ui_scroll(ui, focus, 1);
        break;
    case UI_KEY_DOWN:
        ui_scroll(ui, focus, -1);
        break;
    case UI_KEY_PAGE_UP:
        ui_scroll(ui, focus, PAGE_ROWS);
        break;
    case UI_KEY_PAGE_DOWN:
        ui_scroll(ui, focus, -PAGE_ROWS);
        break;
    default:
        break;
    }
}

/* Keys that mean the same wherever the keys go. True if it was one. */
static bool common_key(struct ui *ui, const struct ui_key *key)
{
    bool f_key = key->key >= UI_KEY_F1 && key->key <= UI_KEY_F12;

    if (f_key && key->alt) {
        type_special(ui, key->key, false, false);
        return true;
    }
    if (f_key) {
        ui_do_action(ui, ui_action_of_f_key((uint32_t)(key->key - UI_KEY_F1) + 1), key->shift);
        return true;
    }
    if (key->key == UI_KEY_SPECIAL_COUNT && key->control && key->character &&
        strchr("+=-", (int)key->character)) {
        ui_do_action(ui, key->character == '-' ? ACTION_SMALLER : ACTION_BIGGER, false);
        return true;
    }
    return false;
}

static void answer_question(struct ui *ui, bool yes)
{
    ui_machine_lock(ui->machine);
    ui_machine_answer_branch(ui->machine, yes);
    ui_ask_if_needed(ui);
    ui_machine_unlock(ui->machine);
    ui_say(ui, yes ? "a new future begins here" : "nothing was typed, the recorded future stays");
}

void ui_key(struct ui *ui, const struct ui_key *key)
{
    struct ui_model *model = &ui->picture.model;

    ui->dirty = true;
    ui->shift = key->shift;
    if (model->question) {
        if (key->key == UI_KEY_ESCAPE) {
            answer_question(ui, false);
        }
        return;
    }
    if (common_key(ui, key)) {
        return;
    }
    if (model->command_open) {
        ui_command_key(ui, key);
    } else if (model->keys_to_guest) {
        guest_key(ui, key);
    } else {
        debugger_key(ui, key);
    }
}

/* One character with the keys going to the DEBUGGER. */
static void debugger_text(struct ui *ui, char character, bool shift)
{
    enum ui_preset preset = preset_of_key(character);
    bool shifted;
    enum ui_action action = ui_action_of_text(character, &shifted);

    if (preset != PRESET_COUNT) {
        ui_choose_preset(ui, preset);
        return;
    }
    if (character == ' ' && !ui->picture.view->running) {
        action = ACTION_RUN;
    }
    ui_do_action(ui, action, shifted || (isalpha((unsigned char)character) && shift));
}

void ui_text(struct ui *ui, const char *text, bool shift)
{
    struct ui_model *model = &ui->picture.model;

    ui->dirty = true;
    if (model->question) {
        bool yes = text[0] == 'y' || text[0] == 'Y';
        if (yes || text[0] == 'n' || text[0] == 'N') {
            answer_question(ui, yes);
        }
    } else if (model->command_open) {
        edit_insert(&ui->edit, text);
    } else if (model->keys_to_guest) {
        type_text(ui, text);
    } else if (text[0] && text[1] == '\0') {
        debugger_text(ui, text[0], shift);
    }
}
