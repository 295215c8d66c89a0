/* The dual-mode datapath as operating system textbooks draw it: where the next program counter
 * and the next mode come from, lit for the micro-step that comes next. A box that works has a
 * double frame, the input that a selector takes a double line, so that no colour is needed.
 * See: 80386 PRM 9.6 (delivery), IRET page; data of the journal, cpu/journal.h.
 * SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "emu/disassembly.h"
#include "emu/view_panels.h"

#define FULL_COLUMNS   72u
#define FULL_ROWS      19u
#define VALUE_COLUMN   21u /* of an input of a selector */
#define WIRE_COLUMN    30u /* from an input to its selector */
#define SELECT_COLUMN  38u
#define SELECT_COLUMNS 13u
#define RIGHT_COLUMN   55u /* boxes at the right */
#define RIGHT_MOST     34u /* columns of them */
#define VECTOR_COLUMNS 34u
#define GLYPH_UP       0x25B2u
#define GLYPH_DOWN     0x25BCu
#define GLYPH_LEFT     0x25C4u
#define GLYPH_RIGHT    0x25BAu

/* What works in a micro-step; bits. */
enum part {
    PART_PC = 1,
    PART_SELECT_PC = 2,
    PART_VECTOR = 4,
    PART_INSTRUCTION = 8,
    PART_MODE = 16,
    PART_SELECT_MODE = 32,
    PART_REQUEST = 64, /* a device's request, or an exception, is taken */
    PART_MEMORY = 128, /* memory, stack, ports */
};

enum source { FROM_NEXT, FROM_BRANCH, FROM_IRET, FROM_HANDLER, FROM_NOWHERE };

struct datapath {
    bool known;         /* the step ahead is journalled */
    uint32_t lit;       /* enum part bits */
    enum source pc;     /* what the whole step selects */
    enum source mode;   /* the same; FROM_NEXT: as it is */
    uint32_t eip_next;  /* offset after the instruction */
    uint32_t eip_after; /* offset after the whole step */
    uint32_t cpl_after; /* 0..3 */
    uint32_t vector;    /* of a delivery */
    bool delivery;      /* an interrupt or exception is delivered in this step */
    char instruction[96];
    char code[DISASSEMBLY_LONGEST * 3 + 1];
    char step[VIEW_STEP_BYTES]; /* the micro-step in words; "" if none is known */
};

static uint32_t parts_of_delivery(uint32_t step)
{
    static const uint32_t parts[14] = {
        0,
        PART_REQUEST,                   /* U01 accept */
        PART_PC | PART_MODE,            /* U02 put aside */
        PART_VECTOR,                    /* U03 gate */
        PART_VECTOR | PART_SELECT_MODE, /* U04 its code descriptor */
        PART_SELECT_MODE,               /* U05 decide */
        PART_MEMORY,                    /* U06 stack from the TSS */
        PART_MEMORY,                    /* U07 its descriptor */
        PART_SELECT_MODE | PART_MODE,   /* U08 takes effect */
        PART_MEMORY,                    /* U09 push */
        PART_MEMORY,                    /* U10 error code */
        0,                              /* U11 */
        PART_MODE,                      /* U12 flags */
        PART_SELECT_PC | PART_PC,       /* U13 go there */
    };

    return step < 14 ? parts[step] : 0;
}

static uint32_t parts_of_iret(uint32_t step)
{
    static const uint32_t parts[7] = {
        0,
        PART_MEMORY,
        PART_SELECT_MODE,
        PART_MEMORY,
        PART_MODE,
        PART_SELECT_MODE | PART_MODE,
        PART_SELECT_PC | PART_PC,
    };

    return step < 7 ? parts[step] : 0;
}

static bool in_vector_table(const struct view_context *context, const struct journal_entry *entry)
{
    const struct table_state *idtr = &context->view->state.cpu.idtr;

    return entry->system && entry->address - idtr->base <= idtr->limit;
}

static uint32_t parts_of(const struct view_context *context, const struct journal_entry *entry)
{
    switch ((enum journal_kind)entry->kind) {
    case JOURNAL_FETCH:
        return PART_PC | PART_INSTRUCTION | PART_MEMORY;
    case JOURNAL_SEGMENT_CHECK:
    case JOURNAL_TLB_HIT:
    case JOURNAL_TLB_MISS:
    case JOURNAL_WALK_READ:
    case JOURNAL_WALK_WRITE:
    case JOURNAL_PORT_READ:
    case JOURNAL_PORT_WRITE:
        return PART_MEMORY;
    case JOURNAL_MEMORY_READ:
    case JOURNAL_MEMORY_WRITE:
        return in_vector_table(context, entry) ? PART_VECTOR | PART_MEMORY : PART_MEMORY;
    case JOURNAL_REGISTER:
        if (entry->detail == JREG_EIP || entry->detail == JREG_CS) {
            return PART_SELECT_PC | PART_PC;
        }
        return entry->detail == JREG_CPL ? PART_SELECT_MODE | PART_MODE
               : context->view->next.what & STEP_DELIVERY
                   ? (entry->detail == JREG_EFLAGS ? PART_MODE : PART_MEMORY)
                   : PART_INSTRUCTION;
    case JOURNAL_DELIVERY_STEP:
        return parts_of_delivery(entry->detail);
    case JOURNAL_IRET_STEP:
        return parts_of_iret(entry->detail);
    case JOURNAL_FAULT:
        return PART_REQUEST | PART_INSTRUCTION;
    default:
        return PART_INSTRUCTION;
    }
}

/* Linear address of the instruction at the boundary, and its offset there. */
static uint32_t boundary_eip(const struct view_context *context, uint32_t *offset)
{
    const struct session_view *view = context->view;
    const struct cpu_state *cpu = &view->state.cpu;
    uint32_t base = cpu->segments[SEG_CS].base;
    uint32_t taken =
        view->position.micro < view->journal.count ? view->position.micro : view->journal.count;

    *offset = cpu->eip;
    for (uint32_t index = taken; view->position.micro_count > 0 && index-- > 0;) {
        const struct journal_entry *entry = &view->journal.entries[index];
        if (entry->kind == JOURNAL_REGISTER && entry->detail == JREG_EIP) {
            *offset = entry->previous;
        } else if (entry->kind == JOURNAL_REGISTER && entry->detail == JREG_CS) {
            view_segment_base(context, entry->previous, &base);
        }
    }
    for (uint32_t index = 0; view->position.micro_count > 0 && index < taken; index++) {
        if (view->journal.entries[index].kind == JOURNAL_FETCH) {
            *offset = view->journal.entries[index].address - base;
            break;
        }
    }
    return base + *offset;
}

static void look_at_instruction(const struct view_context *context, struct datapath *path)
{
    const struct segment_state *cs = &context->view->state.cpu.segments[SEG_CS];
    uint8_t bytes[DISASSEMBLY_LONGEST];
    uint32_t offset;
    uint32_t linear = boundary_eip(context, &offset);
    uint32_t size = 0;
    size_t used = 0;

    while (size < sizeof bytes && context->read &&
           context->read(context->read_context, linear + size, bytes + size, 1)) {
        size++;
    }
    uint32_t length =
        disassemble(bytes, size, offset, cs->attributes & ATTR_BIG, context->view->att_syntax != 0,
                    path->instruction, sizeof path->instruction);
    for (uint32_t index = 0; index < length; index++) {
        used += (size_t)snprintf(path->code + used, sizeof path->code - used, "%s%02X",
                                 index ? " " : "", bytes[index]);
    }
    path->eip_next = offset + length;
    path->eip_after = path->eip_next;
}

static struct datapath look(const struct view_context *context)
{
    const struct session_view *view = context->view;
    const struct journal_entry *ahead = view_step_ahead(context);
    struct datapath path = {.cpl_after = view->state.cpu.cpl, .pc = FROM_NOWHERE};
    bool iret = false;

    look_at_instruction(context, &path);
    path.mode = FROM_NOWHERE;
    if (view->position.micro_count == 0) {
        return path;
    }
    path.known = true;
    path.delivery = view->next.what & STEP_DELIVERY;
    path.vector = view->next.vector;
    for (uint32_t index = 0; index < view->journal.count; index++) {
        const struct journal_entry *entry = &view->journal.entries[index];
        iret |= entry->kind == JOURNAL_IRET_STEP;
        if (entry->kind == JOURNAL_REGISTER && entry->detail == JREG_EIP) {
            path.eip_after = entry->value;
        } else if (entry->kind == JOURNAL_REGISTER && entry->detail == JREG_CPL) {
            path.cpl_after = entry->value;
        }
    }
    path.pc = path.delivery                     ? FROM_HANDLER
              : iret                            ? FROM_IRET
              : path.eip_after == path.eip_next ? FROM_NEXT
                                                : FROM_BRANCH;
    path.mode = path.delivery ? FROM_HANDLER : iret ? FROM_IRET : FROM_NEXT;
    if (ahead) {
        path.lit = parts_of(context, ahead);
        view_describe_step(context, ahead, true, path.step);
    } else {
        snprintf(path.step, sizeof path.step, "all of it is done");
    }
    return path;
}

/* ---- drawing ---- */

static struct pen part_pen(const struct datapath *path, uint32_t part)
{
    return path->lit & part ? (struct pen){ROLE_CURRENT, CELL_BOLD, 0}
                            : (struct pen){ROLE_TEXT, 0, 0};
}

/* A frame, double if its part works; returns the area inside. */
static struct rect draw_box(struct grid *grid, struct rect area, uint32_t column, uint32_t row,
                            uint32_t columns, uint32_t rows, bool lit)
{
    static const uint32_t glyphs[2][6] = {{0x2500, 0x2502, 0x250C, 0x2510, 0x2514, 0x2518},
                                          {0x2550, 0x2551, 0x2554, 0x2557, 0x255A, 0x255D}};
    const uint32_t *line = glyphs[lit];
    struct pen pen = {lit ? ROLE_CURRENT : ROLE_TITLE, lit ? CELL_BOLD : 0, 0};
    struct rect box = rect_part(area, column, row, columns, rows);

    if (box.columns < 2 || box.rows < 2) {
        return (struct rect){0};
    }
    uint32_t right = box.columns - 1;
    uint32_t bottom = box.rows - 1;
    for (uint32_t at = 1; at < right; at++) {
        grid_put(grid, box, at, 0, pen, line[0]);
        grid_put(grid, box, at, bottom, pen, line[0]);
    }
    for (uint32_t at = 1; at < bottom; at++) {
        grid_put(grid, box, 0, at, pen, line[1]);
        grid_put(grid, box, right, at, pen, line[1]);
    }
    grid_put(grid, box, 0, 0, pen, line[2]);
    grid_put(grid, box, right, 0, pen, line[3]);
    grid_put(grid, box, 0, bottom, pen, line[4]);
    grid_put(grid, box, right, bottom, pen, line[5]);
    return rect_part(box, 1, 1, box.columns - 2, box.rows - 2);
}

/* A wire from one column to another, with an arrow at its end. */
static void draw_wire(struct grid *grid, struct rect area, uint32_t from, uint32_t to, uint32_t row,
                      bool taken)
{
    struct pen pen = {taken ? ROLE_CURRENT : ROLE_DIM, taken ? CELL_BOLD : 0, 0};
    uint32_t line = taken ? 0x2550 : 0x2500;

    for (uint32_t at = from < to ? from : to; at < (from < to ? to : from); at++) {
        grid_put(grid, area, at, row, pen, line);
    }
    grid_put(grid, area, to, row, pen, from < to ? GLYPH_RIGHT : GLYPH_LEFT);
}

/* One input of a selector: name, value, and the wire into it. */
static void draw_input(struct grid *grid, struct rect area, uint32_t row, const char *name,
                       const char *value, bool taken)
{
    struct pen pen = {taken ? ROLE_TEXT : ROLE_DIM, taken ? CELL_BOLD : 0, 0};

    grid_put(grid, area, 0, row, pen, taken ? GLYPH_RIGHT : 0);
    grid_text(grid, area, 2, row, pen, name);
    grid_text(grid, area, VALUE_COLUMN, row, pen, value);
    draw_wire(grid, area, WIRE_COLUMN, SELECT_COLUMN - 1, row, taken);
}

static const char *mode_word(uint32_t cpl)
{
    return cpl == 3 ? "USER" : "KERNEL";
}

static void draw_next_pc(struct grid *grid, struct rect area, const struct view_context *context,
                         const struct datapath *path)
{
    const struct cpu_state *cpu = &context->view->state.cpu;
    static const char *const names[4] = {"", "branch target", "IRET: popped EIP",
                                         "handler's address"};
    char value[16];
    char symbol[64];

    grid_text(grid, area, 0, 0, (struct pen){ROLE_LABEL, 0, 0}, "the next program counter");
    for (uint32_t source = FROM_NEXT; source <= FROM_HANDLER; source++) {
        bool taken = path->pc == source;
        snprintf(value, sizeof value, "--------");
        if (source == FROM_NEXT && path->code[0]) {
            snprintf(value, sizeof value, "%08" PRIX32, path->eip_next);
        } else if (taken) {
            snprintf(value, sizeof value, "%08" PRIX32, path->eip_after);
        }
        draw_input(grid, area, 1 + source, source == FROM_NEXT ? "PC + its length" : names[source],
                   value, taken);
    }
    bool lit = path->lit & PART_SELECT_PC;
    struct rect box = draw_box(grid, area, SELECT_COLUMN, 0, SELECT_COLUMNS, 6, lit);
    grid_text(grid, box, 1, 1, part_pen(path, PART_SELECT_PC), "select");
    grid_text(grid, box, 1, 2, part_pen(path, PART_SELECT_PC), "next PC");
    draw_wire(grid, area, SELECT_COLUMN + SELECT_COLUMNS, RIGHT_COLUMN - 1, 2, lit);
    box = draw_box(grid, area, RIGHT_COLUMN, 0, RIGHT_MOST, 6, path->lit & PART_PC);
    struct pen pen = part_pen(path, PART_PC);
    grid_text(grid, box, 1, 0, (struct pen){ROLE_LABEL, 0, 0}, "program counter");
    grid_print(grid, box, 1, 1, pen, "%04X:%08" PRIX32, cpu->segments[SEG_CS].selector, cpu->eip);
    if (view_symbol(context, cpu->segments[SEG_CS].base + cpu->eip, symbol, sizeof symbol)) {
        grid_text(grid, box, 1, 2, pen, symbol);
    }
    grid_text(grid, box, 1, 3, (struct pen){ROLE_DIM, 0, 0}, "CS:EIP");
}

static void draw_instruction(struct grid *grid, struct rect area, const struct datapath *path)
{
    struct pen pen = part_pen(path, PART_INSTRUCTION);
    bool fetch = (path->lit & PART_PC) && (path->lit & PART_INSTRUCTION);
    struct pen wire = {fetch ? ROLE_CURRENT : ROLE_DIM, fetch ? CELL_BOLD : 0, 0};
    struct rect box =
        draw_box(grid, area, RIGHT_COLUMN, 7, RIGHT_MOST, 5, path->lit & PART_INSTRUCTION);
    struct pen memory = path->lit & PART_MEMORY ? (struct pen){ROLE_CURRENT, CELL_BOLD, 0}
                                                : (struct pen){ROLE_DIM, 0, 0};

    grid_put(grid, area, RIGHT_COLUMN + 8, 6, wire, GLYPH_DOWN);
    grid_text(grid, area, RIGHT_COLUMN + 10, 6, wire, "fetch");
    grid_text(grid, box, 1, 0, (struct pen){ROLE_LABEL, 0, 0}, "instruction");
    grid_text(grid, box, 1, 1, pen, path->instruction);
    grid_text(grid, box, 1, 2, (struct pen){ROLE_DIM, 0, 0}, path->code);
    grid_put(grid, area, RIGHT_COLUMN + 8, 12, memory, GLYPH_UP);
    grid_put(grid, area, RIGHT_COLUMN + 9, 12, memory, GLYPH_DOWN);
    grid_text(grid, area, RIGHT_COLUMN + 11, 12, memory,
              path->lit & PART_MEMORY ? "memory ►" : "memory");
}

/* Which event leads through the vector, in words. */
static void draw_request(struct grid *grid, struct rect area, uint32_t row,
                         const struct view_context *context, const struct datapath *path)
{
    const struct cpu_state *cpu = &context->view->state.cpu;
    const char *fate = view_request_fate(cpu);
    bool lit = (path->lit & PART_REQUEST) &&
               (!path->delivery || context->view->next.kind == DELIVERY_INTR);
    struct pen pen = {lit ? ROLE_CURRENT : ROLE_TEXT, lit ? CELL_BOLD : 0, 0};

    uint32_t column = grid_print(grid, area, 2, row, pen, "devices: INTR=%" PRIu32 " IF=%d",
                                 cpu->interrupt_line, (cpu->eflags & EFLAGS_IF) != 0);
    if (fate) {
        grid_text(grid, rect_part(area, 0, 0, RIGHT_COLUMN - 1, area.rows), column + 1, row, pen,
                  fate);
    }
}

static void draw_vector(struct grid *grid, struct rect area, const struct view_context *context,
                        const struct datapath *path)
{
    bool lit = path->lit & PART_VECTOR;
    bool external = path->delivery && context->view->next.kind == DELIVERY_INTR;
    bool internal = path->delivery && !external;
    struct pen pen = part_pen(path, PART_VECTOR);
    struct pen up = {path->delivery ? ROLE_CURRENT : ROLE_DIM, path->delivery ? CELL_BOLD : 0, 0};
    struct rect box = draw_box(grid, area, 0, 7, VECTOR_COLUMNS, 5, lit);
    struct pen faint = {ROLE_DIM, 0, 0};
    char symbol[64];

    grid_put(grid, area, VALUE_COLUMN + 3, 5, up, GLYPH_UP);
    grid_put(grid, area, VALUE_COLUMN + 3, 6, up, path->delivery ? 0x2551 : 0x2502);
    grid_text(grid, area, 2, 7, (struct pen){ROLE_LABEL, 0, 0}, " interrupt vector ");
    draw_wire(grid, area, RIGHT_COLUMN - 1, VECTOR_COLUMNS, 9, internal);
    grid_text(grid, area, VECTOR_COLUMNS + 2, 8, internal ? up : faint, "exception, INT n");
    grid_put(grid, area, 0, 12, external ? up : faint, GLYPH_UP);
    draw_request(grid, area, 12, context, path);
    if (!path->delivery) {
        grid_text(grid, box, 1, 1, faint,
                  path->known ? "not used in this step" : "nothing known of the next step");
        return;
    }
    struct view_gate gate = view_read_gate(context, path->vector);
    grid_print(grid, box, 1, 0, pen, "%02" PRIX32 " %s", path->vector,
               view_vector_name(context, path->vector));
    if (!gate.present) {
        grid_text(grid, box, 1, 1, (struct pen){ROLE_WARNING, 0, 0},
                  gate.readable ? "entry not present" : "no such entry in the table");
        return;
    }
    grid_print(grid, box, 1, 1, pen, "handler %04" PRIX32 ":%08" PRIX32, gate.selector,
               gate.handler);
    if (view_symbol(context, gate.linear, symbol, sizeof symbol)) {
        grid_print(grid, box, 1, 2, pen, "= %s", symbol);
    }
}

static void draw_mode(struct grid *grid, struct rect area, const struct view_context *context,
                      const struct datapath *path)
{
    static const char *const names[4] = {"as it is", "", "IRET: saved CS", "by vector's gate"};
    static const uint8_t order[3] = {FROM_NEXT, FROM_IRET, FROM_HANDLER};
    const struct cpu_state *cpu = &context->view->state.cpu;
    bool user = view_is_user(cpu);
    bool lit = path->lit & PART_SELECT_MODE;

    grid_text(grid, area, 0, 13, (struct pen){ROLE_LABEL, 0, 0}, "the next mode");
    for (uint32_t index = 0; index < 3; index++) {
        bool taken = path->mode == order[index];
        /* a far return or a call gate changes the level without vector and IRET */
        const char *name = taken && order[index] == FROM_NEXT && path->cpl_after != cpu->cpl
                               ? "by the far jump"
                               : names[order[index]];
        draw_input(grid, area, 14 + index, name, taken ? mode_word(path->cpl_after) : "------",
                   taken);
    }
    struct rect box = draw_box(grid, area, SELECT_COLUMN, 13, SELECT_COLUMNS, 5, lit);
    grid_text(grid, box, 1, 0, part_pen(path, PART_SELECT_MODE), "select");
    grid_text(grid, box, 1, 1, part_pen(path, PART_SELECT_MODE), "next mode");
    draw_wire(grid, area, SELECT_COLUMN + SELECT_COLUMNS, RIGHT_COLUMN - 1, 15, lit);
    box = draw_box(grid, area, RIGHT_COLUMN, 13, RIGHT_MOST, 5, path->lit & PART_MODE);
    uint32_t column = grid_text(grid, box, 1, 0, (struct pen){ROLE_LABEL, 0, 0}, "mode") + 1;
    grid_text(grid, box, column, 0,
              (struct pen){user ? ROLE_USER : ROLE_KERNEL, CELL_BOLD | CELL_REVERSE, 0},
              user ? " USER " : " KERNEL ");
    grid_print(grid, box, 1, 1, part_pen(path, PART_MODE), "EFLAGS.MODE %d", user);
    grid_print(grid, box, 1, 2, (struct pen){ROLE_DIM, 0, 0}, "real CPU: CPL %" PRIu32, cpu->cpl);
}

static void draw_now(struct grid *grid, struct rect area, uint32_t row,
                     const struct view_context *context, const struct datapath *path)
{
    struct pen now = {ROLE_CURRENT, CELL_BOLD, 0};

    if (path->known) {
        grid_put(grid, area, 0, row, now, GLYPH_RIGHT);
        grid_print(grid, area, 2, row, now, "next: %s", path->step);
    } else {
        grid_text(grid, area, 2, row, (struct pen){ROLE_DIM, 0, 0},
                  context->view->running ? "running" : "the machine has ended");
    }
}

/* The same in a few lines. */
static void draw_compact(struct grid *grid, struct rect area, const struct view_context *context,
                         const struct datapath *path)
{
    static const char *const sources[5] = {"PC + its length", "branch target", "IRET: popped EIP",
                                           "handler's address", "not known"};
    const struct cpu_state *cpu = &context->view->state.cpu;
    struct pen label = {ROLE_LABEL, 0, 0};
    struct pen mode = {view_is_user(cpu) ? ROLE_USER : ROLE_KERNEL, CELL_BOLD | CELL_REVERSE, 0};
    char symbol[64] = "";
    uint32_t column;

    view_symbol(context, cpu->segments[SEG_CS].base + cpu->eip, symbol, sizeof symbol);
    grid_text(grid, area, 2, 0, label, "PC");
    grid_print(grid, area, 11, 0, part_pen(path, PART_PC), "%04X:%08" PRIX32 " %s",
               cpu->segments[SEG_CS].selector, cpu->eip, symbol);
    grid_text(grid, area, 2, 1, label, "instr.");
    grid_text(grid, area, 11, 1, part_pen(path, PART_INSTRUCTION), path->instruction);
    grid_text(grid, area, 2, 2, label, "next PC");
    column = grid_text(grid, area, 11, 2, part_pen(path, PART_SELECT_PC), sources[path->pc]);
    if (path->known) {
        grid_print(grid, area, column + 1, 2, part_pen(path, PART_SELECT_PC), "%08" PRIX32,
                   path->eip_after);
    }
    grid_text(grid, area, 2, 3, label, "mode");
    column = grid_print(grid, area, 11, 3, mode, " %s ", mode_word(cpu->cpl));
    if (path->known && path->cpl_after != cpu->cpl) {
        grid_print(grid, area, column + 1, 3, part_pen(path, PART_SELECT_MODE), "then %s",
                   mode_word(path->cpl_after));
    }
    grid_text(grid, area, 2, 4, label, "vector");
    if (path->delivery) {
        struct view_gate gate = view_read_gate(context, path->vector);
        symbol[0] = '\0';
        if (gate.present) {
            view_symbol(context, gate.linear, symbol, sizeof symbol);
        }
        grid_print(grid, area, 11, 4, part_pen(path, PART_VECTOR), "%02" PRIX32 " %s %s",
                   path->vector, view_vector_name(context, path->vector), symbol);
    } else {
        grid_text(grid, area, 11, 4, (struct pen){ROLE_DIM, 0, 0}, "not used in this step");
    }
    for (uint32_t row = 0; row < 5; row++) {
        static const uint32_t parts[5] = {PART_PC, PART_INSTRUCTION, PART_SELECT_PC,
                                          PART_SELECT_MODE | PART_MODE, PART_VECTOR};
        if (path->lit & parts[row]) {
            grid_put(grid, area, 0, row, (struct pen){ROLE_CURRENT, CELL_BOLD, 0}, GLYPH_RIGHT);
        }
    }
    draw_request(grid, area, 5, context, path);
    draw_now(grid, area, 6, context, path);
}

void view_datapath(struct grid *grid, struct rect area, const struct view_context *context,
                   bool focused, int32_t scroll)
{
    struct datapath path = look(context);

    (void)scroll; /* always the same rows */
    area = panel_title(grid, area, focused, PANEL_DATAPATH);
    if (area.columns < FULL_COLUMNS || area.rows < FULL_ROWS) {
        draw_compact(grid, area, context, &path);
        return;
    }
    draw_next_pc(grid, area, context, &path);
    draw_vector(grid, area, context, &path);
    draw_instruction(grid, area, &path);
    draw_mode(grid, area, context, &path);
    draw_now(grid, area, FULL_ROWS - 1, context, &path);
}
