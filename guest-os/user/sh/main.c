/* sh [-aCefimnuvxls] [-o NAME] [-c COMMANDS [NAME] | FILE] [ARGUMENT...]: commands from a text, a
 * file or standard input. On a terminal with prompts, history and job control.
 * SPDX-License-Identifier: MIT */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "user/sh/sh.h"

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
}

/* ---- prompts ---- */

static void add_working_directory(struct text *text)
{
    const char *home = variable_get("HOME");
    const char *here = variable_get("PWD") == NULL ? "?" : variable_get("PWD");
    size_t length = home == NULL ? 0 : strlen(home);

    if (length > 1 && strncmp(here, home, length) == 0 &&
        (here[length] == '/' || here[length] == '\0')) {
        text_add(text, '~');
        here += length;
    }
    text_add_all(text, here);
}

/* \w working directory, \u user, \h host, \$ # for root; then $ and ` are expanded. */
static char *make_prompt(const char *name)
{
    const char *form = variable_get(name) == NULL ? "" : variable_get(name);
    struct text text = {0};
    struct utsname host;

    for (; *form != '\0'; form++) {
        if (*form != '\\' || form[1] == '\0') {
            text_add(&text, *form);
            continue;
        }
        switch (*++form) {
        case 'w':
            add_working_directory(&text);
            break;
        case 'u':
            text_add_all(&text, variable_get("USER") != NULL ? variable_get("USER")
                                : geteuid() == 0             ? "root"
                                                             : "user");
            break;
        case 'h':
            text_add_all(&text, uname(&host) == 0 ? host.nodename : "?");
            break;
        case '$':
            text_add_all(&text, geteuid() == 0 ? "#" : "\\$");
            break;
        case 'n':
            text_add(&text, '\n');
            break;
        default:
            text_add(&text, '\\');
            text_add(&text, *form);
            break;
        }
    }
    return expand_document(text_of(&text));
}

/* ---- where the commands come from ---- */

/* One line of standard input, and no byte more: what comes behind belongs to the commands. */
static char *read_line(void)
{
    struct text text = {0};
    char c;
    int got;

    while ((got = (int)read(STDIN_FILENO, &c, 1)) == 1 || (got < 0 && errno == EINTR)) {
        if (got == 1 && c == '\n') {
            return text_of(&text);
        }
        if (got == 1) {
            text_add(&text, c);
        } else {
            traps_pending();
        }
    }
    return text.length > 0 ? text_of(&text) : NULL;
}

/* Lines until they are a whole command; NULL: the end, or interrupted. */
static struct command *read_command(bool *ended)
{
    struct text source = {0};

    shell.is_whole = false;
    for (;;) {
        struct command *command = NULL;
        const char *error = NULL, *at;
        bool spliced;
        char *line = !shell.interactive ? read_line()
                                        : edit_line(make_prompt(source.length > 0 ? "PS2" : "PS1"));

        *ended = line == NULL && !shell.interrupted;
        if (line == NULL && (source.length == 0 || shell.interrupted)) {
            return NULL;
        }
        if (line == NULL && shell.is_whole) {
            shell_error("not expected: end of input");
            return NULL;
        }
        shell.is_whole = line == NULL; /* then it is parsed a last time */
        line = line == NULL ? arena_text("", 0) : line;
        if (shell.options['v']) {
            fprintf(stderr, "%s\n", line);
        }
        text_add_all(&source, line);
        if (!shell.is_whole) {
            text_add(&source, '\n');
        }
        at = source.bytes;
        switch (parse(&at, &command, &error, &spliced)) {
        case PARSE_COMMAND:
            return command;
        case PARSE_NOTHING:
            return NULL;
        case PARSE_ERROR:
            shell_error("not expected: %s", error == NULL ? "end of line" : error);
            return NULL;
        case PARSE_MORE:
            break;
        }
    }
}

static int run_input(void)
{
    bool ended = false;

    while (!ended) {
        struct arena_mark mark = arena_now();
        struct command *command;

        shell.interrupted = 0;
        shell.leave_loops = shell.loops = shell.depth = shell.tested = 0;
        shell.is_return = shell.is_continue = false;
        if (shell.interactive) {
            traps_pending();
            jobs_notice(false);
        }
        command = read_command(&ended);
        if (command != NULL && (!shell.options['n'] || shell.interactive)) {
            run(command);
        } else if (shell.interrupted && shell.status != STATUS_ERROR) {
            shell.status = STATUS_SIGNAL + SIGINT;
        }
        arena_release(mark);
    }
    return shell.status;
}

static void run_profile(const char *path)
{
    char *argv[] = {".", (char *)(uintptr_t)path, NULL};

    if (access(path, R_OK) == 0) {
        builtin_find(".")->run(argv);
    }
}

static int run_file(const char *path)
{
    char *argv[] = {".", (char *)(uintptr_t)path, NULL};

    if (access(path, R_OK) != 0) {
        fprintf(stderr, "sh: %s: %s\n", path, strerror(errno));
        return errno == ENOENT ? 127 : 126;
    }
    if (strchr(path, '/') == NULL) {
        argv[1] = arena_join("./", path);
    }
    return builtin_find(".")->run(argv);
}

/* ---- start ---- */

static void start_variables(void)
{
    char path[SHELL_PATH_BYTES];

    variables_start();
    set_default("PATH", "/bin");
    set_default("HOME", "/root");
    variable_export("PATH");
    variable_export("HOME");
    variable_set("OPTIND", "1");
    variable_set("PPID", number_text(getppid()));
    set_default("PS1", "\\w \\$ ");
    set_default("PS2", "> ");
    set_default("PS4", "+ ");
    if (getcwd(path, sizeof(path)) != NULL) {
        variable_set("PWD", path);
    }
}

static void start_interactive(void)
{
    struct sigaction interrupt = {.sa_handler = on_interrupt};

    shell.interactive = true;
    shell.options['i'] = true;
    sigaction(SIGINT, &interrupt, NULL);
    signal(SIGQUIT, SIG_IGN);
    signal(SIGTERM, SIG_IGN);
    shell.terminal = -1;
    shell.options['m'] = true;
    jobs_start();
}

/* Words that begin with - or +; returns the first that does not. */
static char **read_options(char **argv, bool *from_text, bool *login)
{
    for (; *argv != NULL && (argv[0][0] == '-' || argv[0][0] == '+') && argv[0][1] != '\0';
         argv++) {
        bool on = argv[0][0] == '-';

        if (strcmp(*argv, "--") == 0) {
            return argv + 1;
        }
        for (const char *at = *argv + 1; *at != '\0'; at++) {
            char letter[2] = {*at, '\0'};

            if (*at == 'c') {
                *from_text = true;
            } else if (*at == 'l') {
                *login = true;
            } else if (*at == 'o' && argv[1] != NULL) {
                option_named(*++argv, on);
                break;
            } else {
                options_set(letter, on);
            }
        }
    }
    return argv;
}

static int run_all(char *name, char **argv, bool from_text)
{
    char **arguments = arena_allocate(((size_t)count_words(argv) + 2) * sizeof(*arguments));
    int first = from_text; /* COMMANDS [NAME [ARGUMENT...]], or FILE [ARGUMENT...] */

    if (from_text && *argv == NULL) {
        shell_error("-c: no commands");
        return STATUS_ERROR;
    }
    arguments[0] = name;
    if (*argv == NULL || shell.options['s']) {
        memcpy(arguments + 1, argv, (size_t)count_words(argv) * sizeof(*argv));
        shell.arguments = arguments;
        shell.options['s'] = true;
        return run_input();
    }
    if (argv[first] != NULL) {
        memcpy(arguments, argv + first, (size_t)count_words(argv + first) * sizeof(*argv));
    }
    shell.arguments = arguments;
    return from_text ? run_source(argv[0], "-c") : run_file(argv[0]);
}

int main(int argc, char **argv)
{
    static char *no_arguments[] = {"sh", NULL};
    bool from_text = false, login = argc > 0 && argv[0][0] == '-';
    char *name = argc > 0 ? argv[0] : no_arguments[0];
    sigset_t none;

    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    shell.pid = getpid();
    shell.terminal = -1;
    shell.arguments = no_arguments;
    traps_start();
    start_variables();
    argv = read_options(argv + (argc > 0), &from_text, &login);
    if (shell.options['i'] ||
        (!from_text && *argv == NULL && isatty(STDIN_FILENO) && isatty(STDERR_FILENO))) {
        start_interactive();
        setvbuf(stdout, NULL, _IOLBF, 0); /* whatever the first output goes to */
    }
    if (login) {
        run_profile("/etc/profile");
        run_profile(arena_join(variable_get("HOME"), "/.profile"));
    }
    if (shell.interactive && variable_get("ENV") != NULL) {
        run_profile(expand_document(variable_get("ENV")));
    }
    shell_exit(run_all(name, argv, from_text));
}
