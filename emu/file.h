/* Whole files in and out of memory.
 * SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "emu/err.h"

/* The content of a regular file of at most `limit` bytes, followed by a 0 byte that does not
 * count; to be freed by the caller. */
bool file_read(const char *path, size_t limit, uint8_t **bytes, size_t *size, struct err *err);
/* Written beside and then renamed, so that a file is there whole or not at all. */
bool file_write(const char *path, const void *bytes, size_t size, struct err *err);
