/* Archives as file systems: their entries become files in memory, whose data stay where they are.
 * So the boot loader's ramdisk fills the first root, and what the emulator's --share brings on a
 * disk appears at /host, where it can only be read. An archive ("newc" of cpio) is a row of headers
 * of hexadecimal text, each with its name and its data behind it, padded to 4 bytes. A damaged one
 * ends where the damage begins. See: cpio(5). SPDX-License-Identifier: MIT */
#include "common/text.h"
#include "drivers/block.h"
#include "files/buffer.h"
#include "files/ram_files.h"
#include "heart/memory.h"
#include "support/log.h"

#define HEADER_BYTES 110
#define MAGIC        "070701"
#define MAGIC_BYTES  6            /* then fields of eight digits */
#define TRAILER      "TRAILER!!!" /* the name of the entry after the last one */

enum { FIELD_MODE = 1, FIELD_MODIFIED = 5, FIELD_SIZE = 6, FIELD_NAME = 11 };

static uint32_t read_field(const uint8_t *header, uint32_t field)
{
    uint32_t value = 0;

    for (uint32_t i = 0; i < 8; i++) {
        uint32_t digit = header[MAGIC_BYTES + field * 8 + i];

        digit = digit <= '9' ? digit - '0' : (digit | 0x20) - 'a' + 10;
        value = value << 4 | (digit & 0xF);
    }
    return value;
}

static uint32_t align(uint32_t offset)
{
    return (offset + 3) & ~3u;
}

/* The node at `path` below the root, made with the directories before it; with a user. NULL: no
 * memory, or a name that can not be. The text of `path` is cut into its parts. */
static struct node *make_path(struct file_system *system, char *path, uint32_t mode)
{
    struct node *node = node_get(system->root);

    for (char *next, *part = path; *part != '\0'; part = next) {
        struct node *inner = NULL;
        uint32_t bytes = strcspn(part, "/");

        next = part + bytes + (part[bytes] == '/');
        part[bytes] = '\0';
        if (bytes == 0 || strcmp(part, ".") == 0) {
            continue;
        }
        if (bytes < NAME_LIMIT && strcmp(part, "..") != 0 &&
            node_lookup(node, part, &inner) == -ENOENT) {
            name_make(node, part, *next == '\0' ? mode : S_IFDIR | 0755, 0, NULL, &inner);
        }
        node_put(node);
        node = inner;
        if (node == NULL) {
            break;
        }
    }
    return node;
}

static bool read_all(struct node *archive, uint32_t at, void *to, uint32_t bytes)
{
    return node_read(archive, at, to, bytes) == (int32_t)bytes;
}

/* Take in the entry whose header is at `at`; where the next one is, 0: there is none. `name` has
 * room for PATH_LIMIT bytes. */
static uint32_t take_in(struct node *archive, uint32_t at, char *name)
{
    uint32_t left = (uint32_t)archive->size - at, mode, bytes, name_bytes, data_at;
    uint8_t header[HEADER_BYTES];
    struct node *node;

    if (!read_all(archive, at, header, HEADER_BYTES) || memcmp(header, MAGIC, MAGIC_BYTES) != 0) {
        return 0;
    }
    mode = read_field(header, FIELD_MODE) & (S_IFMT | 07777);
    bytes = read_field(header, FIELD_SIZE);
    name_bytes = read_field(header, FIELD_NAME);
    if (name_bytes == 0 || name_bytes > PATH_LIMIT ||
        !read_all(archive, at + HEADER_BYTES, name, name_bytes) || name[name_bytes - 1] != '\0' ||
        strcmp(name, TRAILER) == 0) {
        return 0;
    }
    data_at = align(HEADER_BYTES + name_bytes);
    if (data_at > left || bytes > left - data_at) {
        return 0;
    }
    if (S_ISREG(mode) || S_ISDIR(mode) || S_ISLNK(mode)) {
        node = make_path(archive->system, name, mode);
        if (node == NULL) {
            print("kernel: no room for %s of the archive\n", name);
        } else if (((node->mode ^ mode) & S_IFMT) == 0) { /* else it is there as another kind */
            node->mode = mode;
            node->modified = read_field(header, FIELD_MODIFIED);
            if (!S_ISDIR(mode)) {
                ram_begin_with(node, archive->ram.original_at + at + data_at, bytes);
            }
        }
        node_put(node);
    }
    return at + align(data_at + bytes);
}

uint32_t cpio_unpack(struct file_system *system, uint32_t start, uint32_t bytes)
{
    uint32_t frame = frame_allocate(), at = 0, count = 0;
    struct node *archive; /* a file without a name, while it is read */

    if (frame == 0 || system->root->operations->make(system->root, S_IFREG, 0, &archive) != 0) {
        return 0;
    }
    ram_begin_with(archive, start, bytes);
    while ((at = take_in(archive, at, physical_to_pointer(frame))) != 0) {
        count++;
    }
    node_put(archive);
    frame_release(frame);
    return count;
}

static int32_t cpio_mount(struct file_system *system)
{
    uint32_t most = UINT32_MAX / SECTOR_BYTES, sectors = system->device->sectors;
    int32_t result = buffers_set_block(system->device, PAGE_SIZE);

    if (result == 0) {
        result = ram_mount(system);
    }
    if (result == 0 &&
        cpio_unpack(system, 0, (sectors < most ? sectors : most) * SECTOR_BYTES) == 0) {
        ram_unmount(system);
        result = -EINVAL;
    }
    system->read_only = true;
    return result;
}

const struct file_system_kind cpio_files = {
    .name = "cpio",
    .magic = 0x07070100, /* our own; Linux has no such file system */
    .wants_device = true,
    .mount = cpio_mount,
    .unmount = ram_unmount,
    .statfs = ram_statfs,
};
