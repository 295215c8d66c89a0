/* What changes directories: new names, names that go, names that move. Each function looks names up
 * and acts on them under the file system's lock, so nobody comes between. The order of the checks
 * decides which error a caller sees; it is Linux's. See: link(2), unlink(2), rmdir(2), rename(2).
 * SPDX-License-Identifier: MIT */
#include "common/text.h"
#include "files/node.h"
#include "heart/process.h"

#define DEPTH_LIMIT (PATH_LIMIT / 2) /* of directories in directories */

static int32_t lookup(struct node *directory, const char *name, struct node **found)
{
    *found = NULL;
    return S_ISDIR(directory->mode) ? directory->operations->lookup(directory, name, found)
                                    : -ENOTDIR;
}

int32_t node_lookup(struct node *directory, const char *name, struct node **found)
{
    int32_t result;

    lock_take(&directory->system->lock);
    result = lookup(directory, name, found);
    lock_give(&directory->system->lock);
    return result;
}

/* May entries of `directory` change? */
static int32_t may_change(const struct node *directory)
{
    return directory->links == 0 ? -ENOENT : node_permitted(directory, W_OK | X_OK);
}

/* 0: `directory` has no such name and may get it. The lock is held. */
static int32_t check_new(struct node *directory, const char *name)
{
    struct node *found;
    int32_t result = lookup(directory, name, &found);

    if (result == 0) {
        node_put(found);
        return -EEXIST;
    }
    return result == -ENOENT ? may_change(directory) : result;
}

int32_t node_create(struct node *directory, const char *name, uint32_t mode, uint32_t device,
                    struct node **made)
{
    int32_t result;

    lock_take(&directory->system->lock);
    result = check_new(directory, name);
    if (result == 0) {
        result = directory->operations->create == NULL
                     ? -ENOENT
                     : directory->operations->create(directory, name, mode, device, made);
    }
    lock_give(&directory->system->lock);
    return result;
}

int32_t node_symlink(struct node *directory, const char *name, const char *target)
{
    int32_t result;

    lock_take(&directory->system->lock);
    result = check_new(directory, name);
    if (result == 0) {
        result = directory->operations->symlink == NULL
                     ? -ENOENT
                     : directory->operations->symlink(directory, name, target);
    }
    lock_give(&directory->system->lock);
    return result;
}

int32_t node_link(struct node *directory, const char *name, struct node *node)
{
    int32_t result;

    lock_take(&directory->system->lock);
    result = check_new(directory, name);
    if (result != -EEXIST && directory->system != node->system) {
        result = -EXDEV;
    } else if (result == 0 && (S_ISDIR(node->mode) || directory->operations->link == NULL)) {
        result = -EPERM;
    } else if (result == 0) {
        result = node->links == 0 ? -ENOENT : directory->operations->link(directory, name, node);
    }
    lock_give(&directory->system->lock);
    return result;
}

/* ---- names that go ---- */

static int32_t is_empty(struct node *directory)
{
    struct listed entry;
    int32_t result = directory->operations->list(directory, LIST_FIRST, &entry);

    return result == 1 ? -ENOTEMPTY : result;
}

/* May `node` lose its name in `directory`? In one with the sticky bit only owners take away. */
static int32_t may_remove(const struct node *directory, const struct node *node, bool is_directory)
{
    int32_t result = may_change(directory);

    if (result != 0) {
        return result;
    }
    if ((directory->mode & S_ISVTX) && !process_owns(directory) && !process_owns(node)) {
        return -EPERM;
    }
    if (S_ISDIR(node->mode) != is_directory) {
        return is_directory ? -ENOTDIR : -EISDIR;
    }
    return node->mounted != NULL || node == root || node == node->system->root ? -EBUSY : 0;
}

static int32_t remove_locked(struct node *directory, const char *name, bool is_directory)
{
    struct node *node;
    int32_t result = lookup(directory, name, &node);

    if (result == 0) {
        result = may_remove(directory, node, is_directory);
    }
    if (result == 0 && directory->operations->remove == NULL) {
        result = -EPERM;
    }
    if (result == 0 && is_directory) {
        result = is_empty(node);
    }
    if (result == 0) {
        result = directory->operations->remove(directory, name, node);
    }
    node_put(node);
    return result;
}

int32_t node_remove(struct node *directory, const char *name, bool is_directory)
{
    int32_t result;

    if (directory->system->read_only) {
        return -EROFS;
    }
    lock_take(&directory->system->lock);
    result = remove_locked(directory, name, is_directory);
    lock_give(&directory->system->lock);
    return result;
}

/* ---- names that move ---- */

/* 1: `node` is the directory `inside`, or above it. */
static int32_t is_above(const struct node *node, struct node *inside)
{
    struct node *at = node_get(inside);

    for (uint32_t depth = 0; depth < DEPTH_LIMIT; depth++) {
        struct node *up;
        int32_t result = at == node ? 1 : lookup(at, "..", &up);

        if (result != 0 || up == at) {
            if (result == 0) {
                node_put(up);
            }
            node_put(at);
            return result;
        }
        node_put(at);
        at = up;
    }
    node_put(at);
    return -ELOOP;
}

static int32_t check_rename(struct node *from, struct node *node, struct node *to,
                            struct node *over)
{
    bool is_directory = S_ISDIR(node->mode);
    int32_t result = is_directory ? is_above(node, to) : 0;

    if (result != 0) {
        return result == 1 ? -EINVAL : result;
    }
    result = over != NULL && S_ISDIR(over->mode) ? is_above(over, from) : 0;
    if (result != 0) {
        return result == 1 ? -ENOTEMPTY : result;
    }
    result = may_remove(from, node, is_directory);
    if (result == 0) {
        result = over == NULL ? may_change(to) : may_remove(to, over, is_directory);
    }
    if (result == 0 && is_directory && from != to) {
        result = node_permitted(node, W_OK); /* its ".." changes */
    }
    if (result == 0 && from->operations->rename == NULL) {
        result = -EPERM;
    }
    return result == 0 && over != NULL && is_directory ? is_empty(over) : result;
}

static int32_t rename_locked(struct node *from, const char *from_name, struct node *to,
                             const char *to_name, uint32_t flags)
{
    struct node *node, *over = NULL;
    int32_t result = lookup(from, from_name, &node);

    if (result == 0 && (flags & RENAME_DIRECTORY) && !S_ISDIR(node->mode)) {
        result = -ENOTDIR;
    }
    if (result != 0) {
        node_put(node);
        return result;
    }
    result = lookup(to, to_name, &over);
    if (result == 0 && (flags & RENAME_NOREPLACE)) {
        result = -EEXIST;
    } else if (result == 0 || result == -ENOENT) {
        result = node == over ? 0 : check_rename(from, node, to, over);
        if (result == 0 && node != over) {
            result = from->operations->rename(from, from_name, node, to, to_name, over);
        }
    }
    node_put(over);
    node_put(node);
    return result;
}

int32_t node_rename(struct node *from, const char *from_name, struct node *to, const char *to_name,
                    uint32_t flags)
{
    int32_t result;

    if (from->system != to->system) {
        return -EXDEV;
    }
    if (from->system->read_only) {
        return -EROFS;
    }
    lock_take(&from->system->lock);
    result = rename_locked(from, from_name, to, to_name, flags);
    lock_give(&from->system->lock);
    return result;
}
