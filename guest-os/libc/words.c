/* Numbers in words. SPDX-License-Identifier: MIT */
#include "libc/include/string.h"

#include "libc/include/ctype.h"
#include "libc/include/signal.h"
#include "libc/include/stdlib.h"

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
    [SIGTTIN] = "stopped: reads from the terminal",
    [SIGTTOU] = "stopped: writes to the terminal",
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
        return "no such file or directory";
    case EEXIST:
        return "exists already";
    case ENOTDIR:
        return "not a directory";
    case EISDIR:
        return "is a directory";
    case EACCES:
        return "permission denied";
    case ENOTEMPTY:
        return "directory not empty";
    case EBUSY:
        return "busy";
    case EIO:
        return "input/output error";
    case ENOSPC:
        return "no space left";
    case EFBIG:
        return "file too large";
    case EROFS:
        return "read-only file system";
    case ENOTTY:
        return "not a terminal";
    case EPIPE:
        return "broken pipe";
    case ESPIPE:
        return "can not seek";
    case EMFILE:
    case ENFILE:
        return "too many open files";
    case ELOOP:
        return "too many symbolic links";
    case ENAMETOOLONG:
        return "name too long";
    case EXDEV:
        return "different file systems";
    case ENXIO:
    case ENODEV:
        return "no such device";
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

static const char signal_names[SIGSYS + 1][8] = {
    "",     "HUP",  "INT",  "QUIT", "ILL",    "TRAP",   "ABRT",  "BUS",  "FPE",  "KILL", "USR1",
    "SEGV", "USR2", "PIPE", "ALRM", "TERM",   "STKFLT", "CHLD",  "CONT", "STOP", "TSTP", "TTIN",
    "TTOU", "URG",  "XCPU", "XFSZ", "VTALRM", "PROF",   "WINCH", "IO",   "PWR",  "SYS",
};

const char *signal_name_of(int signal_number)
{
    return signal_number > 0 && signal_number <= SIGSYS ? signal_names[signal_number] : NULL;
}

int signal_number_of(const char *name)
{
    if (isdigit(*name)) {
        return atoi(name);
    }
    name += strncmp(name, "SIG", 3) == 0 ? 3 : 0;
    for (int i = 1; i <= SIGSYS; i++) {
        if (strcmp(signal_names[i], name) == 0) {
            return i;
        }
    }
    return -1;
}
