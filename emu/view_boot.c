/* The way from reset to the first program, as far as it has been gone at the present place, and
 * what has been delivered since power-on.
 * SPDX-License-Identifier: MIT */
#include <inttypes.h>

#include "emu/boot_stages.h"
#include "emu/view_panels.h"

#define COLUMN_CLOCK  1u
#define COLUMN_AFTER  15u /* clocks since the stage before */
#define COLUMN_CODE   28u
#define COLUMN_NAME   32u
#define COUNTS_ROWS   2u
#define NUMBER_DIGITS 32u

static void show_stage(struct grid *grid, struct rect area, uint32_t row,
                       const struct session_view *view, uint32_t index)
{
    const struct boot_state *boot = &view->state.boot;
    const struct boot_stage_state *stage = &boot->stages[index];
    uint64_t before = index ? boot->stages[index - 1].clock : boot->reset_clock;
    const char *name = view->own_guest ? boot_stage_name(stage->code) : NULL;
    const char *part = view->own_guest ? boot_stage_part(stage->code) : "";
    struct pen plain = {ROLE_TEXT, 0, 0};
    struct pen dim = {ROLE_DIM, 0, 0};
    char digits[NUMBER_DIGITS];

    grid_print(grid, area, COLUMN_CLOCK, row, plain, "%13s", view_decimal(stage->clock, digits));
    grid_print(grid, area, COLUMN_AFTER, row, dim, "%12s",
               view_decimal(stage->clock - before, digits));
    if (stage->code <= 0xFF) {
        grid_print(grid, area, COLUMN_CODE, row, plain, "%02" PRIX32, stage->code);
    }
    grid_print(grid, area, COLUMN_NAME, row, plain, "%s%s%s", part, part[0] ? ": " : "",
               name ? name : "");
}

static void show_counts(struct grid *grid, struct rect area, const struct cpu_state *cpu)
{
    struct pen label = {ROLE_LABEL, 0, 0};
    char digits[DELIVERY_KINDS][NUMBER_DIGITS];

    for (uint32_t kind = 0; kind < DELIVERY_KINDS; kind++) {
        view_decimal(cpu->delivered[kind], digits[kind]);
    }
    grid_print(grid, area, 1, 1, label,
               "hardware interrupts %s   NMI %s   exceptions %s   INT n %s", digits[DELIVERY_INTR],
               digits[DELIVERY_NMI], digits[DELIVERY_EXCEPTION], digits[DELIVERY_SOFTWARE]);
}

void view_boot(struct grid *grid, struct rect area, const struct view_context *context,
               bool focused, int32_t scroll)
{
    const struct session_view *view = context->view;
    const struct boot_state *boot = &view->state.boot;
    struct pen label = {ROLE_LABEL, 0, 0};
    char digits[NUMBER_DIGITS];

    area = panel_title(grid, area, focused, PANEL_BOOT);
    if (area.rows < COUNTS_ROWS + 2) {
        return;
    }
    grid_print(grid, area, COLUMN_CLOCK, 0, label, "%13s%13s  POST %s at %s", "clock", "after",
               boot->reset_clock ? "reset" : "power-on", view_decimal(boot->reset_clock, digits));
    uint32_t rows = area.rows - 1 - COUNTS_ROWS;
    int64_t last = boot->count > rows ? boot->count - rows : 0;
    int64_t first = last + scroll;
    first = first > last ? last : first;
    first = first < 0 ? 0 : first;
    struct rect list = rect_part(area, 0, 1, area.columns, rows);
    for (uint32_t row = 0; row < rows && (uint64_t)first + row < boot->count; row++) {
        show_stage(grid, list, row, view, (uint32_t)first + row);
    }
    if (boot->count == 0) {
        grid_text(grid, list, COLUMN_NAME, 0, (struct pen){ROLE_DIM, 0, 0},
                  "no POST code has been written yet");
    }
    show_counts(grid, rect_part(area, 0, area.rows - COUNTS_ROWS, area.columns, COUNTS_ROWS),
                &view->state.cpu);
}
