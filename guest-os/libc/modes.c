/* Permissions as people read and write them. See: POSIX.1-2017, chmod.
 * SPDX-License-Identifier: MIT */
#include "libc/include/modes.h"

#include "libc/include/stdlib.h"
#include "libc/include/string.h"
#include "libc/include/sys/stat.h"

static char kind_letter(uint32_t mode)
{
    switch (mode & S_IFMT) {
    case S_IFDIR:
        return 'd';
    case S_IFLNK:
        return 'l';
    case S_IFCHR:
        return 'c';
    case S_IFBLK:
        return 'b';
    case S_IFIFO:
        return 'p';
    case S_IFREG:
        return '-';
    default:
        return (mode & S_IFMT) == 0140000 ? 's' : '?';
    }
}

void mode_text(uint32_t mode, char to[MODE_TEXT_BYTES])
{
    static const char letters[] = "rwxrwxrwx";

    to[0] = kind_letter(mode);
    for (int i = 0; i < 9; i++) {
        to[i + 1] = mode >> (8 - i) & 1 ? letters[i] : '-';
    }
    if (mode & 04000) {
        to[3] = mode & 0100 ? 's' : 'S';
    }
    if (mode & 02000) {
        to[6] = mode & 0010 ? 's' : 'S';
    }
    if (mode & 01000) {
        to[9] = mode & 0001 ? 't' : 'T';
    }
    to[10] = '\0';
}

/* Letters u g o a: the bits of permissions they stand for. */
static const char *read_who(const char *at, uint32_t *who)
{
    for (*who = 0; *at != '\0' && strchr("ugoa", *at) != NULL; at++) {
        *who |= *at == 'u' ? 04700u : *at == 'g' ? 02070u : *at == 'o' ? 01007u : 07777u;
    }
    return at;
}

/* Letters r w x X s t, or one of u g o: the bits for all. */
static const char *read_bits(const char *at, uint32_t old, bool is_directory, uint32_t *bits)
{
    *bits = 0;
    if (*at != '\0' && strchr("ugo", *at) != NULL) {
        uint32_t one = old >> (*at == 'u' ? 6 : *at == 'g' ? 3 : 0) & 7;

        *bits = one << 6 | one << 3 | one;
        return at + 1;
    }
    for (; *at != '\0' && strchr("rwxXst", *at) != NULL; at++) {
        switch (*at) {
        case 'r':
            *bits |= 0444;
            break;
        case 'w':
            *bits |= 0222;
            break;
        case 'x':
            *bits |= 0111;
            break;
        case 'X':
            *bits |= is_directory || (old & 0111) ? 0111 : 0;
            break;
        case 's':
            *bits |= 06000;
            break;
        default:
            *bits |= 01000;
            break;
        }
    }
    return at;
}

static uint32_t apply(uint32_t mode, char sign, uint32_t who, uint32_t bits, bool is_directory)
{
    uint32_t keep = is_directory ? 06000 : 0; /* = leaves a directory's set-id bits */

    switch (sign) {
    case '+':
        return mode | (who & bits);
    case '-':
        return mode & ~(who & bits);
    default:
        return (mode & ~(who & ~keep)) | (who & bits);
    }
}

bool mode_parse(const char *text, uint32_t old, bool is_directory, uint32_t *mode)
{
    char *end;

    *mode = strtoul(text, &end, 8);
    if (end != text && *end == '\0' && *text != '-' && *text != '+') {
        return *mode <= 07777;
    }
    *mode = old & 07777;
    for (;;) {
        uint32_t who, bits, mask = 0;

        text = read_who(text, &who);
        if (who == 0) { /* nobody named: all, but what the umask takes stays as it is */
            mask = (uint32_t)umask(0);
            umask(mask);
            who = 07777;
        }
        if (*text == '\0' || strchr("+-=", *text) == NULL) {
            return false;
        }
        while (*text == '+' || *text == '-' || *text == '=') {
            char sign = *text;

            text = read_bits(text + 1, *mode, is_directory, &bits);
            *mode = apply(*mode, sign, who & ~mask, bits, is_directory);
        }
        if (*text != ',') {
            return *text == '\0';
        }
        text++;
    }
}
