/* Running the tree of commands: each kind has a function; simple commands are in simple.c. See:
 * POSIX.1-2017, 2.9 "Shell Commands". SPDX-License-Identifier: MIT */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "user/sh/run.h"

#define CHUNK 256

/* ---- the end, and errors ---- */

_Noreturn void shell_exit(int status)
{
    shell.status = status & 0xFF;
    shell.options['e'] = false;
    traps_exit();
    exit(status & 0xFF);
}

void shell_error(const char *format, ...)
{
    va_list arguments;

    fputs("sh: ", stderr);
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fputs("\n", stderr);
    shell.status = STATUS_ERROR;
    if (shell.forgiving) {
        return;
    }
    if (!shell.interactive || shell.is_child) {
        shell_exit(STATUS_ERROR);
    }
    shell.interrupted = 1;
}

/* Something ends what is being run: break, continue, return, Ctrl-C. */
static bool is_leaving(void)
{
    return shell.interrupted || shell.is_return || shell.leave_loops > 0;
}

/* ---- processes ---- */

/* In a new process: its place among the jobs, and no traps. */
void become_child(int group, bool foreground)
{
    traps_child();
    jobs_child(group, foreground);
}

/* Run `command` in this new process and end it. */
static _Noreturn void be_child(struct command *command, int group, bool foreground)
{
    become_child(group, foreground);
    shell.is_last = command->kind == SIMPLE;
    shell_exit(run(command));
}

int complain_of_fork(void)
{
    fprintf(stderr, "sh: fork: %s\n", strerror(errno));
    return STATUS_ERROR;
}

/* A child for `command` in `job`; its pid. */
static int start(struct command *command, struct job *job, bool foreground)
{
    int pid = fork();

    if (pid == 0) {
        be_child(command, job_group(job), foreground);
    }
    if (pid < 0) {
        complain_of_fork();
        return pid;
    }
    job_add(job, pid);
    return pid;
}

static int run_subshell(struct command *command)
{
    struct job *job = job_create(command->source);

    start(command->left, job, true);
    return job_wait(job);
}

static _Noreturn void be_part(struct command *part, int input, const int *fds, int group,
                              bool foreground)
{
    if (input >= 0) {
        dup2(input, STDIN_FILENO);
        close(input);
    }
    if (fds != NULL) {
        dup2(fds[1], STDOUT_FILENO);
        close(fds[0]);
        close(fds[1]);
    }
    be_child(part, group, foreground);
}

/* Pipelines are right-leaning: left is one command, right the rest. */
static void start_pipeline(struct command *command, struct job *job, bool foreground)
{
    int input = -1, fds[2];

    for (; command != NULL; command = command->kind == PIPELINE ? command->right : NULL) {
        struct command *part = command->kind == PIPELINE ? command->left : command;
        bool last = part == command;
        int pid;

        if (!last && pipe(fds) != 0) {
            fprintf(stderr, "sh: pipe: %s\n", strerror(errno));
            break;
        }
        pid = fork();
        if (pid == 0) {
            be_part(part, input, last ? NULL : fds, job_group(job), foreground);
        }
        if (input >= 0) {
            close(input);
            input = -1;
        }
        if (!last) {
            close(fds[1]);
            input = fds[0];
        }
        if (pid < 0) {
            complain_of_fork();
            break;
        }
        job_add(job, pid);
    }
    if (input >= 0) {
        close(input);
    }
}

static int run_pipeline(struct command *command)
{
    struct job *job = job_create(command->source);

    start_pipeline(command, job, true);
    return job_wait(job);
}

static int run_background(struct command *command)
{
    struct job *job = job_create(command->source);

    if (command->left->kind == PIPELINE) {
        start_pipeline(command->left, job, false);
    } else {
        start(command->left, job, false);
    }
    job_to_background(job);
    return 0;
}

/* ---- source texts ---- */

int run_source(const char *source, const char *name)
{
    struct arena_mark begin = arena_now();
    bool forgiving = shell.forgiving;
    int status = 0;

    shell.forgiving = false;
    while (!is_leaving()) {
        struct arena_mark mark = arena_now();
        struct command *command = NULL;
        const char *error = NULL;
        bool spliced = false;
        bool was_whole = shell.is_whole;
        enum parse_result result;

        shell.is_whole = true;
        result = parse(&source, &command, &error, &spliced);
        shell.is_whole = was_whole;

        if (result == PARSE_COMMAND && command != NULL) {
            status = run(command);
        } else if (result == PARSE_MORE || result == PARSE_ERROR) {
            shell_error("%s: not expected: %s", name,
                        result == PARSE_MORE || error == NULL ? "end of input" : error);
            status = STATUS_ERROR;
        }
        if (!spliced) {
            arena_release(mark);
        }
        if (result != PARSE_COMMAND) {
            break;
        }
    }
    arena_release(begin);
    shell.forgiving = forgiving;
    return status;
}

char *run_for_output(const char *source)
{
    struct text output = {0};
    char chunk[CHUNK];
    int fds[2], pid, got, status = 0;

    if (pipe(fds) != 0 || (pid = fork()) < 0) {
        complain_of_fork();
        return arena_text("", 0);
    }
    if (pid == 0) {
        dup2(fds[1], STDOUT_FILENO);
        close(fds[0]);
        close(fds[1]);
        traps_child();
        shell.is_child = true;
        shell.tested = 0;
        shell_exit(run_source(source, "$(...)"));
    }
    close(fds[1]);
    while ((got = read(fds[0], chunk, CHUNK)) > 0 || (got < 0 && errno == EINTR)) {
        for (int i = 0; i < got; i++) {
            if (chunk[i] != '\0') {
                text_add(&output, chunk[i]);
            }
        }
    }
    close(fds[0]);
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {}
    shell.substituted =
        WIFSIGNALED(status) ? STATUS_SIGNAL + WTERMSIG(status) : WEXITSTATUS(status);
    if (WIFSIGNALED(status) && WTERMSIG(status) == SIGINT && shell.interactive) {
        shell.interrupted = 1;
    }
    return text_of(&output);
}

/* ---- compound commands ---- */

/* After one turn of a loop: does it end? */
static bool loop_ends(void)
{
    if (shell.leave_loops > 0) {
        shell.leave_loops--;
        if (shell.leave_loops > 0 || !shell.is_continue) {
            return true;
        }
        shell.is_continue = false;
    }
    return shell.interrupted || shell.is_return;
}

/* The status of a command that is asked for: set -e does not count in it. */
static int run_tested(struct command *command)
{
    int status;

    shell.tested++;
    status = run(command);
    shell.tested--;
    return status;
}

static int run_while(struct command *command)
{
    int status = 0;

    shell.loops++;
    for (;;) {
        struct arena_mark mark = arena_now();
        bool goes_on = (run_tested(command->left) == 0) == (command->kind == WHILE);

        if (is_leaving()) {
            if (loop_ends()) {
                break;
            }
            continue;
        }
        if (!goes_on) {
            break;
        }
        status = run(command->right);
        arena_release(mark);
        if (loop_ends()) {
            break;
        }
    }
    shell.loops--;
    return shell.is_return ? shell.status : status;
}

static int run_for(struct command *command)
{
    struct list fields = {0};
    char **item;
    int status = 0;

    expand_words(command->words, &fields);
    item = command->has_list ? fields.items : shell.arguments + 1;
    shell.loops++;
    for (; item != NULL && *item != NULL && !shell.interrupted; item++) {
        struct arena_mark mark = arena_now();

        if (!variable_set(command->name, *item)) {
            break;
        }
        status = run(command->left);
        arena_release(mark);
        if (loop_ends()) {
            break;
        }
    }
    shell.loops--;
    return status;
}

static int run_case(struct command *command)
{
    char *value = expand_single(command->words->raw);

    for (struct case_item *item = command->items; item != NULL; item = item->next) {
        for (struct word *word = item->patterns; word != NULL; word = word->next) {
            if (!shell.interrupted && pattern_matches(expand_pattern(word->raw), value)) {
                return item->body == NULL ? 0 : run(item->body);
            }
        }
    }
    return shell.interrupted ? shell.status : 0;
}

static int run_if(struct command *command)
{
    int status = run_tested(command->left);

    if (is_leaving()) {
        return status;
    }
    if (status == 0) {
        return command->right == NULL ? 0 : run(command->right);
    }
    return command->other == NULL ? 0 : run(command->other);
}

static int run_and_or(struct command *command)
{
    int status = run_tested(command->left);

    if (is_leaving() || (status == 0) == (command->kind == OR)) {
        return status;
    }
    return run(command->right);
}

static int run_not(struct command *command)
{
    int status = run_tested(command->left);

    return is_leaving() ? status : status == 0;
}

static int run_kind(struct command *command)
{
    switch (command->kind) {
    case SIMPLE:
        return run_simple(command);
    case PIPELINE:
        return run_pipeline(command);
    case AND:
    case OR:
        return run_and_or(command);
    case SEQUENCE:
        run(command->left);
        return run(command->right);
    case BACKGROUND:
        return run_background(command);
    case NOT:
        return run_not(command);
    case SUBSHELL:
        return run_subshell(command);
    case GROUP:
        return run(command->left);
    case IF:
        return run_if(command);
    case WHILE:
    case UNTIL:
        return run_while(command);
    case FOR:
        return run_for(command);
    case CASE:
        return run_case(command);
    case FUNCTION:
        return function_define(command->name, command->source) ? 0 : 1;
    }
    return STATUS_ERROR;
}

/* set -e: is the status of this command one that ends the shell? */
static bool counts_for_exit(const struct command *command)
{
    return command->kind == SIMPLE || command->kind == PIPELINE || command->kind == SUBSHELL;
}

int run(struct command *command)
{
    struct saved *saved = NULL;
    bool compound = command->kind != SIMPLE && command->redirects != NULL;
    int status = STATUS_ERROR;

    if (is_leaving()) {
        return shell.status;
    }
    if (shell.options['n'] && !shell.interactive) {
        return 0;
    }
    if (!compound || redirect_all(command->redirects, &saved)) {
        status = run_kind(command);
    }
    redirect_undo(saved);
    shell.status = status;
    traps_pending();
    if (status != 0 && shell.options['e'] && shell.tested == 0 && counts_for_exit(command) &&
        !is_leaving()) {
        shell_exit(status);
    }
    return shell.status;
}
