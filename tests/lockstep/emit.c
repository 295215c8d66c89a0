/* The emitter: instructions that are likely to get somewhere and likely to meet each other's
 * corner cases: page borders, aliases, the stack, the code itself.
 * SPDX-License-Identifier: MIT */
#include "tests/lockstep/program.h"

uint32_t chance(struct emitter *e, uint32_t below)
{
    return (uint32_t)(next_random(e->random) >> 20) % below;
}

static void put(struct emitter *e, uint32_t byte)
{
    if (e->at < e->end) {
        e->program->ram[e->at++] = (uint8_t)byte;
    }
}

static void put_value(struct emitter *e, uint32_t value, uint32_t bytes)
{
    for (uint32_t i = 0; i < bytes; i++) {
        put(e, value >> (8 * i));
    }
}

static void put2(struct emitter *e, uint32_t a, uint32_t b)
{
    put(e, a);
    put(e, b);
}

/* A 32-bit instruction in whatever segment. */
static void wide(struct emitter *e)
{
    if (e->bits16) {
        put(e, 0x66);
    }
}
static void wide_address(struct emitter *e)
{
    if (e->bits16) {
        put(e, 0x67);
    }
}

/* ---- where to ---- */

static uint32_t alias_of(struct emitter *e, uint32_t address)
{
    switch (chance(e, 6)) {
    case 0:
        return address + ALIAS_CONFLICT;
    case 1:
        return ALIAS_HIGH + chance(e, ALIAS_PAGES) * 4096 + (address & 0xFFF);
    default:
        return address;
    }
}

static uint32_t code_address(struct emitter *e)
{
    switch (chance(e, 4)) {
    case 0:
        return AT_CODE + chance(e, CODE_BYTES);
    case 1:
        return e->program->entries[chance(e, ENTRY_COUNT)];
    default:
        return e->at + chance(e, 48) - 8;
    }
}

static uint32_t data_address(struct emitter *e)
{
    switch (chance(e, 16)) {
    case 0:
        return AT_DATA + 4096 * (1 + chance(e, 7)) - 1 - chance(e, 4); /* over a border */
    case 1:
        return alias_of(e, code_address(e));
    case 2:
        return AT_STACKS + chance(e, 0x8000);
    case 3:
        return HOLE_FIRST - 3 + chance(e, 0x2006);
    case 4:
        return ALIAS_HIGH + chance(e, ALIAS_PAGES) * 4096 + 4090 + chance(e, 12);
    case 5:
        return (uint32_t)next_random(e->random);
    case 6:
        return AT_TABLES + 4 * chance(e, 0x400);
    case 7:
        return chance(e, 0x10) + 0x7FF8;
    default:
        return alias_of(e, AT_DATA + chance(e, DATA_BYTES));
    }
}

/* ModR/M with a memory operand, `reg` in the middle. Registers tend to hold data addresses. */
static void put_memory(struct emitter *e, uint32_t reg)
{
    if (e->bits16 && chance(e, 2)) {
        uint32_t mod = chance(e, 3), rm = chance(e, 8);
        put(e, mod << 6 | reg << 3 | rm);
        put_value(e, data_address(e), mod == 2 || (mod == 0 && rm == 6) ? 2 : mod);
        return;
    }
    uint32_t form = chance(e, 4);
    if (form == 0) {
        put(e, reg << 3 | 5);
        put_value(e, data_address(e), 4);
    } else if (form == 1) {
        put(e, 0x44 | reg << 3);
        put(e, chance(e, 256));
        put(e, chance(e, 256));
    } else {
        uint32_t base = chance(e, 8);
        put(e, 0x40 | reg << 3 | (base == 4 ? 5 : base));
        put(e, chance(e, 256));
    }
}

static void put_any(struct emitter *e, uint32_t reg)
{
    if (chance(e, 2)) {
        put(e, 0xC0 | reg << 3 | chance(e, 8));
    } else {
        put_memory(e, reg);
    }
}

static void prefixes(struct emitter *e)
{
    static const uint8_t some[] = {0x66, 0x67, 0x2E, 0x36, 0x26, 0x64, 0x65, 0x3E, 0xF0, 0xF3};
    while (!chance(e, 8)) {
        put(e, some[chance(e, sizeof some)]);
    }
}

static void load_register(struct emitter *e, uint32_t reg, uint32_t value)
{
    wide(e);
    put(e, 0xB8 | reg);
    put_value(e, value, 4);
}

/* ---- kinds of instructions ---- */

static void arithmetic(struct emitter *e)
{
    prefixes(e);
    put(e, chance(e, 8) << 3 | chance(e, 4));
    put_any(e, chance(e, 8));
}

static void immediate(struct emitter *e)
{
    uint32_t opcode = 0x80 + chance(e, 4);
    prefixes(e);
    put(e, opcode == 0x82 ? 0x83 : opcode);
    put_any(e, chance(e, 8));
    put_value(e, (uint32_t)next_random(e->random), opcode == 0x81 ? (e->bits16 ? 2 : 4) : 1);
}

static void move(struct emitter *e)
{
    prefixes(e);
    put(e, 0x88 + chance(e, 4));
    put_any(e, chance(e, 8));
}

static void point(struct emitter *e)
{
    uint32_t reg = chance(e, 8);
    load_register(e, reg == 4 ? 5 : reg, data_address(e));
}

static void stack_things(struct emitter *e)
{
    static const uint8_t codes[] = {0x60, 0x61, 0x9C, 0x9D, 0xC9, 0x06,
                                    0x0E, 0x16, 0x1E, 0x07, 0x1F};
    uint32_t kind = chance(e, 8);
    prefixes(e);
    if (kind < 3) {
        put(e, 0x50 + chance(e, 16));
    } else if (kind == 3) {
        put(e, codes[chance(e, sizeof codes)]);
    } else if (kind == 4) {
        put(e, 0xFF);
        put_any(e, 6);
    } else if (kind == 5) {
        put(e, 0x8F);
        put_any(e, 0);
    } else if (kind == 6) {
        put2(e, 0x6A, chance(e, 256));
    } else {
        put(e, 0xC8);
        put_value(e, chance(e, 64), 2);
        put(e, chance(e, 4) ? 0 : chance(e, 32));
    }
}

static void branch(struct emitter *e)
{
    uint32_t near = chance(e, 40) - (chance(e, 3) ? 0 : 40);
    prefixes(e);
    switch (chance(e, 8)) {
    case 0:
        put2(e, 0xEB, near);
        break;
    case 1:
        put2(e, 0xE0 + chance(e, 4), near);
        break;
    case 2:
        put(e, chance(e, 2) ? 0xE8 : 0xE9);
        put_value(e, code_address(e) - e->at - 4, e->bits16 ? 2 : 4);
        break;
    case 3:
        put(e, 0xC3);
        break;
    case 4:
        load_register(e, 6, code_address(e) - (e->bits16 ? AT_CODE : 0));
        put2(e, 0xFF, chance(e, 2) ? 0xE6 : 0xD6);
        break;
    case 5:
        put2(e, 0x0F, 0x80 + chance(e, 16));
        put_value(e, near, e->bits16 ? 2 : 4);
        break;
    default:
        put2(e, 0x70 + chance(e, 16), near);
        break;
    }
}

/* The pairs that run as one handler, with their branch. */
static void compare_and_branch(struct emitter *e)
{
    static const uint8_t codes[] = {0x38, 0x39, 0x3A, 0x3B, 0x84, 0x85, 0x28, 0x2B, 0x20, 0x03};
    switch (chance(e, 4)) {
    case 0:
        put(e, codes[chance(e, sizeof codes)]);
        put_any(e, chance(e, 8));
        break;
    case 1:
        put(e, 0x40 + chance(e, 16));
        break;
    case 2:
        put2(e, 0x83, 0xF8 | chance(e, 8));
        put(e, chance(e, 256));
        break;
    default:
        put2(e, chance(e, 2) ? 0x3C : 0xA8, chance(e, 256));
        break;
    }
    put2(e, 0x70 + chance(e, 16), chance(e, 24) - (chance(e, 3) ? 0 : 24));
}

static void string(struct emitter *e)
{
    static const uint8_t codes[] = {0xA4, 0xA5, 0xAA, 0xAB, 0xA6, 0xA7,
                                    0xAE, 0xAF, 0xAC, 0xAD, 0x6C, 0x6F};
    static const uint32_t counts[] = {0, 1, 2, 5, 30, 200, 1100};
    load_register(e, 1, counts[chance(e, 7)] + chance(e, 3));
    if (chance(e, 3)) {
        load_register(e, 6, data_address(e));
    }
    if (chance(e, 4)) {
        load_register(e, 7, chance(e, 6) ? data_address(e) : e->at + chance(e, 24) - 12);
    }
    if (!chance(e, 4)) {
        put(e, 0xFC + chance(e, 2));
    }
    if (!chance(e, 8)) {
        put(e, 0xFB);
    }
    if (!chance(e, 8)) {
        put2(e, 0x16, 0x17); /* PUSH SS, POP SS: the shadow */
    }
    wide_address(e);
    prefixes(e);
    put(e, chance(e, 4) ? 0xF3 : 0xF2);
    put(e, codes[chance(e, sizeof codes)]);
}

/* Stores into code that runs soon. */
static void modify_code(struct emitter *e)
{
    uint32_t target = e->at + 7 + chance(e, 24) - (chance(e, 3) ? 0 : 24);
    uint32_t bytes = chance(e, 2) ? 1 : 4;
    wide_address(e);
    if (e->bits16 && bytes == 4) {
        put(e, 0x66);
    }
    put2(e, bytes == 1 ? 0xC6 : 0xC7, 0x05);
    put_value(e, alias_of(e, target), 4);
    put_value(e, chance(e, 2) ? 0x90909090u : 0x40414290u + chance(e, 4), bytes);
}

static void flags_and_traps(struct emitter *e)
{
    static const uint8_t codes[] = {0xFA, 0xFB, 0xF8, 0xF9, 0xF5, 0xFC, 0xFD,
                                    0x9E, 0x9F, 0xF4, 0xCC, 0xCE, 0xCF};
    switch (chance(e, 6)) {
    case 0:
        wide(e);
        put(e, 0x68);
        put_value(e, 0x202 | chance(e, 0x4000) | (chance(e, 4) ? 0 : 0x50000), 4);
        wide(e);
        put(e, 0x9D);
        break;
    case 1:
        put2(e, 0xCD, chance(e, 4) ? 0x80 : chance(e, 256));
        break;
    case 2:
        put2(e, 0x16, 0x17);
        break;
    default:
        put(e, codes[chance(e, sizeof codes)]);
        break;
    }
}

static void ports(struct emitter *e)
{
    if (chance(e, 3)) {
        put2(e, 0xE6 + (chance(e, 4) ? 0 : 1), PORT_EOI + chance(e, 7));
    } else {
        put2(e, 0xE4 + chance(e, 2), PORT_RANDOM);
    }
}

static void edit_pages(struct emitter *e)
{
    uint32_t entry =
        AT_TABLES + 4 * (chance(e, 2) ? 0x400 + chance(e, ALIAS_PAGES) : chance(e, 0x180));
    uint32_t frames = chance(e, 4) ? AT_CODE / 4096 + chance(e, CODE_BYTES / 4096) : chance(e, 128);
    wide_address(e);
    wide(e);
    put2(e, 0xC7, 0x05);
    put_value(e, entry, 4);
    put_value(e, frames << 12 | chance(e, 128) | (chance(e, 4) ? 7 : 0), 4);
}

static void system_things(struct emitter *e)
{
    switch (chance(e, 8)) {
    case 0:
        wide_address(e);
        put2(e, 0x0F, 0x01);
        put_memory(e, 7); /* INVLPG */
        break;
    case 1:
        load_register(e, 0, chance(e, 2) ? AT_DIRECTORY_0 : AT_DIRECTORY_1);
        put2(e, 0x0F, 0x22);
        put(e, 0xD8);
        break;
    case 2:
        put2(e, 0x0F, 0x20);
        put(e, 0xC0);
        wide(e);
        put(e, 0x35);
        put_value(e,
                  chance(e, 2)   ? 0x10000
                  : chance(e, 2) ? 0x40000
                  : chance(e, 2) ? 0x8
                                 : 0x20,
                  4);
        put2(e, 0x0F, 0x22);
        put(e, 0xC0);
        break;
    case 3:
        put2(e, 0x0F, chance(e, 2) ? 0xA2 : 0x31);
        break;
    case 4:
        put2(e, 0x0F, chance(e, 4));
        put_any(e, chance(e, 7));
        break;
    default:
        edit_pages(e);
        break;
    }
}

static uint32_t selector(struct emitter *e)
{
    return chance(e, SELECTOR_COUNT) * 8 + (chance(e, 4) ? 0 : chance(e, 8));
}

static void far_things(struct emitter *e)
{
    uint32_t target = code_address(e);
    target -= chance(e, 2) ? AT_CODE : 0;
    switch (chance(e, 5)) {
    case 0:
        wide(e);
        put(e, chance(e, 2) ? 0xEA : 0x9A);
        put_value(e, target, 4);
        put_value(e, selector(e), 2);
        break;
    case 1: /* IRETD at this level */
        wide(e);
        put(e, 0x9C);
        wide(e);
        put(e, 0x68);
        put_value(e, selector(e), 4);
        wide(e);
        put(e, 0x68);
        put_value(e, target, 4);
        wide(e);
        put(e, 0xCF);
        break;
    case 2: /* RETF */
        wide(e);
        put(e, 0x68);
        put_value(e, selector(e), 4);
        wide(e);
        put(e, 0x68);
        put_value(e, target, 4);
        wide(e);
        put(e, 0xCB);
        break;
    default:
        load_register(e, 0, selector(e));
        put2(e, 0x8E, 0xC0 | chance(e, 6) << 3);
        break;
    }
}

static void other(struct emitter *e)
{
    static const uint8_t two[] = {0xA3, 0xAB, 0xB3, 0xBB, 0xA4, 0xA5, 0xAC, 0xAD, 0xAF, 0xB0,
                                  0xB1, 0xB6, 0xB7, 0xBE, 0xBF, 0xBC, 0xBD, 0xC0, 0xC1, 0xB2};
    static const uint8_t one[] = {0x84, 0x85, 0x86, 0x87, 0x8D, 0xD0, 0xD1,
                                  0xD2, 0xD3, 0xF6, 0xF7, 0xFE, 0xFF};
    prefixes(e);
    switch (chance(e, 4)) {
    case 0:
        put2(e, 0x0F, two[chance(e, sizeof two)]);
        put_any(e, chance(e, 8));
        break;
    case 1:
        put2(e, 0x0F, 0x40 + chance(e, 16) + (chance(e, 2) ? 0x50 : 0));
        put_any(e, chance(e, 8));
        break;
    case 2:
        put(e, 0xC0 + chance(e, 2));
        put_any(e, chance(e, 8));
        put(e, chance(e, 40));
        break;
    default:
        put(e, one[chance(e, sizeof one)]);
        put_any(e, chance(e, 8));
        break;
    }
}

/* x87: mostly what touches memory or the control words. Of 16 now and then one that turns the
 * masks, so that errors wait for the next. */
static void coprocessor(struct emitter *e)
{
    static const uint8_t control[] = {0xE2, 0xE3, 0xE3, 0xE4};
    prefixes(e);
    switch (chance(e, 8)) {
    case 0:
        put(e, 0x9B);
        break;
    case 1: /* environments, control words, FNSTSW AX, FNINIT */
        if (chance(e, 2)) {
            put(e, chance(e, 2) ? 0xD9 : 0xDD);
            put_memory(e, 4 + chance(e, 4));
        } else if (chance(e, 2)) {
            put2(e, 0xDF, 0xE0);
        } else {
            put2(e, 0xDB, control[chance(e, sizeof control)]);
        }
        break;
    case 2:
    case 3:
    case 4:
        put(e, 0xD8 + chance(e, 8));
        put_memory(e, chance(e, 8));
        break;
    default:
        put2(e, 0xD8 + chance(e, 8), 0xC0 + chance(e, 64));
        break;
    }
}

/* Numbers on the stack, no error pending: x87 instructions that keep it busy, short of integer
 * ones, some of which look at what it does. */
static void computation(struct emitter *e)
{
    put2(e, 0xDB, 0xE3);
    for (uint32_t i = 2 + chance(e, 3); i; i--) {
        put2(e, 0xD9, 0xE8 + chance(e, 7));
    }
    for (uint32_t i = 4 + chance(e, 12); i; i--) {
        switch (chance(e, 8)) {
        case 0:
            put2(e, 0xDF, 0xE0);
            break;
        case 1:
            put(e, 0x9B);
            break;
        case 2:
            put(e, 0xD9);
            put_memory(e, 7);
            break;
        case 3:
        case 4:
            put(e, 0x40 + chance(e, 4));
            break;
        default: /* all of D8, for ST and ST(0) or ST(1) */
            put2(e, 0xD8, 0xC0 + 8 * chance(e, 8) + chance(e, 2));
            break;
        }
    }
}

static void soup(struct emitter *e)
{
    for (uint32_t i = 1 + chance(e, 6); i; i--) {
        put(e, chance(e, 256));
    }
}

static void fresh_stack(struct emitter *e)
{
    load_register(e, 4, STACK_TOP - 64 * chance(e, 32) - (chance(e, 4) ? 0 : chance(e, 8)));
}

/* So that instructions end exactly where their page does. */
static void up_to_the_page_end(struct emitter *e)
{
    while (e->at < e->end && (e->at & 0xFFF) && (e->at & 0xFFF) > 0xF00) {
        put(e, 0x90);
    }
}

void emit_code(struct emitter *e)
{
    typedef void emit_kind(struct emitter * e);
    static emit_kind *const kinds[] = {arithmetic,
                                       arithmetic,
                                       immediate,
                                       move,
                                       move,
                                       move,
                                       point,
                                       point,
                                       point,
                                       branch,
                                       branch,
                                       stack_things,
                                       stack_things,
                                       compare_and_branch,
                                       compare_and_branch,
                                       string,
                                       modify_code,
                                       flags_and_traps,
                                       ports,
                                       system_things,
                                       far_things,
                                       other,
                                       other,
                                       other,
                                       coprocessor,
                                       coprocessor,
                                       coprocessor,
                                       computation,
                                       computation,
                                       soup,
                                       fresh_stack};
    uint32_t soupy = chance(e, 8) == 0;
    while (e->at < e->end) {
        if (chance(e, 32) == 0) {
            up_to_the_page_end(e);
        } else if (soupy && chance(e, 4)) {
            soup(e);
        } else {
            kinds[chance(e, sizeof kinds / sizeof kinds[0])](e);
        }
    }
}
