/* The file system in memory ("tmpfs"). Directories are lists of entries, files trees of pages.
 * Nothing survives the run. The root's may begin with the files of the ramdisk, whose data stay
 * where the boot loader put them until somebody writes. Nobody sleeps in here.
 * SPDX-License-Identifier: MIT */
#include "common/text.h"
#include "files/file.h"
#include "files/node.h"
#include "heart/memory.h"
#include "support/pool.h"

#define PAGE_SHIFT   12
#define INDEX_SHIFT  10 /* page addresses in a page */
#define INDEX_COUNT  (1u << INDEX_SHIFT)
#define SIZE_LIMIT   (1ull << 40) /* bytes of a file: three levels of indexes */
#define FRAMES_LEFT  128          /* that files leave to processes */
#define PAGE_SECTORS (PAGE_SIZE / 512)

struct ram_entry {
    struct ram_entry *next; /* in the same directory */
    struct node *node;      /* whose name this is */
    uint32_t order;         /* position in a listing */
    char name[NAME_LIMIT];  /* text */
};

static struct pool entry_pool = {.name = "ram_entry", .bytes = sizeof(struct ram_entry)};
static uint32_t last_order = LIST_FIRST;
static uint32_t last_number;

static const struct node_operations ram_operations;

/* ---- names ---- */

/* The pointer to the entry `name`; it points to NULL if there is none. */
static struct ram_entry **find_entry(struct node *directory, const char *name)
{
    struct ram_entry **at = &directory->ram.first;

    while (*at != NULL && strcmp((*at)->name, name) != 0) {
        at = &(*at)->next;
    }
    return at;
}

static int32_t ram_lookup(struct node *directory, const char *name, struct node **found)
{
    struct ram_entry *entry = *find_entry(directory, name);

    if (strcmp(name, "..") == 0) {
        *found = node_get(directory->ram.parent);
        return 0;
    }
    if (entry == NULL) {
        return -ENOENT;
    }
    *found = node_get(entry->node);
    return 0;
}

static int32_t ram_list(struct node *directory, uint64_t position, struct listed *listed)
{
    for (struct ram_entry *entry = directory->ram.first; entry != NULL; entry = entry->next) {
        if (entry->order >= position) {
            strcpy(listed->name, entry->name);
            listed->number = entry->node->number;
            listed->mode = entry->node->mode;
            listed->next = entry->order + 1;
            return 1;
        }
    }
    return 0;
}

/* New entries are the last ones. */
static int32_t attach(struct node *directory, const char *name, struct node *node)
{
    struct ram_entry *entry = pool_take(&entry_pool);

    if (entry == NULL) {
        return -ENOSPC;
    }
    copy_text(entry->name, name, NAME_LIMIT);
    entry->node = node;
    entry->order = ++last_order;
    *find_entry(directory, name) = entry;
    if (S_ISDIR(node->mode)) {
        node->ram.parent = directory;
        directory->links++;
    }
    directory->modified = directory->changed = node->changed = seconds_now();
    return 0;
}

static void detach(struct node *directory, const char *name)
{
    struct ram_entry **at = find_entry(directory, name), *entry = *at;

    *at = entry->next;
    if (S_ISDIR(entry->node->mode)) {
        directory->links--;
    }
    directory->modified = directory->changed = entry->node->changed = seconds_now();
    pool_give(&entry_pool, entry);
}

static int32_t ram_create(struct node *directory, const char *name, uint32_t mode, uint32_t device,
                          struct node **made)
{
    struct node *node = node_allocate(directory->system, &ram_operations, mode);

    if (node == NULL) {
        return -ENOSPC;
    }
    node->number = ++last_number;
    node->device = device;
    node_inherit_group(node, directory);
    node->links = S_ISDIR(mode) ? 2 : 1;
    if (attach(directory, name, node) != 0) {
        node->links = 0;
        node_put(node);
        return -ENOSPC;
    }
    *made = node;
    return 0;
}

static int32_t ram_link(struct node *directory, const char *name, struct node *node)
{
    int32_t result = attach(directory, name, node);

    node->links += result == 0;
    return result;
}

static int32_t ram_remove(struct node *directory, const char *name, struct node *node)
{
    detach(directory, name);
    node->links = S_ISDIR(node->mode) ? 0 : node->links - 1;
    if (S_ISDIR(node->mode)) {
        node_get(node->ram.parent); /* whoever is still in there may go to ".." */
    }
    return 0;
}

static int32_t ram_rename(struct node *from, const char *from_name, struct node *node,
                          struct node *to, const char *to_name, struct node *over)
{
    if (over != NULL) {
        ram_remove(to, to_name, over);
    }
    detach(from, from_name);
    return attach(to, to_name, node); /* has the room of the entry just given back */
}

/* ---- data ---- */

/* Release what `*slot` refers to, from page `first` on: a page of data (level 0), or an index. */
static void cut(struct node *node, uint32_t *slot, uint32_t level, uint32_t first)
{
    uint32_t *entries = physical_to_pointer(*slot);

    if (*slot == 0) {
        return;
    }
    for (uint32_t i = 0; level > 0 && i < INDEX_COUNT; i++) {
        uint32_t low = i << (INDEX_SHIFT * (level - 1));
        uint32_t end = (i + 1) << (INDEX_SHIFT * (level - 1));

        if (end > first) {
            cut(node, &entries[i], level - 1, first > low ? first - low : 0);
        }
    }
    if (first == 0) {
        frame_release(*slot);
        *slot = 0;
        node->sectors -= level == 0 ? PAGE_SECTORS : 0;
    }
}

static void free_data(struct node *node)
{
    cut(node, &node->ram.index, node->ram.level, 0);
    node->ram.level = 0;
    node->ram.original = NULL;
    node->size = 0;
    node->sectors = 0;
}

static void ram_release(struct node *node)
{
    if (node->links > 0) {
        return;
    }
    free_data(node);
    if (S_ISDIR(node->mode) && node->ram.parent != NULL) {
        node_put(node->ram.parent);
    }
    node_free(node);
}

/* Make *slot a frame of zeros if it is none and one can be spared. */
static bool provide(uint32_t *slot)
{
    if (*slot == 0 && frames_free() > FRAMES_LEFT) {
        *slot = frame_allocate();
    }
    return *slot != 0;
}

/* Add levels of indexes until page `number` has a place. */
static bool grow_index(struct node *node, uint32_t number)
{
    while (node->ram.level == 0 || number >> (INDEX_SHIFT * node->ram.level) != 0) {
        uint32_t index = 0;

        if (!provide(&index)) {
            return false;
        }
        *(uint32_t *)physical_to_pointer(index) = node->ram.index;
        node->ram.index = index;
        node->ram.level++;
    }
    return true;
}

/* The page of `offset`, in the kernel's view; NULL: none, and with `create` no memory. */
static uint8_t *page_at(struct node *node, uint64_t offset, bool create)
{
    uint32_t number = (uint32_t)(offset >> PAGE_SHIFT);
    uint32_t slot = 0, *at = &slot;

    if (create ? !grow_index(node, number)
               : node->ram.level == 0 || number >> (INDEX_SHIFT * node->ram.level) != 0) {
        return NULL;
    }
    at = &node->ram.index;
    for (uint32_t level = node->ram.level; level > 0; level--) {
        uint32_t index = number >> (INDEX_SHIFT * (level - 1)) & (INDEX_COUNT - 1);
        bool is_new;

        at = (uint32_t *)physical_to_pointer(*at) + index;
        is_new = *at == 0;
        if (is_new && (!create || !provide(at))) {
            return NULL;
        }
        node->sectors += is_new && level == 1 ? PAGE_SECTORS : 0;
    }
    return physical_to_pointer(*at);
}

static int32_t ram_read(struct node *node, uint64_t offset, void *to, uint32_t bytes)
{
    uint8_t *target = to;

    if (offset >= node->size) {
        return 0;
    }
    bytes = bytes < node->size - offset ? bytes : (uint32_t)(node->size - offset);
    if (node->ram.original != NULL) {
        memcpy(to, node->ram.original + offset, bytes);
        return (int32_t)bytes;
    }
    for (uint32_t done = 0, part; done < bytes; done += part) {
        uint32_t inside = (uint32_t)(offset + done) % PAGE_SIZE;
        const uint8_t *page = page_at(node, offset + done, false);

        part = PAGE_SIZE - inside < bytes - done ? PAGE_SIZE - inside : bytes - done;
        if (page != NULL) {
            memcpy(target + done, page + inside, part);
        } else {
            memset(target + done, 0, part); /* a hole */
        }
    }
    return (int32_t)bytes;
}

/* Copy into pages, as far as there is room; how much. */
static uint32_t store(struct node *node, uint64_t offset, const uint8_t *from, uint32_t bytes)
{
    uint32_t done = 0;

    while (done < bytes) {
        uint32_t inside = (uint32_t)(offset + done) % PAGE_SIZE;
        uint32_t part = PAGE_SIZE - inside < bytes - done ? PAGE_SIZE - inside : bytes - done;
        uint8_t *page = page_at(node, offset + done, true);

        if (page == NULL) {
            break;
        }
        memcpy(page + inside, from + done, part);
        done += part;
    }
    return done;
}

/* The ramdisk's data become pages of the file's own. */
static int32_t leave_ramdisk(struct node *node)
{
    if (node->ram.original != NULL) {
        node->sectors = 0;
        if (store(node, 0, node->ram.original, (uint32_t)node->size) < node->size) {
            return -ENOSPC;
        }
        node->ram.original = NULL;
    }
    return 0;
}

static int32_t ram_write(struct node *node, uint64_t offset, const void *from, uint32_t bytes)
{
    uint32_t done;

    if (offset >= SIZE_LIMIT) {
        return -EFBIG;
    }
    bytes = bytes < SIZE_LIMIT - offset ? bytes : (uint32_t)(SIZE_LIMIT - offset);
    if (leave_ramdisk(node) != 0) {
        return -ENOSPC;
    }
    done = store(node, offset, from, bytes);
    if (done == 0 && bytes > 0) {
        return -ENOSPC;
    }
    node->size = offset + done > node->size ? offset + done : node->size;
    node->modified = node->changed = seconds_now();
    return (int32_t)done;
}

static int32_t ram_truncate(struct node *node, uint64_t size)
{
    if (size > SIZE_LIMIT) {
        return -EFBIG;
    }
    if (size == 0) {
        free_data(node);
    } else if (leave_ramdisk(node) != 0) {
        return -ENOSPC;
    }
    if (size < node->size) {
        uint32_t inside = (uint32_t)size % PAGE_SIZE;
        uint8_t *page = inside == 0 ? NULL : page_at(node, size, false);

        if (page != NULL) {
            memset(page + inside, 0, PAGE_SIZE - inside);
        }
        cut(node, &node->ram.index, node->ram.level,
            (uint32_t)((size + PAGE_SIZE - 1) >> PAGE_SHIFT));
    }
    node->size = size;
    node->modified = node->changed = seconds_now();
    return 0;
}

static int32_t ram_symlink(struct node *directory, const char *name, const char *target)
{
    struct node *made;
    int32_t result = ram_create(directory, name, S_IFLNK | 0777, 0, &made);

    if (result == 0) {
        result = ram_write(made, 0, target, strlen(target));
        if (result < 0) {
            ram_remove(directory, name, made);
        }
        node_put(made);
    }
    return result < 0 ? result : 0;
}

static int32_t ram_changed(struct node *node)
{
    (void)node;
    return 0;
}

static const struct node_operations ram_operations = {
    .lookup = ram_lookup,
    .list = ram_list,
    .read = ram_read,
    .write = ram_write,
    .truncate = ram_truncate,
    .create = ram_create,
    .symlink = ram_symlink,
    .link = ram_link,
    .remove = ram_remove,
    .rename = ram_rename,
    .changed = ram_changed,
    .release = ram_release,
};

/* ---- as a whole ---- */

static int32_t ram_mount(struct file_system *system)
{
    struct node *node = node_allocate(system, &ram_operations, S_IFDIR | 0755);

    if (node == NULL) {
        return -ENOMEM;
    }
    node->number = ++last_number;
    node->links = 2;
    node->ram.parent = node;
    system->root = node;
    return 0;
}

/* Take everything away, from the deepest directories upwards. */
static void ram_unmount(struct file_system *system)
{
    struct node *at = system->root;

    for (;;) {
        struct ram_entry *entry = at->ram.first;

        if (entry != NULL && S_ISDIR(entry->node->mode) && entry->node->ram.first != NULL) {
            at = entry->node;
        } else if (entry != NULL) {
            struct node *node = node_get(entry->node);

            ram_remove(at, entry->name, node);
            node_put(node);
        } else if (at == system->root) {
            break;
        } else {
            at = at->ram.parent;
        }
    }
    free_data(at);
    node_free(at);
}

static void ram_statfs(struct file_system *system, struct statfs64 *to)
{
    (void)system;
    to->f_bsize = PAGE_SIZE;
    to->f_blocks = frames_total();
    to->f_bfree = to->f_bavail = frames_free() > FRAMES_LEFT ? frames_free() - FRAMES_LEFT : 0;
}

const struct file_system_kind ram_files = {
    .name = "tmpfs",
    .magic = 0x01021994, /* statfs(2) */
    .mount = ram_mount,
    .unmount = ram_unmount,
    .statfs = ram_statfs,
};

void ram_files_use(struct node *node, const uint8_t *data, uint32_t bytes)
{
    free_data(node);
    node->ram.original = data;
    node->size = bytes;
    node->sectors = (bytes + 511) / 512;
}
