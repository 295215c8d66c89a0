/* The program without a window: it starts in a few milliseconds, as it need not load the window's
 * some fifty libraries. Where the window or the terminal's view of it is wanted, the program beside
 * it takes over in the same process.
 * SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "emu/window_host.h"

window_runner *window_host_runner(char **arguments, struct err *err)
{
    static const char suffix[] = "-window";
    char program[4096 + sizeof(suffix)];
    ssize_t length = readlink("/proc/self/exe", program, 4096);

    memcpy(program + (length > 0 ? length : 0), suffix, sizeof(suffix));
    execv(program, arguments);
    err_set(err, "%.250s, which has the window: %s; build or install it, or use --headless",
            program, strerror(errno));
    return NULL;
}
