/* sigsources: where signals come from: exceptions, people, system calls. Each one is raised in a
 * process of its own. SPDX-License-Identifier: MIT */
#include <signal.h>
#include <sys/time.h>
#include <sys/wait.h>

#include "user/demo/show.h"
#include "user/mmu.h"

static void touch_nothing(void)
{
    int *volatile nowhere = (int *)(mmu_has_pages() ? 8 : 0x70000000);

    *nowhere = 1;
}

static void divide_by_zero(void)
{
    __asm__ volatile("divl %0" : : "r"(0) : "eax", "edx");
}

static void invalid_instruction(void)
{
    __asm__ volatile("ud2");
}

static void privileged_instruction(void)
{
    __asm__ volatile("hlt");
}

static void breakpoint(void)
{
    __asm__ volatile("int3");
}

static void call_abort(void)
{
    abort();
}

static void interrupt_oneself(void)
{
    kill(getpid(), SIGINT); /* what Ctrl-C sends to the foreground group */
}

static void write_to_nobody(void)
{
    int fds[2];

    pipe(fds);
    close(fds[0]);
    write(fds[1], "x", 1);
}

static void let_alarm_ring(void)
{
    struct itimerval timer = {.it_value = {.tv_usec = 10000}};

    setitimer(ITIMER_REAL, &timer, NULL);
    for (;;) {
        pause();
    }
}

static const struct {
    const char *group, *words;
    void (*raise)(void);
    int signal_number;
} table[] = {
    {"exception", "a write to an address where nothing is", touch_nothing, SIGSEGV},
    {"exception", "a division by zero", divide_by_zero, SIGFPE},
    {"exception", "an instruction that does not exist", invalid_instruction, SIGILL},
    {"exception", "HLT, which only the kernel may use", privileged_instruction, SIGSEGV},
    {"exception", "a breakpoint, INT 3", breakpoint, SIGTRAP},
    {"person", "abort()", call_abort, SIGABRT},
    {"person", "Ctrl-C, or kill -INT", interrupt_oneself, SIGINT},
    {"call", "a write to a pipe that nobody reads", write_to_nobody, SIGPIPE},
    {"call", "a timer that ran out", let_alarm_ring, SIGALRM},
};

static volatile int children_ended;

static void on_child(int signal_number)
{
    (void)signal_number;
    children_ended++;
}

int main(void)
{
    int before = -1;

    show_title("sigsources", "D1", "who sends signals",
               "trace: the exception, then the signal event; the status in wait4");
    signal(SIGCHLD, on_child);
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        int status = 0, pid = fork();
        char words[96];

        if (pid == 0) {
            table[i].raise();
            _exit(0);
        }
        while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {}
        snprintf(words, sizeof(words), "%-9s %-40s SIG%s", table[i].group, table[i].words,
                 signal_name_of(table[i].signal_number));
        show_check(WIFSIGNALED(status) && WTERMSIG(status) == table[i].signal_number, words);
        before = children_ended;
    }
    show_check(before == (int)(sizeof(table) / sizeof(table[0])),
               "call      each child that ended                    SIGCHLD");
    return show_end("sigsources");
}
