/* Everything of a machine that the guest can see or derive, except RAM: one struct,
 * no pointers, no padding. Snapshot, history, comparison and hash work on this and RAM alone.
 * SPDX-License-Identifier: MIT */
#pragma once

#include "cpu/cpu_state.h"
#include "devices/pc.h"

/* How far the machine has come, seen from outside. */
struct progress_state {
    uint64_t bytes_out[CHANNEL_COUNT]; /* bytes that have left on each channel since power-on */
    uint64_t inputs;                   /* entries of the input log applied so far */
    uint64_t disk_writes;              /* sectors written to disks since power-on */
    uint64_t disk_flushes;             /* FLUSH CACHE commands since power-on */
    uint32_t ending;                   /* 0: going on; else enum machine_stop of a final stop */
    uint32_t exit_value;               /* what was written to PORT_EXIT */
};

#define BOOT_STAGES_MAX 96u
#define BOOT_PROGRAM    0x100u /* the first byte on COM1 after POST_PROGRAM */

/* One moment of the way from reset to the first program. */
struct boot_stage_state {
    uint64_t clock;    /* CPU clocks */
    uint32_t code;     /* POST code 0..FFh, or BOOT_PROGRAM */
    uint32_t reserved; /* 0 */
};

/* The POST codes since the last reset, each noted when it differs from the one before. */
struct boot_state {
    uint64_t reset_clock; /* of the reset, 0: power-on */
    uint32_t count;       /* 0..BOOT_STAGES_MAX; later ones are not noted */
    uint32_t reserved;    /* 0 */
    struct boot_stage_state stages[BOOT_STAGES_MAX];
};

struct machine_state {
    struct cpu_state cpu;
    struct pc_state pc;
    struct progress_state progress;
    struct boot_state boot;
};
