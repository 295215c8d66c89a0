/* System calls that move bytes between programs and open files. Interrupts are on. See: read(2),
 * write(2), readv(2), pread(2), sendfile(2). SPDX-License-Identifier: MIT */
#include "calls/forms.h"
#include "calls/path_argument.h"
#include "common/text.h"
#include "heart/system_call.h"

#define BYTES_LIMIT  0x7FFFF000u /* of one call */
#define BOUNCE_BYTES 1024        /* moved by sendfile at once */

static bool is_open_for(const struct file *file, bool write)
{
    return (file->flags & O_ACCMODE) != (write ? O_RDONLY : O_WRONLY);
}

/* At the open file's offset. */
static int32_t move(struct file *file, uint32_t user, uint32_t bytes, bool write)
{
    if (!is_open_for(file, write)) {
        return -EBADF;
    }
    bytes = bytes < BYTES_LIMIT ? bytes : BYTES_LIMIT;
    if (!write) {
        return file->operations->read(file, user, bytes);
    }
    return file->operations->write == NULL ? -EINVAL : file->operations->write(file, user, bytes);
}

static int32_t move_at_offset(uint32_t fd, uint32_t user, uint32_t bytes, bool write)
{
    struct file *file = file_hold(fd);
    int32_t result = -EBADF;

    if (file != NULL) {
        result = move(file, user, bytes, write);
        file_put(file);
    }
    return result;
}

int32_t sys_read(uint32_t fd, uint32_t to_user, uint32_t bytes)
{
    return move_at_offset(fd, to_user, bytes, false);
}

int32_t sys_write(uint32_t fd, uint32_t from_user, uint32_t bytes)
{
    return move_at_offset(fd, from_user, bytes, true);
}

/* Where the offset counts: files, directories and disks. */
int32_t transfer_at(struct file *file, int64_t offset, uint32_t user, uint32_t bytes, bool write)
{
    uint64_t at, old = file->offset;
    int32_t result;

    if (offset < 0) {
        return -EINVAL;
    }
    if (!file->operations->has_offset) {
        return -ESPIPE;
    }
    if (!S_ISREG(file->node->mode)) {
        file->offset = (uint64_t)offset;
        result = move(file, user, bytes, write);
        file->offset = old;
        return result;
    }
    if (!is_open_for(file, write)) {
        return -EBADF;
    }
    bytes = bytes < BYTES_LIMIT ? bytes : BYTES_LIMIT;
    at = (uint64_t)offset;
    return write ? file_write_at(file, &at, user, bytes) : file_read_at(file, &at, user, bytes);
}

/* One piece after the other, until one is not filled. */
int32_t transfer_pieces(struct file *file, const int64_t *offset, uint32_t pieces_at,
                        uint32_t count, bool write)
{
    uint32_t done = 0;

    if (!is_open_for(file, write) || count > IOV_MAX) {
        return count > IOV_MAX ? -EINVAL : -EBADF;
    }
    for (uint32_t i = 0; i < count; i++) {
        struct iovec part;
        int32_t result = copy_from_user(&part, pieces_at + i * sizeof(part), sizeof(part));

        if (result == 0 && (int32_t)part.iov_len < 0) {
            result = -EINVAL;
        }
        if (result == 0 && part.iov_len > 0) {
            result = offset == NULL
                         ? move(file, part.iov_base, part.iov_len, write)
                         : transfer_at(file, *offset + done, part.iov_base, part.iov_len, write);
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

/* `in` is read at the offset at `offset_at`, which then moves; 0: at its own. */
static int32_t send(struct file *out, struct file *in, uint32_t offset_at, uint32_t bytes)
{
    uint64_t offset = in->offset;
    int32_t result;

    if (!is_open_for(out, true) || !is_open_for(in, false)) {
        return -EBADF;
    }
    if (!S_ISREG(in->node->mode) || !S_ISREG(out->node->mode) || (out->flags & O_APPEND)) {
        return -EINVAL;
    }
    if (offset_at != 0 && copy_from_user(&offset, offset_at, sizeof(offset)) != 0) {
        return -EFAULT;
    }
    result = copy_between(out, in, &offset, bytes < BYTES_LIMIT ? bytes : BYTES_LIMIT);
    in->offset = offset_at == 0 ? offset : in->offset;
    return copy_result(offset_at, &offset, sizeof(offset)) != 0 ? -EFAULT : result;
}

int32_t sys_sendfile64(uint32_t out_fd, uint32_t in_fd, uint32_t offset_at, uint32_t bytes)
{
    struct file *out = file_hold(out_fd), *in = file_hold(in_fd);
    int32_t result = out == NULL || in == NULL ? -EBADF : send(out, in, offset_at, bytes);

    if (in != NULL) {
        file_put(in);
    }
    if (out != NULL) {
        file_put(out);
    }
    return result;
}
