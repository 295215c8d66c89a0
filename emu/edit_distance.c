/* How far one word is from another: one row of the usual table at a time.
 * SPDX-License-Identifier: MIT */
#include "emu/edit_distance.h"

#include <stddef.h>
#include <string.h>

uint32_t edit_distance(const char *a, const char *b)
{
    uint32_t row[32];
    size_t length = strnlen(b, 31);

    for (uint32_t j = 0; j <= length; j++) {
        row[j] = j;
    }
    for (uint32_t i = 0; a[i]; i++) {
        uint32_t diagonal = row[0];

        row[0] = i + 1;
        for (uint32_t j = 1; j <= length; j++) {
            uint32_t best = diagonal + (a[i] != b[j - 1]);

            diagonal = row[j];
            best = row[j] + 1 < best ? row[j] + 1 : best;
            best = row[j - 1] + 1 < best ? row[j - 1] + 1 : best;
            row[j] = best;
        }
    }
    return row[length];
}
