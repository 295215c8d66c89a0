/* The 8259A pair: initialisation, priorities, edges and levels, end of interrupt, cascade; ids of
 * the data sheet's behaviours in the names. See: Intel 8259A data sheet, order 231468.
 * SPDX-License-Identifier: MIT */
#include "pic_fixture.h"

static void test_pic_icw_seq(void **context)
{
    (void)context;
    out(0x21, 0x55);
    raise_irq(4);

    out(0x20, 0x11);

    assert_int_equal(in(0x21), 0x00);
    assert_int_equal(in(0x20), 0x00);
    assert_int_equal(pic_output(&state), 0);
}

static void test_pic_icw_seq_single_without_icw4(void **context)
{
    (void)context;
    out(0x20, 0x12);
    out(0x21, 0x40);

    out(0x21, 0xFB);

    assert_int_equal(in(0x21), 0xFB);
}

static void test_pic_icw_seq_forgets_edge_of_high_line(void **context)
{
    (void)context;
    raise_irq(4);
    out(0x20, 0x11);
    out(0x21, 0x20);
    out(0x21, 0x04);
    out(0x21, 0x01);

    assert_int_equal(pic_output(&state), 0);
    lower_irq(4);
    raise_irq(4);
    assert_int_equal(pic_output(&state), 1);
}

static void test_pic_vector(void **context)
{
    (void)context;
    raise_irq(5);

    assert_int_equal(acknowledge(), 0x25);
}

static void test_pic_vector_low_bits_of_icw2_ignored(void **context)
{
    (void)context;
    out(0x20, 0x11);
    out(0x21, 0x47);
    out(0x21, 0x04);
    out(0x21, 0x01);
    raise_irq(1);

    assert_int_equal(acknowledge(), 0x41);
}

static void test_pic_inta_2cycle(void **context)
{
    (void)context;
    raise_irq(3);

    pic_acknowledge_first(&pic);
    assert_int_equal(isr(0x20), 0x08);
    assert_int_equal(irr(0x20), 0x00);
    raise_irq(0); /* too late: priority is frozen */
    assert_int_equal(pic_acknowledge_second(&pic), 0x23);
}

static void test_pic_prio_fixed(void **context)
{
    (void)context;
    raise_irq(7);
    raise_irq(3);
    raise_irq(9);
    raise_irq(1);

    assert_int_equal(acknowledge(), 0x21);
    out(0x20, 0x20);
    assert_int_equal(acknowledge(), 0x29);
    out(0xA0, 0x20);
    out(0x20, 0x20);
    assert_int_equal(acknowledge(), 0x23);
    out(0x20, 0x20);
    assert_int_equal(acknowledge(), 0x27);
}

static void test_pic_nest_higher(void **context)
{
    (void)context;
    raise_irq(4);
    acknowledge();

    raise_irq(1);

    assert_int_equal(pic_output(&state), 1);
    assert_int_equal(acknowledge(), 0x21);
    assert_int_equal(isr(0x20), 0x12);
}

static void test_pic_block_equal_lower(void **context)
{
    (void)context;
    raise_irq(4);
    acknowledge();

    lower_irq(4);
    raise_irq(4);
    raise_irq(5);

    assert_int_equal(pic_output(&state), 0);
}

static void test_pic_imr(void **context)
{
    (void)context;
    out(0x21, 0x10);

    raise_irq(4);

    assert_int_equal(pic_output(&state), 0);
}

static void test_pic_imr_pending(void **context)
{
    (void)context;
    out(0x21, 0x10);
    raise_irq(4);
    assert_int_equal(irr(0x20), 0x10);

    out(0x21, 0x00);

    assert_int_equal(pic_output(&state), 1);
}

static void test_pic_edge(void **context)
{
    (void)context;
    raise_irq(4);
    acknowledge();
    out(0x20, 0x20);

    assert_int_equal(pic_output(&state), 0); /* still high: no second request */
    lower_irq(4);
    raise_irq(4);
    assert_int_equal(pic_output(&state), 1);
}

static void test_pic_edge_hold(void **context)
{
    (void)context;
    raise_irq(4);

    lower_irq(4);

    assert_int_equal(irr(0x20), 0x00);
    assert_int_equal(pic_output(&state), 0);
}

static void test_pic_level(void **context)
{
    (void)context;
    program(0x19, 0x01, 0x01);
    raise_irq(4);
    assert_int_equal(acknowledge(), 0x24);
    assert_int_equal(pic_output(&state), 0);

    out(0x20, 0x20);

    assert_int_equal(pic_output(&state), 1);
    assert_int_equal(acknowledge(), 0x24);
}

static void test_pic_eoi_nonspecific(void **context)
{
    (void)context;
    raise_irq(4);
    acknowledge();
    raise_irq(1);
    acknowledge();

    out(0x20, 0x20);

    assert_int_equal(isr(0x20), 0x10);
}

static void test_pic_eoi_specific(void **context)
{
    (void)context;
    raise_irq(4);
    acknowledge();
    raise_irq(1);
    acknowledge();

    out(0x20, 0x64);

    assert_int_equal(isr(0x20), 0x02);
}

static void test_pic_eoi_none(void **context)
{
    (void)context;
    struct pic_pair_state before = state;

    out(0x20, 0x20);

    assert_memory_equal(&before, &state, sizeof(state));
}

static void test_pic_aeoi(void **context)
{
    (void)context;
    program(0x11, 0x03, 0x01);
    raise_irq(4);

    assert_int_equal(acknowledge(), 0x24);
    assert_int_equal(isr(0x20), 0x00);
}

static void test_pic_aeoi_nest(void **context)
{
    (void)context;
    program(0x11, 0x03, 0x01);
    raise_irq(4);
    acknowledge();

    lower_irq(4);
    raise_irq(4);

    assert_int_equal(pic_output(&state), 1);
}

static void test_pic_cascade_eoi(void **context)
{
    (void)context;
    raise_irq(14);
    assert_int_equal(acknowledge(), 0x2E);
    assert_int_equal(isr(0x20), 0x04);
    assert_int_equal(isr(0xA0), 0x40);

    out(0xA0, 0x20);
    assert_int_equal(isr(0x20), 0x04);
    out(0x20, 0x20);

    assert_int_equal(isr(0x20), 0x00);
    assert_int_equal(isr(0xA0), 0x00);
}

static void test_pic_cascade_block(void **context)
{
    (void)context;
    raise_irq(12);
    acknowledge();

    raise_irq(8);

    assert_int_equal(pic_output(&state), 0);
    out(0x20, 0x20);
    assert_int_equal(acknowledge(), 0x28);
}

static void test_pic_cascade_second_request_makes_new_edge(void **context)
{
    (void)context;
    raise_irq(9);
    raise_irq(14);
    assert_int_equal(acknowledge(), 0x29);

    out(0xA0, 0x20);
    out(0x20, 0x20);

    assert_int_equal(acknowledge(), 0x2E);
}

static void test_pic_cascade_slave_identity_mismatch(void **context)
{
    (void)context;
    out(0xA0, 0x11);
    out(0xA1, 0x28);
    out(0xA1, 0x05);
    out(0xA1, 0x01);
    raise_irq(9);

    assert_int_equal(acknowledge(), 0xFF);
}

static void test_pic_read_irr_isr_imr(void **context)
{
    (void)context;
    out(0x21, 0x40);
    raise_irq(6);
    raise_irq(1);
    acknowledge();

    assert_int_equal(irr(0x20), 0x40);
    assert_int_equal(isr(0x20), 0x02);
    assert_int_equal(in(0x21), 0x40);
}

static void test_pic_int_drop_by_mask(void **context)
{
    (void)context;
    raise_irq(4);
    assert_int_equal(pic_output(&state), 1);

    out(0x21, 0x10);

    assert_int_equal(pic_output(&state), 0);
}

static void test_pic_int_drop_slave_withdrawn(void **context)
{
    (void)context;
    raise_irq(10);
    assert_int_equal(pic_output(&state), 1);

    lower_irq(10);

    assert_int_equal(pic_output(&state), 0);
    assert_int_equal(irr(0x20), 0x00);
}

static void test_pic_check_rejects_edge_without_line(void **context)
{
    (void)context;
    assert_null(pic_check(&state));

    state.master.edges = 0x10;

    assert_string_equal(pic_check(&state), "interrupt controller: edge without a high line");
}

/* 82371SB data sheet, "ELCR1", "ELCR2". */
static void test_pic_elcr_makes_single_inputs_level_triggered(void **context)
{
    (void)context;
    pic_elcr_write(&pic, 0x4D0, 1, 0x20, 0);
    raise_irq(5);
    raise_irq(6);

    assert_int_equal(acknowledge(), 0x25);
    out(0x20, 0x65);
    assert_int_equal(acknowledge(), 0x25); /* still high */
    lower_irq(5);
    out(0x20, 0x65);
    assert_int_equal(acknowledge(), 0x26);
    out(0x20, 0x66);
    assert_int_equal(pic_output(&state), 0); /* an edge comes once */
}

static void test_pic_elcr_of_the_slave(void **context)
{
    (void)context;
    raise_irq(10);
    assert_int_equal(acknowledge(), 0x2A);
    out(0xA0, 0x62);
    out(0x20, 0x62);
    assert_int_equal(pic_output(&state), 0);
    pic_elcr_write(&pic, 0x4D1, 1, 0x04, 0);
    assert_int_equal(pic_output(&state), 1);
    assert_int_equal(acknowledge(), 0x2A);
}

static void test_pic_elcr_bits_that_stay_edges(void **context)
{
    (void)context;
    pic_elcr_write(&pic, 0x4D0, 1, 0xFF, 0);
    pic_elcr_write(&pic, 0x4D1, 1, 0xFF, 0);

    assert_int_equal(pic_elcr_read(&pic, 0x4D0, 1, 0), 0xF8);
    assert_int_equal(pic_elcr_read(&pic, 0x4D1, 1, 0), 0xDE);
    out(0x20, 0x11); /* ICW1 leaves it alone */
    assert_int_equal(pic_elcr_read(&pic, 0x4D0, 1, 0), 0xF8);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(test_pic_icw_seq),
        CASE(test_pic_icw_seq_single_without_icw4),
        CASE(test_pic_icw_seq_forgets_edge_of_high_line),
        CASE(test_pic_vector),
        CASE(test_pic_vector_low_bits_of_icw2_ignored),
        CASE(test_pic_inta_2cycle),
        CASE(test_pic_prio_fixed),
        CASE(test_pic_nest_higher),
        CASE(test_pic_block_equal_lower),
        CASE(test_pic_imr),
        CASE(test_pic_imr_pending),
        CASE(test_pic_edge),
        CASE(test_pic_edge_hold),
        CASE(test_pic_level),
        CASE(test_pic_eoi_nonspecific),
        CASE(test_pic_eoi_specific),
        CASE(test_pic_eoi_none),
        CASE(test_pic_aeoi),
        CASE(test_pic_aeoi_nest),
        CASE(test_pic_cascade_eoi),
        CASE(test_pic_cascade_block),
        CASE(test_pic_cascade_second_request_makes_new_edge),
        CASE(test_pic_cascade_slave_identity_mismatch),
        CASE(test_pic_read_irr_isr_imr),
        CASE(test_pic_int_drop_by_mask),
        CASE(test_pic_int_drop_slave_withdrawn),
        CASE(test_pic_check_rejects_edge_without_line),
        CASE(test_pic_elcr_makes_single_inputs_level_triggered),
        CASE(test_pic_elcr_of_the_slave),
        CASE(test_pic_elcr_bits_that_stay_edges),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
