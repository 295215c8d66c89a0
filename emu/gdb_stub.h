/* gdb's remote protocol over a session: what comes in on a line, what goes out, and the moves of
 * the machine that it asks for. No sockets, no host time: emu/gdb_server.c has these.
 *
 * Stopped, packets are answered at once. A move is begun by a packet and done in slices by
 * gdb_stub_advance(), so that the line can be looked at in between; its end is told to gdb.
 * See: Debugging with GDB, appendix E; docs/gdb.md.
 * SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "emu/elf_image.h"
#include "emu/guest_os.h"
#include "emu/session.h"

struct gdb_stub;

enum gdb_wish {
    GDB_STAY,
    GDB_DETACH, /* the machine is to run on by itself */
    GDB_KILL    /* the machine is to end */
};

/* `os` (NULL: none) and `symbols` (NULL: none) stay the caller's. NULL with *err: no memory. */
struct gdb_stub *gdb_stub_create(struct session *session, const struct guest_os *os,
                                 const struct elf_symbols *symbols, struct err *err);
void gdb_stub_destroy(struct gdb_stub *stub);
/* Somebody has connected: forget what the one before wanted. The machine stops. */
void gdb_stub_connect(struct gdb_stub *stub);
/* Nobody is connected any more: no breakpoints, no watchpoints. */
void gdb_stub_disconnect(struct gdb_stub *stub);
/* Take bytes from the line; returns how many: fewer when replies have to leave first. */
size_t gdb_stub_receive(struct gdb_stub *stub, const uint8_t *bytes, size_t size);
/* What is to be sent; gdb_stub_sent() removes it from the beginning. */
const char *gdb_stub_output(const struct gdb_stub *stub, size_t *size);
void gdb_stub_sent(struct gdb_stub *stub, size_t size);
/* A move is going on. */
bool gdb_stub_moving(const struct gdb_stub *stub);
/* Go on with it for about `clocks`. */
void gdb_stub_advance(struct gdb_stub *stub, uint64_t clocks);
enum gdb_wish gdb_stub_wish(const struct gdb_stub *stub);
/* 1: the machine rests halted, and only input can end that: no need to hurry. */
bool gdb_stub_idle(const struct gdb_stub *stub);
