/* What has been counted: since power-on how often the processor has changed its mode and why; from
 * the log of events, who has had how many clocks, in which mode and for what, and how long the
 * timer's interrupts have waited for their handler.
 * SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "emu/explain.h"
#include "emu/view_log.h"
#include "emu/view_page.h"
#include "emu/view_panels.h"

#define PROCESSES_MAX 64u
#define VECTORS_MAX   256u
#define BUCKETS       24u /* of latencies: bucket n has those below 2^n clocks, from 2^(n-1) on */
#define BAR_COLUMNS   30u
#define WIDE_COLUMNS  120u
#define GLYPH_USER    0x2588u /* full block */
#define GLYPH_KERNEL  0x2592u /* half shade */

struct process_sum {
    int32_t pid;
    char name[GUEST_NAME_BYTES];
    uint64_t user;   /* clocks */
    uint64_t kernel; /* clocks */
};

struct sums {
    struct process_sum processes[PROCESSES_MAX];
    uint32_t process_count;
    uint64_t user;                 /* clocks of all */
    uint64_t kernel;               /* clocks of all */
    uint64_t vectors[VECTORS_MAX]; /* clocks in the kernel, by the vector that led there */
    uint64_t times[VECTORS_MAX];   /* how often */
    uint64_t unknown;              /* clocks in the kernel for nothing of these: boot, own work */
    uint64_t ways[OS_WAYS];        /* how often to user mode */
    uint64_t switches;
    uint64_t signals; /* delivered */
    uint64_t latencies[BUCKETS];
    uint64_t latency_count;
    uint64_t latency_most; /* clocks */
};

static const struct pen dim = {ROLE_DIM, 0, 0};
static const struct pen label = {ROLE_LABEL, 0, 0};
static const struct pen plain = {ROLE_TEXT, 0, 0};

/* ---- sums ---- */

static void add_process(struct sums *sums, const struct log_span *span)
{
    uint64_t clocks = span->to - span->from;
    uint32_t index = 0;

    while (index < sums->process_count && sums->processes[index].pid != span->pid) {
        index++;
    }
    if (index == PROCESSES_MAX) {
        return;
    }
    if (index == sums->process_count) {
        sums->processes[sums->process_count++].pid = span->pid;
    }
    if (span->name[0]) {
        memcpy(sums->processes[index].name, span->name, GUEST_NAME_BYTES);
    }
    if (span->is_user) {
        sums->processes[index].user += clocks;
    } else {
        sums->processes[index].kernel += clocks;
    }
}

static void add_latency(struct sums *sums, uint32_t clocks)
{
    uint32_t bucket = 0;

    while (bucket + 1 < BUCKETS && clocks >> bucket) {
        bucket++;
    }
    sums->latencies[bucket]++;
    sums->latency_count++;
    sums->latency_most = clocks > sums->latency_most ? clocks : sums->latency_most;
}

static void add_event(struct sums *sums, const struct session_log *log, uint32_t index)
{
    const struct os_event *event = session_log_at(log, index);

    switch (event->kind) {
    case OS_EVENT_CALL:
        sums->times[0x80]++;
        break;
    case OS_EVENT_IRQ:
    case OS_EVENT_EXCEPTION:
        sums->times[event->number % VECTORS_MAX]++;
        break;
    case OS_EVENT_USER:
        sums->ways[event->number < OS_WAYS ? event->number : 0]++;
        break;
    case OS_EVENT_SWITCHED:
        sums->switches++;
        break;
    case OS_EVENT_DELIVERED:
        sums->signals++;
        break;
    default:
        break;
    }
    if (session_log_latency(log, index) != UINT32_MAX) {
        add_latency(sums, session_log_latency(log, index));
    }
}

static void sum_up(struct sums *sums, const struct session_log *log, uint64_t position)
{
    struct log_walk walk = log_walk_begin(log, position);

    while (log_walk_next(&walk)) {
        uint64_t clocks = walk.span.to - walk.span.from;

        add_process(sums, &walk.span);
        if (walk.span.is_user) {
            sums->user += clocks;
        } else {
            sums->kernel += clocks;
            if (walk.span.why == OS_EVENT_KINDS) {
                sums->unknown += clocks;
            } else {
                sums->vectors[walk.span.vector % VECTORS_MAX] += clocks;
            }
        }
        if (walk.span.event) {
            add_event(sums, log, walk.span.index);
        }
    }
}

/* Who had the most comes first. */
static int compare_processes(const void *a, const void *b)
{
    const struct process_sum *first = a;
    const struct process_sum *second = b;
    uint64_t of_first = first->user + first->kernel;
    uint64_t of_second = second->user + second->kernel;

    return of_first != of_second ? (of_first < of_second ? 1 : -1) : first->pid - second->pid;
}

/* ---- drawing ---- */

/* A bar of at most `most` columns for a share; the column behind it. */
static uint32_t draw_bar(const struct view_page *page, uint32_t column, uint32_t most,
                         uint64_t part, uint64_t whole, enum grid_role role)
{
    uint32_t length = (uint32_t)(whole ? (part * most + whole / 2) / whole : 0);
    uint32_t glyph = role == ROLE_USER ? GLYPH_USER : GLYPH_KERNEL;

    length = length == 0 && part > 0 ? 1 : length; /* something is there */
    for (uint32_t i = 0; i < length; i++) {
        grid_put(page->grid, page->area, column + i, page->row, (struct pen){role, 0, 0}, glyph);
    }
    return column + length;
}

/* " 12.3 %". */
static const char *percent(uint64_t part, uint64_t whole, char text[16])
{
    uint32_t tenths = whole && part <= whole ? (uint32_t)(part * 1000 / whole) : 0;

    snprintf(text, 16, "%5.1f %%", (double)(tenths <= 1000 ? tenths : 1000) / 10);
    return text;
}

static void show_totals(struct view_page *page, const struct cpu_state *cpu)
{
    static const char *const names[] = {[DELIVERY_INTR] = "interrupts",
                                        [DELIVERY_NMI] = "NMIs",
                                        [DELIVERY_EXCEPTION] = "exceptions",
                                        [DELIVERY_SOFTWARE] = "software (INT)"};
    char number[32];

    view_page_heading(page, "Into the kernel, since power-on");
    for (uint32_t kind = 0; kind < sizeof(names) / sizeof(names[0]); kind++) {
        if (names[kind]) {
            view_page_field(page, 20, names[kind], "%14s",
                            view_decimal(cpu->delivered[kind], number));
        }
    }
    view_page_field(page, 20, "instructions", "%14s", view_decimal(cpu->instructions, number));
    view_page_field(page, 20, "clocks", "%14s", view_decimal(cpu->clock, number));
}

static void show_ways(struct view_page *page, const struct sums *sums)
{
    char number[32];

    page->link = LINK_TOPIC + TOPIC_MODE_WAYS;
    view_page_heading(page, "Back to user mode, since the log began");
    for (uint32_t way = 0; way < OS_WAYS; way++) {
        view_page_field(page, 20, os_way_words(way), "%14s", view_decimal(sums->ways[way], number));
    }
    view_page_field(page, 20, "process switches", "%14s", view_decimal(sums->switches, number));
    view_page_field(page, 20, "signals delivered", "%14s", view_decimal(sums->signals, number));
}

static void show_processes(struct view_page *page, const struct sums *sums)
{
    uint64_t all = sums->user + sums->kernel;
    char text[16];
    char number[32];

    page->link = LINK_TOPIC + TOPIC_PROCESS_TIMES;
    view_page_heading(page, "Clocks by process: █ user (ring 3), ▒ kernel (ring 0)");
    for (uint32_t i = 0; i < sums->process_count; i++) {
        uint64_t user = sums->processes[i].user;
        uint64_t kernel = sums->processes[i].kernel;

        view_page_at(page, 0, label, "%5" PRId32 " %.11s", sums->processes[i].pid,
                     sums->processes[i].name);
        view_page_at(page, 18, plain, "%s", percent(user + kernel, all, text));
        view_page_at(page, 27, dim, "%14s", view_decimal(user + kernel, number));
        draw_bar(page, draw_bar(page, 42, BAR_COLUMNS, user, all, ROLE_USER), BAR_COLUMNS, kernel,
                 all, ROLE_KERNEL);
        page->row++;
    }
    view_page_at(page, 0, label, "user mode, all");
    view_page_at(page, 18, plain, "%s", percent(sums->user, all, text));
    page->row++;
    view_page_at(page, 0, label, "kernel, all");
    view_page_at(page, 18, plain, "%s", percent(sums->kernel, all, text));
    page->row++;
}

static void show_vectors(struct view_page *page, const struct sums *sums,
                         const struct view_context *context)
{
    char text[16];
    char number[32];

    page->link = 0;
    view_page_heading(page, "Clocks in the kernel, by the vector that led there");
    for (uint32_t vector = 0; vector < VECTORS_MAX; vector++) {
        if (sums->times[vector] == 0 && sums->vectors[vector] == 0) {
            continue;
        }
        view_page_at(page, 0, label, "%02" PRIX32 " %.14s", vector,
                     view_vector_name(context, vector));
        view_page_at(page, 18, plain, "%s", percent(sums->vectors[vector], sums->kernel, text));
        view_page_at(page, 27, dim, "%14s", view_decimal(sums->vectors[vector], number));
        draw_bar(page, 42, BAR_COLUMNS, sums->vectors[vector], sums->kernel, ROLE_KERNEL);
        view_page_at(page, 43 + BAR_COLUMNS, dim, "%s times",
                     view_decimal(sums->times[vector], number));
        page->row++;
    }
    if (sums->unknown) {
        view_page_at(page, 0, label, "boot, own work");
        view_page_at(page, 18, plain, "%s", percent(sums->unknown, sums->kernel, text));
        page->row++;
    }
}

static void show_latencies(struct view_page *page, const struct sums *sums)
{
    uint64_t most = 0;
    uint32_t first = BUCKETS;
    uint32_t last = 0;
    char number[32];

    page->link = LINK_TOPIC + TOPIC_LATENCY;
    view_page_heading(page, "Clocks from the timer's edge to its handler (latency)");
    for (uint32_t i = 0; i < BUCKETS; i++) {
        if (sums->latencies[i]) {
            first = first < i ? first : i;
            last = i;
            most = sums->latencies[i] > most ? sums->latencies[i] : most;
        }
    }
    for (uint32_t i = first; i <= last && i < BUCKETS; i++) {
        view_page_at(page, 0, label, "%8" PRIu32 " to %8" PRIu32, i ? 1u << (i - 1) : 0,
                     i ? (1u << i) - 1 : 0);
        draw_bar(page, 22, BAR_COLUMNS, sums->latencies[i], most, ROLE_KERNEL);
        view_page_at(page, 23 + BAR_COLUMNS, plain, "%s", view_decimal(sums->latencies[i], number));
        page->row++;
    }
    if (sums->latency_count == 0) {
        view_page_line(page, dim, "no interrupt of the timer yet");
        return;
    }
    view_page_line(page, dim, "longest %s clocks", view_decimal(sums->latency_most, number));
}

void view_counters(struct grid *grid, struct rect area, const struct view_context *context,
                   bool focused, int32_t scroll)
{
    const struct session_log *log = &context->view->log;
    struct sums sums = {.process_count = 0};
    struct view_page page;
    char number[32];

    area = panel_title(grid, area, focused, PANEL_COUNTERS);
    if (!log->known) {
        return;
    }
    sum_up(&sums, log, context->view->position.clock);
    qsort(sums.processes, sums.process_count, sizeof(sums.processes[0]), compare_processes);
    page = view_page_open(grid, area, scroll);
    if (area.columns >= WIDE_COLUMNS) {
        struct view_page left = view_page_open(grid, rect_part(area, 0, 0, 38, area.rows), scroll);
        show_totals(&left, &context->view->state.cpu);
        show_ways(&left, &sums);
        view_page_line(
            &left, dim, "the log begins at clock %s",
            view_decimal(log->dropped && log->count ? session_log_at(log, 0)->clock : log->since,
                         number));
        page.area = rect_part(area, 40, 0, area.columns - 40, area.rows);
    } else {
        show_totals(&page, &context->view->state.cpu);
        show_ways(&page, &sums);
    }
    show_processes(&page, &sums);
    show_vectors(&page, &sums, context);
    show_latencies(&page, &sums);
}
