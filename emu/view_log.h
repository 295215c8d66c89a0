/* Who has had the processor between two events of the log, and for what: the timeline's lanes and
 * the counters' sums are made of these spans.
 * SPDX-License-Identifier: MIT */
#pragma once

#include "emu/session_shown.h"

/* From one event to the next. */
struct log_span {
    uint64_t from;    /* CPU clocks */
    uint64_t to;      /* of `event`, or where the walk ends */
    int32_t pid;      /* who had the processor, -1: not known */
    uint32_t is_user; /* 1: in user mode */
    uint32_t why;     /* in the kernel: kind of the event that led there; OS_EVENT_KINDS:
                         not known */
    uint32_t vector;  /* of that event */
    const char *name; /* of the process, "": not known */
    const struct os_event *event; /* at its end; NULL: the walk ends */
    uint32_t index;               /* of that event in the log */
};

struct log_walk {
    const struct session_log *log;
    uint64_t until; /* clock at which it ends */
    uint32_t next;  /* index of the event at the end of the next span */
    uint32_t done;  /* 1: the last span has been given */
    struct log_span span;
};

struct log_walk log_walk_begin(const struct session_log *log, uint64_t until);
/* The next span; false behind the last. */
bool log_walk_next(struct log_walk *walk);
