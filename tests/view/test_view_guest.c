/* The views of the operating system drawn from the bundled kernel as it runs. What they say is
 * judged by what the programs of the guest do, and the machine must be the same afterwards.
 * SPDX-License-Identifier: MIT */
#include "tests/support/support.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "emu/file.h"
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

static struct scene *scene_open_kernel(const char *kernel, const char *command_line,
                                       const char *program)
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
    assert_true(elf_symbols_add_file(scene->symbols, kernel, NULL));
    snprintf(path, sizeof(path), GUEST_OS "/user/%s", program);
    assert_true(elf_symbols_add_file(scene->symbols, path, NULL));
    scene->session = session_create(scene->machine, scene->symbols, 64u << 20, NULL);
    assert_non_null(scene->session);
    scene->grid = (struct grid){COLUMNS, ROWS, calloc((size_t)COLUMNS * ROWS, sizeof(struct cell))};
    return scene;
}

static struct scene *scene_open(const char *command_line, const char *program)
{
    return scene_open_kernel(GUEST_OS "/kernel.elf", command_line, program);
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
    assert_text_contains(text, "fd = ");
    say(scene, "frame 1");
    text = draw(scene, PANEL_SOURCE);
    assert_text_contains(text, "calls[row].handler(frame->ebx");
    scene_close(scene);
}

/* The kernel's tick counter is on the watch list and in the memory panel; one tick later both say
 * that it has changed. */
static void test_watched_values_and_bytes_are_marked_when_they_change(void **unused)
{
    struct scene *scene = scene_open("ringside demo=counters", "count");
    uint32_t ticks = 0;
    char text[40];

    (void)unused;
    say(scene, "go 60000000");
    say(scene, "display ticks");
    say(scene, "memory &ticks");
    sscanf(strstr(draw(scene, PANEL_WATCH), "1 ticks = "), "1 ticks = %" SCNu32, &ticks);
    assert_in_range(ticks, 50, 60); /* one every million clocks, once the kernel is up */
    snprintf(text, sizeof(text), " %02X 00 00 00", ticks);
    assert_text_contains(draw(scene, PANEL_MEMORY), text);
    say(scene, "until changed ticks");
    say(scene, "step");
    snprintf(text, sizeof(text), "1 ticks = %" PRIu32 " (0x%" PRIX32 ") *", ticks + 1, ticks + 1);
    assert_text_contains(draw(scene, PANEL_WATCH), text);
    snprintf(text, sizeof(text), " %02X*00 00 00", ticks + 1);
    assert_text_contains(draw(scene, PANEL_MEMORY), text);
    scene_close(scene);
}

/* A kernel with a description of its own beside its file, of the five lines that must be there and
 * two more: what is described is shown, the rest is left out. */
static void test_another_kernel_s_description_is_read_from_beside_its_file(void **unused)
{
    static const char other[] = TEST_FOLDER "/other.elf";
    static const char description[] = "structure process\nfirst process_first\nnext next\n"
                                      "current current\npid pid\nname name\nstate state\n";
    static const char wrong[] = "structure process\nfirst process_first\nnext link\n";
    struct scene *scene;
    uint8_t *bytes;
    size_t size;

    (void)unused;
    assert_true(file_read(GUEST_OS "/kernel.elf", 64u << 20, &bytes, &size, NULL));
    assert_true(file_write(other, bytes, size, NULL));
    free(bytes);
    assert_true(
        file_write(TEST_FOLDER "/other.elf.os", description, sizeof(description) - 1, NULL));
    scene = scene_open_kernel(other, "ringside demo=counters", "line");
    say(scene, "go 60000000");
    say(scene, "process 8");
    assert_text_contains(draw(scene, PANEL_PROCESSES), "    8 line                      ○ waiting");
    assert_text_contains(scene->text, "who       pid 8, parent -1,");
    scene_close(scene);

    assert_true(file_write(TEST_FOLDER "/other.elf.os", wrong, sizeof(wrong) - 1, NULL));
    scene = scene_open_kernel(other, "ringside demo=counters", "line");
    say(scene, "go 60000000");
    assert_text_contains(draw(scene, PANEL_PROCESSES),
                         " description of the kernel, line 3: struct process has no member link\n");
    scene_close(scene);
}

/* ---- the log of events ---- */

static uint32_t events_of(const struct scene *scene, uint32_t kind)
{
    const struct session_log *log = &scene->view.log;
    uint32_t count = 0;

    for (uint32_t i = 0; i < log->count; i++) {
        count += session_log_at(log, i)->kind == kind;
    }
    return count;
}

/* As many calls and interrupts as the processor has delivered by itself. */
static void test_the_log_has_every_call_from_the_start(void **unused)
{
    struct scene *scene = scene_open("ringside demo=counters", "count");
    const char *text;
    const struct cpu_state *cpu;

    (void)unused;
    say(scene, "log on");
    say(scene, "go 60000000");
    text = draw(scene, PANEL_CALLS);
    cpu = &scene->view.state.cpu;

    assert_int_equal(events_of(scene, OS_EVENT_CALL), cpu->delivered[DELIVERY_SOFTWARE]);
    assert_int_equal(events_of(scene, OS_EVENT_IRQ), cpu->delivered[DELIVERY_INTR]);
    assert_int_equal(events_of(scene, OS_EVENT_EXCEPTION), cpu->delivered[DELIVERY_EXCEPTION]);
    assert_text_contains(text, "kept since clock 0\n");
    assert_text_contains(text, " count       gettimeofday(0xbffffe88, NULL) = 0  1 ");
    assert_text_contains(text, "* SIG");
    scene_close(scene);
}

/* Back, and forward over the same way: nothing is there twice, what lies ahead is kept, and the
 * machine is the one that nobody listens to. */
static void test_going_back_and_forward_tells_nothing_twice(void **unused)
{
    struct scene *scene = scene_open("ringside demo=counters", "count");
    struct scene *other = scene_open("ringside demo=counters", "count");
    uint32_t count;
    char *before;

    (void)unused;
    say(scene, "log on");
    say(scene, "go 60000000");
    before = strdup(draw(scene, PANEL_TIMELINE));
    count = scene->view.log.count;
    assert_true(count > 100);
    say(scene, "go 30000000");
    draw(scene, PANEL_TIMELINE);
    assert_int_equal(scene->view.log.count, count);
    assert_string_not_equal(before, scene->text);
    say(scene, "until syscall");
    say(scene, "step 100");
    say(scene, "go 60000000");
    assert_string_equal(before, draw(scene, PANEL_TIMELINE));
    assert_int_equal(scene->view.log.count, count);

    say(other, "go 60000000");
    assert_true(machine_hash(scene->machine) == machine_hash(other->machine));
    free(before);
    scene_close(scene);
    scene_close(other);
}

/* Typing in the past cuts the future off, and its events with it. */
static void test_a_future_that_is_cut_off_is_gone_from_the_log(void **unused)
{
    struct scene *scene = scene_open("ringside demo=counters", "count");
    uint64_t last = 0;

    (void)unused;
    say(scene, "log on");
    say(scene, "go 60000000");
    say(scene, "go 30000000");
    assert_true(session_input_serial(scene->session, 'x', true));
    draw(scene, PANEL_CALLS);
    for (uint32_t i = 0; i < scene->view.log.count; i++) {
        assert_true(session_log_at(&scene->view.log, i)->clock <= 30000000);
    }
    say(scene, "go 60000000");
    draw(scene, PANEL_CALLS);
    for (uint32_t i = 0; i < scene->view.log.count; i++) {
        assert_true(session_log_at(&scene->view.log, i)->clock >= last);
        last = session_log_at(&scene->view.log, i)->clock;
    }
    assert_int_equal(events_of(scene, OS_EVENT_CALL),
                     scene->view.state.cpu.delivered[DELIVERY_SOFTWARE]);
    scene_close(scene);
}

/* gettimeofday(2) of a counter, from its stub to the handler and back. */
static void test_the_way_of_a_call_is_marked_from_the_stub_to_the_handler_and_back(void **unused)
{
    struct scene *scene = scene_open("ringside demo=counters", "count");

    (void)unused;
    say(scene, "log on");
    say(scene, "go 58700000");
    say(scene, "until syscall");
    assert_text_contains(draw(scene, PANEL_CALLS),
                         " milliseconds ─1► [gettimeofday] ─2► trap: INT 80h ─3► kernel stub ─4► "
                         "sys_gettimeofday\n");
    say(scene, "step");
    assert_text_contains(draw(scene, PANEL_CALLS), "─2► [trap: INT 80h] ─3►");
    say(scene, "until system_call");
    assert_text_contains(draw(scene, PANEL_CALLS), "─3► [kernel stub] ─4►");
    say(scene, "until sys_gettimeofday");
    assert_text_contains(draw(scene, PANEL_CALLS), "─4► [sys_gettimeofday]\n");
    assert_text_contains(scene->text, "gettimeofday(0xbffffe88, NULL) ... still in it");
    say(scene, "until iret");
    assert_text_contains(draw(scene, PANEL_CALLS), " ◄───6 [IRET] ───");
    scene_close(scene);
}

/* A line of the log leads to its clock. */
static void test_a_click_on_a_call_goes_to_where_it_was_made(void **unused)
{
    struct scene *scene = scene_open("ringside demo=counters", "count");
    struct view_context context = {.view = &scene->view};
    const struct cell *cell;
    char command[64];

    (void)unused;
    say(scene, "log on");
    say(scene, "go 60000000");
    draw(scene, PANEL_CALLS);
    cell = grid_at(&scene->grid, 40, ROWS - 3);
    assert_true(panel_command(PANEL_CALLS, cell->link, &context, command, sizeof(command)));
    say(scene, command);

    draw(scene, PANEL_CALLS);
    assert_int_equal(scene->view.state.cpu.cpl, 0);
    assert_int_equal(scene->view.state.cpu.gpr[REG_EAX], 78); /* gettimeofday: system_calls.def */
    scene_close(scene);
}

/* Tenths of a per cent behind a name; 0: it is not there. */
static uint32_t share_of(const char *text, const char *name)
{
    const char *at = strstr(text, name);
    uint32_t whole = 0;
    uint32_t tenth = 0;

    if (!at || sscanf(at + strlen(name), " %" SCNu32 ".%" SCNu32, &whole, &tenth) != 2) {
        return 0;
    }
    return whole * 10 + tenth;
}

/* Nobody has the processor twice at a time: the clocks of all are those that have passed, and the
 * two counters and the catcher, which compute, have nearly all of them in equal parts. */
static void test_the_timeline_shares_all_clocks_out(void **unused)
{
    struct scene *scene = scene_open("ringside demo=counters", "count");
    const char *text;
    char times[40];

    (void)unused;
    say(scene, "log on");
    say(scene, "go 60000000");
    text = draw(scene, PANEL_TIMELINE);
    assert_text_contains(text, "    1 demo_once   ──the end of a child (wait) (waitpid)───");
    assert_text_contains(text, "    8 line        ──a terminal (read)───");
    assert_text_contains(text, "    6 count       ");
    assert_text_contains(text, "·███████████·");
    text = draw(scene, PANEL_COUNTERS);
    assert_in_range(share_of(text, "6 count  "), 270, 330);
    assert_in_range(share_of(text, "7 count  "), 270, 330);
    assert_in_range(share_of(text, "9 catcher  "), 270, 330);
    assert_text_contains(text, "80 system call");
    snprintf(times, sizeof(times), "%" PRIu64 " times",
             scene->view.state.cpu.delivered[DELIVERY_SOFTWARE]);
    assert_text_contains(text, times);
    scene_close(scene);
}

/* The processor takes the timer's interrupt as soon as the instruction at hand has ended: an i486
 * needs 71 clocks to deliver it, DIV 40 at most. */
static void test_the_timer_waits_for_no_more_than_an_instruction(void **unused)
{
    struct scene *scene = scene_open("ringside demo=counters", "count");
    uint32_t seen = 0;

    (void)unused;
    say(scene, "go 30000000");
    say(scene, "log on");
    say(scene, "go 60000000");
    draw(scene, PANEL_COUNTERS);
    for (uint32_t i = 0; i < scene->view.log.count; i++) {
        uint32_t latency = session_log_latency(&scene->view.log, i);

        if (latency != UINT32_MAX) {
            assert_in_range(latency, 40, 150);
            seen++;
        }
    }
    assert_int_equal(seen, 30); /* 100 a second, 100 MHz */
    scene_close(scene);
}

/* catcher.c: SIGUSR1 comes from another process, its handler on_poke() takes siginfo. */
static void test_a_signal_can_be_followed_beside_the_interrupt(void **unused)
{
    struct scene *scene = scene_open("ringside demo=counters", "catcher");
    const char *text;

    (void)unused;
    say(scene, "log on");
    say(scene, "until signal delivered");
    text = draw(scene, PANEL_UPCALL);
    assert_text_contains(text, "Signal: the kernel calls catcher");
    assert_text_contains(text, "► registers saved in a frame");
    assert_text_contains(text, "✓ somebody sends it           SIGUSR1");
    say(scene, "until on_poke");
    text = draw(scene, PANEL_UPCALL);
    assert_text_contains(text, "► handler in USER mode");
    assert_text_contains(text, "SIGUSR1 SIGALRM");
    assert_text_contains(text, " on_poke\n");
    assert_text_contains(text, "mask 00000200,"); /* bit 9: signal 10 */
    say(scene, "until signal returned");
    assert_text_contains(draw(scene, PANEL_UPCALL), "► sigreturn restores all");
    say(scene, "until irq 0");
    text = draw(scene, PANEL_UPCALL);
    assert_text_contains(text, "► handler in KERNEL mode");
    assert_text_contains(text, "20h: vector_irq0_timer");
    assert_text_contains(text, "► the program goes on");
    scene_close(scene);
}

/* What the kernel has saved for the handler is what the program had when it was interrupted. */
static void test_the_signal_frame_on_the_stack_has_the_program_s_registers(void **unused)
{
    struct scene *scene = scene_open("ringside demo=counters", "catcher");
    uint32_t eip;
    char line[80];
    const char *text;

    (void)unused;
    say(scene, "until signal delivered");
    draw(scene, PANEL_PROCESSES);
    eip = scene->view.processes.list[scene->view.processes.selected].guest.user[GUEST_USER_EIP];
    say(scene, "until on_poke");
    text = draw(scene, PANEL_STACKS);
    snprintf(line, sizeof(line), "│%08" PRIX32 " saved EIP ", eip);
    assert_text_contains(text, line);
    assert_text_contains(text, " signal SIGUSR1");
    assert_text_contains(text, " signal frame: back to signal_return_info");
    assert_text_contains(text, "words of siginfo");
    scene_close(scene);
}

/* ---- garbage ---- */

/* The kernel's structures may be anything at all: pointers into nowhere, circles, counts beyond all
 * measure. Every panel is drawn, and ends. */
static void test_garbage_in_the_kernel_s_memory_is_drawn_and_ends(void **unused)
{
    static const enum ui_panel panels[] = {PANEL_PROCESSES, PANEL_UPCALL,   PANEL_STACKS,
                                           PANEL_SOURCE,    PANEL_COUNTERS, PANEL_TIMELINE,
                                           PANEL_CALLS};
    struct scene *scene = scene_open("ringside demo=counters", "count");
    uint32_t state = 1;
    uint8_t *ram;
    uint8_t *kept = malloc(32u << 20);

    (void)unused;
    assert_non_null(kept);
    say(scene, "log on");
    say(scene, "go 60000000");
    ram = machine_ram(scene->machine);
    memcpy(kept, ram, 32u << 20);
    for (uint32_t round = 0; round < 60; round++) {
        draw(scene, PANEL_PROCESSES);
        uint32_t count = scene->view.processes.count;
        for (uint32_t i = 0; i < 40 && count;
             i++) { /* words of the structures, or what they name */
            uint32_t which = support_random_below(&state, count);
            uint32_t at = scene->view.processes.list[which].guest.address - 0xC0000000u;
            uint32_t word = support_random_below(&state, 400) * 4;
            uint32_t value = support_random(&state);

            value = round % 3 == 0 ? value : 0xC0000000u + (value & 0x3FFFFFu);
            if (at < (32u << 20) - 4096) {
                memcpy(ram + at + word, &value, sizeof(value));
            }
        }
        for (uint32_t i = 0; i < sizeof(panels) / sizeof(panels[0]); i++) {
            draw(scene, panels[i]);
        }
        memcpy(ram, kept, 32u << 20);
    }
    free(kept);
    scene_close(scene);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_processes_of_the_counting_guest_stand_in_a_tree),
        cmocka_unit_test(test_a_sleeper_has_its_context_on_its_kernel_stack),
        cmocka_unit_test(test_a_child_of_fork_waits_with_zero_in_its_saved_eax),
        cmocka_unit_test(test_processes_with_base_and_bound_show_both),
        cmocka_unit_test(test_another_kernel_s_description_is_read_from_beside_its_file),
        cmocka_unit_test(test_the_call_stack_leads_from_the_kernel_into_the_program),
        cmocka_unit_test(test_watched_values_and_bytes_are_marked_when_they_change),
        cmocka_unit_test(test_the_log_has_every_call_from_the_start),
        cmocka_unit_test(test_going_back_and_forward_tells_nothing_twice),
        cmocka_unit_test(test_a_future_that_is_cut_off_is_gone_from_the_log),
        cmocka_unit_test(test_a_click_on_a_call_goes_to_where_it_was_made),
        cmocka_unit_test(test_the_way_of_a_call_is_marked_from_the_stub_to_the_handler_and_back),
        cmocka_unit_test(test_the_timeline_shares_all_clocks_out),
        cmocka_unit_test(test_the_timer_waits_for_no_more_than_an_instruction),
        cmocka_unit_test(test_a_signal_can_be_followed_beside_the_interrupt),
        cmocka_unit_test(test_the_signal_frame_on_the_stack_has_the_program_s_registers),
        cmocka_unit_test(test_garbage_in_the_kernel_s_memory_is_drawn_and_ends),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
