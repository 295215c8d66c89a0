/* threads: several streams of instructions in one address space, in turns. One process, one page
 * table, a stack for each. SPDX-License-Identifier: MIT */
#include <sched.h>
#include <sys/time.h>

#include "user/demo/show.h"

#define FUTEX_WAIT  0 /* futex(2) */
#define FUTEX_WAKE  1
#define THREADS     3
#define STACK_BYTES 16384
#define TURNS       3u
#define ROUNDS_MOST 500000000u /* if turns never come */
#define AS_THREAD   (CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD)

static char stacks[THREADS][STACK_BYTES] __attribute__((aligned(16)));
static volatile uint32_t progress[THREADS]; /* how far each has counted */
static volatile uint32_t turns[THREADS];    /* how often it saw that another one had gone on */
static volatile uint32_t ids[THREADS], pids[THREADS];
static uint32_t ended; /* a futex: how many have ended */

static bool all_had_turns(void)
{
    for (int i = 0; i < THREADS; i++) {
        if (turns[i] < TURNS) {
            return false;
        }
    }
    return true;
}

static int work(void *argument)
{
    uint32_t own = (uint32_t)(uintptr_t)argument, other = (own + 1) % THREADS;
    uint32_t seen = progress[other];

    ids[own] = (uint32_t)gettid();
    pids[own] = (uint32_t)getpid();
    while (!all_had_turns() && progress[own] < ROUNDS_MOST) {
        progress[own]++;
        if (progress[other] != seen) {
            seen = progress[other];
            turns[own]++;
        }
    }
    __atomic_add_fetch(&ended, 1, __ATOMIC_SEQ_CST);
    futex(&ended, FUTEX_WAKE, 1, NULL, NULL, 0);
    return 0;
}

static void wait_for_all(void)
{
    uint32_t count;

    while ((count = __atomic_load_n(&ended, __ATOMIC_SEQ_CST)) < THREADS) {
        futex(&ended, FUTEX_WAIT, count, NULL, NULL, 0);
    }
}

int main(void)
{
    bool one_process = true, different = true, counted = true;

    show_title("threads", "C19", "instruction streams in one address space",
               "timeline: a lane for each thread; process view: one page directory for all");
    for (uint32_t i = 0; i < THREADS; i++) {
        if (clone(work, stacks[i] + STACK_BYTES, AS_THREAD, (void *)(uintptr_t)i) < 0) {
            perror("clone");
            return 1;
        }
    }
    wait_for_all();
    for (uint32_t i = 0; i < THREADS; i++) {
        printf("  thread %u: process %u, thread id %u, stack at %p, counted to %u\n", i, pids[i],
               ids[i], (void *)stacks[i], progress[i]);
        one_process = one_process && pids[i] == (uint32_t)getpid();
        different = different && ids[i] != (uint32_t)getpid() && ids[i] != ids[(i + 1) % THREADS];
        counted = counted && progress[i] > 0;
    }
    show_check(one_process, "all have the same pid: one process");
    show_check(different, "each has an id of its own");
    show_check(counted, "all variables are everybody's: the first thread sees what each counted");
    show_check(all_had_turns(), "they ran in turns, not one after the other");
    return show_end("threads");
}
