/* The special modes of the 8259A: rotation, special mask, special fully nested, poll, and spurious
 * interrupts. See: Intel 8259A data sheet, order 231468, "Operation command words".
 * SPDX-License-Identifier: MIT */
#include "pic_fixture.h"

static void test_pic_spurious_7(void **context)
{
    (void)context;
    raise_irq(4);
    lower_irq(4);

    assert_int_equal(acknowledge(), 0x27);
    assert_int_equal(isr(0x20), 0x00);
}

static void test_pic_spurious_7_differs_from_real_irq7(void **context)
{
    (void)context;
    raise_irq(7);

    assert_int_equal(acknowledge(), 0x27);
    assert_int_equal(isr(0x20), 0x80);
}

static void test_pic_spurious_15(void **context)
{
    (void)context;
    raise_irq(12);
    pic_acknowledge_first(&pic);

    lower_irq(12);

    assert_int_equal(pic_acknowledge_second(&pic), 0x2F);
    assert_int_equal(isr(0xA0), 0x00);
    assert_int_equal(isr(0x20), 0x04);
}

static void test_pic_rot_nonspec(void **context)
{
    (void)context;
    raise_irq(3);
    raise_irq(4);
    acknowledge();

    out(0x20, 0xA0); /* IR3 served: now the lowest */
    lower_irq(3);
    raise_irq(3);

    assert_int_equal(acknowledge(), 0x24);
}

static void test_pic_rot_spec(void **context)
{
    (void)context;
    raise_irq(2 + 3); /* IR5 */
    acknowledge();

    out(0x20, 0xE5);

    assert_int_equal(isr(0x20), 0x00);
    raise_irq(0);
    raise_irq(6);
    assert_int_equal(acknowledge(), 0x26);
}

static void test_pic_setprio(void **context)
{
    (void)context;
    out(0x20, 0xC3); /* IR3 lowest, IR4 highest */

    raise_irq(1);
    raise_irq(3);
    raise_irq(4);

    assert_int_equal(acknowledge(), 0x24);
    out(0x20, 0x20);
    assert_int_equal(acknowledge(), 0x21);
    out(0x20, 0x20);
    assert_int_equal(acknowledge(), 0x23);
}

static void test_pic_rot_aeoi_set(void **context)
{
    (void)context;
    program(0x11, 0x03, 0x01);
    out(0x20, 0x80);
    raise_irq(3);
    acknowledge();

    lower_irq(3);
    raise_irq(3);
    raise_irq(7);

    assert_int_equal(acknowledge(), 0x27);
}

static void test_pic_rot_aeoi_clr(void **context)
{
    (void)context;
    program(0x11, 0x03, 0x01);
    out(0x20, 0x80);
    out(0x20, 0x00);
    raise_irq(3);
    acknowledge();

    lower_irq(3);
    raise_irq(3);
    raise_irq(7);

    assert_int_equal(acknowledge(), 0x23);
}

static void test_pic_smm(void **context)
{
    (void)context;
    raise_irq(3);
    acknowledge();
    raise_irq(5);
    assert_int_equal(pic_output(&state), 0);

    out(0x21, 0x08);
    out(0x20, 0x68);

    assert_int_equal(acknowledge(), 0x25);
}

static void test_pic_smm_nonspecific_eoi_skips_masked(void **context)
{
    (void)context;
    raise_irq(3);
    acknowledge();
    out(0x21, 0x08);
    out(0x20, 0x68);
    raise_irq(5);
    acknowledge();

    out(0x20, 0x20);

    assert_int_equal(isr(0x20), 0x08);
}

static void test_pic_smm_off(void **context)
{
    (void)context;
    raise_irq(3);
    acknowledge();
    out(0x21, 0x08);
    out(0x20, 0x68);
    raise_irq(5);

    out(0x20, 0x48);

    assert_int_equal(pic_output(&state), 0);
}

static void test_pic_sfnm(void **context)
{
    (void)context;
    program(0x11, 0x11, 0x01);
    raise_irq(12);
    assert_int_equal(acknowledge(), 0x2C);

    raise_irq(8);

    assert_int_equal(pic_output(&state), 1);
    assert_int_equal(acknowledge(), 0x28);
    assert_int_equal(isr(0xA0), 0x11);
}

static void test_pic_sfnm_lower_master_level_still_blocked(void **context)
{
    (void)context;
    program(0x11, 0x11, 0x01);
    raise_irq(12);
    acknowledge();

    raise_irq(4);

    assert_int_equal(pic_output(&state), 0);
}

static void test_pic_poll(void **context)
{
    (void)context;
    raise_irq(5);
    out(0x20, 0x0C);

    assert_int_equal(in(0x20), 0x85);
    assert_int_equal(isr(0x20), 0x20);
    assert_int_equal(pic_output(&state), 0);
}

static void test_pic_poll_none(void **context)
{
    (void)context;
    out(0x20, 0x0C);

    assert_int_equal(in(0x20), 0x00);
    assert_int_equal(isr(0x20), 0x00);
}

static void test_pic_poll_slave(void **context)
{
    (void)context;
    raise_irq(11);
    out(0x20, 0x0C);
    assert_int_equal(in(0x20), 0x82);
    out(0xA0, 0x0C);

    assert_int_equal(in(0xA0), 0x83);
    assert_int_equal(isr(0xA0), 0x08);
}

/* "Fully nested mode" turned round: lowest is 4, so 5, 6, 7, 0 .. 4 is the order. */
static void test_pic_rotated_nesting(void **context)
{
    (void)context;
    out(0x20, 0xC4);
    raise_irq(6);
    assert_int_equal(acknowledge(), 0x26);

    raise_irq(1);
    assert_int_equal(pic_output(&state), 0); /* below 6 now */
    raise_irq(5);
    assert_int_equal(acknowledge(), 0x25);
    assert_int_equal(isr(0x20), 0x60);
    out(0x20, 0x20); /* the highest in service is 5 */
    assert_int_equal(isr(0x20), 0x40);
    out(0x20, 0x20);
    assert_int_equal(acknowledge(), 0x21);
}

static void test_pic_rot_nonspec_of_nothing_keeps_the_order(void **context)
{
    (void)context;
    out(0x20, 0xA0);
    raise_irq(0);
    raise_irq(7);

    assert_int_equal(acknowledge(), 0x20);
}

/* A poll stands for INTA: rotation in automatic EOI mode counts it. */
static void test_pic_poll_with_automatic_eoi_rotates(void **context)
{
    (void)context;
    program(0x11, 0x03, 0x01);
    out(0x20, 0x80);
    raise_irq(3);
    raise_irq(5);
    out(0x20, 0x0C);
    assert_int_equal(in(0x20), 0x83);
    assert_int_equal(isr(0x20), 0x00);

    lower_irq(3);
    raise_irq(3);

    assert_int_equal(acknowledge(), 0x25); /* 3 is the lowest now */
}

static void test_pic_poll_by_the_odd_port_and_once(void **context)
{
    (void)context;
    raise_irq(2 + 4);
    out(0x20, 0x0C);

    assert_int_equal(in(0x21), 0x86);
    assert_int_equal(in(0x21), 0x00); /* the mask again */
}

static void test_pic_poll_answers_what_the_mask_lets_through(void **context)
{
    (void)context;
    raise_irq(3);
    raise_irq(5);
    out(0x21, 0x08);
    out(0x20, 0x0C);

    assert_int_equal(in(0x20), 0x85);
}

static void test_pic_spurious_7_under_automatic_eoi_leaves_no_trace(void **context)
{
    (void)context;
    program(0x11, 0x03, 0x03);
    out(0x20, 0x80);
    raise_irq(4);
    lower_irq(4);

    assert_int_equal(acknowledge(), 0x27);
    assert_int_equal(isr(0x20), 0x00);
    raise_irq(0);
    assert_int_equal(acknowledge(), 0x20); /* nothing was rotated */
}

/* The handler of 15 must send its EOI to the master only. */
static void test_pic_spurious_15_end(void **context)
{
    (void)context;
    raise_irq(12);
    pic_acknowledge_first(&pic);
    lower_irq(12);
    assert_int_equal(pic_acknowledge_second(&pic), 0x2F);

    out(0x20, 0x20);

    assert_int_equal(isr(0x20), 0x00);
    raise_irq(15);
    assert_int_equal(acknowledge(), 0x2F); /* a real one */
    assert_int_equal(isr(0xA0), 0x80);
}

static void test_pic_spurious_7_while_irq7_is_masked(void **context)
{
    (void)context;
    out(0x21, 0x80);
    raise_irq(0);
    lower_irq(0);

    assert_int_equal(acknowledge(), 0x27);
}

/* "Special fully nested mode": the handler looks at the slave before it ends the master's level. */
static void test_pic_sfnm_master_ends_with_the_last_of_the_slave(void **context)
{
    (void)context;
    program(0x11, 0x11, 0x01);
    raise_irq(12);
    acknowledge();
    raise_irq(9);
    acknowledge();

    out(0xA0, 0x20);
    assert_int_equal(isr(0xA0), 0x10); /* not yet: no EOI to the master */
    out(0xA0, 0x20);
    assert_int_equal(isr(0xA0), 0x00);
    out(0x20, 0x20);

    assert_int_equal(isr(0x20), 0x00);
    raise_irq(14);
    assert_int_equal(acknowledge(), 0x2E);
}

static void test_pic_sfnm_slave_of_lower_priority_waits(void **context)
{
    (void)context;
    program(0x11, 0x11, 0x01);
    raise_irq(9);
    acknowledge();

    raise_irq(12);

    assert_int_equal(pic_output(&state), 0);
}

static void test_pic_smm_of_the_slave(void **context)
{
    (void)context;
    raise_irq(9);
    acknowledge();
    out(0x20, 0x20);
    raise_irq(12);
    assert_int_equal(pic_output(&state), 0);

    out(0xA1, 0x02);
    out(0xA0, 0x68);

    assert_int_equal(acknowledge(), 0x2C);
    out(0xA0, 0x20);
    assert_int_equal(isr(0xA0), 0x02); /* passes over the masked level */
}

/* OCW3 without ESMM changes neither mode. */
static void test_pic_smm_bit_without_esmm(void **context)
{
    (void)context;
    raise_irq(3);
    acknowledge();
    raise_irq(5);
    out(0x21, 0x08);

    out(0x20, 0x28);

    assert_int_equal(pic_output(&state), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(test_pic_spurious_7),
        CASE(test_pic_spurious_7_differs_from_real_irq7),
        CASE(test_pic_spurious_15),
        CASE(test_pic_rot_nonspec),
        CASE(test_pic_rot_spec),
        CASE(test_pic_setprio),
        CASE(test_pic_rot_aeoi_set),
        CASE(test_pic_rot_aeoi_clr),
        CASE(test_pic_smm),
        CASE(test_pic_smm_nonspecific_eoi_skips_masked),
        CASE(test_pic_smm_off),
        CASE(test_pic_sfnm),
        CASE(test_pic_sfnm_lower_master_level_still_blocked),
        CASE(test_pic_poll),
        CASE(test_pic_poll_none),
        CASE(test_pic_poll_slave),
        CASE(test_pic_rotated_nesting),
        CASE(test_pic_rot_nonspec_of_nothing_keeps_the_order),
        CASE(test_pic_poll_with_automatic_eoi_rotates),
        CASE(test_pic_poll_by_the_odd_port_and_once),
        CASE(test_pic_poll_answers_what_the_mask_lets_through),
        CASE(test_pic_spurious_7_under_automatic_eoi_leaves_no_trace),
        CASE(test_pic_spurious_15_end),
        CASE(test_pic_spurious_7_while_irq7_is_masked),
        CASE(test_pic_sfnm_master_ends_with_the_last_of_the_slave),
        CASE(test_pic_sfnm_slave_of_lower_priority_waits),
        CASE(test_pic_smm_of_the_slave),
        CASE(test_pic_smm_bit_without_esmm),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
