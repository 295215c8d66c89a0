/* crashme [ROUNDS] [SEED]: random bytes as code, in children. Nothing they do may harm the kernel
 * or another process; as process 1 it also checks that the kernel has after it what it had before.
 * SPDX-License-Identifier: MIT */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "user/holdings.h"

#define WARM_UP    100 /* children until all caches are as large as they get */
#define ROUNDS     500
#define CODE_BYTES 256

static uint8_t code[CODE_BYTES];

static uint32_t fill(uint32_t seed)
{
    for (int i = 0; i < CODE_BYTES; i++) {
        seed ^= seed << 13;
        seed ^= seed >> 17;
        seed ^= seed << 5;
        code[i] = (uint8_t)(seed >> 8);
        if (code[i] == 0x80 && i > 0 && code[i - 1] == 0xCD) {
            code[i] = 0x90; /* no system calls: those are sysfuzz's */
        }
    }
    return seed;
}

/* A number from an argument or from rounds=, seed= on the kernel's command line. */
static uint32_t setting(const char *text, uint32_t otherwise)
{
    return text == NULL ? otherwise : (uint32_t)atoi(text);
}

/* Code may have jumped back into this program, which then starts children of its own; process 1
 * ends whatever is left. */
static void end_all(void)
{
    kill(-1, SIGKILL);
    while (waitpid(-1, NULL, 0) > 0) {}
}

int main(int argc, char **argv)
{
    int rounds = (int)setting(argc > 1 ? argv[1] : getenv("rounds"), ROUNDS);
    uint32_t seed = setting(argc > 2 ? argv[2] : getenv("seed"), 1);
    int status, counts[NSIG + 1] = {0};
    struct holdings before = {0}, after;

    for (int i = 0; i < rounds; i++) {
        int pid;

        if (i == WARM_UP) {
            holdings_look(&before);
        }
        seed = fill(seed);
        pid = fork();
        if (pid == 0) {
            alarm(1); /* random code may loop */
            ((void (*)(void))(uintptr_t)code)();
            exit(0);
        }
        if (pid < 0 || waitpid(pid, &status, 0) != pid) {
            printf("crashme: round %d: fork or waitpid: %s\n", i, strerror(errno));
            return 1;
        }
        if (getpid() == 1) {
            end_all();
        }
        counts[WIFSIGNALED(status) ? WTERMSIG(status) : 0]++;
    }
    printf(
        "crashme: %d rounds; ended by SIGSEGV %d, SIGILL %d, SIGFPE %d, SIGTRAP %d, SIGALRM %d\n",
        rounds, counts[SIGSEGV], counts[SIGILL], counts[SIGFPE], counts[SIGTRAP], counts[SIGALRM]);
    if (getpid() != 1 || rounds <= WARM_UP) {
        return 0; /* elsewhere others use memory */
    }
    holdings_look(&after);
    return holdings_compare("crashme", &before, &after);
}
