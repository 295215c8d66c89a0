/* A panel as text, for the command `show` where there is no window.
 * SPDX-License-Identifier: MIT */
#pragma once

#include "emu/session.h"

/* struct session_painter.paint; context: struct elf_symbols, or NULL. */
char *view_text(void *context, struct session *session, const char *panel, uint32_t columns,
                uint32_t rows, bool *known);
