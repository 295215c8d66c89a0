/* Which file systems there are, and where they are mounted. See: mount(2), umount(2).
 * SPDX-License-Identifier: MIT */
#include "common/text.h"
#include "drivers/block.h"
#include "files/node.h"
#include "support/pool.h"

static const struct file_system_kind *const kinds[] = {&ram_files, &proc_files, &cpio_files,
                                                       &ext2_files};
static struct pool pool = {.name = "file_system", .bytes = sizeof(struct file_system)};
static struct lock mounting; /* one process at a time changes the list */
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

/* A file system that is nowhere yet. */
static int32_t make(const struct file_system_kind *kind, const char *source,
                    struct block_device *device, bool read_only, struct file_system **made)
{
    static uint32_t last_number; /* major 0, as for all without a device */
    struct file_system *system = pool_take(&pool);
    int32_t result;

    if (system == NULL) {
        return -ENOMEM;
    }
    *system = (struct file_system){.kind = kind,
                                   .device = device,
                                   .number = device != NULL ? device->number : ++last_number,
                                   .read_only = read_only};
    copy_text(system->source, source, sizeof(system->source));
    result = kind->mount(system);
    if (result != 0) {
        pool_give(&pool, system);
    }
    *made = system;
    return result;
}

static int32_t mount_locked(const char *source, struct block_device *device, const char *kind_name,
                            bool read_only, struct node *on)
{
    const struct file_system_kind *kind = kind_named(kind_name);
    struct file_system *system, **end = &file_systems;
    int32_t result;

    if (kind == NULL || (on != NULL && !S_ISDIR(on->mode))) {
        return kind == NULL ? -ENODEV : -ENOTDIR;
    }
    if (kind->wants_device && (device == NULL || block_may_write(device) == -EBUSY)) {
        return device == NULL ? -ENOTBLK : -EBUSY;
    }
    result = make(kind, source, kind->wants_device ? device : NULL, read_only, &system);
    if (result != 0) {
        return result;
    }
    while (*end != NULL) {
        end = &(*end)->next;
    }
    *end = system;
    if (on != NULL) {
        system->covered = node_get(on);
        on->mounted = system;
    } else {
        root = system->root;
    }
    return 0;
}

int32_t file_system_mount(const char *source, struct block_device *device, const char *kind,
                          bool read_only, struct node *on)
{
    int32_t result;

    lock_take(&mounting);
    result = mount_locked(source, device, kind, read_only, on);
    lock_give(&mounting);
    return result;
}

static int32_t unmount_locked(struct file_system *system)
{
    struct file_system **at = &file_systems;
    int32_t result = system->kind->sync == NULL ? 0 : system->kind->sync(system);

    if (system->uses > 1) { /* its root has one; or somebody came while we slept */
        return -EBUSY;
    }
    while (*at != system) {
        at = &(*at)->next;
    }
    *at = system->next;
    system->covered->mounted = NULL;
    node_put(system->covered);
    system->kind->unmount(system);
    pool_give(&pool, system);
    return result;
}

int32_t file_system_unmount(struct file_system *system)
{
    int32_t result = -EBUSY;

    lock_take(&mounting);
    if (system->root != root && system->uses == 1) {
        result = unmount_locked(system);
    }
    lock_give(&mounting);
    return result;
}

int32_t file_system_remount(struct file_system *system, bool read_only)
{
    int32_t result = 0;

    if (read_only && system->writers > 0) {
        return -EBUSY;
    }
    lock_take(&system->lock);
    if (system->read_only != read_only && system->kind->remount != NULL) {
        result = system->kind->remount(system, read_only);
    }
    system->read_only = result == 0 ? read_only : system->read_only;
    lock_give(&system->lock);
    return result;
}
