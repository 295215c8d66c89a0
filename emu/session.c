/* The debugger's core: position, moves by single steps, input, breakpoints.
 * Searches: session_search.c; what is shown: session_view.c.
 * SPDX-License-Identifier: MIT */
#include "emu/session.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "emu/session_priv.h"

#define HISTORY_LEAST (8ull << 20) /* bytes: less would be no history at all */
#define OVER_CLOCKS   20000000u    /* how far session_step_over() goes before it returns */
#define GO_CLOCKS     200000000u   /* the same for session_go_to() */

/* ---- messages ---- */

void session_say(struct session *session, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(session->message, sizeof(session->message), format, arguments);
    va_end(arguments);
}

bool session_refuse(struct session *session, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(session->message, sizeof(session->message), format, arguments);
    va_end(arguments);
    session->refused = 1;
    return false;
}

void session_print(struct session *session, const char *format, ...)
{
    size_t room = SESSION_ANSWER_BYTES - session->answered;
    va_list arguments;
    int length;

    va_start(arguments, format);
    length = vsnprintf(session->answer + session->answered, room, format, arguments);
    va_end(arguments);
    session->answered += length < 0 ? 0 : (size_t)length < room ? (size_t)length : room - 1;
}

const char *session_answer(const struct session *session)
{
    return session->answered ? session->answer : session->message;
}

uint32_t session_linear_eip(struct session *session)
{
    const struct cpu_state *cpu = &machine_state(session->machine)->cpu;

    return cpu->segments[SEG_CS].base + cpu->eip;
}

void session_say_place(struct session *session, const char *why)
{
    uint32_t linear = session_linear_eip(session);
    uint32_t offset = 0;
    const char *symbol = elf_symbols_find(session->symbols, linear, &offset);

    if (symbol) {
        session_say(session, "%s at %08" PRIX32 " (%s+%" PRIX32 "h)", why, linear, symbol, offset);
    } else {
        session_say(session, "%s at %08" PRIX32, why, linear);
    }
}

const char *session_event_name(enum session_event event)
{
    static const char *const names[SESSION_EVENT_COUNT] = {
        [SESSION_EVENT_INTERRUPT] = "interrupt",   [SESSION_EVENT_EXCEPTION] = "exception",
        [SESSION_EVENT_SYSCALL] = "system call",   [SESSION_EVENT_MODE_SWITCH] = "mode switch",
        [SESSION_EVENT_BREAKPOINT] = "breakpoint",
    };

    return (uint32_t)event < SESSION_EVENT_COUNT ? names[event] : "event";
}

/* ---- the stream of bytes ---- */

static void sink_byte(void *context, enum byte_channel channel, uint8_t byte, uint64_t clock)
{
    struct session *session = context;
    struct session_stream *stream = &session->streams[channel];

    stream->clocks[stream->count % SESSION_STREAM_BYTES] = clock;
    stream->bytes[stream->count++ % SESSION_STREAM_BYTES] = (char)byte;
    if (channel == CHANNEL_COM1) {
        session_console_byte(session);
    }
    if (session->forward.byte_out) {
        session->forward.byte_out(session->forward.context, channel, byte, clock);
    }
}

/* What lay ahead on the streams has been cut off. */
static void streams_cut(struct session *session)
{
    for (uint32_t i = 0; i < CHANNEL_COUNT; i++) {
        session->streams[i].count = machine_state(session->machine)->progress.bytes_out[i];
    }
}

/* ---- making ---- */

struct session *session_create(struct machine *machine, const struct elf_symbols *symbols,
                               uint64_t history_bytes, struct err *err)
{
    struct session *session = calloc(1, sizeof(*session));
    struct machine_sink sink = {.context = session, .byte_out = sink_byte};
    bool good = session != NULL;

    if (good) {
        session->machine = machine;
        session->symbols = symbols;
        session->history =
            history_create(machine, history_bytes < HISTORY_LEAST ? HISTORY_LEAST : history_bytes);
        session->answer = calloc(1, SESSION_ANSWER_BYTES);
        session->undo = calloc(1, sizeof(*session->undo));
        good = session->history && session->answer && session->undo;
    }
    for (uint32_t i = 0; good && i < CHANNEL_COUNT; i++) {
        session->streams[i].bytes = calloc(1, SESSION_STREAM_BYTES);
        session->streams[i].clocks = calloc(SESSION_STREAM_BYTES, sizeof(uint64_t));
        good = session->streams[i].bytes && session->streams[i].clocks;
    }
    if (!good) {
        err_set(err, "no memory for the history");
        session_destroy(session);
        return NULL;
    }
    streams_cut(session);
    machine_set_sink(machine, &sink);
    session->stop = MACHINE_STOP_STEPPED;
    session->previous = *machine_state(machine);
    session_say_place(session, "ready");
    return session;
}

void session_destroy(struct session *session)
{
    struct machine_sink none = {0};

    if (!session) {
        return;
    }
    machine_set_sink(session->machine, &none);
    machine_observe(session->machine, 0, NULL);
    machine_set_breakpoints(session->machine, NULL, 0);
    history_destroy(session->history);
    for (uint32_t i = 0; i < CHANNEL_COUNT; i++) {
        free(session->streams[i].bytes);
        free(session->streams[i].clocks);
    }
    session_script_stop(session);
    session_files_close(session);
    free(session->undo);
    free(session->answer);
    free(session);
}

void session_set_sink(struct session *session, const struct machine_sink *sink)
{
    session->forward = *sink;
}

struct machine *session_machine(struct session *session)
{
    return session->machine;
}

struct history *session_history(struct session *session)
{
    return session->history;
}

/* ---- moves ---- */

void session_begin_move(struct session *session)
{
    session_shown_state(session, &session->previous);
    session->looked_ahead = 0;
    session->micro = 0;
    session->frame = 0;
    session->task = TASK_NONE;
    if (session->wanted.number) {
        session->wanted.number = 0;
        session_arm(session);
    }
}

void session_end_task(struct session *session, enum machine_stop stop)
{
    session->task = TASK_NONE;
    session->stop = stop;
    if (stop == MACHINE_STOP_STEPPED || stop == MACHINE_STOP_CLOCK) {
        session_say_place(session, "stopped");
    } else if (stop == MACHINE_STOP_BREAKPOINT) {
        session_say_place(session, "breakpoint");
    } else {
        machine_explain_stop(session->machine, stop, session->message, sizeof(session->message));
    }
}

static void step_back(struct session *session)
{
    bool moved;

    if (session->micro > 0) {
        session_begin_move(session);
        session_say_place(session, "back to the beginning of the instruction");
        return;
    }
    session_begin_move(session);
    moved = history_step_back(session->history);
    session->stop = MACHINE_STOP_STEPPED;
    session_say_place(session, moved ? "one step back" : "the beginning of recorded history");
}

void session_step(struct session *session, enum session_direction direction)
{
    struct cpu_step_info info = {0};
    enum machine_stop stop;

    if (direction == SESSION_BACK) {
        step_back(session);
        return;
    }
    session_begin_move(session);
    stop = history_step(session->history, &info);
    session_end_task(session, stop);
    if (stop == MACHINE_STOP_STEPPED && (info.what & STEP_DELIVERY)) {
        char why[64];

        snprintf(why, sizeof(why), "%s delivered, vector %02" PRIX32 "h:",
                 info.kind == DELIVERY_EXCEPTION  ? "exception"
                 : info.kind == DELIVERY_SOFTWARE ? "software interrupt"
                                                  : "interrupt",
                 info.vector);
        session_say_place(session, why);
    }
}

static void micro_forward(struct session *session)
{
    uint32_t micro;
    enum machine_stop stop;

    session_look_ahead(session);
    session_shown_state(session, &session->previous);
    micro = session->micro + 1;
    if (micro < session->journal.count) {
        session->micro = micro;
        session->stop = MACHINE_STOP_STEPPED;
        session_say(session, "micro-step %" PRIu32 " of %" PRIu32, micro, session->journal.count);
        return;
    }
    session->looked_ahead = 0;
    session->micro = 0;
    stop = history_step_iteration(session->history, NULL);
    session_end_task(session, stop);
}

static void micro_back(struct session *session)
{
    uint32_t count;

    session_shown_state(session, &session->previous);
    if (session->micro > 0) {
        session->micro--;
    } else {
        session->looked_ahead = 0;
        if (!history_step_back(session->history)) {
            session_say_place(session, "the beginning of recorded history");
            return;
        }
        session_look_ahead(session);
        count = session->journal.count;
        session->micro = count ? count - 1 : 0;
    }
    session->stop = MACHINE_STOP_STEPPED;
    session_say(session, "micro-step %" PRIu32 " of %" PRIu32, session->micro,
                session->journal.count);
}

void session_micro_step(struct session *session, enum session_direction direction)
{
    session->task = TASK_NONE;
    if (direction == SESSION_FORWARD) {
        micro_forward(session);
    } else {
        micro_back(session);
    }
}

/* After one step: did it call, so that execution will come back behind it? */
static bool has_called(struct session *session, const struct cpu_state *before,
                       const struct cpu_step_info *info, struct session_goal *goal)
{
    const struct cpu_state *cpu = &machine_state(session->machine)->cpu;
    uint32_t return_eip = 0;
    uint32_t size = cpu->segments[SEG_CS].attributes & ATTR_BIG ? 4 : 2;
    uint32_t length;

    if ((info->what & STEP_DELIVERY) && info->kind != DELIVERY_SOFTWARE) {
        return false;
    }
    if (!machine_read_linear(session->machine, cpu->segments[SEG_SS].base + cpu->gpr[REG_ESP],
                             &return_eip, size)) {
        return false;
    }
    length = return_eip - before->eip;
    if (length < 1 || length > 15 || cpu->eip == return_eip ||
        (!(info->what & STEP_DELIVERY) && cpu->gpr[REG_ESP] >= before->gpr[REG_ESP])) {
        return false;
    }
    *goal = (struct session_goal){
        .linear = before->segments[SEG_CS].base + return_eip,
        .esp = before->gpr[REG_ESP],
        .cpl = before->cpl,
        .cr3 = before->cr3,
    };
    return true;
}

static void over_forward(struct session *session)
{
    struct cpu_state before = machine_state(session->machine)->cpu;
    struct cpu_step_info info = {0};
    enum machine_stop stop;

    session_begin_move(session);
    stop = history_step(session->history, &info);
    if (stop != MACHINE_STOP_STEPPED || !has_called(session, &before, &info, &session->goal)) {
        session_end_task(session, stop);
        return;
    }
    session->task = TASK_OVER;
    session_say(session, "running to the instruction behind the call");
    session_use_breakpoints(session);
    while (session_search(session, OVER_CLOCKS) &&
           machine_clock(session->machine) < before.clock + OVER_CLOCKS) {}
}

/* Whether the instruction before here was a return from somewhere deeper. */
static bool came_by_return(struct session *session)
{
    uint32_t linear = session_linear_eip(session);
    uint8_t byte;

    for (uint32_t i = 0; i < 4; i++) {
        if (!machine_read_linear(session->machine, linear + i, &byte, 1)) {
            return false;
        }
        if (byte != 0x66 && byte != 0xF3 && byte != 0xF2) {
            return byte == 0xC2 || byte == 0xC3 || byte == 0xCA || byte == 0xCB || byte == 0xCF;
        }
    }
    return false;
}

static void over_back(struct session *session)
{
    struct cpu_state here = machine_state(session->machine)->cpu;
    uint64_t start = here.clock;

    step_back(session);
    if (session->micro || !came_by_return(session)) {
        return;
    }
    session->goal =
        (struct session_goal){.esp = here.gpr[REG_ESP], .cpl = here.cpl, .cr3 = here.cr3};
    session->search_end = history_present(session->history);
    session->task = TASK_OVER_BACK;
    session_say(session, "running back to the call");
    while (session_search(session, OVER_CLOCKS) &&
           start - machine_clock(session->machine) < OVER_CLOCKS) {}
}

void session_step_over(struct session *session, enum session_direction direction)
{
    if (direction == SESSION_FORWARD) {
        over_forward(session);
    } else {
        over_back(session);
    }
}

void session_start_run(struct session *session)
{
    session_begin_move(session);
    session->task = TASK_RUN;
    session_say(session, "running");
}

void session_pause(struct session *session)
{
    if (session->task != TASK_NONE) {
        session->task = TASK_NONE;
        session->wanted.number = 0;
        session_arm(session);
        session_script_stop(session);
        session_say_place(session, "paused");
    }
}

bool session_go_to(struct session *session, uint64_t clock)
{
    struct history_place last = history_last(session->history);

    if (clock < history_first(session->history).clock) {
        session_say(session, "clock %" PRIu64 " is before the recorded history", clock);
        return false;
    }
    if (clock <= last.clock) {
        return session_travel(session, (struct history_place){.clock = clock});
    }
    session_begin_move(session);
    session->task = TASK_GO;
    session->go_clock = clock;
    session_say(session, "running to clock %" PRIu64, clock);
    last = history_present(session->history);
    while (session_search(session, OVER_CLOCKS) &&
           machine_clock(session->machine) < last.clock + GO_CLOCKS) {}
    return true;
}

int session_advance(struct session *session, uint64_t clocks)
{
    if (session->task == TASK_NONE) {
        return session_script_step(session);
    }
    return session_search(session, clocks) || session_script_step(session);
}

/* ---- input ---- */

/* Whether input may enter here: in the past only after the user agreed to cut what lies ahead. */
bool session_may_change(struct session *session, bool confirm_branch)
{
    if (session->micro || session->looked_ahead) {
        session->micro = 0;
        session->looked_ahead = 0;
    }
    if (!history_in_past(session->history)) {
        return true;
    }
    if (!confirm_branch) {
        session_say(session, "you are in the past: a change here cuts off the recorded future");
        return false;
    }
    history_cut(session->history);
    streams_cut(session);
    session_say(session, "the recorded future is cut off; a new one begins");
    return true;
}

bool session_input_key(struct session *session, uint8_t scancode, bool confirm_branch)
{
    return session_may_change(session, confirm_branch) &&
           machine_input_key(session->machine, scancode);
}

bool session_input_serial(struct session *session, uint8_t byte, bool confirm_branch)
{
    return session_may_change(session, confirm_branch) &&
           machine_input_serial(session->machine, 0, byte);
}

/* ---- breakpoints ---- */

void session_use_breakpoints(struct session *session)
{
    uint32_t list[64];
    uint32_t count = 0;
    bool placed = session->task != TASK_OVER || session->breakpoint_count == 64;

    for (uint32_t i = 0; i < session->breakpoint_count; i++) {
        if (!placed && session->goal.linear <= session->breakpoints[i]) {
            placed = true;
            if (session->goal.linear != session->breakpoints[i]) {
                list[count++] = session->goal.linear;
            }
        }
        list[count++] = session->breakpoints[i];
    }
    if (!placed) {
        list[count++] = session->goal.linear;
    }
    machine_set_breakpoints(session->machine, list, count);
}
