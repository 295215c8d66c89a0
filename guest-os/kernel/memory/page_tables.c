/* The two-level page tables. The upper quarter of every directory (the kernel's) refers to the same
 * tables, all made at start-up, so it never has to be kept in step. See: Intel386 PRM 5.2.
 * SPDX-License-Identifier: MIT */
#include "heart/cpu.h"
#include "heart/memory.h"
#include "heart/process.h"
#include "support/log.h"

#define ENTRIES      1024u
#define FIRST_KERNEL (KERNEL_BASE >> 22)
#define TABLE_SPAN   (ENTRIES * PAGE_SIZE) /* addresses that one table is for */
#define STACK_GUARD  (KERNEL_STACK_STEP - KERNEL_STACK_SIZE)

extern uint32_t kernel_directory[ENTRIES];           /* start.S */
extern const char kernel_first[], kernel_writable[]; /* kernel.ld: code and constants */

static uint32_t kernel_directory_physical(void)
{
    return (uint32_t)kernel_directory - KERNEL_BASE;
}

uint32_t *page_entry(uint32_t directory, uint32_t linear, bool create)
{
    uint32_t *slot = (uint32_t *)physical_to_pointer(directory) + (linear >> 22);
    uint32_t *table;

    if ((*slot & PAGE_PRESENT) == 0) {
        uint32_t frame = create ? frame_allocate() : 0;

        if (frame == 0) {
            return NULL;
        }
        /* The entry in the table decides; the directory's allows all a program may have. */
        *slot = frame | PAGE_PRESENT | PAGE_WRITABLE | (linear < KERNEL_BASE ? PAGE_USER : 0);
    }
    table = physical_to_pointer(*slot & PAGE_ADDRESS);
    return &table[linear >> 12 & (ENTRIES - 1)];
}

uint32_t *page_next(uint32_t directory, uint32_t *page, uint32_t end)
{
    for (; *page < end; *page += PAGE_SIZE) {
        uint32_t *entry = page_entry(directory, *page, false);

        if (entry == NULL) { /* no table: on to the end of what it would be for */
            *page |= TABLE_SPAN - PAGE_SIZE;
        } else if (*entry & PAGE_PRESENT) {
            return entry;
        }
    }
    return NULL;
}

void page_tables_initialise(uint32_t ram_end)
{
    uint32_t directory = kernel_directory_physical();
    uint32_t stacks_end = KERNEL_STACK_AREA + PROCESS_LIMIT * KERNEL_STACK_STEP;

    for (uint32_t physical = 0; physical < ram_end; physical += PAGE_SIZE) {
        uint32_t *entry = page_entry(directory, physical + KERNEL_BASE, true);

        if (entry == NULL) {
            panic("no memory for the kernel's page tables");
        }
        *entry = physical | PAGE_PRESENT;
        if (physical + KERNEL_BASE < (uint32_t)kernel_first ||
            physical + KERNEL_BASE >= (uint32_t)kernel_writable) {
            *entry |= PAGE_WRITABLE;
        }
    }
    for (uint32_t linear = KERNEL_STACK_AREA; linear < stacks_end; linear += TABLE_SPAN) {
        if (page_entry(directory, linear, true) == NULL) {
            panic("no memory for the kernel's page tables");
        }
    }
    for (uint32_t i = 0; i < FIRST_KERNEL; i++) {
        kernel_directory[i] = 0;
    }
    write_cr3(directory);
}

uint32_t page_directory_create(void)
{
    uint32_t directory = frame_allocate();
    uint32_t *entries = physical_to_pointer(directory);

    if (directory == 0) {
        return 0;
    }
    for (uint32_t i = FIRST_KERNEL; i < ENTRIES; i++) {
        entries[i] = kernel_directory[i];
    }
    return directory;
}

void page_directory_destroy(uint32_t directory)
{
    uint32_t *entries = physical_to_pointer(directory);

    for (uint32_t i = 0; i < FIRST_KERNEL; i++) {
        uint32_t *table = physical_to_pointer(entries[i] & PAGE_ADDRESS);

        if ((entries[i] & PAGE_PRESENT) == 0) {
            continue;
        }
        for (uint32_t j = 0; j < ENTRIES; j++) {
            if (table[j] & PAGE_PRESENT) {
                frame_release(table[j] & PAGE_ADDRESS);
            }
        }
        frame_release(entries[i] & PAGE_ADDRESS);
    }
    frame_release(directory);
}

void page_directory_leave(void)
{
    if (!base_bound) {
        write_cr3(kernel_directory_physical());
    }
}

uint32_t kernel_stack_create(uint32_t slot)
{
    uint32_t bottom = KERNEL_STACK_AREA + slot * KERNEL_STACK_STEP + STACK_GUARD;

    if (base_bound) {
        uint32_t run = frames_allocate_run(KERNEL_STACK_SIZE / PAGE_SIZE, true);

        return run == 0 ? 0 : (uint32_t)physical_to_pointer(run) + KERNEL_STACK_SIZE;
    }
    for (uint32_t page = bottom; page < bottom + KERNEL_STACK_SIZE; page += PAGE_SIZE) {
        uint32_t frame = frame_allocate();

        if (frame == 0) {
            kernel_stack_destroy(bottom + KERNEL_STACK_SIZE);
            return 0;
        }
        *page_entry(kernel_directory_physical(), page, false) =
            frame | PAGE_PRESENT | PAGE_WRITABLE;
        flush_page(page);
    }
    return bottom + KERNEL_STACK_SIZE;
}

void kernel_stack_destroy(uint32_t top)
{
    uint32_t bottom = top - KERNEL_STACK_SIZE;

    if (base_bound) {
        frames_release_run(bottom - KERNEL_BASE, KERNEL_STACK_SIZE / PAGE_SIZE);
        return;
    }
    for (uint32_t page = bottom; page < bottom + KERNEL_STACK_SIZE; page += PAGE_SIZE) {
        uint32_t *entry = page_entry(kernel_directory_physical(), page, false);

        if (*entry & PAGE_PRESENT) {
            frame_release(*entry & PAGE_ADDRESS);
            *entry = 0;
            flush_page(page);
        }
    }
}
