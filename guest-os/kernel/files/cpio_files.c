/* A cpio archive ("newc") on a disk as a file system that can only be read: what the emulator's
 * --share brings, at /host. Mounting reads the headers and keeps the tree; names and data stay on
 * the disk and come through the buffer cache. A damaged archive ends where the damage begins.
 * See: cpio(5). SPDX-License-Identifier: MIT */
#include "common/text.h"
#include "files/buffer.h"
#include "files/node.h"
#include "heart/memory.h"
#include "support/cpio.h"
#include "support/log.h"
#include "support/pool.h"

struct cpio_entry {
    struct cpio_entry *parent; /* the directory; the root's is itself */
    struct cpio_entry *first;  /* in this directory */
    struct cpio_entry *last;   /* likewise */
    struct cpio_entry *next;   /* in the same directory */
    struct cpio_entry *older;  /* of the whole archive, for unmounting */
    struct node *node;         /* NULL: nobody uses it */
    uint32_t number;           /* from LIST_FIRST on, in the order of the archive */
    uint32_t name_at;          /* where the last part of its name begins in the archive */
    uint32_t name_bytes;       /* its length, below NAME_LIMIT */
    uint32_t name_sum;         /* to tell most names apart without reading them */
    uint32_t mode;             /* S_IF... and permissions */
    uint32_t bytes;            /* of data */
    uint32_t data_at;          /* where they begin in the archive */
    uint32_t modified;         /* seconds since 1970 */
};

struct cpio_data { /* of one mount */
    struct cpio_entry *root;
    struct cpio_entry *newest; /* through `older`, all of them */
};

static struct pool entries = {.name = "cpio_entry", .bytes = sizeof(struct cpio_entry)};
static const struct node_operations cpio_operations;

/* ---- bytes of the archive ---- */

static uint32_t archive_bytes(const struct block_device *device)
{
    uint32_t most = UINT32_MAX / SECTOR_BYTES;

    return (device->sectors < most ? device->sectors : most) * SECTOR_BYTES;
}

/* 0, or -EIO: the disk, or beyond its end. */
static int32_t read_bytes(struct block_device *device, uint32_t at, void *to, uint32_t bytes)
{
    uint8_t *target = to;
    struct buffer *buffer;

    if (at > archive_bytes(device) || bytes > archive_bytes(device) - at) {
        return -EIO;
    }
    for (uint32_t done = 0, part; done < bytes; done += part) {
        uint32_t inside = (at + done) % device->block_bytes;
        int32_t result = buffer_read(device, (at + done) / device->block_bytes, &buffer);

        if (result != 0) {
            return result;
        }
        part = device->block_bytes - inside;
        part = part < bytes - done ? part : bytes - done;
        memcpy(target + done, buffer->data + inside, part);
        buffer_put(buffer);
    }
    return 0;
}

/* ---- the tree ---- */

static uint32_t sum_of(const char *name, uint32_t bytes)
{
    uint32_t sum = 0;

    for (uint32_t i = 0; i < bytes; i++) {
        sum = sum * 31 + (uint8_t)name[i];
    }
    return sum;
}

static struct cpio_entry *find(struct block_device *device, const struct cpio_entry *directory,
                               const char *name, uint32_t bytes)
{
    uint32_t sum = sum_of(name, bytes);
    char text[NAME_LIMIT];

    for (struct cpio_entry *at = directory->first; at != NULL; at = at->next) {
        if (at->name_sum == sum && at->name_bytes == bytes &&
            read_bytes(device, at->name_at, text, bytes) == 0 && memcmp(text, name, bytes) == 0) {
            return at;
        }
    }
    return NULL;
}

/* A new directory at the end of `parent` (NULL: the root itself), its name at `name_at`; NULL: no
 * memory. */
static struct cpio_entry *add(struct cpio_data *data, struct cpio_entry *parent, const char *name,
                              uint32_t name_bytes, uint32_t name_at)
{
    struct cpio_entry *entry = pool_take(&entries);

    if (entry == NULL) {
        return NULL;
    }
    entry->mode = S_IFDIR | 0755;
    entry->name_at = name_at;
    entry->name_bytes = name_bytes;
    entry->name_sum = sum_of(name, name_bytes);
    entry->number = data->newest == NULL ? LIST_FIRST : data->newest->number + 1;
    entry->older = data->newest;
    data->newest = entry;
    entry->parent = parent == NULL ? entry : parent;
    if (parent != NULL && parent->first == NULL) {
        parent->first = entry;
    } else if (parent != NULL) {
        parent->last->next = entry;
    }
    if (parent != NULL) {
        parent->last = entry;
    }
    return entry;
}

/* The entry for a path of the archive, whose text lies at `at` there; with the directories before
 * it. NULL: no memory, or a name that can not be. */
static struct cpio_entry *make(struct file_system *system, const char *path, uint32_t at)
{
    struct cpio_data *data = system->data;
    struct cpio_entry *entry = data->root;
    const char *part = path;

    while (*part != '\0') {
        const char *end = strchr(part, '/');
        uint32_t bytes = end == NULL ? strlen(part) : (uint32_t)(end - part);
        struct cpio_entry *found;

        if (bytes >= NAME_LIMIT || (bytes == 2 && part[0] == '.' && part[1] == '.') ||
            !S_ISDIR(entry->mode)) {
            return NULL;
        }
        if (bytes > 0 && !(bytes == 1 && part[0] == '.')) {
            found = find(system->device, entry, part, bytes);
            if (found == NULL) {
                found = add(data, entry, part, bytes, at + (uint32_t)(part - path));
            }
            if (found == NULL) {
                return NULL;
            }
            entry = found;
        }
        part += bytes + (end != NULL);
    }
    return entry;
}

/* ---- nodes ---- */

static uint32_t links_of(const struct cpio_entry *entry)
{
    uint32_t links = S_ISDIR(entry->mode) ? 2 : 1;

    for (const struct cpio_entry *at = entry->first; at != NULL; at = at->next) {
        links += S_ISDIR(at->mode);
    }
    return links;
}

/* The entry's node, with one more user. */
static int32_t use_entry(struct file_system *system, struct cpio_entry *entry, struct node **found)
{
    struct node *node = entry->node;

    if (node != NULL) {
        *found = node_get(node);
        return 0;
    }
    node = node_allocate(system, &cpio_operations, entry->mode);
    if (node == NULL) {
        return -ENOMEM;
    }
    node->number = entry->number;
    node->links = links_of(entry);
    node->owner = node->group = 0;
    node->size = entry->bytes;
    node->sectors = (entry->bytes + SECTOR_BYTES - 1) / SECTOR_BYTES;
    node->accessed = node->modified = node->changed = entry->modified;
    node->cpio.entry = entry;
    entry->node = node;
    *found = node;
    return 0;
}

static void cpio_release(struct node *node)
{
    node->cpio.entry->node = NULL;
    node_free(node);
}

static int32_t cpio_lookup(struct node *directory, const char *name, struct node **found)
{
    struct file_system *system = directory->system;
    struct cpio_entry *entry = directory->cpio.entry->parent;

    if (strcmp(name, "..") != 0) {
        entry = find(system->device, directory->cpio.entry, name, strlen(name));
    }
    return entry == NULL ? -ENOENT : use_entry(system, entry, found);
}

static int32_t cpio_list(struct node *directory, uint64_t position, struct listed *listed)
{
    for (struct cpio_entry *at = directory->cpio.entry->first; at != NULL; at = at->next) {
        if (at->number >= position) {
            listed->name[at->name_bytes] = '\0';
            listed->number = at->number;
            listed->mode = at->mode;
            listed->next = at->number + 1;
            return read_bytes(directory->system->device, at->name_at, listed->name,
                              at->name_bytes) == 0
                       ? 1
                       : -EIO;
        }
    }
    return 0;
}

static int32_t cpio_read(struct node *node, uint64_t offset, void *to, uint32_t bytes)
{
    const struct cpio_entry *entry = node->cpio.entry;
    int32_t result;

    if (offset >= entry->bytes) {
        return 0;
    }
    bytes = bytes < entry->bytes - offset ? bytes : entry->bytes - (uint32_t)offset;
    result = read_bytes(node->system->device, entry->data_at + (uint32_t)offset, to, bytes);
    return result == 0 ? (int32_t)bytes : result;
}

static const struct node_operations cpio_operations = {
    .lookup = cpio_lookup, .list = cpio_list, .read = cpio_read, .release = cpio_release};

/* ---- the whole archive ---- */

static void give_entries_back(struct cpio_data *data)
{
    while (data->newest != NULL) {
        struct cpio_entry *entry = data->newest;

        data->newest = entry->older;
        pool_give(&entries, entry);
    }
}

/* Take in the entry whose header is at `at`; where the next one is, 0: there is none. `name` has
 * room for PATH_LIMIT bytes. */
static uint32_t take_in(struct file_system *system, uint32_t at, char *name)
{
    struct block_device *device = system->device;
    uint32_t left = archive_bytes(device) - at;
    uint8_t text[CPIO_HEADER_BYTES];
    struct cpio_header header;
    struct cpio_entry *entry;
    uint32_t data_at;

    if (read_bytes(device, at, text, sizeof(text)) != 0 || !cpio_read_header(text, &header) ||
        header.name_bytes > PATH_LIMIT ||
        read_bytes(device, at + CPIO_HEADER_BYTES, name, header.name_bytes) != 0 ||
        name[header.name_bytes - 1] != '\0' || strcmp(name, CPIO_TRAILER) == 0) {
        return 0;
    }
    data_at = cpio_align(CPIO_HEADER_BYTES + header.name_bytes);
    if (data_at > left || header.bytes > left - data_at) {
        return 0;
    }
    if (S_ISREG(header.mode) || S_ISDIR(header.mode) || S_ISLNK(header.mode)) {
        entry = make(system, name, at + CPIO_HEADER_BYTES);
        if (entry == NULL) {
            print("kernel: %s: no room for %s\n", device->name, name);
        } else {
            /* neither a file where others are in it, nor the root as a file */
            entry->mode = entry->first != NULL || entry->parent == entry
                              ? S_IFDIR | (header.mode & 07777)
                              : header.mode;
            entry->bytes = S_ISDIR(entry->mode) ? 0 : header.bytes;
            entry->data_at = at + data_at;
            entry->modified = header.modified;
        }
    }
    return at + cpio_align(data_at + header.bytes);
}

static int32_t read_archive(struct file_system *system)
{
    struct cpio_data *data = system->data;
    uint32_t frame = frame_allocate();
    uint32_t at = 0;

    if (frame == 0) {
        return -ENOMEM;
    }
    do {
        at = take_in(system, at, physical_to_pointer(frame));
    } while (at != 0);
    frame_release(frame);
    return data->newest == data->root ? -EINVAL : 0;
}

static int32_t cpio_mount(struct file_system *system)
{
    struct cpio_data *data = system->data;
    int32_t result = buffers_set_block(system->device, PAGE_SIZE);

    system->read_only = true;
    if (result == 0) {
        data->root = add(data, NULL, "", 0, 0);
        result = data->root == NULL ? -ENOMEM : read_archive(system);
    }
    if (result == 0) {
        result = use_entry(system, data->root, &system->root);
    }
    if (result != 0) {
        give_entries_back(data);
    }
    return result;
}

static void cpio_unmount(struct file_system *system)
{
    cpio_release(system->root);
    give_entries_back(system->data);
}

static void cpio_statfs(struct file_system *system, struct statfs64 *to)
{
    const struct cpio_data *data = system->data;

    to->f_bsize = SECTOR_BYTES;
    to->f_blocks = system->device->sectors;
    to->f_files = data->newest->number - LIST_FIRST + 1;
}

const struct file_system_kind cpio_files = {
    .name = "cpio",
    .magic = 0x07070100, /* our own; Linux has no such file system */
    .wants_device = true,
    .data_bytes = sizeof(struct cpio_data),
    .mount = cpio_mount,
    .unmount = cpio_unmount,
    .statfs = cpio_statfs,
};
