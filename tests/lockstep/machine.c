/* Machines for the lockstep test: see machine.h.
 * SPDX-License-Identifier: MIT */
#include "tests/lockstep/machine.h"

#include <stdlib.h>
#include <string.h>

#include "tests/lockstep/journal_check.h"
#include "tests/lockstep/program.h"

#define EVENT_IRQ_BASE 0x20u
#define WATCH_COUNT    5u

uint64_t next_random(uint64_t *state)
{
    uint64_t z = (*state += 0x9E3779B97F4A7C15u);
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
}

/* ---- devices ---- */

static void note(struct machine *m, uint64_t kind, uint64_t a, uint64_t b, uint64_t now)
{
    if (now != m->api->clock(m->cpu)) {
        m->complaint = "cpu_clock() differs from the clock given to the bus";
    }
    uint64_t mix = m->digest ^ (kind << 56) ^ (a << 24) ^ b ^ (now * 0x9E3779B97F4A7C15u);
    m->digest = next_random(&mix);
    m->transfers++;
}

static uint32_t cut(uint64_t value, uint32_t size)
{
    return size == 4 ? (uint32_t)value : (uint32_t)value & ((1u << (8 * size)) - 1);
}

static void dma(struct machine *m)
{
    uint64_t r = next_random(&m->random);
    uint32_t bytes = 1 + (uint32_t)(r & 15);
    uint32_t at = m->program->code_first + (uint32_t)(r >> 8) % (m->program->code_bytes - 16);
    for (uint32_t i = 0; i < bytes; i++) {
        m->ram[at + i] = (uint8_t)next_random(&m->random);
    }
    m->api->ram_written(m->cpu, at, bytes);
}

static uint32_t bus_read(void *context, uint32_t physical, uint32_t size, uint64_t now)
{
    struct machine *m = context;
    note(m, 1, physical, size, now);
    return cut(m->digest >> 7, size);
}

static void bus_write(void *context, uint32_t physical, uint32_t size, uint32_t value, uint64_t now)
{
    struct machine *m = context;
    note(m, 2, physical, ((uint64_t)value << 3) | size, now);
}

static uint32_t port_read(void *context, uint16_t port, uint32_t size, uint64_t now)
{
    struct machine *m = context;
    note(m, 3, port, size, now);
    if (port == PORT_RESUME) {
        return m->program->entries[next_random(&m->random) % ENTRY_COUNT];
    }
    return cut(m->digest >> 9, size);
}

static void event_at(struct machine *m, uint64_t clock)
{
    if (clock < m->next_event) {
        m->next_event = clock;
        m->api->set_deadline(m->cpu, clock);
    }
}

static void port_write(void *context, uint16_t port, uint32_t size, uint32_t value, uint64_t now)
{
    struct machine *m = context;
    note(m, 4, port, ((uint64_t)value << 3) | size, now);
    if (port == PORT_EOI) {
        m->api->set_interrupt_line(m->cpu, 0);
    } else if (port == PORT_RAISE) {
        m->api->set_interrupt_line(m->cpu, 1);
    } else if (port == PORT_TIMER) {
        event_at(m, now + (value & 0x7F));
    } else if (port == PORT_STOP) {
        m->api->request_stop(m->cpu);
    } else if (port == PORT_DMA && !m->program->gentle) {
        dma(m);
    } else if (port == PORT_NMI && !m->program->gentle) {
        m->api->raise_nmi(m->cpu);
    } else if (port == PORT_A20 && !m->program->gentle) {
        m->api->set_a20(m->cpu, value & 1);
    }
}

/* FERR#: an interrupt, and now and then the errors are ignored from then on. */
static void fpu_error(void *context, uint32_t level, uint64_t now)
{
    struct machine *m = context;
    note(m, 6, level, 0, now);
    m->api->set_interrupt_line(m->cpu, 1);
    m->api->set_ignore_errors(m->cpu, level && next_random(&m->random) % 4 == 0);
}

static uint8_t acknowledge(void *context, uint64_t now)
{
    struct machine *m = context;
    note(m, 5, 0, 0, now);
    uint64_t r = next_random(&m->random);
    if (r & 8) {
        m->api->set_interrupt_line(m->cpu, 0);
    }
    return (uint8_t)(EVENT_IRQ_BASE + (r & 7));
}

static void event(struct machine *m)
{
    uint64_t r = next_random(&m->random);
    uint32_t kind = (uint32_t)r & 31;
    m->next_event += 1 + (r >> 8) % m->program->interval;
    if (m->program->gentle || kind >= 8) {
        m->api->set_interrupt_line(m->cpu, (r >> 5) % 4 != 0);
    } else if (kind < 2) {
        m->api->raise_nmi(m->cpu);
    } else if (kind < 6) {
        dma(m);
    } else {
        m->api->set_a20(m->cpu, kind & 1);
    }
}

/* ---- the observer ---- */

/* What a debugger could set: pieces of data, stack, code and tables, linear and physical. */
static void make_watches(const struct program *program, struct machine_watch *watches)
{
    uint64_t random = program->seed * 7 + 5;
    for (uint32_t i = 0; i < WATCH_COUNT; i++) {
        uint64_t r = next_random(&random);
        watches[i] = (struct machine_watch){.first = (uint32_t)(r >> 8) % RAM_BYTES,
                                            .reads = r & 1,
                                            .writes = (r & 3) != 1,
                                            .physical = r >> 2 & 1};
        watches[i].last = watches[i].first + ((r & 8) ? 3 : (uint32_t)(r >> 32) % 0x3000);
    }
}

static bool see(void *context, const struct machine_event *event)
{
    struct machine *m = context;
    const uint8_t *bytes = (const uint8_t *)event;
    for (size_t i = 0; i < sizeof *event; i += 8) {
        uint64_t word;
        memcpy(&word, bytes + i, 8);
        m->seen = (m->seen ^ word) * 0x9E3779B97F4A7C15u;
        m->seen ^= m->seen >> 29;
    }
    m->rows[event->kind == EVENT_INSTRUCTION ? event->row : INSN_none]++;
    m->seen_last[m->seen_count++ % EVENTS_KEPT] = *event;
    return (m->seen & 0x3F00) == 0;
}

static void observe(struct machine *m)
{
    const struct machine_observer observer = {m, see};
    struct machine_watch watches[WATCH_COUNT];
    uint32_t places[PLACES_MAX];
    uint64_t random = m->program->seed * 3 + 1;
    for (uint32_t i = 0; i < PLACES_MAX; i++) { /* many of them where programs begin */
        places[i] = AT_CODE + (uint32_t)next_random(&random) % (i % 2 ? CODE_BYTES : 0x100);
    }
    make_watches(m->program, watches);
    m->api->set_places(m->cpu, places, PLACES_MAX);
    m->api->observe(m->cpu, EVENTS_ALL, &observer);
    m->api->set_watches(m->cpu, watches, WATCH_COUNT);
}

/* ---- life ---- */

int machine_create(struct machine *m)
{
    memset(m, 0, sizeof *m);
    size_t bytes = (cpu_bytes(RAM_BYTES) + 63) & ~(size_t)63;
    m->ram = aligned_alloc(4096, RAM_BYTES);
    m->shadow = malloc(RAM_BYTES);
    m->journal = malloc(sizeof *m->journal);
    m->check = malloc(sizeof *m->check);
    for (uint32_t i = 0; i < 2; i++) {
        m->memory[i] = aligned_alloc(64, bytes);
        if (m->memory[i]) {
            memset(m->memory[i], 0, bytes);
        }
    }
    return m->ram && m->shadow && m->journal && m->check && m->memory[0] && m->memory[1] ? 0 : -1;
}

void machine_destroy(struct machine *m)
{
    free(m->ram);
    free(m->shadow);
    free(m->journal);
    free(m->check);
    free(m->memory[0]);
    free(m->memory[1]);
}

static void watch(struct machine *m)
{
    memcpy(m->shadow, m->ram, RAM_BYTES);
    memset(m->page_written, 0, sizeof m->page_written);
    m->api->watch_writes(m->cpu);
}

/* Every byte that changed must lie in a page that was marked. */
static void check_written(struct machine *m)
{
    for (uint32_t page = 0; page < RAM_BYTES / 4096; page++) {
        if (!m->page_written[page] &&
            memcmp(m->ram + page * 4096, m->shadow + page * 4096, 4096) != 0) {
            m->complaint = "a page was written and not marked";
        }
    }
}

void machine_start(struct machine *m, const struct pattern *pattern, const struct program *program)
{
    static const struct cpu_api tail_api = CPU_API;
    const struct cpu_config config = {.level = program->level,
                                      .timing = program->timing,
                                      .block_limit = pattern->block_limit,
                                      .undecoded = pattern->undecoded};
    const struct cpu_bus bus = {.context = m,
                                .ram = m->ram,
                                .ram_bytes = RAM_BYTES,
                                .hole_first = HOLE_FIRST,
                                .hole_end = HOLE_END,
                                .page_written = m->page_written,
                                .read = bus_read,
                                .write = bus_write,
                                .port_read = port_read,
                                .port_write = port_write,
                                .fpu_error = fpu_error,
                                .acknowledge = acknowledge};
    m->pattern = pattern;
    m->program = program;
    m->api = pattern->plain_loop ? plain_loop_api() : &tail_api;
    m->complaint = NULL;
    m->random = program->seed * 3 + 1;
    m->choice = program->seed * 5 + (uint64_t)pattern->block_limit + 77 * pattern->plain_loop;
    m->digest = m->transfers = m->dead = 0;
    m->seen = m->seen_count = 0;
    memcpy(m->ram, program->ram, RAM_BYTES);
    for (uint32_t i = 0; i < 2; i++) {
        if (m->cpus[i]) {
            m->api->drop_caches(m->cpus[i]); /* leaves the memory as good as zeroed */
        }
        m->cpus[i] = m->api->init(m->memory[i], &config, &bus);
        m->api->set_breakpoints(m->cpus[i], NULL, 0);
        m->api->set_journal(m->cpus[i], NULL);
        m->api->observe(m->cpus[i], 0, NULL);
        m->api->drop_caches(m->cpus[i]);
    }
    m->cpu = m->cpus[0];
    m->api->load(m->cpu, &program->start);
    if (pattern->observed) {
        observe(m);
    }
    m->next_event = program->start.clock + 1 + next_random(&m->random) % program->interval;
    watch(m);
}

/* ---- stepping ---- */

static void step(struct machine *m, uint64_t limit, bool with_journal)
{
    struct cpu_step_info info;
    m->journal->count = m->journal->dropped = 0;
    m->api->set_journal(m->cpu, with_journal ? m->journal : NULL);
    bool checked = with_journal && next_random(&m->choice) % 4 == 0;
    if (checked) {
        journal_check_begin(m->check, m);
    }
    enum cpu_stop stop = m->api->step(m->cpu, limit, &info);
    if (checked && !m->complaint) {
        m->complaint = journal_check_end(m->check, m);
    }
    m->api->set_journal(m->cpu, NULL);
    if (stop == CPU_STOP_SHUTDOWN) {
        m->dead = 1;
    } else if (info.what & STEP_IDLE) {
        m->dead = m->api->run(m->cpu, limit) == CPU_STOP_SHUTDOWN;
    }
}

static uint64_t random_deadline(struct machine *m, uint64_t limit)
{
    uint64_t r = next_random(&m->choice);
    uint64_t now = m->api->clock(m->cpu);
    uint64_t far = r & 3 ? 1 + (r >> 8) % 100 : r & 4 ? 1 : 1 + (r >> 8) % 5000;
    return now + far < limit ? now + far : limit;
}

static void run(struct machine *m, uint64_t deadline)
{
    if (m->api->run(m->cpu, deadline) == CPU_STOP_SHUTDOWN) {
        m->dead = 1;
    }
}

static void change_processor(struct machine *m)
{
    struct cpu *other = m->cpus[m->cpu == m->cpus[0]];
    m->api->drop_caches(other);
    m->api->load(other, m->api->save(m->cpu));
    m->api->observe(m->cpu, 0, NULL);
    m->cpu = other;
    if (m->pattern->observed) {
        observe(m);
    }
}

static void set_breakpoints(struct machine *m)
{
    uint32_t count = (uint32_t)next_random(&m->choice) % 5;
    uint32_t eip = m->api->save(m->cpu)->eip;
    for (uint32_t i = 0; i < count; i++) {
        m->breakpoints[i] =
            (i ? m->breakpoints[i - 1] : eip - 8) + 1 + (uint32_t)next_random(&m->choice) % 16;
    }
    m->api->set_breakpoints(m->cpu, m->breakpoints, count);
}

static void mixed(struct machine *m, uint64_t limit)
{
    uint64_t r = next_random(&m->choice);
    bool seldom = (r >> 32) % 8 == 0;
    switch (r % 16) {
    case 0:
        if (seldom) {
            m->api->drop_caches(m->cpu);
        }
        break;
    case 1:
        if (seldom) {
            change_processor(m);
        }
        break;
    case 2:
        m->api->save(m->cpu);
        break;
    case 3:
        if (seldom) {
            check_written(m);
            watch(m);
        }
        break;
    case 4:
        set_breakpoints(m);
        break;
    case 5:
        m->api->set_breakpoints(m->cpu, NULL, 0);
        break;
    case 6:
    case 7:
        step(m, limit, true);
        break;
    case 8:
    case 9:
        step(m, limit, false);
        break;
    default:
        run(m, random_deadline(m, limit));
        break;
    }
}

void machine_run(struct machine *m, uint64_t clock)
{
    while (!m->dead && m->api->clock(m->cpu) < clock) {
        if (m->api->clock(m->cpu) >= m->next_event) {
            event(m);
            continue;
        }
        uint64_t limit = clock < m->next_event ? clock : m->next_event;
        switch (m->pattern->stepping) {
        case STEPPING_RUN:
            run(m, limit);
            break;
        case STEPPING_STEP:
            step(m, limit, false);
            break;
        case STEPPING_RANDOM:
            run(m, random_deadline(m, limit));
            break;
        case STEPPING_MIXED:
            mixed(m, limit);
            break;
        }
    }
}
