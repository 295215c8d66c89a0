/* The MC146818 clock and CMOS memory at ports 70h and 71h; it starts at Saturday 2001-02-03
 * 04:05:06.
 * See: Motorola MC146818A data sheet.
 * SPDX-License-Identifier: MIT */
#include "devices/rtc_time.h"
#include "pc_fixture.h"

static uint32_t get(struct fixture *f, uint32_t index, uint64_t now)
{
    out8(f, 0x70, index, now);
    return in8(f, 0x71, now);
}

static void put(struct fixture *f, uint32_t index, uint32_t value, uint64_t now)
{
    out8(f, 0x70, index, now);
    out8(f, 0x71, value, now);
}

static void check_time(struct fixture *f, uint64_t now, uint32_t date, uint32_t time)
{
    assert_int_equal(get(f, 9, now) << 16 | get(f, 8, now) << 8 | get(f, 7, now), date);
    assert_int_equal(get(f, 4, now) << 16 | get(f, 2, now) << 8 | get(f, 0, now), time);
}

static void test_rtc_starts_at_epoch_in_bcd(void **context)
{
    struct fixture *f = *context;

    check_time(f, 0, 0x010203, 0x040506);
    assert_int_equal(get(f, 0x32, 0), 0x20);
    assert_int_equal(get(f, 6, 0), 7); /* Saturday */
}

static void test_rtc_counts_seconds(void **context)
{
    struct fixture *f = *context;

    assert_int_equal(get(f, 0, SECOND - 1), 0x06);
    assert_int_equal(get(f, 0, SECOND), 0x07);
    check_time(f, 86400 * SECOND, 0x010204, 0x040506);
}

static void test_rtc_leap_year(void **context)
{
    struct fixture *f = *context;
    put(f, 0x0B, 0x82, 0);
    put(f, 9, 0x04, 0);
    put(f, 8, 0x02, 0);
    put(f, 7, 0x28, 0);
    put(f, 4, 0x23, 0);
    put(f, 2, 0x59, 0);
    put(f, 0, 0x59, 0);
    put(f, 0x0B, 0x02, 0);

    check_time(f, SECOND, 0x040229, 0x000000);
    check_time(f, 86401 * SECOND, 0x040301, 0x000000);
}

static void test_rtc_century_rolls_over(void **context)
{
    struct fixture *f = *context;
    put(f, 0x0B, 0x82, 0);
    put(f, 0x32, 0x19, 0);
    put(f, 9, 0x99, 0);
    put(f, 8, 0x12, 0);
    put(f, 7, 0x31, 0);
    put(f, 4, 0x23, 0);
    put(f, 2, 0x59, 0);
    put(f, 0, 0x59, 0);
    put(f, 0x0B, 0x02, 0);

    check_time(f, SECOND, 0x000101, 0x000000);
    assert_int_equal(get(f, 0x32, SECOND), 0x20);
}

static void test_rtc_binary(void **context)
{
    struct fixture *f = *context;

    put(f, 0x0B, 0x06, 0);

    assert_int_equal(get(f, 9, 20 * SECOND), 1);
    assert_int_equal(get(f, 0, 20 * SECOND), 26);
    assert_int_equal(get(f, 0x32, 20 * SECOND), 20);
}

static void test_rtc_12_hours(void **context)
{
    struct fixture *f = *context;
    put(f, 0x0B, 0x00, 0);

    assert_int_equal(get(f, 4, 0), 0x04);
    assert_int_equal(get(f, 4, 8 * 3600 * SECOND), 0x92);  /* 12 PM */
    assert_int_equal(get(f, 4, 9 * 3600 * SECOND), 0x81);  /* 1 PM */
    assert_int_equal(get(f, 4, 20 * 3600 * SECOND), 0x12); /* 12 AM */
}

static void test_rtc_set_stops_updates(void **context)
{
    struct fixture *f = *context;

    put(f, 0x0B, 0x82, SECOND / 2);
    assert_int_equal(get(f, 0, 10 * SECOND), 0x06);
    put(f, 0x0B, 0x02, 10 * SECOND + SECOND / 2);

    assert_int_equal(get(f, 0, 11 * SECOND - 1), 0x06);
    assert_int_equal(get(f, 0, 11 * SECOND), 0x07);
}

static void test_rtc_time_written_while_running(void **context)
{
    struct fixture *f = *context;

    put(f, 4, 0x12, 100);

    check_time(f, 100, 0x010203, 0x120506);
    check_time(f, SECOND, 0x010203, 0x120507);
}

static void test_rtc_weekday_is_independent_of_the_date(void **context)
{
    struct fixture *f = *context;

    put(f, 6, 3, 0);

    assert_int_equal(get(f, 6, 0), 3);
    assert_int_equal(get(f, 6, 86400 * SECOND), 4);
}

static void test_rtc_uip_before_the_update(void **context)
{
    struct fixture *f = *context;

    assert_int_equal(get(f, 0x0A, SECOND - 222801), 0x26);
    assert_int_equal(get(f, 0x0A, SECOND - 222800), 0xA6);
    assert_int_equal(get(f, 0x0A, SECOND - 1), 0xA6);
    assert_int_equal(get(f, 0x0A, SECOND), 0x26);
}

static void test_rtc_divider_reset_starts_half_a_second_before_the_update(void **context)
{
    struct fixture *f = *context;
    put(f, 0x0A, 0x76, 300);
    assert_int_equal(get(f, 0, 5 * SECOND), 0x06);

    put(f, 0x0A, 0x26, 5 * SECOND);

    assert_int_equal(get(f, 0, 5 * SECOND + SECOND / 2 - 1), 0x06);
    assert_int_equal(get(f, 0, 5 * SECOND + SECOND / 2), 0x07);
}

static void test_rtc_update_flag_without_interrupt(void **context)
{
    struct fixture *f = *context;
    put(f, 0x0A, 0x20, 0);
    get(f, 0x0C, 0);

    assert_int_equal(get(f, 0x0C, SECOND - 1), 0x00);
    assert_int_equal(get(f, 0x0C, SECOND), 0x10);
    assert_int_equal(get(f, 0x0C, SECOND), 0x00);
    assert_true(f->next_event == CLOCK_NEVER);
}

static void test_rtc_update_interrupt(void **context)
{
    struct fixture *f = *context;
    open_interrupts(f);
    put(f, 0x0B, 0x12, 0);
    assert_int_equal(f->next_event, SECOND);

    pc_run_events(f->pc, SECOND);

    assert_int_equal(pc_interrupt_acknowledge(f->pc, SECOND), 0x28);
    assert_int_equal(get(f, 0x0C, SECOND), 0xD0); /* the periodic flag came up too */
    assert_int_equal(f->next_event, 2 * SECOND);
}

static void test_rtc_no_event_until_acknowledged(void **context)
{
    struct fixture *f = *context;
    put(f, 0x0B, 0x12, 0);

    pc_run_events(f->pc, SECOND);

    assert_true(f->next_event == CLOCK_NEVER);
}

static void test_rtc_periodic_1024_hz(void **context)
{
    struct fixture *f = *context;
    open_interrupts(f);
    put(f, 0x0B, 0x42, 0);
    assert_int_equal(f->next_event, 97657); /* 97656.25 clocks */

    pc_run_events(f->pc, 97657);

    assert_int_equal(f->interrupt_line, 1);
    assert_int_equal(get(f, 0x0C, 97657), 0xC0);
    assert_int_equal(f->interrupt_line, 0);
    assert_int_equal(f->next_event, 195313); /* 195312.5 */
}

static void test_rtc_periodic_counts_1024_a_second(void **context)
{
    struct fixture *f = *context;
    uint32_t count = 0;
    put(f, 0x0B, 0x42, 0);

    while (f->next_event <= 10 * SECOND) {
        uint64_t now = f->next_event;

        pc_run_events(f->pc, now);
        count += get(f, 0x0C, now) >> 7;
    }

    assert_int_equal(count, 10240);
}

static void test_rtc_periodic_rate_1_is_256_hz(void **context)
{
    struct fixture *f = *context;
    put(f, 0x0A, 0x21, 0);

    put(f, 0x0B, 0x42, 0);

    assert_int_equal(f->next_event, 390625);
}

static void test_rtc_periodic_rate_15_is_2_hz(void **context)
{
    struct fixture *f = *context;
    put(f, 0x0A, 0x2F, 0);

    put(f, 0x0B, 0x42, 0);

    assert_int_equal(f->next_event, SECOND / 2);
}

static void test_rtc_alarm_interrupt(void **context)
{
    struct fixture *f = *context;
    put(f, 5, 0x04, 0);
    put(f, 3, 0x06, 0);
    put(f, 1, 0x00, 0);
    get(f, 0x0C, 0);

    put(f, 0x0B, 0x22, 0);

    assert_int_equal(f->next_event, 54 * SECOND);
    pc_run_events(f->pc, 54 * SECOND);
    assert_int_equal(get(f, 0x0C, 54 * SECOND) & 0xA0, 0xA0);
    assert_int_equal(f->next_event, (54 + 86400) * SECOND);
}

static void test_rtc_alarm_any(void **context)
{
    struct fixture *f = *context;
    put(f, 5, 0xC0, 0);
    put(f, 3, 0xFF, 0);
    put(f, 1, 0x10, 0);

    put(f, 0x0B, 0x22, 0);

    assert_int_equal(f->next_event, 4 * SECOND);
}

static void test_rtc_alarm_impossible_has_no_event(void **context)
{
    struct fixture *f = *context;
    put(f, 5, 0x04, 0);
    put(f, 3, 0x06, 0);
    put(f, 1, 0x75, 0);

    put(f, 0x0B, 0x22, 0);

    assert_true(f->next_event == CLOCK_NEVER);
}

static void test_rtc_alarm_in_the_evening_12_hours(void **context)
{
    struct fixture *f = *context;
    put(f, 0x0B, 0x00, 0);
    put(f, 5, 0x84, 0); /* 4 PM */
    put(f, 3, 0x05, 0);
    put(f, 1, 0x06, 0);

    put(f, 0x0B, 0x20, 0);

    assert_int_equal(f->next_event, 12 * 3600 * SECOND);
}

static void test_rtc_set_clears_update_enable(void **context)
{
    struct fixture *f = *context;

    put(f, 0x0B, 0x92, 0);

    assert_int_equal(get(f, 0x0B, 0), 0x82);
}

static void test_rtc_registers_c_and_d_are_read_only(void **context)
{
    struct fixture *f = *context;

    put(f, 0x0C, 0xFF, 0);
    put(f, 0x0D, 0x00, 0);

    assert_int_equal(get(f, 0x0C, 0), 0x00);
    assert_int_equal(get(f, 0x0D, 0), 0x80);
}

static void test_cmos_memory_size_bytes(void **context)
{
    struct fixture *f = *context;

    assert_int_equal(get(f, 0x15, 0) | get(f, 0x16, 0) << 8, 640);
    assert_int_equal(get(f, 0x17, 0) | get(f, 0x18, 0) << 8, 64512);
    assert_int_equal(get(f, 0x30, 0) | get(f, 0x31, 0) << 8, 64512);
    assert_int_equal(get(f, 0x34, 0) | get(f, 0x35, 0) << 8, 768);
}

static void test_cmos_checksum(void **context)
{
    struct fixture *f = *context;
    uint32_t sum = 0;

    for (uint32_t index = 0x10; index < 0x2E; index++) {
        sum += get(f, index, 0);
    }

    assert_int_equal(get(f, 0x2E, 0) << 8 | get(f, 0x2F, 0), sum);
}

static void test_cmos_memory_and_time_survive_reset(void **context)
{
    struct fixture *f = *context;
    put(f, 0x40, 0x5A, 0);
    put(f, 0x0B, 0x72, 0);

    pc_reset(f->pc, 10 * SECOND);

    assert_int_equal(get(f, 0x40, 10 * SECOND), 0x5A);
    assert_int_equal(get(f, 0, 10 * SECOND), 0x16);
    assert_int_equal(get(f, 0x0B, 10 * SECOND), 0x02);
}

static void test_nmi_port70(void **context)
{
    struct fixture *f = *context;

    out8(f, 0x70, 0x8F, 0);
    assert_int_equal(cmos_nmi_masked(&f->state.cmos), 1);
    out8(f, 0x70, 0x0F, 0);

    assert_int_equal(cmos_nmi_masked(&f->state.cmos), 0);
}

static void test_rtc_looking_changes_nothing(void **context)
{
    struct fixture *f = *context;
    struct cmos_state before = f->state.cmos;

    assert_int_equal(pc_cmos_peek(f->pc, 0x0C, SECOND), 0x50);
    assert_int_equal(pc_cmos_peek(f->pc, 0x00, SECOND), 0x07);

    assert_memory_equal(&before, &f->state.cmos, sizeof(before));
}

static void test_cmos_check_rejects_weekday(void **context)
{
    struct fixture *f = *context;

    f->state.cmos.weekday_shift = 7;

    assert_string_equal(pc_check(&f->state), "clock: time out of range");
}

static void test_rtc_every_day_of_ten_thousand_years(void **context)
{
    struct rtc_time before = {.weekday = 6};
    (void)context;

    for (uint64_t day = 0; day < 3652425; day++) {
        struct rtc_time time = rtc_time_from_seconds(day * 86400 + 3661);

        assert_true(rtc_seconds_from_time(&time) == day * 86400 + 3661);
        assert_true(time.weekday == before.weekday % 7 + 1);
        assert_true(time.day == before.day + 1 || time.day == 1);
        before = time;
    }
    assert_int_equal(before.year, 9999);
    assert_int_equal(before.month, 12);
    assert_int_equal(before.day, 31);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FIXTURE_CASE(test_rtc_starts_at_epoch_in_bcd),
        FIXTURE_CASE(test_rtc_counts_seconds),
        FIXTURE_CASE(test_rtc_leap_year),
        FIXTURE_CASE(test_rtc_century_rolls_over),
        FIXTURE_CASE(test_rtc_binary),
        FIXTURE_CASE(test_rtc_12_hours),
        FIXTURE_CASE(test_rtc_set_stops_updates),
        FIXTURE_CASE(test_rtc_time_written_while_running),
        FIXTURE_CASE(test_rtc_weekday_is_independent_of_the_date),
        FIXTURE_CASE(test_rtc_uip_before_the_update),
        FIXTURE_CASE(test_rtc_divider_reset_starts_half_a_second_before_the_update),
        FIXTURE_CASE(test_rtc_update_flag_without_interrupt),
        FIXTURE_CASE(test_rtc_update_interrupt),
        FIXTURE_CASE(test_rtc_no_event_until_acknowledged),
        FIXTURE_CASE(test_rtc_periodic_1024_hz),
        FIXTURE_CASE(test_rtc_periodic_counts_1024_a_second),
        FIXTURE_CASE(test_rtc_periodic_rate_1_is_256_hz),
        FIXTURE_CASE(test_rtc_periodic_rate_15_is_2_hz),
        FIXTURE_CASE(test_rtc_alarm_interrupt),
        FIXTURE_CASE(test_rtc_alarm_any),
        FIXTURE_CASE(test_rtc_alarm_impossible_has_no_event),
        FIXTURE_CASE(test_rtc_alarm_in_the_evening_12_hours),
        FIXTURE_CASE(test_rtc_set_clears_update_enable),
        FIXTURE_CASE(test_rtc_registers_c_and_d_are_read_only),
        FIXTURE_CASE(test_cmos_memory_size_bytes),
        FIXTURE_CASE(test_cmos_checksum),
        FIXTURE_CASE(test_cmos_memory_and_time_survive_reset),
        FIXTURE_CASE(test_nmi_port70),
        FIXTURE_CASE(test_rtc_looking_changes_nothing),
        FIXTURE_CASE(test_cmos_check_rejects_weekday),
        FIXTURE_CASE(test_rtc_every_day_of_ten_thousand_years),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
