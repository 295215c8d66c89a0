/* Files between guest and host. `get` reads the disk as it is now, with the machine stopped and
 * untouched: what the guest still holds in its buffers is not there (its `sync` writes it). `put`
 * can not write a disk that is in use; it types the file into the shell that waits on the serial
 * console, as a user would, and looks whether it has arrived.
 * SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "emu/ext2_image.h"
#include "emu/file.h"
#include "emu/session_priv.h"

#define GET_LIMIT    (64u << 20)
#define PUT_LIMIT    (64u << 10)
#define LINE_BYTES   48u     /* of the file in one line that is typed */
#define ROOM_CLOCKS  100000u /* to wait until the serial line takes more */
#define REPLY_CLOCKS 1000000000u
#define SLICE_CLOCKS 1000000u

/* ---- get ---- */

struct disk_now {
    struct disk_file *file;
    struct disk_overlay *overlay;
};

static bool disk_read(void *context, uint64_t offset, void *bytes, uint32_t size)
{
    const struct disk_now *disk = context;
    uint64_t end = (uint64_t)disk_file_sectors(disk->file) * DISK_SECTOR_BYTES;
    uint8_t *to = bytes;

    if (offset > end || size > end - offset) {
        return false;
    }
    while (size > 0) {
        uint8_t sector[DISK_SECTOR_BYTES];
        uint32_t within = (uint32_t)(offset % DISK_SECTOR_BYTES);
        uint32_t count = DISK_SECTOR_BYTES - within < size ? DISK_SECTOR_BYTES - within : size;

        if (!disk_file_read(disk->file, disk->overlay, (uint32_t)(offset / DISK_SECTOR_BYTES),
                            sector)) {
            return false;
        }
        memcpy(to, sector + within, count);
        to += count;
        offset += count;
        size -= count;
    }
    return true;
}

/* Two words, the first and the last; false after a message. */
static bool two_words(struct session *session, const char *argument, char *first, char *second)
{
    char more;

    return sscanf(argument, "%255s %255s %c", first, second, &more) == 2 ||
           session_refuse(session, "two file names are missing, without blanks in them");
}

void session_do_get(struct session *session, const char *argument)
{
    char from[256];
    char to[256];
    struct machine_disks held;
    struct disk_now disk = {.file = machine_get_config(session->machine)->disks[0]};
    struct ext2_image image = {.context = &disk, .read = disk_read};
    struct err err = {0};
    uint8_t *bytes;
    size_t size;
    bool good;

    if (!two_words(session, argument, from, to)) {
        return;
    }
    if (!disk.file) {
        session_refuse(session, "get: this machine has no disk");
        return;
    }
    machine_hold_disks(session->machine, &held);
    disk.overlay = held.disks[0];
    good = ext2_image_file(&image, from, GET_LIMIT, &bytes, &size, &err);
    machine_release_disks(&held);
    if (!good) {
        session_refuse(session, "get: %.400s", err.message);
        return;
    }
    if (file_write(to, bytes, size, &err)) {
        session_say(session, "%zu bytes of %.200s as it is on disk 0 (sync in the guest writes it)",
                    size, from);
    } else {
        session_refuse(session, "get: %.400s", err.message);
    }
    free(bytes);
}

/* ---- put ---- */

static void go_on(struct session *session, uint64_t clocks)
{
    history_run(session->history, machine_clock(session->machine) + clocks);
}

/* Type it, running the machine when the line takes no more. false: it takes nothing at all. */
static bool type(struct session *session, const char *text)
{
    for (; *text; text++) {
        uint32_t waits = 0;

        while (!machine_input_serial(session->machine, 0, (uint8_t)*text)) {
            if (++waits > 1000 || machine_state(session->machine)->progress.ending) {
                return session_refuse(session, "put: nobody takes what is typed on the console");
            }
            go_on(session, ROOM_CLOCKS);
        }
    }
    return true;
}

static bool type_bytes(struct session *session, const uint8_t *bytes, size_t size, const char *path)
{
    for (size_t at = 0; at < size || at == 0; at += LINE_BYTES) {
        char line[LINE_BYTES * 4 + 1];
        char whole[LINE_BYTES * 4 + 300];
        size_t count = size - at < LINE_BYTES ? size - at : LINE_BYTES;

        line[0] = '\0';
        for (size_t i = 0; i < count; i++) {
            snprintf(line + 4 * i, 5, "\\%03o", bytes[at + i]);
        }
        snprintf(whole, sizeof(whole), "printf '%s' %s'%s'\r", line, at ? ">>" : ">", path);
        if (!type(session, whole)) {
            return false;
        }
    }
    return true;
}

/* What has been printed since the stream had `from` bytes contains the text. */
static bool has_printed(const struct session *session, uint64_t from, const char *text)
{
    const struct session_stream *stream = &session->streams[CHANNEL_COM1];
    size_t length = strlen(text);

    for (uint64_t at = from; at + length <= stream->count; at++) {
        size_t i = 0;

        while (i < length && stream->bytes[(at + i) % SESSION_STREAM_BYTES] == text[i]) {
            i++;
        }
        if (i == length) {
            return true;
        }
    }
    return false;
}

/* The shell says how long the file has become; the sum keeps the question from being the answer. */
static bool arrived(struct session *session, size_t size, const char *path)
{
    uint64_t end = machine_clock(session->machine) + REPLY_CLOCKS;
    uint64_t from = session->streams[CHANNEL_COM1].count;
    char question[400];
    char answer[80];

    snprintf(question, sizeof(question), "echo put-$((%zu+1))-$(($(wc -c <'%s')+1))\r", size, path);
    snprintf(answer, sizeof(answer), "put-%zu-%zu", size + 1, size + 1);
    if (!type(session, question)) {
        return false;
    }
    while (machine_clock(session->machine) < end &&
           !machine_state(session->machine)->progress.ending) {
        go_on(session, SLICE_CLOCKS);
        if (has_printed(session, from, answer)) {
            return true;
        }
    }
    return session_refuse(session,
                          "put: no shell has answered on the console that %.100s has %zu "
                          "bytes; is there a prompt, and may it write there?",
                          path, size);
}

void session_do_put(struct session *session, const char *argument)
{
    char from[256];
    char to[256];
    struct err err = {0};
    uint8_t *bytes;
    size_t size;
    bool good;

    if (!two_words(session, argument, from, to)) {
        return;
    }
    if (strchr(to, '\'')) {
        session_refuse(session, "put: the guest's name can not have a ' in it");
        return;
    }
    if (!file_read(from, PUT_LIMIT, &bytes, &size, &err)) {
        session_refuse(session, "put: %.300s; for much there is --share", err.message);
        return;
    }
    if (!session_may_change(session, false)) {
        session->refused = 1;
        free(bytes);
        return;
    }
    session_begin_move(session);
    machine_pause_breakpoints(session->machine, true);
    machine_pause_observer(session->machine, true);
    good = type_bytes(session, bytes, size, to) && arrived(session, size, to);
    machine_pause_observer(session->machine, false);
    machine_pause_breakpoints(session->machine, false);
    session->stop = MACHINE_STOP_STEPPED;
    if (good) {
        session_say(session, "%zu bytes typed into %.200s by the shell on the console", size, to);
    }
    free(bytes);
}
