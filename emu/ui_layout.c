/* Where the panels go. Three shapes: all panels when there is room for the guest's 80 columns
 * beside the machine's inside; the inside alone; one panel at a time.
 * SPDX-License-Identifier: MIT */
#include "emu/ui_layout.h"

#include <stdio.h>
#include <string.h>

#include "emu/ui_actions.h"
#include "emu/view_panels.h"

#define STATUS_ROWS    1u
#define HELP_ROWS      3u
#define BOTTOM_ROWS    2u  /* message, command line */
#define SCREEN_ROWS    26u /* title and 25 */
#define SCREEN_COLUMNS 80u
#define REGISTER_ROWS  10u
#define WIDE_COLUMNS   140u
#define WIDE_ROWS      34u /* of the body */
#define MIDDLE_COLUMNS 80u
#define MIDDLE_ROWS    18u /* of the body */
#define GLYPH_BAR      0x2502u

/* Rows between the status line and the help. */
static struct rect body_of(uint32_t columns, uint32_t rows, bool help)
{
    uint32_t below = BOTTOM_ROWS + (help ? HELP_ROWS : 0);

    return (struct rect){0, STATUS_ROWS, columns,
                         rows > STATUS_ROWS + below ? rows - STATUS_ROWS - below : 0};
}

static bool help_shown(uint32_t rows, const struct ui_model *model)
{
    return model->show_help && rows >= 16;
}

static void layout_wide(struct rect body, struct rect panels[PANEL_COUNT])
{
    uint32_t rest = body.rows - SCREEN_ROWS;
    uint32_t console = rest >= 16 ? rest / 3 : rest >= 12 ? 4 : 0;
    struct rect left = rect_part(body, 0, 0, SCREEN_COLUMNS, body.rows);
    struct rect right = rect_part(body, SCREEN_COLUMNS + 1, 0, body.columns, body.rows);
    uint32_t below = right.rows - REGISTER_ROWS;
    uint32_t code = below / 2 - (below > 24 ? 1 : 0);
    uint32_t code_columns = right.columns * 11 / 20;

    panels[PANEL_SCREEN] = rect_part(left, 0, 0, left.columns, SCREEN_ROWS);
    panels[PANEL_MICROSTEPS] = rect_part(left, 0, SCREEN_ROWS, left.columns, rest - console);
    panels[PANEL_CONSOLE] = rect_part(left, 0, body.rows - console, left.columns, console);
    panels[PANEL_REGISTERS] = rect_part(right, 0, 0, right.columns, REGISTER_ROWS);
    panels[PANEL_DISASSEMBLY] = rect_part(right, 0, REGISTER_ROWS, code_columns, code);
    panels[PANEL_VECTORS] = rect_part(right, code_columns + 1, REGISTER_ROWS, right.columns, code);
    panels[PANEL_STACKS] = rect_part(right, 0, REGISTER_ROWS + code, right.columns, right.rows);
}

static void layout_middle(struct rect body, enum ui_panel focus, struct rect panels[PANEL_COUNT])
{
    uint32_t registers = body.rows >= 26 ? REGISTER_ROWS : 0;
    uint32_t rest = body.rows - registers;
    uint32_t upper = rest / 2;
    uint32_t code_columns = body.columns * 9 / 20;
    enum ui_panel other = focus;

    if (focus == PANEL_REGISTERS || focus == PANEL_DISASSEMBLY || focus == PANEL_STACKS) {
        other = PANEL_MICROSTEPS;
    }
    if (focus == PANEL_REGISTERS && registers == 0) {
        other = PANEL_REGISTERS;
    }
    if (registers) {
        panels[PANEL_REGISTERS] = rect_part(body, 0, 0, body.columns, registers);
    }
    panels[PANEL_DISASSEMBLY] = rect_part(body, 0, registers, code_columns, upper);
    panels[other] = rect_part(body, code_columns + 1, registers, body.columns, upper);
    panels[PANEL_STACKS] = rect_part(body, 0, registers + upper, body.columns, rest - upper);
}

void ui_layout(uint32_t columns, uint32_t rows, const struct ui_model *model,
               struct rect panels[PANEL_COUNT])
{
    struct rect body = body_of(columns, rows, help_shown(rows, model));

    memset(panels, 0, sizeof panels[0] * PANEL_COUNT);
    if (model->zoomed) {
        panels[model->focus] = body;
    } else if (body.columns >= WIDE_COLUMNS && body.rows >= WIDE_ROWS) {
        layout_wide(body, panels);
        if (panels[model->focus].columns == 0) { /* one without a place of its own */
            panels[model->focus] = panels[PANEL_MICROSTEPS];
            panels[PANEL_MICROSTEPS].columns = 0;
        }
    } else if (body.columns >= MIDDLE_COLUMNS && body.rows >= MIDDLE_ROWS) {
        layout_middle(body, model->focus, panels);
    } else {
        panels[model->focus] = body;
    }
}

enum ui_panel ui_panel_at(const struct rect panels[PANEL_COUNT], uint32_t column, uint32_t row)
{
    for (uint32_t index = 0; index < PANEL_COUNT; index++) {
        if (column - panels[index].column < panels[index].columns &&
            row - panels[index].row < panels[index].rows) {
            return (enum ui_panel)index;
        }
    }
    return PANEL_COUNT;
}

static void draw_panel(struct grid *grid, struct rect area, const struct ui_model *model,
                       enum ui_panel panel)
{
    bool to_console = model->focus == PANEL_CONSOLE;
    bool focused = model->keys_to_guest ? panel == (to_console ? PANEL_CONSOLE : PANEL_SCREEN)
                                        : panel == model->focus;

    panel_info(panel)->draw(grid, area, &model->context, focused, model->scroll[panel]);
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
    draw_with_keys(grid, area, 0, "*F2* or *T*  stop at the next interrupt (timer, keyboard, ...)");
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

static void draw_keys(struct grid *grid, struct rect area, const struct ui_model *model)
{
    struct pen key = {ROLE_KEY, CELL_BOLD, 0};
    struct pen plain = {ROLE_TEXT, 0, 0};
    struct pen label = {ROLE_LABEL, 0, 0};
    const struct ui_action_info *row;
    const char *name;
    const char *command_key;
    const char *text;
    uint32_t line = 0 - (uint32_t)model->keys_scroll; /* rows before the first are clipped */

    grid_clear_rect(grid, area);
    area =
        grid_title(grid, area, true, "Keys (F-keys always; letters while keys go to the DEBUGGER)");
    grid_text(grid, area, 1, line, label, "key");
    grid_text(grid, area, 8, line, label, "does");
    grid_text(grid, area, 50, line++, label, "with Shift");
    for (size_t index = 0; (row = ui_action_row(index)) != NULL; index++, line++) {
        grid_text(grid, area, 1, line, key, row->keys);
        grid_text(grid, area, 8, line, plain, row->text);
        grid_text(grid, area, 50, line, plain, row->shifted ? row->shifted : "");
    }
    grid_text(grid, area, 1, ++line, label,
              "Alt with an F-key sends it to the guest. "
              "Page keys scroll. Commands, after a colon:");
    line++;
    for (size_t index = 0;
         model->command_help && model->command_help(index, &name, &command_key, &text);
         index++, line++) {
        uint32_t column = grid_text(grid, area, 1, line, key, name) + 2;
        grid_text(grid, area, column < 26 ? 26 : column, line, plain, text);
    }
}

/* The way that keys take to the guest. */
static const char *guest_line(const struct ui_model *model)
{
    return model->focus == PANEL_CONSOLE ? "serial line" : "keyboard";
}

void ui_compose(struct grid *grid, const struct ui_model *model)
{
    struct rect panels[PANEL_COUNT];
    struct rect whole = grid_whole(grid);
    bool help = help_shown(grid->rows, model);
    struct rect body = body_of(grid->columns, grid->rows, help);

    grid_clear(grid);
    ui_layout(grid->columns, grid->rows, model, panels);
    view_status(grid, rect_part(whole, 0, 0, whole.columns, 1), &model->context,
                model->keys_to_guest ? guest_line(model) : NULL);
    for (uint32_t panel = 0; panel < PANEL_COUNT; panel++) {
        if (panels[panel].columns > 0 && panels[panel].rows > 0) {
            draw_panel(grid, panels[panel], model, (enum ui_panel)panel);
            draw_bar(grid, panels[panel]);
        }
    }
    if (help) {
        draw_help(grid, rect_part(whole, 0, body.row + body.rows, whole.columns, HELP_ROWS));
    }
    if (grid->rows > BOTTOM_ROWS) {
        draw_bottom(grid, rect_part(whole, 0, grid->rows - BOTTOM_ROWS, whole.columns, BOTTOM_ROWS),
                    model);
    }
    if (model->show_keys) {
        draw_keys(grid, body, model);
    }
}
