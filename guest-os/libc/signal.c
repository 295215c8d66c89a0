/* The C library's side of signals. SPDX-License-Identifier: MIT */
#include "libc/include/signal.h"

#include "libc/include/assert.h"
#include "libc/include/setjmp.h"
#include "libc/include/stdio.h"
#include "libc/include/stdlib.h"
#include "libc/include/string.h"
#include "libc/include/unistd.h"

void signal_return(void);      /* signal_return.S */
void signal_return_info(void); /* signal_return.S */

int sigaction(int signal_number, const struct sigaction *action, struct sigaction *old)
{
    struct sigaction with_restorer;

    if (action != NULL) {
        with_restorer = *action;
        with_restorer.sa_flags |= SA_RESTORER;
        with_restorer.sa_restorer =
            action->sa_flags & SA_SIGINFO ? signal_return_info : signal_return;
        action = &with_restorer;
    }
    return rt_sigaction(signal_number, (const struct kernel_sigaction *)action,
                        (struct kernel_sigaction *)old, sizeof(sigset_t));
}

sighandler_t signal(int signal_number, sighandler_t handler)
{
    struct sigaction action = {.sa_handler = handler, .sa_flags = SA_RESTART};
    struct sigaction old;

    return sigaction(signal_number, &action, &old) == 0 ? old.sa_handler : SIG_ERR;
}

int sigprocmask(int how, const sigset_t *set, sigset_t *old)
{
    return rt_sigprocmask(how, set, old, sizeof(sigset_t));
}

int raise(int signal_number)
{
    return kill(getpid(), signal_number);
}

int sigemptyset(sigset_t *set)
{
    *set = 0;
    return 0;
}

int sigaddset(sigset_t *set, int signal_number)
{
    *set |= (sigset_t)1 << (signal_number - 1);
    return 0;
}

int sigdelset(sigset_t *set, int signal_number)
{
    *set &= ~((sigset_t)1 << (signal_number - 1));
    return 0;
}

int sigfillset(sigset_t *set)
{
    *set = ~(sigset_t)0;
    return 0;
}

int sigsuspend(const sigset_t *set)
{
    return rt_sigsuspend(set, sizeof(*set));
}

int sigpending(sigset_t *set)
{
    return rt_sigpending(set, sizeof(*set));
}

int sigismember(const sigset_t *set, int signal_number)
{
    return (int)(*set >> (signal_number - 1) & 1);
}

unsigned int sleep(unsigned int seconds)
{
    struct timespec wanted = {(int32_t)seconds, 0};
    struct timespec left = {0, 0};

    return nanosleep(&wanted, &left) == 0 ? 0 : (unsigned int)left.tv_sec + 1;
}

/* ---- leaving handlers: sigsetjmp, siglongjmp ---- */

int keep_signal_mask(sigjmp_buf buffer, int keep)
{
    sigset_t mask = 0;

    buffer[0].has_mask = keep;
    sigprocmask(SIG_SETMASK, NULL, &mask);
    buffer[0].mask = mask;
    return 0;
}

_Noreturn void siglongjmp(sigjmp_buf buffer, int value)
{
    if (buffer[0].has_mask) {
        sigprocmask(SIG_SETMASK, &buffer[0].mask, NULL);
    }
    longjmp(buffer[0].registers, value);
}

_Noreturn void assert_failed(const char *what, const char *file, int line)
{
    fprintf(stderr, "%s:%d: not true: %s\n", file, line, what);
    abort();
}

void psignal(int signal_number, const char *words)
{
    fprintf(stderr, "%s: %s\n", words, strsignal(signal_number));
}
