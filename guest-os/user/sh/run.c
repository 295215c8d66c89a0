/* Running the tree: builtins and compound commands in the shell itself, everything else in a
 * process made by fork. SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "user/sh/sh.h"

#define SAVED_FROM  20 /* descriptors the shell keeps copies of its own at */
#define SAVED_LIMIT 8
#define DEPTH_LIMIT 100
#define CHUNK       256

struct saved {
    int count;
    int fds[SAVED_LIMIT], copies[SAVED_LIMIT]; /* copy -1: it was closed */
};

struct function {
    char *name, *source;
    struct function *next;
};
static struct function *functions;

/* ---- redirections ---- */

/* A here-document becomes a pipe, which a small child fills if it is long. */
static int open_document(const struct redirect *redirect)
{
    bool quoted = strpbrk(redirect->word, "'\"\\") != NULL;
    const char *content = quoted ? redirect->content : expand_document(redirect->content);
    size_t length = strlen(content);
    int fds[2];

    if (pipe(fds) != 0) {
        return -1;
    }
    if (length <= PIPE_BUF) {
        write(fds[1], content, length);
    } else if (fork() == 0) {
        close(fds[0]);
        write(fds[1], content, length);
        _exit(0);
    }
    close(fds[1]);
    return fds[0];
}

static int open_target(const struct redirect *redirect)
{
    const char *kind = redirect->kind;
    char *word;

    if (strncmp(kind, "<<", 2) == 0) {
        return open_document(redirect);
    }
    word = expand_single(redirect->word);
    if (strcmp(kind, "<&") == 0 || strcmp(kind, ">&") == 0) {
        return strcmp(word, "-") == 0 ? -2 : dup(atoi(word));
    }
    return open(word,
                strcmp(kind, ">") == 0    ? O_WRONLY | O_CREAT | O_TRUNC
                : strcmp(kind, ">>") == 0 ? O_WRONLY | O_CREAT | O_APPEND
                : strcmp(kind, "<>") == 0 ? O_RDWR | O_CREAT
                                          : O_RDONLY,
                0666u);
}

/* `saved` NULL: for good. */
static bool redirect_all(const struct redirect *redirect, struct saved *saved)
{
    for (; redirect != NULL; redirect = redirect->next) {
        int fd = open_target(redirect);

        if (fd == -1) {
            fprintf(stderr, "sh: %s: %s\n", redirect->word, strerror(errno));
            return false;
        }
        if (saved != NULL && saved->count < SAVED_LIMIT) {
            saved->fds[saved->count] = redirect->fd;
            saved->copies[saved->count++] = fcntl(redirect->fd, F_DUPFD_CLOEXEC, SAVED_FROM);
        }
        if (fd == -2) {
            close(redirect->fd);
        } else if (fd != redirect->fd) {
            dup2(fd, redirect->fd);
            close(fd);
        }
    }
    return true;
}

static void restore(struct saved *saved)
{
    while (saved->count > 0) {
        int i = --saved->count;

        if (saved->copies[i] < 0) {
            close(saved->fds[i]);
        } else {
            dup2(saved->copies[i], saved->fds[i]);
            close(saved->copies[i]);
        }
    }
}

/* ---- processes ---- */

/* Run `command` in this new process and end it. */
static _Noreturn void be_child(struct command *command, int group, bool foreground)
{
    jobs_child(group, foreground);
    shell.depth++;
    exit(run(command));
}

/* A child for `command` in `job`; its pid. */
static int start(struct command *command, struct job *job, bool foreground)
{
    int pid = fork();

    if (pid == 0) {
        be_child(command, job_group(job), foreground);
    }
    if (pid < 0) {
        fprintf(stderr, "sh: fork: %s\n", strerror(errno));
        return pid;
    }
    job_add(job, pid);
    return pid;
}

static int run_in_process(struct command *command, const char *source)
{
    struct job *job = job_create(source);

    start(command, job, true);
    return job_wait(job);
}

/* In a child already: fork has nothing more to give. */
static _Noreturn void execute(char **argv)
{
    execvp(argv[0], argv);
    if (errno == ENOEXEC) {
        fprintf(stderr, "sh: %s: not a program for this machine\n", argv[0]);
        exit(126);
    }
    fprintf(stderr, "sh: %s: %s\n", argv[0],
            errno == ENOENT ? "not found" : (const char *)strerror(errno));
    exit(errno == ENOENT ? 127 : 126);
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
            if (input >= 0) {
                dup2(input, STDIN_FILENO);
                close(input);
            }
            if (!last) {
                dup2(fds[1], STDOUT_FILENO);
                close(fds[0]);
                close(fds[1]);
            }
            be_child(part, job_group(job), foreground);
        }
        if (input >= 0) {
            close(input);
        }
        if (!last) {
            close(fds[1]);
            input = fds[0];
        }
        if (pid < 0) {
            fprintf(stderr, "sh: fork: %s\n", strerror(errno));
            break;
        }
        job_add(job, pid);
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
    if (job_group(job) != 0) {
        job_to_background(job);
    }
    return 0;
}

/* ---- functions, scripts, $(...) ---- */

bool function_define(const char *name, const char *source)
{
    struct function *function = calloc(1, sizeof(*function));

    if (function == NULL) {
        return false;
    }
    *function = (struct function){strdup(name), strdup(source), functions};
    functions = function; /* an older one of the same name is hidden */
    return true;
}

static const struct function *function_find(const char *name)
{
    const struct function *function = functions;

    while (function != NULL && strcmp(function->name, name) != 0) {
        function = function->next;
    }
    return function;
}

static int call_function(const struct function *function, char **argv)
{
    char **arguments = shell.arguments;
    int status;

    if (shell.depth >= DEPTH_LIMIT) {
        fprintf(stderr, "sh: %s: functions too deep\n", argv[0]);
        shell.interrupted = 1;
        return 1;
    }
    shell.depth++;
    shell.arguments = argv;
    status = run_source(function->source, argv[0]);
    shell.arguments = arguments;
    shell.is_return = false;
    shell.depth--;
    return status;
}

int run_source(const char *source, const char *name)
{
    int status = 0;

    while (!shell.interrupted && !shell.is_return && shell.leave_loops == 0) {
        struct arena_mark mark = arena_now();
        struct command *command = NULL;
        const char *error = NULL;
        enum parse_result result = parse(&source, &command, &error);

        if (result == PARSE_COMMAND && command != NULL) {
            status = shell.status = run(command);
        } else if (result == PARSE_MORE || result == PARSE_ERROR) {
            fprintf(stderr, "sh: %s: not expected: %s\n", name,
                    result == PARSE_MORE || error == NULL ? "end of input" : error);
            status = shell.status = 2;
        }
        arena_release(mark);
        if (result != PARSE_COMMAND) {
            break;
        }
    }
    return status;
}

char *run_for_output(const char *source)
{
    struct text output = {0};
    char chunk[CHUNK];
    int fds[2], pid, got, status = 0;

    text_add_all(&output, " "); /* so that there is memory even without output */
    if (pipe(fds) != 0) {
        return output.bytes + 1;
    }
    pid = fork();
    if (pid == 0) {
        dup2(fds[1], STDOUT_FILENO);
        close(fds[0]);
        close(fds[1]);
        shell.is_child = true;
        exit(run_source(source, "$(...)"));
    }
    close(fds[1]);
    while ((got = read(fds[0], chunk, CHUNK)) > 0 || (got < 0 && errno == EINTR)) {
        for (int i = 0; i < got; i++) {
            text_add(&output, chunk[i]);
        }
    }
    close(fds[0]);
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {}
    shell.status = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
    return output.bytes + 1;
}

/* ---- simple commands ---- */

static size_t assignment_length(const char *raw)
{
    const char *sign = strchr(raw, '=');

    return sign != NULL && is_name(raw, (size_t)(sign - raw)) ? (size_t)(sign - raw) : 0;
}

static void assign(const struct word *from, const struct word *to, bool export)
{
    for (; from != to; from = from->next) {
        size_t length = assignment_length(from->raw);
        char *name = arena_text(from->raw, length);

        variable_set(name, expand_single(from->raw + length + 1));
        if (export) {
            variable_export(name);
        }
    }
}

static void trace(char **argv)
{
    if (shell.trace) {
        struct text line = {0};

        text_add_all(&line, "+");
        for (; *argv != NULL; argv++) {
            text_add(&line, ' ');
            text_add_all(&line, *argv);
        }
        fprintf(stderr, "%s\n", line.bytes);
    }
}

/* What the shell itself does: builtins and functions, with their redirections undone after it. */
static int run_here(struct command *command, const struct word *first, char **argv)
{
    const struct function *function = function_find(argv[0]);
    bool lasting = strcmp(argv[0], "exec") == 0;
    struct saved saved = {0};
    int status = 1;

    if (redirect_all(command->redirects, lasting ? NULL : &saved)) {
        assign(command->words, first, false);
        status = function != NULL ? call_function(function, argv) : builtin_find(argv[0])(argv);
    }
    restore(&saved);
    return status;
}

static int run_program(struct command *command, const struct word *first, char **argv)
{
    struct job *job = job_create(command->source);
    int pid = fork();

    if (pid == 0) {
        jobs_child(0, true);
        if (!redirect_all(command->redirects, NULL)) {
            exit(1);
        }
        assign(command->words, first, true);
        execute(argv);
    }
    if (pid < 0) {
        fprintf(stderr, "sh: fork: %s\n", strerror(errno));
    } else {
        job_add(job, pid);
    }
    return job_wait(job);
}

static int run_simple(struct command *command)
{
    const struct word *first = command->words;
    struct list fields = {0};

    while (first != NULL && assignment_length(first->raw) > 0) {
        first = first->next;
    }
    expand_words(first, &fields);
    if (shell.interrupted) {
        return 1;
    }
    if (fields.count == 0) {
        struct saved saved = {0};
        bool good;

        shell.status = 0;
        assign(command->words, first, false);
        good = redirect_all(command->redirects, &saved);
        restore(&saved);
        return good ? shell.status : 1;
    }
    trace(fields.items);
    if (function_find(fields.items[0]) != NULL || builtin_find(fields.items[0]) != NULL) {
        return run_here(command, first, fields.items);
    }
    return run_program(command, first, fields.items);
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

static int run_while(struct command *command)
{
    int status = 0;

    for (;;) {
        struct arena_mark mark = arena_now();
        bool condition = (run(command->left) == 0) == (command->kind == WHILE);

        if (!condition || shell.interrupted || shell.is_return) {
            return status;
        }
        status = run(command->right);
        arena_release(mark);
        if (loop_ends()) {
            return status;
        }
    }
}

static int run_for(struct command *command)
{
    struct list fields = {0};
    char **item;
    int status = 0;

    expand_words(command->words, &fields);
    item = command->has_list ? fields.items : shell.arguments + 1;
    for (; item != NULL && *item != NULL; item++) {
        struct arena_mark mark = arena_now();

        variable_set(command->name, *item);
        status = run(command->left);
        arena_release(mark);
        if (loop_ends()) {
            break;
        }
    }
    return status;
}

static int run_case(struct command *command)
{
    char *value = expand_single(command->words->raw);

    for (struct case_item *item = command->items; item != NULL; item = item->next) {
        for (struct word *word = item->patterns; word != NULL; word = word->next) {
            if (pattern_matches(expand_pattern(word->raw), value)) {
                return item->body == NULL ? 0 : run(item->body);
            }
        }
    }
    return 0;
}

static int run_if(struct command *command)
{
    if (run(command->left) == 0) {
        return run(command->right);
    }
    return command->other == NULL ? 0 : run(command->other);
}

static int run_kind(struct command *command)
{
    switch (command->kind) {
    case SIMPLE:
        return run_simple(command);
    case PIPELINE:
        return run_pipeline(command);
    case AND:
        shell.status = run(command->left);
        return shell.status == 0 ? run(command->right) : shell.status;
    case OR:
        shell.status = run(command->left);
        return shell.status != 0 ? run(command->right) : 0;
    case SEQUENCE:
        shell.status = run(command->left);
        return run(command->right);
    case BACKGROUND:
        return run_background(command);
    case NOT:
        return run(command->left) == 0;
    case SUBSHELL:
        return run_in_process(command->left, command->source);
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
    return 2;
}

int run(struct command *command)
{
    struct saved saved = {0};
    bool compound = command->kind != SIMPLE && command->redirects != NULL;
    int status = 1;

    if (shell.interrupted || shell.leave_loops > 0 || shell.is_return) {
        return shell.status;
    }
    if (!compound || redirect_all(command->redirects, &saved)) {
        status = run_kind(command);
    }
    restore(&saved);
    shell.status = status;
    return status;
}
