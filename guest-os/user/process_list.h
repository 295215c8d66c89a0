/* What ps and pstree read from /proc. SPDX-License-Identifier: MIT */
#pragma once

#include <dirent.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PROCESSES_MOST 200
#define STAT_FIELDS    22

struct process_entry {
    int pid;
    char name[20];
    char state;              /* R, S, T, Z */
    int fields[STAT_FIELDS]; /* of /proc/PID/stat after the state: [0] is the parent's pid */
    char command[80];        /* argv, with blanks between; [name] if it has none */
    uint32_t user;           /* its owner */
    bool is_kernel;          /* a thread of the kernel: it has no arguments */
};
enum {
    FIELD_PARENT = 0,
    FIELD_GROUP = 1,
    FIELD_SESSION = 2,
    FIELD_TERMINAL = 3, /* device number, 0 none */
    FIELD_FOREGROUND = 4,
    FIELD_USER = 10,
    FIELD_SYSTEM = 11,
    FIELD_NICE = 15,
    FIELD_BYTES = 19, /* of memory that is mapped */
    FIELD_PAGES = 20, /* of memory that is there */
};

/* The file's text in to[0..size); its length, -1: it is not there. */
static inline int read_text(const char *path, char *to, size_t size)
{
    int fd = open(path, O_RDONLY), length = -1;

    if (fd >= 0) {
        length = read(fd, to, size - 1);
        close(fd);
    }
    to[length > 0 ? length : 0] = '\0';
    return length;
}

static inline bool read_process(const char *pid, struct process_entry *entry)
{
    char path[40], text[512];
    struct stat64 status;
    char *open_bracket, *close_bracket;
    int length;

    snprintf(path, sizeof(path), "/proc/%s/stat", pid);
    if (read_text(path, text, sizeof(text)) <= 0) {
        return false; /* it ended in the meantime */
    }
    open_bracket = strchr(text, '(');
    close_bracket = strrchr(text, ')');
    if (open_bracket == NULL || close_bracket == NULL) {
        return false;
    }
    *close_bracket = '\0';
    *entry = (struct process_entry){.pid = atoi(text), .state = close_bracket[2]};
    snprintf(entry->name, sizeof(entry->name), "%s", open_bracket + 1);
    close_bracket += 3;
    for (int i = 0; i < STAT_FIELDS; i++) {
        entry->fields[i] = (int)strtol(close_bracket, &close_bracket, 10);
    }
    snprintf(path, sizeof(path), "/proc/%s", pid);
    entry->user = stat(path, &status) == 0 ? status.st_uid : 0;
    snprintf(path, sizeof(path), "/proc/%s/cmdline", pid);
    length = read_text(path, entry->command, sizeof(entry->command));
    for (int i = 0; i < length - 1; i++) {
        if (entry->command[i] == '\0') {
            entry->command[i] = ' ';
        }
    }
    entry->is_kernel = length <= 0 && entry->state != 'Z';
    if (length <= 0) {
        snprintf(entry->command, sizeof(entry->command), "[%s]", entry->name);
    }
    return true;
}

/* All processes, in the order of /proc; how many. */
static inline int read_processes(struct process_entry *entries)
{
    DIR *directory = opendir("/proc");
    struct dirent64 *entry;
    int count = 0;

    if (directory == NULL) {
        perror("/proc");
        return 0;
    }
    while ((entry = readdir(directory)) != NULL && count < PROCESSES_MOST) {
        if (entry->d_name[0] >= '0' && entry->d_name[0] <= '9') {
            count += read_process(entry->d_name, &entries[count]);
        }
    }
    closedir(directory);
    return count;
}
