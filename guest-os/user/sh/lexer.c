/* Words and operators. A word keeps its quotes; where it ends depends on them.
 * See: POSIX.1-2017, 2.3 "Token Recognition". SPDX-License-Identifier: MIT */
#include <ctype.h>
#include <string.h>

#include "user/sh/sh.h"

static const char *const operators[] = {"<<-", "&&", "||", ";;", "<<", ">>", "<&", ">&", "<>",
                                        "&",   "|",  ";",  "<",  ">",  "(",  ")",  NULL};

static const char *skip_quoted(const char *at);

/* From the character after $( to the one after its ")"; NULL: the source ends before. */
const char *lexer_skip_parentheses(const char *at)
{
    int depth = 1;

    while (at != NULL && *at != '\0') {
        if (*at == '(') {
            depth++;
        } else if (*at == ')' && --depth == 0) {
            return at + 1;
        }
        at = skip_quoted(at);
    }
    return NULL;
}

static const char *skip_to(const char *at, char end)
{
    for (; *at != end; at++) {
        if (*at == '\\' && end != '\'' && at[1] != '\0') {
            at++;
        }
        if (*at == '\0') {
            return NULL;
        }
        if (*at == '$' && at[1] == '(' && end == '"') {
            at = lexer_skip_parentheses(at + 2);
            if (at == NULL) {
                return NULL;
            }
            at--;
        }
    }
    return at + 1;
}

/* From one character, or one quoted or $ thing, to behind it; NULL: it has no end. */
static const char *skip_quoted(const char *at)
{
    switch (*at) {
    case '\\':
        return at[1] == '\0' ? NULL : at + 2;
    case '\'':
    case '"':
    case '`':
        return skip_to(at + 1, *at);
    case '$':
        if (at[1] == '(') {
            return lexer_skip_parentheses(at + 2);
        }
        return at[1] == '{' ? skip_to(at + 2, '}') : at + 1;
    default:
        return at + 1;
    }
}

static void skip_blanks(struct lexer *lexer)
{
    for (;;) {
        if (*lexer->at == ' ' || *lexer->at == '\t' || *lexer->at == '\r') {
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
    return text.length == 0 ? arena_text("", 0) : text.bytes;
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

        if (*line == '\0') {
            return false;
        }
        length = end == NULL ? strlen(line) : (size_t)(end - line);
        lexer->at = line + length + (end != NULL);
        while (strip && length > 0 && *line == '\t') {
            line++;
            length--;
        }
        if (length == strlen(mark) && strncmp(line, mark, length) == 0) {
            redirect->content = text.length == 0 ? arena_text("", 0) : text.bytes;
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
    bool digits = true;

    while (*at != '\0' && strchr(" \t\r\n|&;<>()", *at) == NULL) {
        digits = digits && isdigit(*at);
        at = skip_quoted(at);
        if (at == NULL) {
            lexer->token.kind = TOKEN_OPEN;
            return;
        }
    }
    lexer->at = at;
    lexer->token.kind = digits && (*at == '<' || *at == '>') ? TOKEN_NUMBER : TOKEN_WORD;
    lexer->token.text = arena_text(start, (size_t)(at - start));
}

void lexer_next(struct lexer *lexer)
{
    skip_blanks(lexer);
    lexer->token.start = lexer->at;
    if (*lexer->at == '\0') {
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
