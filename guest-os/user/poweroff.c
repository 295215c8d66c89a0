/* poweroff: ends the run of the machine, with status 0. SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <sys/reboot.h>
#include <unistd.h>

int main(void)
{
    sync();
    reboot(REBOOT_MAGIC1, REBOOT_MAGIC2, REBOOT_POWER_OFF, NULL);
    perror("poweroff");
    return 1;
}
