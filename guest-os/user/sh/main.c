/* sh [-c COMMANDS | FILE] [ARGUMENT...]: commands from a text, a file or standard input. On a
 * terminal with prompts, history and job control. SPDX-License-Identifier: MIT */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "user/sh/sh.h"

#define PATH_BYTES 256

struct shell shell;

static void on_interrupt(int signal_number)
{
    (void)signal_number;
    shell.interrupted = 1;
}

static void set_default(const char *name, const char *value)
{
    if (variable_get(name) == NULL) {
        variable_set(name, value);
    }
    variable_export(name);
}

static char *make_prompt(bool more)
{
    char text[PATH_BYTES + 8], path[PATH_BYTES] = "?";

    if (more) {
        return arena_text("> ", 2);
    }
    getcwd(path, sizeof(path));
    snprintf(text, sizeof(text), "%s # ", path);
    return arena_text(text, strlen(text));
}

/* Lines until they are a whole command; NULL: the end, or interrupted. */
static struct command *read_command(bool *ended)
{
    struct text source = {0};

    for (;;) {
        struct command *command = NULL;
        const char *error = NULL, *at;
        char *line = edit_line(make_prompt(source.length > 0));

        *ended = line == NULL && !shell.interrupted;
        if (line == NULL) {
            return NULL;
        }
        text_add_all(&source, line);
        text_add(&source, '\n');
        at = source.bytes;
        switch (parse(&at, &command, &error)) {
        case PARSE_COMMAND:
            return command;
        case PARSE_NOTHING:
            return NULL;
        case PARSE_ERROR:
            fprintf(stderr, "sh: not expected: %s\n", error == NULL ? "end of line" : error);
            shell.status = 2;
            return NULL;
        case PARSE_MORE:
            break;
        }
    }
}

static int run_interactive(void)
{
    struct sigaction interrupt = {.sa_handler = on_interrupt};
    bool ended = false;

    sigaction(SIGINT, &interrupt, NULL);
    jobs_start();
    while (!ended) {
        struct arena_mark mark = arena_now();
        struct command *command;

        shell.interrupted = 0;
        shell.leave_loops = 0;
        shell.is_return = shell.is_continue = false;
        jobs_notice(false);
        command = read_command(&ended);
        if (command != NULL) {
            run(command);
        } else if (shell.interrupted) {
            shell.status = 128 + SIGINT;
        }
        arena_release(mark);
    }
    return shell.status;
}

/* Standard input that is no terminal: all of it first, then it is run. */
static int run_input(void)
{
    size_t length = 0, room = 1024;
    char *source = malloc(room);
    int got;

    while ((got = read(STDIN_FILENO, source + length, room - length - 1)) > 0) {
        length += (size_t)got;
        if (length + 1 == room) {
            room *= 2;
            source = realloc(source, room);
        }
    }
    source[length] = '\0';
    return run_source(source, "input");
}

static int run_file(const char *path)
{
    char *argv[] = {".", (char *)(uintptr_t)path, NULL};

    return builtin_find(".")(argv);
}

int main(int argc, char **argv)
{
    char path[PATH_BYTES];
    sigset_t none;
    int status;

    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    shell.pid = getpid();
    variables_start();
    set_default("PATH", "/bin");
    set_default("HOME", "/root");
    if (getcwd(path, sizeof(path)) != NULL) {
        variable_set("PWD", path);
    }
    if (argc > 2 && strcmp(argv[1], "-c") == 0) {
        char *alone[] = {argv[0], NULL};

        shell.arguments = argc > 3 ? argv + 3 : alone;
        status = run_source(argv[2], "-c");
    } else if (argc > 1 && strcmp(argv[1], "-i") != 0) {
        shell.arguments = argv + 1;
        status = run_file(argv[1]);
    } else {
        char *alone[] = {argv[0], NULL};

        shell.arguments = alone;
        shell.interactive = isatty(STDIN_FILENO) != 0;
        status = shell.interactive ? run_interactive() : run_input();
    }
    return status;
}
