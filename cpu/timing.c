/* The figures behind timing.h: tables of published clocks, and what is modelled where nothing is
 * published (page walks, single steps of a delivery). docs/timing.md says which is which.
 * See: 80386 PRM 17.2.2.3 and the instruction pages; i486 PRM tables 10.1 and 10.2.
 * SPDX-License-Identifier: MIT */
#include "cpu/timing.h"

#define MODELS 2u /* i486, i386; the unit model has no figures */

const struct timing_model timing_models[3] = {
    [TIMING_I486] = {.model = TIMING_I486,
                     .tlb_miss = 13, /* 13 to 28, i486 PRM 10 assumptions */
                     .walk_write = 7,
                     .misaligned = 3,      /* i486 PRM table 10.1, assumptions */
                     .accessed_write = 11, /* the same, note 9 */
                     .intr_acknowledge = 11,
                     .error_push = 1},
    [TIMING_I386] = {.model = TIMING_I386,
                     .tlb_miss = 20,
                     .walk_write = 2,     /* one bus cycle */
                     .misaligned = 2,     /* one more bus cycle */
                     .accessed_write = 5, /* 3 and a bus cycle */
                     .intr_acknowledge = 0,
                     .error_push = 2},
    [TIMING_UNIT] = {.model = TIMING_UNIT},
};

static uint32_t is_unit(const struct cpu *cpu)
{
    return cpu->timing->model >= MODELS;
}

/* ---- bit scans ---- */
uint32_t timing_bsf_extra(const struct cpu *cpu, uint32_t source)
{
    if (source == 0 || is_unit(cpu)) {
        return 0;
    }
    uint32_t bit = (uint32_t)__builtin_ctz(source);
    if (timing_is(cpu, TIMING_I386)) {
        return 3 * bit;
    }
    return 2 + 4 * (bit / 8 + 1) + 3 * (bit % 8 / 2 + 1) + 3 * (bit % 2 + 1);
}

uint32_t timing_bsr_extra(const struct cpu *cpu, uint32_t bits, uint32_t source)
{
    if (source == 0 || is_unit(cpu)) {
        return 0;
    }
    uint32_t bit = 31u - (uint32_t)__builtin_clz(source);
    return timing_is(cpu, TIMING_I386) ? 3 * (bits - 1 - bit) : 1 + 3 * (32 - bit);
}

/* ---- ENTER: 14, 17, 17 + 3n; i386: 10, 12, 15 + 4(n - 1) ---- */
uint32_t timing_enter_extra(const struct cpu *cpu, uint32_t level)
{
    if (level == 0 || is_unit(cpu)) {
        return 0;
    }
    if (timing_is(cpu, TIMING_I486)) {
        return level == 1 ? 3 : 3 + 3 * level;
    }
    return level == 1 ? 2 : 5 + 4 * (level - 1);
}

/* ---- strings with REP: clocks of the first, the second and every further iteration ---- */
static const uint8_t rep_clocks[MODELS][TIMING_REP_COUNT][3] = {
    [TIMING_I486] = {[TIMING_REP_MOVS] = {8, 5, 3}, /* 5, 13, 12 + 3n */
                     [TIMING_REP_CMPS] = {9, 7, 7}, /* 5, 7 + 7n */
                     [TIMING_REP_STOS] = {6, 4, 4},
                     [TIMING_REP_LODS] = {6, 4, 4},
                     [TIMING_REP_SCAS] = {7, 5, 5},
                     [TIMING_REP_INS] = {8, 8, 8},
                     [TIMING_REP_OUTS] = {5, 5, 5}},
    [TIMING_I386] = {[TIMING_REP_MOVS] = {4, 4, 4},
                     [TIMING_REP_CMPS] = {9, 9, 9},
                     [TIMING_REP_STOS] = {5, 5, 5},
                     [TIMING_REP_LODS] = {6, 6, 6},
                     [TIMING_REP_SCAS] = {8, 8, 8},
                     [TIMING_REP_INS] = {6, 6, 6},
                     [TIMING_REP_OUTS] = {5, 5, 5}},
};

uint32_t timing_rep_extra(const struct cpu *cpu, enum timing_rep kind, uint32_t done,
                          uint32_t count)
{
    if (is_unit(cpu)) { /* one each; the row's figure is the first one's */
        return count - (done == 0 && count > 0);
    }
    const uint8_t *clocks = rep_clocks[cpu->timing->model][kind];
    uint32_t sum = 0;
    for (; done < 2 && count > 0; done++, count--) {
        sum += clocks[done];
    }
    return sum + clocks[2] * count;
}

/* ---- ports: the I/O permission map looked at, in protected and in V86 mode ---- */
struct io_clocks {
    uint8_t prot;
    uint8_t v86;
};
static const struct io_clocks io_map_clocks[MODELS][TIMING_IO_COUNT] = {
    [TIMING_I486] = {[TIMING_IN_IMM] = {20, 13},
                     [TIMING_IN_DX] = {20, 13},
                     [TIMING_OUT_IMM] = {20, 13},
                     [TIMING_OUT_DX] = {20, 13},
                     [TIMING_INS] = {22, 13},
                     [TIMING_OUTS] = {22, 13},
                     [TIMING_REP_INS_IO] = {20, 13},
                     [TIMING_REP_OUTS_IO] = {20, 13}},
    [TIMING_I386] = {[TIMING_IN_IMM] = {20, 14},
                     [TIMING_IN_DX] = {20, 14},
                     [TIMING_OUT_IMM] = {20, 14},
                     [TIMING_OUT_DX] = {20, 14},
                     [TIMING_INS] = {20, 14},
                     [TIMING_OUTS] = {20, 14},
                     [TIMING_REP_INS_IO] = {20, 14},
                     [TIMING_REP_OUTS_IO] = {20, 14}},
};

uint32_t timing_io_extra(const struct cpu *cpu, enum timing_io kind, uint32_t bitmap)
{
    if (!bitmap || is_unit(cpu)) {
        return 0;
    }
    const struct io_clocks *clocks = &io_map_clocks[cpu->timing->model][kind];
    return cpu->key & BLOCK_KEY_VM ? clocks->v86 : clocks->prot;
}

uint32_t timing_port_trap_extra(const struct cpu *cpu, enum timing_io kind)
{
    const uint32_t longer = 1u << TIMING_IN_DX | 1u << TIMING_OUT_DX | 1u << TIMING_REP_INS_IO |
                            1u << TIMING_REP_OUTS_IO;
    return cpu->key & BLOCK_KEY_VM && longer >> kind & 1 ? timing_monitor_extra(cpu) : 0;
}

uint32_t timing_monitor_extra(const struct cpu *cpu)
{
    return timing_is(cpu, TIMING_I486) ? 1 : 0;
}

/* ---- system registers ---- */
uint32_t timing_mov_to_cr_extra(const struct cpu *cpu, uint32_t reg)
{
    static const uint8_t clocks[MODELS][4] = {
        [TIMING_I486] = {13, 0, 0, 0}, [TIMING_I386] = {6, 0, 0, 1}};
    return is_unit(cpu) || reg > 3 ? 0 : clocks[cpu->timing->model][reg];
}

uint32_t timing_mov_from_dr_extra(const struct cpu *cpu, uint32_t reg)
{
    return timing_is(cpu, TIMING_I386) && reg < 4 ? 8 : 0;
}

uint32_t timing_mov_to_dr_extra(const struct cpu *cpu, uint32_t reg)
{
    return timing_is(cpu, TIMING_I386) && reg < 4 ? 6 : 0;
}

uint32_t timing_lsl_extra(const struct cpu *cpu, uint32_t page_granular)
{
    return timing_is(cpu, TIMING_I386) && page_granular ? 5 : 0;
}

uint32_t timing_invlpg_extra(const struct cpu *cpu, uint32_t hit)
{
    return !is_unit(cpu) && hit ? 1 : 0;
}

uint32_t timing_cpuid_extra(const struct cpu *cpu, uint32_t leaf)
{
    return !is_unit(cpu) && leaf == 1 ? 5 : 0;
}

/* ---- far transfers: whole figures of protected mode, without m, x and ts ---- */
static const uint8_t far_clocks[MODELS][TIMING_FAR_COUNT][TIMING_FAR_WAYS] = {
    /* same, gate same, gate inner, outer, V86, TSS, task gate */
    [TIMING_I486] = {[TIMING_CALLF_AP] = {20, 35, 69, 0, 0, 37, 37},
                     [TIMING_CALLF_MP] = {20, 35, 69, 0, 0, 37, 37},
                     [TIMING_JMPF_AP] = {19, 32, 0, 0, 0, 42, 43},
                     [TIMING_JMPF_MP] = {18, 31, 0, 0, 0, 41, 42},
                     [TIMING_RETF] = {17, 0, 0, 35, 0, 0, 0},
                     [TIMING_IRET] = {20, 0, 0, 36, 36, 32, 0}},
    [TIMING_I386] = {[TIMING_CALLF_AP] = {34, 52, 86, 0, 0, 0, 0},
                     [TIMING_CALLF_MP] = {38, 56, 90, 0, 0, 5, 5},
                     [TIMING_JMPF_AP] = {27, 45, 0, 0, 0, 0, 0},
                     [TIMING_JMPF_MP] = {31, 49, 0, 0, 0, 5, 5},
                     [TIMING_RETF] = {32, 0, 0, 68, 0, 0, 0},
                     [TIMING_IRET] = {38, 0, 0, 82, 60, 0, 0}},
};

uint32_t timing_far_extra(const struct cpu *cpu, enum timing_far transfer, enum timing_far_way way,
                          uint32_t params)
{
    if (is_unit(cpu)) {
        return 0;
    }
    const uint8_t *clocks = far_clocks[cpu->timing->model][transfer];
    uint32_t whole = clocks[way];
    if (way == TIMING_FAR_GATE_INNER && params > 0) {
        whole += 8 + 4 * params; /* 77 + 4x instead of 69; i386: 94 + 4x instead of 86 */
    } else if (way == TIMING_FAR_TSS || way == TIMING_FAR_TASK_GATE) {
        whole += params;
    }
    return whole > clocks[TIMING_FAR_SAME] ? whole - clocks[TIMING_FAR_SAME] : 0;
}

/* ---- task switches: 80386 PRM CALL, JMP, IRET and INT pages; i486 PRM table 10.2 ---- */
#define TASK_KINDS 3u
static const uint16_t task_clocks_386[4][TASK_KINDS][TASK_KINDS] = {
    /* [old][new]: 286, 386, 386 with VM = 1 */
    [TIMING_TASK_CALL] = {{273, 298, 217}, {273, 300, 217}, {273, 300, 217}},
    [TIMING_TASK_JMP] = {{274, 301, 218}, {276, 303, 220}, {276, 303, 220}},
    [TIMING_TASK_IRET] = {{232, 265, 214}, {271, 275, 224}, {271, 275, 224}},
    [TIMING_TASK_INT] = {{280, 307, 224}, {282, 309, 226}, {287, 314, 231}},
};
static const uint8_t task_clocks_486[TASK_KINDS] = {143, 162, 140};

uint32_t timing_task_switch(const struct cpu *cpu, enum timing_task_cause cause, uint32_t old_kind,
                            uint32_t new_kind, uint32_t via_gate)
{
    if (is_unit(cpu)) {
        return 0;
    }
    if (timing_is(cpu, TIMING_I486)) {
        return task_clocks_486[new_kind];
    }
    uint32_t calls = cause == TIMING_TASK_CALL || cause == TIMING_TASK_JMP;
    return task_clocks_386[cause][old_kind][new_kind] + (calls && via_gate ? 9u : 0u);
}

/* ---- delivery ---- */
/* Published totals, split over the steps by the model: 80386 PRM INT page, i486 PRM table 10.2. */
static const uint8_t step_clocks[MODELS][TIMING_PATH_COUNT][DELIVERY_STEPS] = {
    [TIMING_I486] =
        {[TIMING_PATH_REAL] = {[1] = 4, [2] = 3, [3] = 3, [9] = 5, [12] = 2, [13] = 9},
         [TIMING_PATH_SAME] =
             {[1] = 4, [2] = 3, [3] = 8, [4] = 11, [5] = 2, [8] = 1, [9] = 6, [12] = 2, [13] = 7},
         [TIMING_PATH_INNER] = {[1] = 4,
                                [2] = 3,
                                [3] = 8,
                                [4] = 11,
                                [5] = 2,
                                [6] = 5,
                                [7] = 12,
                                [8] = 8,
                                [9] = 9,
                                [12] = 2,
                                [13] = 7},
         [TIMING_PATH_V86] = {[1] = 4,
                              [2] = 3,
                              [3] = 8,
                              [4] = 11,
                              [5] = 2,
                              [6] = 5,
                              [7] = 12,
                              [8] = 8,
                              [9] = 13,
                              [11] = 7,
                              [12] = 2,
                              [13] = 7}},
    [TIMING_I386] =
        {[TIMING_PATH_REAL] = {[1] = 6, [2] = 5, [3] = 4, [9] = 6, [12] = 2, [13] = 14},
         [TIMING_PATH_SAME] =
             {[1] = 6, [2] = 5, [3] = 12, [4] = 16, [5] = 3, [8] = 1, [9] = 6, [12] = 2, [13] = 8},
         [TIMING_PATH_INNER] = {[1] = 6,
                                [2] = 5,
                                [3] = 12,
                                [4] = 16,
                                [5] = 3,
                                [6] = 8,
                                [7] = 17,
                                [8] = 10,
                                [9] = 12,
                                [12] = 2,
                                [13] = 8},
         [TIMING_PATH_V86] = {[1] = 6,
                              [2] = 5,
                              [3] = 12,
                              [4] = 16,
                              [5] = 3,
                              [6] = 8,
                              [7] = 17,
                              [8] = 10,
                              [9] = 20,
                              [11] = 12,
                              [12] = 2,
                              [13] = 8}},
};
static const uint8_t no_steps[DELIVERY_STEPS];
static const uint8_t base_clocks[MODELS][TIMING_PATH_COUNT] = {
    [TIMING_I486] = {26, 44, 71, 82, 37},
    [TIMING_I386] = {37, 59, 99, 119, 0},
};

const uint8_t *timing_delivery_steps(const struct cpu *cpu, enum timing_path path)
{
    return is_unit(cpu) ? no_steps : step_clocks[cpu->timing->model][path];
}

/* INT n, INT3, INTO against the base figure, less the static clocks of their rows. */
static int32_t software_clocks(const struct cpu *cpu, const struct delivery *delivery,
                               enum timing_path path)
{
    const bool real = path == TIMING_PATH_REAL;
    const bool into = delivery->vector == 4 && !delivery->by_number;
    const bool int3 = delivery->vector == 3 && !delivery->by_number;
    if (timing_is(cpu, TIMING_I486)) {
        return int3 ? -1 : into ? 2 - 3 : (real || path == TIMING_PATH_V86 ? 4 : 0) - 1;
    }
    return int3 ? -4 * real - 1 : into ? -2 * real - 3 : -1;
}

static int32_t exception_clocks(const struct cpu *cpu, const struct delivery *delivery,
                                enum timing_path path)
{
    if (timing_is(cpu, TIMING_I386)) {
        return delivery->vector == 5 && path == TIMING_PATH_REAL ? 7 : 0;
    }
    if (delivery->vector == 14 || delivery->vector == 5) {
        return 24;
    }
    if (!(cpu->key & BLOCK_KEY_VM)) {
        return 0;
    }
    return delivery->path == PATH_gp_iopl ? 8 : delivery->path == PATH_gp_io_bitmap ? 50 : 0;
}

static int32_t delivery_clocks(const struct cpu *cpu, const struct delivery *delivery,
                               enum timing_path path)
{
    int32_t clocks = base_clocks[cpu->timing->model][path];
    switch ((enum delivery_kind)delivery->kind) {
    case DELIVERY_INTR:
        clocks += (int32_t)cpu->timing->intr_acknowledge;
        break;
    case DELIVERY_NMI:
        clocks += timing_is(cpu, TIMING_I486) ? 3 : 0;
        break;
    case DELIVERY_EXCEPTION:
        clocks += exception_clocks(cpu, delivery, path);
        break;
    case DELIVERY_SOFTWARE:
        clocks += software_clocks(cpu, delivery, path);
        break;
    case DELIVERY_NONE:
        break;
    }
    if (delivery->has_error && path != TIMING_PATH_REAL) {
        clocks += (int32_t)cpu->timing->error_push;
    }
    return clocks;
}

uint32_t timing_delivery(const struct cpu *cpu, const struct delivery *delivery,
                         enum timing_path path)
{
    if (is_unit(cpu)) {
        return 0; /* but see deliver_fault() for faults that follow each other */
    }
    const int32_t clocks = delivery_clocks(cpu, delivery, path);
    return clocks > 0 ? (uint32_t)clocks : 0;
}

int32_t timing_task_delivery(const struct cpu *cpu, const struct delivery *delivery)
{
    return is_unit(cpu) ? 0 : delivery_clocks(cpu, delivery, TIMING_PATH_TASK);
}
