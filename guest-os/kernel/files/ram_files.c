/* Files in memory ("tmpfs"). Directories are lists of entries. A file has the data it began with,
 * if it comes from an archive, where the boot loader put them or on the archive's disk; pages for
 * all else, the first by its own address, the others through a page of addresses of pages of
 * addresses. Nothing survives the run. Nobody sleeps in here but to read an archive.
 * SPDX-License-Identifier: MIT */
#include "files/ram_files.h"
#include "common/text.h"
#include "drivers/block.h"
#include "heart/memory.h"
#include "support/pool.h"

#define INDEX_SHIFT  10 /* page addresses in a page */
#define INDEX_COUNT  (1u << INDEX_SHIFT)
#define SIZE_LIMIT   (1ull << 42) /* bytes of a file: what the levels reach */
#define PART_LEFT    8            /* the part of all memory that files leave to processes */
#define PAGE_SECTORS (PAGE_SIZE / SECTOR_BYTES)

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

    *found = entry == NULL ? NULL : node_get(entry->node);
    return entry == NULL ? -ENOENT : 0;
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

static int32_t ram_make(struct node *directory, uint32_t mode, uint32_t device, struct node **made)
{
    struct node *node = node_allocate(directory->system, &ram_operations, mode);

    if (node == NULL) {
        return -ENOSPC;
    }
    node->number = ++last_number;
    node->links = 0;
    node->device = device;
    *made = node;
    return 0;
}

/* New entries are the last ones. */
static int32_t ram_enter(struct node *directory, const char *name, struct node *node)
{
    struct ram_entry *entry = pool_take(&entry_pool);

    if (entry == NULL) {
        return -ENOSPC;
    }
    copy_text(entry->name, name, NAME_LIMIT);
    entry->node = node;
    entry->order = ++last_order;
    *find_entry(directory, name) = entry;
    return 0;
}

static int32_t ram_leave(struct node *directory, const char *name)
{
    struct ram_entry **at = find_entry(directory, name), *entry = *at;

    *at = entry->next;
    pool_give(&entry_pool, entry);
    return 0;
}

static int32_t ram_redirect(struct node *directory, const char *name, const char *new_name,
                            struct node *node)
{
    struct ram_entry *entry = *find_entry(directory, name);

    if (entry != NULL) { /* ".." is none */
        copy_text(entry->name, new_name, NAME_LIMIT);
        entry->node = node;
    }
    return 0;
}

/* ---- data ---- */

/* Frames that files may still take: they never have the last eighth of the memory, or a full file
 * system would end the next process that needs a page. */
static uint32_t frames_for_files(void)
{
    uint32_t left = frames_total() / PART_LEFT;

    return frames_free() > left ? frames_free() - left : 0;
}

/* Make *slot a frame of zeros if it is none and one can be spared. */
static bool provide(uint32_t *slot)
{
    if (*slot == 0 && frames_for_files() > 0) {
        *slot = frame_allocate();
    }
    return *slot != 0;
}

/* Page `number` of a file, in the kernel's view; NULL: none, and with `create` no memory. */
static uint8_t *page_at(struct node *node, uint32_t number, bool create)
{
    uint32_t level = 0, *slot;
    bool is_new;

    while (number >> (INDEX_SHIFT * level) != 0) {
        level++;
    }
    slot = &node->ram.pages[level];
    for (; level > 0; level--) {
        if (!(create ? provide(slot) : *slot != 0)) {
            return NULL;
        }
        slot = (uint32_t *)physical_to_pointer(*slot) +
               (number >> (INDEX_SHIFT * (level - 1)) & (INDEX_COUNT - 1));
    }
    is_new = *slot == 0;
    if (!(create ? provide(slot) : !is_new)) {
        return NULL;
    }
    node->sectors += is_new ? PAGE_SECTORS : 0;
    return physical_to_pointer(*slot);
}

/* The data that the file began with, as far as they lie together. */
static int32_t original_piece(const struct node *node, uint32_t offset, struct piece *piece)
{
    uint32_t at = node->ram.original_at + offset, left = node->ram.original_bytes - offset;
    int32_t result = 0;

    if (node->system->device != NULL) {
        result = block_piece(node->system->device, at, piece);
        piece->bytes = piece->bytes < left ? piece->bytes : left;
    } else {
        *piece = (struct piece){.data = (uint8_t *)(uintptr_t)at, .bytes = left};
    }
    return result;
}

static int32_t ram_piece(struct node *node, uint64_t offset, uint32_t bytes, bool write,
                         struct piece *piece)
{
    uint32_t inside = (uint32_t)offset % PAGE_SIZE;
    uint8_t *page;

    (void)bytes;
    if (offset < node->ram.original_bytes) {
        return original_piece(node, (uint32_t)offset, piece);
    }
    page = page_at(node, (uint32_t)(offset / PAGE_SIZE), write);
    piece->data = page == NULL ? NULL : page + inside;
    piece->bytes = PAGE_SIZE - inside;
    return page == NULL && write ? -ENOSPC : 0;
}

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

static uint32_t sectors_for(uint64_t bytes)
{
    return (uint32_t)((bytes + SECTOR_BYTES - 1) / SECTOR_BYTES);
}

static void ram_cut(struct node *node)
{
    uint32_t first = (uint32_t)((node->size + PAGE_SIZE - 1) / PAGE_SIZE);

    for (uint32_t level = 0; level < RAM_LEVELS; level++) {
        uint32_t least = level == 0 ? 0 : 1u << (INDEX_SHIFT * (level - 1)); /* page in there */

        cut(node, &node->ram.pages[level], level, first <= least ? 0 : first);
    }
    if (node->size < node->ram.original_bytes) {
        node->sectors -= sectors_for(node->ram.original_bytes) - sectors_for(node->size);
        node->ram.original_bytes = (uint32_t)node->size;
    }
}

static void ram_store(struct node *node, bool now)
{
    (void)node;
    (void)now;
}

static void ram_release(struct node *node)
{
    if (node->links == 0) {
        node->size = 0;
        ram_cut(node);
        node_free(node);
    }
}

static const struct node_operations ram_operations = {
    .lookup = ram_lookup,
    .list = ram_list,
    .piece = ram_piece,
    .cut = ram_cut,
    .make = ram_make,
    .enter = ram_enter,
    .leave = ram_leave,
    .redirect = ram_redirect,
    .store = ram_store,
    .release = ram_release,
};

/* ---- as a whole ---- */

int32_t ram_mount(struct file_system *system)
{
    struct node *node = node_allocate(system, &ram_operations, S_IFDIR | 0755);

    if (node == NULL) {
        return -ENOMEM;
    }
    node->number = ++last_number;
    node->links = 2;
    system->root = node;
    system->link_limit = UINT32_MAX;
    system->size_limit = SIZE_LIMIT;
    return 0;
}

/* Take everything away, from the deepest directories upwards. */
void ram_unmount(struct file_system *system)
{
    struct node *at = system->root;

    while (at != system->root || at->ram.first != NULL) {
        struct ram_entry *entry = at->ram.first;

        if (entry == NULL) {
            at = at->parent;
        } else if (S_ISDIR(entry->node->mode) && entry->node->ram.first != NULL) {
            at = entry->node;
        } else {
            struct node *node = node_get(entry->node);

            node->links = S_ISDIR(node->mode) ? 0 : node->links - 1;
            ram_leave(at, entry->name);
            node_put(node);
        }
    }
    at->links = 0;
    ram_release(at);
}

void ram_statfs(struct file_system *system, struct statfs64 *to)
{
    if (system->device != NULL) {
        to->f_bsize = SECTOR_BYTES;
        to->f_blocks = system->device->sectors;
        return;
    }
    to->f_bsize = PAGE_SIZE;
    to->f_blocks = frames_total();
    to->f_bfree = to->f_bavail = frames_for_files();
}

const struct file_system_kind ram_files = {
    .name = "tmpfs",
    .magic = 0x01021994, /* statfs(2) */
    .mount = ram_mount,
    .unmount = ram_unmount,
    .statfs = ram_statfs,
};

void ram_begin_with(struct node *node, uint32_t at, uint32_t bytes)
{
    node->ram.original_at = at;
    node->ram.original_bytes = bytes;
    node->size = bytes;
    node->sectors = sectors_for(bytes);
}
