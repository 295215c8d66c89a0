/* See clock_trial.h. SPDX-License-Identifier: MIT */
#include "clock_trial.h"

#include <stdlib.h>

bool trial_protected(const struct trial *t)
{
    return t->where == IN_CODE32 || t->where == IN_CODE16 || t->where == IN_USER;
}

static void set_segments(struct trial *t)
{
    struct cpu_state *state = &t->f.state;
    const uint32_t big = t->where == IN_CODE16 ? 0 : 0x4000;
    for (uint32_t segment = 0; segment < SEG_COUNT; segment++) {
        struct segment_state *s = &state->segments[segment];
        s->base = segment == SEG_CS ? 0x10000 : segment == SEG_SS ? 0x8000 : DATA_AT;
        s->limit = 0xFFFF;
        if (trial_protected(t)) {
            s->attributes = (uint16_t)((s->attributes & 0xFF) | big);
        }
    }
    state->eip = TRIAL_CODE;
    state->gpr[REG_EAX] = 0;
    state->gpr[REG_ECX] = 1;
    state->gpr[REG_EDX] = TRIAL_PORT;
    state->gpr[REG_EBX] = TRIAL_OPERAND;
    state->gpr[REG_EDI] = TRIAL_OPERAND;
    state->gpr[REG_ESI] = TRIAL_OPERAND + 0x200;
    state->gpr[REG_EBP] = 0x700;
    state->gpr[REG_ESP] = TRIAL_STACK - 0x8000;
    if (t->where == IN_USER || t->where == IN_VIRTUAL) {
        state->eflags |= EFLAGS_IOPL;
    }
}

/* Ports 0-3FFh allowed by the I/O permission map. */
static void set_io_map(struct trial *t)
{
    if (t->where == IN_REAL) {
        return;
    }
    memset(t->f.ram + TSS_AT + 0x68, 0, 0x80);
    put8(&t->f, TSS_AT + 0xE8, 0xFF);
    put16(&t->f, TSS_AT + 0x66, 0x68);
    t->f.state.tr.limit = 0xFF;
    put_descriptor(&t->f, DESC_AT(SEL_TSS), TSS_AT, 0xFF, 0x8B, 0);
}

void trial_start(struct trial *t, enum surrounding where, enum cpu_timing timing, uint32_t bits,
                 const char *code)
{
    static const enum fixture_mode modes[SURROUNDINGS] = {KERNEL, KERNEL, USER, REAL, VIRTUAL};
    fixture_start(&t->f, modes[where], timing == TIMING_I386 ? CPU_I386 : CPU_I486);
    t->where = where;
    t->timing = timing;
    t->bits = bits;
    t->bytes = 0;
    t->prefixes = 0;
    if ((where == IN_CODE32 || where == IN_USER) != (bits == 32)) {
        t->code[t->bytes++] = 0x66;
        t->code[t->bytes++] = 0x67;
        t->prefixes = 2;
    }
    for (const char *at = code; *at;) {
        char *end;
        t->code[t->bytes++] = (uint8_t)strtoul(at, &end, 16);
        at = *end ? end + 1 : end;
    }
    memset(t->f.ram + 0x10000, 0x90, 0x10000);
    memset(t->f.ram + DATA_AT, 1, 0x1000);
    set_segments(t);
    set_io_map(t);
    if (where == IN_REAL) { /* what real mode's vectors lie in */
        memset(t->f.ram + 0x8000, 0, 0x1000);
    }
}

void trial_end(struct trial *t)
{
    fixture_end(&t->f);
}

static void start(struct trial *t)
{
    put_code(&t->f, 0x10000 + TRIAL_CODE, t->code, t->bytes);
    fixture_load(&t->f);
}

static void step(struct trial *t, uint32_t what)
{
    struct cpu_step_info info = {0};
    cpu_step(t->f.cpu, UINT64_MAX, &info);
    if (info.what != what) {
        fail_msg("a step did %u, not %u (vector %u)", info.what, what, info.vector);
    }
}

static uint32_t clocks(struct trial *t)
{
    const uint32_t charged = (uint32_t)(cpu_clock(t->f.cpu) - t->f.state.clock);
    t->f.state = *cpu_save(t->f.cpu);
    return charged;
}

uint32_t trial_run(struct trial *t)
{
    start(t);
    step(t, STEP_INSTRUCTION);
    return clocks(t);
}

uint32_t trial_next(struct trial *t)
{
    step(t, STEP_INSTRUCTION);
    return clocks(t);
}

uint32_t trial_run_trap(struct trial *t)
{
    struct cpu_step_info info = {0};
    start(t);
    cpu_step(t->f.cpu, UINT64_MAX, &info);
    if (!(info.what & STEP_DELIVERY)) {
        fail_msg("nothing was delivered (%u)", info.what);
    }
    return clocks(t);
}

uint32_t trial_prefix_clocks(const struct trial *t)
{
    return t->timing == TIMING_I486 ? t->prefixes : 0;
}
