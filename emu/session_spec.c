/* Events in words, as break, trace, until, wait-for, last and --break take them:
 *
 *   PLACE                                   about to execute there
 *   write|read|access|changed EXPR[, BYTES] [== VALUE]       memory; phys:X physical
 *   port N[..M] [read|write] [== VALUE]     vector N[..M]    exception [N]    irq [N]
 *   interrupt   software   syscall [NAME]   mode   cr3 [X]   iret   halt
 *   process created|switched|ended          signal raised|delivered|returned
 *   console "TEXT"                          clock N
 *
 * then any of: if EXPR, ignore N, hits N, user, kernel, once, log "text {EXPR}".
 * SPDX-License-Identifier: MIT */
#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "emu/os_events.h"
#include "emu/session_priv.h"

/* A reader of the text; `whole` is for columns in messages. */
struct spec {
    struct session *session;
    const char *whole;
    const char *at;
    struct session_point *point;
};

static bool fail(struct spec *spec, const char *what)
{
    uint32_t column = (uint32_t)(spec->at - spec->whole) + 1;

    spec->session->refused_column = spec->session->argument_column + column;
    return session_refuse(spec->session, "%.120s: column %" PRIu32 ": %s", spec->whole, column,
                          what);
}

static size_t word_length(const char *text)
{
    size_t length = 0;

    while (isalnum((unsigned char)text[length]) || text[length] == '_' || text[length] == '-') {
        length++;
    }
    return length;
}

static bool take_word(struct spec *spec, const char *word)
{
    size_t length = strlen(word);

    if (strncmp(spec->at, word, length) != 0 || word_length(spec->at) != length) {
        return false;
    }
    spec->at += length;
    spec->at += strspn(spec->at, " ");
    return true;
}

/* ---- numbers and texts ---- */

/* `text` is the beginning of what follows, or all of it. */
static bool take_value_of(struct spec *spec, const char *text, struct expression_value *value)
{
    struct expression_provider provider = session_provider(spec->session);
    struct expression expression;
    struct expression_error error;
    size_t used;

    if (!expression_parse_start(text, &expression, &used, &error) ||
        !expression_evaluate(&expression, &provider, value, &error)) {
        spec->at += error.column ? error.column - 1 : 0;
        return fail(spec, error.message);
    }
    spec->at += used;
    spec->at += strspn(spec->at, " ");
    return true;
}

static bool take_value(struct spec *spec, struct expression_value *value)
{
    return take_value_of(spec, spec->at, value);
}

/* An address, which ends before the == of a wanted value: that is no comparison. */
static bool take_watched(struct spec *spec, struct expression_value *value)
{
    char text[EXPRESSION_TEXT_BYTES];
    const char *equals = strstr(spec->at, "==");
    size_t length = equals ? (size_t)(equals - spec->at) : strlen(spec->at);

    snprintf(text, sizeof(text), "%.*s", (int)length, spec->at);
    return take_value_of(spec, text, value);
}

static bool take_number(struct spec *spec, uint64_t *number)
{
    struct expression_value value;

    if (!take_value(spec, &value)) {
        return false;
    }
    *number = value.number;
    return true;
}

/* N or N..M, at most `limit`. */
static bool take_range(struct spec *spec, uint32_t limit)
{
    char *end;
    uint64_t first = strtoull(spec->at, &end, 0);
    uint64_t last = first;

    if (!isdigit((unsigned char)*spec->at)) {
        return fail(spec, "a number is missing");
    }
    if (*end == 'h') {
        first = last = strtoull(spec->at, &end, 16);
        end++;
    }
    if (strncmp(end, "..", 2) == 0) {
        last = strtoull(end + 2, &end, 0);
    }
    if (first > last || last > limit) {
        return fail(spec, "this number is too large, or the range is backwards");
    }
    spec->point->first = (uint32_t)first;
    spec->point->last = (uint32_t)last;
    spec->at = end + strspn(end, " ");
    return true;
}

static bool take_text(struct spec *spec, char *text, size_t bytes)
{
    size_t used = 0;

    if (*spec->at != '"') {
        return fail(spec, "a text between two \" is missing");
    }
    spec->at++;
    while (*spec->at && *spec->at != '"') {
        char letter = *spec->at++;

        if (letter == '\\' && *spec->at) {
            letter = *spec->at == 'n' ? '\n' : *spec->at == 'r' ? '\r' : *spec->at;
            spec->at++;
        }
        if (used + 1 == bytes) {
            return fail(spec, "the text is too long");
        }
        text[used++] = letter;
    }
    text[used] = '\0';
    if (*spec->at != '"' || used == 0) {
        return fail(spec, used ? "the text has no \" at its end" : "the text is empty");
    }
    spec->at++;
    spec->at += strspn(spec->at, " ");
    return true;
}

static bool take_wanted_value(struct spec *spec)
{
    uint64_t number;

    if (strncmp(spec->at, "==", 2) != 0) {
        return true;
    }
    spec->at += 2;
    spec->at += strspn(spec->at, " ");
    if (!take_number(spec, &number)) {
        return false;
    }
    spec->point->has_value = 1;
    spec->point->value = (uint32_t)number;
    return true;
}

/* ---- places ---- */

static bool add_address(struct session_point *point, uint32_t address)
{
    if (point->address_count == POINT_ADDRESSES_MAX) {
        return false;
    }
    point->addresses[point->address_count++] = address;
    return true;
}

/* FILE:LINE, in any of the files whose source is known. */
static bool add_line(struct session *session, const char *word, struct session_point *point)
{
    const char *colon = strrchr(word, ':');
    char file[256];
    char *end;
    uint64_t line;

    if (!colon || colon == word || !strchr(word, '.') || !isdigit((unsigned char)colon[1])) {
        return false;
    }
    line = strtoull(colon + 1, &end, 10);
    snprintf(file, sizeof(file), "%.*s", (int)(colon - word), word);
    if (*end || line > INT32_MAX) {
        return false;
    }
    for (uint32_t number = 1; elf_symbols_path(session->symbols, number); number++) {
        const struct dwarf_info *info = session_info_of(session, number);
        uint32_t found;

        point->address_count =
            info ? dwarf_line_addresses(info, file, (uint32_t)line, point->addresses,
                                        POINT_ADDRESSES_MAX, &found)
                 : 0;
        if (point->address_count) {
            return true;
        }
    }
    return false;
}

/* What a bare word can be: a symbol, FILE:LINE, hexadecimal digits, SEG:OFF. */
static bool add_word(struct session *session, const char *word, struct session_point *point)
{
    uint32_t address;

    return (session_address(session, word, &address) && add_address(point, address)) ||
           add_line(session, word, point);
}

static bool parse_place(struct spec *spec)
{
    size_t length = strcspn(spec->at, " ");
    struct expression_value value;
    const char *before = spec->at;
    char word[200];

    snprintf(word, sizeof(word), "%.*s", (int)(length < 199 ? length : 199), spec->at);
    if (add_word(spec->session, word, spec->point)) {
        spec->at += length;
        spec->at += strspn(spec->at, " ");
        return true;
    }
    if (*spec->at == '*') { /* gdb's way to say that an address follows */
        spec->at++;
    }
    if (!take_value(spec, &value)) {
        if (strcspn(before, " +-*[(") == strlen(before)) {
            session_refuse(spec->session,
                           "%.80s: neither a symbol nor an address (hexadecimal, or SEG:OFF), "
                           "FILE:LINE, event or expression",
                           word);
        }
        return false;
    }
    return add_address(spec->point, (uint32_t)value.number);
}

bool session_place(struct session *session, const char *text, uint32_t *address)
{
    struct session_point *point = calloc(1, sizeof(*point));
    struct spec spec = {.session = session, .whole = text, .at = text, .point = point};
    bool good = point && parse_place(&spec) && (*spec.at == '\0' || fail(&spec, "too much"));

    if (good) {
        *address = point->addresses[0];
    }
    free(point);
    return good;
}

/* ---- memory and ports ---- */

static bool parse_memory(struct spec *spec, bool reads, bool writes, bool changed)
{
    struct session_point *point = spec->point;
    struct expression_value value;
    uint32_t bytes = 4;

    if (!take_watched(spec, &value)) {
        return false;
    }
    point->kind = POINT_MEMORY;
    point->reads = reads;
    point->writes = writes;
    point->changed = changed;
    if (value.place == PLACE_MEMORY || value.place == PLACE_PHYSICAL) { /* a variable */
        point->physical = value.place == PLACE_PHYSICAL;
        point->first = value.address;
        bytes = value.bytes;
    } else {
        point->physical = value.is_physical;
        point->first = (uint32_t)value.number;
    }
    if (*spec->at == ',') {
        uint64_t number;

        spec->at++;
        spec->at += strspn(spec->at, " ");
        if (!take_number(spec, &number)) {
            return false;
        }
        bytes = (uint32_t)number;
    }
    if (bytes == 0 || point->first + (bytes - 1) < point->first) {
        return fail(spec, "there are no such bytes");
    }
    point->last = point->first + (bytes - 1);
    return take_wanted_value(spec);
}

static bool parse_port(struct spec *spec)
{
    struct session_point *point = spec->point;

    point->kind = POINT_PORT;
    if (!take_range(spec, UINT16_MAX)) {
        return false;
    }
    point->reads = take_word(spec, "read");
    point->writes = take_word(spec, "write");
    if (!point->reads && !point->writes) {
        point->reads = point->writes = 1;
    }
    return take_wanted_value(spec);
}

/* ---- deliveries ---- */

/* A vector range follows if there is a digit. */
static bool parse_vector(struct spec *spec, uint32_t deliveries, uint32_t first, uint32_t last)
{
    spec->point->kind = POINT_VECTOR;
    spec->point->deliveries = deliveries;
    spec->point->first = first;
    spec->point->last = last;
    return !isdigit((unsigned char)*spec->at) || take_range(spec, 255);
}

/* A line of the two interrupt controllers; its vector is looked up when it comes. */
static bool parse_irq(struct spec *spec)
{
    struct session_point *point = spec->point;

    if (!isdigit((unsigned char)*spec->at)) {
        return parse_vector(spec, 1u << DELIVERY_INTR, 0, 255);
    }
    if (!take_range(spec, 15) || point->first != point->last) {
        return fail(spec, "irq takes one line, 0 to 15");
    }
    point->has_line = 1;
    point->line = point->first;
    return parse_vector(spec, 1u << DELIVERY_INTR, 0, 255);
}

static bool parse_syscall(struct spec *spec)
{
    size_t length = word_length(spec->at);

    spec->point->kind = POINT_SYSCALL;
    spec->point->first = UINT32_MAX;
    if (isdigit((unsigned char)*spec->at)) {
        return take_range(spec, UINT16_MAX);
    }
    const struct os_call *call = os_call_named(spec->at, length);
    if (call) {
        spec->point->first = call->number;
        spec->at += length;
        spec->at += strspn(spec->at, " ");
    }
    return true; /* any; a word that follows must be a filter */
}

/* ---- events of the bundled kernel: where it handles them ---- */

static bool parse_kernel_event(struct spec *spec, const char *first)
{
    for (uint32_t kind = 0; kind < OS_EVENT_KINDS; kind++) {
        if (strcmp(os_event_group(kind), first) != 0 || !take_word(spec, os_event_word(kind))) {
            continue;
        }
        for (uint32_t k = 0; os_event_function(kind, k); k++) {
            uint32_t address;

            if (elf_symbols_lookup(spec->session->symbols, os_event_function(kind, k), &address)) {
                add_address(spec->point, address);
            }
        }
        return spec->point->address_count > 0 ||
               fail(spec, "only the bundled kernel's processes and signals are known");
    }
    return fail(spec, strcmp(first, "process") == 0 ? "process takes created, switched or ended"
                                                    : "signal takes raised, delivered or returned");
}

/* ---- all of it ---- */

static bool parse_clock(struct spec *spec)
{
    spec->point->kind = POINT_CLOCK;
    return take_number(spec, &spec->point->clock);
}

static bool parse_cr3(struct spec *spec)
{
    uint64_t number = UINT32_MAX;

    spec->point->kind = POINT_CR3;
    if (isdigit((unsigned char)*spec->at) && !take_number(spec, &number)) {
        return false;
    }
    spec->point->first = (uint32_t)number;
    return true;
}

static bool parse_event(struct spec *spec)
{
    const uint32_t hardware = 1u << DELIVERY_INTR | 1u << DELIVERY_NMI;
    const uint32_t exception = 1u << DELIVERY_EXCEPTION;
    const uint32_t software = 1u << DELIVERY_SOFTWARE;

    if (strchr(spec->at, ' ') && take_word(spec, "write")) { /* alone: a function's name */
        return parse_memory(spec, false, true, false);
    }
    if (strchr(spec->at, ' ') && take_word(spec, "changed")) {
        return parse_memory(spec, false, true, true);
    }
    if (strchr(spec->at, ' ') && take_word(spec, "read")) {
        return parse_memory(spec, true, false, false);
    }
    if (strchr(spec->at, ' ') && take_word(spec, "access")) {
        return parse_memory(spec, true, true, false);
    }
    if (take_word(spec, "port")) {
        return parse_port(spec);
    }
    if (take_word(spec, "vector")) {
        return parse_vector(spec, hardware | exception | software, 0, 255);
    }
    if (take_word(spec, "exception")) {
        return parse_vector(spec, exception, 0, 31);
    }
    if (take_word(spec, "interrupt")) {
        return parse_vector(spec, hardware, 0, 255);
    }
    if (take_word(spec, "software")) {
        return parse_vector(spec, software, 0, 255);
    }
    if (take_word(spec, "irq")) {
        return parse_irq(spec);
    }
    if (take_word(spec, "syscall")) {
        return parse_syscall(spec);
    }
    if (take_word(spec, "mode") || take_word(spec, "switch")) {
        spec->point->kind = POINT_MODE;
        return true;
    }
    if (take_word(spec, "cr3")) {
        return parse_cr3(spec);
    }
    if (take_word(spec, "iret")) {
        spec->point->kind = POINT_RETURN;
        return true;
    }
    if (take_word(spec, "halt")) {
        spec->point->kind = POINT_HALT;
        return true;
    }
    if (take_word(spec, "console")) {
        spec->point->kind = POINT_CONSOLE;
        return take_text(spec, spec->point->console, sizeof(spec->point->console));
    }
    if (take_word(spec, "clock")) {
        return parse_clock(spec);
    }
    if (take_word(spec, "process")) {
        return parse_kernel_event(spec, "process");
    }
    if (take_word(spec, "signal")) {
        return parse_kernel_event(spec, "signal");
    }
    return parse_place(spec);
}

static bool parse_condition(struct spec *spec)
{
    struct expression_error error;
    size_t used;

    if (!expression_parse_start(spec->at, &spec->point->condition, &used, &error)) {
        spec->at += error.column ? error.column - 1 : 0;
        return fail(spec, error.message);
    }
    /* the text that follows is no part of it */
    spec->point->condition.text[used] = '\0';
    spec->point->has_condition = 1;
    spec->at += used;
    spec->at += strspn(spec->at, " ");
    return true;
}

static bool parse_filter(struct spec *spec)
{
    struct session_point *point = spec->point;

    if (take_word(spec, "if")) {
        return parse_condition(spec);
    }
    if (take_word(spec, "ignore")) {
        return take_number(spec, &point->ignore);
    }
    if (take_word(spec, "hits")) {
        if (!take_number(spec, &point->ignore)) {
            return false;
        }
        point->ignore -= point->ignore > 0;
        return true;
    }
    if (take_word(spec, "user")) {
        point->only_user = 1;
        return true;
    }
    if (take_word(spec, "kernel")) {
        point->only_kernel = 1;
        return true;
    }
    if (take_word(spec, "once")) {
        point->once = 1;
        return true;
    }
    if (take_word(spec, "log")) {
        point->is_trace = 1;
        return take_text(spec, point->log, sizeof(point->log));
    }
    return fail(spec,
                "here may follow: if EXPR, ignore N, hits N, user, kernel, once, log \"TEXT\"");
}

bool session_parse_point(struct session *session, const char *text, struct session_point *point)
{
    struct spec spec = {.session = session, .whole = text, .at = text, .point = point};

    memset(point, 0, sizeof(*point));
    snprintf(point->text, sizeof(point->text), "%s", text);
    if (*text == '\0') {
        return fail(&spec, "what? A place or an event: help events lists them");
    }
    if (!parse_event(&spec)) {
        return false;
    }
    while (*spec.at) {
        if (!parse_filter(&spec)) {
            return false;
        }
    }
    return true;
}
