/* The views of the processor and the devices as text, against files in golden/: datapath, devices,
 * explanations, registers. Run with --regenerate to write them anew after a wanted change, then
 * read the difference.
 * SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/view/view_world.h"

/* ---- interrupt vector ---- */

static void test_vectors_count_deliveries_where_there_is_room(void **state)
{
    struct scene *scene = new_scene();

    (void)state;
    scene_timer_interrupt(scene, 0);
    scene->view.state.cpu.vectors[0x20] = 1234;
    scene->view.state.cpu.vectors[0x0E] = 12345678;
    struct view_context context = scene_context(scene);

    check_panel(&context, PANEL_VECTORS, 64, 26, 0, "vectors_counts");
    free(scene);
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

static void test_topics_belong_to_what_is_chosen(void **state)
{
    struct scene *scene = new_scene();

    (void)state;
    scene_timer_interrupt(scene, 0);
    struct view_context context = scene_context(scene);

    assert_int_equal(panel_topic(PANEL_MICROSTEPS, 1, &context), TOPIC_U01);
    assert_int_equal(panel_topic(PANEL_MICROSTEPS, 12, &context), TOPIC_CPL);
    assert_int_equal(panel_topic(PANEL_MICROSTEPS, 500, &context), TOPIC_COUNT);
    assert_int_equal(panel_topic(PANEL_VECTORS, 14 + 1, &context), TOPIC_PF_FAULT);
    assert_int_equal(panel_topic(PANEL_VECTORS, 0x20 + 1, &context), TOPIC_PIC);
    assert_int_equal(panel_topic(PANEL_VECTORS, 0x80 + 1, &context), TOPIC_SYSCALL);
    assert_int_equal(panel_topic(PANEL_REGISTERS, LINK_TOPIC + TOPIC_IF, &context), TOPIC_IF);
    assert_int_equal(panel_topic(PANEL_REGISTERS, 0, &context), TOPIC_COUNT);
    free(scene);
}

/* A cell of EFLAGS leads to its explanation, by the command that a click does. */
static void test_flag_in_the_registers_leads_to_its_explanation(void **state)
{
    struct scene *scene = new_scene();
    struct grid grid = {79, 10, calloc(79 * 10, sizeof(struct cell))};
    char command[64] = "";

    (void)state;
    assert_non_null(grid.cells);
    scene_timer_interrupt(scene, 0);
    struct view_context context = scene_context(scene);
    view_registers(&grid, grid_whole(&grid), &context, false, 0);

    assert_int_equal(grid_at(&grid, 30, 7)->glyph, 'I');
    assert_true(panel_command(PANEL_REGISTERS, grid_at(&grid, 30, 7)->link, &context, command,
                              sizeof command));
    assert_string_equal(command, "explain IF");
    free(grid.cells);
    free(scene);
}

/* ---- registers, disassembly ---- */

static void put_st(struct fpu_state *fpu, uint32_t number, uint32_t sign_exponent,
                   uint64_t significand)
{
    fpu->sign_exponent[number] = (uint16_t)sign_exponent;
    fpu->significand[number] = significand;
    fpu->occupied |= (uint16_t)(1u << number);
}

/* SDM volume 1, 8.2: 1, -2.5, pi as FLDPI has it, infinity, a NaN, an unnormal. */
static void test_registers_show_the_x87_stack(void **state)
{
    struct world *world = new_world();
    struct fpu_state *fpu = &world->view.state.cpu.fpu;
    struct view_context context = world_context(world);

    (void)state;
    fpu->control = 0x0C7F;
    fpu->status = 2 << 11 | 0x0104;
    put_st(fpu, 2, 0x3FFF, 0x8000000000000000);
    put_st(fpu, 3, 0xC000, 0xA000000000000000);
    put_st(fpu, 4, 0x4000, 0xC90FDAA22168C235);
    put_st(fpu, 5, 0xFFFF, 0x8000000000000000);
    put_st(fpu, 6, 0x7FFF, 0xC000000000000000);
    world->view.previous = world->view.state;
    put_st(fpu, 7, 0x4000, 0x1000000000000000);

    check_panel(&context, PANEL_REGISTERS, 79, 20, 0, "registers_x87");
    check_panel(&context, PANEL_REGISTERS, 79, 10, 99, "registers_x87_scrolled");
    free(world);
}

static void test_disassembly_in_att_syntax(void **state)
{
    struct scene *scene = new_scene();

    (void)state;
    scene_timer_interrupt(scene, 0);
    scene->view.att_syntax = 1;
    struct view_context context = scene_context(scene);

    check_panel(&context, PANEL_DISASSEMBLY, 60, 12, 0, "disassembly_att");
    free(scene);
}

int main(int count, char **arguments)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_vectors_count_deliveries_where_there_is_room),
        cmocka_unit_test(test_datapath_before_an_interrupt_takes_the_request),
        cmocka_unit_test(test_datapath_reads_the_vector),
        cmocka_unit_test(test_datapath_changes_the_mode),
        cmocka_unit_test(test_datapath_of_iret_takes_the_popped_address),
        cmocka_unit_test(test_datapath_in_little_room_has_the_same_in_lines),
        cmocka_unit_test(test_datapath_at_reset_knows_nothing_ahead),
        cmocka_unit_test(test_datapath_says_that_the_table_has_no_such_entry),
        cmocka_unit_test(test_request_waits_for_one_instruction_after_sti),
        cmocka_unit_test(test_devices_say_which_request_is_delivered_next),
        cmocka_unit_test(test_devices_show_a_request_behind_sti),
        cmocka_unit_test(test_devices_find_the_line_of_the_slave),
        cmocka_unit_test(test_devices_with_apics_list_them),
        cmocka_unit_test(test_devices_before_anything_is_set_up),
        cmocka_unit_test(test_explain_finds_words_by_beginning_and_any_case),
        cmocka_unit_test(test_explanations_have_words_of_their_own),
        cmocka_unit_test(test_explain_panel_shows_what_was_asked),
        cmocka_unit_test(test_topics_belong_to_what_is_chosen),
        cmocka_unit_test(test_flag_in_the_registers_leads_to_its_explanation),
        cmocka_unit_test(test_registers_show_the_x87_stack),
        cmocka_unit_test(test_disassembly_in_att_syntax),
    };

    golden_arguments(count, arguments);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
