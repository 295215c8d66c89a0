/* The parser of specs.
 * SPDX-License-Identifier: MIT */
#include "emu/grade_spec.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "emu/grade_spec_priv.h"

#define LIMIT_CLOCKS 2000000000u /* 20 s of the guest's time */
#define LIMIT_OUTPUT (64u << 10)
#define TYPED_EXTRA  2u /* a line that begins with @ gets another */

bool grade_wrong(const struct grade_line *line, const char *what)
{
    return err_set(line->err, "%.200s:%" PRIu32 ":%" PRIu32 ": %.250s", line->name, line->number,
                   (uint32_t)(line->at - line->text) + 1, what);
}

struct grade_position grade_position_of(const struct grade_line *line)
{
    return (struct grade_position){line->number, (uint32_t)(line->at - line->text) + 1};
}

void grade_skip(struct grade_line *line)
{
    while (line->at < line->end && (*line->at == ' ' || *line->at == '\t')) {
        line->at++;
    }
}

/* At the end, or at a remark. */
bool grade_ended(struct grade_line *line)
{
    grade_skip(line);
    return line->at == line->end || *line->at == '#';
}

const char *grade_keep(struct grade_spec *spec, const char *text, size_t length)
{
    char *kept = spec->arena + spec->arena_used;

    memcpy(kept, text, length);
    kept[length] = '\0';
    spec->arena_used += length + 1;
    return kept;
}

/* ---- words and numbers ---- */

static size_t plain_length(const struct grade_line *line)
{
    size_t length = 0;

    while (line->at + length < line->end && !strchr(" \t\"#:", line->at[length])) {
        length++;
    }
    return length;
}

bool grade_take(struct grade_line *line, const char *word)
{
    size_t length = strlen(word);

    grade_skip(line);
    if (plain_length(line) != length || strncmp(line->at, word, length) != 0) {
        return false;
    }
    line->at += length;
    grade_skip(line);
    return true;
}

/* Between two ": \n \t \r \\ \" \xNN; no null bytes. */
static bool take_quoted(struct grade_line *line, const char **text)
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
                    return grade_wrong(line, "\\x takes two hexadecimal digits, and not 00");
                }
                line->at += 2;
            } else if (strchr("ntr\\\"", letter)) {
                letter = letter == 'n'   ? '\n'
                         : letter == 't' ? '\t'
                         : letter == 'r' ? '\r'
                                         : letter;
            } else {
                line->at--;
                return grade_wrong(line, "after \\ goes one of n t r x \\ \"");
            }
        }
        kept[used++] = letter;
    }
    if (line->at == line->end) {
        return grade_wrong(line, "the text has no \" at its end");
    }
    line->at++;
    kept[used] = '\0';
    spec->arena_used += used + 1;
    *text = kept;
    return true;
}

/* A word, or a text between two ". */
bool grade_take_text(struct grade_line *line, const char *what, const char **text)
{
    char message[128];

    grade_skip(line);
    if (line->at < line->end && *line->at == '"') {
        return take_quoted(line, text);
    }
    size_t length = 0;

    while (line->at + length < line->end && !strchr(" \t\"#", line->at[length])) {
        length++;
    }
    if (length == 0) {
        snprintf(message, sizeof(message), "%s is missing", what);
        return grade_wrong(line, message);
    }
    *text = grade_keep(line->spec, line->at, length);
    line->at += length;
    return true;
}

bool grade_take_number(struct grade_line *line, uint64_t most, uint64_t *number)
{
    const char *start;

    grade_skip(line);
    start = line->at;
    *number = 0;
    while (line->at < line->end && *line->at >= '0' && *line->at <= '9') {
        if (__builtin_mul_overflow(*number, 10u, number) ||
            __builtin_add_overflow(*number, (uint64_t)(*line->at - '0'), number)) {
            return grade_wrong(line, "the number is too large");
        }
        line->at++;
    }
    if (line->at == start) {
        return grade_wrong(line, "a number is missing");
    }
    if (*number > most) {
        line->at = start;
        return grade_wrong(line, "the number is too large");
    }
    return true;
}

/* The rest of the line, without blanks at its end. */
bool grade_take_rest(struct grade_line *line, const char *what, const char **text)
{
    size_t length;

    grade_skip(line);
    length = (size_t)(line->end - line->at);
    while (length > 0 && (line->at[length - 1] == ' ' || line->at[length - 1] == '\t')) {
        length--;
    }
    if (length == 0) {
        return grade_wrong(line, what);
    }
    *text = grade_keep(line->spec, line->at, length);
    line->at = line->end;
    return true;
}

static bool take_words(struct grade_line *line, const char **words, uint32_t *count,
                       const char *what)
{
    while (!grade_ended(line)) {
        if (*count == GRADE_WORDS_MAX) {
            return grade_wrong(line, "too many words");
        }
        if (!grade_take_text(line, what, &words[(*count)++])) {
            return false;
        }
    }
    return *count > 0 || grade_wrong(line, what);
}

/* ---- what to run ---- */

static bool parse_subject(struct grade_line *line, enum grade_subject subject, const char *what)
{
    struct grade_spec *spec = line->spec;

    if (spec->subject) {
        return grade_wrong(line, "one spec runs one thing: program, shell or kernel");
    }
    spec->subject = subject;
    grade_skip(line);
    spec->subject_position = grade_position_of(line);
    return take_words(line, spec->words, &spec->word_count, what) &&
           (subject != GRADE_SHELL || spec->word_count == 1 ||
            grade_wrong(line, "shell takes one text between two \""));
}

static bool parse_program(struct grade_line *line)
{
    return parse_subject(line, GRADE_PROGRAM, "the program, an ELF file, is missing");
}

static bool parse_shell(struct grade_line *line)
{
    return parse_subject(line, GRADE_SHELL, "the commands, between two \", are missing");
}

static bool parse_kernel(struct grade_line *line)
{
    return parse_subject(line, GRADE_KERNEL, "the kernel, a file, is missing");
}

static bool parse_name(struct grade_line *line)
{
    return grade_take_text(line, "the name", &line->spec->name);
}

static bool parse_guest_kernel(struct grade_line *line)
{
    grade_skip(line);
    line->spec->guest_kernel_position = grade_position_of(line);
    return grade_take_text(line, "the kernel, an ELF file,", &line->spec->guest_kernel);
}

static bool parse_machine(struct grade_line *line)
{
    grade_skip(line);
    line->spec->options_position = grade_position_of(line);
    return take_words(line, line->spec->options, &line->spec->option_count,
                      "options of the machine are missing, such as --timing i386");
}

static bool parse_file(struct grade_line *line)
{
    struct grade_spec *spec = line->spec;
    struct grade_file *file = &spec->files[spec->file_count];
    const char *slash;

    if (spec->file_count == GRADE_FILES_MAX) {
        return grade_wrong(line, "too many files");
    }
    grade_skip(line);
    file->position = grade_position_of(line);
    if (!grade_take_text(line, "the file", &file->path)) {
        return false;
    }
    slash = strrchr(file->path, '/');
    file->name = slash ? slash + 1 : file->path;
    if (grade_take(line, "as") && !grade_take_text(line, "the name in /host", &file->name)) {
        return false;
    }
    if (file->name[0] == '\0' || strchr(file->name, '/') || file->name[0] == '.') {
        return grade_wrong(line,
                           "the name in /host must be one name without / and no dot before it");
    }
    spec->file_count++;
    return true;
}

static bool parse_input(struct grade_line *line)
{
    grade_skip(line);
    line->spec->input_position = grade_position_of(line);
    return grade_take_text(line, "the file with the input", &line->spec->input);
}

/* A script for --input that types this; texts of several statements follow each other. */
static bool parse_type(struct grade_line *line)
{
    struct grade_spec *spec = line->spec;
    const char *text;
    char *joined;
    size_t used = spec->typed ? strlen(spec->typed) : 0;

    if (!grade_take_text(line, "what is typed", &text)) {
        return false;
    }
    joined = realloc(spec->typed, used + TYPED_EXTRA * strlen(text) + 1);
    if (!joined) {
        return grade_wrong(line, "no memory");
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

static bool parse_limit(struct grade_line *line)
{
    struct grade_spec *spec = line->spec;

    if (grade_take(line, "clocks")) {
        return grade_take_number(line, INT64_MAX, &spec->limit_clocks);
    }
    if (grade_take(line, "instructions")) {
        return grade_take_number(line, INT64_MAX, &spec->limit_instructions);
    }
    if (grade_take(line, "output")) {
        return grade_take_number(line, 16u << 20, &spec->limit_output);
    }
    return grade_wrong(line, "limit takes clocks, instructions or output, and a number");
}

static bool parse_requires(struct grade_line *line)
{
    struct grade_spec *spec = line->spec;
    struct grade_require *require = &spec->requires[spec->require_count];

    if (spec->require_count == GRADE_REQUIRES_MAX) {
        return grade_wrong(line, "too many requirements");
    }
    grade_skip(line);
    require->position = grade_position_of(line);
    if (!grade_take_text(line, "version, timing, kernel, firmware or \"disk 0\"", &require->what) ||
        !grade_take_text(line, "the value", &require->value)) {
        return false;
    }
    spec->require_count++;
    return true;
}

/* ---- all of it ---- */

static const struct {
    const char *word;
    bool (*parse)(struct grade_line *line);
} statements[] = {
    {"name", parse_name},       {"program", parse_program},   {"shell", parse_shell},
    {"kernel", parse_kernel},   {"machine", parse_machine},   {"guest-kernel", parse_guest_kernel},
    {"file", parse_file},       {"input", parse_input},       {"type", parse_type},
    {"limit", parse_limit},     {"check", grade_parse_check}, {"requires", parse_requires},
    {"must", grade_parse_must}, {"hint", grade_parse_hint},
};

static bool parse_line(struct grade_line *line)
{
    if (grade_ended(line)) {
        return true;
    }
    for (size_t i = 0; i < sizeof(statements) / sizeof(statements[0]); i++) {
        if (grade_take(line, statements[i].word)) {
            return statements[i].parse(line) &&
                   (grade_ended(line) || grade_wrong(line, "here the line should end"));
        }
    }
    return grade_wrong(line,
                       "must be name, program, shell, kernel, guest-kernel, machine, file, input, "
                       "type, limit, requires, check, must or hint");
}

static bool parse_lines(struct grade_line *line, const char *text, size_t size)
{
    const char *end = text + size;

    while (text < end) {
        const char *stop = memchr(text, '\n', (size_t)(end - text));

        stop = stop ? stop : end;
        line->number++;
        line->text = line->at = text;
        line->end = stop > text && stop[-1] == '\r' ? stop - 1 : stop;
        if (line->number == 1 && (!grade_take(line, "ringside-grade") || !grade_take(line, "1"))) {
            return grade_wrong(line, "the first line must be: ringside-grade 1");
        }
        if (memchr(line->text, 0, (size_t)(line->end - line->text))) {
            return grade_wrong(line, "not a text: it has a null byte");
        }
        if (!parse_line(line)) {
            return false;
        }
        text = stop + 1;
    }
    return true;
}

static bool is_complete(struct grade_line *line)
{
    const struct grade_spec *spec = line->spec;

    line->at = line->text;
    if (line->number == 0) {
        line->number = 1;
        return grade_wrong(line, "the first line must be: ringside-grade 1");
    }
    if (!spec->subject) {
        return grade_wrong(line, "nothing is run: program, shell or kernel is missing");
    }
    if (spec->check_count == 0) {
        return grade_wrong(line, "nothing is checked");
    }
    if (spec->input && spec->typed) {
        return grade_wrong(line, "either input or type, not both");
    }
    if (spec->subject == GRADE_KERNEL && (spec->file_count || spec->guest_kernel)) {
        return grade_wrong(line, "file and guest-kernel go with program and shell only");
    }
    return true;
}

struct grade_spec *grade_spec_parse(const char *text, size_t size, const char *name,
                                    struct err *err)
{
    struct grade_spec *spec = calloc(1, sizeof(*spec));
    struct grade_line line = {.spec = spec, .name = name, .text = text, .at = text, .err = err};

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
