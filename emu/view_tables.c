/* Descriptor tables as a list: GDT, LDT, the current TSS field by field, the ports that user mode
 * may use. Descriptors that can not be used say which exception they will cause.
 * See: SDM volume 3, 3.4.5, 3.5 (descriptors), 7.2 (TSS), 5.x and 6.15 (which exception);
 * volume 1, 18.5.2 (I/O bitmap).
 * SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "emu/view_list.h"
#include "emu/view_panels.h"

#define GLYPH_USED    0x25BAu
#define TYPE_SEGMENT  0x10u /* S */
#define TYPE_CODE     0x08u
#define TYPE_DOWN     0x04u /* data: expand down; code: conforming */
#define TYPE_WRITABLE 0x02u /* code: readable */
#define TSS32_LAST    0x67u /* a limit below it is #TS */
#define TSS16_LAST    0x2Bu
#define RANGES_SHOWN  6u

struct entry {
    uint32_t low, high;
    uint32_t base;
    uint32_t limit; /* granularity applied */
    uint32_t type;  /* with S: 0..31 */
    uint32_t dpl;
    bool present;
};

struct table {
    struct view_list *list;
    const struct view_context *context;
    bool local; /* the LDT */
};

static const char *const segment_names[SEG_COUNT] = {"ES", "CS", "SS", "DS", "FS", "GS"};

static struct entry decode(uint32_t low, uint32_t high)
{
    uint32_t limit = (low & 0xFFFFu) | (high & 0xF0000u);

    return (struct entry){
        .low = low,
        .high = high,
        .base = low >> 16 | (high & 0xFFu) << 16 | (high & 0xFF000000u),
        .limit = high & 0x800000u ? limit << 12 | 0xFFFu : limit,
        .type = high >> 8 & 0x1Fu,
        .dpl = high >> 13 & 3u,
        .present = high & 0x8000u,
    };
}

static bool is_gate(const struct entry *entry)
{
    return (entry->type >= 4 && entry->type <= 7) || entry->type == 0xC || entry->type == 0xE ||
           entry->type == 0xF;
}

static bool is_tss(const struct entry *entry)
{
    return (entry->type & ~0xAu) == 1; /* 1, 3, 9, B */
}

static bool is_reserved(const struct entry *entry)
{
    return entry->type == 0 || entry->type == 8 || entry->type == 0xA || entry->type == 0xD;
}

static void name_type(const struct entry *entry, char *text, size_t bytes)
{
    static const char *const system[16] = {
        "reserved",   "TSS16",       "LDT",      "TSS16 busy", "call gate16", "task gate",
        "int gate16", "trap gate16", "reserved", "TSS",        "reserved",    "TSS busy",
        "call gate",  "reserved",    "int gate", "trap gate",
    };

    if (!(entry->type & TYPE_SEGMENT)) {
        snprintf(text, bytes, "%s", system[entry->type & 15u]);
    } else if (entry->type & TYPE_CODE) {
        snprintf(text, bytes, "code%s%s%s", entry->high & 0x400000u ? "32" : "16",
                 entry->type & TYPE_WRITABLE ? " readable" : " execute only",
                 entry->type & TYPE_DOWN ? " conforming" : "");
    } else {
        snprintf(text, bytes, "data%s%s%s", entry->high & 0x400000u ? "32" : "16",
                 entry->type & TYPE_WRITABLE ? " writable" : " read only",
                 entry->type & TYPE_DOWN ? " down" : "");
    }
}

/* What will go wrong when the descriptor is used; NULL: nothing. sel stands for its selector, the
 * error code. `certain`: whatever uses it. */
static const char *trouble(const struct table *table, const struct entry *entry, uint32_t selector,
                           bool *certain)
{
    const struct cpu_state *cpu = &table->context->view->state.cpu;

    *certain = true;
    if (entry->type & TYPE_SEGMENT) {
        if (!entry->present) {
            return "not present: #NP(sel), into SS #SS(sel)";
        }
        *certain = false;
        if (entry->type & TYPE_CODE) {
            return entry->type & TYPE_WRITABLE ? NULL : "into DS ES FS GS: #GP(sel)";
        }
        return entry->type & TYPE_WRITABLE ? NULL : "into SS: #GP(sel), as SS0 #TS(sel)";
    }
    if (is_reserved(entry)) {
        return "illegal: #GP(sel), in a task switch #TS(sel)";
    }
    if (entry->type == 6 || entry->type == 7 || entry->type >= 0xE) {
        return "illegal here: #GP(sel), belongs into the IDT";
    }
    if (table->local && !is_gate(entry)) {
        return "illegal in the LDT: #GP(sel), by a task #TS(sel)";
    }
    if (!entry->present) {
        return is_tss(entry)    ? "not present: #NP(sel) by LTR or a task switch"
               : is_gate(entry) ? "not present: #NP(sel) when called"
                                : "not present: #NP(sel) by LLDT, by a task #TS(sel)";
    }
    if (is_tss(entry) && entry->limit < (entry->type & 8 ? TSS32_LAST : TSS16_LAST)) {
        return "too short: #TS(sel) when entered";
    }
    *certain = false;
    if (is_tss(entry) && (entry->type & 2) && cpu->tr.selector != (selector & 0xFFF8u)) {
        return "LTR, JMP, CALL: #GP(sel)";
    }
    return NULL;
}

/* Which registers hold the selector, and whether their hidden part is older than the table. */
static bool name_users(const struct table *table, uint32_t selector, const struct entry *entry,
                       char *text, size_t bytes)
{
    const struct cpu_state *cpu = &table->context->view->state.cpu;
    uint32_t ss0;
    uint32_t esp0;
    bool old = false;
    size_t used = 0;

    text[0] = '\0';
    for (uint32_t index = 0; index < SEG_COUNT; index++) {
        const struct segment_state *segment = &cpu->segments[index];
        if ((segment->selector & 0xFFFCu) == selector && selector != 0) {
            used += (size_t)snprintf(text + used, bytes - used, " %s", segment_names[index]);
            old |=
                segment->usable && (segment->base != entry->base || segment->limit != entry->limit);
        }
    }
    if (!table->local && selector != 0 && (cpu->tr.selector & 0xFFF8u) == selector) {
        used += (size_t)snprintf(text + used, bytes - used, " TR");
    }
    if (!table->local && selector != 0 && (cpu->ldtr.selector & 0xFFF8u) == selector) {
        used += (size_t)snprintf(text + used, bytes - used, " LDTR");
    }
    if (view_tss_stack(table->context, &ss0, &esp0) && (ss0 & 0xFFFCu) == selector) {
        snprintf(text + used, bytes - used, " SS0");
    }
    return old;
}

static void list_entry(const struct table *table, uint32_t selector, const struct entry *entry)
{
    struct view_list *list = table->list;
    uint32_t row = view_list_row(list);
    char type[48];
    char users[48];
    bool certain;

    if (row >= list->area.rows) {
        return;
    }
    bool old = name_users(table, selector, entry, users, sizeof users);
    const char *wrong = trouble(table, entry, selector, &certain);
    struct pen pen = {users[0] ? ROLE_TEXT : ROLE_DIM, users[0] ? CELL_BOLD : 0, 0};
    name_type(entry, type, sizeof type);
    grid_put(list->grid, list->area, 0, row, pen, users[0] ? GLYPH_USED : 0);
    grid_print(list->grid, list->area, 1, row, topic_pen(pen.role, pen.attributes, TOPIC_SELECTOR),
               "%04" PRIX32, selector);
    grid_text(list->grid, list->area, 6, row, topic_pen(pen.role, pen.attributes, TOPIC_TYPE),
              type);
    uint32_t column = 29;
    if (!(entry->type & TYPE_SEGMENT) && is_gate(entry)) {
        column = grid_print(list->grid, list->area, column, row,
                            topic_pen(pen.role, 0, TOPIC_CALL_GATE), "to %04" PRIX32 ":%08" PRIX32,
                            entry->low >> 16, (entry->high & 0xFFFF0000u) | (entry->low & 0xFFFFu));
    } else if (!(entry->type & TYPE_SEGMENT) && is_reserved(entry)) {
        column = grid_print(list->grid, list->area, column, row, pen, "%08" PRIX32 " %08" PRIX32,
                            entry->high, entry->low);
    } else {
        column = grid_print(list->grid, list->area, column, row,
                            topic_pen(pen.role, pen.attributes, TOPIC_BOUND),
                            "base %08" PRIX32 " bound %08" PRIX32, entry->base, entry->limit);
    }
    column = grid_print(list->grid, list->area, column + 1, row, topic_pen(pen.role, 0, TOPIC_DPL),
                        "DPL %" PRIu32, entry->dpl);
    column = grid_text(list->grid, list->area, column, row,
                       (struct pen){ROLE_CURRENT, CELL_BOLD, 0}, users);
    if (old) {
        column = grid_text(list->grid, list->area, column + 1, row,
                           topic_pen(ROLE_WARNING, 0, TOPIC_SELECTOR), "! loaded before a change");
    }
    if (wrong) {
        grid_print(list->grid, list->area, column + 1, row,
                   topic_pen(certain ? ROLE_WARNING : ROLE_DIM, 0, TOPIC_SELECTOR_ERROR), "%s%s",
                   certain ? "! " : "", wrong);
    }
}

static bool read_entry(const struct view_context *context, uint32_t linear, struct entry *entry)
{
    uint32_t low;
    uint32_t high;

    if (!view_read32(context, linear, &low) || !view_read32(context, linear + 4, &high)) {
        return false;
    }
    *entry = decode(low, high);
    return true;
}

static void list_table(const struct table *table, uint32_t base, uint32_t limit)
{
    uint32_t flags = table->local ? 4 : 0;
    uint32_t empty = 0;
    uint32_t unread = 0;

    for (uint32_t offset = 0; offset + 7 <= limit && offset < 0x10000u; offset += 8) {
        struct entry entry = {0};
        bool read = read_entry(table->context, base + offset, &entry);
        bool null = !table->local && offset == 0;
        bool is_empty = read && entry.low == 0 && entry.high == 0;

        unread += !read;
        empty += is_empty && !null;
        if (null) {
            view_list_print(table->list, 1, topic_pen(ROLE_DIM, 0, TOPIC_NULL_SELECTOR),
                            "0000 null: may be loaded into DS ES FS GS, faults when used");
        } else if (read && !is_empty) {
            list_entry(table, offset | flags, &entry);
        }
    }
    if (empty > 0) {
        view_list_print(table->list, 1, (struct pen){ROLE_DIM, 0, 0},
                        "and %" PRIu32 " empty: #GP(sel) when loaded", empty);
    }
    if (unread > 0) {
        view_list_print(table->list, 1, (struct pen){ROLE_WARNING, 0, 0},
                        "! %" PRIu32 " not readable: #PF when loaded", unread);
    }
}

static void list_descriptors(struct view_list *list, const struct view_context *context)
{
    const struct cpu_state *cpu = &context->view->state.cpu;
    struct table table = {list, context, false};

    view_list_print(list, 0, topic_pen(ROLE_LABEL, CELL_BOLD, TOPIC_GDTR),
                    "GDT (global descriptor table): at %08" PRIX32 ", limit %04" PRIX32,
                    cpu->gdtr.base, cpu->gdtr.limit);
    list_table(&table, cpu->gdtr.base, cpu->gdtr.limit);
    view_list_row(list);
    if (!cpu->ldtr.usable) {
        view_list_print(list, 0, topic_pen(ROLE_LABEL, CELL_BOLD, TOPIC_LDTR),
                        "LDT (local descriptor table): none, LDTR is null");
        return;
    }
    view_list_print(list, 0, topic_pen(ROLE_LABEL, CELL_BOLD, TOPIC_LDTR),
                    "LDT (local descriptor table): selector %04X, at %08" PRIX32
                    ", limit %04" PRIX32,
                    cpu->ldtr.selector, cpu->ldtr.base, cpu->ldtr.limit);
    table.local = true;
    list_table(&table, cpu->ldtr.base, cpu->ldtr.limit);
}

/* ---- task state segment ---- */

struct field {
    const char *name;
    uint8_t offset;
    uint8_t bytes;
};

/* Four fields on a line; what lies beyond the limit is not there. */
static void list_fields(struct view_list *list, const struct view_context *context,
                        const struct field *fields, uint32_t count)
{
    const struct segment_state *tr = &context->view->state.cpu.tr;

    for (uint32_t first = 0; first < count; first += 4) {
        uint32_t row = view_list_row(list);
        for (uint32_t index = first; index < first + 4 && index < count; index++) {
            uint32_t column = 2 + (index - first) * 17;
            uint32_t value = 0;
            bool stack =
                strcmp(fields[index].name, "ESP0") == 0 || strcmp(fields[index].name, "SS0") == 0;
            struct pen label =
                topic_pen(ROLE_LABEL, stack ? CELL_BOLD : 0, stack ? TOPIC_ESP0 : TOPIC_TSS);

            if (row >= list->area.rows) {
                continue;
            }
            grid_text(list->grid, list->area, column, row, label, fields[index].name);
            if (fields[index].offset + fields[index].bytes - 1u > tr->limit) {
                grid_text(list->grid, list->area, column + 7, row, (struct pen){ROLE_DIM, 0, 0},
                          "beyond");
            } else if (!view_read32(context, tr->base + fields[index].offset, &value)) {
                grid_text(list->grid, list->area, column + 7, row, (struct pen){ROLE_WARNING, 0, 0},
                          "unread");
            } else {
                value &= fields[index].bytes == 2 ? 0xFFFFu : 0xFFFFFFFFu;
                grid_print(list->grid, list->area, column + 7, row,
                           (struct pen){stack ? ROLE_CURRENT : ROLE_TEXT, stack ? CELL_BOLD : 0, 0},
                           "%0*" PRIX32, fields[index].bytes * 2, value);
            }
        }
    }
}

static bool port_is_open(const struct view_context *context, uint32_t map, uint32_t port)
{
    const struct segment_state *tr = &context->view->state.cpu.tr;
    uint32_t offset = map + port / 8;
    uint8_t byte = 0xFF;

    /* the processor reads two bytes, both must lie inside */
    if (offset + 1 > tr->limit || !context->read ||
        !context->read(context->read_context, tr->base + offset, &byte, 1)) {
        return false;
    }
    return !(byte >> port % 8 & 1);
}

static void list_bitmap(struct view_list *list, const struct view_context *context)
{
    const struct segment_state *tr = &context->view->state.cpu.tr;
    struct pen label = topic_pen(ROLE_LABEL, 0, TOPIC_IO_BITMAP);
    uint32_t map = 0;
    char ranges[160] = "";
    size_t used = 0;
    uint32_t open = 0;
    uint32_t count = 0;

    view_read32(context, tr->base + 0x64, &map);
    map >>= 16;
    if (tr->limit < TSS32_LAST || map + 1 > tr->limit) {
        view_list_print(list, 2, label,
                        "I/O bitmap at +%04" PRIX32 ": beyond the limit, no port is open to USER",
                        map);
        return;
    }
    for (uint32_t port = 0; port < 0x10000u && map + port / 8 <= tr->limit; port++) {
        uint32_t first = port;
        while (port < 0x10000u && port_is_open(context, map, port)) {
            port++;
        }
        if (port == first) {
            continue;
        }
        open += port - first;
        if (count++ < RANGES_SHOWN) {
            used += (size_t)snprintf(ranges + used, sizeof ranges - used,
                                     port - first > 1 ? " %04" PRIX32 "-%04" PRIX32 : " %04" PRIX32,
                                     first, port - 1);
        }
    }
    view_list_print(list, 2, label,
                    "I/O bitmap at +%04" PRIX32 ": %" PRIu32 " ports open to USER%s%s%s", map, open,
                    open ? ":" : "", ranges, count > RANGES_SHOWN ? " .." : "");
}

static void list_tss(struct view_list *list, const struct view_context *context)
{
    static const struct field fields32[] = {
        {"ESP0", 0x04, 4}, {"SS0", 0x08, 2},    {"ESP1", 0x0C, 4}, {"SS1", 0x10, 2},
        {"ESP2", 0x14, 4}, {"SS2", 0x18, 2},    {"CR3", 0x1C, 4},  {"link", 0x00, 2},
        {"EIP", 0x20, 4},  {"EFLAGS", 0x24, 4}, {"EAX", 0x28, 4},  {"ECX", 0x2C, 4},
        {"EDX", 0x30, 4},  {"EBX", 0x34, 4},    {"ESP", 0x38, 4},  {"EBP", 0x3C, 4},
        {"ESI", 0x40, 4},  {"EDI", 0x44, 4},    {"ES", 0x48, 2},   {"CS", 0x4C, 2},
        {"SS", 0x50, 2},   {"DS", 0x54, 2},     {"FS", 0x58, 2},   {"GS", 0x5C, 2},
        {"LDT", 0x60, 2},  {"trap", 0x64, 2},
    };
    static const struct field fields16[] = {
        {"SP0", 0x02, 2}, {"SS0", 0x04, 2},  {"SP1", 0x06, 2}, {"SS1", 0x08, 2}, {"SP2", 0x0A, 2},
        {"SS2", 0x0C, 2}, {"link", 0x00, 2}, {"LDT", 0x2A, 2}, {"IP", 0x0E, 2},  {"FLAGS", 0x10, 2},
        {"AX", 0x12, 2},  {"CX", 0x14, 2},   {"DX", 0x16, 2},  {"BX", 0x18, 2},  {"SP", 0x1A, 2},
        {"BP", 0x1C, 2},  {"SI", 0x1E, 2},   {"DI", 0x20, 2},  {"ES", 0x22, 2},  {"CS", 0x24, 2},
        {"SS", 0x26, 2},  {"DS", 0x28, 2},
    };
    const struct segment_state *tr = &context->view->state.cpu.tr;
    struct pen label = topic_pen(ROLE_LABEL, CELL_BOLD, TOPIC_TSS);
    bool wide = tr->attributes & 8u;

    view_list_row(list);
    if (!tr->usable) {
        view_list_print(list, 0, label, "TSS (task state segment): none, TR is null");
        if (!(context->view->state.cpu.cr0 & CR0_PE)) {
            return;
        }
        view_list_print(list, 2, (struct pen){ROLE_WARNING, 0, 0},
                        "! an interrupt out of USER mode finds no kernel stack: #TS, double fault");
        return;
    }
    view_list_print(list, 0, label,
                    "TSS (task state segment, %s): TR %04X, at %08" PRIX32 ", limit %04" PRIX32,
                    wide ? "32 bits" : "16 bits", tr->selector, tr->base, tr->limit);
    if (tr->limit < (wide ? 0x0Bu : 0x05u)) {
        view_list_print(list, 2, (struct pen){ROLE_WARNING, 0, 0},
                        "! too short for SS0:ESP0: an interrupt out of USER mode raises #TS");
    }
    if (wide) {
        list_fields(list, context, fields32, sizeof fields32 / sizeof fields32[0]);
        list_bitmap(list, context);
    } else {
        list_fields(list, context, fields16, sizeof fields16 / sizeof fields16[0]);
        view_list_print(list, 2, (struct pen){ROLE_DIM, 0, 0}, "no I/O bitmap in this kind");
    }
}

static uint32_t list_all(struct view_list *list, const struct view_context *context)
{
    const struct cpu_state *cpu = &context->view->state.cpu;

    if (!(cpu->cr0 & CR0_PE)) {
        view_list_print(list, 0, topic_pen(ROLE_LABEL, CELL_BOLD, TOPIC_PE),
                        "Real mode: no descriptors are used, base = selector x 10h, bound FFFF");
        for (uint32_t index = 0; index < SEG_COUNT; index++) {
            const struct segment_state *segment = &cpu->segments[index];
            view_list_print(list, 2, (struct pen){ROLE_TEXT, 0, 0},
                            "%s %04X base %08" PRIX32 " bound %08" PRIX32, segment_names[index],
                            segment->selector, segment->base, segment->limit);
        }
        view_list_row(list);
    }
    list_descriptors(list, context);
    list_tss(list, context);
    return list->count;
}

void view_tables(struct grid *grid, struct rect area, const struct view_context *context,
                 bool focused, int32_t scroll)
{
    uint32_t total = 0;

    area = panel_title(grid, area, focused, PANEL_TABLES);
    if (scroll > 0) {
        struct view_list counting =
            view_list_begin(grid, rect_part(area, 0, 0, area.columns, 0), 0, 0);
        total = list_all(&counting, context);
    }
    struct view_list list = view_list_begin(grid, area, scroll, total);
    list_all(&list, context);
}
