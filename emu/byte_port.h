/* Where the bytes of a channel go on the host, and where they come from: nothing, standard
 * input and output, a file, a pseudo-terminal.
 * SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "emu/err.h"

struct byte_port {
    int in;              /* file to read, -1: none (any more) */
    int out;             /* file to write, -1: none */
    uint32_t broken;     /* 1: nobody reads what is written */
    uint32_t held;       /* bytes in buffer */
    uint8_t buffer[512]; /* not yet written */
};

/* where: "stdio", "null", "file:PATH", "pty", or with plain_file a path. Says on stderr which
 * pseudo-terminal it is. */
bool byte_port_open(struct byte_port *port, const char *where, struct err *err);
bool byte_port_open_file(struct byte_port *port, const char *path, struct err *err);
void byte_port_open_descriptors(struct byte_port *port, int in, int out);
void byte_port_close(struct byte_port *port);
/* Writes at the end of a line or when full; false when nobody reads any more. */
bool byte_port_put(struct byte_port *port, uint8_t byte);
bool byte_port_flush(struct byte_port *port);
/* Up to `bytes` without waiting; 0 if there are none now. At the end, port->in becomes -1. */
size_t byte_port_get(struct byte_port *port, uint8_t *to, size_t bytes);
