/* What handlers are told by siginfo and ucontext, and what they may change there.
 * SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <ucontext.h>
#include <unistd.h>

static sigjmp_buf back;

static void tell(int number, siginfo_t *info, void *context)
{
    /* without the bit of an instruction's fetch, which an i486 does not have */
    const greg_t *registers = ((ucontext_t *)context)->uc_mcontext.gregs;
    int error = (int)registers[REG_ERR] & ~0x10;

    printf("  signal %d code %d trap %d error %x", number, info->si_code,
           (int)registers[REG_TRAPNO], (unsigned int)error);
    if (info->si_addr == (void *)registers[REG_EIP]) {
        printf(" address EIP\n");
    } else {
        printf(" address %p\n", info->si_addr == NULL ? (void *)0 : info->si_addr);
    }
    siglongjmp(back, 1);
}

#define ATTEMPT(words, statement)                                                                  \
    do {                                                                                           \
        printf("%s\n", words);                                                                     \
        if (sigsetjmp(back, 1) == 0) {                                                             \
            statement;                                                                             \
        }                                                                                          \
    } while (0)

static void exceptions(void)
{
    static const int numbers[] = {SIGSEGV, SIGFPE, SIGILL, SIGTRAP, SIGBUS};
    struct sigaction action;
    char *page =
        mmap((void *)0x30000000, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);

    memset(&action, 0, sizeof(action));
    action.sa_sigaction = tell;
    action.sa_flags = SA_SIGINFO;
    for (unsigned int i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
        sigaction(numbers[i], &action, NULL);
    }
    ATTEMPT("write to 1234", *(volatile int *)0x1234 = 1);
    ATTEMPT("read from 5678", (void)*(volatile int *)0x5678);
    ATTEMPT("write to a read-only page", *(volatile char *)page = 1);
    ATTEMPT("read of the kernel", (void)*(volatile int *)0xFFFFF000);
    ATTEMPT("division by zero",
            __asm__ volatile("xor %%ecx, %%ecx; mov $1, %%eax; cltd; idiv %%ecx" ::
                                 : "eax", "ecx", "edx"));
    ATTEMPT("ud2", __asm__ volatile("ud2"));
    ATTEMPT("cli", __asm__ volatile("cli"));
    ATTEMPT("hlt", __asm__ volatile("hlt"));
    ATTEMPT("in", __asm__ volatile("inb $0x60, %%al" ::: "eax"));
    ATTEMPT("int 81h", __asm__ volatile("int $0x81"));
    ATTEMPT("int3", __asm__ volatile("int3"));
    ATTEMPT("jump to 0", ((void (*)(void))0)());
}

static void skip(int number, siginfo_t *info, void *context)
{
    ucontext_t *user = context;

    (void)number;
    (void)info;
    user->uc_mcontext.gregs[REG_EIP] += 2; /* the two bytes of ud2 */
    user->uc_mcontext.gregs[REG_EAX] = 77;
    sigaddset(&user->uc_sigmask, SIGUSR2);
}

static void sent(int number, siginfo_t *info, void *context)
{
    (void)context;
    printf("  signal %d code %d value %d from this process %d\n", number, info->si_code,
           info->si_value.sival_int, info->si_pid == getpid());
}

static void ended(int number, siginfo_t *info, void *context)
{
    (void)context;
    printf("  signal %d code %d status %d\n", number, info->si_code, info->si_status);
}

int main(void)
{
    struct sigaction action;
    sigset_t mask;
    int result;

    setvbuf(stdout, NULL, _IONBF, 0);
    exceptions();
    memset(&action, 0, sizeof(action));
    action.sa_flags = SA_SIGINFO;
    action.sa_sigaction = skip;
    sigaction(SIGILL, &action, NULL);
    __asm__ volatile("ud2" : "=a"(result) : : "memory");
    sigprocmask(SIG_BLOCK, NULL, &mask);
    printf("the handler went behind the ud2, set EAX to %d, blocked SIGUSR2: %d\n", result,
           sigismember(&mask, SIGUSR2));
    action.sa_sigaction = sent;
    sigaction(SIGUSR1, &action, NULL);
    sigaction(SIGRTMIN, &action, NULL);
    kill(getpid(), SIGUSR1);
    raise(SIGUSR1);
    sigemptyset(&mask);
    sigaddset(&mask, SIGRTMIN);
    sigprocmask(SIG_BLOCK, &mask, NULL);
    sigqueue(getpid(), SIGRTMIN, (union sigval){.sival_int = 5});
    sigqueue(getpid(), SIGRTMIN, (union sigval){.sival_int = 6});
    sigprocmask(SIG_UNBLOCK, &mask, NULL);
    action.sa_sigaction = ended;
    sigaction(SIGCHLD, &action, NULL);
    if (fork() == 0) {
        _exit(12);
    }
    while (wait(NULL) < 0) {}
    return 0;
}
