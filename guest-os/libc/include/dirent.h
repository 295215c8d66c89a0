/* Reading directories. SPDX-License-Identifier: MIT */
#pragma once

#include "include/abi.h"

#define DIRECTORY_BYTES 1024

typedef struct {
    int fd;                                                   /* of the open directory */
    int first, end;                                           /* entries not yet given out */
    char buffer[DIRECTORY_BYTES] __attribute__((aligned(8))); /* of getdents64 */
} DIR;

DIR *opendir(const char *path);
/* The next entry, valid until the next call; NULL at the end. */
struct dirent64 *readdir(DIR *directory);
void rewinddir(DIR *directory);
int dirfd(const DIR *directory);
int closedir(DIR *directory);
