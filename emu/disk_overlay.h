/* Sectors that have been written, over a disk that keeps what it was.
 *
 * Versions share what they have in common: taking one is a reference, a write to a version that
 * somebody else holds copies only the path to the sector. Checkpoints, snapshots, comparison and
 * hash all rest on this.
 *
 *   overlay -> node [64] -> node [64] -> ... five levels of six bits -> sector
 *
 * Not thread safe.
 * SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#define DISK_SECTOR_BYTES 512u

struct disk_overlay;

/* An empty one, held once. NULL: no memory. */
struct disk_overlay *disk_overlay_create(void);
/* Hold it once more; returns it. */
struct disk_overlay *disk_overlay_hold(struct disk_overlay *overlay);
/* Let go of it; NULL is allowed. */
void disk_overlay_release(struct disk_overlay *overlay);
/* The sector's 512 bytes, or NULL if it has not been written. */
const uint8_t *disk_overlay_get(const struct disk_overlay *overlay, uint32_t sector);
/* Write a sector into the version at *overlay, which becomes another one if it is shared.
 * in: sector below 2^30 */
void disk_overlay_put(struct disk_overlay **overlay, uint32_t sector, const uint8_t *bytes);
/* Sectors in it. */
uint32_t disk_overlay_count(const struct disk_overlay *overlay);
/* Equal for equal content, however it came about; 0 if empty. */
uint64_t disk_overlay_hash(const struct disk_overlay *overlay);

/* Visit, in ascending order, the sectors by which `to` may differ from `from` (NULL: empty).
 * before, after: 512 bytes, or NULL if the sector is not in that version; the visitor returns
 * false to end. out: false if it did */
typedef bool disk_overlay_visit(void *context, uint32_t sector, const uint8_t *before,
                                const uint8_t *after);
bool disk_overlay_compare(const struct disk_overlay *from, const struct disk_overlay *to,
                          disk_overlay_visit *visit, void *context);
