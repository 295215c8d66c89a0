/* top [-d SECONDS] [-n TIMES] [-b]: the processes by the processor time they used since the last
 * look, again and again; q ends it. -b: one after the other, without clearing the screen.
 * SPDX-License-Identifier: MIT */
#include <ctype.h>
#include <err.h>
#include <poll.h>
#include <pwd.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <time.h>

#include "user/process_list.h"

#define LINES_DEFAULT 24
#define HEAD_LINES    4 /* above the processes */

struct row {
    struct process_entry entry;
    int used; /* since the last look, 1/100 s */
};

static struct row rows[PROCESSES_MOST];
static struct process_entry before[PROCESSES_MOST];
static int count, before_count;
static struct termios settings;

static int used_by(const struct process_entry *entry)
{
    return entry->fields[FIELD_USER] + entry->fields[FIELD_SYSTEM];
}

static int compare(const void *a, const void *b)
{
    const struct row *left = a, *right = b;

    return left->used != right->used ? right->used - left->used
                                     : left->entry.pid - right->entry.pid;
}

static void look(void)
{
    static struct process_entry entries[PROCESSES_MOST];

    count = read_processes(entries);
    for (int i = 0; i < count; i++) {
        rows[i] = (struct row){entries[i], used_by(&entries[i])};
        for (int b = 0; b < before_count; b++) {
            if (before[b].pid == entries[i].pid) {
                rows[i].used -= used_by(&before[b]);
            }
        }
    }
    memcpy(before, entries, (size_t)count * sizeof(*before));
    before_count = count;
    qsort(rows, (size_t)count, sizeof(*rows), compare);
}

static void show_head(int hundredths)
{
    char text[64] = "?", *rest;
    int running = 0, zombies = 0, all = 0;
    uint32_t up;

    for (int i = 0; i < count; i++) {
        running += rows[i].entry.state == 'R';
        zombies += rows[i].entry.state == 'Z';
        all += rows[i].used;
    }
    read_text("/proc/uptime", text, sizeof(text));
    up = strtoul(text, &rest, 10);
    printf("up %u:%02u:%02u, %d processes: %d ready or running, %d zombies\n", up / 3600,
           up / 60 % 60, up % 60, count, running, zombies);
    printf("processor: %d %% used by processes in the last %d.%02d s\n\n",
           hundredths > 0 ? all * 100 / hundredths : 0, hundredths / 100, hundredths % 100);
    puts("  PID  PPID USER      NI S  %CPU    TIME   RSS COMMAND");
}

static void show_row(const struct row *row, int hundredths)
{
    const struct process_entry *entry = &row->entry;
    const struct passwd *user = getpwuid(entry->user);
    int tenths = hundredths > 0 ? row->used * 1000 / hundredths : 0;

    printf("%5d %5d %-8s %3d %c %3d.%d %4d.%02d %5d %.40s\n", entry->pid,
           entry->fields[FIELD_PARENT], user == NULL ? "?" : user->pw_name,
           entry->fields[FIELD_NICE], entry->state, tenths / 10, tenths % 10, used_by(entry) / 100,
           used_by(entry) % 100, entry->fields[FIELD_PAGES] * 4, entry->command);
}

static int terminal_lines(void)
{
    struct winsize size;

    return ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_row > 0 ? size.ws_row
                                                                           : LINES_DEFAULT;
}

/* Keys are read one by one, without an echo, while top runs. */
static void take_keys(void)
{
    struct termios raw;

    if (tcgetattr(STDIN_FILENO, &settings) == 0) {
        raw = settings;
        raw.c_lflag &= ~(ICANON | ECHO);
        tcsetattr(STDIN_FILENO, TCSADRAIN, &raw);
    }
}

/* Wait for the time or a key; true: it was q. */
static bool wait_for_key(int milliseconds, bool has_keys)
{
    struct pollfd fd = {.fd = STDIN_FILENO, .events = POLLIN};
    char key = '\0';

    if (poll(&fd, has_keys ? 1 : 0, milliseconds) > 0) {
        read(STDIN_FILENO, &key, 1);
    }
    return key == 'q' || key == 'Q';
}

int main(int argc, char **argv)
{
    int option, times_left = -1, seconds = 2;
    bool batch = false, has_keys;

    while ((option = getopt(argc, argv, "d:n:b")) != -1) {
        if (option == '?') {
            usage(1, "top [-d SECONDS] [-n TIMES] [-b]");
        }
        seconds = option == 'd' ? atoi(optarg) : seconds;
        times_left = option == 'n' ? atoi(optarg) : times_left;
        batch = batch || option == 'b';
    }
    setvbuf(stdout, NULL, _IOFBF, 0); /* a screen at once, it does not flicker */
    has_keys = !batch && isatty(STDIN_FILENO);
    if (has_keys) {
        take_keys();
    }
    look();
    for (int hundredths = 0; times_left != 0; hundredths = seconds * 100) {
        int lines = batch ? count : terminal_lines() - HEAD_LINES - 1;

        fputs(batch ? "" : "\033[H\033[2J", stdout);
        show_head(hundredths);
        for (int i = 0; i < count && i < lines; i++) {
            show_row(&rows[i], hundredths);
        }
        fflush(stdout);
        times_left -= times_left > 0;
        if (times_left == 0 || wait_for_key(seconds * 1000, has_keys)) {
            break;
        }
        look();
    }
    if (has_keys) {
        tcsetattr(STDIN_FILENO, TCSADRAIN, &settings);
    }
    return 0;
}
