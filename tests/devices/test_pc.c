/* The whole board: reset state, A20, reset requests, exit, odd ports, wide accesses.
 * SPDX-License-Identifier: MIT */
#include "pc_fixture.h"

static void test_pc_idle_has_no_events(void **context)
{
    struct fixture *f = *context;

    assert_true(pc_next_event(f->pc) == CLOCK_NEVER);
    assert_int_equal(pc_interrupt_line(f->pc), 0);
    assert_null(pc_check(&f->state));
}

static void test_pc_unclaimed_ports_read_all_ones(void **context)
{
    struct fixture *f = *context;

    assert_int_equal(pc_port_read(f->pc, 0x1234, 1, 0), 0xFF);
    assert_int_equal(pc_port_read(f->pc, 0x1234, 2, 0), 0xFFFF);
    assert_int_equal(pc_port_read(f->pc, 0x1234, 4, 0), 0xFFFFFFFF);
    pc_port_write(f->pc, 0xFFFF, 4, 0, 0);
}

static void test_pc_wide_write_splits_in_ascending_order(void **context)
{
    struct fixture *f = *context;
    out8(f, 0x3D4, 0x0E, 0);

    pc_port_write(f->pc, 0x3D4, 2, 0x120F, 0); /* index, then data */

    assert_int_equal(pc_port_read(f->pc, 0x3D4, 2, 0), 0x120F);
}

static void test_pc_wide_read_mixes_devices_and_nobody(void **context)
{
    struct fixture *f = *context;
    out8(f, 0x21, 0x5A, 0);

    assert_int_equal(pc_port_read(f->pc, 0x21, 2, 0), 0xFF5A);
}

static void test_pc_exit_byte(void **context)
{
    struct fixture *f = *context;

    out8(f, 0xF4, 0x2A, 0);

    assert_int_equal(f->request, PC_REQUEST_EXIT);
    assert_int_equal(f->request_value, 0x2A);
    assert_int_equal(f->request_count, 1);
}

static void test_pc_exit_doubleword_is_one_request(void **context)
{
    struct fixture *f = *context;

    pc_port_write(f->pc, 0xF4, 4, 0x12345678, 0);

    assert_int_equal(f->request, PC_REQUEST_EXIT);
    assert_int_equal(f->request_value, 0x12345678);
    assert_int_equal(f->request_count, 1);
}

static void test_pc_exit_panic_magic(void **context)
{
    struct fixture *f = *context;

    pc_port_write(f->pc, 0xF4, 4, 0x50414E43, 0);

    assert_int_equal(f->request, PC_REQUEST_PANIC);
}

static void test_pc_power_off(void **context)
{
    struct fixture *f = *context;
    out8(f, 0x604, 0x00, 0);
    out8(f, 0x605, 0x20, 0);
    pc_port_write(f->pc, 0x604, 2, 0x1000, 0);
    assert_int_equal(f->request_count, 0);

    pc_port_write(f->pc, 0x604, 2, 0x2000, 0);
    assert_int_equal(f->request, PC_REQUEST_POWER_OFF);
    pc_port_write(f->pc, 0xB004, 2, 0x2000, 0);
    assert_int_equal(f->request_count, 2);
}

static void test_pc_debug_console(void **context)
{
    struct fixture *f = *context;
    assert_int_equal(in8(f, 0xE9, 0), 0xE9);

    out8(f, 0xE9, 'd', 5);

    assert_int_equal(f->bytes[0], 'd');
    assert_int_equal(f->channels[0], CHANNEL_DEBUGCON);
}

static void test_pc_post_codes(void **context)
{
    struct fixture *f = *context;

    out8(f, 0x80, 0x11, 0);
    out8(f, 0x190, 0x22, 0);
    out8(f, 0xE0, 0x33, 0);

    assert_int_equal(f->byte_count, 3);
    assert_int_equal(f->channels[2], CHANNEL_POST);
    assert_int_equal(f->bytes[1], 0x22);
    assert_int_equal(in8(f, 0x80, 0), 0x11);
    assert_int_equal(in8(f, 0xE0, 0), 0x33);
}

static void test_a20_on_at_reset(void **context)
{
    struct fixture *f = *context;

    assert_int_equal(f->a20, 1);
}

static void test_a20_or(void **context)
{
    struct fixture *f = *context;
    out8(f, 0x92, 0x00, 0);
    assert_int_equal(f->a20, 1); /* the keyboard controller still holds it */

    out8(f, 0x64, 0xD1, 0);
    out8(f, 0x60, 0x01, 0);

    assert_int_equal(f->a20, 0);
}

static void test_a20_port92(void **context)
{
    struct fixture *f = *context;
    out8(f, 0x64, 0xDD, 0);
    out8(f, 0x92, 0x00, 0);
    assert_int_equal(f->a20, 0);

    out8(f, 0x92, 0x02, 0);

    assert_int_equal(f->a20, 1);
    assert_int_equal(in8(f, 0x92, 0), 0x02);
}

static void test_a20_8042(void **context)
{
    struct fixture *f = *context;
    out8(f, 0x92, 0x00, 0);
    out8(f, 0x64, 0xDD, 0);

    out8(f, 0x64, 0xD1, 0);
    out8(f, 0x60, 0x03, 0);

    assert_int_equal(f->a20, 1);
}

static void test_rst_8042(void **context)
{
    struct fixture *f = *context;

    out8(f, 0x64, 0xFE, 0);

    assert_int_equal(f->request, PC_REQUEST_RESET);
}

static void test_rst_port92_edge(void **context)
{
    struct fixture *f = *context;

    out8(f, 0x92, 0x03, 0);
    out8(f, 0x92, 0x03, 0);
    assert_int_equal(f->request_count, 1);
    assert_int_equal(f->request, PC_REQUEST_RESET);
    out8(f, 0x92, 0x02, 0);
    out8(f, 0x92, 0x03, 0);

    assert_int_equal(f->request_count, 2);
}

static void test_port61_gate_and_out2(void **context)
{
    struct fixture *f = *context;
    out8(f, 0x61, 0x01, 0);
    out8(f, 0x43, 0xB0, 0);
    out8(f, 0x42, 100, 0);
    out8(f, 0x42, 0, 0);

    /* 101 ticks of 1.193182 MHz are 8464.8 clocks */
    assert_int_equal(in8(f, 0x61, 8464) & 0x2F, 0x01);
    assert_int_equal(in8(f, 0x61, 8465) & 0x2F, 0x21);
}

static void test_port61_refresh_toggles_every_18_ticks(void **context)
{
    struct fixture *f = *context;

    assert_int_equal(in8(f, 0x61, 1508) & 0x10, 0x00); /* 18 ticks are 1508.6 clocks */
    assert_int_equal(in8(f, 0x61, 1509) & 0x10, 0x10);
    assert_int_equal(in8(f, 0x61, 3018) & 0x10, 0x00);
}

static void test_port61_upper_bits_read_only(void **context)
{
    struct fixture *f = *context;

    out8(f, 0x61, 0xFF, 0);

    assert_int_equal(in8(f, 0x61, 0) & 0xCF, 0x0F);
}

static void test_pit_irq0_reaches_the_cpu(void **context)
{
    struct fixture *f = *context;
    open_interrupts(f);
    out8(f, 0x43, 0x34, 0);
    out8(f, 0x40, 0xA9, 0);
    out8(f, 0x40, 0x04, 0); /* 1193 ticks: loaded at 1, OUT rises at 1194 = 100068.6 clocks */

    pc_run_events(f->pc, 100068);
    assert_int_equal(f->interrupt_line, 0);
    pc_run_events(f->pc, 100069);
    assert_int_equal(f->interrupt_line, 1);
    assert_int_equal(pc_interrupt_acknowledge(f->pc, 100069), 0x20);
    assert_int_equal(f->interrupt_line, 0);
}

static void test_pic_spurious_7_when_the_timer_withdraws(void **context)
{
    struct fixture *f = *context;
    open_interrupts(f);
    out8(f, 0x43, 0x34, 0);
    out8(f, 0x40, 0x04, 0);
    out8(f, 0x40, 0x00, 0);
    pc_run_events(f->pc, 420); /* OUT rose at tick 5, 419.1 clocks */
    assert_int_equal(f->interrupt_line, 1);

    assert_int_equal(pc_interrupt_acknowledge(f->pc, 671), 0x27); /* low in tick 8: 670.5 */
}

static void test_pc_state_does_not_depend_on_when_events_run(void **context)
{
    struct fixture *f = *context;
    struct pc_state *first = malloc(sizeof(*first));
    void *second = NULL;
    open_interrupts(f);
    out8(f, 0x43, 0x36, 0);
    out8(f, 0x40, 0x37, 0);
    out8(f, 0x40, 0x00, 0);
    out8(f, 0x3F8, 'A', 0);
    pc_key(f->pc, 0x1E, 0);
    pc_run_events(f->pc, 1000000);
    *first = f->state;

    fixture_setup(&second);
    f = second;
    open_interrupts(f);
    out8(f, 0x43, 0x36, 0);
    out8(f, 0x40, 0x37, 0);
    out8(f, 0x40, 0x00, 0);
    out8(f, 0x3F8, 'A', 0);
    pc_key(f->pc, 0x1E, 0);
    for (uint64_t now = 1; now <= 1000000; now += 13) {
        pc_run_events(f->pc, now);
    }
    pc_run_events(f->pc, 1000000);

    assert_memory_equal(first, &f->state, sizeof(*first));
    free(first);
    fixture_teardown(&second);
}

static void test_pc_reconnect_tells_everything(void **context)
{
    struct fixture *f = *context;
    out8(f, 0x64, 0xDD, 0);
    out8(f, 0x92, 0x00, 0);
    out8(f, 0x3F8, 'A', 0);
    f->a20 = 9;
    f->interrupt_line = 9;
    f->next_event = 9;

    pc_reconnect(f->pc);

    assert_int_equal(f->a20, 0);
    assert_int_equal(f->interrupt_line, 0);
    assert_int_equal(f->next_event, 8681);
}

static void test_pc_check_finds_event_that_matches_nothing(void **context)
{
    struct fixture *f = *context;
    out8(f, 0x3F8, 'A', 0);
    assert_null(pc_check(&f->state));

    f->state.com1.transmit_end++;

    assert_string_equal(pc_check(&f->state), "event queue: does not match the serial ports");
}

static void test_pc_check_clock_finds_overdue_event(void **context)
{
    struct fixture *f = *context;
    out8(f, 0x3F8, 'A', 0);

    assert_null(pc_check_clock(&f->state, 8680));
    assert_string_equal(pc_check_clock(&f->state, 8681), "event queue: an event is overdue");
}

static void test_pc_video_hole_without_memory_reads_ff(void **context)
{
    struct fixture *f = *context;

    assert_int_equal(pc_memory_read(f->pc, 0xA0000, 4, 0), 0xFFFFFFFF);
    assert_int_equal(pc_memory_read(f->pc, 0xB7FFE, 4, 0), 0x0720FFFF);
}

static void test_pc_works_without_host_ends(void **context)
{
    struct fixture *f = *context;
    struct pc_config config = {.clock_hz = FIXTURE_HZ, .ram_bytes = 64u << 20};
    struct pc_host nobody = {0};
    memset(&f->state, 0, sizeof(f->state));
    f->pc = pc_init(f->pc, &f->state, &config, &nobody);
    pc_reset(f->pc, 0);

    out8(f, 0x3F8, 'A', 0);
    out8(f, 0xF4, 1, 0);
    out8(f, 0x64, 0xFE, 0);
    out8(f, 0x80, 1, 0);

    assert_int_equal(in8(f, 0xE9, 0), 0xFF); /* debugcon off */
    assert_null(pc_check(&f->state));
}

/* Coprocessor errors (PC/AT Technical Reference): FERR# latches IRQ 13 until port F0h is written,
 * which drives IGNNE# as long as FERR# lasts. */
static void program_slave(struct fixture *f)
{
    out8(f, 0x20, 0x11, 0);
    out8(f, 0x21, 0x20, 0);
    out8(f, 0x21, 0x04, 0);
    out8(f, 0x21, 0x01, 0);
    out8(f, 0x21, 0xFB, 0);
    out8(f, 0xA0, 0x11, 0);
    out8(f, 0xA1, 0x70, 0);
    out8(f, 0xA1, 0x02, 0);
    out8(f, 0xA1, 0x01, 0);
    out8(f, 0xA1, 0xDF, 0);
}

static void test_fpu_error_is_irq_13_until_port_f0(void **context)
{
    struct fixture *f = *context;
    program_slave(f);

    pc_fpu_error(f->pc, 1, 10);

    assert_int_equal(f->interrupt_line, 1);
    assert_int_equal(pc_interrupt_acknowledge(f->pc, 20), 0x75);
    assert_int_equal(f->ignore_errors, 0);
    out8(f, 0xF0, 0, 30);
    assert_int_equal(f->state.ports.fpu_interrupt, 0);
    assert_int_equal(f->ignore_errors, 1);
    pc_fpu_error(f->pc, 0, 40);
    assert_int_equal(f->ignore_errors, 0);
    assert_null(pc_check(&f->state));
}

static void test_fpu_error_taken_back_leaves_irq_13_latched(void **context)
{
    struct fixture *f = *context;
    program_slave(f);

    pc_fpu_error(f->pc, 1, 10);
    pc_fpu_error(f->pc, 0, 20);

    assert_int_equal(f->interrupt_line, 1);
    out8(f, 0xF0, 0, 30);
    assert_int_equal(f->ignore_errors, 0);
    assert_int_equal(f->interrupt_line, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FIXTURE_CASE(test_pc_idle_has_no_events),
        FIXTURE_CASE(test_pc_unclaimed_ports_read_all_ones),
        FIXTURE_CASE(test_pc_wide_write_splits_in_ascending_order),
        FIXTURE_CASE(test_pc_wide_read_mixes_devices_and_nobody),
        FIXTURE_CASE(test_pc_exit_byte),
        FIXTURE_CASE(test_pc_exit_doubleword_is_one_request),
        FIXTURE_CASE(test_pc_exit_panic_magic),
        FIXTURE_CASE(test_pc_power_off),
        FIXTURE_CASE(test_pc_debug_console),
        FIXTURE_CASE(test_pc_post_codes),
        FIXTURE_CASE(test_a20_on_at_reset),
        FIXTURE_CASE(test_a20_or),
        FIXTURE_CASE(test_a20_port92),
        FIXTURE_CASE(test_a20_8042),
        FIXTURE_CASE(test_rst_8042),
        FIXTURE_CASE(test_rst_port92_edge),
        FIXTURE_CASE(test_port61_gate_and_out2),
        FIXTURE_CASE(test_port61_refresh_toggles_every_18_ticks),
        FIXTURE_CASE(test_port61_upper_bits_read_only),
        FIXTURE_CASE(test_pit_irq0_reaches_the_cpu),
        FIXTURE_CASE(test_pic_spurious_7_when_the_timer_withdraws),
        FIXTURE_CASE(test_pc_state_does_not_depend_on_when_events_run),
        FIXTURE_CASE(test_pc_reconnect_tells_everything),
        FIXTURE_CASE(test_pc_check_finds_event_that_matches_nothing),
        FIXTURE_CASE(test_pc_check_clock_finds_overdue_event),
        FIXTURE_CASE(test_pc_video_hole_without_memory_reads_ff),
        FIXTURE_CASE(test_pc_works_without_host_ends),
        FIXTURE_CASE(test_fpu_error_is_irq_13_until_port_f0),
        FIXTURE_CASE(test_fpu_error_taken_back_leaves_irq_13_latched),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
