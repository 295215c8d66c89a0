/* /dev: null, zero, full, random; and which devices there are. See: null(4), random(4).
 * SPDX-License-Identifier: MIT */
#include "common/text.h"
#include "drivers/block.h"
#include "drivers/pit.h"
#include "drivers/pty.h"
#include "files/file.h"

#define BLOCK_BYTES 64

/* xorshift, stirred with the time of each call: good for games and hash tables, not for secrets. */
static void make_random(uint8_t block[BLOCK_BYTES])
{
    static uint32_t state = 2463534242u;

    state ^= (uint32_t)pit_microseconds();
    state = state == 0 ? 1 : state;
    for (uint32_t i = 0; i < BLOCK_BYTES; i++) {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        block[i] = (uint8_t)(state >> 11);
    }
}

/* Nothing, or random bytes, or zeros. */
static int32_t simple_read(struct file *file, uint32_t to_user, uint32_t bytes)
{
    uint32_t device = file->node->device, done = 0;
    uint8_t block[BLOCK_BYTES] = {0};

    while (device != DEVICE_NULL && done < bytes) {
        uint32_t part = bytes - done < BLOCK_BYTES ? bytes - done : BLOCK_BYTES;

        if (device == DEVICE_RANDOM || device == DEVICE_URANDOM) {
            make_random(block);
        }
        if (copy_to_user(to_user + done, block, part) != 0) {
            return done > 0 ? (int32_t)done : -EFAULT;
        }
        done += part;
    }
    return (int32_t)done;
}

static int32_t simple_write(struct file *file, uint32_t from_user, uint32_t bytes)
{
    (void)from_user;
    return file->node->device == DEVICE_FULL && bytes > 0 ? -ENOSPC : (int32_t)bytes;
}

static const struct file_operations simple = {
    .read = simple_read, .write = simple_write, .has_offset = true};

static const struct device {
    const char *name;
    uint32_t mode, number;                    /* S_IFCHR or S_IFBLK; DEVICE_... */
    const struct file_operations *operations; /* NULL: a disk, see drivers/block.c */
} devices[] = {
    {"null", S_IFCHR | 0666, DEVICE_NULL, &simple},
    {"zero", S_IFCHR | 0666, DEVICE_ZERO, &simple},
    {"full", S_IFCHR | 0666, DEVICE_FULL, &simple},
    {"random", S_IFCHR | 0666, DEVICE_RANDOM, &simple},
    {"urandom", S_IFCHR | 0666, DEVICE_URANDOM, &simple},
    {"tty", S_IFCHR | 0666, DEVICE_TTY, &terminal_operations},
    {"console", S_IFCHR | 0600, DEVICE_CONSOLE, &terminal_operations},
    {"tty1", S_IFCHR | 0620, DEVICE_TTY1, &terminal_operations},
    {"ttyS0", S_IFCHR | 0660, DEVICE_TTYS0, &terminal_operations},
    {"ttyS1", S_IFCHR | 0660, DEVICE_TTYS1, &terminal_operations},
    {"ptmx", S_IFCHR | 0666, DEVICE_PTMX, &pty_master_operations},
    {"hda", S_IFBLK | 0660, DEVICE_HDA, NULL},
    {"hdb", S_IFBLK | 0660, DEVICE_HDB, NULL},
    {"hdc", S_IFBLK | 0660, DEVICE_HDC, NULL},
    {"hdd", S_IFBLK | 0660, DEVICE_HDD, NULL},
};
#define DEVICES (sizeof(devices) / sizeof(devices[0]))

const struct file_operations *device_operations(uint32_t number)
{
    for (uint32_t i = 0; i < DEVICES; i++) {
        if (devices[i].number == number) {
            return devices[i].operations;
        }
    }
    return (number & 0xFF00) == DEVICE_PTS ? &terminal_operations : NULL;
}

void devices_make(struct node *directory)
{
    struct node *node = NULL;

    for (uint32_t i = 0; i < DEVICES; i++) {
        name_make(directory, devices[i].name, devices[i].mode, devices[i].number, NULL, &node);
        node_put(node);
    }
    name_make(directory, "pts", S_IFDIR | 0755, 0, NULL, &node);
    pty_start(node);
}
