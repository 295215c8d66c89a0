/* Memory and string functions. The compiler may call memcpy, memset, memmove and memcmp on its own,
 * so they exist in every program. They are the CPU's own string instructions; loops in C the
 * compiler could take for what they are, and replace by a call of themselves.
 * SPDX-License-Identifier: MIT */
#include "common/text.h"

void *memcpy(void *to, const void *from, size_t bytes)
{
    void *edi = to;
    size_t words = bytes / 4;
    size_t rest = bytes % 4;

    __asm__ volatile("rep movsl" : "+D"(edi), "+S"(from), "+c"(words) : : "memory");
    __asm__ volatile("rep movsb" : "+D"(edi), "+S"(from), "+c"(rest) : : "memory");
    return to;
}

void *memmove(void *to, const void *from, size_t bytes)
{
    uint8_t *edi = (uint8_t *)to + bytes - 1;
    const uint8_t *esi = (const uint8_t *)from + bytes - 1;

    if ((uintptr_t)to - (uintptr_t)from >= bytes) {
        return memcpy(to, from, bytes); /* forwards is right, or they do not overlap */
    }
    __asm__ volatile("std\n\trep movsb\n\tcld" : "+D"(edi), "+S"(esi), "+c"(bytes) : : "memory");
    return to;
}

void *memset(void *to, int value, size_t bytes)
{
    void *edi = to;
    uint32_t pattern = (uint32_t)(value & 0xFF) * 0x01010101u;
    size_t words = bytes / 4;
    size_t rest = bytes % 4;

    __asm__ volatile("rep stosl" : "+D"(edi), "+c"(words) : "a"(pattern) : "memory");
    __asm__ volatile("rep stosb" : "+D"(edi), "+c"(rest) : "a"(pattern) : "memory");
    return to;
}

int memcmp(const void *a, const void *b, size_t bytes)
{
    const uint8_t *left = a;
    const uint8_t *right = b;

    for (size_t i = 0; i < bytes; i++) {
        if (left[i] != right[i]) {
            return left[i] - right[i];
        }
    }
    return 0;
}

size_t strlen(const char *text)
{
    size_t length = 0;

    while (text[length] != '\0') {
        length++;
    }
    return length;
}

int strncmp(const char *a, const char *b, size_t limit)
{
    for (size_t i = 0; i < limit; i++) {
        if (a[i] != b[i] || a[i] == '\0') {
            return (uint8_t)a[i] - (uint8_t)b[i];
        }
    }
    return 0;
}

int strcmp(const char *a, const char *b)
{
    return strncmp(a, b, SIZE_MAX);
}

char *strchr(const char *text, int wanted)
{
    for (;; text++) {
        if (*text == (char)wanted) {
            return (char *)(uintptr_t)text;
        }
        if (*text == '\0') {
            return NULL;
        }
    }
}

size_t strspn(const char *text, const char *set)
{
    size_t length = 0;

    while (text[length] != '\0' && strchr(set, text[length]) != NULL) {
        length++;
    }
    return length;
}

size_t strcspn(const char *text, const char *set)
{
    size_t length = 0;

    while (text[length] != '\0' && strchr(set, text[length]) == NULL) {
        length++;
    }
    return length;
}

char *strpbrk(const char *text, const char *set)
{
    text += strcspn(text, set);
    return *text == '\0' ? NULL : (char *)(uintptr_t)text;
}

char *strrchr(const char *text, int wanted)
{
    const char *last = NULL;

    for (;; text++) {
        last = *text == (char)wanted ? text : last;
        if (*text == '\0') {
            return (char *)(uintptr_t)last;
        }
    }
}

char *strstr(const char *text, const char *wanted)
{
    size_t length = strlen(wanted);

    for (; strncmp(text, wanted, length) != 0; text++) {
        if (*text == '\0') {
            return NULL;
        }
    }
    return (char *)(uintptr_t)text;
}

char *strcat(char *to, const char *from)
{
    strcpy(to + strlen(to), from);
    return to;
}

char *strcpy(char *to, const char *from)
{
    return memcpy(to, from, strlen(from) + 1);
}

void copy_text(char *to, const char *from, size_t size)
{
    size_t length = strlen(from);

    if (length > size - 1) {
        length = size - 1;
    }
    memcpy(to, from, length);
    to[length] = '\0';
}

int atoi(const char *text)
{
    int negative = *text == '-';
    uint32_t value = 0;

    for (text += negative; *text >= '0' && *text <= '9'; text++) {
        value = value * 10 + (uint32_t)(*text - '0');
    }
    return negative ? -(int)value : (int)value;
}
