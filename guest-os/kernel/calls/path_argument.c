/* Descriptors, paths and directories as arguments. SPDX-License-Identifier: MIT */
#include "calls/path_argument.h"

#include "common/text.h"
#include "files/file.h"

struct file *file_hold(uint32_t fd)
{
    struct file *file = file_of(fd);

    if (file != NULL) {
        file->users++;
    }
    return file;
}

int32_t path_take(uint32_t user, char **path)
{
    uint32_t page = frame_allocate();
    int32_t length;

    if (page == 0) {
        return -ENOMEM;
    }
    *path = physical_to_pointer(page);
    length = copy_text_from_user(*path, user, PATH_LIMIT);
    if (length < 0) {
        path_drop(*path);
        return length == -E2BIG ? -ENAMETOOLONG : length;
    }
    return 0;
}

void path_drop(char *path)
{
    frame_release((uint32_t)path - KERNEL_BASE);
}

int32_t directory_argument(uint32_t fd, const char *path, struct node **from)
{
    struct file *file;

    *from = NULL;
    if (fd == CWD || path[0] == '/') {
        return 0;
    }
    file = file_of(fd);
    if (file == NULL) {
        return -EBADF;
    }
    *from = file->node;
    return S_ISDIR(file->node->mode) ? 0 : -ENOTDIR;
}

int32_t open_node_argument(uint32_t fd, struct node **node)
{
    struct file *file = fd == CWD ? NULL : file_of(fd);

    if (file == NULL && fd != CWD) {
        return -EBADF;
    }
    *node = node_get(file == NULL ? current->places->directory : file->node);
    return 0;
}

int32_t node_argument(uint32_t fd, uint32_t path_at, uint32_t flags, struct node **node)
{
    struct node *from;
    char *path;
    int32_t result =
        flags & ~(AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH) ? -EINVAL : path_take(path_at, &path);

    if (result != 0) {
        return result;
    }
    if (path[0] == '\0' && (flags & AT_EMPTY_PATH)) {
        result = open_node_argument(fd, node);
    } else {
        result = path[0] == '\0' ? -ENOENT : directory_argument(fd, path, &from);
        if (result == 0) {
            result = path_find(from, path, (flags & AT_SYMLINK_NOFOLLOW) == 0, node);
        }
    }
    path_drop(path);
    return result;
}

int32_t parent_argument(uint32_t fd, uint32_t path_at, int32_t special, int32_t dots,
                        struct path_end *end)
{
    struct node *from;
    char *path;
    int32_t result = path_take(path_at, &path);

    if (result != 0) {
        return result;
    }
    result = path[0] == '\0' ? -ENOENT : directory_argument(fd, path, &from);
    if (result == 0) {
        result = path_walk(from, path, WALK_PARENT, end);
    }
    if (result == 0) {
        if (end->directory == NULL || strcmp(end->name, ".") == 0) {
            result = end->directory == NULL && special == -EINVAL ? -EBUSY : special; /* rmdir / */
        } else if (strcmp(end->name, "..") == 0) {
            result = dots;
        }
        if (result != 0) {
            path_release(end);
        }
    }
    path_drop(path);
    return result;
}
