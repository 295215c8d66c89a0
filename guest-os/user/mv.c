/* mv [-fiv] FROM... TO: gives files another name or place; TO is a name or a directory. To another
 * file system by copying and removing. SPDX-License-Identifier: MIT */
#include <err.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define PATH_BYTES 1024
#define USAGE      "mv [-fiv] FROM... TO"

static bool ask, verbose;

/* Run a program and wait; does it end with 0? */
static bool run(const char *program, const char *option, const char *a, const char *b)
{
    int status = -1, pid = fork();

    if (pid == 0) {
        execlp(program, program, option, a, b, (char *)NULL);
        _exit(127);
    }
    while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR) {}
    return status == 0;
}

static int move(const char *from, const char *to)
{
    struct stat64 status;

    if (ask && lstat(to, &status) == 0) {
        fprintf(stderr, "mv: overwrite %s? ", to);
        if (getchar() != 'y') {
            return 1;
        }
    }
    if (rename(from, to) != 0 &&
        (errno != EXDEV || !run("cp", "-rp", from, to) || !run("rm", "-rf", from, NULL))) {
        warn("%s", from);
        return 1;
    }
    if (verbose) {
        printf("renamed '%s' -> '%s'\n", from, to);
    }
    return 0;
}

int main(int argc, char **argv)
{
    char path[PATH_BYTES], *to;
    struct stat64 status;
    int option, result = 0;
    bool into;

    while ((option = getopt(argc, argv, "fiv")) != -1) {
        if (option == '?') {
            usage(1, USAGE);
        }
        ask = option == 'i' || (ask && option != 'f');
        verbose = verbose || option == 'v';
    }
    if (argc - optind < 2) {
        usage(1, USAGE);
    }
    to = argv[argc - 1];
    into = stat(to, &status) == 0 && S_ISDIR(status.st_mode);
    if (argc - optind > 2 && !into) {
        errx(1, "%s: not a directory", to);
    }
    for (int i = optind; i < argc - 1; i++) {
        size_t length = strlen(argv[i]);

        while (length > 1 && argv[i][length - 1] == '/') {
            argv[i][--length] = '\0';
        }
        snprintf(path, sizeof(path), "%s/%s", to, path_name(argv[i]));
        result |= move(argv[i], into ? path : to);
    }
    return finish_output(result);
}
