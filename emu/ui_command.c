/* The command line at the foot of the window: editing, history, and the few commands that
 * concern the window itself. Everything else goes to the session.
 * SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "emu/ui_priv.h"

static void set_text(struct ui_edit *edit, const char *text)
{
    snprintf(edit->text, sizeof edit->text, "%s", text);
    edit->length = (uint32_t)strlen(edit->text);
    edit->cursor = edit->length;
}

void ui_command_open(struct ui *ui, const char *text)
{
    ui->picture.model.command_open = true;
    ui->edit.history_at = ui->edit.history_count;
    set_text(&ui->edit, text);
    ui->note[0] = '\0';
}

void ui_command_text(struct ui *ui, const char *text)
{
    struct ui_edit *edit = &ui->edit;
    size_t bytes = strlen(text);

    if (edit->length + bytes >= sizeof edit->text) {
        return;
    }
    memmove(edit->text + edit->cursor + bytes, edit->text + edit->cursor,
            edit->length - edit->cursor + 1);
    memcpy(edit->text + edit->cursor, text, bytes);
    edit->cursor += (uint32_t)bytes;
    edit->length += (uint32_t)bytes;
}

/* Byte offset of the character before or after the cursor. */
static uint32_t neighbour(const struct ui_edit *edit, bool after)
{
    uint32_t at = edit->cursor;

    do {
        if (after ? at >= edit->length : at == 0) {
            break;
        }
        at = after ? at + 1 : at - 1;
    } while (((unsigned char)edit->text[at] & 0xC0u) == 0x80u);
    return at;
}

static void erase(struct ui_edit *edit, uint32_t from, uint32_t to)
{
    memmove(edit->text + from, edit->text + to, edit->length - to + 1);
    edit->length -= to - from;
    edit->cursor = from;
}

static void remember(struct ui_edit *edit)
{
    bool again =
        edit->history_count > 0 && strcmp(edit->history[edit->history_count - 1], edit->text) == 0;

    if (edit->length == 0 || again) {
        return;
    }
    if (edit->history_count == UI_HISTORY_LINES) {
        memmove(edit->history[0], edit->history[1], sizeof edit->history - sizeof edit->history[0]);
        edit->history_count--;
    }
    memcpy(edit->history[edit->history_count++], edit->text, sizeof edit->text);
}

static void recall(struct ui_edit *edit, bool older)
{
    if (older ? edit->history_at == 0 : edit->history_at >= edit->history_count) {
        return;
    }
    edit->history_at = older ? edit->history_at - 1 : edit->history_at + 1;
    set_text(edit, edit->history_at < edit->history_count ? edit->history[edit->history_at] : "");
}

static void finish(struct ui *ui)
{
    char line[UI_COMMAND_BYTES];

    remember(&ui->edit);
    memcpy(line, ui->edit.text, sizeof line);
    ui->picture.model.command_open = false;
    if (line[0] != '\0') {
        ui_command_do(ui, line);
    }
}

void ui_command_key(struct ui *ui, const SDL_Keysym *key)
{
    struct ui_edit *edit = &ui->edit;

    switch (key->sym) {
    case SDLK_RETURN:
    case SDLK_KP_ENTER:
        finish(ui);
        break;
    case SDLK_ESCAPE:
        ui->picture.model.command_open = false;
        break;
    case SDLK_BACKSPACE:
        erase(edit, neighbour(edit, false), edit->cursor);
        break;
    case SDLK_DELETE: {
        uint32_t after = neighbour(edit, true);
        erase(edit, edit->cursor, after);
        break;
    }
    case SDLK_LEFT:
        edit->cursor = neighbour(edit, false);
        break;
    case SDLK_RIGHT:
        edit->cursor = neighbour(edit, true);
        break;
    case SDLK_HOME:
        edit->cursor = 0;
        break;
    case SDLK_END:
        edit->cursor = edit->length;
        break;
    case SDLK_UP:
        recall(edit, true);
        break;
    case SDLK_DOWN:
        recall(edit, false);
        break;
    default:
        break;
    }
}

static void do_dump(struct ui *ui, const char *path)
{
    struct err err = {0};

    /* what is seen without the command line */
    struct session *session = ui_machine_lock(ui->machine);
    ui_picture_draw(&ui->picture, session, true);
    ui_machine_unlock(ui->machine);
    if (ui_picture_write(&ui->picture, path, &ui->palette, ui->face, &err)) {
        snprintf(ui->note, sizeof ui->note, "the window is in %.480s", path);
    } else {
        snprintf(ui->note, sizeof ui->note, "%s", err.message);
    }
}

/* Another font file, or "builtin"; what can not be used changes nothing. */
static void set_font_file(struct ui *ui, const char *path)
{
    struct err err = {0};
    struct font_face *face = path[0] ? font_face_open(path, ui->font_scale, &err) : NULL;

    if (!face) {
        snprintf(ui->note, sizeof ui->note, "%s",
                 path[0] ? err.message : "font takes +, -, a size in per cent, builtin or a file");
        return;
    }
    font_face_close(face);
    snprintf(ui->font_path, sizeof ui->font_path, "%s", path);
    ui->options.font = ui->font_path;
    ui->start_over = true;
}

static void do_font(struct ui *ui, const char *argument)
{
    char *end;
    unsigned value = (unsigned)strtoul(argument, &end, 10);

    if (strcmp(argument, "+") == 0) {
        ui_do_action(ui, ACTION_BIGGER, false);
    } else if (strcmp(argument, "-") == 0) {
        ui_do_action(ui, ACTION_SMALLER, false);
    } else if (end != argument && value >= FONT_SCALE_MIN && value <= FONT_SCALE_MAX) {
        ui->font_scale = value;
        ui->start_over = true;
    } else {
        set_font_file(ui, argument);
    }
}

/* Give the named panel the focus; named again: back to the micro-steps. */
static void do_panel(struct ui *ui, const char *argument)
{
    struct ui_model *model = &ui->picture.model;
    enum ui_panel panel = panel_named(argument);
    size_t used = 0;

    if (panel != PANEL_COUNT) {
        model->focus = model->focus == panel ? PANEL_MICROSTEPS : panel;
        return;
    }
    used = (size_t)snprintf(ui->note, sizeof ui->note, "panel takes one of");
    for (uint32_t index = 0; index < PANEL_COUNT && used < sizeof ui->note; index++) {
        used += (size_t)snprintf(ui->note + used, sizeof ui->note - used, " %s",
                                 panel_info((enum ui_panel)index)->word);
    }
}

void ui_command_do(struct ui *ui, const char *line)
{
    char word[16] = "";
    int used = 0;

    ui->note[0] = '\0';
    sscanf(line, " %15s %n", word, &used);
    const char *argument = line + used;
    if (strcmp(word, "dump") == 0) {
        do_dump(ui, argument);
    } else if (strcmp(word, "font") == 0) {
        do_font(ui, argument);
    } else if (strcmp(word, "theme") == 0) {
        bool light = strcmp(argument, "light") == 0;
        if (light || strcmp(argument, "dark") == 0) {
            ui->light = light;
            ui->start_over = true;
        } else {
            snprintf(ui->note, sizeof ui->note, "theme takes light or dark");
        }
    } else if (strcmp(word, "help") == 0 && argument[0] == '\0') {
        ui->picture.model.show_keys = true;
    } else if (strcmp(word, "boot") == 0) {
        do_panel(ui, word);
    } else if (strcmp(word, "panel") == 0) {
        do_panel(ui, argument);
    } else if (strcmp(word, "quit") == 0 || strcmp(word, "q") == 0) {
        ui->quit = true;
    } else {
        struct session *session = ui_machine_lock(ui->machine);
        session_command(session, line);
        ui_machine_go(ui->machine);
        ui_machine_unlock(ui->machine);
    }
}
