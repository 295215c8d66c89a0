/* Events of an operating system in words, calls as strace(1) shows them.
 * SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "cpu/cpu_state.h"
#include "emu/os_events_priv.h"

#define TEXT_SHOWN  32u /* characters of a text in memory */
#define ERRORS_FROM 0xFFFFF001u
#define WSTOPPED    0x7Fu

struct line {
    char *text;
    size_t bytes;
    size_t used;
};

static void add(struct line *line, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void add(struct line *line, const char *format, ...)
{
    va_list list;

    va_start(list, format);
    if (line->used < line->bytes) {
        int more = vsnprintf(line->text + line->used, line->bytes - line->used, format, list);
        line->used += more > 0 ? (size_t)more : 0;
    }
    va_end(list);
}

/* A text of the program in quotation marks; length in bytes, UINT32_MAX: up to its null byte. */
static void add_text(struct line *line, struct machine *machine, uint32_t linear, uint32_t length)
{
    bool ends = length == UINT32_MAX; /* with a null byte */
    char byte = 0;

    if (!machine_read_linear(machine, linear, &byte, 1)) {
        add(line, "0x%" PRIx32, linear);
        return;
    }
    add(line, "\"");
    for (uint32_t i = 0; i < TEXT_SHOWN || i == length; i++) {
        if (i == length || !machine_read_linear(machine, linear + i, &byte, 1) ||
            (ends && byte == '\0')) {
            add(line, "\"");
            return;
        }
        if (byte == '\n') {
            add(line, "\\n");
        } else if (byte == '"' || byte == '\\') {
            add(line, "\\%c", byte);
        } else if (byte >= ' ' && byte <= '~') {
            add(line, "%c", byte);
        } else {
            add(line, "\\x%02x", (unsigned char)byte);
        }
    }
    add(line, "\"...");
}

static void add_argument(struct line *line, struct machine *machine, uint32_t base,
                         const char *type, const char *name, uint32_t value)
{
    char signal[16];

    if (strcmp(name, "signal_number") == 0 && os_signal_name(value, signal)) {
        add(line, "%s", signal);
    } else if (strcmp(type, "const char *") == 0 && value) {
        add_text(line, machine, base + value, UINT32_MAX);
    } else if (strchr(type, '*')) {
        add(line, value ? "0x%" PRIx32 : "NULL", value);
    } else if (strcmp(name, "mode") == 0) {
        add(line, "0%" PRIo32, value);
    } else if (strncmp(type, "uint", 4) == 0 && value > 9) {
        add(line, "0x%" PRIx32, value);
    } else if (strcmp(type, "size_t") == 0 || strncmp(type, "uns", 3) == 0) {
        add(line, "%" PRIu32, value);
    } else {
        add(line, "%" PRId32, (int32_t)value);
    }
}

void os_call_arguments(struct machine *machine, const struct machine_observed *now, char *text,
                       size_t bytes)
{
    const uint32_t *gpr = now->gpr;
    const uint32_t values[OS_ARGUMENTS_MAX] = {gpr[REG_EBX], gpr[REG_ECX], gpr[REG_EDX],
                                               gpr[REG_ESI], gpr[REG_EDI], gpr[REG_EBP]};
    const struct os_call *call = os_call(gpr[REG_EAX]);
    struct line line = {text, bytes, 0};

    text[0] = '\0';
    for (uint32_t i = 0; call && i < call->count; i++) {
        bool counted = i + 1 < call->count && strcmp(call->types[i], "const void *") == 0 &&
                       strcmp(call->types[i + 1], "size_t") == 0;

        add(&line, "%s", i ? ", " : "");
        if (counted && values[i]) {
            add_text(&line, machine, now->data_base + values[i], values[i + 1]);
            continue;
        }
        add_argument(&line, machine, now->data_base, call->types[i], call->names[i], values[i]);
    }
}

void os_call_result(const struct os_event *event, char *text, size_t bytes)
{
    const struct os_call *call = os_call(event->number);

    if (event->interrupted) {
        snprintf(text, bytes,
                 event->interrupted == 2 ? "? (to be made again)" : "? (goes on elsewhere)");
    } else if (event->value >= ERRORS_FROM) {
        const char *name = os_error_name(0 - event->value);
        snprintf(text, bytes, "-1 %s", name ? name : "?");
    } else if (call && (strchr(call->result, '*') || strcmp(call->result, "uint32_t") == 0) &&
               event->value > 9) {
        snprintf(text, bytes, "0x%" PRIx32, event->value);
    } else {
        snprintf(text, bytes, "%" PRId32, (int32_t)event->value);
    }
}

/* "exit status 3", "ended by SIGSEGV". */
static void add_status(struct line *line, uint32_t status)
{
    uint32_t signal = status & WSTOPPED;
    char name[16];

    if (signal == 0) {
        add(line, "exit status %" PRIu32, status >> 8 & 0xFF);
    } else {
        add(line, "ended by %s", os_signal_name(signal, name) ? name : "a signal");
    }
}

static void add_call_name(struct line *line, uint32_t number)
{
    const struct os_call *call = os_call(number);

    if (call) {
        add(line, "%s", call->name);
    } else {
        add(line, "syscall_%" PRIu32, number);
    }
}

static const struct {
    const char *group;
    const char *word;
    const char *functions[3];
} kinds[OS_EVENT_KINDS] = {
#define OS_EVENT(KIND, group, word, f1, f2, f3) {group, word, {f1, f2, f3}},
#include "emu/os_events.def"
#undef OS_EVENT
};

const char *os_event_group(uint32_t kind)
{
    return kind < OS_EVENT_KINDS ? kinds[kind].group : "";
}

const char *os_event_word(uint32_t kind)
{
    return kind < OS_EVENT_KINDS ? kinds[kind].word : "";
}

const char *os_event_function(uint32_t kind, uint32_t index)
{
    return kind < OS_EVENT_KINDS && index < 3 ? kinds[kind].functions[index] : NULL;
}

uint32_t os_event_kinds(const char *group, const char *word)
{
    uint32_t found = 0;

    for (uint32_t i = 0; i < OS_EVENT_KINDS; i++) {
        bool fits = strcmp(kinds[i].group, group) == 0;
        found |= fits && (!word || strcmp(kinds[i].word, word) == 0) ? 1u << i : 0;
    }
    return found;
}

const char *os_way_words(uint32_t way)
{
    static const char *const words[OS_WAYS] = {"after boot", "resume after a trap", "new process",
                                               "switch to another", "upcall"};

    return way < OS_WAYS ? words[way] : "";
}

const char *os_event_words(const struct os_event *event, char *text, size_t bytes)
{
    struct line line = {text, bytes, 0};
    char signal[16];
    const char *name = os_signal_name(event->number, signal);
    char number[16];

    snprintf(number, sizeof(number), "signal %" PRIu32, event->number);
    name = name ? name : number;
    text[0] = '\0';
    switch (event->kind) {
    case OS_EVENT_CALL:
        add_call_name(&line, event->number);
        add(&line, "(%s)", event->text);
        break;
    case OS_EVENT_RESULT:
        add_call_name(&line, event->number);
        add(&line, " = %s", event->text);
        break;
    case OS_EVENT_CREATED:
        add(&line, "process %" PRId32 " created", event->other);
        break;
    case OS_EVENT_SWITCHED:
        add(&line, "switched from process %" PRId32, event->other);
        break;
    case OS_EVENT_ENDED:
        add(&line, "process ends: ");
        add_status(&line, event->value);
        break;
    case OS_EVENT_RAISED:
        add(&line, "%s raised for process %" PRId32, name, event->other);
        break;
    case OS_EVENT_DELIVERED:
        add(&line, "%s delivered to its handler", name);
        break;
    case OS_EVENT_RETURNED:
        add(&line, "handler of a signal returns");
        break;
    case OS_EVENT_IRQ:
        add(&line, "interrupt, vector %02" PRIX32 "h", event->number);
        break;
    case OS_EVENT_EXCEPTION:
        add(&line, "exception, vector %02" PRIX32 "h, error code %" PRIX32 "h", event->number,
            event->value);
        break;
    default:
        add(&line, "to user mode: %s", os_way_words(event->number));
        break;
    }
    return text;
}
