/* expr: the value of an expression of words: | & = != < <= > >= + - * / % : ( ). Status 0: neither
 * empty nor 0; 1: one of these; 2: an error. SPDX-License-Identifier: MIT */
#include <ctype.h>
#include <err.h>
#include <regex.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char **at; /* words not yet read */

static char *read_level(int level);

static bool take(const char *word)
{
    if (*at != NULL && strcmp(*at, word) == 0) {
        at++;
        return true;
    }
    return false;
}

static bool number_of(const char *word, int64_t *value)
{
    char *end;

    *value = strtoll(word, &end, 10);
    return end != word && *end == '\0' && !isspace(*word);
}

static int64_t need_number(const char *word)
{
    int64_t value;

    if (!number_of(word, &value)) {
        errx(2, "not a number: %s", word);
    }
    return value;
}

static char *text_of(int64_t value)
{
    char text[24];

    snprintf(text, sizeof(text), "%lld", value);
    return strdup(text);
}

static bool is_null(const char *word)
{
    int64_t value;

    return *word == '\0' || (number_of(word, &value) && value == 0);
}

/* text : pattern - how many characters match, from the start. */
static char *match(const char *text, const char *pattern)
{
    struct regex regex;
    size_t start, end;

    if (!regex_compile(&regex, pattern, 0)) {
        errx(2, "%s: %s", pattern, regex.error);
    }
    return text_of(
        regex_search(&regex, text, strlen(text), 0, &start, &end) && start == 0 ? (int64_t)end : 0);
}

static char *read_primary(void)
{
    char *word = *at;

    if (word == NULL) {
        errx(2, "a word is missing");
    }
    at++;
    if (strcmp(word, "length") == 0 && *at != NULL) {
        return text_of((int64_t)strlen(*at++));
    }
    if (strcmp(word, "(") == 0) {
        word = read_level(0);
        if (!take(")")) {
            errx(2, ") is missing");
        }
    }
    return word;
}

static char *compare(const char *a, const char *sign, const char *b)
{
    int64_t left, right, order = strcmp(a, b);

    if (number_of(a, &left) && number_of(b, &right)) {
        order = left < right ? -1 : left > right;
    }
    return text_of(sign[0] == '='   ? order == 0
                   : sign[0] == '!' ? order != 0
                   : sign[0] == '<' ? order < (sign[1] == '=')
                                    : order > -(sign[1] == '='));
}

static char *calculate(const char *a, char sign, const char *b)
{
    int64_t left = need_number(a), right = need_number(b);

    if ((sign == '/' || sign == '%') && right == 0) {
        errx(2, "division by zero");
    }
    return text_of(sign == '+'   ? left + right
                   : sign == '-' ? left - right
                   : sign == '*' ? left * right
                   : sign == '/' ? left / right
                                 : left % right);
}

static char *apply(char *a, const char *sign, char *b)
{
    switch (sign[0]) {
    case '|':
        return !is_null(a) ? a : is_null(b) ? "0" : b;
    case '&':
        return is_null(a) || is_null(b) ? "0" : a;
    case ':':
        return match(a, b);
    case '=':
    case '!':
    case '<':
    case '>':
        return compare(a, sign, b);
    default:
        return calculate(a, sign[0], b);
    }
}

/* From what binds last to what binds first. */
static char *read_level(int level)
{
    static const char *const operators[][7] = {
        {"|"}, {"&"}, {"=", "!=", "<=", ">=", "<", ">"}, {"+", "-"}, {"*", "/", "%"}, {":"}};
    char *value = level == 6 ? read_primary() : read_level(level + 1);

    for (int i = 0; level < 6 && operators[level][i] != NULL; i++) {
        if (take(operators[level][i])) {
            value = apply(value, operators[level][i], read_level(level + 1));
            i = -1;
        }
    }
    return value;
}

int main(int argc, char **argv)
{
    char *value;

    if (argc < 2) {
        usage(2, "expr WORD...");
    }
    at = argv + 1;
    value = read_level(0);
    if (*at != NULL) {
        errx(2, "not expected: %s", *at);
    }
    puts(value);
    return is_null(value);
}
