/* What watching costs: each guest runs plain, with an observer of every instruction that counts,
 * with one that writes a record of 32 bytes into a ring, and with history, in turns.
 *   bench_machine [--rounds N] [--modes plain,count,ring,history] [--history MIB] [--mem MIB]
 *                 [--clocks N] [--initrd FILE] [--append TEXT] IMAGE...
 * One line for each guest: MIPS (medians of the rounds) and the ratios
 * to plain; then the geometric means; then going back after the run with history: the first jump
 * of 50 M clocks, the slowest of the 20 steps after it, and the slowest of 16 jumps all over the
 * run. All times are CPU times of this process.
 * SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "emu/boot.h"
#include "emu/history.h"
#include "emu/machine_observe.h"

#define ROUNDS_MAX   32u
#define RING_RECORDS 65536u
#define BACK_CLOCKS  50000000u
#define STEPS_BACK   20u
#define JUMPS        16u

enum mode { PLAIN, COUNT, RING, HISTORY, MODES };
static const char *const mode_names[MODES] = {"plain", "count", "ring", "history"};

struct settings {
    uint32_t rounds;        /* 1..ROUNDS_MAX */
    uint64_t history_bytes; /* budget */
    uint64_t ram_bytes;
    uint64_t clocks;    /* when to end, if the guest does not */
    const char *initrd; /* or NULL */
    const char *append; /* command line */
    uint32_t modes;     /* bits 1 << mode */
};

struct trace_record {
    uint64_t clock;
    uint64_t step;
    uint32_t linear;
    uint32_t cpl;
    uint32_t bytes;
    uint32_t unused;
};
_Static_assert(sizeof(struct trace_record) == 32, "what is promised above");

struct trace {
    uint64_t count;
    struct trace_record *ring; /* RING_RECORDS */
};

static bool count_event(void *context, const struct machine_event *event)
{
    struct trace *trace = context;

    (void)event;
    trace->count++;
    return false;
}

static bool record_event(void *context, const struct machine_event *event)
{
    struct trace *trace = context;

    trace->ring[trace->count++ % RING_RECORDS] = (struct trace_record){
        event->clock, event->step, event->linear, event->cpl, event->bytes, 0};
    return false;
}

static double seconds_of(clockid_t clock)
{
    struct timespec now;

    clock_gettime(clock, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void fail(const char *image, const char *message)
{
    fprintf(stderr, "bench_machine: %s: %s\n", image, message);
    exit(2);
}

/* ---- one run ---- */

struct outcome {
    double mips;
    double first_ms; /* going back BACK_CLOCKS from the end */
    double step_ms;  /* the slowest step back after that */
    double jump_ms;  /* the slowest of the jumps */
    uint64_t reach;  /* instructions that history holds */
    uint64_t instructions;
};

static void go_back(struct machine *machine, struct history *history, struct outcome *outcome)
{
    uint64_t now = machine_clock(machine);
    double from = seconds_of(CLOCK_PROCESS_CPUTIME_ID);

    history_go_to_clock(history, now > BACK_CLOCKS ? now - BACK_CLOCKS : 0);
    history_step_back(history);
    outcome->first_ms = (seconds_of(CLOCK_PROCESS_CPUTIME_ID) - from) * 1e3;
    for (uint32_t i = 0; i < STEPS_BACK; i++) {
        double step = seconds_of(CLOCK_PROCESS_CPUTIME_ID);

        history_step_back(history);
        step = (seconds_of(CLOCK_PROCESS_CPUTIME_ID) - step) * 1e3;
        outcome->step_ms = step > outcome->step_ms ? step : outcome->step_ms;
    }
    for (uint32_t i = 0; i < JUMPS; i++) {
        uint64_t first = history_first(history).clock;
        double jump = seconds_of(CLOCK_PROCESS_CPUTIME_ID);

        history_go_to_clock(history, first + (now - first) / JUMPS * (i * 7 % JUMPS));
        jump = (seconds_of(CLOCK_PROCESS_CPUTIME_ID) - jump) * 1e3;
        outcome->jump_ms = jump > outcome->jump_ms ? jump : outcome->jump_ms;
    }
    outcome->reach = history_last(history).step - history_first(history).step;
}

static void take_outcome(struct machine *machine, const struct settings *settings, enum mode mode,
                         struct outcome *outcome)
{
    struct trace trace = {.ring = calloc(RING_RECORDS, sizeof(*trace.ring))};
    const struct machine_observer observer = {&trace, mode == COUNT ? count_event : record_event};
    struct history *history =
        mode == HISTORY ? history_create(machine, settings->history_bytes) : NULL;
    double from;

    if (!trace.ring || (mode == HISTORY && !history)) {
        fail("history", "no memory");
    }
    if (mode == COUNT || mode == RING) {
        machine_observe(machine, 1u << EVENT_INSTRUCTION, &observer);
    }
    from = seconds_of(CLOCK_PROCESS_CPUTIME_ID);
    if (history) {
        history_run(history, settings->clocks);
    } else {
        machine_run(machine, settings->clocks);
    }
    outcome->instructions = machine_instructions(machine);
    outcome->mips =
        (double)outcome->instructions / (seconds_of(CLOCK_PROCESS_CPUTIME_ID) - from) / 1e6;
    /* those that fault are announced too */
    if ((mode == COUNT || mode == RING) && trace.count < outcome->instructions) {
        fail("trace", "instructions were missed");
    }
    if (history) {
        go_back(machine, history, outcome);
    }
    machine_observe(machine, 0, NULL);
    history_destroy(history);
    free(trace.ring);
}

static struct outcome run_once(const char *image, const struct settings *settings, enum mode mode)
{
    struct outcome outcome = {0};
    struct err err = {0};
    struct machine_config config;
    struct machine *machine;
    static struct boot boot;
    const struct machine_boot loader = {&boot, boot_load};

    machine_config_defaults(&config);
    config.ram_bytes = settings->ram_bytes;
    machine = machine_create(&config, &err);
    if (!machine ||
        !boot_open(&boot, image, settings->initrd, settings->append, settings->ram_bytes, &err) ||
        !machine_boot(machine, &loader, &err)) {
        fail(image, err.message);
    }
    take_outcome(machine, settings, mode, &outcome);
    machine_destroy(machine);
    boot_close(&boot);
    return outcome;
}

/* ---- the table ---- */

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return x < y ? -1 : x > y;
}

static void take_guest(const char *image, const struct settings *settings, double medians[MODES])
{
    static double mips[MODES][ROUNDS_MAX];
    const char *name = strrchr(image, '/') ? strrchr(image, '/') + 1 : image;
    struct outcome last = {0};

    for (uint32_t round = 0; round < settings->rounds; round++) {
        for (enum mode mode = PLAIN; mode < MODES; mode++) {
            if (settings->modes >> mode & 1) {
                struct outcome outcome = run_once(image, settings, mode);

                mips[mode][round] = outcome.mips;
                last = mode == HISTORY ? outcome : last;
            }
        }
    }
    printf("%s", name);
    for (enum mode mode = PLAIN; mode < MODES; mode++) {
        if (settings->modes >> mode & 1) {
            qsort(mips[mode], settings->rounds, sizeof(double), ascending);
            medians[mode] = mips[mode][settings->rounds / 2];
            printf(" %s_mips=%.0f", mode_names[mode], medians[mode]);
        }
    }
    if (settings->modes >> HISTORY & 1) {
        printf(" history_ratio=%.3f back_ms=%.1f step_ms=%.1f jump_ms=%.1f reach=%.3g of=%.3g",
               medians[HISTORY] / medians[PLAIN], last.first_ms, last.step_ms, last.jump_ms,
               (double)last.reach, (double)last.instructions);
    }
    printf("\n");
    fflush(stdout);
}

static uint32_t modes_of(char *text)
{
    uint32_t modes = 1u << PLAIN;

    for (char *word = strtok(text, ","); word; word = strtok(NULL, ",")) {
        for (enum mode mode = PLAIN; mode < MODES; mode++) {
            modes |= strcmp(word, mode_names[mode]) == 0 ? 1u << mode : 0;
        }
    }
    return modes;
}

int main(int argc, char **argv)
{
    struct settings settings = {.rounds = 1,
                                .history_bytes = 256u << 20,
                                .ram_bytes = 32u << 20,
                                .clocks = CLOCK_NEVER,
                                .append = "x=1",
                                .modes = (1u << MODES) - 1};
    double logs[MODES] = {0};
    int first = 1;

    while (first + 1 < argc && strncmp(argv[first], "--", 2) == 0) {
        char *value = argv[first + 1];

        if (strcmp(argv[first], "--rounds") == 0) {
            uint32_t rounds = (uint32_t)strtoul(value, NULL, 10);

            settings.rounds = rounds < 1 ? 1 : rounds > ROUNDS_MAX ? ROUNDS_MAX : rounds;
        } else if (strcmp(argv[first], "--history") == 0) {
            settings.history_bytes = strtoull(value, NULL, 10) << 20;
        } else if (strcmp(argv[first], "--modes") == 0) {
            settings.modes = modes_of(value);
        } else if (strcmp(argv[first], "--mem") == 0) {
            settings.ram_bytes = strtoull(value, NULL, 10) << 20;
        } else if (strcmp(argv[first], "--clocks") == 0) {
            settings.clocks = strtoull(value, NULL, 10);
        } else if (strcmp(argv[first], "--initrd") == 0) {
            settings.initrd = value;
        } else if (strcmp(argv[first], "--append") == 0) {
            settings.append = value;
        } else {
            fail(argv[first], "no such option");
        }
        first += 2;
    }
    for (int i = first; i < argc; i++) {
        double medians[MODES] = {0};

        take_guest(argv[i], &settings, medians);
        for (enum mode mode = PLAIN; mode < MODES; mode++) {
            logs[mode] += medians[mode] > 0 ? log(medians[mode]) : 0;
        }
    }
    printf("geomean");
    for (enum mode mode = PLAIN; mode < MODES && argc > first; mode++) {
        if (settings.modes >> mode & 1) {
            printf(" %s_mips=%.0f", mode_names[mode], exp(logs[mode] / (argc - first)));
        }
    }
    printf("\n");
    return 0;
}
