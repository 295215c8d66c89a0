/* The library as another program uses it: two machines side by side, each its own.
 * Includes only what is installed, links only build/libringside.a.
 * SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "emu/boot.h"
#include "emu/machine.h"
#include "emu/snapshot.h"

struct output {
    char text[512];
    size_t length;
};

static void keep(void *context, enum byte_channel channel, uint8_t byte, uint64_t clock)
{
    struct output *output = context;

    (void)clock;
    if (channel == CHANNEL_COM1 && output->length + 1 < sizeof(output->text)) {
        output->text[output->length++] = (char)byte;
    }
}

static struct machine *start(struct boot *boot, struct output *output)
{
    struct machine_boot loader = {.context = boot, .load = boot_load};
    struct machine_sink sink = {.context = output, .byte_out = keep};
    struct machine_config config;
    struct machine *machine;

    machine_config_defaults(&config);
    machine = machine_create(&config, NULL);
    assert_non_null(machine);
    machine_set_sink(machine, &sink);
    assert_true(machine_boot(machine, &loader, NULL));
    return machine;
}

static void test_two_machines_in_one_process_do_not_disturb_each_other(void **unused)
{
    struct output alone = {0};
    struct output first = {0};
    struct output second = {0};
    struct machine *machines[3];
    struct boot boot;

    (void)unused;
    assert_true(boot_open(&boot, BENCH_GUESTS "/traps.elf", NULL, "traps n=3", 64u << 20, NULL));
    machines[0] = start(&boot, &alone);
    machines[1] = start(&boot, &first);
    machines[2] = start(&boot, &second);
    assert_int_equal(machine_run(machines[0], CLOCK_NEVER), MACHINE_STOP_EXIT);
    for (uint64_t clock = 0; machine_state(machines[2])->progress.ending == 0; clock += 5000) {
        machine_run(machines[1], clock);
        machine_run(machines[2], clock);
    }
    assert_int_equal(machine_exit_status(machines[2]), 33);
    assert_string_equal(first.text, alone.text);
    assert_string_equal(second.text, alone.text);
    assert_true(machine_hash(machines[0]) == machine_hash(machines[2]));
    for (uint32_t i = 0; i < 3; i++) {
        machine_destroy(machines[i]);
    }
    boot_close(&boot);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_two_machines_in_one_process_do_not_disturb_each_other),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
