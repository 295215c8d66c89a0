/* The interrupt vector: 256 entries with meaning, handler, gate type and DPL. Runs of entries
 * that are not present take one line.
 * See: 80386 PRM 9.4, 9.5 (IDT, descriptors), 14.4 (real mode).
 * SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "emu/view_panels.h"

#define COUNT_COLUMNS 9u      /* of the counts, with a gap */
#define WITH_COUNTS   48u     /* columns from which they have room */
#define GLYPH_NEXT    0x25BAu /* filled pointer */

struct view_gate view_read_gate(const struct view_context *context, uint32_t vector)
{
    const struct cpu_state *cpu = &context->view->state.cpu;
    struct view_gate gate = {.readable = false};
    uint32_t low = 0;
    uint32_t high = 0;

    if (!(cpu->cr0 & CR0_PE)) {
        gate.readable = vector * 4 + 3 <= cpu->idtr.limit &&
                        view_read32(context, cpu->idtr.base + vector * 4, &low);
        gate.present = gate.readable;
        gate.handler = low & 0xFFFFu;
        gate.selector = low >> 16;
        gate.linear = (gate.selector << 4) + gate.handler;
        return gate;
    }
    if (vector * 8 + 7 > cpu->idtr.limit ||
        !view_read32(context, cpu->idtr.base + vector * 8, &low) ||
        !view_read32(context, cpu->idtr.base + vector * 8 + 4, &high)) {
        return gate;
    }
    gate.readable = true;
    gate.present = high & 0x8000u;
    gate.handler = (high & 0xFFFF0000u) | (low & 0xFFFFu);
    gate.selector = low >> 16;
    gate.type = high >> 8 & 0x1Fu;
    gate.dpl = high >> 13 & 3u;
    view_segment_base(context, gate.selector, &gate.linear);
    gate.linear += gate.handler;
    return gate;
}

const char *view_gate_name(const struct view_gate *gate)
{
    switch (gate->type) {
    case 0x05:
        return "task";
    case 0x06:
        return "int16";
    case 0x07:
        return "trap16";
    case 0x0E:
        return "int";
    case 0x0F:
        return "trap";
    default:
        return "bad";
    }
}

struct line {
    uint32_t first; /* vector */
    uint32_t last;  /* vector, >= first; a run if > first */
};

static uint32_t collect_lines(const struct view_context *context, struct line lines[256],
                              uint32_t marked)
{
    uint32_t count = 0;

    for (uint32_t vector = 0; vector < 256; vector++) {
        bool present = view_read_gate(context, vector).present;
        bool run = count > 0 && lines[count - 1].last == vector - 1 && !present &&
                   !view_read_gate(context, vector - 1).present && vector != marked &&
                   vector - 1 != marked;
        if (run) {
            lines[count - 1].last = vector;
        } else {
            lines[count++] = (struct line){vector, vector};
        }
    }
    return count;
}

/* Where the handler's name begins: after half of what is left beside number and gate. */
static uint32_t handler_column(uint32_t columns)
{
    return columns > 20 ? 4 + (columns - 10) / 2 : 4;
}

static void show_entry(struct grid *grid, struct rect area, uint32_t row,
                       const struct view_context *context, uint32_t vector, bool marked)
{
    bool real = !(context->view->state.cpu.cr0 & CR0_PE);
    struct view_gate entry = view_read_gate(context, vector);
    struct pen pen = {marked ? ROLE_CURRENT : ROLE_TEXT, marked ? CELL_BOLD : 0, vector + 1};
    struct pen faint = {marked ? ROLE_CURRENT : ROLE_DIM, 0, vector + 1};
    uint32_t gate = area.columns > 7 ? area.columns - 6 : 0;
    uint32_t handler = handler_column(area.columns);
    char symbol[64];

    grid_mark_row(grid, area, row, pen);
    grid_put(grid, area, 0, row, pen, marked ? GLYPH_NEXT : 0);
    grid_print(grid, area, 1, row, pen, "%02" PRIX32, vector);
    grid_text(grid, rect_part(area, 0, 0, handler - 1, area.rows), 4, row, pen,
              view_vector_name(context, vector));
    if (!entry.present) {
        grid_text(grid, area, handler, row, faint, entry.readable ? "not present" : "not readable");
        return;
    }
    uint64_t count = context->view->state.cpu.vectors[vector];
    uint32_t end = real ? area.columns : gate - 1;
    if (area.columns >= WITH_COUNTS) {
        if (count) {
            grid_print(grid, area, end - COUNT_COLUMNS + 1, row, pen, "%8" PRIu64, count);
        }
        end -= COUNT_COLUMNS;
    }
    struct rect middle = rect_part(area, 0, 0, end, area.rows);
    if (view_symbol(context, entry.linear, symbol, sizeof symbol)) {
        grid_text(grid, middle, handler, row, pen, symbol);
    } else if (real) {
        grid_print(grid, middle, handler, row, pen, "%04" PRIX32 ":%04" PRIX32, entry.selector,
                   entry.handler);
    } else {
        grid_print(grid, middle, handler, row, pen, "%08" PRIX32, entry.handler);
    }
    if (!real) {
        grid_print(grid, area, gate, row, faint, "%-4s %" PRIu32, view_gate_name(&entry),
                   entry.dpl);
    }
}

void view_vectors(struct grid *grid, struct rect area, const struct view_context *context,
                  bool focused, int32_t scroll)
{
    const struct session_view *view = context->view;
    bool next = view->position.micro_count > 0 && (view->next.what & STEP_DELIVERY);
    uint32_t marked = next ? view->next.vector : UINT32_MAX;
    struct line lines[256];
    uint32_t count = collect_lines(context, lines, marked);
    uint32_t at = 0;

    area = panel_title(grid, area, focused, PANEL_VECTORS);
    struct pen label = {ROLE_LABEL, 0, 0};
    grid_text(grid, area, 1, 0, label, "nr meaning");
    if (area.columns > 24) {
        uint32_t gate = area.columns - 6;
        grid_text(grid, area, handler_column(area.columns), 0, label, "handler");
        grid_text(grid, area, gate - 2, 0, label, "gate DPL");
        if (area.columns >= WITH_COUNTS) {
            grid_text(grid, area, gate - 8, 0, label, "count");
        }
    }
    area = rect_part(area, 0, 1, area.columns, area.rows);
    if (area.rows == 0) {
        return;
    }
    while (next && at < count && lines[at].last < marked) {
        at++;
    }
    int64_t first = (int64_t)at - area.rows / 2 + scroll;
    int64_t most = (int64_t)count - area.rows;
    first = first > most ? most : first;
    first = first < 0 ? 0 : first;
    for (uint32_t row = 0; row < area.rows && (uint64_t)first + row < count; row++) {
        const struct line *line = &lines[(uint64_t)first + row];
        if (line->last > line->first) {
            grid_print(grid, area, 1, row, (struct pen){ROLE_DIM, 0, line->first + 1},
                       "%02" PRIX32 "-%02" PRIX32 " not present", line->first, line->last);
        } else {
            show_entry(grid, area, row, context, line->first, next && line->first == marked);
        }
    }
}
