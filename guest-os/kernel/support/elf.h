/* Programs in ELF files, statically linked for the i386. SPDX-License-Identifier: MIT */
#pragma once

#include "files/node.h"
#include "heart/memory.h"

#define ELF_SEGMENT_BYTES 32 /* one entry of the segment table */

struct program_image {
    struct address_space *space; /* being built */
    uint32_t entry;              /* EIP to start with */
    uint32_t end;                /* after the last segment */
    uint32_t segment_table;      /* address in memory of the program's segment table, 0 unknown */
    uint32_t segment_count;      /* entries there */
    uint32_t stack;              /* ESP to start with */
    uint32_t stack_top;          /* where the stack's memory ends */
    uint32_t euid, egid;         /* whose rights it will have */
    const char *path;            /* as execve has it */
};

/* Map every segment of `file` into image->space (pages are read when they are first touched), set
 * where the heap begins, and fill in the rest of *image but the stack. 0, -ENOEXEC (not a program
 * for this machine), -ENOMEM. */
int32_t elf_load(struct program_image *image, struct node *file);
