/* What is recognised when, what leaves HLT, and what a reset makes of the processor; and rules that
 * differ by level (80386 PRM 9.2, 10.1, 15.4).
 * SPDX-License-Identifier: MIT */
#include "behave.h"
#include "task_rig.h"

#define NOP 0x90

/* An IRET that faults has not completed: NMI stays blocked (documented choice). */
BEHAVE(nmi_iret_fault, KERNEL, NOP)
{
    put8(f, HANDLER(2), 0xCF);
    f->state.nmi_pending = 1;
    struct cpu_step_info info;
    step_once(f, &info);
    assert_int_equal(f->state.nmi_blocked, 1);
    put32(f, f->state.gpr[REG_ESP] + 4, SEL_OUTSIDE); /* CS */
    step_once(f, &info);
    assert_int_equal(info.vector, 13);
    assert_int_equal(f->state.nmi_blocked, 1);
}

/* RESET ends HLT. */
BEHAVE(hlt_wake_reset, KERNEL, 0xF4)
{
    struct cpu_step_info info;
    step_once(f, &info);
    assert_int_equal(f->state.activity, ACTIVITY_HALTED);
    cpu_reset(f->cpu);
    f->state = *cpu_save(f->cpu);
    assert_int_equal(f->state.activity, ACTIVITY_RUNNING);
    assert_int_equal(f->state.eip, 0xFFF0);
}

/* 80386 PRM 10.1, i486 PRM 10.1: what RESET leaves, by level. */
BEHAVE(rst_vector, KERNEL, NOP)
{
    for (enum cpu_level level = CPU_I386; level <= CPU_I686; level++) {
        f->config.level = level;
        f->state.nmi_blocked = 1;
        fixture_load(f);
        cpu_reset(f->cpu);
        const struct cpu_state *s = cpu_save(f->cpu);
        assert_int_equal(s->eip, 0xFFF0);
        assert_int_equal(s->segments[SEG_CS].selector, 0xF000);
        assert_int_equal(s->segments[SEG_CS].base, 0xFFFF0000);
        assert_int_equal(s->eflags, EFLAGS_ONE);
        assert_int_equal(s->idtr.base, 0);
        assert_int_equal(s->idtr.limit, 0x3FF);
        assert_int_equal(s->cr0 & (CR0_PE | CR0_PG | CR0_TS | CR0_EM), 0);
        assert_int_equal(s->cr0 & (CR0_CD | CR0_NW), level == CPU_I386 ? 0 : CR0_CD | CR0_NW);
        assert_int_equal(s->gpr[REG_EDX] >> 8 & 0xF, 3 + (uint32_t)level);
        assert_int_equal(s->dr[7], level == CPU_I386 ? 0 : 0x400);
        assert_int_equal(s->nmi_blocked, 0);
        assert_int_equal(s->mode_in_eflags, 0);
        assert_int_equal(s->cr4, 0);
    }
}

/* All prefixes again: FS, 16-bit addresses, REP. Interrupted after part of it, then resumed. */
BEHAVE(rep_prefix_all, KERNEL, 0x64, 0x67, 0xF3, 0xA4, 0xF4)
{
    put8(f, HANDLER(0x40), 0xCF);
    f->vector = 0x40;
    f->state.gpr[REG_ECX] = 0x10040;
    f->state.gpr[REG_ESI] = 0xABCD0000;
    f->state.gpr[REG_EDI] = 0xABCD2000;
    f->state.segments[SEG_FS].base = DATA_AT;
    f->state.segments[SEG_ES].base = DATA_AT;
    fixture_load(f);
    cpu_run(f->cpu, 1000 + 60);
    cpu_set_interrupt_line(f->cpu, 1);
    cpu_run(f->cpu, UINT64_MAX);
    f->state = *cpu_save(f->cpu);
    assert_halted_at(f, CODE_AT + 4);
    assert_int_equal(f->state.deliveries, 1);
    assert_int_equal(f->state.gpr[REG_ECX], 0x10000);
    assert_int_equal(f->state.gpr[REG_EDI], 0xABCD2040);
    assert_memory_equal(f->ram + DATA_AT, f->ram + DATA_AT + 0x2000, 0x40);
}

/* Code that an instruction before has changed is what the handler runs. */
BEHAVE(dlv_queue, KERNEL, 0xC6, 0x05, 0x00, 0x04, 0x02, 0x00, 0x90, 0xCD, 0x40)
{
    run_to_halt(f); /* MOV BYTE [handler], NOP; INT 40h */
    assert_halted_at(f, HANDLER(0x40) + 1);
}

/* INT3 and INTO do not look at IOPL; the two-byte INT 3 does. */
BEHAVE(bp_int3_v86_noiopl, VIRTUAL, 0xCC)
{
    put_gate(f, 3, SEL_CODE0, HANDLER(3), GATE_INT32 | ACC_DPL(3));
    run_to_halt(f);
    assert_in_handler(f, 3);
    assert_int_equal(FRAME32(f, 0), (CODE_AT & 0xFFFF) + 1);
}
BEHAVE(bp_cd03, VIRTUAL, 0xCD, 0x03)
{
    put_gate(f, 3, SEL_CODE0, HANDLER(3), GATE_INT32 | ACC_DPL(3));
    run_to_halt(f);
    assert_in_handler(f, 13);
    assert_int_equal(FRAME32(f, 0), 0);
    assert_int_equal(FRAME32(f, 1), CODE_AT & 0xFFFF);
}
BEHAVE(of_into_v86_noiopl, VIRTUAL, 0xCE)
{
    put_gate(f, 4, SEL_CODE0, HANDLER(4), GATE_INT32 | ACC_DPL(3));
    f->state.eflags |= EFLAGS_OF;
    run_to_halt(f);
    assert_in_handler(f, 4);
}
/* LOCK is not IOPL sensitive (documented choice). */
BEHAVE(v86_lock, VIRTUAL, 0xF0, 0xFE, 0x06, 0x00, 0x00)
{
    struct cpu_step_info info;
    put8(f, DATA_AT, 7);
    step_once(f, &info);
    assert_int_equal(info.what, STEP_INSTRUCTION);
    assert_int_equal(f->ram[DATA_AT], 8);
}
/* LOCK BT: the i386 takes it, the i486 does not (documented choice). */
BEHAVE(ud_lock_bt, KERNEL, 0xF0, 0x0F, 0xBA, 0x25, 0x00, 0x00, 0x03, 0x00, 0x00, 0xF4)
{
    const struct cpu_state start = f->state;
    run_to_halt(f);
    assert_in_handler(f, 6);
    f->state = start;
    f->config.level = CPU_I386;
    run_to_halt(f);
    assert_halted_at(f, CODE_AT + 9);
}
/* A part without x87 is one whose software sets EM: ESC is #NM. */
BEHAVE(nm_no_fpu, KERNEL, 0xD9, 0xE8)
{
    f->state.cr0 |= CR0_EM;
    run_to_halt(f);
    assert_in_handler(f, 7);
    assert_int_equal(FRAME32(f, 0), CODE_AT);
}
/* Ten bytes of which two are beyond the limit: 13, on the i386 too (vector 9 does not exist). */
BEHAVE(gp_fpu_operand_486, KERNEL, 0xDB, 0x2D, 0xF8, 0xFF, 0x00, 0x00)
{
    const struct cpu_state start = f->state;
    for (enum cpu_level level = CPU_I386; level <= CPU_I486; level++) {
        f->state = start;
        f->state.segments[SEG_DS].limit = 0xFFFF;
        f->config.level = level;
        run_to_halt(f);
        assert_in_handler(f, 13);
        assert_int_equal(FRAME32(f, 0), 0);
    }
}

/* Address line 20 is masked for data, code, page directory and page table alike. */
BEHAVE(a20_mask, KERNEL_PAGED, 0xA1, 0x00, 0x00, 0x03, 0x00, 0xF4)
{
    f->state.a20_mask = 0xFFEFFFFF;
    f->state.cr3 = DIRECTORY_AT | 0x100000;
    put32(f, DIRECTORY_AT, (TABLE_AT | 0x100000) | 0x67);
    put32(f, TABLE_AT + 0x10 * 4, 0x110067);
    put32(f, TABLE_AT + 0x30 * 4, 0x130067);
    put32(f, DATA_AT, 0x12345678);
    run_to_halt(f);
    assert_halted_at(f, CODE_AT + 5);
    assert_int_equal(f->state.gpr[REG_EAX], 0x12345678);
}

/* ---- tasks ---- */

/* An exception of user code through a gate of DPL 0 to a TSS of DPL 0. */
BEHAVE(tsw_int_nopriv, USER, 0x0F, 0x0B)
{
    put_second_task(f);
    put_task_gate(f, 6, SEL_TEST, 0);
    run_to_halt(f);
    assert_halted_at(f, TASK_CODE);
}
/* The EIP saved by a fault is that of its instruction. */
BEHAVE(tsw_eip_saved, KERNEL, NOP, 0x0F, 0x0B)
{
    put_second_task(f);
    put_task_gate(f, 6, SEL_TEST, 0);
    run_to_halt(f);
    assert_halted_at(f, TASK_CODE);
    assert_int_equal(get32(f, TSS_AT + TASK_EIP), CODE_AT + 1);
}
/* The same CR3 is loaded again: what the TLB had is gone. */
BEHAVE(tsw_cr3_same, KERNEL_PAGED, 0xA1, 0x00, 0x00, 0x03, 0x00, 0xEA, 0, 0, 0, 0, SEL_TEST, 0)
{
    struct cpu_step_info info;
    put_second_task(f);
    put_code(f, TASK_CODE, (const uint8_t[]){0xA1, 0x00, 0x00, 0x03, 0x00}, 5);
    put32(f, 0x50000, 0xCAFE);
    step_once(f, &info);
    put32(f, TABLE_AT + 0x30 * 4, 0x50067); /* 30000h is elsewhere now */
    step_once(f, &info);
    step_once(f, &info);
    assert_int_equal(f->state.gpr[REG_EAX], 0xCAFE);
}
/* From virtual-8086 mode: the old task keeps VM in its image. */
BEHAVE(v86_int_taskgate, VIRTUAL, 0xCC)
{
    put_second_task(f);
    put_task_gate(f, 3, SEL_TEST, 3);
    run_to_halt(f);
    assert_halted_at(f, TASK_CODE);
    assert_int_equal(get32(f, TSS_AT + TASK_EFLAGS) & EFLAGS_VM, EFLAGS_VM);
    assert_int_equal(get16(f, TSS_AT + TASK_CS), 0x1000);
    assert_int_equal(f->state.eflags & (EFLAGS_VM | EFLAGS_NT), EFLAGS_NT);
}
