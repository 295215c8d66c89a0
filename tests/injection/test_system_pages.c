/* Every way through a gate, a return or another task, with each page that it touches away in turn:
 * tables, stacks, state segments, code. The tables lie across pages, so that what the delivery of
 * #PF itself needs stays. Up to the point of no return #PF must leave the machine as it was, and
 * going on with the page back must end as without; behind it #PF belongs to the new task.
 * See: 80386 PRM 7.5, 9.6; SDM volume 3, 6.13 and 7.3.
 * SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "task_rig.h"

/* Tables with a page boundary inside. */
#define GDT_BASE    0x50F80u /* selectors below 80h | from 80h on: page 51h */
#define IDT_BASE    0x52F00u /* vectors below 20h | from 20h on: page 53h */
#define IDT_BASE_13 0x52F90u /* vectors below 14 | from 14 on */
#define LOCAL_AT    0x54000u
#define STATE_AT    0x55FF4u /* ESP0, SS0 | ESP1 and the rest: page 56h */
#define INNER_TOP   0x58008u /* a stack of ring 1, and where RETF and IRET read: two pages */
#define OTHER_STATE 0x59FD0u /* the new task: first 30h bytes | the rest: page 5Ah */
#define OTHER_LOCAL 0x5B000u
#define OTHER_STACK 0x5D000u
#define OTHER_CODE  0x1E000u /* a page of its own */
#define MOST_PAGES  40u

/* Selectors behind the boundary of the GDT. */
#define SEL_CODE1B 0x80u /* ring 1 */
#define SEL_DATA1B 0x88u
#define SEL_LDT2   0x90u
#define SEL_TSS2   0x98u
#define SEL_CONFB  0xA0u /* conforming */
#define SEL_LDT3   0xA8u /* for LLDT */
#define SEL_TSS3   0xB0u /* for LTR */
#define SEL_DATA3B 0xB8u
/* In the LDT. */
#define LDT_GATE1   0x07u /* call gate to ring 1, 3 parameters */
#define LDT_CODE3   0x0Fu
#define LDT_DATA3   0x17u
#define LDT_TASK    0x1Fu /* task gate */
#define LDT_CODE0   0x24u
#define LDT_GATE0   0x2Fu /* call gate to ring 0 */
#define VECTOR_TASK 0x81u
#define VECTOR_IN1  0x82u /* interrupt gate to ring 1 */
#define VECTOR_TRAP 0x83u /* trap gate to ring 0 */

struct rig {
    struct fixture f;
    struct cpu_state start, end;
    uint8_t before[RAM_BYTES], after[RAM_BYTES];
    uint32_t interrupts; /* 1: vector 30h is asked for */
    uint32_t new_tasks;  /* faults that belonged to the new task */
};

struct trial {
    const char *name;
    enum fixture_mode mode;
    uint8_t code[8];
    void (*prepare)(struct rig *rig); /* NULL: nothing more */
    uint32_t is_task;                 /* 1: a task switch */
};

/* ---- the tables ---- */

static void descriptor(struct rig *rig, uint32_t at, uint32_t base, uint32_t access)
{
    put_descriptor(&rig->f, at, base, 0xFFFFF, access, FLAGS_32);
}

static void gate_at(struct rig *rig, uint32_t at, uint32_t selector, uint32_t offset, uint32_t type)
{
    put32(&rig->f, at, selector << 16 | (offset & 0xFFFF));
    put32(&rig->f, at + 4, (offset & 0xFFFF0000) | type);
}

static void system_segment(struct rig *rig, uint32_t selector, uint32_t base, uint32_t limit,
                           uint32_t access)
{
    put_descriptor(&rig->f, GDT_BASE + selector, base, limit, access, 0);
}

static void put_state(struct rig *rig, uint32_t at)
{
    struct fixture *f = &rig->f;
    put32(f, at + TASK_ESP0, RING0_TOP);
    put32(f, at + TASK_ESP0 + 4, SEL_DATA0);
    put32(f, at + 12, INNER_TOP);
    put32(f, at + 16, SEL_DATA1B | 1);
    put32(f, at + TASK_CR3, DIRECTORY_AT);
    put32(f, at + 0x64, (TSS_LIMIT + 1) << 16);
}

static void put_other_task(struct rig *rig)
{
    struct fixture *f = &rig->f;
    put_state(rig, OTHER_STATE);
    put32(f, OTHER_STATE + TASK_EIP, OTHER_CODE);
    put32(f, OTHER_STATE + TASK_EFLAGS, EFLAGS_ONE);
    put32(f, OTHER_STATE + TASK_ESP, OTHER_STACK);
    for (uint32_t i = 0; i < SEG_COUNT; i++) {
        put32(f, OTHER_STATE + TASK_ES + 4 * i, SEL_DATA3B | 3);
    }
    put32(f, OTHER_STATE + TASK_CS, LDT_CODE3);
    put32(f, OTHER_STATE + TASK_SS, LDT_DATA3);
    put32(f, OTHER_STATE + TASK_LDT, SEL_LDT2);
    descriptor(rig, OTHER_LOCAL + (LDT_CODE3 & ~7u), 0, ACC_CODE | ACC_DPL(3));
    descriptor(rig, OTHER_LOCAL + (LDT_DATA3 & ~7u), 0, ACC_DATA | ACC_DPL(3));
}

static void put_tables(struct rig *rig, uint32_t idt_base)
{
    struct fixture *f = &rig->f;
    memcpy(f->ram + GDT_BASE, f->ram + GDT_AT, GDT_LIMIT + 1);
    memcpy(f->ram + idt_base, f->ram + IDT_AT, IDT_LIMIT + 1);
    memset(f->ram + LOCAL_AT, 0, 0x100);
    descriptor(rig, GDT_BASE + SEL_CODE1B, 0, ACC_CODE | ACC_DPL(1));
    descriptor(rig, GDT_BASE + SEL_DATA1B, 0, ACC_DATA | ACC_DPL(1));
    descriptor(rig, GDT_BASE + SEL_CONFB, 0, ACC_CODE | 4);
    descriptor(rig, GDT_BASE + SEL_DATA3B, 0, ACC_DATA | ACC_DPL(3));
    system_segment(rig, SEL_LDT2, OTHER_LOCAL, 0x3F, 0x82);
    system_segment(rig, SEL_LDT3, OTHER_LOCAL, 0x3F, 0x82);
    system_segment(rig, SEL_TSS2, OTHER_STATE, TSS_LIMIT, 0x89 | ACC_DPL(3));
    system_segment(rig, SEL_TSS3, OTHER_STATE, TSS_LIMIT, 0x89);
    system_segment(rig, SEL_TSS, STATE_AT, TSS_LIMIT, 0x8B);
    system_segment(rig, SEL_LDT, LOCAL_AT, 0x3F, 0x82);
    gate_at(rig, LOCAL_AT + (LDT_GATE1 & ~7u), SEL_CODE1B, CODE_AT + 0x80, 0xEC03);
    gate_at(rig, LOCAL_AT + (LDT_GATE0 & ~7u), SEL_CODE0, HANDLER(0x90), 0xEC00);
    gate_at(rig, LOCAL_AT + (LDT_TASK & ~7u), SEL_TSS2, 0, 0xE500);
    descriptor(rig, LOCAL_AT + (LDT_CODE3 & ~7u), 0, ACC_CODE | ACC_DPL(3));
    descriptor(rig, LOCAL_AT + (LDT_DATA3 & ~7u), 0, ACC_DATA | ACC_DPL(3));
    descriptor(rig, LOCAL_AT + (LDT_CODE0 & ~7u), 0, ACC_CODE);
    gate_at(rig, idt_base + 8 * VECTOR_TASK, SEL_TSS2, 0, 0xE500);
    gate_at(rig, idt_base + 8 * VECTOR_IN1, SEL_CODE1B, HANDLER(VECTOR_IN1), 0xEE00);
    gate_at(rig, idt_base + 8 * VECTOR_TRAP, SEL_CODE0, HANDLER(VECTOR_TRAP), 0xEF00);
    put_state(rig, STATE_AT);
    put_other_task(rig);
}

static void begin(struct rig *rig, const struct trial *trial, uint32_t idt_base)
{
    struct cpu_state *state = &rig->f.state;
    fixture_start(&rig->f, trial->mode, CPU_I686);
    rig->f.journal = calloc(1, sizeof *rig->f.journal);
    put_tables(rig, idt_base);
    put_code(&rig->f, CODE_AT, trial->code, sizeof trial->code);
    state->gdtr = (struct table_state){GDT_BASE, GDT_LIMIT};
    state->idtr = (struct table_state){idt_base, IDT_LIMIT};
    state->tr.base = STATE_AT;
    state->ldtr = (struct segment_state){LOCAL_AT, 0x3F, SEL_LDT, 0x82, 1};
    rig->f.vector = 0x30;
    rig->interrupts = 0;
    rig->new_tasks = 0;
    if (trial->prepare) {
        trial->prepare(rig);
    }
    fixture_load(&rig->f);
    rig->start = *cpu_save(rig->f.cpu);
    memcpy(rig->before, rig->f.ram, RAM_BYTES);
}

/* ---- what the trials need ---- */

/* What RETF, IRET and gates with parameters find on the stack, across a page boundary. */
static void stack_of(struct rig *rig, const uint32_t *words, uint32_t count)
{
    rig->f.state.gpr[REG_ESP] = INNER_TOP - 16;
    for (uint32_t i = 0; i < count; i++) {
        put32(&rig->f, INNER_TOP - 16 + 4 * i, words[i]);
    }
}

static void with_parameters(struct rig *rig)
{
    static const uint32_t words[] = {0x111, 0x222, 0x333};
    stack_of(rig, words, 3);
    put32(&rig->f, STATE_AT + 12, OTHER_STACK + 8); /* the inner stack lies across pages too */
}

static void far_return(struct rig *rig)
{
    static const uint32_t words[] = {CODE_AT + 0x40, LDT_CODE3, STACK_TOP, 0, 0};
    uint32_t with_stack[5];
    memcpy(with_stack, words, sizeof words);
    with_stack[3] = LDT_DATA3;
    rig->f.state.gpr[REG_ESP] = 0;
    stack_of(rig, with_stack, 5);
    put_segment(&rig->f, SEG_ES, SEL_DATA3, 0, 0xFFFFFFFF, 0xC000 | ACC_DATA | ACC_DPL(3));
}

static void interrupt_return(struct rig *rig)
{
    static const uint32_t words[] = {CODE_AT + 0x40, LDT_CODE3, EFLAGS_ONE | EFLAGS_CF, STACK_TOP,
                                     LDT_DATA3};
    stack_of(rig, words, 5);
}

static void interrupt_return_same(struct rig *rig)
{
    static const uint32_t words[] = {CODE_AT + 0x40, LDT_CODE0, EFLAGS_ONE | EFLAGS_CF};
    stack_of(rig, words, 3);
    rig->f.state.gpr[REG_ESP] = INNER_TOP - 16;
}

static void to_virtual(struct rig *rig)
{
    static const uint32_t words[] = {
        0x100, 0x1000, EFLAGS_ONE | EFLAGS_VM, 0x800, 0x0900, 0x3000, 0x3001, 0x3002, 0x3003};
    stack_of(rig, words, 9);
}

static void asked_for(struct rig *rig)
{
    rig->interrupts = 1;
}

static void asked_for_inner(struct rig *rig)
{
    rig->interrupts = 1;
    rig->f.vector = VECTOR_IN1;
}

static void asked_for_task(struct rig *rig)
{
    rig->interrupts = 1;
    rig->f.vector = VECTOR_TASK;
}

/* The present task was called by the other one. */
static void is_nested(struct rig *rig)
{
    put16(&rig->f, STATE_AT, SEL_TSS2);
    system_segment(rig, SEL_TSS2, OTHER_STATE, TSS_LIMIT, 0x8B);
    rig->f.state.eflags |= EFLAGS_NT;
}

static void far_pointer(struct rig *rig)
{
    put32(&rig->f, INNER_TOP - 12, STACK_TOP);
    put16(&rig->f, INNER_TOP - 8, LDT_DATA3);
    rig->f.state.gpr[REG_EBX] = INNER_TOP - 12;
}

static void selector_in_eax(struct rig *rig)
{
    rig->f.state.gpr[REG_EAX] = LDT_DATA3;
}

static void far_selector_in_eax(struct rig *rig)
{
    rig->f.state.gpr[REG_EAX] = SEL_DATA3B | 3;
}

static void local_in_eax(struct rig *rig)
{
    rig->f.state.gpr[REG_EAX] = SEL_LDT3;
}

static void task_in_eax(struct rig *rig)
{
    rig->f.state.gpr[REG_EAX] = SEL_TSS3;
}

#define FAR(opcode, selector)                                                                      \
    {                                                                                              \
        opcode, (CODE_AT + 0x40) & 0xFF, (CODE_AT + 0x40) >> 8 & 0xFF, CODE_AT >> 16, 0,           \
            (selector)&0xFF, (selector) >> 8                                                       \
    }
#define CALL_FAR 0x9A
#define JMP_FAR  0xEA

static const struct trial trials[] = {
    {"INT to ring 0", USER_PAGED, {0xCD, 0x80}, NULL, 0},
    {"INT through a trap gate", USER_PAGED, {0xCD, VECTOR_TRAP}, NULL, 0},
    {"INT to ring 1", USER_PAGED, {0xCD, VECTOR_IN1}, NULL, 0},
    {"INT in ring 0", KERNEL_PAGED, {0xCD, VECTOR_TRAP}, NULL, 0},
    {"an interrupt in user mode", USER_PAGED, {0x90}, asked_for, 0},
    {"an interrupt to ring 1", USER_PAGED, {0x90}, asked_for_inner, 0},
    {"an interrupt in ring 0", KERNEL_PAGED, {0x90}, asked_for, 0},
    {"CALL through a gate with parameters", USER_PAGED, FAR(CALL_FAR, LDT_GATE1), with_parameters,
     0},
    {"CALL through a gate to ring 0", USER_PAGED, FAR(CALL_FAR, LDT_GATE0), NULL, 0},
    {"CALL to conforming code", USER_PAGED, FAR(CALL_FAR, SEL_CONFB), NULL, 0},
    {"CALL to code in the LDT", USER_PAGED, FAR(CALL_FAR, LDT_CODE3), NULL, 0},
    {"JMP to code in the LDT", USER_PAGED, FAR(JMP_FAR, LDT_CODE3), NULL, 0},
    {"RETF to ring 3", KERNEL_PAGED, {0xCB}, far_return, 0},
    {"IRET to ring 3", KERNEL_PAGED, {0xCF}, interrupt_return, 0},
    {"IRET in ring 0", KERNEL_PAGED, {0xCF}, interrupt_return_same, 0},
    {"IRET to virtual-8086 mode", KERNEL_PAGED, {0xCF}, to_virtual, 0},
    {"LSS", USER_PAGED, {0x0F, 0xB2, 0x23}, far_pointer, 0},
    {"MOV DS from the LDT", USER_PAGED, {0x8E, 0xD8}, selector_in_eax, 0},
    {"MOV DS from the GDT", USER_PAGED, {0x8E, 0xD8}, far_selector_in_eax, 0},
    {"LAR", USER_PAGED, {0x0F, 0x02, 0xC8}, selector_in_eax, 0},
    {"LSL", USER_PAGED, {0x0F, 0x03, 0xC8}, far_selector_in_eax, 0},
    {"VERW", USER_PAGED, {0x0F, 0x00, 0xE8}, selector_in_eax, 0},
    {"LLDT", KERNEL_PAGED, {0x0F, 0x00, 0xD0}, local_in_eax, 0},
    {"LTR", KERNEL_PAGED, {0x0F, 0x00, 0xD8}, task_in_eax, 0},
    {"JMP to a task", USER_PAGED, FAR(JMP_FAR, SEL_TSS2), NULL, 1},
    {"CALL to a task", USER_PAGED, FAR(CALL_FAR, SEL_TSS2), NULL, 1},
    {"CALL to a task, in ring 0", KERNEL_PAGED, FAR(CALL_FAR, SEL_TSS2), NULL, 1},
    {"CALL through a task gate", USER_PAGED, FAR(CALL_FAR, LDT_TASK), NULL, 1},
    {"INT through a task gate", USER_PAGED, {0xCD, VECTOR_TASK}, NULL, 1},
    {"an interrupt through a task gate", USER_PAGED, {0x90}, asked_for_task, 1},
    {"IRET to the task that called", USER_PAGED, {0xCF}, is_nested, 1},
};

/* Exceptions whose own gate is on the page that is away. */
static const struct trial exceptions[] = {
    {"#DE", USER_PAGED, {0xF7, 0xF1}, NULL, 0},
    {"#UD", USER_PAGED, {0x0F, 0x0B}, NULL, 0},
    {"#GP", USER_PAGED, {0xF4}, NULL, 0},
    {"#GP in ring 0", KERNEL_PAGED, {0x8E, 0xD8}, NULL, 0},
    {"INT3", USER_PAGED, {0xCC}, NULL, 0},
};

/* ---- running ---- */

static enum cpu_stop go(struct rig *rig, struct cpu_step_info *info)
{
    rig->f.journal->count = rig->f.journal->dropped = 0;
    cpu_set_interrupt_line(rig->f.cpu, rig->interrupts);
    cpu_set_journal(rig->f.cpu, rig->f.journal);
    const enum cpu_stop stop = cpu_step(rig->f.cpu, UINT64_MAX, info);
    cpu_set_journal(rig->f.cpu, NULL);
    return stop;
}

static void restore(struct rig *rig)
{
    memcpy(rig->f.ram, rig->before, RAM_BYTES);
    cpu_drop_caches(rig->f.cpu);
    cpu_load(rig->f.cpu, &rig->start);
}

/* Pages whose absence the delivery of #PF would not survive. */
static bool is_essential(const struct rig *rig, uint32_t page, uint32_t idt_page)
{
    return (rig->start.cpl == 0 && page == (rig->start.gpr[REG_ESP] - 1) >> 12) ||
           page == GDT_BASE >> 12 || page == idt_page || page == STATE_AT >> 12 ||
           page == (RING0_TOP - 1) >> 12 || page >= DIRECTORY_AT >> 12;
}

static uint32_t pages_of(const struct rig *rig, uint32_t idt_page, uint32_t *pages)
{
    const struct journal *journal = rig->f.journal;
    uint32_t count = 0;
    assert_int_equal(journal->dropped, 0);
    for (uint32_t i = 0; i < journal->count; i++) {
        const struct journal_entry *entry = &journal->entries[i];
        const uint32_t page = entry->address >> 12;
        const bool access = entry->kind == JOURNAL_MEMORY_READ ||
                            entry->kind == JOURNAL_MEMORY_WRITE || entry->kind == JOURNAL_FETCH;
        bool known = !access || is_essential(rig, page, idt_page);
        for (uint32_t n = 0; n < count; n++) {
            known |= pages[n] == page;
        }
        if (!known && count < MOST_PAGES) {
            pages[count++] = page;
        }
    }
    return count;
}

/* In a stack of ring 0 below its top, where the frame of #PF goes? */
static bool is_frame(const struct rig *rig, uint32_t at)
{
    const uint32_t top = rig->start.cpl ? RING0_TOP : rig->start.gpr[REG_ESP];
    return at >= top - 64 && at < top;
}

/* A bits of pages and descriptors may be set: the processor has looked there. */
static bool is_accessed_bit(const struct rig *rig, uint32_t at)
{
    const uint8_t changed = rig->f.ram[at] ^ rig->before[at];
    const bool page_table = at >= DIRECTORY_AT && changed == 0x20;
    const bool descriptor = ((at >= GDT_BASE && at < GDT_BASE + GDT_LIMIT) ||
                             (at >= LOCAL_AT && at < LOCAL_AT + 0x40)) &&
                            at % 8 == 5 && changed == 1;
    return page_table || descriptor;
}

static void expect_unchanged(const struct rig *rig, const char *name, uint32_t page,
                             const struct cpu_state *was)
{
    for (uint32_t at = 0; at < RAM_BYTES; at++) {
        if (rig->f.ram[at] != rig->before[at] && at >> 2 != (TABLE_AT + page * 4) >> 2 &&
            !is_frame(rig, at) && !is_accessed_bit(rig, at)) {
            fail_msg("%s without page %02" PRIx32 ": changes memory at %05" PRIx32, name, page, at);
        }
    }
    assert_memory_equal(was->gpr, rig->start.gpr, sizeof was->gpr);
    for (uint32_t i = 0; i < SEG_COUNT; i++) {
        assert_int_equal(was->segments[i].selector, rig->start.segments[i].selector);
    }
    assert_int_equal(was->eip, rig->start.eip);
    assert_int_equal(was->eflags, rig->start.eflags);
    assert_int_equal(was->cr3, rig->start.cr3);
    assert_memory_equal(&was->ldtr, &rig->start.ldtr, sizeof was->ldtr);
    assert_memory_equal(&was->tr, &rig->start.tr, sizeof was->tr);
}

/* The interrupted program out of the frame of #PF in ring 0. */
static struct cpu_state interrupted(const struct rig *rig, const struct cpu_state *in_handler)
{
    struct cpu_state state = *in_handler;
    const uint32_t esp = in_handler->gpr[REG_ESP];
    state.eip = get32(&rig->f, esp + 4);
    state.eflags = get32(&rig->f, esp + 12) & ~EFLAGS_RF;
    state.cpl = rig->start.cpl;
    state.gpr[REG_ESP] = state.cpl ? get32(&rig->f, esp + 16) : esp + 16;
    state.segments[SEG_CS] = rig->start.segments[SEG_CS];
    if (state.cpl) {
        state.segments[SEG_SS] = rig->start.segments[SEG_SS];
        assert_int_equal(get16(&rig->f, esp + 20), rig->start.segments[SEG_SS].selector);
    }
    assert_int_equal(get16(&rig->f, esp + 8), rig->start.segments[SEG_CS].selector);
    return state;
}

static void expect_same_end(struct rig *rig, const char *name, uint32_t page)
{
    const struct cpu_state *end = cpu_save(rig->f.cpu);
    assert_memory_equal(end->gpr, rig->end.gpr, sizeof end->gpr);
    assert_int_equal(end->eip, rig->end.eip);
    assert_int_equal(end->eflags & ~EFLAGS_RF, rig->end.eflags & ~EFLAGS_RF);
    assert_int_equal(end->cpl, rig->end.cpl);
    assert_int_equal(end->tr.selector, rig->end.tr.selector);
    for (uint32_t i = 0; i < SEG_COUNT; i++) {
        assert_int_equal(end->segments[i].selector, rig->end.segments[i].selector);
    }
    for (uint32_t at = 0; at < DIRECTORY_AT; at++) {
        if (rig->f.ram[at] != rig->after[at] && !is_frame(rig, at)) {
            fail_msg("%s: going on with page %02" PRIx32 " ends with other memory at %05" PRIx32,
                     name, page, at);
        }
    }
}

/* Behind the point of no return: the fault is the new task's. */
static void expect_new_task(const struct rig *rig, const struct cpu_state *in_handler)
{
    const uint32_t esp = in_handler->gpr[REG_ESP];
    assert_int_equal(in_handler->tr.selector, SEL_TSS2);
    assert_int_equal(get32(&rig->f, esp + 4), OTHER_CODE);
}

static void without_page(struct rig *rig, const struct trial *trial, uint32_t page)
{
    struct cpu_step_info info;
    restore(rig);
    const uint32_t entry = get32(&rig->f, TABLE_AT + page * 4);
    put32(&rig->f, TABLE_AT + page * 4, entry & ~1u);
    cpu_drop_caches(rig->f.cpu);
    const enum cpu_stop stop = go(rig, &info);
    const struct cpu_state *in_handler = cpu_save(rig->f.cpu);
    if (stop == CPU_STOP_SHUTDOWN || !(info.what & STEP_DELIVERY) || info.vector != 14) {
        fail_msg("%s without page %02" PRIx32 ": no #PF, stop %d vector %u", trial->name, page,
                 (int)stop, info.vector);
    }
    assert_int_equal(in_handler->cr2 >> 12, page);
    assert_int_equal(get32(&rig->f, in_handler->gpr[REG_ESP]) & 1, 0); /* not present */
    if (trial->is_task && in_handler->tr.selector == SEL_TSS2) {
        expect_new_task(rig, in_handler);
        rig->new_tasks++;
        return;
    }
    struct cpu_state again = interrupted(rig, in_handler);
    expect_unchanged(rig, trial->name, page, &again);
    put32(&rig->f, TABLE_AT + page * 4, entry);
    cpu_drop_caches(rig->f.cpu);
    cpu_load(rig->f.cpu, &again);
    go(rig, &info);
    expect_same_end(rig, trial->name, page);
}

/* How many pages were taken away. */
static uint32_t try_all(const struct trial *trial, uint32_t idt_base, uint32_t idt_page)
{
    static struct rig rig;
    uint32_t pages[MOST_PAGES];
    struct cpu_step_info info;
    begin(&rig, trial, idt_base);
    const enum cpu_stop stop = go(&rig, &info);
    if (stop == CPU_STOP_SHUTDOWN || (info.what & STEP_DELIVERY && info.vector == 14)) {
        fail_msg("%s does not work: vector %u, CR2 %08" PRIx32, trial->name, info.vector,
                 cpu_save(rig.f.cpu)->cr2);
    }
    rig.end = *cpu_save(rig.f.cpu);
    memcpy(rig.after, rig.f.ram, RAM_BYTES);
    const uint32_t count = pages_of(&rig, idt_page, pages);
    for (uint32_t i = 0; i < count; i++) {
        without_page(&rig, trial, pages[i]);
    }
    /* those of its LDT, which holds its code and stack segments */
    assert_int_equal(rig.new_tasks, trial->is_task);
    fixture_end(&rig.f);
    return count;
}

static void test_a_missing_page_leaves_transfers_undone(void **state)
{
    (void)state;
    for (uint32_t i = 0; i < sizeof trials / sizeof trials[0]; i++) {
        const uint32_t count = try_all(&trials[i], IDT_BASE, IDT_BASE >> 12);
        print_message("%s: %u pages\n", trials[i].name, count);
        assert_true(count >= 1);
    }
}

static void test_a_missing_gate_of_an_exception_is_a_page_fault(void **state)
{
    (void)state;
    for (uint32_t i = 0; i < sizeof exceptions / sizeof exceptions[0]; i++) {
        const uint32_t count = try_all(&exceptions[i], IDT_BASE_13, (IDT_BASE_13 + 14 * 8) >> 12);
        assert_true(count >= 1);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_missing_page_leaves_transfers_undone),
        cmocka_unit_test(test_a_missing_gate_of_an_exception_is_a_page_fault),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
