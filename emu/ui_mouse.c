/* The mouse: focus, links, marks of titles, borders and the time slider.
 * SPDX-License-Identifier: MIT */
#include <ctype.h>
#include <stdio.h>

#include "emu/explain.h"
#include "emu/ui_priv.h"

/* Step until `micro` entries of the journal are done. */
static void go_to_micro(struct ui *ui, uint32_t micro)
{
    uint32_t now = ui->picture.view->position.micro;
    struct session *session = ui_machine_lock(ui->machine);

    for (; now < micro; now++) {
        session_micro_step(session, SESSION_FORWARD);
    }
    for (; now > micro; now--) {
        session_micro_step(session, SESSION_BACK);
    }
    ui_machine_unlock(ui->machine);
}

/* The last one asked for is what the panel shows; in its own panel if that is open. */
static void show_explanation(struct ui *ui, const char *word)
{
    struct session *session = ui_machine_lock(ui->machine);
    char line[80];

    snprintf(line, sizeof line, "explain %.60s", word);
    session_command(session, line);
    bool refused = session_refused(session);
    ui_machine_unlock(ui->machine);
    struct ui_placing placing;
    ui_place(ui, &placing);
    ui->picture.model.show_explain = !refused && placing.panels[PANEL_EXPLAIN].columns == 0;
}

static void explain_topic(struct ui *ui, uint32_t topic)
{
    const struct explanation *entry = explanation(topic);

    if (entry) {
        show_explanation(ui, entry->key);
    }
}

static bool is_of_word(const struct grid *grid, uint32_t column, uint32_t row)
{
    const struct cell *cell = grid_at(grid, column, row);
    uint32_t glyph = cell ? cell->glyph : 0;

    return glyph == '#' || (glyph < 0x7F && isalnum((int)glyph));
}

/* The word at a cell, if the program can explain it. */
static bool explain_word(struct ui *ui, uint32_t column, uint32_t row)
{
    const struct grid *grid = &ui->picture.grid;
    char word[32];
    uint32_t length = 0;

    if (!is_of_word(grid, column, row)) {
        return false;
    }
    while (column > 0 && is_of_word(grid, column - 1, row)) {
        column--;
    }
    for (; length + 1 < sizeof word && is_of_word(grid, column + length, row); length++) {
        word[length] = (char)grid_at(grid, column + length, row)->glyph;
    }
    word[length] = '\0';
    if (length < 2 || explain_find(word) == TOPIC_COUNT) {
        return false;
    }
    show_explanation(ui, word);
    return true;
}

/* The links of the program are addresses, whatever they are. */
static bool is_topic(enum ui_panel panel, uint32_t link)
{
    return panel != PANEL_DISASSEMBLY && link - LINK_TOPIC < TOPIC_COUNT;
}

static bool explain_cell(struct ui *ui, uint32_t column, uint32_t row)
{
    const struct cell *cell = grid_at(&ui->picture.grid, column, row);
    struct ui_placing placing;

    ui_place(ui, &placing);
    enum ui_panel panel = ui_panel_at(&placing, column, row);
    uint32_t topic =
        cell ? panel_topic(panel, cell->link, &ui->picture.model.context) : (uint32_t)TOPIC_COUNT;
    if (cell && is_topic(panel, cell->link)) {
        explain_topic(ui, topic);
        return true;
    }
    if (explain_word(ui, column, row)) {
        return true;
    }
    explain_topic(ui, topic); /* of the whole line: a micro-step, a vector */
    return topic != TOPIC_COUNT;
}

bool ui_explain_here(struct ui *ui)
{
    struct ui_model *model = &ui->picture.model;
    const struct grid *grid = &ui->picture.grid;
    struct ui_placing placing;

    ui_place(ui, &placing);
    struct rect area = placing.panels[model->focus];
    for (uint32_t index = 0; model->picked && index < area.rows * area.columns; index++) {
        uint32_t column = area.column + index % area.columns;
        uint32_t row = area.row + index / area.columns;
        const struct cell *cell = grid_at(grid, column, row);
        if (cell && cell->link == model->picked) {
            return explain_cell(ui, column, row);
        }
    }
    return ui->mouse_seen && explain_cell(ui, ui->mouse_column, ui->mouse_row);
}

/* A command of the debugger that belongs to the link, if it has one. */
static void do_command_of(struct ui *ui, enum ui_panel panel, uint32_t link)
{
    struct session *session = ui_machine_lock(ui->machine);
    char text[UI_COMMAND_BYTES];
    bool known = ui_picture_command(&ui->picture, session, panel, link, text, sizeof text);

    ui_machine_unlock(ui->machine);
    if (known) {
        ui_command_do(ui, text);
    }
}

void ui_follow_link(struct ui *ui, enum ui_panel panel, uint32_t link)
{
    if (link == 0) {
        return;
    }
    if (is_topic(panel, link)) {
        explain_topic(ui, link - LINK_TOPIC);
    } else if (panel == PANEL_DISASSEMBLY) {
        ui_toggle_breakpoint(ui, link);
    } else if (panel == PANEL_MICROSTEPS) {
        go_to_micro(ui, link);
    } else {
        do_command_of(ui, panel, link);
    }
}

void ui_pick_link(struct ui *ui, bool backwards)
{
    struct ui_model *model = &ui->picture.model;
    struct ui_placing placing;

    ui_place(ui, &placing);
    model->picked =
        ui_next_link(&ui->picture.grid, placing.panels[model->focus], model->picked, backwards);
    if (model->picked == 0) {
        ui_say(ui, "nothing in this panel can be chosen");
    }
}

static void click_panel(struct ui *ui, const struct ui_placing *placing, enum ui_panel panel,
                        uint32_t column, uint32_t row)
{
    struct ui_model *model = &ui->picture.model;
    const struct cell *cell = grid_at(&ui->picture.grid, column, row);

    switch (ui_title_mark_at(placing->panels[panel], column, row)) {
    case TITLE_CLOSE:
        ui_close_panel(ui, panel);
        return;
    case TITLE_ZOOM:
        model->focus = panel;
        model->zoomed = !model->zoomed;
        return;
    default:
        break;
    }
    model->focus = panel;
    model->picked = 0;
    model->keys_to_guest = panel == PANEL_SCREEN || panel == PANEL_CONSOLE;
    if (cell && !is_topic(panel, cell->link)) { /* a topic is for the other button */
        ui_follow_link(ui, panel, cell->link);
    }
}

static bool press_slider(struct ui *ui, const struct ui_placing *placing, uint32_t column,
                         uint32_t row)
{
    struct ui_model *model = &ui->picture.model;

    if (placing->slider.rows == 0 || row != placing->slider.row ||
        !ui_slider_clock(placing->slider, model, column, &model->slide_to)) {
        return false;
    }
    model->sliding = true;
    ui->drag.what = DRAG_SLIDER;
    return true;
}

void ui_press_button(struct ui *ui, uint32_t column, uint32_t row, enum ui_button button)
{
    struct ui_model *model = &ui->picture.model;
    struct ui_placing placing;

    ui->dirty = true;
    ui->mouse_seen = true;
    ui->mouse_column = column;
    ui->mouse_row = row;
    model->show_explain = false;
    if (button == UI_BUTTON_RIGHT && !explain_cell(ui, column, row)) {
        ui_say(ui, "nothing is known about this; explain lists the words");
    }
    if (model->show_keys || button != UI_BUTTON_LEFT) {
        return;
    }
    ui_place(ui, &placing);
    ui->drag = (struct ui_drag){.column = column, .row = row};
    if (press_slider(ui, &placing, column, row)) {
        return;
    }
    enum ui_panel panel = ui_panel_at(&placing, column, row);
    bool marked =
        panel != PANEL_COUNT && ui_title_mark_at(placing.panels[panel], column, row) != TITLE_NONE;
    struct ui_border border = shape_border_at(&placing.shape, placing.body, column, row);
    if (border.kind != BORDER_NONE && !marked) {
        ui->drag.what = DRAG_BORDER;
        ui->drag.border = border;
    }
    if (panel != PANEL_COUNT) {
        click_panel(ui, &placing, panel, column, row);
    }
}

static void drag_border(struct ui *ui, uint32_t column, uint32_t row)
{
    struct ui_drag *drag = &ui->drag;
    bool vertical = drag->border.kind == BORDER_ROW;
    int32_t by = (int32_t)(vertical ? row - drag->row : column - drag->column);
    struct ui_placing placing;

    ui_place(ui, &placing);
    if (by != 0 && ui_layout_move(&ui->picture.model, &placing, drag->border, by)) {
        drag->column = column;
        drag->row = row;
    }
}

void ui_move_mouse(struct ui *ui, uint32_t column, uint32_t row)
{
    struct ui_model *model = &ui->picture.model;
    struct ui_placing placing;

    ui->mouse_seen = true;
    ui->mouse_column = column;
    ui->mouse_row = row;
    if (ui->drag.what == DRAG_BORDER) {
        drag_border(ui, column, row);
        ui->dirty = true;
    } else if (ui->drag.what == DRAG_SLIDER) {
        ui_place(ui, &placing);
        ui_slider_clock(placing.slider, model, column, &model->slide_to);
        ui->dirty = true;
    }
}

void ui_release_button(struct ui *ui, uint32_t column, uint32_t row)
{
    struct ui_model *model = &ui->picture.model;

    ui_move_mouse(ui, column, row);
    if (ui->drag.what == DRAG_SLIDER) {
        model->sliding = false;
        ui_go_to_clock(ui, model->slide_to);
        ui->dirty = true;
    }
    ui->drag.what = DRAG_NOTHING;
}

void ui_turn_wheel(struct ui *ui, uint32_t column, uint32_t row, int32_t rows)
{
    struct ui_placing placing;

    ui_place(ui, &placing);
    enum ui_panel panel = ui_panel_at(&placing, column, row);
    if (panel != PANEL_COUNT) {
        ui_scroll(ui, panel, rows);
        ui->dirty = true;
    }
}
