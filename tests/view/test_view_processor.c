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
    };

    regenerate = count > 1 && strcmp(arguments[1], "--regenerate") == 0;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
