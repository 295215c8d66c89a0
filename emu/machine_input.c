/* What comes into a machine from outside: applied at once, and noted to be applied again in a
 * replay. SPDX-License-Identifier: MIT */
#include "emu/machine_priv.h"

/* A register that a debugger changes; false if the processor could never be so. */
static bool register_apply(struct machine *machine, uint32_t number, uint32_t value)
{
    struct cpu_state state = *cpu_save(machine->cpu);

    if (number == INPUT_REGISTER_EIP) {
        state.eip = value;
    } else if (number == INPUT_REGISTER_EFLAGS) {
        state.eflags = value;
    } else {
        state.gpr[number % 8] = value;
    }
    if (cpu_check(&state)) {
        return false;
    }
    cpu_load(machine->cpu, &state);
    return true;
}

bool machine_apply_input(struct machine *machine, const struct input_entry *entry)
{
    uint64_t now = cpu_clock(machine->cpu);
    uint8_t value = (uint8_t)entry->value;
    bool taken = true;

    switch (entry->kind) {
    case INPUT_KEY:
        taken = pc_key(machine->pc, value, now);
        break;
    case INPUT_SERIAL:
        taken = pc_serial_receive(machine->pc, entry->unit, entry->value, now);
        break;
    case INPUT_MEMORY:
        return machine_write_physical(machine, entry->unit, &value, 1);
    case INPUT_REGISTER:
        return register_apply(machine, entry->unit, entry->value);
    default:
        pc_serial_modem(machine->pc, entry->unit, value, now);
        break;
    }
    pc_run_events(machine->pc, now);
    return taken;
}

const struct input_entry *machine_input_ahead(const struct machine *machine)
{
    return input_log_entry(&machine->log, machine->state.progress.inputs);
}

static bool input_now(struct machine *machine, enum input_kind kind, uint32_t unit, uint32_t value)
{
    struct input_entry entry = {.kind = kind, .unit = unit, .value = value};

    machine_settle(machine);
    if (machine_input_ahead(machine) || machine->state.progress.ending) {
        return false;
    }
    entry.clock = cpu_clock(machine->cpu);
    entry.step = machine_steps(machine);
    if (!machine_apply_input(machine, &entry) || !input_log_append(&machine->log, &entry)) {
        return false;
    }
    machine->state.progress.inputs++;
    return true;
}

bool machine_input_key(struct machine *machine, uint8_t scancode)
{
    return input_now(machine, INPUT_KEY, 0, scancode);
}

bool machine_input_serial(struct machine *machine, uint32_t unit, uint8_t byte)
{
    return machine_serial_room(machine, unit) > 0 && input_now(machine, INPUT_SERIAL, unit, byte);
}

bool machine_input_break(struct machine *machine, uint32_t unit)
{
    return machine_serial_room(machine, unit) > 0 &&
           input_now(machine, INPUT_SERIAL, unit, UART_BREAK);
}

bool machine_input_line(struct machine *machine, uint32_t unit, uint8_t inputs)
{
    return unit <= 1 && input_now(machine, INPUT_LINE, unit, inputs);
}

bool machine_input_memory(struct machine *machine, uint32_t physical, uint8_t byte)
{
    return input_now(machine, INPUT_MEMORY, physical, byte);
}

bool machine_input_register(struct machine *machine, uint32_t number, uint32_t value)
{
    return number <= INPUT_REGISTER_EFLAGS && input_now(machine, INPUT_REGISTER, number, value);
}

uint32_t machine_serial_room(struct machine *machine, uint32_t unit)
{
    return unit <= 1 ? pc_serial_room(machine->pc, unit) : 0;
}
