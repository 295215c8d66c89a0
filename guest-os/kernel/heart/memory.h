/* Memory: page frames, page tables, the address spaces of processes, and the checked copies between
 * a program's memory and the kernel's. All of RAM (as far as the kernel uses it) also appears at
 * KERNEL_BASE, so the kernel reaches any frame without mapping it.
 *
 *   0 .. 3 GiB            the program: code, data, heap, at the top the stack
 *   3 GiB .. 3.5 GiB      RAM from physical 0; the kernel itself is at 3 GiB + 1 MiB
 *   3.5 GiB ..            kernel stacks, one per process, each with unmapped pages below it
 *
 * With mmu=base-bound (memory/area.c) there are no pages: the kernel's addresses stay what they
 * are, because its segments have a base, and a program has one area of memory, from its offset 0
 * on. SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PAGE_SIZE         4096u
#define KERNEL_BASE       0xC0000000u
#define DIRECT_BYTES      0x20000000u /* RAM that the kernel can use: 512 MiB */
#define KERNEL_STACK_AREA 0xE0000000u
#define KERNEL_STACK_STEP 0x4000u /* address space per kernel stack, its guard pages included */
#define KERNEL_STACK_SIZE 0x2000u /* bytes of it that are memory */
#define STACK_TOP         KERNEL_BASE
#define STACK_LIMIT       0x00800000u /* a program's stack may grow to 8 MiB */
#define FIRST_USER_PAGE   PAGE_SIZE   /* page 0 stays unmapped: null pointers fault */

static inline void *physical_to_pointer(uint32_t physical)
{
    return (void *)(physical + KERNEL_BASE);
}

static inline uint32_t page_down(uint32_t address)
{
    return address & ~(PAGE_SIZE - 1);
}

static inline uint32_t page_up(uint32_t address)
{
    return page_down(address + PAGE_SIZE - 1);
}

/* ---- memory/frames.c: which physical pages are in use, and by how many ---- */

/* Give out the RAM from `first` to `end` (physical), except `hole_first`..`hole_end`. */
void frames_initialise(uint32_t first, uint32_t end, uint32_t hole_first, uint32_t hole_end);

/* A frame with one user, filled with zeros; returns its physical address, 0 if memory is used up.
 */
uint32_t frame_allocate(void);

/* One more page table entry refers to this frame. */
void frame_share(uint32_t physical);

/* One fewer; the last one frees it. */
void frame_release(uint32_t physical);

/* So many frames in a row, the lowest there are (or the highest), with anything in them; 0: none.
 * Only with base and bound. Areas may be moved for it. */
uint32_t frames_allocate_run(uint32_t count, bool from_top);
void frames_release_run(uint32_t physical, uint32_t count);

/* Move what is in a run to the lowest place there is for it; where it is then. */
uint32_t frames_move_run(uint32_t physical, uint32_t count);

/* How many refer to it. */
uint32_t frame_users(uint32_t physical);

/* Frames that can still be had; all that could be had at the start. */
uint32_t frames_free(void);
uint32_t frames_total(void);

/* Are `wanted` frames free, if need be after the buffer cache has given some back? */
bool frames_make_free(uint32_t wanted);

/* ---- memory/page_tables.c: the two-level table the hardware reads ---- */

#define PAGE_PRESENT  0x001u
#define PAGE_WRITABLE 0x002u
#define PAGE_USER     0x004u
#define PAGE_DIRTY    0x040u /* set by the CPU with the first write */
#define PAGE_ADDRESS  0xFFFFF000u

/* Map all RAM below `ram_end` at KERNEL_BASE and take the boot mapping at 0 away. */
void page_tables_initialise(uint32_t ram_end);

/* A directory with the kernel's half filled in; its physical address, 0 without memory. */
uint32_t page_directory_create(void);

/* Free the directory, its user tables and release every frame they refer to. */
void page_directory_destroy(uint32_t directory);

/* The entry for `linear`. With `create` a missing table is made (NULL: no memory); without, NULL
 * means that there is no table. */
uint32_t *page_entry(uint32_t directory, uint32_t linear, bool create);

/* The entry of the next page that is there, from *page on and below `end`; *page: where that is.
 * NULL: there is none. */
uint32_t *page_next(uint32_t directory, uint32_t *page, uint32_t end);

/* Give slot `slot` of the kernel stacks its memory; the address of its top, 0 without memory. */
uint32_t kernel_stack_create(uint32_t slot);
void kernel_stack_destroy(uint32_t top);

/* Leave any process's address space; used before its tables are freed. */
void page_directory_leave(void);

/* ---- memory/address_space.c: what each part of a program's memory is for ---- */

#define REGION_WRITE  1u
#define REGION_GROWS  2u  /* downwards, when touched below its start: the stack */
#define REGION_HEAP   4u  /* its end is moved by brk */
#define REGION_NONE   8u  /* may not be touched at all: PROT_NONE */
#define REGION_SHARED 16u /* a child of fork has the same pages, not copies */
#define REGION_SEALED 32u /* mprotect can not allow writing: the file was opened for reading */

struct node; /* files/node.h */

struct region {
    uint32_t start;    /* first byte, a multiple of PAGE_SIZE */
    uint32_t end;      /* after the last byte, a multiple of PAGE_SIZE */
    uint32_t flags;    /* REGION_... */
    struct node *node; /* file that its pages are read from, with a user; NULL: zeros */
    uint32_t offset;   /* of `start` in the file */
    uint32_t file_end; /* address behind the last byte that is the file's; then come zeros */
};

#define REGION_LIMIT 160
struct address_space {
    uint32_t directory;         /* physical address, for CR3; 0 with base and bound */
    uint32_t base;              /* with base and bound: where the area begins, physical */
    uint32_t bound;             /* its bytes */
    uint32_t pinned;            /* who uses its physical address: it can not be moved */
    struct address_space *next; /* in the list of areas */
    uint32_t users;             /* processes that share it */
    uint32_t break_first;       /* where the heap begins, any byte */
    uint32_t break_now;         /* where it ends, any byte */
    uint32_t arguments;         /* where argv's texts begin, one after the other */
    uint32_t environment;       /* where they end and envp's begin */
    uint32_t texts_end;         /* where those end */
    uint32_t auxiliary;         /* where the auxiliary vector is */
    uint32_t region_count;      /* 0..REGION_LIMIT */
    struct region regions[REGION_LIMIT];
};

/* memory/fault.c */
enum fault_result {
    FAULT_MENDED,   /* the access can be repeated */
    FAULT_NO_PLACE, /* no region has this address */
    FAULT_DENIED,   /* the region does not allow a write */
    FAULT_NO_MEMORY,
    FAULT_NO_DATA /* the file could not be read there */
};

struct address_space *space_create(void);
/* A copy for fork: frames are shared and become read-only until one side writes. NULL: no memory.
 */
struct address_space *space_copy(struct address_space *from);
void space_release(struct address_space *space);
struct process;
/* The hardware translates with this process's space from now on. */
void space_use(const struct process *process);

/* Reserve start..end; 0, -EINVAL (bad or overlapping addresses) or -ENOMEM. */
int32_t space_add_region(struct address_space *space, uint32_t start, uint32_t end, uint32_t flags);

/* The same for pages of a file, from `offset` on; bytes from file_end on are zeros. */
int32_t space_add_file(struct address_space *space, const struct region *region);

/* Is nothing in start..end? */
bool space_is_free(const struct address_space *space, uint32_t start, uint32_t end);

/* Bytes of all regions. */
uint32_t space_bytes(const struct address_space *space);

/* memory/mapping.c: give up what lies in start..end, whole pages; 0, or -ENOMEM: too many regions.
 */
int32_t space_remove(struct address_space *space, uint32_t start, uint32_t end);

/* Write what was changed in shared mappings of files in start..end to these. May sleep. 0 or -E. */
int32_t space_sync(struct address_space *space, uint32_t start, uint32_t end);

/* Take the pages start..end away, whatever region they are in. */
void space_unmap_pages(struct address_space *space, uint32_t start, uint32_t end);

/* memory/fault.c: bring in, or make writable, the page of `address`: demand zero, pages of files,
 * copy on write, stack growth. May sleep. */
enum fault_result space_fault(struct address_space *space, uint32_t address, bool write);

/* Copy into a space that need not be the current one, where the program could write. 0 or -E. */
int32_t space_write(struct address_space *space, uint32_t to, const void *from, uint32_t bytes);

/* Copy from a space that need not be the current one. 0, or -EFAULT: a page is not there. */
int32_t space_read(struct address_space *space, uint32_t from, void *to, uint32_t bytes);

/* Move the end of the heap; returns the new end, or the old one if it can not be had. */
uint32_t space_set_break(struct address_space *space, uint32_t end);

/* ---- memory/area.c: one run of memory for each program, with base and bound ---- */

extern bool base_bound; /* mmu=base-bound: no paging */

void areas_initialise(void);
/* A space that has no area yet, into the list; out of it, and its area is free. */
void area_register(struct address_space *space);
void area_release(struct address_space *space);
/* An area of `end` bytes and room for heap and mappings, with what was in the old one; or a copy of
 * another's. 0 or -ENOMEM. */
int32_t area_make(struct address_space *space, uint32_t end);
int32_t area_copy(struct address_space *to, const struct address_space *from);
/* The kernel's address of what the program has at `address`, until somebody sleeps or allocates;
 * NULL: not all of it is within the bound, or it is in the first page. */
void *area_pointer(const struct address_space *space, uint32_t address, uint32_t bytes);
/* The segments of programs are those of this process. */
void area_use(const struct process *process);
/* Move the areas together at the bottom of memory. */
void areas_compact(void);

/* Where mappings end, and the stack's first address. */
uint32_t space_map_top(const struct address_space *space);
uint32_t space_stack_top(const struct address_space *space);

/* ---- user_copy: every byte that crosses between program and kernel ---- */

/* Copy; 0, or -EFAULT if any byte of the program's side is not the program's or not accessible.
 * Part may have been copied then. Works on the current address space. */
int32_t copy_from_user(void *to, uint32_t from_user, size_t bytes);
int32_t copy_to_user(uint32_t to_user, const void *from, size_t bytes);

/* The same for a result that a program need not want: nothing is copied to address 0. */
int32_t copy_result(uint32_t to_user, const void *from, size_t bytes);

/* Copy text with its null byte; its length, -EFAULT, or -E2BIG if it has `size` bytes or more. */
int32_t copy_text_from_user(char *to, uint32_t from_user, size_t size);

/* memory/user_copy.S; the page fault handler resumes at `..._failed` if it can not mend a fault
 * between. */
int32_t user_copy(void *to, const void *from, size_t bytes);
extern const char user_copy_first[], user_copy_end[], user_copy_failed[];
