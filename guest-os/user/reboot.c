/* reboot: writes what is still to be written, and starts the machine anew.
 * SPDX-License-Identifier: MIT */
#include <err.h>
#include <sys/reboot.h>
#include <unistd.h>

int main(void)
{
    sync();
    reboot(REBOOT_MAGIC1, REBOOT_MAGIC2, REBOOT_RESTART, NULL);
    err(1, "reboot");
}
