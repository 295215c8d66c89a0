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
