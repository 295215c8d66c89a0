/* Inside trace.c (who listens, where it goes) and trace_format.c (what it looks like).
 * SPDX-License-Identifier: MIT */
#pragma once

#include <stdio.h>

#include "emu/dwarf_info.h"
#include "emu/os_events.h"
#include "emu/trace.h"

#define TRACE_RECORD_BYTES 1024u
#define TRACE_PIDS         32768

struct trace {
    struct trace_setup setup;
    const struct elf_symbols *symbols; /* NULL: none */
    struct os_events *events;
    struct dwarf_info *info; /* of the kernel, NULL: processes are not known */
    struct guest_os *os;     /* likewise */
    FILE *file;
    uint64_t clock_hz;         /* of the machine */
    uint32_t own_guest;        /* 1: POST codes have names */
    char *ring;                /* setup.last records, TRACE_RECORD_BYTES each */
    uint64_t count;            /* records made */
    uint32_t failed;           /* 1: something could not be written */
    int32_t running;           /* process of the open slice of the processor, -1: none */
    uint8_t depth[TRACE_PIDS]; /* open slices of each process */
    char names[TRACE_PIDS][GUEST_NAME_BYTES]; /* as told to the viewer */
};

/* One record, with the end of its line; several lines for the viewer. 0 bytes: nothing to say. */
void trace_format_machine(struct trace *trace, const struct machine_event *event,
                          char text[TRACE_RECORD_BYTES]);
void trace_format_os(struct trace *trace, const struct os_event *event,
                     char text[TRACE_RECORD_BYTES]);
void trace_format_post(struct trace *trace, const struct machine_event *event,
                       char text[TRACE_RECORD_BYTES]);
