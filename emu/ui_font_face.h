/* Glyphs as coverage bitmaps of one cell size: from a monospaced font file through SDL2_ttf, or
 * from the built-in font. Each glyph is made once, when it is first asked for.
 * SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "emu/err.h"

struct font_face;

#define FONT_PIXELS    13u  /* size of the letters at 100 per cent */
#define FONT_SCALE_MIN 50u  /* per cent */
#define FONT_SCALE_MAX 400u /* per cent */

/* path: a font file, "builtin", or NULL for DejaVu Sans Mono in its usual places and the built-in
 * font if it is in none. scale: per cent of the default size (8 x 16 or near).
 * NULL with *err filled if a named file can not be used. */
struct font_face *font_face_open(const char *path, uint32_t scale, struct err *err);
void font_face_close(struct font_face *face);
/* Size of a cell in pixels. */
uint32_t font_face_width(const struct font_face *face);
uint32_t font_face_height(const struct font_face *face);
/* Coverage 0..255, width * height bytes, row by row; valid until the face is closed. */
const uint8_t *font_face_glyph(struct font_face *face, uint32_t glyph, bool bold);
