/* Reports of a grading.
 * SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "emu/grade_report.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define OUTPUT_KEPT 2048u /* bytes of each output in JSON */

/* A text that goes into `stream`'s memory. */
struct report {
    FILE *stream;
    char *text;
    size_t bytes;
};

static bool report_open(struct report *report)
{
    report->stream = open_memstream(&report->text, &report->bytes);
    return report->stream != NULL;
}

static char *report_close(struct report *report)
{
    return fclose(report->stream) == 0 ? report->text : NULL;
}

/* One line of text without what would break a line. */
static void put_line(FILE *stream, const char *text)
{
    for (; *text; text++) {
        fputc((unsigned char)*text < 0x20 ? ' ' : *text, stream);
    }
}

static void put_hint(FILE *stream, const struct grade_check *check,
                     const struct grade_verdict *verdict)
{
    put_line(stream, verdict->found);
    if (check->hint) {
        fputs("; hint: ", stream);
        put_line(stream, check->hint);
    }
}

/* ---- text ---- */

static void text_check(FILE *stream, const struct grade_check *check,
                       const struct grade_verdict *verdict)
{
    char points[32];

    snprintf(points, sizeof(points), "%" PRIu32 "/%" PRIu32, verdict->points, check->points);
    fprintf(stream, "  %-5s %7s  ",
            verdict->passed   ? "ok"
            : check->must     ? "MUST"
            : verdict->points ? "part"
                              : "LOST",
            check->must ? "" : points);
    put_line(stream, check->source);
    fputc('\n', stream);
    if (!verdict->passed) {
        fputs("                 ", stream);
        put_hint(stream, check, verdict);
        fputc('\n', stream);
    }
}

static void text_entry(FILE *stream, const struct grade_entry *entry)
{
    const struct grade_judgement *judgement = &entry->judgement;

    if (!entry->outcome) {
        fprintf(stream, "%s: not judged\n", entry->path); /* why is on standard error */
        return;
    }
    fprintf(stream, "%s: ", entry->path);
    put_line(stream, entry->spec->name);
    fprintf(stream, "%s%" PRIu32 " of %" PRIu32 " points\n", entry->spec->name[0] ? ": " : "",
            judgement->points, judgement->of);
    for (uint32_t i = 0; i < entry->spec->check_count; i++) {
        text_check(stream, &entry->spec->checks[i], &judgement->verdicts[i]);
    }
    if (judgement->void_by) {
        fprintf(stream, "  no points: what must be is not\n");
    }
    fputs("  ", stream);
    put_line(stream, entry->outcome->explanation);
    fprintf(stream, "; %" PRIu64 " clocks, %" PRIu64 " instructions; Ringside %s, timing %s",
            entry->outcome->figures[GRADE_CLOCKS], entry->outcome->figures[GRADE_INSTRUCTIONS],
            entry->outcome->version, entry->outcome->timing);
    for (uint32_t i = 0; i < entry->outcome->image_count; i++) {
        fprintf(stream, ", %s %016" PRIx64, entry->outcome->images[i].what,
                entry->outcome->images[i].hash);
    }
    fputc('\n', stream);
}

char *grade_report_text(const struct grade_entry *entries, uint32_t count)
{
    struct report report;
    uint64_t points = 0;
    uint64_t of = 0;

    if (!report_open(&report)) {
        return NULL;
    }
    for (uint32_t i = 0; i < count; i++) {
        text_entry(report.stream, &entries[i]);
        points += entries[i].judgement.points;
        of += entries[i].judgement.of;
    }
    if (count > 1) {
        fprintf(report.stream, "together: %" PRIu64 " of %" PRIu64 " points\n", points, of);
    }
    return report_close(&report);
}

/* ---- JSON ---- */

static json_t *number(uint64_t value)
{
    return json_integer((json_int_t)value);
}

/* The beginning of an output; bytes that are no ASCII become '?', so that it is a text anywhere. */
static json_t *stream_json(const struct grade_stream *stream)
{
    char text[OUTPUT_KEPT + 1];
    size_t length = stream->kept < OUTPUT_KEPT ? stream->kept : OUTPUT_KEPT;
    json_t *object = json_object();

    for (size_t i = 0; i < length; i++) {
        uint8_t byte = (uint8_t)stream->bytes[i];

        text[i] = byte >= 0x7F || (byte < 0x20 && byte != '\n' && byte != '\t') ? '?' : (char)byte;
    }
    text[length] = '\0';
    json_object_set_new(object, "bytes", number(stream->total));
    json_object_set_new(object, "begins", json_string(text));
    return object;
}

static json_t *hash_json(uint64_t hash)
{
    char text[20];

    snprintf(text, sizeof(text), "%016" PRIx64, hash);
    return json_string(text);
}

static json_t *run_json(const struct grade_outcome *outcome)
{
    json_t *object = json_object();

    json_object_set_new(object, "reason", json_string(outcome->reason));
    json_object_set_new(object, "explanation", json_string(outcome->explanation));
    json_object_set_new(object, "status",
                        outcome->status < 0 ? json_null() : json_integer(outcome->status));
    json_object_set_new(object, "signal",
                        outcome->signal ? json_integer(outcome->signal) : json_null());
    for (uint32_t i = 0; i < GRADE_FIGURES; i++) {
        json_object_set_new(object, grade_figure_word((enum grade_figure)i),
                            number(outcome->figures[i]));
    }
    json_object_set_new(object, "begin-clock", number(outcome->begin_clock));
    json_object_set_new(object, "total-clocks", number(outcome->total_clocks));
    json_object_set_new(object, "output", stream_json(&outcome->out));
    json_object_set_new(object, "errors", stream_json(&outcome->errors));
    json_object_set_new(object, "hash", hash_json(outcome->hash));
    return object;
}

static json_t *made_of_json(const struct grade_outcome *outcome)
{
    json_t *object = json_object();
    json_t *images = json_object();

    for (uint32_t i = 0; i < outcome->image_count; i++) {
        json_object_set_new(images, outcome->images[i].what, hash_json(outcome->images[i].hash));
    }
    json_object_set_new(object, "version", json_string(outcome->version));
    json_object_set_new(object, "timing", json_string(outcome->timing));
    json_object_set_new(object, "images", images);
    return object;
}

static json_t *check_json(const struct grade_check *check, const struct grade_verdict *verdict)
{
    json_t *object = json_object();

    json_object_set_new(object, "line", number(check->position.line));
    json_object_set_new(object, "check", json_string(check->source));
    json_object_set_new(object, "must", json_boolean(check->must));
    json_object_set_new(object, "passed", json_boolean(verdict->passed));
    json_object_set_new(object, "points", number(verdict->points));
    json_object_set_new(object, "of", number(check->points));
    json_object_set_new(object, "found", json_string(verdict->found));
    json_object_set_new(object, "hint",
                        json_string(!verdict->passed && check->hint ? check->hint : ""));
    return object;
}

static json_t *entry_json(const struct grade_entry *entry)
{
    json_t *object = json_object();
    json_t *checks = json_array();

    json_object_set_new(object, "spec", json_string(entry->path));
    if (!entry->outcome) {
        json_object_set_new(object, "trouble", json_string(entry->trouble));
        json_decref(checks);
        return object;
    }
    json_object_set_new(object, "name", json_string(entry->spec->name));
    json_object_set_new(object, "points", number(entry->judgement.points));
    json_object_set_new(object, "of", number(entry->judgement.of));
    json_object_set_new(object, "made-of", made_of_json(entry->outcome));
    json_object_set_new(object, "run", run_json(entry->outcome));
    for (uint32_t i = 0; i < entry->spec->check_count; i++) {
        json_array_append_new(checks,
                              check_json(&entry->spec->checks[i], &entry->judgement.verdicts[i]));
    }
    json_object_set_new(object, "checks", checks);
    return object;
}

char *grade_report_json(const struct grade_entry *entries, uint32_t count)
{
    json_t *root = json_object();
    json_t *list = json_array();
    uint64_t points = 0;
    uint64_t of = 0;
    char *text;
    char *whole = NULL;

    for (uint32_t i = 0; i < count; i++) {
        json_array_append_new(list, entry_json(&entries[i]));
        points += entries[i].judgement.points;
        of += entries[i].judgement.of;
    }
    json_object_set_new(root, "ringside-grade", json_integer(1));
    json_object_set_new(root, "points", number(points));
    json_object_set_new(root, "of", number(of));
    json_object_set_new(root, "specs", list);
    text = json_dumps(root, JSON_INDENT(1) | JSON_PRESERVE_ORDER | JSON_ENSURE_ASCII);
    json_decref(root);
    if (text && asprintf(&whole, "%s\n", text) < 0) {
        whole = NULL;
    }
    free(text);
    return whole;
}

/* ---- JUnit ---- */

static void put_xml(FILE *stream, const char *text)
{
    for (; *text; text++) {
        switch (*text) {
        case '<':
            fputs("&lt;", stream);
            break;
        case '>':
            fputs("&gt;", stream);
            break;
        case '&':
            fputs("&amp;", stream);
            break;
        case '"':
            fputs("&quot;", stream);
            break;
        default:
            fputc((unsigned char)*text < 0x20 || (unsigned char)*text >= 0x7F ? '?' : *text,
                  stream);
        }
    }
}

static void junit_check(FILE *stream, const struct grade_entry *entry, uint32_t index)
{
    const struct grade_check *check = &entry->spec->checks[index];
    const struct grade_verdict *verdict = &entry->judgement.verdicts[index];

    fputs("    <testcase classname=\"", stream);
    put_xml(stream, entry->path);
    fputs("\" name=\"", stream);
    put_xml(stream, check->source);
    fputs("\"", stream);
    if (verdict->passed) {
        fputs("/>\n", stream);
        return;
    }
    fputs(">\n      <failure message=\"", stream);
    put_xml(stream, verdict->found);
    fputs("\">", stream);
    put_xml(stream, check->hint ? check->hint : "");
    fputs("</failure>\n    </testcase>\n", stream);
}

static uint32_t failures(const struct grade_entry *entry)
{
    uint32_t count = 0;

    for (uint32_t i = 0; entry->outcome && i < entry->spec->check_count; i++) {
        count += !entry->judgement.verdicts[i].passed;
    }
    return count;
}

static void junit_entry(FILE *stream, const struct grade_entry *entry)
{
    uint32_t tests = entry->outcome ? entry->spec->check_count : 1;

    fputs("  <testsuite name=\"", stream);
    put_xml(stream, entry->path);
    fprintf(stream, "\" tests=\"%" PRIu32 "\" failures=\"%" PRIu32 "\" errors=\"%d\">\n", tests,
            failures(entry), !entry->outcome);
    if (!entry->outcome) {
        fputs("    <testcase name=\"the spec\">\n      <error message=\"", stream);
        put_xml(stream, entry->trouble);
        fputs("\"/>\n    </testcase>\n", stream);
    }
    for (uint32_t i = 0; entry->outcome && i < entry->spec->check_count; i++) {
        junit_check(stream, entry, i);
    }
    fputs("  </testsuite>\n", stream);
}

char *grade_report_junit(const struct grade_entry *entries, uint32_t count)
{
    struct report report;

    if (!report_open(&report)) {
        return NULL;
    }
    fputs("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n", report.stream);
    for (uint32_t i = 0; i < count; i++) {
        junit_entry(report.stream, &entries[i]);
    }
    fputs("</testsuites>\n", report.stream);
    return report_close(&report);
}

/* ---- TAP ---- */

/* A description, in which # would begin a directive. */
static void put_tap(FILE *stream, const char *text)
{
    for (; *text; text++) {
        if (*text == '#' || *text == '\\') {
            fputc('\\', stream);
        }
        fputc((unsigned char)*text < 0x20 ? ' ' : *text, stream);
    }
}

static void tap_entry(FILE *stream, const struct grade_entry *entry, uint32_t *test)
{
    if (!entry->outcome) {
        fprintf(stream, "not ok %" PRIu32 " - ", ++*test);
        put_tap(stream, entry->trouble);
        fputc('\n', stream);
        return;
    }
    for (uint32_t i = 0; i < entry->spec->check_count; i++) {
        const struct grade_check *check = &entry->spec->checks[i];
        const struct grade_verdict *verdict = &entry->judgement.verdicts[i];

        fprintf(stream, "%s %" PRIu32 " - ", verdict->passed ? "ok" : "not ok", ++*test);
        put_tap(stream, entry->path);
        fputs(": ", stream);
        put_tap(stream, check->source);
        fprintf(stream, " (%" PRIu32 "/%" PRIu32 ")\n", verdict->points, check->points);
        if (!verdict->passed) {
            fputs("# ", stream);
            put_hint(stream, check, verdict);
            fputc('\n', stream);
        }
    }
}

char *grade_report_tap(const struct grade_entry *entries, uint32_t count)
{
    struct report report;
    uint32_t tests = 0;

    if (!report_open(&report)) {
        return NULL;
    }
    for (uint32_t i = 0; i < count; i++) {
        tests += entries[i].outcome ? entries[i].spec->check_count : 1;
    }
    fprintf(report.stream, "TAP version 13\n1..%" PRIu32 "\n", tests);
    tests = 0;
    for (uint32_t i = 0; i < count; i++) {
        tap_entry(report.stream, &entries[i], &tests);
    }
    return report_close(&report);
}
