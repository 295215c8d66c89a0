/* The input log and its file.
 * SPDX-License-Identifier: MIT */
#include "emu/input_log.h"

#include "devices/uart16550.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LOG_MAGIC      "ringside-input 2"
#define LINE_MAX_BYTES 160

static const char *const kind_names[INPUT_KIND_COUNT] = {
    [INPUT_KEY] = "key",       [INPUT_SERIAL] = "serial",     [INPUT_LINE] = "line",
    [INPUT_MEMORY] = "memory", [INPUT_REGISTER] = "register",
};

void input_log_init(struct input_log *log)
{
    memset(log, 0, sizeof(*log));
}

void input_log_free(struct input_log *log)
{
    free(log->entries);
    input_log_init(log);
}

void input_log_restart(struct input_log *log, uint64_t first)
{
    log->first = first;
    log->count = 0;
}

bool input_log_append(struct input_log *log, const struct input_entry *entry)
{
    if (log->count == log->capacity) {
        uint64_t capacity = log->capacity ? log->capacity * 2 : 64;
        struct input_entry *entries = realloc(log->entries, capacity * sizeof(*entries));

        if (!entries) {
            return false;
        }
        log->entries = entries;
        log->capacity = capacity;
    }
    log->entries[log->count++] = *entry;
    return true;
}

const struct input_entry *input_log_entry(const struct input_log *log, uint64_t number)
{
    if (number < log->first || number - log->first >= log->count) {
        return NULL;
    }
    return &log->entries[number - log->first];
}

uint64_t input_log_end(const struct input_log *log)
{
    return log->first + log->count;
}

void input_log_cut(struct input_log *log, uint64_t number)
{
    if (number >= log->first && number - log->first < log->count) {
        log->count = number - log->first;
    }
}

bool input_log_line(const struct input_log *log, uint64_t number, char *text, size_t bytes)
{
    const struct input_entry *entry = input_log_entry(log, number);

    return entry &&
           snprintf(text, bytes, "%" PRIu64 " %" PRIu64 " %" PRIu64 " %s %" PRIu32 " %" PRIu32,
                    number, entry->clock, entry->step, kind_names[entry->kind], entry->unit,
                    entry->value) < (int)bytes;
}

bool input_log_save(const struct input_log *log, const char *path, struct err *err)
{
    FILE *file = fopen(path, "we");
    bool written;

    if (!file) {
        return err_set(err, "%s: cannot write: %s", path, strerror(errno));
    }
    fprintf(file, LOG_MAGIC "\n# number clock step kind unit value\n");
    for (uint64_t i = 0; i < log->count; i++) {
        char line[LINE_MAX_BYTES];

        if (input_log_line(log, log->first + i, line, sizeof(line))) {
            fprintf(file, "%s\n", line);
        }
    }
    fprintf(file, "end %" PRIu64 "\n", input_log_end(log));
    written = !ferror(file);
    if (fclose(file) != 0 || !written) {
        return err_set(err, "%s: cannot write the input log: no room?", path);
    }
    return true;
}

/* One line of numbers and a kind; false if it is anything else. */
static bool entry_parse(const char *line, uint64_t *number, struct input_entry *entry)
{
    char kind[16];
    int used = 0;

    if (sscanf(line, "%" SCNu64 " %" SCNu64 " %" SCNu64 " %15s %" SCNu32 " %" SCNu32 " %n", number,
               &entry->clock, &entry->step, kind, &entry->unit, &entry->value, &used) != 6 ||
        line[used] != '\0' || strchr(line, '-') != NULL) {
        return false;
    }
    for (uint32_t i = 0; i < INPUT_KIND_COUNT; i++) {
        if (strcmp(kind, kind_names[i]) == 0) {
            entry->kind = i;
            return (entry->unit <= 1 || i == INPUT_MEMORY ||
                    (i == INPUT_REGISTER && entry->unit <= INPUT_REGISTER_EFLAGS)) &&
                   (entry->value <= 255 || i == INPUT_REGISTER ||
                    (i == INPUT_SERIAL && entry->value == UART_BREAK));
        }
    }
    return false;
}

/* An entry that may follow what is in the log: next number, not earlier than the last one. */
static bool entry_follows(const struct input_log *log, uint64_t number,
                          const struct input_entry *entry)
{
    const struct input_entry *last;

    if (log->count == 0) {
        return true;
    }
    last = &log->entries[log->count - 1];
    return number == input_log_end(log) && entry->clock >= last->clock && entry->step >= last->step;
}

bool input_log_take_line(struct input_log *log, const char *line)
{
    struct input_entry entry = {0};
    uint64_t number;

    if (!entry_parse(line, &number, &entry) || !entry_follows(log, number, &entry)) {
        return false;
    }
    log->first = log->count ? log->first : number;
    return input_log_append(log, &entry);
}

static bool lines_read(FILE *file, const char *path, struct input_log *log, struct err *err)
{
    char line[LINE_MAX_BYTES];
    uint32_t line_number = 0;

    while (fgets(line, sizeof(line), file)) {
        uint64_t number;
        int used = 0;

        line_number++;
        if (line_number == 1) {
            if (strcmp(line, LOG_MAGIC "\n") != 0) {
                return err_set(err, "%s: not an input log (its first line is not '" LOG_MAGIC "')",
                               path);
            }
        } else if (line[0] == '#') {
            continue;
        } else if (sscanf(line, "end %" SCNu64 " %n", &number, &used) == 1 && used > 0 &&
                   line[used] == '\0') {
            if (log->count == 0) {
                log->first = number;
            }
            return number == input_log_end(log)
                       ? true
                       : err_set(err, "%s: line %" PRIu32 ": entries are missing", path,
                                 line_number);
        } else {
            if (!input_log_take_line(log, line)) {
                return err_set(err, "%s: line %" PRIu32 ": not an entry of an input log", path,
                               line_number);
            }
        }
    }
    return err_set(err, "%s: the input log is cut short (no 'end' line)", path);
}

bool input_log_load(struct input_log *log, const char *path, struct err *err)
{
    FILE *file = fopen(path, "re");
    struct input_log loaded;
    bool good;

    if (!file) {
        return err_set(err, "%s: cannot read: %s", path, strerror(errno));
    }
    input_log_init(&loaded);
    good = lines_read(file, path, &loaded, err);
    fclose(file);
    if (!good) {
        input_log_free(&loaded);
        return false;
    }
    input_log_free(log);
    *log = loaded;
    return true;
}
