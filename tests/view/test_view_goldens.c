/* Every view and the whole window as text, against files in golden/. Run with --regenerate to
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

#include "emu/view_panels.h"
#include "tests/view/view_scene.h"

static bool regenerate;

static char *render(const struct grid *grid)
{
    char *text = NULL;
    size_t bytes = 0;
    FILE *file = open_memstream(&text, &bytes);

    assert_non_null(file);
    assert_true(grid_dump_text(grid, file));
    fclose(file);
    return text;
}

static char *read_whole(const char *path)
{
    FILE *file = fopen(path, "rb");

    if (!file) {
        return NULL;
    }
    char *text = calloc(1, 1 << 20);
    size_t bytes = fread(text, 1, (1 << 20) - 1, file);
    text[bytes] = '\0';
    fclose(file);
    return text;
}

static void compare_with_golden(const struct grid *grid, const char *name)
{
    char path[512];
    char *text = render(grid);

    snprintf(path, sizeof path, "%s/%s.txt", GOLDEN_FOLDER, name);
    if (regenerate) {
        FILE *file = fopen(path, "wb");
        assert_non_null(file);
        fputs(text, file);
        fclose(file);
    } else {
        char *expected = read_whole(path);
        if (!expected) {
            fail_msg("%s is missing; write it with --regenerate", path);
        } else if (strcmp(expected, text) != 0) {
            print_error("%s differs. Now:\n%s", path, text);
            fail();
        }
        free(expected);
    }
    free(text);
}

static struct grid new_grid(uint32_t columns, uint32_t rows)
{
    struct grid grid = {columns, rows, calloc(columns * rows, sizeof(struct cell))};

    assert_non_null(grid.cells);
    return grid;
}

enum scene_kind {
    SCENE_TIMER,
    SCENE_INSIDE,
    SCENE_HANDLER,
    SCENE_IRET,
    SCENE_NESTED,
    SCENE_RESET,
    SCENE_PROCESSES,
    SCENE_PROGRAM,
    SCENE_EVENTS_KEPT,
    SCENE_SIGNAL,
    SCENE_FURTHER
};

static struct scene *make_scene(enum scene_kind kind)
{
    struct scene *scene = calloc(1, sizeof *scene);

    assert_non_null(scene);
    switch (kind) {
    case SCENE_TIMER:
        scene_timer_interrupt(scene, 0);
        break;
    case SCENE_INSIDE: /* two of the five pushes done */
        scene_timer_interrupt(scene, 18);
        break;
    case SCENE_HANDLER:
        scene_in_handler(scene);
        break;
    case SCENE_IRET:
        scene_iret(scene, 8);
        break;
    case SCENE_NESTED:
        scene_nested(scene);
        break;
    case SCENE_PROCESSES:
        scene_processes(scene);
        break;
    case SCENE_PROGRAM:
        scene_program(scene);
        break;
    case SCENE_EVENTS_KEPT:
        scene_events(scene);
        break;
    case SCENE_SIGNAL:
        scene_signal(scene);
        break;
    case SCENE_FURTHER:
        scene_further(scene);
        break;
    default:
        scene_reset(scene);
        break;
    }
    return scene;
}

typedef void draw_view(struct grid *grid, struct rect area, const struct view_context *context);

static void check_view(enum scene_kind kind, draw_view *draw, uint32_t columns, uint32_t rows,
                       const char *name)
{
    struct grid grid = new_grid(columns, rows);
    struct scene *scene = make_scene(kind);
    struct view_context context = scene_context(scene);

    draw(&grid, grid_whole(&grid), &context);

    compare_with_golden(&grid, name);
    free(scene);
    free(grid.cells);
}

static void draw_registers(struct grid *grid, struct rect area, const struct view_context *context)
{
    view_registers(grid, area, context, false, 0);
}

static void draw_disassembly(struct grid *grid, struct rect area,
                             const struct view_context *context)
{
    view_disassembly(grid, area, context, false, 0);
}

static void draw_stacks(struct grid *grid, struct rect area, const struct view_context *context)
{
    view_stacks(grid, area, context, false, 0);
}

static void draw_vectors(struct grid *grid, struct rect area, const struct view_context *context)
{
    view_vectors(grid, area, context, false, 0);
}

static void draw_microsteps(struct grid *grid, struct rect area, const struct view_context *context)
{
    view_microsteps(grid, area, context, false, 0);
}

static void draw_screen(struct grid *grid, struct rect area, const struct view_context *context)
{
    view_screen(grid, area, context, false, 0);
}

static void draw_console(struct grid *grid, struct rect area, const struct view_context *context)
{
    view_console(grid, area, context, false, 0);
}

static void draw_status(struct grid *grid, struct rect area, const struct view_context *context)
{
    view_status(grid, area, context, NULL);
}

static void test_registers_name_old_values_in_words(void **state)
{
    (void)state;
    check_view(SCENE_TIMER, draw_registers, 79, 10, "registers_user");
}

static void test_registers_show_mode_change_into_kernel(void **state)
{
    (void)state;
    check_view(SCENE_HANDLER, draw_registers, 79, 10, "registers_handler");
}

static void test_registers_in_real_mode(void **state)
{
    (void)state;
    check_view(SCENE_RESET, draw_registers, 79, 10, "registers_reset");
}

static void test_disassembly_marks_eip_and_symbols(void **state)
{
    (void)state;
    check_view(SCENE_TIMER, draw_disassembly, 50, 16, "disassembly_user");
}

static void test_disassembly_of_real_mode_reset_vector(void **state)
{
    (void)state;
    check_view(SCENE_RESET, draw_disassembly, 50, 8, "disassembly_reset");
}

static void test_stacks_before_interrupt_kernel_stack_empty(void **state)
{
    (void)state;
    check_view(SCENE_TIMER, draw_stacks, 79, 18, "stacks_before");
}

static void test_stacks_inside_delivery_show_pushed_slots(void **state)
{
    (void)state;
    check_view(SCENE_INSIDE, draw_stacks, 79, 18, "stacks_inside");
}

static void test_stacks_in_handler_name_frame_slots(void **state)
{
    (void)state;
    check_view(SCENE_HANDLER, draw_stacks, 79, 18, "stacks_handler");
}

static void test_stacks_after_iret_dim_popped_frame(void **state)
{
    (void)state;
    check_view(SCENE_IRET, draw_stacks, 79, 18, "stacks_iret");
}

static void test_stacks_name_three_word_frame_of_nested_interrupt(void **state)
{
    (void)state;
    check_view(SCENE_NESTED, draw_stacks, 79, 18, "stacks_nested");
}

static void test_stacks_in_real_mode_have_word_cells(void **state)
{
    (void)state;
    check_view(SCENE_RESET, draw_stacks, 79, 8, "stacks_reset");
}

static void test_vectors_mark_the_next_one(void **state)
{
    (void)state;
    check_view(SCENE_TIMER, draw_vectors, 40, 30, "vectors_user");
}

static void test_microsteps_of_delivery_beside_lecture_order(void **state)
{
    (void)state;
    check_view(SCENE_INSIDE, draw_microsteps, 110, 36, "microsteps_delivery");
}

static void test_microsteps_of_iret_are_the_after_phase(void **state)
{
    (void)state;
    check_view(SCENE_IRET, draw_microsteps, 80, 12, "microsteps_iret");
}

static void test_screen_shows_text_memory(void **state)
{
    (void)state;
    check_view(SCENE_TIMER, draw_screen, 80, 26, "screen");
}

static void test_console_shows_the_end(void **state)
{
    (void)state;
    check_view(SCENE_TIMER, draw_console, 40, 4, "console");
}

/* A boot as far as the kernel; the guest is the bundled one. */
static void draw_boot(struct grid *grid, struct rect area, const struct view_context *context)
{
    static const struct boot_stage_state stages[] = {
        {42, 0x01, 0},      {9189, 0x11, 0},    {644659, 0x1C, 0},   {644741, 0x40, 0},
        {1656561, 0x50, 0}, {8453948, 0x60, 0}, {11500000, 0x6F, 0}, {11600000, BOOT_PROGRAM, 0}};
    struct session_view *view = malloc(sizeof(*view));
    struct view_context changed = *context;

    assert_non_null(view);
    *view = *context->view;
    view->own_guest = 1;
    view->state.boot.count = sizeof(stages) / sizeof(stages[0]);
    memcpy(view->state.boot.stages, stages, sizeof(stages));
    view->state.cpu.delivered[DELIVERY_INTR] = 1234;
    view->state.cpu.delivered[DELIVERY_SOFTWARE] = 650;
    changed.view = view;
    view_boot(grid, area, &changed, true, 0);
    free(view);
}

static void draw_boot_empty(struct grid *grid, struct rect area, const struct view_context *context)
{
    view_boot(grid, area, context, false, 0);
}

static void test_boot_names_the_stages_of_the_bundled_guest(void **state)
{
    (void)state;
    check_view(SCENE_TIMER, draw_boot, 80, 14, "boot_stages");
}

static void test_boot_at_reset_has_no_stages(void **state)
{
    (void)state;
    check_view(SCENE_RESET, draw_boot_empty, 80, 8, "boot_reset");
}

static void draw_processes(struct grid *grid, struct rect area, const struct view_context *context)
{
    view_processes(grid, area, context, true, 0);
}

static void test_processes_show_the_tree_and_the_chosen_control_block(void **state)
{
    (void)state;
    check_view(SCENE_PROCESSES, draw_processes, 100, 40, "processes");
}

static void test_processes_side_by_side_where_there_is_room(void **state)
{
    (void)state;
    check_view(SCENE_PROCESSES, draw_processes, 160, 30, "processes_wide");
}

static void test_processes_of_an_unknown_kernel_are_none(void **state)
{
    (void)state;
    check_view(SCENE_RESET, draw_processes, 80, 4, "processes_none");
}

static void test_a_click_on_a_process_chooses_it(void **state)
{
    struct scene *scene = make_scene(SCENE_PROCESSES);
    struct view_context context = scene_context(scene);
    struct grid grid = new_grid(100, 20);
    char command[64];

    (void)state;
    view_processes(&grid, grid_whole(&grid), &context, true, 0);

    assert_true(panel_command(PANEL_PROCESSES, grid_at(&grid, 9, 4)->link, &context, command,
                              sizeof command));
    assert_string_equal(command, "process 4");
    free(grid.cells);
    free(scene);
}

static void draw_source(struct grid *grid, struct rect area, const struct view_context *context)
{
    view_source(grid, area, context, true, 0);
}

static void draw_watch(struct grid *grid, struct rect area, const struct view_context *context)
{
    view_watch(grid, area, context, true, 0);
}

static void draw_memory(struct grid *grid, struct rect area, const struct view_context *context)
{
    view_memory(grid, area, context, true, -1);
}

/* Names of fields lead to what they mean, not to a process. */
static void test_a_click_on_a_field_of_the_control_block_explains_it(void **state)
{
    struct scene *scene = make_scene(SCENE_PROCESSES);
    struct view_context context = scene_context(scene);
    struct grid grid = new_grid(100, 40);
    char command[64];

    (void)state;
    view_processes(&grid, grid_whole(&grid), &context, true, 0);

    assert_true(panel_command(PANEL_PROCESSES, grid_at(&grid, 1, 14)->link, &context, command,
                              sizeof command));
    assert_string_equal(command, "explain priority");
    free(grid.cells);
    free(scene);
}

static void test_source_stands_beside_the_call_stack_across_the_trap(void **state)
{
    (void)state;
    check_view(SCENE_PROGRAM, draw_source, 120, 14, "source");
}

static void test_source_above_the_call_stack_where_it_is_narrow(void **state)
{
    (void)state;
    check_view(SCENE_PROGRAM, draw_source, 70, 22, "source_narrow");
}

static void test_source_while_the_machine_runs_says_so(void **state)
{
    (void)state;
    check_view(SCENE_TIMER, draw_source, 70, 4, "source_none");
}

static void test_watch_list_marks_what_changed_and_what_can_not_be_had(void **state)
{
    (void)state;
    check_view(SCENE_PROGRAM, draw_watch, 60, 6, "watch");
}

static void test_memory_in_hexadecimal_characters_and_decimal(void **state)
{
    (void)state;
    check_view(SCENE_PROGRAM, draw_memory, 150, 8, "memory");
}

static void test_a_click_on_a_source_line_or_a_frame_is_a_command(void **state)
{
    struct scene *scene = make_scene(SCENE_PROGRAM);
    struct view_context context = scene_context(scene);
    struct grid grid = new_grid(120, 14);
    char command[256];

    (void)state;
    view_source(&grid, grid_whole(&grid), &context, true, 0);

    assert_true(panel_command(PANEL_SOURCE, grid_at(&grid, 12, 4)->link, &context, command,
                              sizeof command));
    assert_string_equal(command, "break kernel/calls/transfer.c:30");
    assert_true(panel_command(PANEL_SOURCE, grid_at(&grid, 80, 5)->link, &context, command,
                              sizeof command));
    assert_string_equal(command, "frame 2");
    free(grid.cells);
    free(scene);
}

static void draw_calls(struct grid *grid, struct rect area, const struct view_context *context)
{
    view_calls(grid, area, context, true, 0);
}

static void draw_timeline(struct grid *grid, struct rect area, const struct view_context *context)
{
    view_timeline(grid, area, context, true, 0);
}

static void draw_counters(struct grid *grid, struct rect area, const struct view_context *context)
{
    view_counters(grid, area, context, true, 0);
}

static void test_calls_have_arguments_results_and_clocks(void **state)
{
    (void)state;
    check_view(SCENE_EVENTS_KEPT, draw_calls, 110, 14, "calls");
}

static void test_timeline_has_a_lane_for_each_process(void **state)
{
    (void)state;
    check_view(SCENE_EVENTS_KEPT, draw_timeline, 78, 8, "timeline");
}

static void test_counters_sum_up_the_log(void **state)
{
    (void)state;
    check_view(SCENE_EVENTS_KEPT, draw_counters, 130, 22, "counters");
}

static void test_counters_in_one_column_where_it_is_narrow(void **state)
{
    (void)state;
    check_view(SCENE_EVENTS_KEPT, draw_counters, 78, 36, "counters_narrow");
}

static void test_a_click_in_the_log_or_the_timeline_goes_there(void **state)
{
    struct scene *scene = make_scene(SCENE_EVENTS_KEPT);
    struct view_context context = scene_context(scene);
    struct grid grid = new_grid(110, 12);
    char command[64];

    (void)state;
    view_calls(&grid, grid_whole(&grid), &context, true, 0);
    assert_true(panel_command(PANEL_CALLS, grid_at(&grid, 40, 11)->link, &context, command,
                              sizeof command));
    assert_string_equal(command, "go 12380600"); /* the child's end: 12345600 + 35000 */
    grid_clear(&grid);
    view_timeline(&grid, grid_whole(&grid), &context, true, 0);
    uint32_t column = 18 + 92 * 3 / 4; /* the position */
    assert_true(panel_command(PANEL_TIMELINE, grid_at(&grid, column, 4)->link, &context, command,
                              sizeof command));
    assert_string_equal(command, "go 12375000");
    free(grid.cells);
    free(scene);
}

static void draw_upcall(struct grid *grid, struct rect area, const struct view_context *context)
{
    view_upcall(grid, area, context, true, 0);
}

static void test_upcall_in_its_handler_beside_an_interrupt(void **state)
{
    (void)state;
    check_view(SCENE_SIGNAL, draw_upcall, 130, 13, "upcall_signal");
}

static void test_upcall_beside_an_interrupt_that_is_being_delivered(void **state)
{
    (void)state;
    check_view(SCENE_INSIDE, draw_upcall, 130, 13, "upcall_interrupt");
}

static void test_upcall_has_facts_below_the_words_where_it_is_narrow(void **state)
{
    (void)state;
    check_view(SCENE_SIGNAL, draw_upcall, 80, 24, "upcall_narrow");
}

static void test_stacks_label_the_signal_frame(void **state)
{
    (void)state;
    check_view(SCENE_SIGNAL, draw_stacks, 79, 40, "stacks_signal");
}

static void test_stacks_name_frames_further_up(void **state)
{
    (void)state;
    check_view(SCENE_FURTHER, draw_stacks, 79, 30, "stacks_further");
}

static void test_status_names_mode_and_keys(void **state)
{
    (void)state;
    check_view(SCENE_INSIDE, draw_status, 160, 1, "status_inside");
}

static void draw_status_guest(struct grid *grid, struct rect area,
                              const struct view_context *context)
{
    view_status(grid, area, context, "keyboard");
}

static void test_status_names_the_guest_when_keys_go_there(void **state)
{
    (void)state;
    check_view(SCENE_TIMER, draw_status_guest, 160, 1, "status_guest");
}

static void check_window(enum scene_kind kind, uint32_t columns, uint32_t rows, const char *name,
                         void (*change)(struct ui_model *))
{
    struct grid grid = new_grid(columns, rows);
    struct scene *scene = make_scene(kind);
    struct ui_model model = {
        .context = scene_context(scene), .focus = PANEL_DISASSEMBLY, .show_help = true};
    if (change) {
        change(&model);
    }

    ui_compose(&grid, &model);

    compare_with_golden(&grid, name);
    free(scene);
    free(grid.cells);
}

static void test_window_at_1280_by_800_has_every_panel(void **state)
{
    (void)state;
    check_window(SCENE_INSIDE, 160, 50, "window_wide", NULL);
}

static void test_window_at_100_by_40_shows_the_inside(void **state)
{
    (void)state;
    check_window(SCENE_INSIDE, 100, 40, "window_middle", NULL);
}

static void test_window_at_60_by_20_shows_one_panel(void **state)
{
    (void)state;
    check_window(SCENE_INSIDE, 60, 20, "window_small", NULL);
}

static void open_keys(struct ui_model *model)
{
    model->show_keys = true;
}

static void test_window_lists_keys(void **state)
{
    (void)state;
    check_window(SCENE_TIMER, 100, 40, "window_keys", open_keys);
}

static void open_command(struct ui_model *model)
{
    model->command_open = true;
    model->command = "until interrupt";
    model->command_cursor = 5;
}

static void test_window_command_line_shows_cursor(void **state)
{
    (void)state;
    check_window(SCENE_TIMER, 80, 24, "window_command", open_command);
}

int main(int count, char **arguments)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_registers_name_old_values_in_words),
        cmocka_unit_test(test_registers_show_mode_change_into_kernel),
        cmocka_unit_test(test_registers_in_real_mode),
        cmocka_unit_test(test_disassembly_marks_eip_and_symbols),
        cmocka_unit_test(test_disassembly_of_real_mode_reset_vector),
        cmocka_unit_test(test_stacks_before_interrupt_kernel_stack_empty),
        cmocka_unit_test(test_stacks_inside_delivery_show_pushed_slots),
        cmocka_unit_test(test_stacks_in_handler_name_frame_slots),
        cmocka_unit_test(test_stacks_after_iret_dim_popped_frame),
        cmocka_unit_test(test_stacks_name_three_word_frame_of_nested_interrupt),
        cmocka_unit_test(test_stacks_in_real_mode_have_word_cells),
        cmocka_unit_test(test_vectors_mark_the_next_one),
        cmocka_unit_test(test_microsteps_of_delivery_beside_lecture_order),
        cmocka_unit_test(test_microsteps_of_iret_are_the_after_phase),
        cmocka_unit_test(test_screen_shows_text_memory),
        cmocka_unit_test(test_console_shows_the_end),
        cmocka_unit_test(test_boot_names_the_stages_of_the_bundled_guest),
        cmocka_unit_test(test_boot_at_reset_has_no_stages),
        cmocka_unit_test(test_processes_show_the_tree_and_the_chosen_control_block),
        cmocka_unit_test(test_processes_side_by_side_where_there_is_room),
        cmocka_unit_test(test_processes_of_an_unknown_kernel_are_none),
        cmocka_unit_test(test_a_click_on_a_process_chooses_it),
        cmocka_unit_test(test_a_click_on_a_field_of_the_control_block_explains_it),
        cmocka_unit_test(test_source_stands_beside_the_call_stack_across_the_trap),
        cmocka_unit_test(test_source_above_the_call_stack_where_it_is_narrow),
        cmocka_unit_test(test_source_while_the_machine_runs_says_so),
        cmocka_unit_test(test_watch_list_marks_what_changed_and_what_can_not_be_had),
        cmocka_unit_test(test_memory_in_hexadecimal_characters_and_decimal),
        cmocka_unit_test(test_a_click_on_a_source_line_or_a_frame_is_a_command),
        cmocka_unit_test(test_calls_have_arguments_results_and_clocks),
        cmocka_unit_test(test_timeline_has_a_lane_for_each_process),
        cmocka_unit_test(test_counters_sum_up_the_log),
        cmocka_unit_test(test_counters_in_one_column_where_it_is_narrow),
        cmocka_unit_test(test_a_click_in_the_log_or_the_timeline_goes_there),
        cmocka_unit_test(test_upcall_in_its_handler_beside_an_interrupt),
        cmocka_unit_test(test_upcall_beside_an_interrupt_that_is_being_delivered),
        cmocka_unit_test(test_upcall_has_facts_below_the_words_where_it_is_narrow),
        cmocka_unit_test(test_stacks_label_the_signal_frame),
        cmocka_unit_test(test_stacks_name_frames_further_up),
        cmocka_unit_test(test_status_names_mode_and_keys),
        cmocka_unit_test(test_status_names_the_guest_when_keys_go_there),
        cmocka_unit_test(test_window_at_1280_by_800_has_every_panel),
        cmocka_unit_test(test_window_at_100_by_40_shows_the_inside),
        cmocka_unit_test(test_window_at_60_by_20_shows_one_panel),
        cmocka_unit_test(test_window_lists_keys),
        cmocka_unit_test(test_window_command_line_shows_cursor),
    };

    regenerate = count > 1 && strcmp(arguments[1], "--regenerate") == 0;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
