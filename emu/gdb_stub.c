/* gdb's stub: the line, and the packets that are not questions.
 * SPDX-License-Identifier: MIT */
#include "emu/gdb_stub.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "emu/gdb_stub_priv.h"

#define OUTPUT_PAUSE   65536u /* bytes waiting to be sent: take no more until they have left */
#define READ_MOST      (GDB_PAYLOAD_BYTES / 2 - 16)
#define SAY_PIECE      2000u /* bytes of text in an O packet */
#define ERROR_PACKET   "E01" /* can not be understood */
#define ERROR_MEMORY   "E14" /* no memory there */
#define ERROR_TOO_MUCH "E1c"
#define ERROR_PAST     "E.in the past a change would cut off the recorded future; monitor branch does"

/* ---- replies ---- */

void gdb_reply_clear(struct gdb_stub *stub)
{
    stub->reply_used = 0;
    stub->reply[0] = '\0';
}

void gdb_reply(struct gdb_stub *stub, const char *format, ...)
{
    size_t room = sizeof(stub->reply) - stub->reply_used;
    va_list arguments;
    int length;

    va_start(arguments, format);
    length = vsnprintf(stub->reply + stub->reply_used, room, format, arguments);
    va_end(arguments);
    stub->reply_used += (size_t)length < room ? (size_t)length : room - 1;
}

void gdb_reply_bytes(struct gdb_stub *stub, const void *bytes, size_t size)
{
    size_t room = sizeof(stub->reply) - stub->reply_used;

    if (2 * size < room) {
        gdb_to_hex(bytes, size, stub->reply + stub->reply_used);
        stub->reply_used += 2 * size;
    }
}

static void send_bytes(struct gdb_stub *stub, const char *bytes, size_t size)
{
    if (stub->output_room - stub->output_used < size) {
        size_t room = stub->output_room + size + OUTPUT_PAUSE;
        char *grown = realloc(stub->output, room);

        if (!grown) {
            return; /* gdb will ask again */
        }
        stub->output = grown;
        stub->output_room = room;
    }
    memcpy(stub->output + stub->output_used, bytes, size);
    stub->output_used += size;
}

void gdb_send_reply(struct gdb_stub *stub)
{
    stub->last_bytes = gdb_frame(stub->reply, stub->reply_used, stub->last);
    send_bytes(stub, stub->last, stub->last_bytes);
    gdb_reply_clear(stub);
}

void gdb_say(struct gdb_stub *stub, const char *text)
{
    size_t length = strlen(text);

    while (length) {
        size_t piece = length < SAY_PIECE ? length : SAY_PIECE;

        gdb_reply_clear(stub);
        gdb_reply(stub, "O");
        gdb_reply_bytes(stub, text, piece);
        gdb_send_reply(stub);
        text += piece;
        length -= piece;
    }
}

/* ---- memory ---- */

static bool read_memory(struct gdb_stub *stub, uint32_t address, uint8_t *bytes, uint32_t size)
{
    return stub->physical ? machine_read_physical(stub->machine, address, bytes, size)
                          : gdb_thread_read(stub, stub->thread, address, bytes, size);
}

/* ADDRESS,LENGTH */
static bool parse_range(const char **text, uint32_t *address, uint32_t *size)
{
    uint64_t linear;

    if (!gdb_number(text, &linear) || **text != ',') {
        return false;
    }
    (*text)++;
    *address = (uint32_t)linear; /* gdb may extend the sign of a pointer */
    return gdb_number32(text, size);
}

static void do_read(struct gdb_stub *stub, const char *text)
{
    uint8_t bytes[READ_MOST];
    uint32_t address;
    uint32_t size;
    uint32_t got = 0;

    if (!parse_range(&text, &address, &size) || *text) {
        gdb_reply(stub, ERROR_PACKET);
        return;
    }
    size = size < READ_MOST ? size : READ_MOST;
    while (got < size) { /* as much as there is, page by page */
        uint32_t room = 4096 - (address + got) % 4096;
        uint32_t piece = size - got < room ? size - got : room;

        if (!read_memory(stub, address + got, bytes + got, piece)) {
            break;
        }
        got += piece;
    }
    if (got == 0 && size > 0) {
        gdb_reply(stub, ERROR_MEMORY);
    } else {
        gdb_reply_bytes(stub, bytes, got);
    }
}

/* In the past nothing may be changed: false after a reply that says so. */
static bool may_change(struct gdb_stub *stub)
{
    if (history_in_past(stub->history)) {
        gdb_reply(stub, ERROR_PAST);
        return false;
    }
    return true;
}

static bool write_memory(struct gdb_stub *stub, uint32_t address, const uint8_t *bytes,
                         uint32_t size)
{
    for (uint32_t i = 0; i < size; i++) {
        uint32_t physical = address + i;
        uint8_t old;

        if ((!stub->physical && !machine_translate(stub->machine, address + i, &physical)) ||
            !machine_read_physical(stub->machine, physical, &old, 1)) {
            return false;
        }
        if (old != bytes[i] && !machine_input_memory(stub->machine, physical, bytes[i])) {
            return false;
        }
    }
    return true;
}

/* M: digits; X: bytes. */
static void do_write(struct gdb_stub *stub, const char *packet, size_t length)
{
    uint8_t bytes[READ_MOST];
    const char *text = packet + 1;
    uint32_t address;
    uint32_t size;

    if (!parse_range(&text, &address, &size) || *text++ != ':' || size > READ_MOST ||
        (packet[0] == 'X' && (size_t)(text - packet) + size != length) ||
        (packet[0] == 'M' && !gdb_from_hex(text, bytes, size))) {
        gdb_reply(stub, ERROR_PACKET);
        return;
    }
    if (packet[0] == 'X') {
        memcpy(bytes, text, size);
    }
    if (size == 0) {
        gdb_reply(stub, "OK"); /* gdb asks whether there is X */
    } else if (gdb_thread_sleeper(stub, stub->thread) && !stub->physical) {
        gdb_reply(stub, "E.only the memory of the running thread can be written");
    } else if (may_change(stub)) {
        gdb_reply(stub, write_memory(stub, address, bytes, size) ? "OK" : ERROR_MEMORY);
        stub->processes_known = 0;
    }
}

/* ---- registers ---- */

static void do_registers(struct gdb_stub *stub)
{
    const struct guest_process *sleeper = gdb_thread_sleeper(stub, stub->thread);

    for (uint32_t i = 0; i < GDB_SYSTEM_FIRST; i++) {
        gdb_register_read(stub, sleeper, i);
    }
}

static void do_register(struct gdb_stub *stub, const char *text)
{
    uint32_t number;

    if (!gdb_number32(&text, &number) || *text || number >= gdb_register_count()) {
        gdb_reply(stub, ERROR_PACKET);
        return;
    }
    gdb_register_read(stub, gdb_thread_sleeper(stub, stub->thread), number);
}

static void do_register_write(struct gdb_stub *stub, const char *text)
{
    uint32_t number;

    if (!gdb_number32(&text, &number) || *text++ != '=' || number >= gdb_register_count()) {
        gdb_reply(stub, ERROR_PACKET);
    } else if (gdb_thread_sleeper(stub, stub->thread)) {
        gdb_reply(stub, "E.only the registers of the running thread can be written");
    } else if (may_change(stub)) {
        gdb_reply(stub, gdb_register_write(stub, number, text) ? "OK" : ERROR_PACKET);
    }
}

static void do_registers_write(struct gdb_stub *stub, const char *text)
{
    if (gdb_thread_sleeper(stub, stub->thread)) {
        gdb_reply(stub, "E.only the registers of the running thread can be written");
    } else if (may_change(stub)) {
        gdb_reply(stub, gdb_registers_write(stub, text) ? "OK" : ERROR_PACKET);
    }
}

/* ---- points ---- */

static void do_point(struct gdb_stub *stub, const char *packet)
{
    struct gdb_point point = {0};
    const char *text = packet + 1;

    if (!gdb_number32(&text, &point.kind) || *text++ != ',' ||
        !parse_range(&text, &point.address, &point.bytes) || (*text && *text != ';')) {
        gdb_reply(stub, ERROR_PACKET);
        return;
    }
    if (point.kind > GDB_WATCH_ACCESS) {
        return;
    }
    if (point.kind < GDB_WATCH_WRITE) {
        point.bytes = 1;
    }
    if (point.bytes == 0 || point.address + (point.bytes - 1) < point.address) {
        gdb_reply(stub, ERROR_PACKET);
    } else if (packet[0] == 'z') {
        gdb_point_remove(stub, &point);
        gdb_reply(stub, "OK");
    } else {
        gdb_reply(stub, gdb_point_add(stub, &point) ? "OK" : ERROR_TOO_MUCH);
    }
}

/* ---- moves ---- */

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

/* c and s, with a signal or not, and an address to go on at. */
static void do_resume(struct gdb_stub *stub, const char *packet)
{
    char kind = packet[0];
    const char *text = packet + 1;
    uint32_t address;

    if (kind == 'C' || kind == 'S') {
        if (!gdb_number32(&text, &address) || (*text && *text != ';')) {
            gdb_reply(stub, ERROR_PACKET);
            return;
        }
        text += *text == ';';
    }
    if (*text) {
        char hex[9];

        if (!gdb_number32(&text, &address) || *text) {
            gdb_reply(stub, ERROR_PACKET);
            return;
        }
        gdb_to_hex(&address, 4, hex);
        if (!may_change(stub)) {
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
            good = good && parse_range(&text, &first, &end);
        }
        if (good && *text == ':') {
            text++;
            good = gdb_thread_number(&text, &who);
        }
        if (!good || (*text && *text != ';')) {
            gdb_reply(stub, ERROR_PACKET);
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
        gdb_reply(stub, ERROR_PACKET);
    } else if (move == GDB_RUN) {
        gdb_move_begin(stub, GDB_RUN);
    } else {
        begin_step(stub, move, thread);
    }
}

static void do_back(struct gdb_stub *stub, const char *packet)
{
    if (strcmp(packet, "bs") == 0) {
        gdb_move_step_back(stub);
    } else if (strcmp(packet, "bc") == 0) {
        gdb_move_begin(stub, GDB_BACK);
    }
}

static void do_v(struct gdb_stub *stub, const char *packet)
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

/* ---- threads ---- */

static void do_select(struct gdb_stub *stub, const char *packet)
{
    const char *text = packet + 2;
    int32_t thread;

    if ((packet[1] != 'g' && packet[1] != 'c') || !gdb_thread_number(&text, &thread) || *text ||
        (thread > 0 && !gdb_thread_exists(stub, thread))) {
        gdb_reply(stub, ERROR_PACKET);
        return;
    }
    if (packet[1] == 'g') {
        stub->thread = thread > 0 ? thread : gdb_thread_running(stub);
    }
    gdb_reply(stub, "OK");
}

static void do_alive(struct gdb_stub *stub, const char *text)
{
    int32_t thread;

    gdb_reply(stub, gdb_thread_number(&text, &thread) && !*text && gdb_thread_exists(stub, thread)
                        ? "OK"
                        : ERROR_PACKET);
}

/* ---- packets ---- */

static void answer(struct gdb_stub *stub, const char *packet, size_t length)
{
    switch (packet[0]) {
    case '?':
        gdb_stop_reply(stub);
        break;
    case 'g':
        do_registers(stub);
        break;
    case 'G':
        do_registers_write(stub, packet + 1);
        break;
    case 'p':
        do_register(stub, packet + 1);
        break;
    case 'P':
        do_register_write(stub, packet + 1);
        break;
    case 'm':
        do_read(stub, packet + 1);
        break;
    case 'M':
    case 'X':
        do_write(stub, packet, length);
        break;
    case 'Z':
    case 'z':
        do_point(stub, packet);
        break;
    case 'c':
    case 'C':
    case 's':
    case 'S':
        do_resume(stub, packet);
        break;
    case 'b':
        do_back(stub, packet);
        break;
    case 'v':
        do_v(stub, packet);
        break;
    case 'H':
        do_select(stub, packet);
        break;
    case 'T':
        do_alive(stub, packet + 1);
        break;
    case 'D':
        stub->wish = GDB_DETACH;
        gdb_reply(stub, "OK");
        break;
    case 'k':
        stub->wish = GDB_KILL;
        break;
    default:
        gdb_query(stub, packet, length);
    }
}

/* What has no reply now: a move's comes at its end, after `k` nobody listens. */
static bool has_reply(const struct gdb_stub *stub, const char *packet)
{
    return stub->reply_used > 0 ||
           (stub->move == GDB_REST && packet[0] != 'k' && strcmp(packet, "bs") != 0);
}

static void take_packet(struct gdb_stub *stub)
{
    const char *packet = stub->parser.payload;

    if (!stub->no_ack) {
        send_bytes(stub, "+", 1);
    }
    if (stub->move != GDB_REST) {
        return; /* only Ctrl-C can be meant */
    }
    gdb_reply_clear(stub);
    answer(stub, packet, stub->parser.length);
    if (has_reply(stub, packet)) {
        gdb_send_reply(stub);
    }
}

/* ---- the line ---- */

size_t gdb_stub_receive(struct gdb_stub *stub, const uint8_t *bytes, size_t size)
{
    size_t taken = 0;

    while (taken < size && stub->output_used < OUTPUT_PAUSE && stub->wish != GDB_KILL) {
        switch (gdb_parser_byte(&stub->parser, bytes[taken++])) {
        case GDB_PACKET:
            take_packet(stub);
            break;
        case GDB_BROKEN:
            if (!stub->no_ack) {
                send_bytes(stub, "-", 1);
            }
            break;
        case GDB_NAK:
            if (!stub->no_ack) {
                send_bytes(stub, stub->last, stub->last_bytes);
            }
            break;
        case GDB_INTERRUPT:
            if (stub->move != GDB_REST) {
                gdb_move_interrupt(stub);
            }
            break;
        default:
            break;
        }
    }
    return taken;
}

const char *gdb_stub_output(const struct gdb_stub *stub, size_t *size)
{
    *size = stub->output_used;
    return stub->output;
}

void gdb_stub_sent(struct gdb_stub *stub, size_t size)
{
    stub->output_used -= size;
    memmove(stub->output, stub->output + size, stub->output_used);
}

enum gdb_wish gdb_stub_wish(const struct gdb_stub *stub)
{
    return stub->wish;
}

void gdb_stub_connect(struct gdb_stub *stub)
{
    gdb_parser_init(&stub->parser);
    stub->output_used = 0;
    stub->last_bytes = 0;
    stub->no_ack = 0;
    stub->say_swbreak = 0;
    stub->say_hwbreak = 0;
    stub->physical = 0;
    stub->wish = GDB_STAY;
    stub->point_count = 0;
    stub->move = GDB_REST;
    stub->idle = 0;
    stub->reason = GDB_BY_STEP;
    stub->processes_known = 0;
    stub->thread = gdb_thread_running(stub);
    gdb_arm(stub, false);
}

void gdb_stub_disconnect(struct gdb_stub *stub)
{
    if (stub->move == GDB_BACK || stub->move == GDB_BACK_OVER) {
        history_go_to(stub->history, stub->search_end);
    }
    gdb_stub_connect(stub);
}

struct gdb_stub *gdb_stub_create(struct session *session, const struct guest_os *os,
                                 const struct elf_symbols *symbols, struct err *err)
{
    struct gdb_stub *stub = calloc(1, sizeof(*stub));

    if (stub) {
        stub->processes = calloc(GUEST_PROCESSES_MAX, sizeof(*stub->processes));
    }
    if (!stub || !stub->processes) {
        free(stub);
        err_set(err, "no memory for gdb's stub");
        return NULL;
    }
    stub->session = session;
    stub->machine = session_machine(session);
    stub->history = session_history(session);
    stub->os = os;
    stub->symbols = symbols;
    gdb_stub_connect(stub);
    return stub;
}

void gdb_stub_destroy(struct gdb_stub *stub)
{
    if (stub) {
        gdb_arm(stub, false);
        free(stub->processes);
        free(stub->output);
        free(stub);
    }
}
