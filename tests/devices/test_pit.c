/* The 8254 at its registers. Most tests let one clock be one tick of 1.193182 MHz.
 * See: Intel 82C54 data sheet, order 231244, "Mode definitions".
 * SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "devices/clock_ratio.h"
#include "devices/pit8254.h"

static struct pit_state state;
static struct events_state events;
static struct pit pit;
static uint32_t irq0;      /* level of the line */
static uint32_t irq0_rise; /* rising edges so far */

static void set_irq0(void *context, uint32_t number, uint32_t level)
{
    (void)context;
    (void)number;
    irq0_rise += level && !irq0;
    irq0 = level;
}

static void start(uint64_t clock_hz)
{
    struct line_wire wire = {set_irq0, NULL, 0};

    memset(&state, 0, sizeof(state));
    events_reset(&events);
    irq0 = 1;
    irq0_rise = 0;
    pit_init(&pit, &state, &events, wire, clock_hz);
    pit_reset(&pit, 0);
}

static int setup(void **context)
{
    (void)context;
    start(1193182);
    return 0;
}

static void out(uint16_t port, uint32_t value, uint64_t now)
{
    pit_port_write(&pit, port, 1, value, now);
}

static uint32_t in(uint16_t port, uint64_t now)
{
    return pit_port_read(&pit, port, 1, now);
}

static void run_events(uint64_t now)
{
    enum event_id id;
    uint64_t clock;

    while (events_take_due(&events, now, &id, &clock)) {
        pit_event(&pit, clock);
    }
}

/* Channel 2 in `control`, both count bytes written at clock 100: loaded at 101. */
static void program2(uint32_t control, uint32_t count, uint32_t gate)
{
    pit_set_gate2(&pit, gate, 90);
    out(0x43, control, 100);
    out(0x42, count & 0xFF, 100);
    out(0x42, count >> 8, 100);
}

/* The clocks after `first` at which OUT2 changes; returns how many (at most 8). */
static uint32_t edges(uint64_t first, uint64_t last, uint64_t *clocks)
{
    uint32_t count = 0;
    uint32_t level = pit_out(&pit, 2, first);

    for (uint64_t now = first + 1; now <= last && count < 8; now++) {
        if (pit_out(&pit, 2, now) != level) {
            level ^= 1;
            clocks[count++] = now;
        }
    }
    return count;
}

static void test_pit_m0_out_rises_after_n_plus_1(void **context)
{
    (void)context;
    program2(0xB0, 5, 1);

    assert_int_equal(pit_out(&pit, 2, 100), 0);
    assert_int_equal(pit_out(&pit, 2, 105), 0);
    assert_int_equal(pit_out(&pit, 2, 106), 1);
    assert_int_equal(pit_out(&pit, 2, 100000), 1);
}

static void test_pit_m0_gate_low_pauses(void **context)
{
    (void)context;
    program2(0xB0, 5, 1);
    pit_set_gate2(&pit, 0, 103); /* 3 left */

    assert_int_equal(pit_count(&pit, 2, 500), 3);
    pit_set_gate2(&pit, 1, 1000);

    assert_int_equal(pit_out(&pit, 2, 1002), 0);
    assert_int_equal(pit_out(&pit, 2, 1003), 1);
}

static void test_pit_m0_count_loaded_with_gate_low(void **context)
{
    (void)context;
    program2(0xB0, 5, 0);

    assert_int_equal(pit_count(&pit, 2, 200), 5);
    pit_set_gate2(&pit, 1, 300);

    assert_int_equal(pit_out(&pit, 2, 304), 0);
    assert_int_equal(pit_out(&pit, 2, 305), 1); /* N, not N + 1, after the gate */
}

static void test_pit_m0_first_byte_stops_and_drives_low(void **context)
{
    (void)context;
    program2(0xB0, 5, 1);
    assert_int_equal(pit_out(&pit, 2, 110), 1);

    out(0x42, 0x10, 110);

    assert_int_equal(pit_out(&pit, 2, 110), 0);
    assert_int_equal(pit_count(&pit, 2, 110), 0xFFFC);
    assert_int_equal(pit_count(&pit, 2, 150), 0xFFFC);
    out(0x42, 0x00, 200);
    assert_int_equal(pit_count(&pit, 2, 201), 0x0010);
    assert_int_equal(pit_out(&pit, 2, 216), 0);
    assert_int_equal(pit_out(&pit, 2, 217), 1);
}

static void test_pit_m1_one_shot(void **context)
{
    (void)context;
    program2(0xB2, 4, 0);
    assert_int_equal(pit_out(&pit, 2, 150), 1);

    pit_set_gate2(&pit, 1, 200);

    assert_int_equal(pit_out(&pit, 2, 200), 1);
    assert_int_equal(pit_out(&pit, 2, 201), 0);
    assert_int_equal(pit_out(&pit, 2, 204), 0);
    assert_int_equal(pit_out(&pit, 2, 205), 1);
}

static void test_pit_m1_retrigger(void **context)
{
    (void)context;
    program2(0xB2, 10, 0);
    pit_set_gate2(&pit, 1, 200);
    pit_set_gate2(&pit, 0, 204);

    pit_set_gate2(&pit, 1, 206);

    assert_int_equal(pit_out(&pit, 2, 216), 0);
    assert_int_equal(pit_out(&pit, 2, 217), 1);
}

static void test_pit_m1_new_count_at_next_trigger(void **context)
{
    (void)context;
    program2(0xB2, 10, 0);
    pit_set_gate2(&pit, 1, 200);
    out(0x42, 3, 203);
    out(0x42, 0, 203);

    assert_int_equal(pit_out(&pit, 2, 210), 0);
    assert_int_equal(pit_out(&pit, 2, 211), 1);
    pit_set_gate2(&pit, 0, 220);
    pit_set_gate2(&pit, 1, 230);
    assert_int_equal(pit_out(&pit, 2, 233), 0);
    assert_int_equal(pit_out(&pit, 2, 234), 1);
}

static void test_pit_m2_low_one_clock_in_n(void **context)
{
    (void)context;
    uint64_t clocks[8];
    program2(0xB4, 3, 1);

    assert_int_equal(edges(100, 110, clocks), 6);
    assert_int_equal(clocks[0], 103);
    assert_int_equal(clocks[1], 104);
    assert_int_equal(clocks[2], 106);
    assert_int_equal(clocks[3], 107);
}

static void test_pit_m2_counts_n_to_1(void **context)
{
    (void)context;
    program2(0xB4, 3, 1);

    assert_int_equal(pit_count(&pit, 2, 101), 3);
    assert_int_equal(pit_count(&pit, 2, 102), 2);
    assert_int_equal(pit_count(&pit, 2, 103), 1);
    assert_int_equal(pit_count(&pit, 2, 104), 3);
}

static void test_pit_m2_reload_while_counting(void **context)
{
    (void)context;
    uint64_t clocks[8];
    program2(0xB4, 10, 1);
    out(0x42, 4, 105);
    out(0x42, 0, 105);

    assert_int_equal(edges(105, 117, clocks), 4);
    assert_int_equal(clocks[0], 110); /* the old period ends first */
    assert_int_equal(clocks[1], 111);
    assert_int_equal(clocks[2], 114);
    assert_int_equal(clocks[3], 115);
}

static void test_pit_m2_reload_while_out_low(void **context)
{
    (void)context;
    program2(0xB4, 10, 1);
    out(0x42, 4, 110); /* OUT is low in tick 110 */
    out(0x42, 0, 110);

    assert_int_equal(pit_count(&pit, 2, 111), 4);
}

static void test_pit_m2_gate_low_forces_high_and_rise_reloads(void **context)
{
    (void)context;
    program2(0xB4, 5, 1);
    assert_int_equal(pit_out(&pit, 2, 105), 0);

    pit_set_gate2(&pit, 0, 105);
    assert_int_equal(pit_out(&pit, 2, 105), 1);
    assert_int_equal(pit_count(&pit, 2, 200), 1);
    pit_set_gate2(&pit, 1, 300);

    assert_int_equal(pit_count(&pit, 2, 301), 5);
    assert_int_equal(pit_out(&pit, 2, 304), 1);
    assert_int_equal(pit_out(&pit, 2, 305), 0);
}

static void test_pit_m3_even(void **context)
{
    (void)context;
    uint64_t clocks[8];
    program2(0xB6, 6, 1);

    assert_int_equal(edges(100, 113, clocks), 4);
    assert_int_equal(clocks[0], 104);
    assert_int_equal(clocks[1], 107);
    assert_int_equal(clocks[2], 110);
    assert_int_equal(clocks[3], 113);
}

static void test_pit_m3_odd(void **context)
{
    (void)context;
    uint64_t clocks[8];
    program2(0xB6, 5, 1);

    assert_int_equal(edges(100, 111, clocks), 4);
    assert_int_equal(clocks[0], 104); /* 3 high */
    assert_int_equal(clocks[1], 106); /* 2 low */
    assert_int_equal(clocks[2], 109);
    assert_int_equal(clocks[3], 111);
}

static void test_pit_m3_decrements_by_2(void **context)
{
    (void)context;
    program2(0xB6, 5, 1);

    assert_int_equal(pit_count(&pit, 2, 101), 4);
    assert_int_equal(pit_count(&pit, 2, 102), 2);
    assert_int_equal(pit_count(&pit, 2, 103), 0);
    assert_int_equal(pit_count(&pit, 2, 104), 4);
    assert_int_equal(pit_count(&pit, 2, 105), 2);
    assert_int_equal(pit_count(&pit, 2, 106), 4);
}

static void test_pit_m3_reload_at_half_period(void **context)
{
    (void)context;
    uint64_t clocks[8];
    program2(0xB6, 20, 1);
    out(0x42, 6, 105);
    out(0x42, 0, 105);

    assert_int_equal(edges(105, 120, clocks), 4);
    assert_int_equal(clocks[0], 111); /* high half of 20 */
    assert_int_equal(clocks[1], 114); /* low half of 6 */
    assert_int_equal(clocks[2], 117);
    assert_int_equal(clocks[3], 120);
}

static void test_pit_m4_software_strobe(void **context)
{
    (void)context;
    uint64_t clocks[8];
    program2(0xB8, 4, 1);

    assert_int_equal(edges(100, 70000, clocks), 2);
    assert_int_equal(clocks[0], 105);
    assert_int_equal(clocks[1], 106);
}

static void test_pit_m4_restart_by_new_count(void **context)
{
    (void)context;
    uint64_t clocks[8];
    program2(0xB8, 10, 1);
    out(0x42, 10, 108);
    assert_int_equal(pit_count(&pit, 2, 108), 3);
    out(0x42, 0, 108);

    assert_int_equal(edges(108, 200, clocks), 2);
    assert_int_equal(clocks[0], 119);
}

static void test_pit_m5_hardware_strobe(void **context)
{
    (void)context;
    program2(0xBA, 4, 0);
    pit_set_gate2(&pit, 1, 200);
    pit_set_gate2(&pit, 0, 202); /* the level does not matter */

    assert_int_equal(pit_out(&pit, 2, 204), 1);
    assert_int_equal(pit_out(&pit, 2, 205), 0);
    assert_int_equal(pit_out(&pit, 2, 206), 1);
}

static void test_pit_wrap_binary(void **context)
{
    (void)context;
    program2(0xB0, 2, 1);

    assert_int_equal(pit_count(&pit, 2, 103), 0);
    assert_int_equal(pit_count(&pit, 2, 104), 0xFFFF);
    assert_int_equal(pit_count(&pit, 2, 104 + 65536), 0xFFFF);
}

static void test_pit_wrap_bcd(void **context)
{
    (void)context;
    program2(0xB1, 0x0010, 1);

    assert_int_equal(pit_count(&pit, 2, 102), 0x0009);
    assert_int_equal(pit_count(&pit, 2, 112), 0x9999);
    assert_int_equal(pit_out(&pit, 2, 110), 0);
    assert_int_equal(pit_out(&pit, 2, 111), 1);
}

static void test_pit_bcd_zero_is_10000(void **context)
{
    (void)context;
    program2(0xB5, 0, 1);

    assert_int_equal(pit_count(&pit, 2, 101), 0x0000);
    assert_int_equal(pit_count(&pit, 2, 102), 0x9999);
    assert_int_equal(pit_out(&pit, 2, 10100), 0);
    assert_int_equal(pit_out(&pit, 2, 10101), 1);
}

static void test_pit_zero_is_65536(void **context)
{
    (void)context;
    program2(0xB4, 0, 1);

    assert_int_equal(pit_count(&pit, 2, 101), 0);
    assert_int_equal(pit_count(&pit, 2, 102), 0xFFFF);
    assert_int_equal(pit_out(&pit, 2, 65636), 0);
    assert_int_equal(pit_out(&pit, 2, 65637), 1);
}

static void test_pit_mode67_alias(void **context)
{
    (void)context;
    uint64_t clocks[8];
    program2(0xBC, 3, 1); /* 6 = 2 */
    assert_int_equal(edges(100, 104, clocks), 2);
    assert_int_equal(clocks[0], 103);

    program2(0xBE, 4, 1); /* 7 = 3 */
    assert_int_equal(edges(100, 105, clocks), 2);
    assert_int_equal(clocks[1], 105);
}

static void test_pit_rw_lsb(void **context)
{
    (void)context;
    pit_set_gate2(&pit, 1, 0);
    out(0x43, 0x94, 100);
    out(0x42, 0x30, 100);

    assert_int_equal(pit_count(&pit, 2, 101), 0x0030);
    assert_int_equal(in(0x42, 102), 0x2F);
    assert_int_equal(in(0x42, 103), 0x2E);
}

static void test_pit_rw_msb(void **context)
{
    (void)context;
    pit_set_gate2(&pit, 1, 0);
    out(0x43, 0xA4, 100);
    out(0x42, 0x30, 100);

    assert_int_equal(pit_count(&pit, 2, 101), 0x3000);
    assert_int_equal(in(0x42, 102), 0x2F);
}

static void test_pit_rw_lsbmsb_flip_flop(void **context)
{
    (void)context;
    program2(0xB4, 0x1234, 1);

    assert_int_equal(in(0x42, 101), 0x34);
    assert_int_equal(in(0x42, 101), 0x12);
    assert_int_equal(in(0x42, 102), 0x33);
    assert_int_equal(in(0x42, 102), 0x12);
}

static void test_pit_latch_first_wins_until_read(void **context)
{
    (void)context;
    program2(0xB4, 0x1234, 1);
    out(0x43, 0x80, 102);
    out(0x43, 0x80, 110);

    assert_int_equal(in(0x42, 120), 0x33);
    out(0x43, 0x80, 121); /* half read: still latched */
    assert_int_equal(in(0x42, 122), 0x12);
    assert_int_equal(in(0x42, 153), 0x00); /* live again: 1200h */
}

static void test_pit_readback_count(void **context)
{
    (void)context;
    program2(0xB4, 0x1234, 1);
    out(0x43, 0xD8, 103); /* count of channel 2 */

    assert_int_equal(in(0x42, 200), 0x32);
    assert_int_equal(in(0x42, 200), 0x12);
}

static void test_pit_readback_status(void **context)
{
    (void)context;
    program2(0xB4, 0x1234, 1);
    out(0x43, 0xE8, 100); /* not loaded yet */
    assert_int_equal(in(0x42, 100), 0xF4);

    out(0x43, 0xE8, 101);

    assert_int_equal(in(0x42, 101), 0xB4);
}

static void test_pit_readback_both_status_first(void **context)
{
    (void)context;
    program2(0xB0, 0x1234, 1);
    out(0x43, 0xC8, 103);

    assert_int_equal(in(0x42, 200), 0x30);
    assert_int_equal(in(0x42, 200), 0x32);
    assert_int_equal(in(0x42, 200), 0x12);
}

static void test_pit_readback_all_channels(void **context)
{
    (void)context;
    out(0x43, 0x14, 50);
    program2(0xB0, 0x1234, 1);
    out(0x43, 0xEE, 103);

    assert_int_equal(in(0x40, 200), 0xD4); /* control word without a count: null */
    assert_int_equal(in(0x41, 200), 0xF6);
    assert_int_equal(in(0x42, 200), 0x30);
}

static void test_pit_null_count(void **context)
{
    (void)context;
    program2(0xB4, 10, 1);
    out(0x42, 20, 103);
    out(0x42, 0, 103); /* goes in at 111 */
    out(0x43, 0xE8, 110);
    assert_int_equal(in(0x42, 110) & 0x40, 0x40);

    out(0x43, 0xE8, 111);

    assert_int_equal(in(0x42, 111) & 0x40, 0);
}

static void test_pit_irq0_edge_mode2(void **context)
{
    (void)context;
    out(0x43, 0x34, 100);
    out(0x40, 10, 100);
    out(0x40, 0, 100);

    run_events(110);
    assert_int_equal(irq0, 0);
    assert_int_equal(irq0_rise, 0);
    run_events(111);
    assert_int_equal(irq0, 1);
    assert_int_equal(irq0_rise, 1);
    run_events(201);
    assert_int_equal(irq0_rise, 10);
}

static void test_pit_irq0_mode0_is_one_event_pair(void **context)
{
    (void)context;
    out(0x43, 0x30, 100);
    out(0x40, 10, 100);
    out(0x40, 0, 100);
    assert_int_equal(irq0, 0);

    run_events(1000);

    assert_int_equal(irq0, 1);
    assert_int_equal(irq0_rise, 1);
    assert_true(events_next_clock(&events) == CLOCK_NEVER);
}

static void test_pit_irq0_no_drift_at_100_mhz(void **context)
{
    (void)context;
    start(100000000);
    out(0x43, 0x34, 0);
    out(0x40, 11932 & 0xFF, 0); /* 100 Hz, nearly */
    out(0x40, 11932 >> 8, 0);

    run_events(100000000ull * 3600);

    /* floor((3600 * 1193182 - 1) / 11932) */
    assert_int_equal(irq0_rise, 359994);
}

static void test_pit_irq0_several_ticks_in_one_clock(void **context)
{
    (void)context;
    start(1000);
    out(0x43, 0x14, 0);
    out(0x40, 100, 0);

    run_events(1000);

    assert_int_equal(irq0_rise, 11931); /* floor((1193182 - 1) / 100) */
}

static void test_pit_same_state_however_often_events_run(void **context)
{
    (void)context;
    struct pit_state at_once;
    start(100000000);
    out(0x43, 0x36, 1000);
    out(0x40, 0x00, 1000);
    out(0x40, 0x10, 2000);
    run_events(5000000);
    at_once = state;

    start(100000000);
    out(0x43, 0x36, 1000);
    out(0x40, 0x00, 1000);
    out(0x40, 0x10, 2000);
    for (uint64_t now = 2001; now <= 5000000; now += 501) {
        run_events(now);
        (void)pit_out(&pit, 0, now);
        (void)pit_count(&pit, 2, now);
    }
    run_events(5000000);

    assert_memory_equal(&at_once, &state, sizeof(state));
}

static void test_pit_gate2_only_channel_2(void **context)
{
    (void)context;
    out(0x43, 0x34, 100);
    out(0x40, 10, 100);
    out(0x40, 0, 100);

    pit_set_gate2(&pit, 0, 101);

    assert_int_equal(pit_count(&pit, 0, 103), 8);
}

static void test_pit_reprogram_clears_flipflop(void **context)
{
    (void)context;
    out(0x43, 0xB4, 100);
    out(0x42, 0x77, 100);

    program2(0xB4, 0x1234, 1);

    assert_int_equal(pit_count(&pit, 2, 101), 0x1234);
}

static void test_pit_control_word_alone_stops(void **context)
{
    (void)context;
    program2(0xB4, 10, 1);
    out(0x43, 0xB4, 105);

    assert_int_equal(pit_count(&pit, 2, 1000), 6);
    assert_int_equal(pit_out(&pit, 2, 1000), 1);
}

static void test_pit_count_1_keeps_out_high(void **context)
{
    (void)context;
    out(0x43, 0x34, 100);
    out(0x40, 1, 100);
    out(0x40, 0, 100);
    run_events(200);

    assert_int_equal(irq0_rise, 0);
    assert_true(events_next_clock(&events) == CLOCK_NEVER);
}

static void test_pit_check_rejects_zero_count(void **context)
{
    (void)context;
    assert_null(pit_check(&state));

    state.channels[1].loaded = 0;

    assert_string_equal(pit_check(&state), "timer: count out of range");
}

static void test_pit_m2_count_written_with_gate_low(void **context)
{
    (void)context;
    program2(0xB4, 5, 0);
    assert_int_equal(pit_count(&pit, 2, 200), 5);
    assert_int_equal(pit_out(&pit, 2, 205), 1);

    pit_set_gate2(&pit, 1, 300);

    assert_int_equal(pit_out(&pit, 2, 304), 1);
    assert_int_equal(pit_out(&pit, 2, 305), 0);
}

static void test_pit_readback_status_first_wins(void **context)
{
    (void)context;
    program2(0xB0, 5, 1);
    out(0x43, 0xE8, 103);
    out(0x43, 0xE8, 150); /* OUT is high by now */

    assert_int_equal(in(0x42, 150), 0x30);
}

static void test_pit_m0_elapsed_count_resumes_after_gate(void **context)
{
    (void)context;
    program2(0xB0, 5, 1);
    pit_set_gate2(&pit, 0, 120); /* OUT is high since 106 */
    assert_int_equal(pit_out(&pit, 2, 200), 1);

    pit_set_gate2(&pit, 1, 300);

    assert_int_equal(pit_out(&pit, 2, 300), 1);
    assert_int_equal(pit_count(&pit, 2, 301), 0xFFF1); /* 5 - 20 */
}

static void test_pit_clock_ratio_over_64_bits(void **context)
{
    (void)context;

    assert_true(ticks_from_clock(1ull << 63, 1193182, 1193182) == 1ull << 63);
    assert_true(ticks_from_clock(100000000ull << 32, 1193182, 100000000) == 1193182ull << 32);
    assert_true(clock_from_ticks(1193182ull << 32, 1193182, 100000000) == 100000000ull << 32);
    assert_true(clock_from_ticks(1ull << 63, 1193182, 100000000) == UINT64_MAX);
    assert_true(clock_from_ticks(3, 2, 1) == 2);
}

#define CASE(name) cmocka_unit_test_setup(name, setup)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(test_pit_m0_out_rises_after_n_plus_1),
        CASE(test_pit_m0_gate_low_pauses),
        CASE(test_pit_m0_count_loaded_with_gate_low),
        CASE(test_pit_m0_first_byte_stops_and_drives_low),
        CASE(test_pit_m1_one_shot),
        CASE(test_pit_m1_retrigger),
        CASE(test_pit_m1_new_count_at_next_trigger),
        CASE(test_pit_m2_low_one_clock_in_n),
        CASE(test_pit_m2_counts_n_to_1),
        CASE(test_pit_m2_reload_while_counting),
        CASE(test_pit_m2_reload_while_out_low),
        CASE(test_pit_m2_gate_low_forces_high_and_rise_reloads),
        CASE(test_pit_m3_even),
        CASE(test_pit_m3_odd),
        CASE(test_pit_m3_decrements_by_2),
        CASE(test_pit_m3_reload_at_half_period),
        CASE(test_pit_m4_software_strobe),
        CASE(test_pit_m4_restart_by_new_count),
        CASE(test_pit_m5_hardware_strobe),
        CASE(test_pit_wrap_binary),
        CASE(test_pit_wrap_bcd),
        CASE(test_pit_bcd_zero_is_10000),
        CASE(test_pit_zero_is_65536),
        CASE(test_pit_mode67_alias),
        CASE(test_pit_rw_lsb),
        CASE(test_pit_rw_msb),
        CASE(test_pit_rw_lsbmsb_flip_flop),
        CASE(test_pit_latch_first_wins_until_read),
        CASE(test_pit_readback_count),
        CASE(test_pit_readback_status),
        CASE(test_pit_readback_both_status_first),
        CASE(test_pit_readback_all_channels),
        CASE(test_pit_null_count),
        CASE(test_pit_irq0_edge_mode2),
        CASE(test_pit_irq0_mode0_is_one_event_pair),
        CASE(test_pit_irq0_no_drift_at_100_mhz),
        CASE(test_pit_irq0_several_ticks_in_one_clock),
        CASE(test_pit_same_state_however_often_events_run),
        CASE(test_pit_gate2_only_channel_2),
        CASE(test_pit_reprogram_clears_flipflop),
        CASE(test_pit_control_word_alone_stops),
        CASE(test_pit_count_1_keeps_out_high),
        CASE(test_pit_check_rejects_zero_count),
        CASE(test_pit_m2_count_written_with_gate_low),
        CASE(test_pit_readback_status_first_wins),
        CASE(test_pit_m0_elapsed_count_resumes_after_gate),
        CASE(test_pit_clock_ratio_over_64_bits),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
