/* Inodes of an ext2 as nodes. A node exists while somebody uses it, once for each inode; what
 * changes in it is put into the inode at once. SPDX-License-Identifier: MIT */
#include "common/text.h"
#include "files/ext2.h"

static const struct node_operations ext2_operations;

#define LARGE_SIZE 0x7FFFFFFFu /* bytes; the file system has to say if it has larger files */

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
    bool is_directory = S_ISDIR(node->mode), is_link = S_ISLNK(node->mode);
    uint64_t most = is_directory ? (uint64_t)ext2->super->blocks << ext2->shift
                    : is_link    ? PATH_LIMIT - 1
                                 : ext2->system->size_limit;

    return ext2_kind(node->mode) != 0 && node->links > 0 && node->size <= most &&
           (node->size > 0 || !(is_directory || is_link)) &&
           !(is_directory && (node->size & (ext2->block_bytes - 1)) != 0) &&
           (node->ext2.flags & EXT2_INODE_EXTENTS) == 0;
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
}

void ext2_store(struct node *node, bool now)
{
    struct ext2 *ext2 = ext2_of(node);
    struct ext2_inode *inode;
    struct buffer *buffer;

    if (find_inode(ext2, node->number, &buffer, &inode) != 0) {
        ext2_damaged(ext2, "an inode can not be read", node->number);
        return;
    }
    if (node->size > LARGE_SIZE && (ext2->super->read_only & EXT2_LARGE_FILE) == 0) {
        ext2->super->read_only |= EXT2_LARGE_FILE;
        buffer_dirty(ext2->super_buffer);
    }
    fill_in(inode, node);
    buffer_dirty(buffer);
    if (now) {
        buffer_write(buffer);
    }
    buffer_put(buffer);
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
    node = enter(ext2, number, 0);
    if (node == NULL) {
        return -ENOMEM;
    }
    result = find_inode(ext2, number, &buffer, &inode);
    if (result == 0) {
        load(node, inode);
        buffer_put(buffer);
        result =
            is_sound(ext2, node) ? 0 : ext2_damaged(ext2, "an inode can not be as it is", number);
    }
    if (result != 0) {
        ext2->system->uses--;
        leave(node);
    }
    *found = node;
    return result;
}

/* Near its directory; behind the last one taken, so that those freed last are taken last. */
static uint32_t goal_of(const struct ext2 *ext2, const struct node *directory)
{
    uint32_t in_group = ext2->super->inodes_in_group;

    return (ext2->last_inode - 1) / in_group == (directory->number - 1) / in_group
               ? ext2->last_inode + 1
               : directory->number;
}

static int32_t make(struct node *directory, uint32_t mode, uint32_t device, struct node **made)
{
    struct ext2 *ext2 = ext2_of(directory);
    enum ext2_unit unit = S_ISDIR(mode) ? EXT2_DIRECTORY : EXT2_INODE;
    struct ext2_inode *inode;
    struct buffer *buffer;
    struct node *node;
    uint32_t number;
    int32_t result = ext2_allocate(ext2, unit, goal_of(ext2, directory), &number);

    if (result != 0) {
        return result;
    }
    ext2->last_inode = number;
    node = enter(ext2, number, mode);
    if (node == NULL) {
        ext2_free(ext2, unit, number);
        return -ENOMEM;
    }
    node->links = 0;
    node->device = device;
    if (is_device(mode)) {
        node->ext2.blocks[device > 0xFFFF] = device;
    }
    result = find_inode(ext2, number, &buffer, &inode);
    if (result == 0) {
        memset(inode, 0, ext2->inode_bytes);
        buffer_put(buffer);
        ext2_store(node, false);
        result = S_ISDIR(mode) ? ext2_begin_directory(node, directory) : 0;
    }
    if (result != 0) {
        node_put(node);
    }
    *made = result == 0 ? node : NULL;
    return result;
}

/* ---- the end of an inode ---- */

/* The block of the node's extended attributes, which the inode then no longer has; 0: none. */
static uint32_t take_attributes(struct node *node)
{
    struct ext2 *ext2 = ext2_of(node);
    struct ext2_inode *inode;
    struct buffer *buffer;
    uint32_t block;

    if (find_inode(ext2, node->number, &buffer, &inode) != 0) {
        return 0;
    }
    block = inode->attribute_block;
    if (block != 0) {
        inode->attribute_block = 0;
        node->sectors -= ext2->block_bytes / EXT2_SECTOR;
        buffer_dirty(buffer);
    }
    buffer_put(buffer);
    return block;
}

/* One inode fewer has these attributes; the last one frees their block. */
static void give_attributes(struct ext2 *ext2, uint32_t block)
{
    struct buffer *buffer;
    uint32_t *users;
    bool is_last;

    if (!ext2_is_data_block(ext2, block) || buffer_read(ext2->device, block, &buffer) != 0) {
        ext2_damaged(ext2, "wrong block of attributes", block);
        return;
    }
    users = (uint32_t *)buffer->data + 1; /* the second word counts them */
    is_last = *users <= 1;
    if (!is_last) {
        --*users;
        buffer_dirty(buffer);
    }
    buffer_put(buffer);
    if (is_last) {
        ext2_free(ext2, EXT2_BLOCK, block);
    }
}

static void delete (struct node *node)
{
    uint32_t attributes = take_attributes(node);
    bool has_blocks =
        !is_device(node->mode) &&
        !(S_ISLNK(node->mode) && node->size < sizeof(node->ext2.blocks)); /* see ext2_piece */

    node->size = 0;
    if (has_blocks) {
        ext2_cut(node);
    }
    ext2_store(node, false);
    if (attributes != 0) {
        give_attributes(ext2_of(node), attributes);
    }
    ext2_free(ext2_of(node), S_ISDIR(node->mode) ? EXT2_DIRECTORY : EXT2_INODE, node->number);
}

void ext2_release(struct node *node)
{
    if (node->links == 0 && !node->system->read_only) {
        delete (node);
    }
    leave(node);
}

static const struct node_operations ext2_operations = {
    .lookup = ext2_lookup,
    .list = ext2_list,
    .piece = ext2_piece,
    .cut = ext2_cut,
    .make = make,
    .enter = ext2_enter,
    .leave = ext2_leave,
    .redirect = ext2_redirect,
    .store = ext2_store,
    .release = ext2_release,
};
