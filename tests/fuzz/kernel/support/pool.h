/* For the kernel's file systems on the host: objects by malloc, so that a sanitizer sees who
 * touches one that was given back. SPDX-License-Identifier: MIT */
#pragma once

#include <stdint.h>

struct pool {
    const char *name; /* for people */
    uint32_t bytes;   /* of an object */
    void *open;       /* not used */
};

void *pool_take(struct pool *pool);
void pool_give(struct pool *pool, void *object);
