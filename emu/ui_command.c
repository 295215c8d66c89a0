/* The command line at the foot of the window, and the commands that concern the window itself.
 * Everything else goes to the session.
 * SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "emu/ui_priv.h"

void ui_command_open(struct ui *ui, const char *text)
{
    ui->picture.model.command_open = true;
    edit_begin(&ui->edit, text);
    ui->note[0] = '\0';
}

/* Names of commands, the window's first: index from 0; NULL after the last. */
static const char *complete(const char *word, size_t index)
{
    const char *name;
    const char *text;

    for (size_t i = 0; ui_command_help(i, &name, &text); i++) {
        if (strncmp(name, word, strlen(word)) == 0 && index-- == 0) {
            return name;
        }
    }
    return session_complete(word, index);
}

/* The rest of the command's name, or what it could be. */
static void complete_line(struct ui *ui)
{
    struct ui_edit *edit = &ui->edit;
    const char *name = complete(edit->text, 0);
    size_t used = 0;

    if (!name || edit->cursor != edit->length || strchr(edit->text, ' ')) {
        return;
    }
    if (!complete(edit->text, 1)) {
        char rest[32];
        snprintf(rest, sizeof rest, "%.*s ", (int)strcspn(name, " "), name);
        edit_insert(edit, rest + edit->length);
        return;
    }
    ui->note[0] = '\0';
    for (size_t i = 0; (name = complete(edit->text, i)) != NULL && used < 400; i++) {
        used += (size_t)snprintf(ui->note + used, sizeof ui->note - used, "%s%.*s", i ? ", " : "",
                                 (int)strcspn(name, " "), name);
    }
}

static void finish(struct ui *ui)
{
    char line[UI_COMMAND_BYTES];

    edit_remember(&ui->edit);
    memcpy(line, ui->edit.text, sizeof line);
    ui->picture.model.command_open = false;
    if (line[0] != '\0') {
        ui_command_do(ui, line);
    }
}

void ui_command_key(struct ui *ui, const struct ui_key *key)
{
    switch (key->key) {
    case UI_KEY_ENTER:
        finish(ui);
        break;
    case UI_KEY_ESCAPE:
        ui->picture.model.command_open = false;
        break;
    case UI_KEY_TAB:
        complete_line(ui);
        break;
    default:
        edit_key(&ui->edit, key->key);
        break;
    }
}

/* ---- the commands ---- */

static void do_dump(struct ui *ui, const char *path)
{
    struct err err = {0};

    ui_draw(ui); /* what is seen without the command line */
    if (ui_picture_write(&ui->picture, path, ui->look.theme, ui->options.font, ui->look.font_scale,
                         &err)) {
        ui_say(ui, "the window is in %.480s", path);
    } else {
        ui_say(ui, "%s", err.message);
    }
}

static void do_font(struct ui *ui, const char *argument)
{
    struct err err = {0};
    char *end;
    unsigned value = (unsigned)strtoul(argument, &end, 10);

    if (strcmp(argument, "+") == 0 || strcmp(argument, "-") == 0) {
        ui_do_action(ui, argument[0] == '+' ? ACTION_BIGGER : ACTION_SMALLER, false);
    } else if (end != argument && *end == '\0') {
        if (value < FONT_SCALE_MIN || value > FONT_SCALE_MAX) {
            ui_say(ui, "letters have from %u to %u per cent", FONT_SCALE_MIN, FONT_SCALE_MAX);
        } else {
            ui_set_font_scale(ui, value);
        }
    } else if (argument[0] == '\0') {
        ui_say(ui, "font takes +, -, a size in per cent, builtin or a file");
    } else {
        struct font_face *face = font_face_open(argument, ui->look.font_scale, &err);
        if (face) {
            ui_set_font_file(ui, argument);
        } else {
            ui_say(ui, "%s", err.message);
        }
        font_face_close(face);
    }
}

static void do_theme(struct ui *ui, const char *argument)
{
    enum paint_theme theme = paint_theme_named(argument);
    size_t used;

    if (argument[0] == '\0' || strcmp(argument, "-") == 0) {
        ui_do_action(ui, ACTION_THEME, argument[0] == '-');
    } else if (theme != THEME_COUNT) {
        ui_set_theme(ui, theme);
        ui_say(ui, "theme %s: %s", paint_theme_word(theme), paint_theme_text(theme));
    } else {
        used = (size_t)snprintf(ui->note, sizeof ui->note, "theme takes one of");
        for (uint32_t index = 0; index < THEME_COUNT; index++) {
            used += (size_t)snprintf(ui->note + used, sizeof ui->note - used, " %s",
                                     paint_theme_word((enum paint_theme)index));
        }
    }
}

/* The panel that a word names, the one in focus for none; PANEL_COUNT after saying the words. */
static enum ui_panel panel_of(struct ui *ui, const char *command, const char *argument)
{
    enum ui_panel panel = panel_named(argument);
    size_t used;

    if (panel != PANEL_COUNT) {
        return panel;
    }
    used = (size_t)snprintf(ui->note, sizeof ui->note, "%s takes one of", command);
    for (uint32_t index = 0; index < PANEL_COUNT && used < sizeof ui->note; index++) {
        used += (size_t)snprintf(ui->note + used, sizeof ui->note - used, " %s",
                                 panel_info((enum ui_panel)index)->word);
    }
    return PANEL_COUNT;
}

/* Give the named panel the focus; named again: back to the one whose place it has. */
static void do_panel(struct ui *ui, const char *argument)
{
    struct ui_model *model = &ui->picture.model;
    enum ui_panel panel = panel_of(ui, "panel", argument);
    struct ui_placing placing;

    if (panel != PANEL_COUNT) {
        ui_place(ui, &placing);
        model->focus =
            model->focus == panel ? shape_lender(ui_layout_shape(model, &placing)) : panel;
    }
}

static void do_boot(struct ui *ui, const char *argument)
{
    (void)argument;
    do_panel(ui, "boot");
}

static void do_open(struct ui *ui, const char *argument)
{
    struct ui_model *model = &ui->picture.model;
    enum ui_panel panel = panel_of(ui, "open", argument);
    struct ui_placing placing;

    if (panel == PANEL_COUNT) {
        return;
    }
    ui_place(ui, &placing);
    if (!shape_open(ui_layout_shape(model, &placing), panel, model->focus)) {
        ui_say(ui, "%s",
               shape_has(ui_layout_shape(model, &placing), panel)
                   ? "this panel is open already"
                   : "there is no room for one more panel");
    }
    model->focus = panel;
    model->zoomed = false;
}

static void do_close(struct ui *ui, const char *argument)
{
    enum ui_panel panel = argument[0] ? panel_of(ui, "close", argument) : ui->picture.model.focus;

    if (panel != PANEL_COUNT) {
        ui_close_panel(ui, panel);
    }
}

static void do_focus(struct ui *ui, const char *argument)
{
    enum ui_panel panel;

    if (argument[0] == '\0' || strcmp(argument, "-") == 0) {
        ui_do_action(ui, ACTION_NEXT_PANEL, argument[0] == '-');
        return;
    }
    panel = panel_of(ui, "focus", argument);
    if (panel != PANEL_COUNT) {
        ui->picture.model.focus = panel;
    }
}

static void do_pick(struct ui *ui, const char *argument)
{
    ui_do_action(ui, ACTION_PICK, argument[0] == '-');
}

static void do_follow(struct ui *ui, const char *argument)
{
    (void)argument;
    ui_do_action(ui, ACTION_FOLLOW, false);
}

static void do_zoom(struct ui *ui, const char *argument)
{
    if (argument[0]) {
        do_focus(ui, argument);
    }
    ui->picture.model.zoomed = argument[0] || !ui->picture.model.zoomed;
}

static void do_resize(struct ui *ui, const char *argument)
{
    static const char *const words[] = {"left", "right", "up", "down"};
    char word[8] = "";
    int amount = 1;

    sscanf(argument, "%7s %d", word, &amount);
    for (uint32_t index = 0; index < 4; index++) {
        if (strcmp(word, words[index]) == 0 && amount > 0 && amount < 1000) {
            ui_resize_panel(ui, index >= 2, index % 2 ? amount : -amount);
            return;
        }
    }
    ui_say(ui, "resize takes left, right, up or down and a number of cells");
}

static void do_preset(struct ui *ui, const char *argument)
{
    enum ui_preset preset = preset_named(argument);
    size_t used;

    if (preset != PRESET_COUNT) {
        ui_choose_preset(ui, preset);
        return;
    }
    used = (size_t)snprintf(ui->note, sizeof ui->note, "preset takes one of");
    for (uint32_t index = 0; index < PRESET_COUNT; index++) {
        used += (size_t)snprintf(ui->note + used, sizeof ui->note - used, " %s",
                                 preset_info((enum ui_preset)index)->word);
    }
}

static void do_layout(struct ui *ui, const char *argument)
{
    struct ui_model *model = &ui->picture.model;
    struct ui_placing placing;
    struct ui_shape shape;
    struct err err = {0};

    ui_place(ui, &placing);
    if (argument[0] == '\0') {
        char text[SHAPE_TEXT_BYTES];
        shape_print(ui_layout_shape(model, &placing), text);
        ui_say(ui, "layout %s", text);
    } else if (shape_parse(&shape, argument, &err)) {
        *ui_layout_shape(model, &placing) = shape;
        model->zoomed = false;
    } else {
        ui_say(ui, "layout, %s", err.message);
    }
}

static void do_speed(struct ui *ui, const char *argument)
{
    struct ui_speed speed;

    if (strcmp(argument, "+") == 0 || strcmp(argument, "-") == 0) {
        ui_do_action(ui, argument[0] == '+' ? ACTION_FASTER : ACTION_SLOWER, false);
        return;
    }
    if (!ui_speed_parse(argument, &speed)) {
        ui_say(ui, "speed takes +, -, real, max, N (instructions a second) or N clocks");
        return;
    }
    ui_machine_lock(ui->machine);
    ui_machine_set_speed(ui->machine, speed);
    ui_machine_speed_words(ui->machine, ui->speed, sizeof ui->speed);
    ui_machine_unlock(ui->machine);
    ui_say(ui, "speed: %s", ui->speed[0] ? ui->speed : "the usual");
}

static void do_slide(struct ui *ui, const char *argument)
{
    const struct session_view *view = ui->picture.view;
    char *end;
    uint32_t percent = (uint32_t)strtoul(argument, &end, 10);

    if (strcmp(argument, "first") == 0 || strcmp(argument, "last") == 0) {
        ui_go_to_clock(ui, argument[0] == 'f' ? view->history_first : view->history_last);
    } else if (strcmp(argument, "+") == 0 || strcmp(argument, "-") == 0) {
        ui_go_to_clock(ui, ui_slider_next(view, argument[0] == '-'));
    } else if (end != argument && strcmp(end, "%") == 0 && percent <= 100) {
        uint64_t span = view->history_last - view->history_first;
        ui_go_to_clock(ui, view->history_first + span / 100 * percent + span % 100 * percent / 100);
    } else {
        ui_say(ui, "slide takes +, -, first, last or a place like 50%%");
    }
}

static void do_keys(struct ui *ui, const char *argument)
{
    bool guest = strcmp(argument, "guest") == 0;

    if (guest || strcmp(argument, "debugger") == 0) {
        ui->picture.model.keys_to_guest = guest;
    } else {
        ui_say(ui, "keys takes guest or debugger");
    }
}

static void do_hints(struct ui *ui, const char *argument)
{
    (void)argument;
    ui_do_action(ui, ACTION_HINTS, false);
}

static void do_help(struct ui *ui, const char *argument)
{
    (void)argument;
    ui->picture.model.show_keys = true;
}

static void do_quit(struct ui *ui, const char *argument)
{
    (void)argument;
    ui->quit = true;
}

static const struct {
    const char *name; /* word and arguments */
    const char *text;
    void (*run)(struct ui *ui, const char *argument);
} commands[] = {
    {"preset NAME",
     "another set of panels: interrupt, syscall, signal, memory, processes, "
     "console, lecture, devices",
     do_preset},
    {"open WORD", "one more panel, below the one in focus", do_open},
    {"close [WORD]", "a panel away: this one, or the one in focus", do_close},
    {"panel WORD", "a panel for the moment, in the place of another; again: away", do_panel},
    {"focus [WORD|-]", "the panel that scrolls; alone: the next one; -: the one before", do_focus},
    {"pick [-]", "choose the next thing in the panel in focus; -: the one before", do_pick},
    {"follow", "what a click on the chosen thing does", do_follow},
    {"zoom [WORD]", "a panel alone in the window, or all again", do_zoom},
    {"resize WAY [N]", "move a border of the panel in focus left, right, up or down", do_resize},
    {"layout [TEXT]", "the arrangement as text, to see it or to make another", do_layout},
    {"slide WHERE", "in time: +, -, first, last, or 50%", do_slide},
    {"speed WHAT", "+, -, real, max, N instructions a second, or N clocks", do_speed},
    {"theme [NAME|-]", "dark, light, contrast, safe-dark, safe-light; alone: the next one",
     do_theme},
    {"font WHAT", "+, -, a size in per cent, builtin, or a font file", do_font},
    {"keys WHERE", "to the guest or to the debugger", do_keys},
    {"hints", "the three lines of help on or off", do_hints},
    {"dump FILE", "the window as text (.txt) or picture (.png)", do_dump},
    {"boot", "the stages from power-on to the first program; again: away", do_boot},
    {"help", "all keys and commands", do_help},
    {"quit", "leave", do_quit},
};
#define COMMAND_COUNT (sizeof commands / sizeof commands[0])

bool ui_command_help(size_t index, const char **name, const char **text)
{
    if (index >= COMMAND_COUNT) {
        return false;
    }
    *name = commands[index].name;
    *text = commands[index].text;
    return true;
}

/* Index of the command that a line begins with; COMMAND_COUNT: none of the window's. What help and
 * quit say with an argument is the session's. */
static size_t command_of(const char *line, const char **argument)
{
    char word[16] = "";
    int used = 0;
    size_t index;

    sscanf(line, " %15s %n", word, &used);
    *argument = line + used;
    for (index = 0; index < COMMAND_COUNT; index++) {
        bool theirs = (commands[index].run == do_help || commands[index].run == do_quit) &&
                      **argument != '\0';
        size_t length = strcspn(commands[index].name, " ");
        if (!theirs && strlen(word) == length && strncmp(word, commands[index].name, length) == 0) {
            break;
        }
    }
    return index;
}

bool ui_command_queue(void *context, const char *line)
{
    struct ui *ui = context;
    const char *argument;

    if (command_of(line, &argument) == COMMAND_COUNT || ui->queued[0]) {
        return false;
    }
    snprintf(ui->queued, sizeof ui->queued, "%s", line);
    return true;
}

void ui_command_take_queued(struct ui *ui)
{
    struct session *session = ui_machine_lock(ui->machine);
    char line[UI_COMMAND_BYTES];

    memcpy(line, ui->queued, sizeof line);
    ui->queued[0] = '\0';
    ui_machine_unlock(ui->machine);
    if (line[0]) {
        const struct ui_settings settings = ui->settings; /* not a script's to choose */
        bool changed = ui->settings_changed;
        ui_command_do(ui, line);
        ui->settings = settings;
        ui->settings_changed = changed;
        ui_machine_lock(ui->machine);
        session_front_done(session);
        ui_machine_unlock(ui->machine);
        ui->dirty = true;
    }
}

void ui_command_do(struct ui *ui, const char *line)
{
    const char *argument;
    size_t index = command_of(line, &argument);
    int status;

    ui->note[0] = '\0';
    if (index < COMMAND_COUNT) {
        commands[index].run(ui, argument);
        return;
    }
    struct session *session = ui_machine_lock(ui->machine);
    session_command(session, strcmp(line, "q") == 0 ? "quit" : line);
    ui_machine_go(ui->machine);
    ui->quit |= session_wants_quit(session, &status);
    ui_machine_unlock(ui->machine);
}
