/* See generate.h. Registers that address memory are loaded right before each instruction, so
 * that what earlier ones left in them does not matter; all else is as random as it comes.
 * SPDX-License-Identifier: MIT */
#include "tests/oracle/generate.h"

#include <string.h>

#include "cpu/decode.h"
#include "cpu/isa.h"
#include "tests/oracle/host32.h"

/* ---- random numbers: xorshift64 ---- */

uint32_t random32(struct generator *gen)
{
    gen->seed ^= gen->seed << 13;
    gen->seed ^= gen->seed >> 7;
    gen->seed ^= gen->seed << 17;
    return (uint32_t)(gen->seed >> 16);
}

static uint32_t below(struct generator *gen, uint32_t limit)
{
    return (uint32_t)(((uint64_t)random32(gen) * limit) >> 32);
}

static bool one_in(struct generator *gen, uint32_t n)
{
    return below(gen, n) == 0;
}

uint32_t random_value(struct generator *gen)
{
    switch (below(gen, 6)) {
    case 0:
        return below(gen, 20);
    case 1:
        return 0u - below(gen, 20);
    case 2:
        return 1u << below(gen, 32);
    case 3:
        return (1u << below(gen, 32)) - 1;
    default:
        return random32(gen);
    }
}

/* ---- bytes ---- */

static void put(struct generator *gen, uint32_t bytes, uint32_t value)
{
    memcpy(gen->code + gen->count, &value, bytes);
    gen->count += bytes;
}

static void put_mov(struct generator *gen, uint32_t reg, uint32_t value)
{
    put(gen, 1, 0xB8 + reg);
    put(gen, 4, value);
}

/* ---- forms ---- */

enum operand {
    NONE,
    RM,      /* ModR/M, register or memory */
    REG,     /* ModR/M, register only */
    MEM,     /* ModR/M, memory only */
    LEA,     /* ModR/M, memory that is not accessed */
    BITS,    /* ModR/M; in memory the register operand is a bit number */
    MOFFS,   /* offset in the instruction */
    STRING,  /* ESI, EDI, ECX; REP now and then */
    TABLE,   /* XLAT */
    BRANCH,  /* relative, over a filler */
    ROUTINE, /* CALL, JMP, RET to a place a little ahead */
    FLAGS,   /* POPF of arithmetic flags and DF */
};

#define BYTE   0x01u /* operand size is 8 */
#define IMM8   0x02u
#define IMM16  0x04u
#define IMMV   0x08u
#define TWO    0x10u /* 0F opcode */
#define STACK  0x20u /* uses ESP (and EBP) */
#define DIVIDE 0x40u /* prepare a quotient that mostly fits */
#define FAR32  0x80u /* never with a 16-bit operand size */

struct form {
    uint8_t opcode;
    uint8_t span; /* opcodes opcode .. opcode + span - 1 */
    int8_t digit; /* ModR/M bits 5-3, or -1: a register */
    uint8_t operand;
    uint8_t flags;
};

#define ALU_FORMS(base, digit)                                                                     \
    {base + 0, 1, -1, RM, BYTE}, {base + 1, 1, -1, RM, 0}, {base + 2, 1, -1, RM, BYTE},            \
        {base + 3, 1, -1, RM, 0}, {base + 4, 1, -1, NONE, IMM8}, {base + 5, 1, -1, NONE, IMMV},    \
        {0x80, 1, digit, RM, BYTE | IMM8}, {0x81, 1, digit, RM, IMMV},                             \
    {                                                                                              \
        0x83, 1, digit, RM, IMM8                                                                   \
    }
#define SHIFT_FORMS(digit)                                                                         \
    {0xC0, 1, digit, RM, BYTE | IMM8}, {0xC1, 1, digit, RM, IMM8}, {0xD0, 1, digit, RM, BYTE},     \
        {0xD1, 1, digit, RM, 0}, {0xD2, 1, digit, RM, BYTE},                                       \
    {                                                                                              \
        0xD3, 1, digit, RM, 0                                                                      \
    }

static const struct form forms[] = {
    ALU_FORMS(0x00, 0),
    ALU_FORMS(0x08, 1),
    ALU_FORMS(0x10, 2),
    ALU_FORMS(0x18, 3),
    ALU_FORMS(0x20, 4),
    ALU_FORMS(0x28, 5),
    ALU_FORMS(0x30, 6),
    ALU_FORMS(0x38, 7),
    {0x82, 1, 5, RM, BYTE | IMM8},
    {0x84, 1, -1, RM, BYTE},
    {0x85, 1, -1, RM, 0},
    {0xA8, 1, -1, NONE, IMM8},
    {0xA9, 1, -1, NONE, IMMV},
    {0xF6, 1, 0, RM, BYTE | IMM8},
    {0xF7, 1, 1, RM, IMMV},
    {0xF6, 1, 2, RM, BYTE},
    {0xF7, 1, 2, RM, 0},
    {0xF6, 1, 3, RM, BYTE},
    {0xF7, 1, 3, RM, 0},
    {0xF6, 1, 4, RM, BYTE},
    {0xF7, 1, 4, RM, 0},
    {0xF6, 1, 5, RM, BYTE},
    {0xF7, 1, 5, RM, 0},
    {0xF6, 1, 6, RM, BYTE | DIVIDE},
    {0xF7, 1, 6, RM, DIVIDE},
    {0xF6, 1, 7, RM, BYTE | DIVIDE},
    {0xF7, 1, 7, RM, DIVIDE},
    {0xFE, 1, 0, RM, BYTE},
    {0xFE, 1, 1, RM, BYTE},
    {0xFF, 1, 0, RM, 0},
    {0xFF, 1, 1, RM, 0},
    {0x40, 16, -1, NONE, 0},
    {0x69, 1, -1, RM, IMMV},
    {0x6B, 1, -1, RM, IMM8},
    {0xAF, 1, -1, RM, TWO},
    SHIFT_FORMS(0),
    SHIFT_FORMS(1),
    SHIFT_FORMS(2),
    SHIFT_FORMS(3),
    SHIFT_FORMS(4),
    SHIFT_FORMS(5),
    SHIFT_FORMS(6),
    SHIFT_FORMS(7),
    {0xA4, 1, -1, RM, TWO | IMM8}, /* SHLD, SHRD: of 16 bits not by more than 16 */
    {0xA5, 1, -1, RM, TWO},
    {0xAC, 1, -1, RM, TWO | IMM8},
    {0xAD, 1, -1, RM, TWO},
    {0xA3, 1, -1, BITS, TWO},
    {0xAB, 1, -1, BITS, TWO},
    {0xB3, 1, -1, BITS, TWO},
    {0xBB, 1, -1, BITS, TWO},
    {0xBA, 1, 4, RM, TWO | IMM8},
    {0xBA, 1, 5, RM, TWO | IMM8},
    {0xBA, 1, 6, RM, TWO | IMM8},
    {0xBA, 1, 7, RM, TWO | IMM8},
    {0xBC, 2, -1, RM, TWO},
    {0x40, 16, -1, RM, TWO}, /* CMOVcc */
    {0x40, 16, -1, RM, TWO},
    {0x90, 16, 0, RM, TWO | BYTE}, /* SETcc */
    {0x90, 16, 0, RM, TWO | BYTE},
    {0x86, 1, -1, RM, BYTE},
    {0x87, 1, -1, RM, 0},
    {0x90, 8, -1, NONE, 0}, /* XCHG with eAX, NOP */
    {0x88, 1, -1, RM, BYTE},
    {0x89, 1, -1, RM, 0},
    {0x8A, 1, -1, RM, BYTE},
    {0x8B, 1, -1, RM, 0},
    {0xA0, 4, -1, MOFFS, 0},
    {0xB0, 8, -1, NONE, IMM8},
    {0xB8, 8, -1, NONE, IMMV},
    {0xC6, 1, 0, RM, BYTE | IMM8},
    {0xC7, 1, 0, RM, IMMV},
    {0xB6, 1, -1, RM, TWO | BYTE}, /* MOVZX, MOVSX */
    {0xB7, 1, -1, RM, TWO},
    {0xBE, 1, -1, RM, TWO | BYTE},
    {0xBF, 1, -1, RM, TWO},
    {0x8D, 1, -1, LEA, 0},
    {0x8D, 1, -1, LEA, 0},
    {0xD7, 1, -1, TABLE, 0},
    {0xC8, 8, -1, NONE, TWO | FAR32}, /* BSWAP */
    {0xC0, 1, -1, RM, TWO | BYTE},    /* XADD */
    {0xC1, 1, -1, RM, TWO},
    {0xB0, 1, -1, RM, TWO | BYTE}, /* CMPXCHG */
    {0xB1, 1, -1, RM, TWO},
    {0xC7, 1, 1, MEM, TWO | FAR32}, /* CMPXCHG8B */
    {0x50, 16, -1, NONE, STACK},
    {0x50, 16, -1, NONE, STACK},
    {0x68, 1, -1, NONE, STACK | IMMV},
    {0x6A, 1, -1, NONE, STACK | IMM8},
    {0xFF, 1, 6, RM, STACK},
    {0x8F, 1, 0, RM, STACK},
    {0x60, 2, -1, NONE, STACK}, /* PUSHA, POPA */
    {0x60, 2, -1, NONE, STACK},
    {0xC8, 1, -1, NONE, STACK | IMM16 | IMM8}, /* ENTER */
    {0xC9, 1, -1, NONE, STACK},
    {0x27, 1, -1, NONE, 0},
    {0x2F, 1, -1, NONE, 0},
    {0x37, 1, -1, NONE, 0},
    {0x3F, 1, -1, NONE, 0},
    {0xD4, 2, -1, NONE, IMM8},
    {0xD6, 1, -1, NONE, 0},
    {0x98, 2, -1, NONE, 0},
    {0x9E, 2, -1, NONE, 0},
    {0xF5, 1, -1, NONE, 0},
    {0xF8, 2, -1, NONE, 0},
    {0xFC, 2, -1, NONE, 0},
    {0xA4, 4, -1, STRING, 0},
    {0xA4, 4, -1, STRING, 0},
    {0xAA, 6, -1, STRING, 0},
    {0xAA, 6, -1, STRING, 0},
    {0x70, 16, -1, BRANCH, 0},
    {0x80, 16, -1, BRANCH, TWO},
    {0xE0, 4, -1, BRANCH, 0},
    {0xEB, 1, -1, BRANCH, 0},
    {0xE9, 1, -1, BRANCH, TWO}, /* a 32-bit displacement, but no 0F */
    {0xE8, 1, -1, ROUTINE, STACK},
    {0xC3, 1, -1, ROUTINE, STACK},
    {0xC2, 1, -1, ROUTINE, STACK | IMM16},
    {0xFF, 1, 2, ROUTINE, STACK},
    {0xFF, 1, 4, ROUTINE, STACK},
    {0x62, 1, -1, MEM, 0}, /* BOUND */
    {0x9C, 1, -1, NONE, STACK},
    {0x9D, 1, -1, FLAGS, STACK},
    {0xCE, 1, -1, NONE, 0}, /* INTO */
    {0x18, 8, -1, RM, TWO}, /* hint NOPs */
};
#define FORMS (sizeof forms / sizeof *forms)

/* ---- memory operands ---- */

/* An offset into the window, near the middle page so that 2 KiB either side are inside; often at
 * the edge between two pages. */
static uint32_t window_offset(struct generator *gen, uint32_t segment)
{
    if (gen->small && segment != SEG_SS && one_in(gen, 100)) {
        return 0xFFFB + below(gen, 8); /* the limit of the small segment */
    }
    return one_in(gen, 2) ? 0xFE0 + below(gen, 64) : 0xC00 + below(gen, 0x1800);
}

/* What DS, ES or SS reaches as its linear address ORACLE_DATA. */
static uint32_t window_start(const struct generator *gen, uint32_t segment)
{
    return gen->small && segment != SEG_SS ? ORACLE_DATA - ORACLE_SEGMENT : ORACLE_DATA;
}

static uint32_t override_prefix(uint32_t segment)
{
    return segment == SEG_ES ? 0x26 : segment == SEG_SS ? 0x36 : 0x3E;
}

/* How one memory operand will be encoded. */
struct address {
    uint32_t segment; /* SEG_* */
    bool override;
    bool small;       /* 16-bit */
    uint32_t mod, rm; /* rm 4 of a 32-bit one: SIB */
    uint32_t base, index, scale;
    uint32_t disp;
    uint32_t taken; /* bit n: register n is used */
};

/* The registers of the 16-bit forms by r/m; 8: none. */
static const uint8_t base16[8] = {REG_EBX, REG_EBX, REG_EBP, REG_EBP,
                                  REG_ESI, REG_EDI, REG_EBP, REG_EBX};
static const uint8_t index16[8] = {REG_ESI, REG_EDI, REG_ESI, REG_EDI, 8, 8, 8, 8};

static void choose_address(struct generator *gen, struct address *a, bool accessed)
{
    memset(a, 0, sizeof *a);
    a->small = (gen->small || !accessed) && one_in(gen, 2);
    a->mod = below(gen, 3);
    a->rm = below(gen, 8);
    a->index = 8;
    bool absolute = a->mod == 0 && a->rm == (a->small ? 6 : 5);
    if (absolute) {
        a->base = 8;
    } else if (a->small) {
        a->base = base16[a->rm];
        a->index = index16[a->rm];
    } else if (a->rm == 4) {
        a->base = below(gen, 8);
        a->index = below(gen, 8);
        a->scale = below(gen, 4);
        absolute = a->mod == 0 && a->base == REG_EBP;
        a->base = absolute ? 8 : a->base;
        if (a->index == REG_ESP || a->index == a->base) {
            a->index = 8;
        }
    } else {
        a->base = a->rm;
    }
    a->taken = (a->base < 8 ? 1u << a->base : 0) | (a->index < 8 ? 1u << a->index : 0);
    a->segment = a->base == REG_EBP || a->base == REG_ESP ? SEG_SS : SEG_DS;
    a->override = one_in(gen, 4);
    if (a->override) {
        static const uint8_t choices[3] = {SEG_ES, SEG_SS, SEG_DS};
        a->segment = choices[below(gen, 3)];
    }
    if (a->small && a->segment == SEG_SS && accessed) {
        a->override = true; /* the stack segment is flat: out of reach of 16 bits */
        a->segment = SEG_DS;
    }
}

/* Load the registers so that the operand lies at `offset` of the window, and fix disp. */
static void set_up_address(struct generator *gen, struct address *a, uint32_t offset)
{
    uint32_t target = window_start(gen, a->segment) + offset;
    uint32_t index = 0;
    a->disp = a->mod == 1 ? (uint32_t)(int32_t)(int8_t)random32(gen) : 0;
    if (a->index < 8) {
        index = a->small || one_in(gen, 2) ? random32(gen) : below(gen, 64);
        put_mov(gen, a->index, index);
    }
    if (a->base == 8) {
        a->disp = target - (index << a->scale);
        return;
    }
    uint32_t base = target - (index << a->scale) - a->disp;
    if (a->mod == 2) {
        base = a->base == REG_ESP || one_in(gen, 2) ? ORACLE_DATA + window_offset(gen, SEG_SS)
                                                    : random32(gen);
        a->disp = target - (index << a->scale) - base;
    }
    if (a->small) {
        base ^= random32(gen) << 16; /* beyond 16 bits nothing matters */
    }
    put_mov(gen, a->base, base);
}

static void put_address(struct generator *gen, const struct address *a, uint32_t reg)
{
    uint32_t rm = a->rm;
    put(gen, 1, a->mod << 6 | reg << 3 | rm);
    if (!a->small && rm == 4) {
        uint32_t base = a->base == 8 ? REG_EBP : a->base;
        uint32_t index = a->index == 8 ? REG_ESP : a->index;
        put(gen, 1, a->scale << 6 | index << 3 | base);
    }
    if (a->mod == 1) {
        put(gen, 1, a->disp);
    } else if (a->mod == 2 || a->base == 8) {
        put(gen, a->small ? 2 : 4, a->disp);
    }
}

/* ---- one instruction ---- */

/* For the decoder: 32-bit code at CPL 3. */
#define CODE_KEY (BLOCK_KEY_CODE32 | BLOCK_KEY_STACK32 | BLOCK_KEY_PE | BLOCK_KEY_CPL)
static const struct cpu_config any_level = {.level = CPU_I686, .block_limit = 64};

static bool is_double_shift(const struct form *form)
{
    return form->flags & TWO && (form->opcode & 0xF6) == 0xA4;
}

static void put_immediates(struct generator *gen, const struct form *form, bool size16)
{
    if (form->flags & IMM16) {
        put(gen, 2, below(gen, form->opcode == 0xC8 ? 0x200 : 0x40)); /* ENTER, RET */
    }
    if (form->flags & IMM8) {
        uint32_t limit = form->opcode == 0xC8 ? 40 : size16 && is_double_shift(form) ? 17 : 0;
        put(gen, 1, limit ? below(gen, limit) : random_value(gen));
    }
    if (form->flags & IMMV) {
        put(gen, size16 ? 2 : 4, random_value(gen));
    }
}

/* ESP, and EBP for ENTER and LEAVE, into the window. */
static void set_up_stack(struct generator *gen)
{
    put_mov(gen, REG_ESP, ORACLE_DATA + 0xE00 + below(gen, 0x1400));
    put_mov(gen, REG_EBP, ORACLE_DATA + 0xE00 + below(gen, 0x1400));
}

/* EDX:EAX such that a division mostly does not overflow. */
static void set_up_dividend(struct generator *gen)
{
    uint32_t low = random_value(gen);
    put_mov(gen, REG_EAX, one_in(gen, 2) ? low : low & 0xFFF);
    put_mov(gen, REG_EDX, one_in(gen, 3) ? random_value(gen) : 0u - (low >> 31));
}

static void put_prefixes(struct generator *gen, bool size16, bool address16, bool override,
                         uint32_t segment)
{
    if (size16) {
        put(gen, 1, 0x66);
    }
    if (address16) {
        put(gen, 1, 0x67);
    }
    if (override) {
        put(gen, 1, override_prefix(segment));
    }
}

static void put_string(struct generator *gen, uint32_t opcode, bool size16)
{
    uint32_t from = 0x400 + below(gen, 0x2600), to = 0x400 + below(gen, 0x2600);
    if (one_in(gen, 2)) {
        to = (from & ~7u) + below(gen, 16); /* overlapping */
    }
    bool address16 = gen->small && one_in(gen, 3), override = one_in(gen, 4);
    uint32_t segment = override && !address16 && one_in(gen, 2) ? SEG_SS : SEG_DS;
    uint32_t junk = address16 ? random32(gen) << 16 : 0;
    put_mov(gen, REG_ESI, (window_start(gen, segment) + from) ^ junk);
    put_mov(gen, REG_EDI, (window_start(gen, SEG_ES) + to) ^ junk);
    put_mov(gen, REG_ECX, below(gen, one_in(gen, 4) ? 200 : 20) ^ junk);
    put_prefixes(gen, size16, address16, override, segment);
    if (one_in(gen, 2)) {
        put(gen, 1, 0xF2 + below(gen, 2));
    }
    put(gen, 1, opcode);
}

static void put_filler(struct generator *gen)
{
    put(gen, 1, 0x40 + below(gen, 4)); /* INC EAX..EBX */
    put(gen, 1, 0xF5);                 /* CMC */
}

static void put_branch(struct generator *gen, uint32_t opcode, bool wide)
{
    if (opcode >= 0xE0 && opcode <= 0xE3) {
        bool address16 = one_in(gen, 3);
        put_mov(gen, REG_ECX, below(gen, 3) | (address16 ? random32(gen) << 16 : 0));
        put_prefixes(gen, false, address16, false, 0);
    }
    if (wide && opcode != 0xE9) {
        put(gen, 1, 0x0F);
    }
    put(gen, 1, opcode);
    put(gen, wide ? 4 : 1, 2);
    put_filler(gen);
}

static void put_routine(struct generator *gen, const struct form *form)
{
    uint32_t reg = below(gen, 4);
    uint32_t at = 0;
    set_up_stack(gen);
    if (form->opcode == 0xE8) {
        put(gen, 1, 0xE8);
        put(gen, 4, 2);
    } else if (form->opcode == 0xFF && one_in(gen, 2)) { /* through memory */
        uint32_t cell = window_start(gen, SEG_DS) + window_offset(gen, SEG_DS);
        put(gen, 2, 0x05C7);
        put(gen, 4, cell);
        put(gen, 4, 0);
        at = gen->count - 4;
        put(gen, 1, 0xFF);
        put(gen, 1, (uint32_t)form->digit << 3 | 5);
        put(gen, 4, cell);
    } else if (form->opcode == 0xFF) {
        put_mov(gen, reg, 0);
        at = gen->count - 4;
        put(gen, 1, 0xFF);
        put(gen, 1, 0xC0u | (uint32_t)form->digit << 3 | reg);
    } else {
        put(gen, 1, 0x68);
        put(gen, 4, 0);
        at = gen->count - 4;
        put(gen, 1, form->opcode);
        put_immediates(gen, form, false);
    }
    put_filler(gen);
    if (at) {
        uint32_t address = ORACLE_CODE + gen->count;
        memcpy(gen->code + at, &address, 4);
    }
}

static void put_moffs(struct generator *gen, uint32_t opcode, bool size16)
{
    bool address16 = gen->small && one_in(gen, 2), override = one_in(gen, 4);
    uint32_t segment = override && !address16 ? SEG_SS : SEG_DS;
    put_prefixes(gen, size16, address16, override, segment);
    put(gen, 1, opcode);
    put(gen, address16 ? 2 : 4, window_start(gen, segment) + window_offset(gen, segment));
}

static void put_table(struct generator *gen)
{
    uint32_t al = random32(gen) & 255;
    bool address16 = gen->small && one_in(gen, 2);
    put(gen, 1, 0xB0);
    put(gen, 1, al);
    put_mov(gen, REG_EBX, window_start(gen, SEG_DS) + window_offset(gen, SEG_DS));
    put_prefixes(gen, false, address16, false, 0);
    put(gen, 1, 0xD7);
}

/* A LOCK prefix before the instruction at code[at], if it takes one. */
static void put_lock(struct generator *gen, uint32_t at)
{
    struct decoded decoded;
    if (decode_instruction(gen->code + at, gen->count - at, CODE_KEY, &any_level, &decoded) ==
            DECODE_OK &&
        decoded.uop.flags & UOP_MEMORY && insn_table[decoded.row].prefixes == PFX_LOCK) {
        memmove(gen->code + at + 1, gen->code + at, gen->count - at);
        gen->code[at] = 0xF0;
        gen->count++;
    }
}

static void put_modrm_form(struct generator *gen, const struct form *form, uint32_t opcode,
                           bool size16)
{
    bool memory = form->operand == MEM || form->operand == LEA ||
                  ((form->operand == RM || form->operand == BITS) && one_in(gen, 2));
    uint32_t reg = form->digit >= 0 ? (uint32_t)form->digit : below(gen, 8);
    struct address address = {.base = 8, .index = 8};
    bool by_cl = size16 && is_double_shift(form) && !(form->flags & IMM8);
    if (by_cl) {
        put(gen, 1, 0xB1); /* MOV CL */
        put(gen, 1, below(gen, 17));
    }
    if (form->flags & DIVIDE) {
        set_up_dividend(gen);
    }
    if (form->flags & STACK) {
        set_up_stack(gen);
    }
    if (memory) {
        do {
            choose_address(gen, &address, form->operand != LEA);
        } while ((form->operand == BITS && (address.taken >> reg & 1)) ||
                 (form->flags & DIVIDE && address.taken & 5) || (by_cl && address.taken & 2) ||
                 (form->flags & STACK && address.taken & 0x10 && address.mod != 2));
        if (form->operand == LEA) {
            address.disp = random_value(gen);
        } else {
            set_up_address(gen, &address, window_offset(gen, address.segment));
        }
        if (form->operand == BITS) {
            put_mov(gen, reg, below(gen, 0x2000) - 0x1000);
        }
    }
    uint32_t start = gen->count;
    put_prefixes(gen, size16, address.small, address.override, address.segment);
    if (form->flags & TWO) {
        put(gen, 1, 0x0F);
    }
    put(gen, 1, opcode);
    if (memory) {
        put_address(gen, &address, reg);
    } else {
        put(gen, 1, 0xC0 | reg << 3 | below(gen, 8));
    }
    put_immediates(gen, form, size16);
    if (one_in(gen, 8)) {
        put_lock(gen, start);
    }
}

static void put_plain(struct generator *gen, const struct form *form, uint32_t opcode, bool size16)
{
    if (form->flags & STACK) {
        set_up_stack(gen);
    }
    put_prefixes(gen, size16, false, false, 0);
    if (form->flags & TWO) {
        put(gen, 1, 0x0F);
    }
    put(gen, 1, opcode);
    put_immediates(gen, form, size16);
}

/* The bits that the instruction at code[at] leaves undefined, by the table. */
static uint32_t undefined_after(const struct generator *gen, uint32_t at)
{
    struct decoded decoded;
    uint32_t undefined = 0;
    while (at < gen->count) {
        if (decode_instruction(gen->code + at, gen->count - at, CODE_KEY, &any_level, &decoded) !=
            DECODE_OK) {
            return EFLAGS_ARITHMETIC;
        }
        undefined = insn_table[decoded.row].flags_undefined;
        at += decoded.uop.length;
    }
    return undefined;
}

static void put_instruction(struct generator *gen)
{
    const struct form *form = &forms[below(gen, FORMS)];
    uint32_t opcode = form->opcode + below(gen, form->span);
    bool size16 = !(form->flags & (BYTE | FAR32)) && one_in(gen, 3);
    switch (form->operand) {
    case ROUTINE:
        put_routine(gen, form);
        break;
    case NONE:
        put_plain(gen, form, opcode, size16);
        break;
    case STRING:
        put_string(gen, opcode, size16);
        break;
    case TABLE:
        put_table(gen);
        break;
    case MOFFS:
        put_moffs(gen, opcode, size16);
        break;
    case FLAGS:
        set_up_stack(gen);
        put(gen, 1, 0x68);
        put(gen, 4, (random32(gen) & (EFLAGS_ARITHMETIC | EFLAGS_DF)) | EFLAGS_IF | EFLAGS_ONE);
        put(gen, 1, 0x9D);
        break;
    case BRANCH:
        put_branch(gen, opcode, form->flags & TWO);
        break;
    default:
        put_modrm_form(gen, form, opcode, size16);
        break;
    }
}

void generate(struct generator *gen, uint32_t instructions)
{
    gen->count = 0;
    gen->undefined = 0;
    for (uint32_t n = 0; n < instructions; n++) {
        if (gen->undefined) { /* nobody may depend on it */
            put(gen, 2, 0xC039 | below(gen, 64) << 8);
        }
        uint32_t at = gen->count;
        put_instruction(gen);
        gen->undefined = undefined_after(gen, at);
        if (!(gen->undefined & ~EFLAGS_AF) && one_in(gen, 3)) {
            put_branch(gen, 0x70 + below(gen, 16), false);
        }
    }
}
