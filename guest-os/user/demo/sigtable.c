/* sigtable: each signal with its number, its default action, and the proof: a process that gets it.
 * See: signal(7). SPDX-License-Identifier: MIT */
#include <signal.h>
#include <sys/wait.h>

#include "user/demo/show.h"

enum action { ENDS, STOPS, NOTHING };

static const char *const words[] = {"ends the process", "stops it", "nothing"};

static enum action expected(int signal_number)
{
    switch (signal_number) {
    case SIGSTOP:
    case SIGTSTP:
    case SIGTTIN:
    case SIGTTOU:
        return STOPS;
    case SIGCHLD:
    case SIGCONT:
    case SIGURG:
    case SIGWINCH:
        return NOTHING;
    default:
        return ENDS;
    }
}

/* Let a process send it to itself: what happens? */
static enum action find_out(int signal_number)
{
    int status = 0, pid = fork();

    if (pid == 0) {
        setpgid(0, 0); /* a group whose parent is outside: it can be stopped */
        signal(signal_number, SIG_DFL);
        kill(getpid(), signal_number);
        _exit(0);
    }
    waitpid(pid, &status, WUNTRACED);
    if (WIFSTOPPED(status)) {
        kill(pid, SIGKILL);
        waitpid(pid, NULL, 0);
        return STOPS;
    }
    return WIFSIGNALED(status) && WTERMSIG(status) == signal_number ? ENDS : NOTHING;
}

static void handler(int signal_number)
{
    (void)signal_number;
}

int main(void)
{
    struct sigaction catch = {.sa_handler = handler};
    bool good = true;

    show_title("sigtable", "D5", "all signals, what each does by default, and whether that is so",
               "trace: signal events; man 7 signal");
    for (int i = 1; i <= SIGSYS; i++) {
        enum action action = find_out(i);
        bool can_catch = sigaction(i, &catch, NULL) == 0;

        printf("  %2d SIG%-7s %-17s %s%s\n", i, signal_name_of(i), words[action],
               can_catch ? "" : "can not be caught or ignored",
               action == expected(i) ? "" : "  <- NOT as signal(7) says");
        good = good && action == expected(i) && can_catch == (i != SIGKILL && i != SIGSTOP);
        signal(i, SIG_DFL);
    }
    show_check(good, "as signal(7) says; only SIGKILL and SIGSTOP can not be caught");
    return show_end("sigtable");
}
