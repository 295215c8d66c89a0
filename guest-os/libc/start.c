/* The beginning and the end of a program, and its environment. SPDX-License-Identifier: MIT */
#include "libc/include/signal.h"
#include "libc/include/stdlib.h"
#include "libc/include/unistd.h"

char **environ;

int main(int argc, char **argv, char **envp);
_Noreturn void start_program(uint32_t *stack);

/* stack: argc, then argv[] and its null, then envp[] and its null. */
_Noreturn void start_program(uint32_t *stack)
{
    int argc = (int)stack[0];
    char **argv = (char **)&stack[1];

    environ = argv + argc + 1;
    exit(main(argc, argv, environ));
}

_Noreturn void exit(int status)
{
    for (;;) {
        _exit(status);
    }
}

_Noreturn void abort(void)
{
    signal(SIGABRT, SIG_DFL);
    raise(SIGABRT);
    exit(127); /* only if SIGABRT is blocked */
}
