/* Disks from file to guest: overlay, modes, flushing, going back, snapshots.
 * SPDX-License-Identifier: MIT */
#include "tests/support/support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "emu/history.h"
#include "emu/snapshot.h"

#define IMAGE       TEST_FOLDER "/disk_test.img"
#define IMAGE_QEMU  TEST_FOLDER "/disk_test_qemu.img"
#define SECTORS     1024u
#define IMAGE_BYTES (SECTORS * 512u)
#define WRITES      144u /* sectors that disk.S writes in all */

/* ---- image files ---- */

static void file_make(const char *path, const uint8_t *bytes, size_t size)
{
    FILE *file = fopen(path, "w");

    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, size, file), size);
    fclose(file);
}

/* A disk of random bytes, the same each time. */
static uint8_t *image_make(const char *path)
{
    uint8_t *bytes = malloc(IMAGE_BYTES);
    uint32_t random = 12345;

    assert_non_null(bytes);
    for (uint32_t i = 0; i < IMAGE_BYTES; i++) {
        bytes[i] = (uint8_t)support_random(&random);
    }
    file_make(path, bytes, IMAGE_BYTES);
    return bytes;
}

static bool file_equals(const char *path, const uint8_t *bytes)
{
    uint8_t *found = malloc(IMAGE_BYTES);
    FILE *file = fopen(path, "r");
    bool equal;

    assert_non_null(file);
    assert_int_equal(fread(found, 1, IMAGE_BYTES, file), IMAGE_BYTES);
    fclose(file);
    equal = memcmp(found, bytes, IMAGE_BYTES) == 0;
    free(found);
    return equal;
}

static struct disk_file *disk_open(const char *words)
{
    struct err err = {0};
    struct disk_file *disk = disk_file_open(words, &err);

    if (!disk) {
        fail_msg("%s", err.message);
    }
    return disk;
}

/* ---- the overlay ---- */

static void sector_fill(uint8_t *bytes, uint32_t value)
{
    memset(bytes, (int)value, 512);
    memcpy(bytes, &value, 4);
}

static void test_overlay_versions_do_not_see_each_other(void **unused)
{
    struct disk_overlay *now = disk_overlay_create();
    struct disk_overlay *then;
    uint8_t bytes[512];

    (void)unused;
    for (uint32_t i = 0; i < 2000; i++) {
        sector_fill(bytes, i);
        disk_overlay_put(&now, i * 131071u % (1u << 28), bytes);
    }
    then = disk_overlay_hold(now);
    sector_fill(bytes, 7777);
    disk_overlay_put(&now, 131071u, bytes);
    disk_overlay_put(&now, 5, bytes);
    assert_int_equal(disk_overlay_count(then), 2000);
    assert_int_equal(disk_overlay_count(now), 2001);
    assert_int_equal(disk_overlay_get(then, 131071u)[0], 1);
    assert_int_equal(disk_overlay_get(now, 131071u)[0], 7777 & 0xFF);
    assert_null(disk_overlay_get(then, 5));
    assert_true(disk_overlay_hash(then) != disk_overlay_hash(now));
    disk_overlay_release(now);
    assert_int_equal(disk_overlay_get(then, 2 * 131071u)[0], 2);
    disk_overlay_release(then);
}

static void test_overlay_hash_is_of_the_content_alone(void **unused)
{
    struct disk_overlay *a = disk_overlay_create();
    struct disk_overlay *b = disk_overlay_create();
    uint8_t bytes[512];

    (void)unused;
    assert_true(disk_overlay_hash(a) == 0);
    for (uint32_t i = 0; i < 100; i++) {
        sector_fill(bytes, i);
        disk_overlay_put(&a, i, bytes);
        sector_fill(bytes, 99 - i + 1000);
        disk_overlay_put(&b, 99 - i, bytes);
    }
    assert_true(disk_overlay_hash(a) != disk_overlay_hash(b));
    for (uint32_t i = 0; i < 100; i++) {
        sector_fill(bytes, i);
        disk_overlay_put(&b, i, bytes);
    }
    assert_true(disk_overlay_hash(a) == disk_overlay_hash(b));
    disk_overlay_release(a);
    disk_overlay_release(b);
}

/* ---- files ---- */

static void refused(const char *words, const char *complaint)
{
    struct err err = {0};

    assert_null(disk_file_open(words, &err));
    assert_text_contains(err.message, complaint);
}

static void test_files_that_are_no_disks_are_refused_in_words(void **unused)
{
    uint8_t bytes[1000] = {0};
    struct disk_file *disk;

    (void)unused;
    file_make(IMAGE, bytes, 1000);
    refused(IMAGE, "disk_test.img: 1000 bytes are not whole sectors of 512");
    refused(IMAGE ",ro", "disk_test.img: 1000 bytes");
    file_make(IMAGE, bytes, 0);
    refused(IMAGE, "is empty");
    refused(TEST_FOLDER "/none.img", "none.img: no such file; check the name");
    refused(TEST_FOLDER, "is a directory, a disk image is needed");
    refused(TEST_FOLDER ",ro", "is a directory, a disk image is needed");
    refused("/dev/null", "is not a regular file");
    free(image_make(IMAGE));
    disk = disk_open(IMAGE);
    refused(IMAGE, "is in use by another machine");
    disk_file_close(disk);
}

static void test_file_follows_a_moment_and_earlier_moments_stay(void **unused)
{
    uint8_t *image = image_make(IMAGE);
    struct disk_file *disk = disk_open(IMAGE);
    struct disk_overlay *before = disk_overlay_create();
    struct disk_overlay *after = disk_overlay_hold(before);
    uint8_t written[512];
    uint8_t bytes[512];

    (void)unused;
    sector_fill(written, 0xAB);
    disk_overlay_put(&after, 3, written);
    assert_true(disk_file_write(disk, after, NULL));
    assert_false(file_equals(IMAGE, image));
    assert_true(disk_file_read(disk, before, 3, bytes));
    assert_memory_equal(bytes, image + 3 * 512, 512);
    assert_true(disk_file_read(disk, after, 3, bytes));
    assert_memory_equal(bytes, written, 512);
    assert_true(disk_file_write(disk, before, NULL)); /* a branch without that write */
    assert_true(file_equals(IMAGE, image));
    assert_false(disk_file_read(disk, before, SECTORS, bytes));
    disk_overlay_release(before);
    disk_overlay_release(after);
    disk_file_close(disk);
    free(image);
}

/* ---- machines ---- */

struct scene {
    struct support_guest guest;
    struct machine_config config;
    struct machine *machine;
    struct disk_file *disk;
    uint8_t *image;
    uint32_t bytes_out;
};

static void scene_open(struct scene *scene, const char *words)
{
    memset(scene, 0, sizeof(*scene));
    scene->image = image_make(IMAGE);
    scene->disk = disk_open(words);
    scene->config = support_config();
    scene->config.disks[0] = scene->disk;
    support_guest_open(&scene->guest, TEST_GUESTS "/disk.elf", NULL, "", scene->config.ram_bytes);
    scene->machine = support_guest_machine(&scene->guest, &scene->config);
}

static void scene_close(struct scene *scene)
{
    machine_destroy(scene->machine);
    support_guest_close(&scene->guest);
    disk_file_close(scene->disk);
    free(scene->image);
}

static uint64_t disk_writes(struct machine *machine)
{
    return machine_state(machine)->progress.disk_writes;
}

static void test_guest_writes_reach_the_file_at_flush_and_end(void **unused)
{
    struct scene scene;

    (void)unused;
    scene_open(&scene, IMAGE);
    while (machine_state(scene.machine)->progress.disk_flushes == 0) {
        assert_true(file_equals(IMAGE, scene.image));
        machine_run(scene.machine, machine_clock(scene.machine) + 20000);
    }
    assert_false(file_equals(IMAGE, scene.image));
    assert_int_equal(machine_run(scene.machine, CLOCK_NEVER), MACHINE_STOP_EXIT);
    assert_int_equal(machine_state(scene.machine)->progress.exit_value, 0); /* no errors seen */
    assert_int_equal(disk_writes(scene.machine), WRITES);
    assert_true(machine_write_disks(scene.machine, NULL));
    for (uint32_t sector = 0; sector < SECTORS; sector++) {
        struct machine_disks disks;
        uint8_t bytes[512];

        machine_hold_disks(scene.machine, &disks);
        assert_true(disk_file_read(scene.disk, disks.disks[0], sector, bytes));
        memcpy(scene.image + sector * 512, bytes, 512);
        machine_release_disks(&disks);
    }
    assert_true(file_equals(IMAGE, scene.image));
    scene_close(&scene);
}

static void test_snapshot_mode_never_writes_the_file(void **unused)
{
    struct scene scene;

    (void)unused;
    scene_open(&scene, IMAGE ",snapshot");
    assert_int_equal(machine_run(scene.machine, CLOCK_NEVER), MACHINE_STOP_EXIT);
    assert_int_equal(machine_state(scene.machine)->progress.exit_value, 0);
    assert_true(machine_write_disks(scene.machine, NULL));
    assert_true(file_equals(IMAGE, scene.image));
    scene_close(&scene);
}

static void test_read_only_mode_refuses_the_guest(void **unused)
{
    struct scene scene;

    (void)unused;
    scene_open(&scene, IMAGE ",ro");
    machine_run(scene.machine, 2000000);
    assert_int_equal(disk_writes(scene.machine), 0);
    assert_int_equal(machine_state(scene.machine)->pc.ata[0].error, 0x04);
    assert_true(machine_write_disks(scene.machine, NULL));
    assert_true(file_equals(IMAGE, scene.image));
    scene_close(&scene);
}

static void test_going_back_takes_the_disk_along_and_a_replay_writes_no_file(void **unused)
{
    struct scene scene;
    struct history *history;
    uint64_t middle;
    uint64_t end;

    (void)unused;
    scene_open(&scene, IMAGE);
    history = history_create(scene.machine, 64u << 20);
    history_run(history, 1500000);
    middle = machine_hash(scene.machine);
    history_run(history, 3500000);
    end = machine_hash(scene.machine);
    assert_true(machine_state(scene.machine)->progress.disk_flushes > 1);
    file_make(IMAGE, scene.image, IMAGE_BYTES); /* to see whether it is written */
    assert_true(history_go_to_clock(history, 1500000));
    assert_true(machine_hash(scene.machine) == middle);
    assert_true(machine_write_disks(scene.machine, NULL)); /* in the past: nothing */
    history_run(history, 3500000);
    assert_true(machine_hash(scene.machine) == end);
    assert_true(file_equals(IMAGE, scene.image));
    for (uint32_t i = 0; i < 20; i++) {
        history_step_back(history);
    }
    history_go_to(history, history_last(history));
    assert_true(machine_hash(scene.machine) == end);
    history_destroy(history);
    scene_close(&scene);
}

static void test_going_back_over_a_flush_sees_the_disk_as_it_was(void **unused)
{
    struct scene scene;
    struct history *history;
    uint64_t hash;

    (void)unused;
    scene_open(&scene, IMAGE);
    history = history_create(scene.machine, 64u << 20);
    history_run(history, CLOCK_NEVER - 1);
    hash = machine_hash(scene.machine);
    assert_true(machine_write_disks(scene.machine, NULL));
    assert_true(history_go_to_clock(history, 5000)); /* before the first write */
    history_run(history, CLOCK_NEVER - 1);
    assert_true(machine_hash(scene.machine) == hash); /* it has read the same again */
    assert_true(history_go_to_clock(history, 5000));
    history_cut(history);
    assert_true(machine_write_disks(scene.machine, NULL)); /* a branch that never wrote */
    assert_true(file_equals(IMAGE, scene.image));
    history_destroy(history);
    scene_close(&scene);
}

static void test_looking_at_the_next_step_writes_nothing(void **unused)
{
    struct scene scene;
    static struct journal journal;
    uint64_t before = 0;

    (void)unused;
    scene_open(&scene, IMAGE);
    while (disk_writes(scene.machine) < 12) {
        uint64_t hash = machine_hash(scene.machine);

        machine_journal_next(scene.machine, &journal, NULL, NULL);
        assert_true(machine_hash(scene.machine) == hash);
        assert_int_equal(disk_writes(scene.machine), before);
        machine_run(scene.machine, machine_clock(scene.machine) + 997);
        before = disk_writes(scene.machine);
    }
    scene_close(&scene);
}

static void test_snapshot_carries_what_was_written(void **unused)
{
    struct scene scene;
    struct machine *other;
    struct err err = {0};
    uint8_t *bytes;
    size_t size;

    (void)unused;
    scene_open(&scene, IMAGE ",snapshot");
    machine_run(scene.machine, 2000000);
    assert_true(disk_writes(scene.machine) > 10);
    assert_true(snapshot_encode(scene.machine, &bytes, &size, NULL));
    other = support_guest_machine(&scene.guest, &scene.config);
    assert_true(snapshot_decode(other, bytes, size, NULL));
    assert_true(machine_hash(other) == machine_hash(scene.machine));
    machine_run(scene.machine, CLOCK_NEVER);
    machine_run(other, CLOCK_NEVER);
    assert_true(machine_hash(other) == machine_hash(scene.machine));
    machine_destroy(other);
    scene.config.disks[0] = NULL;
    other = support_guest_machine(&scene.guest, &scene.config);
    assert_false(snapshot_decode(other, bytes, size, &err));
    assert_text_contains(err.message, "other disks");
    machine_destroy(other);
    scene.image[700] ^= 1;
    file_make(IMAGE, scene.image, IMAGE_BYTES);
    scene.config.disks[0] = disk_open(IMAGE ",snapshot");
    other = support_guest_machine(&scene.guest, &scene.config);
    assert_false(snapshot_decode(other, bytes, size, &err));
    assert_text_contains(err.message, "disk 1 is not what it was");
    machine_destroy(other);
    disk_file_close(scene.config.disks[0]);
    free(bytes);
    scene_close(&scene);
}

/* With the checksum made right again: refused in words, or a machine that runs. */
static void test_damaged_snapshot_with_disks_is_refused_or_runs(void **unused)
{
    struct scene scene;
    struct machine *other;
    uint8_t *bytes;
    size_t size;
    uint32_t refused_count = 0;

    (void)unused;
    scene_open(&scene, IMAGE ",snapshot");
    machine_run(scene.machine, 600000);
    assert_true(disk_writes(scene.machine) > 0);
    assert_true(snapshot_encode(scene.machine, &bytes, &size, NULL));
    other = support_guest_machine(&scene.guest, &scene.config);
    for (size_t i = 0; i < 3000; i++) {
        /* the header densely, the compressed sectors at the end densely, the rest thinly */
        size_t at = i < 200 ? i : i < 2000 ? size - 9 - (i - 200) * 3 : (i - 2000) * 53 % size;
        struct err err = {0};
        uint64_t check;

        bytes[at] ^= (uint8_t)(1u << i % 8);
        check = XXH64(bytes, size - 8, 0);
        memcpy(bytes + size - 8, &check, 8);
        if (snapshot_decode(other, bytes, size, &err)) {
            machine_run(other, machine_clock(other) + 2000);
        } else {
            assert_true(err.message[0] != '\0');
            refused_count++;
        }
        bytes[at] ^= (uint8_t)(1u << i % 8);
    }
    assert_true(refused_count > 100);
    machine_destroy(other);
    free(bytes);
    scene_close(&scene);
}

/* SRST by the guest is one thing, a reset of the whole machine another: both leave the content. */
static void test_reset_of_the_machine_keeps_what_was_written(void **unused)
{
    /* write sector 7 with what is at 100000h, then pulse the reset line through port 92h */
    static const uint8_t code[] = {
        0x66, 0xBA, 0xF2, 0x01,                   /* mov dx, 1F2h */
        0xB0, 0x01, 0xEE, 0x42,                   /* count 1 */
        0xB0, 0x07, 0xEE, 0x42,                   /* sector 7 */
        0xB0, 0x00, 0xEE, 0x42, 0xEE, 0x42,       /* cylinder */
        0xB0, 0xE0, 0xEE, 0x42,                   /* master, LBA */
        0xB0, 0x30, 0xEE,                         /* WRITE SECTORS */
        0xEC, 0xA8, 0x08, 0x74, 0xFB,             /* until DRQ */
        0x66, 0xBA, 0xF0, 0x01,                   /* mov dx, 1F0h */
        0xBE, 0x00, 0x00, 0x10, 0x00,             /* mov esi, 100000h */
        0xB9, 0x80, 0x00, 0x00, 0x00, 0xF3, 0x6F, /* 128 doublewords */
        0x66, 0xBA, 0xF7, 0x01,                   /* mov dx, 1F7h */
        0xEC, 0xA8, 0x80, 0x75, 0xFB,             /* until not BSY */
        0xB0, 0x01, 0xE6, 0x92,                   /* reset */
        0xF4,
    };
    struct machine_config config = support_config();
    struct machine *machine;
    struct machine_disks disks;

    (void)unused;
    free(image_make(IMAGE));
    config.disks[0] = disk_open(IMAGE ",snapshot");
    machine = support_machine_with_code(&config, code, sizeof(code));
    machine_run(machine, 100000);
    machine_hold_disks(machine, &disks);
    assert_int_equal(disk_overlay_count(disks.disks[0]), 1);
    assert_memory_equal(disk_overlay_get(disks.disks[0], 7), code, sizeof(code));
    assert_int_equal(machine_state(machine)->pc.ata[0].phase, ATA_READY);
    assert_int_equal(machine_state(machine)->pc.ata[0].number, 1); /* the signature */
    machine_release_disks(&disks);
    machine_destroy(machine);
    disk_file_close(config.disks[0]);
}

/* ---- beside another PC ---- */

static uint32_t run_and_read(const char *command, char *text, size_t room)
{
    FILE *pipe = popen(command, "r");
    size_t got;
    int status;

    assert_non_null(pipe);
    got = fread(text, 1, room - 1, pipe);
    text[got] = '\0';
    status = pclose(pipe);
    return WIFEXITED(status) ? (uint32_t)WEXITSTATUS(status) : 255;
}

static void test_program_and_qemu_leave_the_same_disk_and_sum(void **unused)
{
    uint8_t *image = image_make(IMAGE);
    uint8_t *after = malloc(IMAGE_BYTES);
    char ours[100];
    char theirs[100];
    FILE *file;

    (void)unused;
    free(image_make(IMAGE_QEMU));
    assert_int_equal(run_and_read(RINGSIDE_PROGRAM " --headless --disk " IMAGE " " TEST_GUESTS
                                                   "/disk.elf",
                                  ours, sizeof(ours)),
                     1);
    assert_int_equal(strlen(ours), 9);
    assert_false(file_equals(IMAGE, image));
    file = fopen(IMAGE, "r");
    assert_non_null(file);
    assert_int_equal(fread(after, 1, IMAGE_BYTES, file), IMAGE_BYTES);
    fclose(file);
    if (system("command -v qemu-system-i386 >/dev/null") == 0) {
        assert_int_equal(
            run_and_read("timeout 60 qemu-system-i386 -m 32 -display none -no-reboot -serial stdio "
                         "-monitor none -device isa-debug-exit,iobase=0xf4 -drive "
                         "file=" IMAGE_QEMU ",format=raw,if=ide -kernel " TEST_GUESTS "/disk.elf "
                         "2>/dev/null </dev/null",
                         theirs, sizeof(theirs)),
            1);
        assert_string_equal(ours, theirs);
        assert_true(file_equals(IMAGE_QEMU, after));
    }
    free(after);
    free(image);
}

static void test_program_names_what_is_wrong_with_a_disk(void **unused)
{
    char text[300];

    (void)unused;
    file_make(IMAGE, (const uint8_t *)"short", 5);
    assert_int_equal(
        run_and_read(RINGSIDE_PROGRAM " --headless --disk " IMAGE " 2>&1", text, sizeof(text)), 2);
    assert_text_contains(text, "disk_test.img: 5 bytes are not whole sectors of 512\n");
    assert_int_equal(run_and_read(RINGSIDE_PROGRAM " --disk a --disk a --disk a --disk a --disk "
                                                   "e 2>&1",
                                  text, sizeof(text)),
                     2);
    assert_text_contains(text, "--disk e: there are only four disks\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_overlay_versions_do_not_see_each_other),
        cmocka_unit_test(test_overlay_hash_is_of_the_content_alone),
        cmocka_unit_test(test_files_that_are_no_disks_are_refused_in_words),
        cmocka_unit_test(test_file_follows_a_moment_and_earlier_moments_stay),
        cmocka_unit_test(test_guest_writes_reach_the_file_at_flush_and_end),
        cmocka_unit_test(test_snapshot_mode_never_writes_the_file),
        cmocka_unit_test(test_read_only_mode_refuses_the_guest),
        cmocka_unit_test(test_going_back_takes_the_disk_along_and_a_replay_writes_no_file),
        cmocka_unit_test(test_going_back_over_a_flush_sees_the_disk_as_it_was),
        cmocka_unit_test(test_looking_at_the_next_step_writes_nothing),
        cmocka_unit_test(test_snapshot_carries_what_was_written),
        cmocka_unit_test(test_damaged_snapshot_with_disks_is_refused_or_runs),
        cmocka_unit_test(test_reset_of_the_machine_keeps_what_was_written),
        cmocka_unit_test(test_program_and_qemu_leave_the_same_disk_and_sum),
        cmocka_unit_test(test_program_names_what_is_wrong_with_a_disk),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
