/* `ringside grade`.
 * SPDX-License-Identifier: MIT */
#include "emu/grade_host.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "emu/file.h"
#include "emu/grade_report.h"

#define SPEC_LIMIT     (1u << 20)
#define STATUS_LOST    1
#define STATUS_TROUBLE 2

static bool read_spec(struct grade_entry *entry, struct err *err)
{
    uint8_t *bytes;
    size_t size;

    if (!file_read(entry->path, SPEC_LIMIT, &bytes, &size, err)) {
        return false;
    }
    entry->spec = grade_spec_parse((const char *)bytes, size, entry->path, err);
    free(bytes);
    return entry->spec != NULL;
}

/* The folder of a path. */
static void folder_of(const char *path, char *folder, size_t bytes)
{
    const char *slash = strrchr(path, '/');

    snprintf(folder, bytes, "%.*s", slash ? (int)(slash - path) : 1, slash ? path : ".");
    if (slash == path) {
        snprintf(folder, bytes, "/");
    }
}

static void judge(struct grade_entry *entry, const char *folder)
{
    char own[4096];
    struct err err = {0};

    folder_of(entry->path, own, sizeof(own));
    if (read_spec(entry, &err)) {
        entry->outcome = grade_run(entry->spec, entry->path, folder ? folder : own, &err);
        if (entry->outcome &&
            !grade_judge(entry->spec, entry->outcome, entry->path, own, &entry->judgement, &err)) {
            grade_outcome_free(entry->outcome);
            entry->outcome = NULL;
        }
    }
    if (!entry->outcome) {
        snprintf(entry->trouble, sizeof(entry->trouble), "%s", err.message);
        fprintf(stderr, "ringside: %s\n", err.message);
    }
}

static bool put(const char *path, char *text)
{
    struct err err = {0};
    bool good = true;

    if (!text) {
        fprintf(stderr, "ringside: no memory for the report\n");
        return false;
    }
    if (strcmp(path, "-") == 0) {
        good = fputs(text, stdout) >= 0 && fflush(stdout) == 0;
    } else if (!file_write(path, text, strlen(text), &err)) {
        fprintf(stderr, "ringside: %s\n", err.message);
        good = false;
    }
    free(text);
    return good;
}

/* The text for people goes to standard output, unless another report does. */
static bool report(const struct options *options, const struct grade_entry *entries, uint32_t count)
{
    const struct {
        const char *path;
        char *(*make)(const struct grade_entry *entries, uint32_t count);
    } reports[] = {
        {options->json, grade_report_json},
        {options->junit, grade_report_junit},
        {options->tap, grade_report_tap},
    };
    bool good = true;
    bool taken = false;

    for (size_t i = 0; i < sizeof(reports) / sizeof(reports[0]); i++) {
        if (reports[i].path) {
            good = put(reports[i].path, reports[i].make(entries, count)) && good;
            taken |= strcmp(reports[i].path, "-") == 0;
        }
    }
    return (taken || put("-", grade_report_text(entries, count))) && good;
}

int grade_host_run(const struct options *options)
{
    uint32_t count = (uint32_t)options->argument_count;
    struct grade_entry *entries = calloc(count, sizeof(*entries));
    int status = 0;

    if (!entries) {
        fprintf(stderr, "ringside: no memory\n");
        return STATUS_TROUBLE;
    }
    for (uint32_t i = 0; i < count; i++) {
        entries[i].path = options->arguments[i];
        judge(&entries[i], options->grade_folder);
        if (!entries[i].outcome) {
            status = STATUS_TROUBLE;
        } else if (entries[i].judgement.points < entries[i].judgement.of ||
                   entries[i].judgement.void_by) {
            status = status ? status : STATUS_LOST;
        }
    }
    if (!report(options, entries, count)) {
        status = STATUS_TROUBLE;
    }
    for (uint32_t i = 0; i < count; i++) {
        grade_outcome_free(entries[i].outcome);
        grade_spec_close(entries[i].spec);
    }
    free(entries);
    return status;
}
