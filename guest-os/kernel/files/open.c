/* open: what a path leads to becomes an open file; and what can be done with files and directories
 * that are open. See: open(2). SPDX-License-Identifier: MIT */
#include "drivers/block.h"
#include "files/file.h"
#include "heart/signal.h"

#define BOUNCE_BYTES 512   /* moved without a page */
#define DAY          86400 /* seconds */
#define FLAGS_KEPT   (O_ACCMODE | O_APPEND | O_NONBLOCK | O_SYNC | O_LARGEFILE)

/* ---- files ---- */

/* Memory that bytes between a program and a file go through: a page, if that is worth it. No lock
 * of a file system is held while the program's memory is touched, whose pages may have to be read.
 */
struct bounce {
    char *data;
    uint32_t bytes;           /* of it */
    uint32_t frame;           /* physical address of the page, 0 none */
    char small[BOUNCE_BYTES]; /* for little */
};

static void bounce_open(struct bounce *bounce, uint32_t wanted)
{
    bounce->frame = wanted > BOUNCE_BYTES ? frame_allocate() : 0;
    bounce->data = bounce->frame != 0 ? physical_to_pointer(bounce->frame) : bounce->small;
    bounce->bytes = bounce->frame != 0 ? PAGE_SIZE : BOUNCE_BYTES;
}

static void bounce_close(struct bounce *bounce)
{
    if (bounce->frame != 0) {
        frame_release(bounce->frame);
    }
}

static int32_t move(struct file *file, uint64_t offset, uint32_t user, uint32_t bytes, bool write)
{
    struct bounce bounce;
    int32_t result = 1;
    uint32_t done = 0;

    bounce_open(&bounce, bytes);
    while (done < bytes && result > 0) {
        uint32_t part = bytes - done < bounce.bytes ? bytes - done : bounce.bytes;

        if (write) {
            result = copy_from_user(bounce.data, user + done, part);
            result =
                result == 0 ? node_write(file->node, offset + done, bounce.data, part) : result;
        } else {
            result = node_read(file->node, offset + done, bounce.data, part);
            if (result > 0 && copy_to_user(user + done, bounce.data, (uint32_t)result) != 0) {
                result = -EFAULT;
            }
        }
        done += result > 0 ? (uint32_t)result : 0;
    }
    bounce_close(&bounce);
    return done > 0 || result > 0 ? (int32_t)done : result;
}

/* As Linux's "relatime": the time of the last access is kept if nobody has read since the last
 * change, or for a day. */
static void note_access(struct node *node)
{
    uint32_t now = seconds_now();

    if (!node->system->read_only &&
        (node->accessed <= node->modified || node->accessed <= node->changed ||
         now - node->accessed >= DAY) &&
        node->accessed != now) {
        node->accessed = now;
        node_changed(node);
    }
}

int32_t file_read_at(struct file *file, uint64_t *offset, uint32_t to_user, uint32_t bytes)
{
    int32_t result =
        S_ISDIR(file->node->mode) ? -EISDIR : move(file, *offset, to_user, bytes, false);

    if (result > 0) {
        *offset += (uint32_t)result;
        note_access(file->node);
    }
    return result;
}

/* A write is no longer another user's program with that user's rights. */
static void drop_set_id(struct node *node)
{
    if ((node->mode & (S_ISUID | S_ISGID)) && current->euid != 0) {
        node->mode &= ~(S_ISUID | (node->mode & 0010 ? S_ISGID : 0));
        node_changed(node);
    }
}

/* RLIMIT_FSIZE, bytes. */
static uint64_t file_most(void)
{
    uint32_t limit = current->leader->together.limits[RLIMIT_FSIZE].rlim_cur;

    return limit == RLIM_INFINITY ? UINT64_MAX : limit;
}

int32_t file_may_reach(const struct node *node, uint64_t end)
{
    if (!S_ISREG(node->mode) || end <= file_most()) {
        return 0;
    }
    signal_send_thread(current, SIGXFSZ, &(struct signal_cause){.code = SI_KERNEL});
    return -EFBIG;
}

/* What may be written at `offset`: *bytes, perhaps fewer than wanted. */
static int32_t check_write(const struct file *file, uint64_t offset, uint32_t *bytes)
{
    int32_t result = offset > (uint64_t)INT64_MAX - *bytes
                         ? -EFBIG
                         : file_may_reach(file->node, offset + (*bytes > 0));

    if (result == 0 && offset + *bytes > file_most()) {
        *bytes = (uint32_t)(file_most() - offset);
    }
    return result;
}

int32_t file_write_at(struct file *file, uint64_t *offset, uint32_t from_user, uint32_t bytes)
{
    struct node *node = file->node;
    int32_t result;

    lock_take(&node->writing); /* the parts of one write stay together */
    *offset = file->flags & O_APPEND ? node->size : *offset;
    result = check_write(file, *offset, &bytes);
    if (result == 0) {
        result = move(file, *offset, from_user, bytes, true);
    }
    if (result > 0) {
        *offset += (uint32_t)result;
        drop_set_id(node);
        if (file->flags & O_SYNC) {
            int32_t error = node_sync(node);

            result = error == 0 ? result : error;
        }
    }
    lock_give(&node->writing);
    return result;
}

static int32_t regular_read(struct file *file, uint32_t to_user, uint32_t bytes)
{
    return file_read_at(file, &file->offset, to_user, bytes);
}

static int32_t regular_write(struct file *file, uint32_t from_user, uint32_t bytes)
{
    return file_write_at(file, &file->offset, from_user, bytes);
}

/* Of files, directories and disks. */
static const struct file_operations regular_operations = {
    .read = regular_read, .write = regular_write, .control = block_control, .has_offset = true};

/* ---- open ---- */

/* What open leads to, found or made: end->node, and in *made whether it is new. */
static int32_t find_or_create(struct node *from, const char *path, uint32_t flags, uint32_t mode,
                              struct path_end *end, bool *made)
{
    bool exclusive = (flags & O_CREAT) && (flags & O_EXCL);
    int32_t result = path_walk(
        from, path, (flags & O_NOFOLLOW) == 0 && !exclusive ? WALK_FOLLOW : WALK_LINK, end);

    *made = false;
    if ((flags & O_CREAT) && (result == 0 || (result == -ENOENT && end->directory != NULL))) {
        if (result == 0 && exclusive) {
            return -EEXIST;
        }
        if (end->slash) {
            return -EISDIR;
        }
        if (result == -ENOENT) {
            result = node_create(end->directory, end->name,
                                 S_IFREG | (mode & 07777 & ~current->places->umask), 0, NULL,
                                 &end->node);
            *made = result == 0;
            if (result == -EEXIST && !exclusive) { /* somebody was quicker */
                path_release(end);
                return find_or_create(from, path, flags, mode, end, made);
            }
        }
    }
    return result;
}

bool node_is_program(const struct node *node)
{
    for (struct process *process = process_first; process != NULL; process = process->next) {
        if (process->program == node) {
            return true;
        }
    }
    return false;
}

/* Rights and kind. Who makes a file may open it, whatever rights it gets. */
static int32_t check_open(const struct node *node, uint32_t flags, bool made)
{
    static const uint32_t wanted[] = {R_OK, W_OK, R_OK | W_OK, R_OK | W_OK};
    bool writes = (flags & O_ACCMODE) != O_RDONLY;
    int32_t result = 0;

    if (S_ISDIR(node->mode) && (writes || (flags & (O_CREAT | O_TRUNC)))) {
        return -EISDIR;
    }
    if (!S_ISDIR(node->mode) && (flags & O_DIRECTORY)) {
        return -ENOTDIR;
    }
    if (S_ISLNK(node->mode)) {
        return -ELOOP;
    }
    if (!made) {
        result = node_permitted(node,
                                wanted[flags & O_ACCMODE] | (flags & O_TRUNC ? (uint32_t)W_OK : 0));
    }
    if (result == 0 && (writes || (flags & O_TRUNC)) && node_is_program(node)) {
        result = -ETXTBSY;
    }
    if (result == 0 && S_ISREG(node->mode) && (flags & O_LARGEFILE) == 0 &&
        node->size > INT32_MAX) {
        result = -EOVERFLOW;
    }
    return result;
}

/* What an open file of this node can do; NULL: there is no such device. */
static const struct file_operations *operations_for(const struct node *node)
{
    if (S_ISCHR(node->mode)) {
        return device_operations(node->device);
    }
    return (node->mode & S_IFMT) == S_IFSOCK || (S_ISBLK(node->mode) && node_size(node) == 0)
               ? NULL
               : &regular_operations;
}

static int32_t open_node(struct node *node, uint32_t flags, struct file **opened)
{
    const struct file_operations *operations = operations_for(node);
    int32_t result = 0;

    if (S_ISFIFO(node->mode)) {
        return pipe_open(node, flags, opened);
    }
    if (operations == NULL) {
        return -ENXIO;
    }
    if ((flags & O_TRUNC) && S_ISREG(node->mode)) {
        result = node_truncate(node, 0);
    }
    if (result == 0) {
        *opened = file_allocate(operations, node, flags & FLAGS_KEPT);
        result = *opened == NULL ? -ENFILE : 0;
    }
    if (result == 0 && operations->open != NULL) {
        result = operations->open(*opened, flags);
        if (result != 0) {
            file_discard(*opened);
        }
    }
    if (result == 0) {
        node_get(node);
    }
    return result;
}

int32_t file_open(struct node *from, const char *path, uint32_t flags, uint32_t mode,
                  struct file **opened)
{
    struct path_end end;
    bool made;
    int32_t result = find_or_create(from, path, flags, mode, &end, &made);

    if (result == 0) {
        result = check_open(end.node, flags, made);
    }
    if (result == 0) {
        result = open_node(end.node, flags, opened);
    }
    if (result == 0 && !S_ISDIR(end.node->mode) && end.directory != NULL) {
        (*opened)->directory = node_get(end.directory);
    }
    path_release(&end);
    return result;
}
