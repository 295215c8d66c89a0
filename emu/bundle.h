/* The guest that comes with the program: where its files are.
 * SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>

#include "emu/elf_image.h"
#include "emu/err.h"

struct bundle {
    char folder[4096];   /* of the files */
    char kernel[4352];   /* kernel.elf */
    char ramdisk[4352];  /* ramdisk.img */
    char firmware[4352]; /* firmware.bin */
    char disk[4352];     /* disk.img */
};

/* Look beside the program and in its share folder. */
bool bundle_find(struct bundle *bundle, struct err *err);
/* Whether the guest can be booted from its disk; if not, *err names the file that is missing. */
bool bundle_has_disk(const struct bundle *bundle, struct err *err);
/* Symbols of firmware, loader, kernel and the user programs, as far as they are there. */
void bundle_add_symbols(const struct bundle *bundle, struct elf_symbols *symbols);
