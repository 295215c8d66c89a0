/* What user programs and the kernel agree on: the Linux i386 interface, as far as this system has
 * it. Numbers, structure layouts and errno values are those of Linux, so a program built against
 * this file also runs on a Linux host. See: signal(7), sigaction(2), wait(2), reboot(2).
 * SPDX-License-Identifier: MIT */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "include/abi_files.h"

/* ---- system call numbers (EAX at int 0x80), from the one list ---- */

#define CALL0(number, call, ...) SYS_##call = (number),
#define CALL1                    CALL0
#define CALL2                    CALL0
#define CALL3                    CALL0
#define CALL4                    CALL0
#define CALL5                    CALL0
#define CALL6                    CALL0
enum system_call_number {
#include "system_calls.def"
    OWN_CALLS = 0x1000 /* from here on, the kernel's own calls */
};

/* The table has Linux's calls first, then 16 of its own; SYSTEM_CALL_LIMIT: there is no such row.
 */
#define SYSTEM_CALL_LIMIT 512
#define SYSTEM_CALL_ROW(number)                                                                    \
    ((number) >= OWN_CALLS && (number) < OWN_CALLS + 16 ? (number)-OWN_CALLS + 496                 \
     : (number) < 496                                   ? (number)                                 \
                                                        : SYSTEM_CALL_LIMIT)

#define SYSTEM_CALL_NUMBER(row) ((row) < 496 ? (row) : (row)-496 + OWN_CALLS)

/* create_process: a new process with a program, in one call. */
struct creation {
    uint32_t path;          /* text: the program's file */
    uint32_t argv, envp;    /* as for execve */
    uint32_t directory;     /* text: where it works; 0: as the caller */
    int32_t descriptors[3]; /* of the caller, which become 0, 1 and 2; -1: the same numbers */
    uint32_t flags;         /* CREATE_... */
    int32_t nice;           /* with CREATE_WITH_NICE */
};
#define CREATE_STOPPED     1u /* as by SIGSTOP: SIGCONT starts it */
#define CREATE_GROUP       2u /* a process group of its own */
#define CREATE_SESSION     4u /* a session of its own, without a terminal */
#define CREATE_ONLY_THREE  8u /* no other descriptors than 0, 1 and 2 */
#define CREATE_WITH_NICE   16u
#define CREATE_FLAGS_KNOWN 31u
#undef CALL0
#undef CALL1
#undef CALL2
#undef CALL3
#undef CALL4
#undef CALL5
#undef CALL6

/* ---- errors: a call returns -E..., its stub stores E... in errno and returns -1 ---- */

#define EPERM        1
#define ENOENT       2
#define ESRCH        3
#define EINTR        4
#define EIO          5
#define ENXIO        6
#define E2BIG        7
#define ENOEXEC      8
#define EBADF        9
#define ECHILD       10
#define EAGAIN       11
#define ENOMEM       12
#define EACCES       13
#define EFAULT       14
#define ENOTBLK      15
#define EBUSY        16
#define EEXIST       17
#define EXDEV        18
#define ENODEV       19
#define ENOTDIR      20
#define EISDIR       21
#define EINVAL       22
#define ENFILE       23
#define EMFILE       24
#define ENOTTY       25
#define ETXTBSY      26
#define EFBIG        27
#define ENOSPC       28
#define ESPIPE       29
#define EROFS        30
#define EMLINK       31
#define EPIPE        32
#define ERANGE       34
#define EDEADLK      35
#define ENAMETOOLONG 36
#define ENOLCK       37
#define ENOSYS       38
#define ENOTEMPTY    39
#define ELOOP        40
#define EOVERFLOW    75
#define EOPNOTSUPP   95
#define ETIMEDOUT    110

/* ---- time ---- */

#define USER_HZ 100 /* clock_t units per second, whatever the kernel's own tick is */

typedef int32_t clock_t;

struct timespec {
    int32_t tv_sec;  /* seconds */
    int32_t tv_nsec; /* nanoseconds, 0..999999999 */
};

struct timeval {
    int32_t tv_sec;  /* seconds */
    int32_t tv_usec; /* microseconds, 0..999999 */
};

struct timezone {
    int32_t tz_minuteswest; /* minutes, always 0 here */
    int32_t tz_dsttime;     /* always 0 here */
};

struct tms {
    clock_t tms_utime;  /* 1/USER_HZ s in user mode */
    clock_t tms_stime;  /* 1/USER_HZ s in the kernel */
    clock_t tms_cutime; /* 1/USER_HZ s, children waited for, user mode */
    clock_t tms_cstime; /* 1/USER_HZ s, children waited for, kernel */
};

struct itimerval {
    struct timeval it_interval; /* and then again after so long; 0: only once */
    struct timeval it_value;    /* until the signal; 0: off */
};
#define ITIMER_REAL    0u
#define ITIMER_VIRTUAL 1u
#define ITIMER_PROF    2u

#define RUSAGE_SELF     0
#define RUSAGE_CHILDREN (-1)
#define RUSAGE_THREAD   1
struct rusage {
    struct timeval ru_utime; /* time in user mode */
    struct timeval ru_stime; /* time in the kernel */
    int32_t ru_other[14];    /* not kept: zeros */
};

#define CLOCK_REALTIME         0
#define CLOCK_MONOTONIC        1
#define CLOCK_PROCESS_CPUTIME  2
#define CLOCK_THREAD_CPUTIME   3
#define CLOCK_MONOTONIC_RAW    4
#define CLOCK_REALTIME_COARSE  5
#define CLOCK_MONOTONIC_COARSE 6
#define CLOCK_BOOTTIME         7
#define TIMER_ABSTIME          1

/* ---- limits ---- */

#define RLIMIT_CPU    0 /* seconds; numbers that are missing here are only kept */
#define RLIMIT_FSIZE  1 /* bytes of a file that is written */
#define RLIMIT_DATA   2 /* bytes of data and heap */
#define RLIMIT_STACK  3 /* bytes */
#define RLIMIT_CORE   4
#define RLIMIT_NPROC  6 /* processes of one user */
#define RLIMIT_NOFILE 7 /* descriptors */
#define RLIMIT_AS     9 /* bytes of address space */
#define RLIM_NLIMITS  16
#define RLIM_INFINITY 0xFFFFFFFFu

struct rlimit {
    uint32_t rlim_cur; /* what holds */
    uint32_t rlim_max; /* up to here it may be changed */
};

/* ---- priorities: whom getpriority means ---- */

#define PRIO_PROCESS 0u
#define PRIO_PGRP    1u
#define PRIO_USER    2u

/* ---- uname, sysinfo ---- */

struct sysinfo {
    int32_t uptime;                /* seconds */
    uint32_t loads[3];             /* of 1, 5, 15 minutes; 1/65536 processes */
    uint32_t totalram, freeram;    /* units of mem_unit */
    uint32_t sharedram, bufferram; /* likewise */
    uint32_t totalswap, freeswap;  /* likewise, 0 */
    uint16_t procs;                /* processes and threads */
    uint16_t unused;               /* 0 */
    uint32_t totalhigh, freehigh;  /* 0 */
    uint32_t mem_unit;             /* bytes */
    uint8_t pad[8];                /* 0 */
};

#define UTSNAME_BYTES 65
struct utsname {
    char sysname[UTSNAME_BYTES];    /* text */
    char nodename[UTSNAME_BYTES];   /* text */
    char release[UTSNAME_BYTES];    /* text */
    char version[UTSNAME_BYTES];    /* text */
    char machine[UTSNAME_BYTES];    /* text */
    char domainname[UTSNAME_BYTES]; /* text */
};

/* ---- waiting: the status word is (exit status << 8) or the signal's number in the low 7 bits ----
 */

#define WNOHANG     1
#define WUNTRACED   2
#define WEXITED     4 /* of waitid */
#define WCONTINUED  8
#define WNOWAIT     0x01000000
#define __WNOTHREAD 0x20000000u
#define __WALL      0x40000000u
#define __WCLONE    0x80000000u
#define P_ALL       0u /* whom waitid means */
#define P_PID       1u
#define P_PGID      2u

#define WEXITSTATUS(status)  (((status) >> 8) & 0xFF)
#define WTERMSIG(status)     ((status)&0x7F)
#define WSTOPSIG(status)     WEXITSTATUS(status)
#define WAIT_CORE            0x80 /* with the signal: there is a core file */
#define WCOREDUMP(status)    (((status)&WAIT_CORE) != 0)
#define WIFEXITED(status)    (WTERMSIG(status) == 0)
#define WIFSTOPPED(status)   (((status)&0xFF) == 0x7F)
#define WIFCONTINUED(status) ((status) == 0xFFFF)
#define WIFSIGNALED(status)  (WTERMSIG(status) != 0 && WTERMSIG(status) != 0x7F)

/* ---- ptrace ---- */

#define PTRACE_TRACEME     0u
#define PTRACE_PEEKTEXT    1u
#define PTRACE_PEEKDATA    2u
#define PTRACE_PEEKUSER    3u
#define PTRACE_POKETEXT    4u
#define PTRACE_POKEDATA    5u
#define PTRACE_POKEUSER    6u
#define PTRACE_CONT        7u
#define PTRACE_KILL        8u
#define PTRACE_SINGLESTEP  9u
#define PTRACE_GETREGS     12u
#define PTRACE_SETREGS     13u
#define PTRACE_ATTACH      16u
#define PTRACE_DETACH      17u
#define PTRACE_SYSCALL     24u
#define PTRACE_SETOPTIONS  0x4200u
#define PTRACE_GETEVENTMSG 0x4201u
#define PTRACE_GETSIGINFO  0x4202u

#define PTRACE_EVENT_FORK     1u /* bit n of the options asks for event n */
#define PTRACE_EVENT_VFORK    2u
#define PTRACE_EVENT_CLONE    3u
#define PTRACE_EVENT_EXEC     4u
#define PTRACE_O_TRACESYSGOOD 1u /* stops at calls have 80h in their signal */
#define PTRACE_O_EVENTS       0x1Eu

#define USER_REGS 17 /* words of struct user_regs */
struct user_regs {
    uint32_t ebx, ecx, edx, esi, edi, ebp, eax;
    uint32_t ds, es, fs, gs; /* selectors */
    uint32_t orig_eax;       /* number of the system call in progress, -1 none */
    uint32_t eip, cs, eflags, esp, ss;
};

/* ---- clone: what parent and child have in common ---- */

#define CLONE_SIGNAL         0x000000FFu /* signal that the parent hears at the end */
#define CLONE_VM             0x00000100u /* memory */
#define CLONE_FS             0x00000200u /* current directory, umask */
#define CLONE_FILES          0x00000400u /* descriptors */
#define CLONE_SIGHAND        0x00000800u /* signal handlers */
#define CLONE_VFORK          0x00004000u /* the parent waits until the child has another program */
#define CLONE_PARENT         0x00008000u /* the parent */
#define CLONE_THREAD         0x00010000u /* all that belongs to a process */
#define CLONE_SYSVSEM        0x00040000u /* nothing here */
#define CLONE_SETTLS         0x00080000u /* a thread area for the child */
#define CLONE_PARENT_SETTID  0x00100000u /* store the child's number in the parent's memory */
#define CLONE_CHILD_CLEARTID 0x00200000u /* set a word to 0 when the child ends */
#define CLONE_DETACHED       0x00400000u /* nothing any more */
#define CLONE_CHILD_SETTID   0x01000000u /* store the child's number in its memory */

/* ---- signals ---- */

#define SIGHUP    1
#define SIGINT    2
#define SIGQUIT   3
#define SIGILL    4
#define SIGTRAP   5
#define SIGABRT   6
#define SIGBUS    7
#define SIGFPE    8
#define SIGKILL   9
#define SIGUSR1   10
#define SIGSEGV   11
#define SIGUSR2   12
#define SIGPIPE   13
#define SIGALRM   14
#define SIGTERM   15
#define SIGSTKFLT 16
#define SIGCHLD   17
#define SIGCONT   18
#define SIGSTOP   19
#define SIGTSTP   20
#define SIGTTIN   21
#define SIGTTOU   22
#define SIGURG    23
#define SIGXCPU   24
#define SIGXFSZ   25
#define SIGVTALRM 26
#define SIGPROF   27
#define SIGWINCH  28
#define SIGIO     29
#define SIGPWR    30
#define SIGSYS    31
#define SIGRTMIN  32 /* from here on each one that is sent is kept */
#define NSIG      64 /* the largest number; 32..64 are the real-time ones */

#define SIG_DFL 0u
#define SIG_IGN 1u

#define SA_NOCLDSTOP 0x00000001u
#define SA_NOCLDWAIT 0x00000002u
#define SA_SIGINFO   0x00000004u
#define SA_RESTORER  0x04000000u
#define SA_ONSTACK   0x08000000u
#define SA_RESTART   0x10000000u
#define SA_NODEFER   0x40000000u
#define SA_RESETHAND 0x80000000u

#define SIG_BLOCK   0
#define SIG_UNBLOCK 1
#define SIG_SETMASK 2

/* si_code: why the signal was sent */
#define SI_USER       0
#define SI_KERNEL     128
#define SI_TKILL      (-6)
#define ILL_ILLOPN    2
#define FPE_INTDIV    1
#define FPE_INTOVF    2
#define FPE_FLTDIV    3
#define FPE_FLTOVF    4
#define FPE_FLTUND    5
#define FPE_FLTRES    6
#define FPE_FLTINV    7
#define SEGV_MAPERR   1
#define BUS_ADRERR    2
#define SEGV_ACCERR   2
#define TRAP_TRACE    2
#define POLL_IN       1 /* SIGIO by F_SETSIG */
#define POLL_OUT      2
#define POLL_HUP      6
#define CLD_EXITED    1
#define CLD_KILLED    2
#define CLD_DUMPED    3
#define CLD_TRAPPED   4
#define CLD_STOPPED   5
#define CLD_CONTINUED 6

typedef uint64_t sigset_t; /* bit n-1 stands for signal n */

struct kernel_sigaction { /* of rt_sigaction; the C library has its own view of it */
    uint32_t sa_handler;  /* SIG_DFL, SIG_IGN or user address; three arguments with SA_SIGINFO */
    uint32_t sa_flags;    /* SA_... */
    uint32_t sa_restorer; /* user address of code that calls (rt_)sigreturn, with SA_RESTORER */
    uint32_t sa_mask[2];  /* sigset_t, low word first: blocked while the handler runs */
};

struct old_sigaction {    /* of sigaction */
    uint32_t sa_handler;  /* as above */
    uint32_t sa_mask;     /* signals 1..32 */
    uint32_t sa_flags;    /* SA_... */
    uint32_t sa_restorer; /* as above */
};

typedef struct siginfo {
    int32_t si_signo; /* signal number */
    int32_t si_errno; /* always 0 */
    int32_t si_code;  /* SI_..., SEGV_..., CLD_... */
    union {
        struct {
            int32_t si_pid;    /* sender, or child */
            uint32_t si_uid;   /* sender's or child's real user */
            int32_t si_status; /* SIGCHLD: exit status or signal */
            clock_t si_utime;  /* SIGCHLD: 1/USER_HZ s */
            clock_t si_stime;  /* SIGCHLD: 1/USER_HZ s */
        };
        uint32_t si_addr; /* exceptions: the address concerned */
        uint32_t si_pad[29];
    };
} siginfo_t; /* 128 bytes */

/* Registers saved in a signal frame. */
struct sigcontext {
    uint32_t gs, fs, es, ds;                         /* selectors in the low 16 bits */
    uint32_t edi, esi, ebp, esp, ebx, edx, ecx, eax; /* as interrupted */
    uint32_t trapno, err;                        /* vector and error code of the last exception */
    uint32_t eip, cs, eflags, esp_at_signal, ss; /* as interrupted */
    uint32_t fpstate;                            /* address of x87 state, 0 = none */
    uint32_t oldmask;                            /* blocked signals 1..32 before the handler */
    uint32_t cr2;                                /* linear address of the last page fault */
};                                               /* 88 bytes */

struct sigaltstack {
    uint32_t ss_sp;   /* user address */
    int32_t ss_flags; /* SS_... */
    uint32_t ss_size; /* bytes */
};

#define SS_ONSTACK  1
#define SS_DISABLE  2
#define MINSIGSTKSZ 2048u

typedef struct ucontext {
    uint32_t uc_flags;             /* 0 */
    uint32_t uc_link;              /* 0 */
    struct sigaltstack uc_stack;   /* signal stack */
    struct sigcontext uc_mcontext; /* registers */
    uint32_t uc_sigmask[2];        /* sigset_t before the handler */
} ucontext_t;

/* ---- reboot ---- */

#define REBOOT_MAGIC1    0xFEE1DEADu
#define REBOOT_MAGIC2    0x28121969u
#define REBOOT_RESTART   0x01234567u
#define REBOOT_HALT      0xCDEF0123u
#define REBOOT_POWER_OFF 0x4321FEDCu
/* Our own: end the run and give the emulator the argument, for `ringside exec`. */
#define REBOOT_EXIT       0x52534558u
#define REBOOT_EXIT_VALUE 0x58000000u /* with a wait status in the low 16 bits */

/* ---- memory ---- */

#define PROT_NONE           0u
#define PROT_READ           1u
#define PROT_WRITE          2u
#define PROT_EXEC           4u
#define MS_ASYNC            1u
#define MS_INVALIDATE       2u
#define MS_SYNC             4u
#define MAP_SHARED          0x01u
#define MAP_PRIVATE         0x02u
#define MAP_FIXED           0x10u
#define MAP_ANONYMOUS       0x20u
#define MAP_FIXED_NOREPLACE 0x100000u
#define MREMAP_MAYMOVE      1u
#define MADV_DONTNEED       4u

struct user_desc {         /* of set_thread_area: a segment for a thread's own data */
    uint32_t entry_number; /* in the GDT; -1: the system chooses and stores it */
    uint32_t base_addr;    /* where the segment begins */
    uint32_t limit;        /* its last offset, in bytes or pages */
    uint32_t flags;        /* USER_DESC_... */
};
#define USER_DESC_32BIT 0x01u
#define USER_DESC_PAGES 0x10u

/* ---- terminals ---- */

#define TCGETS     0x5401u
#define TCSETS     0x5402u
#define TCSETSW    0x5403u
#define TCSETSF    0x5404u
#define TCSBRK     0x5409u
#define TCXONC     0x540Au
#define TCFLSH     0x540Bu
#define TIOCSCTTY  0x540Eu
#define TIOCGPGRP  0x540Fu
#define TIOCSPGRP  0x5410u
#define TIOCOUTQ   0x5411u
#define TIOCGWINSZ 0x5413u
#define TIOCSWINSZ 0x5414u
#define FIONREAD   0x541Bu
#define FIOASYNC   0x5452u /* O_ASYNC on or off */
#define TIOCNOTTY  0x5422u
#define TIOCGSID   0x5429u
#define TIOCGPTN   0x80045430u
#define TIOCSPTLCK 0x40045431u

/* ioctl of disks */
#define BLKROGET     0x125Eu
#define BLKGETSIZE   0x1260u
#define BLKFLSBUF    0x1261u
#define BLKSSZGET    0x1268u
#define BLKGETSIZE64 0x80081272u

#define TCOOFF    0 /* TCXONC: stop output */
#define TCOON     1
#define TCIOFF    2 /* send VSTOP */
#define TCION     3
#define TCIFLUSH  0 /* TCFLSH */
#define TCOFLUSH  1
#define TCIOFLUSH 2

#define VINTR    0
#define VQUIT    1
#define VERASE   2
#define VKILL    3
#define VEOF     4
#define VTIME    5
#define VMIN     6
#define VSTART   8
#define VSTOP    9
#define VSUSP    10
#define VEOL     11
#define VREPRINT 12
#define VDISCARD 13
#define VWERASE  14
#define VLNEXT   15
#define VEOL2    16
#define NCCS     19

struct termios {
    uint32_t c_iflag;   /* ICRNL, ... */
    uint32_t c_oflag;   /* OPOST, ONLCR, ... */
    uint32_t c_cflag;   /* speed, size, CLOCAL */
    uint32_t c_lflag;   /* ISIG, ICANON, ECHO, ... */
    uint8_t c_line;     /* 0 */
    uint8_t c_cc[NCCS]; /* V...: special characters, 0 none */
};
#define ISTRIP  0x0020u
#define INLCR   0x0040u
#define IGNCR   0x0080u
#define ICRNL   0x0100u
#define IXON    0x0400u
#define IXANY   0x0800u
#define IUTF8   0x4000u
#define OPOST   0x0001u
#define ONLCR   0x0004u
#define OCRNL   0x0008u
#define ONOCR   0x0010u
#define ONLRET  0x0020u
#define TABDLY  0x1800u
#define XTABS   0x1800u
#define CBAUD   0x100Fu
#define B9600   0x000Du
#define B38400  0x000Fu
#define B115200 0x1002u
#define CSIZE   0x0030u
#define CS8     0x0030u
#define CREAD   0x0080u
#define HUPCL   0x0400u
#define CLOCAL  0x0800u /* hanging up means nothing */
#define ISIG    0x0001u
#define ICANON  0x0002u
#define ECHO    0x0008u
#define ECHOE   0x0010u
#define ECHOK   0x0020u
#define ECHONL  0x0040u
#define NOFLSH  0x0080u
#define TOSTOP  0x0100u
#define ECHOCTL 0x0200u
#define ECHOPRT 0x0400u
#define ECHOKE  0x0800u
#define IEXTEN  0x8000u

struct winsize {
    uint16_t ws_row;    /* lines */
    uint16_t ws_col;    /* columns */
    uint16_t ws_xpixel; /* 0 */
    uint16_t ws_ypixel; /* 0 */
};
