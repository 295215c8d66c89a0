/* The six modes of the 8254: when OUT changes, what GATE and a new count do.
 * See: Intel 82C54 data sheet, order 231244, "Mode definitions".
 * SPDX-License-Identifier: MIT */
#include "pit_fixture.h"

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

static void test_pit_m1_bcd_and_count_while_idle(void **context)
{
    (void)context;
    program2(0xB3, 0x0012, 0); /* decimal 12 */
    assert_int_equal(pit_out(&pit, 2, 150), 1);

    pit_set_gate2(&pit, 1, 200);

    assert_int_equal(pit_count(&pit, 2, 201), 0x0012);
    assert_int_equal(pit_count(&pit, 2, 204), 0x0009);
    assert_int_equal(pit_out(&pit, 2, 212), 0);
    assert_int_equal(pit_out(&pit, 2, 213), 1);
}

/* "GATE = 0 disables counting": OUT stays high, and a rising GATE starts with the whole count. */
static void test_pit_m3_gate_low_forces_high_and_rise_reloads(void **context)
{
    (void)context;
    uint64_t clocks[8];
    program2(0xB6, 6, 1);
    assert_int_equal(pit_out(&pit, 2, 105), 0);

    pit_set_gate2(&pit, 0, 105);
    assert_int_equal(pit_out(&pit, 2, 105), 1);
    assert_int_equal(pit_out(&pit, 2, 250), 1);
    pit_set_gate2(&pit, 1, 300);

    assert_int_equal(edges(300, 311, clocks), 3);
    assert_int_equal(clocks[0], 304); /* loaded at 301 */
    assert_int_equal(clocks[1], 307);
    assert_int_equal(clocks[2], 310);
}

/* A count written while OUT is low waits for the end of that half. */
static void test_pit_m3_reload_in_the_low_half(void **context)
{
    (void)context;
    uint64_t clocks[8];
    program2(0xB6, 20, 1);
    out(0x42, 6, 115);
    out(0x42, 0, 115);

    assert_int_equal(edges(115, 130, clocks), 4);
    assert_int_equal(clocks[0], 121);
    assert_int_equal(clocks[1], 124);
    assert_int_equal(clocks[2], 127);
    assert_int_equal(clocks[3], 130);
}

/* From an even to an odd count: 4 high and 3 low of 7. */
static void test_pit_m3_reload_from_even_to_odd(void **context)
{
    (void)context;
    uint64_t clocks[8];
    program2(0xB6, 4, 1);
    out(0x42, 7, 104); /* OUT is low in 103 and 104 */
    out(0x42, 0, 104);

    assert_int_equal(edges(104, 120, clocks), 5);
    assert_int_equal(clocks[0], 105);
    assert_int_equal(clocks[1], 109);
    assert_int_equal(clocks[2], 112);
    assert_int_equal(clocks[3], 116);
    assert_int_equal(clocks[4], 119);
}

static void test_pit_m4_gate_low_pauses(void **context)
{
    (void)context;
    program2(0xB8, 5, 1);
    pit_set_gate2(&pit, 0, 103); /* 3 left */
    assert_int_equal(pit_count(&pit, 2, 400), 3);

    pit_set_gate2(&pit, 1, 500);

    assert_int_equal(pit_out(&pit, 2, 502), 1);
    assert_int_equal(pit_out(&pit, 2, 503), 0);
    assert_int_equal(pit_out(&pit, 2, 504), 1);
}

/* "Writing the first byte has no effect on counting" in mode 4. */
static void test_pit_m4_first_byte_does_not_stop(void **context)
{
    (void)context;
    program2(0xB8, 10, 1);
    out(0x42, 50, 105);

    assert_int_equal(pit_out(&pit, 2, 110), 1);
    assert_int_equal(pit_out(&pit, 2, 111), 0);
}

static void test_pit_m5_retrigger(void **context)
{
    (void)context;
    program2(0xBA, 10, 0);
    pit_set_gate2(&pit, 1, 200);
    pit_set_gate2(&pit, 0, 204);

    pit_set_gate2(&pit, 1, 206);

    assert_int_equal(pit_out(&pit, 2, 211), 1);
    assert_int_equal(pit_out(&pit, 2, 216), 1);
    assert_int_equal(pit_out(&pit, 2, 217), 0);
    assert_int_equal(pit_out(&pit, 2, 218), 1);
}

static void test_pit_m5_new_count_at_next_trigger(void **context)
{
    (void)context;
    program2(0xBA, 10, 0);
    pit_set_gate2(&pit, 1, 200);
    out(0x42, 3, 203);
    out(0x42, 0, 203);

    assert_int_equal(pit_out(&pit, 2, 211), 0);
    pit_set_gate2(&pit, 0, 220);
    pit_set_gate2(&pit, 1, 230);
    assert_int_equal(pit_out(&pit, 2, 233), 1);
    assert_int_equal(pit_out(&pit, 2, 234), 0);
}

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
        CASE(test_pit_m2_count_written_with_gate_low),
        CASE(test_pit_m0_elapsed_count_resumes_after_gate),
        CASE(test_pit_m1_bcd_and_count_while_idle),
        CASE(test_pit_m3_gate_low_forces_high_and_rise_reloads),
        CASE(test_pit_m3_reload_in_the_low_half),
        CASE(test_pit_m3_reload_from_even_to_odd),
        CASE(test_pit_m4_gate_low_pauses),
        CASE(test_pit_m4_first_byte_does_not_stop),
        CASE(test_pit_m5_retrigger),
        CASE(test_pit_m5_new_count_at_next_trigger),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
