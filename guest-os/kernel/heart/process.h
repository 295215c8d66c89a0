/* The process control block (PCB) and the table of all processes.
 * SPDX-License-Identifier: MIT */
#pragma once

#include "heart/memory.h"
#include "heart/trap.h"
#include "include/abi.h"

#define PROCESS_LIMIT    128
#define NAME_BYTES       16
#define PID_INIT         1
#define DESCRIPTOR_LIMIT 32 /* open files of one process */
#define GROUPS_LIMIT     32 /* groups of users that a process is in, besides its own */

struct file; /* files/file.h */
struct tty;  /* drivers/tty.h */
struct node; /* files/node.h */

enum process_state {
    PROCESS_UNUSED,  /* the slot is free */
    PROCESS_READY,   /* in the ready queue; its CPU state is on its kernel stack */
    PROCESS_RUNNING, /* the one in `current` */
    PROCESS_WAITING, /* asleep in a system call, until `waiting_for` or a signal */
    PROCESS_STOPPED, /* by a stop signal, until SIGCONT or SIGKILL */
    PROCESS_ZOMBIE   /* ended; the parent has not asked for the status yet */
};

/* What came with a pending signal, for siginfo. */
struct signal_cause {
    int32_t code;    /* SI_..., SEGV_..., CLD_... */
    uint32_t value;  /* pid of the sender or child, or the address of the exception */
    uint32_t user;   /* real user of the sender or child */
    int32_t status;  /* SIGCHLD: exit status or signal number */
    bool is_address; /* `value` is an address */
};

struct process {
    /* who it is */
    int32_t pid;              /* 1.. ; 0: the idle process */
    struct process *parent;   /* NULL only for idle, init and kernel threads */
    int32_t group;            /* process group: the processes of one job */
    int32_t session;          /* the groups that share a terminal */
    struct tty *terminal;     /* the controlling one, NULL: none */
    bool has_executed;        /* execve worked since fork */
    bool is_kernel_thread;    /* has no program: heart/kernel_thread.h */
    uint32_t start_tick;      /* when it was made */
    char name[NAME_BYTES];    /* last part of the program's path */
    enum process_state state; /* see above */

    /* whose it is; see credentials(7) */
    union {
        struct {
            uint32_t uid;  /* real user: who started it */
            uint32_t euid; /* effective: what it may do; 0: everything */
            uint32_t suid; /* saved: what it may become again */
        };
        uint32_t users[3]; /* the same, in this order */
    };
    union {
        struct {
            uint32_t gid, egid, sgid; /* likewise, the group of users */
        };
        uint32_t user_groups[3]; /* the same, in this order */
    };
    uint32_t groups_count;         /* 0..GROUPS_LIMIT */
    uint32_t groups[GROUPS_LIMIT]; /* other groups of users it is in */

    /* where its CPU state is */
    uint32_t kernel_stack_top; /* linear address; traps from user mode start here */
    uint32_t kernel_esp;       /* while not running: where switch_stacks saved its registers */
    struct trap_frame *frame;  /* the user state at the top of the kernel stack */
    int32_t call_number;       /* system call in progress, -1 none */

    /* memory */
    struct address_space *space; /* NULL: none (idle, zombies) */
    uint32_t argv;               /* user address where argv lay at the start */

    uint32_t thread_base;  /* with `thread_set`: where its thread area's segment begins */
    uint32_t thread_limit; /* last offset, 20 bits */
    bool thread_in_pages;  /* the limit counts pages */
    bool thread_set;       /* set_thread_area was called */

    /* files */
    struct file *descriptors[DESCRIPTOR_LIMIT]; /* NULL: free */
    uint32_t close_on_exec;                     /* bit n: descriptor n is closed by execve */
    struct node *root;                          /* its "/", NULL: everybody's */
    struct node *directory;                     /* the current one */
    struct node *program;                       /* the file it runs */
    struct node *program_directory;             /* where that was found */
    uint32_t umask;                             /* permissions that new files do not get */

    /* scheduling; in ticks of the timer */
    struct process *next_ready; /* queue link */
    const void *waiting_for;    /* address of what it waits for, while PROCESS_WAITING */
    uint32_t slice_left;        /* ticks until others get their turn */
    uint32_t wake_tick;         /* with `wake_set`: when its nanosleep ends */
    bool wake_set;
    uint32_t alarm_tick; /* with `alarm_set`: when SIGALRM is due */
    bool alarm_set;
    uint32_t sleep_left_to;         /* nanosleep: user address for the time left, 0 none */
    uint32_t user_ticks;            /* found running in user mode */
    uint32_t system_ticks;          /* found running in the kernel */
    uint32_t children_user_ticks;   /* of children waited for, and theirs */
    uint32_t children_system_ticks; /* likewise */

    /* signals; bit n-1 stands for signal n */
    sigset_t pending;    /* sent, not delivered */
    sigset_t blocked;    /* the mask */
    sigset_t saved_mask; /* with `mask_is_saved`: the mask before sigsuspend */
    bool mask_is_saved;
    struct kernel_sigaction actions[NSIG + 1]; /* by signal number */
    struct signal_cause causes[NSIG + 1];      /* of the pending ones */
    uint32_t trap_vector, trap_error, cr2;     /* of the last exception, for signal frames */

    /* what the parent will be told */
    int32_t wait_status; /* as waitpid stores it: ended, or stopped by */
    bool stop_unseen;    /* stopped and not yet reported */
    bool continue_unseen;
};

extern struct process process_table[PROCESS_LIMIT]; /* slot 0 is the idle process */
extern struct process *current;                     /* the process that has the CPU */

/* Turn the start-up context into process 0. */
void process_initialise(void);

/* A PCB with pid, kernel stack and nothing else; the caller sets the state. 0, or -EAGAIN (no
 * slot), -ENOMEM. Interrupts may be on: only processes call it, and the kernel is not preempted. */
int32_t process_allocate(struct process **made);

/* Give back the kernel stack and the slot; the process is not running. */
void process_free(struct process *process);

/* The process with this pid that is not free, NULL if there is none. */
struct process *process_find(int32_t pid);

/* credentials.c: has `process` this group of users, as its effective or another one? */
bool process_has_group(const struct process *process, uint32_t group);

/* End the current process: `status` as waitpid reports it. Does not return. */
_Noreturn void process_exit(int32_t status);

/* Let THREAD_DATA be the thread area of this process. Interrupts are off, or it is the current one.
 */
void process_use_thread_area(const struct process *process);

/* Turn the calling thread, the one with PID_INIT, into the first program. Fails with a message and
 * the end of the run: there is nothing to go on with. */
_Noreturn void process_become_init(const char *path, char *const *environment);

/* exec.c: replace the program of `process`; its frame is set for the new one. On an error nothing
 * has changed. `from_user`: argv and envp and their texts are in the current program's memory. */
struct exec_vectors {
    uint32_t argv, envp; /* addresses of arrays of text addresses, ending with 0; or 0 */
    bool from_user;
    const char *first[3]; /* #! scripts: what comes before argv[1], instead of argv[0] */
    uint32_t first_count; /* 0: argv is as it is */
};
int32_t exec_replace(struct process *process, const char *path, const struct exec_vectors *vectors);
