/* test and [. See: POSIX.1-2017, test. SPDX-License-Identifier: MIT */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "user/sh/sh.h"

struct reader {
    char **at;   /* words not yet read; NULL at the end */
    bool failed; /* told */
};

static bool fail(struct reader *reader, const char *words, const char *what)
{
    if (!reader->failed) {
        fprintf(stderr, "test: %s: %s\n", what, words);
    }
    reader->failed = true;
    return false;
}

static bool test_file(char what, const char *path)
{
    struct stat64 status;
    bool exists = what == 'h' || what == 'L' ? lstat(path, &status) == 0 : stat(path, &status) == 0;

    if (!exists) {
        return false;
    }
    switch (what) {
    case 'f':
        return S_ISREG(status.st_mode);
    case 'd':
        return S_ISDIR(status.st_mode);
    case 'h':
    case 'L':
        return S_ISLNK(status.st_mode);
    case 'c':
        return S_ISCHR(status.st_mode);
    case 'b':
        return (status.st_mode & S_IFMT) == 0060000;
    case 'p':
        return (status.st_mode & S_IFMT) == S_IFIFO;
    case 'S':
        return (status.st_mode & S_IFMT) == 0140000;
    case 's':
        return status.st_size > 0;
    case 'u':
    case 'g':
    case 'k':
        return (status.st_mode & (what == 'u' ? 04000u : what == 'g' ? 02000u : 01000u)) != 0;
    case 'O':
        return status.st_uid == (uint32_t)geteuid();
    case 'G':
        return status.st_gid == (uint32_t)getegid();
    case 'r':
    case 'w':
    case 'x':
        return access(path, what == 'r' ? R_OK : what == 'w' ? W_OK : X_OK) == 0;
    default:
        return true; /* e */
    }
}

static bool is_unary(const char *word)
{
    return word[0] == '-' && word[1] != '\0' && word[2] == '\0' &&
           strchr("bcdefghkLnOGprsStuwxz", word[1]) != NULL;
}

static int64_t number_of(struct reader *reader, const char *word)
{
    char *end;
    int64_t value;

    errno = 0;
    value = strtoll(word, &end, 10);
    while (isspace(*end)) {
        end++;
    }
    if (end == word || *end != '\0' || errno == ERANGE) {
        fail(reader, "not a number", word);
    }
    return value;
}

static bool test_unary(struct reader *reader, const char *sign, const char *word)
{
    switch (sign[1]) {
    case 'n':
        return word[0] != '\0';
    case 'z':
        return word[0] == '\0';
    case 't':
        return isatty((int)number_of(reader, word)) != 0;
    default:
        return test_file(sign[1], word);
    }
}

static bool is_binary(const char *word)
{
    static const char signs[][4] = {"=",   "==",  "!=",  "<",   ">",   "-eq", "-ne",
                                    "-lt", "-le", "-gt", "-ge", "-nt", "-ot", "-ef"};

    for (size_t i = 0; word != NULL && i < sizeof(signs) / sizeof(signs[0]); i++) {
        if (strcmp(word, signs[i]) == 0) {
            return true;
        }
    }
    return false;
}

/* -nt, -ot, -ef */
static bool test_files(const char *a, char sign, const char *b)
{
    struct stat64 left, right;
    bool has_left = stat(a, &left) == 0, has_right = stat(b, &right) == 0;
    uint64_t left_time, right_time;

    if (sign == 'e') {
        return has_left && has_right && left.st_ino == right.st_ino && left.st_dev == right.st_dev;
    }
    if (!has_left || !has_right) {
        return sign == 'n' ? has_left : has_right;
    }
    left_time = (uint64_t)left.st_mtime << 32 | left.st_mtime_nsec;
    right_time = (uint64_t)right.st_mtime << 32 | right.st_mtime_nsec;
    return sign == 'n' ? left_time > right_time : left_time < right_time;
}

static bool test_binary(struct reader *reader, const char *a, const char *sign, const char *b)
{
    int64_t left, right;

    switch (sign[0]) {
    case '=':
        return strcmp(a, b) == 0;
    case '!':
        return strcmp(a, b) != 0;
    case '<':
        return strcmp(a, b) < 0;
    case '>':
        return strcmp(a, b) > 0;
    default:
        break;
    }
    if (strchr("no", sign[1]) != NULL && sign[2] == 't') {
        return test_files(a, sign[1], b);
    }
    if (strcmp(sign, "-ef") == 0) {
        return test_files(a, 'e', b);
    }
    left = number_of(reader, a);
    right = number_of(reader, b);
    return strcmp(sign, "-eq") == 0   ? left == right
           : strcmp(sign, "-ne") == 0 ? left != right
           : strcmp(sign, "-lt") == 0 ? left < right
           : strcmp(sign, "-le") == 0 ? left <= right
           : strcmp(sign, "-gt") == 0 ? left > right
                                      : left >= right;
}

static bool read_or(struct reader *reader);

static bool read_primary(struct reader *reader)
{
    char *word = *reader->at;
    bool result;

    if (word == NULL) {
        return fail(reader, "something is missing", "end");
    }
    if (is_binary(reader->at[1]) && reader->at[2] != NULL) {
        reader->at += 3;
        return test_binary(reader, word, reader->at[-2], reader->at[-1]);
    }
    if (strcmp(word, "(") == 0 && reader->at[1] != NULL) {
        reader->at++;
        result = read_or(reader);
        if (*reader->at == NULL || strcmp(*reader->at, ")") != 0) {
            return fail(reader, ") is missing", "end");
        }
        reader->at++;
        return result;
    }
    if (is_unary(word) && reader->at[1] != NULL) {
        reader->at += 2;
        return test_unary(reader, word, reader->at[-1]);
    }
    reader->at++;
    return *word != '\0';
}

static bool read_not(struct reader *reader)
{
    if (*reader->at != NULL && strcmp(*reader->at, "!") == 0 && reader->at[1] != NULL &&
        !(is_binary(reader->at[1]) && reader->at[2] != NULL)) {
        reader->at++;
        return !read_not(reader);
    }
    return read_primary(reader);
}

static bool read_and(struct reader *reader)
{
    bool result = read_not(reader);

    while (*reader->at != NULL && strcmp(*reader->at, "-a") == 0) {
        reader->at++;
        result = read_not(reader) && result;
    }
    return result;
}

static bool read_or(struct reader *reader)
{
    bool result = read_and(reader);

    while (*reader->at != NULL && strcmp(*reader->at, "-o") == 0) {
        reader->at++;
        result = read_and(reader) || result;
    }
    return result;
}

int builtin_test(char **argv)
{
    struct reader reader = {.at = argv + 1};
    int count = count_words(argv) - 1;
    bool result;

    if (strcmp(argv[0], "[") == 0) {
        if (count == 0 || strcmp(argv[count], "]") != 0) {
            fputs("[: a ] is missing\n", stderr);
            return STATUS_ERROR;
        }
        argv[count--] = NULL;
    }
    if (count == 0) {
        return 1;
    }
    result = read_or(&reader);
    if (*reader.at != NULL) {
        fail(&reader, "not expected", *reader.at);
    }
    return reader.failed ? STATUS_ERROR : !result;
}
