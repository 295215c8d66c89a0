/* Our processor against the host's own, on random pieces of user-mode code: registers, flags
 * (but those the table says are undefined), memory, and which instruction faults how.
 * Each piece runs four times: natively, in blocks (fast variants), stepped (careful ones), and
 * in blocks cut by random deadlines; the emulated ones must also agree on the clock.
 *   test_oracle [SEED [PIECES]]     the timing model is SEED modulo 3
 * Ends with 77 where the host cannot run 32-bit code.
 * SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "cpu/cpu.h"
#include "cpu/trap.h"
#include "tests/oracle/generate.h"
#include "tests/oracle/host32.h"

#define RAM_BYTES      0x00400000u
#define SKIPPED        77
#define DEFAULT_PIECES 300000u
#define RUN_CLOCKS     1000000u
#define NO_EIP         0u

/* What a run left behind, natively or emulated. */
struct outcome {
    uint32_t gpr[8];
    uint32_t eflags;              /* arithmetic flags and DF */
    uint32_t trap;                /* vector, HOST32_NO_TRAP, or NEITHER */
    uint32_t eip;                 /* of the faulting instruction */
    uint64_t clock, instructions; /* emulated only */
    uint8_t memory[WINDOW_BYTES];
};
#define NEITHER 0xFFFFFFFEu /* neither end nor fault within the clocks */

/* Where the emulated run stops: the exit, and the handler of each exception, which lies in the
 * emulated RAM alone, with tables and a kernel stack that the code under test cannot see. */
#define VECTORS          32u
#define KERNEL_BASE      0x00300000u
#define KERNEL_GDT       KERNEL_BASE
#define KERNEL_IDT       (KERNEL_BASE + 0x100)
#define KERNEL_TSS       (KERNEL_BASE + 0x300)
#define KERNEL_STACK     (KERNEL_BASE + 0x1000)
#define KERNEL_HANDLERS  (KERNEL_BASE + 0x2000) /* 16 bytes each */
#define SELECTOR_KERNEL  0x08u
#define SELECTOR_STACK   0x10u
#define SELECTOR_USER    0x1Bu
#define SELECTOR_DATA    0x23u
#define SELECTOR_TSS     0x28u
#define DESCRIPTOR_FLAT  UINT64_C(0x00CF00000000FFFF)
#define DESCRIPTOR_TYPES 40 /* bit number of the access byte */

enum pace { BLOCKS, STEPS, SLICES, PACES };

struct emulated {
    struct cpu *cpu;
    uint8_t *ram;
    const char *name;
    enum pace pace;
    uint32_t stops[VECTORS + 1];
};

static uint8_t *host_window(void)
{
    return (uint8_t *)(uintptr_t)ORACLE_DATA;
}

/* ---- emulated side ---- */

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

static void *zeroed(size_t bytes)
{
    void *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) {
        perror("test_oracle: mmap");
        exit(1);
    }
    return memory;
}

static void put64(uint8_t *at, uint64_t value)
{
    memcpy(at, &value, sizeof value);
}

/* Gates to KERNEL_HANDLERS at CPL 0. */
static void put_kernel(uint8_t *ram)
{
    uint8_t *gdt = ram + KERNEL_GDT;
    const uint32_t stack = KERNEL_STACK, stack_selector = SELECTOR_STACK;
    put64(gdt + 8, DESCRIPTOR_FLAT | UINT64_C(0x9B) << DESCRIPTOR_TYPES);
    put64(gdt + 16, DESCRIPTOR_FLAT | UINT64_C(0x93) << DESCRIPTOR_TYPES);
    put64(gdt + 24, DESCRIPTOR_FLAT | UINT64_C(0xFB) << DESCRIPTOR_TYPES);
    put64(gdt + 32, DESCRIPTOR_FLAT | UINT64_C(0xF3) << DESCRIPTOR_TYPES);
    for (uint32_t n = 0; n < VECTORS; n++) {
        uint32_t handler = KERNEL_HANDLERS + n * 16;
        uint64_t access = n == 4 ? 0xEE00 : 0x8E00; /* INTO is open to CPL 3 */
        put64(ram + KERNEL_IDT + n * 8, (handler & 0xFFFF) | SELECTOR_KERNEL << 16 | access << 32 |
                                            (uint64_t)(handler >> 16) << 48);
    }
    memcpy(ram + KERNEL_TSS + 4, &stack, 4);
    memcpy(ram + KERNEL_TSS + 8, &stack_selector, 4);
}

static void emulated_open(struct emulated *emulated, enum pace pace, enum cpu_timing timing)
{
    static const char *const names[PACES] = {"blocks", "steps", "slices"};
    const struct cpu_config config = {
        .level = CPU_I686, .timing = timing, .block_limit = 64, .undecoded = 0};
    emulated->ram = zeroed(RAM_BYTES);
    emulated->name = names[pace];
    emulated->pace = pace;
    const struct cpu_bus bus = {.ram = emulated->ram,
                                .ram_bytes = RAM_BYTES,
                                .read = no_read,
                                .write = no_write,
                                .port_read = no_port_read,
                                .port_write = no_port_write,
                                .acknowledge = no_acknowledge};
    emulated->cpu = cpu_init(zeroed(cpu_bytes(RAM_BYTES)), &config, &bus);
    put_kernel(emulated->ram);
    emulated->stops[0] = ORACLE_EXIT32;
    for (uint32_t n = 0; n < VECTORS; n++) {
        emulated->stops[n + 1] = KERNEL_HANDLERS + n * 16;
    }
    cpu_set_breakpoints(emulated->cpu, emulated->stops, VECTORS + 1);
}

static struct segment_state segment(uint32_t selector, uint32_t base, uint32_t limit, uint32_t type)
{
    const struct segment_state state = {
        .base = base,
        .limit = limit,
        .selector = (uint16_t)selector,
        .attributes =
            (uint16_t)(type | ATTR_PRESENT | ATTR_SEGMENT | ATTR_DPL | ATTR_BIG | ATTR_ACCESSED),
        .usable = 1};
    return state;
}

/* User mode, flat, no paging. */
static struct cpu_state start_state(const struct host32_registers *in, bool small)
{
    struct cpu_state state = {.eip = ORACLE_CODE,
                              .eflags = in->eflags | EFLAGS_ONE | EFLAGS_IF,
                              .cpl = 3,
                              .cr0 = CR0_PE | CR0_ET,
                              .a20_mask = 0xFFFFFFFFu};
    memcpy(state.gpr, in->gpr, sizeof in->gpr);
    const struct segment_state data = segment(SELECTOR_DATA, 0, 0xFFFFFFFFu, ATTR_WRITABLE);
    for (uint32_t n = 0; n < SEG_COUNT; n++) {
        state.segments[n] = data;
    }
    state.segments[SEG_CS] = segment(SELECTOR_USER, 0, 0xFFFFFFFFu, ATTR_CODE | ATTR_READABLE);
    if (small) {
        state.segments[SEG_DS] = segment(SELECTOR_DATA, ORACLE_SEGMENT, 0xFFFF, ATTR_WRITABLE);
        state.segments[SEG_ES] = state.segments[SEG_DS];
    }
    state.gdtr = (struct table_state){KERNEL_GDT, 0xFF};
    state.idtr = (struct table_state){KERNEL_IDT, VECTORS * 8 - 1};
    state.ldtr.attributes = ATTR_PRESENT | 0x02;
    state.tr = (struct segment_state){.base = KERNEL_TSS,
                                      .limit = 0x67,
                                      .selector = SELECTOR_TSS,
                                      .attributes = ATTR_PRESENT | 0x0B,
                                      .usable = 1};
    return state;
}

static bool stopped(const struct emulated *emulated)
{
    uint32_t eip = cpu_save(emulated->cpu)->eip;
    return eip == ORACLE_EXIT32 || eip >= KERNEL_HANDLERS;
}

static void run_or_step(struct emulated *emulated, struct generator *gen)
{
    struct cpu *cpu = emulated->cpu;
    struct cpu_step_info info;
    if (emulated->pace == BLOCKS) {
        cpu_run(cpu, RUN_CLOCKS);
        return;
    }
    while (cpu_clock(cpu) < RUN_CLOCKS && !stopped(emulated)) {
        if (emulated->pace == STEPS) {
            cpu_step(cpu, RUN_CLOCKS, &info);
        } else {
            cpu_run(cpu, cpu_clock(cpu) + 1 + random32(gen) % 64);
        }
    }
}

/* What the handler of an exception finds. Its frame: [error code,] EIP, CS, EFLAGS, ESP, SS. */
static void take_frame(const struct emulated *emulated, struct outcome *out)
{
    const struct cpu_state *state = cpu_save(emulated->cpu);
    uint32_t frame[5];
    memcpy(frame, emulated->ram + KERNEL_STACK - sizeof frame, sizeof frame);
    out->trap = (state->eip - KERNEL_HANDLERS) / 16;
    out->eip = frame[0];
    out->eflags = frame[2] & (EFLAGS_ARITHMETIC | EFLAGS_DF);
    out->gpr[REG_ESP] = frame[3];
}

static void emulated_run(struct emulated *emulated, struct generator *gen,
                         const struct host32_registers *in, struct outcome *out)
{
    struct cpu *cpu = emulated->cpu;
    const struct cpu_state start = start_state(in, gen->small);

    memcpy(emulated->ram + ORACLE_CODE, gen->code, gen->count);
    cpu_ram_written(cpu, ORACLE_CODE, gen->count);
    cpu_load(cpu, &start);
    run_or_step(emulated, gen);

    const struct cpu_state *end = cpu_save(cpu);
    memcpy(out->gpr, end->gpr, sizeof out->gpr);
    out->eflags = end->eflags & (EFLAGS_ARITHMETIC | EFLAGS_DF);
    out->trap = HOST32_NO_TRAP;
    out->eip = NO_EIP;
    out->clock = end->clock;
    out->instructions = end->instructions;
    if (!stopped(emulated)) {
        out->trap = NEITHER;
        out->eip = end->eip;
    } else if (end->eip != ORACLE_EXIT32) {
        take_frame(emulated, out);
    }
    memcpy(out->memory, emulated->ram + ORACLE_DATA, WINDOW_BYTES);
}

/* ---- native side ---- */

static void native_run(const struct generator *gen, const struct host32_registers *in,
                       struct outcome *out)
{
    struct host32_result result;
    memcpy((void *)(uintptr_t)ORACLE_CODE, gen->code, gen->count);
    host32_run(in, gen->small, &result);
    memcpy(out->gpr, result.registers.gpr, sizeof out->gpr);
    out->eflags = result.registers.eflags & (EFLAGS_ARITHMETIC | EFLAGS_DF);
    out->trap = result.trap;
    out->eip = result.trap == HOST32_NO_TRAP ? NO_EIP : result.eip;
    memcpy(out->memory, host_window(), WINDOW_BYTES);
}

/* ---- comparison ---- */

/* Flags that must agree: where it faulted, only those of instructions before, all defined. */
static uint32_t compared_flags(const struct generator *gen, const struct outcome *native)
{
    uint32_t all = EFLAGS_ARITHMETIC | EFLAGS_DF;
    return native->trap == HOST32_NO_TRAP ? all & ~gen->undefined : EFLAGS_DF;
}

static bool same(const struct generator *gen, const struct outcome *native,
                 const struct outcome *ours)
{
    return !((native->eflags ^ ours->eflags) & compared_flags(gen, native)) &&
           native->trap == ours->trap && native->eip == ours->eip &&
           memcmp(native->gpr, ours->gpr, sizeof native->gpr) == 0 &&
           memcmp(native->memory, ours->memory, WINDOW_BYTES) == 0;
}

static void print_registers(const char *title, const uint32_t gpr[8], uint32_t eflags)
{
    static const char *const names[8] = {"eax", "ecx", "edx", "ebx", "esp", "ebp", "esi", "edi"};
    printf("%-8s", title);
    for (int n = 0; n < 8; n++) {
        printf(" %s=%08" PRIx32, names[n], gpr[n]);
    }
    printf(" eflags=%03" PRIx32 "\n", eflags);
}

static void print_difference(const struct generator *gen, const struct host32_registers *in,
                             const uint8_t *before, const struct outcome *native,
                             const struct outcome *ours, const char *name)
{
    printf("difference (%s), code at %x, %s segments, undefined flags %03" PRIx32 ":\n", name,
           ORACLE_CODE, gen->small ? "small" : "flat", gen->undefined);
    for (uint32_t n = 0; n < gen->count; n++) {
        printf("%02x%s", gen->code[n], n + 1 < gen->count ? " " : "\n");
    }
    print_registers("before", in->gpr, in->eflags);
    print_registers("native", native->gpr, native->eflags);
    print_registers(name, ours->gpr, ours->eflags);
    printf("trap: native %" PRIx32 " at %" PRIx32 ", %s %" PRIx32 " at %" PRIx32 "\n", native->trap,
           native->eip, name, ours->trap, ours->eip);
    for (uint32_t n = 0, shown = 0; n < WINDOW_BYTES && shown < 16; n++) {
        if (native->memory[n] != ours->memory[n]) {
            printf("[%" PRIx32 "] before %02x native %02x %s %02x\n", ORACLE_DATA + n, before[n],
                   native->memory[n], name, ours->memory[n]);
            shown++;
        }
    }
}

/* ---- one piece ---- */

struct session {
    struct generator gen;
    struct emulated paces[PACES];
    uint8_t before[WINDOW_BYTES];
    uint64_t pieces, traps; /* done so far */
};

/* The same memory everywhere; a few cells change from piece to piece. */
static void set_memory(struct session *session)
{
    uint8_t *window = host_window();
    for (uint32_t n = 0; n < 16; n++) {
        uint32_t value = random_value(&session->gen);
        memcpy(window + random32(&session->gen) % (WINDOW_BYTES - 4), &value, 4);
    }
    memcpy(session->before, window, WINDOW_BYTES);
    for (uint32_t n = 0; n < PACES; n++) {
        memcpy(session->paces[n].ram + ORACLE_DATA, window, WINDOW_BYTES);
    }
}

/* Ends the code with a jump to the exit. */
static void put_exit(struct generator *gen)
{
    uint32_t distance = (uint32_t)ORACLE_EXIT32 - (ORACLE_CODE + gen->count + 5);
    gen->code[gen->count++] = 0xE9;
    memcpy(gen->code + gen->count, &distance, 4);
    gen->count += 4;
}

static bool run_piece(struct session *session, uint32_t instructions)
{
    static struct outcome native, ours; /* 24 KiB: not for the stack */
    uint64_t clock = 0, completed = 0;
    struct generator *gen = &session->gen;
    struct host32_registers in = {.eflags = random32(gen) & (EFLAGS_ARITHMETIC | EFLAGS_DF)};

    for (uint32_t n = 0; n < 8; n++) {
        in.gpr[n] = random_value(gen);
    }
    generate(gen, instructions);
    put_exit(gen);
    set_memory(session);
    native_run(gen, &in, &native);
    for (uint32_t n = 0; n < PACES; n++) {
        const char *name = session->paces[n].name;
        emulated_run(&session->paces[n], gen, &in, &ours);
        clock = n == BLOCKS ? ours.clock : clock;
        completed = n == BLOCKS ? ours.instructions : completed;
        if (!same(gen, &native, &ours)) {
            print_difference(gen, &in, session->before, &native, &ours, name);
            return false;
        }
        if (ours.clock != clock || ours.instructions != completed) {
            print_difference(gen, &in, session->before, &native, &ours, name);
            printf("blocks took %" PRIu64 " clocks, %" PRIu64 " instructions, %s %" PRIu64
                   ", %" PRIu64 "\n",
                   clock, completed, name, ours.clock, ours.instructions);
            return false;
        }
    }
    session->pieces++;
    session->traps += native.trap != HOST32_NO_TRAP;
    return true;
}

int main(int argc, char **argv)
{
    static struct session session;
    uint64_t seed = argc > 1 ? strtoull(argv[1], NULL, 0) : 1;
    uint64_t pieces = argc > 2 ? strtoull(argv[2], NULL, 0) : DEFAULT_PIECES;
    uint64_t instructions = 0, failed = 0;
    const char *why_not = host32_open();

    if (why_not) {
        printf("skipped: no comparison with this host's processor: %s\n", why_not);
        return SKIPPED;
    }
    session.gen.seed = seed * UINT64_C(0x9E3779B97F4A7C15) | 1;
    for (uint32_t n = 0; n < PACES; n++) {
        emulated_open(&session.paces[n], (enum pace)n, (enum cpu_timing)(seed % 3));
    }
    while (session.pieces + failed < pieces && failed < 5) {
        uint32_t length = 1 + random32(&session.gen) % 12;
        session.gen.small = host32_has_small_segment() && random32(&session.gen) % 2;
        if (session.pieces % 32 == 0) { /* or the code page would be left undecoded for good */
            cpu_drop_caches(session.paces[BLOCKS].cpu);
            cpu_drop_caches(session.paces[SLICES].cpu);
        }
        failed += !run_piece(&session, length);
        instructions += length;
    }
    printf("seed %" PRIu64 ": %" PRIu64 " pieces, about %" PRIu64 " instructions, %" PRIu64
           " faults, %" PRIu64 " differences%s\n",
           seed, session.pieces, instructions, session.traps, failed,
           host32_has_small_segment() ? "" : " (no LDT here: 16-bit addresses left out)");
    return failed ? 1 : 0;
}
