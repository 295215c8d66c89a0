/* Observers: handed on to the processor, which knows the events.
 * SPDX-License-Identifier: MIT */
#include "emu/machine_observe.h"

#include "emu/machine_priv.h"

/* All of them, when there are several. */
static bool tell(void *context, const struct machine_event *event)
{
    struct machine *machine = context;
    const struct observers *all = &machine->observers;

    for (uint32_t i = 0; i < MACHINE_LISTENERS; i++) {
        if (all->listener_kinds[i] >> event->kind & 1) {
            (void)all->listeners[i].event(all->listeners[i].context, event);
        }
    }
    return (all->point_kinds >> event->kind & 1) && all->points.event(all->points.context, event);
}

static void settle(struct machine *machine)
{
    const struct observers *all = &machine->observers;
    const struct machine_observer everybody = {.context = machine, .event = tell};
    uint32_t kinds = all->point_kinds;

    for (uint32_t i = 0; i < MACHINE_LISTENERS; i++) {
        kinds |= all->listener_kinds[i];
    }
    cpu_observe(machine->cpu, kinds, kinds == all->point_kinds ? &all->points : &everybody);
}

void machine_observe(struct machine *machine, uint32_t kinds,
                     const struct machine_observer *observer)
{
    const struct machine_observer nobody = {0};
    struct observers *all = &machine->observers;

    all->points = observer ? *observer : nobody;
    all->point_kinds = observer ? kinds & EVENTS_ALL & ~(1u << EVENT_PLACE) : 0;
    settle(machine);
}

void machine_listen(struct machine *machine, enum machine_listener which, uint32_t kinds,
                    const struct machine_observer *observer, const uint32_t *places,
                    uint32_t place_count)
{
    struct observers *all = &machine->observers;
    uint32_t both[PLACES_MAX];
    uint32_t count = 0;

    all->listeners[which] = *observer;
    all->listener_kinds[which] = kinds & EVENTS_ALL & ~(1u << EVENT_MEMORY);
    all->place_count[which] = place_count < PLACES_MAX ? place_count : PLACES_MAX;
    for (uint32_t i = 0; i < all->place_count[which]; i++) {
        all->places[which][i] = places[i];
    }
    for (uint32_t i = 0; i < MACHINE_LISTENERS; i++) {
        for (uint32_t k = 0; k < all->place_count[i] && count < PLACES_MAX; k++) {
            both[count++] = all->places[i][k];
        }
    }
    cpu_set_places(machine->cpu, both, count);
    settle(machine);
}

struct machine_travels machine_travels(const struct machine *machine)
{
    return machine->observers.travels;
}

struct machine_observed machine_observed(const struct machine *machine)
{
    return cpu_observed(machine->cpu);
}

void machine_set_watches(struct machine *machine, const struct machine_watch *watches,
                         uint32_t count)
{
    cpu_set_watches(machine->cpu, watches, count);
}

void machine_pause_observer(struct machine *machine, bool pause)
{
    cpu_mute_observer(machine->cpu, pause);
}
