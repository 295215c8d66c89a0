/* The CPU's own tables: segments (GDT), the task state segment with the kernel stack's place, and
 * the gates of the interrupt vector (IDT). SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* Load the GDT and the task register. Interrupts are off. */
void descriptors_initialise(void);

/* Base and bound instead of pages: the kernel's segments bring its link addresses down to where it
 * lies, programs have the two segments of the LDT, and paging goes off. Interrupts are off; the
 * kernel is mapped at its physical addresses, too. */
void descriptors_leave_paging(void);

/* The current process's area: `bytes` (whole pages) from physical address `base` on. */
void descriptors_set_area(uint32_t base, uint32_t bytes);

/* From now on a trap from user mode starts on the kernel stack that ends at `stack_top`. */
void descriptors_set_kernel_stack(uint32_t stack_top);

/* The segment of the current process's thread area, selector THREAD_DATA: a flat one, or as
 * set_thread_area asked. Always present and writable, so that the selector can always be loaded. */
#define THREAD_ENTRY 6
#define THREAD_DATA  (THREAD_ENTRY * 8 | 3)
void descriptors_set_thread(uint32_t base, uint32_t limit, bool in_pages);

/* Make vector `vector` an interrupt gate to `entry`. `lowest_ring` is 3 if programs may call it
 * with an INT instruction, else 0. */
void descriptors_set_gate(uint32_t vector, uint32_t entry, uint32_t lowest_ring);

/* Let a double fault start the task `entry`, which never returns, on the stack that ends at
 * `stack_top`, in the address space of now. */
void descriptors_set_double_fault(void (*entry)(void), uint32_t stack_top);

/* What the processor was doing when the double fault took it away. */
struct trap_frame;
void descriptors_interrupted(struct trap_frame *frame);

/* Load the IDT register. */
void descriptors_load_gates(void);
