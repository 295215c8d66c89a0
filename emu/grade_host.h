/* `ringside grade`: specs from files, one after the other, and the reports.
 * SPDX-License-Identifier: MIT */
#pragma once

#include "emu/options.h"

/* Exit status: 0 all points, 1 not all, 2 trouble (told on stderr). */
int grade_host_run(const struct options *options);
