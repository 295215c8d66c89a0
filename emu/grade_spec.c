/* The parser of specs.
 * SPDX-License-Identifier: MIT */
#include "emu/grade_spec.h"

#include <inttypes.h>
#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "emu/expression.h"

#define LIMIT_CLOCKS 2000000000u /* 20 s of the guest's time */
#define LIMIT_OUTPUT (64u << 10)
#define TYPED_EXTRA  2u /* a line that begins with @ gets another */

static const char *const figure_words[GRADE_FIGURES] = {
    [GRADE_CLOCKS] = "clocks",
    [GRADE_INSTRUCTIONS] = "instructions",
    [GRADE_SYSTEM_CALLS] = "system-calls",
    [GRADE_EXCEPTIONS] = "exceptions",
    [GRADE_INTERRUPTS] = "interrupts",
    [GRADE_OUTPUT_BYTES] = "output-bytes",
};

/* One line that is being read. */
struct line {
    struct grade_spec *spec;
    const char *name; /* of the file */
    const char *text; /* its beginning */
    const char *at;
    const char *end;
    uint32_t number; /* from 1 */
    struct err *err;
};

static bool wrong(const struct line *line, const char *what)
{
    return err_set(line->err, "%.200s:%" PRIu32 ":%" PRIu32 ": %.250s", line->name, line->number,
                   (uint32_t)(line->at - line->text) + 1, what);
}

static struct grade_position position(const struct line *line)
{
    return (struct grade_position){line->number, (uint32_t)(line->at - line->text) + 1};
}

static void skip(struct line *line)
{
    while (line->at < line->end && (*line->at == ' ' || *line->at == '\t')) {
        line->at++;
    }
}

/* At the end, or at a remark. */
static bool ended(struct line *line)
{
    skip(line);
    return line->at == line->end || *line->at == '#';
}

static const char *keep(struct grade_spec *spec, const char *text, size_t length)
{
    char *kept = spec->arena + spec->arena_used;

    memcpy(kept, text, length);
    kept[length] = '\0';
    spec->arena_used += length + 1;
    return kept;
}

/* ---- words and numbers ---- */

static size_t plain_length(const struct line *line)
{
    size_t length = 0;

    while (line->at + length < line->end && !strchr(" \t\"#:", line->at[length])) {
        length++;
    }
    return length;
}

static bool take(struct line *line, const char *word)
{
    size_t length = strlen(word);

    skip(line);
    if (plain_length(line) != length || strncmp(line->at, word, length) != 0) {
        return false;
    }
    line->at += length;
    skip(line);
    return true;
}

/* Between two ": \n \t \r \\ \" \xNN; no null bytes. */
static bool take_quoted(struct line *line, const char **text)
{
    struct grade_spec *spec = line->spec;
    char *kept = spec->arena + spec->arena_used;
    size_t used = 0;

    line->at++;
    while (line->at < line->end && *line->at != '"') {
        char letter = *line->at++;

        if (letter == '\\' && line->at < line->end) {
            letter = *line->at++;
            if (letter == 'x') {
                char digits[3] = {0};
                char *stop;

                strncpy(digits, line->at, (size_t)(line->end - line->at) < 2 ? 0 : 2);
                letter = (char)strtoul(digits, &stop, 16);
                if (stop != digits + 2 || digits[0] == '+' || digits[0] == '-' || letter == 0) {
                    return wrong(line, "\\x takes two hexadecimal digits, and not 00");
                }
                line->at += 2;
            } else if (strchr("ntr\\\"", letter)) {
                letter = letter == 'n'   ? '\n'
                         : letter == 't' ? '\t'
                         : letter == 'r' ? '\r'
                                         : letter;
            } else {
                line->at--;
                return wrong(line, "after \\ goes one of n t r x \\ \"");
            }
        }
        kept[used++] = letter;
    }
    if (line->at == line->end) {
        return wrong(line, "the text has no \" at its end");
    }
    line->at++;
    kept[used] = '\0';
    spec->arena_used += used + 1;
    *text = kept;
    return true;
}

/* A word, or a text between two ". */
static bool take_text(struct line *line, const char *what, const char **text)
{
    char message[128];

    skip(line);
    if (line->at < line->end && *line->at == '"') {
        return take_quoted(line, text);
    }
    size_t length = 0;

    while (line->at + length < line->end && !strchr(" \t\"#", line->at[length])) {
        length++;
    }
    if (length == 0) {
        snprintf(message, sizeof(message), "%s is missing", what);
        return wrong(line, message);
    }
    *text = keep(line->spec, line->at, length);
    line->at += length;
    return true;
}

static bool take_number(struct line *line, uint64_t most, uint64_t *number)
{
    const char *start;

    skip(line);
    start = line->at;
    *number = 0;
    while (line->at < line->end && *line->at >= '0' && *line->at <= '9') {
        if (__builtin_mul_overflow(*number, 10u, number) ||
            __builtin_add_overflow(*number, (uint64_t)(*line->at - '0'), number)) {
            return wrong(line, "the number is too large");
        }
        line->at++;
    }
    if (line->at == start) {
        return wrong(line, "a number is missing");
    }
    if (*number > most) {
        line->at = start;
        return wrong(line, "the number is too large");
    }
    return true;
}

/* The rest of the line, without blanks at its end. */
static bool take_rest(struct line *line, const char *what, const char **text)
{
    size_t length;

    skip(line);
    length = (size_t)(line->end - line->at);
    while (length > 0 && (line->at[length - 1] == ' ' || line->at[length - 1] == '\t')) {
        length--;
    }
    if (length == 0) {
        return wrong(line, what);
    }
    *text = keep(line->spec, line->at, length);
    line->at = line->end;
    return true;
}

static bool take_words(struct line *line, const char **words, uint32_t *count, const char *what)
{
    while (!ended(line)) {
        if (*count == GRADE_WORDS_MAX) {
            return wrong(line, "too many words");
        }
        if (!take_text(line, what, &words[(*count)++])) {
            return false;
        }
    }
    return *count > 0 || wrong(line, what);
}

/* ---- what to run ---- */

static bool parse_subject(struct line *line, enum grade_subject subject, const char *what)
{
    struct grade_spec *spec = line->spec;

    if (spec->subject) {
        return wrong(line, "one spec runs one thing: program, shell or kernel");
    }
    spec->subject = subject;
    skip(line);
    spec->subject_position = position(line);
    return take_words(line, spec->words, &spec->word_count, what) &&
           (subject != GRADE_SHELL || spec->word_count == 1 ||
            wrong(line, "shell takes one text between two \""));
}

static bool parse_program(struct line *line)
{
    return parse_subject(line, GRADE_PROGRAM, "the program, an ELF file, is missing");
}

static bool parse_shell(struct line *line)
{
    return parse_subject(line, GRADE_SHELL, "the commands, between two \", are missing");
}

static bool parse_kernel(struct line *line)
{
    return parse_subject(line, GRADE_KERNEL, "the kernel, a file, is missing");
}

static bool parse_name(struct line *line)
{
    return take_text(line, "the name", &line->spec->name);
}

static bool parse_guest_kernel(struct line *line)
{
    skip(line);
    line->spec->guest_kernel_position = position(line);
    return take_text(line, "the kernel, an ELF file,", &line->spec->guest_kernel);
}

static bool parse_machine(struct line *line)
{
    skip(line);
    line->spec->options_position = position(line);
    return take_words(line, line->spec->options, &line->spec->option_count,
                      "options of the machine are missing, such as --timing i386");
}

static bool parse_file(struct line *line)
{
    struct grade_spec *spec = line->spec;
    struct grade_file *file = &spec->files[spec->file_count];
    const char *slash;

    if (spec->file_count == GRADE_FILES_MAX) {
        return wrong(line, "too many files");
    }
    skip(line);
    file->position = position(line);
    if (!take_text(line, "the file", &file->path)) {
        return false;
    }
    slash = strrchr(file->path, '/');
    file->name = slash ? slash + 1 : file->path;
    if (take(line, "as") && !take_text(line, "the name in /host", &file->name)) {
        return false;
    }
    if (file->name[0] == '\0' || strchr(file->name, '/') || file->name[0] == '.') {
        return wrong(line, "the name in /host must be one name without / and no dot before it");
    }
    spec->file_count++;
    return true;
}

static bool parse_input(struct line *line)
{
    skip(line);
    line->spec->input_position = position(line);
    return take_text(line, "the file with the input", &line->spec->input);
}

/* A script for --input that types this; texts of several statements follow each other. */
static bool parse_type(struct line *line)
{
    struct grade_spec *spec = line->spec;
    const char *text;
    char *joined;
    size_t used = spec->typed ? strlen(spec->typed) : 0;

    if (!take_text(line, "what is typed", &text)) {
        return false;
    }
    joined = realloc(spec->typed, used + TYPED_EXTRA * strlen(text) + 1);
    if (!joined) {
        return wrong(line, "no memory");
    }
    spec->typed = joined;
    for (; *text; text++) {
        if (*text == '@' && (used == 0 || joined[used - 1] == '\n')) {
            joined[used++] = '@';
        }
        joined[used++] = *text;
    }
    joined[used] = '\0';
    return true;
}

static bool parse_limit(struct line *line)
{
    struct grade_spec *spec = line->spec;

    if (take(line, "clocks")) {
        return take_number(line, INT64_MAX, &spec->limit_clocks);
    }
    if (take(line, "instructions")) {
        return take_number(line, INT64_MAX, &spec->limit_instructions);
    }
    if (take(line, "output")) {
        return take_number(line, 16u << 20, &spec->limit_output);
    }
    return wrong(line, "limit takes clocks, instructions or output, and a number");
}

static bool parse_requires(struct line *line)
{
    struct grade_spec *spec = line->spec;
    struct grade_require *require = &spec->requires[spec->require_count];

    if (spec->require_count == GRADE_REQUIRES_MAX) {
        return wrong(line, "too many requirements");
    }
    skip(line);
    require->position = position(line);
    if (!take_text(line, "version, timing, kernel, firmware or \"disk 0\"", &require->what) ||
        !take_text(line, "the value", &require->value)) {
        return false;
    }
    spec->require_count++;
    return true;
}

/* ---- checks ---- */

/* Expressions whose automaton could become larger than any memory are refused. */
static bool check_expression(struct line *line, const char *text)
{
    regex_t compiled;
    char message[160];
    int code;

    for (const char *at = text; *at; at++) {
        if (*at == '\\' && at[1]) {
            at++;
            if (*at >= '1' && *at <= '9') {
                return wrong(line, "back references are not available in regular expressions");
            }
        } else if (*at == '{') {
            return wrong(line, "{N,M} is not available in regular expressions; write it out");
        }
    }
    code = regcomp(&compiled, text, REG_EXTENDED | REG_NEWLINE | REG_NOSUB);
    if (code) {
        regerror(code, NULL, message, sizeof(message));
        return wrong(line, message);
    }
    regfree(&compiled);
    return true;
}

static bool take_texts(struct line *line, struct grade_check *check)
{
    while (!ended(line)) {
        if (check->text_count == GRADE_TEXTS_MAX) {
            return wrong(line, "too many lines");
        }
        if (!take_text(line, "a line", &check->texts[check->text_count++])) {
            return false;
        }
    }
    return check->text_count > 0 || wrong(line, "the expected lines are missing");
}

static bool parse_output(struct line *line, struct grade_check *check)
{
    struct line start;

    if (take(line, "lines")) {
        check->kind = GRADE_LINES;
        return take_texts(line, check);
    }
    if (take(line, "is")) {
        check->kind = take(line, "file") ? GRADE_IS_FILE : GRADE_IS;
    } else if (take(line, "contains")) {
        check->kind = GRADE_CONTAINS;
    } else if (take(line, "lacks")) {
        check->kind = GRADE_LACKS;
    } else if (take(line, "matches")) {
        check->kind = GRADE_MATCHES;
    } else {
        return wrong(line, "here goes is, is file, contains, lacks, matches or lines");
    }
    skip(line);
    start = *line;
    check->at = position(line);
    check->text_count = 1;
    return take_text(line, "the expected text", &check->texts[0]) &&
           (check->kind != GRADE_MATCHES || check_expression(&start, check->texts[0]));
}

static bool parse_comparison(struct line *line, struct grade_check *check)
{
    uint64_t number;
    bool at_most = take(line, "<=");
    bool at_least = !at_most && take(line, ">=");

    if (!at_most && !at_least && !take(line, "==")) {
        return wrong(line, "here goes <=, >= or == and a number");
    }
    if (!take_number(line, INT64_MAX, &number)) {
        return false;
    }
    check->kind = GRADE_COUNT;
    check->least = at_most ? 0 : number;
    check->most = at_least ? INT64_MAX : number;
    return true;
}

/* `event [N | N..M | N..]: EVENT`, `no event: EVENT` */
static bool parse_event(struct line *line, struct grade_check *check, bool none)
{
    check->kind = GRADE_EVENT;
    check->least = none ? 0 : 1;
    check->most = none ? 0 : INT64_MAX;
    skip(line);
    if (!none && line->at < line->end && *line->at >= '0' && *line->at <= '9') {
        if (!take_number(line, INT32_MAX, &check->least)) {
            return false;
        }
        check->most = check->least;
        if (line->end - line->at >= 2 && strncmp(line->at, "..", 2) == 0) {
            line->at += 2;
            check->most = INT64_MAX;
            if (line->at < line->end && *line->at >= '0' && *line->at <= '9' &&
                !take_number(line, INT32_MAX, &check->most)) {
                return false;
            }
        }
        if (check->most < check->least) {
            return wrong(line, "the range is backwards");
        }
    }
    skip(line);
    if (line->at == line->end || *line->at != ':') {
        return wrong(line, "here goes a colon and the event");
    }
    line->at++;
    skip(line);
    check->at = position(line);
    check->text_count = 1;
    return take_rest(line, "the event is missing", &check->texts[0]);
}

static bool parse_state(struct line *line, struct grade_check *check)
{
    struct expression expression;
    struct expression_error error;

    check->kind = GRADE_STATE;
    skip(line);
    if (line->at == line->end || *line->at != ':') {
        return wrong(line, "here goes a colon and the expression");
    }
    line->at++;
    skip(line);
    check->at = position(line);
    check->text_count = 1;
    struct line start = *line;

    if (!take_rest(line, "the expression is missing", &check->texts[0])) {
        return false;
    }
    if (!expression_parse(check->texts[0], &expression, &error)) {
        start.at += error.column ? error.column - 1 : 0;
        return wrong(&start, error.message);
    }
    return true;
}

static bool parse_kind(struct line *line, struct grade_check *check)
{
    uint64_t number;

    if (take(line, "status")) {
        check->kind = GRADE_STATUS;
        if (!take_number(line, 255, &number)) {
            return false;
        }
        check->least = number;
        return true;
    }
    if (take(line, "signal")) {
        check->kind = GRADE_SIGNAL;
        return take_number(line, 64, &check->least);
    }
    if (take(line, "stops")) {
        check->kind = GRADE_STOPS;
        check->text_count = 1;
        return take_text(line, "how the machine ends, such as power-off,", &check->texts[0]);
    }
    if (take(line, "output")) {
        return parse_output(line, check);
    }
    if (take(line, "errors")) {
        check->errors = 1;
        return parse_output(line, check);
    }
    if (take(line, "event")) {
        return parse_event(line, check, false);
    }
    if (take(line, "no")) {
        return take(line, "event") ? parse_event(line, check, true)
                                   : wrong(line, "here goes `event: EVENT`");
    }
    if (take(line, "state")) {
        return parse_state(line, check);
    }
    for (uint32_t i = 0; i < GRADE_FIGURES; i++) {
        if (take(line, figure_words[i])) {
            check->figure = (enum grade_figure)i;
            return parse_comparison(line, check);
        }
    }
    return wrong(line, "must be status, signal, stops, output, errors, event, no event, state, "
                       "clocks, instructions, system-calls, exceptions, interrupts or "
                       "output-bytes");
}

static bool parse_a_check(struct line *line, bool must)
{
    struct grade_spec *spec = line->spec;
    struct grade_check *check = &spec->checks[spec->check_count];
    struct grade_position start = position(line);
    uint64_t points = must ? 0 : 1;
    size_t length;

    if (spec->check_count == GRADE_CHECKS_MAX) {
        return wrong(line, "too many checks");
    }
    skip(line);
    if (line->at < line->end && *line->at >= '0' && *line->at <= '9' &&
        !take_number(line, GRADE_POINTS_MAX, &points)) {
        return false;
    }
    skip(line);
    length = (size_t)(line->end - line->at);
    while (length > 0 && strchr(" \t", line->at[length - 1])) {
        length--;
    }
    memset(check, 0, sizeof(*check));
    check->position = start;
    check->points = (uint32_t)points;
    check->must = must;
    check->source = keep(spec, line->at, length);
    if (!parse_kind(line, check)) {
        return false;
    }
    spec->check_count++;
    return true;
}

static bool parse_check(struct line *line)
{
    return parse_a_check(line, false);
}

static bool parse_must(struct line *line)
{
    return parse_a_check(line, true);
}

static bool parse_hint(struct line *line)
{
    struct grade_spec *spec = line->spec;

    if (spec->check_count == 0 || spec->checks[spec->check_count - 1].hint) {
        return wrong(line, "a hint belongs to the check before it, one to each");
    }
    return take_text(line, "the hint", &spec->checks[spec->check_count - 1].hint) &&
           (!strchr(spec->checks[spec->check_count - 1].hint, '\n') ||
            wrong(line, "a hint is one line"));
}

/* ---- all of it ---- */

static const struct {
    const char *word;
    bool (*parse)(struct line *line);
} statements[] = {
    {"name", parse_name},     {"program", parse_program}, {"shell", parse_shell},
    {"kernel", parse_kernel}, {"machine", parse_machine}, {"guest-kernel", parse_guest_kernel},
    {"file", parse_file},     {"input", parse_input},     {"type", parse_type},
    {"limit", parse_limit},   {"check", parse_check},     {"requires", parse_requires},
    {"must", parse_must},     {"hint", parse_hint},
};

static bool parse_line(struct line *line)
{
    if (ended(line)) {
        return true;
    }
    for (size_t i = 0; i < sizeof(statements) / sizeof(statements[0]); i++) {
        if (take(line, statements[i].word)) {
            return statements[i].parse(line) &&
                   (ended(line) || wrong(line, "here the line should end"));
        }
    }
    return wrong(line, "must be name, program, shell, kernel, guest-kernel, machine, file, input, "
                       "type, limit, requires, check, must or hint");
}

static bool parse_lines(struct line *line, const char *text, size_t size)
{
    const char *end = text + size;

    while (text < end) {
        const char *stop = memchr(text, '\n', (size_t)(end - text));

        stop = stop ? stop : end;
        line->number++;
        line->text = line->at = text;
        line->end = stop > text && stop[-1] == '\r' ? stop - 1 : stop;
        if (line->number == 1 && (!take(line, "ringside-grade") || !take(line, "1"))) {
            return wrong(line, "the first line must be: ringside-grade 1");
        }
        if (memchr(line->text, 0, (size_t)(line->end - line->text))) {
            return wrong(line, "not a text: it has a null byte");
        }
        if (!parse_line(line)) {
            return false;
        }
        text = stop + 1;
    }
    return true;
}

static bool is_complete(struct line *line)
{
    const struct grade_spec *spec = line->spec;

    line->at = line->text;
    if (line->number == 0) {
        line->number = 1;
        return wrong(line, "the first line must be: ringside-grade 1");
    }
    if (!spec->subject) {
        return wrong(line, "nothing is run: program, shell or kernel is missing");
    }
    if (spec->check_count == 0) {
        return wrong(line, "nothing is checked");
    }
    if (spec->input && spec->typed) {
        return wrong(line, "either input or type, not both");
    }
    if (spec->subject == GRADE_KERNEL && (spec->file_count || spec->guest_kernel)) {
        return wrong(line, "file and guest-kernel go with program and shell only");
    }
    return true;
}

struct grade_spec *grade_spec_parse(const char *text, size_t size, const char *name,
                                    struct err *err)
{
    struct grade_spec *spec = calloc(1, sizeof(*spec));
    struct line line = {.spec = spec, .name = name, .text = text, .at = text, .err = err};

    if (spec) {
        /* no text is longer than where it came from, and each is kept at most three times */
        spec->arena_bytes = size * 4 + 64;
        spec->arena = malloc(spec->arena_bytes);
        spec->name = "";
        spec->limit_clocks = LIMIT_CLOCKS;
        spec->limit_instructions = UINT64_MAX;
        spec->limit_output = LIMIT_OUTPUT;
    }
    if (!spec || !spec->arena) {
        err_set(err, "no memory");
        grade_spec_close(spec);
        return NULL;
    }
    if (!parse_lines(&line, text, size) || !is_complete(&line)) {
        grade_spec_close(spec);
        return NULL;
    }
    return spec;
}

void grade_spec_close(struct grade_spec *spec)
{
    if (spec) {
        free(spec->typed);
        free(spec->arena);
        free(spec);
    }
}

const char *grade_figure_word(enum grade_figure figure)
{
    return figure_words[figure];
}
