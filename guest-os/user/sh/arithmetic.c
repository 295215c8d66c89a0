/* $((...)): whole numbers of 64 bits, variables, assignments and C's operators, by precedence
 * climbing. See: POSIX.1-2017, 2.6.4. SPDX-License-Identifier: MIT */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "user/sh/sh.h"

struct binary {
    char text[4];
    int precedence; /* higher binds first */
};

static const struct binary table[] = {
    {"||", 1}, {"&&", 2}, {"==", 6}, {"!=", 6}, {"<=", 7}, {">=", 7},
    {"<<", 8}, {">>", 8}, {"|", 3},  {"^", 4},  {"&", 5},  {"<", 7},
    {">", 7},  {"+", 9},  {"-", 9},  {"*", 10}, {"/", 10}, {"%", 10},
};

struct reader {
    const char *at;
    int skipping; /* > 0: the other side of && || ?: - nothing is assigned, nothing can fail */
    bool failed;  /* told already */
};

static int64_t read_assignment(struct reader *reader);

static void fail(struct reader *reader, const char *words)
{
    if (!reader->failed) {
        reader->failed = true;
        shell_error("arithmetic: %s: %s", words, *reader->at == '\0' ? "end" : reader->at);
    }
    reader->at += strlen(reader->at);
}

static void skip_spaces(struct reader *reader)
{
    while (isspace(*reader->at)) {
        reader->at++;
    }
}

/* The value of a number, which has to be the whole text. */
static int64_t number_of(struct reader *reader, const char *text)
{
    char *end;
    int64_t value = strtoll(text, &end, 0);

    while (isspace(*end)) {
        end++;
    }
    if (*end != '\0') {
        fail(reader, "not a number");
    }
    return value;
}

static char *read_name(struct reader *reader)
{
    const char *start = reader->at;

    while (isalnum(*reader->at) || *reader->at == '_') {
        reader->at++;
    }
    return arena_text(start, (size_t)(reader->at - start));
}

static int64_t value_of(struct reader *reader, const char *name)
{
    const char *value = variable_get(name);

    return value == NULL || *value == '\0' ? 0 : number_of(reader, value);
}

static int64_t apply(struct reader *reader, const char *sign, int64_t a, int64_t b)
{
    uint64_t left = (uint64_t)a, right = (uint64_t)b;

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
        return sign[1] == '=' ? a <= b : sign[1] == '<' ? (int64_t)(left << (b & 63)) : a < b;
    case '>':
        return sign[1] == '=' ? a >= b : sign[1] == '>' ? a >> (b & 63) : a > b;
    case '+':
        return (int64_t)(left + right);
    case '-':
        return (int64_t)(left - right);
    case '*':
        return (int64_t)(left * right);
    default:
        if (b == 0 && reader->skipping == 0) {
            fail(reader, "division by zero");
        }
        if (b == 0 || b == -1) { /* the least number divided by -1 has no result */
            return sign[0] == '/' && b == -1 ? (int64_t)-left : 0;
        }
        return sign[0] == '%' ? a % b : a / b;
    }
}

/* The assignment operator at `at`, as the binary one it contains ("=" alone: ""); NULL: none. */
static const char *assignment_at(const char *at, size_t *length)
{
    static const char operators[][4] = {"*", "/", "%", "+", "-", "<<", ">>", "&", "^", "|"};

    if (at[0] == '=' && at[1] != '=') {
        *length = 1;
        return "";
    }
    for (size_t i = 0; i < sizeof(operators) / sizeof(operators[0]); i++) {
        *length = strlen(operators[i]);
        if (strncmp(at, operators[i], *length) == 0 && at[*length] == '=' &&
            at[*length + 1] != '=') {
            (*length)++;
            return operators[i];
        }
    }
    return NULL;
}

/* A variable, or an assignment to it. */
static int64_t read_variable(struct reader *reader)
{
    char *name = read_name(reader);
    const char *sign;
    size_t length;
    int64_t value;

    skip_spaces(reader);
    sign = assignment_at(reader->at, &length);
    if (sign == NULL) {
        return value_of(reader, name);
    }
    reader->at += length;
    value = read_assignment(reader);
    if (*sign != '\0') {
        value = apply(reader, sign, value_of(reader, name), value);
    }
    if (reader->skipping == 0 && !reader->failed) {
        variable_set(name, number_text(value));
    }
    return value;
}

static int64_t read_number(struct reader *reader)
{
    const char *start = reader->at;

    if (!isdigit(*start)) {
        fail(reader, "not expected");
        return 0;
    }
    return number_of(reader, read_name(reader));
}

static int64_t read_unary(struct reader *reader)
{
    int64_t value;

    skip_spaces(reader);
    switch (*reader->at) {
    case '-':
        reader->at++;
        return (int64_t) - (uint64_t)read_unary(reader);
    case '+':
        reader->at++;
        return read_unary(reader);
    case '!':
        reader->at++;
        return !read_unary(reader);
    case '~':
        reader->at++;
        return ~read_unary(reader);
    case '(':
        reader->at++;
        value = read_assignment(reader);
        skip_spaces(reader);
        if (*reader->at != ')') {
            fail(reader, ") is missing");
        } else {
            reader->at++;
        }
        return value;
    default:
        return isalpha(*reader->at) || *reader->at == '_' ? read_variable(reader)
                                                          : read_number(reader);
    }
}

static const struct binary *find_operator(const char *at)
{
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        size_t length = strlen(table[i].text);

        if (strncmp(at, table[i].text, length) == 0) {
            return &table[i];
        }
    }
    return NULL;
}

static int64_t read_binary(struct reader *reader, int least)
{
    int64_t value = read_unary(reader);

    for (;;) {
        const struct binary *sign;
        int64_t other;
        int skip;

        skip_spaces(reader);
        sign = find_operator(reader->at);
        if (sign == NULL || sign->precedence < least) {
            return value;
        }
        reader->at += strlen(sign->text);
        skip = (strcmp(sign->text, "&&") == 0 && value == 0) ||
               (strcmp(sign->text, "||") == 0 && value != 0);
        reader->skipping += skip;
        other = read_binary(reader, sign->precedence + 1);
        reader->skipping -= skip;
        value = apply(reader, sign->text, value, other);
    }
}

/* condition ? value : value */
static int64_t read_assignment(struct reader *reader)
{
    int64_t condition = read_binary(reader, 0), first, second;

    skip_spaces(reader);
    if (*reader->at != '?') {
        return condition;
    }
    reader->at++;
    reader->skipping += condition == 0;
    first = read_assignment(reader);
    reader->skipping -= condition == 0;
    skip_spaces(reader);
    if (*reader->at != ':') {
        fail(reader, ": is missing");
        return 0;
    }
    reader->at++;
    reader->skipping += condition != 0;
    second = read_assignment(reader);
    reader->skipping -= condition != 0;
    return condition != 0 ? first : second;
}

int64_t arithmetic(const char *expression)
{
    struct reader reader = {.at = expression};
    int64_t value;

    skip_spaces(&reader);
    if (*reader.at == '\0') {
        return 0;
    }
    value = read_assignment(&reader);
    skip_spaces(&reader);
    if (*reader.at != '\0') {
        fail(&reader, "not expected");
    }
    return value;
}
