/* The instruction table against the published tables (data/clocks.tsv): every form there is
 * decoded from its machine code, and its clocks, flags, privilege and LOCK rule are compared.
 * SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cpu/cpu_priv.h"
#include "cpu/decode.h"
#include "cpu/isa.h"
#include "cpu/timing.h"

#define COLUMNS 21u
enum column {
    COL_FORM,
    COL_MNEMONIC,
    COL_VARIANT,
    COL_MODE,
    COL_SIZE,
    COL_BYTES,                  /* register, memory */
    COL_CLOCKS = COL_BYTES + 2, /* i486: register, memory, taken, not taken; i386: the same */
    COL_MODIFIED = COL_CLOCKS + 8,
    COL_UNDEFINED,
    COL_FIXED,
    COL_TESTED,
    COL_PRIVILEGE,
    COL_LOCK,
};

struct form {
    char text[600];
    const char *cell[COLUMNS];
};

/* One CPU per timing model; only what timing.h looks at is set. */
static struct cpu cpus[3];

/* ---- the file ---- */
static FILE *open_table(void)
{
    char path[1000];
    const char *slash = strrchr(__FILE__, '/');
    snprintf(path, sizeof path, "%.*s/data/clocks.tsv", (int)(slash - __FILE__), __FILE__);
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    return file;
}

static int next_form(FILE *file, struct form *form)
{
    do {
        if (!fgets(form->text, sizeof form->text, file)) {
            return 0;
        }
    } while (form->text[0] == '#');
    form->text[strcspn(form->text, "\n")] = 0;
    char *rest = form->text;
    for (uint32_t i = 0; i < COLUMNS; i++) {
        form->cell[i] = rest;
        rest = strchr(rest, '\t');
        assert_true((rest != NULL) == (i + 1 < COLUMNS));
        if (rest) {
            *rest++ = 0;
        }
    }
    return 1;
}

static uint32_t is_dash(const char *cell)
{
    return strcmp(cell, "-") == 0;
}

/* ---- cells: sums of terms such as 12, 4x, ts, 4(n-1) ---- */
#define CHOSEN_N  5u   /* iterations, levels */
#define CHOSEN_X  3u   /* parameters */
#define CHOSEN_TS 200u /* a task switch */

static uint32_t term_value(const char **at)
{
    char *end;
    uint32_t factor = 1;
    if (**at >= '0' && **at <= '9') {
        factor = (uint32_t)strtoul(*at, &end, 10);
        *at = end;
    }
    if (strncmp(*at, "(n-1)", 5) == 0) {
        *at += 5;
        return factor * (CHOSEN_N - 1);
    }
    if (strncmp(*at, "ts", 2) == 0) {
        *at += 2;
        return factor * CHOSEN_TS;
    }
    uint32_t variable = **at == 'n' ? CHOSEN_N : **at == 'x' ? CHOSEN_X : **at == 'm' ? 0 : 1;
    *at += strchr("nxm", **at) && **at ? 1 : 0;
    return factor * variable;
}

static uint32_t cell_value(const char *cell)
{
    const char *at = strstr(cell, "n>1:");
    at = at ? at : strstr(cell, "n>0:");
    at = at ? at + 4 : cell;
    uint32_t sum = term_value(&at);
    while (*at == '+' && at[1]) {
        at++;
        sum += term_value(&at);
    }
    if (*at == '|') { /* of two cases the lesser */
        uint32_t other = (uint32_t)strtoul(at + 1, NULL, 10);
        sum = other < sum ? other : sum;
    }
    return sum;
}

/* ---- decoding what the row says ---- */
static uint32_t parse_bytes(const char *text, uint8_t *bytes)
{
    uint32_t count = 0;
    for (const char *at = text; *at;) {
        char *end;
        bytes[count++] = (uint8_t)strtoul(at, &end, 16);
        at = *end ? end + 1 : end;
    }
    return count;
}

static uint32_t mode_key(const struct form *form)
{
    uint32_t key = strcmp(form->cell[COL_SIZE], "32") == 0 ? BLOCK_KEY_CODE32 : 0;
    if (strcmp(form->cell[COL_MODE], "prot") == 0) {
        key |= BLOCK_KEY_PE;
    } else if (strcmp(form->cell[COL_MODE], "v86") == 0) {
        key |= BLOCK_KEY_PE | BLOCK_KEY_VM | BLOCK_KEY_CPL;
    } else if (strstr(form->cell[COL_PRIVILEGE], "PM only")) {
        key |= BLOCK_KEY_PE;
    }
    return key;
}

/* level: the newest that still has test registers, i386 for what only that one accepts. */
static struct decoded decode_text(const char *text, uint32_t key, enum cpu_timing timing)
{
    const struct cpu_config config = {.level = CPU_I486, .timing = timing, .block_limit = 1};
    uint8_t bytes[16];
    struct decoded decoded;
    uint32_t count = parse_bytes(text, bytes);
    assert_int_equal(decode_instruction(bytes, count, key, &config, &decoded), DECODE_OK);
    assert_int_equal(decoded.uop.length, count);
    return decoded;
}

/* ---- what bodies charge on top, by the variant ---- */
static uint32_t starts(const char *text, const char *with)
{
    return strncmp(text, with, strlen(with)) == 0;
}

static enum timing_far far_kind(const struct form *form)
{
    const char *name = form->cell[COL_FORM];
    if (starts(name, "iret")) {
        return TIMING_IRET;
    }
    if (starts(name, "retf")) {
        return TIMING_RETF;
    }
    uint32_t memory = strstr(name, "-ff-") != NULL;
    if (starts(name, "call")) {
        return memory ? TIMING_CALLF_MP : TIMING_CALLF_AP;
    }
    return memory ? TIMING_JMPF_MP : TIMING_JMPF_AP;
}

static const struct {
    const char *variant;
    enum timing_far_way way;
    uint32_t params;
} far_ways[] = {
    {"call gate same level", TIMING_FAR_GATE_SAME, 0},
    {"call gate inner level 0 params", TIMING_FAR_GATE_INNER, 0},
    {"call gate inner level x params", TIMING_FAR_GATE_INNER, CHOSEN_X},
    {"to TSS", TIMING_FAR_TSS, CHOSEN_TS},
    {"nested task NT=1", TIMING_FAR_TSS, CHOSEN_TS},
    {"via task gate", TIMING_FAR_TASK_GATE, CHOSEN_TS},
    {"prot outer level", TIMING_FAR_OUTER, 0},
    {"prot to V86", TIMING_FAR_TO_V86, 0},
};

static uint32_t delivery_clocks(const struct cpu *cpu, const struct form *form)
{
    static const struct {
        const char *variant;
        enum timing_path path;
    } paths[] = {{"real", TIMING_PATH_REAL},
                 {"real taken", TIMING_PATH_REAL},
                 {"prot same level", TIMING_PATH_SAME},
                 {"prot inner level", TIMING_PATH_INNER},
                 {"V86 to ring 0", TIMING_PATH_V86},
                 {"via task gate", TIMING_PATH_TASK}};
    struct delivery delivery = {.kind = DELIVERY_SOFTWARE, .vector = 0x80};
    delivery.vector = starts(form->cell[COL_FORM], "int3")   ? 3
                      : starts(form->cell[COL_FORM], "into") ? 4
                                                             : 0x80;
    for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++) {
        if (strcmp(form->cell[COL_VARIANT], paths[i].variant) == 0) {
            uint32_t ts = paths[i].path == TIMING_PATH_TASK ? CHOSEN_TS : 0;
            return timing_delivery(cpu, &delivery, paths[i].path) + ts;
        }
    }
    return 0;
}

static enum timing_io io_kind(const struct form *form)
{
    const char *name = form->cell[COL_FORM];
    if (starts(name, "rep-")) {
        return name[4] == 'i' ? TIMING_REP_INS_IO : TIMING_REP_OUTS_IO;
    }
    if (starts(name, "ins") || starts(name, "outs")) {
        return name[0] == 'i' ? TIMING_INS : TIMING_OUTS;
    }
    uint32_t dx = strstr(name, "-dx") != NULL;
    return name[0] == 'i' ? (dx ? TIMING_IN_DX : TIMING_IN_IMM)
                          : (dx ? TIMING_OUT_DX : TIMING_OUT_IMM);
}

static uint32_t rep_clocks(const struct cpu *cpu, const char *mnemonic)
{
    static const char *const names[TIMING_REP_COUNT] = {"MOVS", "CMPS", "STOS", "LODS",
                                                        "SCAS", "INS",  "OUTS"};
    const char *name = strchr(mnemonic, ' ') + 1;
    for (uint32_t i = 0; i < TIMING_REP_COUNT; i++) {
        if (starts(name, names[i])) {
            return timing_rep_extra(cpu, (enum timing_rep)i, 0, CHOSEN_N);
        }
    }
    fail_msg("no such string instruction: %s", mnemonic);
    return 0;
}

static uint32_t register_clocks(const struct cpu *cpu, const struct form *form)
{
    const char *name = form->cell[COL_FORM];
    if (strcmp(name, "mov-0f22-cr0-r32") == 0) {
        return timing_mov_to_cr_extra(cpu, 0);
    }
    if (strcmp(name, "mov-0f22-cr3-r32") == 0) {
        return timing_mov_to_cr_extra(cpu, 3);
    }
    if (strcmp(name, "mov-0f21-r32-dr0-3") == 0) {
        return timing_mov_from_dr_extra(cpu, 0);
    }
    if (strcmp(name, "mov-0f23-dr0-3-r32") == 0) {
        return timing_mov_to_dr_extra(cpu, 0);
    }
    return 0;
}

static uint32_t bit_scan_clocks(const struct cpu *cpu, const struct form *form)
{
    uint32_t bits = strcmp(form->cell[COL_SIZE], "32") == 0 ? 32 : 16;
    if (!timing_is(cpu, TIMING_I386)) {
        return 0; /* the table has a range: its minimum is static */
    }
    return starts(form->cell[COL_FORM], "bsf")
               ? timing_bsf_extra(cpu, 1u << CHOSEN_N)
               : timing_bsr_extra(cpu, bits, 1u << (bits - 1 - CHOSEN_N));
}

static uint32_t variant_clocks(struct cpu *cpu, const struct form *form)
{
    const char *name = form->cell[COL_FORM], *variant = form->cell[COL_VARIANT];
    uint32_t sum = 0;
    cpu->key = mode_key(form);
    if (starts(name, "int")) {
        return delivery_clocks(cpu, form);
    }
    for (size_t i = 0; i < sizeof far_ways / sizeof far_ways[0]; i++) {
        if (strcmp(variant, far_ways[i].variant) == 0) {
            return timing_far_extra(cpu, far_kind(form), far_ways[i].way, far_ways[i].params);
        }
    }
    if (starts(form->cell[COL_MNEMONIC], "REP")) {
        sum += rep_clocks(cpu, form->cell[COL_MNEMONIC]);
    }
    if (strcmp(variant, "V86") == 0 || strcmp(variant, "prot CPL>IOPL") == 0) {
        return sum + timing_io_extra(cpu, io_kind(form), 1);
    }
    if (starts(name, "enter")) {
        uint32_t level = strcmp(variant, "level>1") == 0 ? CHOSEN_N : strstr(name, "-1") != NULL;
        return timing_enter_extra(cpu, level);
    }
    if (starts(name, "bs")) {
        return name[2] == 'w' ? 0 : bit_scan_clocks(cpu, form);
    }
    sum += register_clocks(cpu, form);
    sum += strcmp(variant, "page granular") == 0 ? timing_lsl_extra(cpu, 1) : 0;
    sum += strcmp(variant, "TLB hit") == 0 ? timing_invlpg_extra(cpu, 1) : 0;
    sum += strcmp(variant, "leaf 1") == 0 ? timing_cpuid_extra(cpu, 1) : 0;
    return sum;
}

/* ---- the comparison ---- */
static uint32_t check_clocks(const struct form *form, uint32_t cell, uint32_t got)
{
    uint32_t expected = cell_value(form->cell[cell]);
    if (got != expected) {
        print_message("%s [%s]: column %u says %s, charged %u\n", form->cell[COL_FORM],
                      form->cell[COL_VARIANT], cell + 1, form->cell[cell], got);
        return 1;
    }
    return 0;
}

static uint32_t check_form(const struct form *form, enum cpu_timing timing)
{
    uint32_t first = COL_CLOCKS + (timing == TIMING_I386 ? 4 : 0), wrong = 0;
    if (strstr(form->cell[first + 1], "INT") || strstr(form->cell[COL_VARIANT], "out of range")) {
        return 0; /* a fault: its delivery, see test_timing.c */
    }
    if (timing == TIMING_I386 && starts(form->cell[COL_FORM], "int") &&
        strcmp(form->cell[COL_VARIANT], "via task gate") == 0) {
        return 0; /* ts alone, "approximate": the row's own 1 or 3 clocks come on top */
    }
    for (uint32_t memory = 0; memory < 2; memory++) {
        if (is_dash(form->cell[first + memory])) {
            continue;
        }
        const struct decoded decoded =
            decode_text(form->cell[COL_BYTES + memory], mode_key(form), timing);
        uint32_t clocks = decoded.clocks + variant_clocks(&cpus[timing], form);
        if (starts(form->cell[COL_FORM], "cmpxchg")) {
            uint32_t equal = starts(form->cell[COL_VARIANT], "equal");
            clocks += timing_cmpxchg_extra(&cpus[timing], memory, equal);
        }
        wrong += check_clocks(form, first + memory, clocks);
    }
    if (!is_dash(form->cell[first + 2])) {
        const struct decoded decoded = decode_text(form->cell[COL_BYTES], mode_key(form), timing);
        wrong += check_clocks(form, first + 2, decoded.clocks + (uint32_t)decoded.clocks_taken);
        wrong += check_clocks(form, first + 3, decoded.clocks);
    }
    return wrong;
}

static void check_all(enum cpu_timing timing)
{
    FILE *file = open_table();
    struct form form;
    uint32_t wrong = 0, forms = 0;
    while (next_form(file, &form)) {
        wrong += check_form(&form, timing);
        forms++;
    }
    fclose(file);
    assert_int_equal(wrong, 0);
    assert_int_equal(forms, 702);
}

static void test_isa_clocks_of_every_form_are_those_of_the_i486_tables(void **state)
{
    (void)state;
    check_all(TIMING_I486);
}

static void test_isa_clocks_of_every_form_are_those_of_the_80386_manual(void **state)
{
    (void)state;
    check_all(TIMING_I386);
}

/* ---- flags ---- */
static uint32_t flag_bits(const char *cell)
{
    static const struct {
        const char *name;
        uint32_t bit;
    } flags[] = {{"OF", F_O}, {"SF", F_S}, {"ZF", F_Z}, {"AF", F_A},
                 {"PF", F_P}, {"CF", F_C}, {"DF", F_D}, {"IF", F_I}};
    uint32_t bits = 0;
    for (size_t i = 0; i < sizeof flags / sizeof flags[0]; i++) {
        bits |= strstr(cell, flags[i].name) ? flags[i].bit : 0;
    }
    return bits;
}

static uint32_t check_flags(const struct form *form, const char *what, const char *cell,
                            uint32_t got)
{
    if (got != flag_bits(cell)) {
        print_message("%s: %s flags '%s', the row says %08x\n", form->cell[COL_FORM], what, cell,
                      got);
        return 1;
    }
    return 0;
}

static void test_isa_flags_of_every_form_are_those_of_appendix_c(void **state)
{
    (void)state;
    FILE *file = open_table();
    struct form form;
    uint32_t wrong = 0;
    while (next_form(file, &form)) {
        if (starts(form.cell[COL_MODIFIED], "all") || strstr(form.cell[COL_FIXED], "TF")) {
            continue; /* the whole of EFLAGS, by delivery or a task switch */
        }
        const char *bytes = form.cell[COL_BYTES + is_dash(form.cell[COL_BYTES])];
        const struct decoded decoded = decode_text(bytes, mode_key(&form), TIMING_I486);
        const struct insn_info *row = &insn_table[decoded.row];
        char out[80];
        snprintf(out, sizeof out, "%s %s", form.cell[COL_MODIFIED], form.cell[COL_FIXED]);
        wrong += check_flags(&form, "modified", out, row->flags_out);
        wrong += check_flags(&form, "undefined", form.cell[COL_UNDEFINED], row->flags_undefined);
        if (!starts(form.cell[COL_TESTED], "all")) {
            wrong += check_flags(&form, "tested", form.cell[COL_TESTED], row->flags_in & ~F_I);
        }
    }
    fclose(file);
    assert_int_equal(wrong, 0);
}

/* ---- privilege and LOCK ---- */
static uint32_t expected_privilege(const char *cell)
{
    uint32_t priv = starts(cell, "CPL0") ? PRIV_CPL0 : 0;
    priv |= strstr(cell, "PM only") ? PRIV_PROTECTED : 0;
    return priv | (strstr(cell, "IOPL") || strstr(cell, "bitmap") ? PRIV_IOPL : 0);
}

static void test_isa_privilege_of_every_form_is_the_published_one(void **state)
{
    (void)state;
    FILE *file = open_table();
    struct form form;
    uint32_t wrong = 0;
    while (next_form(file, &form)) {
        const char *bytes = form.cell[COL_BYTES + is_dash(form.cell[COL_BYTES])];
        const struct decoded decoded = decode_text(bytes, mode_key(&form), TIMING_I486);
        uint32_t expected = expected_privilege(form.cell[COL_PRIVILEGE]);
        uint32_t priv = insn_table[decoded.row].priv;
        if (!expected) {
            priv &= ~(uint32_t)PRIV_IOPL; /* a mode in which the body lets everything pass */
        }
        if (priv != expected) {
            print_message("%s: %s, the row says %u\n", form.cell[COL_FORM],
                          form.cell[COL_PRIVILEGE], insn_table[decoded.row].priv);
            wrong++;
        }
    }
    fclose(file);
    assert_int_equal(wrong, 0);
}

static uint32_t raised_with_lock(const char *text, uint32_t key, enum cpu_level level)
{
    const struct cpu_config config = {.level = level, .timing = TIMING_UNIT, .block_limit = 1};
    uint8_t bytes[17] = {0xF0};
    struct decoded decoded;
    uint32_t count = parse_bytes(text, bytes + 1) + 1;
    assert_int_equal(decode_instruction(bytes, count, key, &config, &decoded), DECODE_OK);
    return decoded.raises ? decoded.uop.imm : PATH_NONE;
}

static void test_isa_lock_is_legal_for_memory_of_the_listed_forms_only(void **state)
{
    (void)state;
    FILE *file = open_table();
    struct form form;
    uint32_t wrong = 0;
    while (next_form(file, &form)) {
        const char *reg = form.cell[COL_BYTES], *mem = form.cell[COL_BYTES + 1];
        const char *lock = form.cell[COL_LOCK];
        uint32_t key = mode_key(&form);
        wrong += !is_dash(reg) && raised_with_lock(reg, key, CPU_I486) != PATH_ud_lock;
        if (is_dash(mem)) {
            continue;
        }
        uint32_t on_i486 = starts(lock, "mem") && strcmp(lock, "mem(386 only)") != 0;
        uint32_t legal = raised_with_lock(mem, key, CPU_I486) != PATH_ud_lock;
        wrong += legal != on_i486;
        legal = raised_with_lock(mem, key, CPU_I386) != PATH_ud_lock;
        wrong +=
            legal != starts(lock, "mem") && raised_with_lock(mem, key, CPU_I386) != PATH_ud_level;
        if (wrong) {
            fail_msg("%s: LOCK %s", form.cell[COL_FORM], lock);
        }
    }
    fclose(file);
}

/* ---- the table in itself ---- */
static void test_isa_every_row_is_reached_by_an_opcode(void **state)
{
    (void)state;
    static uint8_t reached[INSN_COUNT];
    memset(reached, 0, sizeof reached);
    for (uint32_t i = 0; i < 256; i++) {
        uint32_t one = opcode_map_1b[i], two = opcode_map_0f[i];
        reached[one & (OPCODE_GROUP | OPCODE_FPU) ? INSN_none : one] = 1;
        reached[two & OPCODE_GROUP ? INSN_none : two] = 1;
    }
    for (uint32_t i = 0; i < 8; i++) {
        for (uint32_t modrm = 0; modrm < 64; modrm++) {
            reached[fpu_memory_map[i][modrm / 8]] = 1;
            reached[fpu_register_map[i][modrm]] = 1;
        }
    }
    for (uint32_t i = 0; i < GROUP_COUNT; i++) {
        for (uint32_t digit = 0; digit < 8; digit++) {
            reached[opcode_groups[i][digit]] = 1;
        }
    }

    for (uint32_t i = 0; i < INSN_COUNT; i++) {
        assert_int_equal(reached[i], 1);
    }
}

static void test_isa_every_form_with_a_handler_has_clocks_and_text(void **state)
{
    (void)state;
    for (uint32_t i = INSN_none + 1; i < INSN_COUNT; i++) {
        const struct insn_info *row = &insn_table[i];
        assert_true(row->mnemonic[0] && row->manual[0]);
        for (uint32_t model = 0; model < 2; model++) {
            uint32_t clocks = row->clocks[model].reg + row->clocks[model].mem;
            assert_true(clocks >= 1);
            /* a form without a handler has no clocks either */
            assert_true(row->handlers[0] || !row->clocks[model].reg);
            assert_true(row->handlers[FORM_MEMORY] || !row->clocks[model].mem);
            assert_true(!row->handlers[FORM_REP] || row->rep[model]);
        }
        assert_int_equal(row->flags_out & row->flags_undefined, 0);
    }
}

static void test_isa_handler_names_are_those_of_the_functions(void **state)
{
    (void)state;
    assert_string_equal(handler_names[H_add_eb_gb_r8], "add_eb_gb_r8");
    assert_string_equal(handler_names[H_rep_movsv_32], "rep_movsv_32");
    assert_string_equal(handler_names[H_block_end], "block_end");
    assert_int_equal(handler_has_fast[H_mov_gv_ev_m32], 1);
    assert_int_equal(handler_has_fast[H_lgdt_ms_m32], 0);
}

/* A row that takes another's handlers takes those of the same instruction. */
static void test_isa_handlers_belong_to_the_row(void **state)
{
    (void)state;
    static const char *const other_names[][2] = {
        {"call far", "callf"}, {"jmp far", "jmpf"}, {"int1", "icebp"}};
    for (uint32_t i = INSN_none + 1; i < INSN_COUNT; i++) {
        const char *word = insn_table[i].mnemonic;
        for (size_t j = 0; j < sizeof other_names / sizeof other_names[0]; j++) {
            word = strcmp(word, other_names[j][0]) == 0 ? other_names[j][1] : word;
        }
        /* one body serves many instructions of the x87 */
        size_t length = insn_table[i].traps & TRAPS_NM && word[0] == 'f' ? 1 : strlen(word);
        for (uint32_t form = 0; form < FORM_COUNT && !insn_table[i].raises; form++) {
            if (insn_table[i].handlers[form]) {
                const char *name = handler_names[insn_table[i].handlers[form]];
                assert_int_equal(starts(name, "rep_"), form >= FORM_REP);
                assert_memory_equal(name + (form >= FORM_REP ? 4 : 0), word, length);
            }
        }
    }
}

int main(void)
{
    for (uint32_t i = 0; i < 3; i++) {
        cpus[i].timing = &timing_models[i];
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_isa_clocks_of_every_form_are_those_of_the_i486_tables),
        cmocka_unit_test(test_isa_clocks_of_every_form_are_those_of_the_80386_manual),
        cmocka_unit_test(test_isa_flags_of_every_form_are_those_of_appendix_c),
        cmocka_unit_test(test_isa_privilege_of_every_form_is_the_published_one),
        cmocka_unit_test(test_isa_lock_is_legal_for_memory_of_the_listed_forms_only),
        cmocka_unit_test(test_isa_every_row_is_reached_by_an_opcode),
        cmocka_unit_test(test_isa_every_form_with_a_handler_has_clocks_and_text),
        cmocka_unit_test(test_isa_handler_names_are_those_of_the_functions),
        cmocka_unit_test(test_isa_handlers_belong_to_the_row),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
