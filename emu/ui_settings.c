/* The user's settings as a small JSON file.
 * SPDX-License-Identifier: MIT */
#include "emu/ui_settings.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "emu/file.h"
#include "emu/paint_cells.h"
#include "emu/ui_presets.h"

#define FILE_BYTES_MAX 65536u

bool settings_path(char *path, uint32_t bytes)
{
    const char *config = getenv("XDG_CONFIG_HOME");
    const char *home = getenv("HOME");
    int length = -1;

    if (config && config[0] == '/') { /* XDG Base Directory Specification: absolute or ignored */
        length = snprintf(path, bytes, "%s/ringside/settings.json", config);
    } else if (home && home[0] == '/') {
        length = snprintf(path, bytes, "%s/.config/ringside/settings.json", home);
    }
    return length > 0 && (uint32_t)length < bytes;
}

/* A text of at most bytes - 1 under `key`, or nothing. */
static bool take_text(const json_t *root, const char *key, char *text, size_t bytes,
                      struct err *err)
{
    const json_t *value = json_object_get(root, key);
    const char *string = json_string_value(value);

    if (!value) {
        return true;
    }
    if (!string || strlen(string) >= bytes) {
        return err_set(err, "\"%s\" must be a text of at most %zu bytes", key, bytes - 1);
    }
    snprintf(text, bytes, "%s", string);
    return true;
}

static bool take_all(const json_t *root, struct ui_settings *settings, struct err *err)
{
    const json_t *scale = json_object_get(root, "font_scale");
    const json_t *help = json_object_get(root, "help");

    if (!take_text(root, "theme", settings->theme, sizeof settings->theme, err) ||
        !take_text(root, "preset", settings->preset, sizeof settings->preset, err) ||
        !take_text(root, "font", settings->font, sizeof settings->font, err)) {
        return false;
    }
    if (settings->theme[0] && paint_theme_named(settings->theme) == THEME_COUNT) {
        return err_set(err, "there is no theme \"%s\"", settings->theme);
    }
    if (settings->preset[0] && preset_named(settings->preset) == PRESET_COUNT) {
        return err_set(err, "there is no preset \"%s\"", settings->preset);
    }
    if (scale) {
        json_int_t value = json_integer_value(scale);
        if (value < FONT_SCALE_MIN || value > FONT_SCALE_MAX) {
            return err_set(err, "\"font_scale\" must be a number from %u to %u", FONT_SCALE_MIN,
                           FONT_SCALE_MAX);
        }
        settings->font_scale = (uint32_t)value;
    }
    if (help && !json_is_boolean(help)) {
        return err_set(err, "\"help\" must be true or false");
    }
    settings->hide_help = json_is_false(help);
    return true;
}

bool settings_load(struct ui_settings *settings, const char *path, struct err *err)
{
    struct ui_settings made = {0};
    struct err why = {0};
    json_error_t wrong;
    uint8_t *text;
    size_t size;

    memset(settings, 0, sizeof *settings);
    if (access(path, F_OK) != 0) {
        return true;
    }
    if (!file_read(path, FILE_BYTES_MAX, &text, &size, &why)) {
        return err_set(err, "%s (settings not used)", why.message);
    }
    json_t *root = json_loadb((const char *)text, size, 0, &wrong);
    free(text);
    if (!root) {
        return err_set(err, "%s:%d: %s (settings not used)", path, wrong.line, wrong.text);
    }
    bool good = json_is_object(root) ? take_all(root, &made, &why)
                                     : err_set(&why, "must be an object: { ... }");
    json_decref(root);
    if (!good) {
        return err_set(err, "%s: %s (settings not used)", path, why.message);
    }
    *settings = made;
    return true;
}

/* The folder of the file and the one above it. */
static void make_folders(const char *path)
{
    char folder[1024];

    snprintf(folder, sizeof folder, "%s", path);
    for (char *at = folder + 1; *at; at++) {
        if (*at == '/') {
            *at = '\0';
            mkdir(folder, 0777);
            *at = '/';
        }
    }
}

static char *to_text(const struct ui_settings *settings)
{
    json_t *root = json_object();

    if (settings->theme[0]) {
        json_object_set_new(root, "theme", json_string(settings->theme));
    }
    if (settings->preset[0]) {
        json_object_set_new(root, "preset", json_string(settings->preset));
    }
    if (settings->font[0]) {
        json_object_set_new(root, "font", json_string(settings->font));
    }
    if (settings->font_scale) {
        json_object_set_new(root, "font_scale", json_integer(settings->font_scale));
    }
    json_object_set_new(root, "help", json_boolean(!settings->hide_help));
    char *text = json_dumps(root, JSON_INDENT(1));
    json_decref(root);
    return text;
}

bool settings_save(const struct ui_settings *settings, const char *path, struct err *err)
{
    char fresh[1024];
    char *text = to_text(settings);

    if (!text || snprintf(fresh, sizeof fresh, "%s.new", path) >= (int)sizeof fresh) {
        free(text);
        return err_set(err, "%.200s can not be written: its name is too long", path);
    }
    make_folders(path);
    bool done = file_write(fresh, text, strlen(text), err);
    free(text);
    if (done && rename(fresh, path) != 0) {
        return err_set(err, "%s can not be written: %s", path, strerror(errno));
    }
    return done;
}
