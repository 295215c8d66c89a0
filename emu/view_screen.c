/* The guest's own screen (VGA text, 80x25, 16 colours, cursor) and the end of its serial console.
 * See: IBM VGA Technical Reference, attribute byte and CRT controller registers 0Ah-0Fh.
 * SPDX-License-Identifier: MIT */
#include <string.h>

#include "emu/view_cp437.h"
#include "emu/view_panels.h"

void view_screen(struct grid *grid, struct rect area, const struct view_context *context,
                 bool focused, int32_t scroll)
{
    const struct vga_state *vga = &context->view->state.pc.vga;
    struct vga_screen screen = vga_screen(vga);

    (void)scroll; /* all of it or its upper left part */
    area = panel_title(grid, area, focused, PANEL_SCREEN);
    for (uint32_t row = 0; row < VGA_ROWS && row < area.rows; row++) {
        for (uint32_t column = 0; column < VGA_COLUMNS && column < area.columns; column++) {
            struct vga_cell cell = vga_cell(vga, row, column);
            struct pen pen = {(enum grid_role)(ROLE_VGA_FIRST + cell.attribute), 0, 0};
            if (screen.cursor_visible && row == screen.cursor_row &&
                column == screen.cursor_column) {
                pen.attributes = CELL_UNDERLINE;
            }
            grid_put(grid, area, column, row, pen, cp437_to_unicode(cell.character));
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

    area = panel_title(grid, area, focused, PANEL_CONSOLE);
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
