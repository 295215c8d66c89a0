/* Everything of a machine that the guest can see or derive, except RAM: one struct,
 * no pointers, no padding. Snapshot, history, comparison and hash work on this and RAM alone.
 * SPDX-License-Identifier: MIT */
#pragma once

#include "cpu/cpu_state.h"
#include "devices/pc.h"

struct machine_state {
    struct cpu_state cpu;
    struct pc_state pc;
};
