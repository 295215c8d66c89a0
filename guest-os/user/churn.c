/* churn [COUNT]: starts that many processes one after the other (or count= on the kernel's command
 * line); each opens a pipe and a file, uses some memory, executes this program again and ends. As
 * process 1 it also compares what the kernel has before and after, once caches are warm: free
 * memory, and how many PCBs, open files, nodes, pipes and other objects there are (/proc/slabinfo).
 * SPDX-License-Identifier: MIT */
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
#define TEXT_BYTES 4096

/* What a kernel has. */
struct holdings {
    int memory;             /* KiB free, or that the buffer cache would give back */
    char pools[TEXT_BYTES]; /* /proc/slabinfo; empty where it can not be read */
};

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

static void read_text(const char *path, char *text)
{
    int fd = open(path, O_RDONLY);
    int bytes = fd < 0 ? 0 : read(fd, text, TEXT_BYTES - 1);

    close(fd);
    text[bytes > 0 ? bytes : 0] = '\0';
}

static void look(struct holdings *holdings)
{
    char text[TEXT_BYTES];

    read_text("/proc/meminfo", text);
    holdings->memory = memory_of(text, "MemFree:") + memory_of(text, "Buffers:");
    read_text("/proc/slabinfo", holdings->pools);
}

/* How many objects the pool has, -1: there is no such pool. */
static int objects_of(const char *text, const char *name)
{
    const char *at = strstr(text, name);

    return at == NULL ? -1 : atoi(at + strlen(name) + strspn(at + strlen(name), " "));
}

/* 1 if something is missing or left over. */
static int compare(const struct holdings *before, const struct holdings *after)
{
    static const char *const names[] = {
        "\nprocess ", "\nhandlers ", "\ndescriptors ", "\nplaces ", "\nfile ", "\nnode ", "\npipe ",
    };
    int lost = before->memory - after->memory, failures = lost > LOST_LEAST;

    printf("churn: %d KiB less are free\n", lost);
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        int first = objects_of(before->pools, names[i]), now = objects_of(after->pools, names[i]);

        printf("churn: %s%d before, %d after\n", names[i] + 1, first, now);
        failures += now != first || now < 0;
    }
    return failures > 0;
}

static int wanted_count(int argc, char **argv)
{
    const char *text = argc > 1 ? argv[1] : getenv("count");

    return text == NULL ? COUNT : atoi(text);
}

int main(int argc, char **argv)
{
    int count = wanted_count(argc, argv);
    struct holdings before = {0}, after;
    int status;

    if (argc > 1 && strcmp(argv[1], "leaf") == 0) {
        memset(malloc(BYTES), 2, BYTES);
        return 3;
    }
    for (int i = 0; i < count; i++) {
        int pid;

        if (i == WARM_UP) {
            look(&before);
        }
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
    printf("churn: %d processes came and went\n", count);
    if (getpid() != 1 || count <= WARM_UP) {
        return 0; /* elsewhere others use memory */
    }
    look(&after);
    return compare(&before, &after);
}
