/* What the views of the operating system and of the program draw from: parts of struct
 * session_view, each filled only when it is wanted, as texts and numbers that need no more looking
 * up. Everything is bounded; what did not fit is counted.
 * SPDX-License-Identifier: MIT */
#pragma once

#include "emu/guest_os.h"
#include "emu/os_events.h"

/* Parts that cost something: bits of session_get_view()'s `wanted`. */
#define SESSION_VIEW_JOURNAL   1u  /* the next step with its micro-steps */
#define SESSION_VIEW_PROCESSES 2u  /* processes */
#define SESSION_VIEW_SOURCE    4u  /* source */
#define SESSION_VIEW_WATCH     8u  /* watch */
#define SESSION_VIEW_LOG       16u /* log; from now on events are kept */

#define SESSION_PROCESSES_MAX 256u
#define SESSION_LINE_BYTES    160u
#define SESSION_FRAMES_MAX    24u
#define SESSION_LINES_MAX     96u
#define SESSION_LOCALS_MAX    48u
#define SESSION_STACK_WORDS   512u
#define SESSION_MEMBERS_BYTES 16384u
#define SESSION_SIGNALS       32u /* number 0 is none */
#define SESSION_MEMORY_BYTES  4096u
#define SESSION_MEMORY_ABOVE  1024u /* of these, in front of the address asked for */

/* One line of a call stack. */
struct session_frame_line {
    uint32_t eip;                  /* linear */
    uint32_t esp;                  /* linear, 0: not known */
    uint32_t is_trap;              /* 1: its caller was interrupted, or called the kernel */
    uint32_t is_user;              /* 1: in a program */
    char text[SESSION_LINE_BYTES]; /* function, file and line */
};

struct session_process {
    struct guest_process guest;
    uint32_t is_fresh;  /* 1: has never run; it goes on at its first instruction */
    uint32_t is_parked; /* 1: waits for the end of one of its children */
    char waits[64];     /* what it waits for in words, "": nothing */
    char call[32];      /* name of the system call in progress, "": none */
};

/* The chosen process in full. */
struct session_process_detail {
    struct guest_detail guest;
    char kinds[GUEST_FILES_MAX][32]; /* of guest.files, in words */
    char region_words[GUEST_REGIONS_MAX][48];
    uint32_t region_pages[GUEST_REGIONS_MAX];  /* 4 KiB pages that are there */
    uint32_t region_shared[GUEST_REGIONS_MAX]; /* of these, write-protected: copied on write */
    uint32_t frame_count;                      /* 0..SESSION_FRAMES_MAX */
    struct session_frame_line frames[SESSION_FRAMES_MAX];
    uint32_t kernel_first; /* linear, of kernel_words[0]: its stack pointer in the kernel */
    uint32_t kernel_count; /* 0..SESSION_STACK_WORDS; 0: its kernel stack is empty */
    uint32_t kernel_words[SESSION_STACK_WORDS];
    char kernel_notes[SESSION_STACK_WORDS][40]; /* what a word is, "" */
    uint32_t user_first;                        /* the same of its stack as a program */
    uint32_t user_count;
    uint32_t user_words[SESSION_STACK_WORDS];
    char user_notes[SESSION_STACK_WORDS][40];
    char user_at[64];                    /* symbol of its EIP as a program */
    uint32_t handlers_known;             /* 1: the array below counts */
    uint32_t handlers[SESSION_SIGNALS];  /* by number: 0 default, 1 ignored, else linear address */
    char members[SESSION_MEMBERS_BYTES]; /* lines: every member of the kernel's structure */
};

struct session_processes {
    uint32_t known;    /* 1: filled */
    uint32_t count;    /* 0..SESSION_PROCESSES_MAX */
    uint32_t dropped;  /* more than these */
    uint32_t selected; /* index in list; count: none */
    uint32_t follows;  /* 1: the one that runs is shown, whichever that is */
    uint32_t hz;       /* ticks in a second, 0: not known */
    uint32_t ticks;    /* since the start */
    char error[200];   /* what is wrong with the description of the kernel, "": nothing */
    struct session_process list[SESSION_PROCESSES_MAX];
    struct session_process_detail detail;
};

/* Text around the place of the chosen frame, its variables, and who called whom. */
struct session_source {
    uint32_t known; /* 1: filled */
    char file[256]; /* "": no source line is known */
    uint32_t line;  /* of the place, from 1 */
    uint32_t first; /* number of lines[0] */
    uint32_t count; /* 0..SESSION_LINES_MAX; 0: the file is not there */
    char lines[SESSION_LINES_MAX][SESSION_LINE_BYTES];
    uint32_t frame;       /* the chosen one, 0: where EIP is */
    uint32_t frame_count; /* 0..SESSION_FRAMES_MAX */
    struct session_frame_line frames[SESSION_FRAMES_MAX];
    uint32_t local_count; /* 0..SESSION_LOCALS_MAX */
    struct {
        uint32_t is_parameter; /* 0 or 1 */
        char name[64];
        char value[SESSION_LINE_BYTES];
    } locals[SESSION_LOCALS_MAX];
};

/* The watch list, and what the memory panel is about. */
struct session_watch {
    uint32_t known; /* 1: filled */
    uint32_t count;
    struct {
        char text[128]; /* the expression */
        char value[SESSION_LINE_BYTES];
        uint32_t bad;     /* 1: value says why there is none */
        uint32_t changed; /* 1: another value than before the last move */
    } rows[32];
    char memory_text[128];                 /* the expression, "": where the stack pointer is */
    uint32_t memory_address;               /* linear or physical */
    uint32_t memory_physical;              /* 1: physical */
    char memory_error[SESSION_LINE_BYTES]; /* "": memory_address counts */
    uint32_t memory_first;                 /* address of memory[0], a multiple of 16 */
    uint8_t memory[SESSION_MEMORY_BYTES];
    uint8_t memory_there[SESSION_MEMORY_BYTES / 16]; /* 1: these 16 bytes can be read */
    uint8_t memory_changed[SESSION_MEMORY_BYTES];    /* 1: another value than before */
};

/* The last events of the operating system, the oldest first: session_log_at(). */
struct session_log {
    uint32_t known;    /* 1: filled */
    uint32_t count;    /* events */
    uint32_t first;    /* index of the oldest in `ring` */
    uint32_t capacity; /* of `ring` */
    uint64_t since;    /* clock from which on events are kept */
    uint64_t dropped;  /* older ones that are gone */
    uint64_t unit;     /* clocks of a column of the timeline */
    int64_t shift;     /* columns that the timeline's right part is moved by */
    const struct os_event *ring;
    const uint32_t *latencies; /* IRQ of the timer: clocks since it was due; else UINT32_MAX */
};

static inline const struct os_event *session_log_at(const struct session_log *log, uint32_t index)
{
    return &log->ring[(log->first + index) % log->capacity];
}

static inline uint32_t session_log_latency(const struct session_log *log, uint32_t index)
{
    return log->latencies[(log->first + index) % log->capacity];
}

/* How many events lie at or before a clock. */
static inline uint32_t session_log_until(const struct session_log *log, uint64_t clock)
{
    uint32_t low = 0;
    uint32_t high = log->count;

    while (low < high) {
        uint32_t middle = low + (high - low) / 2;

        if (session_log_at(log, middle)->clock <= clock) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}
