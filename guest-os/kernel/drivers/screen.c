/* VGA text mode: a cell is a character and its colours. The cursor's place is told to the CRT
 * controller, nothing else of the hardware is touched. See: IBM VGA Technical Reference, "CRT
 * Controller", registers 0Eh and 0Fh. SPDX-License-Identifier: MIT */
#include "drivers/screen.h"

#include "common/text.h"
#include "devices/platform_map.h"
#include "heart/cpu.h"
#include "heart/memory.h"

#define COLUMNS     80u
#define ROWS        25u
#define TAB         8u
#define COLOUR      0x07u /* light grey on black */
#define CURSOR_HIGH 0x0E
#define CURSOR_LOW  0x0F

static uint32_t place; /* of the cursor: row * COLUMNS + column */

static volatile uint16_t *cells(void)
{
    return physical_to_pointer(VGA_TEXT_BASE);
}

static void fill(uint32_t first, uint32_t end)
{
    for (; first < end; first++) {
        cells()[first] = COLOUR << 8 | ' ';
    }
}

static void show_cursor(void)
{
    port_write8(PORT_VGA_CRTC_INDEX, CURSOR_HIGH);
    port_write8(PORT_VGA_CRTC_DATA, (uint8_t)(place >> 8));
    port_write8(PORT_VGA_CRTC_INDEX, CURSOR_LOW);
    port_write8(PORT_VGA_CRTC_DATA, (uint8_t)place);
}

void screen_initialise(void)
{
    place = 0;
    fill(0, ROWS * COLUMNS);
    show_cursor();
}

static void scroll(void)
{
    void *start = physical_to_pointer(VGA_TEXT_BASE);

    memmove(start, (uint16_t *)start + COLUMNS, (ROWS - 1) * COLUMNS * sizeof(uint16_t));
    fill((ROWS - 1) * COLUMNS, ROWS * COLUMNS);
    place -= COLUMNS;
}

void screen_put(char c)
{
    switch (c) {
    case '\n':
        place += COLUMNS - place % COLUMNS;
        break;
    case '\r':
        place -= place % COLUMNS;
        break;
    case '\b':
        place -= place % COLUMNS > 0;
        break;
    case '\t':
        place += TAB - place % TAB;
        break;
    default:
        cells()[place++] = (uint16_t)(COLOUR << 8 | (uint8_t)c);
        break;
    }
    if (place >= ROWS * COLUMNS) {
        scroll();
    }
    show_cursor();
}
