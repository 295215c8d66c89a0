/* What becomes the root, and what is mounted in it. Runs in process 1, before it is a program.
 * See: bootparam(7). SPDX-License-Identifier: MIT */
#include "boot/root.h"

#include "common/text.h"
#include "files/buffer.h"
#include "files/file.h"
#include "heart/memory.h"
#include "support/log.h"
#include "support/options.h"

#define EXT2_MAGIC_AT 1080 /* in the superblock, which begins at byte 1024 */
#define EXT2_MAGIC    "\x53\xEF"
#define CPIO_MAGIC    "070701"

#define SOURCE_BYTES sizeof("/dev/hda")

static const char *source_of(const struct block_device *device, char source[SOURCE_BYTES])
{
    snprintf(source, SOURCE_BYTES, "/dev/%s", device->name);
    return source;
}

/* Are these bytes there on the disk? They lie in one sector. */
static bool has_bytes(struct block_device *device, uint32_t at, const char *bytes)
{
    struct buffer *buffer;
    bool equal;

    if (buffer_read(device, at / device->block_bytes, &buffer) != 0) {
        return false;
    }
    equal = memcmp(buffer->data + at % device->block_bytes, bytes, strlen(bytes)) == 0;
    buffer_put(buffer);
    return equal;
}

static struct block_device *first_with(uint32_t at, const char *bytes)
{
    struct block_device *device;

    for (uint32_t i = 0; (device = block_device_at(i)) != NULL; i++) {
        if (has_bytes(device, at, bytes)) {
            return device;
        }
    }
    return NULL;
}

static struct block_device *choose_root(const char *wanted)
{
    struct block_device *device;

    if (wanted != NULL) {
        device = block_device_named(wanted);
        if (device == NULL) {
            panic("root=%s: there is no such disk", wanted);
        }
        return device;
    }
    device = first_with(EXT2_MAGIC_AT, EXT2_MAGIC);
    if (device == NULL) {
        panic("no root: neither a ramdisk nor a disk with an ext2 file system");
    }
    return device;
}

static void mount_disk(struct block_device *device)
{
    char source[SOURCE_BYTES];
    int32_t result =
        file_system_mount(source_of(device, source), device, "ext2", device->read_only, NULL);

    if (result != 0) {
        panic("root=%s: can not be mounted: error %d", source, -result);
    }
    print("kernel: the root is %s%s\n", source, root->system->read_only ? ", read-only" : "");
}

/* The files of the ramdisk, and the directories that are mounted on or that programs count on. */
static void mount_ramdisk(uint32_t start, uint32_t bytes)
{
    static const char *const directories[] = {"bin", "dev", "etc", "host", "proc", "root", "tmp"};
    uint32_t entries;

    if (file_system_mount("ramdisk", NULL, "tmpfs", false, NULL) != 0) {
        panic("no memory for the root directory");
    }
    entries = cpio_unpack(root->system, (uint32_t)physical_to_pointer(start), bytes);
    print("kernel: ramdisk of %u KiB, %u entries\n", (bytes + 1023) / 1024, entries);
    for (uint32_t i = 0; i < sizeof(directories) / sizeof(directories[0]); i++) {
        uint32_t mode = S_IFDIR | (strcmp(directories[i], "tmp") == 0 ? S_ISVTX | 0777 : 0755);
        struct node *made;

        if (node_create(root, directories[i], mode, 0, NULL, &made) == 0) {
            node_put(made);
        }
    }
}

/* Mount `device` (NULL: nothing but memory) in the root. The new file system's root; NULL: it
 * failed, and was told. */
static struct node *mount_at(const char *path, const char *source, struct block_device *device,
                             const char *kind)
{
    struct node *directory;
    int32_t result = path_find(root, path, true, &directory);

    if (result == 0) {
        result = file_system_mount(source, device, kind, device != NULL, directory);
        node_put(directory);
    }
    if (result != 0) {
        print("kernel: %s can not be mounted at %s: error %d\n", source, path, -result);
    }
    return result == 0 ? directory->mounted->root : NULL;
}

void root_mount(uint32_t start, uint32_t bytes)
{
    const char *wanted = option_text("root", NULL);
    bool in_memory = wanted == NULL ? bytes > 0 : strcmp(wanted, "ramdisk") == 0;
    char source[SOURCE_BYTES];
    struct block_device *device;
    struct node *dev;

    if (in_memory) {
        mount_ramdisk(start, bytes);
    } else {
        mount_disk(choose_root(wanted));
    }
    dev = mount_at("/dev", "tmpfs", NULL, "tmpfs");
    if (dev != NULL) {
        devices_make(dev);
    }
    mount_at("/proc", "proc", NULL, "proc");
    device = first_with(0, CPIO_MAGIC);
    if (device != NULL) {
        device->read_only = true;
        mount_at("/host", source_of(device, source), device, "cpio");
    }
}

void root_stop(void)
{
    for (struct file_system *at = file_systems; at != NULL; at = at->next) {
        if (at->device != NULL) {
            file_system_remount(at, true);
        }
    }
    buffers_sync(NULL);
}
