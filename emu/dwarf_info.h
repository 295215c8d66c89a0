/* What the debug information of an executable says: lines, functions, variables, types (libdw).
 * Everything is looked up when asked for; a file without DWARF, or with broken DWARF, has nothing
 * to say, and says so by false. Addresses are those of the file: linear ones, for guests that run
 * where they were linked.
 * SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "emu/err.h"

#define DWARF_NAME_BYTES 128
#define DWARF_REGISTERS  9 /* EAX, ECX, EDX, EBX, ESP, EBP, ESI, EDI, EIP: DWARF's own numbers */
#define DWARF_ESP        4
#define DWARF_EBP        5
#define DWARF_EIP        8

struct dwarf_info;

/* NULL with *err filled if the file is no 32-bit ELF file, or has no debug information. */
struct dwarf_info *dwarf_info_open(const char *path, struct err *err);
/* The same from a copy of `bytes`; `name` is for messages. */
struct dwarf_info *dwarf_info_read(const uint8_t *bytes, size_t size, const char *name,
                                   struct err *err);
void dwarf_info_close(struct dwarf_info *info);

/* ---- lines and functions ---- */

struct dwarf_line {
    char file[DWARF_NAME_BYTES * 2]; /* as the compiler was given it, "./" and "../" resolved */
    uint32_t line;                   /* from 1 */
    uint32_t first;                  /* address where the line begins here */
    uint32_t end;                    /* first address behind it */
};

struct dwarf_function {
    char name[DWARF_NAME_BYTES];
    uint32_t first; /* address of the entry */
    uint32_t end;   /* first address behind it */
    uint64_t die;   /* for the calls below */
};

bool dwarf_line_at(const struct dwarf_info *info, uint32_t address, struct dwarf_line *line);
/* Where a line of a file begins: at most `limit` addresses, ascending, one for each function that
 * holds it (a line can be inlined several times). A line without code stands for the next one
 * with code; *found says which. `file` may lack folders at its front. Returns their number. */
uint32_t dwarf_line_addresses(const struct dwarf_info *info, const char *file, uint32_t line,
                              uint32_t *addresses, uint32_t limit, uint32_t *found);
bool dwarf_function_at(const struct dwarf_info *info, uint32_t address,
                       struct dwarf_function *function);
bool dwarf_function_named(const struct dwarf_info *info, const char *name,
                          struct dwarf_function *function);

/* ---- types: a number stands for a type; 0 is void ---- */

enum dwarf_kind {
    DWARF_VOID,
    DWARF_BOOL,
    DWARF_CHAR, /* a byte that is text; signed or not */
    DWARF_SIGNED,
    DWARF_UNSIGNED,
    DWARF_FLOAT,
    DWARF_ENUM,
    DWARF_POINTER,
    DWARF_ARRAY,
    DWARF_STRUCT,
    DWARF_UNION,
    DWARF_FUNCTION,
    DWARF_OTHER
};

struct dwarf_type {
    enum dwarf_kind kind;        /* typedef, const and volatile are looked through */
    uint64_t id;                 /* the type itself, without these */
    uint64_t target;             /* of a pointer, array or enumeration; what a function returns */
    uint32_t bytes;              /* 0: not known */
    uint32_t count;              /* elements of an array; 0: not known */
    uint32_t is_signed;          /* 1: numbers below zero */
    char name[DWARF_NAME_BYTES]; /* as in C: "struct process *", "uint32_t", "char [16]" */
};

struct dwarf_field {
    char name[DWARF_NAME_BYTES]; /* "": nameless struct or union inside */
    uint64_t type;
    uint32_t offset;   /* bytes from the beginning of the struct */
    uint32_t bit;      /* of a bit field: first bit, from the lowest of the byte at offset */
    uint32_t bit_size; /* 0: no bit field */
};

bool dwarf_type_get(const struct dwarf_info *info, uint64_t id, struct dwarf_type *type);
/* "struct process", "union u", "enum e", a typedef, or a base type by name. */
bool dwarf_type_named(const struct dwarf_info *info, const char *name, uint64_t *id);
/* A member of a struct or union, those of nameless ones inside included. */
bool dwarf_field_named(const struct dwarf_info *info, uint64_t structure, const char *name,
                       struct dwarf_field *field);
/* The member number `index`, from 0. */
bool dwarf_field_number(const struct dwarf_info *info, uint64_t structure, uint32_t index,
                        struct dwarf_field *field);
/* The name of a value of an enumeration; false if it has none. */
bool dwarf_enum_name(const struct dwarf_info *info, uint64_t id, int64_t value, char *name,
                     size_t bytes);
/* Of any enumeration: the value that `name` stands for. */
bool dwarf_enum_value(const struct dwarf_info *info, const char *name, int64_t *value,
                      uint64_t *type);

/* For readers of a kernel's structures: where a member lies and how long it is. `member` may go on
 * inside: "pending.set". */
bool dwarf_member(const struct dwarf_info *info, const char *structure, const char *member,
                  uint32_t *offset, uint32_t *bytes);
/* The same of a variable of static lifetime. */
bool dwarf_variable(const struct dwarf_info *info, const char *name, uint32_t *address,
                    uint32_t *bytes);

/* ---- variables and frames ---- */

struct dwarf_local {
    char name[DWARF_NAME_BYTES];
    uint64_t die;
    uint64_t type;
    uint32_t is_parameter; /* 0 or 1 */
    uint32_t is_inlined;   /* 1: of a function that is inlined here */
};

/* Registers of a function that has not returned, and how to read memory. */
struct dwarf_frame {
    void *context;
    bool (*read)(void *context, uint32_t linear, void *bytes, uint32_t size);
    uint32_t registers[DWARF_REGISTERS];
    uint32_t known;     /* bit n: registers[n] is known */
    uint32_t is_caller; /* 1: EIP is where a call will return to */
};

enum dwarf_place_kind { DWARF_NOWHERE, DWARF_IN_MEMORY, DWARF_IN_REGISTER, DWARF_IS_VALUE };

struct dwarf_place {
    enum dwarf_place_kind kind; /* DWARF_NOWHERE: optimized away at this address */
    uint32_t value;             /* linear address, number of the register, or the value */
};

/* Variables in scope at the frame's EIP, innermost first; those of static lifetime not. */
uint32_t dwarf_locals(const struct dwarf_info *info, const struct dwarf_frame *frame,
                      struct dwarf_local *locals, uint32_t limit);
/* One by name: a local one (frame may be NULL), one of the file, one of any file. */
bool dwarf_variable_named(const struct dwarf_info *info, const struct dwarf_frame *frame,
                          const char *name, struct dwarf_local *variable);
bool dwarf_locate(const struct dwarf_info *info, const struct dwarf_frame *frame,
                  const struct dwarf_local *variable, struct dwarf_place *place);
/* The address behind the frame's return address; false: nothing is known about it. */
bool dwarf_frame_cfa_of(const struct dwarf_info *info, const struct dwarf_frame *frame,
                        uint32_t *cfa);
/* Turn the frame into its caller's; false at the outermost one. By .debug_frame, else (info may be
 * NULL) by the chain of EBP. */
bool dwarf_unwind(const struct dwarf_info *info, struct dwarf_frame *frame);
