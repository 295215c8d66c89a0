/* What derives from isa.def: instruction and handler ids, prototypes, look-ups.
 * SPDX-License-Identifier: MIT */
#pragma once

#include <stdint.h>

#include "cpu/uop.h"
