/* Snapshots: encode, check, decode.
 *   header (fixed size) | struct machine_state | one bit per page: not zero | zstd of those pages
 *   | XXH64 of all before
 * SPDX-License-Identifier: MIT */
#include "emu/snapshot.h"

#include <stdlib.h>
#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>
#include <zstd.h>

#include "emu/file.h"

#define MAGIC      "RINGSIDE"
#define VERSION    1u
#define PAGE_SIZE  4096u
#define FILE_LIMIT (4ull << 30)

struct snapshot_header {
    char magic[8];             /* MAGIC */
    uint32_t version;          /* VERSION */
    uint32_t state_bytes;      /* sizeof(struct machine_state) of the program that wrote it */
    uint32_t level;            /* enum cpu_level */
    uint32_t timing;           /* enum cpu_timing */
    uint64_t ram_bytes;        /* of the machine */
    uint64_t clock_hz;         /* of the machine */
    uint64_t rtc_epoch;        /* of the machine */
    uint32_t reboot_on_reset;  /* 0 or 1 */
    uint32_t pages;            /* pages in the compressed part */
    uint64_t compressed_bytes; /* of the compressed part */
};

struct parts {
    struct snapshot_header header;
    const uint8_t *state;
    const uint8_t *bitmap;
    size_t bitmap_bytes;
    const uint8_t *compressed;
};

/* ---- writing ---- */

static bool page_is_zero(const uint8_t *bytes)
{
    return bytes[0] == 0 && memcmp(bytes, bytes + 1, PAGE_SIZE - 1) == 0;
}

/* The pages that are not zero, one after the other; marks them in the bitmap. */
static uint8_t *pages_gather(struct machine *machine, uint8_t *bitmap, uint32_t *count)
{
    const uint8_t *touched = machine_pages_touched(machine);
    const uint8_t *ram = machine_ram(machine);
    uint32_t pages = machine_pages(machine);
    uint8_t *bytes;
    size_t room = 0;

    for (uint32_t page = 0; page < pages; page++) {
        room += touched[page];
    }
    bytes = malloc(room * PAGE_SIZE + 1);
    *count = 0;
    for (uint32_t page = 0; bytes && page < pages; page++) {
        const uint8_t *from = ram + (size_t)page * PAGE_SIZE;

        if (touched[page] && !page_is_zero(from)) {
            bitmap[page / 8] |= (uint8_t)(1u << page % 8);
            memcpy(bytes + (size_t)(*count)++ * PAGE_SIZE, from, PAGE_SIZE);
        }
    }
    return bytes;
}

static void header_fill(struct snapshot_header *header, const struct machine_config *config)
{
    memcpy(header->magic, MAGIC, sizeof(header->magic));
    header->version = VERSION;
    header->state_bytes = sizeof(struct machine_state);
    header->level = config->level;
    header->timing = config->timing;
    header->ram_bytes = config->ram_bytes;
    header->clock_hz = config->clock_hz;
    header->rtc_epoch = config->rtc_epoch;
    header->reboot_on_reset = config->reboot_on_reset;
}

bool snapshot_encode(struct machine *machine, uint8_t **bytes, size_t *size, struct err *err)
{
    struct snapshot_header header = {.version = VERSION};
    size_t bitmap_bytes = (machine_pages(machine) + 7) / 8;
    uint8_t *bitmap = calloc(1, bitmap_bytes);
    uint8_t *pages = bitmap ? pages_gather(machine, bitmap, &header.pages) : NULL;
    size_t fixed = sizeof(header) + sizeof(struct machine_state) + bitmap_bytes;
    size_t bound = ZSTD_compressBound((size_t)header.pages * PAGE_SIZE);
    uint8_t *out = pages ? malloc(fixed + bound + sizeof(uint64_t)) : NULL;
    size_t compressed = 0;

    if (out) {
        compressed = ZSTD_compress(out + fixed, bound, pages, (size_t)header.pages * PAGE_SIZE, 1);
    }
    if (!out || ZSTD_isError(compressed)) {
        free(out);
        free(pages);
        free(bitmap);
        return err_set(err, "no memory for a snapshot");
    }
    header_fill(&header, machine_get_config(machine));
    header.compressed_bytes = compressed;
    memcpy(out, &header, sizeof(header));
    memcpy(out + sizeof(header), machine_state(machine), sizeof(struct machine_state));
    memcpy(out + sizeof(header) + sizeof(struct machine_state), bitmap, bitmap_bytes);
    *size = fixed + compressed + sizeof(uint64_t);
    XXH64_hash_t check = XXH64(out, fixed + compressed, 0);
    memcpy(out + fixed + compressed, &check, sizeof(uint64_t));
    *bytes = out;
    free(pages);
    free(bitmap);
    return true;
}

bool snapshot_save(struct machine *machine, const char *path, struct err *err)
{
    uint8_t *bytes;
    size_t size;
    bool good;

    if (!snapshot_encode(machine, &bytes, &size, err)) {
        return false;
    }
    good = file_write(path, bytes, size, err);
    free(bytes);
    return good;
}

/* ---- reading ---- */

static bool parts_find(const uint8_t *bytes, size_t size, struct parts *parts, struct err *err)
{
    struct snapshot_header *header = &parts->header;
    uint64_t check;
    size_t fixed;

    if (size < sizeof(*header) + sizeof(check) ||
        memcmp(bytes, MAGIC, sizeof(header->magic)) != 0) {
        return err_set(err, "not a snapshot of Ringside");
    }
    memcpy(header, bytes, sizeof(*header));
    if (header->version != VERSION || header->state_bytes != sizeof(struct machine_state)) {
        return err_set(err, "the snapshot was written by another version of Ringside");
    }
    memcpy(&check, bytes + size - sizeof(check), sizeof(check));
    if (check != XXH64(bytes, size - sizeof(check), 0)) {
        return err_set(err, "the snapshot is damaged: its checksum is wrong");
    }
    if (header->ram_bytes < PAGE_SIZE || header->ram_bytes > (3ull << 30) ||
        header->ram_bytes % PAGE_SIZE != 0 || header->pages > header->ram_bytes / PAGE_SIZE) {
        return err_set(err, "the snapshot is damaged: impossible memory size");
    }
    parts->bitmap_bytes = (size_t)(header->ram_bytes / PAGE_SIZE + 7) / 8;
    fixed = sizeof(*header) + header->state_bytes + parts->bitmap_bytes;
    if (header->compressed_bytes > size ||
        size != fixed + header->compressed_bytes + sizeof(check)) {
        return err_set(err, "the snapshot is damaged: its parts do not add up");
    }
    parts->state = bytes + sizeof(*header);
    parts->bitmap = parts->state + header->state_bytes;
    parts->compressed = parts->bitmap + parts->bitmap_bytes;
    return true;
}

bool snapshot_config(const uint8_t *bytes, size_t size, struct machine_config *config,
                     struct err *err)
{
    struct parts parts;

    if (!parts_find(bytes, size, &parts, err)) {
        return false;
    }
    if (parts.header.level > CPU_I686 || parts.header.timing > TIMING_UNIT) {
        return err_set(err, "the snapshot is damaged: no such processor");
    }
    machine_config_defaults(config);
    config->level = parts.header.level;
    config->timing = parts.header.timing;
    config->ram_bytes = parts.header.ram_bytes;
    config->clock_hz = parts.header.clock_hz;
    config->rtc_epoch = parts.header.rtc_epoch;
    config->reboot_on_reset = parts.header.reboot_on_reset != 0;
    return true;
}

static bool config_fits(const struct snapshot_header *header, const struct machine_config *config)
{
    return header->level == config->level && header->timing == config->timing &&
           header->ram_bytes == config->ram_bytes && header->clock_hz == config->clock_hz &&
           header->rtc_epoch == config->rtc_epoch &&
           header->reboot_on_reset == config->reboot_on_reset;
}

static uint32_t bitmap_count(const struct parts *parts)
{
    uint32_t count = 0;

    for (size_t i = 0; i < parts->bitmap_bytes; i++) {
        count += (uint32_t)__builtin_popcount(parts->bitmap[i]);
    }
    return count;
}

/* The pages, decompressed; NULL with *err filled if they are not what the header says. */
static uint8_t *pages_expand(const struct parts *parts, struct err *err)
{
    size_t bytes = (size_t)parts->header.pages * PAGE_SIZE;
    size_t compressed = (size_t)parts->header.compressed_bytes;
    uint8_t *pages;
    size_t got;

    if (bitmap_count(parts) != parts->header.pages ||
        ZSTD_getFrameContentSize(parts->compressed, compressed) != bytes) {
        err_set(err, "the snapshot is damaged: its pages do not add up");
        return NULL;
    }
    pages = malloc(bytes + 1);
    if (!pages) {
        err_set(err, "no memory for the snapshot's %zu bytes", bytes);
        return NULL;
    }
    got = ZSTD_decompress(pages, bytes, parts->compressed, compressed);
    if (ZSTD_isError(got) || got != bytes) {
        free(pages);
        err_set(err, "the snapshot is damaged: its pages cannot be decompressed");
        return NULL;
    }
    return pages;
}

static void pages_put(struct machine *machine, const struct parts *parts, const uint8_t *pages)
{
    const uint8_t *touched = machine_pages_touched(machine);
    uint32_t count = machine_pages(machine);

    for (uint32_t page = 0; page < count; page++) {
        if (parts->bitmap[page / 8] >> page % 8 & 1) {
            machine_put_page(machine, page, pages);
            pages += PAGE_SIZE;
        } else if (touched[page]) {
            machine_put_page(machine, page, NULL);
        }
    }
}

bool snapshot_decode(struct machine *machine, const uint8_t *bytes, size_t size, struct err *err)
{
    struct machine_state *state;
    struct parts parts;
    uint8_t *pages = NULL;
    bool good;

    if (!parts_find(bytes, size, &parts, err)) {
        return false;
    }
    if (!config_fits(&parts.header, machine_get_config(machine))) {
        return err_set(err, "the snapshot is of a machine with another configuration");
    }
    state = malloc(sizeof(*state));
    if (!state) {
        return err_set(err, "no memory for a snapshot");
    }
    memcpy(state, parts.state, sizeof(*state));
    good = machine_check_state(machine, state, err) && (pages = pages_expand(&parts, err)) != NULL;
    if (good) {
        pages_put(machine, &parts, pages);
        good = machine_load_state(machine, state, err);
        machine_cut_future(machine);
    }
    free(pages);
    free(state);
    return good;
}

bool snapshot_load(struct machine *machine, const char *path, struct err *err)
{
    struct err reason;
    uint8_t *bytes;
    size_t size;
    bool good;

    if (!file_read(path, FILE_LIMIT, &bytes, &size, err)) {
        return false;
    }
    good = snapshot_decode(machine, bytes, size, &reason);
    free(bytes);
    return good ? true : err_set(err, "%.300s: %.200s", path, reason.message);
}
