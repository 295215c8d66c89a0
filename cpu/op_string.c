/* MOVS, CMPS, STOS, LODS, SCAS, alone and repeated.
 * The fast variants of REP MOVS and REP STOS do as many elements at once as lie in one page of
 * source and destination, inside both segments and before the deadline.
 * See: 80386 PRM 3.6 and chapter 17: MOVS, CMPS, STOS, LODS, SCAS, REP.
 * SPDX-License-Identifier: MIT */
#include "cpu/string_ops.h"

#ifdef EXEC_CAREFUL
#define REP_RUN(kind, run)
#else
#define REP_RUN(kind, run)                                                                         \
    const uint32_t elements = run;                                                                 \
    if (LIKELY(elements != 0)) {                                                                   \
        REP_GO_ON(kind, elements, true);                                                           \
        continue;                                                                                  \
    }

INLINE uint32_t least(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}
/* Elements from `offset` in the direction of DF up to the end of the page and of the segment;
 * the first is aligned and known to be inside both. */
INLINE uint32_t string_reach(const struct cpu *cpu, uint32_t segment, uint32_t offset,
                             uint64_t span, uint32_t bytes)
{
    uint32_t in_page = (cpu->segment_cache[segment].base + offset) & (PAGE_BYTES - 1);
    if (string_backward(cpu)) {
        return least(in_page, offset) / bytes + 1;
    }
    uint64_t in_segment = span - offset;
    uint32_t to_end = PAGE_BYTES - in_page;
    return (in_segment < to_end ? (uint32_t)in_segment : to_end) / bytes;
}
/* Host addresses of the first element; upwards or downwards, one by one if they overlap: a
 * forward copy onto itself repeats a pattern. */
static void copy_elements(uint8_t *to, const uint8_t *from, uint32_t count, uint32_t bytes,
                          bool backward)
{
    uint32_t length = count * bytes;
    ptrdiff_t step = backward ? -(ptrdiff_t)bytes : (ptrdiff_t)bytes;
    uintptr_t apart = (uintptr_t)to > (uintptr_t)from ? (uintptr_t)to - (uintptr_t)from
                                                      : (uintptr_t)from - (uintptr_t)to;
    if (apart >= length) {
        uint32_t below = backward ? length - bytes : 0;
        memcpy(to - below, from - below, length);
        return;
    }
    for (; count; count--, to += step, from += step) {
        uint8_t element[4];
        memcpy(element, from, bytes);
        memcpy(to, element, bytes);
    }
}
INLINE uint32_t movs_run(struct cpu *cpu, const struct uop *uop, uint32_t bytes)
{
    uint32_t from = string_source(cpu, uop), to = string_target(cpu, uop);
    struct fast_access source = fast_read(cpu, uop->segment, from, bytes);
    struct fast_access target = fast_write(cpu, SEG_ES, to, bytes);
    if (!source.hit || !target.hit) {
        return 0;
    }
    uint64_t source_span = cpu->segment_cache[uop->segment].read_span;
    uint64_t target_span = cpu->segment_cache[SEG_ES].write_span;
    uint32_t count = least(rep_count(cpu, uop), rep_affordable(cpu, uop, TIMING_REP_MOVS));
    count = least(count, string_reach(cpu, uop->segment, from, source_span, bytes));
    count = least(count, string_reach(cpu, SEG_ES, to, target_span, bytes));
    copy_elements(target.host, source.host, count, bytes, string_backward(cpu));
    string_step(cpu, uop, REG_ESI, count * bytes);
    string_step(cpu, uop, REG_EDI, count * bytes);
    return count;
}
INLINE uint32_t stos_run(struct cpu *cpu, const struct uop *uop, uint32_t bytes)
{
    uint32_t to = string_target(cpu, uop), value = cpu->state.gpr[REG_EAX];
    struct fast_access target = fast_write(cpu, SEG_ES, to, bytes);
    if (!target.hit) {
        return 0;
    }
    uint64_t span = cpu->segment_cache[SEG_ES].write_span;
    uint32_t count = least(rep_count(cpu, uop), rep_affordable(cpu, uop, TIMING_REP_STOS));
    count = least(count, string_reach(cpu, SEG_ES, to, span, bytes));
    uint8_t *lowest = target.host - (string_backward(cpu) ? (count - 1) * bytes : 0);
    for (uint32_t n = 0; n < count; n++) {
        memcpy(lowest + (size_t)n * bytes, &value, bytes);
    }
    string_step(cpu, uop, REG_EDI, count * bytes);
    return count;
}
#endif

/* ---- one element; `name` is followed by the size where the row has two ---- */
#define MOVS(name, bits)                                                                           \
    OP(name)                                                                                       \
    {                                                                                              \
        LOAD(bits, value, uop->segment, string_source(cpu, uop));                                  \
        STORE(bits, SEG_ES, string_target(cpu, uop), value);                                       \
        string_step(cpu, uop, REG_ESI, (bits) / 8);                                                \
        string_step(cpu, uop, REG_EDI, (bits) / 8);                                                \
        NEXT;                                                                                      \
    }
MOVS(movsb, 8)
MOVS(movsv_16, 16)
MOVS(movsv_32, 32)

#define STOS(name, bits)                                                                           \
    OP(name)                                                                                       \
    {                                                                                              \
        STORE(bits, SEG_ES, string_target(cpu, uop), GPR##bits(REG_EAX));                          \
        string_step(cpu, uop, REG_EDI, (bits) / 8);                                                \
        NEXT;                                                                                      \
    }
STOS(stosb, 8)
STOS(stosv_16, 16)
STOS(stosv_32, 32)

#define LODS(name, bits)                                                                           \
    OP(name)                                                                                       \
    {                                                                                              \
        LOAD(bits, value, uop->segment, string_source(cpu, uop));                                  \
        SET_GPR(bits, REG_EAX, value);                                                             \
        string_step(cpu, uop, REG_ESI, (bits) / 8);                                                \
        NEXT;                                                                                      \
    }
LODS(lodsb, 8)
LODS(lodsv_16, 16)
LODS(lodsv_32, 32)

/* source - destination */
#define CMPS(name, bits)                                                                           \
    OP(name)                                                                                       \
    {                                                                                              \
        LOAD(bits, source, uop->segment, string_source(cpu, uop));                                 \
        LOAD(bits, target, SEG_ES, string_target(cpu, uop));                                       \
        alu_sub(&cpu->flags, bits, source, target);                                                \
        string_step(cpu, uop, REG_ESI, (bits) / 8);                                                \
        string_step(cpu, uop, REG_EDI, (bits) / 8);                                                \
        NEXT;                                                                                      \
    }
CMPS(cmpsb, 8)
CMPS(cmpsv_16, 16)
CMPS(cmpsv_32, 32)

/* accumulator - destination */
#define SCAS(name, bits)                                                                           \
    OP(name)                                                                                       \
    {                                                                                              \
        LOAD(bits, target, SEG_ES, string_target(cpu, uop));                                       \
        alu_sub(&cpu->flags, bits, GPR##bits(REG_EAX), target);                                    \
        string_step(cpu, uop, REG_EDI, (bits) / 8);                                                \
        NEXT;                                                                                      \
    }
SCAS(scasb, 8)
SCAS(scasv_16, 16)
SCAS(scasv_32, 32)

/* ---- repeated ---- */
#define REP_MOVS(name, bits)                                                                       \
    OP(rep_##name)                                                                                 \
    {                                                                                              \
        REP_UNLESS_ZERO;                                                                           \
        for (;;) {                                                                                 \
            REP_RUN(TIMING_REP_MOVS, movs_run(cpu, uop, (bits) / 8))                               \
            LOAD(bits, value, uop->segment, string_source(cpu, uop));                              \
            STORE(bits, SEG_ES, string_target(cpu, uop), value);                                   \
            string_step(cpu, uop, REG_ESI, (bits) / 8);                                            \
            string_step(cpu, uop, REG_EDI, (bits) / 8);                                            \
            REP_GO_ON(TIMING_REP_MOVS, 1, true);                                                   \
        }                                                                                          \
    }
REP_MOVS(movsb, 8)
REP_MOVS(movsv_16, 16)
REP_MOVS(movsv_32, 32)

#define REP_STOS(name, bits)                                                                       \
    OP(rep_##name)                                                                                 \
    {                                                                                              \
        REP_UNLESS_ZERO;                                                                           \
        for (;;) {                                                                                 \
            REP_RUN(TIMING_REP_STOS, stos_run(cpu, uop, (bits) / 8))                               \
            STORE(bits, SEG_ES, string_target(cpu, uop), GPR##bits(REG_EAX));                      \
            string_step(cpu, uop, REG_EDI, (bits) / 8);                                            \
            REP_GO_ON(TIMING_REP_STOS, 1, true);                                                   \
        }                                                                                          \
    }
REP_STOS(stosb, 8)
REP_STOS(stosv_16, 16)
REP_STOS(stosv_32, 32)

#define REP_LODS(name, bits)                                                                       \
    OP(rep_##name)                                                                                 \
    {                                                                                              \
        REP_UNLESS_ZERO;                                                                           \
        for (;;) {                                                                                 \
            LOAD(bits, value, uop->segment, string_source(cpu, uop));                              \
            SET_GPR(bits, REG_EAX, value);                                                         \
            string_step(cpu, uop, REG_ESI, (bits) / 8);                                            \
            REP_GO_ON(TIMING_REP_LODS, 1, true);                                                   \
        }                                                                                          \
    }
REP_LODS(lodsb, 8)
REP_LODS(lodsv_16, 16)
REP_LODS(lodsv_32, 32)

/* F3 repeats while equal, F2 while not equal. */
INLINE bool still_repeats(const struct cpu *cpu, const struct uop *uop)
{
    return flag_zf(&cpu->flags) == !(uop->flags & UOP_REPNE);
}

#define REP_CMPS(name, bits)                                                                       \
    OP(rep_##name)                                                                                 \
    {                                                                                              \
        REP_UNLESS_ZERO;                                                                           \
        for (;;) {                                                                                 \
            LOAD(bits, source, uop->segment, string_source(cpu, uop));                             \
            LOAD(bits, target, SEG_ES, string_target(cpu, uop));                                   \
            alu_sub(&cpu->flags, bits, source, target);                                            \
            string_step(cpu, uop, REG_ESI, (bits) / 8);                                            \
            string_step(cpu, uop, REG_EDI, (bits) / 8);                                            \
            REP_GO_ON(TIMING_REP_CMPS, 1, still_repeats(cpu, uop));                                \
        }                                                                                          \
    }
REP_CMPS(cmpsb, 8)
REP_CMPS(cmpsv_16, 16)
REP_CMPS(cmpsv_32, 32)

#define REP_SCAS(name, bits)                                                                       \
    OP(rep_##name)                                                                                 \
    {                                                                                              \
        REP_UNLESS_ZERO;                                                                           \
        for (;;) {                                                                                 \
            LOAD(bits, target, SEG_ES, string_target(cpu, uop));                                   \
            alu_sub(&cpu->flags, bits, GPR##bits(REG_EAX), target);                                \
            string_step(cpu, uop, REG_EDI, (bits) / 8);                                            \
            REP_GO_ON(TIMING_REP_SCAS, 1, still_repeats(cpu, uop));                                \
        }                                                                                          \
    }
REP_SCAS(scasb, 8)
REP_SCAS(scasv_16, 16)
REP_SCAS(scasv_32, 32)
