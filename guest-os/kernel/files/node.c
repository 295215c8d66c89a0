/* Nodes: who uses them, who may use them, and the way into their file systems, one process at a
 * time. SPDX-License-Identifier: MIT */
#include "files/node.h"

#include "common/text.h"
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

void node_inherit_group(struct node *node, const struct node *directory)
{
    if (directory->mode & S_ISGID) {
        node->group = directory->group;
        node->mode |= S_ISDIR(node->mode) ? S_ISGID : 0;
    }
}

struct node *node_get(struct node *node)
{
    node->users++;
    node->system->uses++;
    return node;
}

/* The last user may find that another one came while it waited for the lock. */
void node_put(struct node *node)
{
    struct file_system *system;

    if (node == NULL) {
        return;
    }
    system = node->system;
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
        node->operations->release(node);
    }
    lock_give(&system->lock);
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

/* ---- into the file system ---- */

int32_t node_read(struct node *node, uint64_t offset, void *to, uint32_t bytes)
{
    int32_t result;

    if (node->operations->read == NULL) {
        return -EINVAL;
    }
    lock_take(&node->system->lock);
    result = node->operations->read(node, offset, to, bytes);
    if (result > 0) {
        text_pages_copy(node, offset, to, (uint32_t)result, false);
    }
    lock_give(&node->system->lock);
    return result;
}

int32_t node_write(struct node *node, uint64_t offset, const void *from, uint32_t bytes)
{
    int32_t result;

    if (node->operations->write == NULL) {
        return -EINVAL;
    }
    lock_take(&node->system->lock);
    result = node->system->read_only ? -EROFS : node->operations->write(node, offset, from, bytes);
    if (result > 0) {
        text_pages_copy(node, offset, (void *)(uintptr_t)from, (uint32_t)result, true);
    }
    lock_give(&node->system->lock);
    return result;
}

int32_t node_truncate(struct node *node, uint64_t size)
{
    int32_t result;

    if (node->operations->truncate == NULL) {
        return -EINVAL;
    }
    lock_take(&node->system->lock);
    result = node->system->read_only ? -EROFS : node->operations->truncate(node, size);
    text_pages_forget(node);
    lock_give(&node->system->lock);
    return result;
}

int32_t node_list(struct node *directory, uint64_t position, struct listed *entry)
{
    int32_t result;

    lock_take(&directory->system->lock);
    result = directory->operations->list(directory, position, entry);
    lock_give(&directory->system->lock);
    return result;
}

int32_t node_changed(struct node *node)
{
    int32_t result;

    if (node->operations->changed == NULL) {
        return 0;
    }
    lock_take(&node->system->lock);
    result = node->system->read_only ? -EROFS : node->operations->changed(node);
    lock_give(&node->system->lock);
    return result;
}

int32_t node_sync(struct node *node)
{
    int32_t result;

    if (node->operations->sync == NULL) {
        return 0;
    }
    lock_take(&node->system->lock);
    result = node->operations->sync(node);
    lock_give(&node->system->lock);
    return result;
}

uint32_t seconds_now(void)
{
    return (uint32_t)(realtime_microseconds() / 1000000);
}
