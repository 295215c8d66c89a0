/* What moves control between levels, modes and tasks, executed, and its charge compared with the
 * published tables: interrupts and exceptions on every way (data/deliveries.tsv), far transfers
 * and returns (data/clocks.tsv), task switches (data/task_switches.tsv).
 * What the tables leave open is in docs/timing.md: an error code, a walk.
 * SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "clock_trial.h"
#include "task_rig.h"

#define TSS16_NEW  0x44000u
#define NOP_386    3u
#define HANDLER_OF 0x10400u /* NOPs */

static bool starts(const char *text, const char *with)
{
    return strncmp(text, with, strlen(with)) == 0;
}

/* A cell of clocks.tsv. column: 7 register, 8 memory of the i486; 11, 12 of the i386. */
static void figure(char *cell, size_t bytes, const char *name, const char *variant, uint32_t column)
{
    FILE *file = table_open("clocks.tsv");
    struct table_row row;
    cell[0] = 0;
    while (table_next(file, &row)) {
        if (strcmp(row.cell[0], name) == 0 && (!variant || strcmp(row.cell[2], variant) == 0)) {
            snprintf(cell, bytes, "%s", row.cell[column - 1]);
        }
    }
    fclose(file);
    if (!cell[0]) {
        fail_msg("no row %s", name);
    }
}

static uint32_t error_push(enum cpu_timing timing)
{
    return timing == TIMING_I386 ? 2 : 1; /* one push: i386 PUSH 2, i486 PUSH 1 */
}

/* ---- tasks ---- */

enum task_kind { KIND_286, KIND_386, KIND_VIRTUAL };

static enum task_kind parse_kind(const char *cell)
{
    return strcmp(cell, "286") == 0 ? KIND_286 : strstr(cell, "VM=1") ? KIND_VIRTUAL : KIND_386;
}

/* SEL_TEST: the task to switch to; its code is NOPs. */
static void put_new_task(struct fixture *f, enum task_kind kind, bool busy)
{
    if (kind == KIND_286) {
        put_descriptor(f, DESC_AT(SEL_TEST), TSS16_NEW, 43, busy ? 0x83 : 0x81, 0);
        memset(f->ram + TSS16_NEW, 0, 44);
        put16(f, TSS16_NEW + 0x02, RING0_TOP);
        put16(f, TSS16_NEW + 0x04, SEL_DATA0);
        put16(f, TSS16_NEW + 0x0E, 0x0C00);
        put16(f, TSS16_NEW + 0x10, EFLAGS_ONE);
        put16(f, TSS16_NEW + 0x1A, TASK_STACK);
        put16(f, TSS16_NEW + 0x22, SEL_DATA0);
        put16(f, TSS16_NEW + 0x24, SEL_CODE16);
        put16(f, TSS16_NEW + 0x26, SEL_STACK16);
        put16(f, TSS16_NEW + 0x28, SEL_DATA0);
        return;
    }
    put_task(f, SEL_TEST, TASK_TSS, 0, busy ? 0x8B : 0x89);
    if (kind == KIND_VIRTUAL) {
        put32(f, TASK_TSS + TASK_EFLAGS, EFLAGS_ONE | EFLAGS_VM);
        put32(f, TASK_TSS + TASK_EIP, 0x0C00);
        for (uint32_t i = 0; i < SEG_COUNT; i++) {
            put32(f, TASK_TSS + TASK_ES + 4 * i, 0x1000);
        }
    }
}

/* The current task's TSS is a 286 one. */
static void put_old_286(struct fixture *f)
{
    const struct segment_state tr = {TSS16_AT, 43, SEL_TSS, 0x83, 1};
    put_descriptor(f, DESC_AT(SEL_TSS), TSS16_AT, 43, 0x83, 0);
    f->state.tr = tr;
}

static void put_gdt_gate(struct fixture *f, uint32_t selector, uint32_t target, uint32_t access,
                         uint32_t count)
{
    put32(f, DESC_AT(selector), (target << 16) | (HANDLER_OF & 0xFFFF));
    put32(f, DESC_AT(selector) + 4, (HANDLER_OF & 0xFFFF0000) | (access << 8) | count);
}

/* ts of the i486 depends on the new task alone. */
static uint32_t task_clocks(enum cpu_timing timing, const char *cause, enum task_kind old_kind,
                            enum task_kind new_kind, bool gate)
{
    FILE *file = table_open("task_switches.tsv");
    struct table_row row;
    uint32_t clocks = 0;
    while (table_next(file, &row)) {
        if (timing == TIMING_I486 && strcmp(row.cell[0], "i486") == 0 &&
            parse_kind(row.cell[3]) == new_kind) {
            clocks = (uint32_t)atoi(row.cell[5]);
        }
        if (timing == TIMING_I386 && starts(row.cell[1], cause) &&
            parse_kind(row.cell[2]) == old_kind && parse_kind(row.cell[3]) == new_kind &&
            (strcmp(row.cell[4], "yes") == 0) == gate) {
            clocks = (uint32_t)atoi(row.cell[5]);
        }
    }
    fclose(file);
    assert_true(clocks > 0);
    return clocks;
}

/* ---- interrupts and exceptions ---- */

enum way { WAY_REAL, WAY_SAME, WAY_INNER, WAY_VIRTUAL, WAY_TASK, WAY_TASK_VIRTUAL, WAYS };

static enum way parse_way(const char *cell)
{
    static const char *const names[WAYS] = {
        "real", "prot same level", "prot inner level", "V86 to ring 0", "", "task gate (from V86)"};
    for (uint32_t way = 0; way < WAYS; way++) {
        if (strcmp(cell, names[way]) == 0) {
            return (enum way)way;
        }
    }
    assert_true(starts(cell, "task gate") || starts(cell, "via task gate"));
    return WAY_TASK;
}

struct event {
    const char *name;
    const char *code; /* of the instruction; in 16-bit modes code16 if there is one */
    const char *code16;
    uint32_t vector;
    bool error;    /* an error code, outside real mode */
    uint32_t more; /* what the model adds, i486 (docs/timing.md) */
};

static const struct event events[] = {
    {"INT n (CD)", "CD 80", NULL, 0x80, false, 0},
    {"INT3 (CC)", "CC", NULL, 3, false, 0},
    {"INTO taken (CE)", "CE", NULL, 4, false, 0},
    {"INT base term", "0F 0B", NULL, 6, false, 0},
    {"other exceptions", "0F 0B", NULL, 6, false, 0},
    {"processor exception without", "0F 0B", NULL, 6, false, 0},
    {"processor exception with error", "8E D8", "F4", 13, true, 0}, /* MOV DS, AX; HLT */
    {"external INTR", "90", NULL, 0x20, false, 0},
    {"NMI", "90", NULL, 2, false, 0},
    {"page fault", "A0 00 F0 06 00", "A0 00 F0", 14, true, 13}, /* and the walk that failed; */
    {"BOUND out of range", "62 05 00 00 03 00", "62 06 00 00", 5, false, 0},
    {"V86 IOPL trap: CLI", "", "FA", 13, true, 0},
    {"V86 IOPL trap: CLI", "", "FB", 13, true, 0},
    {"V86 IOPL trap: CLI", "", "9D", 13, true, 0},
    {"V86 IOPL trap: CLI", "", "CF", 13, true, 0},
    {"V86 IOPL trap: INT n", "", "CD 80", 13, true, 0},
    {"V86 IOPL trap: INT n", "", "9C", 13, true, 0},
    {"V86 I/O trap: IN", "", "E4 10", 13, true, 0},
    {"V86 I/O trap: IN", "", "E6 10", 13, true, 0},
    {"V86 I/O trap: IN", "", "6C", 13, true, 0},
    {"V86 I/O trap: IN", "", "6E", 13, true, 0},
    {"V86 I/O trap: variable", "", "EC", 13, true, 0},
    {"V86 I/O trap: variable", "", "EE", 13, true, 0},
    {"V86 I/O trap: variable", "", "F3 6C", 13, true, 0},
    {"V86 I/O trap: variable", "", "F3 6E", 13, true, 0},
};

/* Every page that a delivery touches is in the TLB, so that it walks for nothing. */
static void fill_tlb(struct fixture *f)
{
    for (uint32_t page = 0; page < RAM_BYTES >> 12; page++) {
        const struct tlb_entry_state entry = {(page << 12) | TLB_VALID,
                                              (page << 12) | TLB_WRITABLE | TLB_USER | TLB_DIRTY};
        if (page < 0x6E) {
            f->state.tlb_data[tlb_data_index(page << 12)] = entry;
        }
        if (page == 0x10 || page == 0x20) {
            f->state.tlb_instruction[tlb_instruction_index(page << 12)] = entry;
        }
    }
    put_page(f, 0x3F000, 0);
    put_page(f, 0x6F000, 0);
    memset(&f->state.tlb_data[tlb_data_index(0x3F000)], 0, sizeof f->state.tlb_data[0]);
}

static void prepare_event(struct fixture *f, const struct event *event, enum way way)
{
    const bool bits16 = way == WAY_REAL || way == WAY_VIRTUAL || way == WAY_TASK_VIRTUAL;
    const char *at = bits16 && event->code16 ? event->code16 : event->code;
    for (uint32_t i = 0; *at; i++) {
        char *end;
        put8(f, CODE_AT + i, (uint32_t)strtoul(at, &end, 16));
        at = *end ? end + 1 : end;
    }
    put32(f, DATA_AT, 0); /* BOUND: 0 to 0 */
    put32(f, DATA_AT + 4, 0);
    f->state.gpr[REG_EAX] = SEL_OUTSIDE;
    f->state.eflags |= EFLAGS_OF;
    f->vector = 0x20;
    if (bits16 && event->vector != 13) {
        f->state.eflags |= EFLAGS_IOPL; /* INT n in V86 mode */
    }
    if (starts(event->name, "external")) {
        f->state.interrupt_line = 1;
    } else if (starts(event->name, "NMI")) {
        f->state.nmi_pending = 1;
    }
    if (way == WAY_TASK || way == WAY_TASK_VIRTUAL) {
        put_new_task(f, KIND_386, false);
        put_task_gate(f, event->vector, SEL_TEST, 3);
    } else if (way != WAY_REAL) {
        put_gate(f, event->vector, SEL_CODE0, HANDLER(event->vector), GATE_INT32 | ACC_DPL(3));
    }
}

static uint32_t delivered(const struct event *event, enum way way, enum cpu_timing timing)
{
    static const enum fixture_mode plain[WAYS] = {REAL, KERNEL, USER, VIRTUAL, KERNEL, VIRTUAL};
    static const enum fixture_mode paged[WAYS] = {REAL,          KERNEL_PAGED, USER_PAGED,
                                                  VIRTUAL_PAGED, KERNEL_PAGED, VIRTUAL_PAGED};
    const bool pages = event->vector == 14;
    struct fixture f;
    struct cpu_step_info info = {0};
    fixture_start(&f, (pages ? paged : plain)[way], timing == TIMING_I386 ? CPU_I386 : CPU_I486);
    prepare_event(&f, event, way);
    if (pages) {
        fill_tlb(&f);
    }
    fixture_load(&f);
    cpu_step(f.cpu, UINT64_MAX, &info);
    if (!(info.what & STEP_DELIVERY) || info.vector != event->vector) {
        fail_msg("%s: vector %u delivered", event->name, info.vector);
    }
    const uint32_t clocks = (uint32_t)(cpu_clock(f.cpu) - f.state.clock);
    fixture_end(&f);
    return clocks;
}

/* A task switch loads CR3: two walks more. */
static uint32_t expected_delivery(const struct event *event, enum way way, enum cpu_timing timing,
                                  const char *cell)
{
    const enum task_kind from = way == WAY_TASK_VIRTUAL ? KIND_VIRTUAL : KIND_386;
    const bool task = way == WAY_TASK || way == WAY_TASK_VIRTUAL;
    const struct clock_terms terms = {.ts = task ? task_clocks(timing, "INT", from, KIND_386, true)
                                                 : 0};
    return cell_value(cell, &terms) + (event->error && way != WAY_REAL ? error_push(timing) : 0) +
           (timing == TIMING_I486 ? event->more * (task ? 3 : 1) : 0);
}

/* Rows that no program can reach: paging is off in real mode. */
static bool is_unreachable(const char *event, enum way way)
{
    return starts(event, "page fault") && way == WAY_REAL;
}

static void test_clocks_of_interrupts_and_exceptions_are_the_published_ones(void **state)
{
    FILE *file = table_open("deliveries.tsv");
    struct table_row row;
    uint32_t rows = 0, wrong = 0;
    (void)state;
    while (table_next(file, &row)) {
        const enum cpu_timing timing = strcmp(row.cell[0], "i386") == 0 ? TIMING_I386 : TIMING_I486;
        const enum way way = parse_way(row.cell[2]);
        uint32_t found = is_unreachable(row.cell[1], way);
        for (size_t i = 0; i < sizeof events / sizeof events[0] && !found; i++) {
            const struct event *event = &events[i];
            if (!starts(row.cell[1], event->name)) {
                continue;
            }
            for (; event < events + sizeof events / sizeof events[0] &&
                   starts(row.cell[1], event->name);
                 event++, found++) {
                const uint32_t want = expected_delivery(event, way, timing, row.cell[3]);
                const uint32_t got = delivered(event, way, timing);
                if (got != want) {
                    print_message("%s %s (%s), %s: published %s, so %u; charged %u\n", row.cell[0],
                                  row.cell[1], event->code16 ? event->code16 : event->code,
                                  row.cell[2], row.cell[3], want, got);
                    wrong++;
                }
            }
        }
        if (!found) {
            fail_msg("%s: nothing executes it", row.cell[1]);
        }
        rows++;
    }
    fclose(file);
    assert_int_equal(wrong, 0);
    assert_int_equal(rows, 96);
}

/* INT n by the numbers 3 and 4 is INT n. */
static void test_clocks_of_int_3_by_two_bytes_are_those_of_int_n(void **state)
{
    static const struct event by_number[] = {{"INT 3", "CD 03", NULL, 3, false, 0},
                                             {"INT 4", "CD 04", NULL, 4, false, 0}};
    (void)state;
    for (uint32_t i = 0; i < 2; i++) {
        assert_int_equal(delivered(&by_number[i], WAY_REAL, TIMING_I486), 30);
        assert_int_equal(delivered(&by_number[i], WAY_SAME, TIMING_I486), 44);
        assert_int_equal(delivered(&by_number[i], WAY_VIRTUAL, TIMING_I486), 86);
        assert_int_equal(delivered(&by_number[i], WAY_REAL, TIMING_I386), 37);
        assert_int_equal(delivered(&by_number[i], WAY_SAME, TIMING_I386), 59);
    }
}

/* ---- task switches ---- */

/* cause: "CALL", "JMP", "IRET NT=1", "INT..."; the figure without ts is that of the row. */
static uint32_t switched(enum cpu_timing timing, const char *cause, enum task_kind old_kind,
                         enum task_kind new_kind, bool gate, bool memory)
{
    struct fixture f;
    struct cpu_step_info info;
    const uint32_t selector = gate ? SEL_TEST2 : SEL_TEST;
    fixture_start(&f, old_kind == KIND_VIRTUAL ? VIRTUAL : KERNEL,
                  timing == TIMING_I386 ? CPU_I386 : CPU_I486);
    put_new_task(&f, new_kind, starts(cause, "IRET"));
    if (old_kind == KIND_286) {
        put_old_286(&f);
    }
    put_gdt_gate(&f, SEL_TEST2, SEL_TEST, 0x85, 0);
    put_task_gate(&f, 0x80, SEL_TEST, 3);
    if (starts(cause, "IRET")) {
        f.state.eflags |= EFLAGS_NT;
        put16(&f, f.state.tr.base, SEL_TEST);
        put8(&f, CODE_AT, 0xCF);
    } else if (starts(cause, "INT")) {
        f.state.eflags |= EFLAGS_IOPL;
        put_code(&f, CODE_AT, (const uint8_t[]){0xCD, 0x80}, 2);
    } else if (memory) { /* CALL, JMP m16:32 at DATA_AT */
        put_code(&f, CODE_AT,
                 (const uint8_t[]){0xFF, starts(cause, "CALL") ? 0x1D : 0x2D, 0, 0, 3, 0}, 6);
        put32(&f, DATA_AT, 0);
        put16(&f, DATA_AT + 4, selector);
    } else {
        put_code(&f, CODE_AT,
                 (const uint8_t[]){starts(cause, "CALL") ? 0x9A : 0xEA, 0, 0, 0, 0,
                                   (uint8_t)selector, 0},
                 7);
    }
    fixture_load(&f);
    cpu_step(f.cpu, UINT64_MAX, &info);
    const struct cpu_state *after = cpu_save(f.cpu);
    const uint32_t clocks = (uint32_t)(after->clock - f.state.clock);
    assert_int_equal(after->tr.selector, SEL_TEST);
    fixture_end(&f);
    return clocks;
}

static void check_switch(enum cpu_timing timing, const char *cause, enum task_kind old_kind,
                         enum task_kind new_kind, bool gate)
{
    const bool iret = starts(cause, "IRET"), interrupt = starts(cause, "INT");
    const uint32_t column = timing == TIMING_I386 ? 12 : 8;
    for (uint32_t memory = 0; memory < (iret || interrupt ? 1 : 2); memory++) {
        char cell[40];
        const bool call = starts(cause, "CALL");
        const char *name =
            iret        ? "iretd-cf-nested-task-nt-1"
            : interrupt ? "int-cd-imm8-via-task-gate"
            : call      ? (memory ? "call-ff-m16-32-to-tss" : "call-9a-ptr16-32-to-tss")
            : gate      ? (memory ? "jmp-ff-m16-32-via-task-gate" : "jmp-ea-ptr16-32-via-task-gate")
                        : (memory ? "jmp-ff-m16-32-to-tss" : "jmp-ea-ptr16-32-to-tss");
        figure(cell, sizeof cell, name, NULL, column + memory);
        const struct clock_terms terms = {.ts =
                                              task_clocks(timing, cause, old_kind, new_kind, gate)};
        const uint32_t want = cell_value(cell, &terms);
        const uint32_t got = switched(timing, cause, old_kind, new_kind, gate, memory);
        if (want != got) {
            fail_msg("%s %s from kind %u to %u, gate %u, memory %u: published %s, so %u; charged "
                     "%u",
                     timing == TIMING_I386 ? "i386" : "i486", cause, old_kind, new_kind, gate,
                     memory, cell, want, got);
        }
    }
}

static void test_clocks_of_every_task_switch_are_the_published_ones(void **state)
{
    FILE *file = table_open("task_switches.tsv");
    struct table_row row;
    uint32_t rows = 0;
    (void)state;
    while (table_next(file, &row)) {
        if (strcmp(row.cell[0], "i386") != 0) {
            continue; /* of the i486: three figures, reached by each of these */
        }
        for (uint32_t model = 0; model < 2; model++) {
            check_switch(model ? TIMING_I386 : TIMING_I486, row.cell[1], parse_kind(row.cell[2]),
                         parse_kind(row.cell[3]), strcmp(row.cell[4], "yes") == 0);
        }
        rows++;
    }
    fclose(file);
    assert_int_equal(rows, 39);
}

/* ---- far calls, jumps and returns ---- */

struct far_row {
    const char *name, *variant, *cell, *code;
    enum cpu_timing timing;
    uint32_t bits;
    bool memory;
    uint32_t parameters;
};

static void put_far_operand(struct trial *t, const struct far_row *row, uint32_t selector)
{
    if (row->memory) {
        put32(&t->f, OPERAND_AT, row->bits == 32 ? TRIAL_TARGET : TRIAL_TARGET | selector << 16);
        if (row->bits == 32) {
            put16(&t->f, OPERAND_AT + 4, selector);
        }
        return;
    }
    uint8_t *at = t->code + t->prefixes + 1;
    const uint32_t offset = TRIAL_TARGET;
    memcpy(at, &offset, row->bits / 8);
    memcpy(at + row->bits / 8, &selector, 2);
}

/* Where the transfer goes: the selector for the instruction. */
static uint32_t far_target(struct trial *t, const struct far_row *row)
{
    const uint32_t user = t->where == IN_USER ? 3 : 0;
    if (!trial_protected(t)) {
        return 0x1000;
    }
    if (strstr(row->variant, "same level") && !strstr(row->variant, "gate")) {
        put_descriptor(&t->f, DESC_AT(SEL_TEST), 0x10000, 0xFFFF, ACC_CODE | ACC_DPL(user),
                       t->where == IN_CODE16 ? FLAGS_16 : 0x40);
        return SEL_TEST | user;
    }
    const bool inner = strstr(row->variant, "inner");
    put_gdt_gate(&t->f, SEL_TEST2, user && !inner ? SEL_CODE3 : SEL_CODE0, 0x8C | ACC_DPL(user),
                 row->parameters);
    return SEL_TEST2 | user;
}

static void put_return(struct trial *t, const struct far_row *row)
{
    const uint32_t size = row->bits / 8, iret = starts(row->name, "iret");
    uint32_t words[9] = {TRIAL_TARGET}, count = 1;
    const bool outer = strstr(row->variant, "outer"), virtual = strstr(row->variant, "to V86");
    if (!trial_protected(t)) {
        words[count++] = 0x1000;
    } else {
        const uint32_t rpl = outer || t->where == IN_USER ? 3 : 0;
        put_descriptor(&t->f, DESC_AT(SEL_TEST), 0x10000, 0xFFFF, ACC_CODE | ACC_DPL(rpl), 0x40);
        words[count++] = virtual ? 0x1000 : SEL_TEST | rpl;
    }
    if (iret) {
        words[count++] = EFLAGS_ONE | (virtual ? EFLAGS_VM : 0);
    }
    const uint32_t first = count;
    if (outer || virtual) {
        words[count++] = 0x600;
        words[count++] = virtual ? 0x800 : SEL_DATA3;
    }
    while (virtual && count < 9) {
        words[count++] = 0x3000;
    }
    for (uint32_t i = 0; i < count; i++) { /* RETF n: n bytes before the outer stack */
        const uint32_t released = i >= first && starts(row->name, "retf-ca") ? 0x10 : 0;
        memcpy(t->f.ram + TRIAL_STACK + released + i * size, &words[i], size);
    }
    if (starts(row->name, "retf-ca")) {
        t->code[t->prefixes + 1] = 0x10;
        t->code[t->prefixes + 2] = 0;
    }
}

static void check_far(const struct far_row *row, enum surrounding where)
{
    struct trial t;
    trial_start(&t, where, row->timing, row->bits, row->code);
    t.memory = row->memory;
    if (starts(row->name, "call") || starts(row->name, "jmp")) {
        put_far_operand(&t, row, far_target(&t, row));
    } else {
        put_return(&t, row);
    }
    uint32_t got = trial_run(&t);
    if (strchr(row->cell, 'm')) {
        got += trial_next(&t) - NOP_386;
    }
    const struct clock_terms terms = {.m = 1, .x = row->parameters};
    const uint32_t want = cell_value(row->cell, &terms) + trial_prefix_clocks(&t);
    if (got != want) {
        fail_msg("%s [%s] %s, surrounding %u, %u parameters: published %s, so %u; charged %u",
                 row->name, row->variant, row->timing == TIMING_I386 ? "i386" : "i486", where,
                 row->parameters, row->cell, want, got);
    }
    trial_end(&t);
}

static bool far_exists(const struct far_row *row, enum surrounding where)
{
    const char *variant = row->variant;
    if (strstr(variant, "inner")) {
        return where == IN_USER;
    }
    if (strstr(variant, "outer") || strstr(variant, "prot to V86")) {
        return where == IN_CODE32 || where == IN_CODE16;
    }
    if (strstr(variant, "same level")) {
        return where == IN_CODE32 || where == IN_CODE16 || where == IN_USER;
    }
    if (strstr(variant, "V86 IOPL=3")) {
        return where == IN_VIRTUAL;
    }
    const bool iret = starts(row->name, "iret"); /* V86 mode has a row of its own */
    return where == IN_REAL || (where == IN_VIRTUAL && !iret);
}

static uint32_t check_far_row(const struct table_row *row, enum cpu_timing timing)
{
    static const uint32_t counts[] = {1, 3, 31};
    uint32_t done = 0;
    struct far_row far = {.name = row->cell[0],
                          .variant = row->cell[2],
                          .timing = timing,
                          .bits = strcmp(row->cell[4], "32") == 0 ? 32 : 16,
                          .memory = cell_empty(row->cell[5])};
    far.code = row->cell[5 + far.memory];
    far.cell = row->cell[(timing == TIMING_I386 ? 11 : 7) + far.memory];
    const bool parameters = strstr(far.variant, "x params");
    for (uint32_t i = 0; i < (parameters ? 3 : 1); i++) {
        far.parameters = parameters ? counts[i] : 0;
        for (enum surrounding where = IN_CODE32; where < SURROUNDINGS; where++) {
            if (far_exists(&far, where)) {
                check_far(&far, where);
                done++;
            }
        }
    }
    return done;
}

static void test_clocks_of_far_transfers_and_returns_are_the_published_ones(void **state)
{
    FILE *file = table_open("clocks.tsv");
    struct table_row row;
    uint32_t rows = 0;
    (void)state;
    while (table_next(file, &row)) {
        const char *name = row.cell[0];
        const bool task = strstr(row.cell[2], "TSS") || strstr(row.cell[2], "task");
        const bool far = starts(name, "call-9a") || starts(name, "call-ff-m16-") ||
                         starts(name, "jmp-ea") || starts(name, "jmp-ff-m16-") ||
                         starts(name, "retf") || starts(name, "iret");
        if (far && !task) {
            assert_true(check_far_row(&row, TIMING_I486) > 0);
            assert_true(check_far_row(&row, TIMING_I386) > 0);
            rows++;
        }
    }
    fclose(file);
    assert_int_equal(rows, 46);
}

/* ---- what is left ---- */

/* BOUND out of range: INT + 24; i386 in real mode 44, else as INT. */
static void test_clocks_of_bound_out_of_range_are_those_of_its_row(void **state)
{
    static const struct event bound = {"BOUND", "62 05 00 00 03 00", "62 06 00 00", 5, false, 0};
    (void)state;
    assert_int_equal(delivered(&bound, WAY_REAL, TIMING_I386), 44);
    assert_int_equal(delivered(&bound, WAY_SAME, TIMING_I386), 59);
    assert_int_equal(delivered(&bound, WAY_VIRTUAL, TIMING_I386), 119);
    assert_int_equal(delivered(&bound, WAY_REAL, TIMING_I486), 26 + 24);
    assert_int_equal(delivered(&bound, WAY_INNER, TIMING_I486), 71 + 24);
}

/* i486 PRM table 10.1: INVLPG 12 for a hit, 11 for a miss. */
static void test_clocks_of_invlpg_by_hit_or_miss(void **state)
{
    (void)state;
    for (uint32_t hit = 0; hit < 2; hit++) {
        struct fixture f;
        struct cpu_step_info info;
        fixture_start(&f, KERNEL_PAGED, CPU_I486);
        put_code(&f, CODE_AT, (const uint8_t[]){0x0F, 0x01, 0x3D, 0, 0, 3, 0}, 7);
        fill_tlb(&f);
        if (!hit) {
            memset(&f.state.tlb_data[tlb_data_index(DATA_AT)], 0, sizeof f.state.tlb_data[0]);
        }
        fixture_load(&f);
        cpu_step(f.cpu, UINT64_MAX, &info);
        assert_int_equal(info.what, STEP_INSTRUCTION);
        assert_int_equal(cpu_clock(f.cpu) - f.state.clock, hit ? 12 : 11);
        fixture_end(&f);
    }
}

static uint32_t clocks_of(const char *code, enum cpu_level level, enum cpu_timing timing)
{
    struct trial t;
    trial_start(&t, IN_CODE32, timing, 32, code);
    t.f.config.level = level;
    const uint32_t clocks = trial_run(&t);
    trial_end(&t);
    return clocks;
}

/* One clock each on the i486, none on the i386; index register, displacement with immediate: the
 * same. MOV EAX, [EBX] is 1 and 4, ADD [EBX], EAX 3 and 7. */
static void test_clocks_of_prefixes_and_address_forms(void **state)
{
    static const char *const prefixed[] = {"26 8B 03", "2E 8B 03", "36 8B 03", "3E 8B 03",
                                           "64 8B 03", "65 8B 03", "66 8B 03"};
    (void)state;
    for (size_t i = 0; i < sizeof prefixed / sizeof prefixed[0]; i++) {
        assert_int_equal(clocks_of(prefixed[i], CPU_I486, TIMING_I486), 2);
        assert_int_equal(clocks_of(prefixed[i], CPU_I386, TIMING_I386), 4);
    }
    assert_int_equal(clocks_of("F0 01 03", CPU_I486, TIMING_I486), 4); /* LOCK */
    assert_int_equal(clocks_of("F0 01 03", CPU_I386, TIMING_I386), 7);
    assert_int_equal(clocks_of("8B 04 13", CPU_I486, TIMING_I486), 2); /* index */
    assert_int_equal(clocks_of("8B 04 13", CPU_I386, TIMING_I386), 4);
    assert_int_equal(clocks_of("C7 43 04 1 0 0 0", CPU_I486, TIMING_I486), 2); /* disp and imm */
    assert_int_equal(clocks_of("8B 43 01", CPU_I486, TIMING_I486), 1 + 3);     /* misaligned */
    assert_int_equal(clocks_of("8B 43 01", CPU_I386, TIMING_I386), 4 + 2);
}

/* The rules of docs/timing.md for what the tables do not have. */
static void test_clocks_of_later_instructions_follow_the_documented_rules(void **state)
{
    (void)state;
    assert_int_equal(clocks_of("0F C7 0B", CPU_I586, TIMING_I486), 10); /* CMPXCHG8B */
    assert_int_equal(clocks_of("0F 31", CPU_I586, TIMING_I486), 6);     /* RDTSC */
    assert_int_equal(clocks_of("0F 44 03", CPU_I686, TIMING_I486), 2);  /* CMOVE EAX, [EBX] */
    assert_int_equal(clocks_of("0F 44 C3", CPU_I686, TIMING_I486), 1);
    assert_int_equal(clocks_of("D6", CPU_I486, TIMING_I486), 2);    /* SALC */
    assert_int_equal(clocks_of("0F C8", CPU_I486, TIMING_I386), 1); /* BSWAP on an i386 */
}

/* The i386 pays for the components of the instruction jumped to: opcode, ModR/M, displacement. */
static void test_clocks_of_a_jump_depend_on_its_target_on_the_i386(void **state)
{
    struct trial t;
    (void)state;
    trial_start(&t, IN_CODE32, TIMING_I386, 32, "EB 10");
    put_code(&t.f, 0x10000 + TRIAL_CODE + 0x12, (const uint8_t[]){0x8B, 0x43, 0x08}, 3);
    assert_int_equal(trial_run(&t), 7);
    assert_int_equal(trial_next(&t), 4 + 3); /* MOV EAX, [EBX+8]: 4, m = 3 */
    trial_end(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_clocks_of_interrupts_and_exceptions_are_the_published_ones),
        cmocka_unit_test(test_clocks_of_int_3_by_two_bytes_are_those_of_int_n),
        cmocka_unit_test(test_clocks_of_every_task_switch_are_the_published_ones),
        cmocka_unit_test(test_clocks_of_far_transfers_and_returns_are_the_published_ones),
        cmocka_unit_test(test_clocks_of_bound_out_of_range_are_those_of_its_row),
        cmocka_unit_test(test_clocks_of_invlpg_by_hit_or_miss),
        cmocka_unit_test(test_clocks_of_prefixes_and_address_forms),
        cmocka_unit_test(test_clocks_of_later_instructions_follow_the_documented_rules),
        cmocka_unit_test(test_clocks_of_a_jump_depend_on_its_target_on_the_i386),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
