/* System calls about the machine as a whole: its names, its memory and load, its end. Interrupts
 * are on. See: uname(2), sethostname(2), sysinfo(2), reboot(2). SPDX-License-Identifier: MIT */
#include "calls/machine.h"

#include "boot/root.h"
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

int32_t sys_uname(struct trap_frame *frame)
{
    return copy_to_user(frame->ebx, &names, sizeof(names));
}

int32_t machine_set_name(const char *name)
{
    if (strlen(name) >= UTSNAME_BYTES) {
        return -EINVAL;
    }
    copy_text(names.nodename, name, UTSNAME_BYTES);
    return 0;
}

static int32_t set_name(char *name, uint32_t from_user, uint32_t bytes)
{
    char text[UTSNAME_BYTES] = "";

    if (current->euid != 0) {
        return -EPERM;
    }
    if (bytes >= UTSNAME_BYTES) {
        return -EINVAL;
    }
    if (copy_from_user(text, from_user, bytes) != 0) {
        return -EFAULT;
    }
    memcpy(name, text, UTSNAME_BYTES);
    return 0;
}

int32_t sys_sethostname(struct trap_frame *frame)
{
    return set_name(names.nodename, frame->ebx, frame->ecx);
}

int32_t sys_setdomainname(struct trap_frame *frame)
{
    return set_name(names.domainname, frame->ebx, frame->ecx);
}

int32_t sys_sysinfo(struct trap_frame *frame)
{
    struct sysinfo info = {
        .uptime = (int32_t)(pit_microseconds() / 1000000),
        .totalram = frames_total() * PAGE_SIZE,
        .freeram = frames_free() * PAGE_SIZE,
        .mem_unit = 1,
    };

    for (uint32_t i = 0; i < 3; i++) {
        info.loads[i] = load_average[i] << (16 - LOAD_SHIFT);
    }
    for (const struct process *process = process_first; process != NULL; process = process->next) {
        info.procs++;
    }
    return copy_to_user(frame->ebx, &info, sizeof(info));
}

int32_t sys_reboot(struct trap_frame *frame)
{
    if (current->euid != 0) {
        return -EPERM;
    }
    if (frame->ebx != REBOOT_MAGIC1 || frame->ecx != REBOOT_MAGIC2) {
        return -EINVAL;
    }
    switch (frame->edx) {
    case REBOOT_POWER_OFF:
    case REBOOT_HALT:
        root_stop();
        power_off();
    case REBOOT_EXIT:
        root_stop();
        power_exit(frame->esi);
    case REBOOT_RESTART:
        root_stop();
        power_restart();
    default:
        return -EINVAL;
    }
}
