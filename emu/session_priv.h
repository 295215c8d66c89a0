/* Inside a session: shared by session.c, session_search.c and session_commands.c only.
 * SPDX-License-Identifier: MIT */
#pragma once

#include "emu/history.h"
#include "emu/session.h"

#define SESSION_STREAM_BYTES (1u << 18) /* of each channel that are kept */

/* The last bytes that have left on a channel. */
struct session_stream {
    uint64_t count; /* bytes ever; the newest is number count - 1 */
    char *bytes;    /* ring of SESSION_STREAM_BYTES */
};

enum session_task { TASK_NONE, TASK_RUN, TASK_GO, TASK_UNTIL, TASK_OVER, TASK_OVER_BACK };

/* Where TASK_OVER wants to be. */
struct session_goal {
    uint32_t linear; /* of the instruction to stop before */
    uint32_t esp;    /* at least */
    uint32_t cpl;
    uint32_t cr3;
};

struct session {
    struct machine *machine;
    const struct elf_symbols *symbols; /* may be NULL */
    struct history *history;
    struct session_stream streams[CHANNEL_COUNT];
    struct machine_sink forward; /* who else wants the bytes; byte_out NULL: nobody */

    /* the step ahead, known if looked_ahead */
    uint32_t looked_ahead;
    uint32_t micro; /* cursor: entries of the journal that have happened, 0..journal.count - 1 */
    struct journal journal;
    struct cpu_step_info next;
    struct machine_state after; /* the step ahead */

    struct machine_state previous; /* shown before the last move */
    enum machine_stop stop;        /* of the last move */
    char message[512];

    enum session_task task;
    enum session_event event;         /* TASK_UNTIL */
    enum session_direction direction; /* TASK_UNTIL */
    struct history_place search_end;  /* backwards: hits lie before this */
    struct session_goal goal;         /* TASK_OVER */
    uint64_t go_clock;                /* TASK_GO */

    uint32_t breakpoint_count; /* 0..64 */
    uint32_t breakpoints[64];  /* ascending */
};

void session_say(struct session *session, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* Say where we are, after "why". */
void session_say_place(struct session *session, const char *why);
/* Remember what is shown now, to compare with; forget the look ahead. */
void session_begin_move(struct session *session);
/* The machine has stopped as `stop` says: task over, message set. */
void session_end_task(struct session *session, enum machine_stop stop);
/* One slice of the task; 1: more to do. session_search.c */
int session_search(struct session *session, uint64_t clocks);
void session_use_breakpoints(struct session *session);
uint32_t session_linear_eip(struct session *session);
/* Know the step ahead: journal, what it will turn out to be, state after it. session_view.c */
void session_look_ahead(struct session *session);
/* What is shown: the machine's state with the micro-steps up to the cursor done. */
void session_shown_state(struct session *session, struct machine_state *state);
const char *session_event_name(enum session_event event);
