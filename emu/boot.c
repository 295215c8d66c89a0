/* Which kind of kernel a file is; and a multiboot-1 loader: segments, module, information block.
 *
 *   00000400  BIOS data area          00090000  information block, strings, memory map
 *   segments at p_paddr               module page-aligned behind the kernel, from 1 MiB up
 *
 * See: Multiboot Specification 0.6.96, 3.2 (machine state), 3.3 (information).
 * SPDX-License-Identifier: MIT */
#include "emu/boot.h"

#include <stdlib.h>
#include <string.h>

#include "devices/platform_map.h"
#include "emu/boot_memory.h"
#include "emu/file.h"

#define BOOTED_BY_MULTIBOOT 0x2BADB002u
#define KERNEL_FILE_LIMIT   (1024u << 20)
#define INFO_BYTES          0x1000u
#define PAGE_SIZE           4096u

#define INFO_HAS_MEMORY       0x001u
#define INFO_HAS_COMMAND_LINE 0x004u
#define INFO_HAS_MODULES      0x008u
#define INFO_HAS_MEMORY_MAP   0x040u
#define INFO_HAS_LOADER_NAME  0x200u

struct multiboot_info {
    uint32_t flags;
    uint32_t mem_lower; /* KiB from 0 */
    uint32_t mem_upper; /* KiB from 1 MiB */
    uint32_t boot_device;
    uint32_t cmdline;
    uint32_t mods_count;
    uint32_t mods_addr;
    uint32_t syms[4];
    uint32_t mmap_length;
    uint32_t mmap_addr;
    uint32_t drives_length;
    uint32_t drives_addr;
    uint32_t config_table;
    uint32_t boot_loader_name;
    uint32_t apm_table;
};

struct multiboot_module {
    uint32_t start;
    uint32_t end;
    uint32_t string;
    uint32_t reserved; /* 0 */
};

struct memory_range {
    uint32_t size; /* of the rest: 20 */
    uint32_t base_low, base_high;
    uint32_t length_low, length_high;
    uint32_t type; /* 1 usable, 2 reserved */
};

struct info_page {
    struct multiboot_info info;
    struct multiboot_module module;
    struct memory_range ranges[4];
    char loader_name[16];
    char module_string[256];
    char command_line[BOOT_COMMAND_LINE_MAX + 1];
};
_Static_assert(sizeof(struct info_page) <= INFO_BYTES, "the information block is one page");

static uint32_t page_up(uint32_t address)
{
    return (address + PAGE_SIZE - 1) & ~(PAGE_SIZE - 1);
}

/* ---- opening ---- */

static uint32_t module_place(const struct boot *boot)
{
    uint32_t end = page_up(boot->image.end);

    return end < FIRST_MEGABYTE ? FIRST_MEGABYTE : end;
}

static bool is_free(const struct elf_image *image, uint32_t first, uint32_t bytes)
{
    for (uint32_t i = 0; i < image->segment_count; i++) {
        const struct elf_segment *segment = &image->segments[i];

        if (segment->physical < first + bytes &&
            first < segment->physical + segment->memory_bytes) {
            return false;
        }
    }
    return true;
}

static bool places_check(const struct boot *boot, const char *kernel_path, const char *initrd_path,
                         uint64_t ram_bytes, struct err *err)
{
    if (!is_free(&boot->image, INFO_PLACE, INFO_BYTES) || !is_free(&boot->image, 0, 0x500)) {
        return err_set(err,
                       "%s: a segment covers memory that the loader needs (0-4FFh or "
                       "90000h-90FFFh); link the kernel at 100000h",
                       kernel_path);
    }
    if (boot->initrd && (uint64_t)module_place(boot) + boot->initrd_bytes > ram_bytes) {
        return err_set(err,
                       "%s: the initrd of %zu bytes does not fit behind the kernel; use a "
                       "larger --mem",
                       initrd_path, boot->initrd_bytes);
    }
    return true;
}

static bool initrd_open(struct boot *boot, const char *path, uint64_t ram_bytes, struct err *err)
{
    const char *slash = strrchr(path, '/');

    if (!file_read(path, SIZE_MAX / 2, &boot->initrd, &boot->initrd_bytes, err)) {
        return false;
    }
    if (boot->initrd_bytes > ram_bytes) {
        return err_set(err, "%s: the initrd of %zu bytes is larger than RAM; use a larger --mem",
                       path, boot->initrd_bytes);
    }
    strncpy(boot->initrd_name, slash ? slash + 1 : path, sizeof(boot->initrd_name) - 1);
    return true;
}

/* A vmlinux is an ELF file without a multiboot header that has a note of Linux's. */
static bool kernel_parse(struct boot *boot, const char *path, uint64_t ram_bytes, struct err *err)
{
    if (linux_is_bzimage(boot->kernel, boot->kernel_bytes)) {
        return linux_parse_bzimage(boot->kernel, boot->kernel_bytes, path, ram_bytes,
                                   &boot->linux_kernel, err);
    }
    if (!elf_image_parse(boot->kernel, boot->kernel_bytes, path, ram_bytes, &boot->image, err)) {
        return false;
    }
    if (boot->image.has_linux_note && !boot->image.is_multiboot) {
        linux_take_vmlinux(&boot->image, &boot->linux_kernel);
    }
    return true;
}

/* Linux hands words it does not know to the first program: its own name must not be there. */
static bool linux_check(struct boot *boot, const char *kernel_path, const char *initrd_path,
                        uint64_t ram_bytes, struct err *err)
{
    size_t name = strlen(kernel_path);
    char *line = boot->command_line;
    uint32_t place;

    if (strncmp(line, kernel_path, name) == 0 && (line[name] == ' ' || line[name] == '\0')) {
        name += line[name] == ' ' ? 1 : 0;
        memmove(line, line + name, strlen(line + name) + 1);
    }
    if (strlen(line) > boot->linux_kernel.command_limit) {
        return err_set(err, "%s: this Linux kernel takes a command line of at most %u bytes",
                       kernel_path, boot->linux_kernel.command_limit);
    }
    if (boot->initrd &&
        !linux_place_initrd(&boot->linux_kernel, boot->initrd_bytes, ram_bytes, &place)) {
        return err_set(err,
                       "%s: the initrd of %zu bytes does not fit beside the Linux kernel; use a "
                       "larger --mem",
                       initrd_path, boot->initrd_bytes);
    }
    return true;
}

bool boot_open(struct boot *boot, const char *kernel_path, const char *initrd_path,
               const char *command_line, uint64_t ram_bytes, struct err *err)
{
    memset(boot, 0, sizeof(*boot));
    if (strlen(command_line) > BOOT_COMMAND_LINE_MAX) {
        return err_set(err, "the kernel's command line is longer than %u bytes",
                       BOOT_COMMAND_LINE_MAX);
    }
    strcpy(boot->command_line, command_line);
    if (file_read(kernel_path, KERNEL_FILE_LIMIT, &boot->kernel, &boot->kernel_bytes, err) &&
        kernel_parse(boot, kernel_path, ram_bytes, err) &&
        (!initrd_path || initrd_open(boot, initrd_path, ram_bytes, err)) &&
        (boot->linux_kernel.is_linux
             ? linux_check(boot, kernel_path, initrd_path, ram_bytes, err)
             : places_check(boot, kernel_path, initrd_path, ram_bytes, err))) {
        return true;
    }
    boot_close(boot);
    return false;
}

void boot_close(struct boot *boot)
{
    free(boot->kernel);
    free(boot->initrd);
    boot->kernel = NULL;
    boot->initrd = NULL;
}

/* ---- loading ---- */

static void range_set(struct memory_range *range, uint32_t first, uint64_t end, uint32_t type)
{
    uint64_t length = end - first;

    *range = (struct memory_range){
        .size = 20,
        .base_low = first,
        .length_low = (uint32_t)length,
        .length_high = (uint32_t)(length >> 32),
        .type = type,
    };
}

#define INFO_AT(member) (INFO_PLACE + (uint32_t)offsetof(struct info_page, member))

static void info_fill(const struct boot *boot, uint64_t ram_bytes, struct info_page *page)
{
    uint32_t ranges = ram_bytes > FIRST_MEGABYTE ? 4 : 3;

    memset(page, 0, sizeof(*page));
    page->info.flags = INFO_HAS_MEMORY | INFO_HAS_COMMAND_LINE | INFO_HAS_MEMORY_MAP |
                       INFO_HAS_LOADER_NAME | (boot->initrd ? INFO_HAS_MODULES : 0);
    page->info.mem_lower = LOW_MEMORY_END / 1024;
    page->info.mem_upper = (uint32_t)((ram_bytes - FIRST_MEGABYTE) / 1024);
    page->info.cmdline = INFO_AT(command_line);
    page->info.mods_count = boot->initrd ? 1 : 0;
    page->info.mods_addr = INFO_AT(module);
    page->info.mmap_addr = INFO_AT(ranges);
    page->info.mmap_length = ranges * (uint32_t)sizeof(struct memory_range);
    page->info.boot_loader_name = INFO_AT(loader_name);
    page->module.start = module_place(boot);
    page->module.end = page->module.start + (uint32_t)boot->initrd_bytes;
    page->module.string = INFO_AT(module_string);
    range_set(&page->ranges[0], 0, LOW_MEMORY_END, 1);
    range_set(&page->ranges[1], LOW_MEMORY_END, VIDEO_HOLE_FIRST, 2);
    range_set(&page->ranges[2], FIRMWARE_FIRST, FIRST_MEGABYTE, 2);
    range_set(&page->ranges[3], FIRST_MEGABYTE, ram_bytes, 1);
    strcpy(page->loader_name, "Ringside");
    strcpy(page->module_string, boot->initrd_name);
    strcpy(page->command_line, boot->command_line);
}

static bool multiboot_load(const struct boot *boot, struct machine *machine, struct err *err)
{
    const struct boot_entry entry = {
        .eip = boot->image.entry,
        .code_selector = 0x08,
        .data_selector = 0x10,
        .eax = BOOTED_BY_MULTIBOOT,
        .ebx = INFO_PLACE,
    };
    struct info_page page;

    info_fill(boot, machine_get_config(machine)->ram_bytes, &page);
    if (!boot_write_segments(machine, &boot->image, boot->kernel) ||
        !boot_write_bios_data(machine) ||
        !machine_write_physical(machine, INFO_PLACE, &page, sizeof(page)) ||
        (boot->initrd && !machine_write_physical(machine, module_place(boot), boot->initrd,
                                                 (uint32_t)boot->initrd_bytes))) {
        return err_set(err, "the images do not fit into the machine's memory");
    }
    return boot_enter(machine, &entry, err);
}

bool boot_load(void *context, struct machine *machine, struct err *err)
{
    const struct boot *boot = context;
    const struct linux_images images = {
        .kernel = &boot->linux_kernel,
        .file = boot->kernel,
        .image = &boot->image,
        .initrd = boot->initrd,
        .initrd_bytes = (uint32_t)boot->initrd_bytes,
        .command_line = boot->command_line,
    };

    return boot->linux_kernel.is_linux ? linux_load(&images, machine, err)
                                       : multiboot_load(boot, machine, err);
}
