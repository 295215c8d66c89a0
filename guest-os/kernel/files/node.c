/* Nodes: who uses them, who may use them, and their data, which come and go in the pieces that the
 * file system has them in; one process at a time is in a file system.
 * SPDX-License-Identifier: MIT */
#include "files/node.h"

#include "common/text.h"
#include "files/buffer.h"
#include "heart/clock.h"
#include "heart/process.h"
#include "memory/text_pages.h"
#include "support/log.h"
#include "support/pool.h"

static struct pool node_pool = {.name = "node", .bytes = sizeof(struct node)};
struct node *root;

struct node *node_allocate(struct file_system *system, const struct node_operations *operations,
                           uint32_t mode)
{
    struct node *node = pool_take(&node_pool);

    if (node != NULL) {
        node->operations = operations;
        node->system = system;
        node->mode = mode;
        node->users = 1;
        node->links = 1;
        node->owner = current->euid;
        node->group = current->egid;
        node->accessed = node->modified = node->changed = seconds_now();
        system->uses++;
    }
    return node;
}

void node_free(struct node *node)
{
    text_pages_forget(node);
    pool_give(&node_pool, node);
}

/* Who uses a directory uses those above it. */
struct node *node_get(struct node *node)
{
    struct node *at = node;

    while (at != NULL) {
        at->system->uses++;
        at = at->users++ == 0 ? at->parent : NULL;
    }
    return node;
}

/* The last user may find that another one came while it waited for the lock. */
void node_put(struct node *node)
{
    while (node != NULL) {
        struct file_system *system = node->system;
        struct node *parent = NULL;

        if (node->users == 0) {
            panic("node %u released twice", node->number);
        }
        if (node->users > 1) {
            node->users--;
            system->uses--;
            return;
        }
        lock_take(&system->lock);
        node->users--;
        system->uses--;
        if (node->users == 0) {
            parent = node->parent;
            node->operations->release(node);
        }
        lock_give(&system->lock);
        node = parent;
    }
}

/* ---- permissions ---- */

bool process_owns(const struct node *node)
{
    return current->euid == 0 || current->euid == node->owner;
}

int32_t node_permitted(const struct node *node, uint32_t wanted)
{
    uint32_t shift = current->euid == node->owner              ? 6
                     : process_has_group(current, node->group) ? 3
                                                               : 0;

    if ((wanted & W_OK) && node->system->read_only &&
        (S_ISREG(node->mode) || S_ISDIR(node->mode) || S_ISLNK(node->mode))) {
        return -EROFS;
    }
    if (current->euid == 0) { /* everything, but to execute what nobody can */
        return (wanted & X_OK) && !S_ISDIR(node->mode) && (node->mode & 0111) == 0 ? -EACCES : 0;
    }
    return (node->mode >> shift & wanted) == wanted ? 0 : -EACCES;
}

/* ---- data ---- */

uint64_t node_size(const struct node *node)
{
    const struct block_device *device;

    if (!S_ISBLK(node->mode)) {
        return node->size;
    }
    device = block_device_find(node->device);
    return device == NULL ? 0 : (uint64_t)device->sectors * SECTOR_BYTES;
}

/* The piece at `offset`; a disk's are those of its blocks. */
static int32_t open_piece(struct node *node, uint64_t offset, uint32_t bytes, bool write,
                          struct piece *piece)
{
    *piece = (struct piece){.data = NULL};
    return S_ISBLK(node->mode) ? block_piece(block_device_find(node->device), offset, piece)
                               : node->operations->piece(node, offset, bytes, write, piece);
}

static void close_piece(const struct node *node, const struct piece *piece, bool changed)
{
    if (piece->buffer != NULL) {
        if (changed) {
            buffer_dirty(piece->buffer);
        }
        if (changed && S_ISLNK(node->mode)) {
            buffer_write(piece->buffer); /* where a link leads is there before its name */
        }
        buffer_put(piece->buffer);
    }
}

/* Bytes between memory and the node; how many, or an error if it was none. */
static int32_t move(struct node *node, uint64_t offset, uint8_t *memory, uint32_t bytes, bool write)
{
    uint32_t done = 0;

    while (done < bytes) {
        struct piece piece;
        int32_t result = open_piece(node, offset + done, bytes - done, write, &piece);
        uint32_t part = piece.bytes < bytes - done ? piece.bytes : bytes - done;

        if (result != 0) {
            return done > 0 ? (int32_t)done : result;
        }
        if (write) {
            memcpy(piece.data, memory + done, part);
        } else if (piece.data != NULL) {
            memcpy(memory + done, piece.data, part);
        } else {
            memset(memory + done, 0, part);
        }
        close_piece(node, &piece, write);
        done += part;
    }
    return (int32_t)done;
}

int32_t node_read(struct node *node, uint64_t offset, void *to, uint32_t bytes)
{
    uint64_t size;
    int32_t result = 0;

    lock_take(&node->system->lock);
    size = node_size(node);
    if (node->operations->read != NULL) {
        result = node->operations->read(node, offset, to, bytes);
    } else if (offset < size) {
        result = move(node, offset, to, bytes < size - offset ? bytes : (uint32_t)(size - offset),
                      false);
    }
    if (result > 0) {
        text_pages_copy(node, offset, to, (uint32_t)result, false);
    }
    lock_give(&node->system->lock);
    return result;
}

static int32_t write_locked(struct node *node, uint64_t offset, const void *from, uint32_t bytes)
{
    bool is_disk = S_ISBLK(node->mode);
    uint64_t limit = is_disk ? node_size(node) : node->system->size_limit;
    int32_t result = is_disk                   ? block_may_write(block_device_find(node->device))
                     : node->system->read_only ? -EROFS
                                               : 0;

    if (result != 0 || bytes == 0) {
        return result;
    }
    if (offset >= limit) {
        return is_disk ? -ENOSPC : -EFBIG;
    }
    result = move(node, offset, (uint8_t *)(uintptr_t)from,
                  bytes < limit - offset ? bytes : (uint32_t)(limit - offset), true);
    if (result > 0 && !is_disk) {
        offset += (uint32_t)result;
        node->size = offset > node->size ? offset : node->size;
        node->modified = node->changed = seconds_now();
    }
    if (!is_disk) {
        node->operations->store(node, false); /* blocks may be new, even if all failed */
    }
    return result;
}

int32_t node_write(struct node *node, uint64_t offset, const void *from, uint32_t bytes)
{
    int32_t result;

    lock_take(&node->system->lock);
    result = node->operations->write != NULL ? node->operations->write(node, offset, from, bytes)
                                             : write_locked(node, offset, from, bytes);
    if (result > 0) {
        text_pages_copy(node, offset, (void *)(uintptr_t)from, (uint32_t)result, true);
    }
    lock_give(&node->system->lock);
    return result;
}

/* What lay behind the new size must not be there when the file grows again. */
static int32_t shorten(struct node *node, uint64_t size)
{
    struct piece piece = {.bytes = 0};
    int32_t result = size == 0 ? 0 : open_piece(node, size, 0, false, &piece);

    if (result == 0) {
        if (piece.data != NULL) {
            memset(piece.data, 0, piece.bytes);
        }
        close_piece(node, &piece, true);
        node->size = size;
        node->operations->cut(node);
    }
    return result;
}

static int32_t truncate(struct node *node, uint64_t size)
{
    int32_t result = 0;

    if (node->system->read_only || size > node->system->size_limit) {
        return node->system->read_only ? -EROFS : -EFBIG;
    }
    if (size < node->size) {
        result = shorten(node, size);
    }
    if (result == 0) {
        node->size = size;
        node->modified = node->changed = seconds_now();
        node->operations->store(node, false);
    }
    return result;
}

int32_t node_truncate(struct node *node, uint64_t size)
{
    int32_t result = 0;

    lock_take(&node->system->lock);
    if (node->operations->piece != NULL) { /* else there is nothing to cut */
        result = truncate(node, size);
        text_pages_forget(node);
    }
    lock_give(&node->system->lock);
    return result;
}

/* ---- all else ---- */

int32_t node_list(struct node *directory, uint64_t position, struct listed *entry)
{
    int32_t result;

    lock_take(&directory->system->lock);
    result = directory->operations->list(directory, position, entry);
    lock_give(&directory->system->lock);
    return result;
}

void node_changed(struct node *node)
{
    lock_take(&node->system->lock);
    if (node->operations->store != NULL && !node->system->read_only) {
        node->operations->store(node, false);
    }
    lock_give(&node->system->lock);
}

int32_t node_sync(struct node *node)
{
    if (S_ISBLK(node->mode)) {
        return buffers_sync(block_device_find(node->device));
    }
    return node->system->kind->sync == NULL ? 0 : node->system->kind->sync(node->system);
}

uint32_t seconds_now(void)
{
    return (uint32_t)(realtime_microseconds() / 1000000);
}
