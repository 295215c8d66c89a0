/* fork, vfork, exec, posix_spawn, system, popen; what wait tells. SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

static const char own[] = "/proc/self/exe"; /* what it is called differs from kernel to kernel */

static void report(const char *words, int status)
{
    if (WIFEXITED(status)) {
        printf("%s: exit %d\n", words, WEXITSTATUS(status));
    } else if (WIFSIGNALED(status)) {
        printf("%s: signal %d\n", words, WTERMSIG(status));
    } else if (WIFSTOPPED(status)) {
        printf("%s: stopped by %d\n", words, WSTOPSIG(status));
    } else {
        printf("%s: %s\n", words, WIFCONTINUED(status) ? "continued" : "?");
    }
}

static int wait_for(pid_t pid, int options)
{
    int status = -1;

    if (waitpid(pid, &status, options) != pid) {
        printf("waitpid: %m\n");
    }
    return status;
}

static void forks(void)
{
    static int variable = 3;
    int pid = fork();

    if (pid == 0) {
        _exit(variable++ + 40);
    }
    report("fork", wait_for(pid, 0));
    printf("variable %d\n", variable);
    pid = vfork();
    if (pid == 0) {
        execl(own, own, "child", "with space", "", (char *)NULL);
        _exit(127);
    }
    report("vfork, exec", wait_for(pid, 0));
    pid = fork();
    if (pid == 0) {
        execlp("nosuchprogram", "nosuchprogram", (char *)NULL);
        _exit(errno == ENOENT ? 2 : 3);
    }
    report("exec of nothing", wait_for(pid, 0));
    pid = fork();
    if (pid == 0) {
        abort();
    }
    report("abort", wait_for(pid, 0));
}

static void stops(void)
{
    struct rusage usage;
    siginfo_t info;
    int status, pid = fork();

    if (pid == 0) {
        for (;;) {
            pause();
        }
    }
    kill(pid, SIGSTOP);
    report("child", wait_for(pid, WUNTRACED));
    kill(pid, SIGCONT);
    report("child", wait_for(pid, WCONTINUED));
    printf("WNOHANG: %d\n", waitpid(pid, &status, WNOHANG));
    kill(pid, SIGTERM);
    memset(&info, 0, sizeof(info));
    printf("waitid: %d", waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT));
    printf(" code %d status %d, same pid %d\n", info.si_code, info.si_status, info.si_pid == pid);
    printf("wait4: %d\n", wait4(pid, &status, 0, &usage) == pid);
    report("child", status);
    printf("no child: %d %m\n", wait(&status));
}

int main(int argc, char **argv, char **environment)
{
    char *const words[] = {"spawned", "child", NULL};
    char line[80];
    FILE *stream;
    pid_t pid;
    int result;

    setvbuf(stdout, NULL, _IONBF, 0);
    if (argc > 1 && strcmp(argv[1], "child") == 0) {
        printf("child: %d words, last '%s', KIND %s\n", argc, argv[argc - 1],
               getenv("KIND") ? getenv("KIND") : "unset");
        return argc;
    }
    setenv("KIND", "set", 1);
    forks();
    stops();
    (void)environment;
    result = posix_spawn(&pid, own, NULL, NULL, words, environ);
    report("spawned", wait_for(pid, 0)); /* says something, too: first that, then this */
    printf("posix_spawn: %d\n", result);
    printf("posix_spawn of nothing: %s\n",
           strerror(posix_spawn(&pid, "/nosuch", NULL, NULL, words, environ)));
    report("system", system("exit 9"));
    stream = popen("echo through a pipe; exit 3", "r");
    while (stream != NULL && fgets(line, sizeof(line), stream) != NULL) {
        printf("popen: %s", line);
    }
    report("pclose", pclose(stream));
    return 0;
}
