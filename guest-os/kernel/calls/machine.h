/* What the machine is called. SPDX-License-Identifier: MIT */
#pragma once

#include "include/abi.h"

const struct utsname *machine_names(void);
