/* However one runs a machine, it is the same machine: N clocks at once, one by one, with blocks of
 * any length, with cold caches, without decoded blocks, with a snapshot restored on the way.
 * SPDX-License-Identifier: MIT */
#include "tests/support/support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "emu/snapshot.h"

#define SAMPLES_MAX  64u
#define SHELL_CLOCKS 20000000u /* by then the bundled guest waits at its prompt */

/* How a machine is brought from one sample to the next. */
enum manner {
    AT_ONCE,
    ONE_BY_ONE,    /* instruction by instruction */
    BY_ITERATIONS, /* the same, and REP instructions iteration by iteration */
    IN_PIECES,     /* deadlines at random clocks */
    COLD,          /* caches dropped all the time */
    RESTORED,      /* a new machine from a snapshot at each sample */
};

struct variant {
    const char *name;
    enum manner manner;
    uint32_t block_limit;
    uint32_t undecoded;
};

static const struct variant variants[] = {
    {"one by one", ONE_BY_ONE, 64, 0}, {"by iterations", BY_ITERATIONS, 64, 0},
    {"blocks of 1", AT_ONCE, 1, 0},    {"blocks of 2", AT_ONCE, 2, 0},
    {"blocks of 7", AT_ONCE, 7, 0},    {"undecoded", AT_ONCE, 64, 1},
    {"pieces", IN_PIECES, 64, 0},      {"pieces, blocks of 7", IN_PIECES, 7, 0},
    {"cold caches", COLD, 64, 0},      {"restored", RESTORED, 64, 0},
};

struct sample {
    uint64_t hash;
    struct machine_state state;
};

struct course {
    struct support_guest guest;
    struct machine_config config;
    uint64_t skipped;                            /* clocks run at once before the comparison */
    uint64_t clocks;                             /* whole length after them */
    uint32_t samples;                            /* 1..SAMPLES_MAX */
    void (*input)(struct machine *, uint32_t i); /* before stretch i; may be NULL */
    uint8_t *begin;                              /* snapshot after `skipped`, or NULL */
    size_t begin_bytes;
};

static bool is_halted(struct machine *machine)
{
    return machine_state(machine)->cpu.activity == ACTIVITY_HALTED;
}

/* Reach `until`, then the end of the instruction if that is a REP one. */
static void go_at_once(struct machine *machine, uint64_t until)
{
    machine_run(machine, until);
    while (machine_in_repetition(machine)) {
        machine_step(machine, NULL);
    }
}

static void go_stepping(struct machine *machine, uint64_t until, bool iterations)
{
    while (machine_clock(machine) < until) {
        enum machine_stop stop;

        if (is_halted(machine)) {
            uint64_t near = machine_clock(machine) + 64;

            stop = machine_run(machine, near < until ? near : until);
        } else if (iterations) {
            stop = machine_step_iteration(machine, NULL);
        } else {
            stop = machine_step(machine, NULL);
        }
        if (stop >= MACHINE_STOP_EXIT) {
            return;
        }
    }
    go_at_once(machine, until);
}

static void go_in_pieces(struct machine *machine, uint64_t until, bool cold, uint32_t *random)
{
    while (machine_clock(machine) < until) {
        uint64_t near =
            machine_clock(machine) + 1 + support_random_below(random, cold ? 3000 : 400);

        if (cold) {
            machine_drop_caches(machine);
        }
        if (machine_run(machine, near < until ? near : until) >= MACHINE_STOP_EXIT) {
            return;
        }
    }
    go_at_once(machine, until);
}

static struct machine *restored(struct course *course, struct machine *machine)
{
    struct machine *other = support_guest_machine(&course->guest, machine_get_config(machine));
    struct err err = {0};
    uint8_t *bytes;
    size_t size;

    assert_true(snapshot_encode(machine, &bytes, &size, &err));
    if (!snapshot_decode(other, bytes, size, &err)) {
        fail_msg("%s", err.message);
    }
    free(bytes);
    machine_destroy(machine);
    return other;
}

/* A machine of this course where the comparison begins. */
static struct machine *course_machine(struct course *course, const struct machine_config *config)
{
    struct machine *machine = support_guest_machine(&course->guest, config);
    struct err err = {0};

    if (course->begin && !snapshot_decode(machine, course->begin, course->begin_bytes, &err)) {
        fail_msg("%s", err.message);
    }
    return machine;
}

/* Run up to where the comparison begins and keep that. */
static void course_skip(struct course *course)
{
    struct machine *machine = support_guest_machine(&course->guest, &course->config);
    struct err err = {0};

    go_at_once(machine, course->skipped);
    assert_true(snapshot_encode(machine, &course->begin, &course->begin_bytes, &err));
    machine_destroy(machine);
}

static void course_run(struct course *course, const struct variant *variant, struct sample *samples)
{
    struct machine_config config = course->config;
    struct machine *machine;
    uint32_t random = 0xC0FFEEu;
    uint64_t begin;

    config.block_limit = variant->block_limit;
    config.undecoded = variant->undecoded;
    machine = course_machine(course, &config);
    begin = machine_clock(machine);
    for (uint32_t i = 0; i < course->samples; i++) {
        /* uneven places, so that they fall anywhere */
        uint64_t until = begin + course->clocks / course->samples * (i + 1) + i * 7;

        if (course->input) {
            course->input(machine, i);
        }
        if (variant->manner == RESTORED) {
            machine = restored(course, machine);
        }
        switch (variant->manner) {
        case ONE_BY_ONE:
        case BY_ITERATIONS:
            go_stepping(machine, until, variant->manner == BY_ITERATIONS);
            break;
        case IN_PIECES:
        case COLD:
            go_in_pieces(machine, until, variant->manner == COLD, &random);
            break;
        default:
            go_at_once(machine, until);
            break;
        }
        samples[i].hash = machine_hash(machine);
        samples[i].state = *machine_state(machine);
    }
    machine_destroy(machine);
}

static void course_check(struct course *course)
{
    static const struct variant plain = {"at once", AT_ONCE, 64, 0};
    struct sample *expected = calloc(SAMPLES_MAX, sizeof(*expected));
    struct sample *samples = calloc(SAMPLES_MAX, sizeof(*samples));

    assert_non_null(expected);
    assert_non_null(samples);
    if (course->skipped) {
        course_skip(course);
    }
    course_run(course, &plain, expected);
    for (size_t v = 0; v < sizeof(variants) / sizeof(variants[0]); v++) {
        course_run(course, &variants[v], samples);
        for (uint32_t i = 0; i < course->samples; i++) {
            if (samples[i].hash != expected[i].hash) {
                print_error("%s: differs at sample %u\n", variants[v].name, i);
                assert_states_equal(&expected[i].state, &samples[i].state);
                fail_msg("RAM differs");
            }
        }
    }
    free(expected);
    free(samples);
    free(course->begin);
    support_guest_close(&course->guest);
}

static struct course course_of(const char *kernel, const char *initrd, const char *command_line,
                               uint64_t clocks)
{
    struct course course = {.clocks = clocks, .samples = 40};

    course.config = support_config();
    course.config.ram_bytes = 32u << 20;
    support_guest_open(&course.guest, kernel, initrd, command_line, course.config.ram_bytes);
    return course;
}

static void type_a_letter(struct machine *machine, uint32_t i)
{
    machine_input_serial(machine, 0, (uint8_t)('a' + i % 26));
    machine_input_key(machine, (uint8_t)(0x1E + i % 2 * 0x80));
}

static void test_equality_storm_of_interrupts_with_input(void **unused)
{
    struct course course = course_of(TEST_GUESTS "/storm.elf", NULL, "storm", 1500000);

    (void)unused;
    course.input = type_a_letter;

    course_check(&course);
}

/* A disk whose sectors are all different. */
static void image_make(const char *path)
{
    FILE *file = fopen(path, "w");
    uint32_t random = 99;

    assert_non_null(file);
    for (uint32_t i = 0; i < 1024 * 128; i++) {
        uint32_t value = support_random(&random);

        assert_int_equal(fwrite(&value, sizeof(value), 1, file), 1);
    }
    fclose(file);
}

static void test_equality_disk_under_interrupts(void **unused)
{
    struct course course = course_of(TEST_GUESTS "/disk.elf", NULL, "disk", 2000000);
    struct err err = {0};

    (void)unused;
    image_make(TEST_FOLDER "/equality.img");
    course.config.disks[0] = disk_file_open(TEST_FOLDER "/equality.img,snapshot", &err);
    if (!course.config.disks[0]) {
        fail_msg("%s", err.message);
    }
    course_check(&course);
    disk_file_close(course.config.disks[0]);
}

static void test_equality_storm_with_seed_and_jitter(void **unused)
{
    struct course course = course_of(TEST_GUESTS "/storm.elf", NULL, "storm", 1000000);

    (void)unused;
    course.config.seed = 7;
    course.config.jitter = 1;
    course.input = type_a_letter;

    course_check(&course);
}

static void test_equality_storm_with_unit_timing(void **unused)
{
    struct course course = course_of(TEST_GUESTS "/storm.elf", NULL, "storm", 400000);

    (void)unused;
    course.config.timing = TIMING_UNIT;

    course_check(&course);
}

static void test_equality_storm_with_i386_timing(void **unused)
{
    struct course course = course_of(TEST_GUESTS "/storm.elf", NULL, "storm", 1000000);

    (void)unused;
    course.config.timing = TIMING_I386;
    course.config.level = CPU_I386;

    course_check(&course);
}

static void test_equality_system_calls_and_timer(void **unused)
{
    struct course course = course_of(BENCH_GUESTS "/traps.elf", NULL, "traps n=2000", 3000000);

    (void)unused;
    course_check(&course);
}

static void test_equality_paging(void **unused)
{
    struct course course = course_of(BENCH_GUESTS "/paging.elf", NULL, "paging n=1", 30000000);

    (void)unused;
    course.samples = 12;
    course_check(&course);
}

static void test_equality_strings(void **unused)
{
    struct course course = course_of(BENCH_GUESTS "/sortmem.elf", NULL, "sortmem n=1", 3000000);

    (void)unused;
    course_check(&course);
}

static void test_equality_calls(void **unused)
{
    struct course course = course_of(BENCH_GUESTS "/calls.elf", NULL, "calls n=1", 2000000);

    (void)unused;
    course_check(&course);
}

static void test_equality_kernel(void **unused)
{
    struct course course = course_of(GUEST_OS "/kernel.elf", GUEST_OS "/ramdisk.img",
                                     "ringside demo=counters", 12000000);

    (void)unused;
    course_check(&course);
}

/* Somebody types at the shell, on both keyboards at once. */
static void type_a_command(struct machine *machine, uint32_t i)
{
    static const char line[] = "ls /bin|wc;cat /proc/*&echo $((7*6));ps\n";
    static const uint8_t keys[] = {0x26, 0xA6, 0x1F, 0x9F, 0x1C, 0x9C};

    for (uint32_t n = 0; n < 1 + i % 3; n++) {
        machine_input_serial(machine, 0, (uint8_t)line[(i * 3 + n) % (sizeof(line) - 1)]);
    }
    machine_input_key(machine, keys[i % sizeof(keys)]);
}

/* RINGSIDE_SOAK_CLOCKS in the environment makes it longer. */
static void test_equality_booted_guest_at_the_shell_under_a_storm(void **unused)
{
    const char *soak = getenv("RINGSIDE_SOAK_CLOCKS");
    struct course course =
        course_of(GUEST_OS "/kernel.elf", GUEST_OS "/ramdisk.img", "ringside hz=1000 init=/bin/sh",
                  soak ? strtoull(soak, NULL, 0) : 8000000);

    (void)unused;
    course.skipped = SHELL_CLOCKS;
    course.samples = SAMPLES_MAX;
    course.input = type_a_command;

    course_check(&course);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_equality_storm_of_interrupts_with_input),
        cmocka_unit_test(test_equality_disk_under_interrupts),
        cmocka_unit_test(test_equality_storm_with_seed_and_jitter),
        cmocka_unit_test(test_equality_storm_with_unit_timing),
        cmocka_unit_test(test_equality_storm_with_i386_timing),
        cmocka_unit_test(test_equality_system_calls_and_timer),
        cmocka_unit_test(test_equality_paging),
        cmocka_unit_test(test_equality_strings),
        cmocka_unit_test(test_equality_calls),
        cmocka_unit_test(test_equality_kernel),
        cmocka_unit_test(test_equality_booted_guest_at_the_shell_under_a_storm),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
