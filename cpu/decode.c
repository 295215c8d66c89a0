/* Bytes to one decoded instruction, by the tables of isa.def: prefixes, opcode, ModR/M,
 * operands, then what forbids the instruction, in the order the processor looks at it.
 * Reads at most 15 bytes and never beyond `available`.
 * See: 80386 PRM chapter 17, appendix A; i486 PRM 26.2.
 * SPDX-License-Identifier: MIT */
#include "cpu/decode.h"

#include "cpu/cpu_priv.h"
#include "cpu/isa.h"
#include "cpu/modrm.h"

#define LENGTH_LIMIT 15u /* longer is #GP(0) (80386 PRM 9.8.13) */

/* One decoding: the bytes, how far it is, what has been seen. */
struct reader {
    const uint8_t *bytes;
    uint32_t end;         /* bytes there are, at most 15 */
    uint32_t at;          /* next byte, 0..15 */
    uint32_t past_end;    /* 1: a byte was wanted that is not there */
    uint32_t key;         /* BLOCK_KEY_* */
    uint32_t flags;       /* UOP_* */
    uint32_t segment;     /* enum segment of the last override, SEG_COUNT: none */
    uint32_t opcode;      /* last byte of the opcode, for a register in it */
    uint32_t modrm;       /* the byte, 0 if there is none */
    uint32_t memory;      /* 1: the memory form */
    uint32_t displaced;   /* 1: there is a displacement, offset or relative target */
    uint32_t immediates;  /* immediates seen, 0..2 */
    uint32_t value_bytes; /* bytes all these take */
    const struct insn_info *info;
    struct decoded *out;
};

static uint32_t next_byte(struct reader *reader)
{
    if (reader->at >= reader->end) {
        reader->past_end = 1;
        return 0;
    }
    return reader->bytes[reader->at++];
}

/* A displacement or immediate of 1, 2 or 4 bytes, zero-extended. */
static uint32_t next_value(struct reader *reader, uint32_t bytes)
{
    uint32_t value = 0;
    for (uint32_t i = 0; i < bytes; i++) {
        value |= next_byte(reader) << (8 * i);
    }
    reader->value_bytes += bytes;
    return value;
}

static uint32_t sign_extend(uint32_t value, uint32_t bytes)
{
    return bytes == 1   ? (uint32_t)(int32_t)(int8_t)value
           : bytes == 2 ? (uint32_t)(int32_t)(int16_t)value
                        : value;
}

/* The instruction does nothing but raise `path`. */
static enum decode_result decode_raise(struct reader *reader, uint32_t path)
{
    struct decoded *out = reader->out;
    out->raises = 1;
    out->careful = 1;
    out->ends_block = 1;
    out->is_branch = 0;
    out->clocks = 1;
    out->clocks_taken = 0;
    out->uop.src = 0;
    out->uop.imm = path;
    out->uop.handler_id = H_raise;
    out->uop.length = (uint8_t)reader->at;
    out->uop.flags = (uint16_t)reader->flags;
    return DECODE_OK;
}

/* A byte was missing: either nobody has given it yet, or it would be the sixteenth. */
static enum decode_result decode_short(struct reader *reader)
{
    return reader->at == LENGTH_LIMIT ? decode_raise(reader, PATH_gp_instruction_length)
                                      : DECODE_MORE;
}

/* ---- prefixes: any number in any order, the last of a kind wins ---- */
static uint32_t take_prefix(struct reader *reader, uint32_t byte)
{
    switch (byte) {
    case 0x26:
    case 0x2E:
    case 0x36:
    case 0x3E: /* ES CS SS DS by bits 4-3 */
        reader->segment = byte >> 3 & 3;
        return 1;
    case 0x64:
    case 0x65:
        reader->segment = byte - 0x64 + SEG_FS;
        return 1;
    case 0x66: /* the size that is not the segment's; repeated ones change nothing */
        reader->flags =
            (reader->flags & ~UOP_SIZE16) | (reader->key & BLOCK_KEY_CODE32 ? UOP_SIZE16 : 0);
        return 1;
    case 0x67:
        reader->flags =
            (reader->flags & ~UOP_ADDRESS16) | (reader->key & BLOCK_KEY_CODE32 ? UOP_ADDRESS16 : 0);
        return 1;
    case 0xF0:
        reader->flags |= UOP_LOCK;
        return 1;
    case 0xF2:
        reader->flags = (reader->flags & ~UOP_REP) | UOP_REPNE;
        return 1;
    case 0xF3:
        reader->flags = (reader->flags & ~UOP_REPNE) | UOP_REP;
        return 1;
    default:
        return 0;
    }
}

static uint32_t in_protected_mode(uint32_t key)
{
    return (key & (BLOCK_KEY_PE | BLOCK_KEY_VM)) == BLOCK_KEY_PE;
}

static uint32_t is_32bit(const struct reader *reader)
{
    return !(reader->flags & UOP_SIZE16);
}

/* ---- ModR/M ---- */
static void take_memory_form(struct reader *reader)
{
    struct uop *uop = &reader->out->uop;
    struct modrm_address address;
    if (reader->flags & UOP_ADDRESS16) {
        address = modrm_address_16(reader->modrm);
    } else {
        uint32_t sib = modrm_has_sib(reader->modrm) ? next_byte(reader) : 0;
        address = modrm_address_32(reader->modrm, sib);
    }
    uop->base = address.base;
    uop->index = address.index;
    uop->scale = address.scale;
    uop->disp = sign_extend(next_value(reader, address.disp_bytes), address.disp_bytes);
    reader->displaced = address.disp_bytes != 0;
    uop->segment = (uint8_t)(reader->segment < SEG_COUNT ? reader->segment : address.segment);
    reader->flags |= UOP_MEMORY;
    reader->memory = 1;
}

/* ---- operands, as data: where each form is found ---- */
enum operand_place {
    PLACE_NONE,
    PLACE_RM,       /* r/m */
    PLACE_RM_REG,   /* r/m, always a register */
    PLACE_REG,      /* reg field, general register */
    PLACE_NUMBER,   /* reg field, register of another kind */
    PLACE_OPCODE,   /* bits 2-0 of the opcode */
    PLACE_FIXED,    /* register `value` */
    PLACE_COUNT_1,  /* immediate 1 without a byte */
    PLACE_IMM,      /* immediate, zero-extended */
    PLACE_IMM_SIGN, /* immediate, sign-extended */
    PLACE_RELATIVE, /* branch distance */
    PLACE_FAR,      /* offset and selector */
    PLACE_OFFSET,   /* memory at an offset of address size */
    PLACE_STRING,   /* memory at (E)SI, (E)DI or (E)BX + AL */
};
#define SIZE_V 0u /* word or dword */
struct operand_rule {
    uint8_t place; /* enum operand_place */
    uint8_t bytes; /* 1, 2, 4 or SIZE_V */
    uint8_t value; /* PLACE_FIXED: register, as dst and src hold it */
};
static const struct operand_rule rules[OPD_COUNT] = {
    [OPD_Eb] = {PLACE_RM, 1, 0},
    [OPD_Ew] = {PLACE_RM, 2, 0},
    [OPD_Ev] = {PLACE_RM, SIZE_V, 0},
    [OPD_M] = {PLACE_RM, 4, 0},
    [OPD_Ma] = {PLACE_RM, 4, 0},
    [OPD_Mb] = {PLACE_RM, 4, 0},
    [OPD_Mp] = {PLACE_RM, 4, 0},
    [OPD_Ms] = {PLACE_RM, 4, 0},
    [OPD_Mq] = {PLACE_RM, 4, 0},
    [OPD_m16] = {PLACE_RM, 4, 0},
    [OPD_m14] = {PLACE_RM, 4, 0},
    [OPD_m94] = {PLACE_RM, 4, 0},
    [OPD_m32r] = {PLACE_RM, 4, 0},
    [OPD_m64r] = {PLACE_RM, 4, 0},
    [OPD_m80r] = {PLACE_RM, 4, 0},
    [OPD_m16i] = {PLACE_RM, 4, 0},
    [OPD_m32i] = {PLACE_RM, 4, 0},
    [OPD_m64i] = {PLACE_RM, 4, 0},
    [OPD_m80b] = {PLACE_RM, 4, 0},
    [OPD_Rd] = {PLACE_RM_REG, 4, 0},
    [OPD_Gb] = {PLACE_REG, 1, 0},
    [OPD_Gw] = {PLACE_REG, 2, 0},
    [OPD_Gv] = {PLACE_REG, SIZE_V, 0},
    [OPD_Sw] = {PLACE_NUMBER, 2, 0},
    [OPD_Cd] = {PLACE_NUMBER, 4, 0},
    [OPD_Dd] = {PLACE_NUMBER, 4, 0},
    [OPD_Td] = {PLACE_NUMBER, 4, 0},
    [OPD_Rb] = {PLACE_OPCODE, 1, 0},
    [OPD_Rv] = {PLACE_OPCODE, SIZE_V, 0},
    [OPD_AL] = {PLACE_FIXED, 1, 0},
    [OPD_eAX] = {PLACE_FIXED, SIZE_V, REG_EAX},
    [OPD_CL] = {PLACE_FIXED, 1, 4 * REG_ECX},
    [OPD_ST] = {PLACE_FIXED, 4, 0},
    [OPD_STi] = {PLACE_RM_REG, 4, 0},
    [OPD_DX] = {PLACE_FIXED, 2, REG_EDX},
    [OPD_ES] = {PLACE_FIXED, 2, SEG_ES},
    [OPD_CS] = {PLACE_FIXED, 2, SEG_CS},
    [OPD_SS] = {PLACE_FIXED, 2, SEG_SS},
    [OPD_DS] = {PLACE_FIXED, 2, SEG_DS},
    [OPD_FS] = {PLACE_FIXED, 2, SEG_FS},
    [OPD_GS] = {PLACE_FIXED, 2, SEG_GS},
    [OPD_1] = {PLACE_COUNT_1, 1, 0},
    [OPD_Ib] = {PLACE_IMM, 1, 0},
    [OPD_Ibs] = {PLACE_IMM_SIGN, 1, 0},
    [OPD_Iw] = {PLACE_IMM, 2, 0},
    [OPD_Iz] = {PLACE_IMM, SIZE_V, 0},
    [OPD_Jb] = {PLACE_RELATIVE, 1, 0},
    [OPD_Jz] = {PLACE_RELATIVE, SIZE_V, 0},
    [OPD_Ap] = {PLACE_FAR, SIZE_V, 0},
    [OPD_Ob] = {PLACE_OFFSET, 1, 0},
    [OPD_Ov] = {PLACE_OFFSET, SIZE_V, 0},
    [OPD_Xb] = {PLACE_STRING, 1, 0},
    [OPD_Xv] = {PLACE_STRING, SIZE_V, 0},
    [OPD_Yb] = {PLACE_STRING, 1, 0},
    [OPD_Yv] = {PLACE_STRING, SIZE_V, 0},
    [OPD_Zb] = {PLACE_STRING, 1, 0},
};

static uint32_t needs_modrm(const struct insn_info *info)
{
    for (uint32_t i = 0; i < 3; i++) {
        if (info->operands[i] >= OPD_Eb && info->operands[i] <= OPD_Td) {
            return 1;
        }
    }
    return 0;
}

/* A register as dst and src hold it: 8-bit ones as byte offset into gpr[]. */
static void put_register(struct uop *uop, uint32_t position, uint32_t bytes, uint32_t number)
{
    uint8_t value = (uint8_t)(bytes == 1 ? (number & 3) * 4 + (number >> 2) : number);
    if (position == 0) {
        uop->dst = value;
    } else if (position == 1) {
        uop->src = value;
    } /* a third register operand is CL by definition */
}

static void put_immediate(struct reader *reader, uint32_t value)
{
    if (reader->immediates++ == 0) {
        reader->out->uop.imm = value;
    } else {
        reader->out->uop.disp = value; /* ENTER's level */
    }
}

static void take_offset(struct reader *reader)
{
    struct uop *uop = &reader->out->uop;
    uop->disp = next_value(reader, reader->flags & UOP_ADDRESS16 ? 2 : 4);
    reader->displaced = 1;
    uop->segment = (uint8_t)(reader->segment < SEG_COUNT ? reader->segment : SEG_DS);
    reader->flags |= UOP_MEMORY;
    reader->memory = 1;
}

static void take_operand(struct reader *reader, uint32_t position, uint32_t form)
{
    const struct operand_rule *rule = &rules[form];
    struct uop *uop = &reader->out->uop;
    uint32_t size = is_32bit(reader) ? 4 : 2;
    uint32_t bytes = rule->bytes == SIZE_V ? size : rule->bytes;
    switch ((enum operand_place)rule->place) {
    case PLACE_NONE:
        break;
    case PLACE_RM:
        if (!reader->memory) {
            put_register(uop, position, bytes, reader->modrm & 7);
        }
        break;
    case PLACE_RM_REG:
        put_register(uop, position, bytes, reader->modrm & 7);
        break;
    case PLACE_REG:
    case PLACE_NUMBER:
        put_register(uop, position, bytes, reader->modrm >> 3 & 7);
        break;
    case PLACE_OPCODE:
        put_register(uop, position, bytes, reader->opcode & 7);
        break;
    case PLACE_FIXED:
        put_register(uop, position, 4, rule->value);
        break;
    case PLACE_COUNT_1:
        uop->imm = 1;
        break;
    case PLACE_IMM:
        put_immediate(reader, next_value(reader, bytes));
        break;
    case PLACE_IMM_SIGN: /* to the operand size: a 16-bit one is the same as a word read */
        put_immediate(reader, sign_extend(next_value(reader, bytes), bytes) &
                                  (size == 2 ? 0xFFFFu : 0xFFFFFFFFu));
        break;
    case PLACE_RELATIVE:
        uop->imm = sign_extend(next_value(reader, bytes), bytes);
        reader->displaced = 1;
        reader->out->is_branch = 1;
        break;
    case PLACE_FAR:
        put_immediate(reader, next_value(reader, bytes));
        put_immediate(reader, next_value(reader, 2));
        break;
    case PLACE_OFFSET:
        take_offset(reader);
        break;
    case PLACE_STRING:
        uop->segment = (uint8_t)(reader->segment < SEG_COUNT ? reader->segment : SEG_DS);
        reader->memory = 1;
        break;
    }
}

/* ---- what forbids it ---- */
/* Register numbers that do not exist (80386 PRM 4.1, 17 MOV; i486 PRM 4.1). */
static uint32_t register_path(const struct reader *reader, uint32_t level)
{
    uint32_t number = reader->modrm >> 3 & 7;
    for (uint32_t i = 0; i < 2; i++) {
        switch (reader->info->operands[i]) {
        case OPD_Sw:
            if (number > SEG_GS) {
                return PATH_ud_segment_register;
            }
            return i == 0 && number == SEG_CS ? PATH_ud_mov_cs : PATH_NONE;
        case OPD_Cd:
            return number == 0 || number == 2 || number == 3 || (number == 4 && level >= CPU_I586)
                       ? PATH_NONE
                       : PATH_ud_control_register;
        case OPD_Td:
            return number >= (level >= CPU_I486 ? 3u : 6u) ? PATH_NONE : PATH_ud_control_register;
        default: /* DR4 and DR5 are DR6 and DR7 */
            break;
        }
    }
    return PATH_NONE;
}

static uint32_t may_lock(const struct reader *reader, uint32_t level)
{
    uint32_t rule = reader->info->prefixes;
    return reader->memory && (rule == PFX_LOCK || (rule == PFX_LOCK_I386 && level == CPU_I386));
}

/* All reasons for #UD come before the CPL is looked at. */
static uint32_t forbidden_path(const struct reader *reader, uint32_t level)
{
    const struct insn_info *info = reader->info;
    uint32_t path = register_path(reader, level);
    if (path) {
        return path;
    }
    if (reader->flags & UOP_LOCK && !may_lock(reader, level)) {
        return PATH_ud_lock;
    }
    if (info->raises) {
        return info->raises;
    }
    if (info->priv & PRIV_PROTECTED && !in_protected_mode(reader->key)) {
        return PATH_ud_protected_only;
    }
    uint32_t outside = reader->key & BLOCK_KEY_VM || reader->key & BLOCK_KEY_CPL;
    return info->priv & PRIV_CPL0 && outside ? PATH_gp_cpl : PATH_NONE;
}

/* ---- clocks ---- */
static uint32_t base_clocks(const struct reader *reader, uint32_t model, uint32_t repeated)
{
    const struct insn_info *info = reader->info;
    uint32_t protected_mode = in_protected_mode(reader->key);
    if (repeated) {
        return protected_mode && info->rep_prot[model] ? info->rep_prot[model] : info->rep[model];
    }
    const struct form_clocks *clocks = &info->clocks[model];
    if (is_32bit(reader) && info->clocks_32[model].reg) {
        clocks = &info->clocks_32[model];
    }
    if (protected_mode && (info->clocks_prot[model].reg || info->clocks_prot[model].mem)) {
        clocks = &info->clocks_prot[model];
    }
    return reader->memory ? clocks->mem : clocks->reg;
}

/* i486: one for each prefix (REP of a string is part of its figure), one for an index register,
 * one for a displacement together with an immediate. i386: none (i486 PRM 26.2, table 10.1). */
static uint32_t form_clocks_486(const struct reader *reader, uint32_t repeated)
{
    const struct uop *uop = &reader->out->uop;
    uint32_t address = uop->flags & UOP_MEMORY;
    return reader->out->prefix_bytes - repeated + (address && uop->index != REG_NONE) +
           (address && reader->immediates && reader->displaced);
}

static void count_clocks(struct reader *reader, enum cpu_timing timing, uint32_t repeated)
{
    struct decoded *out = reader->out;
    out->clocks = 1;
    if (timing == TIMING_UNIT) {
        return;
    }
    uint32_t clocks = base_clocks(reader, timing, repeated);
    out->uop.imm |= (uint32_t)reader->info->range[timing] << FPU_RANGE_SHIFT; /* no immediate */
    out->clocks_taken = reader->info->taken[timing];
    if (timing == TIMING_I486) {
        clocks += form_clocks_486(reader, repeated) - reader->info->concurrent;
        out->uop.imm |= (uint32_t)reader->info->concurrent << FPU_CONCURRENT_SHIFT;
    } else { /* m: 1 for a displacement, 1 for immediates, 1 for each other byte */
        out->refill = (uint8_t)(reader->at - reader->value_bytes + reader->displaced +
                                (reader->immediates != 0));
    }
    out->clocks = (uint16_t)(clocks ? clocks : 1);
}

/* ---- the whole ---- */
static uint32_t ends_block(const struct reader *reader)
{
    if (reader->info->ends_block == ENDS_IF_SS) {
        return (reader->modrm >> 3 & 7) == SEG_SS;
    }
    return reader->info->ends_block;
}

static enum decode_result finish(struct reader *reader, const struct cpu_config *config)
{
    struct decoded *out = reader->out;
    const struct insn_info *info = reader->info;
    uint32_t repeated = reader->flags & (UOP_REP | UOP_REPNE) && info->handlers[FORM_REP];
    uint32_t form = (reader->memory ? FORM_MEMORY : 0) | (is_32bit(reader) ? FORM_32 : 0) |
                    (repeated ? FORM_REP : 0);
    uint32_t path = forbidden_path(reader, config->level);
    if (path) {
        return decode_raise(reader, path);
    }
    out->uop.handler_id = info->handlers[form];
    out->uop.length = (uint8_t)reader->at;
    out->uop.flags = (uint16_t)(reader->flags | (repeated ? UOP_REPEATS : 0));
    out->ends_block = (uint8_t)ends_block(reader);
    out->careful = !handler_has_fast[out->uop.handler_id];
    out->narrow = (reader->memory && reader->flags & UOP_ADDRESS16) ||
                  (info->uses_stack && !(reader->key & BLOCK_KEY_STACK32));
    /* beyond 64 KiB its target depends on EIP, which a link between blocks must not */
    out->careful |= out->is_branch && !is_32bit(reader) && reader->key & BLOCK_KEY_CODE32;
    count_clocks(reader, config->timing, repeated);
    if (out->is_branch) {
        out->uop.src = (uint8_t)out->clocks_taken;
    }
    return DECODE_OK;
}

/* After the opcode: `entry` of its map. */
static enum decode_result decode_entry(struct reader *reader, uint32_t entry,
                                       const struct cpu_config *config)
{
    uint32_t have_modrm = entry & OPCODE_GROUP;
    if (have_modrm) {
        reader->modrm = next_byte(reader);
        entry = opcode_groups[entry & ~OPCODE_GROUP][reader->modrm >> 3 & 7];
    }
    uint32_t fpu_opcode = entry & OPCODE_FPU;
    if (fpu_opcode) { /* imm: the opcode as the x87 notes it; count_clocks() adds clocks */
        have_modrm = 1;
        reader->modrm = next_byte(reader);
        reader->out->uop.imm = (entry & 7) << 8 | reader->modrm;
        entry = reader->modrm < 0xC0 ? fpu_memory_map[entry & 7][reader->modrm >> 3 & 7]
                                     : fpu_register_map[entry & 7][reader->modrm & 63];
    }
    if (reader->past_end) {
        return decode_short(reader);
    }
    const struct insn_info *info = &insn_table[entry];
    reader->info = info;
    reader->out->row = (uint16_t)entry;
    if (entry == INSN_none) {
        return decode_raise(reader, PATH_ud_opcode);
    }
    if (info->level > config->level || (info->gone && config->level >= info->gone)) {
        return decode_raise(reader, PATH_ud_level);
    }
    if (needs_modrm(info)) {
        if (!have_modrm) {
            reader->modrm = next_byte(reader);
        }
        uint32_t first = info->operands[0], second = info->operands[1];
        uint32_t always_register = first == OPD_Rd || second == OPD_Rd;
        if (reader->modrm < 0xC0 && !always_register && !reader->past_end) {
            take_memory_form(reader);
        }
        if (!reader->past_end && !info->handlers[reader->memory ? FORM_MEMORY : 0]) {
            return decode_raise(reader, PATH_ud_register_form);
        }
    }
    for (uint32_t i = 0; i < 3 && info->operands[i]; i++) {
        take_operand(reader, i, info->operands[i]);
    }
    return reader->past_end ? decode_short(reader) : finish(reader, config);
}

enum decode_result decode_instruction(const uint8_t *bytes, uint32_t available, uint32_t key,
                                      const struct cpu_config *config, struct decoded *out)
{
    struct reader reader = {.bytes = bytes, .key = key, .segment = SEG_COUNT, .out = out};
    uint32_t byte;

    *out = (struct decoded){.uop = {.base = REG_NONE, .index = REG_NONE, .segment = SEG_DS}};
    reader.end = available < LENGTH_LIMIT ? available : LENGTH_LIMIT;
    reader.flags = key & BLOCK_KEY_CODE32 ? UOP_CODE32 : UOP_SIZE16 | UOP_ADDRESS16;
    do {
        byte = next_byte(&reader);
    } while (!reader.past_end && take_prefix(&reader, byte));
    out->prefix_bytes = (uint8_t)(reader.at - !reader.past_end);
    reader.opcode = byte;
    const uint16_t *map = opcode_map_1b;
    if (byte == 0x0F) {
        map = opcode_map_0f;
        reader.opcode = next_byte(&reader);
    }
    if (reader.past_end) {
        return decode_short(&reader);
    }
    return decode_entry(&reader, map[reader.opcode], config);
}
