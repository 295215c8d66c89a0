/* Registers with what the last move changed, EFLAGS decoded, and the mode in both readings:
 * the real processor's (CPL, in CS) and the lecture's (a bit of the status word).
 * SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "emu/view_panels.h"

#define COLUMN_SECOND  26u /* where the second column of registers begins */
#define COLUMN_SEGMENT 52u /* where segments begin */

static const struct pen label = {ROLE_LABEL, 0, 0};
static const struct pen plain = {ROLE_TEXT, 0, 0};
static const struct pen changed = {ROLE_CHANGED, CELL_BOLD, 0};
static const struct pen dim = {ROLE_DIM, 0, 0};

static void show_register(struct grid *grid, struct rect area, uint32_t column, uint32_t row,
                          const char *name, uint32_t now, uint32_t before)
{
    grid_text(grid, area, column, row, label, name);
    column += 4;
    if (now == before) {
        grid_print(grid, area, column, row, plain, "%08" PRIX32, now);
    } else {
        column = grid_print(grid, area, column, row, changed, "%08" PRIX32, now);
        grid_print(grid, area, column + 1, row, changed, "was %08" PRIX32, before);
    }
}

static void show_segment(struct grid *grid, struct rect area, uint32_t row, const char *name,
                         const struct segment_state *now, const struct segment_state *before)
{
    struct pen pen = now->selector == before->selector ? plain : changed;
    uint32_t column = grid_text(grid, area, COLUMN_SEGMENT, row, label, name) + 1;

    column = grid_print(grid, area, column, row, pen, "%04X", now->selector);
    if (now->selector != before->selector) {
        grid_print(grid, area, column + 1, row, changed, "was %04X", before->selector);
    } else if (!now->usable) {
        grid_text(grid, area, column + 1, row, dim, "null");
    } else if (now->base == 0 && now->limit == 0xFFFFFFFFu) {
        grid_text(grid, area, column + 1, row, dim, "all 4 GiB");
    } else {
        char text[48];
        snprintf(text, sizeof text, "base %" PRIX32 " bound %" PRIX32, now->base, now->limit);
        bool fits = column + 1 + strlen(text) <= area.columns;
        /* the base is known by its place when there is no room for the word */
        grid_text(grid, area, column + 1, row, dim, fits ? text : text + 5);
    }
}

static uint32_t shown_eflags(const struct cpu_state *cpu)
{
    return cpu->eflags | (cpu->mode_in_eflags && view_is_user(cpu) ? EFLAGS_MODE : 0);
}

static void show_flags(struct grid *grid, struct rect area, uint32_t row,
                       const struct cpu_state *now, const struct cpu_state *before)
{
    static const struct {
        const char *name;
        uint32_t bit;
    } flags[] = {
        {"CF", EFLAGS_CF}, {"PF", EFLAGS_PF}, {"AF", EFLAGS_AF}, {"ZF", EFLAGS_ZF},
        {"SF", EFLAGS_SF}, {"TF", EFLAGS_TF}, {"IF", EFLAGS_IF}, {"DF", EFLAGS_DF},
        {"OF", EFLAGS_OF}, {"NT", EFLAGS_NT}, {"RF", EFLAGS_RF}, {"VM", EFLAGS_VM},
        {"AC", EFLAGS_AC}, {"ID", EFLAGS_ID},
    };
    uint32_t column = 0;

    for (size_t index = 0; index < sizeof flags / sizeof flags[0]; index++) {
        uint32_t set = now->eflags & flags[index].bit;
        uint32_t was = before->eflags & flags[index].bit;
        struct pen pen = set != was ? changed : set ? plain : dim;
        column = grid_print(grid, area, column, row, pen, "%s=%d%s", flags[index].name, set != 0,
                            set != was ? "*" : " ");
    }
    uint32_t iopl = (now->eflags & EFLAGS_IOPL) >> 12;
    uint32_t iopl_was = (before->eflags & EFLAGS_IOPL) >> 12;
    grid_print(grid, area, column, row,
               iopl != iopl_was ? changed
               : iopl           ? plain
                                : dim,
               "IOPL=%" PRIu32 "%s", iopl, iopl != iopl_was ? "*" : " ");
}

static void show_mode(struct grid *grid, struct rect area, uint32_t row,
                      const struct cpu_state *now, const struct cpu_state *before)
{
    bool user = view_is_user(now);
    struct pen mode = {user ? ROLE_USER : ROLE_KERNEL, CELL_BOLD, 0};
    uint32_t column = grid_text(grid, area, 0, row, label, "mode");

    column = grid_print(grid, area, column + 1, row, mode, user ? "USER" : "KERNEL");
    if (now->cpl != before->cpl) {
        column = grid_print(grid, area, column + 1, row, changed, "was %s",
                            view_is_user(before) ? "USER" : "KERNEL");
    }
    column =
        grid_print(grid, area, column + 2, row, plain, "lecture's model: EFLAGS.MODE=%d", user);
    if (!now->mode_in_eflags) {
        column = grid_text(grid, area, column + 1, row, dim, "(shown only)");
    }
    grid_print(grid, area, column + 2, row, plain, "real CPU: CPL=%" PRIu32 " in CS", now->cpl);
}

static void show_system(struct grid *grid, struct rect area, uint32_t row,
                        const struct cpu_state *now, const struct cpu_state *before)
{
    struct pen pen = plain;
    uint32_t column;

    show_register(grid, area, 0, row, "CR0", now->cr0, before->cr0);
    show_register(grid, area, COLUMN_SECOND, row, "CR3", now->cr3, before->cr3);
    column = grid_text(grid, area, COLUMN_SEGMENT, row, label, "TR");
    pen = now->tr.selector == before->tr.selector ? plain : changed;
    column = grid_print(grid, area, column + 1, row, pen, "%04X", now->tr.selector);
    column = grid_text(grid, area, column + 1, row, label, "LDTR");
    grid_print(grid, area, column + 1, row, plain, "%04X", now->ldtr.selector);
    row++;
    column = grid_text(grid, area, 0, row, label, "CPU is");
    const char *pages = now->cr0 & CR0_PG ? "paging on" : "paging off";
    const char *segments = now->eflags & EFLAGS_VM ? "virtual-8086"
                           : now->cr0 & CR0_PE     ? "protected"
                                                   : "real mode";
    const char *activity = now->activity == ACTIVITY_HALTED ? ", halted (waits for an interrupt)"
                           : now->activity == ACTIVITY_SHUTDOWN ? ", shut down (triple fault)"
                                                                : "";
    grid_print(grid, area, column + 1, row, plain, "%s, %s%s", segments, pages, activity);
    column = grid_text(grid, area, COLUMN_SEGMENT, row, label, "IDT");
    grid_print(grid, area, column + 1, row, plain, "%08" PRIX32, now->idtr.base);
}

void view_registers(struct grid *grid, struct rect area, const struct view_context *context,
                    bool focused, int32_t scroll)
{
    static const struct {
        const char *name;
        uint32_t reg;
    } order[8] = {{"EAX", REG_EAX}, {"EBX", REG_EBX}, {"ECX", REG_ECX}, {"EDX", REG_EDX},
                  {"ESI", REG_ESI}, {"EDI", REG_EDI}, {"EBP", REG_EBP}, {"ESP", REG_ESP}};
    static const char *const segment_names[6] = {"ES", "CS", "SS", "DS", "FS", "GS"};
    static const uint8_t segment_rows[6] = {3, 0, 1, 2, 4, 5};
    const struct cpu_state *now = &context->view->state.cpu;
    const struct cpu_state *before = &context->view->previous.cpu;

    (void)scroll; /* always the same rows */
    area = panel_title(grid, area, focused, PANEL_REGISTERS);
    for (uint32_t index = 0; index < 8; index++) {
        show_register(grid, area, index < 4 ? 0 : COLUMN_SECOND, index % 4, order[index].name,
                      now->gpr[order[index].reg], before->gpr[order[index].reg]);
    }
    for (uint32_t index = 0; index < SEG_COUNT; index++) {
        show_segment(grid, area, segment_rows[index], segment_names[index], &now->segments[index],
                     &before->segments[index]);
    }
    show_register(grid, area, 0, 4, "EIP", now->eip, before->eip);
    show_register(grid, area, COLUMN_SECOND, 4, "CR2", now->cr2, before->cr2);
    show_register(grid, area, 0, 5, "EFL", shown_eflags(now), shown_eflags(before));
    char place[48];
    if (view_symbol(context, now->segments[SEG_CS].base + now->eip, place, sizeof place)) {
        uint32_t column = grid_text(grid, area, COLUMN_SECOND, 5, label, "in");
        grid_text(grid, rect_part(area, 0, 0, COLUMN_SEGMENT - 1, area.rows), column + 2, 5, plain,
                  place);
    }
    show_flags(grid, area, 6, now, before);
    show_mode(grid, area, 7, now, before);
    show_system(grid, area, 8, now, before);
}
