/* A panel as text, see view_text.h.
 * SPDX-License-Identifier: MIT */
#include "emu/view_text.h"

#include <stdlib.h>
#include <string.h>

#include "emu/view_panels.h"

#define CONSOLE_BYTES 8192u

static bool read_linear(void *context, uint32_t linear, void *bytes, uint32_t size)
{
    return session_read(context, linear, bytes, size);
}

static bool read_physical(void *context, uint32_t physical, void *bytes, uint32_t size)
{
    return session_read_physical(context, physical, bytes, size);
}

/* The words of all panels. */
static char *list_panels(void)
{
    char *text = NULL;
    size_t bytes = 0;
    FILE *file = open_memstream(&text, &bytes);

    if (!file) {
        return NULL;
    }
    for (uint32_t index = 0; index < PANEL_COUNT; index++) {
        fprintf(file, "%s%s", index ? " " : "", panel_info((enum ui_panel)index)->word);
    }
    return fclose(file) == 0 ? text : NULL;
}

static char *text_of(const struct grid *grid)
{
    char *text = NULL;
    size_t bytes = 0;
    FILE *file = open_memstream(&text, &bytes);

    if (!file) {
        return NULL;
    }
    bool done = grid_dump_text(grid, file);
    if (fclose(file) != 0 || !done) {
        free(text);
        return NULL;
    }
    while (bytes > 0 && text[bytes - 1] == '\n') { /* empty rows at the end */
        text[--bytes] = '\0';
    }
    return text;
}

char *view_text(void *context, struct session *session, const char *panel, uint32_t columns,
                uint32_t rows, bool *known)
{
    const struct elf_symbols *symbols = context;
    enum ui_panel which = panel_named(panel);
    struct session_view *view = calloc(1, sizeof *view);
    char *console = malloc(CONSOLE_BYTES);
    struct grid grid = {columns, rows, calloc((size_t)columns * rows, sizeof grid.cells[0])};
    char *text = NULL;

    *known = which != PANEL_COUNT;
    if (!*known) {
        text = list_panels();
    } else if (view && console && grid.cells) {
        session_get_view(session, view, panel_wants(which) | SESSION_VIEW_JOURNAL);
        struct view_context views = {
            .view = view,
            .read = read_linear,
            .read_physical = read_physical,
            .read_context = session,
            .symbols = symbols,
            .program = elf_symbols_present(symbols, read_linear, session),
            .console = console,
            .console_bytes = session_console_tail(session, CHANNEL_COM1, console, CONSOLE_BYTES),
            .boundary_clock = machine_clock(session_machine(session)),
        };
        panel_info(which)->draw(&grid, grid_whole(&grid), &views, false, 0);
        text = text_of(&grid);
    }
    free(grid.cells);
    free(console);
    free(view);
    return text;
}
