/* Random numbers: the same after each start of the machine, and no secret.
 * SPDX-License-Identifier: MIT */
#pragma once

#include <stddef.h>
#include <stdint.h>

void random_bytes(void *to, size_t bytes);
