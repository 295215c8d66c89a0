/* Inside the reader of debug information: shared by dwarf_*.c only.
 * SPDX-License-Identifier: MIT */
#pragma once

#include <elfutils/libdw.h>

#include "emu/dwarf_info.h"

#define DWARF_DEPTH_MAX 24 /* nested types and scopes that are followed */

enum dwarf_name_class { NAME_FUNCTION, NAME_VARIABLE, NAME_TYPE, NAME_STRUCT, NAME_ENUMERATOR };

/* A name of file scope. */
struct dwarf_name {
    const char *name; /* in the file */
    uint32_t class;   /* enum dwarf_name_class */
    uint32_t first;   /* NAME_FUNCTION: address */
    uint32_t end;     /* NAME_FUNCTION: first address behind it */
    Dwarf_Off die;
};

/* Made when first asked for. */
struct dwarf_index {
    struct dwarf_name *names; /* by name */
    uint32_t count;
    uint32_t capacity;
    uint32_t *functions; /* indices into names, by address */
    uint32_t function_count;
    bool made;
};

struct dwarf_info {
    uint8_t *bytes; /* the file */
    Elf *elf;
    Dwarf *dwarf;
    struct dwarf_index *index;
};

/* The names called `name`: first of *count; NULL if none. */
const struct dwarf_name *dwarf_names(const struct dwarf_info *info, const char *name,
                                     uint32_t *count);
const struct dwarf_name *dwarf_function_over(const struct dwarf_info *info, uint32_t address);
bool dwarf_die_at(const struct dwarf_info *info, uint64_t offset, Dwarf_Die *die);
bool dwarf_unit_at(const struct dwarf_info *info, uint32_t address, Dwarf_Die *unit);
void dwarf_copy_name(char *to, size_t bytes, const char *from);
/* The type that a DIE's DW_AT_type names, 0 for none. */
uint64_t dwarf_type_of(Dwarf_Die *die);

#define DWARF_STACK_DEPTH 32

/* An expression being evaluated. */
struct dwarf_evaluation {
    const struct dwarf_info *info;
    const struct dwarf_frame *frame; /* NULL: only what needs none */
    Dwarf_Attribute *frame_base;     /* NULL: none is known */
    uint32_t stack[DWARF_STACK_DEPTH];
    uint32_t depth;
    uint32_t nested; /* expressions inside expressions */
    struct dwarf_place place;
};

/* false: not known here. */
bool dwarf_evaluate(struct dwarf_evaluation *evaluation, const Dwarf_Op *ops, size_t count);
/* Where a frame's instruction is: of a caller, in the call. */
uint32_t dwarf_lookup_address(const struct dwarf_frame *frame);
