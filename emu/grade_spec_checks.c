/* Specs: the statements check, must and hint.
 * SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <regex.h>
#include <stdio.h>
#include <string.h>

#include "emu/expression.h"
#include "emu/grade_spec_priv.h"

#define EXPRESSION_MOST 256u /* bytes of a regular expression */
#define GROUPS_MOST     6u   /* ( in it */

static const char *const figure_words[GRADE_FIGURES] = {
    [GRADE_CLOCKS] = "clocks",
    [GRADE_INSTRUCTIONS] = "instructions",
    [GRADE_SYSTEM_CALLS] = "system-calls",
    [GRADE_EXCEPTIONS] = "exceptions",
    [GRADE_INTERRUPTS] = "interrupts",
    [GRADE_OUTPUT_BYTES] = "output-bytes",
};

/* Behind a set of characters that begins at `at`; at its end if it has no ]. */
static const char *behind_set(const char *at)
{
    at += 1 + (at[1] == '^');
    at += *at == ']';
    while (*at && *at != ']') {
        at++;
    }
    return at + (*at == ']');
}

/* Expressions whose automaton could become larger than any memory: NULL, or what is not allowed.
 * The C library copies what + and {} repeat, so repeats of repeats double it each time. */
static const char *too_much(const char *text)
{
    uint32_t depth = 0;
    bool repeated = false;

    if (strlen(text) > EXPRESSION_MOST) {
        return "the regular expression is too long";
    }
    while (*text) {
        bool repeats = *text == '*' || *text == '+' || *text == '?';

        if (*text == '{') {
            return "{N,M} is not available in regular expressions; write it out";
        }
        if (repeats && repeated) {
            return "a repeat of a repeat is not available in regular expressions";
        }
        depth += *text == '(';
        if (depth > GROUPS_MOST) {
            return "too many ( in the regular expression";
        }
        if (*text == '\\' && text[1]) {
            if (text[1] >= '1' && text[1] <= '9') {
                return "back references are not available in regular expressions";
            }
            text += 2;
        } else {
            text = *text == '[' ? behind_set(text) : text + 1;
        }
        repeated = repeats;
    }
    return NULL;
}

static bool check_expression(struct grade_line *line, const char *text)
{
    regex_t compiled;
    char message[160];
    const char *refused = too_much(text);
    int code;

    if (refused) {
        return grade_wrong(line, refused);
    }
    code = regcomp(&compiled, text, REG_EXTENDED | REG_NEWLINE | REG_NOSUB);
    if (code) {
        regerror(code, NULL, message, sizeof(message));
        return grade_wrong(line, message);
    }
    regfree(&compiled);
    return true;
}

static bool take_texts(struct grade_line *line, struct grade_check *check)
{
    while (!grade_ended(line)) {
        if (check->text_count == GRADE_TEXTS_MAX) {
            return grade_wrong(line, "too many lines");
        }
        if (!grade_take_text(line, "a line", &check->texts[check->text_count++])) {
            return false;
        }
    }
    return check->text_count > 0 || grade_wrong(line, "the expected lines are missing");
}

static bool parse_output(struct grade_line *line, struct grade_check *check)
{
    struct grade_line start;

    if (grade_take(line, "lines")) {
        check->kind = GRADE_LINES;
        return take_texts(line, check);
    }
    if (grade_take(line, "is")) {
        check->kind = grade_take(line, "file") ? GRADE_IS_FILE : GRADE_IS;
    } else if (grade_take(line, "contains")) {
        check->kind = GRADE_CONTAINS;
    } else if (grade_take(line, "lacks")) {
        check->kind = GRADE_LACKS;
    } else if (grade_take(line, "matches")) {
        check->kind = GRADE_MATCHES;
    } else {
        return grade_wrong(line, "here goes is, is file, contains, lacks, matches or lines");
    }
    grade_skip(line);
    start = *line;
    check->at = grade_position_of(line);
    check->text_count = 1;
    return grade_take_text(line, "the expected text", &check->texts[0]) &&
           (check->kind != GRADE_MATCHES || check_expression(&start, check->texts[0]));
}

static bool parse_comparison(struct grade_line *line, struct grade_check *check)
{
    uint64_t number;
    bool at_most = grade_take(line, "<=");
    bool at_least = !at_most && grade_take(line, ">=");

    if (!at_most && !at_least && !grade_take(line, "==")) {
        return grade_wrong(line, "here goes <=, >= or == and a number");
    }
    if (!grade_take_number(line, INT64_MAX, &number)) {
        return false;
    }
    check->kind = GRADE_COUNT;
    check->least = at_most ? 0 : number;
    check->most = at_least ? INT64_MAX : number;
    return true;
}

/* `event [N | N..M | N..]: EVENT`, `no event: EVENT` */
static bool parse_event(struct grade_line *line, struct grade_check *check, bool none)
{
    check->kind = GRADE_EVENT;
    check->least = none ? 0 : 1;
    check->most = none ? 0 : INT64_MAX;
    grade_skip(line);
    if (!none && line->at < line->end && *line->at >= '0' && *line->at <= '9') {
        if (!grade_take_number(line, INT32_MAX, &check->least)) {
            return false;
        }
        check->most = check->least;
        if (line->end - line->at >= 2 && strncmp(line->at, "..", 2) == 0) {
            line->at += 2;
            check->most = INT64_MAX;
            if (line->at < line->end && *line->at >= '0' && *line->at <= '9' &&
                !grade_take_number(line, INT32_MAX, &check->most)) {
                return false;
            }
        }
        if (check->most < check->least) {
            return grade_wrong(line, "the range is backwards");
        }
    }
    grade_skip(line);
    if (line->at == line->end || *line->at != ':') {
        return grade_wrong(line, "here goes a colon and the event");
    }
    line->at++;
    grade_skip(line);
    check->at = grade_position_of(line);
    check->text_count = 1;
    return grade_take_rest(line, "the event is missing", &check->texts[0]);
}

static bool parse_state(struct grade_line *line, struct grade_check *check)
{
    struct expression expression;
    struct expression_error error;

    check->kind = GRADE_STATE;
    grade_skip(line);
    if (line->at == line->end || *line->at != ':') {
        return grade_wrong(line, "here goes a colon and the expression");
    }
    line->at++;
    grade_skip(line);
    check->at = grade_position_of(line);
    check->text_count = 1;
    struct grade_line start = *line;

    if (!grade_take_rest(line, "the expression is missing", &check->texts[0])) {
        return false;
    }
    if (!expression_parse(check->texts[0], &expression, &error)) {
        start.at += error.column ? error.column - 1 : 0;
        return grade_wrong(&start, error.message);
    }
    return true;
}

static bool parse_kind(struct grade_line *line, struct grade_check *check)
{
    uint64_t number;

    if (grade_take(line, "status")) {
        check->kind = GRADE_STATUS;
        if (!grade_take_number(line, 255, &number)) {
            return false;
        }
        check->least = number;
        return true;
    }
    if (grade_take(line, "signal")) {
        check->kind = GRADE_SIGNAL;
        return grade_take_number(line, 64, &check->least);
    }
    if (grade_take(line, "stops")) {
        check->kind = GRADE_STOPS;
        check->text_count = 1;
        return grade_take_text(line, "how the machine ends, such as power-off,", &check->texts[0]);
    }
    if (grade_take(line, "output")) {
        return parse_output(line, check);
    }
    if (grade_take(line, "errors")) {
        check->errors = 1;
        return parse_output(line, check);
    }
    if (grade_take(line, "event")) {
        return parse_event(line, check, false);
    }
    if (grade_take(line, "no")) {
        return grade_take(line, "event") ? parse_event(line, check, true)
                                         : grade_wrong(line, "here goes `event: EVENT`");
    }
    if (grade_take(line, "state")) {
        return parse_state(line, check);
    }
    for (uint32_t i = 0; i < GRADE_FIGURES; i++) {
        if (grade_take(line, figure_words[i])) {
            check->figure = (enum grade_figure)i;
            return parse_comparison(line, check);
        }
    }
    return grade_wrong(line,
                       "must be status, signal, stops, output, errors, event, no event, state, "
                       "clocks, instructions, system-calls, exceptions, interrupts or "
                       "output-bytes");
}

static bool parse_a_check(struct grade_line *line, bool must)
{
    struct grade_spec *spec = line->spec;
    struct grade_check *check = &spec->checks[spec->check_count];
    struct grade_position start = grade_position_of(line);
    uint64_t points = must ? 0 : 1;
    size_t length;

    if (spec->check_count == GRADE_CHECKS_MAX) {
        return grade_wrong(line, "too many checks");
    }
    grade_skip(line);
    if (line->at < line->end && *line->at >= '0' && *line->at <= '9' &&
        !grade_take_number(line, GRADE_POINTS_MAX, &points)) {
        return false;
    }
    grade_skip(line);
    length = (size_t)(line->end - line->at);
    while (length > 0 && strchr(" \t", line->at[length - 1])) {
        length--;
    }
    memset(check, 0, sizeof(*check));
    check->position = start;
    check->points = (uint32_t)points;
    check->must = must;
    check->source = grade_keep(spec, line->at, length);
    if (!parse_kind(line, check)) {
        return false;
    }
    spec->check_count++;
    return true;
}

bool grade_parse_check(struct grade_line *line)
{
    return parse_a_check(line, false);
}

bool grade_parse_must(struct grade_line *line)
{
    return parse_a_check(line, true);
}

bool grade_parse_hint(struct grade_line *line)
{
    struct grade_spec *spec = line->spec;

    if (spec->check_count == 0 || spec->checks[spec->check_count - 1].hint) {
        return grade_wrong(line, "a hint belongs to the check before it, one to each");
    }
    return grade_take_text(line, "the hint", &spec->checks[spec->check_count - 1].hint) &&
           (!strchr(spec->checks[spec->check_count - 1].hint, '\n') ||
            grade_wrong(line, "a hint is one line"));
}

const char *grade_figure_word(enum grade_figure figure)
{
    return figure_words[figure];
}
