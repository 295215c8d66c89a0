/* Whole files in and out of memory.
 * SPDX-License-Identifier: MIT */
#include "emu/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool read_open(int file, const char *path, size_t limit, uint8_t **bytes, size_t *size,
                      struct err *err)
{
    struct stat status;
    size_t done = 0;

    if (fstat(file, &status) != 0) {
        return err_set(err, "%s: %s", path, strerror(errno));
    }
    if (S_ISDIR(status.st_mode)) {
        return err_set(err, "%s: is a directory, a file is needed", path);
    }
    if (!S_ISREG(status.st_mode)) {
        return err_set(err, "%s: is not a regular file", path);
    }
    if ((uint64_t)status.st_size > limit) {
        return err_set(err, "%s: %llu bytes are too many, at most %zu fit", path,
                       (unsigned long long)status.st_size, limit);
    }
    *size = (size_t)status.st_size;
    *bytes = malloc(*size + 1);
    if (!*bytes) {
        return err_set(err, "%s: no memory for %zu bytes", path, *size);
    }
    while (done < *size) {
        ssize_t got = read(file, *bytes + done, *size - done);

        if (got <= 0) {
            free(*bytes);
            *bytes = NULL;
            return err_set(err, "%s: cannot read: %s", path,
                           got < 0 ? strerror(errno) : "it shrank");
        }
        done += (size_t)got;
    }
    (*bytes)[*size] = 0;
    return true;
}

bool file_read(const char *path, size_t limit, uint8_t **bytes, size_t *size, struct err *err)
{
    int file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    bool good;

    *bytes = NULL;
    if (file < 0) {
        return err_set(err, "%s: %s", path,
                       errno == ENOENT ? "no such file; check the name" : strerror(errno));
    }
    good = read_open(file, path, limit, bytes, size, err);
    close(file);
    return good;
}

bool file_write(const char *path, const void *bytes, size_t size, struct err *err)
{
    char temporary[4096];
    FILE *file;
    bool good;

    if ((size_t)snprintf(temporary, sizeof(temporary), "%s.part", path) >= sizeof(temporary)) {
        return err_set(err, "%s: the name is too long", path);
    }
    file = fopen(temporary, "we");
    if (!file) {
        return err_set(err, "%s: cannot write: %s", path, strerror(errno));
    }
    good = fwrite(bytes, 1, size, file) == size;
    good = fclose(file) == 0 && good;
    if (!good || rename(temporary, path) != 0) {
        unlink(temporary);
        return err_set(err, "%s: cannot write: %s", path, strerror(errno));
    }
    return true;
}
