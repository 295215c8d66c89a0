/* Our processor against the host's own in small segments: one random instruction at a time in 16-
 * and 32-bit code of the LDT, with stacks and data of both kinds, limits that bite, expand-down,
 * read-only, execute-only and not present segments, and with data breakpoints. The host's side is a
 * child that is stepped by ptrace; memory is shared with it and must stay the same as the emulated
 * one.
 *   test_oracle_segments [SEED [PIECES]]
 * Ends with 77 where there is no LDT or no ptrace. Virtual-8086 mode is not to be had on a 64-bit
 * host: tests/protection.
 * See: 80386 PRM 6.3 (limits, expand-down), 16 (mixing 16 and 32 bits); Linux: modify_ldt(2).
 * SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cpu/cpu.h"
#include "cpu/decode.h"
#include "cpu/isa.h"
#include "tests/oracle/host_step.h"

#define SKIPPED        77
#define DEFAULT_PIECES 150000u
#define MOST_SHOWN     10u
#define RAM_BYTES      0x400000u
#define KERNEL_LDT     0x300000u
#define KERNEL_IDT     0x301000u
#define KERNEL_GDT     0x302000u
#define KERNEL_TSS     0x303000u
#define KERNEL_STACK   0x305000u
#define CODE_BYTES     16u
#define STEP_CLOCKS    1000000u

static uint16_t selector(uint32_t entry)
{
    return (uint16_t)(entry * 8 + 7);
}

struct test {
    uint64_t seed;
    struct host_step step;
    uint8_t *shared; /* step.shared */
    uint8_t *ram;    /* of the emulated machine */
    struct cpu *cpu;
    uint8_t code[CODE_BYTES];
    uint32_t length, row, undefined;
    bool repeats;
    struct registers before, host, ours;
    int host_signal, our_signal; /* NO_SIGNAL: none */
    uint32_t dr[4], dr7;         /* data breakpoints; dr7 0: none */
    uint32_t our_hits;           /* DR6 bits 0-3 */
    uint64_t hits;
    uint64_t compared, faults, masked, differences;
};

/* ---- random things ---- */

static uint32_t random32(struct test *t)
{
    t->seed ^= t->seed << 13;
    t->seed ^= t->seed >> 7;
    t->seed ^= t->seed << 17;
    return (uint32_t)(t->seed >> 16);
}

static uint32_t below(struct test *t, uint32_t limit)
{
    return (uint32_t)(((uint64_t)random32(t) * limit) >> 32);
}

static uint32_t some_value(struct test *t)
{
    switch (below(t, 8)) {
    case 0:
        return below(t, 24);
    case 1:
        return 0u - below(t, 24);
    case 2:
        return 0xFFF0 + below(t, 24);
    case 3:
        return 0x7FE8 + below(t, 24); /* limit of SHORT */
    case 4:
        return 0x3FF0 + below(t, 24); /* limit of DOWN */
    case 5:
        return random32(t);
    default:
        return below(t, 0x10000);
    }
}

static bool is_row(const struct test *t, const char *beginning)
{
    return strncmp(insn_table[t->row].id, beginning, strlen(beginning)) == 0;
}

/* ---- the instruction ---- */

/* Left out: the x87; what depends on the model or time; system calls of the host; what the host's
 * tables beyond the LDT would answer; IRET, which 64-bit kernels and processors treat as their own;
 * loads of SS, which make the step one of two instructions. */
static bool is_left_out(const struct test *t, const struct decoded *decoded)
{
    static const char *const rows[] = {"F",    "CPUID", "RDTSC", "RDPMC", "WAIT",  "INT_Ib", "SGDT",
                                       "SIDT", "SLDT",  "STR",   "SMSW",  "LAR",   "LSL",    "VERR",
                                       "VERW", "IRET",  "ICEBP", "NOP_",  "POP_SS"};
    for (uint32_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (is_row(t, rows[i])) {
            return true;
        }
    }
    return decoded->row == INSN_none || decoded->raises ||
           (is_row(t, "MOV_Sw") && decoded->uop.dst == SEG_SS);
}

/* F2 and F3 before what they do not repeat: today's processors have other instructions there, or
 * other conditions (LOOPcc). */
static bool is_prefix_reused(const struct test *t)
{
    bool found = false;
    for (uint32_t i = 0; i < t->length; i++) {
        found |= t->code[i] == 0xF2 || t->code[i] == 0xF3;
    }
    return found && (is_row(t, "LOOP") || is_row(t, "BS"));
}

static void make_code(struct test *t, uint32_t entry)
{
    static const uint8_t prefixes[] = {0x66, 0x67, 0x26, 0x2E, 0x36, 0x3E,
                                       0x64, 0x65, 0xF2, 0xF3, 0xF0};
    static const struct cpu_config config = {.level = CPU_I686, .block_limit = 64};
    const uint32_t key =
        BLOCK_KEY_PE | BLOCK_KEY_CPL | (host_ldt[entry].seg_32bit ? BLOCK_KEY_CODE32 : 0);
    struct decoded decoded;
    do {
        uint32_t at = 0;
        for (uint32_t i = 0; i < CODE_BYTES; i++) {
            t->code[i] = (uint8_t)random32(t);
        }
        while (below(t, 2) && at < 4) { /* prefixes */
            t->code[at++] = prefixes[below(t, sizeof prefixes)];
        }
        if (below(t, 4) == 0) {
            t->code[at] = 0x0F;
        }
        t->row = INSN_none;
        if (decode_instruction(t->code, CODE_BYTES, key, &config, &decoded) == DECODE_OK) {
            t->row = decoded.row;
            t->length = decoded.uop.length;
        }
    } while (t->row == INSN_none || is_left_out(t, &decoded) || is_prefix_reused(t));
    t->repeats = (decoded.uop.flags & UOP_REPEATS) != 0;
    if (t->repeats) { /* ECX counts, or CX */
        t->before.gpr[REG_ECX] = below(t, 40);
    }
    t->undefined = insn_table[decoded.row].flags_undefined;
}

/* Selectors in registers and memory are of the LDT, null, or nonsense that lies beyond it. */
static uint32_t some_selector(struct test *t)
{
    return below(t, 4) ? selector(below(t, SEGMENTS + 3)) : below(t, 4);
}

static void put(struct test *t, uint32_t offset, const void *bytes, uint32_t count)
{
    memcpy(t->shared + offset, bytes, count);
    memcpy(t->ram + SHARED + offset, bytes, count);
    cpu_ram_written(t->cpu, SHARED + offset, count);
}

static bool is_segment_load(const struct test *t)
{
    static const char *const rows[] = {"MOV_Sw", "POP_", "CALLF", "JMPF", "RETF",
                                       "LDS",    "LES",  "LFS",   "LGS",  "LSS"};
    for (uint32_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (is_row(t, rows[i])) {
            return true;
        }
    }
    return false;
}

/* Only selectors anywhere, so that what is loaded is known to both sides: in 16-bit pieces, which
 * makes offsets small as well. */
static void fill_with_selectors(struct test *t)
{
    for (uint32_t n = 0; n < 8; n++) {
        t->before.gpr[n] = (t->before.gpr[n] & 0xFFFF0000) | some_selector(t);
    }
    for (uint32_t at = 0; at < SHARED_BYTES; at += 2) {
        const uint16_t value = (uint16_t)some_selector(t);
        memcpy(t->shared + at, &value, 2);
    }
    memcpy(t->ram + SHARED, t->shared, SHARED_BYTES);
    cpu_drop_caches(t->cpu);
}

static void make_registers(struct test *t, uint32_t code_entry)
{
    static const uint8_t stacks[] = {DATA, SHORT, DOWN, BIG};
    static const uint8_t datas[] = {DATA, SHORT, DOWN, READONLY, CODE16, BIG, SHORTCODE};
    struct registers *r = &t->before;
    for (uint32_t n = 0; n < 8; n++) {
        r->gpr[n] = some_value(t);
    }
    for (uint32_t n = 0; n < SEG_COUNT; n++) {
        r->selectors[n] = below(t, 16) ? selector(datas[below(t, sizeof datas)]) : 0;
    }
    r->selectors[SEG_CS] = selector(code_entry);
    r->selectors[SEG_SS] = selector(stacks[below(t, sizeof stacks)]);
    const uint32_t limit = host_ldt[code_entry].limit;
    r->eip = below(t, 8) ? 0x100 + below(t, 0x4000) : limit + 1 - below(t, CODE_BYTES);
    r->eflags = (random32(t) & (EFLAGS_ARITHMETIC | EFLAGS_DF)) | EFLAGS_IF | EFLAGS_ONE;
}

static void make_piece(struct test *t)
{
    static const uint8_t codes[] = {CODE16, CODE16, CODE16, CODE32, XONLY, SHORTCODE};
    const uint32_t entry = codes[below(t, sizeof codes)];
    make_registers(t, entry);
    make_code(t, entry);
    if (is_segment_load(t)) {
        fill_with_selectors(t);
    }
    const uint32_t room = SHARED_BYTES - t->before.eip;
    put(t, t->before.eip, t->code, room < CODE_BYTES ? room : CODE_BYTES);
    for (uint32_t n = 0; n < 4; n++) { /* a little life in memory */
        const uint32_t value = some_value(t);
        put(t, 0x10000 + below(t, SHARED_BYTES - 0x10004), &value, 4);
    }
    if (strncmp(insn_table[t->row].id, "POPF", 4) == 0) { /* TF belongs to ptrace, AC is a trap */
        uint8_t clear[0x20000];
        for (uint32_t at = 0; at < sizeof clear; at++) {
            clear[at] = t->shared[0x10000 + at] & 0x0E;
        }
        put(t, 0x10000, clear, sizeof clear);
    }
}

/* ---- ours ---- */

static uint32_t no_read(void *context, uint32_t address, uint32_t size, uint64_t now)
{
    (void)context, (void)address, (void)size, (void)now;
    return 0xFFFFFFFFu;
}
static void no_write(void *context, uint32_t address, uint32_t size, uint32_t value, uint64_t now)
{
    (void)context, (void)address, (void)size, (void)value, (void)now;
}
static uint32_t no_port_read(void *context, uint16_t port, uint32_t size, uint64_t now)
{
    (void)context, (void)port, (void)size, (void)now;
    return 0xFFFFFFFFu;
}
static void no_port_write(void *context, uint16_t port, uint32_t size, uint32_t value, uint64_t now)
{
    (void)context, (void)port, (void)size, (void)value, (void)now;
}
static uint8_t no_acknowledge(void *context, uint64_t now)
{
    (void)context, (void)now;
    return 0;
}

static uint8_t access_of(const struct user_desc *d)
{
    const uint32_t type = d->contents == 0   ? (d->read_exec_only ? 1u : 3u)
                          : d->contents == 1 ? (d->read_exec_only ? 5u : 7u)
                          : d->contents == 2 ? (d->read_exec_only ? 9u : 0xBu)
                                             : (d->read_exec_only ? 0xDu : 0xFu);
    return (uint8_t)(type | 0x70 | (d->seg_not_present ? 0 : 0x80));
}

static uint64_t descriptor_of(const struct user_desc *d)
{
    return (d->limit & 0xFFFF) | (uint64_t)(d->base_addr & 0xFFFFFF) << 16 |
           (uint64_t)access_of(d) << 40 | (uint64_t)(d->limit >> 16) << 48 |
           (uint64_t)d->seg_32bit << 54 | (uint64_t)(d->base_addr >> 24) << 56;
}

static void ours_open(struct test *t)
{
    static const struct cpu_config config = {
        .level = CPU_I686, .timing = TIMING_I486, .block_limit = 64};
    const size_t bytes = (cpu_bytes(RAM_BYTES) + 63) & ~(size_t)63;
    void *memory = aligned_alloc(64, bytes);
    const uint32_t stack[2] = {KERNEL_STACK, 0x10};
    t->ram = aligned_alloc(4096, RAM_BYTES);
    if (!memory || !t->ram) {
        fprintf(stderr, "test_oracle_segments: no memory\n");
        exit(1);
    }
    memset(memory, 0, bytes);
    memset(t->ram, 0, RAM_BYTES);
    for (uint32_t n = 0; n < SEGMENTS; n++) {
        put64(t->ram + KERNEL_LDT + 8 * n, descriptor_of(&host_ldt[n]));
    }
    put64(t->ram + KERNEL_GDT + 8, UINT64_C(0x00CF9B000000FFFF));
    put64(t->ram + KERNEL_GDT + 16, UINT64_C(0x00CF93000000FFFF));
    for (uint32_t n = 0; n < 32; n++) {
        const uint64_t access = n == 3 || n == 4 ? 0xEE00 : 0x8E00;
        put64(t->ram + KERNEL_IDT + 8 * n, 0x00080000u | access << 32);
    }
    memcpy(t->ram + KERNEL_TSS + 4, stack, sizeof stack);
    t->ram[KERNEL_TSS + 0x66] = 0x68; /* no I/O map */
    const struct cpu_bus bus = {.ram = t->ram,
                                .ram_bytes = RAM_BYTES,
                                .read = no_read,
                                .write = no_write,
                                .port_read = no_port_read,
                                .port_write = no_port_write,
                                .acknowledge = no_acknowledge};
    t->cpu = cpu_init(memory, &config, &bus);
}

static struct segment_state segment_of(uint16_t value)
{
    struct segment_state state = {.selector = value};
    if (value > 3) {
        const struct user_desc *d = &host_ldt[value >> 3];
        state.base = d->base_addr;
        state.limit = d->limit;
        state.attributes = (uint16_t)(access_of(d) | (d->seg_32bit ? ATTR_BIG : 0));
        state.usable = 1;
    }
    return state;
}

static struct cpu_state start_state(const struct registers *r)
{
    struct cpu_state state = {.eip = r->eip,
                              .eflags = r->eflags,
                              .cpl = 3,
                              .cr0 = CR0_PE | CR0_ET,
                              .a20_mask = 0xFFFFFFFFu};
    memcpy(state.gpr, r->gpr, sizeof r->gpr);
    for (uint32_t n = 0; n < SEG_COUNT; n++) {
        state.segments[n] = segment_of(r->selectors[n]);
    }
    state.gdtr = (struct table_state){KERNEL_GDT, 0x17};
    state.idtr = (struct table_state){KERNEL_IDT, 0xFF};
    state.ldtr = (struct segment_state){KERNEL_LDT, SEGMENTS * 8 - 1, 0x08, ATTR_PRESENT | 2, 1};
    state.tr = (struct segment_state){KERNEL_TSS, 0x67, 0x08, ATTR_PRESENT | 0x0B, 1};
    return state;
}

/* The signal that Linux makes of an exception (arch/x86: exceptions and signals). */
static int signal_of(uint32_t vector)
{
    switch (vector) {
    case 0:
        return SIGFPE;
    case 1:
    case 3:
        return NO_SIGNAL; /* SIGTRAP, as a step */
    case 6:
        return SIGILL;
    case 11:
    case 12:
    case 17:
        return SIGBUS;
    default:
        return SIGSEGV;
    }
}

static void ours_run(struct test *t)
{
    struct cpu_step_info info;
    struct cpu_state start = start_state(&t->before);
    memcpy(start.dr, t->dr, sizeof t->dr);
    start.dr[6] = 0xFFFF0FF0;
    start.dr[7] = 0x400 | (t->repeats ? 0 : t->dr7); /* or it would stop between iterations */
    cpu_load(t->cpu, &start);
    do {
        cpu_step(t->cpu, STEP_CLOCKS, &info);
    } while (info.what & STEP_PARTIAL);
    const struct cpu_state *end = cpu_save(t->cpu);
    memcpy(t->ours.gpr, end->gpr, sizeof t->ours.gpr);
    t->ours.eip = end->eip;
    t->ours.eflags = end->eflags;
    for (uint32_t n = 0; n < SEG_COUNT; n++) {
        t->ours.selectors[n] = end->segments[n].selector;
    }
    t->our_signal = NO_SIGNAL;
    t->our_hits = (end->dr[6] | end->debug_pending) & 15;
    if (info.what & STEP_DELIVERY) { /* the frame has the program: EIP, CS, EFLAGS, ESP, SS */
        uint32_t frame[5];
        memcpy(frame, t->ram + KERNEL_STACK - sizeof frame, sizeof frame);
        t->our_signal = signal_of(info.vector);
        t->ours.eip = frame[0];
        t->ours.selectors[SEG_CS] = (uint16_t)frame[1];
        t->ours.eflags = frame[2];
        t->ours.gpr[REG_ESP] = frame[3];
        t->ours.selectors[SEG_SS] = (uint16_t)frame[4];
    }
    t->ours.eflags &= EFLAGS_ARITHMETIC | EFLAGS_DF;
}

/* ---- comparison ---- */

/* Where the host's way is not the only one; docs/deviations.md has each. */
static bool is_masked(const struct test *t)
{
    const bool both = t->host_signal != NO_SIGNAL && t->our_signal != NO_SIGNAL;
    /* stopped in the middle by the end of the stack: what was done stays; ours change nothing */
    if (both && t->host_signal == t->our_signal &&
        (is_row(t, "PUSHA") || is_row(t, "POPA") || is_row(t, "ENTER") || is_row(t, "CALLF"))) {
        return true;
    }
    /* two things are wrong: which comes first */
    if (both && t->host_signal != t->our_signal &&
        (is_row(t, "CALL") || is_row(t, "CMPS") || is_row(t, "RETF"))) {
        return true;
    }
    /* a selector of the host's GDT, out of the bytes of the instruction itself */
    for (uint32_t n = 0; n < SEG_COUNT; n++) {
        if (t->host.selectors[n] > 3 && !(t->host.selectors[n] & 4)) {
            return true;
        }
    }
    /* ARPL that has nothing to change in a segment that can not be written */
    return is_row(t, "ARPL") && t->our_signal == SIGSEGV && t->host_signal == NO_SIGNAL &&
           !(t->host.eflags & EFLAGS_ZF);
}

/* A double shift of 16 bits by more leaves everything undefined. */
static bool is_undefined(const struct test *t)
{
    const bool shift = is_row(t, "SHLD") || is_row(t, "SHRD");
    const uint32_t count = is_row(t, "SHLD_Ev_Gv_CL") || is_row(t, "SHRD_Ev_Gv_CL")
                               ? t->before.gpr[REG_ECX]
                               : t->code[t->length - 1];
    return shift && (count & 31) > 16;
}

static const char *difference(const struct test *t)
{
    const struct registers *a = &t->host, *b = &t->ours;
    if (t->host_signal != t->our_signal) {
        return "exception";
    }
    if (memcmp(a->gpr, b->gpr, sizeof a->gpr) != 0) {
        return "general register";
    }
    if (memcmp(a->selectors, b->selectors, sizeof a->selectors) != 0) {
        return "segment register";
    }
    if (a->eip != b->eip) {
        return "eip";
    }
    if ((a->eflags ^ b->eflags) & ~t->undefined) {
        return "flags";
    }
    if (memcmp(t->shared, t->ram + SHARED, SHARED_BYTES) != 0) {
        return "memory";
    }
    /* ARPL of ours always writes; INT3 is not an instruction's trap */
    const bool told =
        t->host_signal == NO_SIGNAL && !t->repeats && !is_row(t, "INT") && !is_row(t, "ARPL");
    return told && t->step.hits != t->our_hits ? "data breakpoint" : NULL;
}

static void print_registers(const char *title, const struct registers *r, int number)
{
    printf("  %-7s", title);
    for (uint32_t n = 0; n < 8; n++) {
        printf(" %08" PRIx32, r->gpr[n]);
    }
    printf(" es..gs");
    for (uint32_t n = 0; n < SEG_COUNT; n++) {
        printf(" %02x", r->selectors[n]);
    }
    printf(" eip %08" PRIx32 " flags %03" PRIx32 " signal %d\n", r->eip, r->eflags, number);
}

static void show(struct test *t, const char *what)
{
    if (t->differences++ < MOST_SHOWN) {
        printf("%s (%s):", insn_table[t->row].id, what);
        for (uint32_t n = 0; n < t->length; n++) {
            printf(" %02x", t->code[n]);
        }
        printf("\n");
        print_registers("before", &t->before, 0);
        print_registers("host", &t->host, t->host_signal);
        print_registers("ours", &t->ours, t->our_signal);
        printf("  DR7 %08" PRIx32 ", DR0-3 %05x %05x %05x %05x, met by host %" PRIx32
               ", ours %" PRIx32 "\n",
               t->dr7, t->dr[0], t->dr[1], t->dr[2], t->dr[3], t->step.hits, t->our_hits);
        for (uint32_t at = 0, shown = 0; at < SHARED_BYTES && shown < 8; at++) {
            if (t->shared[at] != t->ram[SHARED + at]) {
                printf("  [%05x] host %02x ours %02x\n", at, t->shared[at], t->ram[SHARED + at]);
                shown++;
            }
        }
    }
}

/* PUSHF: the host's image has the TF by which it is stepped. */
static void forget_trap_flag(struct test *t)
{
    if (strncmp(insn_table[t->row].id, "PUSHF", 5) == 0) {
        for (uint32_t at = 0x10000; at < SHARED_BYTES; at++) {
            if ((t->shared[at] ^ t->ram[SHARED + at]) == 1) {
                t->shared[at] &= 0xFE;
            }
        }
    }
}

/* Other data breakpoints: DR7 has for each the enable bit, R/W (1 write, 3 both) and LEN. */
static void set_watches(struct test *t)
{
    static const uint8_t lengths[] = {1, 2, 4};
    t->dr7 = 0;
    for (uint32_t n = 0; n < 4; n++) {
        const uint32_t bytes = lengths[below(t, sizeof lengths)];
        t->dr[n] = (SHARED + 0x10000 + below(t, SHARED_BYTES - 0x10000)) & ~(bytes - 1);
        if (below(t, 2)) { /* where stacks and offsets like to be */
            static const uint32_t edges[] = {0x10000, 0x17FF0, 0x1FFF0, 0x20000, 0x24000, 0x2FFF0};
            t->dr[n] = SHARED + ((edges[below(t, 6)] + below(t, 16)) & ~(bytes - 1));
        }
        t->dr7 |= 1u << (2 * n) | ((below(t, 2) ? 3u : 1u) | (bytes - 1) << 2) << (16 + 4 * n);
    }
    if (!host_step_watch(&t->step, t->dr, t->dr7)) {
        static const uint32_t none[4];
        memset(t->dr, 0, sizeof t->dr);
        t->dr7 = 0;
        (void)host_step_watch(&t->step, none, 0);
    }
}

static void one_piece(struct test *t)
{
    make_piece(t);
    if (!host_step_run(&t->step, &t->before, t->repeats, &t->host)) {
        printf("not compared: %s", insn_table[t->row].id);
        for (uint32_t n = 0; n < t->length; n++) {
            printf(" %02x", t->code[n]);
        }
        printf("\n");
        t->shared = t->step.shared;
        memcpy(t->shared, t->ram + SHARED, SHARED_BYTES);
        return;
    }
    t->host_signal = t->step.signal;
    ours_run(t);
    forget_trap_flag(t);
    const bool masked = is_masked(t) || is_undefined(t);
    const char *what = masked ? NULL : difference(t);
    t->masked += masked;
    if (masked) {
        memcpy(t->ram + SHARED, t->shared, SHARED_BYTES);
        cpu_drop_caches(t->cpu);
    }
    t->compared++;
    t->faults += t->host_signal != NO_SIGNAL;
    t->hits += t->step.hits != 0;
    if (what) {
        show(t, what);
        memcpy(t->ram + SHARED, t->shared, SHARED_BYTES);
        cpu_drop_caches(t->cpu);
    }
}

int main(int argc, char **argv)
{
    static struct test t;
    const uint64_t seed = argc > 1 ? strtoull(argv[1], NULL, 0) : 1;
    const uint64_t pieces = argc > 2 ? strtoull(argv[2], NULL, 0) : DEFAULT_PIECES;
    const char *why_not = host_step_open(&t.step);
    if (why_not) {
        printf("skipped: %s\n", why_not);
        return SKIPPED;
    }
    t.shared = t.step.shared;
    ours_open(&t);
    t.seed = seed * UINT64_C(0x9E3779B97F4A7C15) | 1;
    for (uint32_t at = 0; at < SHARED_BYTES; at += 4) {
        const uint32_t value = some_value(&t);
        put(&t, at, &value, 4);
    }
    for (uint64_t n = 0; n < pieces; n++) {
        if (n % 16 == 0) {
            set_watches(&t);
        }
        one_piece(&t);
        if (n % 64 == 0) {
            cpu_drop_caches(t.cpu); /* or its code pages would count as rewritten for good */
        }
    }
    host_step_close(&t.step);
    printf("seed %" PRIu64 ": %" PRIu64 " instructions, %" PRIu64 " faults, %" PRIu64
           " met data breakpoints, %" PRIu64 " masked, %" PRIu64 " differences\n",
           seed, t.compared, t.faults, t.hits, t.masked, t.differences);
    return t.differences ? 1 : 0;
}
