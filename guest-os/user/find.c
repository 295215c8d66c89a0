/* find [PATH...] [EXPRESSION]: files below directories for which the expression holds: -name
 * -iname -path PATTERN, -type LETTER, -size [+-]N[ck], -newer FILE, -mtime -mmin [+-]N, -perm MODE,
 * -user -group NAME, -empty, -links N, -inum N, -maxdepth -mindepth N, -print, -print0, -delete,
 * -prune, -exec COMMAND {} ; - joined by ! -a -o ( ). SPDX-License-Identifier: MIT */
#include <ctype.h>
#include <dirent.h>
#include <err.h>
#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define PATH_BYTES 1024
#define WORDS_MOST 64

struct file {
    const char *path, *name;
    struct stat64 status;
    bool pruned; /* -prune: not what is below it */
};

static char **words; /* of the expression, all */
static char **at;    /* the next of them */
static int most_depth = INT32_MAX, least_depth;
static bool has_action, failed, depth_first;
static time_t now;

/* ---- patterns ---- */

static bool in_set(const char *set, char c, const char **end)
{
    bool inverted = *set == '!', found = false;

    set += inverted;
    for (bool first = true; *set != '\0' && (first || *set != ']'); first = false) {
        char low = *set++, high = low;

        if (set[0] == '-' && set[1] != ']' && set[1] != '\0') {
            high = set[1];
            set += 2;
        }
        found = found || (c >= low && c <= high);
    }
    *end = *set == ']' ? set + 1 : set;
    return found != inverted;
}

static char folded(char c, bool any_case)
{
    return any_case ? (char)tolower(c) : c;
}

static bool matches(const char *pattern, const char *text, bool any_case)
{
    for (; *pattern != '\0'; text++) {
        if (*pattern == '*') {
            for (;; text++) {
                if (matches(pattern + 1, text, any_case)) {
                    return true;
                }
                if (*text == '\0') {
                    return false;
                }
            }
        }
        if (*text == '\0') {
            return false;
        }
        if (*pattern == '[') {
            if (!in_set(pattern + 1, *text, &pattern)) {
                return false;
            }
            continue;
        }
        if (*pattern != '?') {
            pattern += *pattern == '\\' && pattern[1] != '\0';
            if (folded(*pattern, any_case) != folded(*text, any_case)) {
                return false;
            }
        }
        pattern++;
    }
    return *text == '\0';
}

/* ---- primaries ---- */

static char *argument(void)
{
    if (*at == NULL) {
        errx(1, "an argument is missing");
    }
    return *at++;
}

/* [+-]N: more than, less than, or just N. */
static bool compare(const char *word, int64_t value)
{
    int64_t wanted = strtoll(word + (*word == '+' || *word == '-'), NULL, 10);

    return *word == '+' ? value > wanted : *word == '-' ? value < wanted : value == wanted;
}

static bool test_size(const char *word, const struct stat64 *status)
{
    char unit = word[strlen(word) - 1];
    int64_t bytes = unit == 'c' ? 1 : unit == 'k' ? 1024 : unit == 'M' ? 1048576 : 512;

    return compare(word, (status->st_size + bytes - 1) / bytes);
}

static bool test_type(char letter, uint32_t mode)
{
    static const char letters[] = "fdlcbps";
    static const uint32_t kinds[] = {S_IFREG, S_IFDIR, S_IFLNK, S_IFCHR, S_IFBLK, S_IFIFO, 0140000};
    const char *place = strchr(letters, letter);

    if (place == NULL) {
        errx(1, "not a type: %c", letter);
    }
    return (mode & S_IFMT) == kinds[place - letters];
}

static bool test_empty(const struct file *file)
{
    struct dirent64 *entry;
    bool empty = true;
    DIR *directory;

    if (!S_ISDIR(file->status.st_mode)) {
        return S_ISREG(file->status.st_mode) && file->status.st_size == 0;
    }
    directory = opendir(file->path);
    while (directory != NULL && (entry = readdir(directory)) != NULL) {
        empty = empty && entry->d_name[0] == '.' &&
                (entry->d_name[1] == '\0' || strcmp(entry->d_name, "..") == 0);
    }
    if (directory != NULL) {
        closedir(directory);
    }
    return empty;
}

static bool test_newer(const char *path, const struct stat64 *status)
{
    struct stat64 other;

    if (stat(path, &other) != 0) {
        err(1, "%s", path);
    }
    return status->st_mtime > other.st_mtime ||
           (status->st_mtime == other.st_mtime && status->st_mtime_nsec > other.st_mtime_nsec);
}

static bool test_owner(const char *name, uint32_t number, bool is_group)
{
    const struct passwd *user = is_group ? NULL : getpwnam(name);
    const struct group *group = is_group ? getgrnam(name) : NULL;

    return number == (user != NULL    ? user->pw_uid
                      : group != NULL ? group->gr_gid
                                      : strtoul(name, NULL, 10));
}

static bool test_mode(const char *word, uint32_t mode)
{
    uint32_t wanted = strtoul(word + (*word == '-' || *word == '/'), NULL, 8);

    return *word == '-'   ? (mode & wanted) == wanted
           : *word == '/' ? (mode & wanted) != 0
                          : (mode & 07777) == wanted;
}

/* -exec word... ; */
static bool execute(const char *path, bool wanted)
{
    char *argv[WORDS_MOST + 1];
    int count = 0, status = -1, pid;

    while (strcmp(argument(), ";") != 0) {
        if (count < WORDS_MOST) {
            argv[count++] = strcmp(at[-1], "{}") == 0 ? (char *)(uintptr_t)path : at[-1];
        }
    }
    argv[count] = NULL;
    if (!wanted) {
        return false;
    }
    fflush(stdout);
    pid = fork();
    if (pid == 0) {
        execvp(argv[0], argv);
        warn("%s", argv[0]);
        _exit(127);
    }
    while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR) {}
    return status == 0;
}

static bool delete (const struct file *file)
{
    if (strcmp(file->path, ".") == 0) {
        return true;
    }
    if ((S_ISDIR(file->status.st_mode) ? rmdir(file->path) : unlink(file->path)) != 0) {
        warn("%s", file->path);
        failed = true;
        return false;
    }
    return true;
}

static bool is(const char *word, const char *wanted)
{
    return strcmp(word, wanted) == 0;
}

/* Tests that take an argument. */
static bool test_with_argument(const char *word, const struct file *file)
{
    const struct stat64 *status = &file->status;
    const char *value = argument();

    if (is(word, "-name") || is(word, "-iname")) {
        return matches(value, file->name, word[1] == 'i');
    }
    if (is(word, "-path")) {
        return matches(value, file->path, false);
    }
    if (is(word, "-type")) {
        return test_type(*value, status->st_mode);
    }
    if (is(word, "-size")) {
        return test_size(value, status);
    }
    if (is(word, "-newer")) {
        return test_newer(value, status);
    }
    if (is(word, "-perm")) {
        return test_mode(value, status->st_mode);
    }
    if (is(word, "-user") || is(word, "-group")) {
        return test_owner(value, word[1] == 'g' ? status->st_gid : status->st_uid, word[1] == 'g');
    }
    if (is(word, "-links") || is(word, "-inum")) {
        return compare(value, word[1] == 'l' ? (int64_t)status->st_nlink : (int64_t)status->st_ino);
    }
    if (is(word, "-mtime") || is(word, "-mmin")) {
        return compare(value, (now - (time_t)status->st_mtime) / (word[2] == 't' ? 86400 : 60));
    }
    if (is(word, "-maxdepth") || is(word, "-mindepth")) {
        return true;
    }
    errx(1, "not known: %s", word);
}

/* `wanted`: else the words are only read over. */
static bool read_primary(struct file *file, bool wanted)
{
    const char *word = argument();

    if (is(word, "-print") || is(word, "-print0")) {
        if (wanted) {
            fputs(file->path, stdout);
            putchar(word[6] == '0' ? '\0' : '\n');
        }
        return true;
    }
    if (is(word, "-exec")) {
        return execute(file->path, wanted);
    }
    if (is(word, "-delete")) {
        return wanted && delete (file);
    }
    if (is(word, "-prune")) {
        file->pruned = file->pruned || wanted;
        return true;
    }
    if (is(word, "-empty")) {
        return test_empty(file);
    }
    if (is(word, "-true") || is(word, "-depth")) {
        return true;
    }
    return test_with_argument(word, file);
}

/* ---- the expression ---- */

static bool read_or(struct file *file, bool wanted);

static bool read_not(struct file *file, bool wanted)
{
    bool result;

    if (*at != NULL && is(*at, "!")) {
        at++;
        return !read_not(file, wanted);
    }
    if (*at != NULL && is(*at, "(")) {
        at++;
        result = read_or(file, wanted);
        if (*at == NULL || !is(*at++, ")")) {
            errx(1, ") is missing");
        }
        return result;
    }
    return read_primary(file, wanted);
}

static bool read_and(struct file *file, bool wanted)
{
    bool result = read_not(file, wanted);

    while (*at != NULL && !is(*at, "-o") && !is(*at, ")")) {
        at += is(*at, "-a");
        result = read_not(file, wanted && result) && result;
    }
    return result;
}

static bool read_or(struct file *file, bool wanted)
{
    bool result = read_and(file, wanted);

    while (*at != NULL && is(*at, "-o")) {
        at++;
        result = read_and(file, wanted && !result) || result;
    }
    return result;
}

static void judge(struct file *file)
{
    bool result;

    at = words;
    result = *at == NULL || read_or(file, true);
    if (result && !has_action) {
        puts(file->path);
    }
}

/* ---- the tree ---- */

static int compare_names(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static void walk(const char *path, int depth);

static void walk_below(const char *path, int depth)
{
    DIR *directory = opendir(path);
    struct dirent64 *entry;
    char below[PATH_BYTES], **names = NULL;
    size_t count = 0, room = 0;

    if (directory == NULL) {
        warn("%s", path);
        failed = true;
        return;
    }
    while ((entry = readdir(directory)) != NULL) {
        if (is(entry->d_name, ".") || is(entry->d_name, "..")) {
            continue;
        }
        if (count == room) {
            room = room == 0 ? 32 : room * 2;
            names = realloc(names, room * sizeof(*names));
        }
        if (names == NULL) {
            errx(1, "out of memory");
        }
        names[count++] = strdup(entry->d_name);
    }
    closedir(directory);
    qsort(names, count, sizeof(*names), compare_names);
    for (size_t i = 0; i < count; i++) {
        snprintf(below, sizeof(below), "%s%s%s", path, path[strlen(path) - 1] == '/' ? "" : "/",
                 names[i]);
        walk(below, depth + 1);
        free(names[i]);
    }
    free(names);
}

static void walk(const char *path, int depth)
{
    struct file file = {.path = path, .name = path_name(path)};

    if (lstat(path, &file.status) != 0) {
        warn("%s", path);
        failed = true;
        return;
    }
    if (!depth_first && depth >= least_depth) {
        judge(&file);
    }
    if (S_ISDIR(file.status.st_mode) && !file.pruned && depth < most_depth) {
        walk_below(path, depth);
    }
    if (depth_first && depth >= least_depth) {
        judge(&file);
    }
}

/* What has to be known before the first file. */
static void look_at_words(void)
{
    for (char **word = words; *word != NULL; word++) {
        has_action = has_action || is(*word, "-print") || is(*word, "-print0") ||
                     is(*word, "-exec") || is(*word, "-delete");
        depth_first = depth_first || is(*word, "-delete") || is(*word, "-depth");
        if (is(*word, "-maxdepth") && word[1] != NULL) {
            most_depth = atoi(word[1]);
        } else if (is(*word, "-mindepth") && word[1] != NULL) {
            least_depth = atoi(word[1]);
        }
    }
}

int main(int argc, char **argv)
{
    int first = 1;

    while (first < argc && argv[first][0] != '-' && !is(argv[first], "!") &&
           !is(argv[first], "(")) {
        first++;
    }
    words = argv + first;
    now = time(NULL);
    look_at_words();
    if (first == 1) {
        walk(".", 0);
    }
    for (int i = 1; i < first; i++) {
        walk(argv[i], 0);
    }
    return finish_output(failed);
}
