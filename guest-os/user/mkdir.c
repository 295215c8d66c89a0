/* mkdir [-pv] [-m MODE] DIRECTORY...: makes directories; with -p those above them, too.
 * SPDX-License-Identifier: MIT */
#include <err.h>
#include <errno.h>
#include <modes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define USAGE "mkdir [-pv] [-m MODE] DIRECTORY..."

static bool above, verbose, has_mode;
static uint32_t mode = 0777;

static bool make_one(const char *path, uint32_t permissions)
{
    if (mkdir(path, permissions) != 0) {
        return false;
    }
    if (verbose) {
        printf("mkdir: created directory '%s'\n", path);
    }
    return true;
}

static int make(char *path)
{
    struct stat64 status;

    for (char *slash = strchr(path + 1, '/'); above && slash != NULL;
         slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        make_one(path, 0777);
        *slash = '/';
    }
    if (!make_one(path, mode) &&
        !(above && errno == EEXIST && stat(path, &status) == 0 && S_ISDIR(status.st_mode))) {
        if (above && errno != EEXIST && stat(path, &status) == 0 && S_ISDIR(status.st_mode)) {
            return 0; /* it ended in a slash, and is made already */
        }
        warn("%s", path);
        return 1;
    }
    if (has_mode) {
        chmod(path, mode); /* whatever the umask says */
    }
    return 0;
}

int main(int argc, char **argv)
{
    int option, result = 0;

    while ((option = getopt(argc, argv, "pvm:")) != -1) {
        if (option == '?' || (option == 'm' && !mode_parse(optarg, 0777, true, &mode))) {
            usage(1, USAGE);
        }
        above = above || option == 'p';
        verbose = verbose || option == 'v';
        has_mode = has_mode || option == 'm';
    }
    if (optind == argc) {
        usage(1, USAGE);
    }
    for (int i = optind; i < argc; i++) {
        result |= make(argv[i]);
    }
    return finish_output(result);
}
