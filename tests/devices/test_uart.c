/* The serial ports at their registers, in a PC of 100 MHz. At 115200 baud 8N1 a frame takes
 * 10 * 16 / 1843200 s = 8681 clocks, rounded up.
 * See: National PC16550D data sheet.
 * SPDX-License-Identifier: MIT */
#include "pc_fixture.h"

#define FRAME 8681u
#define COM1  0x3F8

static void test_uart_reset_registers(void **context)
{
    struct fixture *f = *context;

    assert_int_equal(in8(f, COM1 + 1, 0), 0x00);
    assert_int_equal(in8(f, COM1 + 2, 0), 0x01);
    assert_int_equal(in8(f, COM1 + 3, 0), 0x03);
    assert_int_equal(in8(f, COM1 + 4, 0), 0x00);
    assert_int_equal(in8(f, COM1 + 5, 0), 0x60);
    assert_int_equal(in8(f, COM1 + 6, 0), 0xB0);
}

static void test_uart_byte_leaves_at_once(void **context)
{
    struct fixture *f = *context;

    out8(f, COM1, 'A', 777);

    assert_int_equal(f->byte_count, 1);
    assert_int_equal(f->bytes[0], 'A');
    assert_int_equal(f->channels[0], CHANNEL_COM1);
    assert_int_equal(f->byte_clocks[0], 777);
}

static void test_uart_com2_has_its_own_channel(void **context)
{
    struct fixture *f = *context;

    out8(f, 0x2F8, 'B', 0);

    assert_int_equal(f->channels[0], CHANNEL_COM2);
}

static void test_uart_thre_and_temt_follow_the_baud_rate(void **context)
{
    struct fixture *f = *context;
    out8(f, COM1, 'A', 0);
    assert_int_equal(in8(f, COM1 + 5, 0), 0x20); /* in the shift register */
    out8(f, COM1, 'B', 0);
    assert_int_equal(in8(f, COM1 + 5, 0), 0x00);

    assert_int_equal(in8(f, COM1 + 5, FRAME - 1), 0x00);
    assert_int_equal(in8(f, COM1 + 5, FRAME), 0x20);
    assert_int_equal(in8(f, COM1 + 5, 2 * FRAME - 1), 0x20);
    assert_int_equal(in8(f, COM1 + 5, 2 * FRAME), 0x60);
}

/* PC16550D 8.8: a change of DCD sets bit 3 of MSR, which reading clears; IIR 00h. */
static void test_uart_carrier_drop_interrupts(void **context)
{
    struct fixture *f = *context;
    out8(f, COM1 + 1, 0x08, 0);
    out8(f, COM1 + 4, 0x0B, 0);

    pc_serial_modem(f->pc, 0, MODEM_DSR | MODEM_CTS, 100);

    assert_int_equal(f->state.pic.master.lines & 0x10, 0x10);
    assert_int_equal(in8(f, COM1 + 2, 100), 0x00);
    assert_int_equal(in8(f, COM1 + 6, 100), 0x38);
    assert_int_equal(in8(f, COM1 + 6, 100), 0x30);
    assert_int_equal(in8(f, COM1 + 2, 100), 0x01);
    pc_serial_modem(f->pc, 0, MODEM_DSR | MODEM_CTS, 200);
    assert_int_equal(in8(f, COM1 + 6, 200), 0x30); /* nothing new */
}

static void test_uart_modem_inputs_outlast_loopback_and_reset(void **context)
{
    struct fixture *f = *context;
    pc_serial_modem(f->pc, 0, MODEM_CTS, 0);
    out8(f, COM1 + 4, 0x10, 0);
    assert_int_equal(in8(f, COM1 + 6, 0) & 0xF0, 0x00);
    out8(f, COM1 + 4, 0x00, 0);
    assert_int_equal(in8(f, COM1 + 6, 0) & 0xF0, 0x10);

    pc_reset(f->pc, 10);

    assert_int_equal(in8(f, COM1 + 6, 10), 0x10);
}

static void test_uart_divisor_latch(void **context)
{
    struct fixture *f = *context;
    out8(f, COM1 + 3, 0x83, 0);
    out8(f, COM1, 0x0C, 0);
    out8(f, COM1 + 1, 0x01, 0);

    assert_int_equal(in8(f, COM1, 0), 0x0C);
    assert_int_equal(in8(f, COM1 + 1, 0), 0x01);
    out8(f, COM1 + 3, 0x03, 0);
    assert_int_equal(in8(f, COM1 + 1, 0), 0x00);
}

static void test_uart_frame_at_9600_7e2(void **context)
{
    struct fixture *f = *context;
    out8(f, COM1 + 3, 0x9E, 0);
    out8(f, COM1, 12, 0);
    out8(f, COM1 + 1, 0, 0);
    out8(f, COM1 + 3, 0x1E, 0); /* 7 bits, even parity, 2 stop bits: 11 bits */

    out8(f, COM1, 0xC1, 0);

    assert_int_equal(f->bytes[0], 0x41);
    assert_int_equal(in8(f, COM1 + 5, 114583), 0x20); /* 11 * 16 * 12 / 1843200 s = 114583.3 */
    assert_int_equal(in8(f, COM1 + 5, 114584), 0x60);
}

static void test_uart_thre_interrupt_on_enable(void **context)
{
    struct fixture *f = *context;

    out8(f, COM1 + 1, 0x02, 0);

    assert_int_equal(in8(f, COM1 + 2, 0), 0x02);
    assert_int_equal(in8(f, COM1 + 2, 0), 0x01); /* reading it acknowledged it */
}

static void test_uart_thre_interrupt_after_each_byte(void **context)
{
    struct fixture *f = *context;
    out8(f, COM1 + 1, 0x02, 0);
    out8(f, COM1, 'A', 0);
    out8(f, COM1, 'B', 0);
    assert_int_equal(in8(f, COM1 + 2, FRAME - 1), 0x01);

    assert_int_equal(in8(f, COM1 + 2, FRAME), 0x02);
}

static void test_uart_irq4_needs_out2(void **context)
{
    struct fixture *f = *context;
    open_interrupts(f);
    out8(f, COM1 + 1, 0x02, 0);
    assert_int_equal(f->interrupt_line, 0);

    out8(f, COM1 + 4, 0x08, 0);

    assert_int_equal(f->interrupt_line, 1);
    assert_int_equal(pc_interrupt_acknowledge(f->pc, 0), 0x24);
}

static void test_uart_com2_is_irq3(void **context)
{
    struct fixture *f = *context;
    open_interrupts(f);
    out8(f, 0x2F8 + 1, 0x02, 0);
    out8(f, 0x2F8 + 4, 0x08, 0);

    assert_int_equal(pc_interrupt_acknowledge(f->pc, 0), 0x23);
}

static void test_uart_write_to_idle_transmitter_makes_a_new_edge(void **context)
{
    struct fixture *f = *context;
    open_interrupts(f);
    out8(f, COM1 + 4, 0x08, 0);
    out8(f, COM1 + 1, 0x02, 0);
    pc_interrupt_acknowledge(f->pc, 0);

    out8(f, COM1, 'A', 0);
    out8(f, 0x20, 0x20, 0);

    assert_int_equal(f->interrupt_line, 1);
}

static void test_uart_receive_takes_a_frame(void **context)
{
    struct fixture *f = *context;
    assert_true(pc_serial_receive(f->pc, 0, 'x', 1000));

    assert_int_equal(in8(f, COM1 + 5, 1000 + FRAME - 1), 0x60);
    assert_int_equal(in8(f, COM1 + 5, 1000 + FRAME), 0x61);
    assert_int_equal(in8(f, COM1, 1000 + FRAME), 'x');
    assert_int_equal(in8(f, COM1 + 5, 1000 + FRAME), 0x60);
}

static void test_uart_receive_interrupt(void **context)
{
    struct fixture *f = *context;
    open_interrupts(f);
    out8(f, COM1 + 4, 0x08, 0);
    out8(f, COM1 + 1, 0x01, 0);
    pc_serial_receive(f->pc, 0, 'x', 0);

    pc_run_events(f->pc, FRAME);

    assert_int_equal(f->interrupt_line, 1);
    assert_int_equal(in8(f, COM1 + 2, FRAME), 0x04);
    in8(f, COM1, FRAME);
    assert_int_equal(f->interrupt_line, 0);
}

static void test_uart_line_waits_for_an_unread_byte(void **context)
{
    struct fixture *f = *context;
    pc_serial_receive(f->pc, 0, 'x', 0);
    pc_serial_receive(f->pc, 0, 'y', 0);
    pc_run_events(f->pc, 10 * FRAME);

    assert_int_equal(in8(f, COM1, 10 * FRAME), 'x');
    assert_int_equal(in8(f, COM1 + 5, 11 * FRAME - 1), 0x60);
    assert_int_equal(in8(f, COM1 + 5, 11 * FRAME), 0x61); /* no overrun */
    assert_int_equal(in8(f, COM1, 11 * FRAME), 'y');
}

static void test_uart_line_room(void **context)
{
    struct fixture *f = *context;
    assert_int_equal(pc_serial_room(f->pc, 0), 16);
    for (uint32_t i = 0; i < 16; i++) {
        assert_true(pc_serial_receive(f->pc, 0, 'x', 0));
    }

    assert_int_equal(pc_serial_room(f->pc, 0), 0);
    assert_false(pc_serial_receive(f->pc, 0, 'x', 0));
    assert_int_equal(pc_serial_room(f->pc, 1), 16);
}

static void receive_many(struct fixture *f, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        pc_serial_receive(f->pc, 0, (uint8_t)('a' + i), 0);
    }
}

static void check_trigger(struct fixture *f, uint8_t fcr, uint32_t level)
{
    out8(f, COM1 + 1, 0x01, 0);
    out8(f, COM1 + 2, fcr, 0);
    receive_many(f, level);

    assert_int_equal(in8(f, COM1 + 2, level * FRAME - 1), 0xC1);
    assert_int_equal(in8(f, COM1 + 2, level * FRAME), 0xC4);
}

static void test_uart_fifo_trigger_level_1(void **context)
{
    check_trigger(*context, 0x01, 1);
}

static void test_uart_fifo_trigger_level_4(void **context)
{
    check_trigger(*context, 0x41, 4);
}

static void test_uart_fifo_trigger_level_8(void **context)
{
    check_trigger(*context, 0x81, 8);
}

static void test_uart_fifo_trigger_level_14(void **context)
{
    check_trigger(*context, 0xC1, 14);
}

static void test_uart_fifo_timeout_after_four_characters(void **context)
{
    struct fixture *f = *context;
    out8(f, COM1 + 1, 0x01, 0);
    out8(f, COM1 + 2, 0xC1, 0);
    receive_many(f, 2);

    assert_int_equal(in8(f, COM1 + 2, 6 * FRAME - 1), 0xC1);
    assert_int_equal(in8(f, COM1 + 2, 6 * FRAME), 0xCC);
}

static void test_uart_fifo_timeout_restarts_with_a_read(void **context)
{
    struct fixture *f = *context;
    out8(f, COM1 + 1, 0x01, 0);
    out8(f, COM1 + 2, 0xC1, 0);
    receive_many(f, 2);
    in8(f, COM1, 6 * FRAME);
    assert_int_equal(in8(f, COM1 + 2, 6 * FRAME), 0xC1);

    assert_int_equal(in8(f, COM1 + 2, 10 * FRAME - 1), 0xC1);
    assert_int_equal(in8(f, COM1 + 2, 10 * FRAME), 0xCC);
}

static void test_uart_fifo_reset_drops_received(void **context)
{
    struct fixture *f = *context;
    out8(f, COM1 + 2, 0x01, 0);
    receive_many(f, 3);
    pc_run_events(f->pc, 3 * FRAME);

    out8(f, COM1 + 2, 0x03, 3 * FRAME);

    assert_int_equal(in8(f, COM1 + 5, 3 * FRAME), 0x60);
    assert_true(f->next_event == CLOCK_NEVER);
}

static void test_uart_fifo_holds_sixteen_to_send(void **context)
{
    struct fixture *f = *context;
    out8(f, COM1 + 2, 0x01, 0);
    for (uint32_t i = 0; i < 17; i++) { /* one in the shift register */
        out8(f, COM1, 'a' + i, 0);
    }
    out8(f, COM1, '!', 0); /* lost */

    assert_int_equal(f->byte_count, 17);
    assert_int_equal(in8(f, COM1 + 5, 16 * FRAME - 1), 0x00);
    assert_int_equal(in8(f, COM1 + 5, 16 * FRAME), 0x20);
    assert_int_equal(in8(f, COM1 + 5, 17 * FRAME), 0x60);
}

static void test_uart_loopback_data(void **context)
{
    struct fixture *f = *context;
    out8(f, COM1 + 4, 0x10, 0);

    out8(f, COM1, 'q', 0);

    assert_int_equal(f->byte_count, 0);
    assert_int_equal(in8(f, COM1 + 5, FRAME - 1), 0x20);
    assert_int_equal(in8(f, COM1 + 5, FRAME), 0x61);
    assert_int_equal(in8(f, COM1, FRAME), 'q');
}

static void test_uart_loopback_overrun(void **context)
{
    struct fixture *f = *context;
    out8(f, COM1 + 4, 0x10, 0);
    out8(f, COM1, 'q', 0);
    out8(f, COM1, 'r', 0);
    out8(f, COM1 + 1, 0x04, 0);

    assert_int_equal(in8(f, COM1 + 2, 2 * FRAME), 0x06);
    assert_int_equal(in8(f, COM1 + 5, 2 * FRAME), 0x63);
    assert_int_equal(in8(f, COM1 + 5, 2 * FRAME), 0x61);
    assert_int_equal(in8(f, COM1, 2 * FRAME), 'r');
}

static void test_uart_loopback_modem_lines(void **context)
{
    struct fixture *f = *context;
    out8(f, COM1 + 4, 0x10, 0);
    in8(f, COM1 + 6, 0);

    out8(f, COM1 + 4, 0x1A, 0); /* OUT2 and RTS */

    assert_int_equal(in8(f, COM1 + 6, 0), 0x99); /* DCD, CTS, and both changed */
    assert_int_equal(in8(f, COM1 + 6, 0), 0x90);
}

static void test_uart_loopback_teri_on_trailing_edge_only(void **context)
{
    struct fixture *f = *context;
    out8(f, COM1 + 4, 0x10, 0);
    in8(f, COM1 + 6, 0);
    out8(f, COM1 + 4, 0x14, 0);
    assert_int_equal(in8(f, COM1 + 6, 0), 0x40);

    out8(f, COM1 + 4, 0x10, 0);

    assert_int_equal(in8(f, COM1 + 6, 0), 0x04);
}

static void test_uart_interrupt_priorities(void **context)
{
    struct fixture *f = *context;
    out8(f, COM1 + 4, 0x10, 0);
    out8(f, COM1, 'q', 0);
    out8(f, COM1, 'r', 0);
    out8(f, COM1 + 1, 0x0F, 0);

    assert_int_equal(in8(f, COM1 + 2, 2 * FRAME), 0x06);
    in8(f, COM1 + 5, 2 * FRAME);
    assert_int_equal(in8(f, COM1 + 2, 2 * FRAME), 0x04);
    in8(f, COM1, 2 * FRAME);
    assert_int_equal(in8(f, COM1 + 2, 2 * FRAME), 0x02);
    assert_int_equal(in8(f, COM1 + 2, 2 * FRAME), 0x00);
    in8(f, COM1 + 6, 2 * FRAME);
    assert_int_equal(in8(f, COM1 + 2, 2 * FRAME), 0x01);
}

static void test_uart_scratch(void **context)
{
    struct fixture *f = *context;

    out8(f, COM1 + 7, 0x5A, 0);

    assert_int_equal(in8(f, COM1 + 7, 0), 0x5A);
}

static void test_uart_idle_has_no_events(void **context)
{
    struct fixture *f = *context;
    out8(f, COM1, 'A', 0);
    assert_int_equal(f->next_event, FRAME);

    pc_run_events(f->pc, FRAME);

    assert_true(f->next_event == CLOCK_NEVER);
}

static void test_uart_full_thr_is_overwritten_without_fifos(void **context)
{
    struct fixture *f = *context;
    out8(f, COM1 + 4, 0x10, 0);
    out8(f, COM1, 'a', 0);
    out8(f, COM1, 'b', 0);

    out8(f, COM1, 'c', 0);

    in8(f, COM1, FRAME);
    assert_int_equal(in8(f, COM1, 2 * FRAME), 'c');
    assert_int_equal(in8(f, COM1 + 5, 3 * FRAME), 0x60);
}

static void test_uart_fifo_reset_drops_unsent(void **context)
{
    struct fixture *f = *context;
    out8(f, COM1 + 2, 0x01, 0);
    out8(f, COM1, 'a', 0);
    out8(f, COM1, 'b', 0);
    assert_int_equal(in8(f, COM1 + 5, 0), 0x00);

    out8(f, COM1 + 2, 0x05, 0);

    assert_int_equal(in8(f, COM1 + 5, 0), 0x20);
    assert_int_equal(in8(f, COM1 + 5, FRAME), 0x60);
}

static void test_uart_com2_receives(void **context)
{
    struct fixture *f = *context;
    pc_serial_receive(f->pc, 1, 'z', 0);

    assert_int_equal(in8(f, 0x2FD, FRAME), 0x61);
    assert_int_equal(in8(f, 0x2F8, FRAME), 'z');
}

static void test_uart_line_waits_in_loopback(void **context)
{
    struct fixture *f = *context;
    pc_serial_receive(f->pc, 0, 'z', 0);
    out8(f, COM1 + 4, 0x10, 0);
    assert_int_equal(in8(f, COM1 + 5, 5 * FRAME), 0x60);

    out8(f, COM1 + 4, 0x00, 5 * FRAME);

    assert_int_equal(in8(f, COM1 + 5, 6 * FRAME), 0x61);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FIXTURE_CASE(test_uart_reset_registers),
        FIXTURE_CASE(test_uart_byte_leaves_at_once),
        FIXTURE_CASE(test_uart_com2_has_its_own_channel),
        FIXTURE_CASE(test_uart_thre_and_temt_follow_the_baud_rate),
        FIXTURE_CASE(test_uart_carrier_drop_interrupts),
        FIXTURE_CASE(test_uart_modem_inputs_outlast_loopback_and_reset),
        FIXTURE_CASE(test_uart_divisor_latch),
        FIXTURE_CASE(test_uart_frame_at_9600_7e2),
        FIXTURE_CASE(test_uart_thre_interrupt_on_enable),
        FIXTURE_CASE(test_uart_thre_interrupt_after_each_byte),
        FIXTURE_CASE(test_uart_irq4_needs_out2),
        FIXTURE_CASE(test_uart_com2_is_irq3),
        FIXTURE_CASE(test_uart_write_to_idle_transmitter_makes_a_new_edge),
        FIXTURE_CASE(test_uart_receive_takes_a_frame),
        FIXTURE_CASE(test_uart_receive_interrupt),
        FIXTURE_CASE(test_uart_line_waits_for_an_unread_byte),
        FIXTURE_CASE(test_uart_line_room),
        FIXTURE_CASE(test_uart_fifo_trigger_level_1),
        FIXTURE_CASE(test_uart_fifo_trigger_level_4),
        FIXTURE_CASE(test_uart_fifo_trigger_level_8),
        FIXTURE_CASE(test_uart_fifo_trigger_level_14),
        FIXTURE_CASE(test_uart_fifo_timeout_after_four_characters),
        FIXTURE_CASE(test_uart_fifo_timeout_restarts_with_a_read),
        FIXTURE_CASE(test_uart_fifo_reset_drops_received),
        FIXTURE_CASE(test_uart_fifo_holds_sixteen_to_send),
        FIXTURE_CASE(test_uart_loopback_data),
        FIXTURE_CASE(test_uart_loopback_overrun),
        FIXTURE_CASE(test_uart_loopback_modem_lines),
        FIXTURE_CASE(test_uart_loopback_teri_on_trailing_edge_only),
        FIXTURE_CASE(test_uart_interrupt_priorities),
        FIXTURE_CASE(test_uart_scratch),
        FIXTURE_CASE(test_uart_idle_has_no_events),
        FIXTURE_CASE(test_uart_full_thr_is_overwritten_without_fifos),
        FIXTURE_CASE(test_uart_fifo_reset_drops_unsent),
        FIXTURE_CASE(test_uart_com2_receives),
        FIXTURE_CASE(test_uart_line_waits_in_loopback),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
