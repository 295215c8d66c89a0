/* winproc: a process in the Windows manner. The ten parameters of CreateProcess one by one, what
 * can be done with the process, and what it costs beside fork and exec.
 * SPDX-License-Identifier: MIT */
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <windows.h>

#include "user/demo/show.h"

#define ROUNDS 8

static PROCESS_INFORMATION made;

/* Its exit code; it is not wanted any more then. */
static DWORD code_of(PROCESS_INFORMATION *process)
{
    DWORD code = STILL_ACTIVE;

    WaitForSingleObject(process->hProcess, INFINITE);
    GetExitCodeProcess(process->hProcess, &code);
    CloseHandle(process->hProcess);
    return code;
}

static BOOL command(char *line, BOOL inherit, DWORD flags, const char *environment,
                    const char *directory, const STARTUPINFO *startup)
{
    return CreateProcess(NULL, line, NULL, NULL, inherit, flags, environment, directory, startup,
                         &made);
}

static void show_names(void)
{
    char line[] = "anything \"-c\" \"exit 3\"";

    show_check(CreateProcess("/bin/sh", line, NULL, NULL, TRUE, 0, NULL, NULL, NULL, &made) &&
                   code_of(&made) == 3,
               " 1 lpApplicationName: the program; may be NULL, then the line has it");
    show_check(command((char[]){"/bin/sh -c \"exit 4\""}, TRUE, 0, NULL, NULL, NULL) &&
                   code_of(&made) == 4,
               " 2 lpCommandLine: cut at blanks, quotes hold together");
}

static void show_rights(void)
{
    SECURITY_ATTRIBUTES rights = {sizeof(rights), NULL, FALSE};

    show_check(!CreateProcess("/bin/true", NULL, &rights, NULL, TRUE, 0, NULL, NULL, NULL, &made) &&
                   GetLastError() == ERROR_NOT_SUPPORTED,
               " 3 lpProcessAttributes: refused, who may do what follows from the user");
    show_check(!CreateProcess("/bin/true", NULL, NULL, &rights, TRUE, 0, NULL, NULL, NULL, &made) &&
                   GetLastError() == ERROR_NOT_SUPPORTED,
               " 4 lpThreadAttributes: refused likewise");
}

static void show_handles(void)
{
    int fd = open("/dev/null", O_RDONLY);
    char line[64];

    snprintf(line, sizeof(line), "/bin/test -e /proc/self/fd/%d", fd);
    show_check(command(line, TRUE, 0, NULL, NULL, NULL) && code_of(&made) == 0 &&
                   command(line, FALSE, 0, NULL, NULL, NULL) && code_of(&made) == 1,
               " 5 bInheritHandles: FALSE leaves all descriptors but 0, 1, 2 behind");
    close(fd);
}

static void show_flags(void)
{
    char line[] = "/bin/true";
    DWORD code;
    bool waits = command(line, TRUE, CREATE_SUSPENDED | IDLE_PRIORITY_CLASS, NULL, NULL, NULL) &&
                 WaitForSingleObject(made.hProcess, 30) == WAIT_TIMEOUT &&
                 GetExitCodeProcess(made.hProcess, &code) && code == STILL_ACTIVE &&
                 getpriority(PRIO_PROCESS, made.dwProcessId) == 19;

    show_check(waits && ResumeThread(made.hThread) == 1 && code_of(&made) == 0,
               " 6 dwCreationFlags: CREATE_SUSPENDED, groups, priority classes");
    show_check(!command(line, TRUE, 0x80000000, NULL, NULL, NULL) &&
                   GetLastError() == ERROR_INVALID_PARAMETER,
               "   what is not known is refused: 80000000h");
}

static void show_surroundings(void)
{
    STARTUPINFO startup = {sizeof(startup), STARTF_USESTDHANDLES, 0, 0, 2};
    char text[16] = "";
    int fds[2];

    show_check(command((char[]){"/bin/sh -c \"test $COLOUR = red\""}, TRUE, 0, "COLOUR=red\0", NULL,
                       NULL) &&
                   code_of(&made) == 0,
               " 7 lpEnvironment: NAME=value texts in a row");
    show_check(command((char[]){"/bin/sh -c \"test $PWD = /etc\""}, TRUE, 0, NULL, "/etc", NULL) &&
                   code_of(&made) == 0,
               " 8 lpCurrentDirectory");
    pipe(fds);
    startup.hStdOutput = fds[1];
    show_check(command((char[]){"/bin/echo hello"}, TRUE, 0, NULL, NULL, &startup) &&
                   read(fds[0], text, sizeof(text)) == 6 && memcmp(text, "hello\n", 6) == 0 &&
                   code_of(&made) == 0,
               " 9 lpStartupInfo: standard files; windows and desktops do not exist");
    close(fds[0]);
    close(fds[1]);
    show_check(CreateProcessSimply("/bin/true", &made) &&
                   made.dwProcessId == (DWORD)made.hProcess && code_of(&made) == 0,
               "10 lpProcessInformation: handle and number, here the same");
}

static void show_rest(void)
{
    show_check(!CreateProcessSimply("/no/such/program", &made) &&
                   GetLastError() == ERROR_FILE_NOT_FOUND,
               "CreateProcess tells at once that there is no such program");
    command((char[]){"/bin/sleep 1000"}, TRUE, 0, NULL, NULL, NULL);
    show_check(SetPriorityClass(made.hProcess, BELOW_NORMAL_PRIORITY_CLASS) &&
                   getpriority(PRIO_PROCESS, made.dwProcessId) == 10,
               "SetPriorityClass");
    show_check(TerminateProcess(made.hProcess, 77) && code_of(&made) == 77,
               "TerminateProcess, and its exit code");
}

static uint32_t clocks(void)
{
    uint32_t low;

    __asm__ volatile("rdtsc" : "=a"(low) : : "edx", "memory");
    return low;
}

/* The smallest of some. */
static uint32_t cost(bool in_one_call)
{
    char *const argv[] = {(char[]){"/bin/true"}, NULL};
    uint32_t best = UINT32_MAX;

    for (int i = 0; i < ROUNDS; i++) {
        uint32_t start = clocks();
        int status, pid;

        if (in_one_call) {
            CreateProcessSimply("/bin/true", &made);
            pid = (int)made.hProcess;
        } else {
            pid = fork();
            if (pid == 0) {
                execve(argv[0], argv, environ);
                _exit(127);
            }
        }
        waitpid(pid, &status, 0);
        best = clocks() - start < best ? clocks() - start : best;
    }
    return best;
}

int main(void)
{
    uint32_t one, two;

    show_title("winproc", "C8", "CreateProcess with its ten parameters",
               "trace: one call, create_process; nothing is copied that exec would throw away");
    if (!CreateProcessSimply("/bin/true", &made) && GetLastError() == ERROR_CALL_NOT_IMPLEMENTED) {
        puts("  this kernel can not create a process in one call");
        return show_end("winproc");
    }
    code_of(&made);
    show_names();
    show_rights();
    show_handles();
    show_flags();
    show_surroundings();
    show_rest();
    one = cost(true);
    two = cost(false);
    printf("  until /bin/true has ended: %u clocks with CreateProcess, %u with fork and exec\n",
           one, two);
    show_check(one < two, "one call is cheaper");
    return show_end("winproc");
}
