/* A VGA in its text mode: registers that read back as written, 32 KiB of text memory, and a
 * read-only query by which a view draws the screen.
 *
 *   B8000h-BFFFFh  text memory: character, attribute, character, attribute ...
 *   3C0h attribute controller: index and data in turn (3C1h reads data)   3DAh resets the turn
 *   3C2h/3CCh miscellaneous output    3C4h/3C5h sequencer    3CEh/3CFh graphics controller
 *   3C6h-3C9h palette: mask, read index, write index, data (3 bytes of 6 bits per colour)
 *   3D4h/3D5h CRT controller: 0Ah/0Bh cursor lines, 0Ch/0Dh start address, 0Eh/0Fh cursor
 *   3DAh input status: bit 0 display off, bit 3 vertical retrace
 *
 * Retrace follows from the clock: 28.322 MHz dots, 900 by 449 of them, 720 by 400 visible, so
 * 70.09 frames a second. There are no events. Reset leaves mode 3 (80 by 25) as firmware sets it,
 * screen blank.
 * NOT IMPLEMENTED: graphics modes and planes (A0000h-B7FFFh read FFh), loadable fonts,
 * monochrome addresses (3Bxh), split screen, panning, blinking (the view's choice).
 * See: IBM PS/2 Video Subsystem Technical Reference, "VGA function".
 * SPDX-License-Identifier: MIT */
#pragma once

#include <stdint.h>

#define VGA_MEMORY      0x8000
#define VGA_COLUMNS     80
#define VGA_ROWS        25
#define VGA_CRTC_COUNT  25
#define VGA_DAC_COLOURS 256

struct vga_state {
    uint8_t memory[VGA_MEMORY];       /* text cells: character, attribute */
    uint8_t dac[VGA_DAC_COLOURS * 3]; /* red, green, blue, 0..63 each */
    uint8_t crtc[VGA_CRTC_COUNT];     /* as written */
    uint8_t attribute[21];       /* [0..15] palette, then mode, overscan, planes, pan, select */
    uint8_t graphics[9];         /* as written */
    uint8_t sequencer[5];        /* as written */
    uint8_t crtc_index;          /* as written */
    uint8_t attribute_index;     /* bits 5..0; bit 5: screen on */
    uint8_t attribute_data_next; /* 1: the next write to 3C0h is data */
    uint8_t graphics_index;      /* as written */
    uint8_t sequencer_index;     /* as written */
    uint8_t misc;                /* as written to 3C2h */
    uint8_t dac_mask;            /* as written to 3C6h */
    uint8_t dac_index;           /* colour of the next byte at 3C9h */
    uint8_t dac_component;       /* 0 red, 1 green, 2 blue */
    uint8_t dac_reading;         /* 1: index came through 3C7h */
    uint8_t reserved[2];         /* 0 */
};
_Static_assert(sizeof(struct vga_state) == VGA_MEMORY + 768 + 72, "no padding");

struct vga {
    struct vga_state *state;
    uint64_t clock_hz; /* CPU clocks per second */
};

void vga_init(struct vga *vga, struct vga_state *state, uint64_t clock_hz);
void vga_reset(struct vga *vga);
/* After vga_reset(): all registers, colours and cells 0, a blank screen. */
void vga_power_on(struct vga *vga);
uint32_t vga_port_read(void *vga, uint16_t port, uint32_t size, uint64_t now);
void vga_port_write(void *vga, uint16_t port, uint32_t size, uint32_t value, uint64_t now);
uint32_t vga_memory_read(void *vga, uint32_t physical, uint32_t size, uint64_t now);
void vga_memory_write(void *vga, uint32_t physical, uint32_t size, uint32_t value, uint64_t now);
const char *vga_check(const struct vga_state *state);

/* What a view needs to know beside the cells. */
struct vga_screen {
    uint32_t start;          /* first cell shown, 0..16383 */
    uint32_t stride;         /* cells from one row to the next */
    uint32_t cursor_row;     /* 0..24, or VGA_ROWS if off the screen */
    uint32_t cursor_column;  /* 0..79 */
    uint32_t cursor_first;   /* scan line of 16, 0..31 */
    uint32_t cursor_last;    /* scan line of 16, 0..31 */
    uint32_t cursor_visible; /* 0 or 1 */
};

struct vga_cell {
    uint8_t character; /* code page 437 */
    uint8_t attribute; /* bits 3..0 foreground, 6..4 background, 7 blink or bright */
};

struct vga_screen vga_screen(const struct vga_state *state);
/* in: row 0..24, column 0..79 */
struct vga_cell vga_cell(const struct vga_state *state, uint32_t row, uint32_t column);
