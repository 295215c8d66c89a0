/* Backwards is exact: whatever way one comes to a place, the machine there is the same.
 * SPDX-License-Identifier: MIT */
#include "tests/support/support.h"

#include <stdlib.h>

#include "emu/history.h"
#include "emu/machine_observe.h"

#define BUDGET   (64ull << 20)
#define WALK_MAX 4000u

struct stand {
    struct history_place place;
    uint64_t hash;
};

struct walk {
    struct support_guest guest;
    struct machine *machine;
    struct history *history;
    struct stand *stands; /* what was found at each step, going forward */
    uint32_t count;
};

static void walk_open(struct walk *walk, const char *kernel, const char *initrd,
                      const char *command_line)
{
    struct machine_config config = support_config();

    config.ram_bytes = 32u << 20;
    support_guest_open(&walk->guest, kernel, initrd, command_line, config.ram_bytes);
    walk->machine = support_guest_machine(&walk->guest, &config);
    walk->history = history_create(walk->machine, BUDGET);
    assert_non_null(walk->history);
    walk->stands = calloc(WALK_MAX, sizeof(*walk->stands));
    walk->count = 0;
}

static void walk_close(struct walk *walk)
{
    history_destroy(walk->history);
    machine_destroy(walk->machine);
    support_guest_close(&walk->guest);
    free(walk->stands);
}

static void note(struct walk *walk)
{
    walk->stands[walk->count++] =
        (struct stand){history_present(walk->history), machine_hash(walk->machine)};
}

/* Go on step by step, noting each place. */
static void record(struct walk *walk, uint32_t steps)
{
    note(walk);
    while (walk->count < steps) {
        assert_int_equal(history_step(walk->history, NULL), MACHINE_STOP_STEPPED);
        note(walk);
    }
}

static void assert_at(struct walk *walk, uint32_t index, const char *move)
{
    struct history_place place = history_present(walk->history);

    if (place.step != walk->stands[index].place.step ||
        place.clock != walk->stands[index].place.clock) {
        fail_msg("%s: at step %llu clock %llu instead of step %llu clock %llu", move,
                 (unsigned long long)place.step, (unsigned long long)place.clock,
                 (unsigned long long)walk->stands[index].place.step,
                 (unsigned long long)walk->stands[index].place.clock);
    }
    if (machine_hash(walk->machine) != walk->stands[index].hash) {
        fail_msg("%s: another machine at step %llu", move, (unsigned long long)place.step);
    }
}

/* Back, forth and leaps at random over what was recorded. */
static void wander(struct walk *walk, uint32_t moves)
{
    uint32_t random = 0xBADCAFEu;
    uint32_t at = walk->count - 1;

    for (uint32_t i = 0; i < moves; i++) {
        uint32_t choice = support_random_below(&random, 10);
        const char *move = "stay";

        if (choice < 5 && at > 0) {
            assert_true(history_step_back(walk->history));
            at--;
            move = "back";
        } else if (choice < 9 && at + 1 < walk->count) {
            assert_int_equal(history_step(walk->history, NULL), MACHINE_STOP_STEPPED);
            at++;
            move = "forth";
        } else if (choice == 9) {
            at = support_random_below(&random, walk->count);
            assert_true(history_go_to(walk->history, walk->stands[at].place));
            move = "leap";
        }
        assert_at(walk, at, move);
    }
}

static void test_back_and_forth_over_storm_of_interrupts(void **unused)
{
    struct walk walk;

    (void)unused;
    walk_open(&walk, TEST_GUESTS "/storm.elf", NULL, "");
    history_run(walk.history, 300000);
    while (machine_in_repetition(walk.machine)) {
        history_step(walk.history, NULL);
    }
    record(&walk, WALK_MAX);

    wander(&walk, 1500);

    walk_close(&walk);
}

static void test_back_over_typed_input(void **unused)
{
    struct walk walk;

    (void)unused;
    walk_open(&walk, TEST_GUESTS "/storm.elf", NULL, "");
    history_run(walk.history, 200000);
    while (machine_in_repetition(walk.machine)) {
        history_step(walk.history, NULL);
    }
    for (uint32_t i = 0; i < 8; i++) {
        machine_input_serial(walk.machine, 0, (uint8_t)('a' + i));
        machine_input_key(walk.machine, 0x1E);
        record(&walk, walk.count + 200);
        walk.count--; /* the last stand again, now with input */
    }
    note(&walk);

    wander(&walk, 600);

    walk_close(&walk);
}

static void test_back_over_mode_switches_of_the_kernel(void **unused)
{
    struct walk walk;

    (void)unused;
    walk_open(&walk, GUEST_OS "/kernel.elf", GUEST_OS "/ramdisk.img", "ringside demo=counters");
    history_run(walk.history, 20000000);
    while (machine_in_repetition(walk.machine)) {
        history_step(walk.history, NULL);
    }
    record(&walk, WALK_MAX);

    wander(&walk, 300);

    walk_close(&walk);
}

static bool count_event(void *context, const struct machine_event *event)
{
    (void)event;
    ++*(uint64_t *)context;
    return false;
}

/* Going back runs parts of the past again: that is nobody's event. Running on is. */
static void test_an_observer_sees_what_is_run_and_not_what_is_replayed(void **unused)
{
    struct walk walk;
    uint64_t seen = 0;
    const struct machine_observer observer = {&seen, count_event};
    struct history_place end;

    (void)unused;
    walk_open(&walk, TEST_GUESTS "/storm.elf", NULL, "");
    history_run(walk.history, 300000);
    end = history_present(walk.history);
    machine_observe(walk.machine, 1u << EVENT_DELIVERY, &observer);

    history_step_back(walk.history);
    history_go_to_clock(walk.history, 100000);
    history_go_to(walk.history, end);
    history_go_to_clock(walk.history, 200000);
    assert_int_equal(seen, 0);
    uint64_t before = machine_state(walk.machine)->cpu.deliveries;
    history_run(walk.history, end.clock);
    assert_int_equal(seen, machine_state(walk.machine)->cpu.deliveries - before);
    assert_true(seen > 10);

    walk_close(&walk);
}

static void test_leaps_over_a_long_run_find_the_same_machine(void **unused)
{
    struct walk walk;
    uint32_t random = 12345;

    (void)unused;
    walk_open(&walk, GUEST_OS "/kernel.elf", GUEST_OS "/ramdisk.img", "ringside demo=counters");
    for (uint32_t i = 0; i < 40; i++) {
        history_run(walk.history, machine_clock(walk.machine) + 3000001);
        note(&walk);
    }
    for (uint32_t i = 0; i < 60; i++) {
        uint32_t at = support_random_below(&random, walk.count);

        assert_true(history_go_to(walk.history, walk.stands[at].place));
        assert_at(&walk, at, "leap");
    }
    assert_true(history_bytes(walk.history) <= BUDGET);
    walk_close(&walk);
}

static void test_small_budget_is_kept_and_still_right(void **unused)
{
    struct machine_config config = support_config();
    struct walk walk;

    (void)unused;
    walk_open(&walk, BENCH_GUESTS "/sortmem.elf", NULL, "n=4");
    history_destroy(walk.history);
    walk.history = history_create(walk.machine, 12u << 20);
    for (uint32_t i = 0; i < 20; i++) {
        history_run(walk.history, machine_clock(walk.machine) + 4000001);
        note(&walk);
    }

    assert_true(history_bytes(walk.history) <= 12u << 20);
    for (uint32_t i = 20; i-- > 0;) {
        assert_true(history_go_to(walk.history, walk.stands[i].place));
        assert_at(&walk, i, "leap");
    }
    (void)config;
    walk_close(&walk);
}

static void test_beginning_of_history_is_the_end_of_going_back(void **unused)
{
    struct walk walk;

    (void)unused;
    walk_open(&walk, TEST_GUESTS "/storm.elf", NULL, "");
    record(&walk, 4);

    assert_true(history_step_back(walk.history));
    assert_true(history_step_back(walk.history));
    assert_true(history_step_back(walk.history));
    assert_false(history_step_back(walk.history));
    assert_at(&walk, 0, "back");

    walk_close(&walk);
}

static void test_cut_forgets_the_future_and_its_input(void **unused)
{
    struct walk walk;

    (void)unused;
    walk_open(&walk, TEST_GUESTS "/storm.elf", NULL, "");
    history_run(walk.history, 200000);
    machine_input_serial(walk.machine, 0, 'x');
    history_run(walk.history, 400000);
    assert_true(history_go_to_clock(walk.history, 100000));
    assert_true(history_in_past(walk.history));
    assert_false(machine_input_serial(walk.machine, 0, 'y'));

    history_cut(walk.history);

    assert_false(history_in_past(walk.history));
    assert_int_equal(input_log_end(machine_log(walk.machine)), 0);
    assert_true(machine_input_serial(walk.machine, 0, 'y'));
    walk_close(&walk);
}

struct output {
    uint32_t count;
};

static void count_byte(void *context, enum byte_channel channel, uint8_t byte, uint64_t clock)
{
    struct output *output = context;

    (void)clock;
    (void)byte;
    output->count += channel == CHANNEL_COM1;
}

static void test_replay_prints_nothing_twice(void **unused)
{
    struct output output = {0};
    struct machine_sink sink = {.context = &output, .byte_out = count_byte};
    struct walk walk;
    uint32_t printed;

    (void)unused;
    walk_open(&walk, GUEST_OS "/kernel.elf", GUEST_OS "/ramdisk.img", "ringside demo=counters");
    machine_set_sink(walk.machine, &sink);
    history_run(walk.history, 10000000);
    printed = output.count;
    assert_true(printed > 100);

    assert_true(history_go_to_clock(walk.history, 1000000));
    history_run(walk.history, 10000000);

    assert_int_equal(output.count, printed);
    assert_int_equal(machine_state(walk.machine)->progress.bytes_out[CHANNEL_COM1], printed);
    walk_close(&walk);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_back_and_forth_over_storm_of_interrupts),
        cmocka_unit_test(test_back_over_typed_input),
        cmocka_unit_test(test_back_over_mode_switches_of_the_kernel),
        cmocka_unit_test(test_an_observer_sees_what_is_run_and_not_what_is_replayed),
        cmocka_unit_test(test_leaps_over_a_long_run_find_the_same_machine),
        cmocka_unit_test(test_small_budget_is_kept_and_still_right),
        cmocka_unit_test(test_beginning_of_history_is_the_end_of_going_back),
        cmocka_unit_test(test_cut_forgets_the_future_and_its_input),
        cmocka_unit_test(test_replay_prints_nothing_twice),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
