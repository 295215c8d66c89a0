/* What SDL tells, as the seat's keys, text and mouse.
 * SPDX-License-Identifier: MIT */
#include <string.h>

#include "emu/ui_window_priv.h"

#define WHEEL_ROWS 3

static const struct {
    SDL_Keycode sym;
    enum ui_special_key key;
} special_keys[] = {
    {SDLK_RETURN, UI_KEY_ENTER},
    {SDLK_KP_ENTER, UI_KEY_ENTER},
    {SDLK_BACKSPACE, UI_KEY_BACKSPACE},
    {SDLK_TAB, UI_KEY_TAB},
    {SDLK_ESCAPE, UI_KEY_ESCAPE},
    {SDLK_UP, UI_KEY_UP},
    {SDLK_DOWN, UI_KEY_DOWN},
    {SDLK_LEFT, UI_KEY_LEFT},
    {SDLK_RIGHT, UI_KEY_RIGHT},
    {SDLK_HOME, UI_KEY_HOME},
    {SDLK_END, UI_KEY_END},
    {SDLK_PAGEUP, UI_KEY_PAGE_UP},
    {SDLK_PAGEDOWN, UI_KEY_PAGE_DOWN},
    {SDLK_INSERT, UI_KEY_INSERT},
    {SDLK_DELETE, UI_KEY_DELETE},
};

static enum ui_special_key special_of(SDL_Keycode sym)
{
    if (sym >= SDLK_F1 && sym <= SDLK_F12) {
        return (enum ui_special_key)(UI_KEY_F1 + (sym - SDLK_F1));
    }
    for (size_t index = 0; index < sizeof special_keys / sizeof special_keys[0]; index++) {
        if (special_keys[index].sym == sym) {
            return special_keys[index].key;
        }
    }
    return UI_KEY_SPECIAL_COUNT;
}

/* The character of a key that makes no text because Control is held; 0: none. */
static uint32_t character_of(const SDL_Keysym *key)
{
    if (key->sym == SDLK_KP_PLUS) {
        return '+';
    }
    if (key->sym == SDLK_KP_MINUS) {
        return '-';
    }
    if (key->scancode == SDL_SCANCODE_BACKSLASH || key->scancode == SDL_SCANCODE_NONUSBACKSLASH) {
        return '\\';
    }
    return key->sym >= ' ' && key->sym < 0x7F ? (uint32_t)key->sym : 0;
}

static void take_key(struct ui *ui, const SDL_Keysym *key)
{
    struct ui_key pressed = {
        .key = special_of(key->sym),
        .shift = key->mod & KMOD_SHIFT,
        .control = (key->mod & KMOD_CTRL) && !(key->mod & (KMOD_ALT | KMOD_MODE)),
        .alt = key->mod & KMOD_ALT,
    };

    pressed.character = pressed.control ? character_of(key) : 0;
    ui_key(ui, &pressed);
}

static uint32_t cell_of(int32_t pixel, uint32_t size)
{
    return (uint32_t)(pixel < 0 ? 0 : pixel) / size;
}

static void take_button(struct window *window, const SDL_MouseButtonEvent *button)
{
    uint32_t column = cell_of(button->x, font_face_width(window->face));
    uint32_t row = cell_of(button->y, font_face_height(window->face));

    if (button->type == SDL_MOUSEBUTTONUP) {
        if (button->button == SDL_BUTTON_LEFT) {
            ui_release_button(&window->ui, column, row);
        }
    } else if (button->button == SDL_BUTTON_LEFT || button->button == SDL_BUTTON_RIGHT) {
        ui_press_button(&window->ui, column, row,
                        button->button == SDL_BUTTON_LEFT ? UI_BUTTON_LEFT : UI_BUTTON_RIGHT);
    }
}

static void take_motion(struct window *window, int32_t x, int32_t y)
{
    ui_move_mouse(&window->ui, cell_of(x, font_face_width(window->face)),
                  cell_of(y, font_face_height(window->face)));
}

static void take_wheel(struct window *window, const SDL_MouseWheelEvent *wheel)
{
    int x = 0;
    int y = 0;

    SDL_GetMouseState(&x, &y);
    ui_turn_wheel(&window->ui, cell_of(x, font_face_width(window->face)),
                  cell_of(y, font_face_height(window->face)), wheel->y * WHEEL_ROWS);
}

void window_take_event(struct window *window, const SDL_Event *event)
{
    struct ui *ui = &window->ui;

    switch (event->type) {
    case SDL_QUIT:
        ui->quit = true;
        break;
    case SDL_KEYDOWN:
        take_key(ui, &event->key.keysym);
        break;
    case SDL_TEXTINPUT:
        ui_text(ui, event->text.text, ui->shift);
        break;
    case SDL_MOUSEBUTTONDOWN:
    case SDL_MOUSEBUTTONUP:
        take_button(window, &event->button);
        break;
    case SDL_MOUSEMOTION:
        take_motion(window, event->motion.x, event->motion.y);
        break;
    case SDL_MOUSEWHEEL:
        take_wheel(window, &event->wheel);
        break;
    case SDL_WINDOWEVENT:
        ui->start_over |= event->window.event == SDL_WINDOWEVENT_SIZE_CHANGED;
        window->expose |= event->window.event == SDL_WINDOWEVENT_EXPOSED;
        break;
    default:
        break;
    }
}
