/* Drawing the window: status line, panels with bars and marks, help, slider, command line, lists.
 * SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "emu/ui_actions.h"
#include "emu/ui_layout.h"
#include "emu/ui_presets.h"

#define BOTTOM_ROWS 2u
#define HELP_ROWS   3u
#define GLYPH_BAR   0x2502u

#define EXPLAIN_COLUMNS 78u
#define EXPLAIN_ROWS    13u

static void draw_panel(struct grid *grid, struct rect area, const struct ui_model *model,
                       enum ui_panel panel)
{
    bool to_console = model->focus == PANEL_CONSOLE;
    bool focused = model->keys_to_guest ? panel == (to_console ? PANEL_CONSOLE : PANEL_SCREEN)
                                        : panel == model->focus;

    panel_info(panel)->draw(grid, area, &model->context, focused, model->scroll[panel]);
    if (area.columns >= SHAPE_LEAST_WIDTH) {
        struct pen mark = {ROLE_TITLE, 0, 0};
        grid_text(grid, area, area.columns - 5, 0, mark, " z x ");
    }
}

/* The link that has been chosen by keys, reversed. */
static void draw_picked(struct grid *grid, struct rect area, uint32_t link)
{
    for (uint32_t row = 0; row < area.rows; row++) {
        for (uint32_t column = 0; column < area.columns; column++) {
            struct cell *cell = grid_at(grid, area.column + column, area.row + row);
            if (cell && cell->link == link) {
                cell->attributes ^= CELL_REVERSE;
            }
        }
    }
}

/* A bar in the free column left of a panel. */
static void draw_bar(struct grid *grid, struct rect area)
{
    struct rect bar = {area.column - 1, area.row, 1, area.rows};

    if (area.column == 0) {
        return;
    }
    for (uint32_t row = 0; row < bar.rows; row++) {
        grid_put(grid, bar, 0, row, (struct pen){ROLE_TITLE, 0, 0}, GLYPH_BAR);
    }
}

/* Text in which *stars* enclose a key. */
static void draw_with_keys(struct grid *grid, struct rect area, uint32_t row, const char *text)
{
    struct pen pens[2] = {{ROLE_TEXT, 0, 0}, {ROLE_KEY, CELL_BOLD, 0}};
    uint32_t column = 1;
    uint32_t which = 0;

    for (; *text; text++) {
        if (*text == '*') {
            which ^= 1;
        } else {
            grid_put(grid, area, column++, row, pens[which], (unsigned char)*text);
        }
    }
}

static void draw_help(struct grid *grid, struct rect area)
{
    draw_with_keys(grid, area, 0,
                   "*F2* or *T*  stop at the next interrupt (timer, keyboard, ...)   "
                   "*1*...*8* other panels");
    draw_with_keys(
        grid, area, 1,
        "*F8* or *I*  one small step inside it        *F11* or *S*  one whole instruction");
    draw_with_keys(
        grid, area, 2,
        "*Shift*  with any of them: backwards       *?*  all keys   *F12* or *G*  type to "
        "the guest   *H*  hide this");
}

static void draw_bottom(struct grid *grid, struct rect area, const struct ui_model *model)
{
    struct pen plain = {ROLE_TEXT, 0, 0};
    bool noted = model->note && model->note[0];
    const char *message = model->question ? model->question
                          : noted         ? model->note
                                          : model->context.view->message;
    struct pen pen = {model->question ? ROLE_WARNING : ROLE_TEXT, model->question ? CELL_BOLD : 0,
                      0};

    grid_text(grid, area, 1, 0, pen, message);
    if (!model->command_open) {
        draw_with_keys(grid, area, 1, "*:* command   *R* run   *P* pause   *?* keys   *Q* leave");
        return;
    }
    grid_put(grid, area, 0, 1, (struct pen){ROLE_KEY, CELL_BOLD, 0}, ':');
    const char *text = model->command ? model->command : "";
    uint32_t column = 1;
    uint32_t at = 0;
    uint32_t glyph;
    uint32_t length;
    while ((length = utf8_decode(text + at, &glyph)) != 0) {
        struct pen here = {ROLE_TEXT, at == model->command_cursor ? CELL_REVERSE : 0, 0};
        grid_put(grid, area, column++, 1, here, glyph);
        at += length;
    }
    if (model->command_cursor >= at) {
        plain.attributes = CELL_REVERSE;
        grid_put(grid, area, column, 1, plain, '_');
    }
}

/* Rows of commands with their texts; returns the line after the last. */
static uint32_t draw_commands(struct grid *grid, struct rect area, uint32_t line,
                              const struct ui_model *model)
{
    struct pen key = {ROLE_KEY, CELL_BOLD, 0};
    struct pen plain = {ROLE_TEXT, 0, 0};
    const char *name;
    const char *command_key;
    const char *text;

    for (size_t index = 0; model->window_help && model->window_help(index, &name, &text);
         index++, line++) {
        uint32_t column = grid_text(grid, area, 1, line, key, name) + 2;
        grid_text(grid, area, column < 26 ? 26 : column, line, plain, text);
    }
    for (size_t index = 0;
         model->command_help && model->command_help(index, &name, &command_key, &text);
         index++, line++) {
        uint32_t column = grid_text(grid, area, 1, line, key, name) + 2;
        grid_text(grid, area, column < 26 ? 26 : column, line, plain, text);
    }
    return line;
}

void ui_compose_keys(struct grid *grid, struct rect area, const struct ui_model *model)
{
    struct pen key = {ROLE_KEY, CELL_BOLD, 0};
    struct pen plain = {ROLE_TEXT, 0, 0};
    struct pen label = {ROLE_LABEL, 0, 0};
    const struct ui_action_info *row;
    uint32_t line = 0 - (uint32_t)model->keys_scroll; /* rows before the first are clipped */

    grid_clear_rect(grid, area);
    area =
        grid_title(grid, area, true, "Keys (F-keys always; letters while keys go to the DEBUGGER)");
    grid_text(grid, area, 1, line, label, "key");
    grid_text(grid, area, 12, line, label, "does");
    grid_text(grid, area, 58, line++, label, "with Shift");
    for (size_t index = 0; (row = ui_action_row(index)) != NULL; index++, line++) {
        grid_text(grid, area, 1, line, key, row->keys);
        grid_text(grid, area, 12, line, plain, row->text);
        grid_text(grid, area, 58, line, plain, row->shifted ? row->shifted : "");
    }
    for (uint32_t index = 0; index < PRESET_COUNT; index++, line++) {
        const struct ui_preset_info *preset = preset_info((enum ui_preset)index);
        grid_put(grid, area, 5, line, key, (unsigned char)preset->key);
        uint32_t column = grid_text(grid, area, 12, line, plain, preset->word);
        column = grid_text(grid, area, column, line, plain, ": ");
        grid_text(grid, area, column, line, plain, preset->text);
    }
    grid_text(grid, area, 1, ++line, label,
              "Alt with an F-key sends it to the guest. "
              "Page keys scroll. Commands, after a colon:");
    draw_commands(grid, area, line + 1, model);
}

/* What a field means, over the lower part of the panels. */
static void draw_explain(struct grid *grid, struct rect body, const struct ui_model *model)
{
    uint32_t columns = body.columns < EXPLAIN_COLUMNS ? body.columns : EXPLAIN_COLUMNS;
    uint32_t rows = body.rows < EXPLAIN_ROWS ? body.rows : EXPLAIN_ROWS;
    struct rect area =
        rect_part(body, (body.columns - columns) / 2, body.rows - rows, columns, rows);
    struct pen rule = {ROLE_TITLE, 0, 0};

    grid_clear_rect(grid, area);
    for (uint32_t row = 0; row < area.rows; row++) {
        grid_put(grid, area, 0, row, rule, GLYPH_BAR);
        grid_put(grid, area, area.columns - 1, row, rule, GLYPH_BAR);
    }
    view_explain(grid, rect_part(area, 1, 0, area.columns - 2, area.rows), &model->context, true,
                 0);
    draw_with_keys(grid, rect_part(area, 0, area.rows - 1, area.columns, 1), 0,
                   " *Escape* away   *F1* on a field: what it means");
}

/* The way that keys take to the guest. */
static const char *guest_line(const struct ui_model *model)
{
    return model->focus == PANEL_CONSOLE ? "serial line" : "keyboard";
}

void ui_compose(struct grid *grid, const struct ui_model *model)
{
    struct ui_placing placing;
    struct rect whole = grid_whole(grid);

    grid_clear(grid);
    ui_layout(grid->columns, grid->rows, model, &placing);
    struct rect body = placing.body;
    view_status(grid, rect_part(whole, 0, 0, whole.columns, 1), &model->context,
                model->keys_to_guest ? guest_line(model) : NULL);
    for (uint32_t panel = 0; panel < PANEL_COUNT; panel++) {
        struct rect area = placing.panels[panel];
        if (area.columns > 0 && area.rows > 0) {
            draw_panel(grid, area, model, (enum ui_panel)panel);
            if (model->picked && panel == model->focus) {
                draw_picked(grid, area, model->picked);
            }
            draw_bar(grid, area);
        }
    }
    if (body.row + body.rows + HELP_ROWS + placing.slider.rows + BOTTOM_ROWS == grid->rows) {
        draw_help(grid, rect_part(whole, 0, body.row + body.rows, whole.columns, HELP_ROWS));
    }
    if (placing.slider.rows) {
        ui_slider_draw(grid, placing.slider, model);
    }
    if (grid->rows > BOTTOM_ROWS) {
        draw_bottom(grid, rect_part(whole, 0, grid->rows - BOTTOM_ROWS, whole.columns, BOTTOM_ROWS),
                    model);
    }
    if (model->show_explain) {
        draw_explain(grid, body, model);
    }
    if (model->show_keys) {
        ui_compose_keys(grid, body, model);
    }
}
