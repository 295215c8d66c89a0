/* gdb's questions and settings: packets q and Q, monitor commands.
 * SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "emu/gdb_stub_priv.h"

#define MONITOR_CLOCKS 2000000000u /* how far a monitor command may run */
#define MONITOR_SLICE  4000000u
#define MONITOR_LINE   1024u
#define OBJECT_PIECE   8000u /* bytes of a qXfer object in one reply */

/* The whole address space is one piece: which pages are there changes as the guest runs. */
static const char memory_map[] =
    "<?xml version=\"1.0\"?><!DOCTYPE memory-map PUBLIC \"+//IDN gnu.org//DTD GDB Memory Map "
    "V1.0//EN\" \"http://sourceware.org/gdb/gdb-memory-map.dtd\"><memory-map>"
    "<memory type=\"ram\" start=\"0x0\" length=\"0x100000000\"/></memory-map>";

static bool begins(const char *text, const char *word)
{
    return strncmp(text, word, strlen(word)) == 0;
}

static void do_supported(struct gdb_stub *stub, const char *packet)
{
    stub->say_swbreak = strstr(packet, "swbreak+") != NULL;
    stub->say_hwbreak = strstr(packet, "hwbreak+") != NULL;
    gdb_reply(stub,
              "PacketSize=%x;QStartNoAckMode+;qXfer:features:read+;qXfer:memory-map:read+;"
              "qXfer:threads:read+;ReverseStep+;ReverseContinue+;swbreak+;hwbreak+;vContSupported+",
              GDB_PAYLOAD_BYTES);
}

/* OFFSET,LENGTH of an object. */
static void do_piece(struct gdb_stub *stub, const char *object, const char *range)
{
    uint32_t offset;
    uint32_t length;
    size_t size;

    if (!object || !gdb_number32(&range, &offset) || *range++ != ',' ||
        !gdb_number32(&range, &length) || *range) {
        gdb_reply(stub, "E01");
        return;
    }
    size = strlen(object);
    offset = offset < size ? offset : (uint32_t)size;
    length = length < OBJECT_PIECE ? length : OBJECT_PIECE;
    gdb_reply(stub, "%c%.*s", size - offset > length ? 'm' : 'l', (int)length, object + offset);
}

static void do_transfer(struct gdb_stub *stub, const char *packet)
{
    char *made = NULL;

    if (begins(packet, "features:read:target.xml:")) {
        made = gdb_target_description();
        do_piece(stub, made, packet + strlen("features:read:target.xml:"));
    } else if (begins(packet, "features:read:")) {
        gdb_reply(stub, "E00"); /* no such annex */
    } else if (begins(packet, "memory-map:read::")) {
        do_piece(stub, memory_map, packet + strlen("memory-map:read::"));
    } else if (begins(packet, "threads:read::")) {
        made = gdb_threads_xml(stub);
        do_piece(stub, made, packet + strlen("threads:read::"));
    }
    free(made);
}

/* All at once: gdb uses qXfer when it can. */
static void do_thread_list(struct gdb_stub *stub)
{
    int32_t running = gdb_thread_running(stub);

    gdb_threads_refresh(stub);
    gdb_reply(stub, "m%" PRIx32, (uint32_t)running);
    for (uint32_t i = 0; i < stub->process_count; i++) {
        int32_t thread = gdb_thread_of(&stub->processes[i]);

        if (thread != running && stub->reply_used < GDB_PAYLOAD_BYTES - 16) {
            gdb_reply(stub, ",%" PRIx32, (uint32_t)thread);
        }
    }
}

static void do_thread_text(struct gdb_stub *stub, const char *text)
{
    char words[128];
    int32_t thread;

    if (!gdb_thread_number(&text, &thread) || *text || !gdb_thread_exists(stub, thread)) {
        gdb_reply(stub, "E01");
        return;
    }
    gdb_thread_describe(stub, thread, words, sizeof(words));
    gdb_reply_bytes(stub, words, strlen(words));
}

/* ---- monitor ---- */

static void set_interrupts(struct gdb_stub *stub, const char *word)
{
    if (strcmp(word, "show") == 0 || strcmp(word, "pass") == 0) {
        stub->interrupts_shown = word[0] == 's';
        gdb_say(stub, stub->interrupts_shown
                          ? "single steps go into the handlers of interrupts and exceptions\n"
                          : "single steps pass over interrupts and exceptions\n");
    } else {
        gdb_say(stub, "interrupts: must be show or pass\n");
    }
}

static void set_physical(struct gdb_stub *stub, const char *word)
{
    if (strcmp(word, "on") == 0 || strcmp(word, "off") == 0) {
        stub->physical = word[1] == 'n';
        gdb_say(stub, stub->physical ? "addresses of memory are physical ones now\n"
                                     : "addresses of memory are linear ones\n");
    } else {
        gdb_say(stub, "physical: must be on or off\n");
    }
}

static void do_branch(struct gdb_stub *stub)
{
    if (history_in_past(stub->history)) {
        history_cut(stub->history);
        gdb_say(stub, "the recorded future is cut off; a new one begins here\n");
    } else {
        gdb_say(stub, "this is the present: there is no future to cut off\n");
    }
}

static void help(struct gdb_stub *stub)
{
    gdb_say(stub, "monitor interrupts show|pass: whether single steps go into handlers\n"
                  "monitor physical on|off: memory by physical addresses\n"
                  "monitor branch: in the past, cut off the recorded future, to change things\n"
                  "and those of the debugger:\n");
}

/* The debugger's commands have breakpoints of their own, and may move the machine. */
static void do_command(struct gdb_stub *stub, const char *line)
{
    uint64_t start = machine_clock(stub->machine);
    char text[sizeof(((struct session_view *)0)->message) + 2];

    gdb_arm(stub, false);
    session_command(stub->session, line);
    while (session_advance(stub->session, MONITOR_SLICE) &&
           machine_clock(stub->machine) - start < MONITOR_CLOCKS) {}
    session_pause(stub->session);
    snprintf(text, sizeof(text), "%s\n", session_answer(stub->session));
    gdb_say(stub, text);
    stub->armed = 0;
    stub->processes_known = 0;
    stub->thread = gdb_thread_running(stub);
}

static void do_monitor(struct gdb_stub *stub, const char *hex)
{
    char line[MONITOR_LINE];
    size_t length = strlen(hex) / 2;

    if (length >= sizeof(line) || strlen(hex) % 2 || !gdb_from_hex(hex, line, length)) {
        gdb_reply(stub, "E01");
        return;
    }
    line[length] = '\0';
    if (begins(line, "interrupts ")) {
        set_interrupts(stub, line + strlen("interrupts "));
    } else if (begins(line, "physical ")) {
        set_physical(stub, line + strlen("physical "));
    } else if (strcmp(line, "branch") == 0) {
        do_branch(stub);
    } else {
        if (strcmp(line, "help") == 0) {
            help(stub);
        }
        do_command(stub, line);
    }
    gdb_reply(stub, "OK");
}

/* ---- all of them ---- */

void gdb_query(struct gdb_stub *stub, const char *packet, size_t length)
{
    (void)length;
    if (begins(packet, "qSupported")) {
        do_supported(stub, packet);
    } else if (strcmp(packet, "QStartNoAckMode") == 0) {
        gdb_reply(stub, "OK");
        stub->no_ack = 1;
    } else if (begins(packet, "qXfer:")) {
        do_transfer(stub, packet + strlen("qXfer:"));
    } else if (begins(packet, "qRcmd,")) {
        do_monitor(stub, packet + strlen("qRcmd,"));
    } else if (strcmp(packet, "qC") == 0) {
        gdb_reply(stub, "QC%" PRIx32, (uint32_t)gdb_thread_running(stub));
    } else if (strcmp(packet, "qfThreadInfo") == 0) {
        do_thread_list(stub);
    } else if (strcmp(packet, "qsThreadInfo") == 0) {
        gdb_reply(stub, "l");
    } else if (begins(packet, "qThreadExtraInfo,")) {
        do_thread_text(stub, packet + strlen("qThreadExtraInfo,"));
    } else if (strcmp(packet, "qAttached") == 0 || begins(packet, "qAttached:")) {
        gdb_reply(stub, "1"); /* gdb leaves the machine alone when it goes */
    } else if (begins(packet, "qSymbol:")) {
        gdb_reply(stub, "OK");
    }
}
