/* Files, directories and the terminal, as far as a call needs more than its stub.
 * SPDX-License-Identifier: MIT */
#include "libc/include/dirent.h"
#include "libc/include/errno.h"
#include "libc/include/fcntl.h"
#include "libc/include/stdio.h"
#include "libc/include/stdlib.h"
#include "libc/include/string.h"
#include "libc/include/termios.h"
#include "libc/include/unistd.h"

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

void rewinddir(DIR *directory)
{
    lseek(directory->fd, 0, SEEK_SET);
    directory->first = directory->end = 0;
}

int dirfd(const DIR *directory)
{
    return directory->fd;
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

void cfmakeraw(struct termios *settings)
{
    settings->c_iflag &= ~(INLCR | IGNCR | ICRNL);
    settings->c_oflag &= ~OPOST;
    settings->c_lflag &= ~(ECHO | ICANON | ISIG | IEXTEN);
    settings->c_cc[VMIN] = 1;
    settings->c_cc[VTIME] = 0;
}

/* ---- pseudo terminals ---- */

int posix_openpt(int flags)
{
    return open("/dev/ptmx", (uint32_t)flags);
}

int grantpt(int fd)
{
    return ptsname(fd) == NULL ? -1 : 0; /* the kernel gave it to whoever opened the master */
}

int unlockpt(int fd)
{
    int locked = 0;

    return ioctl(fd, TIOCSPTLCK, &locked);
}

char *ptsname(int fd)
{
    static char path[32];
    uint32_t number;

    if (ioctl(fd, TIOCGPTN, &number) != 0) {
        return NULL;
    }
    snprintf(path, sizeof(path), "/dev/pts/%u", number);
    return path;
}

int isatty(int fd)
{
    struct termios settings;

    return tcgetattr(fd, &settings) == 0;
}

const char *ttyname(int fd)
{
    static char path[64];
    char link[32];
    int length;

    if (!isatty(fd)) {
        return NULL;
    }
    snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
    length = readlink(link, path, sizeof(path) - 1);
    path[length > 0 ? length : 0] = '\0';
    return length > 0 ? path : NULL;
}
