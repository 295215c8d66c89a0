/* User stack and kernel stack side by side, high addresses on top as they grow downwards.
 * Cells that are in the stack have a solid edge, popped ones a broken edge and are dimmed; slots
 * of the trap frame carry their names.
 * See: 80386 PRM 9.6.1 (the frame that an inner-level gate pushes).
 * SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "emu/os_calls.h"
#include "emu/view_panels.h"

#define GLYPH_ESP        0x25BAu /* filled pointer */
#define GLYPH_LIVE       0x2502u /* solid vertical line */
#define GLYPH_POPPED     0x250Au /* broken vertical line */
#define NOTE_BYTES       96u
#define SIGINFO_NAMELESS 28u /* offsets in a signal frame with siginfo */
#define SIGINFO_END      144u
#define EFLAGS_ZEROES    0x7FC08028u /* bits that are 0 on every such processor; 31 may be MODE */

/* What else is known of a stack: the signal frame on a program's. */
struct stack_frames {
    bool has_signal;
    struct view_signal_frame signal;
};

struct cell_note {
    char text[NOTE_BYTES]; /* slot name, symbol */
    bool is_new;           /* pushed or written by the last move or micro-steps */
    bool is_later;         /* a micro-step still to come writes it */
};

/* A micro-step that has been taken (or is still to come) writes this cell. */
static bool written_inside(const struct session_view *view, const struct view_stack *stack,
                           uint32_t offset, bool taken)
{
    uint32_t first = taken ? 0 : view->position.micro;
    uint32_t end = taken ? view->position.micro : view->journal.count;

    if (view->position.micro == 0) {
        return false;
    }
    for (uint32_t index = first; index < end && index < view->journal.count; index++) {
        const struct journal_entry *entry = &view->journal.entries[index];
        if (entry->kind == JOURNAL_MEMORY_WRITE &&
            entry->address - (stack->base + offset) < stack->width) {
            return true;
        }
    }
    return false;
}

/* The last whole step pushed this cell. */
static bool pushed_by_step(const struct view_context *context, const struct view_stack *stack,
                           uint32_t offset)
{
    const struct cpu_state *before = &context->view->previous.cpu;
    const struct cpu_state *now = &context->view->state.cpu;

    if (!stack->in_use || context->view->position.micro > 0 || offset < stack->esp) {
        return false;
    }
    if (before->cpl != now->cpl) {
        return now->cpl == 0 && stack->top != 0 && offset < stack->top;
    }
    return before->segments[SEG_SS].base == stack->base && offset < before->gpr[REG_ESP];
}

static const char *mode_of_selector(uint32_t selector)
{
    return (selector & 3) == 3 ? "USER" : "KERNEL";
}

/* Names of the frame slots under the top of the kernel stack; false if it is none. */
static bool name_frame_slot(uint32_t below_top, uint32_t value, const char *absent, char *text)
{
    static const char *const names[7] = {"", "SS", "ESP", "EFLAGS", "CS", "EIP", "error code"};

    if (below_top % 4 != 0 || below_top / 4 < 1 || below_top / 4 > 6) {
        return false;
    }
    const char *name = names[below_top / 4];
    if (absent) {
        snprintf(text, NOTE_BYTES, "%s%s", name, absent);
    } else if (below_top == 12) {
        snprintf(text, NOTE_BYTES, "EFLAGS IF=%d%s", (value & EFLAGS_IF) != 0,
                 value & EFLAGS_MODE ? " MODE=USER" : "");
    } else if (below_top == 16) {
        snprintf(text, NOTE_BYTES, "CS interrupted %s", mode_of_selector(value));
    } else {
        snprintf(text, NOTE_BYTES, "%s%s", name, below_top == 24 ? ", 0 if none" : "");
    }
    return true;
}

/* The frame of a delivery inside the kernel (EIP, CS, EFLAGS), just after it happened. */
static bool name_nested_slot(const struct view_context *context, const struct view_stack *stack,
                             uint32_t offset, char *text)
{
    static const char *const names[4] = {"error code", "EIP", "CS interrupted KERNEL", "EFLAGS"};
    const struct session_view *view = context->view;
    uint32_t cs;

    if (!stack->in_use || view->position.micro > 0 || view->state.cpu.cpl != 0 ||
        view->previous.cpu.cpl != 0 ||
        view->state.cpu.deliveries != view->previous.cpu.deliveries + 1) {
        return false;
    }
    uint32_t expected = view->previous.cpu.segments[SEG_CS].selector;
    uint32_t slot = (offset - stack->esp) / 4 + 1;
    if (!view_read32(context, stack->base + stack->esp + 4, &cs) || cs != expected) {
        slot--; /* an error code lies under EIP */
        if (!view_read32(context, stack->base + stack->esp + 8, &cs) || cs != expected) {
            return false; /* it was no delivery out of what has been shown before */
        }
    }
    if (slot > 3) {
        return false;
    }
    snprintf(text, NOTE_BYTES, "%s", names[slot]);
    return true;
}

/* EIP, CS of the kernel, EFLAGS at `offset`: what a delivery inside the kernel pushes. */
static bool is_kernel_frame(const struct view_context *context, const struct view_stack *stack,
                            uint32_t offset)
{
    uint32_t selector = context->view->state.cpu.segments[SEG_CS].selector;
    uint32_t words[3];
    char symbol[64];

    for (uint32_t i = 0; i < 3; i++) {
        if (!view_read32(context, stack->base + offset + 4 * i, &words[i])) {
            return false;
        }
    }
    return words[1] == selector && (words[2] & EFLAGS_ONE) && (words[2] & EFLAGS_ZEROES) == 0 &&
           words[0] > UINT16_MAX && view_symbol(context, words[0], symbol, sizeof symbol);
}

/* The words that the bundled kernel's entry pushes below what the processor has pushed: `below`
 * words under EIP. False: none of them. */
static bool name_entry_slot(uint32_t below, char *text)
{
    static const char *const names[] = {"error code", "vector", "DS",  "ES",  "FS",
                                        "GS",         "EAX",    "ECX", "EDX", "EBX",
                                        "(ESP)",      "EBP",    "ESI", "EDI"};

    if (below < 1 || below > sizeof names / sizeof names[0]) {
        return false;
    }
    snprintf(text, NOTE_BYTES, "kept %s", names[below - 1]);
    return true;
}

/* The words of frames further up: of interrupts inside the kernel, and what the bundled kernel's
 * entry has added to each. */
static bool name_further_slot(const struct view_context *context, const struct view_stack *stack,
                              uint32_t offset, uint32_t value, char *text)
{
    static const char *const names[3] = {"EIP", "CS interrupted KERNEL", "EFLAGS"};
    bool own = context->view->own_guest != 0;

    if (context->view->state.cpu.cpl != 0 || stack->width != 4 || stack->top == 0) {
        return false;
    }
    for (uint32_t slot = 0; slot < 3; slot++) {
        if (value != 0 && is_kernel_frame(context, stack, offset - 4 * slot)) {
            snprintf(text, NOTE_BYTES, "%s%s", names[slot],
                     slot == 2 ? value & EFLAGS_IF ? " IF=1" : " IF=0" : "");
            return true;
        }
    }
    if (own && stack->top - offset > 24 && stack->top - offset <= 76) {
        return name_entry_slot((stack->top - offset) / 4 - 5, text);
    }
    for (uint32_t below = 1; own && below <= 14; below++) {
        if (is_kernel_frame(context, stack, offset + 4 * below)) {
            return name_entry_slot(below, text);
        }
    }
    return false;
}

/* A word of the signal frame; where it leads to is told by the caller. */
static bool name_signal_slot(const struct stack_frames *frames, const struct view_stack *stack,
                             uint32_t offset, uint32_t value, bool popped, char *text)
{
    char name[48];
    char signal[16] = "";
    uint32_t linear = stack->base + offset;
    const char *which = "";

    if (!frames->has_signal || !view_signal_slot(&frames->signal, linear, name, sizeof name)) {
        return false;
    }
    if (linear == frames->signal.at + 4) {
        const char *word = os_signal_name(value, signal);
        which = word ? word : "";
    }
    snprintf(text, NOTE_BYTES, "%s%s%s%s", name, which[0] ? " " : "", which,
             popped ? ", popped" : "");
    return true;
}

static struct cell_note note_of(const struct view_context *context, const struct view_stack *stack,
                                const struct stack_frames *frames, uint32_t offset, uint32_t value)
{
    struct cell_note note = {.text = ""};
    bool popped = offset - stack->esp >= 0x80000000u;
    char symbol[64];

    note.is_later = written_inside(context->view, stack, offset, false);
    note.is_new = written_inside(context->view, stack, offset, true) ||
                  pushed_by_step(context, stack, offset);
    bool named = (!popped && name_nested_slot(context, stack, offset, note.text)) ||
                 (stack->top != 0 && stack->width == 4 &&
                  name_frame_slot(stack->top - offset, value,
                                  note.is_later ? ", not pushed yet"
                                  : popped      ? ", popped"
                                                : NULL,
                                  note.text)) ||
                 name_signal_slot(frames, stack, offset, value, popped, note.text) ||
                 (!popped && name_further_slot(context, stack, offset, value, note.text));
    bool is_code = !named || strcmp(note.text, "EIP") == 0 || strcmp(note.text, "saved EIP") == 0 ||
                   strncmp(note.text, "signal frame", 12) == 0;
    if (stack->width == 4 && is_code && view_symbol(context, value, symbol, sizeof symbol)) {
        size_t used = strlen(note.text);
        snprintf(note.text + used, NOTE_BYTES - used, "%s%s", named ? " " : "", symbol);
    }
    return note;
}

static void show_cell(struct grid *grid, struct rect area, uint32_t row,
                      const struct view_context *context, const struct view_stack *stack,
                      const struct stack_frames *frames, uint32_t offset)
{
    bool popped = offset - stack->esp >= 0x80000000u;
    struct pen pen = {popped ? ROLE_DIM : ROLE_TEXT, 0, 0};
    uint32_t linear = stack->base + offset;
    uint32_t value = 0;
    uint8_t bytes[4] = {0};
    bool readable =
        context->read && context->read(context->read_context, linear, bytes, stack->width);

    value = (uint32_t)bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 |
            (uint32_t)bytes[3] << 24;
    struct cell_note note = {.text = "not mapped"};
    if (readable) {
        note = note_of(context, stack, frames, offset, value);
    } else {
        pen.role = ROLE_DIM;
    }
    if (note.is_later) {
        pen.role = ROLE_DIM;
        popped = true;
    }
    if (offset == stack->esp) {
        grid_put(grid, area, 0, row, (struct pen){ROLE_CURRENT, CELL_BOLD, 0}, GLYPH_ESP);
    }
    grid_print(grid, area, 1, row, (struct pen){popped ? ROLE_DIM : ROLE_LABEL, 0, 0},
               stack->width == 4 ? "%08" PRIX32 : "    %04" PRIX32, offset);
    grid_put(grid, area, 9, row, pen, popped ? GLYPH_POPPED : GLYPH_LIVE);
    if (readable && note.is_new) {
        pen = (struct pen){ROLE_CHANGED, CELL_BOLD, 0};
    }
    uint32_t column = 10;
    if (readable) {
        column = grid_print(grid, area, column, row, pen,
                            stack->width == 4 ? "%08" PRIX32 : "%04" PRIX32, value);
    }
    grid_put(grid, area, column, row, pen, note.is_new ? '*' : 0);
    grid_text(grid, area, column + 1, row, pen, note.text);
}

static void show_top(struct grid *grid, struct rect area, uint32_t row,
                     const struct view_stack *stack)
{
    struct pen pen = {ROLE_DIM, 0, 0};

    if (stack->esp == stack->top) {
        grid_put(grid, area, 0, row, (struct pen){ROLE_CURRENT, CELL_BOLD, 0}, GLYPH_ESP);
    }
    grid_print(grid, area, 1, row, pen, "%08" PRIX32 "══ top (ESP0)%s", stack->top,
               stack->esp == stack->top ? ", stack empty" : "");
}

/* Cells that one row stands for. */
struct skipped {
    uint32_t first; /* offset of the lowest */
    uint32_t bytes; /* 0: none */
};

/* The words of siginfo that have no name and would fill the panel. */
static struct skipped skipped_words(const struct view_stack *stack,
                                    const struct stack_frames *frames)
{
    struct skipped skipped = {0, 0};

    if (frames->has_signal && frames->signal.has_info) {
        skipped.first = frames->signal.at - stack->base + SIGINFO_NAMELESS;
        skipped.bytes = SIGINFO_END - SIGINFO_NAMELESS;
    }
    return skipped;
}

static void show_stack(struct grid *grid, struct rect area, const struct view_context *context,
                       const struct view_stack *stack, const char *name, enum grid_role role,
                       int32_t scroll)
{
    struct stack_frames frames = {.has_signal = false};

    uint32_t column = grid_text(grid, area, 0, 0, (struct pen){role, CELL_BOLD, 0}, name);

    if (!stack->known) {
        grid_print(grid, area, column + 1, 0, (struct pen){ROLE_DIM, 0, 0}, "%s", stack->from);
        return;
    }
    grid_print(grid, area, column + 1, 0, (struct pen){ROLE_LABEL, 0, 0}, "%s: %s",
               stack->in_use ? "in use" : "waiting", stack->from);
    if (role == ROLE_USER) {
        frames.has_signal = view_find_signal_frame(context, stack, &frames.signal);
    }
    struct rect cells = rect_part(area, 0, 1, area.columns, area.rows - 1);
    uint32_t above = cells.rows * 2 / 3;
    uint32_t first = stack->esp + above * stack->width;
    if (stack->top != 0 && (first > stack->top || first < stack->esp)) {
        first = stack->top;
    }
    struct skipped skipped = skipped_words(stack, &frames);
    if (skipped.bytes && skipped.first >= stack->esp && skipped.first < first) {
        first += skipped.bytes - stack->width;
    }
    first += (uint32_t)scroll * stack->width;
    for (uint32_t row = 0; row < cells.rows; row++, first -= stack->width) {
        uint32_t offset = stack->width == 2 ? first & 0xFFFFu : first;
        if (skipped.bytes && offset - skipped.first < skipped.bytes) {
            grid_print(grid, cells, 9, row, (struct pen){ROLE_DIM, 0, 0},
                       "  ... %" PRIu32 " words of siginfo", skipped.bytes / 4);
            first = skipped.first;
        } else if (stack->top != 0 && offset == stack->top) {
            show_top(grid, cells, row, stack);
        } else if (stack->top == 0 || offset - stack->top >= 0x80000000u) {
            show_cell(grid, cells, row, context, stack, &frames, offset);
        }
    }
}

void view_stacks(struct grid *grid, struct rect area, const struct view_context *context,
                 bool focused, int32_t scroll)
{
    struct view_stack user;
    struct view_stack kernel;
    uint32_t half = area.columns / 2;

    area = panel_title(grid, area, focused, PANEL_STACKS);
    if (area.rows < 2) {
        return;
    }
    view_find_stacks(context, &user, &kernel);
    show_stack(grid, rect_part(area, 0, 0, half - 1, area.rows), context, &user, "User stack",
               ROLE_USER, scroll);
    show_stack(grid, rect_part(area, half, 0, area.columns - half, area.rows), context, &kernel,
               "Kernel stack", ROLE_KERNEL, scroll);
}
