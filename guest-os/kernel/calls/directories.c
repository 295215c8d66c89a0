/* System calls on paths and directories. Interrupts are on. See: stat(2), mkdir(2), rename(2),
 * getdents64(2), getcwd(2). SPDX-License-Identifier: MIT */
#include "calls/path_argument.h"
#include "common/text.h"
#include "files/file.h"
#include "heart/system_call.h"

#define BLOCK 512u

int32_t path_argument(char *path, uint32_t user)
{
    int32_t length = copy_text_from_user(path, user, PATH_LIMIT);

    if (length == -E2BIG) {
        return -ENAMETOOLONG;
    }
    return length < 0 ? length : 0;
}

int32_t directory_argument(int32_t fd, const char *path, struct node **from)
{
    struct file *file;

    *from = NULL;
    if (fd == AT_FDCWD || path[0] == '/') {
        return 0;
    }
    file = file_of((uint32_t)fd);
    if (file == NULL) {
        return -EBADF;
    }
    if (file->node == NULL || !S_ISDIR(file->node->mode)) {
        return -ENOTDIR;
    }
    *from = file->node;
    return 0;
}

/* ---- asking ---- */

/* `node` NULL: a pipe. */
static int32_t give_status(const struct node *node, uint32_t to_user)
{
    struct stat64 status = {.st_dev = 1, .st_mode = S_IFIFO | 0600, .st_nlink = 1};

    if (node != NULL) {
        status.st_dev = node->number >= 0x10000 ? 2 : 1; /* /proc has numbers of its own */
        status.st_ino_low = node->number;
        status.st_ino = node->number;
        status.st_mode = node->mode;
        status.st_nlink = node->links;
        status.st_rdev = node->device;
        status.st_size = node->size;
        status.st_blocks = (node->size + BLOCK - 1) / BLOCK;
        status.st_atime = status.st_mtime = status.st_ctime = node->modified;
    }
    status.st_blksize = PAGE_SIZE;
    return copy_to_user(to_user, &status, sizeof(status));
}

static int32_t status_of_path(int32_t fd, uint32_t path_at, bool follow, uint32_t to_user)
{
    char path[PATH_LIMIT];
    struct node *node, *from;
    int32_t result = path_argument(path, path_at);

    if (result == 0) {
        result = directory_argument(fd, path, &from);
    }
    if (result == 0) {
        result = path_find(from, path, follow, &node);
    }
    if (result == 0) {
        result = give_status(node, to_user);
        node_put(node);
    }
    return result;
}

int32_t sys_stat64(struct trap_frame *frame)
{
    return status_of_path(AT_FDCWD, frame->ebx, true, frame->ecx);
}

int32_t sys_lstat64(struct trap_frame *frame)
{
    return status_of_path(AT_FDCWD, frame->ebx, false, frame->ecx);
}

int32_t sys_fstatat64(struct trap_frame *frame)
{
    return status_of_path((int32_t)frame->ebx, frame->ecx, (frame->esi & AT_SYMLINK_NOFOLLOW) == 0,
                          frame->edx);
}

int32_t sys_fstat64(struct trap_frame *frame)
{
    struct file *file = file_of(frame->ebx);

    return file == NULL ? -EBADF : give_status(file->node, frame->ecx);
}

/* Everybody is the superuser: only what nobody may execute is refused. */
int32_t sys_access(struct trap_frame *frame)
{
    char path[PATH_LIMIT];
    struct node *node;
    int32_t result = path_argument(path, frame->ebx);

    if (result == 0 && (frame->ecx & ~(uint32_t)(R_OK | W_OK | X_OK)) != 0) {
        return -EINVAL;
    }
    if (result == 0) {
        result = path_find(NULL, path, true, &node);
    }
    if (result == 0) {
        if ((frame->ecx & X_OK) && S_ISREG(node->mode) && (node->mode & 0111) == 0) {
            result = -EACCES;
        }
        node_put(node);
    }
    return result;
}

int32_t sys_readlink(struct trap_frame *frame)
{
    char text[PATH_LIMIT];
    struct node *node;
    int32_t length = path_argument(text, frame->ebx);

    if (length == 0) {
        length = path_find(NULL, text, false, &node);
    }
    if (length != 0) {
        return length;
    }
    length = -EINVAL;
    if (S_ISLNK(node->mode) && frame->edx > 0) {
        uint32_t room = frame->edx < PATH_LIMIT ? frame->edx : PATH_LIMIT;

        length = node->operations->read(node, 0, text, room);
    }
    node_put(node);
    if (length > 0 && copy_to_user(frame->ecx, text, (uint32_t)length) != 0) {
        return -EFAULT;
    }
    return length;
}

/* ---- the current directory ---- */

int32_t sys_chdir(struct trap_frame *frame)
{
    char path[PATH_LIMIT];
    struct node *node;
    int32_t result = path_argument(path, frame->ebx);

    if (result == 0) {
        result = path_find(NULL, path, true, &node);
    }
    if (result != 0) {
        return result;
    }
    if (!S_ISDIR(node->mode)) {
        node_put(node);
        return -ENOTDIR;
    }
    node_put(current->places->directory);
    current->places->directory = node;
    return 0;
}

int32_t sys_getcwd(struct trap_frame *frame)
{
    char path[PATH_LIMIT];
    int32_t length = path_of(current->places->directory, path, sizeof(path));

    if (length < 0) {
        return length;
    }
    if ((uint32_t)length + 1 > frame->ecx) {
        return -ERANGE;
    }
    return copy_to_user(frame->ebx, path, (uint32_t)length + 1) == 0 ? length + 1 : -EFAULT;
}

/* ---- listing ---- */

static uint8_t kind_of(uint32_t mode)
{
    return (uint8_t)((mode & S_IFMT) >> 12); /* DT_... are the numbers of S_IF... */
}

/* The entry at `position`, "." and ".." included. */
static bool list_entry(struct node *directory, uint32_t position, struct listed *entry)
{
    const struct node *meant = directory;

    if (position >= LIST_FIRST) {
        return directory->operations->list(directory, position, entry);
    }
    if (position == 1) {
        meant = directory->covers != NULL ? directory->covers->parent : directory->parent;
    }
    *entry = (struct listed){"", meant->number, meant->mode, position + 1};
    copy_text(entry->name, position == 0 ? "." : "..", NAME_LIMIT);
    return true;
}

int32_t sys_getdents64(struct trap_frame *frame)
{
    struct file *file = file_of(frame->ebx);
    struct listed entry;
    uint32_t done = 0;

    if (file == NULL || file->node == NULL) {
        return -EBADF;
    }
    if (!S_ISDIR(file->node->mode)) {
        return -ENOTDIR;
    }
    while (list_entry(file->node, file->offset, &entry)) {
        uint8_t record[DIRENT_HEADER + NAME_LIMIT + 4] __attribute__((aligned(4))) = {0};
        struct dirent64 *head = (struct dirent64 *)record;
        uint32_t bytes = (DIRENT_HEADER + strlen(entry.name) + 1 + 7) & ~7u;

        if (bytes > frame->edx - done) {
            return done > 0 ? (int32_t)done : -EINVAL;
        }
        head->d_ino = entry.number;
        head->d_off = entry.next;
        head->d_reclen = (uint16_t)bytes;
        head->d_type = kind_of(entry.mode);
        strcpy((char *)record + DIRENT_HEADER, entry.name);
        if (copy_to_user(frame->ecx + done, record, bytes) != 0) {
            return done > 0 ? (int32_t)done : -EFAULT;
        }
        file->offset = entry.next;
        done += bytes;
    }
    return (int32_t)done;
}

/* ---- changing ---- */

/* Walk to where something new will be; 0, and *end has a directory and no node. */
static int32_t walk_to_new(uint32_t path_at, struct path_end *end)
{
    char path[PATH_LIMIT];
    int32_t result = path_argument(path, path_at);

    if (result != 0) {
        return result;
    }
    result = path_walk(NULL, path, false, end);
    if (result == 0) {
        path_release(end);
        return -EEXIST;
    }
    return result == -ENOENT && end->directory != NULL ? 0 : result;
}

static int32_t make_node(struct path_end *end, uint32_t mode, struct node **made)
{
    const struct node_operations *operations = end->directory->operations;

    return operations->create == NULL ? -EPERM
                                      : operations->create(end->directory, end->name, mode, made);
}

int32_t sys_mkdir(struct trap_frame *frame)
{
    struct path_end end;
    struct node *made;
    int32_t result = walk_to_new(frame->ebx, &end);

    if (result == 0) {
        result = make_node(&end, S_IFDIR | (frame->ecx & 0777 & ~current->places->umask), &made);
        if (result == 0) {
            node_put(made);
        }
        path_release(&end);
    }
    return result;
}

int32_t sys_symlink(struct trap_frame *frame)
{
    char target[PATH_LIMIT];
    struct path_end end;
    struct node *made;
    int32_t result = path_argument(target, frame->ebx);

    if (result == 0) {
        result = target[0] == '\0' ? -ENOENT : walk_to_new(frame->ecx, &end);
    }
    if (result != 0) {
        return result;
    }
    result = make_node(&end, S_IFLNK | 0777, &made);
    if (result == 0) {
        result = made->operations->write(made, 0, target, strlen(target));
        if (result < 0) {
            made->operations->remove(made);
        }
        result = result < 0 ? result : 0;
        node_put(made);
    }
    path_release(&end);
    return result;
}

static bool is_empty(struct node *directory)
{
    struct listed entry;

    return !directory->operations->list(directory, LIST_FIRST, &entry);
}

/* Can the name of `node` be taken away? */
static int32_t check_removable(struct node *node, bool wants_directory)
{
    if (node->operations->remove == NULL) {
        return node->covers != NULL ? -EBUSY : -EPERM;
    }
    if (node == root) {
        return -EBUSY;
    }
    if (S_ISDIR(node->mode) != wants_directory) {
        return wants_directory ? -ENOTDIR : -EISDIR;
    }
    return wants_directory && !is_empty(node) ? -ENOTEMPTY : 0;
}

static int32_t remove_name(uint32_t path_at, bool directory)
{
    char path[PATH_LIMIT];
    struct path_end end;
    int32_t result = path_argument(path, path_at);

    if (result == 0) {
        result = path_walk(NULL, path, false, &end);
        if (result == 0) {
            result = check_removable(end.node, directory);
        }
        if (result == 0 && (end.directory == NULL || strcmp(end.name, ".") == 0)) {
            result = end.directory == NULL ? 0 : -EINVAL;
        }
        if (result == 0 && strcmp(end.name, "..") == 0) {
            result = -ENOTEMPTY;
        }
        if (result == 0) {
            result = end.node->operations->remove(end.node);
        }
        path_release(&end);
    }
    return result;
}

int32_t sys_unlink(struct trap_frame *frame)
{
    return remove_name(frame->ebx, false);
}

int32_t sys_rmdir(struct trap_frame *frame)
{
    return remove_name(frame->ebx, true);
}

/* Is `node` the directory `inside`, or above it? */
static bool is_above(const struct node *node, const struct node *inside)
{
    while (inside != node && inside->parent != inside) {
        inside = inside->parent;
    }
    return inside == node;
}

static int32_t rename_node(struct path_end *from, struct path_end *to)
{
    int32_t result = 0;

    if (from->directory == NULL || to->directory == NULL) {
        return -EBUSY;
    }
    if (strcmp(from->name, ".") == 0 || strcmp(from->name, "..") == 0 || from->node == root ||
        from->node->covers != NULL) {
        return -EBUSY;
    }
    if (from->node->operations->rename == NULL ||
        to->directory->operations != from->node->operations) {
        return from->node->operations->rename == NULL ? -EPERM : -EXDEV;
    }
    if (to->node == from->node) {
        return 0;
    }
    if (S_ISDIR(from->node->mode) && is_above(from->node, to->directory)) {
        return -EINVAL;
    }
    if (to->directory->links == 0) {
        return -ENOENT;
    }
    if (to->node != NULL) {
        result = check_removable(to->node, S_ISDIR(from->node->mode));
        result = result == 0 ? to->node->operations->remove(to->node) : result;
    }
    return result != 0 ? result
                       : from->node->operations->rename(from->node, to->directory, to->name);
}

int32_t sys_rename(struct trap_frame *frame)
{
    char path[PATH_LIMIT];
    struct path_end from, to;
    int32_t result = path_argument(path, frame->ebx);

    if (result == 0) {
        result = path_walk(NULL, path, false, &from);
        if (result == -ENOENT) {
            path_release(&from);
        }
    }
    if (result != 0) {
        return result;
    }
    result = path_argument(path, frame->ecx);
    if (result == 0) {
        result = path_walk(NULL, path, false, &to);
        if (result == 0 || (result == -ENOENT && to.directory != NULL)) {
            result = rename_node(&from, &to);
            path_release(&to);
        }
    }
    path_release(&from);
    return result;
}

int32_t sys_chmod(struct trap_frame *frame)
{
    char path[PATH_LIMIT];
    struct node *node;
    int32_t result = path_argument(path, frame->ebx);

    if (result == 0) {
        result = path_find(NULL, path, true, &node);
    }
    if (result == 0) {
        if (node->operations->rename == NULL) {
            result = -EPERM; /* not a file system where anything changes */
        } else {
            node->mode = (node->mode & S_IFMT) | (frame->ecx & 07777);
        }
        node_put(node);
    }
    return result;
}

int32_t sys_umask(struct trap_frame *frame)
{
    uint32_t old = current->places->umask;

    current->places->umask = frame->ebx & 0777;
    return (int32_t)old;
}

/* Nothing is written later than now. */
int32_t sys_sync(struct trap_frame *frame)
{
    (void)frame;
    return 0;
}
