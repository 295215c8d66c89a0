/* The file system in memory. Directories are lists of children, files pages of memory. It begins
 * with the files of the ramdisk, whose data stay where the boot loader put them until somebody
 * writes. Nothing survives the run. One name per file. SPDX-License-Identifier: MIT */
#include "common/text.h"
#include "files/file.h"
#include "files/node.h"
#include "heart/memory.h"
#include "support/log.h"
#include "support/ramdisk.h"

#define PAGES_PER_FILE (PAGE_SIZE / sizeof(uint32_t))
#define SIZE_LIMIT     (PAGES_PER_FILE * PAGE_SIZE) /* 4 MiB */
#define FRAMES_LEFT    128                          /* that files leave to processes */

static uint32_t last_order = LIST_FIRST;

static const struct node_operations ram_operations;

static struct node *find_child(struct node *directory, const char *name)
{
    for (struct node *child = directory->ram.first; child != NULL; child = child->ram.next) {
        if (strcmp(child->ram.name, name) == 0) {
            return child;
        }
    }
    return NULL;
}

static int32_t ram_lookup(struct node *directory, const char *name, struct node **found)
{
    struct node *child = find_child(directory, name);

    if (child == NULL) {
        return -ENOENT;
    }
    *found = node_get(child);
    return 0;
}

static bool ram_list(struct node *directory, uint32_t position, struct listed *entry)
{
    for (struct node *child = directory->ram.first; child != NULL; child = child->ram.next) {
        if (child->ram.order >= position) {
            strcpy(entry->name, child->ram.name);
            entry->number = child->number;
            entry->mode = child->mode;
            entry->next = child->ram.order + 1;
            return true;
        }
    }
    return false;
}

/* ---- names ---- */

static void attach(struct node *node, struct node *directory, const char *name)
{
    struct node **end = &directory->ram.first;

    copy_text(node->ram.name, name, NAME_LIMIT);
    node->ram.order = ++last_order;
    node->ram.next = NULL;
    while (*end != NULL) {
        end = &(*end)->ram.next;
    }
    *end = node;
    node->parent = directory;
    directory->modified = seconds_now();
    if (S_ISDIR(node->mode)) {
        directory->links++;
    }
}

static void detach(struct node *node)
{
    struct node **at = &node->parent->ram.first;

    while (*at != node) {
        at = &(*at)->ram.next;
    }
    *at = node->ram.next;
    node->parent->modified = seconds_now();
    if (S_ISDIR(node->mode)) {
        node->parent->links--;
    }
}

static int32_t ram_create(struct node *directory, const char *name, uint32_t mode,
                          struct node **made)
{
    struct node *node;

    if (directory->links == 0) {
        return -ENOENT;
    }
    node = node_allocate(&ram_operations, mode);
    if (node == NULL) {
        return -ENOSPC;
    }
    if (S_ISDIR(mode)) {
        node->links = 2;
    }
    attach(node, directory, name);
    *made = node;
    return 0;
}

static int32_t ram_remove(struct node *node)
{
    detach(node);
    node->links = 0;
    if (S_ISDIR(node->mode)) {
        node_get(node->parent); /* whoever is still in there may go to ".." */
    }
    return 0;
}

static int32_t ram_rename(struct node *node, struct node *directory, const char *name)
{
    detach(node);
    attach(node, directory, name);
    return 0;
}

/* ---- data ---- */

static void free_data(struct node *node)
{
    uint32_t *pages = physical_to_pointer(node->ram.index);

    if (node->ram.index != 0) {
        for (uint32_t i = 0; i < PAGES_PER_FILE; i++) {
            if (pages[i] != 0) {
                frame_release(pages[i]);
            }
        }
        frame_release(node->ram.index);
    }
    node->ram.index = 0;
    node->ram.original = NULL;
    node->size = 0;
}

static void ram_release(struct node *node)
{
    if (node->links > 0) {
        return;
    }
    free_data(node);
    node->operations = NULL;
    if (S_ISDIR(node->mode)) {
        node_put(node->parent);
    }
}

/* The page of `offset`, in the kernel's view; NULL: none, and with `create` no memory. */
static uint8_t *page_at(struct node *node, uint32_t offset, bool create)
{
    uint32_t *pages;
    uint32_t *page;

    if (node->ram.index == 0 && create && frames_free() > FRAMES_LEFT) {
        node->ram.index = frame_allocate();
    }
    if (node->ram.index == 0) {
        return NULL;
    }
    pages = physical_to_pointer(node->ram.index);
    page = &pages[offset / PAGE_SIZE];
    if (*page == 0 && create && frames_free() > FRAMES_LEFT) {
        *page = frame_allocate();
    }
    return *page == 0 ? NULL : physical_to_pointer(*page);
}

static int32_t ram_read(struct node *node, uint32_t offset, void *to, uint32_t bytes)
{
    uint8_t *target = to;

    if (offset >= node->size) {
        return 0;
    }
    bytes = bytes < node->size - offset ? bytes : node->size - offset;
    if (node->ram.original != NULL) {
        memcpy(to, node->ram.original + offset, bytes);
        return (int32_t)bytes;
    }
    for (uint32_t done = 0, part; done < bytes; done += part) {
        uint32_t inside = (offset + done) % PAGE_SIZE;
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
static uint32_t store(struct node *node, uint32_t offset, const uint8_t *from, uint32_t bytes)
{
    uint32_t done = 0;

    while (done < bytes) {
        uint32_t inside = (offset + done) % PAGE_SIZE;
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

static int32_t ram_write(struct node *node, uint32_t offset, const void *from, uint32_t bytes)
{
    uint32_t done;

    if (offset >= SIZE_LIMIT) {
        return -EFBIG;
    }
    bytes = bytes < SIZE_LIMIT - offset ? bytes : SIZE_LIMIT - offset;
    if (node->ram.original != NULL) {
        if (store(node, 0, node->ram.original, node->size) < node->size) {
            return -ENOSPC;
        }
        node->ram.original = NULL;
    }
    done = store(node, offset, from, bytes);
    if (done == 0 && bytes > 0) {
        return -ENOSPC;
    }
    node->size = offset + done > node->size ? offset + done : node->size;
    node->modified = seconds_now();
    return (int32_t)done;
}

static int32_t ram_truncate(struct node *node)
{
    free_data(node);
    node->modified = seconds_now();
    return 0;
}

static const struct node_operations ram_operations = {
    .lookup = ram_lookup,
    .list = ram_list,
    .read = ram_read,
    .write = ram_write,
    .truncate = ram_truncate,
    .create = ram_create,
    .remove = ram_remove,
    .rename = ram_rename,
    .release = ram_release,
};

/* ---- the beginning ---- */

static struct node *make(const char *path, uint32_t mode)
{
    struct path_end end;
    struct node *made = NULL;

    if (path_walk(root, path, true, &end) == 0) {
        made = node_get(end.node);
    } else if (end.directory != NULL) {
        ram_create(end.directory, end.name, mode, &made);
    }
    path_release(&end);
    if (made == NULL) {
        print("kernel: no room for %s\n", path);
    }
    return made;
}

static void make_device(const char *path, uint32_t device)
{
    struct node *node = make(path, S_IFCHR | 0666);

    if (node != NULL) {
        node->device = device;
        node_put(node);
    }
}

/* One file of the ramdisk, with the directories before it. */
static void add_from_ramdisk(const char *path, const struct ramdisk_file *file, uint32_t mode)
{
    char part[PATH_LIMIT];
    struct node *node;

    if (strlen(path) >= PATH_LIMIT) {
        return;
    }
    for (const char *slash = strchr(path, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
        memcpy(part, path, (size_t)(slash - path));
        part[slash - path] = '\0';
        if (part[0] != '\0') {
            node_put(make(part, S_IFDIR | 0755));
        }
    }
    node = make(path, mode);
    if (node != NULL) {
        node->ram.original = file->data;
        node->size = S_ISREG(mode) ? file->bytes : 0;
        node_put(node);
    }
}

void ram_files_initialise(void)
{
    static const char *const directories[] = {"/bin", "/dev", "/etc", "/proc", "/root", "/tmp"};

    root = node_allocate(&ram_operations, S_IFDIR | 0755);
    root->links = 2;
    root->parent = root;
    ramdisk_for_each(add_from_ramdisk);
    for (uint32_t i = 0; i < sizeof(directories) / sizeof(directories[0]); i++) {
        node_put(make(directories[i], S_IFDIR | 0755));
    }
    make_device("/dev/null", DEVICE_NULL);
    make_device("/dev/zero", DEVICE_ZERO);
    make_device("/dev/random", DEVICE_RANDOM);
    make_device("/dev/urandom", DEVICE_URANDOM);
    make_device("/dev/tty1", DEVICE_TTY1);
    make_device("/dev/ttyS0", DEVICE_TTYS0);
    make_device("/dev/ttyS1", DEVICE_TTYS1);
    make_device("/dev/tty", DEVICE_TTY);
    make_device("/dev/console", DEVICE_CONSOLE);
    struct node *proc = make("/proc", S_IFDIR | 0755);

    proc->mounted = proc_root();
    if (proc->mounted != NULL) {
        proc->mounted->covers = node_get(proc);
        proc->mounted->parent = root;
    }
    node_put(proc);
}
