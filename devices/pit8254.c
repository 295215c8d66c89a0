/* The 8254: counts and outputs are computed from tick numbers, never stepped.
 * SPDX-License-Identifier: MIT */
#include "devices/pit8254.h"
#include <stddef.h>

#include "devices/clock_ratio.h"
#include "devices/platform_map.h"

enum rw_mode { RW_LATCH, RW_LOW, RW_HIGH, RW_BOTH };

/* What a counter looks like at one tick. */
struct snapshot {
    uint32_t count;     /* 0..65535 binary, 0..9999 decimal */
    uint32_t out;       /* 0 or 1 */
    uint64_t next_edge; /* ticks until OUT changes next, >= 1, or PIT_NEVER */
};

static uint32_t mode_of(const struct pit_channel_state *channel)
{
    uint32_t mode = (channel->control >> 1) & 7;

    return mode > 5 ? mode - 4 : mode; /* 6 = 2, 7 = 3 */
}

static uint32_t is_periodic(const struct pit_channel_state *channel)
{
    return mode_of(channel) == 2 || mode_of(channel) == 3;
}

/* Modes 1 and 5 start at a rising GATE, whose level then does not matter. */
static uint32_t is_triggered(const struct pit_channel_state *channel)
{
    return mode_of(channel) == 1 || mode_of(channel) == 5;
}

static enum rw_mode rw_of(const struct pit_channel_state *channel)
{
    return (enum rw_mode)(channel->control >> 4 & 3);
}

static uint32_t modulus(const struct pit_channel_state *channel)
{
    return (channel->control & 1) ? 10000 : 65536;
}

/* The count register as a number of ticks: 0 is the largest count. */
static uint32_t register_ticks(const struct pit_channel_state *channel)
{
    uint32_t raw = channel->count_register;

    if (channel->control & 1) {
        raw = (raw >> 12) * 1000 + (raw >> 8 & 15) * 100 + (raw >> 4 & 15) * 10 + (raw & 15);
    }
    return raw ? raw : modulus(channel);
}

/* A number as the counting element shows it, in binary or decimal digits. */
static uint16_t element_digits(const struct pit_channel_state *channel, uint32_t count)
{
    count %= modulus(channel);
    if (channel->control & 1) {
        count = count / 1000 << 12 | count / 100 % 10 << 8 | count / 10 % 10 << 4 | count % 10;
    }
    return (uint16_t)count;
}

/* Modes 0, 1, 4, 5 count down through zero and go on; modes 0 and 1 raise OUT at zero, 4 and 5
 * lower it for that one tick. */
static struct snapshot look_one_shot(const struct pit_channel_state *channel, uint64_t elapsed)
{
    uint64_t n = channel->loaded;
    uint32_t m = modulus(channel);
    uint32_t strobes = mode_of(channel) >= 4;
    struct snapshot look;

    look.count = (uint32_t)((n % m + m - elapsed % m) % m);
    if (strobes) {
        look.out = elapsed != n;
        look.next_edge = elapsed < n ? n - elapsed : (elapsed == n ? 1 : PIT_NEVER);
    } else {
        look.out = elapsed >= n;
        look.next_edge = elapsed < n ? n - elapsed : PIT_NEVER;
    }
    return look;
}

static struct snapshot look_rate(const struct pit_channel_state *channel, uint64_t elapsed)
{
    uint64_t n = channel->loaded;
    uint64_t phase = elapsed % n;
    struct snapshot look = {.count = (uint32_t)(n - phase), .out = 1, .next_edge = PIT_NEVER};

    if (n > 1) {
        look.out = phase != n - 1;
        look.next_edge = look.out ? n - 1 - phase : 1;
    }
    return look;
}

/* Odd counts load N - 1 and stay high for one tick more. */
static struct snapshot look_square(const struct pit_channel_state *channel, uint64_t elapsed)
{
    uint64_t n = channel->loaded;
    uint64_t high = (n + 1) / 2;
    uint64_t phase = (elapsed % n + (channel->start_low ? high : 0)) % n;
    struct snapshot look = {.count = 1, .out = 1, .next_edge = PIT_NEVER};

    if (n > 1) {
        look.out = phase < high;
        look.next_edge = look.out ? high - phase : n - phase;
        look.count = (uint32_t)((n & ~1ull) - 2 * (look.out ? phase : phase - high));
    }
    return look;
}

/* One channel at tick `tick`, on condition that no load is due by then. */
static struct snapshot look_settled(const struct pit_channel_state *channel, uint64_t tick)
{
    struct snapshot idle = {
        .count = channel->held, .out = channel->held_out, .next_edge = PIT_NEVER};
    struct snapshot frozen;

    switch ((enum pit_run)channel->run) {
    case PIT_IDLE:
        return idle;
    case PIT_FROZEN:
        frozen = look_one_shot(channel, channel->elapsed);
        frozen.next_edge = PIT_NEVER;
        return frozen;
    case PIT_COUNTING:
        break;
    }
    switch (mode_of(channel)) {
    case 2:
        return look_rate(channel, tick - channel->start_tick);
    case 3:
        return look_square(channel, tick - channel->start_tick);
    default:
        return look_one_shot(channel, tick - channel->start_tick);
    }
}

/* The element as the bus sees it; IDLE already holds digits. */
static uint16_t shown_count(const struct pit_channel_state *channel, uint64_t tick)
{
    struct snapshot look = look_settled(channel, tick);

    return channel->run == PIT_IDLE ? channel->held : element_digits(channel, look.count);
}

/* Stop with the element and OUT as they are at `tick`. */
static void hold(struct pit_channel_state *channel, uint64_t tick)
{
    struct snapshot look = look_settled(channel, tick);

    channel->held = shown_count(channel, tick);
    channel->held_out = (uint8_t)look.out;
    channel->run = PIT_IDLE;
    channel->start_tick = 0;
    channel->elapsed = 0;
}

/* The count register moves into the counting element at load_tick. */
static void load(struct pit_channel_state *channel)
{
    uint64_t tick = channel->load_tick;
    uint32_t low = 0;

    if (channel->run == PIT_COUNTING && mode_of(channel) == 3) {
        low = look_settled(channel, tick - 1).out; /* the half period that ends here */
    }
    channel->load_tick = PIT_NEVER;
    channel->null_count = 0;
    channel->loaded = register_ticks(channel);
    channel->elapsed = 0;
    channel->start_low = (uint8_t)low;
    channel->held = 0;
    if (channel->gate || is_triggered(channel)) {
        channel->run = PIT_COUNTING;
        channel->start_tick = tick;
    } else if (is_periodic(channel)) {
        channel->run = PIT_IDLE;
        channel->start_tick = 0;
        channel->held = element_digits(channel, channel->loaded);
        channel->held_out = 1;
    } else {
        channel->run = PIT_FROZEN;
        channel->start_tick = 0;
    }
}

/* Carry out a load that is due by `tick`. A write settles the channel first; a look settles a
 * copy, so that looking changes nothing. */
static void settle(struct pit_channel_state *channel, uint64_t tick)
{
    if (channel->load_tick <= tick) {
        load(channel);
    }
}

static uint64_t tick_at(const struct pit *pit, uint64_t clock)
{
    return ticks_from_clock(clock, PIT_HZ, pit->clock_hz);
}

/* The first tick after `tick` at which OUT may change by itself, or PIT_NEVER. */
static uint64_t next_change(const struct pit_channel_state *channel, uint64_t tick)
{
    uint64_t edge = look_settled(channel, tick).next_edge;
    uint64_t next = edge == PIT_NEVER ? PIT_NEVER : tick + edge;

    return channel->load_tick < next ? channel->load_tick : next;
}

/* Drive IRQ0 as OUT is at `clock`; jitter holds a rising edge back. */
static void drive_out0(struct pit *pit, uint32_t level, uint64_t clock)
{
    struct timer_jitter_state *jitter = pit->jitter;
    uint32_t late = 0;

    if (jitter && jitter->random) {
        if (level && !jitter->level) {
            late = timer_jitter_next(jitter);
        }
        jitter->level = level;
        if (!level) {
            events_cancel(pit->events, EVENT_PIT_LATE);
        } else if (late) {
            events_post(pit->events, EVENT_PIT_LATE, clock + late);
        }
        level &= events_clock(pit->events, EVENT_PIT_LATE) == CLOCK_NEVER;
    }
    line_set(&pit->out0, level);
}

/* Drive IRQ0 as OUT is now, and come back at its next edge. */
static void follow_out0(struct pit *pit, uint64_t tick, uint64_t clock)
{
    const struct pit_channel_state *channel = &pit->state->channels[0];
    uint64_t next = next_change(channel, tick);

    drive_out0(pit, look_settled(channel, tick).out, clock);
    if (next == PIT_NEVER) {
        events_cancel(pit->events, EVENT_PIT_CHANNEL0);
    } else {
        events_post(pit->events, EVENT_PIT_CHANNEL0, clock_from_ticks(next, PIT_HZ, pit->clock_hz));
    }
}

static void latch_count(struct pit_channel_state *channel, uint64_t tick)
{
    if (channel->count_latches) {
        return; /* the first latch holds until it is read */
    }
    channel->latched_count = shown_count(channel, tick);
    channel->count_latches = rw_of(channel) == RW_BOTH ? 2 : 1;
}

static void latch_status(struct pit_channel_state *channel, uint64_t tick)
{
    if (channel->status_latched) {
        return;
    }
    channel->latched_status = (uint8_t)(look_settled(channel, tick).out << 7 |
                                        (uint32_t)channel->null_count << 6 | channel->control);
    channel->status_latched = 1;
}

/* A control word puts OUT in its initial state and waits for a count. */
static void write_mode(struct pit_channel_state *channel, uint8_t value, uint64_t tick)
{
    hold(channel, tick);
    channel->control = value & 0x3F;
    channel->held_out = mode_of(channel) != 0;
    channel->loaded = modulus(channel);
    channel->start_low = 0;
    channel->load_tick = PIT_NEVER;
    channel->count_written = 0;
    channel->null_count = 1;
    channel->write_high = 0;
    channel->write_low = 0;
    channel->read_high = 0;
    channel->count_latches = 0;
    channel->status_latched = 0;
}

static void write_control(struct pit *pit, uint8_t value, uint64_t tick)
{
    uint32_t select = value >> 6;

    if (select == 3) {
        for (uint32_t i = 0; i < PIT_CHANNELS; i++) {
            if (value >> 1 & 1u << i) {
                if (!(value & 0x20)) {
                    latch_count(&pit->state->channels[i], tick);
                }
                if (!(value & 0x10)) {
                    latch_status(&pit->state->channels[i], tick);
                }
            }
        }
    } else if ((value & 0x30) == 0) {
        latch_count(&pit->state->channels[select], tick);
    } else {
        write_mode(&pit->state->channels[select], value, tick);
    }
}

/* A whole count has arrived: when does the counting element take it? */
static void accept_count(struct pit_channel_state *channel, uint16_t count, uint64_t tick)
{
    uint64_t boundary = PIT_NEVER;

    channel->count_register = count;
    channel->count_written = 1;
    channel->null_count = 1;
    if (is_triggered(channel) || (channel->load_tick != PIT_NEVER)) {
        return; /* at the trigger; or already on its way */
    }
    if (channel->run != PIT_COUNTING || !is_periodic(channel)) {
        channel->load_tick = tick + 1;
        if (mode_of(channel) == 0) {
            hold(channel, tick);
            channel->held_out = 0;
        }
        return;
    }
    boundary = look_settled(channel, tick).next_edge;
    if (mode_of(channel) == 2 && boundary != PIT_NEVER && look_settled(channel, tick).out) {
        boundary++; /* the period ends one tick after OUT falls */
    }
    channel->load_tick = tick + (boundary == PIT_NEVER ? 1 : boundary);
}

static void write_count(struct pit_channel_state *channel, uint8_t value, uint64_t tick)
{
    switch (rw_of(channel)) {
    case RW_LOW:
        accept_count(channel, value, tick);
        break;
    case RW_HIGH:
        accept_count(channel, (uint16_t)(value << 8), tick);
        break;
    case RW_BOTH:
        if (channel->write_high) {
            channel->write_high = 0;
            accept_count(channel, (uint16_t)(value << 8 | channel->write_low), tick);
            channel->write_low = 0;
            break;
        }
        channel->write_high = 1;
        channel->write_low = value;
        if (mode_of(channel) == 0) { /* the first byte stops the counting */
            hold(channel, tick);
            channel->held_out = 0;
            channel->load_tick = PIT_NEVER;
        }
        break;
    case RW_LATCH: /* never stored in `control` */
        break;
    }
}

/* The byte order of reads of an unlatched and of a latched count is one flip-flop. */
static uint8_t read_count(struct pit_channel_state *channel, uint64_t tick)
{
    uint16_t count = channel->count_latches ? channel->latched_count : shown_count(channel, tick);
    uint32_t high = rw_of(channel) == RW_HIGH;

    if (channel->status_latched) {
        channel->status_latched = 0;
        return channel->latched_status;
    }
    if (rw_of(channel) == RW_BOTH) {
        high = channel->read_high;
        channel->read_high ^= 1;
    }
    if (channel->count_latches) {
        channel->count_latches--;
    }
    return (uint8_t)(high ? count >> 8 : count);
}

void pit_init(struct pit *pit, struct pit_state *state, struct events_state *events,
              struct line_wire out0, uint64_t clock_hz)
{
    pit->state = state;
    pit->events = events;
    pit->jitter = NULL;
    pit->out0 = out0;
    pit->clock_hz = clock_hz;
}

void pit_reset(struct pit *pit, uint64_t now)
{
    for (uint32_t i = 0; i < PIT_CHANNELS; i++) {
        struct pit_channel_state idle = {.load_tick = PIT_NEVER, .loaded = 65536};

        idle.control = RW_BOTH << 4 | 3 << 1;
        idle.held_out = 1;
        idle.gate = i != 2;
        idle.null_count = 1;
        pit->state->channels[i] = idle;
    }
    if (pit->jitter) { /* OUT is high from the start: no tick, nothing to be late */
        pit->jitter->level = pit->jitter->random != 0;
    }
    follow_out0(pit, tick_at(pit, now), now);
}

uint32_t pit_port_read(void *device, uint16_t port, uint32_t size, uint64_t now)
{
    struct pit *pit = device;
    uint64_t tick = tick_at(pit, now);
    struct pit_channel_state *channel;

    (void)size;
    if (port == PORT_PIT_CONTROL) {
        return 0xFF; /* write-only */
    }
    channel = &pit->state->channels[port & 3];
    settle(channel, tick);
    return read_count(channel, tick);
}

void pit_port_write(void *device, uint16_t port, uint32_t size, uint32_t value, uint64_t now)
{
    struct pit *pit = device;
    uint64_t tick = tick_at(pit, now);

    (void)size;
    for (uint32_t i = 0; i < PIT_CHANNELS; i++) {
        settle(&pit->state->channels[i], tick);
    }
    if (port == PORT_PIT_CONTROL) {
        write_control(pit, (uint8_t)value, tick);
    } else {
        write_count(&pit->state->channels[port & 3], (uint8_t)value, tick);
    }
    follow_out0(pit, tick, now);
}

/* Below 1.19 MHz one clock may hold several ticks: every edge in it is driven. */
void pit_event(struct pit *pit, uint64_t clock)
{
    struct pit_channel_state *channel = &pit->state->channels[0];
    uint64_t last = tick_at(pit, clock);
    uint64_t tick = clock ? tick_at(pit, clock - 1) : 0;

    for (uint64_t next = next_change(channel, tick); next <= last;
         next = next_change(channel, tick)) {
        tick = next;
        settle(channel, tick);
        drive_out0(pit, look_settled(channel, tick).out, clock);
    }
    follow_out0(pit, last, clock);
}

void pit_late_event(struct pit *pit)
{
    line_set(&pit->out0, 1);
}

static void gate_fell(struct pit_channel_state *channel, uint64_t tick)
{
    uint64_t elapsed = tick - channel->start_tick;

    if (channel->run != PIT_COUNTING || is_triggered(channel)) {
        return;
    }
    if (is_periodic(channel)) {
        hold(channel, tick);
        channel->held_out = 1;
        channel->load_tick = PIT_NEVER;
        return;
    }
    channel->run = PIT_FROZEN;
    channel->elapsed = elapsed;
    channel->start_tick = 0;
}

static void gate_rose(struct pit_channel_state *channel, uint64_t tick)
{
    if (is_triggered(channel) || is_periodic(channel)) {
        if (channel->count_written) {
            channel->load_tick = tick + 1;
        }
    } else if (channel->run == PIT_FROZEN) {
        channel->run = PIT_COUNTING;
        channel->start_tick = tick - channel->elapsed;
        channel->elapsed = 0;
    }
}

void pit_set_gate2(struct pit *pit, uint32_t level, uint64_t now)
{
    struct pit_channel_state *channel = &pit->state->channels[2];
    uint64_t tick = tick_at(pit, now);

    settle(channel, tick);
    if (level == channel->gate) {
        return;
    }
    channel->gate = (uint8_t)level;
    if (level) {
        gate_rose(channel, tick);
    } else {
        gate_fell(channel, tick);
    }
}

uint32_t pit_out(const struct pit *pit, uint32_t channel, uint64_t now)
{
    struct pit_channel_state copy = pit->state->channels[channel];
    uint64_t tick = tick_at(pit, now);

    settle(&copy, tick);
    return look_settled(&copy, tick).out;
}

uint16_t pit_count(const struct pit *pit, uint32_t channel, uint64_t now)
{
    struct pit_channel_state copy = pit->state->channels[channel];
    uint64_t tick = tick_at(pit, now);

    settle(&copy, tick);
    return shown_count(&copy, tick);
}

static const char *check_flags(const struct pit_channel_state *channel)
{
    if (channel->start_low > 1 || channel->held_out > 1 || channel->gate > 1 ||
        channel->count_written > 1 || channel->null_count > 1 || channel->write_high > 1 ||
        channel->read_high > 1 || channel->status_latched > 1 || channel->reserved[0] != 0) {
        return "timer: flag out of range";
    }
    if (channel->count_latches > (rw_of(channel) == RW_BOTH ? 2 : 1)) {
        return "timer: latched bytes out of range";
    }
    return 0;
}

static const char *check_channel(const struct pit_channel_state *channel)
{
    if (channel->control > 0x3F || rw_of(channel) == RW_LATCH) {
        return "timer: control word out of range";
    }
    if (channel->loaded < 1 || channel->loaded > ((channel->control & 1) ? 16665 : 65536)) {
        return "timer: count out of range";
    }
    if (channel->run > PIT_FROZEN || (channel->run == PIT_FROZEN && is_periodic(channel)) ||
        (channel->run != PIT_COUNTING && channel->start_tick != 0) ||
        (channel->run != PIT_FROZEN && channel->elapsed != 0)) {
        return "timer: counting state out of range";
    }
    return check_flags(channel);
}

const char *pit_check(const struct pit_state *state)
{
    for (uint32_t i = 0; i < PIT_CHANNELS; i++) {
        const char *wrong = check_channel(&state->channels[i]);

        if (wrong) {
            return wrong;
        }
        if (i != 2 && !state->channels[i].gate) {
            return "timer: gate of channel 0 or 1 is low";
        }
    }
    return 0;
}
