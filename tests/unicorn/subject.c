/* See subject.h. What the step wrote comes from its journal; that the journal tells everything
 * is tested elsewhere, and here by comparing all of RAM now and then.
 * SPDX-License-Identifier: MIT */
#include "tests/unicorn/subject.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define STEP_CLOCKS 1000000u

static uint32_t ones(void *context, uint32_t address, uint32_t size, uint64_t now)
{
    (void)context, (void)address, (void)size, (void)now;
    return 0xFFFFFFFFu;
}
static void nothing(void *context, uint32_t address, uint32_t size, uint32_t value, uint64_t now)
{
    (void)context, (void)address, (void)size, (void)value, (void)now;
}
static uint32_t port_ones(void *context, uint16_t port, uint32_t size, uint64_t now)
{
    (void)context, (void)port, (void)size, (void)now;
    return 0xFFFFFFFFu;
}
static void port_nothing(void *context, uint16_t port, uint32_t size, uint32_t value, uint64_t now)
{
    (void)context, (void)port, (void)size, (void)value, (void)now;
}
static uint8_t acknowledge(void *context, uint64_t now)
{
    (void)context, (void)now;
    return 0;
}

void subject_open(struct subject *subject)
{
    const struct cpu_config config = {.level = CPU_I686, .timing = TIMING_I486, .block_limit = 64};
    const size_t bytes = (cpu_bytes(RAM_BYTES) + 63) & ~(size_t)63;
    void *memory = aligned_alloc(64, bytes);
    subject->ram = aligned_alloc(4096, RAM_BYTES);
    if (!memory || !subject->ram) {
        fprintf(stderr, "test_unicorn: no memory\n");
        exit(1);
    }
    memset(memory, 0, bytes);
    memset(subject->ram, 0, RAM_BYTES);
    const struct cpu_bus bus = {.ram = subject->ram,
                                .ram_bytes = RAM_BYTES,
                                .read = ones,
                                .write = nothing,
                                .port_read = port_ones,
                                .port_write = port_nothing,
                                .acknowledge = acknowledge};
    subject->cpu = cpu_init(memory, &config, &bus);
}

static struct cpu_state start_state(const struct registers *in)
{
    struct cpu_state state = {.eip = in->eip,
                              .eflags = in->eflags,
                              .cr0 = CR0_ET,
                              .gdtr = in->gdtr,
                              .idtr = in->idtr,
                              .a20_mask = 0xFFFFFFFFu};
    memcpy(state.gpr, in->gpr, sizeof in->gpr);
    for (uint32_t n = 0; n < SEG_COUNT; n++) {
        state.segments[n] = (struct segment_state){.base = (uint32_t)in->selectors[n] << 4,
                                                   .limit = LIMIT,
                                                   .selector = in->selectors[n],
                                                   .attributes = ATTR_PRESENT | ATTR_SEGMENT |
                                                                 ATTR_WRITABLE | ATTR_ACCESSED,
                                                   .usable = 1};
    }
    state.ldtr.attributes = ATTR_PRESENT | 0x02;
    state.tr.attributes = ATTR_PRESENT | 0x0B;
    return state;
}

static void take_writes(const struct journal *journal, struct outcome *out)
{
    for (uint32_t n = 0; n < journal->count && out->writes < MOST_WRITES; n++) {
        if (journal->entries[n].kind == JOURNAL_MEMORY_WRITE) {
            out->written[out->writes++] =
                (struct written){journal->entries[n].physical, journal->entries[n].size};
        }
    }
}

void subject_run(struct subject *subject, const struct piece *piece, struct outcome *out)
{
    struct cpu *cpu = subject->cpu;
    struct cpu_step_info info;
    const struct cpu_state start = start_state(&piece->before);
    cpu_ram_written(cpu, piece_linear(piece), CODE_BYTES);
    cpu_load(cpu, &start);
    enum cpu_stop stop;
    out->writes = out->first = 0;
    cpu_set_journal(cpu, &subject->journal);
    do { /* a REP that writes to code that was decoded goes on in the next step */
        subject->journal.count = subject->journal.dropped = 0;
        stop = cpu_step(cpu, STEP_CLOCKS, &info);
        take_writes(&subject->journal, out);
    } while (info.what & STEP_PARTIAL);
    cpu_set_journal(cpu, NULL);

    const struct cpu_state *end = cpu_save(cpu);
    out->vector = info.what & STEP_DELIVERY ? info.vector : NO_VECTOR;
    out->vector = stop == CPU_STOP_SHUTDOWN ? SHUT_DOWN : out->vector;
    memcpy(out->after.gpr, end->gpr, sizeof out->after.gpr);
    out->after.eip = end->eip;
    out->after.eflags = end->eflags;
    for (uint32_t n = 0; n < SEG_COUNT; n++) {
        out->after.selectors[n] = end->segments[n].selector;
        if (end->segments[n].base != (uint32_t)end->segments[n].selector << 4 ||
            end->segments[n].limit != LIMIT) {
            out->after.selectors[n] ^= 0xFFFF; /* shows as a difference */
        }
    }
    out->after.gdtr = end->gdtr;
    out->after.idtr = end->idtr;
}
