/* The end: processes are asked to end, then made to; the disk gets what memory still holds; then
 * the machine is turned off or restarted. SPDX-License-Identifier: MIT */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <sys/reboot.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "user/init/init.h"

#define PATIENCE 20 /* times 0.1 s for programs to end by themselves */

/* Reap until nobody is left, for so many tenths of a second; true: nobody is. */
static bool all_gone(int tenths)
{
    const struct timespec tenth = {0, 100000000};
    int pid;

    for (;;) {
        while ((pid = waitpid(-1, NULL, WNOHANG)) > 0) {}
        if (pid < 0 && errno == ECHILD) {
            return true;
        }
        if (tenths-- == 0) {
            return false;
        }
        nanosleep(&tenth, NULL);
    }
}

_Noreturn void shut_down(unsigned int command, const char *words)
{
    printf("init: the system goes down (%s)\n", words);
    kill(-1, SIGTERM);
    kill(-1, SIGHUP); /* a shell that waits for a line does not care for SIGTERM */
    kill(-1, SIGCONT);
    if (!all_gone(PATIENCE)) {
        kill(-1, SIGKILL);
        all_gone(PATIENCE);
    }
    sync();
    if (mount("", "/", "", MS_REMOUNT | MS_RDONLY, NULL) == 0) {
        puts("init: / is read-only now");
    }
    reboot(REBOOT_MAGIC1, REBOOT_MAGIC2, command, NULL);
    for (;;) {
        pause();
    }
}
