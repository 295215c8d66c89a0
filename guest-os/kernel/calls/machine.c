/* System calls about the machine as a whole: its names, its memory and load, its end. Interrupts
 * are on. See: uname(2), sethostname(2), sysinfo(2), reboot(2). SPDX-License-Identifier: MIT */
#include "calls/machine.h"

#include "boot/root.h"
#include "calls/forms.h"
#include "common/text.h"
#include "drivers/pit.h"
#include "drivers/power.h"
#include "heart/process.h"
#include "heart/scheduler.h"
#include "heart/system_call.h"

static struct utsname names = {
    .sysname = "Linux", /* whose interface this is; programs ask for it */
    .nodename = "ringside",
    .release = "4.0.0-ringside",
    .version = "the small kernel",
    .machine = "i486",
    .domainname = "(none)",
};

const struct utsname *machine_names(void)
{
    return &names;
}

int32_t sys_uname(uint32_t to_user)
{
    return copy_to_user(to_user, &names, sizeof(names));
}

int32_t machine_set_name(const char *name)
{
    if (strlen(name) >= UTSNAME_BYTES) {
        return -EINVAL;
    }
    copy_text(names.nodename, name, UTSNAME_BYTES);
    return 0;
}

int32_t machine_take_name(bool of_domain, uint32_t name_at, uint32_t bytes)
{
    char text[UTSNAME_BYTES] = "";

    if (current->euid != 0 || bytes >= UTSNAME_BYTES) {
        return current->euid != 0 ? -EPERM : -EINVAL;
    }
    if (copy_from_user(text, name_at, bytes) != 0) {
        return -EFAULT;
    }
    memcpy(of_domain ? names.domainname : names.nodename, text, UTSNAME_BYTES);
    return 0;
}

int32_t machine_information(struct sysinfo *info)
{
    *info = (struct sysinfo){
        .uptime = (int32_t)(pit_microseconds() / 1000000),
        .totalram = frames_total() * PAGE_SIZE,
        .freeram = frames_free() * PAGE_SIZE,
        .mem_unit = 1,
    };

    for (uint32_t i = 0; i < 3; i++) {
        info->loads[i] = load_average[i] << (16 - LOAD_SHIFT);
    }
    for (const struct process *process = process_first; process != NULL; process = process->next) {
        info->procs++;
    }
    return 0;
}

int32_t sys_reboot(uint32_t magic1, uint32_t magic2, uint32_t command, uint32_t status)
{
    bool is_known = command == REBOOT_POWER_OFF || command == REBOOT_HALT ||
                    command == REBOOT_EXIT || command == REBOOT_RESTART;

    if (current->euid != 0) {
        return -EPERM;
    }
    if (magic1 != REBOOT_MAGIC1 || magic2 != REBOOT_MAGIC2 || !is_known) {
        return -EINVAL;
    }
    root_stop();
    if (command == REBOOT_RESTART) {
        power_restart();
    }
    if (command == REBOOT_EXIT) {
        power_exit(status);
    }
    power_off();
}
