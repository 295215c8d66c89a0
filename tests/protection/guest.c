/* Guest of the protection test: thousands of random descriptors, gates, selectors and frames, one
 * instruction each, from ring 0 and ring 3. For each it prints to port E9h what came of it:
 *   n kind ring : vector error eip cs eflags [esp ss] | ds es fs gs ss ebx | stack | tables
 * Runs on any PC emulator with a debug console; SEED and COUNT come from the command line of
 * the compiler. Task switches: tasks.c.
 * SPDX-License-Identifier: MIT */
#include "layout.h"
#include "tools.h"

extern u32 stubs[33], frame_at, start_flags;
void run_ring0(void);
void run_ring3(void);
void guest_main(void);

#define TSS_MAP   26u /* dword where the I/O map begins */
#define TSS_BYTES (TSS_MAP * 4 + 20)

static u32 tss[TSS_MAP + 8] __attribute__((aligned(8)));

/* A call gate to TARGET, with up to three parameters. */
static void describe_gate(u32 *at)
{
    const u32 access = (rnd() % 2 ? 12 : 4) | (rnd() & 3) << 5 | (rnd() % 8 ? 0x80 : 0);
    at[0] = random_selector() << 16 | TARGET;
    at[1] = access << 8 | (rnd() & 3);
}

/* ---- the instruction ---- */

static void push32(u32 value)
{
    emit(0x68, 1);
    emit(value, 4);
}
static void push16(u32 value)
{
    emit(0x6866, 2);
    emit(value, 2);
}
static void load_eax(u32 value)
{
    emit(0xB8, 1);
    emit(value, 4);
}
static void frame32(u32 stack, u32 selector, u32 with_flags)
{
    push32(stack);
    push32(RETURN_STACK);
    if (with_flags) {
        push32((rnd() & 0x00043CD5) | 2);
    }
    push32(selector);
    push32(TARGET);
}
static void frame16(u32 stack, u32 selector, u32 with_flags)
{
    push16(stack);
    push16(RETURN_STACK);
    if (with_flags) {
        push16((rnd() & 0x3CD5) | 2);
    }
    push16(selector);
    push16(TARGET);
}

#define FAR_JUMP 5u
#define VIRTUAL  17u
#define KINDS    18u

static void emit_loads(u32 kind, u32 selector)
{
    static const u16 pops[] = {0x07, 0x17, 0x1F, 0xA10F, 0xA90F};
    static const u8 registers[] = {0, 2, 3, 4, 5};
    if (kind == 1) {
        const u16 pop = pops[rnd() % 5];
        push32(selector);
        emit(pop, pop > 0xFF ? 2 : 1);
        return;
    }
    load_eax(selector);
    switch (kind) {
    case 0: /* MOV Sreg, AX */
        emit(0x8E, 1);
        emit(0xC0 | registers[rnd() % 5] << 3, 1);
        break;
    case 2: /* LAR EBX, AX */
        emit(0xD8020F, 3);
        break;
    case 3: /* LSL EBX, AX */
        emit(0xD8030F, 3);
        break;
    default: /* VERR, VERW */
        emit(rnd() % 2 ? 0xE0000F : 0xE8000F, 3);
        break;
    }
}

/* IRETD to virtual-8086 mode, where one instruction follows. */
static void enter_virtual(void)
{
    static const u32 instructions[] = {0x9C,   0x9D,     0xFA,     0xFB,     0xCF,   0xCC,   0xF4,
                                       0x21CD, 0x60E4,   0xC0200F, 0xC063,   0x1F06, 0x062E, 0xC08E,
                                       0x6C,   0xFEFFA1, 0xD0000F, 0xC8000F, 0x9C66, 0x9D66, 0xCB};
    const u32 selectors[] = {0, 0, rnd() & 0x7F, rnd() & 0x7F, 0}; /* GS FS DS ES SS */
    for (u32 i = 0; i < 5; i++) {
        push32(selectors[i]);
    }
    push32(RETURN_STACK);
    push32((rnd() & 0x00047CD5) | 0x20002);
    push32(0);
    push32(VIRTUAL_CODE);
    emit(0xCF, 1);
    code = (u8 *)VIRTUAL_CODE;
    for (u32 value = instructions[rnd() % (sizeof instructions / 4)]; value; value >>= 8) {
        emit(value, 1);
    }
    *(volatile u16 *)RETURN_STACK = TARGET; /* IRET and RETF lead there */
    *(volatile u16 *)(RETURN_STACK + 4) = (u16)((rnd() & 0x7CD5) | 2);
}

static void emit_other(u32 kind, u32 selector, u32 second)
{
    static const u8 gates[] = {6, 7, 14, 15, 14, 15, 12, 8};
    static const u16 inputs[] = {0xE4, 0xE566, 0xE5};
    u32 access;
    switch (kind) {
    case 5: /* JMP far */
    case 6: /* CALL far */
        emit(kind == FAR_JUMP ? 0xEA : 0x9A, 1);
        emit(TARGET, 4);
        emit(selector, 2);
        break;
    case 7: /* RETF */
        frame32(second, selector, 0);
        emit(0xCB, 1);
        break;
    case 8: /* IRETD */
        frame32(second, selector, 1);
        emit(0xCF, 1);
        break;
    case 9:                        /* INT 40h through a random gate, SS1 random too */
        access = gates[rnd() % 8]; /* one at a time: the order is part of the test */
        access |= (rnd() & 3) << 5;
        access |= rnd() % 8 ? 0x80 : 0;
        gate(0x40, selector, TARGET, access);
        tss[4] = second;
        emit(0x40CD, 2);
        break;
    case 10: /* ARPL AX, CX; MOV EBX, EAX */
        load_eax(selector);
        emit(0xB9, 1);
        emit(second, 4);
        emit(0xC389C863, 4);
        break;
    case 11: /* RETF, 16 bits */
        frame16(second, selector, 0);
        emit(0xCB66, 2);
        break;
    case 12: /* IRET, 16 bits */
        frame16(second, selector, 1);
        emit(0xCF66, 2);
        break;
    case 13: /* RETF 8 */
        frame32(second, selector, 0);
        emit(0x0008CA, 3);
        break;
    case 14: /* POPFD; PUSHFD; POP EBX */
        push32((rnd() & 0x00243CD5) | 2);
        emit(0x5B9C9D, 3);
        break;
    case 15: /* LLDT AX */
        load_eax(selector);
        emit(0xD0000F, 3);
        break;
    case VIRTUAL:
        enter_virtual();
        break;
    default: { /* IN from a port of the map or behind it */
        const u16 opcode = inputs[rnd() % 3];
        emit(opcode, opcode > 0xFF ? 2 : 1);
        emit(rnd() % 180, 1);
        break;
    }
    }
}

/* ---- the report ---- */

/* Access bytes. Accessed bits of code, and those that a return sets, are left out: not every
 * emulator sets them. */
static u32 digest(u32 hash, u32 high, u32 is_return)
{
    const u32 is_code = (high & 0x1800) == 0x1800;
    return hash * 31 + (is_code || is_return ? high & ~0x100u : high);
}

static void report(u32 number, u32 kind, u32 ring)
{
    const u32 *frame = (const u32 *)frame_at;
    const u32 is_virtual = frame[17] & 0x20000;
    const u32 is_outer = !is_virtual && (frame[16] & 3);
    const u32 *stack = is_outer ? (const u32 *)(frame[18] & 0xFFFF) : frame + 18;
    static const u8 data[] = {3, 2, 1, 0, 4}; /* DS ES FS GS SS */
    const u32 is_return = kind == 7 || kind == 8 || (kind >= 11 && kind <= 13);
    u32 hash = 0;
    print_hex(number);
    print_hex(kind);
    print_hex(ring);
    print(": ");
    print_hex(frame[13]);
    print_hex(frame[14]);
    print_hex(frame[15]);
    print_hex(frame[16] & 0xFFFF);
    print_hex(frame[17] & ~0x10000u); /* RF: not every emulator sets it for faults */
    if (is_outer || is_virtual) {
        print_hex(frame[18]);
        print_hex(frame[19] & 0xFFFF);
    }
    for (u32 i = 20; is_virtual && i < 24; i++) {
        print_hex(frame[i] & 0xFFFF);
    }
    print("| ");
    for (u32 i = 0; i < sizeof data; i++) {
        print_hex(frame[data[i]] & 0xFFFF);
    }
    print_hex(frame[9]);
    print("| ");
    for (u32 i = 0; i < 6; i++) {
        print_hex(stack[i]);
    }
    for (u32 i = RANDOM_FIRST; i < RANDOM_END; i++) {
        hash = digest(hash, gdt[i * 2 + 1], is_return);
    }
    for (u32 i = 0; i < LOCAL_COUNT; i++) {
        hash = digest(hash, ldt[i * 2 + 1], is_return);
    }
    print("| ");
    print_hex(hash);
    print("\n");
}

/* ---- all of it ---- */

static void load_tables(void)
{
    describe(gdt + 10, (u32)tss, TSS_BYTES - 1, 0x89, 0);
    for (u32 vector = 0; vector < 32; vector++) {
        gate(vector, KERNEL_CODE, stubs[vector], 0x8E);
    }
    gate(0x81, KERNEL_CODE, stubs[32], 0xEE);
    tss[1] = RING0_STACK;
    tss[2] = KERNEL_DATA;
    tss[3] = RING1_STACK;
    tss[5] = RING2_STACK;
    tss[6] = KERNEL_DATA;
    tss[25] = TSS_MAP * 4 << 16;
    load_flat_tables();
    __asm__ volatile("ltr %w0" : : "r"(TASK) : "memory");
}

/* What the report may show: a bit below and above where each stack begins. */
static void clear_stacks(void)
{
    static const u16 tops[] = {RING0_TEST_STACK, RETURN_STACK, RING3_TEST_STACK,
                               RING0_STACK,      RING1_STACK,  RING2_STACK};
    for (u32 i = 0; i < sizeof tops / sizeof tops[0]; i++) {
        for (u32 at = tops[i] - 128u; at < tops[i] + 64u; at += 4) {
            *(volatile u32 *)at = 0;
        }
    }
}

static void one_test(u32 number)
{
    const u32 kind = rnd() % KINDS, ring = rnd() % 2 && kind != VIRTUAL ? 3 : 0;
    const u32 selector = random_selector(), second = random_selector();
    __asm__ volatile("lldt %w0" : : "r"(LOCAL_TABLE));
    for (u32 i = RANDOM_FIRST; i < RANDOM_END; i++) {
        if (rnd() % 6 == 0) {
            describe_gate(gdt + i * 2);
        } else {
            describe_random(gdt + i * 2, kind == FAR_JUMP);
        }
    }
    for (u32 i = 0; i < LOCAL_COUNT; i++) {
        describe_random(ldt + i * 2, kind == FAR_JUMP);
    }
    clear_stacks();
    for (u32 i = TSS_MAP; i < TSS_MAP + 8; i++) {
        tss[i] = rnd() & rnd();
    }
    tss[4] = KERNEL_DATA;
    start_flags = (rnd() & 0x3000) | 2;
    code = (u8 *)TEST_CODE;
    if (kind < FAR_JUMP) {
        emit_loads(kind, selector);
    } else {
        emit_other(kind, selector, second);
    }
    emit(0x81CD, 2);
    if (ring) {
        run_ring3();
    } else {
        run_ring0();
    }
    report(number, kind, ring);
}

void guest_main(void)
{
    load_tables();
    *(volatile u16 *)TARGET = 0x81CD;
    for (u32 number = 0; number < COUNT; number++) {
        one_test(number);
    }
    end_of_run();
}
