/* The second build of the processor, seen through a table: all other names stay inside.
 * SPDX-License-Identifier: MIT */
#include "tests/lockstep/machine.h"

static const struct cpu_api api = CPU_API;

__attribute__((visibility("default"))) const struct cpu_api *plain_loop_api(void)
{
    return &api;
}
