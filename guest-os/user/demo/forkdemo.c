/* forkdemo: fork returns twice, and all variables are copied. SPDX-License-Identifier: MIT */
#include <sys/wait.h>

#include "user/demo/show.h"

int main(void)
{
    int i = 3, status = 0, pid;

    show_title("forkdemo", "C5",
               "one fork, two returns; the parent counts i up, the child does not",
               "process view: the child's saved EAX is 0, the parent's its pid; pages marked "
               "copy-on-write");
    pid = fork();
    if (pid < 0) {
        perror("fork");
        return 1;
    }
    if (pid == 0) {
        printf("  child  %d: fork returned 0, i = %d\n", getpid(), i);
    } else {
        i++;
        waitpid(pid, &status, 0); /* so that the child's line comes first */
        printf("  parent %d: fork returned %d, i = %d\n", getpid(), pid, i);
    }
    printf("  this line is run by both: process %d\n", getpid());
    if (pid == 0) {
        exit(i);
    }
    show_check(WIFEXITED(status) && WEXITSTATUS(status) == 3, "the child's i stayed 3");
    show_check(i == 4, "the parent's i is 4");
    return show_end("forkdemo");
}
