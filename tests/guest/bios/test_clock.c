/* INT 1Ah, the timer interrupt, INT 15h AH=86h. SPDX-License-Identifier: MIT */
#include "bios.h"

extern uint16_t user_ticks;
extern const char user_tick[];

/* Where time is the host's, a busy host may be late; Ringside (E9h at port E9h) never is. */
static uint32_t late(void)
{
    return port_read8(0xE9) == 0xE9 ? 0 : 200;
}

static uint32_t ticks(void)
{
    struct registers r;

    call(&r, 0x1A, 0x0000, 0, 0, 0);
    return (r.ecx & 0xFFFF) << 16 | (r.edx & 0xFFFF);
}

static bool is_bcd(uint8_t value, uint8_t most)
{
    return (value & 15) < 10 && value <= most;
}

static void test_ticks(void)
{
    uint32_t first = ticks();
    uint16_t old_offset = peek16(0x1C * 4), old_segment = peek16(0x1C * 4 + 2);

    expect(first < 0x1800B0, "00h: less than a day", first);
    poke16(0x1C * 4, (uint16_t)(uint32_t)user_tick);
    poke16(0x1C * 4 + 2, 0);
    while (ticks() == first) {
        __asm__ volatile("hlt");
    }
    first = ticks();
    while (ticks() < first + 2) {
        __asm__ volatile("hlt");
    }
    expect(user_ticks >= 2 && user_ticks <= 4 + late(), "INT 1Ch comes with each tick", user_ticks);
    poke16(0x1C * 4, old_offset);
    poke16(0x1C * 4 + 2, old_segment);
}

static void test_wait(void)
{
    struct registers r;
    uint32_t first = ticks();

    call(&r, 0x15, 0x8600, 0, 0x0003, 0x0D40); /* 200,000 us: 3.64 ticks */
    expect(!carry(&r), "86h: works", r.flags);
    expect(ticks() - first >= 3 && ticks() - first <= 5 + late(), "86h: 0.2 s", ticks() - first);
}

static void test_setting(void)
{
    struct registers r;

    call(&r, 0x1A, 0x0300, 0, 0x2358, 0x3000); /* 23:58:30 */
    call(&r, 0x1A, 0x0500, 0, 0x2031, 0x1231); /* 31 December 2031 */
    call(&r, 0x1A, 0x0200, 0, 0, 0);
    expect(!carry(&r) && (r.ecx & 0xFFFF) == 0x2358, "03h: hour and minute", r.ecx);
    expect(high(r.edx) >= 0x30 && high(r.edx) <= 0x59, "03h: second", r.edx);
    call(&r, 0x1A, 0x0400, 0, 0, 0);
    expect(!carry(&r) && (r.ecx & 0xFFFF) == 0x2031, "05h: century and year", r.ecx);
    expect((r.edx & 0xFFFF) == 0x1231, "05h: month and day", r.edx);
    call(&r, 0x1A, 0x0100, 0, 0x0012, 0x3456);
    expect(ticks() >= 0x123456 && ticks() <= 0x123466 + late(), "01h: ticks", ticks());
}

void test_clock(void)
{
    struct registers r;

    call(&r, 0x1A, 0x0200, 0, 0, 0);
    expect(!carry(&r) && is_bcd(high(r.ecx), 0x23), "02h: hour", r.ecx);
    expect(is_bcd(low(r.ecx), 0x59) && is_bcd(high(r.edx), 0x59), "02h: minute, second", r.edx);
    call(&r, 0x1A, 0x0400, 0, 0, 0);
    expect(!carry(&r) && (high(r.ecx) == 0x20 || high(r.ecx) == 0x19), "04h: century", r.ecx);
    expect(is_bcd(high(r.edx), 0x12) && is_bcd(low(r.edx), 0x31), "04h: month, day", r.edx);
    test_ticks();
    test_wait();
    test_setting();
}
