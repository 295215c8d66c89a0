/* System calls on directories and the names in them. Interrupts are on. See: mkdir(2), mknod(2),
 * link(2), symlink(2), unlink(2), rename(2), getdents(2), getcwd(2), chroot(2).
 * SPDX-License-Identifier: MIT */
#include "calls/forms.h"
#include "calls/path_argument.h"
#include "common/text.h"
#include "heart/system_call.h"

/* ---- the current directory, and the root ---- */

/* Put `node` into `*place`, if the process may work there. */
static int32_t go_to(struct node **place, struct node *node)
{
    int32_t result = S_ISDIR(node->mode) ? node_permitted(node, X_OK) : -ENOTDIR;

    if (result == 0) {
        node_get(node);
        node_put(*place);
        *place = node;
    }
    return result;
}

int32_t directory_enter(struct node *node)
{
    return go_to(&current->places->directory, node);
}

int32_t directory_make_root(struct node *node)
{
    return current->euid != 0 ? -EPERM : go_to(&current->places->root, node);
}

int32_t sys_getcwd(uint32_t to_user, uint32_t bytes)
{
    uint32_t page = frame_allocate();
    char *path = physical_to_pointer(page);
    int32_t length;

    if (page == 0) {
        return -ENOMEM;
    }
    length = path_of(current->places->directory, path, PATH_LIMIT);
    if (length >= 0 && (uint32_t)length + 1 > bytes) {
        length = -ERANGE;
    }
    if (length >= 0) {
        length = copy_to_user(to_user, path, (uint32_t)length + 1) == 0 ? length + 1 : -EFAULT;
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
    const char *name = position == 0 ? "." : "..";
    struct node *meant;
    int32_t result;

    if (position >= LIST_FIRST) {
        return node_list(directory, position, entry);
    }
    result = path_find(directory, name, true, &meant);
    if (result == -EACCES) { /* it may be read, but not gone through */
        meant = node_get(directory);
    } else if (result != 0) {
        return result;
    }
    *entry = (struct listed){"", meant->number, meant->mode, position + 1};
    copy_text(entry->name, name, NAME_LIMIT);
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
        *(struct dirent64 *)record = (struct dirent64){entry->number, (int64_t)entry->next,
                                                       (uint16_t)bytes, kind_of(entry->mode)};
    } else {
        *(struct old_dirent *)record =
            (struct old_dirent){entry->number, (uint32_t)entry->next, (uint16_t)bytes};
        record[bytes - 1] = kind_of(entry->mode);
    }
    memcpy(record + header, entry->name, length + 1);
    return bytes;
}

int32_t directory_list(struct file *file, uint32_t to_user, uint32_t room, bool is_new)
{
    uint8_t record[DIRENT_HEADER + NAME_LIMIT + 8] __attribute__((aligned(8)));
    struct listed entry;
    uint32_t done = 0;
    int32_t result;

    if (!S_ISDIR(file->node->mode)) {
        return -ENOTDIR;
    }
    if (file->node->links == 0) {
        return -ENOENT;
    }
    while ((result = list_entry(file->node, file->offset, &entry)) > 0) {
        uint32_t bytes = make_record(&entry, is_new, record);

        if (bytes > room - done || copy_to_user(to_user + done, record, bytes) != 0) {
            result = bytes > room - done ? -EINVAL : -EFAULT;
            break;
        }
        file->offset = entry.next;
        done += bytes;
    }
    return done > 0 ? (int32_t)done : result;
}

/* ---- new names ---- */

static int32_t make(struct path_end *end, uint32_t mode, uint32_t device)
{
    struct node *made = NULL;
    int32_t result;

    if (end->slash && !S_ISDIR(mode)) {
        result = node_lookup(end->directory, end->name, &made) == 0 ? -EEXIST : -ENOENT;
    } else {
        result = node_create(end->directory, end->name, mode & ~current->places->umask, device,
                             NULL, &made);
    }
    node_put(made);
    return result;
}

int32_t directory_make(struct path_end *end, uint32_t mode)
{
    return make(end, S_IFDIR | (mode & (0777 | S_ISVTX)), 0);
}

int32_t directory_make_special(struct path_end *end, uint32_t mode, uint32_t device)
{
    mode = (mode & S_IFMT ? mode : mode | S_IFREG) & (S_IFMT | 07777);
    switch (mode & S_IFMT) {
    case S_IFCHR:
    case S_IFBLK:
        return current->euid != 0 ? -EPERM : make(end, mode, device);
    case S_IFREG:
    case S_IFIFO:
    case S_IFSOCK:
        return make(end, mode, 0);
    default:
        return S_ISDIR(mode) ? -EPERM : -EINVAL;
    }
}

int32_t directory_make_symlink(struct path_end *end, uint32_t target_at)
{
    struct node *made = NULL;
    char *target;
    int32_t result = path_take(target_at, &target);

    if (result == 0) {
        result = target[0] == '\0' || end->slash
                     ? -ENOENT
                     : node_create(end->directory, end->name, S_IFLNK | 0777, 0, target, &made);
        node_put(made);
        path_drop(target);
    }
    return result;
}

int32_t sys_linkat(uint32_t from_fd, uint32_t from_at, uint32_t fd, uint32_t path_at,
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

/* ---- names that go or move ---- */

/* A file's name with a slash behind it is never right; which error is due depends on what is there.
 */
static int32_t refuse_slash(const struct path_end *end)
{
    struct node *node;
    int32_t result = node_lookup(end->directory, end->name, &node);

    if (result == 0) {
        result = S_ISDIR(node->mode) ? -EISDIR : -ENOTDIR;
        node_put(node);
    }
    return result;
}

int32_t sys_unlinkat(uint32_t fd, uint32_t path_at, uint32_t flags)
{
    bool is_directory = flags == AT_REMOVEDIR;
    struct path_end end;
    int32_t result;

    if (flags & ~AT_REMOVEDIR) {
        return -EINVAL;
    }
    result = is_directory ? parent_argument(fd, path_at, -EINVAL, -ENOTEMPTY, &end)
                          : parent_argument(fd, path_at, -EISDIR, -EISDIR, &end);
    if (result == 0) {
        result = end.slash && !is_directory ? refuse_slash(&end)
                                            : node_remove(end.directory, end.name, is_directory);
        path_release(&end);
    }
    return result;
}

int32_t sys_renameat2(uint32_t from_fd, uint32_t from_at, uint32_t to_fd, uint32_t to_at,
                      uint32_t flags)
{
    int32_t special = flags != 0 ? -EEXIST : -EBUSY;
    struct path_end from, to;
    int32_t result;

    if (flags & ~RENAME_NOREPLACE) {
        return -EINVAL;
    }
    result = parent_argument(from_fd, from_at, -EBUSY, -EBUSY, &from);
    if (result != 0) {
        return result;
    }
    result = parent_argument(to_fd, to_at, special, special, &to);
    if (result == 0) {
        flags |= from.slash || to.slash ? RENAME_DIRECTORY : 0;
        result = node_rename(from.directory, from.name, to.directory, to.name, flags);
        path_release(&to);
    }
    path_release(&from);
    return result;
}
