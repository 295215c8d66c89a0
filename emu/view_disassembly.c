/* Instructions around EIP with symbols, breakpoints and the instruction that comes next.
 * SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "emu/disassembly.h"
#include "emu/view_panels.h"

#define GLYPH_HERE       0x25BAu /* filled pointer: EIP */
#define GLYPH_BREAKPOINT 0x25CFu /* filled circle */
#define LINES_MAX        256u
#define BACK_BYTES       1024u /* code looked at before EIP */

struct line {
    uint32_t linear; /* of the first byte */
    uint32_t bytes;  /* 0: not readable */
    char text[96];
    uint8_t code[DISASSEMBLY_LONGEST];
};

static bool is_breakpoint(const struct session_view *view, uint32_t linear)
{
    for (uint32_t index = 0; index < view->breakpoint_count; index++) {
        if (view->breakpoints[index] == linear) {
            return true;
        }
    }
    return false;
}

/* As many bytes as can be read from `linear` on, at most `size`. */
static size_t read_code(const struct view_context *context, uint32_t linear, uint8_t *bytes,
                        size_t size)
{
    if (!context->read) {
        return 0;
    }
    if (context->read(context->read_context, linear, bytes, (uint32_t)size)) {
        return size;
    }
    size_t done = 0;
    while (done < size &&
           context->read(context->read_context, linear + (uint32_t)done, bytes + done, 1)) {
        done++;
    }
    return done;
}

static void decode_line(const struct view_context *context, uint32_t linear, struct line *line)
{
    const struct segment_state *cs = &context->view->state.cpu.segments[SEG_CS];
    uint8_t bytes[DISASSEMBLY_LONGEST];
    size_t size = read_code(context, linear, bytes, sizeof bytes);

    line->linear = linear;
    line->bytes = disassemble(bytes, size, linear - cs->base, cs->attributes & ATTR_BIG,
                              context->view->att_syntax != 0, line->text, sizeof line->text);
    memcpy(line->code, bytes, line->bytes);
}

/* Addresses of up to `count` instructions that end at `linear`, ascending. */
static size_t lines_before(const struct view_context *context, uint32_t linear, uint32_t *starts,
                           size_t count)
{
    uint8_t bytes[BACK_BYTES];
    uint16_t offsets[LINES_MAX];
    uint32_t into = 0;
    uint32_t size = BACK_BYTES;
    size_t anchor = SIZE_MAX;
    bool big = context->view->state.cpu.segments[SEG_CS].attributes & ATTR_BIG;

    if (view_find_symbol(context, linear, &into) && into <= BACK_BYTES && into > 0) {
        size = into; /* nothing before the function: another one's end may not line up */
        anchor = 0;
    }
    while (size > 0 && (linear < size || !context->read ||
                        !context->read(context->read_context, linear - size, bytes, size))) {
        size /= 2;
        anchor = SIZE_MAX;
    }
    size_t found = disassembly_before(bytes, size, anchor, big, offsets,
                                      count < LINES_MAX ? count : LINES_MAX);
    for (size_t index = 0; index < found; index++) {
        starts[index] = linear - size + offsets[index];
    }
    return found;
}

/* The address of the first line: `above` instructions before EIP, moved by the scroll. */
static uint32_t first_line(const struct view_context *context, uint32_t eip, int32_t above)
{
    uint32_t starts[LINES_MAX];
    uint32_t wanted = above < 0 ? 0 : (uint32_t)above;

    wanted = wanted < LINES_MAX ? wanted : LINES_MAX;
    size_t found = lines_before(context, eip, starts, wanted);
    uint32_t linear = found ? starts[0] : eip;
    while (found > 0 && found < wanted) { /* go on before the start of the function */
        size_t more = lines_before(context, linear, starts, wanted - found);
        if (more == 0) {
            break;
        }
        found += more;
        linear = starts[0];
    }
    for (int32_t skip = above; skip < 0; skip++) {
        struct line line;
        decode_line(context, linear, &line);
        linear += line.bytes ? line.bytes : 1;
    }
    return linear;
}

/* Segment and offset where addresses are made of them, else the linear address. */
static uint32_t show_address(struct grid *grid, struct rect area, uint32_t row, struct pen pen,
                             const struct cpu_state *cpu, uint32_t linear)
{
    const struct segment_state *code = &cpu->segments[SEG_CS];
    uint32_t offset = linear - code->base;

    if (offset > 0xFFFF || view_is_protected(cpu)) {
        return grid_print(grid, area, 2, row, pen, "%08" PRIX32, linear);
    }
    return grid_print(grid, area, 2, row, pen, "%04X:%04" PRIX32, code->selector, offset);
}

static void show_line(struct grid *grid, struct rect area, uint32_t row,
                      const struct view_context *context, const struct line *line, bool here)
{
    bool stop = is_breakpoint(context->view, line->linear);
    struct pen pen = {here ? ROLE_CURRENT : ROLE_TEXT, here ? CELL_BOLD : 0, line->linear};
    struct pen faint = {here ? ROLE_CURRENT : ROLE_DIM, 0, line->linear};
    struct pen mark = {stop ? ROLE_WARNING : pen.role, CELL_BOLD, line->linear};
    char code[DISASSEMBLY_LONGEST * 2 + 1] = "";
    uint32_t shown = line->bytes < 6 ? line->bytes : 6;

    grid_mark_row(grid, area, row, pen);
    grid_put(grid, area, 0, row, mark, stop ? GLYPH_BREAKPOINT : 0);
    grid_put(grid, area, 1, row, pen, here ? GLYPH_HERE : 0);
    uint32_t column = show_address(grid, area, row, faint, &context->view->state.cpu, line->linear);
    for (uint32_t index = 0; index < shown; index++) {
        snprintf(code + index * 2, sizeof code - index * 2, "%02X", line->code[index]);
    }
    if (area.columns >= 40) {
        grid_print(grid, area, column + 1, row, faint, "%s%s", code,
                   line->bytes > shown ? "…" : "");
        column += 14;
    }
    column = grid_text(grid, area, column + 1, row, pen, line->text);

    /* name the target of a call or jump */
    const char *space = strrchr(line->text, ' ');
    unsigned value;
    char symbol[64];
    if ((line->text[0] == 'j' || strncmp(line->text, "call", 4) == 0) && space &&
        sscanf(space + 1, "%X", &value) == 1 &&
        view_symbol(context, context->view->state.cpu.segments[SEG_CS].base + value, symbol,
                    sizeof symbol)) {
        grid_print(grid, area, column + 1, row, faint, "<%s>", symbol);
    }
}

void view_disassembly(struct grid *grid, struct rect area, const struct view_context *context,
                      bool focused, int32_t scroll)
{
    const struct cpu_state *cpu = &context->view->state.cpu;
    uint32_t eip = cpu->segments[SEG_CS].base + cpu->eip;

    area = panel_title(grid, area, focused, PANEL_DISASSEMBLY);
    if (area.rows == 0) {
        return;
    }
    uint32_t linear = first_line(context, eip, (int32_t)(area.rows / 3) - scroll);
    for (uint32_t row = 0; row < area.rows; row++) {
        struct line line;
        char name[64];
        uint32_t offset = 1;
        const char *symbol = view_find_symbol(context, linear, &offset);

        if (symbol && (offset == 0 || row == 0) && row + 1 < area.rows) {
            view_symbol(context, linear, name, sizeof name);
            grid_print(grid, area, 2, row, (struct pen){ROLE_LABEL, CELL_BOLD, 0}, "%s:", name);
            row++;
        }
        decode_line(context, linear, &line);
        show_line(grid, area, row, context, &line, linear == eip);
        if (line.bytes == 0 || linear + line.bytes < linear) {
            break;
        }
        /* never step over EIP itself: the next instruction is what matters */
        linear = linear < eip && linear + line.bytes > eip ? eip : linear + line.bytes;
    }
}
