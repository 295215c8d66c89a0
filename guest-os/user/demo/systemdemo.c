/* systemdemo: system() is fork, exec and wait. SPDX-License-Identifier: MIT */
#include <sys/wait.h>

#include "user/demo/show.h"

#define COMMAND "echo \"  the command runs in process $$, its parent is $PPID\"; exit 3"

/* What system() does, in its three steps (without the signals). */
static int by_hand(const char *command)
{
    int status = -1, pid = fork();

    if (pid == 0) {
        execl("/bin/sh", "sh", "-c", command, (char *)NULL);
        _exit(127);
    }
    waitpid(pid, &status, 0);
    return status;
}

int main(void)
{
    FILE *stream;
    char line[64] = "";
    int status;

    show_title("systemdemo", "C9", "a command by system(), and the same by fork, exec and wait",
               "trace: fork, execve of /bin/sh, exit, wait4 - twice the same");
    printf("  this is process %d\n", getpid());
    status = system(COMMAND);
    show_check(WIFEXITED(status) && WEXITSTATUS(status) == 3, "system() gave the wait status: 3");
    show_check(by_hand(COMMAND) == status, "the same by hand");
    show_check(WEXITSTATUS(system("nosuchcommand 2>/dev/null")) == 127, "no such command: 127");
    stream = popen("echo from the other side", "r");
    if (stream != NULL) {
        fgets(line, sizeof(line), stream);
        show_check(pclose(stream) == 0 && strcmp(line, "from the other side\n") == 0,
                   "popen(): the same with a pipe to the command");
    }
    return show_end("systemdemo");
}
