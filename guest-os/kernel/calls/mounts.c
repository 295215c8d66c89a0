/* System calls on whole file systems, and those that wait until all is on the medium. Interrupts
 * are on. See: mount(2), umount(2), sync(2), fsync(2). SPDX-License-Identifier: MIT */
#include "calls/forms.h"
#include "calls/path_argument.h"
#include "common/text.h"
#include "drivers/block.h"
#include "files/buffer.h"
#include "heart/system_call.h"

#define WORD_BYTES 32 /* of the name of a kind, or of a device */

/* A word of the program's, "" without one. */
static int32_t word_argument(uint32_t user, char word[WORD_BYTES])
{
    int32_t length = user == 0 ? 0 : copy_text_from_user(word, user, WORD_BYTES);

    word[user == 0 ? 0 : WORD_BYTES - 1] = '\0';
    return length < 0 && length != -E2BIG ? length : 0;
}

static int32_t mount_new(const char *source, const char *kind, uint32_t flags, struct node *on)
{
    struct block_device *device = NULL;
    struct node *node;

    if (source[0] == '/' && path_find(NULL, source, true, &node) == 0) {
        device = S_ISBLK(node->mode) ? block_device_find(node->device) : NULL;
        node_put(node);
    }
    return file_system_mount(source, device, kind, (flags & MS_RDONLY) != 0, on);
}

int32_t mounts_change(struct node *on, uint32_t source_at, uint32_t kind_at, uint32_t flags)
{
    char source[WORD_BYTES], kind[WORD_BYTES];
    int32_t result = word_argument(source_at, source);

    result = result != 0 ? result : word_argument(kind_at, kind);
    if (result != 0 || current->euid != 0) {
        return result != 0 ? result : -EPERM;
    }
    if (flags & MS_REMOUNT) {
        return on == on->system->root ? file_system_remount(on->system, (flags & MS_RDONLY) != 0)
                                      : -EINVAL;
    }
    return flags & (MS_BIND | MS_MOVE) ? -EINVAL : mount_new(source, kind, flags, on);
}

int32_t sys_umount2(uint32_t path_at, uint32_t flags)
{
    struct file_system *system;
    struct node *node;
    int32_t result = node_argument(CWD, path_at, 0, &node);

    (void)flags;
    if (result != 0) {
        return result;
    }
    system = node == node->system->root ? node->system : NULL;
    node_put(node);
    if (current->euid != 0 || system == NULL) {
        return current->euid != 0 ? -EPERM : -EINVAL;
    }
    return file_system_unmount(system);
}

int32_t mounts_sync(struct file_system *system)
{
    return system->kind->sync == NULL ? 0 : system->kind->sync(system);
}

int32_t sys_sync(void)
{
    for (struct file_system *at = file_systems; at != NULL; at = at->next) {
        mounts_sync(at);
    }
    buffers_sync(NULL);
    return 0;
}
