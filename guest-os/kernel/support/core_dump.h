/* Core files of programs that a signal ended. SPDX-License-Identifier: MIT */
#pragma once

#include "heart/process.h"

/* The registers of a process outside the kernel, as debuggers have them: EBX, ECX, EDX, ESI, EDI,
 * EBP, EAX, DS, ES, FS, GS, the number of the system call, EIP, CS, EFLAGS, ESP, SS. */
#define CORE_REGISTERS 17
void core_registers(const struct process *process, uint32_t to[CORE_REGISTERS]);

extern char core_pattern[NAME_BYTES]; /* what the file is called, in the current directory */

/* Write one for the current process, if RLIMIT_CORE and the directory allow it. False: there is
 * none. Interrupts are on. */
bool core_dump(const struct siginfo *info);
