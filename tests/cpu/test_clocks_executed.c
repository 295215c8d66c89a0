/* Every instruction form of the published tables (data/clocks.tsv) is executed, in every mode
 * that it exists in, as i486 and as i386, and its charge compared. Branches, SETcc: both outcomes;
 * formulas: operands that reach both ends of the published range. Far transfers, interrupts and
 * task switches: test_clocks_system.c.
 * See: docs/timing.md. SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "clock_trial.h"

enum column {
    COL_FORM,
    COL_VARIANT = 2,
    COL_MODE,
    COL_SIZE,
    COL_REG,
    COL_MEM,
    COL_CLOCKS, /* i486: register, memory, taken, not taken; i386 the same */
    COL_PRIVILEGE = 19,
};

struct form {
    struct table_row row;
    const char *name, *variant, *mode, *privilege;
    const char *const *clocks; /* register, memory, taken, not taken */
    uint32_t bits;
    enum cpu_timing timing;
};

static uint32_t executed; /* trials of this run */

static bool starts(const char *text, const char *with)
{
    return strncmp(text, with, strlen(with)) == 0;
}

static bool is_one_of(const char *name, const char *const *list, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (starts(name, list[i])) {
            return true;
        }
    }
    return false;
}
#define ONE_OF(name, ...)                                                                          \
    is_one_of(name, (const char *const[]){__VA_ARGS__},                                            \
              sizeof(const char *const[]){__VA_ARGS__} / sizeof(const char *))

static uint32_t expect(const struct form *form, const char *cell, uint32_t n)
{
    const struct clock_terms terms = {.n = n, .m = 1};
    (void)form;
    return cell_value(cell, &terms);
}

static void compare(const struct form *form, const struct trial *t, const char *cell,
                    uint32_t expected, uint32_t got)
{
    executed++;
    expected += trial_prefix_clocks(t);
    if (got != expected) {
        fail_msg("%s [%s], %s, surrounding %u, %s operand: published %s, that is %u; charged %u",
                 form->name, form->variant, t->timing == TIMING_I386 ? "i386" : "i486", t->where,
                 t->memory ? "memory" : "register", cell, expected, got);
    }
}

/* ---- where a form exists ---- */

static bool exists(const struct form *form, enum surrounding where)
{
    const bool protected_mode = where == IN_CODE32 || where == IN_CODE16 || where == IN_USER;
    const bool ports = strstr(form->name, "-prot-cpl-") || strstr(form->name, "-v86") ||
                       (strcmp(form->mode, "real") == 0 && ONE_OF(form->name, "in", "out", "rep-"));
    if (strstr(form->name, "prot-cpl-gt-iopl")) {
        return where == IN_USER;
    }
    if (ports && strcmp(form->mode, "real") == 0) {
        return where == IN_REAL; /* V86 mode has rows of its own */
    }
    if (strcmp(form->mode, "v86") == 0) {
        return where == IN_VIRTUAL;
    }
    if (strstr(form->privilege, "CPL0") && (where == IN_USER || where == IN_VIRTUAL)) {
        return false;
    }
    if (strcmp(form->mode, "prot") == 0 || strstr(form->privilege, "PM only")) {
        return protected_mode;
    }
    return strcmp(form->mode, "real") == 0 ? !protected_mode : true;
}

/* ---- operands without which a form would fault ---- */

static void put_operand(struct trial *t, uint32_t low, uint32_t high)
{
    put32(&t->f, OPERAND_AT, low);
    put32(&t->f, OPERAND_AT + 4, high);
}

/* r/m16 of the form: register BX or memory. */
static void put_word(struct trial *t, uint32_t value)
{
    if (t->memory) {
        put16(&t->f, OPERAND_AT, value);
    } else {
        t->f.state.gpr[REG_EBX] = value;
    }
}

static uint32_t data_selector(const struct trial *t, const char *name)
{
    if (!trial_protected(t)) {
        return ONE_OF(name, "pop-17", "lss") ? 0x0800 : 0x3000;
    }
    return t->where == IN_USER ? SEL_DATA3 : SEL_DATA0;
}

/* Immediates of the table would lead beyond RAM, or to an odd address. */
static void mend_displacement(struct trial *t, const char *name)
{
    uint8_t *code = t->code + t->prefixes;
    if (starts(name, "mov-a")) {
        code[1] = 0x10;
        code[2] = 1;
        memset(code + 3, 0, 8);
    } else if (starts(name, "j") || starts(name, "call-e8")) {
        const uint32_t bytes = t->bytes - t->prefixes, first = code[0] == 0x0F ? 2 : 1;
        if (bytes - first == 4) {
            code[first + 2] = 0;
            code[first + 3] = 0;
        }
    }
}

static void prepare_system(struct trial *t, const struct form *form)
{
    struct cpu_state *state = &t->f.state;
    const char *name = form->name;
    if (starts(name, "lldt")) {
        put_word(t, SEL_LDT);
    } else if (starts(name, "ltr")) {
        put_descriptor(&t->f, DESC_AT(SEL_TEST), TSS_AT, TSS_LIMIT, 0x89, 0);
        put_word(t, SEL_TEST);
    } else if (ONE_OF(name, "verr", "verw", "lar", "lsl")) {
        const bool bytes = strcmp(form->variant, "byte granular") == 0;
        put_descriptor(&t->f, DESC_AT(SEL_TEST), 0, 0xFFFF, ACC_DATA | ACC_DPL(3), FLAGS_16);
        put_word(t, bytes ? SEL_TEST | 3 : SEL_DATA3);
    } else if (starts(name, "lmsw")) {
        put_word(t, state->cr0 & 0xF);
    } else if (starts(name, "mov-0f22-cr0")) {
        state->gpr[REG_EBX] = state->cr0;
    } else if (starts(name, "mov-0f22-cr3")) {
        state->gpr[REG_EBX] = DIRECTORY_AT;
    } else if (starts(name, "cpuid")) {
        state->gpr[REG_EAX] = strcmp(form->variant, "leaf 1") == 0;
    } else if (starts(name, "lgdt") || starts(name, "lidt")) {
        state->gpr[REG_EBX] = state->gpr[REG_EDI] = TRIAL_OPERAND + 2; /* its base is aligned */
    } else if (starts(name, "sgdt") || starts(name, "sidt")) {
        state->gpr[REG_EBX] = state->gpr[REG_EDI] = TRIAL_OPERAND + 2;
    }
}

static void prepare(struct trial *t, const struct form *form)
{
    struct cpu_state *state = &t->f.state;
    const char *name = form->name;
    mend_displacement(t, name);
    put_operand(t, 1, 1);
    prepare_system(t, form);
    if (ONE_OF(name, "div", "idiv")) {
        state->gpr[REG_EDX] = 0;
    } else if (starts(name, "mov-8e")) {
        put_word(t, data_selector(t, name));
    } else if (ONE_OF(name, "lds", "les", "lss", "lfs", "lgs")) {
        const uint32_t selector = data_selector(t, name);
        put_operand(t, form->bits == 32 ? 0x500 : 0x500 | selector << 16, selector);
    } else if (ONE_OF(name, "pop-1f", "pop-07", "pop-17", "pop-0fa1", "pop-0fa9")) {
        put32(&t->f, TRIAL_STACK, data_selector(t, name));
    } else if (starts(name, "ret-")) {
        put32(&t->f, TRIAL_STACK, TRIAL_TARGET);
    } else if (ONE_OF(name, "call-ff", "jmp-ff")) {
        state->gpr[REG_EBX] = t->memory ? TRIAL_OPERAND : TRIAL_TARGET;
        put_operand(t, TRIAL_TARGET, 0);
    } else if (starts(name, "cmpxchg")) {
        const uint32_t destination = t->memory ? 1 : TRIAL_OPERAND;
        state->gpr[REG_EAX] = starts(form->variant, "equal") ? destination : 0x55;
    } else if (starts(name, "bound")) {
        put_operand(t, form->bits == 32 ? 0 : 0x7FFF0000, 0x7FFF);
    } else if (strstr(form->variant, "prot CPL>IOPL")) {
        state->eflags &= ~EFLAGS_IOPL;
    } else if (ONE_OF(name, "popf")) {
        put32(&t->f, TRIAL_STACK, EFLAGS_ONE);
    }
}

/* ---- one form, one figure ---- */

static void begin(struct trial *t, const struct form *form, enum surrounding where, bool memory)
{
    trial_start(t, where, form->timing, form->bits, form->row.cell[memory ? COL_MEM : COL_REG]);
    t->memory = memory;
    prepare(t, form);
}

/* After a transfer the i386 pays m with the instruction there: a NOP, 3 clocks, m = 1. */
static uint32_t run(struct trial *t, const char *cell)
{
    const uint32_t clocks = trial_run(t);
    return strchr(cell, 'm') ? clocks + trial_next(t) - 3 : clocks;
}

static void check_plain(const struct form *form, enum surrounding where, bool memory)
{
    struct trial t;
    uint32_t least, most;
    const char *cell = form->clocks[memory];
    begin(&t, form, where, memory);
    const uint32_t n = starts(form->name, "enter") ? 0x11 : 0;
    const uint32_t got = run(&t, cell);
    if (cell_cases(cell, &least, &most)) { /* LEA: without and with an index */
        compare(form, &t, cell, least < most ? least : most, got);
    } else if (starts(form->name, "wait")) { /* 1-3: nothing to wait for */
        cell_range(cell, &least, &most);
        compare(form, &t, cell, least, got);
    } else {
        compare(form, &t, cell, expect(form, cell, n), got);
    }
    trial_end(&t);
}

/* ---- REP: 0, 1 and more iterations ---- */

static void check_repeated(const struct form *form, enum surrounding where)
{
    static const uint32_t counts[] = {0, 1, 2, 5, 64};
    /* without an iteration nobody looks at the I/O permission map, docs/timing.md */
    const bool map = strstr(form->name, "-gt-iopl") || strstr(form->name, "-v86");
    for (size_t i = map; i < sizeof counts / sizeof counts[0]; i++) {
        struct trial t;
        begin(&t, form, where, true);
        t.f.state.gpr[REG_ECX] = counts[i];
        memset(t.f.ram + DATA_AT, 1, 0x1000);
        t.f.state.gpr[REG_EAX] = 0x01010101;
        if (starts(form->name, "repne")) { /* nothing equal */
            memset(t.f.ram + DATA_AT + 0x304, 2, 0x200);
            t.f.state.gpr[REG_EAX] = 0x02020202;
        }
        const uint32_t got = trial_run(&t);
        assert_int_equal(t.f.state.gpr[REG_ECX], 0);
        compare(form, &t, form->clocks[1], expect(form, form->clocks[1], counts[i]), got);
        trial_end(&t);
    }
}

/* ---- branches and SETcc: every combination of flags and counts ---- */

static uint32_t flags_of(uint32_t combination)
{
    return (combination & 1 ? EFLAGS_CF : 0) | (combination & 2 ? EFLAGS_PF : 0) |
           (combination & 4 ? EFLAGS_ZF : 0) | (combination & 8 ? EFLAGS_SF : 0) |
           (combination & 16 ? EFLAGS_OF : 0);
}

static void check_branch(const struct form *form, enum surrounding where)
{
    const uint32_t counts = ONE_OF(form->name, "loop", "jcxz", "jecxz") ? 3 : 1;
    uint32_t seen[2] = {0, 0};
    for (uint32_t i = 0; i < 32 * counts; i += where == IN_CODE32 ? 1 : 7) {
        struct trial t;
        begin(&t, form, where, false);
        t.f.state.eflags |= flags_of(i % 32);
        t.f.state.gpr[REG_ECX] = i / 32;
        uint32_t got = trial_run(&t);
        const bool taken = t.f.state.eip != TRIAL_CODE + t.bytes;
        const char *cell = form->clocks[taken ? 2 : 3];
        if (strchr(cell, 'm')) {
            got += trial_next(&t) - 3;
        }
        compare(form, &t, cell, expect(form, cell, 0), got);
        trial_end(&t);
        seen[taken]++;
    }
    assert_true(seen[0] && seen[1]);
}

static void check_setcc(const struct form *form, enum surrounding where, bool memory)
{
    uint32_t seen[2] = {0, 0}, if_true, if_false;
    for (uint32_t i = 0; i < 32; i += where == IN_CODE32 ? 1 : 7) {
        struct trial t;
        begin(&t, form, where, memory);
        t.f.state.eflags |= flags_of(i);
        const uint32_t got = trial_run(&t);
        const bool set = memory ? t.f.ram[OPERAND_AT] : t.f.state.gpr[REG_EBX] & 0xFF;
        cell_cases(form->clocks[memory], &if_true, &if_false);
        compare(form, &t, form->clocks[memory], set ? if_true : if_false, got);
        trial_end(&t);
        seen[set]++;
    }
    assert_true(seen[0] && seen[1]);
}

/* ---- formulas, as the manuals print them ---- */

static uint32_t log2_up(uint64_t v)
{
    uint32_t bits = 0;
    while ((UINT64_C(1) << bits) < v) {
        bits++;
    }
    return bits;
}

static uint32_t larger(uint32_t a, uint32_t b)
{
    return a > b ? a : b;
}

/* v: the operand that decides, extended to 64 bits. */
static uint32_t multiply_clocks(const struct form *form, bool memory, int64_t v)
{
    const uint32_t bits = log2_up((uint64_t)(v < 0 ? -v : v));
    if (form->timing == TIMING_I486) {
        return 10 + larger(bits, v < 0 ? 5 : 3);
    }
    return (v == 0 ? 9 : larger(bits, 3) + 6) + (memory ? 3 : 0);
}

static uint32_t scan_clocks(const struct form *form, bool memory, uint64_t v, uint32_t width)
{
    const bool forward = starts(form->name, "bsf");
    uint32_t first = 0, last = 0;
    for (uint32_t i = 0; i < width; i++) {
        last = v >> i & 1 ? i : last;
    }
    while (v && !(v >> first & 1)) {
        first++;
    }
    if (form->timing == TIMING_I386) {
        return v ? 10 + 3 * (forward ? first : width - 1 - last) : 10;
    }
    const uint32_t byte = first / 8, pair = first % 8 / 2, bit = first % 2;
    const uint32_t clocks = v == 0    ? 6
                            : forward ? 8 + 4 * (byte + 1) + 3 * (pair + 1) + 3 * (bit + 1)
                                      : 7 + 3 * (32 - last);
    return clocks + (memory ? 1 : 0);
}

static uint32_t rotate_clocks(const struct form *form, bool memory, uint32_t count)
{
    if (form->timing == TIMING_I386) {
        return memory ? 10 : 9;
    }
    const uint32_t clocks = count + 7 < 8 ? 8 : count + 7 > 30 ? 30 : count + 7;
    return clocks + (memory ? 1 : 0);
}

static uint32_t form_width(const struct form *form)
{
    return strstr(form->name, "r-m8") || ONE_OF(form->name, "imul-6b") ? 8 : form->bits;
}

/* Put the deciding operand where the form has it. */
static void put_deciding(struct trial *t, const struct form *form, uint32_t v)
{
    const uint32_t immediate = ONE_OF(form->name, "imul-6b")          ? 1
                               : ONE_OF(form->name, "imul-69")        ? form->bits / 8
                               : ONE_OF(form->name, "rcl-c", "rcr-c") ? 1
                                                                      : 0;
    if (immediate) {
        memcpy(t->code + t->bytes - immediate, &v, immediate);
    } else if (ONE_OF(form->name, "rc")) {
        t->f.state.gpr[REG_ECX] = v;
    } else if (t->memory) {
        put32(&t->f, OPERAND_AT, v);
    } else {
        t->f.state.gpr[REG_EBX] = v;
    }
}

static uint32_t formula(const struct form *form, bool memory, uint32_t v)
{
    const uint32_t width = form_width(form);
    const uint64_t mask = width == 32 ? 0xFFFFFFFF : (1u << width) - 1;
    if (starts(form->name, "rc")) {
        return rotate_clocks(form, memory, v & 31);
    }
    if (starts(form->name, "bs")) {
        return scan_clocks(form, memory, v & mask, width);
    }
    const bool negative = starts(form->name, "imul") && v >> (width - 1) & 1;
    return multiply_clocks(
        form, memory, negative ? (int64_t)(v & mask) - (int64_t)mask - 1 : (int64_t)(v & mask));
}

static void check_formula(const struct form *form, enum surrounding where, bool memory)
{
    uint32_t least, most, lowest = UINT32_MAX, highest = 0;
    cell_range(form->clocks[memory], &least, &most);
    const bool open = strchr(form->clocks[memory], 'n') != NULL; /* 10+3n: no upper bound */
    for (uint32_t i = 0; i < 3 * 33; i++) {
        const uint64_t power = UINT64_C(1) << i / 3;
        const uint32_t v = (uint32_t)(i % 3 == 0 ? power : i % 3 == 1 ? power - 1 : 0 - power);
        if (starts(form->name, "rc") && (v & 31) < 2) {
            continue; /* by 1 has a row of its own */
        }
        struct trial t;
        begin(&t, form, where, memory);
        put_deciding(&t, form, v);
        const uint32_t got = trial_run(&t), bare = got - trial_prefix_clocks(&t);
        compare(form, &t, form->clocks[memory], formula(form, memory, v), got);
        if (!open && (bare < least || bare > most)) {
            fail_msg("%s: %u clocks, not %s", form->name, bare, form->clocks[memory]);
        }
        lowest = bare < lowest ? bare : lowest;
        highest = bare > highest ? bare : highest;
        trial_end(&t);
    }
    /* signed and narrow operands do not reach every end */
    const bool both = starts(form->name, "mul") || (starts(form->name, "bs") && form->bits == 32);
    if (!open && both && (lowest != least || highest != most)) {
        fail_msg("%s: from %u to %u clocks, not %s", form->name, lowest, highest,
                 form->clocks[memory]);
    }
}

/* ---- all forms ---- */

/* Far transfers, interrupts, returns from them and what faults: test_clocks_system.c; INVLPG wants
 * paging. */
static bool elsewhere(const struct form *form)
{
    if (starts(form->name, "into-ce-of-is-0")) {
        return false;
    }
    return ONE_OF(form->name, "int", "iret", "retf", "call-9a", "call-ff-m16-", "jmp-ea",
                  "jmp-ff-m16-", "invlpg") ||
           strstr(form->variant, "out of range");
}

static bool has_formula(const struct form *form)
{
    return ONE_OF(form->name, "mul", "imul", "bsf", "bsr") ||
           ONE_OF(form->name, "rcl-d2", "rcl-c0", "rcl-d3", "rcl-c1", "rcr-d2", "rcr-c0", "rcr-d3",
                  "rcr-c1");
}

static uint32_t check_in(const struct form *form, enum surrounding where)
{
    const uint32_t before = executed;
    if (!cell_empty(form->clocks[2])) {
        check_branch(form, where);
    }
    for (uint32_t memory = 0; memory < 2; memory++) {
        if (cell_empty(form->clocks[memory])) {
            continue;
        }
        if (starts(form->name, "rep")) {
            check_repeated(form, where);
        } else if (starts(form->name, "set")) {
            check_setcc(form, where, memory);
        } else if (has_formula(form)) {
            if (where == (form->bits == 32 ? IN_CODE32 : IN_REAL)) {
                check_formula(form, where, memory);
            }
        } else {
            check_plain(form, where, memory);
        }
    }
    return executed - before;
}

static uint32_t check_table(enum cpu_timing timing, uint32_t *other)
{
    FILE *file = table_open("clocks.tsv");
    struct form form = {.timing = timing};
    uint32_t forms = 0;
    while (table_next(file, &form.row)) {
        form.name = form.row.cell[COL_FORM];
        form.variant = form.row.cell[COL_VARIANT];
        form.mode = form.row.cell[COL_MODE];
        form.privilege = form.row.cell[COL_PRIVILEGE];
        form.clocks = &form.row.cell[COL_CLOCKS + (timing == TIMING_I386 ? 4 : 0)];
        form.bits = strcmp(form.row.cell[COL_SIZE], "32") == 0 ? 32 : 16;
        if (elsewhere(&form)) {
            (*other)++;
            continue;
        }
        uint32_t trials = 0;
        for (enum surrounding where = IN_CODE32; where < SURROUNDINGS; where++) {
            if (exists(&form, where)) {
                trials += check_in(&form, where);
            }
        }
        if (trials == 0 && !(cell_empty(form.clocks[0]) && cell_empty(form.clocks[1]) &&
                             cell_empty(form.clocks[2]))) {
            fail_msg("%s [%s] was executed nowhere", form.name, form.variant);
        }
        forms += trials > 0;
    }
    fclose(file);
    return forms;
}

static void test_clocks_of_every_form_executed_are_the_i486_figures(void **state)
{
    uint32_t other = 0;
    (void)state;
    assert_int_equal(check_table(TIMING_I486, &other) + other, 702);
}

/* 14 rows have no i386 figure: instructions of the i486. */
static void test_clocks_of_every_form_executed_are_the_i386_figures(void **state)
{
    uint32_t other = 0;
    (void)state;
    assert_int_equal(check_table(TIMING_I386, &other) + other, 702 - 14);
    print_message("%u executions compared\n", executed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_clocks_of_every_form_executed_are_the_i486_figures),
        cmocka_unit_test(test_clocks_of_every_form_executed_are_the_i386_figures),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
