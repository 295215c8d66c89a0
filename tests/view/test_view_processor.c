/* The views of the processor and the devices as text, against files in golden/: datapath, base and
 * bound with the page walk, descriptor tables, devices, explanations. Run with --regenerate to
 * write them anew after a wanted change, then read the difference.
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
#include "emu/view_mmu.h"
#include "emu/view_panels.h"
#include "tests/view/view_scene.h"

static bool regenerate;

static char *read_golden(const char *path)
{
    FILE *file = fopen(path, "rb");

    if (!file) {
        return NULL;
    }
    char *text = calloc(1, 1 << 18);
    assert_non_null(text);
    size_t bytes = fread(text, 1, (1 << 18) - 1, file);
    text[bytes] = '\0';
    fclose(file);
    return text;
}

static void check_golden(const char *text, const char *name)
{
    char path[512];

    snprintf(path, sizeof path, "%s/%s.txt", GOLDEN_FOLDER, name);
    if (regenerate) {
        FILE *file = fopen(path, "wb");
        assert_non_null(file);
        fputs(text, file);
        fclose(file);
        return;
    }
    char *expected = read_golden(path);
    if (!expected) {
        fail_msg("%s is missing; write it with --regenerate", path);
    } else if (strcmp(expected, text) != 0) {
        print_error("%s differs. Now:\n%s", path, text);
        fail();
    }
    free(expected);
}

/* A panel as text; the caller's to free. */
static char *draw(const struct view_context *context, enum ui_panel panel, uint32_t columns,
                  uint32_t rows, int32_t scroll)
{
    struct grid grid = {columns, rows, calloc((size_t)columns * rows, sizeof(struct cell))};
    char *text = NULL;
    size_t bytes = 0;

    assert_non_null(grid.cells);
    panel_info(panel)->draw(&grid, grid_whole(&grid), context, false, scroll);
    FILE *file = open_memstream(&text, &bytes);
    assert_non_null(file);
    assert_true(grid_dump_text(&grid, file));
    fclose(file);
    free(grid.cells);
    return text;
}

static void check_panel(const struct view_context *context, enum ui_panel panel, uint32_t columns,
                        uint32_t rows, int32_t scroll, const char *name)
{
    char *text = draw(context, panel, columns, rows, scroll);

    check_golden(text, name);
    free(text);
}

static struct scene *new_scene(void)
{
    struct scene *scene = calloc(1, sizeof *scene);

    assert_non_null(scene);
    return scene;
}

/* ---- dual-mode datapath ---- */

static void check_datapath(struct scene *scene, uint32_t columns, uint32_t rows, const char *name)
{
    struct view_context context = scene_context(scene);

    check_panel(&context, PANEL_DATAPATH, columns, rows, 0, name);
    free(scene);
}

static void test_datapath_before_an_interrupt_takes_the_request(void **state)
{
    struct scene *scene = new_scene();

    (void)state;
    scene_timer_interrupt(scene, 0);
    scene->view.state.cpu.interrupt_line = 1;

    check_datapath(scene, 76, 20, "datapath_interrupt");
}

static void test_datapath_reads_the_vector(void **state)
{
    struct scene *scene = new_scene();

    (void)state;
    scene_timer_interrupt(scene, 3);

    check_datapath(scene, 76, 20, "datapath_vector");
}

static void test_datapath_changes_the_mode(void **state)
{
    struct scene *scene = new_scene();

    (void)state;
    scene_timer_interrupt(scene, 11);

    check_datapath(scene, 76, 20, "datapath_mode");
}

static void test_datapath_of_iret_takes_the_popped_address(void **state)
{
    struct scene *scene = new_scene();

    (void)state;
    scene_iret(scene, 7);

    check_datapath(scene, 76, 20, "datapath_iret");
}

static void test_datapath_in_little_room_has_the_same_in_lines(void **state)
{
    struct scene *scene = new_scene();

    (void)state;
    scene_timer_interrupt(scene, 3);

    check_datapath(scene, 44, 8, "datapath_compact");
}

static void test_datapath_at_reset_knows_nothing_ahead(void **state)
{
    struct scene *scene = new_scene();

    (void)state;
    scene_reset(scene);
    scene->view.running = 1;

    check_datapath(scene, 76, 20, "datapath_reset");
}

/* An interrupt whose vector lies beyond the table: the gate can not be read. */
static void test_datapath_says_that_the_table_has_no_such_entry(void **state)
{
    struct scene *scene = new_scene();

    (void)state;
    scene_timer_interrupt(scene, 2);
    scene->view.state.cpu.idtr.limit = 0;

    check_datapath(scene, 76, 20, "datapath_no_vector");
}

/* SDM volume 2, STI: the interrupt waits for the instruction after it. */
static void test_request_waits_for_one_instruction_after_sti(void **state)
{
    struct cpu_state *cpu = calloc(1, sizeof *cpu);

    (void)state;
    assert_non_null(cpu);
    assert_null(view_request_fate(cpu));
    cpu->interrupt_line = 1;
    assert_string_equal(view_request_fate(cpu), "pending: waits for STI (IF=0)");
    cpu->eflags = EFLAGS_IF;
    cpu->shadow = SHADOW_STI;
    assert_string_equal(view_request_fate(cpu), "pending: delivered one instruction after STI");
    cpu->shadow = SHADOW_NONE;
    assert_string_equal(view_request_fate(cpu), "delivered next");
    free(cpu);
}

/* ---- base and bound, page table ---- */

#define RAM_BYTES 0x20000u
#define DIRECTORY 0x1000u
#define TABLE     0x2000u

/* A machine's memory and state, tables walked as the processor does. */
struct world {
    struct session_view view;
    uint8_t ram[RAM_BYTES];
};

static bool world_physical(void *context, uint32_t physical, void *bytes, uint32_t size)
{
    const struct world *world = context;

    if (physical >= RAM_BYTES || size > RAM_BYTES - physical) {
        return false;
    }
    memcpy(bytes, world->ram + physical, size);
    return true;
}

static struct view_context world_context(const struct world *world);

static bool world_linear(void *context, uint32_t linear, void *bytes, uint32_t size)
{
    const struct world *world = context;
    struct view_context views = world_context(world);

    for (uint32_t index = 0; index < size; index++) {
        uint32_t physical = linear + index;
        if (world->view.state.cpu.cr0 & CR0_PG) {
            struct page_walk walk = view_walk(&views, linear + index);
            if (!walk.mapped) {
                return false;
            }
            physical = walk.physical;
        }
        if (!world_physical(context, physical, (uint8_t *)bytes + index, 1)) {
            return false;
        }
    }
    return true;
}

static struct view_context world_context(const struct world *world)
{
    return (struct view_context){.view = &world->view,
                                 .read = world_linear,
                                 .read_physical = world_physical,
                                 .read_context = (void *)(uintptr_t)world};
}

static void poke32(struct world *world, uint32_t physical, uint32_t value)
{
    for (uint32_t byte = 0; byte < 4; byte++) {
        world->ram[physical + byte] = (uint8_t)(value >> byte * 8);
    }
}

/* Paging on; a program of user mode at 08048000h in frames that are not in order, a page of the
 * kernel's, the screen. Offset 8049010h is next. */
static struct world *new_world(void)
{
    struct world *world = calloc(1, sizeof *world);

    assert_non_null(world);
    struct cpu_state *cpu = &world->view.state.cpu;
    poke32(world, DIRECTORY + 0x20 * 4, TABLE | 0x27);
    poke32(world, TABLE + 0x48 * 4, 0x7000 | 0x25);
    poke32(world, TABLE + 0x49 * 4, 0x5000 | 0x25);
    poke32(world, TABLE + 0x4A * 4, 0x9000 | 0x67);
    poke32(world, DIRECTORY + 0x300 * 4, 0x3000 | 0x23);
    poke32(world, 0x3000 + 1 * 4, DIRECTORY | 0x63);
    poke32(world, 0x3000 + 0xB8 * 4, 0xB8000 | 0x63);
    poke32(world, 0x3000 + 0xB9 * 4, 0xB9000 | 0x63);
    cpu->cpl = 3;
    cpu->cr0 = CR0_PE | CR0_PG | CR0_WP;
    cpu->cr3 = DIRECTORY;
    cpu->cr4 = CR4_PSE;
    cpu->a20_mask = 0xFFFFFFFFu;
    cpu->eip = 0x08049010;
    cpu->gpr[REG_ESP] = 0x0804AFF0;
    for (uint32_t segment = 0; segment < SEG_COUNT; segment++) {
        cpu->segments[segment] = (struct segment_state){0, 0xFFFFFFFFu, 0x23, 0xC0F3, 1};
    }
    cpu->segments[SEG_CS] = (struct segment_state){0, 0xFFFFFFFFu, 0x1B, 0xC0FB, 1};
    return world;
}

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
    note(world, JOURNAL_WALK_READ, DIRECTORY + 0x80, TABLE | 0x27)->detail = 1;
    note(world, JOURNAL_WALK_READ, TABLE + 0x124, 0x5025)->detail = 2;
    note(world, JOURNAL_FAULT, 0x08049800, 7)->detail = PATH_pf_user_write;
    world->view.position.micro = 3;

    check_mmu(world, 18, "mmu_write_fault");
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
    poke32(world, DIRECTORY + 0x20 * 4, 0x00400000 | 0xE7);

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
    for (uint32_t at = DIRECTORY; at < DIRECTORY + 0x1000; at += 4) {
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

/* ---- devices ---- */

/* The timer asks and is next, the keyboard is in service, COM1 masked; a slave's disk asks. */
static struct world *new_devices(void)
{
    struct world *world = new_world();
    struct pc_state *pc = &world->view.state.pc;

    world->view.clock_hz = 100000000;
    world->view.state.cpu.clock = 1000000;
    world->view.state.cpu.interrupt_line = 1;
    pc->pic.master = (struct pic_state){.lines = 0x15,
                                        .edges = 0x15,
                                        .isr = 0x02,
                                        .imr = 0x10,
                                        .lowest = 7,
                                        .icw1 = 0x11,
                                        .icw2 = 0x20,
                                        .icw3 = 0x04,
                                        .icw4 = 0x01,
                                        .inta_level = PIC_LEVEL_NONE};
    pc->pic.slave = pc->pic.master;
    pc->pic.slave.icw2 = 0x28;
    pc->pic.slave.icw3 = 2;
    pc->pic.slave.isr = 0;
    pc->pic.slave.imr = 0;
    pc->pic.slave.lines = 0x40;
    pc->pic.slave.edges = 0x40;
    pc->pit.channels[0] = (struct pit_channel_state){.loaded = 11932,
                                                     .load_tick = PIT_NEVER,
                                                     .run = PIT_COUNTING,
                                                     .control = 0x34,
                                                     .gate = 1,
                                                     .count_written = 1};
    for (uint32_t slot = 0; slot < EVENT_COUNT; slot++) {
        pc->events.slots[slot].clock = CLOCK_NEVER;
    }
    pc->events.slots[EVENT_PIT_CHANNEL0].clock = 1000500;
    pc->events.slots[EVENT_ATA0].clock = 1004000;
    pc->com1.divisor = 1;
    pc->com1.lcr = 3;
    pc->com1.ier = 3;
    pc->com1.transmit_end = 1008680;
    pc->com1.shift = 'R';
    pc->com2.divisor = 12;
    pc->com2.lcr = 0x1A;
    pc->com2.transmit_end = CLOCK_NEVER;
    pc->keyboard.status = 1;
    pc->keyboard.memory[0] = 0x45;
    pc->keyboard.output = 0x1E;
    pc->cmos.memory[CMOS_A] = 0x26;
    pc->cmos.memory[CMOS_B] = 0x82;
    pc->cmos.memory[CMOS_CENTURY] = 0x20;
    pc->cmos.memory[CMOS_YEAR] = 0x24;
    pc->ata[0].phase = ATA_READ_MEDIA;
    pc->ata[0].command = 0x20;
    pc->ata[0].sector = 1234;
    pc->ata[0].left = 3;
    pc->ata[0].length = 512;
    pc->ata[1].failed = 1;
    pc->ata[1].command = 0x30;
    pc->ata[1].error = 4;
    return world;
}

static void check_devices(struct world *world, uint32_t rows, const char *name)
{
    struct view_context context = world_context(world);

    check_panel(&context, PANEL_DEVICES, 90, rows, 0, name);
    free(world);
}

static void test_devices_say_which_request_is_delivered_next(void **state)
{
    struct world *world = new_devices();

    (void)state;
    world->view.state.cpu.eflags = EFLAGS_IF;

    check_devices(world, 46, "devices");
}

/* A8: pending after STI, and only after one more instruction. */
static void test_devices_show_a_request_behind_sti(void **state)
{
    struct world *world = new_devices();

    (void)state;
    world->view.state.cpu.eflags = EFLAGS_IF;
    world->view.state.cpu.shadow = SHADOW_STI;

    check_devices(world, 6, "devices_sti");
}

/* The master's level 2 stands for the slave: its line 6 is IRQ 14. */
static void test_devices_find_the_line_of_the_slave(void **state)
{
    struct world *world = new_devices();

    (void)state;
    world->view.state.pc.pic.master.isr = 0;
    world->view.state.pc.pic.master.lines = 4;
    world->view.state.pc.pic.master.edges = 4;

    check_devices(world, 22, "devices_slave");
}

static void test_devices_with_apics_list_them(void **state)
{
    struct world *world = new_devices();
    struct apics_state *apics = &world->view.state.pc.apics;

    (void)state;
    apics->local.present = 1;
    apics->local.base = APIC_BASE_ENABLE | 0xFEE00000u;
    apics->local.spurious = 0x1FF;
    apics->local.irr[1] = 1u << 3;
    apics->local.isr[7] = 1u << 31;
    apics->local.lvt[LVT_TIMER] = LVT_PERIODIC | 0x40;
    apics->local.lvt[LVT_LINT0] = 0x700;
    apics->local.lvt[LVT_LINT1] = 0x400;
    apics->local.lvt[LVT_ERROR] = LVT_MASKED;
    apics->local.timer_initial = 1000;
    apics->local.timer_count = 1000;
    apics->local.timer_start = 999900;
    apics->local.timer_divide = 11;
    for (uint32_t pin = 0; pin < IO_APIC_PINS; pin++) {
        apics->io.low[pin] = 0x10000;
    }
    apics->io.low[2] = 0x30;
    apics->io.low[9] = 0xC039;
    apics->io.pins = 1u << 9;

    check_devices(world, 40, "devices_apic");
}

static void test_devices_before_anything_is_set_up(void **state)
{
    struct scene *scene = new_scene();

    (void)state;
    scene_reset(scene);
    struct view_context context = scene_context(scene);

    check_panel(&context, PANEL_DEVICES, 80, 44, 0, "devices_reset");
    free(scene);
}

/* ---- explanations ---- */

static void test_explain_finds_words_by_beginning_and_any_case(void **state)
{
    (void)state;
    assert_int_equal(explain_find("if"), TOPIC_IF);
    assert_int_equal(explain_find("#pf"), TOPIC_PF_FAULT);
    assert_int_equal(explain_find("pfe"), TOPIC_PF_ERROR);
    assert_int_equal(explain_find("u0"), TOPIC_COUNT);
    assert_int_equal(explain_find(""), TOPIC_COUNT);
    assert_int_equal(explain_find("nonsense"), TOPIC_COUNT);
}

static void test_explanations_have_words_of_their_own(void **state)
{
    (void)state;
    for (uint32_t topic = 0; topic < TOPIC_COUNT; topic++) {
        const struct explanation *entry = explanation(topic);
        assert_int_equal(explain_find(entry->key), topic);
        assert_true(strlen(entry->words) > 40 && strlen(entry->words) < 520);
        assert_true(strlen(entry->manual) > 4);
    }
    assert_null(explanation(TOPIC_COUNT));
}

static void test_explain_panel_shows_what_was_asked(void **state)
{
    struct world *world = new_world();
    struct view_context context = world_context(world);

    (void)state;
    check_panel(&context, PANEL_EXPLAIN, 60, 6, 0, "explain_none");
    world->view.explained = TOPIC_IF + 1;
    check_panel(&context, PANEL_EXPLAIN, 60, 14, 0, "explain_if");
    free(world);
}

int main(int count, char **arguments)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_datapath_before_an_interrupt_takes_the_request),
        cmocka_unit_test(test_datapath_reads_the_vector),
        cmocka_unit_test(test_datapath_changes_the_mode),
        cmocka_unit_test(test_datapath_of_iret_takes_the_popped_address),
        cmocka_unit_test(test_datapath_in_little_room_has_the_same_in_lines),
        cmocka_unit_test(test_datapath_at_reset_knows_nothing_ahead),
        cmocka_unit_test(test_datapath_says_that_the_table_has_no_such_entry),
        cmocka_unit_test(test_request_waits_for_one_instruction_after_sti),
        cmocka_unit_test(test_mmu_walks_for_the_next_fetch),
        cmocka_unit_test(test_mmu_marks_stale_translations),
        cmocka_unit_test(test_mmu_tells_the_error_code_of_a_forbidden_write),
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
        cmocka_unit_test(test_devices_say_which_request_is_delivered_next),
        cmocka_unit_test(test_devices_show_a_request_behind_sti),
        cmocka_unit_test(test_devices_find_the_line_of_the_slave),
        cmocka_unit_test(test_devices_with_apics_list_them),
        cmocka_unit_test(test_devices_before_anything_is_set_up),
        cmocka_unit_test(test_explain_finds_words_by_beginning_and_any_case),
        cmocka_unit_test(test_explanations_have_words_of_their_own),
        cmocka_unit_test(test_explain_panel_shows_what_was_asked),
    };

    regenerate = count > 1 && strcmp(arguments[1], "--regenerate") == 0;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
