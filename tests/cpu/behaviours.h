/* Prototypes of the behaviour tests.
 * SPDX-License-Identifier: MIT */
#pragma once

#define BEHAVIOUR(id) void test_##id(void **unused);
#include "behaviours.def"
#undef BEHAVIOUR
