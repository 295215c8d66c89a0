/* ps [-ef | aux | -o COLUMN,...] [-p PID]: all processes. Columns: pid ppid pgid sid tty stat time
 * user ni vsz rss cmd comm. SPDX-License-Identifier: MIT */
#include <err.h>
#include <pwd.h>

#include "user/process_list.h"

#define COLUMNS_MOST 16

enum column_kind { PID, PPID, PGID, SID, TTY, STAT, TIME, USER, NICE, VSZ, RSS, CMD, COMM };

static const struct {
    char name[8];
    char title[8];
    int width; /* negative: to the left */
} columns[] = {
    [PID] = {"pid", "PID", 5},         [PPID] = {"ppid", "PPID", 5},  [PGID] = {"pgid", "PGID", 5},
    [SID] = {"sid", "SID", 5},         [TTY] = {"tty", "TTY", -6},    [STAT] = {"stat", "STAT", -4},
    [TIME] = {"time", "TIME", 7},      [USER] = {"user", "USER", -8}, [NICE] = {"ni", "NI", 3},
    [VSZ] = {"vsz", "VSZ", 6},         [RSS] = {"rss", "RSS", 6},     [CMD] = {"cmd", "CMD", -1},
    [COMM] = {"comm", "COMMAND", -15},
};
#define KINDS (sizeof(columns) / sizeof(columns[0]))

static enum column_kind chosen[COLUMNS_MOST];
static int count;

static void choose(const char *names)
{
    count = 0;
    while (*names != '\0' && count < COLUMNS_MOST) {
        size_t length = strcspn(names, ","), i = 0;

        while (i < KINDS && (strlen(columns[i].name) != length ||
                             strncmp(columns[i].name, names, length) != 0)) {
            i++;
        }
        if (i == KINDS) {
            i = strncmp(names, "args", length) == 0 ? CMD : KINDS;
        }
        if (i == KINDS) {
            errx(1, "no such column: %s", names);
        }
        chosen[count++] = (enum column_kind)i;
        names += length + (names[length] == ',');
    }
}

static void terminal_text(int device, char *to, size_t size)
{
    int major = device >> 8 & 0xFF, minor = device & 0xFF;

    if (major == 4) {
        snprintf(to, size, minor >= 64 ? "ttyS%d" : "tty%d", minor >= 64 ? minor - 64 : minor);
    } else if (device == 0) {
        snprintf(to, size, "?");
    } else {
        snprintf(to, size, major == 136 ? "pts/%d" : "%d", minor);
    }
}

/* The state, s: it leads a session, +: its group is in the foreground. */
static void state_text(const struct process_entry *entry, char *to, size_t size)
{
    const int *fields = entry->fields;

    snprintf(to, size, "%c%s%s", entry->state, fields[FIELD_SESSION] == entry->pid ? "s" : "",
             fields[FIELD_TERMINAL] != 0 && fields[FIELD_FOREGROUND] == fields[FIELD_GROUP] ? "+"
                                                                                            : "");
}

static void user_text(uint32_t number, char *to, size_t size)
{
    const struct passwd *user = getpwuid(number);

    if (user != NULL) {
        snprintf(to, size, "%s", user->pw_name);
    } else {
        snprintf(to, size, "%u", number);
    }
}

static void text_of(const struct process_entry *entry, enum column_kind kind, char *to, size_t size)
{
    int hundredths = entry->fields[FIELD_USER] + entry->fields[FIELD_SYSTEM];

    switch (kind) {
    case PID:
        snprintf(to, size, "%d", entry->pid);
        break;
    case PPID:
        snprintf(to, size, "%d", entry->fields[FIELD_PARENT]);
        break;
    case PGID:
        snprintf(to, size, "%d", entry->fields[FIELD_GROUP]);
        break;
    case SID:
        snprintf(to, size, "%d", entry->fields[FIELD_SESSION]);
        break;
    case TTY:
        terminal_text(entry->fields[FIELD_TERMINAL], to, size);
        break;
    case STAT:
        state_text(entry, to, size);
        break;
    case TIME:
        snprintf(to, size, "%d.%02d", hundredths / 100, hundredths % 100);
        break;
    case USER:
        user_text(entry->user, to, size);
        break;
    case NICE:
        snprintf(to, size, "%d", entry->fields[FIELD_NICE]);
        break;
    case VSZ:
        snprintf(to, size, "%u", (uint32_t)entry->fields[FIELD_BYTES] / 1024);
        break;
    case RSS:
        snprintf(to, size, "%u", (uint32_t)entry->fields[FIELD_PAGES] * 4);
        break;
    case CMD:
        snprintf(to, size, "%s", entry->command);
        break;
    case COMM:
        snprintf(to, size, "%s", entry->name);
        break;
    }
}

static void show(const struct process_entry *entry)
{
    char text[128];

    for (int i = 0; i < count; i++) {
        int width = columns[chosen[i]].width;

        if (entry == NULL) {
            snprintf(text, sizeof(text), "%s", columns[chosen[i]].title);
        } else {
            text_of(entry, chosen[i], text, sizeof(text));
        }
        printf(i + 1 == count ? "%*s" : "%*s ", i + 1 == count && width < 0 ? 0 : width, text);
    }
    putchar('\n');
}

int main(int argc, char **argv)
{
    static struct process_entry entries[PROCESSES_MOST];
    int processes = read_processes(entries), only = 0, shown = 0;

    choose("pid,ppid,pgid,sid,tty,stat,time,cmd");
    for (int i = 1; i < argc; i++) {
        const char *word = argv[i];

        if (strcmp(word, "-o") == 0 && argv[i + 1] != NULL) {
            choose(argv[++i]);
        } else if (strcmp(word, "-p") == 0 && argv[i + 1] != NULL) {
            only = atoi(argv[++i]);
        } else if (strchr(word, 'u') != NULL) {
            choose("user,pid,ppid,ni,vsz,rss,tty,stat,time,cmd");
        } else if (strchr(word, 'f') != NULL) {
            choose("user,pid,ppid,pgid,sid,tty,stat,time,cmd");
        }
    }
    show(NULL);
    for (int i = 0; i < processes; i++) {
        if (only == 0 || entries[i].pid == only) {
            show(&entries[i]);
            shown++;
        }
    }
    return finish_output(shown == 0);
}
