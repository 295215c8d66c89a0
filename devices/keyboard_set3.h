/* Scan code set 3 of the MF2 keyboard: one code for each key, no prefixes; what a key sends besides
 * its make code is its type, which software may change.
 * See: IBM Personal System/2 Hardware Interface Technical Reference, "Keyboard", commands F7h-FDh.
 * SPDX-License-Identifier: MIT */
#pragma once

#include "devices/kbd8042.h"

/* Of one key, or of all. */
#define KEY_REPEATS 1u /* typematic: makes come again while it is held */
#define KEY_BREAKS  2u /* its release is told */

/* Types as after power-on, nothing held. */
void set3_reset(struct kbd_state *state);
/* kind: KEY_* bits. */
void set3_all_keys(struct kbd_state *state, uint32_t kind);
void set3_one_key(struct kbd_state *state, uint8_t code, uint32_t kind);
/* One set 1 byte from the host: 1 if that completes a key that has something to tell, else 0.
 * *code: the key's set 3 code, *released: 1 if it was let go. `held` follows in set3_take(). */
uint32_t set3_key(const struct kbd_state *state, uint8_t byte, uint8_t *code, uint32_t *released);
/* The byte was accepted: note prefixes and what is held. */
void set3_take(struct kbd_state *state, uint8_t byte);
/* What the 8042 makes of a code of set 2 (or 3) when it translates. */
uint8_t kbd_translated(uint8_t code);
