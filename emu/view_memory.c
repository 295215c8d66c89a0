/* Memory as bytes in hexadecimal, as characters, and as 32-bit numbers in decimal, the lowest
 * address first. A byte that the last move changed has a star behind it.
 * SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <stdio.h>

#include "emu/view_panels.h"

#define HEX_COLUMN     10u
#define HEX_COLUMNS    49u /* 16 bytes, a gap after each four */
#define DECIMAL_EACH   12u
#define DECIMAL_NEEDED 128u /* columns from which on there is room for decimal numbers */
#define ROWS           (SESSION_MEMORY_BYTES / 16)

static void show_row(struct grid *grid, struct rect area, uint32_t row,
                     const struct view_context *context, uint32_t index)
{
    const struct session_watch *watch = &context->view->watch;
    uint32_t address = watch->memory_first + 16 * index;
    const uint8_t *bytes = watch->memory + 16 * (size_t)index;
    uint32_t ascii = HEX_COLUMN + HEX_COLUMNS + 5;
    bool asked = address == (watch->memory_address & ~15u);
    char symbol[48];

    grid_print(grid, area, 0, row,
               (struct pen){asked ? ROLE_CURRENT : ROLE_LABEL, asked ? CELL_BOLD : 0, 0},
               "%s%08" PRIX32, asked ? "►" : " ", address);
    if (!watch->memory_there[index]) {
        grid_text(grid, area, HEX_COLUMN, row, (struct pen){ROLE_DIM, 0, 0},
                  watch->memory_physical ? "nothing there" : "not mapped");
        return;
    }
    for (uint32_t i = 0; i < 16; i++) {
        bool changed = watch->memory_changed[16 * index + i];
        struct pen pen = {changed ? ROLE_CHANGED : ROLE_TEXT, changed ? CELL_BOLD : 0, 0};
        uint32_t column = HEX_COLUMN + 3 * i + i / 4;
        bool printable = bytes[i] >= ' ' && bytes[i] <= '~';

        if (asked && i == (watch->memory_address & 15u)) {
            pen.attributes |= CELL_UNDERLINE;
        }
        grid_print(grid, area, column, row, pen, "%02X%s", bytes[i], changed ? "*" : "");
        grid_put(grid, area, ascii + i, row,
                 printable ? pen : (struct pen){ROLE_DIM, pen.attributes, 0},
                 printable ? bytes[i] : '.');
    }
    uint32_t column = ascii + 18;
    for (uint32_t i = 0; area.columns >= DECIMAL_NEEDED && i < 16; i += 4) {
        uint32_t value = (uint32_t)bytes[i] | (uint32_t)bytes[i + 1] << 8 |
                         (uint32_t)bytes[i + 2] << 16 | (uint32_t)bytes[i + 3] << 24;
        grid_print(grid, area, column, row, (struct pen){ROLE_TEXT, 0, 0}, "%11" PRId32,
                   (int32_t)value);
        column += DECIMAL_EACH;
    }
    if (!watch->memory_physical && view_symbol(context, address, symbol, sizeof symbol)) {
        grid_text(grid, area, column + 1, row, (struct pen){ROLE_DIM, 0, 0}, symbol);
    }
}

void view_memory(struct grid *grid, struct rect area, const struct view_context *context,
                 bool focused, int32_t scroll)
{
    const struct session_watch *watch = &context->view->watch;
    struct pen label = {ROLE_LABEL, 0, 0};

    area = panel_title(grid, area, focused, PANEL_MEMORY);
    if (!watch->known) {
        grid_text(grid, area, 1, 0, (struct pen){ROLE_DIM, 0, 0},
                  "shown while the machine is stopped");
        return;
    }
    if (watch->memory_error[0]) {
        grid_print(grid, area, 1, 0, (struct pen){ROLE_WARNING, 0, 0}, "%s", watch->memory_error);
        return;
    }
    grid_print(grid, area, 1, 0, label, "%s addresses from %s: `memory EXPR` goes elsewhere%s",
               watch->memory_physical ? "physical" : "linear",
               watch->memory_text[0] ? watch->memory_text : "the stack pointer",
               area.columns >= DECIMAL_NEEDED ? "; the numbers are 32 bits, with sign" : "");
    if (area.rows < 2) {
        return;
    }
    area = rect_part(area, 0, 1, area.columns, area.rows - 1);
    for (uint32_t row = 0; row < area.rows; row++) {
        uint32_t index = SESSION_MEMORY_ABOVE / 16 + (uint32_t)scroll + row;

        if (index < ROWS) {
            show_row(grid, area, row, context, index);
        }
    }
}
