/* gdb beside the console.
 * SPDX-License-Identifier: MIT */
#include "emu/console_gdb.h"

#include <stdlib.h>

#include "emu/gdb_server.h"
#include "emu/history.h"
#include "emu/session.h"

#define WAIT_MS 20 /* for packets, before looking at the terminal again */
#define IDLE_NS 10000000u

struct console_gdb {
    struct session *session;
    struct gdb_server *server;
    struct console_gdb_host host;
    bool killed;
    bool jumped;
};

struct console_gdb *console_gdb_open(struct machine *machine, const struct options *options,
                                     const struct elf_symbols *symbols, const char *kernel,
                                     const struct console_gdb_host *host, struct err *err)
{
    struct gdb_server_setup setup = {
        .where = options->gdb,
        .kernel = kernel,
        .own_guest = options->machine.own_guest,
        .symbols = symbols,
    };
    uint64_t bytes =
        options->history_bytes == UINT64_MAX ? GDB_HISTORY_DEFAULT : options->history_bytes;
    struct console_gdb *gdb = calloc(1, sizeof(*gdb));

    if (!gdb) {
        err_set(err, "no memory");
        return NULL;
    }
    gdb->host = *host;
    gdb->session = session_create(machine, symbols, bytes, err);
    if (gdb->session) {
        session_set_sink(gdb->session, &gdb->host.sink);
        gdb->server = gdb_server_open(gdb->session, &setup, err);
    }
    if (!gdb->server) {
        console_gdb_close(gdb);
        return NULL;
    }
    return gdb;
}

void console_gdb_close(struct console_gdb *gdb)
{
    if (gdb) {
        gdb_server_close(gdb->server);
        session_destroy(gdb->session);
        free(gdb);
    }
}

enum machine_stop console_gdb_run(struct console_gdb *gdb, uint64_t until)
{
    struct machine *machine = session_machine(gdb->session);
    uint64_t before = machine_clock(machine);
    enum gdb_turn turn;

    gdb->host.flush(gdb->host.context);
    turn = gdb_server_turn(gdb->server, until > before ? until - before : 1, WAIT_MS);
    gdb->jumped =
        turn != GDB_TURN_FREE && (turn != GDB_TURN_MOVED || machine_clock(machine) <= before);
    gdb->killed = turn == GDB_TURN_KILLED;
    if (turn == GDB_TURN_FREE) {
        return history_run(session_history(gdb->session), until);
    }
    if (turn == GDB_TURN_IDLE) {
        gdb->host.flush(gdb->host.context);
        gdb->host.wait(gdb->host.context, IDLE_NS);
    }
    return MACHINE_STOP_CLOCK;
}

bool console_gdb_killed(const struct console_gdb *gdb)
{
    return gdb->killed;
}

bool console_gdb_in_past(const struct console_gdb *gdb)
{
    return history_in_past(session_history(gdb->session));
}

bool console_gdb_jumped(const struct console_gdb *gdb)
{
    return gdb->jumped;
}
