/* Single step: a trap, so EIP is that of the next instruction and RF is not set in the image
 * (80386 PRM 12.3.1.4).
 * SPDX-License-Identifier: MIT */
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
