/* --seed and --jitter of a whole machine: the same numbers give the same machine, also when it goes
 * on from a snapshot; other numbers another one; none of it without the options.
 * SPDX-License-Identifier: MIT */
#include "tests/support/support.h"

#include <stdlib.h>

#include "emu/snapshot.h"

#define HALF  9000000u /* clocks; the bundled kernel's timer is on by then */
#define WHOLE 18000000u

static struct support_guest guest;

static struct machine *machine_with(uint64_t seed, uint32_t jitter)
{
    struct machine_config config = support_config();

    config.ram_bytes = 32u << 20;
    config.seed = seed;
    config.jitter = jitter;
    return support_guest_machine(&guest, &config);
}

static uint64_t hash_of_run(uint64_t seed, uint32_t jitter)
{
    struct machine *machine = machine_with(seed, jitter);
    uint64_t hash;

    machine_run(machine, WHOLE);
    hash = machine_hash(machine);
    machine_destroy(machine);
    return hash;
}

static void test_same_seed_same_machine_another_seed_another(void **unused)
{
    uint64_t plain = hash_of_run(0, 0);
    uint64_t one = hash_of_run(1, 0);
    uint64_t shaken = hash_of_run(1, 1);

    (void)unused;
    assert_true(plain == hash_of_run(0, 0));
    assert_true(one == hash_of_run(1, 0));
    assert_true(shaken == hash_of_run(1, 1));
    assert_true(plain != one);
    assert_true(one != hash_of_run(2, 0));
    assert_true(one != shaken);
    assert_true(shaken != hash_of_run(2, 1));
    assert_true(hash_of_run(0, 1) != plain);
}

/* The ticks alone: with the time stamp counter and the clock chip out of sight. */
static void test_jitter_moves_deliveries(void **unused)
{
    struct machine *shaken = machine_with(0, 1);
    struct machine *exact = machine_with(0, 0);
    uint64_t clocks[2] = {0, 0};
    struct machine *machines[2] = {exact, shaken};

    (void)unused;
    for (uint32_t i = 0; i < 2; i++) {
        uint64_t before;

        machine_run(machines[i], HALF);
        before = machine_state(machines[i])->cpu.delivered[DELIVERY_INTR];
        assert_in_range(before, 1, 1000);
        while (machine_state(machines[i])->cpu.delivered[DELIVERY_INTR] == before) {
            machine_step(machines[i], NULL);
        }
        clocks[i] = machine_clock(machines[i]);
        machine_destroy(machines[i]);
    }
    assert_true(clocks[0] != clocks[1]);
}

static void test_snapshot_goes_on_with_seed_and_jitter(void **unused)
{
    struct machine *machine = machine_with(5, 1);
    struct machine *same = machine_with(5, 1);
    struct machine *exact = machine_with(5, 0);
    struct machine *other = machine_with(6, 1);
    struct machine_config config;
    struct err err = {0};
    uint8_t *bytes;
    size_t size;

    (void)unused;
    machine_run(machine, HALF);
    assert_true(snapshot_encode(machine, &bytes, &size, &err));
    machine_run(machine, WHOLE);

    assert_true(snapshot_config(bytes, size, &config, &err));
    assert_true(config.seed == 5 && config.jitter == 1);
    assert_true(snapshot_decode(same, bytes, size, &err));
    machine_run(same, WHOLE);
    assert_true(machine_hash(same) == machine_hash(machine));
    assert_false(snapshot_decode(exact, bytes, size, &err));
    assert_false(snapshot_decode(other, bytes, size, &err));

    free(bytes);
    machine_destroy(machine);
    machine_destroy(same);
    machine_destroy(exact);
    machine_destroy(other);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_same_seed_same_machine_another_seed_another),
        cmocka_unit_test(test_jitter_moves_deliveries),
        cmocka_unit_test(test_snapshot_goes_on_with_seed_and_jitter),
    };

    support_guest_open(&guest, GUEST_OS "/kernel.elf", GUEST_OS "/ramdisk.img",
                       "ringside demo=counters", 32u << 20);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
