/* The guest kernel's ext2 on the host: its files are compiled as they are, over a disk that is an
 * array and a buffer cache without limits. Paths begin at the file system's root; the results are
 * the kernel's, 0 or more, or -errno (whose numbers are Linux's). One file system at a time.
 * SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct host_status {
    uint32_t mode, links, owner, group, device, number; /* as in stat */
    uint64_t size, sectors;                             /* bytes; of 512 bytes */
};

/* Use `image`; what is written goes there. */
int host_mount(uint8_t *image, size_t bytes, bool read_only);
int host_unmount(void);
int host_sync(void);

/* The power fails: of the changed blocks each reaches the disk or not, as `seed` decides. */
void host_crash(uint32_t seed);

/* The power is to fail just before one of the blocks that must not wait is written, `writes` of
 * them later; the call goes on, but what it writes is lost. To be ended by host_crash. */
void host_cut(uint32_t writes, uint32_t seed);
bool host_is_off(void);

/* Pinned buffers, other than the superblock's; 0 between calls, or one was forgotten. */
uint32_t host_pinned(void);

/* Has the file system become read-only? */
bool host_is_read_only(void);

/* Who calls: effective user and group. */
void host_become(uint32_t user, uint32_t group);

int host_create(const char *path, uint32_t mode);
int host_mknod(const char *path, uint32_t mode, uint32_t device);
int host_symlink(const char *target, const char *path);
int host_link(const char *from, const char *to);
int host_remove(const char *path, bool is_directory);
int host_rename(const char *from, const char *to);
int host_truncate(const char *path, uint64_t size);
int host_write(const char *path, uint64_t offset, const void *from, uint32_t bytes);
int host_read(const char *path, uint64_t offset, void *to, uint32_t bytes);
int host_chmod(const char *path, uint32_t mode, uint32_t owner, uint32_t group);
int host_status(const char *path, struct host_status *status);

/* The n-th name of a directory, 256 bytes: 1, 0 no more, or -errno. */
int host_name(const char *path, uint32_t n, char *name);

/* Open and close without a name: *node is what host_close wants. */
int host_open(const char *path, void **node);
void host_close(void *node);
int host_read_open(void *node, uint64_t offset, void *to, uint32_t bytes);

/* Free blocks and inodes, as statfs tells them. */
void host_free(uint64_t *blocks, uint64_t *inodes);

/* A fresh file system of one group with blocks of 1 KiB: at least 64 KiB, at most 8 MiB. */
void host_make(uint8_t *image, size_t bytes);
