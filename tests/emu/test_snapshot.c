/* A snapshot brings back the very machine; a damaged one is refused in words.
 * SPDX-License-Identifier: MIT */
#include "tests/support/support.h"

#include <stdlib.h>
#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "emu/snapshot.h"

struct scene {
    struct support_guest guest;
    struct machine_config config;
    struct machine *machine;
    uint8_t *bytes;
    size_t size;
};

static void scene_open(struct scene *scene, uint64_t clock)
{
    scene->config = support_config();
    support_guest_open(&scene->guest, TEST_GUESTS "/storm.elf", NULL, "", scene->config.ram_bytes);
    scene->machine = support_guest_machine(&scene->guest, &scene->config);
    machine_run(scene->machine, clock);
    assert_true(snapshot_encode(scene->machine, &scene->bytes, &scene->size, NULL));
}

static void scene_close(struct scene *scene)
{
    machine_destroy(scene->machine);
    support_guest_close(&scene->guest);
    free(scene->bytes);
}

static void test_round_trip_gives_the_same_machine_now_and_later(void **unused)
{
    struct scene scene;
    struct machine *other;
    struct machine_config config;

    (void)unused;
    scene_open(&scene, 123456);
    assert_true(snapshot_config(scene.bytes, scene.size, &config, NULL));
    other = support_machine(&config);
    assert_true(snapshot_decode(other, scene.bytes, scene.size, NULL));
    assert_true(machine_hash(other) == machine_hash(scene.machine));
    machine_run(scene.machine, 400000);
    machine_run(other, 400000);
    assert_true(machine_hash(other) == machine_hash(scene.machine));
    machine_destroy(other);
    scene_close(&scene);
}

static void test_file_round_trip(void **unused)
{
    struct scene scene;
    struct machine *other;
    struct err err = {0};

    (void)unused;
    scene_open(&scene, 50000);
    assert_true(snapshot_save(scene.machine, TEST_FOLDER "/round.snapshot", NULL));
    other = support_machine(&scene.config);
    assert_true(snapshot_load(other, TEST_FOLDER "/round.snapshot", NULL));
    assert_true(machine_hash(other) == machine_hash(scene.machine));
    assert_false(snapshot_load(other, TEST_FOLDER "/none.snapshot", &err));
    assert_text_contains(err.message, "none.snapshot: no such file");
    assert_false(snapshot_load(other, RINGSIDE_PROGRAM, &err));
    assert_text_contains(err.message, "not a snapshot");
    machine_destroy(other);
    scene_close(&scene);
}

static void test_other_configuration_is_refused(void **unused)
{
    struct scene scene;
    struct machine *other;
    struct err err = {0};

    (void)unused;
    scene_open(&scene, 1000);
    scene.config.ram_bytes = 4u << 20;
    other = support_machine(&scene.config);
    assert_false(snapshot_decode(other, scene.bytes, scene.size, &err));
    assert_text_contains(err.message, "another configuration");
    machine_destroy(other);
    scene_close(&scene);
}

static void test_flipped_bytes_are_noticed_and_change_nothing(void **unused)
{
    struct scene scene;
    struct machine *other;
    uint64_t hash;

    (void)unused;
    scene_open(&scene, 70000);
    other = support_machine(&scene.config);
    hash = machine_hash(other);
    for (size_t at = 0; at < scene.size; at += 53) {
        struct err err = {0};

        scene.bytes[at] ^= 0x10;
        assert_false(snapshot_decode(other, scene.bytes, scene.size, &err));
        assert_true(err.message[0] != '\0');
        assert_false(snapshot_decode(other, scene.bytes, at, &err));
        scene.bytes[at] ^= 0x10;
    }
    assert_true(machine_hash(other) == hash);
    machine_destroy(other);
    scene_close(&scene);
}

/* With the checksum made right again: refused, or a machine that runs. */
static void test_flipped_bytes_with_a_right_checksum_never_harm_the_host(void **unused)
{
    struct scene scene;
    struct machine *other;
    uint32_t accepted = 0;

    (void)unused;
    scene_open(&scene, 70000);
    other = support_machine(&scene.config);
    for (size_t at = 0; at + 8 < scene.size; at += 29) {
        struct err err = {0};
        uint64_t check;

        scene.bytes[at] ^= (uint8_t)(1u << at % 8);
        check = XXH64(scene.bytes, scene.size - 8, 0);
        memcpy(scene.bytes + scene.size - 8, &check, 8);
        if (snapshot_decode(other, scene.bytes, scene.size, &err)) {
            accepted++;
            machine_run(other, machine_clock(other) + 2000);
        } else {
            assert_true(err.message[0] != '\0');
        }
        scene.bytes[at] ^= (uint8_t)(1u << at % 8);
    }
    assert_true(accepted > 0);
    machine_destroy(other);
    scene_close(&scene);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_round_trip_gives_the_same_machine_now_and_later),
        cmocka_unit_test(test_file_round_trip),
        cmocka_unit_test(test_other_configuration_is_refused),
        cmocka_unit_test(test_flipped_bytes_are_noticed_and_change_nothing),
        cmocka_unit_test(test_flipped_bytes_with_a_right_checksum_never_harm_the_host),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
