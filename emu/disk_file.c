/* A raw disk image in a file.
 * SPDX-License-Identifier: MIT */
#include "emu/disk_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "devices/ata_pio.h"

struct disk_file {
    char *path;
    int file;                       /* descriptor, -1: not a file */
    uint8_t *memory;                /* content of a disk that is no file, else NULL */
    uint32_t sectors;               /* 1..ATA_SECTORS_MAX */
    enum disk_mode mode;            /* as opened */
    uint64_t fingerprint;           /* 0: not computed yet */
    struct disk_overlay *originals; /* content when opened, of sectors written since */
    struct disk_overlay *written;   /* the moment the file is equal to */
    struct err failure;             /* first one of writing; message empty: none */
};

/* ---- opening ---- */

static const struct {
    const char *word;
    enum disk_mode mode;
} endings[] = {{",snapshot", DISK_SNAPSHOT}, {",ro", DISK_READ_ONLY}};

/* The path without the mode that may follow it. NULL: no memory. */
static char *path_of(const char *words, enum disk_mode *mode)
{
    size_t length = strlen(words);

    *mode = DISK_WRITTEN;
    for (size_t i = 0; i < sizeof(endings) / sizeof(endings[0]); i++) {
        size_t ending = strlen(endings[i].word);

        if (length > ending && strcmp(words + length - ending, endings[i].word) == 0) {
            *mode = endings[i].mode;
            return strndup(words, length - ending);
        }
    }
    return strdup(words);
}

static bool file_open(struct disk_file *disk, struct err *err)
{
    bool writing = disk->mode == DISK_WRITTEN;

    disk->file = open(disk->path, (writing ? O_RDWR : O_RDONLY) | O_CLOEXEC | O_NONBLOCK);
    if (disk->file < 0 && writing && (errno == EACCES || errno == EROFS || errno == EPERM)) {
        return err_set(err, "%s: cannot be written: %s; use %s,snapshot or %s,ro", disk->path,
                       strerror(errno), disk->path, disk->path);
    }
    if (disk->file < 0) {
        return err_set(err, "%s: %s", disk->path,
                       errno == ENOENT   ? "no such file; check the name"
                       : errno == EISDIR ? "is a directory, a disk image is needed"
                                         : strerror(errno));
    }
    if (flock(disk->file, (writing ? LOCK_EX : LOCK_SH) | LOCK_NB) != 0 && errno == EWOULDBLOCK) {
        return err_set(err, "%s: is in use by another machine%s", disk->path,
                       writing ? "; FILE,snapshot can be shared" : " that writes it");
    }
    return true;
}

static bool size_check(struct disk_file *disk, struct err *err)
{
    struct stat status;

    if (fstat(disk->file, &status) != 0) {
        return err_set(err, "%s: %s", disk->path, strerror(errno));
    }
    if (S_ISDIR(status.st_mode)) {
        return err_set(err, "%s: is a directory, a disk image is needed", disk->path);
    }
    if (!S_ISREG(status.st_mode)) {
        return err_set(err, "%s: is not a regular file", disk->path);
    }
    if (status.st_size == 0) {
        return err_set(err, "%s: is empty; a disk has at least one sector of 512 bytes",
                       disk->path);
    }
    if (status.st_size % DISK_SECTOR_BYTES != 0) {
        return err_set(err, "%s: %llu bytes are not whole sectors of 512", disk->path,
                       (unsigned long long)status.st_size);
    }
    if ((uint64_t)status.st_size / DISK_SECTOR_BYTES > ATA_SECTORS_MAX) {
        return err_set(err, "%s: is too large; a disk has less than 128 GiB", disk->path);
    }
    disk->sectors = (uint32_t)((uint64_t)status.st_size / DISK_SECTOR_BYTES);
    return true;
}

struct disk_file *disk_file_open(const char *words, struct err *err)
{
    struct disk_file *disk = calloc(1, sizeof(*disk));

    if (!disk) {
        err_set(err, "no memory for a disk");
        return NULL;
    }
    disk->file = -1;
    disk->path = path_of(words, &disk->mode);
    disk->originals = disk_overlay_create();
    disk->written = disk_overlay_create();
    if (!disk->path || !disk->originals || !disk->written) {
        err_set(err, "no memory for a disk");
    } else if (file_open(disk, err) && size_check(disk, err)) {
        return disk;
    }
    disk_file_close(disk);
    return NULL;
}

struct disk_file *disk_file_of_memory(const char *name, uint8_t *bytes, size_t size,
                                      struct err *err)
{
    struct disk_file *disk = calloc(1, sizeof(*disk));

    if (!disk) {
        free(bytes);
        err_set(err, "%s: no memory for a disk", name);
        return NULL;
    }
    disk->file = -1;
    disk->memory = bytes;
    disk->mode = DISK_READ_ONLY;
    disk->path = strdup(name);
    disk->originals = disk_overlay_create();
    disk->written = disk_overlay_create();
    disk->sectors = (uint32_t)(size / DISK_SECTOR_BYTES);
    if (!disk->path || !disk->originals || !disk->written) {
        err_set(err, "%s: no memory for a disk", name);
    } else if (size == 0 || size % DISK_SECTOR_BYTES != 0 ||
               size / DISK_SECTOR_BYTES > ATA_SECTORS_MAX) {
        err_set(err, "%s: %zu bytes are no disk", name, size);
    } else {
        return disk;
    }
    disk_file_close(disk);
    return NULL;
}

void disk_file_close(struct disk_file *disk)
{
    if (!disk) {
        return;
    }
    if (disk->file >= 0) {
        close(disk->file);
    }
    disk_overlay_release(disk->originals);
    disk_overlay_release(disk->written);
    free(disk->memory);
    free(disk->path);
    free(disk);
}

uint32_t disk_file_sectors(const struct disk_file *disk)
{
    return disk->sectors;
}

enum disk_mode disk_file_mode(const struct disk_file *disk)
{
    return disk->mode;
}

/* ---- reading ---- */

static bool file_get(struct disk_file *disk, uint32_t sector, uint8_t *bytes)
{
    size_t done = 0;

    if (disk->memory) {
        memcpy(bytes, disk->memory + (size_t)sector * DISK_SECTOR_BYTES, DISK_SECTOR_BYTES);
        return true;
    }
    while (done < DISK_SECTOR_BYTES) {
        ssize_t got = pread(disk->file, bytes + done, DISK_SECTOR_BYTES - done,
                            (off_t)sector * DISK_SECTOR_BYTES + (off_t)done);

        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got <= 0) {
            return false;
        }
        done += (size_t)got;
    }
    return true;
}

/* As it was when the file was opened. */
static bool original_get(struct disk_file *disk, uint32_t sector, uint8_t *bytes)
{
    const uint8_t *original = disk_overlay_get(disk->originals, sector);

    if (!original) {
        return file_get(disk, sector, bytes);
    }
    memcpy(bytes, original, DISK_SECTOR_BYTES);
    return true;
}

bool disk_file_read(struct disk_file *disk, const struct disk_overlay *overlay, uint32_t sector,
                    uint8_t *bytes)
{
    const uint8_t *written = disk_overlay_get(overlay, sector);

    if (sector >= disk->sectors) {
        return false;
    }
    if (!written) {
        return original_get(disk, sector, bytes);
    }
    memcpy(bytes, written, DISK_SECTOR_BYTES);
    return true;
}

uint64_t disk_file_fingerprint(struct disk_file *disk)
{
    XXH3_state_t hash;

    if (disk->fingerprint) {
        return disk->fingerprint;
    }
    XXH3_64bits_reset(&hash);
    for (uint32_t sector = 0; sector < disk->sectors; sector++) {
        uint8_t bytes[DISK_SECTOR_BYTES];

        if (!original_get(disk, sector, bytes)) {
            return 0;
        }
        XXH3_64bits_update(&hash, bytes, sizeof(bytes));
    }
    disk->fingerprint = XXH3_64bits_digest(&hash) | 1;
    return disk->fingerprint;
}

/* ---- writing ---- */

static bool file_put(struct disk_file *disk, uint32_t sector, const uint8_t *bytes)
{
    size_t done = 0;

    while (done < DISK_SECTOR_BYTES) {
        ssize_t put = pwrite(disk->file, bytes + done, DISK_SECTOR_BYTES - done,
                             (off_t)sector * DISK_SECTOR_BYTES + (off_t)done);

        if (put < 0 && errno == EINTR) {
            continue;
        }
        if (put <= 0) {
            return err_set(&disk->failure, "%s: cannot write sector %u: %s", disk->path, sector,
                           put < 0 ? strerror(errno) : "nothing is taken");
        }
        done += (size_t)put;
    }
    return true;
}

/* A sector that the file has otherwise than the moment to be written. */
static bool sector_write(void *context, uint32_t sector, const uint8_t *before,
                         const uint8_t *after)
{
    struct disk_file *disk = context;
    uint8_t original[DISK_SECTOR_BYTES];

    if (before && after && memcmp(before, after, DISK_SECTOR_BYTES) == 0) {
        return true;
    }
    if (!original_get(disk, sector, original)) {
        return err_set(&disk->failure, "%s: cannot read sector %u", disk->path, sector);
    }
    disk_overlay_put(&disk->originals, sector, original);
    return file_put(disk, sector, after ? after : original);
}

bool disk_file_write(struct disk_file *disk, struct disk_overlay *overlay, struct err *err)
{
    if (disk->mode != DISK_WRITTEN) {
        return true;
    }
    if (disk->failure.message[0] == '\0' &&
        disk_overlay_compare(disk->written, overlay, sector_write, disk)) {
        disk_overlay_hold(overlay);
        disk_overlay_release(disk->written);
        disk->written = overlay;
        return true;
    }
    return err_set(err, "%s", disk->failure.message);
}
