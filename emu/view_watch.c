/* The watch list: expressions and what they are now.
 * SPDX-License-Identifier: MIT */
#include <inttypes.h>

#include "emu/view_page.h"
#include "emu/view_panels.h"

void view_watch(struct grid *grid, struct rect area, const struct view_context *context,
                bool focused, int32_t scroll)
{
    const struct session_watch *watch = &context->view->watch;
    struct pen dim = {ROLE_DIM, 0, 0};

    area = panel_title(grid, area, focused, PANEL_WATCH);
    if (!watch->known) {
        grid_text(grid, area, 1, 0, dim, "shown while the machine is stopped");
        return;
    }
    if (watch->count == 0) {
        grid_text(grid, area, 1, 0, dim, "empty: `display EXPR` adds to it, `undisplay N` removes");
        return;
    }
    struct view_page page = view_page_open(grid, area, scroll);
    for (uint32_t i = 0; i < watch->count; i++) {
        bool changed = watch->rows[i].changed && !watch->rows[i].bad;
        uint32_t column = view_page_at(&page, 0, dim, "%2" PRIu32 " ", i + 1);

        column =
            view_page_at(&page, column, (struct pen){ROLE_LABEL, 0, 0}, "%s ", watch->rows[i].text);
        if (watch->rows[i].bad) {
            view_page_at(&page, column, dim, "? %s", watch->rows[i].value);
        } else {
            view_page_at(
                &page, column,
                (struct pen){changed ? ROLE_CHANGED : ROLE_TEXT, changed ? CELL_BOLD : 0, 0},
                "= %s%s", watch->rows[i].value, changed ? " *" : "");
        }
        page.row++;
    }
}
