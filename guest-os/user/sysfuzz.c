/* sysfuzz [ROUNDS] [SEED]: system calls with arguments that make no sense, in children that may end
 * as they like. The kernel must not mind. As process 1 it keeps their files in a file system of
 * their own and checks that the kernel has after it what it had before. Only for the guest: on a
 * real system it would do harm. SPDX-License-Identifier: MIT */
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "user/holdings.h"

#define CAGE            "/tmp/cage"
#define CAGE_ROUNDS     1000 /* children until their files go: memory is not endless */
#define WARM_UP         100  /* children until all caches are as large as they get */
#define ROUNDS          500
#define CALLS_PER_CHILD 100

static uint32_t seed;
static char buffer[8192] __attribute__((aligned(4096)));

/* xorshift, so that every run is the same */
static uint32_t random_number(void)
{
    seed ^= seed << 13;
    seed ^= seed >> 17;
    seed ^= seed << 5;
    return seed;
}

/* Calls that would only end the child, or reach out to others. */
static bool is_left_out(uint32_t number)
{
    return number == SYS_exit || number == SYS_exit_group || number == SYS_fork ||
           number == SYS_vfork || number == SYS_kill || number == SYS_tkill ||
           number == SYS_tgkill || number == SYS_ptrace || number == SYS_rt_sigqueueinfo;
}

static uint32_t random_argument(void)
{
    static const uint32_t interesting[] = {
        0,          1,          2,          3,          8,          17,
        64,         0x7FFFFFFF, 0x80000000, 0xBFFFFFFC, 0xBFFFFFFF, 0xC0000000,
        0xC0100000, 0xE0000000, 0xFFFFF000, 0xFFFFFFFF,
    };

    switch (random_number() % 4) {
    case 0:
        return random_number();
    case 1:
        return (uint32_t)buffer + random_number() % (sizeof(buffer) + 16);
    case 2:
        return (uint32_t)random_argument + random_number() % 64; /* code, read-only */
    default:
        return interesting[random_number() % (sizeof(interesting) / sizeof(interesting[0]))];
    }
}

static void call(uint32_t number)
{
    const uint32_t last[2] = {number, random_argument()}; /* the sixth argument is in EBP */
    uint32_t result;

    __asm__ volatile("pushl %%ebp\n\t"
                     "movl 4(%%eax), %%ebp\n\t"
                     "movl (%%eax), %%eax\n\t"
                     "int $0x80\n\t"
                     "popl %%ebp"
                     : "=a"(result)
                     : "a"(last), "b"(random_argument()), "c"(random_argument()),
                       "d"(random_argument()), "S"(random_argument()), "D"(random_argument())
                     : "memory");
    if (number == SYS_clone && result == 0) {
        exit(0); /* a child that got as far as here */
    }
}

static void be_a_child(void)
{
    if (getppid() == 1) {
        chroot(CAGE);
        chdir("/");
    }
    for (int i = 0; i < CALLS_PER_CHILD; i++) {
        uint32_t number = random_number() % 441;

        number = number == 440 ? SYS_create_process : number;

        if (!is_left_out(number)) {
            call(number);
        }
    }
    exit(0);
}

/* A number from an argument or from rounds=, seed= on the kernel's command line. */
static uint32_t setting(const char *text, uint32_t otherwise)
{
    return text == NULL ? otherwise : (uint32_t)atoi(text);
}

static void nothing(int signal_number)
{
    (void)signal_number;
}

/* Wait for a child that may sleep for ever, or stop itself: after a while it is killed. So are, by
 * process 1, copies of this program that a child set going at random places. */
static int status_of(int pid)
{
    int status = 0;

    while (waitpid(pid, &status, WUNTRACED) != pid || WIFSTOPPED(status)) {
        kill(pid, SIGKILL);
    }
    if (getpid() == 1) {
        kill(-1, SIGKILL);
        while (waitpid(-1, NULL, 0) > 0 || errno == EINTR) {}
    } else {
        while (waitpid(-1, NULL, WNOHANG) > 0) {}
    }
    return status;
}

/* Run the children with the numbers `from` to `to` - 1; how many a signal ended, -1: a failure. */
static int run(uint32_t start, int from, int to)
{
    int by_signal = 0;

    if (getpid() == 1 && mount("none", CAGE, "tmpfs", 0, NULL) != 0) {
        perror("sysfuzz: " CAGE);
        return -1;
    }
    for (int i = from; i < to; i++) {
        int pid, status;

        seed = start * 2654435761u + (uint32_t)i * 40503u + 1;
        pid = fork();
        if (pid == 0) {
            be_a_child();
        }
        if (pid < 0) {
            perror("sysfuzz: fork");
            return -1;
        }
        status = status_of(pid);
        by_signal += WIFSIGNALED(status);
    }
    if (getpid() == 1 && umount2(CAGE, 0) != 0) {
        perror("sysfuzz: " CAGE);
        return -1;
    }
    return by_signal;
}

int main(int argc, char **argv)
{
    int rounds = (int)setting(argc > 1 ? argv[1] : getenv("rounds"), ROUNDS);
    uint32_t start = setting(argc > 2 ? argv[2] : getenv("seed"), 1);
    int first = rounds < WARM_UP ? rounds : WARM_UP, by_signal, more;
    const struct itimerval patience = {{0, 30000}, {0, 30000}};
    struct sigaction alarm_action = {.sa_handler = nothing};
    struct holdings before = {0}, after;

    if (getpid() == 1) {
        mkdir(CAGE, 0777);
    }
    sigaction(SIGALRM, &alarm_action, NULL); /* without SA_RESTART: it interrupts waitpid */
    setitimer(ITIMER_REAL, &patience, NULL);
    by_signal = run(start, 0, first);
    holdings_look(&before);
    for (int from = first; from < rounds && by_signal >= 0; from += CAGE_ROUNDS) {
        more = run(start, from, rounds - from < CAGE_ROUNDS ? rounds : from + CAGE_ROUNDS);
        by_signal = more < 0 ? -1 : by_signal + more;
    }
    if (by_signal < 0) {
        return 1;
    }
    printf("sysfuzz: %d children of %d calls, %d ended by a signal\n", rounds, CALLS_PER_CHILD,
           by_signal);
    if (getpid() != 1) {
        return 0; /* others use memory */
    }
    holdings_look(&after);
    return holdings_compare("sysfuzz", &before, &after);
}
