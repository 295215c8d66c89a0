/* init, process 1: runs /etc/rc, lets people log in, takes care of processes whose parents have
 * ended, and ends the run. What it starts stands in /etc/inittab. Words of the kernel's command
 * line are its environment: single       only a shell on the console autologin=1  (for getty) no
 * name and no password is asked for exec=        run one program of the host: job.c demo= once,
 * counters: become /bin/demo_once Signals: SIGTERM or SIGUSR2 power off, SIGUSR1 halt, SIGINT
 * (Ctrl-Alt-Del) restart. SPDX-License-Identifier: MIT */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/reboot.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "user/init/init.h"

#define EARLY_SECONDS 2 /* a program that ends sooner is started again only so many times */
#define EARLY_LIMIT   5

static struct entry entries[ENTRY_LIMIT];
static int entry_count;

static void on_end(int signal_number)
{
    switch (signal_number) {
    case SIGUSR1:
        shut_down(REBOOT_HALT, "halt");
    case SIGINT:
        shut_down(REBOOT_RESTART, "restart");
    default:
        shut_down(REBOOT_POWER_OFF, "power off");
    }
}

static void listen_for_the_end(void)
{
    static const int signals[] = {SIGTERM, SIGUSR1, SIGUSR2, SIGINT};

    for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++) {
        signal(signals[i], on_end);
    }
}

static int seconds(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec;
}

static void start(struct entry *entry)
{
    entry->started = seconds();
    entry->pid = start_on_terminal(entry->terminal, entry->words);
}

/* Its program has ended: start it again, unless that is in vain. */
static void respawn(struct entry *entry, int status)
{
    bool early = seconds() - entry->started < EARLY_SECONDS;

    entry->pid = 0;
    entry->early = early && status != 0 ? entry->early + 1 : 0;
    if (entry->early == EARLY_LIMIT) {
        printf("init: %s on %s ends at once, again and again; not started any more\n",
               entry->words[0], entry->terminal);
        return;
    }
    start(entry);
}

/* Wait for one process; false: there are none. */
static bool reap_one(void)
{
    int status, pid = waitpid(-1, &status, 0);

    if (pid < 0) {
        return errno == EINTR;
    }
    for (int i = 0; i < entry_count; i++) {
        if (entries[i].pid == pid && strcmp(entries[i].action, "boot") != 0) {
            respawn(&entries[i], status);
        } else if (entries[i].pid == pid) {
            entries[i].pid = 0;
        }
    }
    return true;
}

/* Start all entries with this action. */
static void start_all(const char *action)
{
    for (int i = 0; i < entry_count; i++) {
        if (strcmp(entries[i].action, action) == 0) {
            start(&entries[i]);
        }
    }
}

static bool is_running(const char *action)
{
    for (int i = 0; i < entry_count; i++) {
        if (entries[i].pid > 0 && strcmp(entries[i].action, action) == 0) {
            return true;
        }
    }
    return false;
}

static void become_demo(void)
{
    char *const argv[] = {"/bin/demo_once", NULL};

    execve(argv[0], argv, environ);
    perror(argv[0]);
}

int main(void)
{
    const char *demo = getenv("demo"), *job = getenv("exec");

    if (job != NULL) {
        run_job(strcmp(job, "terminal") == 0);
    }
    if (demo != NULL) {
        become_demo();
    }
    listen_for_the_end();
    entry_count = table_read(entries);
    if (getenv("single") != NULL) {
        start_all("single");
    } else {
        start_all("boot");
        while (is_running("boot") && reap_one()) {}
        start_all("respawn");
    }
    while (reap_one()) {}
    puts("init: nothing is left to do");
    shut_down(REBOOT_POWER_OFF, "power off");
}
