/* Permissions as people read and write them. SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#define MODE_TEXT_BYTES 11

/* "drwxr-xr-x" */
void mode_text(uint32_t mode, char to[MODE_TEXT_BYTES]);
/* What becomes of `old` by an octal number or by words like u+x,go-w,a=r.
 * Words without u, g, o or a leave alone what the umask takes. false: the text is neither. */
bool mode_parse(const char *text, uint32_t old, bool is_directory, uint32_t *mode);
