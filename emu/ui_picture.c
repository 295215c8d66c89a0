/* A session as a grid: copies what the views need and composes them; text and PNG files of it.
 * SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "emu/ui_priv.h"

#define DUMP_COLUMNS 160u
#define DUMP_ROWS    50u

static bool read_session(void *context, uint32_t linear, void *bytes, uint32_t size)
{
    const struct ui_picture *picture = context;

    return session_read(picture->session, linear, bytes, size);
}

static bool read_session_physical(void *context, uint32_t physical, void *bytes, uint32_t size)
{
    const struct ui_picture *picture = context;

    return session_read_physical(picture->session, physical, bytes, size);
}

bool ui_picture_init(struct ui_picture *picture, const struct elf_symbols *symbols, struct err *err)
{
    memset(picture, 0, sizeof *picture);
    picture->view = calloc(1, sizeof *picture->view);
    picture->console = malloc(UI_CONSOLE_BYTES);
    if (!picture->view || !picture->console) {
        ui_picture_free(picture);
        return err_set(err, "no memory for the window");
    }
    picture->model.context = (struct view_context){
        .view = picture->view,
        .read = read_session,
        .read_physical = read_session_physical,
        .read_context = picture,
        .symbols = symbols,
        .console = picture->console,
    };
    picture->model.focus = preset_info(PRESET_INTERRUPT)->focus;
    picture->model.show_help = true;
    picture->model.command_help = session_command_help;
    return true;
}

void ui_picture_free(struct ui_picture *picture)
{
    free(picture->view);
    free(picture->console);
    free(picture->grid.cells);
    memset(picture, 0, sizeof *picture);
}

bool ui_picture_resize(struct ui_picture *picture, uint32_t columns, uint32_t rows)
{
    struct grid *grid = &picture->grid;

    columns = columns < 1 ? 1 : columns > GRID_COLUMNS_MAX ? GRID_COLUMNS_MAX : columns;
    rows = rows < 1 ? 1 : rows > GRID_ROWS_MAX ? GRID_ROWS_MAX : rows;
    struct cell *cells = calloc((size_t)columns * rows, sizeof cells[0]);
    if (!cells) {
        return false;
    }
    free(grid->cells);
    *grid = (struct grid){columns, rows, cells};
    return true;
}

/* What the panels that are to be seen draw from. */
static uint32_t wanted_by(const struct ui_picture *picture)
{
    struct ui_placing placing;
    uint32_t wanted = 0;

    ui_layout(picture->grid.columns, picture->grid.rows, &picture->model, &placing);
    for (uint32_t panel = 0; panel < PANEL_COUNT; panel++) {
        if (placing.panels[panel].columns > 0 && placing.panels[panel].rows > 0) {
            wanted |= panel_wants((enum ui_panel)panel);
        }
    }
    return wanted;
}

void ui_picture_draw(struct ui_picture *picture, struct session *session, bool inside)
{
    uint32_t wanted = wanted_by(picture);

    picture->session = session;
    session_get_view(session, picture->view, 0);
    if (inside && !picture->view->running && !picture->view->position.final) {
        wanted |= SESSION_VIEW_JOURNAL;
    }
    if (wanted) {
        session_get_view(session, picture->view, wanted);
    }
    if (picture->view->running) { /* nothing to compare with */
        picture->view->previous = picture->view->state;
    }
    picture->model.context.boundary_clock = machine_clock(session_machine(session));
    picture->model.context.console_bytes =
        session_console_tail(session, CHANNEL_COM1, picture->console, UI_CONSOLE_BYTES);
    picture->model.context.program =
        elf_symbols_present(picture->model.context.symbols, read_session, picture);
    ui_compose(&picture->grid, &picture->model);
    picture->session = NULL;
}

bool ui_picture_command(struct ui_picture *picture, struct session *session, enum ui_panel panel,
                        uint32_t link, char *text, size_t bytes)
{
    picture->session = session;
    bool known = panel_command(panel, link, &picture->model.context, text, bytes);
    picture->session = NULL;
    return known;
}

static bool ends_with(const char *text, const char *end)
{
    size_t length = strlen(text);
    size_t wanted = strlen(end);

    return length > wanted && strcmp(text + length - wanted, end) == 0;
}

static bool write_text(const struct grid *grid, const char *path, struct err *err)
{
    FILE *file = fopen(path, "wb");

    if (!file) {
        return err_set(err, "%s can not be written: %s", path, strerror(errno));
    }
    bool done = grid_dump_text(grid, file);
    if (fclose(file) != 0 || !done) {
        return err_set(err, "%s can not be written: %s", path, strerror(errno));
    }
    return true;
}

static bool write_picture(const struct grid *grid, const char *path, enum paint_theme theme,
                          const char *font, uint32_t font_scale, struct err *err)
{
    struct paint_palette *palette = malloc(sizeof *palette);
    struct font_face *face = font_face_open(font, font_scale, err);
    bool done = false;

    if (palette && face) {
        paint_palette(palette, theme);
        done = paint_png(path, grid, palette, face, err);
    }
    font_face_close(face);
    free(palette);
    return done;
}

bool ui_picture_write(const struct ui_picture *picture, const char *path, enum paint_theme theme,
                      const char *font, uint32_t font_scale, struct err *err)
{
    if (ends_with(path, ".txt")) {
        return write_text(&picture->grid, path, err);
    }
    if (ends_with(path, ".png")) {
        return write_picture(&picture->grid, path, theme, font, font_scale, err);
    }
    return err_set(err, "a picture of the window goes to a file that ends in .txt or .png, not %s",
                   path);
}

bool ui_dump(struct session *session, const struct ui_options *options, const char *path,
             uint32_t columns, uint32_t rows, struct err *err)
{
    struct ui *ui = calloc(1, sizeof *ui);
    bool done = false;

    if (!ui || !ui_open(ui, options, err)) {
        free(ui);
        return false;
    }
    if (ui_picture_resize(&ui->picture, columns ? columns : DUMP_COLUMNS,
                          rows ? rows : DUMP_ROWS)) {
        ui_picture_draw(&ui->picture, session, true);
        done = ui_picture_write(&ui->picture, path, ui->look.theme, ui->options.font,
                                ui->look.font_scale, err);
    }
    ui_picture_free(&ui->picture);
    free(ui);
    return done;
}
