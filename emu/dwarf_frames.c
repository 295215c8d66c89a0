/* Debug information: variables in scope, where they are, and the way from a frame to its caller's
 * (DWARF 5, sections 2.5, 2.6 and 6.4). Values that a call site would have to be asked for
 * (DW_OP_entry_value) count as optimized away.
 * SPDX-License-Identifier: MIT */
#include <dwarf.h>
#include <stdlib.h>
#include <string.h>

#include "emu/dwarf_priv.h"

#define FRAME_REACH (1u << 20) /* a caller's frame lies at most so many bytes further up */

/* ---- frames ---- */

static Dwarf_Frame *cfi_frame(const struct dwarf_info *info, const struct dwarf_frame *frame)
{
    Dwarf_CFI *tables[2];
    Dwarf_Frame *found = NULL;

    if (!info || !(frame->known & 1u << DWARF_EIP)) {
        return NULL;
    }
    tables[0] = dwarf_getcfi(info->dwarf);
    tables[1] = dwarf_getcfi_elf(info->elf);
    for (uint32_t i = 0; i < 2; i++) {
        if (tables[i] && dwarf_cfi_addrframe(tables[i], dwarf_lookup_address(frame), &found) == 0) {
            break;
        }
        found = NULL;
    }
    if (tables[1]) {
        dwarf_cfi_end(tables[1]);
    }
    return found;
}

static bool cfa_by(const struct dwarf_info *info, const struct dwarf_frame *frame,
                   Dwarf_Frame *table, uint32_t *cfa)
{
    struct dwarf_evaluation evaluation = {.info = info, .frame = frame, .nested = 3};
    Dwarf_Op *ops;
    size_t count;

    if (dwarf_frame_cfa(table, &ops, &count) != 0 || !dwarf_evaluate(&evaluation, ops, count)) {
        return false;
    }
    *cfa = evaluation.place.value;
    return true;
}

bool dwarf_frame_cfa_of(const struct dwarf_info *info, const struct dwarf_frame *frame,
                        uint32_t *cfa)
{
    Dwarf_Frame *table = cfi_frame(info, frame);
    bool good = table && cfa_by(info, frame, table, cfa);

    free(table);
    return good;
}

/* The register's value in the caller; false: not known. */
static bool register_of_caller(const struct dwarf_info *info, const struct dwarf_frame *frame,
                               Dwarf_Frame *table, uint32_t cfa, uint32_t number, uint32_t *value)
{
    struct dwarf_evaluation evaluation = {.info = info, .frame = frame, .nested = 2};
    Dwarf_Op memory[3];
    Dwarf_Op *ops;
    size_t count;

    if (number == DWARF_ESP) {
        *value = cfa;
        return true;
    }
    if (dwarf_frame_register(table, (int)number, memory, &ops, &count) != 0) {
        return false;
    }
    if (count == 0) { /* the same as here, or (ops is `memory`) gone */
        *value = frame->registers[number];
        return ops == NULL && (frame->known & 1u << number) != 0;
    }
    if (!dwarf_evaluate(&evaluation, ops, count)) {
        return false;
    }
    *value = evaluation.place.value;
    if (evaluation.place.kind == DWARF_IN_REGISTER) {
        uint32_t other = evaluation.place.value; /* below DWARF_REGISTERS */

        *value = frame->registers[other];
        return (frame->known & 1u << other) != 0;
    }
    return evaluation.place.kind == DWARF_IS_VALUE ||
           frame->read(frame->context, *value, value, sizeof(*value));
}

static bool unwind_by_table(const struct dwarf_info *info, struct dwarf_frame *frame,
                            Dwarf_Frame *table)
{
    struct dwarf_frame caller = *frame;
    uint32_t cfa;

    if (!cfa_by(info, frame, table, &cfa)) {
        return false;
    }
    caller.known = 0;
    for (uint32_t i = 0; i < DWARF_REGISTERS; i++) {
        if (register_of_caller(info, frame, table, cfa, i, &caller.registers[i])) {
            caller.known |= 1u << i;
        }
    }
    if (!(caller.known & 1u << DWARF_EIP) || cfa <= frame->registers[DWARF_ESP]) {
        return false;
    }
    *frame = caller;
    frame->is_caller = 1;
    return true;
}

static bool unwind_by_ebp(struct dwarf_frame *frame)
{
    const uint32_t needed = 1u << DWARF_EBP | 1u << DWARF_ESP;
    uint32_t ebp = frame->registers[DWARF_EBP];
    uint32_t pair[2];

    if ((frame->known & needed) != needed || ebp - frame->registers[DWARF_ESP] > FRAME_REACH ||
        !frame->read(frame->context, ebp, pair, sizeof(pair)) || pair[1] == 0) {
        return false;
    }
    frame->registers[DWARF_EBP] = pair[0];
    frame->registers[DWARF_EIP] = pair[1];
    frame->registers[DWARF_ESP] = ebp + 8;
    frame->known = 1u << DWARF_EBP | 1u << DWARF_EIP | 1u << DWARF_ESP;
    frame->is_caller = 1;
    return true;
}

bool dwarf_unwind(const struct dwarf_info *info, struct dwarf_frame *frame)
{
    Dwarf_Frame *table = cfi_frame(info, frame);
    bool good = table ? unwind_by_table(info, frame, table) : unwind_by_ebp(frame);

    free(table);
    return good;
}

/* ---- variables ---- */

static bool is_static(Dwarf_Die *die, Dwarf_Attribute *location)
{
    Dwarf_Op *ops;
    size_t count;

    (void)die;
    return dwarf_whatform(location) == DW_FORM_exprloc &&
           dwarf_getlocation(location, &ops, &count) == 0 && count == 1 &&
           ops[0].atom == DW_OP_addr;
}

static bool local_fill(Dwarf_Die *die, uint32_t is_inlined, struct dwarf_local *local)
{
    int tag = dwarf_tag(die);
    const char *name = dwarf_diename(die);

    if ((tag != DW_TAG_variable && tag != DW_TAG_formal_parameter) || !name) {
        return false;
    }
    *local = (struct dwarf_local){.die = dwarf_dieoffset(die),
                                  .type = dwarf_type_of(die),
                                  .is_parameter = tag == DW_TAG_formal_parameter,
                                  .is_inlined = is_inlined};
    dwarf_copy_name(local->name, sizeof(local->name), name);
    return true;
}

/* The scopes around the frame's EIP, innermost first; to be freed. Their number without that of
 * the file. */
static int scopes_of(const struct dwarf_info *info, const struct dwarf_frame *frame,
                     Dwarf_Die **scopes)
{
    Dwarf_Die unit;
    int count;

    *scopes = NULL;
    if (!frame || !dwarf_unit_at(info, dwarf_lookup_address(frame), &unit)) {
        return 0;
    }
    count = dwarf_getscopes(&unit, dwarf_lookup_address(frame), scopes);
    if (count <= 0) {
        return 0;
    }
    for (int i = 0; i < count; i++) {
        if (dwarf_tag(&(*scopes)[i]) == DW_TAG_subprogram) {
            return i + 1; /* behind it: the file's, or (inlined) the abstract one's */
        }
    }
    return count - 1;
}

uint32_t dwarf_locals(const struct dwarf_info *info, const struct dwarf_frame *frame,
                      struct dwarf_local *locals, uint32_t limit)
{
    Dwarf_Die *scopes;
    int scope_count = scopes_of(info, frame, &scopes);
    uint32_t inlined_end = 0;
    uint32_t count = 0;

    for (int i = 0; i < scope_count; i++) {
        if (dwarf_tag(&scopes[i]) == DW_TAG_inlined_subroutine) {
            inlined_end = (uint32_t)i + 1;
        }
    }
    for (int i = 0; i < scope_count; i++) {
        Dwarf_Attribute location;
        Dwarf_Die die;

        if (dwarf_child(&scopes[i], &die) != 0) {
            continue;
        }
        do {
            bool fixed =
                dwarf_attr_integrate(&die, DW_AT_location, &location) && is_static(&die, &location);

            if (count < limit && !fixed &&
                local_fill(&die, (uint32_t)i < inlined_end, &locals[count])) {
                count++;
            }
        } while (dwarf_siblingof(&die, &die) == 0);
    }
    free(scopes);
    return count;
}

static bool named_in(Dwarf_Die *scope, const char *name, bool inlined, struct dwarf_local *variable)
{
    Dwarf_Die die;

    if (dwarf_child(scope, &die) != 0) {
        return false;
    }
    do {
        const char *own = dwarf_diename(&die);
        Dwarf_Attribute attribute;

        if (own && strcmp(own, name) == 0 && local_fill(&die, inlined, variable) &&
            (dwarf_attr_integrate(&die, DW_AT_location, &attribute) ||
             dwarf_attr_integrate(&die, DW_AT_const_value, &attribute) ||
             dwarf_tag(scope) != DW_TAG_compile_unit)) {
            return true;
        }
    } while (dwarf_siblingof(&die, &die) == 0);
    return false;
}

bool dwarf_variable_named(const struct dwarf_info *info, const struct dwarf_frame *frame,
                          const char *name, struct dwarf_local *variable)
{
    Dwarf_Die *scopes;
    Dwarf_Die die;
    int scope_count = scopes_of(info, frame, &scopes);
    bool found = false;
    uint32_t count;
    const struct dwarf_name *names;

    for (int i = 0; i < scope_count && !found; i++) {
        found = named_in(&scopes[i], name, dwarf_tag(&scopes[i]) == DW_TAG_inlined_subroutine,
                         variable);
    }
    free(scopes);
    if (!found && frame && dwarf_unit_at(info, dwarf_lookup_address(frame), &die)) {
        found = named_in(&die, name, false, variable);
    }
    names = found ? NULL : dwarf_names(info, name, &count);
    for (uint32_t i = 0; names && i < count && !found; i++) {
        Dwarf_Attribute location;

        found = names[i].class == NAME_VARIABLE && dwarf_die_at(info, names[i].die, &die) &&
                dwarf_attr_integrate(&die, DW_AT_location, &location) &&
                local_fill(&die, 0, variable);
    }
    return found;
}

/* The frame base of the function that holds the EIP. */
static bool base_of_function(const struct dwarf_info *info, const struct dwarf_frame *frame,
                             Dwarf_Attribute *base)
{
    const struct dwarf_name *function = dwarf_function_over(info, dwarf_lookup_address(frame));
    Dwarf_Die die;

    return function && dwarf_die_at(info, function->die, &die) &&
           dwarf_attr_integrate(&die, DW_AT_frame_base, base);
}

bool dwarf_locate(const struct dwarf_info *info, const struct dwarf_frame *frame,
                  const struct dwarf_local *variable, struct dwarf_place *place)
{
    struct dwarf_evaluation evaluation = {.info = info, .frame = frame};
    Dwarf_Attribute location;
    Dwarf_Attribute base;
    Dwarf_Die die;
    Dwarf_Op *ops;
    Dwarf_Sword value;
    size_t count;

    *place = (struct dwarf_place){.kind = DWARF_NOWHERE};
    if (!dwarf_die_at(info, variable->die, &die)) {
        return false;
    }
    if (dwarf_attr_integrate(&die, DW_AT_const_value, &location) &&
        dwarf_formsdata(&location, &value) == 0) {
        *place = (struct dwarf_place){DWARF_IS_VALUE, (uint32_t)value};
        return true;
    }
    if (!dwarf_attr_integrate(&die, DW_AT_location, &location)) {
        return false;
    }
    if (frame && base_of_function(info, frame, &base)) {
        evaluation.frame_base = &base;
    }
    if (dwarf_getlocation_addr(&location, frame ? dwarf_lookup_address(frame) : 0, &ops, &count,
                               1) != 1 ||
        !dwarf_evaluate(&evaluation, ops, count)) {
        return false;
    }
    *place = evaluation.place;
    return true;
}

bool dwarf_variable(const struct dwarf_info *info, const char *name, uint32_t *address,
                    uint32_t *bytes)
{
    struct dwarf_local variable;
    struct dwarf_place place;
    struct dwarf_type type;

    if (!dwarf_variable_named(info, NULL, name, &variable) ||
        !dwarf_locate(info, NULL, &variable, &place) || place.kind != DWARF_IN_MEMORY ||
        !dwarf_type_get(info, variable.type, &type)) {
        return false;
    }
    *address = place.value;
    *bytes = type.bytes;
    return true;
}
