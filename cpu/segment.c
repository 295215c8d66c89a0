/* Descriptors and segment registers, see segment.h. Does not know gates, TSS or frames.
 * See: 80386 PRM 5.1.3 (descriptors), 6.3 (privilege), 14 (real mode).
 * SPDX-License-Identifier: MIT */
#include "cpu/segment.h"

#include "cpu/eflags.h"

#define REAL_ATTRIBUTES (ATTR_PRESENT | ATTR_SEGMENT | ATTR_WRITABLE | ATTR_ACCESSED)
#define REAL_KEPT       (ATTR_BIG | ATTR_GRANULAR)

void eflags_write(struct cpu *cpu, uint32_t value, uint32_t mask)
{
    mask &= eflags_existing(cpu);
    if (!(mask & EFLAGS_ARITHMETIC) && LIKELY(!cpu->journal)) {
        cpu->state.eflags = (cpu->state.eflags & ~mask) | (value & mask) | EFLAGS_ONE;
        return;
    }
    uint32_t previous = eflags_read(cpu);
    uint32_t next = (previous & ~mask & ~EFLAGS_MODE) | (value & mask) | EFLAGS_ONE;
    cpu->state.eflags = next;
    flags_put(&cpu->flags, next);
    journal_register(cpu, JREG_EFLAGS, previous, eflags_read(cpu));
}

void descriptor_read(struct cpu *cpu, uint32_t selector, struct descriptor *found)
{
    const bool local = selector & SELECTOR_LOCAL;
    const uint32_t base = local ? cpu->state.ldtr.base : cpu->state.gdtr.base;
    const uint32_t limit = local ? cpu->state.ldtr.limit : cpu->state.gdtr.limit;
    found->linear = base + (selector & 0xFFF8);
    found->found = 0;
    found->path = PATH_NONE;
    if ((local && !cpu->state.ldtr.usable) || (selector & 0xFFF8) + 7 > limit) {
        return;
    }
    found->found = 1;
    const uint8_t *host = host_range_system(cpu, found->linear, 8, 0);
    if (LIKELY(host)) {
        found->low = host_load(host, 4);
        found->high = host_load(host + 4, 4);
        return;
    }
    const struct access low = read_system(cpu, found->linear, 4);
    found->path = low.path;
    if (!low.path) {
        const struct access high = read_system(cpu, found->linear + 4, 4);
        found->low = low.value;
        found->high = high.value;
        found->path = high.path;
    }
}

uint32_t segment_fetch(struct cpu *cpu, uint32_t selector, uint32_t outside, uint32_t error_code,
                       struct segment_load *load)
{
    descriptor_read(cpu, selector, &load->descriptor);
    if (load->descriptor.path) {
        return load->descriptor.path;
    }
    if (!load->descriptor.found) {
        return trap_raise(cpu, outside, error_code);
    }
    descriptor_decode(&load->descriptor, selector, &load->state);
    return PATH_NONE;
}

/* The type check of a stack segment: which path, or PATH_NONE. */
static uint32_t stack_type_path(uint32_t attributes, const struct stack_paths *paths)
{
    if (!(attributes & ATTR_SEGMENT)) {
        return paths->system;
    }
    if (attributes & ATTR_CODE) {
        return paths->code;
    }
    return attributes & ATTR_WRITABLE ? (uint32_t)PATH_NONE : paths->read_only;
}

uint32_t stack_segment_check(struct cpu *cpu, uint32_t selector, uint32_t level, uint32_t ext,
                             const struct stack_paths *paths, struct segment_load *load)
{
    const uint32_t code = (selector & SELECTOR_INDEX) | ext;
    if (is_null_selector(selector)) {
        return trap_raise(cpu, paths->null, paths->null_has_code ? ext : 0);
    }
    const uint32_t path = segment_fetch(cpu, selector, paths->limit, code, load);
    if (path) {
        return path;
    }
    const uint32_t attributes = load->state.attributes;
    const uint32_t type_path = stack_type_path(attributes, paths);
    const bool dpl_wrong = attributes_dpl(attributes) != level;
    if ((selector & SELECTOR_RPL) != level) {
        return trap_raise(cpu, paths->rpl, code);
    }
    if (dpl_wrong && !paths->dpl_last) {
        return trap_raise(cpu, paths->dpl, code);
    }
    if (type_path) {
        return trap_raise(cpu, type_path, code);
    }
    if (dpl_wrong) {
        return trap_raise(cpu, paths->dpl, code);
    }
    if (!(attributes & ATTR_PRESENT)) {
        return trap_raise(cpu, paths->not_present, code);
    }
    return PATH_NONE;
}

uint32_t segment_probe_accessed(struct cpu *cpu, const struct segment_load *load)
{
    if (load->state.attributes & ATTR_ACCESSED) {
        return PATH_NONE;
    }
    return probe_system(cpu, load->descriptor.linear + 5, 1);
}

uint32_t segment_mark_accessed(struct cpu *cpu, struct segment_load *load)
{
    if (load->state.attributes & ATTR_ACCESSED) {
        return PATH_NONE;
    }
    const uint32_t access_byte = (load->descriptor.high >> 8) & 0xFF;
    const uint32_t path =
        write_system(cpu, load->descriptor.linear + 5, 1, access_byte | ATTR_ACCESSED);
    if (path) {
        return path;
    }
    load->state.attributes |= ATTR_ACCESSED;
    charge(cpu, cpu->timing->accessed_write);
    return PATH_NONE;
}

void segment_commit(struct cpu *cpu, enum segment segment, const struct segment_state *value)
{
    journal_register(cpu, JREG_ES + segment, cpu->state.segments[segment].selector,
                     value->selector);
    /* field by field: the fields have just been written one by one, and a wide load of them
     * would wait for the stores */
    struct segment_state *state = &cpu->state.segments[segment];
    const bool was_flat = is_flat(&cpu->segment_cache[segment]);
    state->base = value->base;
    state->limit = value->limit;
    state->selector = value->selector;
    state->attributes = value->attributes;
    state->usable = value->usable;
    segment_cache_fill(cpu, segment, value->base, value->limit, value->attributes, value->usable);
    if (segment == SEG_CS || segment == SEG_SS ||
        (segment <= SEG_DS && was_flat != is_flat(&cpu->segment_cache[segment]))) {
        mode_changed(cpu);
    }
}

void cpl_commit(struct cpu *cpu, uint32_t cpl)
{
    if (cpl != cpu->state.cpl) {
        journal_register(cpu, JREG_CPL, cpu->state.cpl, cpl);
        cpu->state.cpl = cpl;
        mode_changed(cpu);
    }
}

void segment_load_virtual(struct cpu *cpu, enum segment segment, uint32_t selector)
{
    const struct segment_state state = {.base = (selector & 0xFFFF) << 4,
                                        .limit = 0xFFFF,
                                        .selector = (uint16_t)selector,
                                        .attributes = REAL_ATTRIBUTES | ATTR_DPL,
                                        .usable = 1};
    segment_commit(cpu, segment, &state);
}

void segment_load_real(struct cpu *cpu, enum segment segment, uint32_t selector)
{
    if (cpu->state.eflags & EFLAGS_VM) {
        segment_load_virtual(cpu, segment, selector);
        return;
    }
    struct segment_state state = cpu->state.segments[segment];
    state.selector = (uint16_t)selector;
    state.base = (selector & 0xFFFF) << 4;
    state.attributes = (uint16_t)((state.attributes & REAL_KEPT) | REAL_ATTRIBUTES);
    state.usable = 1;
    segment_commit(cpu, segment, &state);
}

static const struct stack_paths load_paths = {
    .null = PATH_gp_load_null_ss,
    .limit = PATH_gp_load_limit_ss,
    .rpl = PATH_gp_load_ss_rpl,
    .dpl = PATH_gp_load_ss_dpl,
    .read_only = PATH_gp_load_ss_ro,
    .code = PATH_gp_load_ss_code,
    .system = PATH_gp_load_ss_sys,
    .not_present = PATH_ss_load_np,
    .dpl_last = 1,
};

static const struct data_paths data_load_paths = {
    .no_table = PATH_gp_load_ldt_null,
    .limit = PATH_gp_load_limit_ds,
    .system = PATH_gp_load_ds_sys,
    .execute_only = PATH_gp_load_ds_xonly,
    .privilege = PATH_gp_load_ds_priv,
    .not_present = PATH_np_load_ds,
};

uint32_t data_segment_check(struct cpu *cpu, uint32_t selector, uint32_t ext,
                            const struct data_paths *paths, struct segment_load *load)
{
    const uint32_t code = (selector & SELECTOR_INDEX) | ext;
    const uint32_t rpl = selector & SELECTOR_RPL;
    const bool no_table = (selector & SELECTOR_LOCAL) && !cpu->state.ldtr.usable;
    const uint32_t outside = no_table ? paths->no_table : paths->limit;
    const uint32_t path = segment_fetch(cpu, selector, outside, code, load);
    if (path) {
        return path;
    }
    const uint32_t attributes = load->state.attributes;
    const uint32_t dpl = attributes_dpl(attributes);
    if (!(attributes & ATTR_SEGMENT)) {
        return trap_raise(cpu, paths->system, code);
    }
    if (is_code(attributes) && !(attributes & ATTR_READABLE)) {
        return trap_raise(cpu, paths->execute_only, code);
    }
    if (!is_conforming_code(attributes) && (dpl < cpu->state.cpl || dpl < rpl)) {
        return trap_raise(cpu, paths->privilege, code);
    }
    if (!(attributes & ATTR_PRESENT)) {
        return trap_raise(cpu, paths->not_present, code);
    }
    return PATH_NONE;
}

uint32_t segment_load_register(struct cpu *cpu, enum segment segment, uint32_t selector)
{
    selector &= 0xFFFF;
    struct segment_load load = {0};
    if (!in_protected_mode(cpu)) {
        segment_load_real(cpu, segment, selector);
        return PATH_NONE;
    }
    if (segment != SEG_SS && is_null_selector(selector)) {
        load.state.selector = (uint16_t)selector;
        segment_commit(cpu, segment, &load.state);
        return PATH_NONE;
    }
    uint32_t path = segment == SEG_SS
                        ? stack_segment_check(cpu, selector, cpu->state.cpl, 0, &load_paths, &load)
                        : data_segment_check(cpu, selector, 0, &data_load_paths, &load);
    if (!path) {
        path = segment_mark_accessed(cpu, &load);
    }
    if (!path) {
        segment_commit(cpu, segment, &load.state);
    }
    return path;
}

void segments_drop_privileged(struct cpu *cpu)
{
    static const enum segment data_segments[] = {SEG_ES, SEG_DS, SEG_FS, SEG_GS};
    for (uint32_t i = 0; i < 4; i++) {
        const struct segment_state *held = &cpu->state.segments[data_segments[i]];
        if (held->usable && !is_conforming_code(held->attributes) &&
            attributes_dpl(held->attributes) < cpu->state.cpl) {
            const struct segment_state null = {0};
            segment_commit(cpu, data_segments[i], &null);
        }
    }
}
