/* The views of the operating system drawn from the bundled kernel as it runs. What they say is
 * judged by what the programs of the guest do, and the machine must be the same afterwards.
 * SPDX-License-Identifier: MIT */
#include "tests/support/support.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "emu/session.h"
#include "emu/view_panels.h"

#define COLUMNS 160u
#define ROWS    100u

struct scene {
    struct support_guest guest;
    struct elf_symbols *symbols;
    struct machine *machine;
    struct session *session;
    struct session_view view;
    struct grid grid;
    char *text; /* the last panel drawn */
    size_t bytes;
};

static bool read_session(void *context, uint32_t linear, void *bytes, uint32_t size)
{
    struct scene *scene = context;

    return session_read(scene->session, linear, bytes, size);
}

static struct scene *scene_open(const char *command_line, const char *program)
{
    struct scene *scene = calloc(1, sizeof(*scene));
    struct machine_config config = support_config();
    char path[512];

    config.ram_bytes = 32u << 20;
    config.stop_on_halt = 0;
    config.own_guest = 1;
    support_guest_open(&scene->guest, GUEST_OS "/kernel.elf", GUEST_OS "/ramdisk.img", command_line,
                       config.ram_bytes);
    scene->machine = support_guest_machine(&scene->guest, &config);
    scene->symbols = elf_symbols_create();
    assert_true(elf_symbols_add_file(scene->symbols, GUEST_OS "/kernel.elf", NULL));
    snprintf(path, sizeof(path), GUEST_OS "/user/%s", program);
    assert_true(elf_symbols_add_file(scene->symbols, path, NULL));
    scene->session = session_create(scene->machine, scene->symbols, 64u << 20, NULL);
    assert_non_null(scene->session);
    scene->grid = (struct grid){COLUMNS, ROWS, calloc((size_t)COLUMNS * ROWS, sizeof(struct cell))};
    return scene;
}

static void scene_close(struct scene *scene)
{
    session_destroy(scene->session);
    elf_symbols_destroy(scene->symbols);
    machine_destroy(scene->machine);
    support_guest_close(&scene->guest);
    free(scene->grid.cells);
    free(scene->text);
    free(scene);
}

static void say(struct scene *scene, const char *line)
{
    session_command(scene->session, line);
    for (uint32_t i = 0; i < 4000 && session_advance(scene->session, 5000000); i++) {}
    assert_false(session_is_moving(scene->session));
}

/* A panel as text. */
static const char *draw(struct scene *scene, enum ui_panel panel)
{
    struct view_context context = {.view = &scene->view,
                                   .read = read_session,
                                   .read_context = scene,
                                   .symbols = scene->symbols,
                                   .boundary_clock = machine_clock(scene->machine)};
    uint64_t hash = machine_hash(scene->machine);
    FILE *file;

    session_get_view(scene->session, &scene->view, panel_wants(panel) | SESSION_VIEW_JOURNAL);
    context.program = elf_symbols_present(scene->symbols, read_session, scene);
    grid_clear(&scene->grid);
    panel_info(panel)->draw(&scene->grid, grid_whole(&scene->grid), &context, true, 0);
    assert_true(machine_hash(scene->machine) == hash);
    free(scene->text);
    scene->text = NULL;
    file = open_memstream(&scene->text, &scene->bytes);
    assert_non_null(file);
    assert_true(grid_dump_text(&scene->grid, file));
    fclose(file);
    return scene->text;
}

/* demo=counters: process 1 starts two counters, an echo and a catcher of signals. */
static void test_processes_of_the_counting_guest_stand_in_a_tree(void **unused)
{
    struct scene *scene = scene_open("ringside demo=counters", "line");
    const char *text;

    (void)unused;
    say(scene, "go 60000000");
    say(scene, "process 8");
    text = draw(scene, PANEL_PROCESSES);

    assert_text_contains(text, "1 ├─demo_once               ○ waiting ◄─ the end of a child");
    assert_text_contains(text, "6 │ ├─count ");
    assert_text_contains(text, "9 │ └─catcher ");
    assert_text_contains(text, "5 └─flush (kernel thread) ");
    assert_text_contains(text, "waiting, in the call read, waits for a terminal");
    scene_close(scene);
}

/* The echo sleeps in read(2): its way into the kernel can be read, with what it left behind. */
static void test_a_sleeper_has_its_context_on_its_kernel_stack(void **unused)
{
    struct scene *scene = scene_open("ringside demo=counters", "line");
    const char *text;

    (void)unused;
    say(scene, "go 60000000");
    say(scene, "process 8");
    text = draw(scene, PANEL_PROCESSES);

    assert_text_contains(text, "K sleep_on at scheduler.c");
    assert_text_contains(text, "K tty_read at tty.c");
    assert_text_contains(text, "K trap_entry at trap_entry.S");
    assert_text_contains(text, " user ss");
    assert_text_contains(text, "0000001B user cs"); /* ring 3 */
    assert_text_contains(text, "00000080 user vector");
    assert_text_contains(text, "saved eip: here it goes on");
    assert_text_contains(text, "read+"); /* the stub of the C library, in its own memory */
    assert_text_contains(text, "0  terminal ttyS0, read and write, shared");
    assert_text_contains(text, "state = PROCESS_WAITING (3)");
    assert_int_equal(scene->view.processes.detail.guest.file_count, 3);
    scene_close(scene);
}

/* fork(2): the child that has not run yet will find 0 in EAX, and shares pages to be copied. */
static void test_a_child_of_fork_waits_with_zero_in_its_saved_eax(void **unused)
{
    struct scene *scene = scene_open("ringside demo=once", "demo_once");
    const struct session_process *fresh = NULL;

    (void)unused;
    say(scene, "until syscall fork");
    say(scene, "until process switched");
    draw(scene, PANEL_PROCESSES);
    for (uint32_t i = 0; i < scene->view.processes.count; i++) {
        const struct session_process *process = &scene->view.processes.list[i];

        fresh = process->is_fresh && process->guest.parent == 1 ? process : fresh;
    }
    assert_non_null(fresh);
    assert_int_equal(fresh->guest.user[REG_EAX], 0);
    {
        char line[64];

        snprintf(line, sizeof(line), "process %" PRId32, fresh->guest.pid);
        say(scene, line);
    }

    assert_text_contains(draw(scene, PANEL_PROCESSES), "← fork returns 0 here");
    assert_text_contains(scene->text, "has never run; saved EAX = 0");
    assert_text_contains(scene->text, " copy-on-write");
    scene_close(scene);
}

/* Without paging a program has one area: base and bound in place of a page directory. */
static void test_processes_with_base_and_bound_show_both(void **unused)
{
    struct scene *scene = scene_open("ringside demo=counters mmu=base-bound", "line");
    const char *text;

    (void)unused;
    say(scene, "go 60000000");
    say(scene, "process 8");
    text = draw(scene, PANEL_PROCESSES);

    assert_text_contains(text, "memory    base ");
    assert_text_contains(text, "user vector");
    scene_close(scene);
}

/* From sys_write() up to main() of the program that has called write(2). */
static void test_the_call_stack_leads_from_the_kernel_into_the_program(void **unused)
{
    struct scene *scene = scene_open("ringside demo=counters", "count");
    const char *text;

    (void)unused;
    say(scene, "go 60000000");
    say(scene, "until sys_write if pid == 6"); /* the first counter */
    text = draw(scene, PANEL_SOURCE);

    assert_text_contains(text, "#0  KERNEL sys_write at transfer.c:");
    assert_text_contains(text, "─── trap frame: from USER mode ───");
    assert_text_contains(text, "USER   write");
    assert_text_contains(text, "USER   main at count.c:");
    assert_text_contains(text, "frame = 0x");
    say(scene, "frame 1");
    text = draw(scene, PANEL_SOURCE);
    assert_text_contains(text, "return calls[row].handler(frame);");
    scene_close(scene);
}

/* The kernel's tick counter is on the watch list and in the memory panel; one tick later both say
 * that it has changed. */
static void test_watched_values_and_bytes_are_marked_when_they_change(void **unused)
{
    struct scene *scene = scene_open("ringside demo=counters", "count");

    (void)unused;
    say(scene, "go 60000000");
    say(scene, "display ticks");
    say(scene, "memory &ticks");
    assert_text_contains(draw(scene, PANEL_WATCH), "1 ticks = 57 (0x39)\n");
    assert_text_contains(draw(scene, PANEL_MEMORY), " 39 00 00 00");
    say(scene, "until changed ticks");
    say(scene, "step");
    assert_text_contains(draw(scene, PANEL_WATCH), "1 ticks = 58 (0x3A) *");
    assert_text_contains(draw(scene, PANEL_MEMORY), " 3A*00 00 00");
    scene_close(scene);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_processes_of_the_counting_guest_stand_in_a_tree),
        cmocka_unit_test(test_a_sleeper_has_its_context_on_its_kernel_stack),
        cmocka_unit_test(test_a_child_of_fork_waits_with_zero_in_its_saved_eax),
        cmocka_unit_test(test_processes_with_base_and_bound_show_both),
        cmocka_unit_test(test_the_call_stack_leads_from_the_kernel_into_the_program),
        cmocka_unit_test(test_watched_values_and_bytes_are_marked_when_they_change),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
