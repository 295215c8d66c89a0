/* INT 13h: by cylinder, head, sector and by packet, on the disk that was booted from. The last
 * sectors are written. See: Phoenix, Enhanced Disk Drive Specification 1.1.
 * SPDX-License-Identifier: MIT */
#include "bios.h"

struct packet {
    uint8_t bytes, reserved;
    uint16_t count, offset, segment;
    uint32_t sector, sector_high;
};

struct parameters {
    uint16_t bytes, flags;
    uint32_t cylinders, heads, per_track, sectors, sectors_high;
    uint16_t sector_bytes;
} __attribute__((packed));

static uint8_t sector_a[512], sector_b[512];
static uint8_t many[8 * 512];

static bool same(const uint8_t *a, const uint8_t *b)
{
    for (uint32_t i = 0; i < 512; i++) {
        if (a[i] != b[i]) {
            return false;
        }
    }
    return true;
}

/* out: AH, or 100h + AH with the carry flag */
static uint32_t by_packet(uint8_t function, uint8_t drive, uint32_t sector, uint16_t count,
                          void *at)
{
    struct packet packet = {16, 0, count, (uint16_t)(uint32_t)at, 0, sector, 0};
    struct registers r = {.eax = (uint32_t)function << 8, .edx = drive};

    r.esi = (uint32_t)&packet;
    interrupt(0x13, &r);
    return high(r.eax) | (carry(&r) ? 0x100u : 0);
}

static void test_reading(uint8_t drive, uint32_t per_track)
{
    struct registers r;

    call(&r, 0x13, 0x0201, (uint32_t)sector_a, 0x0001, drive);
    expect(!carry(&r) && low(r.eax) == 1, "02h: one sector", r.eax);
    expect(sector_a[510] == 0x55 && sector_a[511] == 0xAA, "02h: the boot sector", sector_a[511]);
    expect(by_packet(0x42, drive, 0, 1, sector_b) == 0, "42h: one sector", 0);
    expect(same(sector_a, sector_b), "42h: as 02h", 0);
    expect(by_packet(0x42, drive, 1, 8, many) == 0, "42h: eight sectors", 0);
    call(&r, 0x13, 0x0201, (uint32_t)sector_a, 0x0008, drive);
    expect(same(sector_a, many + 6 * 512), "42h: sector 8 is CHS 0,0,8", 0);
    call(&r, 0x13, 0x0201, (uint32_t)sector_a, 0x0001, 0x0100u | drive);
    expect(by_packet(0x42, drive, per_track, 1, sector_b) == 0, "42h: the second track", 0);
    expect(!carry(&r) && same(sector_a, sector_b), "02h: head 1", r.eax);
    call(&r, 0x13, 0x0401, 0, 0x0001, drive);
    expect(!carry(&r) && high(r.eax) == 0, "04h: verify", r.eax);
    expect(by_packet(0x44, drive, 0, 1, sector_b) == 0, "44h: verify", 0);
    expect(by_packet(0x47, drive, 5, 1, sector_b) == 0, "47h: seek", 0);
}

static void test_writing(uint8_t drive, uint32_t sectors)
{
    for (uint32_t i = 0; i < sizeof(many); i++) {
        many[i] = (uint8_t)(i * 7 + i / 512);
    }
    expect(by_packet(0x43, drive, sectors - 8, 8, many) == 0, "43h: the last eight", 0);
    for (uint32_t i = 0; i < 512; i++) {
        sector_a[i] = many[7 * 512 + i];
    }
    expect(by_packet(0x42, drive, sectors - 1, 1, sector_b) == 0, "42h: the last sector", 0);
    expect(same(sector_a, sector_b), "43h: reads as written", sector_b[1]);
    /* an odd address */
    expect(by_packet(0x42, drive, sectors - 1, 1, many + 3) == 0, "42h: an odd address", 0);
    expect(same(sector_a, many + 3), "42h: the same there", many[3]);
}

static void test_errors(uint8_t drive, uint32_t sectors)
{
    struct registers r;

    expect(by_packet(0x42, drive, sectors, 1, sector_b) > 0x100, "42h: behind the end", 0);
    call(&r, 0x13, 0x0201, (uint32_t)sector_a, 0x0000, drive);
    expect(carry(&r) && high(r.eax), "02h: sector 0 does not exist", r.eax);
    call(&r, 0x13, 0x0100, 0, 0, drive);
    expect(high(r.eax) != 0, "01h: status of the call before", r.eax);
    call(&r, 0x13, 0x0000, 0, 0, drive);
    expect(!carry(&r) && high(r.eax) == 0, "00h: reset", r.eax);
    call(&r, 0x13, 0xEE00, 0, 0, drive);
    expect(carry(&r) && high(r.eax) == 1, "EEh: there is no such function", r.eax);
    call(&r, 0x13, 0x0201, (uint32_t)sector_a, 0x0001, 0x00FF);
    expect(carry(&r), "02h: no such drive", r.eax);
}

void test_disk(uint8_t drive)
{
    struct parameters parameters = {.bytes = sizeof(parameters)};
    struct registers r;
    uint32_t heads, per_track, cylinders;

    call(&r, 0x13, 0x0800, 0, 0, drive);
    expect(!carry(&r) && low(r.edx) >= 1, "08h: parameters", r.eax);
    heads = high(r.edx) + 1u;
    per_track = r.ecx & 0x3F;
    cylinders = (high(r.ecx) | (r.ecx & 0xC0) << 2) + 1;
    call(&r, 0x13, 0x4100, 0x55AA, 0, drive);
    expect(!carry(&r) && (r.ebx & 0xFFFF) == 0xAA55 && (r.ecx & 1), "41h: packets", r.ebx);
    r = (struct registers){.eax = 0x4800, .edx = drive};
    r.esi = (uint32_t)&parameters;
    interrupt(0x13, &r);
    expect(!carry(&r) && parameters.sector_bytes == 512, "48h: parameters", r.eax);
    expect(cylinders * heads * per_track <= parameters.sectors, "08h: not more than 48h",
           cylinders);
    call(&r, 0x13, 0x1500, 0, 0, drive);
    expect(!carry(&r) && high(r.eax) == 3, "15h: a fixed disk", r.eax);
    expect((r.ecx & 0xFFFF) == 0 && (r.edx & 0xFFFF) <= parameters.sectors, "15h: sectors", r.edx);
    expect(low(peek16(0x475)) >= 1, "number of disks in the data area", peek16(0x475));
    test_reading(drive, per_track);
    test_writing(drive, parameters.sectors);
    test_errors(drive, parameters.sectors);
}
