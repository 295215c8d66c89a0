/* The file of --input.
 * SPDX-License-Identifier: MIT */
#include "emu/input_script.h"

#include <stdlib.h>
#include <string.h>

#include "emu/file.h"

#define FILE_LIMIT   (16u << 20)
#define RETRY_CLOCKS 20000u /* after the receiver was full */

enum item_kind { ITEM_BYTES, ITEM_CLOCK, ITEM_WAIT, ITEM_BREAK };

struct item {
    enum item_kind kind;
    uint64_t clock;      /* ITEM_CLOCK */
    const uint8_t *text; /* into the file: ITEM_BYTES, ITEM_WAIT */
    size_t bytes;        /* of text */
};

struct input_script {
    uint8_t *file;
    struct item *items;
    size_t count;   /* items */
    size_t at;      /* item that is next */
    size_t done;    /* bytes of it sent */
    uint8_t *tail;  /* the last bytes of output, as many as the awaited text has */
    size_t tail_at; /* bytes in it */
};

static bool clock_parse(const uint8_t *text, size_t bytes, uint64_t *clock)
{
    *clock = 0;
    for (size_t i = 0; i < bytes; i++) {
        if (text[i] < '0' || text[i] > '9' || __builtin_mul_overflow(*clock, 10u, clock) ||
            __builtin_add_overflow(*clock, (uint64_t)(text[i] - '0'), clock)) {
            return false;
        }
    }
    return bytes > 0;
}

static bool begins(const uint8_t *line, size_t bytes, const char *word)
{
    return bytes > strlen(word) && memcmp(line, word, strlen(word)) == 0;
}

static bool item_parse(const uint8_t *line, size_t bytes, size_t with_end, struct item *item)
{
    *item = (struct item){.kind = ITEM_BYTES, .text = line, .bytes = with_end};
    if (line[0] != '@') {
        return true;
    }
    if (begins(line, bytes, "@wait ")) {
        *item = (struct item){.kind = ITEM_WAIT, .text = line + 6, .bytes = bytes - 6};
        return true;
    }
    if (begins(line, bytes, "@type ")) {
        *item = (struct item){.kind = ITEM_BYTES, .text = line + 6, .bytes = bytes - 6};
        return true;
    }
    if (begins(line, bytes, "@clock ")) {
        item->kind = ITEM_CLOCK;
        return clock_parse(line + 7, bytes - 7, &item->clock);
    }
    if (bytes == 6 && memcmp(line, "@break", 6) == 0) {
        item->kind = ITEM_BREAK;
        return true;
    }
    if (bytes >= 2 && line[1] == '@') {
        item->text++;
        item->bytes--;
        return true;
    }
    return false;
}

static bool items_parse(struct input_script *script, const char *path, size_t size, struct err *err)
{
    size_t lines = 1;
    size_t number = 0;

    for (size_t i = 0; i < size; i++) {
        lines += script->file[i] == '\n';
    }
    script->items = calloc(lines, sizeof(*script->items));
    script->tail = malloc(size + 1);
    if (!script->items || !script->tail) {
        return err_set(err, "%s: no memory", path);
    }
    for (size_t at = 0; at < size;) {
        const uint8_t *line = script->file + at;
        const uint8_t *end = memchr(line, '\n', size - at);
        size_t bytes = end ? (size_t)(end - line) : size - at;
        size_t with_end = end ? bytes + 1 : bytes;

        number++;
        if (!item_parse(line, bytes, with_end, &script->items[script->count++])) {
            return err_set(err,
                           "%s: line %zu: must be @wait TEXT, @clock NUMBER, @type TEXT, @break, "
                           "@@text or text to send",
                           path, number);
        }
        at += with_end;
    }
    return true;
}

struct input_script *input_script_open(const char *path, struct err *err)
{
    struct input_script *script = calloc(1, sizeof(*script));
    size_t size;

    if (!script) {
        err_set(err, "%s: no memory", path);
        return NULL;
    }
    if (!file_read(path, FILE_LIMIT, &script->file, &size, err) ||
        !items_parse(script, path, size, err)) {
        input_script_close(script);
        return NULL;
    }
    return script;
}

struct input_script *input_script_of_text(const char *text, const char *name, struct err *err)
{
    struct input_script *script = calloc(1, sizeof(*script));

    if (script) {
        script->file = (uint8_t *)strdup(text);
    }
    if (!script || !script->file) {
        err_set(err, "%s: no memory", name);
        input_script_close(script);
        return NULL;
    }
    if (!items_parse(script, name, strlen(text), err)) {
        input_script_close(script);
        return NULL;
    }
    return script;
}

void input_script_close(struct input_script *script)
{
    if (script) {
        free(script->file);
        free(script->items);
        free(script->tail);
        free(script);
    }
}

bool input_script_done(const struct input_script *script)
{
    return script->at == script->count;
}

bool input_script_output(struct input_script *script, uint8_t byte)
{
    const struct item *item = &script->items[script->at];

    if (input_script_done(script) || item->kind != ITEM_WAIT) {
        return false;
    }
    if (script->tail_at == item->bytes) {
        memmove(script->tail, script->tail + 1, --script->tail_at);
    }
    script->tail[script->tail_at++] = byte;
    if (script->tail_at != item->bytes || memcmp(script->tail, item->text, item->bytes) != 0) {
        return false;
    }
    script->tail_at = 0;
    script->at++;
    return true;
}

uint64_t input_script_feed(struct input_script *script, struct machine *machine)
{
    while (!input_script_done(script)) {
        const struct item *item = &script->items[script->at];

        if (item->kind == ITEM_WAIT) {
            return CLOCK_NEVER;
        }
        if (item->kind == ITEM_CLOCK && machine_clock(machine) < item->clock) {
            return item->clock;
        }
        if (item->kind == ITEM_BREAK && !machine_input_break(machine, 0)) {
            return machine_clock(machine) + RETRY_CLOCKS;
        }
        while (item->kind == ITEM_BYTES && script->done < item->bytes) {
            if (!machine_input_serial(machine, 0, item->text[script->done])) {
                return machine_clock(machine) + RETRY_CLOCKS;
            }
            script->done++;
        }
        script->done = 0;
        script->at++;
    }
    return CLOCK_NEVER;
}
