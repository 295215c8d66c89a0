/* The terminal's settings and its foreground group. SPDX-License-Identifier: MIT */
#pragma once

#include "libc/include/system_calls.h"

#define TCSANOW   0
#define TCSADRAIN 1
#define TCSAFLUSH 2

int tcgetattr(int fd, struct termios *settings);
int tcsetattr(int fd, int when, const struct termios *settings);
int tcgetpgrp(int fd);
int tcsetpgrp(int fd, int group);
/* No editing, no echo, no signals: bytes as they come. */
void cfmakeraw(struct termios *settings);
