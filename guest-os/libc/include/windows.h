/* Processes in the Windows manner, over this kernel's one-call creation. Handles are process
 * numbers. Names, values and order of parameters are those of the Windows API (Microsoft,
 * "CreateProcessA", "GetExitCodeProcess", ...). SPDX-License-Identifier: MIT */
#pragma once

#include <stdint.h>

typedef int BOOL;
typedef uint32_t DWORD;
typedef intptr_t HANDLE;

#define TRUE     1
#define FALSE    0
#define INFINITE 0xFFFFFFFFu

#define WAIT_OBJECT_0 0u
#define WAIT_TIMEOUT  258u
#define WAIT_FAILED   0xFFFFFFFFu
#define STILL_ACTIVE  259u

#define CREATE_SUSPENDED            0x00000004u
#define DETACHED_PROCESS            0x00000008u
#define CREATE_NEW_PROCESS_GROUP    0x00000200u
#define NORMAL_PRIORITY_CLASS       0x00000020u
#define IDLE_PRIORITY_CLASS         0x00000040u
#define HIGH_PRIORITY_CLASS         0x00000080u
#define REALTIME_PRIORITY_CLASS     0x00000100u
#define BELOW_NORMAL_PRIORITY_CLASS 0x00004000u
#define ABOVE_NORMAL_PRIORITY_CLASS 0x00008000u

#define STARTF_USESTDHANDLES 0x00000100u

#define ERROR_FILE_NOT_FOUND       2u
#define ERROR_ACCESS_DENIED        5u
#define ERROR_INVALID_HANDLE       6u
#define ERROR_NOT_ENOUGH_MEMORY    8u
#define ERROR_BAD_FORMAT           11u
#define ERROR_GEN_FAILURE          31u
#define ERROR_NOT_SUPPORTED        50u
#define ERROR_INVALID_PARAMETER    87u
#define ERROR_CALL_NOT_IMPLEMENTED 120u

typedef struct SECURITY_ATTRIBUTES {
    DWORD nLength;              /* sizeof this */
    void *lpSecurityDescriptor; /* access control lists: there are none here */
    BOOL bInheritHandle;        /* of the new process's handle */
} SECURITY_ATTRIBUTES;

typedef struct STARTUPINFO {
    DWORD cb;                                /* sizeof this */
    DWORD dwFlags;                           /* STARTF_... */
    HANDLE hStdInput, hStdOutput, hStdError; /* descriptors, with STARTF_USESTDHANDLES */
} STARTUPINFO;

typedef struct PROCESS_INFORMATION {
    HANDLE hProcess, hThread; /* the same here */
    DWORD dwProcessId, dwThreadId;
} PROCESS_INFORMATION;

/* Ten parameters: program and command line (one of them may be NULL), two sets of rights (NULL),
 * whether open files other than 0, 1 and 2 go along, flags and priority class, environment
 * ("NAME=value" texts, one after the other, an empty one at the end; NULL: this process's), working
 * directory (NULL: this process's), standard files, and what comes back. FALSE: GetLastError. */
BOOL CreateProcess(const char *application, char *command_line,
                   const SECURITY_ATTRIBUTES *process_rights,
                   const SECURITY_ATTRIBUTES *thread_rights, BOOL inherit_handles, DWORD flags,
                   const char *environment, const char *directory, const STARTUPINFO *startup,
                   PROCESS_INFORMATION *information);

/* The form of two: the program, and what comes back. */
BOOL CreateProcessSimply(const char *application, PROCESS_INFORMATION *information);

DWORD ResumeThread(HANDLE thread); /* times it had been suspended */
DWORD WaitForSingleObject(HANDLE process, DWORD milliseconds);
BOOL GetExitCodeProcess(HANDLE process, DWORD *code); /* STILL_ACTIVE while it runs */
BOOL TerminateProcess(HANDLE process, uint32_t code);
BOOL SetPriorityClass(HANDLE process, DWORD priority);
BOOL CloseHandle(HANDLE process); /* its exit code is not wanted any more */
DWORD GetLastError(void);
