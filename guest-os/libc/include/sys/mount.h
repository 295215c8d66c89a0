/* Declared with the other system calls. SPDX-License-Identifier: MIT */
#pragma once

#include "libc/include/system_calls.h"
