/* Archives of host files.
 * SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "emu/cpio.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "emu/file.h"

#define HEADER_BYTES 110u
#define NAME_MAX_1   1024u /* of a path inside the archive, with its 0 */
#define DEPTH_MAX    32u   /* folders inside folders */
#define MEMBERS_MAX  65536u

void cpio_init(struct cpio *cpio, size_t limit, uint32_t time)
{
    *cpio = (struct cpio){.limit = limit, .time = time};
}

void cpio_free(struct cpio *cpio)
{
    free(cpio->bytes);
    cpio->bytes = NULL;
}

/* `more` zeros at the end; false: too large, or no memory. */
static bool grow(struct cpio *cpio, size_t more, const char *name, struct err *err)
{
    size_t wanted = cpio->size + more;
    size_t capacity = cpio->capacity ? cpio->capacity : 65536;
    uint8_t *bytes;

    if (more > cpio->limit || wanted > cpio->limit) {
        return err_set(err,
                       "%s: with it more than %zu MiB would have to fit into the guest's memory; "
                       "share less or use a larger --mem",
                       name, cpio->limit >> 20);
    }
    while (capacity < wanted) {
        capacity *= 2;
    }
    if (capacity != cpio->capacity) {
        bytes = realloc(cpio->bytes, capacity);
        if (!bytes) {
            return err_set(err, "%s: no memory for %zu bytes", name, wanted);
        }
        cpio->bytes = bytes;
        cpio->capacity = capacity;
    }
    memset(cpio->bytes + cpio->size, 0, more);
    cpio->size = wanted;
    return true;
}

static size_t up_to_4(size_t size)
{
    return (size + 3) & ~(size_t)3;
}

bool cpio_add(struct cpio *cpio, enum cpio_kind kind, const char *name, uint32_t permissions,
              const void *content, size_t size, struct err *err)
{
    static const uint32_t types[] = {
        [CPIO_DIRECTORY] = 0040000, [CPIO_FILE] = 0100000, [CPIO_LINK] = 0120000};
    size_t length = strlen(name) + 1;
    size_t at = cpio->size;
    char header[HEADER_BYTES + 1];

    if (length > NAME_MAX_1 || cpio->members == MEMBERS_MAX || size > UINT32_MAX) {
        return err_set(err, "%s: %s", name,
                       length > NAME_MAX_1 ? "the name is too long"
                       : size > UINT32_MAX ? "the file is too large"
                                           : "more than 65536 files cannot be shared");
    }
    if (!grow(cpio, up_to_4(HEADER_BYTES + length) + up_to_4(size), name, err)) {
        return false;
    }
    snprintf(header, sizeof(header), "070701%08x%08x%08x%08x%08x%08x%08zx%08x%08x%08x%08x%08zx%08x",
             ++cpio->members, types[kind] | permissions, 0u, 0u, kind == CPIO_DIRECTORY ? 2u : 1u,
             cpio->time, size, 0u, 0u, 0u, 0u, length, 0u);
    memcpy(cpio->bytes + at, header, HEADER_BYTES);
    memcpy(cpio->bytes + at + HEADER_BYTES, name, length);
    if (size) {
        memcpy(cpio->bytes + at + up_to_4(HEADER_BYTES + length), content, size);
    }
    return true;
}

/* ---- folders ---- */

struct place {
    char host[4096];       /* path on the host */
    char name[NAME_MAX_1]; /* path in the archive */
};

static bool add_folder(struct cpio *cpio, const struct place *place, uint32_t depth,
                       struct err *err);

static bool add_file(struct cpio *cpio, const struct place *place, uint32_t permissions,
                     struct err *err)
{
    uint8_t *bytes;
    size_t size;
    bool good;

    if (!file_read(place->host, cpio->limit, &bytes, &size, err)) {
        return false;
    }
    good = cpio_add(cpio, CPIO_FILE, place->name, permissions, bytes, size, err);
    free(bytes);
    return good;
}

static bool add_link(struct cpio *cpio, const struct place *place, struct err *err)
{
    char to[4096];
    ssize_t length = readlink(place->host, to, sizeof(to));

    if (length < 0 || (size_t)length == sizeof(to)) {
        return err_set(err, "%s: cannot read the link", place->host);
    }
    return cpio_add(cpio, CPIO_LINK, place->name, 0777, to, (size_t)length, err);
}

static bool add_place(struct cpio *cpio, const struct place *place, uint32_t depth, struct err *err)
{
    struct stat status;
    uint32_t permissions;

    if (lstat(place->host, &status) != 0) {
        return err_set(err, "%s: %s", place->host, strerror(errno));
    }
    permissions = status.st_mode & 0777;
    switch (status.st_mode & S_IFMT) {
    case S_IFREG:
        return add_file(cpio, place, permissions, err);
    case S_IFLNK:
        return add_link(cpio, place, err);
    case S_IFDIR:
        return cpio_add(cpio, CPIO_DIRECTORY, place->name, permissions, NULL, 0, err) &&
               add_folder(cpio, place, depth + 1, err);
    default:
        return err_set(err, "%s: only files, folders and symbolic links can be shared",
                       place->host);
    }
}

static int not_dots(const struct dirent *entry)
{
    return strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
}

/* Not alphasort(): the order must not depend on the user's language. */
static int by_bytes(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

static bool add_entry(struct cpio *cpio, const struct place *folder, const char *name,
                      uint32_t depth, struct err *err)
{
    struct place place;
    int host = snprintf(place.host, sizeof(place.host), "%s/%s", folder->host, name);
    int length = snprintf(place.name, sizeof(place.name), "%s%s%s", folder->name,
                          folder->name[0] ? "/" : "", name);

    if (host < 0 || (size_t)host >= sizeof(place.host) || length < 0 ||
        (size_t)length >= sizeof(place.name)) {
        return err_set(err, "%s/%s: the name is too long", folder->host, name);
    }
    return add_place(cpio, &place, depth, err);
}

static bool add_folder(struct cpio *cpio, const struct place *place, uint32_t depth,
                       struct err *err)
{
    struct dirent **entries;
    int count;
    bool good = true;

    if (depth > DEPTH_MAX) {
        return err_set(err, "%s: more than %u folders inside each other", place->host, DEPTH_MAX);
    }
    count = scandir(place->host, &entries, not_dots, by_bytes);
    if (count < 0) {
        return err_set(err, "%s: %s", place->host,
                       errno == ENOENT ? "no such folder; check the name" : strerror(errno));
    }
    for (int i = 0; i < count; i++) {
        good = good && add_entry(cpio, place, entries[i]->d_name, depth, err);
        free(entries[i]);
    }
    free(entries);
    return good;
}

bool cpio_add_folder(struct cpio *cpio, const char *folder, struct err *err)
{
    struct place place = {.name = ""};

    if ((size_t)snprintf(place.host, sizeof(place.host), "%s", folder) >= sizeof(place.host)) {
        return err_set(err, "%.100s...: the name is too long", folder);
    }
    return add_folder(cpio, &place, 0, err);
}

bool cpio_finish(struct cpio *cpio, size_t unit, struct err *err)
{
    static const char trailer[] = "TRAILER!!!";

    return cpio_add(cpio, CPIO_FILE, trailer, 0, NULL, 0, err) &&
           grow(cpio, (unit - cpio->size % unit) % unit, trailer, err);
}
