/* The mouse: focus, links, marks of titles, borders and the time slider.
 * SPDX-License-Identifier: MIT */
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
    switch (link ? panel : PANEL_COUNT) {
    case PANEL_DISASSEMBLY:
        ui_toggle_breakpoint(ui, link);
        break;
    case PANEL_MICROSTEPS:
        go_to_micro(ui, link);
        break;
    case PANEL_COUNT:
        break;
    default:
        do_command_of(ui, panel, link);
        break;
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
    ui_follow_link(ui, panel, cell ? cell->link : 0);
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
