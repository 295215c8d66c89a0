/* Starting a kernel without firmware: what a multiboot-1 or Linux loader
 * leaves behind.
 * SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "emu/elf_image.h"
#include "emu/err.h"
#include "emu/linux_boot.h"
#include "emu/machine.h"

#define BOOT_COMMAND_LINE_MAX 2047u

/* The images, read once and kept: a reset of the guest's loads them again. */
struct boot {
    uint8_t *kernel;                              /* the file */
    size_t kernel_bytes;                          /* its size */
    struct elf_image image;                       /* what is in it, if it is ELF */
    struct linux_kernel linux_kernel;             /* if it is Linux */
    uint8_t *initrd;                              /* module or initial disk, or NULL */
    size_t initrd_bytes;                          /* its size */
    char initrd_name[256];                        /* command line of the module: its file name */
    char command_line[BOOT_COMMAND_LINE_MAX + 1]; /* kernel name and arguments */
};

/* Read and check kernel and initrd (NULL: none) for a machine with `ram_bytes` of RAM. */
bool boot_open(struct boot *boot, const char *kernel_path, const char *initrd_path,
               const char *command_line, uint64_t ram_bytes, struct err *err);
void boot_close(struct boot *boot);
/* struct machine_boot.load: context is a struct boot. */
bool boot_load(void *context, struct machine *machine, struct err *err);
