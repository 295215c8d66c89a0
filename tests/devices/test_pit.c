/* The 8254 at its registers: reading and writing counts, decimal counting, latches, read-back, and
 * channel 0 at IRQ0. See: Intel 82C54 data sheet, order 231244, "Read operations".
 * SPDX-License-Identifier: MIT */
#include "pit_fixture.h"

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

static void test_pit_readback_status_first_wins(void **context)
{
    (void)context;
    program2(0xB0, 5, 1);
    out(0x43, 0xE8, 103);
    out(0x43, 0xE8, 150); /* OUT is high by now */

    assert_int_equal(in(0x42, 150), 0x30);
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

/* Mode 3 in decimal with an odd count: 0011 is 11 = 6 + 5. */
static void test_pit_m3_bcd_odd(void **context)
{
    (void)context;
    uint64_t clocks[8];
    program2(0xB7, 0x0011, 1);

    assert_int_equal(pit_count(&pit, 2, 101), 0x0010);
    assert_int_equal(pit_count(&pit, 2, 102), 0x0008);
    assert_int_equal(edges(100, 118, clocks), 3);
    assert_int_equal(clocks[0], 107);
    assert_int_equal(clocks[1], 112);
    assert_int_equal(clocks[2], 118);
}

static void test_pit_latch_of_one_byte_counters(void **context)
{
    (void)context;
    pit_set_gate2(&pit, 1, 0);
    out(0x43, 0xA4, 100); /* most significant byte only */
    out(0x42, 0x30, 100);
    out(0x43, 0x80, 102);
    assert_int_equal(in(0x42, 5000), 0x2F);
    assert_int_equal(in(0x42, 5000), 0x1C); /* one byte was the whole latch */

    out(0x43, 0x94, 6000); /* least significant */
    out(0x42, 0x30, 6000);
    out(0x43, 0x80, 6003);
    assert_int_equal(in(0x42, 6010), 0x2E);
    assert_int_equal(in(0x42, 6010), 0x27);
}

/* A control word for the counter forgets what was latched. */
static void test_pit_control_word_unlatches(void **context)
{
    (void)context;
    program2(0xB4, 0x1234, 1);
    out(0x43, 0xC8, 102);

    program2(0xB4, 0x4321, 1);

    assert_int_equal(in(0x42, 101), 0x21);
    assert_int_equal(in(0x42, 101), 0x43);
}

static void test_pit_status_shows_out_and_word(void **context)
{
    (void)context;
    program2(0xB0, 5, 1);
    out(0x43, 0xE8, 105);
    assert_int_equal(in(0x42, 105), 0x30);
    out(0x43, 0xE8, 106);
    assert_int_equal(in(0x42, 106), 0xB0);

    out(0x43, 0x9F, 200); /* mode 7, decimal, low byte: shown as written */
    out(0x43, 0xE8, 200);
    assert_int_equal(in(0x42, 200), 0xDF);
}

/* Read-back with both bits set latches nothing. */
static void test_pit_readback_of_nothing(void **context)
{
    (void)context;
    program2(0xB4, 0x1234, 1);
    out(0x43, 0xF8, 102);

    assert_int_equal(in(0x42, 104), 0x31);
    assert_int_equal(in(0x42, 105), 0x12);
}

/* Null count while the second byte is missing, and until GATE starts a mode 1 counter. */
static void test_pit_null_count_until_the_trigger(void **context)
{
    (void)context;
    program2(0xB2, 9, 0);
    out(0x43, 0xE8, 150);
    assert_int_equal(in(0x42, 150), 0xF2);

    pit_set_gate2(&pit, 1, 200);
    out(0x43, 0xE8, 200);
    assert_int_equal(in(0x42, 200), 0xF2);
    out(0x43, 0xE8, 201);
    assert_int_equal(in(0x42, 201), 0x32);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
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
        CASE(test_pit_readback_status_first_wins),
        CASE(test_pit_clock_ratio_over_64_bits),
        CASE(test_pit_m3_bcd_odd),
        CASE(test_pit_latch_of_one_byte_counters),
        CASE(test_pit_control_word_unlatches),
        CASE(test_pit_status_shows_out_and_word),
        CASE(test_pit_readback_of_nothing),
        CASE(test_pit_null_count_until_the_trigger),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
