/* stat FILE...: what the kernel knows about files. SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

static const char *kind_of(uint32_t mode)
{
    return S_ISDIR(mode)   ? "directory"
           : S_ISREG(mode) ? "file"
           : S_ISCHR(mode) ? "character device"
           : S_ISLNK(mode) ? "symbolic link"
                           : "pipe";
}

int main(int argc, char **argv)
{
    struct stat64 status;
    int result = 0;

    for (int i = 1; i < argc; i++) {
        if (lstat(argv[i], &status) != 0) {
            fprintf(stderr, "stat: %s: %s\n", argv[i], strerror(errno));
            result = 1;
            continue;
        }
        printf("%s: %s, mode %04o, %u bytes, number %u, %u links, changed at %u s\n", argv[i],
               kind_of(status.st_mode), status.st_mode & 07777, (uint32_t)status.st_size,
               (uint32_t)status.st_ino, status.st_nlink, status.st_mtime);
        if (S_ISCHR(status.st_mode)) {
            printf("  device %u, %u\n", (uint32_t)status.st_rdev >> 8,
                   (uint32_t)status.st_rdev & 255);
        }
    }
    return result;
}
