/* What poweroff, reboot and halt share. SPDX-License-Identifier: MIT */
#pragma once

#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/reboot.h>
#include <unistd.h>

/* Is process 1 the program that understands these signals? */
static bool end_run_has_init(void)
{
    static const char name[] = "/bin/init";
    char text[sizeof(name)] = "";
    int fd = open("/proc/1/cmdline", O_RDONLY);

    if (fd >= 0) {
        read(fd, text, sizeof(text));
        close(fd);
    }
    return memcmp(text, name, sizeof(name)) == 0;
}

/* Exit status of the program, if it comes back. */
static int end_run(char *const *argv, int signal_number, unsigned int command)
{
    bool at_once = argv[1] != NULL && strcmp(argv[1], "-f") == 0;

    sync();
    if (!at_once && end_run_has_init() && kill(1, signal_number) == 0) {
        return 0;
    }
    reboot(REBOOT_MAGIC1, REBOOT_MAGIC2, command, NULL);
    perror(argv[0]);
    return 1;
}
