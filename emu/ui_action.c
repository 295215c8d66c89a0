/* Actions: what keys, buttons and commands have in common.
 * SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "emu/ui_priv.h"

#define FONT_STEP 10u /* per cent */

void ui_reset_scroll(struct ui *ui)
{
    memset(ui->picture.model.scroll, 0, sizeof ui->picture.model.scroll);
}

void ui_toggle_breakpoint(struct ui *ui, uint32_t linear)
{
    struct session *session = ui_machine_lock(ui->machine);

    session_toggle_breakpoint(session, linear);
    ui_machine_unlock(ui->machine);
}

void ui_go_to_clock(struct ui *ui, uint64_t clock)
{
    struct session *session = ui_machine_lock(ui->machine);

    ui_reset_scroll(ui);
    session_pause(session);
    session_go_to(session, clock);
    ui_machine_go(ui->machine);
    ui_machine_unlock(ui->machine);
}

/* Moves of the session. False if the action is none. */
static bool do_move(struct ui *ui, enum ui_action action, enum session_direction direction)
{
    struct session *session = ui_machine_lock(ui->machine);
    bool known = true;

    switch (action) {
    case ACTION_INTERRUPT:
        session_start_until(session, SESSION_EVENT_INTERRUPT, direction);
        break;
    case ACTION_EXCEPTION:
        session_start_until(session, SESSION_EVENT_EXCEPTION, direction);
        break;
    case ACTION_SYSCALL:
        session_start_until(session, SESSION_EVENT_SYSCALL, direction);
        break;
    case ACTION_MODE_SWITCH:
        session_start_until(session, SESSION_EVENT_MODE_SWITCH, direction);
        break;
    case ACTION_RUN:
        if (direction == SESSION_BACK) {
            session_start_until(session, SESSION_EVENT_BREAKPOINT, direction);
        } else if (!session_in_script(session)) { /* which moves it as it likes */
            session_start_run(session);
        }
        break;
    case ACTION_PAUSE:
        session_pause(session);
        break;
    case ACTION_MICRO:
        session_micro_step(session, direction);
        break;
    case ACTION_STEP:
        session_step(session, direction);
        break;
    case ACTION_OVER:
        session_step_over(session, direction);
        break;
    default:
        known = false;
        break;
    }
    if (known) {
        ui_machine_go(ui->machine);
    }
    ui_machine_unlock(ui->machine);
    return known;
}

static void change_font(struct ui *ui, bool bigger)
{
    uint32_t scale = bigger ? ui->look.font_scale + FONT_STEP : ui->look.font_scale - FONT_STEP;

    if (!ui->pixels) {
        ui_say(ui, "the size of the letters is the terminal's");
    } else if (scale >= FONT_SCALE_MIN && scale <= FONT_SCALE_MAX) {
        ui_set_font_scale(ui, scale);
    }
}

/* Round all panels of the arrangement, those too that have no room at present. */
static void next_panel(struct ui *ui, bool backwards)
{
    struct ui_model *model = &ui->picture.model;
    struct ui_placing placing;

    model->picked = 0;
    ui_place(ui, &placing);
    const struct ui_shape *shape = ui_layout_shape(model, &placing);
    if (!shape_has(shape, model->focus)) { /* it borrows a place, and goes */
        enum ui_panel lender = shape_lender(shape);
        model->focus = backwards ? lender : shape_next(shape, lender, false);
        return;
    }
    model->focus = shape_next(shape, model->focus, backwards);
}

void ui_close_panel(struct ui *ui, enum ui_panel panel)
{
    struct ui_model *model = &ui->picture.model;
    bool wide = shape_has(&model->wide, panel);
    bool narrow = shape_has(&model->narrow, panel);
    bool closed = shape_close(&model->wide, panel);

    closed |= shape_close(&model->narrow, panel);
    if (!closed && (wide || narrow)) {
        ui_say(ui, "the last panel stays");
        return;
    }
    model->zoomed = false;
    if (model->focus == panel) {
        next_panel(ui, false);
    }
}

void ui_resize_panel(struct ui *ui, bool vertical, int32_t by)
{
    struct ui_model *model = &ui->picture.model;
    struct ui_placing placing;

    ui_place(ui, &placing);
    struct ui_border border = shape_border_of(&placing.shape, model->focus, vertical);
    if (!ui_layout_move(model, &placing, border, by)) {
        ui_say(ui, "this panel's border can not be moved further");
    }
}

static void do_theme(struct ui *ui, bool backwards)
{
    uint32_t step = backwards ? THEME_COUNT - 1 : 1;
    enum paint_theme theme = (enum paint_theme)((ui->look.theme + step) % THEME_COUNT);

    ui_set_theme(ui, theme);
    ui_say(ui, "theme %s: %s", paint_theme_word(theme), paint_theme_text(theme));
}

static void do_slide(struct ui *ui, bool later, bool to_the_end)
{
    const struct session_view *view = ui->picture.view;
    uint64_t clock = later ? view->history_last : view->history_first;

    ui_go_to_clock(ui, to_the_end ? clock : ui_slider_next(view, !later));
}

static void change_speed(struct ui *ui, bool faster)
{
    ui_machine_lock(ui->machine);
    ui_machine_change_speed(ui->machine, faster);
    ui_machine_speed_words(ui->machine, ui->speed, sizeof ui->speed);
    ui_machine_unlock(ui->machine);
    ui_say(ui, "speed: %s", ui->speed[0] ? ui->speed : "the usual");
}

/* Actions that open the command line with the beginning of a command in it. */
static const char *begun_command(enum ui_action action)
{
    switch (action) {
    case ACTION_COMMAND:
        return "";
    case ACTION_DUMP:
        return "dump ringside.png";
    case ACTION_MARK:
        return "mark ";
    case ACTION_OPEN:
        return "open ";
    default:
        return NULL;
    }
}

/* Actions on the window alone. False if the action is none. */
static bool do_window(struct ui *ui, enum ui_action action, bool backwards)
{
    struct ui_model *model = &ui->picture.model;

    switch (action) {
    case ACTION_EXPLAIN:
        if (ui_explain_here(ui)) {
            return true;
        }
        __attribute__((fallthrough));
    case ACTION_KEYS:
        model->show_keys = !model->show_keys;
        model->keys_scroll = 0;
        return true;
    case ACTION_GUEST:
        model->keys_to_guest = !model->keys_to_guest;
        return true;
    case ACTION_NEXT_PANEL:
        next_panel(ui, backwards);
        return true;
    case ACTION_PICK:
        ui_pick_link(ui, backwards);
        return true;
    case ACTION_FOLLOW:
        ui_follow_link(ui, model->focus, model->picked);
        return true;
    case ACTION_ZOOM:
        model->zoomed = !model->zoomed;
        return true;
    case ACTION_CLOSE:
        ui_close_panel(ui, model->focus);
        return true;
    case ACTION_RESIZE:
        ui_resize_panel(ui, false, 1);
        return true;
    case ACTION_THEME:
        do_theme(ui, backwards);
        return true;
    case ACTION_BIGGER:
    case ACTION_SMALLER:
        change_font(ui, action == ACTION_BIGGER);
        return true;
    case ACTION_HINTS:
        model->show_help = !model->show_help;
        ui->settings.hide_help = !model->show_help;
        ui->settings_changed = true;
        return true;
    case ACTION_QUIT:
        ui->quit = true;
        return true;
    default:
        return false;
    }
}

void ui_do_action(struct ui *ui, enum ui_action action, bool backwards)
{
    const struct cpu_state *cpu = &ui->picture.view->state.cpu;
    struct ui_model *model = &ui->picture.model;
    const char *begun = begun_command(action);

    ui->note[0] = '\0';
    model->show_explain &= action == ACTION_COMMAND; /* until the command is done */
    if (action == ACTION_NONE || do_window(ui, action, backwards)) {
        return;
    }
    if (begun) {
        ui_command_open(ui, begun);
    } else if (action == ACTION_BREAKPOINT) {
        ui_toggle_breakpoint(ui, cpu->segments[SEG_CS].base + cpu->eip);
    } else if (action == ACTION_EARLIER || action == ACTION_LATER) {
        do_slide(ui, action == ACTION_LATER, backwards);
    } else if (action == ACTION_SLOWER || action == ACTION_FASTER) {
        change_speed(ui, action == ACTION_FASTER);
    } else {
        ui_reset_scroll(ui);
        do_move(ui, action, backwards ? SESSION_BACK : SESSION_FORWARD);
    }
}

void ui_ask_if_needed(struct ui *ui)
{
    ui->picture.model.question = ui_machine_asks_branch(ui->machine)
                                     ? "This is the past: typing here cuts off the recorded "
                                       "future. Type it? y or n"
                                     : NULL;
}

void ui_scroll(struct ui *ui, enum ui_panel panel, int32_t rows)
{
    struct ui_model *model = &ui->picture.model;

    if (model->show_keys) {
        model->keys_scroll = model->keys_scroll - rows > 0 ? model->keys_scroll - rows : 0;
    } else if (panel == PANEL_STACKS || panel == PANEL_CONSOLE) {
        model->scroll[panel] += rows; /* upwards is forwards in memory, backwards in time */
    } else {
        model->scroll[panel] -= rows;
    }
    if (panel == PANEL_CONSOLE && model->scroll[panel] < 0) {
        model->scroll[panel] = 0;
    }
}
