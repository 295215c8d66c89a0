/* Loaded states: each row spoils one field and names the complaint.
 * SPDX-License-Identifier: MIT */
#include "pc_fixture.h"

struct row {
    size_t offset;         /* in struct pc_state */
    uint8_t value;         /* put there */
    const char *complaint; /* of pc_check */
};

#define AT(field) offsetof(struct pc_state, field)

static const struct row ROWS[] = {
    {AT(events.slots[0].sequence), 1, "event queue: sequence number out of range"},
    {AT(pic.master.edges), 0x80, "interrupt controller: edge without a high line"},
    {AT(pic.master.lowest), 8, "interrupt controller: level or vector out of range"},
    {AT(pic.slave.inta_level), 9, "interrupt controller: level or vector out of range"},
    {AT(pic.slave.icw2), 0x71, "interrupt controller: level or vector out of range"},
    {AT(pic.master.init_step), 4, "interrupt controller: initialisation step out of range"},
    {AT(pic.master.poll), 2, "interrupt controller: flag out of range"},
    {AT(pic.master.elcr), 1, "interrupt controller: an input that is never level triggered"},
    {AT(pic.master.lines), 0x05, "interrupt controller: cascade line does not match the slave"},
    {AT(pit.channels[0].control), 0x40, "timer: control word out of range"},
    {AT(pit.channels[0].control), 0x06, "timer: control word out of range"},
    {AT(pit.channels[1].run), 3, "timer: counting state out of range"},
    {AT(pit.channels[1].start_tick), 1, "timer: counting state out of range"},
    {AT(pit.channels[1].elapsed), 1, "timer: counting state out of range"},
    {AT(pit.channels[0].held_out), 2, "timer: flag out of range"},
    {AT(pit.channels[0].count_latches), 3, "timer: latched bytes out of range"},
    {AT(pit.channels[0].gate), 0, "timer: gate of channel 0 or 1 is low"},
    {AT(pit.channels[2].gate), 1, "system ports: port 61h does not match the timer's gate"},
    {AT(com1.received.bytes), 1, "serial port: queue out of range"},
    {AT(com1.line.reserved), 1, "serial port: queue out of range"},
    {AT(com1.ier), 0x10, "serial port: register out of range"},
    {AT(com1.fcr), 0x08, "serial port: register out of range"},
    {AT(com2.mcr), 0x20, "serial port: register out of range"},
    {AT(com2.timeout), 2, "serial port: flag out of range"},
    {AT(com2.transmits.count), 2, "serial port: more bytes than the FIFO holds"},
    {AT(com2.transmits.count), 1, "serial port: bytes to send and nothing sending them"},
    {AT(com1.line_clock), 1, "serial port: arrival of a byte that is not there"},
    {AT(com1.timeout_clock), 1, "event queue: does not match the serial ports"},
    {AT(keyboard.keys.count), 17, "keyboard: queue out of range"},
    {AT(keyboard.status), 0x02, "keyboard: status or output port out of range"},
    {AT(keyboard.controller_command), 0x20, "keyboard: controller command that takes no data"},
    {AT(keyboard.keyboard_command), 0xEE, "keyboard: keyboard command that takes no data"},
    {AT(keyboard.scan_set), 4, "keyboard: mode out of range"},
    {AT(cmos.memory[0x0A]), 0xA6, "clock: register out of range"},
    {AT(cmos.memory[0x0C]), 0x01, "clock: register out of range"},
    {AT(cmos.memory[0x0D]), 0x00, "clock: register out of range"},
    {AT(cmos.weekday_shift), 7, "clock: time out of range"},
    {AT(ata[0].drives[1].geometry.heads), 17, "disk: geometry out of range"},
    {AT(ata[0].drives[0].geometry.sectors), 0, "disk: geometry out of range"},
    {AT(ata[1].drives[0].multiple), 9, "disk: mode out of range"},
    {AT(ata[1].phase), ATA_HELD, "disk: phase out of range"},
    {AT(ata[1].control), 4, "disk: phase out of range"},
    {AT(ata[0].phase), ATA_PHASE_COUNT, "disk: phase out of range"},
    {AT(ata[0].phase), ATA_READ_HOST, "disk: block out of range"},
    {AT(ata[0].phase), ATA_COMMAND, "event queue: does not match the disks"},
    {AT(ata[0].position), 2, "disk: block out of range"},
    {AT(ata[0].length) + 1, 2, "disk: block out of range"},
    {AT(ata[0].device), 0x40, "disk: register out of range"},
    {AT(ata[0].interrupt), 2, "disk: register out of range"},
    {AT(ata[0].sector) + 3, 0x10, "disk: register out of range"},
    {AT(vga.dac_component), 3, "VGA: register out of range"},
    {AT(vga.dac), 0x40, "VGA: palette value out of range"},
    {AT(ports.control_b), 0x10, "system ports: register out of range"},
    {AT(ports.control_a), 0x04, "system ports: register out of range"},
};

static void test_check_names_the_field(void **context)
{
    struct fixture *f = *context;

    for (uint32_t i = 0; i < sizeof(ROWS) / sizeof(ROWS[0]); i++) {
        uint8_t *at = (uint8_t *)&f->state + ROWS[i].offset;
        uint8_t before = *at;

        *at = ROWS[i].value;
        if (!pc_check(&f->state) || strcmp(pc_check(&f->state), ROWS[i].complaint) != 0) {
            fail_msg("row %u: got %s, not %s", i, pc_check(&f->state), ROWS[i].complaint);
        }
        *at = before;
        assert_null(pc_check(&f->state));
    }
}

/* The clocks are 64 bits of ones when nothing is pending; one byte of them changed is a time. */
static void test_check_accepts_the_reset_state(void **context)
{
    struct fixture *f = *context;

    assert_null(pc_check(&f->state));
    assert_null(pc_check_clock(&f->state, 0));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FIXTURE_CASE(test_check_names_the_field),
        FIXTURE_CASE(test_check_accepts_the_reset_state),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
