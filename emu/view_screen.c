/* The guest's own screen (VGA text, 80x25, 16 colours, cursor) and the end of its serial console.
 * See: IBM VGA Technical Reference, attribute byte and CRT controller registers 0Ah-0Fh.
 * SPDX-License-Identifier: MIT */
#include <string.h>

#include "emu/view_cp437.h"
#include "emu/view_panels.h"

#define SCREEN_COLUMNS 80u
#define SCREEN_ROWS    25u

static uint32_t crtc_pair(const struct vga_state *vga, uint32_t index)
{
    return (uint32_t)vga->crtc[index] << 8 | vga->crtc[index + 1];
}

void view_screen(struct grid *grid, struct rect area, const struct view_context *context,
                 bool focused)
{
    const struct vga_state *vga = &context->view->state.pc.vga;
    uint32_t start = crtc_pair(vga, 0x0C) * 2;
    uint32_t cursor = crtc_pair(vga, 0x0E) * 2;
    bool cursor_on = !(vga->crtc[0x0A] & 0x20u);

    area = grid_title(grid, area, focused, "Guest screen");
    for (uint32_t row = 0; row < SCREEN_ROWS && row < area.rows; row++) {
        for (uint32_t column = 0; column < SCREEN_COLUMNS && column < area.columns; column++) {
            uint32_t at = (start + (row * SCREEN_COLUMNS + column) * 2) % VGA_TEXT_BYTES;
            uint8_t attribute = vga->memory[at + 1];
            struct pen pen = {(enum grid_role)(ROLE_VGA_FIRST + attribute), 0, 0};
            if (cursor_on && at == cursor % VGA_TEXT_BYTES) {
                pen.attributes = CELL_UNDERLINE | CELL_REVERSE;
            }
            grid_put(grid, area, column, row, pen, cp437_to_unicode(vga->memory[at]));
        }
    }
}

/* Where the last `lines` + `skip` lines begin, each at most `width` cells. */
static size_t tail_start(const char *text, size_t bytes, uint32_t lines)
{
    size_t at = bytes;

    if (at > 0 && text[at - 1] == '\n') {
        at--; /* the cursor's empty line does not count */
    }
    while (at > 0) {
        if (text[at - 1] == '\n' && --lines == 0) {
            break;
        }
        at--;
    }
    return at;
}

void view_console(struct grid *grid, struct rect area, const struct view_context *context,
                  bool focused, int32_t scroll)
{
    const char *text = context->console;
    size_t bytes = context->console_bytes;
    struct pen pen = {ROLE_TEXT, 0, 0};

    area = grid_title(grid, area, focused, "Serial console (COM1)");
    if (!text || bytes == 0 || area.rows == 0) {
        grid_text(grid, area, 1, 0, (struct pen){ROLE_DIM, 0, 0}, "nothing printed yet");
        return;
    }
    uint32_t back = scroll > 0 ? (uint32_t)scroll : 0;
    size_t at = tail_start(text, bytes, area.rows + back);
    uint32_t row = 0;
    uint32_t column = 0;
    for (; at < bytes && row < area.rows; at++) {
        unsigned char byte = (unsigned char)text[at];
        if (byte == '\n') {
            row++;
            column = 0;
        } else if (byte == '\r') {
            column = 0;
        } else if (byte == '\b') {
            column -= column > 0;
        } else if (byte == '\t') {
            column = (column | 7u) + 1;
        } else if (byte >= ' ') {
            grid_put(grid, area, column++, row, pen, byte < 0x7F ? byte : cp437_to_unicode(byte));
        }
    }
}
