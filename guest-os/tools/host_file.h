/* Reading a file of the host as a whole. SPDX-License-Identifier: MIT */
#pragma once

#include <stddef.h>

struct host_file {
    char *data;   /* the caller frees; a null byte follows the last; NULL: could not be read */
    size_t bytes; /* length */
};

struct host_file host_file_read(const char *path);
