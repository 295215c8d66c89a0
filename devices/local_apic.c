/* The local APIC: priorities are resolved from the state whenever somebody asks; the timer's count
 * is computed from the clock.
 * SPDX-License-Identifier: MIT */
#include "devices/local_apic.h"

#include "devices/platform_map.h"

#define REG_ID        0x020
#define REG_VERSION   0x030
#define REG_TPR       0x080
#define REG_APR       0x090
#define REG_PPR       0x0A0
#define REG_EOI       0x0B0
#define REG_LDR       0x0D0
#define REG_DFR       0x0E0
#define REG_SPURIOUS  0x0F0
#define REG_ISR       0x100
#define REG_TMR       0x180
#define REG_IRR       0x200
#define REG_ESR       0x280
#define REG_ICR_LOW   0x300
#define REG_ICR_HIGH  0x310
#define REG_LVT_TIMER 0x320
#define REG_LVT_LINT0 0x350
#define REG_LVT_LINT1 0x360
#define REG_LVT_ERROR 0x370
#define REG_INITIAL   0x380
#define REG_CURRENT   0x390
#define REG_DIVIDE    0x3E0

#define VERSION_VALUE   0x00030011u /* integrated; last LVT entry is number 3 */
#define SPURIOUS_ON     0x100u
#define SPURIOUS_FIXED  0x00Fu /* always 1 on the P6 family */
#define LVT_LEVEL       0x08000u
#define LVT_REMOTE_IRR  0x04000u
#define ERROR_ACCEPT    0x04u /* nobody took what was sent */
#define ERROR_SENT      0x20u /* vector below 10h in the ICR */
#define ERROR_RECEIVED  0x40u /* vector below 10h in an LVT entry or from the I/O APIC */
#define ERROR_REGISTER  0x80u /* no such register */
#define COMMAND_LEVEL   0x4000u
#define COMMAND_TRIGGER 0x8000u
#define BROADCAST       0xFFu
#define ID_MASK         0x0F000000u
#define DFR_FLAT        0xF0000000u
#define DFR_FIXED       0x0FFFFFFFu

/* What software can write into each LVT entry. */
static const uint32_t LVT_WRITABLE[LVT_COUNT] = {
    [LVT_TIMER] = 0x300FF, [LVT_LINT0] = 0x1A7FF, [LVT_LINT1] = 0x1A7FF, [LVT_ERROR] = 0x100FF};

/* ---- vectors and priorities (SDM "Task and Processor Priorities") ---- */

static uint32_t highest_vector(const uint32_t bits[8])
{
    for (uint32_t i = 8; i-- > 0;) {
        if (bits[i]) {
            return 32 * i + 31 - (uint32_t)__builtin_clz(bits[i]);
        }
    }
    return 0;
}

static void vector_set(uint32_t bits[8], uint32_t vector)
{
    bits[vector / 32] |= 1u << (vector % 32);
}

static void vector_clear(uint32_t bits[8], uint32_t vector)
{
    bits[vector / 32] &= ~(1u << (vector % 32));
}

static uint32_t processor_priority(const struct local_apic_state *state)
{
    uint32_t in_service = highest_vector(state->isr) & 0xF0;

    return (state->task_priority & 0xF0) >= in_service ? state->task_priority : in_service;
}

static uint32_t arbitration_priority(const struct local_apic_state *state)
{
    uint32_t task = state->task_priority & 0xF0;
    uint32_t in_service = highest_vector(state->isr) & 0xF0;
    uint32_t requested = highest_vector(state->irr) & 0xF0;

    if (task >= requested && task > in_service) {
        return state->task_priority;
    }
    return (task & in_service) > requested ? task & in_service : requested;
}

static uint32_t switched_on(const struct local_apic_state *state)
{
    return local_apic_enabled(state) && (state->spurious & SPURIOUS_ON);
}

uint32_t local_apic_enabled(const struct local_apic_state *state)
{
    return state->present && (state->base & APIC_BASE_ENABLE);
}

uint32_t local_apic_pending(const struct local_apic_state *state)
{
    uint32_t vector = highest_vector(state->irr);

    if (!switched_on(state) || (vector & 0xF0) <= (processor_priority(state) & 0xF0)) {
        return 0;
    }
    return vector;
}

static uint32_t delivery_of(uint32_t entry)
{
    return (entry >> 8) & 7;
}

uint32_t local_apic_external(const struct local_apic_state *state)
{
    uint32_t entry = state->lvt[LVT_LINT0];

    return local_apic_enabled(state) && (state->pins & 1) && !(entry & LVT_MASKED) &&
           delivery_of(entry) == APIC_EXTINT;
}

/* ---- errors ---- */

static void request(struct local_apic_state *state, uint32_t vector, uint32_t level)
{
    vector_set(state->irr, vector);
    if (level) {
        vector_set(state->tmr, vector);
    } else {
        vector_clear(state->tmr, vector);
    }
}

static void note_error(struct local_apic_state *state, uint32_t error)
{
    uint32_t entry = state->lvt[LVT_ERROR];

    state->errors |= error;
    if (!(entry & LVT_MASKED) && (entry & 0xF0)) {
        request(state, entry & 0xFF, 0);
    }
}

/* ---- messages ---- */

uint32_t local_apic_matches(const struct local_apic_state *state,
                            const struct apic_message *message)
{
    uint32_t own = state->ldr >> 24;
    uint32_t to = message->destination;

    if (!message->logical) {
        return to == BROADCAST || (to & 0x0F) == 0x0F || to == state->id >> 24;
    }
    if ((state->dfr & DFR_FLAT) == DFR_FLAT) {
        return (own & to) != 0;
    }
    return to == BROADCAST || ((own >> 4) == (to >> 4) && (own & to & 0x0F));
}

/* What a message does to the processor that it is for. */
static uint32_t take(struct local_apic *apic, const struct apic_message *message)
{
    switch (message->delivery) {
    case APIC_FIXED:
    case APIC_LOWEST:
        if (!switched_on(apic->state)) {
            return 0;
        }
        if (message->vector < 16) {
            note_error(apic->state, ERROR_RECEIVED);
            return 0;
        }
        request(apic->state, message->vector, message->level);
        return 1;
    case APIC_NMI:
        if (apic->host->nmi) {
            apic->host->nmi(apic->host->context);
        }
        return 1;
    case APIC_INIT:
        if (apic->host->request) {
            apic->host->request(apic->host->context, PC_REQUEST_RESET, 0);
        }
        return 1;
    default: /* SMI: no such mode; start-up: only a processor that waits for it listens */
        return 1;
    }
}

uint32_t local_apic_accept(struct local_apic *apic, const struct apic_message *message)
{
    return local_apic_enabled(apic->state) && local_apic_matches(apic->state, message) &&
           take(apic, message);
}

/* The interrupt command register's low half: send (SDM "Issuing Interprocessor Interrupts"). */
static void send(struct local_apic *apic, uint32_t command)
{
    struct local_apic_state *state = apic->state;
    uint32_t shorthand = (command >> 18) & 3;
    struct apic_message message = {
        .vector = command & 0xFF,
        .delivery = delivery_of(command),
        .logical = (command >> 11) & 1,
        .destination = state->destination >> 24,
    };
    uint32_t fixed = message.delivery == APIC_FIXED || message.delivery == APIC_LOWEST;
    uint32_t to_self =
        shorthand == 1 || shorthand == 2 || (shorthand == 0 && local_apic_matches(state, &message));

    state->command = command & 0xCCFFFu;
    if (message.delivery == APIC_INIT && (command & COMMAND_TRIGGER) &&
        !(command & COMMAND_LEVEL)) {
        return; /* INIT level de-assert: arbitration IDs, of which there is one */
    }
    if (fixed && message.vector < 16) {
        note_error(state, ERROR_SENT);
    } else if (to_self) {
        take(apic, &message);
    } else if (shorthand == 0) {
        note_error(state, ERROR_ACCEPT);
    }
}

static void end_of_interrupt(struct local_apic *apic)
{
    struct local_apic_state *state = apic->state;
    uint32_t vector = highest_vector(state->isr);
    uint32_t *lint0 = &state->lvt[LVT_LINT0];

    if (!vector) {
        return;
    }
    vector_clear(state->isr, vector);
    if (!((state->tmr[vector / 32] >> (vector % 32)) & 1)) {
        return;
    }
    if ((*lint0 & LVT_REMOTE_IRR) && (*lint0 & 0xFF) == vector) {
        *lint0 &= ~LVT_REMOTE_IRR;
        local_apic_set_pin(apic, 0, state->pins & 1);
    }
    apic->end_of_level(apic->context, vector);
}

uint8_t local_apic_acknowledge(struct local_apic *apic)
{
    struct local_apic_state *state = apic->state;
    uint32_t vector = local_apic_pending(state);

    if (!vector) {
        return (uint8_t)state->spurious;
    }
    vector_clear(state->irr, vector);
    vector_set(state->isr, vector);
    return (uint8_t)vector;
}

/* An entry of fixed mode: at the edge, or while high until its end; ExtINT is no request of ours.
 */
void local_apic_set_pin(struct local_apic *apic, uint32_t pin, uint32_t level)
{
    struct local_apic_state *state = apic->state;
    uint32_t *entry = &state->lvt[LVT_LINT0 + pin];
    uint32_t rises = level && !((state->pins >> pin) & 1);
    uint32_t is_level = pin == 0 && delivery_of(*entry) == APIC_FIXED && (*entry & LVT_LEVEL);
    struct apic_message message = {
        .vector = *entry & 0xFF, .delivery = delivery_of(*entry), .level = is_level};

    state->pins = (state->pins & ~(1u << pin)) | level << pin;
    if ((*entry & LVT_MASKED) || message.delivery == APIC_EXTINT || !local_apic_enabled(state)) {
        return;
    }
    if (is_level ? level && !(*entry & LVT_REMOTE_IRR) : rises) {
        if (take(apic, &message) && is_level) {
            *entry |= LVT_REMOTE_IRR;
        }
    }
}

/* A masked timer is asked only by an expiry that was late. */
void local_apic_late_event(struct local_apic *apic)
{
    struct apic_message message = {.vector = apic->state->lvt[LVT_TIMER] & 0xFF};

    if (!(apic->state->lvt[LVT_TIMER] & LVT_MASKED)) {
        take(apic, &message);
    }
}

void local_apic_event(struct local_apic *apic, uint64_t now)
{
    uint32_t late = apic->jitter && apic->jitter->random ? timer_jitter_next(apic->jitter) : 0;

    if (!late) {
        local_apic_late_event(apic);
    } else if (events_clock(apic->events, EVENT_LOCAL_APIC_LATE) == CLOCK_NEVER) {
        events_post(apic->events, EVENT_LOCAL_APIC_LATE, now + late);
    }
    local_apic_timer_settle(apic->state, now);
    local_apic_timer_post(apic, now);
}

/* ---- registers ---- */

static uint32_t lvt_index(uint32_t offset)
{
    switch (offset) {
    case REG_LVT_TIMER:
        return LVT_TIMER;
    case REG_LVT_LINT0:
        return LVT_LINT0;
    case REG_LVT_LINT1:
        return LVT_LINT1;
    case REG_LVT_ERROR:
        return LVT_ERROR;
    default:
        return LVT_COUNT;
    }
}

static uint32_t read_other(struct local_apic_state *state, uint32_t offset)
{
    uint32_t word = offset >> 4 & 7;

    switch (offset & ~0x7Fu) {
    case REG_ISR:
        return state->isr[word];
    case REG_TMR:
        return state->tmr[word];
    case REG_IRR:
        return state->irr[word];
    default:
        if (lvt_index(offset) < LVT_COUNT) {
            return state->lvt[lvt_index(offset)];
        }
        note_error(state, ERROR_REGISTER);
        return 0;
    }
}

static uint32_t read_register(struct local_apic_state *state, uint32_t offset, uint64_t now)
{
    switch (offset) {
    case REG_ID:
        return state->id;
    case REG_VERSION:
        return VERSION_VALUE;
    case REG_TPR:
        return state->task_priority;
    case REG_APR:
        return arbitration_priority(state);
    case REG_PPR:
        return processor_priority(state);
    case REG_EOI:
        return 0;
    case REG_LDR:
        return state->ldr;
    case REG_DFR:
        return state->dfr;
    case REG_SPURIOUS:
        return state->spurious;
    case REG_ESR:
        return state->errors_shown;
    case REG_ICR_LOW:
        return state->command;
    case REG_ICR_HIGH:
        return state->destination;
    case REG_INITIAL:
        return state->timer_initial;
    case REG_CURRENT:
        return local_apic_timer_count(state, now);
    case REG_DIVIDE:
        return state->timer_divide;
    default:
        return read_other(state, offset);
    }
}

static void write_lvt(struct local_apic *apic, uint32_t index, uint32_t value, uint64_t now)
{
    struct local_apic_state *state = apic->state;
    uint32_t level_now = state->pins & 1;

    local_apic_timer_settle(state, now);
    state->lvt[index] =
        (value & LVT_WRITABLE[index]) | (state->spurious & SPURIOUS_ON ? 0 : LVT_MASKED);
    if (index == LVT_TIMER) {
        local_apic_timer_post(apic, now);
    } else if (index == LVT_LINT0) {
        local_apic_set_pin(apic, 0, level_now);
    }
}

static void write_spurious(struct local_apic *apic, uint32_t value, uint64_t now)
{
    struct local_apic_state *state = apic->state;

    state->spurious = (value & 0x3F0) | SPURIOUS_FIXED;
    if (!(state->spurious & SPURIOUS_ON)) { /* SDM "Local APIC State After It Has Been Software
                                               Disabled" */
        for (uint32_t i = 0; i < LVT_COUNT; i++) {
            state->lvt[i] |= LVT_MASKED;
        }
        local_apic_timer_settle(state, now);
        local_apic_timer_post(apic, now);
    }
}

static void write_other(struct local_apic *apic, uint32_t offset, uint32_t value, uint64_t now)
{
    uint32_t index = lvt_index(offset);
    uint32_t read_only = offset == REG_VERSION || offset == REG_APR || offset == REG_PPR ||
                         offset == REG_CURRENT || (offset >= REG_ISR && offset < REG_ESR);

    if (index < LVT_COUNT) {
        write_lvt(apic, index, value, now);
    } else if (!read_only) {
        note_error(apic->state, ERROR_REGISTER);
    }
}

static void write_register(struct local_apic *apic, uint32_t offset, uint32_t value, uint64_t now)
{
    struct local_apic_state *state = apic->state;

    switch (offset) {
    case REG_ID:
        state->id = value & ID_MASK;
        break;
    case REG_TPR:
        state->task_priority = value & 0xFF;
        break;
    case REG_EOI:
        end_of_interrupt(apic);
        break;
    case REG_LDR:
        state->ldr = value & 0xFF000000u;
        break;
    case REG_DFR:
        state->dfr = value | DFR_FIXED;
        break;
    case REG_SPURIOUS:
        write_spurious(apic, value, now);
        break;
    case REG_ESR:
        state->errors_shown = state->errors;
        state->errors = 0;
        break;
    case REG_ICR_LOW:
        send(apic, value);
        break;
    case REG_ICR_HIGH:
        state->destination = value & 0xFF000000u;
        break;
    case REG_INITIAL:
        local_apic_timer_start(apic, value, now);
        break;
    case REG_DIVIDE:
        local_apic_timer_divide(apic, value, now);
        break;
    default:
        write_other(apic, offset, value, now);
        break;
    }
}

uint32_t local_apic_read(void *device, uint32_t physical, uint32_t size, uint64_t now)
{
    struct local_apic *apic = device;
    uint32_t offset = physical & (LOCAL_APIC_BYTES - 1);

    if (!local_apic_enabled(apic->state)) {
        return UINT32_MAX;
    }
    if ((offset & 0xF) + size > 4) {
        return 0; /* beside the register */
    }
    return read_register(apic->state, offset & ~0xFu, now) >> (8 * (offset & 3));
}

void local_apic_write(void *device, uint32_t physical, uint32_t size, uint32_t value, uint64_t now)
{
    struct local_apic *apic = device;
    uint32_t offset = physical & (LOCAL_APIC_BYTES - 1);

    if (local_apic_enabled(apic->state) && size == 4 && (offset & 0xF) == 0) {
        write_register(apic, offset, value, now);
    }
}

uint32_t local_apic_set_base(struct local_apic *apic, uint32_t value)
{
    struct local_apic_state *state = apic->state;

    if ((value | APIC_BASE_ENABLE) != (LOCAL_APIC_BASE | APIC_BASE_BSP | APIC_BASE_ENABLE)) {
        return 0;
    }
    state->base = value;
    return 1;
}

/* ---- reset, state ---- */

void local_apic_reset(struct local_apic *apic, uint32_t present)
{
    struct local_apic_state *state = apic->state;

    *state = (struct local_apic_state){.present = present};
    if (present) {
        state->base = LOCAL_APIC_BASE | APIC_BASE_BSP | APIC_BASE_ENABLE;
        state->dfr = UINT32_MAX;
        state->spurious = 0xFF;
        for (uint32_t i = 0; i < LVT_COUNT; i++) {
            state->lvt[i] = LVT_MASKED;
        }
    }
}

void local_apic_virtual_wire(struct local_apic *apic, uint64_t now)
{
    write_register(apic, REG_SPURIOUS, SPURIOUS_ON | 0xFF, now);
    write_register(apic, REG_LVT_LINT0, APIC_EXTINT << 8, now);
    write_register(apic, REG_LVT_LINT1, APIC_NMI << 8, now);
}

/* A machine without one: all zero. */
static uint32_t is_absent(const struct local_apic_state *state)
{
    const uint8_t *bytes = (const uint8_t *)state;
    uint8_t any = 0;

    for (uint32_t i = 0; i < sizeof(*state); i++) {
        any |= bytes[i];
    }
    return any == 0;
}

static uint32_t lvt_possible(const struct local_apic_state *state)
{
    for (uint32_t i = 0; i < LVT_COUNT; i++) {
        uint32_t remote = i == LVT_LINT0 ? LVT_REMOTE_IRR : 0;

        if ((state->lvt[i] & ~(LVT_WRITABLE[i] | remote)) ||
            (!(state->spurious & SPURIOUS_ON) && !(state->lvt[i] & LVT_MASKED))) {
            return 0;
        }
    }
    return 1;
}

const char *local_apic_check(const struct local_apic_state *state)
{
    if (!state->present) {
        return is_absent(state) ? 0 : "local APIC: registers of one that is not there";
    }
    if (state->present > 1 || state->reserved || state->pins > 3 ||
        (state->base | APIC_BASE_ENABLE) != (LOCAL_APIC_BASE | APIC_BASE_BSP | APIC_BASE_ENABLE)) {
        return "local APIC: base or flag out of range";
    }
    if ((state->isr[0] | state->irr[0]) & 0xFFFF) {
        return "local APIC: request for a vector below 10h";
    }
    if ((state->id & ~ID_MASK) || state->task_priority > 0xFF || (state->ldr & 0xFFFFFF) ||
        (state->dfr & DFR_FIXED) != DFR_FIXED || (state->spurious & ~0x3FFu) ||
        (state->spurious & SPURIOUS_FIXED) != SPURIOUS_FIXED || (state->errors & ~0xE4u) ||
        (state->errors_shown & ~0xE4u) || (state->command & ~0xCCFFFu) ||
        (state->destination & 0xFFFFFF) || (state->timer_divide & ~0xBu)) {
        return "local APIC: register out of range";
    }
    return lvt_possible(state) ? 0 : "local APIC: local vector out of range";
}
