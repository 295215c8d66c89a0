/* Records of --trace: text, JSON lines, and the trace event format that chrome://tracing and
 * ui.perfetto.dev read (Trace Event Format, Google, "JSON Array Format" in an object).
 * SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <stdarg.h>
#include <string.h>

#include "emu/boot_stages.h"
#include "emu/trace_priv.h"

#define PROCESSOR_LANE 100000 /* above every process number */
#define WORDS_BYTES    256u

struct record {
    char *text; /* TRACE_RECORD_BYTES */
    size_t used;
};

static void add(struct record *record, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void add(struct record *record, const char *format, ...)
{
    va_list list;

    va_start(list, format);
    if (record->used < TRACE_RECORD_BYTES) {
        int more =
            vsnprintf(record->text + record->used, TRACE_RECORD_BYTES - record->used, format, list);
        record->used += more > 0 ? (size_t)more : 0;
    }
    va_end(list);
}

/* A text in JSON's quotation marks. */
static void add_quoted(struct record *record, const char *text)
{
    add(record, "\"");
    for (; *text; text++) {
        unsigned char byte = (unsigned char)*text;

        if (byte == '"' || byte == '\\') {
            add(record, "\\%c", byte);
        } else if (byte < ' ' || byte > '~') {
            add(record, "\\u%04x", byte);
        } else {
            add(record, "%c", byte);
        }
    }
    add(record, "\"");
}

static const char *symbol_at(const struct trace *trace, uint32_t linear, uint32_t *offset)
{
    return trace->symbols ? elf_symbols_find(trace->symbols, linear, offset) : NULL;
}

/* ---- text ---- */

/* Clock, mode, place. */
static void text_head(struct record *record, uint64_t clock, uint32_t cpl, uint32_t linear,
                      const char *kind)
{
    add(record, "%12" PRIu64 " %-6s %08" PRIX32 " %s", clock, cpl == 3 ? "USER" : "KERNEL", linear,
        kind);
}

static void text_end(const struct trace *trace, struct record *record, uint32_t linear)
{
    uint32_t offset = 0;
    const char *name = symbol_at(trace, linear, &offset);

    if (name) {
        add(record, "  %s+%" PRIX32 "h", name, offset);
    }
    add(record, "\n");
}

static void text_machine(const struct trace *trace, struct record *record,
                         const struct machine_event *event, const char *kind)
{
    text_head(record, event->clock, event->cpl, event->linear, kind);
    switch (event->kind) {
    case EVENT_MODE_SWITCH:
        add(record, " cpl=%" PRIu32 "->%" PRIu32, event->old_value & EVENT_MODE_CPL,
            event->value & EVENT_MODE_CPL);
        break;
    case EVENT_PORT:
        add(record, " %s %04" PRIX32 " bytes=%" PRIu32 " value=%" PRIX32,
            event->write ? "out" : "in", event->port, event->bytes, event->value);
        break;
    case EVENT_CR3:
        add(record, " %08" PRIX32 "->%08" PRIX32, event->old_value, event->value);
        break;
    default:
        break;
    }
    text_end(trace, record, event->linear);
}

static void text_os(const struct trace *trace, struct record *record, const struct os_event *event)
{
    bool vector = event->kind == OS_EVENT_IRQ || event->kind == OS_EVENT_EXCEPTION;
    char words[WORDS_BYTES];

    text_head(record, event->clock, event->cpl, event->linear, os_event_group(event->kind));
    if (vector) {
        add(record, " vector=%02" PRIX32, event->number);
    }
    if (event->kind == OS_EVENT_EXCEPTION) {
        add(record, " error=%" PRIX32, event->value);
    }
    if (event->pid >= 0) {
        add(record, " pid=%" PRId32 " %s", event->pid, event->name);
    }
    if (vector) {
        text_end(trace, record, event->linear);
    } else {
        add(record, "  %s\n", os_event_words(event, words, sizeof(words)));
    }
}

/* ---- JSON lines ---- */

static void json_head(const struct trace *trace, struct record *record, uint64_t clock,
                      uint64_t step, uint32_t cpl, uint32_t linear, const char *kind)
{
    uint32_t offset = 0;
    const char *name = symbol_at(trace, linear, &offset);

    add(record,
        "{\"clock\":%" PRIu64 ",\"step\":%" PRIu64 ",\"mode\":\"%s\",\"address\":%" PRIu32
        ",\"kind\":\"%s\"",
        clock, step, cpl == 3 ? "user" : "kernel", linear, kind);
    if (name) {
        add(record, ",\"symbol\":");
        add_quoted(record, name);
        add(record, ",\"offset\":%" PRIu32, offset);
    }
}

static void json_machine(const struct trace *trace, struct record *record,
                         const struct machine_event *event, const char *kind)
{
    json_head(trace, record, event->clock, event->step, event->cpl, event->linear, kind);
    switch (event->kind) {
    case EVENT_MODE_SWITCH:
        add(record, ",\"from\":%" PRIu32 ",\"to\":%" PRIu32, event->old_value & EVENT_MODE_CPL,
            event->value & EVENT_MODE_CPL);
        break;
    case EVENT_PORT:
        add(record, ",\"write\":%s,\"port\":%" PRIu32 ",\"bytes\":%" PRIu32 ",\"value\":%" PRIu32,
            event->write ? "true" : "false", event->port, event->bytes, event->value);
        break;
    case EVENT_CR3:
        add(record, ",\"from\":%" PRIu32 ",\"to\":%" PRIu32, event->old_value, event->value);
        break;
    default:
        break;
    }
    add(record, "}\n");
}

/* What only some kinds have. */
static void json_fields(struct record *record, const struct os_event *event)
{
    const struct os_call *call = os_call(event->number);

    switch (event->kind) {
    case OS_EVENT_CALL:
    case OS_EVENT_RESULT:
        add(record, ",\"number\":%" PRIu32, event->number);
        if (call) {
            add(record, ",\"name\":\"%s\"", call->name);
        }
        add(record, event->kind == OS_EVENT_CALL ? ",\"arguments\":" : ",\"result\":");
        add_quoted(record, event->text);
        break;
    case OS_EVENT_CREATED:
        add(record, ",\"child\":%" PRId32, event->other);
        break;
    case OS_EVENT_SWITCHED:
        add(record, ",\"from\":%" PRId32, event->other);
        break;
    case OS_EVENT_ENDED:
        add(record, ",\"status\":%" PRIu32, event->value);
        break;
    case OS_EVENT_RAISED:
        add(record, ",\"signal\":%" PRIu32 ",\"for\":%" PRId32, event->number, event->other);
        break;
    case OS_EVENT_DELIVERED:
        add(record, ",\"signal\":%" PRIu32, event->number);
        break;
    case OS_EVENT_IRQ:
        add(record, ",\"vector\":%" PRIu32, event->number);
        break;
    case OS_EVENT_EXCEPTION:
        add(record, ",\"vector\":%" PRIu32 ",\"error\":%" PRIu32, event->number, event->value);
        break;
    case OS_EVENT_USER:
        add(record, ",\"way\":\"%s\"", os_way_words(event->number));
        break;
    default:
        break;
    }
    if (event->kind == OS_EVENT_RESULT) {
        if (event->interrupted == 0) {
            add(record, ",\"value\":%" PRId32, (int32_t)event->value);
        }
        if (event->since) {
            add(record, ",\"clocks\":%" PRIu64, event->clock - event->since);
        }
    }
}

static void json_os(const struct trace *trace, struct record *record, const struct os_event *event)
{
    json_head(trace, record, event->clock, event->step, event->cpl, event->linear,
              os_event_group(event->kind));
    add(record, ",\"event\":\"%s\"", os_event_word(event->kind));
    if (event->pid >= 0) {
        add(record, ",\"pid\":%" PRId32 ",\"process\":", event->pid);
        add_quoted(record, event->name);
    }
    json_fields(record, event);
    add(record, "}\n");
}

/* ---- for viewers of timelines ---- */

/* {"ph":"B","ts":12.34,"pid":5,"tid":5 */
static void slice(const struct trace *trace, struct record *record, char phase, uint64_t clock,
                  int32_t lane)
{
    double microseconds = (double)clock * 1e6 / (double)trace->clock_hz;

    add(record, "{\"ph\":\"%c\",\"ts\":%.3f,\"pid\":%" PRId32 ",\"tid\":%" PRId32, phase,
        microseconds, lane, lane);
}

static void name_lane(struct trace *trace, struct record *record, int32_t lane, const char *name)
{
    add(record,
        "{\"ph\":\"M\",\"name\":\"process_name\",\"pid\":%" PRId32 ",\"tid\":%" PRId32
        ",\"args\":{\"name\":",
        lane, lane);
    add_quoted(record, name);
    add(record, "}},\n");
    (void)trace;
}

/* The lane of a process, named once for each program in it. */
static int32_t lane_of(struct trace *trace, struct record *record, const struct os_event *event)
{
    int32_t pid = event->pid < 0 || event->pid >= TRACE_PIDS ? 0 : event->pid;

    if (event->name[0] && strcmp(trace->names[pid], event->name) != 0) {
        memcpy(trace->names[pid], event->name, GUEST_NAME_BYTES);
        name_lane(trace, record, pid, event->name);
    }
    return pid;
}

static void slice_begin(struct trace *trace, struct record *record, const struct os_event *event,
                        int32_t lane, const char *name)
{
    slice(trace, record, 'B', event->clock, lane);
    add(record, ",\"name\":");
    add_quoted(record, name);
    add(record, "},\n");
    if (lane < TRACE_PIDS) {
        trace->depth[lane]++;
    }
}

static void slices_end(struct trace *trace, struct record *record, uint64_t clock, int32_t lane,
                       uint32_t count)
{
    for (; count && trace->depth[lane]; count--) {
        slice(trace, record, 'E', clock, lane);
        add(record, "},\n");
        trace->depth[lane]--;
    }
}

static void instant(const struct trace *trace, struct record *record, uint64_t clock, int32_t lane,
                    const char *name)
{
    slice(trace, record, 'i', clock, lane);
    add(record, ",\"s\":\"t\",\"name\":");
    add_quoted(record, name);
    add(record, "},\n");
}

static void viewer_switch(struct trace *trace, struct record *record, const struct os_event *event)
{
    if (trace->running < 0) {
        name_lane(trace, record, PROCESSOR_LANE, "processor");
    } else {
        slice(trace, record, 'E', event->clock, PROCESSOR_LANE);
        add(record, "},\n");
    }
    trace->running = event->pid;
    slice_begin(trace, record, event, PROCESSOR_LANE, event->name);
}

static void viewer_os(struct trace *trace, struct record *record, const struct os_event *event)
{
    int32_t lane = lane_of(trace, record, event);
    bool enters = event->cpl == 3 && trace->setup.kinds >> TRACE_USER & 1;
    char words[WORDS_BYTES];

    os_event_words(event, words, sizeof(words));
    switch (event->kind) {
    case OS_EVENT_CALL:
        slice_begin(trace, record, event, lane, words);
        break;
    case OS_EVENT_RESULT:
        slices_end(trace, record, event->clock, lane, 1);
        break;
    case OS_EVENT_SWITCHED:
        viewer_switch(trace, record, event);
        break;
    case OS_EVENT_ENDED:
        instant(trace, record, event->clock, lane, words);
        slices_end(trace, record, event->clock, lane, UINT32_MAX);
        break;
    case OS_EVENT_USER:
        slices_end(trace, record, event->clock, lane, UINT32_MAX);
        break;
    case OS_EVENT_IRQ:
    case OS_EVENT_EXCEPTION:
        if (enters) {
            slice_begin(trace, record, event, lane, words);
            break;
        }
        instant(trace, record, event->clock, lane, words);
        break;
    default:
        instant(trace, record, event->clock, lane, words);
        break;
    }
}

/* ---- for everybody ---- */

void trace_format_machine(struct trace *trace, const struct machine_event *event,
                          char text[TRACE_RECORD_BYTES])
{
    const char *kind = event->kind == EVENT_INSTRUCTION   ? "insn"
                       : event->kind == EVENT_MODE_SWITCH ? "switch"
                       : event->kind == EVENT_PORT        ? "port"
                                                          : "cr3";
    struct record record = {text, 0};

    text[0] = '\0';
    if (trace->setup.format == TRACE_TEXT) {
        text_machine(trace, &record, event, kind);
    } else if (trace->setup.format == TRACE_JSON) {
        json_machine(trace, &record, event, kind);
    } else {
        instant(trace, &record, event->clock, 0, kind);
    }
}

void trace_format_os(struct trace *trace, const struct os_event *event,
                     char text[TRACE_RECORD_BYTES])
{
    struct record record = {text, 0};

    text[0] = '\0';
    if (trace->setup.format == TRACE_TEXT) {
        text_os(trace, &record, event);
    } else if (trace->setup.format == TRACE_JSON) {
        json_os(trace, &record, event);
    } else {
        viewer_os(trace, &record, event);
    }
}

void trace_format_post(struct trace *trace, const struct machine_event *event,
                       char text[TRACE_RECORD_BYTES])
{
    uint8_t code = (uint8_t)event->value;
    uint64_t clock = event->clock;
    const char *name = trace->own_guest ? boot_stage_name(code) : NULL;
    const char *part = name ? boot_stage_part(code) : "";
    struct record record = {text, 0};
    char words[WORDS_BYTES];

    text[0] = '\0';
    snprintf(words, sizeof(words), "%s%s%s", part, part[0] ? ": " : "", name ? name : "");
    if (trace->setup.format == TRACE_TEXT) {
        add(&record, "post %02" PRIX8 " %12" PRIu64 "%s%s\n", code, clock, name ? "  " : "", words);
    } else if (trace->setup.format == TRACE_JSON) {
        add(&record, "{\"clock\":%" PRIu64 ",\"kind\":\"post\",\"code\":%u,\"name\":", clock, code);
        add_quoted(&record, words);
        add(&record, "}\n");
    } else {
        instant(trace, &record, clock, 0, name ? words : "POST code");
    }
}
