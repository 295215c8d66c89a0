/* From a path to a node, part by part. See: path_resolution(7). SPDX-License-Identifier: MIT */
#include "common/text.h"
#include "files/node.h"
#include "heart/process.h"

struct walk {
    struct node *at;       /* where we are, with a user */
    const char *after;     /* the path behind the part looked for */
    bool is_last;          /* nothing but slashes there */
    uint32_t links;        /* followed so far */
    uint32_t text;         /* physical address of a page: link and rest of the path; 0: none yet */
    char part[NAME_LIMIT]; /* the part looked for */
};

static struct node *top(void)
{
    return current->places->root != NULL ? current->places->root : root;
}

/* Cut the next part off; -ENAMETOOLONG, or its length, 0 at the end. */
static int32_t next_part(struct walk *walk)
{
    const char *start = walk->after + strspn(walk->after, "/");
    uint32_t length = strcspn(start, "/");

    if (length >= NAME_LIMIT) {
        return -ENAMETOOLONG;
    }
    memcpy(walk->part, start, length);
    walk->part[length] = '\0';
    walk->after = start + length;
    walk->is_last = walk->after[strspn(walk->after, "/")] == '\0';
    return (int32_t)length;
}

/* May one go through? */
static int32_t can_search(const struct node *directory)
{
    return S_ISDIR(directory->mode) ? node_permitted(directory, X_OK) : -ENOTDIR;
}

/* The node in place of which `node` is seen: what is mounted on it. Takes over a user. */
static struct node *uncovered(struct node *node)
{
    while (node->mounted != NULL) {
        struct node *covered = node;

        node = node_get(covered->mounted->root);
        node_put(covered);
    }
    return node;
}

/* The node at whose place `node` is seen: what it is mounted on. */
static struct node *place_of(struct node *node)
{
    while (node == node->system->root && node->system->covered != NULL) {
        node = node->system->covered;
    }
    return node;
}

/* The directory above; with a user. */
static struct node *step_up(struct node *directory)
{
    struct node *parent = directory == top() ? NULL : place_of(directory)->parent;

    return parent == NULL ? node_get(directory) : uncovered(node_get(parent));
}

static int32_t step(struct node *directory, const char *name, struct node **found)
{
    int32_t result = can_search(directory);

    if (result != 0) {
        return result;
    }
    if (strcmp(name, ".") == 0) {
        *found = node_get(directory);
        return 0;
    }
    if (strcmp(name, "..") == 0) {
        *found = step_up(directory);
        return 0;
    }
    result = node_lookup(directory, name, found);
    if (result == 0) {
        *found = uncovered(*found);
    }
    return result;
}

/* Put the link's target before what is left of the path, in a new page. */
static int32_t follow_link(struct walk *walk, struct node *link)
{
    uint32_t page = frame_allocate(), rest = strlen(walk->after);
    char *text = physical_to_pointer(page);
    int32_t length;

    if (page == 0) {
        return -ENOMEM;
    }
    length = node_read(link, 0, text, PATH_LIMIT - 1);
    if (length >= 0 && (uint32_t)length + rest >= PATH_LIMIT) {
        length = -ENAMETOOLONG;
    }
    if (length == 0 || ++walk->links > LINK_LIMIT) {
        length = length == 0 ? -ENOENT : -ELOOP;
    }
    if (length < 0) {
        frame_release(page);
        return length;
    }
    memcpy(text + length, walk->after, rest + 1);
    if (walk->text != 0) {
        frame_release(walk->text);
    }
    walk->text = page;
    walk->after = text;
    if (text[0] == '/') {
        node_put(walk->at);
        walk->at = node_get(top());
    }
    return 0;
}

static int32_t walk_on(struct walk *walk, enum walk_kind kind, struct path_end *end)
{
    for (;;) {
        struct node *next = NULL;
        int32_t result = next_part(walk);

        if (result <= 0) { /* nothing but slashes, or a link to them */
            end->node = result == 0 ? node_get(walk->at) : NULL;
            return result;
        }
        if (walk->is_last) {
            end->slash = *walk->after == '/';
            strcpy(end->name, walk->part);
        }
        if (walk->is_last && kind == WALK_PARENT) {
            end->directory = node_get(walk->at);
            return can_search(walk->at);
        }
        result = step(walk->at, walk->part, &next);
        if (result == 0 && S_ISLNK(next->mode) &&
            (!walk->is_last || kind == WALK_FOLLOW || end->slash)) {
            result = follow_link(walk, next);
            node_put(next);
            next = NULL;
        } else if ((result == 0 || result == -ENOENT) && walk->is_last) {
            end->directory = node_get(walk->at);
            end->node = next;
            return result == 0 && end->slash && !S_ISDIR(next->mode) ? -ENOTDIR : result;
        }
        if (result != 0) {
            return result;
        }
        if (next != NULL) {
            node_put(walk->at);
            walk->at = next;
        }
    }
}

int32_t path_walk(struct node *from, const char *path, enum walk_kind kind, struct path_end *end)
{
    struct walk walk = {.after = path};
    int32_t result;

    *end = (struct path_end){.name = ""};
    if (path[0] == '\0') {
        return -ENOENT;
    }
    from = from != NULL ? from : current->places->directory;
    walk.at = node_get(path[0] == '/' || from == NULL ? top() : from);
    result = walk_on(&walk, kind, end);
    node_put(walk.at);
    if (walk.text != 0) {
        frame_release(walk.text);
    }
    if (result != 0 && (result != -ENOENT || end->directory == NULL)) {
        path_release(end);
    }
    return result;
}

void path_release(struct path_end *end)
{
    node_put(end->directory);
    node_put(end->node);
    end->directory = end->node = NULL;
}

int32_t path_find(struct node *from, const char *path, bool follow, struct node **found)
{
    struct path_end end;
    int32_t result = path_walk(from, path, follow ? WALK_FOLLOW : WALK_LINK, &end);

    if (result == 0) {
        *found = node_get(end.node);
    }
    path_release(&end);
    return result;
}

/* ---- back from a node to a path ---- */

/* Put a name and a slash before the text at *at, which grows towards the start of `to`. */
static int32_t prepend(char *to, uint32_t *at, const char *name)
{
    uint32_t length = strlen(name);

    if (length + 1 > *at) {
        return -ERANGE;
    }
    *at -= length + 1;
    to[*at] = '/';
    memcpy(to + *at + 1, name, length);
    return 0;
}

/* The name that `node` has in `directory`, before the text. */
static int32_t prepend_name(struct node *directory, const struct node *node, char *to, uint32_t *at)
{
    struct listed entry;
    uint64_t position = LIST_FIRST;
    int32_t result = node_list(directory, position, &entry);

    while (result == 1 && entry.number != node->number) {
        position = entry.next;
        result = node_list(directory, position, &entry);
    }
    return result == 1 ? prepend(to, at, entry.name) : -ENOENT;
}

/* From the end to the start: names of directories are looked for in those above them. */
int32_t path_of_entry(struct node *directory, struct node *node, char *to, uint32_t size)
{
    uint32_t at = size - 1;
    int32_t result = 0;
    struct node *up = node_get(directory);

    node_get(node); /* its process may end while we sleep */
    to[at] = '\0';
    while (node != top() && result == 0) {
        struct node *place = place_of(node);

        up = up != NULL ? up : step_up(node);
        result = place == root || place->links == 0 ? -ENOENT : prepend_name(up, place, to, &at);
        node_put(node);
        node = up;
        up = NULL;
    }
    node_put(node);
    if (result == 0 && to[at] == '\0') {
        result = prepend(to, &at, "");
    }
    if (result != 0) {
        return result;
    }
    memmove(to, to + at, size - at);
    return (int32_t)(size - at - 1);
}

int32_t path_of(struct node *directory, char *to, uint32_t size)
{
    return path_of_entry(NULL, directory, to, size);
}
