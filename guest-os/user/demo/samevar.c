/* samevar [local]: two processes of one program show the same address with the same value in it,
 * and yet each has its own: the memory lies in two frames. `local`: a variable on the stack.
 * SPDX-License-Identifier: MIT */
#include <sys/wait.h>
#include <time.h>

#include "user/demo/show.h"

static volatile int global = 1;

struct seen {
    int pid;
    uint32_t address;
    int before, after;
};

/* What one run sees: 1, whatever the other one has written there. */
static struct seen look(volatile int *variable)
{
    const struct timespec moment = {0, 2000000};
    struct seen seen = {getpid(), (uint32_t)variable, *variable, 0};

    *variable += getpid();
    for (int i = 0; i < 5; i++) {
        nanosleep(&moment, NULL); /* the other one runs */
    }
    seen.after = *variable;
    return seen;
}

static int run(bool local, int to)
{
    volatile int own = 1;
    struct seen seen = look(local ? &own : &global);

    printf("  process %d: address %08x had %d, now %d\n", seen.pid, seen.address, seen.before,
           seen.after);
    write(to, &seen, sizeof(seen));
    return 0;
}

int main(int argc, char **argv)
{
    bool local = argc > 1 && strcmp(argv[1], "local") == 0;
    struct seen seen[2] = {{0}};
    int fds[2];

    show_title("samevar", "A6", "one address, one value, two processes, two frames",
               "MMU view: the walk for the address in each process ends in another frame");
    pipe(fds);
    for (int i = 0; i < 2; i++) {
        if (fork() == 0) {
            _exit(run(local, fds[1]) + (fflush(stdout), 0));
        }
    }
    for (int i = 0; i < 2; i++) {
        read(fds[0], &seen[i], sizeof(seen[i]));
        waitpid(-1, NULL, 0);
    }
    show_check(seen[0].pid != seen[1].pid && seen[0].address == seen[1].address,
               "both have the variable at the same virtual address");
    show_check(seen[0].before == 1 && seen[1].before == 1, "both found 1 there");
    show_check(seen[0].after == 1 + seen[0].pid && seen[1].after == 1 + seen[1].pid,
               "each found later what it had written itself");
    return show_end("samevar");
}
