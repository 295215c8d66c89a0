/* elffuzz [ROUNDS] [SEED]: a small program with a few bytes changed, or cut off, is executed again
 * and again. execve may refuse it, the kernel may end it, but nothing else may happen. Only for the
 * guest. SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define ROUNDS       500
#define MODEL        "/bin/true"
#define FILE_NAME    "/tmp/elffuzz"
#define MOST_BYTES   65536
#define HEADER_BYTES 256 /* where most of the changes are: header and segment table */
#define REFUSED      111 /* exit status of a child whose execve failed as it should */

static uint32_t seed;
static uint8_t model[MOST_BYTES], changed[MOST_BYTES];

/* xorshift, so that every run is the same */
static uint32_t random_number(void)
{
    seed ^= seed << 13;
    seed ^= seed >> 17;
    seed ^= seed << 5;
    return seed;
}

/* Change up to eight bytes, or words, of the copy; its new length. */
static int change(int bytes)
{
    static const uint32_t interesting[] = {0,          1,          0x1000,     0x7FFFFFFF,
                                           0x80000000, 0xBFFFF000, 0xC0000000, 0xFFFFFFFF};
    uint32_t changes = 1 + random_number() % 8;

    memcpy(changed, model, (size_t)bytes);
    for (uint32_t i = 0; i < changes; i++) {
        uint32_t limit = random_number() % 4 == 0 ? (uint32_t)bytes : HEADER_BYTES;
        uint32_t at = random_number() % (limit - 4);

        if (random_number() % 2 == 0) {
            changed[at] = (uint8_t)random_number();
        } else {
            memcpy(&changed[at & ~3u], &interesting[random_number() % 8], 4);
        }
    }
    return random_number() % 4 == 0 ? (int)(random_number() % (uint32_t)bytes) : bytes;
}

static bool write_file(int bytes)
{
    int fd = open(FILE_NAME, O_WRONLY | O_CREAT | O_TRUNC, 0755);
    bool good = write(fd, changed, (size_t)bytes) == bytes;

    return close(fd) == 0 && good;
}

static void execute(void)
{
    char *const argv[] = {(char *)(uintptr_t) "elffuzz", NULL};

    execve(FILE_NAME, argv, environ);
    exit(errno == ENOEXEC || errno == ENOMEM || errno == EACCES ? REFUSED : errno);
}

static void nothing(int signal_number)
{
    (void)signal_number;
}

/* A number from an argument or from rounds=, seed= on the kernel's command line. */
static uint32_t setting(const char *text, uint32_t otherwise)
{
    return text == NULL ? otherwise : (uint32_t)atoi(text);
}

int main(int argc, char **argv)
{
    const struct itimerval patience = {{0, 50000}, {0, 50000}};
    struct sigaction alarm_action = {.sa_handler = nothing};
    int rounds = (int)setting(argc > 1 ? argv[1] : getenv("rounds"), ROUNDS);
    int fd = open(MODEL, O_RDONLY);
    int bytes = read(fd, model, sizeof(model));
    int refused = 0, by_signal = 0;

    seed = setting(argc > 2 ? argv[2] : getenv("seed"), 1) * 2654435761u | 1;
    sigaction(SIGALRM, &alarm_action, NULL); /* without SA_RESTART: it interrupts waitpid */
    setitimer(ITIMER_REAL, &patience, NULL);
    for (int i = 0; i < rounds; i++) {
        int status, pid;

        if (!write_file(change(bytes))) {
            puts("elffuzz: can not write " FILE_NAME);
            return 1;
        }
        pid = fork();
        if (pid == 0) {
            execute();
        }
        while (waitpid(pid, &status, 0) != pid) {
            kill(pid, SIGKILL); /* it runs in a circle */
        }
        refused += WIFEXITED(status) && WEXITSTATUS(status) == REFUSED;
        by_signal += WIFSIGNALED(status);
        if (WIFEXITED(status) && WEXITSTATUS(status) != 0 && WEXITSTATUS(status) != REFUSED) {
            printf("elffuzz: round %d: execve failed with %s, or the program did\n", i,
                   strerror(WEXITSTATUS(status)));
        }
    }
    unlink(FILE_NAME);
    printf("elffuzz: %d programs, %d refused, %d ended by a signal\n", rounds, refused, by_signal);
    return 0;
}
