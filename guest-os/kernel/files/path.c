/* From a path to a node, part by part. See: path_resolution(7). SPDX-License-Identifier: MIT */
#include "common/text.h"
#include "files/node.h"
#include "heart/process.h"

struct walk {
    struct node *at;       /* where we are, with a user */
    uint32_t links;        /* followed so far */
    char rest[PATH_LIMIT]; /* the path, changed when a link is followed */
    char part[NAME_LIMIT]; /* the part looked for */
    const char *after;     /* the path behind it */
};

static const char *skip_slashes(const char *text)
{
    while (*text == '/') {
        text++;
    }
    return text;
}

/* Cut the next part off; -ENAMETOOLONG, or its length, 0 at the end. */
static int32_t next_part(struct walk *walk)
{
    const char *start = skip_slashes(walk->after);
    uint32_t length = 0;

    while (start[length] != '\0' && start[length] != '/') {
        length++;
    }
    if (length >= NAME_LIMIT) {
        return -ENAMETOOLONG;
    }
    memcpy(walk->part, start, length);
    walk->part[length] = '\0';
    walk->after = start + length;
    return (int32_t)length;
}

static int32_t step(struct node *directory, const char *name, struct node **found)
{
    if (!S_ISDIR(directory->mode)) {
        return -ENOTDIR;
    }
    if (strcmp(name, ".") == 0) {
        *found = node_get(directory);
        return 0;
    }
    if (strcmp(name, "..") == 0) {
        directory = directory->covers != NULL ? directory->covers : directory;
        *found = node_get(directory->parent);
        return 0;
    }
    int32_t result = directory->operations->lookup(directory, name, found);

    if (result == 0 && (*found)->mounted != NULL) {
        struct node *covered = *found;

        *found = node_get(covered->mounted);
        node_put(covered);
    }
    return result;
}

/* Put the link's target before what is left of the path. */
static int32_t follow_link(struct walk *walk, struct node *link)
{
    char target[PATH_LIMIT];
    int32_t length = link->operations->read(link, 0, target, PATH_LIMIT - 1);

    if (length < 0) {
        return length;
    }
    if (++walk->links > LINK_LIMIT) {
        return -ELOOP;
    }
    if ((uint32_t)length + strlen(walk->after) >= PATH_LIMIT) {
        return -ENAMETOOLONG;
    }
    strcpy(target + length, walk->after);
    strcpy(walk->rest, target);
    walk->after = walk->rest;
    if (walk->rest[0] == '/') {
        node_put(walk->at);
        walk->at = node_get(root);
    }
    return 0;
}

static int32_t walk_on(struct walk *walk, bool follow, struct path_end *end)
{
    for (;;) {
        struct node *next = NULL;
        int32_t result = next_part(walk);
        bool last;

        if (result <= 0) { /* the end, behind a slash: that has to be a directory */
            end->node = result == 0 ? node_get(walk->at) : NULL;
            return result == 0 && !S_ISDIR(walk->at->mode) ? -ENOTDIR : result;
        }
        last = *skip_slashes(walk->after) == '\0';
        result = step(walk->at, walk->part, &next);
        if (result == 0 && S_ISLNK(next->mode) && (!last || follow || *walk->after == '/')) {
            result = follow_link(walk, next);
            node_put(next);
            if (result != 0) {
                return result;
            }
            continue;
        }
        if ((result == 0 || result == -ENOENT) && last) {
            end->directory = node_get(walk->at);
            strcpy(end->name, walk->part);
            end->node = next;
            return result == 0 && *walk->after == '/' && !S_ISDIR(next->mode) ? -ENOTDIR : result;
        }
        if (result != 0) {
            return result;
        }
        node_put(walk->at);
        walk->at = next;
    }
}

int32_t path_walk(struct node *from, const char *path, bool follow, struct path_end *end)
{
    struct walk walk = {.links = 0};
    int32_t result;

    *end = (struct path_end){.name = ""};
    if (path[0] == '\0') {
        return -ENOENT;
    }
    if (strlen(path) >= PATH_LIMIT) {
        return -ENAMETOOLONG;
    }
    strcpy(walk.rest, path);
    walk.after = walk.rest;
    from = from != NULL ? from : current->places->directory;
    walk.at = node_get(path[0] == '/' || from == NULL ? root : from);
    result = walk_on(&walk, follow, end);
    node_put(walk.at);
    if (result != 0 && (result != -ENOENT || end->directory == NULL)) {
        path_release(end);
    }
    return result;
}

void path_release(struct path_end *end)
{
    node_put(end->directory);
    node_put(end->node);
    *end = (struct path_end){.name = ""};
}

int32_t path_find(struct node *from, const char *path, bool follow, struct node **found)
{
    struct path_end end;
    int32_t result = path_walk(from, path, follow, &end);

    if (result == 0) {
        *found = node_get(end.node);
    }
    path_release(&end);
    return result;
}

/* The name that `directory` has in its parent. */
static bool name_of(const struct node *directory, struct node *parent, struct listed *entry)
{
    for (uint32_t position = LIST_FIRST; parent->operations->list(parent, position, entry);
         position = entry->next) {
        if (entry->number == directory->number) {
            return true;
        }
    }
    return false;
}

int32_t path_of(struct node *directory, char *to, uint32_t size)
{
    uint32_t at = size - 1; /* the text grows from the end of `to` towards its start */
    struct listed entry;

    to[at] = '\0';
    while (directory != root) {
        uint32_t length;

        directory = directory->covers != NULL ? directory->covers : directory;
        if (directory->links == 0 || !name_of(directory, directory->parent, &entry)) {
            return -ENOENT;
        }
        length = strlen(entry.name);
        if (length + 1 > at) {
            return -ERANGE;
        }
        at -= length;
        memcpy(to + at, entry.name, length);
        to[--at] = '/';
        directory = directory->parent;
    }
    if (to[at] == '\0') {
        if (at == 0) {
            return -ERANGE;
        }
        to[--at] = '/';
    }
    memmove(to, to + at, size - at);
    return (int32_t)(size - at - 1);
}
