/* What goes wrong on a serial line, and what its modem says: break, overrun, deltas; in a PC of
 * 100 MHz at 115200 baud 8N1. See: National PC16550D data sheet.
 * SPDX-License-Identifier: MIT */
#include "pc_fixture.h"

#define FRAME 8681u
#define COM1  0x3F8

/* PC16550D, "Line status register", bit 4: one zero byte, whatever the break's length. */
static void test_uart_break_is_a_zero_with_its_mark(void **context)
{
    struct fixture *f = *context;
    out8(f, COM1 + 1, 0x04, 0);
    out8(f, COM1 + 4, 0x08, 0);
    pc_serial_receive(f->pc, 0, UART_BREAK, 0);

    assert_int_equal(in8(f, COM1 + 2, FRAME - 1), 0x01);
    assert_int_equal(in8(f, COM1 + 2, FRAME), 0x06); /* line status */
    assert_int_equal(in8(f, COM1 + 5, FRAME), 0x71);
    assert_int_equal(in8(f, COM1 + 5, FRAME), 0x61);
    assert_int_equal(in8(f, COM1 + 2, FRAME), 0x01);
    assert_int_equal(in8(f, COM1, FRAME), 0x00);
}

/* In the FIFO the mark shows when its byte is on top; bit 7 tells of it before. */
static void test_uart_break_in_the_fifo(void **context)
{
    struct fixture *f = *context;
    out8(f, COM1 + 1, 0x04, 0);
    out8(f, COM1 + 2, 0xC1, 0);
    pc_serial_receive(f->pc, 0, 'a', 0);
    pc_serial_receive(f->pc, 0, UART_BREAK, 0);
    pc_serial_receive(f->pc, 0, 'b', 0);

    assert_int_equal(in8(f, COM1 + 5, FRAME), 0x61);
    assert_int_equal(in8(f, COM1 + 5, 3 * FRAME), 0xE1);
    assert_int_equal(in8(f, COM1 + 2, 3 * FRAME), 0xC1);
    assert_int_equal(in8(f, COM1, 3 * FRAME), 'a');
    assert_int_equal(in8(f, COM1 + 2, 3 * FRAME), 0xC6);
    assert_int_equal(in8(f, COM1 + 5, 3 * FRAME), 0xF1);
    assert_int_equal(in8(f, COM1 + 5, 3 * FRAME), 0x61);
    assert_int_equal(in8(f, COM1, 3 * FRAME), 0x00);
    assert_int_equal(in8(f, COM1, 3 * FRAME), 'b');
}

/* "Set break": the pin is held at 0, so nothing is received there; the transmitter goes on. */
static void test_uart_bytes_sent_during_a_break_are_lost(void **context)
{
    struct fixture *f = *context;
    out8(f, COM1 + 3, 0x43, 0);
    out8(f, COM1, 'x', 0);
    assert_int_equal(f->byte_count, 0);
    assert_int_equal(in8(f, COM1 + 5, FRAME - 1), 0x20);
    assert_int_equal(in8(f, COM1 + 5, FRAME), 0x60);

    out8(f, COM1 + 3, 0x03, FRAME);
    out8(f, COM1, 'y', FRAME);

    assert_int_equal(f->byte_count, 1);
    assert_int_equal(f->bytes[0], 'y');
}

/* In loopback the pin is cut off, and with it the break. */
static void test_uart_break_does_not_loop_back(void **context)
{
    struct fixture *f = *context;
    out8(f, COM1 + 4, 0x10, 0);
    out8(f, COM1 + 3, 0x43, 0);
    out8(f, COM1, 'x', 0);

    assert_int_equal(in8(f, COM1 + 5, FRAME), 0x61);
    assert_int_equal(in8(f, COM1, FRAME), 'x');
}

/* FIFO full: the seventeenth byte is lost, not the sixteen; the interrupt is at once. */
static void test_uart_overrun_of_the_fifo_keeps_what_is_in_it(void **context)
{
    struct fixture *f = *context;
    out8(f, COM1 + 2, 0xC1, 0);
    out8(f, COM1 + 4, 0x10, 0);
    for (uint32_t i = 0; i < 17; i++) {
        out8(f, COM1, 'a' + i, i * FRAME);
    }

    assert_int_equal(in8(f, COM1 + 5, 16 * FRAME), 0x21); /* full, the last one under way */
    assert_int_equal(in8(f, COM1 + 5, 17 * FRAME), 0x63);
    assert_int_equal(in8(f, COM1 + 5, 17 * FRAME), 0x61);
    for (uint32_t i = 0; i < 16; i++) {
        assert_int_equal(in8(f, COM1, 17 * FRAME), 'a' + i);
    }
    assert_int_equal(in8(f, COM1 + 5, 17 * FRAME), 0x60);
}

/* "Modem status register": each delta bit by its own line, cleared by the read. */
static void test_uart_modem_deltas_one_by_one(void **context)
{
    static const struct {
        uint8_t inputs, status;
    } rows[] = {{0xA0, 0xA1},  /* CTS falls */
                {0x80, 0x82},  /* DSR */
                {0xC0, 0xC0},  /* RI rises: no delta */
                {0x80, 0x84},  /* RI falls: TERI */
                {0x00, 0x08},  /* DCD */
                {0xB0, 0xBB}}; /* all three back */
    struct fixture *f = *context;

    out8(f, COM1 + 1, 0x08, 0);
    for (uint32_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        pc_serial_modem(f->pc, 0, rows[i].inputs, 0);
        assert_int_equal(in8(f, COM1 + 2, 0), (rows[i].status & 0x0F) ? 0x00 : 0x01);
        assert_int_equal(in8(f, COM1 + 6, 0), rows[i].status);
        assert_int_equal(in8(f, COM1 + 6, 0), rows[i].status & 0xF0);
        assert_int_equal(in8(f, COM1 + 2, 0), 0x01);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FIXTURE_CASE(test_uart_break_is_a_zero_with_its_mark),
        FIXTURE_CASE(test_uart_break_in_the_fifo),
        FIXTURE_CASE(test_uart_bytes_sent_during_a_break_are_lost),
        FIXTURE_CASE(test_uart_break_does_not_loop_back),
        FIXTURE_CASE(test_uart_overrun_of_the_fifo_keeps_what_is_in_it),
        FIXTURE_CASE(test_uart_modem_deltas_one_by_one),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
