/* Programs in ELF files, statically linked for the i386. SPDX-License-Identifier: MIT */
#pragma once

#include "files/node.h"
#include "heart/memory.h"

#define ELF_MAGIC      0x464C457Fu /* 7Fh "ELF" */
#define ELF_32_LITTLE  0x00010101u /* class 32, little endian, version 1 */
#define ELF_EXECUTABLE 2
#define ELF_CORE       4
#define ELF_386        3
#define SEGMENT_LOAD   1
#define SEGMENT_NOTE   4
#define SEGMENT_WRITE  2u

struct elf_header {
    uint32_t magic;         /* ELF_MAGIC */
    uint32_t kind;          /* ELF_32_LITTLE in the low 24 bits */
    uint8_t padding[8];     /* ignored */
    uint16_t type, machine; /* ELF_EXECUTABLE, ELF_386 */
    uint32_t version;       /* ignored */
    uint32_t entry;         /* first instruction */
    uint32_t segments_at;   /* file offset of the segment table */
    uint32_t sections_at;   /* ignored */
    uint32_t flags;         /* ignored */
    uint16_t header_bytes;  /* ignored */
    uint16_t segment_bytes; /* sizeof(struct elf_segment) */
    uint16_t segment_count; /* entries of the table */
    uint16_t unused[3];     /* ignored */
};

struct elf_segment {
    uint32_t type;         /* SEGMENT_LOAD, or ignored */
    uint32_t offset;       /* in the file */
    uint32_t address;      /* in memory */
    uint32_t physical;     /* ignored */
    uint32_t file_bytes;   /* to copy */
    uint32_t memory_bytes; /* the rest is zero */
    uint32_t flags;        /* SEGMENT_WRITE */
    uint32_t alignment;    /* ignored */
};
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
