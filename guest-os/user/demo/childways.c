/* childways: ways to make a child - memory copied or shared, descriptors copied or shared, the
 * parent waiting or not - and who saw what. SPDX-License-Identifier: MIT */
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "user/demo/show.h"

#define STACK_BYTES 16384
#define PROBE_FD    30

static volatile int variable;
static char stack[STACK_BYTES] __attribute__((aligned(16)));

/* What each child does: change a variable, close a descriptor, go to another directory. */
static int child(void *argument)
{
    (void)argument;
    variable = 2;
    close(PROBE_FD);
    chdir("/");
    return 0;
}

static int by_fork(uint32_t flags)
{
    int pid = fork();

    (void)flags;
    if (pid == 0) {
        _exit(child(NULL));
    }
    return pid;
}

static int by_clone(uint32_t flags)
{
    return clone(child, stack + STACK_BYTES, flags | SIGCHLD, NULL);
}

static const struct {
    const char *name;
    uint32_t flags;
    bool by_fork;
} ways[] = {
    {"fork: everything copied", 0, true},
    {"clone, nothing shared", 0, false},
    {"clone, memory shared", CLONE_VM, false},
    {"clone, descriptors shared", CLONE_FILES, false},
    {"clone, directory shared", CLONE_FS, false},
    {"clone, all shared", CLONE_VM | CLONE_FILES | CLONE_FS | CLONE_SIGHAND, false},
    {"vfork: memory shared, parent waits", CLONE_VM | CLONE_VFORK, false},
};

static void try_way(size_t i)
{
    char path[256] = "";
    bool sees_variable, sees_closed, sees_directory, ended_before;
    int pid;

    variable = 1;
    chdir("/tmp");
    dup2(open("/dev/null", O_RDONLY), PROBE_FD);
    pid = ways[i].by_fork ? by_fork(0) : by_clone(ways[i].flags);
    if (pid < 0) {
        printf("  %-36s refused: %s\n", ways[i].name, strerror(errno));
        show_failures++;
        return;
    }
    ended_before = (ways[i].flags & CLONE_VFORK) != 0 && variable == 2;
    waitpid(pid, NULL, 0);
    sees_variable = variable == 2;
    sees_closed = fcntl(PROBE_FD, F_GETFD, 0) < 0;
    sees_directory = getcwd(path, sizeof(path)) != NULL && strcmp(path, "/") == 0;
    printf("  %-36s %-9s %-11s %-9s %s\n", ways[i].name, sees_variable ? "shared" : "copied",
           sees_closed ? "shared" : "copied", sees_directory ? "shared" : "copied",
           ended_before ? "waited" : "went on");
    show_failures += sees_variable != ((ways[i].flags & CLONE_VM) != 0) ||
                     sees_closed != ((ways[i].flags & CLONE_FILES) != 0) ||
                     sees_directory != ((ways[i].flags & CLONE_FS) != 0) ||
                     ended_before != ((ways[i].flags & CLONE_VFORK) != 0);
}

int main(void)
{
    show_title("childways", "C7", "policies: memory, descriptors, directory, who waits",
               "process view: one page table or two; trace: clone and its flags");
    printf("  %-36s %-9s %-11s %-9s %s\n", "way", "memory", "descriptors", "directory", "parent");
    for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
        try_way(i);
    }
    show_check(show_failures == 0, "each child shared what was asked for, and nothing else");
    return show_end("childways");
}
