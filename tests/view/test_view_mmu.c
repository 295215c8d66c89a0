/* Base and bound with the page walk, and the descriptor tables, as text against files in golden/:
 * good situations, each failing check, real mode, garbage. --regenerate writes them anew.
 * SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cpu/trap.h"
#include "tests/view/view_world.h"

static struct journal_entry *note(struct world *world, enum journal_kind kind, uint32_t address,
                                  uint32_t value)
{
    struct journal *journal = &world->view.journal;
    struct journal_entry *entry = &journal->entries[journal->count++];

    *entry = (struct journal_entry){.kind = kind, .address = address, .value = value, .size = 4};
    world->view.position.micro_count = journal->count;
    return entry;
}

static void check_mmu(struct world *world, uint32_t rows, const char *name)
{
    struct view_context context = world_context(world);

    check_panel(&context, PANEL_MMU, 90, rows, 0, name);
    free(world);
}

static void test_mmu_walks_for_the_next_fetch(void **state)
{
    struct world *world = new_world();

    (void)state;
    world->view.state.cpu.tlb_instruction[0x09] =
        (struct tlb_entry_state){0x08049000 | TLB_VALID, 0x5000 | TLB_USER};

    check_mmu(world, 28, "mmu_fetch");
}

/* As `process 12` does while another one has CR3: its pages, without EIP and ESP of the other. */
static void test_mmu_maps_the_process_that_was_chosen(void **state)
{
    struct world *world = new_world();
    uint32_t directory = 0x18000;
    uint32_t table = 0x19000;

    (void)state;
    poke32(world, directory + 0x80, table | 7);
    poke32(world, table + 0x120, 0x1A000 | 5); /* 08048000h: code, read only */
    poke32(world, table + 0x124, 0x1C000 | 7);
    world->view.map_directory = directory;
    world->view.map_pid = 12;

    check_mmu(world, 28, "mmu_other_process");
}

/* The frame was given to somebody else, nobody said so to the TLB. */
static void test_mmu_marks_stale_translations(void **state)
{
    struct world *world = new_world();

    (void)state;
    world->view.state.cpu.tlb_data[tlb_data_index(0x08049000)] =
        (struct tlb_entry_state){0x08049000 | TLB_VALID, 0x6000 | TLB_USER};
    world->view.state.cpu.tlb_instruction[0x09] =
        (struct tlb_entry_state){0x08049000 | TLB_VALID, 0x5000 | TLB_USER | TLB_WRITABLE};

    check_mmu(world, 16, "mmu_stale");
}

/* SDM volume 3, 4.7: present, write, from user mode = 7. */
static void test_mmu_tells_the_error_code_of_a_forbidden_write(void **state)
{
    struct world *world = new_world();

    (void)state;
    note(world, JOURNAL_SEGMENT_CHECK, 0x08049800, 0xFFFFFFFF)->detail = SEG_DS;
    note(world, JOURNAL_TLB_MISS, 0x08049800, 0);
    note(world, JOURNAL_WALK_READ, WORLD_DIRECTORY + 0x80, WORLD_TABLE | 0x27)->detail = 1;
    note(world, JOURNAL_WALK_READ, WORLD_TABLE + 0x124, 0x5025)->detail = 2;
    note(world, JOURNAL_FAULT, 0x08049800, 7)->detail = PATH_pf_user_write;
    world->view.position.micro = 3;

    check_mmu(world, 18, "mmu_write_fault");
}

/* A fetch that faults leaves no JOURNAL_FETCH. */
static void test_mmu_fetch_that_faults_is_a_fetch(void **state)
{
    struct world *world = new_world();

    (void)state;
    world->view.state.cpu.eip = 0x0804B000;
    note(world, JOURNAL_TLB_MISS, 0x0804B000, 0);
    note(world, JOURNAL_WALK_READ, WORLD_DIRECTORY + 0x80, WORLD_TABLE | 0x27)->detail = 1;
    note(world, JOURNAL_WALK_READ, WORLD_TABLE + 0x12C, 0)->detail = 2;
    note(world, JOURNAL_REGISTER, 0, 0x0804B000)->detail = JREG_CR2;
    note(world, JOURNAL_FAULT, 0x0804B000, 4)->detail = PATH_pf_not_present_table;

    check_mmu(world, 16, "mmu_fetch_fault");
}

static void test_mmu_page_not_present_is_error_code_4(void **state)
{
    struct world *world = new_world();

    (void)state;
    world->view.state.cpu.eip = 0x0804B000;

    check_mmu(world, 18, "mmu_not_present");
}

static void test_mmu_of_a_chosen_address_in_the_kernel(void **state)
{
    struct world *world = new_world();

    (void)state;
    world->view.mmu_chosen = 1;
    world->view.mmu_address = 0xC00B8ABC;

    check_mmu(world, 18, "mmu_chosen");
}

static void test_mmu_of_a_page_of_4_mib(void **state)
{
    struct world *world = new_world();

    (void)state;
    poke32(world, WORLD_DIRECTORY + 0x20 * 4, 0x00400000 | 0xE7);

    check_mmu(world, 20, "mmu_large");
}

/* A4: offset within bound, plus base; paging off. */
static void test_mmu_base_and_bound_within(void **state)
{
    struct world *world = new_world();
    struct cpu_state *cpu = &world->view.state.cpu;

    (void)state;
    cpu->cr0 = CR0_PE;
    cpu->eip = 0x123;
    for (uint32_t segment = SEG_ES; segment <= SEG_DS; segment++) {
        cpu->segments[segment].base = 0x8000;
        cpu->segments[segment].limit = 0x3FFF;
        cpu->segments[segment].selector = 0x0F;
    }
    cpu->segments[SEG_FS].usable = 0;
    cpu->segments[SEG_GS].base = 0x9000;
    cpu->segments[SEG_GS].limit = 0xFF;

    check_mmu(world, 12, "mmu_base_bound");
}

static void test_mmu_beyond_the_bound_is_a_protection_fault(void **state)
{
    struct world *world = new_world();
    struct cpu_state *cpu = &world->view.state.cpu;

    (void)state;
    cpu->cr0 = CR0_PE;
    cpu->segments[SEG_DS] = (struct segment_state){0x8000, 0x3FFF, 0x17, 0x40F3, 1};
    note(world, JOURNAL_SEGMENT_CHECK, 0x3FFD, 0x3FFF)->detail = SEG_DS;
    note(world, JOURNAL_FAULT, 0, 0)->detail = PATH_gp_limit_read;

    check_mmu(world, 12, "mmu_beyond_bound");
}

static void test_mmu_null_segment_is_a_protection_fault(void **state)
{
    struct world *world = new_world();

    (void)state;
    world->view.state.cpu.segments[SEG_GS] = (struct segment_state){0};
    note(world, JOURNAL_SEGMENT_CHECK, 0x10, 0)->detail = SEG_GS;

    check_mmu(world, 8, "mmu_null_segment");
}

static void test_mmu_in_real_mode(void **state)
{
    struct scene *scene = new_scene();

    (void)state;
    scene_reset(scene);
    scene->view.state.cpu.a20_mask = 0xFFEFFFFF;
    struct view_context context = scene_context(scene);

    check_panel(&context, PANEL_MMU, 90, 12, 0, "mmu_real");
    free(scene);
}

static void test_mmu_with_a_directory_outside_of_memory(void **state)
{
    struct world *world = new_world();

    (void)state;
    world->view.state.cpu.cr3 = 0xFFFFF000;

    check_mmu(world, 16, "mmu_no_directory");
}

/* Every entry the same garbage: drawn, counted, no crash; a scroll beyond the end stops there. */
static void test_mmu_with_garbage_tables(void **state)
{
    struct world *world = new_world();

    (void)state;
    for (uint32_t at = WORLD_DIRECTORY; at < WORLD_DIRECTORY + 0x1000; at += 4) {
        poke32(world, at, 0xDEADB001 | at << 3);
    }
    struct view_context context = world_context(world);

    check_panel(&context, PANEL_MMU, 90, 16, 100000, "mmu_garbage");
    free(world);
}

/* ---- descriptor tables ---- */

#define GDT_AT 0x8000u
#define LDT_AT 0x8100u
#define TSS_AT 0x9000u

static void put_descriptor(struct world *world, uint32_t at, uint32_t low, uint32_t high)
{
    poke32(world, at, low);
    poke32(world, at + 4, high);
}

/* A good descriptor of each kind, then one for each way to go wrong. Paging off. */
static struct world *new_tables(void)
{
    struct world *world = new_world();
    struct cpu_state *cpu = &world->view.state.cpu;

    cpu->cr0 = CR0_PE;
    cpu->cpl = 0;
    cpu->gdtr = (struct table_state){GDT_AT, 0x7F};
    put_descriptor(world, GDT_AT + 0x08, 0x0000FFFF, 0x00CF9B00); /* flat code */
    put_descriptor(world, GDT_AT + 0x10, 0x0000FFFF, 0x00CF9300); /* flat data */
    put_descriptor(world, GDT_AT + 0x18, 0x00001000, 0x0040F200); /* data, bound 1000h, DPL 3 */
    put_descriptor(world, GDT_AT + 0x20, 0x90000067, 0x00008B00); /* TSS, busy: TR */
    put_descriptor(world, GDT_AT + 0x28, 0x8100002F, 0x00008200); /* LDT */
    put_descriptor(world, GDT_AT + 0x30, 0x0000FFFF, 0x00CF1300); /* not present */
    put_descriptor(world, GDT_AT + 0x38, 0x0000FFFF, 0x00CF9900); /* execute only */
    put_descriptor(world, GDT_AT + 0x40, 0x0000FFFF, 0x00CF9100); /* read only */
    put_descriptor(world, GDT_AT + 0x48, 0x00000000, 0x00008A00); /* reserved type */
    put_descriptor(world, GDT_AT + 0x50, 0x90000066, 0x00008900); /* TSS too short */
    put_descriptor(world, GDT_AT + 0x58, 0x90000067, 0x00008B00); /* busy, somebody else's */
    put_descriptor(world, GDT_AT + 0x60, 0x00081234, 0xC010EC00); /* call gate, DPL 3 */
    put_descriptor(world, GDT_AT + 0x68, 0x00081234, 0xC0108E00); /* interrupt gate: no place */
    put_descriptor(world, LDT_AT + 0x08, 0x80003FFF, 0x0040FA00);
    put_descriptor(world, LDT_AT + 0x10, 0x80003FFF, 0x0040F600); /* expand down */
    put_descriptor(world, LDT_AT + 0x18, 0x90000067, 0x00008900); /* TSS in the LDT */
    for (uint32_t segment = 0; segment < SEG_COUNT; segment++) {
        cpu->segments[segment] = (struct segment_state){0, 0xFFFFFFFFu, 0x10, 0xC093, 1};
    }
    cpu->segments[SEG_CS] = (struct segment_state){0, 0xFFFFFFFFu, 0x08, 0xC09B, 1};
    cpu->segments[SEG_FS] = (struct segment_state){0x8000, 0x1000, 0x0F, 0x40FA, 1};
    cpu->tr = (struct segment_state){TSS_AT, 0x20FF, 0x20, 0x008B, 1};
    cpu->ldtr = (struct segment_state){LDT_AT, 0x2F, 0x28, 0x0082, 1};
    poke32(world, TSS_AT + 0x04, 0x00012000);
    poke32(world, TSS_AT + 0x08, 0x10);
    poke32(world, TSS_AT + 0x1C, 0x1000);
    poke32(world, TSS_AT + 0x64, 0x00680000);
    memset(world->ram + TSS_AT + 0x68, 0xFF, 0x2098);
    world->ram[TSS_AT + 0x68 + 0x60 / 8] = 0xEE; /* ports 60h and 64h */
    world->ram[TSS_AT + 0x68 + 0x3F8 / 8] = 0;   /* 3F8h to 3FFh */
    return world;
}

static void check_tables(struct world *world, uint32_t rows, int32_t scroll, const char *name)
{
    struct view_context context = world_context(world);

    check_panel(&context, PANEL_TABLES, 110, rows, scroll, name);
    free(world);
}

static void test_tables_name_the_fault_of_each_bad_descriptor(void **state)
{
    (void)state;
    check_tables(new_tables(), 36, 0, "tables");
}

static void test_tables_scroll_no_further_than_their_end(void **state)
{
    (void)state;
    check_tables(new_tables(), 8, 1000, "tables_end");
}

static void test_tables_without_tss_warn_of_the_missing_stack(void **state)
{
    struct world *world = new_tables();

    (void)state;
    world->view.state.cpu.tr = (struct segment_state){0};
    world->view.state.cpu.ldtr = (struct segment_state){0};
    world->view.state.cpu.gdtr = (struct table_state){0xFFFFFF00, 0xFFFF};

    check_tables(world, 10, 0, "tables_no_tss");
}

static void test_tables_of_a_short_tss_and_one_of_16_bits(void **state)
{
    struct world *world = new_tables();

    (void)state;
    world->view.state.cpu.gdtr.limit = 0x0F;
    world->view.state.cpu.ldtr = (struct segment_state){0};
    world->view.state.cpu.tr = (struct segment_state){TSS_AT, 0x03, 0x20, 0x0083, 1};

    check_tables(world, 16, 0, "tables_tss16");
}

static void test_tables_in_real_mode_are_not_used(void **state)
{
    struct scene *scene = new_scene();

    (void)state;
    scene_reset(scene);
    struct view_context context = scene_context(scene);

    check_panel(&context, PANEL_TABLES, 90, 16, 0, "tables_real");
    free(scene);
}

int main(int count, char **arguments)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_mmu_walks_for_the_next_fetch),
        cmocka_unit_test(test_mmu_maps_the_process_that_was_chosen),
        cmocka_unit_test(test_mmu_marks_stale_translations),
        cmocka_unit_test(test_mmu_tells_the_error_code_of_a_forbidden_write),
        cmocka_unit_test(test_mmu_fetch_that_faults_is_a_fetch),
        cmocka_unit_test(test_mmu_page_not_present_is_error_code_4),
        cmocka_unit_test(test_mmu_of_a_chosen_address_in_the_kernel),
        cmocka_unit_test(test_mmu_of_a_page_of_4_mib),
        cmocka_unit_test(test_mmu_base_and_bound_within),
        cmocka_unit_test(test_mmu_beyond_the_bound_is_a_protection_fault),
        cmocka_unit_test(test_mmu_null_segment_is_a_protection_fault),
        cmocka_unit_test(test_mmu_in_real_mode),
        cmocka_unit_test(test_mmu_with_a_directory_outside_of_memory),
        cmocka_unit_test(test_mmu_with_garbage_tables),
        cmocka_unit_test(test_tables_name_the_fault_of_each_bad_descriptor),
        cmocka_unit_test(test_tables_scroll_no_further_than_their_end),
        cmocka_unit_test(test_tables_without_tss_warn_of_the_missing_stack),
        cmocka_unit_test(test_tables_of_a_short_tss_and_one_of_16_bits),
        cmocka_unit_test(test_tables_in_real_mode_are_not_used),
    };

    golden_arguments(count, arguments);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
