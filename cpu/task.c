/* Task switches, see task.h. Offsets are those of figures 7-1 (386) and the 286's TSS. What the
 * manuals leave open: general registers from a 286 TSS have their high halves cleared, and until CS
 * and SS are loaded CPL is 3, so that a fault there finds a good stack in the new TSS.
 * See: 80386 PRM 7; i486 PRM 7.
 * SPDX-License-Identifier: MIT */
#include "cpu/task.h"

#include "cpu/eflags.h"
#include "cpu/frame.h"

#define TSS_LINK        0x00u
#define TSS_TRAP        0x64u
#define TSS_TRAP_BIT    1u
#define TSS32_LEAST     103u
#define TSS16_LEAST     43u
#define TYPE_BUSY_BIT   2u
#define DR7_LOCAL       0x0155u /* L0-L3, LE */
#define DEBUG_TASK      (1u << 15)
#define SAVED_REGISTERS 8u

/* Where a TSS holds what, by kind. */
struct layout {
    uint8_t bytes;     /* of a register: 2 or 4 */
    uint8_t cr3;       /* 0: has none */
    uint8_t eip;       /* EFLAGS and the eight general registers follow */
    uint8_t selectors; /* ES, CS, SS, DS, (FS, GS), each `bytes` apart */
    uint8_t count;     /* of selectors */
    uint8_t ldt;
    uint8_t least; /* limit */
};
static const struct layout layouts[2] = {
    {2, 0, 0x0E, 0x22, 4, 0x2A, TSS16_LEAST},
    {4, 0x1C, 0x20, 0x48, 6, 0x60, TSS32_LEAST},
};

/* What the new TSS says. */
struct image {
    const struct layout *layout;
    uint32_t cr3, eip, eflags;
    uint32_t registers[SAVED_REGISTERS];
    uint32_t selectors[SEG_COUNT];
    uint32_t ldt;
    uint32_t trap; /* the T bit */
};

static const struct stack_paths stack_paths = {
    .null = PATH_ts_tsw_ss_null,
    .limit = PATH_ts_tsw_ss_limit,
    .rpl = PATH_ts_tsw_ss_rpl,
    .dpl = PATH_ts_tsw_ss_dpl,
    .read_only = PATH_ts_tsw_ss_type,
    .code = PATH_ts_tsw_ss_type,
    .system = PATH_ts_tsw_ss_type,
    .not_present = PATH_ss_tsw_ss_np,
    .null_has_code = 1,
};
static const struct data_paths data_paths = {
    .no_table = PATH_ts_tsw_ds_limit,
    .limit = PATH_ts_tsw_ds_limit,
    .system = PATH_ts_tsw_ds_type,
    .execute_only = PATH_ts_tsw_ds_type,
    .privilege = PATH_ts_tsw_ds_dpl,
    .not_present = PATH_np_tsw_ds,
};

static bool is_tss(uint32_t type)
{
    return (type & ~(TYPE_BUSY_BIT | 8u)) == TYPE_TSS16_AVAILABLE;
}

static const struct layout *layout_of(const struct segment_state *tss)
{
    return &layouts[tss_is_32(tss)];
}

/* ---- finding the TSS ---- */

uint32_t task_find_direct(struct cpu *cpu, struct task_switch *task, uint32_t selector)
{
    const uint32_t code = selector & SELECTOR_INDEX;
    const uint32_t attributes = task->tss.state.attributes;
    const uint32_t dpl = attributes_dpl(attributes);
    if (dpl < cpu->state.cpl || dpl < (selector & SELECTOR_RPL)) {
        return trap_raise(cpu, PATH_gp_tsw_dpl, code);
    }
    if (selector & SELECTOR_LOCAL) {
        return trap_raise(cpu, PATH_gp_far_type, code);
    }
    if (attributes & TYPE_BUSY_BIT) {
        return trap_raise(cpu, PATH_gp_tsw_busy, code);
    }
    return attributes & ATTR_PRESENT ? (uint32_t)PATH_NONE : trap_raise(cpu, PATH_np_tsw, code);
}

uint32_t task_find_by_gate(struct cpu *cpu, struct task_switch *task, uint32_t selector)
{
    const uint32_t code = (selector & SELECTOR_INDEX) | task->ext;
    if (selector & SELECTOR_LOCAL) {
        return trap_raise(cpu, PATH_gp_tg_ti, code);
    }
    const uint32_t path = segment_fetch(cpu, selector, PATH_gp_tg_limit, code, &task->tss);
    if (path) {
        return path;
    }
    const uint32_t attributes = task->tss.state.attributes;
    if (!is_tss(attributes & 0x1F) || (attributes & TYPE_BUSY_BIT)) {
        return trap_raise(cpu, PATH_gp_tg_type, code);
    }
    task->via_gate = 1;
    return attributes & ATTR_PRESENT ? (uint32_t)PATH_NONE : trap_raise(cpu, PATH_np_tg_tss, code);
}

uint32_t task_find_by_link(struct cpu *cpu, struct task_switch *task)
{
    const struct access link = read_system(cpu, cpu->state.tr.base + TSS_LINK, 2);
    const uint32_t code = link.value & SELECTOR_INDEX;
    if (link.path) {
        return link.path;
    }
    if (link.value & SELECTOR_LOCAL) {
        return trap_raise(cpu, PATH_ts_iret_backlink, code);
    }
    const uint32_t path = segment_fetch(cpu, link.value, PATH_ts_iret_backlink, code, &task->tss);
    if (path) {
        return path;
    }
    const uint32_t attributes = task->tss.state.attributes;
    if (!is_tss(attributes & 0x1F) || !(attributes & TYPE_BUSY_BIT)) {
        return trap_raise(cpu, PATH_ts_iret_notbusy, code);
    }
    task->cause = TIMING_TASK_IRET;
    return attributes & ATTR_PRESENT ? (uint32_t)PATH_NONE : trap_raise(cpu, PATH_np_tsw, code);
}

/* ---- looking: nothing has changed yet ---- */

/* Can [linear, linear + bytes) be written by the processor itself? */
static uint32_t probe_range(struct cpu *cpu, uint32_t linear, uint32_t bytes)
{
    uint32_t path = PATH_NONE;
    for (uint32_t at = linear; !path && at != linear + bytes;) {
        const uint32_t left = linear + bytes - at, in_page = PAGE_BYTES - (at & ~PAGE_MASK);
        path = translate_data(cpu, at, ACCESS_WRITE).path;
        at += left < in_page ? left : in_page;
    }
    return path;
}

/* The next field of the new TSS; after a fault nothing more is read. */
static uint32_t field(struct cpu *cpu, uint32_t linear, uint32_t bytes, uint32_t *path)
{
    if (*path) {
        return 0;
    }
    const struct access access = read_system(cpu, linear, bytes);
    *path = access.path;
    return access.value;
}

static uint32_t read_image(struct cpu *cpu, const struct segment_state *tss, struct image *image)
{
    const struct layout *layout = layout_of(tss);
    const uint32_t bytes = layout->bytes;
    uint32_t path = PATH_NONE, at = tss->base + layout->eip;
    image->layout = layout;
    image->cr3 = layout->cr3 ? field(cpu, tss->base + layout->cr3, 4, &path) : cpu->state.cr3;
    image->eip = field(cpu, at, bytes, &path);
    image->eflags = field(cpu, at + bytes, bytes, &path);
    for (uint32_t i = 0; i < SAVED_REGISTERS; i++) {
        image->registers[i] = field(cpu, at + (2 + i) * bytes, bytes, &path);
    }
    for (uint32_t i = 0; i < layout->count; i++) {
        image->selectors[i] = field(cpu, tss->base + layout->selectors + i * bytes, 2, &path);
    }
    image->ldt = field(cpu, tss->base + layout->ldt, 2, &path);
    image->trap = bytes == 4 ? field(cpu, tss->base + TSS_TRAP, 2, &path) & TSS_TRAP_BIT : 0;
    return path;
}

static uint32_t busy_byte(const struct segment_load *tss)
{
    return tss->descriptor.linear + 5;
}

/* Where the busy bit of the current task is. */
static uint32_t old_busy_byte(const struct cpu *cpu)
{
    return cpu->state.gdtr.base + (cpu->state.tr.selector & 0xFFF8u) + 5;
}

static uint32_t look(struct cpu *cpu, const struct task_switch *task, struct image *image)
{
    const struct segment_state *new_tss = &task->tss.state, *old_tss = &cpu->state.tr;
    const uint32_t code = (new_tss->selector & SELECTOR_INDEX) | task->ext;
    if (new_tss->limit < layout_of(new_tss)->least) {
        return trap_raise(cpu, PATH_ts_tsw_limit, code);
    }
    uint32_t path = probe_range(cpu, old_tss->base, layout_of(old_tss)->least + 1u);
    if (!path && (task->cause == TIMING_TASK_CALL || task->cause == TIMING_TASK_INT)) {
        path = probe_range(cpu, new_tss->base + TSS_LINK, 2);
    }
    if (!path && (task->cause == TIMING_TASK_JMP || task->cause == TIMING_TASK_IRET)) {
        path = probe_range(cpu, old_busy_byte(cpu), 1);
    }
    if (!path) {
        path = probe_range(cpu, busy_byte(&task->tss), 1);
    }
    return path ? path : read_image(cpu, new_tss, image);
}

/* ---- the commit: nothing can fail ---- */

static void save_old(struct cpu *cpu, const struct task_switch *task)
{
    const struct segment_state *tss = &cpu->state.tr;
    const struct layout *layout = layout_of(tss);
    const uint32_t bytes = layout->bytes, at = tss->base + layout->eip;
    const uint32_t dropped = task->cause == TIMING_TASK_IRET ? EFLAGS_NT : 0;
    (void)write_system(cpu, at, bytes, task->eip);
    (void)write_system(cpu, at + bytes, bytes, task->eflags & ~dropped);
    for (uint32_t i = 0; i < SAVED_REGISTERS; i++) {
        (void)write_system(cpu, at + (2 + i) * bytes, bytes, cpu->state.gpr[i]);
    }
    for (uint32_t i = 0; i < layout->count; i++) {
        (void)write_system(cpu, tss->base + layout->selectors + i * bytes, 2,
                           cpu->state.segments[i].selector);
    }
}

static void mark_busy(struct cpu *cpu, const struct task_switch *task)
{
    if (task->cause == TIMING_TASK_JMP || task->cause == TIMING_TASK_IRET) {
        const struct access old = read_system(cpu, old_busy_byte(cpu), 1);
        (void)write_system(cpu, old_busy_byte(cpu), 1, old.value & ~TYPE_BUSY_BIT);
    }
    if (task->cause != TIMING_TASK_IRET) {
        const uint32_t access_byte = (task->tss.descriptor.high >> 8) & 0xFF;
        (void)write_system(cpu, busy_byte(&task->tss), 1, access_byte | TYPE_BUSY_BIT);
    }
    if (task->cause == TIMING_TASK_CALL || task->cause == TIMING_TASK_INT) {
        (void)write_system(cpu, task->tss.state.base + TSS_LINK, 2, cpu->state.tr.selector);
    }
}

static void load_tr(struct cpu *cpu, const struct task_switch *task)
{
    journal_register(cpu, JREG_TR, cpu->state.tr.selector, task->tss.state.selector);
    cpu->state.tr = task->tss.state;
    cpu->state.tr.attributes |= TYPE_BUSY_BIT;
    cpu->state.cr0 |= CR0_TS;
    cpu->state.dr[7] &= ~DR7_LOCAL;
    watch_changed(cpu);
}

static void load_registers(struct cpu *cpu, const struct task_switch *task,
                           const struct image *image)
{
    const bool nested = task->cause == TIMING_TASK_CALL || task->cause == TIMING_TASK_INT;
    if (image->layout->cr3 && (cpu->state.cr0 & CR0_PG)) {
        cpu->state.cr3 = image->cr3;
        tlb_flush_local(cpu);
    }
    eflags_write(cpu, image->eflags | (nested ? EFLAGS_NT : 0), 0xFFFFFFFFu);
    memcpy(cpu->state.gpr, image->registers, sizeof image->registers);
    cpu->state.eip = image->eip;
    cpu->state.rep_resumed = 0;
    for (uint32_t i = 0; i < SEG_COUNT; i++) {
        struct segment_state null = {.selector = (uint16_t)image->selectors[i]};
        if (i == SEG_CS) { /* its hidden part is kept until the descriptor has passed */
            null = cpu->state.segments[SEG_CS];
            null.selector = (uint16_t)image->selectors[SEG_CS];
        }
        segment_commit(cpu, i, &null);
    }
    cpl_commit(cpu, 3);
}

/* ---- loading: faults belong to the new task ---- */

static uint32_t load_ldt(struct cpu *cpu, const struct task_switch *task, uint32_t selector)
{
    const uint32_t code = (selector & SELECTOR_INDEX) | task->ext;
    struct segment_load load = {.state = {.selector = (uint16_t)selector}};
    journal_register(cpu, JREG_LDTR, cpu->state.ldtr.selector, selector);
    cpu->state.ldtr = load.state;
    if (is_null_selector(selector)) {
        return PATH_NONE;
    }
    if (selector & SELECTOR_LOCAL) {
        return trap_raise(cpu, PATH_ts_tsw_ldt, code);
    }
    const uint32_t path = segment_fetch(cpu, selector, PATH_ts_tsw_ldt, code, &load);
    if (path) {
        return path;
    }
    if ((load.state.attributes & 0x1F) != TYPE_LDT || !(load.state.attributes & ATTR_PRESENT)) {
        return trap_raise(cpu, PATH_ts_tsw_ldt, code);
    }
    cpu->state.ldtr = load.state;
    return PATH_NONE;
}

static uint32_t check_code(struct cpu *cpu, const struct task_switch *task, uint32_t selector,
                           struct segment_load *load)
{
    const uint32_t code = (selector & SELECTOR_INDEX) | task->ext;
    const uint32_t rpl = selector & SELECTOR_RPL;
    if (is_null_selector(selector)) {
        return trap_raise(cpu, PATH_ts_tsw_cs, task->ext);
    }
    const uint32_t path = segment_fetch(cpu, selector, PATH_ts_tsw_cs, code, load);
    if (path) {
        return path;
    }
    const uint32_t attributes = load->state.attributes;
    if (!is_code(attributes)) {
        return trap_raise(cpu, PATH_ts_tsw_cs, code);
    }
    const uint32_t dpl = attributes_dpl(attributes);
    if (is_conforming_code(attributes) ? dpl > rpl : dpl != rpl) {
        return trap_raise(cpu, PATH_ts_tsw_cs_dpl, code);
    }
    return attributes & ATTR_PRESENT ? (uint32_t)PATH_NONE : trap_raise(cpu, PATH_np_tsw_cs, code);
}

static uint32_t load_code_and_stack(struct cpu *cpu, const struct task_switch *task,
                                    const struct image *image)
{
    const uint32_t level = image->selectors[SEG_CS] & SELECTOR_RPL;
    struct segment_load code = {0}, stack = {0};
    uint32_t path = check_code(cpu, task, image->selectors[SEG_CS], &code);
    if (!path) {
        path = segment_mark_accessed(cpu, &code);
    }
    if (path) {
        return path;
    }
    segment_commit(cpu, SEG_CS, &code.state);
    path =
        stack_segment_check(cpu, image->selectors[SEG_SS], level, task->ext, &stack_paths, &stack);
    if (!path) {
        path = segment_mark_accessed(cpu, &stack);
    }
    if (path) {
        return path;
    }
    segment_commit(cpu, SEG_SS, &stack.state);
    cpl_commit(cpu, level);
    return PATH_NONE;
}

static uint32_t load_data(struct cpu *cpu, const struct task_switch *task,
                          const struct image *image)
{
    static const enum segment data_segments[] = {SEG_DS, SEG_ES, SEG_FS, SEG_GS};
    for (uint32_t i = 0; i < 4; i++) {
        const uint32_t selector = image->selectors[data_segments[i]];
        struct segment_load load = {0};
        if (is_null_selector(selector)) {
            continue;
        }
        uint32_t path = data_segment_check(cpu, selector, task->ext, &data_paths, &load);
        if (!path) {
            path = segment_mark_accessed(cpu, &load);
        }
        if (path) {
            return path;
        }
        segment_commit(cpu, data_segments[i], &load.state);
    }
    return PATH_NONE;
}

static uint32_t load_segments(struct cpu *cpu, const struct task_switch *task,
                              const struct image *image)
{
    uint32_t path = load_ldt(cpu, task, image->ldt);
    if (path) {
        return path;
    }
    if (cpu->state.eflags & EFLAGS_VM) {
        for (uint32_t i = 0; i < SEG_COUNT; i++) {
            segment_load_virtual(cpu, i, image->selectors[i]);
        }
        return PATH_NONE;
    }
    path = load_code_and_stack(cpu, task, image);
    return path ? path : load_data(cpu, task, image);
}

static uint32_t push_error(struct cpu *cpu, const struct task_switch *task,
                           const struct image *image)
{
    struct frame frame;
    frame.stack.state = cpu->state.segments[SEG_SS];
    frame.pointer = cpu->state.gpr[REG_ESP];
    frame.width = image->layout->bytes;
    frame.level = cpu->state.cpl;
    frame.slots = 0;
    frame_add(&frame, task->error_code);
    const uint32_t path = frame_probe(cpu, &frame, PATH_ss_tg_err_room, 0);
    if (!path) {
        frame_write(cpu, &frame);
    }
    return path;
}

/* What timing.h calls the kind of a TSS. */
static uint32_t kind_of(const struct segment_state *tss, uint32_t eflags)
{
    return !tss_is_32(tss) ? 0 : eflags & EFLAGS_VM ? 2 : 1;
}

static uint32_t enter(struct cpu *cpu, const struct task_switch *task, const struct image *image)
{
    uint32_t path = load_segments(cpu, task, image);
    if (!path && cpu->state.eip > cpu->state.segments[SEG_CS].limit) {
        path = trap_raise(cpu, PATH_gp_tsw_eip, 0);
    }
    if (!path && task->has_error) {
        path = push_error(cpu, task, image);
    }
    if (!path && image->trap) {
        cpu->state.debug_pending |= DEBUG_TASK;
    }
    return path;
}

uint32_t task_switch(struct cpu *cpu, struct task_switch *task)
{
    struct image image = {0};
    uint32_t path = look(cpu, task, &image);
    if (path) {
        return path;
    }
    task->clocks = timing_task_switch(cpu, task->cause, kind_of(&cpu->state.tr, cpu->state.eflags),
                                      kind_of(&task->tss.state, image.eflags), task->via_gate);
    save_old(cpu, task);
    mark_busy(cpu, task);
    load_tr(cpu, task);
    load_registers(cpu, task, &image);
    path = enter(cpu, task, &image);
    cpu->task_switched = path != PATH_NONE;
    return path;
}
