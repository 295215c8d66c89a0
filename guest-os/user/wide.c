/* wide: a program with 6 MiB of variables, which it fills and looks at again. With base and bound
 * they need as much memory in one piece: see pieces.
 * SPDX-License-Identifier: MIT */
#include <stdint.h>

#define WORDS (6u << 18)

static volatile uint32_t words[WORDS];

int main(void)
{
    for (uint32_t i = 0; i < WORDS; i++) {
        words[i] = i * 2654435761u;
    }
    for (uint32_t i = 0; i < WORDS; i++) {
        if (words[i] != i * 2654435761u) {
            return 1;
        }
    }
    return 0;
}
