/* The x87's control registers and their images in memory, in all four layouts; error reporting.
 * See: 80387 PRM 2.1.3, figures 4-1 to 4-4; i486 PRM 16.2, 18.2 (NE, FERR#, IGNNE#).
 * SPDX-License-Identifier: MIT */
#include "cpu/fpu_stack.h"

void fpu_initialize(struct fpu_state *fpu)
{
    fpu->control = FPU_CONTROL_START;
    fpu->status = 0;
    fpu->occupied = 0;
    fpu->opcode = 0;
    fpu->code_offset = 0;
    fpu->data_offset = 0;
    fpu->code_selector = 0;
    fpu->data_selector = 0;
}

/* ---- errors ---- */

void fpu_settle_errors(struct cpu *cpu)
{
    struct fpu_state *fpu = &cpu->state.fpu;
    const uint32_t unmasked = fpu->status & ~(uint32_t)fpu->control & FPU_MASKS;
    const uint32_t summary = unmasked ? FPU_ES | FPU_BUSY : 0;
    fpu->status = (uint16_t)((fpu->status & ~(FPU_ES | FPU_BUSY)) | summary);
    if (!unmasked && fpu->error_line) {
        fpu->error_line = 0;
        if (cpu->bus.fpu_error) {
            cpu->bus.fpu_error(cpu->bus.context, 0, clock_in(cpu, cpu->uop));
        }
    }
}

void fpu_load_control(struct cpu *cpu, uint32_t control)
{
    cpu->state.fpu.control = (uint16_t)((control & FPU_CONTROL_KNOWN) | FPU_CONTROL_ONE);
    fpu_settle_errors(cpu);
}

uint32_t fpu_refusal(struct cpu *cpu, uint32_t path_of_absence)
{
    struct fpu_state *fpu = &cpu->state.fpu;
    if (path_of_absence == PATH_nm_esc && fpu_absent(cpu)) {
        return trap_raise(cpu, PATH_nm_esc, 0);
    }
    if (!(fpu->status & FPU_ES)) {
        return PATH_NONE;
    }
    if (cpu->state.cr0 & CR0_NE) {
        return trap_raise(cpu, PATH_mf_error, 0);
    }
    if (!fpu->error_line) {
        fpu->error_line = 1;
        if (cpu->bus.fpu_error) {
            cpu->bus.fpu_error(cpu->bus.context, 1, clock_in(cpu, cpu->uop));
        }
    }
    return fpu->ignore_errors ? (uint32_t)PATH_NONE : FPU_FREEZES;
}

const struct uop *fpu_freeze(struct cpu *cpu, const struct uop *uop)
{
    cpu->state.eip = cpu->entry_eip + uop->eip_offset;
    cpu->budget += uop->clocks_left;
    cpu->state.instructions -= uop->insns_left;
    cpu->state.activity = ACTIVITY_HALTED;
    return NULL;
}

/* ---- tags ---- */

enum tag { TAG_VALID, TAG_ZERO, TAG_SPECIAL, TAG_EMPTY };

uint32_t fpu_tags(const struct fpu_state *fpu)
{
    uint32_t tags = 0;
    for (uint32_t i = 0; i < 8; i++) {
        const struct float80 value = float80_of(fpu->sign_exponent[i], fpu->significand[i]);
        const enum float80_class kind = float80_class(value);
        const uint32_t tag = !(fpu->occupied >> i & 1) ? TAG_EMPTY
                             : kind == FLOAT80_NORMAL  ? TAG_VALID
                             : kind == FLOAT80_ZERO    ? TAG_ZERO
                                                       : TAG_SPECIAL;
        tags |= tag << (2 * i);
    }
    return tags;
}

static void load_tags(struct fpu_state *fpu, uint32_t tags)
{
    fpu->occupied = 0;
    for (uint32_t i = 0; i < 8; i++) {
        if ((tags >> (2 * i) & 3) != TAG_EMPTY) {
            fpu->occupied = (uint16_t)(fpu->occupied | 1u << i);
        }
    }
}

/* ---- environment ---- */

static bool by_selectors(const struct cpu *cpu)
{
    return (cpu->state.cr0 & CR0_PE) && !(cpu->state.eflags & EFLAGS_VM);
}

static void put_words(uint8_t *image, uint32_t size16, const uint32_t words[7])
{
    for (uint32_t i = 0; i < 7; i++) {
        memcpy(image + i * (size16 ? 2 : 4), &words[i], size16 ? 2 : 4);
    }
}

void fpu_pack_environment(struct cpu *cpu, uint32_t size16)
{
    const struct fpu_state *fpu = &cpu->state.fpu;
    const uint32_t reserved = 0xFFFF0000u;
    uint32_t words[7] = {reserved | fpu->control, reserved | fpu->status, reserved | fpu_tags(fpu)};
    if (by_selectors(cpu)) {
        words[3] = fpu->code_offset;
        words[4] = fpu->code_selector | (uint32_t)fpu->opcode << 16;
        words[5] = fpu->data_offset;
        words[6] = reserved | fpu->data_selector;
    } else { /* 20 bits of linear addresses, or 32 */
        const uint32_t code = ((uint32_t)fpu->code_selector << 4) + fpu->code_offset;
        const uint32_t data = ((uint32_t)fpu->data_selector << 4) + fpu->data_offset;
        const uint32_t high = size16 ? 0xF0000u : 0xFFFF0000u;
        words[3] = reserved | (code & 0xFFFF);
        words[4] = (code & high) >> 4 | fpu->opcode;
        words[5] = reserved | (data & 0xFFFF);
        words[6] = (data & high) >> 4;
    }
    put_words(cpu->fpu_image, size16, words);
}

void fpu_unpack_environment(struct cpu *cpu, uint32_t size16)
{
    const uint8_t *image = cpu->fpu_image;
    struct fpu_state *fpu = &cpu->state.fpu;
    uint32_t words[7] = {0};
    for (uint32_t i = 0; i < 7; i++) {
        memcpy(&words[i], image + i * (size16 ? 2 : 4), size16 ? 2 : 4);
    }
    fpu->control = (uint16_t)((words[0] & FPU_CONTROL_KNOWN) | FPU_CONTROL_ONE);
    fpu->status = (uint16_t)words[1];
    load_tags(fpu, words[2]);
    if (by_selectors(cpu)) {
        fpu->code_offset = words[3];
        fpu->code_selector = (uint16_t)words[4];
        fpu->opcode = size16 ? 0 : words[4] >> 16 & 0x7FF;
        fpu->data_offset = words[5];
        fpu->data_selector = (uint16_t)words[6];
    } else {
        fpu->code_offset = (words[3] & 0xFFFF) | (words[4] & 0x0FFFF000u) << 4;
        fpu->code_selector = 0;
        fpu->opcode = words[4] & 0x7FF;
        fpu->data_offset = (words[5] & 0xFFFF) | (words[6] & 0x0FFFF000u) << 4;
        fpu->data_selector = 0;
    }
    fpu_settle_errors(cpu);
}

/* ---- registers ---- */

void fpu_pack_registers(struct cpu *cpu, uint32_t environment)
{
    uint8_t *image = cpu->fpu_image + environment;
    for (uint32_t i = 0; i < 8; i++) {
        const struct float80 value = fpu_get(&cpu->state.fpu, i);
        memcpy(image + 10 * i, &value.significand, 8);
        memcpy(image + 10 * i + 8, &value.sign_exponent, 2);
    }
}

/* Leaves the tags as they are. */
void fpu_unpack_registers(struct cpu *cpu, uint32_t environment)
{
    struct fpu_state *fpu = &cpu->state.fpu;
    const uint8_t *image = cpu->fpu_image + environment;
    for (uint32_t i = 0; i < 8; i++) {
        const uint32_t physical = fpu_physical(fpu, i);
        memcpy(&fpu->significand[physical], image + 10 * i, 8);
        memcpy(&fpu->sign_exponent[physical], image + 10 * i + 8, 2);
    }
}
