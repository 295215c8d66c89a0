/* Delivery of one interrupt or exception: steps A to E of the manual's INT page, one try, all or
 * nothing. Everything is read and tested first (gate, code segment, level, inner stack, room,
 * pages); what follows can not fail. The journal names the steps U01..U13, each with its clocks.
 * Values of JOURNAL_DELIVERY_STEP: U01 vector, U02 EIP to be saved, U03 gate offset, U04 code
 * selector, U05 new CPL, U06 inner ESP, U07 inner SS, U08 SS, U09 bytes pushed, U10 error code,
 * U12 EFLAGS, U13 EIP.
 * A task gate ends the steps after U03: U13 then takes the whole task switch.
 * See: 80386 PRM 9.6, 9.8, 14.4, INT page; i486 PRM for the clocks.
 * SPDX-License-Identifier: MIT */
#include "cpu/eflags.h"
#include "cpu/everyday.h"
#include "cpu/frame.h"
#include "cpu/task.h"

enum step { U01 = 1, U02, U03, U04, U05, U06, U07, U08, U09, U10, U11, U12, U13 };

/* One try, as far as it has got. */
struct attempt {
    const struct delivery *delivery;
    enum timing_path route; /* which clocks */
    const uint8_t *clocks;  /* of each step on this route */
    uint32_t charged;       /* clocks so far */
    uint32_t ext;           /* bit 0 of selector error codes: 0 for INT n, INT3, INTO */
    uint32_t selector;      /* gate: code selector */
    uint32_t offset;        /* gate: EIP */
    uint32_t masks;         /* gate: 1 if IF is cleared */
    uint32_t to_task;       /* gate: 1 if it is a task gate */
    bool inner;             /* the stack changes */
    bool was_virtual;       /* from virtual-8086 mode */
    struct segment_load code;
    struct frame frame; /* .level: the new CPL; .width: of the gate */
};

static const struct stack_paths inner_paths = {
    .null = PATH_ts_ss_null,
    .limit = PATH_ts_ss_limit,
    .rpl = PATH_ts_ss_rpl,
    .dpl = PATH_ts_ss_dpl,
    .read_only = PATH_ts_ss_type,
    .code = PATH_ts_ss_type,
    .system = PATH_ts_ss_type,
    .not_present = PATH_ss_ss_np,
    .null_has_code = 1,
};

/* A step is over: its clocks, and its line in the journal. */
static void take_route(const struct cpu *cpu, struct attempt *attempt, enum timing_path route)
{
    attempt->route = route;
    attempt->clocks = timing_delivery_steps(cpu, route);
}

static void step_clocks(struct cpu *cpu, struct attempt *attempt, enum step number, uint32_t value,
                        uint32_t clocks)
{
    attempt->charged += clocks;
    charge(cpu, clocks);
    journal_step(cpu, JOURNAL_DELIVERY_STEP, number, value);
}

static void step(struct cpu *cpu, struct attempt *attempt, enum step number, uint32_t value)
{
    step_clocks(cpu, attempt, number, value, attempt->clocks[number]);
}

/* U01, U02: what is only noted. What this event takes above the base figure is part of U01. */
static void accept(struct cpu *cpu, struct attempt *attempt)
{
    const struct delivery *delivery = attempt->delivery;
    const uint8_t *clocks = attempt->clocks;
    uint32_t base = delivery->has_error ? cpu->timing->error_push : 0;
    for (uint32_t number = U01; number <= U13; number++) {
        base += clocks[number];
    }
    const uint32_t whole = timing_delivery(cpu, delivery, attempt->route);
    const uint32_t more = whole > base ? whole - base : 0;
    step_clocks(cpu, attempt, U01, delivery->vector, clocks[U01] + more);
    step(cpu, attempt, U02, delivery->eip);
}

/* U13 takes what is left of the whole figure, so that the steps add up to it. */
static void enter_handler(struct cpu *cpu, struct attempt *attempt)
{
    const uint32_t whole = timing_delivery(cpu, attempt->delivery, attempt->route);
    const uint32_t left = whole > attempt->charged ? whole - attempt->charged : 0;
    step_clocks(cpu, attempt, U13, attempt->offset, left);
}

/* The same behind a task gate; whole: the event and the task switch. */
static void enter_task(struct cpu *cpu, struct attempt *attempt, int32_t whole)
{
    const int32_t left = whole - (int32_t)attempt->charged;
    step_clocks(cpu, attempt, U13, attempt->offset, left > 0 ? (uint32_t)left : 0);
}

/* Step A. */
static uint32_t read_gate(struct cpu *cpu, struct attempt *attempt)
{
    const struct delivery *delivery = attempt->delivery;
    const uint32_t at = delivery->vector * 8;
    const uint32_t code = at + 2 + attempt->ext;
    if (at + 7 > cpu->state.idtr.limit) {
        return trap_raise(cpu, PATH_gp_idt_limit, code);
    }
    const struct access low = read_system(cpu, cpu->state.idtr.base + at, 4);
    if (UNLIKELY(low.path)) {
        return low.path;
    }
    const struct access high = read_system(cpu, cpu->state.idtr.base + at + 4, 4);
    if (UNLIKELY(high.path)) {
        return high.path;
    }
    const uint32_t type = descriptor_type(high.value);
    attempt->to_task = type == TYPE_TASK_GATE;
    if (type != TYPE_INTERRUPT16 && type != TYPE_TRAP16 && type != TYPE_INTERRUPT32 &&
        type != TYPE_TRAP32 && !attempt->to_task) {
        return trap_raise(cpu, PATH_gp_idt_type, code);
    }
    if (delivery->dpl_check && descriptor_dpl(high.value) < cpu->state.cpl) {
        return trap_raise(cpu, PATH_gp_idt_dpl, code);
    }
    if (!(high.value & GATE_PRESENT)) {
        return trap_raise(cpu, PATH_np_idt, code);
    }
    const bool wide = type == TYPE_INTERRUPT32 || type == TYPE_TRAP32;
    attempt->selector = low.value >> 16;
    attempt->offset = (low.value & 0xFFFF) | (wide ? high.value & 0xFFFF0000 : 0);
    attempt->frame.width = wide ? 4 : 2;
    attempt->masks = type == TYPE_INTERRUPT16 || type == TYPE_INTERRUPT32;
    return PATH_NONE;
}

/* Step B and the decision about the level. */
static uint32_t check_code(struct cpu *cpu, struct attempt *attempt)
{
    const uint32_t code = (attempt->selector & SELECTOR_INDEX) | attempt->ext;
    if (is_null_selector(attempt->selector)) {
        return trap_raise(cpu, PATH_gp_gate_cs_null, attempt->ext);
    }
    const uint32_t path =
        segment_fetch(cpu, attempt->selector, PATH_gp_gate_cs_limit, code, &attempt->code);
    if (path) {
        return path;
    }
    const uint32_t attributes = attempt->code.state.attributes;
    if (!is_code(attributes)) {
        return trap_raise(cpu, PATH_gp_gate_cs_type, code);
    }
    if (attributes_dpl(attributes) > cpu->state.cpl) {
        return trap_raise(cpu, PATH_gp_gate_cs_dpl, code);
    }
    if (attempt->was_virtual &&
        (is_conforming_code(attributes) || attributes_dpl(attributes) != 0)) {
        return trap_raise(cpu, PATH_gp_v86_dpl, code);
    }
    if (!(attributes & ATTR_PRESENT)) {
        return trap_raise(cpu, PATH_np_gate_cs, code);
    }
    attempt->frame.level =
        is_conforming_code(attributes) ? cpu->state.cpl : attributes_dpl(attributes);
    attempt->inner = attempt->frame.level != cpu->state.cpl;
    return PATH_NONE;
}

static uint32_t find_stack(struct cpu *cpu, struct attempt *attempt)
{
    if (!attempt->inner) {
        attempt->frame.stack.state = cpu->state.segments[SEG_SS];
        attempt->frame.pointer = cpu->state.gpr[REG_ESP];
        return PATH_NONE;
    }
    uint32_t selector = 0;
    uint32_t path =
        frame_inner_stack(cpu, &attempt->frame, PATH_ts_tss_limit,
                          (cpu->state.tr.selector & SELECTOR_INDEX) | attempt->ext, &selector);
    if (path) {
        return path;
    }
    step(cpu, attempt, U06, attempt->frame.pointer);
    path = stack_segment_check(cpu, selector, attempt->frame.level, attempt->ext, &inner_paths,
                               &attempt->frame.stack);
    if (!path) {
        step(cpu, attempt, U07, selector);
    }
    return path;
}

/* ---- the frame ---- */

/* The values in the order pushed. From virtual-8086 mode GS, FS, DS, ES come first. */
static void frame_build(const struct cpu *cpu, struct attempt *attempt, bool error)
{
    const struct delivery *delivery = attempt->delivery;
    if (attempt->was_virtual) {
        static const enum segment first[] = {SEG_GS, SEG_FS, SEG_DS, SEG_ES};
        for (uint32_t i = 0; i < 4; i++) {
            frame_add(&attempt->frame, cpu->state.segments[first[i]].selector);
        }
    }
    if (attempt->inner) {
        frame_add(&attempt->frame, cpu->state.segments[SEG_SS].selector);
        frame_add(&attempt->frame, cpu->state.gpr[REG_ESP]);
    }
    frame_add(&attempt->frame, eflags_read(cpu) | (delivery->sets_rf ? EFLAGS_RF : 0));
    frame_add(&attempt->frame, cpu->state.segments[SEG_CS].selector);
    frame_add(&attempt->frame, delivery->eip);
    if (error) {
        frame_add(&attempt->frame, delivery->error_code);
    }
}

/* ---- commit ---- */

static void commit_flags(struct cpu *cpu, struct attempt *attempt, uint32_t cleared)
{
    eflags_write(cpu, 0, cleared | (attempt->masks ? EFLAGS_IF : 0));
    step(cpu, attempt, U12, cpu->state.eflags);
}

static void commit_entry(struct cpu *cpu, struct attempt *attempt)
{
    const struct delivery *delivery = attempt->delivery;
    journal_register(cpu, JREG_EIP, delivery->eip, attempt->offset);
    enter_handler(cpu, attempt);
    delivery_commit(cpu, delivery, attempt->offset);
}

/* U11: the segments of an 8086 program mean nothing in protected mode. */
static void drop_virtual_segments(struct cpu *cpu, struct attempt *attempt)
{
    static const enum segment dropped[] = {SEG_DS, SEG_ES, SEG_FS, SEG_GS};
    const struct segment_state null = {0};
    for (uint32_t i = 0; i < 4; i++) {
        segment_commit(cpu, dropped[i], &null);
    }
    step(cpu, attempt, U11, 0);
}

/* Step E. */
static void commit_protected(struct cpu *cpu, struct attempt *attempt)
{
    const struct delivery *delivery = attempt->delivery;
    (void)segment_mark_accessed(cpu, &attempt->code);
    if (attempt->inner) {
        (void)segment_mark_accessed(cpu, &attempt->frame.stack);
        segment_commit(cpu, SEG_SS, &attempt->frame.stack.state);
    }
    cpl_commit(cpu, attempt->frame.level);
    step(cpu, attempt, U08, attempt->frame.stack.state.selector);
    frame_write(cpu, &attempt->frame);
    step(cpu, attempt, U09, attempt->frame.width * (attempt->frame.slots - delivery->has_error));
    if (delivery->has_error) {
        step_clocks(cpu, attempt, U10, delivery->error_code, cpu->timing->error_push);
    }
    if (attempt->was_virtual) {
        drop_virtual_segments(cpu, attempt);
    }
    commit_flags(cpu, attempt, EFLAGS_TF | EFLAGS_NT | EFLAGS_RF | EFLAGS_VM);
    attempt->code.state.selector =
        (uint16_t)((attempt->selector & SELECTOR_INDEX) | attempt->frame.level);
    segment_commit(cpu, SEG_CS, &attempt->code.state);
    commit_entry(cpu, attempt);
}

/* Steps T: the gate names a task. */
static COLD uint32_t deliver_to_task(struct cpu *cpu, struct attempt *attempt)
{
    const struct delivery *delivery = attempt->delivery;
    struct task_switch task = {
        .cause = TIMING_TASK_INT,
        .ext = attempt->ext,
        .eip = delivery->eip,
        .eflags = eflags_read(cpu) | (delivery->sets_rf ? EFLAGS_RF : 0),
        .has_error = delivery->has_error,
        .error_code = delivery->error_code,
    };
    const int32_t event = timing_task_delivery(cpu, delivery);
    uint32_t path = task_find_by_gate(cpu, &task, attempt->selector);
    if (!path) {
        path = task_switch(cpu, &task);
    }
    if (!path) {
        attempt->offset = cpu->state.eip;
        journal_register(cpu, JREG_EIP, delivery->eip, attempt->offset);
        enter_task(cpu, attempt, event + (int32_t)task.clocks);
        delivery_commit(cpu, delivery, attempt->offset);
    }
    return path;
}

static uint32_t deliver_protected(struct cpu *cpu, struct attempt *attempt)
{
    take_route(cpu, attempt, TIMING_PATH_SAME); /* U01..U05 take the same on all protected ones */
    accept(cpu, attempt);
    uint32_t path = read_gate(cpu, attempt);
    if (path) {
        return path;
    }
    step(cpu, attempt, U03, attempt->offset);
    if (UNLIKELY(attempt->to_task)) {
        return deliver_to_task(cpu, attempt);
    }
    path = check_code(cpu, attempt);
    if (path) {
        return path;
    }
    step(cpu, attempt, U04, attempt->selector);
    step(cpu, attempt, U05, attempt->frame.level);
    take_route(cpu, attempt,
               attempt->was_virtual ? TIMING_PATH_V86
               : attempt->inner     ? TIMING_PATH_INNER
                                    : TIMING_PATH_SAME);
    path = find_stack(cpu, attempt);
    if (path) {
        return path;
    }
    frame_build(cpu, attempt, attempt->delivery->has_error);
    path = frame_probe(cpu, &attempt->frame,
                       attempt->inner ? PATH_ss_newstack_room : PATH_ss_samestack_room, 0);
    if (path) {
        return path;
    }
    if (attempt->offset > attempt->code.state.limit) {
        return trap_raise(cpu, PATH_gp_gate_eip_limit, 0);
    }
    path = segment_probe_accessed(cpu, &attempt->code);
    if (!path && attempt->inner) {
        path = segment_probe_accessed(cpu, &attempt->frame.stack);
    }
    if (!path) {
        commit_protected(cpu, attempt);
    }
    return path;
}

/* The 8086 way: a vector of four bytes, three words pushed, no checks but the limits. */
static uint32_t deliver_real(struct cpu *cpu, struct attempt *attempt)
{
    const uint32_t at = attempt->delivery->vector * 4;
    take_route(cpu, attempt, TIMING_PATH_REAL);
    accept(cpu, attempt);
    if (at + 3 > cpu->state.idtr.limit) {
        return trap_raise(cpu, PATH_rm_idt_limit, 0);
    }
    const struct access vector = read_system(cpu, cpu->state.idtr.base + at, 4);
    if (vector.path) {
        return vector.path;
    }
    attempt->selector = vector.value >> 16;
    attempt->offset = vector.value & 0xFFFF;
    attempt->frame.width = 2;
    attempt->masks = 1;
    step(cpu, attempt, U03, attempt->offset);
    (void)find_stack(cpu, attempt);
    frame_build(cpu, attempt, false);
    const uint32_t path = frame_probe(cpu, &attempt->frame, PATH_ss_samestack_room, 0);
    if (path) {
        return path;
    }
    frame_write(cpu, &attempt->frame);
    step(cpu, attempt, U09, attempt->frame.width * attempt->frame.slots);
    commit_flags(cpu, attempt, EFLAGS_TF | EFLAGS_RF | EFLAGS_AC);
    segment_load_real(cpu, SEG_CS, attempt->selector);
    commit_entry(cpu, attempt);
    return PATH_NONE;
}

uint32_t deliver_attempt(struct cpu *cpu, const struct delivery *delivery)
{
    struct attempt attempt; /* large, and each step fills its part */
    attempt.delivery = delivery;
    attempt.ext = delivery->kind != DELIVERY_SOFTWARE;
    attempt.charged = 0;
    attempt.frame.slots = 0;
    attempt.inner = false;
    attempt.was_virtual = cpu->state.eflags & EFLAGS_VM;
    attempt.frame.level = cpu->state.cpl;
    if (cpu->state.cr0 & CR0_PE) {
        return deliver_protected(cpu, &attempt);
    }
    struct delivery without_code = *delivery; /* real mode pushes none */
    without_code.has_error = 0;
    attempt.delivery = &without_code;
    return deliver_real(cpu, &attempt);
}
