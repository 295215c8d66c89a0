/* poweroff [-f]: ends the run of the machine, with status 0. init ends all programs first; with -f,
 * or where process 1 is another program, it happens at once. SPDX-License-Identifier: MIT */
#include "user/end_run.h"

int main(int argc, char **argv)
{
    (void)argc;
    return end_run(argv, SIGUSR2, REBOOT_POWER_OFF);
}
