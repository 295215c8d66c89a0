/* Judging an outcome.
 * SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "emu/grade_judge.h"

#include <inttypes.h>
#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "emu/file.h"

#define FILE_LIMIT  (16u << 20)
#define SHOWN_BYTES 60u /* of a line that is quoted */

struct judge {
    const struct grade_spec *spec;
    const struct grade_outcome *outcome;
    const char *path;
    const char *folder;
    struct err *err;
};

/* ---- words ---- */

/* Bytes as they are written in a spec, cut after SHOWN_BYTES; returns text. */
static const char *quote(const char *bytes, size_t length, char *text, size_t room)
{
    size_t used = 0;

    text[used++] = '"';
    for (size_t i = 0; i < length && i < SHOWN_BYTES && used + 12 < room; i++) {
        uint8_t byte = (uint8_t)bytes[i];
        const char *letter = byte == '\n'   ? "\\n"
                             : byte == '\t' ? "\\t"
                             : byte == '\r' ? "\\r"
                             : byte == '"'  ? "\\\""
                             : byte == '\\' ? "\\\\"
                                            : NULL;

        if (letter) {
            used += (size_t)snprintf(text + used, room - used, "%s", letter);
        } else if (byte < 0x20 || byte >= 0x7F) {
            used += (size_t)snprintf(text + used, room - used, "\\x%02x", byte);
        } else {
            text[used++] = (char)byte;
        }
    }
    snprintf(text + used, room - used, "\"%s", length > SHOWN_BYTES ? "..." : "");
    return text;
}

static size_t line_length(const char *at, const char *end)
{
    const char *stop = memchr(at, '\n', (size_t)(end - at));

    return stop ? (size_t)(stop - at) : (size_t)(end - at);
}

/* ---- output ---- */

/* The first line in which they differ. */
static void say_difference(const struct grade_stream *stream, const char *wanted, size_t bytes,
                           char *found, size_t room)
{
    const char *here = stream->bytes;
    const char *here_end = here + stream->kept;
    const char *end = wanted + bytes;
    uint32_t number = 1;
    char a[100];
    char b[100];

    for (;; number++) {
        size_t here_length = line_length(here, here_end);
        size_t length = line_length(wanted, end);
        bool here_last = here + here_length == here_end;
        bool last = wanted + length == end;

        if (here_length != length || memcmp(here, wanted, length) != 0 || here_last != last) {
            bool only_end = here_length == length && memcmp(here, wanted, length) == 0;

            snprintf(found, room, "line %" PRIu32 " is %s%s, expected %s%s", number,
                     quote(here, here_length, a, sizeof(a)),
                     only_end && here_last ? " without its end" : "",
                     quote(wanted, length, b, sizeof(b)),
                     only_end && last ? " without its end" : "");
            return;
        }
        if (last) {
            snprintf(found, room, "the same as expected, but more bytes than are kept");
            return;
        }
        here += here_length + 1;
        wanted += length + 1;
    }
}

static bool judge_is(const struct grade_stream *stream, const char *wanted, size_t bytes,
                     struct grade_verdict *verdict)
{
    bool same = stream->total == bytes && memcmp(stream->bytes, wanted, bytes) == 0;

    if (!same) {
        say_difference(stream, wanted, bytes, verdict->found, sizeof(verdict->found));
    }
    return same;
}

static bool judge_is_file(const struct judge *judge, const struct grade_check *check,
                          const struct grade_stream *stream, struct grade_verdict *verdict,
                          bool *passed)
{
    char path[4096];
    struct err err = {0};
    uint8_t *bytes;
    size_t size;

    snprintf(path, sizeof(path), "%s%s%s", check->texts[0][0] == '/' ? "" : judge->folder,
             check->texts[0][0] == '/' ? "" : "/", check->texts[0]);
    if (!file_read(path, FILE_LIMIT, &bytes, &size, &err)) {
        return err_set(judge->err, "%.150s:%" PRIu32 ":%" PRIu32 ": %.300s", judge->path,
                       check->at.line, check->at.column, err.message);
    }
    *passed = judge_is(stream, (const char *)bytes, size, verdict);
    free(bytes);
    return true;
}

static bool judge_contains(const struct grade_check *check, const struct grade_stream *stream,
                           struct grade_verdict *verdict)
{
    const char *text = check->texts[0];
    const char *place = memmem(stream->bytes, stream->kept, text, strlen(text));
    bool wanted = check->kind == GRADE_CONTAINS;
    uint32_t line = 1;
    char words[100];

    if ((place != NULL) == wanted) {
        return true;
    }
    if (wanted) {
        snprintf(verdict->found, sizeof(verdict->found), "it is nowhere; the output begins with %s",
                 quote(stream->bytes, stream->kept, words, sizeof(words)));
        return false;
    }
    for (const char *at = stream->bytes; at < place; at++) {
        line += *at == '\n';
    }
    snprintf(verdict->found, sizeof(verdict->found), "it is in line %" PRIu32, line);
    return false;
}

static bool judge_matches(const struct grade_check *check, const struct grade_stream *stream,
                          struct grade_verdict *verdict)
{
    regex_t compiled;
    char words[100];
    bool found;

    if (regcomp(&compiled, check->texts[0], REG_EXTENDED | REG_NEWLINE | REG_NOSUB) != 0) {
        return false; /* the parser has tried it */
    }
    found = regexec(&compiled, stream->bytes, 0, NULL, 0) == 0;
    regfree(&compiled);
    if (!found) {
        snprintf(verdict->found, sizeof(verdict->found), "no line does; the output begins with %s",
                 quote(stream->bytes, stream->kept, words, sizeof(words)));
    }
    return found;
}

/* How many lines of the output are this one. */
static uint32_t line_count(const struct grade_stream *stream, const char *wanted)
{
    const char *at = stream->bytes;
    const char *end = at + stream->kept;
    size_t length = strlen(wanted);
    uint32_t count = 0;

    while (at < end) {
        size_t here = line_length(at, end);

        count += here == length && memcmp(at, wanted, length) == 0;
        at += here + 1;
    }
    return count;
}

/* Each expected line, as often as it is expected; points for those that are there. */
static bool judge_lines(const struct grade_check *check, const struct grade_stream *stream,
                        struct grade_verdict *verdict)
{
    uint32_t there = 0;
    const char *missing = NULL;
    char words[100];

    for (uint32_t i = 0; i < check->text_count; i++) {
        uint32_t before = 0;

        for (uint32_t k = 0; k < i; k++) {
            before += strcmp(check->texts[k], check->texts[i]) == 0;
        }
        if (line_count(stream, check->texts[i]) > before) {
            there++;
        } else {
            missing = missing ? missing : check->texts[i];
        }
    }
    verdict->points = check->points * there / check->text_count;
    if (missing) {
        snprintf(verdict->found, sizeof(verdict->found),
                 "%" PRIu32 " of %" PRIu32 " lines are there; missing: %s", there,
                 check->text_count, quote(missing, strlen(missing), words, sizeof(words)));
    }
    return !missing;
}

/* ---- the rest ---- */

static bool judge_status(const struct grade_check *check, const struct grade_outcome *outcome,
                         struct grade_verdict *verdict)
{
    bool good = check->kind == GRADE_SIGNAL ? outcome->signal == (int32_t)check->least
                : check->kind == GRADE_STOPS
                    ? strcmp(outcome->reason, check->texts[0]) == 0
                    : outcome->status == (int32_t)check->least && outcome->signal == 0;

    if (!good) {
        snprintf(verdict->found, sizeof(verdict->found), "%.*s",
                 (int)strcspn(outcome->explanation, "\n"), outcome->explanation);
        if (check->kind == GRADE_STOPS) {
            snprintf(verdict->found, sizeof(verdict->found), "it ended by %s", outcome->reason);
        }
    }
    return good;
}

static bool judge_number(const struct grade_check *check, const struct grade_outcome *outcome,
                         const struct grade_hits *hits, struct grade_verdict *verdict)
{
    bool is_event = check->kind == GRADE_EVENT;
    uint64_t number = is_event ? hits->count : outcome->figures[check->figure];

    if (!outcome->begun) {
        snprintf(verdict->found, sizeof(verdict->found), "the program was never started");
        return false;
    }
    if (number >= check->least && number <= check->most) {
        return true;
    }
    if (!is_event) {
        snprintf(verdict->found, sizeof(verdict->found), "%" PRIu64, number);
    } else if (number == 0) {
        snprintf(verdict->found, sizeof(verdict->found), "it never happened");
    } else {
        snprintf(verdict->found, sizeof(verdict->found),
                 "it happened %" PRIu64 " times, first at clock %" PRIu64, number,
                 hits->first_clock);
    }
    return false;
}

static bool judge_state(enum grade_truth truth, struct grade_verdict *verdict)
{
    if (truth != GRADE_TRUE) {
        snprintf(verdict->found, sizeof(verdict->found), "%s",
                 truth == GRADE_FALSE ? "it is 0" : "the program was never started");
    }
    return truth == GRADE_TRUE;
}

static bool judge_one(const struct judge *judge, uint32_t index, struct grade_verdict *verdict)
{
    const struct grade_check *check = &judge->spec->checks[index];
    const struct grade_outcome *outcome = judge->outcome;
    const struct grade_stream *stream = check->errors ? &outcome->errors : &outcome->out;
    bool passed = false;

    switch (check->kind) {
    case GRADE_STATUS:
    case GRADE_SIGNAL:
    case GRADE_STOPS:
        passed = judge_status(check, outcome, verdict);
        break;
    case GRADE_IS:
        passed = judge_is(stream, check->texts[0], strlen(check->texts[0]), verdict);
        break;
    case GRADE_IS_FILE:
        if (!judge_is_file(judge, check, stream, verdict, &passed)) {
            return false;
        }
        break;
    case GRADE_CONTAINS:
    case GRADE_LACKS:
        passed = judge_contains(check, stream, verdict);
        break;
    case GRADE_MATCHES:
        passed = judge_matches(check, stream, verdict);
        break;
    case GRADE_LINES:
        passed = judge_lines(check, stream, verdict);
        break;
    case GRADE_STATE:
        passed = judge_state(outcome->states[index], verdict);
        break;
    case GRADE_COUNT:
    case GRADE_EVENT:
        passed = judge_number(check, outcome, &outcome->hits[index], verdict);
        break;
    }
    verdict->passed = passed;
    if (passed) {
        verdict->points = check->points;
    }
    return true;
}

bool grade_judge(const struct grade_spec *spec, const struct grade_outcome *outcome,
                 const char *path, const char *folder, struct grade_judgement *judgement,
                 struct err *err)
{
    struct judge judge = {
        .spec = spec, .outcome = outcome, .path = path, .folder = folder, .err = err};

    memset(judgement, 0, sizeof(*judgement));
    for (uint32_t i = 0; i < spec->check_count; i++) {
        struct grade_verdict *verdict = &judgement->verdicts[i];

        if (!judge_one(&judge, i, verdict)) {
            return false;
        }
        judgement->of += spec->checks[i].points;
        judgement->points += verdict->points;
        if (spec->checks[i].must && !verdict->passed && !judgement->void_by) {
            judgement->void_by = i + 1;
        }
    }
    if (judgement->void_by) {
        judgement->points = 0;
    }
    return true;
}
