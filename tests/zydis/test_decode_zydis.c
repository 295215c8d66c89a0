/* The decoder against Zydis: same length, same instruction, same operands, same verdict, over
 * every opcode with every ModR/M byte, a set of prefixes, and many random byte strings, in 16-
 * and 32-bit code. Where the two differ on purpose is listed in `differences` with the reason;
 * a difference that is not listed fails the test.
 * SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include <Zydis/Zydis.h>

#include "cpu/decode.h"
#include "cpu/isa.h"

struct theirs {
    ZyanStatus status;
    ZydisDecodedInstruction insn;
    ZydisDecodedOperand operands[ZYDIS_MAX_OPERAND_COUNT];
};

static const struct cpu_config config = {
    .level = CPU_I686, .timing = TIMING_I486, .block_limit = 64};
static ZydisDecoder decoders[2]; /* 16, 32 bits */
static uint32_t shown;           /* disagreements printed so far */
#define SHOWN_MOST 40u

/* ---- names: ours by theirs, where they differ ---- */
static const char *const other_names[][2] = {
    /* Zydis, isa.def */
    {"jnb", "jae"},       {"jz", "je"},         {"jnz", "jne"},       {"jnbe", "ja"},
    {"jnl", "jge"},       {"jnle", "jg"},       {"setnb", "setae"},   {"setz", "sete"},
    {"setnz", "setne"},   {"setnbe", "seta"},   {"setnl", "setge"},   {"setnle", "setg"},
    {"cmovnb", "cmovae"}, {"cmovz", "cmove"},   {"cmovnz", "cmovne"}, {"cmovnbe", "cmova"},
    {"cmovnl", "cmovge"}, {"cmovnle", "cmovg"}, {"pushad", "pusha"},  {"popad", "popa"},
    {"pushfd", "pushf"},  {"popfd", "popf"},    {"iretd", "iret"},    {"jecxz", "jcxz"},
    {"cwde", "cbw"},      {"cdq", "cwd"},       {"fwait", "wait"},    {"movsw", "movs"},
    {"movsd", "movs"},    {"cmpsw", "cmps"},    {"cmpsd", "cmps"},    {"stosw", "stos"},
    {"stosd", "stos"},    {"lodsw", "lods"},    {"lodsd", "lods"},    {"scasw", "scas"},
    {"scasd", "scas"},    {"insw", "ins"},      {"insd", "ins"},      {"outsw", "outs"},
    {"outsd", "outs"},    {"pause", "nop"},
};

static uint32_t same_name(const struct decoded *ours, const struct theirs *theirs)
{
    const char *name = insn_table[ours->row].mnemonic;
    const char *other = ZydisMnemonicGetString(theirs->insn.mnemonic);
    uint32_t is_far = theirs->insn.meta.branch_type == ZYDIS_BRANCH_TYPE_FAR;
    if (is_far && strcmp(other, "ret") == 0) {
        return strcmp(name, "retf") == 0;
    }
    if (is_far && strstr(name, " far")) {
        return strncmp(name, other, strlen(other)) == 0;
    }
    if (ours->row == INSN_NOP_Ev || ours->row == INSN_NOP_Ev_0D) {
        return strcmp(other, "nop") == 0 || strncmp(other, "prefetch", 8) == 0;
    }
    for (size_t i = 0; i < sizeof other_names / sizeof other_names[0]; i++) {
        if (strcmp(other, other_names[i][0]) == 0 && strcmp(name, other_names[i][1]) == 0) {
            return 1;
        }
    }
    return strcmp(name, other) == 0;
}

/* ---- operands ---- */
static uint32_t register_number(ZydisRegister reg)
{
    return reg == ZYDIS_REGISTER_NONE ? REG_NONE : (uint32_t)ZydisRegisterGetId(reg);
}

/* Byte offset into gpr[] of AL CL DL BL AH CH DH BH. */
static uint32_t byte_offset(ZydisRegister reg)
{
    uint32_t number = (uint32_t)(reg - ZYDIS_REGISTER_AL);
    return (number & 3) * 4 + (number >> 2);
}

static uint32_t same_register(uint32_t ours, ZydisRegister reg)
{
    if (ZydisRegisterGetClass(reg) == ZYDIS_REGCLASS_GPR8) {
        return ours == byte_offset(reg);
    }
    return ours == register_number(reg);
}

static uint32_t same_memory(const struct uop *uop, const ZydisDecodedOperandMem *mem)
{
    uint32_t mask = uop->flags & UOP_ADDRESS16 ? 0xFFFF : 0xFFFFFFFF;
    uint32_t index = register_number(mem->index);
    if (uop->base != register_number(mem->base) || uop->index != index) {
        return 0;
    }
    if (index != REG_NONE && 1u << uop->scale != mem->scale) {
        return 0;
    }
    if (mem->type != ZYDIS_MEMOP_TYPE_AGEN && uop->segment != register_number(mem->segment)) {
        return 0;
    }
    return ((uop->disp ^ (uint32_t)mem->disp.value) & mask) == 0;
}

static uint32_t same_immediate(uint32_t ours, const ZydisDecodedOperand *operand)
{
    uint32_t mask = operand->size >= 32 ? 0xFFFFFFFF : (1u << operand->size) - 1;
    return ((ours ^ (uint32_t)operand->imm.value.u) & mask) == 0;
}

static uint32_t is_string(uint32_t form)
{
    return form >= OPD_Xb && form <= OPD_Zb;
}

/* The source segment of a string instruction, by whatever operand has it. */
static uint32_t same_string_segment(const struct uop *uop, const struct theirs *theirs)
{
    for (uint32_t i = 0; i < theirs->insn.operand_count; i++) {
        const ZydisDecodedOperand *operand = &theirs->operands[i];
        if (operand->type == ZYDIS_OPERAND_TYPE_MEMORY &&
            register_number(operand->mem.base) != REG_EDI &&
            uop->segment != register_number(operand->mem.segment)) {
            return 0;
        }
    }
    return 1;
}

static uint32_t same_operand(const struct decoded *ours, uint32_t position, uint32_t immediate,
                             const ZydisDecodedOperand *operand)
{
    const struct uop *uop = &ours->uop;
    uint32_t reg = position == 0 ? uop->dst : uop->src;
    switch (operand->type) {
    case ZYDIS_OPERAND_TYPE_REGISTER:
        return position == 2 ? operand->reg.value == ZYDIS_REGISTER_CL
                             : same_register(reg, operand->reg.value);
    case ZYDIS_OPERAND_TYPE_MEMORY:
        return uop->flags & UOP_MEMORY && same_memory(uop, &operand->mem);
    case ZYDIS_OPERAND_TYPE_POINTER:
        return uop->imm == operand->ptr.offset && uop->disp == operand->ptr.segment;
    case ZYDIS_OPERAND_TYPE_IMMEDIATE:
        return same_immediate(immediate == 0 ? uop->imm : uop->disp, operand);
    default:
        return 0;
    }
}

/* x87: the number of ST(i) is that of the one visible operand that is not ST(0), if any. */
static uint32_t same_stack_registers(const struct decoded *ours, const struct theirs *theirs)
{
    uint32_t number = 0;
    for (uint32_t i = 0; i < theirs->insn.operand_count; i++) {
        const ZydisDecodedOperand *operand = &theirs->operands[i];
        if (operand->type == ZYDIS_OPERAND_TYPE_REGISTER &&
            ZydisRegisterGetClass(operand->reg.value) == ZYDIS_REGCLASS_X87) {
            number |= register_number(operand->reg.value);
        }
    }
    return (ours->uop.imm & 7) == number;
}

static uint32_t same_operands(const struct decoded *ours, const struct theirs *theirs)
{
    const struct insn_info *row = &insn_table[ours->row];
    uint32_t immediates = 0;
    if (ours->row == INSN_NOP_Ev || ours->row == INSN_NOP_Ev_0D) {
        return 1; /* an operand that is never looked at */
    }
    if (row->operands[0] == OPD_ST || row->operands[0] == OPD_STi) {
        return same_stack_registers(ours, theirs);
    }
    if (is_string(row->operands[0]) || is_string(row->operands[1])) {
        return same_string_segment(&ours->uop, theirs);
    }
    for (uint32_t i = 0; i < 3 && row->operands[i]; i++) {
        if (i >= theirs->insn.operand_count_visible && row->operands[i] <= OPD_AL) {
            return 0;
        }
        if (!same_operand(ours, i, immediates, &theirs->operands[i])) {
            return 0;
        }
        immediates += theirs->operands[i].type == ZYDIS_OPERAND_TYPE_IMMEDIATE;
    }
    return 1;
}

/* ---- where the two differ on purpose ---- */
struct difference {
    uint32_t row;           /* enum insn_id of ours */
    uint32_t path;          /* enum trap_path that ours raises */
    ZydisISASet set;        /* of theirs, or ANY_SET */
    ZydisMnemonic mnemonic; /* theirs, or ANY_NAME */
    const char *reason;
};
#define ANY_SET  ZYDIS_ISA_SET_INVALID
#define ANY_NAME ZYDIS_MNEMONIC_INVALID
#define UD_OPCODE(set, name, reason)                                                               \
    {                                                                                              \
        INSN_none, PATH_ud_opcode, set, name, reason                                               \
    }
#define UD_FORM(row, reason)                                                                       \
    {                                                                                              \
        row, PATH_ud_register_form, ANY_SET, ANY_NAME, reason                                      \
    }
static const char later[] = "register form: instruction of later processors";
static const char vector[] = "register form: VEX or EVEX prefix of later processors";
static const struct difference differences[] = {
    {INSN_UD2, PATH_ud_opcode, ANY_SET, ZYDIS_MNEMONIC_UD2, "invalid on purpose"},
    {INSN_UD1_Gv_Ev, PATH_ud_opcode, ANY_SET, ZYDIS_MNEMONIC_UD1, "invalid on purpose"},
    UD_OPCODE(ANY_SET, ZYDIS_MNEMONIC_UD0, "invalid on purpose, by having no row"),
    UD_OPCODE(ANY_SET, ZYDIS_MNEMONIC_RSM, "no system management mode"),
    UD_OPCODE(ANY_SET, ZYDIS_MNEMONIC_SYSENTER, "CPUID does not announce it"),
    UD_OPCODE(ANY_SET, ZYDIS_MNEMONIC_SYSEXIT, "CPUID does not announce it"),
    UD_OPCODE(ZYDIS_ISA_SET_RDPMC, ANY_NAME, "no performance counters"),
    {INSN_MOV_Rd_Td, PATH_ud_level, ANY_SET, ANY_NAME, "test registers are gone since the i586"},
    {INSN_MOV_Td_Rd, PATH_ud_level, ANY_SET, ANY_NAME, "test registers are gone since the i586"},
    UD_FORM(INSN_BOUND_Gv_Ma, vector),
    UD_FORM(INSN_LDS_Gv_Mp, vector),
    UD_FORM(INSN_LES_Gv_Mp, vector),
    UD_FORM(INSN_SGDT_Ms, later),
    UD_FORM(INSN_SIDT_Ms, later),
    UD_FORM(INSN_LGDT_Ms, later),
    UD_FORM(INSN_LIDT_Ms, later),
    UD_FORM(INSN_INVLPG_Mb, later),
};

/* The integer instructions of i386 to i686: what is in none of these is of a later extension. */
static uint32_t is_integer_set(ZydisISASet set)
{
    static const ZydisISASet sets[] = {
        ZYDIS_ISA_SET_I86,      ZYDIS_ISA_SET_I186,        ZYDIS_ISA_SET_I286PROTECTED,
        ZYDIS_ISA_SET_I286REAL, ZYDIS_ISA_SET_I386,        ZYDIS_ISA_SET_I486,
        ZYDIS_ISA_SET_I486REAL, ZYDIS_ISA_SET_PENTIUMREAL, ZYDIS_ISA_SET_PPRO,
        ZYDIS_ISA_SET_CMOV,     ZYDIS_ISA_SET_FAT_NOP,     ZYDIS_ISA_SET_LAHF,
        ZYDIS_ISA_SET_RDPMC,    ZYDIS_ISA_SET_X87,         ZYDIS_ISA_SET_FCMOV,
    };
    for (size_t i = 0; i < sizeof sets / sizeof sets[0]; i++) {
        if (sets[i] == set) {
            return 1;
        }
    }
    return 0;
}

/* Ours raises where theirs decodes. */
static uint32_t is_expected(const struct decoded *ours, const struct theirs *theirs)
{
    if (ours->row == INSN_none && ours->uop.imm == PATH_ud_opcode &&
        !is_integer_set(theirs->insn.meta.isa_set)) {
        return 1; /* MMX, SSE and what came after: not in the table */
    }
    for (size_t i = 0; i < sizeof differences / sizeof differences[0]; i++) {
        const struct difference *difference = &differences[i];
        if (difference->row == ours->row && difference->path == ours->uop.imm &&
            (difference->set == ANY_SET || difference->set == theirs->insn.meta.isa_set) &&
            (difference->mnemonic == ANY_NAME || difference->mnemonic == theirs->insn.mnemonic)) {
            return 1;
        }
    }
    return 0;
}

/* ---- one comparison ---- */
/* NULL, or what they disagree about. */
static const char *disagreement(enum decode_result result, const struct decoded *ours,
                                const struct theirs *theirs)
{
    if (result == DECODE_MORE) { /* Zydis sees 15 bytes exceeded before the last is there */
        return theirs->status == ZYDIS_STATUS_NO_MORE_DATA ||
                       theirs->status == ZYDIS_STATUS_INSTRUCTION_TOO_LONG
                   ? NULL
                   : "ours wants more bytes";
    }
    if (ours->raises && !ZYAN_SUCCESS(theirs->status)) {
        uint32_t long_ours = ours->uop.imm == PATH_gp_instruction_length;
        uint32_t long_theirs = theirs->status == ZYDIS_STATUS_INSTRUCTION_TOO_LONG;
        /* an undefined opcode is refused before its operands are fetched */
        return long_ours == long_theirs || ours->row == INSN_none ? NULL
                                                                  : "only one finds it too long";
    }
    if (ours->raises) {
        return is_expected(ours, theirs) ? NULL : "only ours refuses it";
    }
    if (!ZYAN_SUCCESS(theirs->status)) {
        return "only Zydis refuses it";
    }
    return ours->uop.length != theirs->insn.length ? "length"
           : !same_name(ours, theirs)              ? "instruction"
           : !same_operands(ours, theirs)          ? "operands"
                                                   : NULL;
}

static void show(const char *what, const uint8_t *bytes, uint32_t count, uint32_t bits,
                 const struct decoded *ours, const struct theirs *theirs)
{
    if (shown++ >= SHOWN_MOST) {
        return;
    }
    print_message("%s, %u bits:", what, bits);
    for (uint32_t i = 0; i < count; i++) {
        print_message(" %02X", bytes[i]);
    }
    print_message("  ours: %s%s, %u bytes; Zydis: %s (%08x), %u bytes\n", insn_table[ours->row].id,
                  ours->raises ? " raises" : "", ours->uop.length,
                  ZYAN_SUCCESS(theirs->status) ? ZydisMnemonicGetString(theirs->insn.mnemonic)
                                               : "error",
                  (unsigned)theirs->status, theirs->insn.length);
}

static uint32_t compare(const uint8_t *bytes, uint32_t count, uint32_t bits)
{
    struct decoded ours;
    struct theirs theirs = {0};
    uint32_t key = BLOCK_KEY_PE | (bits == 32 ? BLOCK_KEY_CODE32 | BLOCK_KEY_STACK32 : 0);
    uint8_t exact[20]; /* so that a sanitizer sees a read beyond `count` */
    memcpy(exact, bytes, count);
    enum decode_result result = decode_instruction(exact, count, key, &config, &ours);
    theirs.status =
        ZydisDecoderDecodeFull(&decoders[bits == 32], bytes, count, &theirs.insn, theirs.operands);
    const char *what = disagreement(result, &ours, &theirs);
    if (what) {
        show(what, bytes, count, bits, &ours, &theirs);
    }
    return what != NULL;
}

/* ---- the tests ---- */
/* Every opcode of one map with every ModR/M byte behind the given prefixes. */
static uint32_t compare_map(const uint8_t *prefixes, uint32_t count, uint32_t bits, uint32_t two)
{
    uint32_t wrong = 0;
    for (uint32_t opcode = 0; opcode < 256; opcode++) {
        for (uint32_t modrm = 0; modrm < 256; modrm++) {
            uint8_t bytes[20];
            uint32_t at = count;
            memcpy(bytes, prefixes, count);
            if (two) {
                bytes[at++] = 0x0F;
            }
            bytes[at++] = (uint8_t)opcode;
            bytes[at++] = (uint8_t)modrm;
            for (uint32_t i = 0; i < 9; i++) { /* a SIB byte that varies, then anything */
                bytes[at++] = (uint8_t)(0x95 + i * 0x31 + modrm * 7);
            }
            wrong += compare(bytes, at, bits);
        }
    }
    return wrong;
}

static void test_decode_agrees_with_zydis_on_every_opcode_and_modrm(void **state)
{
    (void)state;
    static const struct {
        uint8_t bytes[3];
        uint32_t count;
    } prefixes[] = {{{0}, 0},
                    {{0x66}, 1},
                    {{0x67}, 1},
                    {{0xF2}, 1},
                    {{0xF3}, 1},
                    {{0xF0}, 1},
                    {{0x2E}, 1},
                    {{0x65}, 1},
                    {{0x66, 0x67}, 2},
                    {{0xF0, 0x66}, 2},
                    {{0xF2, 0x26, 0xF3}, 3}};
    uint32_t wrong = 0;
    for (size_t i = 0; i < sizeof prefixes / sizeof prefixes[0]; i++) {
        for (uint32_t two = 0; two < 2; two++) {
            wrong += compare_map(prefixes[i].bytes, prefixes[i].count, 16, two);
            wrong += compare_map(prefixes[i].bytes, prefixes[i].count, 32, two);
        }
    }
    assert_int_equal(wrong, 0);
}

static uint64_t next_random(uint64_t *seed)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    return *seed;
}

/* Prefixes more often than by chance, in a seventh of all as many as fit. */
static void test_decode_agrees_with_zydis_on_random_bytes(void **state)
{
    (void)state;
    static const uint8_t often[16] = {0x66, 0x67, 0xF0, 0xF2, 0xF3, 0x2E, 0x36, 0x3E,
                                      0x26, 0x64, 0x65, 0x66, 0x67, 0x0F, 0x0F, 0x0F};
    uint64_t seed = 88172645463325252ull;
    uint32_t wrong = 0;
    for (uint32_t i = 0; i < 2000000; i++) {
        uint8_t bytes[20];
        for (uint32_t j = 0; j < 20; j += 4) {
            uint64_t random = next_random(&seed);
            memcpy(bytes + j, &random, 4);
        }
        uint64_t choice = next_random(&seed);
        uint32_t prefixes = (uint32_t)(i % 64 == 0 ? choice % 16 : choice % 7 % 4);
        for (uint32_t j = 0; j < prefixes; j++) {
            bytes[j] = often[bytes[j] % (i % 64 == 0 ? 13 : 16)];
        }
        uint32_t count = choice >> 32 & 1 ? 16 : (uint32_t)(choice >> 40) % 18 + 1;
        wrong += compare(bytes, count, choice >> 33 & 1 ? 16 : 32);
    }
    assert_int_equal(wrong, 0);
}

int main(void)
{
    ZydisDecoderInit(&decoders[0], ZYDIS_MACHINE_MODE_LEGACY_16, ZYDIS_STACK_WIDTH_16);
    ZydisDecoderInit(&decoders[1], ZYDIS_MACHINE_MODE_LEGACY_32, ZYDIS_STACK_WIDTH_32);
    for (uint32_t i = 0; i < 2; i++) { /* what later processors make of hint NOPs, BSF and BSR */
        for (uint32_t mode = ZYDIS_DECODER_MODE_KNC; mode <= ZYDIS_DECODER_MODE_MAX_VALUE; mode++) {
            ZydisDecoderEnableMode(&decoders[i], (ZydisDecoderMode)mode, ZYAN_FALSE);
        }
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_decode_agrees_with_zydis_on_every_opcode_and_modrm),
        cmocka_unit_test(test_decode_agrees_with_zydis_on_random_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
