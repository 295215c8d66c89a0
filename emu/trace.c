/* Events of a machine as lines.
 * SPDX-License-Identifier: MIT */
#include "emu/trace.h"

#include <inttypes.h>
#include <string.h>

#include "cpu/cpu_state.h"

uint32_t trace_kinds(const char *text, size_t length)
{
    static const char *const names[] = {"insn", "exception", "irq", "switch",
                                        "port", "cr3",       "post"};
    uint32_t kinds = 0;
    size_t at = 0;

    while (at <= length) {
        size_t word = 0;
        uint32_t kind = 0;

        while (at + word < length && text[at + word] != ',') {
            word++;
        }
        for (uint32_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
            if (strlen(names[i]) == word && strncmp(names[i], text + at, word) == 0) {
                kind = 1u << i;
            }
        }
        if (word == 3 && strncmp("all", text + at, word) == 0) {
            kind = TRACE_ALL;
        }
        if (!kind) {
            return 0;
        }
        kinds |= kind;
        at += word + 1;
    }
    return kinds;
}

/* Clock, mode and what happened; the place ends the line. */
static void head(const struct trace *trace, const struct machine_event *event, const char *kind)
{
    fprintf(trace->file, "%12" PRIu64 " %-6s %08" PRIX32 " %s", event->clock,
            event->cpl == 3 ? "USER" : "KERNEL", event->linear, kind);
}

static void place(const struct trace *trace, const struct machine_event *event)
{
    uint32_t offset = 0;
    const char *name =
        trace->symbols ? elf_symbols_find(trace->symbols, event->linear, &offset) : NULL;

    if (name) {
        fprintf(trace->file, "  %s+%" PRIX32 "h", name, offset);
    }
    fputc('\n', trace->file);
}

static void delivery(const struct trace *trace, const struct machine_event *event)
{
    bool irq = event->delivery_kind == DELIVERY_INTR || event->delivery_kind == DELIVERY_NMI;

    if (!(trace->kinds & (irq ? TRACE_IRQ : TRACE_EXCEPTION)) ||
        (!irq && event->delivery_kind != DELIVERY_EXCEPTION)) {
        return;
    }
    head(trace, event, irq ? "irq" : "exception");
    fprintf(trace->file, " vector=%02" PRIX32, event->vector);
    if (!irq) {
        fprintf(trace->file, " error=%" PRIX32, event->error_code);
    }
    place(trace, event);
}

static bool write_event(void *context, const struct machine_event *event)
{
    const struct trace *trace = context;

    switch (event->kind) {
    case EVENT_DELIVERY:
        delivery(trace, event);
        return false;
    case EVENT_INSTRUCTION:
        head(trace, event, "insn");
        break;
    case EVENT_MODE_SWITCH:
        head(trace, event, "switch");
        fprintf(trace->file, " cpl=%" PRIu32 "->%" PRIu32, event->old_value & EVENT_MODE_CPL,
                event->value & EVENT_MODE_CPL);
        break;
    case EVENT_PORT:
        head(trace, event, "port");
        fprintf(trace->file, " %s %04" PRIX32 " bytes=%" PRIu32 " value=%" PRIX32,
                event->write ? "out" : "in", event->port, event->bytes, event->value);
        break;
    case EVENT_CR3:
        head(trace, event, "cr3");
        fprintf(trace->file, " %08" PRIX32 "->%08" PRIX32, event->old_value, event->value);
        break;
    default:
        return false;
    }
    place(trace, event);
    return false;
}

void trace_start(struct trace *trace)
{
    const struct machine_observer observer = {.context = trace, .event = write_event};
    uint32_t kinds = 0;

    kinds |= trace->kinds & TRACE_INSN ? 1u << EVENT_INSTRUCTION : 0;
    kinds |= trace->kinds & (TRACE_EXCEPTION | TRACE_IRQ) ? 1u << EVENT_DELIVERY : 0;
    kinds |= trace->kinds & TRACE_SWITCH ? 1u << EVENT_MODE_SWITCH : 0;
    kinds |= trace->kinds & TRACE_PORT ? 1u << EVENT_PORT : 0;
    kinds |= trace->kinds & TRACE_CR3 ? 1u << EVENT_CR3 : 0;
    machine_observe(trace->machine, kinds, kinds ? &observer : NULL);
}
