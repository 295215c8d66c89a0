/* Simple commands: assignments, then a function, a command of the shell itself, or a program in a
 * process. See: POSIX.1-2017, 2.9.1 and 2.9.5. SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "user/sh/run.h"

#define DEPTH_LIMIT 500 /* of functions that call each other */

struct function {
    char *name;
    struct command *body; /* in an arena of its own, which stays */
    struct function *next;
};
static struct function *functions;

/* ---- functions ---- */

static struct function *function_find(const char *name)
{
    struct function *function = functions;

    while (function != NULL && strcmp(function->name, name) != 0) {
        function = function->next;
    }
    return function;
}

bool function_exists(const char *name)
{
    return function_find(name) != NULL;
}

/* The body is parsed again, into memory that stays; that of an older one may just be running. */
bool function_define(const char *name, const char *source)
{
    struct function *function = function_find(name);
    struct arena_block *old = arena_begin();
    struct command *body = NULL;
    const char *error;
    bool spliced;

    parse(&source, &body, &error, &spliced);
    arena_end(old);
    if (function == NULL) {
        function = calloc(1, sizeof(*function));
        if (function == NULL) {
            return false;
        }
        function->name = strdup(name);
        function->next = functions;
        functions = function;
    }
    function->body = body;
    return true;
}

void function_unset(const char *name)
{
    for (struct function **at = &functions; *at != NULL; at = &(*at)->next) {
        if (strcmp((*at)->name, name) == 0) {
            *at = (*at)->next;
            return;
        }
    }
}

static int call_function(const struct function *function, char **argv)
{
    char **arguments = shell.arguments, *own = argv[0];
    int status, loops = shell.loops;
    size_t mark = locals_mark();

    if (shell.depth >= DEPTH_LIMIT) {
        shell_error("%s: functions too deep", argv[0]);
        return STATUS_ERROR;
    }
    shell.depth++;
    shell.loops = 0;
    argv[0] = arguments[0]; /* $0 stays */
    shell.arguments = argv;
    status = run(function->body);
    argv[0] = own;
    shell.arguments = arguments;
    shell.is_return = false;
    shell.loops = loops;
    locals_undo(mark);
    shell.depth--;
    return status;
}

/* ---- simple commands ---- */

static size_t assignment_length(const char *raw)
{
    const char *sign = strchr(raw, '=');

    return sign != NULL && is_name(raw, (size_t)(sign - raw)) ? (size_t)(sign - raw) : 0;
}

static const char *trace_prompt(void)
{
    return variable_get("PS4") == NULL ? "" : variable_get("PS4");
}

enum assignment_kind { FOR_GOOD, FOR_COMMAND, FOR_PROGRAM };

/* The assignments before a command. */
static void assign(const struct word *from, const struct word *to, enum assignment_kind kind)
{
    for (; from != to && !shell.interrupted; from = from->next) {
        size_t length = assignment_length(from->raw);
        char *name = arena_text(from->raw, length);
        char *value = expand_assignment(from->raw + length + 1);

        if (shell.options['x']) {
            fprintf(stderr, "%s%s=%s\n", trace_prompt(), name, value);
        }
        if (kind == FOR_COMMAND) {
            variable_local(name, NULL);
        }
        if (!shell.interrupted && variable_set(name, value) && kind != FOR_GOOD) {
            variable_export(name);
        }
    }
}

static void trace(char **argv)
{
    struct text line = {0};

    if (!shell.options['x']) {
        return;
    }
    text_add_all(&line, trace_prompt());
    for (; *argv != NULL; argv++) {
        text_add_all(&line, *argv);
        text_add_all(&line, argv[1] == NULL ? "\n" : " ");
    }
    fputs(text_of(&line), stderr);
}

/* An error in one that is not special does not end the shell. */
static int call_builtin(const struct builtin_entry *entry, char **argv)
{
    bool forgiving = shell.forgiving;
    int status;

    shell.forgiving = forgiving || !entry->special;
    status = entry->run(argv);
    shell.forgiving = forgiving;
    return status;
}

/* What the shell itself does, with its redirections undone after it; those of exec stay. */
static int run_here(struct command *command, const struct word *first, char **argv)
{
    const struct builtin_entry *entry = builtin_find(argv[0]);
    const struct function *function =
        entry != NULL && entry->special ? NULL : function_find(argv[0]);
    bool special = function == NULL && entry->special;
    struct saved *saved = NULL;
    size_t mark = locals_mark();
    int status;

    if (!redirect_all(command->redirects, strcmp(argv[0], "exec") == 0 ? NULL : &saved)) {
        redirect_undo(saved);
        if (special && (!shell.interactive || shell.is_child)) {
            shell_exit(STATUS_ERROR);
        }
        return STATUS_ERROR;
    }
    assign(command->words, first, special ? FOR_GOOD : FOR_COMMAND);
    if (shell.interrupted) {
        status = STATUS_ERROR;
    } else {
        status = function != NULL ? call_function(function, argv) : call_builtin(entry, argv);
    }
    if (!special && first != command->words) {
        locals_undo(mark);
    }
    fflush(stdout);
    if (ferror(stdout)) {
        clearerr(stdout);
        status = status == 0 ? 1 : status;
    }
    redirect_undo(saved);
    return status;
}

static _Noreturn void be_program(struct command *command, const struct word *first, char **argv)
{
    if (!redirect_all(command->redirects, NULL)) {
        _exit(STATUS_ERROR);
    }
    assign(command->words, first, FOR_PROGRAM);
    program_execute(argv);
}

static int run_program(struct command *command, const struct word *first, char **argv)
{
    struct job *job = job_create(command->source);
    int pid = fork();

    if (pid == 0) {
        become_child(0, true);
        be_program(command, first, argv);
    }
    if (pid < 0) {
        complain_of_fork();
    } else {
        job_add(job, pid);
    }
    return job_wait(job);
}

int program_run(char **argv)
{
    struct command nothing = {0};

    nothing.source = argv[0];
    return run_program(&nothing, NULL, argv);
}

/* Only assignments and redirections. */
static int run_nothing(struct command *command, const struct word *first)
{
    struct saved *saved = NULL;
    bool good = redirect_all(command->redirects, &saved);

    redirect_undo(saved);
    if (good) {
        assign(command->words, first, FOR_GOOD);
    }
    return good ? shell.substituted : STATUS_ERROR;
}

/* Commands whose arguments are assignments, and are expanded as such. */
static bool is_declaration(const char *raw)
{
    return strcmp(raw, "export") == 0 || strcmp(raw, "readonly") == 0 || strcmp(raw, "local") == 0;
}

static void expand_declaration(const struct word *words, struct list *fields)
{
    for (; words != NULL && !shell.interrupted; words = words->next) {
        struct word alone = {words->raw, NULL};
        size_t length = assignment_length(words->raw);

        if (length == 0) {
            expand_words(&alone, fields);
        } else {
            list_add(fields, arena_join(arena_text(words->raw, length + 1),
                                        expand_assignment(words->raw + length + 1)));
        }
    }
}

int run_simple(struct command *command)
{
    const struct word *first = command->words;
    struct list fields = {0};
    bool is_last = shell.is_last;

    shell.is_last = false; /* not of what is substituted */
    while (first != NULL && assignment_length(first->raw) > 0) {
        first = first->next;
    }
    shell.substituted = 0;
    if (first != NULL && is_declaration(first->raw)) {
        expand_declaration(first, &fields);
    } else {
        expand_words(first, &fields);
    }
    if (shell.interrupted) {
        return shell.status;
    }
    if (fields.count == 0) {
        return run_nothing(command, first);
    }
    trace(fields.items);
    if (function_find(fields.items[0]) != NULL || builtin_find(fields.items[0]) != NULL) {
        return run_here(command, first, fields.items);
    }
    if (is_last) { /* $! is then the program's own number */
        be_program(command, first, fields.items);
    }
    return run_program(command, first, fields.items);
}
