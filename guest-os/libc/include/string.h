/* Strings and memory, and the words for errors and signals. SPDX-License-Identifier: MIT */
#pragma once

#include "common/text.h"

const char *strerror(int error);
const char *strsignal(int signal_number);
