/* test_calls: checks threads, timers, limits, users, signal frames and x87 state.
 * Runs on a Linux host too, with the same results. SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "user/check.h"
#include "user/mmu.h"

#define QUEUED      40 /* a real-time signal */
#define FUTEX_WAIT  0
#define FUTEX_WAKE  1
#define STACK_BYTES 16384
#define AS_A_THREAD                                                                                \
    (CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | CLONE_SYSVSEM |            \
     CLONE_PARENT_SETTID | CLONE_CHILD_CLEARTID)

static int wait_for(int pid)
{
    int status = -1;

    waitpid(pid, &status, 0);
    return status;
}

/* ---- threads ---- */

static char thread_stack[STACK_BYTES] __attribute__((aligned(16)));
static volatile uint32_t shared;
static volatile int thread_number;
static uint32_t gate;

/* clone with a function for the child to run on a stack of its own; then the child ends alone. */
static int start(uint32_t flags, void (*function)(void *), void *argument, volatile int *number)
{
    uint32_t *top = (uint32_t *)(thread_stack + STACK_BYTES) - 8;
    int result;

    top[0] = (uint32_t)function;
    top[1] = (uint32_t)argument;
    __asm__ volatile("int $0x80\n\t"
                     "testl %%eax, %%eax\n\t"
                     "jnz 1f\n\t"
                     "popl %%eax\n\t"
                     "call *%%eax\n\t"
                     "movl $1, %%eax\n\t" /* exit of this thread only */
                     "xorl %%ebx, %%ebx\n\t"
                     "int $0x80\n"
                     "1:"
                     : "=a"(result)
                     : "a"(SYS_clone), "b"(flags), "c"(top), "d"(number), "S"(0), "D"(number)
                     : "memory");
    return result;
}

/* Until the thread has ended: the kernel sets its number to 0 then. */
static void join(volatile int *number)
{
    int value;

    while ((value = *number) != 0) {
        futex((uint32_t *)number, FUTEX_WAIT, (uint32_t)value, NULL, NULL, 0);
    }
}

static void add_one(void *argument)
{
    shared += (uint32_t)argument;
    chdir("/dev");
    close(9);
}

static void test_thread(void)
{
    char path[64];
    int number;

    chdir("/");
    dup2(1, 9);
    shared = 41;
    number = start(AS_A_THREAD, add_one, (void *)1, &thread_number);
    check(number > 0 && number != getpid(), "a thread has a number of its own");
    join(&thread_number);
    check(shared == 42, "threads have the same memory");
    check(strcmp(getcwd(path, sizeof(path)), "/dev") == 0, "and the same current directory");
    check(dup2(9, 9) == -1 && errno == EBADF, "and the same descriptors");
    check(waitpid(-1, NULL, 0) == -1 && errno == ECHILD, "but a thread is nobody's child");
}

static void wait_at_gate(void *argument)
{
    (void)argument;
    futex(&gate, FUTEX_WAIT, 0, NULL, NULL, 0);
    shared = gate;
}

static void test_futex(void)
{
    struct timespec moment = {0, 10000000};
    int woken = 0;

    gate = 0;
    start(AS_A_THREAD, wait_at_gate, NULL, &thread_number);
    while (woken == 0) {
        sched_yield();
        woken = futex(&gate, FUTEX_WAKE, 1, NULL, NULL, 0);
    }
    gate = 7;
    check(woken == 1, "FUTEX_WAKE wakes one");
    join(&thread_number);
    check(futex(&gate, FUTEX_WAIT, 3, NULL, NULL, 0) == -1 && errno == EAGAIN, "not that value");
    check(futex(&gate, FUTEX_WAIT, 7, &moment, NULL, 0) == -1 && errno == ETIMEDOUT, "in time");
}

static void stay(void *argument)
{
    (void)argument;
    for (;;) {
        pause();
    }
}

static void test_group_exit(void)
{
    int status, pid = fork();

    if (pid == 0) {
        start(AS_A_THREAD, stay, NULL, &thread_number);
        exit(5); /* exit_group */
    }
    check(WEXITSTATUS(wait_for(pid)) == 5, "exit_group ends the other threads");

    pid = fork();
    if (pid == 0) {
        start(AS_A_THREAD, stay, NULL, &thread_number);
        exit_thread(6); /* the first thread only: the process stays */
    }
    kill(pid, SIGSTOP);
    check(waitpid(pid, &status, WUNTRACED) == pid && WIFSTOPPED(status),
          "a process can be stopped");
    kill(pid, SIGKILL);
    check(WTERMSIG(wait_for(pid)) == SIGKILL, "a signal ends all threads");
}

static void execute(void *argument)
{
    char *const argv[] = {argument, "leaf", NULL};

    execve(argument, argv, environ);
}

static void test_thread_executes(const char *path)
{
    int pid = fork();

    if (pid == 0) {
        start(AS_A_THREAD, execute, (void *)(uintptr_t)path, &thread_number);
        stay(NULL);
    }
    check(WEXITSTATUS(wait_for(pid)) == 9, "execve by a thread: the process has the new program");
}

static void test_vfork(void)
{
    int pid;

    shared = 1;
    pid = vfork();
    if (pid == 0) {
        shared = 2;
        _exit(3);
    }
    check(shared == 2, "after vfork the parent waits, and has the same memory");
    check(WEXITSTATUS(wait_for(pid)) == 3, "its child is a child");
    check(clone_raw(CLONE_THREAD, NULL, NULL, NULL, NULL) == -1 && errno == EINVAL,
          "threads without common memory: EINVAL");
}

/* ---- users ---- */

static void test_users(void)
{
    uint32_t real, effective, saved, group = 77;
    int pid;

    if (geteuid() != 0) {
        return; /* nobody to become somebody else */
    }
    pid = fork();
    if (pid == 0) {
        int failures = 0;

        failures += setgroups(1, &group) != 0 || setresgid(5, 5, 5) != 0;
        failures += setresuid(1000, 1001, 1002) != 0;
        getresuid(&real, &effective, &saved);
        failures += real != 1000 || effective != 1001 || saved != 1002;
        failures += setuid(0) != -1 || errno != EPERM;
        failures += setuid(1002) != 0 || geteuid() != 1002 || getuid() != 1000;
        failures += setreuid(UINT32_MAX, 1000) != 0 || geteuid() != 1000;
        failures += kill(getppid(), 0) != -1 || errno != EPERM;
        failures += setpriority(PRIO_PROCESS, 0, 5) != 0;
        failures += setpriority(PRIO_PROCESS, 0, 1) != -1 || errno != EACCES;
        failures += getgroups(1, &group) != 1 || group != 77 || getgid() != 5;
        failures += sethostname("x", 1) != -1 || errno != EPERM;
        exit(failures);
    }
    check(WEXITSTATUS(wait_for(pid)) == 0, "users and what they may not do");
}

/* ---- time ---- */

static volatile int rings;

static void ring(int signal_number)
{
    (void)signal_number;
    rings++;
}

static void test_timers(void)
{
    const struct itimerval often = {{0, 10000}, {0, 10000}}, never = {{0, 0}, {0, 0}};
    struct itimerval now;

    signal(SIGALRM, ring);
    rings = 0;
    setitimer(ITIMER_REAL, &often, NULL);
    while (rings < 3) {
        pause();
    }
    setitimer(ITIMER_REAL, &never, &now);
    check(now.it_interval.tv_usec == 10000, "a timer that rings again and again");
    signal(SIGVTALRM, ring);
    rings = 0;
    setitimer(ITIMER_VIRTUAL, &often, NULL);
    for (volatile uint32_t i = 0; rings < 2; i++) {}
    setitimer(ITIMER_VIRTUAL, &never, NULL);
    check(getitimer(ITIMER_VIRTUAL, &now) == 0 && now.it_value.tv_usec == 0, "and is off");
    check(getitimer(3, &now) == -1 && errno == EINVAL, "there are three timers");
}

static void test_clocks(void)
{
    struct timespec before, after, span = {0, 20000000};
    int64_t wide[2];

    clock_gettime(CLOCK_MONOTONIC, &before);
    check(clock_nanosleep(CLOCK_MONOTONIC, 0, &span, NULL) == 0, "clock_nanosleep");
    clock_gettime(CLOCK_MONOTONIC, &after);
    check((after.tv_sec - before.tv_sec) * 1000 + (after.tv_nsec - before.tv_nsec) / 1000000 >= 19,
          "it sleeps long enough");
    check(clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &before, NULL) == 0, "until the past");
    check(clock_gettime64(CLOCK_REALTIME, wide) == 0 && wide[1] < 1000000000, "64 bits of time");
    check(clock_gettime(77, &after) == -1 && errno == EINVAL, "no such clock");
}

static void test_select(void)
{
    uint32_t readable = 0, writable;
    struct timeval time = {0, 10000};
    int fds[2];

    pipe(fds);
    readable = 1u << fds[0];
    check(select(fds[0] + 1, &readable, NULL, NULL, &time) == 0 && readable == 0,
          "select: nothing to read in time");
    write(fds[1], "x", 1);
    readable = 1u << fds[0];
    writable = 1u << fds[1];
    check(select(fds[1] + 1, &readable, &writable, NULL, NULL) == 2 && readable == 1u << fds[0] &&
              writable == 1u << fds[1],
          "select: both ends are ready");
    close(fds[0]);
    readable = 1u << fds[0];
    check(select(fds[0] + 1, &readable, NULL, NULL, NULL) == -1 && errno == EBADF, "closed: EBADF");
    close(fds[1]);
}

/* ---- limits and questions ---- */

static void test_limits(void)
{
    struct rlimit limit;
    int pid = fork();

    if (pid == 0) {
        int failures = 0;

        getrlimit(RLIMIT_NOFILE, &limit);
        limit.rlim_cur = 5;
        failures += setrlimit(RLIMIT_NOFILE, &limit) != 0;
        while (dup(1) >= 0) {}
        failures += errno != EMFILE || dup2(1, 5) != -1;
        limit = (struct rlimit){1 << 20, 1 << 20};
        failures += setrlimit(RLIMIT_AS, &limit) != 0;
        failures +=
            mmap_raw(NULL, 8 << 20, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) != UINT32_MAX ||
            errno != ENOMEM;
        limit.rlim_cur = 2 << 20;
        failures += setrlimit(RLIMIT_AS, &limit) != -1 || errno != EINVAL;
        exit(failures);
    }
    check(WEXITSTATUS(wait_for(pid)) == 0, "limits bind");
}

static void test_questions(void)
{
    char name[16] = "", random[2][16];
    uint32_t set = 0;

    check(prctl(15, (uint32_t) "a name", 0, 0, 0) == 0 && prctl(16, (uint32_t)name, 0, 0, 0) == 0 &&
              strcmp(name, "a name") == 0,
          "PR_SET_NAME, PR_GET_NAME");
    check(getrandom(random[0], 16, 0) == 16 && getrandom(random[1], 16, 0) == 16 &&
              memcmp(random[0], random[1], 16) != 0,
          "getrandom");
    check(sched_getaffinity(0, 128, &set) > 0 && (set & 1), "the first CPU is ours");
    check(personality(UINT32_MAX) != -1, "personality");
    check(sched_getscheduler(0) == 0 && sched_get_priority_max(1) == 99, "the policy");
}

/* ---- signals ---- */

static struct {
    int signal, code;
    uint32_t address, vector, error, eip;
} seen;
static volatile uint32_t go_on_at; /* where the handler lets the program go on, 0: where it is */

static void look(int signal_number, siginfo_t *info, void *context)
{
    struct sigcontext *registers = &((struct ucontext *)context)->uc_mcontext;

    seen.signal = signal_number;
    seen.code = info->si_code;
    seen.address = info->si_addr;
    seen.vector = registers->trapno;
    seen.error = registers->err;
    seen.eip = registers->eip;
    if (go_on_at != 0) {
        registers->eip = go_on_at;
    }
}

#define AT_FAULT(instruction)                                                                      \
    __asm__ volatile("movl $1f, %0\n\t" instruction "\n1:"                                         \
                     : "=m"(go_on_at)                                                              \
                     :                                                                             \
                     : "eax", "edx", "memory")

static bool saw(int signal_number, int code, uint32_t vector)
{
    return seen.signal == signal_number && seen.code == code && seen.vector == vector;
}

static void test_exceptions(void)
{
    static const int signals[] = {SIGSEGV, SIGFPE, SIGILL, SIGTRAP};
    struct sigaction action = {.sa_sigaction = look, .sa_flags = SA_SIGINFO};

    for (uint32_t i = 0; i < 4; i++) {
        sigaction(signals[i], &action, NULL);
    }
    AT_FAULT("movl $5, 0x70000000");
    check(mmu_has_pages() ? saw(SIGSEGV, 1, 14) && seen.address == 0x70000000 && seen.error == 6
                          : saw(SIGSEGV, SI_KERNEL, 13) && seen.address == 0 && seen.error == 0,
          "a bad address");
    AT_FAULT("xorl %%eax, %%eax\n\txorl %%edx, %%edx\n\tdivl %%eax");
    check(saw(SIGFPE, 1, 0) && seen.address == seen.eip, "a division by zero");
    AT_FAULT("ud2");
    check(saw(SIGILL, 2, 6) && seen.address == seen.eip, "no instruction");
    AT_FAULT("cli");
    check(saw(SIGSEGV, 128, 13) && seen.address == 0 && seen.error == 0, "cli");
    AT_FAULT("hlt");
    check(saw(SIGSEGV, 128, 13) && seen.address == 0 && seen.error == 0, "hlt");
    AT_FAULT("int $0x81");
    check(saw(SIGSEGV, 128, 13) && seen.error == 0x40A, "a gate that is not for programs");
    AT_FAULT("int3");
    check(saw(SIGTRAP, 128, 3) && seen.eip == go_on_at, "a breakpoint");
    for (uint32_t i = 0; i < 4; i++) {
        signal(signals[i], SIG_DFL);
    }
}

static volatile uint32_t handler_stack;

static void note_stack(int signal_number)
{
    (void)signal_number;
    handler_stack = (uint32_t)__builtin_frame_address(0);
}

static void test_signal_stack(void)
{
    static char stack[8192];
    struct sigaltstack now, new = {(uint32_t)stack, 0, sizeof(stack)};
    struct sigaction action = {.sa_handler = note_stack, .sa_flags = SA_ONSTACK};

    check(sigaltstack(&new, NULL) == 0, "sigaltstack");
    sigaction(SIGUSR1, &action, NULL);
    raise(SIGUSR1);
    check(handler_stack > (uint32_t)stack && handler_stack < (uint32_t)stack + sizeof(stack),
          "the handler runs on it");
    new.ss_flags = SS_DISABLE;
    check(sigaltstack(&new, &now) == 0 && now.ss_sp == (uint32_t)stack && now.ss_flags == 0,
          "and it can be taken away");
    signal(SIGUSR1, SIG_DFL);
}

static void test_wait_for_signal(void)
{
    sigset_t set = (sigset_t)1 << (SIGUSR2 - 1);
    struct timespec short_time = {0, 10000000};
    siginfo_t info;

    sigprocmask(SIG_BLOCK, &set, NULL);
    check(rt_sigtimedwait(&set, NULL, &short_time, sizeof(set)) == -1 && errno == EAGAIN,
          "no signal in time");
    memset(&info, 0, sizeof(info));
    info.si_code = -1; /* SI_QUEUE */
    info.si_pid = getpid();
    info.si_status = 1234; /* the value */
    check(rt_sigqueueinfo(getpid(), SIGUSR2, &info) == 0, "rt_sigqueueinfo");
    memset(&info, 0, sizeof(info));
    check(rt_sigtimedwait(&set, &info, NULL, sizeof(set)) == SIGUSR2 && info.si_status == 1234 &&
              info.si_code == -1,
          "the value comes with it");
    sigprocmask(SIG_UNBLOCK, &set, NULL);
}

static void test_queued_signals(void)
{
    sigset_t set = (sigset_t)1 << (QUEUED - 1);
    siginfo_t info = {.si_code = -1};
    int sum = 0, count = 0;
    struct timespec none = {0, 0};

    sigprocmask(SIG_BLOCK, &set, NULL);
    for (int i = 1; i <= 3; i++) {
        info.si_pid = getpid();
        info.si_status = i;
        check(rt_sigqueueinfo(getpid(), QUEUED, &info) == 0, "a real-time signal with a value");
    }
    while (rt_sigtimedwait(&set, &info, &none, sizeof(set)) == QUEUED) {
        count++;
        sum = sum * 10 + info.si_status;
    }
    check(count == 3 && sum == 123, "three were sent and come, in order, each with its value");
    sigprocmask(SIG_UNBLOCK, &set, NULL);
}

/* A child that does this with a limit; the signal that ended it, or its status. */
static int with_limit(int which, uint32_t now, void (*act)(void))
{
    int status, pid = fork();

    if (pid == 0) {
        struct rlimit limit = {now, now + 2};

        setrlimit(which, &limit);
        act();
        exit(0);
    }
    status = wait_for(pid);
    return WIFSIGNALED(status) ? WTERMSIG(status) : -WEXITSTATUS(status);
}

static void write_long_file(void)
{
    int fd = open("/tmp/limited", O_RDWR | O_CREAT | O_TRUNC, 0600);
    int first = write(fd, "0123456789", 10);

    signal(SIGXFSZ, SIG_IGN);
    if (first != 5 || write(fd, "x", 1) != -1 || errno != EFBIG || ftruncate(fd, 6) != -1) {
        exit(1);
    }
    signal(SIGXFSZ, SIG_DFL);
    write(fd, "x", 1);
}

static void compute(void)
{
    for (;;) {}
}

static void test_binding_limits(void)
{
    check(with_limit(RLIMIT_FSIZE, 5, write_long_file) == SIGXFSZ, "a file has its limit");
    unlink("/tmp/limited");
    check(with_limit(RLIMIT_CPU, 1, compute) == SIGXCPU, "computing, too");
}

/* A stop in the middle does not make the wait longer. */
static void test_poll_and_stop(void)
{
    struct timespec before, after, pause_time = {0, 150000000};
    int pid = fork();

    clock_gettime(CLOCK_MONOTONIC, &before);
    if (pid == 0) {
        poll(NULL, 0, 300);
        exit(0);
    }
    nanosleep(&pause_time, NULL);
    kill(pid, SIGSTOP);
    nanosleep(&pause_time, NULL);
    kill(pid, SIGCONT);
    wait_for(pid);
    clock_gettime(CLOCK_MONOTONIC, &after);
    check((after.tv_sec - before.tv_sec) * 1000 + (after.tv_nsec - before.tv_nsec) / 1000000 < 550,
          "poll's time goes on while the process is stopped");
}

static void test_waitid(void)
{
    siginfo_t info;
    int pid = fork();

    if (pid == 0) {
        exit(11);
    }
    check(waitid(P_PID, pid, &info, WEXITED | WNOWAIT, NULL) == 0 && info.si_pid == pid &&
              info.si_code == CLD_EXITED && info.si_status == 11,
          "waitid says who and how");
    check(WEXITSTATUS(wait_for(pid)) == 11, "and with WNOWAIT it can be asked again");
}

/* ---- x87 ---- */

static bool has_x87(void)
{
    uint32_t a = 1, b, c = 0, d;

    __asm__ volatile("cpuid" : "+a"(a), "=b"(b), "+c"(c), "=d"(d));
    return d & 1;
}

static void disturb(int signal_number)
{
    (void)signal_number;
    __asm__ volatile("fninit\n\tfldz\n\tfldz");
    shared++;
}

static void test_x87(void)
{
    uint32_t value = 0, control = 0;
    int pid, failures = 0;

    if (!has_x87()) {
        return;
    }
    signal(SIGUSR1, disturb);
    pid = fork();
    __asm__ volatile("fninit\n\tpushl %0\n\tfildl (%%esp)\n\taddl $4, %%esp" : : "r"(getpid()));
    for (int i = 0; i < 20; i++) {
        sched_yield();
        kill(getpid(), SIGUSR1);
    }
    __asm__ volatile("fistpl %0\n\tfnstcw %1" : "=m"(value), "=m"(control));
    failures += value != (uint32_t)getpid() || (control & 0xFFFF) != 0x37F;
    if (pid == 0) {
        exit(failures);
    }
    check(WEXITSTATUS(wait_for(pid)) == 0 && failures == 0,
          "each process has its own x87 registers, handlers included");
    signal(SIGUSR1, SIG_DFL);
}

int main(int argc, char **argv)
{
    if (argc > 1) {
        return 9; /* executed by a thread */
    }
    test_thread();
    test_futex();
    test_group_exit();
    test_thread_executes(argv[0]);
    test_vfork();
    test_users();
    test_timers();
    test_clocks();
    test_select();
    test_limits();
    test_questions();
    test_exceptions();
    test_signal_stack();
    test_wait_for_signal();
    test_queued_signals();
    test_binding_limits();
    test_poll_and_stop();
    test_waitid();
    test_x87();
    return check_summary("test_calls", 19);
}
