/* The socket that gdb connects to, on the loopback interface or in the file system, and gdb's stub
 * behind it. One gdb at a time.
 * SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "emu/elf_image.h"
#include "emu/err.h"
#include "emu/session.h"

struct gdb_server;

/* The default of --gdb. */
#define GDB_PORT "1234"
/* Memory for going back, without --history. */
#define GDB_HISTORY_DEFAULT (256ull << 20)

struct gdb_server_setup {
    const char *where;                 /* a port, 0: any free one; or unix:PATH */
    const char *kernel;                /* ELF file whose processes are gdb's threads; NULL: none */
    bool own_guest;                    /* it is the bundled kernel */
    const struct elf_symbols *symbols; /* the caller's, may be NULL */
};

/* Listen, and say on stderr where. NULL with *err filled if that place is taken, or if the
 * description of the kernel's processes, KERNEL.os, is wrong. */
struct gdb_server *gdb_server_open(struct session *session, const struct gdb_server_setup *setup,
                                   struct err *err);
void gdb_server_close(struct gdb_server *server);

enum gdb_turn {
    GDB_TURN_RESTED, /* the machine is stopped; nothing has come for a while */
    GDB_TURN_MOVED,  /* the machine has moved, or may have */
    GDB_TURN_IDLE,   /* it is to move, but only input can wake it */
    GDB_TURN_KILLED, /* gdb wants the machine to end */
    GDB_TURN_FREE    /* no gdb any more: the machine runs on by itself */
};

/* Take what has come, answer, and move the machine for about `clocks` if gdb wants that. Waits up
 * to `wait_ms` for packets while the machine is stopped. */
enum gdb_turn gdb_server_turn(struct gdb_server *server, uint64_t clocks, int wait_ms);
