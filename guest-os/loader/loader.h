/* What the parts of the loader share. 32-bit C without interrupts; every trouble ends in fail().
 *
 *   00007C00 boot sector     00010000 loader, its variables and stacks
 *   00020000 what the BIOS reads, up to 64 KiB at a time      00100000 the kernel
 *
 * SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "common/text.h"
#include "devices/platform_map.h"
#include "firmware/post_codes.h"

#define SECTOR_BYTES 512u
#define KIB          1024u
#define ONE_MIB      0x100000u

/* entry.S: for one BIOS call. */
struct bios_registers {
    uint32_t edi, esi, ebp, unused, ebx, edx, ecx, eax; /* as PUSHAD leaves them */
    uint16_t ds, es;                                    /* segments */
    uint32_t flags;                                     /* out: low 16 bits */
};
_Static_assert(sizeof(struct bios_registers) == 40, "entry.S copies 36 bytes in and 40 out");

#define FLAG_CARRY 0x0001u

extern uint8_t boot_drive; /* DL of the boot sector: 80h.. */

void bios_call(uint32_t vector, struct bios_registers *registers);
_Noreturn void enter_kernel(uint32_t entry, uint32_t information);

static inline void port_write8(uint16_t port, uint8_t value)
{
    __asm__ volatile("outb %0, %1" : : "a"(value), "Nd"(port));
}

static inline uint8_t port_read8(uint16_t port)
{
    uint8_t value;

    __asm__ volatile("inb %1, %0" : "=a"(value) : "Nd"(port));
    return value;
}

static inline void post_code(uint8_t code)
{
    port_write8(PORT_POST, code);
}

/* say.c: one line to the screen and to COM1, "loader: " in front. fail() never returns: it says
 * what is wrong and leaves the machine to INT 18h. */
void say_initialise(void);
void say(const char *format, ...) __attribute__((format(printf, 1, 2)));
_Noreturn void fail(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* disk.c: INT 13h */
void disk_initialise(void);
void disk_read(uint32_t sector, uint32_t count, void *to);

/* memory.c: the memory map, gate A20 */
struct memory_range {
    uint32_t size;   /* of the rest: 20, as multiboot wants it */
    uint64_t base;   /* bytes */
    uint64_t length; /* bytes */
    uint32_t type;   /* 1: usable RAM */
} __attribute__((packed));

#define MEMORY_RANGES 32

struct memory_map {
    uint32_t lower_kib; /* from 0 */
    uint32_t upper_kib; /* from 1 MiB up to the first hole */
    uint32_t count;     /* of ranges */
    struct memory_range ranges[MEMORY_RANGES];
};

void a20_open(void);
void memory_read_map(struct memory_map *map);
bool memory_is_ram(const struct memory_map *map, uint32_t first, uint32_t bytes);

/* ext2.c: a file system without journal, read only */
struct file {
    const char *path;    /* for messages */
    uint32_t bytes;      /* length */
    uint16_t mode;       /* type and rights */
    uint32_t blocks[15]; /* 12 direct, indirect, double, triple */
};

void ext2_open(void);
/* False if a part of the path is not there. */
bool ext2_find(const char *path, struct file *file);
/* Read bytes [offset, offset + bytes), which the file must have. */
void ext2_read(const struct file *file, uint32_t offset, uint32_t bytes, void *to);

/* kernel.c: the ELF file; returns its entry. */
uint32_t kernel_load(const char *path, const struct memory_map *map);

/* command.c: /boot/cmdline and what the firmware adds. */
#define COMMAND_BYTES 4096
void command_read(const char *path, char *text);
