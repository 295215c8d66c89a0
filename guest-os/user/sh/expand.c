/* From a raw word to fields: ~, $ and ` first, then splitting at the characters of IFS, then file
 * names, then the quotes are gone. Parameters are in parameter.c. See: POSIX.1-2017, 2.6.
 * SPDX-License-Identifier: MIT */
#include <ctype.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "user/sh/sh.h"

#define CHARACTER 0xFFu

void units_add(struct units *units, uint32_t unit)
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

void units_add_text(struct units *units, const char *text, uint32_t mark)
{
    while (text != NULL && *text != '\0') {
        units_add(units, (uint8_t)*text++ | mark);
    }
}

char *number_text(int64_t number)
{
    char text[24];

    snprintf(text, sizeof(text), "%lld", number);
    return arena_text(text, strlen(text));
}

/* ---- $ and ` ---- */

static uint32_t result_mark(enum scan_mode mode)
{
    return mode == SCAN_PLAIN ? SPLIT : QUOTED;
}

/* Output of a command, without the newlines at its end. */
static void add_output(struct units *units, const char *source, enum scan_mode mode)
{
    char *output = run_for_output(source);
    size_t length = strlen(output);

    while (length > 0 && output[length - 1] == '\n') {
        output[--length] = '\0';
    }
    units_add_text(units, output, result_mark(mode));
}

static const char *add_arithmetic(struct units *units, const char *at, enum scan_mode mode)
{
    const char *end = lexer_skip_arithmetic(at);
    struct units inner = {0};
    struct text text = {0};

    if (end == NULL) {
        shell_error("$((: no end");
        return at + strlen(at);
    }
    expand_scan(&inner, at, end - 2, SCAN_DOCUMENT, 0);
    for (size_t i = 0; i < inner.count; i++) {
        if ((inner.items[i] & (EMPTY | BREAK)) == 0 && (inner.items[i] & CHARACTER) != '"') {
            text_add(&text, (char)inner.items[i]);
        }
    }
    if (!shell.interrupted) {
        units_add_text(units, number_text(arithmetic(text_of(&text))), result_mark(mode));
    }
    return end;
}

/* Behind a $; returns where to go on. */
static const char *add_dollar(struct units *units, const char *at, enum scan_mode mode)
{
    const char *end;

    if (at[0] == '(' && at[1] == '(') {
        return add_arithmetic(units, at + 2, mode);
    }
    if (at[0] == '(') {
        end = lexer_skip_parentheses(at + 1);
        if (end == NULL) {
            shell_error("$(: no end");
            return at + strlen(at);
        }
        add_output(units, arena_text(at + 1, (size_t)(end - at - 2)), mode);
        return end;
    }
    if (isalnum(*at) || *at == '_' || (*at != '\0' && strchr("{?$!#-@*", *at) != NULL)) {
        return expand_parameter(units, at, mode);
    }
    units_add(units, '$' | QUOTED); /* a lone $ */
    return at;
}

static const char *add_backquoted(struct units *units, const char *at, enum scan_mode mode)
{
    struct text source = {0};

    for (; *at != '\0' && *at != '`'; at++) {
        at += at[0] == '\\' && (at[1] == '`' || at[1] == '\\' || at[1] == '$' ||
                                (at[1] == '"' && mode == SCAN_QUOTED));
        text_add(&source, *at);
    }
    add_output(units, text_of(&source), mode);
    return *at == '`' ? at + 1 : at;
}

/* ---- quotes ---- */

static const char *add_backslash(struct units *units, const char *at, enum scan_mode mode)
{
    const char *special = mode == SCAN_DOCUMENT ? "$`\\" : "$`\"\\}";

    if (at[0] == '\n') {
        return at + 1;
    }
    if (at[0] == '\0' || (mode != SCAN_PLAIN && strchr(special, at[0]) == NULL)) {
        units_add(units, '\\' | QUOTED);
    }
    if (at[0] != '\0') {
        units_add(units, (uint8_t)at[0] | QUOTED);
    }
    return at[0] == '\0' ? at : at + 1;
}

static const char *add_double_quoted(struct units *units, const char *at)
{
    const char *close = lexer_skip_quotes(at, '"');
    const char *end = close == NULL ? at + strlen(at) : close - 1;
    size_t before = units->count;
    bool saw = units->saw_arguments;

    units->saw_arguments = false;
    expand_scan(units, at, end, SCAN_QUOTED, 0);
    if (units->count == before && !units->saw_arguments) {
        units_add(units, EMPTY); /* "" is a field; "$@" without arguments is none */
    }
    units->saw_arguments = units->saw_arguments || saw;
    return close == NULL ? end : close;
}

static const char *add_single_quoted(struct units *units, const char *at, const char *end)
{
    units_add(units, EMPTY);
    while (at < end && *at != '\'') {
        units_add(units, (uint8_t)*at++ | QUOTED);
    }
    return at + 1;
}

void expand_scan(struct units *units, const char *at, const char *end, enum scan_mode mode,
                 uint32_t mark)
{
    while (at < end && !shell.interrupted) {
        char c = *at++;

        if (c == '\\') {
            at = add_backslash(units, at, mode);
        } else if (c == '$') {
            at = add_dollar(units, at, mode);
        } else if (c == '`') {
            at = add_backquoted(units, at, mode);
        } else if (c == '\'' && mode == SCAN_PLAIN) {
            at = add_single_quoted(units, at, end);
        } else if (c == '"' && mode == SCAN_PLAIN) {
            at = add_double_quoted(units, at);
        } else if (c != '"' || mode != SCAN_QUOTED) { /* "${x:-"..."}" */
            units_add(units, (uint8_t)c | (mode == SCAN_PLAIN ? mark : QUOTED));
        }
    }
}

const char *expand_home(struct units *units, const char *raw, const char *ends)
{
    size_t length = strcspn(raw, ends);
    char *name = arena_text(raw + 1, length == 0 ? 0 : length - 1);
    const char *home = NULL;

    if (raw[0] != '~' || strpbrk(name, "\\'\"$`") != NULL) {
        return raw;
    }
    if (*name == '\0') {
        home = variable_get("HOME");
    } else {
        const struct passwd *user = getpwnam(name);

        home = user == NULL ? NULL : user->pw_dir;
    }
    if (home == NULL) {
        return raw;
    }
    units_add_text(units, home, QUOTED);
    return raw + length;
}

/* ---- fields ---- */

/* The characters of units[first..end); quoted special ones with a backslash, if `escape`. */
static char *to_text(const struct units *units, size_t first, size_t end, bool escape)
{
    const char *ifs = variable_get("IFS");
    struct text text = {0};

    for (size_t i = first; i < end; i++) {
        uint32_t unit = units->items[i];

        if ((unit & BREAK) && (ifs == NULL || *ifs != '\0')) {
            text_add(&text, ifs == NULL ? ' ' : *ifs);
        }
        if (unit & (EMPTY | BREAK)) {
            continue;
        }
        if (escape && (unit & QUOTED) && strchr("*?[]\\-!^", (int)(unit & CHARACTER)) != NULL) {
            text_add(&text, '\\');
        }
        text_add(&text, (char)unit);
    }
    return text_of(&text);
}

static void add_field(const struct units *units, size_t first, size_t end, struct list *fields)
{
    char *pattern = to_text(units, first, end, true);

    if (shell.options['f'] || pattern_is_plain(pattern)) {
        list_add(fields, to_text(units, first, end, false));
    } else {
        pattern_files(pattern, fields);
    }
}

enum separator { NOTHING, BLANK, HARD };

static enum separator separator_kind(uint32_t unit, const char *ifs)
{
    int c = (int)(unit & CHARACTER);

    if ((unit & SPLIT) == 0 || c == '\0' || strchr(ifs, c) == NULL) {
        return NOTHING;
    }
    return c == ' ' || c == '\t' || c == '\n' ? BLANK : HARD;
}

/* Skip blanks, and one hard separator among them if `hard`. */
static size_t skip_separators(const struct units *units, size_t i, const char *ifs, bool hard)
{
    for (; i < units->count; i++) {
        enum separator kind = separator_kind(units->items[i], ifs);

        if (kind == NOTHING || (kind == HARD && !hard)) {
            break;
        }
        hard = hard && kind != HARD;
    }
    return i;
}

static void split(const struct units *units, struct list *fields)
{
    const char *ifs = variable_get("IFS") == NULL ? " \t\n" : variable_get("IFS");
    size_t i = skip_separators(units, 0, ifs, false), first = i;

    while (i < units->count) {
        if (units->items[i] & BREAK) {
            if (i > first) {
                add_field(units, first, i, fields);
            }
            first = i = skip_separators(units, i + 1, ifs, false);
        } else if (separator_kind(units->items[i], ifs) != NOTHING) {
            add_field(units, first, i, fields);
            first = i = skip_separators(units, i, ifs, true);
        } else {
            i++;
        }
    }
    if (i > first) {
        add_field(units, first, i, fields);
    }
}

void expand_words(const struct word *words, struct list *fields)
{
    for (; words != NULL && !shell.interrupted; words = words->next) {
        struct units units = {0};
        const char *rest = expand_home(&units, words->raw, "/");

        expand_scan(&units, rest, rest + strlen(rest), SCAN_PLAIN, 0);
        split(&units, fields);
    }
}

char *expand_single(const char *raw)
{
    struct units units = {0};
    const char *rest = expand_home(&units, raw, "/");

    expand_scan(&units, rest, rest + strlen(rest), SCAN_PLAIN, 0);
    return to_text(&units, 0, units.count, false);
}

char *expand_assignment(const char *raw)
{
    struct units units = {0};
    const char *rest = expand_home(&units, raw, "/:"), *colon = rest;

    while ((colon = strchr(colon, ':')) != NULL) {
        if (*++colon == '~' && strpbrk(rest, "'\"`$\\") == NULL) {
            expand_scan(&units, rest, colon, SCAN_PLAIN, 0);
            rest = expand_home(&units, colon, "/:");
        }
    }
    expand_scan(&units, rest, rest + strlen(rest), SCAN_PLAIN, 0);
    return to_text(&units, 0, units.count, false);
}

char *expand_pattern(const char *raw)
{
    struct units units = {0};
    const char *rest = expand_home(&units, raw, "/");

    expand_scan(&units, rest, rest + strlen(rest), SCAN_PLAIN, 0);
    return to_text(&units, 0, units.count, true);
}

char *expand_document(const char *text)
{
    struct units units = {0};

    expand_scan(&units, text, text + strlen(text), SCAN_DOCUMENT, 0);
    return to_text(&units, 0, units.count, false);
}
