/* The one line that is always there: the mode by word, the clock, where we are in the history,
 * and whether keys go to the GUEST or to the DEBUGGER.
 * SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <stdio.h>

#include "emu/view_panels.h"

static const char *stop_in_words(const struct session_view *view)
{
    if (view->running) {
        return "RUNNING";
    }
    if (!view->position.final) {
        return "PAUSED";
    }
    switch (view->position.stop) {
    case MACHINE_STOP_EXIT:
        return "ENDED: exit port";
    case MACHINE_STOP_POWER_OFF:
        return "ENDED: power off";
    case MACHINE_STOP_PANIC:
        return "ENDED: kernel panic";
    case MACHINE_STOP_RESET:
        return "ENDED: reset";
    case MACHINE_STOP_SHUTDOWN:
        return "ENDED: triple fault";
    case MACHINE_STOP_HALTED:
        return "HALTED for good";
    default:
        return "ENDED";
    }
}

static uint32_t gap(struct grid *grid, struct rect area, uint32_t column)
{
    grid_put(grid, area, column + 1, 0, (struct pen){ROLE_TITLE, 0, 0}, 0x2502u);
    return column + 3;
}

static uint32_t show_focus(struct grid *grid, struct rect area, uint32_t column,
                           const char *guest_line)
{
    struct pen plain = {ROLE_TEXT, 0, 0};
    struct pen guest = {ROLE_WARNING, CELL_BOLD, 0};
    struct pen debugger = {ROLE_KEY, CELL_BOLD, 0};

    column = grid_text(grid, area, column, 0, plain, "keys go to ");
    if (!guest_line) {
        column = grid_text(grid, area, column, 0, debugger, "DEBUGGER");
        return grid_text(grid, area, column, 0, plain, " (F12, G)");
    }
    column = grid_text(grid, area, column, 0, guest, "GUEST");
    return grid_print(grid, area, column, 0, plain, " by %s (F12 changes)", guest_line);
}

void view_status(struct grid *grid, struct rect area, const struct view_context *context,
                 const char *guest_line)
{
    const struct session_view *view = context->view;
    const struct session_position *position = &view->position;
    bool user = view_is_user(&view->state.cpu);
    struct pen plain = {ROLE_TEXT, 0, 0};
    struct pen strong = {ROLE_TEXT, CELL_BOLD, 0};
    char digits[32];

    grid_clear_rect(grid, area);
    uint32_t column = grid_print(
        grid, area, 0, 0, (struct pen){user ? ROLE_USER : ROLE_KERNEL, CELL_BOLD | CELL_REVERSE, 0},
        " %s mode ", user ? "USER" : "KERNEL");
    column = gap(grid, area, column);
    column = grid_text(grid, area, column, 0, strong, stop_in_words(view));
    column = gap(grid, area, column);
    column = show_focus(grid, area, column, guest_line);
    column = gap(grid, area, column);
    column =
        grid_print(grid, area, column, 0, plain, "clock %s", view_decimal(position->clock, digits));
    column = gap(grid, area, column);
    column = grid_print(grid, area, column, 0, plain, "instruction %s",
                        view_decimal(view->state.cpu.instructions, digits));
    if (position->micro > 0) {
        column = gap(grid, area, column);
        column = grid_print(grid, area, column, 0, strong, "inside step %" PRIu32 "/%" PRIu32,
                            position->micro, position->micro_count);
    }
    if (position->in_past) {
        column = gap(grid, area, column);
        grid_print(grid, area, column, 0, (struct pen){ROLE_WARNING, CELL_BOLD, 0},
                   "PAST, now is %s clocks ahead",
                   view_decimal(view->history_last - position->clock, digits));
    }
}
