/* Counting by row and by trap path.
 * SPDX-License-Identifier: MIT */
#include "emu/machine_counters.h"

bool machine_counters_event(void *context, const struct machine_event *event)
{
    struct machine_counters *counters = context;

    if (event->kind == EVENT_INSTRUCTION) {
        counters->rows[event->row]++;
    } else {
        counters->paths[event->path]++;
    }
    return false;
}

void machine_counters_start(struct machine *machine, struct machine_counters *counters)
{
    const struct machine_observer observer = {.context = counters, .event = machine_counters_event};

    machine_listen(machine, MACHINE_LISTENER_COUNTERS, MACHINE_COUNTERS_KINDS, &observer, NULL, 0);
}
