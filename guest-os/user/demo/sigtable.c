/* sigtable [--lecture]: each signal with its number, its default action, and the proof: a process
 * that gets it; `--lecture`: numbers and keys as slides have them, judged one by one.
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

/* ---- what slides say ---- */

/* Numbers as signal(7) has them for other processors; 0: not there. */
static const struct {
    const char *name;
    int here, alpha, mips, parisc, on_slide;
    const char *claim; /* about its default action; NULL: none */
    enum action action;
} slides[] = {
    {"HUP", SIGHUP, 1, 1, 1, 1, NULL, ENDS},
    {"INT", SIGINT, 2, 2, 2, 2, NULL, ENDS},
    {"QUIT", SIGQUIT, 3, 3, 3, 3, NULL, ENDS},
    {"KILL", SIGKILL, 9, 9, 9, 9, "ends the process", ENDS},
    {"SEGV", SIGSEGV, 11, 11, 11, 11, NULL, ENDS},
    {"ALRM", SIGALRM, 14, 14, 14, 14, NULL, ENDS},
    {"TERM", SIGTERM, 15, 15, 15, 15, NULL, ENDS},
    {"CHLD", SIGCHLD, 20, 18, 18, 20, "nothing", NOTHING},
    {"CONT", SIGCONT, 19, 25, 26, 19, NULL, NOTHING},
    {"STOP", SIGSTOP, 17, 23, 24, 17, "stops it", STOPS},
    {"USR1", SIGUSR1, 30, 16, 16, 31, "ends the process and dumps core", ENDS},
};

static const char *column_of(int number, int alpha, int mips, int parisc)
{
    return number == alpha    ? "it is the number on Alpha and SPARC"
           : number == mips   ? "it is the number on MIPS"
           : number == parisc ? "it is the number on PA-RISC"
                              : "it is the number on no processor";
}

/* Does a process that this signal ends leave a core, if it may? */
static bool dumps_core(int signal_number)
{
    struct rlimit unlimited = {RLIM_INFINITY, RLIM_INFINITY};
    int status = 0, pid = fork();

    if (pid == 0) {
        chdir("/tmp");
        setrlimit(RLIMIT_CORE, &unlimited);
        kill(getpid(), signal_number);
        _exit(0);
    }
    waitpid(pid, &status, 0);
    unlink("/tmp/core");
    return WCOREDUMP(status);
}

static bool judge_slide(size_t i)
{
    int here = slides[i].here, number = slides[i].on_slide;
    bool right = here == number;

    printf("  SIG%-4s %2d  %s", slides[i].name, number, right ? "right" : "WRONG here: ");
    if (!right) {
        printf("%d; %s", here,
               column_of(number, slides[i].alpha, slides[i].mips, slides[i].parisc));
    }
    putchar('\n');
    if (slides[i].claim != NULL && strstr(slides[i].claim, "core") != NULL) {
        bool core = dumps_core(here);

        printf("             \"%s\": %s\n", slides[i].claim,
               core ? "right" : "WRONG here: no core is dumped");
        right = right && core;
    } else if (slides[i].claim != NULL) {
        bool so = find_out(here) == slides[i].action;

        printf("             \"%s\": %s\n", slides[i].claim, so ? "right" : "WRONG here");
        right = right && so;
    }
    return right;
}

static int judge_slides(void)
{
    int wrong = 0;

    show_title("sigtable --lecture", "D5", "what slides say about signals, line by line",
               "man 7 signal; docs/slides-and-machine.md");
    for (size_t i = 0; i < sizeof(slides) / sizeof(slides[0]); i++) {
        wrong += !judge_slide(i);
    }
    printf("  %d lines do not hold on this machine\n", wrong);
    show_check(wrong == 4, "SIGCHLD, SIGCONT, SIGSTOP and SIGUSR1 are the ones");
    return show_end("sigtable");
}

int main(int argc, char **argv)
{
    struct sigaction catch = {.sa_handler = handler};
    bool good = true;

    if (argc > 1 && strcmp(argv[1], "--lecture") == 0) {
        return judge_slides();
    }
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
