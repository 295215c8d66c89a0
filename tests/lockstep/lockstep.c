/* Does it matter how one steps? Random programs run in machines that differ in nothing else, and
 * must agree in every byte of state, RAM and bus traffic at every point of comparison.
 *   lockstep [--soak SECONDS] [--seed N] [--one] [--clocks N] [--rows]
 * --seed: the first program; --one: only that one; --rows: name the rows of isa.def that no program
 * executed.
 * SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "tests/lockstep/program.h"

static const struct pattern patterns[] = {
    {"one step at a time, observed", STEPPING_STEP, 64, 0, 0, 1},
    {"blocks of 64", STEPPING_RUN, 64, 0, 0, 0},
    {"blocks of 64, observed", STEPPING_RUN, 64, 0, 0, 1},
    {"blocks of 64, plain loop", STEPPING_RUN, 64, 0, 1, 0},
    {"blocks of 1", STEPPING_RUN, 1, 0, 0, 0},
    {"blocks of 2, plain loop, observed", STEPPING_RUN, 2, 0, 1, 1},
    {"blocks of 7, random deadlines", STEPPING_RANDOM, 7, 0, 0, 0},
    {"nothing decoded is kept, observed", STEPPING_RUN, 64, 1, 0, 1},
    {"random deadlines, observed", STEPPING_RANDOM, 64, 0, 0, 1},
    {"everything mixed", STEPPING_MIXED, 64, 0, 0, 0},
    {"everything mixed, plain loop, blocks of 3, observed", STEPPING_MIXED, 3, 0, 1, 1},
};
#define MACHINES (sizeof patterns / sizeof patterns[0])

struct field {
    const char *name;
    size_t at;
};
#define FIELD(name)                                                                                \
    {                                                                                              \
#name, offsetof(struct cpu_state, name)                                                    \
    }
static const struct field fields[] = {FIELD(gpr[0]),
                                      FIELD(gpr[1]),
                                      FIELD(gpr[2]),
                                      FIELD(gpr[3]),
                                      FIELD(gpr[4]),
                                      FIELD(gpr[5]),
                                      FIELD(gpr[6]),
                                      FIELD(gpr[7]),
                                      FIELD(gpr[8]),
                                      FIELD(eip),
                                      FIELD(eflags),
                                      FIELD(cpl),
                                      FIELD(segments[0]),
                                      FIELD(segments[1]),
                                      FIELD(segments[2]),
                                      FIELD(segments[3]),
                                      FIELD(segments[4]),
                                      FIELD(segments[5]),
                                      FIELD(ldtr),
                                      FIELD(tr),
                                      FIELD(gdtr),
                                      FIELD(idtr),
                                      FIELD(cr0),
                                      FIELD(cr2),
                                      FIELD(cr3),
                                      FIELD(cr4),
                                      FIELD(dr),
                                      FIELD(activity),
                                      FIELD(shadow),
                                      FIELD(interrupt_line),
                                      FIELD(nmi_pending),
                                      FIELD(nmi_blocked),
                                      FIELD(debug_pending),
                                      FIELD(rep_resumed),
                                      FIELD(refill_pending),
                                      FIELD(a20_mask),
                                      FIELD(mode_in_eflags),
                                      FIELD(fault_count),
                                      FIELD(fault_mark),
                                      FIELD(faults),
                                      FIELD(clock),
                                      FIELD(instructions),
                                      FIELD(deliveries),
                                      FIELD(delivered),
                                      FIELD(tlb_data),
                                      FIELD(tlb_instruction),
                                      FIELD(vectors)};

static const char *field_at(size_t at)
{
    size_t found = 0;
    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++) {
        found = fields[i].at <= at ? i : found;
    }
    return fields[found].name;
}

static size_t first_difference(const void *a, const void *b, size_t bytes)
{
    const uint8_t *p = a, *q = b;
    size_t at = 0;
    while (at < bytes && p[at] == q[at]) {
        at++;
    }
    return at;
}

/* Print nothing if `out` is NULL. returns true if the two agree. */
static bool agree(struct machine *a, struct machine *b, FILE *out)
{
    const struct cpu_state *left = a->api->save(a->cpu), *right = b->api->save(b->cpu);
    size_t at = first_difference(left, right, sizeof *left);
    if (at < sizeof *left) {
        if (out) {
            uint32_t x, y;
            size_t word = at & ~(size_t)3;
            memcpy(&x, (const uint8_t *)left + word, 4);
            memcpy(&y, (const uint8_t *)right + word, 4);
            fprintf(out, "  state.%s (byte %zu): %08X, should be %08X\n", field_at(at), at, y, x);
        }
        return false;
    }
    if (memcmp(a->ram, b->ram, RAM_BYTES) != 0) {
        if (out) {
            at = first_difference(a->ram, b->ram, RAM_BYTES);
            fprintf(out, "  RAM at %05zX: %02X, should be %02X\n", at, b->ram[at], a->ram[at]);
        }
        return false;
    }
    if (a->digest != b->digest || a->transfers != b->transfers || a->dead != b->dead ||
        a->next_event != b->next_event) {
        if (out) {
            fprintf(out, "  bus traffic: %llu transfers, should be %llu\n",
                    (unsigned long long)b->transfers, (unsigned long long)a->transfers);
        }
        return false;
    }
    return true;
}

/* The observers of the two, if both have one, were told the same. */
static bool agree_on_events(const struct machine *a, const struct machine *b, FILE *out)
{
    if (!a->pattern->observed || !b->pattern->observed ||
        (a->seen == b->seen && a->seen_count == b->seen_count)) {
        return true;
    }
    for (uint32_t side = 0; out && side < 2; side++) {
        const struct machine *m = side ? a : b;
        fprintf(out, "  %s %llu events, the last:\n", side ? "should be" : "told of",
                (unsigned long long)m->seen_count);
        for (uint64_t i = EVENTS_KEPT; i-- > 0;) {
            const struct machine_event *e = &m->seen_last[(m->seen_count - 1 - i) % EVENTS_KEPT];
            fprintf(out,
                    "    kind %u clock %llu step %llu at %08X cpl %u address %08X value %08X\n",
                    e->kind, (unsigned long long)e->clock, (unsigned long long)e->step, e->linear,
                    e->cpl, e->kind == EVENT_PORT ? e->port : e->address, e->value);
        }
    }
    return false;
}

static bool agree_at(struct machine *a, struct machine *b, uint64_t clock)
{
    machine_start(a, a->pattern, a->program);
    machine_start(b, b->pattern, b->program);
    machine_run(a, clock);
    machine_run(b, clock);
    return agree(a, b, NULL) && agree_on_events(a, b, NULL) && !b->complaint;
}

/* ---- telling what happened ---- */

static void print_place(const struct machine *m, struct cpu *cpu)
{
    const struct cpu_state *s = m->api->save(cpu);
    uint32_t linear = s->segments[SEG_CS].base + s->eip;
    printf("  clock %llu CPL %u %04X:%08X eflags %08X ecx %08X shadow %u rep %u  bytes",
           (unsigned long long)s->clock, s->cpl, s->segments[SEG_CS].selector, s->eip, s->eflags,
           s->gpr[REG_ECX], s->shadow, s->rep_resumed);
    for (uint32_t i = 0; i < 12; i++) {
        uint32_t physical;
        if (cpu_peek_linear(cpu, linear + i, &physical) && physical < RAM_BYTES) {
            printf(" %02X", m->ram[physical]);
        }
    }
    printf("\n");
}

/* The reference once more, one step at a time, printing the last places before `clock`. */
static void print_way(struct machine *m, uint64_t clock)
{
    machine_start(m, m->pattern, m->program);
    uint64_t from = clock > 120 ? clock - 120 : 0;
    machine_run(m, from);
    while (!m->dead && m->api->clock(m->cpu) < clock) {
        print_place(m, m->cpu);
        machine_run(m, m->api->clock(m->cpu) + 1);
    }
    print_place(m, m->cpu);
}

static void report(struct machine *reference, struct machine *other, uint64_t clock)
{
    uint64_t low = reference->program->start.clock, high = clock;
    while (low < high) {
        uint64_t middle = low + (high - low) / 2;
        if (agree_at(reference, other, middle)) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    printf("seed %llu, timing %u: \"%s\" differs from \"%s\" at clock %llu\n",
           (unsigned long long)reference->program->seed, (uint32_t)reference->program->timing,
           other->pattern->name, reference->pattern->name, (unsigned long long)high);
    agree_at(reference, other, high);
    if (other->complaint) {
        printf("  %s\n", other->complaint);
    }
    agree(reference, other, stdout);
    agree_on_events(reference, other, stdout);
    printf("  there:\n");
    print_place(other, other->cpu);
    printf("  the right way:\n");
    print_way(reference, high);
    fflush(stdout);
}

/* ---- the test ---- */

struct totals {
    uint64_t programs, instructions, deliveries, shutdowns, failures;
};

/* Rows of the instruction table that no program has come to. */
static uint32_t rows_missing(const struct machine *m, bool print)
{
    uint32_t missing = 0;
    for (uint32_t row = INSN_none + 1; row < INSN_COUNT; row++) {
        if (!m->rows[row]) {
            missing++;
            if (print) {
                printf("  never executed: %s\n", insn_table[row].id);
            }
        }
    }
    return missing;
}

static void run_program(struct machine *machines, const struct program *program, uint64_t clocks,
                        struct totals *totals)
{
    uint64_t random = program->seed + 99, clock = program->start.clock;
    uint64_t end = clock + clocks;
    for (uint32_t i = 0; i < MACHINES; i++) {
        machine_start(&machines[i], &patterns[i], program);
    }
    while (clock < end && !machines[0].dead) {
        clock += 1 + next_random(&random) % (clocks / 2);
        clock = clock < end ? clock : end;
        for (uint32_t i = 0; i < MACHINES; i++) {
            machine_run(&machines[i], clock);
            if (i &&
                (!agree(&machines[0], &machines[i], NULL) ||
                 !agree_on_events(&machines[0], &machines[i], NULL) || machines[i].complaint)) {
                report(&machines[0], &machines[i], clock);
                totals->failures++;
                return;
            }
        }
    }
    const struct cpu_state *state = machines[0].api->save(machines[0].cpu);
    totals->instructions += state->instructions;
    totals->deliveries += state->deliveries;
    totals->shutdowns += machines[0].dead;
    totals->programs++;
}

int main(int argc, char **argv)
{
    static struct machine machines[MACHINES];
    static struct program program;
    struct totals totals = {0};
    uint64_t seed = 1, clocks = 30000;
    double seconds = 10;
    bool one = false, rows = false;
    for (int i = 1; i < argc; i++) {
        if (!strcmp(argv[i], "--one")) {
            one = true;
        } else if (!strcmp(argv[i], "--rows")) {
            rows = true;
        } else if (i + 1 < argc && !strcmp(argv[i], "--soak")) {
            seconds = atof(argv[++i]);
        } else if (i + 1 < argc && !strcmp(argv[i], "--seed")) {
            seed = strtoull(argv[++i], NULL, 0);
        } else if (i + 1 < argc && !strcmp(argv[i], "--clocks")) {
            clocks = strtoull(argv[++i], NULL, 0);
        } else {
            fprintf(stderr, "lockstep [--soak SECONDS] [--seed N] [--one] [--clocks N] [--rows]\n");
            return 2;
        }
    }
    for (uint32_t i = 0; i < MACHINES; i++) {
        if (machine_create(&machines[i])) {
            fprintf(stderr, "lockstep: no memory\n");
            return 2;
        }
    }
    struct timespec start, now;
    clock_gettime(CLOCK_MONOTONIC, &start);
    do {
        program_make(&program, seed++);
        run_program(machines, &program, clocks, &totals);
        clock_gettime(CLOCK_MONOTONIC, &now);
    } while (!one && totals.failures < 3 &&
             (double)(now.tv_sec - start.tv_sec) + 1e-9 * (double)(now.tv_nsec - start.tv_nsec) <
                 seconds);
    uint32_t missing = rows_missing(&machines[0], rows);
    printf("%u of %u rows of isa.def were executed\n", INSN_COUNT - 1 - missing, INSN_COUNT - 1);
    printf("%llu programs, %llu instructions, %llu deliveries, %llu shutdowns, %llu differences\n",
           (unsigned long long)totals.programs, (unsigned long long)totals.instructions,
           (unsigned long long)totals.deliveries, (unsigned long long)totals.shutdowns,
           (unsigned long long)totals.failures);
    for (uint32_t i = 0; i < MACHINES; i++) {
        machine_destroy(&machines[i]);
    }
    return totals.failures ? 1 : 0;
}
