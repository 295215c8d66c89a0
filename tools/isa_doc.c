/* Prints docs/isa.md, the instruction set as cpu/isa.def has it.
 * isa_doc              the document on standard output
 * isa_doc --check FILE exit status 1 and the first line that differs, if FILE is not the document
 * SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "cpu/isa.h"

#define TEXT_BYTES 400u

/* ---- small texts ---- */
static void append(char *text, const char *more)
{
    size_t used = strlen(text);
    snprintf(text + used, TEXT_BYTES - used, "%s", more);
}

static void append_number(char *text, const char *before, uint32_t value)
{
    char number[60];
    snprintf(number, sizeof number, "%s%u", before, value);
    append(text, number);
}

static const char *operand_name(uint32_t form)
{
    static const char *const names[OPD_COUNT] = {
        [OPD_Eb] = "r/m8",     [OPD_Ew] = "r/m16",    [OPD_Ev] = "r/m",       [OPD_ST] = "st",
        [OPD_M] = "m",         [OPD_Ma] = "m&m",      [OPD_Mb] = "m",         [OPD_Mp] = "m16:off",
        [OPD_Ms] = "m16&32",   [OPD_Mq] = "m64",      [OPD_Rd] = "r32",       [OPD_Gb] = "r8",
        [OPD_Gw] = "r16",      [OPD_Gv] = "r",        [OPD_Sw] = "sreg",      [OPD_Cd] = "cr",
        [OPD_Dd] = "dr",       [OPD_Td] = "tr",       [OPD_Rb] = "r8",        [OPD_Rv] = "r",
        [OPD_AL] = "al",       [OPD_eAX] = "eax",     [OPD_CL] = "cl",        [OPD_DX] = "dx",
        [OPD_ES] = "es",       [OPD_CS] = "cs",       [OPD_SS] = "ss",        [OPD_DS] = "ds",
        [OPD_FS] = "fs",       [OPD_GS] = "gs",       [OPD_1] = "1",          [OPD_Ib] = "imm8",
        [OPD_Ibs] = "simm8",   [OPD_Iw] = "imm16",    [OPD_Iz] = "imm",       [OPD_Jb] = "rel8",
        [OPD_Jz] = "rel",      [OPD_Ap] = "sel:off",  [OPD_Ob] = "[off8]",    [OPD_Ov] = "[off]",
        [OPD_Xb] = "[esi]8",   [OPD_Xv] = "[esi]",    [OPD_Yb] = "es:[edi]8", [OPD_Yv] = "es:[edi]",
        [OPD_Zb] = "[ebx+al]", [OPD_STi] = "st(i)",   [OPD_m16] = "m16",      [OPD_m14] = "m14/28",
        [OPD_m94] = "m94/108", [OPD_m32r] = "m32",    [OPD_m64r] = "m64",     [OPD_m80r] = "m80",
        [OPD_m16i] = "m16int", [OPD_m32i] = "m32int", [OPD_m64i] = "m64int",  [OPD_m80b] = "m80bcd",
    };
    return names[form] ? names[form] : "";
}

static void instruction_text(const struct insn_info *row, char *text)
{
    append(text, row->mnemonic);
    for (uint32_t i = 0; i < 3 && row->operands[i]; i++) {
        append(text, i == 0 ? " " : ", ");
        append(text, operand_name(row->operands[i]));
    }
}

/* "2 / 7": without and with memory operand. */
static void form_text(char *text, const char *before, const struct form_clocks *clocks)
{
    if (!clocks->reg && !clocks->mem) {
        return;
    }
    append(text, before);
    if (clocks->reg) {
        append_number(text, "", clocks->reg);
    }
    if (clocks->mem) {
        append_number(text, clocks->reg ? " / " : "", clocks->mem);
    }
}

static void clocks_text(const struct insn_info *row, uint32_t model, char *text)
{
    form_text(text, "", &row->clocks[model]);
    form_text(text, "; 32-bit ", &row->clocks_32[model]);
    form_text(text, "; protected ", &row->clocks_prot[model]);
    if (row->range[model]) {
        append_number(text, "-",
                      (uint32_t)(row->clocks[model].reg + row->clocks[model].mem) +
                          row->range[model]);
    }
    if (model == 0 && row->concurrent) {
        append_number(text, " (", row->concurrent);
        append(text, ")");
    }
    if (row->taken[model]) {
        append_number(text, "; taken ", (uint32_t)row->clocks[model].reg + row->taken[model]);
    }
    if (row->rep[model]) {
        append_number(text, "; rep ", row->rep[model]);
        if (row->rep_prot[model]) {
            append_number(text, ", protected ", row->rep_prot[model]);
        }
    }
}

static void flag_letters(char *text, const char *before, uint32_t bits)
{
    static const struct {
        uint32_t bit;
        const char *letter;
    } letters[] = {{F_O, "O"}, {F_D, "D"}, {F_I, "I"}, {F_S, "S"},
                   {F_Z, "Z"}, {F_A, "A"}, {F_P, "P"}, {F_C, "C"}};
    if (bits == 0) {
        return;
    }
    append(text, text[0] ? " " : "");
    append(text, before);
    if (bits == F_ALL) {
        append(text, "all");
        return;
    }
    for (size_t i = 0; i < sizeof letters / sizeof letters[0]; i++) {
        append(text, bits & letters[i].bit ? letters[i].letter : "");
    }
}

static void traps_text(const struct insn_info *row, char *text)
{
    static const struct {
        uint32_t bit;
        const char *name;
    } names[] = {{TRAPS_READ, "read"},
                 {TRAPS_WRITE, "write"},
                 {TRAPS_PUSH, "push"},
                 {TRAPS_POP, "pop"},
                 {TRAPS_BRANCH, "target"},
                 {TRAPS_DIVIDE, "#DE"},
                 {TRAPS_CPL, "CPL"},
                 {TRAPS_IOPL, "IOPL"},
                 {TRAPS_IO, "I/O map"},
                 {TRAPS_SEGMENT, "segment"},
                 {TRAPS_FAR, "far"},
                 {TRAPS_INT, "delivery"},
                 {TRAPS_FORM, "#UD reg"},
                 {TRAPS_REGISTER, "#UD number"},
                 {TRAPS_PROTECTED, "#UD real"},
                 {TRAPS_BOUND, "#BR"},
                 {TRAPS_NM, "#NM"},
                 {TRAPS_CR, "CR value"},
                 {TRAPS_MSR, "MSR"},
                 {TRAPS_UD, "#UD"},
                 {TRAPS_MF, "#MF"},
                 {TRAPS_DEBUG, "#DB"}};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (row->traps & names[i].bit) {
            append(text, text[0] ? ", " : "");
            append(text, names[i].name);
        }
    }
}

static void rules_text(const struct insn_info *row, char *text)
{
    static const char *const levels[] = {"i386", "i486", "i586", "i686"};
    static const char *const gone[] = {"", "until i386", "until i486", "until i586"};
    const char *const rules[] = {
        row->level ? levels[row->level] : NULL,
        row->gone ? gone[row->gone] : NULL,
        row->priv & PRIV_CPL0 ? "CPL 0" : NULL,
        row->priv & PRIV_IOPL ? "IOPL" : NULL,
        row->priv & PRIV_PROTECTED ? "protected" : NULL,
        row->prefixes == PFX_LOCK        ? "LOCK"
        : row->prefixes == PFX_LOCK_I386 ? "LOCK (i386)"
                                         : NULL,
        row->prefixes == PFX_REP    ? "REP"
        : row->prefixes == PFX_REPE ? "REPE"
                                    : NULL,
        row->ends_block == ENDS_ALWAYS ? "ends block" : NULL,
        row->ends_block == ENDS_IF_SS ? "SS ends block" : NULL,
    };
    for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++) {
        if (rules[i]) {
            append(text, text[0] ? ", " : "");
            append(text, rules[i]);
        }
    }
}

/* What is common to the row's handlers: their names up to the form, and how many there are. */
static void handlers_text(const struct insn_info *row, char *text)
{
    uint16_t seen[FORM_COUNT];
    uint32_t count = 0;
    for (uint32_t form = 0; form < FORM_COUNT; form++) {
        uint32_t known = row->handlers[form] == H_none;
        for (uint32_t i = 0; i < count; i++) {
            known |= seen[i] == row->handlers[form];
        }
        if (!known) {
            append(text, count ? " " : "");
            append(text, handler_names[row->handlers[form]]);
            seen[count++] = row->handlers[form];
        }
    }
    append(text, count && !handler_has_fast[seen[0]] ? " (careful)" : "");
}

/* ---- the document ---- */
static void print_row(FILE *out, const char *opcode, uint32_t id)
{
    const struct insn_info *row = &insn_table[id];
    char name[TEXT_BYTES] = "", i486[TEXT_BYTES] = "", i386[TEXT_BYTES] = "";
    char flags[TEXT_BYTES] = "", traps[TEXT_BYTES] = "", rules[TEXT_BYTES] = "";
    char handlers[TEXT_BYTES] = "";

    instruction_text(row, name);
    clocks_text(row, 0, i486);
    clocks_text(row, 1, i386);
    flag_letters(flags, "", row->flags_out);
    flag_letters(flags, "undefined ", row->flags_undefined);
    flag_letters(flags, "reads ", row->flags_in);
    traps_text(row, traps);
    rules_text(row, rules);
    handlers_text(row, handlers);
    fprintf(out, "| `%s` | `%s` | %s | %s | %s | %s | %s | `%s` | %s |\n", opcode, name, i486, i386,
            flags, traps, rules, handlers, row->manual);
}

static void print_map(FILE *out, const char *title, const char *escape, const uint16_t *map)
{
    fprintf(out,
            "\n## %s\n\n"
            "| opcode | instruction | i486 | i386 | flags | may raise | rules | handlers | page |\n"
            "|---|---|---|---|---|---|---|---|---|\n",
            title);
    for (uint32_t first = 0, last; first < 256; first = last + 1) {
        char opcode[40];
        for (last = first; last < 255 && map[last + 1] == map[first]; last++) {}
        if (map[first] & OPCODE_FPU) {
            continue;
        }
        if (map[first] & OPCODE_GROUP) {
            last = first; /* 80 and 82 are apart */
            for (uint32_t digit = 0; digit < 8; digit++) {
                uint32_t id = opcode_groups[map[first] & ~OPCODE_GROUP][digit];
                snprintf(opcode, sizeof opcode, "%s%02X /%u", escape, first, digit);
                if (id != INSN_none) {
                    print_row(out, opcode, id);
                }
            }
        } else if (map[first] != INSN_none) {
            snprintf(opcode, sizeof opcode, first == last ? "%s%02X" : "%s%02X-%02X", escape, first,
                     last);
            print_row(out, opcode, map[first]);
        }
    }
}

/* D8 to DF: memory forms by bits 5-3 of ModR/M, register forms by the whole byte. */
static void print_fpu_map(FILE *out)
{
    fputs("\n## x87\n\n"
          "| opcode | instruction | i486 | i386 | flags | may raise | rules | handlers | page |\n"
          "|---|---|---|---|---|---|---|---|---|\n",
          out);
    for (uint32_t opcode = 0; opcode < 8; opcode++) {
        char text[40];
        for (uint32_t digit = 0; digit < 8; digit++) {
            snprintf(text, sizeof text, "%02X m/%u", 0xD8 + opcode, digit);
            if (fpu_memory_map[opcode][digit] != INSN_none) {
                print_row(out, text, fpu_memory_map[opcode][digit]);
            }
        }
        const uint16_t *map = fpu_register_map[opcode];
        for (uint32_t first = 0, last; first < 64; first = last + 1) {
            for (last = first; last < 63 && map[last + 1] == map[first]; last++) {}
            snprintf(text, sizeof text, first == last ? "%02X %02X" : "%02X %02X-%02X",
                     0xD8 + opcode, 0xC0 + first, 0xC0 + last);
            if (map[first] != INSN_none) {
                print_row(out, text, map[first]);
            }
        }
    }
}

static void print_document(FILE *out)
{
    fputs("# The instruction set\n\n"
          "Printed by `isa_doc` from `cpu/isa.def`; a test compares. What is not listed is #UD.\n\n"
          "* Clocks: register form / memory form, static part only; what depends on operands, "
          "privilege or the\n  number of iterations comes on top (`docs/timing.md`). "
          "*taken* is without the i386's refill term m.\n"
          "  In brackets: of the clocks of an x87 instruction the last ones, in which integer "
          "instructions go on.\n"
          "* Flags: written; `undefined`: left undefined by the manual; `reads`: "
          "looked at.\n"
          "* May raise: *read*, *write*, *push*, *pop*: the faults of a memory or stack access; "
          "*target*: branch\n  beyond the limit; *#UD reg*: no register form; *#UD number*: "
          "register that does not exist;\n  *#UD real*: in real and virtual-8086 mode. Every "
          "instruction may also meet the faults of its fetch.\n"
          "* Rules: first processor that has it; privilege; LOCK with a memory destination; what "
          "ends a block.\n"
          "* Handlers: `op_NAME` and `careful_NAME`; *(careful)*: only the latter.\n",
          out);
    print_map(out, "One byte", "", opcode_map_1b);
    print_map(out, "0F and a byte", "0F ", opcode_map_0f);
    print_fpu_map(out);
}

static int check(const char *path)
{
    char expected[3000], found[3000];
    uint32_t line = 1;
    FILE *document = tmpfile(), *file = fopen(path, "r");
    if (!document || !file) {
        fprintf(stderr, "isa_doc: cannot open %s\n", document ? path : "a temporary file");
        return 2;
    }
    print_document(document);
    rewind(document);
    for (;; line++) {
        char *one = fgets(expected, sizeof expected, document);
        char *two = fgets(found, sizeof found, file);
        if (!one && !two) {
            return 0;
        }
        if (!one || !two || strcmp(one, two) != 0) {
            fprintf(stderr, "isa_doc: %s:%u is not what isa.def says; run isa_doc > %s\n%s", path,
                    line, path, one ? one : "(end)\n");
            return 1;
        }
    }
}

int main(int argc, char **argv)
{
    if (argc == 3 && strcmp(argv[1], "--check") == 0) {
        return check(argv[2]);
    }
    if (argc != 1) {
        fputs("usage: isa_doc [--check FILE]\n", stderr);
        return 2;
    }
    print_document(stdout);
    return 0;
}
