/* Whatever comes on gdb's line, the stub answers or is silent: it never crashes, writes nothing
 * outside its place, and each move ends. The input is what comes on the line, as it is; and once
 * more as a list of payloads, one in each line, that get the right frames.
 * SPDX-License-Identifier: MIT */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "emu/gdb_packet.h"
#include "emu/gdb_stub.h"

#define RAM_BYTES  (1u << 20)
#define TURNS_MAX  64u    /* slices that a move may take here */
#define CLOCKS     20000u /* of a slice */
#define PROGRAM    0x1000u
#define FRAMES_MAX 64u

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Counts in memory for ever: INC DWORD [2000h]; PUSH AX; POP BX; JMP back. Real mode. */
static const uint8_t program[] = {0x66, 0xFF, 0x06, 0x00, 0x20, 0x50, 0x5B, 0xEB, 0xF7};

static void begin_at_program(struct machine *machine)
{
    struct machine_state state = *machine_state(machine);

    state.cpu.segments[SEG_CS].base = 0;
    state.cpu.segments[SEG_CS].selector = 0;
    state.cpu.eip = PROGRAM;
    if (!machine_write_physical(machine, PROGRAM, program, sizeof(program)) ||
        !machine_load_state(machine, &state, NULL)) {
        abort();
    }
}

static void drain(struct gdb_stub *stub)
{
    size_t size;
    const char *bytes = gdb_stub_output(stub, &size);
    uint32_t sum = 0;

    for (size_t i = 0; i < size; i++) {
        sum += (uint8_t)bytes[i]; /* all of it is there to be read */
    }
    gdb_stub_sent(stub, sum == UINT32_MAX ? 0 : size);
}

static void feed(struct gdb_stub *stub, const uint8_t *bytes, size_t size)
{
    static const uint8_t interrupt = 0x03;

    while (size && gdb_stub_wish(stub) == GDB_STAY) {
        size_t taken = gdb_stub_receive(stub, bytes, size);

        bytes += taken;
        size -= taken;
        for (uint32_t i = 0; i < TURNS_MAX && gdb_stub_moving(stub); i++) {
            gdb_stub_advance(stub, CLOCKS);
        }
        drain(stub);
        if (gdb_stub_moving(stub)) {
            gdb_stub_receive(stub, &interrupt, 1);
            if (gdb_stub_moving(stub)) {
                abort(); /* Ctrl-C ends everything */
            }
            drain(stub);
        }
    }
}

/* A fresh machine for every input; `framed`: each line is a payload. */
static void play(const uint8_t *data, size_t size, bool framed)
{
    static char frame[GDB_FRAME_BYTES];
    struct machine_config config;
    struct machine *machine;
    struct session *session;
    struct gdb_stub *stub;

    machine_config_defaults(&config);
    config.ram_bytes = RAM_BYTES;
    machine = machine_create(&config, NULL);
    if (!machine) {
        abort();
    }
    begin_at_program(machine);
    session = session_create(machine, NULL, 8u << 20, NULL);
    stub = session ? gdb_stub_create(session, NULL, NULL, NULL) : NULL;
    if (!stub) {
        abort();
    }
    if (!framed) {
        feed(stub, data, size);
    }
    for (uint32_t i = 0; framed && size && i < FRAMES_MAX; i++) {
        const uint8_t *end = memchr(data, '\n', size);
        size_t length = end ? (size_t)(end - data) : size;
        size_t used = gdb_frame((const char *)data, length, frame);

        feed(stub, (const uint8_t *)frame, used);
        length += end != NULL;
        data += length;
        size -= length;
    }
    gdb_stub_destroy(stub);
    session_destroy(session);
    machine_destroy(machine);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size > 2000) {
        return 0;
    }
    play(data, size, false);
    play(data, size, true);
    return 0;
}
