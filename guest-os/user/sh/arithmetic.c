/* $((...)): whole numbers, variables, parentheses and C's operators, by precedence climbing.
 * SPDX-License-Identifier: MIT */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "user/sh/sh.h"

struct binary {
    const char *text;
    int precedence; /* higher binds first */
};

static const struct binary table[] = {
    {"||", 1}, {"&&", 2}, {"==", 6}, {"!=", 6}, {"<=", 7}, {">=", 7},
    {"<<", 8}, {">>", 8}, {"|", 3},  {"^", 4},  {"&", 5},  {"<", 7},
    {">", 7},  {"+", 9},  {"-", 9},  {"*", 10}, {"/", 10}, {"%", 10},
};

static int parse_binary(const char **at, int least);

static void skip_spaces(const char **at)
{
    while (isspace(**at)) {
        (*at)++;
    }
}

static int parse_variable(const char **at)
{
    const char *start = *at;
    const char *value;

    while (isalnum(**at) || **at == '_') {
        (*at)++;
    }
    value = variable_get(arena_text(start, (size_t)(*at - start)));
    return value == NULL ? 0 : strtol(value, NULL, 0);
}

static int parse_unary(const char **at)
{
    char *end;
    int value;

    skip_spaces(at);
    switch (**at) {
    case '-':
        (*at)++;
        return -parse_unary(at);
    case '+':
        (*at)++;
        return parse_unary(at);
    case '!':
        (*at)++;
        return !parse_unary(at);
    case '~':
        (*at)++;
        return ~parse_unary(at);
    case '(':
        (*at)++;
        value = parse_binary(at, 0);
        skip_spaces(at);
        *at += **at == ')';
        return value;
    default:
        break;
    }
    if (isalpha(**at) || **at == '_') {
        return parse_variable(at);
    }
    value = strtol(*at, &end, 0);
    *at = end;
    return value;
}

static int divide(int a, int b, bool rest)
{
    if (b == 0 || (b == -1 && a == INT32_MIN)) {
        fputs("sh: division by zero\n", stderr);
        return 0;
    }
    return rest ? a % b : a / b;
}

static int apply(const char *sign, int a, int b)
{
    switch (sign[0]) {
    case '|':
        return sign[1] == '|' ? a || b : a | b;
    case '&':
        return sign[1] == '&' ? a && b : a & b;
    case '^':
        return a ^ b;
    case '=':
        return a == b;
    case '!':
        return a != b;
    case '<':
        return sign[1] == '=' ? a <= b : sign[1] == '<' ? (int)((uint32_t)a << (b & 31)) : a < b;
    case '>':
        return sign[1] == '=' ? a >= b : sign[1] == '>' ? a >> (b & 31) : a > b;
    case '+':
        return (int)((uint32_t)a + (uint32_t)b);
    case '-':
        return (int)((uint32_t)a - (uint32_t)b);
    case '*':
        return (int)((uint32_t)a * (uint32_t)b);
    default:
        return divide(a, b, sign[0] == '%');
    }
}

static const struct binary *find_operator(const char *at)
{
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        if (strncmp(at, table[i].text, strlen(table[i].text)) == 0) {
            return &table[i];
        }
    }
    return NULL;
}

static int parse_binary(const char **at, int least)
{
    int value = parse_unary(at);

    for (;;) {
        const struct binary *sign;

        skip_spaces(at);
        sign = find_operator(*at);
        if (sign == NULL || sign->precedence < least) {
            return value;
        }
        *at += strlen(sign->text);
        value = apply(sign->text, value, parse_binary(at, sign->precedence + 1));
    }
}

int arithmetic(const char *expression)
{
    int value = parse_binary(&expression, 0);

    skip_spaces(&expression);
    if (*expression != '\0') {
        fprintf(stderr, "sh: arithmetic: not expected: %s\n", expression);
    }
    return value;
}
