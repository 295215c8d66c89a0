/* Memory accesses that do not trap though they nearly do; paging and its TLB; LOCK; alignment
 * (80386 PRM 5.2, 6.3.1, 6.4; i486 PRM 6.4.3, 9.9.17).
 * SPDX-License-Identifier: MIT */
#include "behave.h"

#define FAR_PAGE  0x200000u
#define READ_FAR  0xA1, 0x10, 0x00, 0x20, 0x00
#define WRITE_FAR 0xA3, 0x10, 0x00, 0x20, 0x00
#define SPARE     0x50000u
#define PTE_OF(x) (TABLE_AT + ((x) >> 12) * 4)

static void map_far(struct fixture *f, uint32_t bits)
{
    put32(f, PTE_OF(FAR_PAGE), SPARE | bits);
    put32(f, SPARE + 0x10, 0x55AA55AA);
}

/* ---- limits ---- */

BEHAVE(gp_expand_down_out, KERNEL, 0xA1, 0x00, 0x00, 0x03, 0x00)
{
    put_segment(f, SEG_DS, SEL_DATA0, 0, 0xFFF, 0x4000 | ACC_DATA | ATTR_EXPAND_DOWN);
    run_to_halt(f);
    assert_halted_at(f, CODE_AT + 5);
    assert_int_equal(f->state.gpr[REG_EAX], get32(f, DATA_AT));
}
BEHAVE(limit_last_dword, KERNEL, 0xA1, 0xFC, 0x0F, 0x00, 0x00)
{
    put_segment(f, SEG_DS, SEL_DATA0, DATA_AT, 0xFFF, 0x4000 | ACC_DATA);
    run_to_halt(f);
    assert_halted_at(f, CODE_AT + 5);
    assert_int_equal(f->state.gpr[REG_EAX], get32(f, DATA_AT + 0xFFC));
}

/* ---- #DE, BOUND at the edge ---- */

BEHAVE(de_idiv_minneg_ok_8, KERNEL, 0xF6, 0xF9)
{
    f->state.gpr[REG_EAX] = 0xFF80;
    f->state.gpr[REG_ECX] = 1;
    run_to_halt(f);
    assert_int_equal(f->state.gpr[REG_EAX], 0x0080);
}
BEHAVE(de_idiv_minneg_ok_16, KERNEL, 0x66, 0xF7, 0xF9)
{
    f->state.gpr[REG_EAX] = 0x8000;
    f->state.gpr[REG_EDX] = 0xFFFF;
    f->state.gpr[REG_ECX] = 1;
    run_to_halt(f);
    assert_int_equal(f->state.gpr[REG_EAX], 0x8000);
    assert_int_equal(f->state.gpr[REG_EDX], 0);
}
BEHAVE(de_idiv_minneg_ok_32, KERNEL, 0xF7, 0xF9)
{
    f->state.gpr[REG_EAX] = 0x80000000;
    f->state.gpr[REG_EDX] = 0xFFFFFFFF;
    f->state.gpr[REG_ECX] = 1;
    run_to_halt(f);
    assert_int_equal(f->state.gpr[REG_EAX], 0x80000000);
    assert_int_equal(f->state.gpr[REG_EDX], 0);
}
BEHAVE(br_equal_ok, KERNEL, 0x62, 0x05, 0x00, 0x00, 0x03, 0x00)
{
    put32(f, DATA_AT, 0x11111111);
    put32(f, DATA_AT + 4, 0x11111111);
    run_to_halt(f);
    assert_halted_at(f, CODE_AT + 6);
}

/* ---- opcodes ---- */

BEHAVE(ud_prefetch_only, KERNEL, 0xEB, 0x02, 0x0F, 0x0B)
{
    run_to_halt(f);
    assert_halted_at(f, CODE_AT + 4);
}
BEHAVE(ud_rep_nonstring, KERNEL, 0xF3, 0x90, 0xF3, 0x40)
{
    run_to_halt(f);
    assert_int_equal(f->state.gpr[REG_EAX], 0x11111112);
}

/* LOCK before each operation that takes it, on [30000h]; one must not trap. */
#define LOCK_TEST(id, ...)                                                                         \
    BEHAVE(id, KERNEL, 0xF0, __VA_ARGS__, 0x00, 0x00, 0x03, 0x00)                                  \
    {                                                                                              \
        run_to_halt(f);                                                                            \
        assert_int_equal(f->state.deliveries, 0);                                                  \
    }
LOCK_TEST(ud_lock_ok_add, 0x01, 0x05)
LOCK_TEST(ud_lock_ok_or, 0x09, 0x05)
LOCK_TEST(ud_lock_ok_adc, 0x11, 0x05)
LOCK_TEST(ud_lock_ok_sbb, 0x19, 0x05)
LOCK_TEST(ud_lock_ok_and, 0x21, 0x05)
LOCK_TEST(ud_lock_ok_sub, 0x29, 0x05)
LOCK_TEST(ud_lock_ok_xor, 0x31, 0x05)
LOCK_TEST(ud_lock_ok_not, 0xF7, 0x15)
LOCK_TEST(ud_lock_ok_neg, 0xF7, 0x1D)
LOCK_TEST(ud_lock_ok_inc, 0xFF, 0x05)
LOCK_TEST(ud_lock_ok_dec, 0xFF, 0x0D)
LOCK_TEST(ud_lock_ok_xchg, 0x87, 0x05)
LOCK_TEST(ud_lock_ok_cmpxchg, 0x0F, 0xB1, 0x05)
LOCK_TEST(ud_lock_ok_xadd, 0x0F, 0xC1, 0x05)
#define LOCK_BIT_TEST(id, modrm)                                                                   \
    BEHAVE(id, KERNEL, 0xF0, 0x0F, 0xBA, modrm, 0x00, 0x00, 0x03, 0x00, 0x07)                      \
    {                                                                                              \
        run_to_halt(f);                                                                            \
        assert_int_equal(f->state.deliveries, 0);                                                  \
    }
LOCK_BIT_TEST(ud_lock_ok_bts, 0x2D)
LOCK_BIT_TEST(ud_lock_ok_btr, 0x35)
LOCK_BIT_TEST(ud_lock_ok_btc, 0x3D)

/* ---- paging ---- */

BEHAVE(ok_sup_write_readonly_386, KERNEL_PAGED, WRITE_FAR)
{
    map_far(f, 0x65);
    run_to_halt(f);
    assert_halted_at(f, CODE_AT + 5);
    assert_int_equal(get32(f, SPARE + 0x10), 0x11111111);
}
BEHAVE(ok_sup_read_any, KERNEL_PAGED, READ_FAR)
{
    map_far(f, 0x61); /* supervisor, read-only */
    f->state.cr0 |= CR0_WP;
    run_to_halt(f);
    assert_int_equal(f->state.gpr[REG_EAX], 0x55AA55AA);
}
/* A read sets A in both entries, D stays. */
BEHAVE(pf_ad_accessed, KERNEL_PAGED, READ_FAR)
{
    map_far(f, 0x07);
    put32(f, DIRECTORY_AT, TABLE_AT | 0x07);
    run_to_halt(f);
    assert_int_equal(get32(f, PTE_OF(FAR_PAGE)), SPARE | 0x27);
    assert_int_equal(get32(f, DIRECTORY_AT), TABLE_AT | 0x27);
}
BEHAVE(pf_ad_dirty, KERNEL_PAGED, WRITE_FAR)
{
    map_far(f, 0x07);
    run_to_halt(f);
    assert_int_equal(get32(f, PTE_OF(FAR_PAGE)), SPARE | 0x67);
}
/* Read first, then write: the entry in the TLB must not hide that D is still to be set. */
BEHAVE(pf_ad_dirty_after_read, KERNEL_PAGED, READ_FAR, WRITE_FAR)
{
    map_far(f, 0x07);
    run_to_halt(f);
    assert_int_equal(get32(f, PTE_OF(FAR_PAGE)), SPARE | 0x67);
}
BEHAVE(pf_ad_not_on_fault, USER_PAGED, WRITE_FAR)
{
    map_far(f, 0x05);
    run_to_halt(f);
    assert_in_handler(f, 14);
    assert_int_equal(get32(f, PTE_OF(FAR_PAGE)), SPARE | 0x05);
}
/* The handler makes the page present and returns: the instruction runs again and succeeds. */
BEHAVE(pf_cow_retry, USER_PAGED, WRITE_FAR, 0xCD, 0x80)
{
    /* MOV DWORD [PTE], SPARE | 67h; ADD ESP, 4; IRETD */
    static const uint8_t handler[] = {0xC7, 0x05, 0x00, 0x18, 0x06, 0x00, 0x67,
                                      0x00, 0x05, 0x00, 0x83, 0xC4, 0x04, 0xCF};
    put_gate(f, 14, SEL_CODE0, 0x12000, GATE_INT32);
    put_code(f, 0x12000, handler, sizeof handler);
    put_page(f, FAR_PAGE, 0);
    run_to_halt(f);
    assert_in_handler(f, 0x80);
    assert_int_equal(get32(f, SPARE + 0x10), 0x11111111);
    assert_int_equal(f->state.deliveries, 2);
}
/* A cleared entry goes on to be used from the TLB until CR3 is loaded. */
#define CLEAR_PTE 0xC7, 0x05, 0x00, 0x18, 0x06, 0x00, 0x00, 0x00, 0x00, 0x00
BEHAVE(tlb_stale, KERNEL_PAGED, READ_FAR, CLEAR_PTE, READ_FAR)
{
    map_far(f, 0x67);
    run_to_halt(f);
    assert_halted_at(f, CODE_AT + 20);
}
BEHAVE(tlb_flush_cr3, KERNEL_PAGED, READ_FAR, CLEAR_PTE, 0x0F, 0x20, 0xDB, 0x0F, 0x22, 0xDB,
       READ_FAR)
{
    map_far(f, 0x67);
    run_to_halt(f);
    assert_in_handler(f, 14);
    assert_int_equal(f->state.cr2, FAR_PAGE + 0x10);
    assert_int_equal(FRAME32(f, 1), CODE_AT + 21);
}
BEHAVE(tlb_invlpg, KERNEL_PAGED, READ_FAR, CLEAR_PTE, 0x0F, 0x01, 0x3D, 0x00, 0x00, 0x20, 0x00,
       READ_FAR)
{
    map_far(f, 0x67);
    run_to_halt(f);
    assert_in_handler(f, 14);
    assert_int_equal(FRAME32(f, 1), CODE_AT + 22);
}

/* ---- alignment ---- */

static void read_odd(struct fixture *f)
{
    run_to_halt(f);
    assert_in_handler(f, 0x80);
}
#define READ_ODD 0xA1, 0x01, 0x00, 0x03, 0x00
BEHAVE(ac_am0, USER, READ_ODD, 0xCD, 0x80)
{
    f->state.eflags |= EFLAGS_AC;
    read_odd(f);
}
BEHAVE(ac_ac0, USER, READ_ODD, 0xCD, 0x80)
{
    f->state.cr0 |= CR0_AM;
    read_odd(f);
}
BEHAVE(ac_cpl0, KERNEL, READ_ODD)
{
    f->state.cr0 |= CR0_AM;
    f->state.eflags |= EFLAGS_AC;
    run_to_halt(f);
    assert_halted_at(f, CODE_AT + 5);
}
/* The tables of the processor may lie as they like. */
BEHAVE(ac_implicit_none, USER, 0xCD, 0x80)
{
    memmove(f->ram + GDT_AT + 1, f->ram + GDT_AT, 0x100);
    f->state.gdtr.base = GDT_AT + 1;
    f->state.cr0 |= CR0_AM;
    f->state.eflags |= EFLAGS_AC;
    run_to_halt(f);
    assert_in_handler(f, 0x80);
}
BEHAVE(ac_vs_pf, USER_PAGED, 0xA1, 0x11, 0x00, 0x20, 0x00)
{
    put_page(f, FAR_PAGE, 0);
    f->state.cr0 |= CR0_AM;
    f->state.eflags |= EFLAGS_AC;
    run_to_halt(f);
    assert_in_handler(f, 14);
}

/* ---- restart: what a fault in the middle leaves alone ---- */

/* PUSHA whose last slots are in a missing page. */
BEHAVE(rst_pusha, USER_PAGED, 0x60)
{
    f->state.gpr[REG_ESP] = FAR_PAGE + 0x1010;
    put_page(f, FAR_PAGE, 0);
    run_to_halt(f);
    assert_in_handler(f, 14);
    assert_int_equal(f->state.cr2, FAR_PAGE + 0xFFC);
    assert_int_equal(FRAME32(f, 4), FAR_PAGE + 0x1010);
}
/* POP [200010h]: the pop is undone when the store fails. */
BEHAVE(rst_pop_memory, USER_PAGED, 0x8F, 0x05, 0x10, 0x00, 0x20, 0x00)
{
    put_page(f, FAR_PAGE, 0);
    run_to_halt(f);
    assert_in_handler(f, 14);
    assert_int_equal(FRAME32(f, 4), STACK_TOP);
}
/* CALL to where CS ends: nothing is pushed. */
BEHAVE(rst_call_limit, KERNEL, 0xE8, 0x00, 0x00, 0x01, 0x00)
{
    put_segment(f, SEG_CS, SEL_CODE0, 0, 0x1FFFF, 0x4000 | ACC_CODE);
    run_to_halt(f);
    assert_in_handler(f, 13);
    assert_int_equal(f->state.gpr[REG_ESP], STACK_TOP - 16);
}

/* ---- real mode ---- */

BEHAVE(rm_idt_relocated, REAL, 0x0F, 0x01, 0x1E, 0x00, 0x01, 0xCD, 0x40)
{
    put16(f, DATA_AT + 0x100, 0x3FF);
    put32(f, DATA_AT + 0x102, 0x51000);
    put16(f, 0x51000 + 0x100, 0x0123);
    put16(f, 0x51000 + 0x102, 0x1100);
    run_to_halt(f);
    assert_int_equal(f->state.segments[SEG_CS].selector, 0x1100);
    assert_int_equal(f->state.eip, 0x124);
}
BEHAVE(rm_pushsp, REAL, 0x54)
{
    run_to_halt(f);
    assert_int_equal(get16(f, 0x87FE), 0x800);
}
BEHAVE(rm_flags_15_12, REAL, 0x9D, 0x9C)
{
    put16(f, STACK_TOP, 0xFFD7 & ~EFLAGS_TF & ~EFLAGS_IF);
    run_to_halt(f);
    assert_int_equal(get16(f, STACK_TOP), 0x7CD7);
}
BEHAVE(rm_shift_31, REAL, 0xD3, 0xE0)
{
    f->state.gpr[REG_EAX] = 1;
    f->state.gpr[REG_ECX] = 0x22; /* 2 modulo 32 */
    run_to_halt(f);
    assert_int_equal(f->state.gpr[REG_EAX], 4);
}
BEHAVE(rm_int_if_tf_clear, REAL, 0xCD, 0x40)
{
    f->state.eflags |= EFLAGS_TF;
    run_to_halt(f);
    assert_int_equal(f->state.eip, 0x401);
    assert_int_equal(f->state.eflags, EFLAGS_ONE);
    assert_int_equal(get16(f, 0x87FE), EFLAGS_ONE | EFLAGS_IF | EFLAGS_TF);
}
/* A limit loaded in protected mode stays behind: LGDT; PE = 1; DS := flat; PE = 0; read 4 GiB. */
BEHAVE(rm_unreal, REAL, 0x0F, 0x20, 0xC0, 0x40, 0x0F, 0x22, 0xC0, 0xB9, SEL_DATA0, 0x00, 0x8E, 0xD9,
       0x48, 0x0F, 0x22, 0xC0, 0x31, 0xC9, 0x8E, 0xD9, 0x67, 0xA1, 0x10, 0x00, 0x05, 0x00)
{
    put_descriptor(f, 0x51000 + SEL_DATA0, 0, 0xFFFFF, ACC_DATA, FLAGS_32);
    put16(f, SPARE + 0x10, 0x9876);
    f->state.gdtr.base = 0x51000;
    f->state.gdtr.limit = 0xFF;
    run_to_halt(f);
    assert_int_equal(f->state.deliveries, 0);
    assert_int_equal(f->state.cr0, CR0_ET);
    assert_int_equal(f->state.gpr[REG_EAX] & 0xFFFF, 0x9876);
    assert_int_equal(f->state.segments[SEG_DS].base, 0);
    assert_int_equal(f->state.segments[SEG_DS].limit, 0xFFFFFFFF);
}
/* CS goes on as it was after PE is set, until a far jump. */
BEHAVE(rm_pe_cs_cache, REAL, 0x0F, 0x20, 0xC0, 0x40, 0x0F, 0x22, 0xC0, 0x43)
{
    run_to_halt(f);
    assert_int_equal(f->state.gpr[REG_EBX], 0x44444445);
    assert_int_equal(f->state.segments[SEG_CS].base, 0x10000);
    assert_int_equal(f->state.segments[SEG_CS].limit, 0xFFFF);
    assert_int_equal(f->state.segments[SEG_CS].attributes & ATTR_BIG, 0);
}
