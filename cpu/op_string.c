/* MOVS, CMPS, STOS, LODS, SCAS, alone and repeated.
 * The fast variants of REP MOVS and REP STOS do as many elements at once as lie in one page of
 * source and destination, inside both segments and before the deadline.
 * See: 80386 PRM 3.6 and chapter 17: MOVS, CMPS, STOS, LODS, SCAS, REP.
 * SPDX-License-Identifier: MIT */
#include "cpu/string_ops.h"

#ifdef EXEC_CAREFUL
#define REP_RUN(run)
#else
#define REP_RUN(run)                                                                               \
    const uint32_t elements = run;                                                                 \
    if (LIKELY(elements != 0)) {                                                                   \
        REP_GO_ON(elements, true);                                                                 \
        continue;                                                                                  \
    }

#define NOINLINE __attribute__((noinline)) /* its spilled registers stay out of the handlers */

INLINE uint32_t least(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}
/* One end of a run: where its first element is in the host, how many follow in the direction of
 * DF up to the end of the page and of the segment, and what each pays for misalignment. */
struct run_end {
    uint8_t *host;
    uint32_t count; /* 0: this is for the careful variant */
    uint32_t extra; /* clocks for each element */
};
INLINE struct run_end run_end(const struct cpu *cpu, const struct uop *uop, uint32_t segment,
                              uint64_t span, struct fast_access first, uint32_t offset,
                              uint32_t bytes)
{
    struct run_end end = {first.host, 0, 0};
    span = span <= string_mask(uop) ? span : (uint64_t)string_mask(uop) + 1; /* then SI, DI wrap */
    uint32_t linear = cpu->segment_cache[segment].base + offset;
    uint32_t in_page = linear & (PAGE_BYTES - 1), to_end = PAGE_BYTES - in_page;
    bool misaligned = linear & (bytes - 1);
    if (!first.hit || offset + (uint64_t)bytes > span || to_end < bytes ||
        (misaligned && cpu->state.eflags & EFLAGS_AC)) {
        return end;
    }
    uint64_t in_segment = span - offset;
    uint32_t upwards = (in_segment < to_end ? (uint32_t)in_segment : to_end) / bytes;
    end.count = string_backward(cpu) ? least(in_page, offset) / bytes + 1 : upwards;
    end.extra = misaligned ? cpu->timing->misaligned : 0;
    return end;
}
INLINE struct run_end run_source(struct cpu *cpu, const struct uop *uop, uint32_t offset,
                                 uint32_t bytes)
{
    return run_end(cpu, uop, uop->segment, cpu->segment_cache[uop->segment].read_span,
                   fast_read(cpu, uop->segment, offset, 1), offset, bytes);
}
INLINE struct run_end run_target(struct cpu *cpu, const struct uop *uop, uint32_t offset,
                                 uint32_t bytes)
{
    return run_end(cpu, uop, SEG_ES, cpu->segment_cache[SEG_ES].write_span,
                   fast_write(cpu, SEG_ES, offset, 1), offset, bytes);
}
/* How many iterations of `each` clocks begin before the deadline, at least 1. */
INLINE uint32_t rep_affordable(const struct cpu *cpu, const struct uop *uop, enum timing_rep kind,
                               uint32_t each, uint32_t extra)
{
    int64_t left = cpu->budget + uop[1].clocks_left, step = (int64_t)each + extra;
    left -= cpu->state.rep_resumed
                ? step - (int64_t)timing_rep_refund(uop)
                : (int64_t)rep_first(cpu, kind, each, rep_count(cpu, uop)) + extra;
    if (left <= 0) {
        return 1;
    }
    return left >= step * PAGE_BYTES ? PAGE_BYTES : (uint32_t)((left + step - 1) / step) + 1;
}

/* to, from: host addresses of the first element. One by one if what is written will be read: a
 * copy onto what lies ahead repeats a pattern. */
static NOINLINE void copy_elements(uint8_t *to, const uint8_t *from, uint32_t count, uint32_t bytes,
                                   bool backward)
{
    uint32_t length = count * bytes, below = backward ? length - bytes : 0;
    ptrdiff_t step = backward ? -(ptrdiff_t)bytes : (ptrdiff_t)bytes;
    uintptr_t ahead = backward ? (uintptr_t)from - (uintptr_t)to : (uintptr_t)to - (uintptr_t)from;
    if (ahead >= length) { /* also if `to` lies behind: the difference wraps */
        memmove(to - below, from - below, length);
        return;
    }
    for (; count; count--, to += step, from += step) {
        uint8_t element[4];
        memcpy(element, from, bytes);
        memcpy(to, element, bytes);
    }
}
/* The low `bytes` of value, count times from `to` upwards. */
static NOINLINE void fill_elements(uint8_t *to, uint32_t value, uint32_t count, uint32_t bytes)
{
    uint32_t pattern = bytes == 1   ? (value & 0xFF) * 0x01010101u
                       : bytes == 2 ? (value & 0xFFFF) * 0x00010001u
                                    : value;
    uint32_t left = count * bytes;
    for (; left >= 4; left -= 4, to += 4) {
        memcpy(to, &pattern, 4);
    }
    memcpy(to, &pattern, left);
}
/* Do elements at once, charge for misalignment, step the registers; returns how many. */
INLINE uint32_t movs_run(struct cpu *cpu, const struct uop *uop, uint32_t bytes, uint32_t each)
{
    struct run_end from = run_source(cpu, uop, string_source(cpu, uop), bytes);
    struct run_end to = run_target(cpu, uop, string_target(cpu, uop), bytes);
    uint32_t extra = from.extra + to.extra;
    uint32_t count = least(least(from.count, to.count), rep_count(cpu, uop));
    if (count != 0) {
        count = least(count, rep_affordable(cpu, uop, TIMING_REP_MOVS, each, extra));
        copy_elements(to.host, from.host, count, bytes, string_backward(cpu));
        charge(cpu, count * extra);
        string_step(cpu, uop, REG_ESI, count * bytes);
        string_step(cpu, uop, REG_EDI, count * bytes);
    }
    return count;
}
INLINE uint32_t stos_run(struct cpu *cpu, const struct uop *uop, uint32_t bytes, uint32_t each)
{
    struct run_end to = run_target(cpu, uop, string_target(cpu, uop), bytes);
    uint32_t count = least(to.count, rep_count(cpu, uop));
    if (count != 0) {
        count = least(count, rep_affordable(cpu, uop, TIMING_REP_STOS, each, to.extra));
        uint32_t below = string_backward(cpu) ? (count - 1) * bytes : 0;
        fill_elements(to.host - below, cpu->state.gpr[REG_EAX], count, bytes);
        charge(cpu, count * to.extra);
        string_step(cpu, uop, REG_EDI, count * bytes);
    }
    return count;
}
#endif

/* ---- one element; `name` is followed by the size where the row has two ---- */
#define MOVS(name, bits)                                                                           \
    OP(name)                                                                                       \
    {                                                                                              \
        LOAD(bits, value, uop->segment, string_source(cpu, uop));                                  \
        STORE_SECOND(bits, SEG_ES, string_target(cpu, uop), value);                                \
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
        LOAD_SECOND(bits, target, SEG_ES, string_target(cpu, uop));                                \
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
        REP_BEGIN(TIMING_REP_MOVS);                                                                \
        for (;;) {                                                                                 \
            REP_RUN(movs_run(cpu, uop, (bits) / 8, each))                                          \
            LOAD(bits, value, uop->segment, string_source(cpu, uop));                              \
            STORE_SECOND(bits, SEG_ES, string_target(cpu, uop), value);                            \
            string_step(cpu, uop, REG_ESI, (bits) / 8);                                            \
            string_step(cpu, uop, REG_EDI, (bits) / 8);                                            \
            REP_GO_ON(1, true);                                                                    \
        }                                                                                          \
    }
REP_MOVS(movsb, 8)
REP_MOVS(movsv_16, 16)
REP_MOVS(movsv_32, 32)

#define REP_STOS(name, bits)                                                                       \
    OP(rep_##name)                                                                                 \
    {                                                                                              \
        REP_BEGIN(TIMING_REP_STOS);                                                                \
        for (;;) {                                                                                 \
            REP_RUN(stos_run(cpu, uop, (bits) / 8, each))                                          \
            STORE(bits, SEG_ES, string_target(cpu, uop), GPR##bits(REG_EAX));                      \
            string_step(cpu, uop, REG_EDI, (bits) / 8);                                            \
            REP_GO_ON(1, true);                                                                    \
        }                                                                                          \
    }
REP_STOS(stosb, 8)
REP_STOS(stosv_16, 16)
REP_STOS(stosv_32, 32)

#define REP_LODS(name, bits)                                                                       \
    OP(rep_##name)                                                                                 \
    {                                                                                              \
        REP_BEGIN(TIMING_REP_LODS);                                                                \
        for (;;) {                                                                                 \
            LOAD(bits, value, uop->segment, string_source(cpu, uop));                              \
            SET_GPR(bits, REG_EAX, value);                                                         \
            string_step(cpu, uop, REG_ESI, (bits) / 8);                                            \
            REP_GO_ON(1, true);                                                                    \
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
        REP_BEGIN(TIMING_REP_CMPS);                                                                \
        for (;;) {                                                                                 \
            LOAD(bits, source, uop->segment, string_source(cpu, uop));                             \
            LOAD_SECOND(bits, target, SEG_ES, string_target(cpu, uop));                            \
            alu_sub(&cpu->flags, bits, source, target);                                            \
            string_step(cpu, uop, REG_ESI, (bits) / 8);                                            \
            string_step(cpu, uop, REG_EDI, (bits) / 8);                                            \
            REP_GO_ON(1, still_repeats(cpu, uop));                                                 \
        }                                                                                          \
    }
REP_CMPS(cmpsb, 8)
REP_CMPS(cmpsv_16, 16)
REP_CMPS(cmpsv_32, 32)

#define REP_SCAS(name, bits)                                                                       \
    OP(rep_##name)                                                                                 \
    {                                                                                              \
        REP_BEGIN(TIMING_REP_SCAS);                                                                \
        for (;;) {                                                                                 \
            LOAD(bits, target, SEG_ES, string_target(cpu, uop));                                   \
            alu_sub(&cpu->flags, bits, GPR##bits(REG_EAX), target);                                \
            string_step(cpu, uop, REG_EDI, (bits) / 8);                                            \
            REP_GO_ON(1, still_repeats(cpu, uop));                                                 \
        }                                                                                          \
    }
REP_SCAS(scasb, 8)
REP_SCAS(scasv_16, 16)
REP_SCAS(scasv_32, 32)
