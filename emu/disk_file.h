/* A raw disk image in a file: 512-byte sectors, one after the other.
 *
 * What the machine sees is the overlay of the moment over the content the file had when it was
 * opened. disk_file_write() makes the file equal to one moment; the content it replaces is kept,
 * so that earlier moments can still be gone back to.
 *
 *   FILE            written when the guest flushes its cache, and at the end
 *   FILE,snapshot   never written
 *   FILE,ro         never written, and the guest's writes are refused
 * SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "emu/disk_overlay.h"
#include "emu/err.h"

enum disk_mode { DISK_WRITTEN, DISK_SNAPSHOT, DISK_READ_ONLY };

struct disk_file;

/* Open by the words of --disk. NULL with *err filled, which names the file. */
struct disk_file *disk_file_open(const char *words, struct err *err);
/* A read-only disk of `bytes` (malloc'd, it becomes the disk's; whole sectors) that is no file.
 * NULL with *err filled, and the bytes freed, if there is no memory or the size is impossible. */
struct disk_file *disk_file_of_memory(const char *name, uint8_t *bytes, size_t size,
                                      struct err *err);
void disk_file_close(struct disk_file *disk);
uint32_t disk_file_sectors(const struct disk_file *disk);
enum disk_mode disk_file_mode(const struct disk_file *disk);
/* The sector as it is under `overlay`; false: the host cannot read it. */
bool disk_file_read(struct disk_file *disk, const struct disk_overlay *overlay, uint32_t sector,
                    uint8_t *bytes);
/* Make the file equal to what is seen under `overlay`; nothing happens unless the mode is
 * DISK_WRITTEN. A failure is kept and reported by every later call too. */
bool disk_file_write(struct disk_file *disk, struct disk_overlay *overlay, struct err *err);
/* Hash of the content when it was opened; read once, then remembered. 0: cannot be read. */
uint64_t disk_file_fingerprint(struct disk_file *disk);
