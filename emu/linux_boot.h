/* Starting a Linux kernel, bzImage or vmlinux, by the 32-bit boot protocol.
 * SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "emu/elf_image.h"
#include "emu/err.h"
#include "emu/machine.h"

/* What a file asks for, checked against the machine. */
struct linux_kernel {
    uint32_t is_linux;      /* 1: the rest counts */
    uint32_t entry;         /* physical address of the first instruction */
    uint32_t memory_end;    /* first address behind what the kernel uses while it starts */
    uint32_t initrd_limit;  /* first address behind the highest place for an initrd */
    uint32_t command_limit; /* most bytes of command line, without the null */
    uint32_t header_bytes;  /* of the file's setup header, from 1F1h; 0: vmlinux has none */
    uint32_t code_offset;   /* bzImage: 32-bit code in the file, bytes */
    uint32_t code_bytes;    /* its size; 0: vmlinux, loaded by its segments */
};

/* Whether the file has the setup header of a bzImage, whatever else may be wrong with it. */
bool linux_is_bzimage(const uint8_t *bytes, size_t size);
/* Understand a bzImage for a machine with `ram_bytes` of RAM; `name` is for messages. */
bool linux_parse_bzimage(const uint8_t *bytes, size_t size, const char *name, uint64_t ram_bytes,
                         struct linux_kernel *kernel, struct err *err);
/* The same for an unpacked vmlinux whose segments are in `image`. */
void linux_take_vmlinux(const struct elf_image *image, struct linux_kernel *kernel);
/* Where an initrd goes: as high as the kernel allows. false: there is no room. */
bool linux_place_initrd(const struct linux_kernel *kernel, size_t initrd_bytes, uint64_t ram_bytes,
                        uint32_t *physical);

/* The images of one start. */
struct linux_images {
    const struct linux_kernel *kernel;
    const uint8_t *file;           /* the kernel's */
    const struct elf_image *image; /* vmlinux: its segments */
    const uint8_t *initrd;         /* NULL: none */
    uint32_t initrd_bytes;
    const char *command_line; /* at most command_limit bytes */
};

/* Fill memory and processor of a machine that was just reset. */
bool linux_load(const struct linux_images *images, struct machine *machine, struct err *err);
