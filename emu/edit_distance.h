/* How far one word is from another, for "did you mean".
 * SPDX-License-Identifier: MIT */
#pragma once

#include <stdint.h>

/* Edits that make one word the other (insert, delete, replace), words of up to 31 letters. */
uint32_t edit_distance(const char *a, const char *b);
