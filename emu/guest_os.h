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
#define GUEST_REASON_BYTES  48u
#define GUEST_USER_EIP      8u /* in guest_process.user */
#define GUEST_USER_EFLAGS   9u
#define GUEST_USER_CS       10u
#define GUEST_USER_SS       11u
#define GUEST_USER_COUNT    12u

struct guest_os;

/* Members that are plain numbers: how the program, a description and people call them. */
#define GUEST_NUMBERS(X)                                                                           \
    X(SESSION, "session")             /* of process groups */                                      \
    X(OWNER, "owner")                 /* real user */                                              \
    X(EFFECTIVE, "effective")         /* the user whose rights it has */                           \
    X(OWNER_GROUP, "owner-group")     /* group of users */                                         \
    X(TERMINAL, "terminal")           /* device number: major << 8 | minor */                      \
    X(NICE, "nice")                   /* priority: -20 first .. 19 last */                         \
    X(SLICE, "slice")                 /* ticks left of its turn */                                 \
    X(ROUNDS, "rounds")               /* times that others go first */                             \
    X(USER_TICKS, "user-ticks")       /* found running in user mode */                             \
    X(SYSTEM_TICKS, "system-ticks")   /* found running in the kernel */                            \
    X(START, "start")                 /* tick when it was made */                                  \
    X(WAKE, "wake")                   /* tick when its sleep ends, with WAKE_SET */                \
    X(WAKE_SET, "wake-set")           /* 1: WAKE counts */                                         \
    X(CALL, "call")                   /* system call in progress, -1 none */                       \
    X(KERNEL_THREAD, "kernel-thread") /* 1: has no program */                                      \
    X(PENDING, "pending")             /* signals sent to the thread, bit n - 1 */                  \
    X(PENDING_ALL, "pending-all")     /* to its program */                                         \
    X(BLOCKED, "blocked")             /* the mask */                                               \
    X(SIGNAL_STACK, "signal-stack")   /* where it begins, linear */                                \
    X(SIGNAL_STACK_BYTES, "signal-stack-bytes")                                                    \
    X(STATUS, "status") /* for the parent, as waitpid stores it */

enum guest_number {
#define X(name, word) GUEST_##name,
    GUEST_NUMBERS(X)
#undef X
        GUEST_NUMBER_COUNT
};

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
    uint32_t numbers_known;              /* bit enum guest_number */
    uint32_t numbers[GUEST_NUMBER_COUNT]; /* as they lie there; -1 is UINT32_MAX */
    char reason[GUEST_REASON_BYTES];      /* what it waits for in words, "": not known */
    uint32_t waits_for_child;             /* 1: the reason is its own structure */
};

#define GUEST_REGIONS_MAX 48u
#define GUEST_FILES_MAX   32u

/* A part of a program's memory. */
struct guest_region {
    uint32_t start;   /* linear */
    uint32_t end;     /* first address behind it */
    uint32_t flags;   /* as the kernel has them; guest_os_region_flag() names the bits */
    uint32_t is_file; /* 1: its pages come from a file */
};

struct guest_file {
    uint32_t number;   /* the descriptor */
    uint32_t kind;     /* linear address of what can be done with it; its symbol says what it is */
    uint32_t flags;    /* O_... */
    uint32_t offset;   /* bytes */
    uint32_t users;    /* descriptors that share it */
    uint32_t device;   /* device number, 0: none */
    uint32_t node;     /* number of its node, 0: none */
    char terminal[16]; /* name of the terminal, "": none */
};

/* What only one process is asked for. */
struct guest_detail {
    uint32_t region_count; /* 0..GUEST_REGIONS_MAX */
    uint32_t regions_all;  /* that there are */
    struct guest_region regions[GUEST_REGIONS_MAX];
    uint32_t file_count; /* 0..GUEST_FILES_MAX */
    uint32_t files_all;  /* open */
    struct guest_file files[GUEST_FILES_MAX];
    uint32_t base;  /* physical, of its one area without paging; with bound 0: none */
    uint32_t bound; /* bytes */
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
/* Memory map and open files of one process, by the address of its structure. */
void guest_os_detail(const struct guest_os *os, struct machine *machine, uint32_t process,
                     struct guest_detail *detail);
/* The word for a bit of guest_region.flags, NULL: none. */
const char *guest_os_region_flag(const struct guest_os *os, uint32_t bit);
/* How people and descriptions call a number. */
const char *guest_number_word(enum guest_number number);
/* Ticks of the kernel's timer in a second, and since the start; false: not described. */
bool guest_os_ticks(const struct guest_os *os, struct machine *machine, uint32_t *hz,
                    uint32_t *now);
/* The name of the structure of a process ("process"), and its debug information. */
const char *guest_os_structure(const struct guest_os *os, const struct dwarf_info **info);
/* What a kernel that runs without paging in segments with a base adds to its addresses; else 0. */
uint32_t guest_os_base(struct machine *machine);
/* Which register lies in word `index` from the saved stack pointer on ("eip"), "" for one that is
 * none; NULL behind the last. */
const char *guest_os_saved(const struct guest_os *os, uint32_t index);
/* Where the saved user state of a process lies, and the structure it is; 0: none. */
uint32_t guest_os_frame(const struct guest_os *os, struct machine *machine, uint32_t process,
                        const char **structure);
/* The structure of the process that has the processor, 0: none yet. And one process by the address
 * of its structure; false: there is none. */
uint32_t guest_os_current_address(const struct guest_os *os, struct machine *machine);
bool guest_os_at(const struct guest_os *os, struct machine *machine, uint32_t address,
                 struct guest_process *process);
/* What the program of a process does about signals 1..count - 1, by number: 0 the default, 1
 * nothing, else where its handler is. false: not described. */
bool guest_os_handlers(const struct guest_os *os, struct machine *machine, uint32_t process,
                       uint32_t *handlers, uint32_t count);
