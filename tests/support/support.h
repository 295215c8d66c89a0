/* What tests share: machines with defaults and a program in them, ELF files made in memory,
 * a series of random numbers that is the same in every run.
 * SPDX-License-Identifier: MIT */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "emu/boot.h"
#include "emu/machine.h"

/* ---- assertions ---- */

#define assert_text_contains(text, part) support_text_contains(text, part, __FILE__, __LINE__)
void support_text_contains(const char *text, const char *part, const char *file, int line);
/* Two states field by field: says the first bytes that differ and in which part. */
#define assert_states_equal(a, b) support_states_equal(a, b, __FILE__, __LINE__)
void support_states_equal(const struct machine_state *a, const struct machine_state *b,
                          const char *file, int line);

/* ---- random numbers ---- */

uint32_t support_random(uint32_t *state);
/* 0..limit-1 */
uint32_t support_random_below(uint32_t *state, uint32_t limit);

/* ---- machines ---- */

/* Defaults for tests: 2 MiB, clocks of the i486, 1 MHz machine clock would be too slow to boot. */
struct machine_config support_config(void);
struct machine *support_machine(const struct machine_config *config);
/* A machine with code at 100000h in flat protected mode, EIP there, ESP 80000h. */
struct machine *support_machine_with_code(const struct machine_config *config, const uint8_t *code,
                                          uint32_t bytes);

/* A kernel in a machine; images belong to the guest. */
struct support_guest {
    const char *kernel;       /* path */
    const char *initrd;       /* path or NULL */
    const char *command_line; /* "" for none */
    struct boot boot;
};
void support_guest_open(struct support_guest *guest, const char *kernel, const char *initrd,
                        const char *command_line, uint64_t ram_bytes);
void support_guest_close(struct support_guest *guest);
struct machine *support_guest_machine(struct support_guest *guest,
                                      const struct machine_config *config);

/* ---- ELF files ---- */

struct support_segment {
    uint32_t physical;
    uint32_t virtual;
    uint32_t file_bytes;
    uint32_t memory_bytes;
};

/* An executable with these segments (filled with HLT) in a fresh buffer; *size: its bytes. */
uint8_t *support_elf(const struct support_segment *segments, uint32_t count, uint32_t entry,
                     size_t *size);
