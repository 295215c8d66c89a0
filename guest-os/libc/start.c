/* The beginning and the end of a program, and its environment. SPDX-License-Identifier: MIT */
#include "libc/include/err.h"
#include "libc/include/signal.h"
#include "libc/include/stdio.h"
#include "libc/include/stdlib.h"
#include "libc/include/string.h"
#include "libc/include/unistd.h"

#define LAST_ONES 32 /* functions that atexit remembers: C11 7.22.4.2 asks for so many */

char **environ;
static void (*last_ones[LAST_ONES])(void);
static int last_count;

int main(int argc, char **argv, char **envp);
_Noreturn void start_program(uint32_t *stack);

/* stack: argc, then argv[] and its null, then envp[] and its null. */
_Noreturn void start_program(uint32_t *stack)
{
    int argc = (int)stack[0];
    char **argv = (char **)&stack[1];

    environ = argv + argc + 1;
    if (argc > 0) {
        program_name = path_name(argv[0]);
    }
    exit(main(argc, argv, environ));
}

int atexit(void (*last)(void))
{
    if (last_count == LAST_ONES) {
        return -1;
    }
    last_ones[last_count++] = last;
    return 0;
}

_Noreturn void exit(int status)
{
    while (last_count > 0) {
        last_ones[--last_count]();
    }
    fflush(NULL);
    fflush(stdin);
    for (;;) {
        _exit(status);
    }
}

_Noreturn void abort(void)
{
    sigset_t only;

    sigemptyset(&only);
    sigaddset(&only, SIGABRT);
    sigprocmask(SIG_UNBLOCK, &only, NULL);
    raise(SIGABRT);
    signal(SIGABRT, SIG_DFL); /* there was a handler, and it came back */
    raise(SIGABRT);
    for (;;) {
        _exit(127);
    }
}
