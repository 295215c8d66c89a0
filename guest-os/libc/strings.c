/* String functions that only programs need; the others are in common/string.c.
 * See: C11 7.24. SPDX-License-Identifier: MIT */
#include "libc/include/strings.h"
#include "libc/include/ctype.h"
#include "libc/include/string.h"

void *memchr(const void *memory, int wanted, size_t bytes)
{
    const uint8_t *at = memory;

    for (; bytes > 0; bytes--, at++) {
        if (*at == (uint8_t)wanted) {
            return (void *)(uintptr_t)at;
        }
    }
    return NULL;
}

size_t strnlen(const char *text, size_t most)
{
    size_t length = 0;

    while (length < most && text[length] != '\0') {
        length++;
    }
    return length;
}

char *strncpy(char *to, const char *from, size_t bytes)
{
    size_t length = strnlen(from, bytes);

    memcpy(to, from, length);
    memset(to + length, 0, bytes - length);
    return to;
}

char *strncat(char *to, const char *from, size_t most)
{
    size_t length = strnlen(from, most);
    char *end = to + strlen(to);

    memcpy(end, from, length);
    end[length] = '\0';
    return to;
}

int strncasecmp(const char *a, const char *b, size_t limit)
{
    for (size_t i = 0; i < limit; i++) {
        int left = tolower((uint8_t)a[i]), right = tolower((uint8_t)b[i]);

        if (left != right || left == 0) {
            return left - right;
        }
    }
    return 0;
}

int strcasecmp(const char *a, const char *b)
{
    return strncasecmp(a, b, SIZE_MAX);
}

char *strtok_r(char *text, const char *between, char **rest)
{
    char *start = text != NULL ? text : *rest;

    start += strspn(start, between);
    *rest = start + strcspn(start, between);
    if (**rest != '\0') {
        *(*rest)++ = '\0';
    }
    return *start == '\0' ? NULL : start;
}

char *strtok(char *text, const char *between)
{
    static char *rest;

    return strtok_r(text, between, &rest);
}

const char *path_name(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash == NULL || slash[1] == '\0' ? path : slash + 1;
}
