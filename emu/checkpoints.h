/* Storage of checkpoints: states and page copies, ordered by place, under a budget.
 *
 * A page copy belongs to the first checkpoint that has that content; a checkpoint's RAM is, for
 * each page, the newest copy at or before it (none: zeros). Equal content is kept once.
 * SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "emu/history.h"

struct checkpoints;

#define CHECKPOINT_NONE UINT32_MAX

struct checkpoints *checkpoints_create(struct machine *machine, uint64_t budget_bytes);
void checkpoints_destroy(struct checkpoints *checkpoints);
/* Keep the machine as it is now, at `place`; thins out the others. */
void checkpoints_add(struct checkpoints *checkpoints, struct history_place place);
/* Put the machine back; false only without memory. */
bool checkpoints_restore(struct checkpoints *checkpoints, uint32_t index);
/* Drop all that lie after `place`. */
void checkpoints_drop_after(struct checkpoints *checkpoints, struct history_place place);

/* Index of the last one at or before / strictly before a place, or CHECKPOINT_NONE. */
uint32_t checkpoints_at_or_before(const struct checkpoints *checkpoints,
                                  struct history_place place);
uint32_t checkpoints_before(const struct checkpoints *checkpoints, struct history_place place);
uint32_t checkpoints_clock_at_or_before(const struct checkpoints *checkpoints, uint64_t clock);
/* Pages that a checkpoint of the present would have to look at. */
uint32_t checkpoints_dirty(const struct checkpoints *checkpoints);
struct history_place checkpoints_place(const struct checkpoints *checkpoints, uint32_t index);
uint32_t checkpoints_count(const struct checkpoints *checkpoints);
uint64_t checkpoints_bytes(const struct checkpoints *checkpoints);
