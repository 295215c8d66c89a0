/* IRET and RETF: pop, check, commit; see far_return.h. The checks are those of the manual's IRET
 * and RET pages in their order; the two differ in the paths they raise and in EFLAGS.
 * IRET also returns to virtual-8086 mode (nine doublewords, no descriptors) and, with NT set, to
 * the task that the back link names.
 * Values of JOURNAL_IRET_STEP: 1 frame read (EIP), 2 code segment checked (selector), 3 stack
 * segment checked (selector), 4 flags loaded (EFLAGS), 5 stack and level committed (CPL),
 * 6 transfer (EIP).
 * See: 80386 PRM 17 pages IRET, RET; 9.6.1; 14.5 for real mode.
 * SPDX-License-Identifier: MIT */
#include "cpu/far_return.h"

#include "cpu/eflags.h"
#include "cpu/task.h"

enum step { STEP_FRAME = 1, STEP_CODE, STEP_STACK, STEP_FLAGS, STEP_LEVEL, STEP_TRANSFER };

struct return_paths {
    uint16_t top;         /* frame outside the stack limit */
    uint16_t outer_room;  /* SS:ESP slots outside the stack limit */
    uint16_t cs_null;     /* CS selector null */
    uint16_t cs_limit;    /* outside its table */
    uint16_t cs_type;     /* not code */
    uint16_t rpl_lt_cpl;  /* to an inner level */
    uint16_t nonconf_dpl; /* DPL is not RPL */
    uint16_t conf_dpl;    /* conforming, DPL above RPL */
    uint16_t cs_absent;   /* P = 0 */
    uint16_t eip;         /* beyond the limit */
    struct stack_paths stack;
};

static const struct return_paths iret_paths = {
    .top = PATH_ss_iret_top,
    .outer_room = PATH_ss_iret_outer_room,
    .cs_null = PATH_gp_iret_cs_null,
    .cs_limit = PATH_gp_iret_cs_limit,
    .cs_type = PATH_gp_iret_cs_type,
    .rpl_lt_cpl = PATH_gp_iret_rpl_lt_cpl,
    .nonconf_dpl = PATH_gp_iret_nonconf_dpl,
    .conf_dpl = PATH_gp_iret_conf_dpl,
    .cs_absent = PATH_np_iret_cs,
    .eip = PATH_gp_iret_eip,
    .stack = {.null = PATH_gp_iret_ss_null,
              .limit = PATH_gp_iret_ss_limit,
              .rpl = PATH_gp_iret_ss_rpl,
              .dpl = PATH_gp_iret_ss_dpl,
              .read_only = PATH_gp_iret_ss_type,
              .code = PATH_gp_iret_ss_type,
              .system = PATH_gp_iret_ss_type,
              .not_present = PATH_ss_iret_ss_np,
              .dpl_last = 1},
};

static const struct return_paths retf_paths = {
    .top = PATH_ss_retf_top,
    .outer_room = PATH_ss_retf_outer_room,
    .cs_null = PATH_gp_retf_cs_null,
    .cs_limit = PATH_gp_retf_cs_limit,
    .cs_type = PATH_gp_retf_cs_type,
    .rpl_lt_cpl = PATH_gp_retf_rpl_lt_cpl,
    .nonconf_dpl = PATH_gp_retf_nonconf_dpl,
    .conf_dpl = PATH_gp_retf_conf_dpl,
    .cs_absent = PATH_np_retf_cs,
    .eip = PATH_gp_retf_eip,
    .stack = {.null = PATH_gp_retf_ss_null,
              .limit = PATH_gp_retf_ss_limit,
              .rpl = PATH_gp_retf_ss_rpl,
              .dpl = PATH_gp_retf_ss_dpl,
              .read_only = PATH_gp_retf_ss_type,
              .code = PATH_gp_retf_ss_type,
              .system = PATH_gp_retf_ss_type,
              .not_present = PATH_ss_retf_ss_np,
              .dpl_last = 1},
};

/* What has been popped and found so far. */
struct plan {
    const struct far_return *how;
    const struct return_paths *paths;
    uint32_t eip;      /* popped */
    uint32_t selector; /* popped, CS */
    uint32_t eflags;   /* popped, if how->has_flags */
    uint32_t esp;      /* after the return */
    uint32_t level;    /* new CPL */
    struct segment_load code;
    struct segment_load stack; /* outer level only */
};

static void step(struct cpu *cpu, const struct plan *plan, enum step number, uint32_t value)
{
    if (plan->how->has_flags) {
        journal_step(cpu, JOURNAL_IRET_STEP, number, value);
    }
}

static uint32_t stack_bits(const struct segment_state *stack)
{
    return stack->attributes & ATTR_BIG ? 0xFFFFFFFFu : 0xFFFFu;
}

/* Read the word or dword `bytes` above the top of the stack. */
static uint32_t pop_at(struct cpu *cpu, const struct plan *plan, uint32_t bytes, uint32_t no_room,
                       uint32_t *value)
{
    const uint32_t mask = stack_bits(&cpu->state.segments[SEG_SS]);
    const uint32_t offset = (cpu->state.gpr[REG_ESP] + bytes) & mask;
    const struct access slot = read_logical(cpu, SEG_SS, offset, plan->how->width);
    *value = slot.value;
    return slot.path == PATH_ss_limit ? trap_raise(cpu, no_room, 0) : slot.path;
}

static uint32_t read_frame(struct cpu *cpu, struct plan *plan)
{
    const uint32_t width = plan->how->width, no_room = plan->paths->top;
    const uint32_t at = cpu->state.gpr[REG_ESP] & stack_bits(&cpu->state.segments[SEG_SS]);
    const uint8_t *host =
        width == 4 && plan->how->has_flags ? host_range(cpu, SEG_SS, at, 12, 0) : NULL;
    if (LIKELY(host)) {
        plan->eip = host_load(host, 4);
        plan->selector = host_load(host + 4, 4) & 0xFFFF;
        plan->eflags = host_load(host + 8, 4);
        return PATH_NONE;
    }
    uint32_t path = pop_at(cpu, plan, 0, no_room, &plan->eip);
    if (!path) {
        path = pop_at(cpu, plan, width, no_room, &plan->selector);
    }
    if (!path && plan->how->has_flags) {
        path = pop_at(cpu, plan, 2 * width, no_room, &plan->eflags);
    }
    plan->selector &= 0xFFFF;
    return path;
}

/* Bytes of the frame up to SS:ESP. */
static uint32_t inner_bytes(const struct plan *plan)
{
    return plan->how->width * (plan->how->has_flags ? 3 : 2) + plan->how->release;
}

static uint32_t check_code(struct cpu *cpu, struct plan *plan)
{
    const struct return_paths *paths = plan->paths;
    const uint32_t code = plan->selector & SELECTOR_INDEX;
    const uint32_t rpl = plan->selector & SELECTOR_RPL;
    if (is_null_selector(plan->selector)) {
        return trap_raise(cpu, paths->cs_null, 0);
    }
    const uint32_t path = segment_fetch(cpu, plan->selector, paths->cs_limit, code, &plan->code);
    if (path) {
        return path;
    }
    const uint32_t attributes = plan->code.state.attributes;
    const uint32_t dpl = attributes_dpl(attributes);
    if (!is_code(attributes)) {
        return trap_raise(cpu, paths->cs_type, code);
    }
    if (rpl < cpu->state.cpl) {
        return trap_raise(cpu, paths->rpl_lt_cpl, code);
    }
    if (!is_conforming_code(attributes) && dpl != rpl) {
        return trap_raise(cpu, paths->nonconf_dpl, code);
    }
    if (is_conforming_code(attributes) && dpl > rpl) {
        return trap_raise(cpu, paths->conf_dpl, code);
    }
    if (!(attributes & ATTR_PRESENT)) {
        return trap_raise(cpu, paths->cs_absent, code);
    }
    plan->level = rpl;
    return PATH_NONE;
}

/* The last of the checks, behind those of the outer stack (80386 PRM RET page). */
static uint32_t check_offset(struct cpu *cpu, const struct plan *plan)
{
    return plan->eip > plan->code.state.limit ? trap_raise(cpu, plan->paths->eip, 0)
                                              : (uint32_t)PATH_NONE;
}

static uint32_t check_stack(struct cpu *cpu, struct plan *plan)
{
    const uint32_t room = plan->paths->outer_room, at = inner_bytes(plan);
    uint32_t selector = 0;
    uint32_t path = pop_at(cpu, plan, at, room, &plan->esp);
    if (!path) {
        path = pop_at(cpu, plan, at + plan->how->width, room, &selector);
    }
    if (!path) {
        path = stack_segment_check(cpu, selector & 0xFFFF, plan->level, 0, &plan->paths->stack,
                                   &plan->stack);
    }
    if (!path) {
        step(cpu, plan, STEP_STACK, selector & 0xFFFF);
    }
    return path;
}

/* EFLAGS from the frame with the rights of the level that executes IRET. */
static void load_flags(struct cpu *cpu, const struct plan *plan)
{
    if (plan->how->has_flags) {
        const uint32_t wide = plan->how->width == 4 ? 0xFFFFFFFFu : 0xFFFFu;
        eflags_write(cpu, plan->eflags, (eflags_changeable(cpu) | EFLAGS_RF) & wide);
        cpu->state.nmi_blocked = 0;
        step(cpu, plan, STEP_FLAGS, cpu->state.eflags);
    }
}

static void set_esp(struct cpu *cpu, uint32_t esp, uint32_t mask)
{
    const uint32_t previous = cpu->state.gpr[REG_ESP];
    cpu->state.gpr[REG_ESP] = (previous & ~mask) | (esp & mask);
    journal_register(cpu, JREG_ESP, previous, cpu->state.gpr[REG_ESP]);
}

static void commit_transfer(struct cpu *cpu, const struct plan *plan)
{
    cpu->state.eip = plan->eip;
    step(cpu, plan, STEP_TRANSFER, plan->eip);
}

static void commit_protected(struct cpu *cpu, struct plan *plan)
{
    const bool outer = plan->how->outer;
    load_flags(cpu, plan);
    plan->code.state.selector = (uint16_t)((plan->selector & SELECTOR_INDEX) | plan->level);
    if (outer) {
        cpl_commit(cpu, plan->level);
        segment_commit(cpu, SEG_SS, &plan->stack.state);
        set_esp(cpu, plan->esp + plan->how->release, stack_bits(&plan->stack.state));
    } else {
        const uint32_t mask = stack_bits(&cpu->state.segments[SEG_SS]);
        set_esp(cpu, cpu->state.gpr[REG_ESP] + inner_bytes(plan), mask);
    }
    segment_commit(cpu, SEG_CS, &plan->code.state);
    if (outer) {
        segments_drop_privileged(cpu);
    }
    step(cpu, plan, STEP_LEVEL, plan->level);
    commit_transfer(cpu, plan);
}

/* The EFLAGS.MODE extension: the popped bit has to tell the truth about the new level. */
static uint32_t check_mode(struct cpu *cpu, const struct plan *plan)
{
    const bool user = plan->level == 3;
    if (cpu->state.mode_in_eflags && plan->how->has_flags && plan->how->width == 4 &&
        !!(plan->eflags & EFLAGS_MODE) != user) {
        return trap_raise(cpu, PATH_gp_iret_mode, 0);
    }
    return PATH_NONE;
}

/* IRET from level 0 with VM set in the popped EFLAGS. */
static bool goes_to_virtual(const struct cpu *cpu, const struct plan *plan)
{
    return plan->how->has_flags && plan->how->width == 4 && (plan->eflags & EFLAGS_VM) &&
           cpu->state.cpl == 0;
}

/* EIP, CS, EFLAGS have been popped; ESP, SS, ES, DS, FS, GS follow. */
static uint32_t return_virtual(struct cpu *cpu, struct far_return *how, struct plan *plan)
{
    static const enum segment order[] = {SEG_SS, SEG_ES, SEG_DS, SEG_FS, SEG_GS};
    uint32_t selectors[5] = {0};
    plan->level = 3;
    uint32_t path = check_mode(cpu, plan);
    if (!path) {
        path = pop_at(cpu, plan, 12, plan->paths->outer_room, &plan->esp);
    }
    for (uint32_t i = 0; i < 5 && !path; i++) {
        path = pop_at(cpu, plan, 16 + 4 * i, plan->paths->outer_room, &selectors[i]);
    }
    if (path) {
        return path;
    }
    eflags_write(cpu, plan->eflags, 0xFFFFFFFFu);
    cpu->state.nmi_blocked = 0;
    step(cpu, plan, STEP_FLAGS, cpu->state.eflags);
    cpl_commit(cpu, 3);
    segment_load_virtual(cpu, SEG_CS, plan->selector);
    for (uint32_t i = 0; i < 5; i++) {
        segment_load_virtual(cpu, order[i], selectors[i]);
    }
    set_esp(cpu, plan->esp, 0xFFFFFFFFu);
    step(cpu, plan, STEP_LEVEL, 3);
    plan->eip &= 0xFFFF;
    commit_transfer(cpu, plan);
    how->to_virtual = 1;
    return PATH_NONE;
}

/* IRET with NT set: to the task that the back link names. */
static uint32_t return_to_task(struct cpu *cpu, struct far_return *how)
{
    struct task_switch task = {.eip = how->next_eip, .eflags = eflags_read(cpu)};
    uint32_t path = task_find_by_link(cpu, &task);
    if (!path) {
        path = task_switch(cpu, &task);
    }
    if (!path) {
        cpu->state.nmi_blocked = 0;
        how->to_task = 1;
        how->task_clocks = task.clocks;
    }
    return path;
}

/* Nothing is written before both are known to be writable. */
static uint32_t mark_accessed(struct cpu *cpu, struct plan *plan)
{
    uint32_t path = segment_probe_accessed(cpu, &plan->code);
    if (!path && plan->how->outer) {
        path = segment_mark_accessed(cpu, &plan->stack);
    }
    return path ? path : segment_mark_accessed(cpu, &plan->code);
}

static uint32_t return_protected(struct cpu *cpu, struct far_return *how, struct plan *plan)
{
    uint32_t path = read_frame(cpu, plan);
    if (!path) {
        step(cpu, plan, STEP_FRAME, plan->eip);
        if (UNLIKELY(goes_to_virtual(cpu, plan))) {
            return return_virtual(cpu, how, plan);
        }
        path = check_code(cpu, plan);
    }
    if (!path) {
        step(cpu, plan, STEP_CODE, plan->selector);
        path = check_mode(cpu, plan);
    }
    how->outer = !path && plan->level != cpu->state.cpl;
    if (!path && how->outer) {
        path = check_stack(cpu, plan);
    }
    if (!path) {
        path = check_offset(cpu, plan);
    }
    if (!path) {
        path = mark_accessed(cpu, plan);
    }
    if (!path) {
        commit_protected(cpu, plan);
    }
    return path;
}

static uint32_t return_real(struct cpu *cpu, struct plan *plan)
{
    const uint32_t path = read_frame(cpu, plan);
    if (path) {
        return path;
    }
    step(cpu, plan, STEP_FRAME, plan->eip);
    if (plan->eip > cpu->state.segments[SEG_CS].limit) {
        return trap_raise(cpu, PATH_gp_iret_rm_limit, 0);
    }
    load_flags(cpu, plan);
    const uint32_t mask = stack_bits(&cpu->state.segments[SEG_SS]);
    set_esp(cpu, cpu->state.gpr[REG_ESP] + inner_bytes(plan), mask);
    segment_load_real(cpu, SEG_CS, plan->selector);
    commit_transfer(cpu, plan);
    return PATH_NONE;
}

uint32_t far_return(struct cpu *cpu, struct far_return *how)
{
    struct plan plan = {.how = how, .paths = how->has_flags ? &iret_paths : &retf_paths};
    how->outer = 0;
    how->to_virtual = 0;
    how->to_task = 0;
    if (!in_protected_mode(cpu)) {
        return return_real(cpu, &plan);
    }
    if (how->has_flags && (cpu->state.eflags & EFLAGS_NT)) {
        return return_to_task(cpu, how);
    }
    return return_protected(cpu, how, &plan);
}
