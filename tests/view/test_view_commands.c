/* On a real machine: commands that steer what panels show, and the reader of physical memory, which
 * sees the micro-steps that are done.
 * SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "emu/explain.h"
#include "emu/session.h"
#include "emu/view_text.h"

struct seat {
    struct elf_symbols *symbols;
    struct machine *machine;
    struct session *session;
    struct session_view view;
};

/* Real mode at 7C00h: MOV BYTE PTR [0500h], 5Ah. */
static struct seat *new_seat(void)
{
    static const uint8_t code[] = {0xC6, 0x06, 0x00, 0x05, 0x5A, 0xF4};
    struct seat *seat = calloc(1, sizeof *seat);
    struct machine_config config;

    assert_non_null(seat);
    machine_config_defaults(&config);
    config.ram_bytes = 1 << 20;
    seat->machine = machine_create(&config, NULL);
    assert_non_null(seat->machine);
    assert_true(machine_write_physical(seat->machine, 0x7C00, code, sizeof code));
    struct machine_state *state = malloc(sizeof *state);
    assert_non_null(state);
    *state = *machine_state(seat->machine);
    state->cpu.segments[SEG_CS].selector = 0;
    state->cpu.segments[SEG_CS].base = 0;
    state->cpu.eip = 0x7C00;
    assert_true(machine_load_state(seat->machine, state, NULL));
    free(state);
    seat->symbols = elf_symbols_create();
    seat->session = session_create(seat->machine, seat->symbols, 1 << 24, NULL);
    assert_non_null(seat->session);
    return seat;
}

static void close_seat(struct seat *seat)
{
    session_destroy(seat->session);
    machine_destroy(seat->machine);
    elf_symbols_destroy(seat->symbols);
    free(seat);
}

static void test_physical_reader_sees_the_micro_steps_done(void **state)
{
    struct seat *seat = new_seat();
    uint8_t seen = 0xFF;
    uint8_t in_memory = 0xFF;

    (void)state;
    session_get_view(seat->session, &seat->view, SESSION_VIEW_JOURNAL);
    assert_true(session_read_physical(seat->session, 0x500, &seen, 1));
    assert_int_equal(seen, 0);
    for (uint32_t step = 0; step < seat->view.position.micro_count; step++) {
        session_micro_step(seat->session, SESSION_FORWARD);
        session_get_view(seat->session, &seat->view, SESSION_VIEW_JOURNAL);
        assert_true(session_read_physical(seat->session, 0x500, &seen, 1));
        assert_true(machine_read_physical(seat->machine, 0x500, &in_memory, 1));
        if (seen == 0x5A && in_memory == 0) {
            break;
        }
    }

    assert_int_equal(seen, 0x5A);
    assert_int_equal(in_memory, 0);
    assert_false(session_read_physical(seat->session, 0x300000, &seen, 1));
    close_seat(seat);
}

static void test_commands_choose_what_the_views_show(void **state)
{
    struct seat *seat = new_seat();

    (void)state;
    session_command(seat->session, "mmu 0x1234");
    session_command(seat->session, "explain if");
    assert_non_null(strstr(session_answer(seat->session), "IF: Interrupts allowed"));
    assert_non_null(strstr(session_answer(seat->session), "Read on: SDM 3, 6.8.1"));
    session_command(seat->session, "set-syntax att");
    session_get_view(seat->session, &seat->view, 0);
    assert_int_equal(seat->view.mmu_chosen, 1);
    assert_int_equal(seat->view.mmu_address, 0x1234);
    assert_int_equal(seat->view.explained, TOPIC_IF + 1);
    assert_int_equal(seat->view.att_syntax, 1);

    session_command(seat->session, "mmu");
    session_command(seat->session, "set-syntax intel");
    session_get_view(seat->session, &seat->view, 0);
    assert_int_equal(seat->view.mmu_chosen, 0);
    assert_int_equal(seat->view.att_syntax, 0);

    session_command(seat->session, "set-syntax masm");
    assert_true(session_refused(seat->session));
    session_command(seat->session, "explain nonsense");
    assert_true(session_refused(seat->session));
    session_command(seat->session, "mmu no_such_place");
    assert_true(session_refused(seat->session));
    close_seat(seat);
}

/* The panel in an answer, as the prompt and scripts get it. */
static void test_show_prints_a_panel_as_text(void **state)
{
    struct seat *seat = new_seat();
    const struct session_painter painter = {view_text, seat->symbols};

    (void)state;
    session_command(seat->session, "show devices");
    assert_true(session_refused(seat->session)); /* nobody draws */
    session_set_painter(seat->session, &painter);

    session_command(seat->session, "show datapath 90 20");
    assert_false(session_refused(seat->session));
    assert_non_null(strstr(session_answer(seat->session), "0000:00007C00"));
    assert_non_null(strstr(session_answer(seat->session), "C6 06 00 05 5A"));
    session_command(seat->session, "show devices");
    assert_non_null(strstr(session_answer(seat->session), "Interrupt controllers (8259A pair)"));

    session_command(seat->session, "show nonsense");
    assert_true(session_refused(seat->session));
    session_command(seat->session, "show devices 5 100000");
    assert_true(session_refused(seat->session));
    session_command(seat->session, "show");
    assert_true(session_refused(seat->session));
    close_seat(seat);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_physical_reader_sees_the_micro_steps_done),
        cmocka_unit_test(test_commands_choose_what_the_views_show),
        cmocka_unit_test(test_show_prints_a_panel_as_text),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
