/* Parameters: $name, ${name}, ${name:-word} and the like. See: POSIX.1-2017, 2.5 and 2.6.2.
 * SPDX-License-Identifier: MIT */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "user/sh/sh.h"

/* ${name operator word}, cut into its parts. */
struct expansion {
    char *name;
    bool length;      /* ${#name} */
    bool colon;       /* :- and so on: an empty value counts as none */
    bool twice;       /* ## or %% */
    char sign;        /* - = ? + # %, or 0 */
    const char *word; /* behind the operator */
    const char *end;  /* the closing brace */
};

static void add_arguments(struct units *units, enum scan_mode mode, bool separate)
{
    const char *ifs = variable_get("IFS");
    bool quoted = mode != SCAN_PLAIN;

    units->saw_arguments = units->saw_arguments || (separate && quoted);
    for (char **argument = shell.arguments + 1; *argument != NULL; argument++) {
        if (argument != shell.arguments + 1) {
            if (separate || !quoted) {
                units_add(units, BREAK);
            } else if (ifs == NULL || *ifs != '\0') {
                units_add(units, (ifs == NULL ? (uint8_t)' ' : (uint8_t)*ifs) | QUOTED);
            }
        }
        if (quoted && separate) {
            units_add(units, EMPTY);
        }
        units_add_text(units, *argument, quoted ? QUOTED : SPLIT);
    }
}

/* The value of a parameter, NULL: not set. */
static const char *value_of(const char *name)
{
    int count = count_words(shell.arguments);

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
        return options_text();
    case '@':
    case '*':
        return count > 1 ? shell.arguments[1] : NULL;
    default:
        return variable_get(name);
    }
}

/* Without the shortest part at the start (or end) that matches. `most`: the longest. */
static const char *strip(const char *value, const char *pattern, bool at_end, bool most)
{
    size_t length = strlen(value);
    const char *best = NULL;

    for (size_t i = 0; i <= length && best == NULL; i++) {
        size_t cut = most ? length - i : i; /* characters to take away */
        const char *gone = at_end ? value + length - cut : arena_text(value, cut);

        if (pattern_matches(pattern, gone)) {
            best = at_end ? arena_text(value, length - cut) : value + cut;
        }
    }
    return best == NULL ? value : best;
}

static void add_word(struct units *units, const struct expansion *expansion, enum scan_mode mode)
{
    const char *word = expansion->word;

    if (mode == SCAN_PLAIN) {
        word = expand_home(units, word, "/}");
    }
    expand_scan(units, word, expansion->end, mode, SPLIT);
}

static char *word_text(const struct expansion *expansion, enum scan_mode mode)
{
    struct units units = {0};
    struct text text = {0};

    add_word(&units, expansion, mode);
    for (size_t i = 0; i < units.count; i++) {
        if ((units.items[i] & (EMPTY | BREAK)) == 0) {
            text_add(&text, (char)units.items[i]);
        }
    }
    return text_of(&text);
}

static void add_value(struct units *units, const char *name, const char *value, enum scan_mode mode)
{
    if (*name == '@' || *name == '*') {
        add_arguments(units, mode, *name == '@');
    } else {
        units_add_text(units, value, mode == SCAN_PLAIN ? SPLIT : QUOTED);
    }
}

/* - = ? +: what takes the place of a value that is not there (or, +, is there). */
static void add_substitute(struct units *units, const struct expansion *expansion,
                           const char *value, enum scan_mode mode)
{
    bool is_set = value != NULL && (!expansion->colon || *value != '\0');

    if (is_set && expansion->sign != '+') {
        add_value(units, expansion->name, value, mode);
        return;
    }
    switch (expansion->sign) {
    case '+':
        if (is_set) {
            add_word(units, expansion, mode);
        }
        return;
    case '-':
        add_word(units, expansion, mode);
        return;
    case '=':
        value = word_text(expansion, mode);
        if (is_name(expansion->name, strlen(expansion->name))) {
            variable_set(expansion->name, value);
            units_add_text(units, value, mode == SCAN_PLAIN ? SPLIT : QUOTED);
        } else {
            shell_error("%s: can not be assigned to", expansion->name);
        }
        return;
    default:
        value = word_text(expansion, mode);
        shell_error("%s: %s", expansion->name, *value == '\0' ? "not set" : value);
        return;
    }
}

static void add_length(struct units *units, const char *name, const char *value,
                       enum scan_mode mode)
{
    size_t length = value == NULL ? 0 : strlen(value);

    if (*name == '@' || *name == '*') {
        length = (size_t)count_words(shell.arguments) - 1;
    }
    units_add_text(units, number_text((int64_t)length), mode == SCAN_PLAIN ? SPLIT : QUOTED);
}

static void add_expansion(struct units *units, const struct expansion *expansion,
                          enum scan_mode mode)
{
    const char *value = value_of(expansion->name);
    bool substitute = expansion->sign != '\0' && strchr("-=?+", expansion->sign) != NULL;

    if (substitute) {
        add_substitute(units, expansion, value, mode);
        return;
    }
    if (value == NULL && shell.options['u'] && *expansion->name != '@' && *expansion->name != '*') {
        shell_error("%s: not set", expansion->name);
        return;
    }
    if (expansion->length) {
        add_length(units, expansion->name, value, mode);
    } else if (expansion->sign != '\0') {
        char *raw = arena_text(expansion->word, (size_t)(expansion->end - expansion->word));

        value = strip(value == NULL ? "" : value, expand_pattern(raw), expansion->sign == '%',
                      expansion->twice);
        units_add_text(units, value, mode == SCAN_PLAIN ? SPLIT : QUOTED);
    } else {
        add_value(units, expansion->name, value, mode);
    }
}

/* The name at `at`: of a variable, digits (all of them in braces), or one special character. */
static const char *read_name(const char *at, bool braces, struct expansion *expansion)
{
    const char *start = at;

    if (isdigit(*at)) {
        do {
            at++;
        } while (braces && isdigit(*at));
    } else if (isalpha(*at) || *at == '_') {
        while (isalnum(*at) || *at == '_') {
            at++;
        }
    } else if (*at != '\0' && strchr("?$!#-@*", *at) != NULL) {
        at++;
    }
    expansion->name = arena_text(start, (size_t)(at - start));
    return at;
}

/* Between the braces; false: it makes no sense. */
static bool read_braces(const char *at, struct expansion *expansion)
{
    if (at[0] == '#' && at + 1 < expansion->end && (at[1] != '#' || at + 2 == expansion->end) &&
        (strchr("-=?+%:", at[1]) == NULL || at + 2 == expansion->end)) {
        expansion->length = true;
        at++;
    }
    at = read_name(at, true, expansion);
    if (*expansion->name == '\0') {
        return false;
    }
    if (at == expansion->end) {
        return true;
    }
    expansion->colon = *at == ':';
    at += expansion->colon;
    expansion->sign = *at++;
    if (expansion->sign == '\0' || expansion->length ||
        strchr(expansion->colon ? "-=?+" : "-=?+#%", expansion->sign) == NULL) {
        return false;
    }
    if ((expansion->sign == '#' || expansion->sign == '%') && *at == expansion->sign) {
        expansion->twice = true;
        at++;
    }
    expansion->word = at;
    return true;
}

const char *expand_parameter(struct units *units, const char *at, enum scan_mode mode)
{
    struct expansion expansion = {0};
    const char *end;

    if (*at != '{') {
        end = read_name(at, false, &expansion);
        add_expansion(units, &expansion, mode);
        return end;
    }
    end = lexer_skip_braces(at + 1, mode != SCAN_PLAIN);
    expansion.end = end == NULL ? NULL : end - 1;
    if (end == NULL || !read_braces(at + 1, &expansion)) {
        shell_error("not an expansion: $%s", at);
        return at + strlen(at);
    }
    add_expansion(units, &expansion, mode);
    return end;
}
