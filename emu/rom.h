/* Images for ROM sockets: the firmware's and the VGA's.
 * SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "emu/err.h"

struct rom {
    uint8_t *bytes;
    uint32_t size;        /* bytes */
    uint64_t fingerprint; /* XXH3 of the bytes */
};

/* Firmware: 64, 128 or 256 KiB. NULL with *err filled if the file is none. */
struct rom *rom_open_firmware(const char *path, struct err *err);
/* An option ROM for C0000h: 512 bytes to 64 KiB that begin with 55h AAh. */
struct rom *rom_open_option(const char *path, struct err *err);
/* Put the words of --append where firmware and loader of the bundled guest look for them: after
 * the signature "$RSBOOT$" on a multiple of 16 and the 16-bit size of the place. */
bool rom_set_command_line(struct rom *rom, const char *text, struct err *err);
void rom_close(struct rom *rom);
