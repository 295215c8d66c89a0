/* The seat on a terminal: ncurses from start to end, and the loop between keys, machine and
 * screen. The terminal is put in order on every way out.
 * SPDX-License-Identifier: MIT */
#include "emu/tui_terminal.h"

#include <errno.h>
#include <fcntl.h>
#include <langinfo.h>
#include <locale.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "emu/host_time.h"
#include "emu/tui_priv.h"

#define FRAME_MS      40 /* 25 pictures a second are enough for a line over the net */
#define IDLE_MS       1000
#define ESCAPE_MS     25            /* how long an escape sequence may take to arrive */
#define MOUSE_ON      "\033[?1002h" /* xterm: tell of drags too */
#define MOUSE_OFF     "\033[?1002l"
#define LEAVE_SCREEN  "\033[?1002l\033[?1000l\033[?1049l\033[0m\033[?25h"
#define COLUMNS_LEAST 20
#define ROWS_LEAST    5

static struct termios saved; /* as the shell had it, for a crash */
static atomic_bool notice;   /* one is in the pipe */

static void machine_changed(void *context)
{
    struct tui *tui = context;

    if (!atomic_exchange(&notice, true) && write(tui->wake[1], "", 1) < 0) {
        atomic_store(&notice, false); /* the pipe is full: it wakes anyway */
    }
}

/* A crash must not leave the shell without echo. */
static void on_crash(int number)
{
    ssize_t unused = write(STDOUT_FILENO, LEAVE_SCREEN, sizeof LEAVE_SCREEN - 1);

    (void)unused;
    tcsetattr(STDIN_FILENO, TCSANOW, &saved);
    signal(number, SIG_DFL);
    raise(number);
}

static void catch_crashes(void)
{
    static const int deadly[] = {SIGSEGV, SIGABRT, SIGBUS, SIGFPE, SIGILL};

    for (size_t index = 0; index < sizeof deadly / sizeof deadly[0]; index++) {
        signal(deadly[index], on_crash);
    }
}

static bool open_pipe(struct tui *tui, struct err *err)
{
    if (pipe(tui->wake) != 0) {
        return err_set(err, "--tui: no pipe: %s", strerror(errno));
    }
    for (int end = 0; end < 2; end++) {
        fcntl(tui->wake[end], F_SETFL, O_NONBLOCK);
        fcntl(tui->wake[end], F_SETFD, FD_CLOEXEC);
    }
    return true;
}

static void start_colours(struct tui *tui)
{
    tui->colours = TUI_MONOCHROME;
    if (has_colors() && start_color() == OK && COLORS >= 8) {
        tui->colours = COLORS >= 256 ? TUI_MANY : TUI_BASIC;
    }
}

static void start_mouse(struct tui *tui)
{
    const char *mouse = tigetstr("kmous");

    tui->mouse = mouse && mouse != (const char *)-1;
    if (tui->mouse) {
        mousemask(BUTTON1_PRESSED | BUTTON1_RELEASED | BUTTON1_CLICKED | BUTTON3_PRESSED |
                      BUTTON3_CLICKED | BUTTON4_PRESSED | BUTTON5_PRESSED | REPORT_MOUSE_POSITION,
                  NULL);
        mouseinterval(0);
        fputs(MOUSE_ON, stdout);
        fflush(stdout);
    }
}

static bool open_terminal(struct tui *tui, struct err *err)
{
    const char *name = getenv("TERM");

    if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO)) {
        return err_set(err, "--tui: needs a terminal for input and output; use --headless");
    }
    setlocale(LC_CTYPE, "");
    tui->unicode = strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
    tcgetattr(STDIN_FILENO, &saved);
    tui->screen = newterm(NULL, stdout, stdin);
    if (!tui->screen) {
        return err_set(err,
                       "--tui: a terminal of type %s is not known here; set TERM, or use "
                       "--headless",
                       name && name[0] ? name : "\"\"");
    }
    catch_crashes();
    raw();
    noecho();
    nonl();
    keypad(stdscr, TRUE);
    nodelay(stdscr, TRUE);
    set_escdelay(ESCAPE_MS);
    curs_set(0);
    start_colours(tui);
    start_mouse(tui);
    tui_find_keys(tui);
    return true;
}

/* Grids of the terminal's present size, colours of the present theme; all is painted anew. */
static bool start_over(struct tui *tui, struct err *err)
{
    uint32_t columns = (uint32_t)(COLS > COLUMNS_LEAST ? COLS : COLUMNS_LEAST);
    uint32_t rows = (uint32_t)(LINES > ROWS_LEAST ? LINES : ROWS_LEAST);

    tui_use_theme(tui);
    free(tui->shown.cells);
    tui->shown.cells = NULL;
    if (!ui_picture_resize(&tui->ui.picture, columns, rows)) {
        return err_set(err, "no memory for a terminal of %u by %u", columns, rows);
    }
    tui->shown = tui->ui.picture.grid;
    size_t bytes = (size_t)tui->shown.columns * tui->shown.rows * sizeof tui->shown.cells[0];
    tui->shown.cells = malloc(bytes);
    if (!tui->shown.cells) {
        return err_set(err, "no memory for a terminal of %u by %u", columns, rows);
    }
    memset(tui->shown.cells, 0xFF, bytes); /* like no cell */
    erase();
    tui->ui.start_over = false;
    tui->ui.dirty = true;
    return true;
}

static void take_notice(struct tui *tui)
{
    char bytes[16];

    while (read(tui->wake[0], bytes, sizeof bytes) > 0) {}
    atomic_store(&notice, false);
    tui->ui.dirty = true;
    ui_look_after(&tui->ui);
}

static bool run_loop(struct tui *tui, struct err *err)
{
    struct ui *ui = &tui->ui;
    uint64_t last_frame = 0;

    while (!ui->quit) {
        struct pollfd from[2] = {{.fd = STDIN_FILENO, .events = POLLIN},
                                 {.fd = tui->wake[0], .events = POLLIN}};
        uint64_t passed = host_time_ns() / 1000000 - last_frame;
        int wait = !ui->dirty ? IDLE_MS : passed < FRAME_MS ? FRAME_MS - (int)passed : 0;
        poll(from, 2, wait);
        if (from[0].revents & (POLLHUP | POLLERR | POLLNVAL)) {
            break; /* the terminal is gone */
        }
        if (from[1].revents & POLLIN) {
            take_notice(tui);
        }
        tui_take_keys(tui); /* a new size of the window is one too */
        if (ui->start_over && !start_over(tui, err)) {
            return false;
        }
        passed = host_time_ns() / 1000000 - last_frame;
        if (!ui->quit && ui->dirty && passed >= FRAME_MS) {
            ui->dirty = false;
            last_frame = host_time_ns() / 1000000;
            ui_draw(ui);
            tui_paint(tui);
            ui->frames++;
        }
    }
    return true;
}

static void close_terminal(struct tui *tui)
{
    if (tui->screen) {
        if (tui->mouse) {
            fputs(MOUSE_OFF, stdout);
        }
        endwin();
        delscreen(tui->screen);
    }
    ui_close(&tui->ui);
    free(tui->shown.cells);
    close(tui->wake[0]);
    close(tui->wake[1]);
}

int tui_run(struct session *session, const struct ui_options *options, struct err *err)
{
    struct tui *tui = calloc(1, sizeof *tui);

    if (!tui || !open_pipe(tui, err)) {
        free(tui);
        return UI_STATUS_NO_WINDOW;
    }
    bool done = ui_open(&tui->ui, options, err) && open_terminal(tui, err) &&
                start_over(tui, err) && ui_start(&tui->ui, session, machine_changed, tui, err) &&
                run_loop(tui, err);
    close_terminal(tui);
    free(tui);
    return done ? UI_STATUS_LEFT : UI_STATUS_NO_WINDOW;
}
