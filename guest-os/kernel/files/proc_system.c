/* Texts of /proc about the system. See: proc(5). SPDX-License-Identifier: MIT */
#include "calls/machine.h"
#include "common/text.h"
#include "files/buffer.h"
#include "files/proc.h"
#include "heart/clock.h"
#include "heart/cpu.h"
#include "heart/scheduler.h"
#include "heart/system_call.h"
#include "heart/trap.h"
#include "support/core_dump.h"
#include "support/pool.h"

int32_t proc_appended(uint32_t used, uint32_t size)
{
    return (int32_t)(used < size ? used : size - 1);
}

uint32_t proc_user_hz(uint32_t tick_count)
{
    return (uint32_t)((uint64_t)tick_count * USER_HZ / tick_hz);
}

int32_t proc_self(const struct process *process, char *to, uint32_t size)
{
    (void)process;
    return snprintf(to, size, "%d", current->leader->pid);
}

int32_t proc_meminfo(const struct process *process, char *to, uint32_t size)
{
    uint32_t free_kib = frames_free() * (PAGE_SIZE / 1024);
    struct buffer_counts buffers = buffers_count();
    uint32_t buffers_kib = buffers.all * (PAGE_SIZE / 1024);
    uint32_t dirty_kib = buffers.dirty * (PAGE_SIZE / 1024);

    (void)process;
    return snprintf(to, size,
                    "MemTotal:       %8u kB\nMemFree:        %8u kB\nMemAvailable:   %8u kB\n"
                    "Buffers:        %8u kB\nCached:                0 kB\n"
                    "SwapTotal:             0 kB\nSwapFree:              0 kB\n"
                    "Dirty:          %8u kB\n",
                    frames_total() * (PAGE_SIZE / 1024), free_kib,
                    free_kib + buffers_kib - dirty_kib, buffers_kib, dirty_kib);
}

/* Not in Linux: a pinned buffer that nobody works on is one that was forgotten. */
int32_t proc_buffers(const struct process *process, char *to, uint32_t size)
{
    struct buffer_counts buffers = buffers_count();

    (void)process;
    return snprintf(to, size, "buffers %u of %u, dirty %u, pinned %u, lost %u\n", buffers.all,
                    buffers.limit, buffers.dirty, buffers.pinned, buffers.lost);
}

/* What the kernel's heap holds, in the first columns of Linux's table. */
int32_t proc_slabinfo(const struct process *process, char *to, uint32_t size)
{
    uint32_t used =
        (uint32_t)snprintf(to, size,
                           "slabinfo - version: 2.1\n# name            <active_objs> <num_objs> "
                           "<objsize> <objperslab> <pagesperslab>\n");

    (void)process;
    for (const struct pool *at = pool_first(); at != NULL && used < size; at = at->next) {
        uint32_t per_page = pool_per_page(at);

        used += (uint32_t)snprintf(to + used, size - used, "%-17s %6u %6u %6u %4u %4u\n", at->name,
                                   at->used, at->pages * per_page, at->bytes, per_page, 1u);
    }
    return proc_appended(used, size);
}

int32_t proc_mounts(const struct process *process, char *to, uint32_t size)
{
    uint32_t used = 0;

    (void)process;
    for (struct file_system *at = file_systems; at != NULL && used < size; at = at->next) {
        const char *rights = at->read_only ? "ro" : "rw";
        int32_t length;

        used += (uint32_t)snprintf(to + used, size - used, "%s ", at->source);
        length = used < size ? path_of(at->root, to + used, size - used) : -ERANGE;
        if (length > 0) {
            used += (uint32_t)length;
            used +=
                (uint32_t)snprintf(to + used, size - used, " %s %s 0 0\n", at->kind->name, rights);
        }
    }
    return proc_appended(used, size);
}

/* Ticks of all processes together, those that ended included, since each parent takes over what its
 * children used. */
static uint32_t busy_ticks(bool user)
{
    uint32_t sum = 0;

    for (const struct process *process = process_first; process != NULL; process = process->next) {
        const struct thread_group *together = &process->together;

        sum +=
            user ? process->user_ticks + together->ended_user_ticks + together->children_user_ticks
                 : process->system_ticks + together->ended_system_ticks +
                       together->children_system_ticks;
    }
    return sum;
}

static uint32_t count_in_state(bool running)
{
    uint32_t count = 0;

    for (const struct process *process = process_first; process != NULL; process = process->next) {
        bool runs = process->state == PROCESS_READY || process->state == PROCESS_RUNNING;

        count += runs || !running;
    }
    return count;
}

int32_t proc_stat_of_all(const struct process *process, char *to, uint32_t size)
{
    uint32_t user = proc_user_hz(busy_ticks(true)), system = proc_user_hz(busy_ticks(false));
    uint32_t idle_time = proc_user_hz(process_idle.system_ticks), interrupts = 0;
    uint64_t start = realtime_microseconds() - (uint64_t)ticks * 1000000 / tick_hz;

    (void)process;
    for (uint32_t irq = 0; irq < 16; irq++) {
        interrupts += trap_irq_count(irq);
    }
    return snprintf(to, size,
                    "cpu  %u 0 %u %u 0 0 0 0 0 0\ncpu0 %u 0 %u %u 0 0 0 0 0 0\nintr %u\nctxt %u\n"
                    "btime %u\nprocesses %u\nprocs_running %u\nprocs_blocked 0\n",
                    user, system, idle_time, user, system, idle_time, interrupts, switch_count,
                    (uint32_t)(start / 1000000), process_made_count(), count_in_state(true));
}

int32_t proc_loadavg(const struct process *process, char *to, uint32_t size)
{
    uint32_t hundredths[3];

    (void)process;
    for (uint32_t i = 0; i < 3; i++) {
        hundredths[i] = (load_average[i] * 100) >> LOAD_SHIFT;
    }
    return snprintf(to, size, "%u.%02u %u.%02u %u.%02u %u/%u %d\n", hundredths[0] / 100,
                    hundredths[0] % 100, hundredths[1] / 100, hundredths[1] % 100,
                    hundredths[2] / 100, hundredths[2] % 100, count_in_state(true),
                    count_in_state(false), process_last_pid());
}

int32_t proc_version(const struct process *process, char *to, uint32_t size)
{
    const struct utsname *names = machine_names();

    (void)process;
    return snprintf(to, size, "%s version %s (%s)\n", names->sysname, names->release,
                    names->version);
}

int32_t proc_cpuinfo(const struct process *process, char *to, uint32_t size)
{
    static const char *const names[32] = {
        [0] = "fpu",  [1] = "vme",   [2] = "de",   [3] = "pse",   [4] = "tsc",  [5] = "msr",
        [8] = "cx8",  [9] = "apic",  [13] = "pge", [15] = "cmov", [16] = "pat", [19] = "clflush",
        [23] = "mmx", [24] = "fxsr", [25] = "sse", [26] = "sse2",
    };
    struct cpu_identity identity;
    uint32_t used;

    (void)process;
    cpu_identify(&identity);
    used = (uint32_t)snprintf(to, size,
                              "processor\t: 0\nvendor_id\t: %s\ncpu family\t: %u\nmodel\t\t: %u\n"
                              "stepping\t: %u\nfpu\t\t: %s\ncpuid level\t: %u\nflags\t\t:",
                              identity.vendor, identity.signature >> 8 & 0xF,
                              identity.signature >> 4 & 0xF, identity.signature & 0xF,
                              identity.features & 1 ? "yes" : "no", identity.last_leaf);
    for (uint32_t bit = 0; bit < 32 && used < size; bit++) {
        if ((identity.features >> bit & 1) && names[bit] != NULL) {
            used += (uint32_t)snprintf(to + used, size - used, " %s", names[bit]);
        }
    }
    used += used < size ? (uint32_t)snprintf(to + used, size - used, "\n") : 0;
    return proc_appended(used, size);
}

int32_t proc_interrupts(const struct process *process, char *to, uint32_t size)
{
    static const char *const names[16] = {
        [0] = "timer", [1] = "keyboard", [2] = "cascade", [3] = "ttyS1",
        [4] = "ttyS0", [8] = "rtc",      [14] = "ata0",   [15] = "ata1",
    };
    uint32_t used = (uint32_t)snprintf(to, size, "           CPU0\n");

    (void)process;
    for (uint32_t irq = 0; irq < 16 && used < size; irq++) {
        if (trap_irq_count(irq) > 0) {
            used += (uint32_t)snprintf(to + used, size - used, "%3u: %10u    XT-PIC  %s\n", irq,
                                       trap_irq_count(irq), names[irq] == NULL ? "" : names[irq]);
        }
    }
    return proc_appended(used, size);
}

/* Our own: number, name and uses of each call that was used. */
int32_t proc_syscalls(const struct process *process, char *to, uint32_t size)
{
    uint32_t used = 0;

    (void)process;
    for (uint32_t row = 0; row < SYSTEM_CALL_LIMIT && used < size; row++) {
        uint32_t number = SYSTEM_CALL_NUMBER(row);

        if (system_call_count(number) > 0) {
            used +=
                (uint32_t)snprintf(to + used, size - used, "%u %s %u\n", number,
                                   system_call_name((int32_t)number), system_call_count(number));
        }
    }
    return proc_appended(used, size);
}

int32_t proc_filesystems(const struct process *process, char *to, uint32_t size)
{
    (void)process;
    return snprintf(to, size, "nodev\ttmpfs\nnodev\tproc\nnodev\tcpio\n\text2\n");
}

/* ---- sys/kernel ---- */

int32_t proc_pid_max(const struct process *process, char *to, uint32_t size)
{
    (void)process;
    return snprintf(to, size, "%d\n", pid_limit);
}

/* From the next process on; it has to leave room for those that are there. */
int32_t proc_set_pid_max(const char *text)
{
    int32_t wanted = atoi(text);

    if (wanted < PID_LEAST_LIMIT || wanted > PID_LIMIT) {
        return -EINVAL;
    }
    pid_limit = wanted;
    return 0;
}

int32_t proc_core_pattern(const struct process *process, char *to, uint32_t size)
{
    (void)process;
    return snprintf(to, size, "%s\n", core_pattern);
}

/* A name in the current directory. */
int32_t proc_set_core_pattern(const char *text)
{
    if (strlen(text) >= sizeof(core_pattern) || strpbrk(text, "/%|") != NULL) {
        return -EINVAL;
    }
    copy_text(core_pattern, text, sizeof(core_pattern));
    return 0;
}

int32_t proc_hostname(const struct process *process, char *to, uint32_t size)
{
    (void)process;
    return snprintf(to, size, "%s\n", machine_names()->nodename);
}

int32_t proc_set_hostname(const char *text)
{
    return machine_set_name(text);
}

int32_t proc_ostype(const struct process *process, char *to, uint32_t size)
{
    (void)process;
    return snprintf(to, size, "%s\n", machine_names()->sysname);
}

int32_t proc_osrelease(const struct process *process, char *to, uint32_t size)
{
    (void)process;
    return snprintf(to, size, "%s\n", machine_names()->release);
}

int32_t proc_uptime(const struct process *process, char *to, uint32_t size)
{
    uint32_t now = proc_user_hz(ticks), idle_time = proc_user_hz(process_idle.system_ticks);

    (void)process;
    return snprintf(to, size, "%u.%02u %u.%02u\n", now / USER_HZ, now % USER_HZ,
                    idle_time / USER_HZ, idle_time % USER_HZ);
}
