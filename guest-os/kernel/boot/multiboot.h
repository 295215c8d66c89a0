/* What a multiboot 1 loader hands over. See: Multiboot Specification 0.6.96, 3.3.
 * SPDX-License-Identifier: MIT */
#pragma once

#include <stdint.h>

#define MULTIBOOT_LOADER_MAGIC 0x2BADB002u /* in EAX at the entry */
#define MULTIBOOT_HAS_MEMORY   (1u << 0)
#define MULTIBOOT_HAS_COMMAND  (1u << 2)
#define MULTIBOOT_HAS_MODULES  (1u << 3)

struct multiboot_information {
    uint32_t flags;          /* MULTIBOOT_HAS_... */
    uint32_t lower_kib;      /* KiB of RAM from 0 */
    uint32_t upper_kib;      /* KiB of RAM from 1 MiB */
    uint32_t boot_device;    /* not used here */
    uint32_t command_line;   /* physical address of text */
    uint32_t module_count;   /* 0.. */
    uint32_t module_address; /* physical address of multiboot_module[module_count] */
};

struct multiboot_module {
    uint32_t start; /* physical address of the first byte */
    uint32_t end;   /* physical address after the last byte */
    uint32_t text;  /* physical address of the module's own command line */
    uint32_t zero;  /* reserved */
};
