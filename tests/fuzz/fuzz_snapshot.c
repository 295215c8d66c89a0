/* Any bytes at all are either a machine that runs or refused. The checksum is made right first,
 * so that the checks behind it are reached.
 * SPDX-License-Identifier: MIT */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "emu/snapshot.h"

#define RUN_CLOCKS 20000u

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The input takes the place of bytes of a good snapshot: offset, length, bytes, ... */
static void mangle(uint8_t *bytes, size_t size, const uint8_t *data, size_t count)
{
    for (size_t at = 0; at + 4 <= count;) {
        size_t place = (size_t)(data[at] | data[at + 1] << 8 | data[at + 2] << 16) % size;
        size_t length = data[at + 3] % 16u + 1;

        at += 4;
        for (size_t i = 0; i < length && at < count && place + i < size; i++) {
            bytes[place + i] = data[at++];
        }
    }
}

static struct machine *new_machine(void)
{
    struct machine_config config;
    struct machine *machine;

    machine_config_defaults(&config);
    config.ram_bytes = 1u << 20;
    machine = machine_create(&config, NULL);
    if (!machine) {
        abort();
    }
    return machine;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct machine *machine = new_machine();
    struct err err = {0};
    uint8_t *bytes;
    size_t count;
    uint64_t check;

    snapshot_decode(machine, data, size, NULL);
    if (!snapshot_encode(machine, &bytes, &count, NULL)) {
        abort();
    }
    mangle(bytes, count - sizeof(check), data, size);
    check = XXH64(bytes, count - sizeof(check), 0);
    memcpy(bytes + count - sizeof(check), &check, sizeof(check));
    if (snapshot_decode(machine, bytes, count, &err)) {
        machine_run(machine, machine_clock(machine) + RUN_CLOCKS);
    } else if (err.message[0] == '\0') {
        abort(); /* refused without a word */
    }
    free(bytes);
    machine_destroy(machine);
    return 0;
}
