/* cp FROM... TO: copies files; TO is a file or a directory. SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define BYTES      4096 /* moved at once */
#define PATH_BYTES 256

static int complain(const char *path)
{
    fprintf(stderr, "cp: %s: %s\n", path, strerror(errno));
    return 1;
}

static int copy(const char *from, const char *to)
{
    static char buffer[BYTES];
    struct stat64 status;
    int in = open(from, O_RDONLY), out, got;

    if (in < 0 || fstat(in, &status) != 0) {
        return complain(from);
    }
    out = open(to, O_WRONLY | O_CREAT | O_TRUNC, status.st_mode & 0777);
    if (out < 0) {
        close(in);
        return complain(to);
    }
    while ((got = read(in, buffer, BYTES)) > 0) {
        if (write(out, buffer, (size_t)got) != got) {
            got = -1;
            break;
        }
    }
    close(in);
    close(out);
    return got < 0 ? complain(from) : 0;
}

int main(int argc, char **argv)
{
    char path[PATH_BYTES];
    struct stat64 status;
    bool into;
    int result = 0;

    if (argc < 3) {
        fputs("usage: cp FROM... TO\n", stderr);
        return 2;
    }
    into = stat(argv[argc - 1], &status) == 0 && S_ISDIR(status.st_mode);
    if (argc > 3 && !into) {
        fprintf(stderr, "cp: %s: not a directory\n", argv[argc - 1]);
        return 1;
    }
    for (int i = 1; i < argc - 1; i++) {
        const char *name = strrchr(argv[i], '/');

        snprintf(path, sizeof(path), "%s/%s", argv[argc - 1], name == NULL ? argv[i] : name + 1);
        result |= copy(argv[i], into ? path : argv[argc - 1]);
    }
    return result;
}
