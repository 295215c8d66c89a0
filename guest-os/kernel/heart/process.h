/* The process control block (PCB) and the list of all processes. What threads of one program can
 * share (memory, descriptors, directory, handlers) are objects of their own with a count of users;
 * a PCB has pointers to them.
 * SPDX-License-Identifier: MIT */
#pragma once

#include "heart/memory.h"
#include "heart/trap.h"
#include "include/abi.h"

#define PROCESS_LIMIT    1024 /* processes and threads together */
#define PROCESS_RESERVE  16   /* of these, only for root */
#define NAME_BYTES       16
#define PID_INIT         1
#define PID_LIMIT        32768 /* the largest pid + 1 */
#define PID_LEAST_LIMIT  301   /* the least that it can be set to */
#define DESCRIPTOR_LIMIT 256   /* open files of one process */
#define GROUPS_LIMIT     32    /* groups of users that a process is in, besides its own */

struct file; /* files/file.h */
struct tty;  /* drivers/tty.h */
struct node; /* files/node.h */

enum process_state {
    PROCESS_NEW,     /* being made */
    PROCESS_READY,   /* in the ready queue; its CPU state is on its kernel stack */
    PROCESS_RUNNING, /* the one in `current` */
    PROCESS_WAITING, /* asleep in a system call, until `waiting_for` or a signal */
    PROCESS_STOPPED, /* by a stop signal, until SIGCONT or SIGKILL */
    PROCESS_ZOMBIE   /* ended; the parent has not asked for the status yet */
};

/* Open files by number: those who share it see each other's open and close. */
struct descriptor_table {
    uint32_t users;                                /* PCBs */
    struct file *files[DESCRIPTOR_LIMIT];          /* NULL: free */
    uint32_t close_on_exec[DESCRIPTOR_LIMIT / 32]; /* bit n % 32 of word n / 32: descriptor n */
};

/* Where paths begin, and what new files look like. */
struct places {
    uint32_t users;         /* PCBs */
    struct node *root;      /* "/", NULL: everybody's */
    struct node *directory; /* the current one */
    uint32_t umask;         /* permissions that new files do not get */
};

/* What the program does about each signal. */
struct signal_handlers {
    uint32_t users;                            /* PCBs */
    struct kernel_sigaction actions[NSIG + 1]; /* by signal number */
};

/* What came with a pending signal, for siginfo. */
struct signal_cause {
    int32_t code;    /* SI_..., SEGV_..., CLD_... */
    uint32_t value;  /* pid of the sender or child, or the address of the exception */
    uint32_t user;   /* real user of the sender or child */
    int32_t status;  /* SIGCHLD: exit status or signal number */
    bool is_address; /* `value` is an address */
};

/* x87 registers, in the layout that signal frames have on Linux. */
struct x87_state {
    uint32_t words[27];     /* FNSAVE: control, status, tags, last instruction, eight registers */
    uint16_t status;        /* the status word once more */
    uint16_t kind;          /* X87_EXTENDED: `extended` counts; X87_ONLY: `words` */
    uint32_t extended[128]; /* FXSAVE: the same and the SSE registers, where the CPU has them */
};
#define X87_EXTENDED   0u
#define X87_ONLY       0xFFFFu
#define X87_ONLY_BYTES 112u /* of the struct, without `extended` */

/* A timer that runs down while its process runs; ticks. */
struct tick_timer {
    uint32_t left;  /* until the signal, 0: off */
    uint32_t again; /* what it begins with anew, 0: nothing */
};

/* One more of a real-time signal that is pending already. */
struct queued_signal {
    struct queued_signal *next; /* sent later */
    uint32_t signal;            /* SIGRTMIN..NSIG */
    struct signal_cause cause;
};

/* Signals that were sent and not taken yet. */
struct pending_signals {
    struct queued_signal *more;           /* in the order they were sent */
    uint32_t more_count;                  /* how many those are */
    sigset_t set;                         /* bit n-1 stands for signal n */
    struct signal_cause causes[NSIG + 1]; /* of those in the set */
};

/* What belongs to all threads of a program together: the part of the leader's PCB that counts. */
struct thread_group {
    uint32_t threads;               /* that have not ended */
    bool ending;                    /* exit_group, a deadly signal or execve: all others end */
    struct process *survivor;       /* with `ending`: who does not end, NULL all do */
    int32_t status;                 /* with `ending`: what the parent will be told */
    uint32_t stopped_by;            /* stop signal all threads are to obey, 0 none */
    struct pending_signals pending; /* sent to the process, not to one thread */
    struct rlimit limits[RLIM_NLIMITS];
    uint32_t alarm_tick;  /* with `alarm_set`: when SIGALRM is due */
    uint32_t alarm_again; /* ticks after which it comes again, 0 never */
    bool alarm_set;
    struct tick_timer virtual_timer; /* counts ticks in user mode: SIGVTALRM */
    struct tick_timer profile_timer; /* counts all ticks: SIGPROF */
    uint32_t ended_user_ticks;       /* of threads that ended */
    uint32_t ended_system_ticks;     /* likewise */
    uint32_t children_user_ticks;    /* of children waited for, and theirs */
    uint32_t children_system_ticks;  /* likewise */
};

/* Of a thread that another process traces; see ptrace(2). */
struct tracing {
    struct process *tracer;           /* a leader; NULL: nobody */
    uint32_t options;                 /* PTRACE_O_... */
    uint32_t way;                     /* PTRACE_CONT, _SYSCALL, _SINGLESTEP: how it goes on */
    uint32_t signal;                  /* that it takes when it goes on, 0 none */
    uint32_t message;                 /* pid of the last child, for PTRACE_GETEVENTMSG */
    int32_t status;                   /* of the last stop, as waitpid stores it */
    bool is_stopped;                  /* until the tracer lets it go on */
    bool is_unseen;                   /* stopped and not yet reported */
    const struct signal_cause *cause; /* while stopped by a signal; else NULL */
};

struct process {
    struct process *next; /* in the list of all */

    /* who it is */
    int32_t pid;              /* 1.. ; 0: the idle process; of a thread: its own number */
    struct process *leader;   /* the first thread of its program; itself, if it is that */
    struct process *parent;   /* a leader; NULL only for idle, init and kernel threads */
    int32_t group;            /* process group: the processes of one job */
    int32_t session;          /* the groups that share a terminal */
    struct tty *terminal;     /* the controlling one, NULL: none */
    bool has_executed;        /* execve worked since fork */
    bool is_kernel_thread;    /* has no program: heart/kernel_thread.h */
    uint32_t start_tick;      /* when it was made */
    char name[NAME_BYTES];    /* last part of the program's path */
    enum process_state state; /* see above */
    uint32_t end_signal;      /* what the parent hears at the end; 0 nothing */
    uint32_t personality;     /* PERSONALITY_...; children have it, too */

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
    uint32_t kernel_stack;     /* slot of the kernel stacks */
    uint32_t kernel_stack_top; /* linear address; traps from user mode start here */
    uint32_t kernel_esp;       /* while not running: where switch_stacks saved its registers */
    struct trap_frame *frame;  /* the user state at the top of the kernel stack */
    int32_t call_number;       /* system call in progress, -1 none */
    uint32_t thread_base;      /* with `thread_set`: where its thread area's segment begins */
    uint32_t thread_limit;     /* last offset, 20 bits */
    bool thread_in_pages;      /* the limit counts pages */
    bool thread_set;           /* set_thread_area was called */
    bool x87_used;             /* `x87` or the FPU has its state; see x87.c */
    struct x87_state x87;      /* while it is not in the FPU */

    /* memory */
    struct address_space *space; /* NULL: none (idle, zombies) */
    uint32_t clear_tid; /* user address set to 0, and woken, when the thread ends; 0 none */
    struct process *vfork_parent; /* waits until this one has another program or ended */
    bool vfork_waits;             /* is such a parent */

    /* files */
    struct descriptor_table *descriptors;
    struct places *places;
    struct node *program;           /* the file it runs */
    struct node *program_directory; /* where that was found */

    /* scheduling; in ticks of the timer */
    struct process *next_ready; /* queue link */
    const void *waiting_for;    /* address of what it waits for, while PROCESS_WAITING */
    int32_t nice;               /* -20 first .. 19 last */
    uint32_t rounds_left;       /* times that others go first; see scheduler.c */
    uint32_t slice_left;        /* ticks until others get their turn */
    uint32_t wake_tick;         /* with `wake_set`: when its sleep ends */
    bool wake_set;
    bool is_restarted;      /* the call begins again after a stop; `wake_tick` counts */
    uint32_t sleep_left_to; /* nanosleep: user address for the time left, 0 none */
    bool sleep_left_wide;   /* there, seconds have 64 bits */
    uint32_t user_ticks;    /* found running in user mode */
    uint32_t system_ticks;  /* found running in the kernel */

    /* signals; bit n-1 stands for signal n */
    struct signal_handlers *handlers;
    struct pending_signals pending; /* sent to this thread */
    sigset_t blocked;               /* the mask */
    sigset_t saved_mask;            /* with `mask_is_saved`: the mask before sigsuspend */
    bool mask_is_saved;
    sigset_t awaited;                      /* by sigtimedwait, though blocked */
    struct sigaltstack signal_stack;       /* ss_size 0: none */
    uint32_t trap_vector, trap_error, cr2; /* of the last exception, for signal frames */

    /* what the parent will be told */
    int32_t wait_status; /* as waitpid stores it: ended, or stopped by */
    bool stop_unseen;    /* stopped and not yet reported */
    bool continue_unseen;
    struct tracing tracing;

    struct thread_group together; /* of a leader */
};

extern int32_t pid_limit;             /* the largest pid + 1; /proc/sys/kernel/pid_max */
extern struct process *process_first; /* of all but idle, the oldest first */
extern struct process process_idle;
extern struct process *current; /* the process that has the CPU */

/* Turn the start-up context into process 0. */
void process_initialise(void);

/* A PCB with pid and kernel stack, its own leader, in the list and nothing else; the caller sets
 * the state. 0, or -EAGAIN (too many), -ENOMEM. Interrupts may be on: only processes call it, and
 * the kernel is not preempted. */
int32_t process_allocate(struct process **made);

/* Threads that ended can not free their own kernel stacks. */
void process_free_ended_threads(void);

/* Take it off the list and give everything back; the process is not running. */
void process_free(struct process *process);

/* Take part in what `from` has, or get a copy of it (descriptors, directory, handlers); -ENOMEM. */
int32_t process_share(struct process *process, struct process *from, uint32_t clone_flags);

/* Before execve gives it other handlers: they are its own, not another process's too. -ENOMEM. */
int32_t process_own_handlers(struct process *process);

/* Give up what process_share gave; all that is missing already is left out. */
void process_unshare(struct process *process);

/* The process with this pid that is not free, NULL if there is none. */
struct process *process_find(int32_t pid);

/* credentials.c: has `process` this group of users, as its effective or another one? */
bool process_has_group(const struct process *process, uint32_t group);

/* End the current process with all its threads: `status` as waitpid reports it. Does not return. */
_Noreturn void process_exit(int32_t status);

/* End all other threads of the current process and wait until they are gone; the caller is its own
 * leader then. -EINTR: the caller is to end itself. */
int32_t process_end_other_threads(void);

/* End this thread only; the last one ends the process. */
_Noreturn void thread_exit(int32_t status);

/* fork.c: a PCB, if enough memory is left beside it; what a child has from its parent besides
 * memory, registers and what can be shared. */
int32_t fork_allocate(struct process **made);
void fork_inherit(struct process *child, uint32_t clone_flags);

/* fork.c: the parent of a vfork need not wait for `child` any longer. */
void fork_let_parent_go(struct process *child);

/* How many processes of this real user there are. */
uint32_t process_count(uint32_t user);

/* The pid given last; how many processes were made since the start. */
int32_t process_last_pid(void);
uint32_t process_made_count(void);

/* Time used by all threads; ticks. */
void process_times(const struct process *leader, uint32_t *user, uint32_t *system);

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
