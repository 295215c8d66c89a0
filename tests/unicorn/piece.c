/* See piece.h. The instruction comes from the opcode maps, everything around it is random, with
 * a liking for the edges: the last bytes of a segment, stack pointers near 0, counts.
 * SPDX-License-Identifier: MIT */
#include "tests/unicorn/piece.h"

#include <string.h>

#include "cpu/decode.h"
#include "cpu/isa.h"

#define MOST_ITERATIONS 24u
#define REACH           (4 * MOST_ITERATIONS) /* bytes that a repeated string gets to */

/* ---- random numbers: xorshift64 ---- */

uint32_t piece_random(struct piece *piece)
{
    piece->seed ^= piece->seed << 13;
    piece->seed ^= piece->seed >> 7;
    piece->seed ^= piece->seed << 17;
    return (uint32_t)(piece->seed >> 16);
}

static uint32_t below(struct piece *piece, uint32_t limit)
{
    return (uint32_t)(((uint64_t)piece_random(piece) * limit) >> 32);
}

static uint32_t value(struct piece *piece)
{
    switch (below(piece, 8)) {
    case 0:
        return below(piece, 20);
    case 1:
        return 0u - below(piece, 20);
    case 2:
        return 1u << below(piece, 32);
    case 3:
        return (1u << below(piece, 32)) - 1;
    case 4:
        return below(piece, 0x10000);
    case 5:
        return (piece_random(piece) << 16) | (0xFFF0 + below(piece, 16));
    default:
        return piece_random(piece);
    }
}

/* ---- the instruction ---- */

static bool is_prefix(uint32_t opcode)
{
    return (opcode & 0xE7) == 0x26 || (opcode >= 0x64 && opcode <= 0x67) || opcode == 0xF0 ||
           opcode == 0xF2 || opcode == 0xF3 || opcode == 0x0F;
}

/* Rows left out: what the other processor has not (or has more of), and what would change the
 * mode the pieces run in. */
static bool is_left_out(uint32_t row)
{
    static const uint16_t rows[] = {INSN_none,
                                    INSN_LMSW_Ew,
                                    INSN_MOV_Rd_Cd,
                                    INSN_MOV_Cd_Rd,
                                    INSN_MOV_Rd_Dd,
                                    INSN_MOV_Dd_Rd,
                                    INSN_CPUID,
                                    INSN_RDTSC,
                                    INSN_RDMSR,
                                    INSN_WRMSR,
                                    INSN_INVLPG_Mb,
                                    INSN_INVD,
                                    INSN_WBINVD,
                                    INSN_ICEBP,
                                    INSN_CLTS,
                                    INSN_NOP_Ev,
                                    INSN_NOP_Ev_0D,
                                    INSN_TEST_Eb_Ib_alias,
                                    INSN_TEST_Ev_Iz_alias};
    for (uint32_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (rows[i] == row) {
            return true;
        }
    }
    return false;
}

/* Both F2 and F3, where the last one counts and Unicorn heeds both; F3 before BSF and BSR, which
 * makes other instructions of them there. */
static bool is_odd_repeat(const struct piece *piece, uint32_t row)
{
    uint32_t seen = 0;
    for (uint32_t at = 0; at < CODE_BYTES && is_prefix(piece->code[at]); at++) {
        seen |= piece->code[at] == 0xF2 ? 1 : piece->code[at] == 0xF3 ? 2 : 0;
    }
    return seen == 3 || (seen == 2 && (row == INSN_BSF_Gv_Ev || row == INSN_BSR_Gv_Ev));
}

static uint32_t put_prefixes(struct piece *piece)
{
    static const uint8_t prefixes[] = {0x26, 0x2E, 0x36, 0x3E, 0x64, 0x65, 0x66, 0x66,
                                       0x66, 0x67, 0x67, 0xF0, 0xF2, 0xF3, 0xF3, 0x66};
    uint32_t count = below(piece, 8), at = 0;
    count = count < 4 ? 0 : count < 6 ? 1 : count - 4;
    while (at < count) {
        piece->code[at++] = prefixes[below(piece, sizeof prefixes)];
    }
    return at;
}

static void put_code(struct piece *piece)
{
    for (uint32_t i = 0; i < CODE_BYTES; i++) {
        piece->code[i] = (uint8_t)(below(piece, 4) ? piece_random(piece) : value(piece));
    }
    uint32_t at = put_prefixes(piece);
    if (below(piece, 5) < 2) {
        piece->code[at++] = 0x0F;
        return;
    }
    while (is_prefix(piece->code[at]) || (piece->code[at] & 0xF8) == 0xD8) {
        piece->code[at] = (uint8_t)piece_random(piece);
    }
}

/* Results that the manual leaves undefined, not only flags. */
static bool is_undefined(const struct decoded *decoded)
{
    const uint32_t row = decoded->row, is16 = decoded->uop.flags & UOP_SIZE16;
    return (row == INSN_BSWAP_Rv || row == INSN_SHLD_Ev_Gv_Ib || row == INSN_SHRD_Ev_Gv_Ib ||
            row == INSN_SHLD_Ev_Gv_CL || row == INSN_SHRD_Ev_Gv_CL) &&
           is16;
}

/* Which segments the operands lie in. */
static void note_segments(struct piece *piece, const struct uop *uop)
{
    const struct insn_info *info = &insn_table[piece->row];
    piece->segment = uop->flags & UOP_MEMORY ? uop->segment : SEG_DS;
    piece->segments = uop->flags & UOP_MEMORY ? 1u << uop->segment : 0;
    piece->string = 0;
    for (uint32_t i = 0; i < 3; i++) {
        const uint32_t form = info->operands[i];
        if (form == OPD_Yb || form == OPD_Yv) {
            piece->segments |= 1u << SEG_ES;
            piece->string = 1;
        } else if (form == OPD_Xb || form == OPD_Xv || form == OPD_Zb || form == OPD_Ob ||
                   form == OPD_Ov) {
            piece->segment = uop->segment;
            piece->segments |= 1u << uop->segment;
        }
    }
    piece->segments |= info->uses_stack ? 1u << SEG_SS : 0;
    if (!piece->segments || info->uses_stack) {
        piece->segments |= 1u << SEG_SS;
    }
    if (!(piece->segments & ~(1u << SEG_SS))) {
        piece->segment = SEG_SS;
    }
}

/* What Unicorn does wrong: it loses the first older frame pointer of ENTER, and leaves the high
 * half of EBP when the operands have 32 bits (real parts: EBP = ESP); flags of LOCK NEG. */
static bool is_left_to_others(const struct decoded *decoded)
{
    const uint32_t flags = decoded->uop.flags;
    switch (decoded->row) {
    case INSN_ENTER_Iw_Ib:
        return (decoded->uop.disp & 31) > 1 || !(flags & UOP_SIZE16);
    case INSN_SMSW_Ew: /* undefined (80386 PRM, page SMSW) */
        return !(flags & (UOP_SIZE16 | UOP_MEMORY));
    case INSN_NEG_Eb:
    case INSN_NEG_Ev:
        return flags & UOP_LOCK;
    default:
        return false;
    }
}

static bool is_shift(uint32_t row)
{
    static const char *const names[] = {"SHL", "SHR", "SAL", "SAR", "ROL", "ROR", "RCL", "RCR"};
    for (uint32_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (strncmp(insn_table[row].id, names[i], 3) == 0) {
            return true;
        }
    }
    return false;
}

/* SHL and SHR by more than the width: CF is undefined (80386 PRM, page SAL). Of any shift in
 * memory Unicorn with hooks loses it. */
static uint32_t undefined_flags(const struct decoded *decoded)
{
    const char *id = insn_table[decoded->row].id;
    const bool by_more =
        !strncmp(id, "SHL_", 4) || !strncmp(id, "SHR_", 4) || !strncmp(id, "SAL_", 4);
    const bool in_memory = is_shift(decoded->row) && decoded->uop.flags & UOP_MEMORY;
    return insn_table[decoded->row].flags_undefined | (by_more || in_memory ? EFLAGS_CF : 0);
}

static bool decodes(struct piece *piece)
{
    static const struct cpu_config config = {.level = CPU_I686, .block_limit = 64};
    struct decoded decoded;
    if (decode_instruction(piece->code, CODE_BYTES, 0, &config, &decoded) != DECODE_OK ||
        is_left_out(decoded.row) || is_undefined(&decoded) || is_left_to_others(&decoded) ||
        is_odd_repeat(piece, decoded.row) || decoded.uop.length > 15) {
        return false;
    }
    piece->row = decoded.row;
    piece->length = decoded.uop.length;
    piece->uop = decoded.uop;
    piece->address16 = (decoded.uop.flags & UOP_ADDRESS16) != 0;
    piece->size16 = (decoded.uop.flags & UOP_SIZE16) != 0;
    piece->repeats = (decoded.uop.flags & UOP_REPEATS) != 0;
    note_segments(piece, &decoded.uop);
    memset(piece->code + piece->length, 0x90, CODE_BYTES - piece->length);
    piece->raises = decoded.raises ? decoded.uop.imm : 0;
    piece->undefined = undefined_flags(&decoded);
    return true;
}

/* ---- the registers ---- */

static void set_registers(struct piece *piece)
{
    struct registers *r = &piece->before;
    memset(r, 0, sizeof *r);
    for (uint32_t i = 0; i < 8; i++) {
        r->gpr[i] = value(piece);
    }
    if (!piece->address16 && below(piece, 4)) { /* or nearly all would be beyond the limit */
        for (uint32_t i = 0; i < 8; i++) {
            r->gpr[i] &= below(piece, 2) ? 0xFFFF : 0x3FFF;
        }
    }
    if (below(piece, 4)) { /* 1, 3, 5: no room for a frame */
        r->gpr[REG_ESP] &= ~1u;
    }
    if (piece->repeats) {
        r->gpr[REG_ECX] =
            below(piece, MOST_ITERATIONS) | (piece->address16 ? value(piece) << 16 : 0);
    }
    for (uint32_t i = 0; i < SEG_COUNT; i++) {
        r->selectors[i] = (uint16_t)piece_random(piece);
    }
    if (below(piece, 4) == 0) {
        r->selectors[SEG_ES] = r->selectors[SEG_DS];
    }
    r->eip = below(piece, 16) ? below(piece, 0xFFF0) : 0xFFF0 + below(piece, 16);
    r->eflags = (piece_random(piece) & (EFLAGS_ARITHMETIC | EFLAGS_DF | EFLAGS_IF | EFLAGS_IOPL |
                                        EFLAGS_NT | EFLAGS_AC | EFLAGS_ID)) |
                EFLAGS_ONE;
    r->gdtr = (struct table_state){piece_random(piece), below(piece, 0x10000)};
    r->idtr = (struct table_state){0, 0x3FF};
}

static uint32_t effective_address(const struct piece *piece)
{
    const struct uop *uop = &piece->uop;
    const uint32_t *gpr = piece->before.gpr;
    const uint32_t base = uop->base == REG_NONE ? 0 : gpr[uop->base];
    const uint32_t index = uop->index == REG_NONE ? 0 : gpr[uop->index];
    const uint32_t offset = base + (index << uop->scale) + uop->disp;
    return piece->address16 ? offset & LIMIT : offset;
}

static bool has_operand(const struct piece *piece, uint32_t a, uint32_t b)
{
    const uint8_t *forms = insn_table[piece->row].operands;
    return forms[0] == a || forms[0] == b || forms[1] == a || forms[1] == b;
}

/* Which segment an operand in memory that begins beyond the limit is in, or SEG_COUNT. That of BT
 * is elsewhere. */
static uint32_t find_beyond(const struct piece *piece)
{
    const uint32_t *gpr = piece->before.gpr;
    if (piece->address16 || piece->row == INSN_LEA_Gv_M ||
        strncmp(insn_table[piece->row].id, "BT", 2) == 0) {
        return SEG_COUNT;
    }
    if (piece->uop.flags & UOP_MEMORY) {
        return effective_address(piece) > LIMIT ? piece->segment : SEG_COUNT;
    }
    if (has_operand(piece, OPD_Xb, OPD_Xv) && gpr[REG_ESI] > LIMIT) {
        return piece->segment;
    }
    return has_operand(piece, OPD_Yb, OPD_Yv) && gpr[REG_EDI] > LIMIT ? SEG_ES : SEG_COUNT;
}

/* Cases in which Unicorn's accesses do not tell whether a limit was broken: the pairs of far
 * pointers and bounds, whose second half it looks for behind the segment; the address of POP,
 * which is computed after the pop; repeated strings beyond the limit. */
static bool is_unclear(const struct piece *piece)
{
    const bool memory = piece->uop.flags & UOP_MEMORY;
    const uint32_t at = effective_address(piece);
    if (memory && (piece->row == INSN_POP_Ev || has_operand(piece, OPD_Mp, OPD_Ma))) {
        return at > LIMIT - 8 && (piece->address16 || piece->row == INSN_POP_Ev || at <= LIMIT);
    }
    const uint32_t *gpr = piece->before.gpr;
    return piece->repeats && !piece->address16 &&
           (gpr[REG_ESI] - REACH > LIMIT - 2 * REACH || gpr[REG_EDI] - REACH > LIMIT - 2 * REACH);
}

uint32_t piece_linear(const struct piece *piece)
{
    return ((uint32_t)piece->before.selectors[SEG_CS] << 4) + piece->before.eip;
}

void piece_make(struct piece *piece)
{
    do {
        do {
            put_code(piece);
        } while (!decodes(piece));
        set_registers(piece);
    } while (piece_linear(piece) < 0x400 || is_unclear(piece)); /* not over the vectors */
    piece->beyond = find_beyond(piece);
}
