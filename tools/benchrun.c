/* Runs one emulator on one bench guest and times it by the lines that the guest prints.
 *   benchrun [-t SECONDS] [-k] -- COMMAND [ARG...]
 * The command copies the guest's COM1 to its standard output. Lines of key=value come out on
 * standard output; see print_report(). With -k the whole process group is ended (wrappers).
 * SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define SEGMENTS_MAX 16
#define GRACE_MS     300.0 /* for an emulator to leave by itself after the guest is done */

struct moment {
    double wall_ms;
    double cpu_ms; /* CPU time of the emulator's process */
};

struct segment {
    char name[32];
    struct moment from;
    struct moment to;
    bool closed;
};

struct bench {
    pid_t pid;
    clockid_t cpu_clock;
    double start_ms;
    double boot_ms; /* start to the first byte of the guest, -1 if none came */
    struct segment segments[SEGMENTS_MAX];
    int segment_count;
    bool ended; /* BENCH END was seen */
    bool done;  /* BENCH DONE or FAIL was seen */
    double done_ms;
    bool timed_out;
    char line[4096];
    size_t line_bytes;
    struct moment line_start; /* when the first byte of this line came */
    char result[1024];
    char tsc[1024];
    char failure[256];
};

static double read_clock_ms(clockid_t clock)
{
    struct timespec t;
    if (clock_gettime(clock, &t) != 0) {
        return 0;
    }
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static struct moment read_moment(const struct bench *bench)
{
    return (struct moment){read_clock_ms(CLOCK_MONOTONIC), read_clock_ms(bench->cpu_clock)};
}

/* A timed segment begins with the last byte of its mark and ends with the first of the next. */
static void take_mark(struct bench *bench, const char *text, struct moment now)
{
    if (bench->segment_count > 0 && !bench->ended) {
        struct segment *open = &bench->segments[bench->segment_count - 1];
        open->to = bench->line_start;
        open->closed = true;
    }
    if (strncmp(text, "MARK ", 5) != 0) {
        bench->ended = true;
    } else if (bench->segment_count < SEGMENTS_MAX) {
        struct segment *next = &bench->segments[bench->segment_count++];
        snprintf(next->name, sizeof next->name, "%s", text + 5);
        next->from = now;
    }
}

static void take_line(struct bench *bench, struct moment now)
{
    const char *text = strstr(bench->line, "BENCH ");
    if (!text) {
        return;
    }
    text += 6;
    if (strncmp(text, "BOOT", 4) == 0) {
        bench->boot_ms = bench->line_start.wall_ms - bench->start_ms;
    } else if (strncmp(text, "MARK ", 5) == 0 || strncmp(text, "END", 3) == 0) {
        take_mark(bench, text, now);
    } else if (strncmp(text, "RESULT ", 7) == 0) {
        snprintf(bench->result, sizeof bench->result, "%s", text + 7);
    } else if (strncmp(text, "TSC ", 4) == 0) {
        snprintf(bench->tsc, sizeof bench->tsc, "%s", text + 4);
    } else if (strncmp(text, "FAIL", 4) == 0 || strncmp(text, "DONE", 4) == 0) {
        if (*text == 'F') {
            snprintf(bench->failure, sizeof bench->failure, "%s", text);
        }
        bench->done = true;
        bench->done_ms = now.wall_ms;
    }
}

static void take_bytes(struct bench *bench, const char *bytes, size_t count)
{
    struct moment now = read_moment(bench);
    for (size_t i = 0; i < count; i++) {
        if (bench->line_bytes == 0) {
            bench->line_start = now;
        }
        if (bytes[i] == '\n') {
            bench->line[bench->line_bytes] = 0;
            bench->line_bytes = 0;
            take_line(bench, now);
        } else if (bytes[i] != '\r' && bench->line_bytes < sizeof bench->line - 1) {
            bench->line[bench->line_bytes++] = bytes[i];
        }
    }
}

/* Start the emulator; its input stays open and silent, since some leave at its end.
 * Returns the end of the pipe that its output comes out of. */
static int start(struct bench *bench, char **command)
{
    int out[2];
    int in[2];
    if (pipe(out) != 0 || pipe(in) != 0) {
        perror("benchrun: pipe");
        exit(2);
    }
    bench->start_ms = read_clock_ms(CLOCK_MONOTONIC);
    bench->pid = fork();
    if (bench->pid < 0) {
        perror("benchrun: fork");
        exit(2);
    }
    if (bench->pid == 0) {
        setpgid(0, 0);
        dup2(in[0], 0);
        dup2(out[1], 1);
        close(in[1]);
        close(out[0]);
        close(out[1]);
        execvp(command[0], command);
        perror(command[0]);
        _exit(127);
    }
    close(out[1]);
    clock_getcpuclockid(bench->pid, &bench->cpu_clock);
    return out[0];
}

static void watch(struct bench *bench, int output, double limit_ms)
{
    for (;;) {
        double now_ms = read_clock_ms(CLOCK_MONOTONIC);
        if (bench->done && now_ms - bench->done_ms > GRACE_MS) {
            return;
        }
        if (now_ms - bench->start_ms > limit_ms) {
            bench->timed_out = true;
            return;
        }
        struct pollfd wait_for = {output, POLLIN, 0};
        if (poll(&wait_for, 1, 100) <= 0) {
            continue;
        }
        char bytes[512];
        ssize_t count = read(output, bytes, sizeof bytes);
        if (count <= 0) {
            return;
        }
        take_bytes(bench, bytes, (size_t)count);
    }
}

/* End the emulator, by force after a second; returns its peak resident set, KiB. */
static long long finish(struct bench *bench, bool whole_group)
{
    pid_t target = whole_group ? -bench->pid : bench->pid;
    struct rusage usage;
    int status;
    for (int i = 0; i < 50; i++) {
        if (wait4(bench->pid, &status, WNOHANG, &usage) == bench->pid) {
            return usage.ru_maxrss;
        }
        if (i == 0) {
            kill(target, SIGTERM);
        }
        usleep(20000);
    }
    kill(target, SIGKILL);
    wait4(bench->pid, &status, 0, &usage);
    return usage.ru_maxrss;
}

static void replace(char *text, char from, char to)
{
    for (; *text; text++) {
        if (*text == from) {
            *text = to;
        }
    }
}

static void print_report(struct bench *bench, long long peak_kib)
{
    struct moment sum = {0, 0};
    printf("maxrss_kb=%lld boot_ms=%.1f", peak_kib, bench->boot_ms);
    for (int i = 0; i < bench->segment_count; i++) {
        const struct segment *s = &bench->segments[i];
        if (!s->closed) {
            continue;
        }
        double wall_ms = s->to.wall_ms - s->from.wall_ms;
        double cpu_ms = s->to.cpu_ms - s->from.cpu_ms;
        printf(" %s.wall_ms=%.2f %s.cpu_ms=%.2f", s->name, wall_ms, s->name, cpu_ms);
        sum.wall_ms += wall_ms;
        sum.cpu_ms += cpu_ms;
    }
    replace(bench->result, ' ', ',');
    replace(bench->tsc, ' ', ',');
    replace(bench->failure, ' ', '_');
    const char *status = "died";
    if (bench->timed_out) {
        status = "timeout";
    } else if (bench->failure[0]) {
        status = bench->failure;
    } else if (bench->done) {
        status = "ok";
    }
    printf(" run.wall_ms=%.2f run.cpu_ms=%.2f tsc=%s result=%s status=%s\n", sum.wall_ms,
           sum.cpu_ms, bench->tsc, bench->result, status);
}

int main(int argc, char **argv)
{
    static struct bench bench = {.boot_ms = -1};
    double limit_s = 300;
    bool whole_group = false;
    int option;
    while ((option = getopt(argc, argv, "+t:k")) != -1) {
        if (option == 't') {
            limit_s = atof(optarg);
        } else if (option == 'k') {
            whole_group = true;
        } else {
            return 2;
        }
    }
    if (optind >= argc) {
        fprintf(stderr, "usage: benchrun [-t SECONDS] [-k] -- COMMAND [ARG...]\n");
        return 2;
    }
    int output = start(&bench, argv + optind);
    watch(&bench, output, limit_s * 1e3);
    print_report(&bench, finish(&bench, whole_group));
    return bench.done && !bench.failure[0] ? 0 : 1;
}
