/* CR4: 4 MiB pages, global pages, RDTSC kept from users; and which level has which of them (Pentium
 * family manual 3, 10.1.3 and 11.3; later manuals 4.3, 4.10). Linear 400000h is a large page onto
 * the first RAM, so that 430000h is DATA_AT.
 * SPDX-License-Identifier: MIT */
#include "behave.h"

#include "cpu/cpuid.h"
#include "task_rig.h"
#include "trap_check.h"

#define LARGE      0x80u
#define GLOBAL     0x100u
#define PDE_AT     (DIRECTORY_AT + 4)
#define VIA(at)    (0x400000u + (at))
#define READ(at)   0xA1, 0x00, (at) >> 8 & 0xFF, (at) >> 16 & 0xFF, (at) >> 24
#define WRITE(at)  0xA3, 0x00, (at) >> 8 & 0xFF, (at) >> 16 & 0xFF, (at) >> 24
#define WITH_CR4   0x0F, 0x22, 0xE0 /* MOV CR4, EAX */
#define RELOAD_CR3 0x0F, 0x20, 0xD9, 0x0F, 0x22, 0xD9

static void put_large(struct fixture *f, uint32_t bits)
{
    f->config.level = CPU_I686;
    f->state.cr4 = CR4_PSE;
    put32(f, PDE_AT, LARGE | bits);
}

/* ---- the TLB's parts ---- */

static uint32_t entries(const struct fixture *f, uint32_t bits)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < TLB_DATA_ENTRIES; i++) {
        const struct tlb_entry_state *entry = &f->state.tlb_data[i];
        count += entry->linear && (entry->physical & bits) == bits;
    }
    return count;
}

/* A and D are those of the directory entry; nothing is read below it. */
BEHAVE(pse_read, KERNEL_PAGED, READ(VIA(DATA_AT)), 0xF4)
{
    put_large(f, 0x07);
    put32(f, DATA_AT, 0x12345678);
    run_to_halt(f);
    assert_halted_at(f, CODE_AT + 5);
    assert_int_equal(f->state.gpr[REG_EAX], 0x12345678);
    assert_int_equal(get32(f, PDE_AT), LARGE | 0x27);
    assert_int_equal(entries(f, TLB_LARGE), 1);
}
BEHAVE(pse_write, KERNEL_PAGED, WRITE(VIA(DATA_AT)), 0xF4)
{
    put_large(f, 0x07);
    run_to_halt(f);
    assert_int_equal(get32(f, DATA_AT), 0x11111111);
    assert_int_equal(get32(f, PDE_AT), LARGE | 0x67);
    /* i486: MOV 1, code page 13, this page 13 and a write of its entry 7, HLT 4 */
    assert_int_equal(f->state.clock, 1000 + 1 + 13 + 13 + 7 + 4);
}
/* The entry was read before: D comes with a walk of its own. */
BEHAVE(pse_write_after_read, KERNEL_PAGED, READ(VIA(DATA_AT)), WRITE(VIA(DATA_AT)), 0xF4)
{
    put_large(f, 0x07);
    run_to_halt(f);
    assert_int_equal(get32(f, PDE_AT), LARGE | 0x67);
}
/* Code too. JMP 410110h */
BEHAVE(pse_fetch, KERNEL_PAGED, 0xE9, 0x0B, 0x00, 0x40, 0x00)
{
    put_large(f, 0x05);
    run_to_halt(f);
    assert_halted_at(f, VIA(CODE_AT) + 0x10);
    assert_int_equal(get32(f, PDE_AT), LARGE | 0x25);
}
/* The last of its four megabytes is behind RAM: ones, and no fault. */
BEHAVE(pse_whole_range, KERNEL_PAGED, READ(0x7FF000u), 0xF4)
{
    put_large(f, 0x07);
    run_to_halt(f);
    assert_int_equal(f->state.gpr[REG_EAX], 0xFFFFFFFF);
}
/* Without CR4.PSE bit 7 means nothing: the entry leads to a table. */
BEHAVE(pse_off, KERNEL_PAGED, READ(VIA(DATA_AT)), 0xF4)
{
    put_large(f, 0x07 | TABLE_AT);
    f->state.cr4 = 0;
    put32(f, TABLE_AT + 0x30 * 4, 0x50067);
    put32(f, 0x50000, 0xCAFE);
    run_to_halt(f);
    assert_int_equal(f->state.gpr[REG_EAX], 0xCAFE);
}
BEHAVE(pse_user_supervisor, USER_PAGED, READ(VIA(DATA_AT)))
{
    put_large(f, 0x03);
    run_to_halt(f);
    assert_in_handler(f, 14);
    assert_int_equal(FRAME32(f, 0), 5);
    assert_int_equal(f->state.cr2, VIA(DATA_AT));
    assert_int_equal(get32(f, PDE_AT), LARGE | 0x03); /* no A on a fault */
}
BEHAVE(pse_user_write, USER_PAGED, WRITE(VIA(DATA_AT)))
{
    put_large(f, 0x05);
    run_to_halt(f);
    assert_in_handler(f, 14);
    assert_int_equal(FRAME32(f, 0), 7);
}
/* CR0.WP holds for large pages. */
BEHAVE(pse_write_protect, KERNEL_PAGED, WRITE(VIA(DATA_AT)), 0xF4)
{
    const struct cpu_state start = f->state;
    put_large(f, 0x05);
    run_to_halt(f);
    assert_int_equal(get32(f, DATA_AT), 0x11111111);
    f->state = start;
    put_large(f, 0x05);
    f->state.cr0 |= CR0_WP;
    run_to_halt(f);
    assert_in_handler(f, 14);
    assert_int_equal(FRAME32(f, 0), 3);
}

/* Bits 12 to 21 are reserved: no PSE-36, no PAT. */
TRAP_TEST(pf_reserved, 14, .mode = KERNEL_PAGED, .cpu = AS_I686, CODE(READ(VIA(DATA_AT))),
          .error = 9, .cr2 = VIA(DATA_AT))
{
    put_large(f, 0x67 | 0x200000);
}

/* ---- INVLPG, CR3 ---- */

/* INVLPG of any address in a large page drops all of its parts. */
BEHAVE(pse_invlpg, KERNEL_PAGED, READ(VIA(DATA_AT)), READ(VIA(0x40000)), 0x0F, 0x01, 0x3D, 0x00,
       0x00, 0x7F, 0x00, 0xF4)
{
    put_large(f, 0x67);
    run_to_halt(f);
    assert_halted_at(f, CODE_AT + 17);
    assert_int_equal(entries(f, TLB_LARGE), 0);
}
/* A large page that became a table is not seen until then. */
BEHAVE(pse_stale, KERNEL_PAGED, READ(VIA(DATA_AT)), 0xC7, 0x05, 0x04, 0x00, 0x06, 0x00, 0x67, 0x10,
       0x06, 0x00, READ(VIA(DATA_AT)), 0x89, 0xC1, 0x0F, 0x01, 0x3D, 0x00, 0x00, 0x40, 0x00,
       READ(VIA(DATA_AT)), 0xF4)
{
    put_large(f, 0x67);
    put32(f, DATA_AT, 0x11);
    put32(f, TABLE_AT + 0x30 * 4, 0x50067);
    put32(f, 0x50000, 0x22);
    run_to_halt(f);
    assert_int_equal(f->state.gpr[REG_ECX], 0x11);
    assert_int_equal(f->state.gpr[REG_EAX], 0x22);
}

/* Page 50h is global, 51h is not. */
static void put_global(struct fixture *f)
{
    f->config.level = CPU_I686;
    f->state.cr4 = CR4_PGE;
    put_page(f, 0x50000, GLOBAL | 0x67);
    put_page(f, 0x51000, 0x67);
}

BEHAVE(pge_cr3, KERNEL_PAGED, READ(0x50000), READ(0x51000), RELOAD_CR3, 0xF4)
{
    put_global(f);
    run_to_halt(f);
    assert_halted_at(f, CODE_AT + 16);
    assert_int_equal(f->state.tlb_data[0x50].linear, 0x50000 | TLB_VALID);
    assert_int_equal(f->state.tlb_data[0x51].linear, 0);
}
/* Large pages may be global as well. */
BEHAVE(pge_large, KERNEL_PAGED, READ(VIA(DATA_AT)), RELOAD_CR3, 0xF4)
{
    put_large(f, GLOBAL | 0x67);
    f->state.cr4 |= CR4_PGE;
    run_to_halt(f);
    assert_int_equal(entries(f, TLB_LARGE | TLB_GLOBAL), 1);
}
/* The bit of the directory entry of a table means nothing. */
BEHAVE(pge_not_of_a_table, KERNEL_PAGED, READ(0x51000), RELOAD_CR3, 0xF4)
{
    put_global(f);
    put32(f, DIRECTORY_AT, TABLE_AT | GLOBAL | 0x67);
    run_to_halt(f);
    assert_int_equal(f->state.tlb_data[0x51].linear, 0);
}
BEHAVE(pge_off, KERNEL_PAGED, READ(0x50000), RELOAD_CR3, 0xF4)
{
    put_global(f);
    f->state.cr4 = 0;
    run_to_halt(f);
    assert_int_equal(f->state.tlb_data[0x50].linear, 0);
}
BEHAVE(pge_invlpg, KERNEL_PAGED, READ(0x50000), 0x0F, 0x01, 0x3D, 0x00, 0x00, 0x05, 0x00, 0xF4)
{
    put_global(f);
    run_to_halt(f);
    assert_int_equal(f->state.tlb_data[0x50].linear, 0);
}
/* A change of CR4.PGE empties the TLB, global pages too. */
BEHAVE(pge_cleared, KERNEL_PAGED, READ(0x50000), 0x31, 0xC0, WITH_CR4, 0xF4)
{
    put_global(f);
    run_to_halt(f);
    assert_int_equal(f->state.cr4, 0);
    assert_int_equal(f->state.tlb_data[0x50].linear, 0);
}
BEHAVE(pge_task, KERNEL_PAGED, READ(0x50000), 0xEA, 0, 0, 0, 0, SEL_TEST, 0)
{
    put_global(f);
    put_second_task(f);
    run_to_halt(f);
    assert_halted_at(f, TASK_CODE);
    assert_int_equal(f->state.tlb_data[0x50].linear, 0x50000 | TLB_VALID);
}

/* ---- RDTSC and levels ---- */

TRAP_TEST(gp_rdtsc, 13, .mode = USER, .cpu = AS_I586, CODE(0x0F, 0x31), .error = 0)
{
    f->state.cr4 = CR4_TSD;
}
BEHAVE(tsd_kernel, KERNEL, 0x0F, 0x31, 0xF4)
{
    f->config.level = CPU_I586;
    f->state.cr4 = CR4_TSD;
    run_to_halt(f);
    assert_halted_at(f, CODE_AT + 2);
}

/* Each bit of CR4 is accepted where CPUID announces it, and #GP elsewhere. */
BEHAVE(cr4_by_level, KERNEL, WITH_CR4, 0xF4)
{
    const struct cpu_state start = f->state;
    for (enum cpu_level level = CPU_I586; level <= CPU_I686; level++) {
        const uint32_t features = cpuid_features(level);
        const uint32_t known = (features & 0x10 ? CR4_TSD : 0) | (features & 0x08 ? CR4_PSE : 0) |
                               (features & 0x2000 ? CR4_PGE : 0);
        assert_int_equal(known, level == CPU_I586 ? 0x14 : 0x94);
        for (uint32_t bit = 0; bit < 32; bit++) {
            f->state = start;
            f->state.gpr[REG_EAX] = 1u << bit;
            f->config.level = level;
            f->config.undecoded = 0;
            run_to_halt(f);
            if (known >> bit & 1) {
                assert_halted_at(f, CODE_AT + 3);
                assert_int_equal(f->state.cr4, 1u << bit);
            } else {
                assert_in_handler(f, 13);
                assert_int_equal(f->state.cr4, 0);
            }
        }
    }
}

/* POPFD of all ones, then PUSHFD: AC from the i486 on, ID where there is CPUID. */
BEHAVE(eflags_by_level, KERNEL, 0x68, 0x00, 0x00, 0x24, 0x00, 0x9D, 0x9C, 0x58, 0xF4)
{
    const struct cpu_state start = f->state;
    for (enum cpu_level level = CPU_I386; level <= CPU_I686; level++) {
        f->state = start;
        f->config.level = level;
        run_to_halt(f);
        assert_int_equal(f->state.gpr[REG_EAX] & 0x240000, level == CPU_I386 ? 0 : 0x240000);
    }
}
/* CR0 by level: the i386 has no WP, AM, NE, CD, NW. */
BEHAVE(cr0_by_level, KERNEL, 0x0F, 0x20, 0xC0, 0x0D, 0x20, 0x00, 0x05, 0x60, 0x0F, 0x22, 0xC0, 0x0F,
       0x20, 0xC0, 0xF4)
{
    const struct cpu_state start = f->state;
    for (enum cpu_level level = CPU_I386; level <= CPU_I686; level++) {
        f->state = start;
        f->config.level = level;
        run_to_halt(f);
        assert_int_equal(f->state.gpr[REG_EAX] & 0x60050020, level == CPU_I386 ? 0 : 0x60050020);
    }
}

/* What each level has first: #UD below it. */
static const struct {
    uint8_t code[4];
    enum cpu_level since;
} rows[] = {
    {{0x0F, 0xC8, 0xF4}, CPU_I486},       /* BSWAP EAX */
    {{0x0F, 0xB1, 0xCB, 0xF4}, CPU_I486}, /* CMPXCHG EBX, ECX */
    {{0x0F, 0xC1, 0xC3, 0xF4}, CPU_I486}, /* XADD EBX, EAX */
    {{0x0F, 0x08, 0xF4}, CPU_I486},       /* INVD */
    {{0x0F, 0x01, 0x38, 0xF4}, CPU_I486}, /* INVLPG [EAX] */
    {{0x0F, 0xA2, 0xF4}, CPU_I486},       /* CPUID */
    {{0x0F, 0x20, 0xE0, 0xF4}, CPU_I586}, /* MOV EAX, CR4 */
    {{0x0F, 0x31, 0xF4}, CPU_I586},       /* RDTSC */
    {{0x0F, 0xC7, 0x0F, 0xF4}, CPU_I586}, /* CMPXCHG8B [EDI] */
    {{0x0F, 0x44, 0xC3, 0xF4}, CPU_I686}, /* CMOVE */
    {{0xDA, 0xC1, 0xF4}, CPU_I686},       /* FCMOVB */
    {{0xDB, 0xF1, 0xF4}, CPU_I686},       /* FCOMI */
    {{0x0F, 0x1F, 0xC0, 0xF4}, CPU_I686}, /* NOP r/m32 */
    {{0x0F, 0x0B, 0xF4}, CPU_I686 + 1},   /* UD2 */
    {{0x0F, 0x33, 0xF4}, CPU_I686 + 1},   /* RDPMC */
    {{0x0F, 0x34, 0xF4}, CPU_I686 + 1},   /* SYSENTER */
    {{0x0F, 0x77, 0xF4}, CPU_I686 + 1},   /* EMMS */
    {{0x0F, 0xAA, 0xF4}, CPU_I686 + 1},   /* RSM */
};
BEHAVE(rows_by_level, KERNEL, 0x90)
{
    const struct cpu_state start = f->state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        for (enum cpu_level level = CPU_I386; level <= CPU_I686; level++) {
            f->state = start;
            f->state.gpr[REG_EDI] = DATA_AT;
            f->config.level = level;
            put_code(f, CODE_AT, rows[i].code, 4);
            run_to_halt(f);
            const bool exists = f->state.eip != HANDLER(6) + 1;
            if (exists != (level >= rows[i].since)) {
                fail_msg("%02X %02X at level %u: exists %u", rows[i].code[0], rows[i].code[1],
                         level, exists);
            }
        }
    }
}
