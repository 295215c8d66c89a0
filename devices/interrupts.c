/* The board's interrupt wiring.
 * SPDX-License-Identifier: MIT */
#include "devices/interrupts.h"

#include "devices/platform_map.h"

#define TIMER_PIN 2 /* of the I/O APIC; pin 0 has the 8259A */

static void end_of_level(void *context, uint32_t vector)
{
    io_apic_end(&((struct interrupts *)context)->io, vector);
}

void interrupts_init(struct interrupts *interrupts, struct pic_pair_state *pic,
                     struct apics_state *apics, struct events_state *events,
                     const struct pc_host *host)
{
    interrupts->local = (struct local_apic){.state = &apics->local,
                                            .events = events,
                                            .host = host,
                                            .end_of_level = end_of_level,
                                            .context = interrupts};
    interrupts->io = (struct io_apic){.state = &apics->io, .local = &interrupts->local};
    interrupts->imcr = &apics->imcr;
    pic_init(&interrupts->pic, pic);
}

void interrupts_reset(struct interrupts *interrupts)
{
    local_apic_reset(&interrupts->local, interrupts->present);
    io_apic_reset(&interrupts->io, interrupts->present);
    *interrupts->imcr = (struct imcr_state){0, 0};
}

uint32_t interrupts_read(void *device, uint16_t port, uint32_t size, uint64_t now)
{
    const struct imcr_state *imcr = ((struct interrupts *)device)->imcr;

    (void)size;
    (void)now;
    if (port == PORT_IMCR_SELECT) {
        return imcr->selected;
    }
    return imcr->selected == IMCR_NUMBER ? imcr->through_apic : 0xFF;
}

void interrupts_write(void *device, uint16_t port, uint32_t size, uint32_t value, uint64_t now)
{
    struct imcr_state *imcr = ((struct interrupts *)device)->imcr;

    (void)size;
    (void)now;
    if (port == PORT_IMCR_SELECT) {
        imcr->selected = value & 0xFF;
    } else if (imcr->selected == IMCR_NUMBER) {
        imcr->through_apic = value & 1;
    }
}

void interrupts_set_line(void *device, uint32_t irq, uint32_t level)
{
    struct interrupts *interrupts = device;

    pic_set_line(&interrupts->pic, irq, level);
    if (interrupts->present) {
        io_apic_set_pin(&interrupts->io, irq == IRQ_TIMER ? TIMER_PIN : irq, level);
    }
}

void interrupts_settle(struct interrupts *interrupts)
{
    uint32_t level;

    if (!interrupts->present) {
        return;
    }
    level = pic_output(interrupts->pic.state);
    if ((interrupts->io.state->pins & 1) != level) {
        io_apic_set_pin(&interrupts->io, 0, level);
    }
    level &= interrupts->imcr->through_apic;
    if ((interrupts->local.state->pins & 1) != level) {
        local_apic_set_pin(&interrupts->local, 0, level);
    }
}

/* The 8259A reaches INTR by one of the three ways. */
static uint32_t pic_gets_through(const struct interrupts *interrupts)
{
    const struct local_apic_state *local = interrupts->local.state;

    if (!local_apic_enabled(local) || !interrupts->imcr->through_apic) {
        return pic_output(interrupts->pic.state) || io_apic_external(interrupts->io.state, local);
    }
    return local_apic_external(local) || io_apic_external(interrupts->io.state, local);
}

uint32_t interrupts_output(const struct interrupts *interrupts)
{
    if (!interrupts->present) {
        return pic_output(interrupts->pic.state);
    }
    return local_apic_pending(interrupts->local.state) || pic_gets_through(interrupts);
}

uint8_t interrupts_acknowledge(struct interrupts *interrupts)
{
    if (interrupts->present && local_apic_pending(interrupts->local.state)) {
        return local_apic_acknowledge(&interrupts->local);
    }
    if (interrupts->present && !pic_gets_through(interrupts)) {
        return local_apic_acknowledge(&interrupts->local); /* spurious */
    }
    pic_acknowledge_first(&interrupts->pic);
    return pic_acknowledge_second(&interrupts->pic);
}

void interrupts_hand_over(struct interrupts *interrupts, uint64_t now)
{
    if (interrupts->present) {
        local_apic_virtual_wire(&interrupts->local, now);
        interrupts->io.state->id = (uint32_t)IO_APIC_ID << 24;
        interrupts->imcr->through_apic = 1;
    }
}

const char *interrupts_check(const struct apics_state *state)
{
    const char *wrong = local_apic_check(&state->local);

    if (!wrong) {
        wrong = io_apic_check(&state->io);
    }
    if (!wrong && (state->imcr.selected > 0xFF || state->imcr.through_apic > 1 ||
                   state->local.present != state->io.present ||
                   (!state->local.present && state->imcr.selected))) {
        wrong = "APICs: IMCR out of range";
    }
    return wrong;
}
