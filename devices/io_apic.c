/* The I/O APIC's entries and inputs. There are no events: nothing happens by itself.
 * SPDX-License-Identifier: MIT */
#include "devices/io_apic.h"

#define SELECT_OFFSET 0x00
#define WINDOW_OFFSET 0x10
#define REG_ID        0x00
#define REG_VERSION   0x01
#define REG_ARBITRATE 0x02
#define REG_ENTRIES   0x10
#define VERSION_VALUE (0x11u | (IO_APIC_PINS - 1) << 16)
#define ID_MASK       0x0F000000u

#define ENTRY_LOW_ACTIVE 0x02000u
#define ENTRY_REMOTE_IRR 0x04000u
#define ENTRY_LEVEL      0x08000u
#define ENTRY_MASKED     0x10000u
#define ENTRY_WRITABLE   0x1AFFFu

static uint32_t is_active(const struct io_apic_state *state, uint32_t pin)
{
    return ((state->pins >> pin) & 1) ^ (state->low[pin] & ENTRY_LOW_ACTIVE ? 1u : 0);
}

static struct apic_message message_of(const struct io_apic_state *state, uint32_t pin)
{
    uint32_t low = state->low[pin];

    return (struct apic_message){
        .vector = low & 0xFF,
        .delivery = (low >> 8) & 7,
        .level = (low & ENTRY_LEVEL) != 0,
        .logical = (low >> 11) & 1,
        .destination = state->high[pin] >> 24,
    };
}

static uint32_t is_external(const struct io_apic_state *state, uint32_t pin)
{
    return ((state->low[pin] >> 8) & 7) == APIC_EXTINT;
}

static void deliver(struct io_apic *apic, uint32_t pin)
{
    struct io_apic_state *state = apic->state;
    struct apic_message message = message_of(state, pin);

    if (local_apic_accept(apic->local, &message) && message.level) {
        state->low[pin] |= ENTRY_REMOTE_IRR;
    }
}

/* Level triggered inputs ask whenever they are active, open and not being served. */
static void service_level(struct io_apic *apic, uint32_t pin)
{
    uint32_t low = apic->state->low[pin];

    if ((low & ENTRY_LEVEL) && !(low & (ENTRY_MASKED | ENTRY_REMOTE_IRR)) &&
        !is_external(apic->state, pin) && is_active(apic->state, pin)) {
        deliver(apic, pin);
    }
}

void io_apic_set_pin(struct io_apic *apic, uint32_t pin, uint32_t level)
{
    struct io_apic_state *state = apic->state;
    uint32_t was_active = is_active(state, pin);

    state->pins = (state->pins & ~(1u << pin)) | level << pin;
    service_level(apic, pin);
    if (!(state->low[pin] & (ENTRY_LEVEL | ENTRY_MASKED)) && !is_external(state, pin) &&
        !was_active && is_active(state, pin)) {
        deliver(apic, pin);
    }
}

void io_apic_end(struct io_apic *apic, uint32_t vector)
{
    struct io_apic_state *state = apic->state;

    for (uint32_t pin = 0; pin < IO_APIC_PINS; pin++) {
        if ((state->low[pin] & ENTRY_REMOTE_IRR) && (state->low[pin] & 0xFF) == vector) {
            state->low[pin] &= ~ENTRY_REMOTE_IRR;
            service_level(apic, pin);
        }
    }
}

uint32_t io_apic_external(const struct io_apic_state *state, const struct local_apic_state *local)
{
    if (!state->present || !local_apic_enabled(local)) {
        return 0;
    }
    for (uint32_t pin = 0; pin < IO_APIC_PINS; pin++) {
        struct apic_message message = message_of(state, pin);

        if (is_external(state, pin) && !(state->low[pin] & ENTRY_MASKED) && is_active(state, pin) &&
            local_apic_matches(local, &message)) {
            return 1;
        }
    }
    return 0;
}

uint32_t io_apic_brings_nmi(const struct io_apic_state *state)
{
    for (uint32_t pin = 0; state->present && pin < IO_APIC_PINS; pin++) {
        if (!(state->low[pin] & ENTRY_MASKED) && message_of(state, pin).delivery == APIC_NMI) {
            return 1;
        }
    }
    return 0;
}

/* ---- registers ---- */

static uint32_t read_window(const struct io_apic_state *state)
{
    uint32_t pin = (state->select - REG_ENTRIES) / 2;

    if (state->select == REG_ID || state->select == REG_ARBITRATE) {
        return state->id; /* arbitration starts from the ID, and nobody else arbitrates */
    }
    if (state->select == REG_VERSION) {
        return VERSION_VALUE;
    }
    if (state->select < REG_ENTRIES || pin >= IO_APIC_PINS) {
        return 0;
    }
    return state->select & 1 ? state->high[pin] : state->low[pin];
}

static void write_window(struct io_apic *apic, uint32_t value)
{
    struct io_apic_state *state = apic->state;
    uint32_t pin = (state->select - REG_ENTRIES) / 2;

    if (state->select == REG_ID) {
        state->id = value & ID_MASK;
    }
    if (state->select < REG_ENTRIES || pin >= IO_APIC_PINS) {
        return;
    }
    if (state->select & 1) {
        state->high[pin] = value & 0xFF000000u;
        return;
    }
    state->low[pin] = (value & ENTRY_WRITABLE) | (state->low[pin] & ENTRY_REMOTE_IRR);
    if (!(value & ENTRY_LEVEL)) {
        state->low[pin] &= ~ENTRY_REMOTE_IRR; /* no level is being served any more */
    }
    service_level(apic, pin);
}

uint32_t io_apic_read(void *device, uint32_t physical, uint32_t size, uint64_t now)
{
    struct io_apic *apic = device;
    uint32_t offset = physical & (IO_APIC_BYTES - 1);
    uint32_t value = 0;

    (void)now;
    if ((offset & 0xF) + size > 4) {
        return 0;
    }
    if ((offset & ~3u) == SELECT_OFFSET) {
        value = apic->state->select;
    } else if ((offset & ~3u) == WINDOW_OFFSET) {
        value = read_window(apic->state);
    }
    return value >> (8 * (offset & 3));
}

void io_apic_write(void *device, uint32_t physical, uint32_t size, uint32_t value, uint64_t now)
{
    struct io_apic *apic = device;
    uint32_t offset = physical & (IO_APIC_BYTES - 1);

    (void)now;
    if (size == 4 && offset == SELECT_OFFSET) {
        apic->state->select = value & 0xFF;
    } else if (size == 4 && offset == WINDOW_OFFSET) {
        write_window(apic, value);
    }
}

/* The inputs stay as they are driven. */
void io_apic_reset(struct io_apic *apic, uint32_t present)
{
    uint32_t pins = apic->state->pins;

    *apic->state = (struct io_apic_state){.pins = present ? pins : 0, .present = present};
    for (uint32_t pin = 0; present && pin < IO_APIC_PINS; pin++) {
        apic->state->low[pin] = ENTRY_MASKED;
    }
}

const char *io_apic_check(const struct io_apic_state *state)
{
    uint32_t others = state->pins | state->select | state->id;

    for (uint32_t pin = 0; pin < IO_APIC_PINS; pin++) {
        if ((state->low[pin] & ~(ENTRY_WRITABLE | ENTRY_REMOTE_IRR)) ||
            (state->high[pin] & 0xFFFFFF) ||
            ((state->low[pin] & ENTRY_REMOTE_IRR) && !(state->low[pin] & ENTRY_LEVEL))) {
            return "I/O APIC: entry out of range";
        }
        others |= state->low[pin] | state->high[pin];
    }
    if (state->present > 1 || state->pins >> IO_APIC_PINS || state->select > 0xFF ||
        (state->id & ~ID_MASK) || (!state->present && others)) {
        return "I/O APIC: register out of range";
    }
    return 0;
}
