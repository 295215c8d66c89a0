/* System calls on directories and the names in them. Interrupts are on. See: mkdir(2), mknod(2),
 * link(2), symlink(2), unlink(2), rename(2), getdents(2), getcwd(2), chroot(2).
 * SPDX-License-Identifier: MIT */
#include "calls/path_argument.h"
#include "common/text.h"
#include "files/file.h"
#include "heart/system_call.h"

/* ---- the current directory, and the root ---- */

/* Put `node` into `*place`, if the process may work there. Takes over the caller's use. */
static int32_t go_to(struct node **place, struct node *node)
{
    int32_t result = S_ISDIR(node->mode) ? node_permitted(node, X_OK) : -ENOTDIR;

    if (result == 0) {
        node_put(*place);
        *place = node;
    } else {
        node_put(node);
    }
    return result;
}

int32_t sys_chdir(struct trap_frame *frame)
{
    struct node *node;
    int32_t result = node_argument(AT_FDCWD, frame->ebx, 0, &node);

    return result != 0 ? result : go_to(&current->places->directory, node);
}

int32_t sys_fchdir(struct trap_frame *frame)
{
    struct file *file = file_of(frame->ebx);

    if (file == NULL) {
        return -EBADF;
    }
    return go_to(&current->places->directory, node_get(file->node));
}

int32_t sys_chroot(struct trap_frame *frame)
{
    struct node *node;
    int32_t result = node_argument(AT_FDCWD, frame->ebx, 0, &node);

    if (result == 0 && current->euid != 0) {
        node_put(node);
        return -EPERM;
    }
    return result != 0 ? result : go_to(&current->places->root, node);
}

int32_t sys_getcwd(struct trap_frame *frame)
{
    uint32_t page = frame_allocate();
    char *path = physical_to_pointer(page);
    int32_t length;

    if (page == 0) {
        return -ENOMEM;
    }
    length = path_of(current->places->directory, path, PATH_LIMIT);
    if (length >= 0 && (uint32_t)length + 1 > frame->ecx) {
        length = -ERANGE;
    }
    if (length >= 0) {
        length = copy_to_user(frame->ebx, path, (uint32_t)length + 1) == 0 ? length + 1 : -EFAULT;
    }
    frame_release(page);
    return length;
}

/* ---- listing ---- */

static uint8_t kind_of(uint32_t mode)
{
    return (uint8_t)((mode & S_IFMT) >> 12); /* DT_... are the numbers of S_IF... */
}

/* The entry at `position`, "." and ".." included; 1, 0 at the end, or -E... */
static int32_t list_entry(struct node *directory, uint64_t position, struct listed *entry)
{
    struct node *meant;
    int32_t result;

    if (position >= LIST_FIRST) {
        return node_list(directory, position, entry);
    }
    result = path_find(directory, position == 0 ? "." : "..", true, &meant);
    if (result == -EACCES) { /* it may be read, but not gone through */
        meant = node_get(directory);
    } else if (result != 0) {
        return result;
    }
    *entry = (struct listed){"", meant->number, meant->mode, position + 1};
    copy_text(entry->name, position == 0 ? "." : "..", NAME_LIMIT);
    node_put(meant);
    return 1;
}

/* Make one record of the new (64) or old form; its bytes. */
static uint32_t make_record(const struct listed *entry, bool is_new, uint8_t *record)
{
    uint32_t length = strlen(entry->name);
    uint32_t header = is_new ? DIRENT_HEADER : OLD_DIRENT_HEADER;
    uint32_t bytes = is_new ? (header + length + 1 + 7) & ~7u : (header + length + 2 + 3) & ~3u;

    memset(record, 0, bytes);
    if (is_new) {
        struct dirent64 *head = (struct dirent64 *)record;

        *head = (struct dirent64){entry->number, (int64_t)entry->next, (uint16_t)bytes,
                                  kind_of(entry->mode)};
    } else {
        struct old_dirent *head = (struct old_dirent *)record;

        *head = (struct old_dirent){entry->number, (uint32_t)entry->next, (uint16_t)bytes};
        record[bytes - 1] = kind_of(entry->mode);
    }
    memcpy(record + header, entry->name, length + 1);
    return bytes;
}

static int32_t list(const struct trap_frame *frame, bool is_new)
{
    struct file *file = file_of(frame->ebx);
    uint32_t done = 0;

    if (file == NULL) {
        return -EBADF;
    }
    if (!S_ISDIR(file->node->mode)) {
        return -ENOTDIR;
    }
    if (file->node->links == 0) {
        return -ENOENT;
    }
    for (;;) {
        uint8_t record[DIRENT_HEADER + NAME_LIMIT + 8] __attribute__((aligned(8)));
        struct listed entry;
        int32_t result = list_entry(file->node, file->offset, &entry);
        uint32_t bytes;

        if (result <= 0) {
            return done > 0 ? (int32_t)done : result;
        }
        bytes = make_record(&entry, is_new, record);
        if (bytes > frame->edx - done) {
            return done > 0 ? (int32_t)done : -EINVAL;
        }
        if (copy_to_user(frame->ecx + done, record, bytes) != 0) {
            return done > 0 ? (int32_t)done : -EFAULT;
        }
        file->offset = entry.next;
        done += bytes;
    }
}

int32_t sys_getdents(struct trap_frame *frame)
{
    return list(frame, false);
}

int32_t sys_getdents64(struct trap_frame *frame)
{
    return list(frame, true);
}

/* ---- new names ---- */

/* Make a node of this kind; `slash`: the path may end in one. */
static int32_t make_at(int32_t fd, uint32_t path_at, uint32_t mode, uint32_t device, bool slash)
{
    struct path_end end;
    struct node *made = NULL;
    int32_t result = parent_argument(fd, path_at, -EEXIST, -EEXIST, &end);

    if (result != 0) {
        return result;
    }
    if (end.slash && !slash) {
        result = node_lookup(end.directory, end.name, &made) == 0 ? -EEXIST : -ENOENT;
    } else {
        result = node_create(end.directory, end.name, mode & ~current->places->umask, device, NULL,
                             &made);
    }
    node_put(made);
    path_release(&end);
    return result;
}

static int32_t make_directory_at(int32_t fd, uint32_t path_at, uint32_t mode)
{
    return make_at(fd, path_at, S_IFDIR | (mode & (0777 | S_ISVTX)), 0, true);
}

int32_t sys_mkdir(struct trap_frame *frame)
{
    return make_directory_at(AT_FDCWD, frame->ebx, frame->ecx);
}

int32_t sys_mkdirat(struct trap_frame *frame)
{
    return make_directory_at((int32_t)frame->ebx, frame->ecx, frame->edx);
}

static int32_t make_special_at(int32_t fd, uint32_t path_at, uint32_t mode, uint32_t device)
{
    mode = mode & S_IFMT ? mode : mode | S_IFREG;
    switch (mode & S_IFMT) {
    case S_IFCHR:
    case S_IFBLK:
        if (current->euid != 0) {
            return -EPERM;
        }
        break;
    case S_IFREG:
    case S_IFIFO:
    case S_IFSOCK:
        device = 0;
        break;
    case S_IFDIR:
        return -EPERM;
    default:
        return -EINVAL;
    }
    return make_at(fd, path_at, mode & (S_IFMT | 07777), device, false);
}

int32_t sys_mknod(struct trap_frame *frame)
{
    return make_special_at(AT_FDCWD, frame->ebx, frame->ecx, frame->edx);
}

int32_t sys_mknodat(struct trap_frame *frame)
{
    return make_special_at((int32_t)frame->ebx, frame->ecx, frame->edx, frame->esi);
}

static int32_t symlink_at(uint32_t target_at, int32_t fd, uint32_t path_at)
{
    struct path_end end;
    struct node *made = NULL;
    char *target;
    int32_t result = path_take(target_at, &target);

    if (result != 0) {
        return result;
    }
    result = target[0] == '\0' ? -ENOENT : parent_argument(fd, path_at, -EEXIST, -EEXIST, &end);
    if (result == 0) {
        result = end.slash ? -ENOENT
                           : node_create(end.directory, end.name, S_IFLNK | 0777, 0, target, &made);
        node_put(made);
        path_release(&end);
    }
    path_drop(target);
    return result;
}

int32_t sys_symlink(struct trap_frame *frame)
{
    return symlink_at(frame->ebx, AT_FDCWD, frame->ecx);
}

int32_t sys_symlinkat(struct trap_frame *frame)
{
    return symlink_at(frame->ebx, (int32_t)frame->ecx, frame->edx);
}

static int32_t link_at(int32_t from_fd, uint32_t from_at, int32_t fd, uint32_t path_at,
                       uint32_t flags)
{
    struct path_end end;
    struct node *node;
    int32_t result;

    if (flags & ~(AT_SYMLINK_FOLLOW | AT_EMPTY_PATH)) {
        return -EINVAL;
    }
    flags = (flags & AT_EMPTY_PATH) | (flags & AT_SYMLINK_FOLLOW ? 0 : AT_SYMLINK_NOFOLLOW);
    result = node_argument(from_fd, from_at, flags, &node);
    if (result != 0) {
        return result;
    }
    result = parent_argument(fd, path_at, -EEXIST, -EEXIST, &end);
    if (result == 0) {
        result = end.slash ? -ENOENT : node_link(end.directory, end.name, node);
        path_release(&end);
    }
    node_put(node);
    return result;
}

int32_t sys_link(struct trap_frame *frame)
{
    return link_at(AT_FDCWD, frame->ebx, AT_FDCWD, frame->ecx, 0);
}

int32_t sys_linkat(struct trap_frame *frame)
{
    return link_at((int32_t)frame->ebx, frame->ecx, (int32_t)frame->edx, frame->esi, frame->edi);
}

/* ---- names that go or move ---- */

static int32_t remove_directory_at(int32_t fd, uint32_t path_at)
{
    struct path_end end;
    int32_t result = parent_argument(fd, path_at, -EINVAL, -ENOTEMPTY, &end);

    if (result == 0) {
        result = node_remove(end.directory, end.name, true);
        path_release(&end);
    }
    return result;
}

static int32_t unlink_at(int32_t fd, uint32_t path_at)
{
    struct path_end end;
    struct node *node;
    int32_t result = parent_argument(fd, path_at, -EISDIR, -EISDIR, &end);

    if (result != 0) {
        return result;
    }
    if (end.slash) { /* never right; which error is due depends on what is there */
        result = node_lookup(end.directory, end.name, &node);
        if (result == 0) {
            result = S_ISDIR(node->mode) ? -EISDIR : -ENOTDIR;
            node_put(node);
        }
    } else {
        result = node_remove(end.directory, end.name, false);
    }
    path_release(&end);
    return result;
}

int32_t sys_unlink(struct trap_frame *frame)
{
    return unlink_at(AT_FDCWD, frame->ebx);
}

int32_t sys_rmdir(struct trap_frame *frame)
{
    return remove_directory_at(AT_FDCWD, frame->ebx);
}

int32_t sys_unlinkat(struct trap_frame *frame)
{
    if (frame->edx & ~AT_REMOVEDIR) {
        return -EINVAL;
    }
    return frame->edx & AT_REMOVEDIR ? remove_directory_at((int32_t)frame->ebx, frame->ecx)
                                     : unlink_at((int32_t)frame->ebx, frame->ecx);
}

static int32_t rename_at(int32_t from_fd, uint32_t from_at, int32_t to_fd, uint32_t to_at,
                         uint32_t flags)
{
    struct path_end from, to;
    int32_t result;

    if (flags & ~RENAME_NOREPLACE) {
        return -EINVAL;
    }
    result = parent_argument(from_fd, from_at, -EBUSY, -EBUSY, &from);
    if (result != 0) {
        return result;
    }
    result = parent_argument(to_fd, to_at, flags != 0 ? -EEXIST : -EBUSY,
                             flags != 0 ? -EEXIST : -EBUSY, &to);
    if (result == 0) {
        flags |= from.slash || to.slash ? RENAME_DIRECTORY : 0;
        result = node_rename(from.directory, from.name, to.directory, to.name, flags);
        path_release(&to);
    }
    path_release(&from);
    return result;
}

int32_t sys_rename(struct trap_frame *frame)
{
    return rename_at(AT_FDCWD, frame->ebx, AT_FDCWD, frame->ecx, 0);
}

int32_t sys_renameat(struct trap_frame *frame)
{
    return rename_at((int32_t)frame->ebx, frame->ecx, (int32_t)frame->edx, frame->esi, 0);
}

int32_t sys_renameat2(struct trap_frame *frame)
{
    return rename_at((int32_t)frame->ebx, frame->ecx, (int32_t)frame->edx, frame->esi, frame->edi);
}
