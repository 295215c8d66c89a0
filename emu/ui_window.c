/* The SDL window: one frame buffer, one streaming texture, painted where cells differ, and only
 * when something happened. Sleeps otherwise.
 * SPDX-License-Identifier: MIT */
#include "emu/ui_window.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "emu/host_time.h"
#include "emu/ui_priv.h"

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
           err_set(err, "no display for a window; use --headless, or set DISPLAY");
}

static bool open_window(struct ui *ui, struct err *err)
{
    int width = (int)(ui->options.width ? ui->options.width : DEFAULT_WIDTH);
    int height = (int)(ui->options.height ? ui->options.height : DEFAULT_HEIGHT);

    SDL_SetHint(SDL_HINT_NO_SIGNAL_HANDLERS, "1");
    SDL_SetHint(SDL_HINT_VIDEO_X11_NET_WM_BYPASS_COMPOSITOR, "0");
    SDL_SetHint(SDL_HINT_FRAMEBUFFER_ACCELERATION, "0"); /* copying is all there is to do */
    if (!choose_driver(err)) {
        return false;
    }
    if (SDL_Init(SDL_INIT_VIDEO) != 0) {
        return err_set(err, "no display for a window (%s); use --headless, or set DISPLAY",
                       SDL_GetError());
    }
    ui->window = SDL_CreateWindow("Ringside", SDL_WINDOWPOS_UNDEFINED, SDL_WINDOWPOS_UNDEFINED,
                                  width, height, SDL_WINDOW_RESIZABLE);
    if (!ui->window) {
        return err_set(err, "the window can not be opened (%s); use --headless", SDL_GetError());
    }
    ui->renderer = SDL_CreateRenderer(ui->window, -1, SDL_RENDERER_SOFTWARE);
    if (!ui->renderer) {
        return err_set(err, "the window can not be painted (%s); use --headless", SDL_GetError());
    }
    SDL_StartTextInput();
    return true;
}

/* Frame buffer, texture and grid for the present size, font and theme. */
static bool start_over(struct ui *ui, struct err *err)
{
    struct font_face *face = font_face_open(ui->options.font, ui->font_scale, err);
    int width = 0;
    int height = 0;

    if (!face || SDL_GetRendererOutputSize(ui->renderer, &width, &height) != 0 || width < 1 ||
        height < 1) {
        font_face_close(face);
        return face ? err_set(err, "the window has no size: %s", SDL_GetError()) : false;
    }
    font_face_close(ui->face);
    ui->face = face;
    paint_palette(&ui->palette, ui->light);
    free(ui->target.pixels);
    free(ui->shown.cells);
    ui->shown.cells = NULL;
    ui->target.width = (uint32_t)width;
    ui->target.height = (uint32_t)height;
    size_t pixels = (size_t)width * (size_t)height;
    ui->target.pixels = malloc(pixels * sizeof ui->target.pixels[0]);
    if (ui->texture) {
        SDL_DestroyTexture(ui->texture);
    }
    ui->texture = SDL_CreateTexture(ui->renderer, SDL_PIXELFORMAT_RGB888,
                                    SDL_TEXTUREACCESS_STREAMING, width, height);
    if (!ui->target.pixels || !ui->texture ||
        !ui_picture_resize(&ui->picture, ui->target.width / font_face_width(face),
                           ui->target.height / font_face_height(face))) {
        return err_set(err, "no memory for a window of %d by %d", width, height);
    }
    for (size_t index = 0; index < pixels; index++) {
        ui->target.pixels[index] = ui->palette.paper[ROLE_TEXT];
    }
    ui->shown = ui->picture.grid;
    size_t cells = (size_t)ui->shown.columns * ui->shown.rows;
    ui->shown.cells = malloc(cells * sizeof ui->shown.cells[0]);
    if (!ui->shown.cells) {
        return err_set(err, "no memory for a window of %d by %d", width, height);
    }
    memset(ui->shown.cells, 0xFF, cells * sizeof ui->shown.cells[0]); /* like no cell */
    ui->expose = true;
    return true;
}

static void compose(struct ui *ui)
{
    struct ui_model *model = &ui->picture.model;
    struct session *session = ui_machine_lock(ui->machine);

    ui_ask_if_needed(ui);
    model->command = ui->edit.text;
    model->command_cursor = ui->edit.cursor;
    model->note = ui->note;
    ui_picture_draw(&ui->picture, session, true);
    ui_machine_unlock(ui->machine);
}

/* Bring the frame buffer and the screen up to date. */
static void paint(struct ui *ui)
{
    uint32_t first;
    uint32_t end;

    compose(ui);
    uint32_t painted = paint_grid(&ui->target, &ui->picture.grid, &ui->shown, &ui->palette,
                                  ui->face, &first, &end);
    if (painted == 0 && !ui->expose) {
        return;
    }
    if (ui->expose) {
        first = 0;
        end = ui->target.height;
    }
    SDL_Rect area = {0, (int)first, (int)ui->target.width, (int)(end - first)};
    SDL_UpdateTexture(ui->texture, &area, ui->target.pixels + (size_t)first * ui->target.width,
                      (int)(ui->target.width * sizeof ui->target.pixels[0]));
    SDL_RenderCopy(ui->renderer, ui->texture, NULL, NULL);
    SDL_RenderPresent(ui->renderer);
    ui->expose = false;
}

static void dump_if_due(struct ui *ui)
{
    struct err err = {0};

    if (ui->options.dump_after_frames == 0 || ui->frames < ui->options.dump_after_frames) {
        return;
    }
    ui_picture_write(&ui->picture, ui->options.dump_path, &ui->palette, ui->face, &err);
    ui->quit = true;
}

/* A script's quit. */
static void quit_if_asked(struct ui *ui)
{
    const struct session *session = ui_machine_lock(ui->machine);
    int status;

    ui->quit |= session_wants_quit(session, &status);
    ui_machine_unlock(ui->machine);
}

static bool run_loop(struct ui *ui, struct notice *notice, struct err *err)
{
    uint64_t last_frame = 0;
    SDL_Event event;

    while (!ui->quit) {
        uint64_t now = host_time_ns() / 1000000;
        int wait = ui->dirty
                       ? (now - last_frame < FRAME_MS ? FRAME_MS - (int)(now - last_frame) : 0)
                       : IDLE_MS;
        bool got = wait > 0 ? SDL_WaitEventTimeout(&event, wait) : SDL_PollEvent(&event);
        for (; got && !ui->quit; got = SDL_PollEvent(&event)) {
            if (event.type == notice->event_type) {
                atomic_store(&notice->pending, false);
                quit_if_asked(ui);
            }
            bool was_dirty = ui->dirty;
            ui_handle_event(ui, &event);
            ui->dirty |= was_dirty;
        }
        if (ui->start_over && !start_over(ui, err)) {
            return false;
        }
        now = host_time_ns() / 1000000;
        if (ui->quit || !(ui->dirty || ui->start_over || ui->expose) ||
            now - last_frame < FRAME_MS) {
            continue;
        }
        ui->start_over = false;
        ui->dirty = false;
        last_frame = now;
        paint(ui);
        ui->frames++;
        dump_if_due(ui);
    }
    return true;
}

static void close_window(struct ui *ui)
{
    if (ui->machine) {
        ui_machine_stop(ui->machine);
    }
    font_face_close(ui->face);
    ui_picture_free(&ui->picture);
    free(ui->target.pixels);
    free(ui->shown.cells);
    if (ui->texture) {
        SDL_DestroyTexture(ui->texture);
    }
    if (ui->renderer) {
        SDL_DestroyRenderer(ui->renderer);
    }
    if (ui->window) {
        SDL_DestroyWindow(ui->window);
    }
    SDL_Quit();
}

static bool run(struct ui *ui, struct session *session, struct notice *notice, struct err *err)
{
    if (!ui_picture_init(&ui->picture, ui->options.symbols, err) || !open_window(ui, err)) {
        return false;
    }
    notice->event_type = SDL_RegisterEvents(1);
    ui->event_type = notice->event_type;
    ui->dirty = true;
    if (!start_over(ui, err)) {
        return false;
    }
    ui->machine = ui_machine_start(session, ui->options.pace_real, machine_changed, notice, err);
    if (!ui->machine) {
        return false;
    }
    if (!ui->options.start_paused) {
        ui_do_action(ui, ACTION_RUN, false);
    }
    return run_loop(ui, notice, err);
}

int ui_window_run(struct session *session, const struct ui_options *options, struct err *err)
{
    struct ui *ui = calloc(1, sizeof *ui);
    struct notice notice = {0};

    if (!ui) {
        err_set(err, "no memory for the window");
        return UI_STATUS_NO_WINDOW;
    }
    ui->options = *options;
    ui->font_scale = options->font_scale ? options->font_scale : 100;
    ui->light = options->light;
    bool done = run(ui, session, &notice, err);
    close_window(ui);
    free(ui);
    return done ? UI_STATUS_LEFT : UI_STATUS_NO_WINDOW;
}
