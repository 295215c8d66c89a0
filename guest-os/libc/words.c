/* Numbers in words. SPDX-License-Identifier: MIT */
#include "libc/include/string.h"

#include "include/abi.h"

static const char *const signal_words[SIGSYS + 1] = {
    [SIGHUP] = "hangup",
    [SIGINT] = "interrupt from the terminal",
    [SIGQUIT] = "quit from the terminal",
    [SIGILL] = "illegal instruction",
    [SIGTRAP] = "trap",
    [SIGABRT] = "aborted",
    [SIGBUS] = "bus error",
    [SIGFPE] = "arithmetic exception",
    [SIGKILL] = "killed",
    [SIGUSR1] = "user signal 1",
    [SIGSEGV] = "segmentation violation",
    [SIGUSR2] = "user signal 2",
    [SIGPIPE] = "broken pipe",
    [SIGALRM] = "alarm clock",
    [SIGTERM] = "terminated",
    [SIGCHLD] = "child status changed",
    [SIGCONT] = "continued",
    [SIGSTOP] = "stopped",
    [SIGTSTP] = "stopped from the terminal",
};

const char *strsignal(int signal_number)
{
    const char *words = NULL;

    if (signal_number > 0 && signal_number <= SIGSYS) {
        words = signal_words[signal_number];
    }
    return words == NULL ? "unknown signal" : words;
}

const char *strerror(int error)
{
    switch (error) {
    case EPERM:
        return "operation not permitted";
    case ENOENT:
        return "no such file";
    case ESRCH:
        return "no such process";
    case EINTR:
        return "interrupted system call";
    case E2BIG:
        return "argument list too long";
    case ENOEXEC:
        return "not a program for this machine";
    case EBADF:
        return "bad file descriptor";
    case ECHILD:
        return "no child processes";
    case EAGAIN:
        return "try again";
    case ENOMEM:
        return "out of memory";
    case EFAULT:
        return "bad address";
    case EINVAL:
        return "invalid argument";
    case ENOSYS:
        return "no such system call";
    default:
        return "error";
    }
}
