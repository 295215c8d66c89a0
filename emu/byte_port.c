/* Host ends of the guest's byte channels.
 * SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "emu/byte_port.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

void byte_port_open_descriptors(struct byte_port *port, int in, int out)
{
    *port = (struct byte_port){.in = in, .out = out};
}

bool byte_port_open_file(struct byte_port *port, const char *path, struct err *err)
{
    int file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);

    byte_port_open_descriptors(port, -1, file);
    return file >= 0 ? true : err_set(err, "%s: cannot write: %s", path, strerror(errno));
}

static bool open_pty(struct byte_port *port, struct err *err)
{
    int file = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
    struct termios settings;
    char name[64];
    int other;

    if (file < 0 || grantpt(file) != 0 || unlockpt(file) != 0 ||
        ptsname_r(file, name, sizeof(name)) != 0) {
        if (file >= 0) {
            close(file);
        }
        return err_set(err, "--serial pty: no pseudo-terminal: %s", strerror(errno));
    }
    /* Held open here too, so that nobody at the other end is not the end; no echo, no editing. */
    other = open(name, O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (other >= 0 && tcgetattr(other, &settings) == 0) {
        cfmakeraw(&settings);
        tcsetattr(other, TCSANOW, &settings);
    }
    fprintf(stderr, "ringside: serial port on %s\n", name);
    byte_port_open_descriptors(port, file, file);
    return true;
}

bool byte_port_open(struct byte_port *port, const char *where, struct err *err)
{
    byte_port_open_descriptors(port, -1, -1);
    if (strcmp(where, "null") == 0) {
        return true;
    }
    if (strcmp(where, "stdio") == 0) {
        byte_port_open_descriptors(port, STDIN_FILENO, STDOUT_FILENO);
        return true;
    }
    if (strcmp(where, "pty") == 0) {
        return open_pty(port, err);
    }
    return byte_port_open_file(port, where + strlen("file:"), err);
}

void byte_port_close(struct byte_port *port)
{
    byte_port_flush(port);
    if (port->in > STDERR_FILENO) {
        close(port->in);
    }
    if (port->out > STDERR_FILENO && port->out != port->in) {
        close(port->out);
    }
    byte_port_open_descriptors(port, -1, -1);
}

bool byte_port_flush(struct byte_port *port)
{
    uint32_t done = 0;

    while (done < port->held && !port->broken) {
        ssize_t written = write(port->out, port->buffer + done, port->held - done);

        if (written > 0) {
            done += (uint32_t)written;
        } else if (written < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
            struct pollfd room = {.fd = port->out, .events = POLLOUT};

            poll(&room, 1, -1);
        } else if (written < 0 && errno != EINTR) {
            port->broken = 1;
        }
    }
    port->held = 0;
    return !port->broken;
}

bool byte_port_put(struct byte_port *port, uint8_t byte)
{
    if (port->out < 0 || port->broken) {
        return !port->broken;
    }
    port->buffer[port->held++] = byte;
    if (byte == '\n' || port->held == sizeof(port->buffer)) {
        return byte_port_flush(port);
    }
    return true;
}

size_t byte_port_get(struct byte_port *port, uint8_t *to, size_t bytes)
{
    struct pollfd ready = {.fd = port->in, .events = POLLIN};
    ssize_t got;

    if (port->in < 0 || bytes == 0 || poll(&ready, 1, 0) <= 0 || ready.revents == 0) {
        return 0;
    }
    got = read(port->in, to, bytes);
    if (got > 0) {
        return (size_t)got;
    }
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) {
        return 0;
    }
    port->in = -1;
    return 0;
}
