/* The cells of the screen: what screen.c's escape sequences move, fill and scroll. Rows are 0..24,
 * columns 0..79. SPDX-License-Identifier: MIT */
#pragma once

#include "drivers/screen.h"

#define SCREEN_BLANK ' '

/* Cells blank in `attribute` from row `kept` on, shown from the start of the video memory. */
void cells_initialise(uint32_t kept, uint8_t attribute);

/* How many rows firmware and loader have written, by where they left the cursor; 0 if they left
 * little room. */
uint32_t cells_used_before(void);

void cells_set(uint32_t row, uint32_t column, uint8_t character, uint8_t attribute);

/* Cells first..end-1 of a row become blank. */
void cells_blank(uint32_t row, uint32_t first, uint32_t end, uint8_t attribute);

/* Move the rows top..bottom-1 up by `count` (negative: down); blank ones come in. */
void cells_scroll(uint32_t top, uint32_t bottom, int32_t count, uint8_t attribute);

/* Move the cells of a row from `column` on right by `count` (negative: left). */
void cells_shift(uint32_t row, uint32_t column, int32_t count, uint8_t attribute);

/* Where the hardware's cursor is, and whether it is to be seen. */
void cells_cursor(uint32_t row, uint32_t column, bool visible);
