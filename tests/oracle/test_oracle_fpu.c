/* Our x87 against the host's own: random operands, control words and stacks, one instruction at a
 * time, between FRSTOR and FNSAVE, natively in 32-bit mode and emulated. Compared are all of the
 * 108 bytes that FNSAVE stores, the memory operand, AX and the arithmetic flags, but what the
 * table of instructions below says is open; of the pointers only that to the instruction, unless
 * it is 0: hosts lose them when another process runs in between, later ones save only some.
 *   test_oracle_fpu [SEED [ROUNDS]]
 * Ends with 77 where the host cannot run 32-bit code.
 * SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "cpu/cpu.h"
#include "tests/oracle/generate.h"
#include "tests/oracle/host32.h"

#define RAM_BYTES      0x00400000u
#define SKIPPED        77
#define SLOTS          120u /* instructions of one piece, each with its own operands */
#define SLOT_BYTES     256u
#define SLOT_OPERAND   112u
#define SLOT_RESULT    128u
#define SLOT_AX        240u
#define IMAGE_BYTES    108u
#define REPEATS        8u /* of one piece with new operands */
#define DEFAULT_ROUNDS 2000u
#define FAILURES_MOST  12u

/* ---- what is tested ---- */

enum operand { NO_OPERAND, SINGLE, DOUBLE, EXTENDED, WORD, DWORD, QWORD, DECIMAL };

#define OPEN_C0   0x01u /* condition bits that the manual leaves open */
#define OPEN_C1   0x02u
#define OPEN_C2   0x04u
#define OPEN_C3   0x08u
#define OPEN_C023 (OPEN_C0 | OPEN_C2 | OPEN_C3)
#define FUNCTION  0x10u /* its result may differ in the last places */

struct form {
    uint8_t opcode;
    uint8_t modrm; /* register form, or digit << 3 */
    uint8_t span;  /* ModR/M bytes from there on */
    uint8_t operand;
    uint8_t flags;
};
#define MEMORY(opcode, digit, operand)                                                             \
    {                                                                                              \
        opcode, (digit) << 3, 1, operand, 0                                                        \
    }
#define OPERATIONS(opcode, operand)                                                                \
    MEMORY(opcode, 0, operand), MEMORY(opcode, 1, operand), MEMORY(opcode, 2, operand),            \
        MEMORY(opcode, 3, operand), MEMORY(opcode, 4, operand), MEMORY(opcode, 5, operand),        \
        MEMORY(opcode, 6, operand), MEMORY(opcode, 7, operand)

static const struct form forms[] = {
    OPERATIONS(0xD8, SINGLE),
    OPERATIONS(0xDC, DOUBLE),
    OPERATIONS(0xDA, DWORD),
    OPERATIONS(0xDE, WORD),
    {0xD8, 0xC0, 64, NO_OPERAND, 0},
    {0xD8, 0xC0, 64, NO_OPERAND, 0},
    {0xD8, 0xC0, 64, NO_OPERAND, 0},
    {0xDC, 0xC0, 16, NO_OPERAND, 0},
    {0xDC, 0xE0, 32, NO_OPERAND, 0},
    {0xDE, 0xC0, 16, NO_OPERAND, 0},
    {0xDE, 0xE0, 32, NO_OPERAND, 0},
    {0xDE, 0xD9, 1, NO_OPERAND, 0},
    {0xDA, 0xE9, 1, NO_OPERAND, 0},
    {0xDD, 0xE0, 16, NO_OPERAND, 0},
    {0xDA, 0xC0, 32, NO_OPERAND, 0}, /* FCMOVcc */
    {0xDB, 0xC0, 32, NO_OPERAND, 0},
    {0xDB, 0xE8, 16, NO_OPERAND, OPEN_C1}, /* FCOMI, FUCOMI */
    {0xDF, 0xE8, 16, NO_OPERAND, OPEN_C1},
    MEMORY(0xD9, 0, SINGLE),
    MEMORY(0xD9, 2, SINGLE),
    MEMORY(0xD9, 3, SINGLE),
    MEMORY(0xDD, 0, DOUBLE),
    MEMORY(0xDD, 2, DOUBLE),
    MEMORY(0xDD, 3, DOUBLE),
    MEMORY(0xDB, 5, EXTENDED),
    MEMORY(0xDB, 7, EXTENDED),
    MEMORY(0xDF, 0, WORD),
    MEMORY(0xDF, 2, WORD),
    MEMORY(0xDF, 3, WORD),
    MEMORY(0xDB, 0, DWORD),
    MEMORY(0xDB, 2, DWORD),
    MEMORY(0xDB, 3, DWORD),
    MEMORY(0xDF, 5, QWORD),
    MEMORY(0xDF, 7, QWORD),
    MEMORY(0xDF, 4, DECIMAL),
    MEMORY(0xDF, 6, DECIMAL),
    {0xD9, 0xC0, 16, NO_OPERAND, 0}, /* FLD, FXCH */
    {0xDD, 0xC0, 8, NO_OPERAND, 0},  /* FFREE */
    {0xDD, 0xD0, 16, NO_OPERAND, 0}, /* FST, FSTP */
    {0xDF, 0xC0, 8, NO_OPERAND, 0},  /* FFREEP */
    {0xD9, 0xE0, 2, NO_OPERAND, 0},  /* FCHS, FABS */
    {0xD9, 0xE4, 2, NO_OPERAND, 0},  /* FTST, FXAM */
    {0xD9, 0xE8, 7, NO_OPERAND, 0},  /* constants */
    {0xD9, 0xF4, 2, NO_OPERAND, 0},  /* FXTRACT, FPREM1 */
    {0xD9, 0xF6, 2, NO_OPERAND, 0},  /* FDECSTP, FINCSTP */
    {0xD9, 0xF8, 1, NO_OPERAND, 0},  /* FPREM */
    {0xD9, 0xFA, 1, NO_OPERAND, 0},  /* FSQRT */
    {0xD9, 0xFC, 2, NO_OPERAND, 0},  /* FRNDINT, FSCALE */
    {0xD9, 0xD0, 1, NO_OPERAND, 0},  /* FNOP */
    {0xD9, 0xF0, 4, NO_OPERAND, FUNCTION},
    {0xD9, 0xF9, 1, NO_OPERAND, FUNCTION},
    {0xD9, 0xFB, 1, NO_OPERAND, FUNCTION},
    {0xD9, 0xFE, 2, NO_OPERAND, FUNCTION},
    {0xDF, 0xE0, 1, NO_OPERAND, 0}, /* FNSTSW AX */
    {0xDB, 0xE2, 2, NO_OPERAND, 0}, /* FNCLEX, FNINIT */
    MEMORY(0xD9, 5, WORD),          /* FLDCW, FNSTCW, FNSTSW */
    MEMORY(0xD9, 7, WORD),
    MEMORY(0xDD, 7, WORD),
};
#define FORMS (sizeof forms / sizeof *forms)

/* ---- operands ---- */

static uint32_t below(struct generator *gen, uint32_t limit)
{
    return (uint32_t)(((uint64_t)random32(gen) * limit) >> 32);
}

static uint64_t random64(struct generator *gen)
{
    return (uint64_t)random32(gen) << 32 | random32(gen);
}

/* Fractions as rounding likes them: few bits, runs, near a half of some precision, or anything. */
static uint64_t random_fraction(struct generator *gen)
{
    static const uint8_t cuts[] = {11, 40, 1, 32, 53, 24, 12, 41, 39, 10};
    const uint64_t any = random64(gen);
    switch (below(gen, 8)) {
    case 0:
        return 0;
    case 1:
        return UINT64_C(1) << below(gen, 63);
    case 2:
        return any << below(gen, 63);
    case 3:
        return ~UINT64_C(0) << below(gen, 63);
    case 4: /* around half of the last place */
        return (any << cuts[below(gen, sizeof cuts)]) + (UINT64_C(1) << below(gen, 42)) +
               below(gen, 3) - 1;
    case 5:
        return ~UINT64_C(0) - below(gen, 3);
    default:
        return any;
    }
}

static uint32_t random_exponent(struct generator *gen, uint32_t near)
{
    switch (below(gen, 12)) {
    case 0:
        return 0;
    case 1:
        return 0x7FFF;
    case 2:
        return below(gen, 80);
    case 3:
        return 0x7FFE - below(gen, 80);
    case 4:
        return 0x3FFF + below(gen, 72) - 4;
    case 5:
        return 0x3FFF - 126 - 32 + below(gen, 64); /* the ends of single and double precision */
    case 6:
        return 0x3FFF + 127 - 8 + below(gen, 16);
    case 7:
        return 0x3FFF - 1022 - 60 + below(gen, 70);
    case 8:
        return 0x3FFF + 1023 - 4 + below(gen, 8);
    case 9:
        return random32(gen) & 0x7FFF;
    default:
        return (near + below(gen, 130) - 65) & 0x7FFF;
    }
}

static void random_float80(struct generator *gen, uint32_t near, uint8_t *at)
{
    uint32_t exponent = random_exponent(gen, near);
    uint64_t significand = random_fraction(gen) | UINT64_C(1) << 63;
    const uint32_t kind = below(gen, 32);
    if (exponent == 0 && kind < 28) {
        significand &= ~(UINT64_C(1) << 63);
        significand >>= below(gen, 4) ? 0 : below(gen, 63);
    } else if (kind == 0) { /* unnormal, pseudo-infinity, pseudo-NaN */
        significand &= ~(UINT64_C(1) << 63);
    } else if (kind < 3) {
        exponent = 0;
        significand = 0;
    } else if (kind < 6) { /* a small integer */
        significand = UINT64_C(1) << 63 | (uint64_t)random32(gen) << (56 - below(gen, 24));
        exponent = 0x3FFF + below(gen, 66);
    }
    if (exponent == 0x7FFF && kind < 16) {
        significand &= UINT64_C(3) << 62;
    }
    exponent |= random32(gen) & 0x8000;
    memcpy(at, &significand, 8);
    memcpy(at + 8, &exponent, 2);
}

static void random_operand(struct generator *gen, enum operand operand, uint8_t *at)
{
    uint64_t value = random_fraction(gen);
    switch (operand) {
    case SINGLE:
        value = (value >> 41) | (uint64_t)(random32(gen) & 0xFF8) << 20;
        if (!below(gen, 4)) {
            value = (value & 0x807FFFFF) | (below(gen, 2) ? 0x7F800000u : 0);
        }
        value &= below(gen, 8) ? ~UINT64_C(0) : 0xFF800000u;
        break;
    case DOUBLE:
        value = (value >> 12) | (uint64_t)(random32(gen) & 0xFFF) << 52;
        if (!below(gen, 4)) {
            value = (value & UINT64_C(0x800FFFFFFFFFFFFF)) |
                    (below(gen, 2) ? UINT64_C(0x7FF0000000000000) : 0);
        }
        value &= below(gen, 8) ? ~UINT64_C(0) : UINT64_C(0xFFF0000000000000);
        break;
    case EXTENDED:
        random_float80(gen, 0x3FFF, at);
        return;
    case DECIMAL:
        value = 0;
        for (uint32_t i = 0; i < 16; i++) {
            value |= (uint64_t)below(gen, 10) << (4 * i);
        }
        value >>= 4 * below(gen, 16);
        at[8] = (uint8_t)(below(gen, 10) << 4 | below(gen, 10));
        at[9] = (uint8_t)(below(gen, 2) << 7);
        break;
    default:
        value = below(gen, 3) ? random_value(gen) : random64(gen);
        break;
    }
    memcpy(at, &value, 8);
}

/* An image for FRSTOR. */
static void random_state(struct generator *gen, uint8_t *at)
{
    uint32_t control = 0x3F, status = random32(gen) & 0x7800, tags = 0;
    const uint32_t near = random32(gen) & 0x7FFF;
    control |= (random32(gen) & 0xC00) | (uint32_t[]){0x300, 0x300, 0, 0x200}[below(gen, 4)];
    control &= ~(below(gen, 3) ? 0 : random32(gen) & 0x3F);
    status |= below(gen, 4) ? 0 : random32(gen) & 0x4700;
    status |= below(gen, 4) ? 0 : random32(gen) & 0x3F & control; /* masked ones */
    for (uint32_t i = 0; i < 8; i++) {
        tags |= (below(gen, 6) ? 0u : 3u) << (2 * i);
    }
    tags |= below(gen, 2) ? 3u << (2 * (((status >> 11) + 7) & 7)) : 0; /* room for a push */
    const uint32_t words[7] = {control, status, tags, 0x1234, 0x23, 0x5678, 0x2B};
    memcpy(at, words, sizeof words);
    for (uint32_t i = 0; i < 8; i++) {
        random_float80(gen, near, at + 28 + 10 * i);
    }
}

/* ---- code ---- */

static void put(struct generator *gen, uint8_t *code, uint32_t *at, uint32_t value, uint32_t bytes)
{
    (void)gen;
    memcpy(code + *at, &value, bytes);
    *at += bytes;
}

/* FRSTOR image; SAHF of AH; the instruction; FNSAVE result; LAHF, MOV word of AX, LAHF. */
static uint32_t make_code(struct generator *gen, const struct form *form, uint32_t modrm,
                          uint8_t *code)
{
    uint32_t at = 0;
    for (uint32_t slot = 0; slot < SLOTS; slot++) {
        const uint32_t base = ORACLE_DATA + slot * SLOT_BYTES;
        put(gen, code, &at, 0x25DD, 2);
        put(gen, code, &at, base, 4);
        put(gen, code, &at, 0x40B0 | (random32(gen) & 0xFF) << 8, 2); /* MOV AL */
        put(gen, code, &at, 0xB4 | (random32(gen) & 0xFF) << 8, 2);   /* MOV AH */
        put(gen, code, &at, 0x9E, 1);
        put(gen, code, &at, form->opcode, 1);
        if (form->operand == NO_OPERAND) {
            put(gen, code, &at, modrm, 1);
        } else {
            put(gen, code, &at, modrm | 5, 1);
            put(gen, code, &at, base + SLOT_OPERAND, 4);
        }
        put(gen, code, &at, 0x35DD, 2);
        put(gen, code, &at, base + SLOT_RESULT, 4);
        put(gen, code, &at, 0xA366, 2); /* MOV [], AX */
        put(gen, code, &at, base + SLOT_AX, 4);
        put(gen, code, &at, 0x9F, 1); /* LAHF */
        put(gen, code, &at, 0xA366, 2);
        put(gen, code, &at, base + SLOT_AX + 2, 4);
    }
    const uint32_t distance = (uint32_t)ORACLE_EXIT32 - (ORACLE_CODE + at + 5);
    put(gen, code, &at, 0xE9, 1);
    put(gen, code, &at, distance, 4);
    return at;
}

/* ---- the emulated side ---- */

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

struct emulated {
    struct cpu *cpu;
    uint8_t *ram;
};

static void *zeroed(size_t bytes)
{
    void *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) {
        perror("test_oracle_fpu: mmap");
        exit(1);
    }
    return memory;
}

static void emulated_open(struct emulated *emulated)
{
    const struct cpu_config config = {.level = CPU_I686, .timing = TIMING_I486, .block_limit = 64};
    emulated->ram = zeroed(RAM_BYTES);
    const struct cpu_bus bus = {.ram = emulated->ram,
                                .ram_bytes = RAM_BYTES,
                                .read = no_read,
                                .write = no_write,
                                .port_read = no_port_read,
                                .port_write = no_port_write,
                                .acknowledge = no_acknowledge};
    emulated->cpu = cpu_init(zeroed(cpu_bytes(RAM_BYTES)), &config, &bus);
    emulated->ram[ORACLE_EXIT32] = 0xF4;
}

/* Flat, CPL 0, no paging; steps: one instruction at a time. */
static void emulated_run(struct emulated *emulated, bool steps)
{
    struct cpu_state state = *cpu_save(emulated->cpu);
    for (uint32_t i = 0; i < SEG_COUNT; i++) {
        const struct segment_state flat = {.limit = 0xFFFFFFFFu,
                                           .selector = i == SEG_CS ? 0x23 : 0x2B,
                                           .attributes = i == SEG_CS ? 0xC09B : 0xC093,
                                           .usable = 1};
        state.segments[i] = flat;
    }
    state.cr0 = CR0_PE | CR0_ET | CR0_NE;
    state.cpl = 0;
    state.eip = ORACLE_CODE;
    state.activity = ACTIVITY_RUNNING;
    cpu_load(emulated->cpu, &state);
    const uint64_t end = state.clock + 1000000;
    while (cpu_save(emulated->cpu)->activity == ACTIVITY_RUNNING &&
           cpu_clock(emulated->cpu) < end) {
        struct cpu_step_info info;
        if (steps) {
            cpu_step(emulated->cpu, end, &info);
        } else {
            cpu_run(emulated->cpu, end);
        }
    }
}

/* ---- comparison ---- */

#define STATUS_C0 0x0100u
#define STATUS_C1 0x0200u
#define STATUS_C2 0x0400u
#define STATUS_C3 0x4000u

struct outcome {
    uint32_t words[7];
    uint8_t registers[8][10];
    uint8_t operand[16];
    uint16_t ax;
    uint16_t flags;
};

static void take(struct outcome *out, const uint8_t *slot)
{
    memcpy(out->words, slot + SLOT_RESULT, 28);
    memcpy(out->registers, slot + SLOT_RESULT + 28, 80);
    memcpy(out->operand, slot + SLOT_OPERAND, 16);
    memcpy(&out->ax, slot + SLOT_AX, 2);
    memcpy(&out->flags, slot + SLOT_AX + 2, 2);
}

/* ST of an image. */
static void top_of(const uint8_t *registers, uint64_t *significand, uint32_t *sign_exponent)
{
    *sign_exponent = 0;
    memcpy(significand, registers, 8);
    memcpy(sign_exponent, registers + 8, 2);
}

/* Functions: neighbours in the last place, the operand being one that the host need not reduce, and
 * that the manual allows (|ST| below 1/4). */
static bool same_function(const struct outcome *native, const struct outcome *ours,
                          const uint8_t *before)
{
    uint32_t defined = 0x384F | STATUS_C2; /* TOP, SF, exceptions; PE, and UE with it, are open */
    defined |= (native->words[0] & 0x30) == 0x30 ? 0x8080 : 0;
    uint64_t significand[3];
    uint32_t exponent[3];
    top_of(before + 28, &significand[0], &exponent[0]);
    top_of(native->registers[0], &significand[1], &exponent[1]);
    top_of(ours->registers[0], &significand[2], &exponent[2]);
    const uint32_t magnitude = exponent[0] & 0x7FFF;
    if (magnitude >= 0x3FFD && magnitude < 0x7FFF) {
        return true;
    }
    if (((native->words[1] ^ ours->words[1]) & defined) || native->words[0] != ours->words[0] ||
        memcmp(native->registers[2], ours->registers[2], 60)) {
        return false;
    }
    const uint64_t apart = significand[1] - significand[2];
    return apart + 1 <= 2 || (exponent[1] ^ exponent[2]) == 1 || (exponent[1] ^ exponent[2]) == 3;
}

static uint32_t compared_status(const struct form *form)
{
    return 0xFFFFu & ~(form->flags & OPEN_C1 ? STATUS_C1 : 0);
}

static bool same(const struct form *form, const struct outcome *native, const struct outcome *ours,
                 const uint8_t *before)
{
    if (form->flags & FUNCTION) {
        return same_function(native, ours, before);
    }
    return native->words[0] == ours->words[0] && native->words[2] == ours->words[2] &&
           (native->words[3] == ours->words[3] || !native->words[3]) &&
           !((native->words[1] ^ ours->words[1]) & compared_status(form)) &&
           !memcmp(native->registers, ours->registers, sizeof native->registers) &&
           !memcmp(native->operand, ours->operand, sizeof native->operand) &&
           native->ax == ours->ax && native->flags == ours->flags;
}

static void print_image(const char *title, const uint32_t *words, const uint8_t (*registers)[10])
{
    printf("%-7s cw %04x sw %04x tw %04x ip %x op %x dp %x ds %x\n", title, words[0] & 0xFFFF,
           words[1] & 0xFFFF, words[2] & 0xFFFF, words[3], words[4], words[5], words[6]);
    for (uint32_t i = 0; i < 8; i++) {
        printf(" %02x%02x_", registers[i][9], registers[i][8]);
        for (uint32_t byte = 8; byte; byte--) {
            printf("%02x", registers[i][byte - 1]);
        }
    }
    printf("\n");
}

static void print_difference(const struct form *form, uint32_t modrm, const uint8_t *before,
                             const struct outcome *native, const struct outcome *ours)
{
    uint32_t words[7];
    uint8_t registers[8][10];
    memcpy(words, before, 28);
    memcpy(registers, before + 28, 80);
    printf("%02x %02x, operand", form->opcode, modrm);
    for (uint32_t i = 10; i; i--) {
        printf(" %02x", before[SLOT_OPERAND + i - 1]);
    }
    printf("\n");
    print_image("before", words, (const uint8_t(*)[10])registers);
    print_image("native", native->words, native->registers);
    print_image("ours", ours->words, ours->registers);
    if (memcmp(native->operand, ours->operand, 16)) {
        printf("operand native");
        for (uint32_t i = 10; i; i--) {
            printf(" %02x", native->operand[i - 1]);
        }
        printf(" ours");
        for (uint32_t i = 10; i; i--) {
            printf(" %02x", ours->operand[i - 1]);
        }
        printf("\n");
    }
    if (native->ax != ours->ax || native->flags != ours->flags) {
        printf("ax, ah of flags: native %04x %04x, ours %04x %04x\n", native->ax, native->flags,
               ours->ax, ours->flags);
    }
}

/* ---- one piece ---- */

static uint8_t *host_slots(void)
{
    return (uint8_t *)(uintptr_t)ORACLE_DATA;
}

/* returns the number of differences */
static uint32_t run_once(struct generator *gen, struct emulated *emulated, const struct form *form,
                         uint32_t modrm, bool steps)
{
    static uint8_t before[SLOTS * SLOT_BYTES];
    const struct host32_registers in = {.eflags = 0};
    struct host32_result result;
    uint32_t failed = 0;
    memset(before, 0, sizeof before);
    for (uint32_t slot = 0; slot < SLOTS; slot++) {
        random_state(gen, before + slot * SLOT_BYTES);
        random_operand(gen, form->operand, before + slot * SLOT_BYTES + SLOT_OPERAND);
    }
    memcpy(host_slots(), before, sizeof before);
    memcpy(emulated->ram + ORACLE_DATA, before, sizeof before);
    host32_run(&in, false, &result);
    emulated_run(emulated, steps);
    if (result.trap != HOST32_NO_TRAP) {
        printf("%02x %02x: the host trapped, vector %u\n", form->opcode, modrm, result.trap);
        return 1;
    }
    for (uint32_t slot = 0; slot < SLOTS && failed < 1; slot++) {
        struct outcome native, ours;
        take(&native, host_slots() + slot * SLOT_BYTES);
        take(&ours, emulated->ram + ORACLE_DATA + slot * SLOT_BYTES);
        if (!same(form, &native, &ours, before + slot * SLOT_BYTES)) {
            print_difference(form, modrm, before + slot * SLOT_BYTES, &native, &ours);
            failed++;
        }
    }
    return failed;
}

int main(int argc, char **argv)
{
    static struct generator gen;
    static struct emulated emulated;
    static uint8_t code[8192];
    const uint64_t seed = argc > 1 ? strtoull(argv[1], NULL, 0) : 1;
    const uint64_t rounds = argc > 2 ? strtoull(argv[2], NULL, 0) : DEFAULT_ROUNDS;
    uint64_t done = 0, failed = 0;
    const char *why_not = host32_open();
    if (why_not) {
        printf("skipped: no comparison with this host's processor: %s\n", why_not);
        return SKIPPED;
    }
    gen.seed = seed * UINT64_C(0x9E3779B97F4A7C15) | 1;
    emulated_open(&emulated);
    for (uint64_t round = 0; round < rounds && failed < FAILURES_MOST; round++) {
        const struct form *form = &forms[round % FORMS];
        const uint32_t modrm = form->modrm + below(&gen, form->span);
        const uint32_t bytes = make_code(&gen, form, modrm, code);
        memcpy((void *)(uintptr_t)ORACLE_CODE, code, bytes);
        memcpy(emulated.ram + ORACLE_CODE, code, bytes);
        cpu_drop_caches(emulated.cpu);
        bool differs = false;
        for (uint32_t i = 0; i < REPEATS && !differs; i++) {
            differs = run_once(&gen, &emulated, form, modrm, i == 0);
            failed += differs;
            done += SLOTS;
        }
    }
    printf("seed %" PRIu64 ": %" PRIu64 " instructions, %" PRIu64 " pieces with differences\n",
           seed, done, failed);
    return failed ? 1 : 0;
}
