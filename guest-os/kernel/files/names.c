/* What changes directories: new names, names that go, names that move. Each function looks names up
 * and acts on them under the file system's lock, so nobody comes between. The order of the checks
 * decides which error a caller sees; it is Linux's. The order of the changes is that of a crash
 * that loses least: rather a name that leads nowhere than a file without one, rather a count of
 * links that is too large than one too small. See: link(2), unlink(2), rmdir(2), rename(2).
 * SPDX-License-Identifier: MIT */
#include "common/text.h"
#include "files/node.h"
#include "heart/process.h"

static int32_t lookup(struct node *directory, const char *name, struct node **found)
{
    int32_t result =
        S_ISDIR(directory->mode) ? directory->operations->lookup(directory, name, found) : -ENOTDIR;
    struct node *node = result == 0 ? *found : NULL;

    *found = node;
    if (node != NULL && S_ISDIR(node->mode) && node->parent == NULL && node != node->system->root) {
        node->parent = node_get(directory);
    }
    return result;
}

int32_t node_lookup(struct node *directory, const char *name, struct node **found)
{
    int32_t result;

    lock_take(&directory->system->lock);
    result = lookup(directory, name, found);
    lock_give(&directory->system->lock);
    return result;
}

/* `directory` has changed. */
static void touch(struct node *directory)
{
    directory->modified = directory->changed = seconds_now();
    directory->operations->store(directory, false);
}

/* May entries of `directory` change? */
static int32_t may_change(const struct node *directory)
{
    return directory->links == 0 ? -ENOENT : node_permitted(directory, W_OK | X_OK);
}

/* ---- new names ---- */

/* 0: `directory` has no such name and may get it. */
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

/* Give a new node its name, then its links. */
static int32_t name_new(struct node *directory, const char *name, struct node *node)
{
    bool is_directory = S_ISDIR(node->mode);
    int32_t result = directory->operations->enter(directory, name, node);

    if (result == 0) {
        node->links = is_directory ? 2 : 1;
        node->operations->store(node, is_directory);
        directory->links += is_directory;
        node->parent = is_directory ? node_get(directory) : NULL;
        touch(directory);
    }
    return result;
}

/* In a directory with the set-group-id bit, groups are the directory's. */
static void inherit_group(struct node *node, const struct node *directory)
{
    if (directory->mode & S_ISGID) {
        node->group = directory->group;
        node->mode |= S_ISDIR(node->mode) ? S_ISGID : 0;
    }
}

int32_t name_make(struct node *directory, const char *name, uint32_t mode, uint32_t device,
                  const char *target, struct node **made)
{
    struct node *node = NULL;
    int32_t result = S_ISDIR(mode) && directory->links >= directory->system->link_limit
                         ? -EMLINK
                         : directory->operations->make(directory, mode, device, &node);

    if (result == 0 && target != NULL) {
        node->size = strlen(target);
        result = node_write(node, 0, target, (uint32_t)node->size);
    }
    if (result >= 0) {
        inherit_group(node, directory);
        result = name_new(directory, name, node);
    }
    if (result != 0) {
        node_put(node);
        node = NULL;
    }
    *made = node;
    return result;
}

int32_t node_create(struct node *directory, const char *name, uint32_t mode, uint32_t device,
                    const char *target, struct node **made)
{
    int32_t result;

    lock_take(&directory->system->lock);
    result = check_new(directory, name);
    if (result == 0) {
        result = directory->operations->make == NULL
                     ? -ENOENT
                     : name_make(directory, name, mode, device, target, made);
    }
    lock_give(&directory->system->lock);
    return result;
}

static int32_t one_more(struct node *directory, const char *name, struct node *node)
{
    int32_t result;

    node->links++;
    node->changed = seconds_now();
    node->operations->store(node, false);
    result = directory->operations->enter(directory, name, node);
    if (result == 0) {
        touch(directory);
    } else {
        node->links--;
        node->operations->store(node, false);
    }
    return result;
}

int32_t node_link(struct node *directory, const char *name, struct node *node)
{
    int32_t result;

    lock_take(&directory->system->lock);
    result = check_new(directory, name);
    if (result != -EEXIST && directory->system != node->system) {
        result = -EXDEV;
    } else if (result == 0 && (S_ISDIR(node->mode) || directory->operations->enter == NULL)) {
        result = -EPERM;
    } else if (result == 0 && node->links >= node->system->link_limit) {
        result = -EMLINK;
    } else if (result == 0) {
        result = node->links == 0 ? -ENOENT : one_more(directory, name, node);
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

/* `node` has one name fewer, in `directory`. */
static void one_fewer(struct node *directory, struct node *node)
{
    bool is_directory = S_ISDIR(node->mode);

    directory->links -= is_directory && directory->links > 2;
    node->links -= is_directory ? node->links : 1;
    node->changed = seconds_now();
    node->operations->store(node, true);
}

int32_t name_take(struct node *directory, const char *name, struct node *node)
{
    int32_t result;

    one_fewer(directory, node); /* before its name goes */
    result = directory->operations->leave(directory, name);
    if (result == 0) {
        touch(directory);
    }
    return result;
}

int32_t node_remove(struct node *directory, const char *name, bool is_directory)
{
    struct node *node;
    int32_t result;

    if (directory->system->read_only) {
        return -EROFS;
    }
    lock_take(&directory->system->lock);
    result = lookup(directory, name, &node);
    if (result == 0) {
        result = may_remove(directory, node, is_directory);
    }
    if (result == 0 && is_directory) {
        result = is_empty(node);
    }
    if (result == 0) {
        result = directory->operations->leave == NULL ? -EPERM : name_take(directory, name, node);
    }
    node_put(node);
    lock_give(&directory->system->lock);
    return result;
}

/* ---- names that move ---- */

/* Is `node` the directory `inside`, or above it? */
static bool is_above(const struct node *node, const struct node *inside)
{
    while (inside != NULL && inside != node) {
        inside = inside->parent;
    }
    return inside != NULL;
}

static int32_t check_rename(struct node *from, struct node *node, struct node *to,
                            struct node *over)
{
    bool is_directory = S_ISDIR(node->mode);
    int32_t result;

    if (is_directory && is_above(node, to)) {
        return -EINVAL;
    }
    if (over != NULL && is_above(over, from)) {
        return -ENOTEMPTY;
    }
    result = may_remove(from, node, is_directory);
    if (result == 0) {
        result = over == NULL ? may_change(to) : may_remove(to, over, is_directory);
    }
    if (result == 0 && is_directory && from != to) {
        result = to->links >= to->system->link_limit ? -EMLINK
                                                     : node_permitted(node, W_OK); /* its ".." */
    }
    if (result == 0 && from->operations->redirect == NULL) {
        result = -EPERM;
    }
    return result == 0 && over != NULL && is_directory ? is_empty(over) : result;
}

/* A directory has got a name in `to` and will lose that in `from`. */
static int32_t change_parent(struct node *node, struct node *from, struct node *to)
{
    struct node *old = node->parent;

    node->parent = node_get(to);
    node_put(old);
    to->links++;
    from->links -= from->links > 2;
    return node->operations->redirect(node, "..", "..", to);
}

/* Give `node` the new name, then take the old one away: a crash between leaves two, not none. */
static int32_t move(struct node *from, const char *from_name, struct node *node, struct node *to,
                    const char *to_name, struct node *over)
{
    const struct node_operations *operations = node->operations;
    int32_t result = 0;

    if (over != NULL) {
        one_fewer(to, over);
        result = operations->redirect(to, to_name, to_name, node);
    } else {
        result = operations->enter(to, to_name, node);
    }
    if (result == 0 && S_ISDIR(node->mode) && from != to) {
        result = change_parent(node, from, to);
    }
    touch(to);
    return result == 0 ? operations->leave(from, from_name) : result;
}

static int32_t rename_checked(struct node *from, const char *from_name, struct node *node,
                              struct node *to, const char *to_name, struct node *over)
{
    int32_t result = -ENAMETOOLONG;

    if (from == to && over == NULL) { /* where the name has room, one write does it all */
        result = node->operations->redirect(from, from_name, to_name, node);
    }
    if (result == -ENAMETOOLONG) {
        result = move(from, from_name, node, to, to_name, over);
    }
    node->changed = seconds_now();
    node->operations->store(node, false);
    touch(from);
    return result;
}

static int32_t rename_found(struct node *from, const char *from_name, struct node *node,
                            struct node *to, const char *to_name, uint32_t flags)
{
    struct node *over;
    int32_t result = lookup(to, to_name, &over);

    if (result == 0 && (flags & RENAME_NOREPLACE)) {
        result = -EEXIST;
    } else if (result == 0 || result == -ENOENT) {
        result = node == over ? 0 : check_rename(from, node, to, over);
        if (result == 0 && node != over) {
            result = rename_checked(from, from_name, node, to, to_name, over);
        }
    }
    node_put(over);
    return result;
}

int32_t node_rename(struct node *from, const char *from_name, struct node *to, const char *to_name,
                    uint32_t flags)
{
    struct node *node;
    int32_t result;

    if (from->system != to->system || from->system->read_only) {
        return from->system != to->system ? -EXDEV : -EROFS;
    }
    lock_take(&from->system->lock);
    result = lookup(from, from_name, &node);
    if (result == 0) {
        result = (flags & RENAME_DIRECTORY) && !S_ISDIR(node->mode)
                     ? -ENOTDIR
                     : rename_found(from, from_name, node, to, to_name, flags);
    }
    node_put(node);
    lock_give(&from->system->lock);
    return result;
}
