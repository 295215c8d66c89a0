/* gdb's socket.
 * SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "emu/gdb_server.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "emu/dwarf_info.h"
#include "emu/file.h"
#include "emu/gdb_stub.h"
#include "emu/guest_os.h"

#define UNIX_PREFIX      "unix:"
#define RECEIVE_BYTES    16384u
#define SEND_WAIT_MS     5000 /* a gdb that takes nothing for so long is gone */
#define PATH_BYTES       4352u
#define DESCRIPTION_MOST 65536u

struct gdb_server {
    struct gdb_stub *stub;
    struct dwarf_info *info;
    struct guest_os *os;
    int listener;
    int line;                    /* -1: nobody is connected */
    bool detached;               /* the machine runs by itself */
    char path[108];              /* of a unix socket, to be removed; "": none */
    uint8_t held[RECEIVE_BYTES]; /* received, not taken yet */
    size_t held_used;
};

/* ---- opening ---- */

static bool listen_unix(struct gdb_server *server, const char *path, struct err *err)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};

    if (path[0] == '\0' || strlen(path) >= sizeof(address.sun_path)) {
        return err_set(err, "--gdb unix:%s: must be a path of at most %zu bytes", path,
                       sizeof(address.sun_path) - 1);
    }
    memcpy(address.sun_path, path, strlen(path));
    server->listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (server->listener < 0 ||
        bind(server->listener, (struct sockaddr *)&address, sizeof(address)) < 0 ||
        listen(server->listener, 1) < 0) {
        return err_set(err, "--gdb unix:%s: %s", path, strerror(errno));
    }
    memcpy(server->path, path, strlen(path) + 1);
    fprintf(stderr, "ringside: the machine waits for gdb: target remote %s\n", path);
    return true;
}

static bool listen_port(struct gdb_server *server, const char *port, struct err *err)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
                                  .sin_port = htons((uint16_t)strtoul(port, NULL, 10))};
    socklen_t length = sizeof(address);
    int yes = 1;

    server->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (server->listener >= 0) {
        setsockopt(server->listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
    }
    if (server->listener < 0 ||
        bind(server->listener, (struct sockaddr *)&address, sizeof(address)) < 0 ||
        listen(server->listener, 1) < 0 ||
        getsockname(server->listener, (struct sockaddr *)&address, &length) < 0) {
        return err_set(err, "--gdb %s: port of the loopback interface: %s; 0 takes any free one",
                       port, strerror(errno));
    }
    fprintf(stderr, "ringside: the machine waits for gdb: target remote localhost:%u\n",
            ntohs(address.sin_port));
    return true;
}

/* The kernel's processes. A kernel without debug information has none; a description beside the
 * kernel's file has to be right. */
static bool open_os(struct gdb_server *server, const struct gdb_server_setup *setup,
                    struct err *err)
{
    char path[PATH_BYTES];
    uint8_t *text = NULL;
    size_t size = 0;

    server->info = setup->kernel ? dwarf_info_open(setup->kernel, NULL) : NULL;
    if (!server->info) {
        return true;
    }
    if (setup->own_guest) {
        server->os = guest_os_open(server->info, guest_os_bundled(), NULL);
        return true;
    }
    snprintf(path, sizeof(path), "%s.os", setup->kernel);
    if (access(path, R_OK) != 0) {
        return true;
    }
    if (!file_read(path, DESCRIPTION_MOST, &text, &size, err)) {
        return false;
    }
    server->os = guest_os_open(server->info, (const char *)text, err);
    free(text);
    return server->os != NULL;
}

struct gdb_server *gdb_server_open(struct session *session, const struct gdb_server_setup *setup,
                                   struct err *err)
{
    struct gdb_server *server = calloc(1, sizeof(*server));
    bool good;

    if (!server) {
        err_set(err, "no memory for gdb's server");
        return NULL;
    }
    server->listener = -1;
    server->line = -1;
    good = open_os(server, setup, err);
    if (good) {
        server->stub = gdb_stub_create(session, server->os, setup->symbols, err);
        good = server->stub != NULL;
    }
    if (good && strncmp(setup->where, UNIX_PREFIX, strlen(UNIX_PREFIX)) == 0) {
        good = listen_unix(server, setup->where + strlen(UNIX_PREFIX), err);
    } else if (good) {
        good = listen_port(server, setup->where, err);
    }
    if (!good) {
        gdb_server_close(server);
        return NULL;
    }
    return server;
}

static void hang_up(struct gdb_server *server)
{
    if (server->line >= 0) {
        close(server->line);
        server->line = -1;
    }
    server->held_used = 0;
}

void gdb_server_close(struct gdb_server *server)
{
    if (!server) {
        return;
    }
    hang_up(server);
    if (server->listener >= 0) {
        close(server->listener);
    }
    if (server->path[0]) {
        unlink(server->path);
    }
    gdb_stub_destroy(server->stub);
    guest_os_close(server->os);
    dwarf_info_close(server->info);
    free(server);
}

/* ---- the line ---- */

static bool ready(int file, int16_t events, int wait_ms)
{
    struct pollfd poll_file = {.fd = file, .events = events};

    return poll(&poll_file, 1, wait_ms) > 0;
}

static void answer_call(struct gdb_server *server, int wait_ms)
{
    int yes = 1;

    if (!ready(server->listener, POLLIN, wait_ms)) {
        return;
    }
    server->line = accept4(server->listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (server->line >= 0) {
        /* fails on a unix socket, where there is nothing to be turned off */
        setsockopt(server->line, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof(yes));
        server->detached = false;
        gdb_stub_connect(server->stub);
    }
}

/* Nobody is there any more. The machine stays where it is. */
static void lose(struct gdb_server *server)
{
    hang_up(server);
    gdb_stub_disconnect(server->stub);
}

static bool send_output(struct gdb_server *server)
{
    size_t size;
    const char *bytes = gdb_stub_output(server->stub, &size);

    while (size) {
        ssize_t sent = send(server->line, bytes, size, MSG_NOSIGNAL);

        if (sent < 0 && errno == EAGAIN && ready(server->line, POLLOUT, SEND_WAIT_MS)) {
            continue;
        }
        if (sent < 0 && errno != EINTR) {
            return false;
        }
        gdb_stub_sent(server->stub, sent < 0 ? 0 : (size_t)sent);
        bytes = gdb_stub_output(server->stub, &size);
    }
    return true;
}

/* What has come goes to the stub, and its answers back; false: the line is dead. */
static bool exchange(struct gdb_server *server)
{
    ssize_t got = recv(server->line, server->held + server->held_used,
                       sizeof(server->held) - server->held_used, 0);

    if (got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR)) {
        return false;
    }
    server->held_used += got > 0 ? (size_t)got : 0;
    while (server->held_used) {
        size_t taken = gdb_stub_receive(server->stub, server->held, server->held_used);

        server->held_used -= taken;
        memmove(server->held, server->held + taken, server->held_used);
        if (!send_output(server)) {
            return false;
        }
        if (gdb_stub_wish(server->stub) != GDB_STAY) {
            break;
        }
    }
    return true;
}

static enum gdb_turn act_on_wish(struct gdb_server *server)
{
    if (gdb_stub_wish(server->stub) == GDB_KILL) {
        return GDB_TURN_KILLED;
    }
    lose(server);
    server->detached = true;
    return GDB_TURN_FREE;
}

/* Packets, as long as they come and the machine is not to move for long. */
static enum gdb_turn serve(struct gdb_server *server, uint64_t clocks, int wait_ms)
{
    enum gdb_turn turn = GDB_TURN_RESTED;

    while (ready(server->line, POLLIN, gdb_stub_moving(server->stub) ? 0 : wait_ms)) {
        if (!exchange(server)) {
            lose(server);
            return GDB_TURN_RESTED;
        }
        if (gdb_stub_wish(server->stub) != GDB_STAY) {
            return act_on_wish(server);
        }
        turn = GDB_TURN_MOVED;
        gdb_stub_advance(server->stub, clocks);
        if (!send_output(server)) {
            lose(server);
            return GDB_TURN_RESTED;
        }
        if (gdb_stub_moving(server->stub)) {
            return gdb_stub_idle(server->stub) ? GDB_TURN_IDLE : GDB_TURN_MOVED;
        }
    }
    return turn;
}

enum gdb_turn gdb_server_turn(struct gdb_server *server, uint64_t clocks, int wait_ms)
{
    enum gdb_turn turn;

    if (server->line < 0) {
        answer_call(server, server->detached ? 0 : wait_ms);
        if (server->line < 0) {
            return server->detached ? GDB_TURN_FREE : GDB_TURN_RESTED;
        }
    }
    turn = serve(server, clocks, wait_ms);
    if (server->line >= 0 && turn == GDB_TURN_RESTED && gdb_stub_moving(server->stub)) {
        gdb_stub_advance(server->stub, clocks);
        if (!send_output(server)) {
            lose(server);
            return GDB_TURN_RESTED;
        }
        turn = gdb_stub_idle(server->stub) ? GDB_TURN_IDLE : GDB_TURN_MOVED;
    }
    return turn;
}
