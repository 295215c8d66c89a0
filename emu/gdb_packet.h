/* Packets of gdb's remote protocol: bytes to payloads and back. No commands, no sockets.
 *
 *   $payload#hh    hh: sum of the bytes between, modulo 256; + and - acknowledge
 *   }c  is c ^ 20h;  c*n  is c and (n - 29) more of it;  byte 03h asks for a stop
 *
 * See: Debugging with GDB, appendix E.1.
 * SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define GDB_PAYLOAD_BYTES 16384u                      /* the longest payload, either way */
#define GDB_FRAME_BYTES   (2 * GDB_PAYLOAD_BYTES + 8) /* room for a frame: all escaped */

enum gdb_received {
    GDB_NOTHING, /* more bytes are needed, or this one means nothing */
    GDB_PACKET,  /* payload[0..length) is complete, with a 0 behind it */
    GDB_BROKEN,  /* wrong checksum, or longer than GDB_PAYLOAD_BYTES */
    GDB_ACK,
    GDB_NAK,
    GDB_INTERRUPT, /* Ctrl-C */
};

enum gdb_parser_state { GDB_OUTSIDE, GDB_INSIDE, GDB_ESCAPED, GDB_SUM_HIGH, GDB_SUM_LOW };

struct gdb_parser {
    enum gdb_parser_state state;
    uint8_t sum;                         /* of the bytes so far */
    uint8_t told;                        /* first digit of the checksum, 0..15; FFh: no digit */
    uint8_t too_long;                    /* 1: bytes were dropped */
    size_t length;                       /* 0..GDB_PAYLOAD_BYTES */
    char payload[GDB_PAYLOAD_BYTES + 1]; /* escapes undone */
};

void gdb_parser_init(struct gdb_parser *parser);
/* Take one byte from the line. */
enum gdb_received gdb_parser_byte(struct gdb_parser *parser, uint8_t byte);
/* Make a frame of a payload, escaped and with long runs in short. `frame` has room for
 * GDB_FRAME_BYTES. What is longer than GDB_PAYLOAD_BYTES is cut off. Returns the bytes used. */
size_t gdb_frame(const char *payload, size_t length, char *frame);

/* 0..15, or -1 for what is no hexadecimal digit. */
int gdb_digit(char digit);
/* A number of at most 16 digits at *text, which is moved behind it; false if there is none. */
bool gdb_number(const char **text, uint64_t *value);
/* The same, at most FFFFFFFFh. */
bool gdb_number32(const char **text, uint32_t *value);
/* Bytes as pairs of digits; `hex` has room for 2 * size + 1. */
void gdb_to_hex(const void *bytes, size_t size, char *hex);
/* Exactly `size` bytes from pairs of digits; false if there are fewer. */
bool gdb_from_hex(const char *hex, void *bytes, size_t size);
