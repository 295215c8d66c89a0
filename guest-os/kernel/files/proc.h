/* The texts of /proc: each makes at most `size` bytes and returns their number, or -E...
 * SPDX-License-Identifier: MIT */
#pragma once

#include "files/node.h"
#include "heart/process.h"

struct file;

/* ---- about a process: proc_process.c ---- */

int32_t proc_cmdline(const struct process *process, char *to, uint32_t size);
int32_t proc_comm(const struct process *process, char *to, uint32_t size);
int32_t proc_cwd(const struct process *process, char *to, uint32_t size);
int32_t proc_environ(const struct process *process, char *to, uint32_t size);
int32_t proc_exe(const struct process *process, char *to, uint32_t size);
int32_t proc_maps(const struct process *process, char *to, uint32_t size);
int32_t proc_root(const struct process *process, char *to, uint32_t size);
int32_t proc_stat(const struct process *process, char *to, uint32_t size);
int32_t proc_status(const struct process *process, char *to, uint32_t size);

/* The open file of a descriptor, NULL: none; and what its link says. */
struct file *proc_file(const struct process *process, uint32_t fd);
int32_t proc_descriptor(const struct process *process, uint32_t fd, char *to, uint32_t size);

/* ---- about the system, whatever `process` is: proc_system.c ---- */

int32_t proc_buffers(const struct process *process, char *to, uint32_t size);
int32_t proc_core_pattern(const struct process *process, char *to, uint32_t size);
int32_t proc_cpuinfo(const struct process *process, char *to, uint32_t size);
int32_t proc_filesystems(const struct process *process, char *to, uint32_t size);
int32_t proc_hostname(const struct process *process, char *to, uint32_t size);
int32_t proc_syscalls(const struct process *process, char *to, uint32_t size);
int32_t proc_interrupts(const struct process *process, char *to, uint32_t size);
int32_t proc_loadavg(const struct process *process, char *to, uint32_t size);
int32_t proc_meminfo(const struct process *process, char *to, uint32_t size);
int32_t proc_mounts(const struct process *process, char *to, uint32_t size);
int32_t proc_osrelease(const struct process *process, char *to, uint32_t size);
int32_t proc_ostype(const struct process *process, char *to, uint32_t size);
int32_t proc_pid_max(const struct process *process, char *to, uint32_t size);
int32_t proc_self(const struct process *process, char *to, uint32_t size);
int32_t proc_slabinfo(const struct process *process, char *to, uint32_t size);
int32_t proc_stat_of_all(const struct process *process, char *to, uint32_t size);
int32_t proc_uptime(const struct process *process, char *to, uint32_t size);
int32_t proc_version(const struct process *process, char *to, uint32_t size);

/* What is written to a file; 0 or -EINVAL. */
int32_t proc_set_core_pattern(const char *text);
int32_t proc_set_pid_max(const char *text);
int32_t proc_set_hostname(const char *text);

/* The length of a text that snprintf made in parts, which may not have fitted. */
int32_t proc_appended(uint32_t used, uint32_t size);

/* Ticks in the unit that programs know. */
uint32_t proc_user_hz(uint32_t tick_count);
