/* The address space as a map: runs of pages with equal rights, and the holes between them; without
 * paging the areas that segments cover. Also the walk that the MMU view draws.
 * See: SDM volume 3, 4.3 (32-bit paging); 80386 PRM 5.2.
 * SPDX-License-Identifier: MIT */
#include "emu/view_mmu.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define ENTRIES      1024u
#define TABLE_BYTES  4096u
#define LARGE_ZERO   0x003FF000u /* bits of a 4 MiB PDE that must be 0 (or PAT) */
#define FRAMES_SHOWN 3u
#define VIDEO_FIRST  0xA0000u
#define VIDEO_LAST   0xBFFFFu

struct page_walk view_walk(const struct view_context *context, uint32_t linear)
{
    const struct cpu_state *cpu = &context->view->state.cpu;
    struct page_walk walk = {.directory_read = false};

    walk.pde_at = ((cpu->cr3 & PAGE_FRAME) + (linear >> 22) * 4) & cpu->a20_mask;
    walk.directory_read = view_read_physical32(context, walk.pde_at, &walk.pde);
    if (!walk.directory_read || !(walk.pde & PAGE_PRESENT)) {
        return walk;
    }
    if ((walk.pde & PAGE_LARGE) && (cpu->cr4 & CR4_PSE)) {
        walk.large = true;
        walk.reserved = walk.pde & LARGE_ZERO;
        walk.mapped = !walk.reserved;
        walk.rights = walk.pde & (PAGE_WRITABLE | PAGE_USER);
        walk.physical = ((walk.pde & 0xFFC00000u) | (linear & 0x003FFFFFu)) & cpu->a20_mask;
        return walk;
    }
    walk.pte_at = ((walk.pde & PAGE_FRAME) + (linear >> 12 & 0x3FFu) * 4) & cpu->a20_mask;
    walk.table_read = view_read_physical32(context, walk.pte_at, &walk.pte);
    walk.mapped = walk.table_read && (walk.pte & PAGE_PRESENT);
    walk.rights = walk.pde & walk.pte & (PAGE_WRITABLE | PAGE_USER);
    walk.physical = ((walk.pte & PAGE_FRAME) | (linear & 0xFFFu)) & cpu->a20_mask;
    return walk;
}

bool view_is_stale(const struct view_context *context, const struct tlb_entry_state *entry)
{
    struct page_walk walk = view_walk(context, entry->linear & PAGE_FRAME);

    return !walk.mapped || ((walk.physical ^ entry->physical) & PAGE_FRAME) ||
           walk.rights != (entry->physical & (PAGE_WRITABLE | PAGE_USER));
}

/* ---- runs ---- */

struct run {
    uint32_t first;                /* linear address of the first page */
    uint32_t pages;                /* 0: no run yet */
    uint32_t rights;               /* PAGE_WRITABLE, PAGE_USER */
    uint32_t frames[FRAMES_SHOWN]; /* of the first pages */
    uint32_t pieces;               /* joined: pages, or pages of 4 MiB */
    uint32_t next_frame;           /* where the next page would lie if all lay in order */
    bool in_order;                 /* in order up to now */
    bool video;                    /* one of them is screen memory */
    bool directory;                /* one of them is the page directory */
    bool large;                    /* 4 MiB pages */
};

struct map {
    struct view_list *list;
    const struct view_context *context;
    uint32_t page_directory; /* physical */
    bool of_another;         /* process than the one that runs */
    struct run run;
    uint64_t end;       /* linear address after the last run drawn */
    uint32_t last_read; /* directory entries whose table can not be read */
};

struct place {
    const char *name;
    uint32_t linear;
    bool known;
};

/* Add ", word" to a list of words. */
static void add_word(char *text, size_t bytes, const char *word)
{
    size_t used = strlen(text);

    snprintf(text + used, bytes - used, "%s%s", used ? ", " : "", word);
}

static void name_run(const struct map *map, char *text, size_t bytes)
{
    const struct cpu_state *cpu = &map->context->view->state.cpu;
    const struct run *run = &map->run;
    const struct segment_state *ss = &cpu->segments[SEG_SS];
    const struct place places[] = {
        {"EIP", cpu->segments[SEG_CS].base + cpu->eip, !map->of_another},
        {"stack (ESP)",
         ss->base + (ss->attributes & ATTR_BIG ? cpu->gpr[REG_ESP] : cpu->gpr[REG_ESP] & 0xFFFFu),
         !map->of_another},
        {"IDT", cpu->idtr.base, cpu->idtr.limit > 0},
        {"GDT", cpu->gdtr.base, cpu->gdtr.limit > 0},
        {"LDT", cpu->ldtr.base, cpu->ldtr.usable != 0},
        {"TSS", cpu->tr.base, cpu->tr.usable != 0},
    };

    text[0] = '\0';
    for (size_t index = 0; index < sizeof places / sizeof places[0]; index++) {
        if (places[index].known && (places[index].linear - run->first) >> 12 < run->pages) {
            add_word(text, bytes, places[index].name);
        }
    }
    if (run->directory) {
        add_word(text, bytes, "page directory");
    }
    if (run->video) {
        add_word(text, bytes, "screen memory");
    }
    if (run->large) {
        add_word(text, bytes, "4 MiB pages");
    }
}

static void list_hole(struct map *map, uint64_t first)
{
    if (first > map->end) {
        uint64_t pages = (first - map->end) >> 12;
        view_list_print(map->list, 2, (struct pen){ROLE_DIM, 0, 0},
                        "%08" PRIX32 "-%08" PRIX32 " %7" PRIu64 " not mapped", (uint32_t)map->end,
                        (uint32_t)(first - 1), pages);
    }
}

static void end_run(struct map *map)
{
    struct run *run = &map->run;
    char names[128];
    char frames[64] = "";

    if (run->pages == 0) {
        return;
    }
    list_hole(map, run->first);
    map->end = (uint64_t)run->first + ((uint64_t)run->pages << 12);
    uint32_t row = view_list_row(map->list);
    if (row < map->list->area.rows) {
        bool user = run->rights & PAGE_USER;
        name_run(map, names, sizeof names);
        snprintf(frames, sizeof frames, "-> %08" PRIX32 "%s", run->frames[0],
                 run->pieces == 1 ? ""
                 : run->in_order  ? ".. in order"
                                  : "");
        for (uint32_t index = 1; !run->in_order && index < FRAMES_SHOWN && index < run->pieces;
             index++) {
            size_t used = strlen(frames);
            snprintf(frames + used, sizeof frames - used, " %08" PRIX32 "%s", run->frames[index],
                     index + 1 == FRAMES_SHOWN && run->pieces > FRAMES_SHOWN ? " .." : "");
        }
        uint32_t column = grid_print(map->list->grid, map->list->area, 2, row,
                                     (struct pen){ROLE_TEXT, 0, run->first | 0x800u},
                                     "%08" PRIX32 "-%08" PRIX32 " %7" PRIu32 " ", run->first,
                                     (uint32_t)(map->end - 1), run->pages);
        column = grid_text(map->list->grid, map->list->area, column, row,
                           topic_pen(user ? ROLE_USER : ROLE_KERNEL, CELL_BOLD, TOPIC_PAGE_U),
                           user ? "USER  " : "KERNEL");
        column = grid_text(map->list->grid, map->list->area, column + 1, row,
                           topic_pen(ROLE_TEXT, 0, TOPIC_PAGE_W),
                           run->rights & PAGE_WRITABLE ? "read, write" : "read only  ");
        column = grid_text(map->list->grid, map->list->area, column + 1, row,
                           topic_pen(ROLE_DIM, 0, TOPIC_FRAME), frames);
        grid_text(map->list->grid, map->list->area, column + 1, row, (struct pen){ROLE_TEXT, 0, 0},
                  names);
    }
    run->pages = 0;
}

static void add_pages(struct map *map, uint32_t linear, uint32_t physical, uint32_t rights,
                      uint32_t pages, bool large)
{
    struct run *run = &map->run;
    bool joins = run->pages > 0 && run->rights == rights && run->large == large &&
                 (uint64_t)run->first + ((uint64_t)run->pages << 12) == linear;

    if (!joins) {
        end_run(map);
        *run = (struct run){.first = linear,
                            .rights = rights,
                            .in_order = true,
                            .next_frame = physical,
                            .large = large};
    }
    if (run->pieces < FRAMES_SHOWN) {
        run->frames[run->pieces] = physical;
    }
    run->pieces++;
    run->in_order &= run->next_frame == physical;
    run->next_frame = physical + (pages << 12);
    run->video |= physical <= VIDEO_LAST && physical + (pages << 12) > VIDEO_FIRST;
    run->directory |= map->page_directory - physical < pages << 12;
    run->pages += pages;
}

static uint32_t entry_at(const uint8_t *table, uint32_t index)
{
    const uint8_t *at = table + index * 4u;

    return (uint32_t)at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
}

static bool read_table(const struct view_context *context, uint32_t physical,
                       uint8_t bytes[TABLE_BYTES])
{
    physical &= PAGE_FRAME & context->view->state.cpu.a20_mask;
    return context->read_physical &&
           context->read_physical(context->read_context, physical, bytes, TABLE_BYTES);
}

static void add_table(struct map *map, uint32_t directory_index, uint32_t pde)
{
    uint8_t table[TABLE_BYTES];

    if (!read_table(map->context, pde, table)) {
        map->last_read++;
        return;
    }
    for (uint32_t index = 0; index < ENTRIES; index++) {
        uint32_t pte = entry_at(table, index);
        if (pte & PAGE_PRESENT) {
            add_pages(map, directory_index << 22 | index << 12, pte & PAGE_FRAME,
                      pde & pte & (PAGE_WRITABLE | PAGE_USER), 1, false);
        }
    }
}

/* The page directory that is mapped: of the process chosen, else the one in use. */
static uint32_t map_root(const struct view_context *context)
{
    const struct session_view *view = context->view;

    return view->map_directory ? view->map_directory : view->state.cpu.cr3;
}

static bool is_of_another(const struct view_context *context)
{
    return ((map_root(context) ^ context->view->state.cpu.cr3) & PAGE_FRAME) != 0;
}

static void list_pages(struct view_list *list, const struct view_context *context)
{
    const struct cpu_state *cpu = &context->view->state.cpu;
    struct map map = {.list = list,
                      .context = context,
                      .page_directory = map_root(context) & PAGE_FRAME,
                      .of_another = is_of_another(context)};
    uint8_t directory[TABLE_BYTES];

    if (!read_table(context, map.page_directory, directory)) {
        view_list_print(list, 2, (struct pen){ROLE_WARNING, 0, 0},
                        "CR3 points to no memory: there is no page table");
        return;
    }
    for (uint32_t index = 0; index < ENTRIES; index++) {
        uint32_t pde = entry_at(directory, index);
        if (!(pde & PAGE_PRESENT)) {
            continue;
        }
        if ((pde & PAGE_LARGE) && (cpu->cr4 & CR4_PSE)) {
            add_pages(&map, index << 22, pde & 0xFFC00000u, pde & (PAGE_WRITABLE | PAGE_USER),
                      ENTRIES, true);
        } else {
            add_table(&map, index, pde);
        }
    }
    end_run(&map);
    list_hole(&map, (uint64_t)1 << 32);
    if (map.last_read > 0) {
        view_list_print(list, 2, (struct pen){ROLE_WARNING, 0, 0},
                        "%" PRIu32 " directory entries point to no memory", map.last_read);
    }
}

/* ---- without paging ---- */

static void list_segments(struct view_list *list, const struct view_context *context)
{
    static const char *const names[SEG_COUNT] = {"ES", "CS", "SS", "DS", "FS", "GS"};
    const struct cpu_state *cpu = &context->view->state.cpu;
    bool drawn[SEG_COUNT] = {false};

    for (uint32_t round = 0; round < SEG_COUNT; round++) {
        uint32_t least = SEG_COUNT;
        char users[32] = "";
        for (uint32_t index = 0; index < SEG_COUNT; index++) { /* by ascending base */
            if (!drawn[index] && cpu->segments[index].usable &&
                (least == SEG_COUNT || cpu->segments[index].base < cpu->segments[least].base)) {
                least = index;
            }
        }
        if (least == SEG_COUNT) {
            return;
        }
        const struct segment_state *segment = &cpu->segments[least];
        for (uint32_t index = 0; index < SEG_COUNT; index++) {
            if (!drawn[index] && cpu->segments[index].usable &&
                cpu->segments[index].base == segment->base &&
                cpu->segments[index].limit == segment->limit) {
                drawn[index] = true;
                add_word(users, sizeof users, names[index]);
            }
        }
        uint32_t last = segment->base + segment->limit;
        view_list_print(list, 2, topic_pen(ROLE_TEXT, 0, TOPIC_BOUND),
                        "%08" PRIX32 "-%08" PRIX32 " base %" PRIX32 " bound %" PRIX32 ": %s%s",
                        segment->base, last, segment->base, segment->limit, users,
                        last < segment->base ? " (around the end of 4 GiB)" : "");
    }
}

void view_list_map(struct view_list *list, const struct view_context *context)
{
    const struct cpu_state *cpu = &context->view->state.cpu;
    struct pen label = {ROLE_LABEL, CELL_BOLD, 0};

    if ((cpu->cr0 & CR0_PG) && is_of_another(context)) {
        view_list_print(list, 0, label,
                        "Address space of process %" PRId32
                        ", which does not run: directory %08" PRIX32,
                        context->view->map_pid, context->view->map_directory);
        list_pages(list, context);
    } else if (cpu->cr0 & CR0_PG) {
        view_list_print(list, 0, label,
                        "Address space of CR3 %08" PRIX32 ": pages, who may, and in which frames",
                        cpu->cr3);
        list_pages(list, context);
    } else {
        view_list_print(list, 0, label, "Memory that the segments in use cover");
        list_segments(list, context);
    }
}
