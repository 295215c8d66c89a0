/* From a seed to a program: memory, tables, handlers, code and the state to start in.
 * SPDX-License-Identifier: MIT */
#include "tests/lockstep/program.h"

#include <string.h>

#define CODE32_KERNEL 1u
#define DATA_KERNEL   2u
#define CODE32_USER   3u
#define DATA_USER     4u
#define TASK          5u

static void store32(struct program *p, uint32_t at, uint32_t value)
{
    memcpy(p->ram + at, &value, 4);
}

static void put_bytes(struct program *p, uint32_t *at, const void *bytes, uint32_t count)
{
    memcpy(p->ram + *at, bytes, count);
    *at += count;
}

/* ---- segments ---- */

struct descriptor {
    uint32_t base, limit; /* limit as in the descriptor: in pages if G is set */
    uint32_t attributes;  /* as in segment_state */
};

static void put_descriptor(struct program *p, uint32_t index, const struct descriptor *d)
{
    store32(p, AT_GDT + 8 * index, (d->base << 16) | (d->limit & 0xFFFF));
    store32(p, AT_GDT + 8 * index + 4,
            (d->base & 0xFF000000u) | ((d->base >> 16) & 0xFF) | (d->limit & 0xF0000) |
                (d->attributes & 0xF0FF) << 8);
}

static void random_descriptor(struct emitter *e, struct descriptor *d)
{
    static const uint32_t bases[] = {0,       AT_CODE,         AT_CODE,
                                     AT_DATA, AT_CODE + 0x800, AT_CODE + 0x123};
    static const uint32_t limits[] = {0xFFFF, 0x3FFF, 0x2345, 0xFFFFF, 0x7FF, 0xFFF};
    static const uint32_t types[] = {0x9B, 0x9A, 0x9F, 0xFB, 0xFA, 0xFF, 0x93, 0x92, 0xF3,
                                     0xF2, 0x97, 0xF7, 0x91, 0xF9, 0x99, 0x13, 0x82, 0x8C};
    d->base = bases[chance(e, 6)];
    d->limit = limits[chance(e, 6)];
    d->attributes =
        types[chance(e, 18)] | (chance(e, 4) ? ATTR_BIG : 0) | (chance(e, 3) ? 0 : ATTR_GRANULAR);
    if (chance(e, 16) == 0) {
        d->base = (uint32_t)next_random(e->random);
    }
}

static void put_gate(struct program *p, uint32_t at, uint32_t selector, uint32_t offset,
                     uint32_t type)
{
    store32(p, at, selector << 16 | (offset & 0xFFFF));
    store32(p, at + 4, (offset & 0xFFFF0000u) | type << 8);
}

static void make_segments(struct emitter *e)
{
    struct program *p = e->program;
    const struct descriptor flat[] = {{0, 0, 0},
                                      {0, 0xFFFFF, 0xC09B},
                                      {0, 0xFFFFF, 0xC093},
                                      {0, 0xFFFFF, 0xC0FB},
                                      {0, 0xFFFFF, 0xC0F3},
                                      {AT_TSS, 0x2FF, 0x008B}};
    for (uint32_t i = 0; i < SELECTOR_COUNT; i++) {
        struct descriptor d;
        random_descriptor(e, &d);
        put_descriptor(p, i, i < 6 ? &flat[i] : &d);
    }
    for (uint32_t i = 30; i < 34; i++) {
        put_gate(p, AT_GDT + 8 * i, 8 + chance(e, 4), p->entries[i % ENTRY_COUNT],
                 chance(e, 2) ? 0xEC : 0xE4);
    }
    store32(p, AT_TSS + 4, KERNEL_TOP);
    store32(p, AT_TSS + 8, 8 * DATA_KERNEL);
    store32(p, AT_TSS + 0x64, 0x68u << 16);
    for (uint32_t i = 0; i < 0x200; i += 4) {
        store32(p, AT_TSS + 0x68 + i, chance(e, 2) ? 0 : (uint32_t)next_random(e->random));
    }
}

/* ---- paging ---- */

static uint32_t random_rights(struct emitter *e)
{
    static const uint8_t rights[] = {7, 7, 7, 7, 0x67, 0x27, 5, 3, 1, 6, 0};
    return rights[chance(e, sizeof rights)];
}

static uint32_t random_frame(struct emitter *e)
{
    switch (chance(e, 4)) {
    case 0:
        return AT_CODE + 4096 * chance(e, CODE_BYTES / 4096);
    case 1:
        return AT_STACKS + 4096 * chance(e, 8);
    case 2:
        return 4096 * chance(e, 0x81);
    default:
        return AT_DATA + 4096 * chance(e, DATA_BYTES / 4096);
    }
}

static void make_pages(struct emitter *e)
{
    struct program *p = e->program;
    uint32_t kernel = chance(e, 2) ? 3 : 7;
    for (uint32_t i = 0; i < 0x400; i++) {
        uint32_t frame = i << 12, rights = frame < AT_CODE ? kernel : 7;
        if (frame >= ALIAS_CONFLICT && frame < 3 * ALIAS_CONFLICT) {
            frame &= ALIAS_CONFLICT - 1;
            rights = chance(e, 4) ? rights : random_rights(e);
        } else if (frame >= AT_CODE && chance(e, 8) == 0) {
            rights = random_rights(e);
        }
        store32(p, AT_TABLES + 4 * i, frame | rights);
        bool high = i < ALIAS_PAGES;
        store32(p, AT_TABLES + 0x1000 + 4 * i, high ? random_frame(e) | random_rights(e) : 0);
        store32(p, AT_TABLE_OTHER + 4 * i, high ? random_frame(e) | random_rights(e) : 0);
    }
    store32(p, AT_DIRECTORY_0, AT_TABLES | 7);
    store32(p, AT_DIRECTORY_0 + 4, (AT_TABLES + 0x1000) | 7);
    store32(p, AT_DIRECTORY_1, AT_TABLES | 7);
    store32(p, AT_DIRECTORY_1 + 4, AT_TABLE_OTHER | 7);
    store32(p, AT_DIRECTORY_0 + 0xFFC, AT_DIRECTORY_0 | 7);
}

/* ---- handlers ---- */

/* Go on at an entry that the port names: the saved EIP is replaced. */
static uint32_t resume_handler(struct program *p, uint32_t *at, uint32_t has_error)
{
    static const uint8_t with[] = {0x50, 0xE5, 0x50, 0x36, 0x89, 0x44, 0x24,
                                   0x08, 0x58, 0x83, 0xC4, 0x04, 0xCF};
    static const uint8_t without[] = {0x50, 0xE5, 0x50, 0x36, 0x89, 0x44, 0x24, 0x04, 0x58, 0xCF};
    uint32_t start = *at;
    put_bytes(p, at, has_error ? (const void *)with : without,
              has_error ? sizeof with : sizeof without);
    return start;
}

/* Skips a few bytes of the instruction that faulted. */
static uint32_t skip_handler(struct program *p, uint32_t *at, uint32_t has_error, uint32_t bytes)
{
    static const uint8_t drop[] = {0x83, 0xC4, 0x04};
    const uint8_t skip[] = {0x36, 0x83, 0x04, 0x24, (uint8_t)bytes, 0xCF};
    uint32_t start = *at;
    put_bytes(p, at, drop, has_error ? sizeof drop : 0);
    put_bytes(p, at, skip, sizeof skip);
    return start;
}

/* Maps the page, or now and then resumes elsewhere. */
static uint32_t page_fault_handler(struct program *p, uint32_t *at)
{
    static const uint8_t head[] = {0x50, 0x53, 0xE4, 0x52, 0xA8, 0x03, 0x74, 0x20, 0x0F, 0x20, 0xD0,
                                   0x89, 0xC3, 0xC1, 0xEB, 0x0C, 0x81, 0xE3, 0xFF, 0x07, 0x00, 0x00,
                                   0x36, 0x83, 0x0C, 0x9D, 0x00, 0x40, 0x00, 0x00, 0x07, /* or */
                                   0x36, 0x0F, 0x01, 0x38, 0x5B, 0x58, 0xEB, 0x02, 0x5B, 0x58};
    static const uint8_t restart[] = {0x83, 0xC4, 0x04, 0xCF};
    uint32_t start = *at;
    put_bytes(p, at, head, sizeof head);
    uint32_t jump = *at - 3; /* its distance: to the end of the other handler */
    uint32_t other = *at;
    resume_handler(p, at, 1);
    p->ram[jump] = (uint8_t)(*at - (jump + 1));
    p->ram[start + 7] = (uint8_t)(other - 2 - (start + 8));
    put_bytes(p, at, restart, sizeof restart);
    return start;
}

static uint32_t interrupt_handler(struct program *p, uint32_t *at)
{
    static const uint8_t code[] = {0x50, 0x36, 0xFF, 0x05, 0x00, 0x80,
                                   0x02, 0x00, 0xE6, 0x60, 0x58, 0xCF};
    uint32_t start = *at;
    put_bytes(p, at, code, sizeof code);
    return start;
}

static void make_handlers(struct emitter *e)
{
    static const uint32_t with_error =
        1u << 8 | 1u << 10 | 1u << 11 | 1u << 12 | 1u << 13 | 1u << 14 | 1u << 17;
    struct program *p = e->program;
    uint32_t at = AT_HANDLERS;
    for (uint32_t vector = 0; vector < 256; vector++) {
        uint32_t has_error = vector < 32 && (with_error >> vector & 1);
        uint32_t type = chance(e, 3) ? 0x8E : 0x8F, offset;
        if (vector == 14 && chance(e, 8)) {
            offset = page_fault_handler(p, &at);
        } else if (vector >= 0x20 && vector < 0x28) {
            offset = interrupt_handler(p, &at);
            type = 0x8E;
        } else if (vector == 1 || vector >= 0x80) {
            offset = skip_handler(p, &at, 0, chance(e, 4) ? 0 : 1);
        } else {
            offset = chance(e, 4) ? resume_handler(p, &at, has_error)
                                  : skip_handler(p, &at, has_error, 1 + chance(e, 4));
        }
        type |= vector == 3 || vector == 4 || vector == 0x80 ? 0x60 : 0;
        put_gate(p, AT_IDT + 8 * vector, 8 * CODE32_KERNEL, offset, type);
    }
}

static void make_handlers16(struct emitter *e)
{
    /* push bp; mov bp,sp; push ax; in ax,PORT_RESUME; mov [bp+2],ax; pop ax; pop bp; iret */
    static const uint8_t resume[] = {0x55, 0x89, 0xE5, 0x50, 0xE5, 0x50,
                                     0x89, 0x46, 0x02, 0x58, 0x5D, 0xCF};
    static const uint8_t eoi[] = {0xE6, 0x60, 0xCF};
    struct program *p = e->program;
    uint32_t at = AT_HANDLER16;
    put_bytes(p, &at, resume, sizeof resume);
    put_bytes(p, &at, eoi, sizeof eoi);
    for (uint32_t vector = 0; vector < 256; vector++) {
        bool event = (vector >= 0x20 && vector < 0x28) || vector == 1 || vector >= 0x80;
        store32(p, AT_IVT + 4 * vector, AT_HANDLER16 + (event ? sizeof resume : 0));
    }
}

/* ---- start ---- */

static void load_segment(struct program *p, uint32_t segment, uint32_t index, uint32_t rpl)
{
    struct segment_state *s = &p->start.segments[segment];
    uint32_t low, high;
    memcpy(&low, p->ram + AT_GDT + 8 * index, 4);
    memcpy(&high, p->ram + AT_GDT + 8 * index + 4, 4);
    s->selector = (uint16_t)(8 * index | rpl);
    s->attributes = (uint16_t)((high >> 8 & 0xF0FF) | (segment == SEG_COUNT ? 0 : ATTR_ACCESSED));
    s->base = low >> 16 | (high & 0xFF) << 16 | (high & 0xFF000000u);
    s->limit = (low & 0xFFFF) | (high & 0xF0000);
    s->limit = s->attributes & ATTR_GRANULAR ? s->limit << 12 | 0xFFF : s->limit;
    s->usable = 1;
}

static void start_protected(struct emitter *e, bool user)
{
    struct program *p = e->program;
    struct cpu_state *s = &p->start;
    uint32_t rpl = user ? 3 : 0;
    bool paged = chance(e, 4);
    s->cr0 = CR0_PE | CR0_ET | (paged ? CR0_PG : 0) | (chance(e, 2) ? CR0_WP : 0) |
             (chance(e, 4) ? 0 : CR0_AM) | (chance(e, 2) ? CR0_NE : 0);
    s->cr3 = AT_DIRECTORY_0;
    s->cpl = rpl;
    for (uint32_t i = 0; i < SEG_COUNT; i++) {
        load_segment(p, i, user ? DATA_USER : DATA_KERNEL, rpl);
    }
    load_segment(p, SEG_CS, user ? CODE32_USER : CODE32_KERNEL, rpl);
    s->gdtr.base = AT_GDT;
    s->gdtr.limit = 8 * SELECTOR_COUNT - 1;
    s->idtr.base = AT_IDT;
    s->idtr.limit = 8 * 256 - 1;
    s->tr.selector = 8 * TASK;
    s->tr.base = AT_TSS;
    s->tr.limit = 0x2FF;
    s->tr.attributes = 0x8B;
    s->tr.usable = 1;
    s->gpr[REG_ESP] = STACK_TOP;
    s->eip = p->entries[0];
}

/* Segments of an 8086 program whose code segment begins `before` bytes ahead of the code, so that
 * it ends inside a page. */
static void segments_of_8086(struct program *p, uint32_t before)
{
    struct cpu_state *s = &p->start;
    for (uint32_t i = 0; i < SEG_COUNT; i++) {
        struct segment_state data = {
            .base = 0x20000, .limit = 0xFFFF, .selector = 0x2000, .attributes = 0x93, .usable = 1};
        s->segments[i] = data;
    }
    s->segments[SEG_CS].base = AT_CODE - before;
    s->segments[SEG_CS].selector = (uint16_t)((AT_CODE - before) >> 4);
    s->segments[SEG_CS].attributes = 0x9B;
    s->segments[SEG_SS].base = AT_STACKS;
    s->segments[SEG_SS].selector = AT_STACKS >> 4;
    s->gpr[REG_ESP] = 0x8000;
    s->eip = p->entries[0];
}

static void start_real(struct program *p, uint32_t before)
{
    segments_of_8086(p, before);
    p->start.cr0 = CR0_ET;
    p->start.idtr.limit = 0x3FF;
}

/* Virtual-8086 mode under the handlers of a protected system. */
static void start_virtual(struct emitter *e, uint32_t before)
{
    struct program *p = e->program;
    start_protected(e, true);
    segments_of_8086(p, before);
    for (uint32_t i = 0; i < SEG_COUNT; i++) {
        p->start.segments[i].attributes = 0xF3;
    }
    p->start.eflags |= EFLAGS_VM;
}

void program_make(struct program *p, uint64_t seed)
{
    uint64_t random = seed * 0x2545F4914F6CDD1Du;
    struct emitter e = {.program = p, .random = &random};
    uint32_t kind = chance(&e, 8);
    bool real = kind == 0, virtual = kind == 1;
    memset(p, 0, sizeof *p);
    p->seed = seed;
    p->level = CPU_I486 + chance(&e, 3);
    p->timing = (enum cpu_timing)chance(&e, 3);
    p->interval = 1u << (3 + chance(&e, 10));
    p->gentle = chance(&e, 2);
    p->code_first = AT_CODE;
    p->code_bytes = CODE_BYTES;
    bool ends = chance(&e, 4) == 0; /* the code segment does, in the middle of the code */
    uint32_t before = (ends ? 0x10000 - CODE_BYTES : 0) + 16 * chance(&e, CODE_BYTES / 16);
    for (uint32_t i = 0; i < ENTRY_COUNT; i++) {
        uint32_t room = ends ? 0x10000 - before : CODE_BYTES;
        p->entries[i] = real || virtual ? before + chance(&e, room)
                                        : AT_CODE + chance(&e, CODE_BYTES);
    }
    for (uint32_t i = AT_DATA; i < AT_DATA + DATA_BYTES; i++) {
        p->ram[i] = (uint8_t)next_random(&random);
    }
    struct cpu_state *s = &p->start;
    s->eflags = EFLAGS_ONE | EFLAGS_IF | (chance(&e, 2) ? EFLAGS_IOPL : 0);
    s->a20_mask = 0xFFFFFFFFu;
    s->dr[6] = 0xFFFF0FF0u;
    s->dr[7] = 0x400;
    s->fpu.control = chance(&e, 2) ? 0x37F : (uint16_t)(chance(&e, 0x2000) & 0x1F3F);
    for (uint32_t i = 0; i < 8; i++) {
        s->fpu.significand[i] = next_random(&random) | 1ull << 63;
        s->fpu.sign_exponent[i] = (uint16_t)(0x3FFF + chance(&e, 80) - 40);
    }
    s->fpu.occupied = (uint16_t)chance(&e, 256);
    s->clock = chance(&e, 1000);
    for (uint32_t i = 0; i < 8; i++) {
        s->gpr[i] = AT_DATA + chance(&e, DATA_BYTES);
    }
    e.at = AT_CODE;
    e.end = AT_CODE + CODE_BYTES;
    e.bits16 = real || virtual || chance(&e, 16) == 0;
    emit_code(&e);
    make_segments(&e);
    make_pages(&e);
    if (real) {
        make_handlers16(&e);
        start_real(p, before);
    } else if (virtual) {
        make_handlers(&e);
        start_virtual(&e, before);
    } else {
        make_handlers(&e);
        start_protected(&e, kind < 4);
    }
}
