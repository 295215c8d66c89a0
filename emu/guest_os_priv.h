/* Inside the reader of a guest's processes: guest_os.c and guest_os_describe.c only.
 * SPDX-License-Identifier: MIT */
#pragma once

#include "emu/guest_os.h"

#define PATH_STEPS   4u
#define SAVED_MAX    16u
#define PID_MOST     4194304 /* no kernel numbers higher */
#define LINE_BYTES   256u
#define NOT_REGISTER 0xFFu
#define STRUCT_WORDS "struct "
#define REASONS_MAX  24u
#define FLAGS_MAX    16u
#define FILES_LOOKED 1024u /* descriptors of one process that are looked at */
#define REGION_PARTS 4u
#define FILE_PARTS   7u
#define STACK_REACH  0x4000u /* bytes under the top of a kernel stack that are its own */

/* A member, through pointers: each step but the last leads to a pointer to another structure. */
struct path {
    uint32_t count; /* steps, 0: not described */
    uint32_t offsets[PATH_STEPS];
    uint32_t bytes; /* of the member at the end */
};

enum field {
    FIELD_NEXT,
    FIELD_PID,
    FIELD_NAME,
    FIELD_STATE,
    FIELD_PARENT,
    FIELD_GROUP,
    FIELD_PROGRAM,
    FIELD_WAITING,
    FIELD_DIRECTORY,
    FIELD_STACK,
    FIELD_SAVED,
    FIELD_FRAME,
    FIELD_BASE,
    FIELD_BOUND,
    FIELD_REGIONS, /* array of structures */
    FIELD_REGION_COUNT,
    FIELD_FILES,    /* array of pointers to structures */
    FIELD_HANDLERS, /* array of structures, by number of the signal */
    FIELD_NUMBERS,
    FIELD_COUNT = FIELD_NUMBERS + GUEST_NUMBER_COUNT
};

/* Words for an address that a process waits for. */
struct reason {
    enum { REASON_SELF, REASON_STACK, REASON_MEMBER, REASON_VARIABLE } kind;
    uint32_t first; /* offset of the member, or address of the variable */
    uint32_t bytes; /* of it */
    char words[GUEST_REASON_BYTES];
};

struct guest_os {
    const struct dwarf_info *info;
    char structure[DWARF_NAME_BYTES]; /* of a process */
    uint32_t first;                   /* address of the variable with the list's beginning */
    uint32_t current;                 /* address of the variable with the running one */
    uint32_t also;                    /* address of the process outside the list, 0: none */
    struct path fields[FIELD_COUNT];
    char state[DWARF_NAME_BYTES];      /* member of FIELD_STATE */
    uint64_t state_type;               /* enumeration, 0: none */
    uint32_t saved_count;              /* words at FIELD_SAVED */
    char frame_name[DWARF_NAME_BYTES]; /* structure at FIELD_FRAME, "": none */
    uint8_t saved[SAVED_MAX];          /* DWARF's number of the register, or NOT_REGISTER */
    uint32_t user[GUEST_USER_COUNT];   /* offsets in the structure at FIELD_FRAME */
    uint32_t user_known;               /* bit n: user[n] counts */
    uint32_t hz;                       /* address of the variable, 0: none */
    uint32_t ticks;                    /* likewise */
    uint32_t reason_count;             /* 0..REASONS_MAX */
    struct reason reasons[REASONS_MAX];
    char region_name[DWARF_NAME_BYTES];  /* structure of a part of memory, "": none */
    char file_name[DWARF_NAME_BYTES];    /* structure of an open file, "": none */
    char handler_name[DWARF_NAME_BYTES]; /* structure of a signal's handler, "": none */
    uint32_t handler_bytes;              /* of one */
    struct path handler;                 /* its address in that structure */
    uint32_t region_bytes;               /* of one */
    struct path region[REGION_PARTS];    /* start, end, flags, file */
    uint32_t flag_count;                 /* 0..FLAGS_MAX */
    char flags[FLAGS_MAX][16];           /* words for the bits of a region's flags */
    struct path file[FILE_PARTS];        /* kind, flags, offset, users, device,
                                   node, terminal */
};
