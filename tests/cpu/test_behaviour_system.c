/* Segment loads, system registers, flags and ports that succeed (80386 PRM 6.3, 8.3, 10, 17).
 * SPDX-License-Identifier: MIT */
#include "behave.h"

#define FLAGS_BEFORE (EFLAGS_ONE | EFLAGS_IF)
#define MOV_DS_AX    0x8E, 0xD8
#define NOP          0x90

/* ---- segment loads ---- */

BEHAVE(ok_load_null_ds, USER, MOV_DS_AX)
{
    struct cpu_step_info info;
    f->state.gpr[REG_EAX] = 3;
    step_once(f, &info);
    assert_int_equal(info.what, STEP_INSTRUCTION);
    assert_int_equal(f->state.segments[SEG_DS].selector, 3);
    assert_int_equal(f->state.segments[SEG_DS].usable, 0);
    assert_int_equal(f->state.clock, 1000 + 9);
}
BEHAVE(ok_load_ds_conf, USER, MOV_DS_AX)
{
    struct cpu_step_info info;
    f->state.gpr[REG_EAX] = SEL_CONFORM; /* DPL 0 */
    step_once(f, &info);
    assert_int_equal(info.what, STEP_INSTRUCTION);
    assert_int_equal(f->state.segments[SEG_DS].selector, SEL_CONFORM);
}
BEHAVE(acc_load, KERNEL, MOV_DS_AX)
{
    put_descriptor(f, DESC_AT(SEL_TEST), 0x12345678, 0x54321, 0x92, 0x40);
    f->state.gpr[REG_EAX] = SEL_TEST;
    run_to_halt(f);
    assert_int_equal(f->ram[DESC_AT(SEL_TEST) + 5], 0x93);
    assert_int_equal(f->state.segments[SEG_DS].base, 0x12345678);
    assert_int_equal(f->state.segments[SEG_DS].limit, 0x54321);
    assert_int_equal(f->state.segments[SEG_DS].attributes, 0x4093);
    assert_int_equal(f->state.clock, 1000 + 9 + 11 + 4);
}
BEHAVE(acc_load_not_on_failure, KERNEL, MOV_DS_AX)
{
    put_descriptor(f, DESC_AT(SEL_TEST), 0, 0xFFFFF, 0x12, FLAGS_32); /* not present */
    f->state.gpr[REG_EAX] = SEL_TEST;
    run_to_halt(f);
    assert_in_handler(f, 11);
    assert_int_equal(f->ram[DESC_AT(SEL_TEST) + 5], 0x12);
}
/* Granularity: the limit counts pages, the low 12 bits are ones. */
BEHAVE(load_granular, KERNEL, MOV_DS_AX)
{
    put_descriptor(f, DESC_AT(SEL_TEST), 0, 0x00012, 0x93, 0xC0);
    f->state.gpr[REG_EAX] = SEL_TEST;
    run_to_halt(f);
    assert_int_equal(f->state.segments[SEG_DS].limit, 0x12FFF);
}
BEHAVE(load_local, KERNEL, MOV_DS_AX)
{
    f->state.gpr[REG_EAX] = SEL_LOCAL;
    run_to_halt(f);
    assert_int_equal(f->state.segments[SEG_DS].selector, SEL_LOCAL);
    assert_int_equal(f->state.segments[SEG_DS].usable, 1);
}
/* POP SS to a 16-bit stack: the pop itself still counts in 32 bits. */
BEHAVE(pop_ss_width, KERNEL, 0x17, 0x66, 0x50)
{
    struct cpu_step_info info;
    put32(f, 0x1FFFE, SEL_STACK16);
    f->state.gpr[REG_ESP] = 0x1FFFE;
    step_once(f, &info);
    assert_int_equal(f->state.gpr[REG_ESP], 0x20002);
    step_once(f, &info);
    assert_int_equal(f->state.gpr[REG_ESP], 0x20000);
    assert_int_equal(get16(f, 0), 0x1111);
}
BEHAVE(lds, KERNEL, 0xC5, 0x1D, 0x00, 0x00, 0x03, 0x00)
{
    put32(f, DATA_AT, 0xCAFEBABE);
    put16(f, DATA_AT + 4, SEL_DATA3);
    run_to_halt(f);
    assert_int_equal(f->state.gpr[REG_EBX], 0xCAFEBABE);
    assert_int_equal(f->state.segments[SEG_DS].selector, SEL_DATA3);
    assert_int_equal(f->state.clock, 1000 + 12 + 4);
}
/* A far pointer to a bad selector: the register keeps its value. */
BEHAVE(rst_lds, KERNEL, 0xC5, 0x1D, 0x00, 0x00, 0x03, 0x00)
{
    put16(f, DATA_AT + 4, SEL_OUTSIDE);
    run_to_halt(f);
    assert_in_handler(f, 13);
    assert_int_equal(f->state.gpr[REG_EBX], 0x44444444);
    assert_int_equal(f->state.segments[SEG_DS].selector, SEL_DATA0);
}
BEHAVE(push_sreg, KERNEL, 0x0E, 0x0F, 0xA0, 0x66, 0x1E)
{
    run_to_halt(f);
    assert_int_equal(f->state.gpr[REG_ESP], STACK_TOP - 10);
    assert_int_equal(get32(f, STACK_TOP - 4), SEL_CODE0);
    assert_int_equal(get32(f, STACK_TOP - 8), SEL_DATA0);
    assert_int_equal(get16(f, STACK_TOP - 10), SEL_DATA0);
}

/* ---- LDTR, TR, descriptor tables ---- */

BEHAVE(ok_lldt_null, KERNEL, 0x0F, 0x00, 0xD0)
{
    f->state.gpr[REG_EAX] = 0;
    run_to_halt(f);
    assert_int_equal(f->state.ldtr.usable, 0);
    assert_int_equal(f->state.ldtr.selector, 0);
}
BEHAVE(lldt, KERNEL, 0x0F, 0x00, 0xD0)
{
    put_descriptor(f, DESC_AT(SEL_TEST), 0x45678, 0x3F, 0x82, 0);
    f->state.gpr[REG_EAX] = SEL_TEST;
    run_to_halt(f);
    assert_int_equal(f->state.ldtr.base, 0x45678);
    assert_int_equal(f->state.ldtr.limit, 0x3F);
    assert_int_equal(f->state.clock, 1000 + 11 + 4);
}
BEHAVE(ltr_marks_busy, KERNEL, 0x0F, 0x00, 0xD8)
{
    put_descriptor(f, DESC_AT(SEL_TEST), TSS_AT, 0x67, 0x89, 0);
    f->state.gpr[REG_EAX] = SEL_TEST;
    run_to_halt(f);
    assert_int_equal(f->ram[DESC_AT(SEL_TEST) + 5], 0x8B);
    assert_int_equal(f->state.tr.selector, SEL_TEST);
    assert_int_equal(f->state.tr.attributes, 0x8B);
    assert_int_equal(f->state.clock, 1000 + 20 + 4);
}
/* SLDT AX; STR BX; SMSW CX; SGDT [30000h] at CPL 3 */
BEHAVE(ok_sldt_cpl3, USER, 0x0F, 0x00, 0xC0, 0xCD, 0x80)
{
    run_to_halt(f);
    assert_in_handler(f, 0x80);
    assert_int_equal(f->state.gpr[REG_EAX], SEL_LDT);
}
BEHAVE(ok_str_cpl3, USER, 0x66, 0x0F, 0x00, 0xCB, 0xCD, 0x80)
{
    run_to_halt(f);
    assert_int_equal(f->state.gpr[REG_EBX], 0x44440000 | SEL_TSS);
}
BEHAVE(ok_smsw_cpl3, USER, 0x66, 0x0F, 0x01, 0xE1, 0xCD, 0x80)
{
    run_to_halt(f);
    assert_int_equal(f->state.gpr[REG_ECX], 0x22220011);
}
BEHAVE(ok_sgdt_cpl3, USER, 0x0F, 0x01, 0x05, 0x00, 0x00, 0x03, 0x00, 0xCD, 0x80)
{
    run_to_halt(f);
    assert_int_equal(get16(f, DATA_AT), GDT_LIMIT);
    assert_int_equal(get32(f, DATA_AT + 2), GDT_AT);
}
BEHAVE(ok_sidt_cpl3, USER, 0x0F, 0x01, 0x0D, 0x00, 0x00, 0x03, 0x00, 0xCD, 0x80)
{
    run_to_halt(f);
    assert_int_equal(get16(f, DATA_AT), IDT_LIMIT);
    assert_int_equal(get32(f, DATA_AT + 2), IDT_AT);
}
/* 16-bit operands take 24 bits of the base. */
BEHAVE(lgdt_16, KERNEL, 0x66, 0x0F, 0x01, 0x15, 0x00, 0x00, 0x03, 0x00)
{
    put16(f, DATA_AT, 0x1234);
    put32(f, DATA_AT + 2, 0xAB123456);
    run_to_halt(f);
    assert_int_equal(f->state.gdtr.limit, 0x1234);
    assert_int_equal(f->state.gdtr.base, 0x123456);
}

/* ---- LAR, LSL, VERR, VERW, ARPL ---- */

BEHAVE(ok_lar, USER, 0x0F, 0x02, 0xD8, 0xCD, 0x80)
{
    f->state.gpr[REG_EAX] = SEL_DATA3;
    run_to_halt(f);
    assert_int_equal(f->state.gpr[REG_EBX], 0x00C0F300);
    assert_int_equal(f->state.eflags & EFLAGS_ZF, EFLAGS_ZF);
}
BEHAVE(lar_invisible, USER, 0x0F, 0x02, 0xD8, 0xCD, 0x80)
{
    f->state.gpr[REG_EAX] = SEL_DATA0;
    f->state.eflags |= EFLAGS_ZF;
    run_to_halt(f);
    assert_int_equal(f->state.gpr[REG_EBX], 0x44444444);
    assert_int_equal(f->state.eflags & EFLAGS_ZF, 0);
}
BEHAVE(ok_lsl, KERNEL, 0x0F, 0x03, 0xD8)
{
    f->state.gpr[REG_EAX] = SEL_TSS;
    run_to_halt(f);
    assert_int_equal(f->state.gpr[REG_EBX], TSS_LIMIT);
    assert_int_equal(f->state.eflags & EFLAGS_ZF, EFLAGS_ZF);
}
BEHAVE(lsl_outside, KERNEL, 0x0F, 0x03, 0xD8)
{
    f->state.gpr[REG_EAX] = SEL_OUTSIDE;
    run_to_halt(f);
    assert_int_equal(f->state.gpr[REG_EBX], 0x44444444);
    assert_int_equal(f->state.deliveries, 0);
}
BEHAVE(ok_verr, USER, 0x0F, 0x00, 0xE0, 0xCD, 0x80)
{
    f->state.gpr[REG_EAX] = SEL_CONFORM;
    run_to_halt(f);
    assert_int_equal(f->state.eflags & EFLAGS_ZF, EFLAGS_ZF);
}
BEHAVE(verr_execute_only, KERNEL, 0x0F, 0x00, 0xE0)
{
    put_descriptor(f, DESC_AT(SEL_TEST), 0, 0xFFFFF, 0x99, FLAGS_32);
    f->state.gpr[REG_EAX] = SEL_TEST;
    f->state.eflags |= EFLAGS_ZF;
    run_to_halt(f);
    assert_int_equal(f->state.eflags & EFLAGS_ZF, 0);
}
BEHAVE(ok_verw, USER, 0x0F, 0x00, 0xE8, 0xCD, 0x80)
{
    f->state.gpr[REG_EAX] = SEL_DATA3;
    run_to_halt(f);
    assert_int_equal(f->state.eflags & EFLAGS_ZF, EFLAGS_ZF);
}
BEHAVE(verw_code, KERNEL, 0x0F, 0x00, 0xE8)
{
    f->state.gpr[REG_EAX] = SEL_CODE0;
    f->state.eflags |= EFLAGS_ZF;
    run_to_halt(f);
    assert_int_equal(f->state.eflags & EFLAGS_ZF, 0);
}
BEHAVE(ok_arpl, USER, 0x63, 0xC8, 0xCD, 0x80)
{
    f->state.gpr[REG_EAX] = 0x11110008;
    f->state.gpr[REG_ECX] = 0x0003;
    run_to_halt(f);
    assert_int_equal(f->state.gpr[REG_EAX], 0x1111000B);
    assert_int_equal(f->state.eflags & EFLAGS_ZF, EFLAGS_ZF);
}

/* ---- control registers ---- */

/* LMSW with PE = 0 sets the other bits and leaves PE. */
BEHAVE(lmsw_pe_noclear, KERNEL, 0x0F, 0x01, 0xF0)
{
    f->state.gpr[REG_EAX] = CR0_TS | CR0_MP;
    run_to_halt(f);
    assert_int_equal(f->state.cr0, CR0_PE | CR0_TS | CR0_MP | CR0_ET);
}
BEHAVE(cr0_ts_clts, KERNEL, 0x0F, 0x06)
{
    f->state.cr0 |= CR0_TS;
    run_to_halt(f);
    assert_int_equal(f->state.cr0, CR0_PE | CR0_ET);
}
/* From the 486 on ET reads 1; bits that do not exist read 0. */
BEHAVE(cr0_existing_bits, KERNEL, 0x0F, 0x22, 0xC0, 0x0F, 0x20, 0xC1)
{
    f->state.gpr[REG_EAX] = 0x7FFFFFEF | CR0_PE;
    run_to_halt(f);
    assert_int_equal(f->state.gpr[REG_ECX],
                     CR0_CD | CR0_NW | CR0_AM | CR0_WP | CR0_NE | CR0_ET | 0xF);
}
BEHAVE(cr0_pe_set, REAL, 0x0F, 0x20, 0xC0, 0x40, 0x0F, 0x22, 0xC0, NOP)
{
    run_to_halt(f);
    assert_int_equal(f->state.cr0, CR0_PE | CR0_ET);
    assert_int_equal(f->state.cpl, 0);
}
BEHAVE(dr_alias, KERNEL, 0x0F, 0x21, 0xE0, 0x0F, 0x21, 0xEB)
{
    run_to_halt(f);
    assert_int_equal(f->state.gpr[REG_EAX], 0xFFFF0FF0);
    assert_int_equal(f->state.gpr[REG_EBX], 0x400);
}

/* ---- PUSHF, POPF ---- */

static void popf(struct fixture *f, uint32_t value)
{
    struct cpu_step_info info;
    put32(f, STACK_TOP, value);
    step_once(f, &info);
    assert_int_equal(info.what, STEP_INSTRUCTION);
    assert_int_equal(f->state.gpr[REG_ESP], STACK_TOP + 4);
}
BEHAVE(popf_if_user_ignored, USER, 0x9D)
{
    popf(f, EFLAGS_ONE | EFLAGS_CF);
    assert_int_equal(f->state.eflags, FLAGS_BEFORE | EFLAGS_CF);
}
BEHAVE(popf_iopl_user_ignored, USER, 0x9D)
{
    popf(f, FLAGS_BEFORE | EFLAGS_IOPL);
    assert_int_equal(f->state.eflags, FLAGS_BEFORE);
}
BEHAVE(popf_iopl_cpl0, KERNEL, 0x9D)
{
    popf(f, FLAGS_BEFORE | EFLAGS_IOPL);
    assert_int_equal(f->state.eflags, FLAGS_BEFORE | EFLAGS_IOPL);
}
BEHAVE(popf_if_cpl_le_iopl, USER, 0x9D)
{
    f->state.eflags |= EFLAGS_IOPL;
    popf(f, EFLAGS_ONE);
    assert_int_equal(f->state.eflags, EFLAGS_ONE | EFLAGS_IOPL);
}
BEHAVE(popf_vm_ignored, KERNEL, 0x9D)
{
    popf(f, FLAGS_BEFORE | EFLAGS_VM);
    assert_int_equal(f->state.eflags, FLAGS_BEFORE);
}
BEHAVE(popf_rf_cleared, KERNEL, 0x9D)
{
    f->state.eflags |= EFLAGS_RF;
    popf(f, FLAGS_BEFORE | EFLAGS_RF);
    assert_int_equal(f->state.eflags, FLAGS_BEFORE);
}
BEHAVE(popf_nt, KERNEL, 0x9D)
{
    popf(f, FLAGS_BEFORE | EFLAGS_NT);
    assert_int_equal(f->state.eflags, FLAGS_BEFORE | EFLAGS_NT);
}
BEHAVE(popf_ac_486, USER, 0x9D)
{
    popf(f, FLAGS_BEFORE | EFLAGS_AC);
    assert_int_equal(f->state.eflags, FLAGS_BEFORE | EFLAGS_AC);
}
BEHAVE(popf_reserved, KERNEL, 0x9D)
{
    popf(f, 0xFFC08028);
    assert_int_equal(f->state.eflags, EFLAGS_ONE);
}
BEHAVE(popf_16_keeps_high, KERNEL, 0x66, 0x9D)
{
    struct cpu_step_info info;
    put16(f, STACK_TOP, EFLAGS_ONE | EFLAGS_SF);
    f->state.eflags |= EFLAGS_AC;
    step_once(f, &info);
    assert_int_equal(f->state.eflags, EFLAGS_ONE | EFLAGS_SF | EFLAGS_AC);
    assert_int_equal(f->state.gpr[REG_ESP], STACK_TOP + 2);
}
/* The trap comes after the instruction that follows. */
BEHAVE(popf_tf, KERNEL, 0x9D, NOP, NOP)
{
    put32(f, STACK_TOP, FLAGS_BEFORE | EFLAGS_TF);
    run_to_halt(f);
    assert_in_handler(f, 1);
    assert_int_equal(FRAME32(f, 0), CODE_AT + 2);
}
BEHAVE(pushf_vm_rf_zero, KERNEL, 0x9C)
{
    f->state.eflags |= EFLAGS_RF | EFLAGS_CF;
    run_to_halt(f);
    assert_int_equal(FRAME32(f, 0), FLAGS_BEFORE | EFLAGS_CF);
}

/* ---- ports ---- */

static void user_map(struct fixture *f)
{
    put16(f, TSS_AT + 0x66, 0x68);
    memset(f->ram + TSS_AT + 0x68, 0xFF, 33);
    f->state.tr.limit = 0x68 + 32;
}
static void allow(struct fixture *f, uint32_t port)
{
    f->ram[TSS_AT + 0x68 + port / 8] &= (uint8_t) ~(1u << (port & 7));
}
BEHAVE(gp_io_in_allow, USER, 0xE4, 0x60, 0xCD, 0x80)
{
    user_map(f);
    allow(f, 0x60);
    f->in.value = 0xA5;
    run_to_halt(f);
    assert_in_handler(f, 0x80);
    assert_int_equal(f->in.port, 0x60);
    assert_int_equal(f->in.size, 1);
    assert_int_equal(f->state.gpr[REG_EAX], 0x111111A5);
}
BEHAVE(gp_io_out_allow, USER, 0xE7, 0x60, 0xCD, 0x80)
{
    user_map(f);
    allow(f, 0x60);
    allow(f, 0x61);
    allow(f, 0x62);
    allow(f, 0x63);
    run_to_halt(f);
    assert_in_handler(f, 0x80);
    assert_int_equal(f->out.size, 4);
    assert_int_equal(f->out.value, 0x11111111);
}
BEHAVE(gp_io_ins_allow, USER, 0x6C, 0xCD, 0x80)
{
    user_map(f);
    allow(f, 0x21);
    f->state.gpr[REG_EDX] = 0x21;
    f->state.gpr[REG_EDI] = DATA_AT + 0x80;
    f->in.value = 0x5A;
    run_to_halt(f);
    assert_in_handler(f, 0x80);
    assert_int_equal(f->ram[DATA_AT + 0x80], 0x5A);
    assert_int_equal(f->state.gpr[REG_EDI], DATA_AT + 0x81);
}
BEHAVE(gp_io_outs_allow, USER, 0x6E, 0xCD, 0x80)
{
    user_map(f);
    allow(f, 0x21);
    f->state.gpr[REG_EDX] = 0x21;
    f->state.gpr[REG_ESI] = DATA_AT;
    run_to_halt(f);
    assert_in_handler(f, 0x80);
    assert_int_equal(f->out.value & 0xFF, (DATA_AT * 7 + 1) & 0xFF);
    assert_int_equal(f->state.gpr[REG_ESI], DATA_AT + 1);
}
BEHAVE(iobm_byte, USER, 0xEC, 0xCD, 0x80)
{
    user_map(f);
    allow(f, 0xFF); /* the last one of the map */
    f->state.gpr[REG_EDX] = 0xFF;
    run_to_halt(f);
    assert_in_handler(f, 0x80);
    assert_int_equal(f->in.port, 0xFF);
}
BEHAVE(iobm_cpl_le_iopl_skips, USER, 0xEC, 0xCD, 0x80)
{
    f->state.eflags |= EFLAGS_IOPL;
    f->state.gpr[REG_EDX] = 0x3F8;
    run_to_halt(f);
    assert_in_handler(f, 0x80);
    assert_int_equal(f->in.port, 0x3F8);
}
BEHAVE(iopl_cli_sti, USER, 0xFA, 0xFB, 0xCD, 0x80)
{
    f->state.eflags |= EFLAGS_IOPL;
    run_to_halt(f);
    assert_in_handler(f, 0x80);
}
/* REP INSB backwards, REP OUTSW */
BEHAVE(rep_ins, KERNEL, 0xF3, 0x6C)
{
    f->state.gpr[REG_ECX] = 4;
    f->state.gpr[REG_EDI] = DATA_AT + 0x103;
    f->state.eflags |= EFLAGS_DF;
    f->in.value = 0x77;
    run_to_halt(f);
    assert_int_equal(get32(f, DATA_AT + 0x100), 0x77777777);
    assert_int_equal(f->state.gpr[REG_EDI], DATA_AT + 0xFF);
    assert_int_equal(f->state.gpr[REG_ECX], 0);
    assert_int_equal(f->state.instructions, 2);
}
BEHAVE(rep_outs, KERNEL, 0xF3, 0x66, 0x6F)
{
    f->state.gpr[REG_ECX] = 3;
    f->state.gpr[REG_ESI] = DATA_AT;
    put16(f, DATA_AT + 4, 0xBEEF);
    run_to_halt(f);
    assert_int_equal(f->out.value & 0xFFFF, 0xBEEF);
    assert_int_equal(f->out.size, 2);
    assert_int_equal(f->state.gpr[REG_ESI], DATA_AT + 6);
}
BEHAVE(rep_ins_zero, KERNEL, 0xF3, 0x6C)
{
    f->state.gpr[REG_ECX] = 0;
    run_to_halt(f);
    assert_int_equal(f->in.count, 0);
}

/* ---- coprocessor, CPUID ---- */

BEHAVE(nm_wait_mp0, KERNEL, 0x9B)
{
    f->state.cr0 |= CR0_TS;
    run_to_halt(f);
    assert_halted_at(f, CODE_AT + 1);
}
BEHAVE(nm_wait_em, KERNEL, 0x9B)
{
    f->state.cr0 |= CR0_EM | CR0_MP;
    run_to_halt(f);
    assert_halted_at(f, CODE_AT + 1);
}
BEHAVE(cpuid_extension, USER, 0x0F, 0xA2, 0xCD, 0x80)
{
    f->config.level = CPU_I686;
    f->state.gpr[REG_EAX] = 0x40000000;
    run_to_halt(f);
    assert_int_equal(f->state.gpr[REG_EAX], 0x40000001);
    assert_memory_equal(&f->state.gpr[REG_EBX], "Ring", 4);
    assert_memory_equal(&f->state.gpr[REG_ECX], "side", 4);
    assert_memory_equal(&f->state.gpr[REG_EDX], "CPU ", 4);
}
BEHAVE(cpuid_mode_leaf, USER, 0x0F, 0xA2, 0xCD, 0x80)
{
    f->config.level = CPU_I686;
    f->state.gpr[REG_EAX] = 0x40000001;
    run_to_halt(f);
    assert_int_equal(f->state.gpr[REG_EAX] & 1, 1);
}
BEHAVE(rdtsc_clock, KERNEL, NOP, 0x0F, 0x31)
{
    f->config.level = CPU_I686;
    f->state.clock = 0x500001000;
    run_to_halt(f);
    assert_int_equal(f->state.gpr[REG_EAX], 0x1001);
    assert_int_equal(f->state.gpr[REG_EDX], 5);
}
BEHAVE(msr_clock, KERNEL, NOP, 0x0F, 0x32)
{
    f->config.level = CPU_I586;
    f->state.gpr[REG_ECX] = 0x40000001;
    run_to_halt(f);
    assert_int_equal(f->state.gpr[REG_EAX], 1001);
    assert_int_equal(f->state.gpr[REG_EDX], 0);
}
