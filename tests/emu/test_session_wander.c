/* Long random walks by the debugger's commands: whoever comes to a place again, by whatever way,
 * finds the same machine there. And far jumps, which can be stopped on the way.
 * SPDX-License-Identifier: MIT */
#include "tests/support/support.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "emu/session.h"

#define WALKS  2u
#define MOVES  150u
#define PLACES 4096u /* a power of two, more than twice the moves of a walk */

struct place {
    uint64_t step;
    uint64_t clock; /* CPU clocks */
    uint64_t hash;  /* of the machine there */
};

struct scene {
    struct support_guest guest;
    struct machine *machine;
    struct session *session;
    uint64_t random;
    uint32_t known; /* places in the table */
    uint32_t again; /* how often a known place was met */
    uint32_t marks; /* m0, m1 ... */
    char line[80];  /* the last command */
    struct place places[PLACES];
    struct session_view view;
};

static struct scene *scene_open(uint64_t seed, uint64_t history_bytes, const char *append)
{
    struct scene *scene = calloc(1, sizeof(*scene));
    struct machine_config config = support_config();

    config.ram_bytes = 32u << 20;
    config.stop_on_halt = 0;
    support_guest_open(&scene->guest, GUEST_OS "/kernel.elf", GUEST_OS "/ramdisk.img", append,
                       config.ram_bytes);
    scene->machine = support_guest_machine(&scene->guest, &config);
    scene->session = session_create(scene->machine, NULL, history_bytes, NULL);
    assert_non_null(scene->session);
    scene->random = seed;
    return scene;
}

static void scene_close(struct scene *scene)
{
    session_destroy(scene->session);
    machine_destroy(scene->machine);
    support_guest_close(&scene->guest);
    free(scene);
}

/* Marsaglia's xorshift. */
static uint32_t below(struct scene *scene, uint32_t limit)
{
    scene->random ^= scene->random << 13;
    scene->random ^= scene->random >> 7;
    scene->random ^= scene->random << 17;
    return (uint32_t)(scene->random >> 32) % limit;
}

static const struct session_view *look(struct scene *scene)
{
    session_get_view(scene->session, &scene->view, 0);
    return &scene->view;
}

/* The machine rests: have we been here before, and was it the same? */
static void compare_with_before(struct scene *scene)
{
    uint64_t step = machine_steps(scene->machine);
    uint64_t clock = machine_clock(scene->machine);
    uint64_t hash = machine_hash(scene->machine);
    uint32_t slot = (uint32_t)((step * 0x9E3779B97F4A7C15u) >> 32) % PLACES;

    while (scene->places[slot].hash &&
           (scene->places[slot].step != step || scene->places[slot].clock != clock)) {
        slot = (slot + 1) % PLACES;
    }
    if (!scene->places[slot].hash) {
        scene->places[slot] = (struct place){step, clock, hash};
        scene->known++;
        return;
    }
    scene->again++;
    if (scene->places[slot].hash != hash) {
        fail_msg("after '%s': step %" PRIu64 ", clock %" PRIu64 " is another machine than before",
                 scene->line, step, clock);
    }
}

static void command(struct scene *scene, const char *line)
{
    snprintf(scene->line, sizeof(scene->line), "%s", line);
    session_command(scene->session, line);
}

/* As a front end does it, in slices of any length; now and then somebody pauses. */
static void finish(struct scene *scene)
{
    uint32_t pause = below(scene, 8) == 0 ? 1 + below(scene, 3) : 200;

    for (uint32_t i = 0; i < pause && session_advance(scene->session, 1000 + below(scene, 400000));
         i++) {}
    session_pause(scene->session);
}

static void random_command(struct scene *scene)
{
    static const char *const lines[] = {"step",
                                        "step",
                                        "back",
                                        "back",
                                        "micro 3",
                                        "unmicro",
                                        "over",
                                        "unover",
                                        "step 40",
                                        "back 25",
                                        "until interrupt",
                                        "until syscall",
                                        "until mode",
                                        "last interrupt",
                                        "last syscall",
                                        "last mode",
                                        "last exception",
                                        "until irq 0",
                                        "last cr3",
                                        "undo",
                                        "run"};
    uint32_t choice = below(scene, 30);
    char line[64];

    if (choice < sizeof(lines) / sizeof(lines[0])) {
        command(scene, lines[choice]);
    } else if (choice < 24) {
        snprintf(line, sizeof(line), "mark m%u", scene->marks++ % 20);
        command(scene, line);
    } else if (choice < 27 && scene->marks) {
        snprintf(line, sizeof(line), "go m%u", below(scene, scene->marks < 20 ? scene->marks : 20));
        command(scene, line);
    } else {
        const struct session_view *view = look(scene);
        uint64_t span = view->history_last - view->history_first;

        snprintf(line, sizeof(line), "go %" PRIu64,
                 view->history_first + (span >> 16) * below(scene, 65536));
        command(scene, line);
    }
    finish(scene);
}

static void test_every_way_to_a_place_finds_the_same_machine(void **unused)
{
    (void)unused;
    for (uint32_t walk = 0; walk < WALKS; walk++) {
        struct scene *scene =
            scene_open(0x52494E47u + walk, walk % 2 ? 4u << 20 : 64u << 20, "demo=counters");

        session_go_to(scene->session, 20000000);
        for (uint32_t move = 0; move < MOVES; move++) {
            random_command(scene);
            compare_with_before(scene);
        }
        assert_true(scene->known > MOVES / 4);
        assert_true(scene->again > MOVES / 10);
        scene_close(scene);
    }
}

static void test_a_far_jump_back_can_be_stopped_on_the_way(void **unused)
{
    struct scene *scene = scene_open(1, 1, "");
    uint64_t hash;

    (void)unused;
    session_go_to(scene->session, 20000000000);
    while (session_advance(scene->session, 100000000)) {}
    command(scene, "mark end");
    hash = machine_hash(scene->machine);

    command(scene, "go 9000000000");
    assert_text_contains(look(scene)->message, "on the way to clock 9000000000, ");
    assert_int_equal(scene->view.running, 1);
    session_pause(scene->session);
    assert_text_contains(look(scene)->message, "paused at ");
    assert_int_equal(scene->view.running, 0);
    assert_int_equal(scene->view.position.in_past, 1);
    assert_true(scene->view.position.clock < 9000000000);
    assert_true(scene->view.history_last >= 20000000000);

    command(scene, "go end");
    while (session_advance(scene->session, 1)) {}
    assert_text_contains(look(scene)->message, "here at ");
    assert_true(machine_hash(scene->machine) == hash);
    assert_int_equal(scene->view.position.in_past, 0);
    scene_close(scene);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_way_to_a_place_finds_the_same_machine),
        cmocka_unit_test(test_a_far_jump_back_can_be_stopped_on_the_way),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
