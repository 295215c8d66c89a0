/* Images for ROM sockets.
 * See: IBM PC/AT Technical Reference, ROM modules (55h AAh and a length in blocks of 512 bytes).
 * SPDX-License-Identifier: MIT */
#include "emu/rom.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "emu/file.h"

#define KIB            1024u
#define FIRMWARE_LIMIT (256 * KIB)
#define OPTION_LIMIT   (64 * KIB)
#define OPTION_BLOCK   512u

#define PLACE_SIGNATURE "$RSBOOT$"
#define PLACE_HEADER    10u /* signature, size of the place */
#define PLACE_ALIGNMENT 16u

static struct rom *rom_read(const char *path, size_t limit, struct err *err)
{
    struct rom *rom = calloc(1, sizeof(*rom));
    size_t size;

    if (!rom) {
        err_set(err, "%s: no memory", path);
        return NULL;
    }
    if (!file_read(path, limit, &rom->bytes, &size, err)) {
        free(rom);
        return NULL;
    }
    rom->size = (uint32_t)size;
    rom->fingerprint = XXH3_64bits(rom->bytes, size);
    return rom;
}

struct rom *rom_open_firmware(const char *path, struct err *err)
{
    struct rom *rom = rom_read(path, FIRMWARE_LIMIT, err);

    if (rom && rom->size != 64 * KIB && rom->size != 128 * KIB && rom->size != 256 * KIB) {
        err_set(err, "%s: %u bytes; a firmware image has 64, 128 or 256 KiB", path, rom->size);
        rom_close(rom);
        return NULL;
    }
    return rom;
}

struct rom *rom_open_option(const char *path, struct err *err)
{
    struct rom *rom = rom_read(path, OPTION_LIMIT, err);

    if (rom && (rom->size < OPTION_BLOCK || rom->bytes[0] != 0x55 || rom->bytes[1] != 0xAA)) {
        err_set(err, "%s: is not an option ROM, which begins with the bytes 55h AAh", path);
        rom_close(rom);
        return NULL;
    }
    return rom;
}

bool rom_set_command_line(struct rom *rom, const char *text, struct err *err)
{
    size_t length = strlen(text) + 1;

    for (uint32_t at = 0; at + PLACE_HEADER <= rom->size; at += PLACE_ALIGNMENT) {
        uint32_t room = (uint32_t)(rom->bytes[at + 8] | rom->bytes[at + 9] << 8);

        if (memcmp(rom->bytes + at, PLACE_SIGNATURE, 8) != 0 ||
            room > rom->size - at - PLACE_HEADER) {
            continue;
        }
        if (length > room) {
            return err_set(err, "--append: the firmware has room for %u bytes only", room - 1);
        }
        memset(rom->bytes + at + PLACE_HEADER, 0, room);
        memcpy(rom->bytes + at + PLACE_HEADER, text, length);
        rom->fingerprint = XXH3_64bits(rom->bytes, rom->size);
        return true;
    }
    return err_set(err, "--append: this firmware has no place for it");
}

void rom_close(struct rom *rom)
{
    if (rom) {
        free(rom->bytes);
        free(rom);
    }
}
