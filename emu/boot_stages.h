/* The way from reset to the first program, in words: what the codes mean that the bundled guest
 * writes to port 80h (guest-os/firmware/post_codes.h is where they are said).
 * SPDX-License-Identifier: MIT */
#pragma once

#include <stdint.h>

/* What begins with this code (struct boot_stage_state); NULL: it means nothing. */
const char *boot_stage_name(uint32_t code);
/* Whose code it is: "firmware", "boot sector", "loader", "kernel", or "". */
const char *boot_stage_part(uint32_t code);
