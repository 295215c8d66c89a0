/* Guest of the protection test: thousands of random task switches. Task A (a 16- or 32-bit TSS,
 * ring 0 or 3) switches to B, whose TSS is random, by JMP, CALL, a task gate, INT, an exception or
 * IRET; B may go on to C or return. However it ends, a task gate leads to the task that prints what
 * came of it: number, way, vector, error code, who was interrupted, CR0.TS, DR7, then the TSSs of
 * A, B and C and the descriptors. Runs on any PC emulator with a debug console.
 *
 * What is left out, as QEMU does not have it: the T bit; single steps into a task (tests/oracle).
 * SPDX-License-Identifier: MIT */
#include "layout.h"
#include "tools.h"

extern u32 stubs[19];
void enter_test(void) __attribute__((noreturn));
void guest_main(void);
void test_ended(u32 vector, u32 stack) __attribute__((noreturn));

#define WORDS     26u /* of a 32-bit TSS */
#define LANDINGS  19u
#define REPORTING 18u /* the landing of INT 81h */

#define TASK_A  0x38u
#define TASK_B  0x40u
#define TASK_C  0x48u
#define GATE_B  0x50u
#define GATE_C  0x58u
#define LANDING 32u /* of the GDT: the first of LANDINGS TSSs */

#define SAFE       0x8040u
#define FAR_TARGET 0xFFF0u
#define DR7_ALL    0x2FFu /* L0 to L3, G0 to G3, GE */
#define FLAG_NT    0x4000u
#define FLAG_VM    0x20000u

/* Words of a 32-bit TSS. */
enum { LINK = 0, ESP0 = 1, SS0 = 2, EIP = 8, EFLAGS = 9, EAX = 10, ESP = 14, ES = 18, LDT = 24 };

enum way {
    JMP,
    CALL,
    JMP_GATE,
    CALL_GATE,
    INTERRUPT,
    EXCEPTION,
    EXCEPTION_WITH_CODE,
    RETURN,
    WAYS
};

static u32 tasks[3][WORDS + 2] __attribute__((aligned(16)));
static u32 landings[LANDINGS][WORDS] __attribute__((aligned(16)));
static u32 landing_stack[64];
static u32 number;
static enum way way;
u32 start_frame[13];

static u32 one_in(u32 count)
{
    return rnd() % count == 0;
}

/* ---- tables ---- */

static void describe_landings(void)
{
    for (u32 i = 0; i < LANDINGS; i++) {
        u32 *tss = landings[i];
        for (u32 word = 0; word < WORDS; word++) {
            tss[word] = 0;
        }
        tss[EIP] = stubs[i];
        tss[EFLAGS] = 2;
        tss[ESP] = (u32)(landing_stack + 60);
        for (u32 segment = 0; segment < 6; segment++) {
            tss[ES + segment] = segment == 1 ? KERNEL_CODE : KERNEL_DATA;
        }
        describe(gdt + (LANDING + i) * 2, (u32)tss, WORDS * 4 - 1, 0x89, 0);
        gate(i == REPORTING ? 0x81 : i, (LANDING + i) * 8, 0, i == REPORTING ? 0xE5 : 0x85);
    }
    for (u32 i = 0; i < 64; i++) {
        landing_stack[i] = 0;
    }
}

static u32 good_tss_type(void)
{
    return one_in(3) ? 1 : 9;
}

/* The TSS of B or C: mostly one that can be switched to. `busy`: by IRET. */
static void describe_task(u32 selector, u32 *tss, u32 busy)
{
    u32 type = good_tss_type() | (one_in(24) ? !busy : busy) << 1;
    u32 limit = type & 8 ? 103 : 43;
    if (one_in(16)) {
        type = rnd() & 15;
    }
    if (one_in(24)) {
        limit -= 1 + rnd() % 40;
    } else if (one_in(3)) {
        limit = 103;
    }
    describe(gdt + selector / 4, (u32)tss, limit,
             type | (one_in(8) ? rnd() & 3 : 3) << 5 | (one_in(24) ? 0 : 0x80), 0);
}

static u32 task_selector(u32 good)
{
    u32 choice = rnd() % 16;
    if (choice == 0) {
        return random_selector();
    }
    return (choice == 1 ? TASK_A : good) | (one_in(4) ? rnd() & 3 : 0);
}

/* Never with a selector of the LDT, which is #TS on QEMU. */
static void describe_gates(void)
{
    static const u16 selectors[] = {GATE_B, GATE_C};
    for (u32 i = 0; i < 2; i++) {
        u32 *at = gdt + selectors[i] / 4;
        at[0] = (task_selector(i ? TASK_C : TASK_B) & ~4u) << 16;
        at[1] = ((one_in(20) ? 13 : 5) | (one_in(8) ? rnd() & 3 : 3) << 5 | (one_in(24) ? 0 : 0x80))
                << 8;
    }
}

/* ---- what is in a TSS ---- */

static u32 level_stack(u32 level)
{
    static const u16 stacks[] = {RING0_TEST_STACK, RING1_STACK, RING2_STACK, RING3_TEST_STACK};
    return stacks[level];
}

/* Of the random ones; NULL: of another. */
static u32 *descriptor_of(u32 selector)
{
    const u32 index = selector >> 3;
    if (selector & 4) {
        return index < LOCAL_COUNT ? ldt + index * 2 : (u32 *)0;
    }
    return index >= RANDOM_FIRST && index < RANDOM_END ? gdt + index * 2 : (u32 *)0;
}

/* Where QEMU differs from the manuals: it wants DPL = RPL of conforming code too, and a stack that
 * is not present is #NP. */
static u32 as_for_qemu(u32 selector, u32 kind)
{
    u32 *const at = descriptor_of(selector);
    if (at && kind == 1 && (at[1] & 0x1C00) == 0x1C00) {
        return (selector & ~3u) | (at[1] >> 13 & 3);
    }
    if (at && kind == 2) {
        at[1] |= 0x8000;
    }
    return selector;
}

/* A stack segment, a data segment or a code segment of that level; or `any` selector. */
static u32 selector_for(u32 level, u32 kind, u32 any)
{
    static const u8 good[2][2] = {{0x10, 0x23}, {0x08, 0x1B}};
    u32 selector = good[kind == 1][level == 3];
    if (any) {
        selector = random_selector();
    } else if (kind != 1 && kind != 2) {
        selector = level ? USER_DATA : KERNEL_DATA;
    } else if (level == 1 || level == 2) { /* no descriptor of its own */
        selector = (RANDOM_FIRST + rnd() % (RANDOM_END - RANDOM_FIRST)) * 8 | level;
    }
    return as_for_qemu(selector, kind);
}

static u32 random_flags(void)
{
    u32 flags = (rnd() & 0x3CD5) | 2;
    if (one_in(8)) {
        flags |= FLAG_NT;
    }
    if (one_in(8) && way != EXCEPTION_WITH_CODE) { /* what IRET takes from the stack is known */
        flags |= FLAG_VM;
    }
    return flags;
}

static void put(u8 *tss, u32 at, u32 bytes, u32 value)
{
    for (u32 i = 0; i < bytes; i++) {
        tss[at + i] = (u8)(value >> i * 8);
    }
}

/* The image of task B or C, in the layout of its descriptor. */
static void fill_task(u32 selector, u32 *words)
{
    const u32 wide = gdt[selector / 4 + 1] >> 8 & 8, bytes = wide ? 4 : 2;
    const u32 level = one_in(2) ? 0 : one_in(8) ? 1 + rnd() % 2 : 3;
    const u32 flags = random_flags(), segments = wide ? 6 : 4;
    static const u8 data[] = {0, 3, 4, 5};
    const u32 any = one_in(2) ? data[rnd() % (segments - 2)] : 6; /* QEMU takes ES before DS */
    u8 *tss = (u8 *)words;
    u32 at = wide ? 0x20 : 0x0E;
    for (u32 i = 0; i < WORDS; i++) {
        words[i] = rnd();
    }
    put(tss, 0, 2, task_selector(TASK_A));
    put(tss, at, bytes, one_in(16) ? FAR_TARGET : TARGET);
    put(tss, at + bytes, bytes, flags);
    put(tss, at + 6 * bytes, bytes, level_stack(level));
    at = wide ? 0x48 : 0x22;
    for (u32 i = 0; i < segments; i++) {
        put(tss, at + i * bytes, 2,
            wide && flags & FLAG_VM
                ? (i == 1 || i == 2 ? 0 : rnd() & 0x7F)
                : selector_for(level, i, i == any || (i && one_in(16) && i < 3)));
    }
    put(tss, wide ? 0x60 : 0x2A, 2, one_in(10) ? random_selector() : one_in(3) ? 0 : LOCAL_TABLE);
    if (wide) {
        put(tss, 0x64, 4, 0x00680000);
    }
}

/* ---- the code of A, and what B does ---- */

static void emit_far(u32 opcode, u32 selector)
{
    emit(opcode, 1);
    emit(SAFE, 4); /* where a code segment leads to */
    emit(selector, 2);
}

static void emit_switch(void)
{
    const u32 selector = task_selector(TASK_B), global = selector & ~4u;
    switch (way) {
    case JMP:
        emit_far(0xEA, selector);
        break;
    case CALL:
        emit_far(0x9A, selector);
        break;
    case JMP_GATE:
    case CALL_GATE:
        emit_far(way == JMP_GATE ? 0xEA : 0x9A, GATE_B | (one_in(4) ? rnd() & 3 : 0));
        break;
    case INTERRUPT:
        gate(0x40, global, 0, 5 | (one_in(4) ? rnd() & 3 : 3) << 5 | (one_in(24) ? 0 : 0x80));
        emit(0x40CD, 2);
        break;
    case EXCEPTION: /* #UD */
        gate(6, global, 0, 0x85);
        emit(0x0B0F, 2);
        break;
    case EXCEPTION_WITH_CODE: /* #GP(selector) */
        gate(13, global, 0, 0x85);
        emit(0xB8, 1);
        emit(0x1000, 4);
        emit(0xD88E, 2);
        break;
    default:           /* IRET with NT */
        emit(0x9C, 1); /* PUSHFD; OR WORD [ESP], 4000h; POPFD; IRETD */
        emit(0x240C8166, 4);
        emit(FLAG_NT, 2);
        emit(0xCF9D, 2);
        put((u8 *)tasks[0], LINK, 2, selector);
        break;
    }
    emit(0x81CD, 2);
}

/* At TARGET, for B; all of it ends with INT 81h. In 16-bit code it means something else. */
static void emit_target(void)
{
    *(volatile u16 *)SAFE = 0x81CD;
    *(volatile u16 *)FAR_TARGET = 0x81CD;
    code = (u8 *)TARGET;
    switch (rnd() % 8) {
    case 0:
        emit(0xCF, 1); /* IRET: back to A, if nested */
        break;
    case 1:
        emit_far(0xEA, task_selector(TASK_C));
        break;
    case 2:
        emit_far(0x9A, task_selector(TASK_C));
        break;
    case 3:
        emit_far(0x9A, GATE_C);
        break;
    case 4:
        emit_far(0xEA, TASK_A); /* busy, if this was a call */
        break;
    case 5:
        emit(0x50E0D9, 3); /* FCHS: #NM, as TS is set; PUSH EAX */
        break;
    default:
        break;
    }
    emit(0x81CD81CD, 4);
}

static void prepare_a(u32 level)
{
    static const u32 fixed[] = {0x1D1D1D1D, 0x51515151, 0xB9B9B9B9, 0,
                                0xBBBBBBBB, 0xD0D0D0D0, 0xC0C0C0C0, 0xA0A0A0A0};
    const u32 data = level ? USER_DATA : KERNEL_DATA, type = one_in(4) ? 1 : 9;
    for (u32 i = 0; i < WORDS; i++) {
        tasks[0][i] = 0xEEEE0000 | i;
    }
    describe(gdt + TASK_A / 4, (u32)tasks[0], type == 1 && one_in(2) ? 43 : 103, 0x80 | type, 0);
    __asm__ volatile("ltr %w0" : : "r"(TASK_A) : "memory");
    for (u32 i = 0; i < 8; i++) {
        start_frame[i] = fixed[i];
    }
    start_frame[8] = TEST_CODE;
    start_frame[9] = level ? USER_CODE : KERNEL_CODE;
    start_frame[10] = (rnd() & 0x3CD5 & ~0x200u) | 2;
    start_frame[11] = RING3_TEST_STACK;
    start_frame[12] = USER_DATA;
    code = (u8 *)TEST_CODE;
    if (level == 0) {
        emit(0xBC, 1); /* MOV ESP, RING0_TEST_STACK: IRET to the same level leaves it */
        emit(RING0_TEST_STACK, 4);
    }
    emit_switch();
    __asm__ volatile("mov %0, %%ds\n mov %0, %%es\n mov %0, %%fs\n mov %0, %%gs"
                     :
                     : "r"(data)
                     : "memory");
}

/* ---- the report ---- */

static u32 hash_words(const u32 *words, u32 count)
{
    u32 hash = 0;
    for (u32 i = 0; i < count; i++) {
        hash = hash * 31 + words[i];
    }
    return hash;
}

/* A fault that belongs to the new task has an error code about its selectors, one before the switch
 * about a TSS, a task gate or the IDT. For the first QEMU saves the EIP of the old task. */
static u32 is_before_switch(u32 vector, u32 error)
{
    const u32 index = error & 0xFFF8;
    return vector < 10 || vector > 13 || (error & 2) || (index >= TASK_A && index <= GATE_C);
}

/* RF: not every emulator saves it for faults. */
static void print_task(u32 selector, const u32 *words, u32 with_eip)
{
    const u32 wide = gdt[selector / 4 + 1] >> 8 & 8;
    for (u32 i = 0; i < WORDS; i++) {
        u32 word = words[i];
        if (wide && i == EFLAGS) {
            word &= ~0x10000u;
        } else if (!with_eip && i == (wide ? EIP : 3)) {
            word &= wide ? 0 : 0xFFFF;
        }
        print_hex(word);
    }
}

/* Accessed bits are left out: QEMU's task switches set none. */
static u32 hash_descriptors(void)
{
    u32 hash = 0;
    for (u32 i = RANDOM_FIRST; i < RANDOM_END + LOCAL_COUNT; i++) {
        const u32 high = i < RANDOM_END ? gdt[i * 2 + 1] : ldt[(i - RANDOM_END) * 2 + 1];
        hash = hash * 31 + (high & 0x1000 ? high & ~0x100u : high);
    }
    return hash;
}

static void report(u32 vector, u32 stack)
{
    static const u16 selectors[] = {TASK_A, TASK_B, TASK_C};
    const u32 *const tss = landings[vector == 129 ? REPORTING : vector];
    const u32 has_error = stack != (u32)(landing_stack + 60);
    const u32 error = has_error ? *(u32 *)stack : 0xFFFF;
    u32 cr0, dr7;
    __asm__ volatile("mov %%cr0, %0\n mov %%dr7, %1" : "=r"(cr0), "=r"(dr7));
    print_hex(number);
    print_hex(way);
    print(": ");
    print_hex(vector);
    print_hex(has_error && way >= EXCEPTION ? error & ~1u : error); /* QEMU has no EXT here */
    print_hex(tss[LINK]);
    print_hex(cr0 & 8);
    print_hex(dr7);
    print("| ");
    for (u32 i = 7; i <= 11; i++) { /* who is busy */
        print_hex(gdt[i * 2 + 1] >> 8 & 0xFF);
    }
    for (u32 i = 0; i < 3; i++) {
        print("| ");
        print_task(selectors[i], tasks[i],
                   selectors[i] != (tss[LINK] & ~7u) || is_before_switch(vector, error));
    }
    print("| ");
    print_hex(hash_descriptors());
    for (u32 level = 0; level < 4; level++) {
        print_hex(hash_words((const u32 *)(level_stack(level) - 32), 8));
    }
    print("\n");
}

/* ---- all of it ---- */

static void __attribute__((noreturn)) next_test(void)
{
    const u32 level = one_in(2) ? 3 : 0;
    for (u32 i = RANDOM_FIRST; i < RANDOM_END; i++) {
        describe_random(gdt + i * 2, 0);
    }
    for (u32 i = 0; i < LOCAL_COUNT; i++) {
        describe_random(ldt + i * 2, 0);
    }
    for (u32 i = 0; i < 4; i++) {
        for (u32 at = level_stack(i) - 64; at < level_stack(i); at += 4) {
            *(volatile u32 *)at = 0;
        }
        *(volatile u32 *)level_stack(i) = SAFE; /* IRET in virtual-8086 mode: IP, CS, FLAGS */
        *(volatile u32 *)(level_stack(i) + 4) = 0x3002;
    }
    describe_landings();
    way = (enum way)(rnd() % WAYS);
    describe_task(TASK_B, tasks[1], way == RETURN);
    describe_task(TASK_C, tasks[2], 0);
    describe_gates();
    fill_task(TASK_B, tasks[1]);
    fill_task(TASK_C, tasks[2]);
    emit_target();
    __asm__ volatile("lldt %w0\n mov %1, %%dr7" : : "r"(LOCAL_TABLE), "r"(DR7_ALL) : "memory");
    prepare_a(level);
    enter_test();
}

void test_ended(u32 vector, u32 stack)
{
    report(vector, stack);
    __asm__ volatile("clts");
    if (++number == COUNT) {
        end_of_run();
    }
    next_test();
}

void guest_main(void)
{
    const u32 far_away = 0x00F00000; /* breakpoints that are never met, to see DR7 change */
    __asm__ volatile("mov %0, %%dr0\n mov %0, %%dr1\n mov %0, %%dr2\n mov %0, %%dr3"
                     :
                     : "r"(far_away));
    __asm__ volatile("outb %0, $0x21\n outb %0, $0xA1" : : "a"((u8)0xFF));
    load_flat_tables();
    next_test();
}
