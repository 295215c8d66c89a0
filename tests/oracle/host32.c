/* See host32.h. One process-wide oracle: signal handlers leave no other choice.
 * SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "tests/oracle/host32.h"

#include <asm/ldt.h>
#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <ucontext.h>
#include <unistd.h>

#include "cpu/cpu_state.h"

#define SELECTOR_CODE32 0x23u /* Linux: user code of 32 bits */
#define SELECTOR_CODE64 0x33u
#define SELECTOR_FLAT   0x2Bu
#define SELECTOR_SMALL  0x07u /* LDT entry 0, RPL 3 */

struct host32_block {
    uint64_t saved_rsp;
    uint32_t entry_offset, entry_selector;
    uint32_t exit_offset, exit_selector;
    uint32_t data_segment;
    uint32_t flat_segment;
    struct host32_registers in;
    struct host32_registers out;
};
_Static_assert(offsetof(struct host32_block, exit_offset) == BLOCK_EXIT, "layout");
_Static_assert(offsetof(struct host32_block, data_segment) == BLOCK_DATA_SEG, "layout");
_Static_assert(offsetof(struct host32_block, in.gpr) == BLOCK_GPR, "layout");
_Static_assert(offsetof(struct host32_block, out) == BLOCK_OUT_EFLAGS, "layout");

extern const uint8_t host32_stub[], host32_stub_enter32[], host32_stub_exit64[], host32_stub_end[];

static struct {
    uint32_t trap, eip; /* set by the handler */
    bool small_segment; /* modify_ldt worked */
    _Alignas(64) uint8_t stack[65536];
} oracle;

static struct host32_block *block(void)
{
    return (struct host32_block *)(uintptr_t)ORACLE_BLOCK;
}

static uint32_t stub_address(const uint8_t *label)
{
    return ORACLE_BASE + (uint32_t)(label - host32_stub);
}

/* A fault in the code under test: note everything and go on at the exit. */
static void on_signal(int number, siginfo_t *info, void *context)
{
    static const int order[8] = {REG_RAX, REG_RCX, REG_RDX, REG_RBX,
                                 REG_RSP, REG_RBP, REG_RSI, REG_RDI};
    greg_t *gregs = ((ucontext_t *)context)->uc_mcontext.gregs;
    (void)info;

    if ((gregs[REG_CSGSFS] & 0xFFFF) != SELECTOR_CODE32) {
        signal(number, SIG_DFL); /* a fault of the test itself */
        return;
    }
    for (int n = 0; n < 8; n++) {
        block()->out.gpr[n] = (uint32_t)gregs[order[n]];
    }
    block()->out.eflags = (uint32_t)gregs[REG_EFL];
    oracle.trap = (uint32_t)gregs[REG_TRAPNO];
    oracle.eip = (uint32_t)gregs[REG_RIP];
    gregs[REG_RIP] = stub_address(host32_stub_exit64);
    gregs[REG_EFL] &= ~(greg_t)(EFLAGS_TF | EFLAGS_DF | EFLAGS_AC);
    gregs[REG_CSGSFS] = (greg_t)(((uint64_t)SELECTOR_FLAT << 48) | SELECTOR_CODE64);
}

static bool install_handlers(void)
{
    static const int numbers[] = {SIGFPE, SIGSEGV, SIGBUS, SIGILL, SIGTRAP};
    stack_t stack = {.ss_sp = oracle.stack, .ss_size = sizeof oracle.stack};
    struct sigaction action = {.sa_sigaction = on_signal,
                               .sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER};
    if (sigaltstack(&stack, NULL)) {
        return false;
    }
    for (size_t n = 0; n < sizeof numbers / sizeof *numbers; n++) {
        if (sigaction(numbers[n], &action, NULL)) {
            return false;
        }
    }
    return true;
}

static bool make_small_segment(void)
{
    struct user_desc descriptor = {.entry_number = 0,
                                   .base_addr = ORACLE_SEGMENT,
                                   .limit = 0xFFFF,
                                   .seg_32bit = 1,
                                   .contents = MODIFY_LDT_CONTENTS_DATA,
                                   .useable = 1};
    return syscall(SYS_modify_ldt, 1, &descriptor, sizeof descriptor) == 0;
}

/* Try it in a child: a kernel without 32-bit support kills it at the far jump. */
static bool runs_32_bit_code(void)
{
    static const struct host32_registers registers;
    struct host32_result result;
    const uint32_t distance = (uint32_t)ORACLE_EXIT32 - (ORACLE_CODE + 5);
    uint8_t *code = (uint8_t *)(uintptr_t)ORACLE_CODE;
    int status = 1;
    code[0] = 0xE9; /* JMP */
    memcpy(code + 1, &distance, sizeof distance);
    pid_t child = fork();
    if (child == 0) {
        host32_run(&registers, false, &result);
        _exit(result.trap == HOST32_NO_TRAP ? 0 : 1);
    }
    return child > 0 && waitpid(child, &status, 0) == child && status == 0;
}

const char *host32_open(void)
{
    void *place = (void *)(uintptr_t)ORACLE_BASE;
    size_t bytes = ORACLE_END - ORACLE_BASE;
    int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE;

    if (mmap(place, bytes, PROT_READ | PROT_WRITE | PROT_EXEC, flags, -1, 0) != place) {
        return "memory at 2 MiB cannot be mapped readable, writable and executable";
    }
    if (!install_handlers()) {
        return "signal handlers cannot be installed";
    }
    memcpy(place, host32_stub, (size_t)(host32_stub_end - host32_stub));
    block()->entry_offset = stub_address(host32_stub_enter32);
    block()->entry_selector = SELECTOR_CODE32;
    block()->exit_offset = stub_address(host32_stub_exit64);
    block()->exit_selector = SELECTOR_CODE64;
    block()->flat_segment = SELECTOR_FLAT;
    if (!runs_32_bit_code()) {
        return "the kernel does not run 32-bit code";
    }
    oracle.small_segment = make_small_segment();
    return NULL;
}

bool host32_has_small_segment(void)
{
    return oracle.small_segment;
}

void host32_run(const struct host32_registers *in, bool small, struct host32_result *out)
{
    const uint32_t taken = EFLAGS_ARITHMETIC | EFLAGS_DF;

    block()->in = *in;
    block()->in.eflags = (in->eflags & taken) | EFLAGS_IF | EFLAGS_ONE;
    block()->data_segment = small ? SELECTOR_SMALL : SELECTOR_FLAT;
    oracle.trap = HOST32_NO_TRAP;
    ((void (*)(void))(uintptr_t)ORACLE_BASE)();
    out->registers = block()->out;
    out->trap = oracle.trap;
    out->eip = oracle.eip;
}
