/* From a raw word to fields: $ and ` first, then splitting at blanks, then file names, then the
 * quotes are gone. Every character remembers where it came from. See: POSIX.1-2017, 2.6.
 * SPDX-License-Identifier: MIT */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "user/sh/sh.h"

#define QUOTED 0x100u /* means itself, is not split */
#define SPLIT  0x200u /* from an expansion outside quotes: blanks separate fields */
#define BREAK  0x400u /* no character: a new field, between the parts of "$@" */
#define EMPTY  0x800u /* no character: quotes stood here, so the field exists */

struct units {
    uint16_t *items; /* characters with the marks above */
    size_t count, room;
};

static void add(struct units *units, uint32_t unit)
{
    if (units->count == units->room) {
        uint16_t *longer;

        units->room = units->room == 0 ? 32 : units->room * 2;
        longer = arena_allocate(units->room * sizeof(*longer));
        if (units->count > 0) {
            memcpy(longer, units->items, units->count * sizeof(*longer));
        }
        units->items = longer;
    }
    units->items[units->count++] = (uint16_t)unit;
}

static void add_text(struct units *units, const char *text, uint32_t mark)
{
    while (text != NULL && *text != '\0') {
        add(units, (uint8_t)*text++ | mark);
    }
}

static void scan(struct units *units, const char *raw, const char *end, bool quoted);

/* ---- parameters ---- */

static void add_arguments(struct units *units, bool quoted, bool separate)
{
    for (char **argument = shell.arguments + 1; *argument != NULL; argument++) {
        if (argument != shell.arguments + 1) {
            add(units, quoted && separate ? BREAK : ' ' | (quoted ? QUOTED : SPLIT));
        }
        add_text(units, *argument, quoted ? QUOTED : SPLIT);
    }
}

static char *number_text(int number)
{
    char text[12];

    snprintf(text, sizeof(text), "%d", number);
    return arena_text(text, strlen(text));
}

/* The value of a parameter, NULL: not set. */
static const char *parameter(const char *name)
{
    int count = 0;

    while (shell.arguments[count] != NULL) {
        count++;
    }
    if (isdigit(name[0])) {
        return atoi(name) < count ? shell.arguments[atoi(name)] : NULL;
    }
    switch (name[0]) {
    case '?':
        return number_text(shell.status);
    case '$':
        return number_text(shell.pid);
    case '!':
        return shell.last_background == 0 ? NULL : number_text(shell.last_background);
    case '#':
        return number_text(count - 1);
    case '-':
        return shell.interactive ? "im" : "";
    default:
        return variable_get(name);
    }
}

/* Without the shortest part at the start (or end) that matches. `most`: the longest. */
static const char *strip(const char *value, const char *pattern, bool at_end, bool most)
{
    size_t length = strlen(value);
    const char *best = NULL;

    for (size_t i = 0; i <= length; i++) {
        size_t cut = most ? length - i : i; /* characters to take away */
        const char *rest = at_end ? arena_text(value, length - cut) : value + cut;
        const char *gone = at_end ? value + length - cut : arena_text(value, cut);

        if (best == NULL && pattern_matches(pattern, gone)) {
            best = rest;
        }
    }
    return best == NULL ? value : best;
}

static char *expand_part(const char *start, const char *end)
{
    return expand_single(arena_text(start, (size_t)(end - start)));
}

/* ${name}, ${#name}, ${name:-word} and the like, between the braces. */
static void add_braces(struct units *units, const char *at, const char *end, bool quoted)
{
    uint32_t mark = quoted ? QUOTED : SPLIT;
    bool length = *at == '#' && at + 1 < end, colon;
    const char *start = at += length, *value;
    char *name, *word, sign;

    do {
        at++;
    } while (at < end && (isalnum(*at) || *at == '_') && (isalnum(*start) || *start == '_'));
    name = arena_text(start, (size_t)(at - start));
    value = parameter(name);
    if (length) {
        add_text(units, number_text(value == NULL ? 0 : (int)strlen(value)), mark);
        return;
    }
    colon = at < end && *at == ':';
    sign = at + colon < end ? at[colon] : '\0';
    if (sign == '#' || sign == '%') {
        bool most = at[1] == sign;

        word = expand_pattern(arena_text(at + 1 + most, (size_t)(end - at - 1 - most)));
        add_text(units, strip(value == NULL ? "" : value, word, sign == '%', most), mark);
        return;
    }
    if (value != NULL && colon && *value == '\0') {
        value = NULL;
    }
    if (sign == '+' ? value != NULL : sign != '\0' && value == NULL) {
        word = expand_part(at + colon + 1, end);
        if (sign == '=') {
            variable_set(name, word);
        } else if (sign == '?') {
            fprintf(stderr, "sh: %s: %s\n", name, *word == '\0' ? "not set" : word);
            shell.interrupted = 1;
        }
        value = word;
    } else if (sign == '+') {
        value = NULL;
    }
    if (*start == '@' || *start == '*') {
        add_arguments(units, quoted, *start == '@');
    } else {
        add_text(units, value, mark);
    }
}

/* Output of a command, without the newlines at its end. */
static void add_output(struct units *units, const char *source, bool quoted)
{
    char *output = run_for_output(source);
    size_t length = strlen(output);

    while (length > 0 && output[length - 1] == '\n') {
        output[--length] = '\0';
    }
    add_text(units, output, quoted ? QUOTED : SPLIT);
}

/* Behind a $; returns where to go on. */
static const char *add_dollar(struct units *units, const char *at, bool quoted)
{
    const char *end;

    if (at[0] == '(') {
        end = lexer_skip_parentheses(at + 1);
        if (end == NULL) {
            return at + strlen(at);
        }
        if (at[1] == '(' && end[-2] == ')') {
            char *expression = expand_part(at + 2, end - 2);

            add_text(units, number_text(arithmetic(expression)), quoted ? QUOTED : SPLIT);
        } else {
            add_output(units, arena_text(at + 1, (size_t)(end - at - 2)), quoted);
        }
        return end;
    }
    if (at[0] == '{') {
        int depth = 1;

        for (end = at + 1; *end != '\0'; end++) {
            depth += *end == '{';
            depth -= *end == '}';
            if (depth == 0) {
                break;
            }
        }
        add_braces(units, at + 1, end, quoted);
        return *end == '\0' ? end : end + 1;
    }
    end = at;
    while (isalnum(*end) || *end == '_') {
        end++;
        if (isdigit(*at)) {
            break;
        }
    }
    if (end == at && *at != '\0' && strchr("?$!#-@*", *at) != NULL) {
        end++;
    }
    if (end == at) {
        add(units, '$' | QUOTED); /* a lone $ */
        return at;
    }
    add_braces(units, at, end, quoted);
    return end;
}

static const char *add_backquoted(struct units *units, const char *at, bool quoted)
{
    struct text source = {0};

    for (; *at != '\0' && *at != '`'; at++) {
        at += *at == '\\' && (at[1] == '`' || at[1] == '\\' || at[1] == '$');
        text_add(&source, *at);
    }
    if (source.length > 0) {
        add_output(units, source.bytes, quoted);
    }
    return *at == '`' ? at + 1 : at;
}

/* ---- quotes ---- */

static const char *add_backslash(struct units *units, const char *at, bool quoted)
{
    if (at[0] == '\n') {
        return at + 1;
    }
    if (quoted && strchr("$`\"\\", at[0]) == NULL) {
        add(units, '\\' | QUOTED);
    }
    if (at[0] != '\0') {
        add(units, (uint8_t)at[0] | QUOTED);
    }
    return at[0] == '\0' ? at : at + 1;
}

/* Where the double quotes end that began before `at`. */
static const char *closing_quote(const char *at)
{
    while (*at != '\0' && *at != '"') {
        if (at[0] == '$' && at[1] == '(' && lexer_skip_parentheses(at + 2) != NULL) {
            at = lexer_skip_parentheses(at + 2);
        } else {
            at += at[0] == '\\' && at[1] != '\0' ? 2 : 1;
        }
    }
    return at;
}

static void scan(struct units *units, const char *at, const char *end, bool quoted)
{
    while (at < end) {
        char c = *at++;

        if (c == '\\') {
            at = add_backslash(units, at, quoted);
        } else if (c == '$') {
            at = add_dollar(units, at, quoted);
        } else if (c == '`') {
            at = add_backquoted(units, at, quoted);
        } else if (c == '\'' && !quoted) {
            add(units, EMPTY);
            while (at < end && *at != '\'') {
                add(units, (uint8_t)*at++ | QUOTED);
            }
            at++;
        } else if (c == '"' && !quoted) {
            const char *close = closing_quote(at);

            if (strncmp(at, "$@\"", 3) != 0) {
                add(units, EMPTY); /* "$@" without arguments is no field */
            }
            scan(units, at, close, true);
            at = close + 1;
        } else {
            add(units, (uint8_t)c | (quoted ? QUOTED : 0));
        }
    }
}

/* A ~ at the start of a word stands for HOME. */
static const char *add_home(struct units *units, const char *raw)
{
    if (raw[0] != '~' || (raw[1] != '\0' && raw[1] != '/') || variable_get("HOME") == NULL) {
        return raw;
    }
    add_text(units, variable_get("HOME"), QUOTED);
    return raw + 1;
}

/* ---- fields ---- */

/* The characters of units[first..end); quoted special ones with a backslash, if `escape`. */
static char *to_text(const struct units *units, size_t first, size_t end, bool escape)
{
    struct text text = {0};

    for (size_t i = first; i < end; i++) {
        uint32_t unit = units->items[i];

        if (unit & (EMPTY | BREAK)) {
            continue;
        }
        if (escape && (unit & QUOTED) && strchr("*?[]\\-!", (char)unit) != NULL) {
            text_add(&text, '\\');
        }
        text_add(&text, (char)unit);
    }
    return text.length == 0 ? arena_text("", 0) : text.bytes;
}

static bool separates(uint32_t unit)
{
    return (unit & BREAK) || ((unit & SPLIT) && isspace((int)(unit & 0xFF)));
}

static void add_field(const struct units *units, size_t first, size_t end, struct list *fields)
{
    char *pattern = to_text(units, first, end, true);

    if (pattern_is_plain(pattern)) {
        list_add(fields, to_text(units, first, end, false));
    } else {
        pattern_files(pattern, fields);
    }
}

static void expand_word(const char *raw, struct list *fields)
{
    struct units units = {0};
    const char *rest = add_home(&units, raw);
    size_t first = 0;

    scan(&units, rest, rest + strlen(rest), false);
    for (size_t i = 0; i <= units.count; i++) {
        if (i == units.count || separates(units.items[i])) {
            if (i > first || (i < units.count && (units.items[i] & BREAK))) {
                add_field(&units, first, i, fields);
            }
            first = i + 1;
        }
    }
}

void expand_words(const struct word *words, struct list *fields)
{
    for (; words != NULL; words = words->next) {
        expand_word(words->raw, fields);
    }
}

static char *expand_one(const char *raw, bool escape, bool quoted)
{
    struct units units = {0};
    const char *rest = quoted ? raw : add_home(&units, raw);

    scan(&units, rest, rest + strlen(rest), quoted);
    return to_text(&units, 0, units.count, escape);
}

char *expand_single(const char *raw)
{
    return expand_one(raw, false, false);
}

char *expand_pattern(const char *raw)
{
    return expand_one(raw, true, false);
}

char *expand_document(const char *text)
{
    return expand_one(text, false, true);
}
