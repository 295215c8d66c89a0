/* Pages of programs that several processes have at once. SPDX-License-Identifier: MIT */
#pragma once

#include "heart/memory.h"

/* The frame with this page of the file, with one user more; 0: it is not known. */
uint32_t text_page_find(const struct node *node, uint32_t offset);

/* Others may use this frame, too. */
void text_page_keep(const struct node *node, uint32_t offset, uint32_t frame);

/* The file has changed, or is used by nobody any more. */
void text_pages_forget(const struct node *node);

/* Memory is short: give up to `frames` back; how many. */
uint32_t text_pages_shrink(uint32_t frames);
