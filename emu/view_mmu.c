/* How an address becomes a place in memory: base and bound by the segment, then the page walk,
 * step by step with every entry, the check that fails, and what the TLB knows of the page. Shown
 * is the access that the micro-step ahead makes, or the next fetch, or an address that was chosen.
 * See: SDM volume 3, 4.3, 4.6, 4.7 (page fault error codes), 4.10 (TLB); 80386 PRM 5.1, 5.2.
 * SPDX-License-Identifier: MIT */
#include "emu/view_mmu.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "cpu/trap.h"
#include "emu/view_panels.h"

#define GLYPH_NEXT 0x25BAu

enum access_kind { READ, WRITE, FETCH };
/* Which part of the drawing the micro-step ahead does. */
enum stage {
    STAGE_NONE,
    STAGE_SEGMENT,
    STAGE_TLB,
    STAGE_DIRECTORY,
    STAGE_TABLE,
    STAGE_MEMORY,
    STAGE_OTHER
};

struct access {
    enum access_kind kind;
    enum stage stage;
    bool chosen;      /* an address of the user's: no access at all */
    bool has_segment; /* segment and offset are known */
    bool system;      /* the processor's own: descriptor table or TSS, as KERNEL */
    bool user;        /* made by user mode */
    uint32_t segment; /* enum segment */
    uint32_t offset;
    uint32_t size; /* bytes, at least 1 */
    uint32_t linear;
    const struct journal_entry *fault; /* how it ends, NULL: well */
};

static const char *const segment_names[SEG_COUNT] = {"ES", "CS", "SS", "DS", "FS", "GS"};

/* ---- which access ---- */

static bool is_translation(const struct journal_entry *entry)
{
    return entry->kind == JOURNAL_TLB_HIT || entry->kind == JOURNAL_TLB_MISS ||
           entry->kind == JOURNAL_WALK_READ || entry->kind == JOURNAL_WALK_WRITE;
}

static bool is_end(const struct journal_entry *entry)
{
    return entry->kind == JOURNAL_MEMORY_READ || entry->kind == JOURNAL_MEMORY_WRITE ||
           entry->kind == JOURNAL_FETCH || entry->kind == JOURNAL_FAULT;
}

static enum stage stage_of(const struct journal_entry *entry)
{
    switch ((enum journal_kind)entry->kind) {
    case JOURNAL_SEGMENT_CHECK:
        return STAGE_SEGMENT;
    case JOURNAL_TLB_HIT:
    case JOURNAL_TLB_MISS:
        return STAGE_TLB;
    case JOURNAL_WALK_READ:
    case JOURNAL_WALK_WRITE:
        return entry->detail == 1 ? STAGE_DIRECTORY : STAGE_TABLE;
    case JOURNAL_MEMORY_READ:
    case JOURNAL_MEMORY_WRITE:
    case JOURNAL_FETCH:
        return STAGE_MEMORY;
    default:
        return STAGE_NONE;
    }
}

/* The first entry of the access that entry `index` is part of: a segment check, then a TLB lookup
 * and perhaps a walk, then the access itself or a fault. */
static uint32_t access_start(const struct journal *journal, uint32_t index)
{
    const struct journal_entry *entries = journal->entries;

    if (is_end(&entries[index]) && index > 0 &&
        (is_translation(&entries[index - 1]) || entries[index - 1].kind == JOURNAL_SEGMENT_CHECK)) {
        index--;
    }
    while (index > 0 && (entries[index].kind == JOURNAL_WALK_READ ||
                         entries[index].kind == JOURNAL_WALK_WRITE)) {
        index--;
    }
    if (is_translation(&entries[index]) && index > 0 &&
        entries[index - 1].kind == JOURNAL_SEGMENT_CHECK) {
        index--;
    }
    return index;
}

static void use_entry(struct access *access, const struct journal_entry *entry)
{
    switch ((enum journal_kind)entry->kind) {
    case JOURNAL_SEGMENT_CHECK:
        access->has_segment = entry->detail < SEG_COUNT;
        access->segment = entry->detail;
        access->offset = entry->address;
        access->size = entry->size ? entry->size : 1;
        break;
    case JOURNAL_TLB_HIT:
    case JOURNAL_TLB_MISS:
        access->linear = entry->address;
        break;
    case JOURNAL_FETCH:
        access->kind = FETCH;
        access->linear = entry->address;
        break;
    case JOURNAL_MEMORY_READ:
    case JOURNAL_MEMORY_WRITE:
        access->kind = entry->kind == JOURNAL_MEMORY_WRITE ? WRITE : READ;
        access->linear = entry->address;
        access->size = entry->size ? entry->size : 1;
        access->system = entry->system;
        break;
    case JOURNAL_FAULT:
        access->fault = entry;
        if (trap_info(entry->detail)->vector == 14) {
            access->linear = entry->address;
            access->kind = entry->value & 2 ? WRITE : READ;
        }
        break;
    default:
        break;
    }
}

static void use_fetch(const struct cpu_state *cpu, struct access *access)
{
    access->kind = FETCH;
    access->has_segment = true;
    access->segment = SEG_CS;
    access->offset = cpu->eip;
    access->linear = cpu->segments[SEG_CS].base + cpu->eip;
}

static struct access find_access(const struct view_context *context)
{
    const struct session_view *view = context->view;
    const struct cpu_state *cpu = &view->state.cpu;
    const struct journal_entry *ahead = view_step_ahead(context);
    struct access access = {.size = 1, .user = view_is_user(cpu)};
    bool given = ahead && (is_translation(ahead) || is_end(ahead) || stage_of(ahead));

    if (view->mmu_chosen) {
        access.chosen = true;
        access.linear = view->mmu_address;
        return access;
    }
    if (!given) {
        use_fetch(cpu, &access);
        return access;
    }
    uint32_t cursor = view->position.micro;
    uint32_t index = access_start(&view->journal, cursor);
    access.stage = stage_of(ahead);
    access.linear = view->journal.entries[index].address;
    if (view->journal.entries[index].kind == JOURNAL_SEGMENT_CHECK) {
        use_entry(&access, &view->journal.entries[index]);
        if (access.has_segment) {
            access.linear = cpu->segments[access.segment].base + access.offset;
        }
        index++;
    }
    while (index < view->journal.count && is_translation(&view->journal.entries[index])) {
        use_entry(&access, &view->journal.entries[index++]);
    }
    if (index + 1 < view->journal.count && view->journal.entries[index].kind == JOURNAL_REGISTER &&
        view->journal.entries[index].detail == JREG_CR2) {
        index++; /* the fault follows */
    }
    if (index < view->journal.count && is_end(&view->journal.entries[index])) {
        use_entry(&access, &view->journal.entries[index]);
    }
    if (access.fault && access.kind == READ && !access.has_segment && !access.system &&
        access.linear == cpu->segments[SEG_CS].base + cpu->eip) {
        access.kind = FETCH; /* one that fails has no entry of its own */
    }
    if (access.kind == FETCH && !access.has_segment) {
        access.has_segment = true;
        access.segment = SEG_CS;
        access.offset = access.linear - cpu->segments[SEG_CS].base;
    }
    access.user &= !access.system;
    return access;
}

/* ---- lines ---- */

static struct pen stage_pen(const struct access *access, enum stage stage)
{
    return access->stage == stage ? (struct pen){ROLE_CURRENT, CELL_BOLD, 0}
                                  : (struct pen){ROLE_TEXT, 0, 0};
}

/* A line that belongs to a stage: marked if that is what comes next. */
static uint32_t stage_row(struct view_list *list, const struct access *access, enum stage stage)
{
    uint32_t row = view_list_row(list);

    if (access->stage == stage) {
        grid_put(list->grid, list->area, 0, row, stage_pen(access, stage), GLYPH_NEXT);
    }
    return row;
}

static void list_heading(struct view_list *list, const struct access *access,
                         const struct view_context *context)
{
    static const char *const kinds[3] = {"reads", "writes", "fetches an instruction"};
    struct pen pen = {ROLE_LABEL, CELL_BOLD, 0};
    char place[64];

    view_symbol(context, access->linear, place, sizeof place);
    if (access->chosen) {
        view_list_print(list, 0, pen,
                        "Linear address %08" PRIX32 " %s (mmu: what comes next again)",
                        access->linear, place);
    } else if (access->system) {
        view_list_print(list, 0, pen, "The processor itself %s at linear %08" PRIX32,
                        kinds[access->kind], access->linear);
    } else {
        view_list_print(list, 0, pen, "%s mode %s at %08" PRIX32 " %s",
                        access->user ? "USER" : "KERNEL", kinds[access->kind], access->linear,
                        place);
    }
}

/* Whether the last byte of the access lies inside the segment. */
static bool within_bound(const struct segment_state *segment, const struct access *access)
{
    uint64_t last = (uint64_t)access->offset + access->size - 1;

    if ((segment->attributes & (ATTR_CODE | ATTR_EXPAND_DOWN)) == ATTR_EXPAND_DOWN) {
        return access->offset > segment->limit &&
               last <= (segment->attributes & ATTR_BIG ? 0xFFFFFFFFu : 0xFFFFu);
    }
    return last <= segment->limit;
}

/* Base and bound. false: it ends here. */
static bool list_segment(struct view_list *list, const struct access *access,
                         const struct cpu_state *cpu)
{
    struct pen pen = stage_pen(access, STAGE_SEGMENT);
    bool protected_mode = (cpu->cr0 & CR0_PE) && !(cpu->eflags & EFLAGS_VM);

    if (!access->has_segment) {
        view_list_print(list, 1, topic_pen(ROLE_LABEL, 0, TOPIC_BOUND),
                        access->chosen ? "1 Base and bound: none, the address is linear already"
                                       : "1 Base and bound: done before; the address is linear");
        return true;
    }
    const struct segment_state *segment = &cpu->segments[access->segment];
    bool down = (segment->attributes & (ATTR_CODE | ATTR_EXPAND_DOWN)) == ATTR_EXPAND_DOWN;
    view_list_print(list, 1, topic_pen(ROLE_LABEL, 0, TOPIC_BOUND),
                    "1 Base and bound: segment %s, selector %04X%s", segment_names[access->segment],
                    segment->selector,
                    segment->base == (uint32_t)segment->selector << 4 && !protected_mode
                        ? " (base = selector x 10h)"
                        : "");
    char bytes[24] = "";
    if (access->size > 1) {
        snprintf(bytes, sizeof bytes, " (%" PRIu32 " bytes)", access->size);
    }
    uint32_t row = stage_row(list, access, STAGE_SEGMENT);
    uint32_t column = grid_print(list->grid, list->area, 3, row, pen,
                                 "offset %08" PRIX32 "%s %s bound %08" PRIX32 "? ", access->offset,
                                 bytes, down ? "above" : "within", segment->limit);
    bool usable = segment->usable || !protected_mode;
    if (usable && within_bound(segment, access)) {
        grid_print(list->grid, list->area, column, row, pen,
                   "yes; + base %08" PRIX32 " = linear %08" PRIX32, segment->base,
                   segment->base + access->offset);
        return true;
    }
    grid_print(list->grid, list->area, column, row, topic_pen(ROLE_WARNING, CELL_BOLD, TOPIC_GP),
               "%s: exception %s", usable ? "NO" : "the selector is null",
               access->segment == SEG_SS && usable ? "#SS stack" : "#GP protection");
    return false;
}

/* The rights and marks of a PDE or PTE in words. */
static void list_bits(struct view_list *list, uint32_t column, uint32_t entry, bool last)
{
    static const struct {
        uint32_t bit;
        enum topic topic;
        const char *set;
        const char *clear;
    } bits[] = {
        {PAGE_PRESENT, TOPIC_PAGE_P, "P present", "P=0 NOT PRESENT"},
        {PAGE_WRITABLE, TOPIC_PAGE_W, "W writable", "W=0 read only"},
        {PAGE_USER, TOPIC_PAGE_U, "U user", "U=0 kernel only"},
        {PAGE_ACCESSED, TOPIC_PAGE_A, "A accessed", "A=0"},
        {PAGE_DIRTY, TOPIC_PAGE_D, "D dirty", "D=0 clean"},
        {PAGE_LARGE, TOPIC_PAGE_PS, "PS 4 MiB", ""},
    };
    uint32_t row = view_list_row(list);

    for (size_t index = 0; index < sizeof bits / sizeof bits[0]; index++) {
        bool set = entry & bits[index].bit;
        bool matters = last || (bits[index].bit != PAGE_DIRTY);
        const char *words = set ? bits[index].set : bits[index].clear;
        if (matters && words[0] && (bits[index].bit == PAGE_PRESENT || entry & PAGE_PRESENT)) {
            enum grid_role role = set                               ? ROLE_TEXT
                                  : bits[index].bit == PAGE_PRESENT ? ROLE_WARNING
                                                                    : ROLE_DIM;
            column = grid_text(list->grid, list->area, column, row,
                               topic_pen(role, 0, bits[index].topic), words) +
                     2;
        }
    }
}

/* The page walk, each level further to the right. */
static void list_walk(struct view_list *list, const struct access *access,
                      const struct view_context *context, const struct page_walk *walk)
{
    const struct cpu_state *cpu = &context->view->state.cpu;
    uint32_t linear = access->linear;

    view_list_print(list, 1, topic_pen(ROLE_LABEL, 0, TOPIC_PTE),
                    "2 Page table: linear %08" PRIX32 " = directory %03" PRIX32 ", table %03" PRIX32
                    ", offset %03" PRIX32,
                    linear, linear >> 22, linear >> 12 & 0x3FFu, linear & 0xFFFu);
    view_list_print(list, 3, topic_pen(ROLE_TEXT, 0, TOPIC_CR3), "CR3 %08" PRIX32, cpu->cr3);
    uint32_t row = stage_row(list, access, STAGE_DIRECTORY);
    if (!walk->directory_read) {
        grid_print(list->grid, list->area, 3, row, (struct pen){ROLE_WARNING, 0, 0},
                   "└► directory entry %03" PRIX32 " at %08" PRIX32 ": no memory there",
                   linear >> 22, walk->pde_at);
        return;
    }
    grid_print(list->grid, list->area, 3, row, stage_pen(access, STAGE_DIRECTORY),
               "└► directory entry %03" PRIX32 " at %08" PRIX32 " = %08" PRIX32, linear >> 22,
               walk->pde_at, walk->pde);
    list_bits(list, 6, walk->pde, walk->large);
    if (walk->large && walk->mapped) {
        row = stage_row(list, access, STAGE_MEMORY);
        grid_print(list->grid, list->area, 6, row, stage_pen(access, STAGE_MEMORY),
                   "└► 4 MiB frame %08" PRIX32 " + %06" PRIX32 " = physical %08" PRIX32,
                   walk->pde & 0xFFC00000u, linear & 0x3FFFFFu, walk->physical);
        return;
    }
    if (!(walk->pde & PAGE_PRESENT) || walk->large) {
        return;
    }
    row = stage_row(list, access, STAGE_TABLE);
    if (!walk->table_read) {
        grid_print(list->grid, list->area, 6, row, (struct pen){ROLE_WARNING, 0, 0},
                   "└► table entry %03" PRIX32 " at %08" PRIX32 ": no memory there",
                   linear >> 12 & 0x3FFu, walk->pte_at);
        return;
    }
    grid_print(list->grid, list->area, 6, row, stage_pen(access, STAGE_TABLE),
               "└► table entry %03" PRIX32 " at %08" PRIX32 " = %08" PRIX32, linear >> 12 & 0x3FFu,
               walk->pte_at, walk->pte);
    list_bits(list, 9, walk->pte, true);
    if (walk->mapped) {
        row = stage_row(list, access, STAGE_MEMORY);
        grid_print(list->grid, list->area, 9, row, stage_pen(access, STAGE_MEMORY),
                   "└► frame %08" PRIX32 " + offset %03" PRIX32 " = physical %08" PRIX32,
                   walk->pte & PAGE_FRAME, linear & 0xFFFu, walk->physical);
    }
}

static bool may(const struct page_walk *walk, bool user, bool write, const struct cpu_state *cpu)
{
    if (!walk->mapped || (user && !(walk->rights & PAGE_USER))) {
        return false;
    }
    return !write || (walk->rights & PAGE_WRITABLE) || (!user && !(cpu->cr0 & CR0_WP));
}

static void list_verdict(struct view_list *list, const struct access *access,
                         const struct cpu_state *cpu, const struct page_walk *walk)
{
    bool write = access->kind == WRITE;
    uint32_t row = view_list_row(list);
    uint32_t column = grid_print(
        list->grid, list->area, 1, row, topic_pen(ROLE_LABEL, 0, TOPIC_PAGE_U),
        "3 Who may?  USER: read %s, write %s   KERNEL: read %s, write %s",
        may(walk, true, false, cpu) ? "yes" : "no", may(walk, true, true, cpu) ? "yes" : "no",
        may(walk, false, false, cpu) ? "yes" : "no", may(walk, false, true, cpu) ? "yes" : "no");

    if (!access->chosen && may(walk, access->user, write, cpu)) {
        grid_text(list->grid, list->area, column + 2, row, (struct pen){ROLE_TEXT, 0, 0},
                  "allowed");
    }
    bool unknown =
        !walk->directory_read || ((walk->pde & PAGE_PRESENT) && !walk->large && !walk->table_read);
    if (unknown || access->chosen || may(walk, access->user, write, cpu)) {
        return;
    }
    bool present = walk->mapped || walk->reserved;
    uint32_t code =
        (uint32_t)present | (write ? 2u : 0) | (access->user ? 4u : 0) | (walk->reserved ? 8u : 0);
    view_list_print(list, 3, topic_pen(ROLE_WARNING, CELL_BOLD, TOPIC_PF_ERROR),
                    "page fault #PF: error code %" PRIX32 " = %s, %s, %s%s; CR2 = %08" PRIX32, code,
                    present ? "present" : "not present", write ? "write" : "read",
                    access->user ? "USER" : "KERNEL", walk->reserved ? ", reserved bit set" : "",
                    access->linear);
}

static void list_tlb_entry(struct view_list *list, const struct access *access,
                           const struct view_context *context, bool code)
{
    const struct cpu_state *cpu = &context->view->state.cpu;
    uint32_t index = code ? tlb_instruction_index(access->linear) : tlb_data_index(access->linear);
    const struct tlb_entry_state *entry =
        code ? &cpu->tlb_instruction[index] : &cpu->tlb_data[index];
    bool there = entry->linear == ((access->linear & PAGE_FRAME) | TLB_VALID);
    bool asked = code == (access->kind == FETCH) && !access->chosen; /* by this access */
    uint32_t row = stage_row(list, access, asked ? STAGE_TLB : STAGE_OTHER);
    struct pen pen = asked ? stage_pen(access, STAGE_TLB) : (struct pen){ROLE_DIM, 0, 0};

    uint32_t column = grid_print(list->grid, list->area, 3, row, pen, "%s entry %02" PRIX32 ": ",
                                 code ? "instructions" : "data        ", index);
    if (!there) {
        grid_text(list->grid, list->area, column, row, (struct pen){ROLE_DIM, 0, 0},
                  entry->linear & TLB_VALID ? "another page" : "empty");
        return;
    }
    column =
        grid_print(list->grid, list->area, column, row, pen, "%08" PRIX32 " -> %08" PRIX32 " %s %s",
                   entry->linear & PAGE_FRAME, entry->physical & PAGE_FRAME,
                   entry->physical & TLB_USER ? "user" : "kernel only",
                   entry->physical & TLB_WRITABLE ? "writable" : "read only");
    if (view_is_stale(context, entry)) {
        grid_text(list->grid, list->area, column + 1, row,
                  topic_pen(ROLE_WARNING, CELL_BOLD, TOPIC_STALE), "! STALE: tables differ");
    }
}

static void list_tlb(struct view_list *list, const struct access *access,
                     const struct view_context *context)
{
    const struct cpu_state *cpu = &context->view->state.cpu;
    uint32_t valid = 0;
    uint32_t stale = 0;

    for (uint32_t index = 0; index < TLB_DATA_ENTRIES + TLB_INSTRUCTION_ENTRIES; index++) {
        const struct tlb_entry_state *entry = index < TLB_DATA_ENTRIES
                                                  ? &cpu->tlb_data[index]
                                                  : &cpu->tlb_instruction[index - TLB_DATA_ENTRIES];
        if (entry->linear & TLB_VALID) {
            valid++;
            stale += view_is_stale(context, entry);
        }
    }
    uint32_t row = view_list_row(list);
    uint32_t column =
        grid_print(list->grid, list->area, 1, row, topic_pen(ROLE_LABEL, 0, TOPIC_TLB),
                   "4 TLB: %" PRIu32 " of %u entries in use", valid,
                   TLB_DATA_ENTRIES + TLB_INSTRUCTION_ENTRIES);
    if (stale > 0) {
        grid_print(list->grid, list->area, column, row,
                   topic_pen(ROLE_WARNING, CELL_BOLD, TOPIC_STALE), ", ! %" PRIu32 " STALE", stale);
    }
    list_tlb_entry(list, access, context, false);
    list_tlb_entry(list, access, context, true);
}

static uint32_t list_all(struct view_list *list, const struct view_context *context)
{
    const struct cpu_state *cpu = &context->view->state.cpu;
    struct access access = find_access(context);

    list_heading(list, &access, context);
    if (list_segment(list, &access, cpu)) {
        if (cpu->cr0 & CR0_PG) {
            struct page_walk walk = view_walk(context, access.linear);
            list_walk(list, &access, context, &walk);
            list_verdict(list, &access, cpu, &walk);
            list_tlb(list, &access, context);
        } else {
            view_list_print(list, 1, topic_pen(ROLE_LABEL, 0, TOPIC_PG),
                            "2 Paging is off: physical %08" PRIX32 " = linear%s",
                            access.linear & cpu->a20_mask,
                            cpu->a20_mask != 0xFFFFFFFFu ? ", A20 gate closed" : "");
        }
    }
    view_list_row(list);
    view_list_map(list, context);
    return list->count;
}

void view_mmu(struct grid *grid, struct rect area, const struct view_context *context, bool focused,
              int32_t scroll)
{
    uint32_t total = 0;

    area = panel_title(grid, area, focused, PANEL_MMU);
    if (scroll > 0) {
        struct view_list counting =
            view_list_begin(grid, rect_part(area, 0, 0, area.columns, 0), 0, 0);
        total = list_all(&counting, context);
    }
    struct view_list list = view_list_begin(grid, area, scroll, total);
    list_all(&list, context);
}
