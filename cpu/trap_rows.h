/* What isa.def says a row may raise, against what its body has raised: for debug builds.
 * SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* handler_id: enum handler_id of the micro-op; path: enum trap_path. */
bool trap_is_listed(uint32_t handler_id, uint32_t path);
