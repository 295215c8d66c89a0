/* How a machine ended, in words and as an exit status.
 * SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#include "cpu/trap.h"
#include "emu/machine.h"
#include "emu/machine_priv.h"

static const char *const exception_names[32] = {
    "#DE divide error",
    "#DB debug",
    "NMI",
    "#BP breakpoint",
    "#OF overflow",
    "#BR bound",
    "#UD invalid opcode",
    "#NM no coprocessor",
    "#DF double fault",
    "coprocessor segment overrun",
    "#TS invalid TSS",
    "#NP segment not present",
    "#SS stack fault",
    "#GP general protection",
    "#PF page fault",
    "vector 15",
    "#MF coprocessor error",
    "#AC alignment check",
};

struct text {
    char *bytes;
    size_t room; /* bytes, including the terminating 0 */
};

static void add(struct text *text, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void add(struct text *text, const char *format, ...)
{
    va_list arguments;
    int length;

    if (text->room == 0) {
        return;
    }
    va_start(arguments, format);
    length = vsnprintf(text->bytes, text->room, format, arguments);
    va_end(arguments);
    if (length < 0) {
        return;
    }
    if ((size_t)length >= text->room) {
        length = (int)text->room - 1;
    }
    text->bytes += length;
    text->room -= (size_t)length;
}

static void add_fault(struct text *text, uint32_t number, const struct fault_state *fault)
{
    const struct trap_info *info = trap_info(fault->path);
    const char *name = fault->vector < 32 ? exception_names[fault->vector] : NULL;

    add(text, "\n  %" PRIu32 ". at %04" PRIX32 ":%08" PRIX32 ": %s, error code %04" PRIX32 "h",
        number, fault->cs, fault->eip, name ? name : "exception", fault->error_code);
    if (fault->vector == 14) {
        add(text, ", address %08" PRIX32 "h", fault->address);
    }
    add(text, ": %s", info->message);
    if (info->error == ERROR_IDT) {
        add(text, " while delivering vector %02" PRIX32 "h", fault->error_code >> 3);
    }
}

static void add_shutdown(struct text *text, const struct cpu_state *cpu)
{
    static const char *const meaning[3] = {
        "the first fault",
        "its handler could not be entered: double fault",
        "neither could that one's: triple fault",
    };

    add(text, "triple fault: the processor has shut down; the chain of faults:");
    for (uint32_t i = 0; i < cpu->fault_count && i < 3; i++) {
        add_fault(text, i + 1, &cpu->faults[i]);
        add(text, " (%s)", meaning[i]);
    }
    if (cpu->idtr.limit == 0) {
        add(text, "\n  the interrupt table is empty (IDTR limit 0): the guest has not loaded one "
                  "with LIDT yet");
    }
}

void machine_explain_stop(struct machine *machine, enum machine_stop stop, char *bytes, size_t size)
{
    const struct machine_state *state = machine_state(machine);
    struct text text = {bytes, size};

    if (size == 0) {
        return;
    }
    bytes[0] = '\0';
    switch (stop) {
    case MACHINE_STOP_CLOCK:
        add(&text, "reached clock %" PRIu64, state->cpu.clock);
        break;
    case MACHINE_STOP_STEPPED:
        add(&text, "one step done");
        break;
    case MACHINE_STOP_REQUESTED:
        add(&text, "stopped on request");
        break;
    case MACHINE_STOP_BREAKPOINT:
        add(&text, "breakpoint at %04X:%08" PRIX32, state->cpu.segments[SEG_CS].selector,
            state->cpu.eip);
        break;
    case MACHINE_STOP_OBSERVER:
        add(&text, "stopped at an observed event");
        break;
    case MACHINE_STOP_EXIT:
        add(&text, "the guest wrote %" PRIu32 " to port F4h: exit status %d",
            state->progress.exit_value, machine_exit_status(machine));
        break;
    case MACHINE_STOP_POWER_OFF:
        add(&text, "the guest switched the machine off");
        break;
    case MACHINE_STOP_PANIC:
        add(&text, "the guest kernel panicked");
        break;
    case MACHINE_STOP_RESET:
        add(&text, "the guest asked for a reset");
        break;
    case MACHINE_STOP_SHUTDOWN:
        add_shutdown(&text, &state->cpu);
        break;
    case MACHINE_STOP_HALTED:
        add(&text, "halted for good at %04X:%08" PRIX32 ": HLT with %s",
            state->cpu.segments[SEG_CS].selector, state->cpu.eip,
            state->cpu.eflags & EFLAGS_IF ? "no device that could interrupt" : "interrupts off");
        break;
    }
}

int machine_exit_status(const struct machine *machine)
{
    switch (machine->state.progress.ending) {
    case MACHINE_STOP_EXIT:
        return (int)(((machine->state.progress.exit_value << 1) | 1) & 255);
    case MACHINE_STOP_PANIC:
        return 74;
    case MACHINE_STOP_SHUTDOWN:
        return 70;
    case MACHINE_STOP_POWER_OFF:
    case MACHINE_STOP_RESET:
        return 0;
    default:
        return 72; /* still going: asked after a HLT that nothing can end */
    }
}
