/* Single step and the breakpoints of the debug registers. Single step is a trap, so EIP is that of
 * the next instruction and RF is not set in the image (80386 PRM 12.3.1.4).
 * SPDX-License-Identifier: MIT */
#include "behave.h"
#include "trap_check.h"

void test_trap_db_tf(void **unused)
{
    static const uint8_t nops[] = {0x90, 0x90};
    struct cpu_step_info info;
    struct fixture f;
    (void)unused;
    fixture_start(&f, KERNEL, CPU_I486);
    put_code(&f, CODE_AT, nops, sizeof nops);
    f.state.eflags |= EFLAGS_TF;
    fixture_load(&f);

    cpu_step(f.cpu, UINT64_MAX, &info);
    cpu_step(f.cpu, UINT64_MAX, &info);

    f.state = *cpu_save(f.cpu);
    assert_int_equal(info.what, STEP_DELIVERY);
    assert_int_equal(info.vector, 1);
    assert_int_equal(f.state.eip, HANDLER(1));
    assert_int_equal(f.state.eflags, EFLAGS_ONE);
    assert_int_equal(f.state.dr[6], 0xFFFF0FF0 | 0x4000);
    assert_int_equal(get32(&f, STACK_TOP - 12), CODE_AT + 1);
    assert_int_equal(get32(&f, STACK_TOP - 4), EFLAGS_ONE | EFLAGS_IF | EFLAGS_TF);
    assert_int_equal(f.state.clock, 1000 + 1 + 44);
    fixture_end(&f);
}

/* ---- breakpoints of the debug registers (80386 PRM 12.2, 12.3) ---- */

#define WATCH(number, kind, length)                                                                \
    ((2u << (2 * (number))) | ((kind) << (16 + 4 * (number))) | ((length) << (18 + 4 * (number))))
#define ON_EXECUTION 0u
#define ON_WRITE     1u
#define ON_ACCESS    3u
#define DR6_NONE     0xFFFF0FF0u

static void watch(struct fixture *f, uint32_t number, uint32_t address, uint32_t control)
{
    f->state.dr[number] = address;
    f->state.dr[7] |= control;
}

/* NOP, MOV [30004h],EAX, MOV EBX,[30008h], HLT */
#define WRITE_THEN_READ 0x90, 0xA3, 0x04, 0x00, 0x03, 0x00, 0x8B, 0x1D, 0x08, 0x00, 0x03, 0x00, 0xF4

void test_trap_db_execution(void **unused)
{
    static const uint8_t code[] = {WRITE_THEN_READ};
    struct fixture f;
    (void)unused;
    fixture_start(&f, KERNEL, CPU_I486);
    put_code(&f, CODE_AT, code, sizeof code);
    watch(&f, 2, CODE_AT + 1, WATCH(2, ON_EXECUTION, 0));

    run_to_halt(&f);

    assert_in_handler(&f, 1);
    assert_int_equal(f.state.faults[0].path, PATH_db_execution);
    assert_int_equal(f.state.dr[6], DR6_NONE | 4);
    assert_int_equal(FRAME32(&f, 0), CODE_AT + 1); /* before it */
    assert_int_equal(FRAME32(&f, 2), EFLAGS_ONE | EFLAGS_IF);
    assert_int_not_equal(get32(&f, 0x30004), 0x11111111);
    assert_int_equal(f.state.instructions, 2); /* NOP and the handler's HLT */
    fixture_end(&f);
}

void test_trap_db_data(void **unused)
{
    static const uint8_t code[] = {WRITE_THEN_READ};
    struct fixture f;
    (void)unused;
    fixture_start(&f, KERNEL, CPU_I486);
    put_code(&f, CODE_AT, code, sizeof code);
    watch(&f, 1, 0x30004, WATCH(1, ON_WRITE, 3));

    run_to_halt(&f);

    assert_in_handler(&f, 1);
    assert_int_equal(f.state.faults[0].path, PATH_db_data);
    assert_int_equal(f.state.dr[6], DR6_NONE | 2);
    assert_int_equal(FRAME32(&f, 0), CODE_AT + 6); /* after it: a trap */
    assert_int_equal(get32(&f, 0x30004), 0x11111111);
    fixture_end(&f);
}

void test_trap_db_general_detect(void **unused)
{
    static const uint8_t code[] = {0x0F, 0x21, 0xF0}; /* MOV EAX,DR6 */
    struct fixture f;
    (void)unused;
    fixture_start(&f, KERNEL, CPU_I486);
    put_code(&f, CODE_AT, code, sizeof code);
    f.state.dr[7] |= 0x2000;

    run_to_halt(&f);

    assert_in_handler(&f, 1);
    assert_int_equal(f.state.faults[0].path, PATH_db_general_detect);
    assert_int_equal(f.state.dr[6], DR6_NONE | 0x2000);
    assert_int_equal(f.state.dr[7], 0x400); /* GD is off for the handler */
    assert_int_equal(FRAME32(&f, 0), CODE_AT);
    assert_int_equal(f.state.gpr[REG_EAX], 0x11111111);
    fixture_end(&f);
}

/* RF in a popped image: the breakpoint at the instruction returned to is passed once. */
BEHAVE(db_ibp_rf, KERNEL, WRITE_THEN_READ)
{
    watch(f, 0, CODE_AT + 1, WATCH(0, ON_EXECUTION, 0));
    /* OR DWORD [ESP+8],10000h; IRET */
    put_code(f, HANDLER(1), (const uint8_t[]){0x81, 0x4C, 0x24, 0x08, 0, 0, 1, 0, 0xCF}, 9);

    run_to_halt(f);

    assert_halted_at(f, CODE_AT + 12);
    assert_int_equal(f->state.deliveries, 1);
    assert_int_equal(f->state.eflags & EFLAGS_RF, 0);
}

/* Reads and writes; the breakpoint of a word meets a dword that overlaps it. */
BEHAVE(db_dbp_rw, KERNEL, WRITE_THEN_READ)
{
    watch(f, 3, 0x3000A, WATCH(3, ON_ACCESS, 1));

    run_to_halt(f);

    assert_in_handler(f, 1);
    assert_int_equal(f->state.dr[6], DR6_NONE | 8);
    assert_int_equal(FRAME32(f, 0), CODE_AT + 12);
}
/* A write breakpoint does not see a read, and neither sees the bytes beside it. */
BEHAVE(db_dbp_write, KERNEL, WRITE_THEN_READ)
{
    watch(f, 0, 0x30008, WATCH(0, ON_WRITE, 3));
    watch(f, 1, 0x3000C, WATCH(1, ON_ACCESS, 3));
    watch(f, 2, 0x30003, WATCH(2, ON_ACCESS, 0));

    run_to_halt(f);

    assert_halted_at(f, CODE_AT + 12);
    assert_int_equal(f->state.dr[6], DR6_NONE);
}
/* LEN masks the low bits of the address: 30005h with four bytes is 30004h. */
BEHAVE(db_dbp_partial, KERNEL, WRITE_THEN_READ)
{
    watch(f, 0, 0x30005, WATCH(0, ON_WRITE, 3));

    run_to_halt(f);

    assert_in_handler(f, 1);
    assert_int_equal(f->state.dr[6], DR6_NONE | 1);
}
/* RF does not hold data breakpoints off. */
BEHAVE(db_dbp_rf_ignored, KERNEL, 0xA3, 0x04, 0x00, 0x03, 0x00, 0xF4)
{
    f->state.eflags |= EFLAGS_RF;
    watch(f, 0, 0x30004, WATCH(0, ON_WRITE, 3));

    run_to_halt(f);

    assert_in_handler(f, 1);
}
/* Not enabled: nothing happens. */
BEHAVE(db_bn_disabled, KERNEL, WRITE_THEN_READ)
{
    f->state.dr[0] = CODE_AT + 1;
    f->state.dr[1] = 0x30004;
    f->state.dr[7] |= 0x00F00000;

    run_to_halt(f);

    assert_halted_at(f, CODE_AT + 12);
}
/* A data breakpoint and the single step are one trap with both bits. */
BEHAVE(db_priority, KERNEL, 0xA3, 0x04, 0x00, 0x03, 0x00, 0xF4)
{
    f->state.eflags |= EFLAGS_TF;
    watch(f, 0, 0x30004, WATCH(0, ON_WRITE, 3));

    run_to_halt(f);

    assert_in_handler(f, 1);
    assert_int_equal(f->state.dr[6], DR6_NONE | 0x4001);
    assert_int_equal(f->state.deliveries, 1);
}
/* A string instruction stops after the iteration that meets it. */
BEHAVE(db_dbp_rep, KERNEL, 0xF3, 0xAA, 0xF4)
{
    f->state.gpr[REG_ECX] = 16;
    f->state.gpr[REG_EDI] = 0x38000;
    watch(f, 0, 0x38005, WATCH(0, ON_WRITE, 0));

    run_to_halt(f);

    assert_in_handler(f, 1);
    assert_int_equal(f->state.gpr[REG_ECX], 10);
    assert_int_equal(FRAME32(f, 0), CODE_AT); /* its remaining iterations */
}
