/* Between screen.c and screen_sequence.c: what the screen remembers beside its cells.
 * SPDX-License-Identifier: MIT */
#pragma once

#include "drivers/screen_cells.h"

#define SCREEN_COLOUR 0x07u /* light grey on black */
#define SCREEN_BRIGHT 0x08u /* of the character */
#define SCREEN_BLINKS 0x80u

/* What ESC 7 saves. */
struct place {
    uint32_t row, column;
    uint8_t colour; /* background << 4 | foreground */
    bool bold, faint, underlined, blinking, reversed;
    bool graphic; /* letters are lines and corners */
};

struct screen {
    struct place now, saved;
    uint32_t top, bottom;  /* scroll region: rows top..bottom-1 */
    bool full;             /* the last column is written; the next character begins a new row */
    bool wraps;            /* after the last column goes on in the next row */
    bool inserts;          /* characters push others aside */
    bool from_region;      /* rows count from `top`, and the cursor stays in the region */
    bool newline_returns;  /* a line feed goes to column 0, too */
    bool visible;          /* the cursor */
    bool application_keys; /* cursor keys send ESC O */
    uint32_t tabs[(SCREEN_COLUMNS + 31) / 32]; /* bit: a tab stop */
};
extern struct screen screen;

/* Put the cursor somewhere, or as near as is allowed. */
void screen_go_to(int32_t row, int32_t column);
/* The same with rows and columns from 1, in a region from its top. */
void screen_go_to_numbered(uint32_t row, uint32_t column);

/* screen_sequence.c: ESC [ was read; then the characters behind it, true: that was the last. */
void sequence_begin(void);
bool sequence_take(uint8_t c);
