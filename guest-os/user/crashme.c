/* crashme [ROUNDS] [SEED]: random bytes as code, in children. Nothing they do may harm the kernel
 * or another process. SPDX-License-Identifier: MIT */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

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

int main(int argc, char **argv)
{
    int rounds = (int)setting(argc > 1 ? argv[1] : getenv("rounds"), ROUNDS);
    uint32_t seed = setting(argc > 2 ? argv[2] : getenv("seed"), 1);
    int status, counts[NSIG + 1] = {0};

    for (int i = 0; i < rounds; i++) {
        int pid;

        seed = fill(seed);
        pid = fork();
        if (pid == 0) {
            alarm(1); /* random code may loop */
            ((void (*)(void))(uintptr_t)code)();
            exit(0);
        }
        if (pid < 0 || waitpid(pid, &status, 0) != pid) {
            puts("crashme: fork or waitpid failed");
            return 1;
        }
        counts[WIFSIGNALED(status) ? WTERMSIG(status) : 0]++;
    }
    printf(
        "crashme: %d rounds; ended by SIGSEGV %d, SIGILL %d, SIGFPE %d, SIGTRAP %d, SIGALRM %d\n",
        rounds, counts[SIGSEGV], counts[SIGILL], counts[SIGFPE], counts[SIGTRAP], counts[SIGALRM]);
    return 0;
}
