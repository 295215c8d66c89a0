/* What the library does in a second, with no front end: tests on the bare CPU (set the whole
 * state, execute one instruction, compare the whole state) and single steps of a machine.
 *   bench_library [SECONDS]
 * One key=value line on standard output. CPU time of this process.
 * SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "emu/bare_cpu.h"

#define CODE_AT 0x1000u
#define BATCH   10000u

static double cpu_seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* add ebx, [esi]: a register, memory and six flags change. */
static const uint8_t code[] = {0x03, 0x1E};

static void expect(struct cpu_state *after, uint32_t i)
{
    after->gpr[REG_EBX] = i + 7;
    after->eip = CODE_AT + sizeof code;
    after->instructions = 1;
}

/* Tests a second, each from a state of its own; exits if one is wrong. */
static double bare_tests(struct bare_cpu *bare, double seconds)
{
    struct cpu_state before;
    uint64_t done = 0;
    bare_cpu_protected_state(&before);
    before.eip = CODE_AT;
    before.gpr[REG_ESI] = 0x2000;
    memcpy(bare_cpu_ram(bare) + CODE_AT, code, sizeof code);
    bare_cpu_ram(bare)[0x2000] = 7;
    double from = cpu_seconds(), now;
    do {
        for (uint32_t i = 0; i < BATCH; i++) {
            before.gpr[REG_EBX] = i;
            if (bare_cpu_set_state(bare, &before)) {
                exit(2);
            }
            bare_cpu_step(bare, NULL);
            const struct cpu_state *state = bare_cpu_state(bare);
            struct cpu_state wanted = before;
            expect(&wanted, i);
            if (memcmp(wanted.gpr, state->gpr, sizeof wanted.gpr) != 0 ||
                wanted.eip != state->eip || state->instructions != wanted.instructions) {
                fprintf(stderr, "bench_library: test %u gave EBX %08X\n", i, state->gpr[REG_EBX]);
                exit(1);
            }
        }
        done += BATCH;
        now = cpu_seconds();
    } while (now - from < seconds);
    return (double)done / (now - from);
}

/* Steps a second without setting anything in between: a loop of three instructions. */
static double bare_steps(struct bare_cpu *bare, double seconds)
{
    static const uint8_t loop[] = {0x40, 0x01, 0x06, 0xEB, 0xFB}; /* inc eax; add [esi], eax; jmp */
    struct cpu_state start;
    uint64_t done = 0;
    bare_cpu_protected_state(&start);
    start.eip = CODE_AT;
    start.gpr[REG_ESI] = 0x2000;
    memcpy(bare_cpu_ram(bare) + CODE_AT, loop, sizeof loop);
    bare_cpu_set_state(bare, &start);
    double from = cpu_seconds(), now;
    do {
        for (uint32_t i = 0; i < BATCH; i++) {
            bare_cpu_step(bare, NULL);
        }
        done += BATCH;
        now = cpu_seconds();
    } while (now - from < seconds);
    return (double)done / (now - from);
}

int main(int argc, char **argv)
{
    double seconds = argc > 1 ? atof(argv[1]) : 1.0;
    struct err err = {0};
    struct bare_cpu *bare = bare_cpu_create(NULL, &err);
    if (!bare) {
        fprintf(stderr, "bench_library: %s\n", err.message);
        return 2;
    }
    double tests = bare_tests(bare, seconds);
    double steps = bare_steps(bare, seconds);
    printf("bare_tests_per_s=%.0f steps_per_s=%.0f\n", tests, steps);
    bare_cpu_destroy(bare);
    return 0;
}
