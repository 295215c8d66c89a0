/* What the processes of a guest's kernel are, read out of its memory with its debug information.
 * Which structures to look at is told by a description of a few lines (docs/os-description.md), so
 * that any kernel with a list of processes will do. Nothing is believed: memory may be garbage.
 * SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "emu/dwarf_info.h"
#include "emu/err.h"
#include "emu/machine.h"

#define GUEST_PROCESSES_MAX 1100u /* more are not looked at */
#define GUEST_NAME_BYTES    32u
#define GUEST_USER_EIP      8u /* in guest_process.user */
#define GUEST_USER_EFLAGS   9u
#define GUEST_USER_CS       10u
#define GUEST_USER_SS       11u
#define GUEST_USER_COUNT    12u

struct guest_os;

struct guest_process {
    uint32_t address;                    /* linear, of its structure */
    int32_t pid;                         /* as the kernel numbers it */
    uint32_t is_current;                 /* 1: it has the processor */
    uint32_t is_also;                    /* 1: not in the list: the idle process */
    char name[GUEST_NAME_BYTES];         /* printable characters only */
    char state[GUEST_NAME_BYTES];        /* "ready"; a number if it has no name */
    int32_t parent;                      /* pid, -1: none */
    int32_t group;                       /* process group, -1: not known */
    int32_t program;                     /* pid of the first thread of its program, -1: not known */
    uint32_t waiting_for;                /* linear address, 0: nothing */
    uint32_t directory;                  /* physical, of its page directory; 0: none */
    uint32_t stack_top;                  /* linear, of its kernel stack; 0: not known */
    uint32_t known;                      /* bit n: registers[n] is known; 0: it is running */
    uint32_t registers[DWARF_REGISTERS]; /* where it will go on in the kernel */
    uint32_t user_known;                 /* bit n: user[n] is known */
    uint32_t user[GUEST_USER_COUNT];     /* of its last entry from user mode: enum gpr, and above */
};

/* The description of the bundled kernel. */
const char *guest_os_bundled(void);
/* Understand a description with the debug information that names its structures; `info` stays the
 * caller's and must outlive the result. NULL with *err filled: the line, and what is wrong. */
struct guest_os *guest_os_open(const struct dwarf_info *info, const char *description,
                               struct err *err);
void guest_os_close(struct guest_os *os);
/* All processes that there are now, in the order of the list, those outside it last. 0: none yet,
 * or what is in memory is no list. */
uint32_t guest_os_processes(const struct guest_os *os, struct machine *machine,
                            struct guest_process *list, uint32_t limit);
/* Number and name of the process whose structure is at linear `address`, 0: that has the processor.
 * false: none yet, or garbage. */
bool guest_os_brief(const struct guest_os *os, struct machine *machine, uint32_t address,
                    int32_t *pid, char name[GUEST_NAME_BYTES]);
/* The process that has the processor, without reading all of the list; false: none yet. */
bool guest_os_current(const struct guest_os *os, struct machine *machine, int32_t *pid,
                      bool *is_also);
