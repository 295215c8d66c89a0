/* The seat on a terminal (ncurses): the same panels, keys and commands as in the window.
 * SPDX-License-Identifier: MIT */
#pragma once

#include "emu/ui_window.h"

/* Show it until the user leaves. Returns UI_STATUS_LEFT, or 2 with *err: no terminal. */
int tui_run(struct session *session, const struct ui_options *options, struct err *err);
