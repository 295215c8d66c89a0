/* Far JMP, CALL and RET. Only straight to code: a selector of a gate or TSS is #GP(selector).
 * See: 80386 PRM 17 pages JMP, CALL, RET; 6.3.3, 6.3.4.
 * SPDX-License-Identifier: MIT */
#include "cpu/exec.h"

#ifdef EXEC_CAREFUL

#include "cpu/far_return.h"
#include "cpu/timing.h"

/* Where to: checked by far_check(), put in force by far_commit(). */
struct far_target {
    uint32_t selector; /* as given */
    uint32_t offset;   /* EIP */
    struct segment_load code;
};

static uint32_t check_code(struct cpu *cpu, struct far_target *target)
{
    const uint32_t code = target->selector & SELECTOR_INDEX;
    const uint32_t rpl = target->selector & SELECTOR_RPL;
    if (is_null_selector(target->selector)) {
        return trap_raise(cpu, PATH_gp_far_null, 0);
    }
    const uint32_t path =
        segment_fetch(cpu, target->selector, PATH_gp_far_limit, code, &target->code);
    if (path) {
        return path;
    }
    const uint32_t attributes = target->code.state.attributes;
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
    return attributes & ATTR_PRESENT ? (uint32_t)PATH_NONE : trap_raise(cpu, PATH_np_far, code);
}

static uint32_t far_check(struct cpu *cpu, struct far_target *target)
{
    const bool is_protected = in_protected_mode(cpu);
    const uint32_t path = is_protected ? check_code(cpu, target) : (uint32_t)PATH_NONE;
    const uint32_t limit =
        is_protected ? target->code.state.limit : cpu->state.segments[SEG_CS].limit;
    if (!path && target->offset > limit) {
        return trap_raise(cpu, PATH_gp_far_eip, 0);
    }
    return path;
}

/* The level stays: RPL of CS becomes CPL, also in conforming code. */
static void far_commit(struct cpu *cpu, struct far_target *target)
{
    if (in_protected_mode(cpu)) {
        target->code.state.selector =
            (uint16_t)((target->selector & SELECTOR_INDEX) | cpu->state.cpl);
        segment_commit(cpu, SEG_CS, &target->code.state);
    } else {
        segment_load_real(cpu, SEG_CS, target->selector);
    }
    cpu->state.eip = target->offset;
}

static uint32_t mark_code(struct cpu *cpu, struct far_target *target)
{
    return in_protected_mode(cpu) ? segment_mark_accessed(cpu, &target->code) : (uint32_t)PATH_NONE;
}

static COLD uint32_t far_jump(struct cpu *cpu, uint32_t selector, uint32_t offset)
{
    struct far_target target = {.selector = selector, .offset = offset};
    uint32_t path = far_check(cpu, &target);
    if (!path) {
        path = mark_code(cpu, &target);
    }
    if (!path) {
        far_commit(cpu, &target);
    }
    return path;
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

static COLD uint32_t far_call(struct cpu *cpu, uint32_t selector, uint32_t offset, uint32_t bytes,
                              uint32_t next)
{
    struct far_target target = {.selector = selector, .offset = offset};
    uint32_t path = far_check(cpu, &target);
    if (!path) {
        path = check_room(cpu, bytes);
    }
    if (!path) {
        path = mark_code(cpu, &target);
    }
    if (!path) {
        path = push_return(cpu, bytes, next);
    }
    if (!path) {
        far_commit(cpu, &target);
    }
    return path;
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

OP(jmpf_ap_16)
{
    END_TRANSFER(far_jump(cpu, uop->disp & 0xFFFF, uop->imm & 0xFFFF));
}
OP(jmpf_ap_32)
{
    END_TRANSFER(far_jump(cpu, uop->disp & 0xFFFF, uop->imm));
}
OP(jmpf_mp_m16)
{
    LOAD_TARGET(16);
    END_TRANSFER(far_jump(cpu, selector, offset));
}
OP(jmpf_mp_m32)
{
    LOAD_TARGET(32);
    END_TRANSFER(far_jump(cpu, selector, offset));
}
OP(callf_ap_16)
{
    END_TRANSFER(far_call(cpu, uop->disp & 0xFFFF, uop->imm & 0xFFFF, 2, next_eip(cpu, uop)));
}
OP(callf_ap_32)
{
    END_TRANSFER(far_call(cpu, uop->disp & 0xFFFF, uop->imm, 4, next_eip(cpu, uop)));
}
OP(callf_mp_m16)
{
    LOAD_TARGET(16);
    END_TRANSFER(far_call(cpu, selector, offset, 2, next_eip(cpu, uop)));
}
OP(callf_mp_m32)
{
    LOAD_TARGET(32);
    END_TRANSFER(far_call(cpu, selector, offset, 4, next_eip(cpu, uop)));
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
