/* Redirections, and becoming another program. See: POSIX.1-2017, 2.7 and 2.9.1.1.
 * SPDX-License-Identifier: MIT */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "user/sh/sh.h"

#define SAVED_FROM 10   /* descriptors the shell keeps copies of its own at */
#define CLOSE_IT   (-2) /* as a result of open_target() */

/* ---- redirections ---- */

/* A here-document becomes a pipe, which a small child fills if it is long. */
static int open_document(const struct redirect *redirect)
{
    bool quoted = strpbrk(redirect->word, "'\"\\") != NULL;
    const char *content = quoted ? redirect->content : expand_document(redirect->content);
    size_t length = strlen(content);
    int fds[2];

    if (shell.interrupted || pipe(fds) != 0) {
        return -1;
    }
    if (length <= PIPE_BUF) {
        write(fds[1], content, length);
    } else if (fork() == 0) {
        close(fds[0]);
        write(fds[1], content, length);
        _exit(0);
    }
    close(fds[1]);
    return fds[0];
}

/* <&n, >&n, <&-, >&- */
static int open_copy(const char *word)
{
    const char *at = word;

    if (strcmp(word, "-") == 0) {
        return CLOSE_IT;
    }
    while (isdigit(*at)) {
        at++;
    }
    if (at == word || *at != '\0') {
        errno = EBADF;
        return -1;
    }
    return fcntl(atoi(word), F_DUPFD, 0);
}

/* set -C: > does not destroy a file. */
static bool must_not_exist(const char *kind, const char *path)
{
    struct stat64 status;

    return shell.options['C'] && strcmp(kind, ">") == 0 && stat(path, &status) == 0 &&
           S_ISREG(status.st_mode);
}

static int open_target(const struct redirect *redirect)
{
    const char *kind = redirect->kind;
    char *word;

    if (strncmp(kind, "<<", 2) == 0) {
        return open_document(redirect);
    }
    word = expand_single(redirect->word);
    if (shell.interrupted) {
        return -1;
    }
    if (strcmp(kind, "<&") == 0 || strcmp(kind, ">&") == 0) {
        return open_copy(word);
    }
    if (must_not_exist(kind, word)) {
        errno = EEXIST;
        return -1;
    }
    return open(word,
                kind[0] == '<'   ? kind[1] == '>' ? O_RDWR | O_CREAT : O_RDONLY
                : kind[1] == '>' ? O_WRONLY | O_CREAT | O_APPEND
                                 : O_WRONLY | O_CREAT | O_TRUNC,
                0666u);
}

static void remember(int fd, struct saved **saved)
{
    struct saved *entry = arena_allocate(sizeof(*entry));

    *entry = (struct saved){fd, fcntl(fd, F_DUPFD_CLOEXEC, SAVED_FROM), *saved};
    *saved = entry;
}

bool redirect_all(const struct redirect *redirect, struct saved **saved)
{
    for (; redirect != NULL; redirect = redirect->next) {
        int fd = open_target(redirect);

        if (fd == -1) {
            if (!shell.interrupted) {
                fprintf(stderr, "sh: %s: %s\n", redirect->word, strerror(errno));
            }
            return false;
        }
        if (saved != NULL && fd != redirect->fd) {
            remember(redirect->fd, saved);
        }
        if (fd == CLOSE_IT) {
            close(redirect->fd);
        } else if (fd != redirect->fd) {
            dup2(fd, redirect->fd);
            close(fd);
        }
    }
    return true;
}

void redirect_undo(struct saved *saved)
{
    fflush(stdout);
    for (; saved != NULL; saved = saved->next) {
        if (saved->copy < 0) {
            close(saved->fd);
        } else {
            dup2(saved->copy, saved->fd);
            close(saved->copy);
        }
    }
}

/* ---- programs ---- */

static bool is_program(const char *path)
{
    struct stat64 status;

    return stat(path, &status) == 0 && S_ISREG(status.st_mode) && access(path, X_OK) == 0;
}

char *program_find(const char *name)
{
    const char *part = variable_get("PATH");

    if (strchr(name, '/') != NULL) {
        return is_program(name) ? arena_join(name, "") : NULL;
    }
    while (part != NULL && *name != '\0') {
        const char *end = strchr(part, ':');
        size_t length = end == NULL ? strlen(part) : (size_t)(end - part);
        char *folder = arena_text(part, length);
        char *path = arena_join(length == 0 ? folder : arena_join(folder, "/"), name);

        if (is_program(path)) {
            return path;
        }
        part = end == NULL ? NULL : end + 1;
    }
    return NULL;
}

_Noreturn void program_execute(char **argv)
{
    int status;

    execvp(argv[0], argv);
    status = errno == ENOENT || errno == ENOTDIR ? 127 : 126;
    fprintf(stderr, "sh: %s: %s\n", argv[0],
            errno == ENOENT ? "not found" : (const char *)strerror(errno));
    for (;;) {
        _exit(status);
    }
}
