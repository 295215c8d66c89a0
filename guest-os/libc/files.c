/* Files, directories and the terminal, as far as a call needs more than its stub.
 * SPDX-License-Identifier: MIT */
#include "libc/include/dirent.h"
#include "libc/include/errno.h"
#include "libc/include/fcntl.h"
#include "libc/include/stdlib.h"
#include "libc/include/termios.h"
#include "libc/include/unistd.h"

#define PATH_BYTES 256

int open(const char *path, uint32_t flags, ...)
{
    uint32_t mode = 0;
    va_list arguments;

    if (flags & O_CREAT) {
        va_start(arguments, flags);
        mode = va_arg(arguments, uint32_t);
        va_end(arguments);
    }
    return open_raw(path, flags, mode);
}

char *getcwd(char *to, size_t size)
{
    return getcwd_raw(to, size) < 0 ? NULL : to;
}

/* ---- directories ---- */

DIR *opendir(const char *path)
{
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *directory;

    if (fd < 0) {
        return NULL;
    }
    directory = malloc(sizeof(*directory));
    if (directory == NULL) {
        close(fd);
        return NULL;
    }
    directory->fd = fd;
    directory->first = directory->end = 0;
    return directory;
}

struct dirent64 *readdir(DIR *directory)
{
    struct dirent64 *entry;

    if (directory->first >= directory->end) {
        directory->first = 0;
        directory->end = getdents64(directory->fd, directory->buffer, DIRECTORY_BYTES);
        if (directory->end <= 0) {
            return NULL;
        }
    }
    entry = (struct dirent64 *)(directory->buffer + directory->first);
    directory->first += entry->d_reclen;
    return entry;
}

int closedir(DIR *directory)
{
    int result = close(directory->fd);

    free(directory);
    return result;
}

/* ---- the terminal ---- */

int tcgetattr(int fd, struct termios *settings)
{
    return ioctl(fd, TCGETS, settings);
}

int tcsetattr(int fd, int when, const struct termios *settings)
{
    return ioctl(fd, TCSETS + (uint32_t)when, (void *)(uintptr_t)settings);
}

int tcgetpgrp(int fd)
{
    int32_t group;

    return ioctl(fd, TIOCGPGRP, &group) < 0 ? -1 : group;
}

int tcsetpgrp(int fd, int group)
{
    return ioctl(fd, TIOCSPGRP, &group);
}

int isatty(int fd)
{
    struct termios settings;

    return tcgetattr(fd, &settings) == 0;
}

/* ---- programs by name ---- */

int execvp(const char *name, char *const *argv)
{
    const char *part = getenv("PATH");
    char path[PATH_BYTES];
    int error = ENOENT;

    if (strchr(name, '/') != NULL) {
        return execve(name, argv, environ);
    }
    for (part = part == NULL ? "/bin" : part; part != NULL;) {
        const char *end = strchr(part, ':');
        int length = end == NULL ? (int)strlen(part) : (int)(end - part);

        if (snprintf(path, sizeof(path), "%.*s%s%s", length, part, length > 0 ? "/" : "", name) <
            PATH_BYTES) {
            execve(path, argv, environ);
            error = errno == ENOENT || errno == ENOTDIR ? error : errno;
        }
        part = end == NULL ? NULL : end + 1;
    }
    errno = error;
    return -1;
}
