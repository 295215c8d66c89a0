/* The views: each draws one panel into a rectangle of a grid, title included.
 * SPDX-License-Identifier: MIT */
#pragma once

#include "emu/view_context.h"

void view_registers(struct grid *grid, struct rect area, const struct view_context *context,
                    bool focused);
/* scroll: rows, 0 = around EIP, negative = towards lower addresses. Links: linear addresses. */
void view_disassembly(struct grid *grid, struct rect area, const struct view_context *context,
                      bool focused, int32_t scroll);
/* scroll: cells, positive = towards higher addresses. */
void view_stacks(struct grid *grid, struct rect area, const struct view_context *context,
                 bool focused, int32_t scroll);
/* scroll: rows from the line chosen by itself. Links: vector + 1. */
void view_vectors(struct grid *grid, struct rect area, const struct view_context *context,
                  bool focused, int32_t scroll);
/* scroll: rows from the cursor. Links: micro-step number + 1. */
void view_microsteps(struct grid *grid, struct rect area, const struct view_context *context,
                     bool focused, int32_t scroll);
/* scroll: rows from the last stage. */
void view_boot(struct grid *grid, struct rect area, const struct view_context *context,
               bool focused, int32_t scroll);
void view_screen(struct grid *grid, struct rect area, const struct view_context *context,
                 bool focused);
/* scroll: lines back from the end. */
void view_console(struct grid *grid, struct rect area, const struct view_context *context,
                  bool focused, int32_t scroll);
/* One row: mode, clock, position, and where the keys go; guest_line: by which way to the GUEST
 * ("keyboard"), NULL: to the DEBUGGER. */
void view_status(struct grid *grid, struct rect area, const struct view_context *context,
                 const char *guest_line);
