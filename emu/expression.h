/* Expressions of the debugger: C's operators over registers, variables, symbols, memory, counters.
 * Parsing is pure; evaluation asks a provider for everything that it does not know, and changes
 * nothing. Numbers follow C's rules with 32-bit int. Beyond C:
 *
 *   $eax, eax     a register; $name is never a variable       1Fh      hexadecimal, as 0x1F
 *   [x]           the 32 bits of memory at linear x           phys:x   a physical address
 *   cs:eip        segment and offset: a linear address        0x7c0:0  the same by selector
 *   "text"        to be compared by == and != with a text, an array of characters, a char *
 *
 * SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "emu/dwarf_info.h"

#define EXPRESSION_TEXT_BYTES 256
#define EXPRESSION_NODES      96
#define EXPRESSION_WORD_BYTES 32 /* of a text that is a value */
#define EXPRESSION_DEPTH      32 /* parentheses and operators inside each other */

struct expression_node {
    uint16_t kind; /* of expression_priv.h */
    uint16_t sign; /* character, or of expression_priv.h */
    uint16_t left; /* nodes, 0: none */
    uint16_t right;
    uint16_t third;
    uint16_t column; /* in the text, from 0 */
    uint16_t name;   /* in the text, of a name, member or type */
    uint16_t length; /* of it */
    uint16_t stars;  /* of a type */
    uint16_t bytes;  /* of a number: 4 or 8 */
    uint32_t is_signed;
    uint64_t number;
};

/* A tree in an array; can be copied. Node 0 is not used. */
struct expression {
    char text[EXPRESSION_TEXT_BYTES]; /* as it was written */
    uint16_t root;
    uint16_t count; /* nodes, with node 0 */
    struct expression_node nodes[EXPRESSION_NODES];
};

struct expression_error {
    uint32_t column; /* from 1; 0: no error */
    char message[200];
};

enum expression_place { PLACE_NONE, PLACE_MEMORY, PLACE_PHYSICAL, PLACE_REGISTER };

/* A number with its type, and where it was found. */
struct expression_value {
    uint64_t number;               /* extended to 64 bits by its sign; structs and arrays: 0 */
    uint32_t bytes;                /* 1, 2, 4, 8; of a struct or array its size */
    uint32_t is_signed;            /* 0 or 1 */
    const struct dwarf_info *info; /* whose type; NULL: an integer of C */
    uint64_t type;                 /* in info */
    uint32_t stars;                /* the value is a pointer to ... to that type */
    uint32_t target_bytes;         /* without info: of what the last star leads to */
    uint32_t target_signed;        /* the same */
    uint32_t is_physical;          /* 1: as an address, a physical one */
    enum expression_place place;   /* PLACE_NONE: can not be assigned to */
    uint32_t address;              /* or number of the register, provider's */
    uint32_t bit;                  /* of a bit field, from the lowest of the byte at address */
    uint32_t bit_size;             /* 0: no bit field */
    uint32_t is_segment;           /* 1: a segment register; `base` is its base */
    uint32_t base;                 /* linear */
    uint32_t is_lost;              /* 1: a variable that the compiler keeps nowhere here */
    uint32_t is_text;              /* 1: no number but `text`, which == and != compare */
    char text[EXPRESSION_WORD_BYTES];
};

struct expression_provider {
    void *context;
    /* Memory for looking; false: there is none. */
    bool (*read)(void *context, bool physical, uint32_t address, void *bytes, uint32_t size);
    /* What a name stands for; `machine` (written $name): no variables or symbols. A variable in
     * memory needs only type and place: evaluation loads it. */
    bool (*name)(void *context, const char *name, bool machine, struct expression_value *value);
    /* Linear base of a selector given as a number. */
    bool (*segment)(void *context, uint32_t selector, uint32_t *base);
    /* A type of the program by name ("struct process", "pid_t"). */
    bool (*type)(void *context, const char *name, const struct dwarf_info **info, uint64_t *id);
    /* The symbol at or before an address, for printing; NULL: none. */
    const char *(*symbol)(void *context, uint32_t address, uint32_t *offset);
};

/* The whole text is one expression. */
bool expression_parse(const char *text, struct expression *expression,
                      struct expression_error *error);
/* The text begins with an expression, of *used bytes. */
bool expression_parse_start(const char *text, struct expression *expression, size_t *used,
                            struct expression_error *error);
bool expression_evaluate(const struct expression *expression,
                         const struct expression_provider *provider, struct expression_value *value,
                         struct expression_error *error);
/* A plain integer as a value. */
struct expression_value expression_integer(uint64_t number, uint32_t bytes, bool is_signed);
/* In words: by its type, or by `format`: x d u o t (binary) c a (address) s (string); 0: none. */
void expression_print(const struct expression_value *value,
                      const struct expression_provider *provider, char format, char *text,
                      size_t bytes);
/* Fetch the number from its place, if it has one and is none of several. */
bool expression_load(const struct expression_provider *provider, struct expression_value *value);
