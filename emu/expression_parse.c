/* Expressions: text to tree, by precedence climbing. See C11 6.5 for the grammar.
 * SPDX-License-Identifier: MIT */
#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "emu/expression_priv.h"

struct parser {
    struct expression *tree;
    struct expression_error *error;
    const char *at;
    uint32_t depth;
    uint32_t colon_ends; /* 1: between ? and : a colon is no segment's */
};

bool expression_fail(struct expression_error *error, uint32_t column, const char *format, ...)
{
    va_list arguments;

    if (error) {
        error->column = column + 1;
        va_start(arguments, format);
        vsnprintf(error->message, sizeof(error->message), format, arguments);
        va_end(arguments);
    }
    return false;
}

/* ---- tokens ---- */

static uint32_t column(const struct parser *parser)
{
    return (uint32_t)(parser->at - parser->tree->text);
}

static void skip_space(struct parser *parser)
{
    parser->at += strspn(parser->at, " \t");
}

static bool take(struct parser *parser, char wanted)
{
    skip_space(parser);
    if (*parser->at != wanted) {
        return false;
    }
    parser->at++;
    return true;
}

static bool expect(struct parser *parser, char wanted, const char *after)
{
    if (take(parser, wanted)) {
        return true;
    }
    return expression_fail(parser->error, column(parser), "'%c' is missing %s", wanted, after);
}

/* A new node; 0 after a message if the expression is too long. */
static uint16_t node_new(struct parser *parser, enum expression_kind kind, uint32_t at)
{
    struct expression *tree = parser->tree;

    if (tree->count == EXPRESSION_NODES) {
        expression_fail(parser->error, at, "the expression has more than %u parts",
                        EXPRESSION_NODES - 1);
        return 0;
    }
    tree->nodes[tree->count] =
        (struct expression_node){.kind = (uint16_t)kind, .column = (uint16_t)at};
    return tree->count++;
}

static uint16_t node_join(struct parser *parser, enum expression_kind kind, uint32_t at,
                          uint16_t sign, uint16_t left, uint16_t right)
{
    uint16_t node = node_new(parser, kind, at);

    if (node) {
        parser->tree->nodes[node].sign = sign;
        parser->tree->nodes[node].left = left;
        parser->tree->nodes[node].right = right;
    }
    return node;
}

static uint16_t node_name(struct parser *parser, enum expression_kind kind, uint32_t at,
                          uint16_t left)
{
    size_t length = expression_word_length(parser->at);
    uint16_t node = node_new(parser, kind, at);

    if (node) {
        parser->tree->nodes[node].name = (uint16_t)column(parser);
        parser->tree->nodes[node].length = (uint16_t)length;
        parser->tree->nodes[node].left = left;
        parser->at += length;
    }
    return node;
}

/* ---- numbers ---- */

static bool escape(struct parser *parser, uint64_t *value)
{
    static const char letters[] = "n\nt\tr\rb\bf\fv\va\ae\033\\\\''\"\"";
    char *end;

    if (*parser->at == 'x') {
        *value = strtoull(parser->at + 1, &end, 16) & 0xFF;
        parser->at = end;
        return true;
    }
    if (*parser->at >= '0' && *parser->at <= '7') {
        *value = strtoull(parser->at, &end, 8) & 0xFF;
        parser->at = end;
        return true;
    }
    for (size_t i = 0; letters[i] && *parser->at; i += 2) {
        if (letters[i] == *parser->at) {
            *value = (uint64_t)letters[i + 1];
            parser->at++;
            return true;
        }
    }
    return false;
}

static uint16_t parse_character(struct parser *parser)
{
    uint32_t at = column(parser);
    uint64_t value = (uint8_t) * ++parser->at;
    uint16_t node;

    if (value == '\\') {
        parser->at++;
        if (!escape(parser, &value)) {
            expression_fail(parser->error, at, "no such escape in a character");
            return 0;
        }
    } else if (value) {
        parser->at++;
    }
    if (*parser->at != '\'') {
        expression_fail(parser->error, at, "a character is one letter between two quotes");
        return 0;
    }
    parser->at++;
    node = node_new(parser, NODE_NUMBER, at);
    parser->tree->nodes[node].number = value;
    parser->tree->nodes[node].bytes = 4;
    parser->tree->nodes[node].is_signed = 1;
    return node;
}

static uint16_t parse_text(struct parser *parser)
{
    uint32_t at = column(parser);
    size_t length = strcspn(++parser->at, "\"");
    uint16_t node;

    if (parser->at[length] == '\0') {
        expression_fail(parser->error, at, "the text has no quote at its end");
        return 0;
    }
    if (length >= EXPRESSION_WORD_BYTES) {
        expression_fail(parser->error, at, "a text to compare with has at most %u characters",
                        EXPRESSION_WORD_BYTES - 1);
        return 0;
    }
    node = node_new(parser, NODE_TEXT, at);
    parser->tree->nodes[node].name = (uint16_t)column(parser);
    parser->tree->nodes[node].length = (uint16_t)length;
    parser->at += length + 1;
    return node;
}

static uint16_t parse_number(struct parser *parser)
{
    uint32_t at = column(parser);
    size_t digits = strspn(parser->at, "0123456789ABCDEFabcdef");
    bool is_h = (parser->at[digits] == 'h' || parser->at[digits] == 'H') &&
                expression_word_length(parser->at + digits) == 1;
    bool decimal = parser->at[0] != '0' && !is_h;
    char *end;
    uint64_t value = strtoull(parser->at, &end, is_h ? 16 : 0);
    bool is_unsigned = false;
    bool is_long = false;
    uint16_t node;

    if (is_h) {
        end++;
    }
    for (; *end == 'u' || *end == 'U' || *end == 'l' || *end == 'L'; end++) {
        is_unsigned |= *end == 'u' || *end == 'U';
        is_long |= (*end == 'l' || *end == 'L') && (end[1] == *end);
    }
    if (expression_word_length(end)) {
        expression_fail(parser->error, at + (uint32_t)(end - parser->at),
                        "'%c' is no digit here; hexadecimal is 0x1F or 1Fh", *end);
        return 0;
    }
    node = node_new(parser, NODE_NUMBER, at);
    parser->at = end;
    parser->tree->nodes[node].number = value;
    parser->tree->nodes[node].bytes =
        is_long || value > UINT32_MAX || (decimal && !is_unsigned && value > INT32_MAX) ? 8 : 4;
    parser->tree->nodes[node].is_signed =
        !is_unsigned &&
        (parser->tree->nodes[node].bytes == 8 ? value <= INT64_MAX : value <= INT32_MAX);
    return node;
}

/* ---- types ---- */

/* After '(': a type and ')' in front of something to cast. Leaves the parser as it was otherwise.
 * `alone`: the type may stand alone (sizeof). */
static bool take_type(struct parser *parser, bool alone, struct expression_node *type)
{
    const char *start;
    const char *at;
    size_t length;
    bool certain;
    uint16_t stars = 0;

    skip_space(parser);
    start = parser->at;
    length = expression_type_length(start, &certain);
    at = start + length;
    at += strspn(at, " ");
    while (*at == '*') {
        stars++;
        at++;
        at += strspn(at, " ");
    }
    if (length == 0 || *at != ')') {
        return false;
    }
    at++;
    at += strspn(at, " ");
    if (!certain && stars == 0 &&
        (alone ||
         !(expression_is_letter(*at) || isdigit((unsigned char)*at) ||
           (*at && strchr("($~!'", *at))) ||
         expression_is_word(at, "if") || expression_is_word(at, "hits") ||
         expression_is_word(at, "log"))) {
        return false; /* (x) - y and the like: a variable in parentheses */
    }
    type->name = (uint16_t)(start - parser->tree->text);
    type->length = (uint16_t)length;
    type->stars = stars;
    parser->at = at;
    return true;
}

/* ---- operands ---- */

static uint16_t parse_level(struct parser *parser, uint32_t level);
static uint16_t parse_condition(struct parser *parser);

/* A whole expression between brackets. */
static uint16_t parse_inside(struct parser *parser, char end, const char *after)
{
    uint32_t colon_ends = parser->colon_ends;
    uint16_t node;

    parser->colon_ends = 0;
    node = parse_condition(parser);
    parser->colon_ends = colon_ends;
    return node && expect(parser, end, after) ? node : 0;
}

static uint16_t parse_unary(struct parser *parser);

static uint16_t parse_parenthesis(struct parser *parser, uint32_t at)
{
    struct expression_node type = {0};
    uint16_t operand;
    uint16_t node;

    if (!take_type(parser, false, &type)) {
        return parse_inside(parser, ')', "after the expression in parentheses");
    }
    operand = parse_unary(parser);
    node = operand ? node_join(parser, NODE_CAST, at, 0, operand, 0) : 0;
    if (node) {
        parser->tree->nodes[node].name = type.name;
        parser->tree->nodes[node].length = type.length;
        parser->tree->nodes[node].stars = type.stars;
    }
    return node;
}

static uint16_t parse_size(struct parser *parser, uint32_t at)
{
    struct expression_node type = {0};
    const char *start = parser->at;
    uint16_t operand;
    uint16_t node;

    if (take(parser, '(') && take_type(parser, true, &type)) {
        node = node_new(parser, NODE_SIZE_TYPE, at);
        parser->tree->nodes[node].name = type.name;
        parser->tree->nodes[node].length = type.length;
        parser->tree->nodes[node].stars = type.stars;
        return node;
    }
    parser->at = start;
    operand = parse_unary(parser);
    return operand ? node_join(parser, NODE_SIZE, at, 0, operand, 0) : 0;
}

static uint16_t parse_primary(struct parser *parser)
{
    uint32_t at;
    uint16_t node;

    skip_space(parser);
    at = column(parser);
    if (isdigit((unsigned char)*parser->at)) {
        return parse_number(parser);
    }
    if (*parser->at == '\'') {
        return parse_character(parser);
    }
    if (*parser->at == '"') {
        return parse_text(parser);
    }
    if (take(parser, '(')) {
        return parse_parenthesis(parser, at);
    }
    if (take(parser, '[')) {
        node = parse_inside(parser, ']', "after the address");
        return node ? node_join(parser, NODE_MEMORY, at, 0, node, 0) : 0;
    }
    if (*parser->at == '$' && expression_is_letter(parser->at[1])) {
        parser->at++;
        return node_name(parser, NODE_MACHINE_NAME, at, 0);
    }
    if (expression_is_word(parser->at, "phys") && parser->at[4] == ':') {
        parser->at += 5;
        node = parse_unary(parser);
        return node ? node_join(parser, NODE_PHYSICAL, at, 0, node, 0) : 0;
    }
    if (expression_is_word(parser->at, "sizeof")) {
        parser->at += 6;
        return parse_size(parser, at);
    }
    if (expression_is_letter(*parser->at)) {
        return node_name(parser, NODE_NAME, at, 0);
    }
    if (*parser->at == '\0') {
        expression_fail(parser->error, at, "something is missing at the end");
    } else {
        expression_fail(parser->error, at, "'%c' is not where a value could begin", *parser->at);
    }
    return 0;
}

static uint16_t parse_member(struct parser *parser, enum expression_kind kind, uint16_t left)
{
    uint32_t at = column(parser);

    parser->at += kind == NODE_ARROW ? 2 : 1;
    skip_space(parser);
    if (!expression_is_letter(*parser->at)) {
        expression_fail(parser->error, column(parser), "the name of a member is missing");
        return 0;
    }
    return node_name(parser, kind, at, left);
}

static uint16_t parse_postfix(struct parser *parser)
{
    uint16_t node = parse_primary(parser);

    while (node) {
        const char *before = parser->at;
        uint32_t at;

        skip_space(parser);
        at = column(parser);
        if (*parser->at == '[' && parser->at == before) { /* with a space: something else begins */
            uint16_t index;

            parser->at++;
            index = parse_inside(parser, ']', "after the index");
            node = index ? node_join(parser, NODE_INDEX, at, 0, node, index) : 0;
        } else if (*parser->at == '.') {
            node = parse_member(parser, NODE_MEMBER, node);
        } else if (parser->at[0] == '-' && parser->at[1] == '>') {
            node = parse_member(parser, NODE_ARROW, node);
        } else {
            parser->at = before;
            break;
        }
    }
    return node;
}

/* SEGMENT:OFFSET binds closer than anything but the operands themselves. */
static uint16_t parse_segment(struct parser *parser)
{
    uint16_t node = parse_postfix(parser);
    uint32_t at = column(parser);

    if (node && !parser->colon_ends && *parser->at == ':') {
        uint16_t offset;

        parser->at++;
        offset = parse_postfix(parser);
        return offset ? node_join(parser, NODE_SEGMENT, at, 0, node, offset) : 0;
    }
    return node;
}

static uint16_t parse_unary(struct parser *parser)
{
    uint32_t at;
    uint16_t operand;
    char sign;

    skip_space(parser);
    at = column(parser);
    sign = *parser->at;
    if (!sign || !strchr("-+~!*&", sign)) {
        return parse_segment(parser);
    }
    if (++parser->depth > EXPRESSION_DEPTH) {
        expression_fail(parser->error, at, "too many operators inside each other");
        return 0;
    }
    parser->at++;
    operand = parse_unary(parser);
    parser->depth--;
    return operand ? node_join(parser, NODE_UNARY, at, (uint8_t)sign, operand, 0) : 0;
}

/* ---- operators between operands ---- */

/* The binary operator that begins here: its level (1 binds least), 0: none. */
static uint32_t operator_level(const char *text, uint16_t *sign, size_t *length)
{
    static const struct {
        char text[3];
        uint8_t level;
    } operators[] = {{"||", 1}, {"&&", 2}, {"==", 6}, {"!=", 6}, {"<=", 7}, {">=", 7},
                     {"<<", 8}, {">>", 8}, {"|", 3},  {"^", 4},  {"&", 5},  {"<", 7},
                     {">", 7},  {"+", 9},  {"-", 9},  {"*", 10}, {"/", 10}, {"%", 10}};

    for (size_t i = 0; i < sizeof(operators) / sizeof(operators[0]); i++) {
        *length = strlen(operators[i].text);
        if (strncmp(text, operators[i].text, *length) == 0) {
            *sign = OPERATOR_2((uint8_t)operators[i].text[0], (uint8_t)operators[i].text[1]);
            return operators[i].level;
        }
    }
    return 0;
}

static uint16_t parse_level(struct parser *parser, uint32_t level)
{
    uint16_t node = parse_unary(parser);

    while (node) {
        const char *before = parser->at;
        uint16_t sign = 0;
        size_t length = 0;
        uint32_t found;
        uint32_t at;
        uint16_t right;

        skip_space(parser);
        found = operator_level(parser->at, &sign, &length);
        if (found < level || found == 0) {
            parser->at = before;
            break;
        }
        at = column(parser);
        parser->at += length;
        right = parse_level(parser, found + 1);
        node = right ? node_join(parser, NODE_BINARY, at, sign, node, right) : 0;
    }
    return node;
}

static uint16_t parse_choice(struct parser *parser)
{
    uint16_t node = parse_level(parser, 1);
    const char *before = parser->at;
    uint32_t at;
    uint32_t colon_ends = parser->colon_ends;
    uint16_t right;
    uint16_t third;

    skip_space(parser);
    at = column(parser);
    if (!node || *parser->at != '?') {
        parser->at = node ? before : parser->at;
        return node;
    }
    parser->at++;
    parser->colon_ends = 1;
    right = parse_condition(parser);
    parser->colon_ends = colon_ends;
    if (!right || !expect(parser, ':', "between the two results of '?'")) {
        return 0;
    }
    third = parse_condition(parser);
    node = third ? node_join(parser, NODE_CONDITION, at, 0, node, right) : 0;
    if (node) {
        parser->tree->nodes[node].third = third;
    }
    return node;
}

static uint16_t parse_condition(struct parser *parser)
{
    uint16_t node = 0;

    if (++parser->depth > EXPRESSION_DEPTH) {
        expression_fail(parser->error, column(parser), "too many parentheses inside each other");
    } else {
        node = parse_choice(parser);
    }
    parser->depth--;
    return node;
}

/* ---- public ---- */

bool expression_parse_start(const char *text, struct expression *expression, size_t *used,
                            struct expression_error *error)
{
    struct parser parser = {.tree = expression, .error = error, .at = expression->text};
    size_t length = strlen(text);

    if (error) {
        *error = (struct expression_error){0};
    }
    memset(expression, 0, sizeof(*expression));
    if (length >= sizeof(expression->text)) {
        return expression_fail(error, EXPRESSION_TEXT_BYTES - 1, "longer than %u characters",
                               EXPRESSION_TEXT_BYTES - 1);
    }
    memcpy(expression->text, text, length);
    expression->count = 1;
    expression->root = parse_condition(&parser);
    *used = column(&parser);
    return expression->root != 0;
}

bool expression_parse(const char *text, struct expression *expression,
                      struct expression_error *error)
{
    size_t used;

    if (!expression_parse_start(text, expression, &used, error)) {
        return false;
    }
    used += strspn(text + used, " \t");
    if (text[used]) {
        return expression_fail(error, (uint32_t)used, "'%.20s' is not understood here",
                               text + used);
    }
    return true;
}
