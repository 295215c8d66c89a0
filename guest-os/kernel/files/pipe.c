/* Pipes: a ring of 64 KiB between writers and readers; its pages come when they are written to.
 * Readers sleep while it is empty and somebody could still write; writers sleep while there is no
 * room. A write of at most PIPE_BUF bytes waits until all of it fits, so it is never mixed with
 * others. Copying may sleep (a page of the program may have to be read first), so one process at a
 * time copies; interrupts are off only from the look at the condition to the sleep. See: pipe(7).
 * SPDX-License-Identifier: MIT */
#include "common/text.h"
#include "files/file.h"
#include "heart/cpu.h"
#include "heart/scheduler.h"
#include "heart/signal.h"
#include "support/pool.h"

#define RING_PAGES 16u
#define RING_BYTES (RING_PAGES * PAGE_SIZE)

struct pipe {
    uint32_t frames[RING_PAGES]; /* physical addresses; 0: not needed so far */
    struct lock copying;         /* held while bytes go in or out */
    uint32_t first, count;       /* where the next byte to read is; bytes in the ring */
    uint32_t readers, writers;   /* open files */
    uint32_t opened;             /* how many there were, ever */
    struct node *node;           /* its name's, or its own; in use as long as it is open */
};

static struct pool pipes = {.name = "pipe", .bytes = sizeof(struct pipe)};

/* Move up to `most` bytes out of the ring, or into it, if `least` are there or have room: another
 * process may have been faster. How many. */
static int32_t move(struct pipe *pipe, uint32_t user, uint32_t least, uint32_t most, bool out)
{
    uint32_t able, done = 0;
    int32_t result = 0;

    lock_take(&pipe->copying);
    able = out ? pipe->count : RING_BYTES - pipe->count;
    most = able < least ? 0 : able < most ? able : most;
    while (done < most && result == 0) {
        uint32_t at = pipe->first + (out ? 0 : pipe->count) + done;
        uint32_t *frame = &pipe->frames[at / PAGE_SIZE % RING_PAGES];
        uint32_t left = PAGE_SIZE - at % PAGE_SIZE;
        uint32_t part = left < most - done ? left : most - done;
        uint8_t *ring;

        *frame = *frame != 0 ? *frame : frame_allocate();
        ring = (uint8_t *)physical_to_pointer(*frame) + at % PAGE_SIZE;
        result = *frame == 0 ? -ENOMEM
                 : out       ? copy_to_user(user + done, ring, part)
                             : copy_from_user(ring, user + done, part);
        done += part;
    }
    if (result == 0) {
        pipe->first += out ? most : 0;
        pipe->count += out ? -most : most;
    }
    lock_give(&pipe->copying);
    return result == 0 ? (int32_t)most : result;
}

/* Sleep until the other side did something. 0, -EAGAIN (O_NONBLOCK), -ERESTARTSYS (a signal).
 * Interrupts are off. */
static int32_t wait_for_other_side(struct file *file)
{
    if (file->flags & O_NONBLOCK) {
        return -EAGAIN;
    }
    if (signal_is_pending(current)) {
        return -ERESTARTSYS;
    }
    sleep_on(file->pipe);
    return 0;
}

static int32_t pipe_read(struct file *file, uint32_t to_user, uint32_t bytes)
{
    struct pipe *pipe = file->pipe;
    int32_t result = 0;

    while (bytes > 0 && result == 0) {
        interrupts_off();
        while (result == 0 && pipe->count == 0 && pipe->writers > 0) {
            result = wait_for_other_side(file);
        }
        interrupts_on();
        if (result != 0 || pipe->count == 0) {
            return result; /* a signal, or the end */
        }
        result = move(pipe, to_user, 0, bytes, true);
    }
    files_wake(pipe);
    return result;
}

static int32_t broken_pipe(void)
{
    signal_send(current, SIGPIPE,
                &(struct signal_cause){.code = SI_USER, .value = (uint32_t)current->pid});
    return -EPIPE;
}

static int32_t pipe_write(struct file *file, uint32_t from_user, uint32_t bytes)
{
    struct pipe *pipe = file->pipe;
    uint32_t done = 0;

    while (done < bytes) {
        uint32_t needed = bytes <= PIPE_BUF ? bytes - done : 1;
        int32_t result = 0;

        interrupts_off();
        while (result == 0 && pipe->readers > 0 && RING_BYTES - pipe->count < needed) {
            result = wait_for_other_side(file);
        }
        interrupts_on();
        if (pipe->readers == 0) {
            result = broken_pipe();
        }
        if (result == 0) {
            result = move(pipe, from_user + done, needed, bytes - done, false);
        }
        if (result < 0) {
            return done > 0 ? (int32_t)done : result;
        }
        done += (uint32_t)result;
        files_wake(pipe);
    }
    return (int32_t)done;
}

static bool reads(const struct file *file)
{
    return (file->flags & O_ACCMODE) != O_WRONLY;
}

static bool writes(const struct file *file)
{
    return (file->flags & O_ACCMODE) != O_RDONLY;
}

static uint32_t pipe_poll(struct file *file)
{
    const struct pipe *pipe = file->pipe;
    uint32_t events = 0;

    if (reads(file)) {
        events |= (pipe->count > 0 ? POLLIN : 0) | (pipe->writers == 0 ? POLLHUP : 0);
    }
    if (writes(file)) {
        events |= pipe->readers == 0 ? POLLOUT | POLLERR
                                     : (pipe->count + PIPE_BUF <= RING_BYTES ? POLLOUT : 0);
    }
    return events;
}

static void give_back_unused(struct pipe *pipe)
{
    if (pipe->readers > 0 || pipe->writers > 0) {
        return;
    }
    pipe->node->pipe = NULL;
    for (uint32_t i = 0; i < RING_PAGES; i++) {
        if (pipe->frames[i] != 0) {
            frame_release(pipe->frames[i]);
        }
    }
    pool_give(&pipes, pipe);
}

static void pipe_close(struct file *file)
{
    file->pipe->readers -= reads(file);
    file->pipe->writers -= writes(file);
    files_wake(file->pipe);
    give_back_unused(file->pipe);
}

static int32_t pipe_control(struct file *file, uint32_t request, uint32_t argument)
{
    return request == FIONREAD ? copy_to_user(argument, &file->pipe->count, sizeof(uint32_t))
                               : -ENOTTY;
}

static const struct file_operations pipe_operations = {.read = pipe_read,
                                                       .write = pipe_write,
                                                       .control = pipe_control,
                                                       .poll = pipe_poll,
                                                       .close = pipe_close};

/* Wait until the other side is, or was, open, too. */
static int32_t wait_for_opener(struct file *file, const uint32_t *others)
{
    struct pipe *pipe = file->pipe;
    uint32_t opened = pipe->opened;
    int32_t result = 0;

    interrupts_off();
    while (result == 0 && *others == 0 && pipe->opened == opened) {
        result = wait_for_other_side(file);
    }
    interrupts_on();
    return result == -EAGAIN ? 0 : result; /* O_NONBLOCK: nobody waits */
}

int32_t pipe_open(struct node *node, uint32_t flags, struct file **opened)
{
    struct pipe *pipe = node->pipe;
    struct file *file;
    int32_t result = 0;

    if ((flags & O_ACCMODE) == O_WRONLY && (flags & O_NONBLOCK) &&
        (pipe == NULL || pipe->readers == 0)) {
        return -ENXIO;
    }
    if (pipe == NULL && (pipe = pool_take(&pipes)) == NULL) {
        return -ENFILE;
    }
    node->pipe = pipe;
    pipe->node = node;
    file = file_allocate(&pipe_operations, node, flags & (O_ACCMODE | O_NONBLOCK));
    if (file == NULL) {
        give_back_unused(pipe);
        return -ENFILE;
    }
    node_get(node);
    file->pipe = pipe;
    pipe->readers += reads(file);
    pipe->writers += writes(file);
    pipe->opened++;
    files_wake(pipe);
    if (reads(file) != writes(file)) {
        result = wait_for_opener(file, reads(file) ? &pipe->writers : &pipe->readers);
    }
    if (result != 0) {
        file_put(file);
        return result;
    }
    *opened = file;
    return 0;
}

/* ---- pipes without a name: nodes of a file system that is nowhere ---- */

static const struct node_operations node_operations = {.release = node_free};
static const struct file_system_kind pipe_files = {.name = "pipefs", .magic = 0x50495045};
static struct file_system pipe_system = {.kind = &pipe_files, .number = 0xFFFF};

int32_t pipe_create(struct file **reader, struct file **writer, uint32_t flags)
{
    static uint32_t last_number;
    struct node *node = node_allocate(&pipe_system, &node_operations, S_IFIFO | 0600);
    int32_t result = node == NULL ? -ENFILE : 0;

    if (result == 0) {
        node->number = ++last_number;
        result = pipe_open(node, O_RDONLY | O_NONBLOCK, reader); /* does not wait for the other */
    }
    if (result == 0) {
        (*reader)->flags = O_RDONLY | (flags & O_NONBLOCK);
        result = pipe_open(node, O_WRONLY | (flags & O_NONBLOCK), writer);
        if (result != 0) {
            file_put(*reader);
        }
    }
    node_put(node);
    return result;
}
