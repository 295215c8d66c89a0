/* Local APIC, I/O APIC and IMCR at their registers, in a PC at 100 MHz; one clock is one tick of
 * the undivided timer. See: Intel SDM volume 3, chapter "Advanced Programmable Interrupt
 * Controller"; 82093AA data sheet 3.2; MultiProcessor Specification 1.4, 3.6.2.
 * SPDX-License-Identifier: MIT */
#include "pc_fixture.h"

#define LOCAL 0xFEE00000u
#define IO    0xFEC00000u

static void nmi(void *context)
{
    ((struct fixture *)context)->request_count += 100;
}

static int setup(void **context)
{
    struct fixture *f = calloc(1, sizeof(*f));
    struct pc_config config = {
        .clock_hz = FIXTURE_HZ, .ram_bytes = 64u << 20, .rtc_epoch = FIXTURE_EPOCH, .apics = 1};
    struct pc_host host = {.context = f,
                           .request = fixture_request,
                           .nmi = nmi,
                           .interrupt_line = fixture_interrupt_line,
                           .next_event_changed = fixture_next_event};

    f->pc = pc_init(malloc(pc_bytes()), &f->state, &config, &host);
    pc_reset(f->pc, 0);
    *context = f;
    return 0;
}

static uint32_t local_in(struct fixture *f, uint32_t offset, uint64_t now)
{
    return pc_memory_read(f->pc, LOCAL + offset, 4, now);
}

static void local_out(struct fixture *f, uint32_t offset, uint32_t value, uint64_t now)
{
    pc_memory_write(f->pc, LOCAL + offset, 4, value, now);
}

static uint32_t io_in(struct fixture *f, uint32_t index)
{
    pc_memory_write(f->pc, IO, 4, index, 0);
    return pc_memory_read(f->pc, IO + 0x10, 4, 0);
}

static void io_out(struct fixture *f, uint32_t index, uint32_t value, uint64_t now)
{
    pc_memory_write(f->pc, IO, 4, index, now);
    pc_memory_write(f->pc, IO + 0x10, 4, value, now);
}

static uint32_t acknowledge(struct fixture *f, uint64_t now)
{
    return pc_interrupt_acknowledge(f->pc, now);
}

/* Symmetric mode: 8259A masked, IMCR 1, local APIC on, nothing from LINT0. */
static void symmetric(struct fixture *f)
{
    out8(f, 0x21, 0xFF, 0);
    out8(f, 0xA1, 0xFF, 0);
    out8(f, 0x22, 0x70, 0);
    out8(f, 0x23, 0x01, 0);
    local_out(f, 0x0F0, 0x1FF, 0);
}

static void test_apic_registers_after_reset(void **context)
{
    static const struct {
        uint32_t offset, value;
    } rows[] = {{0x020, 0},       {0x030, 0x00030011}, {0x080, 0},       {0x0A0, 0},
                {0x0D0, 0},       {0x0E0, 0xFFFFFFFF}, {0x0F0, 0xFF},    {0x100, 0},
                {0x270, 0},       {0x280, 0},          {0x300, 0},       {0x310, 0},
                {0x320, 0x10000}, {0x350, 0x10000},    {0x360, 0x10000}, {0x370, 0x10000},
                {0x380, 0},       {0x390, 0},          {0x3E0, 0}};
    struct fixture *f = *context;

    for (uint32_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (local_in(f, rows[i].offset, 0) != rows[i].value) {
            fail_msg("%03X is %08X, not %08X", rows[i].offset, local_in(f, rows[i].offset, 0),
                     rows[i].value);
        }
    }
    assert_int_equal(pc_apic_base(f->pc), 0xFEE00900);
}

static void test_apic_base_switches_it_off_and_does_not_move_it(void **context)
{
    struct fixture *f = *context;

    assert_int_equal(pc_set_apic_base(f->pc, 0xFEC00900, 0), 0);
    assert_int_equal(pc_set_apic_base(f->pc, 0xFEE00800, 0), 0);
    assert_int_equal(pc_set_apic_base(f->pc, 0xFEE00100, 0), 1);
    assert_int_equal(local_in(f, 0x030, 0), 0xFFFFFFFF);
    assert_int_equal(pc_set_apic_base(f->pc, 0xFEE00900, 0), 1);
    assert_int_equal(local_in(f, 0x030, 0), 0x00030011);
}

static void test_apic_one_shot_ends_after_count_times_divisor(void **context)
{
    struct fixture *f = *context;

    symmetric(f);
    local_out(f, 0x320, 0x31, 100);
    local_out(f, 0x3E0, 0x3, 100); /* by 16 */
    local_out(f, 0x380, 10, 1000);

    assert_int_equal(f->next_event <= 1160, 1);
    assert_int_equal(local_in(f, 0x390, 1015), 10);
    assert_int_equal(local_in(f, 0x390, 1016), 9);
    assert_int_equal(local_in(f, 0x390, 1159), 1);
    assert_int_equal(f->interrupt_line, 0);
    pc_run_events(f->pc, 1160);
    assert_int_equal(f->interrupt_line, 1);
    assert_int_equal(local_in(f, 0x390, 1160), 0);
    assert_int_equal(acknowledge(f, 1161), 0x31);
    pc_run_events(f->pc, 100000);
    assert_int_equal(local_in(f, 0x210, 100000), 0);
}

static void test_apic_divide_configuration_values(void **context)
{
    static const uint32_t codes[8] = {0x0, 0x1, 0x2, 0x3, 0x8, 0x9, 0xA, 0xB};
    static const uint32_t divisors[8] = {2, 4, 8, 16, 32, 64, 128, 1};
    struct fixture *f = *context;

    for (uint32_t i = 0; i < 8; i++) {
        local_out(f, 0x3E0, codes[i] | 0xF4, 0);
        local_out(f, 0x380, 1000, 0);

        assert_int_equal(local_in(f, 0x3E0, 0), codes[i]);
        assert_int_equal(local_in(f, 0x390, 128 * 5), 1000 - 128 * 5 / divisors[i]);
    }
}

static void test_apic_periodic_reloads_without_drift(void **context)
{
    struct fixture *f = *context;

    symmetric(f);
    local_out(f, 0x3E0, 0xB, 0);
    local_out(f, 0x320, 0x20040, 0);
    local_out(f, 0x380, 500, 1000);

    for (uint64_t i = 1; i <= 5; i++) {
        pc_run_events(f->pc, 1000 + 500 * i - 1);
        assert_int_equal(f->interrupt_line, 0);
        pc_run_events(f->pc, 1000 + 500 * i);
        assert_int_equal(f->interrupt_line, 1);
        assert_int_equal(acknowledge(f, 1000 + 500 * i + 7), 0x40);
        local_out(f, 0x0B0, 0, 1000 + 500 * i + 8);
    }
    assert_int_equal(local_in(f, 0x390, 3500), 500);
    assert_int_equal(local_in(f, 0x390, 3999), 1);
}

static void test_apic_masked_timer_counts_in_silence(void **context)
{
    struct fixture *f = *context;

    symmetric(f);
    local_out(f, 0x3E0, 0xB, 0);
    local_out(f, 0x320, 0x30040, 0);
    local_out(f, 0x380, 500, 1000);

    assert_int_equal(f->state.events.slots[EVENT_LOCAL_APIC].clock, CLOCK_NEVER);
    assert_int_equal(local_in(f, 0x390, 1000 + 7 * 500 + 100), 400);
    local_out(f, 0x320, 0x20040, 1000 + 7 * 500 + 100);
    assert_int_equal(f->state.events.slots[EVENT_LOCAL_APIC].clock, 5000);
    local_out(f, 0x380, 0, 4700);
    assert_int_equal(f->state.events.slots[EVENT_LOCAL_APIC].clock, CLOCK_NEVER);
}

static void test_apic_self_ipi_priorities_and_eoi(void **context)
{
    struct fixture *f = *context;

    symmetric(f);
    local_out(f, 0x300, 0x40041, 0);
    local_out(f, 0x300, 0x40052, 0);
    local_out(f, 0x300, 0x40055, 0);

    assert_int_equal(local_in(f, 0x220, 0), 0x00240002);
    assert_int_equal(acknowledge(f, 0), 0x55);
    assert_int_equal(local_in(f, 0x0A0, 0), 0x50);
    assert_int_equal(f->interrupt_line, 0); /* 52h is of the same class */
    local_out(f, 0x300, 0x40061, 0);
    assert_int_equal(acknowledge(f, 0), 0x61);
    assert_int_equal(local_in(f, 0x120, 0), 0x00200000);
    assert_int_equal(local_in(f, 0x130, 0), 0x00000002);
    local_out(f, 0x0B0, 0, 0); /* of 61h */
    assert_int_equal(f->interrupt_line, 0);
    local_out(f, 0x0B0, 0, 0); /* of 55h */
    assert_int_equal(acknowledge(f, 0), 0x52);
    local_out(f, 0x0B0, 0, 0);
    assert_int_equal(acknowledge(f, 0), 0x41);
}

static void test_apic_task_priority_holds_back_its_class_and_below(void **context)
{
    struct fixture *f = *context;

    symmetric(f);
    local_out(f, 0x080, 0x4F, 0);
    local_out(f, 0x300, 0x40041, 0);

    assert_int_equal(local_in(f, 0x0A0, 0), 0x4F);
    assert_int_equal(f->interrupt_line, 0);
    local_out(f, 0x080, 0x3F, 0);
    assert_int_equal(f->interrupt_line, 1);
    local_out(f, 0x080, 0xF0, 0); /* between INTR and INTA */
    assert_int_equal(acknowledge(f, 0), 0xFF);
    assert_int_equal(local_in(f, 0x120, 0), 0); /* a spurious one is not in service */
    local_out(f, 0x080, 0, 0);
    assert_int_equal(acknowledge(f, 0), 0x41);
}

static void test_apic_switched_off_masks_local_vectors_and_sends_nothing_on(void **context)
{
    struct fixture *f = *context;

    symmetric(f);
    local_out(f, 0x350, 0x700, 0);
    local_out(f, 0x300, 0x40041, 0);
    local_out(f, 0x0F0, 0xF0, 0);

    assert_int_equal(local_in(f, 0x0F0, 0), 0xFF);
    assert_int_equal(local_in(f, 0x350, 0), 0x10700);
    assert_int_equal(f->interrupt_line, 0);
    local_out(f, 0x350, 0x700, 0);
    assert_int_equal(local_in(f, 0x350, 0), 0x10700);
}

static void test_apic_errors_are_shown_after_a_write(void **context)
{
    struct fixture *f = *context;

    symmetric(f);
    local_out(f, 0x370, 0x3F, 0);
    local_out(f, 0x300, 0x4000F, 0); /* vector below 10h */

    assert_int_equal(local_in(f, 0x280, 0), 0);
    local_out(f, 0x280, 0, 0);
    assert_int_equal(local_in(f, 0x280, 0), 0x20);
    assert_int_equal(acknowledge(f, 0), 0x3F);
    (void)local_in(f, 0x330, 0); /* thermal entry: not there */
    local_out(f, 0x310, 0x05000000, 0);
    local_out(f, 0x300, 0x00041, 0); /* nobody has ID 5 */
    local_out(f, 0x280, 0, 0);
    assert_int_equal(local_in(f, 0x280, 0), 0x84);
    local_out(f, 0x280, 0, 0);
    assert_int_equal(local_in(f, 0x280, 0), 0);
}

static void test_apic_destinations_of_the_command_register(void **context)
{
    static const struct {
        uint32_t high, low, arrives;
    } rows[] = {
        {0x00000000, 0x00041, 1}, {0x01000000, 0x00041, 0}, {0x0F000000, 0x00041, 1},
        {0xFF000000, 0x00041, 1}, {0x02000000, 0x00841, 1}, {0x01000000, 0x00841, 0},
        {0x00000000, 0x80041, 1}, {0x00000000, 0xC0041, 0}, {0x00000000, 0x00141, 1},
        {0x00000000, 0x00641, 0},
    };
    struct fixture *f = *context;

    symmetric(f);
    local_out(f, 0x0D0, 0x02000000, 0); /* flat model, second bit */
    for (uint32_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        local_out(f, 0x310, rows[i].high, 0);
        local_out(f, 0x300, rows[i].low, 0);
        if (f->interrupt_line != rows[i].arrives) {
            fail_msg("row %u: INTR is %u", i, f->interrupt_line);
        }
        if (rows[i].arrives) {
            assert_int_equal(acknowledge(f, 0), 0x41);
            local_out(f, 0x0B0, 0, 0);
        }
    }
}

static void test_apic_cluster_model_needs_cluster_and_bit(void **context)
{
    struct fixture *f = *context;

    symmetric(f);
    local_out(f, 0x0E0, 0, 0);
    assert_int_equal(local_in(f, 0x0E0, 0), 0x0FFFFFFF);
    local_out(f, 0x0D0, 0x34000000, 0);

    local_out(f, 0x310, 0x24000000, 0);
    local_out(f, 0x300, 0x00841, 0);
    assert_int_equal(f->interrupt_line, 0);
    local_out(f, 0x310, 0x38000000, 0);
    local_out(f, 0x300, 0x00841, 0);
    assert_int_equal(f->interrupt_line, 0);
    local_out(f, 0x310, 0x3C000000, 0);
    local_out(f, 0x300, 0x00841, 0);
    assert_int_equal(f->interrupt_line, 1);
}

static void test_apic_nmi_and_init_to_itself(void **context)
{
    struct fixture *f = *context;

    local_out(f, 0x300, 0x00400, 0);
    assert_int_equal(f->request_count, 100);
    local_out(f, 0x300, 0x08500, 0); /* INIT level de-assert */
    assert_int_equal(f->request_count, 100);
    local_out(f, 0x300, 0x00500, 0);
    assert_int_equal(f->request_count, 101);
    assert_int_equal(f->request, PC_REQUEST_RESET);
}

static void test_apic_pic_mode_and_virtual_wire_mode(void **context)
{
    struct fixture *f = *context;

    open_interrupts(f);
    out8(f, 0x43, 0x34, 0);
    out8(f, 0x40, 100, 0);
    out8(f, 0x40, 0, 0);
    pc_run_events(f->pc, 100 * MICROSECOND);
    assert_int_equal(f->interrupt_line, 1); /* PIC mode: past the APIC */
    out8(f, 0x22, 0x70, 10000);
    out8(f, 0x23, 0x01, 10000);
    assert_int_equal(f->interrupt_line, 0); /* LINT0 is masked */
    local_out(f, 0x0F0, 0x1FF, 10000);
    local_out(f, 0x350, 0x700, 10000);
    assert_int_equal(f->interrupt_line, 1);
    local_out(f, 0x080, 0xFF, 10000); /* ExtINT does not ask for priorities */
    assert_int_equal(acknowledge(f, 10000), 0x20);
    assert_int_equal(local_in(f, 0x110, 10000), 0);
    assert_int_equal(in8(f, 0x23, 10000), 1);
}

static void test_ioapic_registers_after_reset(void **context)
{
    struct fixture *f = *context;

    assert_int_equal(io_in(f, 0x00), 0);
    assert_int_equal(io_in(f, 0x01), 0x00170011);
    assert_int_equal(io_in(f, 0x10), 0x00010000);
    assert_int_equal(io_in(f, 0x3E), 0x00010000);
    assert_int_equal(io_in(f, 0x3F), 0);
    assert_int_equal(io_in(f, 0x40), 0);
    io_out(f, 0x00, 0xFFFFFFFF, 0);
    assert_int_equal(io_in(f, 0x00), 0x0F000000);
    assert_int_equal(io_in(f, 0x02), 0x0F000000);
    io_out(f, 0x11, 0xFFFFFFFF, 0);
    assert_int_equal(io_in(f, 0x11), 0xFF000000);
    io_out(f, 0x10, 0xFFFFFFFF, 0);
    assert_int_equal(io_in(f, 0x10), 0x0001AFFF); /* 12 and 14 are read only */
}

static void test_ioapic_timer_comes_in_at_pin_2(void **context)
{
    struct fixture *f = *context;

    symmetric(f);
    io_out(f, 0x14, 0x00000032, 0);
    out8(f, 0x43, 0x34, 0);
    out8(f, 0x40, 100, 0);
    out8(f, 0x40, 0, 0);
    pc_run_events(f->pc, 100 * MICROSECOND);

    assert_int_equal(acknowledge(f, 10000), 0x32);
    assert_int_equal(local_in(f, 0x190, 10000), 0); /* TMR: an edge */
}

static void test_ioapic_edge_at_a_masked_input_is_lost(void **context)
{
    struct fixture *f = *context;

    symmetric(f);
    pc_key(f->pc, 0x1E, 1000);
    pc_run_events(f->pc, SECOND);
    assert_int_equal(in8(f, 0x64, SECOND) & 1, 1);
    io_out(f, 0x12, 0x00000033, SECOND);
    assert_int_equal(f->interrupt_line, 0);
}

static void test_ioapic_level_asks_again_after_eoi_while_it_lasts(void **context)
{
    struct fixture *f = *context;

    symmetric(f);
    io_out(f, 0x12, 0x00008033, 0); /* keyboard, level */
    pc_key(f->pc, 0x1E, 1000);
    pc_run_events(f->pc, SECOND);

    assert_int_equal(acknowledge(f, SECOND), 0x33);
    assert_int_equal(io_in(f, 0x12), 0x0000C033); /* remote IRR */
    assert_int_equal(local_in(f, 0x190, SECOND), 0x00080000);
    local_out(f, 0x0B0, 0, SECOND);
    assert_int_equal(f->interrupt_line, 1);
    assert_int_equal(acknowledge(f, SECOND), 0x33);
    (void)in8(f, 0x60, SECOND); /* the line falls */
    local_out(f, 0x0B0, 0, SECOND);
    assert_int_equal(f->interrupt_line, 0);
    assert_int_equal(io_in(f, 0x12), 0x00008033);
}

static void test_ioapic_low_active_input_is_inverted(void **context)
{
    struct fixture *f = *context;

    symmetric(f);
    io_out(f, 0x2E, 0x0000A034, 0); /* pin 15, nothing there: low */
    assert_int_equal(acknowledge(f, 0), 0x34);
}

static void test_ioapic_extint_at_pin_0_brings_the_8259a(void **context)
{
    struct fixture *f = *context;

    symmetric(f);
    open_interrupts(f);
    io_out(f, 0x10, 0x00000700, 0);
    out8(f, 0x43, 0x34, 0);
    out8(f, 0x40, 100, 0);
    out8(f, 0x40, 0, 0);
    pc_run_events(f->pc, 100 * MICROSECOND);

    assert_int_equal(f->interrupt_line, 1);
    assert_int_equal(acknowledge(f, 10000), 0x20);
}

static void test_ioapic_nmi_at_an_edge(void **context)
{
    struct fixture *f = *context;

    symmetric(f);
    io_out(f, 0x14, 0x00000400, 0);
    assert_int_equal(pc_brings_nmi(f->pc), 0); /* nothing is to come */
    out8(f, 0x43, 0x34, 0);
    out8(f, 0x40, 100, 0);
    out8(f, 0x40, 0, 0);
    assert_int_equal(pc_brings_nmi(f->pc), 1);
    pc_run_events(f->pc, 100 * MICROSECOND);

    assert_int_equal(f->request_count, 100);
    assert_int_equal(f->interrupt_line, 0);
}

static void test_apic_pieces_other_than_aligned_doublewords(void **context)
{
    struct fixture *f = *context;

    assert_int_equal(pc_memory_read(f->pc, LOCAL + 0x32, 1, 0), 0x03);
    assert_int_equal(pc_memory_read(f->pc, LOCAL + 0x30, 2, 0) & 0xFFFF, 0x0011);
    assert_int_equal(pc_memory_read(f->pc, LOCAL + 0x34, 4, 0), 0);
    pc_memory_write(f->pc, LOCAL + 0x80, 1, 0x44, 0);
    assert_int_equal(local_in(f, 0x80, 0), 0);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(test_apic_registers_after_reset),
        CASE(test_apic_base_switches_it_off_and_does_not_move_it),
        CASE(test_apic_one_shot_ends_after_count_times_divisor),
        CASE(test_apic_divide_configuration_values),
        CASE(test_apic_periodic_reloads_without_drift),
        CASE(test_apic_masked_timer_counts_in_silence),
        CASE(test_apic_self_ipi_priorities_and_eoi),
        CASE(test_apic_task_priority_holds_back_its_class_and_below),
        CASE(test_apic_switched_off_masks_local_vectors_and_sends_nothing_on),
        CASE(test_apic_errors_are_shown_after_a_write),
        CASE(test_apic_destinations_of_the_command_register),
        CASE(test_apic_cluster_model_needs_cluster_and_bit),
        CASE(test_apic_nmi_and_init_to_itself),
        CASE(test_apic_pic_mode_and_virtual_wire_mode),
        CASE(test_ioapic_registers_after_reset),
        CASE(test_ioapic_timer_comes_in_at_pin_2),
        CASE(test_ioapic_edge_at_a_masked_input_is_lost),
        CASE(test_ioapic_level_asks_again_after_eoi_while_it_lasts),
        CASE(test_ioapic_low_active_input_is_inverted),
        CASE(test_ioapic_extint_at_pin_0_brings_the_8259a),
        CASE(test_ioapic_nmi_at_an_edge),
        CASE(test_apic_pieces_other_than_aligned_doublewords),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
