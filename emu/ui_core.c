/* The seat: start and end, look, presets, settings, and drawing, whatever it is shown on.
 * SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "emu/ui_priv.h"

void ui_say(struct ui *ui, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(ui->note, sizeof ui->note, format, arguments);
    va_end(arguments);
}

/* ---- look ---- */

static void show_look(struct ui *ui, struct ui_look look)
{
    ui->start_over |= ui->look.theme != look.theme || ui->look.font_scale != look.font_scale;
    ui->look = look;
}

void ui_set_theme(struct ui *ui, enum paint_theme theme)
{
    ui->own.theme = theme;
    show_look(ui, (struct ui_look){theme, ui->look.font_scale});
    snprintf(ui->settings.theme, sizeof ui->settings.theme, "%s", paint_theme_word(theme));
    ui->settings_changed = true;
}

void ui_set_font_scale(struct ui *ui, uint32_t scale)
{
    ui->own.font_scale = scale;
    show_look(ui, (struct ui_look){ui->look.theme, scale});
    ui->settings.font_scale = scale;
    ui->settings_changed = true;
}

void ui_set_font_file(struct ui *ui, const char *path)
{
    snprintf(ui->font_path, sizeof ui->font_path, "%s", path);
    snprintf(ui->settings.font, sizeof ui->settings.font, "%s", path);
    ui->options.font = ui->font_path;
    ui->start_over = true;
    ui->settings_changed = true;
}

/* ---- presets ---- */

/* The preset's own theme and size while it lasts; the user's come back with the next one. */
static void borrow_look(struct ui *ui, const struct ui_preset_info *info)
{
    struct ui_look look = ui->own;
    enum paint_theme theme = paint_theme_named(info->theme);

    look.theme = theme != THEME_COUNT ? theme : look.theme;
    look.font_scale = info->pixels ? info->pixels * 100 / FONT_PIXELS + 1 : look.font_scale;
    show_look(ui, look);
}

void ui_use_preset(struct ui *ui, enum ui_preset preset)
{
    const struct ui_preset_info *info = preset_info(preset);
    struct ui_model *model = &ui->picture.model;

    ui->preset = preset;
    ui_layout_use(model, info->wide, info->narrow);
    model->focus = info->focus;
    model->zoomed = false;
    model->keys_to_guest = preset == PRESET_CONSOLE;
    ui_reset_scroll(ui);
    borrow_look(ui, info);
}

void ui_choose_preset(struct ui *ui, enum ui_preset preset)
{
    const struct ui_preset_info *info = preset_info(preset);

    ui_use_preset(ui, preset);
    ui_say(ui, "%s", info->text);
    snprintf(ui->settings.preset, sizeof ui->settings.preset, "%s", info->word);
    ui->settings_changed = true;
}

/* ---- start and end ---- */

static void use_settings(struct ui *ui)
{
    struct err err = {0};
    struct ui_settings *settings = &ui->settings;

    if (!ui->options.settings || !settings_path(ui->settings_path, sizeof ui->settings_path)) {
        ui->settings_path[0] = '\0';
        return;
    }
    if (!settings_load(settings, ui->settings_path, &err)) {
        fprintf(stderr, "ringside: %s\n", err.message);
        ui_say(ui, "%s", err.message);
        ui->settings_path[0] = '\0'; /* the user may want to mend it: not overwritten */
    }
}

static enum paint_theme first_theme(const struct ui *ui)
{
    const char *word = ui->options.theme ? ui->options.theme : ui->settings.theme;
    enum paint_theme theme = paint_theme_named(word);

    return theme == THEME_COUNT ? THEME_DARK : theme;
}

static enum ui_preset first_preset(const struct ui *ui)
{
    const char *word = ui->options.preset ? ui->options.preset : ui->settings.preset;
    enum ui_preset preset = preset_named(word);

    return preset == PRESET_COUNT ? PRESET_INTERRUPT : preset;
}

/* What the command line says about the look goes before what the preset says. */
static void choose_look(struct ui *ui)
{
    const struct ui_options *options = &ui->options;
    struct ui_look look;

    ui->own.theme = first_theme(ui);
    ui->own.font_scale = options->font_scale       ? options->font_scale
                         : ui->settings.font_scale ? ui->settings.font_scale
                                                   : 100;
    ui_use_preset(ui, first_preset(ui));
    look = ui->look;
    look.theme = options->theme ? ui->own.theme : look.theme;
    look.font_scale = options->font_scale ? options->font_scale : look.font_scale;
    ui->look = look;
}

bool ui_open(struct ui *ui, const struct ui_options *options, struct err *err)
{
    ui->options = *options;
    if (!ui_picture_init(&ui->picture, options->symbols, err)) {
        return false;
    }
    use_settings(ui);
    if (!ui->options.font && ui->settings.font[0]) {
        snprintf(ui->font_path, sizeof ui->font_path, "%.255s", ui->settings.font);
        ui->options.font = ui->font_path;
    }
    choose_look(ui);
    ui->picture.model.show_help = !ui->settings.hide_help;
    ui->picture.model.window_help = ui_command_help;
    ui->dirty = true;
    return true;
}

bool ui_start(struct ui *ui, struct session *session, void (*changed)(void *context), void *context,
              struct err *err)
{
    ui->machine = ui_machine_start(session, ui->options.pace_real, changed, context, err);
    if (!ui->machine) {
        return false;
    }
    ui_machine_lock(ui->machine);
    session_set_front(session, ui_command_queue, ui);
    ui_machine_unlock(ui->machine);
    if (!ui->options.start_paused) {
        char note[sizeof ui->note];
        memcpy(note, ui->note, sizeof note);
        ui_do_action(ui, ACTION_RUN, false);
        memcpy(ui->note, note, sizeof note);
    }
    return true;
}

void ui_close(struct ui *ui)
{
    struct err err = {0};

    if (ui->machine) {
        session_set_front(ui_machine_lock(ui->machine), NULL, NULL);
        ui_machine_unlock(ui->machine);
        ui_machine_stop(ui->machine);
    }
    if (ui->settings_changed && ui->settings_path[0] &&
        !settings_save(&ui->settings, ui->settings_path, &err)) {
        fprintf(stderr, "ringside: %s\n", err.message);
    }
    ui_picture_free(&ui->picture);
}

/* ---- drawing ---- */

void ui_place(const struct ui *ui, struct ui_placing *placing)
{
    ui_layout(ui->picture.grid.columns, ui->picture.grid.rows, &ui->picture.model, placing);
}

static void print_layout(const struct ui_model *model, char *text, size_t bytes)
{
    char wide[SHAPE_TEXT_BYTES];
    char narrow[SHAPE_TEXT_BYTES];

    shape_print(&model->wide, wide);
    shape_print(&model->narrow, narrow);
    snprintf(text, bytes, "%s\n%s", wide, narrow);
}

/* `save` writes and `load` brings an arrangement: the session keeps it as text. It is held. */
static void exchange_layout(struct ui *ui, struct session *session)
{
    struct ui_model *model = &ui->picture.model;
    char now[sizeof ui->layout];
    const char *theirs = session_layout(session);

    if (ui->layout[0] && strcmp(theirs, ui->layout) != 0) {
        const char *half = strchr(theirs, '\n');
        char wide[SHAPE_TEXT_BYTES];
        struct err err = {0};
        struct ui_shape first;
        struct ui_shape second;
        snprintf(wide, sizeof wide, "%.*s", (int)strcspn(theirs, "\n"), theirs);
        if (half && shape_parse(&first, wide, &err) && shape_parse(&second, half + 1, &err)) {
            model->wide = first;
            model->narrow = second;
        } else {
            ui_say(ui, "the arrangement of panels in the file: %s", err.message);
        }
    }
    print_layout(model, now, sizeof now);
    if (strcmp(now, ui->layout) != 0 || strcmp(now, theirs) != 0) {
        memcpy(ui->layout, now, sizeof now);
        session_set_layout(session, now);
    }
}

void ui_draw(struct ui *ui)
{
    struct ui_model *model = &ui->picture.model;

    ui_command_take_queued(ui);
    struct session *session = ui_machine_lock(ui->machine);
    ui_ask_if_needed(ui);
    exchange_layout(ui, session);
    ui_machine_speed_words(ui->machine, ui->speed, sizeof ui->speed);
    model->speed = ui->speed[0] ? ui->speed : NULL;
    model->command = ui->edit.text;
    model->command_cursor = ui->edit.cursor;
    model->note = ui->note;
    ui_picture_draw(&ui->picture, session, true);
    ui_machine_unlock(ui->machine);
}

void ui_look_after(struct ui *ui)
{
    const struct session *session = ui_machine_lock(ui->machine);
    int status;

    ui->quit |= session_wants_quit(session, &status);
    ui_machine_unlock(ui->machine);
}
