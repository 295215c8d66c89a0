/* errno: what the last failed call returned. SPDX-License-Identifier: MIT */
#pragma once

#include "include/abi.h"

extern int errno;
