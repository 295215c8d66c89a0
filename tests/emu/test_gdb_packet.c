/* Packets of gdb's protocol, literally. See: Debugging with GDB, E.1.
 * SPDX-License-Identifier: MIT */
#include "tests/support/support.h"

#include <stdlib.h>
#include <string.h>

#include "emu/gdb_packet.h"

static struct gdb_parser parser;

/* The last thing that the bytes turn out to be. */
static enum gdb_received take(const char *bytes, size_t size)
{
    enum gdb_received last = GDB_NOTHING;

    gdb_parser_init(&parser);
    for (size_t i = 0; i < size; i++) {
        last = gdb_parser_byte(&parser, (uint8_t)bytes[i]);
    }
    return last;
}

#define TAKE(text) take(text, sizeof(text) - 1)

static void assert_frame(const char *payload, const char *expected)
{
    char *frame = malloc(GDB_FRAME_BYTES);
    size_t used;

    assert_non_null(frame);
    used = gdb_frame(payload, strlen(payload), frame);
    assert_int_equal(used, strlen(expected));
    assert_memory_equal(frame, expected, used);
    free(frame);
}

static void test_a_packet_is_taken_when_its_sum_is_right(void **state)
{
    (void)state;
    assert_int_equal(TAKE("$g#67"), GDB_PACKET);
    assert_string_equal(parser.payload, "g");
    assert_int_equal(TAKE("+$m0,4#fd"), GDB_PACKET);
    assert_string_equal(parser.payload, "m0,4");
    assert_int_equal(TAKE("$#00"), GDB_PACKET);
    assert_int_equal(parser.length, 0);
}

static void test_a_wrong_sum_is_a_broken_packet(void **state)
{
    (void)state;
    assert_int_equal(TAKE("$g#68"), GDB_BROKEN);
    assert_int_equal(TAKE("$g#6x"), GDB_BROKEN);
    assert_int_equal(TAKE("$g#x7"), GDB_BROKEN);
}

static void test_a_dollar_inside_begins_anew(void **state)
{
    (void)state;
    assert_int_equal(TAKE("$lost$g#67"), GDB_PACKET);
    assert_string_equal(parser.payload, "g");
}

static void test_an_escaped_byte_is_flipped(void **state)
{
    (void)state;
    assert_int_equal(TAKE("$X0,1:}\x03#9f"), GDB_PACKET); /* '}' 7Dh, 03h for '#' */
    assert_int_equal(parser.length, 6);
    assert_memory_equal(parser.payload, "X0,1:#", 6);
}

static void test_single_bytes_outside_packets(void **state)
{
    (void)state;
    assert_int_equal(TAKE("+"), GDB_ACK);
    assert_int_equal(TAKE("-"), GDB_NAK);
    assert_int_equal(TAKE("\x03"), GDB_INTERRUPT);
    assert_int_equal(TAKE("x"), GDB_NOTHING);
}

static void test_a_payload_that_is_too_long_is_broken_and_the_next_is_not(void **state)
{
    char *bytes = malloc(GDB_PAYLOAD_BYTES + 16);
    uint8_t sum = (uint8_t)((GDB_PAYLOAD_BYTES + 1) * 'a');

    (void)state;
    assert_non_null(bytes);
    bytes[0] = '$';
    memset(bytes + 1, 'a', GDB_PAYLOAD_BYTES + 1);
    bytes[GDB_PAYLOAD_BYTES + 2] = '#';
    gdb_to_hex(&sum, 1, bytes + GDB_PAYLOAD_BYTES + 3);
    assert_int_equal(take(bytes, GDB_PAYLOAD_BYTES + 5), GDB_BROKEN);
    assert_int_equal(gdb_parser_byte(&parser, '$'), GDB_NOTHING);
    assert_int_equal(parser.state, GDB_INSIDE);
    free(bytes);
}

static void test_frames_have_a_sum(void **state)
{
    (void)state;
    assert_frame("OK", "$OK#9a");
    assert_frame("", "$#00");
    assert_frame("E01", "$E01#a6");
}

/* E.1: "0* " is 0000; a count that would be # or $ is not used. */
static void test_long_runs_are_sent_in_short(void **state)
{
    (void)state;
    assert_frame("0000", "$0* #7a");
    assert_frame("000", "$000#90");
    assert_frame("0000000", "$0*\"0#ac");   /* not 0*# */
    assert_frame("00000000", "$0*\"00#dc"); /* not 0*$ */
    assert_frame("000000000", "$0*%#7f");
}

static void test_special_bytes_are_escaped(void **state)
{
    (void)state;
    assert_frame("a#", "$a}\x03#e1");
    assert_frame("****", "$}\n}\n}\n}\n#1c");
}

static void test_numbers_end_where_their_digits_do(void **state)
{
    const char *text = "1fF,x";
    const char *none = ",";
    const char *large = "100000000";
    uint32_t value;

    (void)state;
    assert_true(gdb_number32(&text, &value));
    assert_int_equal(value, 0x1FF);
    assert_string_equal(text, ",x");
    assert_false(gdb_number32(&none, &value));
    assert_false(gdb_number32(&large, &value));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_packet_is_taken_when_its_sum_is_right),
        cmocka_unit_test(test_a_wrong_sum_is_a_broken_packet),
        cmocka_unit_test(test_a_dollar_inside_begins_anew),
        cmocka_unit_test(test_an_escaped_byte_is_flipped),
        cmocka_unit_test(test_single_bytes_outside_packets),
        cmocka_unit_test(test_a_payload_that_is_too_long_is_broken_and_the_next_is_not),
        cmocka_unit_test(test_frames_have_a_sum),
        cmocka_unit_test(test_long_runs_are_sent_in_short),
        cmocka_unit_test(test_special_bytes_are_escaped),
        cmocka_unit_test(test_numbers_end_where_their_digits_do),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
