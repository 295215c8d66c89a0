/* Any text is a spec, or refused with one line that names a place inside the text.
 * SPDX-License-Identifier: MIT */
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "emu/grade_spec.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct err err = {0};
    struct grade_spec *spec;
    unsigned line;
    unsigned column;

    size = size < 20000 ? size : 20000;
    spec = grade_spec_parse((const char *)data, size, "spec", &err);
    if (!spec) {
        if (sscanf(err.message, "spec:%u:%u: ", &line, &column) != 2 || line < 1 || column < 1 ||
            column > size + 1) {
            abort(); /* refused without saying where */
        }
        return 0;
    }
    if (spec->arena_used > spec->arena_bytes || spec->check_count == 0 || !spec->subject) {
        abort();
    }
    grade_spec_close(spec);
    return 0;
}
