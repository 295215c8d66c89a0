/* Memory sizes, gate A20 and the other system services: INT 11h, 12h, 15h.
 * The sizes come out of CMOS: 15h base, 30h above 1 MiB (up to 64 MiB), 34h above 16 MiB.
 * SPDX-License-Identifier: MIT */
#include "devices/platform_map.h"
#include "firmware/firmware.h"

#define CMOS_BASE_KIB     0x15
#define CMOS_EXTENDED_KIB 0x30
#define CMOS_ABOVE_16M    0x34 /* units of 64 KiB */

#define EQUIPMENT_VIDEO 0x0020 /* 80 by 25, colour */
#define KIB_15M         (15u * 1024)
#define A20_ON          0x02 /* port 92h */
#define A20_RESET       0x01

#define SMAP         0x534D4150u
#define E820_USABLE  1
#define E820_OTHER   2
#define E820_BYTES   20
#define UNSUPPORTED  0x86 /* in AH */
#define KIB          1024u
#define EBDA_KIB     1
#define FIRMWARE_ROM 0xFFFF0000u

extern const char configuration_table[];

void memory_initialise(void)
{
    uint16_t base = cmos_read16(CMOS_BASE_KIB);

    base = base && base <= 640 ? base : 640;
    BDA->base_kib = (uint16_t)(base - EBDA_KIB);
    BDA->ebda_segment = (uint16_t)((base - EBDA_KIB) * (KIB / 16));
    BDA->equipment |= EQUIPMENT_VIDEO;
    far_fill16(BDA->ebda_segment, 0, 0, EBDA_KIB * KIB / 2);
    far_write16(BDA->ebda_segment, 0, EBDA_KIB);
}

uint32_t memory_above_1m_kib(void)
{
    uint32_t above_16m = cmos_read16(CMOS_ABOVE_16M) * 64u;

    return above_16m ? KIB_15M + above_16m : cmos_read16(CMOS_EXTENDED_KIB);
}

void memory_equipment(struct frame *frame)
{
    frame->a.x = BDA->equipment;
}

void memory_base(struct frame *frame)
{
    frame->a.x = BDA->base_kib;
}

/* ---- INT 15h ---- */

static uint32_t least(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}

struct range {
    uint32_t base, base_high;     /* bytes */
    uint32_t length, length_high; /* bytes */
    uint32_t type;                /* E820_... */
};
_Static_assert(sizeof(struct range) == E820_BYTES, "as AH=E8h AL=20h returns it");

/* The `index`th range of the memory map; false behind the last. */
static bool map_range(uint32_t index, struct range *range)
{
    uint32_t base_end = BDA->base_kib * KIB;

    range->base_high = 0;
    range->length_high = 0;
    range->type = index == 0 || index == 3 ? E820_USABLE : E820_OTHER;
    switch (index) {
    case 0:
        range->base = 0;
        range->length = base_end;
        return true;
    case 1:
        range->base = base_end;
        range->length = VIDEO_HOLE_FIRST - base_end;
        return true;
    case 2:
        range->base = 0xE0000;
        range->length = 0x20000;
        return true;
    case 3:
        range->base = 0x100000;
        range->length = memory_above_1m_kib() * KIB;
        return true;
    case 4:
        range->base = FIRMWARE_ROM;
        range->length = 0x10000;
        return true;
    default:
        return false;
    }
}

static bool memory_map(struct frame *frame)
{
    struct range range;

    if (frame->d.e != SMAP || frame->c.e < E820_BYTES || !map_range(frame->b.e, &range)) {
        return false;
    }
    near_to_far(frame->es, (uint16_t)frame->edi, &range, sizeof(range));
    frame->a.e = SMAP;
    frame->c.e = E820_BYTES;
    frame->b.e++;
    if (!map_range(frame->b.e, &range)) {
        frame->b.e = 0;
    }
    return true;
}

static bool memory_sizes_e801(struct frame *frame)
{
    uint32_t kib = memory_above_1m_kib();

    frame->a.x = (uint16_t)least(kib, KIB_15M);
    frame->b.x = (uint16_t)(kib > KIB_15M ? (kib - KIB_15M) / 64 : 0);
    frame->c.x = frame->a.x;
    frame->d.x = frame->b.x;
    return true;
}

static bool extended_functions(struct frame *frame)
{
    switch (frame->a.l) {
    case 0x01:
        return memory_sizes_e801(frame);
    case 0x20:
        return memory_map(frame);
    default:
        return false;
    }
}

/* AL: 0 off, 1 on, 2 status, 3 what can be used. */
static bool gate_a20(struct frame *frame)
{
    uint8_t port = port_read8(PORT_SYSTEM_CONTROL_A) & (uint8_t)~A20_RESET;

    switch (frame->a.l) {
    case 0:
        port_write8(PORT_SYSTEM_CONTROL_A, port & (uint8_t)~A20_ON);
        break;
    case 1:
        port_write8(PORT_SYSTEM_CONTROL_A, port | A20_ON);
        break;
    case 2:
        frame->a.l = (port & A20_ON) != 0;
        break;
    case 3:
        frame->b.x = 3; /* keyboard controller and port 92h */
        break;
    default:
        return false;
    }
    frame->a.h = 0;
    return true;
}

static bool move_block(struct frame *frame)
{
    uint8_t port = port_read8(PORT_SYSTEM_CONTROL_A) & (uint8_t)~A20_RESET;

    port_write8(PORT_SYSTEM_CONTROL_A, port | A20_ON);
    block_move(frame->es, (uint16_t)frame->esi, frame->c.x);
    port_write8(PORT_SYSTEM_CONTROL_A, port);
    frame->a.h = 0;
    return true;
}

static bool service(struct frame *frame)
{
    switch (frame->a.h) {
    case 0x24:
        return gate_a20(frame);
    case 0x86:
        clock_wait_us((uint32_t)frame->c.x << 16 | frame->d.x);
        return true;
    case 0x87:
        return move_block(frame);
    case 0x88:
        frame->a.x = (uint16_t)least(memory_above_1m_kib(), 0xFC00);
        return true;
    case 0x90: /* a device is busy: nobody else wants the processor */
    case 0x91:
        frame->a.h = 0;
        return true;
    case 0xC0:
        frame->es = FIRMWARE_SEGMENT;
        frame->b.x = (uint16_t)(uint32_t)configuration_table;
        frame->a.h = 0;
        return true;
    case 0xC1:
        frame->es = BDA->ebda_segment;
        return true;
    case 0xE8:
        return extended_functions(frame);
    default:
        return false;
    }
}

void system_service(struct frame *frame)
{
    if (service(frame)) {
        frame->flags &= (uint16_t)~FLAG_CARRY;
    } else {
        frame->flags |= FLAG_CARRY;
        frame->a.h = UNSUPPORTED;
    }
}
