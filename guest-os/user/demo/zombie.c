/* zombie [SECONDS]: a process that has ended keeps pid and status until its parent asks.
 * SPDX-License-Identifier: MIT */
#include <sys/wait.h>

#include "user/process_list.h"

#include "user/demo/show.h"

#define STATUS 42

int main(int argc, char **argv)
{
    struct process_entry entry = {0};
    char name[12];
    int pid, status = 0;

    show_title("zombie", "C12", "the child ends at once, the parent does not wait for it yet",
               "ps: the state is Z; process view: no memory, but pid and status");
    pid = fork();
    if (pid == 0) {
        exit(STATUS);
    }
    snprintf(name, sizeof(name), "%d", pid);
    for (int i = 0; i < 1000 && read_process(name, &entry) && entry.state != 'Z'; i++) {
        sched_yield(); /* until it has ended */
    }
    printf("  process %d, child of %d: state %c\n", pid, getpid(), entry.state);
    show_check(entry.state == 'Z', "the child is a zombie");
    show_check(kill(pid, 0) == 0, "its pid is still taken");
    if (argc > 1) {
        printf("  %s seconds to look at it...\n", argv[1]);
        sleep((uint32_t)atoi(argv[1]));
    }
    show_check(waitpid(pid, &status, 0) == pid && WEXITSTATUS(status) == STATUS,
               "the status waited for the parent: 42");
    show_check(kill(pid, 0) < 0 && errno == ESRCH, "collected: there is no such process now");
    return show_end("zombie");
}
