/* Ring changes and segment loads of every day against the long way: one machine runs freely, its
 * twin goes step by step with a journal, which takes no short way. In the middle something that a
 * short way looks at is changed, by the program or from outside, and changed back. At every stop
 * all of the state (TLB and clock included) and all of memory have to agree.
 * See: cpu/everyday.h; docs/architecture.md, "Segments, gates, tasks".
 * SPDX-License-Identifier: MIT */
#include "cpu_fixture.h"

#include <stdio.h>
#include <stdlib.h>

#include "cpu/journal.h"

#define POKES_AT      (DATA_AT + 0x1000u) /* pairs of address and value, one for each round */
#define COUNT_AT      (DATA_AT + 0x2000u) /* calls of the handler */
#define SCRATCH_AT    (DATA_AT + 0x3000u) /* a page that no row changes */
#define PEEKED_AT     (DATA_AT + 0x4000u) /* read in each round */
#define CALL_AT       0x24000u
#define FLUSH_AT      0x24100u
#define KEEP_AT       0x24300u
#define SKIP_AT       0x24200u
#define ROUNDS        12u
#define CHANGED_ROUND 5u   /* and back two rounds later */
#define CHUNK         200u /* clocks between two comparisons: less than a round */

/* Writes what the list says, calls the kernel, reads a page; ECX rounds. */
static const uint8_t user_code[] = {
    0x8B, 0x7D, 0x00, /* mov edi, [ebp] */
    0x8B, 0x55, 0x04, /* mov edx, [ebp+4] */
    0x83, 0xC5, 0x08, /* add ebp, 8 */
    0x89, 0x17,       /* mov [edi], edx */
    0xCD, 0x80,       /* int 80h */
    0x8B, 0x1E,       /* mov ebx, [esi] */
    0x49,             /* dec ecx */
    0x75, 0xEE,       /* jnz */
    0xEB, 0xFE,       /* jmp $ */
};
static const uint8_t call_code[] = {
    0x1E, 0x06, 0x60,                   /* push ds; push es; pusha */
    0xB8, 0x10, 0,    0,    0,          /* mov eax, 10h */
    0x8E, 0xD8, 0x8E, 0xC0,             /* mov ds, ax; mov es, ax */
    0xFF, 0x05, 0x00, 0x20, 0x03, 0x00, /* inc dword [COUNT_AT] */
    0x61, 0x07, 0x1F, 0xCF,             /* popa; pop es; pop ds; iret */
};
static const uint8_t flush_code[] = {
    0x50, 0x0F, 0x20, 0xD8, 0x0F, 0x22, 0xD8, 0x58, 0xCF, /* push eax; CR3 := CR3; pop eax; iret */
};
static const uint8_t keep_code[] = {
    0x50, 0xB8, 0x10, 0, 0, 0, 0x8E, 0xD8, 0x58, 0xCF, /* push eax; DS := 10h; pop eax; iret */
};
/* A fault with an error code: mend the tables, then try again. EDX is lost. */
static const uint8_t mend_code[] = {
    0x83, 0xC4, 0x04,                               /* add esp, 4 */
    0xC7, 0x05, 0,    0,    0,    0,    0, 0, 0, 0, /* mov dword [address], value */
    0x0F, 0x20, 0xDA, 0x0F, 0x22, 0xDA,             /* CR3 := CR3 by EDX */
    0xCF,                                           /* iret */
};

struct row {
    const char *name;
    uint32_t at;    /* physical and linear */
    uint32_t value; /* for CHANGED_ROUND and the one after it */
};

#define PAGE_ENTRY(linear) (TABLE_AT + ((linear) >> 12) * 4)
#define CODE0_LOW          DESC_AT(SEL_CODE0)
#define CODE0_HIGH         (DESC_AT(SEL_CODE0) + 4)
#define DATA0_HIGH         (DESC_AT(SEL_DATA0) + 4)
#define CODE3_HIGH         (DESC_AT(SEL_CODE3) + 4)
#define DATA3_LOW          DESC_AT(SEL_DATA3)
#define DATA3_HIGH         (DESC_AT(SEL_DATA3) + 4)
#define GATE_LOW           GATE_AT(0x80)
#define GATE_HIGH          (GATE_AT(0x80) + 4)

static const struct row rows[] = {
    {"nothing", SCRATCH_AT, 0},
    {"gate: another offset", GATE_LOW, SEL_CODE0 << 16 | (FLUSH_AT & 0xFFFF)},
    {"gate: to a handler that keeps its DS", GATE_LOW, SEL_CODE0 << 16 | (KEEP_AT & 0xFFFF)},
    {"gate: selector null", GATE_LOW, CALL_AT & 0xFFFF},
    {"gate: RPL 3 in the selector", GATE_LOW, (SEL_CODE0 | 3) << 16 | (CALL_AT & 0xFFFF)},
    {"gate: in the LDT", GATE_LOW, SEL_LOCAL << 16 | (CALL_AT & 0xFFFF)},
    {"gate: outside the GDT", GATE_LOW, SEL_OUTSIDE << 16 | (CALL_AT & 0xFFFF)},
    {"gate: to level 1", GATE_LOW, SEL_CODE1 << 16 | (CALL_AT & 0xFFFF)},
    {"gate: to level 3", GATE_LOW, SEL_CODE3 << 16 | (CALL_AT & 0xFFFF)},
    {"gate: conforming code", GATE_LOW, SEL_CONFORM << 16 | (CALL_AT & 0xFFFF)},
    {"gate: trap", GATE_HIGH, (CALL_AT & 0xFFFF0000) | 0xEF00},
    {"gate: 16-bit", GATE_HIGH, (CALL_AT & 0xFFFF0000) | 0xE600},
    {"gate: DPL 0", GATE_HIGH, (CALL_AT & 0xFFFF0000) | 0x8E00},
    {"gate: not present", GATE_HIGH, (CALL_AT & 0xFFFF0000) | 0x6E00},
    {"gate: task gate", GATE_HIGH, (CALL_AT & 0xFFFF0000) | 0xE500},
    {"kernel code: accessed clear", CODE0_HIGH, 0x00CF9A00},
    {"kernel code: execute only", CODE0_HIGH, 0x00CF9900},
    {"kernel code: small", CODE0_HIGH, 0x00409B00},
    {"kernel code: at an odd limit", CODE0_LOW, 0x0000FFFE},
    {"kernel code: not present", CODE0_HIGH, 0x00CF1B00},
    {"kernel code: base 1000h", CODE0_LOW, 0x1000FFFF},
    {"kernel code: AVL", CODE0_HIGH, 0x00DF9B00},
    {"kernel code: is data", CODE0_HIGH, 0x00CF9300},
    {"kernel data: accessed clear", DATA0_HIGH, 0x00CF9200},
    {"kernel data: read only", DATA0_HIGH, 0x00CF9100},
    {"kernel data: expand down", DATA0_HIGH, 0x00CF9700},
    {"kernel data: 16-bit", DATA0_HIGH, 0x008F9300},
    {"kernel data: base in its top byte", DATA0_HIGH, 0x01CF9300},
    {"kernel data: DPL 3", DATA0_HIGH, 0x00CFF300},
    {"kernel data: not present", DATA0_HIGH, 0x00CF1300},
    {"user code: accessed clear", CODE3_HIGH, 0x00CFFA00},
    {"user code: conforming", CODE3_HIGH, 0x00CFFF00},
    {"user code: DPL 2", CODE3_HIGH, 0x00CFDB00},
    {"user code: not present", CODE3_HIGH, 0x00CF7B00},
    {"user code: 16-bit", CODE3_HIGH, 0x008FFB00},
    {"user data: accessed clear", DATA3_HIGH, 0x00CFF200},
    {"user data: read only", DATA3_HIGH, 0x00CFF100},
    {"user data: small", DATA3_LOW, 0x0000000F},
    {"user data: bytes", DATA3_HIGH, 0x004FF300},
    {"user data: not present", DATA3_HIGH, 0x00CF7300},
    {"TSS: ESP0 elsewhere", TSS_ESP0, RING0_TOP - 0x100},
    {"TSS: ESP0 not aligned", TSS_ESP0, RING0_TOP - 0x102},
    {"TSS: frame over two pages", TSS_ESP0, 0x5008},
    {"TSS: frame over two pages, others", TSS_ESP0, RING0_TOP + 0x10},
    {"TSS: frame wraps", TSS_ESP0, 8},
    {"TSS: ESP0 zero", TSS_ESP0, 0},
    {"TSS: SS0 null", TSS_SS0, 0},
    {"TSS: SS0 RPL 3", TSS_SS0, SEL_DATA0 | 3},
    {"TSS: SS0 read from the LDT", TSS_SS0, SEL_LOCAL},
    {"TSS: SS0 16-bit", TSS_SS0, SEL_STACK16},
    {"page of the GDT: gone", PAGE_ENTRY(GDT_AT), 0},
    {"page of the GDT: accessed clear", PAGE_ENTRY(GDT_AT), GDT_AT | 0x47},
    {"page of the IDT: elsewhere", PAGE_ENTRY(IDT_AT), DATA_AT | 0x67},
    {"page of the stack: gone", PAGE_ENTRY(RING0_TOP - 4), 0},
    {"page of the stack: read only", PAGE_ENTRY(RING0_TOP - 4), 0x5065},
    {"page of the stack: dirty clear", PAGE_ENTRY(RING0_TOP - 4), 0x5027},
    {"page of the stack: elsewhere", PAGE_ENTRY(RING0_TOP - 4), (DATA_AT + 0x5000) | 0x67},
    {"page of the stack's top: gone", PAGE_ENTRY(RING0_TOP), 0},
    {"page of the stack's top: dirty clear", PAGE_ENTRY(RING0_TOP), RING0_TOP | 0x27},
    {"page of the program's stack: gone", PAGE_ENTRY(STACK_TOP - 4), 0},
    {"page of the TSS: gone", PAGE_ENTRY(TSS_AT), 0},
    {"page of the handler: gone", PAGE_ENTRY(CALL_AT), 0},
    {"page of the handler: elsewhere", PAGE_ENTRY(CALL_AT), HANDLERS_AT | 0x67},
    {"page that is read: gone", PAGE_ENTRY(PEEKED_AT), 0},
    {"page that is read: accessed clear", PAGE_ENTRY(PEEKED_AT), PEEKED_AT | 0x07},
    {"page that is read: for the kernel", PAGE_ENTRY(PEEKED_AT), PEEKED_AT | 0x63},
    {"handler: another instruction", CALL_AT + 12, 0x00000D81},
};

enum writer { BY_PROGRAM, FROM_OUTSIDE };

/* How the two machines are set up, besides the row. */
struct way {
    const char *name;
    enum fixture_mode mode;
    enum writer writer;
    uint32_t eflags; /* more of them */
    uint32_t mode_in_eflags;
    uint32_t flushes;     /* 1: every third round CR3 is loaded */
    uint32_t esp0;        /* of the TSS, or 0 */
    uint32_t breakpoint;  /* linear, or 0 */
    uint32_t write_watch; /* value of DR7; DR0 is in the ring 0 stack */
};

static const struct way ways[] = {
    {.name = "no paging", .mode = USER},
    {.name = "no paging, from outside", .mode = USER, .writer = FROM_OUTSIDE},
    {.name = "paging", .mode = USER_PAGED},
    {.name = "paging, CR3 loads", .mode = USER_PAGED, .flushes = 1},
    {.name = "paging, from outside", .mode = USER_PAGED, .writer = FROM_OUTSIDE, .flushes = 1},
    {.name = "MODE in EFLAGS", .mode = USER_PAGED, .mode_in_eflags = 1, .flushes = 1},
    {.name = "single-step trap", .mode = USER, .eflags = EFLAGS_TF},
    {.name = "carry, direction, IOPL", .mode = USER, .eflags = EFLAGS_CF | EFLAGS_DF | EFLAGS_IOPL},
    {.name = "nested task", .mode = USER, .eflags = EFLAGS_NT},
    {.name = "same level", .mode = KERNEL_PAGED, .flushes = 1},
    {.name = "frame over two pages", .mode = USER_PAGED, .esp0 = RING0_TOP + 8, .flushes = 1},
    {.name = "breakpoint", .mode = USER_PAGED, .breakpoint = CALL_AT + 8},
    {.name = "data breakpoint", .mode = USER_PAGED, .write_watch = 0x000D0403},
};

static uint32_t original(const struct fixture *f, const struct row *row)
{
    return get32(f, row->at);
}

static void put_list(struct fixture *f, const struct way *way, const struct row *row)
{
    const uint32_t back = original(f, row);
    for (uint32_t round = 0; round < ROUNDS; round++) {
        uint32_t at = SCRATCH_AT, value = round;
        if (way->writer == BY_PROGRAM && round == CHANGED_ROUND) {
            at = row->at;
            value = row->value;
        } else if (way->writer == BY_PROGRAM && round == CHANGED_ROUND + 2) {
            at = row->at;
            value = back;
        } else if (way->flushes && round % 3 == 1) {
            at = GATE_LOW;
            value = SEL_CODE0 << 16 | (FLUSH_AT & 0xFFFF);
        } else if (way->flushes && round % 3 == 2) {
            at = GATE_LOW;
            value = SEL_CODE0 << 16 | (CALL_AT & 0xFFFF);
        }
        put32(f, POKES_AT + 8 * round, at);
        put32(f, POKES_AT + 8 * round + 4, value);
    }
}

static void start(struct fixture *f, const struct way *way, const struct row *row)
{
    fixture_start(f, way->mode, CPU_I486);
    put_code(f, CODE_AT, user_code, sizeof user_code);
    put_code(f, CALL_AT, call_code, sizeof call_code);
    put_code(f, FLUSH_AT, flush_code, sizeof flush_code);
    put_code(f, KEEP_AT, keep_code, sizeof keep_code);
    put_gate(f, 0x80, SEL_CODE0, CALL_AT, GATE_INT32 | ACC_DPL(3));
    put32(f, TSS_ESP0, way->esp0 ? way->esp0 : RING0_TOP);
    for (uint32_t vector = 10; vector <= 14; vector++) {
        put_code(f, SKIP_AT, mend_code, sizeof mend_code);
        put_gate(f, vector, SEL_CODE0, SKIP_AT, GATE_INT32);
    }
    put8(f, HANDLER(1), 0xCF); /* #DB: IRET */
    put32(f, SKIP_AT + 5, row->at);
    put32(f, SKIP_AT + 9, original(f, row));
    put_list(f, way, row);
    f->state.eflags |= way->eflags;
    f->state.mode_in_eflags = way->mode_in_eflags;
    f->state.gpr[REG_EBP] = POKES_AT;
    f->state.gpr[REG_ESI] = PEEKED_AT;
    f->state.gpr[REG_ECX] = ROUNDS;
    f->state.dr[0] = RING0_TOP - 8;
    f->state.dr[7] = way->write_watch ? way->write_watch : f->state.dr[7];
    fixture_load(f);
}

/* The twin: one step after the other, everything noted. */
static void run_plainly(struct fixture *f, uint64_t deadline)
{
    while (cpu_clock(f->cpu) < deadline) {
        struct cpu_step_info info;
        f->journal->count = 0;
        if (cpu_step(f->cpu, deadline, &info) == CPU_STOP_SHUTDOWN || info.what == STEP_IDLE) {
            return;
        }
    }
}

static bool run_freely(struct fixture *f, uint64_t deadline)
{
    enum cpu_stop stop;
    do {
        stop = cpu_run(f->cpu, deadline);
    } while (stop == CPU_STOP_BREAKPOINT);
    return stop == CPU_STOP_DEADLINE;
}

static void write_from_outside(struct fixture *f, uint32_t at, uint32_t value)
{
    put32(f, at, value);
    cpu_ram_written(f->cpu, at, 4);
}

/* The first difference, or NULL. */
static const char *difference(struct fixture *free_one, struct fixture *plain_one)
{
    const struct cpu_state *a = cpu_save(free_one->cpu), *b = cpu_save(plain_one->cpu);
    if (a->activity != ACTIVITY_RUNNING) { /* it sleeps to its deadline, the other does not */
        return a->activity == b->activity && a->eip == b->eip ? NULL : "activity";
    }
    if (a->clock != b->clock) {
        return "clock";
    }
    if (a->eip != b->eip) {
        return "EIP";
    }
    if (memcmp(a->tlb_data, b->tlb_data, sizeof a->tlb_data) != 0) {
        return "TLB";
    }
    if (memcmp(a, b, sizeof *a) != 0) {
        return "state";
    }
    return memcmp(free_one->ram, plain_one->ram, RAM_BYTES) != 0 ? "memory" : NULL;
}

/* returns how often the handler was called. */
static uint32_t compare(const struct way *way, const struct row *row)
{
    struct fixture free_one, plain_one;
    start(&free_one, way, row);
    start(&plain_one, way, row);
    plain_one.journal = calloc(1, sizeof *plain_one.journal);
    cpu_set_journal(plain_one.cpu, plain_one.journal);
    const uint32_t breakpoint = way->breakpoint, back = original(&free_one, row);
    cpu_set_breakpoints(free_one.cpu, &breakpoint, way->breakpoint != 0);
    bool runs = true;
    for (uint32_t chunk = 1; runs && chunk <= 24; chunk++) {
        const uint64_t deadline = free_one.state.clock + (uint64_t)CHUNK * chunk;
        runs = run_freely(&free_one, deadline);
        run_plainly(&plain_one, deadline);
        const char *what = difference(&free_one, &plain_one);
        if (what) {
            fail_msg("%s; %s: %s differs after %u clocks", way->name, row->name, what,
                     CHUNK * chunk);
        }
        if (way->writer == FROM_OUTSIDE && (chunk == 8 || chunk == 12)) {
            const uint32_t value = chunk == 8 ? row->value : back;
            write_from_outside(&free_one, row->at, value);
            write_from_outside(&plain_one, row->at, value);
        }
    }
    const uint32_t calls = get32(&free_one, COUNT_AT);
    fixture_end(&free_one);
    fixture_end(&plain_one);
    return calls;
}

static void test_short_and_long_way_agree_whatever_changes_between_two_calls(void **state)
{
    (void)state;
    for (uint32_t way = 0; way < sizeof ways / sizeof ways[0]; way++) {
        for (uint32_t row = 0; row < sizeof rows / sizeof rows[0]; row++) {
            (void)compare(&ways[way], &rows[row]);
        }
    }
}

/* So that the comparison above compares something. */
static void test_the_program_calls_the_kernel_in_every_round(void **state)
{
    (void)state;
    struct fixture f;
    fixture_start(&f, USER, CPU_I486);
    const uint32_t before = get32(&f, COUNT_AT);
    fixture_end(&f);

    assert_int_equal(compare(&ways[0], &rows[0]) - before, ROUNDS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_short_and_long_way_agree_whatever_changes_between_two_calls),
        cmocka_unit_test(test_the_program_calls_the_kernel_in_every_round),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
