/* Spans between events. The mode comes from the events that change it: a call, interrupt or
 * exception out of user mode, and the way back to it. An interrupt of the kernel itself counts to
 * what the kernel was doing.
 * SPDX-License-Identifier: MIT */
#include "emu/view_log.h"

struct log_walk log_walk_begin(const struct session_log *log, uint64_t until)
{
    struct log_walk walk = {.log = log, .until = until};

    walk.span.pid = -1;
    walk.span.why = OS_EVENT_KINDS;
    walk.span.name = "";
    walk.span.to = log->since;
    if (log->dropped && log->count) {
        walk.span.to = session_log_at(log, 0)->clock;
    }
    if (log->count) { /* who it was until the first event is told by it */
        const struct os_event *first = session_log_at(log, 0);

        walk.span.pid = first->kind == OS_EVENT_SWITCHED ? first->other : first->pid;
        walk.span.is_user = first->cpl == 3;
        walk.span.name = first->kind == OS_EVENT_SWITCHED ? "" : first->name;
    }
    return walk;
}

/* What is so from an event on. */
static void apply(struct log_span *span, const struct os_event *event)
{
    span->pid = event->pid;
    span->name = event->name;
    if (event->kind == OS_EVENT_USER) {
        span->is_user = 1;
    } else if (event->kind == OS_EVENT_CALL || event->kind == OS_EVENT_IRQ ||
               event->kind == OS_EVENT_EXCEPTION) {
        if (event->cpl == 3 || span->is_user) {
            span->why = event->kind;
            span->vector = event->kind == OS_EVENT_CALL ? 0x80 : event->number;
        }
        span->is_user = 0;
    }
}

bool log_walk_next(struct log_walk *walk)
{
    struct log_span *span = &walk->span;

    if (walk->done) {
        return false;
    }
    if (span->event) {
        apply(span, span->event);
    }
    span->from = span->to;
    span->event = NULL;
    if (walk->next < walk->log->count &&
        session_log_at(walk->log, walk->next)->clock <= walk->until) {
        span->index = walk->next;
        span->event = session_log_at(walk->log, walk->next++);
        span->to = span->event->clock > span->from ? span->event->clock : span->from;
        return true;
    }
    walk->done = 1;
    span->to = walk->until > span->from ? walk->until : span->from;
    return true;
}
