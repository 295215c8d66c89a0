/* The debugger's command line on the terminal: editing, history and completion by libedit.
 * SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/* The next line, without its end; false at the end of the input. */
bool ui_prompt_line(char *line, size_t bytes);
/* Whether Ctrl-C has been pressed since the last call, while no line was read. */
bool ui_prompt_interrupted(void);
void ui_prompt_close(void);
