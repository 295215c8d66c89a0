/* umount DIRECTORY...: takes file systems out of the tree. SPDX-License-Identifier: MIT */
#include <err.h>
#include <sys/mount.h>

int main(int argc, char **argv)
{
    int result = 0;

    if (argc < 2) {
        usage(1, "umount DIRECTORY...");
    }
    for (int i = 1; i < argc; i++) {
        if (umount2(argv[i], 0) != 0) {
            warn("%s", argv[i]);
            result = 1;
        }
    }
    return result;
}
