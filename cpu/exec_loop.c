/* The run loop: what happens at an instruction boundary, and how blocks are entered and left.
 *
 * Clocks: entering a block subtracts its static clocks from the budget (deadline - clock) at
 * once; extras are subtracted as they arise. Whoever leaves early gives back the clocks of what
 * was not executed. When a whole block no longer fits, instructions run one at a time, so the
 * deadline is met at the same instruction however the machine is stepped.
 * See: docs/architecture.md; 80386 PRM 9.2, 9.3 (recognition and priority).
 * SPDX-License-Identifier: MIT */

#include "cpu/block.h"
#include "cpu/isa.h"
#include "cpu/trap_rows.h"

/* ---- leaving ---- */

const struct uop *leave_after(struct cpu *cpu, const struct uop *uop)
{
    cpu->state.eip = cpu->entry_eip + uop->eip_offset + uop->length;
    cpu->budget += uop[1].clocks_left;
    cpu->state.instructions -= uop[1].insns_left;
    return NULL;
}

/* A debug build stops where a body raises what no row of isa.def says of it. */
static void check_row(const struct uop *uop, uint32_t path)
{
#ifdef RINGSIDE_CHECK_ROWS
    if (!trap_is_listed(uop->handler_id, path)) {
        __builtin_trap();
    }
#else
    (void)uop;
    (void)path;
#endif
}

const struct uop *uop_fault(struct cpu *cpu, const struct uop *uop, uint32_t path)
{
    if (UNLIKELY(cpu->task_switched)) { /* the instruction is done: the new task's first fault */
        cpu->task_switched = 0;
        cpu->fault.path = path;
        cpu->faulted = 1;
        return NULL;
    }
    check_row(uop, path);
    cpu->state.eip = cpu->entry_eip + uop->eip_offset;
    cpu->budget += uop->clocks_left;
    cpu->state.instructions -= uop->insns_left;
    cpu->fault.path = path;
    cpu->faulted = 1;
    return NULL;
}

const struct uop *leave_within(struct cpu *cpu, const struct uop *uop)
{
    cpu->state.eip = cpu->entry_eip + uop->eip_offset;
    cpu->budget += uop[1].clocks_left;
    cpu->state.instructions -= uop->insns_left;
    cpu->state.rep_resumed = 1;
    return NULL;
}

const struct uop *leave_jump(struct cpu *cpu, const struct uop *uop)
{
    (void)uop; /* the last of its block: nothing to give back */
    cpu->state.refill_pending = cpu->timing->model == TIMING_I386;
    return NULL;
}

const struct uop *uop_breakpoint(struct cpu *cpu, const struct uop *uop)
{
    uint32_t eip = cpu->entry_eip + uop->eip_offset;
    if (is_breakpoint(cpu, cpu->state.segments[SEG_CS].base + eip)) {
        cpu->state.eip = eip;
        cpu->budget += uop->clocks_left;
        cpu->state.instructions -= uop->insns_left;
        cpu->at_breakpoint = 1;
        return NULL;
    }
    return uop[1].run(cpu, uop + 1);
}

/* ---- going on ---- */

const struct uop *careful_next(struct cpu *cpu, const struct uop *uop)
{
    if (UNLIKELY(cpu->budget < 0 || cpu->leave)) {
        return leave_after(cpu, uop);
    }
#ifdef RINGSIDE_PLAIN_LOOP
    return uop + 1;
#else
    return uop[1].run(cpu, uop + 1);
#endif
}

const struct uop *to_careful(struct cpu *cpu, const struct uop *uop)
{
    return careful_handlers[uop->handler_id](cpu, uop);
}

const struct uop *careful_branch(struct cpu *cpu, const struct uop *uop, uint32_t target)
{
    cpu->budget -= uop->src;
    cpu->state.eip = target;
    return leave_jump(cpu, uop);
}

const struct uop *careful_no_branch(struct cpu *cpu, const struct uop *uop)
{
    cpu->state.eip = cpu->entry_eip + uop->eip_offset + uop->length;
    return NULL;
}

/* ---- entering from a branch ---- */

static const struct uop *enter(struct cpu *cpu, const union uop_slot *head)
{
    cpu->state.instructions += head->head.insns;
#ifdef RINGSIDE_PLAIN_LOOP
    return &head[1].uop;
#else
    return head[1].uop.run(cpu, &head[1].uop);
#endif
}

/* The block at state.eip, reached by a direct branch whose own block began at `entry`. In the
 * same linear page the fetch cannot miss, so it can be looked up here and linked for the next
 * time. NULL: the loop has to see to it. */
static const union uop_slot *resolve(struct cpu *cpu, const struct uop *uop, uint32_t entry,
                                     const union uop_slot **link)
{
    uint32_t base = cpu->state.segments[SEG_CS].base;
    uint32_t linear = base + cpu->state.eip;
    const struct fetch_mirror *mirror = &cpu->fetch[tlb_instruction_index(linear)];
    bool in_arena = (uintptr_t)uop >= (uintptr_t)cpu->arena &&
                    (uintptr_t)uop < (uintptr_t)(cpu->arena + cpu->arena_slots);
    /* a block's end (length 0) stands behind its last byte, perhaps in the next page already */
    uint32_t from = base + entry + uop->eip_offset - (uop->length == 0);
    if (!in_arena || (from ^ linear) & PAGE_MASK || mirror->tag != (linear & PAGE_MASK) ||
        cpu->state.eip > cpu->cs_limit) {
        return NULL;
    }
    uint32_t generation = cpu->generation;
    const union uop_slot *head =
        block_kept(cpu, linear, mirror->physical | (linear & ~PAGE_MASK), cpu->key);
    if (!head || generation != cpu->generation) {
        return NULL;
    }
    *link = head;
    return head;
}

/* The same in another page: never linked, as its mapping may change, but perhaps known. */
static const union uop_slot *across(const struct cpu *cpu)
{
    return cpu->state.eip <= cpu->cs_limit ? block_at(cpu, cpu->state.eip) : NULL;
}

static struct uop_links *links_of(const struct uop *uop)
{
    return (struct uop_links *)(uintptr_t)(uop + 1); /* the arena is ours to write */
}

const struct uop *enter_taken_slow(struct cpu *cpu, const struct uop *uop)
{
    struct uop_links *links = links_of(uop);
    const union uop_slot *head = links->taken;
    cpu->budget += head->head.clocks_taken;
    cpu->state.eip = cpu->entry_eip;
    leave_jump(cpu, uop);
    if (head == &unresolved_block && cpu->budget > 0) {
        uint32_t entry = cpu->entry_eip - uop->imm;
        entry = uop->flags & UOP_SIZE16 ? entry & 0xFFFF : entry;
        head = resolve(cpu, uop, entry, &links->taken);
        head = head ? head : across(cpu);
        if (head && head->head.clocks_taken <= cpu->budget) {
            cpu->state.refill_pending = 0;
            cpu->budget -= head->head.clocks_taken;
            return enter(cpu, head);
        }
    }
    return NULL;
}

const struct uop *enter_next_slow(struct cpu *cpu, const struct uop *uop)
{
    struct uop_links *links = links_of(uop);
    const union uop_slot *head = links->next;
    cpu->budget += head->head.clocks;
    cpu->state.eip = cpu->entry_eip;
    if (head == &unresolved_block && cpu->budget > 0) {
        uint32_t entry = cpu->entry_eip - uop->eip_offset - uop->length;
        head = resolve(cpu, uop, entry, &links->next);
        head = head ? head : across(cpu);
        if (head && head->head.clocks <= cpu->budget) {
            cpu->budget -= head->head.clocks;
            return enter(cpu, head);
        }
    }
    return NULL;
}

const struct uop *enter_indirect_slow(struct cpu *cpu, const struct uop *uop)
{
    cpu->state.eip = cpu->entry_eip;
    return leave_jump(cpu, uop);
}

/* Is there anything the loop has to do before the next instruction? */
static bool boundary_is_quiet(const struct cpu *cpu)
{
    const struct cpu_state *state = &cpu->state;
    const bool interrupt = state->interrupt_line && (state->eflags & EFLAGS_IF);
    const uint32_t due = (cpu->leave & ~(uint32_t)LEAVE_MODE) | (state->eflags & EFLAGS_TF) |
                         state->shadow | state->debug_pending | state->nmi_pending |
                         state->rep_resumed | state->refill_pending | cpu->breakpoint_count |
                         cpu->observe | (state->activity ^ ACTIVITY_RUNNING);
    return !due && !interrupt && !cpu->journal;
}

/* RF lasts one instruction and matters to instruction breakpoints only, so it ends where a block is
 * entered; but an iterated instruction that is left in the middle has to put it back. */
static bool resumes_alone(const struct cpu *cpu, const union uop_slot *head)
{
    const bool looks = cpu->breakpoint_count || cpu->observation.wanted; /* hides the first one */
    return (cpu->state.eflags & EFLAGS_RF) && (looks || (head[1].uop.flags & UOP_REPEATS));
}

const struct uop *enter_transferred(struct cpu *cpu, const struct uop *uop)
{
    (void)uop; /* the last of its block: nothing to give back */
    if (!boundary_is_quiet(cpu)) {
        return NULL;
    }
    if (cpu->mode_stale) {
        mode_settle(cpu);
    }
    cpu->leave = LEAVE_NONE;
    const union uop_slot *head =
        cpu->state.eip <= cpu->cs_limit ? block_at(cpu, cpu->state.eip) : NULL;
    if (!head || head->head.clocks_taken > cpu->budget || resumes_alone(cpu, head)) {
        return NULL;
    }
    cpu->uop = NULL;
    cpu->state.eflags &= ~EFLAGS_RF;
    cpu->budget -= head->head.clocks;
    cpu->entry_eip = cpu->state.eip;
    return enter(cpu, head);
}

/* ---- one instruction or one run of blocks ---- */

static void deliver_fault(struct cpu *cpu)
{
    const struct delivery delivery = trap_delivery(cpu, cpu->state.eip);
    cpu->uop = NULL;
    cpu->state.rep_resumed = 0;
    if (UNLIKELY(cpu->observe)) {
        observe_begin(cpu);
    }
    /* Time must pass in a loop of faults even where deliveries are free (the unit model). */
    charge(cpu, cpu->timing->model == TIMING_UNIT &&
                    cpu->state.fault_mark == (uint32_t)cpu->state.instructions);
    cpu->state.fault_mark = (uint32_t)cpu->state.instructions;
    deliver_event(cpu, &delivery);
    if (UNLIKELY(cpu->observe)) {
        observe_boundary(cpu, NULL);
    }
}

/* Run from this micro-op on until something makes it leave. */
static void run_chain(struct cpu *cpu, const struct uop *uop)
{
#ifndef RINGSIDE_PLAIN_LOOP
    uop = uop ? uop->run(cpu, uop) : NULL;
#endif
    while (uop) {
        uop = uop->run(cpu, uop);
    }
}

/* A fault with nothing else at its boundary: deliver it and go on with the handler. */
static void run_handlers(struct cpu *cpu)
{
    while (cpu->faulted && boundary_is_quiet(cpu)) {
        cpu->faulted = 0;
        cpu->watch_hits = 0;
        deliver_fault(cpu);
        run_chain(cpu, enter_transferred(cpu, NULL));
    }
}

/* Execute at state.eip: one instruction if `single`, else until something makes it leave. */
static void execute(struct cpu *cpu, bool single)
{
    uint32_t shadow = cpu->state.shadow;
    bool step_trap = cpu->state.eflags & EFLAGS_TF;
    uint64_t deliveries = cpu->state.deliveries;
    uint32_t resume = cpu->state.eflags & EFLAGS_RF;
    single = single || shadow || step_trap || cpu->leave || (cpu->watch & WATCH_EXECUTION);
    if (UNLIKELY(cpu->observe)) {
        single = single || cpu->state.rep_resumed; /* its micro-op is then not announced again */
        observe_begin(cpu);
    }
    cpu->watch_hits = 0;
    cpu->uop = NULL;
    cpu->faulted = 0;
    cpu->executing = 1;
    bool at_hand = !single && !cpu->journal && cpu->state.eip <= cpu->cs_limit;
    const union uop_slot *head = at_hand ? block_at(cpu, cpu->state.eip) : NULL;
    head = head ? head : block_find(cpu, single);
    single = single || (head == cpu->scratch && cpu->leave);
    if (head && !single && (head->head.clocks_taken > cpu->budget || resumes_alone(cpu, head))) {
        single = true;
        /* one instruction that is not kept is not fetched twice: a device may see it */
        head = head == cpu->scratch ? head : block_find(cpu, 1);
    }
    if (UNLIKELY(!head)) {
        cpu->executing = 0;
        cpu->state.shadow = SHADOW_NONE;
        deliver_fault(cpu);
        if (cpu->mode_stale) {
            mode_settle(cpu);
        }
        return;
    }

    cpu->budget -= cpu->state.refill_pending ? head->head.clocks_taken : head->head.clocks;
    cpu->state.refill_pending = 0;
    cpu->state.instructions += head->head.insns;
    cpu->state.shadow = SHADOW_NONE;
    cpu->state.eflags &= ~EFLAGS_RF; /* lasts one instruction (80386 PRM 12.3.1) */
    cpu->state.rep_resumed &= (head[1].uop.flags & UOP_REPEATS) != 0; /* it may be overwritten */
    cpu->entry_eip = cpu->state.eip;
    resume = single ? resume : 0;
    cpu->leave |= (single ? LEAVE_STEP : 0) | (step_trap ? LEAVE_EVENT : 0);
    const struct uop *uop = &head[1].uop;
    if (UNLIKELY(cpu->observe) && (single || head == cpu->scratch) && !cpu->state.rep_resumed) {
        (void)observe_instruction(cpu, uop, head->head.row);
    }
    if (single) {
        uop = careful_handlers[uop->handler_id](cpu, uop);
    }
    run_chain(cpu, uop);
    run_handlers(cpu);
    cpu->leave &= ~(uint32_t)(LEAVE_STEP | LEAVE_EVENT | LEAVE_MODE);
    cpu->executing = 0;
    if (UNLIKELY(cpu->observe)) {
        observe_boundary(cpu, cpu->uop);
    }
    cpu->uop = NULL;

    if (!cpu->faulted) {
        cpu->state.debug_pending |= cpu->watch_hits;
    }
    if (cpu->faulted) {
        deliver_fault(cpu);
    } else if (cpu->state.rep_resumed) {
        cpu->state.shadow = shadow; /* still inside the instruction they protect */
        cpu->state.eflags |= resume;
    } else if (shadow == SHADOW_MOVSS && cpu->state.shadow == SHADOW_MOVSS) {
        cpu->state.shadow = SHADOW_NONE; /* of loads of SS in a row only the first counts */
    }
    if (step_trap && shadow != SHADOW_MOVSS && cpu->state.deliveries == deliveries) {
        cpu->state.debug_pending |= DR6_BS;
    }
    if (cpu->mode_stale) {
        mode_settle(cpu);
    }
}

/* ---- the boundary ---- */

static bool interrupt_recognised(const struct cpu *cpu)
{
    return cpu->state.interrupt_line && (cpu->state.eflags & EFLAGS_IF) &&
           cpu->state.shadow == SHADOW_NONE && cpu->state.activity != ACTIVITY_SHUTDOWN;
}

static void wake_and_deliver(struct cpu *cpu, struct delivery *delivery)
{
    cpu->state.activity = ACTIVITY_RUNNING;
    cpu->state.rep_resumed = 0;
    cpu->state.refill_pending = 0;
    delivery->eip = cpu->state.eip;
    if (UNLIKELY(cpu->observe)) {
        observe_begin(cpu);
    }
    deliver_event(cpu, delivery);
    if (UNLIKELY(cpu->observe)) {
        observe_boundary(cpu, NULL);
    }
    if (cpu->mode_stale) {
        mode_settle(cpu);
    }
}

static uint32_t debug_trap_path(uint32_t pending)
{
    if (pending & DR6_BS) {
        return PATH_db_tf;
    }
    return pending & 0xF ? PATH_db_data : PATH_db_task;
}

/* The fault of an instruction breakpoint, before its instruction. RF in the frame is not set: the
 * handler has to (deviations.md). */
static bool meets_breakpoint(struct cpu *cpu)
{
    const struct cpu_state *state = &cpu->state;
    const bool looks = state->activity == ACTIVITY_RUNNING && !(state->eflags & EFLAGS_RF) &&
                       state->shadow != SHADOW_MOVSS && !state->rep_resumed;
    const uint32_t hits =
        looks ? watch_execution(cpu, state->segments[SEG_CS].base + state->eip) : 0;
    if (hits) {
        struct delivery fault = {
            .kind = DELIVERY_EXCEPTION, .vector = 1, .path = PATH_db_execution};
        cpu->state.dr[6] |= hits;
        wake_and_deliver(cpu, &fault);
    }
    return hits != 0;
}

/* Debug trap or fault, NMI, INTR, in this order (80386 PRM 9.3). returns true if one was delivered.
 * Only NMI ends a shutdown. */
static bool take_pending(struct cpu *cpu)
{
    bool shutdown = cpu->state.activity == ACTIVITY_SHUTDOWN;
    if (cpu->state.debug_pending && cpu->state.shadow != SHADOW_MOVSS && !shutdown) {
        struct delivery trap = {.kind = DELIVERY_EXCEPTION,
                                .vector = 1,
                                .path = debug_trap_path(cpu->state.debug_pending)};
        cpu->state.dr[6] |= cpu->state.debug_pending;
        cpu->state.debug_pending = 0;
        wake_and_deliver(cpu, &trap);
        return true;
    }
    if (UNLIKELY(cpu->watch & WATCH_EXECUTION) && meets_breakpoint(cpu)) {
        return true;
    }
    if (cpu->state.nmi_pending && !cpu->state.nmi_blocked && cpu->state.shadow != SHADOW_MOVSS) {
        struct delivery nmi = {.kind = DELIVERY_NMI, .vector = 2};
        cpu->state.nmi_pending = 0;
        cpu->state.nmi_blocked = 1;
        wake_and_deliver(cpu, &nmi);
        return true;
    }
    if (interrupt_recognised(cpu) && !shutdown) {
        struct delivery interrupt = {.kind = DELIVERY_INTR};
        interrupt.vector = cpu->bus.acknowledge(cpu->bus.context, clock_in(cpu, NULL));
        wake_and_deliver(cpu, &interrupt);
        return true;
    }
    return false;
}

/* A budget covers at most SLICE_CLOCKS, so that it never overflows. */
static void begin_slice(struct cpu *cpu, uint64_t deadline)
{
    uint64_t now = cpu->state.clock;
    cpu->deadline = deadline > now && deadline - now > SLICE_CLOCKS ? now + SLICE_CLOCKS : deadline;
    cpu->budget = (int64_t)(cpu->deadline - now);
    cpu->in_slice = 1;
}

static void end_slice(struct cpu *cpu)
{
    cpu->state.clock = cpu->deadline - (uint64_t)cpu->budget;
    cpu->in_slice = 0;
}

/* The iterations of a REP instruction after its first are not about to begin. */
static bool stopped_at_breakpoint(const struct cpu *cpu)
{
    return cpu->breakpoint_count && !cpu->state.rep_resumed &&
           is_breakpoint(cpu, cpu->state.segments[SEG_CS].base + cpu->state.eip);
}

static enum cpu_stop run_slice(struct cpu *cpu, bool *first)
{
    while (cpu->budget > 0) {
        if (cpu->leave & LEAVE_STOP) {
            cpu->leave &= ~(uint32_t)LEAVE_STOP;
            return CPU_STOP_REQUESTED;
        }
        bool taken = take_pending(cpu);
        if (cpu->state.activity == ACTIVITY_SHUTDOWN) {
            return CPU_STOP_SHUTDOWN;
        }
        if (taken) {
            *first = false;
            continue;
        }
        if (cpu->state.activity == ACTIVITY_HALTED) {
            return CPU_STOP_DEADLINE;
        }
        if (!*first && stopped_at_breakpoint(cpu)) {
            return CPU_STOP_BREAKPOINT;
        }
        cpu->at_breakpoint = 0;
        execute(cpu, cpu->breakpoint_count && (*first || cpu->state.rep_resumed));
        *first = false;
        if (cpu->at_breakpoint) {
            return CPU_STOP_BREAKPOINT;
        }
        if (cpu->state.activity == ACTIVITY_SHUTDOWN) {
            return CPU_STOP_SHUTDOWN; /* a pending NMI ends it in the next run */
        }
    }
    return cpu->state.activity == ACTIVITY_SHUTDOWN ? CPU_STOP_SHUTDOWN : CPU_STOP_DEADLINE;
}

enum cpu_stop cpu_run(struct cpu *cpu, uint64_t deadline)
{
    enum cpu_stop stop = CPU_STOP_DEADLINE;
    bool first = true;
    cpu->run_deadline = deadline;
    cpu->leave &= LEAVE_STOP;
    while (stop == CPU_STOP_DEADLINE && cpu->state.clock < cpu->run_deadline) {
        begin_slice(cpu, cpu->run_deadline);
        stop = run_slice(cpu, &first);
        end_slice(cpu);
        if (stop == CPU_STOP_DEADLINE && cpu->state.activity == ACTIVITY_HALTED) {
            if (cpu->run_deadline != UINT64_MAX && cpu->state.clock < cpu->run_deadline) {
                cpu->state.clock = cpu->run_deadline;
            }
            break;
        }
    }
    return stop;
}

void cpu_set_deadline(struct cpu *cpu, uint64_t deadline)
{
    if (deadline >= cpu->run_deadline) {
        return;
    }
    cpu->run_deadline = deadline;
    if (cpu->in_slice && deadline < cpu->deadline) {
        /* may lie in the past: then the present instruction is the last */
        cpu->budget -= (int64_t)(cpu->deadline - deadline);
        cpu->deadline = deadline;
        cpu->leave |= LEAVE_EVENT;
    }
}

enum cpu_stop cpu_step(struct cpu *cpu, uint64_t deadline, struct cpu_step_info *info)
{
    uint64_t deliveries = cpu->state.deliveries;
    uint64_t instructions = cpu->state.instructions;
    enum cpu_stop stop = CPU_STOP_STEPPED;
    uint32_t before[JREG_COUNT], noted = 0;
    memset(info, 0, sizeof *info);
    if (cpu->journal) {
        noted = cpu->journal->count;
        journal_registers(cpu, before);
    }
    cpu->run_deadline = deadline;
    cpu->leave = 0;
    begin_slice(cpu, deadline);
    if (!take_pending(cpu)) {
        if (cpu->state.activity == ACTIVITY_RUNNING) {
            execute(cpu, true);
        } else {
            info->what = STEP_IDLE;
        }
    }
    if (cpu->journal) {
        journal_differences(cpu, noted, before);
    }
    end_slice(cpu);
    cpu->leave &= LEAVE_STOP;
    if (cpu->state.activity == ACTIVITY_SHUTDOWN) {
        stop = CPU_STOP_SHUTDOWN;
    }
    info->what |= cpu->state.instructions != instructions ? STEP_INSTRUCTION : 0;
    info->what |= cpu->state.rep_resumed ? STEP_PARTIAL : 0;
    if (cpu->state.deliveries != deliveries) {
        info->what |= STEP_DELIVERY;
        info->kind = cpu->deliveries_kind;
        info->vector = cpu->deliveries_vector;
        info->path = cpu->deliveries_path;
    }
    return stop;
}
