/* mknod [-m MODE] PATH p | c MAJOR MINOR | b MAJOR MINOR: makes a pipe or a device file.
 * SPDX-License-Identifier: MIT */
#include <err.h>
#include <modes.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define USAGE "mknod [-m MODE] PATH p | c MAJOR MINOR | b MAJOR MINOR"

int main(int argc, char **argv)
{
    uint32_t mode = 0666, kind, device = 0;
    int option;

    while ((option = getopt(argc, argv, "m:")) != -1) {
        if (option == '?' || !mode_parse(optarg, 0666, false, &mode)) {
            usage(1, USAGE);
        }
    }
    if (argc - optind < 2) {
        usage(1, USAGE);
    }
    kind = argv[optind + 1][0] == 'p'   ? S_IFIFO
           : argv[optind + 1][0] == 'c' ? S_IFCHR
           : argv[optind + 1][0] == 'b' ? S_IFBLK
                                        : 0;
    if (kind == 0 || argc - optind != (kind == S_IFIFO ? 2 : 4)) {
        usage(1, USAGE);
    }
    if (kind != S_IFIFO) {
        device = strtoul(argv[optind + 2], NULL, 0) << 8 | strtoul(argv[optind + 3], NULL, 0);
    }
    if (mknod(argv[optind], kind | mode, device) != 0) {
        err(1, "%s", argv[optind]);
    }
    return 0;
}
