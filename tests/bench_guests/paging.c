/* Bench guest: paging. A walk over 8 MiB of 4 KiB user pages with TLB flushes and faults.
 * Segments: "walk" reloads TLB entries only, "invlpg" does one INVLPG every 8 pages, "cr3" a
 * CR3 reload every 64 pages, "faults" is demand paging through #PF (left out with pf=0).
 * SPDX-License-Identifier: MIT */
#include "bench.h"

const char bench_name[] = "paging";
const u32 bench_default_n = 40;

#define WINDOW 0x40000000u /* linear */
#define FRAMES 0x00800000u /* physical: 8..16 MiB */
#define PAGES  2048u       /* 8 MiB */

static u32 dir[1024] __attribute__((aligned(4096)));
static u32 low[4 * 1024] __attribute__((aligned(4096))); /* identity, 16 MiB */
static u32 win[2 * 1024] __attribute__((aligned(4096)));
static volatile u32 faults;

static inline void invlpg(u32 a)
{
    __asm__ volatile("invlpg (%0)" : : "r"(a) : "memory");
}
static inline void reload_cr3(void)
{
    __asm__ volatile("movl %0, %%cr3" : : "r"(dir) : "memory");
}
static inline u32 read_cr2(void)
{
    u32 v;
    __asm__ volatile("movl %%cr2, %0" : "=r"(v));
    return v;
}

static void on_fault(struct frame *f)
{
    u32 a = read_cr2(), page = (a - WINDOW) >> 12;
    if (f->vector != 14 || page >= PAGES || (f->error & 1))
        die("page fault");
    win[page] |= 1;
    faults++;
}

/* Touch every page of the window once in a scattered order: 8 dwords of each
   are read, changed and written. every: pages between two flushes. */
static NOINLINE u32 walk(u32 h, u32 start, u32 every, int kind)
{
    u32 page = start & (PAGES - 1), since = 0;
    for (u32 i = 0; i < PAGES; i++) {
        volatile u32 *p = (volatile u32 *)(WINDOW + (page << 12) + ((i * 64) & 0xf80));
        for (u32 k = 0; k < 8; k++) {
            u32 v = p[k];
            h = (h << 1 | h >> 31) + v;
            p[k] = v + h;
        }
        if (++since == every) {
            since = 0;
            if (kind == 1)
                invlpg(WINDOW + (page << 12));
            else
                reload_cr3();
        }
        page = (page + 773) & (PAGES - 1);
    }
    return h;
}

static NOINLINE u32 demand(u32 h, u32 start)
{
    u32 page = start & (PAGES - 1);
    for (u32 i = 0; i < PAGES; i++)
        win[i] &= ~1u;
    reload_cr3();
    for (u32 i = 0; i < PAGES; i++) {
        volatile u32 *p = (volatile u32 *)(WINDOW + (page << 12));
        h = (h << 1 | h >> 31) + p[i & 1023];
        page = (page + 773) & (PAGES - 1);
    }
    return h;
}

u32 bench_run(u32 n)
{
    u32 h = 1, pf = option("pf", 1);
    trap_handler = on_fault;
    set_gate(14, isr_pagefault, 0);
    for (u32 i = 0; i < 4096; i++)
        low[i] = (i << 12) | 3;
    for (u32 i = 0; i < PAGES; i++)
        win[i] = (FRAMES + (i << 12)) | 7;
    for (u32 i = 0; i < 4; i++)
        dir[i] = (u32)(low + i * 1024) | 3;
    for (u32 i = 0; i < 2; i++)
        dir[(WINDOW >> 22) + i] = (u32)(win + i * 1024) | 7;
    for (u32 i = 0; i < PAGES * 1024; i++)
        ((u32 *)FRAMES)[i] = i;
    reload_cr3();
    __asm__ volatile("movl %%cr0, %%eax; orl $0x80010000, %%eax; movl %%eax, %%cr0; jmp 1f; 1:"
                     :
                     :
                     : "eax", "memory");
    mark("walk");
    for (u32 i = 0; i < n * 10; i++)
        h = walk(h, i, 0xffffffffu, 0);
    mark("invlpg");
    for (u32 i = 0; i < n * 10; i++)
        h = walk(h, i, 8, 1);
    mark("cr3");
    for (u32 i = 0; i < n * 10; i++)
        h = walk(h, i, 64, 2);
    mark("faults");
    for (u32 i = 0; i < n; i++)
        h = pf ? demand(h, i) : h;
    note("faults", faults);
    __asm__ volatile("movl %%cr0, %%eax; andl $0x7fffffff, %%eax; movl %%eax, %%cr0; jmp 1f; 1:"
                     :
                     :
                     : "eax", "memory");
    return h;
}
