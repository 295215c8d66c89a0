/* The debugger's commands on the bundled kernel: events forwards and backwards, conditions,
 * changes by hand, source and call stack, scripts. What an event was is judged by the machine's own
 * counters and state, not by the debugger.
 * SPDX-License-Identifier: MIT */
#include "tests/support/support.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "emu/session.h"

#define START_CLOCK 20000000u /* the kernel's three counting processes run */

struct scene {
    struct support_guest guest;
    struct elf_symbols *symbols;
    struct machine *machine;
    struct session *session;
};

static struct scene *scene_open(uint64_t start)
{
    struct scene *scene = calloc(1, sizeof(*scene));
    struct machine_config config = support_config();

    config.ram_bytes = 32u << 20;
    config.stop_on_halt = 0;
    support_guest_open(&scene->guest, GUEST_OS "/kernel.elf", GUEST_OS "/ramdisk.img",
                       "ringside demo=counters", config.ram_bytes);
    scene->machine = support_guest_machine(&scene->guest, &config);
    scene->symbols = elf_symbols_create();
    assert_true(elf_symbols_add_file(scene->symbols, GUEST_OS "/kernel.elf", NULL));
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

/* A command and all of the move that it begins; the answer. */
static const char *say(struct scene *scene, const char *line)
{
    session_command(scene->session, line);
    for (uint32_t i = 0; i < 2000 && session_advance(scene->session, 5000000); i++) {}
    assert_false(session_is_moving(scene->session));
    return session_answer(scene->session);
}

static const struct cpu_state *cpu(struct scene *scene)
{
    return &machine_state(scene->machine)->cpu;
}

static const char *message(struct scene *scene)
{
    static struct session_view view;

    session_get_view(scene->session, &view, 0);
    return view.message;
}

/* ---- events ---- */

static void test_each_event_is_reached_and_gone_back_to(void **unused)
{
    static const char *const events[] = {
        "syscall write",
        "irq 0",
        "vector 0x80",
        "mode kernel",
        "iret",
        "port 0x20",
        "write current",
        "access ticks",
        "cr3",
        "trap if frame->vector == 32",
        "process switched",
        "syscall user",
        "read current kernel",
        "changed ticks",
    };
    struct scene *scene = scene_open(START_CLOCK);

    (void)unused;
    for (size_t i = 0; i < sizeof(events) / sizeof(events[0]); i++) {
        char line[100];
        uint64_t clock;
        uint64_t hash;

        snprintf(line, sizeof(line), "until %s", events[i]);
        say(scene, line);
        if (!strstr(message(scene), "stopped at")) {
            print_message("%s: ", events[i]);
        }
        assert_text_contains(message(scene), "stopped at");
        clock = machine_clock(scene->machine);
        snprintf(line, sizeof(line), "last %s", events[i]);
        say(scene, line);
        assert_true(machine_clock(scene->machine) <= clock);
        hash = machine_hash(scene->machine);
        snprintf(line, sizeof(line), "until %s", events[i]);
        say(scene, line);
        assert_int_equal(machine_clock(scene->machine), clock);
        snprintf(line, sizeof(line), "last %s", events[i]);
        say(scene, line);
        assert_true(machine_hash(scene->machine) == hash);
        snprintf(line, sizeof(line), "go %" PRIu64, clock);
        say(scene, line);
    }
    scene_close(scene);
}

static void test_a_system_call_by_name_stops_in_the_kernel_with_its_number(void **unused)
{
    struct scene *scene = scene_open(START_CLOCK);
    uint64_t before = cpu(scene)->delivered[DELIVERY_SOFTWARE];

    (void)unused;
    say(scene, "until syscall write");
    assert_int_equal(cpu(scene)->gpr[REG_EAX], 4); /* system_calls.def */
    assert_int_equal(cpu(scene)->cpl, 0);
    assert_true(cpu(scene)->delivered[DELIVERY_SOFTWARE] > before);
    scene_close(scene);
}

static void test_who_wrote_a_cell_leads_to_the_instruction_before_it_does(void **unused)
{
    struct scene *scene = scene_open(START_CLOCK);
    uint32_t address;
    uint32_t now;
    uint32_t then;

    (void)unused;
    assert_true(elf_symbols_lookup(scene->symbols, "ticks", &address));
    assert_true(machine_read_linear(scene->machine, address, &now, 4));
    say(scene, "who ticks");
    assert_true(machine_read_linear(scene->machine, address, &then, 4));
    assert_int_equal(then, now - 1);
    session_step(scene->session, SESSION_FORWARD);
    assert_true(machine_read_linear(scene->machine, address, &then, 4));
    assert_int_equal(then, now);
    say(scene, "who ticks");
    say(scene, "who ticks");
    session_step(scene->session, SESSION_FORWARD);
    assert_true(machine_read_linear(scene->machine, address, &then, 4));
    assert_int_equal(then, now - 1);
    scene_close(scene);
}

static void test_conditions_hits_and_modes_filter(void **unused)
{
    struct scene *scene = scene_open(START_CLOCK);
    uint64_t interrupts;

    (void)unused;
    say(scene, "break irq 0 hits 3");
    interrupts = cpu(scene)->delivered[DELIVERY_INTR];
    say(scene, "run");
    assert_int_equal(cpu(scene)->delivered[DELIVERY_INTR], interrupts + 3);
    assert_text_contains(message(scene), "vector 20h delivered, error code 0");
    assert_text_contains(say(scene, "info breakpoints"), "1   break irq 0 hits 3, 3 hits");
    say(scene, "delete");
    say(scene, "break vector 0x80 if eax == 4 && ebx == 1 once");
    say(scene, "run");
    assert_int_equal(cpu(scene)->gpr[REG_EAX], 4);
    assert_int_equal(cpu(scene)->gpr[REG_EBX], 1);
    assert_text_contains(say(scene, "info b"), "break (off)");
    say(scene, "delete");
    say(scene, "until mode user");
    assert_int_equal(cpu(scene)->cpl, 0);
    say(scene, "until mode kernel");
    assert_int_equal(cpu(scene)->cpl, 3);
    scene_close(scene);
}

static void test_log_points_say_it_and_go_on(void **unused)
{
    struct scene *scene = scene_open(START_CLOCK);

    (void)unused;
    say(scene, "break changed ticks log \"ticks {/x $old} to {$value}, {current->name}\"");
    say(scene, "until irq 0 hits 3");
    assert_text_contains(session_answer(scene->session), "] ticks 0x000000");
    say(scene, "trace port 0x20 write");
    say(scene, "until irq 0 hits 2");
    assert_text_contains(session_answer(scene->session), "port 20h written by C0");
    scene_close(scene);
}

static void test_console_text_is_found_forwards_again_and_backwards(void **unused)
{
    struct scene *scene = scene_open(10000);
    uint64_t clock;
    char tail[64] = "";
    size_t length;

    (void)unused;
    say(scene, "wait-for console \"KiB free\"");
    clock = machine_clock(scene->machine);
    length = session_console_tail(scene->session, CHANNEL_COM1, tail, 8);
    assert_int_equal(length, 8);
    assert_memory_equal(tail, "KiB free", 8);
    say(scene, "until irq 0 hits 2");
    say(scene, "last console \"KiB free\"");
    assert_int_equal(machine_clock(scene->machine), clock);
    say(scene, "go 20000");
    say(scene, "wait-for console \"KiB free\"");
    assert_int_equal(machine_clock(scene->machine), clock);
    assert_text_contains(say(scene, "last console \"no such text\""), "nothing of the kind");
    scene_close(scene);
}

/* The same machine, run without any of it, is in the same state at the same clock. */
static void test_watching_and_looking_never_change_the_machine(void **unused)
{
    struct scene *scene = scene_open(START_CLOCK);
    struct scene *plain = scene_open(START_CLOCK);
    char line[64];

    (void)unused;
    say(scene, "break access current log \"{current->pid}\"");
    say(scene, "break syscall log \"{eax}\"");
    say(scene, "break trap if frame->vector == 99");
    say(scene, "trace port 0..0xFFFF");
    say(scene, "display current->name");
    say(scene, "until irq 0 hits 5");
    say(scene, "backtrace");
    say(scene, "print *current");
    say(scene, "x/64x $esp");
    say(scene, "info registers");
    snprintf(line, sizeof(line), "go %" PRIu64, machine_clock(scene->machine));
    say(plain, line);
    assert_int_equal(machine_clock(plain->machine), machine_clock(scene->machine));
    assert_true(machine_hash(plain->machine) == machine_hash(scene->machine));
    scene_close(plain);
    scene_close(scene);
}

/* ---- looking ---- */

static void test_values_memory_and_source(void **unused)
{
    struct scene *scene = scene_open(START_CLOCK);
    char name[40];
    char text[128];

    (void)unused;
    say(scene, "until trap if frame->vector == 0x80");
    assert_string_equal(say(scene, "print frame->vector"), "128 (0x80)");
    assert_string_equal(say(scene, "p/x frame->vector"), "0x00000080");
    assert_text_contains(say(scene, "p *frame"), "vector = 128 (0x80), error_code = 0");
    snprintf(text, sizeof(text), "%u (0x%X)", cpu(scene)->gpr[REG_ESP], cpu(scene)->gpr[REG_ESP]);
    assert_string_equal(say(scene, "p esp"), text);
    assert_string_equal(say(scene, "p current->state"), "PROCESS_RUNNING (2)");
    assert_string_equal(say(scene, "p PROCESS_ZOMBIE"), "5");
    assert_string_equal(say(scene, "p pid == current->pid"), "1");
    assert_string_equal(say(scene, "p process.parent == current->parent->pid"), "1");
    snprintf(name, sizeof(name), "%s", say(scene, "p process.name"));
    assert_int_equal(name[0], '"');
    snprintf(text, sizeof(text), "p process.name == %s", name);
    assert_string_equal(say(scene, text), "1");
    snprintf(text, sizeof(text), "p current->name != %s || process.name == \"x\"", name);
    assert_string_equal(say(scene, text), "0");
    assert_text_contains(say(scene, "p process.name + 1"), "a text can be compared by == and !=");
    assert_text_contains(say(scene, "p process.pid == \"sh\""), "this is no text");
    assert_text_contains(say(scene, "info processes"), "  ready    ");
    assert_text_contains(say(scene, "p process.nothing"), "column ");
    assert_text_contains(say(scene, "x/s current->name"), "\"");
    assert_text_contains(say(scene, "x/2i 0"), "x: 'i' is no format");
    assert_text_contains(say(scene, "list"), "guest-os/kernel/heart/trap.c\n");
    assert_text_contains(say(scene, "list"), "void trap(struct trap_frame *frame)");
    assert_text_contains(say(scene, "info line"), "guest-os/kernel/heart/trap.c:");
    assert_text_contains(say(scene, "info locals"), "frame = 0x");
    assert_text_contains(say(scene, "info symbol trap + 3"), "trap+0x3");
    scene_close(scene);
}

static void test_the_call_stack_goes_through_the_trap_to_the_program(void **unused)
{
    struct scene *scene = scene_open(START_CLOCK);
    const char *answer;
    uint32_t user_eip;
    char text[20];

    (void)unused;
    say(scene, "until syscall write");
    assert_true(machine_read_linear(scene->machine, cpu(scene)->gpr[REG_ESP], &user_eip, 4));
    snprintf(text, sizeof(text), "#1  %08" PRIX32, user_eip);
    assert_text_contains(say(scene, "bt"), text);
    assert_text_contains(say(scene, "bt"), "#0  C0");
    say(scene, "until sys_write");
    answer = say(scene, "backtrace");
    assert_text_contains(answer, "sys_write at guest-os/kernel/calls/transfer.c:");
    assert_text_contains(answer, " system_call at guest-os/kernel/heart/system_call.c:");
    assert_text_contains(answer, " trap at guest-os/kernel/heart/trap.c:");
    assert_text_contains(answer, " trap_entry at guest-os/kernel/heart/trap_entry.S:");
    assert_text_contains(answer, text + 4);
    assert_text_contains(say(scene, "p fd"), "1");
    assert_text_contains(say(scene, "frame 1"), "system_call at guest-os");
    assert_text_contains(say(scene, "p frame->vector"),
                         "column 1: frame is optimized away at this instruction");
    assert_text_contains(say(scene, "frame 99"), "no such frame");
    scene_close(scene);
}

/* ---- changes ---- */

static void test_a_change_by_hand_is_an_input_and_replays(void **unused)
{
    struct scene *scene = scene_open(START_CLOCK);
    uint64_t here = machine_clock(scene->machine);
    uint64_t hash;
    char line[64];

    (void)unused;
    assert_text_contains(say(scene, "set tick_hz = 123"), "set; it is part of the input log now");
    assert_string_equal(say(scene, "p tick_hz"), "123 (0x7B)");
    say(scene, "set $edx = 0x1234");
    assert_int_equal(cpu(scene)->gpr[REG_EDX], 0x1234);
    assert_text_contains(say(scene, "write/b phys:0x500 0xAB"), "set;");
    assert_string_equal(say(scene, "p *(u8 *)phys:0x500"), "171 (0xAB)");
    say(scene, "step 20");
    hash = machine_hash(scene->machine);
    snprintf(line, sizeof(line), "go %" PRIu64, here - 100000);
    say(scene, line);
    assert_string_equal(say(scene, "p tick_hz"), "100 (0x64)");
    session_go_to(scene->session, here);
    say(scene, "step 20");
    assert_true(machine_hash(scene->machine) == hash);
    scene_close(scene);
}

static void test_a_change_in_the_past_cuts_the_future_and_says_so(void **unused)
{
    struct scene *scene = scene_open(START_CLOCK);

    (void)unused;
    say(scene, "back 1000");
    assert_text_contains(say(scene, "set tick_hz = 50"), "what was recorded after this moment is "
                                                         "cut off");
    assert_text_contains(say(scene, "info history"), "clock");
    assert_null(strstr(session_answer(scene->session), "in the past"));
    assert_text_contains(say(scene, "set cr0 = 0"), "can not be set");
    assert_text_contains(say(scene, "set 5 = 6"), "only a register of frame 0 or a number");
    scene_close(scene);
}

static void test_undo_and_marks_lead_back(void **unused)
{
    struct scene *scene = scene_open(START_CLOCK);
    uint64_t clock;

    (void)unused;
    say(scene, "mark here");
    clock = machine_clock(scene->machine);
    say(scene, "until irq 0");
    say(scene, "undo");
    assert_int_equal(machine_clock(scene->machine), clock);
    say(scene, "break trap");
    say(scene, "undo");
    assert_text_contains(say(scene, "info breakpoints"), "there are no breakpoints");
    say(scene, "until irq 0");
    say(scene, "go here");
    assert_int_equal(machine_clock(scene->machine), clock);
    assert_text_contains(say(scene, "marks"), "here: clock 2000");
    assert_text_contains(say(scene, "go nowhere"), "must be a clock");
    scene_close(scene);
}

static void test_breakpoints_are_saved_and_loaded(void **unused)
{
    struct scene *scene = scene_open(START_CLOCK);
    char line[300];

    (void)unused;
    say(scene, "break trap.c:220 if frame->vector == 14");
    say(scene, "trace syscall write");
    say(scene, "disable 1");
    say(scene, "display ticks");
    snprintf(line, sizeof(line), "save %s/saved.ringside", TEST_FOLDER);
    assert_text_contains(say(scene, line), "breakpoints and watch list are in");
    say(scene, "delete");
    say(scene, "undisplay");
    snprintf(line, sizeof(line), "load %s/saved.ringside", TEST_FOLDER);
    assert_text_contains(say(scene, line), "2 breakpoints from");
    assert_text_contains(say(scene, "info breakpoints"),
                         "break (off) trap.c:220 if frame->vector == 14 at C0");
    assert_text_contains(say(scene, "info breakpoints"), "trace syscall write");
    assert_text_contains(say(scene, "display"), "1: ticks = ");
    assert_text_contains(say(scene, "load /no/such"), "not a file of saved breakpoints");
    scene_close(scene);
}

/* ---- scripts and errors ---- */

static char heard[4096];

static void hear(void *context, const char *text, bool refused)
{
    size_t used = strlen(heard);

    (void)context;
    snprintf(heard + used, sizeof(heard) - used, "%s%s\n", refused ? "! " : "", text);
}

static void test_a_script_waits_for_its_moves_and_names_the_place_of_an_error(void **unused)
{
    struct scene *scene = scene_open(START_CLOCK);

    (void)unused;
    heard[0] = '\0';
    session_set_listener(scene->session, hear, NULL);
    assert_true(session_start_script(scene->session, "lab",
                                     "# comment\n\nuntil syscall write\nprint $eax\n"
                                     "print current->nothing\nprint 5\n"));
    for (uint32_t i = 0; i < 2000 && session_advance(scene->session, 5000000); i++) {}
    assert_text_contains(heard, "vector 80h delivered");
    assert_text_contains(heard, "\n4\n! lab:5:14: current->nothing: column 8: "
                                "struct process has no member nothing\n");
    assert_null(strstr(heard, "\n5\n"));
    scene_close(scene);
}

static void test_errors_say_what_is_wrong_and_where(void **unused)
{
    static const struct {
        const char *line;
        const char *answer;
    } rows[] = {
        {"fly", "fly: no such command; help lists them"},
        {"print 1 +", "1 +: column 4: something is missing at the end"},
        {"break", "column 1: what? A place or an event: help events lists them"},
        {"break nothing", "nothing: neither a symbol nor an address"},
        {"break trap if", "column 8: something is missing at the end"},
        {"break trap sometimes", "column 6: here may follow: if EXPR, ignore N"},
        {"break console hello", "column 9: a text between two \" is missing"},
        {"break port", "column 5: a number is missing"},
        {"break port 0x20000", "column 6: this number is too large"},
        {"break irq 16", "column 5: irq takes one line, 0 to 15"},
        {"break write nothing", "column 7: nothing: no such variable"},
        {"break process eaten", "process takes created, switched or ended"},
        {"break none.c:12", "none.c:12: neither a symbol"},
        {"info weather", "info takes registers, breakpoints"},
        {"delete 77", "77: there is no such breakpoint"},
        {"set eax", "set: '=' is missing"},
        {"source /no/such/file", "/no/such/file"},
        {"x/9q eax", "x: 'q' is no format"},
        {"who", "who: an address or a variable is missing"},
        {"undisplay 3", "3: not in the watch list"},
    };
    struct scene *scene = scene_open(1000000);

    (void)unused;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        assert_text_contains(say(scene, rows[i].line), rows[i].answer);
        assert_true(session_refused(scene->session));
    }
    scene_close(scene);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_event_is_reached_and_gone_back_to),
        cmocka_unit_test(test_a_system_call_by_name_stops_in_the_kernel_with_its_number),
        cmocka_unit_test(test_who_wrote_a_cell_leads_to_the_instruction_before_it_does),
        cmocka_unit_test(test_conditions_hits_and_modes_filter),
        cmocka_unit_test(test_log_points_say_it_and_go_on),
        cmocka_unit_test(test_console_text_is_found_forwards_again_and_backwards),
        cmocka_unit_test(test_watching_and_looking_never_change_the_machine),
        cmocka_unit_test(test_values_memory_and_source),
        cmocka_unit_test(test_the_call_stack_goes_through_the_trap_to_the_program),
        cmocka_unit_test(test_a_change_by_hand_is_an_input_and_replays),
        cmocka_unit_test(test_a_change_in_the_past_cuts_the_future_and_says_so),
        cmocka_unit_test(test_undo_and_marks_lead_back),
        cmocka_unit_test(test_breakpoints_are_saved_and_loaded),
        cmocka_unit_test(test_a_script_waits_for_its_moves_and_names_the_place_of_an_error),
        cmocka_unit_test(test_errors_say_what_is_wrong_and_where),
    };

    return cmocka_run_group_tests_name("emu_debugger", tests, NULL, NULL);
}
