/* Declared with the other system calls: stat, lstat, fstat with a struct stat64.
 * SPDX-License-Identifier: MIT */
#pragma once

#include "libc/include/system_calls.h"
