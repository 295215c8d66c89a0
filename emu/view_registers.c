/* Registers with what the last move changed, EFLAGS decoded, and the mode in both readings:
 * the real processor's (CPL, in CS) and the lecture's (a bit of the status word).
 * SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "cpu/fpu.h"
#include "emu/view_list.h"
#include "emu/view_panels.h"

#define COLUMN_SECOND  26u /* where the second column of registers begins */
#define ROWS_X87       10u /* rows above the x87 */
#define ROWS_ALL       19u
#define COLUMN_SEGMENT 52u /* where segments begin */

static const struct pen label = {ROLE_LABEL, 0, 0};
static const struct pen plain = {ROLE_TEXT, 0, 0};
static const struct pen changed = {ROLE_CHANGED, CELL_BOLD, 0};
static const struct pen dim = {ROLE_DIM, 0, 0};

static void show_register(struct grid *grid, struct rect area, uint32_t column, uint32_t row,
                          const char *name, enum topic topic, uint32_t now, uint32_t before)
{
    grid_text(grid, area, column, row, topic_pen(ROLE_LABEL, 0, topic), name);
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
    uint32_t column =
        grid_text(grid, area, COLUMN_SEGMENT, row, topic_pen(ROLE_LABEL, 0, TOPIC_SELECTOR), name) +
        1;

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
        enum topic topic;
    } flags[] = {
        {"CF", EFLAGS_CF, TOPIC_CF}, {"PF", EFLAGS_PF, TOPIC_PF}, {"AF", EFLAGS_AF, TOPIC_AF},
        {"ZF", EFLAGS_ZF, TOPIC_ZF}, {"SF", EFLAGS_SF, TOPIC_SF}, {"TF", EFLAGS_TF, TOPIC_TF},
        {"IF", EFLAGS_IF, TOPIC_IF}, {"DF", EFLAGS_DF, TOPIC_DF}, {"OF", EFLAGS_OF, TOPIC_OF},
        {"NT", EFLAGS_NT, TOPIC_NT}, {"RF", EFLAGS_RF, TOPIC_RF}, {"VM", EFLAGS_VM, TOPIC_VM},
        {"AC", EFLAGS_AC, TOPIC_AC}, {"ID", EFLAGS_ID, TOPIC_ID},
    };
    uint32_t column = 0;

    for (size_t index = 0; index < sizeof flags / sizeof flags[0]; index++) {
        uint32_t set = now->eflags & flags[index].bit;
        uint32_t was = before->eflags & flags[index].bit;
        struct pen pen = set != was ? changed : set ? plain : dim;
        pen.link = LINK_TOPIC + flags[index].topic;
        column = grid_print(grid, area, column, row, pen, "%s=%d%s", flags[index].name, set != 0,
                            set != was ? "*" : " ");
    }
    uint32_t iopl = (now->eflags & EFLAGS_IOPL) >> 12;
    uint32_t iopl_was = (before->eflags & EFLAGS_IOPL) >> 12;
    struct pen pen = iopl != iopl_was ? changed : iopl ? plain : dim;
    pen.link = LINK_TOPIC + TOPIC_IOPL;
    grid_print(grid, area, column, row, pen, "IOPL=%" PRIu32 "%s", iopl,
               iopl != iopl_was ? "*" : " ");
}

static void show_mode(struct grid *grid, struct rect area, uint32_t row,
                      const struct cpu_state *now, const struct cpu_state *before)
{
    bool user = view_is_user(now);
    struct pen mode = {user ? ROLE_USER : ROLE_KERNEL, CELL_BOLD, 0};
    uint32_t column = grid_text(grid, area, 0, row, topic_pen(ROLE_LABEL, 0, TOPIC_CPL), "mode");

    column = grid_print(grid, area, column + 1, row, mode, user ? "USER" : "KERNEL");
    if (now->cpl != before->cpl) {
        column = grid_print(grid, area, column + 1, row, changed, "was %s",
                            view_is_user(before) ? "USER" : "KERNEL");
    }
    column = grid_print(grid, area, column + 2, row, topic_pen(ROLE_TEXT, 0, TOPIC_MODE),
                        "lecture's model: EFLAGS.MODE=%d", user);
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

    show_register(grid, area, 0, row, "CR0", TOPIC_CR0, now->cr0, before->cr0);
    show_register(grid, area, COLUMN_SECOND, row, "CR3", TOPIC_CR3, now->cr3, before->cr3);
    column = grid_text(grid, area, COLUMN_SEGMENT, row, topic_pen(ROLE_LABEL, 0, TOPIC_TR), "TR");
    pen = now->tr.selector == before->tr.selector ? plain : changed;
    column = grid_print(grid, area, column + 1, row, pen, "%04X", now->tr.selector);
    column = grid_text(grid, area, column + 1, row, topic_pen(ROLE_LABEL, 0, TOPIC_LDTR), "LDTR");
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
    column =
        grid_text(grid, area, COLUMN_SEGMENT, row, topic_pen(ROLE_LABEL, 0, TOPIC_IDTR), "IDT");
    grid_print(grid, area, column + 1, row, plain, "%08" PRIX32, now->idtr.base);
}

/* ---- x87 ---- */

static void value_text(const struct fpu_state *fpu, uint32_t number, char *text, size_t bytes)
{
    uint32_t exponent = fpu->sign_exponent[number] & FLOAT80_EXPONENT;
    uint64_t significand = fpu->significand[number];
    bool negative = fpu->sign_exponent[number] & FLOAT80_SIGN;

    if (exponent == FLOAT80_EXPONENT) {
        bool infinite = significand << 1 == 0;
        snprintf(text, bytes, "%s%s", negative ? "-" : "", infinite ? "infinity" : "not a number");
    } else if (exponent != 0 && !(significand & FLOAT80_INTEGER)) {
        snprintf(text, bytes, "unsupported");
    } else {
        long double value =
            ldexpl((long double)significand, (exponent ? (int)exponent : 1) - FLOAT80_BIAS - 63);
        snprintf(text, bytes, "%.18Lg", negative ? -value : value);
    }
}

static void show_st(struct grid *grid, struct rect area, uint32_t row, uint32_t place,
                    const struct fpu_state *now, const struct fpu_state *before)
{
    uint32_t number = (((uint32_t)now->status & FPU_TOP) >> FPU_TOP_SHIFT) + place;
    char text[48];

    number &= 7u;
    bool empty = !(now->occupied >> number & 1);
    bool differs = now->significand[number] != before->significand[number] ||
                   now->sign_exponent[number] != before->sign_exponent[number] ||
                   ((now->occupied ^ before->occupied) >> number & 1);
    struct pen pen = differs ? changed : empty ? dim : plain;
    uint32_t column = grid_print(grid, area, 0, row, topic_pen(ROLE_LABEL, 0, TOPIC_FPU),
                                 "ST%" PRIu32 " = R%" PRIu32, place, number);
    if (empty) {
        column = grid_text(grid, area, column + 2, row, pen, "empty");
    } else {
        value_text(now, number, text, sizeof text);
        column = grid_print(grid, area, column + 2, row, pen, "%04X %016" PRIX64 "  %s",
                            now->sign_exponent[number], now->significand[number], text);
    }
    if (differs) {
        grid_text(grid, area, column + 1, row, changed, "changed");
    }
}

static void show_x87(struct grid *grid, struct rect area, uint32_t row, const struct fpu_state *now,
                     const struct fpu_state *before)
{
    static const char *const roundings[4] = {"nearest", "down", "up", "towards 0"};
    struct pen control = now->control != before->control ? changed : plain;
    struct pen status = now->status != before->status ? changed : plain;

    control.link = LINK_TOPIC + TOPIC_FPU_CONTROL;
    status.link = LINK_TOPIC + TOPIC_FPU_STATUS;
    uint32_t column = grid_text(grid, area, 0, row, topic_pen(ROLE_LABEL, 0, TOPIC_FPU), "x87");
    column = grid_print(grid, area, column + 1, row, control, "control %04X: rounds %s",
                        now->control, roundings[FPU_ROUNDING((uint32_t)now->control)]);
    grid_print(grid, area, column + 2, row, status,
               "status %04X: C3=%d C2=%d C1=%d C0=%d TOP=%u%s%s%s%s%s%s%s", now->status,
               (now->status & FPU_C3) != 0, (now->status & FPU_C2) != 0,
               (now->status & FPU_C1) != 0, (now->status & FPU_C0) != 0,
               (now->status & FPU_TOP) >> FPU_TOP_SHIFT, now->status & FPU_IE ? " IE" : "",
               now->status & FPU_DE ? " DE" : "", now->status & FPU_ZE ? " ZE" : "",
               now->status & FPU_OE ? " OE" : "", now->status & FPU_UE ? " UE" : "",
               now->status & FPU_PE ? " PE" : "", now->status & FPU_SF ? " SF" : "");
    for (uint32_t place = 0; place < 8; place++) {
        show_st(grid, area, row + 1 + place, place, now, before);
    }
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

    area = panel_title(grid, area, focused, PANEL_REGISTERS);
    uint32_t first = scroll > 0 ? (uint32_t)scroll : 0; /* rows above it are clipped */
    uint32_t most = area.rows < ROWS_ALL ? ROWS_ALL - area.rows : 0;
    first = first > most ? most : first;
    for (uint32_t index = 0; index < 8; index++) {
        show_register(grid, area, index < 4 ? 0 : COLUMN_SECOND, index % 4 - first,
                      order[index].name, order[index].reg == REG_ESP ? TOPIC_ESP : TOPIC_GENERAL,
                      now->gpr[order[index].reg], before->gpr[order[index].reg]);
    }
    for (uint32_t index = 0; index < SEG_COUNT; index++) {
        show_segment(grid, area, segment_rows[index] - first, segment_names[index],
                     &now->segments[index], &before->segments[index]);
    }
    show_register(grid, area, 0, 4 - first, "EIP", TOPIC_EIP, now->eip, before->eip);
    show_register(grid, area, COLUMN_SECOND, 4 - first, "CR2", TOPIC_CR2, now->cr2, before->cr2);
    show_register(grid, area, 0, 5 - first, "EFL", TOPIC_EFLAGS, shown_eflags(now),
                  shown_eflags(before));
    char place[48];
    if (view_symbol(context, now->segments[SEG_CS].base + now->eip, place, sizeof place)) {
        uint32_t column = grid_text(grid, area, COLUMN_SECOND, 5 - first, label, "in");
        grid_text(grid, rect_part(area, 0, 0, COLUMN_SEGMENT - 1, area.rows), column + 2, 5 - first,
                  plain, place);
    }
    show_flags(grid, area, 6 - first, now, before);
    show_mode(grid, area, 7 - first, now, before);
    show_system(grid, area, 8 - first, now, before);
    show_x87(grid, area, ROWS_X87 - first, &now->fpu, &before->fpu);
}
