/* Core files of programs that a signal ended. SPDX-License-Identifier: MIT */
#pragma once

#include "heart/process.h"

extern char core_pattern[NAME_BYTES]; /* what the file is called, in the current directory */

/* Write one for the current process, if RLIMIT_CORE and the directory allow it. False: there is
 * none. Interrupts are on. */
bool core_dump(const struct siginfo *info);
