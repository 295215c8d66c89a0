/* A processor alone, see the header.
 * SPDX-License-Identifier: MIT */
#include "emu/bare_cpu.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define DEFAULT_RAM_BYTES (17u << 20)
#define CODE_SELECTOR     0x08u
#define DATA_SELECTOR     0x10u

struct bare_cpu {
    struct cpu *cpu;
    uint8_t *ram;
    void *caches;
    size_t cache_bytes;
    uint32_t ram_bytes;
};

static uint32_t read_nothing(void *context, uint32_t physical, uint32_t size, uint64_t now)
{
    (void)context;
    (void)physical;
    (void)now;
    return size == 4 ? 0xFFFFFFFFu : (1u << (8 * size)) - 1;
}

static void write_nothing(void *context, uint32_t physical, uint32_t size, uint32_t value,
                          uint64_t now)
{
    (void)context;
    (void)physical;
    (void)size;
    (void)value;
    (void)now;
}

static uint32_t read_port(void *context, uint16_t port, uint32_t size, uint64_t now)
{
    return read_nothing(context, port, size, now);
}

static void write_port(void *context, uint16_t port, uint32_t size, uint32_t value, uint64_t now)
{
    write_nothing(context, port, size, value, now);
}

static uint8_t acknowledge(void *context, uint64_t now)
{
    (void)context;
    (void)now;
    return 0xFF;
}

static void *map(size_t bytes)
{
    void *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    return memory == MAP_FAILED ? NULL : memory;
}

struct bare_cpu *bare_cpu_create(const struct bare_cpu_config *config, struct err *err)
{
    struct bare_cpu_config chosen = {CPU_I686, TIMING_I486, DEFAULT_RAM_BYTES};
    chosen = config ? *config : chosen;
    struct bare_cpu *bare = calloc(1, sizeof *bare);
    if (!bare) {
        err_set(err, "no memory for a processor");
        return NULL;
    }
    bare->ram_bytes = chosen.ram_bytes;
    bare->cache_bytes = cpu_bytes(chosen.ram_bytes);
    bare->ram = map(bare->ram_bytes);
    bare->caches = map(bare->cache_bytes);
    if (!bare->ram || !bare->caches) {
        err_set(err, "no memory for a processor with %u bytes of RAM", chosen.ram_bytes);
        bare_cpu_destroy(bare);
        return NULL;
    }
    struct cpu_config cpu_config = {
        .level = chosen.level, .timing = chosen.timing, .block_limit = 64, .undecoded = 1};
    struct cpu_bus bus = {.context = bare,
                          .ram = bare->ram,
                          .ram_bytes = bare->ram_bytes,
                          .read = read_nothing,
                          .write = write_nothing,
                          .port_read = read_port,
                          .port_write = write_port,
                          .acknowledge = acknowledge};
    bare->cpu = cpu_init(bare->caches, &cpu_config, &bus);
    return bare;
}

void bare_cpu_destroy(struct bare_cpu *bare)
{
    if (!bare) {
        return;
    }
    if (bare->ram) {
        munmap(bare->ram, bare->ram_bytes);
    }
    if (bare->caches) {
        munmap(bare->caches, bare->cache_bytes);
    }
    free(bare);
}

uint8_t *bare_cpu_ram(struct bare_cpu *bare)
{
    return bare->ram;
}

static void clear_state(struct cpu_state *state)
{
    memset(state, 0, sizeof *state);
    state->eflags = EFLAGS_ONE;
    state->cr0 = CR0_ET;
    state->a20_mask = 0xFFFFFFFFu;
    state->gdtr.limit = 0xFFFF;
    state->idtr.limit = 0x3FF;
    state->dr[6] = 0xFFFF0FF0u;
    state->dr[7] = 0x400;
    state->ldtr.attributes = ATTR_PRESENT | 0x02;
    state->tr.attributes = ATTR_PRESENT | 0x0B;
    state->tr.limit = 0xFFFF;
}

static void set_segments(struct cpu_state *state, uint32_t limit, uint16_t extra)
{
    for (uint32_t i = 0; i < SEG_COUNT; i++) {
        state->segments[i].limit = limit;
        state->segments[i].attributes =
            (uint16_t)(ATTR_PRESENT | ATTR_SEGMENT | ATTR_WRITABLE | ATTR_ACCESSED | extra);
        state->segments[i].usable = 1;
    }
    state->segments[SEG_CS].attributes |= ATTR_CODE;
}

void bare_cpu_real_state(struct cpu_state *state)
{
    clear_state(state);
    set_segments(state, 0xFFFF, 0);
}

void bare_cpu_protected_state(struct cpu_state *state)
{
    clear_state(state);
    state->cr0 |= CR0_PE;
    set_segments(state, 0xFFFFFFFFu, ATTR_BIG | ATTR_GRANULAR);
    for (uint32_t i = 0; i < SEG_COUNT; i++) {
        state->segments[i].selector = i == SEG_CS ? CODE_SELECTOR : DATA_SELECTOR;
    }
}

const char *bare_cpu_set_state(struct bare_cpu *bare, const struct cpu_state *state)
{
    const char *wrong = cpu_check(state);
    if (!wrong) {
        cpu_load(bare->cpu, state);
    }
    return wrong;
}

const struct cpu_state *bare_cpu_state(struct bare_cpu *bare)
{
    return cpu_save(bare->cpu);
}

enum cpu_stop bare_cpu_step(struct bare_cpu *bare, struct cpu_step_info *info)
{
    struct cpu_step_info unwanted;
    return cpu_step(bare->cpu, UINT64_MAX, info ? info : &unwanted);
}

enum cpu_stop bare_cpu_run(struct bare_cpu *bare, uint64_t clocks)
{
    return cpu_run(bare->cpu, cpu_clock(bare->cpu) + clocks);
}

void bare_cpu_set_journal(struct bare_cpu *bare, struct journal *journal)
{
    cpu_set_journal(bare->cpu, journal);
}
