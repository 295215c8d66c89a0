/* See host_step.h.
 * SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "tests/oracle/host_step.h"

#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#define MOST_STEPS       300u /* of a repeated instruction */
#define RUN_AWAY_SECONDS 5

const struct user_desc host_ldt[SEGMENTS] = {
    [DATA] = {.base_addr = SHARED + 0x10000, .limit = 0xFFFF, .contents = 0},
    [SHORT] = {.base_addr = SHARED + 0x10000, .limit = 0x7FF3, .contents = 0},
    [DOWN] = {.base_addr = SHARED + 0x20000, .limit = 0x3FFF, .contents = 1},
    [READONLY] = {.base_addr = SHARED + 0x10000, .limit = 0xFFFF, .read_exec_only = 1},
    [CODE16] = {.base_addr = SHARED, .limit = 0xFFFF, .contents = 2},
    [CODE32] = {.base_addr = SHARED, .limit = 0xFFFF, .contents = 2, .seg_32bit = 1},
    [XONLY] = {.base_addr = SHARED, .limit = 0xFFFF, .contents = 2, .read_exec_only = 1},
    [BIG] = {.base_addr = SHARED + 0x20000, .limit = 0xFFFF, .contents = 0, .seg_32bit = 1},
    [ABSENT] = {.base_addr = SHARED, .limit = 0xFFFF, .contents = 0, .seg_not_present = 1},
    [SHORTCODE] = {.base_addr = SHARED, .limit = 0x8FFF, .contents = 2},
};

static bool child_makes_ldt(void)
{
    for (uint32_t n = 0; n < SEGMENTS; n++) {
        struct user_desc entry = host_ldt[n];
        entry.entry_number = n;
        if (syscall(SYS_modify_ldt, 0x11, &entry, sizeof entry) != 0) {
            return false;
        }
    }
    return true;
}

static void on_alarm(int number)
{
    (void)number; /* only to end waitpid() */
}

const char *host_step_open(struct host_step *t)
{
    void *place = (void *)(uintptr_t)SHARED;
    int status = 0;
    t->shared = mmap(place, SHARED_BYTES, PROT_READ | PROT_WRITE | PROT_EXEC,
                     MAP_SHARED | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
    if (t->shared != place) {
        return "memory at 2 MiB cannot be mapped";
    }
    struct sigaction action = {.sa_handler = on_alarm};
    sigaction(SIGALRM, &action, NULL);
    t->child = fork();
    if (t->child == 0) {
        if (!child_makes_ldt() || ptrace(PTRACE_TRACEME, 0, NULL, NULL) != 0) {
            _exit(1);
        }
        raise(SIGSTOP);
        _exit(2);
    }
    if (t->child < 0 || waitpid(t->child, &status, 0) != t->child || !WIFSTOPPED(status)) {
        return "no LDT (modify_ldt) or no ptrace";
    }
    return NULL;
}

static uint64_t base_of(uint16_t value)
{
    return value > 3 && value >> 3 < SEGMENTS ? host_ldt[value >> 3].base_addr : 0;
}

static void host_put(const struct registers *r, struct user_regs_struct *u)
{
    u->rax = r->gpr[REG_EAX];
    u->rcx = r->gpr[REG_ECX];
    u->rdx = r->gpr[REG_EDX];
    u->rbx = r->gpr[REG_EBX];
    u->rsp = r->gpr[REG_ESP];
    u->rbp = r->gpr[REG_EBP];
    u->rsi = r->gpr[REG_ESI];
    u->rdi = r->gpr[REG_EDI];
    u->es = r->selectors[SEG_ES];
    u->cs = r->selectors[SEG_CS];
    u->ss = r->selectors[SEG_SS];
    u->ds = r->selectors[SEG_DS];
    u->fs = r->selectors[SEG_FS];
    u->gs = r->selectors[SEG_GS];
    u->fs_base = base_of(r->selectors[SEG_FS]);
    u->gs_base = base_of(r->selectors[SEG_GS]);
    u->rip = r->eip;
    u->eflags = r->eflags;
    u->orig_rax = ~0ull; /* no system call to restart */
}

static void host_get(const struct user_regs_struct *u, struct registers *r)
{
    const uint64_t gpr[8] = {u->rax, u->rcx, u->rdx, u->rbx, u->rsp, u->rbp, u->rsi, u->rdi};
    const uint64_t selectors[SEG_COUNT] = {u->es, u->cs, u->ss, u->ds, u->fs, u->gs};
    for (uint32_t n = 0; n < 8; n++) {
        r->gpr[n] = (uint32_t)gpr[n];
    }
    for (uint32_t n = 0; n < SEG_COUNT; n++) {
        r->selectors[n] = (uint16_t)selectors[n];
    }
    r->eip = (uint32_t)u->rip;
    r->eflags = (uint32_t)u->eflags & (EFLAGS_ARITHMETIC | EFLAGS_DF);
}

static bool put_debug(const struct host_step *t, uint32_t number, uint32_t value)
{
    const size_t at = offsetof(struct user, u_debugreg) + number * sizeof(unsigned long);
    return ptrace(PTRACE_POKEUSER, t->child, at, (unsigned long)value) == 0;
}

bool host_step_watch(struct host_step *t, const uint32_t dr[4], uint32_t dr7)
{
    bool good = put_debug(t, 7, 0);
    for (uint32_t n = 0; n < 4; n++) {
        good = put_debug(t, n, dr[n]) && good;
        t->watches[n] = dr[n];
    }
    t->watches[4] = dr7;
    return put_debug(t, 7, dr7) && good;
}

/* The child does not come back: it goes on with another one. */
static void start_over(struct host_step *t)
{
    kill(t->child, SIGKILL);
    waitpid(t->child, NULL, 0);
    munmap(t->shared, SHARED_BYTES);
    const uint32_t dr[4] = {t->watches[0], t->watches[1], t->watches[2], t->watches[3]};
    if (host_step_open(t) || !host_step_watch(t, dr, t->watches[4])) {
        printf("the child is lost\n");
        exit(1);
    }
}

/* Step until the instruction is done: REP traps after each iteration. */
bool host_step_run(struct host_step *t, const struct registers *before, bool repeats,
                   struct registers *after)
{
    const size_t debug_status = offsetof(struct user, u_debugreg) + 6 * sizeof(unsigned long);
    struct user_regs_struct u;
    int status = 0;
    ptrace(PTRACE_GETREGS, t->child, NULL, &u);
    host_put(before, &u);
    if (ptrace(PTRACE_SETREGS, t->child, NULL, &u) != 0) {
        return false;
    }
    for (uint32_t n = 0; n < MOST_STEPS; n++) {
        alarm(RUN_AWAY_SECONDS);
        bool back = ptrace(PTRACE_SINGLESTEP, t->child, NULL, NULL) == 0 &&
                    waitpid(t->child, &status, 0) == t->child && WIFSTOPPED(status);
        alarm(0);
        if (!back) {
            start_over(t);
            return false;
        }
        ptrace(PTRACE_GETREGS, t->child, NULL, &u);
        t->hits = t->watches[4]
                      ? (uint32_t)ptrace(PTRACE_PEEKUSER, t->child, debug_status, NULL) & 15
                      : 0;
        t->signal = WSTOPSIG(status) == SIGTRAP ? NO_SIGNAL : WSTOPSIG(status);
        if (t->signal != NO_SIGNAL || u.rip != before->eip || !repeats) {
            break;
        }
    }
    host_get(&u, after);
    return true;
}

void host_step_close(struct host_step *t)
{
    kill(t->child, SIGKILL);
    waitpid(t->child, NULL, 0);
}
