/* The debugger's core: searches forwards and backwards, micro-steps, breakpoints, commands.
 * SPDX-License-Identifier: MIT */
#include "tests/support/support.h"

#include <stdlib.h>
#include <string.h>

#include "emu/session.h"

struct scene {
    struct support_guest guest;
    struct elf_symbols *symbols;
    struct machine *machine;
    struct session *session;
    struct session_view view;
    struct session_view other;
};

static struct scene *scene_open(const char *kernel, const char *initrd, uint64_t start)
{
    struct scene *scene = calloc(1, sizeof(*scene));
    struct machine_config config = support_config();

    config.ram_bytes = 32u << 20;
    config.stop_on_halt = 0;
    support_guest_open(&scene->guest, kernel, initrd, "ringside demo=counters", config.ram_bytes);
    scene->machine = support_guest_machine(&scene->guest, &config);
    scene->symbols = elf_symbols_create();
    assert_true(elf_symbols_add_file(scene->symbols, kernel, NULL));
    scene->session = session_create(scene->machine, scene->symbols, 64u << 20, NULL);
    assert_non_null(scene->session);
    session_go_to(scene->session, start);
    return scene;
}

static void scene_close(struct scene *scene)
{
    session_destroy(scene->session);
    elf_symbols_destroy(scene->symbols);
    machine_destroy(scene->machine);
    support_guest_close(&scene->guest);
    free(scene);
}

static const struct session_view *look(struct scene *scene)
{
    session_get_view(scene->session, &scene->view, SESSION_VIEW_JOURNAL);
    return &scene->view;
}

static void finish(struct scene *scene)
{
    for (uint32_t i = 0; i < 1000 && session_advance(scene->session, 5000000); i++) {}
    session_get_view(scene->session, &scene->view, SESSION_VIEW_JOURNAL);
    assert_int_equal(scene->view.running, 0);
}

static void until(struct scene *scene, enum session_event event, enum session_direction direction)
{
    session_start_until(scene->session, event, direction);
    finish(scene);
}

static struct scene *kernel_scene(void)
{
    return scene_open(GUEST_OS "/kernel.elf", GUEST_OS "/ramdisk.img", 20000000);
}

static void test_until_stops_before_each_kind_of_event(void **unused)
{
    struct scene *scene = kernel_scene();

    (void)unused;
    until(scene, SESSION_EVENT_INTERRUPT, SESSION_FORWARD);
    assert_int_equal(scene->view.next.kind, DELIVERY_INTR);
    until(scene, SESSION_EVENT_SYSCALL, SESSION_FORWARD);
    assert_int_equal(scene->view.next.kind, DELIVERY_SOFTWARE);
    assert_int_equal(scene->view.next.vector, 0x80);
    until(scene, SESSION_EVENT_MODE_SWITCH, SESSION_FORWARD);
    session_step(scene->session, SESSION_FORWARD);
    session_get_view(scene->session, &scene->other, 0);
    assert_int_not_equal(scene->view.state.cpu.cpl == 3, scene->other.state.cpu.cpl == 3);
    scene_close(scene);
}

static void test_back_to_the_last_event_is_where_forward_stopped(void **unused)
{
    static const enum session_event events[] = {SESSION_EVENT_INTERRUPT, SESSION_EVENT_SYSCALL,
                                                SESSION_EVENT_MODE_SWITCH};
    struct scene *scene = kernel_scene();

    (void)unused;
    for (uint32_t i = 0; i < 3; i++) {
        struct session_position place;
        uint64_t hash;

        until(scene, events[i], SESSION_FORWARD);
        place = scene->view.position;
        hash = machine_hash(scene->machine);
        session_step(scene->session, SESSION_FORWARD);
        session_step(scene->session, SESSION_FORWARD);
        until(scene, events[i], SESSION_BACK);
        assert_int_equal(scene->view.position.step, place.step);
        assert_int_equal(scene->view.position.clock, place.clock);
        assert_true(machine_hash(scene->machine) == hash);
    }
    scene_close(scene);
}

static void test_micro_steps_lead_to_the_next_boundary_and_back(void **unused)
{
    struct scene *scene = kernel_scene();
    uint64_t before;
    uint64_t after;
    uint32_t count;

    (void)unused;
    until(scene, SESSION_EVENT_INTERRUPT, SESSION_FORWARD);
    before = machine_hash(scene->machine);
    count = scene->view.position.micro_count;
    assert_true(count > 8);
    for (uint32_t i = 1; i < count; i++) {
        session_micro_step(scene->session, SESSION_FORWARD);
        assert_int_equal(look(scene)->position.micro, i);
        assert_true(machine_hash(scene->machine) == before);
    }
    session_micro_step(scene->session, SESSION_FORWARD);
    assert_int_equal(look(scene)->position.micro, 0);
    assert_int_equal(scene->view.state.cpu.cpl, 0);
    after = machine_hash(scene->machine);

    for (uint32_t i = count; i-- > 0;) {
        session_micro_step(scene->session, SESSION_BACK);
        assert_int_equal(look(scene)->position.micro, i);
    }
    assert_true(machine_hash(scene->machine) == before);
    session_step(scene->session, SESSION_FORWARD);
    assert_true(machine_hash(scene->machine) == after);
    scene_close(scene);
}

static void test_micro_step_shows_the_frame_growing_in_memory(void **unused)
{
    struct scene *scene = kernel_scene();
    uint32_t index = 0;
    uint32_t value = 0;

    (void)unused;
    until(scene, SESSION_EVENT_SYSCALL, SESSION_FORWARD);
    while (scene->view.journal.entries[index].kind != JOURNAL_MEMORY_WRITE) {
        assert_true(++index < scene->view.journal.count);
    }
    for (uint32_t i = 0; i <= index; i++) {
        session_micro_step(scene->session, SESSION_FORWARD);
    }
    const struct journal_entry *entry = &scene->view.journal.entries[index];

    assert_true(session_read(scene->session, entry->address, &value, entry->size));
    assert_int_equal(value, entry->value);
    assert_true(machine_read_linear(scene->machine, entry->address, &value, entry->size));
    assert_int_equal(value, entry->previous);
    scene_close(scene);
}

static void test_step_over_a_system_call_comes_back_behind_it(void **unused)
{
    struct scene *scene = kernel_scene();
    uint32_t eip;
    uint64_t clock;

    (void)unused;
    until(scene, SESSION_EVENT_SYSCALL, SESSION_FORWARD);
    eip = scene->view.state.cpu.eip;
    clock = scene->view.position.clock;
    session_step_over(scene->session, SESSION_FORWARD);
    finish(scene);
    assert_int_equal(scene->view.state.cpu.eip, eip + 2);
    assert_int_equal(scene->view.state.cpu.cpl, 3);
    session_step_over(scene->session, SESSION_BACK);
    finish(scene);
    assert_int_equal(scene->view.state.cpu.eip, eip);
    assert_int_equal(scene->view.position.clock, clock);
    scene_close(scene);
}

static void test_breakpoints_stop_forwards_and_backwards(void **unused)
{
    struct scene *scene = scene_open(TEST_GUESTS "/storm.elf", NULL, 200000);
    uint32_t timer;
    uint64_t clock;

    (void)unused;
    assert_true(elf_symbols_lookup(scene->symbols, "timer", &timer));
    session_command(scene->session, "break timer");
    assert_int_equal(look(scene)->breakpoint_count, 1);
    session_command(scene->session, "run");
    finish(scene);
    assert_int_equal(scene->view.state.cpu.eip, timer);
    clock = scene->view.position.clock;
    session_command(scene->session, "run");
    finish(scene);
    assert_int_equal(scene->view.state.cpu.eip, timer);
    assert_true(scene->view.position.clock > clock);
    session_command(scene->session, "last breakpoint");
    finish(scene);
    assert_int_equal(scene->view.position.clock, clock);
    session_command(scene->session, "break timer");
    assert_int_equal(look(scene)->breakpoint_count, 0);
    scene_close(scene);
}

static void test_typing_in_the_past_asks_and_then_cuts(void **unused)
{
    struct scene *scene = scene_open(TEST_GUESTS "/storm.elf", NULL, 400000);

    (void)unused;
    assert_true(session_go_to(scene->session, 300000));
    assert_int_equal(look(scene)->position.in_past, 1);

    assert_false(session_input_serial(scene->session, 'x', false));
    assert_text_contains(look(scene)->message, "in the past");
    assert_int_equal(scene->view.position.in_past, 1);
    assert_true(session_input_serial(scene->session, 'x', true));
    assert_int_equal(look(scene)->position.in_past, 0);
    scene_close(scene);
}

static void test_console_tail_goes_back_in_time_too(void **unused)
{
    struct scene *scene = scene_open(GUEST_OS "/kernel.elf", GUEST_OS "/ramdisk.img", 0);
    char text[4096];
    size_t length;

    (void)unused;
    session_go_to(scene->session, 20000000);
    length = session_console_tail(scene->session, CHANNEL_COM1, text, sizeof(text) - 1);
    text[length] = '\0';
    assert_text_contains(text, "Ringside: the small kernel");
    session_go_to(scene->session, 1000);
    assert_int_equal(session_console_tail(scene->session, CHANNEL_COM1, text, sizeof(text)), 0);
    scene_close(scene);
}

static void test_commands_answer_in_words(void **unused)
{
    static const struct {
        const char *line;
        const char *answer;
    } lines[] = {
        {"", "help lists the commands"},
        {"frobnicate", "frobnicate: no such command"},
        {"step zero", "zero: must be a number from 1"},
        {"step", "stopped at "},
        {"until dawn", "dawn: neither a symbol nor an address"},
        {"until breakpoint", "there is no breakpoint yet"},
        {"break nowhere", "nowhere: neither a symbol nor an address (hexadecimal, or SEG:OFF)"},
        {"break 10000:0", "10000:0: neither a symbol nor an address (hexadecimal, or SEG:OFF)"},
        {"go far", "far: must be a clock"},
        {"help", "commands: step, micro"},
        {"help back", "back [N]: "},
        {"back", "one step back at "},
        {"back", "the beginning of recorded history"},
    };
    struct scene *scene = scene_open(TEST_GUESTS "/storm.elf", NULL, 0);

    (void)unused;
    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
        session_command(scene->session, lines[i].line);
        assert_text_contains(look(scene)->message, lines[i].answer);
    }
    scene_close(scene);
}

static void test_looking_for_what_never_was_ends_at_the_beginning(void **unused)
{
    struct scene *scene = scene_open(TEST_GUESTS "/storm.elf", NULL, 0);

    (void)unused;
    session_command(scene->session, "step 50");
    until(scene, SESSION_EVENT_INTERRUPT, SESSION_BACK);
    assert_text_contains(scene->view.message, "the beginning of recorded history");
    assert_int_equal(scene->view.position.step, 0);
    scene_close(scene);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_until_stops_before_each_kind_of_event),
        cmocka_unit_test(test_back_to_the_last_event_is_where_forward_stopped),
        cmocka_unit_test(test_micro_steps_lead_to_the_next_boundary_and_back),
        cmocka_unit_test(test_micro_step_shows_the_frame_growing_in_memory),
        cmocka_unit_test(test_step_over_a_system_call_comes_back_behind_it),
        cmocka_unit_test(test_breakpoints_stop_forwards_and_backwards),
        cmocka_unit_test(test_typing_in_the_past_asks_and_then_cuts),
        cmocka_unit_test(test_console_tail_goes_back_in_time_too),
        cmocka_unit_test(test_commands_answer_in_words),
        cmocka_unit_test(test_looking_for_what_never_was_ends_at_the_beginning),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
