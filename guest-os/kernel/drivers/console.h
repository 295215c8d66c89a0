/* The consoles: where the kernel's messages go. One or several terminals, named by console= on the
 * command line; the last one is /dev/console. SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct tty;

/* The devices. Messages wait until console_read_options. */
void console_initialise(void);

/* console=tty1 or console=ttyS0, several times if wanted, and quiet. */
void console_read_options(void);

/* The interrupts of the devices are on: from now on output waits in the terminals' rings. */
void console_start(void);

/* A message of the kernel. From anywhere. */
void console_write(const char *text, uint32_t length);

/* /dev/console, NULL: none. */
struct tty *console_tty(void);

/* What was written to /dev/console goes to the other consoles, too. */
void console_copy_to_others(uint32_t from_user, uint32_t bytes);

/* Send all that waits in the terminals, without interrupts: before the machine is turned off. */
void console_drain(void);

/* From now on nothing waits, and the debug port hears everything, too, even with quiet. */
void console_prepare_for_panic(void);
