/* mkfifo [-m MODE] PATH...: makes pipes that have names. SPDX-License-Identifier: MIT */
#include <err.h>
#include <modes.h>
#include <stdbool.h>
#include <sys/stat.h>
#include <unistd.h>

int main(int argc, char **argv)
{
    uint32_t mode = 0666;
    bool has_mode = false;
    int option, result = 0;

    while ((option = getopt(argc, argv, "m:")) != -1) {
        if (option == '?' || !mode_parse(optarg, 0666, false, &mode)) {
            usage(1, "mkfifo [-m MODE] PATH...");
        }
        has_mode = true;
    }
    if (optind == argc) {
        usage(1, "mkfifo [-m MODE] PATH...");
    }
    for (int i = optind; i < argc; i++) {
        if (mknod(argv[i], S_IFIFO | mode, 0) != 0 || (has_mode && chmod(argv[i], mode) != 0)) {
            warn("%s", argv[i]);
            result = 1;
        }
    }
    return result;
}
