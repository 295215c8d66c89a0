/* Events of an operating system out of those of the machine.
 * SPDX-License-Identifier: MIT */
#include "emu/os_events.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cpu/cpu_state.h"
#include "emu/os_events_priv.h"

#define SYSCALL_VECTOR 0x80u
#define INT_BYTES      2u
#define CALL_EXECVE    11u

/* ---- telling ---- */

static struct os_thread *thread_of(struct os_events *events, int32_t pid)
{
    return pid >= 0 && pid < OS_PIDS ? &events->threads[pid] : &events->nobody;
}

/* What a program has behind it, told by an event of the past or of now. */
static void apply(struct os_events *events, const struct os_event *event)
{
    struct os_thread *thread = thread_of(events, event->pid);

    switch (event->kind) {
    case OS_EVENT_CALL:
        thread->in_call = 1;
        thread->call = event->number;
        thread->linear = event->linear;
        thread->called = event->clock;
        break;
    case OS_EVENT_RESULT:
        thread->in_call = 0;
        break;
    case OS_EVENT_CREATED:
        *thread_of(events, event->other) = (struct os_thread){0};
        break;
    case OS_EVENT_SWITCHED:
        thread->switched = 1;
        break;
    case OS_EVENT_DELIVERED:
        thread->upcall = 1;
        break;
    case OS_EVENT_USER:
        thread->switched = 0;
        thread->upcall = 0;
        thread->began = 1;
        events->booted = 1;
        break;
    default:
        break;
    }
}

static void tell(struct os_events *events, struct os_event *event)
{
    apply(events, event);
    if (events->kinds >> event->kind & 1) {
        events->listener(events->context, event);
    }
}

static struct os_event begin(const struct os_events *events, const struct machine_event *from,
                             enum os_event_kind kind)
{
    struct os_event event = {.clock = from->clock,
                             .step = from->step,
                             .kind = kind,
                             .pid = -1,
                             .other = -1,
                             .cpl = from->cpl,
                             .linear = from->linear};

    if (!events->os || !guest_os_brief(events->os, events->machine, 0, &event.pid, event.name)) {
        event.pid = -1;
    }
    return event;
}

static uint32_t word_at(struct os_events *events, uint32_t linear)
{
    uint32_t value = 0;

    return machine_read_linear(events->machine, linear, &value, sizeof(value)) ? value : 0;
}

/* ---- from the machine's events ---- */

static void take_call(struct os_events *events, const struct machine_event *from)
{
    const struct machine_observed now = machine_observed(events->machine);
    struct os_event event = begin(events, from, OS_EVENT_CALL);

    event.number = now.gpr[REG_EAX];
    if (events->kinds >> OS_EVENT_CALL & 1) {
        os_call_arguments(events->machine, &now, event.text, sizeof(event.text));
    }
    thread_of(events, event.pid)->entered = event.clock;
    tell(events, &event);
}

static void take_delivery(struct os_events *events, const struct machine_event *from)
{
    bool irq = from->delivery_kind == DELIVERY_INTR || from->delivery_kind == DELIVERY_NMI;

    if (from->delivery_kind == DELIVERY_SOFTWARE) {
        if (from->vector == SYSCALL_VECTOR && from->cpl == 3) {
            take_call(events, from);
        }
        return;
    }
    struct os_event event = begin(events, from, irq ? OS_EVENT_IRQ : OS_EVENT_EXCEPTION);
    event.number = from->vector;
    event.value = from->error_code;
    if (event.cpl == 3) {
        thread_of(events, event.pid)->entered = event.clock;
    }
    tell(events, &event);
}

/* How the call of this thread has ended, now that its program goes on. */
static void take_result(struct os_events *events, const struct machine_event *from,
                        struct os_thread *thread, uint32_t linear, uint32_t eax)
{
    struct os_event event = begin(events, from, OS_EVENT_RESULT);

    event.number = thread->call;
    event.value = eax;
    event.since = thread->called;
    event.interrupted = linear == thread->linear ? 2u : linear != thread->linear + INT_BYTES;
    if (event.interrupted == 1 && thread->call == CALL_EXECVE && !thread->upcall) {
        thread->began = 0; /* another program */
        event.interrupted = 0;
    }
    os_call_result(&event, event.text, sizeof(event.text));
    tell(events, &event);
}

static void take_return(struct os_events *events, const struct machine_event *from)
{
    const struct machine_observed now = machine_observed(events->machine);
    struct os_event event = begin(events, from, OS_EVENT_USER);
    struct os_thread *thread = thread_of(events, event.pid);

    if (thread->in_call) {
        take_result(events, from, thread, now.linear, now.gpr[REG_EAX]);
    }
    event.number = !events->booted    ? OS_WAY_BOOT
                   : thread->upcall   ? OS_WAY_UPCALL
                   : !thread->began   ? OS_WAY_NEW
                   : thread->switched ? OS_WAY_SWITCH
                                      : OS_WAY_RESUME;
    event.since = thread->entered;
    tell(events, &event);
}

/* The kernel is about to execute the first instruction of one of its functions: arguments lie above
 * the return address (System V ABI, i386). */
static void take_place(struct os_events *events, const struct machine_event *from)
{
    const struct machine_observed now = machine_observed(events->machine);
    uint32_t stack = now.gpr[REG_ESP];
    uint32_t kind = OS_EVENT_KINDS;

    for (uint32_t i = 0; i < events->place_count; i++) {
        kind = events->places[i] == from->linear ? events->place_kinds[i] : kind;
    }
    if (kind == OS_EVENT_KINDS || from->cpl == 3) {
        return;
    }
    struct os_event event = begin(events, from, (enum os_event_kind)kind);
    uint32_t first = word_at(events, stack + 4);
    uint32_t second = word_at(events, stack + 8);
    char name[GUEST_NAME_BYTES];

    switch (kind) {
    case OS_EVENT_CREATED:
        guest_os_brief(events->os, events->machine, first, &event.other, name);
        break;
    case OS_EVENT_SWITCHED: /* `current` is the next one already */
        event.other = events->last_pid;
        events->last_pid = event.pid;
        break;
    case OS_EVENT_ENDED:
        event.value = first;
        break;
    case OS_EVENT_RAISED:
        guest_os_brief(events->os, events->machine, first, &event.other, name);
        event.number = second;
        break;
    case OS_EVENT_DELIVERED:
        event.number = second;
        break;
    default:
        break;
    }
    tell(events, &event);
}

/* Was this told already, before the machine was taken back? */
static bool is_again(struct os_events *events, const struct machine_event *from)
{
    const struct machine_travels travels = machine_travels(events->machine);

    if (travels.loads != events->travels.loads) {
        events->again = 1;
    }
    if (travels.cuts != events->travels.cuts && events->untold_step > travels.cut_step) {
        events->untold_step = travels.cut_step;
    }
    events->travels = travels;
    if (from->step >= events->untold_step) {
        events->again = 0;
        events->untold_step = from->step + 1;
    }
    return events->again;
}

static bool observe(void *context, const struct machine_event *from)
{
    struct os_events *events = context;

    if (is_again(events, from)) {
        return false;
    }
    if (events->machine_listener && events->machine_kinds >> from->kind & 1) {
        events->machine_listener(events->machine_context, from);
    }
    if (!events->os_kinds) {
        return false;
    }
    switch (from->kind) {
    case EVENT_DELIVERY:
        take_delivery(events, from);
        break;
    case EVENT_MODE_SWITCH: /* by whatever instruction: IRET as a rule */
        if ((from->value & EVENT_MODE_CPL) == 3 && (from->old_value & EVENT_MODE_CPL) != 3 &&
            from->value & EVENT_MODE_PROTECTED) {
            take_return(events, from);
        }
        break;
    case EVENT_PLACE:
        take_place(events, from);
        break;
    default:
        break;
    }
    return false;
}

/* ---- for everybody ---- */

static void find_places(struct os_events *events, const struct elf_symbols *symbols)
{
    for (uint32_t kind = 0; kind < OS_EVENT_KINDS; kind++) {
        for (uint32_t i = 0; os_event_function(kind, i); i++) {
            uint32_t *place = &events->places[events->place_count];

            if (events->place_count < PLACES_MAX &&
                elf_symbols_lookup(symbols, os_event_function(kind, i), place)) {
                events->place_kinds[events->place_count++] = kind;
            }
        }
    }
}

static void settle(struct os_events *events)
{
    const struct machine_observer observer = {.context = events, .event = observe};
    uint32_t wanted = events->machine_listener ? events->machine_kinds : 0;

    if (events->os_kinds) {
        wanted |= 1u << EVENT_DELIVERY | 1u << EVENT_MODE_SWITCH;
        wanted |= events->place_count ? 1u << EVENT_PLACE : 0;
    }
    machine_listen(events->machine, events->which, wanted, &observer, events->places,
                   events->place_count);
}

struct os_events *os_events_open(struct machine *machine, enum machine_listener which,
                                 const struct guest_os *os, const struct elf_symbols *symbols,
                                 uint32_t wanted, os_listener *listener, void *context)
{
    struct os_events *events = calloc(1, sizeof(*events));

    if (!events) {
        return NULL;
    }
    events->machine = machine;
    events->which = which;
    events->os = os;
    events->kinds = wanted;
    events->os_kinds = wanted;
    events->listener = listener;
    events->context = context;
    if (os && symbols && wanted) {
        find_places(events, symbols);
    }
    settle(events);
    return events;
}

void os_events_close(struct os_events *events)
{
    const struct machine_observer nobody = {0};

    if (events) {
        machine_listen(events->machine, events->which, 0, &nobody, NULL, 0);
        free(events);
    }
}

void os_events_machine(struct os_events *events, uint32_t wanted,
                       void (*listener)(void *context, const struct machine_event *event),
                       void *context)
{
    events->machine_kinds = wanted;
    events->machine_listener = listener;
    events->machine_context = context;
    settle(events);
}

void os_events_recall(struct os_events *events, const struct os_event *past, uint32_t count)
{
    memset(events->threads, 0, sizeof(events->threads));
    events->booted = 0;
    for (uint32_t i = 0; i < count; i++) {
        apply(events, &past[i]);
        events->last_pid = past[i].kind == OS_EVENT_SWITCHED ? past[i].pid : events->last_pid;
    }
}
