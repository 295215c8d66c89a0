/* Strings and memory, and the words for errors and signals. SPDX-License-Identifier: MIT */
#pragma once

#include "common/text.h"

/* A copy in memory of its own (free it). */
char *strdup(const char *text);
char *strndup(const char *text, size_t most);

const char *strerror(int error);
const char *strsignal(int signal_number);
