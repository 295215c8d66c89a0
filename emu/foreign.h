/* MMX and SSE instructions in a guest whose processor has none: what it was and which
 * compiler flag avoids it.
 * SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "emu/elf_image.h"
#include "emu/machine.h"

/* Whether the bytes of an instruction (prefixes included) are such a one; returns its family
 * ("MMX", "SSE") or NULL. */
const char *foreign_family(const uint8_t *bytes, size_t count);
/* If the last fault of the machine came from such an instruction, one line about it into text. */
bool foreign_explain(struct machine *machine, const struct elf_symbols *symbols, char *text,
                     size_t bytes);
