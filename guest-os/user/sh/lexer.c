/* Words and operators. A word keeps its quotes; where it ends depends on them.
 * See: POSIX.1-2017, 2.3 "Token Recognition". SPDX-License-Identifier: MIT */
#include <ctype.h>
#include <string.h>

#include "user/sh/sh.h"

static const char *const operators[] = {"<<-", "&&", "||", ";;", "<<", ">>", "<&", ">&", "<>",
                                        ">|",  "&",  "|",  ";",  "<",  ">",  "(",  ")",  NULL};

static const char *skip_quoted(const char *at, bool quoted);

const char *lexer_skip_parentheses(const char *at)
{
    struct arena_mark mark = arena_now();
    const char *end = parse_until_parenthesis(at);

    arena_release(mark);
    return end;
}

const char *lexer_skip_arithmetic(const char *at)
{
    int depth = 0;

    while (at != NULL && *at != '\0') {
        if (*at == ')' && depth == 0 && at[1] == ')') {
            return at + 2;
        }
        depth += *at == '(';
        depth -= *at == ')';
        at = skip_quoted(at, true);
    }
    return NULL;
}

const char *lexer_skip_braces(const char *at, bool quoted)
{
    bool is_pattern;

    at += *at == '#' && at[1] != '}'; /* ${#name} */
    if (isalnum(*at) || *at == '_') {
        while (isalnum(*at) || *at == '_') {
            at++;
        }
    } else if (*at != '\0') {
        at++;
    }
    is_pattern = *at == '#' || *at == '%'; /* its word has quotes of its own */
    while (at != NULL && *at != '}') {
        if (*at == '\0') {
            return NULL;
        }
        at = *at == '"' ? lexer_skip_quotes(at + 1, '"') : skip_quoted(at, quoted && !is_pattern);
    }
    return at == NULL ? NULL : at + 1;
}

const char *lexer_skip_quotes(const char *at, char quote)
{
    while (at != NULL && *at != quote) {
        if (*at == '\0') {
            return NULL;
        }
        at = quote == '\''  ? at + 1
             : quote == '`' ? at + (at[0] == '\\' && at[1] != '\0' ? 2 : 1)
                            : skip_quoted(at, true);
    }
    return at == NULL ? NULL : at + 1;
}

/* From one character, or one quoted or $ thing, to behind it; NULL: it has no end. `quoted`: the
 * quotes themselves mean nothing here. */
static const char *skip_quoted(const char *at, bool quoted)
{
    switch (*at) {
    case '\\':
        return at[1] == '\0' ? NULL : at + 2;
    case '\'':
    case '"':
        return quoted ? at + 1 : lexer_skip_quotes(at + 1, *at);
    case '`':
        return lexer_skip_quotes(at + 1, '`');
    case '$':
        if (at[1] == '(') {
            return at[2] == '(' ? lexer_skip_arithmetic(at + 3) : lexer_skip_parentheses(at + 2);
        }
        return at[1] == '{' ? lexer_skip_braces(at + 2, quoted) : at + 1;
    default:
        return at + 1;
    }
}

static void skip_blanks(struct lexer *lexer)
{
    for (;;) {
        if (*lexer->at == ' ' || *lexer->at == '\t') {
            lexer->at++;
        } else if (lexer->at[0] == '\\' && lexer->at[1] == '\n') {
            lexer->at += 2;
        } else {
            break;
        }
    }
    if (*lexer->at == '#') {
        while (*lexer->at != '\0' && *lexer->at != '\n') {
            lexer->at++;
        }
    }
}

/* The end mark of a here-document without its quotes. */
static char *plain_mark(const char *raw)
{
    struct text text = {0};

    text_add_all(&text, "");
    for (; *raw != '\0'; raw++) {
        if (strchr("'\"\\", *raw) == NULL) {
            text_add(&text, *raw);
        }
    }
    return text_of(&text);
}

/* Read the lines of one here-document; false: its end mark is not there yet. */
static bool read_document(struct lexer *lexer, struct redirect *redirect)
{
    const char *mark = plain_mark(redirect->word);
    bool strip = strcmp(redirect->kind, "<<-") == 0;
    struct text text = {0};

    for (;;) {
        const char *end = strchr(lexer->at, '\n');
        const char *line = lexer->at;
        size_t length;

        if (*line == '\0' && !shell.is_whole) {
            return false;
        }
        if (*line == '\0') {
            redirect->content = text_of(&text);
            return true;
        }
        length = end == NULL ? strlen(line) : (size_t)(end - line);
        lexer->at = line + length + (end != NULL);
        while (strip && length > 0 && *line == '\t') {
            line++;
            length--;
        }
        if (length == strlen(mark) && strncmp(line, mark, length) == 0) {
            redirect->content = text_of(&text);
            return true;
        }
        for (size_t i = 0; i < length; i++) {
            text_add(&text, line[i]);
        }
        text_add(&text, '\n');
    }
}

static void take_newline(struct lexer *lexer)
{
    lexer->at++;
    lexer->token.kind = TOKEN_NEWLINE;
    while (lexer->documents != NULL) {
        if (!read_document(lexer, lexer->documents)) {
            lexer->token.kind = TOKEN_OPEN;
            return;
        }
        lexer->documents = lexer->documents->next_document;
    }
}

static bool take_operator(struct lexer *lexer)
{
    for (size_t i = 0; operators[i] != NULL; i++) {
        size_t length = strlen(operators[i]);

        if (strncmp(lexer->at, operators[i], length) == 0) {
            lexer->token.kind = TOKEN_OPERATOR;
            lexer->token.text = arena_text(lexer->at, length);
            lexer->at += length;
            return true;
        }
    }
    return false;
}

static void take_word(struct lexer *lexer)
{
    const char *start = lexer->at, *at = start;
    bool digits = true, is_number;

    while (*at != '\0' && strchr(" \t\n|&;<>()", *at) == NULL) {
        digits = digits && isdigit(*at);
        at = skip_quoted(at, false);
        if (at == NULL) {
            lexer->token.kind = TOKEN_OPEN;
            return;
        }
    }
    lexer->at = at;
    is_number = digits && (*at == '<' || *at == '>');
    lexer->token.kind = is_number ? TOKEN_NUMBER : TOKEN_WORD;
    lexer->token.text = arena_text(start, (size_t)(at - start));
}

void lexer_next(struct lexer *lexer)
{
    skip_blanks(lexer);
    lexer->token.start = lexer->at;
    if (*lexer->at == '\0' && lexer->documents != NULL && shell.is_whole) {
        for (; lexer->documents != NULL; lexer->documents = lexer->documents->next_document) {
            lexer->documents->content = arena_text("", 0);
        }
        lexer->token.kind = TOKEN_END;
    } else if (*lexer->at == '\0') {
        lexer->token.kind = lexer->documents == NULL ? TOKEN_END : TOKEN_OPEN;
    } else if (*lexer->at == '\n') {
        take_newline(lexer);
    } else if (!take_operator(lexer)) {
        take_word(lexer);
    }
    lexer->token.end = lexer->at;
}

void lexer_start(struct lexer *lexer, const char *source)
{
    *lexer = (struct lexer){.at = source};
    lexer_next(lexer);
}

static bool is_being_read(const struct lexer *lexer, const char *name)
{
    for (int i = 0; i < lexer->alias_count; i++) {
        if (strcmp(lexer->aliases[i].name, name) == 0 &&
            strlen(lexer->token.start) > lexer->aliases[i].rest) {
            return true;
        }
    }
    return false;
}

bool lexer_splice_alias(struct lexer *lexer, bool *again)
{
    const char *name = lexer->token.text;
    const char *value = lexer->token.kind == TOKEN_WORD ? alias_get(name) : NULL;

    if (value == NULL || is_being_read(lexer, name) || lexer->alias_count == ALIASES_MOST) {
        return false;
    }
    lexer->aliases[lexer->alias_count].name = name;
    lexer->aliases[lexer->alias_count++].rest = strlen(lexer->token.end);
    *again = *value != '\0' && strchr(" \t", value[strlen(value) - 1]) != NULL;
    lexer->at = arena_join(value, lexer->token.end);
    lexer->spliced = true;
    lexer_next(lexer);
    return true;
}
