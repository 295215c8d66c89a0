/* Archives of host files in memory, in the "newc" format of cpio: how files come into the guest.
 *
 *   070701, 13 numbers of 8 hex digits, name and 0, to a multiple of 4; content, to a multiple of 4
 *   the last member is called TRAILER!!!
 *
 * The same files give the same bytes, whoever owns them and whenever they were written.
 * See: cpio(5), "New ASCII Format".
 * SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "emu/err.h"

enum cpio_kind { CPIO_DIRECTORY, CPIO_FILE, CPIO_LINK };

struct cpio {
    uint8_t *bytes;   /* the archive so far */
    size_t size;      /* bytes */
    size_t capacity;  /* bytes there is room for */
    size_t limit;     /* it may not become larger */
    uint32_t members; /* so far */
    uint32_t time;    /* of all members, seconds since 1970 */
};

void cpio_init(struct cpio *cpio, size_t limit, uint32_t time);
void cpio_free(struct cpio *cpio);
/* Add one member. name: relative, without "./"; content: of a file, or where a link leads.
 * permissions: 0..07777. The message of a failure names `name`. */
bool cpio_add(struct cpio *cpio, enum cpio_kind kind, const char *name, uint32_t permissions,
              const void *content, size_t size, struct err *err);
/* Add all that is below `folder` (not itself), sorted by name; links are kept, not followed. */
bool cpio_add_folder(struct cpio *cpio, const char *folder, struct err *err);
/* The trailer, and zeros up to a multiple of `unit` bytes. */
bool cpio_finish(struct cpio *cpio, size_t unit, struct err *err);
