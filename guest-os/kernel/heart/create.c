/* create_process: a new process and its program in one call, as other systems have it. The six
 * steps: a PCB; what it has from its parent; files, directory and priority as asked for; memory
 * with the program; the first frame; a place in the ready queue. Nothing is copied that execve
 * would throw away. Interrupts are on. See: docs/guest.md. SPDX-License-Identifier: MIT */
#include "calls/path_argument.h"
#include "files/file.h"
#include "heart/cpu.h"
#include "heart/scheduler.h"
#include "heart/signal.h"
#include "heart/system_call.h"

/* The child's descriptors are a copy of the caller's: rearrange them. */
static int32_t choose_descriptors(struct process *child, const struct creation *wanted)
{
    struct descriptor_table *table = child->descriptors;

    for (uint32_t i = 0; i < 3; i++) {
        struct file *file = wanted->descriptors[i] < 0 ? table->files[i]
                                                       : file_of((uint32_t)wanted->descriptors[i]);

        if (file == NULL && wanted->descriptors[i] >= 0) {
            return -EBADF;
        }
        if (file != table->files[i]) {
            file->users++;
            if (table->files[i] != NULL) {
                file_put(table->files[i]);
            }
            table->files[i] = file;
        }
        table->close_on_exec[0] &= ~(1u << i);
    }
    for (uint32_t fd = 3; fd < DESCRIPTOR_LIMIT && (wanted->flags & CREATE_ONLY_THREE); fd++) {
        if (table->files[fd] != NULL) {
            file_put(table->files[fd]);
            table->files[fd] = NULL;
        }
    }
    return 0;
}

static int32_t choose_directory(struct process *child, uint32_t path_at)
{
    struct node *node;
    int32_t result = path_at == 0 ? 0 : node_argument(CWD, path_at, 0, &node);

    if (result != 0 || path_at == 0) {
        return result;
    }
    result = S_ISDIR(node->mode) ? node_permitted(node, X_OK) : -ENOTDIR;
    if (result != 0) {
        node_put(node);
        return result;
    }
    node_put(child->places->directory);
    child->places->directory = node;
    return 0;
}

static int32_t choose_rest(struct process *child, const struct creation *wanted)
{
    if (wanted->flags & CREATE_WITH_NICE) {
        if (wanted->nice < -20 || wanted->nice > 19) {
            return -EINVAL;
        }
        if (wanted->nice < current->nice && current->euid != 0) {
            return -EACCES;
        }
        child->nice = wanted->nice;
    }
    if (wanted->flags & (CREATE_GROUP | CREATE_SESSION)) {
        child->group = child->pid;
    }
    if (wanted->flags & CREATE_SESSION) {
        child->session = child->pid;
        child->terminal = NULL;
    }
    return 0;
}

static int32_t fill_in(struct process *child, const struct creation *wanted)
{
    struct exec_vectors vectors = {.argv = wanted->argv, .envp = wanted->envp, .from_user = true};
    int32_t result = process_share(child, current, 0);
    char *path;

    result = result != 0 ? result : choose_descriptors(child, wanted);
    result = result != 0 ? result : choose_directory(child, wanted->directory);
    result = result != 0 ? result : choose_rest(child, wanted);
    result = result != 0 ? result : path_take(wanted->path, &path);
    if (result == 0) {
        result = exec_replace(child, path, &vectors);
        path_drop(path);
    }
    return result;
}

static void start(struct process *child, bool stopped)
{
    scheduler_prepare(child);
    if (stopped) {
        child->together.stopped_by = SIGSTOP;
        child->state = PROCESS_STOPPED;
    } else {
        make_ready(child);
    }
}

int32_t sys_create_process(uint32_t wanted_at)
{
    struct creation wanted;
    struct process *child;
    int32_t result = copy_from_user(&wanted, wanted_at, sizeof(wanted));

    if (result == 0 && (wanted.flags & ~CREATE_FLAGS_KNOWN)) {
        result = -EINVAL;
    }
    result = result != 0 ? result : fork_allocate(&child);
    if (result != 0) {
        return result;
    }
    fork_inherit(child, SIGCHLD);
    result = fill_in(child, &wanted);
    if (result != 0) {
        process_free(child);
        return result;
    }
    result = child->pid;
    start(child, (wanted.flags & CREATE_STOPPED) != 0);
    return result;
}
