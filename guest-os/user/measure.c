/* measure [COUNT [FILE]]: what the kernel's services cost: a name, the median and the least of
 * COUNT times, in clocks by RDTSC, or in nanoseconds if the processor has none. FILE (the first
 * disk): what to read from, 32 MiB not read yet. count= on the kernel's command line is COUNT, too.
 * SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define COUNT       100
#define MOST        200 /* what is read must end before the file does */
#define PAGE        4096
#define COLD_START  (16 * 1024 * 1024) /* in the file: behind what the system needed to start */
#define COLD_STEP   (16 * PAGE)        /* too far for reading ahead */
#define STACK_BYTES 4096
#define PATH_BYTES  512
#define ID_FLAG     0x200000u /* EFLAGS.ID: there is CPUID */
#define TSC_FEATURE 0x10u     /* CPUID leaf 1, EDX */
#define MILLISECOND 1000000

struct service {
    const char *name;
    void (*measure)(uint32_t *clocks, int count); /* fills in clocks[0..count) */
};

static const char *file = "/dev/hda";
static char program[PATH_BYTES]; /* of this one */
static bool has_counter;         /* RDTSC */
static uint32_t empty;           /* clocks between two looks at the counter */
static uint8_t block[PAGE];
static volatile int caught;

static bool find_counter(void)
{
    uint32_t before, after, a = 1, d;

    __asm__ volatile("pushfl\n\tpopl %0\n\tmovl %0, %1\n\txorl %2, %1\n\tpushl %1\n\tpopfl\n\t"
                     "pushfl\n\tpopl %1"
                     : "=&r"(before), "=&r"(after)
                     : "i"(ID_FLAG)
                     : "cc");
    if (((before ^ after) & ID_FLAG) == 0) {
        return false;
    }
    __asm__ volatile("cpuid" : "+a"(a), "=d"(d) : : "ebx", "ecx");
    return (d & TSC_FEATURE) != 0;
}

static uint32_t nanoseconds(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint32_t)now.tv_sec * 1000000000u + (uint32_t)now.tv_nsec;
}

/* The low half is enough: nothing here takes 2^32 clocks. */
static uint32_t now_clocks(void)
{
    uint32_t low;

    if (!has_counter) {
        return nanoseconds();
    }
    __asm__ volatile("rdtsc" : "=a"(low) : : "edx", "memory");
    return low;
}

static uint32_t clocks_since(uint32_t start)
{
    uint32_t clocks = now_clocks() - start;

    return clocks > empty ? clocks - empty : 0;
}

/* What must work for the figures to mean anything. */
static int needed(int result, const char *words)
{
    if (result < 0) {
        fprintf(stderr, "measure: %s: %s\n", words, strerror(errno));
        exit(1);
    }
    return result;
}

/* ---- one service each ---- */

static void measure_millisecond(uint32_t *clocks, int count)
{
    for (int i = 0; i < count; i++) {
        uint32_t time = nanoseconds(), start = now_clocks();

        while (nanoseconds() - time < MILLISECOND) {}
        clocks[i] = clocks_since(start);
    }
}

static void measure_getpid(uint32_t *clocks, int count)
{
    for (int i = 0; i < count; i++) {
        uint32_t start = now_clocks();

        getpid();
        clocks[i] = clocks_since(start);
    }
}

static void measure_signal(uint32_t *clocks, int count)
{
    int self = getpid();

    for (int i = 0; i < count; i++) {
        uint32_t start = now_clocks();

        kill(self, SIGUSR1);
        clocks[i] = clocks_since(start);
    }
    needed(caught < count ? -1 : 0, "a signal was lost");
}

static void through_pipe(uint32_t *clocks, int count, uint32_t bytes)
{
    int fds[2];

    needed(pipe(fds), "pipe");
    for (int i = 0; i < count; i++) {
        uint32_t start = now_clocks();

        write(fds[1], block, bytes);
        read(fds[0], block, bytes);
        clocks[i] = clocks_since(start);
    }
    close(fds[0]);
    close(fds[1]);
}

static void measure_pipe_byte(uint32_t *clocks, int count)
{
    through_pipe(clocks, count, 1);
}

static void measure_pipe_page(uint32_t *clocks, int count)
{
    through_pipe(clocks, count, PAGE);
}

/* A byte goes to a second process and back: two switches, so half of it is one. */
static void measure_switch(uint32_t *clocks, int count)
{
    int there[2], back[2], pid, status;

    needed(pipe(there), "pipe");
    needed(pipe(back), "pipe");
    pid = needed(fork(), "fork");
    if (pid == 0) {
        close(there[1]);
        while (read(there[0], block, 1) == 1) {
            write(back[1], block, 1);
        }
        _exit(0);
    }
    for (int i = 0; i < count; i++) {
        uint32_t start = now_clocks();

        write(there[1], block, 1);
        read(back[0], block, 1);
        clocks[i] = clocks_since(start) / 2;
    }
    close(there[0]);
    close(there[1]);
    close(back[0]);
    close(back[1]);
    needed(waitpid(pid, &status, 0), "waitpid");
}

static uint8_t *new_pages(int count)
{
    uint8_t *pages = mmap(NULL, (size_t)count * PAGE, PROT_READ | PROT_WRITE,
                          MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    needed(pages == MAP_FAILED ? -1 : 0, "mmap");
    return pages;
}

static void touch_pages(uint8_t *pages, uint32_t *clocks, int count)
{
    for (int i = 0; i < count; i++) {
        uint32_t start = now_clocks();

        *(volatile uint8_t *)(pages + i * PAGE) = 1;
        clocks[i] = clocks_since(start);
    }
}

static void measure_zero_page(uint32_t *clocks, int count)
{
    uint8_t *pages = new_pages(count);

    touch_pages(pages, clocks, count);
    munmap(pages, (size_t)count * PAGE);
}

/* The child keeps its pages until its pipe ends, so each page that is written must be copied. */
static void measure_copied_page(uint32_t *clocks, int count)
{
    uint8_t *pages = new_pages(count);
    int fds[2], pid, status;

    touch_pages(pages, clocks, count);
    needed(pipe(fds), "pipe");
    pid = needed(fork(), "fork");
    if (pid == 0) {
        close(fds[1]);
        read(fds[0], block, 1);
        _exit(0);
    }
    touch_pages(pages, clocks, count);
    close(fds[0]);
    close(fds[1]);
    needed(waitpid(pid, &status, 0), "waitpid");
    munmap(pages, (size_t)count * PAGE);
}

static void measure_fork(uint32_t *clocks, int count)
{
    for (int i = 0; i < count; i++) {
        uint32_t start = now_clocks();
        int pid = needed(fork(), "fork"), status;

        if (pid == 0) {
            _exit(0);
        }
        needed(waitpid(pid, &status, 0), "waitpid");
        clocks[i] = clocks_since(start);
    }
}

static int become_leaf(void *unused)
{
    char *const argv[] = {"measure", "leaf", NULL};

    (void)unused;
    execve(program, argv, environ);
    return 1;
}

static void with_exec(uint32_t *clocks, int count, bool in_parents_memory)
{
    static uint32_t stack[STACK_BYTES / sizeof(uint32_t)];
    uint32_t *top = stack + STACK_BYTES / sizeof(uint32_t);

    for (int i = 0; i < count; i++) {
        uint32_t start = now_clocks();
        int pid, status;

        if (in_parents_memory) {
            pid = clone(become_leaf, top, CLONE_VM | CLONE_VFORK | SIGCHLD, NULL);
        } else {
            pid = fork();
            if (pid == 0) {
                _exit(become_leaf(NULL));
            }
        }
        needed(pid, "fork");
        needed(waitpid(pid, &status, 0), "waitpid");
        clocks[i] = clocks_since(start);
        needed(status == 0 ? 0 : -1, "exec");
    }
}

static void measure_fork_exec(uint32_t *clocks, int count)
{
    with_exec(clocks, count, false);
}

static void measure_vfork_exec(uint32_t *clocks, int count)
{
    with_exec(clocks, count, true);
}

static void measure_open(uint32_t *clocks, int count)
{
    for (int i = 0; i < count; i++) {
        uint32_t start = now_clocks();

        close(open("/etc/passwd", O_RDONLY));
        clocks[i] = clocks_since(start);
    }
}

/* Blocks that nobody has read; then one of them again and again. */
static void read_pages(uint32_t *clocks, int count, int step)
{
    int fd = needed(open(file, O_RDONLY), file);

    for (int i = 0; i < count; i++) {
        uint32_t start;
        int bytes;

        lseek(fd, COLD_START + i * step, SEEK_SET);
        start = now_clocks();
        bytes = read(fd, block, PAGE);
        clocks[i] = clocks_since(start);
        needed(bytes == PAGE ? 0 : -1, file);
    }
    close(fd);
}

static void measure_read_cold(uint32_t *clocks, int count)
{
    read_pages(clocks, count, COLD_STEP);
}

static void measure_read_cached(uint32_t *clocks, int count)
{
    read_pages(clocks, count, 0);
}

static const struct service services[] = {
    {"millisecond", measure_millisecond},
    {"getpid", measure_getpid},
    {"signal", measure_signal},
    {"pipe_byte", measure_pipe_byte},
    {"pipe_page", measure_pipe_page},
    {"switch", measure_switch},
    {"page_zero", measure_zero_page},
    {"page_copy", measure_copied_page},
    {"fork", measure_fork},
    {"fork_exec", measure_fork_exec},
    {"vfork_exec", measure_vfork_exec},
    {"open_close", measure_open},
    {"read_cold", measure_read_cold},
    {"read_cached", measure_read_cached},
};

static void on_signal(int number)
{
    (void)number;
    caught++;
}

static int compare(const void *a, const void *b)
{
    uint32_t first = *(const uint32_t *)a, second = *(const uint32_t *)b;

    return (first > second) - (first < second);
}

static void find_empty(uint32_t *clocks, int count)
{
    for (int i = 0; i < count; i++) {
        uint32_t start = now_clocks();

        clocks[i] = clocks_since(start);
    }
    qsort(clocks, (size_t)count, sizeof(*clocks), compare);
    empty = clocks[0];
}

int main(int argc, char **argv)
{
    static uint32_t clocks[MOST];
    const char *text = argc > 1 ? argv[1] : getenv("count");
    int count = text == NULL ? COUNT : atoi(text);

    if (argc > 1 && strcmp(argv[1], "leaf") == 0) {
        return 0;
    }
    if (count < 1 || count > MOST) {
        fprintf(stderr, "usage: measure [COUNT (1 to %d) [FILE]]\n", MOST);
        return 2;
    }
    file = argc > 2 ? argv[2] : file;
    needed(readlink("/proc/self/exe", program, sizeof(program) - 1), "/proc/self/exe");
    has_counter = find_counter();
    signal(SIGUSR1, on_signal);
    find_empty(clocks, count);
    for (size_t i = 0; i < sizeof(services) / sizeof(services[0]); i++) {
        services[i].measure(clocks, count);
        qsort(clocks, (size_t)count, sizeof(*clocks), compare);
        printf("%s %u %u\n", services[i].name, clocks[count / 2], clocks[0]);
        fflush(stdout);
    }
    return 0;
}
