/* The loader: from the boot sector's jump to the kernel's first instruction, which it enters as any
 * multiboot loader does. See: Multiboot Specification 0.6.96, 3.2, 3.3.
 * SPDX-License-Identifier: MIT */
#include "loader/loader.h"

#define INFO_HAS_MEMORY       0x001u
#define INFO_HAS_BOOT_DEVICE  0x002u
#define INFO_HAS_COMMAND_LINE 0x004u
#define INFO_HAS_MEMORY_MAP   0x040u
#define INFO_HAS_LOADER_NAME  0x200u
#define WHOLE_DISK            0x00FFFFFFu /* no partition */

#define KERNEL_PATH  "/boot/kernel.elf"
#define COMMAND_PATH "/boot/cmdline"

struct multiboot_information {
    uint32_t flags;                    /* INFO_HAS_... */
    uint32_t lower_kib, upper_kib;     /* memory from 0, from 1 MiB */
    uint32_t boot_device;              /* drive in the high byte */
    uint32_t command_line;             /* address */
    uint32_t modules[2];               /* none */
    uint32_t symbols[4];               /* none */
    uint32_t map_bytes, map;           /* length and address of the ranges */
    uint32_t drives[2], configuration; /* none */
    uint32_t loader_name;              /* address */
    uint32_t unused[16];               /* up to the largest size in use */
};

_Noreturn void loader_main(void);

void loader_main(void)
{
    static struct multiboot_information information;
    static struct memory_map map;
    static char command[COMMAND_BYTES];
    uint32_t entry;

    say_initialise();
    a20_open();
    memory_read_map(&map);
    disk_initialise();
    ext2_open();
    command_read(COMMAND_PATH, command);
    say("%s: %s", COMMAND_PATH, command);
    entry = kernel_load(KERNEL_PATH, &map);

    information.flags = INFO_HAS_MEMORY | INFO_HAS_BOOT_DEVICE | INFO_HAS_COMMAND_LINE |
                        INFO_HAS_MEMORY_MAP | INFO_HAS_LOADER_NAME;
    information.lower_kib = map.lower_kib;
    information.upper_kib = map.upper_kib;
    information.boot_device = (uint32_t)boot_drive << 24 | WHOLE_DISK;
    information.command_line = (uint32_t)command;
    information.map = (uint32_t)map.ranges;
    information.map_bytes = map.count * sizeof(map.ranges[0]);
    information.loader_name = (uint32_t) "Ringside loader";
    post_code(POST_LOADER_ENTER);
    enter_kernel(entry, (uint32_t)&information);
}
