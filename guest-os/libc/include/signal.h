/* Signals as programs use them. SPDX-License-Identifier: MIT */
#pragma once

#include "libc/include/system_calls.h"

#undef SIG_DFL
#undef SIG_IGN
#define SIG_DFL ((sighandler_t)0)
#define SIG_IGN ((sighandler_t)1)
#define SIG_ERR ((sighandler_t)-1)

typedef void (*sighandler_t)(int signal_number);

/* The kernel's struct kernel_sigaction with the types of a program; the layout is the same. */
struct sigaction {
    union {
        sighandler_t sa_handler;
        void (*sa_sigaction)(int signal_number, siginfo_t *info, void *context);
    };
    uint32_t sa_flags;         /* SA_... */
    void (*sa_restorer)(void); /* filled in by sigaction() */
    sigset_t sa_mask;          /* blocked while the handler runs */
};

int sigaction(int signal_number, const struct sigaction *action, struct sigaction *old);
int sigprocmask(int how, const sigset_t *set, sigset_t *old);
/* The handler stays, and interrupted calls are restarted, as on the later Unixes. */
sighandler_t signal(int signal_number, sighandler_t handler);
int raise(int signal_number);

int sigemptyset(sigset_t *set);
int sigaddset(sigset_t *set, int signal_number);
int sigismember(const sigset_t *set, int signal_number);
int sigdelset(sigset_t *set, int signal_number);
int sigfillset(sigset_t *set);
/* "words: what the signal means" on the error output. */
void psignal(int signal_number, const char *words);
int sigsuspend(const sigset_t *set);
int sigpending(sigset_t *set);
/* The number for "INT", "SIGINT" or "2"; -1: none. The name without SIG, NULL: none. */
int signal_number_of(const char *name);
const char *signal_name_of(int signal_number);
