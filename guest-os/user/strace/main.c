/* strace [-c] [-f] [-e trace=CALL,...] [-o FILE] -p PID | PROGRAM [ARGUMENT...]: shows the system
 * calls and signals of a program. -f: of its children, too; -c: only counts; -e: these calls alone;
 * -p: of a process that runs already. SPDX-License-Identifier: MIT */
#include <ctype.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "user/strace/strace.h"

#define USAGE         "strace [-cf] [-e trace=CALL,...] [-o FILE] -p PID | PROGRAM [ARGUMENT...]"
#define TASKS_MOST    64
#define NUMBERS_MOST  512
#define RESULT_COLUMN 39
#define RESTART_FIRST 512 /* ERESTARTSYS and its kin: the call begins again */
#define RESTART_LAST  516

struct task {
    int pid;                         /* 0: free */
    bool in_call;                    /* its last stop was at the beginning of a call */
    bool is_new;                     /* its first SIGSTOP is ours */
    uint32_t number;                 /* of the call */
    uint32_t values[ARGUMENTS_MOST]; /* its arguments */
    uint32_t shown;                  /* arguments that are on the line already */
    struct timespec begin;           /* of the call */
};

struct count {
    uint32_t number, calls, errors;
    uint32_t microseconds;
};

static struct task tasks[TASKS_MOST];
static struct count counts[NUMBERS_MOST];
static const char *wanted; /* names with commas between, NULL: all */
static bool follows, counts_only, to_file, has_begun;
static int open_line; /* pid whose call is half on the line, 0 none */
static int column;    /* of the line */
static FILE *sink;    /* where lines go */

static int task_count(void)
{
    int count = 0;

    for (int i = 0; i < TASKS_MOST; i++) {
        count += tasks[i].pid != 0;
    }
    return count;
}

static struct task *task_of(int pid)
{
    struct task *place = NULL;

    for (int i = 0; i < TASKS_MOST; i++) {
        if (tasks[i].pid == pid) {
            return &tasks[i];
        }
        place = place == NULL && tasks[i].pid == 0 ? &tasks[i] : place;
    }
    if (place == NULL) {
        errx(1, "more than %d processes", TASKS_MOST);
    }
    *place = (struct task){.pid = pid, .is_new = true};
    return place;
}

static bool is_wanted(const char *name)
{
    size_t length = strlen(name);

    for (const char *at = wanted; at != NULL; at = strchr(at, ',')) {
        at += *at == ',';
        if (strncmp(at, name, length) == 0 && (at[length] == ',' || at[length] == '\0')) {
            return true;
        }
    }
    return wanted == NULL;
}

void put(const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    column += vfprintf(sink, format, arguments);
    va_end(arguments);
}

static void begin_line(const struct task *task)
{
    if (open_line != 0) {
        put(" <unfinished ...>\n");
        open_line = 0;
    }
    column = 0;
    if (to_file && follows) {
        put("%-5d ", task->pid);
    } else if (follows && task_count() > 1) {
        put("[pid %5d] ", task->pid);
    }
}

static void begin_call(struct task *task, const struct call *call)
{
    uint32_t i = 0;

    begin_line(task);
    put("%s(", call->name);
    for (; i < argument_count(call, task->values) && !is_result(call, i); i++) {
        put("%s", i > 0 ? ", " : "");
        write_argument(task->pid, call, task->values, i, 0);
    }
    put("%s", i > 0 && i < argument_count(call, task->values) ? ", " : "");
    fflush(sink);
    task->shown = i;
    open_line = task->pid;
}

static void write_result(const struct call *call, int32_t result)
{
    const char *name = error_name((uint32_t)-result);

    if (result <= -RESTART_FIRST && result >= -RESTART_LAST) {
        put("? ERESTARTSYS (To be restarted if SA_RESTART is set)\n");
    } else if (result < 0 && result > -4096) {
        const char *words = strerror(-result);

        put("-1 %s (%c%s)\n", name != NULL ? name : "?", toupper(words[0]), words + 1);
    } else if (strcmp(call->name, "brk") == 0 || strncmp(call->name, "mmap", 4) == 0 ||
               strcmp(call->name, "mremap") == 0) {
        put("0x%x\n", (uint32_t)result);
    } else if (strcmp(call->name, "umask") == 0) {
        put("0%02o\n", (uint32_t)result);
    } else {
        put("%d\n", result);
    }
}

static void end_call(struct task *task, const struct call *call, int32_t result)
{
    uint32_t count = argument_count(call, task->values);

    if (open_line != task->pid) {
        begin_line(task);
        put("<... %s resumed>", call->name);
    }
    for (uint32_t i = task->shown; i < count; i++) {
        put("%s", i > task->shown ? ", " : "");
        write_argument(task->pid, call, task->values, i, result);
    }
    put("%c", ')');
    put("%*s= ", column < RESULT_COLUMN ? RESULT_COLUMN - column + 1 : 1, "");
    write_result(call, result);
    open_line = 0;
}

static void count_call(const struct task *task, int32_t result)
{
    struct timespec now;
    struct count *count = counts;

    clock_gettime(CLOCK_MONOTONIC, &now);
    while (count->calls != 0 && count->number != task->number &&
           count < counts + NUMBERS_MOST - 1) {
        count++;
    }
    count->number = task->number;
    count->calls++;
    count->errors += result < 0 && result > -4096;
    count->microseconds += (uint32_t)((now.tv_sec - task->begin.tv_sec) * 1000000 +
                                      (now.tv_nsec - task->begin.tv_nsec) / 1000);
}

static void at_call(struct task *task)
{
    struct user_regs now;
    const struct call *call;

    if (ptrace(PTRACE_GETREGS, task->pid, 0, &now) != 0) {
        return;
    }
    task->in_call = !task->in_call;
    if (task->in_call) {
        const uint32_t values[] = {now.ebx, now.ecx, now.edx, now.esi, now.edi, now.ebp};

        task->number = now.orig_eax;
        memcpy(task->values, values, sizeof(values));
        clock_gettime(CLOCK_MONOTONIC, &task->begin);
        has_begun = has_begun || task->number == SYS_execve;
    }
    call = call_of(task->number);
    if (!has_begun || call == NULL || !is_wanted(call->name)) {
        return;
    }
    if (counts_only && !task->in_call) {
        count_call(task, (int32_t)now.eax);
    } else if (!counts_only && task->in_call) {
        begin_call(task, call);
    } else if (!counts_only) {
        end_call(task, call, (int32_t)now.eax);
    }
}

static const char *cause_name(const siginfo_t *info)
{
    static const char *const child[] = {"",
                                        "CLD_EXITED",
                                        "CLD_KILLED",
                                        "CLD_DUMPED",
                                        "CLD_TRAPPED",
                                        "CLD_STOPPED",
                                        "CLD_CONTINUED"};

    if (info->si_signo == SIGCHLD && info->si_code > 0 && info->si_code <= CLD_CONTINUED) {
        return child[info->si_code];
    }
    if (info->si_signo == SIGSEGV && info->si_code > 0 && info->si_code < 3) {
        return info->si_code == SEGV_MAPERR ? "SEGV_MAPERR" : "SEGV_ACCERR";
    }
    if (info->si_signo == SIGFPE && info->si_code == FPE_INTDIV) {
        return "FPE_INTDIV";
    }
    return info->si_code == SI_USER    ? "SI_USER"
           : info->si_code == SI_TKILL ? "SI_TKILL"
                                       : "SI_KERNEL";
}

static void show_signal(const struct task *task, const siginfo_t *info)
{
    begin_line(task);
    put("--- ");
    write_signal((uint32_t)info->si_signo);
    put(" {si_signo=");
    write_signal((uint32_t)info->si_signo);
    put(", si_code=%s", cause_name(info));
    if (info->si_signo == SIGCHLD && info->si_code > 0) {
        put(", si_pid=%d, si_uid=%u, si_status=", info->si_pid, info->si_uid);
        if (info->si_code == CLD_EXITED) {
            put("%d", info->si_status);
        } else {
            write_signal((uint32_t)info->si_status);
        }
        put(", si_utime=0, si_stime=0");
    } else if (info->si_code <= 0) {
        put(", si_pid=%d, si_uid=%u", info->si_pid, info->si_uid);
    } else if (info->si_code != SI_KERNEL || info->si_signo == SIGSEGV) {
        put(info->si_addr == 0 ? ", si_addr=NULL" : ", si_addr=0x%x", info->si_addr);
    }
    put("} ---\n");
}

/* The signal that it is to have when it goes on. */
static int at_signal(struct task *task, int number)
{
    siginfo_t info;

    if (task->is_new && number == SIGSTOP) {
        uint32_t options =
            PTRACE_O_TRACESYSGOOD | 1u << PTRACE_EVENT_EXEC |
            (follows ? 1u << PTRACE_EVENT_FORK | 1u << PTRACE_EVENT_VFORK | 1u << PTRACE_EVENT_CLONE
                     : 0);

        task->is_new = false;
        ptrace(PTRACE_SETOPTIONS, task->pid, 0, (void *)options);
        return 0;
    }
    if (ptrace(PTRACE_GETSIGINFO, task->pid, 0, &info) != 0) {
        if (!counts_only) {
            begin_line(task);
            put("--- stopped by ");
            write_signal((uint32_t)number);
            put(" ---\n");
        }
        return 0;
    }
    if (!counts_only) {
        show_signal(task, &info);
    }
    return number;
}

static void at_event(const struct task *task, uint32_t event)
{
    uint32_t child = 0;

    if (event == PTRACE_EVENT_EXEC || ptrace(PTRACE_GETEVENTMSG, task->pid, 0, &child) != 0) {
        return;
    }
    task_of((int)child);
    if (!to_file && !counts_only) {
        if (open_line != 0) {
            put(" <unfinished ...>\n");
            open_line = 0;
        }
        put("strace: Process %d attached\n", child);
    }
}

static void at_end(struct task *task, int status)
{
    const struct call *call = task->in_call ? call_of(task->number) : NULL;

    if (open_line == task->pid && call != NULL) { /* exit does not come back */
        put(")");
        put("%*s= ?\n", column < RESULT_COLUMN ? RESULT_COLUMN - column + 1 : 1, "");
        open_line = 0;
    }
    if (!counts_only) {
        begin_line(task);
        if (WIFEXITED(status)) {
            put("+++ exited with %d +++\n", WEXITSTATUS(status));
        } else {
            put("+++ killed by ");
            write_signal((uint32_t)WTERMSIG(status));
            put("%s", WCOREDUMP(status) ? " (core dumped) +++\n" : " +++\n");
        }
    }
    task->pid = 0;
}

/* All stops until the last has ended; the wait status of `first`. */
static int watch(int first)
{
    int status, pid, result = 0;

    while (task_count() > 0) {
        int signal_number = 0;
        struct task *task;

        pid = waitpid(-1, &status, (int)__WALL);
        if (pid < 0) {
            if (errno == EINTR) {
                continue;
            }
            break;
        }
        task = task_of(pid);
        if (!WIFSTOPPED(status)) {
            at_end(task, status);
            result = pid == first ? status : result;
            continue;
        }
        if (WSTOPSIG(status) == (SIGTRAP | 0x80)) {
            at_call(task);
        } else if (status >> 16 != 0) {
            at_event(task, (uint32_t)status >> 16);
        } else {
            signal_number = at_signal(task, WSTOPSIG(status));
        }
        ptrace(PTRACE_SYSCALL, pid, 0, (void *)signal_number);
    }
    return result;
}

static int by_time(const void *a, const void *b)
{
    const struct count *x = a, *y = b;

    return x->microseconds < y->microseconds ? 1 : x->microseconds > y->microseconds ? -1 : 0;
}

static void show_counts(void)
{
    uint32_t total = 0, calls = 0, errors = 0, rows = 0;

    for (; rows < NUMBERS_MOST && counts[rows].calls != 0; rows++) {
        total += counts[rows].microseconds;
        calls += counts[rows].calls;
        errors += counts[rows].errors;
    }
    qsort(counts, rows, sizeof(counts[0]), by_time);
    fputs("% time     seconds  usecs/call     calls    errors syscall\n"
          "------ ----------- ----------- --------- --------- ----------------\n",
          sink);
    for (uint32_t i = 0; i < rows; i++) {
        const struct count *c = &counts[i];
        uint32_t share = total / 100 == 0 ? 0 : c->microseconds * 10 / (total / 100 + 1);

        fprintf(sink, "%4u.%u0 %4u.%06u %11u %9u ", share / 10, share % 10,
                c->microseconds / 1000000, c->microseconds % 1000000, c->microseconds / c->calls,
                c->calls);
        if (c->errors != 0) {
            fprintf(sink, "%9u %s\n", c->errors, call_of(c->number)->name);
        } else {
            fprintf(sink, "%9s %s\n", "", call_of(c->number)->name);
        }
    }
    fprintf(sink,
            "------ ----------- ----------- --------- --------- ----------------\n"
            "100.00 %4u.%06u %11u %9u %9u total\n",
            total / 1000000, total % 1000000, calls == 0 ? 0 : total / calls, calls, errors);
    fflush(sink);
}

/* Along PATH, so that only the program's own call is seen. */
static void run(char **words)
{
    const char *part = getenv("PATH");
    char path[256];

    ptrace(PTRACE_TRACEME, 0, 0, NULL);
    raise(SIGSTOP);
    while (strchr(words[0], '/') == NULL && part != NULL && *part != '\0') {
        size_t length = strcspn(part, ":");

        snprintf(path, sizeof(path), "%.*s/%s", (int)length, part, words[0]);
        if (access(path, X_OK) == 0) {
            execv(path, words);
        }
        part += length + (part[length] == ':');
    }
    execv(words[0], words);
    warn("%s", words[0]);
    _exit(errno == ENOENT ? 127 : 126);
}

static void choose(const char *list)
{
    wanted = strncmp(list, "trace=", 6) == 0 ? list + 6 : list;
    for (const char *at = wanted; *at != '\0';) {
        size_t length = strcspn(at, ",");

        if (!is_call_name(at, length)) {
            errx(1, "invalid system call '%.*s'", (int)length, at);
        }
        at += length + (at[length] == ',');
    }
}

/* Whoever is asked to end lets the traced ones go. */
static void stop_watching(int number)
{
    (void)number;
    _exit(128 + SIGINT);
}

int main(int argc, char **argv)
{
    int pid = 0, option, status;

    sink = stderr;
    while ((option = getopt(argc, argv, "+cfe:o:p:")) != -1) {
        counts_only = counts_only || option == 'c';
        follows = follows || option == 'f';
        if (option == 'e') {
            choose(optarg);
        } else if (option == 'o') {
            sink = fopen(optarg, "w");
            to_file = true;
        } else if (option == 'p') {
            pid = atoi(optarg);
        } else if (option == '?') {
            usage(1, USAGE);
        }
    }
    if (sink == NULL) {
        err(1, "%s", "output");
    }
    if ((pid == 0) == (optind == argc)) {
        usage(1, USAGE);
    }
    if (to_file) {
        fcntl(fileno(sink), F_SETFD, FD_CLOEXEC);
    }
    setvbuf(sink, NULL, to_file ? _IOFBF : _IOLBF, 0);
    signal(SIGINT, pid != 0 ? stop_watching : SIG_IGN);
    if (pid != 0) {
        has_begun = true;
        if (ptrace(PTRACE_ATTACH, pid, 0, NULL) != 0) {
            err(1, "attach to %d", pid);
        }
    } else {
        pid = fork();
        if (pid == 0) {
            signal(SIGINT, SIG_DFL);
            run(argv + optind);
        }
    }
    if (pid < 0) {
        err(1, "fork");
    }
    task_of(pid);
    status = watch(pid);
    if (counts_only) {
        show_counts();
    }
    fflush(sink);
    if (WIFSIGNALED(status)) { /* as the program: whoever waits sees the same */
        signal(WTERMSIG(status), SIG_DFL);
        kill(getpid(), WTERMSIG(status));
        return 128 + WTERMSIG(status);
    }
    return WEXITSTATUS(status);
}
