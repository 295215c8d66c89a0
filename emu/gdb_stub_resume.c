/* Packets that begin a move: c, s, vCont, bc, bs.
 * SPDX-License-Identifier: MIT */
#include <string.h>

#include "emu/gdb_stub_priv.h"

/* A thread that sleeps is stepped by waiting until it goes on. */
static void begin_step(struct gdb_stub *stub, enum gdb_move move, int32_t thread)
{
    const struct guest_process *sleeper = gdb_thread_sleeper(stub, thread);

    if (!sleeper || !(sleeper->known >> DWARF_EIP & 1)) {
        gdb_move_begin(stub, move);
        return;
    }
    stub->goal = (struct gdb_goal){
        .esp = sleeper->registers[DWARF_ESP],
        .cr3 = sleeper->directory,
        .linear = sleeper->registers[DWARF_EIP],
        .thread = thread,
    };
    gdb_move_begin(stub, GDB_AWAIT);
}

void gdb_resume(struct gdb_stub *stub, const char *packet)
{
    char kind = packet[0];
    const char *text = packet + 1;
    uint32_t address;

    if (kind == 'C' || kind == 'S') {
        if (!gdb_number32(&text, &address) || (*text && *text != ';')) {
            gdb_reply(stub, GDB_ERROR_PACKET);
            return;
        }
        text += *text == ';';
    }
    if (*text) {
        char hex[9];

        if (!gdb_number32(&text, &address) || *text) {
            gdb_reply(stub, GDB_ERROR_PACKET);
            return;
        }
        gdb_to_hex(&address, 4, hex);
        if (!gdb_may_change(stub)) {
            return;
        }
        gdb_register_write(stub, DWARF_EIP, hex);
    }
    if (kind == 'c' || kind == 'C') {
        gdb_move_begin(stub, GDB_RUN);
    } else {
        begin_step(stub, GDB_STEP, stub->thread);
    }
}

/* vCont;ACTION[:THREAD]...: the first action that steps counts, else all run. */
static void do_continue(struct gdb_stub *stub, const char *text)
{
    enum gdb_move move = GDB_REST;
    int32_t thread = 0;

    while (*text == ';') {
        char kind = *++text;
        uint32_t first = 0;
        uint32_t end = 0;
        uint32_t signal;
        int32_t who = 0;
        bool good = kind != '\0' && strchr("cCsSr", kind) != NULL;

        text += good;
        if (kind == 'C' || kind == 'S') {
            good = good && gdb_number32(&text, &signal);
        } else if (kind == 'r') {
            good = good && gdb_parse_range(&text, &first, &end);
        }
        if (good && *text == ':') {
            text++;
            good = gdb_thread_number(&text, &who);
        }
        if (!good || (*text && *text != ';')) {
            gdb_reply(stub, GDB_ERROR_PACKET);
            return;
        }
        if (kind == 'c' || kind == 'C') {
            move = move == GDB_REST ? GDB_RUN : move;
        } else if (move == GDB_REST || move == GDB_RUN) {
            move = kind == 'r' ? GDB_RANGE : GDB_STEP;
            stub->range_first = first;
            stub->range_end = end;
            thread = who;
        }
    }
    if (*text || move == GDB_REST) {
        gdb_reply(stub, GDB_ERROR_PACKET);
    } else if (move == GDB_RUN) {
        gdb_move_begin(stub, GDB_RUN);
    } else {
        begin_step(stub, move, thread);
    }
}

void gdb_back(struct gdb_stub *stub, const char *packet)
{
    if (strcmp(packet, "bs") == 0) {
        gdb_move_step_back(stub);
    } else if (strcmp(packet, "bc") == 0) {
        gdb_move_begin(stub, GDB_BACK);
    }
}

void gdb_v_packet(struct gdb_stub *stub, const char *packet)
{
    if (strcmp(packet, "vCont?") == 0) {
        gdb_reply(stub, "vCont;c;C;s;S;r");
    } else if (strncmp(packet, "vCont;", 6) == 0) {
        do_continue(stub, packet + 5);
    } else if (strncmp(packet, "vKill", 5) == 0) {
        stub->wish = GDB_KILL;
        gdb_reply(stub, "OK");
    }
}
