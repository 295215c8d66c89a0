/* Ports: IN, OUT, INS, OUTS and their REP forms. Permission comes first: CPL <= IOPL, else (and
 * always in virtual-8086 mode) every bit of the access in the I/O permission map of a 386 TSS.
 * See: 80386 PRM 8.3, 17 pages IN, OUT, INS, OUTS.
 * SPDX-License-Identifier: MIT */
#include "cpu/exec.h"

#ifdef EXEC_CAREFUL

#include "cpu/segment.h"
#include "cpu/timing.h"

#define TSS_MAP_BASE 0x66u /* offset of the word that says where the map begins */

struct permission {
    uint32_t path;    /* PATH_NONE: go on */
    uint32_t through; /* 1: the map was looked at */
};

/* The processor reads two bytes of the map whatever the width, so the limit must hold both. */
static COLD uint32_t check_map(struct cpu *cpu, uint32_t port, uint32_t bytes)
{
    const struct segment_state *tss = &cpu->state.tr;
    const uint32_t type = tss->attributes & 0x1F;
    if (!tss->usable || (type != TYPE_TSS32_AVAILABLE && type != TYPE_TSS32_BUSY) ||
        tss->limit < TSS_MAP_BASE + 1) {
        return trap_raise(cpu, PATH_gp_io_bitmap, 0);
    }
    const struct access base = read_system(cpu, tss->base + TSS_MAP_BASE, 2);
    if (base.path) {
        return base.path;
    }
    const uint32_t at = base.value + port / 8;
    if (at + 1 > tss->limit) {
        return trap_raise(cpu, PATH_gp_io_bitmap, 0);
    }
    const struct access map = read_system(cpu, tss->base + at, 2);
    if (map.path) {
        return map.path;
    }
    const uint32_t mask = ((1u << bytes) - 1) << (port & 7);
    return map.value & mask ? trap_raise(cpu, PATH_gp_io_bitmap, 0) : (uint32_t)PATH_NONE;
}

static struct permission check_port(struct cpu *cpu, uint32_t port, uint32_t bytes)
{
    const uint32_t iopl = (cpu->state.eflags & EFLAGS_IOPL) >> 12;
    struct permission permission = {0};
    if (cpu->state.cpl > iopl || (cpu->state.eflags & EFLAGS_VM)) {
        permission.path = check_map(cpu, port, bytes);
        permission.through = 1;
    }
    return permission;
}

/* A port that the map denies: in virtual-8086 mode some instructions take a clock more. */
static COLD uint32_t refused(struct cpu *cpu, uint32_t path, enum timing_io kind)
{
    if (path == PATH_gp_io_bitmap) {
        charge(cpu, timing_port_trap_extra(cpu, kind));
    }
    return path;
}

static void note_port(struct cpu *cpu, uint32_t kind, uint32_t port, uint32_t bytes, uint32_t value)
{
    if (cpu->journal) {
        const struct journal_entry entry = {
            .kind = kind, .address = port, .value = value, .size = bytes};
        journal_add(cpu, &entry);
    }
}

static uint32_t port_read(struct cpu *cpu, const struct uop *uop, uint32_t port, uint32_t bytes)
{
    const uint32_t value =
        cpu->bus.port_read(cpu->bus.context, (uint16_t)port, bytes, clock_in(cpu, uop));
    note_port(cpu, JOURNAL_PORT_READ, port, bytes, value);
    if (UNLIKELY(cpu->observe >> EVENT_PORT & 1)) {
        observe_port(cpu, port, bytes, value, 0);
    }
    return value;
}

static void port_write(struct cpu *cpu, const struct uop *uop, uint32_t port, uint32_t bytes,
                       uint32_t value)
{
    note_port(cpu, JOURNAL_PORT_WRITE, port, bytes, value);
    cpu->bus.port_write(cpu->bus.context, (uint16_t)port, bytes, value, clock_in(cpu, uop));
    if (UNLIKELY(cpu->observe >> EVENT_PORT & 1)) {
        observe_port(cpu, port, bytes, value, 1);
    }
}

/* ---- IN, OUT ---- */

#define PORT_DX (GPR32(REG_EDX) & 0xFFFF)

#define INPUT(bits, number, target, kind)                                                          \
    const struct permission permission = check_port(cpu, number, (bits) / 8);                      \
    if (permission.path) {                                                                         \
        FAULT(refused(cpu, permission.path, kind));                                                \
    }                                                                                              \
    target = (uint##bits##_t)port_read(cpu, uop, number, (bits) / 8);                              \
    NEXT_CHARGED(timing_io_extra(cpu, kind, permission.through))
#define OUTPUT(bits, number, value, kind)                                                          \
    const struct permission permission = check_port(cpu, number, (bits) / 8);                      \
    if (permission.path) {                                                                         \
        FAULT(refused(cpu, permission.path, kind));                                                \
    }                                                                                              \
    port_write(cpu, uop, number, (bits) / 8, value);                                               \
    NEXT_CHARGED(timing_io_extra(cpu, kind, permission.through))

OP(in_al_ib)
{
    INPUT(8, uop->imm & 0xFF, GPR8(OFFSET_AL), TIMING_IN_IMM);
}
OP(in_eax_ib_16)
{
    INPUT(16, uop->imm & 0xFF, GPR16(REG_EAX), TIMING_IN_IMM);
}
OP(in_eax_ib_32)
{
    INPUT(32, uop->imm & 0xFF, GPR32(REG_EAX), TIMING_IN_IMM);
}
OP(in_al_dx)
{
    INPUT(8, PORT_DX, GPR8(OFFSET_AL), TIMING_IN_DX);
}
OP(in_eax_dx_16)
{
    INPUT(16, PORT_DX, GPR16(REG_EAX), TIMING_IN_DX);
}
OP(in_eax_dx_32)
{
    INPUT(32, PORT_DX, GPR32(REG_EAX), TIMING_IN_DX);
}
OP(out_ib_al)
{
    OUTPUT(8, uop->imm & 0xFF, GPR8(OFFSET_AL), TIMING_OUT_IMM);
}
OP(out_ib_eax_16)
{
    OUTPUT(16, uop->imm & 0xFF, GPR16(REG_EAX), TIMING_OUT_IMM);
}
OP(out_ib_eax_32)
{
    OUTPUT(32, uop->imm & 0xFF, GPR32(REG_EAX), TIMING_OUT_IMM);
}
OP(out_dx_al)
{
    OUTPUT(8, PORT_DX, GPR8(OFFSET_AL), TIMING_OUT_DX);
}
OP(out_dx_eax_16)
{
    OUTPUT(16, PORT_DX, GPR16(REG_EAX), TIMING_OUT_DX);
}
OP(out_dx_eax_32)
{
    OUTPUT(32, PORT_DX, GPR32(REG_EAX), TIMING_OUT_DX);
}

/* ---- INS, OUTS ---- */

INLINE uint32_t address_mask(const struct uop *uop)
{
    return uop->flags & UOP_ADDRESS16 ? 0xFFFFu : 0xFFFFFFFFu;
}

static void advance(struct cpu *cpu, const struct uop *uop, enum gpr index, uint32_t bytes)
{
    const uint32_t mask = address_mask(uop), pointer = GPR32(index);
    const uint32_t moved = cpu->state.eflags & EFLAGS_DF ? pointer - bytes : pointer + bytes;
    GPR32(index) = (pointer & ~mask) | (moved & mask);
}

/* One element from the port to ES:(E)DI; the memory is tested before the port is read. */
static uint32_t ins_element(struct cpu *cpu, const struct uop *uop, uint32_t bytes)
{
    const uint32_t offset = GPR32(REG_EDI) & address_mask(uop);
    const uint32_t path = probe_write(cpu, SEG_ES, offset, bytes);
    if (path) {
        return path;
    }
    const struct write_cell cell = cpu->cell;
    const uint32_t value = port_read(cpu, uop, PORT_DX, bytes);
    cpu->cell = cell;
    cell_write(cpu, value);
    advance(cpu, uop, REG_EDI, bytes);
    return PATH_NONE;
}

/* One element from segment:(E)SI to the port. */
static uint32_t outs_element(struct cpu *cpu, const struct uop *uop, uint32_t bytes)
{
    const uint32_t offset = GPR32(REG_ESI) & address_mask(uop);
    const struct access element = read_logical(cpu, uop->segment, offset, bytes);
    if (element.path) {
        return element.path;
    }
    port_write(cpu, uop, PORT_DX, bytes, element.value);
    advance(cpu, uop, REG_ESI, bytes);
    return PATH_NONE;
}

#define ONE_ELEMENT(element, bytes, kind)                                                          \
    const struct permission permission = check_port(cpu, PORT_DX, bytes);                          \
    if (permission.path) {                                                                         \
        FAULT(refused(cpu, permission.path, kind));                                                \
    }                                                                                              \
    const uint32_t path = element(cpu, uop, bytes);                                                \
    if (path) {                                                                                    \
        FAULT(path);                                                                               \
    }                                                                                              \
    NEXT_CHARGED(timing_io_extra(cpu, kind, permission.through))

/* How a REP form ended. */
struct repeat {
    uint32_t path; /* fault of the element that did not complete */
    uint32_t more; /* 1: stopped between elements, to be resumed */
};

/* Elements until the count is used up, a fault, or something else to do. Each is committed. */
static COLD struct repeat repeat_port(struct cpu *cpu, const struct uop *uop, bool input,
                                      uint32_t bytes)
{
    const uint32_t mask = address_mask(uop);
    struct repeat result = {0};
    const struct permission permission = check_port(cpu, PORT_DX, bytes);
    if (permission.path) {
        result.path = refused(cpu, permission.path, TIMING_REP_INS_IO);
        return result;
    }
    uint32_t done = rep_begin(cpu, uop) ? 2 : 0;
    if (!done) {
        charge(cpu, timing_io_extra(cpu, input ? TIMING_REP_INS_IO : TIMING_REP_OUTS_IO,
                                    permission.through));
    }
    for (;;) {
        result.path = input ? ins_element(cpu, uop, bytes) : outs_element(cpu, uop, bytes);
        if (result.path) {
            return result;
        }
        charge(cpu, timing_rep_extra(cpu, input ? TIMING_REP_INS : TIMING_REP_OUTS, done++, 1));
        const uint32_t count = (GPR32(REG_ECX) - 1) & mask;
        GPR32(REG_ECX) = (GPR32(REG_ECX) & ~mask) | count;
        if (!count || rep_must_leave(cpu, uop)) {
            result.more = count != 0;
            return result;
        }
    }
}

/* A count of 0 moves nothing, but whether the port may be used is asked first, as processors do
 * (tests/oracle). */
static COLD uint32_t repeat_nothing(struct cpu *cpu, uint32_t bytes)
{
    const struct permission permission = check_port(cpu, PORT_DX, bytes);
    return permission.path ? refused(cpu, permission.path, TIMING_REP_INS_IO) : PATH_NONE;
}

#define REPEAT(input, bytes)                                                                       \
    if (!(GPR32(REG_ECX) & address_mask(uop))) {                                                   \
        const uint32_t denied = repeat_nothing(cpu, bytes);                                        \
        if (denied) {                                                                              \
            FAULT(denied);                                                                         \
        }                                                                                          \
        NEXT;                                                                                      \
    }                                                                                              \
    const struct repeat repeat = repeat_port(cpu, uop, input, bytes);                              \
    if (repeat.path) {                                                                             \
        FAULT(repeat.path);                                                                        \
    }                                                                                              \
    if (repeat.more) {                                                                             \
        TAIL return leave_within(cpu, uop);                                                        \
    }                                                                                              \
    NEXT_CHARGED(0)

OP(insb)
{
    ONE_ELEMENT(ins_element, 1, TIMING_INS);
}
OP(insv_16)
{
    ONE_ELEMENT(ins_element, 2, TIMING_INS);
}
OP(insv_32)
{
    ONE_ELEMENT(ins_element, 4, TIMING_INS);
}
OP(outsb)
{
    ONE_ELEMENT(outs_element, 1, TIMING_OUTS);
}
OP(outsv_16)
{
    ONE_ELEMENT(outs_element, 2, TIMING_OUTS);
}
OP(outsv_32)
{
    ONE_ELEMENT(outs_element, 4, TIMING_OUTS);
}
OP(rep_insb)
{
    REPEAT(true, 1);
}
OP(rep_insv_16)
{
    REPEAT(true, 2);
}
OP(rep_insv_32)
{
    REPEAT(true, 4);
}
OP(rep_outsb)
{
    REPEAT(false, 1);
}
OP(rep_outsv_16)
{
    REPEAT(false, 2);
}
OP(rep_outsv_32)
{
    REPEAT(false, 4);
}

#endif
