/* Inside options.c and options_agree.c.
 * SPDX-License-Identifier: MIT */
#pragma once

#include "emu/options.h"

/* False with *err filled: two options do not go with each other, or with exec. */
bool options_agree(const struct options *options, struct err *err);
bool options_agree_exec(const struct options *options, struct err *err);
