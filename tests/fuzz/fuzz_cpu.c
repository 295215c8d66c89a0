/* Any state that cpu_check() lets through, any code, any memory: 400 clocks must not harm the
 * host, and blocks must end in the same state as single steps that keep nothing decoded.
 * Input: 8 bytes of choices, patches of the state (2 bytes where, 4 bytes what), then code.
 * SPDX-License-Identifier: MIT */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cpu/cpu.h"

#define RAM_BYTES    0x20000u
#define DIRECTORY_AT 0x1000u
#define TABLE_AT     0x2000u
#define GDT_AT       0x3000u
#define IDT_AT       0x4000u
#define CODE_AT      0x8000u
#define STACK_TOP    0x10000u
#define CLOCKS       400u
#define HEADER       8u
#define PATCH        6u

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct subject {
    struct cpu *cpu;
    uint8_t *memory;
    uint8_t *ram;
    uint64_t traffic; /* mixed from all bus accesses */
};

static uint64_t mix(uint64_t value, uint64_t more)
{
    value = (value ^ more) * 0x9E3779B97F4A7C15u;
    return value ^ (value >> 29);
}

/* Depends on the address alone and leaves no trace: a REP instruction outside RAM is fetched once
 * more where a deadline cuts it. */
static uint32_t bus_read(void *context, uint32_t physical, uint32_t bytes, uint64_t now)
{
    (void)context, (void)now;
    return (uint32_t)(mix(physical, 1) >> 32) >> (32 - 8 * bytes);
}

static void bus_write(void *context, uint32_t physical, uint32_t bytes, uint32_t value,
                      uint64_t now)
{
    struct subject *s = context;
    s->traffic = mix(mix(s->traffic, physical ^ (uint64_t)value << 32), now * 8 + bytes + 4);
}

static uint32_t port_read(void *context, uint16_t port, uint32_t bytes, uint64_t now)
{
    struct subject *s = context;
    s->traffic = mix(mix(s->traffic, port), now * 8 + bytes);
    return (uint32_t)(s->traffic >> 32) >> (32 - 8 * bytes);
}

static void port_write(void *context, uint16_t port, uint32_t bytes, uint32_t value, uint64_t now)
{
    struct subject *s = context;
    bus_write(context, port, bytes, value, now);
    cpu_set_interrupt_line(s->cpu, value & 1);
}

static uint8_t acknowledge(void *context, uint64_t now)
{
    return (uint8_t)port_read(context, 0, 1, now);
}

static void *zeroed(size_t bytes, size_t alignment)
{
    void *memory = aligned_alloc(alignment, (bytes + alignment - 1) / alignment * alignment);
    if (!memory) {
        abort();
    }
    memset(memory, 0, bytes);
    return memory;
}

static void create(struct subject *s, const struct cpu_config *config)
{
    const struct cpu_bus bus = {.context = s,
                                .ram = s->ram,
                                .ram_bytes = RAM_BYTES,
                                .hole_first = 0x18000,
                                .hole_end = 0x19000,
                                .read = bus_read,
                                .write = bus_write,
                                .port_read = port_read,
                                .port_write = port_write,
                                .acknowledge = acknowledge};
    s->cpu = cpu_init(s->memory, config, &bus);
    s->traffic = 0;
}

/* ---- the state to start in ---- */

static void put_segments(struct cpu_state *state, uint32_t mode)
{
    for (uint32_t i = 0; i < SEG_COUNT; i++) {
        const struct segment_state real = {0, 0xFFFF, 0, 0x93, 1};
        const struct segment_state flat = {0, 0xFFFFFFFFu, (uint16_t)(i == SEG_CS ? 8 : 16), 0xC093,
                                           1};
        state->segments[i] = mode ? flat : real;
        if (mode > 2) {
            state->segments[i].selector += 0x13;
            state->segments[i].attributes |= ATTR_DPL;
        }
    }
    state->segments[SEG_CS].attributes |= ATTR_CODE;
}

/* mode: 0 real, 1 protected, 2 paged, 3 paged at level 3 */
static void start_state(struct cpu_state *state, uint32_t mode, uint64_t clock)
{
    memset(state, 0, sizeof *state);
    put_segments(state, mode);
    state->eip = CODE_AT;
    state->eflags = EFLAGS_ONE | EFLAGS_IF;
    state->cpl = mode > 2 ? 3 : 0;
    state->cr0 = CR0_ET | (mode ? CR0_PE : 0) | (mode > 1 ? CR0_PG : 0);
    state->cr3 = DIRECTORY_AT;
    state->gdtr.base = GDT_AT;
    state->gdtr.limit = 0xFFF;
    state->idtr.base = mode ? IDT_AT : 0;
    state->idtr.limit = mode ? 0x7FF : 0x3FF;
    state->gpr[REG_ESP] = STACK_TOP - 64;
    state->gpr[REG_ECX] = 5;
    state->gpr[REG_ESI] = CODE_AT;
    state->gpr[REG_EDI] = CODE_AT + 16;
    state->a20_mask = 0xFFFFFFFFu;
    state->clock = clock;
}

static void put32(uint8_t *ram, uint32_t at, uint32_t value)
{
    memcpy(ram + at, &value, 4);
}

/* Code everywhere where something may lead to; tables that are good as long as nothing writes. */
static void fill_ram(uint8_t *ram, const uint8_t *code, size_t bytes, uint32_t rights)
{
    memset(ram, 0x90, RAM_BYTES);
    for (uint32_t i = 0; i < 1024; i++) {
        put32(ram, TABLE_AT + 4 * i, (i & 0x3F) << 12 | (i % 7 ? 7 : rights & 0x7F));
        put32(ram, DIRECTORY_AT + 4 * i, TABLE_AT | 7);
    }
    for (uint32_t i = 0; i < 512; i += 5) { /* code, data, code and data for users, and garbage */
        static const uint32_t high[] = {0x00CF9B00, 0x00CF9300, 0x00CFFB00, 0x00CFF300, 0x00008B00};
        for (uint32_t kind = 0; kind < 5 && i + kind + 1 < 512; kind++) {
            put32(ram, GDT_AT + 8 * (i + kind + 1), kind == 4 ? GDT_AT << 16 | 0x67 : 0xFFFF);
            put32(ram, GDT_AT + 8 * (i + kind + 1) + 4, high[kind]);
        }
    }
    for (uint32_t vector = 0; vector < 256; vector++) {
        put32(ram, IDT_AT + 8 * vector, 8u << 16 | (CODE_AT + vector * 16));
        put32(ram, IDT_AT + 8 * vector + 4, vector % 3 ? 0xEE00 : 0xEF00);
        put32(ram, 4 * vector, CODE_AT + vector * 16);
    }
    for (uint32_t at = CODE_AT; bytes && at + bytes <= STACK_TOP - 0x4000; at += (uint32_t)bytes) {
        memcpy(ram + at, code, bytes);
    }
}

/* Both go to the first boundary at or after the same clock: several may share one clock. */
static void take_steps(struct subject *s, uint64_t clock)
{
    while (cpu_clock(s->cpu) < clock) {
        struct cpu_step_info info;
        if (cpu_step(s->cpu, clock, &info) == CPU_STOP_SHUTDOWN) {
            return;
        }
        if (info.what & STEP_IDLE) {
            cpu_run(s->cpu, clock);
        }
    }
}

static void run_blocks(struct subject *s, uint64_t clock)
{
    while (cpu_clock(s->cpu) < clock && cpu_run(s->cpu, clock) != CPU_STOP_SHUTDOWN) {}
}

static void compare(struct subject *a, struct subject *b)
{
    const uint8_t *left = (const uint8_t *)cpu_save(a->cpu);
    const uint8_t *right = (const uint8_t *)cpu_save(b->cpu);
    for (size_t at = 0; at < sizeof(struct cpu_state); at++) {
        if (left[at] != right[at]) {
            fprintf(stderr, "blocks differ from steps at byte %zu of the state\n", at);
            abort();
        }
    }
    for (uint32_t at = 0; at < RAM_BYTES; at++) {
        if (a->ram[at] != b->ram[at]) {
            fprintf(stderr, "blocks differ from steps at %05X of RAM\n", at);
            abort();
        }
    }
    if (a->traffic != b->traffic) {
        fprintf(stderr, "blocks differ from steps in what went over the bus\n");
        abort();
    }
    if (cpu_check(cpu_save(a->cpu))) {
        fprintf(stderr, "impossible state: %s\n", cpu_check(cpu_save(a->cpu)));
        abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct subject steps, blocks;
    if (size < HEADER || size > 4096) {
        return 0;
    }
    size_t patches = data[4] % 8, left = (size - HEADER) / PATCH;
    patches = patches < left ? patches : left;
    struct cpu_state state;
    start_state(&state, data[0] & 3, data[5]);
    for (size_t i = 0; i < patches; i++) {
        const uint8_t *patch = data + HEADER + i * PATCH;
        size_t where = ((size_t)patch[0] | (size_t)patch[1] << 8) % (sizeof state / 4);
        memcpy((uint8_t *)&state + 4 * where, patch + 2, 4);
    }
    state.clock &= UINT64_MAX >> 8;
    if (cpu_check(&state)) {
        return 0;
    }
    struct cpu_config config = {.level = data[1] % 4, .timing = data[2] % 3, .undecoded = 1};
    config.block_limit = 1 + data[3] % 64;
    if (config.timing == TIMING_UNIT && !(state.cr0 & CR0_PG)) {
        config.timing = TIMING_I486; /* a REP of 2^32 iterations would cost no clocks */
    }
    if (!steps.memory) {
        steps.memory = zeroed(cpu_bytes(RAM_BYTES), 64);
        blocks.memory = zeroed(cpu_bytes(RAM_BYTES), 64);
        steps.ram = zeroed(RAM_BYTES, 4096);
        blocks.ram = zeroed(RAM_BYTES, 4096);
    }
    const uint8_t *code = data + HEADER + patches * PATCH;
    fill_ram(steps.ram, code, (size_t)(data + size - code), data[6]);
    memcpy(blocks.ram, steps.ram, RAM_BYTES);
    create(&steps, &config);
    config.undecoded = 0;
    create(&blocks, &config);
    cpu_load(steps.cpu, &state);
    cpu_load(blocks.cpu, &state);

    take_steps(&steps, state.clock + CLOCKS);
    run_blocks(&blocks, state.clock + CLOCKS);
    compare(&steps, &blocks);
    cpu_drop_caches(steps.cpu); /* leaves the memory as good as zeroed */
    cpu_drop_caches(blocks.cpu);
    return 0;
}
