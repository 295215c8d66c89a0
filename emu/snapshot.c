/* Snapshots: encode, check, decode.
 *   header (fixed size) | struct machine_state | one bit per page: not zero | zstd of those pages
 *   | zstd of the sectors written over the disks, each with its number | XXH64 of all before
 * SPDX-License-Identifier: MIT */
#include "emu/snapshot.h"

#include <stdlib.h>
#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>
#include <zstd.h>

#include "emu/file.h"

#define MAGIC      "RINGSIDE"
#define VERSION    7u
#define PAGE_SIZE  4096u
#define FILE_LIMIT (4ull << 30)
#define RECORD     (sizeof(uint32_t) + DISK_SECTOR_BYTES) /* a sector's number and content */

struct snapshot_header {
    char magic[8];                   /* MAGIC */
    uint32_t version;                /* VERSION */
    uint32_t state_bytes;            /* sizeof(struct machine_state) of the program that wrote it */
    uint32_t level;                  /* enum cpu_level */
    uint32_t timing;                 /* enum cpu_timing */
    uint64_t ram_bytes;              /* of the machine */
    uint64_t clock_hz;               /* of the machine */
    uint64_t rtc_epoch;              /* of the machine */
    uint32_t reboot_on_reset;        /* 0 or 1 */
    uint32_t pages;                  /* pages in the compressed part */
    uint64_t compressed_bytes;       /* of the compressed part */
    uint64_t record_bytes;           /* of the compressed sectors, 0: none */
    uint64_t firmware;               /* fingerprint, 0: none */
    uint64_t option_rom;             /* fingerprint, 0: none */
    uint32_t apics;                  /* 0 or 1 */
    uint32_t jitter;                 /* 0 or 1 */
    uint64_t seed;                   /* --seed */
    uint64_t originals[PC_DISKS];    /* fingerprints of the disks below what is written */
    uint32_t disk_sectors[PC_DISKS]; /* 0: no disk */
    uint32_t sectors_written[PC_DISKS]; /* records of each disk, one disk after the other */
};

struct parts {
    struct snapshot_header header;
    const uint8_t *state;
    const uint8_t *bitmap;
    size_t bitmap_bytes;
    const uint8_t *compressed;
    const uint8_t *records; /* compressed */
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

struct gathering {
    uint8_t *at; /* where the next record goes */
};

static bool record_put(void *context, uint32_t sector, const uint8_t *before, const uint8_t *after)
{
    struct gathering *gathering = context;

    (void)before;
    memcpy(gathering->at, &sector, sizeof(sector));
    memcpy(gathering->at + sizeof(sector), after, DISK_SECTOR_BYTES);
    gathering->at += RECORD;
    return true;
}

static uint64_t records_total(const struct snapshot_header *header)
{
    uint64_t total = 0;

    for (uint32_t i = 0; i < PC_DISKS; i++) {
        total += header->sectors_written[i];
    }
    return total;
}

/* What is written over the disks, compressed; *size 0 if nothing is. NULL: no memory. */
static uint8_t *records_gather(struct machine *machine, struct snapshot_header *header,
                               size_t *size)
{
    struct machine_disks disks;
    struct gathering gathering;
    uint8_t *records;
    uint8_t *out;
    size_t bytes;

    machine_hold_disks(machine, &disks);
    for (uint32_t i = 0; i < PC_DISKS; i++) {
        struct disk_file *disk = machine_get_config(machine)->disks[i];

        header->disk_sectors[i] = disk ? disk_file_sectors(disk) : 0;
        header->originals[i] = disk ? disk_file_fingerprint(disk) : 0;
        header->sectors_written[i] = disk ? disk_overlay_count(disks.disks[i]) : 0;
    }
    bytes = (size_t)records_total(header) * RECORD;
    records = malloc(bytes + 1);
    out = malloc(ZSTD_compressBound(bytes));
    if (records && out) {
        gathering.at = records;
        for (uint32_t i = 0; i < PC_DISKS; i++) {
            disk_overlay_compare(NULL, disks.disks[i], record_put, &gathering);
        }
        *size = bytes ? ZSTD_compress(out, ZSTD_compressBound(bytes), records, bytes, 1) : 0;
    }
    if (!records || !out || ZSTD_isError(*size)) {
        free(out);
        out = NULL;
    }
    free(records);
    machine_release_disks(&disks);
    header->record_bytes = out ? *size : 0;
    return out;
}

static uint64_t rom_fingerprint(const struct rom *rom)
{
    return rom ? rom->fingerprint : 0;
}

static void header_fill(struct snapshot_header *header, const struct machine_config *config)
{
    memcpy(header->magic, MAGIC, sizeof(header->magic));
    header->version = VERSION;
    header->state_bytes = sizeof(struct machine_state);
    header->level = config->level;
    header->timing = config->timing;
    header->apics = config->apics;
    header->jitter = config->jitter;
    header->seed = config->seed;
    header->ram_bytes = config->ram_bytes;
    header->clock_hz = config->clock_hz;
    header->rtc_epoch = config->rtc_epoch;
    header->reboot_on_reset = config->reboot_on_reset;
    header->firmware = rom_fingerprint(config->firmware);
    header->option_rom = rom_fingerprint(config->option_rom);
}

bool snapshot_encode(struct machine *machine, uint8_t **bytes, size_t *size, struct err *err)
{
    struct snapshot_header header = {.version = VERSION};
    size_t bitmap_bytes = (machine_pages(machine) + 7) / 8;
    uint8_t *bitmap = calloc(1, bitmap_bytes);
    uint8_t *pages = bitmap ? pages_gather(machine, bitmap, &header.pages) : NULL;
    size_t fixed = sizeof(header) + sizeof(struct machine_state) + bitmap_bytes;
    size_t bound = ZSTD_compressBound((size_t)header.pages * PAGE_SIZE);
    size_t record_bytes = 0;
    uint8_t *records = pages ? records_gather(machine, &header, &record_bytes) : NULL;
    uint8_t *out = records ? malloc(fixed + bound + record_bytes + sizeof(uint64_t)) : NULL;
    size_t compressed = 0;

    if (out) {
        compressed = ZSTD_compress(out + fixed, bound, pages, (size_t)header.pages * PAGE_SIZE, 1);
    }
    if (!out || ZSTD_isError(compressed)) {
        free(out);
        free(records);
        free(pages);
        free(bitmap);
        return err_set(err, "no memory for a snapshot");
    }
    header_fill(&header, machine_get_config(machine));
    header.compressed_bytes = compressed;
    memcpy(out, &header, sizeof(header));
    memcpy(out + sizeof(header), machine_state(machine), sizeof(struct machine_state));
    memcpy(out + sizeof(header) + sizeof(struct machine_state), bitmap, bitmap_bytes);
    memcpy(out + fixed + compressed, records, record_bytes);
    *size = fixed + compressed + record_bytes + sizeof(uint64_t);
    XXH64_hash_t check = XXH64(out, *size - sizeof(uint64_t), 0);
    memcpy(out + *size - sizeof(uint64_t), &check, sizeof(uint64_t));
    *bytes = out;
    free(records);
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
    if (header->compressed_bytes > size || header->record_bytes > size ||
        size != fixed + header->compressed_bytes + header->record_bytes + sizeof(check)) {
        return err_set(err, "the snapshot is damaged: its parts do not add up");
    }
    parts->state = bytes + sizeof(*header);
    parts->bitmap = parts->state + header->state_bytes;
    parts->compressed = parts->bitmap + parts->bitmap_bytes;
    parts->records = parts->compressed + header->compressed_bytes;
    return true;
}

bool snapshot_config(const uint8_t *bytes, size_t size, struct machine_config *config,
                     struct err *err)
{
    struct parts parts;

    if (!parts_find(bytes, size, &parts, err)) {
        return false;
    }
    if (parts.header.level > CPU_I686 || parts.header.timing > TIMING_UNIT ||
        parts.header.apics > 1 || parts.header.jitter > 1) {
        return err_set(err, "the snapshot is damaged: no such processor");
    }
    machine_config_defaults(config);
    config->level = parts.header.level;
    config->timing = parts.header.timing;
    config->apics = parts.header.apics;
    config->jitter = parts.header.jitter;
    config->seed = parts.header.seed;
    config->ram_bytes = parts.header.ram_bytes;
    config->clock_hz = parts.header.clock_hz;
    config->rtc_epoch = parts.header.rtc_epoch;
    config->reboot_on_reset = parts.header.reboot_on_reset != 0;
    return true;
}

static bool config_fits(const struct snapshot_header *header, const struct machine_config *config)
{
    return header->level == config->level && header->timing == config->timing &&
           header->apics == config->apics && header->ram_bytes == config->ram_bytes &&
           header->clock_hz == config->clock_hz && header->rtc_epoch == config->rtc_epoch &&
           header->jitter == config->jitter && header->seed == config->seed &&
           header->reboot_on_reset == config->reboot_on_reset;
}

static bool roms_fit(const struct snapshot_header *header, const struct machine_config *config,
                     struct err *err)
{
    if (header->firmware != rom_fingerprint(config->firmware)) {
        return err_set(err, "the snapshot is of a machine with other firmware");
    }
    if (header->option_rom != rom_fingerprint(config->option_rom)) {
        return err_set(err, "the snapshot is of a machine with another VGA BIOS");
    }
    return true;
}

static bool disks_fit(const struct snapshot_header *header, const struct machine_config *config,
                      struct err *err)
{
    for (uint32_t i = 0; i < PC_DISKS; i++) {
        struct disk_file *disk = config->disks[i];

        if (header->disk_sectors[i] != (disk ? disk_file_sectors(disk) : 0)) {
            return err_set(err, "the snapshot is of a machine with other disks");
        }
        if (disk && header->originals[i] != disk_file_fingerprint(disk)) {
            return err_set(err, "disk %u is not what it was under the snapshot's machine", i + 1);
        }
    }
    return true;
}

/* Records of one disk into its overlay; numbers ascend and lie on the disk. */
static bool overlay_fill(struct disk_overlay **overlay, const uint8_t *records, uint32_t count,
                         uint32_t sectors)
{
    uint64_t least = 0;

    for (uint32_t i = 0; i < count; i++) {
        uint32_t sector;

        memcpy(&sector, records + i * RECORD, sizeof(sector));
        if (sector < least || sector >= sectors) {
            return false;
        }
        least = (uint64_t)sector + 1;
        disk_overlay_put(overlay, sector, records + i * RECORD + sizeof(sector));
    }
    return true;
}

static bool overlays_fill(const struct parts *parts, const uint8_t *records,
                          struct machine_disks *disks)
{
    const struct snapshot_header *header = &parts->header;

    for (uint32_t i = 0; i < PC_DISKS; i++) {
        if (header->disk_sectors[i] == 0) {
            if (header->sectors_written[i] != 0) {
                return false;
            }
            continue;
        }
        disks->disks[i] = disk_overlay_create();
        if (!disks->disks[i] || !overlay_fill(&disks->disks[i], records, header->sectors_written[i],
                                              header->disk_sectors[i])) {
            return false;
        }
        records += (size_t)header->sectors_written[i] * RECORD;
    }
    return true;
}

/* What is written over the disks; false with *err filled if it is not what the header says. */
static bool records_expand(const struct parts *parts, struct machine_disks *disks, struct err *err)
{
    size_t bytes = (size_t)records_total(&parts->header) * RECORD;
    size_t compressed = (size_t)parts->header.record_bytes;
    uint8_t *records;
    size_t got = 0;
    bool good;

    if (bytes ? ZSTD_getFrameContentSize(parts->records, compressed) != bytes : compressed != 0) {
        return err_set(err, "the snapshot is damaged: its disks do not add up");
    }
    records = malloc(bytes + 1);
    if (!records) {
        return err_set(err, "no memory for the snapshot's %zu bytes of disks", bytes);
    }
    if (bytes) {
        got = ZSTD_decompress(records, bytes, parts->records, compressed);
    }
    good = !ZSTD_isError(got) && got == bytes && overlays_fill(parts, records, disks);
    free(records);
    if (!good) {
        machine_release_disks(disks);
        return err_set(err, "the snapshot is damaged: its disks have impossible sectors");
    }
    return true;
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
    struct machine_disks disks = {0};
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
    if (!roms_fit(&parts.header, machine_get_config(machine), err) ||
        !disks_fit(&parts.header, machine_get_config(machine), err)) {
        return false;
    }
    state = malloc(sizeof(*state));
    if (!state) {
        return err_set(err, "no memory for a snapshot");
    }
    memcpy(state, parts.state, sizeof(*state));
    good = machine_check_state(machine, state, err) && records_expand(&parts, &disks, err) &&
           (pages = pages_expand(&parts, err)) != NULL;
    if (good) {
        pages_put(machine, &parts, pages);
        machine_put_disks(machine, &disks);
        good = machine_load_state(machine, state, err);
        machine_cut_future(machine);
    }
    machine_release_disks(&disks);
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
