/* A bitmap font of 8 x 16 pixels inside the program: ASCII, Latin-1, code page 437, box drawing,
 * blocks, arrows. It is what is left when no font file is found.
 * SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#define FONT_BUILTIN_WIDTH  8u
#define FONT_BUILTIN_HEIGHT 16u

/* Rows of a glyph, top first, bit 7 = leftmost pixel. Returns false, and an empty box, for a
 * code point that has no drawing. */
bool font_builtin_glyph(uint32_t glyph, uint8_t rows[FONT_BUILTIN_HEIGHT]);
