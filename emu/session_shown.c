/* Parts of the view that are about the place where the machine is: source text with variables and
 * call stack, watch list, the memory panel's address.
 * SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "emu/session_priv.h"

/* What has been read once, and what has been shown before. */
struct session_shown {
    char file[256];  /* name of the source file that is kept, "": none */
    uint32_t number; /* of elf_symbols, the file that has named it */
    uint8_t *text;   /* NULL: it is not there */
    size_t bytes;    /* of text */

    uint64_t step; /* of the values in `now` */
    uint32_t micro;
    uint32_t is_filled;                                   /* 1: `now` counts */
    char now[SESSION_WATCHED_MAX][SESSION_LINE_BYTES];    /* of the watch list */
    char before[SESSION_WATCHED_MAX][SESSION_LINE_BYTES]; /* at the place before */
    uint32_t memory_first;                                /* of the two below */
    uint32_t memory_filled;                               /* 1: memory_now counts */
    uint8_t memory_now[SESSION_MEMORY_BYTES];
    uint8_t memory_before[SESSION_MEMORY_BYTES];
};

static struct session_shown *shown_of(struct session *session)
{
    if (!session->shown) {
        session->shown = calloc(1, sizeof(*session->shown));
    }
    return session->shown;
}

void session_shown_close(struct session *session)
{
    if (session->shown) {
        free(session->shown->text);
    }
    free(session->shown);
    session->shown = NULL;
    session_events_close(session->kept);
    session->kept = NULL;
}

void session_place_text(struct session *session, uint32_t linear, bool is_caller, char *text,
                        size_t bytes)
{
    uint32_t address = linear - (is_caller ? 1 : 0);
    const struct dwarf_info *info = session_info_at(session, address);
    struct dwarf_line line;
    uint32_t offset = 0;
    const char *symbol = session_symbol_at(session, address, &offset);

    if (info && dwarf_line_at(info, address, &line)) {
        const char *slash = strrchr(line.file, '/');

        snprintf(text, bytes, "%s at %s:%" PRIu32, symbol ? symbol : "?",
                 slash ? slash + 1 : line.file, line.line);
    } else if (symbol) {
        snprintf(text, bytes, "%s+%" PRIX32, symbol, offset + (is_caller ? 1 : 0));
    } else {
        snprintf(text, bytes, "?");
    }
}

/* ---- source ---- */

/* The text of a file, kept until another one is wanted; NULL: it is not there. */
static const char *source_text(struct session *session, uint32_t number, const char *name)
{
    struct session_shown *shown = shown_of(session);

    if (!shown) {
        return NULL;
    }
    if (shown->number != number || strcmp(shown->file, name) != 0) {
        free(shown->text);
        shown->text = NULL;
        shown->number = number;
        snprintf(shown->file, sizeof(shown->file), "%s", name);
        if (!session_source_read(session, number, name, &shown->text, &shown->bytes)) {
            shown->text = NULL;
        }
    }
    return (const char *)shown->text;
}

/* A line for people: tabs become spaces, other control characters go. */
static void copy_line(char *to, const char *from, size_t length)
{
    size_t used = 0;

    for (size_t i = 0; i < length && used + 1 < SESSION_LINE_BYTES; i++) {
        if (from[i] == '\t') {
            do {
                to[used++] = ' ';
            } while (used % 8 && used + 1 < SESSION_LINE_BYTES);
        } else if ((uint8_t)from[i] >= ' ') {
            to[used++] = from[i];
        }
    }
    to[used] = '\0';
}

static void fill_lines(struct session_source *source, const char *text)
{
    uint32_t number = 1;

    source->first = source->line > SESSION_LINES_MAX / 2 ? source->line - SESSION_LINES_MAX / 2 : 1;
    while (*text && source->count < SESSION_LINES_MAX) {
        size_t length = strcspn(text, "\n");

        if (number >= source->first) {
            copy_line(source->lines[source->count++], text, length);
        }
        text += length + (text[length] == '\n');
        number++;
    }
}

static void fill_locals(struct session *session, const struct dwarf_info *info,
                        const struct dwarf_frame *frame, struct session_source *source)
{
    struct dwarf_local locals[SESSION_LOCALS_MAX];
    struct dwarf_frame lookup = *frame;
    uint32_t count;

    lookup.registers[DWARF_EIP] -= frame->is_caller;
    count = info ? dwarf_locals(info, &lookup, locals, SESSION_LOCALS_MAX) : 0;
    for (uint32_t i = 0; i < count; i++) {
        source->locals[i].is_parameter = locals[i].is_parameter;
        snprintf(source->locals[i].name, sizeof(source->locals[i].name), "%.60s", locals[i].name);
        session_variable_text(session, info, frame, &locals[i], source->locals[i].value,
                              sizeof(source->locals[i].value));
    }
    source->local_count = count;
}

static void fill_frames(struct session *session, struct session_source *source)
{
    struct machine_state shown;
    struct dwarf_frame frame;
    bool is_user;
    bool there = session_frame(session, 0, &frame);

    session_shown_state(session, &shown);
    is_user = shown.cpu.cpl == 3;
    while (there && source->frame_count < SESSION_FRAMES_MAX) {
        struct session_frame_line *line = &source->frames[source->frame_count++];
        bool is_trap;
        bool after;

        line->eip = frame.registers[DWARF_EIP];
        line->esp = frame.known & 1u << DWARF_ESP ? frame.registers[DWARF_ESP] : 0;
        line->is_user = is_user;
        session_place_text(session, line->eip, frame.is_caller != 0, line->text,
                           sizeof(line->text));
        there = session_unwind(session, &frame, &is_trap, &after);
        line->is_trap = there && is_trap;
        is_user = is_trap ? after : is_user;
    }
}

void session_fill_source(struct session *session, struct session_source *source)
{
    struct dwarf_frame frame;
    struct dwarf_line line;
    const struct dwarf_info *info;
    const char *text;
    uint32_t address;
    uint32_t number;

    *source = (struct session_source){.known = 1, .frame = session->frame};
    fill_frames(session, source);
    if (!session_frame(session, session->frame, &frame)) {
        source->frame = 0;
        session_frame(session, 0, &frame);
    }
    address = frame.registers[DWARF_EIP] - frame.is_caller;
    info = session_info_at(session, address);
    fill_locals(session, info, &frame, source);
    if (!info || !dwarf_line_at(info, address, &line)) {
        return;
    }
    number = elf_symbols_file_at(session->symbols, session_present_file(session), address);
    snprintf(source->file, sizeof(source->file), "%s", line.file);
    source->line = line.line;
    text = source_text(session, number, line.file);
    if (text) {
        fill_lines(source, text);
    }
}

/* ---- watch list and memory ---- */

/* A value without leaving a message behind; false: *value says why there is none. */
static bool quiet_value(struct session *session, const char *text, char *value, size_t bytes)
{
    char message[sizeof(session->message)];
    uint32_t refused = session->refused;
    bool good;

    memcpy(message, session->message, sizeof(message));
    good = session_print_value(session, text, value, bytes);
    if (!good) {
        snprintf(value, bytes, "%s", session->message);
    }
    memcpy(session->message, message, sizeof(message));
    session->refused = refused;
    return good;
}

/* The values at the place before this one are those to compare with. */
static void turn_over(struct session *session, struct session_shown *shown)
{
    uint64_t step = machine_steps(session->machine);

    if (shown->is_filled && (shown->step != step || shown->micro != session->micro)) {
        memcpy(shown->before, shown->now, sizeof(shown->before));
        memcpy(shown->memory_before, shown->memory_now, sizeof(shown->memory_before));
    } else if (!shown->is_filled) {
        memset(shown->before, 0, sizeof(shown->before));
    }
    shown->is_filled = 1;
    shown->step = step;
    shown->micro = session->micro;
}

/* 16 bytes with the micro-steps done that the cursor is behind. */
static bool read_row(struct session *session, const struct session_watch *watch, uint32_t address,
                     uint8_t *bytes)
{
    if (!watch->memory_physical) {
        return session_read(session, address, bytes, 16);
    }
    if (!machine_read_physical(session->machine, address, bytes, 16)) {
        return false;
    }
    for (uint32_t i = 0; i < session->micro; i++) {
        const struct journal_entry *entry = &session->journal.entries[i];

        for (uint32_t k = 0; k < 16; k++) {
            if ((entry->kind == JOURNAL_MEMORY_WRITE || entry->kind == JOURNAL_WALK_WRITE) &&
                address + k - entry->physical < entry->size) {
                bytes[k] = (uint8_t)(entry->value >> 8 * (address + k - entry->physical));
            }
        }
    }
    return true;
}

static void fill_bytes(struct session *session, struct session_shown *shown,
                       struct session_watch *watch)
{
    bool same;

    watch->memory_first = (watch->memory_address & ~15u) - SESSION_MEMORY_ABOVE;
    for (uint32_t row = 0; row < SESSION_MEMORY_BYTES / 16; row++) {
        watch->memory_there[row] = read_row(session, watch, watch->memory_first + 16 * row,
                                            watch->memory + 16 * (size_t)row);
    }
    same = shown->memory_filled && shown->memory_first == watch->memory_first;
    if (!same) {
        memcpy(shown->memory_before, watch->memory, sizeof(shown->memory_before));
    }
    for (uint32_t i = 0; i < SESSION_MEMORY_BYTES; i++) {
        watch->memory_changed[i] = shown->memory_before[i] != watch->memory[i];
    }
    shown->memory_first = watch->memory_first;
    shown->memory_filled = 1;
    memcpy(shown->memory_now, watch->memory, sizeof(shown->memory_now));
}

static void fill_memory(struct session *session, struct session_watch *watch)
{
    char message[sizeof(session->message)];
    uint32_t refused = session->refused;
    struct expression_value value;

    snprintf(watch->memory_text, sizeof(watch->memory_text), "%.120s", session->memory_text);
    memcpy(message, session->message, sizeof(message));
    if (session_evaluate(session, session->memory_text[0] ? session->memory_text : "ss:esp",
                         &value)) {
        watch->memory_physical = value.is_physical || value.place == PLACE_PHYSICAL;
        watch->memory_address =
            value.bytes > 8 || (value.info && value.number == 0 && value.address)
                ? value.address
                : (uint32_t)value.number;
    } else {
        snprintf(watch->memory_error, sizeof(watch->memory_error), "%.150s", session->message);
    }
    memcpy(session->message, message, sizeof(message));
    session->refused = refused;
}

void session_fill_watch(struct session *session, struct session_watch *watch)
{
    struct session_shown *shown = shown_of(session);

    memset(watch, 0, sizeof(*watch));
    watch->known = 1;
    fill_memory(session, watch);
    if (!shown) {
        return;
    }
    turn_over(session, shown);
    if (!watch->memory_error[0]) {
        fill_bytes(session, shown, watch);
    }
    for (uint32_t i = 0; i < session->watched_count; i++) {
        char text[1024];

        snprintf(watch->rows[i].text, sizeof(watch->rows[i].text), "%.120s", session->watched[i]);
        watch->rows[i].bad = !quiet_value(session, session->watched[i], text, sizeof(text));
        copy_line(watch->rows[i].value, text, strcspn(text, "\n"));
        memcpy(shown->now[i], watch->rows[i].value, sizeof(shown->now[i]));
        watch->rows[i].changed =
            shown->before[i][0] != '\0' && strcmp(shown->before[i], shown->now[i]) != 0;
    }
    watch->count = session->watched_count;
}

void session_do_memory(struct session *session, const char *argument)
{
    struct expression_value value;

    if (argument[0] && !session_evaluate(session, argument, &value)) {
        return;
    }
    snprintf(session->memory_text, sizeof(session->memory_text), "%s", argument);
    if (argument[0]) {
        session_say(session, "the memory panel shows %.200s", argument);
    } else {
        session_say(session, "the memory panel follows the stack pointer");
    }
}

/* ---- the log of events ---- */

#define UNIT_FIRST 100000u /* clocks: a tick of the bundled kernel's timer has ten columns */
#define UNIT_MOST  10000000000u

void session_fill_log(struct session *session, struct session_log *log)
{
    if (!session->kept) {
        session->kept = session_events_open(session);
    }
    if (!session->kept) {
        return;
    }
    session_events_fill(session->kept, log);
    log->unit = session->timeline_unit ? session->timeline_unit : UNIT_FIRST;
    log->shift = session->timeline_shift;
}

void session_do_log(struct session *session, const char *argument)
{
    bool off = strcmp(argument, "off") == 0;

    if (argument[0] && !off && strcmp(argument, "on") != 0) {
        session_refuse(session, "log: on or off");
        return;
    }
    if (!session->kept && !off) {
        session->kept = session_events_open(session);
    }
    session_say(session, session->kept && session_events_listen(session->kept, !off)
                             ? "events of the operating system are kept"
                             : "no events are kept");
}

/* The next unit of 1, 2, 5, 10, ... clocks. */
static uint64_t unit_step(uint64_t unit, bool finer)
{
    uint64_t one = 1;

    while (one * 10 <= unit) {
        one *= 10;
    }
    uint64_t digit = unit / one;
    if (finer) {
        return digit > 5 ? 5 * one : digit > 2 ? 2 * one : digit > 1 ? one : one > 1 ? one / 2 : 1;
    }
    return digit < 2 ? 2 * one : digit < 5 ? 5 * one : 10 * one;
}

void session_do_timeline(struct session *session, const char *argument)
{
    uint64_t unit = session->timeline_unit ? session->timeline_unit : UNIT_FIRST;
    char *end;
    uint64_t number = strtoull(argument, &end, 10);

    if (strcmp(argument, "in") == 0 || strcmp(argument, "out") == 0) {
        unit = unit_step(unit, argument[0] == 'i');
    } else if (strcmp(argument, "left") == 0 || strcmp(argument, "right") == 0) {
        session->timeline_shift += argument[0] == 'l' ? -20 : 20;
    } else if (argument[0] == '\0') {
        session->timeline_shift = 0;
    } else if (*end == '\0' && argument[0] != '-' && number > 0) {
        unit = number;
    } else {
        session_refuse(session, "timeline: in, out, left, right, or the clocks of a column");
        return;
    }
    session->timeline_unit = unit < UNIT_MOST ? unit : UNIT_MOST;
    session_say(session, "a column of the timeline is %" PRIu64 " clocks", session->timeline_unit);
}
