/* Boot stages in words.
 * SPDX-License-Identifier: MIT */
#include "emu/boot_stages.h"

#include <stddef.h>

#include "devices/platform_map.h"
#include "emu/machine_state.h"

static const struct {
    uint32_t code;
    const char *name;
} names[] = {
#define STAGE(code, name) {code, name},
#include "emu/boot_stages.def"
#undef STAGE
    {POST_PROGRAM, "the first program begins"},
    {BOOT_PROGRAM, "a program prints its first byte on COM1"},
};

const char *boot_stage_name(uint32_t code)
{
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (names[i].code == code) {
            return names[i].name;
        }
    }
    return NULL;
}

const char *boot_stage_part(uint32_t code)
{
    static const char *const parts[] = {"firmware",    "firmware", "firmware", "firmware",
                                        "boot sector", "loader",   "kernel"};

    return code < 0x70 && code != POST_PROGRAM ? parts[code >> 4] : "";
}
