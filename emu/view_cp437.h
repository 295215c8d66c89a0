/* The character set of PC text screens (code page 437) as Unicode.
 * SPDX-License-Identifier: MIT */
#pragma once

#include <stdint.h>

/* 0 and 20h give a blank; every other value has a glyph. */
uint32_t cp437_to_unicode(uint8_t code);
