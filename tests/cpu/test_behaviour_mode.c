/* EFLAGS.MODE: what carries the bit, what ignores it, and where it does not exist. It is CPL = 3
 * and nothing else; see docs/architecture.md. Frames of 32 bits: test_behaviour_frames.c.
 * SPDX-License-Identifier: MIT */
#include "behave.h"
#include "task_rig.h"

#define JMP_TASK 0xEA, 0, 0, 0, 0, SEL_TEST, 0

static void turn_on(struct fixture *f)
{
    f->config.level = CPU_I586;
    f->state.mode_in_eflags = 1;
}

/* A frame of 16 bits has no such bit, and IRET of 16 bits asks for none. */
BEHAVE(mode_frame_16, USER, 0xCD, 0x40, 0x9C, 0x58)
{
    turn_on(f);
    put_gate(f, 0x40, SEL_CODE16, 0x0800, GATE_INT16 | ACC_DPL(3));
    put8(f, 0x0800, 0xCF);                        /* 16-bit IRET, to CPL 3 */
    put_code(f, 0x0102, f->ram + CODE_AT + 2, 2); /* IP has 16 bits */
    f->state.gpr[REG_EAX] = 0;
    struct cpu_step_info info;
    step_once(f, &info);
    assert_int_equal(f->state.gpr[REG_ESP], RING0_TOP - 10);
    assert_int_equal(get16(f, RING0_TOP - 6), 0x0202); /* SS, SP, FLAGS, CS, IP */
    step_once(f, &info);
    step_once(f, &info);
    step_once(f, &info);
    assert_int_equal(f->state.cpl, 3);
    assert_int_equal(f->state.gpr[REG_EAX] & EFLAGS_MODE, EFLAGS_MODE);
}
/* PUSHFD in the kernel shows it clear; POPFD of a set one changes nothing there either. */
BEHAVE(mode_kernel_popf, KERNEL, 0x68, 0x02, 0x00, 0x00, 0x80, 0x9D, 0x9C, 0x58, 0xF4)
{
    turn_on(f);
    run_to_halt(f);
    assert_halted_at(f, CODE_AT + 8);
    assert_int_equal(f->state.gpr[REG_EAX], EFLAGS_ONE);
    assert_int_equal(f->state.cpl, 0);
}
/* The image of a user task has it. */
BEHAVE(mode_tss_saved, USER, 0xCD, 0x80)
{
    turn_on(f);
    put_second_task(f);
    put_task_gate(f, 0x80, SEL_TEST, 3);
    run_to_halt(f);
    assert_int_equal(get32(f, TSS_AT + TASK_EFLAGS), EFLAGS_ONE | EFLAGS_IF | EFLAGS_MODE);
}
/* The image of a kernel task has not; and loading one does not look at the bit. */
BEHAVE(mode_tss_loaded, KERNEL, JMP_TASK)
{
    turn_on(f);
    put_second_task(f);
    put32(f, TASK_TSS + TASK_EFLAGS, EFLAGS_ONE | EFLAGS_MODE);
    run_to_halt(f);
    assert_halted_at(f, TASK_CODE);
    assert_int_equal(f->state.cpl, 0);
    assert_int_equal(f->state.eflags, EFLAGS_ONE);
    assert_int_equal(get32(f, TSS_AT + TASK_EFLAGS), EFLAGS_ONE | EFLAGS_IF);
}
/* A user task whose image lacks it is loaded as well. */
BEHAVE(mode_tss_loaded_user, KERNEL, JMP_TASK)
{
    struct cpu_step_info info;
    turn_on(f);
    put_task(f, SEL_TEST, TASK_TSS, 3, 0x89);
    step_once(f, &info);
    assert_int_equal(info.what, STEP_INSTRUCTION);
    assert_int_equal(f->state.cpl, 3);
}
/* Virtual-8086 mode counts as user: the frame of its interrupt has the bit. */
BEHAVE(mode_virtual, VIRTUAL, 0xCC)
{
    turn_on(f);
    put_gate(f, 3, SEL_CODE0, HANDLER(3), GATE_INT32 | ACC_DPL(3));
    run_to_halt(f);
    assert_in_handler(f, 3);
    assert_int_equal(FRAME32(f, 2), EFLAGS_ONE | EFLAGS_IF | EFLAGS_VM | EFLAGS_MODE);
}
/* IRET to virtual-8086 mode with the bit goes through. */
BEHAVE(mode_iret_v86_with_it, KERNEL, 0xCF)
{
    struct cpu_step_info info;
    const uint32_t frame[] = {0x0800, 0x1000, EFLAGS_ONE | EFLAGS_VM | EFLAGS_MODE,
                              0x0900, 0x0800, 0x1111,
                              0x3000, 0x3333, 0x4444};
    turn_on(f);
    memcpy(f->ram + STACK_TOP, frame, sizeof frame);
    step_once(f, &info);
    assert_int_equal(info.what, STEP_INSTRUCTION);
    assert_int_equal(f->state.eflags & EFLAGS_VM, EFLAGS_VM);
}
/* An IRET inside the kernel that claims to go to a user. */
BEHAVE(mode_iret_kernel_with_it, KERNEL, 0xCF)
{
    turn_on(f);
    put32(f, STACK_TOP, CODE_AT + 0x100);
    put32(f, STACK_TOP + 4, SEL_CODE0);
    put32(f, STACK_TOP + 8, EFLAGS_ONE | EFLAGS_MODE);
    run_to_halt(f);
    assert_in_handler(f, 13);
    assert_int_equal(FRAME32(f, 0), 0);
    assert_int_equal(FRAME32(f, 1), CODE_AT);
}
/* Turned off, bit 31 of an image means nothing, as on any processor. */
BEHAVE(mode_off_iret, KERNEL, 0xCF)
{
    f->config.level = CPU_I686;
    put32(f, STACK_TOP, CODE_AT + 0x100);
    put32(f, STACK_TOP + 4, SEL_CODE0);
    put32(f, STACK_TOP + 8, EFLAGS_ONE | EFLAGS_MODE);
    put8(f, CODE_AT + 0x100, 0xF4);
    run_to_halt(f);
    assert_halted_at(f, CODE_AT + 0x100);
    assert_int_equal(f->state.eflags, EFLAGS_ONE);
}
/* RESET turns it off. */
BEHAVE(mode_reset, KERNEL, 0x90)
{
    turn_on(f);
    fixture_load(f);
    cpu_reset(f->cpu);
    assert_int_equal(cpu_save(f->cpu)->mode_in_eflags, 0);
}
/* The i386 and the i486 have no such register: WRMSR is #UD. */
BEHAVE(mode_by_level, KERNEL, 0x0F, 0x30, 0xF4)
{
    const struct cpu_state start = f->state;
    for (enum cpu_level level = CPU_I386; level <= CPU_I686; level++) {
        f->state = start;
        f->state.gpr[REG_ECX] = 0x40000000;
        f->state.gpr[REG_EDX] = 0;
        f->state.gpr[REG_EAX] = 1;
        f->config.level = level;
        run_to_halt(f);
        assert_int_equal(f->state.mode_in_eflags, level >= CPU_I586);
        assert_int_equal(f->state.eip, level >= CPU_I586 ? CODE_AT + 3 : HANDLER(6) + 1);
    }
}
/* Only bit 0 of it exists. */
BEHAVE(mode_msr_other_bits, KERNEL, 0x0F, 0x30, 0xF4)
{
    f->config.level = CPU_I686;
    f->state.gpr[REG_ECX] = 0x40000000;
    f->state.gpr[REG_EDX] = 0;
    f->state.gpr[REG_EAX] = 2;
    run_to_halt(f);
    assert_in_handler(f, 13);
    assert_int_equal(f->state.mode_in_eflags, 0);
}
/* CPUID on an i486: no extension leaves; on all, no hypervisor bit (leaf 1, ECX bit 31). */
BEHAVE(mode_cpuid_by_level, KERNEL, 0x0F, 0xA2, 0xF4)
{
    const struct cpu_state start = f->state;
    for (enum cpu_level level = CPU_I486; level <= CPU_I686; level++) {
        f->config.level = level;
        f->state = start;
        f->state.gpr[REG_EAX] = 0x40000000;
        run_to_halt(f);
        const bool extended = f->state.gpr[REG_EAX] == 0x40000001;
        assert_int_equal(extended, level >= CPU_I586);
        f->state = start;
        f->state.gpr[REG_EAX] = 1;
        run_to_halt(f);
        assert_int_equal(f->state.gpr[REG_ECX], 0);
    }
}
