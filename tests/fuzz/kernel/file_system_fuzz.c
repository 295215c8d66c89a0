/* What the kernel's file systems need from the rest of the kernel, for one process on the host, and
 * a visitor who does everything. The disk is in memory; each buffer is a piece of its own, so that
 * a sanitizer sees an access beyond it. SPDX-License-Identifier: MIT */
#include "kernel/file_system_fuzz.h"

#include "common/text.h"
#include "files/buffer.h"
#include "heart/clock.h"
#include "heart/process.h"
#include "memory/text_pages.h"
#include "support/log.h"
#include "support/pool.h"

/* The host's stdlib.h has other types of the names that the guest's abi.h has. */
void *calloc(size_t count, size_t bytes);
void free(void *memory);
_Noreturn void abort(void);

#define FRAMES      64
#define VISITS_MOST 300  /* nodes looked at in one round */
#define DEPTH_MOST  8    /* directories in directories */
#define READ_BYTES  3000 /* at a time: no multiple of a block */
#define READS_MOST  20   /* of one file */

static struct process process; /* of root */
struct process *current = &process;
uint32_t ticks, tick_hz = 100;

static const uint8_t *medium; /* what the disk was */
static struct block_device disk;
static struct buffer *buffers; /* all, through next_hashed */
static uint8_t *frames[FRAMES];
static uint32_t held_locks, visits;

/* ---- memory, locks, time, messages ---- */

uint32_t frame_allocate(void)
{
    for (uint32_t i = 1; i < FRAMES; i++) {
        if (frames[i] == NULL) {
            frames[i] = calloc(1, PAGE_SIZE);
            return i * PAGE_SIZE;
        }
    }
    return 0;
}

void frame_release(uint32_t physical)
{
    free(frames[physical / PAGE_SIZE]);
    frames[physical / PAGE_SIZE] = NULL;
}

uint32_t frames_free(void)
{
    return 10000;
}

uint32_t frames_total(void)
{
    return 10000;
}

void *physical_to_pointer(uint32_t physical)
{
    return frames[physical / PAGE_SIZE];
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

void lock_take(struct lock *lock)
{
    lock->depth++;
    held_locks++;
}

void lock_give(struct lock *lock)
{
    if (lock->depth == 0) {
        abort();
    }
    lock->depth--;
    held_locks--;
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
    return 1000000;
}

bool process_has_group(const struct process *who, uint32_t group)
{
    (void)who;
    return group == 0;
}

void print(const char *format, ...)
{
    (void)format;
}

_Noreturn void panic(const char *format, ...)
{
    (void)format;
    abort();
}

/* ---- other disks: none ---- */

struct block_device *block_device_find(uint32_t number)
{
    (void)number;
    return NULL;
}

int32_t block_may_write(const struct block_device *device)
{
    (void)device;
    return -EROFS;
}

void copy_text(char *to, const char *from, size_t size)
{
    snprintf(to, size, "%s", from);
}

/* ---- the disk ---- */

static struct buffer *find_buffer(uint32_t block)
{
    for (struct buffer *at = buffers; at != NULL; at = at->next_hashed) {
        if (at->block == block) {
            return at;
        }
    }
    return NULL;
}

static int32_t get_buffer(struct block_device *device, uint32_t block, struct buffer **found)
{
    struct buffer *buffer = find_buffer(block);
    uint32_t bytes = device->sectors * SECTOR_BYTES, at = block * device->block_bytes;

    if (block > (device->sectors - 1) / (device->block_bytes / SECTOR_BYTES)) {
        return -EIO;
    }
    if (buffer == NULL) {
        buffer = calloc(1, sizeof(*buffer));
        buffer->device = device;
        buffer->block = block;
        buffer->data = calloc(1, device->block_bytes);
        memcpy(buffer->data, medium + at,
               device->block_bytes < bytes - at ? device->block_bytes : bytes - at);
        buffer->next_hashed = buffers;
        buffers = buffer;
    }
    buffer->pins++;
    *found = buffer;
    return 0;
}

int32_t buffer_read(struct block_device *device, uint32_t block, struct buffer **found)
{
    return get_buffer(device, block, found);
}

int32_t block_piece(struct block_device *device, uint64_t offset, struct piece *piece)
{
    uint32_t inside = (uint32_t)offset % device->block_bytes;
    int32_t result = get_buffer(device, (uint32_t)(offset / device->block_bytes), &piece->buffer);

    if (result == 0) {
        piece->data = piece->buffer->data + inside;
        piece->bytes = device->block_bytes - inside;
    }
    return result;
}

int32_t buffer_zeroed(struct block_device *device, uint32_t block, struct buffer **found)
{
    int32_t result = get_buffer(device, block, found);

    if (result == 0) {
        memset((*found)->data, 0, device->block_bytes);
    }
    return result;
}

void buffer_dirty(struct buffer *buffer)
{
    if (buffer->pins == 0) {
        abort();
    }
}

int32_t buffer_write(struct buffer *buffer)
{
    buffer_dirty(buffer);
    return 0;
}

void buffer_put(struct buffer *buffer)
{
    if (buffer->pins == 0) {
        abort();
    }
    buffer->pins--;
}

void buffer_forget(struct block_device *device, uint32_t block)
{
    (void)device;
    (void)block;
}

int32_t buffers_sync(struct block_device *device)
{
    (void)device;
    return 0;
}

/* Nobody needs what was written after another size was set: that is done before the first write. */
static void forget_buffers(void)
{
    while (buffers != NULL) {
        struct buffer *buffer = buffers;

        if (buffer->pins != 0) {
            abort();
        }
        buffers = buffer->next_hashed;
        free(buffer->data);
        free(buffer);
    }
}

int32_t buffers_set_block(struct block_device *device, uint32_t block_bytes)
{
    forget_buffers();
    device->block_bytes = block_bytes;
    return 0;
}

/* ---- the visitor ---- */

static void look_at(struct node *node)
{
    static uint8_t bytes[READ_BYTES];
    uint64_t offset = 0;
    int32_t got;

    for (uint32_t i = 0; i < READS_MOST; i++) {
        got = node_read(node, offset, bytes, READ_BYTES);
        if (got <= 0) {
            break;
        }
        offset += (uint32_t)got;
    }
    if (node->size > READ_BYTES) {
        node_read(node, node->size - READ_BYTES / 2, bytes, READ_BYTES);
    }
}

static void change(struct node *node, struct node *directory, const char *name)
{
    static const uint8_t bytes[READ_BYTES] = {1};

    if (S_ISREG(node->mode)) {
        node_write(node, node->size, bytes, READ_BYTES);
        node_write(node, visits * 5000, bytes, READ_BYTES);
        node_truncate(node, visits % 3 * 1000);
    }
    node->mode ^= 0111;
    node_changed(node);
    node_sync(node);
    if (visits % 3 == 0) {
        node_link(directory, "another_name", node);
    }
    if (visits % 4 == 0) {
        node_remove(directory, name, S_ISDIR(node->mode));
    }
    if (visits % 5 == 0) {
        node_rename(directory, name, directory, "a_name_that_is_longer_than_it_was", 0);
    }
}

static void change_in(struct node *directory)
{
    struct node *made = NULL;

    if (node_create(directory, "new", S_IFREG | 0644, 0, NULL, &made) == 0) {
        static const uint8_t bytes[READ_BYTES] = {2};

        for (uint32_t i = 0; i < 10; i++) {
            node_write(made, i * 7000, bytes, READ_BYTES);
        }
        node_put(made);
    }
    if (node_create(directory, "link", S_IFLNK | 0777, 0, "somewhere/else", &made) == 0) {
        node_put(made);
    }
    if (node_create(directory, "directory", S_IFDIR | 0755, 0, NULL, &made) == 0) {
        node_rename(directory, "new", made, "moved", 0);
        node_put(made);
    }
    node_remove(directory, "new", false);
    node_remove(directory, "directory", true);
}

static void walk(struct node *directory, uint32_t depth, bool changing)
{
    struct listed entry;
    uint64_t position = LIST_FIRST;
    struct node *node;

    while (visits++ < VISITS_MOST && node_list(directory, position, &entry) == 1) {
        if (strlen(entry.name) >= NAME_LIMIT) {
            abort();
        }
        position = entry.next;
        if (node_lookup(directory, entry.name, &node) != 0) {
            continue;
        }
        if (S_ISDIR(node->mode) && depth < DEPTH_MOST) {
            walk(node, depth + 1, changing);
        }
        look_at(node);
        if (changing) {
            change(node, directory, entry.name);
        }
        node_put(node);
    }
    if (changing) {
        change_in(directory);
    }
}

static void visit(struct file_system *system)
{
    struct statfs64 numbers;

    root = system->root;
    for (uint32_t round = 0; round < 3; round++) {
        visits = 0;
        walk(system->root, 0, round == 1);
    }
    system->kind->statfs(system, &numbers);
    if (held_locks != 0 || system->uses != 1) {
        abort();
    }
}

void file_system_fuzz(const struct file_system_kind *kind, const uint8_t *data, size_t size)
{
    struct file_system system = {.kind = kind, .device = &disk};

    if (size < SECTOR_BYTES) {
        return;
    }
    medium = data;
    disk = (struct block_device){.name = "hda", .sectors = (uint32_t)(size / SECTOR_BYTES)};
    disk.block_bytes = SECTOR_BYTES * 2;
    process = (struct process){.pid = 1};
    if (kind->mount(&system) == 0) {
        visit(&system);
        kind->unmount(&system);
    }
    forget_buffers();
    for (uint32_t i = 1; i < FRAMES; i++) {
        if (frames[i] != NULL) {
            abort();
        }
    }
}
