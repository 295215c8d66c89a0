/* The guest kernel around ext2, as small as can be: buffers, nodes' memory, one process, paths.
 * SPDX-License-Identifier: MIT */
#include "tests/ext2/host_ext2.h"

#include "common/text.h"
#include "files/ext2.h"
#include "heart/clock.h"
#include "heart/process.h"
#include "memory/text_pages.h"
#include "support/log.h"
#include "support/pool.h"

#define SECTOR    512
#define HASH_SIZE 4096

/* Of the host's C library, whose headers do not go together with the kernel's. */
extern void *malloc(size_t bytes);
extern void *calloc(size_t count, size_t bytes);
extern void free(void *memory);
_Noreturn extern void abort(void);
extern int vprintf(const char *format, va_list arguments);

static struct process process;
struct process *current = &process;
static struct file_system disk_system, *system;
static struct block_device device;
static uint8_t *disk;
static struct buffer *buffers[HASH_SIZE];
static uint32_t writes_left = UINT32_MAX; /* single blocks until the power fails */
static uint32_t cut_seed;                 /* which of the others are written then */
static bool is_off;                       /* it has failed: nothing reaches the disk any more */

/* ---- what the kernel's files call ---- */

void print(const char *format, ...)
{
    (void)format;
}

_Noreturn void panic(const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    vprintf(format, arguments);
    va_end(arguments);
    abort();
}

/* Nothing is mapped, either. */
void text_pages_copy(const struct node *node, uint64_t offset, void *data, uint32_t bytes,
                     bool to_pages)
{
    (void)node;
    (void)offset;
    (void)data;
    (void)bytes;
    (void)to_pages;
}

/* Nothing is executed from these files. */
void text_pages_forget(const struct node *node)
{
    (void)node;
}

uint64_t realtime_microseconds(void)
{
    return 1000000000ull * 1000000;
}

bool process_has_group(const struct process *who, uint32_t group)
{
    return who->egid == group;
}

void lock_take(struct lock *lock)
{
    lock->depth++;
}

void lock_give(struct lock *lock)
{
    lock->depth--;
}

void *pool_take(struct pool *pool)
{
    return calloc(1, pool->bytes);
}

void pool_give(struct pool *pool, void *object)
{
    (void)pool;
    free(object);
}

/* ---- buffers ---- */

static int32_t get(uint32_t block, struct buffer **found, bool *is_new)
{
    struct buffer **list = &buffers[block % HASH_SIZE], *buffer = *list;

    if ((uint64_t)block * device.block_bytes + device.block_bytes >
        (uint64_t)device.sectors * SECTOR) {
        return -EIO;
    }
    while (buffer != NULL && buffer->block != block) {
        buffer = buffer->next_hashed;
    }
    *is_new = buffer == NULL;
    if (buffer == NULL) {
        buffer = calloc(1, sizeof(*buffer));
        *buffer = (struct buffer){.device = &device, .block = block, .next_hashed = *list};
        buffer->data = malloc(device.block_bytes);
        *list = buffer;
    }
    buffer->pins++;
    *found = buffer;
    return 0;
}

int32_t buffer_read(struct block_device *from, uint32_t block, struct buffer **buffer)
{
    bool is_new;
    int32_t result = get(block, buffer, &is_new);

    if (result == 0 && is_new) {
        memcpy((*buffer)->data, disk + (size_t)block * from->block_bytes, from->block_bytes);
    }
    return result;
}

int32_t buffer_zeroed(struct block_device *from, uint32_t block, struct buffer **buffer)
{
    bool is_new;
    int32_t result = get(block, buffer, &is_new);

    if (result == 0) {
        memset((*buffer)->data, 0, from->block_bytes);
        (*buffer)->dirty = true;
    }
    return result;
}

void buffer_dirty(struct buffer *buffer)
{
    buffer->dirty = true;
}

static void write_all(uint32_t seed, bool drop);

static void store(struct buffer *buffer)
{
    if (buffer->dirty && !device.read_only && !is_off) {
        memcpy(disk + (size_t)buffer->block * device.block_bytes, buffer->data, device.block_bytes);
    }
    buffer->dirty = false;
}

int32_t buffer_write(struct buffer *buffer)
{
    if (writes_left == 0 && !is_off) {
        write_all(cut_seed, false);
        is_off = true;
    }
    writes_left--;
    store(buffer);
    return 0;
}

void buffer_put(struct buffer *buffer)
{
    if (buffer->pins == 0) {
        panic("block %u released twice\n", buffer->block);
    }
    buffer->pins--;
}

void buffer_forget(struct block_device *from, uint32_t block)
{
    (void)from;
    for (struct buffer *buffer = buffers[block % HASH_SIZE]; buffer != NULL;
         buffer = buffer->next_hashed) {
        buffer->dirty &= buffer->block != block;
    }
}

/* Write what is dirty, as far as `seed` wants it (0: all), and forget everything with `drop`. */
static void write_all(uint32_t seed, bool drop)
{
    bool all = seed == 0;

    for (uint32_t i = 0; i < HASH_SIZE; i++) {
        for (struct buffer *next, *buffer = buffers[i]; buffer != NULL; buffer = next) {
            next = buffer->next_hashed;
            seed = seed * 1664525 + 1013904223;
            if (all || seed >> 31) {
                store(buffer);
            }
            if (drop) {
                free(buffer->data);
                free(buffer);
            }
        }
        buffers[i] = drop ? NULL : buffers[i];
    }
}

int32_t buffers_sync(struct block_device *from)
{
    (void)from;
    write_all(0, false);
    return 0;
}

/* No node leads to a disk here. */
struct block_device *block_device_find(uint32_t number)
{
    (void)number;
    return NULL;
}

int32_t block_may_write(const struct block_device *to)
{
    (void)to;
    return -EROFS;
}

int32_t block_piece(struct block_device *from, uint64_t offset, struct piece *piece)
{
    (void)from;
    (void)offset;
    (void)piece;
    return -EIO;
}

int32_t buffers_set_block(struct block_device *from, uint32_t block_bytes)
{
    write_all(0, true);
    from->block_bytes = block_bytes;
    return 0;
}

uint32_t host_pinned(void)
{
    uint32_t pins = 0;

    for (uint32_t i = 0; i < HASH_SIZE; i++) {
        for (struct buffer *buffer = buffers[i]; buffer != NULL; buffer = buffer->next_hashed) {
            pins += buffer->pins;
        }
    }
    return system == NULL ? pins : pins - 1;
}

/* ---- the whole ---- */

int host_mount(uint8_t *image, size_t bytes, bool read_only)
{
    int32_t result;

    disk = image;
    device = (struct block_device){.name = "host", .sectors = (uint32_t)(bytes / SECTOR)};
    disk_system = (struct file_system){
        .kind = &ext2_files, .device = &device, .read_only = read_only, .number = 1};
    result = ext2_files.mount(&disk_system);
    if (result != 0) {
        write_all(0, true);
        return result;
    }
    system = &disk_system;
    root = system->root;
    return 0;
}

int host_unmount(void)
{
    if (system->uses != 1) {
        panic("%u nodes are in use\n", system->uses);
    }
    ext2_files.unmount(system);
    system = NULL;
    if (host_pinned() != 0) {
        panic("%u buffers are pinned\n", host_pinned());
    }
    write_all(0, true);
    return 0;
}

void host_cut(uint32_t writes, uint32_t seed)
{
    writes_left = writes;
    cut_seed = seed;
}

bool host_is_off(void)
{
    return is_off;
}

void host_crash(uint32_t seed)
{
    struct ext2 *ext2 = system->data;

    write_all(seed == 0 ? 1 : seed, true);
    while (ext2->nodes != NULL) {
        struct node *node = ext2->nodes;

        ext2->nodes = node->ext2.next;
        free(node);
    }
    free(ext2);
    system = NULL;
    is_off = false;
    writes_left = UINT32_MAX;
}

int host_sync(void)
{
    return ext2_files.sync(system);
}

bool host_is_read_only(void)
{
    return system->read_only;
}

void host_become(uint32_t user, uint32_t group)
{
    process.euid = user;
    process.egid = group;
}

void host_free(uint64_t *blocks, uint64_t *inodes)
{
    struct statfs64 status = {0};

    ext2_files.statfs(system, &status);
    *blocks = status.f_bfree;
    *inodes = status.f_ffree;
}

/* ---- calls ---- */

/* The directory in which the last part of `path` lies, with a user; that part is put into `name`.
 */
static int walk(const char *path, struct node **directory, char name[NAME_LIMIT])
{
    struct node *at = node_get(system->root);

    for (;;) {
        const char *end = strchr(path, '/');
        uint32_t bytes = end == NULL ? (uint32_t)strlen(path) : (uint32_t)(end - path);
        struct node *next;
        int result;

        memcpy(name, path, bytes);
        name[bytes] = '\0';
        if (end == NULL) {
            *directory = at;
            result = S_ISDIR(at->mode) ? 0 : -ENOTDIR;
            if (result != 0) {
                node_put(at);
            }
            return result;
        }
        result = node_lookup(at, name, &next);
        node_put(at);
        if (result != 0) {
            return result;
        }
        at = next;
        path = end + 1;
    }
}

int host_open(const char *path, void **found)
{
    char name[NAME_LIMIT];
    struct node *directory, *node = NULL;
    int result = walk(path, &directory, name);

    if (result != 0) {
        return result;
    }
    result = name[0] == '\0' ? 0 : node_lookup(directory, name, &node);
    *found = name[0] == '\0' ? directory : node;
    if (name[0] != '\0') {
        node_put(directory);
    }
    return result;
}

void host_close(void *node)
{
    node_put(node);
}

int host_mknod(const char *path, uint32_t mode, uint32_t number)
{
    char name[NAME_LIMIT];
    struct node *directory, *made = NULL;
    int result = walk(path, &directory, name);

    if (result == 0) {
        result = node_create(directory, name, mode, number, NULL, &made);
        node_put(made);
        node_put(directory);
    }
    return result;
}

int host_create(const char *path, uint32_t mode)
{
    return host_mknod(path, mode, 0);
}

int host_symlink(const char *target, const char *path)
{
    char name[NAME_LIMIT];
    struct node *directory, *made = NULL;
    int result = walk(path, &directory, name);

    if (result == 0) {
        result = node_create(directory, name, S_IFLNK | 0777, 0, target, &made);
        node_put(made);
        node_put(directory);
    }
    return result;
}

int host_link(const char *from, const char *to)
{
    char name[NAME_LIMIT];
    struct node *directory;
    void *node;
    int result = host_open(from, &node);

    if (result != 0) {
        return result;
    }
    result = walk(to, &directory, name);
    if (result == 0) {
        result = node_link(directory, name, node);
        node_put(directory);
    }
    node_put(node);
    return result;
}

int host_remove(const char *path, bool is_directory)
{
    char name[NAME_LIMIT];
    struct node *directory;
    int result = walk(path, &directory, name);

    if (result == 0) {
        result = node_remove(directory, name, is_directory);
        node_put(directory);
    }
    return result;
}

int host_rename(const char *from, const char *to)
{
    char from_name[NAME_LIMIT], to_name[NAME_LIMIT];
    struct node *from_directory, *to_directory;
    int result = walk(from, &from_directory, from_name);

    if (result != 0) {
        return result;
    }
    result = walk(to, &to_directory, to_name);
    if (result == 0) {
        result = node_rename(from_directory, from_name, to_directory, to_name, 0);
        node_put(to_directory);
    }
    node_put(from_directory);
    return result;
}

int host_truncate(const char *path, uint64_t size)
{
    void *node;
    int result = host_open(path, &node);

    if (result == 0) {
        result = S_ISREG(((struct node *)node)->mode) ? node_truncate(node, size) : -EINVAL;
        node_put(node);
    }
    return result;
}

int host_write(const char *path, uint64_t offset, const void *from, uint32_t bytes)
{
    void *node;
    int result = host_open(path, &node);

    if (result == 0) {
        result =
            S_ISREG(((struct node *)node)->mode) ? node_write(node, offset, from, bytes) : -EISDIR;
        node_put(node);
    }
    return result;
}

int host_read_open(void *opened, uint64_t offset, void *to, uint32_t bytes)
{
    struct node *node = opened;

    return S_ISREG(node->mode) || S_ISLNK(node->mode) ? node_read(node, offset, to, bytes)
                                                      : -EISDIR;
}

int host_read(const char *path, uint64_t offset, void *to, uint32_t bytes)
{
    void *node;
    int result = host_open(path, &node);

    if (result == 0) {
        result = host_read_open(node, offset, to, bytes);
        node_put(node);
    }
    return result;
}

int host_chmod(const char *path, uint32_t mode, uint32_t owner, uint32_t group)
{
    void *found;
    int result = host_open(path, &found);

    if (result == 0) {
        struct node *node = found;

        node->mode = (node->mode & S_IFMT) | mode;
        node->owner = owner;
        node->group = group;
        node_changed(node);
        node_put(node);
    }
    return result;
}

int host_status(const char *path, struct host_status *status)
{
    void *found;
    int result = host_open(path, &found);

    if (result == 0) {
        struct node *node = found;

        *status = (struct host_status){node->mode,   node->links,  node->owner, node->group,
                                       node->device, node->number, node->size,  node->sectors};
        node_put(node);
    }
    return result;
}

int host_name(const char *path, uint32_t n, char *name)
{
    struct listed entry = {.next = LIST_FIRST};
    void *node;
    int result = host_open(path, &node);

    if (result != 0) {
        return result;
    }
    result = S_ISDIR(((struct node *)node)->mode) ? 1 : -ENOTDIR;
    for (uint32_t i = 0; result == 1 && i <= n; i++) {
        result = node_list(node, entry.next, &entry);
    }
    node_put(node);
    strcpy(name, entry.name);
    return result;
}

/* ---- a fresh file system ---- */

#define MAKE_INODES 128
#define MAKE_TABLE  5 /* block */
#define MAKE_DATA   (MAKE_TABLE + MAKE_INODES * 128 / 1024)

void host_make(uint8_t *image, size_t bytes)
{
    struct ext2_super *super = (struct ext2_super *)(image + 1024);
    struct ext2_group *group = (struct ext2_group *)(image + 2048);
    struct ext2_inode *inode = (struct ext2_inode *)(image + MAKE_TABLE * 1024) + EXT2_ROOT - 1;
    struct ext2_entry *entry = (struct ext2_entry *)(image + MAKE_DATA * 1024);
    uint32_t blocks = (uint32_t)(bytes / 1024);

    memset(image, 0, bytes);
    *super = (struct ext2_super){.inodes = MAKE_INODES,
                                 .blocks = blocks,
                                 .free_blocks = blocks - MAKE_DATA - 1,
                                 .free_inodes = MAKE_INODES - 10,
                                 .first_block = 1,
                                 .blocks_in_group = 8192,
                                 .fragments_in_group = 8192,
                                 .inodes_in_group = MAKE_INODES,
                                 .magic = 0xEF53,
                                 .state = 1,
                                 .revision = 1,
                                 .first_inode = 11,
                                 .inode_bytes = 128,
                                 .incompatible = 2};
    *group = (struct ext2_group){.block_bitmap = 3,
                                 .inode_bitmap = 4,
                                 .inode_table = MAKE_TABLE,
                                 .free_blocks = (uint16_t)super->free_blocks,
                                 .free_inodes = (uint16_t)super->free_inodes,
                                 .directories = 1};
    for (uint32_t bit = 0; bit < 8192; bit++) {
        bool used = bit < MAKE_DATA || bit >= blocks - 1;

        image[3 * 1024 + bit / 8] |= (uint8_t)(used << bit % 8);
        used = bit < 10 || bit >= MAKE_INODES;
        image[4 * 1024 + bit / 8] |= (uint8_t)(used << bit % 8);
    }
    *inode = (struct ext2_inode){
        .mode = S_IFDIR | 0755, .size = 1024, .links = 2, .sectors = 2, .blocks = {MAKE_DATA}};
    *entry = (struct ext2_entry){EXT2_ROOT, 12, 1, 2};
    entry->name[0] = '.';
    entry = (struct ext2_entry *)((uint8_t *)entry + 12);
    *entry = (struct ext2_entry){EXT2_ROOT, 1012, 2, 2};
    memcpy(entry->name, "..", 2);
}
