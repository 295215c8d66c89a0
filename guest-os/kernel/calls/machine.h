/* What the machine is called. SPDX-License-Identifier: MIT */
#pragma once

#include "include/abi.h"

const struct utsname *machine_names(void);

/* Another host name; -EINVAL: too long. */
int32_t machine_set_name(const char *name);
