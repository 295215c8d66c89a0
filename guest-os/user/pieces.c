/* pieces: memory in pieces, with mmu=base-bound. Children fill the memory, then a program that
 * needs 6 MiB in one piece (/bin/wide) gets ENOMEM; every second child ends, and now there is
 * enough, if the areas of the others are moved together. Nobody's bytes may change by it.
 * SPDX-License-Identifier: MIT */
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "user/mmu.h"

#define PIECE_BYTES    (256u << 10)
#define CHILDREN_LIMIT 128
#define CHILDREN_LEAST 24 /* or what half of them leave is not enough */

static uint8_t *memory;
static uint32_t bytes, tag;
static int until[2]; /* a pipe: its end is the children's */

static void fill(void)
{
    for (uint32_t at = 0; at < bytes; at++) {
        memory[at] = (uint8_t)(at * 31 + tag + (at >> 12));
    }
}

static bool is_as_filled(void)
{
    for (uint32_t at = 0; at < bytes; at++) {
        if (memory[at] != (uint8_t)(at * 31 + tag + (at >> 12))) {
            return false;
        }
    }
    return true;
}

static bool take(uint32_t count, uint32_t value)
{
    void *at = sbrk((int)count);

    if (at == (void *)-1) {
        return false;
    }
    memory = at;
    bytes = count;
    tag = value;
    fill();
    return true;
}

/* Says by one byte whether it has its piece, and keeps it until the parent closes its end. */
static void be_a_child(uint32_t number, int report)
{
    bool has = take(PIECE_BYTES, number);
    char nothing;

    close(until[1]);
    write(report, has ? "y" : "n", 1);
    if (!has) {
        _exit(2);
    }
    read(until[0], &nothing, 1);
    _exit(is_as_filled() ? 0 : 1);
}

/* How many children have a piece. */
static int start_children(int *pids)
{
    int count = 0, ends[2];
    char answer;

    pipe(ends);
    while (count < CHILDREN_LIMIT) {
        int pid = fork();

        if (pid == 0) {
            be_a_child((uint32_t)count, ends[1]);
        }
        if (pid < 0 || read(ends[0], &answer, 1) != 1) {
            break;
        }
        if (answer != 'y') {
            waitpid(pid, NULL, 0);
            break;
        }
        pids[count++] = pid;
    }
    close(ends[0]);
    close(ends[1]);
    return count;
}

static int status_of(int pid)
{
    int status = -1;

    return waitpid(pid, &status, 0) == pid && WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* Of /bin/wide: 0 it had its memory, otherwise errno of its execve. */
static int run_wide(void)
{
    int pid = fork();

    if (pid == 0) {
        char *const argv[] = {(char *)(uintptr_t) "wide", NULL};

        execve("/bin/wide", argv, environ);
        _exit(errno);
    }
    return pid < 0 ? errno : status_of(pid);
}

int main(void)
{
    int pids[CHILDREN_LIMIT], count, status, wrong;

    if (mmu_has_pages()) {
        puts("pieces: there are pages, so pieces are no matter (mmu=base-bound)");
        return 0;
    }
    pipe(until);
    count = start_children(pids);
    printf("pieces: %d children fill the memory\n", count);
    status = run_wide();
    printf("pieces: 6 MiB in one piece: %s\n", strerror(status));
    wrong = status != ENOMEM || count < CHILDREN_LEAST;
    for (int i = 0; i < count; i += 2) {
        kill(pids[i], SIGKILL);
        waitpid(pids[i], NULL, 0);
    }
    status = run_wide();
    printf("pieces: half of them ended; 6 MiB in one piece: %s\n",
           status == 0 ? "yes" : strerror(status));
    wrong += status != 0;
    close(until[1]);
    for (int i = 1; i < count; i += 2) {
        wrong += status_of(pids[i]) != 0;
    }
    printf("pieces: %d failures\n", wrong);
    return wrong > 0;
}
