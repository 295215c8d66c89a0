/* Who listens for --trace, and where the records go.
 * SPDX-License-Identifier: MIT */
#include "emu/trace.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "devices/platform_map.h"
#include "emu/trace_priv.h"

/* What each word asks for. */
static const struct {
    const char *word;
    uint32_t machine; /* bits 1 << EVENT_* */
    uint32_t os;      /* bits 1 << OS_EVENT_* */
} kinds[TRACE_KINDS] = {
    [TRACE_INSN] = {"insn", 1u << EVENT_INSTRUCTION, 0},
    [TRACE_EXCEPTION] = {"exception", 0, 1u << OS_EVENT_EXCEPTION},
    [TRACE_IRQ] = {"irq", 0, 1u << OS_EVENT_IRQ},
    [TRACE_SWITCH] = {"switch", 1u << EVENT_MODE_SWITCH, 0},
    [TRACE_PORT] = {"port", 1u << EVENT_PORT, 0},
    [TRACE_CR3] = {"cr3", 1u << EVENT_CR3, 0},
    [TRACE_POST] = {"post", 1u << EVENT_PORT, 0},
    [TRACE_SYSCALL] = {"syscall", 0, 1u << OS_EVENT_CALL | 1u << OS_EVENT_RESULT},
    [TRACE_PROCESS] = {"process", 0,
                       1u << OS_EVENT_CREATED | 1u << OS_EVENT_SWITCHED | 1u << OS_EVENT_ENDED},
    [TRACE_SIGNAL] = {"signal", 0,
                      1u << OS_EVENT_RAISED | 1u << OS_EVENT_DELIVERED | 1u << OS_EVENT_RETURNED},
    [TRACE_USER] = {"user", 0, 1u << OS_EVENT_USER},
};

static uint32_t kind_of(const char *text, size_t length)
{
    for (uint32_t i = 0; i < TRACE_KINDS; i++) {
        if (strlen(kinds[i].word) == length && strncmp(kinds[i].word, text, length) == 0) {
            return 1u << i;
        }
    }
    return length == 3 && strncmp("all", text, 3) == 0 ? (1u << TRACE_KINDS) - 1 : 0;
}

uint32_t trace_kinds(const char *text, size_t length)
{
    uint32_t found = 0;

    for (size_t at = 0; at <= length;) {
        size_t word = 0;

        while (at + word < length && text[at + word] != ',') {
            word++;
        }
        uint32_t kind = kind_of(text + at, word);
        if (!kind) {
            return 0;
        }
        found |= kind;
        at += word + 1;
    }
    return found;
}

const char *trace_setup_kinds(struct trace_setup *setup, const char *value, char *text,
                              size_t bytes)
{
    size_t length = strcspn(value, ":");
    uint32_t found = trace_kinds(value, length);
    int used;

    if (!found) {
        used = snprintf(text, bytes, "must be KINDS[:FILE], KINDS of all");
        for (uint32_t i = 0; i < TRACE_KINDS && used > 0 && (size_t)used < bytes; i++) {
            used += snprintf(text + used, bytes - (size_t)used, ", %s", kinds[i].word);
        }
        return text;
    }
    if (value[length] == ':' && value[length + 1] == '\0') {
        return "needs FILE after the colon";
    }
    setup->kinds |= found;
    setup->path = value[length] == ':' ? value + length + 1 : NULL;
    return NULL;
}

const char *trace_setup_format(struct trace_setup *setup, const char *value)
{
    static const char *const names[] = {
        [TRACE_TEXT] = "text", [TRACE_JSON] = "json", [TRACE_PERFETTO] = "perfetto"};

    for (uint32_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (strcmp(names[i], value) == 0) {
            setup->format = i;
            return NULL;
        }
    }
    return "must be text, json or perfetto";
}

/* ---- where it goes ---- */

static void write_out(struct trace *trace, const char *text)
{
    if (fputs(text, trace->file) < 0) {
        trace->failed = 1;
    }
}

static void emit(struct trace *trace, const char *text)
{
    if (text[0] == '\0') {
        return;
    }
    if (trace->ring) {
        snprintf(trace->ring + trace->count % trace->setup.last * TRACE_RECORD_BYTES,
                 TRACE_RECORD_BYTES, "%s", text);
    } else {
        write_out(trace, text);
    }
    trace->count++;
}

static bool is_post(const struct machine_event *event)
{
    return event->write && (event->port == PORT_POST || event->port == PORT_POST_ALT ||
                            event->port == PORT_POST_ALT2);
}

static void hear_machine(void *context, const struct machine_event *event)
{
    struct trace *trace = context;
    char text[TRACE_RECORD_BYTES];

    if (event->kind == EVENT_PORT && trace->setup.kinds >> TRACE_POST & 1 && is_post(event)) {
        trace_format_post(trace, event, text);
        emit(trace, text);
    }
    if (event->kind != EVENT_PORT || trace->setup.kinds >> TRACE_PORT & 1) {
        trace_format_machine(trace, event, text);
        emit(trace, text);
    }
}

static void hear_os(void *context, const struct os_event *event)
{
    struct trace *trace = context;
    char text[TRACE_RECORD_BYTES];

    trace_format_os(trace, event, text);
    emit(trace, text);
}

/* ---- beginning and end ---- */

/* The file that has the structures of the bundled kernel, if there is one. */
static void find_kernel(struct trace *trace)
{
    for (uint32_t file = 1; !trace->os && elf_symbols_path(trace->symbols, file); file++) {
        uint32_t address;
        uint32_t bytes;

        if (elf_symbols_is_shared(trace->symbols, file)) {
            continue;
        }
        trace->info = dwarf_info_open(elf_symbols_path(trace->symbols, file), NULL);
        if (trace->info && dwarf_variable(trace->info, "current", &address, &bytes)) {
            trace->os = guest_os_open(trace->info, guest_os_bundled(), NULL);
        }
        if (!trace->os) {
            dwarf_info_close(trace->info);
            trace->info = NULL;
        }
    }
}

static bool output_open(struct trace *trace, struct err *err)
{
    const struct trace_setup *setup = &trace->setup;

    trace->file = setup->path ? fopen(setup->path, "we") : stderr;
    if (!trace->file) {
        return err_set(err, "--trace: %s: cannot write: %s", setup->path, strerror(errno));
    }
    if (setup->last) {
        trace->ring = calloc(setup->last, TRACE_RECORD_BYTES);
        if (!trace->ring) {
            return err_set(err, "no memory for the last %" PRIu32 " events", setup->last);
        }
    }
    if (setup->format == TRACE_PERFETTO) {
        write_out(trace, "{\"displayTimeUnit\":\"ns\",\"traceEvents\":[\n");
    }
    return true;
}

struct trace *trace_open(struct machine *machine, const struct elf_symbols *symbols,
                         const struct trace_setup *setup, struct err *err)
{
    struct trace *trace = calloc(1, sizeof(*trace));
    uint32_t machine_kinds = 0;
    uint32_t os_kinds = 0;

    if (!trace) {
        err_set(err, "no memory for the trace");
        return NULL;
    }
    trace->setup = *setup;
    trace->symbols = symbols;
    trace->running = -1;
    trace->clock_hz = machine_get_config(machine)->clock_hz;
    trace->own_guest = machine_get_config(machine)->own_guest;
    for (uint32_t i = 0; i < TRACE_KINDS; i++) {
        machine_kinds |= setup->kinds >> i & 1 ? kinds[i].machine : 0;
        os_kinds |= setup->kinds >> i & 1 ? kinds[i].os : 0;
    }
    if (symbols && os_kinds) {
        find_kernel(trace);
    }
    if (output_open(trace, err)) {
        trace->events = os_events_open(machine, MACHINE_LISTENER_TRACE, trace->os, symbols,
                                       os_kinds, hear_os, trace);
        if (trace->events) {
            os_events_machine(trace->events, machine_kinds, machine_kinds ? hear_machine : NULL,
                              trace);
            return trace;
        }
        err_set(err, "no memory for the trace");
    }
    trace_close(trace, NULL);
    return NULL;
}

/* What the ring still has, oldest first, behind a line that says what it lacks. */
static void write_ring(struct trace *trace)
{
    uint64_t kept = trace->count < trace->setup.last ? trace->count : trace->setup.last;
    uint64_t dropped = trace->count - kept;

    if (trace->setup.format == TRACE_TEXT) {
        fprintf(trace->file, "--trace-last: %" PRIu64 " events, %" PRIu64 " before them dropped\n",
                kept, dropped);
    } else if (trace->setup.format == TRACE_JSON) {
        fprintf(trace->file, "{\"kind\":\"dropped\",\"count\":%" PRIu64 "}\n", dropped);
    }
    for (uint64_t i = dropped; i < trace->count; i++) {
        write_out(trace, trace->ring + i % trace->setup.last * TRACE_RECORD_BYTES);
    }
    if (trace->setup.format == TRACE_PERFETTO && dropped) {
        fprintf(trace->file,
                "{\"name\":\"%" PRIu64 " events before these dropped\",\"ph\":\"i\",\"s\":\"g\","
                "\"ts\":0,\"pid\":0,\"tid\":0},\n",
                dropped);
    }
}

bool trace_close(struct trace *trace, struct err *err)
{
    bool good = true;

    if (!trace) {
        return true;
    }
    os_events_close(trace->events);
    if (trace->file) {
        if (trace->ring) {
            write_ring(trace);
        }
        if (trace->setup.format == TRACE_PERFETTO) { /* a comma is never last */
            write_out(trace, "{\"name\":\"end\",\"ph\":\"M\",\"pid\":0,\"tid\":0}]}\n");
        }
        good = !trace->failed && !ferror(trace->file);
        good = (trace->file == stderr ? fflush(stderr) : fclose(trace->file)) == 0 && good;
        if (!good) {
            err_set(err, "--trace: %s: cannot write: %s",
                    trace->setup.path ? trace->setup.path : "standard error", strerror(errno));
        }
    }
    guest_os_close(trace->os);
    dwarf_info_close(trace->info);
    free(trace->ring);
    free(trace);
    return good;
}
