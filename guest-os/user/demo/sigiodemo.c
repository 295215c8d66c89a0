/* sigiodemo: asynchronous input. The program computes, and a signal tells it that there is
 * something to read. SPDX-License-Identifier: MIT */
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>

#include "user/demo/show.h"

#define LETTERS 5

static int fds[2];
static volatile int signals, count, last_code;
static char text[LETTERS + 1];

static void arrived(int signal_number, siginfo_t *info, void *context)
{
    (void)signal_number;
    (void)context;
    signals++;
    last_code = info->si_code;
    while (count < LETTERS && read(fds[0], &text[count], 1) == 1) {
        count++;
    }
}

/* The other side: a letter now and then. */
static int sender(void)
{
    int pid = fork();

    if (pid == 0) {
        for (int i = 0; i < LETTERS; i++) {
            poll(NULL, 0, 20);
            write(fds[1], &"async"[i], 1);
        }
        _exit(0);
    }
    return pid;
}

static uint32_t compute_until_all_is_there(void)
{
    volatile uint32_t rounds = 0;

    count = signals = 0;
    memset(text, 0, sizeof(text));
    sender();
    while (count < LETTERS) {
        rounds++; /* the real work: no call, no question */
    }
    waitpid(-1, NULL, 0);
    return rounds;
}

int main(void)
{
    struct sigaction action = {.sa_sigaction = arrived, .sa_flags = SA_SIGINFO | SA_RESTART};

    show_title("sigiodemo", "D10", "input that announces itself by SIGIO",
               "upcall view: the signal frame in the midst of the loop; calls: nobody asks");
    if (pipe(fds) != 0) {
        return 1;
    }
    sigaction(SIGIO, &action, NULL);
    sigaction(SIGUSR1, &action, NULL);
    show_check(fcntl(fds[0], F_SETOWN, (uint32_t)getpid()) == 0 &&
                   fcntl(fds[0], F_GETOWN, 0) == getpid(),
               "F_SETOWN: the signal is for this process");
    fcntl(fds[0], F_SETFL, O_ASYNC | O_NONBLOCK);
    show_check(((uint32_t)fcntl(fds[0], F_GETFL, 0) & O_ASYNC) != 0,
               "F_SETFL O_ASYNC: from now on it comes");
    printf("  %u rounds of work meanwhile\n", compute_until_all_is_there());
    show_check(strcmp(text, "async") == 0 && signals >= LETTERS,
               "five letters, each told by a SIGIO");
    fcntl(fds[0], F_SETSIG, SIGUSR1);
    compute_until_all_is_there();
    show_check(strcmp(text, "async") == 0 && last_code == POLL_IN,
               "F_SETSIG: by another signal, whose siginfo says POLL_IN");
    fcntl(fds[0], F_SETFL, O_NONBLOCK);
    signals = 0;
    write(fds[1], "x", 1);
    show_check(signals == 0, "without O_ASYNC: silence");
    return show_end("sigiodemo");
}
