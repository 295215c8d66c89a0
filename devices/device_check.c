/* Whether a loaded pc_state is one that the devices could have reached: each device by itself, then
 * what two of them share.
 * SPDX-License-Identifier: MIT */
#include "devices/pc.h"
#include "devices/platform_map.h"

static uint64_t earlier(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

/* A serial port's clocks are posted, and nothing else is. */
static uint32_t serial_posted(const struct events_state *events, const struct uart_state *state,
                              enum event_id transmit, enum event_id receive)
{
    return events_clock(events, transmit) == state->transmit_end &&
           events_clock(events, receive) == earlier(state->line_clock, state->timeout_clock);
}

/* A busy channel has its event posted, an idle one has none. */
static uint32_t disk_posted(const struct events_state *events, const struct ata_state *state,
                            enum event_id id)
{
    return (events_clock(events, id) != CLOCK_NEVER) == (ata_waits(state) != 0);
}

static const char *check_shared(const struct pc_state *state)
{
    const struct events_state *events = &state->events;

    if (!serial_posted(events, &state->com1, EVENT_COM1_TRANSMIT, EVENT_COM1_RECEIVE) ||
        !serial_posted(events, &state->com2, EVENT_COM2_TRANSMIT, EVENT_COM2_RECEIVE)) {
        return "event queue: does not match the serial ports";
    }
    if (!disk_posted(events, &state->ata[0], EVENT_ATA0) ||
        !disk_posted(events, &state->ata[1], EVENT_ATA1)) {
        return "event queue: does not match the disks";
    }
    if (events_clock(events, EVENT_LOCAL_APIC) != CLOCK_NEVER && !state->apics.local.present) {
        return "event queue: a timer of an APIC that is not there";
    }
    if ((events_clock(events, EVENT_PIT_LATE) != CLOCK_NEVER && !state->jitter.level) ||
        (events_clock(events, EVENT_LOCAL_APIC_LATE) != CLOCK_NEVER &&
         (!state->jitter.random || !state->apics.local.present))) {
        return "event queue: a late tick that nothing made late";
    }
    if ((state->ports.control_b & 1) != state->pit.channels[2].gate) {
        return "system ports: port 61h does not match the timer's gate";
    }
    return 0;
}

const char *pc_check(const struct pc_state *state)
{
    const char *wrong[] = {
        events_check(&state->events),       pic_check(&state->pic),
        interrupts_check(&state->apics),    pit_check(&state->pit),
        timer_jitter_check(&state->jitter), uart_check(&state->com1),
        uart_check(&state->com2),           kbd_check(&state->keyboard),
        cmos_check(&state->cmos),           vga_check(&state->vga),
        system_ports_check(&state->ports),  ata_check(&state->ata[0]),
        ata_check(&state->ata[1]),          check_shared(state),
    };

    for (uint32_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        if (wrong[i]) {
            return wrong[i];
        }
    }
    return 0;
}

const char *pc_check_clock(const struct pc_state *state, uint64_t now)
{
    for (uint32_t id = 0; id < EVENT_COUNT; id++) {
        if (state->events.slots[id].clock <= now) {
            return "event queue: an event is overdue";
        }
    }
    if (state->apics.local.timer_start > now ||
        events_clock(&state->events, EVENT_LOCAL_APIC) !=
            local_apic_timer_clock(&state->apics.local, now)) {
        return "event queue: does not match the local APIC's timer";
    }
    return 0;
}
