/* An interrupt and a signal side by side, step for step: what the processor does for the kernel the
 * kernel does for a program. What has happened, happens now and is still to come is told by the
 * state, the next step and the last events.
 * SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "emu/explain.h"
#include "emu/view_panels.h"

#define PART_COUNT   11u
#define TEXT_BYTES   96u
#define FACT_COLUMN  30u
#define WIDE_COLUMNS 116u /* there is room for facts beside the words */
#define IRET_OPCODE  0xCFu

/* The rows of both columns mean the same. */
enum part {
    PART_HANDLERS,
    PART_STACK,
    PART_OPEN,
    PART_ASKED,
    PART_NOTICED,
    PART_SAVED,
    PART_MASKED,
    PART_JUMP,
    PART_HANDLER,
    PART_RESTORED,
    PART_GOES_ON
};

struct side {
    uint32_t now;  /* enum part */
    bool inside;   /* one is being handled */
    bool ready[3]; /* what must be so before: PART_HANDLERS, PART_STACK, PART_OPEN */
    char facts[PART_COUNT][TEXT_BYTES];
};

static const struct {
    const char *phase; /* "": as the row before */
    const char *interrupt;
    const char *signal;
    uint32_t topic; /* of the interrupt's; that of the signal's is upcall, or signals in the first
                       rows */
} rows[PART_COUNT] = {
    [PART_HANDLERS] = {"before", "handlers: interrupt vector", "handlers: sigaction", TOPIC_IDTR},
    [PART_STACK] = {"", "interrupt stack", "signal stack", TOPIC_ESP0},
    [PART_OPEN] = {"", "not masked", "not blocked", TOPIC_IF},
    [PART_ASKED] = {"during", "a device asks", "somebody sends it", TOPIC_IRR},
    [PART_NOTICED] = {"", "seen after an instruction", "seen on the way to USER", TOPIC_PIC},
    [PART_SAVED] = {"", "EIP CS EFLAGS ESP SS saved", "registers saved in a frame", TOPIC_U08},
    [PART_MASKED] = {"", "masked while handling", "blocked while handling", TOPIC_IF},
    [PART_JUMP] = {"", "CS:EIP from the vector", "EIP from sigaction", TOPIC_GATE},
    [PART_HANDLER] = {"", "handler in KERNEL mode", "handler in USER mode", TOPIC_ISR},
    [PART_RESTORED] = {"after", "IRET restores them and IF", "sigreturn restores all", TOPIC_IRET},
    [PART_GOES_ON] = {"", "the program goes on", "the program goes on", TOPIC_IRET},
};

/* ---- the interrupt ---- */

static void tell_vector(const struct view_context *context, struct side *side, uint32_t vector)
{
    const struct cpu_state *cpu = &context->view->state.cpu;
    uint32_t low;
    uint32_t high;
    char symbol[48];

    snprintf(side->facts[PART_ASKED], TEXT_BYTES, "%s", view_vector_name(context, vector));
    if (view_read32(context, cpu->idtr.base + vector * 8, &low) &&
        view_read32(context, cpu->idtr.base + vector * 8 + 4, &high)) {
        uint32_t handler = (low & 0xFFFFu) | (high & 0xFFFF0000u);
        view_symbol(context, handler, symbol, sizeof symbol);
        snprintf(side->facts[PART_JUMP], TEXT_BYTES, "%02" PRIX32 "h: %s", vector, symbol);
    }
}

/* How far a delivery has got whose micro-steps are looked into. */
static uint32_t inside_delivery(const struct session_view *view)
{
    uint32_t step = PART_NOTICED;

    for (uint32_t i = 0; i < view->position.micro && i < view->journal.count; i++) {
        const struct journal_entry *entry = &view->journal.entries[i];

        if (entry->kind == JOURNAL_MEMORY_WRITE) {
            step = PART_SAVED;
        } else if (entry->kind == JOURNAL_REGISTER && entry->detail == JREG_EFLAGS) {
            step = PART_MASKED;
        } else if (entry->kind == JOURNAL_REGISTER && entry->detail == JREG_EIP) {
            step = PART_JUMP;
        }
    }
    return step;
}

/* The last interrupt whose handler has not returned, as far as the log tells; NULL: none. */
static const struct os_event *handled(const struct session_view *view)
{
    uint32_t index = session_log_until(&view->log, view->position.clock);

    while (view->log.known && index-- > 0) {
        const struct os_event *event = session_log_at(&view->log, index);

        if (event->kind == OS_EVENT_IRQ) {
            uint32_t now = view->state.cpu.segments[SEG_CS].base + view->state.cpu.eip;
            bool back = event->cpl != 3 && (now == event->linear || view->state.cpu.activity);
            return back ? NULL : event;
        }
        if (event->kind == OS_EVENT_USER || event->kind == OS_EVENT_CALL ||
            event->kind == OS_EVENT_SWITCHED) {
            return NULL;
        }
    }
    return NULL;
}

/* The interrupt from which the last step has returned to a program; NULL: it did something else. */
static const struct os_event *just_over(const struct session_view *view)
{
    uint32_t index = view->log.known ? session_log_until(&view->log, view->position.clock) : 0;

    if (index == 0 || session_log_at(&view->log, index - 1)->kind != OS_EVENT_USER ||
        session_log_at(&view->log, index - 1)->clock != view->position.clock) {
        return NULL;
    }
    for (index--; index-- > 0;) {
        const struct os_event *event = session_log_at(&view->log, index);

        if (event->kind == OS_EVENT_IRQ && event->cpl == 3) {
            return event;
        }
        if (event->kind == OS_EVENT_CALL || event->kind == OS_EVENT_EXCEPTION ||
            event->kind == OS_EVENT_USER) {
            return NULL;
        }
    }
    return NULL;
}

static bool is_iret_next(const struct view_context *context)
{
    const struct cpu_state *cpu = &context->view->state.cpu;
    uint8_t byte = 0;

    return cpu->cpl == 0 && context->read &&
           context->read(context->read_context, cpu->segments[SEG_CS].base + cpu->eip, &byte, 1) &&
           byte == IRET_OPCODE;
}

static struct side look_at_interrupt(const struct view_context *context)
{
    const struct session_view *view = context->view;
    const struct cpu_state *cpu = &view->state.cpu;
    const struct pic_state *pic = &view->state.pc.pic.master;
    const struct os_event *event = handled(view);
    struct side side = {.now = PART_OPEN};
    uint32_t ss0 = 0;
    uint32_t esp0 = 0;

    side.ready[PART_HANDLERS] = view_is_protected(cpu) && cpu->idtr.limit >= 8;
    side.ready[PART_STACK] = view_is_protected(cpu) && view_tss_stack(context, &ss0, &esp0);
    side.ready[PART_OPEN] = (cpu->eflags & EFLAGS_IF) != 0;
    snprintf(side.facts[PART_HANDLERS], TEXT_BYTES, "IDT at %08" PRIX32, cpu->idtr.base);
    snprintf(side.facts[PART_STACK], TEXT_BYTES, "TSS: %04" PRIX32 ":%08" PRIX32, ss0, esp0);
    snprintf(side.facts[PART_OPEN], TEXT_BYTES, "IF = %d", side.ready[PART_OPEN]);
    if ((view->next.what & STEP_DELIVERY) && view->next.kind == DELIVERY_INTR) {
        tell_vector(context, &side, view->next.vector);
        side.now = inside_delivery(view);
        side.inside = true;
    } else if (event) {
        tell_vector(context, &side, event->number);
        side.now = is_iret_next(context) ? PART_RESTORED : PART_HANDLER;
        side.inside = true;
    } else if (pic->edges & ~pic->imr) {
        side.now = PART_ASKED;
        side.inside = true;
    } else if (just_over(view)) {
        tell_vector(context, &side, just_over(view)->number);
        side.now = PART_GOES_ON;
        side.inside = true;
    }
    return side;
}

/* ---- the signal ---- */

static void tell_signal(const struct view_context *context, struct side *side, uint32_t number)
{
    const struct session_process_detail *detail = &context->view->processes.detail;
    char name[16] = "";
    char symbol[48] = "";
    const char *word = os_signal_name(number, name);

    snprintf(side->facts[PART_ASKED], TEXT_BYTES, "%s", word ? word : "");
    if (detail->handlers_known && number < SESSION_SIGNALS && detail->handlers[number] > 1) {
        view_symbol(context, detail->handlers[number], symbol, sizeof symbol);
        snprintf(side->facts[PART_JUMP], TEXT_BYTES, "%08" PRIX32 " %s", detail->handlers[number],
                 symbol);
    }
}

/* At the first instruction of a function of the kernel that stands for such an event, which is told
 * only when that has been executed. */
static bool is_at(const struct view_context *context, enum os_event_kind kind)
{
    const struct cpu_state *cpu = &context->view->state.cpu;
    uint32_t offset = 0;
    const char *symbol = view_find_symbol(context, cpu->segments[SEG_CS].base + cpu->eip, &offset);

    for (uint32_t i = 0; symbol && offset == 0 && os_event_function(kind, i); i++) {
        if (strcmp(symbol, os_event_function(kind, i)) == 0) {
            return true;
        }
    }
    return false;
}

/* Where the last signal of this process is, from the events about it. */
static void follow_signal(const struct view_context *context, struct side *side,
                          const struct guest_process *guest)
{
    const struct session_log *log = &context->view->log;
    uint32_t end = session_log_until(log, context->view->position.clock);

    for (uint32_t i = 0; i < end; i++) {
        const struct os_event *event = session_log_at(log, i);

        if (event->kind == OS_EVENT_RAISED && event->other == guest->pid && !side->inside) {
            tell_signal(context, side, event->number);
            side->now = PART_ASKED;
            side->inside = true;
        } else if (event->pid != guest->pid) {
            continue;
        } else if (event->kind == OS_EVENT_DELIVERED) {
            tell_signal(context, side, event->number);
            side->now = PART_SAVED;
            side->inside = true;
        } else if (event->kind == OS_EVENT_USER && event->number == OS_WAY_UPCALL) {
            side->now = PART_HANDLER;
        } else if (event->kind == OS_EVENT_RETURNED) {
            side->now = PART_RESTORED;
        } else if (event->kind == OS_EVENT_USER && side->now == PART_RESTORED) {
            side->now = PART_GOES_ON;
        } else if (event->kind == OS_EVENT_CALL && side->now == PART_GOES_ON) {
            side->now = PART_OPEN; /* long over */
            side->inside = false;
        } else if (event->kind == OS_EVENT_ENDED) {
            side->inside = false;
        }
    }
}

static void tell_handlers(const struct session_process_detail *detail, struct side *side)
{
    char *text = side->facts[PART_HANDLERS];
    size_t used = 0;
    char name[16];

    for (uint32_t number = 1; number < SESSION_SIGNALS && used < TEXT_BYTES; number++) {
        if (detail->handlers[number] > 1) {
            const char *word = os_signal_name(number, name);
            used += (size_t)snprintf(text + used, TEXT_BYTES - used, "%s%s", used ? " " : "",
                                     word ? word : "?");
            side->ready[PART_HANDLERS] = true;
        }
    }
    if (used == 0) {
        snprintf(text, TEXT_BYTES, "none");
    }
}

static struct side look_at_signal(const struct view_context *context, const char **name)
{
    const struct session_processes *processes = &context->view->processes;
    struct side side = {.now = PART_OPEN};
    struct view_stack user;
    struct view_stack kernel;
    struct view_signal_frame frame;

    *name = "";
    if (!processes->known || processes->selected >= processes->count) {
        return side;
    }
    const struct guest_process *guest = &processes->list[processes->selected].guest;
    const uint32_t *numbers = guest->numbers;
    uint32_t pending = numbers[GUEST_PENDING] | numbers[GUEST_PENDING_ALL];
    *name = guest->name;
    tell_handlers(&processes->detail, &side);
    side.ready[PART_STACK] = true;
    snprintf(side.facts[PART_STACK], TEXT_BYTES,
             numbers[GUEST_SIGNAL_STACK_BYTES] ? "sigaltstack: %08" PRIX32
                                               : "the program's own%.0" PRIX32,
             numbers[GUEST_SIGNAL_STACK]);
    side.ready[PART_OPEN] = (pending & ~numbers[GUEST_BLOCKED]) == pending;
    snprintf(side.facts[PART_OPEN], TEXT_BYTES, "mask %08" PRIX32 ", pending %08" PRIX32,
             numbers[GUEST_BLOCKED], pending);
    follow_signal(context, &side, guest);
    if (guest->is_current && is_at(context, OS_EVENT_DELIVERED)) {
        side.now = PART_SAVED;
        side.inside = true;
    } else if (guest->is_current && is_at(context, OS_EVENT_RETURNED)) {
        side.now = PART_RESTORED;
        side.inside = true;
    }
    if (side.inside && guest->is_current) {
        view_find_stacks(context, &user, &kernel);
        if (view_find_signal_frame(context, &user, &frame)) {
            snprintf(side.facts[PART_SAVED], TEXT_BYTES, "frame at %08" PRIX32, frame.at);
        }
    }
    return side;
}

/* ---- drawing ---- */

/* `lines`: 1, facts beside the words, or 2, below them. */
static void show_side(struct grid *grid, struct rect area, const struct side *side, bool is_signal,
                      uint32_t lines)
{
    enum grid_role role = is_signal ? ROLE_USER : ROLE_KERNEL;

    for (uint32_t row = 0; row < PART_COUNT; row++) {
        const char *words = is_signal ? rows[row].signal : rows[row].interrupt;
        uint32_t topic = !is_signal          ? rows[row].topic
                         : row <= PART_ASKED ? (uint32_t)TOPIC_SIGNALS
                                             : (uint32_t)TOPIC_UPCALL;
        bool before = row <= PART_OPEN;
        bool now = side->inside && row == side->now;
        bool done = before ? side->ready[row] : side->inside && row < side->now;
        struct pen pen = {now    ? ROLE_CURRENT
                          : done ? ROLE_TEXT
                                 : ROLE_DIM,
                          now ? CELL_BOLD : 0, LINK_TOPIC + topic};
        uint32_t column = grid_print(grid, area, 0, row * lines, pen, "%s %s",
                                     now    ? "►"
                                     : done ? "✓"
                                            : "·",
                                     words);

        column = lines == 2 ? 4 : column < FACT_COLUMN ? FACT_COLUMN : column + 1;
        grid_print(grid, area, column, row * lines + lines - 1,
                   (struct pen){now || done ? role : ROLE_DIM, 0, 0}, "%s", side->facts[row]);
    }
}

void view_upcall(struct grid *grid, struct rect area, const struct view_context *context,
                 bool focused, int32_t scroll)
{
    const char *name;
    uint32_t half;

    (void)scroll; /* all of it fits as a rule */
    area = panel_title(grid, area, focused, PANEL_UPCALL);
    if (area.columns < 40 || area.rows < 2) {
        return;
    }
    struct side interrupt = look_at_interrupt(context);
    struct side signal = look_at_signal(context, &name);
    half = (area.columns - 8) / 2;
    uint32_t lines = area.columns < WIDE_COLUMNS && area.rows > 2 * PART_COUNT ? 2 : 1;
    struct rect left = rect_part(area, 8, 0, half - 1, area.rows);
    struct rect right = rect_part(area, 8 + half, 0, area.columns - 8 - half, area.rows);
    bool wide = area.columns >= WIDE_COLUMNS;
    grid_print(grid, left, 0, 0, (struct pen){ROLE_KERNEL, CELL_BOLD, 0}, "Interrupt%s",
               wide ? ": the processor calls the kernel" : ", to the kernel");
    grid_print(grid, right, 0, 0, (struct pen){ROLE_USER, CELL_BOLD, 0}, "Signal%s%s",
               wide ? ": the kernel calls " : ", to ", name[0] ? name : "the program (upcall)");
    left = rect_part(left, 0, 1, left.columns, left.rows - 1);
    right = rect_part(right, 0, 1, right.columns, right.rows - 1);
    for (uint32_t row = 0; row < PART_COUNT; row++) {
        grid_text(grid, area, 0, 1 + row * lines, (struct pen){ROLE_LABEL, 0, 0}, rows[row].phase);
    }
    show_side(grid, left, &interrupt, false, lines);
    show_side(grid, right, &signal, true, lines);
}
