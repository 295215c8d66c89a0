/* execve: another program in the same process. Everything is built in a new address space first, so
 * that an error can still be returned to the old program; then the spaces change places, and what
 * the old program shared with others or did for itself ends. Interrupts are on. See: execve(2).
 * SPDX-License-Identifier: MIT */
#include "calls/path_argument.h"
#include "calls/ptrace.h"
#include "common/text.h"
#include "files/file.h"
#include "heart/cpu.h"
#include "heart/process.h"
#include "heart/scheduler.h"
#include "heart/signal.h"
#include "heart/system_call.h"
#include "support/elf.h"
#include "support/program_stack.h"
#include "support/x87.h"

#define SCRIPT_BYTES 128 /* of the first line of a script */

/* Registers of a program that starts: all zero but EIP, ESP, flags and selectors. */
static void set_first_frame(struct trap_frame *frame, const struct program_image *image)
{
    *frame = (struct trap_frame){
        .ds = user_data,
        .es = user_data,
        .eip = image->entry,
        .cs = user_code,
        .eflags = trap_user_eflags(),
        .esp = image->stack,
        .ss = user_data,
    };
}

/* Handlers were addresses in the old program; what is ignored stays ignored. */
static void forget_handlers(struct process *process)
{
    for (uint32_t signal = 1; signal <= NSIG; signal++) {
        struct kernel_sigaction *action = &process->handlers->actions[signal];

        if (action->sa_handler != SIG_IGN) {
            *action = (struct kernel_sigaction){.sa_handler = SIG_DFL};
        }
    }
}

static void set_name(struct process *process, const char *path)
{
    const char *last = path;

    for (; *path != '\0'; path++) {
        last = *path == '/' ? path + 1 : last;
    }
    copy_text(process->name, last, NAME_BYTES);
}

/* The first line of a script, "#! interpreter [one word]", cut into first[0] and first[1]; false:
 * it is not a script. */
static bool read_script_line(struct node *file, char *text, struct exec_vectors *vectors)
{
    int32_t bytes = node_read(file, 0, text, SCRIPT_BYTES - 1);
    char *end, *word;

    if (bytes < 2 || text[0] != '#' || text[1] != '!') {
        return false;
    }
    text[bytes] = '\0';
    end = strchr(text, '\n');
    if (end == NULL) {
        return false;
    }
    while (end[-1] == ' ' || end[-1] == '\t') {
        end--;
    }
    *end = '\0';
    for (word = text + 2; *word == ' ' || *word == '\t'; word++) {}
    vectors->first[0] = word;
    vectors->first_count = 1;
    word = strchr(word, ' ');
    if (word != NULL) {
        *word++ = '\0';
        while (*word == ' ') {
            word++;
        }
        vectors->first[vectors->first_count++] = word;
    }
    return vectors->first[0][0] != '\0';
}

/* The file of a program and its directory, both with a user until path_release. */
static int32_t find_program(const char *path, struct path_end *end)
{
    int32_t result = path_walk(NULL, path, WALK_FOLLOW, end);

    if (result == 0) {
        result = S_ISREG(end->node->mode) ? node_permitted(end->node, X_OK) : -EACCES;
    }
    if (result == 0 && end->node->writers > 0) {
        result = -ETXTBSY;
    }
    if (result != 0) {
        path_release(end);
    }
    return result;
}

/* Whose rights the program has: with the set-user-id bit its file's owner's. */
static void choose_rights(struct program_image *image, const struct process *process,
                          const struct node *file)
{
    bool may = process->tracing.tracer == NULL; /* or its tracer would have these rights */

    image->euid = may && (file->mode & S_ISUID) ? file->owner : process->euid;
    image->egid = may && (file->mode & (S_ISGID | S_IXGRP)) == (S_ISGID | S_IXGRP) ? file->group
                                                                                   : process->egid;
}

/* The point of no return: the old program's memory, handlers and the like go. */
static void change_program(struct process *process, const struct program_image *image)
{
    struct address_space *old = process->space;

    process->space = image->space;
    process->thread_set = false;
    if (old != NULL) {
        space_use(process);
        space_release(old);
    }
    fork_let_parent_go(process);
    x87_forget(process);
    process->euid = process->suid = image->euid;
    process->egid = process->sgid = image->egid;
    process->clear_tid = 0;
    process->end_signal = SIGCHLD;
    process->signal_stack = (struct sigaltstack){0};
    set_first_frame(process->frame, image);
    forget_handlers(process);
    set_name(process, image->path);
}

static int32_t load(struct process *process, const char *path, struct node *file,
                    const struct exec_vectors *vectors)
{
    struct program_image image = {.path = path};
    int32_t result;

    image.space = space_create();
    if (image.space == NULL) {
        return -ENOMEM;
    }
    choose_rights(&image, process, file);
    result = elf_load(&image, file);
    result = result == -EINVAL ? -ENOEXEC : result; /* segments one over the other */
    if (result == 0 && base_bound && image.entry >= image.space->bound) {
        result = -ENOEXEC;
    }
    result = result != 0 ? result : program_stack_build(&image, vectors);
    result = result != 0 ? result : process_own_handlers(process);
    result = result != 0 ? result : files_own(process);
    if (result == 0 && process == current) {
        result = process_end_other_threads();
    }
    if (result != 0) {
        space_release(image.space);
        return result;
    }
    change_program(process, &image);
    return 0;
}

int32_t exec_replace(struct process *process, const char *path, const struct exec_vectors *vectors)
{
    struct exec_vectors script = *vectors;
    char text[SCRIPT_BYTES];
    struct path_end end;
    int32_t result = find_program(path, &end);

    if (result != 0) {
        return result;
    }
    if (read_script_line(end.node, text, &script)) {
        path_release(&end);
        script.first[script.first_count++] = path;
        /* once more, with the interpreter; which is not a script itself */
        return vectors->first_count == 0 ? exec_replace(process, script.first[0], &script) : -ELOOP;
    }
    result = load(process, path, end.node, vectors);
    if (result != 0) {
        path_release(&end);
        return result;
    }
    node_put(process->program);
    node_put(process->program_directory);
    process->program = end.node;
    process->program_directory = end.directory;
    process->has_executed = true;
    files_exec(process);
    return 0;
}

int32_t sys_execve(uint32_t path_at, uint32_t argv, uint32_t envp)
{
    struct exec_vectors vectors = {.argv = argv, .envp = envp, .from_user = true};
    char *path;
    int32_t result = path_take(path_at, &path);

    if (result == 0) {
        result = exec_replace(current, path, &vectors);
        path_drop(path);
    }
    if (result == 0) {
        ptrace_executed();
    }
    return result;
}
