/* What run.c and simple.c share. SPDX-License-Identifier: MIT */
#pragma once

#include "user/sh/sh.h"

int run_simple(struct command *command);
/* In a new process: its place among the jobs, and no traps. */
void become_child(int group, bool foreground);
int complain_of_fork(void);
