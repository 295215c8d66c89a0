/* Events of keyboard and mouse to what they mean: an action of the debugger, an edit of the
 * command line, or a key for the guest.
 * SPDX-License-Identifier: MIT */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "emu/ui_priv.h"

#define FONT_STEP  10u /* per cent */
#define WHEEL_ROWS 3

static void reset_scroll(struct ui *ui)
{
    memset(ui->picture.model.scroll, 0, sizeof ui->picture.model.scroll);
}

static void toggle_breakpoint(struct ui *ui, uint32_t linear)
{
    struct session *session = ui_machine_lock(ui->machine);

    session_toggle_breakpoint(session, linear);
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
    uint32_t scale = bigger ? ui->font_scale + FONT_STEP : ui->font_scale - FONT_STEP;

    if (scale >= FONT_SCALE_MIN && scale <= FONT_SCALE_MAX) {
        ui->font_scale = scale;
        ui->start_over = true;
    }
}

static void next_panel(struct ui *ui, bool backwards)
{
    struct ui_model *model = &ui->picture.model;
    uint32_t step = backwards ? PANEL_COUNT - 1 : 1;

    model->focus = (enum ui_panel)((model->focus + step) % PANEL_COUNT);
}

void ui_do_action(struct ui *ui, enum ui_action action, bool backwards)
{
    struct ui_model *model = &ui->picture.model;

    ui->note[0] = '\0';
    switch (action) {
    case ACTION_NONE:
        return;
    case ACTION_KEYS:
        model->show_keys = !model->show_keys;
        model->keys_scroll = 0;
        break;
    case ACTION_FOCUS:
        model->keys_to_guest = !model->keys_to_guest;
        break;
    case ACTION_COMMAND:
        ui_command_open(ui, "");
        break;
    case ACTION_DUMP:
        ui_command_open(ui, "dump ringside.png");
        break;
    case ACTION_BREAKPOINT:
        toggle_breakpoint(ui, model->context.view->state.cpu.segments[SEG_CS].base +
                                  model->context.view->state.cpu.eip);
        break;
    case ACTION_NEXT_PANEL:
        next_panel(ui, backwards);
        break;
    case ACTION_ZOOM:
        model->zoomed = !model->zoomed;
        break;
    case ACTION_THEME:
        ui->light = !ui->light;
        ui->start_over = true;
        break;
    case ACTION_BIGGER:
    case ACTION_SMALLER:
        change_font(ui, action == ACTION_BIGGER);
        break;
    case ACTION_HELP:
        model->show_help = !model->show_help;
        break;
    case ACTION_QUIT:
        ui->quit = true;
        break;
    default:
        reset_scroll(ui);
        do_move(ui, action, backwards ? SESSION_BACK : SESSION_FORWARD);
        break;
    }
}

void ui_ask_if_needed(struct ui *ui)
{
    ui->picture.model.question = ui_machine_asks_branch(ui->machine)
                                     ? "This is the past: typing here cuts off the recorded "
                                       "future. Type it? y or n"
                                     : NULL;
}

static void type_bytes(struct ui *ui, enum ui_line line, const uint8_t *bytes, size_t count)
{
    ui_machine_lock(ui->machine);
    ui_machine_type(ui->machine, line, bytes, count);
    ui_ask_if_needed(ui);
    ui_machine_unlock(ui->machine);
}

/* With the serial console in focus the guest's keys are the terminal's. */
static bool types_serial(const struct ui *ui)
{
    return ui->picture.model.focus == PANEL_CONSOLE;
}

static void type_text(struct ui *ui, const char *text)
{
    uint32_t glyph;
    uint32_t length;
    uint8_t bytes[SCANCODES_MAX];

    if (types_serial(ui)) {
        type_bytes(ui, UI_LINE_SERIAL, (const uint8_t *)text, strlen(text));
        return;
    }
    while ((length = utf8_decode(text, &glyph)) != 0) {
        size_t count = ui_scancodes_of_character(glyph, false, bytes);
        if (count == 0) {
            snprintf(ui->note, sizeof ui->note, "the guest's US keyboard has no key for U+%04X",
                     glyph);
        }
        type_bytes(ui, UI_LINE_KEYBOARD, bytes, count);
        text += length;
    }
}

static void type_control(struct ui *ui, char character)
{
    uint8_t bytes[SCANCODES_MAX];

    if (types_serial(ui)) {
        bytes[0] = (uint8_t)(toupper((unsigned char)character) & 0x1F);
        type_bytes(ui, UI_LINE_SERIAL, bytes, 1);
    } else {
        size_t count = ui_scancodes_of_character((unsigned char)character, true, bytes);
        type_bytes(ui, UI_LINE_KEYBOARD, bytes, count);
    }
}

static const struct {
    SDL_Keycode sym;
    enum ui_special_key key;
} special_keys[] = {
    {SDLK_RETURN, KEY_ENTER},
    {SDLK_KP_ENTER, KEY_ENTER},
    {SDLK_BACKSPACE, KEY_BACKSPACE},
    {SDLK_TAB, KEY_TAB},
    {SDLK_ESCAPE, KEY_ESCAPE},
    {SDLK_UP, KEY_UP},
    {SDLK_DOWN, KEY_DOWN},
    {SDLK_LEFT, KEY_LEFT},
    {SDLK_RIGHT, KEY_RIGHT},
    {SDLK_HOME, KEY_HOME},
    {SDLK_END, KEY_END},
    {SDLK_PAGEUP, KEY_PAGE_UP},
    {SDLK_PAGEDOWN, KEY_PAGE_DOWN},
    {SDLK_INSERT, KEY_INSERT},
    {SDLK_DELETE, KEY_DELETE},
};

static void type_special(struct ui *ui, enum ui_special_key key, bool shift, bool control)
{
    uint8_t bytes[SCANCODES_MAX];

    if (types_serial(ui)) {
        type_bytes(ui, UI_LINE_SERIAL, bytes, ui_serial_of_key(key, bytes));
    } else {
        type_bytes(ui, UI_LINE_KEYBOARD, bytes, ui_scancodes_of_key(key, shift, control, bytes));
    }
}

/* Keys of the GUEST that make no text. */
static void guest_key(struct ui *ui, const SDL_Keysym *key)
{
    bool control = (key->mod & KMOD_CTRL) && !(key->mod & (KMOD_ALT | KMOD_MODE));

    for (size_t index = 0; index < sizeof special_keys / sizeof special_keys[0]; index++) {
        if (special_keys[index].sym == key->sym) {
            type_special(ui, special_keys[index].key, key->mod & KMOD_SHIFT, control);
            return;
        }
    }
    if (!control) {
        return; /* letters come as text */
    }
    bool backslash = key->sym == SDLK_BACKSLASH || key->scancode == SDL_SCANCODE_BACKSLASH ||
                     key->scancode == SDL_SCANCODE_NONUSBACKSLASH;
    if (backslash) {
        type_control(ui, '\\');
    } else if ((key->sym >= SDLK_a && key->sym <= SDLK_z) || key->sym == SDLK_LEFTBRACKET ||
               key->sym == SDLK_RIGHTBRACKET || key->sym == SDLK_SPACE) {
        type_control(ui, (char)key->sym);
    }
}

static void scroll(struct ui *ui, enum ui_panel panel, int32_t rows)
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

/* Keys of the DEBUGGER that make no text. */
static void debugger_key(struct ui *ui, const SDL_Keysym *key)
{
    struct ui_model *model = &ui->picture.model;

    switch (key->sym) {
    case SDLK_TAB:
        ui_do_action(ui, ACTION_NEXT_PANEL, key->mod & KMOD_SHIFT);
        break;
    case SDLK_ESCAPE:
        model->show_keys = false;
        model->zoomed = false;
        reset_scroll(ui);
        ui->note[0] = '\0';
        break;
    case SDLK_UP:
        scroll(ui, model->focus, 1);
        break;
    case SDLK_DOWN:
        scroll(ui, model->focus, -1);
        break;
    case SDLK_PAGEUP:
        scroll(ui, model->focus, 10);
        break;
    case SDLK_PAGEDOWN:
        scroll(ui, model->focus, -10);
        break;
    default:
        break;
    }
}

/* Keys that mean the same wherever the keys go. True if it was one. */
static bool common_key(struct ui *ui, const SDL_Keysym *key)
{
    bool f_key = key->sym >= SDLK_F1 && key->sym <= SDLK_F12;
    uint32_t number = (uint32_t)(key->sym - SDLK_F1) + 1;

    if (f_key && (key->mod & KMOD_ALT)) {
        type_special(ui, (enum ui_special_key)(KEY_F1 + number - 1), false, false);
        return true;
    }
    if (f_key) {
        ui_do_action(ui, ui_action_of_f_key(number), key->mod & KMOD_SHIFT);
        return true;
    }
    bool control = (key->mod & KMOD_CTRL) && !(key->mod & (KMOD_ALT | KMOD_MODE));
    bool bigger = key->sym == SDLK_PLUS || key->sym == SDLK_EQUALS || key->sym == SDLK_KP_PLUS;
    bool smaller = key->sym == SDLK_MINUS || key->sym == SDLK_KP_MINUS;
    if (control && (bigger || smaller)) {
        change_font(ui, bigger);
        return true;
    }
    return false;
}

static void answer_question(struct ui *ui, bool yes)
{
    ui_machine_lock(ui->machine);
    ui_machine_answer_branch(ui->machine, yes);
    ui_ask_if_needed(ui);
    ui_machine_unlock(ui->machine);
    snprintf(ui->note, sizeof ui->note,
             yes ? "a new future begins here" : "nothing was typed, the recorded future stays");
}

static void handle_key(struct ui *ui, const SDL_Keysym *key)
{
    struct ui_model *model = &ui->picture.model;

    ui->shift = key->mod & KMOD_SHIFT;
    if (model->question) {
        if (key->sym == SDLK_ESCAPE) {
            answer_question(ui, false);
        }
        return;
    }
    if (common_key(ui, key)) {
        return;
    }
    if (model->command_open) {
        ui_command_key(ui, key);
    } else if (model->keys_to_guest) {
        guest_key(ui, key);
    } else {
        debugger_key(ui, key);
    }
}

static void handle_text(struct ui *ui, const char *text)
{
    struct ui_model *model = &ui->picture.model;

    if (model->question) {
        bool yes = text[0] == 'y' || text[0] == 'Y';
        if (yes || text[0] == 'n' || text[0] == 'N') {
            answer_question(ui, yes);
        }
    } else if (model->command_open) {
        ui_command_text(ui, text);
    } else if (model->keys_to_guest) {
        type_text(ui, text);
    } else if (text[1] == '\0') {
        const struct session_view *view = model->context.view;
        enum ui_action action = ui_action_of_text(text[0]);
        if (text[0] == ' ' && !view->running) {
            action = ACTION_RUN;
        }
        bool letter = isalpha((unsigned char)text[0]);
        ui_do_action(ui, action, letter && ui->shift);
    }
}

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

static void handle_click(struct ui *ui, int32_t x, int32_t y)
{
    struct ui_model *model = &ui->picture.model;
    const struct grid *grid = &ui->picture.grid;
    uint32_t column = (uint32_t)(x < 0 ? 0 : x) / font_face_width(ui->face);
    uint32_t row = (uint32_t)(y < 0 ? 0 : y) / font_face_height(ui->face);
    struct rect panels[PANEL_COUNT];
    char command[UI_COMMAND_BYTES];
    const struct cell *cell = grid_at(grid, column, row);

    ui_layout(grid->columns, grid->rows, model, panels);
    enum ui_panel panel = ui_panel_at(panels, column, row);
    if (!cell || panel == PANEL_COUNT || model->show_keys) {
        return;
    }
    model->focus = panel;
    model->keys_to_guest = panel == PANEL_SCREEN || panel == PANEL_CONSOLE;
    if (cell->link != 0 && panel == PANEL_DISASSEMBLY) {
        toggle_breakpoint(ui, cell->link);
    } else if (cell->link != 0 && panel == PANEL_MICROSTEPS) {
        go_to_micro(ui, cell->link);
    } else if (panel_command(panel, cell->link, &model->context, command, sizeof command)) {
        ui_command_do(ui, command);
    }
}

static void handle_wheel(struct ui *ui, const SDL_MouseWheelEvent *wheel)
{
    const struct grid *grid = &ui->picture.grid;
    struct rect panels[PANEL_COUNT];
    int x = 0;
    int y = 0;

    SDL_GetMouseState(&x, &y);
    ui_layout(grid->columns, grid->rows, &ui->picture.model, panels);
    enum ui_panel panel = ui_panel_at(panels, (uint32_t)(x < 0 ? 0 : x) / font_face_width(ui->face),
                                      (uint32_t)(y < 0 ? 0 : y) / font_face_height(ui->face));
    if (panel != PANEL_COUNT) {
        scroll(ui, panel, wheel->y * WHEEL_ROWS);
    }
}

void ui_handle_event(struct ui *ui, const SDL_Event *event)
{
    ui->dirty = true;
    switch (event->type) {
    case SDL_QUIT:
        ui->quit = true;
        break;
    case SDL_KEYDOWN:
        handle_key(ui, &event->key.keysym);
        break;
    case SDL_TEXTINPUT:
        handle_text(ui, event->text.text);
        break;
    case SDL_MOUSEBUTTONDOWN:
        if (event->button.button == SDL_BUTTON_LEFT) {
            handle_click(ui, event->button.x, event->button.y);
        }
        break;
    case SDL_MOUSEWHEEL:
        handle_wheel(ui, &event->wheel);
        break;
    case SDL_WINDOWEVENT:
        ui->start_over |= event->window.event == SDL_WINDOWEVENT_SIZE_CHANGED;
        ui->expose |= event->window.event == SDL_WINDOWEVENT_EXPOSED;
        break;
    default:
        ui->dirty = event->type == ui->event_type;
        break;
    }
}
