/* The user's terminal in raw mode, and back.
 * SPDX-License-Identifier: MIT */
#include "emu/ui_terminal.h"

#include <signal.h>
#include <stdlib.h>
#include <termios.h>
#include <unistd.h>

static struct termios saved;
static struct termios raw;
static volatile sig_atomic_t raw_file = -1;
static volatile sig_atomic_t stopped_file = -1;

void ui_terminal_restore(void)
{
    int file = raw_file;

    if (file >= 0) {
        raw_file = -1;
        tcsetattr(file, TCSAFLUSH, &saved); /* async-signal-safe by POSIX */
    }
}

static void on_signal(int number)
{
    ui_terminal_restore();
    signal(number, SIG_DFL);
    raise(number);
}

/* Stopped: a sane terminal for the shell; raw again when it goes on. */
static void on_stop(int number)
{
    stopped_file = raw_file;
    ui_terminal_restore();
    signal(number, SIG_DFL);
    raise(number);
}

static void on_continue(int number)
{
    (void)number;
    signal(SIGTSTP, on_stop);
    if (stopped_file >= 0 && raw_file < 0) {
        raw_file = stopped_file;
        stopped_file = -1;
        tcsetattr(raw_file, TCSAFLUSH, &raw);
    }
}

static void catch_signals(void)
{
    static const int deadly[] = {SIGINT,  SIGTERM, SIGHUP, SIGQUIT, SIGSEGV,
                                 SIGABRT, SIGBUS,  SIGFPE, SIGILL,  SIGALRM};
    struct sigaction action = {.sa_handler = on_signal, .sa_flags = SA_NODEFER};

    for (unsigned i = 0; i < sizeof(deadly) / sizeof(deadly[0]); i++) {
        sigaction(deadly[i], &action, NULL);
    }
    signal(SIGTSTP, on_stop);
    signal(SIGCONT, on_continue);
}

bool ui_terminal_raw(int file)
{
    if (!isatty(file) || tcgetattr(file, &saved) != 0) {
        return false;
    }
    raw = saved;
    raw.c_iflag &= (tcflag_t) ~(BRKINT | ICRNL | INLCR | IGNCR | INPCK | ISTRIP | IXON);
    raw.c_lflag &= (tcflag_t) ~(ECHO | ECHONL | ICANON | IEXTEN | ISIG);
    raw.c_cflag |= CS8;
    raw.c_cc[VMIN] = 0;
    raw.c_cc[VTIME] = 0;
    atexit(ui_terminal_restore);
    catch_signals();
    raw_file = file;
    return tcsetattr(file, TCSAFLUSH, &raw) == 0;
}
