/* Running a behaviour test in every way, see behave.h.
 * SPDX-License-Identifier: MIT */
#include "behave.h"

#include <stdlib.h>

#define MOST_STEPS 2000u

static void run_by_steps(struct fixture *f)
{
    struct cpu_step_info info;
    fixture_load(f);
    for (uint32_t steps = 0; steps < MOST_STEPS; steps++) {
        const enum cpu_stop stop = cpu_step(f->cpu, UINT64_MAX, &info);
        if (stop == CPU_STOP_SHUTDOWN || (info.what & STEP_IDLE)) {
            return;
        }
    }
    fail_msg("does not end");
}

/* The same from the start by cpu_run(); must end as `want` and `ram` say. */
static void run_again(struct fixture *f, const struct cpu_state *start, const uint8_t *ram_start,
                      const struct cpu_state *want, const uint8_t *ram_want)
{
    memcpy(f->ram, ram_start, RAM_BYTES);
    f->state = *start;
    fixture_load(f);
    cpu_run(f->cpu, UINT64_MAX);
    const uint32_t *got = (const uint32_t *)(const void *)cpu_save(f->cpu);
    const uint32_t *words = (const uint32_t *)(const void *)want;
    for (size_t i = 0; i < sizeof *want / 4; i++) {
        if (got[i] != words[i]) {
            fail_msg("block limit %u, undecoded %u: state byte %zu is %08x, not %08x",
                     f->config.block_limit, f->config.undecoded, i * 4, got[i], words[i]);
        }
    }
    assert_memory_equal(f->ram, ram_want, RAM_BYTES);
}

void run_to_halt(struct fixture *f)
{
    uint8_t *ram_start = malloc(RAM_BYTES), *ram_want = malloc(RAM_BYTES);
    const struct cpu_state start = f->state;
    memcpy(ram_start, f->ram, RAM_BYTES);

    run_by_steps(f);
    const struct cpu_state want = *cpu_save(f->cpu);
    memcpy(ram_want, f->ram, RAM_BYTES);
    run_again(f, &start, ram_start, &want, ram_want);
    f->config.block_limit = 1;
    run_again(f, &start, ram_start, &want, ram_want);
    f->config.block_limit = 64;
    f->config.undecoded = 1;
    run_again(f, &start, ram_start, &want, ram_want);

    f->state = want;
    free(ram_start);
    free(ram_want);
}

void step_once(struct fixture *f, struct cpu_step_info *info)
{
    if (!f->cpu) {
        fixture_load(f);
    }
    cpu_step(f->cpu, UINT64_MAX, info);
    f->state = *cpu_save(f->cpu);
}
