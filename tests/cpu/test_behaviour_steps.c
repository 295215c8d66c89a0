/* The micro-steps of a delivery and of IRET in the journal: their order, their clocks, what a
 * step that fails leaves behind (the tables of delivery clocks; 80386 PRM INT page).
 * SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "behave.h"

#define INT_40 0xCD, 0x40
#define INT_80 0xCD, 0x80

struct step {
    uint32_t number; /* U01..U13 */
    uint32_t clock;  /* clocks from the start until it ends */
};

/* Run one step with a journal; the caller frees it with the fixture. */
static void record(struct fixture *f, struct cpu_step_info *info)
{
    f->journal = calloc(1, sizeof *f->journal);
    fixture_load(f);
    cpu_set_journal(f->cpu, f->journal);
    cpu_step(f->cpu, UINT64_MAX, info);
    f->state = *cpu_save(f->cpu);
    assert_int_equal(f->journal->dropped, 0);
}

/* The entries of one kind are exactly these. */
static void assert_steps(const struct fixture *f, uint32_t kind, const struct step *want,
                         uint32_t count)
{
    uint32_t found = 0;
    for (uint32_t i = 0; i < f->journal->count; i++) {
        const struct journal_entry *entry = &f->journal->entries[i];
        if (entry->kind != kind) {
            continue;
        }
        assert_in_range(found, 0, count - 1);
        if (entry->detail != want[found].number || entry->clock != 1000 + want[found].clock) {
            fail_msg("step %u is U%02u at %u, not U%02u at %u", found, entry->detail,
                     (uint32_t)entry->clock - 1000, want[found].number, want[found].clock);
        }
        found++;
    }
    assert_int_equal(found, count);
}
#define ASSERT_STEPS(f, kind, ...)                                                                 \
    do {                                                                                           \
        static const struct step want[] = {__VA_ARGS__};                                           \
        assert_steps(f, kind, want, sizeof want / sizeof want[0]);                                 \
    } while (0)

static uint32_t count_kind(const struct fixture *f, uint32_t kind, uint32_t is_system)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < f->journal->count; i++) {
        count += f->journal->entries[i].kind == kind && f->journal->entries[i].system == is_system;
    }
    return count;
}

/* ---- order and clocks, INT n takes a clock as an instruction ---- */

BEHAVE(ms_order_same_486, KERNEL, INT_40)
{
    struct cpu_step_info info;
    record(f, &info);
    ASSERT_STEPS(f, JOURNAL_DELIVERY_STEP, {1, 5}, {2, 8}, {3, 16}, {4, 27}, {5, 29}, {8, 30},
                 {9, 36}, {12, 38}, {13, 44});
}
BEHAVE(ms_order_inner_486, USER, INT_80)
{
    struct cpu_step_info info;
    record(f, &info);
    ASSERT_STEPS(f, JOURNAL_DELIVERY_STEP, {1, 5}, {2, 8}, {3, 16}, {4, 27}, {5, 29}, {6, 34},
                 {7, 46}, {8, 54}, {9, 63}, {12, 65}, {13, 71});
}
BEHAVE(ms_order_real_486, REAL, INT_40)
{
    struct cpu_step_info info;
    record(f, &info);
    ASSERT_STEPS(f, JOURNAL_DELIVERY_STEP, {1, 8}, {2, 11}, {3, 14}, {9, 19}, {12, 21}, {13, 30});
}
BEHAVE(ms_order_inner_386, USER, 0xF4)
{
    struct cpu_step_info info;
    f->config.level = CPU_I386;
    f->config.timing = TIMING_I386;
    record(f, &info);
    assert_int_equal(info.vector, 13);
    ASSERT_STEPS(f, JOURNAL_DELIVERY_STEP, {1, 6}, {2, 11}, {3, 23}, {4, 39}, {5, 42}, {6, 50},
                 {7, 67}, {8, 77}, {9, 89}, {10, 91}, {12, 93}, {13, 101});
}
BEHAVE(ms_order_real_386, REAL, 0x0F, 0x0B)
{
    struct cpu_step_info info;
    f->config.level = CPU_I386;
    f->config.timing = TIMING_I386;
    record(f, &info);
    ASSERT_STEPS(f, JOURNAL_DELIVERY_STEP, {1, 6}, {2, 11}, {3, 15}, {9, 21}, {12, 23}, {13, 37});
}
BEHAVE(ms_order_v86_386, VIRTUAL, 0x0F, 0x0B)
{
    struct cpu_step_info info;
    f->config.level = CPU_I386;
    f->config.timing = TIMING_I386;
    record(f, &info);
    ASSERT_STEPS(f, JOURNAL_DELIVERY_STEP, {1, 6}, {2, 11}, {3, 23}, {4, 39}, {5, 42}, {6, 50},
                 {7, 67}, {8, 77}, {9, 97}, {11, 109}, {12, 111}, {13, 119});
}
BEHAVE(ms_order_v86_486, VIRTUAL, 0x0F, 0x0B)
{
    struct cpu_step_info info;
    record(f, &info);
    ASSERT_STEPS(f, JOURNAL_DELIVERY_STEP, {1, 4}, {2, 7}, {3, 15}, {4, 26}, {5, 28}, {6, 33},
                 {7, 45}, {8, 53}, {9, 66}, {11, 73}, {12, 75}, {13, 82});
}
BEHAVE(ms_order_same_386, KERNEL, 0x0F, 0x0B)
{
    struct cpu_step_info info;
    f->config.level = CPU_I386;
    f->config.timing = TIMING_I386;
    record(f, &info);
    ASSERT_STEPS(f, JOURNAL_DELIVERY_STEP, {1, 6}, {2, 11}, {3, 23}, {4, 39}, {5, 42}, {8, 43},
                 {9, 49}, {12, 51}, {13, 59});
}
/* What INTR takes more is part of U01. */
BEHAVE(ms_intr_acknowledge, KERNEL, 0x90)
{
    struct cpu_step_info info;
    f->vector = 0x40;
    f->state.interrupt_line = 1;
    record(f, &info);
    ASSERT_STEPS(f, JOURNAL_DELIVERY_STEP, {1, 15}, {2, 18}, {3, 26}, {4, 37}, {5, 39}, {8, 40},
                 {9, 46}, {12, 48}, {13, 55});
}

/* ---- a step that fails is followed by the delivery of its fault, from U01 on ---- */

BEHAVE(ms_fault_at_u03, KERNEL, INT_40)
{
    struct cpu_step_info info;
    put_gate(f, 0x40, SEL_CODE0, HANDLER(0x40), 0x0E);
    record(f, &info);
    ASSERT_STEPS(f, JOURNAL_DELIVERY_STEP, {1, 5}, {2, 8}, {1, 11}, {2, 14}, {3, 22}, {4, 33},
                 {5, 35}, {8, 36}, {9, 42}, {10, 43}, {12, 45}, {13, 52});
}
BEHAVE(ms_fault_at_u07, USER, INT_80)
{
    struct cpu_step_info info;
    put_gate(f, 0x80, SEL_CODE1, HANDLER(0x80), GATE_INT32 | ACC_DPL(3));
    put32(f, TSS_AT + 16, 1);
    record(f, &info);
    assert_int_equal(info.vector, 10);
    assert_int_equal(f->state.clock, 1000 + 33 + 71 + 1);
}

/* ---- accesses ---- */

/* Inner level: gate, code, TSS slot, SS descriptor are read, five dwords are written. */
BEHAVE(ms_accesses_inner, USER, INT_80)
{
    struct cpu_step_info info;
    record(f, &info);
    assert_int_equal(count_kind(f, JOURNAL_MEMORY_READ, 1), 8);
    assert_int_equal(count_kind(f, JOURNAL_MEMORY_WRITE, 1), 5);
    assert_int_equal(count_kind(f, JOURNAL_MEMORY_READ, 0), 0);
}
BEHAVE(ms_accesses_same_error, KERNEL, 0x8E, 0xD8)
{
    struct cpu_step_info info;
    f->state.gpr[REG_EAX] = SEL_LDT;
    record(f, &info);
    assert_int_equal(count_kind(f, JOURNAL_MEMORY_READ, 1), 2 + 2 + 2);
    assert_int_equal(count_kind(f, JOURNAL_MEMORY_WRITE, 1), 4);
    assert_int_equal(count_kind(f, JOURNAL_FAULT, 0), 1);
}

/* ---- IRET ---- */

BEHAVE(ms_iret_outer, KERNEL, 0xCF)
{
    struct cpu_step_info info;
    put32(f, STACK_TOP, 0x11000);
    put32(f, STACK_TOP + 4, SEL_CODE3);
    put32(f, STACK_TOP + 8, EFLAGS_ONE);
    put32(f, STACK_TOP + 12, 0x8400);
    put32(f, STACK_TOP + 16, SEL_DATA3);
    record(f, &info);
    uint32_t wanted = 1;
    for (uint32_t i = 0; i < f->journal->count; i++) {
        if (f->journal->entries[i].kind == JOURNAL_IRET_STEP) {
            assert_int_equal(f->journal->entries[i].detail, wanted++);
        }
    }
    assert_int_equal(wanted, 7);
    assert_int_equal(count_kind(f, JOURNAL_MEMORY_READ, 0), 5);
    assert_int_equal(count_kind(f, JOURNAL_MEMORY_READ, 1), 4);
}

/* ---- recording changes nothing ---- */

BEHAVE(ms_journal_invisible, USER_PAGED, 0xA1, 0x10, 0x00, 0x20, 0x00)
{
    struct cpu_step_info info;
    put_page(f, 0x200000, 0);
    const struct cpu_state before = f->state;
    record(f, &info);
    const struct cpu_state recorded = f->state;
    f->state = before;
    fixture_load(f);
    step_once(f, &info);
    assert_memory_equal(&f->state, &recorded, sizeof recorded);
}

/* ---- all or nothing ---- */

/* Every page that the delivery needs is taken away in turn: whatever fails, the registers of the
 * interrupted program are in the frame as they were, and nothing below its stack has changed. */
BEHAVE(dlv_atomic, USER_PAGED, INT_80)
{
    static const uint32_t needed[] = {IDT_AT, GDT_AT, TSS_AT, RING1_TOP - 4};
    put_gate(f, 0x80, SEL_CODE1, HANDLER(0x80), GATE_INT32 | ACC_DPL(3));
    const struct cpu_state start = f->state;
    for (uint32_t i = 0; i < sizeof needed / sizeof needed[0]; i++) {
        struct cpu_step_info info;
        f->state = start;
        put_page(f, needed[i], 0x66);
        fixture_load(f);
        cpu_step(f->cpu, UINT64_MAX, &info);
        f->state = *cpu_save(f->cpu);
        put_page(f, needed[i], 0x67);
        if (needed[i] == RING1_TOP - 4) { /* the fault's own handler does not need it */
            assert_in_range(f->state.gpr[REG_ESP], RING0_TOP - 24, RING0_TOP - 24);
            assert_int_equal(FRAME32(f, 1), CODE_AT);
            assert_int_equal(FRAME32(f, 3), start.eflags | EFLAGS_RF);
            assert_int_equal(FRAME32(f, 4), STACK_TOP);
        } else { /* no way to deliver anything */
            assert_int_equal(f->state.activity, ACTIVITY_SHUTDOWN);
            assert_int_equal(f->state.eip, CODE_AT);
            assert_int_equal(f->state.cpl, 3);
            assert_int_equal(f->state.eflags, start.eflags);
            assert_memory_equal(f->state.gpr, start.gpr, sizeof start.gpr);
            assert_memory_equal(f->state.segments, start.segments, sizeof start.segments);
        }
    }
}
