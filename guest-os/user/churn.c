/* churn [COUNT]: starts that many processes one after the other (or count= on the kernel's command
 * line); each opens a pipe and a file, uses some memory, executes this program again and ends. Page
 * frames are all that the kernel's objects are made of: after the first processes none may be lost
 * any more. SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define COUNT      1000
#define WARM_UP    100 /* processes until all caches are as large as they get */
#define LOST_LEAST 16  /* KiB that may be missing: pages that are about to be given back */
#define BYTES      20000

static char written[BYTES];

static void be_a_child(const char *path)
{
    char *const argv[] = {(char *)(uintptr_t)path, "leaf", NULL};

    int fds[2];

    memset(written, 1, BYTES);
    pipe(fds);
    write(fds[1], written, BYTES);
    open(path, O_RDONLY | O_CLOEXEC);
    execve(path, argv, environ);
    exit(1);
}

/* The number behind `name` in /proc/meminfo; KiB. */
static int memory_of(const char *text, const char *name)
{
    const char *at = strstr(text, name);

    return at == NULL ? 0 : atoi(at + strlen(name) + strspn(at + strlen(name), " "));
}

/* Free memory and what the buffer cache would give back; KiB, 0 where nobody says. */
static int free_memory(void)
{
    char text[1024];
    int fd = open("/proc/meminfo", O_RDONLY);
    int bytes = fd < 0 ? 0 : read(fd, text, sizeof(text) - 1);

    close(fd);
    text[bytes > 0 ? bytes : 0] = '\0';
    return memory_of(text, "MemFree:") + memory_of(text, "Buffers:");
}

static int wanted_count(int argc, char **argv)
{
    const char *text = argc > 1 ? argv[1] : getenv("count");

    return text == NULL ? COUNT : atoi(text);
}

int main(int argc, char **argv)
{
    int count = wanted_count(argc, argv);
    int status, before = 0, lost;

    if (argc > 1 && strcmp(argv[1], "leaf") == 0) {
        memset(malloc(BYTES), 2, BYTES);
        return 3;
    }
    for (int i = 0; i < count; i++) {
        int pid;

        before = i == WARM_UP ? free_memory() : before;
        pid = fork();
        if (pid == 0) {
            be_a_child(argv[0]);
        }
        if (pid < 0 || waitpid(pid, &status, 0) != pid || WEXITSTATUS(status) != 3) {
            printf("churn: process %d of %d: %s, status %x\n", i + 1, count, strerror(errno),
                   status);
            return 1;
        }
    }
    lost = before - free_memory();
    printf("churn: %d processes came and went\n", count);
    if (getpid() == 1 && count > WARM_UP && lost > LOST_LEAST) { /* elsewhere others use memory */
        printf("churn: %d KiB are missing\n", lost);
        return 1;
    }
    return 0;
}
