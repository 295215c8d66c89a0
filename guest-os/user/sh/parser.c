/* From tokens to a tree, by recursive descent: one function for each rule of the grammar.
 * See: POSIX.1-2017, 2.10 "Shell Grammar". SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "user/sh/sh.h"

struct parser {
    struct lexer lexer;
    enum parse_result result; /* PARSE_COMMAND while all is well */
    const char *error;        /* what was not expected */
    bool alias_follows;       /* the next word may be an alias */
    bool plain;               /* no aliases: the end must be found in this source */
};

static const char *const reserved[] = {"!",    "{",  "}",   "case", "do", "done", "elif",  "else",
                                       "esac", "fi", "for", "if",   "in", "then", "until", "while"};

static struct command *parse_list(struct parser *parser);
static struct command *parse_command(struct parser *parser);

static void next(struct parser *parser)
{
    lexer_next(&parser->lexer);
    if (parser->lexer.token.kind == TOKEN_OPEN && parser->result == PARSE_COMMAND) {
        parser->result = PARSE_MORE;
    }
}

static bool is_bad(const struct parser *parser)
{
    return parser->result != PARSE_COMMAND;
}

static void fail(struct parser *parser)
{
    const struct token *token = &parser->lexer.token;

    if (is_bad(parser)) {
        return;
    }
    parser->result =
        token->kind == TOKEN_END || token->kind == TOKEN_OPEN ? PARSE_MORE : PARSE_ERROR;
    parser->error = token->kind == TOKEN_NEWLINE ? "end of line" : token->text;
}

static bool is_operator(const struct parser *parser, const char *text)
{
    return parser->lexer.token.kind == TOKEN_OPERATOR &&
           strcmp(parser->lexer.token.text, text) == 0;
}

static bool is_word(const struct parser *parser, const char *text)
{
    return parser->lexer.token.kind == TOKEN_WORD && strcmp(parser->lexer.token.text, text) == 0;
}

static void expect_word(struct parser *parser, const char *text)
{
    if (is_word(parser, text)) {
        next(parser);
    } else {
        fail(parser);
    }
}

static void skip_newlines(struct parser *parser)
{
    while (parser->lexer.token.kind == TOKEN_NEWLINE && !is_bad(parser)) {
        next(parser);
    }
}

static struct command *make(enum command_kind kind, struct command *left, struct command *right)
{
    struct command *command = arena_allocate(sizeof(*command));

    command->kind = kind;
    command->left = left;
    command->right = right;
    return command;
}

static struct word *take_word(struct parser *parser)
{
    struct word *word = arena_allocate(sizeof(*word));

    if (parser->lexer.token.kind != TOKEN_WORD) {
        fail(parser);
        return word;
    }
    word->raw = parser->lexer.token.text;
    next(parser);
    return word;
}

/* ---- redirections ---- */

static bool is_redirect(const struct parser *parser)
{
    const struct token *token = &parser->lexer.token;

    return token->kind == TOKEN_NUMBER ||
           (token->kind == TOKEN_OPERATOR && (token->text[0] == '<' || token->text[0] == '>'));
}

static void parse_redirect(struct parser *parser, struct command *command)
{
    struct redirect *redirect = arena_allocate(sizeof(*redirect));
    struct redirect **end = &command->redirects, **documents = &parser->lexer.documents;

    redirect->fd = -1;
    if (parser->lexer.token.kind == TOKEN_NUMBER) {
        redirect->fd = atoi(parser->lexer.token.text);
        next(parser);
    }
    strcpy(redirect->kind, parser->lexer.token.text);
    if (redirect->fd < 0) {
        redirect->fd = redirect->kind[0] == '<' ? 0 : 1;
    }
    lexer_next(&parser->lexer); /* the word; the lines of a here-document come after this line */
    if (parser->lexer.token.kind != TOKEN_WORD) {
        fail(parser);
        return;
    }
    redirect->word = parser->lexer.token.text;
    if (strncmp(redirect->kind, "<<", 2) == 0) {
        while (*documents != NULL) {
            documents = &(*documents)->next_document;
        }
        *documents = redirect;
    }
    while (*end != NULL) {
        end = &(*end)->next;
    }
    *end = redirect;
    next(parser);
}

/* ---- compound commands ---- */

static struct command *parse_if(struct parser *parser)
{
    struct command *command = make(IF, NULL, NULL);

    next(parser); /* if, elif */
    command->left = parse_list(parser);
    expect_word(parser, "then");
    command->right = parse_list(parser);
    if (is_word(parser, "elif")) {
        command->other = parse_if(parser);
        return command; /* which took the fi */
    }
    if (is_word(parser, "else")) {
        next(parser);
        command->other = parse_list(parser);
    }
    expect_word(parser, "fi");
    return command;
}

static struct command *parse_loop(struct parser *parser, enum command_kind kind)
{
    struct command *command = make(kind, NULL, NULL);

    next(parser);
    command->left = parse_list(parser);
    expect_word(parser, "do");
    command->right = parse_list(parser);
    expect_word(parser, "done");
    return command;
}

static struct command *parse_for(struct parser *parser)
{
    struct command *command = make(FOR, NULL, NULL);
    struct word **end = &command->words;

    next(parser);
    if (parser->lexer.token.kind == TOKEN_WORD &&
        !is_name(parser->lexer.token.text, strlen(parser->lexer.token.text))) {
        fail(parser);
    }
    command->name = take_word(parser)->raw;
    skip_newlines(parser);
    if (is_word(parser, "in")) {
        command->has_list = true;
        next(parser);
        while (parser->lexer.token.kind == TOKEN_WORD && !is_bad(parser)) {
            *end = take_word(parser);
            end = &(*end)->next;
        }
    }
    if (is_operator(parser, ";")) {
        next(parser);
    }
    skip_newlines(parser);
    expect_word(parser, "do");
    command->left = parse_list(parser);
    expect_word(parser, "done");
    return command;
}

static struct case_item *parse_case_item(struct parser *parser)
{
    struct case_item *item = arena_allocate(sizeof(*item));
    struct word **end = &item->patterns;

    if (is_operator(parser, "(")) {
        next(parser);
    }
    do {
        if (is_operator(parser, "|")) {
            next(parser);
        }
        *end = take_word(parser);
        end = &(*end)->next;
    } while (is_operator(parser, "|") && !is_bad(parser));
    if (!is_operator(parser, ")")) {
        fail(parser);
    }
    next(parser);
    skip_newlines(parser);
    if (!is_operator(parser, ";;") && !is_word(parser, "esac")) {
        item->body = parse_list(parser);
    }
    if (!is_operator(parser, ";;") && !is_word(parser, "esac")) {
        fail(parser);
    }
    if (is_operator(parser, ";;")) {
        next(parser);
    }
    skip_newlines(parser);
    return item;
}

static struct command *parse_case(struct parser *parser)
{
    struct command *command = make(CASE, NULL, NULL);
    struct case_item **end = &command->items;

    next(parser);
    command->words = take_word(parser);
    skip_newlines(parser);
    expect_word(parser, "in");
    skip_newlines(parser);
    while (!is_word(parser, "esac") && !is_bad(parser)) {
        *end = parse_case_item(parser);
        end = &(*end)->next;
    }
    expect_word(parser, "esac");
    return command;
}

static struct command *parse_subshell(struct parser *parser)
{
    struct command *command = make(SUBSHELL, NULL, NULL);

    next(parser);
    command->left = parse_list(parser);
    if (!is_operator(parser, ")")) {
        fail(parser);
    }
    next(parser);
    return command;
}

static struct command *parse_group(struct parser *parser)
{
    struct command *command = make(GROUP, NULL, NULL);

    next(parser);
    command->left = parse_list(parser);
    expect_word(parser, "}");
    return command;
}

/* NULL: it is none. */
static struct command *parse_compound(struct parser *parser)
{
    if (is_operator(parser, "(")) {
        return parse_subshell(parser);
    }
    if (is_word(parser, "{")) {
        return parse_group(parser);
    }
    if (is_word(parser, "if")) {
        return parse_if(parser);
    }
    if (is_word(parser, "while") || is_word(parser, "until")) {
        return parse_loop(parser, is_word(parser, "while") ? WHILE : UNTIL);
    }
    if (is_word(parser, "for")) {
        return parse_for(parser);
    }
    return is_word(parser, "case") ? parse_case(parser) : NULL;
}

/* ---- simple commands, pipelines, lists ---- */

/* Behind "name (": the body is kept as text and parsed when the function is called. */
static struct command *parse_function(struct parser *parser, char *name)
{
    struct command *command = make(FUNCTION, NULL, NULL);
    const char *start;

    next(parser);
    if (!is_operator(parser, ")")) {
        fail(parser);
    }
    next(parser);
    skip_newlines(parser);
    start = parser->lexer.token.start;
    command->name = name;
    if (parse_compound(parser) == NULL) {
        fail(parser);
    } else if (!is_bad(parser)) {
        while (is_redirect(parser) && !is_bad(parser)) {
            parse_redirect(parser, make(SIMPLE, NULL, NULL)); /* they are in the source */
        }
        command->source = arena_text(start, (size_t)(parser->lexer.token.start - start));
    }
    return command;
}

static bool ends_list(const struct parser *parser)
{
    static const char *const words[] = {"then", "else", "elif", "fi", "do", "done", "esac", "}"};

    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (is_word(parser, words[i])) {
            return true;
        }
    }
    return parser->lexer.token.kind == TOKEN_END || is_operator(parser, ")") ||
           is_operator(parser, ";;");
}

static bool is_assignment(const char *raw)
{
    const char *sign = strchr(raw, '=');

    return sign != NULL && is_name(raw, (size_t)(sign - raw));
}

/* An alias where a command begins is replaced by its value, and that may be one again. */
static void take_alias(struct parser *parser)
{
    bool again = false;

    while (!parser->plain && !is_bad(parser) && !ends_list(parser) &&
           lexer_splice_alias(&parser->lexer, &again)) {
        parser->alias_follows = again;
    }
}

static struct command *parse_simple(struct parser *parser)
{
    struct command *command = make(SIMPLE, NULL, NULL);
    struct word **end = &command->words;

    if (ends_list(parser) || is_word(parser, "!")) {
        fail(parser);
    }
    while (!is_bad(parser)) {
        if (is_redirect(parser)) {
            parse_redirect(parser, command);
        } else if (parser->lexer.token.kind == TOKEN_WORD) {
            *end = take_word(parser);
            if (end == &command->words && is_operator(parser, "(")) {
                return parse_function(parser, command->words->raw);
            }
            if (is_assignment((*end)->raw) || parser->alias_follows) {
                parser->alias_follows = false;
                take_alias(parser); /* the command's name may come now */
            }
            end = &(*end)->next;
        } else {
            break;
        }
    }
    if (command->words == NULL && command->redirects == NULL) {
        fail(parser);
    }
    return command;
}

static struct command *parse_command(struct parser *parser)
{
    struct command *command;

    take_alias(parser);
    command = parse_compound(parser);
    if (command == NULL) {
        return parse_simple(parser);
    }
    while (is_redirect(parser) && !is_bad(parser)) {
        parse_redirect(parser, command);
    }
    return command;
}

static void note_source(struct parser *parser, struct command *command, const char *start)
{
    const char *end = parser->lexer.token.start;

    if (parser->lexer.spliced) {
        command->source = command->source == NULL ? arena_text("", 0) : command->source;
        return; /* start and end are in different texts */
    }
    while (end > start && (end[-1] == ' ' || end[-1] == '\n')) {
        end--;
    }
    if (command->source == NULL) {
        command->source = arena_text(start, (size_t)(end - start));
    }
}

/* What comes behind a |, which is a pipeline without a ! */
static struct command *parse_pipe_rest(struct parser *parser)
{
    struct command *command = parse_command(parser);

    if (is_operator(parser, "|") && !is_bad(parser)) {
        next(parser);
        skip_newlines(parser);
        command = make(PIPELINE, command, parse_pipe_rest(parser));
    }
    return command;
}

static struct command *parse_pipeline(struct parser *parser)
{
    const char *start = parser->lexer.token.start;
    bool negated = is_word(parser, "!");
    struct command *command;

    if (negated) {
        next(parser);
    }
    command = parse_pipe_rest(parser);
    note_source(parser, command, start);
    return negated ? make(NOT, command, NULL) : command;
}

static struct command *parse_and_or(struct parser *parser)
{
    const char *start = parser->lexer.token.start;
    struct command *command = parse_pipeline(parser);

    while ((is_operator(parser, "&&") || is_operator(parser, "||")) && !is_bad(parser)) {
        enum command_kind kind = is_operator(parser, "&&") ? AND : OR;

        next(parser);
        skip_newlines(parser);
        command = make(kind, command, parse_pipeline(parser));
    }
    note_source(parser, command, start);
    return command;
}

/* Commands up to the end of the line, or (inside a compound command) over many lines. */
static struct command *parse_commands(struct parser *parser, bool one_line)
{
    struct command *list = NULL;

    while (!is_bad(parser)) {
        struct command *command;

        if (!one_line) {
            skip_newlines(parser);
        }
        if (parser->lexer.token.kind == TOKEN_NEWLINE || ends_list(parser) || is_bad(parser)) {
            break;
        }
        command = parse_and_or(parser);
        if (is_operator(parser, "&")) {
            char *source = command->source;

            command = make(BACKGROUND, command, NULL);
            command->source = source;
        }
        list = list == NULL ? command : make(SEQUENCE, list, command);
        if (is_operator(parser, "&") || is_operator(parser, ";")) {
            next(parser);
        } else if (parser->lexer.token.kind != TOKEN_NEWLINE) {
            break;
        }
    }
    return list;
}

static struct command *parse_list(struct parser *parser)
{
    struct command *list = parse_commands(parser, false);

    if (list == NULL) {
        fail(parser);
    }
    return list;
}

bool is_reserved(const char *word)
{
    for (size_t i = 0; i < sizeof(reserved) / sizeof(reserved[0]); i++) {
        if (strcmp(reserved[i], word) == 0) {
            return true;
        }
    }
    return false;
}

const char *parse_until_parenthesis(const char *source)
{
    struct parser parser = {.result = PARSE_COMMAND, .plain = true};

    lexer_start(&parser.lexer, source);
    if (parser.lexer.token.kind == TOKEN_OPEN) {
        return NULL;
    }
    parse_commands(&parser, false);
    return is_operator(&parser, ")") && !is_bad(&parser) ? parser.lexer.token.end : NULL;
}

enum parse_result parse(const char **source, struct command **command, const char **error,
                        bool *spliced)
{
    struct parser parser = {.result = PARSE_COMMAND};

    lexer_start(&parser.lexer, *source);
    if (parser.lexer.token.kind == TOKEN_OPEN) {
        parser.result = PARSE_MORE;
    }
    while (parser.lexer.token.kind == TOKEN_NEWLINE && !is_bad(&parser)) {
        next(&parser);
    }
    if (!is_bad(&parser) && parser.lexer.token.kind == TOKEN_END) {
        *source = parser.lexer.at;
        return PARSE_NOTHING;
    }
    *command = parse_commands(&parser, true);
    if (!is_bad(&parser) && parser.lexer.token.kind != TOKEN_NEWLINE &&
        parser.lexer.token.kind != TOKEN_END) {
        fail(&parser);
        parser.result = parser.lexer.token.kind == TOKEN_OPEN ? PARSE_MORE : PARSE_ERROR;
    }
    *error = parser.error;
    *spliced = parser.lexer.spliced;
    *source = parser.lexer.at;
    return parser.result;
}
