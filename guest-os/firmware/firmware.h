/* What the parts of the firmware share: memory that is not the stack's, the registers of a caller,
 * the BIOS data area, and each part's functions.
 *
 * 16-bit C by gcc -m16. A plain pointer points into the caller's stack segment (DS = SS); constants
 * are reached through FS (ROM), vectors and BIOS data through GS (LOW), all else with segment and
 * offset. There are no writable variables: a firmware's state is the BIOS data area.
 * See: IBM PC/AT Technical Reference, "BIOS data area"; Phoenix, System BIOS for IBM PCs (1991).
 * SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "firmware/post_codes.h"

#define ROM      const __seg_fs
#define LOW      volatile __seg_gs
#define ROM_DATA __attribute__((section(".rom_constants"))) ROM

#define FIRMWARE_SEGMENT 0xF000
#define DISKS_MAX        4
#define FIRST_DISK       0x80 /* number of the first fixed disk at INT 13h */

#define FLAG_CARRY 0x0001
#define FLAG_ZERO  0x0040

/* A register of 32 bits with its parts. */
union cell {
    uint32_t e; /* whole */
    uint16_t x; /* low half */
    struct {
        uint8_t l; /* bits 7..0 */
        uint8_t h; /* bits 15..8 */
    };
};

/* What entry.S saves at an interrupt; what is changed here is changed for the caller. */
struct frame {
    uint16_t gs, fs, es, ds;        /* segments */
    uint32_t edi, esi, ebp, unused; /* as PUSHAD leaves them */
    union cell b, d, c, a;          /* EBX, EDX, ECX, EAX */
    uint32_t function;              /* of the firmware, offset */
    uint16_t ip, cs, flags;         /* pushed by INT */
};

/* The BIOS data area at 0040:0000. */
struct bios_data {
    uint16_t com_ports[4];    /* 00h I/O addresses, 0: none */
    uint16_t lpt_ports[3];    /* 08h */
    uint16_t ebda_segment;    /* 0Eh extended BIOS data area */
    uint16_t equipment;       /* 10h as INT 11h returns it */
    uint8_t reserved_12;      /* 12h */
    uint16_t base_kib;        /* 13h as INT 12h returns it */
    uint16_t reserved_15;     /* 15h */
    uint8_t shift_flags;      /* 17h SHIFT_... */
    uint8_t shift_flags_2;    /* 18h */
    uint8_t alt_number;       /* 19h Alt with the number pad */
    uint16_t keys_head;       /* 1Ah offset of the next key to take */
    uint16_t keys_tail;       /* 1Ch offset of the next free place */
    uint16_t keys[16];        /* 1Eh scan code high, character low */
    uint8_t floppy[11];       /* 3Eh */
    uint8_t video_mode;       /* 49h */
    uint16_t columns;         /* 4Ah */
    uint16_t page_bytes;      /* 4Ch */
    uint16_t page_start;      /* 4Eh */
    uint16_t cursor[8];       /* 50h row high, column low; for each page */
    uint16_t cursor_lines;    /* 60h first high, last low */
    uint8_t page;             /* 62h */
    uint16_t crtc_port;       /* 63h */
    uint8_t video_control;    /* 65h */
    uint8_t video_palette;    /* 66h */
    uint32_t resume_vector;   /* 67h */
    uint8_t last_interrupt;   /* 6Bh */
    uint32_t ticks;           /* 6Ch since midnight */
    uint8_t midnight;         /* 70h 1: midnight has passed since the ticks were read */
    uint8_t break_flag;       /* 71h bit 7 */
    uint16_t reset_flag;      /* 72h 1234h: warm start */
    uint8_t disk_status;      /* 74h of the last INT 13h */
    uint8_t disk_count;       /* 75h fixed disks */
    uint8_t disk_control;     /* 76h */
    uint8_t disk_offset;      /* 77h */
    uint8_t lpt_timeout[4];   /* 78h */
    uint8_t com_timeout[4];   /* 7Ch */
    uint16_t keys_first;      /* 80h offset of the key buffer */
    uint16_t keys_end;        /* 82h offset behind it */
    uint8_t last_row;         /* 84h */
    uint16_t character_lines; /* 85h */
    uint8_t video_options[2]; /* 87h */
    uint8_t reserved_89[5];   /* 89h */
    uint8_t disk_interrupt;   /* 8Eh FFh: IRQ 14 or 15 has come */
    uint8_t reserved_8f[7];   /* 8Fh */
    uint8_t keyboard_mode;    /* 96h KEYBOARD_... */
    uint8_t keyboard_leds;    /* 97h */
} __attribute__((packed));
_Static_assert(sizeof(struct bios_data) == 0x98, "fields are where programs look for them");

#define BDA ((LOW struct bios_data *)0x400)

/* An ATA disk as POST found it. */
struct drive {
    uint16_t port;      /* of the command block, 0: no drive */
    uint16_t control;   /* port */
    uint8_t select;     /* for the device register: LBA mode, master or slave */
    uint8_t multiple;   /* sectors of a READ MULTIPLE block, 0: it has none */
    uint16_t cylinders; /* as INT 13h shows it, 1..1024 */
    uint16_t heads;     /* 1..255 */
    uint16_t per_track; /* 1..63 sectors */
    uint32_t sectors;   /* all of them, up to 2^28 - 1 */
};
_Static_assert(sizeof(struct drive) == 16, "no padding");

/* ---- instructions ---- */

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
    port_write8(0x80, code);
}

static inline void interrupts_on(void)
{
    __asm__ volatile("sti" : : : "memory");
}

static inline void interrupts_off(void)
{
    __asm__ volatile("cli" : : : "memory");
}

/* Sleep until an interrupt; interrupts are off before and after. */
static inline void wait_for_interrupt(void)
{
    __asm__ volatile("sti\n\thlt\n\tcli" : : : "memory");
}

static inline uint8_t far_read8(uint16_t segment, uint16_t offset)
{
    uint8_t value;

    __asm__ volatile("movw %w1, %%es\n\tmovb %%es:(%2), %0\n\tpushw %%ss\n\tpopw %%es"
                     : "=q"(value)
                     : "r"(segment), "r"((uint32_t)offset)
                     : "memory");
    return value;
}

static inline uint16_t far_read16(uint16_t segment, uint16_t offset)
{
    uint16_t value;

    __asm__ volatile("movw %w1, %%es\n\tmovw %%es:(%2), %0\n\tpushw %%ss\n\tpopw %%es"
                     : "=r"(value)
                     : "r"(segment), "r"((uint32_t)offset)
                     : "memory");
    return value;
}

static inline void far_write8(uint16_t segment, uint16_t offset, uint8_t value)
{
    __asm__ volatile("movw %w1, %%es\n\tmovb %0, %%es:(%2)\n\tpushw %%ss\n\tpopw %%es"
                     :
                     : "q"(value), "r"(segment), "r"((uint32_t)offset)
                     : "memory");
}

static inline void far_write16(uint16_t segment, uint16_t offset, uint16_t value)
{
    __asm__ volatile("movw %w1, %%es\n\tmovw %0, %%es:(%2)\n\tpushw %%ss\n\tpopw %%es"
                     :
                     : "r"(value), "r"(segment), "r"((uint32_t)offset)
                     : "memory");
}

/* far.c: from and to segment:offset */
void far_to_near(void *to, uint16_t segment, uint16_t offset, uint16_t bytes);
void near_to_far(uint16_t segment, uint16_t offset, const void *from, uint16_t bytes);
void far_fill16(uint16_t segment, uint16_t offset, uint16_t value, uint16_t count);
/* Within one segment, forwards if `to` is below `from`, else backwards. */
void far_move16(uint16_t segment, uint16_t to, uint16_t from, uint16_t count);

/* ---- the parts ---- */

/* post.c */
_Noreturn void post(void);
uint8_t cmos_read(uint8_t index);
void cmos_write(uint8_t index, uint8_t value);
static inline uint16_t cmos_read16(uint8_t index)
{
    return (uint16_t)(cmos_read(index) | cmos_read((uint8_t)(index + 1)) << 8);
}

/* print.c: to the screen and to COM1 */
void print(ROM char *text);
void print_decimal(uint32_t value);
void print_hex(uint32_t value, uint32_t digits);

/* clock.c: timer and time of day */
#define PIT_UNITS_PER_TICK 65536
void clock_initialise(void);
void pit_start(void);
void pit_stop(void);
uint32_t clock_ticks(void);
/* Wait; interrupts are on meanwhile. */
void clock_wait_us(uint32_t microseconds);
void clock_tick(struct frame *frame);
void clock_service(struct frame *frame);
void call_user_tick(void);

/* video.c */
void video_set_mode(bool clear);
void video_service(struct frame *frame);

/* keyboard.c */
void keyboard_initialise(void);
void keyboard_interrupt(struct frame *frame);
void keyboard_service(struct frame *frame);
/* Wait for a key and take it: scan code high, character low. */
uint16_t keyboard_wait(void);
/* keymap.c: what a key gives, 0 for nothing. in: set 1 scan code, SHIFT_... */
uint16_t keymap_look(uint8_t scan, uint8_t shift_flags);
#define SHIFT_RIGHT  0x01
#define SHIFT_LEFT   0x02
#define SHIFT_CTRL   0x04
#define SHIFT_ALT    0x08
#define SHIFT_SCROLL 0x10
#define SHIFT_NUM    0x20
#define SHIFT_CAPS   0x40
#define SHIFT_INSERT 0x80

/* serial.c */
void serial_initialise(void);
void serial_send(uint8_t byte);
void serial_service(struct frame *frame);
void printer_service(struct frame *frame);

/* memory.c: INT 11h, 12h, 15h */
void memory_initialise(void);
void apic_initialise(void); /* after memory_initialise(), interrupts off */
void write_physical(uint32_t physical, uint32_t value);
uint32_t memory_above_1m_kib(void);
void memory_equipment(struct frame *frame);
void memory_base(struct frame *frame);
void system_service(struct frame *frame);
void block_move(uint16_t segment, uint16_t offset, uint16_t words);

/* ata.c: drives, sectors */
#define ATA_READ  0
#define ATA_WRITE 1
#define DISK_OK   0x00
void ata_find_drives(void);
/* in: number 80h.. ; false: no such drive */
bool ata_drive(uint8_t number, struct drive *drive);
void ata_select(const struct drive *drive, uint32_t sector);
uint8_t ata_command(const struct drive *drive, uint8_t command);
/* Move `count` sectors; returns a DISK_... status. out: *count those that were moved. */
uint8_t ata_transfer(const struct drive *drive, uint32_t direction, uint32_t sector,
                     uint16_t *count, uint16_t segment, uint16_t offset);
void disk_interrupt(struct frame *frame);

/* disk.c: INT 13h */
void disk_service(struct frame *frame);

/* boot.c: INT 18h, INT 19h */
void boot_service(struct frame *frame);
void boot_nothing(struct frame *frame);
_Noreturn void boot_enter(uint32_t drive);
void call_option_rom(void);
