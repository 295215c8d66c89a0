/* The page walk as views show it: read from memory, nothing changed. Not the walk that the
 * processor makes (cpu/paging.c): that one sets bits, fills the TLB and raises faults.
 * SPDX-License-Identifier: MIT */
#pragma once

#include "emu/view_context.h"
#include "emu/view_list.h"

#define PAGE_PRESENT  0x001u /* of PDE and PTE, SDM volume 3, 4.3 */
#define PAGE_WRITABLE 0x002u
#define PAGE_USER     0x004u
#define PAGE_ACCESSED 0x020u
#define PAGE_DIRTY    0x040u
#define PAGE_LARGE    0x080u /* PDE: a page of 4 MiB, with CR4.PSE */
#define PAGE_FRAME    0xFFFFF000u

struct page_walk {
    bool directory_read; /* there is memory where CR3 points */
    bool table_read;     /* ... where the PDE points */
    bool large;          /* the PDE is a page of 4 MiB */
    bool reserved;       /* ... with bits set that must be 0 */
    bool mapped;         /* both levels present */
    uint32_t pde_at;     /* physical address */
    uint32_t pde;
    uint32_t pte_at; /* physical address */
    uint32_t pte;
    uint32_t rights;   /* PAGE_WRITABLE, PAGE_USER of both levels */
    uint32_t physical; /* if mapped */
};

struct page_walk view_walk(const struct view_context *context, uint32_t linear);
/* Whether what a TLB entry says is no longer what the tables say. */
bool view_is_stale(const struct view_context *context, const struct tlb_entry_state *entry);
/* The map of the address space that CR3 shows, a line for each run of pages with equal rights; with
 * paging off, what the segments in use cover. */
void view_list_map(struct view_list *list, const struct view_context *context);
