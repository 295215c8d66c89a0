/* System calls and signals as they came, a line each, in the manner of strace: clock, who, what,
 * result, clocks taken. What lies after the position (the machine has been taken back) is dimmed.
 * Links: index in the log + 1.
 * SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <stdio.h>

#include "emu/view_panels.h"

#define LATER_ROWS  4u  /* below the position, where something lies there */
#define PATH_LEAST  10u /* rows from which on the way of a call is shown too */
#define WHO_COLUMN  16u
#define WHAT_COLUMN 34u
#define LISTED_KINDS                                                                               \
    (1u << OS_EVENT_CALL | 1u << OS_EVENT_CREATED | 1u << OS_EVENT_ENDED | 1u << OS_EVENT_RAISED | \
     1u << OS_EVENT_DELIVERED | 1u << OS_EVENT_RETURNED)

static bool is_listed(const struct session_log *log, uint32_t index)
{
    return LISTED_KINDS >> session_log_at(log, index)->kind & 1;
}

/* The result of a call: the next one of that process that says it began then; NULL: none yet. */
static const struct os_event *result_of(const struct session_log *log, uint32_t index)
{
    const struct os_event *call = session_log_at(log, index);

    for (uint32_t i = index + 1; i < log->count; i++) {
        const struct os_event *event = session_log_at(log, i);

        if (event->pid != call->pid) {
            continue;
        }
        if (event->kind == OS_EVENT_RESULT && event->since == call->clock) {
            return event;
        }
        if (event->kind == OS_EVENT_CALL || event->kind == OS_EVENT_ENDED) {
            return NULL;
        }
    }
    return NULL;
}

static void show_result(struct grid *grid, struct rect area, uint32_t row, uint32_t column,
                        const struct session_log *log, uint32_t index, uint64_t now, struct pen pen)
{
    const struct os_event *result = result_of(log, index);
    const struct os_event *call = session_log_at(log, index);
    struct pen dim = {ROLE_DIM, 0, pen.link};
    char clocks[32];

    if (!result) {
        grid_text(grid, area, column, row, dim, call->clock <= now ? " ... still in it" : " ...");
        return;
    }
    if (result->clock > now && call->clock <= now) {
        grid_print(grid, area, column, row, dim, " ... still in it (later: %s)", result->text);
        return;
    }
    column = grid_print(grid, area, column, row, pen, " = %s", result->text);
    grid_print(grid, area, column, row, dim, "  %s clocks",
               view_decimal(result->clock - call->clock, clocks));
}

static void show_event(struct grid *grid, struct rect area, uint32_t row,
                       const struct view_context *context, uint32_t index, bool is_last)
{
    const struct session_log *log = &context->view->log;
    const struct os_event *event = session_log_at(log, index);
    uint64_t now = context->view->position.clock;
    bool later = event->clock > now;
    bool is_call = event->kind == OS_EVENT_CALL;
    struct pen pen = {later     ? ROLE_DIM
                      : is_call ? ROLE_TEXT
                                : ROLE_CHANGED,
                      is_last ? CELL_BOLD : 0, index + 1};
    char clock[32];
    char words[256];

    if (is_last) {
        grid_text(grid, area, 0, row, (struct pen){ROLE_CURRENT, CELL_BOLD, index + 1}, "►");
    }
    grid_print(grid, area, 1, row, (struct pen){later ? ROLE_DIM : ROLE_LABEL, 0, index + 1},
               "%14s", view_decimal(event->clock, clock));
    grid_print(grid, area, WHO_COLUMN, row, pen, "%5" PRId32 " %.11s", event->pid, event->name);
    os_event_words(event, words, sizeof words);
    uint32_t column =
        grid_print(grid, area, WHAT_COLUMN, row, pen, "%s%s", is_call ? "" : "* ", words);
    if (is_call) {
        show_result(grid, area, row, column, log, index, now, pen);
    }
}

/* The listed event that is `count` further back (or, below 0, further on) than `index`; log->count:
 * there is none. */
static uint32_t listed_from(const struct session_log *log, uint32_t index, bool forward)
{
    while (index < log->count && !is_listed(log, index)) {
        index = forward ? index + 1 : index - 1; /* in front of 0 comes UINT32_MAX */
    }
    return index < log->count ? index : log->count;
}

static void show_head(struct grid *grid, struct rect area, const struct session_log *log)
{
    struct pen dim = {ROLE_DIM, 0, 0};
    char number[32];
    uint32_t column =
        grid_print(grid, area, 1, 0, dim, "kept since clock %s", view_decimal(log->since, number));

    if (log->dropped) {
        grid_print(grid, area, column, 0, (struct pen){ROLE_WARNING, 0, 0},
                   "; %s older events dropped", view_decimal(log->dropped, number));
    }
}

void view_calls(struct grid *grid, struct rect area, const struct view_context *context,
                bool focused, int32_t scroll)
{
    const struct session_log *log = &context->view->log;

    area = panel_title(grid, area, focused, PANEL_CALLS);
    if (!log->known || area.rows < 2) {
        return;
    }
    if (area.rows >= PATH_LEAST) {
        view_call_path(grid, rect_part(area, 0, 0, area.columns, 2), context);
        area = rect_part(area, 0, 2, area.columns, area.rows - 2);
    }
    show_head(grid, area, log);
    area = rect_part(area, 0, 1, area.columns, area.rows - 1);
    uint32_t past = session_log_until(log, context->view->position.clock);
    uint32_t last = listed_from(log, past - 1, false); /* the last one so far */
    uint32_t next = listed_from(log, past, true);
    uint32_t lowest = next;
    uint32_t later = 0;
    while (lowest < log->count && later < LATER_ROWS && later + 1 < area.rows) {
        later++;
        lowest = listed_from(log, lowest + 1, true);
    }
    /* from the bottom up, beginning with what lies last */
    uint32_t index = listed_from(log, lowest < log->count ? lowest - 1 : log->count - 1, false);
    for (; scroll > 0 && index < log->count; scroll--) {
        uint32_t on = listed_from(log, index + 1, true);
        index = on < log->count ? on : index;
    }
    for (; scroll < 0 && index < log->count; scroll++) {
        index = listed_from(log, index - 1, false);
    }
    for (uint32_t row = area.rows; row-- > 0 && index < log->count;) {
        show_event(grid, area, row, context, index, index == last);
        index = index ? listed_from(log, index - 1, false) : log->count;
    }
    if (log->count == 0) {
        grid_text(grid, area, 1, 0, (struct pen){ROLE_DIM, 0, 0}, "nothing has happened yet");
    }
}
