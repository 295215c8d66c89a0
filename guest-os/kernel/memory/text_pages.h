/* Pages of programs that several processes have at once. SPDX-License-Identifier: MIT */
#pragma once

#include "heart/memory.h"

/* The frame with this page of the file, with one user more; 0: it is not known. */
uint32_t text_page_find(const struct node *node, uint32_t offset);

/* Others may use this frame, too; false: no memory to remember that. */
bool text_page_keep(const struct node *node, uint32_t offset, uint32_t frame);

/* These bytes of the file are about to be given to a reader, which the pages may know better
 * (`to_pages` false), or have been written to the file, and the pages get them, too. */
void text_pages_copy(const struct node *node, uint64_t offset, void *data, uint32_t bytes,
                     bool to_pages);

/* The file has been cut, or is used by nobody any more. */
void text_pages_forget(const struct node *node);

/* Memory is short: give up to `frames` back; how many. */
uint32_t text_pages_shrink(uint32_t frames);
