/* Raising traps, what is known of each, and what becomes of a fault met while delivering.
 * See: 80386 PRM 9.8 (vectors), 9.8.8 (double faults), table 9-4.
 * SPDX-License-Identifier: MIT */
#include "cpu/everyday.h"

static const struct trap_info infos[PATH_COUNT] = {
    {"none", "none", 0, ERROR_NONE},
#define TRAP_PATH(id, vector, error, message) {#id, message, vector, error},
#include "cpu/trap_paths.def"
#undef TRAP_PATH
};

enum fault_class { CLASS_BENIGN, CLASS_CONTRIBUTORY, CLASS_PAGE, CLASS_DOUBLE, CLASS_COUNT };

/* By vector; interrupts and INT n are benign whatever their vector. */
static const uint8_t class_of_vector[32] = {
    [0] = CLASS_CONTRIBUTORY,  [8] = CLASS_DOUBLE,        [9] = CLASS_CONTRIBUTORY,
    [10] = CLASS_CONTRIBUTORY, [11] = CLASS_CONTRIBUTORY, [12] = CLASS_CONTRIBUTORY,
    [13] = CLASS_CONTRIBUTORY, [14] = CLASS_PAGE,
};

enum next_delivery { NEXT_SECOND, NEXT_DOUBLE, NEXT_SHUTDOWN };

/* [first][second]. A second "double" is the real-mode vector outside the IDT (14.4). */
static const uint8_t next_of[CLASS_COUNT][CLASS_COUNT] = {
    [CLASS_BENIGN] = {NEXT_SECOND, NEXT_SECOND, NEXT_SECOND, NEXT_DOUBLE},
    [CLASS_CONTRIBUTORY] = {NEXT_SECOND, NEXT_DOUBLE, NEXT_SECOND, NEXT_DOUBLE},
    [CLASS_PAGE] = {NEXT_SECOND, NEXT_DOUBLE, NEXT_DOUBLE, NEXT_DOUBLE},
    [CLASS_DOUBLE] = {NEXT_SHUTDOWN, NEXT_SHUTDOWN, NEXT_SHUTDOWN, NEXT_SHUTDOWN},
};

const struct trap_info *trap_info(uint32_t path)
{
    return &infos[path < PATH_COUNT ? path : PATH_NONE];
}

uint32_t trap_raise(struct cpu *cpu, uint32_t path, uint32_t error_code)
{
    return trap_raise_page(cpu, path, error_code, 0);
}

uint32_t trap_raise_page(struct cpu *cpu, uint32_t path, uint32_t error_code, uint32_t linear)
{
    cpu->fault.path = path;
    cpu->fault.error_code = error_code;
    cpu->fault.address = linear;
    return path;
}

struct delivery trap_delivery(const struct cpu *cpu, uint32_t eip)
{
    const struct trap_info *info = trap_info(cpu->fault.path);
    const struct delivery delivery = {
        .kind = DELIVERY_EXCEPTION,
        .vector = info->vector,
        .path = cpu->fault.path,
        .has_error = info->error != ERROR_NONE,
        .error_code = cpu->fault.error_code,
        .eip = eip,
        .sets_rf = 1,
    };
    return delivery;
}

/* Append the fault raised last to the chain; a page fault reports its address in CR2. */
static void chain_add(struct cpu *cpu, const struct delivery *delivery)
{
    struct cpu_state *state = &cpu->state;
    const bool page_fault = delivery->vector == 14;
    const struct fault_state fault = {
        .path = delivery->path,
        .vector = delivery->vector,
        .error_code = delivery->error_code,
        .address = page_fault ? cpu->fault.address : 0,
        .cs = state->segments[SEG_CS].selector,
        .eip = delivery->eip,
    };
    if (page_fault) {
        journal_register(cpu, JREG_CR2, state->cr2, cpu->fault.address);
        state->cr2 = cpu->fault.address;
    }
    if (state->fault_count < 3) {
        state->faults[state->fault_count++] = fault;
    }
    if (UNLIKELY(cpu->journal)) {
        const struct journal_entry entry = {.kind = JOURNAL_FAULT,
                                            .detail = fault.path,
                                            .value = fault.error_code,
                                            .address = fault.address};
        journal_add(cpu, &entry);
    }
}

static void chain_clear(struct cpu *cpu)
{
    const struct fault_state none = {0};
    while (cpu->state.fault_count) {
        cpu->state.faults[--cpu->state.fault_count] = none;
    }
}

static void shut_down(struct cpu *cpu)
{
    cpu->state.activity = ACTIVITY_SHUTDOWN;
    journal_step(cpu, JOURNAL_HALT, ACTIVITY_SHUTDOWN, 0);
}

static enum fault_class class_of(const struct delivery *delivery)
{
    const bool exception = delivery->kind == DELIVERY_EXCEPTION && delivery->vector < 32;
    return exception ? (enum fault_class)class_of_vector[delivery->vector] : CLASS_BENIGN;
}

void deliver_event(struct cpu *cpu, const struct delivery *delivery)
{
    chain_clear(cpu);
    if (delivery->path) {
        chain_add(cpu, delivery);
    }
    if (LIKELY(deliver_everyday(cpu, delivery))) {
        return;
    }
    struct delivery current = *delivery;
    uint32_t eip = delivery->eip;
    while (deliver_attempt(cpu, &current)) {
        if (cpu->task_switched) { /* a task gate led into a task that faults at its start */
            cpu->task_switched = 0;
            eip = cpu->state.eip;
        }
        const struct delivery second = trap_delivery(cpu, eip);
        const enum next_delivery next = next_of[class_of(&current)][class_of(&second)];
        if (next == NEXT_SECOND) {
            chain_clear(cpu); /* one after the other: the first refires or is lost */
        }
        chain_add(cpu, &second);
        if (next == NEXT_SHUTDOWN) {
            shut_down(cpu);
            return;
        }
        current = second;
        if (next == NEXT_DOUBLE) {
            trap_raise(cpu, PATH_df_double_fault, 0);
            current = trap_delivery(cpu, eip);
        }
    }
}
