/* Observers: who asks for which events, and their making. See cpu_observe.h.
 * Nothing here changes the state or a clock.
 * SPDX-License-Identifier: MIT */
#include "cpu/block.h"
#include "cpu/isa.h"

/* ---- settings ---- */

static void observe_settle(struct cpu *cpu)
{
    struct observation *o = &cpu->observation;
    const bool memory = (o->wanted >> EVENT_MEMORY & 1) && o->watch_count;

    cpu->observe = o->muted ? 0 : o->wanted;
    cpu->watch = (cpu->watch & ~(uint32_t)WATCH_OBSERVED) | (memory ? WATCH_OBSERVED : 0);
}

void cpu_observe(struct cpu *cpu, uint32_t kinds, const struct machine_observer *observer)
{
    struct observation *o = &cpu->observation;
    const struct machine_observer nobody = {0};
    const uint32_t before = o->wanted;

    o->observer = observer ? *observer : nobody;
    o->wanted = o->observer.event ? kinds & EVENTS_ALL : 0;
    if ((before ^ o->wanted) & (1u << EVENT_INSTRUCTION | 1u << EVENT_PLACE)) {
        blocks_drop_all(cpu); /* their micro-ops are others now */
    }
    if ((before ^ o->wanted) >> EVENT_MEMORY & 1) {
        mirrors_drop(cpu);
    }
    observe_settle(cpu);
}

void cpu_set_watches(struct cpu *cpu, const struct machine_watch *watches, uint32_t count)
{
    struct observation *o = &cpu->observation;

    o->watch_count = count < WATCHES_MAX ? count : WATCHES_MAX;
    if (count) {
        memcpy(o->watches, watches, o->watch_count * sizeof *watches);
    }
    mirrors_drop(cpu);
    observe_settle(cpu);
}

void cpu_set_places(struct cpu *cpu, const uint32_t *linear, uint32_t count)
{
    struct observation *o = &cpu->observation;

    o->place_count = count < PLACES_MAX ? count : PLACES_MAX;
    if (count) {
        memcpy(o->places, linear, o->place_count * sizeof *linear);
    }
    if (o->wanted >> EVENT_PLACE & 1) {
        blocks_drop_all(cpu); /* their micro-ops are others now */
    }
}

struct machine_observed cpu_observed(const struct cpu *cpu)
{
    const struct cpu_state *state = &cpu->state;
    const struct machine_observed observed = {
        .gpr = state->gpr,
        .linear = state->segments[SEG_CS].base + state->eip,
        .data_base = state->segments[SEG_DS].base,
    };
    return observed;
}

void cpu_mute_observer(struct cpu *cpu, bool mute)
{
    cpu->observation.muted += mute ? 1u : 0u - 1u;
    observe_settle(cpu);
}

bool cpu_observer_stopped(struct cpu *cpu)
{
    const bool stopped = cpu->observation.stopped;

    cpu->observation.stopped = 0;
    return stopped;
}

/* ---- reporting ---- */

static uint32_t mode_of(const struct cpu_state *state)
{
    return state->cpl | (state->cr0 & CR0_PE ? EVENT_MODE_PROTECTED : 0) |
           (state->eflags & EFLAGS_VM ? EVENT_MODE_VIRTUAL : 0);
}

/* True: the machine is to stop. */
static bool report(struct cpu *cpu, const struct machine_event *event)
{
    struct observation *o = &cpu->observation;
    if (!o->observer.event(o->observer.context, event)) {
        return false;
    }
    o->stopped = 1;
    cpu->leave |= LEAVE_STOP;
    return true;
}

void observe_begin(struct cpu *cpu)
{
    const struct cpu_state *state = &cpu->state;
    struct observation *o = &cpu->observation;
    o->code_base = state->segments[SEG_CS].base;
    o->eip = state->eip;
    o->cpl = state->cpl;
    o->mode = mode_of(state);
    o->cr3 = state->cr3;
    o->activity = state->activity;
    o->deliveries = state->deliveries;
}

/* What happens in the micro-op that runs, or in a delivery. */
static struct machine_event event_within(const struct cpu *cpu, enum machine_event_kind kind)
{
    const struct observation *o = &cpu->observation;
    const struct uop *uop = cpu->uop;
    const struct machine_event event = {
        .kind = kind,
        .clock = clock_in(cpu, uop),
        .step = cpu->state.instructions - (uop ? uop->insns_left : 0) + o->deliveries,
        .linear = o->code_base + (uop ? cpu->entry_eip + uop->eip_offset : o->eip),
        .cpl = o->cpl,
    };
    return event;
}

/* The event lies in the cpu, so that the caller's tail call is not spoilt by a local; fields that
 * this kind does not have are never written. */
INLINE bool announce(struct cpu *cpu, const struct uop *uop, uint32_t row)
{
    struct machine_event *event = &cpu->observation.announced;
    const uint32_t eip = cpu->entry_eip + uop->eip_offset;
    event->clock = clock_in(cpu, uop);
    event->step = cpu->state.instructions - uop->insns_left + cpu->state.deliveries;
    event->linear = cpu->state.segments[SEG_CS].base + eip;
    event->cpl = cpu->state.cpl;
    event->bytes = uop->length;
    event->row = row;
    cpu->state.eip = eip;
    return report(cpu, event);
}

bool place_near(const struct cpu *cpu, uint32_t linear)
{
    const struct observation *o = &cpu->observation;
    for (uint32_t i = 0; i < o->place_count; i++) {
        if (!((o->places[i] ^ linear) & ~PAGE_MASK)) {
            return true;
        }
    }
    return false;
}

/* The same instruction as a PLACE, if it lies at one. */
static bool announce_place(struct cpu *cpu, const struct uop *uop, uint32_t row)
{
    const struct observation *o = &cpu->observation;
    const uint32_t linear =
        cpu->state.segments[SEG_CS].base + cpu->entry_eip + (uint32_t)uop->eip_offset;
    bool stops = false;
    for (uint32_t i = 0; i < o->place_count; i++) {
        if (o->places[i] == linear) {
            cpu->observation.announced.kind = EVENT_PLACE;
            stops |= announce(cpu, uop, row);
            cpu->observation.announced.kind = EVENT_INSTRUCTION;
            break;
        }
    }
    return stops;
}

bool observe_instruction(struct cpu *cpu, const struct uop *uop, uint32_t row)
{
    bool stops = cpu->observe >> EVENT_INSTRUCTION & 1 && announce(cpu, uop, row);
    if (cpu->observe >> EVENT_PLACE & 1) {
        stops |= announce_place(cpu, uop, row);
    }
    return stops;
}

const struct uop *uop_observe(struct cpu *cpu, const struct uop *uop)
{
    const struct uop *seen = uop + 1;
    bool stops = LIKELY(cpu->observe >> EVENT_INSTRUCTION & 1) && announce(cpu, seen, uop->imm);
    if (UNLIKELY(cpu->observe >> EVENT_PLACE & 1)) {
        stops |= announce_place(cpu, seen, uop->imm);
    }
    if (UNLIKELY(stops)) {
        return careful_handlers[seen->handler_id](cpu, seen);
    }
#ifdef RINGSIDE_PLAIN_LOOP
    return seen;
#else
    return seen->run(cpu, seen);
#endif
}

void observe_port(struct cpu *cpu, uint32_t port, uint32_t bytes, uint32_t value, uint32_t write)
{
    struct machine_event event = event_within(cpu, EVENT_PORT);
    event.port = port;
    event.bytes = bytes;
    event.value = value;
    event.write = write;
    (void)report(cpu, &event);
}

/* ---- memory ---- */

uint32_t observe_page(const struct cpu *cpu, uint32_t linear, uint32_t physical)
{
    const struct observation *o = &cpu->observation;
    uint32_t access = 0;
    for (uint32_t i = 0; i < o->watch_count; i++) {
        const struct machine_watch *watch = &o->watches[i];
        const uint32_t page = (watch->physical ? physical : linear) & PAGE_MASK;
        if (page <= watch->last && page + (PAGE_BYTES - 1) >= watch->first) {
            access |= (watch->reads ? OBSERVE_READS : 0) | (watch->writes ? OBSERVE_WRITES : 0);
        }
    }
    return access;
}

/* Does [first, first + bytes) meet the watch? The access may run through the end of the space. */
static bool meets(const struct machine_watch *watch, uint32_t first, uint32_t bytes)
{
    return bytes &&
           (watch->first - first < bytes || first - watch->first <= watch->last - watch->first);
}

static bool watch_meets(const struct machine_watch *watch, const struct write_cell *cell)
{
    if (watch->physical) {
        return meets(watch, cell->physical[0], cell->bytes[0]) ||
               meets(watch, cell->physical[1], cell->bytes[1]);
    }
    return meets(watch, cell->linear, cell->bytes[0] + cell->bytes[1]);
}

static void observe_watch(struct cpu *cpu, uint32_t index, const struct memory_access *access)
{
    struct machine_event event = event_within(cpu, EVENT_MEMORY);
    event.watch = index;
    event.address = access->cell.linear;
    event.physical = access->cell.physical[0];
    event.bytes = access->cell.bytes[0] + access->cell.bytes[1];
    event.write = access->write;
    event.value = access->value;
    event.old_value = access->old_value;
    event.implicit = access->implicit;
    (void)report(cpu, &event);
}

void observe_memory(struct cpu *cpu, const struct memory_access *access)
{
    const struct observation *o = &cpu->observation;
    if (!(cpu->observe >> EVENT_MEMORY & 1)) {
        return;
    }
    for (uint32_t i = 0; i < o->watch_count; i++) {
        const struct machine_watch *watch = &o->watches[i];
        const uint32_t asked = access->write ? watch->writes : watch->reads;
        if (asked && (watch->physical || !access->walk) && watch_meets(watch, &access->cell)) {
            observe_watch(cpu, i, access);
        }
    }
}

void observe_walk(struct cpu *cpu, uint32_t physical, uint32_t old_value, uint32_t value,
                  uint32_t write)
{
    const struct memory_access access = {
        .cell = {.linear = physical, .physical = {physical, 0}, .bytes = {4, 0}},
        .value = value,
        .old_value = old_value,
        .write = write,
        .implicit = 1,
        .walk = 1,
    };
    observe_memory(cpu, &access);
}

/* ---- at the boundary ---- */

static void report_after(struct cpu *cpu, struct machine_event *event, enum machine_event_kind kind)
{
    if (cpu->observe >> kind & 1) {
        event->kind = kind;
        (void)report(cpu, event);
    }
}

static void report_delivery(struct cpu *cpu, const struct machine_event *place)
{
    struct machine_event event = *place;
    const uint32_t path = cpu->deliveries_path;
    event.vector = cpu->deliveries_vector;
    event.path = path;
    event.delivery_kind = cpu->deliveries_kind;
    event.error_code = path && trap_info(path)->error ? cpu->fault.error_code : 0;
    report_after(cpu, &event, EVENT_DELIVERY);
}

static void report_change(struct cpu *cpu, const struct machine_event *place,
                          enum machine_event_kind kind, uint32_t old_value, uint32_t value)
{
    struct machine_event event = *place;
    event.old_value = old_value;
    event.value = value;
    report_after(cpu, &event, kind);
}

/* Did the instruction that has ended just now do this? All these leave to the loop. */
static bool just_executed(const struct cpu *cpu, const struct uop *last, uint32_t handler_id)
{
    return last && last->handler_id == handler_id && !cpu->faulted;
}

void observe_boundary(struct cpu *cpu, const struct uop *last)
{
    const struct cpu_state *state = &cpu->state;
    const struct observation *o = &cpu->observation;
    const uint32_t delivered = state->deliveries != o->deliveries;
    const uint32_t mode = mode_of(state);
    const struct machine_event place = {
        .clock = cpu->deadline - (uint64_t)cpu->budget,
        .step = state->instructions - (last != NULL) + o->deliveries,
        .linear = o->code_base + (last ? cpu->entry_eip + last->eip_offset : o->eip),
        .cpl = o->cpl,
    };
    if (delivered) {
        report_delivery(cpu, &place);
    }
    if (just_executed(cpu, last, H_iret_16) || just_executed(cpu, last, H_iret_32)) {
        struct machine_event event = place;
        report_after(cpu, &event, EVENT_RETURN);
    }
    if (mode != o->mode) {
        report_change(cpu, &place, EVENT_MODE_SWITCH, o->mode, mode);
    }
    if (state->cr3 != o->cr3 || (just_executed(cpu, last, H_mov_cd_rd) && last->dst == 3)) {
        report_change(cpu, &place, EVENT_CR3, o->cr3, state->cr3);
    }
    if (state->activity != o->activity && state->activity != ACTIVITY_RUNNING) {
        report_change(cpu, &place, EVENT_HALT, 0, state->activity);
    }
}
