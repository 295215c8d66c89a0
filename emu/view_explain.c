/* The explanation of a field: the last one asked for, or how to ask.
 * SPDX-License-Identifier: MIT */
#include <string.h>

#include "emu/view_list.h"
#include "emu/view_panels.h"

/* Words in lines as long as the panel is wide. */
static void list_paragraph(struct view_list *list, struct pen pen, const char *words)
{
    uint32_t most = list->area.columns > 3 ? list->area.columns - 2 : 1;

    while (*words) {
        size_t length = strlen(words);

        if (length > most) {
            length = most;
            while (length > 0 && words[length] != ' ') {
                length--;
            }
            length = length ? length : most;
        }
        view_list_print(list, 1, pen, "%.*s", (int)length, words);
        words += length;
        words += strspn(words, " ");
    }
}

void view_explain(struct grid *grid, struct rect area, const struct view_context *context,
                  bool focused, int32_t scroll)
{
    const struct explanation *entry =
        context->view->explained ? explanation(context->view->explained - 1) : NULL;

    area = panel_title(grid, area, focused, PANEL_EXPLAIN);
    struct view_list list = view_list_begin(grid, area, scroll, 0);
    if (!entry) {
        list_paragraph(&list, (struct pen){ROLE_DIM, 0, 0},
                       "Nothing asked for yet: the command `explain WORD` does, for flags, "
                       "registers, bits of descriptors and page tables, exceptions, micro-steps "
                       "and devices.");
        return;
    }
    list_paragraph(&list, (struct pen){ROLE_LABEL, CELL_BOLD, 0}, entry->title);
    list_paragraph(&list, (struct pen){ROLE_TEXT, 0, 0}, entry->words);
    view_list_row(&list);
    uint32_t row = view_list_print(&list, 1, (struct pen){ROLE_LABEL, 0, 0}, "Read on:");
    grid_text(grid, area, 10, row, (struct pen){ROLE_TEXT, 0, 0}, entry->manual);
}
