/* The 8042 and its keyboard at ports 60h and 64h. A byte from the keyboard takes 880
 * microseconds: 88000 clocks at 100 MHz.
 * See: IBM PC/AT Technical Reference, "Keyboard controller".
 * SPDX-License-Identifier: MIT */
#include "pc_fixture.h"

#define BYTE_TIME 88000u

/* The next byte the keyboard has to say, waiting as long as one takes. */
static uint32_t next_byte(struct fixture *f, uint64_t *now)
{
    *now += BYTE_TIME;
    assert_int_equal(in8(f, 0x64, *now) & 1, 1);
    return in8(f, 0x60, *now);
}

static void test_kbd_key_arrives_after_its_transfer(void **context)
{
    struct fixture *f = *context;
    pc_key(f->pc, 0x1E, 0);

    assert_int_equal(in8(f, 0x64, BYTE_TIME - 1), 0x14);
    assert_int_equal(in8(f, 0x64, BYTE_TIME), 0x15);
    assert_int_equal(in8(f, 0x60, BYTE_TIME), 0x1E);
    assert_int_equal(in8(f, 0x64, BYTE_TIME), 0x14);
}

static void test_kbd_irq1_until_read(void **context)
{
    struct fixture *f = *context;
    open_interrupts(f);
    pc_key(f->pc, 0x1E, 0);
    pc_run_events(f->pc, BYTE_TIME);
    assert_int_equal(f->interrupt_line, 1);

    in8(f, 0x60, BYTE_TIME);

    assert_int_equal(f->interrupt_line, 0);
}

static void test_kbd_second_key_waits_for_the_read(void **context)
{
    struct fixture *f = *context;
    pc_key(f->pc, 0x1E, 0);
    pc_key(f->pc, 0x9E, 0);
    assert_int_equal(in8(f, 0x60, 5 * BYTE_TIME), 0x1E);
    assert_int_equal(in8(f, 0x64, 6 * BYTE_TIME - 1) & 1, 0);

    assert_int_equal(in8(f, 0x64, 6 * BYTE_TIME) & 1, 1);
    assert_int_equal(in8(f, 0x60, 6 * BYTE_TIME), 0x9E);
}

static void test_kbd_queue_holds_sixteen(void **context)
{
    struct fixture *f = *context;
    for (uint32_t i = 0; i < 16; i++) {
        assert_true(pc_key(f->pc, 0x10, 0));
    }

    assert_false(pc_key(f->pc, 0x11, 0));
}

static void test_kbd_translation_off_gives_set_2(void **context)
{
    struct fixture *f = *context;
    uint64_t now = 0;
    out8(f, 0x64, 0x60, 0);
    out8(f, 0x60, 0x25, 0);

    pc_key(f->pc, 0x1E, 0);
    pc_key(f->pc, 0xE0, 0);
    pc_key(f->pc, 0xC8, 0); /* cursor up released */

    assert_int_equal(next_byte(f, &now), 0x1C);
    assert_int_equal(next_byte(f, &now), 0xE0);
    assert_int_equal(next_byte(f, &now), 0xF0);
    assert_int_equal(next_byte(f, &now), 0x75);
}

static void test_kbd_command_byte_20h_60h(void **context)
{
    struct fixture *f = *context;
    out8(f, 0x64, 0x20, 0);
    assert_int_equal(in8(f, 0x60, 0), 0x65);

    out8(f, 0x64, 0x60, 0);
    out8(f, 0x60, 0x44, 0);
    out8(f, 0x64, 0x20, 0);

    assert_int_equal(in8(f, 0x60, 0), 0x44);
}

static void test_kbd_irq1_disabled_by_command_byte(void **context)
{
    struct fixture *f = *context;
    open_interrupts(f);
    out8(f, 0x64, 0x60, 0);
    out8(f, 0x60, 0x64, 0);

    pc_key(f->pc, 0x1E, 0);
    pc_run_events(f->pc, BYTE_TIME);

    assert_int_equal(f->interrupt_line, 0);
    assert_int_equal(in8(f, 0x64, BYTE_TIME) & 1, 1);
}

static void test_kbd_self_test_aah(void **context)
{
    struct fixture *f = *context;

    out8(f, 0x64, 0xAA, 0);

    assert_int_equal(in8(f, 0x64, 0), 0x1D);
    assert_int_equal(in8(f, 0x60, 0), 0x55);
}

static void test_kbd_interface_test_abh(void **context)
{
    struct fixture *f = *context;

    out8(f, 0x64, 0xAB, 0);

    assert_int_equal(in8(f, 0x60, 0), 0x00);
}

static void test_kbd_disable_adh_enable_aeh(void **context)
{
    struct fixture *f = *context;
    out8(f, 0x64, 0xAD, 0);
    pc_key(f->pc, 0x1E, 0);
    assert_int_equal(in8(f, 0x64, 10 * BYTE_TIME) & 1, 0);

    out8(f, 0x64, 0xAE, 10 * BYTE_TIME);

    assert_int_equal(in8(f, 0x64, 11 * BYTE_TIME) & 1, 1);
    assert_int_equal(in8(f, 0x60, 11 * BYTE_TIME), 0x1E);
}

static void test_kbd_disable_during_transfer_sends_again(void **context)
{
    struct fixture *f = *context;
    pc_key(f->pc, 0x1E, 0);
    out8(f, 0x64, 0xAD, BYTE_TIME / 2);
    assert_int_equal(in8(f, 0x64, 2 * BYTE_TIME) & 1, 0);

    out8(f, 0x64, 0xAE, 2 * BYTE_TIME);

    assert_int_equal(in8(f, 0x60, 3 * BYTE_TIME), 0x1E);
}

static void test_kbd_output_port_d0h(void **context)
{
    struct fixture *f = *context;

    out8(f, 0x64, 0xD0, 0);

    assert_int_equal(in8(f, 0x60, 0), 0x03);
}

static void test_kbd_output_buffer_d2h(void **context)
{
    struct fixture *f = *context;
    open_interrupts(f);

    out8(f, 0x64, 0xD2, 0);
    out8(f, 0x60, 0x77, 0);

    assert_int_equal(f->interrupt_line, 1);
    assert_int_equal(in8(f, 0x60, 0), 0x77);
}

static void test_kbd_no_mouse_d4h_times_out(void **context)
{
    struct fixture *f = *context;

    out8(f, 0x64, 0xD4, 0);
    out8(f, 0x60, 0xF4, 0);

    assert_int_equal(in8(f, 0x64, 0), 0x75);
    assert_int_equal(in8(f, 0x60, 0), 0xFE);
    assert_int_equal(in8(f, 0x64, 0), 0x14);
}

static void test_kbd_mouse_port_a7h_a8h(void **context)
{
    struct fixture *f = *context;
    out8(f, 0x64, 0xA8, 0);
    out8(f, 0x64, 0x20, 0);
    assert_int_equal(in8(f, 0x60, 0), 0x45);

    out8(f, 0x64, 0xA7, 0);
    out8(f, 0x64, 0x20, 0);

    assert_int_equal(in8(f, 0x60, 0), 0x65);
}

static void test_kbd_status_tells_command_from_data(void **context)
{
    struct fixture *f = *context;

    out8(f, 0x64, 0xAE, 0);
    assert_int_equal(in8(f, 0x64, 0), 0x1C);
    out8(f, 0x60, 0xF4, 0);

    assert_int_equal(in8(f, 0x64, 0), 0x14);
}

static void test_kbd_lamps_edh(void **context)
{
    struct fixture *f = *context;
    uint64_t now = 0;

    out8(f, 0x60, 0xED, now);
    assert_int_equal(next_byte(f, &now), 0xFA);
    out8(f, 0x60, 0x05, now);

    assert_int_equal(next_byte(f, &now), 0xFA);
    assert_int_equal(f->state.keyboard.leds, 5);
}

static void test_kbd_echo_eeh(void **context)
{
    struct fixture *f = *context;
    uint64_t now = 0;

    out8(f, 0x60, 0xEE, now);

    assert_int_equal(next_byte(f, &now), 0xEE);
}

static void test_kbd_scan_set_f0h(void **context)
{
    struct fixture *f = *context;
    uint64_t now = 0;
    out8(f, 0x60, 0xF0, now);
    assert_int_equal(next_byte(f, &now), 0xFA);
    out8(f, 0x60, 0x00, now);
    assert_int_equal(next_byte(f, &now), 0xFA);
    assert_int_equal(next_byte(f, &now), 0x41); /* 2, translated */

    out8(f, 0x60, 0xF0, now);
    assert_int_equal(next_byte(f, &now), 0xFA);
    out8(f, 0x60, 0x04, now);

    assert_int_equal(next_byte(f, &now), 0xFE); /* there are three */
}

static void test_kbd_identify_f2h(void **context)
{
    struct fixture *f = *context;
    uint64_t now = 0;

    out8(f, 0x60, 0xF2, now);

    assert_int_equal(next_byte(f, &now), 0xFA);
    assert_int_equal(next_byte(f, &now), 0xAB);
    assert_int_equal(next_byte(f, &now), 0x41);
}

static void test_kbd_typematic_f3h(void **context)
{
    struct fixture *f = *context;
    uint64_t now = 0;

    out8(f, 0x60, 0xF3, now);
    assert_int_equal(next_byte(f, &now), 0xFA);
    out8(f, 0x60, 0x7F, now);

    assert_int_equal(next_byte(f, &now), 0xFA);
    assert_int_equal(f->state.keyboard.typematic, 0x7F);
}

static void test_kbd_disable_f5h_ignores_keys_until_f4h(void **context)
{
    struct fixture *f = *context;
    uint64_t now = 0;
    out8(f, 0x60, 0xF5, now);
    assert_int_equal(next_byte(f, &now), 0xFA);
    assert_true(pc_key(f->pc, 0x1E, now));

    out8(f, 0x60, 0xF4, now);
    assert_int_equal(next_byte(f, &now), 0xFA);
    pc_key(f->pc, 0x1F, now);

    assert_int_equal(next_byte(f, &now), 0x1F);
}

static void test_kbd_defaults_f6h(void **context)
{
    struct fixture *f = *context;
    uint64_t now = 0;
    f->state.keyboard.typematic = 0x7F;

    out8(f, 0x60, 0xF6, now);

    assert_int_equal(next_byte(f, &now), 0xFA);
    assert_int_equal(f->state.keyboard.typematic, 0x2B);
}

static void test_kbd_resend_feh(void **context)
{
    struct fixture *f = *context;
    uint64_t now = 0;
    pc_key(f->pc, 0x1E, now);
    assert_int_equal(next_byte(f, &now), 0x1E);

    out8(f, 0x60, 0xFE, now);

    assert_int_equal(next_byte(f, &now), 0x1E);
}

static void test_kbd_reset_ffh(void **context)
{
    struct fixture *f = *context;
    uint64_t now = 0;
    pc_key(f->pc, 0x1E, now);

    out8(f, 0x60, 0xFF, now);

    assert_int_equal(next_byte(f, &now), 0xFA);
    assert_int_equal(next_byte(f, &now), 0xAA);
    assert_true(f->next_event == CLOCK_NEVER);
}

static void test_kbd_unknown_command_answers_resend(void **context)
{
    struct fixture *f = *context;
    uint64_t now = 0;

    out8(f, 0x60, 0xE0, now);

    assert_int_equal(next_byte(f, &now), 0xFE);
}

static void test_kbd_command_opens_a_disabled_interface(void **context)
{
    struct fixture *f = *context;
    uint64_t now = 0;
    out8(f, 0x64, 0xAD, now);

    out8(f, 0x60, 0xEE, now);

    assert_int_equal(next_byte(f, &now), 0xEE);
}

static void test_kbd_check_rejects_queue_of_17(void **context)
{
    struct fixture *f = *context;

    f->state.keyboard.keys.count = 17;

    assert_string_equal(pc_check(&f->state), "keyboard: queue out of range");
}

static void test_kbd_scan_set_1_untranslated(void **context)
{
    struct fixture *f = *context;
    uint64_t now = 0;
    out8(f, 0x64, 0x60, 0);
    out8(f, 0x60, 0x25, 0);
    out8(f, 0x60, 0xF0, now);
    assert_int_equal(next_byte(f, &now), 0xFA);
    out8(f, 0x60, 0x01, now);
    assert_int_equal(next_byte(f, &now), 0xFA);

    pc_key(f->pc, 0x9E, now);

    assert_int_equal(next_byte(f, &now), 0x9E);
}

static void test_kbd_output_port_d1h_bit_0_resets(void **context)
{
    struct fixture *f = *context;

    out8(f, 0x64, 0xD1, 0);
    out8(f, 0x60, 0x02, 0);

    assert_int_equal(f->request, PC_REQUEST_RESET);
    out8(f, 0x64, 0xD0, 0);
    assert_int_equal(in8(f, 0x60, 0), 0x03);
}

static void test_kbd_odd_pulse_does_not_reset(void **context)
{
    struct fixture *f = *context;

    out8(f, 0x64, 0xFF, 0);

    assert_int_equal(f->request_count, 0);
}

static void test_kbd_ports_without_a_mouse(void **context)
{
    struct fixture *f = *context;

    out8(f, 0x64, 0xA9, 0);
    assert_int_equal(in8(f, 0x60, 0), 0x02);
    out8(f, 0x64, 0xC0, 0);
    assert_int_equal(in8(f, 0x60, 0), 0x80);
    out8(f, 0x64, 0xE0, 0);

    assert_int_equal(in8(f, 0x60, 0), 0x00);
}

static void test_kbd_a20_dfh(void **context)
{
    struct fixture *f = *context;
    out8(f, 0x92, 0x00, 0);
    out8(f, 0x64, 0xDD, 0);
    assert_int_equal(f->a20, 0);

    out8(f, 0x64, 0xDF, 0);

    assert_int_equal(f->a20, 1);
}

static void test_kbd_queue_full_of_breaks_in_set_2(void **context)
{
    struct fixture *f = *context;
    out8(f, 0x64, 0x60, 0);
    out8(f, 0x60, 0x25, 0);
    for (uint32_t i = 0; i < 15; i++) {
        pc_key(f->pc, 0x1E, 0);
    }

    assert_false(pc_key(f->pc, 0x9E, 0)); /* F0h 1Ch does not fit */
    assert_true(pc_key(f->pc, 0x1E, 0));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FIXTURE_CASE(test_kbd_key_arrives_after_its_transfer),
        FIXTURE_CASE(test_kbd_irq1_until_read),
        FIXTURE_CASE(test_kbd_second_key_waits_for_the_read),
        FIXTURE_CASE(test_kbd_queue_holds_sixteen),
        FIXTURE_CASE(test_kbd_translation_off_gives_set_2),
        FIXTURE_CASE(test_kbd_command_byte_20h_60h),
        FIXTURE_CASE(test_kbd_irq1_disabled_by_command_byte),
        FIXTURE_CASE(test_kbd_self_test_aah),
        FIXTURE_CASE(test_kbd_interface_test_abh),
        FIXTURE_CASE(test_kbd_disable_adh_enable_aeh),
        FIXTURE_CASE(test_kbd_disable_during_transfer_sends_again),
        FIXTURE_CASE(test_kbd_output_port_d0h),
        FIXTURE_CASE(test_kbd_output_buffer_d2h),
        FIXTURE_CASE(test_kbd_no_mouse_d4h_times_out),
        FIXTURE_CASE(test_kbd_mouse_port_a7h_a8h),
        FIXTURE_CASE(test_kbd_status_tells_command_from_data),
        FIXTURE_CASE(test_kbd_lamps_edh),
        FIXTURE_CASE(test_kbd_echo_eeh),
        FIXTURE_CASE(test_kbd_scan_set_f0h),
        FIXTURE_CASE(test_kbd_identify_f2h),
        FIXTURE_CASE(test_kbd_typematic_f3h),
        FIXTURE_CASE(test_kbd_disable_f5h_ignores_keys_until_f4h),
        FIXTURE_CASE(test_kbd_defaults_f6h),
        FIXTURE_CASE(test_kbd_resend_feh),
        FIXTURE_CASE(test_kbd_reset_ffh),
        FIXTURE_CASE(test_kbd_unknown_command_answers_resend),
        FIXTURE_CASE(test_kbd_command_opens_a_disabled_interface),
        FIXTURE_CASE(test_kbd_check_rejects_queue_of_17),
        FIXTURE_CASE(test_kbd_scan_set_1_untranslated),
        FIXTURE_CASE(test_kbd_output_port_d1h_bit_0_resets),
        FIXTURE_CASE(test_kbd_odd_pulse_does_not_reset),
        FIXTURE_CASE(test_kbd_ports_without_a_mouse),
        FIXTURE_CASE(test_kbd_a20_dfh),
        FIXTURE_CASE(test_kbd_queue_full_of_breaks_in_set_2),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
