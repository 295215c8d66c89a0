/* The x87 as part of the processor: how errors are reported, faults of operands, environments, the
 * responses to exceptions. Numbers have other judges (tests/oracle, tests/mpfr).
 * See: 80387 PRM 2.1, 3.1, 3.5, 4; i486 PRM 16 and 18.
 * SPDX-License-Identifier: MIT */
#include "behave.h"

#define AT(address)                                                                                \
    (address) & 0xFF, (address) >> 8 & 0xFF, (address) >> 16 & 0xFF, (address) >> 24 & 0xFF
#define BIT_63 UINT64_C(0x8000000000000000)

#define FLD1        0xD9, 0xE8
#define FLDZ        0xD9, 0xEE
#define FLDPI       0xD9, 0xEB
#define FNINIT      0xDB, 0xE3
#define FNCLEX      0xDB, 0xE2
#define FNSTSW_AX   0xDF, 0xE0
#define FNSTENV(at) 0xD9, 0x35, AT(at)
#define FLDCW(at)   0xD9, 0x2D, AT(at)

/* ST(i) of a state. */
static uint32_t physical(const struct fixture *f, uint32_t i)
{
    return ((f->state.fpu.status >> 11) + i) & 7;
}

static void put_st(struct fixture *f, uint32_t i, uint32_t sign_exponent, uint64_t significand)
{
    const uint32_t at = physical(f, i);
    f->state.fpu.significand[at] = significand;
    f->state.fpu.sign_exponent[at] = (uint16_t)sign_exponent;
    f->state.fpu.occupied |= (uint16_t)(1u << at);
}

static void assert_st(const struct fixture *f, uint32_t i, uint32_t sign_exponent,
                      uint64_t significand)
{
    const uint32_t at = physical(f, i);
    assert_true(f->state.fpu.occupied >> at & 1);
    assert_int_equal(f->state.fpu.sign_exponent[at], sign_exponent);
    if (f->state.fpu.significand[at] != significand) {
        fail_msg("ST(%u) is %016jx, not %016jx", i, (uintmax_t)f->state.fpu.significand[at],
                 (uintmax_t)significand);
    }
}

/* ---- errors ---- */

static void pending_error(struct fixture *f)
{
    f->state.fpu.control = 0x37E;
    f->state.fpu.status = 0x8081;
}

/* FNINIT, FNCLEX, FNSTSW, FNSTCW, FNSTENV, FNSAVE do not look at it (i486 PRM 18.2). */
BEHAVE(mf_nowait, KERNEL, FNSTSW_AX, 0xD9, 0x3D, AT(DATA_AT), FNCLEX, 0x9B)
{
    pending_error(f);
    f->state.cr0 |= CR0_NE;
    run_to_halt(f);
    assert_halted_at(f, CODE_AT + 11);
    assert_int_equal(f->state.gpr[REG_EAX] & 0xFFFF, 0x8081);
    assert_int_equal(get16(f, DATA_AT), 0x37E);
    assert_int_equal(f->state.fpu.status, 0);
}
/* CR0.NE clear: FERR#, and the processor waits for the interrupt that comes of it. */
BEHAVE(mf_ne0, KERNEL, FLD1)
{
    pending_error(f);
    run_to_halt(f);
    assert_int_equal(f->state.activity, ACTIVITY_HALTED);
    assert_int_equal(f->state.eip, CODE_AT);
    assert_int_equal(f->state.instructions, 0);
    assert_int_equal(f->fpu_error, 1);
    assert_int_equal(f->state.fpu.error_line, 1);
    assert_int_equal(f->state.fpu.occupied, 0);
}
BEHAVE(mf_ne0_ignored, KERNEL, FLD1)
{
    pending_error(f);
    f->state.fpu.ignore_errors = 1;
    run_to_halt(f);
    assert_halted_at(f, CODE_AT + 2);
    assert_st(f, 0, 0x3FFF, BIT_63);
}
BEHAVE(mf_ne0_interrupt, KERNEL, FLD1)
{
    struct cpu_step_info info;
    pending_error(f);
    step_once(f, &info); /* freezes */
    cpu_set_interrupt_line(f->cpu, 1);
    f->vector = 0x75;
    step_once(f, &info);
    assert_int_equal(info.what, STEP_DELIVERY);
    assert_int_equal(info.vector, 0x75);
    assert_int_equal(FRAME32(f, 0), CODE_AT); /* the instruction that has not run */
}
/* FNCLEX takes FERR# back. */
BEHAVE(mf_ne0_cleared, KERNEL, FNCLEX, FLD1)
{
    pending_error(f);
    f->state.fpu.error_line = 1;
    f->fpu_error = 1;
    run_to_halt(f);
    assert_halted_at(f, CODE_AT + 4);
    assert_int_equal(f->state.fpu.error_line, 0);
    assert_int_equal(f->fpu_error, 0);
}
/* The i386 has no NE: always by the pin. */
void test_mf_386_error_pin(void **unused)
{
    static const uint8_t code[] = {FLD1};
    struct fixture f;
    (void)unused;
    fixture_start(&f, KERNEL, CPU_I386);
    put_code(&f, CODE_AT, code, sizeof code);
    pending_error(&f);
    run_to_halt(&f);
    assert_int_equal(f.state.eip, CODE_AT);
    assert_int_equal(f.fpu_error, 1);
    fixture_end(&f);
}
/* FLDCW that unmasks a flag that is set makes it pending at once. */
BEHAVE(fpu_control_word_unmasks, KERNEL, FLDCW(DATA_AT), FNSTSW_AX)
{
    put16(f, DATA_AT, 0x37B);
    f->state.fpu.status = 0x0004;
    run_to_halt(f);
    assert_int_equal(f->state.gpr[REG_EAX] & 0xFFFF, 0x8084);
}

/* ---- faults of the operand ---- */

BEHAVE(fpu_absent_before_memory, KERNEL, 0xDD, 0x05, 0xFF, 0xFF, 0xFF, 0xFF)
{
    f->state.cr0 |= CR0_TS;
    put_segment(f, SEG_DS, SEL_DATA0, 0, 0xFFF, 0x4000 | ACC_DATA);
    run_to_halt(f);
    assert_in_handler(f, 7);
}
static void assert_fpu_unchanged(struct fixture *f, const struct fpu_state *before)
{
    assert_memory_equal(&f->state.fpu, before, sizeof *before);
}
/* FSTP m64 whose last byte is beyond the limit. */
BEHAVE(fpu_store_faults_change_nothing, KERNEL, 0xDD, 0x1D, AT(DATA_AT))
{
    put_st(f, 0, 0x3FFF, BIT_63 | 1); /* would raise PE */
    const struct fpu_state before = f->state.fpu;
    put_segment(f, SEG_DS, SEL_DATA0, 0, DATA_AT + 6, 0x4000 | ACC_DATA);
    run_to_halt(f);
    assert_in_handler(f, 13);
    assert_fpu_unchanged(f, &before);
    assert_int_equal(f->ram[DATA_AT], (uint8_t)(DATA_AT * 7 + 1));
}
/* FLD m64 over the border of a page that is not there. */
BEHAVE(fpu_load_faults_change_nothing, USER_PAGED, 0xDD, 0x05, AT(DATA_AT + 0xFFC))
{
    const struct fpu_state before = f->state.fpu;
    put_page(f, DATA_AT + 0x1000, 0);
    run_to_halt(f);
    assert_in_handler(f, 14);
    assert_int_equal(f->state.cr2, DATA_AT + 0x1000);
    assert_fpu_unchanged(f, &before);
}
/* FNSAVE: none of its 108 bytes if the last ones have no page, and no FNINIT. */
BEHAVE(fpu_save_over_a_missing_page, USER_PAGED, 0xDD, 0x35, AT(DATA_AT + 0x1000 - 104))
{
    put_st(f, 0, 0x3FFF, BIT_63);
    const struct fpu_state before = f->state.fpu;
    put_page(f, DATA_AT + 0x1000, 0);
    run_to_halt(f);
    assert_in_handler(f, 14);
    assert_int_equal(f->state.cr2, DATA_AT + 0x1000);
    assert_int_equal(f->ram[DATA_AT + 0x1000 - 104], (uint8_t)((DATA_AT + 0x1000 - 104) * 7 + 1));
    assert_fpu_unchanged(f, &before);
}
/* i486 PRM 9.9.17: double precision wants 8. */
BEHAVE(fpu_alignment_8, USER, 0xDD, 0x05, AT(DATA_AT + 4))
{
    f->state.cr0 |= CR0_AM;
    f->state.eflags |= EFLAGS_AC;
    run_to_halt(f);
    assert_in_handler(f, 17);
}

/* ---- control and environment ---- */

BEHAVE(fpu_initialized, KERNEL, FLD1, FNINIT)
{
    f->state.fpu.control = 0x27F;
    f->state.fpu.code_offset = 5;
    run_to_halt(f);
    assert_int_equal(f->state.fpu.control, 0x37F);
    assert_int_equal(f->state.fpu.status, 0);
    assert_int_equal(f->state.fpu.occupied, 0);
    assert_int_equal(f->state.fpu.opcode, 0);
    assert_int_equal(f->state.fpu.code_offset, 0);
    assert_int_equal(f->state.fpu.data_offset, 0);
}
/* Figure 4-1: FLD m32 before, opcode 1 05. Tags: one valid register, 7. */
BEHAVE(fpu_environment_protected_32, KERNEL, 0xD9, 0x05, AT(DATA_AT), FNSTENV(DATA_AT + 0x100))
{
    put32(f, DATA_AT, 0x3F800000);
    run_to_halt(f);
    assert_int_equal(get32(f, DATA_AT + 0x100), 0xFFFF037F);
    assert_int_equal(get32(f, DATA_AT + 0x104), 0xFFFF3800);
    assert_int_equal(get32(f, DATA_AT + 0x108), 0xFFFF3FFF);
    assert_int_equal(get32(f, DATA_AT + 0x10C), CODE_AT);
    assert_int_equal(get32(f, DATA_AT + 0x110), 0x01050000 | SEL_CODE0);
    assert_int_equal(get32(f, DATA_AT + 0x114), DATA_AT);
    assert_int_equal(get32(f, DATA_AT + 0x118), 0xFFFF0000 | SEL_DATA0);
}
BEHAVE(fpu_environment_protected_16, KERNEL, 0xD9, 0x05, AT(DATA_AT), 0x66,
       FNSTENV(DATA_AT + 0x100))
{
    put32(f, DATA_AT, 0);
    run_to_halt(f);
    assert_int_equal(get16(f, DATA_AT + 0x100), 0x037F);
    assert_int_equal(get16(f, DATA_AT + 0x102), 0x3800);
    assert_int_equal(get16(f, DATA_AT + 0x104), 0x7FFF); /* zero */
    assert_int_equal(get16(f, DATA_AT + 0x106), CODE_AT & 0xFFFF);
    assert_int_equal(get16(f, DATA_AT + 0x108), SEL_CODE0);
    assert_int_equal(get16(f, DATA_AT + 0x10A), DATA_AT & 0xFFFF);
    assert_int_equal(get16(f, DATA_AT + 0x10C), SEL_DATA0);
    assert_int_equal(f->ram[DATA_AT + 0x10E], (uint8_t)((DATA_AT + 0x10E) * 7 + 1));
}
/* FLD m32 [10h], FNSTENV [100h]: linear addresses 10100 and 30010. */
BEHAVE(fpu_environment_real_16, REAL, 0xD9, 0x06, 0x10, 0x00, 0xD9, 0x36, 0x00, 0x01)
{
    run_to_halt(f);
    assert_int_equal(get16(f, DATA_AT + 0x106), 0x0100);
    assert_int_equal(get16(f, DATA_AT + 0x108), 0x1106);
    assert_int_equal(get16(f, DATA_AT + 0x10A), 0x0010);
    assert_int_equal(get16(f, DATA_AT + 0x10C), 0x3000);
}
BEHAVE(fpu_environment_real_32, REAL, 0xD9, 0x06, 0x10, 0x00, 0x66, 0xD9, 0x36, 0x00, 0x01)
{
    run_to_halt(f);
    assert_int_equal(get32(f, DATA_AT + 0x10C), 0xFFFF0100);
    assert_int_equal(get32(f, DATA_AT + 0x110), 0x00001106);
    assert_int_equal(get32(f, DATA_AT + 0x114), 0xFFFF0010);
    assert_int_equal(get32(f, DATA_AT + 0x118), 0x00003000);
}
/* FNSTENV masks everything when it has stored. */
BEHAVE(fpu_environment_masks, KERNEL, FNSTENV(DATA_AT), 0x9B, 0xD9, 0x25, AT(DATA_AT), FNSTSW_AX)
{
    pending_error(f);
    run_to_halt(f);
    assert_int_equal(get32(f, DATA_AT), 0xFFFF037E);
    assert_int_equal(get32(f, DATA_AT + 4), 0xFFFF8081);
    assert_int_equal(f->state.gpr[REG_EAX] & 0xFFFF, 0x8081);
}
BEHAVE(fpu_save_and_restore, KERNEL, FLD1, FLDPI, 0xDD, 0x35, AT(DATA_AT), FLDZ, 0xDD, 0x25,
       AT(DATA_AT))
{
    f->state.fpu.control = 0x27F;
    run_to_halt(f);
    assert_int_equal(f->state.fpu.control, 0x27F);
    assert_int_equal(f->state.fpu.occupied, 0xC0);
    assert_st(f, 0, 0x4000, UINT64_C(0xC90FDAA22168C235));
    assert_st(f, 1, 0x3FFF, BIT_63);
    assert_int_equal(get32(f, DATA_AT + 28), 0x2168C235); /* ST first, ten bytes each */
    assert_int_equal(get16(f, DATA_AT + 28 + 18), 0x3FFF);
}

/* ---- responses ---- */

/* 1 / 3 = 0.0101... : 24, 53 and 64 bits, to nearest. */
static void third_in(enum fixture_mode mode, uint32_t control, uint64_t significand)
{
    static const uint8_t code[] = {0xD8, 0xF1};
    struct fixture f;
    fixture_start(&f, mode, CPU_I486);
    put_code(&f, CODE_AT, code, sizeof code);
    f.state.fpu.control = (uint16_t)control;
    put_st(&f, 0, 0x3FFF, BIT_63);
    put_st(&f, 1, 0x4000, UINT64_C(0xC000000000000000));
    run_to_halt(&f);
    assert_st(&f, 0, 0x3FFD, significand);
    assert_int_equal(f.state.fpu.status & 0x3F, 0x20);
    fixture_end(&f);
}
void test_fpu_third_in_each_precision(void **unused)
{
    (void)unused;
    third_in(KERNEL, 0x07F, UINT64_C(0xAAAAAB0000000000));
    third_in(KERNEL, 0x27F, UINT64_C(0xAAAAAAAAAAAAA800));
    third_in(KERNEL, 0x37F, UINT64_C(0xAAAAAAAAAAAAAAAB));
    third_in(REAL, 0xB7F, UINT64_C(0xAAAAAAAAAAAAAAAB)); /* up */
    third_in(REAL, 0xF7F, UINT64_C(0xAAAAAAAAAAAAAAAA)); /* truncate */
}
/* 2^16383 * 2^16383, OE not masked: exponent less 24576 (80387 PRM 3.5.5). */
BEHAVE(fpu_unmasked_overflow, KERNEL, 0xDC, 0xC8)
{
    f->state.fpu.control = 0x377;
    put_st(f, 0, 0x7FFE, BIT_63);
    run_to_halt(f);
    assert_st(f, 0, 0x7FFE + 0x7FFE - 0x3FFF - 24576, BIT_63);
    assert_int_equal(f->state.fpu.status & 0x80FF, 0x8088);
}
/* 2^-16382 / 2^10, UE not masked: exponent plus 24576, though exact. */
BEHAVE(fpu_unmasked_underflow, KERNEL, 0xD8, 0xF1)
{
    f->state.fpu.control = 0x36F;
    put_st(f, 0, 1, BIT_63);
    put_st(f, 1, 0x3FFF + 10, BIT_63);
    run_to_halt(f);
    assert_st(f, 0, 1 - 10 + 24576, BIT_63);
    assert_int_equal(f->state.fpu.status & 0x80FF, 0x8090);
}
/* FSTP m32 of 2^200: nothing stored, nothing popped. */
BEHAVE(fpu_unmasked_store_overflow, KERNEL, 0xD9, 0x1D, AT(DATA_AT))
{
    f->state.fpu.control = 0x377;
    put32(f, DATA_AT, 0x12345678);
    put_st(f, 0, 0x3FFF + 200, BIT_63);
    run_to_halt(f);
    assert_int_equal(get32(f, DATA_AT), 0x12345678);
    assert_st(f, 0, 0x3FFF + 200, BIT_63);
    assert_int_equal(f->state.fpu.status & 0x80FF, 0x8088);
}
BEHAVE(fpu_stack_overflow, KERNEL, FLD1)
{
    f->state.fpu.occupied = 0xFF;
    run_to_halt(f);
    assert_st(f, 0, 0xFFFF, UINT64_C(0xC000000000000000));
    assert_int_equal(f->state.fpu.status, 0x3A41); /* TOP 7, C1, SF, IE */
}
BEHAVE(fpu_stack_underflow, KERNEL, 0xD8, 0xC1)
{
    put_st(f, 0, 0x3FFF, BIT_63);
    run_to_halt(f);
    assert_st(f, 0, 0xFFFF, UINT64_C(0xC000000000000000));
    assert_int_equal(f->state.fpu.status, 0x0041);
}
BEHAVE(fpu_unmasked_stack_fault, KERNEL, FLD1)
{
    f->state.fpu.occupied = 0xFF;
    f->state.fpu.control = 0x37E;
    run_to_halt(f);
    assert_int_equal(f->state.fpu.status, 0x82C1); /* TOP stays */
    assert_int_equal(f->state.fpu.sign_exponent[7], 0);
}
/* 80387 PRM FXAM: C3 C2 C0, and C1 for the sign. */
void test_fpu_examine(void **unused)
{
    static const struct {
        uint16_t sign_exponent, status;
        uint64_t significand;
    } rows[] = {{0x3FFF, 0x0400, BIT_63}, {0xBFFF, 0x0600, BIT_63 | 5},
                {0x0000, 0x4000, 0},      {0x8000, 0x4200, 0},
                {0x7FFF, 0x0500, BIT_63}, {0xFFFF, 0x0300, BIT_63 | 1},
                {0x0000, 0x4400, 1},      {0x0000, 0x4400, BIT_63}, /* pseudo-denormal */
                {0x1234, 0x0000, 1},                                /* unnormal */
                {0x7FFF, 0x0000, 1}};                               /* pseudo-NaN */
    static const uint8_t code[] = {0xD9, 0xE5};
    (void)unused;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct fixture f;
        struct cpu_step_info info;
        fixture_start(&f, KERNEL, CPU_I486);
        put_code(&f, CODE_AT, code, sizeof code);
        put_st(&f, 0, rows[i].sign_exponent, rows[i].significand);
        step_once(&f, &info);
        assert_int_equal(f.state.fpu.status, rows[i].status);
        fixture_end(&f);
    }
}
/* What kernels test for: 4195835 / 3145727 * 3145727 - 4195835 = 0 (FDIV of 1994 gave 256). */
BEHAVE(fpu_divide_check, KERNEL, FNINIT, 0xDD, 0x05, AT(DATA_AT), 0xDC, 0x35, AT(DATA_AT + 8), 0xDC,
       0x0D, AT(DATA_AT + 8), 0xDD, 0x05, AT(DATA_AT), 0xDE, 0xE1, 0xDB, 0x1D, AT(DATA_AT + 16))
{
    put32(f, DATA_AT, 0xC0000000); /* 4195835.0 */
    put32(f, DATA_AT + 4, 0x4150017E);
    put32(f, DATA_AT + 8, 0x80000000); /* 3145727.0 */
    put32(f, DATA_AT + 12, 0x4147FFFF);
    run_to_halt(f);
    assert_int_equal(get32(f, DATA_AT + 16), 0);
}
