/* For the kernel's file systems on the host: page frames, in place of heart/memory.h.
 * SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PAGE_SIZE   4096u
#define KERNEL_BASE 0xC0000000u

struct address_space;

uint32_t frame_allocate(void);
void frame_release(uint32_t physical);
uint32_t frames_free(void);
uint32_t frames_total(void);
void *physical_to_pointer(uint32_t physical);
