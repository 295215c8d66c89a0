/* A map from sectors to their content whose versions share their parts.
 * SPDX-License-Identifier: MIT */
#include "emu/disk_overlay.h"

#include <stdlib.h>
#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#define SLOT_BITS 6u
#define SLOTS     (1u << SLOT_BITS)
#define TOP_LEVEL 4u /* nodes of level 0 lead to sectors */

/* The beginning of nodes and sectors. */
struct part {
    uint32_t users; /* nodes and overlays that lead here */
};

struct node {
    struct part part;
    struct part *slots[SLOTS]; /* NULL: nothing written there */
};

struct sector {
    struct part part;
    uint8_t bytes[DISK_SECTOR_BYTES];
};

struct disk_overlay {
    uint32_t users;   /* holders */
    uint32_t count;   /* sectors */
    uint64_t hash;    /* sum of the sectors' hashes, modulo 2^64 */
    struct part *top; /* node of TOP_LEVEL, or NULL */
};

static void *memory(size_t bytes)
{
    void *block = calloc(1, bytes);

    if (!block) {
        abort(); /* a disk that forgets what was written to it would be worse */
    }
    return block;
}

static uint32_t slot_of(uint32_t sector, uint32_t level)
{
    return sector >> (level * SLOT_BITS) & (SLOTS - 1);
}

static uint64_t hash_of(uint32_t sector, const uint8_t *bytes)
{
    return XXH3_64bits_withSeed(bytes, DISK_SECTOR_BYTES, sector);
}

/* in: level of a node, or -1 for a sector */
static void part_release(struct part *part, int level)
{
    if (!part || --part->users > 0) {
        return;
    }
    for (uint32_t i = 0; level >= 0 && i < SLOTS; i++) {
        part_release(((struct node *)part)->slots[i], level - 1);
    }
    free(part);
}

struct disk_overlay *disk_overlay_create(void)
{
    struct disk_overlay *overlay = calloc(1, sizeof(*overlay));

    if (overlay) {
        overlay->users = 1;
    }
    return overlay;
}

struct disk_overlay *disk_overlay_hold(struct disk_overlay *overlay)
{
    overlay->users++;
    return overlay;
}

void disk_overlay_release(struct disk_overlay *overlay)
{
    if (overlay && --overlay->users == 0) {
        part_release(overlay->top, TOP_LEVEL);
        free(overlay);
    }
}

uint32_t disk_overlay_count(const struct disk_overlay *overlay)
{
    return overlay->count;
}

uint64_t disk_overlay_hash(const struct disk_overlay *overlay)
{
    return overlay->hash;
}

const uint8_t *disk_overlay_get(const struct disk_overlay *overlay, uint32_t sector)
{
    const struct part *part = overlay->top;

    for (uint32_t level = TOP_LEVEL + 1; part && level-- > 0;) {
        part = ((const struct node *)part)->slots[slot_of(sector, level)];
    }
    return part ? ((const struct sector *)part)->bytes : NULL;
}

/* ---- writing ---- */

/* Make the node at *place one that nobody else leads to. */
static struct node *own_node(struct part **place)
{
    struct node *old = (struct node *)*place;
    struct node *own = old;

    if (!old || old->part.users > 1) {
        own = memory(sizeof(*own));
        own->part.users = 1;
        *place = &own->part;
    }
    if (old && own != old) {
        memcpy(own->slots, old->slots, sizeof(own->slots));
        for (uint32_t i = 0; i < SLOTS; i++) {
            if (own->slots[i]) {
                own->slots[i]->users++;
            }
        }
        old->part.users--;
    }
    return own;
}

static void own_overlay(struct disk_overlay **overlay)
{
    struct disk_overlay *old = *overlay;
    struct disk_overlay *own;

    if (old->users == 1) {
        return;
    }
    own = memory(sizeof(*own));
    *own = *old;
    own->users = 1;
    if (own->top) {
        own->top->users++;
    }
    old->users--;
    *overlay = own;
}

void disk_overlay_put(struct disk_overlay **overlay, uint32_t sector, const uint8_t *bytes)
{
    struct part **place;
    struct sector *own;

    own_overlay(overlay);
    place = &(*overlay)->top;
    for (uint32_t level = TOP_LEVEL + 1; level-- > 0;) {
        place = &own_node(place)->slots[slot_of(sector, level)];
    }
    if (*place) {
        (*overlay)->hash -= hash_of(sector, ((struct sector *)*place)->bytes);
    } else {
        (*overlay)->count++;
    }
    own = (struct sector *)*place;
    if (!own || own->part.users > 1) {
        part_release(*place, -1);
        own = memory(sizeof(*own));
        own->part.users = 1;
        *place = &own->part;
    }
    memcpy(own->bytes, bytes, DISK_SECTOR_BYTES);
    (*overlay)->hash += hash_of(sector, bytes);
}

/* ---- comparing ---- */

struct comparison {
    disk_overlay_visit *visit;
    void *context;
};

static const uint8_t *bytes_of(const struct part *part)
{
    return part ? ((const struct sector *)part)->bytes : NULL;
}

static bool compare_parts(const struct comparison *comparison, const struct part *from,
                          const struct part *to, int level, uint32_t sector)
{
    if (from == to) {
        return true;
    }
    if (level < 0) {
        return comparison->visit(comparison->context, sector, bytes_of(from), bytes_of(to));
    }
    for (uint32_t i = 0; i < SLOTS; i++) {
        if (!compare_parts(comparison, from ? ((const struct node *)from)->slots[i] : NULL,
                           to ? ((const struct node *)to)->slots[i] : NULL, level - 1,
                           sector << SLOT_BITS | i)) {
            return false;
        }
    }
    return true;
}

bool disk_overlay_compare(const struct disk_overlay *from, const struct disk_overlay *to,
                          disk_overlay_visit *visit, void *context)
{
    struct comparison comparison = {visit, context};

    return compare_parts(&comparison, from ? from->top : NULL, to ? to->top : NULL, TOP_LEVEL, 0);
}
