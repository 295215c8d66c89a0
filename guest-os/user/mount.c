/* mount [-r] [-t KIND] SOURCE DIRECTORY: puts a file system into the tree; without words: what is
 * there. SPDX-License-Identifier: MIT */
#include <err.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/mount.h>
#include <unistd.h>

#define LINE_BYTES 512

static int show(void)
{
    FILE *stream = fopen("/proc/mounts", "r");
    char line[LINE_BYTES];

    if (stream == NULL) {
        err(1, "/proc/mounts");
    }
    while (fgets(line, sizeof(line), stream) != NULL) {
        fputs(line, stdout);
    }
    return finish_output(0);
}

int main(int argc, char **argv)
{
    const char *kind = "ext2";
    uint32_t flags = 0;
    int option;

    while ((option = getopt(argc, argv, "rt:")) != -1) {
        if (option == '?') {
            usage(1, "mount [-r] [-t KIND] SOURCE DIRECTORY");
        }
        flags |= option == 'r' ? MS_RDONLY : 0;
        kind = option == 't' ? optarg : kind;
    }
    if (optind == argc) {
        return show();
    }
    if (argc - optind != 2) {
        usage(1, "mount [-r] [-t KIND] SOURCE DIRECTORY");
    }
    if (mount(argv[optind], argv[optind + 1], kind, flags, NULL) != 0) {
        err(1, "%s", argv[optind]);
    }
    return 0;
}
