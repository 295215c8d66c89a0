/* Which file systems there are, and where they are mounted. See: mount(2), umount(2).
 * SPDX-License-Identifier: MIT */
#include "common/text.h"
#include "drivers/block.h"
#include "files/node.h"
#include "heart/memory.h"

#define MOUNT_LIMIT 16

static struct file_system mounts[MOUNT_LIMIT]; /* kind NULL: free */
static const struct file_system_kind *const kinds[] = {&ram_files, &proc_files, &cpio_files,
                                                       &ext2_files};
struct file_system *file_systems;

static const struct file_system_kind *kind_named(const char *name)
{
    for (uint32_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        if (strcmp(kinds[i]->name, name) == 0) {
            return kinds[i];
        }
    }
    return NULL;
}

static struct file_system *find_free(void)
{
    for (uint32_t i = 0; i < MOUNT_LIMIT; i++) {
        if (mounts[i].kind == NULL) {
            return &mounts[i];
        }
    }
    return NULL;
}

static struct file_system **end_of_list(void)
{
    struct file_system **at = &file_systems;

    while (*at != NULL) {
        at = &(*at)->next;
    }
    return at;
}

static bool is_mounted(const struct block_device *device)
{
    for (uint32_t i = 0; i < MOUNT_LIMIT; i++) {
        if (mounts[i].kind != NULL && mounts[i].device == device) {
            return true;
        }
    }
    return false;
}

static void give_back(struct file_system *system)
{
    if (system->data != NULL) {
        frame_release((uint32_t)system->data - KERNEL_BASE);
    }
    *system = (struct file_system){.kind = NULL};
}

/* A file system that is nowhere yet. */
static int32_t prepare(const char *source, struct block_device *device, const char *kind_name,
                       bool read_only, struct file_system **made)
{
    const struct file_system_kind *kind = kind_named(kind_name);
    struct file_system *system = find_free();
    int32_t result;

    if (kind == NULL) {
        return -ENODEV;
    }
    if (kind->wants_device && device == NULL) {
        return -ENOTBLK;
    }
    if (system == NULL || (kind->wants_device && is_mounted(device))) {
        return system == NULL ? -ENOMEM : -EBUSY;
    }
    *system = (struct file_system){.kind = kind, .read_only = read_only};
    copy_text(system->source, source, sizeof(system->source));
    if (kind->wants_device) {
        system->device = device;
        system->number = device->number;
    } else {
        system->number = 1 + (uint32_t)(system - mounts); /* major 0, as for all without a device */
    }
    if (kind->data_bytes > 0) {
        uint32_t frame = frame_allocate();

        if (frame == 0) {
            system->kind = NULL;
            return -ENOMEM;
        }
        system->data = physical_to_pointer(frame);
    }
    result = kind->mount(system);
    if (result != 0) {
        give_back(system);
        return result;
    }
    *made = system;
    return 0;
}

int32_t file_system_mount(const char *source, struct block_device *device, const char *kind,
                          bool read_only, struct node *on)
{
    struct file_system *system;
    int32_t result;

    if (on != NULL && !S_ISDIR(on->mode)) {
        return -ENOTDIR;
    }
    result = prepare(source, device, kind, read_only, &system);
    if (result != 0) {
        return result;
    }
    *end_of_list() = system;
    if (on != NULL) {
        system->covered = node_get(on);
        on->mounted = system;
    } else {
        root = system->root;
    }
    return 0;
}

static void take_out(const struct file_system *system)
{
    struct file_system **at = &file_systems;

    while (*at != system) {
        at = &(*at)->next;
    }
    *at = system->next;
}

int32_t file_system_unmount(struct node *root_of_it)
{
    struct file_system *system = root_of_it->system;
    int32_t result = 0;

    if (root_of_it != system->root) {
        return -EINVAL;
    }
    if (root_of_it == root || system->uses > 1) { /* its root has one */
        return -EBUSY;
    }
    if (system->kind->sync != NULL) {
        result = system->kind->sync(system);
    }
    if (system->uses > 1) { /* somebody came while we slept */
        return -EBUSY;
    }
    take_out(system);
    if (system->covered != NULL) {
        system->covered->mounted = NULL;
        node_put(system->covered);
    }
    system->kind->unmount(system);
    give_back(system);
    return result;
}

int32_t file_system_remount(struct node *root_of_it, bool read_only)
{
    struct file_system *system = root_of_it->system;
    int32_t result = 0;

    if (root_of_it != system->root) {
        return -EINVAL;
    }
    if (read_only && system->writers > 0) {
        return -EBUSY;
    }
    lock_take(&system->lock);
    if (system->read_only != read_only && system->kind->remount != NULL) {
        result = system->kind->remount(system, read_only);
    }
    if (result == 0) {
        system->read_only = read_only;
    }
    lock_give(&system->lock);
    return result;
}

int32_t file_systems_sync(void)
{
    int32_t result = 0;

    for (struct file_system *at = file_systems; at != NULL; at = at->next) {
        int32_t error = at->kind->sync == NULL ? 0 : at->kind->sync(at);

        result = result != 0 ? result : error;
    }
    return result;
}
