/* Segment registers as operands: MOV, PUSH, POP, LDS and its kin, and the instructions that ask
 * about selectors: ARPL, LAR, LSL, VERR, VERW.
 * MOV SS and POP SS hold off interrupts for one instruction, LSS does not (80386 PRM 9.2.4).
 * See: 80386 PRM 17, pages MOV, PUSH, POP, LGS, ARPL, LAR, LSL, VERR; 6.3, 11.3.
 * SPDX-License-Identifier: MIT */
#include "cpu/everyday.h"
#include "cpu/exec.h"
#include "cpu/segment.h"
#include "cpu/timing.h"

/* ---- reading a segment register ---- */

OP(mov_ew_sw_r16)
{
    GPR16(uop->dst) = cpu->state.segments[uop->src].selector;
    NEXT;
}
OP(mov_ew_sw_r32)
{
    GPR32(uop->dst) = cpu->state.segments[uop->src].selector;
    NEXT;
}
OP(mov_ew_sw_m16)
{
    STORE(16, uop->segment, effective_address(cpu, uop), cpu->state.segments[uop->src].selector);
    NEXT;
}
OP(push_sw_16)
{
    PUSH(16, cpu->state.segments[uop->dst].selector);
    NEXT;
}
OP(push_sw_32)
{
    PUSH(32, cpu->state.segments[uop->dst].selector);
    NEXT;
}

/* ---- loading one ---- */

/* After MOV or POP: SS opens the shadow and may have changed the stack's width. */
#define AFTER_SEGMENT_LOAD                                                                         \
    if (uop->dst == SEG_SS) {                                                                      \
        cpu->state.shadow = SHADOW_MOVSS;                                                          \
        LEAVE;                                                                                     \
    }                                                                                              \
    NEXT

/* Load register uop->dst; stands alone as a statement, nothing has changed if it leaves. */
#ifdef EXEC_CAREFUL
#define LOAD_SEGMENT(selector)                                                                     \
    const uint32_t path_of_load = segment_load_register(cpu, uop->dst, selector);                  \
    if (path_of_load) {                                                                            \
        FAULT(path_of_load);                                                                       \
    }
#else
#ifdef EXEC_FLAT
#define STAYS_FLAT(segment) ((segment) == SEG_ES || (segment) == SEG_DS)
#else
#define STAYS_FLAT(segment) ((segment) != SEG_SS && is_flat(&cpu->segment_cache[segment]))
#endif
#define LOAD_SEGMENT(selector)                                                                     \
    if (UNLIKELY(!STAYS_FLAT(uop->dst) ||                                                          \
                 (cpu->key & (BLOCK_KEY_PE | BLOCK_KEY_VM)) != BLOCK_KEY_PE || cpu->journal ||     \
                 !segment_load_flat(cpu, uop->dst, selector))) {                                   \
        CAREFUL;                                                                                   \
    }
#endif

OP(mov_sw_ew_r16)
{
    LOAD_SEGMENT(GPR16(uop->src));
    AFTER_SEGMENT_LOAD;
}
OP(mov_sw_ew_m16)
{
    LOAD(16, selector, uop->segment, effective_address(cpu, uop));
    LOAD_SEGMENT(selector);
    AFTER_SEGMENT_LOAD;
}

/* POP: the old stack's width moves the pointer, also when SS itself is loaded. */
#define POP_SEGMENT(bits)                                                                          \
    LOAD_TOP(bits, selector);                                                                      \
    const uint32_t mask = stack_mask(cpu);                                                         \
    LOAD_SEGMENT(selector & 0xFFFF);                                                               \
    const uint32_t pointer = GPR32(REG_ESP);                                                       \
    GPR32(REG_ESP) = (pointer & ~mask) | ((pointer + (bits) / 8) & mask);                          \
    AFTER_SEGMENT_LOAD

OP(pop_sw_16)
{
    POP_SEGMENT(16);
}
OP(pop_sw_32)
{
    POP_SEGMENT(32);
}

#ifdef EXEC_CAREFUL
/* The two halves of a far pointer; the second wraps with a 16-bit address. */
INLINE uint32_t selector_address(const struct cpu *cpu, const struct uop *uop, uint32_t after)
{
    const uint32_t offset = effective_address(cpu, uop) + after;
    return uop->flags & UOP_ADDRESS16 ? offset & 0xFFFF : offset;
}

#define LOAD_FAR_POINTER(bits, target, last)                                                       \
    LOAD(bits, offset, uop->segment, effective_address(cpu, uop));                                 \
    LOAD(16, selector, uop->segment, selector_address(cpu, uop, (bits) / 8));                      \
    const uint32_t path = segment_load_register(cpu, target, selector);                            \
    if (path) {                                                                                    \
        FAULT(path);                                                                               \
    }                                                                                              \
    GPR##bits(uop->dst) = (uint##bits##_t)offset;                                                  \
    last

#define FAR_POINTER_BODIES(name, target, last)                                                     \
    OP(name##_gv_mp_m16)                                                                           \
    {                                                                                              \
        LOAD_FAR_POINTER(16, target, last);                                                        \
    }                                                                                              \
    OP(name##_gv_mp_m32)                                                                           \
    {                                                                                              \
        LOAD_FAR_POINTER(32, target, last);                                                        \
    }
FAR_POINTER_BODIES(les, SEG_ES, NEXT)
FAR_POINTER_BODIES(lds, SEG_DS, NEXT)
FAR_POINTER_BODIES(lfs, SEG_FS, NEXT)
FAR_POINTER_BODIES(lgs, SEG_GS, NEXT)
FAR_POINTER_BODIES(lss, SEG_SS, LEAVE)

/* ---- asking about selectors ---- */

/* What LAR and its kin found. */
struct query {
    uint32_t path;   /* fault met while reading the table */
    uint32_t valid;  /* 1: ZF := 1 */
    uint32_t value;  /* LAR: access rights, LSL: limit */
    uint32_t clocks; /* more than the row says */
};

/* Bit n: the instruction accepts system descriptors of type n (80386 PRM LAR and LSL pages). */
#define LAR_TYPES 0x1A3Eu /* 1-5, 9, B, C */
#define LSL_TYPES 0x0A0Eu /* 1-3, 9, B */
#define LAR_MASK  0x00F0FF00u

/* Does the descriptor exist, and may this level and RPL see it? */
static uint32_t is_visible(const struct cpu *cpu, const struct segment_load *load,
                           uint32_t selector)
{
    const uint32_t dpl = attributes_dpl(load->state.attributes);
    return is_conforming_code(load->state.attributes) ||
           (dpl >= cpu->state.cpl && dpl >= (selector & SELECTOR_RPL));
}

static struct query query_begin(struct cpu *cpu, uint32_t selector, struct segment_load *load)
{
    struct query query = {0};
    if (is_null_selector(selector)) {
        return query;
    }
    descriptor_read(cpu, selector, &load->descriptor);
    query.path = load->descriptor.path;
    if (!query.path && load->descriptor.found) {
        descriptor_decode(&load->descriptor, selector, &load->state);
        query.valid = is_visible(cpu, load, selector);
    }
    return query;
}

/* LAR and LSL: types is the mask of system types the instruction accepts. */
static COLD struct query query_descriptor(struct cpu *cpu, uint32_t selector, uint32_t types)
{
    struct segment_load load = {0};
    struct query query = query_begin(cpu, selector, &load);
    const uint32_t attributes = load.state.attributes;
    if (query.valid && !(attributes & ATTR_SEGMENT)) {
        query.valid = (types >> (attributes & 0x0F)) & 1;
    }
    if (types == LAR_TYPES) {
        query.value = load.descriptor.high & LAR_MASK;
    } else {
        query.value = load.state.limit;
        query.clocks = query.valid ? timing_lsl_extra(cpu, attributes & ATTR_GRANULAR) : 0;
    }
    return query;
}

/* VERR and VERW. */
static COLD struct query query_access(struct cpu *cpu, uint32_t selector, uint32_t access)
{
    struct segment_load load = {0};
    struct query query = query_begin(cpu, selector, &load);
    const uint32_t attributes = load.state.attributes;
    if (query.valid && (access & ACCESS_WRITE)) {
        query.valid = is_writable_data(attributes);
    } else if (query.valid) {
        const bool readable = !is_code(attributes) || (attributes & ATTR_READABLE);
        query.valid = (attributes & ATTR_SEGMENT) && readable;
    }
    return query;
}

#define LOAD_RIGHTS(bits, selector, types)                                                         \
    const struct query query = query_descriptor(cpu, selector, types);                             \
    if (query.path) {                                                                              \
        FAULT(query.path);                                                                         \
    }                                                                                              \
    if (query.valid) {                                                                             \
        GPR##bits(uop->dst) = (uint##bits##_t)query.value;                                         \
    }                                                                                              \
    flag_put_zf(&cpu->flags, query.valid);                                                         \
    NEXT_CHARGED(query.clocks)

#define RIGHTS_BODIES(name, types)                                                                 \
    OP(name##_gv_ew_r16)                                                                           \
    {                                                                                              \
        LOAD_RIGHTS(16, GPR16(uop->src), types);                                                   \
    }                                                                                              \
    OP(name##_gv_ew_r32)                                                                           \
    {                                                                                              \
        LOAD_RIGHTS(32, GPR16(uop->src), types);                                                   \
    }                                                                                              \
    OP(name##_gv_ew_m16)                                                                           \
    {                                                                                              \
        LOAD(16, selector, uop->segment, effective_address(cpu, uop));                             \
        LOAD_RIGHTS(16, selector, types);                                                          \
    }                                                                                              \
    OP(name##_gv_ew_m32)                                                                           \
    {                                                                                              \
        LOAD(16, selector, uop->segment, effective_address(cpu, uop));                             \
        LOAD_RIGHTS(32, selector, types);                                                          \
    }
RIGHTS_BODIES(lar, LAR_TYPES)
RIGHTS_BODIES(lsl, LSL_TYPES)

#define VERIFY(selector, access)                                                                   \
    const struct query query = query_access(cpu, selector, access);                                \
    if (query.path) {                                                                              \
        FAULT(query.path);                                                                         \
    }                                                                                              \
    flag_put_zf(&cpu->flags, query.valid);                                                         \
    NEXT

#define VERIFY_BODIES(name, access)                                                                \
    OP(name##_ew_r16)                                                                              \
    {                                                                                              \
        VERIFY(GPR16(uop->dst), access);                                                           \
    }                                                                                              \
    OP(name##_ew_m16)                                                                              \
    {                                                                                              \
        LOAD(16, selector, uop->segment, effective_address(cpu, uop));                             \
        VERIFY(selector, access);                                                                  \
    }
VERIFY_BODIES(verr, 0)
VERIFY_BODIES(verw, ACCESS_WRITE)

OP(arpl_ew_gw_r16)
{
    const uint32_t rpl = GPR16(uop->src) & SELECTOR_RPL;
    const uint32_t selector = GPR16(uop->dst);
    const bool raised = (selector & SELECTOR_RPL) < rpl;
    if (raised) {
        GPR16(uop->dst) = (uint16_t)((selector & ~SELECTOR_RPL) | rpl);
    }
    flag_put_zf(&cpu->flags, raised);
    NEXT;
}
OP(arpl_ew_gw_m16)
{
    PROBE(16, cell, uop->segment, effective_address(cpu, uop));
    const uint32_t rpl = GPR16(uop->src) & SELECTOR_RPL;
    const uint32_t selector = CELL_READ(16, cell);
    const bool raised = (selector & SELECTOR_RPL) < rpl;
    if (raised) {
        CELL_WRITE(16, cell, (selector & ~SELECTOR_RPL) | rpl);
    }
    flag_put_zf(&cpu->flags, raised);
    NEXT;
}

#endif
