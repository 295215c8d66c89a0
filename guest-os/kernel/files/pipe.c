/* Pipes: a ring of one page between writers and readers. Readers sleep while it is empty and
 * somebody could still write; writers sleep while there is no room. A write of at most PIPE_BUF
 * bytes waits until all of it fits, so it is never mixed with others. The kernel is not preempted
 * and interrupt handlers do not come here; interrupts are off only from the look at the condition
 * to the sleep. See: pipe(7). SPDX-License-Identifier: MIT */
#include "common/text.h"
#include "files/file.h"
#include "heart/cpu.h"
#include "heart/scheduler.h"
#include "heart/signal.h"

struct pipe {
    uint32_t frame;            /* physical address of the ring */
    uint32_t first, count;     /* where the next byte to read is; bytes in the ring */
    uint32_t readers, writers; /* open files */
};

/* Copy `bytes` from or to the ring at `at`, round its end. */
static int32_t copy_ring(struct pipe *pipe, uint32_t at, uint32_t user, uint32_t bytes,
                         bool to_user)
{
    uint8_t *ring = physical_to_pointer(pipe->frame);

    while (bytes > 0) {
        uint32_t place = at % PAGE_SIZE;
        uint32_t part = PAGE_SIZE - place < bytes ? PAGE_SIZE - place : bytes;
        int32_t result = to_user ? copy_to_user(user, ring + place, part)
                                 : copy_from_user(ring + place, user, part);

        if (result != 0) {
            return result;
        }
        at += part;
        user += part;
        bytes -= part;
    }
    return 0;
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

    if (bytes == 0) {
        return 0;
    }
    interrupts_off();
    while (result == 0 && pipe->count == 0 && pipe->writers > 0) {
        result = wait_for_other_side(file);
    }
    interrupts_on();
    if (result != 0) {
        return result;
    }
    bytes = bytes < pipe->count ? bytes : pipe->count;
    if (copy_ring(pipe, pipe->first, to_user, bytes, true) != 0) {
        return -EFAULT;
    }
    pipe->first += bytes;
    pipe->count -= bytes;
    files_wake(pipe);
    return (int32_t)bytes;
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
        uint32_t left = bytes - done;
        uint32_t needed = bytes <= PIPE_BUF ? left : 1;
        int32_t result = 0;
        uint32_t part;

        interrupts_off();
        while (result == 0 && pipe->readers > 0 && PAGE_SIZE - pipe->count < needed) {
            result = wait_for_other_side(file);
        }
        interrupts_on();
        if (pipe->readers == 0) {
            result = broken_pipe();
        }
        part = PAGE_SIZE - pipe->count < left ? PAGE_SIZE - pipe->count : left;
        if (result == 0) {
            result = copy_ring(pipe, pipe->first + pipe->count, from_user + done, part, false);
        }
        if (result != 0) {
            return done > 0 ? (int32_t)done : result;
        }
        pipe->count += part;
        done += part;
        files_wake(pipe);
    }
    return (int32_t)done;
}

static uint32_t read_poll(struct file *file)
{
    return (file->pipe->count > 0 ? POLLIN : 0) | (file->pipe->writers == 0 ? POLLHUP : 0);
}

static uint32_t write_poll(struct file *file)
{
    return file->pipe->readers == 0                    ? POLLOUT | POLLERR
           : file->pipe->count + PIPE_BUF <= PAGE_SIZE ? POLLOUT
                                                       : 0;
}

static void close_end(struct pipe *pipe, uint32_t *ends)
{
    (*ends)--;
    files_wake(pipe);
    if (pipe->readers == 0 && pipe->writers == 0) {
        frame_release(pipe->frame);
        object_free(pipe);
    }
}

static void read_close(struct file *file)
{
    close_end(file->pipe, &file->pipe->readers);
}

static void write_close(struct file *file)
{
    close_end(file->pipe, &file->pipe->writers);
}

static int32_t wrong_end(struct file *file, uint32_t user, uint32_t bytes)
{
    (void)file;
    (void)user;
    (void)bytes;
    return -EBADF;
}

static int32_t pipe_control(struct file *file, uint32_t request, uint32_t argument)
{
    return request == FIONREAD ? copy_to_user(argument, &file->pipe->count, sizeof(uint32_t))
                               : -ENOTTY;
}

static const struct file_operations read_operations = {pipe_read, wrong_end,  pipe_control,
                                                       read_poll, read_close, false};
static const struct file_operations write_operations = {wrong_end,  pipe_write,  pipe_control,
                                                        write_poll, write_close, false};

static struct pipe *allocate(void)
{
    struct pipe *pipe = object_allocate(sizeof(*pipe));

    if (pipe != NULL) {
        *pipe = (struct pipe){.frame = frame_allocate(), .readers = 1, .writers = 1};
        if (pipe->frame == 0) {
            object_free(pipe);
            pipe = NULL;
        }
    }
    return pipe;
}

int32_t pipe_create(struct file **reader, struct file **writer, uint32_t flags)
{
    struct pipe *pipe = allocate();

    if (pipe == NULL) {
        return -ENFILE;
    }
    *reader = file_allocate(&read_operations, NULL, O_RDONLY | (flags & O_NONBLOCK));
    *writer = file_allocate(&write_operations, NULL, O_WRONLY | (flags & O_NONBLOCK));
    if (*reader == NULL || *writer == NULL) {
        if (*reader != NULL) {
            (*reader)->operations = NULL;
        }
        frame_release(pipe->frame);
        object_free(pipe);
        return -ENFILE;
    }
    (*reader)->pipe = (*writer)->pipe = pipe;
    return 0;
}
