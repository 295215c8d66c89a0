/* trap: commands that run when a signal comes, or at the end. A handler only notes the signal; the
 * command runs between two commands of the shell. See: POSIX.1-2017, trap.
 * SPDX-License-Identifier: MIT */
#include <ctype.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "user/sh/sh.h"

#define ON_EXIT 0 /* in the table beside the signals */

static char *traps[NSIG + 1]; /* NULL: default; "": ignored; of malloc */
static bool ignored_at_start[NSIG + 1];
static volatile bool came[NSIG + 1];
static volatile int last_signal; /* 0: none came */

static void note_signal(int signal_number)
{
    came[signal_number] = true;
    last_signal = signal_number;
    if (signal_number == SIGINT && shell.interactive && traps[SIGINT] == NULL) {
        shell.interrupted = 1; /* as without a trap */
    }
}

bool trap_waits(void)
{
    return last_signal != 0;
}

int trap_signal(void)
{
    return last_signal;
}

bool trap_is_set(int signal_number)
{
    return traps[signal_number] != NULL;
}

void traps_start(void)
{
    for (int i = 1; i <= SIGSYS; i++) {
        struct sigaction action = {0};

        sigaction(i, NULL, &action);
        ignored_at_start[i] = action.sa_handler == SIG_IGN;
    }
}

/* Without SA_RESTART, so that wait and read come back. */
static void install(int signal_number, sighandler_t handler)
{
    struct sigaction action = {.sa_handler = handler};

    if (!ignored_at_start[signal_number] || shell.interactive) {
        sigaction(signal_number, &action, NULL);
    }
}

static void set_trap(int signal_number, const char *command)
{
    free(traps[signal_number]);
    traps[signal_number] = command == NULL ? NULL : strdup(command);
    if (signal_number == ON_EXIT || signal_number == SIGKILL) {
        return;
    }
    if (command != NULL) {
        install(signal_number, *command == '\0' ? SIG_IGN : note_signal);
    } else if (!shell.interactive) {
        install(signal_number, SIG_DFL);
    }
}

void traps_child(void)
{
    for (int i = 0; i <= NSIG; i++) {
        if (traps[i] != NULL && traps[i][0] != '\0') {
            free(traps[i]);
            traps[i] = NULL;
            if (i != ON_EXIT) {
                install(i, SIG_DFL);
            }
        }
        came[i] = false;
    }
    last_signal = 0;
}

static void run_trap(int number)
{
    int status = shell.status, loops = shell.leave_loops;
    bool is_return = shell.is_return;
    char *command = strdup(traps[number]);

    shell.leave_loops = 0;
    shell.is_return = false;
    run_source(command, "trap");
    free(command);
    if (!shell.is_return) { /* a trap in a function may return from it */
        shell.status = status;
        shell.is_return = is_return;
    }
    if (loops > 0) {
        shell.leave_loops = loops;
    }
}

void traps_pending(void)
{
    if (last_signal == 0) {
        return;
    }
    last_signal = 0;
    for (int i = 1; i <= NSIG; i++) {
        if (came[i]) {
            came[i] = false;
            if (traps[i] != NULL && traps[i][0] != '\0') {
                run_trap(i);
            }
        }
    }
}

void traps_exit(void)
{
    char *command = traps[ON_EXIT];

    traps[ON_EXIT] = NULL; /* an exit in it is the end */
    if (command != NULL && *command != '\0') {
        shell.interrupted = 0;
        shell.leave_loops = 0;
        shell.is_return = false;
        run_source(command, "trap");
    }
}

/* ---- the command ---- */

static int number_of(const char *name)
{
    int number;

    if (strcmp(name, "EXIT") == 0 || strcmp(name, "0") == 0) {
        return ON_EXIT;
    }
    number = signal_number_of(name);
    return number > 0 && number <= NSIG ? number : -1;
}

static void print_traps(void)
{
    for (int i = 0; i <= SIGSYS; i++) {
        if (traps[i] != NULL) {
            fputs("trap -- ", stdout);
            print_quoted(traps[i]);
            printf(" %s\n", i == ON_EXIT ? "EXIT" : signal_name_of(i));
        }
    }
}

int builtin_trap(char **argv)
{
    const char *command;
    int result = 0;

    argv++;
    if (*argv != NULL && strcmp(*argv, "--") == 0) {
        argv++;
    }
    if (*argv == NULL) {
        print_traps();
        return 0;
    }
    command = *argv;
    if (argv[1] == NULL || isdigit(*command)) {
        command = NULL; /* only conditions: back to the default */
    } else {
        argv++;
        command = strcmp(command, "-") == 0 ? NULL : command;
    }
    for (; *argv != NULL; argv++) {
        int number = number_of(*argv);

        if (number < 0) {
            fprintf(stderr, "trap: no such signal: %s\n", *argv);
            result = 1;
        } else {
            set_trap(number, command);
        }
    }
    return result;
}
