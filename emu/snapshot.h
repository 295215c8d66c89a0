/* A machine in a file: header, configuration, state, the pages of RAM that are not zero,
 * checksum. The loader checks everything, then copies everything. Format: docs/snapshot.md.
 * SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "emu/machine.h"

/* The machine as bytes; *bytes is to be freed by the caller. false with *err filled. */
bool snapshot_encode(struct machine *machine, uint8_t **bytes, size_t *size, struct err *err);
/* What configuration a snapshot needs, so that a fitting machine can be made. */
bool snapshot_config(const uint8_t *bytes, size_t size, struct machine_config *config,
                     struct err *err);
/* Put a machine of the same configuration into the state of the snapshot. On failure *err says
 * why and the machine is as before. */
bool snapshot_decode(struct machine *machine, const uint8_t *bytes, size_t size, struct err *err);

bool snapshot_save(struct machine *machine, const char *path, struct err *err);
bool snapshot_load(struct machine *machine, const char *path, struct err *err);
