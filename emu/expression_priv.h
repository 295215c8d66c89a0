/* Inside the debugger's expressions: kinds of nodes, and operators of two characters.
 * SPDX-License-Identifier: MIT */
#pragma once

#include "emu/expression.h"

enum expression_kind {
    NODE_NONE,
    NODE_NUMBER,
    NODE_TEXT, /* name, length: between the quotes */
    NODE_NAME,
    NODE_MACHINE_NAME, /* $name */
    NODE_UNARY,        /* sign, left: - + ~ ! * & */
    NODE_BINARY,
    NODE_CONDITION, /* left ? right : third */
    NODE_MEMBER,    /* left . name */
    NODE_ARROW,     /* left -> name */
    NODE_INDEX,     /* left [ right ] */
    NODE_MEMORY,    /* [ left ] */
    NODE_PHYSICAL,  /* phys:left */
    NODE_SEGMENT,   /* left : right */
    NODE_CAST,      /* (type) left */
    NODE_SIZE,      /* sizeof left */
    NODE_SIZE_TYPE  /* sizeof (type) */
};

/* An operator is its characters, the first one lowest. */
#define OPERATOR_2(a, b) ((uint16_t)((a) | (b) << 8))

bool expression_fail(struct expression_error *error, uint32_t column, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* An integer type of C or of the kernel's habit by name; false: none of these. */
bool expression_plain_type(const char *name, uint32_t *bytes, bool *is_signed);
/* What the value is without const and typedef; of a plain integer kind and target are filled. */
bool expression_type_of(const struct expression_value *value, struct dwarf_type *type);
bool expression_is_aggregate(enum dwarf_kind kind);
/* What a pointer, array or address points to, placed at `address`. */
bool expression_target(const struct expression_value *pointer, uint32_t address,
                       struct expression_value *target);
bool expression_is_pointer(const struct expression_value *value, bool *is_array);
/* The address that a pointer, array, function or number stands for. */
uint32_t expression_address(const struct expression_value *value);

/* ---- expression_arithmetic.c ---- */

/* a SIGN b, of numbers extended to 64 bits; false: it is no comparison. */
bool expression_compare(uint16_t sign, bool is_signed, uint64_t a, uint64_t b, bool *result);
/* The other operators; the result is not cut to `bytes` yet. false: a division by zero. */
bool expression_calculate(struct expression_error *error, const struct expression_node *node,
                          bool is_signed, uint32_t bytes, uint64_t a, uint64_t b, uint64_t *result);

/* ---- expression_words.c ---- */

bool expression_is_letter(char c);
/* Letters and digits from here on. */
size_t expression_word_length(const char *text);
/* Whether exactly this word begins here. */
bool expression_is_word(const char *text, const char *word);
/* The name of a type begins here: its length, and whether no variable can be meant; 0: none. */
size_t expression_type_length(const char *text, bool *certain);
