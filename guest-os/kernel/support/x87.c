/* The x87 belongs to the process that used it last. CR0.TS makes the first x87 instruction of any
 * other trap to vector 7, and only then the registers are saved and others loaded: a process that
 * does not compute with them costs nothing. The kernel itself does not use the x87. Where the CPU
 * has SSE its registers belong to the same state, or programs that find SSE in CPUID would fail.
 * Interrupts may be on: interrupt handlers do not come here. See: Intel486 PRM 11.1 (EM, TS, NE),
 * FNSAVE, FRSTOR; Intel SDM FXSAVE. SPDX-License-Identifier: MIT */
#include "support/x87.h"

#include "common/text.h"
#include "heart/cpu.h"

#define CR0_MP 0x02u /* WAIT traps with TS, as the other x87 instructions do */
#define CR0_EM 0x04u /* every x87 instruction traps */
#define CR0_TS 0x08u /* another process has the CPU than the x87 */
#define CR0_NE 0x20u /* errors come as vector 16 */

#define CR4_OSFXSR 0x200u /* FXSAVE saves SSE registers, and SSE instructions work */

#define STATUS_WORD  1 /* of x87_state.words */
#define ERROR_BITS   0x3Fu
#define MXCSR        6 /* word of x87_state.extended */
#define MXCSR_MASK   7 /* which bits of it exist; 0: those of MXCSR_BITS */
#define MXCSR_BITS   0xFFBFu
#define MXCSR_RESET  0x1F80u
#define CONTROL_INIT 0x037Fu /* after FNINIT */
#define STATUS_EMPTY 0x5A5A  /* FNSTSW leaves it alone where there is no x87 */

static bool is_there;
static bool has_extended; /* FXSAVE and SSE */

/* FXSAVE wants its memory on a multiple of 16. */
static uint32_t extended_area[128] __attribute__((aligned(16)));

/* What a program begins with: as after FNINIT. */
static const struct x87_state fresh = {
    .words = {0xFFFF0000 | CONTROL_INIT, 0xFFFF0000, 0xFFFFFFFF, [6] = 0xFFFF0000},
    .kind = X87_EXTENDED,
    .extended = {[0] = CONTROL_INIT, [MXCSR] = MXCSR_RESET},
};

static struct process *owner; /* whose state is in the x87, NULL nobody's */

static uint32_t read_cr0(void)
{
    uint32_t value;

    __asm__ volatile("movl %%cr0, %0" : "=r"(value));
    return value;
}

static void write_cr0(uint32_t value)
{
    __asm__ volatile("movl %0, %%cr0" : : "r"(value));
}

static void let_trap(bool trap)
{
    uint32_t cr0 = read_cr0();
    uint32_t wanted = trap ? cr0 | CR0_TS : cr0 & ~CR0_TS;

    if (cr0 != wanted) {
        write_cr0(wanted);
    }
}

void x87_initialise(void)
{
    uint32_t features = cpu_features();
    uint16_t status = STATUS_EMPTY;

    write_cr0((read_cr0() & ~(CR0_EM | CR0_TS)) | CR0_MP);
    if (features & CPU_HAS_X87) {
        __asm__ volatile("fninit\n\tfnstsw %0" : "+m"(status));
    }
    is_there = (status & 0xFF) == 0;
    has_extended = is_there && (features & CPU_HAS_SSE) == CPU_HAS_SSE;
    if (has_extended) {
        uint32_t cr4;

        __asm__ volatile("movl %%cr4, %0" : "=r"(cr4));
        __asm__ volatile("movl %0, %%cr4" : : "r"(cr4 | CR4_OSFXSR));
    }
    write_cr0(read_cr0() | (is_there ? CR0_NE | CR0_TS : CR0_EM));
}

bool x87_is_there(void)
{
    return is_there;
}

void x87_leave(const struct process *next)
{
    if (is_there) {
        let_trap(next != owner);
    }
}

/* Registers to memory; the x87 is as after FNINIT then. */
static void save_owner(void)
{
    struct x87_state *state = &owner->x87;

    if (has_extended) {
        __asm__ volatile("fxsave %0" : "=m"(extended_area));
        memcpy(state->extended, extended_area, sizeof(extended_area));
    }
    __asm__ volatile("fnsave %0" : "=m"(state->words));
    state->status = (uint16_t)state->words[STATUS_WORD];
    state->kind = has_extended ? X87_EXTENDED : X87_ONLY;
    owner = NULL;
}

/* A program may have made up the state: bits of MXCSR that do not exist would be a fault here. */
static void load(const struct x87_state *state)
{
    uint32_t mask;

    if (!has_extended || state->kind != X87_EXTENDED) {
        __asm__ volatile("frstor %0" : : "m"(state->words));
        return;
    }
    __asm__ volatile("fxsave %0" : "=m"(extended_area));
    mask = extended_area[MXCSR_MASK] != 0 ? extended_area[MXCSR_MASK] : MXCSR_BITS;
    memcpy(extended_area, state->extended, sizeof(extended_area));
    extended_area[MXCSR] &= mask;
    __asm__ volatile("fxrstor %0" : : "m"(extended_area));
}

/* The registers are wanted in memory. */
static void save_if_loaded(const struct process *process)
{
    if (owner == process) {
        let_trap(false);
        save_owner();
        let_trap(true);
    }
}

bool x87_take(void)
{
    if (!is_there) {
        return false;
    }
    let_trap(false);
    if (owner != current) {
        if (owner != NULL) {
            save_owner();
        }
        load(current->x87_used ? &current->x87 : &fresh);
        current->x87_used = true;
        owner = current;
    }
    return true;
}

void x87_inherit(struct process *child)
{
    save_if_loaded(current);
    child->x87 = current->x87;
    child->x87_used = current->x87_used;
}

void x87_forget(struct process *process)
{
    if (owner == process) {
        let_trap(false);
        __asm__ volatile("fninit");
        owner = NULL;
        let_trap(true);
    }
    process->x87_used = false;
}

bool x87_save(struct process *process)
{
    save_if_loaded(process);
    return process->x87_used;
}

/* The first unmasked exception in the order of the status word. */
int32_t x87_exception_code(void)
{
    static const int32_t codes[6] = {FPE_FLTINV, FPE_FLTUND, FPE_FLTDIV,
                                     FPE_FLTOVF, FPE_FLTUND, FPE_FLTRES};
    uint32_t raised;

    if (!x87_save(current)) {
        return SI_KERNEL;
    }
    raised = current->x87.words[STATUS_WORD] & ~current->x87.words[0] & ERROR_BITS;
    for (uint32_t bit = 0; bit < 6; bit++) {
        if (raised >> bit & 1) {
            return codes[bit];
        }
    }
    return SI_KERNEL;
}
