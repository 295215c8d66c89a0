/* The SDL window: one frame buffer, one streaming texture, painted where cells differ, and only
 * when something happened. Sleeps otherwise.
 * SPDX-License-Identifier: MIT */
#include "emu/ui_window.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "emu/host_time.h"
#include "emu/ui_window_priv.h"

#define DEFAULT_WIDTH  1280u
#define DEFAULT_HEIGHT 800u
#define FRAME_MS       16
#define IDLE_MS        1000

/* The machine's notice: an event, so that the sleeping window wakes. */
struct notice {
    uint32_t event_type;
    atomic_bool pending; /* one is on its way */
};

static void machine_changed(void *context)
{
    struct notice *notice = context;

    if (!atomic_exchange(&notice->pending, true)) {
        SDL_Event event = {.type = notice->event_type};
        SDL_PushEvent(&event);
    }
}

/* Where no display is named there is none: asking every driver for one only prints complaints. */
static bool choose_driver(struct err *err)
{
    if (SDL_getenv("SDL_VIDEODRIVER") || SDL_getenv("WAYLAND_DISPLAY")) {
        return true;
    }
    SDL_SetHint(SDL_HINT_VIDEODRIVER, "x11");
    return SDL_getenv("DISPLAY") ||
           err_set(err, "no display for a window; use --tui or --headless, or set DISPLAY");
}

static bool open_window(struct window *window, struct err *err)
{
    const struct ui_options *options = &window->ui.options;
    int width = (int)(options->width ? options->width : DEFAULT_WIDTH);
    int height = (int)(options->height ? options->height : DEFAULT_HEIGHT);

    SDL_SetHint(SDL_HINT_NO_SIGNAL_HANDLERS, "1");
    SDL_SetHint(SDL_HINT_VIDEO_X11_NET_WM_BYPASS_COMPOSITOR, "0");
    SDL_SetHint(SDL_HINT_FRAMEBUFFER_ACCELERATION, "0"); /* copying is all there is to do */
    if (!choose_driver(err)) {
        return false;
    }
    if (SDL_Init(SDL_INIT_VIDEO) != 0) {
        return err_set(err, "no display for a window (%s); use --tui or --headless, or set DISPLAY",
                       SDL_GetError());
    }
    window->window = SDL_CreateWindow("Ringside", SDL_WINDOWPOS_UNDEFINED, SDL_WINDOWPOS_UNDEFINED,
                                      width, height, SDL_WINDOW_RESIZABLE);
    if (!window->window) {
        return err_set(err, "the window can not be opened (%s); use --headless", SDL_GetError());
    }
    window->renderer = SDL_CreateRenderer(window->window, -1, SDL_RENDERER_SOFTWARE);
    if (!window->renderer) {
        return err_set(err, "the window can not be painted (%s); use --headless", SDL_GetError());
    }
    SDL_StartTextInput();
    return true;
}

/* A font that can not be used any more leaves the window with the one it has. */
static struct font_face *open_face(struct window *window)
{
    struct ui *ui = &window->ui;
    struct err err = {0};
    struct font_face *face = font_face_open(ui->options.font, ui->look.font_scale, &err);

    if (!face) {
        ui_say(ui, "%s", err.message);
        face = font_face_open(NULL, ui->look.font_scale, &err);
    }
    return face;
}

/* Frame buffer, texture and grid for the present size, font and theme. */
static bool start_over(struct window *window, struct err *err)
{
    struct ui *ui = &window->ui;
    struct font_face *face = open_face(window);
    int width = 0;
    int height = 0;

    if (!face || SDL_GetRendererOutputSize(window->renderer, &width, &height) != 0 || width < 1 ||
        height < 1) {
        font_face_close(face);
        return err_set(err, "the window has no %s", face ? "size" : "letters");
    }
    font_face_close(window->face);
    window->face = face;
    paint_palette(&window->palette, ui->look.theme);
    free(window->target.pixels);
    free(window->shown.cells);
    window->shown.cells = NULL;
    window->target.width = (uint32_t)width;
    window->target.height = (uint32_t)height;
    size_t pixels = (size_t)width * (size_t)height;
    window->target.pixels = malloc(pixels * sizeof window->target.pixels[0]);
    if (window->texture) {
        SDL_DestroyTexture(window->texture);
    }
    window->texture = SDL_CreateTexture(window->renderer, SDL_PIXELFORMAT_RGB888,
                                        SDL_TEXTUREACCESS_STREAMING, width, height);
    if (!window->target.pixels || !window->texture ||
        !ui_picture_resize(&ui->picture, window->target.width / font_face_width(face),
                           window->target.height / font_face_height(face))) {
        return err_set(err, "no memory for a window of %d by %d", width, height);
    }
    for (size_t index = 0; index < pixels; index++) {
        window->target.pixels[index] = window->palette.paper[ROLE_TEXT];
    }
    window->shown = ui->picture.grid;
    size_t cells = (size_t)window->shown.columns * window->shown.rows;
    window->shown.cells = malloc(cells * sizeof window->shown.cells[0]);
    if (!window->shown.cells) {
        return err_set(err, "no memory for a window of %d by %d", width, height);
    }
    memset(window->shown.cells, 0xFF, cells * sizeof window->shown.cells[0]); /* like no cell */
    window->expose = true;
    return true;
}

/* Bring the frame buffer and the screen up to date. */
static void paint(struct window *window)
{
    uint32_t first;
    uint32_t end;

    ui_draw(&window->ui);
    uint32_t painted = paint_grid(&window->target, &window->ui.picture.grid, &window->shown,
                                  &window->palette, window->face, &first, &end);
    if (painted == 0 && !window->expose) {
        return;
    }
    if (window->expose) {
        first = 0;
        end = window->target.height;
    }
    SDL_Rect area = {0, (int)first, (int)window->target.width, (int)(end - first)};
    SDL_UpdateTexture(window->texture, &area,
                      window->target.pixels + (size_t)first * window->target.width,
                      (int)(window->target.width * sizeof window->target.pixels[0]));
    SDL_RenderCopy(window->renderer, window->texture, NULL, NULL);
    SDL_RenderPresent(window->renderer);
    window->expose = false;
}

static void dump_if_due(struct ui *ui)
{
    struct err err = {0};

    if (ui->options.dump_after_frames == 0 || ui->frames < ui->options.dump_after_frames) {
        return;
    }
    ui_picture_write(&ui->picture, ui->options.dump_path, ui->look.theme, ui->options.font,
                     ui->look.font_scale, &err);
    ui->quit = true;
}

/* Wait for something to happen, at most until the next frame is due, and take all of it. */
static void take_events(struct window *window, struct notice *notice, uint64_t last_frame)
{
    struct ui *ui = &window->ui;
    uint64_t now = host_time_ns() / 1000000;
    SDL_Event event;
    int wait = ui->dirty ? (now - last_frame < FRAME_MS ? FRAME_MS - (int)(now - last_frame) : 0)
                         : IDLE_MS;
    bool got = wait > 0 ? SDL_WaitEventTimeout(&event, wait) : SDL_PollEvent(&event);

    for (; got && !ui->quit; got = SDL_PollEvent(&event)) {
        if (event.type == notice->event_type) {
            atomic_store(&notice->pending, false);
            ui->dirty = true;
            ui_look_after(ui);
        } else {
            window_take_event(window, &event);
        }
    }
}

static bool run_loop(struct window *window, struct notice *notice, struct err *err)
{
    struct ui *ui = &window->ui;
    uint64_t last_frame = 0;

    while (!ui->quit) {
        take_events(window, notice, last_frame);
        bool again = ui->start_over;
        if (again && !start_over(window, err)) {
            return false;
        }
        ui->dirty |= again;
        ui->start_over = false;
        uint64_t now = host_time_ns() / 1000000;
        if (ui->quit || !(ui->dirty || window->expose) || now - last_frame < FRAME_MS) {
            continue;
        }
        ui->dirty = false;
        last_frame = now;
        paint(window);
        ui->frames++;
        dump_if_due(ui);
    }
    return true;
}

static void close_window(struct window *window)
{
    ui_close(&window->ui);
    font_face_close(window->face);
    free(window->target.pixels);
    free(window->shown.cells);
    if (window->texture) {
        SDL_DestroyTexture(window->texture);
    }
    if (window->renderer) {
        SDL_DestroyRenderer(window->renderer);
    }
    if (window->window) {
        SDL_DestroyWindow(window->window);
    }
    SDL_Quit();
}

static bool run(struct window *window, struct session *session, const struct ui_options *options,
                struct notice *notice, struct err *err)
{
    window->ui.pixels = true;
    if (!ui_open(&window->ui, options, err) || !open_window(window, err)) {
        return false;
    }
    notice->event_type = SDL_RegisterEvents(1);
    return start_over(window, err) &&
           ui_start(&window->ui, session, machine_changed, notice, err) &&
           run_loop(window, notice, err);
}

int ui_window_run(struct session *session, const struct ui_options *options, struct err *err)
{
    struct window *window = calloc(1, sizeof *window);
    struct notice notice = {0};

    if (!window) {
        err_set(err, "no memory for the window");
        return UI_STATUS_NO_WINDOW;
    }
    bool done = run(window, session, options, &notice, err);
    close_window(window);
    free(window);
    return done ? UI_STATUS_LEFT : UI_STATUS_NO_WINDOW;
}
