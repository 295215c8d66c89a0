/* Who has had the processor, over clocks: a lane for each process, one for interrupts. A column is
 * so many clocks; the position is the marked one, and what lies behind it is dimmed. Where a
 * process waits, its lane says for what.
 * Links: columns since the oldest event that is kept, + 1.
 * SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "emu/view_log.h"
#include "emu/view_panels.h"

#define LANES_MAX    40u
#define COLUMNS_MAX  400u
#define NAME_COLUMNS 18u
#define AXIS_EACH    20u     /* columns */
#define AXIS_LABEL   16u     /* columns of one */
#define REASON_LEAST 8u      /* columns that are worth words */
#define GLYPH_USER   0x2588u /* full block */
#define GLYPH_KERNEL 0x2592u /* half shade */
#define GLYPH_READY  0x00B7u
#define GLYPH_WAIT   0x2500u
#define GLYPH_HERE   0x2502u
#define GLYPH_ENDED  0x25A0u
#define GLYPH_IRQ    0x25B2u

enum lane_state { LANE_ABSENT, LANE_READY, LANE_WAITS, LANE_ENDED };

struct lane_cell {
    uint64_t user;   /* clocks of this column in user mode */
    uint64_t kernel; /* in the kernel */
    uint32_t state;  /* enum lane_state at its end */
    uint32_t reason; /* LANE_WAITS: index of the event that says for what, + 1 */
    char mark;       /* '!': a signal was raised for it, 0: nothing */
};

struct lane {
    int32_t pid;
    uint32_t state;   /* enum lane_state, as far as has been looked */
    uint32_t reason;  /* with LANE_WAITS */
    uint32_t written; /* columns whose state is known */
    char name[GUEST_NAME_BYTES];
    struct lane_cell cells[COLUMNS_MAX];
};

struct timeline {
    const struct session_log *log;
    uint64_t first; /* clock at the left edge */
    uint64_t unit;  /* clocks of a column */
    uint32_t columns;
    uint32_t lane_count;
    uint32_t dropped; /* events of processes without a lane */
    uint8_t irqs[COLUMNS_MAX];
    struct lane lanes[LANES_MAX];
};

/* ---- what has happened, sorted into lanes ---- */

/* The column of a clock: 0 also for those before the left edge, `columns` behind the right one. */
static uint32_t column_of(const struct timeline *timeline, uint64_t clock)
{
    uint64_t column = clock <= timeline->first ? 0 : (clock - timeline->first) / timeline->unit;

    return column < timeline->columns ? (uint32_t)column : timeline->columns;
}

static struct lane *lane_of(struct timeline *timeline, int32_t pid)
{
    for (uint32_t i = 0; i < timeline->lane_count; i++) {
        if (timeline->lanes[i].pid == pid) {
            return &timeline->lanes[i];
        }
    }
    for (uint32_t i = 0; timeline->lane_count == LANES_MAX && i < LANES_MAX; i++) {
        struct lane *lane = &timeline->lanes[i];

        if (lane->state == LANE_ENDED && lane->written == 0) { /* it is over and out of sight */
            *lane = (struct lane){.pid = pid};
            return lane;
        }
    }
    if (timeline->lane_count == LANES_MAX) {
        timeline->dropped++;
        return NULL;
    }
    timeline->lanes[timeline->lane_count] = (struct lane){.pid = pid};
    return &timeline->lanes[timeline->lane_count++];
}

/* Its state up to a clock is what it was; then it is another one. */
static void change_state(const struct timeline *timeline, struct lane *lane, uint64_t clock,
                         enum lane_state state, uint32_t reason)
{
    uint32_t end = column_of(timeline, clock);

    for (; lane->written < end; lane->written++) {
        lane->cells[lane->written].state = lane->state;
        lane->cells[lane->written].reason = lane->reason;
    }
    lane->state = state;
    lane->reason = reason;
}

static void add_time(const struct timeline *timeline, struct lane *lane,
                     const struct log_span *span)
{
    uint64_t from = span->from > timeline->first ? span->from : timeline->first;
    uint64_t end = timeline->first + timeline->columns * timeline->unit;
    uint64_t to = span->to < end ? span->to : end;

    while (from < to) {
        uint32_t column = column_of(timeline, from);
        uint64_t edge = timeline->first + (column + 1) * timeline->unit;
        uint64_t part = (to < edge ? to : edge) - from;

        if (span->is_user) {
            lane->cells[column].user += part;
        } else {
            lane->cells[column].kernel += part;
        }
        from += part;
    }
}

/* The one that has given the processor away. */
static void take_switch(struct timeline *timeline, const struct log_span *span)
{
    const struct os_event *event = span->event;
    struct lane *before = event->other >= 0 ? lane_of(timeline, event->other) : NULL;
    struct lane *after = lane_of(timeline, event->pid);

    if (before && before->state != LANE_ENDED) {
        bool waits = strncmp(event->text, "waits", 5) == 0 || strcmp(event->text, "stopped") == 0;

        change_state(timeline, before, event->clock,
                     strcmp(event->text, "zombie") == 0 ? LANE_ENDED
                     : waits                            ? LANE_WAITS
                                                        : LANE_READY,
                     span->index + 1);
    }
    if (after) {
        change_state(timeline, after, event->clock, LANE_READY, 0);
    }
}

static void take_event(struct timeline *timeline, const struct log_span *span)
{
    const struct os_event *event = span->event;
    uint32_t column = column_of(timeline, event->clock);
    bool in_sight = event->clock >= timeline->first && column < timeline->columns;
    struct lane *lane;

    switch (event->kind) {
    case OS_EVENT_SWITCHED:
        take_switch(timeline, span);
        break;
    case OS_EVENT_CREATED:
        lane = event->other >= 0 ? lane_of(timeline, event->other) : NULL;
        if (lane) {
            change_state(timeline, lane, event->clock, LANE_READY, 0);
        }
        break;
    case OS_EVENT_ENDED:
        lane = lane_of(timeline, event->pid);
        if (lane) {
            change_state(timeline, lane, event->clock, LANE_ENDED, 0);
        }
        break;
    case OS_EVENT_RAISED:
        lane = event->other >= 0 ? lane_of(timeline, event->other) : NULL;
        if (lane && in_sight) {
            lane->cells[column].mark = '!';
        }
        break;
    case OS_EVENT_IRQ:
        timeline->irqs[in_sight ? column : 0] |= in_sight;
        break;
    default:
        break;
    }
}

static void sort_into_lanes(struct timeline *timeline, uint64_t position)
{
    uint64_t end = timeline->first + timeline->columns * timeline->unit;
    uint64_t last = timeline->log->count
                        ? session_log_at(timeline->log, timeline->log->count - 1)->clock
                        : position;
    struct log_walk walk = log_walk_begin(timeline->log, position > last ? position : last);

    while (log_walk_next(&walk) && walk.span.from < end) {
        struct lane *lane = lane_of(timeline, walk.span.pid);

        if (lane) {
            if (walk.span.name[0]) {
                memcpy(lane->name, walk.span.name, sizeof(lane->name));
            }
            if (lane->state == LANE_ABSENT) {
                change_state(timeline, lane, walk.span.from, LANE_READY, 0);
            }
            add_time(timeline, lane, &walk.span);
        }
        if (walk.span.event) {
            take_event(timeline, &walk.span);
        }
    }
    for (uint32_t i = 0; i < timeline->lane_count; i++) {
        struct lane *lane = &timeline->lanes[i];
        change_state(timeline, lane, position > last ? position : last,
                     (enum lane_state)lane->state, lane->reason);
    }
}

/* ---- drawing ---- */

static void draw_cell(struct grid *grid, struct rect area, uint32_t row, uint32_t column,
                      const struct lane_cell *cell, struct pen pen, bool later)
{
    uint32_t glyph = 0;

    if (cell->user + cell->kernel > 0) {
        glyph = cell->user >= cell->kernel ? GLYPH_USER : GLYPH_KERNEL;
        pen.role = later ? ROLE_DIM : cell->user >= cell->kernel ? ROLE_USER : ROLE_KERNEL;
    } else if (cell->state == LANE_READY) {
        glyph = GLYPH_READY;
    } else if (cell->state == LANE_WAITS) {
        glyph = GLYPH_WAIT;
        pen.role = ROLE_DIM;
    }
    if (cell->mark) {
        glyph = (uint32_t)cell->mark;
        pen.role = ROLE_CHANGED;
        pen.attributes |= CELL_BOLD;
    }
    if (glyph || (pen.attributes & CELL_REVERSE)) {
        grid_put(grid, area, NAME_COLUMNS + column, row, pen, glyph ? glyph : GLYPH_HERE);
    }
}

static bool waits_idle(const struct lane_cell *cell, uint32_t reason)
{
    return cell->state == LANE_WAITS && cell->reason == reason && cell->mark == 0 &&
           cell->user + cell->kernel == 0;
}

/* What a lane waits for, on the line of its waiting, where that is long enough. */
static void draw_reasons(struct grid *grid, struct rect area, uint32_t row,
                         const struct timeline *timeline, const struct lane *lane, uint32_t here)
{
    for (uint32_t column = 0; column < timeline->columns; column++) {
        uint32_t reason = lane->cells[column].reason;
        uint32_t length = 0;

        if (reason == 0 || !waits_idle(&lane->cells[column], reason)) {
            continue;
        }
        while (column + length < timeline->columns && column + length != here &&
               waits_idle(&lane->cells[column + length], reason)) {
            length++;
        }
        if (length >= REASON_LEAST) {
            const char *text = session_log_at(timeline->log, reason - 1)->text;

            text = strncmp(text, "waits: ", 7) == 0 ? text + 7 : text;
            grid_print(grid, area, NAME_COLUMNS + column + 2, row, (struct pen){ROLE_LABEL, 0, 0},
                       "%.*s", (int)(length - 3), text);
        }
        column += length;
    }
}

static uint32_t link_of(const struct timeline *timeline, uint32_t column)
{
    uint64_t base = view_timeline_base(timeline->log);
    uint64_t clock = timeline->first + column * timeline->unit;

    return clock < base ? 0 : (uint32_t)((clock - base) / timeline->unit) + 1;
}

static void draw_lane(struct grid *grid, struct rect area, uint32_t row,
                      const struct timeline *timeline, const struct lane *lane, uint32_t here)
{
    char name[NAME_COLUMNS + GUEST_NAME_BYTES];

    if (lane->pid < 0) {
        snprintf(name, sizeof(name), "      (not known)");
    } else {
        snprintf(name, sizeof(name), "%5" PRId32 " %.10s", lane->pid,
                 lane->pid == 0 && !lane->name[0] ? "idle" : lane->name);
    }
    grid_text(grid, area, 0, row, (struct pen){ROLE_LABEL, 0, 0}, name);
    for (uint32_t column = 0; column < timeline->columns; column++) {
        bool later = column > here;
        struct pen pen = {later ? ROLE_DIM : ROLE_TEXT, column == here ? CELL_REVERSE : 0,
                          link_of(timeline, column)};

        draw_cell(grid, area, row, column, &lane->cells[column], pen, later);
    }
    draw_reasons(grid, area, row, timeline, lane, here);
}

static void draw_axis(struct grid *grid, struct rect area, const struct timeline *timeline,
                      uint32_t here)
{
    struct pen label = {ROLE_LABEL, 0, 0};
    char number[32];

    grid_print(grid, area, 0, 0, label, "clocks");
    for (uint32_t column = 0; column + AXIS_EACH / 2 < timeline->columns; column += AXIS_EACH) {
        uint64_t clock = timeline->first + column * timeline->unit;
        if (here - column >= AXIS_LABEL) { /* it is not under the mark of the position */
            grid_print(grid, area, NAME_COLUMNS + column, 0, label, "|%s",
                       view_decimal(clock, number));
        }
    }
    grid_print(grid, area, 0, 1, label, "interrupts");
    for (uint32_t column = 0; column < timeline->columns; column++) {
        struct pen pen = {column > here ? ROLE_DIM : ROLE_KERNEL, column == here ? CELL_REVERSE : 0,
                          link_of(timeline, column)};
        if (timeline->irqs[column]) {
            grid_put(grid, area, NAME_COLUMNS + column, 1, pen, GLYPH_IRQ);
        }
    }
    if (here < timeline->columns) {
        grid_put(grid, area, NAME_COLUMNS + here, 0, (struct pen){ROLE_CURRENT, CELL_BOLD, 0},
                 0x25BCu);
    }
}

static void draw_legend(struct grid *grid, struct rect area, uint32_t row,
                        const struct timeline *timeline)
{
    struct pen dim = {ROLE_DIM, 0, 0};
    char number[32];
    uint32_t column = grid_text(grid, area, 1, row, (struct pen){ROLE_USER, 0, 0}, "█ user ");

    column = grid_text(grid, area, column, row, (struct pen){ROLE_KERNEL, 0, 0},
                       "▒ kernel ▲ interrupt ");
    column = grid_text(grid, area, column, row, dim, "· ready ─ waits ! signal");
    column = grid_print(grid, area, column, row, dim, "   a column: %s clocks",
                        view_decimal(timeline->unit, number));
    if (timeline->log->dropped) {
        column =
            grid_print(grid, area, column, row, (struct pen){ROLE_WARNING, 0, 0},
                       "   %s older events dropped", view_decimal(timeline->log->dropped, number));
    }
    if (timeline->dropped) {
        grid_text(grid, area, column, row, (struct pen){ROLE_WARNING, 0, 0},
                  "   more processes than lanes");
    }
}

static bool in_sight(const struct timeline *timeline, const struct lane *lane)
{
    for (uint32_t column = 0; column < timeline->columns; column++) {
        const struct lane_cell *cell = &lane->cells[column];
        if (cell->user + cell->kernel > 0 || cell->state == LANE_READY ||
            cell->state == LANE_WAITS) {
            return true;
        }
    }
    return false;
}

/* Lanes in the order of their pids. */
static void draw_lanes(struct grid *grid, struct rect area, const struct timeline *timeline,
                       uint32_t here, int32_t scroll)
{
    uint32_t row = 0 - (uint32_t)scroll;

    for (int64_t last = -2;;) {
        const struct lane *next = NULL;

        for (uint32_t i = 0; i < timeline->lane_count; i++) {
            const struct lane *lane = &timeline->lanes[i];
            if (lane->pid > last && (!next || lane->pid < next->pid)) {
                next = lane;
            }
        }
        if (!next) {
            return;
        }
        last = next->pid;
        if (in_sight(timeline, next)) {
            draw_lane(grid, area, row++, timeline, next, here);
        }
    }
}

uint64_t view_timeline_base(const struct session_log *log)
{
    uint64_t base = log->dropped && log->count ? session_log_at(log, 0)->clock : log->since;

    return base / log->unit * log->unit;
}

void view_timeline(struct grid *grid, struct rect area, const struct view_context *context,
                   bool focused, int32_t scroll)
{
    const struct session_log *log = &context->view->log;
    uint64_t position = context->view->position.clock;
    struct timeline *timeline;

    area = panel_title(grid, area, focused, PANEL_TIMELINE);
    if (!log->known || log->unit == 0 || area.columns <= NAME_COLUMNS + 4 || area.rows < 4) {
        return;
    }
    timeline = calloc(1, sizeof(*timeline));
    if (!timeline) {
        return;
    }
    timeline->log = log;
    timeline->unit = log->unit;
    timeline->columns = area.columns - NAME_COLUMNS;
    timeline->columns = timeline->columns < COLUMNS_MAX ? timeline->columns : COLUMNS_MAX;
    int64_t left = (int64_t)(position / log->unit) - timeline->columns * 3 / 4 + log->shift;
    timeline->first = left > 0 ? (uint64_t)left * log->unit : 0;
    uint32_t here = position < timeline->first ? UINT32_MAX : column_of(timeline, position);
    sort_into_lanes(timeline, position);
    draw_axis(grid, area, timeline, here);
    draw_lanes(grid, rect_part(area, 0, 2, area.columns, area.rows - 3), timeline, here, scroll);
    draw_legend(grid, area, area.rows - 1, timeline);
    free(timeline);
}
