/* The power-on self test: from the first stack to INT 19h. Each stage writes its code to port 80h
 * when it begins (post_codes.h). There is no test of all memory: RAM does not break here.
 * SPDX-License-Identifier: MIT */
#include "devices/platform_map.h"
#include "firmware/firmware.h"

#define PIC_ICW1        0x11 /* edge triggered, cascade, ICW4 follows */
#define PIC_ICW4        0x01 /* 8086 mode */
#define PIC_MASTER_BASE 0x08
#define PIC_SLAVE_BASE  0x70
#define PIC_MASTER_MASK 0xB8 /* timer, keyboard, cascade, floppy */
#define PIC_SLAVE_MASK  0x3F /* both disk channels */

#define OPTION_ROM_SEGMENT 0xC000
#define OPTION_ROM_MARK    0xAA55

#define EBDA_SEGMENT_OFFSET 0x40 /* paragraphs of 1 KiB */

extern const char vector_divide[], vector_opcode[], vector_timer[], vector_keyboard[],
    vector_video[], vector_equipment[], vector_memory[], vector_disk[], vector_serial[],
    vector_system[], vector_keys[], vector_printer[], vector_no_boot[], vector_boot[],
    vector_clock[], vector_disk_done[], vector_irq_master[], vector_irq_slave[], iret_only[];

struct vector {
    uint32_t number;   /* 0..255 */
    const char *entry; /* offset in the ROM */
};

static ROM_DATA struct vector vectors[] = {
    {0x00, vector_divide},    {0x06, vector_opcode},    {0x08, vector_timer},
    {0x09, vector_keyboard},  {0x10, vector_video},     {0x11, vector_equipment},
    {0x12, vector_memory},    {0x13, vector_disk},      {0x14, vector_serial},
    {0x15, vector_system},    {0x16, vector_keys},      {0x17, vector_printer},
    {0x18, vector_no_boot},   {0x19, vector_boot},      {0x1A, vector_clock},
    {0x76, vector_disk_done}, {0x77, vector_disk_done},
};

static ROM_DATA char welcome_name[] = "Ringside firmware " RINGSIDE_VERSION ", ";
static ROM_DATA char welcome_memory[] = " KiB of RAM, disks:";
static ROM_DATA char welcome_none[] = " none";
static ROM_DATA char welcome_mib[] = "h of ";
static ROM_DATA char welcome_unit[] = " MiB";
static ROM_DATA char space[] = " ";
static ROM_DATA char comma[] = ",";
static ROM_DATA char line_end[] = "\r\n";
static ROM_DATA char divide_text[] = "\r\nfirmware: division error at ";
static ROM_DATA char opcode_text[] = "\r\nfirmware: invalid opcode at ";
static ROM_DATA char halt_text[] = "; the machine halts\r\n";
static ROM_DATA char colon[] = ":";

uint8_t cmos_read(uint8_t index)
{
    port_write8(PORT_CMOS_INDEX, index | 0x80);
    return port_read8(PORT_CMOS_DATA);
}

void cmos_write(uint8_t index, uint8_t value)
{
    port_write8(PORT_CMOS_INDEX, index | 0x80);
    port_write8(PORT_CMOS_DATA, value);
}

/* ---- exceptions that would come back for ever ---- */

static _Noreturn void exception(const struct frame *frame, ROM char *text)
{
    print(text);
    print_hex(frame->cs, 4);
    print(colon);
    print_hex(frame->ip, 4);
    print(halt_text);
    for (;;) {
        __asm__ volatile("cli\n\thlt");
    }
}

_Noreturn void exception_divide(struct frame *frame);
_Noreturn void exception_opcode(struct frame *frame);

_Noreturn void exception_divide(struct frame *frame)
{
    exception(frame, divide_text);
}

_Noreturn void exception_opcode(struct frame *frame)
{
    exception(frame, opcode_text);
}

/* ---- stages ---- */

static void set_vector(uint32_t number, const char *entry)
{
    ((LOW uint32_t *)0)[number] = (uint32_t)FIRMWARE_SEGMENT << 16 | (uint16_t)(uint32_t)entry;
}

/* Vectors 60h-67h are left at 0 for programs, as everywhere. */
static void vectors_initialise(void)
{
    LOW uint8_t *bda = (LOW uint8_t *)BDA;

    for (uint32_t number = 0; number < 0x78; number++) {
        bool master = number >= 0x08 && number < 0x10;
        bool slave = number >= 0x70;

        set_vector(number, master ? vector_irq_master : slave ? vector_irq_slave : iret_only);
    }
    for (uint32_t number = 0x78; number < 0x100; number++) {
        ((LOW uint32_t *)0)[number] = 0;
    }
    for (uint32_t number = 0x60; number < 0x68; number++) {
        ((LOW uint32_t *)0)[number] = 0;
    }
    for (uint32_t i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
        set_vector(vectors[i].number, vectors[i].entry);
    }
    for (uint32_t i = 0; i < 0x100; i++) {
        bda[i] = 0;
    }
}

static void pic_initialise(void)
{
    port_write8(PORT_PIC_MASTER_COMMAND, PIC_ICW1);
    port_write8(PORT_PIC_MASTER_DATA, PIC_MASTER_BASE);
    port_write8(PORT_PIC_MASTER_DATA, 1 << IRQ_CASCADE);
    port_write8(PORT_PIC_MASTER_DATA, PIC_ICW4);
    port_write8(PORT_PIC_SLAVE_COMMAND, PIC_ICW1);
    port_write8(PORT_PIC_SLAVE_DATA, PIC_SLAVE_BASE);
    port_write8(PORT_PIC_SLAVE_DATA, IRQ_CASCADE);
    port_write8(PORT_PIC_SLAVE_DATA, PIC_ICW4);
    port_write8(PORT_PIC_MASTER_DATA, PIC_MASTER_MASK);
    port_write8(PORT_PIC_SLAVE_DATA, PIC_SLAVE_MASK);
}

/* A ROM that brings its own INT 10h: its length in 512-byte units, then a checksum of 0. */
static void option_rom_call(void)
{
    uint16_t bytes = (uint16_t)(far_read8(OPTION_ROM_SEGMENT, 2) * 512u);
    uint8_t sum = 0;

    if (far_read16(OPTION_ROM_SEGMENT, 0) != OPTION_ROM_MARK) {
        return;
    }
    post_code(POST_OPTION_ROM);
    for (uint16_t i = 0; i < bytes; i++) {
        sum = (uint8_t)(sum + far_read8(OPTION_ROM_SEGMENT, i));
    }
    if (sum == 0) {
        call_option_rom();
    }
}

static void welcome(void)
{
    struct drive drive;

    print(welcome_name);
    print_decimal(memory_above_1m_kib() + 1024);
    print(welcome_memory);
    if (BDA->disk_count == 0) {
        print(welcome_none);
    }
    for (uint8_t i = 0; ata_drive((uint8_t)(FIRST_DISK + i), &drive); i++) {
        if (i) {
            print(comma);
        }
        print(space);
        print_hex((uint32_t)FIRST_DISK + i, 2);
        print(welcome_mib);
        print_decimal(drive.sectors / 2048);
        print(welcome_unit);
    }
    print(line_end);
}

_Noreturn void post(void)
{
    post_code(POST_VECTORS);
    vectors_initialise();
    post_code(POST_PIC);
    pic_initialise();
    post_code(POST_PIT);
    pit_start();
    post_code(POST_KEYBOARD);
    keyboard_initialise();
    post_code(POST_SERIAL);
    serial_initialise();
    post_code(POST_VIDEO);
    video_set_mode(true);
    option_rom_call();
    post_code(POST_MEMORY);
    memory_initialise();
    apic_initialise();
    post_code(POST_CLOCK);
    clock_initialise();
    interrupts_on();
    post_code(POST_DISKS);
    ata_find_drives();
    post_code(POST_WELCOME);
    welcome();
    for (;;) {
        __asm__ volatile("int $0x19" : : : "memory");
    }
}
