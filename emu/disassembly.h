/* Text of instructions (Zydis), and instruction boundaries before an address.
 * For display only: what the processor does is decided by cpu/, never here.
 * SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DISASSEMBLY_LONGEST 15u /* bytes of the longest instruction */

/* Decode one instruction of `size` available bytes as seen at offset `eip` of a 32-bit (`big`)
 * or 16-bit code segment. Text in Intel syntax,
 * or as AT&T writes it (`att`); bytes that are none give "db 0XXh".
 * Returns the number of bytes, 1..15, 0 if `size` is 0. */
uint32_t disassemble(const uint8_t *bytes, size_t size, uint32_t eip, bool big, bool att,
                     char *text, size_t text_bytes);
/* Find where instructions begin before `size` bytes of code end: fills starts[] with offsets into
 * `bytes`, ascending, the last ones that lead without a gap to offset `size`. `anchor`: an offset
 * known to begin an instruction (a function's first byte), or SIZE_MAX.
 * Returns their number, at most `count`. */
size_t disassembly_before(const uint8_t *bytes, size_t size, size_t anchor, bool big,
                          uint16_t *starts, size_t count);
/* Length of the instruction that starts here, 0 if the bytes are none. */
uint32_t disassembly_length(const uint8_t *bytes, size_t size, bool big);
