/* Observers: handed on to the processor, which knows the events.
 * SPDX-License-Identifier: MIT */
#include "emu/machine_observe.h"

#include "emu/machine_priv.h"

void machine_observe(struct machine *machine, uint32_t kinds,
                     const struct machine_observer *observer)
{
    cpu_observe(machine->cpu, kinds, observer);
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
