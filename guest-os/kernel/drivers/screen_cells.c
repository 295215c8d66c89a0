/* VGA text mode: a cell is a character and its colours. The 32 KiB of video memory hold more than
 * one screen, so scrolling only moves the place where the screen starts; when that comes to the end
 * of the memory, the screen is copied back to the beginning. See: IBM VGA Technical Reference, "CRT
 * Controller", registers 0Ah and 0Ch..0Fh. SPDX-License-Identifier: MIT */
#include "drivers/screen_cells.h"

#include "common/text.h"
#include "devices/platform_map.h"
#include "heart/cpu.h"
#include "heart/memory.h"

#define CELLS        (SCREEN_ROWS * SCREEN_COLUMNS)
#define MEMORY_CELLS (VGA_TEXT_BYTES / 2)
#define CURSOR_SHAPE 0x0A /* bit 5: off */
#define START_HIGH   0x0C
#define CURSOR_HIGH  0x0E
#define CURSOR_OFF   0x20
#define CURSOR_LINE  0x0D /* scan lines 13 and 14, as the firmware has it */

static uint32_t start;      /* first cell that is shown */
static bool cursor_visible; /* as told to the hardware */

static uint16_t *cell(uint32_t row, uint32_t column)
{
    return (uint16_t *)physical_to_pointer(VGA_TEXT_BASE) + start + row * SCREEN_COLUMNS + column;
}

static void crtc_write(uint8_t number, uint8_t value)
{
    port_write8(PORT_VGA_CRTC_INDEX, number);
    port_write8(PORT_VGA_CRTC_DATA, value);
}

/* A position in two registers, the high byte in `number`. */
static void crtc_write_position(uint8_t number, uint32_t position)
{
    crtc_write(number, (uint8_t)(position >> 8));
    crtc_write((uint8_t)(number + 1), (uint8_t)position);
}

static uint32_t crtc_read_position(uint8_t number)
{
    uint32_t high;

    port_write8(PORT_VGA_CRTC_INDEX, number);
    high = port_read8(PORT_VGA_CRTC_DATA);
    port_write8(PORT_VGA_CRTC_INDEX, (uint8_t)(number + 1));
    return high << 8 | port_read8(PORT_VGA_CRTC_DATA);
}

static void fill(uint16_t *first, uint32_t count, uint8_t attribute)
{
    for (uint32_t i = 0; i < count; i++) {
        first[i] = (uint16_t)(attribute << 8 | SCREEN_BLANK);
    }
}

uint32_t cells_used_before(void)
{
    uint32_t first = crtc_read_position(START_HIGH);
    uint32_t cursor = crtc_read_position(CURSOR_HIGH);
    uint32_t rows = (cursor + SCREEN_COLUMNS - 1) / SCREEN_COLUMNS;

    return first == 0 && rows <= SCREEN_ROWS / 2 ? rows : 0;
}

void cells_initialise(uint32_t kept, uint8_t attribute)
{
    start = 0;
    fill(cell(kept, 0), CELLS - kept * SCREEN_COLUMNS, attribute);
    crtc_write_position(START_HIGH, start);
    crtc_write(CURSOR_SHAPE, CURSOR_LINE);
    cursor_visible = true;
}

void cells_set(uint32_t row, uint32_t column, uint8_t character, uint8_t attribute)
{
    *cell(row, column) = (uint16_t)(attribute << 8 | character);
}

void cells_blank(uint32_t row, uint32_t first, uint32_t end, uint8_t attribute)
{
    fill(cell(row, first), end - first, attribute);
}

static void move_rows(uint32_t to, uint32_t from, uint32_t count)
{
    memmove(cell(to, 0), cell(from, 0), count * SCREEN_COLUMNS * sizeof(uint16_t));
}

/* The whole screen up by `count` rows, without moving it. */
static void scroll_screen(uint32_t count)
{
    uint32_t next = start + count * SCREEN_COLUMNS;

    if (next + CELLS > MEMORY_CELLS) {
        uint16_t *from = cell(count, 0);

        start = next = 0;
        memmove(cell(0, 0), from, (SCREEN_ROWS - count) * SCREEN_COLUMNS * sizeof(uint16_t));
    }
    start = next;
    crtc_write_position(START_HIGH, start);
}

void cells_scroll(uint32_t top, uint32_t bottom, int32_t count, uint8_t attribute)
{
    uint32_t rows = bottom - top;
    uint32_t by = (uint32_t)(count < 0 ? -count : count);
    uint32_t blank;

    by = by < rows ? by : rows;
    blank = count > 0 ? bottom - by : top;
    if (count > 0 && rows == SCREEN_ROWS) {
        scroll_screen(by);
    } else if (count > 0) {
        move_rows(top, top + by, rows - by);
    } else {
        move_rows(top + by, top, rows - by);
    }
    fill(cell(blank, 0), by * SCREEN_COLUMNS, attribute);
}

void cells_shift(uint32_t row, uint32_t column, int32_t count, uint8_t attribute)
{
    uint32_t width = SCREEN_COLUMNS - column;
    uint32_t by = (uint32_t)(count < 0 ? -count : count);

    by = by < width ? by : width;
    if (count > 0) {
        memmove(cell(row, column + by), cell(row, column), (width - by) * sizeof(uint16_t));
        fill(cell(row, column), by, attribute);
    } else {
        memmove(cell(row, column), cell(row, column + by), (width - by) * sizeof(uint16_t));
        fill(cell(row, SCREEN_COLUMNS - by), by, attribute);
    }
}

void cells_cursor(uint32_t row, uint32_t column, bool visible)
{
    crtc_write_position(CURSOR_HIGH, start + row * SCREEN_COLUMNS + column);
    if (visible != cursor_visible) {
        cursor_visible = visible;
        crtc_write(CURSOR_SHAPE, CURSOR_LINE | (visible ? 0 : CURSOR_OFF));
    }
}
