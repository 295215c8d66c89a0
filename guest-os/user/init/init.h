/* init, process 1: between its parts. SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>

#define ENTRY_LIMIT 16
#define WORD_LIMIT  8 /* of a command, the null included */

/* One line of /etc/inittab. */
struct entry {
    char action[12];         /* boot, single, respawn */
    char terminal[16];       /* in /dev */
    char *words[WORD_LIMIT]; /* the program and its arguments */
    int pid;                 /* 0: not running */
    int started;             /* seconds since 1970 */
    int early;               /* how many times in a row it ended at once */
};

/* table.c: read /etc/inittab; how many entries there are. */
int table_read(struct entry entries[ENTRY_LIMIT]);

/* start.c, in a new process: a session of its own with `terminal` as descriptors 0, 1 and 2. */
void take_terminal(const char *terminal);

/* start.c: start a program as the leader of a session that has the terminal; its pid, -1. */
int start_on_terminal(const char *terminal, char *const *argv);

/* job.c: exec=pipe, exec=terminal: run the job that the emulator left in /host, and end the run
 * with its status. */
_Noreturn void run_job(bool on_terminal);

/* shutdown.c: end all processes, bring the disk in order, and then the machine: REBOOT_... */
_Noreturn void shut_down(unsigned int command, const char *words);
