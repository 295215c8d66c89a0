/* A loader for Linux: setup header, zero page, descriptor table, processor state.
 *
 *   00000400  BIOS data area              00090000  zero page
 *   00091000  command line                00091FE0  descriptor table
 *   00092000  numbers for the random pool, with --seed
 *   bzImage: 32-bit code at code32_start  vmlinux: segments at p_paddr
 *   initrd: page-aligned, as high as the kernel allows
 *
 * The 16-bit part of a bzImage, which would ask a BIOS, is never run: what it would find out is
 * written into the zero page here.
 * See: Linux kernel documentation, "The Linux/x86 Boot Protocol" (32-bit boot protocol) and
 * "Zero Page".
 * SPDX-License-Identifier: MIT */
#include "emu/linux_boot.h"

#include <string.h>

#include "devices/platform_map.h"
#include "devices/seeded.h"
#include "emu/boot_memory.h"

#define PAGE_SIZE     4096u
#define SECTOR_BYTES  512u
#define BOOT_CS       0x10u
#define BOOT_DS       0x18u
#define COMMAND_PLACE (INFO_PLACE + 0x1000u)
#define COMMAND_ROOM  0x0FE0u
#define GDT_PLACE     (COMMAND_PLACE + COMMAND_ROOM)
#define SEED_PLACE    (COMMAND_PLACE + 0x1000u)

/* Setup header: offsets are the same in the file and in the zero page. */
#define HEADER_FIRST       0x1F1u
#define HEADER_END_MAX     0x290u /* what the zero page has room for */
#define HEADER_SETUP_SIZE  0x1F1u /* sectors of 16-bit code, 0 = 4 */
#define HEADER_SYSTEM_SIZE 0x1F4u /* of the 32-bit code, 16 bytes */
#define HEADER_BOOT_FLAG   0x1FEu
#define HEADER_LENGTH      0x201u /* bytes from 202h on: the distance of a jump over them */
#define HEADER_MAGIC       0x202u
#define HEADER_VERSION     0x206u
#define HEADER_LOADER      0x210u
#define HEADER_FLAGS       0x211u
#define HEADER_CODE32      0x214u
#define HEADER_INITRD      0x218u
#define HEADER_INITRD_SIZE 0x21Cu
#define HEADER_COMMAND     0x228u
#define HEADER_INITRD_MAX  0x22Cu
#define HEADER_FLAGS64     0x236u
#define HEADER_COMMAND_MAX 0x238u
#define HEADER_SETUP_DATA  0x250u
#define HEADER_PREFERRED   0x258u
#define HEADER_INIT_SIZE   0x260u

#define MAGIC          0x53726448u /* "HdrS" */
#define BOOT_FLAG      0xAA55u
#define LOADED_HIGH    0x01u
#define HAS_64_BIT     0x01u
#define UNKNOWN_LOADER 0xFFu
#define VERSION_2_03   0x0203u /* tells the highest place of the initrd */
#define VERSION_2_06   0x0206u /* tells the longest command line */
#define VERSION_2_09   0x0209u /* takes a list of further data */
#define VERSION_2_10   0x020Au /* tells how much memory it wants */
#define VERSION_2_12   0x020Cu /* tells whether it is a 64-bit kernel */
#define VERSION_OURS   0x020Fu /* said of a vmlinux, which says nothing itself */

#define OLD_INITRD_LIMIT  0x38000000u /* what kernels without the field can reach */
#define OLD_COMMAND_LIMIT 255u
#define NEW_COMMAND_LIMIT 2047u

/* Zero page: screen as the firmware left it, memory. */
#define ZERO_VIDEO_MODE    0x006u
#define ZERO_VIDEO_COLUMNS 0x007u
#define ZERO_VIDEO_ROWS    0x00Eu
#define ZERO_VIDEO_IS_VGA  0x00Fu
#define ZERO_VIDEO_POINTS  0x010u
#define ZERO_E820_COUNT    0x1E8u
#define ZERO_E820          0x2D0u

struct e820_entry {
    uint32_t base_low, base_high;     /* bytes */
    uint32_t length_low, length_high; /* bytes */
    uint32_t type;                    /* 1 usable, 2 reserved */
};

#define SETUP_RNG_SEED 9u
#define SEED_WORDS     4u

/* One entry of the list of setup data; at 0 the list ends. */
struct seed_data {
    uint64_t next;             /* physical address of the next entry, 0: none */
    uint32_t type;             /* SETUP_RNG_SEED */
    uint32_t bytes;            /* of what follows */
    uint64_t seed[SEED_WORDS]; /* for the random pool */
};

static uint16_t word_at(const uint8_t *bytes, uint32_t at)
{
    return (uint16_t)(bytes[at] | bytes[at + 1] << 8);
}

static uint32_t dword_at(const uint8_t *bytes, uint32_t at)
{
    return word_at(bytes, at) | (uint32_t)word_at(bytes, at + 2) << 16;
}

static void put_dword(uint8_t *bytes, uint32_t at, uint32_t value)
{
    memcpy(bytes + at, &value, sizeof(value));
}

/* ---- files ---- */

bool linux_is_bzimage(const uint8_t *bytes, size_t size)
{
    return size >= HEADER_VERSION + 2 && word_at(bytes, HEADER_BOOT_FLAG) == BOOT_FLAG &&
           dword_at(bytes, HEADER_MAGIC) == MAGIC;
}

/* The fields that older kernels lack read as zero. */
static bool header_read(const uint8_t *bytes, size_t size, const char *name, uint8_t *header,
                        uint32_t *header_end, struct err *err)
{
    uint32_t end = HEADER_MAGIC + bytes[HEADER_LENGTH];

    if (end > HEADER_END_MAX || end < HEADER_CODE32 + 4) {
        return err_set(err, "%s: the length of its Linux setup header is impossible", name);
    }
    if (end > size) {
        return err_set(err, "%s: the Linux kernel is cut short", name);
    }
    memset(header, 0, HEADER_END_MAX);
    memcpy(header + HEADER_FIRST, bytes + HEADER_FIRST, end - HEADER_FIRST);
    *header_end = end;
    return true;
}

static bool header_check(const uint8_t *header, const char *name, struct err *err)
{
    uint32_t version = word_at(header, HEADER_VERSION);

    if (version < 0x0200 || !(header[HEADER_FLAGS] & LOADED_HIGH)) {
        return err_set(err, "%s: a Linux zImage or a kernel older than 2.0; a bzImage is needed",
                       name);
    }
    if (version >= VERSION_2_12 && (word_at(header, HEADER_FLAGS64) & HAS_64_BIT)) {
        return err_set(err, "%s: a 64-bit Linux kernel; a 32-bit one is needed (linux-image-686)",
                       name);
    }
    return true;
}

/* From its place up to what it unpacks itself into. */
static uint64_t memory_end(const uint8_t *header, uint32_t code_bytes)
{
    uint64_t place = dword_at(header, HEADER_CODE32);
    uint64_t preferred = dword_at(header, HEADER_PREFERRED);
    uint64_t end = place + code_bytes;
    uint64_t unpacked = 0;

    if (word_at(header, HEADER_VERSION) >= VERSION_2_10) {
        unpacked = (preferred > place ? preferred : place) + dword_at(header, HEADER_INIT_SIZE);
    }
    return unpacked > end ? unpacked : end;
}

static void limits_read(const uint8_t *header, struct linux_kernel *kernel)
{
    uint32_t version = word_at(header, HEADER_VERSION);
    uint32_t highest = dword_at(header, HEADER_INITRD_MAX);
    uint32_t longest = dword_at(header, HEADER_COMMAND_MAX);

    kernel->initrd_limit = OLD_INITRD_LIMIT;
    kernel->command_limit = OLD_COMMAND_LIMIT;
    if (version >= VERSION_2_03 && highest) {
        kernel->initrd_limit = highest == UINT32_MAX ? highest : highest + 1;
    }
    if (version >= VERSION_2_06 && longest) {
        kernel->command_limit = longest < COMMAND_ROOM ? longest : COMMAND_ROOM - 1;
    }
}

bool linux_parse_bzimage(const uint8_t *bytes, size_t size, const char *name, uint64_t ram_bytes,
                         struct linux_kernel *kernel, struct err *err)
{
    uint8_t header[HEADER_END_MAX];
    uint32_t header_end = 0;
    uint64_t code_bytes;
    uint64_t end;
    size_t setup;

    memset(kernel, 0, sizeof(*kernel));
    if (!header_read(bytes, size, name, header, &header_end, err) ||
        !header_check(header, name, err)) {
        return false;
    }
    setup = ((header[HEADER_SETUP_SIZE] ? header[HEADER_SETUP_SIZE] : 4u) + 1u) * SECTOR_BYTES;
    code_bytes = (uint64_t)dword_at(header, HEADER_SYSTEM_SIZE) * 16;
    /* The size is rounded up to 16 bytes; the file may end before that. */
    if (code_bytes == 0 || size <= setup || size - setup + 15 < code_bytes) {
        return err_set(err, "%s: the Linux kernel is cut short", name);
    }
    if (code_bytes > size - setup) {
        code_bytes = size - setup;
    }
    kernel->entry = dword_at(header, HEADER_CODE32);
    if (kernel->entry < FIRST_MEGABYTE) {
        return err_set(err, "%s: a Linux kernel that starts below 1 MiB; a bzImage is needed",
                       name);
    }
    end = memory_end(header, (uint32_t)code_bytes);
    if (end > ram_bytes) {
        return err_set(err, "%s: the Linux kernel needs %u MiB of RAM to start; use a larger --mem",
                       name, (uint32_t)((end + (1u << 20) - 1) >> 20));
    }
    kernel->memory_end = (uint32_t)end;
    kernel->header_bytes = header_end - HEADER_FIRST;
    kernel->code_offset = (uint32_t)setup;
    kernel->code_bytes = (uint32_t)code_bytes;
    limits_read(header, kernel);
    kernel->is_linux = 1;
    return true;
}

void linux_take_vmlinux(const struct elf_image *image, struct linux_kernel *kernel)
{
    *kernel = (struct linux_kernel){
        .is_linux = 1,
        .entry = image->entry,
        .memory_end = image->end,
        .initrd_limit = OLD_INITRD_LIMIT,
        .command_limit = NEW_COMMAND_LIMIT,
    };
}

bool linux_place_initrd(const struct linux_kernel *kernel, size_t initrd_bytes, uint64_t ram_bytes,
                        uint32_t *physical)
{
    uint64_t limit = ram_bytes < kernel->initrd_limit ? ram_bytes : kernel->initrd_limit;
    uint64_t place;

    if (initrd_bytes > limit) {
        return false;
    }
    place = (limit - initrd_bytes) & ~(uint64_t)(PAGE_SIZE - 1);
    *physical = (uint32_t)place;
    return place >= kernel->memory_end && place >= FIRST_MEGABYTE;
}

/* ---- loading ---- */

static struct e820_entry range(uint32_t first, uint64_t end, uint32_t type)
{
    return (struct e820_entry){
        .base_low = first, .length_low = (uint32_t)(end - first), .type = type};
}

static void zero_page_fill(const struct linux_images *images, uint64_t ram_bytes,
                           uint32_t initrd_place, uint8_t *page)
{
    const struct e820_entry map[] = {
        range(0, LOW_MEMORY_END, 1),
        range(LOW_MEMORY_END, VIDEO_HOLE_FIRST, 2),
        range(FIRMWARE_FIRST, FIRST_MEGABYTE, 2),
        range(FIRST_MEGABYTE, ram_bytes, 1),
    };

    memset(page, 0, PAGE_SIZE);
    page[ZERO_VIDEO_MODE] = 3;
    page[ZERO_VIDEO_COLUMNS] = 80;
    page[ZERO_VIDEO_ROWS] = 25;
    page[ZERO_VIDEO_IS_VGA] = 1;
    page[ZERO_VIDEO_POINTS] = 16;
    page[ZERO_E820_COUNT] = sizeof(map) / sizeof(map[0]);
    memcpy(page + ZERO_E820, map, sizeof(map));
    if (images->kernel->header_bytes) {
        memcpy(page + HEADER_FIRST, images->file + HEADER_FIRST, images->kernel->header_bytes);
    } else {
        put_dword(page, HEADER_BOOT_FLAG, BOOT_FLAG);
        put_dword(page, HEADER_MAGIC, MAGIC);
        put_dword(page, HEADER_VERSION, VERSION_OURS);
        page[HEADER_FLAGS] = LOADED_HIGH;
    }
    page[HEADER_LOADER] = UNKNOWN_LOADER;
    put_dword(page, HEADER_COMMAND, COMMAND_PLACE);
    put_dword(page, HEADER_INITRD, initrd_place);
    put_dword(page, HEADER_INITRD_SIZE, images->initrd_bytes);
}

static bool kernel_write(const struct linux_images *images, struct machine *machine)
{
    const struct linux_kernel *kernel = images->kernel;

    return kernel->code_bytes
               ? machine_write_physical(machine, kernel->entry, images->file + kernel->code_offset,
                                        kernel->code_bytes)
               : boot_write_segments(machine, images->image, images->file);
}

/* The random pool's seed, if the machine has one and the kernel's version knows the list. */
static bool seed_write(struct machine *machine, uint8_t *page)
{
    const uint64_t seed = machine_get_config(machine)->seed;
    struct seed_data data = {.type = SETUP_RNG_SEED, .bytes = sizeof(data.seed)};

    if (!seed || word_at(page, HEADER_VERSION) < VERSION_2_09) {
        return true;
    }
    for (uint32_t i = 0; i < SEED_WORDS; i++) {
        data.seed[i] = seeded_word(seed, SEEDED_BOOT_LOADER + i);
    }
    put_dword(page, HEADER_SETUP_DATA, SEED_PLACE);
    return machine_write_physical(machine, SEED_PLACE, &data, sizeof(data));
}

bool linux_load(const struct linux_images *images, struct machine *machine, struct err *err)
{
    static const uint64_t gdt[] = {0, 0, 0x00CF9B000000FFFF, 0x00CF93000000FFFF};
    const uint64_t ram_bytes = machine_get_config(machine)->ram_bytes;
    const struct boot_entry entry = {
        .eip = images->kernel->entry,
        .code_selector = BOOT_CS,
        .data_selector = BOOT_DS,
        .esi = INFO_PLACE,
        .gdt = {.base = GDT_PLACE, .limit = sizeof(gdt) - 1},
    };
    uint8_t page[PAGE_SIZE];
    uint32_t place = 0;

    if (images->initrd &&
        !linux_place_initrd(images->kernel, images->initrd_bytes, ram_bytes, &place)) {
        return err_set(err, "the initrd does not fit into the machine's memory");
    }
    zero_page_fill(images, ram_bytes, place, page);
    if (!boot_write_bios_data(machine) || !seed_write(machine, page) ||
        !kernel_write(images, machine) ||
        !machine_write_physical(machine, INFO_PLACE, page, sizeof(page)) ||
        !machine_write_physical(machine, COMMAND_PLACE, images->command_line,
                                (uint32_t)strlen(images->command_line) + 1) ||
        !machine_write_physical(machine, GDT_PLACE, gdt, sizeof(gdt)) ||
        (images->initrd &&
         !machine_write_physical(machine, place, images->initrd, images->initrd_bytes))) {
        return err_set(err, "the images do not fit into the machine's memory");
    }
    return boot_enter(machine, &entry, err);
}
