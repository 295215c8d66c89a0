/* The file of a moment: JSON, checked as a whole before anything is done with it.
 * SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "emu/moment.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "emu/file.h"
#include "emu/machine.h"

#define FILE_LIMIT     (64u << 20)
#define FORMAT_VERSION 1
#define FORMAT_NAME    "ringside-moment"
#define LINE_BYTES     160

/* ---- words ---- */

bool moment_words_add(struct moment_words *words, const char *format, ...)
{
    va_list arguments;
    int length;

    if (words->count == MOMENT_WORDS_MAX) {
        return false;
    }
    va_start(arguments, format);
    length = vasprintf(&words->words[words->count], format, arguments);
    va_end(arguments);
    words->count += length >= 0;
    return length >= 0;
}

void moment_words_free(struct moment_words *words)
{
    while (words->count) {
        free(words->words[--words->count]);
    }
}

/* ---- images ---- */

static void image_add(struct moment_image *images, uint32_t *count, const char *what, uint64_t hash)
{
    struct moment_image *image = &images[*count];

    snprintf(image->what, sizeof(image->what), "%s", what);
    image->hash = hash;
    (*count)++;
}

uint32_t moment_images(const struct machine_config *config,
                       struct moment_image images[MOMENT_IMAGES_MAX])
{
    uint32_t count = 0;

    if (!config->origin) {
        return 0;
    }
    if (config->origin->kernel_hash) {
        image_add(images, &count, "kernel", config->origin->kernel_hash);
    }
    if (config->origin->initrd_hash) {
        image_add(images, &count, "initrd", config->origin->initrd_hash);
    }
    if (config->firmware) {
        image_add(images, &count, "firmware", config->firmware->fingerprint);
    }
    if (config->option_rom) {
        image_add(images, &count, "option ROM", config->option_rom->fingerprint);
    }
    for (uint32_t i = 0; i < PC_DISKS; i++) {
        if (config->disks[i]) {
            char what[16];

            snprintf(what, sizeof(what), "disk %" PRIu32, i);
            image_add(images, &count, what, disk_file_fingerprint(config->disks[i]));
        }
    }
    return count;
}

bool moment_fits(const struct moment *moment, const struct machine_config *config, const char *path,
                 struct err *err)
{
    struct moment_image here[MOMENT_IMAGES_MAX];
    uint32_t count = moment_images(config, here);

    if (!config->origin || strcmp(config->origin->version, moment->version) != 0) {
        return err_set(err, "%.200s: was made with Ringside %s; this is %s", path, moment->version,
                       config->origin ? config->origin->version : "another program");
    }
    if (count != moment->image_count) {
        return err_set(err, "%.200s: was made with %" PRIu32 " images, here are %" PRIu32, path,
                       moment->image_count, count);
    }
    for (uint32_t i = 0; i < count; i++) {
        const struct moment_image *theirs = &moment->images[i];

        if (strcmp(theirs->what, here[i].what) != 0 || theirs->hash != here[i].hash) {
            return err_set(err,
                           "%.200s: was made with another %s (its hash is %016" PRIx64
                           ", of the %s here %016" PRIx64 ")",
                           path, theirs->what, theirs->hash, here[i].what, here[i].hash);
        }
    }
    return true;
}

/* ---- reading ---- */

struct reader {
    const char *name;
    struct err *err;
};

static bool wrong(const struct reader *reader, const char *what)
{
    return err_set(reader->err, "%.200s: not a moment that can be opened: %s", reader->name, what);
}

static bool read_number(const struct reader *reader, const json_t *object, const char *key,
                        uint64_t *number)
{
    const json_t *value = json_object_get(object, key);

    if (!json_is_integer(value) || json_integer_value(value) < 0) {
        return wrong(reader, key);
    }
    *number = (uint64_t)json_integer_value(value);
    return true;
}

static bool read_hash(const struct reader *reader, const json_t *object, uint64_t *hash)
{
    const char *text = json_string_value(json_object_get(object, "hash"));

    if (!text || strlen(text) != 16 || strspn(text, "0123456789abcdef") != 16) {
        return wrong(reader, "hash");
    }
    *hash = strtoull(text, NULL, 16);
    return true;
}

static bool read_words(const struct reader *reader, const json_t *list, const char *what,
                       struct moment_words *words)
{
    size_t count = json_array_size(list);

    for (size_t i = 0; i < count; i++) {
        const char *text = json_string_value(json_array_get(list, i));

        if (!text || strlen(text) > 4096 || !moment_words_add(words, "%s", text)) {
            return wrong(reader, what);
        }
    }
    return json_is_array(list) || wrong(reader, what);
}

static bool read_images(const struct reader *reader, const json_t *list, struct moment *moment)
{
    size_t count = json_array_size(list);

    if (!json_is_array(list) || count > MOMENT_IMAGES_MAX) {
        return wrong(reader, "images");
    }
    for (size_t i = 0; i < count; i++) {
        const json_t *row = json_array_get(list, i);
        const char *what = json_string_value(json_object_get(row, "what"));
        struct moment_image *image = &moment->images[i];

        if (!what || strlen(what) >= sizeof(image->what)) {
            return wrong(reader, "images");
        }
        snprintf(image->what, sizeof(image->what), "%s", what);
        if (!read_hash(reader, row, &image->hash)) {
            return false;
        }
        moment->image_count++;
    }
    return true;
}

static bool read_input(const struct reader *reader, const json_t *list, struct input_log *log)
{
    size_t count = json_array_size(list);

    for (size_t i = 0; i < count; i++) {
        const char *line = json_string_value(json_array_get(list, i));

        if (!line || !input_log_take_line(log, line)) {
            return wrong(reader, "input");
        }
    }
    return (json_is_array(list) && log->first == 0) || wrong(reader, "input");
}

static bool read_all(const struct reader *reader, struct moment *moment)
{
    const json_t *root = moment->root;
    const json_t *place = json_object_get(root, "place");
    const char *version = json_string_value(json_object_get(root, "version"));
    uint64_t micro = 0;

    if (json_integer_value(json_object_get(root, FORMAT_NAME)) != FORMAT_VERSION) {
        return wrong(reader, "it does not say \"" FORMAT_NAME "\": 1");
    }
    if (!version || strlen(version) >= sizeof(moment->version)) {
        return wrong(reader, "version");
    }
    snprintf(moment->version, sizeof(moment->version), "%s", version);
    moment->origin.version = moment->version;
    moment->origin.exec = json_is_true(json_object_get(root, "exec"));
    if (!read_words(reader, json_object_get(root, "options"), "options", &moment->origin.options) ||
        !read_words(reader, json_object_get(root, "words"), "words", &moment->origin.words) ||
        !read_images(reader, json_object_get(root, "images"), moment) ||
        !read_number(reader, place, "clock", &moment->place.clock) ||
        !read_number(reader, place, "step", &moment->place.step) ||
        !read_number(reader, place, "micro", &micro) || !read_hash(reader, root, &moment->hash)) {
        return false;
    }
    moment->micro = micro < UINT32_MAX ? (uint32_t)micro : UINT32_MAX;
    return read_input(reader, json_object_get(root, "input"), &moment->log);
}

struct moment *moment_parse(const uint8_t *bytes, size_t size, const char *name, struct err *err)
{
    struct moment *moment = calloc(1, sizeof(*moment));
    struct reader reader = {.name = name, .err = err};
    json_error_t mistake;

    if (!moment) {
        err_set(err, "no memory");
        return NULL;
    }
    moment->root = json_loadb((const char *)bytes, size, JSON_REJECT_DUPLICATES, &mistake);
    if (!moment->root) {
        err_set(err, "%.200s:%d:%d: not a moment: %.100s", name, mistake.line,
                mistake.column < 1 ? 1 : mistake.column, mistake.text);
        moment_close(moment);
        return NULL;
    }
    if (!read_all(&reader, moment)) {
        moment_close(moment);
        return NULL;
    }
    return moment;
}

struct moment *moment_load(const char *path, struct err *err)
{
    struct moment *moment;
    uint8_t *bytes;
    size_t size;

    if (!file_read(path, FILE_LIMIT, &bytes, &size, err)) {
        return NULL;
    }
    moment = moment_parse(bytes, size, path, err);
    free(bytes);
    return moment;
}

void moment_close(struct moment *moment)
{
    if (moment) {
        moment_words_free(&moment->origin.options);
        moment_words_free(&moment->origin.words);
        input_log_free(&moment->log);
        json_decref(moment->root);
        free(moment);
    }
}

/* ---- writing ---- */

static json_t *words_json(const struct moment_words *words)
{
    json_t *list = json_array();

    for (uint32_t i = 0; i < words->count; i++) {
        json_array_append_new(list, json_string(words->words[i]));
    }
    return list;
}

static void set_hash(json_t *object, uint64_t hash)
{
    char text[20];

    snprintf(text, sizeof(text), "%016" PRIx64, hash);
    json_object_set_new(object, "hash", json_string(text));
}

static json_t *images_json(const struct machine_config *config)
{
    struct moment_image images[MOMENT_IMAGES_MAX];
    uint32_t count = moment_images(config, images);
    json_t *list = json_array();

    for (uint32_t i = 0; i < count; i++) {
        json_t *row = json_object();

        json_object_set_new(row, "what", json_string(images[i].what));
        set_hash(row, images[i].hash);
        json_array_append_new(list, row);
    }
    return list;
}

/* What has come in so far; what is still to come is not part of the moment. */
static json_t *input_json(struct machine *machine)
{
    const struct input_log *log = machine_log(machine);
    uint64_t end = machine_state(machine)->progress.inputs;
    json_t *list = json_array();

    for (uint64_t i = log->first; i < end; i++) {
        char line[LINE_BYTES];

        if (input_log_line(log, i, line, sizeof(line))) {
            json_array_append_new(list, json_string(line));
        }
    }
    return list;
}

json_t *moment_object(struct machine *machine, struct history_place place, uint32_t micro)
{
    const struct moment_origin *origin = machine_get_config(machine)->origin;
    json_t *root = json_object();
    json_t *where = json_object();

    json_object_set_new(root, FORMAT_NAME, json_integer(FORMAT_VERSION));
    json_object_set_new(root, "version", json_string(origin->version));
    json_object_set_new(root, "exec", json_boolean(origin->exec));
    json_object_set_new(root, "options", words_json(&origin->options));
    json_object_set_new(root, "words", words_json(&origin->words));
    json_object_set_new(root, "images", images_json(machine_get_config(machine)));
    json_object_set_new(where, "clock", json_integer((json_int_t)place.clock));
    json_object_set_new(where, "step", json_integer((json_int_t)place.step));
    json_object_set_new(where, "micro", json_integer((json_int_t)micro));
    json_object_set_new(root, "place", where);
    set_hash(root, machine_hash(machine));
    json_object_set_new(root, "input", input_json(machine));
    return root;
}
