/* Starting other programs: the exec family, system(), popen(). SPDX-License-Identifier: MIT */
#include "libc/include/errno.h"
#include "libc/include/fcntl.h"
#include "libc/include/signal.h"
#include "libc/include/stdio.h"
#include "libc/include/stdlib.h"
#include "libc/include/string.h"
#include "libc/include/unistd.h"

#define PATH_BYTES     256
#define ARGUMENTS_MOST 64 /* of execl */
#define SHELL          "/bin/sh"

/* A file that is executable but no program is a script of the shell. See: POSIX.1-2017, exec. */
static void execute(const char *path, char *const *argv)
{
    size_t count = 0;
    char **script;

    execve(path, argv, environ);
    if (errno != ENOEXEC) {
        return;
    }
    while (argv[count] != NULL) {
        count++;
    }
    script = malloc((count + 2) * sizeof(*script));
    if (script != NULL) {
        script[0] = (char *)(uintptr_t)SHELL;
        script[1] = (char *)(uintptr_t)path;
        for (size_t i = 1; i <= count; i++) {
            script[i + 1] = argv[i];
        }
        execve(SHELL, script, environ);
        free(script);
    }
    errno = ENOEXEC;
}

int execvp(const char *name, char *const *argv)
{
    const char *part = getenv("PATH");
    char path[PATH_BYTES];
    int error = ENOENT;

    if (strchr(name, '/') != NULL) {
        execute(name, argv);
        return -1;
    }
    for (part = part == NULL ? "/bin" : part; part != NULL && *name != '\0';) {
        const char *end = strchr(part, ':');
        int length = end == NULL ? (int)strlen(part) : (int)(end - part);

        if (snprintf(path, sizeof(path), "%.*s%s%s", length, part, length > 0 ? "/" : "", name) <
            PATH_BYTES) {
            execute(path, argv);
            error = errno == ENOENT || errno == ENOTDIR ? error : errno;
        }
        part = end == NULL ? NULL : end + 1;
    }
    errno = error;
    return -1;
}

int execv(const char *path, char *const *argv)
{
    return execve(path, argv, environ);
}

/* The arguments of execl as an array; with `envp`, what follows their NULL. */
static void collect(char **argv, const char *first, va_list arguments)
{
    size_t count = 0;

    argv[count++] = (char *)(uintptr_t)first;
    while (argv[count - 1] != NULL && count < ARGUMENTS_MOST) {
        argv[count++] = va_arg(arguments, char *);
    }
    argv[ARGUMENTS_MOST - 1] = NULL;
}

int execl(const char *path, const char *first, ...)
{
    char *argv[ARGUMENTS_MOST];
    va_list arguments;

    va_start(arguments, first);
    collect(argv, first, arguments);
    va_end(arguments);
    return execve(path, argv, environ);
}

int execlp(const char *name, const char *first, ...)
{
    char *argv[ARGUMENTS_MOST];
    va_list arguments;

    va_start(arguments, first);
    collect(argv, first, arguments);
    va_end(arguments);
    return execvp(name, argv);
}

int execle(const char *path, const char *first, ...)
{
    char *argv[ARGUMENTS_MOST];
    char **envp;
    va_list arguments;

    va_start(arguments, first);
    collect(argv, first, arguments);
    envp = va_arg(arguments, char **);
    va_end(arguments);
    return execve(path, argv, envp);
}

/* ---- system, popen ---- */

static _Noreturn void be_shell(const char *command)
{
    execl(SHELL, "sh", "-c", command, (char *)NULL);
    for (;;) {
        _exit(127);
    }
}

static int wait_for(int pid)
{
    int status;

    while (waitpid(pid, &status, 0) < 0) {
        if (errno != EINTR) {
            return -1;
        }
    }
    return status;
}

/* fork, exec, wait. Meanwhile the keyboard's signals are for the command, and SIGCHLD waits.
 * See: POSIX.1-2017, system(). */
int system(const char *command)
{
    struct sigaction ignore = {.sa_handler = SIG_IGN}, interrupt, quit;
    sigset_t child, before;
    int pid, status = -1;

    if (command == NULL) {
        return 1;
    }
    sigemptyset(&child);
    sigaddset(&child, SIGCHLD);
    sigprocmask(SIG_BLOCK, &child, &before);
    sigaction(SIGINT, &ignore, &interrupt);
    sigaction(SIGQUIT, &ignore, &quit);
    pid = fork();
    if (pid == 0) {
        sigaction(SIGINT, &interrupt, NULL);
        sigaction(SIGQUIT, &quit, NULL);
        sigprocmask(SIG_SETMASK, &before, NULL);
        be_shell(command);
    }
    if (pid > 0) {
        status = wait_for(pid);
    }
    sigaction(SIGINT, &interrupt, NULL);
    sigaction(SIGQUIT, &quit, NULL);
    sigprocmask(SIG_SETMASK, &before, NULL);
    return status;
}

FILE *popen(const char *command, const char *mode)
{
    int reads = mode[0] == 'r', fds[2], pid;
    FILE *stream;

    if (pipe2(fds, O_CLOEXEC) != 0) {
        return NULL;
    }
    stream = fdopen(fds[!reads], mode);
    pid = stream == NULL ? -1 : fork();
    if (pid == 0) {
        dup2(fds[reads], reads ? STDOUT_FILENO : STDIN_FILENO);
        be_shell(command);
    }
    close(fds[reads]);
    if (pid < 0) {
        if (stream != NULL) {
            fclose(stream);
        } else {
            close(fds[!reads]);
        }
        return NULL;
    }
    stream->child = pid;
    return stream;
}

int pclose(FILE *stream)
{
    int pid = stream->child;

    fclose(stream);
    return wait_for(pid);
}
