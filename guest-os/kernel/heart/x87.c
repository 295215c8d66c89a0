/* The x87 belongs to the process that used it last. CR0.TS makes the first x87 instruction of any
 * other trap to vector 7, and only then the registers are saved and others loaded: a process that
 * does not compute with them costs nothing. The kernel itself does not use the x87. Interrupts may
 * be on: interrupt handlers do not come here. See: Intel486 PRM 11.1 (EM, TS, NE), FNSAVE, FRSTOR.
 * SPDX-License-Identifier: MIT */
#include "heart/x87.h"

#include "heart/cpu.h"

#define CR0_MP 0x02u /* WAIT traps with TS, as the other x87 instructions do */
#define CR0_EM 0x04u /* every x87 instruction traps */
#define CR0_TS 0x08u /* another process has the CPU than the x87 */
#define CR0_NE 0x20u /* errors come as vector 16 */

#define STATUS_WORD  1 /* of struct x87_state */
#define ERROR_BITS   0x3Fu
#define STATUS_EMPTY 0x5A5A /* FNSTSW leaves it alone where there is no x87 */

static bool is_there;
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
    uint16_t status = STATUS_EMPTY;

    write_cr0((read_cr0() & ~(CR0_EM | CR0_TS)) | CR0_MP);
    if (cpu_may_have_x87()) {
        __asm__ volatile("fninit\n\tfnstsw %0" : "+m"(status));
    }
    is_there = (status & 0xFF) == 0;
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
    if (owner != NULL) {
        __asm__ volatile("fnsave %0" : "=m"(owner->x87));
        owner = NULL;
    }
}

static void load_current(void)
{
    if (current->x87_used) {
        __asm__ volatile("frstor %0" : : "m"(current->x87));
    } else {
        __asm__ volatile("fninit");
    }
    current->x87_used = true;
    owner = current;
}

bool x87_take(void)
{
    if (!is_there) {
        return false;
    }
    let_trap(false);
    if (owner != current) {
        save_owner();
        load_current();
    }
    return true;
}

void x87_inherit(struct process *child)
{
    if (owner == current) {
        let_trap(false);
        save_owner();
        let_trap(true);
    }
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

bool x87_save(struct x87_state *to)
{
    if (!current->x87_used) {
        return false;
    }
    if (owner == current) {
        let_trap(false);
        save_owner();
        let_trap(true);
    }
    *to = current->x87;
    return true;
}

void x87_restore(const struct x87_state *from)
{
    x87_forget(current);
    current->x87 = *from;
    current->x87_used = is_there;
}

/* The first unmasked exception in the order of the status word. */
int32_t x87_exception_code(void)
{
    static const int32_t codes[6] = {FPE_FLTINV, FPE_FLTUND, FPE_FLTDIV,
                                     FPE_FLTOVF, FPE_FLTUND, FPE_FLTRES};
    struct x87_state state;
    uint32_t raised;

    if (!x87_save(&state)) {
        return SI_KERNEL;
    }
    raised = state.words[STATUS_WORD] & ~state.words[0] & ERROR_BITS;
    for (uint32_t bit = 0; bit < 6; bit++) {
        if (raised >> bit & 1) {
            return codes[bit];
        }
    }
    return SI_KERNEL;
}
