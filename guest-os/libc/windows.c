/* Processes in the Windows manner: what the parameters become, and what the Unix calls say in the
 * other system's words. SPDX-License-Identifier: MIT */
#include "libc/include/windows.h"

#include "libc/include/errno.h"
#include "libc/include/signal.h"
#include "libc/include/stdlib.h"
#include "libc/include/string.h"
#include "libc/include/sys/wait.h"
#include "libc/include/time.h"
#include "libc/include/unistd.h"

#include <stdbool.h>

#define WORDS_MOST  64
#define LINE_BYTES  1024
#define FLAGS_KNOWN (CREATE_SUSPENDED | DETACHED_PROCESS | CREATE_NEW_PROCESS_GROUP)
#define LOOK_AGAIN  5000000 /* nanoseconds between two looks, while waiting with a time limit */
#define MILLISECOND 1000000
#define CODES       8 /* ended by TerminateProcess and not closed yet */

static const struct {
    DWORD priority;
    int nice;
} classes[] = {
    {IDLE_PRIORITY_CLASS, 19},  {BELOW_NORMAL_PRIORITY_CLASS, 10},
    {NORMAL_PRIORITY_CLASS, 0}, {ABOVE_NORMAL_PRIORITY_CLASS, -5},
    {HIGH_PRIORITY_CLASS, -10}, {REALTIME_PRIORITY_CLASS, -20},
};
#define CLASSES (sizeof(classes) / sizeof(classes[0]))

static DWORD last_error;
static struct {
    HANDLE process;
    DWORD code;
} terminated[CODES]; /* a process that is killed has no exit code of its own */

DWORD GetLastError(void)
{
    return last_error;
}

static BOOL fail(DWORD error)
{
    last_error = error;
    return FALSE;
}

static BOOL fail_by_errno(void)
{
    switch (errno) {
    case ENOENT:
    case ENOTDIR:
        return fail(ERROR_FILE_NOT_FOUND);
    case EACCES:
    case EPERM:
        return fail(ERROR_ACCESS_DENIED);
    case EBADF:
    case ESRCH:
    case ECHILD:
        return fail(ERROR_INVALID_HANDLE);
    case ENOMEM:
    case EAGAIN:
        return fail(ERROR_NOT_ENOUGH_MEMORY);
    case ENOEXEC:
        return fail(ERROR_BAD_FORMAT);
    case EINVAL:
        return fail(ERROR_INVALID_PARAMETER);
    case ENOSYS:
        return fail(ERROR_CALL_NOT_IMPLEMENTED);
    default:
        return fail(ERROR_GEN_FAILURE);
    }
}

/* Cut a copy of a command line at blanks; quotes keep them. False: too long. */
static bool cut_line(const char *from, char line[LINE_BYTES], char *words[WORDS_MOST])
{
    int count = 0;
    bool quoted = false, inside = false;

    if (strlen(from) >= LINE_BYTES) {
        return false;
    }
    for (; *from != '\0'; from++) {
        if (*from == '"') {
            quoted = !quoted;
        }
        if (*from == ' ' && !quoted) {
            inside = false;
            *line++ = '\0';
            continue;
        }
        if (!inside) {
            if (count == WORDS_MOST - 1) {
                return false;
            }
            words[count++] = line;
            inside = true;
        }
        if (*from != '"') {
            *line++ = *from;
        }
    }
    *line = '\0';
    words[count] = NULL;
    return count > 0;
}

static bool list_environment(const char *texts, const char *list[WORDS_MOST])
{
    int count = 0;

    for (; *texts != '\0'; texts += strlen(texts) + 1) {
        if (count == WORDS_MOST - 1) {
            return false;
        }
        list[count++] = texts;
    }
    list[count] = NULL;
    return true;
}

static const int *nice_of(DWORD priority)
{
    for (uint32_t i = 0; i < CLASSES; i++) {
        if (classes[i].priority == priority) {
            return &classes[i].nice;
        }
    }
    return NULL;
}

/* Flags, priority class and standard files; false: not known. */
static bool translate(struct creation *wanted, DWORD flags, BOOL inherit,
                      const STARTUPINFO *startup)
{
    const int *nice = nice_of(flags & ~FLAGS_KNOWN);

    if ((flags & ~FLAGS_KNOWN) != 0 && nice == NULL) {
        return false;
    }
    wanted->flags = (flags & CREATE_SUSPENDED ? CREATE_STOPPED : 0) |
                    (flags & DETACHED_PROCESS ? CREATE_SESSION : 0) |
                    (flags & CREATE_NEW_PROCESS_GROUP ? CREATE_GROUP : 0) |
                    (inherit ? 0 : CREATE_ONLY_THREE) | (nice != NULL ? CREATE_WITH_NICE : 0);
    wanted->nice = nice != NULL ? *nice : 0;
    wanted->descriptors[0] = wanted->descriptors[1] = wanted->descriptors[2] = -1;
    if (startup != NULL && (startup->dwFlags & STARTF_USESTDHANDLES)) {
        wanted->descriptors[0] = (int)startup->hStdInput;
        wanted->descriptors[1] = (int)startup->hStdOutput;
        wanted->descriptors[2] = (int)startup->hStdError;
    }
    return startup == NULL || (startup->dwFlags & ~STARTF_USESTDHANDLES) == 0;
}

BOOL CreateProcess(const char *application, char *command_line,
                   const SECURITY_ATTRIBUTES *process_rights,
                   const SECURITY_ATTRIBUTES *thread_rights, BOOL inherit_handles, DWORD flags,
                   const char *environment, const char *directory, const STARTUPINFO *startup,
                   PROCESS_INFORMATION *information)
{
    struct creation wanted = {.directory = (uint32_t)directory};
    const char *list[WORDS_MOST];
    char line[LINE_BYTES], *words[WORDS_MOST];
    int pid;

    if (process_rights != NULL || thread_rights != NULL) {
        return fail(ERROR_NOT_SUPPORTED);
    }
    if ((application == NULL && command_line == NULL) ||
        !cut_line(command_line != NULL ? command_line : application, line, words) ||
        !translate(&wanted, flags, inherit_handles, startup) ||
        (environment != NULL && !list_environment(environment, list))) {
        return fail(ERROR_INVALID_PARAMETER);
    }
    wanted.path = (uint32_t)(application != NULL ? application : words[0]);
    wanted.argv = (uint32_t)words;
    wanted.envp = environment != NULL ? (uint32_t)list : (uint32_t)environ;
    pid = create_process(&wanted);
    if (pid < 0) {
        return fail_by_errno();
    }
    *information = (PROCESS_INFORMATION){pid, pid, (DWORD)pid, (DWORD)pid};
    return TRUE;
}

BOOL CreateProcessSimply(const char *application, PROCESS_INFORMATION *information)
{
    return CreateProcess(application, NULL, NULL, NULL, TRUE, 0, NULL, NULL, NULL, information);
}

DWORD ResumeThread(HANDLE thread)
{
    return kill((int)thread, SIGCONT) == 0 ? 1 : (fail_by_errno(), WAIT_FAILED);
}

/* Has it ended? 1 yes, 0 not yet, -1 errno. Its status stays there. */
static int look(HANDLE process, int options, siginfo_t *info)
{
    info->si_pid = 0;
    if (waitid(P_PID, (int)process, info, WEXITED | WNOWAIT | options, NULL) < 0) {
        return -1;
    }
    return info->si_pid != 0;
}

DWORD WaitForSingleObject(HANDLE process, DWORD milliseconds)
{
    const struct timespec moment = {0, LOOK_AGAIN};
    siginfo_t info;
    int ended = look(process, milliseconds == INFINITE ? 0 : WNOHANG, &info);

    for (uint64_t passed = 0; ended == 0 && passed < (uint64_t)milliseconds * MILLISECOND;
         passed += LOOK_AGAIN) {
        nanosleep(&moment, NULL);
        ended = look(process, WNOHANG, &info);
    }
    if (ended < 0) {
        fail_by_errno();
        return WAIT_FAILED;
    }
    return ended ? WAIT_OBJECT_0 : WAIT_TIMEOUT;
}

BOOL GetExitCodeProcess(HANDLE process, DWORD *code)
{
    siginfo_t info;
    int ended = look(process, WNOHANG, &info);

    if (ended < 0) {
        return fail_by_errno();
    }
    *code = ended ? (DWORD)info.si_status : STILL_ACTIVE;
    for (int i = 0; i < CODES && ended; i++) {
        *code = terminated[i].process == process ? terminated[i].code : *code;
    }
    return TRUE;
}

BOOL TerminateProcess(HANDLE process, uint32_t code)
{
    int i = 0;

    if (kill((int)process, SIGKILL) < 0) {
        return fail_by_errno();
    }
    while (i < CODES - 1 && terminated[i].process != 0) {
        i++;
    }
    terminated[i].process = process;
    terminated[i].code = code;
    return TRUE;
}

BOOL SetPriorityClass(HANDLE process, DWORD priority)
{
    const int *nice = nice_of(priority);

    if (nice == NULL) {
        return fail(ERROR_INVALID_PARAMETER);
    }
    return setpriority(PRIO_PROCESS, (uint32_t)process, *nice) == 0 ? TRUE : fail_by_errno();
}

BOOL CloseHandle(HANDLE process)
{
    for (int i = 0; i < CODES; i++) {
        terminated[i].process = terminated[i].process == process ? 0 : terminated[i].process;
    }
    waitpid((int)process, NULL, WNOHANG);
    return TRUE;
}
