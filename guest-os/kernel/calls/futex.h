/* Waiting for a word in memory. SPDX-License-Identifier: MIT */
#pragma once

#include "heart/process.h"

/* Wake up to `most` of those who wait for the word at `address` of `space`; how many. */
int32_t futex_wake(struct address_space *space, uint32_t address, uint32_t most);
