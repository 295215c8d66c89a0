/* What the next instruction or delivery does inside, step by step with clocks. For an interrupt
 * the lecture's seven steps stand beside the manual's order (steps U01..U13), with its three
 * phases before, during and after.
 * See: 80386 PRM 9.6, INT and IRET pages.
 * SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "cpu/trap.h"
#include "emu/view_panels.h"

#define GLYPH_DONE     0x2713u /* check mark */
#define GLYPH_NEXT     0x25BAu /* filled pointer */
#define GLYPH_LATER    0x00B7u /* middle dot */
#define LECTURE_STEPS  7u
#define LECTURE_WIDTH  35u                      /* columns of the lecture's list */
#define LINES_MAX      (JOURNAL_CAPACITY + 64u) /* entries and headings */
#define STEPS_OF_ENTRY 13u

static const struct {
    const char *lecture; /* which of the lecture's steps, with its part */
    const char *text;
} delivery_steps[STEPS_OF_ENTRY] = {
    {"1", "accept the event, hold off others"},
    {"2", "save SS:ESP EFLAGS CS:EIP aside"},
    {"7", "read and check the vector's gate"},
    {"7", "read the handler's code descriptor"},
    {"3", "decide: enter KERNEL mode?"},
    {"4", "read SS0:ESP0 from the TSS"},
    {"4", "read and check the new SS"},
    {"3 and 4", "KERNEL mode and stack take effect"},
    {"5", "push the saved values"},
    {"6", "push the error code"},
    {"-", "null DS ES FS GS (virtual-8086)"},
    {"1", "clear TF NT RF VM (IF by its gate)"},
    {"7", "jump to the handler, first fetch"},
};

static const struct {
    const char *text;
    const char *manual;
    uint32_t steps; /* bit n: U(n+1) belongs to it */
} lecture_steps[LECTURE_STEPS] = {
    {"mask interrupts", "U01,12", 1u << 0 | 1u << 11},
    {"save in temporaries", "U02", 1u << 1},
    {"switch to kernel mode", "U05,08", 1u << 4 | 1u << 7},
    {"switch to kernel stack", "U06-08", 1u << 5 | 1u << 6 | 1u << 7},
    {"push saved values", "U09", 1u << 8},
    {"push the error code", "U10", 1u << 9},
    {"invoke the handler", "U03,04,13", 1u << 2 | 1u << 3 | 1u << 12},
};

/* JOURNAL_IRET_STEP 1..6. */
static const char *const iret_steps[7] = {
    "",
    "take EIP, CS, EFLAGS from the stack",
    "check the code segment",
    "check the user's stack segment",
    "EFLAGS as they were",
    "mode and stack as they were",
    "go on where it was interrupted",
};

static const char *const segment_names[SEG_COUNT] = {"ES", "CS", "SS", "DS", "FS", "GS"};

/* Which structure of the machine an address lies in, in words. */
static void name_place(const struct view_context *context, const struct journal_entry *entry,
                       char *text, size_t bytes)
{
    const struct cpu_state *cpu = &context->view->state.cpu;
    uint32_t linear = entry->address;
    struct view_stack user;
    struct view_stack kernel;

    text[0] = '\0';
    if (entry->system && linear - cpu->idtr.base <= cpu->idtr.limit) {
        snprintf(text, bytes, "vector %02" PRIX32, (linear - cpu->idtr.base) / 8);
    } else if (entry->system && linear - cpu->gdtr.base <= cpu->gdtr.limit) {
        snprintf(text, bytes, "descriptor %04" PRIX32, (linear - cpu->gdtr.base) & ~7u);
    } else if (entry->system && cpu->tr.usable && linear - cpu->tr.base <= cpu->tr.limit) {
        snprintf(text, bytes, "TSS+%" PRIX32, linear - cpu->tr.base);
    } else {
        view_find_stacks(context, &user, &kernel);
        if (kernel.top != 0 && kernel.base + kernel.top - linear - 1 < 0x2000) {
            snprintf(text, bytes, "kernel stack");
        } else if (user.known && linear - user.base - user.esp + 0x40 < 0x80) {
            snprintf(text, bytes, "user stack");
        } else {
            view_symbol(context, linear, text, bytes);
        }
    }
}

static void describe_memory(const struct view_context *context, const struct journal_entry *entry,
                            char *text)
{
    char place[64];
    int digits = (int)entry->size * 2;

    name_place(context, entry, place, sizeof place);
    if (entry->kind == JOURNAL_MEMORY_READ) {
        snprintf(text, VIEW_STEP_BYTES, "read %08" PRIX32 "=%0*" PRIX32 " %s", entry->address,
                 digits, entry->value, place);
    } else {
        snprintf(text, VIEW_STEP_BYTES, "write %08" PRIX32 "=%0*" PRIX32 " %s, was %0*" PRIX32,
                 entry->address, digits, entry->value, place, digits, entry->previous);
    }
}

static void describe_register(const struct journal_entry *entry, char *text)
{
    if (entry->detail == JREG_CPL) {
        snprintf(text, VIEW_STEP_BYTES,
                 "mode becomes %s (CPL %" PRIu32 "), was %s (CPL %" PRIu32 ")",
                 entry->value == 3 ? "USER" : "KERNEL", entry->value,
                 entry->previous == 3 ? "USER" : "KERNEL", entry->previous);
    } else if (entry->detail >= JREG_ES && entry->detail <= JREG_TR) {
        snprintf(text, VIEW_STEP_BYTES, "%s becomes %04" PRIX32 " was %04" PRIX32,
                 view_register_name(entry->detail), entry->value, entry->previous);
    } else {
        snprintf(text, VIEW_STEP_BYTES, "%s becomes %08" PRIX32 " was %08" PRIX32,
                 view_register_name(entry->detail), entry->value, entry->previous);
    }
}

static void describe_walk(const struct journal_entry *entry, char *text)
{
    const char *level = entry->detail == 1 ? "directory" : "table";

    if (entry->kind == JOURNAL_WALK_READ) {
        snprintf(text, VIEW_STEP_BYTES, "page %s entry at %08" PRIX32 " = %08" PRIX32, level,
                 entry->address, entry->value);
    } else {
        snprintf(text, VIEW_STEP_BYTES,
                 "page %s entry at %08" PRIX32 ": %08" PRIX32 " was %08" PRIX32, level,
                 entry->address, entry->value, entry->previous);
    }
}

static void describe_fetch(const struct journal_entry *entry, char *text)
{
    int used = snprintf(text, VIEW_STEP_BYTES, "fetch %08" PRIX32 ":", entry->address);

    for (uint32_t byte = 0; byte < entry->size && byte < 4; byte++) {
        used += snprintf(text + used, VIEW_STEP_BYTES - (size_t)used, " %02" PRIX32,
                         entry->value >> byte * 8 & 0xFFu);
    }
}

static void describe_simple(const struct journal_entry *entry, char *text)
{
    switch ((enum journal_kind)entry->kind) {
    case JOURNAL_SEGMENT_CHECK:
        snprintf(text, VIEW_STEP_BYTES,
                 "base and bound: %s:%08" PRIX32 " within bound %08" PRIX32 "?",
                 entry->detail < SEG_COUNT ? segment_names[entry->detail] : "?", entry->address,
                 entry->value);
        break;
    case JOURNAL_TLB_HIT:
        snprintf(text, VIEW_STEP_BYTES, "page %08" PRIX32 " in the TLB: %08" PRIX32,
                 entry->address & ~0xFFFu, entry->value & ~0xFFFu);
        break;
    case JOURNAL_TLB_MISS:
        snprintf(text, VIEW_STEP_BYTES, "page %08" PRIX32 " not in the TLB",
                 entry->address & ~0xFFFu);
        break;
    case JOURNAL_PORT_READ:
        snprintf(text, VIEW_STEP_BYTES, "port %04" PRIX32 " read: %0*" PRIX32, entry->address,
                 (int)entry->size * 2, entry->value);
        break;
    case JOURNAL_PORT_WRITE:
        snprintf(text, VIEW_STEP_BYTES, "port %04" PRIX32 " written: %0*" PRIX32, entry->address,
                 (int)entry->size * 2, entry->value);
        break;
    case JOURNAL_IRET_STEP:
        snprintf(text, VIEW_STEP_BYTES, "IRET %" PRIu32 ": %s", entry->detail,
                 entry->detail < 7 ? iret_steps[entry->detail] : "");
        break;
    case JOURNAL_FAULT:
        snprintf(text, VIEW_STEP_BYTES, "exception: %s (error code %" PRIX32 ")",
                 trap_info(entry->detail)->message, entry->value);
        break;
    case JOURNAL_FPU_WAIT:
        snprintf(text, VIEW_STEP_BYTES, "wait %" PRIu32 " clocks for the x87", entry->value);
        break;
    case JOURNAL_FPU_WORKS:
        snprintf(text, VIEW_STEP_BYTES, "the x87 works on for %" PRIu32 " clocks", entry->value);
        break;
    case JOURNAL_HALT:
        snprintf(text, VIEW_STEP_BYTES, "the processor stops until an interrupt");
        break;
    default:
        snprintf(text, VIEW_STEP_BYTES, "execute");
        break;
    }
}

void view_describe_step(const struct view_context *context, const struct journal_entry *entry,
                        bool name_lecture_step, char text[VIEW_STEP_BYTES])
{
    text[0] = '\0';
    switch ((enum journal_kind)entry->kind) {
    case JOURNAL_FETCH:
        describe_fetch(entry, text);
        break;
    case JOURNAL_WALK_READ:
    case JOURNAL_WALK_WRITE:
        describe_walk(entry, text);
        break;
    case JOURNAL_MEMORY_READ:
    case JOURNAL_MEMORY_WRITE:
        describe_memory(context, entry, text);
        break;
    case JOURNAL_REGISTER:
        describe_register(entry, text);
        break;
    case JOURNAL_DELIVERY_STEP:
        if (entry->detail >= 1 && entry->detail <= STEPS_OF_ENTRY) {
            int used = snprintf(text, VIEW_STEP_BYTES, "U%02" PRIu32 " %s", entry->detail,
                                delivery_steps[entry->detail - 1].text);
            if (name_lecture_step) {
                snprintf(text + used, VIEW_STEP_BYTES - (size_t)used, " (lecture's step %s)",
                         delivery_steps[entry->detail - 1].lecture);
            }
        }
        break;
    default:
        describe_simple(entry, text);
        break;
    }
}

struct line {
    uint32_t entry;      /* index, UINT32_MAX: a heading */
    const char *heading; /* static text */
};

/* The entry that ends the step which entry `index` belongs to; journal->count if none does. */
static uint32_t step_end(const struct journal *journal, uint32_t index)
{
    while (index < journal->count && journal->entries[index].kind != JOURNAL_DELIVERY_STEP &&
           journal->entries[index].kind != JOURNAL_IRET_STEP) {
        index++;
    }
    return index;
}

/* Phase that an entry lies in: 0 none, 1 before, 2 during, 3 after (IRET). */
static uint32_t phase_of(const struct journal *journal, uint32_t index)
{
    uint32_t end = step_end(journal, index);

    if (end == journal->count) {
        return 0;
    }
    if (journal->entries[end].kind == JOURNAL_IRET_STEP) {
        return 3;
    }
    return journal->entries[end].detail <= 2 ? 1 : 2;
}

static uint32_t collect_lines(const struct journal *journal, struct line *lines)
{
    static const char *const headings[4] = {
        "",
        "BEFORE: the program as it was running",
        "DURING: the processor enters the kernel",
        "AFTER: IRET gives back what was saved",
    };
    uint32_t count = 0;
    uint32_t phase = 0;

    for (uint32_t index = 0; index < journal->count; index++) {
        uint32_t next = phase_of(journal, index);
        if (next != 0 && next != phase && count + 2 < LINES_MAX) {
            lines[count++] = (struct line){UINT32_MAX, headings[next]};
            phase = next;
        }
        lines[count++] = (struct line){index, NULL};
    }
    return count;
}

static bool has_delivery(const struct journal *journal)
{
    for (uint32_t index = 0; index < journal->count; index++) {
        if (journal->entries[index].kind == JOURNAL_DELIVERY_STEP) {
            return true;
        }
    }
    return false;
}

static uint32_t mark_of(uint32_t index, uint32_t cursor)
{
    return index < cursor ? GLYPH_DONE : index == cursor ? GLYPH_NEXT : GLYPH_LATER;
}

/* The seven steps of the lecture, each ticked when all its parts are done. */
static void show_lecture(struct grid *grid, struct rect area, const struct view_context *context)
{
    const struct session_view *view = context->view;
    uint32_t present = 0;
    uint32_t done = 0;
    uint32_t current = 0;

    for (uint32_t index = 0; index < view->journal.count; index++) {
        const struct journal_entry *entry = &view->journal.entries[index];
        if (entry->kind != JOURNAL_DELIVERY_STEP || entry->detail - 1 >= STEPS_OF_ENTRY) {
            continue;
        }
        uint32_t bit = 1u << (entry->detail - 1);
        present |= bit;
        if (index < view->position.micro) {
            done |= bit;
        } else if (current == 0) {
            current = bit; /* the step that the cursor is in */
        }
    }
    grid_text(grid, area, 0, 0, (struct pen){ROLE_LABEL, CELL_BOLD, 0}, "The lecture's order");
    grid_text(grid, area, 26, 0, (struct pen){ROLE_LABEL, 0, 0}, "manual's");
    for (uint32_t step = 0; step < LECTURE_STEPS; step++) {
        uint32_t parts = lecture_steps[step].steps;
        bool all = (parts & present) != 0 && (parts & present & ~done) == 0;
        bool now = parts & current;
        enum grid_role role = now ? ROLE_CURRENT : all ? ROLE_TEXT : ROLE_DIM;
        struct pen pen = {role, now ? CELL_BOLD : 0, 0};
        bool absent = (parts & present) == 0;
        grid_put(grid, area, 0, step + 1, pen,
                 absent ? '-'
                 : now  ? GLYPH_NEXT
                 : all  ? GLYPH_DONE
                        : GLYPH_LATER);
        grid_print(grid, area, 1, step + 1, pen, "%" PRIu32 " %s", step + 1,
                   lecture_steps[step].text);
        grid_text(grid, area, 26, step + 1, pen, absent ? "none here" : lecture_steps[step].manual);
    }
}

static void show_line(struct grid *grid, struct rect area, uint32_t row,
                      const struct view_context *context, const struct line *line,
                      bool name_lecture_step)
{
    const struct session_view *view = context->view;
    char text[VIEW_STEP_BYTES] = "";

    if (line->heading) {
        grid_text(grid, area, 0, row, (struct pen){ROLE_LABEL, CELL_BOLD, 0}, line->heading);
        return;
    }
    const struct journal_entry *entry = &view->journal.entries[line->entry];
    uint32_t cursor = view->position.micro;
    bool here = line->entry == cursor;
    bool major = entry->kind == JOURNAL_DELIVERY_STEP || entry->kind == JOURNAL_IRET_STEP;
    enum grid_role role = here                   ? ROLE_CURRENT
                          : line->entry < cursor ? ROLE_TEXT
                          : major                ? ROLE_TEXT
                                                 : ROLE_DIM;
    struct pen pen = {role, here || major ? CELL_BOLD : 0, line->entry + 1};
    view_describe_step(context, entry, name_lecture_step, text);
    grid_mark_row(grid, area, row, pen);
    grid_put(grid, area, 0, row, pen, mark_of(line->entry, cursor));
    grid_print(grid, area, 1, row, pen, "+%" PRIu64,
               entry->clock > context->boundary_clock ? entry->clock - context->boundary_clock : 0);
    grid_text(grid, area, major ? 6 : 7, row, pen, text);
}

void view_microsteps(struct grid *grid, struct rect area, const struct view_context *context,
                     bool focused, int32_t scroll)
{
    const struct session_view *view = context->view;
    struct line lines[LINES_MAX];

    area = panel_title(grid, area, focused, PANEL_MICROSTEPS);
    if (view->position.micro_count == 0 || view->journal.count == 0 || area.rows == 0) {
        grid_text(grid, area, 1, 0, (struct pen){ROLE_DIM, 0, 0},
                  view->running          ? "running"
                  : view->position.final ? "the machine has ended; back with Shift"
                                         : "nothing to look into");
        return;
    }
    bool delivery = has_delivery(&view->journal);
    struct rect log = area;
    if (delivery && area.columns >= 2 * LECTURE_WIDTH + 4) {
        log.columns = area.columns - LECTURE_WIDTH - 1;
        show_lecture(grid, rect_part(area, log.columns + 1, 0, LECTURE_WIDTH, area.rows), context);
    }
    uint32_t count = collect_lines(&view->journal, lines);
    uint32_t at = 0;
    while (at + 1 < count && (lines[at].heading || lines[at].entry < view->position.micro)) {
        at++;
    }
    int64_t first = (int64_t)at - log.rows / 2 + scroll;
    int64_t most = (int64_t)count - log.rows;
    first = first > most ? most : first;
    first = first < 0 ? 0 : first;
    for (uint32_t row = 0; row < log.rows && (uint64_t)first + row < count; row++) {
        show_line(grid, log, row, context, &lines[(uint64_t)first + row],
                  delivery && log.columns == area.columns);
    }
    if (view->journal.dropped > 0 && log.rows > 1) {
        grid_print(grid, log, 0, log.rows - 1, (struct pen){ROLE_WARNING, 0, 0},
                   "and %" PRIu32 " more that are not kept", view->journal.dropped);
    }
}
