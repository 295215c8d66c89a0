/* The MC146818: time and flags are computed from the clock.
 * SPDX-License-Identifier: MIT */
#include "devices/cmos_rtc.h"
#include "devices/ata_pio.h"
#include "devices/clock_ratio.h"
#include "devices/platform_map.h"
#include "devices/rtc_time.h"
#include "devices/seeded.h"

#define A_UIP       0x80
#define A_DIVIDER   0x70
#define A_RUNNING   0x20 /* DV = 010: 32.768 kHz */
#define A_RATE      0x0F
#define B_SET       0x80
#define B_PERIODIC  0x40 /* bits 6..4 enable the flags of the same bits in C */
#define B_ALARM     0x20
#define B_UPDATE    0x10
#define B_SQUARE    0x08
#define B_BINARY    0x04
#define B_24_HOURS  0x02
#define C_IRQ       0x80
#define C_FLAGS     0x70
#define D_VALID     0x80
#define HOUR_PM     0x80
#define ALARM_ANY   0xC0
#define INDEX_MASK  0x7F
#define INDEX_NONMI 0x80

#define DIVIDER_HZ       32768
#define UIP_MICROSECONDS 2228 /* 244 before the update and 1984 of it */
#define BOOT_FROM_DISK   0x02

#define KIB 1024ull
#define MIB 1048576ull

static uint32_t divider_runs(const struct cmos_state *state)
{
    return (state->memory[CMOS_A] & A_DIVIDER) == A_RUNNING;
}

static uint32_t time_runs(const struct cmos_state *state)
{
    return divider_runs(state) && !(state->memory[CMOS_B] & B_SET);
}

/* Whole seconds of the divider chain at `clock`. */
static uint64_t divider_seconds(const struct cmos *cmos, uint64_t clock)
{
    return (clock - cmos->state->divider_clock) / cmos->clock_hz;
}

static uint64_t divider_ticks(const struct cmos *cmos, uint64_t clock)
{
    return ticks_from_clock(clock - cmos->state->divider_clock, DIVIDER_HZ, cmos->clock_hz);
}

/* Seconds since the year 0, while the time runs. */
static uint64_t time_seconds(const struct cmos *cmos, uint64_t clock)
{
    const struct cmos_state *state = cmos->state;

    return state->start_seconds + (divider_seconds(cmos, clock) - state->start_index);
}

static uint8_t encode(const struct cmos_state *state, uint32_t value)
{
    return (uint8_t)((state->memory[CMOS_B] & B_BINARY) ? value : value / 10 << 4 | value % 10);
}

static uint32_t decode(const struct cmos_state *state, uint8_t raw)
{
    return (state->memory[CMOS_B] & B_BINARY) ? raw : (raw >> 4) * 10u + (raw & 15u);
}

static uint8_t encode_hour(const struct cmos_state *state, uint32_t hour)
{
    if (state->memory[CMOS_B] & B_24_HOURS) {
        return encode(state, hour);
    }
    return (uint8_t)(encode(state, hour % 12 ? hour % 12 : 12) | (hour >= 12 ? HOUR_PM : 0));
}

static uint32_t decode_hour(const struct cmos_state *state, uint8_t raw)
{
    if (state->memory[CMOS_B] & B_24_HOURS) {
        return decode(state, raw);
    }
    return decode(state, raw & 0x7F) % 12 + ((raw & HOUR_PM) ? 12 : 0);
}

static uint32_t is_time_register(uint32_t index)
{
    return index == CMOS_SECOND || index == CMOS_MINUTE || index == CMOS_HOUR ||
           (index >= CMOS_WEEKDAY && index <= CMOS_YEAR) || index == CMOS_CENTURY;
}

/* A time register while the time runs. */
static uint8_t time_register(const struct cmos *cmos, uint32_t index, uint64_t now)
{
    const struct cmos_state *state = cmos->state;
    struct rtc_time time = rtc_time_from_seconds(time_seconds(cmos, now));

    switch (index) {
    case CMOS_SECOND:
        return encode(state, time.second);
    case CMOS_MINUTE:
        return encode(state, time.minute);
    case CMOS_HOUR:
        return encode_hour(state, time.hour);
    case CMOS_WEEKDAY:
        return encode(state, (time.weekday - 1 + state->weekday_shift) % 7 + 1);
    case CMOS_DAY:
        return encode(state, time.day);
    case CMOS_MONTH:
        return encode(state, time.month);
    case CMOS_YEAR:
        return encode(state, time.year % 100);
    default:
        return encode(state, time.year / 100);
    }
}

/* The time registers become memory, showing the time at `now`. */
static void stop_time(struct cmos *cmos, uint64_t now)
{
    for (uint32_t index = 0; index <= CMOS_CENTURY; index++) {
        if (is_time_register(index)) {
            cmos->state->memory[index] = time_register(cmos, index, now);
        }
    }
}

/* Run on from what the time registers hold. */
static void start_time(struct cmos *cmos, uint64_t now)
{
    struct cmos_state *state = cmos->state;
    const uint8_t *memory = state->memory;
    struct rtc_time time = {
        .second = decode(state, memory[CMOS_SECOND]),
        .minute = decode(state, memory[CMOS_MINUTE]),
        .hour = decode_hour(state, memory[CMOS_HOUR]),
        .day = decode(state, memory[CMOS_DAY]),
        .month = decode(state, memory[CMOS_MONTH]),
        .year =
            (decode(state, memory[CMOS_CENTURY]) * 100 + decode(state, memory[CMOS_YEAR])) % 10000,
    };
    uint32_t weekday = decode(state, memory[CMOS_WEEKDAY]);

    state->start_seconds = rtc_seconds_from_time(&time);
    state->start_index = divider_seconds(cmos, now);
    time = rtc_time_from_seconds(state->start_seconds);
    state->weekday_shift = (uint8_t)((weekday + 7 - time.weekday % 7) % 7);
    for (uint32_t index = 0; index <= CMOS_CENTURY; index++) {
        if (is_time_register(index)) {
            state->memory[index] = 0;
        }
    }
}

/* Whether an alarm byte (already decoded) admits `value`. */
static uint32_t alarm_admits(uint8_t raw, uint32_t decoded, uint32_t value)
{
    return raw >= ALARM_ANY || decoded == value;
}

/* Seconds from time of day `from` to the next alarm, 1..86400, or 0 if there is none. */
static uint32_t seconds_to_alarm(const struct cmos_state *state, uint32_t from)
{
    const uint8_t *memory = state->memory;
    uint32_t hour = decode_hour(state, memory[CMOS_HOUR_ALARM]);
    uint32_t minute = decode(state, memory[CMOS_MINUTE_ALARM]);
    uint32_t second = decode(state, memory[CMOS_SECOND_ALARM]);

    for (uint32_t start = from + 1; start <= from + RTC_DAY_SECONDS;) {
        uint32_t of_day = start % RTC_DAY_SECONDS;
        uint32_t of_minute = of_day % 60;

        if (!alarm_admits(memory[CMOS_HOUR_ALARM], hour, of_day / 3600)) {
            start += 3600 - of_day % 3600;
        } else if (!alarm_admits(memory[CMOS_MINUTE_ALARM], minute, of_day / 60 % 60)) {
            start += 60 - of_minute;
        } else if (memory[CMOS_SECOND_ALARM] >= ALARM_ANY || second == of_minute) {
            return start - from;
        } else if (second < 60 && second > of_minute) {
            start += second - of_minute;
        } else {
            start += 60 - of_minute;
        }
    }
    return 0;
}

/* Ticks of the divider from one periodic flag to the next, 0 = never. */
static uint32_t periodic_ticks(const struct cmos_state *state)
{
    uint32_t rate = state->memory[CMOS_A] & A_RATE;

    if (rate == 0 || !divider_runs(state)) {
        return 0;
    }
    return rate < 3 ? 1u << (rate + 6) : 1u << (rate - 1);
}

/* The flags of register C that came up after settled_clock and by `now`. */
static uint8_t new_flags(const struct cmos *cmos, uint64_t now)
{
    const struct cmos_state *state = cmos->state;
    uint64_t settled = state->settled_clock;
    uint32_t period = periodic_ticks(state);
    uint64_t seconds = divider_seconds(cmos, now) - divider_seconds(cmos, settled);
    uint8_t flags = 0;
    uint32_t alarm;

    if (period && divider_ticks(cmos, now) / period != divider_ticks(cmos, settled) / period) {
        flags |= B_PERIODIC;
    }
    if (time_runs(state) && seconds) {
        flags |= B_UPDATE;
        alarm = seconds_to_alarm(state, (uint32_t)(time_seconds(cmos, settled) % RTC_DAY_SECONDS));
        flags |= alarm && alarm <= seconds ? B_ALARM : 0;
    }
    return flags;
}

static void settle(struct cmos *cmos, uint64_t now)
{
    cmos->state->memory[CMOS_C] |= new_flags(cmos, now);
    cmos->state->settled_clock = now;
}

static void post(struct cmos *cmos, enum event_id id, uint64_t clock, uint64_t now)
{
    if (clock == CLOCK_NEVER || clock <= now) { /* not representable */
        events_cancel(cmos->events, id);
    } else {
        events_post(cmos->events, id, clock);
    }
}

/* Events for what is enabled and not flagged yet; the state is settled at `now`. */
static void post_events(struct cmos *cmos, uint64_t now)
{
    const struct cmos_state *state = cmos->state;
    uint8_t awaited = state->memory[CMOS_B] & (uint8_t)~state->memory[CMOS_C];
    uint32_t period = periodic_ticks(state);
    uint64_t periodic = CLOCK_NEVER;
    uint64_t second = CLOCK_NEVER;
    uint32_t wait = 0;

    if ((awaited & B_PERIODIC) && period) {
        uint64_t next = (divider_ticks(cmos, now) / period + 1) * period;

        periodic = state->divider_clock + clock_from_ticks(next, DIVIDER_HZ, cmos->clock_hz);
    }
    if (time_runs(state) && (awaited & B_ALARM)) {
        wait = seconds_to_alarm(state, (uint32_t)(time_seconds(cmos, now) % RTC_DAY_SECONDS));
    }
    if (time_runs(state) && (awaited & B_UPDATE)) {
        wait = 1;
    }
    if (wait) {
        second = state->divider_clock + (divider_seconds(cmos, now) + wait) * cmos->clock_hz;
    }
    post(cmos, EVENT_RTC_PERIODIC, periodic, now);
    post(cmos, EVENT_RTC_UPDATE, second, now);
}

/* IRQF as bit 7 of register C. */
static uint8_t irq_flag(const struct cmos_state *state)
{
    return (state->memory[CMOS_B] & state->memory[CMOS_C] & C_FLAGS) ? C_IRQ : 0;
}

static void settled_and_changed(struct cmos *cmos, uint64_t now)
{
    line_set(&cmos->irq, irq_flag(cmos->state) != 0);
    post_events(cmos, now);
}

static uint8_t read_flags(struct cmos *cmos, uint64_t now)
{
    uint8_t value;

    settle(cmos, now);
    value = cmos->state->memory[CMOS_C] | irq_flag(cmos->state);
    cmos->state->memory[CMOS_C] = 0;
    settled_and_changed(cmos, now);
    return value;
}

/* Registers A and B: time stops or starts, the divider starts half a second before an update. */
static void write_control(struct cmos *cmos, uint32_t index, uint8_t value, uint64_t now)
{
    struct cmos_state *state = cmos->state;
    uint32_t ran = time_runs(state);
    uint32_t divided = divider_runs(state);

    if (index == CMOS_B && (value & B_SET)) {
        value &= (uint8_t)~B_UPDATE;
    }
    if (ran && (index == CMOS_A ? (value & A_DIVIDER) != A_RUNNING : (value & B_SET))) {
        stop_time(cmos, now); /* in the old format */
    }
    state->memory[index] = index == CMOS_A ? value & (uint8_t)~A_UIP : value;
    if (!divided && divider_runs(state)) {
        state->divider_clock = now - cmos->clock_hz / 2;
    }
    if (!ran && time_runs(state)) {
        start_time(cmos, now);
    }
}

static void write_memory(struct cmos *cmos, uint32_t index, uint8_t value, uint64_t now)
{
    struct cmos_state *state = cmos->state;
    uint32_t runs = time_runs(state);

    if (runs && is_time_register(index)) {
        stop_time(cmos, now);
        state->memory[index] = value;
        start_time(cmos, now);
    } else {
        state->memory[index] = value;
    }
}

static void write_data(struct cmos *cmos, uint32_t index, uint8_t value, uint64_t now)
{
    if (index == CMOS_C || index == CMOS_D) {
        return; /* read-only */
    }
    if (index > CMOS_D && index != CMOS_CENTURY) {
        cmos->state->memory[index] = value;
        return;
    }
    settle(cmos, now);
    if (index == CMOS_A || index == CMOS_B) {
        write_control(cmos, index, value, now);
    } else {
        write_memory(cmos, index, value, now);
    }
    settled_and_changed(cmos, now);
}

static void fill_word(uint8_t *memory, uint32_t index, uint64_t value)
{
    uint64_t most = value > 0xFFFF ? 0xFFFF : value;

    memory[index] = (uint8_t)most;
    memory[index + 1] = (uint8_t)(most >> 8);
}

/* A disk's type: 12h has its nibble, Fh = see 19h/1Ah; there 2Fh = 47, geometry in nine bytes:
 * cylinders, heads, first cylinder with write precompensation (none), control byte (bit 3: more
 * than eight heads), landing zone, sectors per track. */
static void fill_disk(uint8_t *memory, uint32_t disk, uint32_t sectors)
{
    struct ata_geometry geometry = ata_geometry(sectors);
    uint32_t at = CMOS_DISK_GEOMETRY + 9 * disk;

    if (sectors == 0) {
        return;
    }
    memory[CMOS_DISKS] |= disk ? 0x0F : 0xF0;
    memory[CMOS_DISK_TYPES + disk] = 0x2F;
    fill_word(memory, at, geometry.cylinders);
    memory[at + 2] = geometry.heads;
    fill_word(memory, at + 3, 0xFFFF);
    memory[at + 5] = geometry.heads > 8 ? 0xC8 : 0xC0;
    fill_word(memory, at + 6, geometry.cylinders);
    memory[at + 8] = geometry.sectors;
}

/* What firmware would have left in a machine with this much RAM, these disks and no floppies. */
static void fill_memory(struct cmos *cmos)
{
    uint8_t *memory = cmos->state->memory;
    uint64_t ram = cmos->ram_bytes;
    uint32_t sum = 0;

    fill_word(memory, CMOS_BASE_KIB, ram < MIB ? ram / KIB : 640);
    fill_word(memory, CMOS_EXTENDED_KIB, ram > MIB ? (ram - MIB) / KIB : 0);
    fill_word(memory, CMOS_EXTENDED_KIB_2, ram > MIB ? (ram - MIB) / KIB : 0);
    fill_word(memory, CMOS_ABOVE_16_MIB, ram > 16 * MIB ? (ram - 16 * MIB) / (64 * KIB) : 0);
    memory[CMOS_BOOT_ORDER] = BOOT_FROM_DISK;
    fill_disk(memory, 0, cmos->disks[0]);
    fill_disk(memory, 1, cmos->disks[1]);
    for (uint32_t index = 0x10; index < CMOS_CHECKSUM; index++) {
        sum += memory[index];
    }
    memory[CMOS_CHECKSUM] = (uint8_t)(sum >> 8);
    memory[CMOS_CHECKSUM + 1] = (uint8_t)sum;
}

/* What the battery has kept since before power-on: bytes nobody else has, and the time's own phase.
 */
static void take_seed(struct cmos *cmos)
{
    struct cmos_state *state = cmos->state;
    uint64_t bytes = seeded_word(cmos->seed, SEEDED_CMOS);

    for (uint32_t i = 0; i < 8; i++) {
        state->memory[CMOS_SEED + i] = (uint8_t)(bytes >> 8 * i);
    }
    state->divider_clock -= seeded_word(cmos->seed, SEEDED_RTC_PHASE) % cmos->clock_hz;
}

void cmos_init(struct cmos *cmos, const struct cmos *wires)
{
    *cmos = *wires;
}

void cmos_reset(struct cmos *cmos, uint64_t now)
{
    struct cmos_state *state = cmos->state;

    if (!(state->memory[CMOS_D] & D_VALID)) {
        struct cmos_state fresh = {.divider_clock = now};

        fresh.start_seconds =
            (cmos->epoch % RTC_SECONDS_TOTAL + RTC_SECONDS_TO_1970) % RTC_SECONDS_TOTAL;
        fresh.memory[CMOS_A] = A_RUNNING | 6;
        fresh.memory[CMOS_B] = B_24_HOURS;
        fresh.memory[CMOS_D] = D_VALID;
        *state = fresh;
        fill_memory(cmos);
        if (cmos->seed) {
            take_seed(cmos);
        }
    }
    state->memory[CMOS_B] &= (uint8_t) ~(B_PERIODIC | B_ALARM | B_UPDATE | B_SQUARE);
    state->memory[CMOS_C] = 0;
    state->settled_clock = now;
    state->index = 0;
    settled_and_changed(cmos, now);
}

uint8_t cmos_peek(const struct cmos *cmos, uint32_t index, uint64_t now)
{
    const struct cmos_state *state = cmos->state;
    uint64_t phase = (now - state->divider_clock) % cmos->clock_hz;
    uint64_t uip = ticks_from_clock(UIP_MICROSECONDS, cmos->clock_hz, 1000000);
    uint8_t flags;

    if (index == CMOS_A) {
        return (uint8_t)(state->memory[CMOS_A] |
                         (time_runs(state) && phase >= cmos->clock_hz - uip ? A_UIP : 0));
    }
    if (index == CMOS_C) {
        flags = state->memory[CMOS_C] | new_flags(cmos, now);
        return (uint8_t)(flags | ((flags & state->memory[CMOS_B]) ? C_IRQ : 0));
    }
    if (is_time_register(index) && time_runs(state)) {
        return time_register(cmos, index, now);
    }
    return state->memory[index];
}

uint32_t cmos_port_read(void *device, uint16_t port, uint32_t size, uint64_t now)
{
    struct cmos *cmos = device;
    uint32_t index = cmos->state->index & INDEX_MASK;

    (void)size;
    if (port == PORT_CMOS_INDEX) {
        return 0xFF; /* write-only */
    }
    return index == CMOS_C ? read_flags(cmos, now) : cmos_peek(cmos, index, now);
}

void cmos_port_write(void *device, uint16_t port, uint32_t size, uint32_t value, uint64_t now)
{
    struct cmos *cmos = device;

    (void)size;
    if (port == PORT_CMOS_INDEX) {
        cmos->state->index = (uint8_t)value;
    } else {
        write_data(cmos, cmos->state->index & INDEX_MASK, (uint8_t)value, now);
    }
}

void cmos_event(struct cmos *cmos, uint64_t clock)
{
    settle(cmos, clock);
    settled_and_changed(cmos, clock);
}

uint32_t cmos_nmi_masked(const struct cmos_state *state)
{
    return (state->index & INDEX_NONMI) != 0;
}

const char *cmos_check(const struct cmos_state *state)
{
    uint8_t rest = 0;

    for (uint32_t i = 0; i < sizeof(state->reserved); i++) {
        rest |= state->reserved[i];
    }
    if ((state->memory[CMOS_A] & A_UIP) || (state->memory[CMOS_C] & ~C_FLAGS) ||
        state->memory[CMOS_D] != D_VALID || rest) {
        return "clock: register out of range";
    }
    if (state->weekday_shift > 6 || state->start_seconds >= RTC_SECONDS_TOTAL) {
        return "clock: time out of range";
    }
    return 0;
}
