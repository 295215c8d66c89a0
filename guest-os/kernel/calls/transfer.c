/* System calls that move bytes between programs and open files. Interrupts are on. See: read(2),
 * write(2), readv(2), pread(2), sendfile(2). SPDX-License-Identifier: MIT */
#include "common/text.h"
#include "files/file.h"
#include "heart/system_call.h"

#define BYTES_LIMIT  0x7FFFF000u /* of one call */
#define BOUNCE_BYTES 1024        /* moved by sendfile at once */

/* ---- at the open file's offset ---- */

static int32_t move(struct file *file, uint32_t user, uint32_t bytes, bool write)
{
    if ((file->flags & O_ACCMODE) == (write ? O_RDONLY : O_WRONLY)) {
        return -EBADF;
    }
    bytes = bytes < BYTES_LIMIT ? bytes : BYTES_LIMIT;
    return write ? file->operations->write == NULL ? -EINVAL
                                                   : file->operations->write(file, user, bytes)
                 : file->operations->read(file, user, bytes);
}

static int32_t move_at_offset(const struct trap_frame *frame, bool write)
{
    struct file *file = file_of(frame->ebx);
    int32_t result;

    if (file == NULL) {
        return -EBADF;
    }
    file->users++; /* another thread may close it while this one sleeps */
    result = move(file, frame->ecx, frame->edx, write);
    file_put(file);
    return result;
}

int32_t sys_read(struct trap_frame *frame)
{
    return move_at_offset(frame, false);
}

int32_t sys_write(struct trap_frame *frame)
{
    return move_at_offset(frame, true);
}

/* ---- at another offset ---- */

/* Where the offset counts: files, directories and disks. */
static int32_t move_at(struct file *file, uint64_t offset, uint32_t user, uint32_t bytes,
                       bool write)
{
    uint64_t old = file->offset;
    int32_t result;

    if ((int64_t)offset < 0) {
        return -EINVAL;
    }
    if (!file->operations->has_offset) {
        return -ESPIPE;
    }
    if (!S_ISREG(file->node->mode)) {
        file->offset = offset;
        result = move(file, user, bytes, write);
        file->offset = old;
        return result;
    }
    if ((file->flags & O_ACCMODE) == (write ? O_RDONLY : O_WRONLY)) {
        return -EBADF;
    }
    bytes = bytes < BYTES_LIMIT ? bytes : BYTES_LIMIT;
    return write ? file_write_at(file, &offset, user, bytes)
                 : file_read_at(file, &offset, user, bytes);
}

static int32_t move_there(const struct trap_frame *frame, bool write)
{
    struct file *file = file_of(frame->ebx);
    int32_t result;

    if (file == NULL) {
        return -EBADF;
    }
    file->users++;
    result = move_at(file, (uint64_t)frame->edi << 32 | frame->esi, frame->ecx, frame->edx, write);
    file_put(file);
    return result;
}

int32_t sys_pread64(struct trap_frame *frame)
{
    return move_there(frame, false);
}

int32_t sys_pwrite64(struct trap_frame *frame)
{
    return move_there(frame, true);
}

/* ---- several pieces of memory ---- */

/* The pieces of `frame`, one after the other, until one is not filled. With `offset`: from there.
 */
static int32_t move_pieces(struct file *file, const struct trap_frame *frame, bool write,
                           const uint64_t *offset)
{
    uint32_t done = 0;

    for (uint32_t i = 0; i < frame->edx; i++) {
        struct iovec part;
        int32_t result = copy_from_user(&part, frame->ecx + i * sizeof(part), sizeof(part));

        if (result == 0 && (int32_t)part.iov_len < 0) {
            result = -EINVAL;
        }
        if (result == 0 && part.iov_len > 0) {
            result = offset == NULL
                         ? move(file, part.iov_base, part.iov_len, write)
                         : move_at(file, *offset + done, part.iov_base, part.iov_len, write);
        }
        if (result < 0) {
            return done > 0 ? (int32_t)done : result;
        }
        done += (uint32_t)result;
        if ((uint32_t)result < part.iov_len) {
            break;
        }
    }
    return (int32_t)done;
}

static int32_t move_vector(const struct trap_frame *frame, bool write, const uint64_t *offset)
{
    struct file *file = file_of(frame->ebx);
    int32_t result;

    if (file == NULL || (file->flags & O_ACCMODE) == (write ? O_RDONLY : O_WRONLY)) {
        return -EBADF;
    }
    if (frame->edx > IOV_MAX) {
        return -EINVAL;
    }
    file->users++;
    result = move_pieces(file, frame, write, offset);
    file_put(file);
    return result;
}

int32_t sys_readv(struct trap_frame *frame)
{
    return move_vector(frame, false, NULL);
}

int32_t sys_writev(struct trap_frame *frame)
{
    return move_vector(frame, true, NULL);
}

int32_t sys_preadv(struct trap_frame *frame)
{
    uint64_t offset = (uint64_t)frame->edi << 32 | frame->esi;

    return move_vector(frame, false, &offset);
}

int32_t sys_pwritev(struct trap_frame *frame)
{
    uint64_t offset = (uint64_t)frame->edi << 32 | frame->esi;

    return move_vector(frame, true, &offset);
}

/* ---- from file to file ---- */

/* Between two regular files; for all else, programs fall back on read and write. */
static int32_t copy_between(struct file *out, struct file *in, uint64_t *offset, uint32_t bytes)
{
    char buffer[BOUNCE_BYTES];
    uint32_t done = 0;

    while (done < bytes) {
        uint32_t part = bytes - done < BOUNCE_BYTES ? bytes - done : BOUNCE_BYTES;
        int32_t result = node_read(in->node, *offset, buffer, part);

        if (result > 0) {
            result = node_write(out->node, out->offset, buffer, (uint32_t)result);
        }
        if (result <= 0) {
            return done > 0 ? (int32_t)done : result;
        }
        *offset += (uint32_t)result;
        out->offset += (uint32_t)result;
        done += (uint32_t)result;
    }
    return (int32_t)done;
}

int32_t sys_sendfile64(struct trap_frame *frame)
{
    struct file *out = file_of(frame->ebx), *in = file_of(frame->ecx);
    uint64_t offset;
    int32_t result;

    if (out == NULL || in == NULL || (out->flags & O_ACCMODE) == O_RDONLY ||
        (in->flags & O_ACCMODE) == O_WRONLY) {
        return -EBADF;
    }
    if (in->node == NULL || out->node == NULL || !S_ISREG(in->node->mode) ||
        !S_ISREG(out->node->mode) || (out->flags & O_APPEND)) {
        return -EINVAL;
    }
    offset = in->offset;
    if (frame->edx != 0 && copy_from_user(&offset, frame->edx, sizeof(offset)) != 0) {
        return -EFAULT;
    }
    out->users++;
    in->users++;
    result = copy_between(out, in, &offset, frame->esi < BYTES_LIMIT ? frame->esi : BYTES_LIMIT);
    if (frame->edx == 0) {
        in->offset = offset;
    } else if (copy_to_user(frame->edx, &offset, sizeof(offset)) != 0) {
        result = -EFAULT;
    }
    file_put(in);
    file_put(out);
    return result;
}
