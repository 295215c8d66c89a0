/* Memory that is mapped. SPDX-License-Identifier: MIT */
#pragma once

#include "libc/include/system_calls.h"

#define MAP_FAILED ((void *)-1)

/* `place`: in the file, a multiple of the page size. */
void *mmap(void *wish, size_t bytes, uint32_t access, uint32_t flags, int fd, uint32_t place);
