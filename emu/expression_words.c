/* Expressions: words in the text, and which of them are types.
 * SPDX-License-Identifier: MIT */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "emu/expression_priv.h"

bool expression_is_letter(char c)
{
    return isalpha((unsigned char)c) || c == '_';
}

size_t expression_word_length(const char *text)
{
    size_t length = 0;

    while (expression_is_letter(text[length]) || isdigit((unsigned char)text[length])) {
        length++;
    }
    return length;
}

bool expression_is_word(const char *text, const char *word)
{
    size_t length = strlen(word);

    return expression_word_length(text) == length && strncmp(text, word, length) == 0;
}

/* The name of a type begins here: its length, and whether no variable can be meant; 0: none. */
size_t expression_type_length(const char *text, bool *certain)
{
    static const char *const words[] = {"struct", "union", "enum",  "unsigned", "signed",
                                        "const",  "long",  "short", "char",     "int",
                                        "void",   "_Bool", "bool",  "float",    "double"};
    size_t length = 0;
    bool more = true;

    *certain = false;
    while (more && expression_is_letter(text[length])) {
        bool tag = expression_is_word(text + length, "struct") ||
                   expression_is_word(text + length, "union") ||
                   expression_is_word(text + length, "enum");

        more = false;
        for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
            more = more || expression_is_word(text + length, words[i]);
        }
        if (!more && length) {
            break;
        }
        *certain = *certain || more;
        length += expression_word_length(text + length);
        if (tag) {
            size_t space = strspn(text + length, " ");

            return expression_word_length(text + length + space)
                       ? length + space + expression_word_length(text + length + space)
                       : 0;
        }
        if (more && expression_is_letter(text[length + strspn(text + length, " ")])) {
            length += strspn(text + length, " ");
        }
    }
    while (length && text[length - 1] == ' ') {
        length--;
    }
    if (length && !*certain) {
        char name[32];
        uint32_t bytes;
        bool is_signed;

        snprintf(name, sizeof(name), "%.*s", (int)(length < 31 ? length : 31), text);
        *certain = expression_plain_type(name, &bytes, &is_signed);
    }
    return length;
}
