/* Source text around the chosen place, the variables there, and who called whom: from C in a
 * program through the stub and the trap into the kernel.
 * Links: level of a frame + 1; VIEW_SOURCE_LINE + line of the text.
 * SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <string.h>

#include "emu/view_page.h"
#include "emu/view_panels.h"

#define WIDE_COLUMNS 110u
#define GLYPH_HERE   0x25BAu
#define GLYPH_POINT  0x25CFu

static const struct pen plain = {ROLE_TEXT, 0, 0};
static const struct pen dim = {ROLE_DIM, 0, 0};
static const struct pen label = {ROLE_LABEL, 0, 0};

static void show_text(struct grid *grid, struct rect area, const struct session_source *source,
                      int32_t scroll)
{
    const char *slash = strrchr(source->file, '/');

    if (source->file[0] == '\0') {
        grid_text(grid, area, 1, 0, dim, "no source is known for this place;");
        grid_text(grid, area, 1, 1, dim, "the program panel shows its instructions");
        return;
    }
    grid_print(grid, area, 1, 0, label, "%s:%" PRIu32, slash ? slash + 1 : source->file,
               source->line);
    if (source->count == 0) {
        grid_text(grid, area, 1, 1, dim, "the source file is not there");
        return;
    }
    area = rect_part(area, 0, 1, area.columns, area.rows - 1);
    uint32_t here = source->line - source->first;
    uint32_t first = here > area.rows / 2 ? here - area.rows / 2 : 0;
    first += (uint32_t)scroll;
    for (uint32_t row = 0; row < area.rows; row++) {
        uint32_t index = first + row;
        struct pen pen = {ROLE_TEXT, 0, VIEW_SOURCE_LINE + source->first + index};
        if (index >= source->count) {
            continue;
        }
        if (index == here) {
            pen.role = ROLE_CURRENT;
            pen.attributes = CELL_BOLD;
            grid_put(grid, area, 0, row, pen, GLYPH_HERE);
        }
        grid_print(grid, area, 1, row, (struct pen){ROLE_LABEL, 0, pen.link}, "%5" PRIu32,
                   source->first + index);
        grid_text(grid, area, 8, row, pen, source->lines[index]);
    }
}

static void show_locals(struct view_page *page, const struct session_source *source)
{
    view_page_heading(page, "Variables here");
    if (source->local_count == 0) {
        view_page_line(page, dim, " none are known");
    }
    for (uint32_t i = 0; i < source->local_count; i++) {
        uint32_t column = view_page_at(page, 1, label, "%s", source->locals[i].name);

        view_page_at(page, column, plain, " = %s%s", source->locals[i].value,
                     source->locals[i].is_parameter ? "  (argument)" : "");
        page->row++;
    }
}

static void show_frames(struct view_page *page, const struct session_source *source)
{
    view_page_heading(page, "Call stack: who called whom, the last first");
    for (uint32_t i = 0; i < source->frame_count; i++) {
        const struct session_frame_line *frame = &source->frames[i];
        struct pen pen = {frame->is_user ? ROLE_USER : ROLE_KERNEL, 0, i + 1};

        if (i == source->frame) {
            pen.attributes = CELL_BOLD;
            view_page_at(page, 0, (struct pen){ROLE_CURRENT, CELL_BOLD, i + 1}, "►");
        }
        view_page_at(page, 1, pen, "#%-2" PRIu32 " %s %s", i, frame->is_user ? "USER  " : "KERNEL",
                     frame->text);
        page->row++;
        if (frame->is_trap) { /* whom the processor has interrupted for this */
            bool to_user = i + 1 < source->frame_count && source->frames[i + 1].is_user;
            view_page_line(page, dim, "      ─── trap frame: %s ───",
                           to_user ? "from USER mode" : "within the kernel");
        }
    }
}

void view_source(struct grid *grid, struct rect area, const struct view_context *context,
                 bool focused, int32_t scroll)
{
    const struct session_source *source = &context->view->source;
    struct view_page page;

    area = panel_title(grid, area, focused, PANEL_SOURCE);
    if (!source->known) {
        grid_text(grid, area, 1, 0, dim, "shown while the machine is stopped");
        return;
    }
    if (area.columns >= WIDE_COLUMNS) {
        uint32_t left = area.columns * 3 / 5;
        show_text(grid, rect_part(area, 0, 0, left, area.rows), source, scroll);
        page = view_page_open(grid, rect_part(area, left + 1, 0, area.columns, area.rows), 0);
    } else {
        uint32_t upper = area.rows / 2;
        show_text(grid, rect_part(area, 0, 0, area.columns, upper), source, scroll);
        page = view_page_open(grid, rect_part(area, 0, upper, area.columns, area.rows), 0);
    }
    show_frames(&page, source);
    show_locals(&page, source);
}
