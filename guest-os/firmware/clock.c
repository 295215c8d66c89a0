/* Timer interrupt, waiting, INT 1Ah: ticks and the real-time clock.
 * Channel 0 of the 8254 counts 65536 units of 838 ns in mode 2, 18.2 ticks a second.
 * SPDX-License-Identifier: MIT */
#include "devices/platform_map.h"
#include "firmware/firmware.h"

#define PIT_CHANNEL0_RATE 0x34 /* both bytes, mode 2 */
#define PIT_CHANNEL0_STOP 0x30 /* mode 0: waits for a count that does not come */
#define PIT_LATCH         0x00
#define TICKS_PER_DAY     0x1800B0

#define RTC_SECOND   0x00
#define RTC_MINUTE   0x02
#define RTC_HOUR     0x04
#define RTC_DAY      0x07
#define RTC_MONTH    0x08
#define RTC_YEAR     0x09
#define RTC_A        0x0A
#define RTC_B        0x0B
#define RTC_CENTURY  0x32
#define RTC_UPDATING 0x80
#define RTC_SET      0x80
#define RTC_24_HOURS 0x02

/* 1.193182 units a microsecond, times 2^31. */
#define UNITS_PER_US 2562339034u

void pit_start(void)
{
    port_write8(PORT_PIT_CONTROL, PIT_CHANNEL0_RATE);
    port_write8(PORT_PIT_CHANNEL0, 0);
    port_write8(PORT_PIT_CHANNEL0, 0);
}

void pit_stop(void)
{
    port_write8(PORT_PIT_CONTROL, PIT_CHANNEL0_STOP);
}

uint32_t clock_ticks(void)
{
    return BDA->ticks;
}

/* ---- waiting ---- */

static uint32_t pit_count(void)
{
    uint32_t low;

    port_write8(PORT_PIT_CONTROL, PIT_LATCH);
    low = port_read8(PORT_PIT_CHANNEL0);
    return low | (uint32_t)port_read8(PORT_PIT_CHANNEL0) << 8;
}

static uint32_t us_to_units(uint32_t microseconds)
{
    uint32_t high, low;

    __asm__("mull %3" : "=d"(high), "=a"(low) : "1"(microseconds), "r"(UNITS_PER_US));
    return high << 1 | low >> 31;
}

/* Sleeps through whole ticks and watches the counter for the rest. Each tick wakes, so one round
 * takes a period at most; a sleep that ends on the count it began with took exactly one. */
void clock_wait_us(uint32_t microseconds)
{
    uint32_t left = us_to_units(microseconds);
    uint32_t last = pit_count();

    while (left) {
        bool sleep = left > last;
        uint32_t count, passed;

        if (sleep) {
            wait_for_interrupt();
        }
        count = pit_count();
        passed = last - count;
        if (count > last || (sleep && count == last)) {
            passed += PIT_UNITS_PER_TICK;
        }
        left = passed < left ? left - passed : 0;
        last = count;
    }
}

/* ---- IRQ 0 ---- */

void clock_tick(struct frame *frame)
{
    (void)frame;
    BDA->ticks++;
    if (BDA->ticks >= TICKS_PER_DAY) {
        BDA->ticks = 0;
        BDA->midnight = 1;
    }
    call_user_tick();
    port_write8(PORT_PIC_MASTER_COMMAND, 0x20);
}

/* ---- the real-time clock ---- */

/* A second in which an update can begin is avoided: the registers are steady afterwards. */
static void rtc_wait_steady(void)
{
    while (cmos_read(RTC_A) & RTC_UPDATING) {}
}

static uint32_t from_bcd(uint8_t value)
{
    return (value >> 4) * 10u + (value & 15u);
}

/* Ticks since midnight: 1193182 / 65536 a second, which is 18 + 13534 / 65536. */
void clock_initialise(void)
{
    uint32_t seconds, sixty;

    cmos_write(RTC_B, RTC_24_HOURS);
    rtc_wait_steady();
    seconds = from_bcd(cmos_read(RTC_SECOND));
    sixty = from_bcd(cmos_read(RTC_HOUR)) * 60 + from_bcd(cmos_read(RTC_MINUTE));
    seconds += sixty * 60;
    BDA->ticks = seconds * 18 + seconds * 13534 / 65536;
    cmos_read(0x0D); /* leaves the index at a register without side effects */
}

static void rtc_read_time(struct frame *frame)
{
    rtc_wait_steady();
    frame->c.h = cmos_read(RTC_HOUR);
    frame->c.l = cmos_read(RTC_MINUTE);
    frame->d.h = cmos_read(RTC_SECOND);
    frame->d.l = cmos_read(RTC_B) & 1;
}

static void rtc_read_date(struct frame *frame)
{
    rtc_wait_steady();
    frame->c.h = cmos_read(RTC_CENTURY);
    frame->c.l = cmos_read(RTC_YEAR);
    frame->d.h = cmos_read(RTC_MONTH);
    frame->d.l = cmos_read(RTC_DAY);
}

static void rtc_set_time(const struct frame *frame)
{
    uint8_t b = cmos_read(RTC_B) & 0x78;

    cmos_write(RTC_B, b | RTC_24_HOURS | RTC_SET);
    cmos_write(RTC_HOUR, frame->c.h);
    cmos_write(RTC_MINUTE, frame->c.l);
    cmos_write(RTC_SECOND, frame->d.h);
    cmos_write(RTC_B, (uint8_t)(b | RTC_24_HOURS | (frame->d.l & 1)));
}

static void rtc_set_date(const struct frame *frame)
{
    uint8_t b = cmos_read(RTC_B);

    cmos_write(RTC_B, b | RTC_SET);
    cmos_write(RTC_CENTURY, frame->c.h);
    cmos_write(RTC_YEAR, frame->c.l);
    cmos_write(RTC_MONTH, frame->d.h);
    cmos_write(RTC_DAY, frame->d.l);
    cmos_write(RTC_B, b & (uint8_t)~RTC_SET);
}

void clock_service(struct frame *frame)
{
    uint8_t function = frame->a.h;

    frame->flags &= (uint16_t)~FLAG_CARRY;
    switch (function) {
    case 0x00:
        frame->a.l = BDA->midnight;
        frame->c.x = (uint16_t)(BDA->ticks >> 16);
        frame->d.x = (uint16_t)BDA->ticks;
        BDA->midnight = 0;
        break;
    case 0x01:
        BDA->ticks = (uint32_t)frame->c.x << 16 | frame->d.x;
        BDA->midnight = 0;
        break;
    case 0x02:
        rtc_read_time(frame);
        break;
    case 0x03:
        rtc_set_time(frame);
        break;
    case 0x04:
        rtc_read_date(frame);
        break;
    case 0x05:
        rtc_set_date(frame);
        break;
    default:
        frame->flags |= FLAG_CARRY;
        break;
    }
    if (function >= 0x02 && function <= 0x05) {
        frame->a.h = 0;
    }
}
