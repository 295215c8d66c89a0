/* Virtual-8086 mode: into it, through an interrupt, and back (80386 PRM 15).
 * SPDX-License-Identifier: MIT */
#include "behave.h"

/* A frame for IRET to virtual-8086 mode at the present stack top; SS:ESP is 0800:0900. */
static void frame_virtual(struct fixture *f, uint32_t ip, uint32_t eflags)
{
    const uint32_t frame[] = {ip,         0x1000, EFLAGS_ONE | EFLAGS_VM | eflags,
                              0x12340900, 0x0800, 0x1111,
                              0x3000,     0x3333, 0x4444};
    for (uint32_t i = 0; i < 9; i++) {
        put32(f, STACK_TOP + 4 * i, frame[i]);
    }
}

/* IRET there; its code is MOV AX,[2] and INT3, whose gate user code may use. */
BEHAVE(v86_iret_roundtrip, KERNEL, 0xCF)
{
    frame_virtual(f, 0x0800, EFLAGS_IF);
    put_code(f, 0x10800, (const uint8_t[]){0xA1, 0x02, 0x00, 0xCC}, 4);
    put_gate(f, 3, SEL_CODE0, HANDLER(3), GATE_INT32 | ACC_DPL(3));

    run_to_halt(f);

    assert_in_handler(f, 3);
    assert_int_equal(f->state.cpl, 0);
    assert_int_equal(f->state.eflags & EFLAGS_VM, 0);
    assert_int_equal(f->state.gpr[REG_EAX] & 0xFFFF, get16(f, DATA_AT + 2));
    assert_int_equal(f->state.gpr[REG_ESP], RING0_TOP - 36);
    const uint32_t frame[] = {0x0804,     0x1000, EFLAGS_ONE | EFLAGS_VM | EFLAGS_IF,
                              0x12340900, 0x0800, 0x1111,
                              0x3000,     0x3333, 0x4444};
    for (uint32_t i = 0; i < 9; i++) {
        assert_int_equal(FRAME32(f, i), frame[i]);
    }
}

BEHAVE(v86_segs_null_in_handler, VIRTUAL, 0xCC)
{
    put_gate(f, 3, SEL_CODE0, HANDLER(3), GATE_INT32 | ACC_DPL(3));

    run_to_halt(f);

    assert_in_handler(f, 3);
    assert_int_equal(f->state.segments[SEG_DS].usable, 0);
    assert_int_equal(f->state.segments[SEG_ES].usable, 0);
    assert_int_equal(f->state.segments[SEG_FS].usable, 0);
    assert_int_equal(f->state.segments[SEG_GS].usable, 0);
    assert_int_equal(f->state.segments[SEG_SS].selector, SEL_DATA0);
    assert_int_equal(f->state.clock, 1000 + 82 + 4); /* i486 PRM: INT3 from V86; HLT */
}

/* A 286 gate pushes words, and VM is lost in the image. */
BEHAVE(fr_16_v86, VIRTUAL, 0xCC)
{
    put_gate(f, 3, SEL_CODE16, 0x0800, GATE_INT16 | ACC_DPL(3));
    put8(f, 0x0800, 0xF4);

    run_to_halt(f);

    assert_halted_at(f, 0x0800);
    assert_int_equal(f->state.gpr[REG_ESP], RING0_TOP - 18);
    assert_int_equal(get16(f, RING0_TOP - 18), (CODE_AT & 0xFFFF) + 1);
    assert_int_equal(get16(f, RING0_TOP - 16), 0x1000);
    assert_int_equal(get16(f, RING0_TOP - 14), EFLAGS_ONE | EFLAGS_IF);
    assert_int_equal(get16(f, RING0_TOP - 12), STACK_TOP - 0x8000);
    assert_int_equal(get16(f, RING0_TOP - 10), 0x0800);
    assert_int_equal(get16(f, RING0_TOP - 2), 0x3000);
}

/* An interrupt from outside and the return by IRET leave the program as it was. */
BEHAVE(v86_int_ring0_frame, VIRTUAL, 0x90, 0x90, 0xF4)
{
    f->vector = 0x40;
    f->state.interrupt_line = 1;
    put_code(f, HANDLER(0x40), (const uint8_t[]){0xCF}, 1);

    run_to_halt(f);

    assert_in_handler(f, 13); /* of the HLT: with a frame of nine and a code */
    assert_int_equal(FRAME32(f, 0), 0);
    assert_int_equal(FRAME32(f, 1), (CODE_AT & 0xFFFF) + 2);
    assert_int_equal(FRAME32(f, 3), EFLAGS_ONE | EFLAGS_IF | EFLAGS_VM | EFLAGS_RF);
    assert_int_equal(FRAME32(f, 9), 0x3000);
    assert_int_equal(f->state.deliveries, 2);
}

/* IOPL 3: IRET, PUSHF, POPF as in real mode; IOPL and VM stay. */
BEHAVE(iret_v86_iopl3, VIRTUAL, 0x9C, 0x0E, 0x68, 0x00, 0x08, 0xCF)
{
    f->state.eflags |= EFLAGS_IOPL;
    put_code(f, 0x10800, (const uint8_t[]){0xF4}, 1);

    run_to_halt(f);

    assert_in_handler(f, 13);
    assert_int_equal(FRAME32(f, 1), 0x0800);
    assert_int_equal(FRAME32(f, 3), EFLAGS_ONE | EFLAGS_IF | EFLAGS_IOPL | EFLAGS_VM | EFLAGS_RF);
    assert_int_equal(FRAME32(f, 4), STACK_TOP - 0x8000);
}

/* INT 80h with IOPL 3: the gate's DPL is 3. */
BEHAVE(v86_intn_iopl3_dpl3, VIRTUAL, 0xCD, 0x80)
{
    f->state.eflags |= EFLAGS_IOPL;

    run_to_halt(f);

    assert_in_handler(f, 0x80);
    assert_int_equal(f->state.clock, 1000 + 86 + 4); /* i486 PRM INT page */
}

/* FFFF:0010 and beyond: A20 decides, nothing wraps. */
BEHAVE(v86_1mb_wrap, VIRTUAL, 0x8E, 0xD8, 0xA0, 0x10, 0x00, 0xF4)
{
    f->state.gpr[REG_EAX] = 0x5000; /* MOV DS,AX: base 50000h */
    put8(f, 0x50010, 0x5A);

    run_to_halt(f);

    assert_in_handler(f, 13);
    assert_int_equal(f->state.gpr[REG_EAX] & 0xFF, 0x5A);
}

BEHAVE(v86_nt_ignored, VIRTUAL, 0xCF)
{
    f->state.eflags |= EFLAGS_IOPL | EFLAGS_NT;
    put16(f, STACK_TOP, 0x0800);
    put16(f, STACK_TOP + 2, 0x1000);
    put16(f, STACK_TOP + 4, EFLAGS_ONE);

    run_to_halt(f);

    assert_in_handler(f, 13);
    assert_int_equal(FRAME32(f, 1), 0x0800);
    assert_int_equal(FRAME32(f, 3), EFLAGS_ONE | EFLAGS_VM | EFLAGS_IOPL | EFLAGS_RF);
}

/* EFLAGS.MODE: a frame to virtual-8086 mode has to say "user". */
BEHAVE(mode_iret_v86, KERNEL, 0xCF)
{
    f->config.level = CPU_I686;
    f->state.mode_in_eflags = 1;
    frame_virtual(f, 0x0800, EFLAGS_MODE);
    put_code(f, 0x10800, (const uint8_t[]){0xF4}, 1);

    run_to_halt(f);

    assert_in_handler(f, 13);
    assert_int_equal(FRAME32(f, 1), 0x0800);
    assert_int_equal(FRAME32(f, 3), EFLAGS_ONE | EFLAGS_VM | EFLAGS_MODE | EFLAGS_RF);
}
