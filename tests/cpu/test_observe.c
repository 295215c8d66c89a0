/* Observers: the events of a program, one by one; where a stop leaves the machine; that observing
 * changes nothing. That all ways of stepping give the same events is tests/lockstep.
 * See: cpu/cpu_observe.h; clocks: i486 PRM table 10.1 and INT, REP pages.
 * SPDX-License-Identifier: MIT */
#include "cpu_fixture.h"

#include "cpu/cpu_observe.h"
#include "cpu/isa.h"

#define SEEN_MAX 64u

struct watcher {
    struct machine_event seen[SEEN_MAX];
    uint32_t count;
    uint32_t stop_at; /* number of the event that asks to stop, from 1; 0: none */
};

static bool see(void *context, const struct machine_event *event)
{
    struct watcher *w = context;
    assert_in_range(w->count, 0, SEEN_MAX - 1);
    w->seen[w->count++] = *event;
    return w->count == w->stop_at;
}

static void watch(struct fixture *f, struct watcher *w, uint32_t kinds)
{
    const struct machine_observer observer = {w, see};
    memset(w, 0, sizeof *w);
    cpu_observe(f->cpu, kinds, &observer);
}

static void expect(const struct watcher *w, const struct machine_event *wanted, uint32_t count)
{
    for (uint32_t i = 0; i < count && i < w->count; i++) {
        const struct machine_event *is = &w->seen[i];
        if (memcmp(is, &wanted[i], sizeof *is) != 0) {
            print_message("event %u: kind %u at %05X clock %llu step %llu cpl %u address %X "
                          "value %X of %X\n",
                          i, is->kind, is->linear, (unsigned long long)is->clock,
                          (unsigned long long)is->step, is->cpl, is->address, is->value,
                          is->old_value);
        }
        assert_memory_equal(is, &wanted[i], sizeof *is);
    }
    assert_int_equal(w->count, count);
}

/* A ring 3 program with a system call that returns, and an invalid opcode whose handler halts. */
static void begin_user(struct fixture *f)
{
    static const uint8_t code[] = {
        0xA3, 0x00, 0x00, 0x03, 0x00,       /* 10100 mov [30000h], eax */
        0xFF, 0x05, 0x00, 0x00, 0x03, 0x00, /* 10105 inc dword [30000h] */
        0xCD, 0x80,                         /* 1010B int 80h */
        0xE6, 0x60,                         /* 1010D out 60h, al */
        0xF3, 0xAA,                         /* 1010F rep stosb */
        0x0F, 0x0B,                         /* 10111 ud2 */
    };
    static const uint8_t iret[] = {0xCF};
    fixture_start(f, USER, CPU_I486);
    put_code(f, CODE_AT, code, sizeof code);
    put_code(f, HANDLER(0x80), iret, sizeof iret);
    put_gate(f, 0x80, SEL_CODE0, HANDLER(0x80), GATE_INT32 | ACC_DPL(3));
    put32(f, DATA_AT, 0);
    f->state.gpr[REG_EAX] = 0x11223344;
    f->state.gpr[REG_ECX] = 3;
    f->state.gpr[REG_EDI] = DATA_AT + 2;
    f->state.eflags |= EFLAGS_IOPL;
    f->state.clock = 1000;
    fixture_load(f);
}

static const struct machine_watch cells[] = {
    {.first = DATA_AT, .last = DATA_AT + 3, .reads = 1, .writes = 1},
    {.first = RING0_TOP - 4, .last = RING0_TOP - 1, .writes = 1, .physical = 1},
};
/* The program's access to the watched cell, and one byte of it by the STOS. */
#define CELL(at, number, place, n)                                                                 \
    .kind = EVENT_MEMORY, .clock = (at), .step = (number), .linear = (place), .cpl = 3,            \
    .bytes = 4, .address = DATA_AT, .physical = DATA_AT, .watch = (n)
#define BYTE(at, n)                                                                                \
    .kind = EVENT_MEMORY, .clock = (at), .step = 6, .linear = 0x1010F, .cpl = 3, .bytes = 1,       \
    .write = 1, .address = DATA_AT + (n), .physical = DATA_AT + (n)

/* 1 for the MOV, 3 for the INC, 71 for INT and the exception, 36 for IRET, 11 for OUT, 7 and 4
 * for each iteration of STOS, 4 for HLT */
static const struct machine_event wanted[] = {
    {CELL(1000, 0, 0x10100, 0), .write = 1, .value = 0x11223344},
    {CELL(1001, 1, 0x10105, 0), .value = 0x11223344},
    {CELL(1001, 1, 0x10105, 0), .write = 1, .value = 0x11223345, .old_value = 0x11223344},
    {.kind = EVENT_MEMORY,
     .clock = 1057,
     .step = 2,
     .linear = 0x1010B,
     .cpl = 3,
     .bytes = 4,
     .write = 1,
     .value = SEL_DATA3,
     .address = RING0_TOP - 4,
     .physical = RING0_TOP - 4,
     .watch = 1,
     .implicit = 1},
    {.kind = EVENT_DELIVERY,
     .clock = 1075,
     .step = 2,
     .linear = 0x1010B,
     .cpl = 3,
     .vector = 0x80,
     .delivery_kind = DELIVERY_SOFTWARE},
    {.kind = EVENT_MODE_SWITCH,
     .clock = 1075,
     .step = 2,
     .linear = 0x1010B,
     .cpl = 3,
     .value = EVENT_MODE_PROTECTED,
     .old_value = EVENT_MODE_PROTECTED | 3},
    {.kind = EVENT_RETURN, .clock = 1111, .step = 4, .linear = HANDLER(0x80)},
    {.kind = EVENT_MODE_SWITCH,
     .clock = 1111,
     .step = 4,
     .linear = HANDLER(0x80),
     .value = EVENT_MODE_PROTECTED | 3,
     .old_value = EVENT_MODE_PROTECTED},
    {.kind = EVENT_PORT,
     .clock = 1111,
     .step = 5,
     .linear = 0x1010D,
     .cpl = 3,
     .port = 0x60,
     .write = 1,
     .bytes = 1,
     .value = 0x44},
    {BYTE(1122, 2), .value = 0x44, .old_value = 0x22},
    {BYTE(1133, 3), .value = 0x44, .old_value = 0x11},
    {.kind = EVENT_MEMORY,
     .clock = 1194,
     .step = 7,
     .linear = 0x10111,
     .cpl = 3,
     .bytes = 4,
     .write = 1,
     .value = SEL_DATA3,
     .old_value = SEL_DATA3,
     .address = RING0_TOP - 4,
     .physical = RING0_TOP - 4,
     .watch = 1,
     .implicit = 1},
    {.kind = EVENT_DELIVERY,
     .clock = 1212,
     .step = 7,
     .linear = 0x10111,
     .cpl = 3,
     .vector = 6,
     .path = PATH_ud_opcode,
     .delivery_kind = DELIVERY_EXCEPTION},
    {.kind = EVENT_MODE_SWITCH,
     .clock = 1212,
     .step = 7,
     .linear = 0x10111,
     .cpl = 3,
     .value = EVENT_MODE_PROTECTED,
     .old_value = EVENT_MODE_PROTECTED | 3},
    {.kind = EVENT_HALT, .clock = 1216, .step = 8, .linear = HANDLER(6), .value = ACTIVITY_HALTED},
};

static void test_a_program_s_events_in_their_order(void **state)
{
    struct fixture f;
    struct watcher w;
    (void)state;
    begin_user(&f);
    watch(&f, &w, EVENTS_ALL & ~(1u << EVENT_INSTRUCTION));
    cpu_set_watches(f.cpu, cells, 2);

    assert_int_equal(cpu_run(f.cpu, 100000), CPU_STOP_DEADLINE);

    expect(&w, wanted, sizeof wanted / sizeof wanted[0]);
    fixture_end(&f);
}

static void test_each_instruction_is_announced_once_with_its_registers(void **state)
{
    static const uint32_t places[] = {0x10100, 0x10105, 0x1010B, HANDLER(0x80),
                                      0x1010D, 0x1010F, 0x10111, HANDLER(6)};
    static const uint32_t lengths[] = {5, 6, 2, 1, 2, 2, 2, 1};
    static const uint32_t rows[] = {INSN_MOV_Ov_eAX, INSN_INC_Ev, INSN_INT_Ib, INSN_IRET,
                                    INSN_OUT_Ib_AL,  INSN_STOSB,  INSN_UD2,    INSN_HLT};
    static const uint64_t clocks[] = {1000, 1001, 1004, 1075, 1111, 1122, 1141, 1212};
    struct fixture f;
    struct watcher w;
    (void)state;
    begin_user(&f);
    watch(&f, &w, 1u << EVENT_INSTRUCTION);

    while (cpu_save(f.cpu)->activity == ACTIVITY_RUNNING) {
        cpu_run(f.cpu, cpu_clock(f.cpu) + 3); /* cuts the REP instruction */
    }

    assert_int_equal(w.count, 8);
    for (uint32_t i = 0; i < 8; i++) {
        assert_int_equal(w.seen[i].linear, places[i]);
        assert_int_equal(w.seen[i].bytes, lengths[i]);
        assert_int_equal(w.seen[i].clock, clocks[i]);
        assert_int_equal(w.seen[i].row, rows[i]);
    }
    fixture_end(&f);
}

/* After each event in turn the machine rests where the instruction or delivery ends. */
static void test_a_stop_is_exact(void **state)
{
    static const uint32_t places[] = {0x10105,       0x1010B,       0x1010B,       HANDLER(0x80),
                                      HANDLER(0x80), HANDLER(0x80), 0x1010D,       0x1010D,
                                      0x1010F,       0x1010F,       0x1010F,       HANDLER(6),
                                      HANDLER(6),    HANDLER(6),    HANDLER(6) + 1};
    struct fixture f;
    struct watcher w;
    (void)state;
    for (uint32_t stop = 1; stop <= 15; stop++) {
        begin_user(&f);
        watch(&f, &w, EVENTS_ALL & ~(1u << EVENT_INSTRUCTION));
        cpu_set_watches(f.cpu, cells, 2);
        w.stop_at = stop;

        (void)cpu_run(f.cpu, 100000);

        assert_true(cpu_observer_stopped(f.cpu));
        assert_int_equal(cpu_save(f.cpu)->eip, places[stop - 1]);
        assert_int_equal(cpu_save(f.cpu)->rep_resumed, stop == 10 || stop == 11);
        assert_in_range(w.count, stop, stop + 2); /* the rest of the same step */
        fixture_end(&f);
    }
}

/* Three instructions of one block: a stop at the first leaves after it, not after the block. */
static void test_a_stop_at_an_instruction_comes_after_it(void **state)
{
    struct fixture f;
    struct watcher w;
    (void)state;
    fixture_start(&f, KERNEL, CPU_I486);
    memset(f.ram + CODE_AT, 0x40, 8); /* inc eax */
    fixture_load(&f);
    watch(&f, &w, 1u << EVENT_INSTRUCTION);
    w.stop_at = 3;

    assert_int_equal(cpu_run(f.cpu, 100000), CPU_STOP_REQUESTED);

    assert_true(cpu_observer_stopped(f.cpu));
    assert_false(cpu_observer_stopped(f.cpu));
    assert_int_equal(cpu_save(f.cpu)->eip, CODE_AT + 3);
    assert_int_equal(cpu_save(f.cpu)->gpr[REG_EAX], f.state.gpr[REG_EAX] + 3);
    fixture_end(&f);
}

/* mov cr3, eax with the value it has; then the store walks: entry read twice, dirtied. */
static void test_a_page_walk_meets_physical_watches_only(void **state)
{
    static const uint8_t code[] = {0x0F, 0x22, 0xD8, 0xA3, 0x00, 0x00, 0x03, 0x00, 0xF4};
    static const struct machine_watch entry[] = {
        {.first = TABLE_AT + 0x30 * 4, .last = TABLE_AT + 0x30 * 4 + 3, .reads = 1, .writes = 1},
        {.first = TABLE_AT + 0x30 * 4 + 1,
         .last = TABLE_AT + 0x30 * 4 + 1,
         .reads = 1,
         .writes = 1,
         .physical = 1},
    };
    struct fixture f;
    struct watcher w;
    (void)state;
    fixture_start(&f, KERNEL_PAGED, CPU_I486);
    put_code(&f, CODE_AT, code, sizeof code);
    put_page(&f, DATA_AT, DATA_AT | 7);
    f.state.gpr[REG_EAX] = DIRECTORY_AT;
    fixture_load(&f);
    watch(&f, &w, 1u << EVENT_MEMORY | 1u << EVENT_CR3);
    cpu_set_watches(f.cpu, entry, 2);

    cpu_run(f.cpu, 100000);

    assert_int_equal(w.count, 3);
    assert_int_equal(w.seen[0].kind, EVENT_CR3);
    assert_int_equal(w.seen[0].value, DIRECTORY_AT);
    assert_int_equal(w.seen[0].old_value, DIRECTORY_AT);
    for (uint32_t i = 1; i < 3; i++) {
        assert_int_equal(w.seen[i].kind, EVENT_MEMORY);
        assert_int_equal(w.seen[i].linear, CODE_AT + 3);
        assert_int_equal(w.seen[i].physical, TABLE_AT + 0x30 * 4);
        assert_int_equal(w.seen[i].watch, 1);
        assert_int_equal(w.seen[i].implicit, 1);
        assert_int_equal(w.seen[i].write, i - 1);
    }
    assert_int_equal(w.seen[1].value, DATA_AT | 7);
    assert_int_equal(w.seen[2].value, DATA_AT | 0x67);
    assert_int_equal(w.seen[2].old_value, DATA_AT | 7);
    fixture_end(&f);
}

static void test_string_input_reports_port_and_memory_for_each_element(void **state)
{
    static const uint8_t code[] = {0xF3, 0x66, 0x6D, 0xF4}; /* rep insw */
    static const struct machine_watch cell[] = {
        {.first = DATA_AT + 2, .last = DATA_AT + 2, .writes = 1}};
    struct fixture f;
    struct watcher w;
    (void)state;
    fixture_start(&f, KERNEL, CPU_I486);
    put_code(&f, CODE_AT, code, sizeof code);
    put32(&f, DATA_AT, 0);
    f.in.value = 0xABCD;
    f.state.gpr[REG_ECX] = 2;
    f.state.gpr[REG_EDX] = 0x1F0;
    f.state.gpr[REG_EDI] = DATA_AT;
    fixture_load(&f);
    watch(&f, &w, 1u << EVENT_MEMORY | 1u << EVENT_PORT);
    cpu_set_watches(f.cpu, cell, 1);

    cpu_run(f.cpu, 100000);

    assert_int_equal(w.count, 3);
    assert_int_equal(w.seen[0].port, 0x1F0);
    assert_int_equal(w.seen[1].port, 0x1F0);
    assert_int_equal(w.seen[1].bytes, 2);
    assert_int_equal(w.seen[1].value, 0xABCD);
    assert_int_equal(w.seen[2].kind, EVENT_MEMORY);
    assert_int_equal(w.seen[2].address, DATA_AT + 2);
    assert_int_equal(w.seen[2].value, 0xABCD);
    fixture_end(&f);
}

static void test_nothing_is_reported_while_muted_or_after_the_end(void **state)
{
    struct fixture f;
    struct watcher w;
    (void)state;
    begin_user(&f);
    watch(&f, &w, EVENTS_ALL);
    cpu_set_watches(f.cpu, cells, 2);
    cpu_mute_observer(f.cpu, true);
    cpu_run(f.cpu, 1100);
    assert_int_equal(w.count, 0);
    cpu_mute_observer(f.cpu, false);
    cpu_run(f.cpu, 1120);
    assert_int_equal(w.count, 2); /* OUT announced, and its port */
    cpu_observe(f.cpu, 0, NULL);
    cpu_run(f.cpu, 100000);
    assert_int_equal(w.count, 2);
    fixture_end(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_program_s_events_in_their_order),
        cmocka_unit_test(test_each_instruction_is_announced_once_with_its_registers),
        cmocka_unit_test(test_a_stop_is_exact),
        cmocka_unit_test(test_a_stop_at_an_instruction_comes_after_it),
        cmocka_unit_test(test_a_page_walk_meets_physical_watches_only),
        cmocka_unit_test(test_string_input_reports_port_and_memory_for_each_element),
        cmocka_unit_test(test_nothing_is_reported_while_muted_or_after_the_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
