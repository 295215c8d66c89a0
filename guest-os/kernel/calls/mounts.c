/* System calls on whole file systems, and those that wait until all is on the medium. Interrupts
 * are on. See: mount(2), umount(2), sync(2), fsync(2). SPDX-License-Identifier: MIT */
#include "calls/path_argument.h"
#include "common/text.h"
#include "drivers/block.h"
#include "files/buffer.h"
#include "files/file.h"
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

int32_t sys_mount(struct trap_frame *frame)
{
    char source[WORD_BYTES], kind[WORD_BYTES];
    uint32_t flags = frame->esi;
    struct node *on;
    int32_t result = word_argument(frame->ebx, source);

    if (result == 0) {
        result = word_argument(frame->edx, kind);
    }
    if (result == 0) {
        result = node_argument(AT_FDCWD, frame->ecx, 0, &on);
    }
    if (result != 0) {
        return result;
    }
    if (current->euid != 0) {
        result = -EPERM;
    } else if (flags & MS_REMOUNT) {
        result = on == on->system->root ? file_system_remount(on->system, (flags & MS_RDONLY) != 0)
                                        : -EINVAL;
    } else if (flags & (MS_BIND | MS_MOVE)) {
        result = -EINVAL;
    } else {
        result = mount_new(source, kind, flags, on);
    }
    node_put(on);
    return result;
}

int32_t sys_umount2(struct trap_frame *frame)
{
    struct file_system *system;
    struct node *node;
    int32_t result = node_argument(AT_FDCWD, frame->ebx, 0, &node);

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

int32_t sys_umount(struct trap_frame *frame)
{
    return sys_umount2(frame);
}

int32_t sys_sync(struct trap_frame *frame)
{
    (void)frame;
    for (struct file_system *at = file_systems; at != NULL; at = at->next) {
        if (at->kind->sync != NULL) {
            at->kind->sync(at);
        }
    }
    buffers_sync(NULL);
    return 0;
}

int32_t sys_syncfs(struct trap_frame *frame)
{
    struct file *file = file_of(frame->ebx);

    if (file == NULL) {
        return -EBADF;
    }
    return file->node->system->kind->sync == NULL
               ? 0
               : file->node->system->kind->sync(file->node->system);
}

int32_t sys_fsync(struct trap_frame *frame)
{
    struct file *file = file_of(frame->ebx);
    struct node *node;
    int32_t result;

    if (file == NULL || S_ISFIFO(file->node->mode)) {
        return file == NULL ? -EBADF : -EINVAL;
    }
    node = node_get(file->node);
    result = node_sync(node);
    node_put(node);
    return result;
}

int32_t sys_fdatasync(struct trap_frame *frame)
{
    return sys_fsync(frame);
}
