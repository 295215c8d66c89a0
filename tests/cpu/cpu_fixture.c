/* The small machine of the processor tests, see cpu_fixture.h.
 * SPDX-License-Identifier: MIT */
#include "cpu_fixture.h"

#include <stdlib.h>

/* ---- bus ---- */

static uint32_t bus_read(void *context, uint32_t physical, uint32_t size, uint64_t now)
{
    (void)context, (void)physical, (void)size, (void)now;
    return 0xFFFFFFFFu;
}

static void bus_write(void *context, uint32_t physical, uint32_t size, uint32_t value, uint64_t now)
{
    (void)context, (void)physical, (void)size, (void)value, (void)now;
}

static uint32_t bus_port_read(void *context, uint16_t port, uint32_t size, uint64_t now)
{
    struct fixture *f = context;
    (void)now;
    f->in.count++;
    f->in.port = port;
    f->in.size = size;
    return f->in.value;
}

static void bus_port_write(void *context, uint16_t port, uint32_t size, uint32_t value,
                           uint64_t now)
{
    struct fixture *f = context;
    (void)now;
    f->out.count++;
    f->out.port = port;
    f->out.size = size;
    f->out.value = value;
}

static uint8_t bus_acknowledge(void *context, uint64_t now)
{
    struct fixture *f = context;
    (void)now;
    cpu_set_interrupt_line(f->cpu, 0);
    return (uint8_t)f->vector;
}

/* ---- memory ---- */

void put8(struct fixture *f, uint32_t at, uint32_t value)
{
    f->ram[at] = (uint8_t)value;
}

void put16(struct fixture *f, uint32_t at, uint32_t value)
{
    memcpy(f->ram + at, &value, 2);
}

void put32(struct fixture *f, uint32_t at, uint32_t value)
{
    memcpy(f->ram + at, &value, 4);
}

uint32_t get16(const struct fixture *f, uint32_t at)
{
    uint32_t value = 0;
    memcpy(&value, f->ram + at, 2);
    return value;
}

uint32_t get32(const struct fixture *f, uint32_t at)
{
    uint32_t value;
    memcpy(&value, f->ram + at, 4);
    return value;
}

void put_code(struct fixture *f, uint32_t at, const uint8_t *bytes, size_t count)
{
    memcpy(f->ram + at, bytes, count);
}

void put_descriptor(struct fixture *f, uint32_t at, uint32_t base, uint32_t limit, uint32_t access,
                    uint32_t flags)
{
    put32(f, at, (limit & 0xFFFF) | (base << 16));
    put32(f, at + 4,
          ((base >> 16) & 0xFF) | (access << 8) | (limit & 0xF0000) | (flags << 16) |
              (base & 0xFF000000));
}

void put_gate(struct fixture *f, uint32_t vector, uint32_t selector, uint32_t offset,
              uint32_t access)
{
    put32(f, GATE_AT(vector), (selector << 16) | (offset & 0xFFFF));
    put32(f, GATE_AT(vector) + 4, (offset & 0xFFFF0000) | (access << 8));
}

void put_page(struct fixture *f, uint32_t linear, uint32_t entry)
{
    put32(f, TABLE_AT + (linear >> 12) * 4, (linear & 0xFFFFF000) | entry);
}

void put_segment(struct fixture *f, enum segment segment, uint32_t selector, uint32_t base,
                 uint32_t limit, uint32_t attributes)
{
    const struct segment_state value = {.base = base,
                                        .limit = limit,
                                        .selector = (uint16_t)selector,
                                        .attributes = (uint16_t)attributes,
                                        .usable = selector > 3};
    f->state.segments[segment] = value;
}

/* ---- the standard machine ---- */

static void put_tables(struct fixture *f)
{
    put_descriptor(f, DESC_AT(SEL_CODE0), 0, 0xFFFFF, ACC_CODE, FLAGS_32);
    put_descriptor(f, DESC_AT(SEL_DATA0), 0, 0xFFFFF, ACC_DATA, FLAGS_32);
    put_descriptor(f, DESC_AT(SEL_CODE3), 0, 0xFFFFF, ACC_CODE | ACC_DPL(3), FLAGS_32);
    put_descriptor(f, DESC_AT(SEL_DATA3), 0, 0xFFFFF, ACC_DATA | ACC_DPL(3), FLAGS_32);
    put_descriptor(f, DESC_AT(SEL_TSS), TSS_AT, TSS_LIMIT, 0x8B, 0);
    put_descriptor(f, DESC_AT(SEL_LDT), LDT_AT, LDT_LIMIT, 0x82, 0);
    put_descriptor(f, DESC_AT(SEL_CODE1), 0, 0xFFFFF, ACC_CODE | ACC_DPL(1), FLAGS_32);
    put_descriptor(f, DESC_AT(SEL_DATA1), 0, 0xFFFFF, ACC_DATA | ACC_DPL(1), FLAGS_32);
    put_descriptor(f, DESC_AT(SEL_CONFORM), 0, 0xFFFFF, ACC_CODE | 4, FLAGS_32);
    put_descriptor(f, DESC_AT(SEL_CONFORM3), 0, 0xFFFFF, ACC_CODE | 4 | ACC_DPL(3), FLAGS_32);
    put_descriptor(f, DESC_AT(SEL_CODE16), 0, 0xFFFF, ACC_CODE, FLAGS_16);
    put_descriptor(f, DESC_AT(SEL_STACK16), 0, 0xFFFF, ACC_DATA, FLAGS_16);
    put_descriptor(f, LDT_AT, 0, 0xFFFFF, ACC_DATA, FLAGS_32);
    for (uint32_t vector = 0; vector < 256; vector++) {
        put_gate(f, vector, SEL_CODE0, HANDLER(vector), GATE_INT32);
    }
    put_gate(f, 0x80, SEL_CODE0, HANDLER(0x80), GATE_INT32 | ACC_DPL(3));
    put32(f, TSS_ESP0, RING0_TOP);
    put32(f, TSS_SS0, SEL_DATA0);
    put32(f, TSS_AT + 12, RING1_TOP);
    put32(f, TSS_AT + 16, SEL_DATA1);
    put16(f, TSS_AT + 0x66, TSS_LIMIT + 1); /* no I/O map */
    put16(f, TSS16_AT + 2, RING0_TOP);
    put16(f, TSS16_AT + 4, SEL_DATA0);
}

static void put_pages(struct fixture *f)
{
    put32(f, DIRECTORY_AT, TABLE_AT | 0x67); /* present, writable, user, A, D */
    for (uint32_t page = 0; page < 1024; page++) {
        put32(f, TABLE_AT + page * 4, (page << 12) | 0x67);
    }
}

static void set_registers(struct cpu_state *state)
{
    for (uint32_t i = 0; i < 8; i++) {
        state->gpr[i] = 0x11111111u * (i + 1);
    }
    state->gpr[REG_ESP] = STACK_TOP;
    state->eflags = EFLAGS_ONE | EFLAGS_IF;
    state->a20_mask = 0xFFFFFFFFu;
    state->clock = 1000;
    state->dr[6] = 0xFFFF0FF0;
    state->dr[7] = 0x400;
    state->fpu.control = 0x37F;
}

static void set_protected(struct fixture *f, uint32_t cpl, bool paged)
{
    struct cpu_state *state = &f->state;
    const uint32_t dpl = ACC_DPL(cpl);
    state->eip = CODE_AT;
    state->cpl = cpl;
    state->cr0 = CR0_PE | CR0_ET | (paged ? CR0_PG : 0);
    state->cr3 = DIRECTORY_AT;
    for (uint32_t segment = 0; segment < SEG_COUNT; segment++) {
        put_segment(f, segment, cpl ? SEL_DATA3 : SEL_DATA0, 0, 0xFFFFFFFF,
                    0xC000 | ACC_DATA | dpl);
    }
    put_segment(f, SEG_CS, cpl ? SEL_CODE3 : SEL_CODE0, 0, 0xFFFFFFFF, 0xC000 | ACC_CODE | dpl);
    const struct table_state gdtr = {GDT_AT, GDT_LIMIT}, idtr = {IDT_AT, IDT_LIMIT};
    const struct segment_state tr = {TSS_AT, TSS_LIMIT, SEL_TSS, 0x8B, 1};
    const struct segment_state ldtr = {LDT_AT, LDT_LIMIT, SEL_LDT, 0x82, 1};
    state->gdtr = gdtr;
    state->idtr = idtr;
    state->tr = tr;
    state->ldtr = ldtr;
}

static void set_real(struct fixture *f)
{
    struct cpu_state *state = &f->state;
    const struct table_state idtr = {0, 0x3FF};
    state->cr0 = CR0_ET;
    state->eip = CODE_AT & 0xFFFF;
    state->idtr = idtr;
    state->gpr[REG_ESP] = STACK_TOP - 0x8000;
    for (uint32_t segment = 0; segment < SEG_COUNT; segment++) {
        put_segment(f, segment, 0x3000, DATA_AT, 0xFFFF, ACC_DATA);
    }
    put_segment(f, SEG_CS, 0x1000, 0x10000, 0xFFFF, ACC_DATA);
    put_segment(f, SEG_SS, 0x0800, 0x8000, 0xFFFF, ACC_DATA);
    for (uint32_t vector = 0; vector < 256; vector++) {
        put16(f, vector * 4, vector * 16);
        put16(f, vector * 4 + 2, HANDLERS_AT >> 4);
    }
}

/* An 8086 program at CPL 3, at the addresses that real mode has; IOPL is 0. */
static void set_virtual(struct fixture *f)
{
    struct cpu_state *state = &f->state;
    state->eflags |= EFLAGS_VM;
    state->eip = CODE_AT & 0xFFFF;
    state->gpr[REG_ESP] = STACK_TOP - 0x8000;
    for (uint32_t segment = 0; segment < SEG_COUNT; segment++) {
        put_segment(f, segment, 0x3000, DATA_AT, 0xFFFF, ACC_DATA | ACC_DPL(3));
    }
    put_segment(f, SEG_CS, 0x1000, 0x10000, 0xFFFF, ACC_DATA | ACC_DPL(3));
    put_segment(f, SEG_SS, 0x0800, 0x8000, 0xFFFF, ACC_DATA | ACC_DPL(3));
}

void fixture_start(struct fixture *f, enum fixture_mode mode, enum cpu_level level)
{
    memset(f, 0, sizeof *f);
    f->ram = aligned_alloc(4096, RAM_BYTES);
    f->config.level = level;
    f->config.timing = level == CPU_I386 ? TIMING_I386 : TIMING_I486;
    f->config.block_limit = 64;
    memset(f->ram, 0, RAM_BYTES);
    memset(f->ram + 0x10000, 0xF4, 0x20000); /* HLT behind all code, and as every handler */
    for (uint32_t at = DATA_AT; at < DATA_AT + 0x10000; at++) {
        f->ram[at] = (uint8_t)(at * 7 + 1);
    }
    set_registers(&f->state);
    if (mode == REAL) {
        set_real(f);
    } else {
        put_tables(f);
        put_pages(f);
        set_protected(f, mode == KERNEL || mode == KERNEL_PAGED ? 0 : 3,
                      mode == KERNEL_PAGED || mode == USER_PAGED || mode == VIRTUAL_PAGED);
    }
    if (mode == VIRTUAL || mode == VIRTUAL_PAGED) {
        set_virtual(f);
    }
}

static void bus_fpu_error(void *context, uint32_t level, uint64_t now)
{
    (void)now;
    ((struct fixture *)context)->fpu_error = level;
}

void fixture_load(struct fixture *f)
{
    const struct cpu_bus bus = {.context = f,
                                .ram = f->ram,
                                .ram_bytes = RAM_BYTES,
                                .read = bus_read,
                                .write = bus_write,
                                .port_read = bus_port_read,
                                .port_write = bus_port_write,
                                .fpu_error = bus_fpu_error,
                                .acknowledge = bus_acknowledge};
    const size_t bytes = (cpu_bytes(RAM_BYTES) + 63) & ~(size_t)63;
    free(f->memory);
    f->memory = calloc(1, bytes + 64); /* untouched pages cost nothing */
    uint8_t *aligned = (uint8_t *)(((uintptr_t)f->memory + 63) & ~(uintptr_t)63);
    f->cpu = cpu_init(aligned, &f->config, &bus);
    assert_null(cpu_check(&f->state));
    cpu_load(f->cpu, &f->state);
}

void fixture_end(struct fixture *f)
{
    free(f->ram);
    free(f->memory);
    free(f->journal);
}
