/* Completing a word: the commands or files that begin with it. SPDX-License-Identifier: MIT */
#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "user/sh/sh.h"

static void add_once(struct list *found, char *word)
{
    for (size_t i = 0; i < found->count; i++) {
        if (strcmp(found->items[i], word) == 0) {
            return;
        }
    }
    list_add(found, word);
}

/* The names in `folder` that begin with `start`, behind `before`; directories get a slash. */
static void add_files(const char *folder, const char *before, const char *start, struct list *found)
{
    DIR *directory = opendir(*folder == '\0' ? "." : folder);
    struct dirent64 *entry;

    while (directory != NULL && (entry = readdir(directory)) != NULL) {
        const char *name = entry->d_name;
        struct stat64 status;
        char *path;
        bool is_folder;

        if (strncmp(name, start, strlen(start)) != 0 || (name[0] == '.' && start[0] != '.')) {
            continue;
        }
        path = arena_join(*folder == '\0' ? "" : arena_join(folder, "/"), name);
        is_folder = stat(path, &status) == 0 && S_ISDIR(status.st_mode);
        add_once(found, arena_join(before, arena_join(name, is_folder ? "/" : "")));
    }
    if (directory != NULL) {
        closedir(directory);
    }
}

static void add_commands(const char *start, struct list *found)
{
    const char *part = variable_get("PATH");

    for (size_t i = 0; builtin_name(i) != NULL; i++) {
        if (strncmp(builtin_name(i), start, strlen(start)) == 0) {
            add_once(found, arena_join(builtin_name(i), ""));
        }
    }
    while (part != NULL) {
        const char *end = strchr(part, ':');
        size_t length = end == NULL ? strlen(part) : (size_t)(end - part);

        add_files(arena_text(part, length), "", start, found);
        part = end == NULL ? NULL : end + 1;
    }
}

static int compare(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

void complete_word(const char *word, bool is_command, struct list *found)
{
    const char *slash = strrchr(word, '/');

    if (is_command && slash == NULL) {
        add_commands(word, found);
    } else if (slash == NULL) {
        add_files("", "", word, found);
    } else {
        char *before = arena_text(word, (size_t)(slash + 1 - word));

        add_files(expand_single(before), before, slash + 1, found);
    }
    if (found->count > 0) {
        qsort(found->items, found->count, sizeof(char *), compare);
    }
}
