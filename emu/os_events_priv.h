/* Inside os_events.c and os_events_words.c.
 * SPDX-License-Identifier: MIT */
#pragma once

#include "emu/os_events.h"

#define OS_PIDS 32768 /* higher ones share one place */

/* What a thread of a program has behind it. */
struct os_thread {
    uint64_t called;  /* clock of the call */
    uint64_t entered; /* clock of its entry into the kernel, 0: not known */
    uint32_t call;    /* number */
    uint32_t linear;  /* of its INT */
    uint8_t in_call;  /* 1: the result is to come */
    uint8_t switched; /* 1: got the processor from another since its entry */
    uint8_t upcall;   /* 1: goes on in a handler */
    uint8_t began;    /* 1: has been in user mode */
    uint32_t unused;  /* 0 */
};

struct os_events {
    struct machine *machine;
    enum machine_listener which;
    const struct guest_os *os; /* NULL: processes are not known */
    os_listener *listener;
    void *context;
    void (*machine_listener)(void *context, const struct machine_event *event);
    void *machine_context;
    uint32_t kinds;         /* that are told */
    uint32_t os_kinds;      /* not 0: any */
    uint32_t machine_kinds; /* bits 1 << EVENT_* */
    uint32_t place_count;   /* 0..PLACES_MAX */
    uint32_t places[PLACES_MAX];
    uint32_t place_kinds[PLACES_MAX]; /* enum os_event_kind */
    uint32_t booted;                  /* 1: a program has run */
    uint32_t again;                   /* 1: what comes has been told */
    int32_t last_pid;                 /* who got the processor last */
    uint64_t untold_step;             /* the first step not told */
    struct machine_travels travels;   /* at the last event */
    struct os_thread nobody;
    struct os_thread threads[OS_PIDS];
};

/* "3, "/etc/rc", 0x8" of a call about to be made. */
void os_call_arguments(struct machine *machine, const struct machine_observed *now, char *text,
                       size_t bytes);
/* "-1 ENOENT", "0x8050000", "3", "? (a handler begins)". */
void os_call_result(const struct os_event *event, char *text, size_t bytes);
