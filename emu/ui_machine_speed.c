/* Speeds in words and numbers.
 * SPDX-License-Identifier: MIT */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "emu/ui_machine.h"

#define RATE_MOST 1000000000u

bool ui_speed_parse(const char *text, struct ui_speed *speed)
{
    uint64_t rate;
    char *end;

    if (strcmp(text, "max") == 0 || strcmp(text, "real") == 0) {
        *speed = (struct ui_speed){text[0] == 'm' ? SPEED_MAX : SPEED_REAL, 0};
        return true;
    }
    if (!isdigit((unsigned char)text[0])) {
        return false;
    }
    rate = strtoull(text, &end, 10);
    if (*end == 'k' || *end == 'K' || *end == 'M') {
        rate = rate > RATE_MOST ? rate : rate * (*end == 'M' ? 1000000u : 1000u);
        end++;
    }
    end += strspn(end, " ");
    bool clocks = strcmp(end, "clocks") == 0;
    if ((!clocks && *end && strcmp(end, "instructions") != 0) || rate < 1 || rate > RATE_MOST) {
        return false;
    }
    *speed = (struct ui_speed){clocks ? SPEED_CLOCKS : SPEED_INSTRUCTIONS, (uint32_t)rate};
    return true;
}
