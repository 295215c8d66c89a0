/* Pseudo terminals: a terminal whose device is another program. SPDX-License-Identifier: MIT */
#pragma once

#include "drivers/tty.h"

struct node;

/* Their names come and go in `directory` (/dev/pts), whose use it takes over. */
void pty_start(struct node *directory);

/* The one with this device number; NULL: there is none, or its master is closed. */
struct tty *pty_find(uint32_t device);
