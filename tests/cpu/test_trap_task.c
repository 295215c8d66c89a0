/* Task switches that fail (80386 PRM table 7-1, 9.8.10). What is found before the switch is the old
 * task's fault, with nothing changed; the rest is the new task's, before its first instruction.
 * SPDX-License-Identifier: MIT */
#include "behave.h"
#include "task_rig.h"
#include "trap_check.h"

#define JMPF(sel)  CODE(0xEA, 0x00, 0x00, 0x00, 0x00, (sel)&0xFF, (sel) >> 8)
#define CALLF(sel) CODE(0x9A, 0x00, 0x00, 0x00, 0x00, (sel)&0xFF, (sel) >> 8)

/* ---- in the old task ---- */

TRAP_TEST(gp_tsw_dpl, 13, .mode = USER, JMPF(SEL_TEST), .error = SEL_TEST)
{
    put_second_task(f);
}
TRAP_TEST(np_tsw, 11, .mode = KERNEL, CALLF(SEL_TEST), .error = SEL_TEST)
{
    put_task(f, SEL_TEST, TASK_TSS, 0, 0x09);
}
TRAP_TEST(gp_tsw_busy, 13, .mode = KERNEL, JMPF(SEL_TSS), .error = SEL_TSS)
{
    (void)f;
}
TRAP_TEST(ts_tsw_limit, 10, .mode = KERNEL, JMPF(SEL_TEST), .error = SEL_TEST)
{
    put_descriptor(f, DESC_AT(SEL_TEST), TASK_TSS, TSS_LIMIT - 1, 0x89, 0);
}
/* The old TSS can not be written: its second page is missing. */
TRAP_TEST(pf_tsw_old, 14, .mode = KERNEL_PAGED, JMPF(SEL_TEST), .error = 2, .cr2 = 0x201000)
{
    put_second_task(f);
    put32(f, TABLE_AT + 0x200 * 4, 0x50000 | 0x67);
    put_page(f, 0x201000, 0);
    f->state.tr.base = 0x200FC0;
}

/* ---- task gates; SEL_TEST2 is the gate ---- */

static void gate(struct fixture *f, uint32_t tss)
{
    put_second_task(f);
    put32(f, DESC_AT(SEL_TEST2), tss << 16);
    put32(f, DESC_AT(SEL_TEST2) + 4, 0x8500);
}

TRAP_TEST(gp_tg_ti, 13, .mode = KERNEL, CALLF(SEL_TEST2), .error = SEL_LOCAL)
{
    gate(f, SEL_LOCAL);
}
TRAP_TEST(gp_tg_limit, 13, .mode = KERNEL, JMPF(SEL_TEST2), .error = SEL_OUTSIDE)
{
    gate(f, SEL_OUTSIDE);
}
TRAP_TEST(gp_tg_type, 13, .mode = KERNEL, JMPF(SEL_TEST2), .error = SEL_DATA0)
{
    gate(f, SEL_DATA0);
}
TRAP_TEST(gp_tg_busy, 13, .mode = KERNEL, CALLF(SEL_TEST2), .error = SEL_TSS)
{
    gate(f, SEL_TSS);
}
TRAP_TEST(np_tg_tss, 11, .mode = KERNEL, CALLF(SEL_TEST2), .error = SEL_TEST)
{
    gate(f, SEL_TEST);
    put_task(f, SEL_TEST, TASK_TSS, 0, 0x09);
}

/* ---- in the new task ---- */

struct refused {
    uint32_t path;   /* enum trap_path */
    uint32_t vector; /* of its handler */
    uint32_t error;  /* in its frame */
    uint32_t field;  /* of the new TSS */
    uint32_t value;  /* what is put there */
    uint32_t access; /* of SEL_TEST2, if not 0 */
};

/* JMP to the second task, one field of whose TSS is bad. */
static void check_refused(const struct refused *refused)
{
    static const uint8_t jump[] = {0xEA, 0, 0, 0, 0, SEL_TEST, 0};
    struct fixture f;
    fixture_start(&f, KERNEL, CPU_I486);
    put_code(&f, CODE_AT, jump, sizeof jump);
    put_second_task(&f);
    put_descriptor(&f, DESC_AT(SEL_TEST2), 0, 0xFFFF, refused->access, 0x40);
    put32(&f, TASK_TSS + refused->field, refused->value);

    run_to_halt(&f);

    assert_in_handler(&f, refused->vector);
    assert_int_equal(f.state.faults[0].path, refused->path);
    assert_int_equal(f.state.tr.selector, SEL_TEST);
    assert_int_equal(f.state.cr0 & CR0_TS, CR0_TS);
    assert_int_equal(get32(&f, TSS_AT + TASK_EIP), CODE_AT + 7); /* the old task is saved */
    assert_int_equal(FRAME32(&f, 0), refused->error);
    assert_int_equal(FRAME32(&f, 1),
                     refused->field == TASK_EIP ? refused->value : (uint32_t)TASK_CODE);
    fixture_end(&f);
}

#define REFUSED(id_, vector_, error_, field_, value_, access_)                                     \
    void test_trap_##id_(void **unused)                                                            \
    {                                                                                              \
        static const struct refused refused = {.path = PATH_##id_,                                 \
                                               .vector = (vector_),                                \
                                               .error = (error_),                                  \
                                               .field = (field_),                                  \
                                               .value = (value_),                                  \
                                               .access = (access_)};                               \
        (void)unused;                                                                              \
        check_refused(&refused);                                                                   \
    }
REFUSED(ts_tsw_ldt, 10, SEL_DATA0, TASK_LDT, SEL_DATA0, 0)
REFUSED(ts_tsw_cs, 10, SEL_DATA0, TASK_CS, SEL_DATA0, 0)
REFUSED(ts_tsw_cs_dpl, 10, SEL_CODE3 & 0xFFFC, TASK_CS, SEL_CODE3 & 0xFFFC, 0)
REFUSED(np_tsw_cs, 11, SEL_TEST2, TASK_CS, SEL_TEST2, ACC_CODE & ~0x80u)
REFUSED(ts_tsw_ss_null, 10, 0, TASK_SS, 0, 0)
REFUSED(ts_tsw_ss_limit, 10, SEL_OUTSIDE, TASK_SS, SEL_OUTSIDE, 0)
REFUSED(ts_tsw_ss_rpl, 10, SEL_DATA0, TASK_SS, SEL_DATA0 | 1, 0)
REFUSED(ts_tsw_ss_dpl, 10, SEL_DATA3 & 0xFFFC, TASK_SS, SEL_DATA3 & 0xFFFC, 0)
REFUSED(ts_tsw_ss_type, 10, SEL_CODE0, TASK_SS, SEL_CODE0, 0)
REFUSED(ss_tsw_ss_np, 12, SEL_TEST2, TASK_SS, SEL_TEST2, ACC_DATA & ~0x80u)
REFUSED(ts_tsw_ds_limit, 10, SEL_OUTSIDE, TASK_DS, SEL_OUTSIDE, 0)
REFUSED(ts_tsw_ds_type, 10, SEL_TSS, TASK_ES, SEL_TSS, 0)
REFUSED(ts_tsw_ds_dpl, 10, SEL_DATA0, TASK_GS, SEL_DATA0 | 3, 0)
REFUSED(np_tsw_ds, 11, SEL_TEST2, TASK_DS, SEL_TEST2, ACC_DATA & ~0x80u)

/* 16 MiB - 1 is the limit that the new CS has; EIP lies behind it. */
void test_trap_gp_tsw_eip(void **unused)
{
    static const uint8_t jump[] = {0xEA, 0, 0, 0, 0, SEL_TEST, 0};
    struct fixture f;
    (void)unused;
    fixture_start(&f, KERNEL, CPU_I486);
    put_code(&f, CODE_AT, jump, sizeof jump);
    put_second_task(&f);
    put_descriptor(&f, DESC_AT(SEL_TEST2), 0, 0xFFFF, ACC_CODE, 0x40);
    put32(&f, TASK_TSS + TASK_CS, SEL_TEST2);

    run_to_halt(&f);

    assert_in_handler(&f, 13);
    assert_int_equal(f.state.faults[0].path, PATH_gp_tsw_eip);
    assert_int_equal(FRAME32(&f, 0), 0);
    assert_int_equal(FRAME32(&f, 1), TASK_CODE);
    assert_int_equal(FRAME32(&f, 2), SEL_TEST2);
    fixture_end(&f);
}

/* #NP of INT 40h through a gate to a task without stack: the code has no room, and that fault
 * finds the stack of level 0, where CPL already is, too small as well: a double fault by a task
 * gate of its own ends it. */
void test_trap_ss_tg_err_room(void **unused)
{
    static const uint8_t interrupt[] = {0xCD, 0x40};
    struct fixture f;
    (void)unused;
    fixture_start(&f, KERNEL, CPU_I486);
    put_code(&f, CODE_AT, interrupt, sizeof interrupt);
    put_second_task(&f);
    put_descriptor(&f, DESC_AT(SEL_TEST2), 0, 0x8FFF, ACC_DATA, 0x40);
    put32(&f, TASK_TSS + TASK_SS, SEL_TEST2);
    put32(&f, TASK_TSS + TASK_ESP, 0x9003); /* the pushed word would end beyond the limit */
    put_gate(&f, 0x40, SEL_CODE0, HANDLER(0x40), 0x0E);
    put_task_gate(&f, 11, SEL_TEST, 0);
    put_task(&f, SEL_LDT, 0x42000, 0, 0x89);
    f.state.ldtr.usable = 0;
    put_task_gate(&f, 8, SEL_LDT, 0);

    run_to_halt(&f);

    assert_halted_at(&f, TASK_CODE);
    assert_int_equal(f.state.tr.selector, SEL_LDT);
    assert_int_equal(f.state.faults[1].path, PATH_ss_tg_err_room);
    assert_int_equal(f.state.gpr[REG_ESP], TASK_STACK - 4);
    assert_int_equal(FRAME32(&f, 0), 0);
    fixture_end(&f);
}
