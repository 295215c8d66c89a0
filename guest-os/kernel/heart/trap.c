/* From the entry points into C: which trap is it, who handles it, and what is due before the return
 * to user mode. Interrupts are off on entry; system calls and exceptions of programs turn them on.
 * See: Intel386 PRM chapter 9. SPDX-License-Identifier: MIT */
#include "heart/trap.h"

#include "drivers/pic.h"
#include "heart/cpu.h"
#include "heart/descriptors.h"
#include "heart/process.h"
#include "heart/scheduler.h"
#include "heart/signal.h"
#include "heart/system_call.h"
#include "support/log.h"
#include "support/x87.h"

#define PAGE_FAULT_WRITE 2u /* bit of the error code */

extern const uint32_t vector_table[VECTOR_IRQ0 + 16]; /* trap_entry.S */
extern const char vector_system_call[], vector_unused[];

static interrupt_handler *irq_handlers[16];
static uint32_t irq_counts[16]; /* since the start */
static bool mode_in_eflags;

/* What an exception in a program is to that program. */
struct exception {
    const char *name; /* as the manual has it */
    uint8_t signal;   /* SIG... */
    int32_t code;     /* si_code */
    bool at_eip;      /* si_addr is EIP */
};

static const struct exception exceptions[32] = {
    [0] = {"divide error", SIGFPE, FPE_INTDIV, true},
    [1] = {"debug", SIGTRAP, TRAP_TRACE, true},
    [2] = {"NMI", SIGBUS, SI_KERNEL, false},
    [3] = {"breakpoint", SIGTRAP, SI_KERNEL, false},
    [4] = {"overflow", SIGSEGV, SI_KERNEL, false},
    [5] = {"bound", SIGSEGV, SI_KERNEL, false},
    [6] = {"invalid opcode", SIGILL, ILL_ILLOPN, true},
    [7] = {"no x87", SIGILL, ILL_ILLOPN, true},
    [8] = {"double fault", SIGSEGV, SI_KERNEL, false},
    [9] = {"x87 overrun", SIGFPE, SI_KERNEL, false},
    [10] = {"invalid TSS", SIGSEGV, SI_KERNEL, false},
    [11] = {"segment not present", SIGBUS, SI_KERNEL, false},
    [12] = {"stack fault", SIGBUS, SI_KERNEL, false},
    [13] = {"general protection", SIGSEGV, SI_KERNEL, false},
    [14] = {"page fault", SIGSEGV, SEGV_MAPERR, false},
    [16] = {"x87 error", SIGFPE, SI_KERNEL, true},
    [17] = {"alignment check", SIGBUS, SI_KERNEL, false},
    [18] = {"machine check", SIGBUS, SI_KERNEL, false},
};

/* A task of its own: the kernel stack that was in use may be full, which is how it came here. */
static _Noreturn void double_fault(void)
{
    struct trap_frame frame;
    uint32_t below = current->kernel_stack_top - KERNEL_STACK_SIZE - read_cr2();

    descriptors_interrupted(&frame);
    panic_with_frame(&frame, "double fault%s",
                     below <= KERNEL_STACK_STEP ? ": the kernel stack is full" : "");
}

void trap_catch_double_faults(void)
{
    static uint8_t stack[PAGE_SIZE] __attribute__((aligned(16)));

    descriptors_set_double_fault(double_fault, (uint32_t)stack + sizeof(stack));
}

bool trap_from_user(const struct trap_frame *frame)
{
    if (mode_in_eflags) {
        return (frame->eflags & EFLAGS_MODE) != 0;
    }
    return (frame->cs & 3) == 3 || (frame->eflags & EFLAGS_VM) != 0;
}

void trap_use_eflags_mode(void)
{
    mode_in_eflags = cpu_enable_eflags_mode();
}

uint32_t trap_user_eflags(void)
{
    return EFLAGS_ALWAYS_1 | EFLAGS_INTERRUPT | (mode_in_eflags ? EFLAGS_MODE : 0);
}

const char *trap_exception_name(uint32_t vector)
{
    return vector < 32 && exceptions[vector].name != NULL ? exceptions[vector].name : "reserved";
}

void trap_initialise(void)
{
    for (uint32_t vector = 0; vector < VECTOR_COUNT; vector++) {
        uint32_t entry = vector < VECTOR_IRQ0 + 16 ? vector_table[vector] : (uint32_t)vector_unused;
        bool for_programs = vector == VECTOR_BREAKPOINT || vector == VECTOR_OVERFLOW;

        descriptors_set_gate(vector, entry, for_programs ? 3 : 0);
    }
    descriptors_set_gate(VECTOR_SYSTEM_CALL, (uint32_t)vector_system_call, 3);
    descriptors_load_gates();
}

void trap_on_irq(uint32_t irq, interrupt_handler *handler)
{
    irq_handlers[irq] = handler;
    pic_open(irq);
}

uint32_t trap_irq_count(uint32_t irq)
{
    return irq_counts[irq];
}

static void handle_irq(uint32_t irq, struct trap_frame *frame)
{
    if (!pic_acknowledge(irq)) {
        return; /* spurious: the line was gone when the CPU asked */
    }
    irq_counts[irq]++;
    if (irq_handlers[irq] != NULL) {
        irq_handlers[irq](frame);
    }
}

/* A page that is not there or not writable: try to mend it. False: tell the one who did it; then
 * *cause says how. */
static bool mend_page_fault(const struct trap_frame *frame, uint32_t address,
                            struct signal_cause *cause, uint32_t *signal)
{
    enum fault_result result = FAULT_NO_PLACE;

    if (current->space != NULL && address < KERNEL_BASE) {
        result = space_fault(current->space, address, (frame->error_code & PAGE_FAULT_WRITE) != 0);
    }
    cause->value = address;
    cause->is_address = true;
    cause->code = result == FAULT_DENIED ? SEGV_ACCERR : SEGV_MAPERR;
    *signal = SIGSEGV;
    if (result == FAULT_NO_DATA) {
        cause->code = BUS_ADRERR;
        *signal = SIGBUS;
    } else if (result == FAULT_NO_MEMORY) {
        print("kernel: out of memory: process %d (%s) has to end\n", current->pid, current->name);
        *signal = SIGKILL;
    }
    return result == FAULT_MENDED;
}

/* An exception inside the kernel: only a copy from or to a program's memory may have one. */
static void handle_kernel_exception(struct trap_frame *frame, uint32_t cr2)
{
    struct signal_cause cause;
    uint32_t signal;

    if (frame->vector != VECTOR_PAGE_FAULT || frame->eip < (uint32_t)user_copy_first ||
        frame->eip >= (uint32_t)user_copy_end) {
        panic_with_frame(frame, "%s in the kernel", trap_exception_name(frame->vector));
    }
    if (!mend_page_fault(frame, cr2, &cause, &signal)) {
        frame->eip = (uint32_t)user_copy_failed;
    }
}

/* An exception in a program: the program's own affair, told to it by a signal. */
static void handle_user_exception(struct trap_frame *frame, uint32_t cr2)
{
    const struct exception *exception = &exceptions[frame->vector % 32];
    struct signal_cause cause = {.code = exception->code, .is_address = true};
    uint32_t signal = exception->signal != 0 ? exception->signal : SIGSEGV;

    if (frame->vector == VECTOR_NO_X87 && x87_take()) {
        return;
    }
    if (frame->vector == VECTOR_PAGE_FAULT) {
        if (mend_page_fault(frame, cr2, &cause, &signal)) {
            return;
        }
        current->cr2 = cr2;
    } else if (exception->at_eip) {
        cause.value = frame->eip;
    }
    if (frame->vector == VECTOR_STACK_FAULT && base_bound) {
        signal = SIGSEGV; /* ESP or EBP was out of bounds, as others are with vector 13 */
    }
    if (frame->vector == VECTOR_X87_ERROR) {
        cause.code = x87_exception_code();
    }
    current->trap_vector = frame->vector;
    current->trap_error = frame->error_code;
    signal_force(current, signal, &cause);
}

/* Base and bound: would the IRET find EIP beyond the bound? It would fault in the kernel then. */
static bool is_out_of_bounds(const struct trap_frame *frame)
{
    return base_bound && frame->eip >= current->space->bound;
}

/* Before the return to user mode: let others run, deliver signals. Leaves interrupts off, so that
 * nothing new can become due before the IRET. */
void trap_leave(struct trap_frame *frame)
{
    interrupts_off();
    for (;;) {
        if (switch_wanted) {
            yield_cpu();
        } else if (signal_is_pending(current)) {
            signal_deliver(frame);
        } else if (is_out_of_bounds(frame)) {
            signal_force(current, SIGSEGV, &(struct signal_cause){.code = SI_KERNEL});
        } else if (!signal_restore_mask()) {
            signal_settle_call(frame, NULL);
            return;
        }
    }
}

void trap(struct trap_frame *frame)
{
    bool from_user = trap_from_user(frame);
    uint32_t cr2 = read_cr2(); /* before another page fault can change it */

    if (from_user) {
        current->call_number = -1;
    }
    if (frame->vector >= VECTOR_IRQ0 && frame->vector < VECTOR_IRQ0 + 16) {
        handle_irq(frame->vector - VECTOR_IRQ0, frame);
    } else if (frame->vector == VECTOR_SYSTEM_CALL && from_user) {
        interrupts_on();
        system_call(frame);
    } else if (from_user) {
        interrupts_on();
        handle_user_exception(frame, cr2);
    } else {
        handle_kernel_exception(frame, cr2);
    }
    if (frame->eflags & EFLAGS_VM) {
        /* No program is given virtual-8086 mode, and on a CPU none gets there; QEMU 7.2 lets it, by
         * an IRET in user mode with VM set. Nothing here returns to such a frame. */
        process_exit(SIGSEGV);
    }
    if (from_user) {
        trap_leave(frame);
    }
}
