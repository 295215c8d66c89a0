/* INT 11h, 12h, 15h: sizes, memory map, gate A20, block move.
 * See: ACPI 1.0, 14.1 (E820h); Phoenix, System BIOS for IBM PCs. SPDX-License-Identifier: MIT */
#include "bios.h"

#define SMAP 0x534D4150u

struct range {
    uint32_t base, base_high, length, length_high, type;
};

static uint32_t kib_above_1m(void)
{
    struct registers r;

    call(&r, 0x15, 0xE801, 0, 0, 0);
    expect(!carry(&r), "E801h: works", r.flags);
    expect((r.eax & 0xFFFF) <= 0x3C00, "E801h: at most 15 MiB below 16 MiB", r.eax);
    return (r.eax & 0xFFFF) + (r.ebx & 0xFFFF) * 64;
}

static void test_map(void)
{
    struct registers r = {0};
    struct range range;
    uint32_t above = kib_above_1m(), ranges = 0;
    bool base = false, extended = false;

    do {
        r.eax = 0xE820;
        r.ecx = sizeof(range);
        r.edx = SMAP;
        r.edi = (uint32_t)&range;
        interrupt(0x15, &r);
        expect(!carry(&r) && r.eax == SMAP && r.ecx == 20, "E820h: a range", r.eax);
        base = base || (range.base == 0 && range.type == 1 && range.length >= 0x80000);
        extended =
            extended || (range.base == 0x100000 && range.type == 1 &&
                         range.length / 1024 >= above - 1024 && range.length / 1024 <= above);
        ranges++;
    } while (r.ebx && !carry(&r) && ranges < 32);
    expect(base, "E820h: base memory", ranges);
    expect(extended, "E820h: as much above 1 MiB as E801h says", above);
    call(&r, 0x15, 0xE820, 0, 20, 0x12345678);
    expect(carry(&r), "E820h: not without its signature", r.eax);
}

static void test_a20(void)
{
    struct registers r;

    call(&r, 0x15, 0x2403, 0, 0, 0);
    expect(!carry(&r) && (r.ebx & 2), "2403h: port 92h", r.ebx);
    call(&r, 0x15, 0x2400, 0, 0, 0);
    call(&r, 0x15, 0x2402, 0, 0, 0);
    expect(!carry(&r) && low(r.eax) == 0, "2400h: off", r.eax);
    call(&r, 0x15, 0x2401, 0, 0, 0);
    call(&r, 0x15, 0x2402, 0, 0, 0);
    expect(!carry(&r) && low(r.eax) == 1, "2401h: on", r.eax);
}

struct descriptor {
    uint16_t limit, base_low;
    uint8_t base_middle, rights, more, base_high;
};

static uint8_t move(uint32_t to, uint32_t from, uint16_t words)
{
    struct descriptor table[6];
    struct registers r = {.eax = 0x8700, .ecx = words};

    for (uint32_t i = 0; i < 6; i++) {
        table[i] = (struct descriptor){0};
    }
    table[2] = (struct descriptor){0xFFFF, (uint16_t)from,       (uint8_t)(from >> 16), 0x93,
                                   0,      (uint8_t)(from >> 24)};
    table[3] = (struct descriptor){0xFFFF, (uint16_t)to,       (uint8_t)(to >> 16), 0x93,
                                   0,      (uint8_t)(to >> 24)};
    r.esi = (uint32_t)table;
    interrupt(0x15, &r);
    return carry(&r) ? 0xFF : high(r.eax);
}

static void test_block_move(void)
{
    static uint16_t first[77], second[77];
    bool same = true;

    for (uint16_t i = 0; i < 77; i++) {
        first[i] = (uint16_t)(i * 257 + 3);
    }
    expect(move(0x200000, (uint32_t)first, 77) == 0, "87h: up", 0);
    expect(move((uint32_t)second, 0x200000, 77) == 0, "87h: down", 0);
    for (uint16_t i = 0; i < 77; i++) {
        same = same && first[i] == second[i];
    }
    expect(same, "87h: the same words", second[76]);
}

void test_memory(void)
{
    struct registers r;

    call(&r, 0x11, 0, 0, 0, 0);
    expect((r.eax & 0x30) == 0x20, "11h: colour, 80 columns", r.eax);
    expect((r.eax >> 9 & 7) >= 1, "11h: a serial port", r.eax);
    call(&r, 0x12, 0, 0, 0, 0);
    expect((r.eax & 0xFFFF) == peek16(0x413), "12h: as in the data area", r.eax);
    expect((r.eax & 0xFFFF) >= 600 && (r.eax & 0xFFFF) <= 640, "12h: about 640 KiB", r.eax);
    call(&r, 0x15, 0x8800, 0, 0, 0);
    expect(!carry(&r) && (r.eax & 0xFFFF) >= 1024, "88h: extended memory", r.eax);
    test_map();
    test_a20();
    test_block_move();
    call(&r, 0x15, 0xC000, 0, 0, 0);
    expect(!carry(&r) && high(r.eax) == 0, "C0h: a table", r.eax);
    call(&r, 0x15, 0xFF00, 0, 0, 0);
    expect(carry(&r) && high(r.eax) == 0x86, "FFh: there is no such function", r.eax);
}
