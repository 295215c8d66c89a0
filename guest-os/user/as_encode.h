/* The bytes of as's instructions with one and two operands. A part of as.c, whose emit(), find()
 * and struct operand it uses. SPDX-License-Identifier: MIT */
#pragma once

static bool fits_byte(const struct operand *operand)
{
    return !operand->is_symbolic && operand->value + 128 < 256;
}

/* ModR/M, SIB and displacement. See: Intel386 PRM, 17.2.1 */
static void emit_place(uint32_t reg, const struct operand *place)
{
    uint32_t mode = fits_byte(place) ? 1 : 2;

    if (place->kind != MEMORY) {
        emit(0xC0 | reg << 3 | place->number, 1);
        return;
    }
    if (place->base == NO_REGISTER) {
        emit(reg << 3 | (place->index == NO_REGISTER ? 5 : 4), 1);
        if (place->index != NO_REGISTER) {
            emit(place->scale << 6 | place->index << 3 | 5, 1);
        }
        emit(place->value, 4);
        return;
    }
    if (place->value == 0 && !place->is_symbolic && place->base != 5) {
        mode = 0;
    }
    if (place->index != NO_REGISTER || place->base == 4) {
        emit(mode << 6 | reg << 3 | 4, 1);
        emit(place->scale << 6 | (place->index == NO_REGISTER ? 4 : place->index) << 3 |
                 place->base,
             1);
    } else {
        emit(mode << 6 | reg << 3 | place->base, 1);
    }
    if (mode != 0) {
        emit(place->value, mode == 1 ? 1 : 4);
    }
}

static bool is_register(const struct operand *operand)
{
    return operand->kind == REGISTER || operand->kind == BYTE_REGISTER;
}

/* Bare address, as of a variable. */
static bool is_absolute(const struct operand *operand)
{
    return operand->kind == MEMORY && operand->base == NO_REGISTER && operand->index == NO_REGISTER;
}

static bool assemble_move(const struct operand *from, const struct operand *to, uint32_t wide)
{
    int size = wide ? 4 : 1;

    if (from->kind == IMMEDIATE && is_register(to)) {
        emit((wide ? 0xB8u : 0xB0u) + to->number, 1);
        emit(from->value, size);
    } else if (from->kind == IMMEDIATE) {
        emit(0xC6 | wide, 1);
        emit_place(0, to);
        emit(from->value, size);
    } else if (is_register(to) && to->number == 0 && is_absolute(from)) {
        emit(0xA0 | wide, 1);
        emit(from->value, 4);
    } else if (is_register(from) && from->number == 0 && is_absolute(to)) {
        emit(0xA2 | wide, 1);
        emit(to->value, 4);
    } else if (is_register(from)) {
        emit(0x88 | wide, 1);
        emit_place(from->number, to);
    } else if (is_register(to)) {
        emit(0x8A | wide, 1);
        emit_place(to->number, from);
    } else {
        return false;
    }
    return true;
}

static bool assemble_arithmetic(uint32_t row, const struct operand *from, const struct operand *to,
                                uint32_t wide)
{
    if (from->kind == IMMEDIATE && wide && fits_byte(from)) {
        emit(0x83, 1);
        emit_place(row, to);
        emit(from->value, 1);
    } else if (from->kind == IMMEDIATE && is_register(to) && to->number == 0) {
        emit(row << 3 | 4 | wide, 1);
        emit(from->value, wide ? 4 : 1);
    } else if (from->kind == IMMEDIATE) {
        emit(0x80 | wide, 1);
        emit_place(row, to);
        emit(from->value, wide ? 4 : 1);
    } else if (is_register(from)) {
        emit(row << 3 | wide, 1);
        emit_place(from->number, to);
    } else if (is_register(to)) {
        emit(row << 3 | 2 | wide, 1);
        emit_place(to->number, from);
    } else {
        return false;
    }
    return true;
}

static bool assemble_two(const char *name, const struct operand *from, const struct operand *to,
                         uint32_t wide)
{
    int row = find(arithmetic, 8, name);

    if (row >= 0) {
        return assemble_arithmetic((uint32_t)row, from, to, wide);
    }
    row = find(shifts, 8, name);
    if (row >= 0) {
        bool by_cl = from->kind == BYTE_REGISTER && from->number == 1;
        uint32_t operation = row == 6 ? 4 : (uint32_t)row;

        emit((by_cl ? 0xD2u : from->value == 1 ? 0xD0u : 0xC0u) | (to->kind != BYTE_REGISTER), 1);
        emit_place(operation, to);
        if (!by_cl && from->value != 1) {
            emit(from->value, 1);
        }
        return by_cl || from->kind == IMMEDIATE;
    }
    if (strcmp(name, "mov") == 0) {
        return assemble_move(from, to, wide);
    }
    if (strcmp(name, "lea") == 0 && from->kind == MEMORY && to->kind == REGISTER) {
        emit(0x8D, 1);
        emit_place(to->number, from);
    } else if (strcmp(name, "xchg") == 0 && to->kind == REGISTER && from->kind == MEMORY) {
        emit(0x87, 1);
        emit_place(to->number, from);
    } else if ((strcmp(name, "movzb") == 0 || strcmp(name, "movsb") == 0) && to->kind == REGISTER) {
        emit(strcmp(name, "movzb") == 0 ? 0xB60F : 0xBE0F, 2);
        emit_place(to->number, from);
    } else if (strcmp(name, "imul") == 0 && to->kind == REGISTER && from->kind != IMMEDIATE) {
        emit(0xAF0F, 2);
        emit_place(to->number, from);
    } else if (strcmp(name, "test") == 0 && is_register(from)) {
        emit(0x84 | wide, 1);
        emit_place(from->number, to);
    } else if (strcmp(name, "test") == 0 && from->kind == IMMEDIATE) {
        bool is_short = is_register(to) && to->number == 0;

        emit((is_short ? 0xA8u : 0xF6u) | wide, 1);
        if (!is_short) {
            emit_place(0, to);
        }
        emit(from->value, wide ? 4 : 1);
    } else {
        return false;
    }
    return true;
}

static bool assemble_one(const char *name, const struct operand *operand, uint32_t wide)
{
    static const char *const unary[] = {"", "", "not", "neg", "mul", "imul", "div", "idiv"};
    int row = find(unary, 8, name);
    bool is_increment = strcmp(name, "inc") == 0, is_push = strcmp(name, "push") == 0;

    if (row >= 2) {
        emit(0xF6 | wide, 1);
        emit_place((uint32_t)row, operand);
    } else if (is_increment || strcmp(name, "dec") == 0) {
        if (operand->kind == REGISTER) {
            emit((is_increment ? 0x40u : 0x48u) + operand->number, 1);
        } else {
            emit(0xFE | wide, 1);
            emit_place(is_increment ? 0 : 1, operand);
        }
    } else if (is_push || strcmp(name, "pop") == 0) {
        if (operand->kind == REGISTER) {
            emit((is_push ? 0x50u : 0x58u) + operand->number, 1);
        } else if (operand->kind == MEMORY) {
            emit(is_push ? 0xFF : 0x8F, 1);
            emit_place(is_push ? 6 : 0, operand);
        } else {
            emit(fits_byte(operand) ? 0x6A : 0x68, 1);
            emit(operand->value, fits_byte(operand) ? 1 : 4);
            return is_push && operand->kind == IMMEDIATE;
        }
    } else if (strcmp(name, "int") == 0 && operand->kind == IMMEDIATE) {
        emit(0xCD, 1);
        emit(operand->value, 1);
    } else {
        return false;
    }
    return true;
}
