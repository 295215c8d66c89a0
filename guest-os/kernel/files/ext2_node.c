/* Inodes of an ext2 as nodes. A node exists while somebody uses it, once for each inode; what
 * changes in it is put into the inode at once. SPDX-License-Identifier: MIT */
#include "common/text.h"
#include "files/ext2.h"

static const struct node_operations ext2_operations;

#define FAST_LINK_BYTES (EXT2_POINTERS * sizeof(uint32_t)) /* shorter ones are in the inode */

/* The inode in its table, in a pinned buffer. */
static int32_t find_inode(struct ext2 *ext2, uint32_t number, struct buffer **buffer,
                          struct ext2_inode **inode)
{
    uint32_t index = (number - 1) % ext2->super->inodes_in_group;
    uint32_t in_block = ext2->block_bytes / ext2->inode_bytes, block;
    struct ext2_group *group;
    int32_t result = ext2_group(ext2, (number - 1) / ext2->super->inodes_in_group, buffer, &group);

    if (result != 0) {
        return result;
    }
    block = group->inode_table + index / in_block;
    buffer_put(*buffer);
    result = buffer_read(ext2->device, block, buffer);
    if (result == 0) {
        *inode = (struct ext2_inode *)((*buffer)->data + index % in_block * ext2->inode_bytes);
    }
    return result;
}

/* Can an inode in use look like this? */
static bool is_sound(const struct ext2 *ext2, const struct node *node)
{
    uint64_t most = (uint64_t)ext2->super->blocks << ext2->shift;

    switch (node->mode & S_IFMT) {
    case S_IFDIR:
        if (node->size == 0 || node->size > most || (node->size & (ext2->block_bytes - 1)) != 0) {
            return false;
        }
        break;
    case S_IFLNK:
        if (node->size == 0 || node->size >= PATH_LIMIT) {
            return false;
        }
        break;
    case S_IFREG:
        if (node->size >> (ext2->shift + 32) != 0) {
            return false;
        }
        break;
    case S_IFCHR:
    case S_IFBLK:
    case S_IFIFO:
    case S_IFSOCK:
        break;
    default:
        return false;
    }
    return node->links > 0 && (node->ext2.flags & EXT2_INODE_EXTENTS) == 0;
}

static bool is_device(uint32_t mode)
{
    return S_ISCHR(mode) || S_ISBLK(mode);
}

/* A device's number is in the first word, or if it is large in the second. */
static uint32_t device_of(const struct ext2_inode *inode)
{
    return inode->blocks[0] != 0 ? inode->blocks[0] & 0xFFFF : inode->blocks[1] & 0xFFFFF;
}

static void load(struct node *node, const struct ext2_inode *inode)
{
    node->mode = inode->mode;
    node->links = inode->links;
    node->owner = inode->user | (uint32_t)inode->user_high << 16;
    node->group = inode->group | (uint32_t)inode->group_high << 16;
    node->size = inode->size | (S_ISREG(inode->mode) ? (uint64_t)inode->size_high << 32 : 0);
    node->sectors = inode->sectors;
    node->accessed = inode->accessed;
    node->modified = inode->modified;
    node->changed = inode->changed;
    node->device = is_device(inode->mode) ? device_of(inode) : 0;
    memcpy(node->ext2.blocks, inode->blocks, sizeof(inode->blocks));
    node->ext2.flags = inode->flags;
    node->ext2.attribute_block = inode->attribute_block;
}

static void fill_in(struct ext2_inode *inode, const struct node *node)
{
    inode->mode = (uint16_t)node->mode;
    inode->links = (uint16_t)node->links;
    inode->user = (uint16_t)node->owner;
    inode->user_high = (uint16_t)(node->owner >> 16);
    inode->group = (uint16_t)node->group;
    inode->group_high = (uint16_t)(node->group >> 16);
    inode->size = (uint32_t)node->size;
    if (S_ISREG(node->mode)) {
        inode->size_high = (uint32_t)(node->size >> 32);
    }
    inode->sectors = node->sectors;
    inode->accessed = node->accessed;
    inode->modified = node->modified;
    inode->changed = node->changed;
    inode->deleted = node->links == 0 ? seconds_now() : 0;
    memcpy(inode->blocks, node->ext2.blocks, sizeof(inode->blocks));
    inode->flags = node->ext2.flags;
    inode->attribute_block = node->ext2.attribute_block;
}

static int32_t store(struct node *node, bool now)
{
    struct ext2_inode *inode;
    struct buffer *buffer;
    int32_t result = find_inode(ext2_of(node), node->number, &buffer, &inode);

    if (result == 0) {
        fill_in(inode, node);
        buffer_dirty(buffer);
        result = now ? buffer_write(buffer) : 0;
        buffer_put(buffer);
    }
    return result;
}

int32_t ext2_node_store(struct node *node)
{
    return store(node, false);
}

int32_t ext2_node_write(struct node *node)
{
    return store(node, true);
}

/* ---- in use ---- */

static struct node *enter(struct ext2 *ext2, uint32_t number, uint32_t mode)
{
    struct node *node = node_allocate(ext2->system, &ext2_operations, mode);

    if (node != NULL) {
        node->number = number;
        node->ext2.next = ext2->nodes;
        ext2->nodes = node;
    }
    return node;
}

static void leave(struct node *node)
{
    struct node **at = &ext2_of(node)->nodes;

    while (*at != node) {
        at = &(*at)->ext2.next;
    }
    *at = node->ext2.next;
    node_free(node);
}

int32_t ext2_node_get(struct ext2 *ext2, uint32_t number, struct node **found)
{
    struct ext2_inode *inode;
    struct buffer *buffer;
    struct node *node;
    int32_t result;

    if (number > ext2->super->inodes || (number < ext2->first_inode && number != EXT2_ROOT)) {
        return ext2_damaged(ext2, "an entry has a wrong inode number", number);
    }
    for (node = ext2->nodes; node != NULL; node = node->ext2.next) {
        if (node->number == number && node->links > 0) {
            *found = node_get(node);
            return 0;
        }
    }
    result = find_inode(ext2, number, &buffer, &inode);
    if (result != 0) {
        return result;
    }
    node = enter(ext2, number, 0);
    if (node != NULL) {
        load(node, inode);
    }
    buffer_put(buffer);
    if (node == NULL) {
        return -ENOMEM;
    }
    if (!is_sound(ext2, node)) {
        ext2->system->uses--;
        leave(node);
        return ext2_damaged(ext2, "an inode can not be as it is", number);
    }
    *found = node;
    return 0;
}

int32_t ext2_node_make(struct node *directory, uint32_t mode, uint32_t device, struct node **made)
{
    struct ext2 *ext2 = ext2_of(directory);
    struct ext2_inode *inode;
    struct buffer *buffer;
    uint32_t number;
    int32_t result = ext2_inode_allocate(ext2, directory->number, S_ISDIR(mode), &number);

    if (result != 0) {
        return result;
    }
    result = find_inode(ext2, number, &buffer, &inode);
    *made = result == 0 ? enter(ext2, number, mode) : NULL;
    if (*made == NULL) {
        if (result == 0) {
            buffer_put(buffer);
        }
        ext2_inode_free(ext2, number, S_ISDIR(mode));
        return result == 0 ? -ENOMEM : result;
    }
    memset(inode, 0, ext2->inode_bytes);
    buffer_put(buffer);
    node_inherit_group(*made, directory);
    (*made)->links = 0;
    (*made)->device = device;
    if (is_device(mode)) {
        (*made)->ext2.blocks[device > 0xFFFF] = device;
    }
    return ext2_node_store(*made);
}

/* ---- links ---- */

/* Is the link's text in the inode? */
static bool is_fast(const struct node *node)
{
    uint32_t attributes =
        node->ext2.attribute_block != 0 ? ext2_of(node)->block_bytes / EXT2_SECTOR : 0;

    return S_ISLNK(node->mode) && node->size < FAST_LINK_BYTES && node->sectors == attributes;
}

static int32_t read(struct node *node, uint64_t offset, void *to, uint32_t bytes)
{
    if (!is_fast(node)) {
        return ext2_read(node, offset, to, bytes);
    }
    if (offset >= node->size) {
        return 0;
    }
    bytes = bytes < node->size - offset ? bytes : (uint32_t)(node->size - offset);
    memcpy(to, (const uint8_t *)node->ext2.blocks + offset, bytes);
    return (int32_t)bytes;
}

int32_t ext2_link_text(struct node *node, const char *text)
{
    uint32_t bytes = (uint32_t)strlen(text);
    int32_t result;

    if (bytes >= FAST_LINK_BYTES) {
        if (bytes >= ext2_of(node)->block_bytes) {
            return -ENAMETOOLONG;
        }
        result = ext2_write(node, 0, text, bytes);
        return result < 0 ? result : 0;
    }
    memcpy(node->ext2.blocks, text, bytes);
    node->size = bytes;
    return ext2_node_store(node);
}

/* ---- the end of an inode ---- */

/* One inode fewer has these extended attributes; the last one frees their block. */
static int32_t drop_attributes(struct node *node)
{
    struct ext2 *ext2 = ext2_of(node);
    uint32_t block = node->ext2.attribute_block;
    struct buffer *buffer;
    uint32_t *users;
    int32_t result;

    if (block == 0) {
        return 0;
    }
    result = ext2_is_data_block(ext2, block)
                 ? buffer_read(ext2->device, block, &buffer)
                 : ext2_damaged(ext2, "wrong block of attributes", node->number);
    if (result != 0) {
        return result;
    }
    users = (uint32_t *)buffer->data + 1; /* the second word counts them */
    if (*users > 1) {
        --*users;
        buffer_dirty(buffer);
        buffer_put(buffer);
    } else {
        buffer_put(buffer);
        result = ext2_block_free(ext2, block);
    }
    node->ext2.attribute_block = 0;
    node->sectors -= ext2->block_bytes / EXT2_SECTOR;
    return result;
}

static void delete (struct node *node)
{
    struct ext2 *ext2 = ext2_of(node);
    int32_t result = drop_attributes(node);

    if (result == 0 && !is_fast(node) && !is_device(node->mode)) {
        result = ext2_truncate(node, 0);
    }
    if (result == 0) {
        result = ext2_node_store(node);
    }
    if (result == 0) {
        ext2_inode_free(ext2, node->number, S_ISDIR(node->mode));
    }
}

void ext2_release(struct node *node)
{
    if (node->links == 0 && !node->system->read_only) {
        delete (node);
    }
    leave(node);
}

static int32_t sync(struct node *node)
{
    return ext2_sync(ext2_of(node));
}

static const struct node_operations ext2_operations = {
    .lookup = ext2_lookup,
    .list = ext2_list,
    .read = read,
    .write = ext2_write,
    .truncate = ext2_truncate,
    .create = ext2_create,
    .symlink = ext2_symlink,
    .link = ext2_link,
    .remove = ext2_remove,
    .rename = ext2_rename,
    .changed = ext2_node_store,
    .sync = sync,
    .release = ext2_release,
};
