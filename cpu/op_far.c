/* Far JMP, CALL and RET: straight to code, through call gates, and to other tasks.
 * See: 80386 PRM 17 pages JMP, CALL, RET; 6.3.3, 6.3.4; 7.5.
 * SPDX-License-Identifier: MIT */
#include "cpu/exec.h"

#ifdef EXEC_CAREFUL

#include "cpu/eflags.h"
#include "cpu/far_return.h"
#include "cpu/frame.h"
#include "cpu/task.h"

#define GATE_COUNT 0x1Fu /* parameters to copy, in the high half */

/* One far JMP or CALL: checked first, then put in force. */
struct transfer {
    uint32_t selector;    /* as given; then the code selector of a gate */
    uint32_t offset;      /* EIP; of a gate: the gate's */
    uint32_t next;        /* EIP of the instruction after this one */
    uint32_t width;       /* CALL: bytes of a pushed word, 2 or 4; of a gate: the gate's */
    uint32_t is_call;     /* 1: CALL, 0: JMP */
    enum timing_far kind; /* whose clocks */
    struct segment_load code;
};

static const struct stack_paths gate_stack_paths = {
    .null = PATH_ts_cg_ss_null,
    .limit = PATH_ts_cg_ss_limit,
    .rpl = PATH_ts_cg_ss_rpl,
    .dpl = PATH_ts_cg_ss_dpl,
    .read_only = PATH_ts_cg_ss_type,
    .code = PATH_ts_cg_ss_type,
    .system = PATH_ts_cg_ss_type,
    .not_present = PATH_ss_cg_ss_np,
    .null_has_code = 1,
};

/* ---- the ends of all of them ---- */

/* CS:EIP with the level as RPL, also in conforming code. */
static void commit_code(struct cpu *cpu, struct transfer *transfer)
{
    transfer->code.state.selector =
        (uint16_t)((transfer->selector & SELECTOR_INDEX) | cpu->state.cpl);
    segment_commit(cpu, SEG_CS, &transfer->code.state);
    cpu->state.eip = transfer->offset;
}

static uint32_t check_room(struct cpu *cpu, uint32_t bytes)
{
    const uint32_t path = check_logical(cpu, SEG_SS, stack_below(cpu, bytes), bytes, ACCESS_WRITE);
    return path ? path
                : check_logical(cpu, SEG_SS, stack_below(cpu, 2 * bytes), bytes, ACCESS_WRITE);
}

/* There is room; only the alignment check of the first write may still stop it. */
static uint32_t push_return(struct cpu *cpu, uint32_t bytes, uint32_t eip)
{
    const uint32_t first = stack_below(cpu, bytes), second = stack_below(cpu, 2 * bytes);
    uint32_t path = write_logical(cpu, SEG_SS, first, bytes, cpu->state.segments[SEG_CS].selector);
    if (!path) {
        path = write_logical(cpu, SEG_SS, second, bytes, eip);
    }
    if (!path) {
        stack_set(cpu, second);
    }
    return path;
}

/* To transfer->code at the same level. */
static uint32_t go_same_level(struct cpu *cpu, struct transfer *transfer)
{
    uint32_t path = PATH_NONE;
    if (transfer->offset > transfer->code.state.limit) {
        return trap_raise(cpu, PATH_gp_far_eip, 0);
    }
    if (transfer->is_call) {
        path = check_room(cpu, transfer->width);
    }
    if (!path) {
        path = segment_mark_accessed(cpu, &transfer->code);
    }
    if (!path && transfer->is_call) {
        path = push_return(cpu, transfer->width, transfer->next);
    }
    if (!path) {
        commit_code(cpu, transfer);
    }
    return path;
}

/* The 8086 way. */
static uint32_t go_real(struct cpu *cpu, const struct transfer *transfer)
{
    uint32_t path = PATH_NONE;
    if (transfer->offset > cpu->state.segments[SEG_CS].limit) {
        return trap_raise(cpu, PATH_gp_far_eip, 0);
    }
    if (transfer->is_call) {
        path = check_room(cpu, transfer->width);
    }
    if (!path && transfer->is_call) {
        path = push_return(cpu, transfer->width, transfer->next);
    }
    if (!path) {
        segment_load_real(cpu, SEG_CS, transfer->selector);
        cpu->state.eip = transfer->offset;
    }
    return path;
}

static uint32_t go_direct(struct cpu *cpu, struct transfer *transfer)
{
    const uint32_t code = transfer->selector & SELECTOR_INDEX;
    const uint32_t rpl = transfer->selector & SELECTOR_RPL;
    const uint32_t attributes = transfer->code.state.attributes;
    const uint32_t dpl = attributes_dpl(attributes);
    if (!is_code(attributes)) {
        return trap_raise(cpu, PATH_gp_far_type, code);
    }
    if (is_conforming_code(attributes)) {
        if (dpl > cpu->state.cpl) {
            return trap_raise(cpu, PATH_gp_far_conf_dpl, code);
        }
    } else if (rpl > cpu->state.cpl) {
        return trap_raise(cpu, PATH_gp_far_nonconf_rpl, code);
    } else if (dpl != cpu->state.cpl) {
        return trap_raise(cpu, PATH_gp_far_nonconf_dpl, code);
    }
    if (!(attributes & ATTR_PRESENT)) {
        return trap_raise(cpu, PATH_np_far, code);
    }
    return go_same_level(cpu, transfer);
}

/* ---- call gates ---- */

/* The parameters, lowest address last: as they lie on the old stack (80386 PRM 6.3.4.2). */
static uint32_t copy_parameters(struct cpu *cpu, struct frame *frame, uint32_t count)
{
    for (uint32_t i = count; i-- > 0;) {
        const uint32_t at = (cpu->state.gpr[REG_ESP] + i * frame->width) & stack_mask(cpu);
        const struct access parameter = read_logical(cpu, SEG_SS, at, frame->width);
        if (parameter.path) {
            return parameter.path;
        }
        frame_add(frame, parameter.value);
    }
    return PATH_NONE;
}

/* The frame of a call to an inner level: looked at, nothing written. */
static uint32_t prepare_inner(struct cpu *cpu, const struct transfer *transfer, struct frame *frame,
                              uint32_t count)
{
    uint32_t selector = 0;
    uint32_t path = frame_inner_stack(cpu, frame, PATH_ts_cg_tss_limit,
                                      cpu->state.tr.selector & SELECTOR_INDEX, &selector);
    if (!path) {
        path =
            stack_segment_check(cpu, selector, frame->level, 0, &gate_stack_paths, &frame->stack);
    }
    if (path) {
        return path;
    }
    frame_add(frame, cpu->state.segments[SEG_SS].selector);
    frame_add(frame, cpu->state.gpr[REG_ESP]);
    path = copy_parameters(cpu, frame, count);
    frame_add(frame, cpu->state.segments[SEG_CS].selector);
    frame_add(frame, transfer->next);
    return path ? path : frame_probe(cpu, frame, PATH_ss_cg_room, 0);
}

static uint32_t call_inner(struct cpu *cpu, struct transfer *transfer, uint32_t count)
{
    struct frame frame;
    frame.width = transfer->width;
    frame.level = attributes_dpl(transfer->code.state.attributes);
    frame.slots = 0;
    uint32_t path = prepare_inner(cpu, transfer, &frame, count);
    if (!path && transfer->offset > transfer->code.state.limit) {
        path = trap_raise(cpu, PATH_gp_far_eip, 0);
    }
    if (!path) {
        path = segment_probe_accessed(cpu, &transfer->code);
    }
    if (!path) {
        path = segment_mark_accessed(cpu, &frame.stack);
    }
    if (path) {
        return path;
    }
    (void)segment_mark_accessed(cpu, &transfer->code);
    cpl_commit(cpu, frame.level);
    segment_commit(cpu, SEG_SS, &frame.stack.state);
    frame_write(cpu, &frame);
    commit_code(cpu, transfer);
    charge(cpu, timing_far_extra(cpu, transfer->kind, TIMING_FAR_GATE_INNER, count));
    return PATH_NONE;
}

/* The code segment that a call gate names, in transfer->selector. */
static uint32_t check_gate_code(struct cpu *cpu, struct transfer *transfer)
{
    const uint32_t code = transfer->selector & SELECTOR_INDEX;
    if (is_null_selector(transfer->selector)) {
        return trap_raise(cpu, PATH_gp_cg_cs_null, 0);
    }
    const uint32_t path =
        segment_fetch(cpu, transfer->selector, PATH_gp_cg_cs_limit, code, &transfer->code);
    if (path) {
        return path;
    }
    const uint32_t attributes = transfer->code.state.attributes;
    if (!is_code(attributes)) {
        return trap_raise(cpu, PATH_gp_cg_cs_type, code);
    }
    if (attributes_dpl(attributes) > cpu->state.cpl) {
        return trap_raise(cpu, PATH_gp_cg_cs_dpl, code);
    }
    if (!transfer->is_call && !is_conforming_code(attributes) &&
        attributes_dpl(attributes) != cpu->state.cpl) {
        return trap_raise(cpu, PATH_gp_cg_jmp_inner, code);
    }
    return attributes & ATTR_PRESENT ? (uint32_t)PATH_NONE : trap_raise(cpu, PATH_np_cg_cs, code);
}

static uint32_t go_by_gate(struct cpu *cpu, struct transfer *transfer, uint32_t type)
{
    const struct descriptor gate = transfer->code.descriptor;
    const bool wide = type == TYPE_CALL_GATE32;
    transfer->selector = gate.low >> 16;
    transfer->offset = (gate.low & 0xFFFF) | (wide ? gate.high & 0xFFFF0000u : 0);
    transfer->width = wide ? 4 : 2;
    uint32_t path = check_gate_code(cpu, transfer);
    if (path) {
        return path;
    }
    const uint32_t attributes = transfer->code.state.attributes;
    if (!is_conforming_code(attributes) && attributes_dpl(attributes) < cpu->state.cpl) {
        return call_inner(cpu, transfer, gate.high & GATE_COUNT);
    }
    path = go_same_level(cpu, transfer);
    if (!path) {
        charge(cpu, timing_far_extra(cpu, transfer->kind, TIMING_FAR_GATE_SAME, 0));
    }
    return path;
}

/* ---- tasks ---- */

static uint32_t go_to_task(struct cpu *cpu, const struct transfer *transfer, bool by_gate)
{
    struct task_switch task = {
        .tss = transfer->code,
        .cause = transfer->is_call ? TIMING_TASK_CALL : TIMING_TASK_JMP,
        .eip = transfer->next,
        .eflags = eflags_read(cpu),
    };
    const enum timing_far_way way = by_gate ? TIMING_FAR_TASK_GATE : TIMING_FAR_TSS;
    uint32_t path = by_gate ? task_find_by_gate(cpu, &task, transfer->code.descriptor.low >> 16)
                            : task_find_direct(cpu, &task, transfer->selector);
    if (!path) {
        path = task_switch(cpu, &task);
    }
    if (!path) {
        charge(cpu, timing_far_extra(cpu, transfer->kind, way, task.clocks));
    }
    return path;
}

/* ---- which of them it is ---- */

/* What every gate has to allow. */
static uint32_t check_gate(struct cpu *cpu, const struct transfer *transfer)
{
    const uint32_t code = transfer->selector & SELECTOR_INDEX;
    const uint32_t attributes = transfer->code.state.attributes;
    if (attributes_dpl(attributes) < cpu->state.cpl) {
        return trap_raise(cpu, PATH_gp_cg_dpl_cpl, code);
    }
    if (attributes_dpl(attributes) < (transfer->selector & SELECTOR_RPL)) {
        return trap_raise(cpu, PATH_gp_cg_dpl_rpl, code);
    }
    return attributes & ATTR_PRESENT ? (uint32_t)PATH_NONE : trap_raise(cpu, PATH_np_cg, code);
}

static uint32_t go_protected(struct cpu *cpu, struct transfer *transfer)
{
    const uint32_t code = transfer->selector & SELECTOR_INDEX;
    if (is_null_selector(transfer->selector)) {
        return trap_raise(cpu, PATH_gp_far_null, 0);
    }
    uint32_t path =
        segment_fetch(cpu, transfer->selector, PATH_gp_far_limit, code, &transfer->code);
    if (path) {
        return path;
    }
    const uint32_t type = transfer->code.state.attributes & 0x1F;
    switch (type) {
    case TYPE_CALL_GATE16:
    case TYPE_CALL_GATE32:
        path = check_gate(cpu, transfer);
        return path ? path : go_by_gate(cpu, transfer, type);
    case TYPE_TASK_GATE:
        path = check_gate(cpu, transfer);
        return path ? path : go_to_task(cpu, transfer, true);
    case TYPE_TSS16_AVAILABLE:
    case TYPE_TSS16_BUSY:
    case TYPE_TSS32_AVAILABLE:
    case TYPE_TSS32_BUSY:
        return go_to_task(cpu, transfer, false);
    default:
        return go_direct(cpu, transfer);
    }
}

static COLD uint32_t go_far(struct cpu *cpu, struct transfer transfer)
{
    return in_protected_mode(cpu) ? go_protected(cpu, &transfer) : go_real(cpu, &transfer);
}

static COLD uint32_t return_far(struct cpu *cpu, uint32_t width, uint32_t release)
{
    struct far_return how = {.width = width, .release = release};
    const uint32_t path = far_return(cpu, &how);
    if (!path && how.outer) {
        charge(cpu, timing_far_extra(cpu, TIMING_RETF, TIMING_FAR_OUTER, 0));
    }
    return path;
}

/* Leave for state.eip, or raise. */
#define END_TRANSFER(taken)                                                                        \
    const uint32_t path = (taken);                                                                 \
    if (path) {                                                                                    \
        FAULT(path);                                                                               \
    }                                                                                              \
    LEAVE_JUMP

#define LOAD_TARGET(bits)                                                                          \
    const uint32_t at = effective_address(cpu, uop), above = at + (bits) / 8;                      \
    LOAD(bits, offset, uop->segment, at);                                                          \
    LOAD(16, selector, uop->segment, uop->flags &UOP_ADDRESS16 ? above & 0xFFFF : above)

#define GO(call, timing, bits, to_selector, to_offset)                                             \
    const struct transfer transfer = {.selector = (to_selector),                                   \
                                      .offset = (to_offset),                                       \
                                      .next = next_eip(cpu, uop),                                  \
                                      .width = (bits) / 8,                                         \
                                      .is_call = (call),                                           \
                                      .kind = (timing)};                                           \
    END_TRANSFER(go_far(cpu, transfer))

OP(jmpf_ap_16)
{
    GO(0, TIMING_JMPF_AP, 16, uop->disp & 0xFFFF, uop->imm & 0xFFFF);
}
OP(jmpf_ap_32)
{
    GO(0, TIMING_JMPF_AP, 32, uop->disp & 0xFFFF, uop->imm);
}
OP(jmpf_mp_m16)
{
    LOAD_TARGET(16);
    GO(0, TIMING_JMPF_MP, 16, selector, offset);
}
OP(jmpf_mp_m32)
{
    LOAD_TARGET(32);
    GO(0, TIMING_JMPF_MP, 32, selector, offset);
}
OP(callf_ap_16)
{
    GO(1, TIMING_CALLF_AP, 16, uop->disp & 0xFFFF, uop->imm & 0xFFFF);
}
OP(callf_ap_32)
{
    GO(1, TIMING_CALLF_AP, 32, uop->disp & 0xFFFF, uop->imm);
}
OP(callf_mp_m16)
{
    LOAD_TARGET(16);
    GO(1, TIMING_CALLF_MP, 16, selector, offset);
}
OP(callf_mp_m32)
{
    LOAD_TARGET(32);
    GO(1, TIMING_CALLF_MP, 32, selector, offset);
}
OP(retf_16)
{
    END_TRANSFER(return_far(cpu, 2, 0));
}
OP(retf_32)
{
    END_TRANSFER(return_far(cpu, 4, 0));
}
OP(retf_iw_16)
{
    END_TRANSFER(return_far(cpu, 2, uop->imm & 0xFFFF));
}
OP(retf_iw_32)
{
    END_TRANSFER(return_far(cpu, 4, uop->imm & 0xFFFF));
}

#endif
